"""What a module call plans, in the words of the tests: each pipeline with its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform.plan import Plan


def module_view(plan: Plan) -> dict[str, Any]:
    """A module call as nested dicts, for JMESPath.

    Args:
        plan: of the call alone, as of :meth:`Plan.call`.

    Returns:
        For each pipeline: ``pipeline``, ``rule``, ``target``, ``job_role``, ``pipeline_role``,
        ``schedule_role`` (the resources' arguments), ``step`` and its ``arguments``, ``parameters``
        (name to default), ``job``, ``run`` and ``start`` (the statements of the three roles by
        Sid), ``additional`` (policies by name), ``managed`` (policy ARNs); ``notifications`` with
        ``rule`` and ``target``; ``group``, ``schedules``, ``triggers`` (each with ``rule`` and
        ``target``) and ``alarms``, by key.

    """
    resources = plan.resources

    def get(kind: str, key: str) -> Mapping[str, Any]:
        return resources.get(f'{kind}["{key}"]', {})

    def statements(kind: str, key: str) -> dict[str, Any]:
        policy = get(f"aws_iam_role_policy.{kind}", key).get("policy", {"Statement": []})
        return {statement["Sid"]: statement for statement in policy["Statement"]}

    def of_pipeline(kind: str, key: str) -> list[Mapping[str, Any]]:
        prefix = f'{kind}["{key}/'
        return [arguments for address, arguments in resources.items() if address.startswith(prefix)]

    def by_key(kind: str) -> dict[str, Mapping[str, Any]]:
        return {
            address.removeprefix(f'{kind}["').removesuffix('"]'): arguments
            for address, arguments in resources.items()
            if address.startswith(f'{kind}["')
        }

    view: dict[str, Any] = {
        "notifications": {
            "rule": get("aws_cloudwatch_event_rule.notifications", "executions"),
            "target": get("aws_cloudwatch_event_target.notifications", "executions"),
        },
        "group": get("aws_scheduler_schedule_group.this", "schedules"),
        "schedules": by_key("aws_scheduler_schedule.this"),
        "triggers": {
            name: {
                "rule": rule,
                "target": get("aws_cloudwatch_event_target.schedule", f"triggers.{name}"),
            }
            for name, rule in by_key("aws_cloudwatch_event_rule.trigger").items()
        },
        "alarms": by_key("aws_cloudwatch_metric_alarm.this"),
    }
    for key in {"training": 0, "processing": 0} | by_key("aws_sagemaker_pipeline.this"):
        pipeline = get("aws_sagemaker_pipeline.this", key)
        definition = pipeline.get("pipeline_definition", {"Parameters": [], "Steps": [{}]})
        view[key] = {
            "pipeline": pipeline,
            "step": definition["Steps"][0],
            "arguments": definition["Steps"][0].get("Arguments", {}),
            "parameters": {
                item["Name"]: item.get("DefaultValue") for item in definition.get("Parameters", [])
            },
            "rule": get("aws_cloudwatch_event_rule.schedule", key),
            "target": get("aws_cloudwatch_event_target.schedule", key),
            "job_role": get("aws_iam_role.job", key),
            "pipeline_role": get("aws_iam_role.pipeline", key),
            "schedule_role": get("aws_iam_role.schedule", key),
            "job": statements("job", key),
            "run": statements("pipeline", key),
            "start": statements("schedule", key),
            "additional": {
                policy["name"]: policy["policy"]
                for policy in of_pipeline("aws_iam_role_policy.additional", key)
            },
            "managed": [
                item["policy_arn"]
                for item in of_pipeline("aws_iam_role_policy_attachment.managed", key)
            ],
        }
    return view
