"""An account with two pipelines, to be started in every way."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime.api import Runtime
from emulated_aws.runtime.records import Execution, Start
from emulated_aws.runtime.script import Script
from emulated_aws.samples import ACCOUNT, PROCESSING, create_pipeline, policy, trust
from emulated_aws.surroundings import arrange

#: A Tuesday.
START = datetime(2026, 12, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
BUCKET = "my-ml-bucket"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"
DEAD_LETTERS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:failed-starts"
GROUP = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/ml"
SCHEDULED = {"ScheduledTime": "<aws.scheduler.scheduled-time>"}
#: How long a pipeline takes.
DURATION = timedelta(minutes=30)


def arn_of(name: str) -> str:
    """The ARN of a pipeline."""
    return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/{name}"


def listed(parameters: dict[str, str]) -> dict[str, Any]:
    """Parameters as a target has them."""
    return {
        "PipelineParameterList": [
            {"Name": name, "Value": value} for name, value in parameters.items()
        ]
    }


@dataclass(frozen=True)
class Account:
    """The pipelines training and scoring; each writes to a folder of its name.

    Attributes:
        aws: that they are in.
    """

    aws: EmulatedAWS

    @property
    def runtime(self) -> Runtime:
        """Lets time pass, and says what happened."""
        return self.aws.runtime

    def pipeline(self, name: str) -> None:
        """Make a pipeline that takes ScheduledTime and Key."""
        definition = copy.deepcopy(PROCESSING)
        for parameter in ("ScheduledTime", "Key"):
            declared = {"Name": parameter, "Type": "String", "DefaultValue": "none"}
            definition["Parameters"].append(declared)
        (output,) = definition["Steps"][0]["Arguments"]["ProcessingOutputConfig"]["Outputs"]
        output["S3Output"]["S3Uri"] = f"s3://{BUCKET}/{name}"
        request = create_pipeline(
            PipelineName=name,
            PipelineDisplayName=name,
            PipelineDefinition=json.dumps(definition),
            ClientRequestToken=name.ljust(32, "0"),
        )
        request.send(self.aws)

    def role(self, name: str, trusted: str, *actions: str) -> str:
        """Make a role, or change it; gives its ARN."""
        iam = self.aws.client("iam")
        try:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)
        except iam.exceptions.EntityAlreadyExistsException:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=trusted)
        document = policy(Action=list(actions), Resource="*")
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document)
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def schedule(self, expression: str, zone: str = "UTC", **changes: Any) -> None:
        """Make a schedule of scoring, or change it: nightly, in the group ml.

        Args:
            expression: of the schedule.
            zone: of the expression.
            changes: of the request, and of its target.
        """
        target = {
            "Arn": arn_of("scoring"),
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/schedule",
            "SageMakerPipelineParameters": listed(SCHEDULED),
            "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
            "DeadLetterConfig": {"Arn": DEAD_LETTERS},
            **{name: value for name, value in changes.items() if name in _OF_TARGETS},
        }
        request = {
            "Name": "nightly",
            "GroupName": "ml",
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": zone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target,
            **{name: value for name, value in changes.items() if name not in _OF_TARGETS},
        }
        scheduler = self.aws.client("scheduler")
        try:
            scheduler.create_schedule(**request)
        except scheduler.exceptions.ConflictException:
            scheduler.update_schedule(**request)

    def rule(self, name: str, when: dict[str, Any] | str, *targets: dict[str, Any]) -> None:
        """Make a rule; its targets are scoring with a dead-letter queue, but for what is given."""
        events = self.aws.client("events")
        how = "EventPattern" if isinstance(when, dict) else "ScheduleExpression"
        events.put_rule(Name=name, **{how: json.dumps(when) if isinstance(when, dict) else when})
        plain = {
            "Arn": arn_of("scoring"),
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/events",
            "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
            "DeadLetterConfig": {"Arn": DEAD_LETTERS},
        }
        events.put_targets(
            Rule=name,
            Targets=[{"Id": str(number)} | plain | target for number, target in enumerate(targets)],
        )

    def executions(self, name: str) -> list[Execution]:
        """The executions of a pipeline, the oldest first."""
        return [one for one in self.runtime.executions if one.pipeline == name]

    def times(self, form: str = "%d %H:%M") -> list[str]:
        """When starts by rules and schedules were."""
        return [f"{start.time:{form}}" for start in self.runtime.starts]

    def start(self) -> Start:
        """The only start by a rule or schedule."""
        (found,) = self.runtime.starts
        return found

    def letters(self) -> list[dict[str, Any]]:
        """What is in the dead-letter queue: the attributes of each message, and its Body."""
        sqs = self.aws.client("sqs")
        url = sqs.get_queue_url(QueueName=DEAD_LETTERS.rpartition(":")[2])["QueueUrl"]
        got = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return [
            {name: value["StringValue"] for name, value in one["MessageAttributes"].items()}
            | {"Body": json.loads(one["Body"])}
            for one in got.get("Messages", [])
        ]


_OF_TARGETS = ("Arn", "RoleArn", "SageMakerPipelineParameters", "RetryPolicy", "DeadLetterConfig")


def may_start(group: str = GROUP) -> str:
    """The trust of a role that the schedules of a group assume."""
    source = {
        "ArnEquals": {"aws:SourceArn": group},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    return trust("scheduler.amazonaws.com", Condition=source)


@pytest.fixture
def account(double: EmulatedAWS) -> Account:
    """An account, at START, whose roles may do everything that theirs is."""
    double.reset()
    double.runtime.reset(START)
    double.runtime.script = Script({"Processing": DURATION})
    found = Account(double)
    for role in ("pipeline", "ml-platform-staging-processing-job"):
        found.role(role, trust("sagemaker.amazonaws.com"), "*")
    found.role("schedule", may_start(), "sagemaker:StartPipelineExecution", "sqs:SendMessage")
    found.role("events", trust("events.amazonaws.com"), "sagemaker:StartPipelineExecution")
    for name in ("training", "scoring"):
        found.pipeline(name)
    double.client("scheduler").create_schedule_group(Name="ml")
    arrange(double)
    sqs = double.client("sqs")
    send = {"Service": "events.amazonaws.com"}
    allow = policy(Action="sqs:SendMessage", Resource=DEAD_LETTERS, Principal=send)
    sqs.create_queue(QueueName="failed-starts", Attributes={"Policy": allow})
    double.client("sns").create_topic(Name="alerts")
    return found
