"""Jobs as SageMaker's Describe operations give them: also what other steps find with `Get`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from emulated_aws.runtime import work
from emulated_aws.runtime.kinds import KINDS
from emulated_aws.runtime.records import Job


def present(**members: Any) -> dict[str, Any]:
    """Without what is not there; times as SageMaker gives them."""
    return {
        name: value.timestamp() if isinstance(value, datetime) else value
        for name, value in members.items()
        if value not in (None, "")
    }


def describe(job: Job) -> dict[str, Any]:
    """The response of DescribeTrainingJob and the like."""
    noun = KINDS[job.kind].noun
    common = present(
        **{f"{noun}Arn": job.arn, f"{noun}Status": job.status},
        CreationTime=job.created,
        LastModifiedTime=job.ended or job.created,
        FailureReason=job.reason,
    )
    return job.request | common | _MORE[job.kind](job)


def _training(job: Job) -> dict[str, Any]:
    seconds = int(job.ran.total_seconds())
    return present(
        TrainingStartTime=job.created,
        TrainingEndTime=job.ended,
        SecondaryStatus=job.status,
        TrainingTimeInSeconds=seconds,
        BillableTimeInSeconds=seconds,
        ModelArtifacts={"S3ModelArtifacts": work.model_of(job.request)},
    )


def _processing(job: Job) -> dict[str, Any]:
    return present(ProcessingStartTime=job.created, ProcessingEndTime=job.ended)


def _transform(job: Job) -> dict[str, Any]:
    return present(TransformStartTime=job.created, TransformEndTime=job.ended)


def _tuning(job: Job) -> dict[str, Any]:
    """One training job stands for all."""
    best = work.best_training_job(job.request)
    succeeded = job.status == "Completed"
    counters = dict.fromkeys(("InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0)
    prefix = job.arn.partition(":hyper-parameter-tuning-job/")[0]
    summary = present(
        TrainingJobName=best["TrainingJobName"],
        TrainingJobArn=f"{prefix}:training-job/{best['TrainingJobName'].lower()}",
        CreationTime=job.created,
        TrainingStartTime=job.created,
        TrainingEndTime=job.ended,
        TrainingJobStatus=job.status,
        TunedHyperParameters={},
        ObjectiveStatus="Succeeded" if succeeded else None,
    )
    return present(
        HyperParameterTuningEndTime=job.ended,
        TrainingJobStatusCounters={"Completed": int(succeeded), **counters},
        ObjectiveStatusCounters={"Succeeded": int(succeeded), "Pending": 0, "Failed": 0},
        BestTrainingJob=summary if succeeded else None,
        TrainingJobSummaries=[summary] if succeeded else [],
    )


def _automl(job: Job) -> dict[str, Any]:
    folder = job.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    reports = f"{folder}/{job.name}/documentation"
    candidate = present(
        CandidateName=f"{job.name}-candidate-1",
        ObjectiveStatus="Succeeded",
        CandidateStatus="Completed",
        CandidateSteps=[],
        InferenceContainers=[
            {
                "Image": _AUTOML_IMAGE.format(region=job.arn.split(":")[3]),
                "ModelDataUrl": work.candidate_of(job.request),
                "Environment": {},
            }
        ],
        CandidateProperties={
            "CandidateArtifactLocations": {
                "Explainability": f"{reports}/explainability",
                "ModelInsights": f"{reports}/model_monitor",
            }
        },
        CreationTime=job.created,
        LastModifiedTime=job.ended or job.created,
    )
    succeeded = job.status == "Completed"
    properties = {
        "ModelInsightsJsonReportPath": f"{reports}/model_monitor/statistics.json",
        "ExplainabilityJsonReportPath": f"{reports}/explainability/analysis.json",
    }
    return present(
        EndTime=job.ended,
        AutoMLJobSecondaryStatus="Completed" if succeeded else "Failed",
        BestCandidate=candidate if succeeded else None,
        BestCandidateProperties=properties if succeeded else None,
    )


_AUTOML_IMAGE = "683313688378.dkr.ecr.{region}.amazonaws.com/sagemaker-sklearn-automl:2.5-1-cpu-py3"

_MORE: Mapping[str, Callable[[Job], dict[str, Any]]] = {
    "Training": _training,
    "Processing": _processing,
    "QualityCheck": _processing,
    "ClarifyCheck": _processing,
    "Transform": _transform,
    "Tuning": _tuning,
    "AutoML": _automl,
}
