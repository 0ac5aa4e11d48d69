"""The network that is looked up at plan: what it must be, and that nothing else is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from harness.emulator import EmulatedAWS
from harness.root import Root
from test_bad_values import VALID, VPC


@pytest.mark.parametrize("lookup", [True, False])
def test_calls_of_a_plan(lookup: bool, new_root: Callable[[], Root], aws: EmulatedAWS) -> None:
    root = new_root()
    root.call_module({"call": VALID | VPC | {"lookup_network": lookup}})
    aws.calls.clear()
    root.plan()
    calls = Counter(call.operation for call in aws.calls)
    network = {name: number for name, number in calls.items() if name.startswith("Describe")}
    # the provider itself asks once who it is, the module once more
    assert calls - Counter(network) == {"GetCallerIdentity": 2}
    assert sum(network.values()) == (7 if lookup else 0)


def test_dedicated_vpc_is_refused(new_root: Callable[[], Root], aws: EmulatedAWS) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", InstanceTenancy="dedicated")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="ml", Description="ml")["GroupId"]
    root = new_root()
    network = {"vpc_id": vpc, "subnet_ids": [subnet], "security_group_ids": [group]}
    root.call_module({"call": VALID | network})
    (error,) = root.diagnostics()
    assert error.sentence.startswith(f'vpc_id is "{vpc}", a VPC of dedicated tenancy')


def test_vpc_that_does_not_exist_is_named(new_root: Callable[[], Root]) -> None:
    root = new_root()
    root.call_module({"call": VALID | VPC | {"vpc_id": "vpc-00000000"}})
    sentences = [error.sentence for error in root.diagnostics()]
    assert any(
        "subnet_ids has subnet-12345678, subnet-87654321, not found in vpc_id vpc-00000000"
        in sentence
        for sentence in sentences
    ), sentences
