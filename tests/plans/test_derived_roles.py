"""The pipeline role of each additional pipeline may do what its steps need, and nothing else.

Of the corpus, which the SageMaker SDK made, and of definitions by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from definitions import TEXTS, steps
from inputs import ACCOUNT, KEY, ROLES, VALID
from plans import step_calls
from plans.expectations import Expectation, Settings, Target, mutants, sagemaker_trust, survivors
from policy_evaluation.evaluator import Policy
from policy_evaluation.lint import lint
from terraform.plan import Plan
from view import module_view


def get(path: str) -> dict[str, str]:
    return {"Get": path}


def definition(*steps: dict[str, Any], **parameters: str) -> str:
    """A definition of these steps, and of parameters by their defaults."""
    declared = [
        {"Name": name, "Type": "String", "DefaultValue": value}
        for name, value in parameters.items()
    ]
    return json.dumps({"Version": "2020-12-01", "Parameters": declared, "Steps": list(steps)})


def step(kind: str, name: str, arguments: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": arguments, **members}


def evaluate(name: str, uri: Any, **members: Any) -> dict[str, Any]:
    """A step that writes a property file M below a URI."""
    output = {"OutputName": "out.v1", "S3Output": {"S3Uri": uri}}
    return step(
        "Processing",
        name,
        {
            "RoleArn": f"{ROLES}evaluation",
            "ProcessingOutputConfig": {"Outputs": [output], **members},
            "ProcessingJobName": f"evaluate-{name}",
        },
        PropertyFiles=[{"PropertyFileName": "M", "OutputName": "out.v1", "FilePath": "a/m.json"}],
    )


def read(name: str) -> dict[str, Any]:
    """The property file of a step."""
    return {"Std:JsonGet": {"PropertyFile": get(f"Steps.{name}.PropertyFiles.M"), "Path": "x"}}


JOINED = [get("Parameters.Bucket"), "of", get("Execution.PipelineExecutionId"), "metrics/"]
#: What the SDK does not make, or not with these names.
BY_HAND = {
    "emr-serverless-existing": definition(
        step(
            "EMRServerless",
            "Join",
            {
                "ApplicationId": get("Parameters.Application"),
                "ExecutionRoleArn": f"{ROLES}emr",
                "JobConfig": {"executionRoleArn": f"{ROLES}emr-job"},
            },
        ),
        Application="00abcdefgh",
    ),
    "capitals": definition(
        step("Training", "A", {"TrainingJobName": "Churn-Train", "RoleArn": f"{ROLES}a"}),
        step(
            "RegisterModel",
            "B",
            {
                "ModelPackageGroupName": "Churn",
                "ValidationSpecification": {"ValidationRole": f"{ROLES}validation"},
            },
        ),
        step("QualityCheck", "C", {"RoleArn": f"{ROLES}a"}, ModelPackageGroupName="Drift"),
    ),
    "long-prefixes": definition(
        step("Training", "A", {"TrainingJobName": "p" * 38, "RoleArn": f"{ROLES}a"}),
        step("Model", "B", {"ModelName": "m" * 39, "ExecutionRoleArn": f"{ROLES}a"}),
    ),
    "objects": definition(
        evaluate("A", {"Std:Join": {"On": "/", "Values": JOINED}}, KmsKeyId=get("Parameters.Key")),
        evaluate("B", "s3://my-ml-bucket/b", KmsKeyId=KEY.split("/")[1]),
        evaluate("C", "s3://my-ml-bucket/c/", KmsKeyId="alias/ml"),
        evaluate("D", get("Parameters.Bucket")),
        step(
            "Lambda",
            "Tell",
            {
                **{name: read(name) for name in "ABCD"},
                # only texts
                "text": json.dumps(read("E")),
                "uri": "s3://my-ml-bucket/not-read/m.json",
            },
            FunctionArn=get("Parameters.Function"),
        ),
        Bucket="s3://my-ml-bucket/results",
        Key=KEY.replace("1234abcd", "5678abcd"),
        Function=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell",
    ),
    "texts-that-look-like-roles": definition(
        step(
            "Training",
            "A",
            {
                "RoleArn": f"{ROLES}a",
                "Environment": {"RoleArn": f"{ROLES}admin", "ModelDataUrl": "s3://my-ml-bucket/x"},
                "HyperParameters": {
                    "FunctionArn": "x",
                    "json": '"RoleArn":"x","S3Uri":"s3://my-ml-bucket/k"',
                },
            },
        ),
    ),
}
#: By key of the module's input; training and processing are the module's own.
DEFINITIONS = {f"my-{name}": text for name, text in (TEXTS | BY_HAND).items()}
PLANNED_CALLS = {
    "derived roles": VALID
    | {"additional_pipelines": {key: {"definition": text} for key, text in DEFINITIONS.items()}},
}
each_definition = pytest.mark.parametrize("key", DEFINITIONS)


@each_definition
def test_role_may_what_the_steps_need_and_nothing_else(
    key: str, plan_of_calls: Plan, record_property: Callable[[str, object], None]
) -> None:
    view = module_view(plan_of_calls.call("derived roles"))[key]
    document = {"Version": "2012-10-17", "Statement": list(view["run"].values())}
    policies = {
        Target(key, "pipeline"): [Policy.parse(document)],
        Target(key, "pipeline", "trust"): [
            Policy.parse(view["pipeline_role"]["assume_role_policy"])
        ],
    }
    parsed = json.loads(DEFINITIONS[key])
    rows = step_calls.expectations(key, f"ml-platform-test-{key}", parsed) + trust(key)
    failures = [failure for row in rows if (failure := row.failure(policies)) is not None]
    assert not failures, f"{len(failures)} decisions:\n" + "\n".join(failures[:20])
    unnoticed = survivors(policies, rows)
    assert not unnoticed, "no row needs:\n" + "\n".join(unnoticed[:20])
    assert lint(document) == []
    types = [each["Type"] for each in steps(parsed)]
    allowed = sum(row.allowed for row in rows)
    number = sum(1 for (policy,) in policies.values() for _ in mutants(policy))
    record_property(
        f"definition {key.removeprefix('my-')}",
        f"{len(types)} steps ({', '.join(dict.fromkeys(types))}), {allowed} decisions allowed, "
        f"{len(rows) - allowed} denied, {number} mutants died",
    )


def trust(key: str) -> list[Expectation]:
    """Who may assume the pipeline role: the same as of the module's own pipelines."""
    settings = Settings(
        pipeline="training",
        pipeline_name=f"ml-platform-test-{key}",
        bucket="my-ml-bucket",
        input_prefix="in/",
        output_prefix="out/",
        repository="none",
    )
    target = Target(key, "pipeline", "trust")
    return [replace(row, target=target) for row in sagemaker_trust(settings, "pipeline")]
