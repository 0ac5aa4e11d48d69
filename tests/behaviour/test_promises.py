"""What the README and the docs promise of executions, each shown by one that runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from behaviour.conftest import CHECKPOINTS, START, WEEK, Account
from emulated_aws.runtime.records import Execution
from emulated_aws.runtime.script import Failure, Script
from inputs import ECR, QUEUE, TOPIC
from repository import REPOSITORY

#: Promise, in the words of a document, to what shows it.
PROMISES: dict[str, Callable[[Callable[[str], Account]], None]] = {}
Show = Callable[[Callable[[str], Account]], None]


def shows(promise: str) -> Callable[[Show], Show]:
    def note(show: Show) -> Show:
        PROMISES[promise] = show
        return show

    return note


def failing(*texts: str, **durations: timedelta) -> Script:
    return Script(durations, tuple(Failure.parse(text) for text in texts))


@shows("SageMaker run your training container every week and your scoring container every day")
def _weekly_and_daily(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.runtime.advance(4 * WEEK)
    started = {
        pipeline: [f"{execution.started:%a %H:%M}" for execution in plain.executions(pipeline)]
        for pipeline in ("training", "processing")
    }
    assert started["training"] == ["Sun 02:00"] * 4
    assert len(started["processing"]) == 28
    assert {time[-5:] for time in started["processing"]} == {"06:00"}
    assert all(execution.status == "Succeeded" for execution in plain.runtime.executions)
    assert plain.problems() == []


@shows("The results of an execution overwrite those of the one before")
def _overwritten(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    first, second = plain.run("processing"), plain.run("processing")
    assert overwrote(first) == {}
    assert overwrote(second) == dict.fromkeys(first.jobs[0].wrote, first.jobs[0].arn)


@shows("gives each execution a folder of its own")
def _folders(account: Callable[[str], Account]) -> None:
    folders = account("folders")
    written = [folders.run("processing").jobs[0].wrote for _ in range(2)]
    ids = [execution.id for execution in folders.executions("processing")]
    assert written == [[f"s3://my-ml-bucket/output/{one}/part-1.csv"] for one in ids]
    assert folders.problems() == []


@shows("Reference data and models are further inputs, reports further outputs")
def _additional_data(account: Callable[[str], Account]) -> None:
    data = account("data")
    (job,) = data.run("processing").jobs
    assert set(job.read) == {
        "s3://my-ml-bucket/input/part-1.csv",
        "s3://my-ml-bucket/models/churn-7/part-1.csv",
        "s3://my-ml-bucket/reference/stores.csv",
    }
    assert data.problems() == []


@shows("with `processing_output_per_execution` each gets such\n  folders")
def _folders_of_all_outputs(account: Callable[[str], Account]) -> None:
    data = account("data")
    for execution in [data.run("processing") for _ in range(2)]:
        assert [uri.removeprefix("s3://my-ml-bucket/") for uri in execution.jobs[0].wrote] == [
            f"{folder}/{execution.id}/part-1.csv" for folder in ("output", "logs", "reports")
        ]
        assert set(overwrote(execution).values()) == {execution.jobs[0].arn}, "the log grows"


@shows("Models never overwrite each other: the path has the job's name.")
def _models(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    jobs = [plain.run("training").jobs[0] for _ in range(2)]
    assert [job.wrote for job in jobs] == [
        [f"s3://my-ml-bucket/models/{job.name}/output/model.tar.gz"] for job in jobs
    ]


@shows("each execution reads what earlier ones wrote")
def _results_as_input(account: Callable[[str], Account]) -> None:
    below = account("below the input")
    first, second = below.run("processing"), below.run("processing")
    assert set(first.jobs[0].wrote) <= set(second.jobs[0].read) - set(first.jobs[0].read)


@shows("is\nnot run again; its last result is used. New data under the same S3 path is no change")
def _cache(account: Callable[[str], Account]) -> None:
    cache = account("cache")
    first = cache.run("training")
    cache.put("s3://my-ml-bucket/datasets/part-2.csv")
    second = cache.run("training")
    assert [step.cached for step in second.steps] == [first.arn]
    assert second.jobs == []
    other = cache.run("training", TrainingImageUri=cache.push("dev"))
    assert len(other.jobs) == 1
    cache.runtime.advance(timedelta(days=31))
    assert len(cache.run("training").jobs) == 1, "30 days are over"


@shows("The execution succeeds within seconds, without a job")
def _cached_at_once(account: Callable[[str], Account]) -> None:
    cache = account("cache")
    cache.run("processing")
    cached = cache.run("processing")
    assert (cached.status, cached.ended, cached.jobs) == ("Succeeded", cached.started, [])


@shows("a job that was interrupted or is retried finds its checkpoints")
def _resumes(account: Callable[[str], Account]) -> None:
    spot = account("spot")
    spot.runtime.script = failing("training@1:interruption", "training@2:internal")
    (interrupted,) = spot.run("training").jobs
    assert interrupted.interruptions == 1
    assert interrupted.ran == timedelta(hours=2), "it lost what it had done"
    failed, retried = spot.run("training").jobs
    assert set(retried.restored.values()) == {failed.arn}
    assert failed.ran + retried.ran == timedelta(hours=2)
    assert spot.problems() == []


@shows("the next execution starts from scratch")
def _from_scratch(account: Callable[[str], Account]) -> None:
    spot = account("spot")
    first, second = spot.run("training"), spot.run("training")
    assert all(f"{CHECKPOINTS}{first.id}/" in uri for uri in first.jobs[0].wrote[:-1])
    assert len(first.jobs[0].wrote) > 2
    assert second.jobs[0].restored == {}


@shows("each continues where the last one ended")
def _continues(account: Callable[[str], Account]) -> None:
    shared = account("shared checkpoints")
    first, second = shared.run("training"), shared.run("training")
    assert set(second.jobs[0].restored.values()) == {first.jobs[0].arn}
    assert shared.problems() == []


@shows("SageMaker mirrors `/opt/ml/checkpoints` to S3, including deletions.")
def _deletions(account: Callable[[str], Account]) -> None:
    spot = account("spot")
    (job,) = spot.run("training").jobs
    assert len(job.deleted) == 2
    assert set(job.deleted) < set(job.wrote)


@shows("Stopping an execution stops its job.")
def _stopped(account: Callable[[str], Account]) -> None:
    told = account("told")
    sagemaker = told.aws.client("sagemaker")
    started = sagemaker.start_pipeline_execution(PipelineName=told.name("training"))
    told.runtime.advance(timedelta(minutes=30))
    sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=started["PipelineExecutionArn"], ClientRequestToken="0" * 32
    )
    told.runtime.advance(timedelta(minutes=1))
    (execution,) = told.executions("training")
    assert (execution.status, execution.jobs[0].status) == ("Stopped", "Stopped")
    assert execution.jobs[0].ran == timedelta(minutes=30)
    assert len(execution.jobs[0].wrote) == 1, "it did not save its model"
    assert "Stopped at" in told.runtime.messages[-1].text


@shows("The schedule still starts\nthe next execution")
def _still_scheduled(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.runtime.script = failing("processing@1")
    plain.runtime.advance(timedelta(days=2))
    assert statuses(plain, "processing") == ["Failed", "Succeeded"]


@shows("Failures of your code are never retried.")
def _code_is_not_retried(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.runtime.script = failing("training@1:algorithm", "processing@1:algorithm")
    for pipeline in ("training", "processing"):
        execution = plain.run(pipeline)
        assert (execution.status, execution.steps[0].attempts) == ("Failed", 1)


@shows("follow faults of the service and lack of capacity")
def _retried(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    kinds = ("throttled", "service", "internal", "capacity", "limit")
    plain.runtime.script = failing(
        *(f"{pipeline}@{number}:{kind}" for pipeline in ("training", "processing")
          for number, kind in enumerate(kinds, 1))
    )  # fmt: skip
    for pipeline in ("training", "processing"):
        for kind in kinds:
            execution = plain.run(pipeline)
            assert (execution.status, execution.steps[0].attempts) == ("Succeeded", 2), kind
    assert plain.problems() == []


@shows("A job that hangs runs until its limit.")
def _hangs(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.runtime.script = failing("training@1:hang", "processing@1:hang")
    for pipeline, hours in {"training": 24, "processing": 1}.items():
        execution = plain.run(pipeline)
        assert execution.status == "Failed"
        assert "MaxRuntimeExceeded" in execution.steps[0].reason
        assert execution.jobs[0].instance_hours == hours


@shows("`max_wait_seconds` bounds waiting and running together")
def _waits(account: Callable[[str], Account]) -> None:
    spot = account("spot")
    spot.runtime.script = Script(spot_wait=timedelta(days=9))
    execution = spot.run("training")
    assert execution.ended == execution.started + timedelta(seconds=90000)
    assert "MaxWaitTimeExceeded" in execution.steps[0].reason
    assert execution.jobs[0].instance_hours == 0


@shows("Another tag of the same repository, or a folder below the same prefix, works at once.")
def _within_the_grant(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.put("s3://my-ml-bucket/datasets/2026/part-1.csv")
    execution = plain.run(
        "training",
        TrainingImageUri=plain.push("dev"),
        InputDataS3Uri="s3://my-ml-bucket/datasets/2026/",
    )
    assert execution.status == "Succeeded"
    assert execution.jobs[0].read == ["s3://my-ml-bucket/datasets/2026/part-1.csv"]


@shows("For another prefix\nor repository, grant it first")
def _beyond_the_grant(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.put("s3://my-ml-bucket/elsewhere/part-1.csv")
    execution = plain.run("training", InputDataS3Uri="s3://my-ml-bucket/elsewhere/")
    assert "not authorized to perform: s3:ListBucket" in execution.steps[0].reason
    other = f"{ECR}/ml-inference:latest"
    assert "Cannot pull" in plain.run("training", TrainingImageUri=other).steps[0].reason


@shows("put it into the schedule's parameters, which the module grants")
def _granted_by_the_schedule(account: Callable[[str], Account]) -> None:
    parameters = account("parameters")
    parameters.put("s3://my-ml-bucket/full/part-1.csv")
    parameters.runtime.advance(WEEK)
    (execution,) = parameters.executions("training")
    assert execution.status == "Succeeded"
    assert execution.jobs[0].read == ["s3://my-ml-bucket/full/part-1.csv"]
    assert execution.jobs[0].instances["InstanceType"] == "ml.m5.4xlarge"
    assert execution.jobs[0].instance_hours == 4


@shows("`is not authorized to perform: sagemaker:CreateTrainingJob`")
def _beyond_the_guardrails(account: Callable[[str], Account]) -> None:
    guarded = account("guarded")
    for pipeline, parameters in (
        ("training", {"TrainingInstanceType": "ml.p4d.24xlarge"}),
        ("training", {"TrainingMaxRuntimeInSeconds": "86401"}),
        ("processing", {"ProcessingInstanceType": "ml.m5.24xlarge"}),
        ("processing", {"ProcessingMaxRuntimeInSeconds": "86401"}),
    ):
        execution = guarded.run(pipeline, **parameters)
        (step,) = execution.steps
        assert (execution.status, step.attempts, execution.jobs) == ("Failed", 1, [])
        action = f"sagemaker:Create{pipeline.capitalize()}Job"
        assert f"Failed to invoke {action}." in step.reason
        assert f"is not authorized to perform: {action} on resource: " in step.reason


@shows("Within\n  them, every start may choose")
def _within_the_guardrails(account: Callable[[str], Account]) -> None:
    guarded = account("guarded")
    largest = {"InstanceType": "ml.m5.4xlarge", "MaxRuntimeInSeconds": "86400"}
    for pipeline in ("training", "processing"):
        for parameters in ({}, largest):
            named = {f"{pipeline.capitalize()}{name}": to for name, to in parameters.items()}
            assert guarded.run(pipeline, **named).status == "Succeeded"
    assert guarded.problems() == []


@shows("without guardrails, a start may ask for any instance type")
def _without_guardrails(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    (job,) = plain.run(
        "training", TrainingInstanceType="ml.p5.48xlarge", TrainingMaxRuntimeInSeconds="2419200"
    ).jobs
    assert (job.status, job.instances["InstanceType"]) == ("Completed", "ml.p5.48xlarge")


@shows("EventBridge tries a start again up to `schedule_max_retry_attempts` times")
def _start_is_retried(account: Callable[[str], Account]) -> None:
    told = account("told")
    told.runtime.script = failing("processing@1:start*3", "processing@2:start*4")
    told.runtime.advance(timedelta(days=2))
    first, second = told.runtime.starts
    assert (first.attempts, first.queue_arn) == (4, "")
    assert first.execution is not None
    assert first.execution.started == first.time + timedelta(minutes=1 + 2 + 4)
    assert (second.attempts, second.execution, second.queue_arn) == (4, None, QUEUE)


@shows("a start that AWS refuses for good goes to this queue")
def _dead_letter(account: Callable[[str], Account]) -> None:
    told = account("told")
    told.aws.client("iam").delete_role_policy(
        RoleName="ml-platform-test-processing-schedule-us-east-1", PolicyName="schedule"
    )
    told.runtime.advance(timedelta(days=1))
    (start,) = told.runtime.starts
    assert (start.attempts, start.queue_arn) == (1, QUEUE)
    (message,) = messages(told)
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert "StartPipelineExecution" in message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]


@shows("this topic hears of executions that fail or are stopped")
def _told(account: Callable[[str], Account]) -> None:
    told = account("told")
    told.runtime.script = failing("processing@2")
    told.runtime.advance(timedelta(days=3))
    (message,) = messages(told)
    text = json.loads(message["Body"])["Message"]
    assert "SageMaker pipeline of ml-platform in test: Failed at 2026-12-02T06:15:00Z." in text
    assert told.executions("processing")[1].arn in text
    assert [found.target_arn for found in told.runtime.messages] == [TOPIC]


@shows("because SageMaker reports failures nowhere by itself")
def _nobody_is_told(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.runtime.script = failing("processing@1")
    plain.runtime.advance(timedelta(days=1))
    assert statuses(plain, "processing") == ["Failed"]
    assert plain.runtime.messages == []


@shows("Check that the rule is enabled")
def _paused(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    plain.aws.client("events").disable_rule(Name="ml-platform-test-processing-schedule")
    plain.runtime.advance(WEEK)
    assert statuses(plain, "processing") == []
    assert statuses(plain, "training") == ["Succeeded"]


@shows("Both containers get the environment variable `PIPELINE_EXECUTION_ARN`.")
def _execution_arn(account: Callable[[str], Account]) -> None:
    plain = account("plain")
    for pipeline in ("training", "processing"):
        execution = plain.run(pipeline)
        environment = execution.jobs[0].request["Environment"]
        assert environment["PIPELINE_EXECUTION_ARN"] == execution.arn


@shows("A cached step does not get `PIPELINE_EXECUTION_ARN`")
def _no_execution_arn(account: Callable[[str], Account]) -> None:
    assert "Environment" not in account("cache").run("training").jobs[0].request


@shows("If a hundred files land, a hundred executions start.")
def _each_object(account: Callable[[str], Account]) -> None:
    events = account("events")
    folders = [f"s3://my-ml-bucket/input/{day}" for day in range(3)]
    for folder in folders:
        events.put(f"{folder}/part-1.csv", f"{folder}/part-2.csv", f"{folder}/_SUCCESS")
    events.runtime.advance(timedelta(hours=1))
    assert statuses(events, "processing") == ["Succeeded"] * 3


@shows("when the event happened; or its parameter `ScheduledTime`")
def _time_of_an_event(account: Callable[[str], Account]) -> None:
    events = account("events")
    happened = f"{events.runtime.time:%Y-%m-%dT%H:%M:%SZ}"
    events.put("s3://my-ml-bucket/input/_SUCCESS")
    announce(events, uri="s3://my-ml-bucket/datasets/", day="2026-11-11T00:00:00Z")
    events.runtime.advance(timedelta(hours=3))
    times = [
        events.executions(pipeline)[0].jobs[0].request["Environment"]["SCHEDULED_TIME"]
        for pipeline in ("processing", "training")
    ]
    assert times == [happened, "2026-11-11T00:00:00Z"]


@shows("With a value beyond that, the job fails, because its role is not authorized.")
def _beyond_the_grant_by_an_event(account: Callable[[str], Account]) -> None:
    events = account("events")
    events.put("s3://my-ml-bucket/datasets/new/1.csv", "s3://my-ml-bucket/elsewhere/1.csv")
    for folder in ("datasets/new", "elsewhere"):
        announce(events, uri=f"s3://my-ml-bucket/{folder}/", day="2026-11-11T00:00:00Z")
        events.runtime.advance(timedelta(hours=3))
    within, beyond = events.executions("training")
    assert within.jobs[0].read == ["s3://my-ml-bucket/datasets/new/1.csv"]
    assert "not authorized to perform: s3:ListBucket" in beyond.steps[0].reason


@shows("evens out the load. `SCHEDULED_TIME` stays the scheduled time.")
def _within_a_window(account: Callable[[str], Account]) -> None:
    events = account("events")
    events.runtime.advance(timedelta(days=1))
    (execution,) = events.executions("processing")
    assert f"{execution.started:%H:%M}" == "20:30"
    assert execution.jobs[0].request["Environment"]["SCHEDULED_TIME"] == "2026-12-01T20:00:00Z"


@shows("It is **on for a new pipeline**, until that has succeeded for the first time.")
def _on_from_the_beginning(account: Callable[[str], Account]) -> None:
    events = account("events")
    events.runtime.advance(timedelta(minutes=1))
    assert [change.new for change in events.runtime.alarms if change.has_data] == []
    events.run("processing")
    states = [change.new for change in events.runtime.alarms if change.name.endswith("-no-success")]
    assert states == ["ALARM", "OK"]
    assert len(events.runtime.messages) == 2, "it tells when it is OK again"


@shows("**Executions that somebody stops** raise no alarm")
def _no_alarm_of_a_stop(account: Callable[[str], Account]) -> None:
    events = account("events")
    events.run("processing")
    started = events.runtime.start(events.arn("processing"))
    events.runtime.advance(timedelta(minutes=10))
    events.aws.client("sagemaker").stop_pipeline_execution(
        PipelineExecutionArn=started.arn, ClientRequestToken="0" * 32
    )
    events.runtime.advance(timedelta(hours=1))
    assert statuses(events, "processing") == ["Succeeded", "Stopped"]
    assert [change.name for change in events.runtime.alarms if change.new == "ALARM"] == []


def announce(account: Account, **detail: str) -> None:
    """Somebody tells the default event bus."""
    account.runtime.announce("lake", "Partition Ready", "us-east-1", detail, [])


def overwrote(execution: Execution) -> dict[str, str]:
    return execution.jobs[0].overwrote


def statuses(account: Account, pipeline: str) -> list[str]:
    return [execution.status for execution in account.executions(pipeline)]


def messages(account: Account) -> list[dict[str, Any]]:
    """What is in the queue."""
    sqs = account.aws.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE.rpartition(":")[2])["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return list(found.get("Messages", []))


@pytest.mark.parametrize("promise", PROMISES)
def test_promise(promise: str, account: Callable[[str], Account]) -> None:
    documents = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("*.tf")]
    assert any(promise in path.read_text() for path in documents), "no document says so any more"
    PROMISES[promise](account)


def test_a_year_takes_seconds(account: Callable[[str], Account]) -> None:
    secured = account("secured")
    secured.runtime.advance(timedelta(days=365))
    assert len(secured.executions("training")) == 52
    assert len(secured.executions("processing")) == 365
    assert {execution.status for execution in secured.runtime.executions} == {"Succeeded"}
    assert secured.problems() == []
    assert secured.runtime.time == START + timedelta(days=365)
