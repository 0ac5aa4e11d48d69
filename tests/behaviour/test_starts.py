"""Starts: in local time when clocks change, after one another, by hand for days past; and alarms.

The call "starts" is what examples/retrain-and-score shows: training on Sunday, scoring as soon as
the model is there, and daily otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from behaviour.conftest import START, WEEK, Account
from emulated_aws.runtime.records import Execution
from emulated_aws.runtime.script import Failure, Script
from inputs import TOPIC

GROUP = "ml-platform-test-training-schedules"
ON = "ml-platform-test-training-no-success"
DAY = timedelta(days=1)


def scheduled(execution: Execution) -> str:
    """What the container of an execution gets as SCHEDULED_TIME."""
    return str(execution.jobs[0].request["Environment"]["SCHEDULED_TIME"])


def rung(account: Account, since: datetime) -> list[tuple[str, str]]:
    """The alarms that went on, and off again, since then."""
    return [
        (change.name, change.new)
        for change in account.runtime.alarms
        if change.time >= since and "ALARM" in (change.new, change.old)
    ]


#: 02:30 every day, in the weeks of 2027 in which clocks change: the days (UTC) and hours it starts.
BERLIN_SPRING = {"Sat 27": "01:30", "Sun 28": None, "Mon 29": "00:30"}
BERLIN_AUTUMN = {"Sat 30": "00:30", "Sun 31": "00:30", "Mon 01": "01:30"}
NEW_YORK_SPRING = {"Sat 13": "07:30", "Sun 14": None, "Mon 15": "06:30"}
NEW_YORK_AUTUMN = {"Sat 06": "06:30", "Sun 07": "07:30", "Mon 08": "07:30"}
SAO_PAULO = {"Sat 13": "05:30", "Sun 14": "05:30", "Mon 15": "05:30"}


@pytest.mark.parametrize(
    ("city", "saturday", "starts"),
    [
        ("berlin", datetime(2027, 3, 27, tzinfo=timezone.utc), BERLIN_SPRING),
        ("berlin", datetime(2027, 10, 30, tzinfo=timezone.utc), BERLIN_AUTUMN),
        ("new-york", datetime(2027, 3, 13, tzinfo=timezone.utc), NEW_YORK_SPRING),
        ("new-york", datetime(2027, 11, 6, tzinfo=timezone.utc), NEW_YORK_AUTUMN),
        ("sao-paulo", datetime(2027, 3, 13, tzinfo=timezone.utc), SAO_PAULO),
    ],
)
def test_the_week_of_a_clock_change(
    city: str,
    saturday: datetime,
    starts: dict[str, str | None],
    account: Callable[..., Account],
) -> None:
    zones = account("zones", saturday - 3 * DAY)
    zones.runtime.advance(WEEK)
    of_city = [start for start in zones.runtime.starts if start.source_arn.endswith(f"/{city}")]
    assert len(of_city) == 7 - list(starts.values()).count(None)
    around = [start for start in of_city if saturday <= start.time < saturday + 3 * DAY]
    assert [f"{start.time:%a %d %H:%M}" for start in around] == [
        f"{day} {hour}" for day, hour in starts.items() if hour
    ]
    for start in around:
        assert start.execution is not None
        assert scheduled(start.execution) == f"{start.time:%Y-%m-%dT%H:%M:%SZ}"


def test_a_month_of_retraining_and_scoring(account: Callable[..., Account]) -> None:
    starts = account("starts")
    starts.runtime.advance(4 * WEEK)
    trained, scored = starts.executions("training"), starts.executions("processing")
    # 04:00 in Berlin; each takes two hours
    assert [scheduled(one)[5:16] for one in trained] == [
        "12-06T03:00", "12-13T03:00", "12-20T03:00", "12-27T03:00",
    ]  # fmt: skip
    after_training = [one for one in scored if f"{one.started:%a}" == "Sun"]
    assert [one.started.date() for one in after_training] == [one.started.date() for one in trained]
    for model, scores in zip(trained, after_training, strict=True):
        assert model.ended is not None
        assert timedelta(0) <= scores.started - model.ended < timedelta(minutes=1)
        assert scheduled(scores) == f"{model.ended:%Y-%m-%dT%H:%M:%SZ}"
    others = {f"{one.started:%H:%M}" for one in scored if one not in after_training}
    assert (len(scored), others) == (28, {"05:00"})
    assert {one.status for one in starts.runtime.executions} == {"Succeeded"}
    assert starts.problems() == []
    # a new alarm that waits for a success rings until the first one, and never again
    first = trained[0].ended
    assert first is not None
    assert rung(starts, first + timedelta(minutes=1)) == []


def test_a_missed_week_rings_the_dead_mans_alarm_and_no_other(
    account: Callable[..., Account],
) -> None:
    starts = account("starts")
    starts.runtime.advance(WEEK)
    pause(starts, "weekly-training")
    missed_since = starts.runtime.time
    starts.runtime.advance(10 * DAY)
    assert rung(starts, missed_since) == [(ON, "ALARM")]
    told = [message for message in starts.runtime.messages if message.time > missed_since]
    assert [(message.target_arn, message.reason) for message in told] == [(TOPIC, "")]
    starts.run("training")
    assert rung(starts, missed_since) == [(ON, "ALARM"), (ON, "OK")]


@pytest.mark.parametrize(
    ("failure", "alarms"),
    [
        ("training@2:algorithm", {"ml-platform-test-training-failed", ON}),
        # EventBridge gives up: nothing ran, so nothing failed
        ("training@2:start*9", {f"{GROUP}-target-errors", f"{GROUP}-dropped-starts", ON}),
        # started by the second attempt, a minute late: 168 hours are exactly a week
        ("training@2:start*1", {f"{GROUP}-target-errors", ON}),
        ("processing@13:start*9", {"ml-platform-test-processing-trigger-new-model-failed-starts"}),
    ],
)
def test_each_failure_rings_its_alarm(
    failure: str, alarms: set[str], account: Callable[..., Account]
) -> None:
    starts = account("starts")
    starts.runtime.script = Script(failures=(Failure.parse(failure),))
    starts.runtime.advance(2 * WEEK)
    since = START + 6 * DAY  # when training has succeeded once
    assert {name for name, state in rung(starts, since) if state == "ALARM"} == alarms


def test_a_long_execution_rings_when_it_ends(account: Callable[..., Account]) -> None:
    starts = account("starts")
    starts.runtime.script = Script({"training": timedelta(hours=5)})
    starts.runtime.advance(WEEK)
    (trained,) = starts.executions("training")
    (change,) = [found for found in starts.runtime.alarms if found.name.endswith("-too-long")
                 and found.new == "ALARM"]  # fmt: skip
    assert trained.ended is not None
    assert timedelta(0) <= change.time - trained.ended < timedelta(minutes=5)


def test_seven_days_are_scored_again(account: Callable[..., Account]) -> None:
    starts = account("starts")
    days = [f"2026-11-{day}T05:00:00Z" for day in range(24, 31)]
    again = [starts.run("processing", ScheduledTime=day) for day in days]
    assert [scheduled(one) for one in again] == days
    assert scheduled(starts.run("processing")) == "none"
    assert starts.problems() == []


def test_a_cached_step_knows_no_time_and_is_reused(account: Callable[..., Account]) -> None:
    cache = account("cache")
    cache.runtime.advance(2 * DAY)
    first, second = cache.executions("processing")
    assert first.parameters["ScheduledTime"] != second.parameters["ScheduledTime"]
    assert "Environment" not in first.jobs[0].request
    assert second.steps[0].cached == first.arn


def pause(account: Account, schedule: str) -> None:
    """Somebody disables a schedule in the console."""
    scheduler = account.aws.client("scheduler")
    held = scheduler.get_schedule(Name=schedule, GroupName=GROUP)
    names = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "Target",
             "FlexibleTimeWindow")  # fmt: skip
    scheduler.update_schedule(State="DISABLED", **{name: held[name] for name in names})
