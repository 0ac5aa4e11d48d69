"""QualityCheck and ClarifyCheck steps: processing jobs that compare with a baseline.

https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
"""

from __future__ import annotations

from emulated_aws.runtime import account
from emulated_aws.runtime.steps.attempt import Attempt
from emulated_aws.runtime.steps.jobs import run_job
from emulated_aws.runtime.world import StepFailed, Wait

#: Members of a step that its metadata shows.
_SHOWN = ("CheckType", "ModelPackageGroupName", "SkipCheck", "RegisterNewBaseline")
#: What a check writes, to what it is called in a step.
_BASELINES = {"constraints": "Constraints", "analysis": "Constraints", "statistics": "Statistics"}
_QUALITY = {"constraints": "Constraints", "statistics": "Statistics"}
#: The type of a check to where the baselines of a model package have it.
_REGISTERED = {
    "DATA_QUALITY": ("ModelDataQuality", _QUALITY),
    "MODEL_QUALITY": ("ModelQuality", _QUALITY),
    "DATA_BIAS": ("Bias", {"analysis": "PreTrainingConstraints"}),
    "MODEL_BIAS": ("Bias", {"analysis": "PostTrainingConstraints"}),
    "MODEL_EXPLAINABILITY": ("Explainability", {"analysis": "Constraints"}),
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
    job = yield from run_job(attempt)
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
    member, names = _REGISTERED[content["CheckType"]]
    baselines = (approved[-1].get("DriftCheckBaselines") or {}).get(member, {})
    return {name: baselines[of]["S3Uri"] for name, of in names.items() if of in baselines}
