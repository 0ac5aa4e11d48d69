"""What AWS holds against what was planned, read through boto3 and not through the provider.

The same code looks at emulated AWS and at a real account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

#: Makes a boto3 client for a service.
Client = Callable[[str], Any]

#: One thing that is not as planned: where, what AWS holds, what was planned.
Difference = tuple[str, Any, Any]


def differences(resources: Mapping[str, Mapping[str, Any]], client: Client) -> list[Difference]:
    """Everything that AWS does not hold as planned; empty when all is there.

    Args:
        resources: address to planned arguments, as :attr:`terraform.plan.Plan.resources`.
        client: makes boto3 clients of the account and region.

    Raises:
        botocore.exceptions.ClientError: a resource does not exist.
        KeyError: a resource of a type that nothing here knows how to look at.

    """
    return [
        (f"{address}: {what}", held, planned)
        for address, arguments in resources.items()
        for what, held, planned in _LOOKS[_type(address)](arguments, client)
        if held != planned
    ]


def pages(client: Any, operation: str, key: str, **arguments: Any) -> list[Any]:
    """The items of all pages of an operation that lists."""
    listed = client.get_paginator(operation).paginate(**arguments)
    return [item for page in listed for item in page.get(key, [])]


def _type(address: str) -> str:
    return next(part for part in address.split(".") if part.startswith("aws_"))


def _pipeline(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    sagemaker = client("sagemaker")
    held = sagemaker.describe_pipeline(PipelineName=planned["pipeline_name"])
    yield "status", held["PipelineStatus"], "Active"
    yield "display name", held["PipelineDisplayName"], planned["pipeline_display_name"]
    yield "description", held["PipelineDescription"], planned["pipeline_description"]
    yield "definition", json.loads(held["PipelineDefinition"]), planned["pipeline_definition"]
    yield "role", held["RoleArn"], planned["role_arn"]
    yield (
        "parallelism",
        held["ParallelismConfiguration"]["MaxParallelExecutionSteps"],
        planned["parallelism_configuration"][0]["max_parallel_execution_steps"],
    )
    tags = sagemaker.list_tags(ResourceArn=held["PipelineArn"])["Tags"]
    yield "tags", _tags(tags), planned.get("tags", {})


def _role(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    held = client("iam").get_role(RoleName=planned["name"])["Role"]
    yield "path", held["Path"], planned["path"]
    yield "trust", held["AssumeRolePolicyDocument"], planned["assume_role_policy"]
    yield (
        "permissions boundary",
        held.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        planned.get("permissions_boundary") or None,
    )
    yield "tags", _tags(held.get("Tags", [])), planned.get("tags", {})


def _role_policy(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    held = client("iam").get_role_policy(RoleName=planned["role"], PolicyName=planned["name"])
    yield "policy", held["PolicyDocument"], planned["policy"]


def _attachment(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    held = client("iam").list_attached_role_policies(RoleName=planned["role"])
    arns = [policy["PolicyArn"] for policy in held["AttachedPolicies"]]
    yield "attached policy", planned["policy_arn"] in arns, True


def _rule(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    events = client("events")
    held = events.describe_rule(Name=planned["name"])
    yield "state", held["State"], planned.get("state", "ENABLED")
    yield "expression", held.get("ScheduleExpression"), planned.get("schedule_expression") or None
    pattern = held.get("EventPattern")
    yield "pattern", json.loads(pattern) if pattern else None, planned.get("event_pattern")
    tags = events.list_tags_for_resource(ResourceARN=held["Arn"])["Tags"]
    yield "tags", _tags(tags), planned.get("tags", {})


def _target(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    held = client("events").list_targets_by_rule(Rule=planned["rule"])["Targets"]
    yield "target IDs", [target["Id"] for target in held], [planned["target_id"]]
    for target in held:
        yield from _start(
            target,
            planned,
            [
                parameter
                for block in planned["sagemaker_pipeline_target"]
                for parameter in block["pipeline_parameter_list"]
            ],
        )
        transformer = target.get("InputTransformer", {})
        yield (
            "message",
            (transformer.get("InputPathsMap"), transformer.get("InputTemplate")),
            next(
                (
                    (block["input_paths"], block["input_template"])
                    for block in planned["input_transformer"]
                ),
                (None, None),
            ),
        )


def _start(
    held: Mapping[str, Any], planned: Mapping[str, Any], parameters: list[dict[str, str]]
) -> Iterator[Difference]:
    """What the targets of rules and of schedules have in common."""
    yield "target ARN", held["Arn"], planned["arn"]
    yield "target role", held.get("RoleArn"), planned.get("role_arn")
    given = held.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    yield (
        "pipeline parameters",
        {parameter["Name"]: parameter["Value"] for parameter in given},
        {parameter["name"]: parameter["value"] for parameter in parameters},
    )
    yield (
        "retries",
        held.get("RetryPolicy"),
        {
            "MaximumRetryAttempts": planned["retry_policy"][0]["maximum_retry_attempts"],
            "MaximumEventAgeInSeconds": planned["retry_policy"][0]["maximum_event_age_in_seconds"],
        },
    )
    yield (
        "dead-letter queue",
        held.get("DeadLetterConfig", {}).get("Arn"),
        next((block["arn"] for block in planned["dead_letter_config"]), None),
    )


def _schedule_group(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    scheduler = client("scheduler")
    held = scheduler.get_schedule_group(Name=planned["name"])
    yield "state", held["State"], "ACTIVE"
    tags = scheduler.list_tags_for_resource(ResourceArn=held["Arn"])["Tags"]
    yield "tags", _tags(tags), planned.get("tags", {})


def _schedule(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    held = client("scheduler").get_schedule(GroupName=planned["group_name"], Name=planned["name"])
    yield "description", held.get("Description") or "", planned.get("description", "")
    yield "expression", held["ScheduleExpression"], planned["schedule_expression"]
    zone = planned["schedule_expression_timezone"]
    yield "time zone", held["ScheduleExpressionTimezone"], zone
    yield "state", held["State"], planned["state"]
    yield "start", held.get("StartDate"), _time(planned.get("start_date"))
    yield "end", held.get("EndDate"), _time(planned.get("end_date"))
    for window in planned["flexible_time_window"]:
        minutes = window["maximum_window_in_minutes"] or None  # 0 once it is applied
        yield (
            "flexible window",
            (held["FlexibleTimeWindow"]["Mode"], held["FlexibleTimeWindow"].get(_MINUTES)),
            (window["mode"], minutes),
        )
    for target in planned["target"]:
        yield from _start(
            held["Target"],
            target,
            [
                parameter
                for block in target["sagemaker_pipeline_parameters"]
                for parameter in block["pipeline_parameter"]
            ],
        )


def _alarm(planned: Mapping[str, Any], client: Client) -> Iterator[Difference]:
    cloudwatch = client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=[planned["alarm_name"]])["MetricAlarms"]
    yield "alarms of this name", len(alarms), 1
    for held in alarms:
        for member, argument in _ALARM.items():
            yield argument, held.get(member), planned.get(argument)
        # 0 and "" once it is applied
        needed = planned.get("datapoints_to_alarm") or None
        yield "datapoints_to_alarm", held.get("DatapointsToAlarm"), needed
        yield "unit", held.get("Unit"), planned.get("unit") or None
        yield "description", held.get("AlarmDescription", ""), planned.get("alarm_description", "")
        dimensions = {item["Name"]: item["Value"] for item in held["Dimensions"]}
        yield "dimensions", dimensions, planned.get("dimensions", {})
        for member, argument in _ACTIONS.items():
            yield argument, sorted(held[member]), sorted(planned.get(argument, []))
        tags = cloudwatch.list_tags_for_resource(ResourceARN=held["AlarmArn"])["Tags"]
        yield "tags", _tags(tags), planned.get("tags", {})


#: Members of an alarm that AWS holds to arguments.
_ALARM = {
    "Namespace": "namespace",
    "MetricName": "metric_name",
    "Statistic": "statistic",
    "Period": "period",
    "EvaluationPeriods": "evaluation_periods",
    "ComparisonOperator": "comparison_operator",
    "Threshold": "threshold",
    "TreatMissingData": "treat_missing_data",
    "ActionsEnabled": "actions_enabled",
}
_ACTIONS = {
    "AlarmActions": "alarm_actions",
    "OKActions": "ok_actions",
    "InsufficientDataActions": "insufficient_data_actions",
}
_MINUTES = "MaximumWindowInMinutes"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


_LOOKS: Mapping[str, Callable[[Mapping[str, Any], Client], Iterator[Difference]]] = {
    "aws_sagemaker_pipeline": _pipeline,
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_role_policy_attachment": _attachment,
    "aws_cloudwatch_event_rule": _rule,
    "aws_cloudwatch_event_target": _target,
    "aws_scheduler_schedule_group": _schedule_group,
    "aws_scheduler_schedule": _schedule,
    "aws_cloudwatch_metric_alarm": _alarm,
}
