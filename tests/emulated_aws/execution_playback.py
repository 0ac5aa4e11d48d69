"""The layer that lets executions of emulated AWS take their time: moto's succeed at once.

As long as one runs, its pipeline cannot be deleted
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from emulated_aws import wire
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.refusals import held


@dataclass
class _Execution:
    steps: list[str]
    script: list[str]

    @property
    def status(self) -> str:
        return self.script[0]


@dataclass
class Playback:
    """A WSGI layer around ``application``.

    Attributes:
        application: answers all but the calls for executions.
        script: what DescribePipelineExecution says of each new execution, one status a call; the
            last one stays.
        started: the names of the pipelines that were started.

    """

    application: wire.Application
    script: tuple[str, ...] = ("Executing", "Executing", "Succeeded")
    started: list[str] = field(default_factory=list)
    _executions: dict[str, _Execution] = field(default_factory=dict)

    def __call__(
        self, environ: wire.Environ, start_response: wire.StartResponse
    ) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        request: wire.Request = environ[wire.KEY]
        answers: Mapping[str, Callable[[wire.Request], dict[str, Any]]] = {
            "StartPipelineExecution": self._start,
            "DescribePipelineExecution": self._describe,
            "ListPipelineExecutions": self._list,
            "ListPipelineExecutionSteps": self._list_steps,
            "StopPipelineExecution": self._stop,
        }
        if request.operation in answers:
            return wire.answer_json(start_response, answers[request.operation](request))
        if request.operation == "DeletePipeline" and any(
            execution["PipelineExecutionStatus"] in ("Executing", "Stopping")
            for execution in self._list(request)["PipelineExecutionSummaries"]
        ):
            error = wire.Answer(400, "ConflictException", "The pipeline has running executions.")
            return wire.answer(request, start_response, error)
        return self.application(environ, start_response)

    def _start(self, request: wire.Request) -> dict[str, Any]:
        name = request.body["PipelineName"]
        pipeline = held.pipeline(request, name)
        assert pipeline is not None, f"{name} does not exist"
        steps = [step["Name"] for step in json.loads(pipeline.pipeline_definition)["Steps"]]
        arn = f"{pipeline.arn}/execution/{len(self.started):012}"
        self._executions[arn] = _Execution(steps, list(self.script))
        self.started.append(name)
        return {"PipelineExecutionArn": arn}

    def _describe(self, request: wire.Request) -> dict[str, Any]:
        arn = request.body["PipelineExecutionArn"]
        execution = self._executions[arn]
        status = execution.status
        if len(execution.script) > 1:
            execution.script.pop(0)
        reason = {"FailureReason": "Step failure"} if status == "Failed" else {}
        return {"PipelineExecutionArn": arn, "PipelineExecutionStatus": status, **reason}

    def _list(self, request: wire.Request) -> dict[str, Any]:
        return {
            "PipelineExecutionSummaries": [
                {"PipelineExecutionArn": arn, "PipelineExecutionStatus": execution.status}
                for arn, execution in self._executions.items()
                if f":pipeline/{request.body['PipelineName']}/" in arn
            ]
        }

    def _list_steps(self, request: wire.Request) -> dict[str, Any]:
        execution = self._executions[request.body["PipelineExecutionArn"]]
        return {
            "PipelineExecutionSteps": [
                {"StepName": name, "StepStatus": execution.status} for name in execution.steps
            ]
        }

    def _stop(self, request: wire.Request) -> dict[str, Any]:
        arn = request.body["PipelineExecutionArn"]
        self._executions[arn].script = ["Stopping", "Stopped"]
        return {"PipelineExecutionArn": arn}


@contextmanager
def playback(aws: EmulatedAWS) -> Iterator[Playback]:
    """Let the executions of ``aws`` take their time, up to the end of the ``with`` block."""
    layer = Playback(aws.faults._application)
    with mock.patch.object(aws.faults, "_application", layer):
        yield layer
