"""What AWS does otherwise than moto with a request that both take.

Tags: moto keeps those of what is deleted, and gives them to whatever gets its name later; and it
takes new ones of an alarm that exists from PutMetricAlarm, where AWS ignores them. The state of an
alarm: a new one has none yet, and an update leaves it as it is. Schedules: what is left out gets
its default, also in an update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.utils import make_arn_for_alarm
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.scheduler.models import ScheduleGroup, scheduler_backends

from emulated_aws.refusals import held
from emulated_aws.wire import Request

_STATE = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")


def correction(request: Request) -> AbstractContextManager[None]:
    """A context in which moto carries out a request, and does as AWS does."""
    correct = _CORRECTIONS.get((request.service, request.operation))
    return correct(request) if correct else nullcontext()


@contextmanager
def _put_alarm(request: Request) -> Iterator[None]:
    backend = cloudwatch_backends[DEFAULT_ACCOUNT_ID][request.region]
    name = request.body["AlarmName"]
    arn = make_arn_for_alarm(request.region, DEFAULT_ACCOUNT_ID, name)
    before = backend.alarms.get(name)
    if before is None:
        backend.tagger.delete_all_tags_for_resource(arn)
    tags = dict(backend.tagger.tags.get(arn, {}))
    try:
        yield
    finally:
        after = backend.alarms.get(name)
        if before is None and after is not None:
            after.state_value = "INSUFFICIENT_DATA"
        elif after is not before:
            for attribute in _STATE:
                setattr(after, attribute, getattr(before, attribute))
            backend.tagger.tags[arn] = tags


@contextmanager
def _create_group(request: Request) -> Iterator[None]:
    group = ScheduleGroup(request.region, DEFAULT_ACCOUNT_ID, request.body["Name"])
    backend = scheduler_backends[DEFAULT_ACCOUNT_ID][request.region]
    backend.tagger.delete_all_tags_for_resource(group.arn)
    yield


@contextmanager
def _put_schedule(request: Request) -> Iterator[None]:
    body = request.body
    group, name = body.get("GroupName", "default"), body["Name"]
    before = held.schedule(request, group, name)
    modified = before.last_modified_date if before else None
    try:
        yield
    finally:
        after = held.schedule(request, group, name)
        if after and after.last_modified_date != modified:
            after.state = body.get("State", "ENABLED")
            after.action_after_completion = body.get("ActionAfterCompletion", "NONE")


_CORRECTIONS: Mapping[tuple[str, str], Callable[[Request], AbstractContextManager[None]]] = {
    ("cloudwatch", "PutMetricAlarm"): _put_alarm,
    ("scheduler", "CreateScheduleGroup"): _create_group,
    ("scheduler", "CreateSchedule"): _put_schedule,
    ("scheduler", "UpdateSchedule"): _put_schedule,
}
