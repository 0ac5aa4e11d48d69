"""Habits: HCL is formatted, null is the default, tests/README.md and time_zones.json are true."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

import time_zones
from repository import REPOSITORY
from terraform.engine import Engine


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


def test_time_zones_are_those_of_the_package() -> None:
    assert time_zones.PATH.read_text() == time_zones.text(), "run `make time-zones`"


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("UTC", []),
        ("Asia/Tokyo", []),
        ("America/Sao_Paulo", []),
        ("Europe/Berlin", [[1, 2]]),
        # 02:00 to 03:00 is missing in spring, 01:00 to 02:00 is twice in autumn
        ("America/New_York", [[1, 1], [1, 2]]),
        # from midnight on Sunday, and before it
        ("America/Santiago", [[1, 0], [7, 23]]),
        # on a Friday and on a Sunday
        ("Asia/Jerusalem", [[1, 1], [6, 2]]),
        # half an hour: 02:00 to 02:30, 01:30 to 02:00
        ("Australia/Lord_Howe", [[1, 1], [1, 2]]),
        # 02:45 to 03:45
        ("Pacific/Chatham", [[1, 2], [1, 3]]),
    ],
)
def test_time_zone_has_the_hours_of_its_changes(zone: str, hours: list[list[int]]) -> None:
    assert json.loads(time_zones.PATH.read_text())[zone] == hours


def test_readme_names_what_there_is() -> None:
    tests = REPOSITORY / "tests"
    named = set(re.findall(r"`([\w./]+(?:/|\.py))`", (tests / "README.md").read_text()))
    assert {name for name in named if not (tests / name).exists()} == set()
    folders = {f"{path.parent.name}/" for path in tests.glob("*/__init__.py")}
    files = {path.name for path in tests.glob("*.py")}
    assert (folders | files) - named == set()


def test_files_of_tests_have_tests() -> None:
    """Data in one without any would not be collected, so nothing would use it."""
    files = (REPOSITORY / "tests").rglob("test_*.py")
    assert [path.name for path in files if "\ndef test_" not in path.read_text()] == []


def test_names_of_tests_can_be_pasted(request: pytest.FixtureRequest) -> None:
    names = [item.nodeid for item in request.session.items]
    assert [name for name in names if re.search(r'["$`\\!]', name)] == []
