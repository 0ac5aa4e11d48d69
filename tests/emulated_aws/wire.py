"""What an HTTP request to AWS asks for, and errors in the form of each protocol."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl
from xml.sax.saxutils import escape

from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from emulated_aws import shapes

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
#: What every layer is, and wraps.
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

#: Where the layers find the `Request` in the environment.
KEY = "harness.request"

Protocol = Literal["json", "query", "rest-json", "rest"]

#: Services that sign with another name than IAM and botocore give them.
_NAMES = {"monitoring": "cloudwatch"}
#: Services whose model says which method and path mean which operation.
_REST_JSON = {"scheduler"}
_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_RPC_PATH = re.compile(r"/service/[^/]+/operation/(?P<operation>\w+)$")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """A request as the layers see it.

    Attributes:
        service: its name in IAM's actions, such as "sagemaker", "events", "s3"; "" when unsigned.
        region: that the request was signed for.
        operation: such as "CreatePipeline"; where the protocol is "rest", method and path.
        protocol: "json" (JSON 1.0 and 1.1), "query" (IAM, STS, EC2, SNS), "rest-json" (EventBridge
            Scheduler), or "rest" for the rest: S3, and CloudWatch in CBOR.
        body: parameters, also those of path and query string. The values of the query protocol are
            strings, its lists and maps are lists and dicts; {} for "rest" and for a body that is no
            JSON object.
    """

    service: str
    region: str
    operation: str
    protocol: Protocol
    body: dict[str, Any]


def read(environ: Environ) -> Request:
    """The request in a WSGI environment, whose input stays readable."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service, region = (scope["service"], scope["region"]) if scope else ("", "")
    service = _NAMES.get(service, service)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return Request(service, region, target.rpartition(".")[2], "json", _json(_body(environ)))
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        body = _query(_body(environ))
        return Request(service, region, body.pop("Action", ""), "query", body)
    if service in _REST_JSON and (found := _rest_json(environ, service)):
        return Request(service, region, found[0], "rest-json", found[1])
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    rpc = _RPC_PATH.search(path)
    plain = f"{environ['REQUEST_METHOD']} {path}{'?' if query else ''}{query}"
    return Request(service, region, rpc["operation"] if rpc else plain, "rest", {})


def _body(environ: Environ) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    content: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(content)
    return content


def _json(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _rest_json(environ: Environ, service: str) -> tuple[str, dict[str, Any]] | None:
    """Operation and parameters; a query parameter that the model lacks keeps its name."""
    try:
        operation, labels = get_service_router(service).match(
            MotoRequest(environ, populate_request=False)
        )
    except NotFound:
        return None
    body, query = _json(_body(environ)), parse_qs(environ.get("QUERY_STRING", ""), True)
    for name, member in shapes.members(service, operation.name).items():
        place, key = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "uri":
            body[name] = labels[key]
        elif place == "querystring" and key in query:
            values = query.pop(key)
            is_list = member.type_name == "list"
            body[name] = values if is_list else shapes.from_text(values[0], member.type_name)
    return operation.name, body | query


def _query(content: bytes) -> dict[str, Any]:
    """``Tags.member.1.Key=a`` is ``{"Tags": [{"Key": "a"}]}``."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(content.decode(), keep_blank_values=True):
        *parents, last = name.split(".")
        node = tree
        for parent in parents:
            child = node.setdefault(parent, {})
            if not isinstance(child, dict):  # an empty list is sent as `Tags=`
                child = node[parent] = {}
            node = child
        node[last] = value
    tree.pop("Version", None)
    return {name: _fold(value) for name, value in tree.items()}


def _fold(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(name.isdecimal() for name in node):
        return [_fold(node[name]) for name in sorted(node, key=int)]
    if list(node) == ["member"]:
        return _fold(node["member"])
    if list(node) == ["entry"]:
        return {entry["key"]: entry.get("value", "") for entry in _fold(node["entry"])}
    return {name: _fold(value) for name, value in node.items()}


@dataclass(frozen=True)
class Answer:
    """An error as AWS gives it.

    Attributes:
        status: of HTTP, such as 400.
        code: such as "ValidationException".
        message: for people.
    """

    status: int
    code: str
    message: str


def answer(request: Request, start_response: StartResponse, error: Answer) -> Iterable[bytes]:
    """Answer ``request`` with ``error``, in the protocol of its service."""
    if request.protocol == "json":
        body = {"__type": error.code, "message": error.message}
        return answer_json(start_response, body, status=error.status)
    if request.protocol == "rest-json":
        content, code = json.dumps({"Message": error.message}), ("X-Amzn-ErrorType", error.code)
        return _send(start_response, error.status, "application/json", content, code)
    text = "" if request.operation.startswith("HEAD ") else _xml(request, error)
    return _send(start_response, error.status, "text/xml", text)


def answer_json(
    start_response: StartResponse, body: dict[str, Any], *, status: int = 200
) -> Iterable[bytes]:
    """Answer a request of a JSON service."""
    return _send(start_response, status, "application/x-amz-json-1.1", json.dumps(body))


def _send(
    start_response: StartResponse, status: int, kind: str, text: str, *more: tuple[str, str]
) -> Iterable[bytes]:
    content = text.encode()
    headers = [("Content-Type", kind), ("Content-Length", str(len(content))), *more]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [content]


def _xml(request: Request, error: Answer) -> str:
    inner = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    if request.service == "ec2":
        return (
            f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>0</RequestID></Response>"
        )
    if request.protocol == "query":
        side = "Sender" if error.status < 500 else "Receiver"
        return (
            f"<ErrorResponse><Error><Type>{side}</Type>{inner}</Error>"
            "<RequestId>0</RequestId></ErrorResponse>"
        )
    return f"<Error>{inner}</Error>"
