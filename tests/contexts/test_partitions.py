"""China and GovCloud: their ARNs and registry hosts, and the same service principals."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from inputs import ACCOUNT, VALID
from terraform.plan import Plan
from terraform.root import Root
from view import module_view

PARTITIONS = {
    "aws-cn": ("cn-north-1", "amazonaws.com.cn"),
    "aws-us-gov": ("us-gov-west-1", "amazonaws.com"),
}


def inputs(partition: str) -> dict[str, Any]:
    region, suffix = PARTITIONS[partition]
    host = f"123456789012.dkr.ecr.{region}.{suffix}"
    steps = [
        {
            "Name": "Train",
            "Type": "Training",
            "Arguments": {
                "RoleArn": f"arn:{partition}:iam::{ACCOUNT}:role/training",
                "AlgorithmSpecification": {"TrainingImage": f"{host}/ml-training:latest"},
            },
        },
        {
            "Name": "Ask",
            "Type": "Callback",
            "SqsQueueUrl": f"https://sqs.{region}.{suffix}/{ACCOUNT}/questions",
        },
        {
            "Name": "Tell",
            "Type": "Lambda",
            "FunctionArn": f"arn:{partition}:lambda:{region}:{ACCOUNT}:function:tell",
        },
        {"Name": "Join", "Type": "EMR", "Arguments": {"ClusterConfig": {"Instances": {}}}},
        {
            "Name": "Register",
            "Type": "RegisterModel",
            "Arguments": {
                "ModelPackageGroupName": "churn",
                "InferenceSpecification": {
                    "Containers": [{"ModelDataUrl": "s3://my-ml-bucket/model.tar.gz"}]
                },
            },
        },
    ]
    other_pipeline = f"arn:{partition}:sagemaker:{region}:{ACCOUNT}:pipeline/prepare"
    return VALID | {
        "project_name": "p" * 20,
        "environment": "e" * 13,
        "s3_bucket_arn": f"arn:{partition}:s3:::my-ml-bucket",
        "training_image_uri": f"{host}/ml-training:latest",
        "inference_image_uri": f"{host}/ml-inference:latest",
        "additional_pipelines": {
            "own": {"definition": json.dumps({"Version": "2020-12-01", "Steps": steps})}
        },
        "schedules": {"nightly": {"pipeline": "training", "expression": "rate(1 day)"}},
        "triggers": {"prepared": {"pipeline": "processing", "after": other_pipeline}},
        "alarms": {"actions": [f"arn:{partition}:sns:{region}:123456789012:alerts"]},
        "notifications": {"topic_arn": f"arn:{partition}:sns:{region}:123456789012:alerts"},
        "guardrails": {"instance_types": ["ml.m5.xlarge"]},
        "kms_key_arn": f"arn:{partition}:kms:{region}:123456789012:key/1234abcd",
        "volume_kms_key_arn": f"arn:{partition}:kms:{region}:123456789012:key/5678efgh",
    }


@pytest.fixture(scope="module")
def both(new_root: Callable[[], Root]) -> Plan:
    root = new_root()
    del root.environment["TF_REATTACH_PROVIDERS"]  # a kept provider holds one region only
    root.write(
        {
            "provider": {
                "aws": [
                    {"alias": name, "region": region} for name, (region, _) in PARTITIONS.items()
                ]
            },
            "module": {
                name: {"source": "../module", "providers": {"aws": f"aws.{name}"}} | inputs(name)
                for name in PARTITIONS
            },
            "output": {name: {"value": f"${{module.{name}}}"} for name in PARTITIONS},
        }
    )
    return root.plan()


@pytest.fixture(scope="module", params=PARTITIONS)
def partition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def plan(partition: str, both: Plan) -> Plan:
    return both.below(partition)


def test_every_arn_is_of_the_partition(plan: Plan, partition: str) -> None:
    text = json.dumps([plan.resources, plan.outputs])
    arns = set(re.findall(r"arn:[^:]*:[^:]*:[^:]*:", text))
    region = PARTITIONS[partition][0]
    assert {arn.split(":")[1] for arn in arns} == {partition}
    assert {arn.split(":")[3] for arn in arns} == {"", region}


def test_derived_role_names_resources_of_the_partition(plan: Plan, partition: str) -> None:
    region = PARTITIONS[partition][0]
    run = module_view(plan)["own"]["run"]
    assert run["SendCallbacks"]["Resource"] == [f"arn:{partition}:sqs:{region}:{ACCOUNT}:questions"]
    assert run["ReadObjects"]["Resource"] == [f"arn:{partition}:s3:::my-ml-bucket/model.tar.gz"]
    assert run["PassRolesToSagemaker"]["Resource"] == [
        f"arn:{partition}:iam::{ACCOUNT}:role/training"
    ]
    assert run["PassRolesToSagemaker"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
    }


def test_name_is_not_cut_behind_a_hyphen(plan: Plan, partition: str) -> None:
    region = PARTITIONS[partition][0]
    cut = f"{'p' * 20}-{'e' * 13}-processing-pipeline"
    digest = hashlib.sha256(f"{cut}-{region}".encode()).hexdigest()
    assert len(cut) == 54  # of 55 that fit before the hash
    assert module_view(plan)["processing"]["pipeline_role"]["name"] == f"{cut}-{digest[:8]}"


def test_starts_and_alarms_have_arns_of_the_partition(plan: Plan, partition: str) -> None:
    region, base = PARTITIONS[partition][0], f"{'p' * 20}-{'e' * 13}"

    def arn(service: str, resource: str) -> str:
        return f"arn:{partition}:{service}:{region}:{ACCOUNT}:{resource}"

    rule = f"rule/{base}-processing-trigger-prepared"
    schedule = f"schedule/{base}-training-schedules/nightly"
    alarm = f"alarm:{base}-processing-failed"
    assert plan.outputs["trigger_rule_arns"] == {"prepared": arn("events", rule)}
    assert plan.outputs["schedule_arns"] == {"nightly": arn("scheduler", schedule)}
    assert plan.outputs["alarm_arns"]["processing_failed"] == arn("cloudwatch", alarm)
    trust = module_view(plan)["training"]["schedule_role"]["assume_role_policy"]["Statement"]
    assert [each["Condition"]["ArnEquals"]["aws:SourceArn"] for each in trust] == [
        arn("events", f"rule/{base}-training-schedule"),
        arn("scheduler", f"schedule-group/{base}-training-schedules"),
    ]


def test_principals_are_the_same_everywhere(plan: Plan) -> None:
    documents = [
        *(arguments.get("assume_role_policy", {}) for arguments in plan.resources.values()),
        {"Statement": plan.outputs["alarm_topic_policy_statements"]},
    ]
    principals = {
        statement["Principal"]["Service"]
        for document in documents
        for statement in document.get("Statement", [])
    }
    assert principals == {
        f"{service}.amazonaws.com" for service in ("cloudwatch", "events", "sagemaker", "scheduler")
    }


def test_images_are_pulled_from_the_registry_of_the_partition(plan: Plan, partition: str) -> None:
    region, suffix = PARTITIONS[partition]
    view = module_view(plan)["training"]
    assert view["job"]["PullImage"]["Resource"] == [
        f"arn:{partition}:ecr:{region}:123456789012:repository/ml-training"
    ]
    assert view["parameters"]["TrainingImageUri"].split("/")[0].endswith(f"{region}.{suffix}")


def test_console_link_is_that_of_the_partition(plan: Plan, partition: str) -> None:
    target = module_view(plan)["notifications"]["target"]
    template = target["input_transformer"][0]["input_template"]
    hosts = {
        "aws-cn": "https://console.amazonaws.cn/",
        "aws-us-gov": "https://console.amazonaws-us-gov.com/",
    }
    assert hosts[partition] in template
