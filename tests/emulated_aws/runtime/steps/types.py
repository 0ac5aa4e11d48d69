"""All types of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulated_aws.runtime.steps import checks, control, emr, jobs, models, outside
from emulated_aws.runtime.steps.attempt import Attempt
from emulated_aws.runtime.world import Wait

TYPES: Mapping[str, Callable[[Attempt], Wait]] = {
    "AutoML": jobs.run,
    "Callback": outside.call_back,
    "ClarifyCheck": checks.check,
    "Condition": control.decide,
    "EMR": emr.run,
    "EMRServerless": emr.run_serverless,
    "Fail": control.fail,
    "Lambda": outside.invoke,
    "Model": models.create,
    "Processing": jobs.run,
    "QualityCheck": checks.check,
    "RegisterModel": models.register,
    "Training": jobs.run,
    "Transform": jobs.run,
    "Tuning": jobs.run,
}
"""Type of a step to what runs an attempt of it; raises StepFailed, and simpy.Interrupt when it was
stopped."""
