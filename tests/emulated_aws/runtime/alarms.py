"""CloudWatch alarms: what they make of the metrics as time passes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and
alarms-and-missing-data.html. An alarm on one metric and one statistic is looked at; one on an
expression, a percentile, a band or other alarms is left as it is.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.cloudwatch.models import Alarm
from moto.core.models import DEFAULT_ACCOUNT_ID

from emulated_aws.runtime import account
from emulated_aws.runtime.deliveries import Deliveries
from emulated_aws.runtime.metrics import Datapoint, Metric
from emulated_aws.runtime.records import AlarmChange
from emulated_aws.runtime.world import Wait, World

_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
}
_STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "Sum": sum,
}
_ACTIONS = {
    "ALARM": "alarm_actions",
    "INSUFFICIENT_DATA": "insufficient_data_actions",
    "OK": "ok_actions",
}
#: A datapoint is in a period to its very end, so what is next comes after it.
_MOMENT = timedelta(seconds=1)


def verdict(breaches: Mapping[int, bool], periods: int, needed: int, missing: str) -> str:
    """The state of an alarm; "" when it stays as it is.

    Args:
        breaches: whether a period's datapoint breaches the threshold, for those that have one; the
            latest period is 0.
        periods: how many are looked at.
        needed: how many have to breach.
        missing: what those count as that have none.
    """
    breaching = sum(breaches.values())
    without = periods - len(breaches)
    if breaching >= needed or (missing == "breaching" and breaching + without >= needed):
        return "ALARM"
    if missing in ("breaching", "notBreaching") or breaching < len(breaches):
        return "OK"
    if missing == "ignore":
        return ""
    if not breaches:
        return "INSUFFICIENT_DATA"
    return "ALARM" if max(breaches) + 1 >= needed else ""


@dataclass
class Alarms:
    """Looks at alarms: when they are new, when data comes, and when it falls out of a period.

    Attributes:
        world: that they are in.
        deliveries: tells topics.
        changes: of all alarms.
    """

    world: World
    deliveries: Deliveries
    changes: list[AlarmChange] = field(default_factory=list)
    _states: dict[str, str] = field(default_factory=dict)
    _next: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.metrics.watchers.append(self._hear)

    def look(self) -> None:
        """Look at all alarms, some of which may be new, changed or gone."""
        alarms = list(account.alarms())
        names = {alarm.alarm_arn for alarm in alarms}
        self._states = {arn: state for arn, state in self._states.items() if arn in names}
        for alarm in alarms:
            self._look_at(alarm)

    def _hear(self, metric: Metric) -> None:
        for alarm in account.alarms():
            if _metric(alarm) == metric:
                self._look_at(alarm)

    def _look_at(self, alarm: Alarm) -> None:
        if alarm.comparison_operator not in _COMPARISONS or alarm.statistic not in _STATISTICS:
            return
        period, periods = timedelta(seconds=alarm.period), int(alarm.evaluation_periods)
        now = self.world.clock.time
        values: dict[int, list[float]] = {}
        changes_at = []
        for datapoint in self.world.metrics.since(_metric(alarm), now - periods * period):
            place = _place(datapoint, now, period)
            if place < periods:
                values.setdefault(place, []).append(datapoint.value)
                changes_at.append(datapoint.time + (place + 1) * period + _MOMENT)
        breaches, _ = _COMPARISONS[alarm.comparison_operator]
        points = {place: _STATISTICS[alarm.statistic](found) for place, found in values.items()}
        state = verdict(
            {place: breaches(value, alarm.threshold) for place, value in points.items()},
            periods,
            int(alarm.datapoints_to_alarm or periods),
            alarm.treat_missing_data or "missing",
        )
        if state:
            self._set(alarm, state, points)
        if changes_at:
            self._look_again(alarm, min(changes_at))

    def _look_again(self, alarm: Alarm, moment: datetime) -> None:
        if self._next.get(alarm.alarm_arn) != moment:
            self._next[alarm.alarm_arn] = moment
            self.world.clock.process(self._wait(alarm.alarm_arn, moment))

    def _wait(self, arn: str, moment: datetime) -> Wait:
        yield self.world.clock.wait_until(moment)
        if self._next.get(arn) == moment:
            del self._next[arn]
            for alarm in account.alarms():
                if alarm.alarm_arn == arn:
                    self._look_at(alarm)

    def _set(self, alarm: Alarm, state: str, points: Mapping[int, float]) -> None:
        old = self._states.get(alarm.alarm_arn, "INSUFFICIENT_DATA")
        self._states[alarm.alarm_arn] = state
        reason = _reason(alarm, points)
        if alarm.state_value != state:
            alarm.update_state(reason, "{}", state)
        if old == state:
            return
        change = AlarmChange(
            self.world.clock.time, alarm.alarm_arn, old, state, reason, bool(points)
        )
        self.changes.append(change)
        if alarm.actions_enabled:
            for arn in getattr(alarm, _ACTIONS[state]):
                text = _text(alarm, change)
                self.deliveries.by_service("cloudwatch", alarm.alarm_arn, arn, text)


def _metric(alarm: Alarm) -> Metric:
    dimensions = frozenset((str(one.name), str(one.value)) for one in alarm.dimensions)
    return Metric(alarm.region_name, alarm.namespace, alarm.metric_name, dimensions)


def _place(datapoint: Datapoint, now: datetime, period: timedelta) -> int:
    """Which of the periods that end now it is in; the latest is 0."""
    return max(math.ceil((now - datapoint.time) / period) - 1, 0)


def _reason(alarm: Alarm, points: Mapping[int, float]) -> str:
    """In words like those of CloudWatch."""
    number = alarm.evaluation_periods
    if not points:
        return (
            f"No datapoints in {number} period{'s' * (number > 1)}, and missing ones are treated "
            f"as {alarm.treat_missing_data or 'missing'}."
        )
    breaches, words = _COMPARISONS[alarm.comparison_operator]
    values = [points[place] for place in sorted(points)]
    some = any(breaches(value, alarm.threshold) for value in values)
    shown = ", ".join(f"{value:.15g}" for value in values)
    return (
        f"{len(values)} datapoint{'s' * (len(values) > 1)} [{shown}] in {number} "
        f"period{'s' * (number > 1)}: {'' if some else 'not '}{words} the threshold "
        f"({alarm.threshold:.15g})."
    )


def _text(alarm: Alarm, change: AlarmChange) -> str:
    """What a topic gets."""
    message: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": DEFAULT_ACCOUNT_ID,
        "NewStateValue": change.new,
        "NewStateReason": change.reason,
        "StateChangeTime": f"{change.time:%Y-%m-%dT%H:%M:%S.000+0000}",
        "Region": alarm.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": change.old,
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic",
            "Statistic": alarm.statistic.upper(),
            "Dimensions": [{"value": one.value, "name": one.name} for one in alarm.dimensions],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
        },
    }
    return json.dumps(message)
