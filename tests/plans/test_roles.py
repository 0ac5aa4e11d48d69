"""What each role may do and must not, decided over the planned policies and trusts.

Two ends: as little as the module can be given, and everything that adds a statement.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import pytest

from inputs import ACCOUNT, VALID, VPC
from plans.expectations import (
    Expectation,
    Settings,
    Target,
    expectations,
    mutants,
    survivors,
)
from policy_evaluation.evaluator import Policy
from policy_evaluation.lint import lint
from terraform.plan import Plan
from view import module_view

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
VOLUME_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/66666666-7777-8888-9999-000000000000"
SERVER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-tracking-server/ml"
APP = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-app/app-ABC123"
EVERYTHING: dict[str, Any] = VPC | {
    "kms_key_arn": KEY,
    "volume_kms_key_arn": VOLUME_KEY,
    "training_spot": {
        "max_wait_seconds": 90000,
        "checkpoint_s3_path": "s3://my-ml-bucket/checkpoints/",
    },
    "training_environment_variables": {"MLFLOW_TRACKING_URI": SERVER},
    "processing_environment_variables": {"MLFLOW_TRACKING_URI": APP},
    "role_path": "/ml/",
}
PLANNED_CALLS = {"minimal": VALID, "everything": VALID | EVERYTHING}
PIPELINES: tuple[Literal["training", "processing"], ...] = ("training", "processing")
Policies = dict[Target, list[Policy]]


def settings(call: str, pipeline: Literal["training", "processing"]) -> Settings:
    training = pipeline == "training"
    more: dict[str, Any] = {}
    if call == "everything":
        more = {
            "subnets": tuple(VPC["subnet_ids"]),
            "security_groups": tuple(VPC["security_group_ids"]),
            "kms_key": KEY,
            "volume_kms_key": VOLUME_KEY,
            "checkpoint_prefix": "checkpoints/" if training else None,
            "mlflow_arn": SERVER if training else APP,
            "role_path": "/ml/",
        }
    return Settings(
        pipeline=pipeline,
        pipeline_name=f"ml-platform-test-{pipeline}",
        bucket="my-ml-bucket",
        input_prefix="datasets/" if training else "input/",
        output_prefix="models/" if training else "output/",
        repository="ml-training" if training else "ml-inference",
        **more,
    )


@pytest.fixture(scope="module", params=PLANNED_CALLS)
def call(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def documents(plan_of_calls: Plan, call: str) -> dict[Target, Any]:
    """Planned documents by role: its policy and its trust."""
    view = module_view(plan_of_calls.call(call))
    statements = {"job": "job", "pipeline": "run", "schedule": "start"}
    return {
        Target(pipeline, role, kind): (
            {"Version": "2012-10-17", "Statement": list(view[pipeline][statements[role]].values())}
            if kind == "permissions"
            else view[pipeline][f"{role}_role"]["assume_role_policy"]
        )
        for pipeline in PIPELINES
        for role in ("job", "pipeline", "schedule")
        for kind in ("permissions", "trust")
    }


@pytest.fixture(scope="module")
def policies(documents: dict[Target, Any]) -> Policies:
    return {target: [Policy.parse(document)] for target, document in documents.items()}


@pytest.fixture(scope="module")
def rows(call: str) -> list[Expectation]:
    return [row for pipeline in PIPELINES for row in expectations(settings(call, pipeline))]


def test_roles_may_what_they_must_and_nothing_else(
    rows: list[Expectation],
    policies: Policies,
    call: str,
    record_property: Callable[[str, object], None],
) -> None:
    failures = [failure for row in rows if (failure := row.failure(policies)) is not None]
    assert not failures, f"call {call}, {len(failures)} decisions:\n" + "\n".join(failures[:20])
    allowed = sum(row.allowed for row in rows)
    record_property(
        f"IAM decisions, {call}", f"{allowed} allowed, {len(rows) - allowed} denied, as expected"
    )


def test_nothing_can_be_taken_away_or_widened_unnoticed(
    rows: list[Expectation],
    policies: Policies,
    call: str,
    record_property: Callable[[str, object], None],
) -> None:
    unnoticed = survivors(policies, rows)
    assert not unnoticed, f"call {call}, no row needs:\n" + "\n".join(unnoticed[:20])
    number = sum(1 for (policy,) in policies.values() for _ in mutants(policy))
    record_property(f"IAM mutants, {call}", f"{number} made, none survived")


def test_actions_resources_and_conditions_fit_together(
    documents: dict[Target, Any], call: str
) -> None:
    assert [
        f"call {call}: {' '.join(target)}: {finding}"
        for target, document in documents.items()
        for finding in lint(json.dumps(document))
    ] == []
