"""The command lines of the documents: all fit what is there, and those of the README are run.

On emulated AWS, as they stand, by a user who answers yes. `make test` is what runs this.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.execution_playback import playback
from emulated_aws.samples import create_pipeline
from repository import REPOSITORY
from roots.aws_cli import aws_cli
from roots.documents import DOCUMENTS, README, Block, blocks, commands, inline
from terraform.engine import Engine
from terraform.root import Root

COMMANDS = commands()
OF_README = [command for block, command in COMMANDS if block.path == README]
IMPORTS = [command for command in OF_README if command[:2] == ["terraform", "import"]]
#: From nothing to an execution that was looked at.
FIRST_STEPS = [
    command
    for command in OF_README
    if command[0] in ("terraform", "aws") and command not in IMPORTS
]
#: The shortest usage: a whole root but for the provider.
(USAGE,) = (block for block in blocks("hcl") if not block.directive)
PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'


def test_command_lines_are_recognized() -> None:
    assert {command[0] for _, command in COMMANDS} == {"aws", "make", "terraform"}


# --- They fit what is there ---


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (REPOSITORY / "Makefile").read_text()))
    spoken = {
        code.content.split()[1]
        for path in DOCUMENTS
        for code in inline(path, "code_inline")
        if code.content.startswith("make ")
    }
    run = {command[1] for _, command in COMMANDS if command[0] == "make"}
    assert run
    assert run | spoken <= targets


PYTEST_COMMANDS = sorted(
    {
        code.content
        for path in DOCUMENTS
        for code in inline(path, "code_inline")
        if "pytest " in code.content
    }
)


@pytest.mark.parametrize("command", PYTEST_COMMANDS)
def test_pytest_command_exists(command: str, pytestconfig: pytest.Config) -> None:
    program, folder, *options = command.split()
    assert program == ".venv/bin/pytest"
    assert (REPOSITORY / folder).is_dir()
    assert options
    for option in options:
        assert pytestconfig.getoption(option) in (True, False)


@pytest.mark.parametrize(
    ("block", "command"),
    [(block, command) for block, command in COMMANDS if command[0] == "terraform"],
    ids=lambda value: value[1] if isinstance(value, list) else value.label,
)
def test_terraform_command_fits(block: Block, command: list[str]) -> None:
    # the README speaks of the reader's root, not of the module
    root = USAGE.text if block.path == README else text_of(block.path.parent)
    match command[1:]:
        case ["init"] | ["apply"] | ["test"]:
            pass
        case ["output", name]:
            assert f'\noutput "{name}" {{' in root
        case ["apply", "-var", assignment]:
            assert f'\nvariable "{assignment.partition("=")[0]}" {{' in root
        case ["import", address, _]:
            kind, name = re.sub(r"^module\.sagemaker_pipelines\.|\[.*", "", address).split(".")
            assert f'\nresource "{kind}" "{name}" {{' in text_of(REPOSITORY)
        case _:
            pytest.fail(f"no test knows {command}")


def text_of(folder: Path) -> str:
    """The HCL files of a folder, one after the other."""
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.tf")))


# --- They are run ---


@pytest.fixture
def terraform(engine: Engine, environment: dict[str, str]) -> Callable[[Sequence[str], Path], str]:
    """Runs ``terraform ...`` in a folder, and answers yes; what it said."""

    def run(command: Sequence[str], directory: Path) -> str:
        done = subprocess.run(
            [*engine.command, *command[1:]],
            cwd=directory,
            env=environment | {"TF_INPUT": "1"},
            input="yes\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def unchanged(aws: EmulatedAWS) -> Iterator[EmulatedAWS]:
    """Emulated AWS, in which a test leaves nothing."""
    before = aws.inventory()
    with playback(aws) as executions:
        executions.script = ("Succeeded",)
        yield aws
    assert aws.inventory() == before


@pytest.mark.applies
def test_first_steps(
    new_root: Callable[[], Root],
    terraform: Callable[[Sequence[str], Path], str],
    unchanged: EmulatedAWS,
) -> None:
    directory = new_root().directory
    usage = re.sub(r'source = "git::.*"', 'source = "../module"', USAGE.text)
    (directory / "main.tf").write_text(PROVIDER + usage)
    said: list[Any] = []
    arn = ""
    try:
        for command in FIRST_STEPS:
            if command[0] == "terraform":
                said.append(terraform(command, directory))
            else:
                words = [arn if word == "ARN_FROM_ABOVE" else word for word in command]
                said.append(aws_cli(words, unchanged))
                arn = said[-1].get("PipelineExecutionArn", arn)
    finally:
        terraform(["terraform", "destroy"], directory)
    outputs, started, listed, steps = said[2:]
    assert "start-pipeline-execution" in outputs
    assert [item["PipelineExecutionArn"] for item in listed["PipelineExecutionSummaries"]] == [
        started["PipelineExecutionArn"]
    ]
    assert [step["StepName"] for step in steps["PipelineExecutionSteps"]] == ["Training"]


@pytest.mark.applies
@pytest.mark.parametrize("way", ["block", "command"])
def test_pipeline_that_exists_is_adopted(
    way: str,
    example_root: Callable[[str], Root],
    terraform: Callable[[Sequence[str], Path], str],
    unchanged: EmulatedAWS,
) -> None:
    (command,) = IMPORTS
    (block,) = (block for block in blocks("hcl") if block.directive == "import")
    address, name = command[2:]
    assert f"to = {address}" in block.text
    assert f'id = "{name}"' in block.text
    clicked = create_pipeline(PipelineName=name).parameters
    unchanged.client("sagemaker", behind=True).create_pipeline(**clicked)
    root = example_root("both-pipelines")
    imports = root.directory / "imports.tf"
    try:
        if way == "block":
            imports.write_text(block.text)
        else:
            terraform(command, root.directory)
        changes = root.changes()
        assert changes.pop(address) == "update"
        assert set(changes.values()) == {"create"}
        root.apply()
        assert root.changes() == {}
        held = unchanged.client("sagemaker").describe_pipeline(PipelineName=name)
        assert held["PipelineDefinition"] != clicked["PipelineDefinition"]
    finally:
        imports.unlink(missing_ok=True)
        root.destroy()
