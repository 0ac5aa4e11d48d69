"""What AWS takes is taken: each input at its limits, and every pair of choices of the inputs.

test_executions.py makes all of it in emulated AWS. What is beyond the limits is in
refused/test_bad_values.py.
"""

from __future__ import annotations

import json
from typing import Any

from allpairspy import AllPairs

from inputs import ACCOUNT, ECR, KEY, POLICY, QUEUE, QUEUES, RETRY, TOPIC, TOPICS, VALID, VPC, retry

OTHER_ACCOUNT = "999999999999"


DAILY = {"pipeline": "training", "expression": "rate(1 day)", "timezone": "Europe/Berlin"}


def both(**inputs: Any) -> dict[str, Any]:
    """The same for both pipelines."""
    return {f"{key}_{name}": inputs[name] for key in ("training", "processing") for name in inputs}


def pattern_of(*values: Any) -> str:
    """An event pattern with these values of a member."""
    return json.dumps({"source": ["nobody"], "a": values})


#: EventBridge's, each with all that it takes.
OPERATORS: list[dict[str, Any]] = [
    *({name: 'a"[{}]'} for name in ("prefix", "suffix", "equals-ignore-case")),
    {"prefix": {"equals-ignore-case": "a"}},
    {"suffix": {"equals-ignore-case": "é"}},
    *({"wildcard": text} for text in ("", "*", "*a*/*.csv", r"a\*\\*", '\n"')),
    *({"cidr": network} for network in ("10.0.0.0/8", "2001:db8::/32")),
    *({"exists": exists} for exists in (True, False)),
    *({"numeric": [comparison, -1.5e300]} for comparison in ("<", "<=", "=", ">=", ">")),
    *({"numeric": [least, 0, most, 5]} for least in (">", ">=") for most in ("<", "<=")),
    *({"anything-but": value} for value in ("a", 1, ["a", "b"], [1, 2.5], {"prefix": "a"})),
    *({"anything-but": {name: ["a", "b*"]}} for name in ("prefix", "suffix", "wildcard")),
    {"anything-but": {"equals-ignore-case": ["a", "b"]}},
]
#: Names of operators are also names of members, and $or stands at any depth.
LEVELS = json.dumps(
    {
        "$or": [{"source": ["a"]}, {"detail": {"$or": [{"prefix": [1]}, {"numeric": [None]}]}}],
        "a": {"b": {"c": {"d": {"e": {"f": {"g": ["h", True, False, None, "", 1e-7, -0.5]}}}}}},
        "exists": ["}]", "\\", '\\"'],
    }
)
#: What an alarm can tell.
ACTIONS = [
    TOPIC,
    f"arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:alerts:live",
    f"arn:aws:ssm:us-east-1:{ACCOUNT}:opsitem:1#CATEGORY=Availability",
    f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/ml",
    f"arn:aws:autoscaling:us-east-1:{ACCOUNT}:scalingPolicy:1-2:autoScalingGroupName/g:policyName/p",
]
BUCKETS = {"shortest": "abc", "longest": "b" * 63}
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell"


def definition(*steps: Any, **members: Any) -> str:
    """A pipeline definition of these steps."""
    return json.dumps({"Version": "2020-12-01", "Steps": list(steps), **members})


def tell(name: str, **arguments: Any) -> dict[str, Any]:
    """A Lambda step."""
    return {"Name": name, "Type": "Lambda", "FunctionArn": FUNCTION, "Arguments": arguments}


def in_conditions(depth: int, step: Any) -> Any:
    """The step in so many conditions."""
    for level in range(depth):
        branches = {"Conditions": [], "IfSteps": [step], "ElseSteps": []}
        step = {"Name": f"If{level}", "Type": "Condition", "Arguments": branches}
    return step


def parameters(number: int) -> list[dict[str, Any]]:
    """Parameters of all types, with names as long as AWS takes them."""
    kinds = {"String": "x", "Integer": -1, "Float": -1.5e-7, "Boolean": True}
    return [
        {"Name": f"{n:03}{'p' * 253}", "Type": kind, "DefaultValue": kinds[kind]}
        for n in range(number)
        for kind in [list(kinds)[n % 4]]
    ]


#: The bytes of the text that makes a definition as long as the provider takes it.
LONGEST = 1048576 - len(
    json.dumps(json.loads(definition(tell("A"), Metadata={"a": ""})), separators=(",", ":"))
)
DEFINED = {
    "k" * 40: {
        "definition": definition(tell("A"), Parameters=parameters(199)),
        "description": "🙂" * 768,
        "max_parallel_steps": 100000,
        "additional_policies": {"p" * 128: POLICY},
    },
    "parameters": {"definition": definition(tell("A"), Parameters=parameters(200))},
    "deep": {"definition": definition(in_conditions(5, tell("s" * 64)))},
    "steps": {"definition": definition(*(tell(f"S{n}") for n in range(50)))},
    "long": {"definition": definition(tell("A"), Metadata={"a": "é" + "e" * (LONGEST - 2)})},
}
LIMITS: dict[str, dict[str, Any]] = {
    "largest": {
        "project_name": "p" * 20,
        "environment": "e" * 20,
        "additional_pipelines": DEFINED,
        "tags": {f"{n:02}{'k' * 126}": "v" * 256 for n in range(45)},
        "additional_s3_bucket_arns": [f"arn:aws:s3:::{name}" for name in BUCKETS.values()],
        "vpc_id": "vpc-1",
        "subnet_ids": [f"subnet-{n:x}" for n in range(16)],
        "security_group_ids": [f"sg-{n:x}" for n in range(5)],
        "lookup_network": False,
        "kms_key_arn": KEY,
        "input_data_s3_path": f"s3://my-ml-bucket/{'x' * 1006}",
        "training_image_uri": f"{ECR}/trainer:{'t' * 128}",
        "training_input_channel": "c" * 64,
        "training_additional_inputs": {
            f"{n:02}{'c' * 62}": {
                "s3_path": f"s3://{BUCKETS['longest' if n else 'shortest']}/x",
                "content_type": "t" * 256,
            }
            for n in range(19)
        },
        "training_environment_variables": {f"N{n:02}{'N' * 509}": "v" * 512 for n in range(98)},
        "training_hyperparameters": {f"{n:02}{'h' * 254}": "v" * 2500 for n in range(100)},
        "training_metric_definitions": {f"{n:02}{'m' * 253}": "r" * 500 for n in range(40)},
        "training_max_runtime_seconds": 2419200,
        "training_spot": {
            "max_wait_seconds": 2419200,
            "checkpoint_s3_path": f"s3://my-ml-bucket/{'c' * 1005}/",
            "checkpoint_per_execution": False,
        },
        "training_container_entrypoint": ["e" * 256] * 100,
        "training_schedule_expression": "cron(59 23 31 12 ? 2199)",
        "training_schedule_parameters": {
            "TrainingInstanceType": f"ml.{'i' * 30}.{'s' * 30}",
            "TrainingVolumeSizeInGB": "16384",
            "TrainingMaxRuntimeInSeconds": "2419200",
            "TrainingInstanceCount": "1000000",
        },
        "processing_environment_variables": {f"N{n:02}{'N' * 253}": "v" * 256 for n in range(98)},
        "processing_instance_count": 100,
        "processing_max_runtime_seconds": 777600,
        "processing_additional_inputs": {
            f"{n:02}{'i' * 62}": {
                "s3_path": f"s3://my-ml-bucket/{'x' * 1006}",
                "local_path": f"/opt/ml/processing/{n:02}{'l' * 235}",
            }
            for n in range(9)
        },
        "processing_additional_outputs": {
            f"{n:02}{'o' * 62}": {
                "s3_path": f"s3://my-ml-bucket/{'y' * 1006}",
                "local_path": f"/opt/ml/processing/o{n:02}{'l' * 233}/",
            }
            for n in range(9)
        },
        "processing_container_entrypoint": ["e" * 256] * 100,
        "processing_schedule_expression": "cron(0-59/10,5 20-23,2 ? DEC SAT#5 2026-2199)",
        "processing_schedule_parameters": {
            "ProcessingInstanceType": f"ml.{'i' * 30}.{'s' * 30}",
            "ProcessingInstanceCount": "100",
            "ProcessingVolumeSizeInGB": "16384",
            "ProcessingMaxRuntimeInSeconds": "777600",
        },
        "schedule_max_retry_attempts": 185,
        "schedule_max_event_age_seconds": 86400,
        "schedule_dead_letter_queue_arn": f"{QUEUES}{'q' * 80}",
        "notifications": {"topic_arn": f"{TOPICS}{'t' * 256}"},
        "schedules": {
            "k": {"pipeline": "k" * 40, "expression": "rate(1 day)"},
            "s" * 64: {
                "pipeline": "training",
                "expression": f"cron(0 2 ? * {'SUN,' * 59}MON *)",
                "timezone": "America/Argentina/ComodRivadavia",
                "flexible_window_minutes": 1440,
                "start_date": "2098-12-31T23:59:59Z",
                "end_date": "2199-12-31T23:59:59Z",
            },
        },
        "triggers": {
            "k" * 64: {
                "pipeline": "training",
                "s3_object": {"bucket": BUCKETS["longest"], "prefix": "x" * 1024, "suffix": ".csv"},
            },
            "pattern": {"pipeline": "training", "event_pattern": pattern_of("x" * 4066)},
            "operators": {"pipeline": "processing", "event_pattern": pattern_of(*OPERATORS)},
            "levels": {"pipeline": "processing", "event_pattern": LEVELS},
            "after": {
                "pipeline": "processing",
                "after": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/{'P' * 256}",
            },
        },
        "alarms": {
            "actions": [f"{TOPICS}{'t' * 255}{n}" for n in range(5)],
            "no_success_within_hours": {"training": 168, "processing": 168},
            "longer_than_minutes": {"training": 40320, "processing": 12960},
        },
        "guardrails": {
            "instance_types": ["ml.m5.xlarge", f"ml.{'i' * 30}.{'s' * 30}"],
            "max_runtime_seconds": 2419200,
        },
        "role_path": f"/{'p' * 510}/",
        **both(
            volume_size_gb=16384,
            container_arguments=["a" * 256] * 100,
            retry_policies=retry(max_attempts=20) + retry(expire_after_minutes=14400),
            additional_policies={"p" * 128: POLICY},
        ),
    },
    "smallest": {
        "project_name": "p",
        "environment": "e",
        "additional_pipelines": {
            "a": {"definition": definition(tell("_")), "max_parallel_steps": 1}
        },
        "tags": {"k": "v"},
        "input_data_s3_path": "s3://my-ml-bucket",
        "training_input_channel": "c",
        "training_hyperparameters": {"h": ""},
        "training_metric_definitions": {"m": "r"},
        "training_spot": {"max_wait_seconds": 1},
        "training_container_entrypoint": ["e"],
        "training_container_arguments": ["a"],
        "training_schedule_expression": "cron(0 0 1W 1 ? 1970)",
        "training_schedule_parameters": {
            "TrainingInstanceType": "ml.i.s",
            "TrainingInstanceCount": "1",
        },
        "processing_container_entrypoint": [""],
        "processing_container_arguments": [""],
        "processing_additional_inputs": {"i": {"s3_path": "s3://my-ml-bucket"}},
        "processing_additional_outputs": {
            "o": {"s3_path": "s3://my-ml-bucket", "local_path": "/opt/ml/processing/x"}
        },
        "processing_schedule_expression": "cron(* * ? * 1L *)",
        "processing_schedule_parameters": {
            "ProcessingInstanceType": "ml.i.s",
            "ProcessingInstanceCount": "1",
        },
        "max_parallel_steps": 1,
        "schedule_max_retry_attempts": 0,
        "schedule_max_event_age_seconds": 60,
        "schedule_dead_letter_queue_arn": f"{QUEUES}q",
        "notifications": {"topic_arn": f"{TOPICS}t"},
        "schedules": {
            "0": {
                "pipeline": "training",
                "expression": "rate(1 minute)",
                "timezone": "GB",
                "flexible_window_minutes": 1,
                "start_date": "2099-01-01T00:00:00Z",
                "end_date": "2099-01-01T00:00:01Z",
            },
            "_": {"pipeline": "processing", "expression": "at(2099-12-31T23:59:59)"},
            # for the alarms
            "t": {"pipeline": "training", "expression": "rate(1 hour)"},
            "p": {"pipeline": "processing", "expression": "rate(1 hour)"},
        },
        "triggers": {
            ".": {"pipeline": "training", "s3_object": {"bucket": "abc", "suffix": "/"}},
            "-": {"pipeline": "processing", "event_pattern": '{"a":[0]}'},
        },
        "alarms": {
            "actions": [TOPICS + "t"],
            "no_success_within_hours": {"training": 1, "processing": 1},
            "longer_than_minutes": {"training": 1, "processing": 1},
        },
        "guardrails": {
            "instance_types": ["ml.m5.xlarge", "ml.i.s"],
            "max_runtime_seconds": 1,
        },
        "role_path": "/",
        **both(
            environment_variables={"_": ""},
            instance_count=1,
            volume_size_gb=1,
            max_runtime_seconds=1,
            retry_policies=retry(max_attempts=1, interval_seconds=1, backoff_rate=1)
            + retry(expire_after_minutes=1),
        ),
    },
    # what is rare, and taken all the same
    "unusual": {
        "tags": {"Käse 漢字": "ß", "k" * 128: ""},
        "additional_s3_bucket_arns": ["arn:aws:s3:::ml.data-999999999999-us-east-1-an"],
        "kms_key_arn": f"arn:aws:kms:us-east-1:{OTHER_ACCOUNT}:key/mrk-1234abcd",
        "volume_kms_key_arn": f"arn:aws:kms:us-east-1:{OTHER_ACCOUNT}:key/5678",
        "training_image_uri": f"{ECR.replace(ACCOUNT, OTHER_ACCOUNT)}/a0/b__c--d.e:v1",
        "inference_image_uri": f"{ECR}/{'i' * 200}:{'t' * 5}",
        "input_data_s3_path": "s3://my-ml-bucket/zürich & co (new)/ÿ",
        "training_additional_inputs": {
            "empty": {"s3_path": "s3://my-ml-bucket/x/", "content_type": ""}
        },
        "training_environment_variables": {
            "SCIENCE": "👩‍🔬" * 170 + "xx",
            "LINES": "a\nb\u0085c\u2028d",
        },
        "training_hyperparameters": {"é" * 256: "🙂" * 2500},
        "training_spot": {
            "max_wait_seconds": 90000,
            "checkpoint_s3_path": f"s3://my-ml-bucket/{'c' * 992}/",
        },
        "training_schedule_expression": "cron(0 2 LW * ? *)",
        "inference_output_s3_path": f"s3://my-ml-bucket/{'x' * 993}/",
        "processing_output_per_execution": True,
        "processing_additional_inputs": {
            "-": {
                "s3_path": "s3://my-ml-bucket/a",
                "local_path": "/opt/ml/processing/input/é /..a",
            },
            "Input": {"s3_path": "s3://my-ml-bucket/b/", "local_path": "/opt/ml/processing/INPUT"},
        },
        "processing_additional_outputs": {
            "_": {
                "s3_path": f"s3://my-ml-bucket/{'x' * 993}/",
                "local_path": "/opt/ml/processing/a.",
            }
        },
        "processing_cache_expire_after": "p1y12M3W14dT10H20M",
        "processing_environment_variables": {"SCIENCE": "👩‍🔬" * 85 + "x"},
        "processing_schedule_expression": "cron(0/59 0-5/23 ? jan-Dec/12 mon-Fri,SAT 2026/199)",
        "processing_schedule_parameters": {
            "InferenceOutputS3Uri": f"s3://my-ml-bucket/{'y' * 993}/"
        },
        "schedule_dead_letter_queue_arn": f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:failed-starts",
        "alarms": {"actions": ACTIONS},
        "role_path": "/a+=,.@_-/B9/",
        "role_permissions_boundary_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        **both(
            retry_policies=retry(max_attempts=0, interval_seconds=43200, backoff_rate=0.5)
            + retry(expire_after_minutes=0, interval_seconds=0, backoff_rate=0),
            managed_policy_arns={"aws": "arn:aws:iam::aws:policy/service-role/AmazonS3Role"},
            additional_policies={
                "one": json.dumps(
                    json.loads(POLICY) | {"Statement": json.loads(POLICY)["Statement"][0]}
                )
            },
        ),
    },
}

#: Values of each input to choose from; inputs that depend on each other share a line.
CHOICES: list[list[dict[str, Any]]] = [
    [{}, VPC, VPC | {"subnet_ids": ["subnet-12345678"]}, VPC | {"lookup_network": False}],
    [{}, {"kms_key_arn": KEY}],
    [{}, {"volume_kms_key_arn": KEY}],
    [{}, {"tags": {"Team": "ml"}}],
    [{}, {"project_name": "p" * 20, "environment": "e" * 20}, {"project_name": "a"}],
    [{}, {"role_path": "/ml/team/"}],
    [{}, {"max_parallel_steps": 7}],
    [{}, {"schedule_dead_letter_queue_arn": QUEUE}],
    [{}, {"notifications": {"topic_arn": TOPIC, "statuses": ["Failed", "Succeeded"]}}],
    [{}, {"role_arns": {"training_job": f"arn:aws:iam::{ACCOUNT}:role/a/b"}}],
    [{}, {"enable_inter_container_encryption": True}, {"enable_network_isolation": True}],
    [{}, {"enable_training_schedule": False}, {"enable_processing_schedule": False}],
    [{}, {"training_input_mode": "Pipe"}, {"training_input_mode": "FastFile"}],
    [{}, {"training_hyperparameters": {"epochs": "3", "lr": "0.1"}}],
    [{}, {"training_metric_definitions": {"loss": "loss=([0-9.]+)", "auc": "auc=(.*)"}}],
    [{}, {"training_container_entrypoint": ["python", "-m", "train"]}],
    [{}, {"training_container_arguments": ["--epochs", "3"]}],
    [{}, {"processing_container_entrypoint": ["python"]}],
    [{}, {"processing_container_arguments": ["score.py", ""]}],
    [{}, {"training_spot": {"max_wait_seconds": 90000}},
     {"training_spot": {"max_wait_seconds": 86400,
                        "checkpoint_s3_path": "s3://my-ml-bucket/checkpoints"}}],
    [{}, {"training_additional_inputs": {"labels": {"s3_path": "s3://my-ml-bucket/labels/"}}},
     {"training_additional_inputs": {f"channel-{n}": {
         "s3_path": f"s3://data-lake/{n}", "input_mode": "FastFile", "content_type": "text/csv",
         "distribution": "ShardedByS3Key"} for n in range(19)},
      "additional_s3_bucket_arns": ["arn:aws:s3:::data-lake"]}],
    [{}, {"training_retry_policies": []},
     {"training_retry_policies": [RETRY | {"expire_after_minutes": 14400}]}],
    [{}, {"processing_retry_policies": [RETRY | {"max_attempts": 20}]}],
    [{}, {"training_instance_count": 20, "training_instance_type": "ml.p4d.24xlarge"}],
    [{}, {"processing_instance_count": 100, "processing_input_distribution": "ShardedByS3Key"}],
    [{}, {"training_volume_size_gb": 16384, "processing_volume_size_gb": 1}],
    [{}, {"processing_max_runtime_seconds": 777600}, {"processing_max_runtime_seconds": 1}],
    [{}, {"guardrails": {"instance_types": ["ml.m5.xlarge", "ml.p4d.24xlarge"]}},
     {"guardrails": {"max_runtime_seconds": 777600}}],
    [{}, {"processing_output_per_execution": True}],
    [{}, {"processing_additional_inputs": {"model": {"s3_path": "s3://my-ml-bucket/models/"}}},
     {"processing_additional_inputs": {f"input-{n}": {
         "s3_path": f"s3://my-ml-bucket/{n}", "local_path": f"/opt/ml/processing/in/{n}",
         "input_mode": "Pipe", "distribution": "ShardedByS3Key"} for n in range(9)}}],
    [{}, {"processing_additional_outputs": {"report": {"s3_path": "s3://my-ml-bucket/reports/"}}},
     {"processing_additional_outputs": {f"output-{n}": {
         "s3_path": f"s3://my-ml-bucket/{n}", "local_path": f"/opt/ml/processing/out/{n}/",
         "upload_mode": "Continuous"} for n in range(9)}}],
    [{}, {"processing_output_upload_mode": "Continuous"}],
    [{}, {"training_image_uri": f"{ECR}/a/b/c@sha256:{'0' * 64}"}],
    [{}, {"input_data_s3_path": "s3://my-ml-bucket"}],
    [{}, {"inference_output_s3_path": "s3://my-ml-bucket/"}],
    [{}, {"training_schedule_parameters": {"TrainingInstanceCount": "2"}}],
    [{}, {"schedules": {"a": DAILY, "b": DAILY | {"pipeline": "processing", "enabled": False}}}],
    [{}, {"triggers": {"model": {"pipeline": "processing", "after": "training"}}},
     {"triggers": {"lake": {"pipeline": "training", "s3_object": {"bucket": "data-lake"}}}}],
    [{}, {"alarms": {"actions": [TOPIC], "no_success_within_hours": {"training": 168}}},
     {"alarms": {"actions": [TOPIC], "failed": False, "longer_than_minutes": {"training": 90}}}],
    [{}, {"processing_schedule_expression": "rate(1 hour)"},
     {"processing_schedule_expression": "cron(0 0 L * ? 2026/2)"},
     {"processing_schedule_expression": "cron(0/5,59 8-17 ? JAN-MAR,12 2#1 *)"}],
]  # fmt: skip


def merged(choices: list[dict[str, Any]]) -> dict[str, Any]:
    """The inputs of a call."""
    return {name: value for choice in [VALID, *choices] for name, value in choice.items()}


PAIRS = [merged(choices) for choices in AllPairs(CHOICES)]
#: So many of them in a plan-only run; the first ones have most of the pairs.
FEW = 5
PLANNED_CALLS = {f"limits {name}": VALID | inputs for name, inputs in LIMITS.items()} | {
    f"pairs {number}": inputs for number, inputs in enumerate(PAIRS[:FEW])
}
MORE_CALLS = {f"pairs {number}": inputs for number, inputs in enumerate(PAIRS[FEW:], FEW)}
