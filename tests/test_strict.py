"""What AWS refuses and moto alone accepts: emulated AWS refuses it in AWS's way.

Requests go through boto3 with its own validation off. Each is sent twice: first with the strict
layer, then without, which shows that moto does not refuse it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError
from harness import shapes
from harness.emulator import EmulatedAWS
from harness.samples import (
    ACCOUNT,
    DEFINITION,
    LONG_READ,
    MANY_TAGS,
    PIPELINE_ARN,
    PIPELINE_ROLE,
    QUEUE,
    RESERVED_TAGS,
    SCHEDULE_ROLE,
    TAGS,
    TRAINING,
    TRUST,
    Request,
    changed,
    create_pipeline,
    create_policy,
    create_role,
    policy,
    put_role_policy,
    put_rule,
    put_targets,
    trust,
    update_pipeline,
    with_parameters,
    without,
)

INVALID = "ValidationException"
MALFORMED = "MalformedPolicyDocument"
UNPARSABLE = "Unable to parse pipeline definition."
PATTERN = "failed to satisfy constraint: Member must satisfy regular expression pattern"
ENUM = "failed to satisfy constraint: Member must satisfy enum value set"
SCHEDULE = "Parameter ScheduleExpression is not valid."
RETRY = ("Steps", 0, "RetryPolicies", 0)
RESOURCES = ("Steps", 0, "Arguments", "ResourceConfig")

REFUSED: list[tuple[Request, str, str]] = [
    # SageMaker: the request
    (create_pipeline(PipelineName="a" * 83), INVALID, "length less than or equal to 82"),
    (create_pipeline(PipelineName="under_score"), INVALID, f"at 'pipelineName' {PATTERN}"),
    (create_pipeline(PipelineName="trailing-"), INVALID, f"at 'pipelineName' {PATTERN}"),
    (create_pipeline(PipelineDisplayName="a b"), INVALID, f"at 'pipelineDisplayName' {PATTERN}"),
    (create_pipeline(PipelineDescription="x" * 3073), INVALID, "less than or equal to 3072"),
    (create_pipeline(ClientRequestToken="short"), INVALID, "at 'clientRequestToken' failed"),
    (create_pipeline(RoleArn="pipeline"), INVALID, f"at 'roleArn' {PATTERN}"),
    (create_pipeline(RoleArn=f"{PIPELINE_ROLE}-2"), INVALID, "Could not assume role"),
    (create_pipeline(RoleArn=SCHEDULE_ROLE), INVALID, "principal 'sagemaker.amazonaws.com'"),
    (
        create_pipeline(ParallelismConfiguration={"MaxParallelExecutionSteps": 0}),
        INVALID,
        "at 'parallelismConfiguration.maxParallelExecutionSteps' failed",
    ),
    (
        create_pipeline(ParallelismConfiguration={}),
        INVALID,
        "maxParallelExecutionSteps' failed to satisfy constraint: Member must not be null",
    ),
    (create_pipeline(Tags=RESERVED_TAGS), INVALID, "aws: prefixed tag key names"),
    (create_pipeline(Tags=MANY_TAGS), INVALID, "at 'tags' failed"),
    (create_pipeline(Tags=TAGS * 2), INVALID, "Duplicate tag keys"),
    (create_pipeline(Tags=[{"Key": "a", "Value": "b#"}]), INVALID, "at 'tags.1.member.value'"),
    (create_pipeline(Tags=[{"Key": "a" * 129, "Value": ""}]), INVALID, "at 'tags.1.member.key'"),
    (
        Request("sagemaker", "add_tags", {"ResourceArn": PIPELINE_ARN, "Tags": RESERVED_TAGS}),
        INVALID,
        "aws: prefixed tag key names",
    ),
    (
        Request("sagemaker", "add_tags", {"ResourceArn": PIPELINE_ARN, "Tags": MANY_TAGS}),
        INVALID,
        "at 'tags' failed",
    ),
    (
        Request(
            "sagemaker",
            "start_pipeline_execution",
            {
                "PipelineName": "there",
                "ClientRequestToken": "0123456789012345678901234567890123",
                "PipelineParameters": [{"Name": "Undeclared", "Value": "1"}],
            },
        ),
        INVALID,
        "Undeclared is not declared",
    ),
    # SageMaker: the definition; test_definition has them all
    (create_pipeline(PipelineDefinition="{"), INVALID, UNPARSABLE),
    (create_pipeline(PipelineDefinition="x" * 1_048_577), INVALID, "equal to 1048576"),
    (
        create_pipeline(PipelineDefinition=changed(TRAINING, ("Parameters", 0), None)),
        INVALID,
        f"{UNPARSABLE} $.Parameters[0]: got nothing, expected no null",
    ),
    (
        create_pipeline(PipelineDefinition=changed(TRAINING, (*RETRY, "ExpireAfterMin"), 5)),
        INVALID,
        "either MaxAttempts or ExpireAfterMin",
    ),
    (
        create_pipeline(
            PipelineDefinition=changed(TRAINING, ("Parameters", 3, "DefaultValue"), "1")
        ),
        INVALID,
        "a value of type Integer",
    ),
    (
        create_pipeline(
            PipelineDefinition=changed(
                TRAINING, (*RESOURCES, "InstanceType"), {"Get": "Parameters.Undeclared"}
            )
        ),
        INVALID,
        'got "Parameters.Undeclared"',
    ),
    (
        create_pipeline(
            PipelineDefinition=changed(TRAINING, (*RESOURCES, "InstanceType"), "ml.m5.huge")
        ),
        INVALID,
        "$.Steps[0].Arguments.ResourceConfig.InstanceType",
    ),
    (update_pipeline(PipelineDefinition="{}"), INVALID, UNPARSABLE),
    (update_pipeline(RoleArn=SCHEDULE_ROLE), INVALID, "Could not assume role"),
    (update_pipeline(PipelineDisplayName="trailing-"), INVALID, PATTERN),
    # EventBridge: rules
    (put_rule(Name="a b"), INVALID, f"at 'name' {PATTERN}"),
    (put_rule(Name="a" * 65), INVALID, "at 'name' failed"),
    (put_rule(State="On"), INVALID, f"at 'state' {ENUM}"),
    (put_rule(Description="x" * 513), INVALID, "at 'description' failed"),
    (put_rule(Tags=RESERVED_TAGS), INVALID, "aws: prefixed tag key names"),
    (put_rule(ScheduleExpression="cron(0 2 ? * SUN)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="cron(0 2 * * * *)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="cron(0 2 ? * ? *)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="cron(0 24 ? * SUN *)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="cron(0 2 ? * SUNDAY *)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="cron(0 2 32 * ? *)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="rate(1 days)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="rate(2 day)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression="rate(0 days)"), INVALID, SCHEDULE),
    (put_rule(EventPattern="{}"), "InvalidEventPatternException", "Event pattern is not valid"),
    # EventBridge: targets
    (put_targets(gone="RoleArn"), INVALID, f"RoleArn is required for target {PIPELINE_ARN}."),
    (put_targets(RoleArn=f"{SCHEDULE_ROLE}-2"), INVALID, "cannot be assumed by principal"),
    (put_targets(RoleArn=PIPELINE_ROLE), INVALID, "by principal 'events.amazonaws.com'"),
    (put_targets(Id="a b"), INVALID, f"at 'targets.1.member.id' {PATTERN}"),
    (put_targets(Id="a" * 65), INVALID, "at 'targets.1.member.id' failed"),
    (put_targets(**with_parameters(("Under_score", "x"))), INVALID, PATTERN),
    (put_targets(**with_parameters(("Empty", ""))), INVALID, "an empty value"),
    (put_targets(**with_parameters(("Twice", "x"), ("Twice", "y"))), INVALID, "not unique"),
    (put_targets(**with_parameters(("Long", "x" * 1025))), INVALID, "equal to 1024"),
    (
        put_targets(**with_parameters(*((f"P{number}", "x") for number in range(201)))),
        INVALID,
        "pipelineParameterList' failed",
    ),
    (
        put_targets(Arn=QUEUE, **with_parameters(("Name", "x"))),
        INVALID,
        "SageMakerPipelineParameters is not supported",
    ),
    (
        put_targets(RetryPolicy={"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 0}),
        INVALID,
        "at 'targets.1.member.retryPolicy.maximumEventAgeInSeconds' failed",
    ),
    (
        put_targets(RetryPolicy={"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 30}),
        INVALID,
        "value greater than or equal to 60",
    ),
    (
        put_targets(RetryPolicy={"MaximumRetryAttempts": 186, "MaximumEventAgeInSeconds": 60}),
        INVALID,
        "value less than or equal to 185",
    ),
    (put_targets(DeadLetterConfig={"Arn": f"{QUEUE}.fifo"}), INVALID, "must be a standard queue"),
    (
        put_targets(DeadLetterConfig={"Arn": QUEUE.replace("us-east-1", "eu-west-1")}),
        INVALID,
        "must be in us-east-1",
    ),
    (
        put_targets(DeadLetterConfig={"Arn": QUEUE.replace("sqs", "sns")}),
        INVALID,
        "not the ARN of an SQS queue",
    ),
    (put_targets(Input="{", gone="RetryPolicy"), INVALID, "JSON syntax error"),
    (put_targets(Input="{}", InputPath="$"), INVALID, "Only one of Input"),
    (
        put_targets(InputTransformer={"InputPathsMap": {"a": "$.a"}, "InputTemplate": '"<b>"'}),
        INVALID,
        "contains placeholder b",
    ),
    (put_targets(others=5), "LimitExceededException", "exceeds the maximum number"),
    # IAM: roles
    (create_role(RoleName="a" * 65), "ValidationError", "at 'roleName' failed"),
    (create_role(RoleName="a b"), "ValidationError", f"at 'roleName' {PATTERN}"),
    (create_role(Path="team"), "ValidationError", f"at 'path' {PATTERN}"),
    (create_role(Path="/team"), "ValidationError", f"at 'path' {PATTERN}"),
    (create_role(Description="x" * 1001), "ValidationError", "at 'description' failed"),
    (create_role(Description="a\u2013b"), "ValidationError", f"at 'description' {PATTERN}"),
    (create_role(MaxSessionDuration=60), "ValidationError", "at 'maxSessionDuration' failed"),
    (create_role(Tags=RESERVED_TAGS), "ValidationError", "aws: prefixed tag key names"),
    (create_role(Tags=[{"Key": "a", "Value": "b#"}]), "ValidationError", "at 'tags.1.member.value"),
    (
        create_role(PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/none"),
        "NoSuchEntity",
        "does not exist or is not attachable",
    ),
    # IAM: trust policies
    (create_role(AssumeRolePolicyDocument="{"), MALFORMED, "Syntax errors in policy."),
    (
        create_role(AssumeRolePolicyDocument=without(TRUST, "Version")),
        MALFORMED,
        "must be version 2012-10-17",
    ),
    (
        create_role(AssumeRolePolicyDocument=without(TRUST, "Effect")),
        MALFORMED,
        "Syntax errors in policy.",
    ),
    (
        create_role(AssumeRolePolicyDocument=without(TRUST, "Action")),
        MALFORMED,
        "Policy statement must contain actions.",
    ),
    (
        create_role(AssumeRolePolicyDocument=without(TRUST, "Principal")),
        MALFORMED,
        "Missing required field Principal",
    ),
    (
        create_role(AssumeRolePolicyDocument=trust("sagemaker.amazonaws.com", Resource="*")),
        MALFORMED,
        "Has prohibited field Resource.",
    ),
    (
        create_role(AssumeRolePolicyDocument=trust("sagemaker.amazonaws.com", Reason="mine")),
        MALFORMED,
        "Syntax errors in policy.",
    ),
    (
        create_role(
            AssumeRolePolicyDocument=trust(
                "sagemaker.amazonaws.com", Condition={"StringEqual": {"aws:SourceAccount": "1"}}
            )
        ),
        MALFORMED,
        "Syntax errors in policy.",
    ),
    (
        create_role(AssumeRolePolicyDocument=trust("sagemakr.amazonaws.com")),
        MALFORMED,
        'Invalid principal in policy: "SERVICE":"sagemakr.amazonaws.com"',
    ),
    (
        create_role(AssumeRolePolicyDocument=trust("sagemaker.amazonaws.com.example.com")),
        MALFORMED,
        "Invalid principal in policy",
    ),
    (
        create_role(
            AssumeRolePolicyDocument=policy(
                Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"}
            )
        ),
        MALFORMED,
        'Invalid principal in policy: "AWS":',
    ),
    (
        create_role(
            AssumeRolePolicyDocument=trust(
                "sagemaker.amazonaws.com",
                Condition={"ArnLike": {"aws:SourceArn": ["arn:aws:sagemaker:*" + "x" * 2048]}},
            )
        ),
        "LimitExceeded",
        "Cannot exceed quota for ACLSizePerRole: 2048",
    ),
    (
        Request(
            "iam",
            "update_assume_role_policy",
            {"RoleName": "pipeline", "PolicyDocument": trust("sagemakr.amazonaws.com")},
        ),
        MALFORMED,
        "Invalid principal in policy",
    ),
    # IAM: permissions
    (put_role_policy(PolicyName="a b"), "ValidationError", f"at 'policyName' {PATTERN}"),
    (
        put_role_policy(policy(Action="s3:GetObject", Resource="*", Principal="*")),
        MALFORMED,
        "should not specify a principal",
    ),
    (
        put_role_policy(policy(Sid="read-all", Action="s3:GetObject", Resource="*")),
        MALFORMED,
        "Statement IDs (SID) must be alpha-numeric",
    ),
    (
        put_role_policy(policy(Action="s3:GetObject", Resource=["arn:aws:s3:::" + "x" * 10240])),
        "LimitExceeded",
        "Maximum policy size of 10240 bytes exceeded for role pipeline",
    ),
    (
        create_policy(policy(Action="s3:GetObject", Resource=["arn:aws:s3:::" + "x" * 6144])),
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    ),
    # others
    (
        Request("logs", "create_log_group", {"logGroupName": "a b"}),
        "InvalidParameterException",
        f"at 'logGroupName' {PATTERN}",
    ),
    (
        Request("sqs", "create_queue", {"QueueName": "q", "Attributes": {"Retention": "60"}}),
        INVALID,
        ENUM,
    ),
]

GIVEN = [
    Request("iam", "create_role", {"RoleName": "pipeline", "AssumeRolePolicyDocument": TRUST}),
    Request(
        "iam",
        "create_role",
        {"RoleName": "schedule", "AssumeRolePolicyDocument": trust("events.amazonaws.com")},
    ),
    create_pipeline(PipelineName="there"),
    put_rule(Name="there"),
]

TAKEN = [
    create_pipeline(),
    create_pipeline(PipelineName="a" * 82, Tags=[{"Key": "Straße", "Value": ""}]),
    update_pipeline(PipelineDefinition=DEFINITION, RoleArn=PIPELINE_ROLE),
    update_pipeline(PipelineDescription="Trains every week."),
    Request("sagemaker", "describe_pipeline", {"PipelineName": "there"}),
    Request("sagemaker", "add_tags", {"ResourceArn": PIPELINE_ARN, "Tags": TAGS}),
    Request(
        "sagemaker",
        "start_pipeline_execution",
        {
            "PipelineName": "there",
            "ClientRequestToken": "0123456789012345678901234567890123",
            "PipelineParameters": [{"Name": "TrainingInstanceCount", "Value": "2"}],
        },
    ),
    *(
        put_rule(ScheduleExpression=expression)
        for expression in (
            "rate(1 minute)",
            "rate(12 hours)",
            "cron(0 2 ? * SUN *)",
            "cron(0/15 8-18 ? * MON-FRI *)",
            "cron(0 6 * * ? *)",
            "cron(0 6 L * ? *)",
            "cron(0 6 15W JAN,JUL ? 2027-2030)",
            "cron(30 6 ? * 2#1 *)",
            "cron(30 6 ? * 6L *)",
        )
    ),
    Request("events", "put_rule", {"Name": "p", "EventPattern": '{"source":["aws.sagemaker"]}'}),
    put_targets(**with_parameters(("TrainingInstanceCount", "2"), ("A-b", "x"))),
    put_targets(others=4),
    put_targets(
        InputTransformer={
            "InputPathsMap": {"status": "$.detail.status"},
            "InputTemplate": '"<status> <aws.events.rule-arn>"',
        }
    ),
    create_role(Path="/team/ml/", Description="Für SageMaker", MaxSessionDuration=3600),
    create_role(
        AssumeRolePolicyDocument=trust(
            "sagemaker.amazonaws.com",
            Sid="SageMaker",
            Condition={
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:*"},
            },
        ),
        PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess",
    ),
    create_role(
        AssumeRolePolicyDocument=policy(
            Action="sts:AssumeRole", Principal={"AWS": [PIPELINE_ROLE, "arn:aws:iam::1:root"]}
        )
    ),
    put_role_policy(),
    # white space does not count
    put_role_policy(LONG_READ.replace("{", "{" + " " * 4000)),
    create_policy(),
    Request("sqs", "create_queue", {"QueueName": "dead-letters", "tags": {"Team": "ml"}}),
    Request("sns", "create_topic", {"Name": "failures", "Tags": TAGS}),
    Request("kms", "create_key", {"Description": "jobs"}),
    Request("logs", "create_log_group", {"logGroupName": "/aws/sagemaker/TrainingJobs"}),
    Request("sts", "get_caller_identity", {}),
    Request("ecr", "describe_repositories", {}),
]


@pytest.fixture
def aws(double: EmulatedAWS) -> EmulatedAWS:
    """Emulated AWS with two roles, a pipeline and a rule."""
    double.reset()
    double.strict.enabled = True
    for request in GIVEN:
        request.send(double)
    return double


def name(value: Any) -> str:
    if isinstance(value, Request):
        return f"{value.service}-{value.operation}"
    return ""


def test_there_are_at_least_45_of_them() -> None:
    assert len({(repr(request), message) for request, _, message in REFUSED}) >= 45


@pytest.mark.parametrize(("request_", "code", "message"), REFUSED, ids=name)
def test_refuses_what_moto_accepts(
    aws: EmulatedAWS, request_: Request, code: str, message: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        request_.send(aws)
    error = refusal.value.response["Error"]
    assert error["Code"] == code
    assert message in error["Message"]
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404, 409)

    aws.strict.enabled = False
    answer = request_.send(aws)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200, "moto refuses it, too"


@pytest.mark.parametrize("request_", TAKEN, ids=name)
def test_takes_what_aws_takes(aws: EmulatedAWS, request_: Request) -> None:
    answer = request_.send(aws)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer.get("FailedEntryCount", 0) == 0


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("describe_pipeline", {"PipelineName": "gone"}),
        ("update_pipeline", {"PipelineName": "gone", "PipelineDescription": "x"}),
        ("delete_pipeline", {"PipelineName": "gone", "ClientRequestToken": "x" * 32}),
        ("start_pipeline_execution", {"PipelineName": "gone", "ClientRequestToken": "x" * 32}),
        ("list_pipeline_executions", {"PipelineName": "gone"}),
        ("list_tags", {"ResourceArn": PIPELINE_ARN.replace("there", "gone")}),
        ("add_tags", {"ResourceArn": PIPELINE_ARN.replace("there", "gone"), "Tags": TAGS}),
        ("delete_tags", {"ResourceArn": PIPELINE_ARN.replace("there", "gone"), "TagKeys": ["a"]}),
    ],
)
def test_says_as_aws_does_that_a_pipeline_is_gone(
    aws: EmulatedAWS, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refusal:
        Request("sagemaker", operation, parameters).send(aws)
    assert refusal.value.response["Error"]["Code"] == "ResourceNotFound"
    arn = PIPELINE_ARN.replace("there", "gone")
    assert refusal.value.response["Error"]["Message"] == f"Pipeline '{arn}' does not exist."


@pytest.mark.parametrize(
    ("service", "operation", "body", "code", "message"),
    [
        (
            "events",
            "PutRule",
            {"Name": "new", "ScheduleExpression": "rate(1 day)", "Stat": "DISABLED"},
            INVALID,
            "Value 'DISABLED' at 'stat' failed to satisfy constraint: Member must be one of: Name",
        ),
        (
            "events",
            "PutRule",
            {"Name": "new", "ScheduleExpression": "rate(1 day)", "Description": 5},
            "SerializationException",
            "5 at 'description': Member must be of type String",
        ),
        (
            "sagemaker",
            "UpdatePipeline",
            {"PipelineName": "there", "ParallelismConfiguration": {"MaxSteps": 1}},
            INVALID,
            "2 validation errors detected",
        ),
        (
            "sagemaker",
            "UpdatePipeline",
            {
                "PipelineName": "there",
                "ParallelismConfiguration": {"MaxParallelExecutionSteps": True},
            },
            "SerializationException",
            "Member must be of type Integer",
        ),
    ],
)
def test_refuses_what_boto3_cannot_send(
    aws: EmulatedAWS, service: str, operation: str, body: dict[str, Any], code: str, message: str
) -> None:
    target = {"events": "AWSEvents", "sagemaker": "SageMaker"}[service]
    scope = f"Credential=x/20260101/us-east-1/{service}/aws4_request"
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{target}.{operation}",
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=x",
    }

    def send() -> tuple[int, dict[str, Any]]:
        pool = urllib3.PoolManager()
        answer = pool.request("POST", aws.endpoint, body=json.dumps(body), headers=headers)
        return answer.status, answer.json()

    status, answer = send()
    assert (status, answer["__type"]) == (400, code)
    assert message in answer["message"]
    aws.strict.enabled = False
    assert send()[0] == 200, "moto refuses it, too"


def test_counts_inline_policies_of_a_role_together(aws: EmulatedAWS) -> None:
    put_role_policy(LONG_READ, PolicyName="first").send(aws)
    put_role_policy(LONG_READ, PolicyName="second").send(aws)
    put_role_policy(LONG_READ, PolicyName="second").send(aws)  # instead of the other
    with pytest.raises(ClientError, match="Maximum policy size of 10240 bytes exceeded"):
        put_role_policy(LONG_READ, PolicyName="third").send(aws)


def test_attaches_ten_policies_to_a_role(aws: EmulatedAWS) -> None:
    iam = aws.client("iam")
    arns = [
        create_policy(PolicyName=f"p{number}").send(aws)["Policy"]["Arn"] for number in range(11)
    ]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName="pipeline", PolicyArn=arn)
    iam.attach_role_policy(RoleName="pipeline", PolicyArn=arns[0])
    with pytest.raises(ClientError, match="Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName="pipeline", PolicyArn=arns[10])


def test_answers_a_creation_that_is_sent_again(aws: EmulatedAWS) -> None:
    first = create_pipeline().send(aws)
    assert create_pipeline().send(aws)["PipelineArn"] == first["PipelineArn"]
    with pytest.raises(ClientError, match="Pipeline names must be unique"):
        create_pipeline(ClientRequestToken="y" * 32).send(aws)
    with pytest.raises(ClientError, match="Pipeline names must be unique"):
        create_pipeline(PipelineName="there", ClientRequestToken="y" * 32).send(aws)


def test_a_role_that_trusts_everybody_but_no_service(aws: EmulatedAWS) -> None:
    anybody = policy(Action="sts:AssumeRole", Principal="*")
    create_role(RoleName="open", AssumeRolePolicyDocument=anybody).send(aws)
    with pytest.raises(ClientError, match="Could not assume role"):
        create_pipeline(RoleArn=PIPELINE_ROLE.replace("pipeline", "open")).send(aws)


def test_lets_everything_through_when_off(aws: EmulatedAWS) -> None:
    aws.strict.enabled = False
    assert create_pipeline(PipelineDefinition="{").send(aws)["PipelineArn"].endswith("/new")


@pytest.mark.parametrize(
    "service",
    ["cloudwatch", "ecr", "events", "iam", "kms", "logs", "sagemaker", "sns", "sqs", "sts"],
)
def test_patterns_of_the_service_models_compile(service: str) -> None:
    model = shapes.service_model(service)
    patterns = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names}
    for pattern in patterns - {None}:
        assert shapes.compile_pattern(pattern)


def test_patterns_mean_what_they_mean_in_java() -> None:
    assert not shapes.compile_pattern(r"[\w+=,.@-]+").fullmatch("ä")
    assert shapes.compile_pattern(r"[\p{L}]+").fullmatch("ä")
    assert shapes.compile_pattern(r"[\u0020-\uFFFD\uD800\uDC00-\uDBFF\uDFFF]").fullmatch("😀")
