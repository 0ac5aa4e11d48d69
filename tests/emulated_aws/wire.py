"""What an HTTP request to AWS asks for, and errors in the form of each protocol."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
#: What every layer is, and wraps.
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

#: Where the layers find the `Request` in the environment.
KEY = "harness.request"

Protocol = Literal["json", "query", "rest"]

_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_RPC_PATH = re.compile(r"/service/[^/]+/operation/(?P<operation>\w+)$")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """A request as the layers see it.

    Attributes:
        service: the signing name, such as "sagemaker", "events", "iam", "s3"; "" when unsigned.
        region: that the request was signed for.
        operation: such as "CreatePipeline"; for S3 and other REST services method and path.
        protocol: "json" (JSON 1.0 and 1.1), "query" (IAM, STS, EC2, SNS), or "rest" for the rest.
        body: parameters. The values of the query protocol are strings, its lists and maps are
            lists and dicts; {} for "rest" and for a body that is no JSON object.
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
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return Request(service, region, target.rpartition(".")[2], "json", _json(_body(environ)))
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        body = _query(_body(environ))
        return Request(service, region, body.pop("Action", ""), "query", body)
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
    text = "" if request.operation.startswith("HEAD ") else _xml(request, error)
    return _send(start_response, error.status, "text/xml", text)


def answer_json(
    start_response: StartResponse, body: dict[str, Any], *, status: int = 200
) -> Iterable[bytes]:
    """Answer a request of a JSON service."""
    return _send(start_response, status, "application/x-amz-json-1.1", json.dumps(body))


def _send(start_response: StartResponse, status: int, kind: str, text: str) -> Iterable[bytes]:
    content = text.encode()
    headers = [("Content-Type", kind), ("Content-Length", str(len(content)))]
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
