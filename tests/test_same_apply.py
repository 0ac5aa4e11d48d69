"""VPC, bucket, key, queue, topic and roles may be made in the same apply as the pipelines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness.emulator import EmulatedAWS
from harness.root import Root


def test_one_plan_takes_it_all(configuration_root: Callable[[str], Root]) -> None:
    plan = configuration_root("same-apply").plan()

    module = "module.sagemaker_pipelines."
    created = [address for address in plan.actions if address.startswith(module)]
    # 6 roles less the brought one, 5 + 1 + 1 policies, 2 pipelines, 3 rules with their targets
    assert len(created) == 5 + 5 + 1 + 1 + 2 + 3 + 3
    assert set(plan.actions.values()) == {("create",)}


@pytest.mark.applies
def test_one_apply_makes_it_all(
    configuration_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    before = aws.inventory()
    root = configuration_root("same-apply")
    try:
        root.apply()
        assert root.plan().actions == {}
        assert [arn.split("/")[-1] for arn in aws.inventory()["pipelines"]] == [
            "same-apply-test-processing",
            "same-apply-test-training",
        ]
    finally:
        root.destroy()
    assert aws.inventory() == before
