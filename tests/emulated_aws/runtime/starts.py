"""Starts of pipelines by rules and schedules: attempts and retries.

What both have in common; what they do when nothing started differs (``events``, ``scheduler``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from emulated_aws.refusals import Refused
from emulated_aws.runtime.authorization import AccessDenied, Session
from emulated_aws.runtime.executions import Executions
from emulated_aws.runtime.records import Start
from emulated_aws.runtime.world import Wait, World

#: From an event to the start; without it, pipelines whose ends start each other would do so for
#: ever at one moment.
_LATENCY = timedelta(seconds=1)
#: Before the first retry; each further one waits twice as long.
_BACKOFF = timedelta(minutes=1)
_DEFAULT_RETRIES = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}


class Refusal(NamedTuple):
    """Why an attempt started nothing.

    Attributes:
        code: of the answer; "AccessDenied" is from STS, "AccessDeniedException" from SageMaker.
        message: of the answer.
    """

    code: str
    message: str


_THROTTLED = Refusal("ThrottlingException", "Rate exceeded")


class Source(Protocol):
    """Starts a pipeline: a rule that got an event, or a schedule whose time has come."""

    @property
    def arn(self) -> str:
        """Of the rule or schedule."""

    @property
    def target(self) -> Mapping[str, Any]:
        """As moto holds it."""

    @property
    def scheduled(self) -> datetime | None:
        """The time that the schedule says; None for an event."""

    def assume(self) -> Session:
        """Assume the role of the target.

        Raises:
            AccessDenied: it is not to be assumed.
        """

    def parameters(self, attempt: int) -> dict[str, str]:
        """What an attempt, counted from 1, sends."""

    def tried(self, refusal: Refusal | None) -> None:
        """Hear of an attempt, and why it failed."""

    def gave_up(self, start: Start, refusal: Refusal, exhausted: str) -> None:
        """Hear that there is no further attempt; of what a retry policy says is exhausted."""


@dataclass
class Starts:
    """Tries to start pipelines.

    Attributes:
        world: that they are in.
        executions: what they start.
        all: all starts by rules and schedules, and attempts that failed.
    """

    world: World
    executions: Executions
    all: list[Start] = field(default_factory=list)

    def begin(self, source: Source) -> None:
        """Start the pipeline that is the target of a rule or schedule."""
        arn = source.target["Arn"]
        time = self.world.clock.time if source.scheduled else self.world.clock.time + _LATENCY
        start = Start(time, source.arn, arn, source.scheduled)
        self.all.append(start)
        number = sum(other.pipeline_arn == arn for other in self.all)
        to_fail = self.world.script.failed_starts(arn.rpartition("/")[2], number)
        self.world.clock.process(self._try(start, source, to_fail))

    def _try(self, start: Start, source: Source, to_fail: int) -> Wait:
        retries = _DEFAULT_RETRIES | source.target.get("RetryPolicy", {})
        expires = start.time + timedelta(seconds=retries["MaximumEventAgeInSeconds"])
        wait, exhausted = _BACKOFF, ""
        yield self.world.clock.wait_until(start.time)
        while True:
            start.attempts += 1
            start.parameters = source.parameters(start.attempts)
            refusal = _THROTTLED if start.attempts <= to_fail else self._attempt(start, source)
            source.tried(refusal)
            if refusal is None:
                return
            if refusal is not _THROTTLED:
                break
            if start.attempts > retries["MaximumRetryAttempts"]:
                exhausted = "MaximumRetryAttempts"
                break
            yield self.world.clock.wait(min(wait, expires - self.world.clock.time))
            wait *= 2
            if self.world.clock.time >= expires:
                exhausted = "MaximumEventAgeInSeconds"
                break
        start.reason = refusal.message
        if exhausted:
            start.reason = f"{refusal.code}: {refusal.message} ({exhausted} exhausted)"
        source.gave_up(start, refusal, exhausted)

    def _attempt(self, start: Start, source: Source) -> Refusal | None:
        """An attempt that AWS answers for good: with an execution, or with a refusal."""
        code = "AccessDenied"
        try:
            role = source.assume()
            code = "AccessDeniedException"
            role.require("sagemaker:StartPipelineExecution", start.pipeline_arn)
            start.execution = self.executions.start(start.pipeline_arn, start.parameters)
        except AccessDenied as error:
            return Refusal(code, str(error))
        except Refused as error:
            return Refusal(error.answer.code, error.answer.message)
        return None
