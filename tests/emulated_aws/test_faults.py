"""Injected faults: in the words of the service, at the calls they are meant for, and no others."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.faults import PASSING, Fault
from emulated_aws.samples import TRUST, create_pipeline

CALLS: dict[str, Callable[[Any], Any]] = {
    "sagemaker": lambda client: client.list_pipelines(),
    "events": lambda client: client.list_rules(),
    "iam": lambda client: client.list_roles(),
    "sts": lambda client: client.get_caller_identity(),
    "ec2": lambda client: client.describe_vpcs(),
    "s3": lambda client: client.list_buckets(),
    "sns": lambda client: client.list_topics(),
    "scheduler": lambda client: client.list_schedules(),
    "cloudwatch": lambda client: client.describe_alarms(),
}


@pytest.fixture
def aws(double: EmulatedAWS) -> EmulatedAWS:
    double.reset()
    return double


def code(call: Callable[[], Any]) -> str:
    """The code of the error that a call gets, "" when it gets none."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize(
    ("service", "fault", "expected", "status"),
    [
        ("sagemaker", Fault.THROTTLED, "ThrottlingException", 400),
        ("events", Fault.THROTTLED, "ThrottlingException", 400),
        ("iam", Fault.THROTTLED, "Throttling", 400),
        ("sts", Fault.THROTTLED, "Throttling", 400),
        ("ec2", Fault.THROTTLED, "RequestLimitExceeded", 503),
        ("s3", Fault.THROTTLED, "SlowDown", 503),
        ("sns", Fault.THROTTLED, "Throttling", 400),
        ("scheduler", Fault.THROTTLED, "ThrottlingException", 429),
        ("cloudwatch", Fault.THROTTLED, "ThrottlingException", 400),
        ("sagemaker", Fault.INTERNAL_ERROR, "InternalFailure", 500),
        ("scheduler", Fault.INTERNAL_ERROR, "InternalServerException", 500),
        ("iam", Fault.INTERNAL_ERROR, "InternalFailure", 500),
        ("ec2", Fault.INTERNAL_ERROR, "InternalError", 500),
        ("sagemaker", Fault.UNAVAILABLE, "ServiceUnavailable", 503),
        ("iam", Fault.UNAVAILABLE, "ServiceUnavailable", 503),
        ("ec2", Fault.UNAVAILABLE, "Unavailable", 503),
        ("scheduler", Fault.UNAVAILABLE, "ServiceUnavailable", 503),
        ("sagemaker", Fault.DENIED, "AccessDeniedException", 400),
        ("scheduler", Fault.DENIED, "AccessDeniedException", 403),
        ("cloudwatch", Fault.DENIED, "AccessDeniedException", 400),
        ("iam", Fault.DENIED, "AccessDenied", 403),
        ("ec2", Fault.DENIED, "UnauthorizedOperation", 403),
        ("s3", Fault.DENIED, "AccessDenied", 403),
    ],
)
def test_error_is_in_the_words_of_the_service(
    aws: EmulatedAWS, service: str, fault: Fault, expected: str, status: int
) -> None:
    aws.faults.on(service, "*", fault)
    with pytest.raises(ClientError) as error:
        CALLS[service](aws.client(service))
    assert error.value.response["Error"]["Code"] == expected
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert aws.calls[-1].status == status
    assert [key[2] for key in aws.faults.injected] == [fault]


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("fault", PASSING)
def test_client_that_tries_again_gets_through(
    aws: EmulatedAWS, monkeypatch: pytest.MonkeyPatch, service: str, fault: Fault
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)  # what botocore waits between attempts
    client = aws.client(service, attempts=2)
    aws.calls.clear()
    operation = {"s3": "GET /"}.get(service, "*")
    aws.faults.on(service, operation, fault, call=1)
    assert CALLS[service](client)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert len(aws.calls) == 2
    assert aws.faults.injected.total() == 1


def test_only_the_call_that_is_meant_fails(aws: EmulatedAWS) -> None:
    aws.faults.on("sagemaker", "ListPipelines", Fault.THROTTLED, call=2)
    sagemaker = aws.client("sagemaker")
    codes = [code(sagemaker.list_pipelines) for _ in range(3)]
    assert codes == ["", "ThrottlingException", ""]
    assert code(sagemaker.list_training_jobs) == ""
    assert aws.faults.injected == {("sagemaker", "ListPipelines", Fault.THROTTLED): 1}


def test_denied_for_good_until_cleared(aws: EmulatedAWS) -> None:
    aws.faults.deny("sagemaker", "ListPipelines", since=2)
    sagemaker = aws.client("sagemaker")
    codes = [code(sagemaker.list_pipelines) for _ in range(4)]
    assert codes == ["", *["AccessDeniedException"] * 3]
    aws.faults.clear()
    assert code(sagemaker.list_pipelines) == ""
    assert aws.faults.injected.total() == 3


def test_faults_are_not_for_clients_behind_the_layers(aws: EmulatedAWS) -> None:
    aws.faults.deny("*", "*")
    assert aws.client("sagemaker", behind=True).list_pipelines()["PipelineSummaries"] == []
    aws.seed()
    assert aws.inventory()["buckets"]
    assert (aws.calls, aws.faults.injected.total()) == ([], 0)


@pytest.mark.parametrize(
    ("fault", "carried_out"), [(Fault.DROPPED_BEFORE, False), (Fault.DROPPED_AFTER, True)]
)
def test_dropped_connection(aws: EmulatedAWS, fault: Fault, carried_out: bool) -> None:
    aws.faults.on("iam", "CreateRole", fault)
    with pytest.raises(ConnectionClosedError):
        aws.client("iam").create_role(RoleName="new", AssumeRolePolicyDocument=TRUST)
    assert aws.calls[-1].status is None
    assert ("roles" in aws.inventory()) is carried_out


def test_pipeline_created_although_the_connection_broke(aws: EmulatedAWS) -> None:
    aws.client("iam").create_role(RoleName="pipeline", AssumeRolePolicyDocument=TRUST)
    aws.faults.on("sagemaker", "CreatePipeline", Fault.DROPPED_AFTER, call=1)
    answer = aws.client("sagemaker", attempts=2).create_pipeline(**create_pipeline().parameters)
    assert answer["PipelineArn"] == aws.inventory()["pipelines"][0]


def test_random_faults_can_be_repeated(aws: EmulatedAWS) -> None:
    def run(seed: int) -> list[str]:
        aws.faults.at_random(0.2, seed, [Fault.THROTTLED, Fault.INTERNAL_ERROR])
        return [code(aws.client("sts").get_caller_identity) for _ in range(100)]

    first = run(1)
    assert run(1) == first
    assert run(2) != first
    failed = [item for item in first if item]
    assert 10 <= len(failed) <= 30
    assert set(failed) == {"Throttling", "InternalFailure"}
    injected = aws.faults.injected.total()
    aws.faults.clear()
    assert [code(aws.client("sts").get_caller_identity) for _ in range(20)] == [""] * 20
    assert aws.faults.injected.total() == injected
