"""A step of each type, and the calls that it makes with the pipeline's role."""

from __future__ import annotations

from typing import Any, NamedTuple

from emulated_aws.samples import ACCOUNT, IMAGE

ROLE = f"arn:aws:iam::{ACCOUNT}:role/job"
BUCKET = "s3://my-ml-bucket"
REPORT = f"{BUCKET}/reports/report.json"
QUEUE_URL = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/approvals"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:deploy:live"


class Sample(NamedTuple):
    """A step.

    Attributes:
        step: of a definition.
        calls: actions and ARNs (without ``arn:aws:<service>:us-east-1:<account>:`` where they have
            it) of what is called when it succeeds.
        stop: the same of what is called besides when it is stopped.
    """

    step: dict[str, Any]
    calls: tuple[tuple[str, str], ...]
    stop: tuple[tuple[str, str], ...] = ()


def _cluster(**more: Any) -> dict[str, Any]:
    return {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30, **more}


def _source(path: str) -> dict[str, Any]:
    return {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{BUCKET}/{path}"}}


def _step(kind: str, arguments: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"Name": f"The-{kind}", "Type": kind, "Arguments": arguments, **members}


_CHANNEL = {"ChannelName": "train", "DataSource": _source("input/")}
_STOP = {"StoppingCondition": {"MaxRuntimeInSeconds": 7200}}
_ALGORITHM = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
_TRAINING = {
    "AlgorithmSpecification": _ALGORITHM,
    "InputDataConfig": [_CHANNEL],
    "OutputDataConfig": {"S3OutputPath": f"{BUCKET}/models"},
    "ResourceConfig": _cluster(),
    "RoleArn": ROLE,
    **_STOP,
}
_PROCESSING = {
    "AppSpecification": {"ImageUri": IMAGE},
    "ProcessingResources": {"ClusterConfig": _cluster()},
    "ProcessingInputs": [
        {
            "InputName": "data",
            "S3Input": {
                "S3Uri": f"{BUCKET}/input/",
                "LocalPath": "/opt/ml/processing/input",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }
    ],
    "ProcessingOutputConfig": {
        "Outputs": [
            {
                "OutputName": "report",
                "S3Output": {
                    "S3Uri": f"{BUCKET}/reports",
                    "LocalPath": "/opt/ml/processing/report",
                    "S3UploadMode": "EndOfJob",
                },
            }
        ]
    },
    "RoleArn": ROLE,
    **_STOP,
}
_CONTAINER = {"Image": IMAGE, "ModelDataUrl": f"{BUCKET}/models/model.tar.gz"}
_CHECK = {
    "CheckType": "DATA_QUALITY",
    "ModelPackageGroupName": "churn",
    "SkipCheck": False,
    "FailOnViolation": True,
    "RegisterNewBaseline": False,
}
_HADOOP = {"HadoopJarStep": {"Jar": f"{BUCKET}/jobs/job.jar"}}


def _job(noun: str, resource: str, name: str, *more: str) -> tuple[tuple[str, str], ...]:
    """Creating, describing, and more with a job."""
    verbs = (f"Create{noun}", "AddTags", f"Describe{noun}", *more)
    return tuple((f"sagemaker:{verb}", f"{resource}/{name}*") for verb in verbs)


_PASS = (("iam:PassRole", ROLE),)
_RULE = ("DescribeRule", "PutRule", "PutTargets")


def _rule(name: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"events:{verb}", f"rule/SageMakerPipelineExecutionEMR{name}") for verb in _RULE)


def _processing_job(kind: str) -> tuple[tuple[str, str], ...]:
    return (*_job("ProcessingJob", "processing-job", f"pipelines-*-The-{kind}-"), *_PASS)


def _stop(noun: str, resource: str) -> tuple[tuple[str, str], ...]:
    return ((f"sagemaker:Stop{noun}", f"{resource}/*"),)


_CLUSTER = "cluster/j-1ABCDEFG2HIJK"
_APPLICATION = "/applications/00abc"

SAMPLES = {
    "Training": Sample(
        _step("Training", {**_TRAINING, "TrainingJobName": "churn-training"}),
        (*_job("TrainingJob", "training-job", "churn-training-"), *_PASS),
        _stop("TrainingJob", "training-job"),
    ),
    "Processing": Sample(
        _step("Processing", _PROCESSING),
        _processing_job("Processing"),
        _stop("ProcessingJob", "processing-job"),
    ),
    "Transform": Sample(
        _step(
            "Transform",
            {
                "TransformJobName": "churn-transform",
                "ModelName": "churn",
                "TransformInput": {"DataSource": _source("input/")},
                "TransformOutput": {"S3OutputPath": f"{BUCKET}/scores"},
                "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
            },
        ),
        _job("TransformJob", "transform-job", "churn-transform-"),
        _stop("TransformJob", "transform-job"),
    ),
    "Tuning": Sample(
        _step(
            "Tuning",
            {
                "HyperParameterTuningJobConfig": {
                    "Strategy": "Bayesian",
                    "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
                },
                "TrainingJobDefinition": {**_TRAINING, "StaticHyperParameters": {"epochs": "3"}},
            },
        ),
        (
            *_job(
                "HyperParameterTuningJob",
                "hyper-parameter-tuning-job",
                "????????????-The-Tuni-",
                "ListTrainingJobsForHyperParameterTuningJob",
            ),
            *_PASS,
        ),
        _stop("HyperParameterTuningJob", "hyper-parameter-tuning-job"),
    ),
    "AutoML": Sample(
        _step(
            "AutoML",
            {
                "AutoMLJobName": "churn",
                "AutoMLJobConfig": {"Mode": "ENSEMBLING"},
                "InputDataConfig": [
                    {"DataSource": _source("input/"), "TargetAttributeName": "churned"}
                ],
                "OutputDataConfig": {"S3OutputPath": f"{BUCKET}/automl"},
                "RoleArn": ROLE,
            },
        ),
        (*_job("AutoMLJob", "automl-job", "churn-"), *_PASS),
        _stop("AutoMLJob", "automl-job"),
    ),
    "Model": Sample(
        _step("Model", {"ExecutionRoleArn": ROLE, "PrimaryContainer": _CONTAINER}),
        (*_job("Model", "model", "pipelines-*-The-Model-"), *_PASS),
    ),
    "RegisterModel": Sample(
        _step(
            "RegisterModel",
            {
                "ModelPackageGroupName": "churn",
                "ModelApprovalStatus": "PendingManualApproval",
                "InferenceSpecification": {
                    "Containers": [_CONTAINER],
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedResponseMIMETypes": ["text/csv"],
                },
            },
        ),
        (
            ("sagemaker:CreateModelPackageGroup", "model-package-group/churn"),
            ("sagemaker:AddTags", "model-package-group/churn"),
            *_job("ModelPackage", "model-package", "churn/"),
            ("s3:GetObject", "arn:aws:s3:::my-ml-bucket/models/model.tar.gz"),
        ),
    ),
    "Condition": Sample(
        _step(
            "Condition",
            {
                "Conditions": [
                    {
                        "Type": "LessThanOrEqualTo",
                        "LeftValue": {
                            "Std:JsonGet": {
                                "S3Uri": {
                                    "Std:Join": {
                                        "On": "/",
                                        "Values": [f"{BUCKET}/reports", "report.json"],
                                    }
                                },
                                "Path": "metrics.mse.value",
                            }
                        },
                        "RightValue": 6.0,
                    }
                ],
                "IfSteps": [],
                "ElseSteps": [],
            },
        ),
        (("s3:GetObject", "arn:aws:s3:::my-ml-bucket/reports/report.json"),),
    ),
    "Lambda": Sample(
        _step(
            "Lambda",
            {"model": "churn"},
            FunctionArn=FUNCTION,
            OutputParameters=[{"OutputName": "endpoint", "OutputType": "String"}],
        ),
        (("lambda:InvokeFunction", FUNCTION),),
    ),
    "Callback": Sample(
        _step(
            "Callback",
            {"model": "churn"},
            SqsQueueUrl=QUEUE_URL,
            OutputParameters=[{"OutputName": "approved", "OutputType": "Boolean"}],
        ),
        (("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:approvals"),),
    ),
    "QualityCheck": Sample(
        _step("QualityCheck", _PROCESSING, **_CHECK),
        (
            *_processing_job("QualityCheck"),
            ("sagemaker:ListModelPackages", "model-package/churn/*"),
        ),
        _stop("ProcessingJob", "processing-job"),
    ),
    "ClarifyCheck": Sample(
        _step("ClarifyCheck", _PROCESSING, **{**_CHECK, "CheckType": "DATA_BIAS"}),
        (
            *_processing_job("ClarifyCheck"),
            ("sagemaker:ListModelPackages", "model-package/churn/*"),
        ),
        _stop("ProcessingJob", "processing-job"),
    ),
    "EMR": Sample(
        _step(
            "EMR",
            {"ClusterId": "j-1ABCDEFG2HIJK", "StepConfig": _HADOOP, "ExecutionRoleArn": ROLE},
        ),
        (
            ("elasticmapreduce:AddJobFlowSteps", _CLUSTER),
            ("elasticmapreduce:DescribeStep", _CLUSTER),
            *_rule("StepStatusUpdateRule"),
        ),
        (("elasticmapreduce:CancelSteps", _CLUSTER),),
    ),
    "EMR of its own": Sample(
        _step(
            "EMR",
            {
                "StepConfig": _HADOOP,
                "ClusterConfig": {
                    "ReleaseLabel": "emr-7.1.0",
                    "ServiceRole": "emr",
                    "JobFlowRole": "emr-instances",
                    "Tags": [{"Key": "team", "Value": "ml"}],
                    "Instances": {
                        "InstanceGroups": [
                            {
                                "InstanceRole": "MASTER",
                                "InstanceCount": 1,
                                "InstanceType": "m5.xlarge",
                            }
                        ]
                    },
                },
            },
        ),
        (
            ("elasticmapreduce:RunJobFlow", "*"),
            *(
                (f"elasticmapreduce:{verb}", "cluster/*")
                for verb in (
                    "AddTags",
                    "DescribeCluster",
                    "ListSteps",
                    "DescribeStep",
                    "TerminateJobFlows",
                )
            ),
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/emr"),
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/emr-instances"),
            *_rule("ClusterStatusUpdateRule"),
        ),
    ),
    "EMRServerless": Sample(
        _step(
            "EMRServerless",
            {
                "ApplicationId": "00abc",
                "ExecutionRoleArn": ROLE,
                "JobConfig": {
                    "applicationId": "00abc",
                    "executionRoleArn": ROLE,
                    "jobDriver": {"sparkSubmit": {"entryPoint": f"{BUCKET}/jobs/job.py"}},
                },
            },
        ),
        (
            ("emr-serverless:StartJobRun", _APPLICATION),
            ("emr-serverless:GetJobRun", f"{_APPLICATION}/jobruns/*"),
            *_PASS,
        ),
        (("emr-serverless:CancelJobRun", f"{_APPLICATION}/jobruns/*"),),
    ),
    "EMRServerless of its own": Sample(
        _step(
            "EMRServerless",
            {
                "ApplicationConfig": {"releaseLabel": "emr-7.1.0", "type": "SPARK"},
                "ExecutionRoleArn": ROLE,
                "JobConfig": {
                    "executionRoleArn": ROLE,
                    "jobDriver": {"sparkSubmit": {"entryPoint": f"{BUCKET}/jobs/job.py"}},
                },
            },
        ),
        (
            ("emr-serverless:CreateApplication", "*"),
            *(
                (f"emr-serverless:{verb}", "/applications/*")
                for verb in (
                    "GetApplication",
                    "StartApplication",
                    "StartJobRun",
                    "StopApplication",
                    "DeleteApplication",
                )
            ),
            ("emr-serverless:GetJobRun", "/applications/*/jobruns/*"),
            *_PASS,
        ),
    ),
}
"""By type; what a step of its own creates, and ends itself, is another."""
