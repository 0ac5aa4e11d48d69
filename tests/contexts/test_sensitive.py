"""Values marked as sensitive, as those of SSM parameters are, work in every input.

No error and no warning comes of the mark; the plan shows what is granted, and hides what may be a
secret. A bad value still gets its sentence, and no sentence prints a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from inputs import ACCOUNT, KEY, POLICIES, POLICY, QUEUE, ROLES, TOPIC, VALID, VPC
from terraform.plan import Plan
from terraform.root import Root

SECRET = "not-to-be-printed"
MANAGED = f"{POLICIES}msk"
SERVER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-tracking-server/ml"
DEFINITION = json.dumps(
    {
        "Version": "2020-12-01",
        "Steps": [
            {
                "Name": "Tell",
                "Type": "Lambda",
                "FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell",
                "Arguments": {"key": SECRET, "none": None},
            }
        ],
    }
)
#: Every input, but for defaults that a value would only repeat.
EVERYTHING: dict[str, Any] = (
    VALID
    | VPC
    | {
        "tags": {"Team": "ml"},
        "additional_s3_bucket_arns": ["arn:aws:s3:::data-lake"],
        "lookup_network": True,
        "kms_key_arn": KEY,
        "volume_kms_key_arn": KEY,
        "training_environment_variables": {"A": SECRET, "MLFLOW_TRACKING_URI": SERVER},
        "training_hyperparameters": {"epochs": SECRET},
        "training_instance_type": "ml.m5.large",
        "training_instance_count": 2,
        "training_volume_size_gb": 31,
        "training_max_runtime_seconds": 3600,
        "training_input_mode": "FastFile",
        "training_input_channel": "train",
        "training_additional_inputs": {
            "labels": {"s3_path": "s3://data-lake/labels/", "input_mode": "Pipe"}
        },
        "training_metric_definitions": {"loss": "loss=(.*)"},
        "training_spot": {"max_wait_seconds": 7200, "checkpoint_s3_path": "s3://my-ml-bucket/cp/"},
        "training_container_entrypoint": ["train"],
        "training_container_arguments": ["--fast"],
        "training_retry_policies": [{"exception_types": ["Step.THROTTLING"], "max_attempts": 2}],
        "training_cache_expire_after": None,
        "processing_environment_variables": {"B": SECRET},
        "processing_instance_type": "ml.m5.large",
        "processing_instance_count": 2,
        "processing_volume_size_gb": 31,
        "processing_max_runtime_seconds": 3600,
        "processing_input_distribution": "ShardedByS3Key",
        "processing_additional_inputs": {
            "model": {
                "s3_path": "s3://my-ml-bucket/models/",
                "local_path": "/opt/ml/processing/m",
                "input_mode": "Pipe",
                "distribution": "FullyReplicated",
            }
        },
        "processing_additional_outputs": {
            "report": {"s3_path": "s3://my-ml-bucket/reports/", "upload_mode": "Continuous"}
        },
        "processing_output_upload_mode": "Continuous",
        "processing_output_per_execution": True,
        "processing_container_entrypoint": ["score"],
        "processing_container_arguments": ["--fast"],
        "processing_retry_policies": [],
        "processing_cache_expire_after": None,
        "enable_network_isolation": False,
        "enable_inter_container_encryption": True,
        "max_parallel_steps": 2,
        "non_secret_names": ["A"],
        "training_schedule_enabled": True,
        "training_schedule_expression": "rate(2 days)",
        "training_schedule_parameters": {"TrainingInstanceCount": "3"},
        "processing_schedule_enabled": False,
        "processing_schedule_expression": "rate(1 day)",
        "processing_schedule_parameters": {"InferenceInputS3Uri": "s3://my-ml-bucket/full/"},
        "schedule_max_retry_attempts": 2,
        "schedule_max_event_age_seconds": 600,
        "schedule_dead_letter_queue_arn": QUEUE,
        "schedules": {
            "monthly": {
                "pipeline": "training",
                "expression": "cron(0 4 1 * ? *)",
                "timezone": "Europe/Berlin",
                "parameters": {"TrainingInstanceCount": "4"},
                "enabled": False,
                "flexible_window_minutes": 15,
                "start_date": "2097-01-01T00:00:00Z",
                "end_date": "2098-01-01T00:00:00Z",
            }
        },
        "triggers": {
            "trained": {"pipeline": "processing", "after": "training", "enabled": False},
            "arrived": {
                "pipeline": "processing",
                "s3_object": {"bucket": "arrivals", "prefix": "daily/", "suffix": "_SUCCESS"},
            },
            "asked": {
                "pipeline": "training",
                "event_pattern": '{"source": ["ml.platform"]}',
                "parameters": {"TrainingInstanceCount": "$.detail.instances"},
            },
        },
        "alarms": {
            "actions": [TOPIC],
            "failed": True,
            "failed_starts": True,
            "no_success_within_hours": {"training": 168},
            "longer_than_minutes": {"processing": 90},
        },
        "notifications": {"topic_arn": TOPIC, "statuses": ["Failed"]},
        "guardrails": {"instance_types": ["ml.m5.large"], "max_runtime_seconds": 3600},
        "additional_pipelines": {
            "tell": {
                "definition": DEFINITION,
                "description": "Tells of it.",
                "max_parallel_steps": 3,
                "additional_policies": {"kafka": POLICY},
            }
        },
        "role_arns": {"processing_pipeline": f"{ROLES}brought"},
        "role_path": "/ml/",
        "role_permissions_boundary_arn": MANAGED,
        "training_additional_policies": {"kafka": POLICY},
        "training_managed_policy_arns": {"msk": MANAGED},
        "processing_additional_policies": {"kafka": POLICY},
        "processing_managed_policy_arns": {"msk": MANAGED},
    }
)
#: Bad values, and what their sentences say of them: rules of variables.tf and of rules.tf, which
#: Terraform looks at only when the former hold.
BAD: tuple[dict[str, tuple[Any, str]], ...] = (
    {
        "project_name": ("Ml", "Ml"),
        "training_spot": ({"max_wait_seconds": 0}, "max_wait_seconds is 0"),
        "notifications": ({"topic_arn": "alerts"}, "alerts"),
        "processing_managed_policy_arns": ({"msk": "x"}, "msk"),
        "training_retry_policies": ([None], "null"),
        "schedules": ({"nightly": {"pipeline": "training", "expression": None}}, "nightly"),
        "triggers": ({"arrived": {"pipeline": None, "after": "training"}}, "arrived"),
        "alarms": ({"actions": None}, "alarms.actions"),
        "processing_additional_policies": ({"kafka": SECRET}, "kafka"),
        "processing_additional_inputs": ({"model": None}, "model"),
        "guardrails": ({"max_runtime_seconds": 0.5}, "is 0.5"),
        "additional_pipelines": ({"own": {"definition": None}}, "own"),
    },
    {
        "additional_s3_bucket_arns": (["other"], "other"),
        "role_arns": ({"processing_job": "x"}, "processing_job"),
        "tags": ({"Own|er": SECRET}, "Own|er"),
        "training_image_uri": ("busybox", "busybox"),
        "training_environment_variables": ({"1A": SECRET}, "1A"),
        "processing_environment_variables": ({"NULL": None, "C": SECRET}, "NULL"),
        "training_hyperparameters": ({"long": SECRET * 200}, "long"),
        "training_additional_policies": ({"kafka": json.dumps({"Statement": SECRET})}, "kafka"),
        "training_schedule_parameters": ({"TrainingInstanceType": "m5.large"}, "m5.large"),
        "schedules": (
            {"nightly": {"pipeline": "training", "expression": "rate(1 day)", "timezone": "CEST"}},
            "CEST",
        ),
        "triggers": ({"arrived": {"pipeline": "processing"}}, "triggers.arrived has none"),
        "alarms": ({"actions": [TOPIC], "no_success_within_hours": {"training": 200}}, "200"),
        "processing_additional_outputs": (
            {"report": {"s3_path": "s3://my-ml-bucket/r/", "local_path": "/tmp"}},
            "/tmp",
        ),
        "additional_pipelines": (
            {"own": {"definition": DEFINITION.replace("Lambda", "Endpoint")}},
            "is of type Endpoint",
        ),
    },
)


def marked(value: Any, deep: bool) -> str:
    """HCL of a value marked as a whole, or of one with marked values inside."""
    if deep and isinstance(value, dict):
        items = (f"{json.dumps(key)} = {marked(item, deep)}" for key, item in value.items())
        return f"{{ {', '.join(items)} }}"
    if deep and isinstance(value, list):
        return f"[{', '.join(marked(item, deep) for item in value)}]"
    return f"sensitive(jsondecode({json.dumps(json.dumps(value))}))"


def planned(root: Root, calls: Mapping[str, Mapping[str, Any]]) -> Root:
    """Write a root with each call twice: all inputs marked as a whole, and inside."""
    root.write(
        {
            "provider": {"aws": {"region": "us-east-1"}},
            "module": {
                f"{name}-{depth}": {
                    "source": "../module",
                    **{key: f"${{{marked(item, depth == 'deep')}}}" for key, item in call.items()},
                }
                for name, call in calls.items()
                for depth in ("whole", "deep")
            },
        }
    )
    return root


@pytest.fixture(scope="module")
def plan(new_root: Callable[[], Root]) -> Plan:
    return planned(new_root(), {"call": EVERYTHING}).plan()


def test_every_input_is_here(repository: Path) -> None:
    declared = re.findall(r'^variable "(\w+)"', (repository / "variables.tf").read_text(), re.M)
    assert set(declared) == EVERYTHING.keys()


def test_no_warning_comes_of_the_mark(plan: Plan) -> None:
    assert plan.diagnostics == ()


def hides(flag: Any) -> bool:
    """Whether any part of an argument is marked; of a block, too."""
    parts = flag.values() if isinstance(flag, dict) else flag if isinstance(flag, list) else ()
    return flag is True or any(map(hides, parts))


@pytest.mark.parametrize("depth", ["whole", "deep"])
def test_only_secrets_are_hidden(depth: str, plan: Plan) -> None:
    changes = plan.below(f"call-{depth}").document["resource_changes"]
    hidden = {
        (change["address"], name)
        for change in changes
        for name, flag in change["change"]["after_sensitive"].items()
        if hides(flag)
    }
    assert hidden == {
        ('aws_sagemaker_pipeline.this["training"]', "pipeline_definition"),
        ('aws_sagemaker_pipeline.this["processing"]', "pipeline_definition"),
        ('aws_sagemaker_pipeline.this["tell"]', "pipeline_definition"),
        ('aws_iam_role_policy.additional["tell/kafka"]', "policy"),
        ('aws_iam_role_policy.additional["training/kafka"]', "policy"),
        ('aws_iam_role_policy.additional["processing/kafka"]', "policy"),
    }


@pytest.mark.parametrize("bad", BAD, ids=["variables", "rules"])
def test_a_bad_value_gets_its_sentence_and_no_secret(
    bad: dict[str, tuple[Any, str]], new_root: Callable[[], Root]
) -> None:
    call = VALID | {name: value for name, (value, _) in bad.items()}
    found = planned(new_root(), {"call": call}).diagnostics()
    sentences = [diagnostic.sentence for diagnostic in found if diagnostic.severity == "error"]
    said = {
        name: sum(name in text and words in text for text in sentences)
        for name, (_, words) in bad.items()
    }
    assert said == dict.fromkeys(bad, 2), sentences  # marked as a whole, and inside
    assert len(sentences) == 2 * len(bad), sentences
    assert not any(SECRET in text for text in sentences)
