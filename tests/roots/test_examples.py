"""The examples, which are the README's usage: planned, applied, planned again, destroyed.

What each must plan is written down in ``inventories/<example>.yaml``: every resource and no
other, with whole definitions and policies. ``make inventories`` writes these files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml

import docs
import stage
import verification
from emulated_aws import definition
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime.script import Script
from emulated_aws.surroundings import arrange
from repository import REPOSITORY
from roots import inventory
from roots.inventory import MODULE
from terraform.plan import Plan
from terraform.root import Root

INVENTORIES = Path(__file__).parent / "inventories"
EXAMPLES = sorted(path.stem for path in INVENTORIES.glob("*.yaml"))
#: test_same_apply.py says which check that is.
KNOWN_AFTER_APPLY = (
    "The condition could not be evaluated at this time, a result will be known when this plan is "
    "applied."
)
#: Name of an example that has variables to what it suggests for them.
SUGGESTED = {
    path.parent.name: path.read_text()
    for path in REPOSITORY.glob("examples/*/terraform.tfvars.example")
}
PLANNED_ROOTS: dict[str, Path | str] = {
    **{name: Path("examples") / name for name in EXAMPLES},
    **{
        f"{name}-tfvars": f"""
module "example" {{
  source = "../../module/examples/{name}"
  {values}
}}

output "sagemaker_pipelines" {{
  value = module.example.sagemaker_pipelines
}}
"""
        for name, values in SUGGESTED.items()
    },
}


@dataclass(frozen=True)
class Example:
    """An example, its plan, and the lines of its inventory."""

    name: str
    plan: Plan
    inventory: list[str]

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return {address.removeprefix(MODULE): v for address, v in self.plan.resources.items()}

    @property
    def outputs(self) -> dict[str, Any]:
        """All outputs of the module (:func:`repository.copy_examples`)."""
        outputs: dict[str, Any] = self.plan.outputs["sagemaker_pipelines"]
        return outputs

    @property
    def printed(self) -> dict[str, Any]:
        """What a user of the example sees after an apply."""
        return {
            name: value
            for name, value in self.plan.outputs.items()
            if name != "sagemaker_pipelines"
        }


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, plan_of_roots: Plan) -> Example:
    lines = (INVENTORIES / f"{request.param}.yaml").read_text().splitlines()
    return Example(request.param, plan_of_roots.below(request.param), lines)


def test_every_example_has_an_inventory(repository: Path) -> None:
    assert EXAMPLES == sorted(path.name for path in (repository / "examples").iterdir())


def test_terraform_warns_of_nothing(plan_of_roots: Plan) -> None:
    """But for checks of S3 paths and of a definition that are not known yet in the same apply."""
    warnings = [found.sentence for found in plan_of_roots.diagnostics]
    assert warnings in ([], [KNOWN_AFTER_APPLY] * 6), plan_of_roots.diagnostics


def test_plan_is_what_the_inventory_says(example: Example) -> None:
    planned = inventory.text(example.name, example.plan).splitlines()
    lines = list(unified_diff(example.inventory, planned, "inventory", "plan", "", "", 1, ""))
    more = f"\n... and {len(lines) - 40} lines more" if len(lines) > 40 else ""
    assert not lines, (
        f"examples/{example.name} plans something else. `make inventories` writes what it plans "
        f"now, for you to read the difference:\n"
        + "\n".join(line[:200] for line in lines[:40])
        + more
    )
    assert set(example.plan.actions.values()) == {("create",)}
    assert example.plan.warnings == []


def test_outputs_repeat_what_resources_have(example: Example) -> None:
    outputs, resources = example.outputs, example.resources
    for name in ("training", "processing"):
        text = outputs[f"{name}_pipeline_definition"]
        pipeline = resources.get(f'aws_sagemaker_pipeline.this["{name}"]', {})
        assert (json.loads(text) if text else None) == pipeline.get("pipeline_definition")
    expected = {
        f"{key}_{kind}": {
            "assume_role_policy": resources[f'aws_iam_role.{kind}["{key}"]']["assume_role_policy"],
            "policy": resources[f'aws_iam_role_policy.{kind}["{key}"]']["policy"],
        }
        for key in outputs["module_configuration"]["pipelines"]
        for kind in ("job", "pipeline", "schedule")
        if f'aws_iam_role.{kind}["{key}"]' in resources
    }
    said = {
        key: {name: json.loads(text) for name, text in documents.items()}
        for key, documents in outputs["role_policies"].items()
    }
    assert said == expected


def test_what_an_example_prints_is_short(example: Example) -> None:
    printed = dict(example.printed)
    assert (
        printed["start_commands"].keys()
        == example.outputs["module_configuration"]["pipelines"].keys()
    )
    assert len(yaml.dump(printed, width=200).splitlines()) <= 60
    roles = printed.pop("job_role_arns", {})
    assert roles == {name: example.outputs[f"{name}_role_arn"] for name in roles}
    assert printed == {name: example.outputs[name] for name in printed}


@pytest.mark.parametrize("name", EXAMPLES)
def test_terraform_tfvars_example_has_all_variables(name: str) -> None:
    declared = re.findall(
        r'(?m)^variable "(\w+)"',
        "\n".join(path.read_text() for path in REPOSITORY.glob(f"examples/{name}/*.tf")),
    )
    suggested = docs.read_hcl(SUGGESTED.get(name, ""))
    assert sorted(suggested) == sorted(declared)


@pytest.mark.parametrize("name", SUGGESTED)
def test_terraform_tfvars_example_plans(name: str, plan_of_roots: Plan) -> None:
    outputs = plan_of_roots.below(f"{name}-tfvars").outputs["sagemaker_pipelines"]
    definitions = json.dumps(outputs)
    for value in docs.read_hcl(SUGGESTED[name]).values():
        assert value in definitions


def test_definitions_are_what_sagemaker_takes(example: Example) -> None:
    definitions = example.plan.values("pipeline_definition")
    assert definitions
    assert {
        name: definition.violations(json.dumps(content)) for name, content in definitions.items()
    } == {name: [] for name in definitions}


@pytest.mark.applies
def test_apply_plan_again_destroy(
    example: Example, example_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    before = aws.inventory()
    root = example_root(example.name)
    try:
        root.apply()

        unknown, second = example.plan.unknown, root.plan()
        assert second.actions == {}, "the second plan is not empty"
        planned = {
            address: arguments
            | {name: second.resources[address][name] for name in unknown.get(address, ())}
            for address, arguments in example.plan.resources.items()
        }
        assert verification.differences(planned, aws.client) == []
        outputs = root.outputs()["sagemaker_pipelines"]
        assert outputs == example.outputs, "an output is not what the plan said"
        own = {
            f"arn:aws:iam::{aws.account_id}:role/{arguments['name']}"
            for address, arguments in planned.items()
            if address.startswith("aws_iam_role.")
        }
        assert named_arns(outputs) | own == held_arns(aws)
    finally:
        root.destroy()
    assert aws.inventory() == before


@pytest.mark.applies
def test_approved_model_starts_the_scoring(
    example_root: Callable[[str], Root], aws: EmulatedAWS
) -> None:
    root, sagemaker, runtime = example_root("bring-your-own"), aws.client("sagemaker"), aws.runtime
    try:
        root.apply()
        arrange(aws)
        runtime.script = Script(files=stage.outside(root.directory)["files"])
        sagemaker.start_pipeline_execution(PipelineName="churn-prod-retraining")
        runtime.advance(timedelta(hours=6))
        (retraining,) = runtime.executions
        assert retraining.status == "Succeeded"
        packages = sagemaker.list_model_packages(ModelPackageGroupName="churn")
        (package,) = packages["ModelPackageSummaryList"]
        assert package["ModelApprovalStatus"] == "PendingManualApproval"
        for status in ("Rejected", "Approved"):
            sagemaker.update_model_package(
                ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus=status
            )
            runtime.advance(timedelta(hours=1))
        assert [(one.pipeline, one.status) for one in runtime.executions[1:]] == [
            ("churn-prod-processing", "Succeeded")
        ]
    finally:
        runtime.reset()
        root.destroy()


def named_arns(outputs: dict[str, Any]) -> set[str]:
    return {value for name, value in outputs.items() if name.endswith("_arn") and value} | {
        arn for name, arns in outputs.items() if name.endswith("_arns") for arn in arns.values()
    }


def held_arns(aws: EmulatedAWS) -> set[str]:
    return {
        *(
            item["PipelineArn"]
            for item in aws.client("sagemaker").list_pipelines()["PipelineSummaries"]
        ),
        *(role["Arn"] for role in aws.client("iam").list_roles()["Roles"]),
        *(rule["Arn"] for rule in aws.client("events").list_rules()["Rules"]),
        *(item["Arn"] for item in aws.client("scheduler").list_schedules()["Schedules"]),
        *(
            alarm["AlarmArn"]
            for alarm in aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
        ),
    }
