"""CloudWatch metrics: what SageMaker, EventBridge and Scheduler count, in simulated time."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from emulated_aws.runtime.clock import Clock

PIPELINES = "AWS/Sagemaker/ModelBuildingPipeline"
"""Namespace of executions; their dimension is PipelineName."""
RULES = "AWS/Events"
"""Namespace of rules; their dimension is RuleName."""
SCHEDULES = "AWS/Scheduler"
"""Namespace of schedules; their dimension is ScheduleGroup."""

_DIMENSIONS = {PIPELINES: "PipelineName", RULES: "RuleName", SCHEDULES: "ScheduleGroup"}


class Metric(NamedTuple):
    """What CloudWatch knows a metric by.

    Attributes:
        region: where it is.
        namespace: such as "AWS/Events".
        name: such as "FailedInvocations".
        dimensions: their names and values.
    """

    region: str
    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


class Datapoint(NamedTuple):
    """A value that a service put.

    Attributes:
        time: when.
        value: of which a metric has one or many at a time.
    """

    time: datetime
    value: float


@dataclass
class Metrics:
    """Keeps the datapoints of all metrics, the oldest first.

    Attributes:
        clock: says when.
        watchers: are told of the metric of each new datapoint.
        all: the datapoints of each metric.
    """

    clock: Clock
    watchers: list[Callable[[Metric], None]] = field(default_factory=list)
    all: defaultdict[Metric, list[Datapoint]] = field(default_factory=lambda: defaultdict(list))

    def put(self, region: str, namespace: str, name: str, of: str, value: float = 1) -> None:
        """Put a datapoint.

        Args:
            region: where.
            namespace: one of those above.
            name: of the metric.
            of: the value of the namespace's dimension.
            value: of the datapoint.
        """
        metric = Metric(region, namespace, name, frozenset([(_DIMENSIONS[namespace], of)]))
        self.all[metric].append(Datapoint(self.clock.time, value))
        for watcher in self.watchers:
            watcher(metric)

    def since(self, metric: Metric, time: datetime) -> list[Datapoint]:
        """The datapoints of a metric from ``time`` on."""
        found = self.all.get(metric, [])
        return found[bisect_left(found, (time,)) :]
