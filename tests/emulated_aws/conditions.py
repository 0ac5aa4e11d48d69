"""Conditions of a Condition step: those that the SageMaker Python SDK builds.

The published schema of definitions also has NotEquals and NotIn, and other names for the members of
In; CreatePipeline takes what the SDK writes (aws/sagemaker-python-sdk, issue 2746, for Not).

Assumed: any scalar may be compared with any other, and conditions nest in each other without limit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulated_aws import shapes
from emulated_aws.findings import Findings
from emulated_aws.shapes import ANYTHING, Path

Check = Callable[[Findings, Any, Path], None]


def check(findings: Findings, condition: Any, path: Path) -> None:
    """Look at a condition.

    Args:
        findings: are told what is wrong.
        condition: without references.
        path: that leads to it.
    """
    if not findings.must(isinstance(condition, dict), path, condition, "a condition"):
        return
    kind = condition.get("Type")
    if not isinstance(kind, str) or kind not in KINDS:
        findings.refuse((*path, "Type"), kind, f"one of {', '.join(KINDS)}")
        return
    members = KINDS[kind]
    findings.only(condition, {"Type", *members}, path)
    for name, look in members.items():
        look(findings, condition.get(name), (*path, name))


def is_scalar(value: Any) -> bool:
    """Whether it is one, or is known only when the execution runs."""
    return value is ANYTHING or isinstance(value, (str, int, float))


def _scalar(findings: Findings, value: Any, path: Path) -> None:
    findings.must(is_scalar(value), path, value, "a scalar")


def _each(look: Check, what: str) -> Check:
    def check_list(findings: Findings, value: Any, path: shapes.Path) -> None:
        if findings.must(isinstance(value, list), path, value, what):
            for index, item in enumerate(value):
                look(findings, item, (*path, index))

    return check_list


check_all: Check = _each(check, "a list of conditions")

_COMPARISON: Mapping[str, Check] = {"LeftValue": _scalar, "RightValue": _scalar}
#: Types of conditions to what their members have to be.
KINDS: Mapping[str, Mapping[str, Check]] = {
    "Equals": _COMPARISON,
    "GreaterThan": _COMPARISON,
    "GreaterThanOrEqualTo": _COMPARISON,
    "In": {"QueryValue": _scalar, "Values": _each(_scalar, "a list of scalars")},
    "LessThan": _COMPARISON,
    "LessThanOrEqualTo": _COMPARISON,
    "Not": {"Condition": check},
    "Or": {"Conditions": check_all},
}
