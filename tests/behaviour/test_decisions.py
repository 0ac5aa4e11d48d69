"""What the pipelines of the module call, and that their roles may."""

from __future__ import annotations

import pytest

from behaviour.conftest import START
from decisions import decide_call
from emulated_aws.emulator import EmulatedAWS
from inputs import ACCOUNT
from terraform.plan import Plan

CALLS = {
    "training": [
        f"iam:PassRole arn:aws:iam::{ACCOUNT}:role/ml-platform-test-training-job-us-east-1",
        *(
            f"sagemaker:{action} arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/"
            "ml-platform-test-training-<execution>-<random>"
            for action in ("AddTags", "CreateTrainingJob", "DescribeTrainingJob")
        ),
    ],
    "processing": [
        f"iam:PassRole arn:aws:iam::{ACCOUNT}:role/ml-platform-test-processing-job-us-east-1",
        *(
            f"sagemaker:{action} arn:aws:sagemaker:us-east-1:{ACCOUNT}:processing-job/"
            "ml-platform-test-processing-<execution>-<random>"
            for action in ("AddTags", "CreateProcessingJob", "DescribeProcessingJob")
        ),
    ],
}


@pytest.mark.parametrize("name", ["plain", "secured"])
def test_all_calls_are_allowed(name: str, plan: Plan, double: EmulatedAWS) -> None:
    double.reset()
    double.runtime.reset(START)
    found = decide_call(plan.call(name), double)
    assert {
        pipeline.removeprefix("ml-platform-test-"): decisions.normal_calls()
        for pipeline, decisions in found.items()
    } == CALLS
    for decisions in found.values():
        assert [execution.status for execution in decisions.executions] == ["Succeeded"]
        assert (decisions.denied, decisions.left_out) == ([], set())
