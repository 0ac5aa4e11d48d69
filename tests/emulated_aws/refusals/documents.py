"""Policy documents: what IAM refuses in them.

moto has a validator with IAM's own messages, but does not use it for the trust policy of a new
role, and leaves principals out.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from botocore.loaders import Loader
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

from emulated_aws.refusals import Refused


def statements(document: str) -> Iterator[dict[str, Any]]:
    """The statements of a policy document, whether it has a list of them or one."""
    found = json.loads(document)["Statement"]
    yield from found if isinstance(found, list) else [found]


def strings(value: Any) -> list[str]:
    """A string or a list of strings as a list; nothing as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def services(statement: dict[str, Any]) -> list[str]:
    """The service principals of a statement."""
    principal = statement.get("Principal")
    return strings(principal.get("Service")) if isinstance(principal, dict) else []


def check_identity(document: str) -> None:
    """Refuse a malformed policy of a role or a managed policy.

    Raises:
        Refused: MalformedPolicyDocument.
    """
    _validate(IAMPolicyDocumentValidator(document))
    for statement in statements(document):
        _check_sid(statement)
        if statement.keys() & {"Principal", "NotPrincipal"}:
            raise _malformed("Policy document should not specify a principal.")


def check_trust(document: str) -> None:
    """Refuse a malformed trust policy, or one that names no service that botocore knows.

    Raises:
        Refused: MalformedPolicyDocument.
    """
    _validate(IAMTrustPolicyDocumentValidator(document))
    for statement in statements(document):
        _check_sid(statement)
        principal = statement.get("Principal")
        if principal is None and "NotPrincipal" not in statement:
            raise _malformed("Missing required field Principal")
        for name in services(statement):
            if not _is_service(name):
                raise _malformed(f'Invalid principal in policy: "SERVICE":"{name}"')


def size(document: str) -> int:
    """Characters that count towards IAM's quotas: all but white space (assumed: of JSON)."""
    return len(re.sub(r"\s", "", document, flags=re.ASCII))


def _check_sid(statement: dict[str, Any]) -> None:
    if not re.fullmatch("[0-9A-Za-z]*", statement.get("Sid", "")):
        raise _malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
            "regular expression [0-9A-Za-z]*"
        )


def _is_service(name: str) -> bool:
    found = re.fullmatch(r"(.+?)(\.[a-z]{2,}-[a-z-]+-\d)?\.amazonaws\.com(\.cn)?", name)
    return found is not None and found[1] in _services()


@functools.cache
def _services() -> frozenset[str]:
    return frozenset(Loader().list_available_services("service-2"))


def _validate(validator: IAMPolicyDocumentValidator | IAMTrustPolicyDocumentValidator) -> None:
    try:
        validator.validate()
    except MalformedPolicyDocument as error:
        raise _malformed(error.message) from None


def _malformed(message: str) -> Refused:
    return Refused("MalformedPolicyDocument", message)
