"""The command lines of the documents fit what is there, and do on emulated AWS what is said.

README, usage, recipes and migration are followed as they stand, by a user who answers yes.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.samples import create_pipeline
from emulated_aws.surroundings import arrange
from inputs import VALID
from repository import REPOSITORY
from roots.aws_cli import aws_cli
from roots.documents import (
    DOCUMENTS,
    MIGRATION,
    README,
    RECIPES,
    USAGE,
    Block,
    blocks,
    codes,
    commands,
    inline,
    rows,
    script,
    with_source,
)
from terraform.engine import Engine
from terraform.native import run_without_aws, with_tests
from terraform.root import Root, TerraformError

COMMANDS = commands()
#: From nothing to an execution that was looked at and stopped.
FIRST_STEPS = [
    command
    for path in (README, USAGE)
    for block, command in COMMANDS
    if block.path == path and command[0] in ("terraform", "aws")
]
(IMPORT,) = (command for _, command in COMMANDS if command[:2] == ["terraform", "import"])
HCL = blocks("hcl")
(QUICK_START,) = (block for block in HCL if block.path == README and not block.directive)
(MOVED,) = (block for block in HCL if "\nmoved {" in block.text)


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
    # of an example: its folder; elsewhere the reader's root, as the document shows it
    shown = "\n".join(other.text for other in HCL if other.path == block.path)
    root = text_of(block.path.parent) if "examples" in block.path.parts else shown
    match command[1:]:
        case ["init"] | ["apply"] | ["destroy"] | ["test"]:
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
    """Emulated AWS, in which a test leaves nothing. A job trains for the time of 12 looks."""
    data = "datasets/training/data.csv"
    aws.client("s3").put_object(Bucket="my-ml-bucket", Key=data, Body=b"1")
    before = aws.inventory()
    yield aws
    aws.runtime.reset()
    assert aws.inventory() == before


@pytest.mark.applies
def test_first_steps(
    new_root: Callable[[], Root],
    terraform: Callable[[Sequence[str], Path], str],
    unchanged: EmulatedAWS,
) -> None:
    directory = new_root().directory
    (directory / "main.tf").write_text(with_source(QUICK_START.text, "../module"))
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
        assert status_of(unchanged, arn) == "Stopped"
    finally:
        terraform(["terraform", "destroy"], directory)
    outputs, started, listed, steps, stopped = said[2:]
    assert "start-pipeline-execution" in outputs
    assert [item["PipelineExecutionArn"] for item in listed["PipelineExecutionSummaries"]] == [
        started["PipelineExecutionArn"]
    ]
    assert [step["StepName"] for step in steps["PipelineExecutionSteps"]] == ["Training"]
    assert stopped["PipelineExecutionArn"] == arn


def status_of(aws: EmulatedAWS, arn: str) -> str:
    described = aws.client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=arn)
    return str(described["PipelineExecutionStatus"])


#: Stands in for the AWS CLI in a script: prints its words, a line for each command.
PRINTED = "aws() { printf '%s\\t' aws \"$@\"; echo; }\n"


@pytest.mark.applies
def test_last_seven_days_are_scored_again(
    example_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    loop = PRINTED + script("bash", RECIPES)
    printed = subprocess.run(["bash", "-euc", loop], capture_output=True, text=True, check=True)
    commands = [line.split("\t")[:-1] for line in printed.stdout.splitlines()]
    root = example_root("retrain-and-score")
    try:
        root.apply()
        arrange(aws)
        arns = [aws_cli(command, aws)["PipelineExecutionArn"] for command in commands]
        aws.runtime.advance(timedelta(hours=1))
        executions = [one for one in aws.runtime.executions if one.arn in arns]
        assert [one.status for one in executions] == ["Succeeded"] * 7
        jobs = [one.jobs[0] for one in executions]
        times = [
            datetime.fromisoformat(job.request["Environment"]["SCHEDULED_TIME"].rstrip("Z"))
            for job in jobs
        ]
        assert times == [times[0] + timedelta(days=number) for number in range(7)]
        folders = [f"s3://my-ml-bucket/churn/scores/again/{time:%Y-%m-%d}/" for time in times]
        assert [job.wrote for job in jobs] == [[f"{folder}part-1.csv"] for folder in folders]
    finally:
        aws.runtime.reset()
        root.destroy()


@pytest.mark.parametrize("said", ["2026-12-06T05:30:00Z", "none", None])
def test_python_reads_the_scheduled_time(said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCHEDULED_TIME", raising=False)
    if said:
        monkeypatch.setenv("SCHEDULED_TIME", said)
    names: dict[str, Any] = {}
    exec(script("python", USAGE), names)
    expected = datetime(2026, 12, 6, 5, 30, tzinfo=timezone.utc)
    if said in (None, "none"):
        expected = datetime.now(timezone.utc)
    assert abs(names["scheduled"] - expected) < timedelta(minutes=1)


@pytest.mark.applies
def test_running_executions_stop_a_destroy(
    new_root: Callable[[], Root], unchanged: EmulatedAWS
) -> None:
    root = new_root()
    root.call_module({"scheduled": VALID})
    sagemaker = unchanged.client("sagemaker")
    try:
        root.apply()
        name = f"{VALID['project_name']}-{VALID['environment']}-training"
        arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
        with pytest.raises(TerraformError, match="ConflictException"):
            root.destroy()
        assert unchanged.client("events").list_rules()["Rules"] == []
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
        assert status_of(unchanged, arn) == "Stopped"
    finally:
        root.destroy()


#: Names that differ from the module's, and what the plan then replaces.
OTHER_NAMES = {
    "role_name": "Churn<kind>Role",
    "policy_name": "churn-<kind>",
    "rule_name": "weekly-churn",
}


@pytest.mark.applies
@pytest.mark.parametrize("names", [{}, OTHER_NAMES], ids=["module's names", "other names"])
def test_hand_written_resources_move(
    names: dict[str, str], new_root: Callable[[], Root], unchanged: EmulatedAWS
) -> None:
    root = new_root()
    by_hand = REPOSITORY / "tests/roots/configurations/hand-written/main.tf"
    variables = root.directory / "terraform.tfvars.json"
    variables.write_text(json.dumps(names))
    (root.directory / "main.tf").write_text(by_hand.read_text())
    root.write({})
    try:
        root.apply()
        created = unchanged.client("sagemaker").list_pipelines()["PipelineSummaries"]
        variables.unlink()
        (root.directory / "main.tf").write_text(with_source(MOVED.text, "../module"))
        root.write({})
        changes = root.changes()
        assert len(changes) == MOVED.text.count("\nmoved {")
        assert "delete" not in changes.values()
        assert "create" not in changes.values()
        kept = {address for address, action in changes.items() if action != "replace"}
        pipeline = 'module.sagemaker_pipelines.aws_sagemaker_pipeline.this["training"]'
        assert kept == ({pipeline} if names else changes.keys())
        root.apply()
        assert root.changes() == {}
        (kept_pipeline,) = unchanged.client("sagemaker").list_pipelines()["PipelineSummaries"]
        assert [kept_pipeline["CreationTime"]] == [item["CreationTime"] for item in created]
    finally:
        root.destroy()


@pytest.mark.applies
@pytest.mark.parametrize("way", ["block", "command"])
def test_pipeline_that_exists_is_adopted(
    way: str,
    example_root: Callable[[str], Root],
    terraform: Callable[[Sequence[str], Path], str],
    unchanged: EmulatedAWS,
) -> None:
    (block,) = (block for block in HCL if block.directive == "import")
    address, name = IMPORT[2:]
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
            terraform(IMPORT, root.directory)
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


IMPORT_IDS = {
    f"module.sagemaker_pipelines.{address}": identifier
    for cells in rows(MIGRATION, "Address in the module")
    for address, identifier in [(*codes(cells[0]), *codes(cells[1]))]
}
#: Leaves what the table of import IDs has.
TRAINING_ONLY = """\
module "sagemaker_pipelines" {
  enable_processing_pipeline     = false
  enable_processing_schedule     = false
  processing_schedule_parameters = {}
  processing_additional_policies = {}
  processing_managed_policy_arns = {}

  schedules = { monthly-planning = { pipeline = "training", expression = "rate(30 days)" } }
  triggers  = { corrected-history = { pipeline = "training", s3_object = { bucket = "lake" } } }
  alarms = {
    actions                 = ["arn:aws:sns:us-east-1:123456789012:ml-alerts"]
    failed                  = false
    failed_starts           = false
    no_success_within_hours = { training = 168 }
  }
}
"""


@pytest.mark.applies
@pytest.mark.usefixtures("unchanged")
def test_every_resource_is_imported_by_its_id(example_root: Callable[[str], Root]) -> None:
    root = example_root("complete")
    state, applied, imports, override = (
        root.directory / name
        for name in ("terraform.tfstate", "applied.tfstate", "imports.tf", "training_override.tf")
    )
    override.write_text(TRAINING_ONLY)
    try:
        root.apply()
        state.rename(applied)
        imports.write_text(
            "".join(f'import {{\n  to = {to}\n  id = "{of}"\n}}\n' for to, of in IMPORT_IDS.items())
        )
        changes = root.changes()
        assert {address for address in changes if address.startswith("module.")} == set(IMPORT_IDS)
        assert not set(changes.values()) & {"delete", "replace"}
        root.apply()
        assert root.changes() == {}
    finally:
        imports.unlink(missing_ok=True)
        if applied.exists():
            applied.rename(state)
        root.destroy()
        override.unlink()


# --- terraform test in CI ---


@pytest.mark.applies
def test_documented_workflow(example_root: Callable[[str], Root]) -> None:
    (workflow,) = (block for block in blocks("yaml") if block.path.name == "testing.md")
    (job,) = yaml.safe_load(workflow.text)["jobs"].values()
    steps = [shlex.split(step["run"]) for step in job["steps"] if "run" in step]
    (file,) = (block for block in HCL if block.directive.startswith("tftest: "))
    root = example_root(file.directive.removeprefix("tftest: "))
    with with_tests(root, file.text):
        done = [run_without_aws(root, *step[1:]) for step in steps]
    assert [each.returncode for each in done] == [0] * len(steps)
    assert " 1 passed, 0 failed." in done[-1].stdout
