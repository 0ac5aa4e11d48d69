"""What the steps that create something in SageMaker create, and what it is called.

Names: with a name among a step's arguments, SageMaker adds the execution's ID and more to it
(SDK: PipelineDefinitionConfig.use_custom_job_prefix). Without one they are
``pipelines-<execution>-<step>-<random>``; those of tuning jobs, which have at most 32 characters,
``<execution>-<step>-<random>`` (seen in public output, not documented; of AutoML jobs it is
assumed, as they have the same limit). What is too long is cut: names of steps visibly, given names
by assumption.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from emulated_aws.runtime.records import Execution

_RANDOM = 10
"""Characters at the end of a name."""


@dataclass(frozen=True)
class Kind:
    """Something that steps create.

    Attributes:
        noun: of the operations Create..., Describe... and Stop...
        member: of the request that has its name.
        resource: its type in ARNs.
        longest: how many characters its name has at most.
        metadata: the member of a step's Metadata that has its ARN.
    """

    noun: str
    member: str
    resource: str
    longest: int
    metadata: str

    def name(self, given: str | None, execution: Execution, step: str, number: int) -> str:
        """The name of a new one.

        Args:
            given: among the step's arguments.
            execution: that creates it.
            step: name of the step.
            number: of the attempt.
        """
        text = f"{execution.arn}/{step}/{number}"
        random = hashlib.sha256(text.encode()).hexdigest()[:_RANDOM]
        if given:
            end = f"-{execution.id}-{random}"
            return _cut(given, self.longest - len(end)) + end
        start = f"{execution.id}-" if self.longest < 63 else f"pipelines-{execution.id}-"
        end = f"-{random}"
        return start + _cut(step, self.longest - len(start + end)) + end


def _cut(text: str, length: int) -> str:
    return text[:length].rstrip("-_")


_PROCESSING = Kind("ProcessingJob", "ProcessingJobName", "processing-job", 63, "ProcessingJob")

#: Type of a step to what it creates under a name of this form.
KINDS = {
    "Training": Kind("TrainingJob", "TrainingJobName", "training-job", 63, "TrainingJob"),
    "Processing": _PROCESSING,
    "QualityCheck": _PROCESSING,
    "ClarifyCheck": _PROCESSING,
    "Transform": Kind("TransformJob", "TransformJobName", "transform-job", 63, "TransformJob"),
    "Tuning": Kind(
        "HyperParameterTuningJob",
        "HyperParameterTuningJobName",
        "hyper-parameter-tuning-job",
        32,
        "TuningJob",
    ),
    "AutoML": Kind("AutoMLJob", "AutoMLJobName", "automl-job", 32, "AutoMLJob"),
    "Model": Kind("Model", "ModelName", "model", 63, "Model"),
    "RegisterModel": Kind("ModelPackage", "ModelPackageName", "model-package", 63, "RegisterModel"),
}


def roles(request: Any) -> list[str]:
    """The roles that a request passes to SageMaker, each once."""
    found: list[str] = []
    if isinstance(request, dict):
        for name, value in request.items():
            passed = name in ("RoleArn", "ExecutionRoleArn", "ValidationRole")
            found += [value] if passed and isinstance(value, str) else roles(value)
    elif isinstance(request, list):
        for item in request:
            found += roles(item)
    return list(dict.fromkeys(found))
