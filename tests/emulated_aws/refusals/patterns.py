"""Event patterns: what EventBridge refuses in them.

Its engine is open source (github.com/aws/event-ruler: JsonRuleCompiler and WildcardParser have the
rules and the words), but for what came later, which is documented only
(eventbridge/latest/userguide/eb-create-pattern-operators.html).
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any

from emulated_aws.refusals import Refused

_WILDCARD = re.compile(r"([^\\*]|\\[\\*]|\*(?!\*))*", re.DOTALL)
_RANGE = {"<", "<=", "=", ">=", ">"}
_IGNORE_CASE = "equals-ignore-case"
#: What anything-but takes apart from values.
_NEGATED = {"prefix", "suffix", "wildcard", _IGNORE_CASE}


def check(pattern: str) -> None:
    """Refuse an event pattern that EventBridge would not take.

    Raises:
        Refused: InvalidEventPatternException.
    """
    try:
        found = json.loads(pattern) if pattern.strip() else {}
    except ValueError:
        raise _invalid("Invalid JSON") from None
    if not isinstance(found, dict):
        raise _invalid("Filter is not an object")
    if not found:
        raise _invalid("Empty event pattern is not allowed")
    _check_object(found)


def _check_object(fields: dict[str, Any]) -> None:
    if not fields:
        raise _invalid("Empty objects are not allowed")
    for name, value in fields.items():
        if name == "$or":
            _check_alternatives(value)
        elif isinstance(value, dict):
            _check_object(value)
        elif isinstance(value, list):
            _check_values(value)
        else:
            raise _invalid(f'"{name}" must be an object or an array')


def _check_alternatives(alternatives: Any) -> None:
    if not isinstance(alternatives, list):
        raise _invalid("It must be an Array followed with $or.")
    if len(alternatives) < 2:
        raise _invalid("There must have at least 2 Objects in $or relationship.")
    for alternative in alternatives:
        if not isinstance(alternative, dict):
            raise _invalid("Only JSON object is allowed in array of $or relationship.")
        _check_object(alternative)


def _check_values(values: list[Any]) -> None:
    if not values:
        raise _invalid("Empty arrays are not allowed")
    for value in values:
        if isinstance(value, dict):
            _check_filter(value)
        elif isinstance(value, list):
            raise _invalid("Match value must be String, number, true, false, or null")


def _check_filter(expression: dict[str, Any]) -> None:
    if len(expression) != 1:
        raise _invalid("Only one key allowed in match expression")
    ((kind, value),) = expression.items()
    if kind in ("prefix", "suffix") and isinstance(value, dict) and list(value) == [_IGNORE_CASE]:
        kind, value = _IGNORE_CASE, value[_IGNORE_CASE]
    if kind == "anything-but":
        _check_anything_but(value)
    elif kind == "exists":
        if not isinstance(value, bool):
            raise _invalid("exists match pattern must be either true or false.")
    elif kind == "numeric":
        _check_numeric(value)
    elif kind not in _NEGATED | {"cidr"}:
        raise _invalid(f"Unrecognized match type {kind}")
    elif not isinstance(value, str):
        raise _invalid(f"{kind} match pattern must be a string")
    elif kind == "wildcard":
        _check_wildcard(value)
    elif kind == "cidr":
        _check_network(value)


def _check_wildcard(text: str) -> None:
    if not _WILDCARD.fullmatch(text):
        consecutive = "Consecutive wildcard characters"
        raise _invalid(consecutive if "**" in text else "Invalid escape character")


def _check_network(text: str) -> None:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _invalid(f"Malformed CIDR: {text}") from None


def _check_numeric(terms: Any) -> None:
    if not isinstance(terms, list):
        raise _invalid("Value of numeric must be an array.")
    operators, numbers = terms[::2], terms[1::2]
    for operator in operators:
        if not isinstance(operator, str) or operator not in _RANGE:
            raise _invalid(f"Unrecognized numeric range operator: {operator}")
    for number in numbers:
        if not _is_number(number):
            raise _invalid("Value of numeric must be numeric")
    a_range = [operator[0] for operator in operators] == [">", "<"]
    if len(operators) != len(numbers) or not (len(operators) == 1 or a_range):
        raise _invalid("Too many elements in numeric expression")


def _check_anything_but(value: Any) -> None:
    if isinstance(value, dict):
        if len(value) != 1:
            raise _invalid("Only one key allowed in match expression")
        ((kind, texts),) = value.items()
        if kind not in _NEGATED:
            raise _invalid(f"Unsupported anything-but pattern: {kind}")
        for text in texts if texts and isinstance(texts, list) else [texts]:
            _check_filter({kind: text})
        return
    values = value if isinstance(value, list) else [value]
    if not values or not (
        all(isinstance(one, str) for one in values) or all(map(_is_number, values))
    ):
        raise _invalid(
            "Inside anything but list, either all values are number or string, mixed type is not "
            "supported"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _invalid(reason: str) -> Refused:
    return Refused("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")
