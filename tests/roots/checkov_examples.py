"""`make checkov`: the planned examples, scanned by checkov; its findings are those below.

Not a part of `make test`: checkov pins old versions of what the tests need, so it has an
environment of its own. The variable CHECKOV names the command, otherwise it is on PATH.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from repository import REPOSITORY
from terraform.plan import Plan

EXAMPLES = sorted(path.name for path in (REPOSITORY / "examples").iterdir())
PLANNED_ROOTS = {name: Path("examples") / name for name in EXAMPLES}
CHECKOV = os.environ.get("CHECKOV", "checkov")

#: A finding: the ID of the check, and the resource.
Finding = tuple[str, str]

#: What a processing job in a VPC needs for its network interfaces. It does not start under any
#: restriction of it; a training job does, and has one.
#: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms
NETWORK_INTERFACES = {
    "CKV_AWS_289": "permissions without constraints: ec2:CreateNetworkInterfacePermission",
    "CKV_AWS_290": "writes without constraints: ec2:CreateNetworkInterface and its like",
    "CKV_AWS_355": "the resource * for both",
}
EXCEPTIONS: set[Finding] = {
    (check, f'{example} aws_iam_role_policy.job["processing"]')
    for check in NETWORK_INTERFACES
    for example in ("both-pipelines", "complete", "processing-only")
}


def scan(resources: Mapping[str, Mapping[str, Any]], directory: Path) -> tuple[set[Finding], int]:
    """What checkov finds in resources as planned, and how many checks passed.

    checkov keeps the policy that it has read first for all instances of one address
    (``policy_document_cache`` by ``entity_path``), so each resource gets a name of its own.

    Args:
        resources: a label that ends with the address, to the arguments.
        directory: an existing folder, for the plan.

    """
    names = {f"name_{number}": label for number, label in enumerate(resources)}
    planned = [
        {
            "address": f"{kind(label)}.{name}",
            "mode": "managed",
            "type": kind(label),
            "name": name,
            "values": resources[label],
        }
        for name, label in names.items()
    ]
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [
            {**item, "change": {"actions": ["create"], "before": None, "after": item["values"]}}
            for item in planned
        ],
        "configuration": {},
    }
    (directory / "plan.json").write_text(json.dumps(plan))
    command = [CHECKOV, "--framework=terraform_plan", "--file=plan.json", "--output=json"]
    done = subprocess.run(
        [*command, "--skip-download", "--quiet", "--soft-fail"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0, done.stdout
    assert report["summary"]["resource_count"] == len(resources), done.stdout
    found = {
        (check["check_id"], names[check["resource"].partition(".")[2]])
        for check in report["results"]["failed_checks"]
    }
    return found, report["summary"]["passed"]


def kind(label: str) -> str:
    """The type of the resource."""
    found = re.search(r"aws_\w+", label)
    assert found is not None
    return found[0]


def test_examples_have_the_findings_that_are_explained_and_no_others(
    plan_of_roots: Plan, tmp_path: Path
) -> None:
    """Neither more nor fewer: an exception that is no longer needed goes."""
    resources = {
        f"{name} {address.removeprefix('module.sagemaker_pipelines.')}": values
        for name in EXAMPLES
        for address, values in planned_values(plan_of_roots.below(name)).items()
    }
    found, passed = scan(resources, tmp_path)
    assert found == EXCEPTIONS
    assert passed > len(resources)


def planned_values(plan: Plan) -> dict[str, dict[str, Any]]:
    """As Terraform has them: policies are JSON text."""
    return {
        change["address"]: change["change"]["after"]
        for change in plan.document["resource_changes"]
        if change["mode"] == "managed"
    }


@pytest.mark.parametrize(
    ("action", "resource", "finding"),
    [
        ("*", "*", "CKV_AWS_63"),
        ("iam:PassRole", "*", "CKV_AWS_289"),
        ("s3:PutObject", "*", "CKV_AWS_290"),
    ],
)
def test_bad_policy_is_found_beside_good_ones(
    action: str, resource: str, finding: str, tmp_path: Path
) -> None:
    """The scan can fail, whatever else is in the plan."""
    good, bad = (
        {"name": "job", "role": "any", "policy": json.dumps(policy(*statement))}
        for statement in (("s3:GetObject", "arn:aws:s3:::bucket/*"), (action, resource))
    )
    found, _ = scan({f'aws_iam_role_policy.job["{i}"]': good for i in range(2)}, tmp_path)
    assert found == set()
    found, _ = scan(
        {'aws_iam_role_policy.job["good"]': good, 'aws_iam_role_policy.job["bad"]': bad}, tmp_path
    )
    assert {resource for _, resource in found} == {'aws_iam_role_policy.job["bad"]'}
    assert finding in {check for check, _ in found}


def policy(action: str, resource: str) -> dict[str, Any]:
    """A policy that allows this."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}
