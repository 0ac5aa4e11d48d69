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

from emulated_aws import shapes
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.samples import (
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
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"
ELSEWHERE = "arn:aws:sns:us-east-1:210987654321:alerts"
NO_STATEMENTS: list[Any] = [None, "x", [], ["x"], [[{}]]]
NOT_OURS = "Cross-account pass role is not allowed."


def with_statement(value: Any) -> str:
    """A policy document with ``value`` as its Statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": value})


def trust_of_size(characters: int) -> str:
    """A trust policy of so many characters, white space not counted."""
    document = trust("sagemaker.amazonaws.com", Condition={"StringLike": {"aws:SourceArn": "arn:"}})
    missing = characters - len(document.replace(" ", ""))
    return document.replace("arn:", "arn:" + "x" * missing)


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
    (create_pipeline(RoleArn=f"{PIPELINE_ROLE}\n"), INVALID, f"at 'roleArn' {PATTERN}"),
    (create_pipeline(RoleArn=PIPELINE_ROLE.replace(ACCOUNT, "210987654321")), INVALID, NOT_OURS),
    (create_pipeline(RoleArn=PIPELINE_ROLE.replace(":aws:", ":aws-cn:")), INVALID, NOT_OURS),
    (create_pipeline(PipelineDescription="a\nb"), INVALID, f"at 'pipelineDescription' {PATTERN}"),
    (
        create_pipeline(PipelineDefinition=DEFINITION.replace("ml-platform", "ml\u0085platform")),
        INVALID,
        f"at 'pipelineDefinition' {PATTERN}",
    ),
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
    # SageMaker: the definition; test_definition has them all
    (create_pipeline(PipelineDefinition="{"), INVALID, UNPARSABLE),
    (create_pipeline(PipelineDefinition="x" * 1_048_577), INVALID, "equal to 1048576"),
    (
        create_pipeline(PipelineDefinition=changed(TRAINING, ("Parameters", 0), None)),
        INVALID,
        f"{UNPARSABLE} $.Parameters[0]: got nothing, expected no null",
    ),
    (
        create_pipeline(
            PipelineName="a" * 82,
            PipelineDefinition=changed(
                TRAINING,
                ("Steps", 0, "Arguments", "OutputDataConfig", "S3OutputPath"),
                {
                    "Std:Join": {
                        "On": "/",
                        "Values": [
                            "s3://my-ml-bucket/" + "x" * 924,
                            {"Get": "Execution.PipelineName"},
                        ],
                    }
                },
            ),
        ),
        INVALID,
        "Member must have length less than or equal to 1024",
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
    (put_rule(ScheduleExpression="rate(1 days)"), INVALID, SCHEDULE),
    (put_rule(ScheduleExpression=f"cron(0 2{' ' * 241}* * ? *)"), INVALID, "equal to 256"),
    (put_rule(Tags=MANY_TAGS), INVALID, "at most 50 tags"),
    (put_rule(Tags=TAGS * 2), INVALID, "Duplicate tag keys"),
    (put_rule(EventPattern="{}"), "InvalidEventPatternException", "Event pattern is not valid"),
    # EventBridge: targets
    (put_targets(gone="RoleArn"), INVALID, f"RoleArn is required for target {PIPELINE_ARN}."),
    (put_targets(RoleArn=f"{SCHEDULE_ROLE}-2"), INVALID, "cannot be assumed by principal"),
    (put_targets(RoleArn=PIPELINE_ROLE), INVALID, "by principal 'events.amazonaws.com'"),
    (
        put_targets(RoleArn=SCHEDULE_ROLE.replace(ACCOUNT, "210987654321")),
        "AccessDeniedException",
        NOT_OURS,
    ),
    (
        put_targets(RoleArn=SCHEDULE_ROLE.replace(":aws:", ":aws-us-gov:")),
        "AccessDeniedException",
        NOT_OURS,
    ),
    (put_targets(Arn=ELSEWHERE, RoleArn=PIPELINE_ROLE), INVALID, "cannot be assumed by"),
    (
        put_targets(Arn=ELSEWHERE, gone="RoleArn"),
        INVALID,
        f"RoleArn is required for target {ELSEWHERE}",
    ),
    (
        put_targets(Arn=TOPIC.replace("us-east-1", "eu-west-1"), gone="RoleArn"),
        INVALID,
        "must be in us-east-1",
    ),
    (
        put_targets(Arn=PIPELINE_ARN.replace("us-east-1", "eu-west-1")),
        INVALID,
        "must be in us-east-1",
    ),
    (
        put_targets(Arn=TOPIC.replace(":aws:", ":aws-cn:"), gone="RoleArn"),
        INVALID,
        "must be in us-east-1",
    ),
    (
        put_targets(DeadLetterConfig={"Arn": QUEUE.replace(":aws:", ":aws-cn:")}),
        INVALID,
        "must be in us-east-1",
    ),
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
        Request(
            "iam",
            "update_assume_role_policy",
            {"RoleName": "pipeline", "PolicyDocument": trust("sagemakr.amazonaws.com")},
        ),
        MALFORMED,
        "Invalid principal in policy",
    ),
    *(
        (create_role(AssumeRolePolicyDocument=with_statement(broken)), MALFORMED, "Syntax errors")
        for broken in (*NO_STATEMENTS, [*json.loads(TRUST)["Statement"], 5])
    ),
    (create_role(AssumeRolePolicyDocument="[]"), MALFORMED, "Syntax errors"),
    (
        create_role(AssumeRolePolicyDocument=trust_of_size(2049)),
        "LimitExceeded",
        "Cannot exceed quota for ACLSizePerRole: 2048",
    ),
    *(
        (
            create_role(AssumeRolePolicyDocument=TRUST.replace(": ", f":{character}")),
            "ValidationError",
            f"at 'assumeRolePolicyDocument' {PATTERN}",
        )
        for character in "\x0b\x00\u0100\u2013"
    ),
    # IAM: permissions
    (
        put_role_policy(policy(Sid="all", Action="s3:GetObject", Resource="*").replace("all", "ł")),
        "ValidationError",
        f"at 'policyDocument' {PATTERN}",
    ),
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

#: The source ARNs with which SageMaker starts what the two roles of a pipeline are for.
SOURCES = [
    f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:{name}"
    for name in ("training-job/*", "pipeline/new", "pipeline/new/*")
]

TAKEN = [
    create_pipeline(),
    create_pipeline(Tags=[{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]),
    create_pipeline(Tags=MANY_TAGS[:50]),
    # characters are counted, neither bytes nor what a reader takes for one
    create_pipeline(PipelineDescription="\N{GRINNING FACE}" * 3072),
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
    put_rule(ScheduleExpression="rate(12 hours)"),
    put_rule(ScheduleExpression="cron(0 2 ? * SUN *)"),
    put_rule(ScheduleExpression=f"cron(0 2{' ' * 240}* * ? *)"),
    put_rule(Tags=[{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]),
    put_rule(Description="\N{GRINNING FACE}" * 512),
    Request("events", "put_rule", {"Name": "p", "EventPattern": '{"source":["aws.sagemaker"]}'}),
    put_targets(**with_parameters(("TrainingInstanceCount", "2"), ("A-b", "x"))),
    put_targets(others=4),
    put_targets(Arn=TOPIC, gone="RoleArn"),
    put_targets(Arn=ELSEWHERE),
    put_targets(Arn=f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/central"),
    put_targets(DeadLetterConfig={"Arn": QUEUE.replace(ACCOUNT, "210987654321")}),
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
        AssumeRolePolicyDocument=trust(
            "sagemaker.amazonaws.com", Condition={"ArnLike": {"aws:SourceArn": SOURCES}}
        )
    ),
    create_role(AssumeRolePolicyDocument=trust_of_size(2048)),
    create_role(AssumeRolePolicyDocument=with_statement(json.loads(TRUST)["Statement"][0])),
    create_role(AssumeRolePolicyDocument=json.dumps(json.loads(TRUST), indent="\r\n\t")),
    create_role(Tags=MANY_TAGS[:50]),
    put_role_policy(),
    put_role_policy(
        policy(Action="s3:GetObject", Resource="arn:aws:s3:::my-ml-bucket/Größe").replace(
            "\\u00f6", "ö"
        )
    ),
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


#: What moto, or the runtime in front of it, refuses as AWS does even without the strict layer;
#: that one may not get in the way of it.
REFUSED_BY_BOTH = [
    (
        create_pipeline(PipelineName="there", ClientRequestToken="y" * 32),
        INVALID,
        "must be unique within an AWS account and region. Pipeline with name (there) already",
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
    (put_targets(Arn="pipeline"), INVALID, "Provided Arn is not in correct format."),
    (create_role(RoleName="pipeline"), "EntityAlreadyExists", "Role with name pipeline already"),
    *(
        (request, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case in")
        for tags in (TAGS * 2, [*TAGS, {"Key": "team", "Value": ""}])
        for request in (
            create_role(Tags=tags),
            Request("iam", "tag_role", {"RoleName": "pipeline", "Tags": tags}),
        )
    ),
    *(
        (put_role_policy(with_statement(broken)), MALFORMED, "Syntax errors in policy.")
        for broken in NO_STATEMENTS
    ),
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


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("request_", "code", "message"), REFUSED_BY_BOTH, ids=name)
def test_refuses_what_moto_refuses(
    aws: EmulatedAWS, request_: Request, code: str, message: str, strict: bool
) -> None:
    aws.strict.enabled = strict
    with pytest.raises(ClientError) as refusal:
        request_.send(aws)
    error = refusal.value.response["Error"]
    assert error["Code"] == code
    assert message in error["Message"]


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


def test_inline_policies_may_fill_the_quota(aws: EmulatedAWS) -> None:
    def of_size(characters: int) -> str:
        missing = characters - len(policy(Action="s3:*", Resource="arn:aws:s3:::").replace(" ", ""))
        return policy(Action="s3:*", Resource="arn:aws:s3:::" + "x" * missing)

    put_role_policy(of_size(10_000), PolicyName="first").send(aws)
    put_role_policy(of_size(240), PolicyName="second").send(aws)
    with pytest.raises(ClientError, match="Maximum policy size of 10240 bytes exceeded"):
        put_role_policy(of_size(241), PolicyName="second").send(aws)


def test_what_is_put_again_replaces_the_first(aws: EmulatedAWS) -> None:
    for description in ("first", "second"):
        put_rule(Description=description).send(aws)
        put_targets(Input=json.dumps(description)).send(aws)
        put_role_policy(policy(Sid=description, Action="s3:*", Resource="*")).send(aws)
    events, iam = aws.client("events"), aws.client("iam")
    assert events.describe_rule(Name="new")["Description"] == "second"
    (target,) = events.list_targets_by_rule(Rule="there")["Targets"]
    assert target["Input"] == '"second"'
    assert iam.list_role_policies(RoleName="pipeline")["PolicyNames"] == ["new"]
    document = iam.get_role_policy(RoleName="pipeline", PolicyName="new")["PolicyDocument"]
    assert document["Statement"][0]["Sid"] == "second"


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
        create_pipeline(PipelineDescription="Another.").send(aws)
    with pytest.raises(ClientError, match="Pipeline names must be unique"):
        create_pipeline(PipelineName="there", ClientRequestToken="y" * 32).send(aws)


def test_a_token_is_that_of_one_pipeline(aws: EmulatedAWS) -> None:
    create_pipeline().send(aws)
    behind = aws.client("sagemaker", behind=True)
    behind.delete_pipeline(PipelineName="new", ClientRequestToken="x" * 32)
    behind.create_pipeline(**create_pipeline().parameters)
    with pytest.raises(ClientError, match="Pipeline names must be unique"):
        create_pipeline().send(aws)


@pytest.mark.parametrize("sources", [SOURCES, SOURCES[1:], SOURCES[0]], ids=["all", "two", "one"])
def test_a_role_that_trusts_sources(aws: EmulatedAWS, sources: list[str] | str) -> None:
    condition = {"ArnLike": {"aws:SourceArn": sources}}
    trusting = {
        service: trust(f"{service}.amazonaws.com", Condition=condition)
        for service in ("sagemaker", "events")
    }
    for service, document in trusting.items():
        create_role(RoleName=f"{service}-only", AssumeRolePolicyDocument=document).send(aws)
    role = f"arn:aws:iam::{ACCOUNT}:role"
    create_pipeline(RoleArn=f"{role}/sagemaker-only").send(aws)
    put_targets(RoleArn=f"{role}/events-only").send(aws)


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


@pytest.mark.parametrize("pattern", [".*", ".+", r"(https|s3)://([^/]+)/?(.*)"])
def test_a_dot_is_no_line_break(pattern: str) -> None:
    compiled = shapes.compile_pattern(pattern)
    assert compiled.fullmatch("s3://b/k\t\x0b\x0c")
    for line_break in "\n\r\u0085\u2028\u2029":
        assert not compiled.fullmatch(f"s3://b/k{line_break}l")
        assert not compiled.fullmatch(f"s3://b/k{line_break}")


def test_dots_that_are_no_wildcards() -> None:
    assert shapes.compile_pattern(r"[.\]]\.").fullmatch("..")
    assert not shapes.compile_pattern(r"[.\]]\.").fullmatch("a.")
    assert shapes.compile_pattern(r"[\S\s]*").fullmatch("a\nb\u2028")
