"""SageMaker: definitions, roles and names of pipelines.

That a role of another account is refused is assumed of pipelines; the message is that of
SageMaker's other APIs. So is that AWS looks at the trust when it takes the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.utilities.utils import get_partition

from emulated_aws import definition
from emulated_aws.refusals import Check, Created, Refused, held
from emulated_aws.wire import Request

PIPELINE_NAME = 82
"""Characters. The model says 256; CreatePipeline has refused longer names than this."""


def _create_pipeline(request: Request) -> None:
    name = request.body["PipelineName"]
    if len(name) > PIPELINE_NAME:
        raise _invalid(
            f"1 validation error detected: Value '{name}' at 'pipelineName' failed to satisfy "
            f"constraint: Member must have length less than or equal to {PIPELINE_NAME}"
        )
    if held.pipeline(request, name):
        raise _invalid(
            "Pipeline names must be unique within an AWS account and region. "
            f"Pipeline with name ({name}) already exists."
        )
    _check(request)


def _update_pipeline(request: Request) -> None:
    _existing(request)
    _check(request)


def _check(request: Request) -> None:
    role = request.body.get("RoleArn")
    if role and not held.is_role_of_account(role, request.region):
        raise _invalid("RoleArn: Cross-account pass role is not allowed.")
    if role and not held.lets_in(role, "sagemaker.amazonaws.com"):
        raise _invalid(
            f"Could not assume role {role}. Please ensure that the role exists and allows "
            "principal 'sagemaker.amazonaws.com' to assume the role."
        )
    text = request.body.get("PipelineDefinition")
    if text is None:
        return
    found = definition.violations(
        text,
        region=request.region,
        account_id=DEFAULT_ACCOUNT_ID,
        partition=get_partition(request.region),
        pipeline=request.body["PipelineName"],
    )
    if found:
        raise _invalid(f"Unable to parse pipeline definition. {' '.join(found)}")


def _existing(request: Request) -> None:
    """Says that a pipeline is gone as AWS does: the provider takes only that for "gone"."""
    name = request.body["PipelineName"]
    if not held.pipeline(request, name):
        arn = held.pipeline_arn(request, name)
        raise Refused("ResourceNotFound", f"Pipeline '{arn}' does not exist.")


def _existing_tagged(request: Request) -> None:
    arn = request.body["ResourceArn"]
    if ":pipeline/" in arn and not held.pipeline(request, arn):
        raise Refused("ResourceNotFound", f"Pipeline '{arn}' does not exist.")


def _invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


CHECKS: Mapping[str, Check] = {
    "CreatePipeline": _create_pipeline,
    "UpdatePipeline": _update_pipeline,
    "DescribePipeline": _existing,
    "DeletePipeline": _existing,
    "ListPipelineExecutions": _existing,
    "AddTags": _existing_tagged,
    "DeleteTags": _existing_tagged,
    "ListTags": _existing_tagged,
}


def _created(request: Request) -> tuple[object, dict[str, Any]] | None:
    found = held.pipeline(request, request.body["PipelineName"])
    return (found, {"PipelineArn": found.arn}) if found else None


CREATED: Mapping[str, Created] = {"CreatePipeline": _created}
