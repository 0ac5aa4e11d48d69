"""The HCL is formatted, and valid without warnings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from harness.engine import Engine
from harness.provider import Installation

REPOSITORY = Path(__file__).parent.parent
ROOTS = [".", *sorted(f"examples/{path.name}" for path in (REPOSITORY / "examples").iterdir())]


def test_formatted(engine: Engine) -> None:
    done = subprocess.run(
        [*engine.command, "fmt", "-check", "-diff", "-recursive", str(REPOSITORY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("root", ROOTS)
def test_valid_without_warnings(
    root: str, repository: Path, installation: Installation, shared_environment: dict[str, str]
) -> None:
    installation.prepare(repository / root)
    done = subprocess.run(
        [*installation.engine.command, "validate", "-json"],
        cwd=repository / root,
        env=shared_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)["diagnostics"] == []
