"""What AWS takes is taken: each input at its limits, and every pair of choices of the inputs.

test_executions.py makes all of it in emulated AWS. What is beyond the limits is in
refused/test_bad_values.py.
"""

from __future__ import annotations

import json
from typing import Any

from allpairspy import AllPairs

from inputs import ACCOUNT, ECR, KEY, POLICY, QUEUE, QUEUES, RETRY, TOPIC, TOPICS, VALID, VPC, retry

OTHER_ACCOUNT = "999999999999"


def both(**inputs: Any) -> dict[str, Any]:
    """The same for both pipelines."""
    return {f"{key}_{name}": inputs[name] for key in ("training", "processing") for name in inputs}


BUCKETS = {"shortest": "abc", "longest": "b" * 63}
LIMITS: dict[str, dict[str, Any]] = {
    "largest": {
        "project_name": "p" * 20,
        "environment": "e" * 20,
        "tags": {f"{n:02}{'k' * 126}": "v" * 256 for n in range(45)},
        "additional_s3_bucket_arns": [f"arn:aws:s3:::{name}" for name in BUCKETS.values()],
        "vpc_id": "vpc-1",
        "subnet_ids": [f"subnet-{n:x}" for n in range(16)],
        "security_group_ids": [f"sg-{n:x}" for n in range(5)],
        "lookup_network": False,
        "kms_key_arn": KEY,
        "input_data_s3_path": f"s3://my-ml-bucket/{'x' * 1006}",
        "training_image_uri": f"{ECR}/trainer:{'t' * 128}",
        "training_input_channel": "c" * 64,
        "training_additional_inputs": {
            f"{n:02}{'c' * 62}": {
                "s3_path": f"s3://{BUCKETS['longest' if n else 'shortest']}/x",
                "content_type": "t" * 256,
            }
            for n in range(19)
        },
        "training_environment_variables": {f"N{n:02}{'N' * 509}": "v" * 512 for n in range(99)},
        "training_hyperparameters": {f"{n:02}{'h' * 254}": "v" * 2500 for n in range(100)},
        "training_metric_definitions": {f"{n:02}{'m' * 253}": "r" * 500 for n in range(40)},
        "training_max_runtime_seconds": 2419200,
        "training_spot": {
            "max_wait_seconds": 2419200,
            "checkpoint_s3_path": f"s3://my-ml-bucket/{'c' * 1005}/",
            "checkpoint_per_execution": False,
        },
        "training_container_entrypoint": ["e" * 256] * 100,
        "training_schedule_expression": "cron(59 23 31 12 ? 2199)",
        "training_schedule_parameters": {
            "TrainingInstanceType": f"ml.{'i' * 30}.{'s' * 30}",
            "TrainingVolumeSizeInGB": "16384",
            "TrainingMaxRuntimeInSeconds": "2419200",
            "TrainingInstanceCount": "1000000",
        },
        "processing_environment_variables": {f"N{n:02}{'N' * 253}": "v" * 256 for n in range(99)},
        "processing_instance_count": 100,
        "processing_max_runtime_seconds": 777600,
        "processing_container_entrypoint": ["e" * 256] * 100,
        "processing_schedule_expression": "cron(0-59/10,5 20-23,2 ? DEC SAT#5 2026-2199)",
        "processing_schedule_parameters": {
            "ProcessingInstanceType": f"ml.{'i' * 30}.{'s' * 30}",
            "ProcessingInstanceCount": "100",
            "ProcessingVolumeSizeInGB": "16384",
            "ProcessingMaxRuntimeInSeconds": "777600",
        },
        "schedule_max_retry_attempts": 185,
        "schedule_max_event_age_seconds": 86400,
        "schedule_dead_letter_queue_arn": f"{QUEUES}{'q' * 80}",
        "notifications": {"topic_arn": f"{TOPICS}{'t' * 256}"},
        "role_path": f"/{'p' * 510}/",
        **both(
            volume_size_gb=16384,
            container_arguments=["a" * 256] * 100,
            retry_policies=retry(max_attempts=20) + retry(expire_after_minutes=14400),
            additional_policies={"p" * 128: POLICY},
        ),
    },
    "smallest": {
        "project_name": "p",
        "environment": "e",
        "tags": {"k": ""},
        "input_data_s3_path": "s3://my-ml-bucket",
        "training_input_channel": "c",
        "training_hyperparameters": {"h": ""},
        "training_metric_definitions": {"m": "r"},
        "training_spot": {"max_wait_seconds": 1},
        "training_container_entrypoint": ["e"],
        "training_container_arguments": ["a"],
        "training_schedule_expression": "cron(0 0 1W 1 ? 1970)",
        "training_schedule_parameters": {
            "TrainingInstanceType": "ml.i.s",
            "TrainingInstanceCount": "1",
        },
        "processing_container_entrypoint": [""],
        "processing_container_arguments": [""],
        "processing_schedule_expression": "cron(* * ? * 1L *)",
        "processing_schedule_parameters": {
            "ProcessingInstanceType": "ml.i.s",
            "ProcessingInstanceCount": "1",
        },
        "max_parallel_steps": 1,
        "schedule_max_retry_attempts": 0,
        "schedule_max_event_age_seconds": 60,
        "schedule_dead_letter_queue_arn": f"{QUEUES}q",
        "notifications": {"topic_arn": f"{TOPICS}t"},
        "role_path": "/",
        **both(
            environment_variables={"_": ""},
            instance_count=1,
            volume_size_gb=1,
            max_runtime_seconds=1,
            retry_policies=retry(max_attempts=1, interval_seconds=1, backoff_rate=1)
            + retry(expire_after_minutes=1),
        ),
    },
    # what is rare, and taken all the same
    "unusual": {
        "tags": {"Käse 漢字": "ß", "k" * 128: ""},
        "additional_s3_bucket_arns": ["arn:aws:s3:::ml.data-999999999999-us-east-1-an"],
        "kms_key_arn": f"arn:aws:kms:us-east-1:{OTHER_ACCOUNT}:key/mrk-1234abcd",
        "volume_kms_key_arn": f"arn:aws:kms:us-east-1:{OTHER_ACCOUNT}:key/5678",
        "training_image_uri": f"{ECR.replace(ACCOUNT, OTHER_ACCOUNT)}/a0/b__c--d.e:v1",
        "inference_image_uri": f"{ECR}/{'i' * 200}:{'t' * 5}",
        "input_data_s3_path": "s3://my-ml-bucket/zürich & co (new)/ÿ",
        "training_additional_inputs": {
            "empty": {"s3_path": "s3://my-ml-bucket/x/", "content_type": ""}
        },
        "training_environment_variables": {
            "SCIENCE": "👩‍🔬" * 170 + "xx",
            "LINES": "a\nb\u0085c\u2028d",
        },
        "training_hyperparameters": {"é" * 256: "🙂" * 2500},
        "training_spot": {
            "max_wait_seconds": 90000,
            "checkpoint_s3_path": f"s3://my-ml-bucket/{'c' * 992}/",
        },
        "training_schedule_expression": "cron(0 2 LW * ? *)",
        "inference_output_s3_path": f"s3://my-ml-bucket/{'x' * 993}/",
        "processing_output_per_execution": True,
        "processing_cache_expire_after": "p1y12M3W14dT10H20M",
        "processing_environment_variables": {"SCIENCE": "👩‍🔬" * 85 + "x"},
        "processing_schedule_expression": "cron(0/59 0-5/23 ? jan-Dec/12 mon-Fri,SAT 2026/199)",
        "processing_schedule_parameters": {
            "InferenceOutputS3Uri": f"s3://my-ml-bucket/{'y' * 993}/"
        },
        "schedule_dead_letter_queue_arn": f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:failed-starts",
        "role_path": "/a+=,.@_-/B9/",
        "role_permissions_boundary_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        **both(
            retry_policies=retry(max_attempts=0, interval_seconds=43200, backoff_rate=0.5)
            + retry(expire_after_minutes=0, interval_seconds=0, backoff_rate=0),
            managed_policy_arns={"aws": "arn:aws:iam::aws:policy/service-role/AmazonS3Role"},
            additional_policies={
                "one": json.dumps(
                    json.loads(POLICY) | {"Statement": json.loads(POLICY)["Statement"][0]}
                )
            },
        ),
    },
}

#: Values of each input to choose from; inputs that depend on each other share a line.
CHOICES: list[list[dict[str, Any]]] = [
    [{}, VPC, VPC | {"subnet_ids": ["subnet-12345678"]}, VPC | {"lookup_network": False}],
    [{}, {"kms_key_arn": KEY}],
    [{}, {"volume_kms_key_arn": KEY}],
    [{}, {"tags": {"Team": "ml"}}],
    [{}, {"project_name": "p" * 20, "environment": "e" * 20}, {"project_name": "a"}],
    [{}, {"role_path": "/ml/team/"}],
    [{}, {"max_parallel_steps": 7}],
    [{}, {"schedule_dead_letter_queue_arn": QUEUE}],
    [{}, {"notifications": {"topic_arn": TOPIC, "statuses": ["Failed", "Succeeded"]}}],
    [{}, {"role_arns": {"training_job": f"arn:aws:iam::{ACCOUNT}:role/a/b"}}],
    [{}, {"enable_inter_container_encryption": True}, {"enable_network_isolation": True}],
    [{}, {"enable_training_schedule": False}, {"enable_processing_schedule": False}],
    [{}, {"training_input_mode": "Pipe"}, {"training_input_mode": "FastFile"}],
    [{}, {"training_hyperparameters": {"epochs": "3", "lr": "0.1"}}],
    [{}, {"training_metric_definitions": {"loss": "loss=([0-9.]+)", "auc": "auc=(.*)"}}],
    [{}, {"training_container_entrypoint": ["python", "-m", "train"]}],
    [{}, {"training_container_arguments": ["--epochs", "3"]}],
    [{}, {"processing_container_entrypoint": ["python"]}],
    [{}, {"processing_container_arguments": ["score.py", ""]}],
    [{}, {"training_spot": {"max_wait_seconds": 90000}},
     {"training_spot": {"max_wait_seconds": 86400,
                        "checkpoint_s3_path": "s3://my-ml-bucket/checkpoints"}}],
    [{}, {"training_additional_inputs": {"labels": {"s3_path": "s3://my-ml-bucket/labels/"}}},
     {"training_additional_inputs": {f"channel-{n}": {
         "s3_path": f"s3://data-lake/{n}", "input_mode": "FastFile", "content_type": "text/csv",
         "distribution": "ShardedByS3Key"} for n in range(19)},
      "additional_s3_bucket_arns": ["arn:aws:s3:::data-lake"]}],
    [{}, {"training_retry_policies": []},
     {"training_retry_policies": [RETRY | {"expire_after_minutes": 14400}]}],
    [{}, {"processing_retry_policies": [RETRY | {"max_attempts": 20}]}],
    [{}, {"training_instance_count": 20, "training_instance_type": "ml.p4d.24xlarge"}],
    [{}, {"processing_instance_count": 100, "processing_input_distribution": "ShardedByS3Key"}],
    [{}, {"training_volume_size_gb": 16384, "processing_volume_size_gb": 1}],
    [{}, {"processing_max_runtime_seconds": 777600}, {"processing_max_runtime_seconds": 1}],
    [{}, {"processing_output_per_execution": True}],
    [{}, {"processing_output_upload_mode": "Continuous"}],
    [{}, {"training_image_uri": f"{ECR}/a/b/c@sha256:{'0' * 64}"}],
    [{}, {"input_data_s3_path": "s3://my-ml-bucket"}],
    [{}, {"inference_output_s3_path": "s3://my-ml-bucket/"}],
    [{}, {"training_schedule_parameters": {"TrainingInstanceCount": "2"}}],
    [{}, {"processing_schedule_expression": "rate(1 hour)"},
     {"processing_schedule_expression": "cron(0 0 L * ? 2026/2)"},
     {"processing_schedule_expression": "cron(0/5,59 8-17 ? JAN-MAR,12 2#1 *)"}],
]  # fmt: skip


def merged(choices: list[dict[str, Any]]) -> dict[str, Any]:
    """The inputs of a call."""
    return {name: value for choice in [VALID, *choices] for name, value in choice.items()}


PAIRS = [merged(choices) for choices in AllPairs(CHOICES)]
#: So many of them in a plan-only run; the first ones have most of the pairs.
FEW = 5
PLANNED_CALLS = {f"limits {name}": VALID | inputs for name, inputs in LIMITS.items()} | {
    f"pairs {number}": inputs for number, inputs in enumerate(PAIRS[:FEW])
}
MORE_CALLS = {f"pairs {number}": inputs for number, inputs in enumerate(PAIRS[FEW:], FEW)}
