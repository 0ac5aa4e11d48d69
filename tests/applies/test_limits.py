"""The real provider makes each input at its limits, as the module plans it, and unmakes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulated_aws.emulator import EmulatedAWS
from inputs import VALID
from plans.valid_values import LIMITS
from terraform.root import Root

pytestmark = pytest.mark.applies

#: AWS's own policies, which are not in emulated AWS.
OF_AWS = (
    "role_permissions_boundary_arn",
    "training_managed_policy_arns",
    "processing_managed_policy_arns",
)


def test_limits_are_made(new_root: Callable[[], Root], aws: EmulatedAWS) -> None:
    before = aws.inventory()
    root = new_root()
    root.call_module(
        {
            name: {key: value for key, value in (VALID | limits).items() if key not in OF_AWS}
            for name, limits in LIMITS.items()
        }
    )

    try:
        root.apply()
        assert root.changes() == {}
        assert len(aws.inventory()["pipelines"]) == sum(
            2 + len(limits.get("additional_pipelines", {})) for limits in LIMITS.values()
        )
    finally:
        root.destroy()
    assert aws.inventory() == before
