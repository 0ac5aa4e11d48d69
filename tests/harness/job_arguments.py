"""Arguments of a step: the request of the job that it starts, checked as SageMaker checks it.

botocore's models of CreateTrainingJob and CreateProcessingJob say most of it; what stands in their
documentation only, is here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from harness import shapes
from harness.shapes import Violation

#: Type of a step to the operation and to the member that has the job's name.
JOBS = {
    "Training": ("CreateTrainingJob", "TrainingJobName"),
    "Processing": ("CreateProcessingJob", "ProcessingJobName"),
}

MAXIMUM_JOB_NAME_PREFIX = 38
"""Characters of a step's job name: SageMaker adds the execution and more to it, up to 63."""

_ECR_IMAGE = re.compile(r"\d{12}\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z.]+/.+")
_KMS_ALIAS = re.compile(r"(arn:[^:]*:kms:[^:]*:\d*:)?alias/")


def violations(kind: str, arguments: dict[str, Any], *, region: str) -> Iterator[Violation]:
    """What SageMaker would not take.

    Args:
        kind: type of the step, one of JOBS.
        arguments: with all references replaced by values; :data:`harness.shapes.ANYTHING` stands
            for those that only the execution knows.
        region: of the pipeline.
    """
    operation, name = JOBS[kind]
    shape = shapes.input_shape("sagemaker", operation)
    assert shape is not None
    # the name is optional here, and a prefix
    yield from shapes.violations({name: "job", **arguments}, shape)
    prefix = arguments.get(name)
    if isinstance(prefix, str) and len(prefix) > MAXIMUM_JOB_NAME_PREFIX:
        yield _violation((name,), prefix, f"at most {MAXIMUM_JOB_NAME_PREFIX} characters")
    yield from {"Training": _training, "Processing": _processing}[kind](arguments, region)
    yield from _tags(arguments)


def _training(arguments: dict[str, Any], region: str) -> Iterator[Violation]:
    yield from _image(arguments, ("AlgorithmSpecification", "TrainingImage"), region)
    algorithm = _at(arguments, "AlgorithmSpecification")
    if isinstance(algorithm, dict) and ("TrainingImage" in algorithm) == (
        "AlgorithmName" in algorithm
    ):
        yield _violation(
            ("AlgorithmSpecification",), algorithm, "either TrainingImage or AlgorithmName"
        )
    yield from _twice(arguments, ("InputDataConfig",), "ChannelName")
    yield from _volume_key(arguments, ("ResourceConfig", "VolumeKmsKeyId"))
    yield from _spot(arguments)


def _spot(arguments: dict[str, Any]) -> Iterator[Violation]:
    path = ("StoppingCondition", "MaxWaitTimeInSeconds")
    wait = _at(arguments, *path)
    run = _at(arguments, "StoppingCondition", "MaxRuntimeInSeconds")
    if arguments.get("EnableManagedSpotTraining") is True:
        if wait is None:
            yield _violation(path, None, "a number: managed spot training needs it")
    elif wait is not None:
        yield _violation(path, wait, "no such member without EnableManagedSpotTraining")
    if isinstance(wait, int) and isinstance(run, int) and wait < run:
        yield _violation(path, wait, f"at least MaxRuntimeInSeconds, {run}")


def _processing(arguments: dict[str, Any], region: str) -> Iterator[Violation]:
    yield from _image(arguments, ("AppSpecification", "ImageUri"), region)
    yield from _twice(arguments, ("ProcessingInputs",), "InputName")
    yield from _twice(arguments, ("ProcessingOutputConfig", "Outputs"), "OutputName")
    yield from _volume_key(arguments, ("ProcessingResources", "ClusterConfig", "VolumeKmsKeyId"))


def _image(arguments: dict[str, Any], path: tuple[str, ...], region: str) -> Iterator[Violation]:
    uri = _at(arguments, *path)
    found = _ECR_IMAGE.fullmatch(uri) if isinstance(uri, str) else None
    if found and found["region"] != region:
        yield _violation(path, uri, f"an image in {region}")


def _volume_key(arguments: dict[str, Any], path: tuple[str, ...]) -> Iterator[Violation]:
    key = _at(arguments, *path)
    if isinstance(key, str) and _KMS_ALIAS.match(key):
        yield _violation(path, key, "the ID or the ARN of a key, no alias")


def _tags(arguments: dict[str, Any]) -> Iterator[Violation]:
    yield from _twice(arguments, ("Tags",), "Key")
    for path, key in _each(arguments, ("Tags",), "Key"):
        if isinstance(key, str) and key.lower().startswith("aws:"):
            yield _violation(path, key, "a key without the prefix aws:, which AWS keeps for itself")


def _twice(arguments: dict[str, Any], path: tuple[str, ...], name: str) -> Iterator[Violation]:
    """Members called ``name`` of a list of objects that have the same value."""
    found = [(place, value) for place, value in _each(arguments, path, name) if value is not None]
    counts = Counter(str(value) for _, value in found)
    for place, value in found:
        if counts[str(value)] > 1:
            yield _violation(place, value, "a name that occurs once")


def _each(
    arguments: dict[str, Any], path: tuple[str, ...], name: str
) -> Iterator[tuple[shapes.Path, Any]]:
    items = _at(arguments, *path)
    for index, item in enumerate(items if isinstance(items, list) else []):
        yield (*path, index, name), _at(item, name)


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _violation(path: shapes.Path, got: Any, expected: str) -> Violation:
    return Violation(path, got, expected, "constraint")
