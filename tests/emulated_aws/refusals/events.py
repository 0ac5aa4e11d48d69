"""EventBridge: schedules, patterns, roles, inputs and dead-letter queues of targets.

Documented (eventbridge/latest/userguide/eb-service-cross-account.html): targets of another account
need a role of the rule's own account and have to be in its region; event buses may be in another
one (eb-cross-region.html). A dead-letter queue is in the region of the rule, in any account
(eb-rule-dlq.html). Assumed: that PutTargets looks at regions of every other target, and its words.

One thing is stricter than AWS: a pipeline parameter that begins with $ and is no JSON path of the
documented kind (eb-targets.html: names, array indexes, *) is refused; AWS finds out at run time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import events_backends

from emulated_aws import schedule
from emulated_aws.refusals import Check, Refused, held, patterns, targets
from emulated_aws.runtime import account
from emulated_aws.wire import Request

TARGETS_OF_A_RULE = 5

_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
_PATH = re.compile(r"\$(\.([\w-]+|\*)(\[(\d+|\*)\])*)*", re.ASCII)


def _put_rule(request: Request) -> None:
    expression = request.body.get("ScheduleExpression", "")
    if expression and schedule.problem(expression):
        raise targets.invalid("Parameter ScheduleExpression is not valid.")
    pattern = request.body.get("EventPattern")
    if pattern is not None:
        patterns.check(pattern)


def _put_targets(request: Request) -> None:
    given = request.body.get("Targets", [])
    for target in given:
        name = f"target {target['Id']}"
        _check_place(target["Arn"], request.region)
        _check_role(target, request.region)
        targets.check_pipeline_parameters(target, name)
        _check_paths(target, name)
        _check_input(target, name)
        targets.check_dead_letters(target, request.region, name)
    _check_number(request, given)


def _check_place(arn: str, region: str) -> None:
    targets.check_form(arn)
    if not targets.is_in(arn, region) and ":event-bus/" not in arn:
        raise targets.invalid(f"Target {arn} must be in {region}.")


def _check_role(target: Mapping[str, Any], region: str) -> None:
    arn, role = target["Arn"], target.get("RoleArn")
    if not role and (":sagemaker:" in arn or not held.is_of_account(arn)):
        raise targets.invalid(f"RoleArn is required for target {arn}.")
    if not role:
        return
    if not held.is_role_of_account(role, region):
        raise Refused("AccessDeniedException", "Cross-account pass role is not allowed.")
    if not held.lets_in(role, "events.amazonaws.com"):
        raise targets.invalid(
            f"Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
        )


def _check_paths(target: Mapping[str, Any], name: str) -> None:
    for parameter, value in account.parameters(target).items():
        if value.startswith("$") and not _PATH.fullmatch(value):
            raise targets.invalid(
                f"Parameter {parameter} of {name} is no JSON path that EventBridge "
                f"supports: {value}"
            )


def _check_input(target: Mapping[str, Any], name: str) -> None:
    transformer = target.get("InputTransformer", {})
    paths = transformer.get("InputPathsMap", {})
    for placeholder in _PLACEHOLDER.findall(transformer.get("InputTemplate", "")):
        if placeholder not in paths and not placeholder.startswith("aws.events."):
            raise targets.invalid(
                f"InputTemplate for {name} contains placeholder {placeholder} "
                "that is not defined in InputPathsMap."
            )


def _check_number(request: Request, given: list[Mapping[str, Any]]) -> None:
    buses = events_backends[DEFAULT_ACCOUNT_ID][request.region].event_buses
    bus = buses.get(request.body.get("EventBusName", "default").rpartition("/")[2])
    rule = bus.rules.get(request.body["Rule"]) if bus else None
    there = {target["Id"] for target in rule.targets} if rule else set()
    if len(there | {target["Id"] for target in given}) > TARGETS_OF_A_RULE:
        raise Refused(
            "LimitExceededException",
            "The requested resource exceeds the maximum number allowed.",
        )


CHECKS: Mapping[str, Check] = {"PutRule": _put_rule, "PutTargets": _put_targets}
