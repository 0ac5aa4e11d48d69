"""What demo and rehearsal have in common: the examples, and the way they speak."""

from __future__ import annotations

import functools
import json
import textwrap
from pathlib import Path
from typing import Any

from rich.console import Console

from docs import read_hcl
from repository import REPOSITORY

EXAMPLES = sorted(path.name for path in (REPOSITORY / "examples").iterdir())

OVERRIDE = "stage_override.tf.json"
"""The file in an example that :func:`override` writes."""

# ARNs are there to be copied: neither the console nor the wrapper breaks them
console = Console(highlight=False, markup=False, emoji=False)
say = functools.partial(console.print, soft_wrap=True)
prose = textwrap.TextWrapper(79, break_long_words=False, break_on_hyphens=False)


def heading(text: str) -> None:
    """Say the title of a section."""
    say(f"\n── {text} {'─' * (75 - len(text))}\n", style="bold")


def inputs(example: Path) -> dict[str, Any]:
    """The arguments of the module call in an example."""
    (call,) = read_hcl((example / "main.tf").read_text())["module"]
    arguments: dict[str, Any] = call["sagemaker_pipelines"]
    return arguments


def pipelines(example: Path) -> list[str]:
    """The pipelines that an example has, of training and processing."""
    given, defaults = inputs(example), {"training": True, "processing": False}
    return [key for key in defaults if given.get(f"enable_{key}_pipeline", defaults[key])]


def additional_pipelines(example: Path) -> list[str]:
    """The keys of the pipelines that an example brings."""
    return list(inputs(example).get("additional_pipelines", {}))


def schedules(example: Path) -> dict[str, Any]:
    """Arguments that switch on the schedules of all pipelines, unless it says what starts them."""
    if "schedules" in inputs(example):
        return {}
    return {f"enable_{pipeline}_schedule": True for pipeline in pipelines(example)}


def outside(example: Path) -> dict[str, Any]:
    """What its steps write, as `make rehearse` takes it with --outside."""
    file = example / "rehearsal.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def override(example: Path, arguments: dict[str, Any]) -> None:
    """Give the module call of an example other arguments."""
    text = json.dumps({"module": {"sagemaker_pipelines": arguments}})
    (example / OVERRIDE).write_text(text)
