"""Values that the tests give the module: a complete call, and what inputs are made of."""

from __future__ import annotations

import json
from typing import Any

ACCOUNT = "123456789012"
ECR = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
ROLES, POLICIES = (f"arn:aws:iam::{ACCOUNT}:{kind}/" for kind in ("role", "policy"))
QUEUES, TOPICS = (f"arn:aws:{kind}:us-east-1:{ACCOUNT}:" for kind in ("sqs", "sns"))
QUEUE, TOPIC = f"{QUEUES}failed-starts", f"{TOPICS}alerts"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}],
    }
)
RETRY = {"exception_types": ["Step.THROTTLING"], "interval_seconds": 7, "backoff_rate": 1.5}

#: Both pipelines with their schedules, and what has no default.
VALID: dict[str, Any] = {
    "project_name": "ml-platform",
    "environment": "test",
    "s3_bucket_arn": "arn:aws:s3:::my-ml-bucket",
    "enable_training_pipeline": True,
    "training_image_uri": f"{ECR}/ml-training:latest",
    "input_data_s3_path": "s3://my-ml-bucket/datasets/",
    "model_output_s3_path": "s3://my-ml-bucket/models/",
    "enable_training_schedule": True,
    "enable_processing_pipeline": True,
    "inference_image_uri": f"{ECR}/ml-inference:latest",
    "inference_input_s3_path": "s3://my-ml-bucket/input/",
    "inference_output_s3_path": "s3://my-ml-bucket/output/",
    "enable_processing_schedule": True,
}
ENABLED = {name: value for name, value in VALID.items() if name.startswith("enable_")}
#: In the emulated account.
VPC: dict[str, Any] = {
    "vpc_id": "vpc-12345678",
    "subnet_ids": ["subnet-12345678", "subnet-87654321"],
    "security_group_ids": ["sg-12345678"],
}


def default(*variables: str) -> dict[str, Any]:
    """Pins these inputs: a row depends on them being as in VALID (:func:`rows.pack`)."""
    return {variable: VALID[variable] for variable in variables}


def retry(**policy: Any) -> list[dict[str, Any]]:
    """Retry policies: one, of throttling."""
    return [{"exception_types": ["Step.THROTTLING"], **policy}]
