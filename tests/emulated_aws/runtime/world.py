"""What all parts of the simulation share."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from emulated_aws.runtime.authorization import Authorization
from emulated_aws.runtime.clock import Clock
from emulated_aws.runtime.metrics import Metrics
from emulated_aws.runtime.script import Script

#: What a process yields to let time pass.
Wait = Generator[simpy.Event, Any, None]


class StepFailed(Exception):
    """A step's attempt failed.

    Attributes:
        exception: what a retry policy names; "" for what is never retried.
    """

    def __init__(self, reason: str, exception: str = "") -> None:
        super().__init__(reason)
        self.exception = exception


@dataclass
class World:
    """Time, permissions, metrics, and what happens outside of AWS.

    Attributes:
        clock: the time.
        authorization: decides what roles may.
        metrics: what the services count.
        script: how long the work takes, and what fails.
    """

    clock: Clock
    authorization: Authorization
    metrics: Metrics
    script: Script
