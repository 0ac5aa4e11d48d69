"""The live lane: on emulated AWS here, and with --live on a real account."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import sweep
import verification
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.faults import Fault, Faults
from emulated_aws.infrastructure import SHARED
from emulated_aws.runtime.api import Runtime
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.surroundings import arrange
from live import settings as live_settings
from live import sweeper
from live.executions import Follower
from live.lane import (
    EXAMPLES,
    FILES,
    LIVE,
    WITHOUT_VPC,
    Lane,
    NotDestroyedError,
    examples,
    real,
)
from live.observation import Observation, compare, observe
from live.rehearsal import rehearsal
from live.settings import Settings, SettingsError
from repository import REPOSITORY
from terraform.engine import Engine

SETTINGS = Settings(
    account_id=EmulatedAWS.account_id,
    region=EmulatedAWS.region,
    bucket="my-ml-bucket",
    training_image_uri="123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:latest",
    inference_image_uri="123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-inference:latest",
    vpc_id=SHARED.vpc_id,
    subnet_ids=tuple(SHARED.subnet_ids),
    security_group_ids=(SHARED.security_group_id,),
)
VARIABLES = {
    f"LIVE_{name.upper()}": value if isinstance(value, str) else ",".join(value)
    for name, value in vars(SETTINGS).items()
    if name not in ("inputs", "state_directory")
}


@pytest.fixture
def runtime(aws: EmulatedAWS) -> Iterator[Runtime]:
    """Runs executions, and forgets them."""
    yield aws.runtime
    aws.runtime.reset()


@pytest.fixture
def faults(aws: EmulatedAWS) -> Iterator[Faults]:
    yield aws.faults
    aws.faults.clear()


@pytest.fixture
def said() -> list[str]:
    """What the lane says on emulated AWS."""
    return []


@pytest.fixture
def lane(request: pytest.FixtureRequest, said: list[str], tmp_path: Path) -> Lane:
    if LIVE in request.config.stash:
        capture = request.config.pluginmanager.getplugin("capturemanager")
        assert capture is not None

        def say(line: str) -> None:
            with capture.global_and_fixture_disabled():
                print(f"\n{datetime.now(timezone.utc):%H:%M:%S} {line}", end="", flush=True)

        return real(*request.config.stash[LIVE], say, os.environ)
    aws = request.getfixturevalue("aws")
    request.getfixturevalue("runtime").script = Script(files=FILES)
    put_data(aws)
    # with the provider that is running already, which saves half the time
    environment = request.getfixturevalue("environment")
    settings = replace(SETTINGS, state_directory=str(tmp_path / "kept"))
    return Lane(
        settings,
        request.getfixturevalue("engine"),
        environment,
        aws.client,
        Follower(aws.client("sagemaker"), said.append, interval=0.01, timeout=10),
    )


@pytest.fixture
def rehearsed(
    lane: Lane,
    double: EmulatedAWS,
    engine: Engine,
    environment: dict[str, str],
    tmp_path: Path,
) -> Lane:
    """The lane on emulated AWS, beside the one on a real account."""
    settings = replace(lane.settings, state_directory=str(tmp_path))
    say = lane.follower.say
    return rehearsal(double, settings, engine, environment, lambda line: say(f"emulated: {line}"))


def put_data(aws: EmulatedAWS) -> None:
    """What CONTRIBUTING asks to put into the bucket."""
    for folder in ("datasets/training", "inference/input"):
        aws.client("s3").put_object(Bucket=SETTINGS.bucket, Key=f"{folder}/data.csv", Body=b"1")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "example" in metafunc.fixturenames:
        account = metafunc.config.stash.get(LIVE, None)
        names = examples(account[0]) if account else ["bring-your-own", "processing-only"]
        metafunc.parametrize("example", names)


@pytest.mark.applies
@pytest.mark.live
def test_example(lane: Lane, example: str, request: pytest.FixtureRequest) -> None:
    live = LIVE in request.config.stash
    execute = not live or request.config.getoption("--execute")
    with lane.applied(example) as applied:
        assert verification.differences(applied.plan.resources, lane.client) == []
        assert applied.root.changes() == {}, "the second plan is not empty"
        assert {leftover.run for leftover in sweeper.find(lane.client)} >= {applied.run}
        seen = executed(lane, applied.pipelines) if execute else {}
    assert [left for left in sweeper.find(lane.client) if left.run == applied.run] == []
    if live and execute:
        emulated: Lane = request.getfixturevalue("rehearsed")
        with emulated.applied(example, applied.tags) as again:
            arrange(request.getfixturevalue("double"))
            differences = compare(seen, executed(emulated, again.pipelines))
        assert differences == [], "emulated AWS does something else"


def executed(lane: Lane, pipelines: Sequence[str]) -> Observation:
    """Executions of pipelines that succeed: what was seen of all of them."""
    seen: Observation = {}
    for name in pipelines:
        arn = lane.follower.start(name)
        assert lane.follower.follow(arn) == "Succeeded"
        seen |= {f"{name}: {what}": value for what, value in observe(lane.client, arn).items()}
    assert seen
    return seen


@pytest.mark.applies
def test_failure_destroys_and_failed_destroy_keeps_the_state(
    lane: Lane, aws: EmulatedAWS, faults: Faults, runtime: Runtime
) -> None:
    before = aws.inventory()

    def fail() -> None:
        with lane.applied("training-only") as applied:
            lane.client("sagemaker").start_pipeline_execution(PipelineName=applied.pipelines[0])
            faults.deny("iam", "DeleteRole")
            raise AssertionError("not as planned")

    with pytest.raises(NotDestroyedError) as refused:
        fail()

    assert aws.inventory()["roles"], "the roles could be deleted"
    assert "pipelines" not in aws.inventory()
    assert [execution.status for execution in runtime.executions] == ["Stopped"]
    by_hand = re.findall(r"`terraform (.*?)`", str(refused.value))
    assert len(by_hand) == 1, str(refused.value)
    faults.clear()
    subprocess.run(
        [*lane.engine.command, *shlex.split(by_hand[0]), "-auto-approve"],
        env=dict(lane.environment),
        check=True,
        capture_output=True,
    )
    assert aws.inventory() == before


@contextmanager
def live_session(
    aws: EmulatedAWS, example: str, state: Path, *options: str
) -> Iterator[subprocess.Popen[str]]:
    """`pytest --live` as a user starts it; with emulated AWS as the account."""
    environment = os.environ | VARIABLES | aws.environment | {"LIVE_STATE_DIRECTORY": str(state)}
    test = f"tests/live/test_live.py::test_example[{example}]"
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", test, "--live", "-p", "no:cacheprovider", *options],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(aws: EmulatedAWS, operation: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not any(call.operation == operation for call in aws.calls):
        assert process.poll() is None, f"it ended early: {process.communicate()[0]}"
        assert time.monotonic() < deadline, f"no {operation} came"
        time.sleep(0.05)


@pytest.mark.applies
@pytest.mark.usefixtures("runtime")
def test_executions_are_compared_with_emulated_aws(aws: EmulatedAWS, tmp_path: Path) -> None:
    """The account is emulated, too, but something happens there that the lane does not know of."""
    put_data(aws)
    aws.runtime.pace = timedelta(days=1)
    aws.runtime.script = Script(failures=(Failure("training", 1, "capacity"),))
    with live_session(aws, "training-only", tmp_path, "--execute") as process:
        output, _ = process.communicate(timeout=120)
    differences = re.findall(r"'t-[0-9a-f]{8}-dev-(training: .*?: got .*?)'", output)
    assert set(differences) == {"training: Training: attempts: got 2, expected 1"}, output


@pytest.mark.applies
def test_interrupted_apply_is_destroyed(aws: EmulatedAWS, faults: Faults, tmp_path: Path) -> None:
    before = aws.inventory()
    aws.calls.clear()
    faults.on("sagemaker", "CreatePipeline", Fault.THROTTLED)  # goes on for minutes
    with live_session(aws, "both-pipelines", tmp_path) as process:
        wait_for(aws, "CreatePipeline", process)
        assert len(aws.inventory()["roles"]) == 4
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)

    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "SIGINT: stopping, then destroying what was applied." in output
    assert "both-pipelines: destroyed" in output
    assert aws.inventory() == before
    assert list(tmp_path.glob("t-*")) == [], "the state was kept"


@pytest.mark.applies
def test_killed_apply_is_swept(
    aws: EmulatedAWS,
    faults: Faults,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = aws.inventory()
    aws.calls.clear()
    faults.on("events", "PutTargets", Fault.THROTTLED)
    with live_session(aws, "processing-only", tmp_path) as process:
        wait_for(aws, "PutTargets", process)
        terraform = children(process.pid)
        process.kill()
        for child in terraform:
            os.killpg(child, signal.SIGKILL)  # with its provider
        process.communicate()
    left = aws.inventory()
    assert len(terraform) == 1
    assert {kind: len(left[kind]) for kind in left if left[kind] != before.get(kind)} == {
        "roles": 3,
        "inline policies": 3,
        "pipelines": 1,
        "rules": 1,
    }

    for name, value in (VARIABLES | aws.environment).items():
        monkeypatch.setenv(name, value)
    assert sweep.main(["--remove"]) == 0
    assert aws.inventory() == left, "what is younger than 6 hours was touched"
    assert sweep.main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert len(re.findall(r"^(?:rule|pipeline|role) t-[0-9a-f]{8}-prod-", listed, re.M)) == 5
    assert sweep.main(["--remove", "--older-than", "0m"]) == 0
    assert aws.inventory() == before


def children(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "ppid=", "-o", "pid="], check=True, capture_output=True, text=True
    ).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for ppid, pid in pairs if int(ppid) == parent]


def live_pytest(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests/", "--live", "-p", "no:cacheprovider"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_live_without_settings_is_an_error_of_one_sentence() -> None:
    done = live_pytest(dict(os.environ))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip() == (
        "ERROR: The live lane needs account_id, region, bucket, training_image_uri, "
        "inference_image_uri: set LIVE_ACCOUNT_ID, LIVE_REGION, LIVE_BUCKET, "
        "LIVE_TRAINING_IMAGE_URI, LIVE_INFERENCE_IMAGE_URI, or let LIVE_SETTINGS name a JSON file "
        "that has them."
    )


def test_live_in_another_account_does_nothing(aws: EmulatedAWS) -> None:
    before = aws.inventory()
    aws.calls.clear()
    done = live_pytest(
        os.environ | VARIABLES | aws.environment | {"LIVE_ACCOUNT_ID": "210987654321"}
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip() == (
        "ERROR: The AWS credentials are of account 123456789012, but the live lane may only use "
        "210987654321 (account_id, LIVE_ACCOUNT_ID): nothing was done."
    )
    assert [call.operation for call in aws.calls] == ["GetCallerIdentity"]
    assert aws.inventory() == before


def test_without_credentials() -> None:
    with pytest.raises(SettingsError, match=r"needs AWS credentials .*AWS_PROFILE.*Unable to"):
        live_settings.authorize(SETTINGS)


def test_settings_from_a_file_and_variables(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    written: dict[str, Any] = {
        "account_id": "210987654321",
        "region": "eu-central-1",
        "bucket": "tests",
        "training_image_uri": "training",
        "inference_image_uri": "inference",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1"],
        "security_group_ids": ["sg-1"],
        "inputs": {"training_instance_type": "ml.m5.large"},
    }
    file.write_text(json.dumps(written))
    loaded = live_settings.load(
        {
            "LIVE_SETTINGS": str(file),
            "LIVE_BUCKET": "other",
            "LIVE_REGION": "",
            "LIVE_SUBNET_IDS": "subnet-2, subnet-3",
            "LIVE_STATE_DIRECTORY": "states",
        }
    )
    assert loaded == Settings(
        **written
        | {
            "bucket": "other",
            "subnet_ids": ("subnet-2", "subnet-3"),
            "security_group_ids": ("sg-1",),
            "state_directory": str(Path.cwd() / "states"),
        }
    )
    assert examples(loaded) == list(EXAMPLES)
    assert examples(replace(loaded, vpc_id="")) == list(WITHOUT_VPC)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"LIVE_BUCKET": ""}, "needs bucket: set LIVE_BUCKET,"),
        ({"LIVE_SUBNET_IDS": ""}, "needs subnet_ids: set LIVE_SUBNET_IDS,"),
        ({"LIVE_INPUTS": "{"}, "LIVE_INPUTS is no JSON"),
        ({"LIVE_INPUTS": "[]"}, "inputs is []: give it as a JSON object."),
        ({"LIVE_SETTINGS": "{file}"}, "has accountid, but the settings are account_id, bucket,"),
        ({"LIVE_SETTINGS": "{file}.no"}, "cannot be read as JSON"),
    ],
)
def test_settings_that_are_refused(
    variables: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "account.json"
    file.write_text(json.dumps({"accountid": "210987654321"}))
    given = {name: value.replace("{file}", str(file)) for name, value in variables.items()}
    with pytest.raises(SettingsError) as refused:
        live_settings.load(VARIABLES | given)
    assert sentence in str(refused.value)


def test_workflows_use_the_lane() -> None:
    """What the nightly workflow sets is what the lane reads."""
    workflow = (REPOSITORY / ".github/workflows/nightly.yml").read_text()
    assert set(re.findall(r"^ +(LIVE_\w+):", workflow, re.M)) >= {
        f"LIVE_{name.upper()}" for name in live_settings.REQUIRED
    }
