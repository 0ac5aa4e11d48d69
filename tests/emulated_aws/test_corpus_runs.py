"""Executions of all definitions of the corpus: each of their steps runs."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from decisions import Decisions, Run, decide
from definitions import DEFINITIONS, without_nulls
from emulated_aws.corpus_runs import RUNS
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.samples import ACCOUNT
from planned import make_role, roles_of

START = datetime(2026, 12, 1, tzinfo=timezone.utc)
#: The surroundings of an execution are made from defaults of parameters.
WITHOUT_DEFAULT = {"required-parameter"}
NAMES = sorted(DEFINITIONS.keys() - WITHOUT_DEFAULT)


def decisions(name: str, aws: EmulatedAWS) -> Decisions:
    """The executions of a definition, with roles that may do everything."""
    aws.reset()
    aws.runtime.reset(START)
    definition = without_nulls(DEFINITIONS[name])
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
