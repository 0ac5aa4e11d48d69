"""Changes that a team makes on day two: each arrives at AWS, and the plan after it is empty.

All calls of the module stand in one root and take their steps together, because a plan costs
seconds. Lines that change the same resource are in different calls: one would carry the other's
change along, and hide that the provider does not see it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jmespath
import pytest

from emulated_aws.emulator import EmulatedAWS
from inputs import ACCOUNT, ECR, QUEUE, TOPIC, VALID, VPC
from rows import compare
from terraform.root import Root

pytestmark = pytest.mark.applies

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
MADE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/brought-test-training-job-us-east-1"
OWN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/platform/ml-training"
PARAMETERS = "training.target.SageMakerPipelineParameters.PipelineParameterList"
ARGUMENTS = "training.arguments."


@dataclass(frozen=True)
class Line:
    """A change: inputs step by step, and what AWS holds after each (JMESPath in :func:`held`)."""

    name: str
    call: str
    steps: tuple[tuple[dict[str, Any], dict[str, Any]], ...]

    def inputs(self, step: int) -> dict[str, Any]:
        return self.steps[min(step, len(self.steps) - 1)][0]


def parameters(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


LINES = [
    Line("schedule parameters set, changed, one removed, all removed", "parameters", (
        ({}, {PARAMETERS: None}),
        ({"training_schedule_parameters": {"TrainingInstanceCount": "2"}},
         {PARAMETERS: parameters(TrainingInstanceCount="2")}),
        ({"training_schedule_parameters":
            {"TrainingInstanceCount": "3", "TrainingVolumeSizeInGB": "50"}},
         {PARAMETERS: parameters(TrainingInstanceCount="3", TrainingVolumeSizeInGB="50")}),
        ({"training_schedule_parameters": {"TrainingVolumeSizeInGB": "50"}},
         {PARAMETERS: parameters(TrainingVolumeSizeInGB="50")}),
        ({}, {PARAMETERS: None, "training.targets": 1}),
    )),
    Line("retries changed, one of the pair, and back", "retries", (
        ({}, {"training.target.RetryPolicy":
              {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600}}),
        ({"schedule_max_retry_attempts": 0, "schedule_max_event_age_seconds": 60},
         {"training.target.RetryPolicy":
              {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}}),
        ({"schedule_max_retry_attempts": 7},
         {"training.target.RetryPolicy":
              {"MaximumRetryAttempts": 7, "MaximumEventAgeInSeconds": 3600}}),
        ({}, {"training.target.RetryPolicy":
              {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600}}),
    )),
    Line("dead-letter queue added and removed", "queue", (
        ({}, {"training.target.DeadLetterConfig": None}),
        ({"schedule_dead_letter_queue_arn": QUEUE},
         {"training.target.DeadLetterConfig.Arn": QUEUE}),
        ({}, {"training.target.DeadLetterConfig": None}),
    )),
    Line("rule disabled and enabled", "retries", (
        ({}, {"training.rule.State": "ENABLED"}),
        ({"training_schedule_enabled": False}, {"training.rule.State": "DISABLED"}),
        ({}, {"training.rule.State": "ENABLED"}),
    )),
    Line("expression changed and back", "queue", (
        ({}, {"training.rule.ScheduleExpression": "cron(0 2 ? * SUN *)"}),
        ({"training_schedule_expression": "rate(2 days)"},
         {"training.rule.ScheduleExpression": "rate(2 days)"}),
        ({}, {"training.rule.ScheduleExpression": "cron(0 2 ? * SUN *)"}),
    )),
    Line("parallelism changed and back", "retries", (
        ({}, {"training.parallelism": 1}),
        ({"max_parallel_steps": 4}, {"training.parallelism": 4}),
        ({}, {"training.parallelism": 1}),
    )),
    Line("new image", "queue", (
        ({}, {"training.parameters.TrainingImageUri": f"{ECR}/ml-training:latest"}),
        ({"training_image_uri": f"{ECR}/trainer:2"},
         {"training.parameters.TrainingImageUri": f"{ECR}/trainer:2",
          "training.job.PullImage.Resource":
              [f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/trainer"]}),
    )),
    Line("VPC added and removed", "queue", (
        ({}, {ARGUMENTS + "VpcConfig": None, "training.job.AttachNetworkInterfaces": None}),
        (VPC, {ARGUMENTS + "VpcConfig.Subnets": VPC["subnet_ids"],
               "training.job.AttachNetworkInterfaces.Effect": "Allow"}),
        ({}, {ARGUMENTS + "VpcConfig": None, "training.job.AttachNetworkInterfaces": None}),
    )),
    Line("spot on and off", "parameters", (
        ({}, {ARGUMENTS + "EnableManagedSpotTraining": False}),
        ({"training_spot": {"max_wait_seconds": 90000,
                            "checkpoint_s3_path": "s3://my-ml-bucket/checkpoints/"}},
         {ARGUMENTS + "EnableManagedSpotTraining": True,
          ARGUMENTS + 'CheckpointConfig.S3Uri."Std:Join".Values[0]': "s3://my-ml-bucket/checkpoints/",
          "training.job.KeepCheckpoints.Effect": "Allow"}),
        ({}, {ARGUMENTS + "EnableManagedSpotTraining": False, ARGUMENTS + "CheckpointConfig": None,
              "training.job.KeepCheckpoints": None}),
    )),
    Line("cache on and off", "retries", (
        ({}, {"training.step.CacheConfig": None}),
        ({"training_cache_expire_after": "P7D"}, {"training.step.CacheConfig.ExpireAfter": "P7D"}),
        ({}, {"training.step.CacheConfig": None}),
    )),
    Line("notifications on, changed and off", "both", (
        ({}, {"notifications": None}),
        ({"notifications": {"topic_arn": TOPIC}},
         {"notifications.target.Arn": TOPIC,
          "notifications.pattern.detail.currentPipelineExecutionStatus": ["Failed"]}),
        ({"notifications": {"topic_arn": TOPIC, "statuses": ["Stopped"]}},
         {"notifications.pattern.detail.currentPipelineExecutionStatus": ["Stopped"]}),
        ({}, {"notifications": None}),
    )),
    Line("training switched off and on while processing stays", "both", (
        ({"enable_processing_pipeline": True, "enable_processing_schedule": True},
         {"training.arn": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/both-test-training",
          "processing.rule.State": "ENABLED"}),
        ({"enable_processing_pipeline": True, "enable_processing_schedule": True,
          "enable_training_pipeline": False, "enable_training_schedule": False},
         {"training": None, "processing.rule.State": "ENABLED", "processing.targets": 1}),
        ({"enable_processing_pipeline": True, "enable_processing_schedule": True},
         {"training.rule.State": "ENABLED", "processing.rule.State": "ENABLED"}),
    )),
    Line("renamed: replaced, and nothing left behind", "renamed", (
        ({"project_name": "old-name"}, {"names": ["old-name"]}),
        ({"project_name": "new-name"}, {"names": ["new-name"]}),
    )),
    Line("tags changed and removed", "parameters", (
        ({"tags": {"Team": "ml"}}, {"training.tags": {"Team": "ml"},
            ARGUMENTS + "Tags": [{"Key": "Team", "Value": "ml"}]}),
        ({"tags": {"Team": "risk", "App": "fraud"}},
            {"training.tags": {"Team": "risk", "App": "fraud"}}),
        ({}, {"training.tags": {}, ARGUMENTS + "Tags": None}),
    )),
    Line("permissions boundary added and removed", "roles", (
        ({}, {"training.boundary": None}),
        ({"role_permissions_boundary_arn": BOUNDARY}, {"training.boundary": BOUNDARY}),
        ({}, {"training.boundary": None}),
    )),
    Line("additional policy added, changed and removed", "roles", (
        ({}, {"training.policies": ["job"]}),
        ({"training_additional_policies": {"kafka":
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage",'
            '"Resource":"arn:aws:sqs:us-east-1:123456789012:failed-starts"}]}'},
          "training_managed_policy_arns": {"boundary": BOUNDARY}},
         {"training.policies": ["job", "kafka"], "training.managed": [BOUNDARY]}),
        ({}, {"training.policies": ["job"], "training.managed": []}),
    )),
    Line("job role brought and given back", "brought", (
        ({}, {ARGUMENTS + "RoleArn": MADE_ROLE}),
        ({"role_arns": {"training_job": OWN_ROLE}},
         {ARGUMENTS + "RoleArn": OWN_ROLE, "training.job": None,
          "training.run.PassJobRole.Resource": OWN_ROLE}),
        ({}, {ARGUMENTS + "RoleArn": MADE_ROLE,
              "training.job.ReadInput.Effect": "Allow"}),
    )),
    Line("roles moved to another path", "moved", (
        ({}, {"training.role":
              f"arn:aws:iam::{ACCOUNT}:role/moved-test-training-pipeline-us-east-1"}),
        ({"role_path": "/ml/"},
         {"training.role":
              f"arn:aws:iam::{ACCOUNT}:role/ml/moved-test-training-pipeline-us-east-1",
          "training.target.RoleArn":
              f"arn:aws:iam::{ACCOUNT}:role/ml/moved-test-training-schedule-us-east-1"}),
    )),
]  # fmt: skip
CALLS = sorted({line.call for line in LINES})
STEPS = max(len(line.steps) for line in LINES)
TRAINING_ONLY = VALID | {"enable_processing_pipeline": False, "enable_processing_schedule": False}


def inputs_of(call: str, step: int) -> dict[str, Any]:
    inputs = TRAINING_ONLY | {"project_name": call}
    for line in LINES:
        if line.call == call:
            inputs |= line.inputs(step)
    return inputs


def held(aws: EmulatedAWS, project: str) -> dict[str, Any]:
    """What AWS holds of one module call, read through boto3."""
    base = f"{project}-test"
    return {
        **{key: pipeline(aws, f"{base}-{key}") for key in ("training", "processing")},
        # named after the first pipeline that there is
        "notifications": notifications(aws, f"{base}-training-notifications")
        or notifications(aws, f"{base}-processing-notifications"),
    }


def pipeline(aws: EmulatedAWS, name: str) -> dict[str, Any] | None:
    sagemaker, iam, events = (aws.client(service) for service in ("sagemaker", "iam", "events"))
    try:
        found = sagemaker.describe_pipeline(PipelineName=name)
    except sagemaker.exceptions.ResourceNotFound:
        return None
    definition = json.loads(found["PipelineDefinition"])
    targets = events.list_targets_by_rule(Rule=f"{name}-schedule")["Targets"]
    view = {
        "arn": found["PipelineArn"],
        "role": found["RoleArn"],
        "parallelism": found["ParallelismConfiguration"]["MaxParallelExecutionSteps"],
        "tags": {
            tag["Key"]: tag["Value"]
            for tag in sagemaker.list_tags(ResourceArn=found["PipelineArn"])["Tags"]
        },
        "step": definition["Steps"][0],
        "arguments": definition["Steps"][0]["Arguments"],
        "parameters": {item["Name"]: item["DefaultValue"] for item in definition["Parameters"]},
        "rule": events.describe_rule(Name=f"{name}-schedule"),
        "targets": len(targets),
        "target": targets[0],
        "run": statements(aws, f"{name}-pipeline-us-east-1", "pipeline"),
    }
    try:
        role = iam.get_role(RoleName=f"{name}-job-us-east-1")["Role"]
    except iam.exceptions.NoSuchEntityException:
        return view
    attached = iam.list_attached_role_policies(RoleName=f"{name}-job-us-east-1")["AttachedPolicies"]
    return view | {
        "job": statements(aws, f"{name}-job-us-east-1", "job"),
        "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "policies": sorted(iam.list_role_policies(RoleName=f"{name}-job-us-east-1")["PolicyNames"]),
        "managed": [policy["PolicyArn"] for policy in attached],
    }


def statements(aws: EmulatedAWS, role: str, policy: str) -> dict[str, Any]:
    document = aws.client("iam").get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def notifications(aws: EmulatedAWS, name: str) -> dict[str, Any] | None:
    events = aws.client("events")
    try:
        rule = events.describe_rule(Name=name)
    except events.exceptions.ResourceNotFoundException:
        return None
    return {
        "pattern": json.loads(rule["EventPattern"]),
        "target": events.list_targets_by_rule(Rule=name)["Targets"][0],
    }


@dataclass(frozen=True)
class Step:
    """After one step: what AWS holds by call, and what a plan would still do."""

    held: dict[str, dict[str, Any]]
    still_to_do: dict[str, str]


@pytest.fixture(scope="module")
def history(new_root: Callable[[], Root], aws: EmulatedAWS) -> Iterator[list[Step]]:
    aws.client("sqs").create_queue(QueueName=QUEUE.rsplit(":", 1)[1])
    aws.client("sns").create_topic(Name=TOPIC.rsplit(":", 1)[1])
    create_iam(aws)
    before = aws.inventory()
    root = new_root()
    steps = []
    try:
        for step in range(STEPS):
            root.call_module({call: inputs_of(call, step) for call in CALLS})
            root.apply()
            steps.append(
                Step(
                    {call: held(aws, inputs_of(call, step)["project_name"]) for call in CALLS},
                    root.changes(),
                )
            )
            names = str(aws.inventory())
            steps[-1].held["renamed"]["names"] = [
                name for name in ("old-name", "new-name") if name in names
            ]
        yield steps
    finally:
        root.destroy()
    assert aws.inventory() == before


def create_iam(aws: EmulatedAWS) -> None:
    """The boundary and the role that lines bring."""
    iam = aws.client("iam")
    iam.create_policy(
        PolicyName="boundary",
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",'
        '"Resource":"*"}]}',
    )
    iam.create_role(
        RoleName="ml-training",
        Path="/platform/",
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Action":"sts:AssumeRole","Principal":{"Service":"sagemaker.amazonaws.com"}}]}',
    )


@pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])
def test_change_arrives(line: Line, history: list[Step]) -> None:
    for number, (changes, facts) in enumerate(line.steps):
        view = history[number].held[line.call]
        found = {path: jmespath.search(path, view) for path in facts}
        compare(f"{line.name}: call {line.call} after step {number}, {changes}", found, facts)


@pytest.mark.parametrize("step", range(STEPS))
def test_plan_after_it_is_empty(step: int, history: list[Step]) -> None:
    assert history[step].still_to_do == {}
