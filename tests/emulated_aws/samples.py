"""Definitions, policies and requests that AWS takes, for tests to use and to spoil."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from emulated_aws import shapes
from emulated_aws.emulator import EmulatedAWS

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:latest"

#: A definition with one of everything that the module's pipelines have.
TRAINING: dict[str, Any] = {
    "Version": "2020-12-01",
    "Metadata": {"owner": "ml-platform"},
    "Parameters": [
        {"Name": "InputDataS3Uri", "Type": "String", "DefaultValue": "s3://my-ml-bucket/input/"},
        {"Name": "TrainingImageUri", "Type": "String", "DefaultValue": IMAGE},
        {"Name": "TrainingInstanceType", "Type": "String", "DefaultValue": "ml.m5.xlarge"},
        {"Name": "TrainingInstanceCount", "Type": "Integer", "DefaultValue": 1},
        {"Name": "LearningRate", "Type": "Float", "DefaultValue": 0.1},
    ],
    "Steps": [
        {
            "Name": "Training",
            "Type": "Training",
            "CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"},
            "RetryPolicies": [
                {
                    "ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"],
                    "IntervalSeconds": 30,
                    "BackoffRate": 2,
                    "MaxAttempts": 3,
                },
                {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "ExpireAfterMin": 180},
            ],
            "Arguments": {
                "TrainingJobName": "ml-platform-staging-training",
                "RoleArn": "arn:aws:iam::123456789012:role/ml-platform-staging-training-job",
                "AlgorithmSpecification": {
                    "TrainingImage": {"Get": "Parameters.TrainingImageUri"},
                    "TrainingInputMode": "File",
                    "ContainerEntrypoint": ["python", "train.py"],
                },
                "HyperParameters": {
                    "learning_rate": {
                        "Std:Join": {"On": "", "Values": [{"Get": "Parameters.LearningRate"}]}
                    }
                },
                "Environment": {
                    "MLFLOW_TRACKING_URI": "https://mlflow.example.com",
                    "PIPELINE_EXECUTION_ARN": {"Get": "Execution.PipelineExecutionArn"},
                },
                "InputDataConfig": [
                    {
                        "ChannelName": "training",
                        "DataSource": {
                            "S3DataSource": {
                                "S3DataType": "S3Prefix",
                                "S3Uri": {"Get": "Parameters.InputDataS3Uri"},
                                "S3DataDistributionType": "FullyReplicated",
                            }
                        },
                    }
                ],
                "OutputDataConfig": {"S3OutputPath": "s3://my-ml-bucket/models/"},
                "ResourceConfig": {
                    "InstanceType": {"Get": "Parameters.TrainingInstanceType"},
                    "InstanceCount": {"Get": "Parameters.TrainingInstanceCount"},
                    "VolumeSizeInGB": 30,
                    "VolumeKmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1234abcd",
                },
                "StoppingCondition": {
                    "MaxRuntimeInSeconds": 3600,
                    "MaxWaitTimeInSeconds": 7200,
                },
                "EnableManagedSpotTraining": True,
                "CheckpointConfig": {"S3Uri": "s3://my-ml-bucket/checkpoints/"},
                "VpcConfig": {
                    "Subnets": ["subnet-12345678"],
                    "SecurityGroupIds": ["sg-12345678"],
                },
                "Tags": [{"Key": "Team", "Value": "ml-engineering"}],
            },
        }
    ],
}

PROCESSING: dict[str, Any] = {
    "Version": "2020-12-01",
    "Parameters": [
        {"Name": "InferenceImageUri", "Type": "String", "DefaultValue": IMAGE},
        {"Name": "ProcessingVolumeSizeInGB", "Type": "Integer", "DefaultValue": 30},
    ],
    "Steps": [
        {
            "Name": "Processing",
            "Type": "Processing",
            "Arguments": {
                "ProcessingJobName": "ml-platform-staging-processing",
                "RoleArn": "arn:aws:iam::123456789012:role/ml-platform-staging-processing-job",
                "AppSpecification": {
                    "ImageUri": {"Get": "Parameters.InferenceImageUri"},
                    "ContainerArguments": ["--verbose"],
                },
                "Environment": {"KAFKA_TOPIC": "predictions"},
                "ProcessingResources": {
                    "ClusterConfig": {
                        "InstanceCount": 1,
                        "InstanceType": "ml.m5.xlarge",
                        "VolumeSizeInGB": {"Get": "Parameters.ProcessingVolumeSizeInGB"},
                    }
                },
                "ProcessingInputs": [
                    {
                        "InputName": "input",
                        "S3Input": {
                            "S3Uri": "s3://my-ml-bucket/inference/input/",
                            "LocalPath": "/opt/ml/processing/input",
                            "S3DataType": "S3Prefix",
                            "S3InputMode": "File",
                        },
                    }
                ],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "output",
                            "S3Output": {
                                "S3Uri": {
                                    "Std:Join": {
                                        "On": "/",
                                        "Values": [
                                            "s3://my-ml-bucket/inference/output",
                                            {"Get": "Execution.PipelineExecutionId"},
                                        ],
                                    }
                                },
                                "LocalPath": "/opt/ml/processing/output",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                },
                "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
                "NetworkConfig": {
                    "VpcConfig": {
                        "Subnets": ["subnet-12345678"],
                        "SecurityGroupIds": ["sg-12345678"],
                    }
                },
            },
        }
    ],
}

GONE = object()


def changed(base: dict[str, Any], path: shapes.Path, value: Any) -> str:
    """The JSON of ``base`` with the value at ``path`` put in, or taken out when it is GONE."""
    result = copy.deepcopy(base)
    node: Any = result
    for part in path[:-1]:
        node = node[part]
    if value is GONE:
        del node[path[-1]]
    elif isinstance(node, list) and path[-1] == len(node):
        node.append(value)
    else:
        node[path[-1]] = value
    return json.dumps(result)


def places(value: Any, path: shapes.Path = ()) -> Iterator[shapes.Path]:
    """The paths of everything in ``value``."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for part, item in items:
        yield (*path, part)
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, part))


ACCOUNT = "123456789012"
PIPELINE_ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/there"
PIPELINE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipeline"
SCHEDULE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/schedule"
SCHEDULER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead-letters"
DEFINITION = json.dumps(TRAINING)


def trust(service: str, **statement: Any) -> str:
    """A trust policy that lets ``service`` in; more members of its statement."""
    return policy(Action="sts:AssumeRole", Principal={"Service": service}, **statement)


def policy(**statement: Any) -> str:
    """A policy document with one statement of these members."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def without(document: str, name: str) -> str:
    """A policy document without a member of it or of its statement."""
    result = json.loads(document)
    result.pop(name, None)
    result["Statement"][0].pop(name, None)
    return json.dumps(result)


TRUST = trust("sagemaker.amazonaws.com")
READ = policy(Action="s3:GetObject", Resource="*")
LONG_READ = policy(Action="s3:GetObject", Resource=["arn:aws:s3:::my-ml-bucket/" + "x" * 4900])
TAGS = [{"Key": "Team", "Value": "ml-engineering"}]
RESERVED_TAGS = [{"Key": "aws:team", "Value": "ml-engineering"}]
MANY_TAGS = [{"Key": f"key-{number}", "Value": ""} for number in range(51)]


@dataclass(frozen=True)
class Request:
    """A request, to be sent through boto3."""

    service: str
    operation: str
    parameters: dict[str, Any] = field(repr=False)

    def send(self, aws: EmulatedAWS) -> Any:
        """Send it without the validation of boto3; gives the answer."""
        return getattr(aws.client(self.service, validate=False), self.operation)(**self.parameters)


def create_pipeline(**changes: Any) -> Request:
    """CreatePipeline of "new", with these parameters changed."""
    parameters = {
        "PipelineName": "new",
        "PipelineDisplayName": "new",
        "PipelineDefinition": DEFINITION,
        "PipelineDescription": "Trains.",
        "RoleArn": PIPELINE_ROLE,
        "ClientRequestToken": "0123456789012345678901234567890123",
        "ParallelismConfiguration": {"MaxParallelExecutionSteps": 1},
        "Tags": TAGS,
    }
    return Request("sagemaker", "create_pipeline", parameters | changes)


def update_pipeline(**changes: Any) -> Request:
    """UpdatePipeline of "there", with these parameters."""
    return Request("sagemaker", "update_pipeline", {"PipelineName": "there", **changes})


def put_rule(**changes: Any) -> Request:
    """PutRule of "new", with these parameters changed."""
    parameters = {"Name": "new", "ScheduleExpression": "rate(1 day)", "State": "ENABLED"}
    return Request("events", "put_rule", parameters | changes)


def put_targets(*, others: int = 0, gone: str = "", **changes: Any) -> Request:
    """PutTargets of the pipeline "there" on the rule "there".

    Args:
        others: how many more targets like it.
        gone: a member that is left out.
        changes: members that are changed.
    """
    target = {
        "Id": "pipeline",
        "Arn": PIPELINE_ARN,
        "RoleArn": SCHEDULE_ROLE,
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
        "DeadLetterConfig": {"Arn": QUEUE},
        **changes,
    }
    target.pop(gone, None)
    targets = [target, *({**target, "Id": f"other-{number}"} for number in range(others))]
    return Request("events", "put_targets", {"Rule": "there", "Targets": targets})


def with_parameters(*parameters: tuple[str, str]) -> dict[str, Any]:
    """The part of a target that overrides pipeline parameters."""
    values = [{"Name": name, "Value": value} for name, value in parameters]
    return {"SageMakerPipelineParameters": {"PipelineParameterList": values}}


def create_schedule_group(**changes: Any) -> Request:
    """CreateScheduleGroup of "new", with these parameters changed."""
    return Request("scheduler", "create_schedule_group", {"Name": "new", "Tags": TAGS} | changes)


def create_schedule(gone: str = "", /, **changes: Any) -> Request:
    """CreateSchedule of "new" in the group "there", with these parameters changed or gone."""
    parameters = {
        "Name": "new",
        "GroupName": "there",
        "ScheduleExpression": "cron(0 2 ? * SUN *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "State": "ENABLED",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": schedule_target(),
        **changes,
    }
    parameters.pop(gone, None)
    return Request("scheduler", "create_schedule", parameters)


def update_schedule(gone: str = "", /, **changes: Any) -> Request:
    """UpdateSchedule of "there", with the parameters of :func:`create_schedule`."""
    parameters = create_schedule(gone, **{"Name": "there", **changes}).parameters
    return Request("scheduler", "update_schedule", parameters)


def schedule_target(gone: str = "", /, **changes: Any) -> dict[str, Any]:
    """The pipeline "there" as the target of a schedule, with these members changed or gone."""
    target = {
        "Arn": PIPELINE_ARN,
        "RoleArn": SCHEDULER_ROLE,
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
        "DeadLetterConfig": {"Arn": QUEUE},
        **with_parameters(("ScheduledTime", "<aws.scheduler.scheduled-time>")),
        **changes,
    }
    target.pop(gone, None)
    return target


def put_alarm(gone: str = "", /, **changes: Any) -> Request:
    """PutMetricAlarm of "new", with these parameters changed or gone."""
    parameters = {
        "AlarmName": "new",
        "Namespace": "AWS/Sagemaker/ModelBuildingPipeline",
        "MetricName": "ExecutionFailed",
        "Dimensions": [{"Name": "PipelineName", "Value": "there"}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [TOPIC],
        "Tags": TAGS,
        **changes,
    }
    parameters.pop(gone, None)
    return Request("cloudwatch", "put_metric_alarm", parameters)


def create_role(**changes: Any) -> Request:
    """CreateRole of "new", with these parameters changed."""
    parameters = {"RoleName": "new", "AssumeRolePolicyDocument": TRUST, "Tags": TAGS}
    return Request("iam", "create_role", parameters | changes)


def put_role_policy(document: str = READ, **changes: Any) -> Request:
    """PutRolePolicy of "new" on the role "pipeline", with these parameters changed."""
    parameters = {"RoleName": "pipeline", "PolicyName": "new", "PolicyDocument": document}
    return Request("iam", "put_role_policy", parameters | changes)


def create_policy(document: str = READ, **changes: Any) -> Request:
    """CreatePolicy of "managed", with these parameters changed."""
    return Request(
        "iam", "create_policy", {"PolicyName": "managed", "PolicyDocument": document} | changes
    )
