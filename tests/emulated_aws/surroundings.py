"""What pipelines need and the account does not have: made, so that executions can run.

Generic: nothing here knows who made the pipelines. What belongs to other accounts is left alone;
the runtime takes their images and keys for granted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from moto.backends import get_backend

from emulated_aws import infrastructure
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.refusals import Refused
from emulated_aws.runtime import account, executions, graph, values
from emulated_aws.runtime.container import ECR_IMAGE
from emulated_aws.runtime.world import StepFailed

_S3_URI = re.compile(r"s3://([a-z0-9][a-z0-9.-]+)|arn:aws[a-z-]*:s3:::([a-z0-9][a-z0-9.-]+)")
_DELIVERY_ARN = re.compile(r"arn:aws[a-z-]*:(?:sqs|sns):[a-z0-9-]+:\d{12}:[\w-]+(?:\.fifo)?")
_NETWORK_ID = re.compile(r"\b(vpc|subnet|sg)-[0-9a-f]{8}(?:[0-9a-f]{9})?\b")
_OWN_BUCKET = re.compile(r'resource\s+"aws_s3_bucket"')
_REGION = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d\b")
_QUEUE_URL = re.compile(r"https://[^/]+/(\d{12})/([\w-]+(?:\.fifo)?)")
_CIDR = "10.50.0.0/16"
_VPC_ID = "vpc-0e0e0e0e"


def arrange(
    aws: EmulatedAWS,
    policies: Mapping[str, str] | None = None,
    event_buckets: Iterable[str] = (),
) -> list[str]:
    """Make what the account's pipelines need, with their defaults and with what starts them sends.

    That is: the buckets of S3 URIs and those whose events rules wait for, an object below each
    input, the images of this account, the subnets and security groups, the models of transform
    jobs, and the queues and topics that steps, rules, schedules and alarms name.

    Args:
        aws: the account.
        policies: for the queues and topics that have none of their own, by ARN.
        event_buckets: that send their events to EventBridge.

    Returns:
        What was made, sorted.
    """
    needs = _Needs()
    for arn, content in pipelines(aws).items():
        for given in ({}, *_sent(arn)):
            needs.add(arn, content, given)
    for rule in account.rules():
        needs.buckets |= _buckets_of_events(rule.event_pattern.get_pattern())
    for target in _targets():
        needs.deliveries |= {target["Arn"], target.get("DeadLetterConfig", {}).get("Arn", "")}
    for alarm in account.alarms():
        needs.deliveries |= {*alarm.alarm_actions, *alarm.ok_actions}
    made = _Made(aws)
    for bucket in sorted(needs.buckets.union(event_buckets)):
        made.bucket(bucket)
    for bucket in sorted(event_buckets):
        made.events_of(bucket)
    for uri in sorted(needs.inputs):
        made.sample(uri)
    for image in sorted(needs.images):
        made.image(image)
    for region, ids in needs.networks.items():
        made.network(region, [_VPC_ID, *sorted(ids)])
    for region, name in sorted(needs.models):
        made.model(region, name)
    for arn in sorted(needs.deliveries):
        made.delivery(arn)
    for arn, policy in (policies or {}).items():
        made.policy(arn, policy)
    return sorted(made.names)


def arrange_named(aws: EmulatedAWS, text: str) -> list[str]:
    """Make what a root's text names by literal IDs and ARNs: its data sources find it.

    That is: one VPC with all subnets and security groups, in every region that is named; queues
    and topics; buckets, unless the root makes buckets itself.

    Args:
        aws: the account.
        text: of the .tf and .tfvars files.

    Returns:
        What was made, sorted.
    """
    known = set(boto3.Session().get_available_regions("sagemaker"))
    regions = sorted(known & set(_REGION.findall(text))) or [aws.region]
    ids = sorted({found[0] for found in _NETWORK_ID.finditer(text)})
    made = _Made(aws)
    for region in regions:
        made.network(region, ids)
    for arn in sorted(set(_DELIVERY_ARN.findall(text))):
        made.delivery(arn)
    if not _OWN_BUCKET.search(text):
        for bucket in sorted({found[1] or found[2] for found in _S3_URI.finditer(text)}):
            made.bucket(bucket)
    return sorted(made.names)


@dataclass
class _Needs:
    buckets: set[str] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    images: set[str] = field(default_factory=set)
    deliveries: set[str] = field(default_factory=set)
    models: set[tuple[str, str]] = field(default_factory=set)
    networks: dict[str, set[str]] = field(default_factory=dict)

    def add(self, pipeline_arn: str, content: Mapping[str, Any], given: Mapping[str, str]) -> None:
        """What an execution with these parameters needs; of a bad one, nothing: it will fail."""
        try:
            parameters = executions.parameter_values(content, given)
        except Refused:
            return
        known = values.variables(pipeline_arn)
        known |= {f"Parameters.{name}": value for name, value in parameters.items()}
        nodes = graph.nodes(content["Steps"])
        for node in nodes.values():
            try:
                step = values.resolve(node.without_branches, known, set(nodes))
            except StepFailed:
                continue
            self.add_step(pipeline_arn.split(":")[3], step)

    def add_step(self, region: str, step: Any) -> None:
        """What is named by a step without references."""
        network = set()
        for path, text in _strings(step, ()):
            if text.startswith("s3://"):
                self.buckets.add(text.split("/")[2])
                self.inputs |= {text} if _INPUTS & {*path} else set()
            if path[-1] in ("Image", "ImageUri", "TrainingImage"):
                self.images.add(text)
            elif {"Subnets", "SecurityGroupIds"} & {*path}:
                network.add(text)
            elif path[-1] == "SqsQueueUrl" and (queue := _QUEUE_URL.fullmatch(text)):
                self.deliveries.add(f"arn:aws:sqs:{region}:{queue[1]}:{queue[2]}")
            elif path[-2:] == ("Arguments", "ModelName") and step["Type"] == "Transform":
                self.models.add((region, text))
        if unknown := account.unknown_network(region, sorted(network), []):
            self.networks.setdefault(region, set()).update(unknown)


#: Members around a URI that is read.
_INPUTS = {"S3Input", "S3DataSource", "ModelDataUrl"}


def _strings(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """All strings, with the names of the members that lead to them."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _strings(item, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, path)


@dataclass
class _Made:
    aws: EmulatedAWS
    names: list[str] = field(default_factory=list)

    def bucket(self, name: str) -> None:
        s3 = self._client("s3")
        if name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=name)
            self.names.append(f"bucket {name}")

    def events_of(self, name: str) -> None:
        """Let a bucket send its events to EventBridge, and what else it sends to whom it does."""
        s3 = self._client("s3")
        found = s3.get_bucket_notification_configuration(Bucket=name)
        found.pop("ResponseMetadata")
        if "EventBridgeConfiguration" not in found:
            s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration=found | {"EventBridgeConfiguration": {}}
            )
            self.names.append(f"events of bucket {name}")

    def sample(self, uri: str) -> None:
        """An object whose URI begins with ``uri``."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        s3 = self._client("s3")
        if not s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents"):
            last = key.rpartition("/")[2]
            key = key if "." in last else f"{key.rstrip('/')}/part-1.csv".lstrip("/")
            s3.put_object(Bucket=bucket, Key=key, Body=b"made for the rehearsal")
            self.names.append(f"object s3://{bucket}/{key}")

    def image(self, uri: str) -> None:
        found = ECR_IMAGE.fullmatch(uri)
        if not found or found["account"] != self.aws.account_id:
            return
        ecr, repository = self._client("ecr", found["region"]), found["repository"]
        if not any(
            repository == other["repositoryName"]
            for page in ecr.get_paginator("describe_repositories").paginate()
            for other in page["repositories"]
        ):
            ecr.create_repository(repositoryName=repository)
        image = (
            {"imageDigest": found["digest"]}
            if found["digest"]
            else {"imageTag": found["tag"] or "latest"}
        )
        if not ecr.batch_get_image(repositoryName=repository, imageIds=[image])["images"]:
            ecr.put_image(
                repositoryName=repository,
                imageManifest=infrastructure.manifest(repository, *image.values()),
                **{"imageTag": "latest", **image},
            )
            self.names.append(f"image {uri}")

    def model(self, region: str, name: str) -> None:
        """A model of somebody else, whose role may do everything."""
        if account.model(region, name):
            return
        iam, role = self._client("iam"), "models-of-others"
        if role not in {found["RoleName"] for found in iam.list_roles()["Roles"]}:
            trusted = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
            everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
            iam.create_role(
                RoleName=role,
                AssumeRolePolicyDocument=_policy(trusted | {"Action": "sts:AssumeRole"}),
            )
            iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=_policy(everything))
        others = "111111111111"
        self._client("sagemaker", region).create_model(
            ModelName=name,
            ExecutionRoleArn=f"arn:aws:iam::{self.aws.account_id}:role/{role}",
            PrimaryContainer={"Image": f"{others}.dkr.ecr.{region}.amazonaws.com/model:latest"},
        )
        self.names.append(f"model {name}")

    def delivery(self, arn: str) -> None:
        """A queue or topic of this account."""
        if not _DELIVERY_ARN.fullmatch(arn):
            return
        _, _, service, region, number, name = arn.split(":")
        if number != self.aws.account_id:
            return
        fifo = {"FifoQueue" if service == "sqs" else "FifoTopic": "true"}
        attributes = fifo if name.endswith(".fifo") else {}
        if service == "sqs":
            sqs = self._client("sqs", region)
            if not any(url.endswith(f"/{name}") for url in sqs.list_queues().get("QueueUrls", [])):
                sqs.create_queue(QueueName=name, Attributes=attributes)
                self.names.append(f"queue {arn}")
        else:
            sns = self._client("sns", region)
            if arn not in {topic["TopicArn"] for topic in sns.list_topics()["Topics"]}:
                sns.create_topic(Name=name, Attributes=attributes)
                self.names.append(f"topic {arn}")

    def policy(self, arn: str, policy: str) -> None:
        """Let a queue or topic of this account have a policy."""
        _, _, service, region, number, name = arn.split(":")
        if number != self.aws.account_id:
            return
        if account.resource_policy(arn):
            return
        if service == "sqs":
            sqs = self._client("sqs", region)
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        else:
            sns = self._client("sns", region)
            sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        self.names.append(f"policy of {arn}")

    def network(self, region: str, ids: Iterable[str]) -> None:
        """The first VPC of the IDs with all their subnets and groups, if it does not exist."""
        kinds: dict[str, list[str]] = {"vpc": [], "subnet": [], "sg": []}
        for item in ids:
            kinds[item.partition("-")[0]].append(item)
        ec2 = self._client("ec2", region)
        existing = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
        if not kinds["vpc"] or kinds["vpc"][0] in existing:
            return
        vpc_id = kinds["vpc"][0]
        infrastructure.create_vpc(ec2, vpc_id, _CIDR, "rehearsal")
        for number, subnet_id in enumerate(kinds["subnet"]):
            infrastructure.create_subnet(ec2, vpc_id, subnet_id, _CIDR, number, Name=subnet_id)
        for group_id in kinds["sg"]:
            infrastructure.create_security_group(ec2, vpc_id, group_id, group_id.replace("-", "_"))
        parts = ", ".join([*kinds["subnet"], *kinds["sg"]])
        self.names.append(
            f"{vpc_id} in {region} with {parts}" if parts else f"{vpc_id} in {region}"
        )

    def _client(self, service: str, region: str = EmulatedAWS.region) -> Any:
        return self.aws.client(service, behind=True, region=region)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def pipelines(aws: EmulatedAWS) -> dict[str, dict[str, Any]]:
    """The definitions of all pipelines of all regions by their ARNs."""
    found = {}
    for region in sorted(get_backend("sagemaker")[aws.account_id]):
        sagemaker = aws.client("sagemaker", behind=True, region=region)
        for page in sagemaker.get_paginator("list_pipelines").paginate():
            for summary in page["PipelineSummaries"]:
                held = sagemaker.describe_pipeline(PipelineName=summary["PipelineName"])
                found[held["PipelineArn"]] = json.loads(held["PipelineDefinition"])
    return found


def _targets() -> Iterator[dict[str, Any]]:
    """The targets of all rules and schedules."""
    for rule in account.rules():
        yield from rule.targets
    for schedule in account.schedules():
        yield schedule.target


def _sent(pipeline_arn: str) -> Iterator[dict[str, str]]:
    """The parameters that a pipeline is sent; what is known only at the start is left out."""
    for target in _targets():
        if target["Arn"] == pipeline_arn:
            yield {
                name: value
                for name, value in account.parameters(target).items()
                if not value.startswith("$.") and "<aws.scheduler." not in value
            }


def _buckets_of_events(pattern: Mapping[str, Any]) -> set[str]:
    """The buckets that an event pattern names."""
    names = pattern.get("detail", {}).get("bucket", {}).get("name", [])
    return {name for name in names if isinstance(name, str)}
