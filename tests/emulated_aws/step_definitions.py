"""Steps of each type that AWS takes, for tests to use and to spoil."""

from __future__ import annotations

from typing import Any

from emulated_aws.samples import ACCOUNT, IMAGE, PROCESSING, TRAINING

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-job"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell"

_CHECK: dict[str, Any] = {
    "SkipCheck": False,
    "FailOnViolation": True,
    "RegisterNewBaseline": {"Get": "Parameters.Register"},
    "ModelPackageGroupName": "churn",
    "SuppliedBaselineConstraints": "s3://my-ml-bucket/baselines/constraints.json",
    "Arguments": PROCESSING["Steps"][0]["Arguments"],
}
_RANGES = {
    "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0", "MaxValue": "1"}],
    "IntegerParameterRanges": [],
    "CategoricalParameterRanges": [],
}
_TUNED: dict[str, Any] = {
    "StaticHyperParameters": {"epochs": "3"},
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "InputDataConfig": TRAINING["Steps"][0]["Arguments"]["InputDataConfig"],
    "OutputDataConfig": {"S3OutputPath": "s3://my-ml-bucket/models/"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
_MODEL = {"Get": "Steps.Training.ModelArtifacts.S3ModelArtifacts"}
_RETRIES = {"RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 3}]}
_CACHE = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"}}

#: A comparison with what a property file has.
IS_GOOD: dict[str, Any] = {
    "Type": "GreaterThanOrEqualTo",
    "LeftValue": {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.Processing.PropertyFiles.report"},
            "Path": "metrics.auc.value",
        }
    },
    "RightValue": 0.8,
}

#: Type to a step of that name.
STEPS: dict[str, dict[str, Any]] = {
    "Training": TRAINING["Steps"][0],
    "Processing": {
        **PROCESSING["Steps"][0],
        **_RETRIES,
        **_CACHE,
        "PropertyFiles": [
            {"PropertyFileName": "report", "OutputName": "output", "FilePath": "report.json"}
        ],
    },
    "Transform": {
        **_RETRIES,
        **_CACHE,
        "Arguments": {
            "TransformJobName": "churn-scoring",
            "ModelName": {"Get": "Steps.Model.ModelName"},
            "BatchStrategy": "MultiRecord",
            "TransformInput": {
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://my-ml-bucket/input/"}
                },
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            "TransformOutput": {"S3OutputPath": "s3://my-ml-bucket/output/", "Accept": "text/csv"},
            "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
        },
    },
    "Tuning": {
        **_RETRIES,
        **_CACHE,
        "Arguments": {
            "HyperParameterTuningJobName": "churn-tuning",
            "HyperParameterTuningJobConfig": {
                "Strategy": "Bayesian",
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
                "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "auc"},
                "ParameterRanges": _RANGES,
            },
            "TrainingJobDefinition": _TUNED,
        },
    },
    "AutoML": {
        **_RETRIES,
        **_CACHE,
        "Arguments": {
            "AutoMLJobName": "churn",
            "InputDataConfig": [
                {
                    "DataSource": {
                        "S3DataSource": {
                            "S3DataType": "S3Prefix",
                            "S3Uri": "s3://my-ml-bucket/input/",
                        }
                    },
                    "TargetAttributeName": "churned",
                }
            ],
            "OutputDataConfig": {"S3OutputPath": "s3://my-ml-bucket/models/"},
            "AutoMLJobConfig": {"Mode": "ENSEMBLING"},
            "ProblemType": "BinaryClassification",
            "AutoMLJobObjective": {"MetricName": "F1"},
            "RoleArn": ROLE,
        },
    },
    "Model": {
        **_RETRIES,
        "Arguments": {
            "ModelName": "churn",
            "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": _MODEL, "Environment": {"A": "b"}},
            "ExecutionRoleArn": ROLE,
        },
    },
    "RegisterModel": {
        **_RETRIES,
        "Arguments": {
            "ModelPackageGroupName": "churn",
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{"Image": IMAGE, "ModelDataUrl": _MODEL}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
                "SupportedTransformInstanceTypes": ["ml.m5.xlarge"],
            },
            "ModelMetrics": {
                "ModelQuality": {
                    "Statistics": {
                        "ContentType": "application/json",
                        "S3Uri": "s3://my-ml-bucket/report.json",
                    }
                }
            },
        },
    },
    "QualityCheck": {
        **_CHECK,
        **_CACHE,
        "CheckType": "DATA_QUALITY",
        "SuppliedBaselineStatistics": "s3://my-ml-bucket/baselines/statistics.json",
    },
    "ClarifyCheck": {
        **_CHECK,
        **_CACHE,
        "CheckType": "MODEL_BIAS",
        "ModelName": {"Get": "Steps.Model.ModelName"},
    },
    "EMR": {
        **_RETRIES,
        **_CACHE,
        "Arguments": {
            "ClusterId": "j-1ABCDEFG2HIJK",
            "ExecutionRoleArn": ROLE,
            "StepConfig": {
                "HadoopJarStep": {
                    "Jar": "command-runner.jar",
                    "MainClass": "com.example.Main",
                    "Args": ["spark-submit", {"Get": "Parameters.InputDataS3Uri"}],
                    "Properties": [{"Key": "a", "Value": "b"}, {"key": "c", "value": "d"}],
                }
            },
        },
    },
    "EMRServerless": {
        **_RETRIES,
        **_CACHE,
        "Arguments": {
            "ExecutionRoleArn": ROLE,
            "ApplicationId": "00abcdefghijklmn",
            "JobConfig": {
                "applicationId": "00abcdefghijklmn",
                "executionRoleArn": ROLE,
                "jobDriver": {"sparkSubmit": {"entryPoint": "s3://my-ml-bucket/prepare.py"}},
                "executionTimeoutMinutes": 60,
            },
        },
    },
    "Lambda": {
        **_CACHE,
        "FunctionArn": FUNCTION,
        "Arguments": {"model": _MODEL, "threshold": 0.8, "urgent": False, "tries": 3},
        "OutputParameters": [{"OutputName": "ticket", "OutputType": "String"}],
    },
    "Callback": {
        **_CACHE,
        "SqsQueueUrl": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/reviews",
        "Arguments": {"ticket": {"Get": "Steps.Lambda.OutputParameters['ticket']"}},
        "OutputParameters": [{"OutputName": "passed", "OutputType": "Boolean"}],
    },
    "Condition": {
        "DependsOn": ["Callback"],
        "Arguments": {
            "Conditions": [IS_GOOD],
            "IfSteps": [{"Name": "Publish", "Type": "Lambda", "FunctionArn": FUNCTION}],
            "ElseSteps": [{"Name": "Ask", "Type": "Lambda", "FunctionArn": FUNCTION}],
        },
    },
    "Fail": {
        "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["Bad:", _MODEL]}}},
    },
}
STEPS = {kind: {"Name": kind, "Type": kind, **step} for kind, step in STEPS.items()}

#: A definition with all of them.
DOCUMENT: dict[str, Any] = {
    "Version": "2020-12-01",
    "Parameters": [
        *TRAINING["Parameters"],
        *PROCESSING["Parameters"],
        {"Name": "Register", "Type": "Boolean", "DefaultValue": True},
    ],
    "Steps": list(STEPS.values()),
}


#: Type to the index of its step in DOCUMENT.
INDEX = {kind: index for index, kind in enumerate(STEPS)}
