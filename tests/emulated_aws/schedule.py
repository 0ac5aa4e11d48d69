"""Schedule expressions of EventBridge rules.

Documented (eventbridge/latest/userguide/eb-scheduled-rule-pattern.html, and botocore's model for
the length): the fields, their ranges and wildcards, one ? for the two days, one expression with #.

Seen on the console (github.com/grumBit/aws_cron_expression_validator/issues/18): LW, and names in
any case.

Assumed, as in Quartz, whose wildcards these are: a step is not 0 and at most what its field's
values come to, ranges go past the end (FRI-MON) except for years, L, W and # stand alone, L and W
are capital, and white space is blanks and tabs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAXIMUM_LENGTH = 256
"""Characters of an expression, with what is around its fields."""

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)", re.ASCII)
_CRON = re.compile(r"cron\(([\t -~]*)\)")


@dataclass(frozen=True)
class _Field:
    """A field of a cron expression: its range, names for values, and what else it takes."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    special: str = "(?!)"
    steps: bool = field(default=True, kw_only=True)

    def takes(self, text: str) -> bool:
        if re.fullmatch(self.special, text):
            return True
        return all(self._takes_one(item) for item in text.split(","))

    def _takes_one(self, item: str) -> bool:
        start, slash, step = item.partition("/")
        if slash and not (self.steps and step.isdecimal() and 1 <= int(step) <= self.most):
            return False
        if start == "*":
            return True
        low, hyphen, high = start.partition("-")
        first, last = self._value(low), self._value(high if hyphen else low)
        if first is None or last is None:
            return False
        return first <= last or self.name != "year"

    def _value(self, text: str) -> int | None:
        if text.upper() in self.names:
            return self.names.index(text.upper()) + 1
        if text.isdecimal() and self.least <= int(text) <= self.most:
            return int(text)
        return None


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of month", 1, 31, special=r"\?|LW?|([1-9]|[12]\d|3[01])W"),
    _Field("month", 1, 12, _MONTHS),
    _Field(
        "day of week",
        1,
        7,
        _DAYS,
        special=rf"\?|L|([1-7]|(?i:{'|'.join(_DAYS)}))(L|#[1-5])",
        steps=False,
    ),
    _Field("year", 1970, 2199),
)


def problem(expression: str) -> str | None:
    """Why EventBridge would not take a schedule expression; None when it would."""
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
