"""examples/complete sets every input, but for those that its README names with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import docs

REPOSITORY = Path(__file__).parent.parent
EXAMPLE = REPOSITORY / "examples/complete"


def test_complete_sets_every_input_but_those_named() -> None:
    (call,) = docs.read_hcl((EXAMPLE / "main.tf").read_text())["module"]
    inputs = call["sagemaker_pipelines"].keys() - {"source"}
    rows = re.findall(r"(?m)^\| (`.+?`) \| .{20,} \|$", (EXAMPLE / "README.md").read_text())
    left_out = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    assert inputs & left_out == set()
    assert inputs | left_out == {variable.name for variable in docs.read_module().variables}
