"""Observations of executions: alike where nothing differs, and all that differs is named."""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from typing import Any

import pytest

from emulated_aws import samples
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.samples import GONE, PROCESSING, TRAINING, changed
from emulated_aws.surroundings import arrange, arrange_named
from live.lane import FILES
from live.observation import Observation, compare, observe
from live.rehearsal import settings_of
from live.settings import Settings
from repository import REPOSITORY

ARGUMENTS = ("Steps", 0, "Arguments")
KINDS = {"Training": TRAINING, "Processing": PROCESSING}
OUTPUT = (*ARGUMENTS, "ProcessingOutputConfig", "Outputs", 0, "S3Output", "S3Uri")


@pytest.fixture
def aws(double: EmulatedAWS) -> EmulatedAWS:
    """Two regions with the samples' network, and roles that may do everything."""
    double.reset()
    double.runtime.script = Script({"Training": timedelta(minutes=20)})
    arrange_named(double, f"us-east-1 eu-west-1 vpc-12345678 {TRAINING}")
    jobs = [content["Steps"][0]["Arguments"]["RoleArn"] for content in KINDS.values()]
    for name in ("pipeline", "other", *(arn.rpartition("/")[2] for arn in jobs)):
        samples.create_role(RoleName=name).send(double)
        everything = samples.policy(Action="*", Resource="*")
        samples.put_role_policy(everything, RoleName=name).send(double)
    return double


def observed(aws: EmulatedAWS, content: str, region: str = "us-east-1") -> Observation:
    """What an execution of the pipeline "there" is seen to do."""
    sagemaker = aws.client("sagemaker", region=region)
    if sagemaker.list_pipelines()["PipelineSummaries"]:
        sagemaker.update_pipeline(PipelineName="there", PipelineDefinition=content)
    else:
        created = samples.create_pipeline(PipelineName="there", PipelineDefinition=content)
        sagemaker.create_pipeline(**created.parameters)
    arrange(aws)
    arn = sagemaker.start_pipeline_execution(PipelineName="there")["PipelineExecutionArn"]
    aws.runtime.advance(timedelta(hours=3))
    return observe(functools.partial(aws.client, region=region), arn)


def test_what_is_seen(aws: EmulatedAWS) -> None:
    seen = observed(aws, json.dumps(TRAINING))
    assert (
        seen.items()
        >= {
            "status": "Succeeded",
            "Training: status": "Succeeded",
            "Training: attempts": 1,
            "Training: failure": None,
            "Training: job's name": "ml-platform-staging-training-<execution>-<random>",
            "Training: RoleArn": (
                "arn:<partition>:iam::<account>:role/ml-platform-staging-training-job"
            ),
            "Training: AlgorithmSpecification.TrainingImage": (
                "<account>.dkr.ecr.<region>.amazonaws.com/ml-training:latest"
            ),
            "Training: Environment.PIPELINE_EXECUTION_ARN": (
                "arn:<partition>:sagemaker:<region>:<account>:pipeline/there/execution/<execution>"
            ),
            "Training: HyperParameters.learning_rate": "0.1",
            "Training: ResourceConfig.InstanceCount": 1,
            "Training: VpcConfig.Subnets.0": "subnet-12345678",
            "Training: StoppingCondition.MaxWaitTimeInSeconds": 7200,
            "Training: tag Team": "ml-engineering",
            "Training: has a log": True,
        }.items()
    )
    assert seen["Training: model"] == ["s3://my-ml-bucket/models/<job>/output/model.tar.gz"]
    seen = observed(aws, json.dumps(PROCESSING))
    assert seen["Processing: folders of output output"] == [
        "s3://my-ml-bucket/inference/output/<execution>"
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_executions_in_two_regions_are_alike(aws: EmulatedAWS, kind: str) -> None:
    here = json.dumps(KINDS[kind])
    there = here.replace("us-east-1", "eu-west-1")
    seen = observed(aws, here)
    assert compare(seen, observed(aws, there, "eu-west-1")) == []
    assert "us-east-1" not in str(seen)
    assert aws.account_id not in str(seen)


@pytest.mark.parametrize(
    ("kind", "path", "value", "differences"),
    [
        (
            "Training",
            (*ARGUMENTS, "ResourceConfig", "InstanceType"),
            "ml.m5.2xlarge",
            {"ResourceConfig.InstanceType: got 'ml.m5.2xlarge', expected 'ml.m5.xlarge'"},
        ),
        (
            "Training",
            (*ARGUMENTS, "RoleArn"),
            "arn:aws:iam::123456789012:role/other",
            {
                "RoleArn: got 'arn:<partition>:iam::<account>:role/other', expected "
                "'arn:<partition>:iam::<account>:role/ml-platform-staging-training-job'"
            },
        ),
        (
            "Training",
            (*ARGUMENTS, "OutputDataConfig", "S3OutputPath"),
            "s3://my-ml-bucket/other/",
            {
                "OutputDataConfig.S3OutputPath: got 's3://my-ml-bucket/other/', expected "
                "'s3://my-ml-bucket/models/'",
                "model: got ['s3://my-ml-bucket/other/<job>/output/model.tar.gz'], expected "
                "['s3://my-ml-bucket/models/<job>/output/model.tar.gz']",
            },
        ),
        (
            "Training",
            (*ARGUMENTS, "Tags", 0, "Value"),
            "others",
            {"tag Team: got 'others', expected 'ml-engineering'"},
        ),
        (
            "Processing",
            OUTPUT,
            "s3://my-ml-bucket/other/",
            {
                "ProcessingOutputConfig.Outputs.0.S3Output.S3Uri: got 's3://my-ml-bucket/other/', "
                "expected 's3://my-ml-bucket/inference/output/<execution>'",
                "folders of output output: got ['s3://my-ml-bucket/other'], expected "
                "['s3://my-ml-bucket/inference/output/<execution>']",
            },
        ),
        (
            "Processing",
            (*ARGUMENTS, "Environment", "KAFKA_TOPIC"),
            GONE,
            {"Environment.KAFKA_TOPIC: got None, expected 'predictions'"},
        ),
        (
            "Processing",
            (*ARGUMENTS, "ProcessingJobName"),
            "other",
            {
                "job's name: got 'other-<execution>-<random>', expected "
                "'ml-platform-staging-processing-<execution>-<random>'"
            },
        ),
    ],
    ids=["instance", "role", "model", "tag", "folder", "environment", "name"],
)
def test_what_differs_is_named(
    aws: EmulatedAWS, kind: str, path: tuple[Any, ...], value: Any, differences: set[str]
) -> None:
    expected = observed(aws, json.dumps(KINDS[kind]))
    got = observed(aws, changed(KINDS[kind], path, value))
    assert set(compare(got, expected)) == {f"{kind}: {line}" for line in differences}


def test_failures_differ(aws: EmulatedAWS) -> None:
    aws.runtime.script.failures = (Failure("there", 2),)
    expected, got = (observed(aws, json.dumps(TRAINING)) for _ in range(2))
    assert compare(got, expected) == [
        "status: got 'Failed', expected 'Succeeded'",
        "failure: got 'Step failure', expected None",
        "Training: status: got 'Failed', expected 'Succeeded'",
        "Training: failure: got 'AlgorithmError', expected None",
        "Training: model: got [], expected ['s3://my-ml-bucket/models/<job>/output/model.tar.gz']",
    ]


def test_a_cached_step_has_no_job(aws: EmulatedAWS) -> None:
    cached = changed(TRAINING, (*ARGUMENTS, "Environment", "PIPELINE_EXECUTION_ARN"), GONE)
    expected, got = (observed(aws, cached) for _ in range(2))
    lines = compare(got, expected)
    assert "Training: from the cache: got True, expected False" in lines
    assert "Training: has a log: got None, expected True" in lines


def test_a_missing_log_is_found(aws: EmulatedAWS) -> None:
    expected = observed(aws, json.dumps(TRAINING))
    aws.client("logs").delete_log_group(logGroupName="/aws/sagemaker/TrainingJobs")
    got = observe(aws.client, aws.runtime.executions[0].arn)
    assert compare(got, expected) == ["Training: has a log: got False, expected True"]


def test_every_step_of_a_brought_definition_is_seen(aws: EmulatedAWS) -> None:
    content = json.loads((REPOSITORY / "examples/bring-your-own/pipeline.json").read_text())
    del content["PipelineExperimentConfig"]  # null, which the module takes out
    for name in ("prepare", "train", "evaluate"):
        samples.create_role(RoleName=f"churn-prod-{name}").send(aws)
        everything = samples.policy(Action="*", Resource="*")
        samples.put_role_policy(everything, RoleName=f"churn-prod-{name}").send(aws)
    aws.runtime.script.files = FILES
    expected, got = (observed(aws, json.dumps(content)) for _ in range(2))
    assert compare(got, expected) == []
    model = "s3://my-ml-bucket/churn/models/<execution>/<job of Train>/output/model.tar.gz"
    assert (
        got.items()
        >= {
            "status": "Succeeded",
            "Prepare: job's name": "churn-prepare-<execution>-<random>",
            "Evaluate: ProcessingInputs.0.S3Input.S3Uri": model,
            "IsGoodEnough: outcome": "True",
            "Register-RegisterModel: status": "Succeeded",
            "Register-RegisterModel: ModelPackageGroupName": "churn",
            "Register-RegisterModel: ModelApprovalStatus": "PendingManualApproval",
            "Register-RegisterModel: InferenceSpecification.Containers.0.ModelDataUrl": model,
        }.items()
    )
    aws.runtime.script.files = {"Evaluate": {"evaluation/metrics.json": {"auc": 0.1}}}
    lines = compare(observed(aws, json.dumps(content)), expected)
    assert "IsGoodEnough: outcome: got 'False', expected 'True'" in lines
    assert "Register-RegisterModel: ModelPackageGroupName: got None, expected 'churn'" in lines


def test_settings_of_another_account() -> None:
    here = Settings(
        account_id="210987654321",
        region="eu-central-1",
        bucket="tests",
        training_image_uri="210987654321.dkr.ecr.eu-central-1.amazonaws.com/training:1",
        inference_image_uri="999999999999.dkr.ecr.eu-central-1.amazonaws.com/inference:1",
        inputs={"notification_topic_arn": "arn:aws:sns:eu-central-1:210987654321:failures"},
    )
    assert settings_of("123456789012", here) == Settings(
        account_id="123456789012",
        region="eu-central-1",
        bucket="tests",
        training_image_uri="123456789012.dkr.ecr.eu-central-1.amazonaws.com/training:1",
        inference_image_uri="999999999999.dkr.ecr.eu-central-1.amazonaws.com/inference:1",
        inputs={"notification_topic_arn": "arn:aws:sns:eu-central-1:123456789012:failures"},
    )
