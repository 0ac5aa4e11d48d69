"""What AWS holds against what was planned, read through boto3 and not through the provider.

The same code looks at emulated AWS and at a real account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
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
        yield "target ARN", target["Arn"], planned["arn"]
        yield "target role", target.get("RoleArn"), planned.get("role_arn")
        parameters = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
        yield (
            "pipeline parameters",
            {parameter["Name"]: parameter["Value"] for parameter in parameters},
            {
                parameter["name"]: parameter["value"]
                for block in planned["sagemaker_pipeline_target"]
                for parameter in block["pipeline_parameter_list"]
            },
        )
        yield (
            "retries",
            target.get("RetryPolicy"),
            {
                "MaximumRetryAttempts": planned["retry_policy"][0]["maximum_retry_attempts"],
                "MaximumEventAgeInSeconds": planned["retry_policy"][0][
                    "maximum_event_age_in_seconds"
                ],
            },
        )
        yield (
            "dead-letter queue",
            target.get("DeadLetterConfig", {}).get("Arn"),
            next((block["arn"] for block in planned["dead_letter_config"]), None),
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


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


_LOOKS: Mapping[str, Callable[[Mapping[str, Any], Client], Iterator[Difference]]] = {
    "aws_sagemaker_pipeline": _pipeline,
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_role_policy_attachment": _attachment,
    "aws_cloudwatch_event_rule": _rule,
    "aws_cloudwatch_event_target": _target,
}
