"""What a pipeline needs is made, and then its executions succeed."""

from __future__ import annotations

import json

import pytest

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.samples import IMAGE, TRAINING, create_pipeline
from emulated_aws.surroundings import arrange, arrange_named

PIPELINE = "arn:aws:sagemaker:{region}:123456789012:pipeline/night-training"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed-starts"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"


@pytest.fixture
def empty(double: EmulatedAWS) -> EmulatedAWS:
    double.reset()
    return double


def create(aws: EmulatedAWS, region: str, **defaults: str) -> None:
    content = json.loads(json.dumps(TRAINING))
    for parameter in content["Parameters"]:
        parameter["DefaultValue"] = defaults.get(parameter["Name"], parameter["DefaultValue"])
    request = create_pipeline(
        PipelineName="night-training", PipelineDefinition=json.dumps(content)
    ).parameters
    aws.client("sagemaker", behind=True, region=region).create_pipeline(**request)


def schedule(aws: EmulatedAWS, **parameters: str) -> None:
    events = aws.client("events", behind=True)
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    target = {
        "Id": "pipeline",
        "Arn": PIPELINE.format(region="us-east-1"),
        "RoleArn": "arn:aws:iam::123456789012:role/start",
        "DeadLetterConfig": {"Arn": QUEUE},
        "SageMakerPipelineParameters": {
            "PipelineParameterList": [
                {"Name": name, "Value": value} for name, value in parameters.items()
            ]
        },
    }
    told = {"Id": "topic", "Arn": TOPIC}
    events.put_targets(Rule="nightly", Targets=[target, told])


def test_defaults_and_what_rules_send(empty: EmulatedAWS) -> None:
    create(empty, "us-east-1")
    schedule(empty, InputDataS3Uri="s3://lake/sales/week.csv", TrainingImageUri=f"{IMAGE}-next")
    made = arrange(empty)
    assert {
        "bucket my-ml-bucket",
        "bucket lake",
        "object s3://my-ml-bucket/input/part-1.csv",
        "object s3://lake/sales/week.csv",
        f"image {IMAGE}",
        f"image {IMAGE}-next",
        f"queue {QUEUE}",
        f"topic {TOPIC}",
    } <= set(made)
    assert arrange(empty) == [], "it was there"


def test_what_schedules_triggers_and_alarms_name(empty: EmulatedAWS) -> None:
    create(empty, "us-east-1")
    parameters = {
        "InputDataS3Uri": "s3://lake/daily/",
        "LearningRate": "<aws.scheduler.attempt-number>",
    }
    target = {
        "Arn": PIPELINE.format(region="us-east-1"),
        "RoleArn": "arn:aws:iam::123456789012:role/start",
        "DeadLetterConfig": {"Arn": QUEUE},
        "SageMakerPipelineParameters": {
            "PipelineParameterList": [
                {"Name": name, "Value": value} for name, value in parameters.items()
            ]
        },
    }
    empty.client("scheduler", behind=True).create_schedule(
        Name="daily",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": ["uploads", {"prefix": "x"}]}}}
    events = empty.client("events", behind=True)
    events.put_rule(Name="landed", EventPattern=json.dumps(pattern))
    empty.client("cloudwatch", behind=True).put_metric_alarm(
        AlarmName="failed",
        Namespace="AWS/Sagemaker/ModelBuildingPipeline",
        MetricName="ExecutionFailed",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Threshold=1,
        AlarmActions=[TOPIC],
    )
    made = arrange(empty, event_buckets=["uploads"])
    assert {
        "bucket lake",
        "bucket uploads",
        "events of bucket uploads",
        "object s3://lake/daily/part-1.csv",
        f"queue {QUEUE}",
        f"topic {TOPIC}",
    } <= set(made)
    assert arrange(empty, event_buckets=["uploads"]) == [], "it was there"


def test_what_else_a_bucket_tells_stays(empty: EmulatedAWS) -> None:
    s3, sqs = empty.client("s3"), empty.client("sqs")
    s3.create_bucket(Bucket="uploads")
    sqs.create_queue(QueueName="failed-starts")
    queue = {"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="uploads", NotificationConfiguration={"QueueConfigurations": [queue]}
    )
    assert arrange(empty, event_buckets=["uploads"]) == ["events of bucket uploads"]
    found = s3.get_bucket_notification_configuration(Bucket="uploads")
    assert found["EventBridgeConfiguration"] == {}
    assert [one["QueueArn"] for one in found["QueueConfigurations"]] == [QUEUE]


def test_another_region_and_a_digest(empty: EmulatedAWS) -> None:
    image = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml-training@sha256:{'a' * 64}"
    create(empty, "eu-west-1", TrainingImageUri=image)
    assert f"image {image}" in arrange(empty)
    assert arrange(empty) == []


def test_images_of_others_are_left_alone(empty: EmulatedAWS) -> None:
    foreign = IMAGE.replace("123456789012", "210987654321")
    create(empty, "us-east-1", TrainingImageUri=foreign)
    assert not any(name.startswith("image") for name in arrange(empty))


def test_policies_are_set(empty: EmulatedAWS) -> None:
    create(empty, "us-east-1")
    schedule(empty)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arrange(empty, {QUEUE: policy, TOPIC: policy})
    sqs, sns = empty.client("sqs"), empty.client("sns")
    url = sqs.get_queue_url(QueueName="failed-starts")["QueueUrl"]
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    assert json.loads(held["Policy"]) == json.loads(policy)
    attributes = sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]
    assert json.loads(attributes["Policy"]) == json.loads(policy)


def test_what_a_text_names(empty: EmulatedAWS) -> None:
    text = f"""
    region     = "eu-west-1"
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    groups     = ["sg-0123456789abcdef0"]
    input      = "s3://lake/sales/"
    bucket_arn = "arn:aws:s3:::models"
    topic      = "{TOPIC.replace("us-east-1", "eu-west-1")}"
    """
    made = arrange_named(empty, text)
    assert {"bucket lake", "bucket models"} < set(made)
    ec2 = empty.client("ec2", region="eu-west-1")
    found = {subnet["SubnetId"]: subnet["VpcId"] for subnet in ec2.describe_subnets()["Subnets"]}
    assert found["subnet-0123456789abcdef1"] == "vpc-0123456789abcdef0"
    groups = {group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    assert "sg-0123456789abcdef0" in groups
    assert len(empty.client("sns", region="eu-west-1").list_topics()["Topics"]) == 1
    assert arrange_named(empty, text) == []


def test_buckets_that_a_root_makes_are_not_made(empty: EmulatedAWS) -> None:
    text = 'resource "aws_s3_bucket" "models" { bucket = "models" }\npath = "s3://models/"'
    assert arrange_named(empty, text) == []
