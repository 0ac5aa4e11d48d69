"""What a request is about: what moto holds of it (:mod:`emulated_aws.runtime.account`)."""

from __future__ import annotations

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import IAMBackend, Role, iam_backends
from moto.sagemaker.models import FakePipeline
from moto.scheduler.models import Schedule, ScheduleGroup, scheduler_backends
from moto.utilities.utils import get_partition

from emulated_aws.refusals import documents
from emulated_aws.runtime import account
from emulated_aws.wire import Request


def pipeline(request: Request, name_or_arn: str) -> FakePipeline | None:
    """The pipeline of that name or ARN in the request's region."""
    return account.pipeline(pipeline_arn(request, name_or_arn))


def pipeline_arn(request: Request, name_or_arn: str) -> str:
    """The ARN of a pipeline, whether it exists or not."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    partition = get_partition(request.region)
    return f"arn:{partition}:sagemaker:{request.region}:{DEFAULT_ACCOUNT_ID}:pipeline/{name_or_arn}"


def schedule_group(request: Request, name: str) -> ScheduleGroup | None:
    """The schedule group of that name in the request's region."""
    return scheduler_backends[DEFAULT_ACCOUNT_ID][request.region].schedule_groups.get(name)


def schedule(request: Request, group: str, name: str) -> Schedule | None:
    """The schedule of that name in a group of the request's region."""
    found = schedule_group(request, group)
    return found.schedules.get(name) if found else None


def role(name: str) -> Role | None:
    """The role of that name."""
    return next((role for role in _iam().roles.values() if role.name == name), None)


def is_of_account(arn: str) -> bool:
    """Whether an ARN is of this account."""
    return arn.split(":")[4] == DEFAULT_ACCOUNT_ID


def is_role_of_account(arn: str, region: str) -> bool:
    """Whether an ARN is that of a role, existing or not, of this account and its partition."""
    return arn.startswith(f"arn:{get_partition(region)}:iam::{DEFAULT_ACCOUNT_ID}:role/")


def lets_in(arn: str, service: str) -> bool:
    """Whether a role exists and its trust names ``service``; conditions are not looked at."""
    found = account.role(arn)
    return found is not None and any(
        service in documents.services(statement)
        for statement in documents.statements(found.trust)
        if statement["Effect"] == "Allow"
    )


def policy_exists(arn: str) -> bool:
    """Whether there is a managed policy of that ARN; all of AWS's own count as there."""
    return ":iam::aws:policy/" in arn or arn in _iam().managed_policies


def _iam() -> IAMBackend:
    return iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
