"""What went wrong, in sentences that say where."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from emulated_aws.runtime.authorization import Authorization
from emulated_aws.runtime.records import Execution, Message, Start
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
        """What rules started."""

    @property
    def messages(self) -> list[Message]:
        """What rules told."""


def problems(history: History) -> list[str]:
    """Everything that failed and was not told to by the script; empty when all is well."""
    found = [
        f"{execution.pipeline}, execution {execution.number} of {_when(execution.started)}, is "
        f"{execution.status}: {why(execution)}"
        for execution in history.executions
        if execution.status in ("Failed", "Stopped") and not _told(history.script, execution)
    ]
    found += [
        f"{_name(start.pipeline_arn)} did not start at {_when(start.time)}: {start.reason}"
        for start in history.starts
        if start.reason and "Rate exceeded" not in start.reason
    ]
    found += [
        f"{_name(message.rule_arn)} could not tell {message.target_arn} at "
        f"{_when(message.time)}: {message.reason}"
        for message in history.messages
        if message.reason
    ]
    # what fails nothing else, such as a denied request whose job goes on
    found += [
        f"Denied: {message}"
        for message in dict.fromkeys(history.authorization.denied)
        if not any(message in other for other in found)
    ]
    return found


def why(execution: Execution) -> str:
    """The reasons of an execution and of its steps."""
    reasons = [step.reason for step in execution.steps if step.reason]
    return " ".join(reasons) or execution.reason or "it was stopped."


def _told(script: Script, execution: Execution) -> bool:
    return next(script.attempts(execution.pipeline, execution.number)) is not None


def _when(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
