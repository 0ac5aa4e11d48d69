"""Every rule of the inputs: a bad value gets a sentence at plan.

The sentence names the input and the value, and says what to do.

All rows share one plan, with as many bad values in one module call as there are variables. Each
row has one sentence of its own, in its own call, and each sentence is of one row: no error may
hide another, and no rule stands in for another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from emulated_aws.infrastructure import DEDICATED
from inputs import (
    ACCOUNT,
    ECR,
    ENABLED,
    KEY,
    POLICIES,
    POLICY,
    QUEUES,
    ROLES,
    TOPICS,
    VALID,
    VPC,
    default,
    retry,
)
from refused import definitions
from rows import pack
from terraform.plan import Diagnostic
from terraform.root import Root

ROLE_KEYS = [
    f"{pipeline}_{kind}"
    for pipeline in ("training", "processing")
    for kind in ("job", "pipeline", "schedule")
]
FINE = {"definition": definitions.definition()}
LABELS = {"s3_path": "s3://my-ml-bucket/labels/"}
REPORT = {"s3_path": "s3://my-ml-bucket/reports/"}


@dataclass(frozen=True)
class Bad:
    """One bad value, what is set beside it, and words that its sentence has beside the name.

    It breaks one rule, and of that rule one condition: then the row is red without it. One of the
    words is the value as the sentence prints it, so that no other row's sentence has all of them.
    What breaks two rules is two rows with the same inputs.
    """

    variable: str
    value: Any
    words: tuple[str, ...]
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def sets(self) -> dict[str, Any]:
        return ENABLED | self.beside | {self.variable: self.value}

    def is_named_by(self, sentence: str) -> bool:
        # as a word: s3_bucket_arn is part of another name
        return re.search(rf"\b{self.variable}\b", sentence) is not None

    def is_told_by(self, sentence: str) -> bool:
        return self.is_named_by(sentence) and all(word in sentence for word in self.words)

    @property
    def has_word_of_the_value(self) -> bool:
        return any(
            part in word or (len(word) > 3 and word in part)
            for part in (*printed(self.value), *printed(self.beside))
            for word in self.words
        )


def printed(value: Any) -> Iterator[str]:
    """How a sentence may print a value: a text, a number, a name in a map, how many there are."""
    if isinstance(value, Mapping):
        yield from (part for name in value for part in printed(name))
        yield from (part for item in value.values() for part in printed(item))
    elif isinstance(value, list):
        yield from (part for item in value for part in printed(item))
    if isinstance(value, Mapping | list):
        yield str(len(value)) if value else "[]"
    elif isinstance(value, str):
        yield from (value, json.dumps(value, ensure_ascii=False)) if value else ['""']
        if len(value) > 100:
            yield str(len(value))
    else:
        yield json.dumps(value)


def bad(variable: str, value: Any, *words: str, **beside: Any) -> Bad:
    beside.pop(variable, None)
    return Bad(variable, value, words, beside)


def copied(variable: str, text: str, wrap: Callable[[str], Any] = str) -> list[Bad]:
    """With a space before or after it, as copying leaves it."""
    return [bad(variable, wrap(spaced), f'"{spaced}"') for spaced in (f" {text}", f"{text} ")]


def bad_number(variable: str, *numbers: float) -> list[Bad]:
    return [bad(variable, number, f"{variable} is {number}: use a whole") for number in numbers]


def alone(group: dict[str, Any], *rows: Bad) -> list[Bad]:
    """Rows of a rule that has one sentence for all inputs of a group: the others are valid."""
    return [replace(row, beside=group | row.beside) for row in rows]


def misplaced(variable: str, *arns: str | Callable[[str], Any]) -> list[Bad]:
    """ARNs of another partition, region or account, the last one to wrap them with."""
    wrap = arns[-1] if callable(arns[-1]) else str
    return [
        bad(variable, wrap(arn), f'"{arn}"', "the provider works in account 123456789012")
        for arn in arns
        if isinstance(arn, str)
    ]


def in_list(text: str) -> list[str]:
    return [text]


def bad_retries(variable: str) -> list[Bad]:
    one = {"max_attempts": 1}
    return [
        bad(variable, retry(max_attempts=None), "max_attempts = null, expire_after_minutes = null"),
        bad(
            variable, retry(max_attempts=1, expire_after_minutes=7), "= 1, expire_after_minutes = 7"
        ),
        bad(variable, [{"exception_types": ["Step.TROTTLING"], **one}], "Step.TROTTLING"),
        bad(variable, [{"exception_types": [None], **one}], "exception_types null"),
        bad(variable, [{"exception_types": [], **one}], "exception_types []", "one or more of"),
        bad(variable, retry(max_attempts=-1), "has max_attempts = -1:"),
        bad(variable, retry(max_attempts=1.5), "has max_attempts = 1.5:"),
        bad(variable, retry(max_attempts=21), "has max_attempts = 21:"),
        bad(variable, retry(expire_after_minutes=-1), "has expire_after_minutes = -1:"),
        bad(variable, retry(expire_after_minutes=0.5), "has expire_after_minutes = 0.5:"),
        bad(variable, retry(expire_after_minutes=14401), "has expire_after_minutes = 14401:"),
        bad(variable, retry(**one, backoff_rate=-0.1), "has backoff_rate = -0.1:"),
        bad(variable, retry(**one, interval_seconds=-1), "has interval_seconds = -1:"),
        bad(variable, retry(**one, interval_seconds=0.5), "has interval_seconds = 0.5:"),
        bad(variable, retry(**one, interval_seconds=43201), "has interval_seconds = 43201:"),
    ]


def bad_null_retries(variable: str) -> list[Bad]:
    fine = {"exception_types": ["Step.THROTTLING"], "max_attempts": 1}
    return [
        bad(variable, [fine, None], "at 1:"),
        bad(
            variable, [{"exception_types": None, "max_attempts": 1}], "exception_types = null, at 0"
        ),
    ]


def bad_statement(**changes: Any) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | changes
    return json.dumps(
        ensure_ascii=False,
        obj={"Statement": {name: value for name, value in statement.items() if value is not None}},
    )


#: Rules of one value (validations).
ONE_VALUE = [
    bad("project_name", "Ml_Platform", '"Ml_Platform"', "lower-case"),
    bad("project_name", "ml--platform", '"ml--platform"'),
    bad("project_name", "ml-", '"ml-"'),
    bad("project_name", "1ml", '"1ml"'),
    bad("project_name", "", '""'),
    *copied("project_name", "copied"),
    bad("environment", "Prod", '"Prod"', "lower-case"),
    bad("environment", "prod-", '"prod-"'),
    *copied("environment", "copied"),
    bad("s3_bucket_arn", "my-ml-bucket", '"my-ml-bucket"', "arn:aws:s3:::my-ml-bucket"),
    bad("s3_bucket_arn", "arn:aws:s3:::my-ml-bucket/models", "my-ml-bucket/models"),
    bad("s3_bucket_arn", "arn:aws:s3:::ab", '"arn:aws:s3:::ab"'),
    bad("s3_bucket_arn", f"arn:aws:s3:::{'b' * 64}", "b" * 64),
    bad("s3_bucket_arn", "arn:aws:s3:us-east-1:123456789012:accesspoint/x", "accesspoint/x"),
    *copied("s3_bucket_arn", "arn:aws:s3:::copied"),
    bad("vpc_id", "subnet-1", '"subnet-1"'),
    bad("vpc_id", "vpc-", '"vpc-"'),
    *copied("vpc_id", "vpc-1"),
    bad("subnet_ids", [f"subnet-{n:08x}" for n in range(17)], "17", "at most 16"),
    bad("security_group_ids", [f"sg-{n:08x}" for n in range(6)], "6", "at most 5"),
    bad("kms_key_arn", "alias/ml", '"alias/ml"', "ARN of a key"),
    bad("kms_key_arn", "arn:aws:kms:us-east-1:123456789012:alias/ml", ":alias/ml"),
    bad("kms_key_arn", "", 'is ""', "null for none"),
    *copied("kms_key_arn", KEY),
    bad("volume_kms_key_arn", "1234", '"1234"', "ARN of a key"),
    bad("volume_kms_key_arn", "", 'is ""', "null for none"),
    *copied("volume_kms_key_arn", KEY),
    bad("training_instance_type", "m5.xlarge", '"m5.xlarge"', "ml.m5.xlarge"),
    bad("training_instance_type", "ml..xlarge", '"ml..xlarge"'),
    bad("training_instance_type", "ml.m5.", '"ml.m5."'),
    *copied("training_instance_type", "ml.m5.large"),
    *bad_number("training_instance_count", 0, 1.5),
    *bad_number("training_volume_size_gb", 0, 1.5, 16385),
    *bad_number("training_max_runtime_seconds", 0, 1.5, 2419201),
    bad("training_input_mode", "Fast", '"Fast"', "FastFile"),
    bad("training_input_channel", "my channel", '"my channel"'),
    bad("training_input_channel", "", 'is ""'),
    bad("training_input_channel", "c" * 65, "c" * 65),
    *copied("training_input_channel", "copied"),
    bad(
        "additional_pipelines",
        {"fine": FINE, "null": {"definition": None}, "none": None},
        "no definition for none, null",
    ),
    bad(
        "additional_pipelines",
        {
            "p": FINE
            | {"additional_policies": {"fine": POLICY, "text": "x", "null": None, "empty": "{}"}}
        },
        'additional_policies ["p.empty","p.null","p.text"]',
    ),
    bad("guardrails", {"max_runtime_seconds": 0}, "max_runtime_seconds is 0: use a whole"),
    bad("guardrails", {"max_runtime_seconds": 1.5}, "max_runtime_seconds is 1.5: use a whole"),
    bad("guardrails", {"max_runtime_seconds": 2419201}, "is 2419201: use a whole"),
    bad("training_additional_inputs", {"labels": None, "fine": LABELS}, "null for labels:"),
    bad("processing_additional_inputs", {"labels": None, "fine": LABELS}, "null for labels:"),
    bad("processing_additional_outputs", {"report": None, "fine": REPORT}, "null for report:"),
    bad("training_spot", {"max_wait_seconds": 0.5}, "max_wait_seconds is 0.5"),
    bad("training_spot", {"max_wait_seconds": 0}, "max_wait_seconds is 0:"),
    bad("training_spot", {"max_wait_seconds": 1.5}, "max_wait_seconds is 1.5"),
    bad("training_spot", {"max_wait_seconds": None}, "max_wait_seconds is null"),
    *bad_null_retries("training_retry_policies"),
    *bad_null_retries("processing_retry_policies"),
    bad("training_cache_expire_after", "30 days", '"30 days"', "P30D"),
    bad("training_cache_expire_after", "PT", '"PT"', "P30D"),
    bad("training_cache_expire_after", "PT30S", '"PT30S"', "null for no cache"),
    bad("training_cache_expire_after", "", 'is ""', "null for no cache"),
    *copied("training_cache_expire_after", "P3D"),
    bad("processing_instance_type", "ml.m5", '"ml.m5"', "ml.m5.xlarge"),
    bad("processing_instance_type", "ml..xlarge", '"ml..xlarge"'),
    bad("processing_instance_type", "ml.m5.", '"ml.m5."'),
    *copied("processing_instance_type", "ml.m5.large"),
    *bad_number("processing_instance_count", 0, 1.5, 101),
    *bad_number("processing_volume_size_gb", 0, 1.5, 16385),
    *bad_number("processing_max_runtime_seconds", 0, 1.5, 777601),
    bad("processing_input_distribution", "Sharded", '"Sharded"', "ShardedByS3Key"),
    bad("processing_output_upload_mode", "Later", '"Later"', "Continuous"),
    bad("processing_cache_expire_after", "P", '"P"', "PT12H"),
    bad("processing_cache_expire_after", "P1DT", '"P1DT"', "PT12H"),
    bad("processing_cache_expire_after", "P0.5D", '"P0.5D"', "PT12H"),
    *copied("processing_cache_expire_after", "P3D"),
    *bad_number("max_parallel_steps", 0, 1.5),
    *bad_number("schedule_max_retry_attempts", -1, 0.5, 186),
    *bad_number("schedule_max_event_age_seconds", 59, 60.5, 86401),
    bad("schedule_dead_letter_queue_arn", "my-queue", '"my-queue"', "standard SQS queue"),
    bad(
        "schedule_dead_letter_queue_arn",
        "arn:aws:sqs:us-east-1:123456789012:failed.fifo",
        "failed.fifo",
        "refuses FIFO queues",
    ),
    bad("schedule_dead_letter_queue_arn", f"{QUEUES}{'q' * 81}", "q" * 81),
    bad("schedule_dead_letter_queue_arn", "", 'is ""', "null for none"),
    *copied("schedule_dead_letter_queue_arn", f"{QUEUES}copied"),
    *(
        bad("schedules", {"none": schedule}, "no pipeline or no expression for none")
        for schedule in (
            None,
            {"pipeline": "training", "expression": None},
            {"pipeline": None, "expression": "rate(1 day)"},
        )
    ),
    *(
        bad("triggers", {"none": trigger}, "no pipeline for none")
        for trigger in (None, {"pipeline": None, "after": "training"})
    ),
    bad("alarms", {"actions": None}, "alarms.actions is null"),
    bad("notifications", {"topic_arn": "alerts"}, '"alerts"', "standard SNS topic"),
    bad(
        "notifications",
        {"topic_arn": "arn:aws:sns:us-east-1:123456789012:alerts", "statuses": ["Broken"]},
        '["Broken"]',
        "Stopped",
    ),
    bad("notifications", {"topic_arn": f"{TOPICS}alerts", "statuses": []}, "statuses is []"),
    bad("notifications", {"topic_arn": f"{TOPICS}alerts", "statuses": [None]}, "[null]"),
    bad("notifications", {"topic_arn": None}, "topic_arn is null"),
    bad("notifications", {"topic_arn": f"{TOPICS}{'t' * 257}"}, "t" * 257),
    *copied("notifications", f"{TOPICS}copied", lambda arn: {"topic_arn": arn}),
    bad("role_path", "ml", '"ml"', "/ml/"),
    bad("role_path", "/m l/", '"/m l/"'),
    bad("role_path", "/ml*/", '"/ml*/"'),
    bad("role_path", "/a//b/", '"/a//b/"'),
    bad("role_path", f"/{'p' * 511}/", "p" * 511),
    *copied("role_path", "/copied/"),
    bad("role_permissions_boundary_arn", "boundary", '"boundary"', "policy/boundary"),
    bad("role_permissions_boundary_arn", "", 'is ""', "null for none"),
    bad("role_permissions_boundary_arn", POLICIES, f'"{POLICIES}"'),
    *copied("role_permissions_boundary_arn", f"{POLICIES}copied"),
    bad(
        "training_additional_policies",
        {"kafka": "allow all", "fine": POLICY},
        '["kafka"]',
        "jsonencode()",
    ),
    bad("training_additional_policies", {"none": None}, '"none"'),
    bad("training_additional_policies", {"empty": "{}"}, "empty", "with a statement"),
    bad(
        "training_managed_policy_arns",
        {"msk": "msk-access", "fine": f"{POLICIES}x"},
        '{"msk":"msk-access"}',
    ),
    bad("training_managed_policy_arns", {"none": POLICIES}, '"none":'),
    *copied("training_managed_policy_arns", f"{POLICIES}copied", lambda arn: {"copied": arn}),
    bad("processing_additional_policies", {"kafka": "{}"}, "kafka", "with a statement"),
    bad(
        "processing_additional_policies",
        {"text": "allow all", "fine": POLICY},
        '["text"]',
        "jsonencode()",
    ),
    bad(
        "processing_managed_policy_arns",
        {"msk": "msk-access", "fine": f"{POLICIES}x"},
        '{"msk":"msk-access"}',
    ),
    bad("processing_managed_policy_arns", {"none": POLICIES}, '"none":'),
    *copied("processing_managed_policy_arns", f"{POLICIES}copied", lambda arn: {"copied": arn}),
]

LONG = "a" * 21
BIG_POLICY = bad_statement(Resource=[f"arn:aws:s3:::{n:05}{'b' * 43}/*" for n in range(75)])

#: Inputs of one sentence each.
SIZED = [
    "training_environment_variables", "training_hyperparameters", "training_metric_definitions",
    "training_additional_inputs", "training_container_entrypoint", "training_container_arguments",
    "processing_environment_variables", "processing_container_entrypoint",
    "processing_container_arguments", "processing_additional_inputs",
    "processing_additional_outputs",
]  # fmt: skip
NO_POLICIES: dict[str, Any] = {
    f"{pipeline}_{kind}": {}
    for pipeline in ("training", "processing")
    for kind in ("additional_policies", "managed_policy_arns")
}
OF_VPC = {name: VPC[name] for name in ("vpc_id", "security_group_ids")}
TRAINING_IMAGES = default("training_image_uri") | {"training_schedule_parameters": {}}
TRAINING_PATHS = default("input_data_s3_path", "model_output_s3_path") | {
    "training_additional_inputs": {},
    "training_spot": None,
    "training_schedule_parameters": {},
}
PROCESSING_IMAGES = default("inference_image_uri") | {"processing_schedule_parameters": {}}
PROCESSING_PATHS = default("inference_input_s3_path", "inference_output_s3_path") | {
    "processing_schedule_parameters": {},
    "processing_additional_inputs": {},
    "processing_additional_outputs": {},
}
#: What guardrails are compared with.
GUARDED: dict[str, Any] = {
    f"{pipeline}_{name}": value
    for pipeline in ("training", "processing")
    for name, value in (
        ("instance_type", "ml.m5.xlarge"),
        ("max_runtime_seconds", 3600),
        ("schedule_parameters", {}),
    )
} | {"training_spot": None, "schedules": {}, "triggers": {}}
#: Inputs of rules that have one sentence for both.
PROCESSING_DATA: dict[str, Any] = {
    "processing_additional_inputs": {},
    "processing_additional_outputs": {},
}

#: What else may start a pipeline: their parameters share rules.
STARTS: dict[str, Any] = {"schedules": {}, "triggers": {}, "alarms": None} | {
    f"{key}_schedule_parameters": {} for key in ("training", "processing")
}
STARTS |= {"training_schedule_expression": "cron(0 2 ? * SUN *)"} | default(
    "inference_image_uri", "inference_input_s3_path", "inference_output_s3_path"
)
DAILY: dict[str, Any] = {"pipeline": "training", "expression": "rate(1 day)"}
AFTER = {"pipeline": "processing", "after": "training"}
NAMES = ["a b", "", "x" * 65, " nightly", "nightly ", "zażółć"]
WITHOUT_TRAINING = {"enable_training_pipeline": False, "enable_training_schedule": False}
DISABLED = WITHOUT_TRAINING | {
    "enable_processing_pipeline": False,
    "enable_processing_schedule": False,
}


def spread(
    variable: str, common: Mapping[str, Any], rules: Mapping[str, list[tuple[Any, str]]]
) -> Iterator[Bad]:
    """Rows of a map: its first value has the first bad entry of each rule, and so on.

    Args:
        variable: whose value is a map of objects.
        common: attributes of every entry.
        rules: key of the entry to attributes that the rule refuses, and words of its sentence.
    """
    for number in range(max(map(len, rules.values()))):
        broken = {key: rows[number] for key, rows in rules.items() if number < len(rows)}
        value = {key: {**common, **attributes} for key, (attributes, _) in broken.items()}
        for _, words in broken.values():
            yield bad(variable, value, words, **STARTS)


def bad_parameters(start: str) -> dict[str, list[tuple[Any, str]]]:
    """Parameters of schedules or triggers of processing: a rule a key."""
    rules: dict[str, list[tuple[str, Any]]] = {
        "declared": [("Foo", "x")],
        "number": [("ProcessingInstanceCount", "101"), ("ProcessingVolumeSizeInGB", " 1")],
        "type": [("ProcessingInstanceType", "m5"), ("ProcessingInstanceType", None)],
        "bucket": [("InferenceInputS3Uri", "s3://other/")],
        "path": [("InferenceInputS3Uri", None), ("InferenceOutputS3Uri", "")],
        "image": [("InferenceImageUri", "ubuntu")],
        "time": [("ScheduledTime", "")],
    }
    return {
        key: [
            (
                {"pipeline": "processing", "parameters": {name: value}},
                f"{start}.{key}.parameters has {name}, which"
                if key == "declared"
                else f"{start}.{key}.parameters.{name} is {json.dumps(value)}",
            )
            for name, value in values
        ]
        for key, values in rules.items()
    }


#: Actions, other attributes, and words.
BAD_ALARMS: list[tuple[list[Any], dict[str, Any], str]] = [
    (["alerts", None, f"{TOPICS}a.fifo", f" {TOPICS}a"],
     {}, f'actions has "alerts", null, "{TOPICS}a.fifo", " {TOPICS}a":'),
    (["r&d <ops@example.com>"], {}, 'has "r&d <ops@example.com>":'),
    ([f"{QUEUES}a", "arn:aws:automate:us-east-1:ec2:stop", f"arn:aws:sns::{ACCOUNT}:a"],
     {}, f'has "{QUEUES}a", "arn:aws:automate:us-east-1:ec2:stop", "arn:aws:sns::{ACCOUNT}:a":'),
    ([], {"no_success_within_hours": {"scoring": 5}, "longer_than_minutes": {"score": 5}},
     "alarms.actions has 0 entries"),
    ([], {"no_success_within_hours": {"scoring": 5}, "longer_than_minutes": {"score": 5}},
     'hours has "scoring", alarms.longer_than_minutes has "score"'),
    ([f"{TOPICS}{name}" for name in "abcdef"], {}, "alarms.actions has 6 entries"),
    (["arn:aws:sns:eu-west-1:123456789012:a"], {},
     'alarms.actions[0] is "arn:aws:sns:eu-west-1:123456789012:a"'),
    *(
        ([f"{TOPICS}a"],
         {"no_success_within_hours": {"training": hours},
          "longer_than_minutes": {"training": minutes}}, words)
        for hours, minutes in ((0, 0), (1.5, 0.5), (169, -1), (None, None))
        for words in (
            f"no_success_within_hours.training is {json.dumps(hours)}:",
            f"longer_than_minutes.training is {json.dumps(minutes)}:",
        )
    ),
]  # fmt: skip

#: Event patterns, of which refusals/patterns.py says why EventBridge refuses them.
BAD_PATTERNS: list[dict[str, Any]] = [
    {"a": [["b"]]},
    {"a": [{}]},
    {"a": [{"prefx": "b"}]},
    {"a": [{"prefix": "b", "suffix": "b"}]},
    {"a": ["b", {"prefix": ["b"]}]},
    {"a": [{"suffix": {"prefix": "b"}}]},
    {"a": [{"equals-ignore-case": 1}]},
    *({"a": [{"wildcard": text}]} for text in (["b*"], "b/**/c", r"b\\**", r"b\b", "b\\")),
    {"a": [{"exists": "true"}]},
    *({"a": [{"cidr": network}]} for network in (10, "10.0.0.0", "10.0.0.0/8/8")),
    *(
        {"a": [{"numeric": range_}]}
        for range_ in (5, [], ["=>", 5], [">", "5"], [">", True], [">", 0, "<"], ["<", 5, ">", 0])
    ),
    {"a": [{"anything-but": []}]},
    {"a": [{"anything-but": ["b", 1]}]},
    {"a": [{"anything-but": None}]},
    {"a": [{"anything-but": {}}]},
    {"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]},
    {"a": [{"anything-but": {"prefix": []}}]},
    {"a": [{"anything-but": {"wildcard": "**"}}]},
    {"$or": {"a": ["b"]}},
    {"$or": [{"a": ["b"]}]},
    {"$or": ["a", "b"]},
    {"$or": [{"a": ["b"]}, {"a": "b"}]},
    {"a": {"b": {"c": {"d": {"e": [{"prefx": "f"}]}}}}},
]

#: Rules of schedules, triggers and alarms.
BAD_STARTS = [
    bad("schedules", dict.fromkeys(NAMES, DAILY), *map(json.dumps, NAMES[:5]), NAMES[5],
        "schedules has the key", **STARTS),
    bad("triggers", dict.fromkeys(NAMES, AFTER), *map(json.dumps, NAMES[:5]), NAMES[5],
        "triggers has the key", **STARTS),
    bad("schedules", {"s": DAILY}, 'schedules.s.pipeline is "training"', **STARTS,
        **WITHOUT_TRAINING),
    *spread("schedules", DAILY, bad_parameters("schedules") | {
        "pipeline": [({"pipeline": "scoring"}, 'schedules.pipeline.pipeline is "scoring"')],
        "when": [
            ({"expression": expression}, f'schedules.when.expression is "{expression}": {said}')
            for expression, said in (
                ("", "give cron(minute"),
                ("cron(0 25 * * ? *)", 'its hour is "25", use 0-23'),
                ("at(tomorrow)", "give cron(minute"),
                ("at(2027-02-30T08:00:00)", "give a date and a time that exist"),
                ("at(2027-01-31T24:00:00)", "give a date and a time that exist"),
                ("at(2027-01-31T08:00)", "give cron(minute"),
                ("at(2027-01-31T08:00:00Z)", "give cron(minute"),
                (" rate(1 day)", "give cron(minute"),
            )
        ],
        "length": [({"expression": f"cron(0 2 ? * {'SUN,' * 61}MON *)"},
                    "schedules.length.expression has 263 characters")],
        "zone": [
            ({"timezone": zone}, f'schedules.zone.timezone is "{zone}"')
            for zone in ("Europe/Berln", "europe/berlin", "", " UTC", "CET+1", "GMT+25", "Factory")
        ],
        "window": [
            ({"flexible_window_minutes": minutes}, f"flexible_window_minutes is {minutes}:")
            for minutes in (0, 1.5, -5, 1441)
        ],
        "date": [
            ({attribute: date}, f'schedules.date.{attribute} is "{date}"')
            for attribute, date in (
                ("start_date", "2027-01-31"),
                ("start_date", "2027-01-31T08:00:00+01:00"),
                ("start_date", "2027-01-31 08:00:00Z"),
                ("end_date", "2027-02-30T08:00:00Z"),
                ("start_date", "1969-12-31T23:59:59Z"),
                ("end_date", "2200-01-01T00:00:00Z"),
                ("end_date", "9999-12-31T23:59:59Z"),
                ("end_date", ""),
            )
        ],
        "end": [
            ({"start_date": "2027-01-31T08:00:05Z", "end_date": date},
             f'schedules.end.end_date is "{date}", not after its start_date')
            for date in ("2027-01-31T08:00:05Z", "2027-01-31T08:00:04Z")
        ],
        "event": [({"parameters": {"InputDataS3Uri": "$.detail.uri"}}, 'Uri is "$.detail.uri"')],
        "set_time": [({"parameters": {"ScheduledTime": "now"}}, 'ScheduledTime is "now"')],
    }),
    *spread("triggers", {"pipeline": "processing"}, {
        key: [(AFTER | attributes, words) for attributes, words in rows]
        for key, rows in bad_parameters("triggers").items()
    } | {
        "pipeline": [(AFTER | {"pipeline": "scoring"}, 'triggers.pipeline.pipeline is "scoring"')],
        "kinds": [
            ({}, "triggers.kinds has none"),
            ({"after": "training", "event_pattern": "{}"}, "kinds has after and event_pattern"),
            ({"s3_object": {"bucket": "b-1"}, "event_pattern": "x"},
             "kinds has s3_object and event_pattern"),
        ],
        "precedes": [
            ({"after": after}, f'triggers.precedes.after is "{after}": use training or')
            for after in ("scoring", "", "Training", f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:m/m")
        ],
        "place": [
            ({"after": arn}, f'triggers.place.after is "{arn}": the provider works in')
            for arn in (
                "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/prepare",
                "arn:aws:sagemaker:us-east-1:999999999999:pipeline/prepare",
                "arn:aws-cn:sagemaker:us-east-1:123456789012:pipeline/prepare",
            )
        ],
        "loop": [
            ({"after": "processing"}, "triggers.loop would go round"),
            ({"after": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/"
                       "ML-platform-test-processing"}, "triggers.loop would go round"),
        ],
        "bucket_name": [
            ({"s3_object": {"bucket": bucket}},
             f"triggers.bucket_name.s3_object.bucket is {json.dumps(bucket)}")
            for bucket in ("arn:aws:s3:::b-1", "s3://b-1", "", None, "B-1", "b-1/prefix", "b-1 ")
        ],
        "pattern": [
            ({"event_pattern": pattern}, f"pattern.event_pattern is {json.dumps(pattern)}")
            for pattern in (
                "", "{}", "[]", "null", "source", '{"source": "aws.s3"}', '{"source": []}',
                '{"detail": {"a": 1}}', '{"detail": {"a": {}}}', '{"a": ["x"], "b": null}',
                '{"source": ["aws.s3"]', '{"a": ["[x"], "b": "x"}', *map(json.dumps, BAD_PATTERNS),
            )
        ],
        "key": [
            ({"s3_object": {"bucket": "b-1", attribute: text}},
             f"key.s3_object.{attribute} {words}")
            for attribute, text, words in (
                ("prefix", "s3://b-1/in/", 'is "s3://b-1/in/": give the first or last'),
                ("suffix", "s" * 1025, "has 1025 characters"),
            )
        ],
        "long": [({"event_pattern": json.dumps({"source": ["x" * 4093]})},
                  "triggers.long has an event pattern of 4108 characters")],
        "json_path": [
            (AFTER | {"parameters": {"InferenceInputS3Uri": path}},
             f'InferenceInputS3Uri is "{path}": give a JSON path of the event')
            for path in ("$", "$.", "$.detail..uri", "$.detail.uri ", "$detail", "$.detail[*]")
        ],
    }),
    bad("tags", {"Team": "", "Owner": ""}, 'no value for "Owner", "Team"',
        **(STARTS | {"schedules": {"daily": DAILY}})),
    bad("triggers", {"t": AFTER}, 't.after is "training"', "or the ARN of another", **STARTS,
        **WITHOUT_TRAINING),
    *(
        bad("triggers", {"t": {"pipeline": "training", "s3_object": {"bucket": bucket}}},
            f't.s3_object.bucket is "{bucket}": {words}',
            **(STARTS | default("s3_bucket_arn") | {"additional_s3_bucket_arns": []}))
        for words, buckets in {
            "no bucket can": "10.0.0.1 b..1 -b-1 b-1. xn--b-1 sthree-b amzn-s3-demo-b",
            "this is a directory": "b-1-s3alias b-1--ol-s3 b-1.mrap b--az--x-s3 b--table-s3",
        }.items()
        for bucket in buckets.split()
    ),
    bad("triggers", {"ab": AFTER, "ba": {"pipeline": "training", "after": "processing"}},
        "triggers.ab, triggers.ba would go round", **STARTS),
    *(
        bad("triggers", {"mine": {"pipeline": "processing", "s3_object": {
                "bucket": "my-ml-bucket", "prefix": prefix}}},
            "triggers.mine would go round", **STARTS)
        for prefix in ("", "out", "output/")
    ),
    bad("triggers", {
            "back": {"pipeline": "training", "after": "processing"},
            "models": {"pipeline": "processing", "s3_object": {
                "bucket": "my-ml-bucket", "prefix": "models/"}},
        }, "triggers.back, triggers.models would go round",
        **(STARTS | default("model_output_s3_path"))),
    bad("triggers", {f"a-name-of-32-characters-long-{n:03}": {"pipeline": "training",
            "event_pattern": '{"source": ["x"]}'} for n in range(19)},
        "trust policy of the role training_schedule has 2", "IAM accepts 2048", **STARTS),
    *(
        bad(f"{key}_schedule_parameters", {"ScheduledTime": "2027-01-01T00:00:00Z"},
            'ScheduledTime is "2027-01-01T00:00:00Z"', "each start sends its own time")
        for key in ("training", "processing")
    ),
    bad("training_schedule_expression", "at(2027-01-31T08:00:00)", "at(2027", "or rate(12 hours)."),
    bad("training_spot", {"max_wait_seconds": 86400}, "is 86400, less than the 99999 seconds",
        **(STARTS | {"schedules": {"s": DAILY | {
            "parameters": {"TrainingMaxRuntimeInSeconds": "99999"}}}})),
    *(
        bad("alarms", {"actions": actions, **attributes}, words, **STARTS)
        for actions, attributes, words in BAD_ALARMS
    ),
    bad("alarms", {"actions": [f"{TOPICS}a"]}, "alarms is set", "enable_training_pipeline",
        **STARTS, **DISABLED, additional_pipelines={}),
]  # fmt: skip

PIPELINES = dict.fromkeys(("a", "b", "c", "d"), FINE)
CIRCLE = {f"t-{n:02}": {"pipeline": f"p-{n}", "after": f"p-{(n + 1) % 20}"} for n in range(20)}
KEYS = ["Training", "a--b", "a-", "1a", "a_b", "k" * 41, ""]

#: Rules of additional pipelines.
BAD_PIPELINES = [
    *(
        bad(variable, definitions.INPUTS[variable], f".{key}", said,
            **{name: value for name, value in definitions.INPUTS.items() if name != variable})
        for key, (variable, said) in definitions.WORDS.items()
    ),
    bad("additional_pipelines", dict.fromkeys([*KEYS, "training", "processing"], FINE),
        *map(json.dumps, [*KEYS, "training", "processing"]), schedules={}, triggers={}),
    bad("additional_pipelines", {"a": FINE, "a-trigger-b": FINE},
        "ml-platform-test-a-trigger-b-trigger-c", "more than once", **(STARTS | {"triggers": {
            "b-trigger-c": {"pipeline": "a", "after": "training"},
            "c": {"pipeline": "a-trigger-b", "after": "training"}}})),
    bad("triggers", {
            "ab": {"pipeline": "b", "after": "a"}, "bc": {"pipeline": "c", "after": "b"},
            "ca": {"pipeline": "a", "after": "c"}, "cd": {"pipeline": "d", "after": "c"},
        }, "triggers.ab, triggers.bc, triggers.ca would go",
        **(STARTS | {"additional_pipelines": PIPELINES})),
    bad("triggers", CIRCLE, ", ".join(f"triggers.{name}" for name in CIRCLE),
        **(STARTS | {"additional_pipelines": {f"p-{n}": FINE for n in range(20)}})),
    bad("triggers", {"t": {"pipeline": "a", "s3_object": {
            "bucket": "my-ml-bucket", "prefix": "scored/"}}}, "triggers.t would go round",
        **(STARTS | {"additional_pipelines": {"a": {"definition": definitions.training(
            OutputDataConfig={"S3OutputPath": "s3://my-ml-bucket/scored/"})}}})),
    bad("schedules", {"s": DAILY | {"pipeline": "z"}}, 'schedules.s.pipeline is "z"',
        "or a key of additional_pipelines", **(STARTS | {"additional_pipelines": PIPELINES})),
    bad("alarms", {"actions": [f"{TOPICS}a"], "longer_than_minutes": {"z": 5}},
        'longer_than_minutes has "z"', **(STARTS | {"additional_pipelines": PIPELINES})),
    bad("role_arns", {"a_job": f"{ROLES}x"}, '"a_job"', "a_pipeline, a_schedule",
        additional_pipelines=PIPELINES),
    bad("additional_pipelines", {"a": FINE | {"additional_policies": {"kafka": POLICY}}},
        "role_arns brings a_pipeline", "additional_pipelines.a.additional_policies",
        role_arns={"a_pipeline": f"{ROLES}x"}),
    bad("notifications", {"topic_arn": f"{TOPICS}a"}, "(of 37 pipelines) has an event pattern of",
        **DISABLED, additional_pipelines={f"{n}".rjust(40, "p"): FINE for n in range(10, 47)}),
    bad("additional_pipelines", {"guarded": {"definition": definitions.training()}},
        ".guarded, step A, has no MaxRuntimeInSeconds", "guardrails.max_runtime_seconds is set",
        **(GUARDED | {"guardrails": {"max_runtime_seconds": 3600}})),
]  # fmt: skip

#: Other rules (preconditions and postconditions).
OTHERS = [
    *BAD_STARTS,
    *BAD_PIPELINES,
    *alone({"lookup_network": False, "security_group_ids": ["sg-0"], "vpc_id": "vpc-0"},
        bad("subnet_ids", ["subnet-0", "sg-1"], 'has "sg-1":', "subnet-12345678"),
        bad("subnet_ids", ["subnet-"], 'has "subnet-":'),
        bad("subnet_ids", ["subnet-1", None], "has null:"),
        *copied("subnet_ids", "subnet-1", in_list),
    ),
    *alone({"lookup_network": False, "subnet_ids": ["subnet-0"], "vpc_id": "vpc-0"},
        bad("security_group_ids", ["sg-0", "subnet-1"], 'has "subnet-1":', "sg-12345678"),
        bad("security_group_ids", ["sg-"], 'has "sg-":'),
        bad("security_group_ids", ["sg-1", None], "has null:"),
        *copied("security_group_ids", "sg-1", in_list),
    ),
    bad("subnet_ids", [*VPC["subnet_ids"], "sg-2"], 'has "sg-2":', **OF_VPC),
    bad("role_arns", dict.fromkeys(("training", *ROLE_KEYS), f"{ROLES}x"), 'keys "training":',
        **NO_POLICIES),
    bad("role_arns", {"training_job_": f"{ROLES}x"}, 'keys "training_job_":'),
    bad("role_arns", {"my_training_job": f"{ROLES}x"}, 'keys "my_training_job":'),
    bad("role_arns", {"training_job": "x", "processing_job": f"{ROLES}x"},
        'role_arns.training_job is "x": give the ARN of a role', **NO_POLICIES),
    *copied("role_arns", f"{ROLES}copied", lambda arn: {"training_pipeline": arn}),
    bad("role_arns", {"training_pipeline": ROLES}, f'"{ROLES}"'),
    bad("role_arns", {"training_schedule": None}, "role_arns.training_schedule is null"),
    *(
        row
        for name in ("training_additional_policies", "processing_additional_policies")
        for row in [
            bad(name, {"a b": POLICY, "fine": POLICY}, 'names "a b":'),
            bad(name, {"job": POLICY}, 'names "job":', "the module's own"),
            bad(name, {"p" * 129: POLICY}, "p" * 129),
            *copied(name, "copied", lambda name: {name: POLICY}),
        ]
    ),
    *alone(dict.fromkeys(SIZED, None),
        bad("processing_additional_inputs", {f"i{n}": LABELS for n in range(10)},
            "inputs has 10 entries, more than 9"),
        bad("processing_additional_outputs", {f"o{n}": REPORT for n in range(10)},
            "outputs has 10 entries, more than 9"),
        bad("training_environment_variables", {f"A{n}": "x" for n in range(100)},
            "has 100 entries, more than 98"),
        bad("training_hyperparameters", {f"p{n}": "1" for n in range(101)},
            "has 101 entries, more than 100"),
        bad("training_metric_definitions", {f"m{n}": "(.*)" for n in range(41)},
            "has 41 entries, more than 40"),
        bad("training_additional_inputs", {f"c{n}": LABELS for n in range(20)},
            "has 20 entries, more than 19"),
        bad("training_container_entrypoint", ["x"] * 101, "entrypoint has 101 entries"),
        bad("training_container_arguments", ["x"] * 101, "arguments has 101 entries"),
        bad("processing_environment_variables", {f"A{n}": "x" for n in range(100)},
            "has 100 entries, more than 98"),
        bad("processing_container_entrypoint", ["x"] * 101, "entrypoint has 101 entries"),
        bad("processing_container_arguments", ["x"] * 101, "arguments has 101 entries"),
    ),
    *(
        row
        for key, shortest in (("training", 1), ("processing", 0))
        for name in (f"{key}_container_entrypoint", f"{key}_container_arguments")
        for row in alone({f"{key}_container_entrypoint": [], f"{key}_container_arguments": []},
            bad(name, ["x" * 257], "x" * 257, f"entries of {shortest}-256 characters"),
            bad(name, ["fine", "a\nb"], f'{name} has "a\\nb" at 1:', "without line breaks"),
            bad(name, ["fine", None], f"{name} has null at 1:"),
        )
    ),
    *(
        row
        for name in ("training_container_entrypoint", "training_container_arguments")
        for row in alone({"training_container_entrypoint": [], "training_container_arguments": []},
            bad(name, [""], f'{name} has "" at 0:', "1-256"))
    ),
    bad("tags", {f"key{n}": "value" for n in range(46)}, "46", "at most 45"),
    bad("tags", {"é" * 129: "value"}, "é" * 129),
    bad("tags", {"Team": "ml", "team": "ml"}, '"Team", "team"', "differ only in case"),
    bad("tags", {"aws:owner": "me"}, "aws:owner"),
    bad("tags", {"Own|er": "me"}, "Own|er"),
    bad("tags", {"Owner": "x" * 257}, '"Owner"', "256"),
    bad("tags", {"Nobody": None}, "Nobody"),
    bad("tags", {"k" * 129: "value"}, "k" * 129),
    bad("tags", {"Value": "a|b"}, "Value"),
    bad("tags", {"Start": "|a"}, "Start"),
    bad("tags", {"|Key": "a"}, "|Key"),
    bad("tags", {"": "a"}, 'has "",'),
    bad("tags", {"AWS:team": "a"}, "AWS:team"),
    bad("training_environment_variables", {"1A": "x"}, "1A", "does not start with a digit"),
    bad("training_environment_variables", {"LONG": "x" * 513}, '"LONG"', "512"),
    bad("training_environment_variables", {"EMOJI": "👩‍🔬" * 171}, '"EMOJI"', "512"),
    bad("training_environment_variables", {"NULL_VALUE": None}, "NULL_VALUE", "no value is null"),
    bad(
        "training_environment_variables",
        {"PIPELINE_EXECUTION_ARN": "x"},
        "PIPELINE_EXECUTION_ARN, which",
    ),
    bad("training_environment_variables", {"N" * 513: "x"}, "N" * 513),
    bad("training_environment_variables", {" BEFORE": "x"}, " BEFORE"),
    bad("training_environment_variables", {"AFTER ": "x"}, "AFTER "),
    bad("training_hyperparameters", {"long": "x" * 2501}, '"long"', "2500"),
    bad("training_hyperparameters", {"no_value": None}, "no_value", "no value is null"),
    bad("training_hyperparameters", {"": "1"}, 'has "",'),
    bad("training_hyperparameters", {"lines": "a\nb"}, '"lines"', "without line breaks"),
    bad("training_hyperparameters", {"next\u0085line": "1"}, "next", "without line breaks"),
    bad("training_hyperparameters", {"good": "1", "separated": "a\u2028b"}, 'has "separated",'),
    bad("training_hyperparameters", {"p" * 257: "1"}, "p" * 257),
    bad("training_metric_definitions", {"loss": ""}, '"loss"', "1-500"),
    bad("training_metric_definitions", {"": "x"}, 'has "",'),
    bad("training_metric_definitions", {"lines": "a\rb"}, '"lines"', "without line breaks"),
    bad("training_metric_definitions", {"none": None}, '"none"'),
    bad("training_metric_definitions", {"n" * 256: "x"}, "n" * 256),
    bad("training_metric_definitions", {"long": "x" * 501}, '"long"', "1-500"),
    *bad_retries("training_retry_policies"),
    bad("processing_environment_variables", {"LONG": "x" * 257}, '"LONG"', "256"),
    bad("processing_environment_variables", {"NULL_VALUE": None}, "NULL_VALUE", "no value is null"),
    bad("processing_environment_variables", {"A-B": "x"}, "A-B"),
    bad(
        "processing_environment_variables",
        {"PIPELINE_EXECUTION_ARN": "x"},
        "PIPELINE_EXECUTION_ARN, which",
    ),
    bad("processing_environment_variables", {"N" * 257: "x"}, "N" * 257),
    bad("processing_environment_variables", {" BEFORE": "x"}, " BEFORE"),
    bad("processing_environment_variables", {"AFTER ": "x"}, "AFTER "),
    *bad_retries("processing_retry_policies"),
    bad("project_name", LONG, LONG, "41 characters", environment=LONG[1:]),
    bad("vpc_id", "vpc-12345678", '"vpc-12345678", with 0 subnet_ids and 0 security_group_ids',
        subnet_ids=[], security_group_ids=[]),
    bad("vpc_id", "vpc-12345678", '"vpc-12345678", with 0 subnet_ids and 1 security_group_ids',
        subnet_ids=[], security_group_ids=["sg-12345678"]),
    bad("security_group_ids", ["sg-12345678"], 'vpc_id is "", with 0 subnet_ids and 1 security',
        vpc_id="", subnet_ids=[]),
    bad("subnet_ids", ["subnet-12345678"], "vpc_id is empty, but subnet_ids is not", vpc_id="",
        security_group_ids=["sg-12345678"]),
    bad("vpc_id", "", 'vpc_id is "", with 1 subnet_ids and 1 security_group_ids',
        subnet_ids=["subnet-12345678"], security_group_ids=["sg-12345678"]),
    bad("subnet_ids", ["subnet-12345678"], "1 subnet_ids and 0 security_group_ids", vpc_id="",
        security_group_ids=[], lookup_network=False),
    bad("subnet_ids", ["subnet-0f0f0f0f"], "subnet-0f0f0f0f, not found in vpc_id vpc-12345678",
        vpc_id=VPC["vpc_id"], security_group_ids=VPC["security_group_ids"]),
    bad("security_group_ids", ["sg-0f0f0f0f"], "sg-0f0f0f0f, not found in vpc_id vpc-12345678",
        vpc_id=VPC["vpc_id"], subnet_ids=VPC["subnet_ids"]),
    bad("subnet_ids", VPC["subnet_ids"], "subnet-12345678, subnet-87654321, not found in vpc_id",
        vpc_id="vpc-00000000", security_group_ids=VPC["security_group_ids"]),
    bad("security_group_ids", VPC["security_group_ids"], "sg-12345678, not found in vpc_id",
        vpc_id="vpc-00000000", subnet_ids=VPC["subnet_ids"]),
    bad("vpc_id", DEDICATED.vpc_id, DEDICATED.vpc_id, "dedicated tenancy",
        subnet_ids=DEDICATED.subnet_ids, security_group_ids=[DEDICATED.security_group_id]),
    *alone(TRAINING_IMAGES,
        bad("training_image_uri", "", 'is ""', "or set enable_training_pipeline = false"),
        bad("training_image_uri", f"{ECR}/{'a' * 216}:1", f"{'a' * 216}:1"),
        *(
            bad("training_image_uri", f"{ECR}/{name}:1", f"/{name}:1")
            for name in ("ml//x", "ml-", "m", "Ml", "a/-b", "ml.-x")
        ),
        bad("training_image_uri", "docker.io/library/python:3.11", "docker.io", "image in ECR"),
        bad("training_image_uri", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/xx:1", "eu-west-1",
            "only pulls images of its own region, us-east-1"),
        bad("training_image_uri", "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/xx:1", ".com.cn",
            "image in ECR"),
        *copied("training_image_uri", f"{ECR}/copied:1"),
        bad("training_schedule_parameters", {"TrainingImageUri": "ubuntu"}, '"ubuntu"',
            "image in ECR"),
    ),
    *alone(PROCESSING_IMAGES,
        bad("inference_image_uri", "", 'is ""', "or set enable_processing_pipeline = false"),
        bad("inference_image_uri", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/yy:1", "eu-west-1",
            "only pulls images of its own region, us-east-1"),
        bad("inference_image_uri", "ml-inference", '"ml-inference"', "image in ECR"),
        bad("inference_image_uri", f"{ECR}/xx:{'t' * 129}", "t" * 129),
        bad("inference_image_uri", f"{ECR}/xx@sha256:{'a' * 63}", f":{'a' * 63}"),
        bad("inference_image_uri", f"{ECR}/-x", f'"{ECR}/-x"'),
    ),
    *alone(TRAINING_PATHS,
        bad("input_data_s3_path", "", 'is ""', "or set enable_training_pipeline = false"),
        bad("input_data_s3_path", "s3://my-ml-bucket//in/", '"s3://my-ml-bucket//in/"', "(//)"),
        bad("input_data_s3_path", "s3://my-ml-bucket/in//x/", "in//x/", "(//)"),
        bad("input_data_s3_path", "s3://my-ml-bucket/in//", '/in//"', "(//)"),
        bad("input_data_s3_path", "s3://my-ml-bucket/zażółć/", "zażółć", "Latin-1"),
        bad("input_data_s3_path", "s3://my-ml-bucket/a\u0085b/", "bucket/a", "line breaks"),
        bad("input_data_s3_path", "/datasets/", '"/datasets/"', "S3 URI"),
        bad("input_data_s3_path", "s3://my-ml-bucket/*", '"s3://my-ml-bucket/*"', "wildcards"),
        bad("input_data_s3_path", "s3://other-bucket/x/", '"s3://other-bucket/x/"',
            "neither in s3_bucket_arn"),
        bad("model_output_s3_path", "s3://my-ml-bucket/x/\n", '"s3://my-ml-bucket/x/\\n"'),
        bad("model_output_s3_path", "s3://my-ml-bucket//out/", "bucket//out/", "(//)"),
        bad("model_output_s3_path", "", 'is ""'),
        bad("model_output_s3_path", "s3://other-bucket/y/", "s3://other-bucket/y/",
            "(my-ml-bucket)", additional_s3_bucket_arns=[], **default("s3_bucket_arn")),
        bad("training_additional_inputs", {"labels": {"s3_path": "s3://other-bucket/labels/"}},
            "training_additional_inputs.labels", "s3://other-bucket/labels/"),
        bad("training_additional_inputs", {"labels": {"s3_path": None}},
            "training_additional_inputs.labels is null"),
        bad("training_additional_inputs", {"labels": {"s3_path": "s3://my-ml-bucket//x/"}},
            "training_additional_inputs.labels", "bucket//x/", "(//)"),
        bad("training_spot", {"max_wait_seconds": 86400, "checkpoint_s3_path": "s3://my-ml-bucket//c"},
            "training_spot.checkpoint_s3_path", "bucket//c", "(//)"),
        bad("training_spot", {"max_wait_seconds": 86400, "checkpoint_s3_path": "s3://my-ml-bucket/"},
            '"s3://my-ml-bucket/"', "give a folder"),
        bad("training_spot",
            {"max_wait_seconds": 86400, "checkpoint_s3_path": f"s3://my-ml-bucket/{'k' * 993}"},
            "(1025 characters)", "k" * 993),
        bad("training_spot",
            {"max_wait_seconds": 86400, "checkpoint_s3_path": f"s3://my-ml-bucket/{'c' * 1006}",
             "checkpoint_per_execution": False}, "(1025 characters)", "c" * 1006),
        bad("training_schedule_parameters", {"InputDataS3Uri": ""}, 'InputDataS3Uri is ""'),
        bad("training_schedule_parameters", {"ModelOutputS3Uri": None}, "ModelOutputS3Uri is null"),
        bad("training_schedule_parameters", {"InputDataS3Uri": "s3://my-ml-bucket//z/"},
            "training_schedule_parameters.InputDataS3Uri", "bucket//z/", "(//)"),
        bad("training_spot",
            {"max_wait_seconds": 86400, "checkpoint_s3_path": "s3://other-bucket/checkpoints/"},
            "training_spot.checkpoint_s3_path", "s3://other-bucket/checkpoints/"),
    ),
    *alone(PROCESSING_PATHS,
        bad("inference_input_s3_path", "", 'is ""', "or set enable_processing_pipeline = false"),
        bad("inference_input_s3_path", f"s3://my-ml-bucket/{'x' * 1007}", "(1025 characters)"),
        bad("processing_schedule_parameters", {"InferenceOutputS3Uri": None},
            "InferenceOutputS3Uri is null", processing_output_per_execution=True),
        bad("inference_output_s3_path", f"s3://my-ml-bucket/{'y' * 994}", "(1025 characters)",
            "y" * 994, processing_output_per_execution=True),
        bad("inference_output_s3_path", f"s3://my-ml-bucket/{'z' * 994}/", "(1025 characters)",
            "z" * 994, processing_output_per_execution=True),
        bad("processing_schedule_parameters",
            {"InferenceOutputS3Uri": f"s3://my-ml-bucket/{'w' * 994}/"}, "(1025 characters)",
            "w" * 994, processing_output_per_execution=True),
        *copied("inference_input_s3_path", "s3://my-ml-bucket/"),
        bad("inference_input_s3_path", "s3://my-ml-bucket/x?", '"s3://my-ml-bucket/x?"'),
        bad("inference_input_s3_path", "s3://my-ml-bucket/$x/", '"s3://my-ml-bucket/$x/"'),
        bad("inference_output_s3_path", "https://my-ml-bucket/o", "https://my-ml-bucket/o",
            "S3 URI"),
        bad("processing_schedule_parameters", {"InferenceInputS3Uri": "s3://other-bucket/z/"},
            "processing_schedule_parameters.InferenceInputS3Uri", "s3://other-bucket/z/"),
        bad("processing_additional_inputs", {"labels": {"s3_path": "s3://other-bucket/in/"}},
            "processing_additional_inputs.labels", "s3://other-bucket/in/"),
        bad("processing_additional_inputs", {"labels": {"s3_path": None}},
            "processing_additional_inputs.labels is null"),
        bad("processing_additional_inputs",
            {"labels": {"s3_path": f"s3://my-ml-bucket/{'p' * 1007}"}},
            "(1025 characters)", "p" * 1007),
        bad("processing_additional_outputs", {"report": {"s3_path": "s3://other-bucket/out/"}},
            "processing_additional_outputs.report", "s3://other-bucket/out/"),
        bad("processing_additional_outputs", {"report": {"s3_path": None}},
            "processing_additional_outputs.report is null", processing_output_per_execution=True),
        bad("processing_additional_outputs", {"report": {"s3_path": "s3://my-ml-bucket//report"}},
            "processing_additional_outputs.report", "bucket//report", "(//)"),
        bad("processing_additional_outputs",
            {"report": {"s3_path": f"s3://my-ml-bucket/{'o' * 994}/"}},
            "(1025 characters)", "o" * 994, processing_output_per_execution=True),
    ),
    *alone(PROCESSING_DATA,
        bad("processing_additional_inputs", {"my model": LABELS}, 'has "my model": a name'),
        bad("processing_additional_inputs", {"i" * 65: LABELS}, "i" * 65),
        bad("processing_additional_inputs", {"a/b": LABELS}, '"a/b"'),
        *copied("processing_additional_inputs", "copied", lambda name: {name: LABELS}),
        bad("processing_additional_outputs", {"": REPORT}, 'has ""'),
        bad("processing_additional_outputs", {"report.d": REPORT}, '"report.d"'),
        bad("processing_additional_inputs", {"input": LABELS}, 'inputs has "input":', "rename it"),
        bad("processing_additional_inputs", {"output": LABELS}, 'inputs has "output":'),
        bad("processing_additional_outputs", {"input": REPORT}, 'outputs has "input":'),
        bad("processing_additional_outputs", {"output": REPORT}, 'outputs has "output":'),
        bad("processing_additional_outputs", {"both": REPORT}, 'inputs has "both", processing_',
            'outputs has "both":', processing_additional_inputs={"both": LABELS}),
        bad("processing_additional_inputs", {"model": LABELS | {"input_mode": "FastFile"}},
            'inputs.model.input_mode is "FastFile"', "input_mode File or Pipe"),
        bad("processing_additional_inputs", {"model": LABELS | {"distribution": "Sharded"}},
            'inputs.model.distribution is "Sharded"', "FullyReplicated or ShardedByS3Key"),
        bad("processing_additional_outputs", {"report": REPORT | {"upload_mode": "continuous"}},
            'outputs.report.upload_mode is "continuous"', "EndOfJob or Continuous"),
        *(
            bad("processing_additional_inputs", {"model": LABELS | {"local_path": path}},
                f"inputs.model.local_path is {json.dumps(path)}", "give a folder below")
            for path in (
                "", "model", "/opt/ml/model", "/opt/ml/processing", "/opt/ml/processing/",
                "/opt/ml/processing//model", "/opt/ml/processing/model//", "/opt/ml/processing/.",
                "/opt/ml/processing/../model", "/opt/ml/processing/a/./b", "/opt/ml/processings/a",
                "/opt/ml/processing/a\nb", "/opt/ml/processing/a\n", " /opt/ml/processing/a",
                f"/opt/ml/processing/{'l' * 238}",
            )
        ),
        bad("processing_additional_outputs", {"report": REPORT | {"local_path": "/tmp"}},
            'outputs.report.local_path is "/tmp"'),
        *(
            bad("processing_additional_inputs", {"m": LABELS | {"local_path": path}},
                f'inputs.m.local_path is "{path}"', f"the folder of {of}", **beside)
            for path, of, beside in (
                ("/opt/ml/processing/input/", "inference_input_s3_path:", {}),
                ("/opt/ml/processing/output", "inference_output_s3_path:", {}),
                ("/opt/ml/processing/report", "processing_additional_outputs.report:",
                 {"processing_additional_outputs": {"report": REPORT}}),
            )
        ),
        bad("processing_additional_inputs",
            {"n": LABELS, "m": LABELS | {"local_path": "/opt/ml/processing/n/"}},
            '"/opt/ml/processing/n/", the folder of processing_additional_inputs.n:'),
        bad("processing_additional_outputs",
            {"report": REPORT | {"local_path": "/opt/ml/processing/output/"}},
            '"/opt/ml/processing/output/", the folder of inference_output_s3_path:'),
    ),
    bad(
        "training_additional_inputs",
        {"my channel": {"s3_path": "s3://my-ml-bucket/x/"}},
        'channels "my channel"',
    ),
    bad(
        "training_additional_inputs",
        {"labels": {"s3_path": "s3://my-ml-bucket/x/", "input_mode": "Slow"}},
        'labels = "Slow"',
    ),
    bad(
        "training_additional_inputs",
        {"labels": {"s3_path": "s3://my-ml-bucket/x/", "distribution": "Some"}},
        'labels = "Some"',
    ),
    bad(
        "training_additional_inputs",
        {"labels": {"s3_path": "s3://my-ml-bucket/x/", "content_type": "t" * 257}},
        "content_type with more than 256 characters, or a line break, for labels:",
    ),
    bad("training_additional_inputs", {"c" * 65: LABELS}, "c" * 65),
    bad("training_additional_inputs", {"lines": LABELS | {"content_type": "a\nb"}}, "for lines:"),
    *copied("training_additional_inputs", "copied", lambda name: {name: LABELS}),
    bad("training_additional_inputs", {"training": {"s3_path": "s3://my-ml-bucket/labels/"}},
        'channel "training"', "rename it"),
    bad("training_spot", {"max_wait_seconds": 43200}, "is 43200, less than the 86400"),
    bad("training_spot", {"max_wait_seconds": 86399}, "is 86399, less than the 86400",
        enable_processing_pipeline=False, enable_processing_schedule=False),
    bad("training_spot", {"max_wait_seconds": 86400}, "is 86400, less than the 90000 seconds",
        training_schedule_parameters={"TrainingMaxRuntimeInSeconds": "90000"}),
    *copied("training_schedule_expression", "rate(3 days)"),
    bad("training_schedule_expression", "every day", '"every day"', "cron(minute"),
    bad("training_schedule_expression", f"cron(0 2 ? * {'SUN,' * 61}MON *)",
        "has 263 characters"),
    bad("training_schedule_expression", "cron(0 2 * * SUN *)", '"cron(0 2 * * SUN *)"', "put a ?"),
    *(
        bad(f"{key}_schedule_expression", f"cron({fields})", f'"cron({fields})"', said)
        for key, fields, said in (
            ("training", "0 2 ? * ? *", "put a ? in exactly one of its"),
            ("training", "0 24 ? * SUN *", 'its hour is "24", use 0-23'),
            ("training", "0 2 ? * SUN", "give cron(minute"),
            ("training", "60 2 ? * SUN *", 'its minute is "60", use 0-59'),
            ("training", "0 2 0 * ? *", 'its day of month is "0", use 1-31'),
            ("training", "0 2 ? 13 SUN *", 'its month is "13", use 1-12'),
            ("training", "0 2 ? 0 SUN *", 'its month is "0"'),
            ("training", "0 2 ? * 8 *", 'its day of week is "8"'),
            ("training", "0/0 2 ? * SUN *", 'its minute is "0/0"'),
            ("training", "0/60 2 ? * SUN *", 'its minute is "0/60"'),
            ("training", "0 0/24 ? * SUN *", 'its hour is "0/24"'),
            ("training", "0 2 1/32 * ? *", 'its day of month is "1/32"'),
            ("training", "0 2 ? */13 SUN *", 'its month is "*/13"'),
            ("training", "0 2 ? * MON/2 *", 'its day of week is "MON/2"'),
            ("training", "61 25 ? * SUN *", 'its minute is "61", use 0-59, its hour is "25"'),
            ("training", "0 2 WL * ? *", 'its day of month is "WL"'),
            ("training", "0 2 L,15 * ? *", 'its day of month is "L,15"'),
            ("processing", "0 2 ? * 0 *", 'its day of week is "0"'),
            ("processing", "0 2 ? * SUN#6 *", 'its day of week is "SUN#6"'),
            ("processing", "0 2 ? * SUN 1969", 'its year is "1969", use 1970-2199'),
            ("processing", "0 2 ? * SUN 2200", 'its year is "2200"'),
            ("processing", "0 2 ? * SUN 2026/0", 'its year is "2026/0"'),
            ("processing", "0 6 32 * ? *", 'its day of month is "32"'),
        )
    ),
    bad("training_schedule_expression", "rate(1 days)", '"rate(1 days)"', "rate(12 hours)"),
    bad("processing_schedule_expression", "rate(5 minute)", '"rate(5 minute)"'),
    bad("processing_schedule_expression", "rate(0 minutes)", '"rate(0 minutes)"'),
    bad("processing_schedule_expression", "", 'is ""'),
    *alone(GUARDED,
        bad("guardrails", {"instance_types": []}, "guardrails.instance_types has []:"),
        *(
            bad("guardrails", {"instance_types": ["ml.m5.xlarge", *types]},
                f"guardrails.instance_types has {json.dumps(types[-1])}: give")
            for types in (
                [None], ["m5.large"], [" ml.c5.large"], ["ml.c5.large "], ["ml.c5"], ["ml..large"],
                [f"ml.{'m' * 31}.large"], [f"ml.c5.{'x' * 31}"], ["xml.c5.large"],
                ["ml.c5.large", "ml.c5.large"],
            )
        ),
        bad("guardrails", {"instance_types": ["ml.m5.xlarge", *(
            f"ml.{'m' * 30}.{n:030}" for n in range(150))]},
            "the role training_pipeline has 1", "guardrails.instance_types: IAM accepts",
            role_arns={"processing_pipeline": f"{ROLES}brought"}),
        bad("guardrails", {"instance_types": ["ml.c5.large"]},
            'training_instance_type is "ml.m5.xl', 'only has "ml.c5.large", so',
            processing_instance_type="ml.c5.large"),
        bad("guardrails", {"instance_types": ["ml.c5.large"]},
            'processing_instance_type is "ml.m5.xl', 'only has "ml.c5.large", so',
            training_instance_type="ml.c5.large"),
        bad("guardrails", {"instance_types": ["ml.m5.xlarge", "ml.c5.large"]},
            'only has "ml.m5.xlarge", "ml.c5.large", so',
            'training_schedule_parameters.TrainingInstanceType is "ml.m5.24xlarge":',
            training_schedule_parameters={"TrainingInstanceType": "ml.m5.24xlarge"}),
        bad("guardrails", {"instance_types": ["ml.m5.xlarge"]},
            'schedules.s.parameters.ProcessingInstanceType is "ml.p5.48xlarge":', "only has",
            schedules={"s": {"pipeline": "processing", "expression": "rate(1 day)",
                "parameters": {"ProcessingInstanceType": "ml.p5.48xlarge"}}}),
        bad("guardrails", {"max_runtime_seconds": 3599}, "training_max_runtime_seconds is 3600:",
            "is 3599, so", processing_max_runtime_seconds=3599),
        bad("guardrails", {"max_runtime_seconds": 3599}, "processing_max_runtime_seconds is 3600:",
            "is 3599, so", training_max_runtime_seconds=3599),
        bad("guardrails", {"max_runtime_seconds": 7200}, "max_runtime_seconds is 7200, so",
            'triggers.t.parameters.TrainingMaxRuntimeInSeconds is "7201":',
            triggers={"t": {"pipeline": "training", "event_pattern": '{"source": ["x"]}',
                "parameters": {"TrainingMaxRuntimeInSeconds": "7201"}}}),
    ),
    bad("enable_training_schedule", True, "is true, but enable_training_pipeline is false",
        enable_training_pipeline=False),
    bad("enable_processing_schedule", True, "is true, but enable_processing_pipeline is false",
        enable_processing_pipeline=False),
    bad("training_schedule_parameters", {"InputDataUri": "x"}, "has InputDataUri,",
        "does not declare"),
    *(
        bad(f"{key}_schedule_parameters", {name: value}, f'{name} is "{value}"', said)
        for key, name, value, said in (
            ("training", "TrainingInstanceCount", "two", "whole number"),
            ("training", "TrainingInstanceCount", "1.5", "whole number"),
            ("training", "TrainingVolumeSizeInGB", "16385", "TrainingVolumeSizeInGB 16384"),
            ("training", "TrainingMaxRuntimeInSeconds", "2419201", "InSeconds 2419200"),
            ("training", "TrainingInstanceType", "m5.large", "ml.m5.xlarge"),
            ("training", "TrainingInstanceType", "xml.m5.large", "ml.m5.xlarge"),
            ("training", "TrainingInstanceType", "ml.m5.large/x", "ml.m5.xlarge"),
            ("training", "TrainingInstanceType", "ml..large", "ml.m5.xlarge"),
            ("training", "TrainingInstanceType", "ml.m5.", "ml.m5.xlarge"),
            ("processing", "ProcessingInstanceCount", "0", "whole number"),
            ("processing", "ProcessingInstanceCount", "101", "ProcessingInstanceCount 100"),
            ("processing", "ProcessingVolumeSizeInGB", "16385", "ProcessingVolumeSizeInGB 16384"),
            ("processing", "ProcessingMaxRuntimeInSeconds", "9999999", "InSeconds 777600"),
            ("processing", "ProcessingInstanceType", "ml.m5", "ml.m5.xlarge"),
            ("processing", "ProcessingInstanceType", f"ml.{'m' * 31}.xlarge", "ml.m5.xlarge"),
            ("processing", "ProcessingInstanceType", f"ml.m5.{'x' * 31}", "ml.m5.xlarge"),
        )
    ),
    *copied("processing_schedule_parameters", "2", lambda text: {"ProcessingInstanceCount": text}),
    bad("processing_schedule_parameters", {"TrainingInstanceCount": "2"},
        "has TrainingInstanceCount,", "does not declare"),
    bad("training_environment_variables", {"MLFLOW_TRACKING_URI": "https://mlflow.example.com"},
        "MLFLOW_TRACKING_URI, but enable_network_isolation", enable_network_isolation=True),
    bad("processing_environment_variables", {"MLFLOW_TRACKING_URI": "https://mlflow.example.com"},
        "MLFLOW_TRACKING_URI, but enable_network_isolation", enable_network_isolation=True),
    bad("additional_s3_bucket_arns", ["arn:aws:s3:::fine", "other"], 'has "other":',
        "without a path"),
    bad("additional_s3_bucket_arns", [None], "has null:", "without a path"),
    bad("additional_s3_bucket_arns", ["arn:aws:s3:::ab"], 'has "arn:aws:s3:::ab":'),
    bad("additional_s3_bucket_arns", [f"arn:aws:s3:::{'b' * 64}"], "b" * 64),
    *copied("additional_s3_bucket_arns", "arn:aws:s3:::copied", in_list),
    *alone({"additional_s3_bucket_arns": [], "s3_bucket_arn": VALID["s3_bucket_arn"]},
        *(
            bad("additional_s3_bucket_arns", [f"arn:aws:s3:::{name}"], f":::{name}\"", said)
            for name, said in (
                ("my..bucket", "no bucket can have this name"),
                ("192.168.1.1", "no bucket can have this name"),
                ("xn--bucket", "no bucket can have this name"),
                ("sthree-bucket", "no bucket can have this name"),
                ("amzn-s3-demo-bucket", "no bucket can have this name"),
                ("bucket-", "no bucket can have this name"),
                (".bucket", "no bucket can have this name"),
                ("ml-kx7f3p1k8bz9q2o-s3alias", "the alias of an access point"),
                ("bucket--use1-az4--x-s3", "a directory bucket"),
                ("bucket--table-s3", "a table bucket"),
                ("ml--ol-s3", "the alias of an access point"),
                ("abc.mrap", "the alias of an access point"),
            )
        ),
    ),
    *alone({"additional_s3_bucket_arns": [VALID["s3_bucket_arn"]]},
        bad("s3_bucket_arn", "arn:aws:s3:::10.0.0.1", ":::10.0.0.1\"", "no bucket can have"),
        bad("s3_bucket_arn", "arn:aws:s3:::my--use1-az4--x-s3", "--x-s3\"", "directory bucket"),
    ),
    *misplaced("s3_bucket_arn", "arn:aws-cn:s3:::my-ml-bucket"),
    *misplaced("additional_s3_bucket_arns", "arn:aws-cn:s3:::data-lake", in_list),
    *(
        row
        for name in ("kms_key_arn", "volume_kms_key_arn")
        for row in misplaced(
            name, KEY.replace("us-east-1", "eu-west-1"), KEY.replace("arn:aws:", "arn:aws-cn:")
        )
    ),
    *misplaced(
        "schedule_dead_letter_queue_arn",
        "arn:aws:sqs:eu-west-1:123456789012:failed-starts",
        "arn:aws-cn:sqs:us-east-1:123456789012:failed-starts",
    ),
    *(
        row
        for arn in (
            "arn:aws:sns:eu-west-1:123456789012:alerts",
            "arn:aws:sns:us-east-1:999999999999:alerts",
            "arn:aws-cn:sns:us-east-1:123456789012:alerts",
        )
        for row in misplaced("notifications", arn, lambda arn: {"topic_arn": arn})
    ),
    *(
        row
        for arn in ("arn:aws:iam::999999999999:role/x", "arn:aws-cn:iam::123456789012:role/x")
        for row in misplaced("role_arns", arn, lambda arn: {"training_schedule": arn})
    ),
    *misplaced(
        "role_permissions_boundary_arn",
        "arn:aws:iam::999999999999:policy/boundary",
        "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess",
    ),
    *(
        row
        for name in ("training_managed_policy_arns", "processing_managed_policy_arns")
        for arn in ("arn:aws:iam::999999999999:policy/p", "arn:aws-cn:iam::123456789012:policy/p")
        for row in misplaced(name, arn, lambda arn: {"msk": arn})
    ),
    *(
        row
        for key in ("training", "processing")
        for name, policy in {
            "text": json.dumps({"Statement": "x"}),
            "nothing": json.dumps({"Statement": []}),
            "effect": bad_statement(Effect="allow"),
            "no_action": bad_statement(Action=None),
            "no_resource": bad_statement(Resource=None),
            "principal": bad_statement(Principal="*"),
            "one_of_two": json.dumps({"Statement": [json.loads(POLICY)["Statement"][0], "x"]}),
        }.items()
        for row in [
            bad(f"{key}_additional_policies", {"fine": POLICY, name: policy}, f"has {name}, whose")
        ]
    ),
    bad("training_additional_policies", {"fine": POLICY, "letters": bad_statement(Sid="zażółć")},
        "has letters with characters outside Latin-1"),
    bad("processing_additional_policies", {"letters": bad_statement(Resource="arn:aws:s3:::ł")},
        "has letters with characters outside Latin-1"),
    # the module's own policy has more than 1,000 characters
    *(
        bad(f"{key}_additional_policies", {"a": BIG_POLICY, "b": BIG_POLICY},
            f"{key} job role have 1", "output_s3_path, put", f"move {key}_additional_policies",
            training_additional_inputs={}, processing_additional_inputs={},
            processing_additional_outputs={})
        for key in ("training", "processing")
    ),
    bad("training_additional_inputs",
        {f"channel-{n}": {"s3_path": f"s3://my-ml-bucket/{n:02}{'/long' * 60}/"}
         for n in range(19)},
        "training job role have 1", "shorten", "training_additional_inputs.channel-18",
        training_spot=None, training_additional_policies={}, training_schedule_parameters={}),
    *(
        bad("training_cache_expire_after", "P7D", "training_cache_expire_after is set",
            "training_spot.checkpoint_s3_path is", "Set checkpoint_per_execution = false",
            training_spot=spot, enable_training_schedule=False)
        for spot in [{"max_wait_seconds": 86400, "checkpoint_s3_path": "s3://my-ml-bucket/c/"}]
    ),
    bad("notifications", {"topic_arn": f"{TOPICS}alerts"},
        "neither enable_training_pipeline nor enable_processing_pipeline", additional_pipelines={},
        enable_training_pipeline=False, enable_training_schedule=False,
        enable_processing_pipeline=False, enable_processing_schedule=False),
    *(
        row
        for key in ("training", "processing")
        for row in alone(
            {f"{key}_additional_policies": {}, f"{key}_managed_policy_arns": {},
             "role_arns": {f"{key}_job": f"{ROLES}ml"}},
            bad(f"{key}_additional_policies", {"kafka": POLICY}, f"role_arns brings {key}_job"),
            bad(f"{key}_managed_policy_arns", {"msk": f"{POLICIES}m"},
                f"role_arns brings {key}_job"),
        )
    ),
]  # fmt: skip


#: What the provider says beside our sentence, of a VPC that does not exist.
OF_THE_PROVIDER = "no matching EC2 VPC found"
NONE_NAMES_IT = "none (rows of validations stand in ONE_VALUE, those of other rules in OTHERS)"

#: Where Terraform says that a rule stands: its block, or the condition in it.
RULE = re.compile(r"^ +(?:validation {|(?:pre|post)condition {\s+(?:#.*\s+)*condition)", re.M)

#: A module block for each: an error of the first stops the block before the rules of the second.
TABLE = {"one_value": ONE_VALUE, "others": OTHERS}
PACKED = {block: pack([case.sets for case in cases]) for block, cases in TABLE.items()}
#: Each row, and the address of the call that it is packed into.
ROWS = [
    (case, f'module.{block}["{place}"]')
    for block, cases in TABLE.items()
    for case, place in zip(cases, PACKED[block][1], strict=True)
]


@pytest.fixture(scope="module")
def errors(new_root: Callable[[], Root]) -> list[Diagnostic]:
    root = new_root()
    root.call_modules(
        {
            block: {str(place): VALID | call for place, call in enumerate(calls)}
            for block, (calls, _) in PACKED.items()
        }
    )
    return [found for found in root.diagnostics() if found.severity == "error"]


each_row = pytest.mark.parametrize(
    ("case", "call"), ROWS, ids=[f"{index}-{case.variable}" for index, (case, _) in enumerate(ROWS)]
)


@each_row
def test_value_is_refused(case: Bad, call: str, errors: list[Diagnostic]) -> None:
    """By one sentence, in the row's own call; the next test says that it is of no other row."""
    of_call = [error for error in errors if error.call in (call, "")]
    found = [error for error in of_call if error.call and case.is_told_by(error.sentence)]
    seen = "\n".join(
        str(error) for error in of_call if not error.call or case.is_named_by(error.sentence)
    )
    assert len(found) == 1, (
        f"{call}: {case.variable} = {repr(case.value)[:200]} has {len(found)} sentences with "
        f"{case.words} instead of one. Of those that name it there are:\n{seen or NONE_NAMES_IT}"
    )


def test_every_sentence_is_of_one_row(errors: list[Diagnostic]) -> None:
    rows = {
        str(error): [
            case for case, call in ROWS if call == error.call and case.is_told_by(error.sentence)
        ]
        for error in errors
        if error.sentence != OF_THE_PROVIDER
    }
    assert {error: cases for error, cases in rows.items() if len(cases) != 1} == {}


@each_row
def test_words_are_of_the_value(case: Bad, call: str, errors: list[Diagnostic]) -> None:
    """So that the sentence has to print it."""
    assert case.has_word_of_the_value, f"none of {case.words} is of {case.value!r}"
    block = call.partition("[")[0]
    of_block = {error.sentence for error in errors if error.call.partition("[")[0] == block}
    told = [sentence[:200] for sentence in of_block if case.is_told_by(sentence)]
    assert len(told) <= 1, f"{case.words} are in sentences of other rows, too: {told}"


def test_provider_adds_no_errors(new_root: Callable[[], Root]) -> None:
    """Of what rules of the whole module refuse, while the pipelines are right.

    In the plan of all rows, pipelines are not: nothing that follows them reaches the provider.
    """
    starts: list[dict[str, Any]] = [
        {"alarms": {"actions": BAD_ALARMS[0][0]}},
        {"schedules": {"s": DAILY | {"timezone": ""}}},
        {"schedules": {"s": DAILY | {"timezone": "Mars/" * 11}}},
        {"schedules": {"s": DAILY | {"start_date": "now"}}},
        {"schedules": {"s": DAILY | {"flexible_window_minutes": 0}}},
        {"schedules": {"": DAILY, "s" * 65: DAILY}},
        {"triggers": {"t": {"pipeline": "training", "event_pattern": "x"}}},
        {"triggers": {"": AFTER, "t" * 65: AFTER}},
        {"tags": {"k" * 129: "v" * 257, "": ""}},
        {"additional_pipelines": dict.fromkeys(KEYS, FINE)},
        {"additional_pipelines": PIPELINES, "role_arns": {"a_job": f"{ROLES}x"}},
        {"triggers": CIRCLE, "additional_pipelines": {f"p-{n}": FINE for n in range(20)}},
    ]
    root = new_root()
    root.call_module({str(number): VALID | STARTS | inputs for number, inputs in enumerate(starts)})
    errors = [found for found in root.diagnostics() if found.severity == "error"]
    assert len({error.call for error in errors}) == len(starts)
    assert [str(error) for error in errors if "outputs.tf" not in error.location] == []


def test_every_rule_has_a_row(repository: Path, errors: list[Diagnostic]) -> None:
    rules = {
        f"../module/{file.name}:{len(text[: rule.end()].splitlines())}"
        for file in repository.glob("*.tf")
        for text in [file.read_text()]
        for rule in RULE.finditer(text)
    }
    without = sorted(rules - {error.location for error in errors})
    assert not without, f"no row breaks the rules at {', '.join(without)}"


def test_every_rule_of_definitions_has_a_row(repository: Path) -> None:
    """They share one precondition, whose line says nothing about which of them fails."""
    text = (repository / "definition_rules.tf").read_text()
    table = text[text.index("  definition_rules = {") : text.index("  pipeline_key_rules = {")]
    # the other stands in BAD_PIPELINES, because it needs guardrails
    rules = re.findall(r"^      (\w+) = {$", table, re.M)
    assert sorted(rules) == sorted([*definitions.ROWS, "guarded_steps"])
