"""Condition keys of the requests that create something in SageMaker.

Which operation has which keys: Service Authorization Reference, list_amazonsagemaker.html. A key
that the request says nothing about is missing. Of several limits in one request, the longest counts
(assumed); network isolation that is not asked for is "false" (assumed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Context = dict[str, str | list[str]]

_VPC = {"VpcSubnets", "VpcSecurityGroupIds"}
_KMS = {"OutputKmsKey", "VolumeKmsKey"}
_LIMITS = {"InstanceTypes", "MaxRuntimeInSeconds"}
_TRAFFIC = {"InterContainerTrafficEncryption"}
_KEYS: Mapping[str, set[str]] = {
    "CreateTrainingJob": {*_LIMITS, *_VPC, *_KMS, *_TRAFFIC, "NetworkIsolation"},
    "CreateProcessingJob": {*_LIMITS, *_VPC, *_KMS, *_TRAFFIC, "NetworkIsolation"},
    "CreateHyperParameterTuningJob": {*_LIMITS, *_VPC, *_KMS, *_TRAFFIC, "NetworkIsolation"},
    "CreateTransformJob": {"InstanceTypes", *_KMS},
    "CreateAutoMLJob": {*_VPC, *_KMS, *_TRAFFIC},
    "CreateModel": {*_VPC, "NetworkIsolation"},
    "CreateModelPackage": {"ModelApprovalStatus"},
    "CreateModelPackageGroup": set(),
}


def of(operation: str, request: Mapping[str, Any]) -> Context:
    """The keys of a request.

    Args:
        operation: such as "CreateTrainingJob".
        request: of the operation, without references.
    """
    values = {name: _READ[name](request) for name in sorted(_KEYS[operation])}
    found = {f"sagemaker:{name}": value for name, value in values.items() if value}
    return found | _tags(request)


def of_tagging(operation: str, request: Mapping[str, Any]) -> Context:
    """The keys of sagemaker:AddTags as part of another request: none of that request's own."""
    return {"sagemaker:TaggingAction": operation} | _tags(request)


def _tags(request: Mapping[str, Any]) -> Context:
    tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
    found: Context = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    return found | ({"aws:TagKeys": list(tags)} if tags else {})


def _strings(*names: str) -> Callable[[Any], list[str]]:
    """All strings, or lists of them, with one of the names; each once."""
    return lambda request: list(
        dict.fromkeys(
            value
            for found in _members(request, {*names})
            for value in (found if isinstance(found, list) else [found])
        )
    )


def _first(*names: str) -> Callable[[Any], str]:
    return lambda request: next((str(found) for found in _members(request, {*names})), "")


def _flag(name: str) -> Callable[[Any], str]:
    return lambda request: str(any(_members(request, {name}))).lower()


def _runtime(request: Any) -> str:
    conditions = _members(request, {"StoppingCondition"})
    limits = [one["MaxRuntimeInSeconds"] for one in conditions if "MaxRuntimeInSeconds" in one]
    return str(max(limits)) if limits else ""


_READ: Mapping[str, Callable[[Any], str | list[str]]] = {
    "InstanceTypes": _strings("InstanceType"),
    "MaxRuntimeInSeconds": _runtime,
    "VpcSubnets": _strings("Subnets"),
    "VpcSecurityGroupIds": _strings("SecurityGroupIds"),
    "VolumeKmsKey": _first("VolumeKmsKeyId"),
    "OutputKmsKey": _first("KmsKeyId"),
    "NetworkIsolation": _flag("EnableNetworkIsolation"),
    "InterContainerTrafficEncryption": _flag("EnableInterContainerTrafficEncryption"),
    "ModelApprovalStatus": _first("ModelApprovalStatus"),
}


def _members(value: Any, names: set[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _members(item, names)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in names:
                yield item
            elif name not in ("Environment", "HyperParameters", "StaticHyperParameters", "Tags"):
                yield from _members(item, names)
