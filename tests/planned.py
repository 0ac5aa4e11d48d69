"""Makes in emulated AWS what a plan would. An apply of many calls would take minutes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from emulated_aws.emulator import EmulatedAWS
from terraform.plan import Plan

Arguments = dict[str, Any]
Client = Callable[[str], Any]

STATEMENTS = (
    "dead_letter_queue_policy_statement",
    "notification_topic_policy_statement",
    "alarm_topic_policy_statements",
)
#: Outputs that say what others have to make.
OUTPUTS = ("role_policies", *STATEMENTS)


def create(plan: Plan, aws: EmulatedAWS) -> None:
    """Create the resources of one call of the module, and the roles and policies that it is given.

    Brought roles get what the output role_policies says; managed policies, and roles that only
    definitions name, allow everything.

    Args:
        plan: of the call, with OUTPUTS.
        aws: where to.

    Raises:
        botocore.exceptions.ClientError: AWS refuses one.
        KeyError: a resource of a type that nothing here knows.

    """
    for arguments in plan.resources.values():
        for member in ("permissions_boundary", "policy_arn"):
            _managed_policy(arguments.get(member) or "", aws.client)
    _brought_roles(plan, aws.client)
    _other_roles(plan, aws.client)
    for kind, make in _TYPES.items():
        for address, arguments in plan.resources.items():
            if address.startswith(f"{kind}."):
                make(arguments | _unknown(address, plan), aws.client)


def queue_and_topic_policies(plan: Plan) -> dict[str, str]:
    """The policies that the outputs ask for, by the ARNs of the queue and the topics."""
    found: dict[str, list[Any]] = {}
    for name in STATEMENTS:
        asked = plan.outputs[name] or []  # a statement, a list of them, or null
        for statement in asked if isinstance(asked, list) else [asked]:
            found.setdefault(statement["Resource"], []).append(statement)
    return {arn: policy(*statements) for arn, statements in found.items()}


def policy(*statements: Any) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _unknown(address: str, plan: Plan) -> Arguments:
    """The role of an added policy, which is unknown at plan."""
    if "role" not in plan.unknown.get(address, ()):
        return {}
    pipeline = address.rpartition('["')[2].partition("/")[0]
    roles = (
        plan.resources.get(f'aws_iam_role.{kind}["{pipeline}"]') for kind in ("job", "pipeline")
    )
    return {"role": next(role["name"] for role in roles if role)}


def _managed_policy(arn: str, client: Client) -> None:
    """Those of AWS itself are not in emulated AWS, and attaching them does nothing there."""
    if not arn or ":iam::aws:" in arn:
        return
    existing = client("iam").list_policies(Scope="Local")["Policies"]
    if arn not in [policy["Arn"] for policy in existing]:
        path, _, name = arn.partition(":policy")[2].rpartition("/")
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        client("iam").create_policy(
            PolicyName=name, Path=f"{path}/", PolicyDocument=policy(statement)
        )


def _brought_roles(plan: Plan, client: Client) -> None:
    created = [
        values["name"]
        for address, values in plan.resources.items()
        if address.startswith("aws_iam_role.")
    ]
    for key, arn in _used_roles(plan).items():
        path, _, name = arn.partition(":role")[2].rpartition("/")
        if name in created:
            continue
        documents = plan.outputs["role_policies"][key]
        client("iam").create_role(
            RoleName=name,
            Path=f"{path}/",
            AssumeRolePolicyDocument=documents["assume_role_policy"],
        )
        client("iam").put_role_policy(
            RoleName=name, PolicyName="brought", PolicyDocument=documents["policy"]
        )


def _other_roles(plan: Plan, client: Client) -> None:
    """Those that definitions name and nothing else makes: their jobs' own."""
    planned = {
        f"{values.get('path') or '/'}{values['name']}"
        for address, values in plan.resources.items()
        if address.startswith("aws_iam_role.")
    }
    definitions = [values.get("pipeline_definition") for values in plan.resources.values()]
    held = {role["Path"] + role["RoleName"] for role in client("iam").list_roles()["Roles"]}
    for path in sorted(roles_of(definitions) - planned - held):
        make_role(path, client)


def roles_of(definitions: Any) -> set[str]:
    """The roles that definitions name, as :func:`make_role` takes them."""
    text = json.dumps(definitions)
    return set(re.findall(r"arn:aws:iam::\d{12}:role(/[\w+=,.@/-]+)", text))


def make_role(path: str, client: Client) -> None:
    """Make a role that may do everything, and that SageMaker may assume.

    Args:
        path: of the role with its name, such as "/ml/training".
        client: makes boto3 clients.
    """
    folder, _, name = path.rpartition("/")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    trusted = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
    }
    client("iam").create_role(
        RoleName=name, Path=f"{folder}/", AssumeRolePolicyDocument=policy(trusted)
    )
    client("iam").put_role_policy(
        RoleName=name, PolicyName="everything", PolicyDocument=policy(statement)
    )


def _used_roles(plan: Plan) -> dict[str, str]:
    """The key of role_arns to the ARN of every role that the resources name."""
    found, pipelines = {}, {}
    for address, arguments in plan.resources.items():
        if "pipeline_definition" in arguments:
            pipeline = address.rpartition('["')[2].partition('"')[0]
            found[f"{pipeline}_pipeline"] = arguments["role_arn"]
            if pipeline in ("training", "processing"):
                (step,) = arguments["pipeline_definition"]["Steps"]
                found[f"{pipeline}_job"] = step["Arguments"]["RoleArn"]
            pipelines[arguments["pipeline_name"]] = pipeline
    for arguments in plan.resources.values():
        # a target of a rule, or the one in a schedule; whatever it is called, it starts a pipeline
        for target in (arguments, *arguments.get("target", ())):
            name = target.get("arn", "").partition(":pipeline/")[2]
            if name in pipelines:
                found[f"{pipelines[name]}_schedule"] = target["role_arn"]
    return found


def _role(planned: Arguments, client: Client) -> None:
    client("iam").create_role(
        RoleName=planned["name"],
        Path=planned["path"],
        AssumeRolePolicyDocument=json.dumps(planned["assume_role_policy"]),
        **_present(PermissionsBoundary=planned.get("permissions_boundary")),
    )


def _role_policy(planned: Arguments, client: Client) -> None:
    client("iam").put_role_policy(
        RoleName=planned["role"],
        PolicyName=planned["name"],
        PolicyDocument=json.dumps(planned["policy"]),
    )


def _attachment(planned: Arguments, client: Client) -> None:
    if ":iam::aws:" in planned["policy_arn"]:
        return
    client("iam").attach_role_policy(RoleName=planned["role"], PolicyArn=planned["policy_arn"])


def _pipeline(planned: Arguments, client: Client) -> None:
    client("sagemaker").create_pipeline(
        PipelineName=planned["pipeline_name"],
        PipelineDisplayName=planned["pipeline_display_name"],
        PipelineDefinition=_definition(planned["pipeline_definition"]),
        RoleArn=planned["role_arn"],
        ClientRequestToken="0" * 32,
    )


def _definition(parsed: Any) -> str:
    """As the provider sends it: of what JSON need not escape, only line breaks are."""
    text = json.dumps(parsed, ensure_ascii=False)
    return re.sub("[\x85\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _rule(planned: Arguments, client: Client) -> None:
    pattern = planned.get("event_pattern")
    when = (
        {"EventPattern": json.dumps(pattern, separators=(",", ":"))}
        if pattern
        else {"ScheduleExpression": planned["schedule_expression"]}
    )
    client("events").put_rule(Name=planned["name"], State=planned.get("state", "ENABLED"), **when)


def _target(planned: Arguments, client: Client) -> None:
    parameters = [
        item
        for pipeline in planned.get("sagemaker_pipeline_target", [])
        for item in pipeline["pipeline_parameter_list"]
    ]
    target = {"Id": planned["target_id"], **_start(planned, parameters)}
    for transformer in planned.get("input_transformer", []):
        target["InputTransformer"] = {
            "InputPathsMap": transformer["input_paths"],
            "InputTemplate": transformer["input_template"],
        }
    client("events").put_targets(Rule=planned["rule"], Targets=[target])


def _start(target: Arguments, parameters: list[Arguments]) -> dict[str, Any]:
    """The members that the targets of rules and of schedules have in common."""
    retry = target["retry_policy"][0]
    letters = [{"Arn": block["arn"]} for block in target.get("dead_letter_config", [])]
    values = [{"Name": item["name"], "Value": item["value"]} for item in parameters]
    return _present(
        Arn=target["arn"],
        RoleArn=target.get("role_arn"),
        RetryPolicy={
            "MaximumRetryAttempts": retry["maximum_retry_attempts"],
            "MaximumEventAgeInSeconds": retry["maximum_event_age_in_seconds"],
        },
        DeadLetterConfig=next(iter(letters), None),
        SageMakerPipelineParameters={"PipelineParameterList": values} if values else None,
    )


def _schedule_group(planned: Arguments, client: Client) -> None:
    client("scheduler").create_schedule_group(Name=planned["name"])


def _schedule(planned: Arguments, client: Client) -> None:
    ((window,), (target,)) = planned["flexible_time_window"], planned["target"]
    parameters = [
        item
        for pipeline in target.get("sagemaker_pipeline_parameters", [])
        for item in pipeline["pipeline_parameter"]
    ]
    client("scheduler").create_schedule(
        Name=planned["name"],
        GroupName=planned["group_name"],
        ScheduleExpression=planned["schedule_expression"],
        ScheduleExpressionTimezone=planned["schedule_expression_timezone"],
        State=planned["state"],
        FlexibleTimeWindow=_present(
            Mode=window["mode"], MaximumWindowInMinutes=window["maximum_window_in_minutes"]
        ),
        Target=_start(target, parameters),
        **_present(
            Description=planned.get("description"),
            StartDate=planned.get("start_date"),
            EndDate=planned.get("end_date"),
        ),
    )


def _alarm(planned: Arguments, client: Client) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=planned["alarm_name"],
        Namespace=planned["namespace"],
        MetricName=planned["metric_name"],
        Dimensions=[
            {"Name": name, "Value": value} for name, value in planned["dimensions"].items()
        ],
        Statistic=planned["statistic"],
        Period=planned["period"],
        EvaluationPeriods=planned["evaluation_periods"],
        ComparisonOperator=planned["comparison_operator"],
        Threshold=planned["threshold"],
        TreatMissingData=planned["treat_missing_data"],
        ActionsEnabled=planned["actions_enabled"],
        **_present(
            AlarmDescription=planned.get("alarm_description"),
            DatapointsToAlarm=planned.get("datapoints_to_alarm"),
            AlarmActions=planned.get("alarm_actions"),
            OKActions=planned.get("ok_actions"),
        ),
    )


def _present(**members: Any) -> dict[str, Any]:
    """Without what is not planned."""
    return {name: value for name, value in members.items() if value}


_TYPES: dict[str, Callable[[Arguments, Client], None]] = {
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_role_policy_attachment": _attachment,
    "aws_sagemaker_pipeline": _pipeline,
    "aws_cloudwatch_event_rule": _rule,
    "aws_cloudwatch_event_target": _target,
    "aws_scheduler_schedule_group": _schedule_group,
    "aws_scheduler_schedule": _schedule,
    "aws_cloudwatch_metric_alarm": _alarm,
}
