"""Jobs: created by the pipeline's role, run by their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import simpy

from emulated_aws.runtime import account, container, work
from emulated_aws.runtime.authorization import AccessDenied
from emulated_aws.runtime.container import LimitReached
from emulated_aws.runtime.kinds import KINDS
from emulated_aws.runtime.records import Execution, Job
from emulated_aws.runtime.script import Failure
from emulated_aws.runtime.world import StepFailed, Wait, World


@dataclass
class Jobs:
    """Keeps and runs jobs.

    Attributes:
        world: that they are in.
        all: every job by its ARN.
    """

    world: World
    all: dict[str, Job] = field(default_factory=dict)
    _progress: dict[str, timedelta] = field(default_factory=dict)

    def create(self, arn: str, kind: str, step: str, request: Mapping[str, Any]) -> Job:
        """Create a job, which the caller may.

        Args:
            arn: of the job.
            kind: of the step.
            step: name of the step.
            request: of the operation that creates it, without references.

        Raises:
            AccessDenied: SageMaker may not assume the role of the job.
            StepFailed: the model of a transform job does not exist.
        """
        content = dict(request)
        model = None
        if kind == "Transform":
            model = account.model(arn.split(":")[3], content["ModelName"])
            if model is None:
                prefix = arn.partition(":transform-job/")[0]
                raise StepFailed(f'Could not find model "{prefix}:model/{content["ModelName"]}".')
        found = work.of(kind, content, model)
        self.world.authorization.assume(found.role, "sagemaker", arn)
        name = content[KINDS[kind].member]
        job = Job(arn, name, kind, step, content, found, self.world.clock.time)
        self.all[arn] = job
        return job

    def run(self, execution: Execution, job: Job, failure: Failure | None) -> Wait:
        """Run a job to its end; its status says how it ended.

        Raises:
            simpy.Interrupt: it was stopped.
        """
        try:
            yield from container.run(self.world, self.all, self._progress, execution, job, failure)
            job.status = "Completed"
        except LimitReached as error:
            job.status, job.reason = "Stopped", str(error)
        except AccessDenied as error:
            job.status, job.reason = "Failed", f"ClientError: {error}"
        except StepFailed as error:
            job.status, job.reason, job.exception = "Failed", str(error), error.exception
        except simpy.Interrupt:
            job.status = "Stopped"
            raise
        finally:
            job.ended = self.world.clock.time
