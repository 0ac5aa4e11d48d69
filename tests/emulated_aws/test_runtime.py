"""How executions run, where behaviour/ does not show it: with definitions that no module makes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.refusals import Refused
from emulated_aws.runtime.problems import problems
from emulated_aws.runtime.records import Execution
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.samples import ACCOUNT, IMAGE, PROCESSING, TRAINING, policy, trust
from emulated_aws.surroundings import arrange

START = datetime(2026, 12, 1, tzinfo=timezone.utc)
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/sample"
TRAINS_AN_HOUR = {"Training": timedelta(hours=1), "Processing": timedelta(minutes=10)}
Start = Callable[[dict[str, Any]], str]


@pytest.fixture
def runs(double: EmulatedAWS) -> Start:
    """Makes the pipeline of a definition, whose roles may do everything."""

    def make(definition: dict[str, Any]) -> str:
        double.reset()
        double.runtime.reset(START)
        double.runtime.script = Script(TRAINS_AN_HOUR)
        iam = double.client("iam")
        jobs = ("ml-platform-staging-training-job", "ml-platform-staging-processing-job")
        for role in ("pipeline", *jobs):
            document = trust("sagemaker.amazonaws.com")
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)
            everything = policy(Action="*", Resource="*")
            iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=everything)
        double.client("sagemaker").create_pipeline(
            PipelineName="sample",
            PipelineDisplayName="sample",
            PipelineDefinition=json.dumps(definition),
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/pipeline",
            ClientRequestToken="0" * 32,
        )
        arrange(double)
        return ARN

    return make


def changed(definition: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A definition whose step has other members; of its arguments where they are known there."""
    result = copy.deepcopy(definition)
    step = result["Steps"][0]
    for name, value in members.items():
        (step["Arguments"] if name in step["Arguments"] else step)[name] = value
    return result


PLAIN = changed(TRAINING, Environment={}, CacheConfig={"Enabled": False})
CACHED: dict[str, Any] = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}, "Environment": {}}
EACH = {"Get": "Execution.PipelineExecutionId"}
FOLDER = {"Std:Join": {"On": "/", "Values": ["s3://my-ml-bucket", EACH]}}


@pytest.mark.parametrize(
    ("base", "members", "hits"),
    [
        (TRAINING, {}, True),
        (TRAINING, {"HyperParameters": {"x": EACH}}, False),
        (TRAINING, {"CheckpointConfig": {"S3Uri": FOLDER}}, False),
        (TRAINING, {"Environment": {"x": EACH}}, False),
        (TRAINING, {"Environment": {"x": {"Get": "Execution.StartDateTime"}}}, False),
        (TRAINING, {"Environment": {"x": {"Get": "Execution.PipelineName"}}}, True),
        (TRAINING, {"OutputDataConfig": {"S3OutputPath": FOLDER}}, True),
        (TRAINING, {"Tags": [{"Key": "x", "Value": EACH}]}, True),
        (PROCESSING, {}, True),
        (PROCESSING, {"Environment": {"x": EACH}}, False),
        (PROCESSING, {"CacheConfig": {"Enabled": False}}, False),
    ],
)
def test_cache(
    base: dict[str, Any], members: dict[str, Any], hits: bool, runs: Start, double: EmulatedAWS
) -> None:
    arn = runs(changed(base, **CACHED | members))
    first, second = double.runtime.run(arn), double.runtime.run(arn)
    assert problems(double.runtime) == []
    assert second.steps[0].cached == (first.arn if hits else "")


def test_cache_expires_and_failures_are_not_cached(runs: Start, double: EmulatedAWS) -> None:
    arn = runs(changed(TRAINING, **CACHED))
    double.runtime.script = Script(TRAINS_AN_HOUR, (Failure("sample", 1),))
    failed, first = double.runtime.run(arn), double.runtime.run(arn)
    assert first.ended is not None
    double.runtime.advance(first.ended + timedelta(hours=24))
    assert double.runtime.run(arn).steps[0].cached == first.arn
    double.runtime.advance(timedelta(seconds=1))
    assert double.runtime.run(arn).steps[0].cached == ""
    assert failed.status == "Failed"


def retry(kind: str, **policy: Any) -> dict[str, Any]:
    return {"ExceptionType": [kind], "IntervalSeconds": 60, "BackoffRate": 2, **policy}


@pytest.mark.parametrize(
    ("policies", "failure", "attempts", "waited"),
    [
        ([], "throttled*2", 3, 1 + 2),
        ([], "capacity", 1, 0),
        ([], "throttled*9", 6, 1 + 2 + 4 + 8 + 16),
        ([retry("Step.THROTTLING", MaxAttempts=3)], "throttled*2", 3, 60 + 120),
        ([retry("Step.THROTTLING", MaxAttempts=3)], "throttled*9", 4, 60 + 120 + 240),
        ([retry("Step.THROTTLING", MaxAttempts=0)], "throttled", 1, 0),
        ([retry("Step.THROTTLING", ExpireAfterMin=4)], "throttled*9", 3, 60 + 120),
        ([retry("Step.THROTTLING", ExpireAfterMin=0)], "throttled", 1, 0),
        ([retry("Step.THROTTLING", MaxAttempts=1)], "internal", 1, 0),
        (
            [retry("Step.SERVICE_FAULT", MaxAttempts=1), retry("Step.THROTTLING", MaxAttempts=1)],
            "throttled service throttled",
            3,
            60 + 60,
        ),
    ],
)
def test_retries(
    policies: list[Any],
    failure: str,
    attempts: int,
    waited: int,
    runs: Start,
    double: EmulatedAWS,
) -> None:
    definition = copy.deepcopy(PROCESSING)
    definition["Steps"][0]["RetryPolicies"] = policies
    arn = runs(definition)
    failures = tuple(Failure.parse(f"sample@1:{kind}") for kind in failure.split())
    double.runtime.script = Script(TRAINS_AN_HOUR, failures)
    execution = double.runtime.run(arn)
    assert execution.steps[0].attempts == attempts
    assert lasted(execution) - ran(execution) == timedelta(seconds=waited)


def lasted(execution: Execution) -> timedelta:
    assert execution.ended is not None
    return execution.ended - execution.started


def ran(execution: Execution) -> timedelta:
    return sum((job.ran for job in execution.jobs), timedelta())


def test_spot_goes_on_from_its_checkpoint(runs: Start, double: EmulatedAWS) -> None:
    arn = runs(PLAIN)
    failures = (Failure("sample", 1, "interruption", 2),)
    double.runtime.script = Script(
        {"Training": timedelta(minutes=50)},
        failures,
        spot_wait=timedelta(minutes=5),
        checkpoint_every=timedelta(minutes=10),
    )
    execution = double.runtime.run(arn)
    (job,) = execution.jobs
    # 25 minutes, of which 20 are kept; half of the other 30, of which 10 are; the last 20
    assert job.ran == timedelta(minutes=25 + 15 + 20)
    assert lasted(execution) == job.ran + 3 * timedelta(minutes=5)
    assert job.interruptions == 2
    assert execution.status == "Succeeded"


def test_without_checkpoints_spot_starts_again(runs: Start, double: EmulatedAWS) -> None:
    definition = copy.deepcopy(PLAIN)
    del definition["Steps"][0]["Arguments"]["CheckpointConfig"]
    arn = runs(definition)
    failures = (Failure("sample", 1, "interruption"),)
    double.runtime.script = Script({"Training": timedelta(minutes=40)}, failures)
    (job,) = double.runtime.run(arn).jobs
    assert job.ran == timedelta(minutes=20 + 40)


@pytest.mark.parametrize(("mode", "written"), [("EndOfJob", 0), ("Continuous", 1)])
def test_a_failed_job_leaves_what_it_wrote(
    mode: str, written: int, runs: Start, double: EmulatedAWS
) -> None:
    definition = copy.deepcopy(PROCESSING)
    (output,) = definition["Steps"][0]["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    output["S3Output"]["S3UploadMode"] = mode
    arn = runs(definition)
    double.runtime.script = Script(TRAINS_AN_HOUR, (Failure("sample", 1),))
    assert len(double.runtime.run(arn).jobs[0].wrote) == written


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"Other": "x"}, "Parameter Other is not declared"),
        ({"TrainingInstanceCount": "x"}, "Parameter TrainingInstanceCount is 'x'"),
        ({"LearningRate": "fast"}, "Parameter LearningRate is 'fast', expected type Float"),
    ],
)
def test_parameters_that_do_not_fit(
    parameters: dict[str, str], sentence: str, runs: Start, double: EmulatedAWS
) -> None:
    arn = runs(TRAINING)
    with pytest.raises(Refused, match=sentence):
        double.runtime.start(arn, parameters)
    assert double.runtime.executions == []


def test_through_the_api(runs: Start, double: EmulatedAWS) -> None:
    runs(PLAIN)
    sagemaker = double.client("sagemaker")
    token = "1" * 32
    arns = {
        sagemaker.start_pipeline_execution(
            PipelineName="sample",
            ClientRequestToken=token,
            PipelineParameters=[{"Name": "TrainingInstanceCount", "Value": "2"}],
        )["PipelineExecutionArn"]
        for _ in range(2)
    }
    (arn,) = arns
    with pytest.raises(sagemaker.exceptions.ConflictException):
        sagemaker.delete_pipeline(PipelineName="sample", ClientRequestToken=token)
    looks = 1
    while sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)[
        "PipelineExecutionStatus"
    ] == ("Executing"):
        looks += 1
    assert looks == 7 + 1, "ten minutes a look, for 70 minutes with the wait for spot instances"
    (step,) = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)[
        "PipelineExecutionSteps"
    ]
    name = step["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    job = sagemaker.describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Completed"
    assert job["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert job["ResourceConfig"]["InstanceCount"] == 2
    parameters = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert {"Name": "TrainingInstanceCount", "Value": "2"} in parameters["PipelineParameters"]
    streams = double.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs"
    )["logStreams"]
    assert [stream["logStreamName"].partition("/")[0] for stream in streams] == [name]
    sagemaker.delete_pipeline(PipelineName="sample", ClientRequestToken=token)


def test_steps_run_in_their_order(runs: Start, double: EmulatedAWS) -> None:
    definition = copy.deepcopy(PROCESSING)
    (step,) = definition["Steps"]
    definition["Steps"] = [
        step | {"Name": "Second", "DependsOn": ["First"]},
        step | {"Name": "First"},
    ]
    execution = double.runtime.run(runs(definition))
    assert [step.name for step in execution.steps] == ["First", "Second"]
    assert lasted(execution) == 2 * TRAINS_AN_HOUR["Processing"]


@pytest.mark.parametrize(
    "text", ["training", "training@0", "training@2:fire", "training@x", "@1", "training@1:hang*"]
)
def test_no_failure(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no failure: give pipeline@number"):
        Failure.parse(text)


def test_what_was_written_before_a_reset_is_of_others(runs: Start, double: EmulatedAWS) -> None:
    arn = runs(PLAIN)
    first = double.runtime.run(arn)
    double.runtime.reset(START)
    second = double.runtime.run(arn)
    assert second.arn != first.arn
    assert set(second.jobs[0].restored.values()) == {first.jobs[0].arn}
    assert ran(second) == ran(first)


def test_only_spot_instances_are_taken_back(runs: Start, double: EmulatedAWS) -> None:
    arn = runs(PROCESSING)
    double.runtime.script = Script(TRAINS_AN_HOUR, (Failure("sample", 1, "interruption"),))
    (job,) = double.runtime.run(arn).jobs
    assert (job.status, job.interruptions) == ("Completed", 0)


def test_a_step_reads_what_an_earlier_one_wrote(runs: Start, double: EmulatedAWS) -> None:
    definition = copy.deepcopy(PROCESSING)
    (step,) = definition["Steps"]
    second = copy.deepcopy(step) | {"Name": "Second", "DependsOn": [step["Name"]]}
    (output,) = step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    output["S3Output"]["S3Uri"] = "s3://my-ml-bucket/between/"
    (given,) = second["Arguments"]["ProcessingInputs"]
    given["S3Input"]["S3Uri"] = "s3://my-ml-bucket/between/"
    definition["Steps"].append(second)
    first, last = double.runtime.run(runs(definition)).jobs
    assert set(first.wrote) <= set(last.read)
