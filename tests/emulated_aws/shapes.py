"""Values against botocore's service models: what AWS's own model files say of a request.

botocore's client looks at required members, types and minimums only; patterns, enums and maximums
stand in the same files, and the services enforce them.

Lengths are characters: documented ("length"), and taken here as code points, neither bytes, nor
UTF-16 units, nor what a reader sees as one letter. Patterns are Java's and hold for the whole value
(assumed: the API reference prints them with ^ and $), so a closing line break never fits, and a dot
takes no line terminator (java.util.regex.Pattern: line feed, carriage return, U+0085, U+2028,
U+2029).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import regex
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

#: Stands for a value that is known only when the job runs; it fits every scalar shape.
ANYTHING: Final = object()

Path = tuple[str | int, ...]
Kind = Literal["constraint", "missing", "unknown", "type"]

# Java writes what lies beyond the basic plane as surrogate pairs.
_SURROGATES = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
_DOT = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|(?P<dot>\.)")
_NO_LINE_BREAK = r"[^\n\r\u0085\u2028\u2029]"
# As it stands in the model, it backtracks for ever on a definition that it does not fit.
_QUICKER = {r".*(?:[ \r\n\t].*)*": r"[^\u0085\u2028\u2029]*"}
_SIZED = {"string": "length", "blob": "length", "list": "length", "map": "length"}
_JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "blob": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


@dataclass(frozen=True)
class Violation:
    """A value that a shape does not take.

    Attributes:
        path: member names, map keys and list indexes (from 0) that lead to it.
        got: the value, None where it is missing.
        expected: what the shape wants, in the words of AWS's own messages.
        kind: a missing or an unknown member, a value of another type, or another constraint.
    """

    path: Path
    got: Any
    expected: str
    kind: Kind


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Botocore's model of a service, such as "sagemaker"."""
    return ServiceModel(description(service), service)


def description(service: str) -> Mapping[str, Any]:
    """What is in botocore's file of a service."""
    result: Mapping[str, Any] = _loader().load_service_model(service, "service-2")
    return result


@functools.cache
def _loader() -> Loader:
    return Loader()


def input_shape(service: str, operation: str) -> StructureShape | None:
    """The shape of an operation's request; None where it has none or does not exist."""
    model = service_model(service)
    if operation not in model.operation_names:
        return None
    return model.operation_model(operation).input_shape


def members(service: str, operation: str) -> Mapping[str, Shape]:
    """The members of an operation's request; none where it does not exist."""
    shape = input_shape(service, operation)
    return shape.members if shape else {}


def violations(
    value: Any, shape: Shape, *, text: bool = False, path: Path = ()
) -> Iterator[Violation]:
    """Everything in ``value`` that ``shape`` does not take.

    Args:
        value: of a request in its JSON form.
        shape: such as :func:`input_shape`.
        text: scalars are strings, as in the query protocol.
        path: that leads to ``value``.
    """
    if value is ANYTHING:
        return
    if shape.type_name == "structure":
        yield from _structure(value, shape, text, path)
    elif shape.type_name == "list":
        yield from _list(value, shape, text, path)
    elif shape.type_name == "map":
        yield from _map(value, shape, text, path)
    else:
        yield from _scalar(value, shape, text, path)


def strings(value: Any, shape: Shape, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """The strings in ``value``: path, name of the shape (such as "S3Uri"), and the string."""
    if isinstance(value, str):
        yield path, shape.name, value
    elif isinstance(value, dict) and shape.type_name == "structure":
        for name, item in value.items():
            if name in shape.members:
                yield from strings(item, shape.members[name], (*path, name))
    elif isinstance(value, dict) and shape.type_name == "map":
        for name, item in value.items():
            yield from strings(item, shape.value, (*path, name))
    elif isinstance(value, list) and shape.type_name == "list":
        for index, item in enumerate(value):
            yield from strings(item, shape.member, (*path, index))


def _structure(value: Any, shape: StructureShape, text: bool, path: Path) -> Iterator[Violation]:
    if getattr(shape, "is_document_type", False):
        return
    if not isinstance(value, dict):
        yield Violation(path, value, "Member must be a structure", "type")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation((*path, name), None, "Member must not be null", "missing")
    for name, member in value.items():
        if name not in shape.members:
            names = ", ".join(shape.members)
            yield Violation((*path, name), member, f"Member must be one of: {names}", "unknown")
        elif member is not None:  # as good as left out, for JSON services
            yield from violations(member, shape.members[name], text=text, path=(*path, name))


def _list(value: Any, shape: ListShape, text: bool, path: Path) -> Iterator[Violation]:
    if text and value == "":  # an empty list in the query protocol
        value = []
    if not isinstance(value, list):
        yield Violation(path, value, "Member must be a list", "type")
        return
    yield from _size(len(value), value, shape, path)
    for index, item in enumerate(value):
        yield from violations(item, shape.member, text=text, path=(*path, index))


def _map(value: Any, shape: MapShape, text: bool, path: Path) -> Iterator[Violation]:
    if text and value == "":
        value = {}
    if not isinstance(value, dict):
        yield Violation(path, value, "Member must be a map", "type")
        return
    yield from _size(len(value), value, shape, path)
    for key, item in value.items():
        yield from violations(key, shape.key, text=text, path=(*path, key))
        yield from violations(item, shape.value, text=text, path=(*path, key))


def _scalar(value: Any, shape: Shape, text: bool, path: Path) -> Iterator[Violation]:
    kind = shape.type_name
    if text and kind == "timestamp":
        return
    if text:
        value = from_text(value, kind)
    wanted: Any = _JSON_TYPES[kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        yield Violation(path, value, f"Member must be of type {kind.capitalize()}", "type")
        return
    if kind in _SIZED:
        yield from _size(len(value), value, shape, path)
    elif not isinstance(value, (bool, str)):
        yield from _size(value, value, shape, path)
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        values = ", ".join(enum)
        yield Violation(
            path, value, f"Member must satisfy enum value set: [{values}]", "constraint"
        )
    pattern = shape.metadata.get("pattern")
    if pattern and isinstance(value, str) and not compile_pattern(pattern).fullmatch(value):
        yield Violation(
            path,
            value,
            f"Member must satisfy regular expression pattern: {pattern}",
            "constraint",
        )


def _size(size: float, value: Any, shape: Shape, path: Path) -> Iterator[Violation]:
    what = _SIZED.get(shape.type_name, "value")
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield Violation(
            path, value, f"Member must have {what} greater than or equal to {least}", "constraint"
        )
    if most is not None and size > most:
        yield Violation(
            path, value, f"Member must have {what} less than or equal to {most}", "constraint"
        )


def from_text(value: Any, kind: str) -> Any:
    """The JSON value that a string of a query stands for; itself where it stands for none."""
    if not isinstance(value, str):
        return value
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    if kind in ("integer", "long"):
        return int(value) if re.fullmatch(r"-?\d+", value) else value
    if kind in ("float", "double"):
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else value
    return value


@functools.cache
def compile_pattern(pattern: str) -> regex.Pattern[str]:
    """A pattern of a service model, which is written for Java."""
    # \w and \d mean ASCII in Java, but with the ASCII flag \p{...} would, too
    flags = 0 if r"\p{" in pattern else regex.ASCII
    python = _QUICKER.get(pattern, pattern).replace(*_SURROGATES)
    return regex.compile(
        _DOT.sub(lambda found: _NO_LINE_BREAK if found["dot"] else found[0], python), flags
    )
