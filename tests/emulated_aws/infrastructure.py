"""The infrastructure that exists before the module is used, and what exists after.

The ids and names are those of the examples, so their configurations are planned as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from moto.ec2 import utils as ec2_utils

#: Makes a boto3 client for a service.
Client = Callable[[str], Any]

#: Finds all resources of a kind.
Look = Callable[[Client], list[str]]


@dataclass(frozen=True)
class Network:
    """A VPC with subnets and a security group.

    Attributes:
        vpc_id: of the VPC.
        cidr: of the VPC; each subnet has a /24 of it.
        name: tag Name of the VPC.
        subnets: id of each subnet to its tag Tier.
        security_group_id: of the one security group but for the VPC's default one.
        security_group_name: of it.
        tenancy: of the instances in it.
    """

    vpc_id: str
    cidr: str
    name: str
    subnets: dict[str, str]
    security_group_id: str
    security_group_name: str = "sagemaker"
    tenancy: str = "default"

    @property
    def subnet_ids(self) -> list[str]:
        """The ids of all subnets."""
        return list(self.subnets)


#: Named by id in both-pipelines and training-only.
SHARED = Network(
    "vpc-12345678",
    "10.10.0.0/16",
    "ml-platform",
    {"subnet-12345678": "private", "subnet-87654321": "private"},
    "sg-12345678",
)
#: Found by name and tags in processing-only; its public subnet is not to be used.
PRODUCTION = Network(
    "vpc-0a0a0a0a",
    "10.20.0.0/16",
    "ml-platform-prod",
    {
        "subnet-0a0a0a01": "private",
        "subnet-0a0a0a02": "private",
        "subnet-0a0a0a03": "public",
    },
    "sg-0a0a0a0a",
)
#: Belongs to others: for tests that put a foreign subnet or security group in.
FOREIGN = Network(
    "vpc-0f0f0f0f", "10.30.0.0/16", "other-team", {"subnet-0f0f0f0f": "private"}, "sg-0f0f0f0f"
)

#: SageMaker runs no jobs in it.
DEDICATED = Network(
    "vpc-0d0d0d0d",
    "10.40.0.0/16",
    "dedicated",
    {"subnet-0d0d0d0d": "private"},
    "sg-0d0d0d0d",
    tenancy="dedicated",
)

NETWORKS = (SHARED, PRODUCTION, FOREIGN, DEDICATED)
BUCKETS = ("my-ml-bucket", "dev-ml-bucket", "ml-bucket", "sandbox-ml-bucket")
#: Managed policies that `complete` attaches, and its permissions boundary: name to what is allowed.
POLICIES = {
    "feature-store-read": "sagemaker:GetRecord",
    "kafka-write-predictions": "kafka-cluster:WriteData",
    "ml-boundary": "*",
}
#: ECR repository to the tags of its images; the documents name them, too.
IMAGES = {
    "ml-training": ("latest", "1.4.0", "dev", "sandbox"),
    "ml-inference": ("latest", "sandbox"),
}


def create(client: Client) -> None:
    """Create it all.

    Raises:
        botocore.exceptions.ClientError: some of it exists already.
    """
    client(
        "ec2"
    ).describe_vpcs()  # the first call makes the default VPC, which needs ids of its own
    for network in NETWORKS:
        _create_network(client("ec2"), network)
    for bucket in BUCKETS:
        client("s3").create_bucket(Bucket=bucket)
    for policy, action in POLICIES.items():
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        client("iam").create_policy(
            PolicyName=policy,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
    for repository, tags in IMAGES.items():
        client("ecr").create_repository(repositoryName=repository)
        for tag in tags:
            client("ecr").put_image(
                repositoryName=repository, imageTag=tag, imageManifest=manifest(repository, tag)
            )


def _create_network(ec2: Any, network: Network) -> None:
    create_vpc(ec2, network.vpc_id, network.cidr, network.name, network.tenancy)
    for number, (subnet_id, tier) in enumerate(network.subnets.items()):
        name = f"{network.name}-{number}"
        create_subnet(ec2, network.vpc_id, subnet_id, network.cidr, number, Name=name, Tier=tier)
    create_security_group(
        ec2, network.vpc_id, network.security_group_id, network.security_group_name
    )


def create_vpc(ec2: Any, vpc_id: str, cidr: str, name: str, tenancy: str = "default") -> None:
    """Create a VPC of that id, with a tag Name."""
    with _ids(vpc_id):
        tags = _tags("vpc", Name=name)
        ec2.create_vpc(CidrBlock=cidr, InstanceTenancy=tenancy, TagSpecifications=tags)


def create_subnet(
    ec2: Any, vpc_id: str, subnet_id: str, cidr: str, number: int, **tags: str
) -> None:
    """Create a subnet of that id: the /24 of that number in the VPC's range, zone after zone."""
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    with _ids(subnet_id):
        ec2.create_subnet(
            VpcId=vpc_id,
            CidrBlock=f"{cidr.rpartition('.0.0/')[0]}.{number}.0/24",
            AvailabilityZone=zones[number % len(zones)]["ZoneName"],
            TagSpecifications=_tags("subnet", **tags),
        )


def create_security_group(ec2: Any, vpc_id: str, group_id: str, name: str) -> None:
    """Create a security group of that id."""
    with _ids(group_id):
        ec2.create_security_group(VpcId=vpc_id, GroupName=name, Description="SageMaker jobs")


@contextmanager
def _ids(*wanted: str) -> Iterator[None]:
    """Let moto give these ids to the next resources of their kinds."""
    waiting: dict[str, deque[str]] = {}
    for item in wanted:
        waiting.setdefault(item.partition("-")[0], deque()).append(item)
    original = ec2_utils.random_id

    def chosen(prefix: str = "", size: int = 17) -> str:
        return waiting[prefix].popleft() if waiting.get(prefix) else original(prefix, size)

    with mock.patch.object(ec2_utils, "random_id", chosen):
        yield
    left = [item for queue in waiting.values() for item in queue]
    if left:
        raise RuntimeError(f"moto did not take the ids {left}: it makes them in another way now")


def _tags(kind: str, **tags: str) -> list[dict[str, Any]]:
    return [
        {"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]},
    ]


def manifest(repository: str, tag: str) -> str:
    """The manifest of an image without layers, like no other's."""
    digest = f"sha256:{hashlib.sha256(f'{repository}:{tag}'.encode()).hexdigest()}"
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": 1,
                "digest": digest,
            },
            "layers": [],
        }
    )


def inventory(client: Client) -> dict[str, list[str]]:
    """What the account holds: kind to sorted names, ids or ARNs; kinds without any are left out.

    Compare one from before an apply with one from after the destroy: what is left over shows.
    """
    found = {kind: sorted(look(client)) for kind, look in _LOOKS.items()}
    return {kind: names for kind, names in found.items() if names}


def _pages(client: Client, service: str, operation: str, key: str, **arguments: Any) -> list[Any]:
    api = client(service)
    if not api.can_paginate(operation):
        return list(getattr(api, operation)(**arguments).get(key, []))
    return [
        item
        for page in api.get_paginator(operation).paginate(**arguments)
        for item in page.get(key, [])
    ]


def _listed(service: str, operation: str, key: str, name: str, **arguments: Any) -> Look:
    def look(client: Client) -> list[str]:
        items = _pages(client, service, operation, key, **arguments)
        return [item[name] if isinstance(item, dict) else item for item in items]

    return look


def _targets(client: Client) -> list[str]:
    return [
        f"{rule['Name']}/{target['Id']}"
        for rule in _pages(client, "events", "list_rules", "Rules")
        for target in _pages(client, "events", "list_targets_by_rule", "Targets", Rule=rule["Name"])
    ]


def _schedule_groups(client: Client) -> list[str]:
    """All but the one that every account has."""
    groups = _pages(client, "scheduler", "list_schedule_groups", "ScheduleGroups")
    return [group["Arn"] for group in groups if group["Name"] != "default"]


def _inline_policies(client: Client) -> list[str]:
    return [
        f"{role['RoleName']}/{policy}"
        for role in _pages(client, "iam", "list_roles", "Roles")
        for policy in _pages(
            client, "iam", "list_role_policies", "PolicyNames", RoleName=role["RoleName"]
        )
    ]


def _attached_policies(client: Client) -> list[str]:
    return [
        f"{role['RoleName']}/{policy['PolicyArn']}"
        for role in _pages(client, "iam", "list_roles", "Roles")
        for policy in _pages(
            client,
            "iam",
            "list_attached_role_policies",
            "AttachedPolicies",
            RoleName=role["RoleName"],
        )
    ]


def _keys(client: Client) -> list[str]:
    """All but those that wait for their deletion, which takes days."""
    keys = [key["KeyId"] for key in _pages(client, "kms", "list_keys", "Keys")]
    found = [client("kms").describe_key(KeyId=key)["KeyMetadata"] for key in keys]
    return [key["Arn"] for key in found if key["KeyState"] != "PendingDeletion"]


def _log_groups(client: Client) -> list[str]:
    """All but those of jobs, which SageMaker makes and nobody deletes."""
    groups = _pages(client, "logs", "describe_log_groups", "logGroups")
    return [one["arn"] for one in groups if not one["logGroupName"].startswith("/aws/sagemaker/")]


_LOOKS: dict[str, Look] = {
    "pipelines": _listed("sagemaker", "list_pipelines", "PipelineSummaries", "PipelineArn"),
    "rules": _listed("events", "list_rules", "Rules", "Arn"),
    "targets": _targets,
    "schedules": _listed("scheduler", "list_schedules", "Schedules", "Arn"),
    "schedule groups": _schedule_groups,
    "roles": _listed("iam", "list_roles", "Roles", "Arn"),
    "inline policies": _inline_policies,
    "attached policies": _attached_policies,
    "policies": _listed("iam", "list_policies", "Policies", "Arn", Scope="Local"),
    "queues": _listed("sqs", "list_queues", "QueueUrls", ""),
    "topics": _listed("sns", "list_topics", "Topics", "TopicArn"),
    "alarms": _listed("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmArn"),
    "keys": _keys,
    "log groups": _log_groups,
    "VPCs": _listed("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "subnets": _listed("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "security groups": _listed("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "buckets": _listed("s3", "list_buckets", "Buckets", "Name"),
    "repositories": _listed("ecr", "describe_repositories", "repositories", "repositoryName"),
    "images": lambda client: [
        f"{repository}:{image.get('imageTag', image['imageDigest'])}"
        for repository in _LOOKS["repositories"](client)
        for image in _pages(client, "ecr", "list_images", "imageIds", repositoryName=repository)
    ],
}
