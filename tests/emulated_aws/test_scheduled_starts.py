"""EventBridge Scheduler: when schedules start pipelines, what they send, and if they cannot."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulated_aws.conftest import (
    DAY,
    DEAD_LETTERS,
    GROUP,
    START,
    WEEK,
    Account,
    arn_of,
    listed,
    may_start,
)
from emulated_aws.runtime.problems import problems
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.samples import ACCOUNT, policy, trust

#: What is due in the week, when the clocks change, from its Thursday: zone, first day, hour of the
#: schedule, and the starts in UTC.
CLOCK_CHANGES = [
    ("Europe/Berlin", "2027-03-25", 2, "25 01:00, 26 01:00, 27 01:00, 29 00:00, 30 00:00"),
    ("Europe/Berlin", "2027-03-25", 3, "25 02:00, 26 02:00, 27 02:00, 28 01:00, 29 01:00"),
    ("Europe/Berlin", "2027-10-28", 2, "28 00:00, 29 00:00, 30 00:00, 31 00:00, 01 01:00"),
    ("America/New_York", "2027-03-11", 2, "11 07:00, 12 07:00, 13 07:00, 15 06:00, 16 06:00"),
    ("America/New_York", "2027-11-04", 1, "04 05:00, 05 05:00, 06 05:00, 07 05:00, 08 06:00"),
    ("America/Sao_Paulo", "2026-10-29", 0, "29 03:00, 30 03:00, 31 03:00, 01 03:00, 02 03:00"),
]
NIGHTLY = "cron(0 2 * * ? *)"


@pytest.mark.parametrize(("zone", "first", "hour", "expected"), CLOCK_CHANGES)
def test_week_of_a_clock_change(
    zone: str, first: str, hour: int, expected: str, account: Account
) -> None:
    account.runtime.reset(datetime.fromisoformat(first).replace(tzinfo=timezone.utc))
    account.schedule(f"cron(0 {hour} * * ? *)", zone)
    account.runtime.advance(WEEK)
    assert account.times()[:5] == expected.split(", ")
    starts = account.runtime.starts
    assert [start.parameters["ScheduledTime"] for start in starts] == [
        f"{start.time:%Y-%m-%dT%H:%M:%SZ}" for start in starts
    ]
    assert problems(account.runtime) == []


def test_what_reaches_the_pipeline(account: Account) -> None:
    account.schedule(
        NIGHTLY,
        "Europe/Berlin",
        SageMakerPipelineParameters=listed(
            {
                "ScheduledTime": "at <aws.scheduler.scheduled-time>, "
                "attempt <aws.scheduler.attempt-number> of <aws.scheduler.schedule-arn>",
                "Key": r"\u003caws.scheduler.scheduled-time> <aws.scheduler.other>",
            }
        ),
    )
    account.runtime.script = Script(failures=(Failure("scoring", 1, "start", 2),))
    account.runtime.advance(DAY)
    (execution,) = account.executions("scoring")
    schedule = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/ml/nightly"
    assert execution.parameters["ScheduledTime"] == (
        f"at 2026-12-01T01:00:00Z, attempt 3 of {schedule}"
    )
    assert execution.parameters["Key"] == (
        r"\u003caws.scheduler.scheduled-time> <aws.scheduler.other>"
    )
    start = account.start()
    assert (start.source_arn, start.attempts) == (schedule, 3)
    assert start.scheduled == start.time == START + timedelta(hours=1)
    assert execution.started == start.time + timedelta(minutes=1 + 2)


def test_each_attempt_has_an_id(account: Account) -> None:
    parameters = listed({"Key": "<aws.scheduler.execution-id>"})
    account.schedule(NIGHTLY, SageMakerPipelineParameters=parameters)
    account.runtime.advance(2 * DAY)
    first, second = account.runtime.starts
    assert len(first.parameters["Key"]) == 16
    assert first.parameters != second.parameters


#: In 2099, as StartDate must not be past: what is asked for, and the starts of three days.
FIRST = datetime(2099, 12, 1, tzinfo=timezone.utc)
TIMINGS: list[tuple[str, dict[str, Any], str]] = [
    ("cron(0 2 * * ? *)", {}, "01 02:00, 02 02:00, 03 02:00"),
    ("cron(0 2 * * ? *)", {"State": "DISABLED"}, ""),
    ("cron(0 2 * * ? *)", {"StartDate": FIRST + timedelta(hours=3)}, "02 02:00, 03 02:00"),
    (
        "cron(0 2 * * ? *)",
        {"StartDate": FIRST + timedelta(hours=2)},
        "01 02:00, 02 02:00, 03 02:00",
    ),
    ("cron(0 2 * * ? *)", {"EndDate": FIRST + timedelta(hours=26)}, "01 02:00, 02 02:00"),
    ("cron(0 2 * * ? *)", {"EndDate": FIRST + timedelta(hours=25)}, "01 02:00"),
    ("rate(1 day)", {}, "01 00:00, 02 00:00, 03 00:00"),
    ("rate(1 day)", {"StartDate": FIRST + timedelta(hours=30)}, "02 06:00, 03 06:00"),
    ("rate(36 hours)", {"StartDate": FIRST - timedelta(hours=30)}, "01 06:00, 02 18:00"),
    ("at(2099-12-02T06:00:00)", {}, "02 06:00"),
    ("at(2099-12-02T06:00:00)", {"ScheduleExpressionTimezone": "Asia/Tokyo"}, "01 21:00"),
    ("at(2099-12-02T06:00:00)", {"State": "DISABLED"}, ""),
    ("at(2099-11-30T06:00:00)", {}, ""),
]


@pytest.mark.parametrize(("expression", "changes", "expected"), TIMINGS)
def test_when(expression: str, changes: dict[str, Any], expected: str, account: Account) -> None:
    account.runtime.reset(FIRST)
    account.schedule(expression, **changes)
    account.runtime.advance(timedelta(hours=30))
    account.runtime.advance(timedelta(hours=42))
    assert account.times() == [time for time in expected.split(", ") if time]


def test_flexible_window(account: Account) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
    account.runtime.advance(timedelta(hours=2, minutes=10))
    account.schedule(NIGHTLY, FlexibleTimeWindow=window)
    for _ in range(2):
        account.runtime.advance(DAY)  # to the middle of the wait
    account.runtime.advance(DAY / 2)
    # not today: it did not exist when it was due
    assert account.times() == ["02 02:30", "03 02:30"]
    times = [start.parameters["ScheduledTime"] for start in account.runtime.starts]
    assert times == ["2026-12-02T02:00:00Z", "2026-12-03T02:00:00Z"]


def test_changed_and_deleted(account: Account) -> None:
    account.schedule(NIGHTLY)
    account.runtime.advance(DAY)
    account.schedule("cron(0 5 * * ? *)")
    account.runtime.advance(DAY)
    account.aws.client("scheduler").delete_schedule(Name="nightly", GroupName="ml")
    account.runtime.advance(DAY)
    assert account.times() == ["01 02:00", "02 05:00"]


#: The trust of the role, and whether the schedule of the group gets in.
TRUSTS = [
    (may_start(), True),
    (may_start(f"{GROUP}-of-others"), False),
    (may_start(GROUP.replace("schedule-group/ml", "schedule/ml/nightly")), False),
    (may_start(f"arn:aws:events:us-east-1:{ACCOUNT}:rule/nightly"), False),
    (may_start(GROUP.replace(ACCOUNT, "210987654321")), False),
    (trust("scheduler.amazonaws.com"), True),
]


@pytest.mark.parametrize(("trusted", "starts"), TRUSTS)
def test_trust(trusted: str, starts: bool, account: Account) -> None:
    account.role("schedule", trusted, "sagemaker:StartPipelineExecution", "sqs:SendMessage")
    account.schedule(NIGHTLY)
    account.runtime.advance(DAY)
    start = account.start()
    assert (start.execution is not None) == starts
    if not starts:
        assert "does not let scheduler.amazonaws.com assume it" in start.reason
        assert (start.attempts, start.queue_arn) == (1, "")


def test_permission_to_start(account: Account) -> None:
    account.role("schedule", may_start(), "sqs:SendMessage")
    account.schedule(NIGHTLY)
    account.runtime.advance(DAY)
    start = account.start()
    assert "not authorized to perform: sagemaker:StartPipelineExecution" in start.reason
    assert (start.attempts, start.queue_arn) == (1, DEAD_LETTERS)


#: Actions of the role, and a policy of the queue: whether the dead letter arrives.
DENY = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
EVENTS = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:*", "Resource": "*"}
SCHEDULER = {"Principal": {"Service": "scheduler.amazonaws.com"}, **EVENTS}
LETTERS = [
    ("sqs:SendMessage", policy(**EVENTS), True),
    ("sqs:SendMessage", "", True),
    ("sqs:SendMessage", policy(**DENY), False),
    ("sqs:ReceiveMessage", "", False),
    ("sqs:ReceiveMessage", policy(**SCHEDULER), False),
]


@pytest.mark.parametrize(("action", "document", "arrives"), LETTERS)
def test_dead_letter_is_written_by_the_role(
    action: str, document: str, arrives: bool, account: Account
) -> None:
    sqs = account.aws.client("sqs")
    url = sqs.get_queue_url(QueueName="failed-starts")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    account.role("schedule", may_start(), action)
    account.schedule(NIGHTLY)
    account.runtime.advance(DAY)
    assert account.start().queue_arn == (DEAD_LETTERS if arrives else "")
    assert len(account.letters()) == arrives
    if not arrives:
        told = [one for one in problems(account.runtime) if "nightly could not tell" in one]
        assert "role/schedule/scheduler is not authorized to perform: sqs:SendMessage" in (
            told[0].replace("assumed-", "")
        )


#: What goes wrong, and the attributes of the dead letter that say so.
ERRORS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "scoring@1:start*9",
        {},
        {
            "ERROR_CODE": "ThrottlingException",
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
            "RETRY_ATTEMPTS": "3",
        },
    ),
    (
        "scoring@1:start*9",
        {"RetryPolicy": {"MaximumRetryAttempts": 9, "MaximumEventAgeInSeconds": 120}},
        {
            "ERROR_CODE": "ThrottlingException",
            "EXHAUSTED_RETRY_CONDITION": "MaximumEventAgeInSeconds",
            "RETRY_ATTEMPTS": "1",
        },
    ),
    ("", {"Arn": arn_of("nothing")}, {"ERROR_CODE": "ResourceNotFound", "RETRY_ATTEMPTS": "0"}),
    (
        "",
        {"SageMakerPipelineParameters": listed({"Other": "x"})},
        {"ERROR_CODE": "ValidationException", "RETRY_ATTEMPTS": "0"},
    ),
]


@pytest.mark.parametrize(("told", "changes", "attributes"), ERRORS)
def test_dead_letter(
    told: str, changes: dict[str, Any], attributes: dict[str, str], account: Account
) -> None:
    failures = tuple(Failure.parse(text) for text in told.split())
    account.runtime.script = Script(failures=failures)
    account.schedule(NIGHTLY, **changes)
    account.runtime.advance(DAY)
    (letter,) = account.letters()
    body = letter.pop("Body")
    assert body["PipelineName"] == changes.get("Arn", arn_of("scoring"))
    (parameter,) = body["PipelineParameters"]
    assert parameter["Value"] in ("2026-12-01T02:00:00Z", "x")
    assert letter.pop("ERROR_MESSAGE") in account.start().reason
    assert len(letter.pop("EXECUTION_ID")) == 16
    assert letter == attributes | {
        "IS_PAYLOAD_TRUNCATED": "false",
        "SCHEDULED_TIME": "2026-12-01T02:00:00Z",
        "SCHEDULE_ARN": f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/ml/nightly",
        "TARGET_ARN": changes.get("Arn", arn_of("scoring")),
    }


def test_failed_start_is_a_problem(account: Account) -> None:
    account.schedule(NIGHTLY, Arn=arn_of("nothing"))
    account.runtime.advance(DAY)
    assert problems(account.runtime) == [
        "nothing, which nightly starts, did not start at 2026-12-01 02:00: "
        f"Pipeline '{arn_of('nothing')}' does not exist."
    ]
