"""One version everywhere: pyproject.toml has it, and the documents pin and describe it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from repository import REPOSITORY
from roots.documents import DOCUMENTS

PYPROJECT = (REPOSITORY / "pyproject.toml").read_text()
CHANGELOG = (REPOSITORY / "CHANGELOG.md").read_text()
UPGRADING = (REPOSITORY / "UPGRADING.md").read_text()

Version = tuple[int, ...]


def parsed(version: str) -> Version:
    return tuple(int(number) for number in version.split("."))


@pytest.fixture(scope="module")
def version() -> str:
    (found,) = re.findall(r'(?m)^version = "(\d+\.\d+\.\d+)"$', PYPROJECT)
    return str(found)


def test_documents_pin_the_version(version: str) -> None:
    pins = {
        f"{path.relative_to(REPOSITORY)}: {pin}": pin
        for path in DOCUMENTS
        for pin in re.findall(r"\?ref=([^\s\"&`]+)", path.read_text())
        if re.match(r"v\d", pin)
    }
    assert any(pin.startswith("README.md") for pin in pins)
    assert {place for place, pin in pins.items() if pin != f"v{version}"} == set()


def test_changelog_has_dated_sections_newest_first(version: str) -> None:
    headings = re.findall(r"(?m)^## (.*)$", CHANGELOG)
    assert headings[0] == "[Unreleased]"
    releases = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", it) for it in headings[1:]]
    assert all(releases), headings
    found = [(parsed(it[1]), date.fromisoformat(it[2])) for it in releases if it]
    assert found[0][0] == parsed(version), "the newest section is not the version of pyproject.toml"
    assert found == sorted(found, reverse=True)


def test_changelog_links_compare_each_release_with_the_one_before() -> None:
    releases = re.findall(r"(?m)^## \[(\d.*?)\]", CHANGELOG)
    links = dict(re.findall(r"(?m)^\[(.+?)\]: https://github\.com/[^/]+/[^/]+/(.+)$", CHANGELOG))
    newer = ["Unreleased", *releases]
    expected = {
        name: f"compare/v{before}...{'HEAD' if name == 'Unreleased' else f'v{name}'}"
        for name, before in zip(newer, releases, strict=False)
    }
    assert links == expected | {releases[-1]: f"releases/tag/v{releases[-1]}"}


def test_upgrading_is_about_releases() -> None:
    """Each section is about a release of the changelog, oldest last, or what comes next."""
    text = re.sub(r"(?s)<!--.*?-->", "", UPGRADING)
    sections = re.findall(r"(?m)^## (.*)$", text)
    releases = re.findall(r"(?m)^## \[(.*?)\]", CHANGELOG)
    assert sections
    assert sections == [name for name in releases if name in sections]
    for section in re.split(r"(?m)^## .*$", text)[1:]:
        parts = re.findall(r"(?m)^\*\*(.*?)\.\*\*", section)
        assert parts == ["What changes", "What the plan shows", "What to do"]


def test_contributing_names_every_file_of_the_module() -> None:
    table = (REPOSITORY / "CONTRIBUTING.md").read_text()
    (table,) = re.findall(r"(?s)\n## Where things are\n(.*?)\n## ", table)
    files = {path.name for kind in ("*.tf", "*.json") for path in REPOSITORY.glob(kind)}
    assert files - set(re.findall(r"`(\w+\.(?:tf|json))`", table)) == set()
