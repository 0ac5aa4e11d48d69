"""Emulated AWS itself: what it holds once seeded, what it writes down, and that it is alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.parsers import ResponseParserError
from moto.iam.models import IAMBackend

from emulated_aws import infrastructure
from emulated_aws.emulator import Call, EmulatedAWS
from emulated_aws.samples import TRUST, create_pipeline, put_rule, put_targets, trust


@pytest.fixture
def aws(double: EmulatedAWS) -> EmulatedAWS:
    double.reset()
    return double


@pytest.mark.parametrize("network", infrastructure.NETWORKS, ids=lambda network: network.name)
def test_networks_have_the_ids_of_the_examples(
    aws: EmulatedAWS, network: infrastructure.Network
) -> None:
    aws.seed()
    ec2 = aws.client("ec2")
    here = [{"Name": "vpc-id", "Values": [network.vpc_id]}]
    (vpc,) = ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"]
    assert {"Key": "Name", "Value": network.name} in vpc["Tags"]
    subnets = ec2.describe_subnets(Filters=here)["Subnets"]
    assert {subnet["SubnetId"] for subnet in subnets} == set(network.subnet_ids)
    groups = ec2.describe_security_groups(Filters=here)["SecurityGroups"]
    assert {group["GroupName"]: group["GroupId"] for group in groups}[
        network.security_group_name
    ] == network.security_group_id


def test_processing_only_finds_its_network(aws: EmulatedAWS) -> None:
    aws.seed()
    ec2 = aws.client("ec2")
    by_name = [{"Name": "tag:Name", "Values": ["ml-platform-prod"]}]
    (vpc,) = ec2.describe_vpcs(Filters=by_name)["Vpcs"]
    private = [
        {"Name": "vpc-id", "Values": [vpc["VpcId"]]},
        {"Name": "tag:Tier", "Values": ["private"]},
    ]
    subnets = ec2.describe_subnets(Filters=private)["Subnets"]
    assert sorted(subnet["SubnetId"] for subnet in subnets) == [
        "subnet-0a0a0a01",
        "subnet-0a0a0a02",
    ]


def test_buckets_and_images(aws: EmulatedAWS) -> None:
    aws.seed()
    held = aws.inventory()
    assert held["buckets"] == sorted(infrastructure.BUCKETS)
    assert held["repositories"] == ["ml-inference", "ml-training"]
    assert "ml-training:latest" in held["images"]
    assert aws.client("s3").head_bucket(Bucket="ml-bucket")["BucketRegion"] == "us-east-1"


def test_inventory_is_the_same_after_create_and_delete(aws: EmulatedAWS) -> None:
    aws.seed()
    iam, events, sagemaker = (aws.client(name) for name in ("iam", "events", "sagemaker"))
    before = aws.inventory()

    for name, service in (("pipeline", "sagemaker"), ("schedule", "events")):
        document = trust(f"{service}.amazonaws.com")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    create_pipeline(PipelineName="there").send(aws)
    put_rule(Name="there").send(aws)
    put_targets().send(aws)
    between = aws.inventory()
    assert {kind for kind in between if between[kind] != before.get(kind)} == {
        "pipelines",
        "roles",
        "rules",
        "targets",
    }
    assert between["targets"] == ["there/pipeline"]

    events.remove_targets(Rule="there", Ids=["pipeline"])
    events.delete_rule(Name="there")
    sagemaker.delete_pipeline(PipelineName="there", ClientRequestToken="x" * 32)
    for name in ("pipeline", "schedule"):
        iam.delete_role(RoleName=name)
    assert aws.inventory() == before


def test_inventory_finds_what_goes_with_schedules_and_notifications(aws: EmulatedAWS) -> None:
    aws.client("sqs").create_queue(QueueName="dead-letters")
    aws.client("sns").create_topic(Name="failures")
    for group in ("/aws/sagemaker/TrainingJobs", "failures"):
        aws.client("logs").create_log_group(logGroupName=group)
    key = aws.client("kms").create_key()["KeyMetadata"]
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName="failed",
        MetricName="ExecutionFailed",
        Namespace="AWS/Sagemaker/ModelBuildingPipeline",
        Dimensions=[{"Name": "PipelineName", "Value": "there"}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    held = aws.inventory()
    assert held["keys"] == [key["Arn"]]
    assert {"queues", "topics", "log groups", "alarms"} <= held.keys()
    assert [arn.split(":")[6] for arn in held["log groups"]] == ["failures"]
    aws.client("kms").schedule_key_deletion(KeyId=key["KeyId"])
    assert "keys" not in aws.inventory()


def test_calls_are_written_down(aws: EmulatedAWS) -> None:
    tags = [{"Key": "Team", "Value": "ml"}, {"Key": "Empty", "Value": ""}]
    aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=tags)
    aws.client("sagemaker").list_pipelines(MaxResults=5)
    aws.client("s3").list_buckets()
    assert aws.calls[:2] == [
        Call(
            "iam",
            "CreateRole",
            200,
            {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "Tags": tags},
        ),
        Call("sagemaker", "ListPipelines", 200, {"MaxResults": 5}),
    ]
    assert (aws.calls[2].service, aws.calls[2].status) == ("s3", 200)
    aws.reset()
    assert aws.calls == []


def test_calls_are_carried_out_one_at_a_time(
    aws: EmulatedAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto goes through its tables while other calls change them, unless it has one at a time."""
    inside: list[int] = []
    most = 0
    carry_out = IAMBackend.create_role

    def create_role(backend: IAMBackend, *arguments: Any) -> Any:
        nonlocal most
        inside.append(threading.get_ident())
        most = max(most, len(inside))
        time.sleep(0.05)
        inside.pop()
        return carry_out(backend, *arguments)

    monkeypatch.setattr(IAMBackend, "create_role", create_role)
    clients = [aws.client("iam"), aws.client("iam", behind=True)]

    def create(number: int) -> None:
        iam = clients[number % 2]
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=TRUST)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(create, range(6)))
    assert most == 1
    assert len(aws.inventory()["roles"]) == 6


def test_own_failure_is_written_down(aws: EmulatedAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider sends such a call again, and a test that passes then proves nothing."""

    def get_roles(_: IAMBackend) -> Iterable[Any]:
        raise RuntimeError("dictionary changed size during iteration")

    monkeypatch.setattr(IAMBackend, "get_roles", get_roles)
    with pytest.raises(ResponseParserError):
        aws.client("iam").get_role(RoleName="r")
    assert len(aws.crashes) == 1
    assert aws.crashes.pop().startswith("iam GetRole: Traceback")
    assert [call.status for call in aws.calls] == [500]


def test_reset_empties_the_account(aws: EmulatedAWS) -> None:
    aws.seed()
    aws.reset()
    assert "buckets" not in aws.inventory()
    aws.seed()
    assert "vpc-12345678" in aws.inventory()["VPCs"]


def test_environment_leads_here(aws: EmulatedAWS) -> None:
    assert aws.environment["AWS_ENDPOINT_URL"] == aws.endpoint
    assert aws.environment["AWS_REGION"] == aws.region
    assert all(name.startswith("AWS_") for name in aws.environment)


def test_there_is_one_at_a_time(aws: EmulatedAWS) -> None:
    with pytest.raises(RuntimeError, match="another EmulatedAWS is running"), EmulatedAWS():
        pass
    assert aws.client("sts").get_caller_identity()["Account"] == aws.account_id
