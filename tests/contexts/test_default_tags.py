"""The provider's default_tags reach the jobs, which is where the money goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from inputs import VALID
from terraform.plan import Plan
from terraform.root import Root
from view import module_view


def planned(root: Root, default_tags: Mapping[str, str], calls: Mapping[str, Any]) -> Root:
    del root.environment["TF_REATTACH_PROVIDERS"]  # a kept provider has the tags of its start
    root.write(
        {
            "provider": {"aws": {"region": "us-east-1", "default_tags": {"tags": default_tags}}},
            "module": {
                name: {"source": "../module", **VALID, "tags": tags} for name, tags in calls.items()
            },
        }
    )
    return root


@pytest.fixture(scope="module")
def plan(new_root: Callable[[], Root]) -> Plan:
    calls = {"none": {}, "some": {"Team": "fraud", "App": "x"}, "most": some(43)}
    return planned(new_root(), {"Team": "ml", "CostCenter": "4711"}, calls).plan()


def some(number: int) -> dict[str, str]:
    return {f"key{index}": "value" for index in range(number)}


@pytest.mark.parametrize(
    ("call", "tags"),
    [
        ("none", {"CostCenter": "4711", "Team": "ml"}),
        ("some", {"App": "x", "CostCenter": "4711", "Team": "fraud"}),
        ("most", {"CostCenter": "4711", "Team": "ml"} | some(43)),
    ],
)
def test_jobs_have_them(call: str, tags: dict[str, str], plan: Plan) -> None:
    view = module_view(plan.below(call))
    for pipeline in ("training", "processing"):
        on_job = view[pipeline]["arguments"]["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in on_job} == tags
        assert view[pipeline]["pipeline"]["tags_all"] == tags


def test_rules_count_them(new_root: Callable[[], Root]) -> None:
    calls = {"case": {"team": "fraud"}, "many": some(44)}
    root = planned(new_root(), {"Team": "ml", "CostCenter": "4711"}, calls)
    assert {error.call: error.sentence for error in root.diagnostics()} == {
        "module.case": 'tags, including default_tags of the provider, has "Team", "team", which '
        "differ only in case: IAM treats them as one; keep one spelling.",
        "module.many": "tags has 46 entries, including default_tags of the provider: use at most "
        "45, because SageMaker adds its own up to the limit of 50.",
    }
