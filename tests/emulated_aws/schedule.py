"""Schedule expressions of EventBridge rules.

aws-cron-expression-validator knows the fields, their ranges and wildcards as AWS documents them
(eventbridge/latest/userguide/eb-scheduled-rule-pattern.html), and LW, which the console takes. Ours
is what it lacks: rates, the length (botocore's model), and tabs or several blanks between fields
(assumed).
"""

from __future__ import annotations

import re

from aws_cron_expression_validator.validator import (
    AWSCronExpressionError,
    AWSCronExpressionValidator,
)

MAXIMUM_LENGTH = 256
"""Characters of an expression, with what is around its fields."""

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)", re.ASCII)
_CRON = re.compile(r"cron\(([\t -~]*)\)")


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
    try:
        AWSCronExpressionValidator.validate(" ".join(cron[1].split()))
    except AWSCronExpressionError as error:
        return str(error)
    return None
