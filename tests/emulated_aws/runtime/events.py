"""EventBridge: rules that fire by time or by an event, and what their targets get.

Retries and dead letters: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from jsonpath_ng.ext import parse as parse_path  # type: ignore[attr-defined]
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import Rule

from emulated_aws import schedule
from emulated_aws.runtime import account, metrics
from emulated_aws.runtime.authorization import Session
from emulated_aws.runtime.deliveries import Deliveries
from emulated_aws.runtime.records import Start
from emulated_aws.runtime.starts import Refusal, Starts
from emulated_aws.runtime.world import Wait, World

Event = dict[str, Any]

_CODES = {
    "AccessDenied": "FAILED_TO_ASSUME_ROLE",
    "AccessDeniedException": "NO_PERMISSIONS",
    "ResourceNotFound": "NO_RESOURCE",
    "ThrottlingException": "THROTTLING",
    "ValidationException": "INVALID_PARAMETER",
}


@dataclass
class Events:
    """Fires rules.

    Attributes:
        world: that they are in.
        starts: starts the pipelines among their targets.
        deliveries: tells the topics and queues.
    """

    world: World
    starts: Starts
    deliveries: Deliveries
    _anchors: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=itertools.count)

    def plan(self, until: datetime) -> None:
        """Let the rules with a schedule fire from now to ``until``."""
        for rule in account.rules():
            if expression := rule.scheduled_expression:
                self.world.clock.process(self._fire(rule.arn, expression, until))

    def _fire(self, arn: str, expression: str, until: datetime) -> Wait:
        clock = self.world.clock
        # a rate counts from when the rule was first seen
        anchor = self._anchors.setdefault((arn, expression), clock.time)
        just_before = clock.time - timedelta(seconds=1)
        for moment in schedule.starts(expression, just_before, anchor=anchor):
            if moment >= until:
                return
            yield clock.wait_until(moment)
            rule = next((rule for rule in account.rules() if rule.arn == arn), None)
            if rule and rule.state == "ENABLED" and rule.scheduled_expression == expression:
                region = rule.region_name
                event = self._event("aws.events", "Scheduled Event", region, {}, [arn])
                self._send(rule, event, moment)

    def announce(
        self, source: str, kind: str, region: str, detail: Mapping[str, Any], arns: list[str]
    ) -> None:
        """Something has happened: rules with a pattern may fire.

        Args:
            source: such as "aws.sagemaker".
            kind: the detail-type.
            region: where.
            detail: of the event.
            arns: that it is about.
        """
        event = self._event(source, kind, region, detail, arns)
        for rule in account.rules():
            pattern = rule.event_pattern
            if (
                pattern.get_pattern()
                and rule.state == "ENABLED"
                and rule.region_name == region
                and pattern.matches_event(cast(Any, event))
            ):
                self._send(rule, event, None)

    def _event(
        self, source: str, kind: str, region: str, detail: Mapping[str, Any], arns: list[str]
    ) -> Event:
        return {
            "version": "0",
            "id": f"00000000-0000-0000-0000-{next(self._ids):012}",
            "detail-type": kind,
            "source": source,
            "account": DEFAULT_ACCOUNT_ID,
            "time": f"{self.world.clock.time:%Y-%m-%dT%H:%M:%SZ}",
            "region": region,
            "resources": arns,
            "detail": detail,
        }

    def _send(self, rule: Rule, event: Event, scheduled: datetime | None) -> None:
        for target in rule.targets:
            if target["Arn"].split(":")[2] == "sagemaker":
                self.starts.begin(_RuleStart(self, rule, target, event, scheduled))
            else:
                text = _text(target, event)
                message = self.deliveries.by_service("events", rule.arn, target["Arn"], text)
                self.count(rule, failed=bool(message.reason))

    def count(self, rule: Rule, *, failed: bool) -> None:
        """Count an invocation of a target that needs no further attempt."""
        names = ["Invocations", "FailedInvocations"] if failed else ["Invocations"]
        for name in names:
            self.world.metrics.put(rule.region_name, metrics.RULES, name, rule.name)


@dataclass(frozen=True)
class _RuleStart:
    """A :class:`emulated_aws.runtime.starts.Source`."""

    events: Events
    rule: Rule
    target: Mapping[str, Any]
    event: Event
    scheduled: datetime | None

    @property
    def arn(self) -> str:
        return str(self.rule.arn)

    def assume(self) -> Session:
        authorization = self.events.world.authorization
        return authorization.assume(self.target["RoleArn"], "events", self.arn)

    def parameters(self, attempt: int) -> dict[str, str]:  # noqa: ARG002 - all send the same
        return {
            name: _find(value, self.event) if value.startswith("$.") else value
            for name, value in account.parameters(self.target).items()
        }

    def tried(self, refusal: Refusal | None) -> None:
        if refusal is None:
            self.events.count(self.rule, failed=False)

    def gave_up(self, start: Start, refusal: Refusal, exhausted: str) -> None:
        self.events.count(self.rule, failed=True)
        queue = self.target.get("DeadLetterConfig", {}).get("Arn")
        if not queue:
            return
        attributes = {
            "RULE_ARN": self.arn,
            "TARGET_ARN": start.pipeline_arn,
            "ERROR_CODE": _CODES[refusal.code],
            "ERROR_MESSAGE": refusal.message,
            "RETRY_ATTEMPTS": str(start.attempts - 1),
            "EXHAUSTED_RETRY_CONDITION": exhausted,
        }
        start.dead_letter = self.events.deliveries.by_service(
            "events",
            self.arn,
            queue,
            json.dumps(self.event),
            attributes,
        )


def _find(path: str, event: Event) -> str:
    """What a JSON path finds in an event; "" when it finds nothing."""
    found = _path(path).find(event)
    value = found[0].value if found else ""
    return value if isinstance(value, str) else json.dumps(value)


@cache
def _path(path: str) -> Any:
    return parse_path(re.sub(r"(?<=\.)\w+(?:-\w+)+", r'"\g<0>"', path))


def _text(target: Mapping[str, Any], event: Event) -> str:
    """What a target gets: the event, or what its input transformer makes of it."""
    transformer = target.get("InputTransformer")
    if transformer is None:
        return str(target.get("Input", json.dumps(event)))
    values = {name: _find(path, event) for name, path in transformer["InputPathsMap"].items()}
    return re.sub(
        r"<([^<>\s]+)>", lambda found: values.get(found[1], ""), transformer["InputTemplate"]
    )
