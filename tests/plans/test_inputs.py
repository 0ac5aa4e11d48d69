"""Each input arrives where it belongs: one plan for all rows, and a row for every variable."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jmespath
import pytest

from definitions import TEXTS
from inputs import (
    ACCOUNT,
    ECR,
    ENABLED,
    KEY,
    POLICIES,
    POLICY,
    QUEUE,
    RETRY,
    ROLES,
    TOPIC,
    TOPICS,
    VALID,
    VPC,
    default,
)
from repository import REPOSITORY
from rows import compare, explain, pack
from terraform.plan import Diagnostic, Plan
from terraform.root import TerraformError
from view import module_view

SERVER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-tracking-server/ml"
APP = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-app/app-1"
MANAGED = f"{POLICIES}msk"
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:page"
SUNDAY = "s3://my-ml-bucket/sunday/"
TRAINING = "training.arguments."
PROCESSING = "processing.arguments."
#: What many rows depend on; a row that sets it otherwise gets a call of its own.
COMMON = ENABLED | {
    "project_name": VALID["project_name"],
    "environment": VALID["environment"],
    "guardrails": None,
    "role_arns": {},
    "role_path": "/",
}


#: Schedules and triggers without those of enable_*_schedule.
ONLY_THESE = {
    "enable_training_schedule": False,
    "enable_processing_schedule": False,
    "schedules": {},
    "triggers": {},
    "training_additional_inputs": {},
    "training_spot": None,
    "processing_additional_inputs": {},
    "processing_additional_outputs": {},
} | default("input_data_s3_path", "training_image_uri", "inference_output_s3_path")
SCHEDULE = (
    "name, group_name, schedule_expression, schedule_expression_timezone, state, start_date, "
    "end_date"
)
SENT_BY_SCHEDULER = "target[0].sagemaker_pipeline_parameters[0].pipeline_parameter[].[name, value]"
SENT_BY_RULE = "target.sagemaker_pipeline_target[0].pipeline_parameter_list[].[name, value]"
PIPELINE_SUCCEEDED = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
}
ALARM = (
    "alarm_name, namespace, metric_name, dimensions, statistic, comparison_operator, threshold, "
    "period, evaluation_periods, treat_missing_data"
)


@dataclass(frozen=True)
class Row:
    """An input's value and what it makes of the plan: JMESPath in `module_view` to value."""

    variable: str
    value: Any
    arrives: dict[str, Any]
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def sets(self) -> dict[str, Any]:
        return (
            COMMON
            | {name: value for name, value in self.beside.items() if name != self.variable}
            | {self.variable: self.value}
        )


def hashed(name: str, longest: int) -> str:
    """A name, shortened with a hash where it is too long."""
    if len(name) <= longest:
        return name
    return (
        f"{name[: longest - 9].removesuffix('-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    )


def per_execution(uri: str) -> dict[str, Any]:
    """The path of an output that has a folder for each execution."""
    return {"Std:Join": {"On": "/", "Values": [uri, {"Get": "Execution.PipelineExecutionId"}]}}


#: A definition with parameters, and names of roles and jobs.
SCORING: dict[str, Any] = {
    "Version": "2020-12-01",
    "Parameters": [
        {"Name": "Input", "Type": "String", "DefaultValue": "s3://my-ml-bucket/in/"},
        {"Name": "Country", "Type": "String", "DefaultValue": "DE"},
    ],
    "Steps": [
        {
            "Name": "Score",
            "Type": "Processing",
            "Arguments": {
                "ProcessingJobName": "score",
                "RoleArn": f"{ROLES}scoring",
                "AppSpecification": {"ImageUri": f"{ECR}/score:1"},
                "Environment": {"INPUT": {"Get": "Parameters.Input"}},
                "ProcessingResources": {
                    "ClusterConfig": {
                        "InstanceCount": 1,
                        "InstanceType": "ml.m5.large",
                        "VolumeSizeInGB": 30,
                    }
                },
            },
        },
        {
            "Name": "Tell",
            "Type": "Lambda",
            "FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell",
            "Arguments": {},
        },
    ],
}


def role(name: str) -> str:
    return f"{ROLES}brought/{name}"


ROWS = [
    Row("project_name", "fraud", {
        "training.pipeline.pipeline_name": "fraud-test-training",
        "training.pipeline.pipeline_display_name": "fraud-test-training",
        "training.job_role.name": "fraud-test-training-job-us-east-1",
        "training.pipeline_role.name": "fraud-test-training-pipeline-us-east-1",
        "training.schedule_role.name": "fraud-test-training-schedule-us-east-1",
        "training.rule.name": "fraud-test-training-schedule",
        TRAINING + "TrainingJobName": "fraud-test-training",
        "training.run.RunJobs.Resource":
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/fraud-test-training-*",
        "training.start.StartPipeline.Resource":
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/fraud-test-training",
        "processing.pipeline.pipeline_name": "fraud-test-processing",
        "processing.job_role.name": "fraud-test-processing-job-us-east-1",
        "processing.schedule_role.name": "fraud-test-processing-schedule-us-east-1",
        "processing.start.StartPipeline.Resource":
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/fraud-test-processing",
    }),
    # 38 characters for a job's prefix: up to 29, a hyphen, and 8 of the SHA-256 of the name
    Row("project_name", "project-of-23-character", {
        PROCESSING + "ProcessingJobName": "project-of-23-character-test-efb19fb2",
        "processing.run.RunJobs.Resource": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"
            "processing-job/project-of-23-character-test-efb19fb2-*",
    }),
    Row("project_name", "project-of-24-characters", {
        TRAINING + "TrainingJobName": "project-of-24-characters-test-training",
        PROCESSING + "ProcessingJobName": "project-of-24-characters-test-c9cbc175",
    }),
    # 64 for a role: up to 55, a hyphen, and 8 of the SHA-256 of the name
    Row("project_name", "project-of-24-characters", {
        "processing.schedule_role.name":
            "project-of-24-characters-a-test-processing-schedule-us-east-1",
        "processing.pipeline_role.name":
            "project-of-24-characters-a-test-processing-pipeline-us-east-1",
    }, {"environment": "a-test"}),
    Row("project_name", "project-of-24-characters", {
        "processing.schedule_role.name":  # 64
            "project-of-24-characters-nine-char-processing-schedule-us-east-1",
    }, {"environment": "nine-char"}),
    Row("project_name", "project-of-24-characters", {
        "processing.job_role.name":
            hashed("project-of-24-characters-a-long-test-processing-job-us-east-1", 64),
        "processing.schedule_role.name":
            hashed("project-of-24-characters-a-long-test-processing-schedule-us-east-1", 64),
        "notifications.rule.name": "project-of-24-characters-a-long-test-training-notifications",
    }, {"environment": "a-long-test", "notifications": {"topic_arn": TOPIC}}),
    Row("project_name", "p" * 20, {
        "notifications.rule.name": hashed(f"{'p' * 20}-{'e' * 20}-processing-notifications", 64),
    }, {"environment": "e" * 20, "notifications": {"topic_arn": TOPIC},
        "enable_training_pipeline": False, "enable_training_schedule": False}),
    Row("environment", "prod", {"training.pipeline.pipeline_name": "ml-platform-prod-training"}),
    Row("tags", {"Team": "ml", "App": "fraud"}, {
        "training.pipeline.tags": {"Team": "ml", "App": "fraud"},
        "training.job_role.tags": {"Team": "ml", "App": "fraud"},
        "training.pipeline_role.tags": {"Team": "ml", "App": "fraud"},
        "training.schedule_role.tags": {"Team": "ml", "App": "fraud"},
        "training.rule.tags": {"Team": "ml", "App": "fraud"},
        "notifications.rule.tags": {"Team": "ml", "App": "fraud"},
        TRAINING + "Tags": [{"Key": "App", "Value": "fraud"}, {"Key": "Team", "Value": "ml"}],
        PROCESSING + "Tags": [{"Key": "App", "Value": "fraud"}, {"Key": "Team", "Value": "ml"}],
    }, {"notifications": {"topic_arn": TOPIC}}),
    Row("tags", {}, {TRAINING + "Tags": None, PROCESSING + "Tags": None}),
    Row("s3_bucket_arn", "arn:aws:s3:::another-bucket", {
        "training.job.ListBucket1.Resource": "arn:aws:s3:::my-ml-bucket",
    }, {"additional_s3_bucket_arns": ["arn:aws:s3:::my-ml-bucket"]}),
    Row("additional_s3_bucket_arns", ["arn:aws:s3:::data-lake"], {
        "training.job.ReadInput.Resource": ["arn:aws:s3:::data-lake/raw/*"],
        "training.job.ListBucket1.Resource": "arn:aws:s3:::data-lake",
        "training.job.ListBucket1.Condition.StringLike.\"s3:prefix\"": ["raw/*"],
        "training.job.ListBucket2.Resource": "arn:aws:s3:::my-ml-bucket",
        "training.job.ListBucket2.Condition.StringLike.\"s3:prefix\"": ["models", "models/*"],
    }, {"input_data_s3_path": "s3://data-lake/raw/", "training_spot": None,
        "training_schedule_parameters": {}}),
    Row("vpc_id", VPC["vpc_id"], {
        TRAINING + "VpcConfig.Subnets": VPC["subnet_ids"],
        "training.job.DescribeNetwork.Resource": ["*"],
        "processing.job.AttachNetworkInterfaces.Resource": ["*"],
    }, VPC),
    Row("vpc_id", "", {
        TRAINING + "VpcConfig": None,
        PROCESSING + "NetworkConfig.VpcConfig": None,
        "training.job.DescribeNetwork": None,
        "training.job.AttachNetworkInterfaces": None,
    }),
    # sorted: data sources list them in any order
    Row("subnet_ids", ["subnet-87654321", "subnet-12345678"], {
        TRAINING + "VpcConfig.Subnets": ["subnet-12345678", "subnet-87654321"],
    }, VPC),
    Row("subnet_ids", ["subnet-87654321"], {
        TRAINING + "VpcConfig.Subnets": ["subnet-87654321"],
        PROCESSING + "NetworkConfig.VpcConfig.Subnets": ["subnet-87654321"],
        "training.job.AttachNetworkInterfaces.Resource": [
            f"arn:aws:ec2:us-east-1:{ACCOUNT}:network-interface/*",
            "arn:aws:ec2:us-east-1:*:subnet/subnet-87654321",
            "arn:aws:ec2:us-east-1:*:security-group/sg-12345678",
        ],
    }, VPC),
    Row("security_group_ids", ["sg-12345678"], {
        TRAINING + "VpcConfig.SecurityGroupIds": ["sg-12345678"],
        PROCESSING + "NetworkConfig.VpcConfig.SecurityGroupIds": ["sg-12345678"],
    }, VPC),
    # a VPC that does not exist is not looked for
    Row("lookup_network", False, {TRAINING + "VpcConfig.Subnets": ["subnet-00000000"]},
        VPC | {"vpc_id": "vpc-00000000", "subnet_ids": ["subnet-00000000"]}),
    Row("kms_key_arn", KEY, {
        TRAINING + "OutputDataConfig.KmsKeyId": KEY,
        PROCESSING + "ProcessingOutputConfig.KmsKeyId": KEY,
        "training.job.UseKey.Resource": [KEY],
        "processing.job.UseKey.Resource": [KEY],
    }),
    Row("volume_kms_key_arn", KEY, {
        TRAINING + "ResourceConfig.VolumeKmsKeyId": KEY,
        PROCESSING + "ProcessingResources.ClusterConfig.VolumeKmsKeyId": KEY,
        "training.job.EncryptVolumes.Resource": [KEY],
        "processing.job.EncryptVolumes.Condition.Bool": {"kms:GrantIsForAWSResource": "true"},
        "processing.job.DescribeVolumeKey.Resource": [KEY],
    }),
    Row("enable_training_pipeline", False, {"training.pipeline": {}, "training.job_role": {}},
        {"enable_training_schedule": False}),
    Row("enable_training_pipeline", True, {"training.pipeline.pipeline_name":
        "ml-platform-test-training"}),
    Row("training_image_uri", f"{ECR}/team/trainer@sha256:{'ab' * 32}", {
        "training.parameters.TrainingImageUri": f"{ECR}/team/trainer@sha256:{'ab' * 32}",
        TRAINING + "AlgorithmSpecification.TrainingImage": {"Get": "Parameters.TrainingImageUri"},
        "training.job.PullImage.Resource":
            [f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/trainer"],
    }, {"training_schedule_parameters": {}}),
    Row("input_data_s3_path", "s3://my-ml-bucket/raw/2026", {
        "training.parameters.InputDataS3Uri": "s3://my-ml-bucket/raw/2026",
        TRAINING + "InputDataConfig[0].DataSource.S3DataSource.S3Uri":
            {"Get": "Parameters.InputDataS3Uri"},
        "training.job.ReadInput.Resource": ["arn:aws:s3:::my-ml-bucket/raw/2026*"],
    }, {"training_schedule_parameters": {}, "training_additional_inputs": {}}),
    Row("input_data_s3_path", "s3://my-ml-bucket", {
        "training.job.ReadInput.Resource": ["arn:aws:s3:::my-ml-bucket/*"],
    }, {"training_schedule_parameters": {}, "training_additional_inputs": {}}),
    Row("model_output_s3_path", "s3://my-ml-bucket/trained", {
        "training.parameters.ModelOutputS3Uri": "s3://my-ml-bucket/trained",
        TRAINING + "OutputDataConfig.S3OutputPath": {"Get": "Parameters.ModelOutputS3Uri"},
        "training.job.WriteOutput.Resource": ["arn:aws:s3:::my-ml-bucket/trained/*"],
    }, {"training_schedule_parameters": {}}),
    Row("model_output_s3_path", "s3://my-ml-bucket", {
        "training.job.WriteOutput.Resource": ["arn:aws:s3:::my-ml-bucket/*"],
        "training.job.ListBucket1.Condition.StringLike.\"s3:prefix\"": ["*"],
    }, {"training_schedule_parameters": {}, "training_additional_inputs": {},
        "training_spot": None} | default("input_data_s3_path", "s3_bucket_arn")),
    Row("training_environment_variables", {"MLFLOW_TRACKING_URI": f"https://example.com/{APP}"}, {
        TRAINING + "Environment": {
            "MLFLOW_TRACKING_URI": f"https://example.com/{APP}",
            "PIPELINE_EXECUTION_ARN": {"Get": "Execution.PipelineExecutionArn"},
            "SCHEDULED_TIME": {"Get": "Parameters.ScheduledTime"},
        },
        "training.parameters.ScheduledTime": "none",
        "training.job.TrackWithMlflow": None,
    }),
    Row("training_environment_variables", {"MLFLOW_TRACKING_URI": SERVER}, {
        "training.job.TrackWithMlflow.Resource": [SERVER],
        "training.job.TrackWithMlflowApp": None,
        "processing.job.TrackWithMlflow": None,
    }, {"processing_environment_variables": {}}),
    Row("training_environment_variables", {"MLFLOW_TRACKING_URI": APP}, {
        "training.job.TrackWithMlflowApp.Resource": [APP],
        "training.job.TrackWithMlflow": None,
    }),
    Row("processing_environment_variables", {"MLFLOW_TRACKING_URI": APP}, {
        PROCESSING + "Environment.MLFLOW_TRACKING_URI": APP,
        PROCESSING + "Environment.PIPELINE_EXECUTION_ARN":
            {"Get": "Execution.PipelineExecutionArn"},
        "processing.job.TrackWithMlflowApp.Resource": [APP],
        "processing.job.TrackWithMlflow": None,
    }),
    Row("processing_environment_variables", {"MLFLOW_TRACKING_URI": SERVER}, {
        "processing.job.TrackWithMlflow.Resource": [SERVER],
        "processing.job.TrackWithMlflowApp": None,
    }),
    Row("processing_environment_variables", {"MLFLOW_TRACKING_URI": f"{APP}*"}, {  # no pattern
        "processing.job.TrackWithMlflowApp": None,
    }),
    Row("training_hyperparameters", {"epochs": "3"}, {TRAINING + "HyperParameters":
        {"epochs": "3"}}),
    Row("training_hyperparameters", {}, {TRAINING + "HyperParameters": None}),
    Row("training_instance_type", "ml.g5.xlarge", {
        "training.parameters.TrainingInstanceType": "ml.g5.xlarge",
        TRAINING + "ResourceConfig.InstanceType": {"Get": "Parameters.TrainingInstanceType"},
    }),
    Row("training_instance_count", 4, {
        "training.parameters.TrainingInstanceCount": 4,
        TRAINING + "ResourceConfig.InstanceCount": {"Get": "Parameters.TrainingInstanceCount"},
    }),
    Row("training_volume_size_gb", 200, {
        "training.parameters.TrainingVolumeSizeInGB": 200,
        TRAINING + "ResourceConfig.VolumeSizeInGB": {"Get": "Parameters.TrainingVolumeSizeInGB"},
    }),
    Row("training_max_runtime_seconds", 7200, {
        "training.parameters.TrainingMaxRuntimeInSeconds": 7200,
        TRAINING + "StoppingCondition":
            {"MaxRuntimeInSeconds": {"Get": "Parameters.TrainingMaxRuntimeInSeconds"}},
    }, {"training_spot": None}),
    Row("training_input_mode", "FastFile", {
        TRAINING + "AlgorithmSpecification.TrainingInputMode": "FastFile",
    }),
    Row("training_input_channel", "train", {TRAINING + "InputDataConfig[0].ChannelName": "train"}),
    Row("training_additional_inputs", {
        "labels": {"s3_path": "s3://my-ml-bucket/labels/", "input_mode": "Pipe",
                   "content_type": "text/csv", "distribution": "ShardedByS3Key"},
        "extra": {"s3_path": "s3://my-ml-bucket/extra/"},
    }, {
        TRAINING + "InputDataConfig[1:]": [
            {"ChannelName": "extra", "DataSource": {"S3DataSource": {
                "S3DataType": "S3Prefix", "S3Uri": "s3://my-ml-bucket/extra/",
                "S3DataDistributionType": "FullyReplicated"}}},
            {"ChannelName": "labels", "ContentType": "text/csv", "InputMode": "Pipe",
             "DataSource": {"S3DataSource": {
                "S3DataType": "S3Prefix", "S3Uri": "s3://my-ml-bucket/labels/",
                "S3DataDistributionType": "ShardedByS3Key"}}},
        ],
        "training.job.ReadInput.Resource": [
            "arn:aws:s3:::my-ml-bucket/datasets/*",
            "arn:aws:s3:::my-ml-bucket/extra/*",
            "arn:aws:s3:::my-ml-bucket/labels/*",
        ],
    }, {"training_schedule_parameters": {}} | default("input_data_s3_path")),
    Row("training_metric_definitions", {"loss": "loss=(.*)"}, {
        TRAINING + "AlgorithmSpecification.MetricDefinitions":
            [{"Name": "loss", "Regex": "loss=(.*)"}],
    }),
    Row("training_spot", {"max_wait_seconds": 90000,
                          "checkpoint_s3_path": "s3://my-ml-bucket/checkpoints/"}, {
        TRAINING + "EnableManagedSpotTraining": True,
        TRAINING + "StoppingCondition.MaxWaitTimeInSeconds": 90000,
        TRAINING + "CheckpointConfig.S3Uri": {"Std:Join": {"On": "", "Values": [
            "s3://my-ml-bucket/checkpoints/", {"Get": "Execution.PipelineExecutionId"}, "/"]}},
        "training.job.KeepCheckpoints.Resource": ["arn:aws:s3:::my-ml-bucket/checkpoints/*"],
    }, {"training_cache_expire_after": None}),
    # model-1/, or model-10 would be copied, too
    *(
        Row("training_spot", {"max_wait_seconds": 90000, "checkpoint_per_execution": False,
                              "checkpoint_s3_path": f"s3://my-ml-bucket/model-1{slash}"}, {
            TRAINING + "CheckpointConfig": {"S3Uri": "s3://my-ml-bucket/model-1/"},
            "training.job.KeepCheckpoints.Action":
                ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "training.job.KeepCheckpoints.Resource": ["arn:aws:s3:::my-ml-bucket/model-1/*"],
        }, {"training_cache_expire_after": "P7D", "enable_training_schedule": False})
        for slash in ("", "/")
    ),
    Row("training_spot", {"max_wait_seconds": 90000}, {
        TRAINING + "EnableManagedSpotTraining": True, TRAINING + "CheckpointConfig": None,
        "training.job.KeepCheckpoints": None,
    }),
    Row("training_spot", None, {
        TRAINING + "EnableManagedSpotTraining": False,
        TRAINING + "StoppingCondition.MaxWaitTimeInSeconds": None,
    }),
    Row("training_container_entrypoint", ["train"], {
        TRAINING + "AlgorithmSpecification.ContainerEntrypoint": ["train"],
    }),
    Row("training_container_arguments", ["--fast"], {
        TRAINING + "AlgorithmSpecification.ContainerArguments": ["--fast"],
    }),
    Row("training_retry_policies", [RETRY | {"max_attempts": 2}], {
        "training.step.RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"],
            "IntervalSeconds": 7, "BackoffRate": 1.5, "MaxAttempts": 2}],
    }),
    Row("training_retry_policies", [], {"training.step.RetryPolicies": None}),
    Row("training_cache_expire_after", "P30D", {
        "training.step.CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"},
        "processing.step.CacheConfig": None,
        # part of the cache's key: what differs in each execution would keep it from hitting
        TRAINING + "Environment": {"A": "x"},
        PROCESSING + "Environment.PIPELINE_EXECUTION_ARN":
            {"Get": "Execution.PipelineExecutionArn"},
    }, {"enable_training_schedule": False, "training_environment_variables": {"A": "x"},
        "training_spot": None, "processing_cache_expire_after": None}),
    Row("enable_processing_pipeline", False, {"processing.pipeline": {},
        "processing.job_role": {}}, {"enable_processing_schedule": False}),
    Row("inference_image_uri", f"{ECR}/scorer:7", {
        "processing.parameters.InferenceImageUri": f"{ECR}/scorer:7",
        PROCESSING + "AppSpecification.ImageUri": {"Get": "Parameters.InferenceImageUri"},
        "processing.job.PullImage.Resource":
            [f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/scorer"],
    }),
    Row("inference_input_s3_path", "s3://my-ml-bucket/today/", {
        "processing.parameters.InferenceInputS3Uri": "s3://my-ml-bucket/today/",
        PROCESSING + "ProcessingInputs[0].S3Input.S3Uri": {"Get": "Parameters.InferenceInputS3Uri"},
        "processing.job.ReadInput.Resource": ["arn:aws:s3:::my-ml-bucket/today/*"],
    }, {"processing_additional_inputs": {}}),
    Row("inference_output_s3_path", "s3://my-ml-bucket/scores/", {
        "processing.parameters.InferenceOutputS3Uri": "s3://my-ml-bucket/scores/",
        PROCESSING + "ProcessingOutputConfig.Outputs[0].S3Output.S3Uri":
            {"Get": "Parameters.InferenceOutputS3Uri"},
        "processing.job.WriteOutput.Resource": ["arn:aws:s3:::my-ml-bucket/scores/*"],
    }, {"processing_output_per_execution": False, "processing_additional_outputs": {}}),
    Row("processing_instance_type", "ml.c5.xlarge", {
        "processing.parameters.ProcessingInstanceType": "ml.c5.xlarge",
        PROCESSING + "ProcessingResources.ClusterConfig.InstanceType":
            {"Get": "Parameters.ProcessingInstanceType"},
    }),
    Row("processing_instance_count", 3, {
        "processing.parameters.ProcessingInstanceCount": 3,
        PROCESSING + "ProcessingResources.ClusterConfig.InstanceCount":
            {"Get": "Parameters.ProcessingInstanceCount"},
    }),
    Row("processing_volume_size_gb", 50, {
        "processing.parameters.ProcessingVolumeSizeInGB": 50,
        PROCESSING + "ProcessingResources.ClusterConfig.VolumeSizeInGB":
            {"Get": "Parameters.ProcessingVolumeSizeInGB"},
    }),
    Row("processing_max_runtime_seconds", 1800, {
        "processing.parameters.ProcessingMaxRuntimeInSeconds": 1800,
        PROCESSING + "StoppingCondition.MaxRuntimeInSeconds":
            {"Get": "Parameters.ProcessingMaxRuntimeInSeconds"},
    }),
    Row("processing_input_distribution", "ShardedByS3Key", {
        PROCESSING + "ProcessingInputs[0].S3Input.S3DataDistributionType": "ShardedByS3Key",
    }),
    Row("processing_output_upload_mode", "Continuous", {
        PROCESSING + "ProcessingOutputConfig.Outputs[0].S3Output.S3UploadMode": "Continuous",
    }),
    Row("processing_output_per_execution", True, {
        "processing.parameters.InferenceOutputS3Uri": "s3://my-ml-bucket/output",
        PROCESSING + "ProcessingOutputConfig.Outputs[0].S3Output.S3Uri": {"Std:Join": {
            "On": "/", "Values": [{"Get": "Parameters.InferenceOutputS3Uri"},
                                  {"Get": "Execution.PipelineExecutionId"}]}},
        "processing.job.WriteOutput.Resource": ["arn:aws:s3:::my-ml-bucket/output/*"],
    }, {"processing_schedule_parameters": {}, "processing_additional_outputs": {}}
        | default("inference_output_s3_path")),
    Row("processing_additional_inputs", {
        "reference": {"s3_path": "s3://my-ml-bucket/reference/"},
        "model": {"s3_path": "s3://my-ml-bucket/models/v1", "local_path": "/opt/ml/processing/m/",
                  "input_mode": "Pipe", "distribution": "ShardedByS3Key"},
    }, {
        PROCESSING + "ProcessingInputs[0].[InputName, S3Input.LocalPath]":
            ["input", "/opt/ml/processing/input"],
        PROCESSING + "ProcessingInputs[1:]": [
            {"InputName": "model", "S3Input": {
                "S3Uri": "s3://my-ml-bucket/models/v1", "LocalPath": "/opt/ml/processing/m/",
                "S3DataType": "S3Prefix", "S3InputMode": "Pipe",
                "S3DataDistributionType": "ShardedByS3Key"}},
            {"InputName": "reference", "S3Input": {
                "S3Uri": "s3://my-ml-bucket/reference/",
                "LocalPath": "/opt/ml/processing/reference", "S3DataType": "S3Prefix",
                "S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}},
        ],
        "processing.job.ReadInput.Resource": [
            "arn:aws:s3:::my-ml-bucket/input/*",
            "arn:aws:s3:::my-ml-bucket/models/v1*",
            "arn:aws:s3:::my-ml-bucket/reference/*",
        ],
    }, {"processing_schedule_parameters": {}, "schedules": {}, "triggers": {}}
        | default("inference_input_s3_path")),
    *(
        Row("processing_additional_outputs", {
            "report": {"s3_path": "s3://my-ml-bucket/reports/"},
            "log": {"s3_path": "s3://my-ml-bucket", "local_path": "/opt/ml/processing/a/b",
                    "upload_mode": "Continuous"},
        }, {
            PROCESSING + "ProcessingOutputConfig.Outputs[0].[OutputName, S3Output.LocalPath]":
                ["output", "/opt/ml/processing/output"],
            PROCESSING + "ProcessingOutputConfig.Outputs[1:]": [
                {"OutputName": "log", "S3Output": {
                    "S3Uri": uri("s3://my-ml-bucket"), "LocalPath": "/opt/ml/processing/a/b",
                    "S3UploadMode": "Continuous"}},
                {"OutputName": "report", "S3Output": {
                    "S3Uri": uri(f"s3://my-ml-bucket/reports{slash}"),
                    "LocalPath": "/opt/ml/processing/report", "S3UploadMode": "EndOfJob"}},
            ],
            "processing.job.WriteOutput.Resource": ["arn:aws:s3:::my-ml-bucket/*"],
        }, {"processing_output_per_execution": joined, "processing_schedule_parameters": {},
            "schedules": {}, "triggers": {}} | default("inference_output_s3_path"))
        for joined, slash, uri in ((False, "/", str), (True, "", per_execution))
    ),
    Row("processing_container_entrypoint", ["score"], {
        PROCESSING + "AppSpecification.ContainerEntrypoint": ["score"],
    }),
    Row("processing_container_arguments", ["--all"], {
        PROCESSING + "AppSpecification.ContainerArguments": ["--all"],
    }),
    Row("processing_retry_policies", [RETRY | {"expire_after_minutes": 60}], {
        "processing.step.RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"],
            "IntervalSeconds": 7, "BackoffRate": 1.5, "ExpireAfterMin": 60}],
    }),
    Row("processing_cache_expire_after", "PT12H", {
        "processing.step.CacheConfig": {"Enabled": True, "ExpireAfter": "PT12H"},
        "training.step.CacheConfig": None,
        PROCESSING + "Environment": None,
        TRAINING + "Environment.PIPELINE_EXECUTION_ARN": {"Get": "Execution.PipelineExecutionArn"},
    }, {"enable_processing_schedule": False, "processing_environment_variables": {},
        "training_cache_expire_after": None}),
    Row("enable_network_isolation", True, {
        TRAINING + "EnableNetworkIsolation": True,
        PROCESSING + "NetworkConfig.EnableNetworkIsolation": True,
    }, {"training_environment_variables": {}, "processing_environment_variables": {}}),
    Row("enable_inter_container_encryption", True, {
        TRAINING + "EnableInterContainerTrafficEncryption": True,
        PROCESSING + "NetworkConfig.EnableInterContainerTrafficEncryption": True,
    }),
    Row("max_parallel_steps", 5, {
        "training.pipeline.parallelism_configuration[0].max_parallel_execution_steps": 5,
    }),
    Row("enable_training_schedule", False, {"training.rule": {}, "training.target": {},
        "training.schedule_role": {}, "processing.rule.state": "ENABLED"}),
    Row("enable_processing_schedule", False, {"processing.rule": {}, "processing.target": {},
        "processing.schedule_role": {}, "training.rule.state": "ENABLED"}),
    Row("training_schedule_enabled", False, {"training.rule.state": "DISABLED",
        "processing.rule.state": "ENABLED"}, {"processing_schedule_enabled": True}),
    Row("processing_schedule_enabled", False, {"processing.rule.state": "DISABLED",
        "training.rule.state": "ENABLED"}, {"training_schedule_enabled": True}),
    Row("training_schedule_expression", "rate(2 days)", {
        "training.rule.schedule_expression": "rate(2 days)",
        "processing.rule.schedule_expression": "cron(0 6 * * ? *)",
    }, {"processing_schedule_expression": "cron(0 6 * * ? *)"}),
    Row("processing_schedule_expression", "cron(0/15 8-17 ? * MON-FRI 2026-2030)", {
        "processing.rule.schedule_expression": "cron(0/15 8-17 ? * MON-FRI 2026-2030)",
        "training.rule.schedule_expression": "cron(0 2 ? * SUN *)",
    }, {"training_schedule_expression": "cron(0 2 ? * SUN *)"}),
    Row("training_schedule_parameters", {
        "InputDataS3Uri": "s3://my-ml-bucket/full/", "TrainingImageUri": f"{ECR}/nightly:1",
        "ModelOutputS3Uri": "s3://my-ml-bucket/nightly/", "TrainingInstanceCount": "2",
    }, {
        "training.target.sagemaker_pipeline_target[0].pipeline_parameter_list[].[name, value]": [
            ["InputDataS3Uri", "s3://my-ml-bucket/full/"],
            ["ModelOutputS3Uri", "s3://my-ml-bucket/nightly/"],
            ["ScheduledTime", "$.time"],
            ["TrainingImageUri", f"{ECR}/nightly:1"],
            ["TrainingInstanceCount", "2"],
        ],
        # what the scheduled execution reads, writes and pulls is allowed, too
        "training.job.ReadInput.Resource":
            ["arn:aws:s3:::my-ml-bucket/datasets/*", "arn:aws:s3:::my-ml-bucket/full/*"],
        "training.job.WriteOutput.Resource":
            ["arn:aws:s3:::my-ml-bucket/models/*", "arn:aws:s3:::my-ml-bucket/nightly/*"],
        "training.job.PullImage.Resource": [
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/ml-training",
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/nightly",
        ],
    }, {"training_additional_inputs": {}}
        | default("input_data_s3_path", "model_output_s3_path", "training_image_uri")),
    Row("processing_schedule_parameters", {"ProcessingInstanceCount": "2"}, {
        "processing.target.sagemaker_pipeline_target[0].pipeline_parameter_list":
            [{"name": "ProcessingInstanceCount", "value": "2"},
             {"name": "ScheduledTime", "value": "$.time"}],
        "training.target.sagemaker_pipeline_target[0].pipeline_parameter_list":
            [{"name": "ScheduledTime", "value": "$.time"}],
    }, {"training_schedule_parameters": {}}),
    # the same repository, and a folder below the one that is granted: nothing stands twice
    Row("training_schedule_parameters", {
        "TrainingImageUri": f"{ECR}/ml-training:2", "InputDataS3Uri": "s3://my-ml-bucket/datasets/x",
        "ModelOutputS3Uri": "s3://my-ml-bucket/models",
    }, {
        "training.job.PullImage.Resource":
            [f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/ml-training"],
        "training.job.ReadInput.Resource": ["arn:aws:s3:::my-ml-bucket/datasets/*"],
        "training.job.WriteOutput.Resource": ["arn:aws:s3:::my-ml-bucket/models/*"],
        "training.job.ListBucket1.Condition.StringLike.\"s3:prefix\"":
            ["datasets/*", "models", "models/*"],
    }, {"training_additional_inputs": {}, "training_spot": None}
        | default("input_data_s3_path", "model_output_s3_path", "training_image_uri")),
    # lands where the input would have: the execution ID is joined with a slash of its own
    *(
        Row("processing_schedule_parameters", {"InferenceOutputS3Uri": SUNDAY}, {
            "processing.target.sagemaker_pipeline_target[0].pipeline_parameter_list[0].value":
                SUNDAY.removesuffix("/") + slash,
            "processing.job.WriteOutput.Resource":
                ["arn:aws:s3:::my-ml-bucket/output/*", "arn:aws:s3:::my-ml-bucket/sunday/*"],
        }, {"processing_output_per_execution": joined, "processing_additional_outputs": {}}
            | default("inference_output_s3_path"))
        for joined, slash in ((True, ""), (False, "/"))
    ),
    Row("schedules", {
        "weekly": {"pipeline": "training", "expression": "cron(30 3 ? * SUN *)",
                   "timezone": "Europe/Berlin", "flexible_window_minutes": 15,
                   "start_date": "2027-01-01T00:00:00Z", "end_date": "2028-01-01T00:00:00Z",
                   "parameters": {"InputDataS3Uri": "s3://my-ml-bucket/full/",
                                  "TrainingImageUri": f"{ECR}/nightly:1"}},
        "hourly": {"pipeline": "processing", "expression": "rate(1 hour)", "enabled": False},
        "once": {"pipeline": "processing", "expression": "at(2027-03-01T08:00:00)",
                 "parameters": {"InferenceOutputS3Uri": SUNDAY}},
    }, {
        "group.name": "ml-platform-test-training-schedules",
        f"schedules.weekly.[{SCHEDULE}]": [
            "weekly", "ml-platform-test-training-schedules", "cron(30 3 ? * SUN *)",
            "Europe/Berlin", "ENABLED", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z",
        ],
        f"schedules.hourly.[{SCHEDULE}]": [
            "hourly", "ml-platform-test-training-schedules", "rate(1 hour)", "UTC", "DISABLED",
            None, None,
        ],
        "schedules.weekly.flexible_time_window[0]":
            {"mode": "FLEXIBLE", "maximum_window_in_minutes": 15},
        "schedules.hourly.flexible_time_window[0].mode": "OFF",
        "schedules.weekly.target[0].[arn, role_arn]": [
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-training",
            f"{ROLES}ml-platform-test-training-schedule-us-east-1",
        ],
        # verbatim: EventBridge replaces it
        f"schedules.weekly.{SENT_BY_SCHEDULER}": [
            ["InputDataS3Uri", "s3://my-ml-bucket/full/"],
            ["ScheduledTime", "<aws.scheduler.scheduled-time>"],
            ["TrainingImageUri", f"{ECR}/nightly:1"],
        ],
        f"schedules.once.{SENT_BY_SCHEDULER}": [
            ["InferenceOutputS3Uri", SUNDAY.removesuffix("/")],
            ["ScheduledTime", "<aws.scheduler.scheduled-time>"],
        ],
        "schedules.once.target[0].retry_policy[0]":
            {"maximum_retry_attempts": 7, "maximum_event_age_in_seconds": 700},
        "schedules.once.target[0].dead_letter_config[0].arn": QUEUE,
        "training.job.ReadInput.Resource":
            ["arn:aws:s3:::my-ml-bucket/datasets/*", "arn:aws:s3:::my-ml-bucket/full/*"],
        "training.job.PullImage.Resource": [
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/ml-training",
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/nightly",
        ],
        "processing.job.WriteOutput.Resource":
            ["arn:aws:s3:::my-ml-bucket/output/*", "arn:aws:s3:::my-ml-bucket/sunday/*"],
        "processing.start.KeepFailedStarts.[Action, Resource]": ["sqs:SendMessage", QUEUE],
        # nothing but the group starts it
        "training.schedule_role.assume_role_policy.Statement[].[Principal.Service, "
        "Condition.ArnEquals.\"aws:SourceArn\"]": [
            ["scheduler.amazonaws.com", f"arn:aws:scheduler:us-east-1:{ACCOUNT}:"
             "schedule-group/ml-platform-test-training-schedules"],
        ],
        "alarms.schedules_target_errors.[metric_name, dimensions]":
            ["TargetErrorCount", {"ScheduleGroup": "ml-platform-test-training-schedules"}],
        "alarms.schedules_dropped_starts.[metric_name, dimensions]":
            ["InvocationDroppedCount", {"ScheduleGroup": "ml-platform-test-training-schedules"}],
        "triggers": {},
    }, ONLY_THESE | {
        "processing_output_per_execution": True, "schedule_max_retry_attempts": 7,
        "schedule_max_event_age_seconds": 700, "schedule_dead_letter_queue_arn": QUEUE,
        "alarms": {"actions": [TOPIC], "failed": False},
    }),
    Row("triggers", {
        "model": {"pipeline": "processing", "after": "training"},
        "prepared": {"pipeline": "training", "after":
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/Prepare", "enabled": False},
        "upload": {"pipeline": "processing", "s3_object": {
            "bucket": "data-lake", "prefix": "sales*/", "suffix": "_SUCCESS"},
            "parameters": {"InferenceInputS3Uri": "$.detail.uri",
                           "ProcessingInstanceCount": "3"}},
        "prefix": {"pipeline": "processing", "s3_object": {
            "bucket": "data-lake", "prefix": "sales/"}},
        "suffix": {"pipeline": "processing", "s3_object": {
            "bucket": "other-lake", "suffix": ".done"}},
        "bucket": {"pipeline": "processing", "s3_object": {"bucket": "data-lake"}},
        "approved": {"pipeline": "processing",
                     "event_pattern": '{ "source": ["aws.sagemaker"], "detail": {"n": [1]}}',
                     "parameters": {"ScheduledTime": "$.detail.day"}},
    }, {
        "triggers.model.rule.[name, state, event_pattern]": [
            "ml-platform-test-processing-trigger-model", "ENABLED",
            PIPELINE_SUCCEEDED | {"detail": {
                "pipelineArn":
                    [f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-training"],
                "currentPipelineExecutionStatus": ["Succeeded"],
            }},
        ],
        "triggers.prepared.rule.[state, event_pattern.detail.pipelineArn]": ["DISABLED", [
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/Prepare",
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/prepare",
        ]],
        "triggers.upload.rule.event_pattern": {
            "source": ["aws.s3"], "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": ["data-lake"]},
                       "object": {"key": [{"wildcard": "sales\\*/*_SUCCESS"}]}},
        },
        "triggers.prefix.rule.event_pattern.detail.object.key": [{"prefix": "sales/"}],
        "triggers.suffix.rule.event_pattern.detail":
            {"bucket": {"name": ["other-lake"]}, "object": {"key": [{"suffix": ".done"}]}},
        "triggers.bucket.rule.event_pattern.detail": {"bucket": {"name": ["data-lake"]}},
        "triggers.approved.rule.event_pattern":
            {"source": ["aws.sagemaker"], "detail": {"n": [1]}},
        "triggers.model.target.[rule, arn, role_arn]": [
            "ml-platform-test-processing-trigger-model",
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-processing",
            f"{ROLES}ml-platform-test-processing-schedule-us-east-1",
        ],
        f"triggers.model.{SENT_BY_RULE}": [["ScheduledTime", "$.time"]],
        f"triggers.upload.{SENT_BY_RULE}": [
            ["InferenceInputS3Uri", "$.detail.uri"], ["ProcessingInstanceCount", "3"],
            ["ScheduledTime", "$.time"],
        ],
        f"triggers.approved.{SENT_BY_RULE}": [["ScheduledTime", "$.detail.day"]],
        "triggers.model.target.retry_policy[0].maximum_retry_attempts": 7,
        "triggers.model.target.dead_letter_config[0].arn": QUEUE,
        # a value of an event permits nothing
        "processing.job.ReadInput.Resource": ["arn:aws:s3:::my-ml-bucket/input/*"],
        "processing.start.KeepFailedStarts": None,
        "training.schedule_role.assume_role_policy.Statement[].[Principal.Service, "
        "Condition.ArnEquals.\"aws:SourceArn\"]": [
            ["events.amazonaws.com", f"arn:aws:events:us-east-1:{ACCOUNT}:rule/"
             "ml-platform-test-training-trigger-prepared"],
        ],
        "alarms.trigger_upload_failed_starts.[alarm_name, namespace, metric_name, dimensions]": [
            "ml-platform-test-processing-trigger-upload-failed-starts", "AWS/Events",
            "FailedInvocations", {"RuleName": "ml-platform-test-processing-trigger-upload"},
        ],
        "schedules": {}, "group": {},
    }, ONLY_THESE | {
        "schedule_max_retry_attempts": 7, "schedule_dead_letter_queue_arn": QUEUE,
        "alarms": {"actions": [TOPIC], "failed": False},
    } | default("inference_input_s3_path")),
    Row("alarms", {
        "actions": [TOPIC, f"{TOPICS}night"], "no_success_within_hours": {"training": 168},
        "longer_than_minutes": {"processing": 90},
    }, {
        f"alarms.training_failed.[{ALARM}]": [
            "ml-platform-test-training-failed", "AWS/Sagemaker/ModelBuildingPipeline",
            "ExecutionFailed", {"PipelineName": "ml-platform-test-training"}, "Sum",
            "GreaterThanOrEqualToThreshold", 1, 300, 1, "notBreaching",
        ],
        f"alarms.training_no_success.[{ALARM}]": [
            "ml-platform-test-training-no-success", "AWS/Sagemaker/ModelBuildingPipeline",
            "ExecutionSucceeded", {"PipelineName": "ml-platform-test-training"}, "Sum",
            "LessThanThreshold", 1, 3600, 168, "breaching",
        ],
        f"alarms.processing_too_long.[{ALARM}]": [
            "ml-platform-test-processing-too-long", "AWS/Sagemaker/ModelBuildingPipeline",
            "ExecutionDuration", {"PipelineName": "ml-platform-test-processing"}, "Maximum",
            "GreaterThanThreshold", 5400000, 300, 1, "notBreaching",
        ],
        f"alarms.training_schedule_failed_starts.[{ALARM}]": [
            "ml-platform-test-training-schedule-failed-starts", "AWS/Events",
            "FailedInvocations", {"RuleName": "ml-platform-test-training-schedule"}, "Sum",
            "GreaterThanOrEqualToThreshold", 1, 300, 1, "notBreaching",
        ],
        "alarms.training_no_success.[alarm_actions, ok_actions]":
            [[TOPIC, f"{TOPICS}night"]] * 2,
        "alarms.training_failed.[alarm_actions, ok_actions]": [[TOPIC, f"{TOPICS}night"], None],
        "sort(keys(alarms))": [
            "processing_failed", "processing_schedule_failed_starts", "processing_too_long",
            "training_failed", "training_no_success", "training_schedule_failed_starts",
        ],
    }, {"schedules": {}, "triggers": {}}),
    Row("alarms", {"actions": [TOPIC, LAMBDA], "failed_starts": False}, {
        "sort(keys(alarms))": ["processing_failed", "training_failed"],
    }, {"schedules": {"nightly": {"pipeline": "processing", "expression": "rate(1 day)"}},
        "triggers": {"model": {"pipeline": "processing", "after": "training"}}}),
    # 64 for a rule: up to 55, a hyphen, and 8 of the SHA-256 of the name
    Row("triggers", {f"a-name-of-{length}-characters-{'x' * (length - 24)}": {
            "pipeline": "training", "after": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/p"}
            for length in (30, 31)},
        {"values(triggers)[].rule.name": [
            hashed("ml-platform-test-training-trigger-a-name-of-30-characters-xxxxxx", 64),
            hashed("ml-platform-test-training-trigger-a-name-of-31-characters-xxxxxxx", 64),
        ]},
    ),
    Row("schedule_max_retry_attempts", 9, {
        "training.target.retry_policy[0]":
            {"maximum_retry_attempts": 9, "maximum_event_age_in_seconds": 3600},
    }, {"schedule_max_event_age_seconds": 3600}),
    Row("schedule_max_event_age_seconds", 600, {
        "processing.target.retry_policy[0]":
            {"maximum_retry_attempts": 3, "maximum_event_age_in_seconds": 600},
    }, {"schedule_max_retry_attempts": 3}),
    Row("schedule_dead_letter_queue_arn", QUEUE, {
        "training.target.dead_letter_config[0].arn": QUEUE,
        "processing.target.dead_letter_config[0].arn": QUEUE,
    }),
    Row("notifications", {"topic_arn": TOPIC, "statuses": ["Failed", "Stopped"]}, {
        "notifications.target.arn": TOPIC,
        "notifications.rule.name": "ml-platform-test-training-notifications",
        "notifications.rule.event_pattern": {
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
            "detail": {
                "pipelineArn": [
                    f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-processing",
                    f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-training",
                ],
                "currentPipelineExecutionStatus": ["Failed", "Stopped"],
            },
        },
    }),
    Row("guardrails", {
        "instance_types": ["ml.m5.xlarge", "ml.c5.large"], "max_runtime_seconds": 86400,
    }, {
        f"{pipeline}.run.{found}": value
        for pipeline, kind in (("training", "Training"), ("processing", "Processing"))
        for found, value in {
            "RunJobs.Action": [f"sagemaker:Describe{kind}Job", f"sagemaker:Stop{kind}Job"],
            "CreateJobs": {
                "Sid": "CreateJobs", "Effect": "Allow", "Action": f"sagemaker:Create{kind}Job",
                "Resource": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"
                            f"{pipeline}-job/ml-platform-test-{pipeline}-*",
                "Condition": {
                    "ForAllValues:StringEquals":
                        {"sagemaker:InstanceTypes": ["ml.m5.xlarge", "ml.c5.large"]},
                    "Null": {"sagemaker:InstanceTypes": "false"},
                    "NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": "86400"},
                },
            },
        }.items()
    }),
    Row("guardrails", {"max_runtime_seconds": 100000}, {
        "training.run.CreateJobs.Condition":
            {"NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": "100000"}},
    }),
    Row("guardrails", None, {
        "training.run.CreateJobs": None,
        "training.run.RunJobs.Action":
            [f"sagemaker:{verb}TrainingJob" for verb in ("Create", "Describe", "Stop")],
    }),
    Row("role_arns", {"training_job": role("job"), "processing_schedule": role("start")}, {
        TRAINING + "RoleArn": role("job"),
        "training.run.PassJobRole.Resource": role("job"),
        "training.job_role": {}, "training.job": {},
        "processing.target.role_arn": role("start"),
        "processing.schedule_role": {}, "processing.start": {},
        "training.schedule_role.name": "ml-platform-test-training-schedule-us-east-1",
    }),
    Row("role_arns", {"training_pipeline": role("run")}, {
        "training.pipeline.role_arn": role("run"), "training.pipeline_role": {},
        "training.run": {},
    }),
    Row("role_path", "/ml/", {
        "training.job_role.force_detach_policies": True,
        "training.pipeline_role.force_detach_policies": True,
        "training.schedule_role.force_detach_policies": True,
        "training.job_role.path": "/ml/", "training.pipeline_role.path": "/ml/",
        "training.schedule_role.path": "/ml/",
        TRAINING + "RoleArn":
            f"arn:aws:iam::{ACCOUNT}:role/ml/ml-platform-test-training-job-us-east-1",
    }),
    Row("role_permissions_boundary_arn", MANAGED, {
        "training.job_role.permissions_boundary": MANAGED,
        "training.pipeline_role.permissions_boundary": MANAGED,
        "training.schedule_role.permissions_boundary": MANAGED,
    }),
    Row("training_additional_policies", {"kafka": POLICY}, {
        "training.additional": {"kafka": json.loads(POLICY)},
        "processing.additional": {},
    }, {"processing_additional_policies": {}}),
    Row("processing_additional_policies", {"kafka": POLICY}, {
        "processing.additional": {"kafka": json.loads(POLICY)},
        "training.additional": {},
    }, {"training_additional_policies": {}}),
    Row("training_managed_policy_arns", {"msk": MANAGED}, {
        "training.managed": [MANAGED], "processing.managed": [],
    }, {"processing_managed_policy_arns": {}}),
    Row("processing_managed_policy_arns", {"msk": MANAGED}, {
        "processing.managed": [MANAGED], "training.managed": [],
    }, {"training_managed_policy_arns": {}}),
    Row("additional_pipelines", {
        "tell": {
            "definition": json.dumps(SCORING, indent=4),
            "description": "Tells of it.",
            "max_parallel_steps": 3,
            "additional_policies": {"sqs": POLICY},
        },
        "x" * 40: {"definition": json.dumps(SCORING | {"Metadata": None})},
        "timed": {"definition": json.dumps(SCORING | {"Parameters": [
            *SCORING["Parameters"],
            {"Name": "ScheduledTime", "Type": "String", "DefaultValue": "never"}]})},
        "quiet": {"definition": json.dumps(
            {"Version": "2020-12-01", "Steps": SCORING["Steps"][1:]})},
    }, {
        "tell.pipeline.[pipeline_name, pipeline_display_name, pipeline_description, role_arn]": [
            "ml-platform-test-tell", "ml-platform-test-tell", "Tells of it.",
            f"{ROLES}ml-platform-test-tell-pipeline-us-east-1",
        ],
        "tell.pipeline.parallelism_configuration[0].max_parallel_execution_steps": 3,
        # what starts it sends the time, so it is declared
        "tell.pipeline.pipeline_definition": SCORING | {"Parameters": [
            *SCORING["Parameters"],
            {"Name": "ScheduledTime", "Type": "String", "DefaultValue": "none"}]},
        "timed.parameters": {
            "Input": "s3://my-ml-bucket/in/", "Country": "DE", "ScheduledTime": "never"},
        f"{'x' * 40}.pipeline.pipeline_definition": SCORING,
        f"{'x' * 40}.pipeline.[pipeline_name, pipeline_description]": [
            f"ml-platform-test-{'x' * 40}",
            f"The pipeline {'x' * 40} of ml-platform in test. Managed by Terraform.",
        ],
        f"{'x' * 40}.pipeline.parallelism_configuration[0].max_parallel_execution_steps": 7,
        f"{'x' * 40}.pipeline_role.name":
            hashed(f"ml-platform-test-{'x' * 40}-pipeline-us-east-1", 64),
        "quiet.parameters": {"ScheduledTime": "none"},
        "tell.pipeline_role.[path, permissions_boundary, tags]": ["/", MANAGED, {"Team": "ml"}],
        "tell.schedule_role.[path, permissions_boundary, tags]": ["/", MANAGED, {"Team": "ml"}],
        "tell.pipeline.tags": {"Team": "ml"},
        "tell.additional": {"sqs": json.loads(POLICY)},
        "timed.additional": {},
        "tell.run.InvokeFunctions.Resource": [f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell"],
        # what a schedule overrides is granted, too
        "tell.run.ProcessingJobs.Resource": [
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:processing-job/score-*",
        ],
        f"schedules.nightly.{SENT_BY_SCHEDULER}": [
            ["Country", "FR"], ["ScheduledTime", "<aws.scheduler.scheduled-time>"],
        ],
        "schedules.nightly.[group_name, target[0].arn, target[0].role_arn]": [
            "ml-platform-test-training-schedules",
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-tell",
            f"{ROLES}ml-platform-test-tell-schedule-us-east-1",
        ],
        "triggers.told.rule.event_pattern.detail.pipelineArn":
            [f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-tell"],
        f"triggers.told.{SENT_BY_RULE}": [["ScheduledTime", "$.time"]],
        "triggers.told.target.role_arn": role("start"),
        "timed.schedule_role": {},
        "quiet.pipeline.role_arn": role("run"),
        "quiet.pipeline_role": {},
        "quiet.run": {},
        "alarms.tell_failed.[alarm_name, dimensions]": [
            "ml-platform-test-tell-failed", {"PipelineName": "ml-platform-test-tell"}],
        "alarms.tell_no_success.[metric_name, evaluation_periods]": ["ExecutionSucceeded", 48],
        "alarms.trigger_told_failed_starts.dimensions":
            {"RuleName": "ml-platform-test-timed-trigger-told"},
        "contains(notifications.rule.event_pattern.detail.pipelineArn, "
        f"'arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-tell')": True,
    }, ONLY_THESE | {
        "tags": {"Team": "ml"}, "role_permissions_boundary_arn": MANAGED, "max_parallel_steps": 7,
        "notifications": {"topic_arn": TOPIC},
        "alarms": {"actions": [TOPIC], "no_success_within_hours": {"tell": 48}},
        "role_arns": {"timed_schedule": role("start"), "quiet_pipeline": role("run")},
        "schedules": {"nightly": {"pipeline": "tell", "expression": "rate(1 day)",
                                  "parameters": {"Country": "FR"}},
                      "quiet": {"pipeline": "quiet", "expression": "rate(1 day)"}},
        "triggers": {"told": {"pipeline": "timed", "after": "tell"}},
    }),
    Row("additional_pipelines", {
        "timed": {"definition": json.dumps(SCORING), "additional_policies": {"sqs": POLICY}},
        "quiet": {"definition": json.dumps(SCORING)},
    }, {
        "timed.additional.sqs": json.loads(POLICY),
        "timed.schedule_role.name": "ml-platform-test-timed-schedule-us-east-1",
        "quiet.pipeline_role.name": "ml-platform-test-quiet-pipeline-us-east-1",
        "quiet.run.InvokeFunctions.Action": ["lambda:InvokeFunction"],
    }, ONLY_THESE | {
        "schedules": {"daily": {"pipeline": "timed", "expression": "rate(1 day)"}},
    }),
    # objects without a key of their own are encrypted with the bucket's
    Row("additional_pipelines", {
        "registered": {"definition": TEXTS["register-in-other-account"]},
        **{f"{'y' * 39}{digit}": {"definition": json.dumps(SCORING)} for digit in range(9)},
    }, {
        "registered.run.DecryptObjects.Resource": [KEY],
        # the most that EventBridge takes; the provider refuses more
        "length(notifications.rule.description)": 512,
    }, ONLY_THESE | {"kms_key_arn": KEY, "notifications": {"topic_arn": TOPIC}}),
]  # fmt: skip


PACKED, PLACES = pack([row.sets for row in ROWS])
PLANNED_CALLS = {f"inputs {place}": VALID | call for place, call in enumerate(PACKED)}
IDS = [f"{index}-{row.variable}" for index, row in enumerate(ROWS)]
PLANNED_ROWS = {
    f"inputs {call}": [name for name, place in zip(IDS, PLACES, strict=True) if place == call]
    for call in range(len(PACKED))
}


@pytest.mark.parametrize(("row", "place"), list(zip(ROWS, PLACES, strict=True)), ids=IDS)
def test_input_arrives(row: Row, place: int, plan_of_calls: Plan) -> None:
    view = module_view(plan_of_calls.call(f"inputs {place}"))
    arrived = {path: jmespath.search(path, view) for path in row.arrives}
    inputs = {row.variable: row.value} | row.beside
    compare(f'{inputs} in module.pipelines["inputs {place}"]', arrived, row.arrives)


def test_readme_shows_how_to_run_a_row_alone(request: pytest.FixtureRequest) -> None:
    (shown,) = re.findall(r'pytest "(.*)"', (REPOSITORY / "tests/README.md").read_text())
    file = request.node.nodeid.partition("::")[0]
    assert shown == f"{file}::{test_input_arrives.__name__}[{IDS[0]}]"


def test_a_plan_that_fails_says_which_call_and_its_rows() -> None:
    call = f'module.pipelines["inputs {PLACES[0]}"]'
    error = Diagnostic("error", "tags has ...", f"{call}.var.tags", "../module/variables.tf:40")
    said = explain(TerraformError(str(error), (error,)), PLANNED_ROWS)
    first, _, others = said.partition("\n")
    assert first == f"{call}.var.tags (../module/variables.tf:40): tags has ..."
    assert " ".join(others.split()) == (
        f"{call} has the rows {', '.join(PLANNED_ROWS[f'inputs {PLACES[0]}'])}."
    )


def test_a_path_that_finds_nothing_is_not_misspelt() -> None:
    """A row that wants None, {} or [] proves something only if there is something elsewhere."""
    empty: tuple[Any, ...] = (None, {}, [])
    paths = [(path, wanted) for row in ROWS for path, wanted in row.arrives.items()]
    # what stands below something proves it, too
    found = "\n".join(f"{path}." for path, wanted in paths if wanted not in empty)
    unproven = {
        path
        for path, wanted in paths
        if wanted in empty and not re.search(rf"^{re.escape(path)}[.\[]", found, re.M)
    }
    assert unproven == set(), "add a row in which each of these is something"


def test_every_variable_has_a_row(repository: Path) -> None:
    declared = set(
        re.findall(r'^variable "(\w+)"', (repository / "variables.tf").read_text(), re.M)
    )
    # this one makes a warning less: test_warnings.py
    assert declared - {"non_secret_names"} == {row.variable for row in ROWS}


def test_only_topics_of_alarms_need_a_statement(plan_of_calls: Plan) -> None:
    place = next(
        place
        for row, place in zip(ROWS, PLACES, strict=True)
        if row.variable == "alarms" and LAMBDA in row.value["actions"]
    )
    (statement,) = plan_of_calls.call(f"inputs {place}").outputs["alarm_topic_policy_statements"]
    assert statement["Resource"] == TOPIC


def test_only_the_role_of_added_policies_is_unknown(plan_of_calls: Plan) -> None:
    # named by its id, so that they are replaced with it (iam.tf)
    assert {
        (address.split(".")[3].split("[")[0], argument)
        for address, arguments in plan_of_calls.unknown.items()
        for argument in arguments
    } == {("additional", "role"), ("managed", "role")}
