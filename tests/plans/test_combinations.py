"""Several hundred valid combinations of inputs, planned some at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import combinations as pairs
from itertools import islice
from random import Random
from typing import Any

import pytest

from emulated_aws import definition
from inputs import ACCOUNT, ECR, KEY, QUEUE, RETRY, TOPIC, VALID, VPC
from policy_evaluation.evaluator import ROLE_POLICIES_LIMIT, Policy
from terraform.plan import Plan
from terraform.root import Root

pytestmark = pytest.mark.slow

COMBINATIONS = 240
#: So many in a plan: the price of each grows with their number (docs/performance.md).
BATCH = 80
SEED = 20260101

#: Values of each input to choose from; those that depend on each other stand together.
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


#: As much as SageMaker takes; once each, because they make long definitions.
EXTREMES: list[dict[str, Any]] = [
    {"training_environment_variables": {f"V{n}": "x" * 512 for n in range(99)}},
    {"processing_environment_variables": {f"V{n}": "x" * 256 for n in range(99)}},
    {"training_hyperparameters": {f"p{n}": "x" * 2500 for n in range(100)}},
    {"tags": {f"Key {n}": "-" for n in range(45)}},
]


def combinations() -> Iterator[dict[str, Any]]:
    """Each choice alone, the extremes alone, then all choices at random."""
    for choices in CHOICES:
        for choice in choices[1:]:
            yield VALID | choice
    for extreme in EXTREMES:
        yield VALID | extreme
    for picks in random_picks():
        inputs = dict(VALID)
        for choices, pick in zip(CHOICES, picks, strict=True):
            inputs |= choices[pick]
        yield inputs


def random_picks() -> Iterator[list[int]]:
    """For each list of choices the index of one; endless, the same each time."""
    random = Random(SEED)
    while True:
        yield [random.randrange(len(choices)) for choices in CHOICES]


def test_every_pair_of_choices_occurs() -> None:
    alone = sum(len(choices) - 1 for choices in CHOICES) + len(EXTREMES)
    seen = {
        pair
        for picks in islice(random_picks(), COMBINATIONS - alone)
        for pair in pairs(enumerate(picks), 2)
    }
    every = {
        ((one, first), (other, second))
        for (one, some), (other, more) in pairs(enumerate(CHOICES), 2)
        for first in range(len(some))
        for second in range(len(more))
    }
    assert every - seen == set()


@pytest.fixture(scope="module", params=range(0, COMBINATIONS, BATCH))
def plan(request: pytest.FixtureRequest, new_root: Callable[[], Root]) -> Plan:
    root = new_root()
    taken = islice(enumerate(combinations()), request.param, request.param + BATCH)
    root.call_module({f"{number:03}": inputs for number, inputs in taken})
    return root.plan()


def test_every_definition_is_taken(plan: Plan) -> None:
    found = {
        address: definition.violations(json.dumps(document))
        for address, document in plan.values("pipeline_definition").items()
    }
    assert len(found) == 2 * BATCH
    assert {place: violations for place, violations in found.items() if violations} == {}


def test_every_policy_parses_and_grants_something(plan: Plan) -> None:
    policies = plan.values("policy")
    assert len(policies) > 4 * BATCH
    for address, document in policies.items():
        assert Policy.parse(json.dumps(document)).size <= ROLE_POLICIES_LIMIT, address
        for statement in document["Statement"]:
            assert statement["Resource"], f"{address}: {statement['Sid']} names no resource"
            assert statement["Action"], f"{address}: {statement['Sid']} names no action"


def test_names_are_within_their_limits(plan: Plan) -> None:
    for address, arguments in plan.resources.items():
        if "aws_iam_role." in address or "aws_cloudwatch_event_rule." in address:
            assert len(arguments["name"]) <= 64, address


def test_everything_is_known(plan: Plan) -> None:
    assert plan.unknown == {}
