"""The module's own definitions, compared with those that the SageMaker Python SDK makes.

The SDK's are corpus/training.json and corpus/processing.json: what somebody would write with it to
get the same pipelines (../tools/corpus.py). The module writes all of it but DIFFERENCES.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from definitions import DEFINITIONS, without_nulls
from inputs import KEY, VALID, VPC
from terraform.plan import Plan

ARGUMENTS = "Steps[0].Arguments"
OUTPUT = {"Get": "Parameters.ModelOutputS3Uri"}
PLANNED_CALLS = {
    "as the SDK does": VALID
    | VPC
    | {
        "tags": {"Team": "ml"},
        "kms_key_arn": KEY,
        "volume_kms_key_arn": KEY,
        "enable_network_isolation": True,
        "enable_inter_container_encryption": True,
        "training_instance_type": "ml.g5.2xlarge",
        "training_instance_count": 2,
        "training_volume_size_gb": 100,
        "training_max_runtime_seconds": 7200,
        "training_input_mode": "FastFile",
        "training_additional_inputs": {
            "validation": {
                "s3_path": "s3://my-ml-bucket/validation/",
                "input_mode": "File",
                "content_type": "text/csv",
                "distribution": "ShardedByS3Key",
            }
        },
        "training_environment_variables": {"LOG_LEVEL": "info"},
        "training_hyperparameters": {"epochs": "10"},
        "training_metric_definitions": {"validation:auc": "auc=([0-9.]+)"},
        "training_container_entrypoint": ["python3", "train.py"],
        "training_container_arguments": ["--verbose"],
        "training_spot": {
            "max_wait_seconds": 10800,
            "checkpoint_s3_path": "s3://my-ml-bucket/checkpoints/",
        },
        "training_retry_policies": [
            {
                "exception_types": ["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"],
                "interval_seconds": 30,
                "backoff_rate": 2,
                "max_attempts": 3,
            }
        ],
        "processing_instance_type": "ml.c5.4xlarge",
        "processing_instance_count": 4,
        "processing_volume_size_gb": 60,
        "processing_max_runtime_seconds": 1800,
        "processing_input_distribution": "ShardedByS3Key",
        "processing_output_upload_mode": "Continuous",
        "processing_output_per_execution": True,
        "processing_environment_variables": {"THRESHOLD": "0.5"},
        "processing_container_entrypoint": ["python3", "score.py"],
        "processing_container_arguments": ["--format", "csv"],
        "processing_cache_expire_after": "P7D",
        "processing_retry_policies": [
            {
                "exception_types": ["Step.THROTTLING", "Step.SERVICE_FAULT"],
                "interval_seconds": 10,
                "backoff_rate": 1.5,
                "expire_after_minutes": 60,
            }
        ],
    }
}


#: What only the SDK writes: pipeline, member, value, and why the module does without.
DIFFERENCES: list[tuple[str, str, Any, str]] = [
    (
        "training",
        "Metadata",
        {},
        "says nothing",
    ),
    (
        "training",
        f"{ARGUMENTS}.DebugHookConfig.S3OutputPath",
        OUTPUT,
        "the SDK turns Debugger on unless debugger_hook_config=False; CreateTrainingJob does not",
    ),
    (
        "training",
        f"{ARGUMENTS}.DebugHookConfig.CollectionConfigurations",
        [],
        "part of the same",
    ),
    (
        "training",
        f"{ARGUMENTS}.ProfilerConfig.S3OutputPath",
        OUTPUT,
        "the SDK turns the profiler on unless disable_profiler=True; the module asks for none",
    ),
    (
        "training",
        f"{ARGUMENTS}.ProfilerConfig.DisableProfiler",
        False,
        "part of the same",
    ),
    (
        "processing",
        "Metadata",
        {},
        "says nothing",
    ),
    (
        "processing",
        f"{ARGUMENTS}.ProcessingInputs[0].AppManaged",
        False,
        "the default of the API: SageMaker copies the data, not the application",
    ),
    (
        "processing",
        f"{ARGUMENTS}.ProcessingInputs[0].S3Input.S3CompressionType",
        "None",
        "data are decompressed only where Gzip is asked for, and only in Pipe mode",
    ),
    (
        "processing",
        f"{ARGUMENTS}.ProcessingOutputConfig.Outputs[0].AppManaged",
        False,
        "the default of the API, as for inputs",
    ),
]


@pytest.mark.parametrize("pipeline", ["training", "processing"])
def test_definition_is_what_the_sdk_makes(pipeline: str, plan_of_calls: Plan) -> None:
    resources = plan_of_calls.call("as the SDK does").resources
    own = resources[f'aws_sagemaker_pipeline.this["{pipeline}"]']["pipeline_definition"]
    module, sdk = dict(_members(own)), dict(_members(without_nulls(DEFINITIONS[pipeline])))
    expected = {member: value for key, member, value, _ in DIFFERENCES if key == pipeline}
    only_sdk = {member: sdk[member] for member in sdk.keys() - module.keys()}
    assert only_sdk == expected
    shared = {member: sdk[member] for member in sdk.keys() & module.keys()}
    assert module == shared


def _members(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each member by its path; a reference is one, and so is what is empty."""
    if isinstance(value, Mapping) and value and not value.keys() & {"Get", "Std:Join"}:
        for name, item in value.items():
            yield from _members(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _members(item, f"{path}[{index}]")
    else:
        yield path, value
