"""Schedule expressions: what AWS takes passes, and nothing else; and when they fire."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from aws_croniter import AwsCroniter

from emulated_aws import schedule

#: Schedule expressions that EventBridge takes.
SCHEDULES = [
    "rate(1 minute)",
    "rate(12 hours)",
    "cron(0 2 ? * SUN *)",
    "cron(0 2 ? * sun *)",
    "cron(0/15 8-18 ? * Mon-fri *)",
    "cron(0 6 * * ? *)",
    "cron(0 6 * jan,Jul ? *)",
    "cron(0 6 L * ? *)",
    "cron(0 6 LW * ? *)",
    "cron(0 6 15W JAN,JUL ? 2027-2030)",
    "cron(30 6 ? * 2#1 *)",
    "cron(30 6 ? * MON#2 *)",
    "cron(30 6 ? * 6L *)",
    "cron(30 6 ? * friL *)",
    "cron(30 6 ? * L *)",
    "cron(30 6 ? * FRI-MON *)",
    "cron(0 22-2 * * ? *)",
    "cron(0/10,5 6 * * ? *)",
    "cron(5-10/2 * * * ? *)",
    "cron(59/59 23/23 31/31 12/12 ? 2199/2199)",
    "cron(0 0 L * ? 2026/2)",
    "cron(0  6\t* * ? *)",
]

#: Schedule expressions that EventBridge refuses.
NO_SCHEDULES = [
    "",
    "0 2 ? * SUN *",
    "rate(1 days)",
    "rate(2 day)",
    "rate(0 days)",
    "rate(1 week)",
    "rate(٢ days)",
    "Rate(1 day)",
    "cron()",
    "cron(0 2 ? * SUN)",
    "cron(0 0 2 ? * SUN *)",
    "cron(0 2 * * * *)",
    "cron(0 2 ? * ? *)",
    "cron(? 2 * * ? *)",
    "cron(0 2 ?,1 * SUN *)",
    "cron(60 2 * * ? *)",
    "cron(0 24 ? * SUN *)",
    "cron(0 2 0 * ? *)",
    "cron(0 2 32 * ? *)",
    "cron(0 2 * 13 ? *)",
    "cron(0 2 ? * 0 *)",
    "cron(0 2 ? * 8 *)",
    "cron(0 2 * * ? 2200)",
    "cron(0 2 ? * SUNDAY *)",
    "cron(0 2 ? * SO *)",
    "cron(0 2 * SUN ? *)",
    "cron(0/0 2 * * ? *)",
    "cron(/15 2 * * ? *)",
    "cron(0/ 2 * * ? *)",
    "cron(0/5/5 2 * * ? *)",
    "cron(0 2 ? * MON/2 *)",
    "cron(0 2 ? * */2 *)",
    "cron(0 2 ? * MON#0 *)",
    "cron(0 2 ? * MON#6 *)",
    "cron(0 2 ? * XYZ#1 *)",
    "cron(0 2 ? * XYZL *)",
    "cron(0 2 ? * 3#1,6#3 *)",
    "cron(0 2 L,15 * ? *)",
    "cron(0 2 1W,15 * ? *)",
    "cron(0 2 32W * ? *)",
    "cron(0 2 WL * ? *)",
    "cron(0 2 ? * LW *)",
    "cron(0,,5 2 * * ? *)",
    "cron(- 2 * * ? *)",
    "cron(٢ 2 * * ? *)",
    "cron(0\n2 * * ? *)",
    "cron(0\u20032 * * ? *)",
    "cron(0 2 * * ? *)\n",
    " cron(0 2 * * ? *)",
    f"cron(0 2{' ' * 241}* * ? *)",
]


#: What looks like a moment, and is none.
NO_MOMENTS = [
    "at()",
    "at(2027-01-01)",
    "at(2027-01-01 00:00:00)",
    "at(2027-01-01T00:00)",
    "at(2027-01-01T00:00:00Z)",
    "at(2027-01-01T00:00:00+01:00)",
    "at(2027-01-01T00:00:00.000)",
    "at(2027-1-1T00:00:00)",
    "at(2027-02-29T00:00:00)",
    "at(2027-04-31T00:00:00)",
    "at(2027-13-01T00:00:00)",
    "at(2027-01-01T24:00:00)",
    "at(2027-01-01T00:60:00)",
    "at(2027-01-01T00:00:60)",
    "at(202\u0667-01-01T00:00:00)",
    "At(2027-01-01T00:00:00)",
    " at(2027-01-01T00:00:00)",
    "at(2027-01-01T00:00:00)\n",
]


@pytest.mark.parametrize("expression", SCHEDULES)
def test_takes_schedules_that_aws_takes(expression: str) -> None:
    assert schedule.problem(expression) is None


@pytest.mark.parametrize("expression", NO_SCHEDULES)
@pytest.mark.parametrize("once", [False, True])
def test_refuses_schedules_that_aws_refuses(expression: str, once: bool) -> None:
    assert schedule.problem(expression, once=once)


@pytest.mark.parametrize("expression", ["at(2027-01-01T00:00:00)", "at(2028-02-29T23:59:59)"])
def test_only_scheduler_takes_a_moment(expression: str) -> None:
    assert schedule.problem(expression, once=True) is None
    assert schedule.problem(expression)


@pytest.mark.parametrize("expression", NO_MOMENTS)
def test_refuses_what_is_no_moment(expression: str) -> None:
    assert schedule.problem(expression, once=True)


#: Cron expressions that aws-croniter knows too.
KNOWN_TO_AWS_CRONITER = [
    "0 2 ? * SUN *",
    "0 3 * * ? *",
    "0/20,5 6 1 * ? *",
    "5/20 6-18/4 ? 3,Jul tue *",
    "50-10/5 22-2 L * ? *",
    "0 6 */10,31 * ? *",
    "0 6 30-2 nov-FEB ? *",
    "0 6 15W * ? *",
    "0 6 31W * ? *",
    "0 6 ? * MON,WED-FRI 2027-2028",
    "0 6 ? * SAT-mon *",
    "0 6 ? * 2#5 *",
    "0 6 ? * friL *",
    "*/7 * 28-31 2 ? 2028",
]

#: Day of month, month, day of week and year: the next dates.
DATES = {
    "LW * ? *": "2026-01-30 2026-02-27 2026-03-31 2026-04-30 2026-05-29",
    "1W 1-3,8 ? *": "2026-01-01 2026-02-02 2026-03-02 2026-08-03 2027-01-01",
    "15W 2,4,8 ? *": "2026-02-16 2026-04-15 2026-08-14 2027-02-15",
    "30W * ? *": "2026-01-30 2026-03-30 2026-04-30 2026-05-29",
    "31W * ? *": "2026-01-30 2026-03-31 2026-05-29 2026-07-31",
    "31 * ? *": "2026-01-31 2026-03-31 2026-05-31 2026-07-31",
    "30-2 * ? *": "2026-01-01 2026-01-02 2026-01-30 2026-01-31 2026-02-01 2026-02-02 2026-03-01",
    "29-3/2 2,3 ? *": "2026-02-02 2026-03-02 2026-03-29 2026-03-31 2027-02-02",
    "20/20 * ? *": "2026-01-20 2026-02-20",
    "L feb ? *": "2026-02-28 2027-02-28 2028-02-29",
    "29 2 ? *": "2028-02-29 2032-02-29 2036-02-29",
    "29 2 ? 2096-2104": "2096-02-29 2104-02-29",
    "30 2 ? *": "",
    "1 nov-FEB ? *": "2026-01-01 2026-02-01 2026-11-01 2026-12-01 2027-01-01",
    "1 nov-2/2 ? *": "2026-01-01 2026-11-01 2027-01-01",
    "1 Jan ? 2020/4": "2028-01-01 2032-01-01 2036-01-01",
    "1 jan ? */100": "2070-01-01 2170-01-01",
    "1 1 ? 2030,2028,2190-*/9": "2028-01-01 2030-01-01 2190-01-01 2199-01-01",
    "1 1 ? 1970-2030/25": "",
    "? * 1,sat *": "2026-01-03 2026-01-04 2026-01-10",
    "? * FRI-mon *": "2026-01-02 2026-01-03 2026-01-04 2026-01-05 2026-01-09",
    "? * *-2 *": "2026-01-04 2026-01-05 2026-01-11",
    "? * L *": "2026-01-03 2026-01-10",
    "? * 6L *": "2026-01-30 2026-02-27 2026-03-27 2026-04-24 2026-05-29",
    "? * 2#5 *": "2026-03-30 2026-06-29 2026-08-31 2026-11-30",
    "? * Thu#1 *": "2026-01-01 2026-02-05 2026-03-05",
    "? 2 MON#5 *": "2044-02-29 2072-02-29",
}

#: Minute and hour: the times of a day.
TIMES = {
    "5/20 6": "06:05 06:25 06:45",
    "*/25 6": "06:00 06:25 06:50",
    "59/1 6": "06:59",
    "0/100 6": "06:00",
    "5-10/2,30 6": "06:05 06:07 06:09 06:30",
    "55-5/5 6": "06:00 06:05 06:55",
    "57-* 6": "06:57 06:58 06:59",
    "0 22-2": "00:00 01:00 02:00 22:00 23:00",
    "0 22-2/2": "00:00 02:00 22:00",
    "00 *-5/2": "00:00 02:00 04:00",
    "30 08,9": "08:30 09:30",
}

#: Zone, cron expression and a time in UTC: the next starts in UTC.
ZONED = [
    # forward at 02:00 on 29 March, back at 03:00 on 25 October
    ("Europe/Berlin", "30 2 * * ? *", "2026-03-28 00:00", ["2026-03-28 01:30", "2026-03-30 00:30"]),
    (
        "Europe/Berlin",
        "0 2-3 29 3 ? *",
        "2026-03-28 00:00",
        ["2026-03-29 01:00", "2027-03-29 00:00"],
    ),
    ("Europe/Berlin", "30 2 * * ? *", "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30"]),
    ("Europe/Berlin", "30 2 * * ? *", "2026-10-25 00:45", ["2026-10-26 01:30"]),
    # forward at 02:00 on 8 March, back at 02:00 on 1 November
    (
        "America/New_York",
        "30 2 * * ? *",
        "2026-03-07 00:00",
        ["2026-03-07 07:30", "2026-03-09 06:30"],
    ),
    (
        "America/New_York",
        "30 1 * * ? *",
        "2026-10-31 12:00",
        ["2026-11-01 05:30", "2026-11-02 06:30"],
    ),
    # forward at 00:00 on 4 November 2018, and not any more
    (
        "America/Sao_Paulo",
        "0 0 * * ? *",
        "2018-11-03 00:00",
        ["2018-11-03 03:00", "2018-11-05 02:00"],
    ),
    (
        "America/Sao_Paulo",
        "0 0 1 2,11 ? *",
        "2026-01-01 00:00",
        ["2026-02-01 03:00", "2026-11-01 03:00"],
    ),
    # another day in UTC
    ("America/New_York", "0 23 ? * SUN *", "2026-01-05 03:59", ["2026-01-05 04:00"]),
    ("Asia/Tokyo", "0 1 ? * MON *", "2026-01-04 15:59", ["2026-01-04 16:00"]),
]

#: Rate, anchor and a time: the next starts.
RATES = [
    ("1 minute", None, "2026-01-01 06:00", ["2026-01-01 06:01", "2026-01-01 06:02"]),
    ("36 hours", None, "2026-01-01 06:00", ["2026-01-02 18:00", "2026-01-04 06:00"]),
    ("12 hours", "2026-01-01 05:00", "2026-03-01 00:00", ["2026-03-01 05:00", "2026-03-01 17:00"]),
    ("12 hours", "2026-01-01 05:00", "2026-03-01 05:00", ["2026-03-01 17:00"]),
    ("7 days", "2026-01-01 06:00", "2026-01-20 00:00", ["2026-01-22 06:00", "2026-01-29 06:00"]),
    ("1 day", "2026-02-01 06:00", "2026-01-01 00:00", ["2026-02-02 06:00"]),
]

LAST_YEAR = datetime(2025, 12, 31, 23, 59, tzinfo=timezone.utc)


def first(starts: Iterator[datetime], count: int, form: str = "%Y-%m-%d %H:%M") -> list[str]:
    return [start.strftime(form) for start in itertools.islice(starts, count)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("expression", SCHEDULES)
def test_every_schedule_fires(expression: str) -> None:
    assert next(schedule.starts(expression, LAST_YEAR)) > LAST_YEAR


@pytest.mark.parametrize("expression", [*NO_SCHEDULES, *NO_MOMENTS])
def test_what_aws_refuses_has_no_starts(expression: str) -> None:
    with pytest.raises(ValueError):
        schedule.starts(expression, LAST_YEAR)


@pytest.mark.parametrize("cron", KNOWN_TO_AWS_CRONITER)
def test_cron_fires_when_aws_croniter_says(cron: str) -> None:
    end = datetime(2031, 1, 1, tzinfo=timezone.utc)
    starts = schedule.starts(f"cron({cron})", LAST_YEAR)
    expected = AwsCroniter(cron).get_all_schedule_bw_dates(LAST_YEAR, end)
    assert expected
    assert list(itertools.takewhile(lambda start: start <= end, starts)) == expected


@pytest.mark.parametrize("days", DATES)
def test_cron_fires_on_dates(days: str) -> None:
    expected = DATES[days].split()
    starts = schedule.starts(f"cron(0 6 {days})", LAST_YEAR)
    assert first(starts, len(expected) or 1, "%Y-%m-%d") == expected


@pytest.mark.parametrize("days", ["29 2 ? 2096-2104", "1 jan ? */100", "? * * 2025"])
def test_cron_ends_with_its_years(days: str) -> None:
    starts = schedule.starts(f"cron(0 6 {days})", LAST_YEAR)
    assert first(starts, 99, "%Y-%m-%d") == DATES.get(days, "").split()


@pytest.mark.parametrize("times", TIMES)
def test_cron_fires_at_times(times: str) -> None:
    starts = schedule.starts(f"cron({times} 1 1 ? 2026)", LAST_YEAR)
    assert first(starts, 99, "%H:%M") == TIMES[times].split()


def test_cron_fires_after() -> None:
    six = utc("2026-01-01 06:00")
    for after, day in [(six - timedelta(seconds=1), 1), (six, 2), (six + timedelta(seconds=1), 2)]:
        assert next(schedule.starts("cron(0 6 * * ? *)", after)) == six.replace(day=day)


@pytest.mark.parametrize(("zone", "cron", "after", "expected"), ZONED)
def test_cron_follows_the_clocks(zone: str, cron: str, after: str, expected: list[str]) -> None:
    starts = schedule.starts(f"cron({cron})", utc(after), zone=ZoneInfo(zone))
    assert first(starts, len(expected)) == expected


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("UTC", "2026-11-29T02:00:00", ["2026-11-29 02:00"]),
        ("Europe/Berlin", "2026-11-29T02:00:00", ["2026-11-29 01:00"]),
        ("Europe/Berlin", "2026-03-29T02:30:00", []),
        ("Europe/Berlin", "2026-10-25T02:30:00", ["2026-10-25 00:30"]),
        ("UTC", "2025-12-31T23:59:00", []),
    ],
)
def test_at_fires_once(zone: str, wall: str, expected: list[str]) -> None:
    starts = schedule.starts(f"at({wall})", LAST_YEAR, zone=ZoneInfo(zone))
    assert first(starts, 2) == expected


@pytest.mark.parametrize(("rate", "anchor", "after", "expected"), RATES)
def test_rate_counts(rate: str, anchor: str | None, after: str, expected: list[str]) -> None:
    starts = schedule.starts(f"rate({rate})", utc(after), anchor=utc(anchor) if anchor else None)
    assert first(starts, len(expected)) == expected


def test_days_of_a_rate_are_24_hours() -> None:
    noon = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert first(schedule.starts("rate(1 day)", noon), 1) == ["2026-03-29 11:00"]


def test_rate_of_more_than_all_time_never_fires() -> None:
    assert not first(schedule.starts(f"rate({9**99} days)", LAST_YEAR), 1)
