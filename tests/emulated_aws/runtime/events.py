"""EventBridge: rules that fire by time or by an event, and what their targets get.

Retries and dead letters: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from jsonpath_ng.ext import parse as parse_path  # type: ignore[attr-defined]
from moto.events.models import Rule

from emulated_aws import schedule
from emulated_aws.refusals import Refused
from emulated_aws.runtime import account
from emulated_aws.runtime.authorization import AccessDenied
from emulated_aws.runtime.executions import Executions
from emulated_aws.runtime.jobs import Wait
from emulated_aws.runtime.records import Message, Start
from emulated_aws.runtime.world import World

Event = dict[str, Any]

#: Before the first retry; each further one waits twice as long.
_BACKOFF = timedelta(minutes=1)
_DEFAULT_RETRIES = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}
_DELIVERIES = {"sns": "sns:Publish", "sqs": "sqs:SendMessage"}
_CODES = {"ResourceNotFound": "NO_RESOURCE", "ValidationException": "INVALID_PARAMETER"}


@dataclass
class Events:
    """Fires rules.

    Attributes:
        world: that they are in.
        executions: what targets start.
        starts: all starts by rules, and attempts that failed.
        messages: all that rules sent to topics and queues, or could not.
    """

    world: World
    executions: Executions
    starts: list[Start] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
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
                self._send(rule, self._event("aws.events", "Scheduled Event", {}, [arn]))

    def announce(self, source: str, kind: str, detail: dict[str, Any], arns: list[str]) -> None:
        """Something has happened: rules with a pattern may fire."""
        event = self._event(source, kind, detail, arns)
        for rule in account.rules():
            pattern = rule.event_pattern
            if (
                pattern.get_pattern()
                and rule.state == "ENABLED"
                and pattern.matches_event(cast(Any, event))
            ):
                self._send(rule, event)

    def _event(self, source: str, kind: str, detail: dict[str, Any], arns: list[str]) -> Event:
        _, _, _, region, number, _ = arns[0].split(":", 5)
        return {
            "version": "0",
            "id": f"00000000-0000-0000-0000-{next(self._ids):012}",
            "detail-type": kind,
            "source": source,
            "account": number,
            "time": f"{self.world.clock.time:%Y-%m-%dT%H:%M:%SZ}",
            "region": region,
            "resources": arns,
            "detail": detail,
        }

    def _send(self, rule: Rule, event: Event) -> None:
        for target in rule.targets:
            service = target["Arn"].split(":")[2]
            if service == "sagemaker":
                self.world.clock.process(self._start(rule, target, event))
            else:
                self._tell(rule, target, event)

    # Pipelines

    def _start(self, rule: Rule, target: dict[str, Any], event: Event) -> Wait:
        start = Start(self.world.clock.time, rule.arn, target["Arn"], _parameters(target, event))
        self.starts.append(start)
        pipeline = target["Arn"].rpartition("/")[2]
        number = sum(other.pipeline_arn == target["Arn"] for other in self.starts)
        to_fail = self.world.script.failed_starts(pipeline, number)
        retries = _DEFAULT_RETRIES | target.get("RetryPolicy", {})
        expires = start.time + timedelta(seconds=retries["MaximumEventAgeInSeconds"])
        wait, exhausted = _BACKOFF, ""
        while not exhausted:
            start.attempts += 1
            if start.attempts > to_fail:
                self._finish(start, rule, target, event)
                return
            yield self.world.clock.wait(min(wait, expires - self.world.clock.time))
            wait *= 2
            if start.attempts > retries["MaximumRetryAttempts"]:
                exhausted = "MaximumRetryAttempts"
            elif self.world.clock.time >= expires:
                exhausted = "MaximumEventAgeInSeconds"
        start.reason = f"ThrottlingException: Rate exceeded ({exhausted} exhausted)"
        self._bury(start, rule, target, event, "THROTTLING", exhausted)

    def _finish(self, start: Start, rule: Rule, target: dict[str, Any], event: Event) -> None:
        """The attempt that AWS answers for good: with an execution, or with a refusal."""
        code = ""
        try:
            code = "FAILED_TO_ASSUME_ROLE"
            role = self.world.authorization.assume(target["RoleArn"], "events", rule.arn)
            code = "NO_PERMISSIONS"
            role.require("sagemaker:StartPipelineExecution", target["Arn"])
            start.execution = self.executions.start(target["Arn"], start.parameters)
        except AccessDenied as error:
            start.reason = str(error)
            self._bury(start, rule, target, event, code)
        except Refused as error:
            start.reason = error.answer.message
            self._bury(start, rule, target, event, _CODES[error.answer.code])

    def _bury(
        self,
        start: Start,
        rule: Rule,
        target: dict[str, Any],
        event: Event,
        code: str,
        exhausted: str = "",
    ) -> None:
        """Send the event of a failed start to the dead-letter queue, where there is one."""
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if not queue:
            return
        attributes = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": code,
            "ERROR_MESSAGE": start.reason,
            "RETRY_ATTEMPTS": str(start.attempts - 1),
            "EXHAUSTED_RETRY_CONDITION": exhausted,
        }
        found = {name: value for name, value in attributes.items() if value}
        if not self._deliver(rule, queue, json.dumps(event), "sqs:SendMessage", found):
            start.queue_arn = queue

    # Topics and queues

    def _tell(self, rule: Rule, target: dict[str, Any], event: Event) -> None:
        action = _DELIVERIES.get(target["Arn"].split(":")[2], "")
        self._deliver(rule, target["Arn"], _text(target, event), action, {})

    def _deliver(
        self, rule: Rule, arn: str, text: str, action: str, attributes: dict[str, str]
    ) -> str:
        """Gives why it did not arrive; "" when it did."""
        try:
            if not action:
                raise AccessDenied("Emulated AWS tells topics and queues only.")
            self.world.authorization.by_service("events", action, arn, rule.arn)
            reason = account.send(arn, text, attributes)
        except AccessDenied as error:
            reason = str(error)
        self.messages.append(Message(self.world.clock.time, rule.arn, arn, text, reason))
        return reason


def _find(path: str, event: Event) -> str:
    found = parse_path(path.replace("detail-type", '"detail-type"')).find(event)
    value = found[0].value if found else ""
    return value if isinstance(value, str) else json.dumps(value)


def _parameters(target: dict[str, Any], event: Event) -> dict[str, str]:
    """What a target sends to the pipeline; a value that is a JSON path is taken from the event."""
    given = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    return {
        item["Name"]: _find(item["Value"], event)
        if item["Value"].startswith("$.")
        else item["Value"]
        for item in given
    }


def _text(target: dict[str, Any], event: Event) -> str:
    """What a target gets: the event, or what its input transformer makes of it."""
    transformer = target.get("InputTransformer")
    if transformer is None:
        return str(target.get("Input", json.dumps(event)))
    values = {name: _find(path, event) for name, path in transformer["InputPathsMap"].items()}
    return re.sub(
        r"<([^<>\s]+)>", lambda found: values.get(found[1], ""), transformer["InputTemplate"]
    )
