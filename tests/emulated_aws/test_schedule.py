"""Schedule expressions: what EventBridge takes passes, and nothing else."""

from __future__ import annotations

import pytest

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
    "at(2027-01-01T00:00:00)",
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


@pytest.mark.parametrize("expression", SCHEDULES)
def test_takes_schedules_that_aws_takes(expression: str) -> None:
    assert schedule.problem(expression) is None


@pytest.mark.parametrize("expression", NO_SCHEDULES)
def test_refuses_schedules_that_aws_refuses(expression: str) -> None:
    assert schedule.problem(expression)
