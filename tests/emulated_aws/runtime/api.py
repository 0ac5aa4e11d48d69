"""SageMaker's API for executions and their jobs, and the runtime behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import Any

from emulated_aws import wire
from emulated_aws.refusals import Refused, held
from emulated_aws.runtime import packages
from emulated_aws.runtime.alarms import Alarms
from emulated_aws.runtime.authorization import Authorization
from emulated_aws.runtime.callbacks import Answer, Callbacks
from emulated_aws.runtime.clock import Clock
from emulated_aws.runtime.deliveries import Deliveries
from emulated_aws.runtime.descriptions import describe, present
from emulated_aws.runtime.events import Events
from emulated_aws.runtime.executions import Executions
from emulated_aws.runtime.jobs import Jobs
from emulated_aws.runtime.metrics import Metrics
from emulated_aws.runtime.records import AlarmChange, Execution, Message, Start, Step
from emulated_aws.runtime.scheduler import Scheduler
from emulated_aws.runtime.script import Script
from emulated_aws.runtime.starts import Starts
from emulated_aws.runtime.world import World

_LOOKS = {"DescribePipelineExecution", "ListPipelineExecutions", "ListPipelineExecutionSteps"}


class Runtime:
    """A WSGI layer around ``application`` that runs what the account has been told to.

    Time stands still but for :meth:`advance` and for looks at executions, each of which lets
    :attr:`pace` pass first: so that whoever polls sees them end. Rules and schedules fire in
    :meth:`advance`.

    Args:
        application: carries out what is not of executions.
        lock: held by whoever reads or changes the account.

    Attributes:
        pace: the time between two looks.
    """

    def __init__(self, application: wire.Application, lock: AbstractContextManager[Any]) -> None:
        self._application = application
        self._lock = lock
        self._resets = 0
        self.reset()

    def reset(self, start: datetime | None = None) -> None:
        """Forget everything.

        Args:
            start: the time now; by default the real one.
        """
        self._resets += 1
        clock = Clock(start or datetime.now(timezone.utc))
        self.pace = timedelta(minutes=10)
        self._world = World(clock, Authorization(), Metrics(clock), Script())
        self._deliveries = Deliveries(self._world)
        self._jobs = Jobs(self._world)
        self._callbacks = Callbacks(self._world)
        self._executions = Executions(
            self._world, self._jobs, self._callbacks, self.announce, self._resets
        )
        self._starts = Starts(self._world, self._executions)
        self._events = Events(self._world, self._starts, self._deliveries)
        self._scheduler = Scheduler(self._world, self._starts, self._deliveries)
        self._alarms = Alarms(self._world, self._deliveries)
        self._tokens: dict[str, str] = {}

    def announce(
        self, source: str, kind: str, region: str, detail: dict[str, Any], arns: list[str]
    ) -> None:
        """Tell EventBridge of something, as `emulated_aws.runtime.events.Events.announce` says."""
        with self._lock:
            self._events.announce(source, kind, region, detail, arns)

    # For tests and tools

    @property
    def time(self) -> datetime:
        """The simulated time, in UTC."""
        return self._world.clock.time

    @property
    def script(self) -> Script:
        """How long jobs take, and what fails; to be replaced at any time."""
        return self._world.script

    @script.setter
    def script(self, script: Script) -> None:
        self._world.script = script

    @property
    def authorization(self) -> Authorization:
        """What was allowed and denied."""
        return self._world.authorization

    @property
    def executions(self) -> list[Execution]:
        """All executions, the oldest first."""
        return list(self._executions.all.values())

    @property
    def starts(self) -> list[Start]:
        """All starts by rules and schedules, and attempts that failed."""
        return self._starts.all

    @property
    def messages(self) -> list[Message]:
        """All that rules, schedules and alarms sent to topics and queues, or could not."""
        return self._deliveries.all

    @property
    def metrics(self) -> Metrics:
        """What the services counted."""
        return self._world.metrics

    @property
    def alarms(self) -> list[AlarmChange]:
        """All changes of the states of alarms."""
        return self._alarms.changes

    def advance(self, time: timedelta | datetime) -> None:
        """Let time pass: rules and schedules fire, executions run, alarms look."""
        with self._lock:
            until = self.time + time if isinstance(time, timedelta) else time
            self._alarms.look()
            self._events.plan(until)
            self._scheduler.plan(until)
            self._world.clock.run_until(until)

    def start(self, pipeline_arn: str, parameters: Mapping[str, str] | None = None) -> Execution:
        """Start an execution by hand.

        Raises:
            Refused: the pipeline does not exist, or does not take the parameters.
        """
        with self._lock:
            return self._executions.start(pipeline_arn, parameters or {})

    def run(self, pipeline_arn: str, parameters: Mapping[str, str] | None = None) -> Execution:
        """Start an execution by hand, and let time pass until it has ended.

        Raises:
            Refused: as :meth:`start`.
        """
        execution = self.start(pipeline_arn, parameters)
        with self._lock:
            while execution.ended is None:
                self._world.clock.step()
        return execution

    # The layer

    def __call__(
        self, environ: wire.Environ, start_response: wire.StartResponse
    ) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        request: wire.Request = environ[wire.KEY]
        answers: Mapping[str, Callable[[wire.Request], dict[str, Any] | None]] = {
            "StartPipelineExecution": self._start,
            "StopPipelineExecution": self._stop,
            "DescribePipelineExecution": self._describe,
            "ListPipelineExecutions": self._list,
            "ListPipelineExecutionSteps": self._list_steps,
            "ListPipelineParametersForExecution": self._list_parameters,
            "SendPipelineExecutionStepSuccess": self._succeed,
            "SendPipelineExecutionStepFailure": self._fail,
            "DescribeTrainingJob": self._describe_job,
            "DescribeProcessingJob": self._describe_job,
            "DescribeTransformJob": self._describe_job,
            "DescribeHyperParameterTuningJob": self._describe_job,
            "DescribeAutoMLJob": self._describe_job,
            "ListTags": self._list_tags,
            "DeleteModelPackage": packages.delete,
            "DeleteModelPackageGroup": packages.delete_group,
            "DeletePipeline": self._check_idle,
        }
        answer = answers.get(request.operation) if request.service == "sagemaker" else None
        body = None
        with self._lock:
            if request.operation in _LOOKS:
                self._world.clock.run_until(self.time + self.pace)
            try:
                body = answer(request) if answer else None
            except Refused as refused:
                return wire.answer(request, start_response, refused.answer)
        if body is None:
            return self._pass_on(request, environ, start_response)
        return wire.answer_json(start_response, body)

    def _pass_on(
        self, request: wire.Request, environ: wire.Environ, start_response: wire.StartResponse
    ) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        approval = (request.service, request.operation) == ("sagemaker", "UpdateModelPackage")
        if approval and "ModelApprovalStatus" in request.body:
            arn = request.body["ModelPackageArn"]
            packages.announce_state(self.announce, request.region, arn)
        return answer

    # What these give None for, moto answers.

    def _check_idle(self, request: wire.Request) -> dict[str, Any] | None:
        """A pipeline cannot be deleted as long as an execution runs.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html
        """
        arn = held.pipeline_arn(request, request.body["PipelineName"])
        if any(execution.ended is None for execution in self._executions.of(arn)):
            raise Refused("ConflictException", f"Pipeline '{arn}' has running executions.")
        return None

    def _start(self, request: wire.Request) -> dict[str, Any]:
        token = request.body.get("ClientRequestToken", "")
        if token in self._tokens:
            return {"PipelineExecutionArn": self._tokens[token]}
        given = request.body.get("PipelineParameters", [])
        execution = self._executions.start(
            held.pipeline_arn(request, request.body["PipelineName"]),
            {parameter["Name"]: parameter["Value"] for parameter in given},
        )
        if token:
            self._tokens[token] = execution.arn
        return {"PipelineExecutionArn": execution.arn}

    def _stop(self, request: wire.Request) -> dict[str, Any]:
        execution = self._execution(request)
        self._executions.stop(execution)
        return {"PipelineExecutionArn": execution.arn}

    def _describe(self, request: wire.Request) -> dict[str, Any]:
        execution = self._execution(request)
        return _summary(execution) | {"PipelineArn": execution.pipeline_arn}

    def _list(self, request: wire.Request) -> dict[str, Any]:
        found = self._executions.of(held.pipeline_arn(request, request.body["PipelineName"]))
        return {"PipelineExecutionSummaries": [_summary(one) for one in reversed(found)]}

    def _list_steps(self, request: wire.Request) -> dict[str, Any]:
        steps = [_step(step) for step in self._execution(request).steps]
        if request.body.get("SortOrder", "Descending") == "Descending":
            steps.reverse()
        return {"PipelineExecutionSteps": steps}

    def _list_parameters(self, request: wire.Request) -> dict[str, Any]:
        values = self._execution(request).parameters
        return {
            "PipelineParameters": [
                {"Name": name, "Value": str(value)} for name, value in values.items()
            ]
        }

    def _describe_job(self, request: wire.Request) -> dict[str, Any] | None:
        (name,) = request.body.values()
        found = (job for job in self._jobs.all.values() if job.name == name)
        job = next(found, None)
        return describe(job) if job else None

    def _succeed(self, request: wire.Request) -> dict[str, Any]:
        given = request.body.get("OutputParameters", [])
        outputs = {output["Name"]: output["Value"] for output in given}
        return self._answer(request, Answer(outputs))

    def _fail(self, request: wire.Request) -> dict[str, Any]:
        reason = request.body.get("FailureReason") or "The callback step failed."
        return self._answer(request, Answer({}, reason))

    def _answer(self, request: wire.Request, answer: Answer) -> dict[str, Any]:
        arn = self._callbacks.answer(request.body["CallbackToken"], answer)
        if arn is None:
            raise Refused("ResourceNotFound", "There is no step with this callback token.")
        return {"PipelineExecutionArn": arn}

    def _list_tags(self, request: wire.Request) -> dict[str, Any] | None:
        job = self._jobs.all.get(request.body["ResourceArn"])
        return {"Tags": job.request.get("Tags", [])} if job else None

    def _execution(self, request: wire.Request) -> Execution:
        arn = request.body["PipelineExecutionArn"]
        if arn not in self._executions.all:
            raise Refused("ResourceNotFound", f"Pipeline execution '{arn}' does not exist.")
        return self._executions.all[arn]


def _summary(execution: Execution) -> dict[str, Any]:
    return present(
        PipelineExecutionArn=execution.arn,
        PipelineExecutionDisplayName=execution.id,
        PipelineExecutionStatus=execution.status,
        FailureReason=execution.reason,
        StartTime=execution.started,
        CreationTime=execution.started,
        LastModifiedTime=execution.ended,
    )


def _step(step: Step) -> dict[str, Any]:
    source = {"SourcePipelineExecutionArn": step.cached} if step.cached else None
    return present(
        StepName=step.name,
        StepStatus=step.status,
        StartTime=step.started,
        EndTime=step.ended,
        AttemptCount=step.attempts,
        FailureReason=step.reason,
        CacheHitResult=source,
        Metadata=step.metadata or None,
    )
