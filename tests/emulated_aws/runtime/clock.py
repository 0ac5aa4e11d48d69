"""Simulated time."""

from __future__ import annotations

from datetime import datetime, timedelta

import simpy


class Clock(simpy.Environment):
    """SimPy's environment, with dates.

    Args:
        start: the time now, with a time zone.
    """

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._start = start.replace(microsecond=0)

    @property
    def time(self) -> datetime:
        """The simulated time."""
        return self._start + timedelta(seconds=self.now)

    def wait(self, time: timedelta) -> simpy.Timeout:
        """An event for a process to yield: ``time`` has passed."""
        return self.timeout(time.total_seconds())

    def wait_until(self, moment: datetime) -> simpy.Timeout:
        """An event for a process to yield: it is ``moment``, or was before."""
        return self.wait(max(moment - self.time, timedelta()))

    def run_until(self, moment: datetime) -> None:
        """Let everything happen that happens before ``moment``."""
        if moment > self.time:
            self.run(until=(moment - self._start).total_seconds())
