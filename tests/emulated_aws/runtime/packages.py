"""What EventBridge is told of model packages, and their end.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulated_aws.refusals import Refused
from emulated_aws.runtime import account
from emulated_aws.wire import Request

#: Is told the source, detail-type, region and detail of an event, and the ARNs that it is about.
Announce = Callable[[str, str, str, dict[str, Any], list[str]], None]

_TOLD = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "ModelPackageStatus",
    "ModelApprovalStatus",
)


def delete(request: Request) -> dict[str, Any]:
    """Delete a package.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteModelPackage.html

    Raises:
        Refused: there is none.
    """
    arn = request.body["ModelPackageName"]
    if not account.delete_model_package(request.region, arn):
        raise Refused("ValidationException", f"ModelPackage {arn} does not exist.")
    return {}


def delete_group(request: Request) -> dict[str, Any]:
    """Delete a group, which has to be empty.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteModelPackageGroup.html

    Raises:
        Refused: there is none, or it has packages.
    """
    name = request.body["ModelPackageGroupName"]
    if account.model_packages(request.region, name):
        raise Refused(
            "ConflictException", f"Model Package Group {name} cannot be deleted: it has packages."
        )
    if not account.delete_model_package_group(request.region, name):
        raise Refused("ValidationException", f"ModelPackageGroup {name} does not exist.")
    return {}


def announce_state(announce: Announce, region: str, arn: str) -> None:
    """Tell of a package that is new, or whose approval has changed; of none, nothing."""
    package = account.model_package(region, arn)
    if package is None:
        return
    detail = {name: package[name] for name in _TOLD if name in package}
    announce("aws.sagemaker", "SageMaker Model Package State Change", region, detail, [arn])
