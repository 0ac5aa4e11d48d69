"""Schedule expressions of EventBridge rules and Scheduler: which are taken, and when they fire.

aws-cron-expression-validator knows the fields, their ranges and wildcards as AWS documents them
(eventbridge/latest/userguide/eb-scheduled-rule-pattern.html), and LW, which the console takes. Ours
is what it lacks: rates, the length (botocore's model), and tabs or several blanks between fields
(assumed); and at(), which only Scheduler takes.

No library knows when all of them fire: aws-croniter refuses LW, long steps and open ranges, takes
L for no day of the week and gives up on rare days; pyawscron knows less, the rest another grammar.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone, tzinfo

from aws_cron_expression_validator.validator import (
    AWSCronExpressionError,
    AWSCronExpressionValidator,
)

MAXIMUM_LENGTH = 256
"""Characters of an expression, with what is around its fields."""

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)", re.ASCII)
_CRON = re.compile(r"cron\(([\t -~]*)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)", re.ASCII)

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_NUMBERS = {
    name: number
    for names in (_MONTHS, "SUN MON TUE WED THU FRI SAT")
    for number, name in enumerate(names.split(), 1)
} | {"L": 7}  # the last day of the week; so L-3 is SAT-TUE (assumed: AWS documents no such range)


def problem(expression: str, *, once: bool = False) -> str | None:
    """Why EventBridge would not take a schedule expression; None when it would.

    Args:
        expression: such as "rate(1 day)".
        once: whether it may be a single moment, as in EventBridge Scheduler: at(...).
    """
    if len(expression) > MAXIMUM_LENGTH:
        return f"{len(expression)} characters are more than {MAXIMUM_LENGTH}"
    rate = _RATE.fullmatch(expression)
    if rate:
        number, plural = int(rate[1]), rate[3] == "s"
        if number == 0:
            return "a rate is at least 1"
        if plural == (number == 1):
            return f"{number} goes with {rate[2]}{'' if number == 1 else 's'}"
        return None
    if once and (at := _AT.fullmatch(expression)):
        try:
            _wall(at[1])
        except ValueError as error:
            return str(error)
        return None
    cron = _CRON.fullmatch(expression)
    if not cron:
        moment = ", nor at(yyyy-mm-ddThh:mm:ss)" if once else ""
        return f"neither rate(number unit) nor cron(six fields){moment}"
    try:
        AWSCronExpressionValidator.validate(" ".join(cron[1].split()))
    except AWSCronExpressionError as error:
        return str(error)
    return None


def starts(
    expression: str,
    after: datetime,
    *,
    zone: tzinfo = timezone.utc,
    anchor: datetime | None = None,
) -> Iterator[datetime]:
    """When a schedule fires after `after` (exclusive, aware): in UTC, in order.

    There is no end, unless the years of a cron run out; at() fires once. Both are wall-clock times
    of `zone` (EventBridge Scheduler; rules use UTC, and have no at()). A rate counts from `anchor`,
    by default `after`, and does not fire at the anchor itself.
    """
    if found := problem(expression, once=True):
        raise ValueError(f"{expression}: {found}")
    if at := _AT.fullmatch(expression):
        moment = _moment(_wall(at[1]).replace(tzinfo=zone))
        return iter([moment] if moment and moment > after else [])
    if rate := _RATE.fullmatch(expression):
        return _rate_starts(int(rate[1]), rate[2], after, anchor or after)
    fields = expression.removeprefix("cron(").removesuffix(")").upper().split()
    return _cron_starts(fields, after, zone)


def _rate_starts(number: int, unit: str, after: datetime, anchor: datetime) -> Iterator[datetime]:
    with suppress(OverflowError):  # the years of datetime run out
        period = timedelta(**{f"{unit}s": number})
        start = anchor.astimezone(timezone.utc)  # a day is 24 hours, whatever the clocks do
        start += max((after - start) // period + 1, 1) * period
        while True:
            yield start
            start += period


def _cron_starts(fields: list[str], after: datetime, zone: tzinfo) -> Iterator[datetime]:
    minute, hour, day_of_month, month, day_of_week, year = fields
    today = after.astimezone(zone).date()
    times = [(h, m) for h in _values(hour, 0, 23) for m in _values(minute, 0, 59)]
    dates = (
        (y, m, day)
        for y in _values(year, 1970, 2199)
        for m in _values(month, 1, 12)
        if (y, m) >= (today.year, today.month)
        for day in _days(y, m, day_of_month, day_of_week)
        if (y, m, day) >= (today.year, today.month, today.day)
    )
    for date in dates:
        for time in times:
            start = _moment(datetime(*date, *time, tzinfo=zone))
            if start and start > after:
                yield start


def _wall(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")


def _moment(wall: datetime) -> datetime | None:
    """A wall-clock time in UTC; None for one that clocks put forward leave out.

    One that clocks put back repeat is the first of the two (fold is 0).
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    """
    moment = wall.astimezone(timezone.utc)
    return moment if moment.astimezone(wall.tzinfo) == wall else None


def _days(year: int, month: int, day_of_month: str, day_of_week: str) -> list[int]:
    """The days of a month that the two day fields mean, one of which is `?`."""
    first, length = calendar.monthrange(year, month)
    weekdays = {day: (first + day) % 7 + 1 for day in range(1, length + 1)}  # Sunday is 1
    working = [day for day, weekday in weekdays.items() if 2 <= weekday <= 6]
    if day_of_month == "L":
        return [length]
    if day_of_month == "LW":
        return working[-1:]
    if day_of_month.endswith("W"):
        wanted = int(day_of_month[:-1])
        nearest = min(working, key=lambda day: abs(day - wanted))
        return [nearest] if wanted <= length else []
    if one := re.fullmatch(r"(\w+)(?:L|#(\d))", day_of_week):
        such = [day for day, weekday in weekdays.items() if weekday == _number(one[1])]
        return such[int(one[2]) - 1 :][:1] if one[2] else such[-1:]
    of_month, of_week = _values(day_of_month, 1, 31), _values(day_of_week, 1, 7)
    return [day for day, weekday in weekdays.items() if day in of_month and weekday in of_week]


def _values(field: str, lowest: int, highest: int) -> list[int]:
    """The numbers that a field means, in order; a range may wrap, as FRI-MON does."""
    values = set()
    for item in field.replace("?", "*").split(","):
        span, _, step = item.partition("/")
        start, dash, end = span.partition("-")
        first = lowest if start == "*" else _number(start)
        if dash:
            last = highest if end == "*" else _number(end)
        else:
            last = highest if start == "*" or step else first
        size = highest - lowest + 1
        unwrapped = range(first, last + 1 + (size if last < first else 0), int(step or 1))
        values |= {lowest + (value - lowest) % size for value in unwrapped}
    return sorted(values)


def _number(text: str) -> int:
    return _NUMBERS[text] if text in _NUMBERS else int(text)
