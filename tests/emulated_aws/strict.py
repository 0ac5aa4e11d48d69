"""The layer that refuses what AWS refuses and moto accepts.

Each request is held against botocore's model of its operation; then come the rules of
:mod:`emulated_aws.refusals`, which no model file has. What moto then does otherwise than AWS,
:mod:`emulated_aws.corrections` puts right. One thing is stricter than AWS: its JSON services ignore
members that they do not know; here they are refused, because a setting is lost.

Not looked at: requests whose parameters :mod:`emulated_aws.wire` does not read. Those are S3's, and
CloudWatch's from SDKs that speak CBOR to it; boto3 speaks JSON, the provider (5.100) the query
protocol.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from botocore.exceptions import UnknownServiceError

from emulated_aws import shapes, wire
from emulated_aws.corrections import correction
from emulated_aws.refusals import (
    Check,
    Created,
    Refused,
    cloudwatch,
    events,
    iam,
    sagemaker,
    scheduler,
)

_CHECKS: Mapping[str, Mapping[str, Check]] = {
    "cloudwatch": cloudwatch.CHECKS,
    "events": events.CHECKS,
    "iam": iam.CHECKS,
    "sagemaker": sagemaker.CHECKS,
    "scheduler": scheduler.CHECKS,
}
_CREATED: Mapping[str, Mapping[str, Created]] = {
    "sagemaker": sagemaker.CREATED,
    "scheduler": scheduler.CREATED,
}
_TOKENS = {"ClientRequestToken", "ClientToken"}
_UNCHECKED = {"ec2"}  # its model has types only, and takes long to load
_INVALID = {
    "cloudwatch": "ValidationError",
    "ecr": "InvalidParameterException",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "sns": "InvalidParameter",
    "sts": "ValidationError",
}
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SHOWN = 200
_TAGS = 50


class Strict:
    """A WSGI layer around ``application``.

    Attributes:
        enabled: False lets everything through, to see what moto itself does.
    """

    def __init__(self, application: wire.Application, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._application = application
        self._made_by: WeakKeyDictionary[object, dict[str, Any]] = WeakKeyDictionary()

    def __call__(
        self, environ: wire.Environ, start_response: wire.StartResponse
    ) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        request: wire.Request = environ[wire.KEY]
        if not self.enabled or request.protocol == "rest":
            return self._application(environ, start_response)
        try:
            _check_form(request)
            before = _created(request)
            # SDKs send a request again when the connection broke, and AWS knows it by its token.
            if before and self._made_by.get(before[0]) == request.body:
                return wire.answer_json(start_response, before[1])
            _check_rules(request)
        except Refused as refused:
            return wire.answer(request, start_response, refused.answer)
        try:
            with correction(request):
                return self._application(environ, start_response)
        finally:
            after = _created(request)
            if after and not before:
                self._made_by[after[0]] = request.body


def _created(request: wire.Request) -> tuple[object, dict[str, Any]] | None:
    """What a request with a token creates, where it exists, and the answer to that request."""
    find = _CREATED.get(request.service, {}).get(request.operation)
    return find(request) if find and request.body.keys() & _TOKENS else None


def _check_form(request: wire.Request) -> None:
    """Look at a request as every service of AWS does: at members and tags."""
    if request.service not in _UNCHECKED:
        _check_shape(request)
        _check_tags(request)


def _check_rules(request: wire.Request) -> None:
    """Look at a request as its service does."""
    check = _CHECKS.get(request.service, {}).get(request.operation)
    if check:
        check(request)


def _check_shape(request: wire.Request) -> None:
    try:
        shape = shapes.input_shape(request.service, request.operation)
    except UnknownServiceError:
        return
    if shape is None:
        return
    text = request.protocol == "query"
    found = list(shapes.violations(request.body, shape, text=text))
    mistyped = next((violation for violation in found if violation.kind == "type"), None)
    if mistyped:
        raise Refused(
            "SerializationException",
            f"{_shown(mistyped.got)} at '{_dotted(mistyped.path)}': {mistyped.expected}",
        )
    if found:
        details = "; ".join(
            f"Value '{_shown(violation.got)}' at '{_dotted(violation.path)}' failed to satisfy "
            f"constraint: {violation.expected}"
            for violation in found
        )
        raise _invalid(
            request, f"{len(found)} validation error{'s' * (len(found) > 1)} detected: {details}"
        )


def _check_tags(request: wire.Request) -> None:
    tags = request.body.get("Tags") or []
    if not isinstance(tags, list):
        return
    keys = [tag["Key"] for tag in tags if isinstance(tag, dict) and "Key" in tag]
    if len(keys) > _TAGS:
        raise _invalid(request, f"A resource has at most {_TAGS} tags.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise _invalid(request, "aws: prefixed tag key names are not allowed for external use.")
    if request.service == "iam":
        iam.check_tag_keys(keys)
    elif len(keys) != len(set(keys)):
        raise _invalid(request, "Duplicate tag keys found.")


def _invalid(request: wire.Request, message: str) -> Refused:
    return Refused(_INVALID.get(request.service, "ValidationException"), message)


def _dotted(path: shapes.Path) -> str:
    """``("Targets", 0, "Id")`` is ``targets.1.member.id`` in AWS's messages."""
    return ".".join(
        f"{part + 1}.member" if isinstance(part, int) else part[:1].lower() + part[1:]
        for part in path
    )


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
