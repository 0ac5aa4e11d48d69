"""What EventBridge is told of model packages.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulated_aws.runtime import account

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


def announce_state(announce: Announce, region: str, arn: str) -> None:
    """Tell of a package that is new, or whose approval has changed; of none, nothing."""
    package = account.model_package(region, arn)
    if package is None:
        return
    detail = {name: package[name] for name in _TOLD if name in package}
    announce("aws.sagemaker", "SageMaker Model Package State Change", region, detail, [arn])
