"""Decides offline what IAM policies allow: the policy language that the module emits, and
operators that people's own policies have.

Anything else (another operator, element or version, a policy variable) raises `UnsupportedPolicy`:
a condition that is skipped would prove nothing. One account, and no boundary, session or
organization policy: an explicit deny wins, then an allow, and nothing is allowed by itself
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, cast


class UnsupportedPolicy(ValueError):
    """The document is malformed, or says something that the evaluator does not know."""


@dataclass(frozen=True)
class Request:
    """One call to AWS, as the service hands it to IAM.

    `action` and `resource` are without wildcards; an action that has no resource type is requested
    on "*". `context` has the condition keys that the request carries, in any case; a list is a
    multivalued key. `principal` is who asks, a service's name or an ARN: needed for trust and
    resource policies only.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    principal: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9-]+:\w+", self.action):
            raise ValueError(f"a request has one action, service:Name, not {self.action!r}")

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of a condition key; key names are case-insensitive."""
        for name, value in self.context.items():
            if name.lower() == key.lower():
                return (value,) if isinstance(value, str) else tuple(value)
        return ()


@dataclass(frozen=True)
class Decision:
    """What IAM answers, and the statements that made it so; true when the request is allowed."""

    verdict: Literal["allowed", "explicitly denied", "implicitly denied"]
    by: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.verdict == "allowed"

    def __str__(self) -> str:
        return f"{self.verdict} by {', '.join(self.by)}" if self.by else self.verdict


@cache
def _glob(pattern: str, flags: int = 0) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    expression = "".join(wildcards.get(character, re.escape(character)) for character in pattern)
    return re.compile(expression, flags | re.DOTALL)


def _equal(pattern: str, value: str) -> bool:
    return pattern == value


def _like(pattern: str, value: str) -> bool:
    return _glob(pattern).fullmatch(value) is not None


def _arn_like(pattern: str, value: str) -> bool:
    """Compare ARNs part by part; the sixth part is the rest, so its wildcards span colons.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    if pattern == "*":
        return True
    patterns, parts = pattern.split(":", 5), value.split(":", 5)
    return len(parts) == 6 and all(map(_like, patterns, parts))


def _same_letters(pattern: str, value: str) -> bool:
    return pattern.lower() == value.lower()


_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda pattern, value: (
        _NUMBER.fullmatch(value) is not None and compare(float(value), float(pattern))
    )


@dataclass(frozen=True)
class _Operator:
    matches: Callable[[str, str], bool]
    negated: bool = False


_OPERATORS = {
    "StringEquals": _Operator(_equal),
    "StringNotEquals": _Operator(_equal, negated=True),
    "StringEqualsIgnoreCase": _Operator(_same_letters),
    "StringNotEqualsIgnoreCase": _Operator(_same_letters, negated=True),
    "StringLike": _Operator(_like),
    "StringNotLike": _Operator(_like, negated=True),
    "ArnEquals": _Operator(_arn_like),
    "ArnNotEquals": _Operator(_arn_like, negated=True),
    "ArnLike": _Operator(_arn_like),
    "ArnNotLike": _Operator(_arn_like, negated=True),
    "NumericEquals": _Operator(_number(operator.eq)),
    "NumericNotEquals": _Operator(_number(operator.eq), negated=True),
    "NumericLessThan": _Operator(_number(operator.lt)),
    "NumericLessThanEquals": _Operator(_number(operator.le)),
    "NumericGreaterThan": _Operator(_number(operator.gt)),
    "NumericGreaterThanEquals": _Operator(_number(operator.ge)),
    "Bool": _Operator(_same_letters),
    "Null": _Operator(_same_letters),  # whether the key is missing: Condition.holds
}


_SetOperator = Literal["", "ForAllValues", "ForAnyValue"]


@dataclass(frozen=True)
class Condition:
    """One key under one operator; the values are alternatives, or for a negation none may match."""

    operator: str
    key: str
    values: tuple[str, ...]
    set_operator: _SetOperator = ""
    if_exists: bool = False

    @classmethod
    def parse(cls, operator: str, key: str, values: Any, where: str) -> Condition:
        """Read `{operator: {key: values}}`; `where` names the statement in errors."""
        shape = re.fullmatch(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?", operator)
        if shape is None or shape[2] not in _OPERATORS:
            raise UnsupportedPolicy(f"{where}: condition operator {operator} is not supported")
        if shape[1] == "ForAnyValue" and shape[3]:
            # AWS's pages leave open which of the two decides when the key is missing
            raise UnsupportedPolicy(f"{where}: ForAnyValue together with IfExists is ambiguous")
        texts = [
            str(value).lower() if isinstance(value, (bool, int, float)) else value
            for value in (values if isinstance(values, list) else [values])
        ]
        condition = cls(
            operator=shape[2],
            key=key,
            values=_strings(texts, f"{where}: {operator} {key}"),
            set_operator=cast(_SetOperator, shape[1] or ""),
            if_exists=shape[3] is not None,
        )
        if shape[2].startswith("Arn"):
            _check_arns(condition.values, f"{where}: {operator} {key}")
        if shape[2].startswith("Numeric") and not all(map(_NUMBER.fullmatch, condition.values)):
            raise UnsupportedPolicy(f"{where}: {operator} {key}: {condition.values} are no numbers")
        return condition

    def holds(self, request: Request) -> bool:
        """Whether the request meets the condition.

        A missing key fails a condition, except a negated one and ...IfExists.
        ForAllValues is true of no values at all and of an empty string, ForAnyValue of neither
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).

        Raises ValueError when a multivalued key meets no set operator: AWS leaves that open.
        """
        values = request.values(self.key)
        if self.operator == "Null":
            return self.values == (str(not values).lower(),)
        comparison = _OPERATORS[self.operator]
        found = [
            any(comparison.matches(pattern, value) for pattern in self.values) != comparison.negated
            for value in values
            if value or not self.set_operator
        ]
        if self.set_operator == "ForAllValues":
            return all(found)
        if self.set_operator == "ForAnyValue":
            return any(found)
        if not found:
            return comparison.negated or self.if_exists
        if len(found) > 1:
            raise ValueError(f"{self.key} has the values {values}: compare them with ForAnyValue")
        return found[0]


@dataclass(frozen=True)
class Statement:
    """One statement; `name` is its Sid, or its place where it has none.

    `principals` is None in an identity policy. `resources` is None in a trust policy, whose
    resource is the role.
    """

    name: str
    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    resources: tuple[str, ...] | None
    conditions: tuple[Condition, ...] = ()
    principals: tuple[str, ...] | None = None
    sid: str | None = None

    @classmethod
    def parse(cls, statement: Any, index: int) -> Statement:
        """Read one statement, the `index`th of its policy."""
        if not isinstance(statement, dict):
            raise UnsupportedPolicy(f"statement {index}: {statement!r} is no object")
        where = statement.get("Sid") or f"statement {index}"
        known = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
        if unknown := statement.keys() - known:
            raise UnsupportedPolicy(f"{where}: {', '.join(sorted(unknown))} is not supported")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise UnsupportedPolicy(f"{where}: Effect is {statement.get('Effect')!r}")

        if "Action" not in statement:
            raise UnsupportedPolicy(f"{where}: no Action")
        actions = _strings(statement["Action"], f"{where}: Action")
        for action in actions:
            if action != "*" and not re.fullmatch(r"[A-Za-z0-9-]+:[\w*?]+", action):
                raise UnsupportedPolicy(f"{where}: {action!r} is no action")

        resources = (
            _strings(statement["Resource"], f"{where}: Resource")
            if "Resource" in statement
            else None
        )
        principals = (
            _principals(statement["Principal"], where) if "Principal" in statement else None
        )
        if resources is None and principals is None:
            raise UnsupportedPolicy(f"{where}: no Resource")
        _check_arns(resources or (), where)

        return cls(
            name=where,
            sid=statement.get("Sid"),
            effect=statement["Effect"],
            actions=actions,
            resources=resources,
            principals=principals,
            conditions=tuple(
                Condition.parse(operator, key, values, where)
                for operator, keys in statement.get("Condition", {}).items()
                for key, values in keys.items()
            ),
        )

    def applies(self, request: Request) -> bool:
        """Whether the statement speaks of the request; actions are case-insensitive, ARNs not."""
        return (
            self._names(request.principal)
            and any(
                _glob(action, re.IGNORECASE).fullmatch(request.action) for action in self.actions
            )
            and (
                self.resources is None
                or any(_arn_like(resource, request.resource) for resource in self.resources)
            )
            and all(condition.holds(request) for condition in self.conditions)
        )

    def _names(self, principal: str | None) -> bool:
        if self.principals is None:
            return True
        if principal is None:
            raise ValueError(f"{self.name} has a Principal: the request must say who asks")
        account = re.fullmatch(r"arn:[^:]+:(?:iam|sts)::(\d{12}):.+", principal)
        names = {"*", principal} | ({account[1]} if account else set())
        return not names.isdisjoint(self.principals)


@dataclass(frozen=True)
class Policy:
    """A policy document; `size` is its length without white space, which IAM does not count."""

    statements: tuple[Statement, ...]
    size: int = 0

    @classmethod
    def parse(cls, document: str | Mapping[str, Any]) -> Policy:
        """Read a document, as JSON or as the object it stands for.

        Raises UnsupportedPolicy for anything malformed or unknown.
        """
        content: Any = document
        if isinstance(document, str):
            try:
                content = json.loads(document, object_pairs_hook=_without_duplicates)
            except json.JSONDecodeError as error:
                raise UnsupportedPolicy(f"the policy is no JSON: {error}") from error
        if not isinstance(content, Mapping) or content.keys() - {"Version", "Id", "Statement"}:
            raise UnsupportedPolicy(f"the policy is no object of Version and Statement: {content}")
        # the older one, which AWS writes itself, knows no policy variables; neither do we
        if content.get("Version") not in ("2012-10-17", "2008-10-17"):
            raise UnsupportedPolicy(f"Version is {content.get('Version')!r}, not 2012-10-17")
        statements = content.get("Statement")
        if isinstance(statements, dict):
            statements = [statements]
        if not isinstance(statements, list) or not statements:
            raise UnsupportedPolicy("the policy has no Statement")
        compact = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        return cls(
            statements=tuple(Statement.parse(each, place) for place, each in enumerate(statements)),
            size=len(compact),
        )


def allowed(policies: Iterable[Policy], request: Request) -> Decision:
    """Decide a request by all policies of a role, or by its trust policy alone."""
    applying = [
        statement
        for policy in policies
        for statement in policy.statements
        if statement.applies(request)
    ]
    denying = tuple(statement.name for statement in applying if statement.effect == "Deny")
    if denying:
        return Decision("explicitly denied", denying)
    if applying:
        return Decision("allowed", tuple(statement.name for statement in applying))
    return Decision("implicitly denied")


def _strings(value: Any, where: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) for each in values):
        raise UnsupportedPolicy(f"{where}: {value!r} is neither a string nor a list of strings")
    if variables := [each for each in values if "${" in each]:
        raise UnsupportedPolicy(f"{where}: policy variable in {variables[0]} is not supported")
    return tuple(values)


def _check_arns(patterns: Iterable[str], where: str) -> None:
    for pattern in patterns:
        if pattern != "*" and (not pattern.startswith("arn:") or pattern.count(":") < 5):
            raise UnsupportedPolicy(f'{where}: {pattern!r} is neither an ARN nor "*"')


def _principals(principal: Any, where: str) -> tuple[str, ...]:
    """Return service names, ARNs, account ids (also for an account's root) or "*"."""
    if principal == "*":
        return ("*",)
    if not isinstance(principal, dict) or not principal or principal.keys() - {"Service", "AWS"}:
        raise UnsupportedPolicy(f"{where}: Principal {principal!r} is not supported")
    names: list[str] = []
    for kind, value in principal.items():
        for name in _strings(value, f"{where}: Principal"):
            if re.search(r"[*?]", name) and (kind, name) != ("AWS", "*"):
                raise UnsupportedPolicy(f"{where}: IAM takes no wildcard in the principal {name}")
            root = re.fullmatch(r"arn:[^:]+:iam::(\d{12}):root", name)
            names.append(root[1] if root else name)
    return tuple(names)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise UnsupportedPolicy(f"a member occurs twice in the object of {', '.join(keys)}")
    return dict(pairs)
