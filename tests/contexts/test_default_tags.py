"""The provider's default_tags reach everything, also the jobs, which is where the money goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from inputs import TOPIC, VALID
from terraform.plan import Plan
from terraform.root import Root
from view import module_view

STARTS = {
    "schedules": {"nightly": {"pipeline": "training", "expression": "rate(1 day)"}},
    "triggers": {"trained": {"pipeline": "processing", "after": "training"}},
    "alarms": {"actions": [TOPIC]},
}
#: A schedule has no tags; its group does.
TAGGED = {
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_metric_alarm",
    "aws_iam_role",
    "aws_sagemaker_pipeline",
    "aws_scheduler_schedule_group",
}


def planned(root: Root, default_tags: Mapping[str, str], calls: Mapping[str, Any]) -> Root:
    del root.environment["TF_REATTACH_PROVIDERS"]  # a kept provider has the tags of its start
    root.write(
        {
            "provider": {"aws": {"region": "us-east-1", "default_tags": {"tags": default_tags}}},
            "module": {
                name: {"source": "../module", **VALID, **STARTS, "tags": tags}
                for name, tags in calls.items()
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
def test_everything_has_them(call: str, tags: dict[str, str], plan: Plan) -> None:
    part = plan.below(call)
    view = module_view(part)
    for pipeline in ("training", "processing"):
        on_job = view[pipeline]["arguments"]["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in on_job} == tags
    tagged = part.values("tags_all")
    assert {address.split(".")[0] for address in tagged} == TAGGED
    assert [address for address, found in tagged.items() if found != tags] == []


def test_rules_count_them(new_root: Callable[[], Root]) -> None:
    calls = {"case": {"team": "fraud"}, "many": some(44)}
    root = planned(new_root(), {"Team": "ml", "CostCenter": "4711"}, calls)
    assert {error.call: error.sentence for error in root.diagnostics()} == {
        "module.case": 'tags, including default_tags of the provider, has "Team", "team", which '
        "differ only in case: IAM treats them as one; keep one spelling.",
        "module.many": "tags has 46 entries, including default_tags of the provider: use at most "
        "45, because SageMaker adds its own up to the limit of 50.",
    }
