"""Jobs as SageMaker's Describe operations give them, and as other steps find them with `Get`."""

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


def properties(job: Job) -> dict[str, Any]:
    """What other steps find: the description, and what the SDK's steps have besides."""
    besides = _BESIDES.get(job.kind)
    return describe(job) | (besides(job) if besides else {})


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
    succeeded = job.status == "Completed"
    counters = dict.fromkeys(("InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0)
    return present(
        HyperParameterTuningEndTime=job.ended,
        TrainingJobStatusCounters={"Completed": int(succeeded), **counters},
        ObjectiveStatusCounters={"Succeeded": int(succeeded), "Pending": 0, "Failed": 0},
        BestTrainingJob=_best(job) if succeeded else None,
    )


def _best(job: Job) -> dict[str, Any]:
    name = work.best_training_job(job.request)["TrainingJobName"]
    prefix = job.arn.partition(":hyper-parameter-tuning-job/")[0]
    return present(
        TrainingJobName=name,
        TrainingJobArn=f"{prefix}:training-job/{name.lower()}",
        CreationTime=job.created,
        TrainingStartTime=job.created,
        TrainingEndTime=job.ended,
        TrainingJobStatus=job.status,
        TunedHyperParameters={},
        ObjectiveStatus="Succeeded",
    )


def _automl(job: Job) -> dict[str, Any]:
    succeeded = job.status == "Completed"
    container = {
        "Image": _AUTOML_IMAGE.format(region=job.arn.split(":")[3]),
        "ModelDataUrl": work.candidate_of(job.request),
        "Environment": _AUTOML_ENVIRONMENT,
    }
    reports = _reports(job)
    locations = {
        "Explainability": f"{reports}/explainability",
        "ModelInsights": f"{reports}/model_monitor",
    }
    candidate = present(
        CandidateName=f"{job.name}-candidate-1",
        ObjectiveStatus="Succeeded",
        CandidateStatus="Completed",
        CandidateSteps=[],
        InferenceContainers=[container],
        CandidateProperties={"CandidateArtifactLocations": locations},
        CreationTime=job.created,
        LastModifiedTime=job.ended or job.created,
    )
    return present(
        EndTime=job.ended,
        AutoMLJobSecondaryStatus="Completed" if succeeded else "Failed",
        BestCandidate=candidate if succeeded else None,
    )


def _reports(job: Job) -> str:
    folder = job.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{folder}/{job.name}/documentation"


_AUTOML_IMAGE = "683313688378.dkr.ecr.{region}.amazonaws.com/sagemaker-sklearn-automl:2.5-1-cpu-py3"
#: What the SDK's AutoMLStep.get_best_auto_ml_model refers to.
_AUTOML_ENVIRONMENT = {
    "MODEL_NAME": "candidate-1",
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
    "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label",
    "SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label,probability",
    "SAGEMAKER_PROGRAM": "tabular_serve.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
}

_MORE: Mapping[str, Callable[[Job], dict[str, Any]]] = {
    "Training": _training,
    "Processing": _processing,
    "QualityCheck": _processing,
    "ClarifyCheck": _processing,
    "Transform": _transform,
    "Tuning": _tuning,
    "AutoML": _automl,
}

#: What ListTrainingJobsForHyperParameterTuningJob gives, and where AutoML's reports are.
_BESIDES: Mapping[str, Callable[[Job], dict[str, Any]]] = {
    "Tuning": lambda job: {"TrainingJobSummaries": [_best(job)]},
    "AutoML": lambda job: {
        "BestCandidateProperties": {
            "ModelInsightsJsonReportPath": f"{_reports(job)}/model_monitor/statistics.json",
            "ExplainabilityJsonReportPath": f"{_reports(job)}/explainability/analysis.json",
        }
    },
}
