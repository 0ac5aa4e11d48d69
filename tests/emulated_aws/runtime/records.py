"""What happened, to be looked at afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulated_aws.runtime import graph
from emulated_aws.runtime.work import Work


@dataclass(eq=False)
class Job:
    """A job.

    Attributes:
        arn: of the job.
        name: of the job.
        kind: of the step, such as "Training".
        step: name of the step.
        request: of the operation that created it, such as CreateTrainingJob, without references.
        work: what the request says of its work.
        created: when.
        ended: when; None while it runs.
        status: as DescribeTrainingJob says it.
        reason: why it failed.
        exception: what a retry policy names, such as "SageMaker.CAPACITY_ERROR"; "" for faults
            that are never retried.
        read: URIs of the objects that it read.
        wrote: URIs of the objects that it wrote, checkpoints included.
        overwrote: those of them that were there, to the ARN of the job that had written them.
        restored: URIs of checkpoints that it found, to the ARN of the job that had written them.
        deleted: URIs of the checkpoints that it deleted.
        ran: how long each instance ran, which is paid for.
        interruptions: of spot instances.
    """

    arn: str
    name: str
    kind: str
    step: str
    request: dict[str, Any]
    work: Work
    created: datetime
    ended: datetime | None = None
    status: str = "InProgress"
    reason: str = ""
    exception: str = ""
    read: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)
    overwrote: dict[str, str] = field(default_factory=dict)
    restored: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    ran: timedelta = timedelta()
    interruptions: int = 0

    @property
    def instances(self) -> dict[str, Any]:
        """InstanceType, InstanceCount and, but for transform jobs, VolumeSizeInGB."""
        return dict(self.work.instances)

    @property
    def instance_hours(self) -> float:
        """The hours of all instances."""
        return float(self.instances["InstanceCount"] * self.ran / timedelta(hours=1))


@dataclass(eq=False)
class Step:
    """A step of an execution.

    Attributes:
        name: of the step.
        kind: its type, such as "Training".
        started: when.
        ended: when; None while it runs.
        status: as ListPipelineExecutionSteps says it.
        reason: why it failed.
        jobs: one for each attempt that got as far as a job.
        attempts: how often it was tried.
        cached: ARN of the execution whose result was reused; "" when it ran.
        key: what another execution must have in common to reuse the result.
        metadata: as ListPipelineExecutionSteps has it.
        properties: what other steps find with `Get`.
    """

    name: str
    kind: str
    started: datetime
    ended: datetime | None = None
    status: str = "Executing"
    reason: str = ""
    jobs: list[Job] = field(default_factory=list)
    attempts: int = 0
    cached: str = ""
    key: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Execution:
    """An execution of a pipeline.

    Attributes:
        arn: of the execution.
        pipeline: name of the pipeline.
        number: which of its executions, from 1.
        definition: of the pipeline when it started.
        role_arn: of the pipeline when it started.
        parameters: all of them, with their values.
        started: when.
        ended: when; None while it runs.
        status: as DescribePipelineExecution says it.
        reason: why it failed.
        steps: those that have started.
    """

    arn: str
    pipeline: str
    number: int
    definition: dict[str, Any]
    role_arn: str
    parameters: dict[str, Any]
    started: datetime
    ended: datetime | None = None
    status: str = "Executing"
    reason: str = ""
    steps: list[Step] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def pipeline_arn(self) -> str:
        """The ARN of its pipeline."""
        return self.arn.partition("/execution/")[0]

    @property
    def contents(self) -> dict[str, Mapping[str, Any]]:
        """All steps of the definition by their names."""
        return {name: node.content for name, node in graph.nodes(self.definition["Steps"]).items()}

    @property
    def outcomes(self) -> dict[str, bool]:
        """Whether the conditions of the Condition steps that ran hold."""
        return {
            step.name: step.properties["Outcome"] == "True"
            for step in self.steps
            if "Outcome" in step.properties
        }

    @property
    def jobs(self) -> list[Job]:
        """The jobs of all steps."""
        return [job for step in self.steps for job in step.jobs]


@dataclass(eq=False)
class Message:
    """What a rule, schedule or alarm sent to a topic or queue, or tried to.

    Attributes:
        time: when.
        source_arn: of the rule, schedule or alarm.
        target_arn: of the topic or queue.
        text: of the message.
        reason: why it did not arrive; "" when it did.
    """

    time: datetime
    source_arn: str
    target_arn: str
    text: str
    reason: str = ""


@dataclass(eq=False)
class Start:
    """A start of a pipeline by a rule or schedule.

    Attributes:
        time: when it was first tried.
        source_arn: of the rule or schedule.
        pipeline_arn: of the target.
        scheduled: the time that the schedule says, before a flexible window; None for an event.
        parameters: that the target sends.
        attempts: how often it was tried.
        execution: what started; None when nothing did.
        reason: why nothing did.
        dead_letter: to the dead-letter queue; None without one.
    """

    time: datetime
    source_arn: str
    pipeline_arn: str
    scheduled: datetime | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    attempts: int = 0
    execution: Execution | None = None
    reason: str = ""
    dead_letter: Message | None = None

    @property
    def queue_arn(self) -> str:
        """The queue that the dead letter reached; "" when it reached none."""
        letter = self.dead_letter
        return letter.target_arn if letter and not letter.reason else ""


@dataclass(eq=False)
class AlarmChange:
    """A change of an alarm's state.

    Attributes:
        time: when.
        alarm_arn: of the alarm.
        old: the state before, such as "INSUFFICIENT_DATA".
        new: the state since, such as "ALARM".
        reason: why.
        has_data: whether the metric had any in the window.
    """

    time: datetime
    alarm_arn: str
    old: str
    new: str
    reason: str
    has_data: bool

    @property
    def name(self) -> str:
        """The name of the alarm."""
        return self.alarm_arn.partition(":alarm:")[2]
