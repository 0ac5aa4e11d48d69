"""Definitions that the SageMaker SDK makes: each arrives unchanged, and its role fits its steps.

The corpus (``make corpus``), and by hand what the SDK does not make.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from inputs import ROLES, VALID
from plans import step_calls
from plans.expectations import Expectation, Settings, Target, mutants, sagemaker_trust, survivors
from policy_evaluation.evaluator import Policy
from policy_evaluation.lint import lint
from repository import REPOSITORY
from terraform.plan import Plan
from view import module_view

#: By key of the module's input; training and processing are the module's own.
CORPUS: dict[str, str] = {
    f"my-{file.stem}": file.read_text() for file in sorted(REPOSITORY.glob("tests/corpus/*.json"))
}


def get(path: str) -> dict[str, str]:
    return {"Get": path}


def join(on: str, *values: Any) -> dict[str, Any]:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def definition(*steps: dict[str, Any], **parameters: Any) -> str:
    """A definition of these steps, and of parameters by their defaults."""
    types = {str: "String", int: "Integer", float: "Float", bool: "Boolean"}
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": [
                {"Name": name, "Type": types[type(value)], "DefaultValue": value}
                for name, value in parameters.items()
            ],
            "Steps": list(steps),
        }
    )


def step(kind: str, name: str, arguments: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": arguments, **members}


EVALUATE = step(
    "Processing",
    "Evaluate",
    {
        "RoleArn": f"{ROLES}evaluation",
        "ProcessingJobName": "Evaluate-",
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "metrics.v1",
                    "S3Output": {
                        "S3Uri": join(
                            "/",
                            get("Parameters.Output"),
                            "of",
                            get("Execution.PipelineExecutionId"),
                        )
                    },
                }
            ],
            "KmsKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
        },
    },
    PropertyFiles=[
        {"PropertyFileName": "M", "OutputName": "metrics.v1", "FilePath": "a/metrics.json"}
    ],
)
BY_HAND = {}
DEFINITIONS = CORPUS | BY_HAND
PLANNED_CALLS = {
    "definitions": VALID
    | {"additional_pipelines": {key: {"definition": text} for key, text in DEFINITIONS.items()}},
}
each_definition = pytest.mark.parametrize("key", DEFINITIONS)


def without_nulls(value: Any) -> Any:
    """Without null members, which SageMaker refuses and the SDK exports."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@each_definition
def test_definition_arrives_unchanged_but_for_null_members(key: str, plan_of_calls: Plan) -> None:
    planned = module_view(plan_of_calls.call("definitions"))[key]["pipeline"]
    assert planned["pipeline_definition"] == without_nulls(json.loads(DEFINITIONS[key]))


@each_definition
def test_role_may_what_the_steps_need_and_nothing_else(
    key: str, plan_of_calls: Plan, record_property: Callable[[str, object], None]
) -> None:
    view = module_view(plan_of_calls.call("definitions"))[key]
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
    types = [each["Type"] for each in step_calls.all_steps(parsed["Steps"])]
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
