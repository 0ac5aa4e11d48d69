"""What all types of steps have in common: an attempt, and the calls that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulated_aws import job_arguments
from emulated_aws.runtime import context
from emulated_aws.runtime.authorization import AccessDenied, Context, Session
from emulated_aws.runtime.callbacks import Callbacks
from emulated_aws.runtime.jobs import Jobs
from emulated_aws.runtime.kinds import roles
from emulated_aws.runtime.packages import Announce
from emulated_aws.runtime.records import Execution, Step
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.runtime.world import StepFailed, World

_REQUEST_FAILS = {
    "throttled": ("Step.THROTTLING", "ThrottlingException: Rate exceeded"),
    "service": ("Step.SERVICE_FAULT", "InternalFailure: The request failed by a fault of AWS"),
    "limit": (
        "SageMaker.RESOURCE_LIMIT",
        "ResourceLimitExceeded: The account-level service limit for this instance type is reached",
    ),
}


@dataclass
class Attempt:
    """An attempt to run a step.

    Attributes:
        world: that it is in.
        jobs: keeps and runs jobs.
        callbacks: waits for those who answer.
        announce: tells EventBridge.
        execution: that the step is of.
        step: the record of it, which the attempt changes.
        content: the step as the definition has it, without references.
        role: of the pipeline.
        failure: to happen.
    """

    world: World
    jobs: Jobs
    callbacks: Callbacks
    announce: Announce
    execution: Execution
    step: Step
    content: Mapping[str, Any]
    role: Session
    failure: Failure | None

    def __post_init__(self) -> None:
        self.script: Script = self.world.script
        self.kind = self.failure.kind if self.failure else ""
        _, self.partition, _, self.region, self.account_id, _ = self.execution.arn.split(":", 5)
        self.arguments: dict[str, Any] = dict(self.content.get("Arguments", {}))

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of the pipeline's account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def invoke(self, action: str, resource: str = "*", keys: Context | None = None) -> None:
        """Make a call with the pipeline's role.

        Raises:
            StepFailed: it is denied.
        """
        try:
            for form in _forms(resource):
                self.role.require(action, form, keys)
        except AccessDenied as error:
            raise failed(action, error) from error

    def pass_role(self, role_arn: str, service: str = "sagemaker") -> None:
        """Pass a role to a service.

        Raises:
            StepFailed: the pipeline's role may not.
        """
        self.invoke("iam:PassRole", role_arn, {"iam:PassedToService": f"{service}.amazonaws.com"})

    def create(self, operation: str, arn: str, request: Mapping[str, Any]) -> None:
        """Make a request of SageMaker that creates something, as far as IAM is concerned.

        Raises:
            StepFailed: it is denied or fails.
        """
        action = f"sagemaker:{operation}"
        try:
            for form in _forms(arn):
                self.role.require(action, form, context.of(operation, request))
                # also without tags: sagemaker/latest/dg/pipelines-tags.html
                tagging = context.of_tagging(operation, request)
                self.role.require("sagemaker:AddTags", form, tagging)
            for role_arn in roles(request):
                passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
                self.role.require("iam:PassRole", role_arn, passed)
        except AccessDenied as error:
            raise failed(action, error) from error
        self.fail_request(action)

    def fail_request(self, action: str) -> None:
        """Fail, if the script says that requests do.

        Raises:
            StepFailed: it does.
        """
        if self.kind in _REQUEST_FAILS:
            exception, reason = _REQUEST_FAILS[self.kind]
            raise failed(action, StepFailed(reason, exception))

    def check(self, action: str, arguments: dict[str, Any]) -> None:
        """Look at a request as SageMaker does.

        Raises:
            StepFailed: it is refused.
        """
        kind = self.step.kind
        if kind not in job_arguments.JOBS:
            return
        problems = job_arguments.violations(
            kind,
            arguments,
            region=self.region,
            account_id=self.account_id,
            partition=self.partition,
        )
        if problem := next(iter(problems), None):
            where = ".".join(map(str, problem.path))
            refused = StepFailed(
                f"ValidationException: {where} is {problem.got!r}, expected {problem.expected}"
            )
            raise failed(action, refused)


def _forms(arn: str) -> list[str]:
    """A SageMaker ARN as it stands and in lower case: it is unknown which one IAM is asked for."""
    if ":sagemaker:" not in arn:
        return [arn]
    prefix, slash, name = arn.partition("/")
    return list(dict.fromkeys([arn, prefix + slash + name.lower()]))


def failed(action: str, error: Exception) -> StepFailed:
    """The failure of a step that could not make a call."""
    return StepFailed(
        f"ClientError: Failed to invoke {action}. Error Details: {error}",
        getattr(error, "exception", ""),
    )
