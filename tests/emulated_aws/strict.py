"""The layer that refuses what AWS refuses and moto accepts.

Each request is held against botocore's model of its operation; then come the rules of
:mod:`emulated_aws.refusals`, which no model file has. One thing is stricter than AWS: its JSON
services ignore members that they do not know; here they are refused, because a setting is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from botocore.exceptions import UnknownServiceError
from moto.sagemaker.models import FakePipeline

from emulated_aws import shapes, wire
from emulated_aws.refusals import Check, Refused, events, held, iam, sagemaker

_CHECKS: Mapping[str, Mapping[str, Check]] = {
    "events": events.CHECKS,
    "iam": iam.CHECKS,
    "sagemaker": sagemaker.CHECKS,
}
_MODELS = {"monitoring": "cloudwatch"}
_UNCHECKED = {"ec2"}  # its model has types only, and takes long to load
_INVALID = {
    "ecr": "InvalidParameterException",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "monitoring": "ValidationError",
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
        self._made_by: WeakKeyDictionary[FakePipeline, dict[str, Any]] = WeakKeyDictionary()

    def __call__(
        self, environ: wire.Environ, start_response: wire.StartResponse
    ) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        request: wire.Request = environ[wire.KEY]
        if not self.enabled:
            return self._application(environ, start_response)
        before = _pipeline_to_create(request)
        # SDKs send a request again when the connection broke, and AWS knows it by its token.
        if before and self._made_by.get(before) == request.body:
            return wire.answer_json(start_response, {"PipelineArn": before.arn})
        try:
            check(request)
        except Refused as refused:
            return wire.answer(request, start_response, refused.answer)
        try:
            return self._application(environ, start_response)
        finally:
            after = _pipeline_to_create(request)
            if after and not before:
                self._made_by[after] = request.body


def _pipeline_to_create(request: wire.Request) -> FakePipeline | None:
    """The pipeline that CreatePipeline names, where it exists."""
    name = request.body.get("PipelineName")
    if request.operation != "CreatePipeline" or not isinstance(name, str):
        return None
    return held.pipeline(request, name)


def check(request: wire.Request) -> None:
    """Look at a request as AWS does.

    Raises:
        Refused: AWS would not take it.
    """
    if request.protocol == "rest" or request.service in _UNCHECKED:
        return
    _check_shape(request)
    _check_tags(request)
    specific = _CHECKS.get(request.service, {}).get(request.operation)
    if specific:
        specific(request)


def _check_shape(request: wire.Request) -> None:
    try:
        shape = shapes.input_shape(_MODELS.get(request.service, request.service), request.operation)
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
