"""Rules that start pipelines for events: when another pipeline ends, when an object lands in S3."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from emulated_aws.conftest import (
    BUCKET,
    DAY,
    DEAD_LETTERS,
    DURATION,
    START,
    TOPIC,
    WEEK,
    Account,
    arn_of,
    listed,
)
from emulated_aws.runtime.problems import problems
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.samples import policy

#: What EventBridge takes to tell a rule's target of an event.
SECOND = timedelta(seconds=1)


def after(pipeline: str, status: str = "Succeeded") -> dict[str, Any]:
    """The pattern of an execution's end."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
        "detail": {
            "pipelineArn": [arn_of(pipeline)],
            "currentPipelineExecutionStatus": [status],
        },
    }


def created(**keys: str) -> dict[str, Any]:
    """The pattern of a new object."""
    detail: dict[str, Any] = {"bucket": {"name": [BUCKET]}}
    if keys:
        detail["object"] = {"key": [keys]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}


def sends(**parameters: str) -> dict[str, Any]:
    """A target with parameters."""
    return {"SageMakerPipelineParameters": listed(parameters)}


def send_events(account: Account) -> None:
    account.aws.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


def put(account: Account, *keys: str) -> None:
    for key in keys:
        account.aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"data")


# Another pipeline


def test_score_when_the_model_is_there(account: Account) -> None:
    account.rule("weekly", "cron(0 2 ? * SUN *)", {"Arn": arn_of("training")})
    account.rule("score", after("training"), sends(ScheduledTime="$.time"))
    account.schedule("cron(0 6 * * ? *)", "Europe/Berlin")
    account.runtime.advance(WEEK)
    (training,) = account.executions("training")
    assert training.ended is not None
    scored = account.executions("scoring")
    assert len(scored) == 7 + 1
    (triggered,) = [one for one in scored if one.started == training.ended + SECOND]
    assert triggered.parameters["ScheduledTime"] == f"{training.ended:%Y-%m-%dT%H:%M:%SZ}"
    assert [
        start.scheduled for start in account.runtime.starts if start.execution is triggered
    ] == [None]
    assert problems(account.runtime) == []


def test_what_fails_starts_nothing(account: Account) -> None:
    account.rule("score", after("training"), {})
    account.runtime.script = Script(failures=(Failure("training", 1),))
    account.runtime.run(arn_of("training"))
    account.runtime.advance(DAY)
    assert account.runtime.starts == []


def test_a_disabled_rule_starts_nothing(account: Account) -> None:
    account.rule("score", after("training"), {})
    account.aws.client("events").disable_rule(Name="score")
    account.runtime.run(arn_of("training"))
    account.runtime.advance(DAY)
    assert account.runtime.starts == []


def test_several_targets(account: Account) -> None:
    account.rule("score", after("training"), sends(Key="a"), sends(Key="b"), {"Arn": DEAD_LETTERS})
    account.runtime.run(arn_of("training"))
    account.runtime.advance(DAY)
    assert [one.parameters["Key"] for one in account.executions("scoring")] == ["a", "b"]
    (message,) = account.runtime.messages
    assert json.loads(message.text)["detail"]["pipelineArn"] == arn_of("training")


@pytest.mark.parametrize("duration", [DURATION, timedelta()])
def test_a_loop_ends_with_its_time(duration: timedelta, account: Account) -> None:
    account.rule("there", after("training"), {})
    account.rule("back", after("scoring"), {"Arn": arn_of("training")})
    account.runtime.script = Script({"Processing": duration})
    account.runtime.start(arn_of("training"))
    span = 60 * (duration + SECOND)
    account.runtime.advance(span)
    assert account.runtime.time == START + span
    assert len(account.runtime.executions) == 60


# S3

#: A filter of keys, and which of these it takes.
KEYS = ["landing/a.csv", "landing/2026/_SUCCESS", "landing/x_SUCCESS.csv", "other/_SUCCESS"]
FILTERS: list[tuple[dict[str, str], list[int]]] = [
    ({}, [0, 1, 2, 3]),
    ({"prefix": "landing/"}, [0, 1, 2]),
    ({"suffix": "_SUCCESS"}, [1, 3]),
    ({"wildcard": "landing/*_SUCCESS"}, [1]),
    ({"wildcard": "landing/*.csv"}, [0, 2]),
]


@pytest.mark.parametrize(("keys", "expected"), FILTERS)
def test_an_object_lands(keys: dict[str, str], expected: list[int], account: Account) -> None:
    send_events(account)
    account.rule("landed", created(**keys), sends(Key="$.detail.object.key"))
    put(account, *KEYS)
    account.runtime.advance(timedelta(minutes=10))
    executions = account.executions("scoring")
    assert [one.parameters["Key"] for one in executions] == [KEYS[index] for index in expected]
    assert {one.started for one in executions} == {START + SECOND}


def test_a_bucket_that_is_not_told_to_sends_nothing(account: Account) -> None:
    account.rule("landed", created(), {})
    put(account, "landing/a.csv")
    account.runtime.advance(DAY)
    assert account.runtime.starts == []


def test_what_an_event_of_s3_says(account: Account) -> None:
    send_events(account)
    target = {"Arn": DEAD_LETTERS}
    account.rule("landed", created(prefix="landing/"), target)
    account.aws.client("s3").put_object(Bucket=BUCKET, Key="landing/a b.csv", Body=b"12345")
    source = {"Bucket": BUCKET, "Key": "landing/a b.csv"}
    account.aws.client("s3").copy_object(Bucket=BUCKET, Key="landing/copy", CopySource=source)
    account.aws.client("s3").delete_object(Bucket=BUCKET, Key="landing/a b.csv")
    found = account.aws.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    assert found["EventBridgeConfiguration"] == {}
    first, second = (json.loads(message.text) for message in account.runtime.messages)
    assert first["time"] == "2026-12-01T00:00:00Z"
    assert (first["region"], first["resources"]) == ("us-east-1", [f"arn:aws:s3:::{BUCKET}"])
    assert first["detail"]["object"] == {
        "key": "landing/a b.csv",
        "size": 5,
        "etag": "827ccb0eea8a706c4c34a16891f84e7b",
    }
    assert first["detail"]["reason"] == "PutObject"
    assert second["detail"]["reason"] == "CopyObject"
    # moto does not send them once more
    sqs = account.aws.client("sqs")
    url = sqs.get_queue_url(QueueName="failed-starts")["QueueUrl"]
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(one["Body"]) for one in got] == [first, second]


def test_jobs_put_objects_too(account: Account) -> None:
    send_events(account)
    account.rule("trained", created(prefix="training/"), sends(Key="$.detail.object.key"))
    training = account.runtime.run(arn_of("training"))
    account.runtime.advance(DAY)
    (scoring,) = account.executions("scoring")
    assert training.ended is not None
    assert scoring.started == training.ended + SECOND
    assert scoring.parameters["Key"] == "training/part-1.csv"


# Parameters from the event

#: A JSON path, and what it finds in the event of landing/a.csv.
PATHS = [
    ("$.detail.object.key", "landing/a.csv"),
    ("$.detail.bucket.name", BUCKET),
    ("$.detail.object.size", "4"),
    ("$.time", "2026-12-01T00:00:00Z"),
    ("$.detail-type", "Object Created"),
    ("$.resources[0]", f"arn:aws:s3:::{BUCKET}"),
    ("time", "time"),
]


@pytest.mark.parametrize(("path", "value"), PATHS)
def test_a_path_finds(path: str, value: str, account: Account) -> None:
    send_events(account)
    account.rule("landed", created(), sends(Key=path))
    put(account, "landing/a.csv")
    account.runtime.advance(timedelta(minutes=10))
    (execution,) = account.executions("scoring")
    assert execution.parameters["Key"] == value


def test_a_path_that_finds_nothing(account: Account) -> None:
    send_events(account)
    account.rule("landed", created(), sends(Key="$.detail.object.version-id"))
    put(account, "landing/a.csv")
    account.runtime.advance(timedelta(minutes=10))
    start = account.start()
    assert start.reason == 'Parameter Key: string "" is too short (length: 0, required minimum: 1)'
    assert start.queue_arn == DEAD_LETTERS
    (letter,) = account.letters()
    assert letter["ERROR_CODE"] == "INVALID_PARAMETER"
    assert letter["Body"]["detail"]["object"]["key"] == "landing/a.csv"
    assert any("did not start at 2026-12-01 00:00" in one for one in problems(account.runtime))


def test_a_topic_that_lets_nobody_in(account: Account) -> None:
    nobody = policy(Principal={"Service": "cloudwatch.amazonaws.com"}, Action="*", Resource="*")
    account.aws.client("sns").set_topic_attributes(
        TopicArn=TOPIC, AttributeName="Policy", AttributeValue=nobody
    )
    account.rule("tell", after("training"), {"Arn": TOPIC})
    account.runtime.run(arn_of("training"))
    (message,) = account.runtime.messages
    assert "events.amazonaws.com is not authorized" in message.reason
