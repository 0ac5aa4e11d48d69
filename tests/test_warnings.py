"""What the module warns of, and lets pass."""

from __future__ import annotations

from typing import Any

import pytest
from harness.plan import Plan
from inputs import KEY, VALID

#: What is set, and how the warnings begin.
CASES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": (
        {
            "training_environment_variables": {"DB_SECRET_NAME": "x"},
            "processing_environment_variables": {"TOKEN_URL": "x"},
            "training_cache_expire_after": "P1D",
            "enable_training_schedule": False,
            "volume_kms_key_arn": KEY,
        },
        set(),
    ),
    "local storage without a key": ({"training_instance_type": "ml.g5.xlarge"}, set()),
    "training": (
        {
            "training_environment_variables": {"DB_PASSWORD": "x", "DB_USER": "x"},
            "training_cache_expire_after": "P1D",
            "volume_kms_key_arn": KEY,
            "training_instance_type": "ml.g5.xlarge",
        },
        {
            "DB_PASSWORD in ",
            "training_cache_expire_after is set beside a schedule",
            "volume_kms_key_arn is set, but ml.g5.xlarge has local storage",
        },
    ),
    "processing": (
        {
            "processing_environment_variables": {"HUB_TOKEN": "x", "secret": "x"},
            "processing_cache_expire_after": "P1D",
            "volume_kms_key_arn": KEY,
            "processing_instance_type": "ml.m5d.large",
        },
        {
            "HUB_TOKEN, secret in ",
            "processing_cache_expire_after is set beside a schedule",
            "volume_kms_key_arn is set, but ml.m5d.large has local storage",
        },
    ),
    "both": (
        {
            "training_environment_variables": {"API_KEY": "x"},
            "processing_environment_variables": {"SECRET_KEY": "x"},
            "training_cache_expire_after": "P1D",
            "processing_cache_expire_after": "P1D",
        },
        {
            "API_KEY, SECRET_KEY in ",
            "processing_cache_expire_after, training_cache_expire_after is set beside a schedule",
        },
    ),
}

PLANNED_CALLS = {f"warnings {name}": VALID | inputs for name, (inputs, _) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_warnings(name: str, plan_of_calls: Plan) -> None:
    _, beginnings = CASES[name]
    warnings = plan_of_calls.call(f"warnings {name}").warnings
    assert len(warnings) == len(beginnings)
    assert all(any(text.startswith(words) for text in warnings) for words in beginnings)
