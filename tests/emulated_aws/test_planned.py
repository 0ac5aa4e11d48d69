"""What a plan says is made; and verification finds what AWS does not hold as planned."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

import planned
import verification
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.samples import (
    PIPELINE_ARN,
    PIPELINE_ROLE,
    QUEUE,
    SCHEDULER_ROLE,
    TOPIC,
    TRAINING,
    policy,
)
from terraform.plan import Plan

GROUP = 'aws_scheduler_schedule_group.this["schedules"]'
SCHEDULE = 'aws_scheduler_schedule.this["nightly"]'
ALARM = 'aws_cloudwatch_metric_alarm.this["training_no_success"]'
TRIGGER = 'aws_cloudwatch_event_target.trigger["new-data"]'
START = {
    "arn": PIPELINE_ARN,
    "role_arn": SCHEDULER_ROLE,
    "retry_policy": [{"maximum_retry_attempts": 3, "maximum_event_age_in_seconds": 3600}],
    "dead_letter_config": [{"arn": QUEUE}],
}
PARAMETERS = [
    {"name": "InputDataS3Uri", "value": "s3://my-ml-bucket/full/"},
    {"name": "ScheduledTime", "value": "<aws.scheduler.scheduled-time>"},
]
RESOURCES: dict[str, dict[str, Any]] = {
    'aws_sagemaker_pipeline.this["training"]': {
        "pipeline_name": "there",
        "pipeline_display_name": "there",
        "pipeline_definition": json.dumps(TRAINING),
        "role_arn": PIPELINE_ROLE,
    },
    'aws_cloudwatch_event_rule.trigger["new-data"]': {
        "name": "there-trigger-new-data",
        "event_pattern": json.dumps({"source": ["aws.s3"]}),
        "state": "ENABLED",
    },
    TRIGGER: {
        "rule": "there-trigger-new-data",
        "target_id": "pipeline",
        "sagemaker_pipeline_target": [
            {"pipeline_parameter_list": [{"name": "ScheduledTime", "value": "$.time"}]}
        ],
        "input_transformer": [],
        **START,
    },
    GROUP: {"name": "there-schedules"},
    SCHEDULE: {
        "name": "nightly",
        "group_name": "there-schedules",
        "description": "Scores.",
        "schedule_expression": "cron(0 6 * * ? *)",
        "schedule_expression_timezone": "Europe/Berlin",
        "state": "DISABLED",
        "start_date": "2100-01-01T00:00:00Z",
        "end_date": "2101-01-01T00:00:00Z",
        "flexible_time_window": [{"mode": "FLEXIBLE", "maximum_window_in_minutes": 15}],
        "target": [
            {"sagemaker_pipeline_parameters": [{"pipeline_parameter": PARAMETERS}], **START}
        ],
    },
    ALARM: {
        "alarm_name": "there-no-success",
        "alarm_description": "No success.",
        "namespace": "AWS/Sagemaker/ModelBuildingPipeline",
        "metric_name": "ExecutionSucceeded",
        "dimensions": {"PipelineName": "there"},
        "statistic": "Sum",
        "period": 3600,
        "evaluation_periods": 24,
        "datapoints_to_alarm": 24,
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "treat_missing_data": "breaching",
        "actions_enabled": True,
        "alarm_actions": [TOPIC],
        "ok_actions": [TOPIC],
    },
}
#: Left out where they are not planned.
OPTIONAL = {
    SCHEDULE: ("description", "start_date", "end_date"),
    ALARM: ("alarm_description", "datapoints_to_alarm", "alarm_actions", "ok_actions"),
}
#: Address and argument to another value, and what is said of it.
CHANGES: list[tuple[str, str, Any, str]] = [
    (GROUP, "tags", {"Team": "ml"}, "tags"),
    (SCHEDULE, "description", "Trains.", "description"),
    (SCHEDULE, "schedule_expression", "rate(1 day)", "expression"),
    (SCHEDULE, "schedule_expression_timezone", "UTC", "time zone"),
    (SCHEDULE, "state", "ENABLED", "state"),
    (SCHEDULE, "start_date", "2100-01-01T00:00:01Z", "start"),
    (SCHEDULE, "end_date", "2101-01-01T00:00:01Z", "end"),
    (
        SCHEDULE,
        "flexible_time_window",
        [{"mode": "OFF", "maximum_window_in_minutes": None}],
        "flexible window",
    ),
    *(
        (SCHEDULE, "target", [RESOURCES[SCHEDULE]["target"][0] | changes], what)
        for changes, what in (
            ({"arn": f"{PIPELINE_ARN}-2"}, "target ARN"),
            ({"role_arn": PIPELINE_ROLE}, "target role"),
            (
                {"sagemaker_pipeline_parameters": [{"pipeline_parameter": PARAMETERS[:1]}]},
                "pipeline parameters",
            ),
            (
                {
                    "retry_policy": [
                        {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60}
                    ]
                },
                "retries",
            ),
            ({"dead_letter_config": []}, "dead-letter queue"),
        )
    ),
    (TRIGGER, "dead_letter_config", [], "dead-letter queue"),
    (TRIGGER, "sagemaker_pipeline_target", [], "pipeline parameters"),
    (ALARM, "alarm_description", "Other.", "description"),
    (ALARM, "namespace", "AWS/Events", "namespace"),
    (ALARM, "metric_name", "ExecutionFailed", "metric_name"),
    (ALARM, "dimensions", {"PipelineName": "other"}, "dimensions"),
    (ALARM, "statistic", "Maximum", "statistic"),
    (ALARM, "unit", "Count", "unit"),
    (ALARM, "period", 60, "period"),
    (ALARM, "evaluation_periods", 1, "evaluation_periods"),
    (ALARM, "datapoints_to_alarm", 1, "datapoints_to_alarm"),
    (ALARM, "comparison_operator", "GreaterThanThreshold", "comparison_operator"),
    (ALARM, "threshold", 0, "threshold"),
    (ALARM, "treat_missing_data", "missing", "treat_missing_data"),
    (ALARM, "actions_enabled", False, "actions_enabled"),
    (ALARM, "alarm_actions", [], "alarm_actions"),
    (ALARM, "ok_actions", [], "ok_actions"),
    (ALARM, "insufficient_data_actions", [TOPIC], "insufficient_data_actions"),
    (ALARM, "tags", {"Team": "ml"}, "tags"),
]


def plan(resources: dict[str, dict[str, Any]], outputs: dict[str, Any]) -> Plan:
    """A plan that creates these."""
    changes = [
        {
            "address": address,
            "type": address.partition(".")[0],
            "mode": "managed",
            "change": {"actions": ["create"], "after": after},
        }
        for address, after in resources.items()
    ]
    values = {name: {"value": value} for name, value in outputs.items()}
    return Plan({"resource_changes": changes, "planned_values": {"outputs": values}})


@pytest.fixture
def aws(double: EmulatedAWS) -> EmulatedAWS:
    double.reset()
    return double


def make(aws: EmulatedAWS, resources: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Make them, with roles that are brought; gives what was planned."""
    services = ["sagemaker", "events", "scheduler"]
    principal = {"Service": [f"{service}.amazonaws.com" for service in services]}
    documents = {
        "assume_role_policy": policy(Action="sts:AssumeRole", Principal=principal),
        "policy": policy(Action="*", Resource="*"),
    }
    roles = {f"training_{kind}": documents for kind in ("job", "pipeline", "schedule")}
    made = plan(resources, {"role_policies": roles})
    planned.create(made, aws)
    return {
        address: arguments
        for address, arguments in made.resources.items()
        if address in (GROUP, SCHEDULE, ALARM, TRIGGER)
    }


def test_schedules_triggers_and_alarms_are_made_as_planned(aws: EmulatedAWS) -> None:
    resources = make(aws, RESOURCES)
    assert verification.differences(resources, aws.client) == []
    for address, argument, value, said in CHANGES:
        other = {address: resources[address] | {argument: value}}
        found = verification.differences(other, aws.client)
        assert [what for what, _, _ in found] == [f"{address}: {said}"]


def test_optional_arguments_are_left_out(aws: EmulatedAWS) -> None:
    resources = copy.deepcopy(RESOURCES)
    for address, names in OPTIONAL.items():
        for name in names:
            resources[address][name] = None
    (schedule,) = resources[SCHEDULE]["target"]
    schedule |= {"dead_letter_config": [], "sagemaker_pipeline_parameters": []}
    off = {"mode": "OFF", "maximum_window_in_minutes": None}
    resources[SCHEDULE]["flexible_time_window"] = [off]
    resources[TRIGGER] |= {"dead_letter_config": [], "sagemaker_pipeline_target": []}
    assert verification.differences(make(aws, resources), aws.client) == []


@pytest.mark.parametrize("start", [TRIGGER, SCHEDULE])
def test_the_role_that_starts_a_pipeline_is_found(aws: EmulatedAWS, start: str) -> None:
    make(aws, {address: arguments for address, arguments in RESOURCES.items() if address != start})
    names = [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]]
    assert sorted(names) == ["ml-platform-staging-training-job", "pipeline", "scheduler"]


def test_policies_of_a_topic_that_two_outputs_ask_for() -> None:
    def statement(sid: str, arn: str) -> dict[str, str]:
        return {"Sid": sid, "Resource": arn}

    outputs = dict.fromkeys(planned.STATEMENTS, None) | {
        "notification_topic_policy_statement": statement("Notify", TOPIC),
        "alarm_topic_policy_statements": [statement("Alarm", TOPIC), statement("Other", QUEUE)],
    }
    policies = planned.queue_and_topic_policies(plan({}, outputs))
    sids = {
        arn: [one["Sid"] for one in json.loads(document)["Statement"]]
        for arn, document in policies.items()
    }
    assert sids == {TOPIC: ["Notify", "Alarm"], QUEUE: ["Other"]}
