"""The checker of pipeline definitions: what SageMaker takes passes, each fault is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from harness import definition, shapes
from harness.samples import GONE, IMAGE, PROCESSING, TRAINING, changed

ARGUMENTS = ("Steps", 0, "Arguments")
RETRY = ("Steps", 0, "RetryPolicies", 0)
STOPPING = (*ARGUMENTS, "StoppingCondition")
RESOURCES = (*ARGUMENTS, "ResourceConfig")
CLUSTER = (*ARGUMENTS, "ProcessingResources", "ClusterConfig")
CHANNEL = (*ARGUMENTS, "InputDataConfig", 0)
OUTPUT = (*ARGUMENTS, "ProcessingOutputConfig", "Outputs", 0, "S3Output")


@pytest.mark.parametrize("base", [TRAINING, PROCESSING], ids=["training", "processing"])
def test_takes_what_sagemaker_takes(base: dict[str, Any]) -> None:
    assert definition.violations(json.dumps(base)) == []


@pytest.mark.parametrize(
    ("base", "path", "value"),
    [
        (TRAINING, ("Steps", 0, "CacheConfig"), {"Enabled": True, "ExpireAfter": "PT1H30M"}),
        (TRAINING, ("Steps", 0, "CacheConfig"), {"Enabled": False}),
        (TRAINING, (*ARGUMENTS, "TrainingJobName"), GONE),
        (TRAINING, (*ARGUMENTS, "OutputDataConfig", "KmsKeyId"), "alias/my-key"),
        (TRAINING, ("Steps", 1), {"Name": "Alarm", "Type": "Fail", "DependsOn": ["Training"]}),
        (
            TRAINING,
            (*ARGUMENTS, "HyperParameters", "previous"),
            {"Get": "Steps.Training.TrainingJobName"},
        ),
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
    (TRAINING, ("Metadata", "n"), 1, "$.Metadata.n: got 1, expected a string"),
    (TRAINING, (*ARGUMENTS, "VpcConfig"), None, "$.Steps[0].Arguments.VpcConfig: got nothing"),
    # parameters
    (TRAINING, ("Parameters", 0, "Name"), "a b", '$.Parameters[0].Name: got "a b"'),
    (TRAINING, ("Parameters", 3, "Type"), "Number", '$.Parameters[3].Type: got "Number"'),
    (TRAINING, ("Parameters", 0, "Default"), "", "$.Parameters[0].Default: "),
    (TRAINING, ("Parameters", 3, "DefaultValue"), GONE, "$.Parameters[3].DefaultValue: got "),
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
        {"Name": "Processing", "Type": "Fail"},
        '$.Steps[1].Name: got "Processing", expected a name that occurs once',
    ),
    # retries and cache
    (TRAINING, (*RETRY, "ExceptionType"), "Step.THROTTLING", "a list of exception types"),
    (TRAINING, (*RETRY, "ExceptionType", 0), "Step.FAULT", 'got "Step.FAULT"'),
    (TRAINING, (*RETRY, "ExpireAfterMin"), 5, "either MaxAttempts or ExpireAfterMin"),
    (TRAINING, (*RETRY, "MaxAttempts"), GONE, "either MaxAttempts or ExpireAfterMin"),
    (TRAINING, (*RETRY, "MaxAttempts"), 21, "expected an integer from 1 to 20"),
    (TRAINING, (*RETRY, "IntervalSeconds"), 43201, "expected an integer from 0 to 43200"),
    (TRAINING, (*RETRY, "BackoffRate"), "2", "expected a number of at least 0"),
    (TRAINING, (*RETRY, "Attempts"), 3, "expected no such member"),
    (
        TRAINING,
        ("Steps", 0, "RetryPolicies", 1, "ExpireAfterMin"),
        14401,
        "expected an integer from 1 to 14400",
    ),
    (TRAINING, ("Steps", 0, "CacheConfig", "ExpireAfter"), "30d", "an ISO 8601 duration"),
    (TRAINING, ("Steps", 0, "CacheConfig", "ExpireAfter"), "P", "an ISO 8601 duration"),
    (TRAINING, ("Steps", 0, "CacheConfig", "Enabled"), "true", "expected true or false"),
    # CreateTrainingJob
    (TRAINING, (*ARGUMENTS, "RoleArn"), GONE, "RoleArn: got nothing, expected Member must not"),
    (TRAINING, (*ARGUMENTS, "RoleArn"), "role/x-x-x-x-x-x-x-x-x", "regular expression pattern"),
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
    # CreateProcessingJob
    (PROCESSING, (*ARGUMENTS, "VpcConfig"), {}, ".VpcConfig: got {}, expected Member must be"),
    (PROCESSING, (*ARGUMENTS, "Environment", "A"), "x" * 257, "less than or equal to 256"),
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
        PROCESSING["Steps"][0]["Arguments"]["ProcessingInputs"][0],
        "ProcessingInputs[1].InputName",
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


def places(value: Any, path: shapes.Path = ()) -> Iterator[shapes.Path]:
    """The paths of everything in ``value``."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for part, item in items:
        yield (*path, part)
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, part))


@pytest.mark.parametrize("base", [TRAINING, PROCESSING], ids=["training", "processing"])
def test_any_value_at_any_place_is_looked_at(base: dict[str, Any]) -> None:
    values: list[Any] = [None, 5, "x", True, [], {}, [{}], [[]], {"x": []}]
    for path in places(base):
        for value in values:
            found = definition.violations(changed(base, path, value))
            assert all(" got " in line for line in found)
            assert found or value not in ([[]], None), f"{path} may not be {value}"


def test_a_cycle_of_steps() -> None:
    steps = [
        {"Name": "a", "Type": "Fail", "DependsOn": ["b"]},
        {"Name": "b", "Type": "Fail", "DependsOn": ["a"]},
    ]
    (found,) = definition.violations(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    assert "no cycle of DependsOn" in found


def test_more_than_200_parameters() -> None:
    parameters = [
        {"Name": f"p{number}", "Type": "Integer", "DefaultValue": 1} for number in range(201)
    ]
    found = definition.violations(changed(PROCESSING, ("Parameters",), parameters))
    assert '$.Parameters: got "201 parameters", expected at most 200' in found


def test_region_is_the_one_given() -> None:
    text = json.dumps(TRAINING)
    (found,) = definition.violations(text, region="cn-north-1", partition="aws-cn")
    assert "expected an image in cn-north-1" in found


def test_parameter_types() -> None:
    assert definition.parameter_types(json.dumps(PROCESSING)) == {
        "InferenceImageUri": "String",
        "ProcessingVolumeSizeInGB": "Integer",
    }
