"""Roles at work: whether a service may assume one, and what it may do then.

Decides by the policies that the account holds: trust, inline and managed policies, the
permissions boundary, and the policies of the resources that are asked for
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from emulated_aws.runtime import account
from policy_evaluation.evaluator import Decision, Policy, Request, allowed

parse = lru_cache(maxsize=None)(Policy.parse)

Context = Mapping[str, str | Sequence[str]]


class AccessDenied(Exception):
    """A request was denied; in the words of IAM."""


@dataclass
class Authorization:
    """Decides, and keeps the decisions.

    Attributes:
        denied: the messages of all requests that were denied.
        allowed: the requests of each role, by its name.
        used: how often each statement of a role allowed something, by the role's name and the
            statement's Sid or place.
    """

    denied: list[str] = field(default_factory=list)
    allowed: defaultdict[str, list[Request]] = field(default_factory=lambda: defaultdict(list))
    used: Counter[tuple[str, str]] = field(default_factory=Counter)

    def assume(self, role_arn: str, service: str, source_arn: str) -> Session:
        """Let a service assume a role for one of its resources.

        Args:
            role_arn: of the role.
            service: such as "sagemaker".
            source_arn: of the resource: what the service sends as aws:SourceArn.

        Raises:
            AccessDenied: the role does not exist, or does not trust the service.
        """
        action, principal = "sts:AssumeRole", f"{service}.amazonaws.com"
        role = account.role(role_arn)
        if role is None:
            raise self.deny(f"The role {role_arn} does not exist.")
        context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
        trust = parse(role.trust)
        if not allowed([trust], Request(action, context=context, principal=principal)):
            raise self.deny(
                f"The role {role_arn} does not let {principal} assume it for {source_arn}: its "
                "trust policy does not allow that.",
            )
        return Session(self, role, service, source_arn.split(":")[3])

    def by_service(self, service: str, action: str, resource: str, source_arn: str) -> None:
        """Let a service itself do something, which only the resource's policy can allow.

        Args:
            service: such as "events".
            action: such as "sqs:SendMessage".
            resource: ARN of a queue or topic.
            source_arn: aws:SourceArn, but for topics that EventBridge publishes to: their policies
                cannot have conditions
                (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).

        Raises:
            AccessDenied: the policy does not allow it.
        """
        principal = f"{service}.amazonaws.com"
        context = {}
        if (service, action) != ("events", "sns:Publish"):
            context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
            context["aws:SecureTransport"] = "true"
        policy = account.resource_policy(resource)
        if not policy and service == "cloudwatch":
            return  # the policy that SNS gives each topic lets in what acts for the account
        request = Request(action, resource, context, principal)
        if not policy or not allowed([parse(policy)], request):
            raise self.deny(
                f"{principal} is not authorized to perform: {action} on resource: {resource} "
                "because no resource-based policy allows it",
            )

    def deny(self, message: str) -> AccessDenied:
        """Keep a denial, and make the exception for it."""
        self.denied.append(message)
        return AccessDenied(message)


@dataclass(frozen=True)
class Session:
    """A role that a service has assumed.

    Attributes:
        role: that was assumed.
        service: that assumed it, such as "sagemaker".
        region: where it does its work.
    """

    authorization: Authorization
    role: account.Role
    service: str
    region: str

    def require(self, action: str, resource: str = "*", context: Context | None = None) -> None:
        """Do something, as far as IAM is concerned.

        Args:
            action: such as "s3:GetObject".
            resource: its ARN; "*" for actions without a resource.
            context: condition keys of the request, such as "s3:prefix".

        Raises:
            AccessDenied: the role may not.
        """
        own = {
            "aws:PrincipalAccount": self.role.arn.split(":")[4],
            "aws:PrincipalArn": self.role.arn,
            "aws:RequestedRegion": self.region,
            "aws:SecureTransport": "true",
        }
        request = Request(action, resource, {**own, **(context or {})}, self.role.arn)
        by_role = allowed([parse(text) for text in self.role.policies.values()], request)
        by_resource = _by_resource(request)
        boundary = self.role.boundary
        by_boundary = allowed([parse(boundary)], request) if boundary else Decision("allowed")
        if why := _why(request, by_role, by_resource, by_boundary):
            raise self.authorization.deny(
                f"User: {self._arn} is not authorized to perform: {action} on resource: "
                f"{resource} {why}",
            )
        self.authorization.allowed[self.role.name].append(request)
        for statement in by_role.by:
            self.authorization.used[self.role.name, statement] += 1

    @property
    def _arn(self) -> str:
        _, partition, _, _, number, _ = self.role.arn.split(":", 5)
        return f"arn:{partition}:sts::{number}:assumed-role/{self.role.name}/{self.service}"


def _by_resource(request: Request) -> Decision | None:
    """What the policy of the resource says to a role of its account; None without a policy.

    A statement for the account allows a role nothing: it lets IAM decide.
    """
    text = None if request.resource == "*" else account.resource_policy(request.resource)
    if text is None:
        return None
    named = {"*", request.principal}
    statements = tuple(
        statement
        for statement in parse(text).statements
        if statement.effect == "Deny" or named & set(statement.principals or ())
    )
    decision = allowed([Policy(statements)], request)
    if request.action.startswith("kms:") and not allowed([parse(text)], request):
        return Decision("explicitly denied")  # without its policy, IAM decides nothing about a key
    return decision


def _why(request: Request, role: Decision, resource: Decision | None, boundary: Decision) -> str:
    """Why a request is denied; "" when it is allowed."""
    named = {
        "an identity-based policy": role,
        "a resource-based policy": resource,
        "a permissions boundary": boundary,
    }
    for name, decision in named.items():
        if decision is not None and decision.verdict == "explicitly denied":
            return f"with an explicit deny in {name}"
    if not role and not resource:
        return f"because no identity-based policy allows the {request.action} action"
    if not boundary:
        return f"because no permissions boundary allows the {request.action} action"
    return ""
