"""What all parts of the simulation share."""

from __future__ import annotations

from dataclasses import dataclass

from emulated_aws.runtime.authorization import Authorization
from emulated_aws.runtime.clock import Clock
from emulated_aws.runtime.metrics import Metrics
from emulated_aws.runtime.script import Script


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
