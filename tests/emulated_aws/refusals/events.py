"""EventBridge: schedules, roles, inputs and dead-letter queues of targets.

Documented (eventbridge/latest/userguide/eb-service-cross-account.html): targets of another account
need a role of the rule's own account and have to be in its region; event buses may be in another
one (eb-cross-region.html). A dead-letter queue is in the region of the rule, in any account
(eb-rule-dlq.html). Assumed: that PutTargets looks at regions of every other target, and its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import events_backends
from moto.utilities.utils import get_partition

from emulated_aws import schedule
from emulated_aws.refusals import Check, Refused, held
from emulated_aws.wire import Request

TARGETS_OF_A_RULE = 5

_QUEUE = re.compile(r"arn:[^:]+:sqs:[^:]+:\d{12}:(?P<name>[\w-]+(\.fifo)?)", re.ASCII)
_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")


def _put_rule(request: Request) -> None:
    expression = request.body.get("ScheduleExpression", "")
    if expression and schedule.problem(expression):
        raise _invalid("Parameter ScheduleExpression is not valid.")
    pattern = request.body.get("EventPattern")
    if pattern is not None and pattern.strip() in ("", "{}"):
        raise Refused(
            "InvalidEventPatternException",
            "Event pattern is not valid. Reason: Empty event pattern is not allowed",
        )


def _put_targets(request: Request) -> None:
    targets = request.body.get("Targets", [])
    for target in targets:
        _check_place(target, request.region)
        _check_role(target, request.region)
        _check_pipeline_parameters(target)
        _check_input(target)
        _check_dead_letters(target, request.region)
    _check_number(request, targets)


def _check_place(target: Mapping[str, Any], region: str) -> None:
    arn = target["Arn"]
    if not re.match("arn(:[^:]*){5}", arn):
        raise _invalid(
            f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )
    if not _is_in(arn, region) and ":event-bus/" not in arn:
        raise _invalid(f"Target {arn} must be in {region}.")


def _is_in(arn: str, region: str) -> bool:
    partition, _, there = arn.split(":")[1:4]
    return (partition, there) == (get_partition(region), region)


def _check_role(target: Mapping[str, Any], region: str) -> None:
    arn, role = target["Arn"], target.get("RoleArn")
    own = arn.split(":")[4] == DEFAULT_ACCOUNT_ID
    if not role and (":sagemaker:" in arn or not own):
        raise _invalid(f"RoleArn is required for target {arn}.")
    if not role:
        return
    if not held.is_role_of_account(role, region):
        raise Refused("AccessDeniedException", "Cross-account pass role is not allowed.")
    if not held.lets_in(role, "events.amazonaws.com"):
        raise _invalid(
            f"Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
        )


def _check_pipeline_parameters(target: Mapping[str, Any]) -> None:
    parameters = target.get("SageMakerPipelineParameters", {})
    names = []
    for parameter in parameters.get("PipelineParameterList", []):
        names.append(parameter["Name"])
        if parameter["Value"] == "":
            raise _invalid(
                f"Parameter {parameter['Name']} of target {target['Id']} has an empty value."
            )
    if parameters and not re.search(r":sagemaker:.*:pipeline/", target["Arn"]):
        raise _invalid(f"SageMakerPipelineParameters is not supported for target {target['Arn']}.")
    if len(names) != len(set(names)):
        raise _invalid(f"Parameter names of target {target['Id']} are not unique: {names}.")


def _check_input(target: Mapping[str, Any]) -> None:
    transformer = target.get("InputTransformer", {})
    paths = transformer.get("InputPathsMap", {})
    for name in _PLACEHOLDER.findall(transformer.get("InputTemplate", "")):
        if name not in paths and not name.startswith("aws.events."):
            raise _invalid(
                f"InputTemplate for target {target['Id']} contains placeholder {name} "
                "that is not defined in InputPathsMap."
            )


def _check_dead_letters(target: Mapping[str, Any], region: str) -> None:
    arn = target.get("DeadLetterConfig", {}).get("Arn")
    if arn is None:
        return
    queue = _QUEUE.fullmatch(arn)
    if queue is None:
        raise _invalid(f"Parameter {arn} is not valid. Reason: it is not the ARN of an SQS queue.")
    if queue["name"].endswith(".fifo"):
        raise _invalid(
            f"Dead-letter queue {arn} of target {target['Id']} must be a standard queue."
        )
    if not _is_in(arn, region):
        raise _invalid(f"Dead-letter queue {arn} of target {target['Id']} must be in {region}.")


def _check_number(request: Request, targets: list[Mapping[str, Any]]) -> None:
    buses = events_backends[DEFAULT_ACCOUNT_ID][request.region].event_buses
    bus = buses.get(request.body.get("EventBusName", "default").rpartition("/")[2])
    rule = bus.rules.get(request.body["Rule"]) if bus else None
    there = {target["Id"] for target in rule.targets} if rule else set()
    if len(there | {target["Id"] for target in targets}) > TARGETS_OF_A_RULE:
        raise Refused(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        )


def _invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


CHECKS: Mapping[str, Check] = {"PutRule": _put_rule, "PutTargets": _put_targets}
