"""Every hop from a schedule to its results, broken once: a sentence says where.

What is broken is what a person could break: a policy, a trust, a parameter, an image, a path.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from behaviour.conftest import WEEK, Account
from emulated_aws.runtime.script import Failure, Script
from inputs import ACCOUNT, ECR, KEY, QUEUE, TOPIC
from planned import policy
from policy_evaluation.evaluator import Policy, allowed

JOB, PIPELINE, SCHEDULE = (
    f"ml-platform-test-training-{kind}-us-east-1" for kind in ("job", "pipeline", "schedule")
)
Break = Callable[[Account], None]


# Ways to break something


def trust(role: str, change: Callable[[dict[str, Any]], Any]) -> Break:
    """Change the conditions of a trust policy."""

    def broken(account: Account) -> None:
        iam = account.aws.client("iam")
        document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        change(document["Statement"][0])
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))

    return broken


def parameters(**values: str) -> Break:
    """Let the schedule send other parameters."""
    found = [{"Name": name, "Value": value} for name, value in values.items()]
    return target(SageMakerPipelineParameters={"PipelineParameterList": found})


def target(**changes: Any) -> Break:
    """Change the target of the schedule."""

    def broken(account: Account) -> None:
        events, rule = account.aws.client("events"), "ml-platform-test-training-schedule"
        (found,) = events.list_targets_by_rule(Rule=rule)["Targets"]
        events.put_targets(Rule=rule, Targets=[found | changes])

    return broken


def call(service: str, operation: str, **arguments: Any) -> Break:
    """Do something to the account."""

    def broken(account: Account) -> None:
        getattr(account.aws.client(service), operation)(**arguments)

    return broken


def queue_policy(document: str) -> Break:
    def broken(account: Account) -> None:
        sqs = account.aws.client("sqs")
        url = sqs.get_queue_url(QueueName=QUEUE.rpartition(":")[2])["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})

    return broken


def key_policy(account: Account) -> None:
    """Make the key, with a policy that lets nobody of the account in."""
    only = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{SCHEDULE}"}
    statement = {"Effect": "Allow", "Principal": only, "Action": "kms:*", "Resource": "*"}
    made = account.aws.client("kms").create_key(
        Policy=policy(statement), BypassPolicyLockoutSafetyCheck=True
    )["KeyMetadata"]["Arn"]
    definition = definition_of(account).replace(KEY, made)
    document = json.dumps(
        account.aws.client("iam").get_role_policy(RoleName=JOB, PolicyName="job")["PolicyDocument"]
    )
    account.aws.client("iam").put_role_policy(
        RoleName=JOB, PolicyName="job", PolicyDocument=document.replace(KEY, made)
    )
    account.aws.client("sagemaker").update_pipeline(
        PipelineName=account.name("training"), PipelineDefinition=definition
    )


def definition_of(account: Account) -> str:
    held = account.aws.client("sagemaker").describe_pipeline(PipelineName=account.name("training"))
    return str(held["PipelineDefinition"])


def boundary(account: Account) -> None:
    iam = account.aws.client("iam")
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
    everything_but = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": elsewhere},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"},
    ]
    made = iam.create_policy(PolicyName="narrow", PolicyDocument=policy(*everything_but))
    iam.put_role_permissions_boundary(RoleName=JOB, PermissionsBoundary=made["Policy"]["Arn"])


def other_source(statement: dict[str, Any]) -> None:
    (operator,) = statement["Condition"].keys() - {"StringEquals"}
    other = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:notebook-instance/*"
    statement["Condition"][operator]["aws:SourceArn"] = other


def other_account(statement: dict[str, Any]) -> None:
    statement["Condition"]["StringEquals"]["aws:SourceAccount"] = "999999999999"


def other_service(statement: dict[str, Any]) -> None:
    statement["Principal"]["Service"] = "lambda.amazonaws.com"


@dataclass(frozen=True)
class Broken:
    """Something that is broken, and the sentence that finds it."""

    what: str
    broken: Break
    sentence: str
    script: str = ""
    call: str = "everything"


BUCKET = "arn:aws:s3:::my-ml-bucket"
PIPELINES = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/ml-platform-test-"
EVENTS = {"Service": "events.amazonaws.com"}
FAILED_START = "training@1:start*9"


def denied(action: str, resource: str, why: str = "") -> str:
    return f"is not authorized to perform: {action} on resource: {resource}{why}"


def distrusted(role: str, service: str) -> str:
    return f"role/{role} does not let {service}.amazonaws.com assume it"


def deny(resource: str, action: str = "*") -> str:
    return policy({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource})


def topic_policy(document: str) -> Break:
    arguments = {"AttributeName": "Policy", "AttributeValue": document}
    return call("sns", "set_topic_attributes", TopicArn=TOPIC, **arguments)


def only_if(action: str, resource: str, operator: str, key: str, value: str) -> str:
    """A policy that lets EventBridge do something under a condition."""
    allow = {"Effect": "Allow", "Principal": EVENTS, "Action": action, "Resource": resource}
    return policy(allow | {"Condition": {operator: {key: value}}})


ROWS = [
    # roles
    Broken(
        "trust of the schedule role", trust(SCHEDULE, other_source), distrusted(SCHEDULE, "events")
    ),
    Broken(
        "trust of the pipeline role",
        trust(PIPELINE, other_source),
        distrusted(PIPELINE, "sagemaker"),
    ),
    Broken("trust of the job role", trust(JOB, other_source), distrusted(JOB, "sagemaker")),
    Broken("account in a trust", trust(JOB, other_account), distrusted(JOB, "sagemaker")),
    Broken("service in a trust", trust(SCHEDULE, other_service), distrusted(SCHEDULE, "events")),
    Broken(
        "permissions boundary",
        boundary,
        denied("s3:PutObject", BUCKET, "/.* with an explicit deny in a permissions boundary"),
    ),
    # the target of the schedule
    Broken(
        "no pipeline",
        call("sagemaker", "delete_pipeline", PipelineName="ml-platform-test-training"),
        "Pipeline '.*training' does not exist",
    ),
    Broken(
        "another pipeline",
        target(Arn=f"{PIPELINES}processing"),
        f"{SCHEDULE}/events {denied('sagemaker:StartPipelineExecution', '.*-processing')}",
    ),
    Broken(
        "unknown parameter",
        parameters(InstanceType="ml.m5.large"),
        "Parameter InstanceType is not declared: InputDataS3Uri",
    ),
    Broken(
        "no number",
        parameters(TrainingInstanceCount="two"),
        "Parameter TrainingInstanceCount is 'two', expected type Integer",
    ),
    Broken(
        "instance type",
        parameters(TrainingInstanceType="m5.large"),
        "ResourceConfig.InstanceType is 'm5.large'",
    ),
    Broken(
        "run time",
        parameters(TrainingMaxRuntimeInSeconds="9999999"),
        "MaxRuntimeInSeconds is 9999999, expected at most 2419200",
    ),
    # S3
    Broken(
        "input elsewhere",
        parameters(InputDataS3Uri="s3://my-ml-bucket/other/"),
        denied("s3:ListBucket", BUCKET),
    ),
    Broken(
        "empty folder in a path",
        parameters(InputDataS3Uri="s3://my-ml-bucket//datasets/"),
        denied("s3:ListBucket", BUCKET),
    ),
    Broken(
        "output elsewhere",
        parameters(ModelOutputS3Uri="s3://my-ml-bucket/other/"),
        denied("s3:PutObject", f"{BUCKET}/other/"),
    ),
    Broken(
        "no data",
        call("s3", "delete_object", Bucket="my-ml-bucket", Key="datasets/part-1.csv"),
        "No S3 objects found under S3 URL s3://my-ml-bucket/datasets/",
    ),
    Broken(
        "no bucket",
        parameters(InputDataS3Uri="s3://no-such-bucket/datasets/"),
        "The bucket no-such-bucket does not exist",
    ),
    Broken(
        "policy of the bucket",
        call(
            "s3",
            "put_bucket_policy",
            Bucket="my-ml-bucket",
            Policy=deny(f"{BUCKET}/*", "s3:GetObject"),
        ),
        denied("s3:GetObject", BUCKET, "/.* with an explicit deny in a resource-based policy"),
    ),
    Broken("policy of the key", key_policy, denied("kms:CreateGrant", "arn:aws:kms:")),
    # the image and the network
    Broken(
        "no image",
        call(
            "ecr",
            "batch_delete_image",
            repositoryName="ml-training",
            imageIds=[{"imageTag": "latest"}],
        ),
        "Requested image .*/ml-training:latest not found",
    ),
    Broken(
        "no repository",
        call("ecr", "delete_repository", repositoryName="ml-training", force=True),
        "Cannot find repository ml-training in registry ID",
    ),
    Broken(
        "another image",
        parameters(TrainingImageUri=f"{ECR}/ml-inference:latest"),
        "Cannot pull .*/ml-inference:latest",
    ),
    Broken(
        "image of another registry",
        parameters(TrainingImageUri="python:3"),
        "Invalid image URI python:3",
    ),
    Broken(
        "no subnet",
        call("ec2", "delete_subnet", SubnetId="subnet-12345678"),
        "subnet-12345678 does not exist",
    ),
    # who is told
    Broken(
        "policy of the queue",
        queue_policy(deny(QUEUE)),
        f"could not tell {QUEUE} at .* {denied('sqs:SendMessage', QUEUE)}",
        FAILED_START,
    ),
    Broken(
        "queue of another rule",
        queue_policy(
            only_if(
                "sqs:SendMessage",
                QUEUE,
                "ArnEquals",
                "aws:SourceArn",
                "arn:aws:events:us-east-1:1:rule/x",
            )
        ),
        denied("sqs:SendMessage", QUEUE),
        FAILED_START,
    ),
    Broken(
        "no topic",
        call("sns", "delete_topic", TopicArn=TOPIC),
        f"could not tell {TOPIC} at",
        "training@1",
    ),
    Broken(
        "policy of the topic",
        topic_policy(deny(TOPIC)),
        f"could not tell {TOPIC} at .* {denied('sns:Publish', TOPIC)}",
        "training@1",
    ),
    Broken(
        "condition in the policy of the topic",
        topic_policy(only_if("sns:Publish", TOPIC, "StringEquals", "aws:SourceAccount", ACCOUNT)),
        denied("sns:Publish", TOPIC),
        "training@1",
    ),
]

#: Of what starts training in the call "starts": a schedule in a time zone, and no rule.
ROWS += [
    Broken(what, broken, sentence, script, "starts")
    for what, broken, sentence, script in (
        (
            "group that the trust does not name",
            trust(SCHEDULE, other_source),
            f"weekly-training starts, did not start .*{SCHEDULE} does not let scheduler",
            "",
        ),
        (
            "service that the trust does not name",
            trust(SCHEDULE, other_service),
            f"weekly-training starts, did not start .*{SCHEDULE} does not let scheduler",
            "",
        ),
        (
            "permission to start",
            call("iam", "delete_role_policy", RoleName=SCHEDULE, PolicyName="schedule"),
            "weekly-training starts, did not start .* sagemaker:StartPipelineExecution on resource",
            "",
        ),
        (
            "permission to send to the queue",
            call(
                "iam",
                "put_role_policy",
                RoleName=SCHEDULE,
                PolicyName="schedule",
                PolicyDocument=policy(
                    {
                        "Effect": "Allow",
                        "Action": "sagemaker:StartPipelineExecution",
                        "Resource": "*",
                    }
                ),
            ),
            denied("sqs:SendMessage", QUEUE),
            "training@1:start*9",
        ),
        (
            "policy of the alarms' topic",
            topic_policy(deny(TOPIC)),
            f"could not tell {TOPIC} at .* {denied('sns:Publish', TOPIC)}",
            "training@1",
        ),
        (
            "trigger without its pipeline",
            call("sagemaker", "delete_pipeline", PipelineName="ml-platform-test-processing",
                 ClientRequestToken="0" * 32),
            "trigger-new-model starts, did not start .* does not exist",
            "",
        ),
    )
]  # fmt: skip


def week_of(account: Account, script: str = "") -> list[str]:
    """The problems of a week; 'training@1' fails and is told where the script says so."""
    failures = tuple(Failure.parse(text) for text in script.split())
    account.runtime.script = Script(failures=failures)
    account.runtime.advance(WEEK)
    return account.problems()


@pytest.mark.parametrize("script", ["", "training@1", "training@1:start*9"])
def test_nothing_is_found_where_nothing_is_broken(
    script: str, account: Callable[[str], Account]
) -> None:
    assert week_of(account("everything"), script) == []


@pytest.mark.parametrize("row", ROWS, ids=[row.what for row in ROWS])
def test_a_broken_hop_is_found(row: Broken, account: Callable[[str], Account]) -> None:
    made = account(row.call)
    row.broken(made)
    found = week_of(made, row.script)
    assert any(re.search(row.sentence, problem) for problem in found), "\n".join(found) or "nothing"


#: Actions of the module's policies that no execution here needs, and why they are there.
NOT_SHOWN = {
    "s3:AbortMultipartUpload": "SageMaker gives up an upload that fails",
    "kms:Encrypt": "documented for execution roles, as the next one of the key for S3",
    "kms:DescribeKey": "",
    # the container decides what it calls
    "sagemaker-mlflow:EndTrace": "",
    "sagemaker-mlflow:FinalizeLoggedModel": "",
    "sagemaker-mlflow:List*": "",
    "sagemaker-mlflow:Search*": "",
    "sagemaker-mlflow:Set*": "",
    "sagemaker-mlflow:StartTrace": "",
    "sagemaker-mlflow:TransitionModelVersionStage": "",
    "sagemaker-mlflow:UpdateModelVersion": "",
    "sagemaker-mlflow:UpdateRegisteredModel": "",
}


def test_every_action_that_is_taken_away_is_missed(
    account: Callable[[str], Account], record_property: Callable[[str, object], None]
) -> None:
    everything = account("everything")
    need_everything(everything)
    taken = [
        (role, document, index, action)
        for role, document in role_policies(everything).items()
        for index, statement in enumerate(document["Statement"])
        for action in listed(statement["Action"])
    ]
    requests = everything.runtime.authorization.allowed
    unmissed = {
        action
        for role, document, index, action in taken
        if all(allowed([without(document, index, action)], asked) for asked in requests[role])
    }
    assert unmissed == NOT_SHOWN.keys()
    record_property("actions taken away, one at a time", len(taken))


def need_everything(account: Account) -> None:
    """Let both pipelines run, a job be interrupted, and executions be stopped."""
    for folder in ("datasets", "input"):
        account.aws.client("s3").put_object(
            Bucket="my-ml-bucket",
            Key=f"{folder}/part-1.csv",
            Body=b"data",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=KEY,
        )
    assert week_of(account, "training@1:interruption") == []
    for pipeline in ("training", "processing"):
        execution = account.runtime.start(account.arn(pipeline))
        account.runtime.advance(timedelta(minutes=20))
        account.aws.client("sagemaker").stop_pipeline_execution(
            PipelineExecutionArn=execution.arn, ClientRequestToken="0" * 32
        )
        account.runtime.advance(timedelta(minutes=1))


def role_policies(account: Account) -> dict[str, Any]:
    """The policy of each role, which has one."""
    iam = account.aws.client("iam")
    found = {}
    for role in iam.list_roles()["Roles"]:
        (name,) = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        held = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)
        found[role["RoleName"]] = held["PolicyDocument"]
    return found


def without(document: dict[str, Any], index: int, action: str) -> Policy:
    """The document whose statement allows something else instead of an action."""
    changed = copy.deepcopy(document)
    actions = listed(changed["Statement"][index]["Action"])
    changed["Statement"][index]["Action"] = [
        "sts:GetCallerIdentity" if other == action else other for other in actions
    ]
    return Policy.parse(changed)


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
