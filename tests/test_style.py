"""Habits: the HCL is formatted, and no worker makes a plan that another one made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import conftest
import pytest
from harness.engine import Engine

REPOSITORY = Path(__file__).parent.parent


def test_formatted(engine: Engine) -> None:
    done = subprocess.run(
        [*engine.command, "fmt", "-check", "-diff", "-recursive", str(REPOSITORY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("plan", ["plan_of_calls", "plan_of_roots"])
def test_shared_plan_is_made_by_one_worker(plan: str) -> None:
    takers = [
        path for path in REPOSITORY.glob("tests/test_*.py") if f"{plan}: " in path.read_text()
    ]
    assert len({conftest.scope(str(path.relative_to(REPOSITORY))) for path in takers}) == 1
