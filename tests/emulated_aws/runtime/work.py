"""What a job works with, read from its request: the same view of both kinds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Work:
    """The parts of a request that decide what the job does.

    Attributes:
        image: URI of the container's image.
        inputs: name to S3 URI, as SageMaker reads it: everything whose key begins with it.
        outputs: S3 URIs of the objects that the job writes at its end, or while it runs.
        continuous: outputs are written while the job runs.
        checkpoints: the S3 URI of its checkpoints; None without any.
        output_key: the KMS key for what it writes to S3.
        volume_key: the KMS key of its volumes.
        subnets: IDs; empty without a VPC.
        security_groups: IDs.
        environment: of the container.
        isolated: the container has no network.
        longest: how long it may run.
        longest_wait: how long a spot job may wait and run; None for others.
        context: condition keys of the request for the job.
    """

    image: str
    inputs: dict[str, str]
    outputs: list[str]
    continuous: bool
    checkpoints: str | None
    output_key: str | None
    volume_key: str | None
    subnets: list[str]
    security_groups: list[str]
    environment: dict[str, str]
    isolated: bool
    longest: timedelta
    longest_wait: timedelta | None
    context: dict[str, str | list[str]]


def training(request: dict[str, Any]) -> Work:
    """The work of CreateTrainingJob: one archive of the model, below the job's name."""
    resources, stop = request["ResourceConfig"], request["StoppingCondition"]
    output = request["OutputDataConfig"]
    folder = output["S3OutputPath"].rstrip("/")
    wait = stop.get("MaxWaitTimeInSeconds") if request.get("EnableManagedSpotTraining") else None
    return _work(
        request,
        resources,
        network=request,
        stop=stop,
        image=request["AlgorithmSpecification"].get("TrainingImage", ""),
        inputs={
            channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
            for channel in request.get("InputDataConfig", [])
            if "S3DataSource" in channel["DataSource"]
        },
        outputs=[f"{folder}/{request['TrainingJobName']}/output/model.tar.gz"],
        continuous=False,
        checkpoints=request.get("CheckpointConfig", {}).get("S3Uri"),
        output_key=output.get("KmsKeyId"),
        longest_wait=None if wait is None else timedelta(seconds=wait),
    )


def processing(request: dict[str, Any]) -> Work:
    """The work of CreateProcessingJob: each instance writes one object to each output."""
    resources = request["ProcessingResources"]["ClusterConfig"]
    output = request.get("ProcessingOutputConfig", {})
    found = [item["S3Output"] for item in output.get("Outputs", []) if "S3Output" in item]
    return _work(
        request,
        resources,
        network=request.get("NetworkConfig", {}),
        stop=request.get("StoppingCondition", {}),
        image=request["AppSpecification"]["ImageUri"],
        inputs={
            item["InputName"]: item["S3Input"]["S3Uri"]
            for item in request.get("ProcessingInputs", [])
            if "S3Input" in item
        },
        outputs=[
            f"{item['S3Uri'].rstrip('/')}/part-{number}.csv"
            for item in found
            for number in range(1, resources["InstanceCount"] + 1)
        ],
        continuous=any(item["S3UploadMode"] == "Continuous" for item in found),
        checkpoints=None,
        output_key=output.get("KmsKeyId"),
        longest_wait=None,
    )


KINDS = {"Training": training, "Processing": processing}


def _work(
    request: dict[str, Any],
    resources: dict[str, Any],
    *,
    network: dict[str, Any],
    stop: dict[str, int],
    output_key: str | None,
    **parts: Any,
) -> Work:
    vpc = network.get("VpcConfig", {})
    subnets, groups = vpc.get("Subnets", []), vpc.get("SecurityGroupIds", [])
    isolated = network.get("EnableNetworkIsolation", False)
    longest = stop.get("MaxRuntimeInSeconds", 86400)
    tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
    context: dict[str, Any] = {
        "sagemaker:InstanceTypes": [resources["InstanceType"]],
        "sagemaker:MaxRuntimeInSeconds": str(longest),
        "sagemaker:NetworkIsolation": str(isolated).lower(),
        "sagemaker:VpcSubnets": subnets,
        "sagemaker:VpcSecurityGroupIds": groups,
        "sagemaker:OutputKmsKey": output_key,
        "sagemaker:VolumeKmsKey": resources.get("VolumeKmsKeyId"),
        "aws:TagKeys": list(tags),
        **{f"aws:RequestTag/{name}": value for name, value in tags.items()},
    }
    return Work(
        volume_key=resources.get("VolumeKmsKeyId"),
        output_key=output_key,
        subnets=subnets,
        security_groups=groups,
        environment=request.get("Environment", {}),
        isolated=isolated,
        longest=timedelta(seconds=longest),
        context={name: value for name, value in context.items() if value not in (None, [])},
        **parts,
    )
