"""The order of a definition's steps, and which of them run.

A step waits for those that it names in DependsOn, for those whose properties or property files it
refers to, and, in a branch of a Condition step, for that one
(https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html).
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Members of a Condition step's Arguments that have steps, by the outcome that runs them.
BRANCHES = {"IfSteps": True, "ElseSteps": False}


@dataclass(frozen=True)
class Node:
    """A step, and where it stands.

    Attributes:
        content: of the definition.
        condition: name of the Condition step that it is in; "" for one of the pipeline itself.
        branch: the outcome of that step that lets it run.
        waits_for: names of the steps that come before it.
    """

    content: Mapping[str, Any]
    condition: str
    branch: bool
    waits_for: frozenset[str]

    @property
    def without_branches(self) -> dict[str, Any]:
        """The step without those in its branches."""
        return without_branches(self.content)


def without_branches(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step without those in its branches."""
    arguments = step.get("Arguments", {}).items()
    inner = {name: value for name, value in arguments if name not in BRANCHES}
    return {**step, "Arguments": inner}


def nodes(steps: list[dict[str, Any]]) -> dict[str, Node]:
    """All steps by their names, those in branches of Condition steps included."""
    found = dict(_nodes(steps, "", True))
    return {
        name: Node(
            node.content, node.condition, node.branch, frozenset(node.waits_for & found.keys())
        )
        for name, node in found.items()
    }


def _nodes(steps: list[dict[str, Any]], condition: str, branch: bool) -> Iterator[tuple[str, Node]]:
    for step in steps:
        waits_for = {*step.get("DependsOn", []), *references(without_branches(step)), condition}
        yield step["Name"], Node(step, condition, branch, frozenset(waits_for - {""}))
        if step["Type"] == "Condition":
            for member, outcome in BRANCHES.items():
                yield from _nodes(step["Arguments"].get(member, []), step["Name"], outcome)


def references(value: Any) -> Iterator[str]:
    """Names of the steps whose properties or property files a value refers to."""
    if isinstance(value, dict):
        path = value.get("Get")
        if isinstance(path, str) and path.startswith("Steps."):
            yield path.split(".")[1]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def ordered(found: Mapping[str, Node]) -> Iterator[Node]:
    """The steps, one after another; AWS would run independent ones side by side."""
    graph = {name: node.waits_for for name, node in found.items()}
    for name in graphlib.TopologicalSorter(graph).static_order():
        yield found[name]


def runs(node: Node, outcomes: Mapping[str, bool], skipped: set[str]) -> bool:
    """Whether a step runs, now that those before it have ended.

    Args:
        node: the step.
        outcomes: of the Condition steps that ran.
        skipped: names of the steps that did not run: nor does what waits for them (assumed).
    """
    chosen = not node.condition or outcomes.get(node.condition) == node.branch
    return chosen and not node.waits_for & skipped
