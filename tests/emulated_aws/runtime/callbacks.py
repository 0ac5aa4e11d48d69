"""Callback steps that wait for an answer.

https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import simpy

from emulated_aws.runtime.world import World


class Answer(NamedTuple):
    """What ended a Callback step.

    Attributes:
        outputs: names to values, of a success.
        reason: of a failure; "" for a success.
    """

    outputs: Mapping[str, Any]
    reason: str = ""


@dataclass
class Callbacks:
    """The steps that wait.

    Attributes:
        world: that they are in.
    """

    world: World
    _waiting: dict[str, tuple[str, simpy.Event]] = field(default_factory=dict)

    def wait(self, token: str, execution_arn: str) -> simpy.Event:
        """An event for a process to yield: somebody has given an Answer."""
        event = self.world.clock.event()
        self._waiting[token] = (execution_arn, event)
        return event

    def answer(self, token: str, answer: Answer) -> str | None:
        """Answer a step.

        Returns:
            The ARN of the execution; None when no step waits with that token.
        """
        execution_arn, event = self._waiting.pop(token, ("", None))
        if event is None:
            return None
        event.succeed(answer)
        return execution_arn
