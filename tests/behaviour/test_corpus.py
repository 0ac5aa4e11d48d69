"""Executions of the definitions in corpus/, with the roles that the module derives from them."""

from __future__ import annotations

import pytest

from behaviour.conftest import START
from decisions import Decisions, decide_call
from definitions import DEFINITIONS
from emulated_aws.corpus_runs import RUNS
from emulated_aws.emulator import EmulatedAWS
from terraform.plan import Plan

PREFIX = "ml-platform-test-my-"


@pytest.fixture(scope="module")
def decisions(plan: Plan, double: EmulatedAWS) -> dict[str, Decisions]:
    """By name of the definition: its executions, all in one account."""
    double.reset()
    double.runtime.reset(START)
    runs = {f"{PREFIX}{name}": found for name, found in RUNS.items()}
    found = decide_call(plan.call("corpus"), double, runs)
    return {name.removeprefix(PREFIX): executions for name, executions in found.items()}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_step_runs_with_the_derived_role(name: str, decisions: dict[str, Decisions]) -> None:
    found = decisions[name]
    failed = [
        f"{step.name}: {step.reason}"
        for execution in found.executions
        for step in execution.steps
        if step.status != "Succeeded" and step.kind != "Fail"
    ]
    assert (failed, found.denied, found.left_out) == ([], [], set())
