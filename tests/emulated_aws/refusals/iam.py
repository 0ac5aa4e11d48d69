"""IAM: policy documents, tags and quotas.

Quotas are the defaults (IAM/latest/UserGuide/reference_iam-quotas.html). Which characters a policy
may hold, is in botocore's model. Keys of tags that differ in case only are the same (seen often:
github.com/serverless/serverless/issues/7885); elsewhere they differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulated_aws.refusals import Check, Refused, documents, held
from emulated_aws.wire import Request

INLINE_POLICIES_OF_A_ROLE = 10_240
"""Characters of all inline policies of a role together, white space not counted."""

TRUST_POLICY = 2_048
MANAGED_POLICIES_OF_A_ROLE = 10


def check_tag_keys(keys: Sequence[str]) -> None:
    """Refuse tag keys that IAM takes for the same.

    Raises:
        Refused: InvalidInput.
    """
    if len(keys) != len({key.lower() for key in keys}):
        raise Refused(
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        )


def _create_role(request: Request) -> None:
    _check_trust(request.body.get("AssumeRolePolicyDocument", ""))
    boundary = request.body.get("PermissionsBoundary", "")
    if boundary:
        _boundary(request)


def _update_trust(request: Request) -> None:
    _check_trust(request.body.get("PolicyDocument", ""))


def _check_trust(document: str) -> None:
    documents.check_trust(document)
    if documents.size(document) > TRUST_POLICY:
        raise _limit(f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY}")


def _boundary(request: Request) -> None:
    arn = request.body.get("PermissionsBoundary", "")
    if not held.policy_exists(arn):
        raise Refused("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", 404)


def _put_role_policy(request: Request) -> None:
    document = request.body.get("PolicyDocument", "")
    documents.check_identity(document)
    role = held.role(request.body.get("RoleName", ""))
    if role is None:
        return
    policies = {**role.policies, request.body.get("PolicyName", ""): document}
    if sum(documents.size(policy) for policy in policies.values()) > INLINE_POLICIES_OF_A_ROLE:
        raise _limit(
            f"Maximum policy size of {INLINE_POLICIES_OF_A_ROLE} bytes exceeded "
            f"for role {role.name}"
        )


def _attach_role_policy(request: Request) -> None:
    role = held.role(request.body.get("RoleName", ""))
    attached = {*role.managed_policies, request.body.get("PolicyArn", "")} if role else set()
    if len(attached) > MANAGED_POLICIES_OF_A_ROLE:
        raise _limit(f"Cannot exceed quota for PoliciesPerRole: {MANAGED_POLICIES_OF_A_ROLE}")


def _limit(message: str) -> Refused:
    return Refused("LimitExceeded", message, 409)


CHECKS: Mapping[str, Check] = {
    "CreateRole": _create_role,
    "UpdateAssumeRolePolicy": _update_trust,
    "PutRolePermissionsBoundary": _boundary,
    "PutRolePolicy": _put_role_policy,
    "AttachRolePolicy": _attach_role_policy,
}
