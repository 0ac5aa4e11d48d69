"""A month of a root on emulated AWS: applied, played in simulated time, destroyed."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from emulated_aws import schedule, surroundings
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.refusals import Refused
from emulated_aws.runtime import account, graph, scheduler
from emulated_aws.runtime.container import ECR_IMAGE
from emulated_aws.runtime.problems import problems
from emulated_aws.runtime.records import AlarmChange, Execution, Message, Start
from emulated_aws.runtime.script import Failure, Script
from policy_evaluation.evaluator import Policy, UnsupportedPolicy
from terraform.root import Root

#: After the month nothing starts any more; what runs then gets this long to end.
_PATIENCE = timedelta(days=28)
#: Ends of the names of outputs with statements of resource policies.
_STATEMENTS = (
    "alarm_topic_policy_statements",
    "dead_letter_queue_policy_statement",
    "notification_topic_policy_statement",
)


class CannotPlay(Exception):
    """The month cannot be played; the message says why."""


@dataclass(frozen=True)
class Plan:
    """What is to be played.

    Attributes:
        start: midnight, UTC.
        days: how many.
        failures: that are told to happen.
        durations: of the containers, by the pipeline's name or its end.
        files: that steps write, as :class:`emulated_aws.runtime.script.Script` has them.
        results: of steps, the same.
    """

    start: datetime
    days: int = 30
    failures: tuple[Failure, ...] = ()
    durations: Mapping[str, timedelta] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.start + timedelta(days=self.days)


@dataclass
class Month:
    """What happened.

    Attributes:
        plan: what was played, without failures that cannot happen.
        pipelines: ARN of each to its definition.
        executions: the oldest first.
        starts: by rules and schedules.
        messages: to topics and queues.
        alarms: what they did in these days.
        refused: pipelines that could not be started by hand, with the reasons.
        problems: what failed and was not told to, in sentences.
        next_starts: ARN of a pipeline without a start to when a schedule would start it.
        made: what was assumed to exist.
        unused: role to its statements that allowed nothing.
    """

    plan: Plan
    pipelines: dict[str, dict[str, Any]]
    executions: list[Execution]
    starts: list[Start]
    messages: list[Message]
    alarms: list[AlarmChange]
    refused: dict[str, str]
    problems: list[str]
    next_starts: dict[str, datetime]
    made: list[str]
    unused: dict[str, list[str]]

    @property
    def names(self) -> dict[str, str]:
        """ARN of each pipeline to the shortest end of its name that is no other's."""
        full = {arn: arn.rpartition("/")[2] for arn in self.pipelines}
        return {arn: _shortest(name, list(full.values())) for arn, name in full.items()}

    def started_by(self, execution: Execution) -> Start | None:
        """The start by a rule or schedule; None when it was started by hand."""
        return next((start for start in self.starts if start.execution is execution), None)

    def failed_starts(self) -> list[Start]:
        """Starts by rules and schedules that started nothing."""
        return [start for start in self.starts if start.execution is None]

    def told(self, happening: Execution | Start) -> list[Failure]:
        """The failures that were told to happen to an execution, or to a start."""
        if isinstance(happening, Execution):
            name, number = happening.pipeline, happening.number
        else:
            same = [one for one in self.starts if one.pipeline_arn == happening.pipeline_arn]
            name, number = happening.pipeline_arn.rpartition("/")[2], same.index(happening) + 1
        start = isinstance(happening, Start)
        return [
            failure
            for failure in self.plan.failures
            if failure.hits(name, number) and (failure.kind == "start") == start
        ]


def _shortest(name: str, names: list[str]) -> str:
    parts = name.split("-")
    for length in range(1, len(parts)):
        end = "-".join(parts[-length:])
        if sum(f"-{other}".endswith(f"-{end}") for other in names) == 1:
            return end
    return name


def play(root: Root, aws: EmulatedAWS, plan: Plan, made: list[str] | None = None) -> Month:
    """Apply a root, play a month, and destroy it.

    Args:
        root: initialized.
        aws: with what the root needs at its apply.
        plan: what to play.
        made: what was assumed to exist already.

    Raises:
        CannotPlay: with a sentence.
        TerraformError: the apply or the destroy failed.
    """
    before = aws.inventory()
    with _applied(root, aws):
        applied = aws.inventory()
        arranged = surroundings.arrange(aws, *_wishes(root.outputs()))
        expected = added(before, lacking(aws.inventory(), applied))
        try:
            month = _run(aws, plan)
        except (UnsupportedPolicy, ValueError) as error:
            aws.runtime.reset()  # what ran would stop the destroy
            raise CannotPlay(_unsupported(aws, error)) from error
        finally:
            _delete_images(aws, arranged)
        month.made = sorted([*(made or []), *arranged])
    rest = lacking(aws.inventory(), expected)
    month.problems += [
        f"Left after the destroy: {kind} {', '.join(names)}." for kind, names in rest.items()
    ]
    return month


@contextmanager
def _applied(root: Root, aws: EmulatedAWS) -> Iterator[None]:
    buckets = set(aws.inventory().get("buckets", []))
    try:
        root.apply()
        own = set(aws.inventory().get("buckets", [])) - buckets
        try:
            yield
        finally:
            for bucket in own:
                _empty(aws, bucket)
    finally:
        root.destroy()


def _empty(aws: EmulatedAWS, bucket: str) -> None:
    """Delete what jobs wrote to a bucket of the root: the destroy would fail, as on AWS."""
    s3 = aws.client("s3", behind=True)
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            version = {} if item["VersionId"] == "null" else {"VersionId": item["VersionId"]}
            s3.delete_object(Bucket=bucket, Key=item["Key"], **version)


def _delete_images(aws: EmulatedAWS, arranged: list[str]) -> None:
    """Delete the images that were assumed to exist: their repositories may be the root's."""
    for name in arranged:
        if found := ECR_IMAGE.fullmatch(name.removeprefix("image ")):
            image = (
                {"imageDigest": found["digest"]}
                if found["digest"]
                else {"imageTag": found["tag"] or "latest"}
            )
            aws.client("ecr", behind=True, region=found["region"]).batch_delete_image(
                repositoryName=found["repository"], imageIds=[image]
            )


def _run(aws: EmulatedAWS, plan: Plan) -> Month:
    pipelines = dict(sorted(surroundings.pipelines(aws).items()))
    plan = replace(plan, failures=tuple(_possible(plan.failures, pipelines)))
    aws.runtime.reset(plan.start)
    aws.runtime.script = Script(
        plan.durations, plan.failures, files=plan.files, results=plan.results
    )
    started_by_itself = {arn for arn, _ in _next_starts(plan.start)} | _started_by_pipelines()
    refused = {}
    for arn in sorted(pipelines.keys() - started_by_itself):
        try:
            aws.runtime.start(arn)
        except Refused as error:
            refused[arn] = error.answer.message
    aws.runtime.advance(plan.end)
    next_starts = dict(sorted(_next_starts(plan.end), key=lambda item: item[1], reverse=True))
    _let_end(aws)
    runtime = aws.runtime
    started = {execution.pipeline_arn for execution in runtime.executions}
    started |= {start.pipeline_arn for start in runtime.starts} | refused.keys()
    return Month(
        plan,
        pipelines,
        runtime.executions,
        runtime.starts,
        runtime.messages,
        [change for change in runtime.alarms if change.time < plan.end],
        refused,
        [f"{arn} cannot be started: {reason}" for arn, reason in refused.items()]
        + problems(runtime, alarms_until=plan.end),
        {arn: moment for arn, moment in next_starts.items() if arn not in started},
        [],
        _unused(aws),
    )


def _possible(
    failures: tuple[Failure, ...], pipelines: Mapping[str, Mapping[str, Any]]
) -> Iterator[Failure]:
    """Those that can happen: spot instances are taken back, checks find violations."""
    able = {"interruption": _has_spot_instances, "violation": _is_check}
    for failure in failures:
        can = able.get(failure.kind)
        if can is None or any(
            can(node.content) and failure.hits(arn.rpartition("/")[2], failure.number)
            for arn, content in pipelines.items()
            for node in graph.nodes(content["Steps"]).values()
        ):
            yield failure


def _has_spot_instances(step: Mapping[str, Any]) -> bool:
    return bool(step.get("Arguments", {}).get("EnableManagedSpotTraining"))


def _is_check(step: Mapping[str, Any]) -> bool:
    return step["Type"] in ("ClarifyCheck", "QualityCheck")


def _next_starts(after: datetime) -> Iterator[tuple[str, datetime]]:
    """The pipelines that enabled schedules start, and when each does so next."""
    just_before = after - timedelta(seconds=1)
    for rule in account.rules():
        if rule.scheduled_expression and rule.state == "ENABLED":
            moment = next(schedule.starts(rule.scheduled_expression, just_before), None)
            yield from ((target["Arn"], moment) for target in rule.targets if moment)
    for one in account.schedules():
        moment = next(scheduler.due(one, just_before, after), None)
        if moment and scheduler.is_enabled(one):
            yield one.target["Arn"], moment


def _started_by_pipelines() -> set[str]:
    """What enabled rules start when something happens to a pipeline, such as its success."""
    return {
        target["Arn"]
        for rule in account.rules()
        if rule.state == "ENABLED"
        and "pipelineArn" in rule.event_pattern.get_pattern().get("detail", {})
        for target in rule.targets
    }


def _let_end(aws: EmulatedAWS) -> None:
    """Let what runs at the end of the month end, and nothing more start."""
    for rule in account.rules():
        if rule.scheduled_expression or any(":pipeline/" in one["Arn"] for one in rule.targets):
            rule.disable()
    for one in account.schedules():
        one.state = "DISABLED"
    latest = aws.runtime.time + _PATIENCE
    while any(one.ended is None for one in aws.runtime.executions) or any(
        start.execution is None and not start.reason for start in aws.runtime.starts
    ):
        if aws.runtime.time > latest:
            raise CannotPlay(f"Executions still run {_PATIENCE.days} days after the month.")
        aws.runtime.advance(timedelta(hours=1))


def _wishes(outputs: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """What outputs of the root say that others have to do, as docs/usage.md says.

    That is: the policies of queues and topics by their ARNs, each with the statement of every
    module call; and the buckets that have to send events.
    """
    statements: dict[str, list[Any]] = defaultdict(list)
    buckets: list[str] = []
    waiting: list[Any] = [outputs]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for name, item in value.items():
                if item and name.endswith(_STATEMENTS):
                    for statement in item if isinstance(item, list) else [item]:
                        statements[statement["Resource"]].append(statement)
                elif item and name.endswith("event_bucket_notification"):
                    buckets += item
                else:
                    waiting.append(item)
    policies = {
        arn: json.dumps({"Version": "2012-10-17", "Statement": found})
        for arn, found in statements.items()
    }
    return policies, buckets


def _roles(aws: EmulatedAWS) -> Iterator[account.Role]:
    pages = aws.client("iam", behind=True).get_paginator("list_roles").paginate()
    for arn in sorted(item["Arn"] for page in pages for item in page["Roles"]):
        if role := account.role(arn):
            yield role


def _unused(aws: EmulatedAWS) -> dict[str, list[str]]:
    """The statements that allowed nothing, of roles that did something."""
    used = aws.runtime.authorization.used
    acting = {name for name, _ in used}
    unused = {
        role.name: [
            statement.sid or f"{statement.name} of {name}"
            for name, text in role.policies.items()
            for statement in Policy.parse(text).statements
            if statement.effect == "Allow" and (role.name, statement.name) not in used
        ]
        for role in _roles(aws)
        if role.name in acting
    }
    return {name: statements for name, statements in unused.items() if statements}


def _unsupported(aws: EmulatedAWS, error: Exception) -> str:
    """Where the policy is that the evaluator does not know."""
    for role in _roles(aws):
        documents = {"trust policy": role.trust, **role.policies}
        documents |= {"permissions boundary": role.boundary} if role.boundary else {}
        for name, text in documents.items():
            try:
                Policy.parse(text)
            except UnsupportedPolicy as found:
                return f"The role {role.name} has a policy that the rehearsal cannot evaluate: " + (
                    f"{name}, {found}."
                )
    return f"The policy of a resource has something that the rehearsal cannot evaluate: {error}."


#: As :meth:`EmulatedAWS.inventory` gives it.
Inventory = Mapping[str, list[str]]


def lacking(what: Inventory, than: Inventory) -> dict[str, list[str]]:
    """What one account has and the other lacks, but for log groups: jobs leave them, as on AWS."""
    more = {
        kind: list((Counter(names) - Counter(than.get(kind, []))).elements())
        for kind, names in what.items()
        if kind != "log groups"
    }
    return {kind: names for kind, names in more.items() if names}


def added(first: Inventory, second: Inventory) -> dict[str, list[str]]:
    """What two accounts have together."""
    return {kind: [*first.get(kind, []), *second.get(kind, [])] for kind in {**first, **second}}


def coming_midnight() -> datetime:
    """The default start."""
    today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
