"""Two roots, or two calls in one, with the same names: the second fails, the first is untouched.

PutRule, PutTargets, PutRolePolicy and PutMetricAlarm overwrite what has the name. CreateRole and
CreatePipeline refuse it, so they come first (schedules.tf, triggers.tf, alarms.tf,
notifications.tf).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from emulated_aws.emulator import EmulatedAWS
from inputs import ACCOUNT, QUEUE, TOPIC, VALID
from terraform.root import Root, TerraformError

pytestmark = pytest.mark.applies

BROUGHT = {
    f"{pipeline}_{kind}": f"arn:aws:iam::{ACCOUNT}:role/brought"
    for pipeline in ("training", "processing")
    for kind in ("job", "pipeline", "schedule")
}
OTHER_TOPIC = f"{TOPIC}-of-others"


def starts(pipeline: str, expression: str, topic: str) -> dict[str, Any]:
    """A schedule, a trigger and alarms; names are the same whatever the values."""
    pattern = json.dumps({"source": [topic]})
    return {
        "schedules": {"nightly": {"pipeline": pipeline, "expression": expression}},
        "triggers": {"asked": {"pipeline": pipeline, "event_pattern": pattern}},
        "alarms": {"actions": [topic], "no_success_within_hours": {pipeline: 24}},
        "notifications": {"topic_arn": topic},
    }


FIRST = (
    VALID
    | {"schedule_dead_letter_queue_arn": QUEUE}
    | starts("training", "cron(0 1 * * ? *)", TOPIC)
)
#: Another team's inputs under the same names: other schedules, another topic, no queue.
SECOND = (
    VALID
    | {
        "training_schedule_expression": "rate(1 minute)",
        "processing_schedule_expression": "rate(1 minute)",
        "training_schedule_parameters": {"TrainingInstanceCount": "9"},
        "training_image_uri": VALID["inference_image_uri"],
    }
    | starts("training", "rate(1 minute)", OTHER_TOPIC)
)
ONLY_TRAINING = {"enable_processing_pipeline": False, "enable_processing_schedule": False}
ONLY_PROCESSING = {
    "enable_training_pipeline": False,
    "enable_training_schedule": False,
} | starts("processing", "rate(1 minute)", OTHER_TOPIC)
#: What the first and the second root set beside that, and what AWS says to the second.
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "same": ({}, {}, "EntityAlreadyExists"),
    "roles brought by both": ({"role_arns": BROUGHT}, {"role_arns": BROUGHT}, "must be unique"),
    "roles brought by the first": ({"role_arns": BROUGHT}, {}, "must be unique"),
    "second has one pipeline": ({}, ONLY_PROCESSING, "EntityAlreadyExists"),
    "first has one pipeline": (ONLY_TRAINING, {"role_arns": BROUGHT}, "must be unique"),
}


def held(aws: EmulatedAWS) -> dict[str, Any]:
    """Everything in the account that has a name which somebody could overwrite."""
    sagemaker, iam, events, scheduler, cloudwatch = (
        aws.client(service) for service in ("sagemaker", "iam", "events", "scheduler", "cloudwatch")
    )
    return {
        "pipelines": {
            item["PipelineName"]: sagemaker.describe_pipeline(PipelineName=item["PipelineName"])[
                "PipelineDefinition"
            ]
            for item in sagemaker.list_pipelines()["PipelineSummaries"]
        },
        "rules": {
            rule["Name"]: (rule, events.list_targets_by_rule(Rule=rule["Name"])["Targets"])
            for rule in events.list_rules()["Rules"]
        },
        "groups": {
            group["Name"]: group for group in scheduler.list_schedule_groups()["ScheduleGroups"]
        },
        "schedules": {
            schedule["Arn"]: without_metadata(
                scheduler.get_schedule(GroupName=schedule["GroupName"], Name=schedule["Name"])
            )
            for schedule in scheduler.list_schedules()["Schedules"]
        },
        "alarms": {
            alarm["AlarmName"]: alarm for alarm in cloudwatch.describe_alarms()["MetricAlarms"]
        },
        "roles": {
            role["RoleName"]: (
                role["RoleId"],
                {
                    policy: iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)[
                        "PolicyDocument"
                    ]
                    for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
                },
            )
            for role in iam.list_roles()["Roles"]
        },
    }


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def of_the_first(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The part of what AWS holds now that it held before."""
    return {kind: {name: now[kind].get(name) for name in things} for kind, things in before.items()}


@pytest.fixture
def empty(aws: EmulatedAWS) -> EmulatedAWS:
    aws.reset()
    aws.seed()
    aws.client("iam").create_role(
        RoleName="brought",
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Action":"sts:AssumeRole","Principal":{"Service":'
        '["sagemaker.amazonaws.com","events.amazonaws.com","scheduler.amazonaws.com"]}}]}',
    )
    return aws


@pytest.mark.parametrize("pair", PAIRS)
def test_second_root_touches_nothing(
    pair: str, new_root: Callable[[], Root], empty: EmulatedAWS
) -> None:
    more, others, refusal = PAIRS[pair]
    first, second = new_root(), new_root()
    first.call_module({"ours": FIRST | more})
    first.apply()
    before = held(empty)

    second.call_module({"theirs": SECOND | others})
    with pytest.raises(TerraformError, match=refusal):
        second.apply()
    assert of_the_first(held(empty), before) == before, "apply overwrote"
    second.destroy()
    assert held(empty) == before, "destroy removed, or left something"
    assert first.changes() == {}


def test_two_calls_in_one_root(new_root: Callable[[], Root], empty: EmulatedAWS) -> None:
    root = new_root()
    root.call_module({"ours": FIRST, "theirs": SECOND})
    with pytest.raises(TerraformError, match="EntityAlreadyExists"):
        root.apply()
    # whoever came first has the roles; a pipeline and its rules belong to one call alone
    for name, (rule, targets) in held(empty)["rules"].items():
        call = "theirs" if rule.get("ScheduleExpression") == "rate(1 minute)" else "ours"
        assert [target["Arn"] for target in targets], f"{name} of {call} has no target"
    root.destroy()


def test_one_root_for_each_pipeline(new_root: Callable[[], Root], empty: EmulatedAWS) -> None:
    """Their names do not meet: not in the rule of notifications, and not in the schedule group."""
    training, processing = new_root(), new_root()
    training.call_module({"training": FIRST | ONLY_TRAINING})
    training.apply()
    before = held(empty)
    processing.call_module({"processing": SECOND | ONLY_PROCESSING})
    processing.apply()
    both = held(empty)
    assert of_the_first(both, before) == before
    for kind in ("groups", "schedules", "alarms"):
        assert len(both[kind]) > len(before[kind])
    processing.destroy()
    assert held(empty) == before
    assert training.changes() == {}


def test_one_project_in_two_regions(new_root: Callable[[], Root], empty: EmulatedAWS) -> None:
    """IAM is global, so the names of roles have the region."""
    here, there = new_root(), new_root()
    here.call_module({"here": FIRST})
    here.apply()
    before = held(empty)
    elsewhere = json.loads(json.dumps(FIRST).replace("us-east-1", "eu-central-1"))
    del there.environment["TF_REATTACH_PROVIDERS"]  # a kept provider holds one region only
    there.write(
        {
            "provider": {"aws": {"region": "eu-central-1"}},
            "module": {"there": {"source": "../module"} | elsewhere},
        }
    )
    there.apply()
    assert of_the_first(held(empty), before) == before
    assert len(held(empty)["roles"]) == 2 * len(before["roles"]) - 1  # one of them is brought
    there.destroy()
    assert held(empty) == before
