"""What the account holds: moto's resources, read and written in its process.

Jobs read and write thousands of objects in a simulated year, so they do not go through HTTP.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.backends import get_backend
from moto.cloudwatch.models import Alarm
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecr.models import Image
from moto.events.models import Rule
from moto.sagemaker.models import FakePipeline
from moto.scheduler.models import Schedule

#: The ID of the policy that SNS gives each topic.
_DEFAULT_TOPIC_POLICY = "__default_policy_ID"
#: Metadata of objects that say something else than who wrote them.
_WRITER = "x-amz-meta-writer"


@dataclass(frozen=True)
class Role:
    """A role with its documents.

    Attributes:
        arn: of the role.
        name: of the role.
        trust: its assume role policy.
        policies: inline and managed policies by name.
        boundary: the permissions boundary; None without one.
    """

    arn: str
    name: str
    trust: str
    policies: dict[str, str]
    boundary: str | None


def role(arn: str) -> Role | None:
    """The role of that ARN, where there is one."""
    iam = _backend("iam", partition=arn.split(":")[1])
    found = next((role for role in iam.roles.values() if role.arn == arn), None)
    if found is None:
        return None
    boundary = found.permissions_boundary_arn
    managed = {policy.name: _document(policy) for policy in found.managed_policies.values()}
    return Role(
        arn,
        found.name,
        found.assume_role_policy_document,
        managed | found.policies,
        _document(iam.managed_policies[boundary]) if boundary in iam.managed_policies else None,
    )


def _document(policy: Any) -> str:
    versions = {version.version_id: version.document for version in policy.versions}
    return str(versions[policy.default_version_id])


def resource_policy(arn: str) -> str | None:
    """The policy of a bucket (or of an object's), key, queue, topic or repository, if it has one.

    The one that SNS gives each topic counts as none: like none, it lets in its account only. A key
    that is not here is taken for one that is, with the policy that lets IAM decide.
    """
    _, _, service, region, account, name = arn.split(":", 5)
    policy: Any = None
    if service == "s3":
        found = bucket(name.partition("/")[0])
        policy = found.policy.decode() if found and found.policy else None
    elif service == "sqs" and (queue := _backend(service, region, account).queues.get(name)):
        policy = queue.policy
    elif service == "sns" and (topic := _backend(service, region, account).topics.get(arn)):
        policy = None if _DEFAULT_TOPIC_POLICY in (topic.policy or "") else topic.policy
    elif service == "kms":
        policy = getattr(
            _backend(service, region, account).keys.get(name.partition("/")[2]), "policy", None
        )
    elif service == "ecr" and (
        found := _backend(service, region, account).repositories.get(name.partition("/")[2])
    ):
        policy = found.policy
    return policy or None


def pipeline(arn: str) -> FakePipeline | None:
    """The pipeline of that ARN, where there is one."""
    found = _backend("sagemaker", arn.split(":")[3]).pipelines.get(arn.rpartition("/")[2])
    return found if isinstance(found, FakePipeline) else None


def rules() -> Iterator[Rule]:
    """All rules of all regions."""
    for backend in get_backend("events")[DEFAULT_ACCOUNT_ID].values():
        for bus in backend.event_buses.values():
            yield from bus.rules.values()


def schedules() -> Iterator[Schedule]:
    """All schedules of all groups and regions."""
    for backend in get_backend("scheduler")[DEFAULT_ACCOUNT_ID].values():
        for group in backend.schedule_groups.values():
            yield from group.schedules.values()


def parameters(target: Mapping[str, Any]) -> dict[str, str]:
    """What a target of a rule or schedule sends to a pipeline: name to value, as it stands."""
    given = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    return {parameter["Name"]: parameter["Value"] for parameter in given}


def alarms() -> Iterator[Alarm]:
    """All alarms of all regions."""
    for backend in get_backend("cloudwatch")[DEFAULT_ACCOUNT_ID].values():
        yield from backend.alarms.values()


# Models and their packages


def model(region: str, name: str) -> dict[str, Any] | None:
    """A model as DescribeModel gives it, where there is one."""
    found = _backend("sagemaker", region)._models.get(name)
    return dict(found.response_object) if found else None


def create_model(region: str, request: Mapping[str, Any]) -> None:
    """Create a model: the request of CreateModel."""
    _backend("sagemaker", region).create_model(
        request["ModelName"],
        request.get("ExecutionRoleArn", ""),
        request.get("PrimaryContainer"),
        request.get("VpcConfig"),
        request.get("Containers"),
        request.get("Tags"),
    )


def create_model_package_group(region: str, name: str) -> None:
    """Create a group of model packages, unless there is one of that name."""
    backend = _backend("sagemaker", region)
    if name not in backend.model_package_groups:
        backend.create_model_package_group(name, "")


def create_model_package(region: str, request: Mapping[str, Any]) -> str:
    """Create a model package: the request of CreateModelPackage; gives its ARN."""
    given = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): item for name, item in request.items()}
    backend = _backend("sagemaker", region)
    names = inspect.signature(backend.create_model_package).parameters
    return str(backend.create_model_package(**{name: given.get(name) for name in names}))


def delete_model_package(region: str, arn: str) -> bool:
    """Delete a model package; whether there was one."""
    backend = _backend("sagemaker", region)
    backend.model_package_name_mapping.pop(arn, None)
    return backend.model_packages.pop(arn, None) is not None


def delete_model_package_group(region: str, name: str) -> bool:
    """Delete a group of model packages; whether there was one."""
    return _backend("sagemaker", region).model_package_groups.pop(name, None) is not None


def model_package(region: str, arn: str) -> dict[str, Any] | None:
    """A model package as DescribeModelPackage gives it, where there is one."""
    found = _backend("sagemaker", region).model_packages.get(arn)
    return dict(found.gen_response_object()) if found else None


def model_packages(region: str, group: str) -> list[dict[str, Any]]:
    """The packages of a group as DescribeModelPackage gives them, the oldest first."""
    return [
        package.gen_response_object()
        for package in _backend("sagemaker", region).model_packages.values()
        if package.model_package_group_name == group
    ]


# S3


def bucket(name: str) -> Any:
    """The bucket of that name, where there is one."""
    for backend in get_backend("s3")[DEFAULT_ACCOUNT_ID].values():
        if name in backend.buckets:
            return backend.buckets[name]
    return None


def keys(bucket_name: str, prefix: str) -> list[str]:
    """The keys that begin with ``prefix``, in order."""
    return sorted(key for key in bucket(bucket_name).keys if key.startswith(prefix))


def kms_key(bucket_name: str, key: str) -> str:
    """The ARN of the KMS key that encrypts an object, or ""."""
    return getattr(bucket(bucket_name).keys.get(key), "kms_key_id", None) or ""


def put(
    bucket_name: str, key: str, writer: str, text: str | None = None, *, kms_key: str | None
) -> None:
    """Write an object: a text, or the name of its writer."""
    made = _backend("s3", partition=bucket(bucket_name).partition).put_object(
        bucket_name,
        key,
        (writer if text is None else text).encode(),
        encryption="aws:kms" if kms_key else None,
        kms_key_id=kms_key,
    )
    if text is not None:
        made.set_metadata({_WRITER: writer})


def text(bucket_name: str, key: str) -> str | None:
    """What is in an object; None when there is no such object."""
    found = bucket(bucket_name)
    held = found and found.keys.get(key)
    return held.value.decode(errors="replace") if held else None


def writer(bucket_name: str, key: str) -> str:
    """Who wrote an object: what :func:`put` was given; "" when there is no such object."""
    found = bucket(bucket_name).keys.get(key)
    return (found.metadata.get(_WRITER) or text(bucket_name, key) or "") if found else ""


def delete(bucket_name: str, key: str) -> None:
    """Delete an object."""
    _backend("s3", partition=bucket(bucket_name).partition).delete_object(bucket_name, key)


# ECR, EC2, CloudWatch Logs


def repository_exists(region: str, name: str) -> bool:
    """Whether ECR has a repository in this account."""
    return name in _backend("ecr", region).repositories


def image_exists(region: str, repository: str, tag: str, digest: str) -> bool:
    """Whether a repository has an image, by one of tag and digest."""
    images: list[Image] = _backend("ecr", region).repositories[repository].images
    return any(
        digest == image.get_image_digest() if digest else tag in image.image_tags
        for image in images
    )


def unknown_network(region: str, subnets: list[str], security_groups: list[str]) -> list[str]:
    """Those of the IDs that do not exist."""
    ec2 = _backend("ec2", region)
    known = {name for zone in ec2.subnets.values() for name in zone}
    known |= {name for vpc in ec2.groups.values() for name in vpc}
    return [name for name in (*subnets, *security_groups) if name not in known]


def write_log(region: str, group: str, stream: str, text: str, time: datetime) -> None:
    """Write a line to a new log stream, and make its group if need be."""
    logs = _backend("logs", region)
    if group not in logs.groups:
        logs.create_log_group(group, {})
    logs.create_log_stream(group, stream)
    event = {"timestamp": int(time.timestamp() * 1000), "message": text}
    logs.groups[group].put_log_events(stream, [event])


# Queues and topics


def send(arn: str, text: str, attributes: dict[str, str]) -> str:
    """Send a message to a queue or topic; gives why it could not, or "".

    Topics deliver to their subscriptions.
    """
    _, _, service, region, account, name = arn.split(":", 5)
    backend = _backend(service, region, account)
    if service == "sqs":
        if name not in backend.queues:
            return f"The queue {arn} does not exist."
        backend.send_message(
            name,
            text,
            message_attributes={
                key: {"DataType": "String", "StringValue": value}
                for key, value in attributes.items()
            },
        )
    else:
        if arn not in backend.topics:
            return f"The topic {arn} does not exist."
        backend.topics[arn].publish(text)
    return ""


def _backend(
    service: Any, region: str = "", account: str = DEFAULT_ACCOUNT_ID, *, partition: str = ""
) -> Any:
    return get_backend(service)[account][region or partition]
