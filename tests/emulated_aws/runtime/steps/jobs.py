"""Training, Processing, Transform, Tuning and AutoML steps.

https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from emulated_aws.runtime.authorization import AccessDenied
from emulated_aws.runtime.descriptions import properties
from emulated_aws.runtime.kinds import KINDS
from emulated_aws.runtime.records import Job
from emulated_aws.runtime.steps.attempt import Attempt, failed
from emulated_aws.runtime.world import StepFailed, Wait


def run(attempt: Attempt) -> Wait:
    """Run a job.

    Raises:
        StepFailed: it could not be created, or failed.
        simpy.Interrupt: it was stopped.
    """
    job = yield from run_job(attempt)
    attempt.step.properties = {
        **properties(job),
        **attempt.script.results.get(attempt.step.name, {}),
    }


def run_job(attempt: Attempt) -> Generator[simpy.Event, Any, Job]:
    """Create a job and run it; gives the job.

    Raises:
        StepFailed: it could not be created, or failed.
        simpy.Interrupt: it was stopped.
    """
    step, kind = attempt.step, KINDS[attempt.step.kind]
    operation = f"Create{kind.noun}"
    action = f"sagemaker:{operation}"
    given = attempt.arguments.get(kind.member)
    name = kind.name(given, attempt.execution, step.name, step.attempts)
    arn = attempt.arn("sagemaker", f"{kind.resource}/{name}")
    request = {**attempt.arguments, kind.member: name}
    attempt.check(action, attempt.arguments)
    attempt.create(operation, arn, request)
    try:
        lower = attempt.arn("sagemaker", f"{kind.resource}/{name.lower()}")
        job = attempt.jobs.create(lower, step.kind, step.name, request)
    except (AccessDenied, StepFailed) as error:
        raise failed(action, error) from error
    step.jobs.append(job)
    if step.kind not in step.metadata:  # a check has its own
        step.metadata = {kind.metadata: {"Arn": job.arn}}
    attempt.invoke(f"sagemaker:Describe{kind.noun}", arn)
    try:
        yield from attempt.jobs.run(attempt.execution, job, attempt.failure)
    except simpy.Interrupt:
        attempt.invoke(f"sagemaker:Stop{kind.noun}", arn)
        raise
    if job.status != "Completed":
        raise StepFailed(job.reason, job.exception)
    if step.kind == "Tuning":
        attempt.invoke(f"sagemaker:ListTrainingJobsFor{kind.noun}", arn)
    return job
