"""`make emulator` and docs/own-root.md: followed by a person with two shells."""

from __future__ import annotations

import functools
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from repository import REPOSITORY, copy_folder, copy_module
from roots.aws_cli import aws_cli
from roots.documents import blocks, commands
from terraform import engine as engines

pytestmark = pytest.mark.applies

DOCUMENT = REPOSITORY / "docs/own-root.md"
COMMANDS = [command for block, command in commands() if block.path == DOCUMENT]
(OVERRIDE,) = (block.text for block in blocks("text") if block.path == DOCUMENT)
BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n  }\n}\n'


@pytest.fixture
def emulator() -> Iterator[subprocess.Popen[str]]:
    """The command that `make emulator` runs, on a free port."""
    with subprocess.Popen(
        [sys.executable, "tools/emulator.py", "--port", "0"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.kill()


def printed(process: subprocess.Popen[str]) -> str:
    """What it says at the start, up to the line before the calls."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Calls that"):
            break
    return "".join(lines)


def shell(script: str, directory: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["/bin/sh", "-euc", script],
        cwd=directory,
        env=dict(environment),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clients(environment: Mapping[str, str]) -> SimpleNamespace:
    """boto3 clients by these variables and nothing else."""
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    endpoint = environment["AWS_ENDPOINT_URL"]
    return SimpleNamespace(client=functools.partial(session.client, endpoint_url=endpoint))


def test_own_root(
    emulator: subprocess.Popen[str],
    engine: engines.Engine,
    tmp_path: Path,
) -> None:
    said = printed(emulator)
    paste = "\n".join(re.findall(r"(?m)^ *((?:export|unset) .*)$", said))
    mine = engines.environment(tmp_path, engine) | {
        "AWS_PROFILE": "mine",
        "AWS_ACCESS_KEY_ID": "mine",
        "AWS_SESSION_TOKEN": "mine",
    }
    pasted = dict(
        line.split("=", 1)
        for line in shell(f"{paste}\nenv", tmp_path, mine).splitlines()
        if line.startswith("AWS_")
    )
    assert "AWS_PROFILE" not in pasted
    aws = clients(pasted)

    copy_module(tmp_path)
    root = copy_folder("examples/both-pipelines", tmp_path)
    (root / "backend.tf").write_text(BACKEND)
    (root / "emulator_override.tf").write_text(OVERRIDE)
    (start, *rest) = COMMANDS
    assert start == ["make", "emulator"]
    for command in rest:
        if command[0] == "terraform":
            word = shlex.quote(engine.binary)
            options = "-auto-approve" if command[1] == "apply" else ""
            shell(f"{paste}\n{word} {shlex.join(command[1:])} {options}", root, mine)
        else:
            answer = aws_cli(command, aws)
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    held = pipelines(aws)
    assert held == ["ml-platform-staging-processing", "ml-platform-staging-training"]
    assert (root / "terraform.tfstate").exists()

    shell(f"{paste}\n{shlex.quote(engine.binary)} destroy -auto-approve", root, mine)
    assert pipelines(aws) == []

    emulator.send_signal(signal.SIGINT)
    rest_said, _ = emulator.communicate(timeout=20)
    assert emulator.returncode == 0, rest_said
    calls = rest_said.splitlines()
    assert "  sagemaker CreatePipeline: 200" in calls
    assert "  ec2 CreateVpc: 200" in calls
    assert not any("Describe" in call for call in calls)
    assert calls[-1] == "Emulated AWS has ended."


def pipelines(aws: Any) -> list[str]:
    summaries = aws.client("sagemaker").list_pipelines()["PipelineSummaries"]
    return sorted(summary["PipelineName"] for summary in summaries)


def test_taken_port(emulator: subprocess.Popen[str]) -> None:
    (port,) = re.findall(r"AWS_ENDPOINT_URL=http://127\.0\.0\.1:(\d+)", printed(emulator))
    second = subprocess.run(
        [sys.executable, "tools/emulator.py", "--port", port],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert f"Port {port} is in use" in second.stderr
    assert "Traceback" not in second.stderr
