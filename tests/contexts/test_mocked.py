"""A user's own `terraform test` with a mocked provider (docs/testing.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inputs import QUEUE, TOPIC, VALID
from roots.documents import blocks
from terraform.native import run_tests, with_tests
from terraform.root import Root

#: mock_provider came with Terraform 1.7; it applies, so --plan-only and the matrix leave it out
pytestmark = pytest.mark.applies

EMPTY = """\
mock_provider "aws" {}

run "plan" {
  command = plan
}

run "apply" {
  command = apply
}
"""


@pytest.mark.parametrize("example", ["both-pipelines", "complete"])
def test_empty_mock(example: str, example_root: Callable[[str], Root]) -> None:
    run_test(example_root(example), EMPTY, runs=2)


def test_empty_mock_of_starts_and_alarms(new_root: Callable[[], Root]) -> None:
    """A mocked provider makes up a region, which neither a trust nor an alarm's ARN may hold."""
    root = new_root()
    starts = {
        "schedules": {"nightly": {"pipeline": "training", "expression": "rate(1 day)"}},
        "triggers": {"trained": {"pipeline": "processing", "after": "training"}},
        "alarms": {"actions": [TOPIC], "no_success_within_hours": {"training": 168}},
        "schedule_dead_letter_queue_arn": QUEUE,
    }
    root.call_module({"call": VALID | starts})
    run_test(root, EMPTY, runs=2)


def test_documented_mock(example_root: Callable[[str], Root]) -> None:
    (block,) = (block for block in blocks("hcl") if block.directive == "tftest")
    run_test(example_root("both-pipelines"), block.text, runs=2)


def run_test(root: Root, text: str, runs: int) -> None:
    """Run `terraform test` with this file in a root, without AWS."""
    with with_tests(root, text):
        said = run_tests(root)
    assert f"Success! {runs} passed, 0 failed." in said
