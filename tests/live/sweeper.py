"""What the live lane left in an account: found by tag and name, and removed.

Everything that the lane makes is named after its run and has two tags: the run and the time. What
lacks one of them, or has another name, is not the lane's. Schedules have no tags: they go with
their group. Nor have the groups of model packages, which SageMaker creates: those go by their names
alone, which say whose they are (:func:`group`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from live.executions import Follower
from verification import Client, pages

RUN_TAG = "sagemaker-pipelines-test"
CREATED_TAG = "created-at"
PREFIX = "t-"
"""What the names of all runs begin with."""

_NAME = re.compile(rf"(?P<run>{PREFIX}[0-9a-f]{{8}})-.+")

Kind = Literal["rule", "schedule group", "alarm", "pipeline", "model package group", "role"]


@dataclass(frozen=True)
class Leftover:
    """A rule with its targets, a group with what is in it, a role with its policies, or another.

    Attributes:
        kind: which of them.
        name: in AWS.
        run: of the lane, such as "t-1a2b3c4d".
        created: when the run began.

    """

    kind: Kind
    name: str
    run: str
    created: datetime

    def __str__(self) -> str:
        return f"{self.kind} {self.name} (created {self.created:%Y-%m-%d %H:%M} UTC)"


def tags(run: str, created: datetime) -> dict[str, str]:
    """The tags of all that a run makes."""
    return {RUN_TAG: run, CREATED_TAG: created.strftime("%Y-%m-%dT%H:%M:%SZ")}


def group(run: str) -> str:
    """The group of model packages that a run registers in."""
    return f"{run}-{RUN_TAG}"


def find(client: Client) -> list[Leftover]:
    """All that runs left, in the order in which it can be removed."""
    return [
        leftover
        for kind, listed in (
            ("rule", _rules(client("events"))),
            ("schedule group", _schedule_groups(client("scheduler"))),
            ("alarm", _alarms(client("cloudwatch"))),
            ("pipeline", _pipelines(client("sagemaker"))),
            ("model package group", _model_package_groups(client("sagemaker"))),
            ("role", _roles(client("iam"))),
        )
        for name, tagged in listed
        if (leftover := _leftover(kind, name, tagged))
    ]


def pipelines(sagemaker: Any, run: str) -> list[str]:
    """The names of the pipelines that a run made."""
    found = pages(sagemaker, "list_pipelines", "PipelineSummaries", PipelineNamePrefix=run)
    return [pipeline["PipelineName"] for pipeline in found]


def remove(leftovers: list[Leftover], client: Client, follower: Follower) -> list[str]:
    """Remove them, and go on when one cannot be removed.

    Args:
        leftovers: from :func:`find`.
        client: makes boto3 clients of the account and region.
        follower: stops executions that still run, and says what is removed.

    Returns:
        A sentence for each that is still there.

    """
    problems = []
    for leftover in leftovers:
        try:
            if leftover.kind == "rule":
                _remove_rule(client("events"), leftover.name)
            elif leftover.kind == "schedule group":
                client("scheduler").delete_schedule_group(Name=leftover.name)
            elif leftover.kind == "alarm":
                client("cloudwatch").delete_alarms(AlarmNames=[leftover.name])
            elif leftover.kind == "pipeline":
                follower.stop_all(leftover.name)
                client("sagemaker").delete_pipeline(PipelineName=leftover.name)
            elif leftover.kind == "model package group":
                remove_group(client("sagemaker"), leftover.name)
            else:
                _remove_role(client("iam"), leftover.name)
            follower.say(f"removed {leftover}")
        except (BotoCoreError, ClientError, TimeoutError) as error:
            problems.append(f"{leftover} cannot be removed: {error}")
    return problems


def remove_group(sagemaker: Any, name: str) -> None:
    """Remove a group of model packages with all that is in it, if there is one."""
    if name not in {found["ModelPackageGroupName"] for found in _groups(sagemaker, name)}:
        return
    for package in pages(
        sagemaker, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=name
    ):
        sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)


def _groups(sagemaker: Any, name: str) -> list[Any]:
    """Groups of model packages, by a part of their names."""
    found: list[Any] = pages(
        sagemaker,
        "list_model_package_groups",
        "ModelPackageGroupSummaryList",
        NameContains=name,
    )
    return found


def _leftover(kind: Any, name: str, tagged: dict[str, str]) -> Leftover | None:
    found = _NAME.fullmatch(name)
    if found is None or tagged.get(RUN_TAG) != found["run"]:
        return None
    try:
        created = datetime.strptime(tagged[CREATED_TAG], "%Y-%m-%dT%H:%M:%SZ")
    except (KeyError, ValueError):
        return None
    return Leftover(kind, name, found["run"], created.replace(tzinfo=timezone.utc))


Listed = Iterator[tuple[str, dict[str, str]]]


def _rules(events: Any) -> Listed:
    for rule in pages(events, "list_rules", "Rules", NamePrefix=PREFIX):
        if _NAME.fullmatch(rule["Name"]):
            held = events.list_tags_for_resource(ResourceARN=rule["Arn"])
            yield rule["Name"], _tags(held["Tags"])


def _schedule_groups(scheduler: Any) -> Listed:
    for group in pages(scheduler, "list_schedule_groups", "ScheduleGroups", NamePrefix=PREFIX):
        if _NAME.fullmatch(group["Name"]) and group["State"] == "ACTIVE":
            held = scheduler.list_tags_for_resource(ResourceArn=group["Arn"])
            yield group["Name"], _tags(held["Tags"])


def _alarms(cloudwatch: Any) -> Listed:
    for alarm in pages(cloudwatch, "describe_alarms", "MetricAlarms", AlarmNamePrefix=PREFIX):
        if _NAME.fullmatch(alarm["AlarmName"]):
            held = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])
            yield alarm["AlarmName"], _tags(held["Tags"])


def _pipelines(sagemaker: Any) -> Listed:
    # SageMaker takes no prefix that ends in a hyphen
    prefix = PREFIX.rstrip("-")
    for pipeline in pages(
        sagemaker, "list_pipelines", "PipelineSummaries", PipelineNamePrefix=prefix
    ):
        if _NAME.fullmatch(pipeline["PipelineName"]):
            held = pages(sagemaker, "list_tags", "Tags", ResourceArn=pipeline["PipelineArn"])
            yield pipeline["PipelineName"], _tags(held)


def _model_package_groups(sagemaker: Any) -> Listed:
    for found in _groups(sagemaker, RUN_TAG):
        run = found["ModelPackageGroupName"].removesuffix(f"-{RUN_TAG}")
        yield group(run), tags(run, found["CreationTime"].astimezone(timezone.utc))


def _roles(iam: Any) -> Listed:
    for role in pages(iam, "list_roles", "Roles"):
        if _NAME.fullmatch(role["RoleName"]):
            held = pages(iam, "list_role_tags", "Tags", RoleName=role["RoleName"])
            yield role["RoleName"], _tags(held)


def _remove_rule(events: Any, name: str) -> None:
    targets = pages(events, "list_targets_by_rule", "Targets", Rule=name)
    if targets:
        events.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
    events.delete_rule(Name=name)


def _remove_role(iam: Any, name: str) -> None:
    for policy in pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
