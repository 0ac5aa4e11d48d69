"""Executions of pipelines: parameters, steps, cache, retries.

https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-overview.html
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import simpy

from emulated_aws import definition
from emulated_aws.refusals import Refused
from emulated_aws.runtime import account, graph, metrics, values
from emulated_aws.runtime.authorization import AccessDenied, Session
from emulated_aws.runtime.callbacks import Callbacks
from emulated_aws.runtime.jobs import Jobs
from emulated_aws.runtime.packages import Announce
from emulated_aws.runtime.records import Execution, Step
from emulated_aws.runtime.steps.attempt import Attempt
from emulated_aws.runtime.steps.types import TYPES
from emulated_aws.runtime.world import StepFailed, Wait, World

_ENDED = ("Succeeded", "Failed", "Stopped")
_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "String": str,
    "Integer": int,
    "Float": float,
    "Boolean": lambda text: {"true": True, "false": False}[text.lower()],
}
#: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
_RETRY = {"IntervalSeconds": 1, "BackoffRate": 2.0}
_ATTEMPTS = 5
#: What is retried where the definition has no policy for it.
_BY_ITSELF = {"ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"]}


@dataclass
class Executions:
    """Starts, runs and stops executions.

    Attributes:
        world: that they are in.
        jobs: runs the jobs of their steps.
        callbacks: waits for who answers their steps.
        announce: is told of every change of a status, by the source, detail-type, region and
            detail of the event, and the ARNs that it is about.
        seed: of the executions' IDs, so that none has that of another in the same account.
        all: every execution by its ARN.
    """

    world: World
    jobs: Jobs
    callbacks: Callbacks
    announce: Announce
    seed: int
    all: dict[str, Execution] = field(default_factory=dict)
    _processes: dict[str, simpy.Process] = field(default_factory=dict)

    def start(self, pipeline_arn: str, parameters: Mapping[str, str]) -> Execution:
        """Start an execution.

        Raises:
            Refused: the pipeline does not exist, or does not take the parameters.
        """
        pipeline = account.pipeline(pipeline_arn)
        if pipeline is None:
            raise Refused("ResourceNotFound", f"Pipeline '{pipeline_arn}' does not exist.")
        content = json.loads(pipeline.pipeline_definition)
        number = 1 + len(self.of(pipeline_arn))
        text = f"{self.seed}/{pipeline_arn}/{number}"
        name = hashlib.sha256(text.encode()).hexdigest()[:12]
        execution = Execution(
            f"{pipeline_arn}/execution/{name}",
            pipeline.pipeline_name,
            number,
            content,
            pipeline.role_arn,
            parameter_values(content, parameters),
            self.world.clock.time,
        )
        self.all[execution.arn] = execution
        self._count(execution, "ExecutionStarted")
        self._announce(execution, "")
        self._processes[execution.arn] = self.world.clock.process(self._run(execution))
        return execution

    def of(self, pipeline_arn: str) -> list[Execution]:
        """The executions of a pipeline, the oldest first."""
        return [
            execution for execution in self.all.values() if execution.pipeline_arn == pipeline_arn
        ]

    def stop(self, execution: Execution) -> None:
        """Stop an execution, and its job."""
        if execution.ended is None and execution.status != "Stopping":
            self._change(execution, "Stopping")
            self._processes[execution.arn].interrupt()

    def _run(self, execution: Execution) -> Wait:
        role_arn = execution.role_arn
        try:
            role = self.world.authorization.assume(role_arn, "sagemaker", execution.arn)
            nodes = graph.nodes(execution.definition["Steps"])
            skipped: set[str] = set()
            for node in graph.ordered(nodes):
                if graph.runs(node, execution.outcomes, skipped):
                    yield from self._run_step(execution, node.content, role)
                else:
                    skipped.add(node.content["Name"])
            self._change(execution, "Succeeded")
        except AccessDenied as error:
            execution.reason = str(error)
            self._change(execution, "Failed")
        except StepFailed:
            execution.reason = "Step failure: One or multiple steps failed."
            self._change(execution, "Failed")
        except simpy.Interrupt:
            self._change(execution, "Stopped")

    def _run_step(self, execution: Execution, content: Mapping[str, Any], role: Session) -> Wait:
        step = Step(content["Name"], content["Type"], self.world.clock.time)
        execution.steps.append(step)
        try:
            content = _resolved(execution, content, role, self.world.clock.time.isoformat())
            step.key = _cache_key(content)
            source = self._find_in_cache(execution, content, step)
            if source:
                step.cached, step.properties = source[0].arn, source[1].properties
            else:
                yield from self._try(execution, step, content, role)
            step.status = "Succeeded"
        except StepFailed as error:
            step.status, step.reason = "Failed", str(error)
            raise
        except simpy.Interrupt:
            step.status = "Stopped"
            raise
        finally:
            step.ended = self.world.clock.time

    def _try(
        self, execution: Execution, step: Step, content: Mapping[str, Any], role: Session
    ) -> Wait:
        """Run a step, again and again where a retry policy says so."""
        script = self.world.script
        failures = script.attempts(execution.pipeline, execution.number, step.name)
        retries: Counter[int] = Counter()
        while True:
            step.attempts += 1
            attempt = Attempt(
                self.world,
                self.jobs,
                self.callbacks,
                self.announce,
                execution,
                step,
                content,
                role,
                next(failures),
            )
            try:
                yield from TYPES[step.kind](attempt)
                return
            except StepFailed as error:
                policies = content.get("RetryPolicies", [])
                wait = self._wait(policies, error.exception, retries, step)
                if wait is None:
                    raise
                yield self.world.clock.wait(wait)

    def _wait(
        self, policies: list[dict[str, Any]], exception: str, retries: Counter[int], step: Step
    ) -> timedelta | None:
        """How long to wait for the next attempt; None when there is none."""
        for index, policy in enumerate([*policies, _BY_ITSELF]):
            if exception not in policy["ExceptionType"]:
                continue
            policy = _RETRY | policy
            backoff = policy["BackoffRate"] ** retries[index]
            wait = timedelta(seconds=policy["IntervalSeconds"] * backoff)
            if "ExpireAfterMin" in policy:
                expires = step.started + timedelta(minutes=policy["ExpireAfterMin"])
                ended = self.world.clock.time + wait > expires
            else:
                ended = retries[index] >= policy.get("MaxAttempts", _ATTEMPTS)
            retries[index] += 1
            return None if ended else wait
        return None

    def _find_in_cache(
        self, execution: Execution, content: Mapping[str, Any], step: Step
    ) -> tuple[Execution, Step] | None:
        """The step whose result a step takes, and its execution."""
        config = content.get("CacheConfig", {})
        if not config.get("Enabled") or not step.key:
            return None
        expiry = definition.duration(config["ExpireAfter"]) if "ExpireAfter" in config else None
        for earlier in reversed(self.of(execution.pipeline_arn)):
            for other in earlier.steps:
                if (
                    (other.name, other.status, other.cached) == (step.name, "Succeeded", "")
                    and other.key == step.key
                    and other.ended is not None
                    and (expiry is None or self.world.clock.time <= other.ended + expiry)
                ):
                    return earlier, other
        return None

    def _change(self, execution: Execution, status: str) -> None:
        before, execution.status = execution.status, status
        if status in _ENDED:
            execution.ended = self.world.clock.time
            took = (execution.ended - execution.started) / timedelta(milliseconds=1)
            self._count(execution, f"Execution{status}")
            self._count(execution, "ExecutionDuration", took)
        self._announce(execution, before)

    def _count(self, execution: Execution, name: str, value: float = 1) -> None:
        region = execution.arn.split(":")[3]
        self.world.metrics.put(region, metrics.PIPELINES, name, execution.pipeline, value)

    def _announce(self, execution: Execution, before: str) -> None:
        detail = {
            "pipelineExecutionDisplayName": execution.id,
            "currentPipelineExecutionStatus": execution.status,
            "previousPipelineExecutionStatus": before,
            "executionStartTime": execution.started.isoformat(),
            "executionEndTime": execution.ended.isoformat() if execution.ended else "",
            "pipelineArn": execution.pipeline_arn,
            "pipelineExecutionArn": execution.arn,
        }
        kind = "SageMaker Model Building Pipeline Execution Status Change"
        region = execution.arn.split(":")[3]
        arns = [execution.pipeline_arn, execution.arn]
        self.announce("aws.sagemaker", kind, region, detail, arns)


def parameter_values(content: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a definition, with the values of an execution that is given some.

    Raises:
        Refused: it does not take them.
    """
    declared = {parameter["Name"]: parameter for parameter in content.get("Parameters", [])}
    values = {name: parameter.get("DefaultValue") for name, parameter in declared.items()}
    for name, text in given.items():
        if name not in declared:
            raise _invalid(f"Parameter {name} is not declared: {', '.join(sorted(declared))}")
        if not text:
            raise _invalid(
                f'Parameter {name}: string "" is too short (length: 0, required minimum: 1)'
            )
        kind = declared[name]["Type"]
        try:
            values[name] = _PARSERS[kind](text)
        except (KeyError, ValueError):
            raise _invalid(f"Parameter {name} is {text!r}, expected type {kind}") from None
        if values[name] not in declared[name].get("EnumValues", [values[name]]):
            raise _invalid(f"Parameter {name} is {text!r}, which is none of its EnumValues")
    if missing := [name for name, value in values.items() if value is None]:
        raise _invalid(f"Parameter {missing[0]} has no value")
    return values


def _invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


def _resolved(
    execution: Execution, content: Mapping[str, Any], role: Session, now: str
) -> dict[str, Any]:
    """A step without references, and without the steps in its branches.

    Raises:
        StepFailed: it refers to what is not there, or nothing here runs it.
    """
    kind = content["Type"]
    if kind not in TYPES:
        raise StepFailed(f"Emulated AWS runs no step of type {kind}.")
    own, known = graph.without_branches(content), values.of(execution, now)
    resolved: dict[str, Any] = values.resolve_all(own, execution, known, role)
    return resolved


#: Where definition.CACHE_KEYS has nothing of a type; for checks, members of the step count, too.
_CACHE_KEYS = {
    "Tuning": {"HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions"},
    "AutoML": {"AutoMLJobConfig", "AutoMLJobObjective", "InputDataConfig", "ProblemType"},
    "Transform": {"DataProcessing", "Environment", "ModelName", "TransformInput"},
    "EMR": {"ClusterId", "StepConfig"},
    "ClarifyCheck": definition.CACHE_KEYS["Processing"],
    "QualityCheck": definition.CACHE_KEYS["Processing"],
    **definition.CACHE_KEYS,
}
_OF_CHECKS = (
    "ModelPackageGroupName",
    "RegisterNewBaseline",
    "SkipCheck",
    "SuppliedBaselineConstraints",
    "SuppliedBaselineStatistics",
)


def _cache_key(content: Mapping[str, Any]) -> str:
    """What decides whether a result can be reused; "" where it never can.

    https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html. What that page
    calls the configuration of a check is here what it gives the processing job (assumed).
    """
    kind, arguments = content["Type"], content["Arguments"]
    if kind not in _CACHE_KEYS:
        return ""
    named = sorted(_CACHE_KEYS[kind] & arguments.keys())
    more = [[name, content[name]] for name in _OF_CHECKS if name in content]
    return json.dumps([kind, *([name, arguments[name]] for name in named), *more], sort_keys=True)
