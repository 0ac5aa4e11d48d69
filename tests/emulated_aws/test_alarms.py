"""CloudWatch alarms: what services count, when alarms ring, and who is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from emulated_aws.conftest import (
    DAY,
    DURATION,
    GROUP,
    START,
    TOPIC,
    WEEK,
    Account,
    arn_of,
    listed,
    may_start,
)
from emulated_aws.runtime.alarms import verdict
from emulated_aws.runtime.problems import problems
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.samples import ACCOUNT, policy, trust

#: A datapoint falls out of a period a second after the period.
SECOND = timedelta(seconds=1)
PIPELINES = ("AWS/Sagemaker/ModelBuildingPipeline", "PipelineName")
EVENTS = ("AWS/Events", "RuleName")
SCHEDULER = ("AWS/Scheduler", "ScheduleGroup")

FAILED: dict[str, Any] = {"MetricName": "ExecutionFailed"}
NO_SUCCESS: dict[str, Any] = {
    "MetricName": "ExecutionSucceeded",
    "ComparisonOperator": "LessThanThreshold",
    "Period": 3600,
    "EvaluationPeriods": 168,
    "TreatMissingData": "breaching",
    "OKActions": [TOPIC],
}
TOO_LONG: dict[str, Any] = {
    "MetricName": "ExecutionDuration",
    "Statistic": "Maximum",
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 40 * 60000,
}


def alarm(
    account: Account, name: str, of: str, kind: tuple[str, str] = PIPELINES, **changes: Any
) -> None:
    """Make an alarm, which rings at one datapoint in five minutes, but for what is given."""
    namespace, dimension = kind
    request = {
        "AlarmName": name,
        "Namespace": namespace,
        "Dimensions": [{"Name": dimension, "Value": of}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [TOPIC],
    }
    account.aws.client("cloudwatch").put_metric_alarm(**request | changes)


def rings(account: Account) -> list[str]:
    """The alarms that rang, in order."""
    return [change.name for change in account.runtime.alarms if change.new == "ALARM"]


def all_alarms(account: Account) -> None:
    for pipeline in ("training", "scoring"):
        alarm(account, f"{pipeline}-failed", pipeline, **FAILED)
        alarm(account, f"{pipeline}-no-success", pipeline, **NO_SUCCESS)
        alarm(account, f"{pipeline}-too-long", pipeline, **TOO_LONG)
    alarm(account, "weekly-failed-starts", "weekly", EVENTS, MetricName="FailedInvocations")
    alarm(account, "schedules-errors", "ml", SCHEDULER, MetricName="TargetErrorCount")
    alarm(account, "schedules-dropped", "ml", SCHEDULER, MetricName="InvocationDroppedCount")


@pytest.fixture
def watched(account: Account) -> Account:
    """An account with all alarms, whose training is on Sundays, and whose scoring is nightly.

    Both have succeeded before; nothing has been wrong.
    """
    account.rule("weekly", "cron(0 2 ? * SUN *)", {"Arn": arn_of("training")})
    account.schedule("cron(0 3 * * ? *)")
    for name in ("training", "scoring"):
        account.runtime.run(arn_of(name))
    all_alarms(account)
    account.runtime.advance(2 * WEEK)
    assert rings(account) == []
    return account


# What rings, and nothing else


def test_all_is_well(watched: Account) -> None:
    watched.runtime.advance(4 * WEEK)
    assert rings(watched) == []
    assert problems(watched.runtime) == []
    assert [one for one in watched.runtime.messages if one.source_arn.endswith("failed")] == []


def test_a_missed_week(watched: Account) -> None:
    last = watched.executions("training")[-1].ended
    assert last is not None
    events = watched.aws.client("events")
    events.disable_rule(Name="weekly")
    watched.runtime.advance(WEEK)
    events.enable_rule(Name="weekly")
    watched.runtime.advance(WEEK)
    lost, found = watched.runtime.alarms[-2:]
    assert rings(watched) == ["training-no-success"]
    assert (lost.name, lost.old, lost.new) == ("training-no-success", "OK", "ALARM")
    assert lost.time == last + WEEK + SECOND
    assert lost.reason == "No datapoints in 168 periods, and missing ones are treated as breaching."
    assert (found.name, found.old, found.new) == ("training-no-success", "ALARM", "OK")
    assert found.time == watched.executions("training")[-1].ended == last + 2 * WEEK
    assert found.reason == "1 datapoint [1] in 168 periods: not less than the threshold (1)."
    told = [(json.loads(one.text)["NewStateValue"], one.reason) for one in watched.runtime.messages]
    assert told[-2:] == [("ALARM", ""), ("OK", "")]
    assert f"The alarm training-no-success rang at {lost.time:%Y-%m-%d %H:%M}: {lost.reason}" in (
        problems(watched.runtime)
    )


def test_a_failed_execution(watched: Account) -> None:
    number = len(watched.executions("scoring")) + 1
    watched.runtime.script = Script(
        {"Processing": DURATION}, (Failure("scoring", number), Failure("scoring", number + 2))
    )
    watched.runtime.advance(WEEK)
    first, over, second, _ = (
        change for change in watched.runtime.alarms if "ALARM" in (change.old, change.new)
    )
    assert rings(watched) == ["scoring-failed"] * 2
    assert first.time == watched.executions("scoring")[number - 1].ended
    assert over.time == first.time + timedelta(minutes=5) + SECOND
    assert second.time == first.time + 2 * DAY
    assert problems(watched.runtime) == [], "it was told to"


def test_a_long_execution(watched: Account) -> None:
    limit = timedelta(minutes=40)
    watched.runtime.script = Script({"scoring": limit, "Processing": DURATION})
    watched.runtime.advance(DAY)
    assert rings(watched) == []
    watched.runtime.script = Script({"scoring": limit + SECOND, "Processing": DURATION})
    watched.runtime.advance(DAY)
    assert rings(watched) == ["scoring-too-long"]
    (change,) = (change for change in watched.runtime.alarms if change.new == "ALARM")
    assert change.time == watched.executions("scoring")[-1].ended
    assert change.reason == (
        "1 datapoint [2401000] in 1 period: greater than the threshold (2400000)."
    )
    assert any("scoring-too-long rang" in one for one in problems(watched.runtime))


def test_a_rule_that_cannot_start(watched: Account) -> None:
    watched.role("events", trust("events.amazonaws.com"), "s3:GetObject")
    watched.runtime.advance(WEEK)
    assert rings(watched) == ["weekly-failed-starts", "training-no-success"]


def test_a_rule_that_starts_at_the_second_attempt(watched: Account) -> None:
    number = 1 + sum(one.pipeline_arn == arn_of("training") for one in watched.runtime.starts)
    failures = (Failure("training", number, "start", 2),)
    watched.runtime.script = Script({"Processing": DURATION}, failures)
    watched.runtime.advance(WEEK)
    assert watched.runtime.starts[-1].pipeline_arn == arn_of("scoring")
    assert any(start.attempts == 3 for start in watched.runtime.starts)
    # three minutes late, and so three minutes more than a week after the success before
    assert rings(watched) == ["training-no-success"]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [(2, ["schedules-errors"]), (9, ["schedules-errors", "schedules-dropped"])],
)
def test_a_schedule_that_is_throttled(attempts: int, expected: list[str], watched: Account) -> None:
    number = 1 + sum(one.pipeline_arn == arn_of("scoring") for one in watched.runtime.starts)
    failures = (Failure("scoring", number, "start", attempts),)
    watched.runtime.script = Script({"Processing": DURATION}, failures)
    watched.runtime.advance(DAY)
    assert sorted(set(rings(watched))) == sorted(expected)


# Fresh alarms, and those that wait for what never comes


def test_fresh_alarms(account: Account) -> None:
    all_alarms(account)
    for missing in ("missing", "ignore", "breaching"):
        alarm(account, missing, "training", MetricName="ExecutionStopped", TreatMissingData=missing)
    account.runtime.advance(WEEK)
    states = {
        one["AlarmName"]: one["StateValue"]
        for one in account.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
        if one["AlarmName"] not in ("missing", "ignore")
    }
    assert rings(account) == ["training-no-success", "scoring-no-success", "breaching"]
    assert {change.time for change in account.runtime.alarms} == {START}
    assert states.pop("breaching") == states.pop("training-no-success") == "ALARM"
    assert states.pop("scoring-no-success") == "ALARM"
    assert set(states.values()) == {"OK"}
    assert problems(account.runtime) == [], "they wait for the first success"
    changed = {change.name for change in account.runtime.alarms}
    assert not {"missing", "ignore"} & changed, "they stay in INSUFFICIENT_DATA"


def test_an_updated_alarm_keeps_its_state(account: Account) -> None:
    alarm(account, "late", "training", **NO_SUCCESS)
    account.runtime.advance(DAY)
    alarm(account, "late", "training", **NO_SUCCESS | {"EvaluationPeriods": 24})
    account.runtime.advance(DAY)
    assert rings(account) == ["late"]
    cloudwatch = account.aws.client("cloudwatch")
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"
    cloudwatch.delete_alarms(AlarmNames=["late"])
    account.runtime.advance(DAY)
    alarm(account, "late", "training", **NO_SUCCESS)
    account.runtime.advance(DAY)
    assert rings(account) == ["late", "late"]


# Windows

#: A window of three periods, the oldest first (X breaches, 0 does not, - is missing), how many have
#: to breach, and the state with missing, ignore, breaching and notBreaching ("" stays as it is).
WINDOWS = [
    ("---", 3, "INSUFFICIENT_DATA", "", "ALARM", "OK"),
    ("0--", 3, "OK", "OK", "OK", "OK"),
    ("--0", 3, "OK", "OK", "OK", "OK"),
    ("0XX", 3, "OK", "OK", "OK", "OK"),
    ("XXX", 3, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("X--", 3, "ALARM", "", "ALARM", "OK"),
    ("XX-", 3, "ALARM", "", "ALARM", "OK"),
    ("--X", 3, "", "", "ALARM", "OK"),
    ("0XX", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0X-", 2, "OK", "OK", "ALARM", "OK"),
    ("-X-", 2, "ALARM", "", "ALARM", "OK"),
    ("--X", 2, "", "", "ALARM", "OK"),
    ("--0", 2, "OK", "OK", "ALARM", "OK"),
    ("--X", 1, "ALARM", "ALARM", "ALARM", "ALARM"),
]


@pytest.mark.parametrize(("window", "needed", *"mibn"), WINDOWS)
def test_missing_data(window: str, needed: int, m: str, i: str, b: str, n: str) -> None:
    breaches = {place: point == "X" for place, point in enumerate(reversed(window)) if point != "-"}
    states = [
        verdict(breaches, 3, needed, missing)
        for missing in ("missing", "ignore", "breaching", "notBreaching")
    ]
    assert states == [m, i, b, n]


DURATIONS = {"MetricName": "ExecutionDuration"}
#: Minutes of datapoints, an alarm of an hour's periods, and when it is in ALARM, in minutes.
SLIDING: list[tuple[list[int], dict[str, Any], list[tuple[int, int]]]] = [
    ([0], {}, [(0, 60)]),
    ([0, 30], {}, [(0, 90)]),
    ([0, 30], {"Threshold": 2}, [(30, 60)]),
    ([0, 61], {"Threshold": 2}, []),
    ([0], {"EvaluationPeriods": 3, "DatapointsToAlarm": 1}, [(0, 180)]),
    ([0, 60], {"EvaluationPeriods": 2}, [(60, 120)]),
    ([0, 61], {"EvaluationPeriods": 2}, [(61, 120)]),
    ([0, 30], {"Threshold": 2} | DURATIONS | {"Statistic": "Maximum"}, []),
    ([0, 30], DURATIONS | {"Statistic": "Minimum"}, [(0, 90)]),
    ([0, 30], DURATIONS | {"Statistic": "Average"}, [(0, 90)]),
    ([0], {"ComparisonOperator": "GreaterThanThreshold"}, []),
    ([0], {"ComparisonOperator": "LessThanOrEqualToThreshold"}, [(0, 60)]),
]


@pytest.mark.parametrize(("minutes", "changes", "expected"), SLIDING)
def test_windows_slide(
    minutes: list[int], changes: dict[str, Any], expected: list[tuple[int, int]], account: Account
) -> None:
    alarm(account, "failed", "training", **FAILED | {"Period": 3600} | changes)
    account.runtime.advance(DAY)
    begin = account.runtime.time
    for minute in minutes:
        account.runtime.advance(begin + timedelta(minutes=minute))
        metric = changes.get("MetricName", "ExecutionFailed")
        account.runtime.metrics.put("us-east-1", PIPELINES[0], metric, "training")
    account.runtime.advance(DAY)
    changed = [change for change in account.runtime.alarms if change.time >= begin]
    found = [
        (round((change.time - begin) / timedelta(minutes=1)), change.new) for change in changed
    ]
    assert found == [
        (minute, state)
        for span in expected
        for minute, state in zip(span, ("ALARM", "OK"), strict=True)
    ]


def test_what_is_not_evaluated_is_left_alone(account: Account) -> None:
    cloudwatch = account.aws.client("cloudwatch")
    stat = {"Metric": {"Namespace": PIPELINES[0], "MetricName": "x"}, "Period": 60, "Stat": "Sum"}
    cloudwatch.put_metric_alarm(
        AlarmName="expression",
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1,
        Metrics=[
            {"Id": "a", "MetricStat": stat, "ReturnData": False},
            {"Id": "b", "Expression": "a * 2"},
        ],
    )
    account.runtime.advance(DAY)
    assert account.runtime.alarms == []


def test_a_year_of_alarms_is_cheap(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    all_alarms(account)
    alarms = account.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    metrics, looks = account.runtime.metrics, 0
    since = metrics.since

    def counted(*arguments: Any) -> Any:
        nonlocal looks
        looks += 1
        return since(*arguments)

    monkeypatch.setattr(metrics, "since", counted)
    for _ in range(365):
        account.runtime.advance(DAY)
        metrics.put("us-east-1", PIPELINES[0], "ExecutionSucceeded", "scoring")
    assert looks < 365 * (24 + len(alarms) + 1), "an hour, while a success is in the window"


# Who is told

#: The policy of the topic, and whether CloudWatch gets in.
ALARMS = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:"


def publish(service: str = "cloudwatch.amazonaws.com", arn: str = f"{ALARMS}late") -> str:
    return policy(
        Principal={"Service": service},
        Action="sns:Publish",
        Resource=TOPIC,
        Condition={
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": arn},
        },
    )


TOPICS = [
    (None, True),
    (publish(), True),
    (publish(arn=f"{ALARMS}*"), True),
    (publish(arn=f"{ALARMS}early"), False),
    (publish("events.amazonaws.com"), False),
]


@pytest.mark.parametrize(("document", "arrives"), TOPICS)
def test_topic_policy(document: str | None, arrives: bool, account: Account) -> None:
    if document:
        account.aws.client("sns").set_topic_attributes(
            TopicArn=TOPIC, AttributeName="Policy", AttributeValue=document
        )
    alarm(account, "late", "training", **NO_SUCCESS)
    account.runtime.advance(DAY)
    (message,) = account.runtime.messages
    assert (message.source_arn, message.target_arn) == (f"{ALARMS}late", TOPIC)
    assert (message.reason == "") == arrives
    if not arrives:
        assert (
            "cloudwatch.amazonaws.com is not authorized to perform: sns:Publish"
            in (problems(account.runtime)[0])
        )


def test_what_a_topic_is_told(account: Account) -> None:
    sqs = account.aws.client("sqs")
    url = sqs.get_queue_url(QueueName="failed-starts")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:failed-starts"
    account.aws.client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=queue)
    alarm(account, "late", "training", AlarmDescription="Nothing for a week.", **NO_SUCCESS)
    account.runtime.advance(DAY)
    (got,) = sqs.receive_message(QueueUrl=url)["Messages"]
    told = json.loads(json.loads(got["Body"])["Message"])
    assert told["AlarmName"] == "late"
    assert told["AlarmDescription"] == "Nothing for a week."
    assert (told["OldStateValue"], told["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert told["StateChangeTime"] == "2026-12-01T00:00:00.000+0000"
    assert told["Trigger"]["Dimensions"] == [{"name": "PipelineName", "value": "training"}]


def test_no_actions(account: Account) -> None:
    alarm(account, "late", "training", **NO_SUCCESS, ActionsEnabled=False)
    account.runtime.advance(DAY)
    assert rings(account) == ["late"]
    assert account.runtime.messages == []


# What services count


def counts(account: Account) -> dict[str, float]:
    """The sums of all metrics."""
    return {
        f"{metric.name} {next(iter(metric.dimensions))[1]}": sum(one.value for one in datapoints)
        for metric, datapoints in account.runtime.metrics.all.items()
    }


def test_executions_are_counted(account: Account) -> None:
    account.runtime.script = Script({"Processing": DURATION}, (Failure("training", 2),))
    for _ in range(2):
        account.runtime.run(arn_of("training"))
    execution = account.runtime.start(arn_of("training"))
    account.runtime.advance(timedelta(minutes=1))
    account.aws.client("sagemaker").stop_pipeline_execution(
        PipelineExecutionArn=execution.arn, ClientRequestToken="0" * 32
    )
    account.runtime.advance(DAY)
    assert counts(account) == {
        "ExecutionStarted training": 3,
        "ExecutionSucceeded training": 1,
        "ExecutionFailed training": 1,
        "ExecutionStopped training": 1,
        "ExecutionDuration training": (30 + 15 + 1) * 60 * 1000,
    }


def test_invocations_are_counted(account: Account) -> None:
    account.rule("daily", "rate(1 day)", {}, {"Arn": arn_of("nothing")}, {"Arn": TOPIC})
    account.runtime.advance(2 * DAY)
    found = {name: sum for name, sum in counts(account).items() if name.endswith("daily")}
    # the policy of the topic does not let EventBridge in
    assert found == {"Invocations daily": 3, "FailedInvocations daily": 2}


def test_attempts_are_counted(account: Account) -> None:
    failures = (Failure("scoring", 1, "start", 2), Failure("scoring", 2, "start", 9))
    account.runtime.script = Script({"Processing": DURATION}, failures)
    account.schedule("cron(0 2 * * ? *)")
    account.runtime.advance(2 * DAY)
    found = {name: sum for name, sum in counts(account).items() if name.endswith("ml")}
    assert found == {
        "InvocationAttemptCount ml": 3 + 4,
        "TargetErrorCount ml": 2 + 4,
        "InvocationDroppedCount ml": 1,
        "InvocationsSentToDeadLetterCount ml": 1,
    }


def test_a_role_that_is_not_to_be_assumed_is_a_refusal(account: Account) -> None:
    account.role("schedule", may_start(f"{GROUP}-of-others"), "*")
    account.schedule("cron(0 2 * * ? *)", SageMakerPipelineParameters=listed({"Key": "x"}))
    account.runtime.advance(DAY)
    found = {name: sum for name, sum in counts(account).items() if name.endswith("ml")}
    assert found == {
        "InvocationAttemptCount ml": 1,
        "TargetErrorCount ml": 1,
        "InvocationDroppedCount ml": 1,
    }
