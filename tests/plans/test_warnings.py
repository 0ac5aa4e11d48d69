"""What the module warns of, and lets pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulated_aws import shapes
from inputs import ACCOUNT, KEY, QUEUE, ROLES, TOPIC, VALID
from rows import compare
from terraform.plan import Plan

SERVER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-tracking-server/ml"
NO_SCHEDULES = {"enable_training_schedule": False, "enable_processing_schedule": False}

SIX_HOURS_AGO = datetime.now(timezone.utc) - timedelta(hours=6)

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell"
TELL = {"Name": "Tell", "Type": "Lambda", "FunctionArn": FUNCTION, "Arguments": {}}


def condition(name: str, *steps: dict[str, Any]) -> dict[str, Any]:
    """A Condition step with these steps in its second branch."""
    return {
        "Name": name,
        "Type": "Condition",
        "Arguments": {"Conditions": [], "IfSteps": [], "ElseSteps": list(steps)},
    }


def train(name: str, *, without: str = "", **members: Any) -> dict[str, Any]:
    """A Training step with a job name of its own."""
    arguments = {"RoleArn": f"{ROLES}training", "TrainingJobName": "churn", **members}
    arguments = {key: value for key, value in arguments.items() if key != without}
    return {"Name": name, "Type": "Training", "Arguments": arguments}


def pipelines(**steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Additional pipelines of these steps."""
    return {
        "additional_pipelines": {
            key: {"definition": json.dumps({"Version": "2020-12-01", "Steps": found})}
            for key, found in steps.items()
        }
    }


#: What is set, and how the warnings begin.
CASES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": (
        {
            "training_environment_variables": {
                "DB_SECRET_NAME": "x",
                "MLFLOW_TRACKING_URI": SERVER,
                "KEYBOARD": "x",
                "MONKEY": "x",
            },
            "processing_environment_variables": {
                "TOKEN_URL": "https://user@example.com:8443/x",
                "PAD_TOKEN": "x",
                "MLFLOW_TRACKING_URI": "https://mlflow.example.com",
            },
            "training_hyperparameters": {"max_tokens": "1", "tokenizer": "x", "epochs": "3"},
            "non_secret_names": ["PAD_TOKEN", "NOT_THERE"],
            "training_cache_expire_after": "P1D",
            "enable_training_schedule": False,
            "volume_kms_key_arn": KEY,
            "inference_input_s3_path": "s3://my-ml-bucket/in/",
            "inference_output_s3_path": "s3://my-ml-bucket/in-scored/",
            "processing_instance_count": 4,
            "processing_input_distribution": "ShardedByS3Key",
            "schedule_dead_letter_queue_arn": QUEUE,
        },
        set(),
    ),
    "folders beside each other": (
        {
            "processing_instance_count": 2,
            "processing_input_distribution": "ShardedByS3Key",
            "processing_additional_inputs": {
                "code": {
                    "s3_path": "s3://my-ml-bucket/code/",
                    "local_path": "/opt/ml/processing/input/code",  # as SageMaker's SDK does
                },
                "model": {"s3_path": "s3://my-ml-bucket/models/"},
            },
            "processing_additional_outputs": {
                "report": {
                    "s3_path": "s3://my-ml-bucket/models-old/",
                    "local_path": "/opt/ml/processing/output-2/",
                },
                "log": {
                    "s3_path": "s3://my-ml-bucket/logs/",
                    "local_path": "/opt/ml/processing/model/log",
                },
            },
        },
        set(),
    ),
    "folders in others": (
        {
            "processing_additional_inputs": {
                "model": {
                    "s3_path": "s3://my-ml-bucket/models/",
                    "local_path": "/opt/ml/processing/report/model",
                },
            },
            "processing_additional_outputs": {
                "report": {
                    "s3_path": "s3://my-ml-bucket/models/reports/",
                    "local_path": "/opt/ml/processing/report/",
                },
                "log": {
                    "s3_path": "s3://my-ml-bucket/logs/",
                    "local_path": "/opt/ml/processing/output/log",
                },
            },
            "triggers": {
                "reported": {
                    "pipeline": "processing",
                    "s3_object": {"bucket": "my-ml-bucket", "prefix": "logs/", "suffix": ".txt"},
                }
            },
        },
        {
            "The local path of processing_additional_outputs.log below inference_output_s3_path, "
            "processing_additional_inputs.model below processing_additional_outputs.report: ",
            "processing_additional_outputs.report below processing_additional_inputs.model: each ",
            "triggers.reported watches processing_additional_outputs.log: ",
        },
    ),
    "disabled": (
        {
            "enable_processing_pipeline": False,
            "enable_processing_schedule": False,
            "processing_additional_outputs": {
                "report": {
                    "s3_path": "s3://my-ml-bucket/output/",
                    "local_path": "/opt/ml/processing/output/log",
                }
            },
        },
        set(),
    ),
    "no guardrails": ({"guardrails": {}}, {"guardrails without any: this has no effect"}),
    "guardrails": (
        {
            "guardrails": {"instance_types": ["ml.m5.xlarge"], "max_runtime_seconds": 86400},
            "triggers": {
                "asked": {
                    "pipeline": "training",
                    "event_pattern": '{"source": ["ml.platform"]}',
                    # only the event knows them
                    "parameters": {
                        "TrainingInstanceType": "$.detail.type",
                        "TrainingMaxRuntimeInSeconds": "$.detail.seconds",
                    },
                }
            },
        },
        set(),
    ),
    "local storage without a key": ({"training_instance_type": "ml.g5.xlarge"}, set()),
    "one instance": ({"processing_schedule_parameters": {"ProcessingInstanceCount": "1"}}, set()),
    "training": (
        {
            "training_environment_variables": {"DB_PASSWORD": "x", "DB_USER": "x"},
            "training_cache_expire_after": "P1D",
            "volume_kms_key_arn": KEY,
            "training_instance_type": "ml.g5.xlarge",
        },
        {
            "DB_PASSWORD in ",
            "training_cache_expire_after is set for a pipeline with a schedule",
            "volume_kms_key_arn is set, but ml.g5.xlarge has local storage",
        },
    ),
    "processing": (
        {
            "processing_environment_variables": {"HUB_TOKEN": "x", "secret": "x"},
            "processing_cache_expire_after": "P1D",
            "volume_kms_key_arn": KEY,
            "processing_instance_type": "ml.r5d.large",
        },
        {
            "HUB_TOKEN, secret in ",
            "processing_cache_expire_after is set for a pipeline with a schedule",
            "volume_kms_key_arn is set, but ml.r5d.large has local storage",
        },
    ),
    "both": (
        {
            "training_environment_variables": {"API_KEY": "x"},
            "processing_environment_variables": {"SECRET_KEY": "x"},
            "training_cache_expire_after": "P1D",
            "processing_cache_expire_after": "P1D",
        },
        {
            "API_KEY, SECRET_KEY in ",
            "processing_cache_expire_after, training_cache_expire_after is set for a pipeline",
        },
    ),
    "names of secrets": (
        {
            "training_environment_variables": dict.fromkeys(
                ("AWS_SECRET_ACCESS_KEY", "MYSQL_PASSWD", "dbPassword", "PGP_PASSPHRASE", "DB_PWD"),
                "x",
            ),
            "processing_environment_variables": {
                "GCP_CREDENTIALS": "x",
                "SASL_JAAS_CONFIG": "x",
                "PRIVATE_KEY": "x",
                "PAD_TOKEN": "x",
            },
            "training_hyperparameters": {"hf-token": "x", "wandb.api_key": "x", "apikey": "x"},
            "non_secret_names": ["PAD_TOKEN"],
        },
        {
            "AWS_SECRET_ACCESS_KEY, DB_PWD, GCP_CREDENTIALS, MYSQL_PASSWD, PGP_PASSPHRASE, "
            "PRIVATE_KEY, SASL_JAAS_CONFIG, apikey, dbPassword, hf-token, wandb.api_key in "
        },
    ),
    "schedule's instance type": (
        {
            "volume_kms_key_arn": KEY,
            "training_schedule_parameters": {"TrainingInstanceType": "ml.p5.48xlarge"},
        },
        {"volume_kms_key_arn is set, but ml.p5.48xlarge has local storage"},
    ),
    "nothing reads it": (
        NO_SCHEDULES
        | {
            "training_schedule_parameters": {"TrainingInstanceCount": "2"},
            "processing_schedule_parameters": {"ProcessingInstanceCount": "2"},
            "schedule_dead_letter_queue_arn": QUEUE,
            "role_arns": {"training_schedule": f"{ROLES}x", "training_job": f"{ROLES}y"},
        },
        {
            "training_schedule_parameters without enable_training_schedule, "
            "processing_schedule_parameters without enable_processing_schedule, "
            "schedule_dead_letter_queue_arn without a schedule or trigger, "
            "role_arns.training_schedule without such a role: this has no effect",
        },
    ),
    "not of MLflow": (
        {
            "training_environment_variables": {"MLFLOW_TRACKING_URI": f"{SERVER}/x"},
            "processing_environment_variables": {
                "MLFLOW_TRACKING_URI": "arn:aws:sagemaker:us-east-1:1234:mlflow-app/a"
            },
        },
        {
            "MLFLOW_TRACKING_URI in processing_environment_variables, "
            "training_environment_variables is an ARN, but not of"
        },
    ),
    "clock changes": (
        {
            "schedules": {
                name: {"pipeline": "training", "expression": f"cron({cron})", "timezone": zone}
                for name, cron, zone in (
                    ("berlin", "0 2 ? * SUN *", "Europe/Berlin"),
                    ("berlin-daily", "30 2 * * ? *", "Europe/Berlin"),
                    ("lisbon", "0 1 ? * FRI-MON *", "Europe/Lisbon"),
                    ("new-york", "0 0/2 ? * * *", "America/New_York"),
                    ("repeated", "15 1 ? * 1,3 *", "America/New_York"),
                    ("nights", "0 22-3 ? * 1L *", "Europe/Berlin"),
                    ("second", "0 2 ? * sun#2 *", "America/Chicago"),
                    ("santiago", "0 0 ? * SUN *", "America/Santiago"),
                )
            }
        },
        {
            "schedules.berlin (cron(0 2 ? * SUN *), Europe/Berlin), "
            "schedules.berlin-daily (cron(30 2 * * ? *), Europe/Berlin), "
            "schedules.lisbon (cron(0 1 ? * FRI-MON *), Europe/Lisbon), "
            "schedules.new-york (cron(0 0/2 ? * * *), America/New_York), "
            "schedules.nights (cron(0 22-3 ? * 1L *), Europe/Berlin), "
            "schedules.repeated (cron(15 1 ? * 1,3 *), America/New_York), "
            "schedules.santiago (cron(0 0 ? * SUN *), America/Santiago), "
            "schedules.second (cron(0 2 ? * sun#2 *), America/Chicago): when the clocks change"
        },
    ),
    "no clock changes": (
        {
            "schedules": {
                name: {"pipeline": "training", "expression": expression, "timezone": zone}
                for name, expression, zone in (
                    ("utc", "cron(0 2 ? * SUN *)", "UTC"),
                    ("tokyo", "cron(0 2 ? * SUN *)", "Asia/Tokyo"),
                    ("sao-paulo", "cron(0 0 ? * SUN *)", "America/Sao_Paulo"),
                    ("later", "cron(0 3 ? * SUN *)", "Europe/Berlin"),
                    ("earlier", "cron(59 1 ? * SUN *)", "Europe/Berlin"),
                    ("workdays", "cron(30 2 ? * MON-FRI *)", "Europe/Berlin"),
                    ("odd-hours", "cron(0 1/2 ? * * *)", "Europe/Berlin"),
                    ("every-hour", "cron(0 * * * ? *)", "Europe/Berlin"),
                    ("rate", "rate(1 day)", "Europe/Berlin"),
                    ("once", "at(2030-03-31T02:30:00)", "Europe/Berlin"),
                )
            }
        },
        set(),
    ),
    "past dates": (
        {
            "schedules": {
                "begun": {
                    "pipeline": "training",
                    "expression": "rate(1 day)",
                    "start_date": "2025-01-01T00:00:00Z",
                },
                "done": {"pipeline": "training", "expression": "at(2025-01-01T00:00:00)"},
                "over": {
                    "pipeline": "training",
                    "expression": "rate(1 day)",
                    "end_date": "2025-02-01T00:00:00Z",
                },
                # six hours ago in UTC; in the westernmost time zone that is six hours from now
                "to-come-in-the-west": {
                    "pipeline": "training",
                    "expression": f"at({SIX_HOURS_AGO:%Y-%m-%dT%H:%M:%S})",
                    "timezone": "Etc/GMT+12",
                },
                "to-come": {
                    "pipeline": "training",
                    "expression": "rate(1 day)",
                    "start_date": "2099-01-01T00:00:00Z",
                },
            }
        },
        {
            "schedules.begun.start_date is 2025-01-01T00:00:00Z, "
            "schedules.done.expression is at(2025-01-01T00:00:00), "
            "schedules.over.end_date is 2025-02-01T00:00:00Z: this is in the past"
        },
    ),
    "dates that nothing reads": (
        {
            "schedules": {
                "once": {
                    "pipeline": "training",
                    "expression": "at(2099-01-01T00:00:00)",
                    "start_date": "2098-01-01T00:00:00Z",
                },
                "past": {"pipeline": "training", "expression": "cron(0 2 1 1 ? 2024-2025,2023)"},
                "partly": {"pipeline": "training", "expression": "cron(0 2 1 1 ? 2025,2199)"},
                "stepping": {"pipeline": "training", "expression": "cron(0 2 1 1 ? 2025/2)"},
            },
            "processing_schedule_expression": "cron(0 2 1 1 ? 2025)",
            "alarms": {"actions": [TOPIC], "failed": False, "failed_starts": False},
        },
        {
            "schedules.once.start_date with at(), processing_schedule_expression with years in the "
            "past, schedules.past.expression with years in the past, alarms without any: this has "
            "no effect"
        },
    ),
    "trigger on its own output": (
        {
            "triggers": {
                "marker": {
                    "pipeline": "processing",
                    "s3_object": {"bucket": "my-ml-bucket", "suffix": "_SUCCESS"},
                },
                "below": {
                    "pipeline": "processing",
                    "s3_object": {"bucket": "my-ml-bucket", "prefix": "output/new/"},
                },
                "model": {
                    "pipeline": "processing",
                    "s3_object": {"bucket": "my-ml-bucket", "prefix": "models/"},
                },
            }
        },
        {
            "triggers.below watches inference_output_s3_path, "
            "triggers.marker watches inference_output_s3_path: an object"
        },
    ),
    "keys with wildcards": (
        {
            "triggers": {
                "glob": {
                    "pipeline": "training",
                    "s3_object": {"bucket": "lake", "prefix": "in/*", "suffix": "part-?.csv"},
                },
                "root": {
                    "pipeline": "training",
                    "s3_object": {"bucket": "lake", "prefix": "/in/", "suffix": "/_SUCCESS"},
                },
            }
        },
        {
            "triggers.glob.s3_object.prefix is in/*, triggers.glob.s3_object.suffix is part-?.csv, "
            "triggers.root.s3_object.prefix is /in/: keys begin"
        },
    ),
    "alarm that is always on": (
        NO_SCHEDULES
        | {
            "triggers": {"model": {"pipeline": "processing", "after": "training"}},
            "schedules": {
                "paused": {"pipeline": "training", "expression": "rate(1 day)", "enabled": False}
            },
            "alarms": {
                "actions": [TOPIC],
                "no_success_within_hours": {"training": 5, "processing": 5},
            },
        },
        {"alarms.no_success_within_hours.training is set, but nothing starts"},
    ),
    "cache with a trigger": (
        NO_SCHEDULES
        | {
            "training_cache_expire_after": "P1D",
            "processing_cache_expire_after": "P1D",
            "triggers": {"model": {"pipeline": "processing", "after": "training"}},
        },
        {"processing_cache_expire_after is set for a pipeline with a schedule or trigger"},
    ),
    "instances of a schedule": (
        {
            "volume_kms_key_arn": KEY,
            "schedules": {
                "big": {
                    "pipeline": "processing",
                    "expression": "rate(1 day)",
                    "parameters": {
                        "ProcessingInstanceType": "ml.g5.xlarge",
                        "ProcessingInstanceCount": "3",
                    },
                }
            },
        },
        {
            "volume_kms_key_arn is set, but ml.g5.xlarge has local storage",
            "schedules.big.parameters.ProcessingInstanceCount is 3, and ",
        },
    ),
    "outputs below inputs": (
        {
            "input_data_s3_path": "s3://my-ml-bucket/data",  # a prefix of database/, too
            "model_output_s3_path": "s3://my-ml-bucket/models/",
            "training_spot": {
                "max_wait_seconds": 90000,
                "checkpoint_s3_path": "s3://my-ml-bucket/database/cp",
            },
            "inference_input_s3_path": "s3://my-ml-bucket",
            "inference_output_s3_path": "s3://my-ml-bucket/scores/",
        },
        {
            "inference_output_s3_path below inference_input_s3_path, "
            "training_spot.checkpoint_s3_path below input_data_s3_path: each execution"
        },
    ),
    "schedule's output below input": (
        {
            "processing_schedule_parameters": {
                "InferenceOutputS3Uri": "s3://my-ml-bucket/input/scores/"
            }
        },
        {
            "processing_schedule_parameters.InferenceOutputS3Uri below inference_input_s3_path: "
            "each execution"
        },
    ),
    "replicated": (
        {"processing_instance_count": 2},
        {"processing_instance_count is 2, and processing_input_distribution is"},
    ),
    "names of jobs": (
        pipelines(
            shared=[
                train("A", without="TrainingJobName"),
                condition("B", train("C", without="TrainingJobName"), train("D")),
                {"Name": "E", "Type": "RegisterModel", "Arguments": {}},
            ],
            own=[train("A"), TELL],
        ),
        {
            "additional_pipelines.shared, step A; additional_pipelines.shared, step E; "
            "additional_pipelines.shared, step C: without a name prefix"
        },
    ),
    "conditions in conditions": (
        pipelines(nested=[condition("A", condition("B", TELL))], flat=[condition("A", TELL)]),
        {"additional_pipelines.nested, step B: AWS's guide says"},
    ),
    "secrets and caches of definitions": (
        NO_SCHEDULES
        | pipelines(
            started=[
                condition("A", train("B", HyperParameters={"hf-token": "x", "max_tokens": "1"})),
                TELL | {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}},
                TELL | {"Name": "Tell2", "CacheConfig": {"Enabled": False}},
            ],
            alone=[
                train("A", Environment={"DB_PASSWORD": "x", "PAD_TOKEN": "x"}),
                TELL | {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}},
            ],
        )
        | {
            "non_secret_names": ["PAD_TOKEN"],
            "schedules": {"daily": {"pipeline": "started", "expression": "rate(1 day)"}},
        },
        {
            "DB_PASSWORD, hf-token in ",
            "CacheConfig in additional_pipelines.started, step Tell is set for a pipeline with",
        },
    ),
    "idle alarm of an additional pipeline": (
        pipelines(own=[TELL])
        | {"alarms": {"actions": [TOPIC], "no_success_within_hours": {"own": 5}}},
        {"alarms.no_success_within_hours.own is set, but nothing starts"},
    ),
    "replicated by a schedule": (
        {"processing_schedule_parameters": {"ProcessingInstanceCount": "4"}},
        {"processing_schedule_parameters.ProcessingInstanceCount is 4, and "},
    ),
}

#: Families of instances with local storage, of those that SageMaker has and of their successors:
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
LOCAL = [
    "g4dn",
    "g5",
    "g6",
    "g6e",
    "g6f",
    "g7",
    "g7e",
    "gr6",
    "p3dn",
    "p4d",
    "p4de",
    "p5",
    "p5e",
    "p5en",
    "p6-b200",
    "p6-b300",
    "p6e-gb200",
    "r5d",
    "m5d",
    "c5d",
    "m6id",
    "c6gd",
    "r7gd",
    "trn1",
    "trn1n",
    "trn2",
    "i3",
    "i3en",
    "i4i",
    "i7ie",
]
#: Families without.
REMOTE = [
    "c4",
    "c5",
    "c5n",
    "c6i",
    "c7i",
    "c7i-flex",
    "c8i",
    "c8i-flex",
    "m4",
    "m5",
    "m6i",
    "m7i",
    "m7i-flex",
    "m8i",
    "m8i-flex",
    "p2",
    "p3",
    "r5",
    "r6i",
    "r7i",
    "r8i",
    "r8i-flex",
    "t3",
    "inf1",
    "inf2",
]


def four(families: list[str]) -> dict[str, Any]:
    """Inputs with four instance types: of both pipelines and their schedules."""
    types = [f"ml.{family}.xlarge" for family in families]
    return {
        "volume_kms_key_arn": KEY,
        "processing_instance_type": types[0],
        "processing_schedule_parameters": {"ProcessingInstanceType": types[1]},
        "training_instance_type": types[2],
        "training_schedule_parameters": {"TrainingInstanceType": types[3]},
    }


def in_fours(families: list[str]) -> Iterator[list[str]]:
    for index in range(0, len(families), 4):
        yield (families[index:] + families)[:4]


CASES |= {
    f"families {', '.join(families)}": (
        four(families),
        {f"volume_kms_key_arn is set, but {', '.join(f'ml.{f}.xlarge' for f in families)} has"},
    )
    for families in in_fours(LOCAL)
}
CASES |= {
    f"families {', '.join(families)}": (four(families), set()) for families in in_fours(REMOTE)
}

PLANNED_CALLS = {f"warnings {name}": VALID | inputs for name, (inputs, _) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_warnings(name: str, plan_of_calls: Plan) -> None:
    inputs, beginnings = CASES[name]
    warnings = plan_of_calls.call(f"warnings {name}").warnings
    unexpected = [text for text in warnings if not text.startswith(tuple(beginnings) or "\0")]
    missing = [words for words in beginnings if not any(w.startswith(words) for w in warnings)]
    compare(
        f'{inputs} in module.pipelines["warnings {name}"]',
        {"warnings that no row expects": unexpected, "warnings that are missing": missing},
        {"warnings that no row expects": [], "warnings that are missing": []},
    )


def test_every_family_of_sagemaker_is_known() -> None:
    """New families have to be sorted in by hand: nothing in SageMaker's model says which it is."""
    model = shapes.input_shape("sagemaker", "CreateTrainingJob")
    assert model is not None
    types = model.members["ResourceConfig"].members["InstanceType"].enum
    families = {name.split(".")[1] for name in types}
    assert families - {*LOCAL, *REMOTE} == set()
