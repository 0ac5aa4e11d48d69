"""Habits: the HCL is formatted, null is the default, and no worker plans what another planned."""

from __future__ import annotations

import re
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


def test_null_stands_for_a_default_that_is_not_null() -> None:
    """A caller that passes null on gets the default, and no expression has to reckon with null."""
    blocks = re.findall(
        r'(?ms)^variable "(\w+)" {(.*?)^}', (REPOSITORY / "variables.tf").read_text()
    )
    assert blocks
    for name, block in blocks:
        has_null = re.search(r"^  default += null$", block, re.M) is not None
        not_nullable = re.search(r"^  nullable += false$", block, re.M) is not None
        assert has_null != not_nullable, name


@pytest.mark.parametrize("plan", ["plan_of_calls", "plan_of_roots"])
def test_shared_plan_is_made_by_one_worker(plan: str) -> None:
    takers = [
        path for path in REPOSITORY.glob("tests/test_*.py") if f"{plan}: " in path.read_text()
    ]
    assert len({conftest.scope(str(path.relative_to(REPOSITORY))) for path in takers}) == 1
