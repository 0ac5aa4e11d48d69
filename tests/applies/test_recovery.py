"""What goes wrong on the way: faults of AWS, applies and destroys that stop half-way, drift."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import verification
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.faults import Fault
from inputs import QUEUE, TOPIC, VALID
from terraform.root import Root, TerraformError

pytestmark = pytest.mark.applies

STARTS: dict[str, Any] = {
    "schedules": {"nightly": {"pipeline": "processing", "expression": "rate(1 day)"}},
    "triggers": {"arrived": {"pipeline": "processing", "s3_object": {"bucket": "arrivals"}}},
    "alarms": {"actions": [TOPIC], "failed_starts": False},
    "schedule_dead_letter_queue_arn": QUEUE,
}
ONLY_PROCESSING = {"enable_training_pipeline": False, "enable_training_schedule": False}
PROCESSING = VALID | STARTS | ONLY_PROCESSING
#: The calls that make the processing pipeline, its three roles, what starts it and what watches it,
#: and unmake them.
STOPS = [
    *((("iam", "CreateRole", number), ("iam", "DeleteRole", number)) for number in (1, 2, 3)),
    *(
        (("iam", "PutRolePolicy", number), ("iam", "DeleteRolePolicy", number))
        for number in (1, 2, 3)
    ),
    (("sagemaker", "CreatePipeline", 1), ("sagemaker", "DeletePipeline", 1)),
    (("events", "PutRule", 1), ("events", "DeleteRule", 1)),
    *((("events", "PutTargets", number), ("events", "RemoveTargets", number)) for number in (1, 2)),
    (("scheduler", "CreateScheduleGroup", 1), ("scheduler", "DeleteScheduleGroup", 1)),
    (("scheduler", "CreateSchedule", 1), ("scheduler", "DeleteSchedule", 1)),
    (("cloudwatch", "PutMetricAlarm", 1), ("cloudwatch", "DeleteAlarms", 1)),
]  # fmt: skip


#: What not every seed hits.
THROTTLED = (
    ("scheduler", "CreateScheduleGroup"),
    ("scheduler", "CreateSchedule"),
    ("cloudwatch", "PutMetricAlarm"),
    ("events", "PutTargets"),
)


@pytest.fixture
def faultless(aws: EmulatedAWS) -> Iterator[EmulatedAWS]:
    """Emulated AWS whose faults end with the test."""
    yield aws
    aws.faults.reset()


def test_these_are_all_calls_that_make_something(
    new_root: Callable[[], Root], aws: EmulatedAWS
) -> None:
    root = new_root()
    root.call_module({"call": PROCESSING})
    aws.calls.clear()
    root.apply()
    root.destroy()
    reading = ("Get", "List", "Describe")
    made = {
        (call.service, call.operation)
        for call in aws.calls
        if not call.operation.startswith(reading) and call.status == 200
    }
    assert made == {(service, operation) for stop in STOPS for service, operation, _ in stop}


@pytest.fixture(scope="module")
def planned(new_root: Callable[[], Root]) -> dict[str, dict[str, Any]]:
    root = new_root()
    root.call_module({"call": PROCESSING})
    return root.plan().resources


@pytest.mark.parametrize("stop", STOPS, ids=["-".join(map(str, stop[0][1:])) for stop in STOPS])
def test_stopped_half_way_is_repaired_by_the_next_run(
    stop: tuple[tuple[str, str, int], tuple[str, str, int]],
    new_root: Callable[[], Root],
    faultless: EmulatedAWS,
    planned: dict[str, dict[str, Any]],
) -> None:
    before = faultless.inventory()
    (service, create, since), (_, delete, since_delete) = stop
    root = new_root()
    root.call_module({"call": PROCESSING})

    try:
        faultless.faults.deny(service, create, since=since)
        with pytest.raises(TerraformError, match="AccessDenied"):
            root.apply()
        faultless.faults.clear()
        root.apply()
        assert root.changes() == {}
        assert verification.differences(planned, faultless.client) == []

        faultless.faults.deny(service, delete, since=since_delete)
        with pytest.raises(TerraformError, match="AccessDenied"):
            root.destroy()
    finally:
        faultless.faults.clear()
        root.destroy()
    assert faultless.inventory() == before


def test_apply_through_faults_converges(
    new_root: Callable[[], Root],
    faultless: EmulatedAWS,
    record_property: Callable[[str, object], None],
) -> None:
    before = faultless.inventory()
    root = new_root()
    root.call_module({"call": VALID | STARTS}, max_retries=10)
    planned = root.plan().resources

    try:
        faultless.faults.at_random(0.2, seed=7)
        for service, operation in THROTTLED:
            faultless.faults.on(service, operation, Fault.THROTTLED, call=1)
        root.apply()
        faultless.faults.clear()
        assert verification.differences(planned, faultless.client) == []
        assert root.changes() == {}
        faultless.faults.at_random(0.2, seed=8)
    finally:
        root.destroy()
    survived = faultless.faults.injected.total()
    assert faultless.inventory() == before
    assert survived > 20, "too few faults to prove anything"
    throttled = {call[:2] for call in faultless.faults.injected if call[2] is Fault.THROTTLED}
    assert throttled >= set(THROTTLED)
    record_property("faults injected and survived in an apply and a destroy", survived)


def drift(aws: EmulatedAWS) -> None:
    """Change what was applied behind Terraform's back."""
    sagemaker, iam, events, scheduler, cloudwatch = (
        aws.client(name) for name in ("sagemaker", "iam", "events", "scheduler", "cloudwatch")
    )
    training, processing = "ml-platform-test-training", "ml-platform-test-processing"
    events.disable_rule(Name=f"{training}-schedule")
    events.remove_targets(Rule=f"{processing}-schedule", Ids=["pipeline"])
    events.put_rule(Name=f"{processing}-trigger-arrived", EventPattern='{"source": ["aws.s3"]}')
    of_schedule = {"GroupName": f"{training}-schedules", "Name": "nightly"}
    schedule = scheduler.get_schedule(**of_schedule)
    asked = ("FlexibleTimeWindow", "ScheduleExpression", "Target")
    # whoever leaves the rest out takes it away
    scheduler.update_schedule(
        **of_schedule, **{name: schedule[name] for name in asked}, State="DISABLED"
    )
    scheduler.delete_schedule(**of_schedule | {"Name": "monthly"})
    cloudwatch.delete_alarms(AlarmNames=[f"{training}-failed"])
    cloudwatch.disable_alarm_actions(AlarmNames=[f"{processing}-failed"])
    iam.put_role_policy(
        RoleName=f"{training}-job-us-east-1",
        PolicyName="job",
        PolicyDocument=document("s3:GetObject"),
    )
    iam.delete_role_policy(RoleName=f"{training}-pipeline-us-east-1", PolicyName="pipeline")
    trust = iam.get_role(RoleName=f"{processing}-job-us-east-1")["Role"]["AssumeRolePolicyDocument"]
    del trust["Statement"][0]["Condition"]
    iam.update_assume_role_policy(
        RoleName=f"{processing}-job-us-east-1", PolicyDocument=json.dumps(trust)
    )
    definition = json.loads(
        sagemaker.describe_pipeline(PipelineName=training)["PipelineDefinition"]
    )
    definition["Steps"][0]["Arguments"]["Environment"]["DRIFT"] = "yes"
    sagemaker.update_pipeline(PipelineName=training, PipelineDefinition=json.dumps(definition))
    sagemaker.delete_pipeline(PipelineName=processing, ClientRequestToken="0" * 32)


def document(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::my-ml-bucket/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


#: What the next plan does about it.
REPAIRS = {
    'aws_cloudwatch_event_rule.schedule["training"]': "update",
    'aws_cloudwatch_event_rule.trigger["arrived"]': "update",
    'aws_scheduler_schedule.this["nightly"]': "update",
    'aws_scheduler_schedule.this["monthly"]': "create",
    'aws_cloudwatch_metric_alarm.this["training_failed"]': "create",
    'aws_cloudwatch_metric_alarm.this["processing_failed"]': "update",
    'aws_cloudwatch_event_target.schedule["processing"]': "create",
    'aws_iam_role_policy.job["training"]': "update",
    'aws_iam_role_policy.pipeline["training"]': "create",
    'aws_iam_role.job["processing"]': "update",
    'aws_sagemaker_pipeline.this["training"]': "update",
    'aws_sagemaker_pipeline.this["processing"]': "create",
}


def test_drift_shows_in_the_plan_and_is_repaired(
    new_root: Callable[[], Root], aws: EmulatedAWS
) -> None:
    root = new_root()
    nightly = STARTS["schedules"]["nightly"] | {"timezone": "Europe/Berlin"}
    monthly = {"pipeline": "training", "expression": "cron(0 4 1 * ? *)"}
    root.call_module(
        {"call": VALID | STARTS | {"schedules": {"nightly": nightly, "monthly": monthly}}}
    )
    planned: dict[str, Any] = root.plan().resources
    try:
        root.apply()
        drift(aws)
        assert found_in_rules(planned, aws) == {"state", "pattern"}
        assert root.changes() == {
            f'module.pipelines["call"].{address}': action for address, action in REPAIRS.items()
        }
        root.apply()
        assert verification.differences(planned, aws.client) == []
        assert root.changes() == {}
    finally:
        root.destroy()


def found_in_rules(planned: dict[str, Any], aws: EmulatedAWS) -> set[str]:
    """What the look through boto3, on which the other tests rely, notices of the drift."""
    rules = {address: value for address, value in planned.items() if "event_rule" in address}
    return {what.rpartition(": ")[2] for what, _, _ in verification.differences(rules, aws.client)}


def test_destroy_takes_what_others_attached(new_root: Callable[[], Root], aws: EmulatedAWS) -> None:
    """Without refresh Terraform does not know of it, and IAM keeps a role that has policies."""
    before = aws.inventory()
    root = new_root()
    root.call_module({"call": PROCESSING})
    root.apply()
    for kind in ("job", "pipeline", "schedule"):
        aws.client("iam").put_role_policy(
            RoleName=f"ml-platform-test-processing-{kind}-us-east-1",
            PolicyName="of-others",
            PolicyDocument=document("s3:ListAllMyBuckets"),
        )
    command = [*root.engine.command, "destroy", "-auto-approve", "-refresh=false", "-no-color"]
    done = subprocess.run(
        command, cwd=root.directory, env=root.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert aws.inventory() == before
