"""What a check of a pipeline definition finds, and the pieces of which such checks are made."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from emulated_aws import shapes


@dataclass
class Findings:
    """Collects what is wrong.

    Attributes:
        lines: one each: the place as a JSON path, what is there, and what was expected.
    """

    lines: list[str] = field(default_factory=list)

    def refuse(self, path: shapes.Path, got: Any, expected: str) -> None:
        """Say that something is wrong."""
        self.lines.append(f"{_json_path(path)}: got {_shown(got)}, expected {expected}")

    def must(self, held: bool, path: shapes.Path, got: Any, expected: str) -> bool:
        """Say so where something does not hold; tells whether it does."""
        if not held:
            self.refuse(path, got, expected)
        return held

    def only(self, value: Mapping[str, Any], known: Set[str], path: shapes.Path) -> None:
        """Look for members that are not known."""
        for name in value.keys() - known:
            self.refuse((*path, name), value[name], f"no such member: {', '.join(sorted(known))}")

    def objects(
        self, value: Any, path: shapes.Path
    ) -> Iterator[tuple[shapes.Path, dict[str, Any]]]:
        """The objects of what has to be a list of them."""
        if not self.must(isinstance(value, list), path, value, "a list"):
            return
        for index, item in enumerate(value):
            if self.must(isinstance(item, dict), (*path, index), item, "an object"):
                yield (*path, index), item

    def unique(self, items: Sequence[tuple[shapes.Path, Any]]) -> None:
        """Look for names that occur twice."""
        counts = Counter(str(name) for _, name in items if name is not None)
        for path, name in items:
            if counts[str(name)] > 1:
                self.refuse(path, name, "a name that occurs once")

    def add(self, violations: Iterable[shapes.Violation], path: shapes.Path) -> None:
        """Take in what is wrong below ``path``."""
        for violation in violations:
            self.refuse((*path, *violation.path), violation.got, violation.expected)


def _json_path(path: shapes.Path) -> str:
    parts = (
        f"[{part}]"
        if isinstance(part, int)
        else f".{part}"
        if re.fullmatch(r"[\w:-]+", part)
        else f"[{json.dumps(part)}]"
        for part in path
    )
    return "$" + "".join(parts)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, default=lambda _: "(known when it runs)")
    return text if len(text) <= 200 else f"{text[:200]}..."
