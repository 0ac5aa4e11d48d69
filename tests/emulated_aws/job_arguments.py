"""Arguments of a step: the request of the job that it starts, checked as SageMaker checks it.

The shapes of :mod:`.step_types` say most of it. What stands in documentation only, is here: names
of buckets (AmazonS3/latest/userguide/bucketnamingrules.html; an alias of an access point may stand
for one), names of repositories (the pattern in botocore's model of ECR), tags of images
(docs.docker.com/reference/cli/docker/image/tag), keys for volumes, members of which a request has
one or the other (the pages of the operations in the API reference; of EMR's, the SageMaker guide
and SDK), AutoML's only mode and the region of a Lambda function
(sagemaker/latest/dg/build-and-manage-steps-types.html).

Assumed, since no page says it of jobs: roles are of the job's account (SageMaker's other APIs say
"Cross-account pass role is not allowed"), and keys of its region (KMS is regional). The job would
fail on these, but whether CreatePipeline sees them before is not documented.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.model import Shape

from emulated_aws import shapes, step_types
from emulated_aws.shapes import Violation

#: Of the types whose Arguments are a request of SageMaker.
JOBS = step_types.JOBS

MAXIMUM_JOB_NAME_PREFIX = 38
"""Characters of a step's job name: SageMaker adds the execution and more to it, up to 63."""

MAXIMUM_TRAINING_SECONDS = 2_419_200
"""28 days (sagemaker/latest/APIReference/API_StoppingCondition.html); the model has no maximum."""

#: Members of which a request has exactly one: type of the step to where they are, and their names.
_ONE_OF: Mapping[str, list[tuple[tuple[str, ...], tuple[str, str]]]] = {
    "EMR": [
        ((), ("ClusterId", "ClusterConfig")),
        (("ClusterConfig", "Instances"), ("InstanceGroups", "InstanceFleets")),
    ],
    "EMRServerless": [((), ("ApplicationId", "ApplicationConfig"))],
    "Model": [((), ("PrimaryContainer", "Containers"))],
    "Training": [(("AlgorithmSpecification",), ("TrainingImage", "AlgorithmName"))],
    "Tuning": [((), ("TrainingJobDefinition", "TrainingJobDefinitions"))],
}
_IMAGES = {"AlgorithmImage", "ContainerImage", "ImageUri"}
_URIS = {"S3ModelUri", "S3Uri", "Url"}
_ROLES = {"IAMRoleArn", "RoleArn"}

_ECR = re.compile(r"\d{12}\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<image>.*)")
_IMAGE = re.compile(
    r"(?P<repository>[^:@]*)(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?"
)
_S3 = re.compile(r"s3://(?P<bucket>[^/]*)")
_BUCKET = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-)(?!\d{1,3}(\.\d{1,3}){3}$)(?!.*\.\.)"
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    re.ASCII,
)
_KMS_ALIAS = re.compile(r"(arn:[^:]*:kms:[^:]*:\d*:)?alias/")


@dataclass(frozen=True)
class Home:
    """Where a pipeline is.

    Attributes:
        region: of it.
        account_id: of it.
        partition: of it.
    """

    region: str
    account_id: str
    partition: str


def violations(
    kind: str, arguments: dict[str, Any], *, region: str, account_id: str, partition: str
) -> Iterator[Violation]:
    """What SageMaker would not take.

    Args:
        kind: type of the step; none of Callback, Condition and Lambda.
        arguments: with all references replaced by values, by :data:`emulated_aws.shapes.ANYTHING`
            where only the execution knows them.
        region: of the pipeline.
        account_id: of the pipeline.
        partition: of the pipeline.
    """
    shape = step_types.arguments(kind)
    yield from shapes.violations(arguments, shape)
    yield from strings(arguments, shape, Home(region, account_id, partition))
    yield from _one_of(kind, arguments)
    if kind in JOBS:
        yield from _prefix(JOBS[kind].name, arguments)
        yield from _tags(arguments)
    yield from _RULES.get(kind, _nothing)(arguments)


def strings(value: Any, shape: Shape, home: Home) -> Iterator[Violation]:
    """What is wrong with images, URIs, and ARNs, wherever they are."""
    for path, meaning, text in shapes.strings(value, shape):
        if meaning in _IMAGES:
            yield from _image(path, text, home.region)
        elif meaning in _URIS:
            found = _S3.match(text)
            if found and not _BUCKET.fullmatch(found["bucket"]):
                yield _violation(path, text, "the name of a bucket after s3://")
        elif meaning in _ROLES:
            yield from _arn(
                path,
                text,
                f"arn:{home.partition}:iam::{home.account_id}:role",
                f"a role of account {home.account_id} in {home.partition}",
            )
        elif meaning == "KmsKeyId":
            start = f"arn:{home.partition}:kms:{home.region}:"
            yield from _arn(path, text, start, f"a KMS key in {home.region}")
        elif meaning == "LambdaFunctionArn":
            start = f"arn:{home.partition}:lambda:{home.region}:"
            yield from _arn(path, text, start, f"a function in {home.region}")


def _one_of(kind: str, arguments: dict[str, Any]) -> Iterator[Violation]:
    for path, names in _ONE_OF.get(kind, []):
        value = _at(arguments, *path)
        if isinstance(value, dict) and sum(name in value for name in names) != 1:
            yield _violation(path, value, f"either {names[0]} or {names[1]}")


def _prefix(name: str, arguments: dict[str, Any]) -> Iterator[Violation]:
    prefix = arguments.get(name)
    if isinstance(prefix, str) and len(prefix) > MAXIMUM_JOB_NAME_PREFIX:
        yield _violation((name,), prefix, f"at most {MAXIMUM_JOB_NAME_PREFIX} characters")


def _training(arguments: dict[str, Any]) -> Iterator[Violation]:
    yield from _twice(arguments, ("InputDataConfig",), "ChannelName")
    yield from _volume_key(arguments, ("ResourceConfig", "VolumeKmsKeyId"))
    yield from _time_limits(arguments)


def _tuning(arguments: dict[str, Any]) -> Iterator[Violation]:
    yield from _twice(arguments, ("TrainingJobDefinitions",), "DefinitionName")
    several = arguments.get("TrainingJobDefinitions")
    definitions: dict[shapes.Path, Any] = {
        ("TrainingJobDefinition",): arguments.get("TrainingJobDefinition"),
        **{
            ("TrainingJobDefinitions", index): definition
            for index, definition in enumerate(several if isinstance(several, list) else [])
        },
    }
    for path, definition in definitions.items():
        if isinstance(definition, dict):
            for violation in (*_one_of("Training", definition), *_training(definition)):
                yield replace(violation, path=(*path, *violation.path))


def _auto_ml(arguments: dict[str, Any]) -> Iterator[Violation]:
    mode = _at(arguments, "AutoMLJobConfig", "Mode")
    if mode is not shapes.ANYTHING and mode != "ENSEMBLING":
        yield _violation(("AutoMLJobConfig", "Mode"), mode, '"ENSEMBLING"')


def _register_model(arguments: dict[str, Any]) -> Iterator[Violation]:
    name = arguments.get("ModelPackageName")
    if name is not None and "ModelPackageGroupName" in arguments:
        yield _violation(("ModelPackageName",), name, "no such member with ModelPackageGroupName")


def _emr(arguments: dict[str, Any]) -> Iterator[Violation]:
    role = arguments.get("ExecutionRoleArn")
    if role is not None and "ClusterId" not in arguments:
        yield _violation(("ExecutionRoleArn",), role, "no such member without ClusterId")


def _nothing(_: dict[str, Any]) -> Iterator[Violation]:
    return iter(())


def _time_limits(arguments: dict[str, Any]) -> Iterator[Violation]:
    path = ("StoppingCondition", "MaxWaitTimeInSeconds")
    wait = _at(arguments, *path)
    run = _at(arguments, "StoppingCondition", "MaxRuntimeInSeconds")
    if arguments.get("EnableManagedSpotTraining") is True:
        if wait is None:
            yield _violation(path, None, "a number: managed spot training needs it")
    elif wait is not None:
        yield _violation(path, wait, "no such member without EnableManagedSpotTraining")
    if isinstance(run, int) and run > MAXIMUM_TRAINING_SECONDS:
        place = ("StoppingCondition", "MaxRuntimeInSeconds")
        yield _violation(place, run, f"at most {MAXIMUM_TRAINING_SECONDS}")
    if isinstance(wait, int) and isinstance(run, int) and wait < run:
        yield _violation(path, wait, f"at least MaxRuntimeInSeconds, {run}")


def _processing(arguments: dict[str, Any]) -> Iterator[Violation]:
    """Names and local paths are once among inputs and outputs, as public reports have it.

    https://github.com/aws/sagemaker-python-sdk/issues/3484 of names, 1950 and 4939 of paths;
    https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-input-and-output.html of where paths are
    """
    inputs, outputs = ("ProcessingInputs",), ("ProcessingOutputConfig", "Outputs")
    yield from _repeated(
        [*_each(arguments, inputs, "InputName"), *_each(arguments, outputs, "OutputName")]
    )
    paths = [
        (place, path)
        for place, path in (
            *_each(arguments, inputs, "S3Input", "LocalPath"),
            *_each(arguments, outputs, "S3Output", "LocalPath"),
        )
        if isinstance(path, str)
    ]
    yield from _repeated([(place, path.rstrip("/")) for place, path in paths])
    for place, path in paths:
        if not path.startswith("/opt/ml/processing/"):
            yield _violation(place, path, "a path that begins with /opt/ml/processing/")
    yield from _volume_key(arguments, ("ProcessingResources", "ClusterConfig", "VolumeKmsKeyId"))


_RULES: Mapping[str, Callable[[dict[str, Any]], Iterator[Violation]]] = {
    "AutoML": _auto_ml,
    "ClarifyCheck": _processing,
    "EMR": _emr,
    "Processing": _processing,
    "QualityCheck": _processing,
    "RegisterModel": _register_model,
    "Training": _training,
    "Tuning": _tuning,
}


def _image(path: shapes.Path, uri: str, region: str) -> Iterator[Violation]:
    registry = _ECR.fullmatch(uri)
    if not registry:
        return
    if registry["region"] != region:
        yield _violation(path, uri, f"an image in {region}")
    image = _IMAGE.fullmatch(registry["image"])
    name = shapes.service_model("ecr").shape_for("RepositoryName")
    if not image or any(shapes.violations(image["repository"], name)):
        yield _violation(
            path, uri, "an image of a repository in ECR: repository:tag or @sha256:..."
        )


def _arn(path: shapes.Path, text: str, start: str, expected: str) -> Iterator[Violation]:
    if text.startswith("arn:") and not text.startswith(start):
        yield _violation(path, text, expected)


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
    yield from _repeated(list(_each(arguments, path, name)))


def _repeated(found: list[tuple[shapes.Path, Any]]) -> Iterator[Violation]:
    counts = Counter(str(value) for _, value in found)
    for place, value in found:
        if value is not None and counts[str(value)] > 1:
            yield _violation(place, value, "a name that occurs once")


def _each(
    arguments: dict[str, Any], path: tuple[str, ...], *names: str
) -> Iterator[tuple[shapes.Path, Any]]:
    items = _at(arguments, *path)
    for index, item in enumerate(items if isinstance(items, list) else []):
        yield (*path, index, *names), _at(item, *names)


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _violation(path: shapes.Path, got: Any, expected: str) -> Violation:
    return Violation(path, got, expected, "constraint")
