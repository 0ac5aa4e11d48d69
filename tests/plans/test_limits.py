"""What is as large or as small as AWS takes is taken; test_bad_values.py has what is beyond."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulated_aws import definition, schedule
from inputs import ACCOUNT, ECR, KEY, POLICY, QUEUES, TOPICS, VALID, retry
from policy_evaluation.evaluator import ROLE_POLICIES_LIMIT, Policy
from terraform.plan import Plan

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
PLANNED_CALLS = {name: VALID | inputs for name, inputs in LIMITS.items()}


@pytest.mark.parametrize("name", LIMITS)
def test_taken(name: str, plan_of_calls: Plan) -> None:
    plan = plan_of_calls.call(name)
    texts = [  # as the provider sends them
        change["change"]["after"]["pipeline_definition"]
        for change in plan.document["resource_changes"]
        if change["type"] == "aws_sagemaker_pipeline"
    ]
    assert [definition.violations(text) for text in texts] == [[], []]
    for address, document in plan.values("policy").items():
        assert Policy.parse(json.dumps(document)).size <= ROLE_POLICIES_LIMIT, address
    assert [
        schedule.problem(expression)
        for address, expression in plan.values("schedule_expression").items()
        if ".schedule[" in address
    ] == [None, None]
