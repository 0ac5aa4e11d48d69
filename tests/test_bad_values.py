"""Every rule of the inputs: a bad value gets a sentence at plan.

The sentence names the input and the value, and says what to do.

All cases share two plans, with as many bad values in one module call as there are variables:
no error may hide another. Rules of one variable stop a plan before the rules that span variables
are looked at, hence two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from harness.infrastructure import DEDICATED
from harness.packing import pack
from harness.plan import Diagnostic
from harness.root import Root

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
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
LABELS = {"s3_path": "s3://my-ml-bucket/labels/"}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}],
    }
)
ROLES, POLICIES = (f"arn:aws:iam::123456789012:{kind}/" for kind in ("role", "policy"))
QUEUES, TOPICS = (f"arn:aws:{kind}:us-east-1:123456789012:" for kind in ("sqs", "sns"))
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENABLED = {name: value for name, value in VALID.items() if name.startswith("enable_")}
VPC: dict[str, Any] = {
    "vpc_id": "vpc-12345678",
    "subnet_ids": ["subnet-12345678", "subnet-87654321"],
    "security_group_ids": ["sg-12345678"],
}


@dataclass(frozen=True)
class Bad:
    """One bad value, what is set beside it, and words that its sentence has beside the name."""

    variable: str
    value: Any
    words: tuple[str, ...]
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def sets(self) -> dict[str, Any]:
        return ENABLED | self.beside | {self.variable: self.value}


def bad(variable: str, value: Any, *words: str, **beside: Any) -> Bad:
    return Bad(variable, value, words, beside)


def copied(variable: str, text: str, wrap: Callable[[str], Any] = str) -> list[Bad]:
    """With a space before or after it, as copying leaves it."""
    return [bad(variable, wrap(spaced), spaced) for spaced in (f" {text}", f"{text} ")]


def bad_number(variable: str, *numbers: float) -> list[Bad]:
    return [bad(variable, number, f" {number}: use a whole number") for number in numbers]


def in_list(text: str) -> list[str]:
    return [text]


def retry(**policy: Any) -> list[dict[str, Any]]:
    return [{"exception_types": ["Step.THROTTLING"], **policy}]


def bad_retries(variable: str) -> list[Bad]:
    one = {"max_attempts": 1}
    return [
        bad(variable, retry(), "both or neither"),
        bad(variable, retry(max_attempts=1, expire_after_minutes=1), "exactly one"),
        bad(variable, [{"exception_types": ["Step.TROTTLING"], **one}], "Step.TROTTLING"),
        bad(variable, [{"exception_types": [], **one}], "exception_types [[]]", "one or more of"),
        bad(variable, retry(max_attempts=0), '"max_attempts":0', "1-20"),
        bad(variable, retry(max_attempts=1.5), '"max_attempts":1.5'),
        bad(variable, retry(max_attempts=21), '"max_attempts":21'),
        bad(variable, retry(expire_after_minutes=0), '"expire_after_minutes":0'),
        bad(variable, retry(expire_after_minutes=14401), '"expire_after_minutes":14401'),
        bad(variable, retry(**one, backoff_rate=0.9), '"backoff_rate":0.9'),
        bad(variable, retry(**one, interval_seconds=0), '"interval_seconds":0'),
    ]


#: Rules that look at one variable (validation blocks).
ONE_VARIABLE = [
    bad("project_name", "Ml_Platform", '"Ml_Platform"', "lower-case"),
    bad("project_name", "ml--platform", '"ml--platform"'),
    bad("project_name", "ml-", '"ml-"'),
    bad("project_name", "1ml", '"1ml"'),
    bad("project_name", "", '""'),
    *copied("project_name", "copied"),
    bad("environment", "Prod", '"Prod"', "lower-case"),
    bad("environment", "prod-", '"prod-"'),
    *copied("environment", "copied"),
    bad("tags", {f"key{n}": "value" for n in range(46)}, "46", "at most 45"),
    bad("tags", {"aws:owner": "me"}, "aws:owner"),
    bad("tags", {"Own|er": "me"}, "Own|er"),
    bad("tags", {"Owner": "x" * 257}, "Owner", "256"),
    bad("tags", {"Nobody": None}, "Nobody"),
    bad("tags", {"k" * 129: "value"}, "k" * 129),
    bad("tags", {"Value": "a|b"}, "Value"),
    bad("tags", {"Start": "|a"}, "Start"),
    bad("tags", {"|Key": "a"}, "|Key"),
    bad("tags", {"": "a"}, "()"),
    bad("tags", {"AWS:team": "a"}, "AWS:team"),
    bad("s3_bucket_arn", "my-ml-bucket", '"my-ml-bucket"', "arn:aws:s3:::my-ml-bucket"),
    bad("s3_bucket_arn", "arn:aws:s3:::my-ml-bucket/models", "without a path"),
    bad("s3_bucket_arn", "arn:aws:s3:::ab", ':::ab"'),
    bad("s3_bucket_arn", f"arn:aws:s3:::{'b' * 64}", "b" * 64),
    *copied("s3_bucket_arn", "arn:aws:s3:::copied"),
    bad("additional_s3_bucket_arns", ["other"], '["other"]', "without a path"),
    bad("additional_s3_bucket_arns", ["arn:aws:s3:::ab"], ':::ab"'),
    bad("additional_s3_bucket_arns", [f"arn:aws:s3:::{'b' * 64}"], "b" * 64),
    *copied("additional_s3_bucket_arns", "arn:aws:s3:::copied", in_list),
    bad("vpc_id", "subnet-1", '"subnet-1"'),
    bad("vpc_id", "vpc-", '"vpc-"'),
    *copied("vpc_id", "vpc-1"),
    bad("subnet_ids", ["sg-1"], '["sg-1"]', "subnet-12345678"),
    bad("subnet_ids", [f"subnet-{n:08x}" for n in range(17)], "17", "at most 16"),
    bad("subnet_ids", ["subnet-"], '["subnet-"]'),
    *copied("subnet_ids", "subnet-1", in_list),
    bad("security_group_ids", ["subnet-1"], '["subnet-1"]', "sg-12345678"),
    bad("security_group_ids", [f"sg-{n:08x}" for n in range(6)], "6", "at most 5"),
    bad("security_group_ids", ["sg-"], '["sg-"]'),
    *copied("security_group_ids", "sg-1", in_list),
    bad("kms_key_arn", "alias/ml", '"alias/ml"', "ARN of a key"),
    bad("kms_key_arn", "arn:aws:kms:us-east-1:123456789012:alias/ml", "aliases"),
    *copied("kms_key_arn", KEY),
    bad("volume_kms_key_arn", "1234", '"1234"', "ARN of a key"),
    *copied("volume_kms_key_arn", KEY),
    bad("training_environment_variables", {"1A": "x"}, "1A", "not starting with a digit"),
    bad("training_environment_variables", {"LONG": "x" * 513}, "LONG", "512"),
    bad("training_environment_variables", {"NULL_VALUE": None}, "NULL_VALUE", "none is null"),
    bad("training_environment_variables", {"PIPELINE_EXECUTION_ARN": "x"}, "set by the module"),
    bad("training_environment_variables", {f"A{n}": "x" for n in range(100)}, "has 100 entries"),
    bad("training_environment_variables", {"N" * 513: "x"}, "N" * 513),
    bad("training_environment_variables", {" BEFORE": "x"}, " BEFORE"),
    bad("training_environment_variables", {"AFTER ": "x"}, "AFTER "),
    bad("training_hyperparameters", {f"p{n}": "1" for n in range(101)}, "101", "at most 100"),
    bad("training_hyperparameters", {"long": "x" * 2501}, "long", "2500"),
    bad("training_hyperparameters", {"no_value": None}, "no_value", "none is null"),
    bad("training_hyperparameters", {"": "1"}, "(of )"),
    bad("training_hyperparameters", {"p" * 257: "1"}, "p" * 257),
    bad("training_instance_type", "m5.xlarge", '"m5.xlarge"', "ml.m5.xlarge"),
    *copied("training_instance_type", "ml.m5.large"),
    *bad_number("training_instance_count", 0, 1.5),
    *bad_number("training_volume_size_gb", 0, 1.5, 16385),
    *bad_number("training_max_runtime_seconds", 0, 1.5, 2419201),
    bad("training_input_mode", "Fast", '"Fast"', "FastFile"),
    bad("training_input_channel", "my channel", '"my channel"'),
    bad("training_input_channel", "", 'is ""'),
    bad("training_input_channel", "c" * 65, "c" * 65),
    *copied("training_input_channel", "copied"),
    bad(
        "training_additional_inputs",
        {f"c{n}": {"s3_path": "s3://my-ml-bucket/x/"} for n in range(20)},
        "20 channels",
    ),
    bad(
        "training_additional_inputs",
        {"my channel": {"s3_path": "s3://my-ml-bucket/x/"}},
        '["my channel"]',
    ),
    bad(
        "training_additional_inputs",
        {"labels": {"s3_path": "s3://my-ml-bucket/x/", "input_mode": "Slow"}},
        '"labels":"Slow"',
    ),
    bad(
        "training_additional_inputs",
        {"labels": {"s3_path": "s3://my-ml-bucket/x/", "distribution": "Some"}},
        '"labels":"Some"',
    ),
    bad(
        "training_additional_inputs",
        {"labels": {"s3_path": "s3://my-ml-bucket/x/", "content_type": "t" * 257}},
        "content_type",
    ),
    bad("training_additional_inputs", {"c" * 65: LABELS}, "c" * 65),
    *copied("training_additional_inputs", "copied", lambda name: {name: LABELS}),
    bad("training_metric_definitions", {f"m{n}": "(.*)" for n in range(41)}, "41", "at most 40"),
    bad("training_metric_definitions", {"loss": ""}, "loss", "1-500"),
    bad("training_metric_definitions", {"": "x"}, "(of )"),
    bad("training_metric_definitions", {"n" * 256: "x"}, "n" * 256),
    bad("training_metric_definitions", {"long": "x" * 501}, "long", "1-500"),
    bad("training_spot", {"max_wait_seconds": 0.5}, "max_wait_seconds is 0.5"),
    bad("training_spot", {"max_wait_seconds": 0}, "max_wait_seconds is 0:"),
    bad("training_spot", {"max_wait_seconds": 1.5}, "max_wait_seconds is 1.5"),
    bad("training_container_entrypoint", ["x"] * 11, "at most 10"),
    bad("training_container_entrypoint", [""], '[""]', "1-256"),
    bad("training_container_entrypoint", ["x" * 257], "x" * 257),
    bad("training_container_arguments", [""], '[""]', "1-256"),
    bad("training_container_arguments", ["x"] * 101, '"x","x"', "at most 100"),
    bad("training_container_arguments", ["x" * 257], "x" * 257),
    *bad_retries("training_retry_policies"),
    bad("training_cache_expire_after", "30 days", '"30 days"', "P30D"),
    bad("training_cache_expire_after", "PT", '"PT"', "P30D"),
    *copied("training_cache_expire_after", "P3D"),
    bad("processing_environment_variables", {"LONG": "x" * 257}, "LONG", "256"),
    bad("processing_environment_variables", {"NULL_VALUE": None}, "NULL_VALUE", "none is null"),
    bad("processing_environment_variables", {"A-B": "x"}, "A-B"),
    bad("processing_environment_variables", {"PIPELINE_EXECUTION_ARN": "x"}, "set by the module"),
    bad("processing_environment_variables", {f"A{n}": "x" for n in range(100)}, "has 100 entries"),
    bad("processing_environment_variables", {"N" * 257: "x"}, "N" * 257),
    bad("processing_environment_variables", {" BEFORE": "x"}, " BEFORE"),
    bad("processing_environment_variables", {"AFTER ": "x"}, "AFTER "),
    bad("processing_instance_type", "ml.m5", '"ml.m5"', "ml.m5.xlarge"),
    *copied("processing_instance_type", "ml.m5.large"),
    *bad_number("processing_instance_count", 0, 1.5, 101),
    *bad_number("processing_volume_size_gb", 0, 1.5, 16385),
    *bad_number("processing_max_runtime_seconds", 0, 1.5, 777601),
    bad("processing_input_distribution", "Sharded", '"Sharded"', "ShardedByS3Key"),
    bad("processing_output_upload_mode", "Later", '"Later"', "Continuous"),
    bad("processing_container_entrypoint", ["x"] * 101, "at most 100"),
    bad("processing_container_entrypoint", ["x" * 257], "x" * 257),
    bad("processing_container_arguments", ["x" * 257], "at most 256"),
    bad("processing_container_arguments", ["x"] * 101, '"x","x"', "at most 100"),
    *bad_retries("processing_retry_policies"),
    bad("processing_cache_expire_after", "P", '"P"', "PT12H"),
    bad("processing_cache_expire_after", "P1DT", '"P1DT"', "PT12H"),
    *copied("processing_cache_expire_after", "P3D"),
    *bad_number("max_parallel_steps", 0, 1.5),
    bad("training_schedule_parameters", {"InputDataS3Uri": ""}, "InputDataS3Uri", "1-1024"),
    bad("training_schedule_parameters", {"TrainingImageUri": None}, "TrainingImageUri"),
    bad("training_schedule_parameters", {"TrainingInstanceType": "x" * 1025}, "InstanceType"),
    bad("processing_schedule_parameters", {"InferenceImageUri": None}, "InferenceImageUri"),
    bad("processing_schedule_parameters", {"InferenceInputS3Uri": ""}, "InferenceInputS3Uri"),
    bad("processing_schedule_parameters", {"ProcessingInstanceType": "x" * 1025}, "InstanceType"),
    *bad_number("schedule_max_retry_attempts", -1, 0.5, 186),
    *bad_number("schedule_max_event_age_seconds", 59, 60.5, 86401),
    bad("schedule_dead_letter_queue_arn", "my-queue", '"my-queue"', "standard SQS queue"),
    bad(
        "schedule_dead_letter_queue_arn",
        "arn:aws:sqs:us-east-1:123456789012:failed.fifo",
        "failed.fifo",
        "no FIFO",
    ),
    bad("schedule_dead_letter_queue_arn", f"{QUEUES}{'q' * 81}", "q" * 81),
    *copied("schedule_dead_letter_queue_arn", f"{QUEUES}copied"),
    bad("notifications", {"topic_arn": "alerts"}, '"alerts"', "standard SNS topic"),
    bad(
        "notifications",
        {"topic_arn": "arn:aws:sns:us-east-1:123456789012:alerts", "statuses": ["Broken"]},
        '["Broken"]',
        "Stopped",
    ),
    bad("notifications", {"topic_arn": f"{TOPICS}alerts", "statuses": []}, "statuses is []"),
    bad("notifications", {"topic_arn": f"{TOPICS}{'t' * 257}"}, "t" * 257),
    *copied("notifications", f"{TOPICS}copied", lambda arn: {"topic_arn": arn}),
    bad("role_arns", {"training": "arn:aws:iam::123456789012:role/x"}, '["training"]'),
    bad("role_arns", {"training_job": "x"}, '"training_job":"x"', "ARN of a role"),
    *copied("role_arns", f"{ROLES}copied", lambda arn: {"training_job": arn}),
    bad("role_arns", {"training_pipeline": ROLES}, f'"{ROLES}"'),
    bad("role_path", "ml", '"ml"', "/ml/"),
    bad("role_path", "/m l/", '"/m l/"'),
    bad("role_path", f"/{'p' * 511}/", "p" * 511),
    *copied("role_path", "/copied/"),
    bad("role_permissions_boundary_arn", "boundary", '"boundary"', "policy/boundary"),
    bad("role_permissions_boundary_arn", POLICIES, f'"{POLICIES}"'),
    *copied("role_permissions_boundary_arn", f"{POLICIES}copied"),
    bad("training_additional_policies", {"a b": POLICY}, '["a b"]'),
    bad("training_additional_policies", {"job": POLICY}, "the module's own"),
    bad("training_additional_policies", {"kafka": "allow all"}, "kafka", "jsonencode()"),
    bad("training_additional_policies", {"p" * 129: POLICY}, "p" * 129),
    bad("training_additional_policies", {"nothing": '{"Statement": []}'}, "nothing"),
    bad("training_additional_policies", {"empty": "{}"}, "empty", "with a statement"),
    *copied("training_additional_policies", "copied", lambda name: {name: POLICY}),
    bad("training_managed_policy_arns", {"msk": "msk-access"}, '"msk":"msk-access"'),
    bad("training_managed_policy_arns", {"none": POLICIES}, '"none":'),
    *copied("training_managed_policy_arns", f"{POLICIES}copied", lambda arn: {"copied": arn}),
    bad("processing_additional_policies", {"a/b": POLICY}, '["a/b"]'),
    bad("processing_additional_policies", {"kafka": "{}"}, "kafka", "with a statement"),
    bad("processing_additional_policies", {"p" * 129: POLICY}, "p" * 129),
    bad("processing_additional_policies", {"nothing": '{"Statement": []}'}, "nothing"),
    bad("processing_additional_policies", {"job": POLICY}, "the module's own"),
    bad("processing_additional_policies", {"text": "allow all"}, "text", "jsonencode()"),
    *copied("processing_additional_policies", "copied", lambda name: {name: POLICY}),
    bad("processing_managed_policy_arns", {"msk": "msk-access"}, '"msk":"msk-access"'),
    bad("processing_managed_policy_arns", {"none": POLICIES}, '"none":'),
    *copied("processing_managed_policy_arns", f"{POLICIES}copied", lambda arn: {"copied": arn}),
]

WAIT_HALF = {"max_wait_seconds": 43200}
LONG = "a" * 21

#: Rules that span variables, or need the region or the network (preconditions and postconditions).
SEVERAL_VARIABLES = [
    bad("project_name", LONG, LONG, "41 characters", environment=LONG[1:]),
    bad("vpc_id", "vpc-12345678", "0 subnet_ids and 0 security_group_ids", subnet_ids=[],
        security_group_ids=[]),
    bad("vpc_id", "vpc-12345678", "0 subnet_ids and 1 security_group_ids", subnet_ids=[],
        security_group_ids=["sg-12345678"]),
    bad("security_group_ids", ["sg-12345678"], 'vpc_id is ""', vpc_id="", subnet_ids=[]),
    bad("subnet_ids", ["subnet-12345678"], "give the VPC of these", vpc_id="",
        security_group_ids=["sg-12345678"]),
    bad("subnet_ids", ["subnet-12345678"], "1 subnet_ids and 0 security_group_ids", vpc_id="",
        security_group_ids=[], lookup_network=False),
    bad("subnet_ids", ["subnet-0f0f0f0f"], "subnet-0f0f0f0f, not found in vpc_id vpc-12345678",
        vpc_id=VPC["vpc_id"], security_group_ids=VPC["security_group_ids"]),
    bad("security_group_ids", ["sg-0f0f0f0f"], "sg-0f0f0f0f, not found in vpc_id vpc-12345678",
        vpc_id=VPC["vpc_id"], subnet_ids=VPC["subnet_ids"]),
    bad("subnet_ids", VPC["subnet_ids"], "subnet-12345678, subnet-87654321, not found in vpc_id",
        vpc_id="vpc-00000000", security_group_ids=VPC["security_group_ids"]),
    bad("security_group_ids", VPC["security_group_ids"], "not found in vpc_id vpc-00000000",
        vpc_id="vpc-00000000", subnet_ids=VPC["subnet_ids"]),
    bad("vpc_id", DEDICATED.vpc_id, DEDICATED.vpc_id, "dedicated tenancy",
        subnet_ids=DEDICATED.subnet_ids, security_group_ids=[DEDICATED.security_group_id]),
    bad("training_image_uri", "", 'is ""', "enable_training_pipeline"),
    bad("training_image_uri", "docker.io/library/python:3.11", "docker.io", "image in ECR"),
    bad("training_image_uri", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1", "eu-west-1",
        "its own region only, which is us-east-1"),
    bad("training_image_uri", "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/x:1", ".com.cn",
        "image in ECR"),
    *copied("training_image_uri", f"{ECR}/copied:1"),
    bad("training_image_uri", f"{ECR}/x:{'t' * 129}", "t" * 129),
    bad("training_image_uri", f"{ECR}/x@sha256:{'a' * 63}", f":{'a' * 63}"),
    bad("training_image_uri", f"{ECR}/-x", '/-x"'),
    bad("input_data_s3_path", "", 'is ""', "enable_training_pipeline"),
    bad("input_data_s3_path", f"s3://my-ml-bucket/{'x' * 1007}", "x" * 1007),
    *copied("input_data_s3_path", "s3://my-ml-bucket/"),
    bad("input_data_s3_path", "/datasets/", '"/datasets/"', "S3 URI"),
    bad("input_data_s3_path", "s3://my-ml-bucket/*", "without wildcards"),
    bad("input_data_s3_path", "s3://my-ml-bucket/x?", '"s3://my-ml-bucket/x?"'),
    bad("input_data_s3_path", "s3://my-ml-bucket/$x/", '"s3://my-ml-bucket/$x/"'),
    bad("model_output_s3_path", "s3://my-ml-bucket/x/\n", "s3://my-ml-bucket/x/"),
    bad("input_data_s3_path", "s3://other-bucket/x/", "s3://other-bucket/x/",
        "none of s3_bucket_arn"),
    bad("model_output_s3_path", "", 'is ""'),
    bad("model_output_s3_path", "s3://other-bucket/y/", "s3://other-bucket/y/", "(my-ml-bucket)"),
    bad("inference_image_uri", "", 'is ""', "enable_processing_pipeline"),
    bad("inference_image_uri", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/y:1", "eu-west-1",
        "its own region only, which is us-east-1"),
    bad("inference_image_uri", "ml-inference", '"ml-inference"', "image in ECR"),
    bad("inference_input_s3_path", "", 'is ""', "enable_processing_pipeline"),
    bad("inference_output_s3_path", "https://my-ml-bucket/o", "https://my-ml-bucket/o", "S3 URI"),
    bad("training_additional_inputs", {"labels": {"s3_path": "s3://other-bucket/labels/"}},
        "training_additional_inputs.labels", "s3://other-bucket/labels/"),
    bad("training_additional_inputs", {"training": {"s3_path": "s3://my-ml-bucket/labels/"}},
        'channel "training"', "rename it"),
    bad("training_spot", WAIT_HALF, "43200", "86400"),
    bad("training_spot", {"max_wait_seconds": 86399}, "86399", "86400",
        enable_processing_pipeline=False, enable_processing_schedule=False),
    bad("training_spot", {"max_wait_seconds": 86400}, "90000 seconds",
        training_schedule_parameters={"TrainingMaxRuntimeInSeconds": "90000"}),
    bad("training_spot",
        {"max_wait_seconds": 86400, "checkpoint_s3_path": "s3://other-bucket/checkpoints/"},
        "training_spot.checkpoint_s3_path", "s3://other-bucket/checkpoints/"),
    *copied("training_schedule_expression", "rate(3 days)"),
    bad("training_schedule_expression", "every day", '"every day"', "cron(minute"),
    bad("training_schedule_expression", "cron(0 2 * * SUN *)", "cron(0 2 * * SUN *)", "with a ?"),
    bad("training_schedule_expression", "cron(0 2 ? * ? *)", "cron(0 2 ? * ? *)"),
    bad("training_schedule_expression", "cron(0 24 ? * SUN *)", "cron(0 24 ? * SUN *)"),
    bad("training_schedule_expression", "cron(0 2 ? * SUN)", "cron(0 2 ? * SUN)"),
    *(
        bad("training_schedule_expression", f"cron({fields})", f'"cron({fields})"')
        for fields in (
            "60 2 ? * SUN *", "0 2 0 * ? *", "0 2 ? 13 SUN *", "0 2 ? 0 SUN *", "0 2 ? * 8 *",
            "0 2 ? * 0 *", "0 2 ? * SUN#6 *", "0 2 ? * SUN 1969", "0 2 ? * SUN 2200",
        )
    ),
    bad("training_schedule_expression", "rate(1 days)", "rate(1 days)"),
    bad("processing_schedule_expression", "rate(5 minute)", "rate(5 minute)"),
    bad("processing_schedule_expression", "rate(0 minutes)", "rate(0 minutes)"),
    bad("processing_schedule_expression", "cron(0 6 32 * ? *)", "cron(0 6 32 * ? *)"),
    bad("processing_schedule_expression", "", 'is ""'),
    bad("enable_training_schedule", True, "enable_training_pipeline is false",
        enable_training_pipeline=False),
    bad("enable_processing_schedule", True, "enable_processing_pipeline is false",
        enable_processing_pipeline=False),
    bad("training_schedule_parameters", {"InputDataUri": "x"}, "InputDataUri", "does not declare"),
    bad("training_schedule_parameters", {"TrainingInstanceCount": "two"}, '"two"', "whole number"),
    bad("training_schedule_parameters", {"TrainingInstanceCount": "0"}, '"0"', "whole number"),
    *copied("training_schedule_parameters", "2", lambda text: {"TrainingInstanceCount": text}),
    bad("training_schedule_parameters", {"TrainingImageUri": "ubuntu"}, '"ubuntu"', "image in ECR"),
    bad("processing_schedule_parameters", {"TrainingInstanceCount": "2"}, "does not declare"),
    bad("processing_schedule_parameters", {"InferenceInputS3Uri": "s3://other-bucket/z/"},
        "processing_schedule_parameters.InferenceInputS3Uri", "s3://other-bucket/z/"),
    bad("training_environment_variables", {"MLFLOW_TRACKING_URI": "https://mlflow.example.com"},
        "enable_network_isolation", enable_network_isolation=True),
    bad("processing_environment_variables", {"MLFLOW_TRACKING_URI": "https://mlflow.example.com"},
        "enable_network_isolation", enable_network_isolation=True),
    bad("notifications", {"topic_arn": "arn:aws:sns:us-east-1:123456789012:alerts"},
        "neither enable_training_pipeline nor enable_processing_pipeline",
        enable_training_pipeline=False, enable_training_schedule=False,
        enable_processing_pipeline=False, enable_processing_schedule=False),
    bad("training_additional_policies", {"kafka": POLICY},
        "role_arns brings training_job", role_arns={"training_job": f"{ROLES}ml"}),
    bad("training_managed_policy_arns", {"msk": f"{POLICIES}msk"},
        "role_arns brings training_job", role_arns={"training_job": f"{ROLES}ml"}),
    bad("processing_additional_policies", {"kafka": POLICY},
        "role_arns brings processing_job", role_arns={"processing_job": f"{ROLES}ml"}),
    bad("processing_managed_policy_arns", {"msk": f"{POLICIES}msk"},
        "role_arns brings processing_job", role_arns={"processing_job": f"{ROLES}ml"}),
]  # fmt: skip


#: What the provider says beside our sentence, of a VPC that does not exist.
OF_THE_PROVIDER = "no matching EC2 VPC found"


def names(cases: list[Bad]) -> list[str]:
    return [f"{index}-{case.variable}" for index, case in enumerate(cases)]


def plan_all(root: Root, cases: list[Bad]) -> list[Diagnostic]:
    calls, _ = pack([case.sets for case in cases])
    root.call_module({f"call{place}": VALID | call for place, call in enumerate(calls)})
    return [found for found in root.diagnostics() if found.severity == "error"]


@pytest.fixture(scope="module")
def errors_of_one_variable(new_root: Any) -> list[Diagnostic]:
    return plan_all(new_root(), ONE_VARIABLE)


@pytest.fixture(scope="module")
def errors_of_several_variables(new_root: Any) -> list[Diagnostic]:
    return plan_all(new_root(), SEVERAL_VARIABLES)


def check_sentence(case: Bad, errors: list[Diagnostic]) -> None:
    # as a word: s3_bucket_arn is part of another name
    name = re.compile(rf"\b{case.variable}\b")
    sentences = [error.sentence for error in errors if name.search(error.sentence)]
    assert any(all(word in sentence for word in case.words) for sentence in sentences), (
        f"{case.variable} = {case.value!r}: no sentence has {case.words}, "
        f"of those that name it: {sentences}"
    )


@pytest.mark.parametrize("case", ONE_VARIABLE, ids=names(ONE_VARIABLE))
def test_value_is_refused(case: Bad, errors_of_one_variable: list[Diagnostic]) -> None:
    check_sentence(case, errors_of_one_variable)


@pytest.mark.parametrize("case", SEVERAL_VARIABLES, ids=names(SEVERAL_VARIABLES))
def test_combination_is_refused(case: Bad, errors_of_several_variables: list[Diagnostic]) -> None:
    check_sentence(case, errors_of_several_variables)


@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
def test_every_error_is_one_of_these_sentences(
    several: bool,
    errors_of_one_variable: list[Diagnostic],
    errors_of_several_variables: list[Diagnostic],
) -> None:
    cases = SEVERAL_VARIABLES if several else ONE_VARIABLE
    errors = errors_of_several_variables if several else errors_of_one_variable
    strangers = [
        error
        for error in errors
        if error.sentence != OF_THE_PROVIDER
        and not any(
            case.variable in error.sentence and all(word in error.sentence for word in case.words)
            for case in cases
        )
    ]
    assert not strangers
