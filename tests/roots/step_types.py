"""What the pipeline role may do for each type of step: the table of docs/additional-pipelines.md.

It is rendered from a plan: a pipeline for each row, with one step of the type. `make inventories`
writes it; test_step_types.py compares it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from inputs import ACCOUNT, VALID
from repository import REPOSITORY
from terraform.plan import Plan

DOCUMENT = REPOSITORY / "docs/additional-pipelines.md"
BEGIN, END = "<!-- BEGIN_STEP_TYPES -->", "<!-- END_STEP_TYPES -->"

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/jobs"
_MODEL = "s3://my-ml-bucket/models/model.tar.gz"
_REPORT = {"Std:JsonGet": {"Path": "auc", "S3Uri": "s3://my-ml-bucket/evaluation/metrics.json"}}


def _arguments(**arguments: Any) -> dict[str, Any]:
    return {"Arguments": arguments}


_PROCESSING = _arguments(ProcessingJobName="churn", RoleArn=_ROLE)

#: A row's key to the type in it, and the step's other members: what its role is derived from.
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "one-training": ("Training", _arguments(TrainingJobName="churn", RoleArn=_ROLE)),
    "one-processing": ("Processing", _PROCESSING),
    "transform": ("Transform", _arguments(TransformJobName="churn", ModelName="churn")),
    "tuning": (
        "Tuning",
        _arguments(HyperParameterTuningJobName="churn", TrainingJobDefinition={"RoleArn": _ROLE}),
    ),
    "automl": ("AutoML", _arguments(AutoMLJobName="churn", RoleArn=_ROLE)),
    "model": ("Model", _arguments(ModelName="churn", ExecutionRoleArn=_ROLE)),
    "register": (
        "RegisterModel",
        _arguments(
            ModelPackageGroupName="churn",
            InferenceSpecification={"Containers": [{"ModelDataUrl": _MODEL}]},
        ),
    ),
    "condition": (
        "Condition",
        _arguments(
            Conditions=[{"Type": "GreaterThan", "LeftValue": _REPORT, "RightValue": 0.8}],
            IfSteps=[],
            ElseSteps=[],
        ),
    ),
    "fail": ("Fail", _arguments(ErrorMessage="no")),
    "lambda": (
        "Lambda",
        {"FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:approve", **_arguments()},
    ),
    "callback": (
        "Callback",
        {
            "SqsQueueUrl": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/approvals",
            **_arguments(),
        },
    ),
    "quality-check": ("QualityCheck", {"ModelPackageGroupName": "churn", **_PROCESSING}),
    "clarify-check": ("ClarifyCheck", {"ModelPackageGroupName": "churn", **_PROCESSING}),
    "emr": ("EMR", _arguments(ClusterId="j-1A2B3C4D5E6F7")),
    "emr-new-cluster": (
        "EMR",
        _arguments(
            ClusterConfig={
                "Instances": {},
                "ServiceRole": "EmrService",
                "JobFlowRole": "EmrInstances",
                "AutoScalingRole": "EmrScaling",
            }
        ),
    ),
    "emr-serverless": (
        "EMRServerless",
        _arguments(ApplicationId="00f1a2b3c4d5e6f7", ExecutionRoleArn=_ROLE),
    ),
    "emr-serverless-new-application": (
        "EMRServerless",
        _arguments(ApplicationConfig={}, ExecutionRoleArn=_ROLE),
    ),
}
#: The row of the step beside one that fails.
BESIDE = "lambda"
#: What distinguishes rows of one type.
_NOTES = {
    "condition": " that reads S3",
    "emr": ", `ClusterId`",
    "emr-new-cluster": ", `ClusterConfig`",
    "emr-serverless": ", `ApplicationId`",
    "emr-serverless-new-application": ", `ApplicationConfig`",
}


def root(source: str = "../../module") -> str:
    """A root with a pipeline for each row, which finds the module at `source`."""
    pipelines = {key: {"definition": definition(key)} for key in STEPS}
    inputs = VALID | {"additional_pipelines": pipelines}
    arguments = "".join(f"  {name} = {json.dumps(value)}\n" for name, value in inputs.items())
    return f'module "steps" {{\n  source = "{source}"\n{arguments}}}\n'


def definition(key: str) -> str:
    """The definition of a row's pipeline; the module takes none that only fails."""
    rows = [key, BESIDE] if key == "fail" else [key]
    steps = [{"Name": row, "Type": STEPS[row][0], **STEPS[row][1]} for row in rows]
    return json.dumps({"Version": "2020-12-01", "Steps": steps})


def table(plan: Plan) -> str:
    """The table.

    Args:
        plan: of the module call in :func:`root`.
    """
    lines = ["| Type of step | On | The pipeline role may |", "|---|---|---|"]
    planned = {
        key: plan.resources[f'aws_iam_role_policy.pipeline["{key}"]']["policy"]["Statement"]
        for key in STEPS
    }
    for key, (kind, _) in STEPS.items():
        beside = planned[BESIDE] if key == "fail" else []
        statements = [statement for statement in planned[key] if statement not in beside]
        first = f"`{kind}`{_NOTES.get(key, '')}"
        for statement in statements or [{"Resource": [], "Action": []}]:
            on = ", ".join(f"`{_short(arn)}`" for arn in statement["Resource"])
            may = ", ".join(f"`{action}`" for action in statement["Action"])
            if condition := statement.get("Condition"):
                may += f" to `{condition['StringEquals']['iam:PassedToService']}`"
            lines.append(f"| {first} | {on or '-'} | {may or 'nothing'} |")
            first = ""
    return "\n".join(lines)


def _short(arn: str) -> str:
    """An ARN without service, region and account."""
    return re.sub(r"^arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:", "", arn)


def written(plan: Plan, document: Path = DOCUMENT) -> str:
    """The document with the table in it."""
    before, _, rest = document.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(plan)}\n{END}{after}"
