"""The Makefile: its targets are listed, and `make clean` takes what was made and no more."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from repository import REPOSITORY

MADE = (
    ".venv/bin/python",
    ".mypy_cache/a",
    ".pytest_cache/a",
    ".ruff_cache/a",
    "build/a",
    "tests.egg-info/a",
    "tests/plans/__pycache__/a.pyc",
    ".terraform.lock.hcl",
    "examples/no-vpc/.terraform/providers/a",
    "examples/no-vpc/.terraform.lock.hcl",
)
KEPT = (
    "Makefile",
    "main.tf",
    "examples/no-vpc/main.tf",
    "examples/no-vpc/terraform.tfstate",
    "examples/no-vpc/terraform.tfvars",
    ".live/t-12345678-no-vpc/examples/no-vpc/terraform.tfstate",
    ".live/t-12345678-no-vpc/examples/no-vpc/.terraform/providers/a",
)


def make(target: str, directory: Path) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", target], cwd=directory, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_clean(tmp_path: Path) -> None:
    for name in (*MADE, *KEPT):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    for _ in range(2):
        make("clean", tmp_path)
        left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
        assert left == set(KEPT)


def test_help_lists_every_target() -> None:
    (phony,) = re.findall(r"(?m)^\.PHONY: (.*)$", (REPOSITORY / "Makefile").read_text())
    lines = make("help", REPOSITORY).splitlines()
    assert [line.split()[0] for line in lines] == phony.split()
    assert all(len(line) <= 100 for line in lines)
