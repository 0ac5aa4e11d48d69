"""The pipeline definitions in corpus/, which the SageMaker Python SDK made (`make corpus`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from repository import REPOSITORY

CORPUS = REPOSITORY / "tests/corpus"
TEXTS: dict[str, str] = {path.stem: path.read_text() for path in sorted(CORPUS.glob("*.json"))}
"""Those that the module takes, by name: the text of each file."""
REFUSED = {path.stem: path.read_text() for path in sorted(CORPUS.glob("refused/*.json"))}
"""Those with a step of a type that the module does not take."""
DEFINITIONS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in TEXTS.items()}


def without_nulls(value: Any) -> Any:
    """The value without the members that are null: the SDK writes those that have no value."""
    if isinstance(value, Mapping):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def steps(definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All steps, those in the branches of conditions after their condition.

    Args:
        definition: of a pipeline.

    """
    yield from _nested(definition["Steps"])


def _nested(found: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in found:
        yield step
        if step["Type"] == "Condition":
            for branch in ("IfSteps", "ElseSteps"):
                yield from _nested(step["Arguments"].get(branch, []))
