"""EventBridge Scheduler: schedules in their time zones, and the pipelines that they start.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html says when,
managing-schedule-context-attributes.html what, configuring-schedule-dlq.html what if not.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from moto.scheduler.models import Schedule

from emulated_aws import schedule as expressions
from emulated_aws.runtime import account, metrics
from emulated_aws.runtime.authorization import Session
from emulated_aws.runtime.deliveries import Deliveries
from emulated_aws.runtime.records import Start
from emulated_aws.runtime.starts import Refusal, Starts
from emulated_aws.runtime.world import Wait, World

_KEYWORD = re.compile(r"<aws\.scheduler\.([a-z-]+)>")


def due(schedule: Schedule, after: datetime, first_seen: datetime) -> Iterator[datetime]:
    """When a schedule is due after ``after`` (exclusive): in UTC, in order.

    A rate counts from its start date, or from when it was first seen, and is due then, too. at()
    has no start and end dates.
    """
    expression = schedule.schedule_expression
    start, end = _date(schedule.start_date), _date(schedule.end_date)
    anchor = start or first_seen
    zone = ZoneInfo(schedule.schedule_expression_timezone)
    moments = expressions.starts(expression, after, zone=zone, anchor=anchor)
    if expression.startswith("at("):
        return moments
    if expression.startswith("rate(") and anchor > after:
        moments = itertools.chain([anchor], moments)
    if start:
        moments = itertools.dropwhile(lambda moment: moment < start, moments)
    if end:
        moments = itertools.takewhile(lambda moment: moment <= end, moments)
    return moments


def delay(schedule: Schedule) -> timedelta:
    """How long after it is due a schedule starts: the middle of its flexible window."""
    window = schedule.flexible_time_window
    if window["Mode"] == "OFF":
        return timedelta()
    return timedelta(minutes=window["MaximumWindowInMinutes"]) / 2


def is_enabled(schedule: Schedule) -> bool:
    """Whether it starts a pipeline."""
    return schedule.state != "DISABLED" and schedule.target["Arn"].split(":")[2] == "sagemaker"


def _date(value: Any) -> datetime | None:
    """A date as moto keeps it, in seconds since 1970."""
    return None if value is None else datetime.fromtimestamp(float(value), timezone.utc)


@dataclass
class Scheduler:
    """Starts pipelines by schedules; one with another target does nothing.

    Attributes:
        world: that they are in.
        starts: starts the pipelines.
        deliveries: sends dead letters.
    """

    world: World
    starts: Starts
    deliveries: Deliveries
    _first_seen: dict[tuple[Any, ...], datetime] = field(default_factory=dict)

    def plan(self, until: datetime) -> None:
        """Let schedules start pipelines from now to ``until``."""
        for schedule in account.schedules():
            self.world.clock.process(self._wait(schedule, until))

    def _wait(self, schedule: Schedule, until: datetime) -> Wait:
        clock, timing, later = self.world.clock, _timing(schedule), delay(schedule)
        first_seen = self._first_seen.setdefault(timing, clock.time)
        just_before = max(first_seen, clock.time - later) - timedelta(seconds=1)
        for moment in due(schedule, just_before, first_seen):
            if moment + later >= until:
                return
            yield clock.wait_until(moment + later)
            exists = any(other is schedule for other in account.schedules())
            if exists and is_enabled(schedule) and _timing(schedule) == timing:
                self.starts.begin(_ScheduleStart(self, schedule, moment))


def _timing(schedule: Schedule) -> tuple[Any, ...]:
    """What decides when it is due; who changes it, makes another schedule of it."""
    return (
        schedule.arn,
        schedule.schedule_expression,
        schedule.schedule_expression_timezone,
        schedule.start_date,
        schedule.end_date,
    )


@dataclass(frozen=True)
class _ScheduleStart:
    """A :class:`emulated_aws.runtime.starts.Source`."""

    scheduler: Scheduler
    schedule: Schedule
    scheduled: datetime

    @property
    def arn(self) -> str:
        return str(self.schedule.arn)

    @property
    def target(self) -> Mapping[str, Any]:
        return dict(self.schedule.target)

    def assume(self) -> Session:
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        prefix = self.arn.partition(":schedule/")[0]
        group_arn = f"{prefix}:schedule-group/{self.schedule.group_name}"
        authorization = self.scheduler.world.authorization
        return authorization.assume(self.target["RoleArn"], "scheduler", group_arn)

    def parameters(self, attempt: int) -> dict[str, str]:
        values = {
            "scheduled-time": self._time,
            "schedule-arn": self.arn,
            "execution-id": self._execution_id(attempt),
            "attempt-number": str(attempt),
        }
        return {
            name: _KEYWORD.sub(lambda word: values.get(word[1], word[0]), value)
            for name, value in account.parameters(self.target).items()
        }

    def tried(self, refusal: Refusal | None) -> None:
        self._count("InvocationAttemptCount")
        if refusal:
            self._count("TargetErrorCount")

    def gave_up(self, start: Start, refusal: Refusal, exhausted: str) -> None:
        self._count("InvocationDroppedCount")
        queue = self.target.get("DeadLetterConfig", {}).get("Arn")
        if not queue:
            return
        attributes = {
            "ERROR_CODE": refusal.code,
            "ERROR_MESSAGE": refusal.message,
            "EXECUTION_ID": self._execution_id(start.attempts),
            "EXHAUSTED_RETRY_CONDITION": exhausted,
            "IS_PAYLOAD_TRUNCATED": "false",
            "RETRY_ATTEMPTS": str(start.attempts - 1),
            "SCHEDULED_TIME": self._time,
            "SCHEDULE_ARN": self.arn,
            "TARGET_ARN": start.pipeline_arn,
        }
        request = {
            "PipelineName": start.pipeline_arn,
            "PipelineParameters": [
                {"Name": name, "Value": value} for name, value in start.parameters.items()
            ],
        }
        start.dead_letter = self.scheduler.deliveries.send(
            self.arn,
            queue,
            json.dumps(request),
            attributes,
            lambda: self.assume().require("sqs:SendMessage", queue),
        )
        if not start.dead_letter.reason:
            self._count("InvocationsSentToDeadLetterCount")

    @property
    def _time(self) -> str:
        return f"{self.scheduled:%Y-%m-%dT%H:%M:%SZ}"

    def _execution_id(self, attempt: int) -> str:
        text = f"{self.arn}/{self._time}/{attempt}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _count(self, name: str) -> None:
        region, group = self.arn.split(":")[3], self.schedule.group_name
        self.scheduler.world.metrics.put(region, metrics.SCHEDULES, name, group)
