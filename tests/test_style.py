"""The HCL is formatted."""

from __future__ import annotations

import subprocess
from pathlib import Path

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
