"""Model steps, which create models, and RegisterModel steps, which create versions of packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulated_aws.runtime import account
from emulated_aws.runtime.authorization import AccessDenied
from emulated_aws.runtime.kinds import KINDS
from emulated_aws.runtime.packages import announce_state
from emulated_aws.runtime.steps.attempt import Attempt, failed
from emulated_aws.runtime.world import StepFailed, Wait


def create(attempt: Attempt) -> Wait:
    """Create a model.

    Raises:
        StepFailed: it could not be created.
    """
    yield from ()
    step, kind, request = attempt.step, KINDS["Model"], dict(attempt.arguments)
    name = kind.name(request.get(kind.member), attempt.execution, step.name, step.attempts)
    arn = attempt.arn("sagemaker", f"model/{name}")
    request[kind.member] = name
    attempt.check("sagemaker:CreateModel", attempt.arguments)
    attempt.create("CreateModel", arn, request)
    try:
        if "ExecutionRoleArn" in request:
            role_arn = request["ExecutionRoleArn"]
            attempt.world.authorization.assume(role_arn, "sagemaker", arn)
    except AccessDenied as error:
        raise failed("sagemaker:CreateModel", error) from error
    account.create_model(attempt.region, request)
    step.metadata = {"Model": {"Arn": arn}}
    attempt.invoke("sagemaker:DescribeModel", arn)
    created = attempt.world.clock.time.timestamp()
    step.properties = request | {"ModelArn": arn, "CreationTime": created}


def register(attempt: Attempt) -> Wait:
    """Register a version of a model, in a group that is made if need be.

    The pipeline's role reads the artifacts; it creates the group each time, and takes it well that
    there is one. Neither is documented; public reports of real executions say both.

    Raises:
        StepFailed: it could not be registered.
    """
    yield from ()
    step, request = attempt.step, dict(attempt.arguments)
    action = "sagemaker:CreateModelPackage"
    attempt.check(action, request)
    given = request.get("ModelPackageGroupName", "")
    group = given.rpartition("/")[2]
    prefix = given.rpartition(":")[0] if ":" in given else attempt.arn("sagemaker", "")[:-1]
    if not group:
        kind = KINDS[step.kind]
        named = request.get(kind.member)
        # taken as it stands; without one, named as jobs are (assumed)
        request[kind.member] = named or kind.name(None, attempt.execution, step.name, step.attempts)
    name = request.get("ModelPackageName")
    versions = len(account.model_packages(attempt.region, group)) + 1
    arn = f"{prefix}:model-package/{f'{group}/{versions}' if group else name}"
    if group:
        if group == given:  # those of other accounts are there
            tags = {"Tags": request.get("Tags", [])}
            group_arn = f"{prefix}:model-package-group/{group}"
            attempt.create("CreateModelPackageGroup", group_arn, tags)
        account.create_model_package_group(attempt.region, group)
        request["ModelPackageGroupName"] = group
    attempt.create("CreateModelPackage", arn, request)
    for uri in dict.fromkeys(_artifacts(request)):
        _read(attempt, uri)
    created = account.create_model_package(attempt.region, request)
    step.metadata = {"RegisterModel": {"Arn": created}}
    announce_state(attempt.announce, attempt.region, created)
    attempt.invoke("sagemaker:DescribeModelPackage", arn)
    step.properties = request | {
        "ModelPackageArn": created,
        "ModelPackageName": created,
        "ModelPackageStatus": "Completed",
        "CreationTime": attempt.world.clock.time.timestamp(),
        **({"ModelPackageVersion": versions} if group else {}),
    }


def _artifacts(value: Any) -> Iterator[str]:
    """The archives of models that a request names."""
    if isinstance(value, list):
        for item in value:
            yield from _artifacts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "ModelDataUrl" and isinstance(item, str):
                yield item
            else:
                yield from _artifacts(item)


def _read(attempt: Attempt, uri: str) -> None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    action = "sagemaker:CreateModelPackage"
    try:
        attempt.role.require("s3:GetObject", f"arn:{attempt.partition}:s3:::{bucket}/{key}")
        if account.text(bucket, key) is None:
            raise StepFailed(f"Could not find model data at {uri}.")
        if kms_key := account.kms_key(bucket, key):
            attempt.role.require("kms:Decrypt", kms_key)
    except (AccessDenied, StepFailed) as error:
        raise failed(action, error) from error
