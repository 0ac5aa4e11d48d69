"""Schedule expressions of EventBridge rules.

Grammar: eventbridge/latest/userguide/eb-scheduled-rule-pattern.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\((.*)\)")


@dataclass(frozen=True)
class _Field:
    """A field of a cron expression: its range, names for values, and what else it takes."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    special: str = "(?!)"
    steps: bool = True
    first: int = field(default=1, kw_only=True)

    def takes(self, text: str) -> bool:
        return all(self._takes_one(item) for item in text.split(","))

    def _takes_one(self, item: str) -> bool:
        if item == "*" or re.fullmatch(self.special, item):
            return True
        start, slash, step = item.partition("/")
        if slash and not (self.steps and step.isdecimal() and 1 <= int(step) <= self.most):
            return False
        if start == "*":
            return True
        low, hyphen, high = start.partition("-")
        values = [self._value(low), self._value(high) if hyphen else self._value(low)]
        return None not in values

    def _value(self, text: str) -> int | None:
        if text.upper() in self.names:
            return self.names.index(text.upper()) + self.first
        if text.isdecimal() and self.least <= int(text) <= self.most:
            return int(text)
        return None


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of month", 1, 31, special=r"\?|L|([1-9]|[12]\d|3[01])W"),
    _Field("month", 1, 12, _MONTHS),
    _Field(
        "day of week",
        1,
        7,
        _DAYS,
        special=r"\?|([1-7]|[A-Z]{3})?L|([1-7]|[A-Z]{3})#[1-5]",
        steps=False,
    ),
    _Field("year", 1970, 2199),
)


def problem(expression: str) -> str | None:
    """Why EventBridge would not take a schedule expression; None when it would."""
    rate = _RATE.fullmatch(expression)
    if rate:
        number, plural = int(rate[1]), rate[3] == "s"
        if number == 0:
            return "a rate is at least 1"
        if plural == (number == 1):
            return f"{number} goes with {rate[2]}{'' if number == 1 else 's'}"
        return None
    cron = _CRON.fullmatch(expression)
    if not cron:
        return "neither rate(number unit) nor cron(six fields)"
    texts = cron[1].split()
    if len(texts) != len(_FIELDS):
        return f"cron has {len(_FIELDS)} fields, not {len(texts)}"
    for entry, text in zip(_FIELDS, texts, strict=True):
        if not entry.takes(text):
            return f"{text} is no value for {entry.name}"
    if (texts[2] == "?") == (texts[4] == "?"):
        return "exactly one of day of month and day of week is ?"
    return None
