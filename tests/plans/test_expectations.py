"""The matrix of the roles notices a policy that is too narrow, too wide or superfluous."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from plans.expectations import Settings, Target, expectations, survivors
from policy_evaluation.evaluator import Policy

SETTINGS = Settings(
    pipeline="training",
    pipeline_name="churn-dev-training",
    bucket="ml-data",
    input_prefix="datasets/training/",
    output_prefix="models",
    repository="churn/train",
)
SCHEDULE = Target("training", "schedule")
PIPELINE_ARN = SETTINGS.arn("sagemaker", "pipeline/churn-dev-training")
START = {"Sid": "Start", "Action": ["sagemaker:StartPipelineExecution"], "Resource": [PIPELINE_ARN]}


def schedule_policy(*statements: Mapping[str, Any]) -> dict[Target, list[Policy]]:
    """Permissions of a schedule role."""
    allow = [{"Effect": "Allow", **statement} for statement in statements]
    return {SCHEDULE: [Policy.parse({"Version": "2012-10-17", "Statement": allow})]}


SCHEDULE_ROWS = [row for row in expectations(SETTINGS) if row.target == SCHEDULE]


def test_matrix_holds_for_least_privilege() -> None:
    assert [row.failure(schedule_policy(START)) for row in SCHEDULE_ROWS] == [None] * len(
        SCHEDULE_ROWS
    )
    assert survivors(schedule_policy(START), SCHEDULE_ROWS) == []


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"Resource": "*"}, "pipeline/churn-dev-processing: got allowed by Start, expected denied"),
        ({"Resource": f"{PIPELINE_ARN}*"}, "churn-dev-training-2: got allowed by Start"),
        ({"Action": "sagemaker:*Pipeline*"}, "sagemaker:UpdatePipeline on arn:aws"),
        ({"Action": "sagemaker:UpdatePipeline"}, "got implicitly denied, expected allowed: starts"),
    ],
)
def test_matrix_tells_a_wrong_policy(changes: dict[str, Any], failure: str) -> None:
    failures = [row.failure(schedule_policy(START | changes)) or "" for row in SCHEDULE_ROWS]
    assert any(failure in each for each in failures), [each for each in failures if each]


@pytest.mark.parametrize(
    ("changes", "survivor"),
    [
        ({"Action": [*START["Action"], "sagemaker:ListTags"]}, "Start: sagemaker:ListTags"),
        ({"Resource": [PIPELINE_ARN, f"{PIPELINE_ARN}/x"]}, f"Start: {PIPELINE_ARN}/x"),
        (
            {"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}},
            "Start: StringNotEquals aws:RequestedRegion",
        ),
    ],
)
def test_survivors_are_what_no_row_needs(changes: dict[str, Any], survivor: str) -> None:
    assert survivors(schedule_policy(START | changes), SCHEDULE_ROWS) == [
        f"training schedule permissions: {survivor}"
    ]


def test_superfluous_statement_survives() -> None:
    found = survivors(schedule_policy(START, START | {"Sid": "StartAgain"}), SCHEDULE_ROWS)
    assert [name for name in found if "* for" not in name] == [
        "training schedule permissions: Start",
        "training schedule permissions: StartAgain",
    ]


@pytest.mark.parametrize("prefix", ["", "datasets/", "models", "models/new/"])
def test_overlapping_prefixes_are_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="contains another"):
        replace(SETTINGS, input_prefix=prefix, checkpoint_prefix="datasets/checkpoints")
