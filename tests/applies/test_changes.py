"""Changes that a team makes on day two: each arrives at AWS, and the plan after it is empty.

All calls of the module stand in one root and take their steps together, because a plan costs
seconds. Lines that change the same resource are in different calls: one would carry the other's
change along, and hide that the provider does not see it. Schedules, triggers and alarms of one call
are resources of their own, so each line has its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timezone
from pathlib import Path
from typing import Any

import jmespath
import pytest

import verification
from emulated_aws.emulator import EmulatedAWS
from inputs import ACCOUNT, ECR, QUEUE, TOPIC, VALID, VPC
from repository import copy_module
from rows import compare
from terraform.root import Root

pytestmark = pytest.mark.applies

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
MADE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/brought-test-training-job-us-east-1"
OWN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/platform/ml-training"
SCHEDULE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/platform/ml-starts"
OTHER_TOPIC = f"{TOPIC}-of-others"
ARGUMENTS = "training.arguments."
MOST_SECONDS = {"NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": "90000"}}
OUTPUTS = "processing.arguments.ProcessingOutputConfig.Outputs[].S3Output"
PIPELINES = ("training", "processing", "first", "second")
#: What every start sends, by a rule and by EventBridge Scheduler.
BY_RULE = {"ScheduledTime": "$.time"}
BY_SCHEDULER = {"ScheduledTime": "<aws.scheduler.scheduled-time>"}
ALARMS = {"actions": [TOPIC]}


@dataclass(frozen=True)
class Line:
    """A change: inputs step by step, and what AWS holds after each (JMESPath in :func:`held`)."""

    name: str
    call: str
    steps: tuple[tuple[dict[str, Any], dict[str, Any]], ...]

    def inputs(self, step: int) -> dict[str, Any]:
        return self.steps[min(step, len(self.steps) - 1)][0]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


def schedule(name: str, **more: Any) -> dict[str, Any]:
    """The input schedules: one."""
    return {"schedules": {name: {"pipeline": "training", "expression": "cron(0 1 * * ? *)"} | more}}


def trigger(name: str, **more: Any) -> dict[str, Any]:
    """The input triggers: one."""
    kind = {} if more.keys() & {"s3_object", "event_pattern"} else {"after": "training"}
    return {"triggers": {name: {"pipeline": "processing"} | kind | more}}


def alarms(**changes: Any) -> dict[str, Any]:
    """The input alarms, or a part of it."""
    return {"alarms": changes}


def retries(attempts: int, age: int) -> dict[str, Any]:
    """What AWS holds of them: of the rule, the trigger and the schedule."""
    policy = {"MaximumRetryAttempts": attempts, "MaximumEventAgeInSeconds": age}
    return {f"{target}.RetryPolicy": policy for target in TARGETS}


def dead_letters(queue: str | None) -> dict[str, Any]:
    """The same of the queue, to which schedules of Scheduler send with their role."""
    letters = {f"{target}.DeadLetterConfig.Arn": queue for target in TARGETS}
    return letters | {"training.start.KeepFailedStarts.Resource": queue}


def started_by(role: str) -> dict[str, Any]:
    """The same of the role."""
    return {f"{target}.RoleArn": role for target in TARGETS}


def tagged(tags: dict[str, str]) -> dict[str, Any]:
    """What AWS holds of tags."""
    things = ("training", "training.triggers.asked", "group", 'alarms."training-failed"')
    return {f"{thing}.tags": tags for thing in things}


def of_pipeline(target: str, project: str, pipeline: str) -> dict[str, Any]:
    """What AWS holds of a target: its pipeline and the role that starts it."""
    name = f"{project}-test-{pipeline}"
    return {
        f"{target}.Arn": arn("sagemaker", f"pipeline/{name}"),
        f"{target}.RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}-schedule-us-east-1",
    }


def additional_data(report: str = "", **inputs: str) -> dict[str, Any]:
    """What AWS holds of scoring's data: of further inputs, and of the output report, if any."""
    outputs = ["output/", *([report] if report else [])]
    arns = [f"arn:aws:s3:::my-ml-bucket/{key}*" for key in ("input/", *inputs.values())]
    return {
        "processing.arguments.ProcessingInputs[1:].[InputName, S3Input.S3Uri]": [
            [name, f"s3://my-ml-bucket/{key}"] for name, key in inputs.items()
        ],
        f"{OUTPUTS}.LocalPath": [
            f"/opt/ml/processing/{name}" for name in ["output", "report"][: len(outputs)]
        ],
        "processing.job.ReadInput.Resource": arns,
        "processing.job.WriteOutput.Resource": [
            f"arn:aws:s3:::my-ml-bucket/{key}*" for key in outputs
        ],
    }


def guardrails(*types: str) -> dict[str, Any]:
    """The conditions for instance types."""
    return {
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": list(types)},
        "Null": {"sagemaker:InstanceTypes": "false"},
    }


def told(topics: list[str]) -> dict[str, Any]:
    """Of alarms; a good end is told by the one alarm that lasts."""
    return {
        'sort(alarms."training-no-success".AlarmActions)': topics,
        'sort(alarms."training-no-success".OKActions)': topics,
        'sort(alarms."training-failed".AlarmActions)': topics,
        'alarms."training-failed".OKActions': [],
    }


#: The trust in the call "group".
OF_RULE = {"events.amazonaws.com": arn("events", "rule/group-test-training-schedule")}
OF_GROUP = {
    "scheduler.amazonaws.com": arn("scheduler", "schedule-group/group-test-training-schedules")
}
ANYTHING = '{"source": ["ml.platform"]}'
#: Of the pipeline before, in the call "triggers".
SUCCEEDED = {
    "pipelineArn": [arn("sagemaker", "pipeline/triggers-test-training")],
    "currentPipelineExecutionStatus": ["Succeeded"],
}
OBJECT = "processing.triggers.object.pattern.detail.object."
#: Each kind that tells of starts, by what it counts.
FAILED_STARTS = {
    'alarms."training-schedule-failed-starts".MetricName': "FailedInvocations",
    'alarms."training-trigger-asked-failed-starts".MetricName': "FailedInvocations",
    'alarms."training-schedules-target-errors".MetricName': "TargetErrorCount",
    'alarms."training-schedules-dropped-starts".MetricName': "InvocationDroppedCount",
}
TARGETS = ("training.schedule.target", "training.triggers.asked.target", "schedules.nightly.Target")
ASKED = {"asked": {"pipeline": "training", "event_pattern": ANYTHING}}
#: What a call has in every step.
ALWAYS: dict[str, dict[str, Any]] = {
    "parameters": schedule("nightly") | {"triggers": ASKED, "alarms": ALARMS},
    "retries": schedule("nightly") | {"triggers": ASKED},
    "queue": schedule("nightly") | {"triggers": ASKED},
    "both": schedule("scoring", pipeline="processing") | {"alarms": ALARMS},
    "renamed": schedule("nightly") | {"triggers": ASKED, "alarms": ALARMS},
    "moved": schedule("nightly"),
    "schedules": {"enable_processing_pipeline": True},
    "triggers": {"enable_processing_pipeline": True},
    "alarms": schedule("nightly") | {"triggers": ASKED, "alarms": ALARMS},
    "own": {"alarms": ALARMS},
}


def own(
    key: str, *steps: tuple[str, str], indent: int | None = None, **attributes: str
) -> dict[str, Any]:
    """An additional pipeline of steps, by their names and functions, and what starts it."""
    definition = {
        "Version": "2020-12-01",
        "Steps": [
            {
                "Name": name,
                "Type": "Lambda",
                "FunctionArn": arn("lambda", f"function:{function}"),
                "Arguments": {},
                "DependsOn": None,
            }
            for name, function in steps
        ],
    }
    pipeline = {"definition": json.dumps(definition, indent=indent), **attributes}
    return {"additional_pipelines": {key: pipeline}} | schedule("own", pipeline=key)


def invoked(key: str, *functions: str) -> dict[str, Any]:
    """What AWS holds of its role."""
    arns = [arn("lambda", f"function:{function}") for function in functions]
    return {f"{key}.run.InvokeFunctions.Resource": arns}


LINES = [
    Line("rule's parameters set, changed, one removed, all removed", "parameters", (
        ({}, {"training.schedule.sent": BY_RULE}),
        ({"training_schedule_parameters": {"TrainingInstanceCount": "2"}},
         {"training.schedule.sent": BY_RULE | {"TrainingInstanceCount": "2"}}),
        ({"training_schedule_parameters":
            {"TrainingInstanceCount": "3", "TrainingVolumeSizeInGB": "50"}},
         {"training.schedule.sent":
            BY_RULE | {"TrainingInstanceCount": "3", "TrainingVolumeSizeInGB": "50"}}),
        ({"training_schedule_parameters": {"TrainingVolumeSizeInGB": "50"}},
         {"training.schedule.sent": BY_RULE | {"TrainingVolumeSizeInGB": "50"}}),
        ({}, {"training.schedule.sent": BY_RULE}),
    )),
    Line("retries changed, one of the pair, and back", "retries", (
        ({}, retries(3, 3600)),
        ({"schedule_max_retry_attempts": 0, "schedule_max_event_age_seconds": 60}, retries(0, 60)),
        ({"schedule_max_retry_attempts": 7}, retries(7, 3600)),
        ({}, retries(3, 3600)),
    )),
    Line("dead-letter queue added and removed", "queue", (
        ({}, dead_letters(None)),
        ({"schedule_dead_letter_queue_arn": QUEUE}, dead_letters(QUEUE)),
        ({}, dead_letters(None)),
    )),
    Line("schedule's role brought and given back", "retries", (
        ({}, started_by(f"arn:aws:iam::{ACCOUNT}:role/retries-test-training-schedule-us-east-1")),
        ({"role_arns": {"training_schedule": SCHEDULE_ROLE}},
         started_by(SCHEDULE_ROLE) | {"training.start": None}),
        ({}, started_by(f"arn:aws:iam::{ACCOUNT}:role/retries-test-training-schedule-us-east-1")
             | {"training.start.StartPipeline.Effect": "Allow"}),
    )),
    Line("rule disabled and enabled", "retries", (
        ({}, {"training.schedule.State": "ENABLED"}),
        ({"training_schedule_enabled": False}, {"training.schedule.State": "DISABLED"}),
        ({}, {"training.schedule.State": "ENABLED"}),
    )),
    Line("expression changed and back", "queue", (
        ({}, {"training.schedule.ScheduleExpression": "cron(0 2 ? * SUN *)"}),
        ({"training_schedule_expression": "rate(2 days)"},
         {"training.schedule.ScheduleExpression": "rate(2 days)"}),
        ({}, {"training.schedule.ScheduleExpression": "cron(0 2 ? * SUN *)"}),
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
         {"training.arn": arn("sagemaker", "pipeline/both-test-training"),
          "processing.schedule.State": "ENABLED",
          "schedules.scoring.GroupName": "both-test-training-schedules"}),
        # what belongs to both pipelines gets another name
        ({"enable_processing_pipeline": True, "enable_processing_schedule": True,
          "enable_training_pipeline": False, "enable_training_schedule": False},
         {"training": None, "processing.schedule.State": "ENABLED",
          "schedules.scoring.GroupName": "both-test-processing-schedules",
          'processing.trust."scheduler.amazonaws.com"':
              arn("scheduler", "schedule-group/both-test-processing-schedules"),
          'alarms."training-failed"': None,
          'alarms."processing-schedules-target-errors".Dimensions[0].Value':
              "both-test-processing-schedules"}),
        ({"enable_processing_pipeline": True, "enable_processing_schedule": True},
         {"training.schedule.State": "ENABLED", "processing.schedule.State": "ENABLED",
          "schedules.scoring.GroupName": "both-test-training-schedules",
          'alarms."processing-schedules-target-errors"': None}),
    )),
    Line("renamed: replaced, and nothing left behind", "renamed", (
        ({"project_name": "old-name"}, {"names": ["old-name"]}),
        ({"project_name": "new-name"},
         {"names": ["new-name"],
          "schedules.nightly.GroupName": "new-name-test-training-schedules",
          "training.triggers.asked.target.Arn":
              arn("sagemaker", "pipeline/new-name-test-training"),
          'alarms."training-failed".Dimensions[0].Value': "new-name-test-training"}),
    )),
    Line("tags changed and removed", "parameters", (
        ({"tags": {"Team": "ml"}},
         tagged({"Team": "ml"}) | {ARGUMENTS + "Tags": [{"Key": "Team", "Value": "ml"}]}),
        ({"tags": {"Team": "risk", "App": "fraud"}}, tagged({"Team": "risk", "App": "fraud"})),
        ({}, tagged({}) | {ARGUMENTS + "Tags": None}),
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
          "training.schedule.target.RoleArn":
              f"arn:aws:iam::{ACCOUNT}:role/ml/moved-test-training-schedule-us-east-1",
          "schedules.nightly.Target.RoleArn":
              f"arn:aws:iam::{ACCOUNT}:role/ml/moved-test-training-schedule-us-east-1"}),
    )),
    # --- What starts a pipeline at all: the trust of the role, and the role ---
    Line("first schedule added, last one removed", "group", (
        ({}, {"group": None, "schedules": {}, "training.trust": OF_RULE}),
        (schedule("nightly"), {"group.State": "ACTIVE", "training.trust": OF_RULE | OF_GROUP}),
        ({}, {"group": None, "schedules": {}, "training.trust": OF_RULE}),
        (schedule("nightly"), {"group.State": "ACTIVE", "schedules.nightly.State": "ENABLED"}),
    )),
    Line("all alarms removed and added again", "group", (
        (alarms(**ALARMS), {'alarms."training-failed".AlarmActions': [TOPIC]}),
        ({}, {"alarms": {}}),
        (alarms(**ALARMS), {'alarms."training-failed".AlarmActions': [TOPIC]}),
    )),
    Line("started by a trigger, a schedule, nothing, and its rule", "starts", (
        ({"enable_training_schedule": False, "triggers": ASKED},
         {"training.schedule": None, "training.trust":
             {"events.amazonaws.com": arn("events", "rule/starts-test-training-trigger-asked")}}),
        ({"enable_training_schedule": False} | schedule("nightly"),
         {"training.triggers": {}, "training.trust": {"scheduler.amazonaws.com":
             arn("scheduler", "schedule-group/starts-test-training-schedules")}}),
        ({"enable_training_schedule": False}, {"group": None, "training.trust": None}),
        ({"enable_training_schedule": True, "triggers": ASKED},
         {"training.trust": {"events.amazonaws.com": [
             arn("events", "rule/starts-test-training-schedule"),
             arn("events", "rule/starts-test-training-trigger-asked")]}}),
    )),
    Line("scoring's inputs and outputs added, changed, one removed, all removed", "schedules", (
        ({}, additional_data()),
        ({"processing_additional_inputs": {"model": {"s3_path": "s3://my-ml-bucket/model/1/"}},
          "processing_additional_outputs": {"report": {"s3_path": "s3://my-ml-bucket/reports/"}}},
         additional_data(model="model/1/", report="reports/")),
        ({"processing_additional_inputs": {
             "model": {"s3_path": "s3://my-ml-bucket/model/2/"},
             "stores": {"s3_path": "s3://my-ml-bucket/stores/"}},
          "processing_additional_outputs": {
             "report": {"s3_path": "s3://my-ml-bucket/reports/", "upload_mode": "Continuous"}}},
         additional_data(model="model/2/", stores="stores/", report="reports/")
         | {f"{OUTPUTS}.S3UploadMode": ["EndOfJob", "Continuous"]}),
        ({"processing_additional_inputs": {"stores": {"s3_path": "s3://my-ml-bucket/stores/"}}},
         additional_data(stores="stores/") | {f"{OUTPUTS}.S3UploadMode": ["EndOfJob"]}),
        ({}, additional_data()),
    )),
    Line("guardrails set, tightened, one removed, all removed", "schedules", (
        ({}, {"training.run.CreateJobs": None, "training.run.RunJobs.Action[0]":
            "sagemaker:CreateTrainingJob"}),
        ({"guardrails": {"instance_types": ["ml.m5.xlarge", "ml.c5.large"],
                         "max_runtime_seconds": 90000}},
         {"training.run.CreateJobs.Condition":
            guardrails("ml.m5.xlarge", "ml.c5.large") | MOST_SECONDS}),
        ({"guardrails": {"instance_types": ["ml.m5.xlarge"], "max_runtime_seconds": 90000}},
         {"training.run.CreateJobs.Condition": guardrails("ml.m5.xlarge") | MOST_SECONDS,
          "training.run.RunJobs.Action[0]": "sagemaker:DescribeTrainingJob"}),
        ({"guardrails": {"max_runtime_seconds": 90000}},
         {"training.run.CreateJobs.Condition": MOST_SECONDS}),
        ({}, {"training.run.CreateJobs": None, "training.run.RunJobs.Action[0]":
            "sagemaker:CreateTrainingJob"}),
    )),
    # --- Schedules ---
    Line("schedule added, removed, and added again", "schedules", (
        ({}, {"schedules.added": None}),
        (schedule("added"), {"schedules.added.Description":
            "Starts the pipeline schedules-test-training."}),
        ({}, {"schedules.added": None}),
        (schedule("added"), {"schedules.added.State": "ENABLED"}),
    )),
    Line("schedule renamed", "schedules", (
        (schedule("old"), {"schedules.old.State": "ENABLED", "schedules.new": None}),
        (schedule("new"), {"schedules.new.State": "ENABLED", "schedules.old": None}),
    )),
    Line("schedule's pipeline changed and back", "schedules", (
        (schedule("moving"), of_pipeline("schedules.moving.Target", "schedules", "training")),
        (schedule("moving", pipeline="processing"),
         of_pipeline("schedules.moving.Target", "schedules", "processing") |
         {'processing.trust."scheduler.amazonaws.com"':
             arn("scheduler", "schedule-group/schedules-test-training-schedules")}),
        (schedule("moving"), of_pipeline("schedules.moving.Target", "schedules", "training") |
         {"processing.trust": None}),
    )),
    Line("schedule's expression: cron, rate, at, and cron again", "schedules", (
        (schedule("timed"), {"schedules.timed.ScheduleExpression": "cron(0 1 * * ? *)"}),
        (schedule("timed", expression="rate(2 days)"),
         {"schedules.timed.ScheduleExpression": "rate(2 days)"}),
        (schedule("timed", expression="at(2090-01-01T00:00:00)"),
         {"schedules.timed.ScheduleExpression": "at(2090-01-01T00:00:00)"}),
        (schedule("timed"), {"schedules.timed.ScheduleExpression": "cron(0 1 * * ? *)"}),
    )),
    Line("schedule's time zone set, changed and left out", "schedules", (
        (schedule("local"), {"schedules.local.ScheduleExpressionTimezone": "UTC"}),
        (schedule("local", timezone="Europe/Berlin"),
         {"schedules.local.ScheduleExpressionTimezone": "Europe/Berlin"}),
        (schedule("local", timezone="America/New_York"),
         {"schedules.local.ScheduleExpressionTimezone": "America/New_York"}),
        (schedule("local"), {"schedules.local.ScheduleExpressionTimezone": "UTC"}),
    )),
    Line("schedule's parameters set, changed, one removed, all removed", "schedules", (
        (schedule("given"), {"schedules.given.sent": BY_SCHEDULER}),
        (schedule("given", parameters={"TrainingInstanceCount": "2"}),
         {"schedules.given.sent": BY_SCHEDULER | {"TrainingInstanceCount": "2"}}),
        (schedule("given",
            parameters={"TrainingInstanceCount": "3", "TrainingVolumeSizeInGB": "50"}),
         {"schedules.given.sent":
            BY_SCHEDULER | {"TrainingInstanceCount": "3", "TrainingVolumeSizeInGB": "50"}}),
        (schedule("given", parameters={"TrainingVolumeSizeInGB": "50"}),
         {"schedules.given.sent": BY_SCHEDULER | {"TrainingVolumeSizeInGB": "50"}}),
        (schedule("given"), {"schedules.given.sent": BY_SCHEDULER}),
    )),
    Line("schedule paused and resumed", "schedules", (
        (schedule("paused"), {"schedules.paused.State": "ENABLED"}),
        (schedule("paused", enabled=False), {"schedules.paused.State": "DISABLED"}),
        (schedule("paused"), {"schedules.paused.State": "ENABLED"}),
    )),
    Line("schedule's window opened, widened and closed", "schedules", (
        (schedule("loose"), {"schedules.loose.FlexibleTimeWindow": {"Mode": "OFF"}}),
        (schedule("loose", flexible_window_minutes=15),
         {"schedules.loose.FlexibleTimeWindow":
             {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}}),
        (schedule("loose", flexible_window_minutes=90),
         {"schedules.loose.FlexibleTimeWindow":
             {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 90}}),
        (schedule("loose"), {"schedules.loose.FlexibleTimeWindow": {"Mode": "OFF"}}),
    )),
    Line("schedule's dates set, changed, one removed, both removed", "schedules", (
        (schedule("dated"), {"schedules.dated.[StartDate, EndDate]": [None, None]}),
        (schedule("dated", start_date="2090-01-01T00:00:00Z"),
         {"schedules.dated.[StartDate, EndDate]": ["2090-01-01T00:00:00+00:00", None]}),
        (schedule("dated", start_date="2090-02-03T04:05:06Z", end_date="2091-01-01T00:00:00Z"),
         {"schedules.dated.[StartDate, EndDate]":
             ["2090-02-03T04:05:06+00:00", "2091-01-01T00:00:00+00:00"]}),
        (schedule("dated", end_date="2091-01-01T00:00:00Z"),
         {"schedules.dated.[StartDate, EndDate]": [None, "2091-01-01T00:00:00+00:00"]}),
        (schedule("dated"), {"schedules.dated.[StartDate, EndDate]": [None, None]}),
    )),
    # --- Triggers ---
    Line("trigger added, removed, and added again", "triggers", (
        ({}, {"processing.triggers.added": None}),
        (trigger("added"), {"processing.triggers.added.State": "ENABLED"}),
        ({}, {"processing.triggers.added": None}),
        (trigger("added"), {"processing.triggers.added.sent": BY_RULE}),
    )),
    Line("trigger renamed", "triggers", (
        (trigger("old"), {"processing.triggers.old.State": "ENABLED",
                          "processing.triggers.new": None}),
        (trigger("new"), {"processing.triggers.new.State": "ENABLED",
                          "processing.triggers.old": None}),
    )),
    Line("trigger's pipeline changed and back", "triggers", (
        (trigger("moving", event_pattern=ANYTHING), of_pipeline(
            "processing.triggers.moving.target", "triggers", "processing")),
        (trigger("moving", event_pattern=ANYTHING, pipeline="training"),
         of_pipeline("training.triggers.moving.target", "triggers", "training") |
         {"processing.triggers.moving": None}),
        (trigger("moving", event_pattern=ANYTHING), of_pipeline(
            "processing.triggers.moving.target", "triggers", "processing") |
         {"training.triggers.moving": None}),
    )),
    Line("trigger's kind: after, an object, any event, another one, and after again", "triggers", (
        (trigger("kind"), {"processing.triggers.kind.pattern.detail": SUCCEEDED}),
        (trigger("kind", s3_object={"bucket": "arrivals"}),
         {"processing.triggers.kind.pattern.detail": {"bucket": {"name": ["arrivals"]}}}),
        (trigger("kind", event_pattern=ANYTHING),
         {"processing.triggers.kind.pattern": {"source": ["ml.platform"]}}),
        (trigger("kind", event_pattern='{"source": ["ml.catalog"], "detail": {"stage": ["new"]}}'),
         {"processing.triggers.kind.pattern":
             {"source": ["ml.catalog"], "detail": {"stage": ["new"]}}}),
        (trigger("kind"), {"processing.triggers.kind.pattern.detail": SUCCEEDED}),
    )),
    Line("trigger after another pipeline, and back", "triggers", (
        (trigger("last"), {"processing.triggers.last.pattern.detail": SUCCEEDED}),
        (trigger("last", after=arn("sagemaker", "pipeline/prepare")),
         {"processing.triggers.last.pattern.detail.pipelineArn":
             [arn("sagemaker", "pipeline/prepare")]}),
        (trigger("last"), {"processing.triggers.last.pattern.detail": SUCCEEDED}),
    )),
    Line("trigger's prefix, suffix, both, and another bucket", "triggers", (
        (trigger("object", s3_object={"bucket": "arrivals", "prefix": "daily/"}),
         {OBJECT + "key": [{"prefix": "daily/"}]}),
        (trigger("object", s3_object={"bucket": "arrivals", "suffix": "_SUCCESS"}),
         {OBJECT + "key": [{"suffix": "_SUCCESS"}]}),
        (trigger("object", s3_object=
            {"bucket": "arrivals", "prefix": "daily/", "suffix": "_SUCCESS"}),
         {OBJECT + "key": [{"wildcard": "daily/*_SUCCESS"}]}),
        (trigger("object", s3_object={"bucket": "others"}),
         {"processing.triggers.object.pattern.detail": {"bucket": {"name": ["others"]}}}),
    )),
    Line("trigger's parameters set, changed, one removed, all removed", "triggers", (
        (trigger("given"), {"processing.triggers.given.sent": BY_RULE}),
        (trigger("given", parameters={"InferenceInputS3Uri": "$.detail.input"}),
         {"processing.triggers.given.sent": BY_RULE | {"InferenceInputS3Uri": "$.detail.input"}}),
        (trigger("given", parameters=
            {"InferenceInputS3Uri": "$.detail.data", "ProcessingVolumeSizeInGB": "50"}),
         {"processing.triggers.given.sent": BY_RULE |
             {"InferenceInputS3Uri": "$.detail.data", "ProcessingVolumeSizeInGB": "50"}}),
        (trigger("given", parameters={"ProcessingVolumeSizeInGB": "50"}),
         {"processing.triggers.given.sent": BY_RULE | {"ProcessingVolumeSizeInGB": "50"}}),
        (trigger("given"), {"processing.triggers.given.sent": BY_RULE}),
    )),
    Line("trigger paused and resumed", "triggers", (
        (trigger("paused"), {"processing.triggers.paused.State": "ENABLED"}),
        (trigger("paused", enabled=False), {"processing.triggers.paused.State": "DISABLED"}),
        (trigger("paused"), {"processing.triggers.paused.State": "ENABLED"}),
    )),
    # --- Alarms ---
    Line("alarm of failed executions off and on", "alarms", (
        ({}, {'alarms."training-failed".MetricName': "ExecutionFailed"}),
        (alarms(failed=False), {'alarms."training-failed"': None}),
        ({}, {'alarms."training-failed".MetricName': "ExecutionFailed"}),
    )),
    Line("alarms of failed starts off and on", "alarms", (
        ({}, FAILED_STARTS),
        (alarms(failed_starts=False), dict.fromkeys(FAILED_STARTS)),
        ({}, FAILED_STARTS),
    )),
    Line("hours without success set, changed, and none", "alarms", (
        ({}, {'alarms."training-no-success"': None}),
        (alarms(no_success_within_hours={"training": 168}),
         {'alarms."training-no-success".EvaluationPeriods': 168}),
        (alarms(no_success_within_hours={"training": 24}),
         {'alarms."training-no-success".EvaluationPeriods': 24,
          'alarms."training-no-success".AlarmDescription':
              "No execution has succeeded for 24 hours."}),
        ({}, {'alarms."training-no-success"': None}),
    )),
    Line("minutes of an execution set, changed, and none", "alarms", (
        ({}, {'alarms."training-too-long"': None}),
        (alarms(longer_than_minutes={"training": 90}),
         {'alarms."training-too-long".Threshold': 5400000}),
        (alarms(longer_than_minutes={"training": 1}),
         {'alarms."training-too-long".Threshold': 60000}),
        ({}, {'alarms."training-too-long"': None}),
    )),
    # --- Additional pipelines ---
    Line("definition changed, spelt otherwise, and its pipeline renamed and removed", "own", (
        (own("first", ("A", "tell")), {
            "first.step.Name": "A", **invoked("first", "tell"),
            "first.parameters": {"ScheduledTime": "none"},
            "schedules.own.Target.Arn": arn("sagemaker", "pipeline/own-test-first"),
            'alarms."first-failed".MetricName': "ExecutionFailed",
        }),
        (own("first", ("B", "tell-2"), ("C", "tell"), description="Other steps."), {
            "first.step.Name": "B", **invoked("first", "tell-2", "tell"),
        }),
        (own("first", ("B", "tell-2"), indent=3), {
            "first.step.Name": "B", **invoked("first", "tell-2"),
        }),
        (own("second", ("B", "tell-2")), {
            "first": None, 'alarms."first-failed"': None,
            "second.step.Name": "B", **invoked("second", "tell-2"),
            "schedules.own.Target.Arn": arn("sagemaker", "pipeline/own-test-second"),
        }),
        ({"additional_pipelines": {}, "schedules": {}}, {
            "second": None, "schedules": {}, 'alarms."second-failed"': None,
            "training.parallelism": 1,
        }),
    )),
    Line("who is told: added and removed", "told", (
        (alarms(actions=[TOPIC], no_success_within_hours={"training": 24}), told([TOPIC])),
        (alarms(actions=[TOPIC, OTHER_TOPIC], no_success_within_hours={"training": 24}),
         told([TOPIC, OTHER_TOPIC])),
        (alarms(actions=[OTHER_TOPIC], no_success_within_hours={"training": 24}),
         told([OTHER_TOPIC])),
    )),
]  # fmt: skip
CALLS = sorted({line.call for line in LINES})
STEPS = max(len(line.steps) for line in LINES)
TRAINING_ONLY = VALID | {"enable_processing_pipeline": False, "enable_processing_schedule": False}


def inputs_of(call: str, step: int) -> dict[str, Any]:
    inputs = TRAINING_ONLY | {"project_name": call}
    for more in (ALWAYS.get(call, {}), *(line.inputs(step) for line in LINES if line.call == call)):
        for name, value in more.items():
            shared = name in ("schedules", "triggers", "alarms")
            inputs[name] = inputs.get(name, {}) | value if shared else value
    return inputs


def held(aws: EmulatedAWS, project: str) -> dict[str, Any]:
    """What AWS holds of one module call, read through boto3."""
    pipelines = {key: f"{project}-test-{key}" for key in PIPELINES}

    def first(look: Callable[[EmulatedAWS, str], Any], kind: str) -> Any:
        """What is named after the first pipeline that there is."""
        found = [look(aws, f"{name}-{kind}") for name in pipelines.values()]
        return next((each for each in found if each), None)

    group = first(schedule_group, "schedules")
    return {
        **{key: pipeline(aws, name) for key, name in pipelines.items()},
        "notifications": first(rule, "notifications"),
        "group": group,
        "schedules": schedules(aws, group["Name"]) if group else {},
        "alarms": metric_alarms(aws, f"{project}-test-"),
    }


def pipeline(aws: EmulatedAWS, name: str) -> dict[str, Any] | None:
    sagemaker = aws.client("sagemaker")
    try:
        found = sagemaker.describe_pipeline(PipelineName=name)
    except sagemaker.exceptions.ResourceNotFound:
        return None
    definition = json.loads(found["PipelineDefinition"])
    rules = aws.client("events").list_rules(NamePrefix=f"{name}-trigger-")["Rules"]
    triggers = [each["Name"] for each in rules]
    return {
        "arn": found["PipelineArn"],
        "role": found["RoleArn"],
        "parallelism": found["ParallelismConfiguration"]["MaxParallelExecutionSteps"],
        "tags": tags(sagemaker.list_tags(ResourceArn=found["PipelineArn"])["Tags"]),
        "step": definition["Steps"][0],
        "arguments": definition["Steps"][0]["Arguments"],
        "parameters": {
            item["Name"]: item["DefaultValue"] for item in definition.get("Parameters", [])
        },
        "run": statements(aws, f"{name}-pipeline-us-east-1", "pipeline"),
        "schedule": rule(aws, f"{name}-schedule"),
        "triggers": {each.removeprefix(f"{name}-trigger-"): rule(aws, each) for each in triggers},
        **job_role(aws, f"{name}-job-us-east-1"),
        **schedule_role(aws, f"{name}-schedule-us-east-1"),
    }


def rule(aws: EmulatedAWS, name: str) -> dict[str, Any] | None:
    """A rule with its one target, and what that sends."""
    events = aws.client("events")
    try:
        found = events.describe_rule(Name=name)
    except events.exceptions.ResourceNotFoundException:
        return None
    (target,) = events.list_targets_by_rule(Rule=name)["Targets"]
    return {
        **found,
        "pattern": json.loads(found.get("EventPattern", "null")),
        "tags": tags(events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]),
        "target": target,
        "sent": sent(target),
    }


def schedule_group(aws: EmulatedAWS, name: str) -> dict[str, Any] | None:
    scheduler = aws.client("scheduler")
    try:
        found = scheduler.get_schedule_group(Name=name)
    except scheduler.exceptions.ResourceNotFoundException:
        return None
    given = scheduler.list_tags_for_resource(ResourceArn=found["Arn"])["Tags"]
    return {**found, "tags": tags(given)}


def schedules(aws: EmulatedAWS, group: str) -> dict[str, Any]:
    scheduler = aws.client("scheduler")
    names = [each["Name"] for each in scheduler.list_schedules(GroupName=group)["Schedules"]]
    found = [scheduler.get_schedule(GroupName=group, Name=name) for name in names]
    return {
        each["Name"]: each
        | {"sent": sent(each["Target"])}
        | {
            date: each[date].astimezone(timezone.utc).isoformat()
            for date in ("StartDate", "EndDate")
            if date in each
        }
        for each in found
    }


def metric_alarms(aws: EmulatedAWS, prefix: str) -> dict[str, Any]:
    cloudwatch = aws.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
    return {
        alarm["AlarmName"].removeprefix(prefix): alarm
        | {"tags": tags(cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"])}
        for alarm in found
    }


def job_role(aws: EmulatedAWS, name: str) -> dict[str, Any]:
    iam = aws.client("iam")
    try:
        role = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return {}
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {
        "job": statements(aws, name, "job"),
        "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "policies": sorted(iam.list_role_policies(RoleName=name)["PolicyNames"]),
        "managed": [policy["PolicyArn"] for policy in attached],
    }


def schedule_role(aws: EmulatedAWS, name: str) -> dict[str, Any]:
    iam = aws.client("iam")
    try:
        role = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return {}
    trust = role["AssumeRolePolicyDocument"]["Statement"]
    return {
        "start": statements(aws, name, "schedule"),
        "trust": {
            each["Principal"]["Service"]: each["Condition"]["ArnEquals"]["aws:SourceArn"]
            for each in trust
        },
    }


def statements(aws: EmulatedAWS, role: str, policy: str) -> dict[str, Any]:
    document = aws.client("iam").get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def sent(target: Mapping[str, Any]) -> dict[str, str]:
    given = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    return {parameter["Name"]: parameter["Value"] for parameter in given}


def tags(given: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in given}


@dataclass(frozen=True)
class Step:
    """After one step: what AWS holds by call, what else than planned, what a plan would do."""

    held: dict[str, dict[str, Any]]
    differences: list[verification.Difference]
    still_to_do: dict[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def history(new_root: Callable[[], Root], aws: EmulatedAWS) -> Iterator[list[Step]]:
    aws.client("sqs").create_queue(QueueName=QUEUE.rsplit(":", 1)[1])
    for topic in (TOPIC, OTHER_TOPIC):
        aws.client("sns").create_topic(Name=topic.rsplit(":", 1)[1])
    create_iam(aws)
    before = aws.inventory()
    root = new_root()
    steps = []
    try:
        for step in range(STEPS):
            root.call_module({call: inputs_of(call, step) for call in CALLS})
            root.apply()
            plan = root.plan()
            steps.append(
                Step(
                    {call: held(aws, inputs_of(call, step)["project_name"]) for call in CALLS},
                    verification.differences(plan.resources, aws.client),
                    plan.actions,
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
    """The boundary and the roles that lines bring."""
    iam = aws.client("iam")
    iam.create_policy(
        PolicyName="boundary",
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",'
        '"Resource":"*"}]}',
    )
    for name, services in (
        ("ml-training", '"sagemaker.amazonaws.com"'),
        ("ml-starts", '["events.amazonaws.com","scheduler.amazonaws.com"]'),
    ):
        iam.create_role(
            RoleName=name,
            Path="/platform/",
            AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
            f'"Action":"sts:AssumeRole","Principal":{{"Service":{services}}}}}]}}',
        )


@pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])
def test_change_arrives(line: Line, history: list[Step]) -> None:
    for number, (changes, facts) in enumerate(line.steps):
        view = history[number].held[line.call]
        found = {path: jmespath.search(path, view) for path in facts}
        compare(f"{line.name}: call {line.call} after step {number}, {changes}", found, facts)


@pytest.mark.parametrize("step", range(STEPS))
def test_aws_holds_what_is_in_the_state(step: int, history: list[Step]) -> None:
    assert history[step].differences == []


@pytest.mark.parametrize("step", range(STEPS))
def test_plan_after_it_is_empty(step: int, history: list[Step]) -> None:
    assert history[step].still_to_do == {}


def test_target_of_an_earlier_version_is_replaced(
    repository: Path, new_root: Callable[[], Root], aws: EmulatedAWS
) -> None:
    """A target with parameters had an ID of its own, to work around the provider."""
    earlier = repository.parent / "earlier"
    earlier.mkdir()
    copy_module(earlier)
    text = (earlier / "schedules.tf").read_text()
    own_id = text.replace('"pipeline"\n', '"pipeline-with-parameters"\n')
    assert own_id.count('"pipeline-with-parameters"') == 1
    (earlier / "schedules.tf").write_text(own_id)

    before = aws.inventory()
    root = new_root()
    call = {
        "call": TRAINING_ONLY | {"training_schedule_parameters": {"TrainingInstanceCount": "2"}}
    }
    try:
        root.call_module(call, source="../earlier")
        root.apply()
        root.call_module(call)
        replaced = {'module.pipelines["call"].aws_cloudwatch_event_target.schedule["training"]'}
        assert root.changes() == dict.fromkeys(replaced, "replace")
        root.apply()
        assert root.changes() == {}
        found = rule(aws, "ml-platform-test-training-schedule")  # with one target
        assert found is not None
        assert found["sent"] == BY_RULE | {"TrainingInstanceCount": "2"}
    finally:
        root.destroy()
    assert aws.inventory() == before
