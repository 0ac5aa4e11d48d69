"""CloudWatch: alarms on the metrics that this module's resources have.

Stricter than AWS, on purpose. PutMetricAlarm takes any metric, and the alarm of a misspelt one has
no data for ever; here a metric has to be in :data:`METRICS`, with its dimensions and its unit. What
is counted has to be added up: of ones the average is one. A metric over a whole account, which AWS
has too, is refused like an unknown one. Alarms on metric math or PromQL are not looked at.

Documented (botocore's model): which values there are for missing data, periods, and actions.
Seen in public: the words about the length of the window, data points and regions. Assumed: the
other words; that FIFO topics are refused, as a message to one needs a group.

Metrics: sagemaker/latest/dg/monitoring-cloudwatch.html, eventbridge/latest/userguide/
eb-monitoring.html (those of rules on the default bus), scheduler/latest/UserGuide/
monitoring-cloudwatch.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from emulated_aws.refusals import Check, Refused, targets
from emulated_aws.wire import Request

Unit = Literal["Count", "Milliseconds"]

HOUR, DAY, WEEK = 3_600, 86_400, 604_800


@dataclass(frozen=True)
class Metric:
    """A metric of AWS.

    Attributes:
        unit: of its values.
        dimensions: the names of all that it has.
    """

    unit: Unit
    dimensions: frozenset[str]


def _metrics(unit: Unit, dimensions: str, names: str) -> dict[str, Metric]:
    return {name: Metric(unit, frozenset(dimensions.split())) for name in names.split()}


#: Namespace to name to metric.
METRICS: Mapping[str, Mapping[str, Metric]] = {
    "AWS/Sagemaker/ModelBuildingPipeline": {
        **_metrics(
            "Count",
            "PipelineName",
            "ExecutionStarted ExecutionFailed ExecutionSucceeded ExecutionStopped",
        ),
        **_metrics("Milliseconds", "PipelineName", "ExecutionDuration"),
        **_metrics(
            "Count", "PipelineName StepName", "StepStarted StepFailed StepSucceeded StepStopped"
        ),
        **_metrics("Milliseconds", "PipelineName StepName", "StepDuration"),
    },
    "AWS/Events": _metrics(
        "Count",
        "RuleName",
        "DeadLetterInvocations FailedInvocations InvocationAttempts Invocations "
        "InvocationsFailedToBeSentToDlq InvocationsSentToDlq MatchedEvents "
        "RetryInvocationAttempts SuccessfulInvocationAttempts ThrottledRules TriggeredRules",
    ),
    "AWS/Scheduler": _metrics(
        "Count",
        "ScheduleGroup",
        "InvocationAttemptCount InvocationDroppedCount InvocationThrottleCount "
        "InvocationsFailedToBeSentToDeadLetterCount InvocationsSentToDeadLetterCount "
        "TargetErrorCount TargetErrorThrottledCount",
    ),
}

_STATISTICS = {"Count": {"Sum"}, "Milliseconds": {"Average", "Minimum", "Maximum"}}
_REQUIRED = (
    "MetricName",
    "Namespace",
    "Statistic",
    "Period",
    "EvaluationPeriods",
    "ComparisonOperator",
    "Threshold",
)
_MISSING_DATA = ("breaching", "notBreaching", "ignore", "missing")
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_ACTING = {"sns", "lambda", "ssm", "ssm-incidents", "aiops", "autoscaling", "automate", "swf"}


def _put_alarm(request: Request) -> None:
    body = request.body
    if body.keys() & {"Metrics", "EvaluationCriteria"}:
        return
    for name in _REQUIRED:
        if name not in body:
            raise _invalid(f"The parameter {name} is required.")
    _check_metric(body)
    periods = int(body["EvaluationPeriods"])
    _check_window(int(body["Period"]), periods)
    if int(body.get("DatapointsToAlarm", 1)) > periods:
        raise _invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    if (missing := body.get("TreatMissingData", "missing")) not in _MISSING_DATA:
        raise _invalid(
            f"Option {missing} is not supported. Supported options for parameter "
            f"TreatMissingData are {', '.join(_MISSING_DATA)}."
        )
    for name in _ACTIONS:
        for arn in body.get(name) or ():
            _check_action(arn, request.region)


def _check_metric(body: Mapping[str, Any]) -> None:
    namespace, name = body["Namespace"], body["MetricName"]
    metric = METRICS.get(namespace, {}).get(name)
    if metric is None:
        raise _invalid(f"Emulated AWS knows no metric {name} in {namespace}: is it a real one?")
    given = sorted(dimension["Name"] for dimension in body.get("Dimensions") or ())
    if given != sorted(metric.dimensions):
        raise _invalid(
            f"The metric {name} has the dimensions {sorted(metric.dimensions)}, not {given}."
        )
    if body["Statistic"] not in _STATISTICS[metric.unit]:
        raise _invalid(f"The statistic {body['Statistic']} of the metric {name} says nothing.")
    if body.get("Unit", metric.unit) != metric.unit:
        raise _invalid(f"The metric {name} has the unit {metric.unit}.")


def _check_window(period: int, periods: int) -> None:
    if period not in (10, 20, 30) and period % 60:
        raise _invalid("Period must be 10, 20, 30 or a multiple of 60")
    limit, longest, kind = (DAY, "day", "<") if period < HOUR else (WEEK, "week", ">=")
    if period * periods > limit:
        raise _invalid(
            f"Metrics cannot be checked across more than a {longest} (EvaluationPeriods * Period "
            f"must be <= {limit}) for alarms using period {kind} {HOUR}"
        )


def _check_action(arn: str, region: str) -> None:
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        raise _invalid(f"Invalid arn syntax: {arn}")
    service, there = parts[2:4]
    if service not in _ACTING:
        raise _invalid(f"Unsupported service {service} of the alarm action {arn}")
    if service == "sns" and arn.endswith(".fifo"):
        raise _invalid(f"The topic of the alarm action {arn} must be a standard topic.")
    if service != "ssm-incidents" and not targets.is_in(arn, region):
        raise _invalid(f"Invalid region {there} specified. Only {region} is supported.")


def _invalid(message: str) -> Refused:
    return Refused("ValidationError", message)


CHECKS: Mapping[str, Check] = {"PutMetricAlarm": _put_alarm}
