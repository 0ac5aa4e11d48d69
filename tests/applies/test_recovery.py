"""What goes wrong on the way: faults of AWS, applies and destroys that stop half-way, drift."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import verification
from emulated_aws.emulator import EmulatedAWS
from inputs import VALID
from terraform.root import Root, TerraformError

pytestmark = pytest.mark.applies

PROCESSING = VALID | {"enable_training_pipeline": False, "enable_training_schedule": False}
#: The calls that make the processing pipeline, its three roles and its schedule, and unmake them.
STOPS = [
    *((("iam", "CreateRole", number), ("iam", "DeleteRole", number)) for number in (1, 2, 3)),
    *(
        (("iam", "PutRolePolicy", number), ("iam", "DeleteRolePolicy", number))
        for number in (1, 2, 3)
    ),
    (("sagemaker", "CreatePipeline", 1), ("sagemaker", "DeletePipeline", 1)),
    (("events", "PutRule", 1), ("events", "DeleteRule", 1)),
    (("events", "PutTargets", 1), ("events", "RemoveTargets", 1)),
]  # fmt: skip


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
    root.call_module({"call": VALID}, max_retries=10)
    planned = root.plan().resources

    try:
        faultless.faults.at_random(0.2, seed=7)
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
    record_property("faults injected and survived in an apply and a destroy", survived)


def drift(aws: EmulatedAWS) -> None:
    """Change what was applied behind Terraform's back."""
    sagemaker, iam, events = (aws.client(name) for name in ("sagemaker", "iam", "events"))
    training, processing = "ml-platform-test-training", "ml-platform-test-processing"
    events.disable_rule(Name=f"{training}-schedule")
    events.remove_targets(Rule=f"{processing}-schedule", Ids=["pipeline"])
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
    root.call_module({"call": VALID})
    planned: dict[str, Any] = root.plan().resources
    try:
        root.apply()
        drift(aws)
        assert verification_finds_something(planned, aws)
        assert root.changes() == {
            f'module.pipelines["call"].{address}': action for address, action in REPAIRS.items()
        }
        root.apply()
        assert verification.differences(planned, aws.client) == []
        assert root.changes() == {}
    finally:
        root.destroy()


def verification_finds_something(planned: dict[str, Any], aws: EmulatedAWS) -> bool:
    """Whether the look through boto3, on which the other tests rely, notices the drift."""
    rule = {address: value for address, value in planned.items() if "event_rule" in address}
    return len(verification.differences(rule, aws.client)) == 1


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
