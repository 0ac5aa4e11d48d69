"""docs/permissions-to-apply.md against the calls that the provider makes.

The examples are planned, applied, changed and destroyed. Each call is a request to IAM: the tables
of the document list its action, and the policy of the document allows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from emulated_aws.emulator import Call, EmulatedAWS
from inputs import ACCOUNT, POLICIES, ROLES, TOPICS
from policy_evaluation.evaluator import Policy, Request, allowed
from policy_evaluation.lint import lint
from repository import REPOSITORY
from roots.documents import blocks, codes, rows
from terraform.root import Root

pytestmark = pytest.mark.applies

DOCUMENT = REPOSITORY / "docs/permissions-to-apply.md"
POLICY, LIMIT = (block.text for block in blocks("json") if block.path == DOCUMENT)
BOUNDARY = f"{POLICIES}ml-boundary"

#: Anybody may ask who they are.
FREE = {"sts:GetCallerIdentity"}
#: Actions that AWS asks for, too, when a call has tags, and the resource's own when it has a role.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
TAGS = {
    "iam:CreateRole": "iam:TagRole",
    "events:PutRule": "events:TagResource",
    "sagemaker:CreatePipeline": "sagemaker:AddTags",
    "scheduler:CreateScheduleGroup": "scheduler:TagResource",
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
}
ARNS = {
    "sagemaker": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/",
    "events": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/",
    "cloudwatch": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:",
    "scheduler": f"arn:aws:scheduler:us-east-1:{ACCOUNT}:",
}

#: What the example changes into, so that each kind of change happens in one of them.
CHANGES: dict[str, dict[str, Any]] = {
    "complete": {
        "tags": {"New": "yes"},
        "notifications": None,
        "schedules": {"monthly-planning": {"pipeline": "processing", "expression": "rate(1 day)"}},
        "processing_schedule_parameters": {},
        "role_permissions_boundary_arn": None,
        "training_additional_policies": {},
        "training_managed_policy_arns": {},
        "training_volume_size_gb": 300,
    },
    "both-pipelines": {
        "enable_training_schedule": True,
        "schedules": {"daily": {"pipeline": "processing", "expression": "rate(1 day)"}},
        "alarms": {"actions": [f"{TOPICS}ml-alerts"]},
        "role_permissions_boundary_arn": BOUNDARY,
    },
}


@dataclass(frozen=True)
class Example:
    """An example, by what its names begin with, and the requests of each phase."""

    names: str
    role_path: str
    requests: Mapping[str, list[Request]]

    def policy(self, document: str) -> Policy:
        """The document's policy with the example's names."""
        own = document.replace("ml-platform-staging", self.names)
        return Policy.parse(own.replace(":role/", f":role{self.role_path}"))


def requests(call: Call, role_path: str) -> Iterator[Request]:
    """What AWS asks IAM at a call."""
    action, body = f"{call.service}:{call.operation}", call.body
    resource = "*"
    if call.service == "iam":
        resource = f"{ROLES.removesuffix('/')}{role_path}{body['RoleName']}"
    elif call.service in ARNS:
        arn = body.get("ResourceArn") or body.get("ResourceARN")
        resource = arn or ARNS[call.service] + named(call)
    elif action == "ec2:DescribeVpcAttribute":
        resource = f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/{body['VpcId']}"
    yield Request(action, resource)
    if body.get("Tags") and action in TAGS:
        yield Request(TAGS[action], resource)
    for holder in (body, *body.get("Targets", ()), body.get("Target", {})):
        if "RoleArn" in holder:
            service = {"iam:PassedToService": f"{call.service}.amazonaws.com"}
            yield Request("iam:PassRole", holder["RoleArn"], service)


def named(call: Call) -> str:
    """The end of the ARN of what a call is about."""
    body = call.body
    if call.service == "scheduler" and call.operation.endswith("Group"):
        return f"schedule-group/{body['Name']}"
    if call.service == "scheduler":
        return f"schedule/{body['GroupName']}/{body['Name']}"
    if "AlarmNames" in body:
        return str(body["AlarmNames"][0])
    names = ("PipelineName", "Rule", "AlarmName", "Name")
    return str(next(body[name] for name in names if name in body))


@pytest.fixture(scope="module")
def examples(example_root: Callable[[str], Root], aws: EmulatedAWS) -> dict[str, Example]:
    """Both examples, from the first plan to destroy."""

    def recorded(command: Callable[[], Any], role_path: str) -> list[Request]:
        aws.calls.clear()
        command()
        found = [request for call in aws.calls for request in requests(call, role_path)]
        return [request for request in found if request.action not in FREE]

    found = {}
    for name, names, role_path in (
        ("complete", "demand-forecast-prod", "/ml/"),
        ("both-pipelines", "ml-platform-staging", "/"),
    ):
        root = example_root(name)
        override = root.directory / "change_override.tf.json"
        phases = {}
        try:
            phases["plan"] = recorded(root.plan, role_path)
            phases["apply"] = recorded(root.apply, role_path)
            phases["plan"] += recorded(root.plan, role_path)
            drift(aws, f"{names}-training-job-us-east-1")
            override.write_text(json.dumps({"module": {"sagemaker_pipelines": CHANGES[name]}}))
            phases["change"] = recorded(root.apply, role_path)
        finally:
            phases["destroy"] = recorded(root.destroy, role_path)
            override.unlink(missing_ok=True)
        found[name] = Example(names, role_path, phases)
    return found


def drift(aws: EmulatedAWS, role: str) -> None:
    """Somebody changes a role by hand, and Terraform puts it right.

    The same calls as when a version of the module has another trust or description.
    """
    iam = aws.client("iam", behind=True)
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Sid"] = "Clicked"
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    iam.update_role_description(RoleName=role, Description="clicked")


def test_table_lists_what_each_phase_needs(examples: dict[str, Example]) -> None:
    called = {
        phase: {
            request.action for example in examples.values() for request in example.requests[phase]
        }
        for phase in ("plan", "apply", "destroy", "change")
    }
    said = [set(codes(cells[1])) for cells in rows(DOCUMENT, "Phase")]
    assert len(said) == len(called)
    earlier: set[str] = set()
    wrong = {}
    for listed, (phase, actions) in zip(said, called.items(), strict=True):
        needed = actions - (called["plan"] if phase == "destroy" else earlier)
        if listed != needed:
            wrong[phase] = {"missing": needed - listed, "not called": listed - needed}
        earlier |= actions
    assert wrong == {}


def test_policy_allows_every_call(examples: dict[str, Example]) -> None:
    for name, example in examples.items():
        policy = example.policy(POLICY)
        refused = {
            f"{request.action} on {request.resource}"
            for phase in example.requests.values()
            for request in phase
            if not allowed([policy], request)
        }
        assert refused == set(), name


def test_policy_allows_nothing_that_no_call_needs(examples: dict[str, Example]) -> None:
    called = {
        request.action
        for example in examples.values()
        for phase in example.requests.values()
        for request in phase
    }
    statements = Policy.parse(POLICY).statements
    assert sorted({action for each in statements for action in each.actions}) == sorted(called)


def test_policy_is_for_the_names_of_one_call(examples: dict[str, Example]) -> None:
    example = examples["both-pipelines"]
    policy = example.policy(POLICY)
    changing = [request for phase in example.requests.values() for request in phase]
    others = [
        replace(request, resource=request.resource.replace(example.names, "other-team-staging"))
        for request in changing
        if example.names in request.resource
    ]
    assert {request.action.partition(":")[0] for request in others} == {
        "cloudwatch",
        "events",
        "iam",
        "sagemaker",
        "scheduler",
    }
    assert [request for request in others if allowed([policy], request)] == []


def test_roles_are_passed_to_the_services_that_need_them(examples: dict[str, Example]) -> None:
    for example in examples.values():
        roles = f"{ROLES.removesuffix('/')}{example.role_path}{example.names}-training"
        passed = {
            (kind, service)
            for kind in ("job", "pipeline", "schedule")
            for service in ("sagemaker", "events", "scheduler", "ec2", "lambda")
            if allowed(
                [example.policy(POLICY)],
                Request(
                    "iam:PassRole",
                    f"{roles}-{kind}-us-east-1",
                    {"iam:PassedToService": f"{service}.amazonaws.com"},
                ),
            )
        }
        assert passed == {
            ("pipeline", "sagemaker"),
            ("schedule", "events"),
            ("schedule", "scheduler"),
        }


def test_limit_asks_for_the_boundary(examples: dict[str, Example]) -> None:
    example = examples["complete"]
    policies = [example.policy(POLICY), example.policy(LIMIT)]
    apply = example.requests["apply"]
    with_boundary = [
        replace(request, context=dict(request.context) | {"iam:PermissionsBoundary": BOUNDARY})
        for request in apply
    ]
    assert all(allowed(policies, request) for request in with_boundary)
    refused = {request.action for request in apply if not allowed(policies, request)}
    assert refused == {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"}
    taken_away = [
        replace(request, context={"iam:PermissionsBoundary": BOUNDARY})
        for request in example.requests["change"]
        if request.action == "iam:DeleteRolePermissionsBoundary"
    ]
    assert taken_away
    assert not any(allowed(policies, request) for request in taken_away)


@pytest.mark.parametrize("document", [POLICY, LIMIT], ids=["policy", "limit"])
def test_policies_are_ones_that_iam_understands(document: str) -> None:
    assert lint(document) == []
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert Policy.parse(document).size <= 6144
