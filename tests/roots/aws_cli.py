"""The AWS CLI's commands, as documents have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from botocore import xform_name

from emulated_aws import shapes


class HasClients(Protocol):
    """Makes boto3 clients, as EmulatedAWS and boto3's sessions do."""

    def client(self, service: str, /) -> Any:
        """A client for a service."""


def aws_cli(command: Sequence[str], aws: HasClients) -> dict[str, Any]:
    """What ``aws ...`` answers, through boto3, which has the same operations and members."""
    _, service, operation, *rest = command
    service = "s3" if service == "s3api" else service
    options: dict[str, list[str]] = {}
    for word in rest:
        if word.startswith("--"):
            values = options.setdefault(word.removeprefix("--"), [])
        else:
            values.append(word)
    assert options.pop("region") == ["us-east-1"]
    names = {xform_name(name, "-"): name for name in shapes.service_model(service).operation_names}
    given = shapes.input_shape(service, names[operation])
    assert given is not None
    arguments: dict[str, Any] = {}
    for name, shape in given.members.items():
        values = options.pop(xform_name(name, "-"), [])
        if values and shape.type_name == "list":
            structures = [value.split(",") for value in values]
            arguments[name] = [dict(pair.split("=") for pair in pairs) for pairs in structures]
        elif values:
            (arguments[name],) = values
    assert not options, f"{operation} has no {list(options)}"
    answer: dict[str, Any] = getattr(aws.client(service), xform_name(names[operation]))(**arguments)
    return answer
