"""Training, Processing, Transform, Tuning and AutoML steps, and the checks, which are processing.

https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from emulated_aws.runtime import account
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
    job = yield from _run(attempt)
    attempt.step.properties = {
        **properties(job),
        **attempt.script.results.get(attempt.step.name, {}),
    }


def check(attempt: Attempt) -> Wait:
    """Check data or a model against a baseline.

    Raises:
        StepFailed: as of a job, or there are violations.
        simpy.Interrupt: it was stopped.
    """
    step, content = attempt.step, attempt.content
    step.metadata = {step.kind: {name: content[name] for name in _SHOWN if name in content}}
    baseline = _baseline(attempt)
    job = yield from _run(attempt)
    (folder, *_) = job.work.folders.values()
    names = ["analysis"] if step.kind == "ClarifyCheck" else ["constraints", "statistics"]
    calculated = {
        f"CalculatedBaseline{_BASELINES[name]}": f"{folder}/{name}.json" for name in names
    }
    used = {  # without one of before, the new one (assumed)
        f"BaselineUsedForDriftCheck{_BASELINES[name]}": baseline.get(name, f"{folder}/{name}.json")
        for name in names
    }
    step.properties = calculated | used
    step.metadata[step.kind] |= step.properties | {"CheckJobArn": job.arn}
    if attempt.kind == "violation" and not content.get("SkipCheck"):
        report = f"{folder}/constraint_violations.json"
        step.metadata[step.kind]["ViolationReport"] = report
        if content.get("FailOnViolation", True):
            raise StepFailed(f"ClientError: The check found violations of its baseline: {report}")


_SHOWN = ("CheckType", "ModelPackageGroupName", "SkipCheck", "RegisterNewBaseline")
_BASELINES = {"constraints": "Constraints", "analysis": "Constraints", "statistics": "Statistics"}


def _baseline(attempt: Attempt) -> dict[str, str]:
    """What a check compares with: what it is given, or that of the latest approved package.

    https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-quality-clarify-baseline-lifecycle.html
    """
    content = attempt.content
    given = {
        name: content[f"SuppliedBaseline{member}"]
        for name, member in _BASELINES.items()
        if content.get(f"SuppliedBaseline{member}")
    }
    group = content.get("ModelPackageGroupName")
    if given or not group or content.get("SkipCheck"):
        return given
    packages = attempt.arn("sagemaker", f"model-package/{group}/*")
    attempt.invoke("sagemaker:ListModelPackages", packages)
    approved = [
        package
        for package in account.model_packages(attempt.region, group)
        if package.get("ModelApprovalStatus") == "Approved"
    ]
    if not approved:
        return {}
    attempt.invoke("sagemaker:DescribeModelPackage", approved[-1]["ModelPackageArn"])
    return dict(_registered(approved[-1].get("DriftCheckBaselines") or {}))


def _registered(baselines: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    found = {}
    for kind in baselines.values():
        for name, source in kind.items():
            found[name.lower()] = source["S3Uri"]
    return found


def _run(attempt: Attempt) -> Generator[simpy.Event, Any, Job]:
    """Create a job and run it; gives the job."""
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
    if not step.metadata:
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
