"""What AWS refuses and moto alone accepts: emulated AWS refuses it in AWS's way.

Requests go through boto3 with its own validation off. Each is sent twice: first with the strict
layer, then without, which shows that moto does not refuse it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from emulated_aws import shapes
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.faults import Fault
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
    SCHEDULER_ROLE,
    TAGS,
    TOPIC,
    TRAINING,
    TRUST,
    Request,
    changed,
    create_pipeline,
    create_policy,
    create_role,
    create_schedule,
    create_schedule_group,
    policy,
    put_alarm,
    put_role_policy,
    put_rule,
    put_targets,
    schedule_target,
    trust,
    update_pipeline,
    update_schedule,
    with_parameters,
    without,
)
from emulated_aws.step_definitions import DOCUMENT, INDEX, STEPS

INVALID = "ValidationException"
MALFORMED = "MalformedPolicyDocument"
UNPARSABLE = "Unable to parse pipeline definition."
PATTERN = "failed to satisfy constraint: Member must satisfy regular expression pattern"
ENUM = "failed to satisfy constraint: Member must satisfy enum value set"
SCHEDULE = "Parameter ScheduleExpression is not valid."
ELSEWHERE = "arn:aws:sns:us-east-1:210987654321:alerts"
NO_STATEMENTS: list[Any] = [None, "x", [], ["x"], [[{}]]]
NOT_OURS = "Cross-account pass role is not allowed."
GROUP_ARN = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/there"
NO_ALARM = "ValidationError"
NO_PATTERN = "InvalidEventPatternException"
NOW = datetime.now(timezone.utc)
TOMORROW, YESTERDAY = NOW + timedelta(days=1), NOW - timedelta(days=1)
#: EventBridge Scheduler takes no empty values of tags.
MANY_VALUES = [{"Key": tag["Key"], "Value": "x"} for tag in MANY_TAGS]
RATE = {"ScheduleExpression": "rate(1 day)"}


def flexible(*minutes: int, mode: str = "FLEXIBLE") -> dict[str, Any]:
    """The flexible time window of a schedule."""
    length = {"MaximumWindowInMinutes": minutes[0]} if minutes else {}
    return {"FlexibleTimeWindow": {"Mode": mode, **length}}


def target(gone: str = "", /, **changes: Any) -> dict[str, Any]:
    """The target of a schedule, with these members changed or gone."""
    return {"Target": schedule_target(gone, **changes)}


def dimensions(*names: str) -> dict[str, Any]:
    """The dimensions of an alarm."""
    return {"Dimensions": [{"Name": name, "Value": "there"} for name in names]}


def put_pattern(value: Any, *, key: str = "key") -> Request:
    """PutRule with a pattern that has ``value`` somewhere below detail."""
    pattern = {"source": ["aws.s3"], "detail": {"object": {key: value}}}
    return Request("events", "put_rule", {"Name": "new", "EventPattern": json.dumps(pattern)})


def put_filter(kind: str, value: Any) -> Request:
    """PutRule with a pattern that has a filter."""
    return put_pattern([{kind: value}])


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
    # test_step_definitions has all steps
    *(
        (
            create(PipelineDefinition=changed(DOCUMENT, ("Steps", INDEX[kind], "Other"), "x")),
            INVALID,
            f'{UNPARSABLE} $.Steps[{INDEX[kind]}].Other: got "x", expected no such member',
        )
        for kind in STEPS
        for create in (create_pipeline, update_pipeline)
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
    # EventBridge: patterns
    (put_pattern({}), NO_PATTERN, "Reason: Empty objects are not allowed"),
    (put_pattern([["a"]]), NO_PATTERN, "Match value must be String, number, true, false, or null"),
    (put_filter("prefx", "a"), NO_PATTERN, "Reason: Unrecognized match type prefx"),
    (put_pattern([{"prefix": "a", "suffix": "b"}]), NO_PATTERN, "Only one key allowed in match"),
    (put_pattern([{}]), NO_PATTERN, "Only one key allowed in match expression"),
    (put_filter("prefix", ["a"]), NO_PATTERN, "prefix match pattern must be a string"),
    (put_filter("suffix", {"prefix": "a"}), NO_PATTERN, "suffix match pattern must be a string"),
    (put_filter("prefix", {"equals-ignore-case": 1}), NO_PATTERN, "must be a string"),
    (put_filter("equals-ignore-case", 1), NO_PATTERN, "equals-ignore-case match pattern must be"),
    (put_filter("wildcard", ["a*"]), NO_PATTERN, "wildcard match pattern must be a string"),
    (put_filter("wildcard", "a/**/b"), NO_PATTERN, "Reason: Consecutive wildcard characters"),
    (put_filter("wildcard", r"a\\**"), NO_PATTERN, "Reason: Consecutive wildcard characters"),
    (put_filter("wildcard", r"a\b"), NO_PATTERN, "Reason: Invalid escape character"),
    (put_filter("wildcard", "a\\"), NO_PATTERN, "Reason: Invalid escape character"),
    (put_filter("exists", "true"), NO_PATTERN, "exists match pattern must be either true or"),
    (put_filter("cidr", 10), NO_PATTERN, "cidr match pattern must be a string"),
    (put_filter("cidr", "10.0.0/8"), NO_PATTERN, "Malformed CIDR: 10.0.0/8"),
    (put_filter("numeric", 5), NO_PATTERN, "Value of numeric must be an array."),
    (put_filter("numeric", ["=>", 5]), NO_PATTERN, "Unrecognized numeric range operator: =>"),
    (put_filter("numeric", [">", "5"]), NO_PATTERN, "must be numeric"),
    (put_filter("numeric", [">", True]), NO_PATTERN, "must be numeric"),
    (put_filter("numeric", []), NO_PATTERN, "Too many elements in numeric expression"),
    (put_filter("numeric", [">", 0, "<"]), NO_PATTERN, "Too many elements in numeric expression"),
    (put_filter("numeric", ["<", 5, ">", 0]), NO_PATTERN, "Too many elements in numeric"),
    (put_filter("anything-but", []), NO_PATTERN, "Inside anything but list"),
    (put_filter("anything-but", ["a", 1]), NO_PATTERN, "mixed type is not supported"),
    (put_filter("anything-but", None), NO_PATTERN, "Inside anything but list"),
    (put_filter("anything-but", {"cidr": "10.0.0.0/8"}), NO_PATTERN, "Unsupported anything-but"),
    (put_filter("anything-but", {"prefix": []}), NO_PATTERN, "must be a string"),
    (put_filter("anything-but", {}), NO_PATTERN, "Only one key allowed in match expression"),
    (put_filter("anything-but", {"wildcard": "**"}), NO_PATTERN, "Consecutive wildcard"),
    (put_pattern({"a": ["b"]}, key="$or"), NO_PATTERN, "It must be an Array followed with $or."),
    (put_pattern([{"a": ["b"]}], key="$or"), NO_PATTERN, "must have at least 2 Objects in $or"),
    (put_pattern(["a", "b"], key="$or"), NO_PATTERN, "Only JSON object is allowed in array of $or"),
    (put_pattern([{"a": ["b"]}, {}], key="$or"), NO_PATTERN, "Empty objects are not allowed"),
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
    *(
        (put_targets(**with_parameters(("Key", path))), INVALID, "is no JSON path that EventBridge")
        for path in ("$detail", "$.", "$..key", "$.detail['key']", "$.detail key", "$.a/$.b", "$5")
    ),
    # Scheduler: the request
    (create_schedule(Name="a b"), INVALID, f"at 'name' {PATTERN}"),
    (create_schedule(Name="a" * 65), INVALID, "at 'name' failed"),
    (create_schedule(State="On"), INVALID, f"at 'state' {ENUM}"),
    (create_schedule(Description="x" * 513), INVALID, "at 'description' failed"),
    (create_schedule("FlexibleTimeWindow"), INVALID, "at 'flexibleTimeWindow' failed"),
    (create_schedule(ClientToken="a b"), INVALID, f"at 'clientToken' {PATTERN}"),
    (create_schedule_group(Name="a b"), INVALID, f"at 'name' {PATTERN}"),
    (create_schedule_group(Name="a" * 65), INVALID, "at 'name' failed"),
    (create_schedule_group(Tags=RESERVED_TAGS), INVALID, "aws: prefixed tag key names"),
    (create_schedule_group(Tags=MANY_VALUES), INVALID, "at most 50 tags"),
    (
        create_schedule_group(Tags=[{"Key": "Team", "Value": ""}]),
        INVALID,
        "at 'tags.1.member.value' failed to satisfy constraint: Member must have length greater",
    ),
    (create_schedule_group(Tags=TAGS * 2), INVALID, "Duplicate tag keys"),
    (
        Request("scheduler", "tag_resource", {"ResourceArn": GROUP_ARN, "Tags": RESERVED_TAGS}),
        INVALID,
        "aws: prefixed tag key names",
    ),
    (create_schedule_group(Name="there"), "ConflictException", "group there already exists"),
    (create_schedule_group(Name="default"), "ConflictException", "group default already exists"),
    (
        Request("scheduler", "delete_schedule_group", {"Name": "default"}),
        INVALID,
        "The default schedule group cannot be deleted.",
    ),
    # Scheduler: schedules
    *(
        row
        for put in (create_schedule, update_schedule)
        for row in (
            *(
                (
                    put(ScheduleExpression=expression),
                    INVALID,
                    f"Invalid Schedule Expression {expression}.",
                )
                for expression in ("rate(1 days)", "cron(0 2 ? * SUN)", "at(2027-02-29T00:00:00)")
            ),
            *(
                (
                    put(ScheduleExpressionTimezone=zone),
                    INVALID,
                    f"Invalid Schedule Expression Timezone {zone}.",
                )
                for zone in ("Europe/Atlantis", "europe/berlin", "+01:00")
            ),
            (put(ScheduleExpressionTimezone=""), INVALID, "at 'scheduleExpressionTimezone' failed"),
            (put(**flexible()), INVALID, "MaximumWindowInMinutes is required"),
            (put(**flexible(5, mode="OFF")), INVALID, "MaximumWindowInMinutes is not allowed"),
            (put(**flexible(0)), INVALID, "value greater than or equal to 1"),
            (put(**flexible(1441)), INVALID, "value less than or equal to 1440"),
            (put(**flexible(5, mode="ON")), INVALID, f"at 'flexibleTimeWindow.mode' {ENUM}"),
            (put(StartDate=YESTERDAY, **RATE), INVALID, "cannot be earlier than 5 minutes ago"),
            (put(EndDate=YESTERDAY), INVALID, "The EndDate you specify cannot be in the past."),
            (put(StartDate=TOMORROW, EndDate=TOMORROW), INVALID, "must be before the EndDate"),
            (put(**target(Arn="pipeline")), INVALID, "Provided Arn is not in correct format."),
            (
                put(**target(Arn=PIPELINE_ARN.replace("us-east-1", "eu-west-1"))),
                INVALID,
                "must be in us-east-1",
            ),
            (
                put(**target(Arn=PIPELINE_ARN.replace(":aws:", ":aws-cn:"))),
                INVALID,
                "must be in us-east-1",
            ),
            (
                put(**target(Arn=PIPELINE_ARN.replace(ACCOUNT, "210987654321"))),
                INVALID,
                "must be of the account of the schedule",
            ),
            (
                put(**target(RoleArn=f"{SCHEDULER_ROLE}-2")),
                INVALID,
                "The execution role you provide must allow AWS EventBridge Scheduler to assume the",
            ),
            (put(**target(RoleArn=SCHEDULE_ROLE)), INVALID, "must allow AWS EventBridge Scheduler"),
            (put(**target(RoleArn="scheduler")), INVALID, f"at 'target.roleArn' {PATTERN}"),
            (
                put(**target(RoleArn=SCHEDULER_ROLE.replace(ACCOUNT, "210987654321"))),
                "AccessDeniedException",
                NOT_OURS,
            ),
            (
                put(**target(RoleArn=SCHEDULER_ROLE.replace(":aws:", ":aws-cn:"))),
                "AccessDeniedException",
                NOT_OURS,
            ),
            (put(**target(**with_parameters(("a b", "x")))), INVALID, PATTERN),
            (put(**target(**with_parameters(("A", "")))), INVALID, "greater than or equal to 1"),
            (put(**target(**with_parameters(("A", "x"), ("A", "y")))), INVALID, "not unique"),
            (put(**target(**with_parameters(("A", "x" * 1025)))), INVALID, "equal to 1024"),
            (
                put(**target(**with_parameters(*((f"P{number}", "x") for number in range(201))))),
                INVALID,
                "pipelineParameterList' failed",
            ),
            (
                put(**target(Arn=QUEUE)),
                INVALID,
                "SageMakerPipelineParameters is not supported",
            ),
            (
                put(**target(RetryPolicy={"MaximumRetryAttempts": 186})),
                INVALID,
                "value less than or equal to 185",
            ),
            (
                put(**target(RetryPolicy={"MaximumEventAgeInSeconds": 59})),
                INVALID,
                "value greater than or equal to 60",
            ),
            (
                put(**target(DeadLetterConfig={"Arn": f"{QUEUE}.fifo"})),
                INVALID,
                f"at 'target.deadLetterConfig.arn' {PATTERN}",
            ),
            (put(**target(DeadLetterConfig={"Arn": TOPIC})), INVALID, PATTERN),
            (
                put(**target(DeadLetterConfig={"Arn": QUEUE.replace("us-east-1", "eu-west-1")})),
                INVALID,
                "must be in us-east-1",
            ),
        )
    ),
    (update_schedule(StartDate=YESTERDAY), INVALID, "cannot be earlier than 5 minutes ago"),
    # CloudWatch
    *(
        (put_alarm(**changes), NO_ALARM, "Emulated AWS knows no metric")
        for changes in (
            {"Namespace": "AWS/SageMaker/ModelBuildingPipeline"},
            {"Namespace": "AWS/Events"},
            {"MetricName": "ExecutionsFailed"},
            {"MetricName": "TargetErrorCount"},
        )
    ),
    *(
        (put_alarm(**dimensions(*names)), NO_ALARM, "has the dimensions ['PipelineName'], not")
        for names in ([], ["Pipeline"], ["PipelineName", "StepName"], ["PipelineName"] * 2)
    ),
    (
        put_alarm(Namespace="AWS/Events", MetricName="FailedInvocations"),
        NO_ALARM,
        "has the dimensions ['RuleName'], not ['PipelineName']",
    ),
    (
        put_alarm(Statistic="Average"),
        NO_ALARM,
        "Average of the metric ExecutionFailed says nothing",
    ),
    (put_alarm(MetricName="ExecutionDuration"), NO_ALARM, "Sum of the metric ExecutionDuration"),
    (put_alarm(Statistic="Total"), NO_ALARM, f"at 'statistic' {ENUM}"),
    (put_alarm(Unit="Milliseconds"), NO_ALARM, "has the unit Count"),
    *(
        (put_alarm(name), NO_ALARM, f"The parameter {name} is required.")
        for name in ("Namespace", "MetricName", "Statistic", "Period", "Threshold")
    ),
    (put_alarm(Period=45), NO_ALARM, "Period must be 10, 20, 30 or a multiple of 60"),
    (put_alarm(Period=0), NO_ALARM, "at 'period' failed"),
    (put_alarm(EvaluationPeriods=289), NO_ALARM, "across more than a day (EvaluationPeriods *"),
    (put_alarm(Period=10, EvaluationPeriods=8641), NO_ALARM, "<= 86400) for alarms using period <"),
    (put_alarm(Period=3600, EvaluationPeriods=169), NO_ALARM, "across more than a week"),
    (put_alarm(Period=86400, EvaluationPeriods=8), NO_ALARM, "<= 604800) for alarms using period"),
    (put_alarm(DatapointsToAlarm=2), NO_ALARM, "DatapointsToAlarm must be less than or equal to"),
    (put_alarm(TreatMissingData="notbreaching"), NO_ALARM, "Option notbreaching is not supported"),
    (put_alarm(ComparisonOperator="More"), NO_ALARM, f"at 'comparisonOperator' {ENUM}"),
    (put_alarm(AlarmName="x" * 256), NO_ALARM, "at 'alarmName' failed"),
    (put_alarm(AlarmDescription="x" * 1025), NO_ALARM, "at 'alarmDescription' failed"),
    (put_alarm(Tags=RESERVED_TAGS), NO_ALARM, "aws: prefixed tag key names"),
    *(
        row
        for name in ("AlarmActions", "OKActions", "InsufficientDataActions")
        for row in (
            (put_alarm(**{name: [TOPIC] * 6}), NO_ALARM, "Actions' failed"),
            (put_alarm(**{name: ["alerts"]}), NO_ALARM, "Invalid arn syntax: alerts"),
            (put_alarm(**{name: [QUEUE]}), NO_ALARM, "Unsupported service sqs of the alarm action"),
            (put_alarm(**{name: [f"{TOPIC}.fifo"]}), NO_ALARM, "must be a standard topic"),
            (
                put_alarm(**{name: [TOPIC, TOPIC.replace("us-east-1", "eu-west-1")]}),
                NO_ALARM,
                "Invalid region eu-west-1 specified. Only us-east-1 is supported.",
            ),
        )
    ),
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
    Request(
        "iam",
        "create_role",
        {"RoleName": "scheduler", "AssumeRolePolicyDocument": trust("scheduler.amazonaws.com")},
    ),
    create_pipeline(PipelineName="there"),
    put_rule(Name="there"),
    create_schedule_group(Name="there"),
    create_schedule(Name="there"),
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
    *(each(PipelineDefinition=json.dumps(DOCUMENT)) for each in (create_pipeline, update_pipeline)),
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
    put_pattern(["a", 1, 1.5, True, None, ""]),
    put_pattern([{"prefix": "in/"}, {"suffix": ".csv"}, {"exists": False}, "a"]),
    put_filter("prefix", {"equals-ignore-case": "IN/"}),
    put_filter("suffix", {"equals-ignore-case": ".CSV"}),
    put_filter("equals-ignore-case", "a"),
    put_filter("wildcard", "in/*/part-*.csv"),
    put_filter("wildcard", r"in/\*\\*"),
    put_filter("exists", True),
    put_filter("cidr", "10.0.0.0/8"),
    put_filter("cidr", "2001:db8::/32"),
    put_filter("numeric", ["=", 3.5]),
    put_filter("numeric", [">", 0, "<=", 5]),
    put_filter("anything-but", "a"),
    put_filter("anything-but", [1, 2]),
    put_filter("anything-but", ["a", "b"]),
    put_filter("anything-but", {"prefix": "in/"}),
    put_filter("anything-but", {"suffix": [".csv", ".txt"]}),
    put_filter("anything-but", {"wildcard": "*/tmp/*"}),
    put_filter("anything-but", {"equals-ignore-case": ["a", "b"]}),
    put_pattern([{"a": ["b"]}, {"c": {"d": [{"prefix": "e"}]}}], key="$or"),
    put_targets(**with_parameters(("TrainingInstanceCount", "2"), ("A-b", "x"))),
    *(
        put_targets(**with_parameters(("Key", path)))
        for path in (
            "$.time",
            "$.detail-type",
            "$.detail.object.key",
            "$.resources[0]",
            "$.detail.items[*].a_b",
            "cost: $5",
        )
    ),
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
    create_schedule_group(),
    create_schedule_group(Name="a" * 64, Tags=MANY_VALUES[:50]),
    Request("scheduler", "tag_resource", {"ResourceArn": GROUP_ARN, "Tags": TAGS}),
    Request("scheduler", "untag_resource", {"ResourceArn": GROUP_ARN, "TagKeys": ["a", "b"]}),
    Request("scheduler", "list_tags_for_resource", {"ResourceArn": GROUP_ARN}),
    Request("scheduler", "list_schedules", {"GroupName": "there", "MaxResults": 100}),
    Request("scheduler", "get_schedule", {"GroupName": "there", "Name": "there"}),
    Request("scheduler", "delete_schedule", {"GroupName": "there", "Name": "there"}),
    Request("scheduler", "delete_schedule_group", {"Name": "there"}),
    create_schedule("GroupName"),
    create_schedule("ScheduleExpressionTimezone"),
    create_schedule(Name="A-b_c.1"),
    *(
        request
        for put in (create_schedule, update_schedule)
        for request in (
            put(),
            put(**RATE),
            put(ScheduleExpression="at(2027-02-28T00:00:00)"),
            put(ScheduleExpressionTimezone="America/Sao_Paulo"),
            put(ScheduleExpressionTimezone="UTC"),
            put(State="DISABLED", Description="Retrains."),
            put(**flexible(1)),
            put(**flexible(1440)),
            put(StartDate=TOMORROW, EndDate=TOMORROW + timedelta(seconds=1)),
            # a single moment ignores them
            put(
                ScheduleExpression="at(2027-02-28T00:00:00)",
                StartDate=TOMORROW,
                EndDate=YESTERDAY,
            ),
            put(**target("SageMakerPipelineParameters", Arn=QUEUE)),
            put(
                **target(
                    "SageMakerPipelineParameters",
                    Arn="arn:aws:scheduler:::aws-sdk:sagemaker:startPipelineExecution",
                )
            ),
            put(**target(DeadLetterConfig={"Arn": QUEUE.replace(ACCOUNT, "210987654321")})),
            put(**target("DeadLetterConfig")),
            put(**target(RetryPolicy={"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60})),
            put(**target(**with_parameters(("A", "x" * 1024), ("a", "$.detail['x']")))),
        )
    ),
    put_alarm(),
    put_alarm(AlarmName="x" * 255, AlarmDescription="x" * 1024, Unit="Count"),
    put_alarm(MetricName="ExecutionDuration", Statistic="Maximum", Threshold=60000),
    put_alarm(MetricName="StepFailed", **dimensions("StepName", "PipelineName")),
    put_alarm(Namespace="AWS/Events", MetricName="FailedInvocations", **dimensions("RuleName")),
    put_alarm(
        Namespace="AWS/Scheduler",
        MetricName="InvocationDroppedCount",
        **dimensions("ScheduleGroup"),
    ),
    put_alarm(EvaluationPeriods=288),
    put_alarm(Period=10, EvaluationPeriods=8640),
    put_alarm(Period=3600, EvaluationPeriods=168, TreatMissingData="breaching"),
    put_alarm(Period=86400, EvaluationPeriods=7, TreatMissingData="missing"),
    put_alarm(EvaluationPeriods=3, DatapointsToAlarm=3, TreatMissingData="ignore"),
    put_alarm("TreatMissingData", Threshold=0),
    put_alarm(AlarmActions=[TOPIC] * 5, OKActions=[ELSEWHERE], InsufficientDataActions=[]),
    put_alarm(AlarmActions=[f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:live"]),
    put_alarm(AlarmActions=[f"arn:aws:ssm-incidents::{ACCOUNT}:responseplan/p"]),
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
    (put_rule(EventPattern="{"), NO_PATTERN, "Event pattern is not valid. Reason: Invalid JSON"),
    (put_pattern([]), NO_PATTERN, "Reason: Empty arrays are not allowed"),
    (put_pattern("a"), NO_PATTERN, "must be an object or an array"),
    (create_schedule(StartDate=YESTERDAY), INVALID, "cannot be earlier than 5 minutes ago."),
    (create_schedule(Name="there"), "ConflictException", "Schedule there already exists."),
    (update_schedule(Name="gone"), "ResourceNotFoundException", "Schedule gone does not exist."),
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
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 404, 409)

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
    "request_",
    [
        create_schedule(GroupName="gone"),
        *(
            Request("scheduler", operation, parameters)
            for operation, parameters in (
                ("get_schedule", {"GroupName": "gone", "Name": "there"}),
                ("delete_schedule", {"GroupName": "gone", "Name": "there"}),
                ("get_schedule_group", {"Name": "gone"}),
                ("delete_schedule_group", {"Name": "gone"}),
                ("list_tags_for_resource", {"ResourceArn": GROUP_ARN.replace("there", "gone")}),
                (
                    "tag_resource",
                    {"ResourceArn": GROUP_ARN.replace("there", "gone"), "Tags": TAGS},
                ),
                (
                    "untag_resource",
                    {"ResourceArn": GROUP_ARN.replace("there", "gone"), "TagKeys": ["Team"]},
                ),
            )
        ),
    ],
    ids=name,
)
def test_says_as_aws_does_that_a_schedule_group_is_gone(
    aws: EmulatedAWS, request_: Request
) -> None:
    with pytest.raises(ClientError, match="Schedule group gone does not exist") as refusal:
        request_.send(aws)
    assert refusal.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("pattern", ["[]", '"a"', "null", "", " ", "{}"])
def test_event_pattern_is_an_object_that_is_not_empty(aws: EmulatedAWS, pattern: str) -> None:
    with pytest.raises(ClientError, match=r"Filter is not an object|Empty event pattern"):
        put_rule(EventPattern=pattern).send(aws)


def test_schedule_may_have_started_a_moment_ago(aws: EmulatedAWS) -> None:
    now = datetime.now(timezone.utc)
    create_schedule(StartDate=now - timedelta(minutes=4)).send(aws)
    update_schedule(StartDate=now - timedelta(minutes=4)).send(aws)
    with pytest.raises(ClientError, match="cannot be earlier than 5 minutes ago"):
        update_schedule(StartDate=now - timedelta(minutes=6)).send(aws)


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
    prefix = {"events": "AWSEvents", "sagemaker": "SageMaker"}[service]
    headers = signed(service) | {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{prefix}.{operation}",
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


@pytest.mark.parametrize(
    ("path", "body", "code", "message"),
    [
        (
            "schedules/there?groupname=there",
            None,
            INVALID,
            "at 'groupname' failed to satisfy constraint: Member must be one of: Name, GroupName",
        ),
        (
            "schedules?MaxResults=many",
            None,
            "SerializationException",
            "Member must be of type Integer",
        ),
        ("schedules?MaxResults=101", None, INVALID, "value less than or equal to 100"),
        (
            "schedules/new",
            {"StartDate": "2030-01-01T00:00:00Z"},
            "SerializationException",
            "Member must be of type Timestamp",
        ),
        ("schedules/new", {"Stat": "DISABLED"}, INVALID, "at 'stat' failed to satisfy constraint"),
    ],
)
def test_refuses_what_boto3_cannot_send_to_scheduler(
    aws: EmulatedAWS, path: str, body: dict[str, Any] | None, code: str, message: str
) -> None:
    parameters = create_schedule("Name").parameters | (body or {})
    answer = urllib3.request(
        "POST" if body else "GET",
        f"{aws.endpoint}/{path}",
        json=parameters if body else None,
        headers=signed("scheduler"),
    )
    assert (answer.status, answer.headers["X-Amzn-ErrorType"]) == (400, code)
    assert message in answer.json()["Message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("MetricName", "ExecutionsFailed"), "Emulated AWS knows no metric ExecutionsFailed"),
        (("Dimensions.member.1.Name", "Pipeline"), "has the dimensions"),
        (("Period", "3660"), ""),
        (("Period", "3601"), "Period must be 10, 20, 30 or a multiple of 60"),
        (("EvaluationPeriods", "289"), "Metrics cannot be checked across more than a day"),
        (("DatapointsToAlarm", "2"), "DatapointsToAlarm must be less"),
        (("AlarmActions", ""), ""),
        (("AlarmActions.member.2", QUEUE), "Unsupported service sqs"),
    ],
)
def test_alarms_in_the_query_protocol(
    aws: EmulatedAWS, change: tuple[str, str], message: str
) -> None:
    fields = {
        "Action": "PutMetricAlarm",
        "Version": "2010-08-01",
        "AlarmName": "new",
        "Namespace": "AWS/Sagemaker/ModelBuildingPipeline",
        "MetricName": "ExecutionFailed",
        "Dimensions.member.1.Name": "PipelineName",
        "Dimensions.member.1.Value": "there",
        "Statistic": "Sum",
        "Period": "300",
        "EvaluationPeriods": "1",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": "1",
        "AlarmActions.member.1": TOPIC,
    }
    if change[0] == "AlarmActions":
        del fields["AlarmActions.member.1"]
    pool = urllib3.PoolManager()
    answer = pool.request_encode_body(
        "POST",
        aws.endpoint,
        fields=fields | dict([change]),
        encode_multipart=False,
        headers=signed("monitoring"),
    )
    text = answer.data.decode()
    if not message:
        assert answer.status == 200, text
        return
    assert answer.status == 400
    assert "<Code>ValidationError</Code>" in text
    assert message in text


def signed(service: str) -> dict[str, str]:
    scope = f"Credential=x/20260101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=x"}


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


@pytest.mark.parametrize(
    ("create", "other"),
    [
        (create_schedule_group(ClientToken="x"), create_schedule_group(ClientToken="y")),
        (create_schedule(ClientToken="x"), create_schedule(ClientToken="y")),
        (create_schedule(ClientToken="x"), create_schedule(ClientToken="x", State="DISABLED")),
    ],
    ids=["group", "schedule", "changed"],
)
def test_answers_a_schedule_that_is_sent_again(
    aws: EmulatedAWS, create: Request, other: Request
) -> None:
    first, again = create.send(aws), create.send(aws)
    for answer in (first, again):
        answer.pop("ResponseMetadata")
    assert again == first
    with pytest.raises(ClientError, match="already exists"):
        other.send(aws)


def test_an_update_of_a_schedule_resets_what_it_leaves_out(aws: EmulatedAWS) -> None:
    scheduler = aws.client("scheduler")
    optional = {
        "Description": "x",
        "State": "DISABLED",
        "ActionAfterCompletion": "DELETE",
        "StartDate": TOMORROW,
        "EndDate": TOMORROW + timedelta(days=1),
        **flexible(5),
    }
    update_schedule(**optional).send(aws)
    held = scheduler.get_schedule(GroupName="there", Name="there")
    assert {name: held[name] for name in ("State", "ActionAfterCompletion", "Description")} == {
        name: optional[name] for name in ("State", "ActionAfterCompletion", "Description")
    }
    assert held["StartDate"] == TOMORROW

    update_schedule("State", **target("DeadLetterConfig")).send(aws)
    held = scheduler.get_schedule(GroupName="there", Name="there")
    assert (held["State"], held["ActionAfterCompletion"]) == ("ENABLED", "NONE")
    assert held["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert not held.keys() & {"Description", "StartDate", "EndDate"}
    assert "DeadLetterConfig" not in held["Target"]


def test_an_update_that_is_throttled_changes_nothing(aws: EmulatedAWS) -> None:
    create_schedule(State="DISABLED").send(aws)
    put_alarm().send(aws)
    for service, request in (
        ("scheduler", update_schedule(Name="new")),
        ("cloudwatch", put_alarm(Tags=[])),
    ):
        aws.faults.on(service, "*", Fault.THROTTLED, call=1)
        with pytest.raises(ClientError, match="Rate exceeded"):
            request.send(aws)
        aws.faults.clear()
    assert (
        aws.client("scheduler").get_schedule(GroupName="there", Name="new")["State"] == "DISABLED"
    )
    assert alarm_tags(aws) == TAGS


def test_tags_end_with_what_they_are_on(aws: EmulatedAWS) -> None:
    scheduler, cloudwatch = aws.client("scheduler"), aws.client("cloudwatch")
    arn = create_schedule_group().send(aws)["ScheduleGroupArn"]
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == TAGS
    scheduler.delete_schedule_group(Name="new")
    create_schedule_group(Tags=[]).send(aws)
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == []

    put_alarm().send(aws)
    assert alarm_tags(aws) == TAGS
    cloudwatch.delete_alarms(AlarmNames=["new"])
    put_alarm(Tags=[]).send(aws)
    assert alarm_tags(aws) == []


def test_an_update_of_an_alarm_leaves_tags_and_state(aws: EmulatedAWS) -> None:
    cloudwatch = aws.client("cloudwatch")
    put_alarm().send(aws)
    (held,) = cloudwatch.describe_alarms(AlarmNames=["new"])["MetricAlarms"]
    assert held["StateValue"] == "INSUFFICIENT_DATA"
    cloudwatch.set_alarm_state(AlarmName="new", StateValue="ALARM", StateReason="Said so.")
    put_alarm(Threshold=2, Tags=[{"Key": "Other", "Value": ""}]).send(aws)
    (held,) = cloudwatch.describe_alarms(AlarmNames=["new"])["MetricAlarms"]
    assert (held["Threshold"], held["StateValue"], held["StateReason"]) == (2, "ALARM", "Said so.")
    assert alarm_tags(aws) == TAGS


def alarm_tags(aws: EmulatedAWS) -> Any:
    arn = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:new"
    return aws.client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"]


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
    [
        "cloudwatch",
        "ecr",
        "events",
        "iam",
        "kms",
        "logs",
        "sagemaker",
        "scheduler",
        "sns",
        "sqs",
        "sts",
    ],
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
