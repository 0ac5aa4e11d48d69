"""The checker of pipeline definitions: what SageMaker takes passes, each fault is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulated_aws import definition, shapes
from emulated_aws.samples import GONE, IMAGE, PROCESSING, TRAINING, changed, places

ARGUMENTS = ("Steps", 0, "Arguments")
RETRY = ("Steps", 0, "RetryPolicies", 0)
STOPPING = (*ARGUMENTS, "StoppingCondition")
RESOURCES = (*ARGUMENTS, "ResourceConfig")
CLUSTER = (*ARGUMENTS, "ProcessingResources", "ClusterConfig")
CHANNEL = (*ARGUMENTS, "InputDataConfig", 0)
OUTPUT = (*ARGUMENTS, "ProcessingOutputConfig", "Outputs", 0, "S3Output")
S3_OUTPUT = PROCESSING["Steps"][0]["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
S3_INPUT = PROCESSING["Steps"][0]["Arguments"]["ProcessingInputs"][0]["S3Input"]
FAIL = {"Name": "Alarm", "Type": "Fail", "Arguments": {}}
EXPERIMENT = {
    "ExperimentName": {"Get": "Execution.PipelineName"},
    "TrialName": {"Get": "Execution.PipelineExecutionId"},
}
MLFLOW = {
    "MlflowResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:mlflow-tracking-server/ours",
    "MlflowExperimentName": "churn",
}
MLFLOW_RUN = {"MlflowRunName": "nightly"}


def joined(prefix: str) -> dict[str, Any]:
    """An S3 URI that ends with the ID of the execution, which has 12 characters."""
    return {"Std:Join": {"On": "/", "Values": [prefix, {"Get": "Execution.PipelineExecutionId"}]}}


@pytest.mark.parametrize("base", [TRAINING, PROCESSING], ids=["training", "processing"])
def test_takes_what_sagemaker_takes(base: dict[str, Any]) -> None:
    assert definition.violations(json.dumps(base)) == []


@pytest.mark.parametrize(
    ("base", "path", "value"),
    [
        (TRAINING, ("Steps", 0, "CacheConfig"), {"Enabled": True, "ExpireAfter": "PT1H30M"}),
        (TRAINING, ("Steps", 0, "CacheConfig"), {"Enabled": False}),
        *(
            (TRAINING, ("Steps", 0, "CacheConfig", "ExpireAfter"), duration)
            # the documentation's own examples have no P
            for duration in (
                "P1Y2M3W4DT5H6M",
                "P5Y",
                "PT16M",
                "p30d",
                "30d",
                "5y",
                "T16m",
                "30dT5h",
            )
        ),
        (TRAINING, (*RETRY, "MaxAttempts"), 0),
        (TRAINING, (*RETRY, "MaxAttempts"), 20),
        (TRAINING, (*RETRY, "IntervalSeconds"), 0),
        (TRAINING, (*RETRY, "IntervalSeconds"), 43200),
        (TRAINING, ("Steps", 0, "RetryPolicies", 1, "ExpireAfterMin"), 0),
        (TRAINING, ("Steps", 0, "RetryPolicies", 1, "ExpireAfterMin"), 14400),
        *(
            (PROCESSING, (*ARGUMENTS, "AppSpecification", "ImageUri"), image)
            for image in (
                IMAGE.replace(":latest", ""),
                IMAGE.replace(":latest", f"@sha256:{'0' * 64}"),
                IMAGE.replace("ml-training", "ml"),
                IMAGE.replace("ml-training", "team-1/ml__x/a.b"),
                IMAGE.replace("ml-training", "x" * (255 - len(IMAGE) + len("ml-training"))),
                "docker.io/library/python:3.12",
            )
        ),
        *(
            (TRAINING, (*ARGUMENTS, "OutputDataConfig", "S3OutputPath"), uri)
            for uri in (
                "s3://abc",
                f"s3://{'x' * 63}/models/",
                "s3://my.ml-bucket.1/Größe #1/",
                "s3://my-access-point-metadata-s3alias/models/",
                "https://s3.us-east-1.amazonaws.com/My_Bucket/models/",
                f"s3://my-ml-bucket/{'x' * 1006}",
                "s3://my-ml-bucket/" + "\N{GRINNING FACE}" * 1006,
            )
        ),
        (
            TRAINING,
            (*ARGUMENTS, "OutputDataConfig", "S3OutputPath"),
            joined("s3://my-ml-bucket/" + "x" * 993),
        ),
        *(
            (base, (*ARGUMENTS, "Environment", "A"), value)
            for base, most in ((TRAINING, 512), (PROCESSING, 256))
            for value in ("a\nb\r\u0085\u2028", "\N{GRINNING FACE}" * most)
        ),
        (TRAINING, (*ARGUMENTS, "RoleArn"), "arn:aws:iam::123456789012:role/a/b+=,.@-_"),
        (TRAINING, (*RESOURCES, "VolumeKmsKeyId"), "1234abcd-12ab-34cd-56ef-1234567890ab"),
        (TRAINING, (*RESOURCES, "VolumeKmsKeyId"), "arn:aws:kms:us-east-1:210987654321:key/1234"),
        (TRAINING, (*ARGUMENTS, "TrainingJobName"), GONE),
        (TRAINING, (*ARGUMENTS, "OutputDataConfig", "KmsKeyId"), "alias/my-key"),
        (TRAINING, ("Parameters", 3, "DefaultValue"), GONE),
        (TRAINING, ("Parameters", 3, "EnumValues"), [1, 2]),
        (TRAINING, ("Parameters", 3, "Description"), "x" * 4096),
        (TRAINING, ("Metadata", "x" * 128), "x" * 1024),
        # five attempts
        (TRAINING, (*RETRY, "MaxAttempts"), GONE),
        (TRAINING, ("Steps", 1), {**FAIL, "DependsOn": ["Training"]}),
        *((TRAINING, ("PipelineExperimentConfig",), config) for config in ({}, EXPERIMENT)),
        *((TRAINING, ("MlflowConfig",), config) for config in (MLFLOW, {**MLFLOW, **MLFLOW_RUN})),
        (
            PROCESSING,
            (*ARGUMENTS, "AppSpecification", "ImageUri"),
            "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.3",
        ),
    ],
)
def test_takes_variants(base: dict[str, Any], path: shapes.Path, value: Any) -> None:
    assert definition.violations(changed(base, path, value)) == []


#: A fault put into a good definition, and a part of the line that names it.
FAULTS: list[tuple[dict[str, Any], shapes.Path, Any, str]] = [
    # the document
    (
        TRAINING,
        ("Version",),
        "2020-12-02",
        '$.Version: got "2020-12-02", expected "2020-12-01"',
    ),
    (TRAINING, ("Version",), GONE, "$.Version: got nothing"),
    (TRAINING, ("Step",), [], "$.Step: got [], expected no such member"),
    (TRAINING, ("Steps",), [], "$.Steps: got [], expected at least one step"),
    (TRAINING, ("Metadata", "n"), 1, "$.Metadata.n: got 1, expected Member must be of type String"),
    (TRAINING, ("Metadata", "n"), "x" * 1025, "length less than or equal to 1024"),
    (TRAINING, ("Metadata", "a b"), "", 'Metadata["a b"]: got "a b"'),
    (TRAINING, ("Metadata",), [], "$.Metadata: got [], expected Member must be a map"),
    *(
        (TRAINING, ("PipelineExperimentConfig",), {**EXPERIMENT, name: value}, violation)
        for name, value, violation in (
            ("ExperimentName", "a b", "ExperimentName: got "),
            ("ExperimentName", {"Get": "Execution.Id"}, "ExperimentName.Get: got "),
            ("TrialName", "x" * 121, "less than or equal to 120"),
            ("TrialName", 1, "type String"),
            ("TrialName", {"Get": "Steps.Training.TrainingJobName"}, "TrialName.Get: got "),
            ("RunName", "x", "RunName: got "),
        )
    ),
    *(
        (TRAINING, ("MlflowConfig",), {**MLFLOW, name: value}, violation)
        for name, value, violation in (
            ("MlflowResourceArn", "https://mlflow.example.com", "regular expression pattern"),
            ("MlflowExperimentName", "", "length greater than or equal to 1"),
            ("MlflowExperimentName", 1, "type String"),
            ("TrackingUri", "x", "TrackingUri: got "),
        )
    ),
    (TRAINING, ("MlflowConfig",), {}, "MlflowResourceArn: got nothing"),
    (TRAINING, (*ARGUMENTS, "VpcConfig"), None, "$.Steps[0].Arguments.VpcConfig: got nothing"),
    # parameters
    (TRAINING, ("Parameters", 0, "Name"), "a b", '$.Parameters[0].Name: got "a b"'),
    (TRAINING, ("Parameters", 3, "Type"), "Number", '$.Parameters[3].Type: got "Number"'),
    (TRAINING, ("Parameters", 0, "Default"), "", "$.Parameters[0].Default: "),
    (TRAINING, ("Parameters", 3, "Type"), GONE, "$.Parameters[3].Type: got nothing"),
    (TRAINING, ("Parameters", 3, "Description"), "x" * 4097, "at most 4096 characters"),
    (
        TRAINING,
        ("Parameters", 0, "DefaultValue"),
        "s3://bucket/" + "x" * 4085,
        "at most 4096 characters",
    ),
    (TRAINING, ("Parameters", 3, "EnumValues"), [1, "2"], "EnumValues[1]: got "),
    (TRAINING, ("Parameters", 3, "EnumValues"), 1, "expected a list of values"),
    (TRAINING, ("Parameters", 3, "EnumValues"), [], "expected a list of values"),
    (TRAINING, ("Parameters", 3, "DefaultValue"), "1", "expected a value of type Integer"),
    (TRAINING, ("Parameters", 3, "DefaultValue"), True, "expected a value of type Integer"),
    (TRAINING, ("Parameters", 3, "DefaultValue"), 1.5, "expected a value of type Integer"),
    (TRAINING, ("Parameters", 0, "DefaultValue"), 1, "expected a value of type String"),
    (TRAINING, ("Parameters", 4, "DefaultValue"), "0.1", "expected a value of type Float"),
    (TRAINING, ("Parameters", 2, "EnumValues"), ["ml.m4.xlarge"], "expected one of EnumValues"),
    (
        TRAINING,
        ("Parameters", 5),
        {"Name": "LearningRate", "Type": "Float", "DefaultValue": 0.2},
        '$.Parameters[5].Name: got "LearningRate", expected a name that occurs once',
    ),
    # references
    (
        TRAINING,
        (*RESOURCES, "InstanceType"),
        {"Get": "Parameters.Undeclared"},
        '$.Steps[0].Arguments.ResourceConfig.InstanceType.Get: got "Parameters.Undeclared"',
    ),
    (
        TRAINING,
        (*ARGUMENTS, "Environment", "ID"),
        {"Get": "Execution.Id"},
        '$.Steps[0].Arguments.Environment.ID.Get: got "Execution.Id"',
    ),
    (
        TRAINING,
        (*ARGUMENTS, "Environment", "NAME"),
        {"Get": "Steps.Other.TrainingJobName"},
        'got "Steps.Other.TrainingJobName"',
    ),
    (
        TRAINING,
        (*ARGUMENTS, "Environment", "ID"),
        {"Get": "Execution.PipelineName", "On": ""},
        "expected an object with the function and nothing else",
    ),
    (
        TRAINING,
        (*ARGUMENTS, "Environment", "ID"),
        {"Std:Join": ["a", "b"]},
        "expected an object",
    ),
    (
        TRAINING,
        (*ARGUMENTS, "Environment", "ID"),
        {"Std:Join": {"On": "/", "Values": [["a"]]}},
        "expected a scalar",
    ),
    # steps
    (TRAINING, ("Steps", 0, "Name"), "the step", '$.Steps[0].Name: got "the step"'),
    (TRAINING, ("Steps", 0, "Type"), "Train", '$.Steps[0].Type: got "Train"'),
    (TRAINING, ("Steps", 0, "Retry"), [], "$.Steps[0].Retry: got [], expected no such member"),
    (TRAINING, ("Steps", 0, "Arguments"), GONE, "$.Steps[0].Arguments: got nothing"),
    (TRAINING, ("Steps", 0, "DependsOn"), ["Other"], '$.Steps[0].DependsOn[0]: got "Other"'),
    (
        PROCESSING,
        ("Steps", 1),
        {**FAIL, "Name": "Processing"},
        '$.Steps[1].Name: got "Processing", expected a name that occurs once',
    ),
    # retries and cache
    (TRAINING, (*RETRY, "ExceptionType"), "Step.THROTTLING", "a list of exception types"),
    (TRAINING, (*RETRY, "ExceptionType", 0), "Step.FAULT", 'got "Step.FAULT"'),
    (TRAINING, (*RETRY, "ExpireAfterMin"), 5, "either MaxAttempts or ExpireAfterMin"),
    (TRAINING, (*RETRY, "MaxAttempts"), 21, "expected an integer from 0 to 20"),
    (TRAINING, (*RETRY, "IntervalSeconds"), 43201, "expected an integer from 0 to 43200"),
    (TRAINING, (*RETRY, "BackoffRate"), "2", "expected a number of at least 0"),
    (TRAINING, (*RETRY, "Attempts"), 3, "expected no such member"),
    (
        TRAINING,
        ("Steps", 0, "RetryPolicies", 1, "ExpireAfterMin"),
        14401,
        "expected an integer from 0 to 14400",
    ),
    (
        TRAINING,
        ("Steps", 0, "RetryPolicies", 1, "ExpireAfterMin"),
        -1,
        "expected an integer from 0 to 14400",
    ),
    (TRAINING, (*RETRY, "MaxAttempts"), -1, "expected an integer from 0 to 20"),
    (TRAINING, (*RETRY, "MaxAttempts"), "3", "expected an integer from 0 to 20"),
    (TRAINING, (*RETRY, "IntervalSeconds"), -1, "expected an integer from 0 to 43200"),
    *(
        (TRAINING, ("Steps", 0, "CacheConfig", "ExpireAfter"), duration, "an ISO 8601 duration")
        for duration in (
            "",
            "P",
            "T",
            "P30",
            "P30DT",
            "PT30D",
            "P1D1Y",
            "PT30S",
            "PT1M30S",
            "P1.5D",
            "P1,5D",
            "P-1D",
            "P٣D",
            "P30D\n",
            " P30D",
        )
    ),
    (TRAINING, ("Steps", 0, "CacheConfig", "Enabled"), "true", "expected true or false"),
    (TRAINING, ("Steps", 0, "CacheConfig", "Expire"), "30d", "CacheConfig.Expire: got"),
    # CreateTrainingJob
    (TRAINING, (*ARGUMENTS, "RoleArn"), GONE, "RoleArn: got nothing, expected Member must not"),
    (TRAINING, (*ARGUMENTS, "RoleArn"), "role/x-x-x-x-x-x-x-x-x", "regular expression pattern"),
    *(
        (PROCESSING, (*ARGUMENTS, "RoleArn"), arn, "a role of account 123456789012 in aws")
        for arn in (
            "arn:aws:iam::210987654321:role/ml-training",
            "arn:aws-cn:iam::123456789012:role/ml-training",
        )
    ),
    (
        TRAINING,
        (*ARGUMENTS, "NetworkConfig"),
        {},
        ".NetworkConfig: got {}, expected Member must",
    ),
    (TRAINING, (*ARGUMENTS, "TrainingJobName"), "x" * 39, "expected at most 38 characters"),
    (TRAINING, (*ARGUMENTS, "TrainingJobName"), "x-", "regular expression pattern"),
    (TRAINING, (*RESOURCES, "InstanceType"), "ml.m5.huge", "enum value set"),
    (TRAINING, ("Parameters", 2, "DefaultValue"), "ml.m5.huge", "InstanceType: got"),
    (TRAINING, ("Parameters", 3, "DefaultValue"), -1, "InstanceCount: got -1"),
    (TRAINING, (*RESOURCES, "VolumeSizeInGB"), "30", "Member must be of type Integer"),
    (TRAINING, (*RESOURCES, "VolumeSizeInGB"), -1, "value greater than or equal to 0"),
    (TRAINING, (*RESOURCES, "VolumeKmsKeyId"), "alias/k", "the ARN of a key, no alias"),
    (
        TRAINING,
        (*RESOURCES, "VolumeKmsKeyId"),
        "arn:aws:kms:us-east-1:123456789012:alias/k",
        "the ARN of a key, no alias",
    ),
    *(
        (base, path, f"arn:{place}:123456789012:key/1234abcd", "a KMS key in us-east-1")
        for base, path, place in (
            (TRAINING, (*RESOURCES, "VolumeKmsKeyId"), "aws:kms:eu-west-1"),
            (TRAINING, (*ARGUMENTS, "OutputDataConfig", "KmsKeyId"), "aws-cn:kms:us-east-1"),
            (PROCESSING, (*CLUSTER, "VolumeKmsKeyId"), "aws:kms:eu-west-1"),
            (PROCESSING, (*ARGUMENTS, "ProcessingOutputConfig", "KmsKeyId"), "aws:kms:eu-west-1"),
        )
    ),
    # S3 URIs
    (TRAINING, (*ARGUMENTS, "OutputDataConfig", "S3OutputPath"), "s3://ab", "the name of a bucket"),
    (PROCESSING, (*OUTPUT, "S3Uri"), "s3://ab", "the name of a bucket"),
    *(
        (
            TRAINING,
            (*CHANNEL, "DataSource", "S3DataSource", "S3Uri"),
            f"s3://{bucket}/input/",
            "the name of a bucket",
        )
        for bucket in (
            "ab",
            "x" * 64,
            "My-bucket",
            "my_bucket",
            "my..bucket",
            ".my-bucket",
            "my-bucket-",
            "192.168.5.4",
            "xn--my-bucket",
            "sthree-bucket",
            "my bucket",
            "my\nbucket",
            "größe",
        )
    ),
    (TRAINING, ("Parameters", 0, "DefaultValue"), "s3://192.168.5.4/", "the name of a bucket"),
    (
        TRAINING,
        (*ARGUMENTS, "OutputDataConfig", "S3OutputPath"),
        f"s3://my-ml-bucket/{'x' * 1007}",
        "length less than or equal to 1024",
    ),
    (
        TRAINING,
        (*ARGUMENTS, "OutputDataConfig", "S3OutputPath"),
        joined("s3://my-ml-bucket/" + "x" * 994),
        "length less than or equal to 1024",
    ),
    # a line break, where Java's dot takes none; test_strict.py has them all
    *(
        (base, path, "s3://my-ml-bucket/one\ntwo", "regular expression pattern")
        for base, path in (
            (TRAINING, (*CHANNEL, "DataSource", "S3DataSource", "S3Uri")),
            (TRAINING, (*CHANNEL, "ContentType")),
            (TRAINING, (*ARGUMENTS, "HyperParameters", "epochs")),
            (TRAINING, (*ARGUMENTS, "AlgorithmSpecification", "TrainingImage")),
            (TRAINING, (*ARGUMENTS, "AlgorithmSpecification", "ContainerEntrypoint", 0)),
            (TRAINING, (*ARGUMENTS, "CheckpointConfig", "LocalPath")),
            (PROCESSING, (*ARGUMENTS, "AppSpecification", "ContainerArguments", 0)),
            (PROCESSING, (*ARGUMENTS, "AppSpecification", "ImageUri")),
        )
    ),
    (TRAINING, (*ARGUMENTS, "HyperParameters", "a\nb"), "x", "regular expression pattern"),
    *(
        (
            TRAINING,
            (*ARGUMENTS, "AlgorithmSpecification", "MetricDefinitions"),
            [{"Name": "loss", "Regex": "loss=(.*)", member: "one\ntwo"}],
            "regular expression pattern",
        )
        for member in ("Name", "Regex")
    ),
    (TRAINING, (*ARGUMENTS, "Environment", "A\n"), "x", "regular expression pattern"),
    # images
    *(
        (
            PROCESSING,
            (*ARGUMENTS, "AppSpecification", "ImageUri"),
            IMAGE.replace("ml-training", repository),
            "an image of a repository in ECR",
        )
        for repository in ("ml//x", "ml-", "m", "-ml", "ML", "ml___x", "/ml", "ml x", "")
    ),
    (TRAINING, ("Parameters", 1, "DefaultValue"), f"{IMAGE}:", "an image of a repository in ECR"),
    (
        TRAINING,
        ("Parameters", 1, "DefaultValue"),
        IMAGE.replace("latest", "x" * 129),
        "an image of a repository in ECR",
    ),
    (
        TRAINING,
        ("Parameters", 1, "DefaultValue"),
        IMAGE.replace("latest", "l@sha256:0"),
        "an image of a repository in ECR",
    ),
    (
        PROCESSING,
        (*ARGUMENTS, "AppSpecification", "ImageUri"),
        IMAGE.replace("ml-training", "x" * (256 - len(IMAGE) + len("ml-training"))),
        "length less than or equal to 255",
    ),
    (TRAINING, (*ARGUMENTS, "HyperParameters", "epochs"), 3, "Member must be of type String"),
    (
        TRAINING,
        (*ARGUMENTS, "HyperParameters", "epochs"),
        {"Get": "Parameters.TrainingInstanceCount"},
        "HyperParameters.epochs: got 1, expected Member must be of type String",
    ),
    (
        TRAINING,
        (*ARGUMENTS, "HyperParameters"),
        {str(number): "x" for number in range(101)},
        "length less than or equal to 100",
    ),
    (TRAINING, (*ARGUMENTS, "Environment", "A-B"), "x", 'Environment.A-B: got "A-B"'),
    (TRAINING, (*ARGUMENTS, "Environment", "A"), "x" * 513, "length less than or equal to 512"),
    (TRAINING, (*CHANNEL, "ChannelName"), "a b", "regular expression pattern"),
    (TRAINING, (*CHANNEL, "InputMode"), "Files", "enum value set"),
    (
        TRAINING,
        (*ARGUMENTS, "InputDataConfig", 1),
        TRAINING["Steps"][0]["Arguments"]["InputDataConfig"][0],
        "InputDataConfig[1].ChannelName",
    ),
    (
        TRAINING,
        (*CHANNEL, "DataSource", "S3DataSource", "S3Uri"),
        "my-ml-bucket/input",
        "regular expression pattern",
    ),
    (
        TRAINING,
        (*ARGUMENTS, "AlgorithmSpecification", "TrainingInputMode"),
        GONE,
        "TrainingInputMode: got nothing",
    ),
    (
        TRAINING,
        (*ARGUMENTS, "AlgorithmSpecification", "AlgorithmName"),
        "mine",
        "either TrainingImage or AlgorithmName",
    ),
    (
        TRAINING,
        ("Parameters", 1, "DefaultValue"),
        IMAGE.replace("us-east-1", "eu-west-1"),
        "AlgorithmSpecification.TrainingImage",
    ),
    (TRAINING, (*ARGUMENTS, "OutputDataConfig"), {}, "S3OutputPath: got nothing"),
    (TRAINING, (*ARGUMENTS, "CheckpointConfig"), {}, "CheckpointConfig.S3Uri: got nothing"),
    (TRAINING, (*STOPPING, "MaxRuntimeInSeconds"), 2_419_201, "at most 2419200"),
    (TRAINING, (*STOPPING, "MaxWaitTimeInSeconds"), 60, "at least MaxRuntimeInSeconds, 3600"),
    (TRAINING, (*STOPPING, "MaxWaitTimeInSeconds"), GONE, "managed spot training needs it"),
    (TRAINING, (*ARGUMENTS, "EnableManagedSpotTraining"), False, "without EnableManagedSpot"),
    (TRAINING, (*ARGUMENTS, "EnableManagedSpotTraining"), "true", "type Boolean"),
    (
        TRAINING,
        (*ARGUMENTS, "VpcConfig", "Subnets"),
        [f"subnet-{number}" for number in range(17)],
        "length less than or equal to 16",
    ),
    (TRAINING, (*ARGUMENTS, "VpcConfig", "Subnets"), "subnet-1", "Member must be a list"),
    (TRAINING, (*ARGUMENTS, "Tags", 0, "Key"), "aws:team", "without the prefix aws:"),
    (TRAINING, (*ARGUMENTS, "Tags", 0, "Value"), "a#b", "regular expression pattern"),
    (
        TRAINING,
        (*ARGUMENTS, "Tags", 1),
        {"Key": "Team", "Value": "x"},
        'Tags[1].Key: got "Team", expected a name that occurs once',
    ),
    # CreateProcessingJob
    (PROCESSING, (*ARGUMENTS, "VpcConfig"), {}, ".VpcConfig: got {}, expected Member must be"),
    (PROCESSING, (*ARGUMENTS, "Environment", "A"), "x" * 257, "less than or equal to 256"),
    # a letter and its accent are two characters
    (PROCESSING, (*ARGUMENTS, "Environment", "A"), "e\u0301" * 129, "less than or equal to 256"),
    (PROCESSING, (*STOPPING, "MaxRuntimeInSeconds"), 777601, "less than or equal to 777600"),
    (PROCESSING, (*CLUSTER, "VolumeSizeInGB"), GONE, "VolumeSizeInGB: got nothing"),
    (PROCESSING, (*CLUSTER, "VolumeSizeInGB"), 16385, "value less than or equal to 16384"),
    (PROCESSING, (*CLUSTER, "VolumeKmsKeyId"), "alias/k", "the ARN of a key, no alias"),
    (PROCESSING, (*OUTPUT, "S3UploadMode"), "AtEnd", "enum value set: [Continuous, EndOfJob]"),
    (PROCESSING, (*OUTPUT, "S3UploadMode"), GONE, "S3UploadMode: got nothing"),
    (
        PROCESSING,
        (*ARGUMENTS, "ProcessingInputs", 0, "S3Input", "S3DataType"),
        GONE,
        "S3DataType: got nothing",
    ),
    (
        PROCESSING,
        (*ARGUMENTS, "ProcessingInputs", 1),
        {"InputName": "input", "S3Input": {**S3_INPUT, "LocalPath": "/opt/ml/processing/2"}},
        "ProcessingInputs[1].InputName",
    ),
    (
        PROCESSING,
        (*ARGUMENTS, "ProcessingInputs", 1),
        {"InputName": "output", "S3Input": {**S3_INPUT, "LocalPath": "/opt/ml/processing/2"}},
        "ProcessingInputs[1].InputName",
    ),
    (
        PROCESSING,
        (*ARGUMENTS, "ProcessingInputs", 1),
        {"InputName": "2", "S3Input": {**S3_INPUT, "LocalPath": "/opt/ml/processing/output/"}},
        "Outputs[0].S3Output.LocalPath",
    ),
    (
        PROCESSING,
        (*ARGUMENTS, "ProcessingInputs", 1),
        {"InputName": "2", "S3Input": {**S3_INPUT, "LocalPath": "/opt/ml/model"}},
        "a path that begins with /opt/ml/processing/",
    ),
    (
        PROCESSING,
        (*OUTPUT[:-2], 1),
        {"OutputName": "output", "S3Output": {**S3_OUTPUT, "LocalPath": "/opt/ml/processing/2"}},
        "Outputs[1].OutputName",
    ),
    (
        PROCESSING,
        (*ARGUMENTS, "AppSpecification", "ImageUri"),
        IMAGE.replace("us-east-1", "eu-west-1"),
        "expected an image in us-east-1",
    ),
    (PROCESSING, (*ARGUMENTS, "ProcessingJobName"), "x" * 39, "at most 38 characters"),
]


@pytest.mark.parametrize(("base", "path", "value", "violation"), FAULTS)
def test_names_what_is_wrong(
    base: dict[str, Any], path: shapes.Path, value: Any, violation: str
) -> None:
    found = definition.violations(changed(base, path, value))
    assert any(violation in line for line in found), f"{violation!r} is not in {found}"
    # A name that occurs twice is named twice; nothing else is brought up along with the fault.
    assert len(found) <= 2, found


@pytest.mark.parametrize(
    ("text", "violation"),
    [
        ("{", "expected a JSON document"),
        ("[]", "$: got [], expected a JSON object"),
        ('{"Version": NaN}', "NaN is no JSON number"),
        ('{"Version": "2020-12-01", "Version": "2020-12-01"}', "members that occur twice: Version"),
        (json.dumps(TRAINING) + " " * 1_048_576, "expected at most 1048576"),
    ],
)
def test_names_what_is_wrong_with_the_document(text: str, violation: str) -> None:
    found = definition.violations(text)
    assert any(violation in line for line in found), found


@pytest.mark.parametrize("base", [TRAINING, PROCESSING], ids=["training", "processing"])
def test_any_value_at_any_place_is_looked_at(base: dict[str, Any]) -> None:
    values: list[Any] = [None, 5, "x", True, [], {}, [{}], [[]], {"x": []}]
    for path in places(base):
        for value in values:
            found = definition.violations(changed(base, path, value))
            assert all(" got " in line for line in found)
            assert found or value not in ([[]], None), f"{path} may not be {value}"


def test_more_than_200_parameters() -> None:
    parameters = [
        {"Name": f"p{number}", "Type": "Integer", "DefaultValue": 1} for number in range(201)
    ]
    found = definition.violations(changed(PROCESSING, ("Parameters",), parameters))
    assert '$.Parameters: got "201 parameters", expected at most 200' in found


def test_region_account_and_partition_are_those_given() -> None:
    found = definition.violations(
        json.dumps(TRAINING), region="cn-north-1", account_id="210987654321", partition="aws-cn"
    )
    assert [line.partition(", expected ")[2] for line in sorted(found)] == [
        "an image in cn-north-1",
        "a KMS key in cn-north-1",
        "a role of account 210987654321 in aws-cn",
    ]


def test_pipeline_is_the_one_given() -> None:
    path = (*ARGUMENTS, "OutputDataConfig", "S3OutputPath")
    values = ["s3://my-ml-bucket/" + "x" * 943, {"Get": "Execution.PipelineName"}]
    text = changed(TRAINING, path, {"Std:Join": {"On": "", "Values": values}})
    assert definition.violations(text) == []
    (found,) = definition.violations(text, pipeline="x" * 64)
    assert "length less than or equal to 1024" in found
