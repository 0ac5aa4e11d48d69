"""Runs executions of pipelines in emulated AWS, and says what IAM decided."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime import account, graph
from emulated_aws.runtime.records import Execution
from emulated_aws.runtime.script import DURATIONS, Failure, Script
from emulated_aws.surroundings import arrange, pipelines
from planned import create, queue_and_topic_policies
from terraform.plan import Plan


@dataclass(frozen=True)
class Run:
    """An execution, and what it meets.

    Attributes:
        parameters: that it is started with.
        files: as of Script: JSON documents that processing jobs write, by step and path.
        results: as of Script: outputs of Lambda and Callback steps, members of descriptions.
        objects: JSON documents in S3, by URI.
        failures: that happen.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    objects: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Decisions:
    """What the executions of a pipeline did, and what IAM decided.

    Attributes:
        executions: one for each run.
        calls: action and resource of all that the pipeline's role was allowed.
        denied: the messages of what any role was denied.
        left_out: names of the steps that no execution ran.
    """

    executions: list[Execution]
    calls: set[tuple[str, str]]
    denied: list[str]
    left_out: set[str]

    def normal_calls(self) -> list[str]:
        """The calls, sorted, without what differs from one execution to another."""
        ids = "|".join(execution.id for execution in self.executions)
        found = {
            re.sub(ids, "<execution>", f"{action} {resource}") for action, resource in self.calls
        }
        return sorted({re.sub("-[0-9a-f]{10}(?=$|/)", "-<random>", call) for call in found})


def decide(aws: EmulatedAWS, pipeline_arn: str, runs: Sequence[Run] = (Run(),)) -> Decisions:
    """Run a pipeline that is there, with roles that are there.

    Args:
        aws: the account.
        pipeline_arn: of the pipeline.
        runs: its executions.
    """
    arrange(aws)
    authorization = aws.runtime.authorization
    held = account.pipeline(pipeline_arn)
    assert held is not None, f"there is no pipeline {pipeline_arn}"
    role = held.role_arn.rpartition("/")[2]
    before, denied = len(authorization.allowed[role]), len(authorization.denied)
    executions = [_run(aws, pipeline_arn, run) for run in runs]
    ran = {step.name for execution in executions for step in execution.steps}
    steps = graph.nodes(json.loads(held.pipeline_definition)["Steps"])
    return Decisions(
        executions,
        {(one.action, one.resource) for one in authorization.allowed[role][before:]},
        authorization.denied[denied:],
        set(steps) - ran,
    )


def _run(aws: EmulatedAWS, pipeline_arn: str, run: Run) -> Execution:
    for uri, content in run.objects.items():
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(content))
    durations = dict.fromkeys(DURATIONS, timedelta(minutes=5))
    aws.runtime.script = Script(durations, run.failures, files=run.files, results=run.results)
    return aws.runtime.run(pipeline_arn, run.parameters)


def decide_call(
    plan: Plan, aws: EmulatedAWS, runs: Mapping[str, Sequence[Run]] | None = None
) -> dict[str, Decisions]:
    """Make what a call of the module plans, and run all its pipelines.

    Args:
        plan: of the call, with the outputs of :data:`planned.OUTPUTS`.
        aws: an empty account.
        runs: by the name of the pipeline; one with the defaults for others.

    Returns:
        The decisions by the name of the pipeline.
    """
    create(plan, aws)
    arrange(aws, queue_and_topic_policies(plan))
    found = {}
    for arn in pipelines(aws):
        name = arn.rpartition("/")[2]
        found[name] = decide(aws, arn, (runs or {}).get(name, (Run(),)))
    return found
