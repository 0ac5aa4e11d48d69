"""The matrix of the roles notices a policy that is too narrow, too wide or superfluous."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from inputs import ACCOUNT, QUEUE
from plans.expectations import Settings, Target, expectations, survivors
from policy_evaluation.evaluator import Policy

SETTINGS = Settings(
    pipeline="training",
    pipeline_name="churn-dev-training",
    bucket="ml-data",
    input_prefix="datasets/training/",
    output_prefix="models",
    repository="churn/train",
    rules=("churn-dev-training-schedule",),
    schedule_group="churn-dev-training-schedules",
    queue=QUEUE,
)
SCHEDULE = Target("training", "schedule")
TRUST = Target("training", "schedule", "trust")
PIPELINE_ARN = SETTINGS.arn("sagemaker", "pipeline/churn-dev-training")
START = {"Sid": "Start", "Action": ["sagemaker:StartPipelineExecution"], "Resource": [PIPELINE_ARN]}
KEEP = {"Sid": "Keep", "Action": "sqs:SendMessage", "Resource": QUEUE}


def allow(*statements: Mapping[str, Any]) -> list[Policy]:
    """A policy of these statements."""
    allowing = [{"Effect": "Allow", **statement} for statement in statements]
    return [Policy.parse({"Version": "2012-10-17", "Statement": allowing})]


def schedule_policy(*statements: Mapping[str, Any]) -> dict[Target, list[Policy]]:
    """Permissions of a schedule role."""
    return {SCHEDULE: allow(*statements)}


def trust(service: str, source: str, **more: Any) -> dict[str, Any]:
    """A statement of a role's trust."""
    return {
        "Sid": service,
        "Action": "sts:AssumeRole",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnEquals": {"aws:SourceArn": SETTINGS.arn(service, source)},
        },
    } | more


OF_RULE = trust("events", "rule/churn-dev-training-schedule")
OF_GROUP = trust("scheduler", "schedule-group/churn-dev-training-schedules")
ROWS = expectations(SETTINGS)
SCHEDULE_ROWS = [row for row in ROWS if row.target == SCHEDULE]
TRUST_ROWS = [row for row in ROWS if row.target == TRUST]


def test_matrix_holds_for_least_privilege() -> None:
    policies = schedule_policy(START, KEEP) | {TRUST: allow(OF_RULE, OF_GROUP)}
    rows = [*SCHEDULE_ROWS, *TRUST_ROWS]
    assert [row.failure(policies) for row in rows] == [None] * len(rows)
    assert survivors(policies, rows) == []


@pytest.mark.parametrize(
    ("start", "keep", "failure"),
    [
        ({"Resource": "*"}, {}, "pipeline/churn-dev-processing: got allowed by Start, expected"),
        ({"Resource": f"{PIPELINE_ARN}*"}, {}, "churn-dev-training-2: got allowed by Start"),
        ({"Action": "sagemaker:*Pipeline*"}, {}, "sagemaker:UpdatePipeline on arn:aws"),
        ({"Action": "sagemaker:UpdatePipeline"}, {}, "denied, expected allowed: starts"),
        ({}, {"Resource": "*"}, ":orders: got allowed by Keep, expected denied: another queue"),
        ({}, {"Resource": f"{QUEUE}*"}, "failed-starts-2: got allowed by Keep"),
        ({}, {"Action": "sqs:*Message"}, "sqs:ReceiveMessage on arn:aws"),
        ({}, {"Action": "sqs:DeleteMessage"}, "denied, expected allowed: schedules of Scheduler"),
    ],
)
def test_matrix_tells_a_wrong_policy(
    start: dict[str, Any], keep: dict[str, Any], failure: str
) -> None:
    policies = schedule_policy(START | start, KEEP | keep)
    failures = [row.failure(policies) or "" for row in SCHEDULE_ROWS]
    assert any(failure in each for each in failures), [each for each in failures if each]


@pytest.mark.parametrize("without", [{"schedule_group": None}, {"queue": None}])
def test_only_scheduler_with_a_queue_sends(without: dict[str, Any]) -> None:
    rows = [row for row in expectations(replace(SETTINGS, **without)) if row.target == SCHEDULE]
    failures = [failure for row in rows if (failure := row.failure(schedule_policy(START, KEEP)))]
    (failure,) = failures
    assert f"sqs:SendMessage on {QUEUE}: got allowed by Keep, expected denied" in failure


BOTH = {"Principal": {"Service": ["events.amazonaws.com", "scheduler.amazonaws.com"]}}


@pytest.mark.parametrize(
    ("statements", "failure"),
    [
        ([OF_RULE], "schedule-group/churn-dev-training-schedules'}: got implicitly denied"),
        ([OF_GROUP], "rule/churn-dev-training-schedule'}: got implicitly denied"),
        ([trust("events", "rule/*"), OF_GROUP], "churn-dev-processing-schedule'}: got allowed"),
        ([OF_RULE, trust("scheduler", "schedule-group/*")], "/default'}: got allowed"),
        ([OF_RULE, trust("scheduler", "schedule/*")], "/nightly'}: got allowed"),
        ([OF_RULE | BOTH, OF_GROUP], "rule/churn-dev-training-schedule'}: got allowed"),
        ([OF_RULE, OF_GROUP | BOTH], "group/churn-dev-training-schedules'}: got allowed"),
    ],
)
def test_matrix_tells_a_wrong_trust(statements: list[dict[str, Any]], failure: str) -> None:
    policies = {TRUST: allow(*statements)}
    failures = [row.failure(policies) or "" for row in TRUST_ROWS]
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
    assert survivors(schedule_policy(START | changes, KEEP), SCHEDULE_ROWS) == [
        f"training schedule permissions: {survivor}"
    ]


def test_superfluous_statement_survives() -> None:
    found = survivors(schedule_policy(START, START | {"Sid": "StartAgain"}, KEEP), SCHEDULE_ROWS)
    assert [name for name in found if "* for" not in name] == [
        "training schedule permissions: Start",
        "training schedule permissions: StartAgain",
    ]


@pytest.mark.parametrize("prefix", ["", "datasets/", "models", "models/new/"])
def test_overlapping_prefixes_are_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="contains another"):
        replace(SETTINGS, input_prefix=prefix, checkpoint_prefix="datasets/checkpoints")
