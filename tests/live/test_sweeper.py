"""Leftovers of the live lane, and executions: found, removed, followed, stopped."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest

from emulated_aws import samples
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime.api import Runtime
from emulated_aws.runtime.script import Failure, Script
from live import sweeper
from live.executions import Follower

NOW = datetime.now(timezone.utc)
#: The role of the schedules, which stays.
SCHEDULER = "scheduler"
#: In the order in which they are removed.
KINDS: tuple[sweeper.Kind, ...] = ("rule", "schedule group", "alarm", "pipeline", "role")


@pytest.fixture(scope="module", autouse=True)
def surroundings(aws: EmulatedAWS) -> None:
    """What the sample's job needs, and a policy that lets its role and the pipelines' do it."""
    everything = samples.policy(Action="*", Resource="*")
    managed = samples.create_policy(everything).send(aws)["Policy"]["Arn"]
    job = samples.TRAINING["Steps"][0]["Arguments"]["RoleArn"].rpartition("/")[2]
    samples.create_role(RoleName=job).send(aws)
    aws.client("iam").attach_role_policy(RoleName=job, PolicyArn=managed)
    aws.client("s3").put_object(Bucket="my-ml-bucket", Key="input/data.csv", Body=b"1")
    trust = samples.trust("scheduler.amazonaws.com")
    samples.create_role(RoleName=SCHEDULER, AssumeRolePolicyDocument=trust).send(aws)


@pytest.fixture
def runtime(aws: EmulatedAWS) -> Iterator[Runtime]:
    """Runs executions of 25 minutes; a look takes 10."""
    aws.runtime.script = Script({"Training": timedelta(minutes=25)})
    yield aws.runtime
    aws.runtime.reset()


def follower(aws: EmulatedAWS, say: Callable[[str], None], timeout: float = 10) -> Follower:
    """What follows executions of emulated AWS, in little time."""
    return Follower(aws.client("sagemaker"), say, interval=0.01, timeout=timeout)


def test_sweeper_takes_what_has_its_name_and_tags(aws: EmulatedAWS, runtime: Runtime) -> None:
    before = aws.inventory()
    created = datetime.now(timezone.utc) - timedelta(hours=7)
    own = sweeper.tags("t-0123abcd", created)
    foreign = [
        ("t-0123abcd-dev-untagged", {}),
        ("t-0123abcd-dev-half-tagged", {sweeper.RUN_TAG: "t-0123abcd"}),
        ("t-0123abcd-dev-undated", {**own, sweeper.CREATED_TAG: "yesterday"}),
        ("t-0123abcd-dev-other-run", sweeper.tags("t-ffffffff", created)),
        ("ml-platform-dev-training", own),
        ("t-team-pipeline", own),
    ]
    create_all(aws, foreign)
    with_foreign = aws.inventory()
    create_all(aws, [("t-0123abcd-dev-training", own)])

    found = sweeper.find(aws.client)
    assert [(item.kind, item.name, item.run) for item in found] == [
        (kind, "t-0123abcd-dev-training", "t-0123abcd") for kind in KINDS
    ]
    assert {item.created for item in found} == {created.replace(microsecond=0)}
    aws.client("sagemaker").start_pipeline_execution(PipelineName="t-0123abcd-dev-training")
    assert sweeper.remove(found, aws.client, follower(aws, print)) == []
    assert [execution.status for execution in runtime.executions] == ["Stopped"]
    assert aws.inventory() == with_foreign

    for name, _ in foreign:
        remove_all(aws, name)
    assert aws.inventory() == before


def test_groups_of_model_packages_go_by_their_names(aws: EmulatedAWS) -> None:
    """SageMaker creates them when it registers, without tags."""
    sagemaker = aws.client("sagemaker")
    own = sweeper.group("t-0123abcd")
    for name in (own, f"mine-{sweeper.RUN_TAG}", f"{own}-2", "t-0123abcd-churn"):
        sagemaker.create_model_package_group(ModelPackageGroupName=name)
    for _ in range(2):
        sagemaker.create_model_package(ModelPackageGroupName=own)
    (found,) = sweeper.find(aws.client)
    assert (found.kind, found.name, found.run) == ("model package group", own, "t-0123abcd")
    assert abs(found.created - datetime.now(timezone.utc)) < timedelta(minutes=10)
    assert sweeper.remove([found], aws.client, follower(aws, print)) == []
    left = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert own not in {group["ModelPackageGroupName"] for group in left}
    assert len(left) == 3
    for group in left:
        sweeper.remove_group(sagemaker, group["ModelPackageGroupName"])
    sweeper.remove_group(sagemaker, own)
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_sweeper_says_what_it_cannot_remove(aws: EmulatedAWS) -> None:
    create_all(aws, [("t-0123abcd-dev-training", sweeper.tags("t-0123abcd", NOW))])
    aws.faults.deny("events", "RemoveTargets")
    problems = sweeper.remove(sweeper.find(aws.client), aws.client, follower(aws, print))
    aws.faults.clear()
    assert len(problems) == 1
    assert problems[0].startswith("rule t-0123abcd-dev-training (created ")
    assert [item.kind for item in sweeper.find(aws.client)] == ["rule"]
    assert sweeper.remove(sweeper.find(aws.client), aws.client, follower(aws, print)) == []


def create_all(aws: EmulatedAWS, named: list[tuple[str, dict[str, str]]]) -> None:
    """What the sweeper removes; all of these names, and what goes with each."""
    managed = f"arn:aws:iam::{aws.account_id}:policy/managed"
    scheduler = f"arn:aws:iam::{aws.account_id}:role/{SCHEDULER}"
    for name, tagged in named:
        tags = [{"Key": key, "Value": value} for key, value in tagged.items()]
        role = samples.create_role(RoleName=name, Tags=tags).send(aws)["Role"]["Arn"]
        samples.put_role_policy(RoleName=name).send(aws)
        aws.client("iam").attach_role_policy(RoleName=name, PolicyArn=managed)
        token = f"{name:x<40}"
        samples.create_pipeline(
            PipelineName=name, RoleArn=role, Tags=tags, ClientRequestToken=token
        ).send(aws)
        rule = samples.put_rule(Name=name, Tags=tags).send(aws)["RuleArn"]
        topic = "arn:aws:sns:us-east-1:123456789012:topic"
        aws.client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": topic}])
        assert rule.endswith(name)
        samples.create_schedule_group(Name=name, Tags=tags).send(aws)
        target = samples.schedule_target(RoleArn=scheduler)
        samples.create_schedule(GroupName=name, Target=target).send(aws)
        samples.put_alarm(AlarmName=name, Tags=tags).send(aws)


def remove_all(aws: EmulatedAWS, name: str) -> None:
    items = [sweeper.Leftover(kind, name, "", NOW) for kind in KINDS]
    assert sweeper.remove(items, aws.client, follower(aws, print)) == []


@pytest.fixture
def pipeline(aws: EmulatedAWS) -> Iterator[str]:
    name = f"{secrets.token_hex(4)}-followed"  # its jobs' logs stay, and so do their names
    create_all(aws, [(name, {})])
    yield name
    remove_all(aws, name)


FAILED_STEP = "Failed: AlgorithmError: the container exits with code 1"
FAILED = "Failed: Step failure: One or multiple steps failed."


@pytest.mark.parametrize(
    ("failures", "step", "end"),
    [((), "Succeeded", "Succeeded"), ((Failure("followed", 1),), FAILED_STEP, FAILED)],
    ids=["succeeds", "fails"],
)
def test_execution_is_followed(
    failures: tuple[Failure, ...],
    step: str,
    end: str,
    runtime: Runtime,
    aws: EmulatedAWS,
    pipeline: str,
) -> None:
    runtime.script.failures = failures
    said: list[str] = []
    following = follower(aws, said.append)
    assert following.follow(following.start(pipeline)) == end
    (execution,) = runtime.executions
    assert [line.split(" ", 2) for line in said] == [
        [pipeline, f"execution/{execution.id}", line]
        for line in ("Training: Executing", "-: Executing", f"Training: {step}", f"-: {end}")
    ]


def test_execution_that_takes_too_long(runtime: Runtime, aws: EmulatedAWS, pipeline: str) -> None:
    runtime.pace = timedelta(seconds=1)
    following = follower(aws, print, timeout=0.05)
    arn = following.start(pipeline)
    with pytest.raises(TimeoutError, match=r"/execution/\w+ is Executing after 0.05 s"):
        following.follow(arn)
