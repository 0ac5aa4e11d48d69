"""What each role may do and must not, decided over the planned policies and trusts.

Two ends, as little as the module can be given and everything that adds a statement, and what else
can start a pipeline: triggers alone, schedules alone, both with a role of the user's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest

from inputs import ACCOUNT, QUEUE, ROLES, VALID, VPC
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
NO_RULES = {"enable_training_schedule": False, "enable_processing_schedule": False}
NIGHTLY = {"expression": "cron(0 1 * * ? *)"}
GUARDED_TYPES = ("ml.m5.xlarge", "ml.g5.2xlarge")
EVERYTHING: dict[str, Any] = VPC | {
    "kms_key_arn": KEY,
    "volume_kms_key_arn": VOLUME_KEY,
    "training_spot": {
        "max_wait_seconds": 90000,
        "checkpoint_s3_path": "s3://my-ml-bucket/checkpoints/",
    },
    "training_environment_variables": {"MLFLOW_TRACKING_URI": SERVER},
    "processing_environment_variables": {"MLFLOW_TRACKING_URI": APP},
    "training_additional_inputs": {"labels": {"s3_path": "s3://my-ml-bucket/labels/"}},
    "processing_additional_inputs": {"model": {"s3_path": "s3://my-ml-bucket/model-1"}},
    "processing_additional_outputs": {"report": {"s3_path": "s3://my-ml-bucket/reports"}},
    "guardrails": {"instance_types": list(GUARDED_TYPES), "max_runtime_seconds": 90000},
    "role_path": "/ml/",
    "schedules": {
        "nightly": NIGHTLY | {"pipeline": "training"},
        "hourly": {"pipeline": "processing", "expression": "rate(1 hour)"},
    },
    "triggers": {
        "asked": {"pipeline": "training", "event_pattern": '{"source": ["ml.platform"]}'},
        "trained": {"pipeline": "processing", "after": "training"},
        "arrived": {"pipeline": "processing", "s3_object": {"bucket": "ml-arrivals"}},
    },
    "schedule_dead_letter_queue_arn": QUEUE,
}
TRIGGERS_OR_SCHEDULES = NO_RULES | {
    "triggers": {"asked": EVERYTHING["triggers"]["asked"]},
    "schedules": {"hourly": EVERYTHING["schedules"]["hourly"]},
    "schedule_dead_letter_queue_arn": QUEUE,
}
BROUGHT = EVERYTHING | {
    "role_arns": {
        "training_schedule": f"{ROLES}brought",
        "processing_pipeline": f"{ROLES}brought-2",
    }
}
ONLY_TYPES = {"guardrails": {"instance_types": list(GUARDED_TYPES)}}
ONLY_RUNTIME = {"guardrails": {"max_runtime_seconds": 90000}}
PLANNED_CALLS = {
    "minimal": VALID,
    "everything": VALID | EVERYTHING,
    "triggers or schedules": VALID | TRIGGERS_OR_SCHEDULES,
    "no queue": VALID | EVERYTHING | {"schedule_dead_letter_queue_arn": None},
    "brought": VALID | BROUGHT,
    "only types": VALID | ONLY_TYPES,
    "only run time": VALID | ONLY_RUNTIME,
}
GROUP = "ml-platform-test-training-schedules"
#: Call to pipeline to the rules that start it, and whether schedules of Scheduler do.
ALL_STARTS = {
    "training": (("schedule", "trigger-asked"), True),
    "processing": (("schedule", "trigger-trained", "trigger-arrived"), True),
}
Starts = dict[str, tuple[tuple[str, ...], bool]]
RULES_ALONE: Starts = {"training": (("schedule",), False), "processing": (("schedule",), False)}
STARTS: dict[str, Starts] = {
    **dict.fromkeys(("minimal", "only types", "only run time"), RULES_ALONE),
    "triggers or schedules": {"training": (("trigger-asked",), False), "processing": ((), True)},
}
PIPELINES: tuple[Literal["training", "processing"], ...] = ("training", "processing")
Policies = dict[Target, list[Policy]]


def settings(call: str, pipeline: Literal["training", "processing"]) -> Settings:
    training = pipeline == "training"
    name = f"ml-platform-test-{pipeline}"
    more: dict[str, Any] = {}
    if PLANNED_CALLS[call].get("vpc_id"):
        more = {
            "subnets": tuple(VPC["subnet_ids"]),
            "security_groups": tuple(VPC["security_group_ids"]),
            "kms_key": KEY,
            "volume_kms_key": VOLUME_KEY,
            "checkpoint_prefix": "checkpoints/" if training else None,
            "more_inputs": ("labels/",) if training else ("model-1",),
            "more_outputs": () if training else ("reports",),
            "mlflow_arn": SERVER if training else APP,
            "role_path": "/ml/",
        }
    guardrails = PLANNED_CALLS[call].get("guardrails", {})
    rules, scheduler = STARTS.get(call, ALL_STARTS)[pipeline]
    return Settings(
        pipeline=pipeline,
        pipeline_name=name,
        bucket="my-ml-bucket",
        input_prefix="datasets/" if training else "input/",
        output_prefix="models/" if training else "output/",
        repository="ml-training" if training else "ml-inference",
        rules=tuple(f"{name}-{rule}" for rule in rules),
        schedule_group=GROUP if scheduler else None,
        queue=PLANNED_CALLS[call].get("schedule_dead_letter_queue_arn"),
        guarded_types=tuple(guardrails.get("instance_types", ())),
        longest_seconds=guardrails.get("max_runtime_seconds"),
        **more,
    )


@pytest.fixture(scope="module", params=PLANNED_CALLS)
def call(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def documents(plan_of_calls: Plan, call: str) -> dict[Target, Any]:
    """Planned documents by role: its policy and its trust; those of a brought one are an output."""
    plan = plan_of_calls.call(call)
    view = module_view(plan)
    statements = {"job": "job", "pipeline": "run", "schedule": "start"}
    found = {}
    for pipeline in PIPELINES:
        for role in ("job", "pipeline", "schedule"):
            if f"{pipeline}_{role}" in PLANNED_CALLS[call].get("role_arns", {}):
                assert view[pipeline][f"{role}_role"] == {}
                brought = plan.outputs["role_policies"][f"{pipeline}_{role}"]
                permissions, trust = brought["policy"], brought["assume_role_policy"]
            else:
                own = list(view[pipeline][statements[role]].values())
                permissions = {"Version": "2012-10-17", "Statement": own}
                trust = view[pipeline][f"{role}_role"]["assume_role_policy"]
            found[Target(pipeline, role, "permissions")] = permissions
            found[Target(pipeline, role, "trust")] = trust
    return found


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
        for finding in lint(document)
    ] == []
