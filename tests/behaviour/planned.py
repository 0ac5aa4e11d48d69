"""Makes in emulated AWS what a plan would. An apply of many calls would take minutes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from emulated_aws.emulator import EmulatedAWS

Arguments = Mapping[str, Any]
Client = Callable[[str], Any]


def create(resources: Mapping[str, Arguments], aws: EmulatedAWS) -> None:
    """Create the resources of one call of the module.

    Args:
        resources: address to planned arguments, as :attr:`terraform.plan.Plan.resources`.
        aws: where to.

    Raises:
        botocore.exceptions.ClientError: AWS refuses one.
        KeyError: a resource of a type that nothing here knows.

    """
    by_type: dict[str, list[tuple[str, Arguments]]] = {kind: [] for kind in _TYPES}
    for address, arguments in resources.items():
        kind = next(part for part in address.split(".") if part.startswith("aws_"))
        by_type[kind].append((address, arguments))
    for kind, found in by_type.items():
        for address, arguments in found:
            _TYPES[kind](address, arguments, aws.client)


def _role(_: str, planned: Arguments, client: Client) -> None:
    optional = {"PermissionsBoundary": planned.get("permissions_boundary") or None}
    client("iam").create_role(
        RoleName=planned["name"],
        Path=planned["path"],
        AssumeRolePolicyDocument=json.dumps(planned["assume_role_policy"]),
        **{name: value for name, value in optional.items() if value},
    )


def _role_policy(address: str, planned: Arguments, client: Client) -> None:
    client("iam").put_role_policy(
        RoleName=_role_of(address, planned, client),
        PolicyName=planned["name"],
        PolicyDocument=json.dumps(planned["policy"]),
    )


def _attachment(address: str, planned: Arguments, client: Client) -> None:
    client("iam").attach_role_policy(
        RoleName=_role_of(address, planned, client), PolicyArn=planned["policy_arn"]
    )


def _role_of(address: str, planned: Arguments, client: Client) -> str:
    """The name of a role that is unknown at plan: that of the job of the same pipeline."""
    if "role" in planned:
        return str(planned["role"])
    pipeline = address.rpartition('["')[2].partition("/")[0]
    names = [role["RoleName"] for role in client("iam").list_roles()["Roles"]]
    (found,) = (name for name in names if f"{pipeline}-job" in name)
    return str(found)


def _pipeline(_: str, planned: Arguments, client: Client) -> None:
    client("sagemaker").create_pipeline(
        PipelineName=planned["pipeline_name"],
        PipelineDisplayName=planned["pipeline_display_name"],
        PipelineDefinition=json.dumps(planned["pipeline_definition"]),
        RoleArn=planned["role_arn"],
        ClientRequestToken="0" * 32,
    )


def _rule(_: str, planned: Arguments, client: Client) -> None:
    pattern = planned.get("event_pattern")
    when = (
        {"EventPattern": json.dumps(pattern)}
        if pattern
        else {"ScheduleExpression": planned["schedule_expression"]}
    )
    client("events").put_rule(Name=planned["name"], State=planned.get("state", "ENABLED"), **when)


def _target(_: str, planned: Arguments, client: Client) -> None:
    retry = planned["retry_policy"][0]
    target = {
        "Id": planned["target_id"],
        "Arn": planned["arn"],
        "RetryPolicy": {
            "MaximumRetryAttempts": retry["maximum_retry_attempts"],
            "MaximumEventAgeInSeconds": retry["maximum_event_age_in_seconds"],
        },
    }
    if planned.get("role_arn"):
        target["RoleArn"] = planned["role_arn"]
    for letters in planned.get("dead_letter_config", []):
        target["DeadLetterConfig"] = {"Arn": letters["arn"]}
    for pipeline in planned.get("sagemaker_pipeline_target", []):
        target["SageMakerPipelineParameters"] = {
            "PipelineParameterList": [
                {"Name": item["name"], "Value": item["value"]}
                for item in pipeline["pipeline_parameter_list"]
            ]
        }
    for transformer in planned.get("input_transformer", []):
        target["InputTransformer"] = {
            "InputPathsMap": transformer["input_paths"],
            "InputTemplate": transformer["input_template"],
        }
    client("events").put_targets(Rule=planned["rule"], Targets=[target])


_TYPES: dict[str, Callable[[str, Arguments, Client], None]] = {
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_role_policy_attachment": _attachment,
    "aws_sagemaker_pipeline": _pipeline,
    "aws_cloudwatch_event_rule": _rule,
    "aws_cloudwatch_event_target": _target,
}
