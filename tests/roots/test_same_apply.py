"""VPC, buckets, key, queue, topic, roles and another pipeline may be made in the same apply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from emulated_aws.emulator import EmulatedAWS
from terraform.plan import Plan
from terraform.root import Root

SAME_APPLY = Path("tests/roots/configurations/same-apply")
PLANNED_ROOTS = {"same-apply": SAME_APPLY}


def test_one_plan_takes_it_all(plan_of_roots: Plan) -> None:
    plan = plan_of_roots.below("same-apply")

    module = "module.sagemaker_pipelines."
    created = [address for address in plan.actions if address.startswith(module)]
    # 8 roles less the brought one, 7 + 1 + 1 policies, 3 pipelines, 6 rules with their targets, 2
    # schedules in their group; alarms of 3 pipelines, of no success, of 5 rules and 2 of the group
    assert len(created) == 7 + 7 + 1 + 1 + 3 + 6 + 6 + 3 + 3 + 1 + 5 + 2
    assert set(plan.actions.values()) == {("create",)}
    # outputs are in a bucket whose ID is not known yet, and a definition has an ARN of the same
    # apply; every other check is made at plan
    assert {
        check["address"]["name"]
        for check in plan.document["checks"]
        if check["address"]["kind"] == "check"
        for instance in check["instances"]
        if instance["status"] != "pass"
    } == {
        "jobs_have_names_of_their_own",
        "no_cache_with_schedule",
        "no_condition_in_a_condition",
        "no_output_below_input",
        "no_secrets_in_environment",
        "no_trigger_on_own_output",
    }


@pytest.mark.applies
def test_one_apply_makes_it_all(committed_root: Callable[[str], Root], aws: EmulatedAWS) -> None:
    before = aws.inventory()
    root = committed_root(str(SAME_APPLY))
    try:
        root.apply()
        assert root.changes() == {}
        assert [arn.split("/")[-1] for arn in aws.inventory()["pipelines"]] == [
            "same-apply-prepare",
            "same-apply-test-ask",
            "same-apply-test-processing",
            "same-apply-test-training",
        ]
    finally:
        root.destroy()
    assert aws.inventory() == before
