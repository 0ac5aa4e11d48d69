"""What went wrong, in sentences that say where."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Protocol

from emulated_aws.runtime.authorization import Authorization
from emulated_aws.runtime.records import AlarmChange, Execution, Message, Start
from emulated_aws.runtime.script import Script


class History(Protocol):
    """What :class:`emulated_aws.runtime.api.Runtime` has of it."""

    @property
    def script(self) -> Script:
        """What was told to fail."""

    @property
    def authorization(self) -> Authorization:
        """What was denied."""

    @property
    def executions(self) -> list[Execution]:
        """What ran."""

    @property
    def starts(self) -> list[Start]:
        """What rules and schedules started."""

    @property
    def messages(self) -> list[Message]:
        """What rules, schedules and alarms told."""

    @property
    def alarms(self) -> list[AlarmChange]:
        """What alarms did."""


def problems(history: History, alarms_until: datetime | None = None) -> list[str]:
    """Everything that failed and was not told to by the script; empty when all is well.

    Args:
        history: what happened. If anything was told to fail, alarms may ring.
        alarms_until: when nothing starts any more, and so alarms ring that wait for a success.
    """
    found = [
        f"{execution.pipeline}, execution {execution.number} of {_when(execution.started)}, is "
        f"{execution.status}: {why(execution)}"
        for execution in history.executions
        if execution.status in ("Failed", "Stopped") and not _told(history.script, execution)
    ]
    found += [
        f"{_name(start.pipeline_arn)}, which {_name(start.source_arn)} starts, did not start at "
        f"{_when(start.time)}: {start.reason}"
        for start in history.starts
        if start.reason and "Rate exceeded" not in start.reason
    ]
    found += [
        f"{_name(message.source_arn)} could not tell {message.target_arn} at "
        f"{_when(message.time)}: {message.reason}"
        for message in history.messages
        if message.reason
    ]
    found += [
        f"The alarm {change.name} rang at {_when(change.time)}: {change.reason}"
        for change in history.alarms
        if rings(change)
        and not history.script.failures
        and (alarms_until is None or change.time < alarms_until)
    ]
    # what fails nothing else, such as a denied request whose job goes on
    found += [
        f"Denied: {message}"
        for message in dict.fromkeys(history.authorization.denied)
        if not any(message in other for other in found)
    ]
    return found


def rings(change: AlarmChange) -> bool:
    """Whether an alarm goes off; one that has had no data yet, and waits for some, does not."""
    fresh = change.old == "INSUFFICIENT_DATA" and not change.has_data
    return change.new == "ALARM" and not fresh


def why(execution: Execution) -> str:
    """The reasons of an execution and of its steps."""
    reasons = [step.reason for step in execution.steps if step.reason]
    return " ".join(reasons) or execution.reason or "it was stopped."


def _told(script: Script, execution: Execution) -> bool:
    return next(script.attempts(execution.pipeline, execution.number)) is not None


def _when(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _name(arn: str) -> str:
    return re.split("[:/]", arn)[-1]
