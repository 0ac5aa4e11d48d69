"""One plan of a few calls; each test gets one of them, made anew in emulated AWS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from definitions import TEXTS
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.infrastructure import manifest
from emulated_aws.runtime.api import Runtime
from emulated_aws.runtime.problems import problems
from emulated_aws.runtime.records import Execution
from emulated_aws.surroundings import arrange
from inputs import ACCOUNT, ECR, KEY, QUEUE, TOPIC, VALID, VPC
from planned import OUTPUTS, create, queue_and_topic_policies
from terraform.plan import Plan
from terraform.root import Root

#: A Tuesday: with the default schedules scoring starts today at 06:00, training on Sunday at 02:00.
START = datetime(2026, 12, 1, tzinfo=timezone.utc)
WEEK = timedelta(days=7)
SERVER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-tracking-server/ml"
CHECKPOINTS = "s3://my-ml-bucket/checkpoints/"
NO_RULES = {"enable_training_schedule": False, "enable_processing_schedule": False}
#: Name to the inputs that differ from those of a plain call.
CALLS: dict[str, dict[str, Any]] = {
    "plain": {},
    "told": {
        "schedule_dead_letter_queue_arn": QUEUE,
        "notifications": {"topic_arn": TOPIC, "statuses": ["Failed", "Stopped"]},
    },
    "secured": VPC
    | {
        "kms_key_arn": KEY,
        "volume_kms_key_arn": KEY,
        "training_environment_variables": {"MLFLOW_TRACKING_URI": SERVER},
    },
    "spot": {"training_spot": {"max_wait_seconds": 90000, "checkpoint_s3_path": CHECKPOINTS}},
    "shared checkpoints": {
        "training_spot": {
            "max_wait_seconds": 90000,
            "checkpoint_s3_path": CHECKPOINTS,
            "checkpoint_per_execution": False,
        }
    },
    "cache": {"training_cache_expire_after": "P30D", "processing_cache_expire_after": "P2D"},
    "folders": {"processing_output_per_execution": True},
    "data": {
        "processing_output_per_execution": True,
        "kms_key_arn": KEY,
        "processing_additional_inputs": {
            "model": {"s3_path": "s3://my-ml-bucket/models/churn-7/"},
            "stores": {"s3_path": "s3://my-ml-bucket/reference/stores.csv", "input_mode": "Pipe"},
        },
        "processing_additional_outputs": {
            "report": {"s3_path": "s3://my-ml-bucket/reports/"},
            "log": {"s3_path": "s3://my-ml-bucket/logs", "upload_mode": "Continuous"},
        },
    },
    "guarded": {
        "guardrails": {
            "instance_types": ["ml.m5.xlarge", "ml.m5.4xlarge"],
            "max_runtime_seconds": 86400,
        },
    },
    "below the input": {"inference_output_s3_path": "s3://my-ml-bucket/input/results/"},
    "parameters": {
        "training_schedule_parameters": {
            "InputDataS3Uri": "s3://my-ml-bucket/full/",
            "TrainingInstanceType": "ml.m5.4xlarge",
            "TrainingInstanceCount": "2",
        }
    },
    "zones": NO_RULES
    | {
        "schedules": {
            city.rpartition("/")[2].lower().replace("_", "-"): {
                "pipeline": "processing",
                "expression": "cron(30 2 * * ? *)",
                "timezone": city,
            }
            for city in ("Europe/Berlin", "America/New_York", "America/Sao_Paulo")
        }
    },
    "starts": NO_RULES
    | {
        "schedules": {
            "weekly-training": {
                "pipeline": "training",
                "expression": "cron(0 4 ? * SUN *)",
                "timezone": "Europe/Berlin",
            },
            "daily-scoring": {
                "pipeline": "processing",
                "expression": "cron(0 6 ? * MON-SAT *)",
                "timezone": "Europe/Berlin",
                "parameters": {"ProcessingInstanceType": "ml.m5.2xlarge"},
            },
        },
        "triggers": {
            "new-model": {"pipeline": "processing", "after": "training"},
            "corrected": {
                "pipeline": "processing",
                "s3_object": {
                    "bucket": "my-ml-bucket",
                    "prefix": "input/",
                    "suffix": "_CORRECTED",
                },
                "parameters": {"InferenceInputS3Uri": "$.detail.uri"},
            },
        },
        "schedule_dead_letter_queue_arn": QUEUE,
        "alarms": {
            "actions": [TOPIC],
            "no_success_within_hours": {"training": 168, "processing": 50},
            "longer_than_minutes": {"training": 240, "processing": 150},
        },
    },
}
CALLS["events"] = NO_RULES | {
    "schedules": {
        "window": {
            "pipeline": "processing",
            "expression": "cron(0 20 * * ? *)",
            "flexible_window_minutes": 60,
        },
    },
    "triggers": {
        "new-data": {
            "pipeline": "processing",
            "s3_object": {"bucket": "my-ml-bucket", "prefix": "input/", "suffix": "_SUCCESS"},
        },
        "partition": {
            "pipeline": "training",
            "event_pattern": '{"source": ["lake"]}',
            "parameters": {"InputDataS3Uri": "$.detail.uri", "ScheduledTime": "$.detail.day"},
        },
    },
    "alarms": {"actions": [TOPIC], "no_success_within_hours": {"processing": 30}},
}
CALLS["corpus"] = NO_RULES | {
    "enable_training_pipeline": False,
    "enable_processing_pipeline": False,
    "additional_pipelines": {f"my-{name}": {"definition": text} for name, text in TEXTS.items()},
}
CALLS["everything"] = CALLS["told"] | CALLS["secured"] | CALLS["spot"]


@dataclass(frozen=True)
class Account:
    """An account with one call of the module.

    Attributes:
        aws: emulated AWS.
    """

    aws: EmulatedAWS = field(repr=False)

    @property
    def runtime(self) -> Runtime:
        """Lets time pass, and says what happened."""
        return self.aws.runtime

    def arn(self, pipeline: str) -> str:
        """The ARN of training or processing."""
        return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/{self.name(pipeline)}"

    def name(self, pipeline: str) -> str:
        """The name of training or processing."""
        return f"ml-platform-test-{pipeline}"

    def run(self, pipeline: str, **parameters: str) -> Execution:
        """Start a pipeline by hand, and wait for its end."""
        return self.runtime.run(self.arn(pipeline), parameters)

    def executions(self, pipeline: str) -> list[Execution]:
        """The executions of a pipeline, the oldest first."""
        name = self.name(pipeline)
        return [found for found in self.runtime.executions if found.pipeline == name]

    def problems(self) -> list[str]:
        """What failed and was not told to."""
        return problems(self.runtime)

    def push(self, tag: str) -> str:
        """Push an image to ml-training; gives its URI."""
        self.aws.client("ecr").put_image(
            repositoryName="ml-training", imageTag=tag, imageManifest=manifest("ml-training", tag)
        )
        return f"{ECR}/ml-training:{tag}"

    def put(self, *uris: str) -> None:
        """Put an object of somebody else at each URI."""
        for uri in uris:
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            self.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"data")


@pytest.fixture(scope="session")
def plan(session_root: Callable[[], Root]) -> Plan:
    root = session_root()
    outputs = (*OUTPUTS, "event_bucket_notification")
    root.call_module({name: VALID | inputs for name, inputs in CALLS.items()}, outputs=outputs)
    return root.plan()


@pytest.fixture
def account(double: EmulatedAWS, plan: Plan) -> Callable[..., Account]:
    """Makes the account of a call: with data, images, queue and topic, and their policies."""

    def make(name: str, start: datetime = START) -> Account:
        double.reset()
        double.runtime.reset(start)
        call = plan.call(name)
        create(call, double)
        arrange(double, queue_and_topic_policies(call), call.outputs["event_bucket_notification"])
        if "notifications" in CALLS[name]:
            double.client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE)
        return Account(double)

    return make
