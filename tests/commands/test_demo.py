"""`make demo`: run, and read by somebody who copies ARNs out of a file or a log."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from repository import REPOSITORY

pytestmark = pytest.mark.applies


@pytest.mark.parametrize("example", ["both-pipelines", "complete"])
def test_demo(example: str) -> None:
    done = subprocess.run(
        [sys.executable, "tools/demo.py", example], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    for sentence in (
        "Error: subnet_ids has subnet-0f0f0f0f, not found in vpc_id vpc-12345678",
        "Error: training_schedule_parameters has TrainingInstancType",
        "The second plan is empty.",
        "--pipeline-parameters Name=TrainingInstanceType,Value=ml.m5.2xlarge",
        "in Europe/Berlin; the next starts, and what they send:",
        "Succeeded, in simulated time: no code runs.",
        "h ml.m5.2xlarge",
        "wrote: s3://my-ml-bucket/",
        "Destroyed: emulated AWS holds what it held before, what was made for the execution, and",
    ):
        assert sentence in said
    inventory = yaml.safe_load((REPOSITORY / f"tests/roots/inventories/{example}.yaml").read_text())
    arns = {value for name, value in inventory["outputs"].items() if name.endswith("_arn")}
    shown = {arn for arn in arns if arn and ":rule/" not in arn}
    assert shown <= set(re.findall(r"arn:aws:[^\s,]+", done.stdout)), "an ARN is broken"


def test_demo_of_a_brought_pipeline() -> None:
    command = [sys.executable, "tools/demo.py", "bring-your-own"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    started = re.findall(r"(?m)pipeline/churn-prod-(\w+)/execution/\w+\nSucceeded,", done.stdout)
    assert started == ["processing", "retraining"]
    said = " ".join(done.stdout.split())
    for sentence in (
        "The policy of the role of the pipeline retraining, derived from its definition:",
        "arn:aws:sagemaker:us-east-1:123456789012:training-job/churn-train-*",
        "wrote: s3://my-ml-bucket/churn/models/",
        "wrote: s3://my-ml-bucket/churn/evaluation/",
    ):
        assert sentence in said


def test_demo_of_schedules_and_triggers() -> None:
    command = [sys.executable, "tools/demo.py", "retrain-and-score"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    started = re.findall(r"(?m)pipeline/churn-prod-(\w+)/execution/\w+\nSucceeded,", done.stdout)
    assert started == ["training", "processing"], "the trigger did not start the scoring"
    said = " ".join(done.stdout.split())
    # a start before and one after the next change of the clocks, and what each sends
    assert re.search(
        r" 0\d:00 (CES?T), 0(\d):00 UTC: .*ScheduledTime=\S+T0\2:00:00Z the clocks change on "
        r"Sun \S+ \w+ \S+ 0\d:00 (?!\1,)CES?T, 0(?!\2)(\d):00 UTC: .*ScheduledTime=\S+T0\3:00",
        said,
    )
