"""Many cases in few module calls: a plan costs seconds, and half a second more for every call."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from terraform.root import TerraformError


def pack(cases: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[int]]:
    """Put cases that set different inputs, or the same to the same value, into one call.

    A case whose outcome depends on an input that another case sets names that input, too.

    Args:
        cases: the inputs that each case sets.

    Returns:
        The inputs of each call, and for each case the index of its call.

    """
    calls: list[dict[str, Any]] = []
    places = []
    for case in cases:
        fits = (
            place
            for place, call in enumerate(calls)
            if all(call.get(name, value) == value for name, value in case.items())
        )
        place = next(fits, len(calls))
        if place == len(calls):
            calls.append({})
        calls[place] |= case
        places.append(place)
    return calls, places


def explain(error: TerraformError, rows: Mapping[str, Sequence[str]]) -> str:
    """The errors of a plan of calls, and what the calls that have errors are made of.

    Args:
        error: of the plan.
        rows: name of a call of :meth:`terraform.root.Root.call_module` to the names of its rows.

    """
    lines = [str(error)]
    failed = {found.call for found in error.errors}
    for name, packed in rows.items():
        if (call := f'module.pipelines["{name}"]') in failed:
            has = f"{call} has the rows {', '.join(packed)}."
            lines.append(textwrap.fill(has, 100, break_on_hyphens=False))
    return "\n".join(lines)


def compare(what: str, got: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Fail when values differ, with a line for each of them.

    Args:
        what: the input and the call that they come from.
        got: name to value.
        expected: name to value; what it does not name is not compared.

    """
    lines = [
        f"{name}:\n       got {_shown(got.get(name))}\n  expected {_shown(value)}"
        for name, value in expected.items()
        if got.get(name) != value
    ]
    if lines:
        pytest.fail("\n".join([what, *lines]), pytrace=False)


def _shown(value: Any) -> str:
    return textwrap.shorten(repr(value), 600, placeholder=" ...")


def declared(session: pytest.Session, name: str) -> dict[str, Any]:
    """The union of what the modules of the collected tests have under a name."""
    modules = {item.module for item in session.items if isinstance(item, pytest.Function)}
    found: dict[str, Any] = {}
    for module in sorted(modules, key=lambda module: str(module.__name__)):
        more = getattr(module, name, {})
        assert not found.keys() & more.keys(), f"{module.__name__}: {name} has names of another"
        found |= more
    return found
