"""What is planned runs: every call of this folder is made in emulated AWS, and executed there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import planned
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime.problems import problems
from emulated_aws.runtime.script import Script
from emulated_aws.surroundings import arrange
from plans import test_definitions, test_derived_roles, test_warnings, valid_values
from terraform.plan import Plan

PLANNED_CALLS, MORE_CALLS = valid_values.PLANNED_CALLS, valid_values.MORE_CALLS
#: Some calls give their jobs a second.
NO_TIME = Script(
    {kind: timedelta() for kind in ("Training", "Processing", "Lambda")}, spot_wait=timedelta()
)
#: What the module warns of, AWS may refuse; emulated_aws/test_corpus_runs.py runs the corpus.
NOT_RUN = {
    call
    for module in (test_warnings, test_definitions, test_derived_roles)
    for call in module.PLANNED_CALLS
}
START = datetime(2026, 12, 1, tzinfo=timezone.utc)


def test_what_is_planned_runs(
    double: EmulatedAWS,
    calls: dict[str, dict[str, Any]],
    plan_of_calls: Plan,
    record_property: Callable[[str, object], None],
) -> None:
    """Twice by hand, and for a week: AWS takes all of it, and the roles may do what they must."""
    found: dict[str, object] = {}
    executions = 0
    for call in calls.keys() - NOT_RUN:
        double.reset()
        double.runtime.reset(START)
        double.runtime.script = NO_TIME
        plan = plan_of_calls.call(call)
        planned.create(plan, double)
        arrange(double, planned.queue_and_topic_policies(plan))
        for summary in double.client("sagemaker").list_pipelines()["PipelineSummaries"]:
            first, second = (double.runtime.run(summary["PipelineArn"]) for _ in range(2))
            cached = "CacheConfig" in first.definition["Steps"][0]
            if bool(second.steps[0].cached) != cached:
                found[f"{call}: cache of {first.pipeline}"] = cached
        double.runtime.advance(timedelta(days=7))
        executions += len(double.runtime.executions)
        if wrong := problems(double.runtime):
            found[call] = wrong
    assert found == {}
    record_property("executions of what was planned", executions)
