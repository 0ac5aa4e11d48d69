"""Executions of all definitions of the corpus: each of their steps runs."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from decisions import Decisions, Run, decide
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.samples import ACCOUNT
from planned import make_role, roles_of
from repository import REPOSITORY

START = datetime(2026, 12, 1, tzinfo=timezone.utc)
CORPUS = REPOSITORY / "tests" / "corpus"
#: A parameter has no default, or a Condition step is in a branch of another: refused here.
REFUSED = {"nested-conditions", "required-parameter"}
NAMES = sorted(path.stem for path in CORPUS.glob("*.json") if path.stem not in REFUSED)


def evaluated(**report: object) -> dict[str, dict[str, object]]:
    return {"Evaluate": {"evaluation/evaluation.json": report}}


LIMITS = {"s3://my-ml-bucket/churn/limits/DE/limits.json": {"auc": 0.6}}
COUNTED = {"Count": {"rows": 2000, "complete": True}}
#: What lets each branch run; elsewhere one execution runs every step.
RUNS = {
    "every-condition": [
        Run(
            files=evaluated(metrics={"auc": auc, "false positives": [9]}, verdict="good"),
            results=COUNTED,
            objects=LIMITS,
        )
        for auc in (0.9, 0.5)
    ],
    "lambda-and-callback": [
        Run(
            results={
                "Label": {"labels_uri": "s3://my-ml-bucket/labels/"},
                "Split": {"train_uri": "s3://my-ml-bucket/split/"},
            },
            objects={"s3://my-ml-bucket/split/train.json": {}},
        )
    ],
    "prepare-train-evaluate-register": [
        Run(files=evaluated(metrics={"auc": {"value": auc}})) for auc in (0.85, 0.84)
    ],
}


def without_nulls(value: Any) -> Any:
    """As the module sends a definition."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def decisions(name: str, aws: EmulatedAWS) -> Decisions:
    """The executions of a definition, with roles that may do everything."""
    aws.reset()
    aws.runtime.reset(START)
    definition = without_nulls(json.loads((CORPUS / f"{name}.json").read_text()))
    for path in sorted(roles_of(definition) | {"/pipeline"}):
        make_role(path, aws.client)
    arn = aws.client("sagemaker").create_pipeline(
        PipelineName=name,
        PipelineDisplayName=name,
        PipelineDefinition=json.dumps(definition),
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/pipeline",
        ClientRequestToken="0" * 32,
    )["PipelineArn"]
    return decide(aws, arn, RUNS.get(name, [Run()]))


@pytest.mark.parametrize("name", NAMES)
def test_each_step_runs(name: str, double: EmulatedAWS) -> None:
    found = decisions(name, double)
    failed = [
        step.reason
        for execution in found.executions
        for step in execution.steps
        if step.status != "Succeeded" and step.kind != "Fail"
    ]
    assert (failed, found.denied, found.left_out) == ([], [], set())
