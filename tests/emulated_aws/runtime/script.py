"""How long jobs take, and what goes wrong: the part that no definition says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

KINDS = {
    "algorithm": "the container exits with an error",
    "internal": "SageMaker.JOB_INTERNAL_ERROR: the job fails by a fault of SageMaker",
    "capacity": "SageMaker.CAPACITY_ERROR: there are no such instances now",
    "limit": "SageMaker.RESOURCE_LIMIT: the account's quota is used up",
    "throttled": "Step.THROTTLING: the request for the job is throttled",
    "service": "Step.SERVICE_FAULT: the request for the job fails by a fault of SageMaker",
    "hang": "the container never ends",
    "interruption": "spot instances are taken back halfway",
    "violation": "a QualityCheck or ClarifyCheck step finds violations of its baseline",
    "start": "the request for the execution is throttled",
}
"""What can be told to go wrong."""

DURATIONS = {
    "AutoML": timedelta(hours=4),
    "Callback": timedelta(minutes=10),
    "ClarifyCheck": timedelta(minutes=30),
    "EMR": timedelta(hours=1),
    "EMRServerless": timedelta(minutes=30),
    "Lambda": timedelta(minutes=1),
    "Processing": timedelta(minutes=30),
    "QualityCheck": timedelta(minutes=30),
    "Training": timedelta(hours=2),
    "Transform": timedelta(minutes=30),
    "Tuning": timedelta(hours=3),
}
"""How long the work takes, by type of the step."""

_TEXT = re.compile(
    r"(?P<pipeline>[A-Za-z0-9-]+)@(?P<number>\d+)(/(?P<step>[\w-]+))?"
    r"(:(?P<kind>\w+)(\*(?P<times>\d+))?)?"
)


@dataclass(frozen=True)
class Failure:
    """Something to go wrong.

    Attributes:
        pipeline: its name, or the end of it after a hyphen.
        number: of the execution, from 1; of a "start", of the starts by rules and
            schedules.
        kind: one of KINDS.
        times: how many attempts it hits.
        step: the name of the step; "" for every one.
    """

    pipeline: str
    number: int
    kind: str = "algorithm"
    times: int = 1
    step: str = ""

    @classmethod
    def parse(cls, text: str) -> Failure:
        """Read ``training@2``, ``training@2:capacity`` or ``training@2/Train:capacity*3``.

        Raises:
            ValueError: it is none of these, with a sentence.
        """
        found = _TEXT.fullmatch(text)
        kind = (found and found["kind"]) or "algorithm"
        if not found or kind not in KINDS or found["number"] == "0":
            raise ValueError(
                f'"{text}" is no failure: give pipeline@number or pipeline@number:kind*times, '
                f"such as training@2:capacity*3; kind is one of {', '.join(KINDS)}."
            )
        times, step = int(found["times"] or 1), found["step"] or ""
        return cls(found["pipeline"], int(found["number"]), kind, times, step)

    def hits(self, pipeline: str, number: int) -> bool:
        """Whether it is about that execution."""
        return number == self.number and f"-{pipeline}".endswith(f"-{self.pipeline}")


@dataclass
class Script:
    """What the outside world does.

    Attributes:
        durations: of the container's work, by the pipeline's name (or the end of it, as in
            Failure) or by the type of the step.
        failures: all that goes wrong.
        spot_wait: how long spot instances let wait, at first and after an interruption.
        checkpoint_every: how often the container writes a checkpoint.
        keep_checkpoints: how many the container keeps; it deletes older ones of its own.
        files: JSON documents that processing jobs write, by the name of the step and by the name
            of the output, a slash, and the path below it: what property files and conditions read.
        results: by the name of the step, outputs of Lambda and Callback steps, or members that a
            job's description has, such as FinalMetricDataList.
    """

    durations: Mapping[str, timedelta] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    spot_wait: timedelta = timedelta(minutes=10)
    checkpoint_every: timedelta = timedelta(minutes=30)
    keep_checkpoints: int = 2
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def duration(self, pipeline: str, kind: str) -> timedelta:
        """How long a step's container works."""
        for name, duration in self.durations.items():
            if f"-{pipeline}".endswith(f"-{name}"):
                return duration
        return self.durations.get(kind, DURATIONS[kind])

    def attempts(
        self, pipeline: str, number: int, step: str | None = None
    ) -> Iterator[Failure | None]:
        """What goes wrong at each attempt of an execution's step, or of any, without end.

        All interruptions are those of one attempt; only spot jobs have them.
        """
        for failure in self.failures:
            of_step = step is None or failure.step in ("", step)
            if of_step and failure.hits(pipeline, number) and failure.kind != "start":
                yield from [failure] * (1 if failure.kind == "interruption" else failure.times)
        yield from itertools.repeat(None)

    def failed_starts(self, pipeline: str, number: int) -> int:
        """How many attempts to start an execution fail."""
        return sum(
            failure.times
            for failure in self.failures
            if failure.hits(pipeline, number) and failure.kind == "start"
        )
