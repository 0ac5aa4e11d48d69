"""Conditions of Condition steps, with all references replaced by values.

Their kinds and members are those of the SageMaker Python SDK, sagemaker.workflow.conditions.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def holds(condition: Mapping[str, Any]) -> bool:
    """Whether a condition holds.

    Raises:
        ValueError: it is of no kind that there is, or compares what cannot be compared.
    """
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Condition"])
    if kind == "Or":
        return any(holds(one) for one in condition["Conditions"])
    if kind == "In":
        return any(_same(condition["QueryValue"], value) for value in condition["Values"])
    if kind not in _COMPARISONS:
        raise ValueError(f"There is no condition of type {kind}")
    left, right = condition["LeftValue"], condition["RightValue"]
    if kind == "Equals":
        return _same(left, right)
    if not (_number(left) and _number(right)) and type(left) is not type(right):
        raise ValueError(f"{left!r} and {right!r} cannot be compared by {kind}")
    return _COMPARISONS[kind](left, right)


def _same(left: Any, right: Any) -> bool:
    """Numbers equal numbers; otherwise both value and type count."""
    comparable = type(left) is type(right) or (_number(left) and _number(right))
    return bool(left == right) and comparable


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
