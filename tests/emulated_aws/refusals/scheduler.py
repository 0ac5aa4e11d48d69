"""EventBridge Scheduler: schedules and their groups.

Documented: a flexible window has a length (scheduler/latest/UserGuide/managing-schedule-flexible-
time-windows.html); start and end do not count for a single moment (botocore's model); only a
standard queue takes dead letters (configuring-schedule-dlq.html); deleting a group deletes its
schedules. Seen in public: the words about expressions, time zones, roles and early starts.

Assumed: the other words; that an update is held against the same rules as a creation, so a start
that has passed has to go; that a moment that has passed is taken; that a pipeline and its schedule
are of one account. Time zones are those of zoneinfo. The time is the real one, not the runtime's.
"""

from __future__ import annotations

import functools
import time
import zoneinfo
from collections.abc import Mapping
from typing import Any

from emulated_aws import schedule
from emulated_aws.refusals import Check, Created, Refused, held, targets
from emulated_aws.wire import Request

EARLIEST_START = 5 * 60
"""Seconds that the start of a recurring schedule may lie back."""


def _create_schedule(request: Request) -> None:
    _check_schedule(request)
    body = request.body
    group = body.get("GroupName", "default")
    if held.schedule_group(request, group) is None:
        raise _no_group(group)
    if held.schedule(request, group, body["Name"]):
        raise Refused("ConflictException", f"Schedule {body['Name']} already exists.", 409)


def _check_schedule(request: Request) -> None:
    body = request.body
    expression, zone = body["ScheduleExpression"], body.get("ScheduleExpressionTimezone", "UTC")
    if schedule.problem(expression, once=True):
        raise targets.invalid(f"Invalid Schedule Expression {expression}.")
    if zone not in _zones():
        raise targets.invalid(f"Invalid Schedule Expression Timezone {zone}.")
    if not expression.startswith("at("):
        _check_dates(body.get("StartDate"), body.get("EndDate"))
    _check_window(body["FlexibleTimeWindow"])
    _check_target(body["Target"], request.region, f"schedule {body['Name']}")


@functools.cache
def _zones() -> set[str]:
    return zoneinfo.available_timezones()


def _check_dates(start: float | None, end: float | None) -> None:
    if start is not None and start < time.time() - EARLIEST_START:
        raise targets.invalid("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if end is not None and end <= time.time():
        raise targets.invalid("The EndDate you specify cannot be in the past.")
    if start is not None and end is not None and start >= end:
        raise targets.invalid("The StartDate you specify must be before the EndDate.")


def _check_window(window: Mapping[str, Any]) -> None:
    has_length = window.get("MaximumWindowInMinutes") is not None
    if window["Mode"] == "FLEXIBLE" and not has_length:
        raise targets.invalid("MaximumWindowInMinutes is required when the Mode is FLEXIBLE.")
    if window["Mode"] == "OFF" and has_length:
        raise targets.invalid("MaximumWindowInMinutes is not allowed when the Mode is OFF.")


def _check_target(target: Mapping[str, Any], region: str, name: str) -> None:
    arn, role = target["Arn"], target["RoleArn"]
    targets.check_form(arn)
    _, _, service, there, account, _ = arn.split(":", 5)
    is_universal = (service, there, account) == ("scheduler", "", "")
    if not is_universal and not targets.is_in(arn, region):
        raise targets.invalid(f"Target {arn} must be in {region}.")
    if service == "sagemaker" and not held.is_of_account(arn):
        raise targets.invalid(f"Target {arn} must be of the account of the schedule.")
    targets.check_pipeline_parameters(target, name)
    targets.check_dead_letters(target, region, name)
    if not held.is_role_of_account(role, region):
        raise Refused("AccessDeniedException", "Cross-account pass role is not allowed.", 403)
    if not held.lets_in(role, "scheduler.amazonaws.com"):
        raise targets.invalid(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        )


def _create_group(request: Request) -> None:
    name = request.body["Name"]
    if held.schedule_group(request, name):
        raise Refused("ConflictException", f"Schedule group {name} already exists.", 409)


def _delete_group(request: Request) -> None:
    name = request.body["Name"]
    if name == "default":
        raise targets.invalid("The default schedule group cannot be deleted.")
    if held.schedule_group(request, name) is None:
        raise _no_group(name)


def _existing_tagged(request: Request) -> None:
    name = request.body["ResourceArn"].rpartition("/")[2]
    if held.schedule_group(request, name) is None:
        raise _no_group(name)


def _no_group(name: str) -> Refused:
    return Refused("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)


CHECKS: Mapping[str, Check] = {
    "CreateSchedule": _create_schedule,
    "UpdateSchedule": _check_schedule,
    "CreateScheduleGroup": _create_group,
    "DeleteScheduleGroup": _delete_group,
    "TagResource": _existing_tagged,
    "UntagResource": _existing_tagged,
    "ListTagsForResource": _existing_tagged,
}


def _created_schedule(request: Request) -> tuple[object, dict[str, Any]] | None:
    found = held.schedule(request, request.body.get("GroupName", "default"), request.body["Name"])
    return (found, {"ScheduleArn": found.arn}) if found else None


def _created_group(request: Request) -> tuple[object, dict[str, Any]] | None:
    found = held.schedule_group(request, request.body["Name"])
    return (found, {"ScheduleGroupArn": found.arn}) if found else None


CREATED: Mapping[str, Created] = {
    "CreateSchedule": _created_schedule,
    "CreateScheduleGroup": _created_group,
}
