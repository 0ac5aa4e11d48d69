"""What a job works with, read from its request: the same view of all kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

#: A tuning job: the training job that did best.
BEST = "001"
_LONGEST = 86400
_NO_LIMIT = timedelta(days=30)


@dataclass(frozen=True)
class Work:
    """The parts of a request that decide what the job does.

    Attributes:
        role: ARN of the role that its container has.
        instances: InstanceType, InstanceCount and, but for transform jobs, VolumeSizeInGB.
        images: URIs of its containers' images; empty where SageMaker chooses them.
        inputs: name to S3 URI, as SageMaker reads it: everything whose key begins with it.
        outputs: S3 URIs of the objects that the job writes at its end, or while it runs.
        folders: name to S3 URI of the outputs that a processing job has.
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
    """

    role: str
    instances: Mapping[str, Any]
    images: list[str]
    inputs: dict[str, str]
    outputs: list[str]
    folders: dict[str, str]
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


def of(kind: str, request: dict[str, Any], model: Mapping[str, Any] | None = None) -> Work:
    """The work of a job.

    Args:
        kind: of the step.
        request: of the operation that creates the job.
        model: of a transform job, as DescribeModel gives it.
    """
    if kind == "Transform":
        assert model is not None, "transform jobs have a model"
        return _transform(request, model)
    return _KINDS[kind](request)


def _training(request: dict[str, Any]) -> Work:
    """One archive of the model, below the job's name."""
    resources, stop = request["ResourceConfig"], request["StoppingCondition"]
    output = request["OutputDataConfig"]
    wait = stop.get("MaxWaitTimeInSeconds") if request.get("EnableManagedSpotTraining") else None
    return _work(
        request,
        resources,
        network=request,
        stop=stop,
        images=_some(request["AlgorithmSpecification"].get("TrainingImage")),
        inputs=dict(_channels(request)),
        outputs=[model_of(request)],
        checkpoints=request.get("CheckpointConfig", {}).get("S3Uri"),
        output_key=output.get("KmsKeyId"),
        longest_wait=None if wait is None else timedelta(seconds=wait),
    )


def model_of(request: dict[str, Any]) -> str:
    """Where a training job writes its model."""
    folder = request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{folder}/{request['TrainingJobName']}/output/model.tar.gz"


def _processing(request: dict[str, Any]) -> Work:
    """Each instance writes one object to each output."""
    resources = request["ProcessingResources"]["ClusterConfig"]
    output = request.get("ProcessingOutputConfig", {})
    found = {
        item["OutputName"]: item["S3Output"]
        for item in output.get("Outputs", [])
        if "S3Output" in item
    }
    return _work(
        request,
        resources,
        network=request.get("NetworkConfig", {}),
        stop=request.get("StoppingCondition", {}),
        images=[request["AppSpecification"]["ImageUri"]],
        inputs={
            item["InputName"]: item["S3Input"]["S3Uri"]
            for item in request.get("ProcessingInputs", [])
            if "S3Input" in item
        },
        outputs=[
            f"{item['S3Uri'].rstrip('/')}/part-{number}.csv"
            for item in found.values()
            for number in range(1, resources["InstanceCount"] + 1)
        ],
        folders={name: item["S3Uri"].rstrip("/") for name, item in found.items()},
        continuous=any(item["S3UploadMode"] == "Continuous" for item in found.values()),
        output_key=output.get("KmsKeyId"),
    )


def _transform(request: dict[str, Any], model: Mapping[str, Any]) -> Work:
    """What the model's containers make of the input, with the model's role."""
    output, source = request["TransformOutput"], request["TransformInput"]["DataSource"]
    containers = [*_some(model.get("PrimaryContainer")), *model.get("Containers", [])]
    data = {
        f"model-{number}": container["ModelDataUrl"]
        for number, container in enumerate(containers)
        if container.get("ModelDataUrl")
    }
    work = _work(
        {"RoleArn": model["ExecutionRoleArn"]},
        request["TransformResources"],
        network=dict(model),
        stop={},
        images=[container["Image"] for container in containers if container.get("Image")],
        inputs={"data": source["S3DataSource"]["S3Uri"], **data},
        outputs=[f"{output['S3OutputPath'].rstrip('/')}/part-1.csv.out"],
        output_key=output.get("KmsKeyId"),
    )
    return replace(work, environment=request.get("Environment", {}))


def _tuning(request: dict[str, Any]) -> Work:
    """The work of its best training job; it keeps its limits by starting no further one."""
    return replace(_training(best_training_job(request)), longest=_NO_LIMIT, longest_wait=None)


def best_training_job(request: dict[str, Any]) -> dict[str, Any]:
    """The training job of a tuning job that does best: its request."""
    (first, *_) = definitions(request)
    resources = first.get("ResourceConfig") or first["HyperParameterTuningResourceConfig"]
    config = (resources.get("InstanceConfigs") or [{}])[0]
    name = f"{request['HyperParameterTuningJobName']}-{BEST}-0123abcd"
    return first | {"TrainingJobName": name, "ResourceConfig": {**resources, **config}}


def definitions(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The definitions of a tuning job's training jobs."""
    return [
        *_some(request.get("TrainingJobDefinition")),
        *request.get("TrainingJobDefinitions", []),
    ]


def _automl(request: dict[str, Any]) -> Work:
    """Its best candidate; SageMaker chooses images and instances, and keeps to its limits."""
    security = request.get("AutoMLJobConfig", {}).get("SecurityConfig", {})
    output = request["OutputDataConfig"]
    work = _work(
        request,
        {"InstanceType": "chosen by SageMaker", "InstanceCount": 1, **security},
        network=security,
        stop={},
        images=[],
        inputs={
            f"channel-{number}": channel["DataSource"]["S3DataSource"]["S3Uri"]
            for number, channel in enumerate(request["InputDataConfig"])
        },
        outputs=[candidate_of(request)],
        output_key=output.get("KmsKeyId"),
    )
    return replace(work, longest=_NO_LIMIT)


def candidate_of(request: dict[str, Any]) -> str:
    """Where an AutoML job writes the model of its best candidate."""
    folder = request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{folder}/{request['AutoMLJobName']}/candidate-1/output/model.tar.gz"


_KINDS: Mapping[str, Callable[[dict[str, Any]], Work]] = {
    "Training": _training,
    "Processing": _processing,
    "QualityCheck": _processing,
    "ClarifyCheck": _processing,
    "Tuning": _tuning,
    "AutoML": _automl,
}


def _channels(request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for channel in request.get("InputDataConfig", []):
        source = channel["DataSource"].get("S3DataSource")
        if source:
            yield channel["ChannelName"], source["S3Uri"]


def _instances(resources: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of all groups, where there are groups."""
    groups = resources.get("InstanceGroups", [])
    if not groups:
        return resources
    types = ", ".join(dict.fromkeys(group["InstanceType"] for group in groups))
    count = sum(group["InstanceCount"] for group in groups)
    return {**resources, "InstanceType": types, "InstanceCount": count}


def _some(value: Any) -> list[Any]:
    return [value] if value else []


def _work(
    request: dict[str, Any],
    resources: Mapping[str, Any],
    *,
    network: dict[str, Any],
    stop: dict[str, int],
    folders: dict[str, str] | None = None,
    continuous: bool = False,
    checkpoints: str | None = None,
    longest_wait: timedelta | None = None,
    **parts: Any,
) -> Work:
    vpc = network.get("VpcConfig") or {}
    return Work(
        role=request["RoleArn"],
        instances=_instances(resources),
        folders=folders or {},
        continuous=continuous,
        checkpoints=checkpoints,
        volume_key=resources.get("VolumeKmsKeyId"),
        subnets=vpc.get("Subnets", []),
        security_groups=vpc.get("SecurityGroupIds", []),
        environment=request.get("Environment", {}),
        isolated=network.get("EnableNetworkIsolation", False),
        longest=timedelta(seconds=stop.get("MaxRuntimeInSeconds", _LONGEST)),
        longest_wait=longest_wait,
        **parts,
    )
