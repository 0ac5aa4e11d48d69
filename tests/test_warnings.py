"""What the module warns of, and lets pass."""

from __future__ import annotations

from typing import Any

import pytest
from harness.plan import Plan
from test_bad_values import VALID
from test_inputs import KEY

#: What is set, and the sentence's words; no words: no warning.
CASES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "nothing special": ({}, ()),
    "password": ({"training_environment_variables": {"DB_PASSWORD": "x"}}, ("DB_PASSWORD",)),
    "token": ({"processing_environment_variables": {"HUB_TOKEN": "x"}}, ("HUB_TOKEN",)),
    "secret": ({"processing_environment_variables": {"secret": "x"}}, ("secret in",)),
    "name of a secret": ({"training_environment_variables": {"DB_SECRET_NAME": "x"}}, ()),
    "cache and schedule": (
        {"training_cache_expire_after": "P1D"},
        ("training_cache_expire_after",),
    ),
    "both caches": (
        {"training_cache_expire_after": "P1D", "processing_cache_expire_after": "P1D"},
        ("training_cache_expire_after", "processing_cache_expire_after"),
    ),
    "cache alone": (
        {"training_cache_expire_after": "P1D", "enable_training_schedule": False},
        (),
    ),
    "volume key and local storage": (
        {"volume_kms_key_arn": KEY, "training_instance_type": "ml.g5.xlarge"},
        ("volume_kms_key_arn", "ml.g5.xlarge"),
    ),
    "volume key and m5d": (
        {"volume_kms_key_arn": KEY, "processing_instance_type": "ml.m5d.large"},
        ("ml.m5d.large",),
    ),
    "volume key": ({"volume_kms_key_arn": KEY}, ()),
    "local storage": ({"training_instance_type": "ml.g5.xlarge"}, ()),
}


PLANNED_CALLS = {name: VALID | inputs for name, (inputs, _) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_warning(name: str, plan_of_calls: Plan) -> None:
    _, words = CASES[name]
    warnings = plan_of_calls.call(name).warnings
    assert len(warnings) == bool(words)
    assert all(word in warnings[0] for word in words)
