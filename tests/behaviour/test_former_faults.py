"""Faults that the module once had, and that plans alone never showed.

Each is made again, as a change of what the module now tells AWS. A probe finds it, and finds
nothing in what the module tells AWS now.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from behaviour.conftest import CHECKPOINTS, START, WEEK, Account
from emulated_aws.runtime.authorization import AccessDenied
from inputs import ACCOUNT

JOB = "ml-platform-test-training-job-us-east-1"
#: Says what is wrong; "" when nothing is.
Probe = Callable[[Account], str]
Change = Callable[[Account], None]


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        what: in the words of whoever met it.
        call: of CALLS.
        as_it_was: makes it again.
        probe: finds it.
        found: a part of what the probe says.
    """

    what: str
    call: str
    as_it_was: Change
    probe: Probe
    found: str


# As it was


def definition(pipeline: str, change: Callable[[dict[str, Any]], None]) -> Change:
    """Change the arguments of the step."""

    def changed(account: Account) -> None:
        sagemaker, name = account.aws.client("sagemaker"), account.name(pipeline)
        held = json.loads(sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"])
        change(held["Steps"][0]["Arguments"])
        sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=json.dumps(held))

    return changed


def execution_arn(arguments: dict[str, Any]) -> None:
    variable = {"PIPELINE_EXECUTION_ARN": {"Get": "Execution.PipelineExecutionArn"}}
    arguments["Environment"] = arguments.get("Environment", {}) | variable


def one_folder(arguments: dict[str, Any]) -> None:
    arguments["CheckpointConfig"] = {"S3Uri": CHECKPOINTS}


def no_slash(arguments: dict[str, Any]) -> None:
    arguments["CheckpointConfig"] = {"S3Uri": CHECKPOINTS.rstrip("/")}


def empty_folder(arguments: dict[str, Any]) -> None:
    arguments["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = (
        "s3://my-ml-bucket//datasets/"
    )


def joined_twice(arguments: dict[str, Any]) -> None:
    (output,) = arguments["ProcessingOutputConfig"]["Outputs"]
    output["S3Output"]["S3Uri"]["Std:Join"]["Values"][0] = "s3://my-ml-bucket/output/"


def no_deletions(account: Account) -> None:
    iam = account.aws.client("iam")
    held = iam.get_role_policy(RoleName=JOB, PolicyName="job")["PolicyDocument"]
    text = json.dumps(held).replace('"s3:DeleteObject", ', "")
    iam.put_role_policy(RoleName=JOB, PolicyName="job", PolicyDocument=text)


def everybody(account: Account) -> None:
    iam = account.aws.client("iam")
    held = iam.get_role(RoleName=JOB)["Role"]["AssumeRolePolicyDocument"]
    everything = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:*"
    held["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"] = everything
    iam.update_assume_role_policy(RoleName=JOB, PolicyDocument=json.dumps(held))


def schedule(**parameters: str) -> Change:
    """What a schedule was allowed to send."""

    def changed(account: Account) -> None:
        events, rule = account.aws.client("events"), f"{account.name('training')}-schedule"
        (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
        found = [{"Name": name, "Value": value} for name, value in parameters.items()]
        target["SageMakerPipelineParameters"] = {"PipelineParameterList": found}
        events.put_targets(Rule=rule, Targets=[target])

    return changed


def second_root(account: Account) -> None:
    """Another root of the same names: its PutRule went through before its CreateRole failed."""
    account.aws.client("events").put_rule(
        Name=f"{account.name('training')}-schedule", ScheduleExpression="rate(1 minute)"
    )


# Probes


def never_cached(account: Account) -> str:
    first, second = account.run("training"), account.run("training")
    return "" if second.steps[0].cached == first.arn else "the same again runs again"


def last_weeks_checkpoints(account: Account) -> str:
    account.runtime.advance(2 * WEEK)
    first, second = account.executions("training")
    found = set(second.jobs[0].restored.values())
    return "it starts from the checkpoints of last week" if first.jobs[0].arn in found else ""


def siblings(account: Account) -> str:
    account.put(f"{CHECKPOINTS.rstrip('/')}-of-another-model/checkpoint-000009")
    execution = account.run("training")
    foreign = [uri for uri in execution.jobs[0].restored if "another-model" in uri]
    return " ".join(foreign) or " ".join(account.problems())


def fails(account: Account) -> str:
    account.put("s3://my-ml-bucket//datasets/part-1.csv")
    account.runtime.advance(2 * WEEK)
    weekly = account.executions("training")
    assert len(weekly) == 2
    return " ".join(account.problems())


def empty_folders(account: Account) -> str:
    written = account.run("processing").jobs[0].wrote
    return " ".join(uri for uri in written if "//" in uri.removeprefix("s3://"))


def starts_in_an_hour(account: Account) -> str:
    account.runtime.advance(timedelta(hours=1))
    number = len(account.executions("training"))
    return f"{number} starts in an hour" if number else ""


def notebook(account: Account) -> str:
    role = f"arn:aws:iam::{ACCOUNT}:role/{JOB}"
    source = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:notebook-instance/mine"
    try:
        account.runtime.authorization.assume(role, "sagemaker", source)
    except AccessDenied:
        return ""
    return "a notebook may assume the job role"


FAULTS = [
    Fault(
        "the cache can never hit",
        "cache",
        definition("training", execution_arn),
        never_cached,
        "the same again runs again",
    ),
    Fault(
        "every retrain starts from last week's checkpoints",
        "spot",
        definition("training", one_folder),
        last_weeks_checkpoints,
        "last week",
    ),
    Fault(
        "a folder takes in its siblings",
        "shared checkpoints",
        definition("training", no_slash),
        siblings,
        "s3:GetObject",
    ),
    Fault(
        "a checkpoint that the container drops cannot be deleted",
        "spot",
        no_deletions,
        fails,
        "not authorized to perform: s3:DeleteObject",
    ),
    Fault(
        "the grant misses the keys",
        "plain",
        definition("training", empty_folder),
        fails,
        "not authorized to perform: s3:ListBucket",
    ),
    Fault(
        "the override of the instance type fails every Sunday",
        "plain",
        schedule(TrainingInstanceType="m5.large"),
        fails,
        "InstanceType is 'm5.large'",
    ),
    Fault(
        "the override of the run time fails every Sunday",
        "plain",
        schedule(TrainingMaxRuntimeInSeconds="9999999"),
        fails,
        "MaxRuntimeInSeconds is 9999999",
    ),
    Fault(
        "results land in a folder without a name",
        "folders",
        definition("processing", joined_twice),
        empty_folders,
        "s3://my-ml-bucket/output//",
    ),
    Fault(
        "a second root takes over the schedule",
        "plain",
        second_root,
        starts_in_an_hour,
        "59 starts in an hour",
    ),
    Fault(
        "any SageMaker resource may assume the roles",
        "plain",
        everybody,
        notebook,
        "a notebook may",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.what for fault in FAULTS])
def test_former_fault_is_found(fault: Fault, account: Callable[[str], Account]) -> None:
    assert fault.probe(account(fault.call)) == ""
    again = account(fault.call)
    fault.as_it_was(again)
    assert again.runtime.time == START
    assert fault.found in fault.probe(again)
