"""Executions of pipelines: started, followed to their end, stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ENDS = ("Succeeded", "CompletedWithFailures", "Failed", "Stopped")


@dataclass(frozen=True)
class Follower:
    """Looks at executions again and again until they have ended.

    Attributes:
        sagemaker: a boto3 client.
        say: gets a line for everything that changes.
        interval: seconds between two looks.
        timeout: seconds that an execution gets.

    """

    sagemaker: Any
    say: Callable[[str], None]
    interval: float = 15
    timeout: float = 7200

    def start(self, pipeline: str) -> str:
        """Start an execution with the default parameters; gives its ARN."""
        started = self.sagemaker.start_pipeline_execution(PipelineName=pipeline)
        return str(started["PipelineExecutionArn"])

    def follow(self, arn: str) -> str:
        """Follow an execution to its end.

        Returns:
            Its status, with the reason where there is one: "Succeeded", "Failed: Step failure ...".

        Raises:
            TimeoutError: it did not end in time.

        """
        deadline = time.monotonic() + self.timeout
        seen: dict[str, str] = {}
        while True:
            # before its steps, so that these are at their end when it is
            execution = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            status = execution["PipelineExecutionStatus"]
            now = self._steps(arn) | {"": _with_reason(status, execution)}
            for name, state in now.items():
                if seen.get(name) != state:
                    pipeline, _, identifier = arn.rpartition(":pipeline/")[2].partition("/")
                    self.say(f"{pipeline} {identifier} {name or '-'}: {state}")
            seen = now
            if status in ENDS:
                return seen[""]
            if time.monotonic() > deadline:
                raise TimeoutError(f"{arn} is {status} after {self.timeout:g} s.")
            time.sleep(self.interval)

    def _steps(self, arn: str) -> dict[str, str]:
        pages = self.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=arn, SortOrder="Ascending"
        )
        return {
            step["StepName"]: _with_reason(step["StepStatus"], step)
            for page in pages
            for step in page["PipelineExecutionSteps"]
        }

    def stop_all(self, pipeline: str) -> None:
        """Stop what runs of a pipeline: AWS deletes no pipeline before
        (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html).

        Raises:
            TimeoutError: an execution did not stop in time.

        """
        pages = self.sagemaker.get_paginator("list_pipeline_executions").paginate(
            PipelineName=pipeline
        )
        for page in pages:
            for execution in page["PipelineExecutionSummaries"]:
                arn = execution["PipelineExecutionArn"]
                if execution["PipelineExecutionStatus"] == "Executing":
                    self.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
                if execution["PipelineExecutionStatus"] not in ENDS:
                    self.follow(arn)


def _with_reason(status: str, described: dict[str, Any]) -> str:
    reason = described.get("FailureReason")
    return f"{status}: {reason}" if reason else status
