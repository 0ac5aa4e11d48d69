"""The README's tables of requirements, resources, inputs and outputs, made from the .tf files.

`make docs` (`python tools/docs.py`) writes them between the markers in README.md, in the layout of
terraform-docs, but for object types and long defaults: they stand below the table, because a table
that holds them is wider than the page. `python tools/docs.py --check` writes nothing: it prints
the difference, and exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import difflib
import functools
import itertools
import json
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

REPOSITORY = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"

_OPTIONS = hcl2.SerializationOptions(with_comments=False, explicit_blocks=False)


class MarkersMissingError(ValueError):
    """A text has no pair of markers to write the tables between."""


@dataclass(frozen=True)
class Variable:
    """An input of the module.

    Attributes:
        type: as written in the file, on one line.
        default: JSON-like value; None is null, and means nothing where `required`.

    """

    name: str
    description: str
    type: str
    required: bool
    default: Any


@dataclass(frozen=True)
class Module:
    """What the .tf files of a folder declare.

    Attributes:
        outputs: name to description.
        resources: addresses such as "aws_iam_role.job", data sources as "data.aws_vpc.this".
        requirements: "terraform" and the providers, to their version constraints.
        locals: name to value; expressions are text in ``${}``.

    """

    variables: tuple[Variable, ...]
    outputs: dict[str, str]
    resources: tuple[str, ...]
    requirements: dict[str, str]
    locals: dict[str, Any]


def read_hcl(text: str) -> dict[str, Any]:
    """HCL as Python values: strings plain, expressions in ``${}``, comments and layout dropped.

    Blocks become lists of mappings, labels their keys.

    Raises:
        lark.exceptions.LarkError: it is no HCL.

    """
    plain: dict[str, Any] = _plain(hcl2.loads(text, serialization_options=_OPTIONS))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_plain(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value


@functools.cache
def read_module(folder: Path = REPOSITORY) -> Module:
    """Read the .tf files of `folder`, variables and outputs in the order of the files."""
    files = [read_hcl(path.read_text()) for path in sorted(folder.glob("*.tf"))]
    settings = next(_blocks(files, "terraform"))
    (providers,) = settings["required_providers"]
    return Module(
        variables=tuple(
            Variable(
                name=name,
                description=_text(body["description"]),
                type=re.sub(r"^\$\{(.*)\}$", r"\1", body["type"]),
                required="default" not in body,
                default=body.get("default"),
            )
            for name, body in _labeled(files, "variable")
        ),
        outputs={name: _text(body["description"]) for name, body in _labeled(files, "output")},
        resources=tuple(
            sorted(f"{kind}.{name}" for kind, body in _labeled(files, "resource") for name in body)
            + sorted(
                f"data.{kind}.{name}" for kind, body in _labeled(files, "data") for name in body
            )
        ),
        requirements={
            "terraform": settings["required_version"],
            **{name: provider["version"] for name, provider in providers.items()},
        },
        locals={name: value for body in _blocks(files, "locals") for name, value in body.items()},
    )


def _text(value: str) -> str:
    """A string or heredoc: one line a paragraph or bullet."""
    lines = textwrap.dedent(re.sub(r"^<<-EOT\n|\s*EOT$", "", value)).strip()
    return re.sub(r"\n(?!- )\s*", " ", lines)


def _blocks(files: list[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    for file in files:
        yield from file.get(kind, [])


def _labeled(files: list[dict[str, Any]], kind: str) -> Iterator[tuple[str, Any]]:
    for block in _blocks(files, kind):
        yield from block.items()


def tables(module: Module) -> str:
    """The Markdown between the markers."""
    lines = ["## Requirements", "", "| Name | Version |", "|------|---------|"]
    lines += [f"| {name} | `{version}` |" for name, version in module.requirements.items()]
    lines += ["", "## Resources", "", "| Name | Type |", "|------|------|"]
    for address in module.resources:
        kind = "data source" if address.startswith("data.") else "resource"
        lines.append(f"| `{address.removeprefix('data.')}` | {kind} |")
    lines += ["", "## Inputs", "", "| Name | Description | Type | Default | Required |"]
    lines.append("|------|-------------|------|---------|:--------:|")
    for variable in module.variables:
        cells = [
            _anchor("input", variable.name),
            _cell(variable.description),
            _type(variable),
            "n/a" if variable.required else _default(variable),
            "yes" if variable.required else "no",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += _details(module)
    lines += ["", "## Outputs", "", "| Name | Description |", "|------|-------------|"]
    for name, description in module.outputs.items():
        lines.append(f"| {_anchor('output', name)} | {_cell(description)} |")
    return "\n".join(lines)


def _anchor(kind: str, name: str) -> str:
    return f'<a name="{kind}_{name}"></a> [{_breakable(name)}](#{kind}_{name})'


def _cell(text: str) -> str:
    escaped = text.replace("|", "\\|").replace("<", "&lt;")
    return _breakable(escaped).replace("\n", "<br/>")


def _breakable(text: str) -> str:
    """Let long names and paths wrap: a column is as wide as its longest word."""
    long_words = r"[^\s()\[\]]{21,}"
    return re.sub(long_words, lambda word: re.sub(r"([_/.])(?=\w)", r"\1<wbr>", word[0]), text)


def _type(variable: Variable) -> str:
    kind, is_object, _ = variable.type.partition("object(")
    if not is_object:
        return f"`{kind}`"
    closing = ")" * kind.count("(")
    return f"[`{kind}object{closing}`](#type_{variable.name})"


def _default(variable: Variable) -> str:
    if "object(" in variable.type and variable.default:
        return f"[below](#type_{variable.name})"
    return f"`{json.dumps(variable.default)}`"


def _details(module: Module) -> list[str]:
    """Object types and long defaults; variables that share both share a block."""
    named: dict[str, list[str]] = {}
    for variable in module.variables:
        if "object(" in variable.type:
            text = f"type = {_object_type(variable.type)}"
            if variable.default:
                text += f"\n\ndefault = {_hcl_list(variable.default)}"
            named.setdefault(text, []).append(variable.name)
    lines = ["", "### Object types"] if named else []
    for text, names in named.items():
        title = ", ".join(f'<a name="type_{name}"></a>`{name}`' for name in names)
        lines += ["", title, "", "```terraform", text, "```"]
    return lines


def _object_type(text: str, indent: str = "") -> str:
    """An object type, one member a line, laid out as `terraform fmt` does."""
    opening, _, rest = text.partition("object({")
    members, _, closing = rest.rpartition("})")
    lines = ""
    for nested, group in itertools.groupby(_members(members), lambda pair: "object(" in pair[1]):
        pairs = [*group]
        width = 0 if nested else max(len(name) for name, _ in pairs)
        for name, kind in pairs:
            shown = _object_type(kind, f"{indent}  ") if nested else kind
            lines += f"{indent}  {name:{width}} = {shown}\n"
    return f"{opening}object({{\n{lines}{indent}}}){closing}"


def _members(text: str) -> Iterator[tuple[str, str]]:
    """Names and types of an object's members; those of objects in it stay with them."""
    member, depth = "", 0
    for part in re.split(r"([(){}]|, (?=\w+ = ))", text):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(part, 0)
        if part == ", " and not depth:
            name, _, kind = member.partition(" = ")
            yield name, kind
            member = ""
        else:
            member += part
    name, _, kind = member.partition(" = ")
    yield name, kind


def _hcl_list(items: list[dict[str, Any]]) -> str:
    lines = ""
    for item in items:
        members = [f"{name} = {json.dumps(value)}" for name, value in item.items()]
        line = f"  {{ {', '.join(members)} }},\n"
        if len(line) > 100:
            line = "  {\n" + "".join(f"    {member}\n" for member in members) + "  },\n"
        lines += line
    return f"[\n{lines}]"


def inject(text: str, generated: str) -> str:
    """`text` with `generated` between its markers.

    Raises:
        MarkersMissingError: there is not exactly one pair of markers.

    """
    parts = re.split(f"{BEGIN}.*{END}", text, flags=re.DOTALL)
    if len(parts) != 2 or text.count(BEGIN) != 1 or text.count(END) != 1:
        raise MarkersMissingError(f"expected one {BEGIN} and, after it, one {END}")
    return f"{parts[0]}{BEGIN}\n{generated}\n{END}{parts[1]}"


def update(folder: Path, *, write: bool) -> str:
    """Bring the tables in `folder`/README.md up to date with the .tf files beside it.

    Returns:
        The difference, as `diff -u` shows it; empty where there is none.

    Raises:
        MarkersMissingError: as `inject`.

    """
    readme = folder / "README.md"
    old = readme.read_text()
    new = inject(old, tables(read_module(folder)))
    if write and new != old:
        readme.write_text(new)
    names = ("README.md", "README.md, after make docs")
    return "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), *names))


def main() -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    check = parser.parse_args().check
    difference = update(REPOSITORY, write=not check)
    print(difference, end="")
    return 1 if check and difference else 0


if __name__ == "__main__":
    sys.exit(main())
