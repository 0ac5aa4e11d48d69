"""`make rehearse`: the months of the examples, of one with mistakes, and of somebody's own root."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import own_root
import picture
import rehearse
import stage
import timeline
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime.script import Failure
from month import CannotPlay, Month, Plan
from repository import REPOSITORY, copy_module
from roots.documents import commands
from terraform.root import Root

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 12, 1, tzinfo=timezone.utc)
DOCUMENT = REPOSITORY / "docs/rehearsal.md"
COMMANDS = [command for block, command in commands() if block.path == DOCUMENT]

#: Example to what its December amounts to.
SUMS = {
    "both-pipelines": [
        "processing: 30 starts, 30 succeeded; 15.0 h ml.m5.xlarge",
        "training: 4 starts, 4 succeeded; 8.0 h ml.m5.xlarge",
    ],
    "bring-your-own": [
        "processing: 1 start, 1 succeeded; 0.5 h ml.m5.xlarge",
        "retraining: 4 starts, 4 succeeded; 2.0 h ml.m5.large, 10.0 h ml.m5.xlarge",
    ],
    "complete": [
        "processing: 31 starts, 31 succeeded; 122.0 h ml.m5.2xlarge",
        "training: 4 starts, 4 succeeded; 32.0 h ml.m5.4xlarge (spot)",
    ],
    "no-vpc": [
        "processing: 30 starts, 30 succeeded; 15.0 h ml.m5.xlarge",
        "training: 4 starts, 4 succeeded; 8.0 h ml.m5.xlarge",
    ],
    "processing-only": ["processing: 30 starts, 30 succeeded; 15.0 h ml.m5.xlarge"],
    "retrain-and-score": [
        "processing: 30 starts, 30 succeeded; 15.0 h ml.m5.xlarge",
        "training: 4 starts, 4 succeeded; 8.0 h ml.m5.xlarge",
    ],
    "training-only": ["training: 4 starts, 4 succeeded; 8.0 h ml.m5.xlarge"],
}


def said(month: Month) -> str:
    return "\n".join(line.text for line in timeline.lines(month, BERLIN))


def summary(month: Month) -> list[str]:
    return [line.text for line in timeline.summary(month, BERLIN)]


@pytest.mark.applies
@pytest.mark.parametrize("example", stage.EXAMPLES)
def test_month_of_an_example(
    example: str, example_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    month = rehearse.rehearse_example(example_root(example), aws, Plan(START))
    assert month.problems == []
    assert summary(month)[: len(SUMS[example])] == SUMS[example]
    assert len(said(month).splitlines()) < 70, "a start is not told in a line"
    assert (example != "complete") == ("(spot)" not in said(month))


@pytest.mark.applies
def test_what_is_told_to_fail(example_root: Callable[[str], Root], aws: EmulatedAWS) -> None:
    told = (
        "training@1:capacity*3",
        "training@2",
        "training@4:interruption",
        "processing@5:start*9",
    )
    failures = tuple(map(Failure.parse, (*told, "processing@1:interruption", "scoring@1")))
    plan = Plan(START, failures=failures, durations={"training": timedelta(hours=3)})
    month = rehearse.rehearse_example(example_root("complete"), aws, plan)
    assert month.problems == []
    text = said(month)
    for expected in (
        "Sat 2026-12-05 22:00 UTC (23:00 CET)  training    Succeeded after 4 h 20 min  12.0 h",
        "    retried 3 times: CapacityError: ",
        "training    Failed after 1 h 40 min  6.0 h ml.m5.4xlarge (spot)",
        "    failed as AlgorithmError: the container exits with code 1\n    told topic ml-alerts",
        "    went on after 1 interruption of its spot instances",
        "    restored 2 checkpoints of this execution",
        "Sat 2026-12-05 03:30 UTC (04:30 CET)  processing  Did not start after 5 attempts",
        "    told queue failed-starts",
    ):
        assert expected in text
    assert "Messages: 12 to topic ml-alerts, 1 to queue failed-starts." in summary(month)
    (interruption, unknown) = rehearse.misses(plan, [month])
    assert "processing@1:interruption hits nothing" in interruption
    assert "scoring@1:algorithm hits nothing: the pipelines are processing, training" in unknown


@pytest.mark.applies
def test_metrics_decide(example_root: Callable[[str], Root], aws: EmulatedAWS) -> None:
    bad = {"Evaluate": {"evaluation/metrics.json": {"auc": 0.79}}}
    plan = Plan(START, days=7, files=bad)
    month = rehearse.rehearse_example(example_root("bring-your-own"), aws, plan)
    failed, alarm = month.problems
    assert "churn-prod-retraining, execution 1 of 2026-12-06 03:00, is Failed" in failed
    assert "The AUC is less than 0.8" in failed
    assert "churn-prod-retraining-failed rang" in alarm


#: Retrain on Sundays, score when the model is there, and daily otherwise; and know of it.
TEAM = {
    "enable_processing_schedule": False,
    "schedules": {
        "daily": {
            "pipeline": "processing",
            "expression": "cron(0 6 * * ? *)",
            "timezone": "Europe/Berlin",
        }
    },
    "triggers": {
        "model": {"pipeline": "processing", "after": "training"},
        "upload": {
            "pipeline": "processing",
            "s3_object": {"bucket": "uploads", "suffix": "_SUCCESS"},
        },
    },
    "alarms": {
        "actions": ["arn:aws:sns:us-east-1:123456789012:alarms"],
        "no_success_within_hours": {"training": 168, "processing": 30},
        "longer_than_minutes": {"training": 150},
    },
}


@pytest.mark.applies
def test_schedules_triggers_and_alarms(
    example_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    plan = Plan(START, days=14, durations={"training": timedelta(hours=2, minutes=20)})
    root = example_root("both-pipelines")
    month = rehearse.rehearse_example(root, aws, plan, **TEAM)
    assert month.problems == []
    text = said(month)
    for expected in (
        "Tue 2026-12-01 05:00 UTC (06:00 CET)  processing  Succeeded after 30 min",
        "    started by schedule daily\n    with ScheduledTime = <scheduled time>",
        "Sun 2026-12-06 04:20 UTC (05:20 CET)  processing  Succeeded after 30 min",
        "-trigger-model, for an event\n    with ScheduledTime = <time of the event>",
        "-no-success  ALARM: No datapoints in 168 periods",
        "Sun 2026-12-06 04:20 UTC (05:20 CET)  alarm",
        "    told topic alarms",
    ):
        assert expected in text, text
    assert "processing: 16 starts, 16 succeeded; 8.0 h ml.m5.xlarge" in summary(month)
    assert {
        "bucket uploads",
        "events of bucket uploads",
        "topic arn:aws:sns:us-east-1:123456789012:alarms",
        "policy of arn:aws:sns:us-east-1:123456789012:alarms",
    } <= set(month.made)

    slow = Plan(START, days=14, durations={"training": timedelta(hours=3)})
    month = rehearse.rehearse_example(root, aws, slow, **TEAM)
    assert len(month.problems) == 2
    assert all("training-too-long rang at 2026-12-" in problem for problem in month.problems)


@pytest.mark.applies
def test_denied_requests_are_problems(
    example_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    deny = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    policies = {"deny": json.dumps({"Version": "2012-10-17", "Statement": [deny]})}
    plan = Plan(START, days=7)
    month = rehearse.rehearse_example(
        example_root("training-only"), aws, plan, training_additional_policies=policies
    )
    (problem,) = month.problems
    assert "ml-platform-dev-training, execution 1 of 2026-12-06 02:00, is Failed" in problem
    assert "s3:PutObject" in problem
    assert "with an explicit deny in an identity-based policy" in said(month)
    assert "told nobody: no rule sends events of executions that are Failed" in said(month)


@pytest.mark.applies
def test_policy_that_cannot_be_evaluated(
    example_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    own = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:userid}"}
    policies = {"own": json.dumps({"Version": "2012-10-17", "Statement": [own]})}
    override = {"training_additional_policies": json.loads(json.dumps(policies).replace("$", "$$"))}
    before = aws.inventory()
    with pytest.raises(CannotPlay) as refused:
        rehearse.rehearse_example(example_root("training-only"), aws, Plan(START), **override)
    assert "ml-platform-dev-training-job-us-east-1" in str(refused.value)
    assert ": own, statement 0: Resource: policy variable" in str(refused.value)
    assert aws.inventory().get("roles") == before.get("roles"), "nothing was destroyed"


ROOT = """
terraform {
  backend "s3" {
    bucket = "states"
    key    = "ml"
  }
}

provider "aws" {
  region = "eu-west-1"
}

module "pipelines" {
  source = "../../shared/pipelines"

  project_name          = "forecast"
  environment           = var.environment
  vpc_id                = "vpc-0123456789abcdef0"
  subnet_ids            = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids    = ["sg-0123456789abcdef0"]
  s3_bucket_arn         = aws_s3_bucket.results.arn
  input_data_s3_path    = "s3://${aws_s3_bucket.results.bucket}/input/"
  model_output_s3_path  = "s3://${aws_s3_bucket.results.bucket}/models/"
  training_image_uri    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forecast:1.0.0"
  notifications         = { topic_arn = "arn:aws:sns:eu-west-1:123456789012:alerts" }
}

resource "aws_s3_bucket" "results" {
  bucket = "forecast-results"
}

resource "aws_ecr_repository" "forecast" {
  name = "forecast"
}

variable "environment" {
  type = string
}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Somebody's root: a module beside it, a remote backend, another region, a VPC of its own."""
    module = tmp_path / "shared/pipelines"
    module.mkdir(parents=True)
    copy_module(module)
    folder = tmp_path / "live/dev"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(ROOT)
    (folder / "terraform.tfvars").write_text('environment = "dev"\n')
    (folder / "terraform.tfstate").write_text("mine")
    return folder


@pytest.mark.applies
def test_own_root(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*")}
    options = ["--from", "2026-12-01", "--zone", "Europe/Berlin", "--fail", "training@1"]
    done = subprocess.run(
        [sys.executable, "tools/rehearse.py", "--root", str(root), *options, "--fail", "scoring@2"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr == ""
    for expected in (
        "Tue 2026-12-01 00:00 UTC (01:00 CET)  training  Failed after 1 h 00 min  1.0 h",
        "    started by hand, as no enabled schedule does it",
        "    could not tell topic alerts: events.amazonaws.com is not authorized ",
        "  vpc-0123456789abcdef0 in eu-west-1 with subnet-0123456789abcdef0, ",
        "image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/forecast:1.0.0",
        "could not tell arn:aws:sns:eu-west-1:123456789012:alerts",
        "Error: --fail scoring@2:algorithm hits nothing: the pipelines are training",
    ):
        assert expected in done.stdout, done.stdout
    assert len(re.findall("(?m)^Error: ", done.stdout)) == 2
    assert {path: path.read_bytes() for path in root.rglob("*")} == before


def test_local_modules_lead_where_they_led(tmp_path: Path) -> None:
    for folder in ("mono/a/stack/modules/own", "mono/b/module", "mono/b/deeper", "copy"):
        (tmp_path / folder).mkdir(parents=True)
    root = tmp_path / "mono/a/stack"
    calls = 'module "x" { source = "../../b/module" }\nmodule "y" { source = "./modules/own" }'
    (root / "main.tf").write_text(calls)
    (root / "modules/own/own.tf").write_text("")
    (tmp_path / "mono/b/module/main.tf").write_text('module "z" {\n  source = "../deeper"\n}')
    copy = own_root.copy_root(root, tmp_path / "copy")
    assert (copy / "modules/own/own.tf").exists()
    assert (copy / "../../b/module/main.tf").exists()
    assert (copy / "../../b/deeper").exists()
    assert not (root / "rehearsal_override.tf").exists()


def test_folder_without_a_root(tmp_path: Path) -> None:
    with pytest.raises(own_root.RootError, match=r"there is no \.tf file in it"):
        own_root.copy_root(tmp_path, tmp_path)


def test_root_that_holds_the_temporary_folder(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("")
    (tmp_path / "tmp").mkdir()
    with pytest.raises(own_root.RootError, match=r"holds the temporary folder .*: set TMPDIR"):
        own_root.copy_root(tmp_path, tmp_path / "tmp")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--fail", "training"], '"training" is no failure: give pipeline@number'),
        (["--zone", "Berlin"], "'Berlin' is no zone like Europe/Berlin"),
        (["--from", "tomorrow"], "'tomorrow' is no date like 2026-12-01"),
        (["--days", "0"], "'0' is no number from 1 to 366"),
        (["--picture", "nowhere/month.svg"], "'nowhere/month.svg' is no file in a folder"),
        (["--duration", "training=long"], "'long': give minutes, hours or days"),
        (["--picture", "month.svg"], "--picture draws one month: name an example or a root"),
        (["--outside", "nowhere.json"], "'nowhere.json' is no file with JSON"),
    ],
)
def test_bad_option_is_one_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        rehearse.options(options)
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no file with JSON: Expecting property name"),
        ("[]", 'is not like {"files": {"Step": {}}}'),
        ('{"files": {"Evaluate": 1}}', 'is not like {"files": {"Step": {}}}'),
        ('{"metrics": {}}', "has metrics, but knows files and results"),
    ],
)
def test_bad_file_is_one_sentence(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outside.json"
    file.write_text(text)
    with pytest.raises(SystemExit):
        rehearse.options(["--outside", str(file)])
    assert sentence in capsys.readouterr().err


# --- docs/rehearsal.md ---


def test_documented_file_is_understood(tmp_path: Path) -> None:
    (text,) = re.findall(r"(?s)```json\n(.*?)```", DOCUMENT.read_text())
    file = tmp_path / "outside.json"
    file.write_text(text)
    plan = rehearse.plan_of(rehearse.options(["--outside", str(file)]))
    assert {"files": plan.files, "results": plan.results} == json.loads(text)
    sentences = list(rehearse.misses(plan, []))
    unknown = sorted({*plan.files, *plan.results})
    assert sentences == [
        f"--outside has {name}, which is no step: there is no pipeline." for name in unknown
    ]


def arguments(command: list[str]) -> list[str]:
    """What the Makefile makes of a documented command line."""
    assert command[:2] == ["make", "rehearse"]
    given = dict(word.split("=", 1) for word in command[2:])
    root = ["--root", given["ROOT"]] if "ROOT" in given else []
    return [*given.get("EXAMPLE", "").split(), *root, *given.get("REHEARSE", "").split()]


def test_documented_commands_are_understood() -> None:
    assert COMMANDS
    for command in COMMANDS:
        rehearse.options(arguments(command))


@pytest.mark.applies
def test_picture_and_excerpt(example_root: Callable[[str], Root], aws: EmulatedAWS) -> None:
    (drawn,) = (command for command in COMMANDS if "--picture" in command[-1])
    options = rehearse.options(arguments(drawn))
    file = REPOSITORY / options.picture
    assert file.stat().st_size < 40_000
    plan = rehearse.plan_of(options)
    month = rehearse.rehearse_example(example_root(options.example), aws, plan)
    ids = re.compile(r'<g id="([a-z]+ \d{4}-\d\d-\d\dT\d\d:\d\d)"')
    drawn_now = picture.draw(month, f"examples/{options.example}")
    assert len(ids.findall(drawn_now)) == len(month.executions) + len(month.failed_starts())
    assert sorted(ids.findall(file.read_text())) == sorted(ids.findall(drawn_now))
    assert picture.draw(month, f"examples/{options.example}") == drawn_now, "it is random"
    (excerpt,) = re.findall(r"(?s)```text\n(.*?)```", DOCUMENT.read_text())
    text = said(month)
    for part in excerpt.split("…\n"):
        assert part in f"{text}\n", f"make rehearse says something else:\n{text}"
