"""The IAM evaluator decides as AWS documents, and its lint fires.

Pages named as sources lie under https://docs.aws.amazon.com/IAM/latest/UserGuide/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from policy_evaluation.evaluator import Decision, Policy, Request, UnsupportedPolicy, allowed
from policy_evaluation.lint import lint

Context = Mapping[str, "str | list[str]"]
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs"


def document(*statements: Mapping[str, Any], **statement: Any) -> dict[str, Any]:
    """One policy of the statements, each an Allow unless it says otherwise."""
    every = statements or (statement,)
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in every]}


def decide(request: Request, **statement: Any) -> Decision:
    """Decide a request by a policy of one statement."""
    return allowed([Policy.parse(document(**statement))], request)


# --- Actions and resources ---


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:GetObject", "s3:GetObjectVersion", False),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:*", "sagemaker:AddTags", False),
        ("*", "sagemaker:AddTags", True),
    ],
)
def test_actions_are_case_insensitive_globs(pattern: str, action: str, expected: bool) -> None:
    """Source: reference_policies_elements_action.html."""
    assert bool(decide(Request(action), Action=pattern, Resource="*")) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("arn:aws:s3:::b/models/*", "arn:aws:s3:::b/models/a/b:c", True),
        ("arn:aws:s3:::b/models/*", "arn:aws:s3:::b/models-old/a", False),
        ("arn:aws:s3:::b/models/*", "arn:aws:s3:::b/Models/a", False),
        ("arn:aws:s3:::b/models/*", "arn:aws:s3:::b/models", False),
        ("arn:aws:s3:::b/a?", "arn:aws:s3:::b/ab", True),
        ("arn:aws:s3:::b/a?", "arn:aws:s3:::b/a", False),
        ("arn:aws:s3:::b/a.c", "arn:aws:s3:::b/abc", False),
        (f"{LOG_GROUP}:*", f"{LOG_GROUP}:log-stream:job/algo-1", True),
        (f"{LOG_GROUP}:*", LOG_GROUP, False),
        (LOG_GROUP, f"{LOG_GROUP}:log-stream:job/algo-1", False),
        ("arn:aws:ec2:*:1:subnet/s", "arn:aws:ec2:us-east-1:1:subnet/s", True),
        ("arn:aws:ec2:*:subnet/s:x", "arn:aws:ec2:us-east-1:1:subnet/s:x", False),
        ("*", "*", True),
        ("*", "arn:aws:s3:::b", True),
        ("arn:aws:s3:::*", "*", False),
    ],
)
def test_resources_are_case_sensitive_arns(pattern: str, resource: str, expected: bool) -> None:
    """A wildcard stays in its part of the ARN, but for the last part, which may hold colons.

    Source: reference_policies_elements_resource.html.
    """
    got = decide(Request("s3:GetObject", resource), Action="*", Resource=pattern)
    assert bool(got) is expected


# --- Conditions ---

DYNAMODB = ["PostDateTime", "Message", "Tags"]


@pytest.mark.parametrize(
    ("operator", "values", "context", "expected"),
    [
        ("StringEquals", "a", {"k:key": "a"}, True),
        ("StringEquals", "a", {"k:key": "A"}, False),
        ("StringEquals", "a*", {"k:key": "ab"}, False),
        ("StringEquals", ["a", "b"], {"k:key": "b"}, True),
        ("StringEquals", ["a", "b"], {"k:key": "c"}, False),
        ("StringEquals", "a", {"K:KEY": "a"}, True),
        ("StringEquals", "a", {}, False),
        ("StringEquals", "a", {"k:other": "a"}, False),
        ("StringEqualsIfExists", "a", {}, True),
        ("StringEqualsIfExists", "a", {"k:key": "b"}, False),
        ("StringNotEquals", "a", {"k:key": "b"}, True),
        ("StringNotEquals", ["a", "b"], {"k:key": "b"}, False),
        ("StringNotEquals", "a", {}, True),
        ("StringNotEqualsIfExists", "a", {}, True),
        ("StringLike", "home/*", {"k:key": "home/ann/x"}, True),
        ("StringLike", ["", "home/"], {"k:key": ""}, True),
        ("StringLike", "home/*", {"k:key": "home"}, False),
        ("StringLike", "home/*", {"k:key": "Home/"}, False),
        ("StringLikeIfExists", ["t1.*", "t2.*"], {}, True),
        ("StringLikeIfExists", ["t1.*", "t2.*"], {"k:key": "m5.large"}, False),
        ("Bool", "true", {"k:key": "true"}, True),
        ("Bool", True, {"k:key": "true"}, True),
        ("Bool", "true", {"k:key": "false"}, False),
        ("Bool", "false", {}, False),
        ("BoolIfExists", "true", {}, True),
        ("StringEqualsIgnoreCase", "Ann", {"k:key": "ANN"}, True),
        ("StringNotEqualsIgnoreCase", "Ann", {"k:key": "ANN"}, False),
        ("StringNotLike", "home/*", {"k:key": "home/ann"}, False),
        ("StringNotLike", "home/*", {}, True),
        ("ArnNotLike", "arn:aws:sns:*:1:t*", {"k:key": "arn:aws:sns:us-east-1:1:topic"}, False),
        ("ArnNotEquals", "arn:aws:sns:*:1:t*", {"k:key": "arn:aws:sns:us-east-1:2:topic"}, True),
        ("NumericEquals", "7", {"k:key": "7.0"}, True),
        ("NumericNotEquals", 7, {"k:key": "7"}, False),
        ("NumericLessThan", "10", {"k:key": "9"}, True),
        ("NumericLessThan", "10", {"k:key": "10"}, False),
        ("NumericLessThanEquals", 10, {"k:key": "10"}, True),
        ("NumericGreaterThan", "9", {"k:key": "10"}, True),
        ("NumericGreaterThan", "9", {}, False),
        ("NumericGreaterThanEquals", "9", {"k:key": "nine"}, False),
        ("NumericLessThanIfExists", "9", {}, True),
        ("Null", "true", {}, True),
        ("Null", "true", {"k:key": "a"}, False),
        ("Null", "false", {"k:key": "a"}, True),
        ("Null", False, {}, False),
        ("ArnLike", "arn:aws:sns:*:1:t*", {"k:key": "arn:aws:sns:us-east-1:1:topic"}, True),
        ("ArnEquals", "arn:aws:sns:*:1:t*", {"k:key": "arn:aws:sns:us-east-1:1:topic"}, True),
        ("ArnEquals", "arn:aws:sns:us-east-1:1:t", {"k:key": "arn:aws:sns:us-east-1:1:T"}, False),
        ("ArnLike", "arn:aws:sns:*:1:t", {"k:key": "sns"}, False),
        ("ArnLike", "arn:aws:sns:*:1:t", {"k:key": "arn:aws:sns"}, False),
        ("ArnLike", "arn:aws:sns:*:1:t", {}, False),
        ("ForAllValues:StringLike", DYNAMODB, {"k:key": ["PostDateTime", "Tags"]}, True),
        ("ForAllValues:StringLike", DYNAMODB, {"k:key": ["PostDateTime", "UserName"]}, False),
        ("ForAllValues:StringEquals", "a", {}, True),
        ("ForAllValues:StringEquals", "a", {"k:key": ""}, True),
        ("ForAllValues:StringEqualsIfExists", "a", {}, True),
        ("ForAllValues:StringNotEquals", ["a", "b"], {"k:key": ["c", "d"]}, True),
        ("ForAllValues:StringNotEquals", ["a", "b"], {"k:key": ["c", "a"]}, False),
        ("ForAnyValue:StringLike", ["ID", "Post*"], {"k:key": ["UserName", "PostDate"]}, True),
        ("ForAnyValue:StringLike", ["ID", "Post*"], {"k:key": ["UserName"]}, False),
        ("ForAnyValue:StringEquals", "a", {}, False),
        ("ForAnyValue:StringEquals", "", {"k:key": ""}, False),
        ("ForAnyValue:StringNotEquals", "a", {"k:key": ["a", "b"]}, True),
        ("ForAnyValue:StringNotEquals", "a", {"k:key": ["a"]}, False),
    ],
)
def test_condition(operator: str, values: Any, context: Context, expected: bool) -> None:
    """AWS's words on missing keys, sets and alternatives; the DynamoDB sets are its own example.

    Sources: reference_policies_elements_condition_operators.html,
    reference_policies_condition-single-vs-multi-valued-context-keys.html,
    reference_policies_condition-logic-multiple-context-keys-or-values.html.
    """
    request = Request("s3:GetObject", context=context)
    got = decide(request, Action="*", Resource="*", Condition={operator: {"k:key": values}})
    assert bool(got) is expected


@pytest.mark.parametrize(("operator", "expected"), [("StringLike", True), ("ArnLike", False)])
def test_arn_operators_compare_part_by_part(operator: str, expected: bool) -> None:
    """AWS's own example, reference_policies_elements_condition_operators.html."""
    source = (
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    )
    got = decide(
        Request("sqs:SendMessage", context={"aws:SourceArn": source}),
        Action="*",
        Resource="*",
        Condition={operator: {"aws:SourceArn": "arn:aws:someservice:*:111122223333:finance/*"}},
    )
    assert bool(got) is expected


def test_all_keys_and_operators_must_hold() -> None:
    """Source: reference_policies_condition-logic-multiple-context-keys-or-values.html."""
    conditions = {"StringEquals": {"k:a": "1", "k:b": "2"}, "Bool": {"k:c": "true"}}
    context = {"k:a": "1", "k:b": "2", "k:c": "true"}
    statement = {"Action": "*", "Resource": "*", "Condition": conditions}
    assert decide(Request("s3:GetObject", context=context), **statement)
    for key in context:
        assert not decide(Request("s3:GetObject", context=context | {key: "x"}), **statement), key


def test_multivalued_key_without_set_operator_is_an_error() -> None:
    request = Request("s3:GetObject", context={"aws:TagKeys": ["a", "b"]})
    with pytest.raises(ValueError, match=r"aws:TagKeys has the values .*ForAnyValue"):
        decide(request, Action="*", Resource="*", Condition={"StringEquals": {"aws:TagKeys": "a"}})


# --- Decisions over several statements and policies ---


def test_deny_wins_and_nothing_is_allowed_by_itself() -> None:
    """Source: reference_policies_evaluation-logic.html."""
    allow = document(Sid="Read", Action="s3:Get*", Resource="*")
    again = document(Action="s3:GetObject", Resource="*")
    deny = document(Sid="NotThis", Effect="Deny", Action="s3:*", Resource="arn:aws:s3:::b/secret")
    policies = [Policy.parse(each) for each in (allow, again, deny)]

    def verdict(action: str, key: str) -> Decision:
        return allowed(policies, Request(action, f"arn:aws:s3:::b/{key}"))

    assert verdict("s3:GetObject", "x") == Decision("allowed", ("Read", "statement 0"))
    assert verdict("s3:GetObject", "secret") == Decision("explicitly denied", ("NotThis",))
    assert verdict("s3:PutObject", "x") == Decision("implicitly denied")
    assert [bool(verdict("s3:GetObject", key)) for key in ("x", "secret")] == [True, False]
    assert str(verdict("s3:GetObject", "secret")) == "explicitly denied by NotThis"


@pytest.mark.parametrize(
    ("principal", "asking", "expected"),
    [
        ({"Service": "sagemaker.amazonaws.com"}, "sagemaker.amazonaws.com", True),
        ({"Service": ["a.amazonaws.com", "b.amazonaws.com"]}, "b.amazonaws.com", True),
        ({"Service": "sagemaker.amazonaws.com"}, "events.amazonaws.com", False),
        ({"Service": "sagemaker.amazonaws.com"}, "arn:aws:iam::123456789012:role/x", False),
        ({"AWS": "arn:aws:iam::123456789012:role/x"}, "arn:aws:iam::123456789012:role/x", True),
        ({"AWS": "arn:aws:iam::123456789012:role/x"}, "arn:aws:iam::123456789012:role/y", False),
        ({"AWS": "123456789012"}, "arn:aws:sts::123456789012:assumed-role/x/s", True),
        ({"AWS": "arn:aws:iam::123456789012:root"}, "arn:aws:iam::123456789012:user/y", True),
        ({"AWS": "arn:aws:iam::123456789012:root"}, "arn:aws:iam::999999999999:user/y", False),
        ({"AWS": "*"}, "arn:aws:iam::999999999999:user/y", True),
        ("*", "sagemaker.amazonaws.com", True),
    ],
)
def test_principals(principal: Any, asking: str, expected: bool) -> None:
    """Source: reference_policies_elements_principal.html."""
    request = Request("sts:AssumeRole", "arn:aws:iam::123456789012:role/r", principal=asking)
    assert bool(decide(request, Principal=principal, Action="sts:AssumeRole")) is expected


def test_trust_policy_needs_to_know_who_asks() -> None:
    with pytest.raises(ValueError, match="must say who asks"):
        decide(Request("sts:AssumeRole"), Principal="*", Action="sts:AssumeRole")


@pytest.mark.parametrize("action", ["GetObject", "s3:Get*", "*", "s3:"])
def test_request_has_one_action(action: str) -> None:
    with pytest.raises(ValueError, match="one action"):
        Request(action)


# --- What is not known is refused ---

READ = {"Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (document(**READ, Condition={"DateLessThan": {"k": "1"}}), "DateLessThan is not supported"),
        (document(**READ, Condition={"NumericEquals": {"k": "one"}}), "are no numbers"),
        (document(**READ, Condition={"StringEquals ": {"k": "1"}}), "is not supported"),
        (document(**READ, Condition={"ForAnyValue:BoolIfExists": {"k": "true"}}), "ambiguous"),
        (document(**READ, Condition={"ArnLike": {"aws:SourceArn": "sns"}}), "neither an ARN nor"),
        (document(**READ, Condition={"StringEquals": {"k": []}}), "neither a string nor a list"),
        (document(**READ, Condition={"StringEquals": {"k": "${aws:username}"}}), "variable"),
        (document(Action="s3:GetObject", Resource="arn:aws:s3:::b/${aws:userid}"), "variable"),
        (document(Action="s3:GetObject", Resource=[]), "Resource: .* neither a string nor a list"),
        (document(Action=[], Resource="*"), "Action: .* neither a string nor a list"),
        (document(Action="s3:GetObject"), "no Resource"),
        (document(Resource="*"), "no Action"),
        (document(**READ, NotAction="s3:PutObject"), "NotAction is not supported"),
        (document(Action="GetObject", Resource="*"), "is no action"),
        (document(Action="s3*:GetObject", Resource="*"), "is no action"),
        (document(Action="s3:GetObject", Resource="bucket/key"), "neither an ARN nor"),
        (document(**READ, Effect="allow"), "Effect is 'allow'"),
        (document(**READ, Conditions={}), "Conditions is not supported"),
        (document(**READ, NotPrincipal="*"), "NotPrincipal is not supported"),
        (document(**READ, Principal={"Federated": "x"}), "Federated.* is not supported"),
        (document(**READ, Principal={"Service": "*.amazonaws.com"}), "no wildcard in the princip"),
        ({"Version": "2024-10-17", "Statement": [READ]}, "Version is '2024-10-17'"),
        ({"Version": "2012-10-17", "Statement": []}, "no Statement"),
        ({"Version": "2012-10-17", "Statement": ["x"]}, "is no object"),
        ({"Version": "2012-10-17", "Statements": []}, "no object of Version and Statement"),
        ("{", "no JSON"),
        ('{"Version": "2012-10-17", "Version": "2012-10-17"}', "occurs twice"),
    ],
)
def test_unknown_or_malformed_policy_is_refused(policy: Any, message: str) -> None:
    with pytest.raises(UnsupportedPolicy, match=message):
        Policy.parse(policy)
    assert len(lint(policy)) == 1


def test_size_counts_no_white_space() -> None:
    """Source: reference_iam-quotas.html."""
    spaced = '{ "Version": "2012-10-17",\n  "Statement": { "Effect": "Deny",\t"Action": "*",\n'
    spaced += '  "Resource": "*" } }'
    compact = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    assert Policy.parse(spaced).size == Policy.parse(compact).size == len(compact)


# --- Lint ---

SUBNET = "arn:aws:ec2:us-east-1:*:subnet/subnet-1"
INTERFACE = "arn:aws:ec2:us-east-1:123456789012:network-interface/*"
TRUST = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/models/*"},
        {"Action": "s3:GetObject", "Resource": "arn:aws-cn:s3:::b/*"},
        {
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::b",
            "Condition": {"StringLike": {"s3:prefix": "models/*"}},
        },
        {"Action": ["logs:CreateLogGroup"], "Resource": [LOG_GROUP, f"{LOG_GROUP}:*"]},
        {"Action": "logs:PutLogEvents", "Resource": f"{LOG_GROUP}:log-stream:*"},
        {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "x"}},
        },
        {
            "Action": ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
            "Resource": [INTERFACE, SUBNET],
        },
        {"Action": ["ec2:CreateNetworkInterface"], "Resource": "*"},
        {"Action": "kms:CreateGrant", "Resource": KEY, "Condition": FOR_AWS},
        {"Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/team/x-job"},
        {
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "ml"}},
        },
        {**TRUST, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}},
    ],
)
def test_lint_is_silent_on_a_good_statement(statement: dict[str, Any]) -> None:
    assert lint(document(statement)) == []


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ({"Action": "s3:GetObjects", "Resource": "*"}, "s3:GetObjects is no action"),
        ({"Action": "s4:GetObject", "Resource": "*"}, "s4:GetObject is no action"),
        ({"Action": "s3:Gut*", "Resource": "*"}, "s3:Gut* is no action"),
        ({"Action": "*", "Resource": KEY}, "* means everything"),
        ({"Action": "kms:*", "Resource": KEY}, "kms:* means everything"),
        ({"NotAction": "kms:Decrypt", "Resource": KEY}, "NotAction"),
        ({"Action": "kms:Decrypt", "NotResource": KEY}, "NotResource"),
        ({"Action": "kms:Decrypt", "Resource": "*"}, 'kms:Decrypt is granted on "*"'),
        ({"Action": "kms:Decrypt", "Resource": KEY.replace("key/", "alias/")}, "of type key"),
        ({"Action": "kms:Decrypt", "Resource": KEY.replace("123456789012", "")}, "of type key"),
        ({"Action": "kms:Decrypt", "Resource": KEY.replace("us-east-1", "east")}, "of type key"),
        ({"Action": "kms:Decrypt", "Resource": KEY.replace("arn:aws", "arn:AWS")}, "of type key"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:us-east-1::b/*"}, "or object"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}, "or object"),
        ({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b/models/*"}, "or bucket"),
        ({"Action": "logs:PutLogEvents", "Resource": LOG_GROUP}, "of type log-stream"),
        ({"Action": "ec2:CreateNetworkInterface", "Resource": INTERFACE}, "of type subnet"),
        ({"Action": "ecr:GetAuthorizationToken", "Resource": KEY}, 'works on "*" only'),
        (
            {"Action": "kms:Decrypt", "Resource": [KEY, "arn:aws:s3:::b"]},
            "arn:aws:s3:::b is a resource of none",
        ),
        (
            {
                "Action": ["kms:CreateGrant", "kms:DescribeKey"],
                "Resource": KEY,
                "Condition": FOR_AWS,
            },
            "kms:DescribeKey has no condition key kms:GrantIsForAWSResource",
        ),
        (
            {**TRUST, "Condition": {"StringEquals": {"aws:SourceAcount": "1"}}},
            "sts:AssumeRole has no condition key aws:SourceAcount",
        ),
        ({"Sid": "Use-Key", "Action": "kms:Decrypt", "Resource": KEY}, "letters and digits only"),
    ],
)
def test_lint_fires(statement: dict[str, Any], finding: str) -> None:
    findings = lint(document(statement))
    assert any(finding in each for each in findings), f"got {findings}, expected {finding!r}"


def test_lint_finds_duplicate_sids() -> None:
    use = {"Sid": "UseKey", "Action": "kms:Decrypt", "Resource": KEY}
    assert lint(document(use, use)) == ["UseKey: 2 statements have this Sid"]
