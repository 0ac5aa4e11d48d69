"""Definitions of additional pipelines arrive as they are, but for null members.

White space, the order of members and null members are no change, and nothing in a text is taken
for a part of JSON.
"""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest

from definitions import TEXTS, without_nulls
from inputs import VALID
from terraform.plan import Plan

#: What could be taken for something else: by JSON, Terraform's templates, patterns, encodings.
LIKE_JSON = [
    *(
        "",
        "null",
        '"x":null',
        '{"a":null}',
        ":null,",
        "null,",
        ",",
        "a,",
        ",}",
        "}",
        "]",
        '"1":null',
    ),
    *('"', '""', '"5"', "5", "\\", "\\\\", '\\"', "\\u0022", "\\n", "// c", "'"),
    *("<>&", "\u2028\u2029", "\u0085", "\x00", "\x1f\t\r\n\x7f", "\b\f", "\ufeff", "\uffff"),
    *("é漢🙂", "\U0010ffff", "\ud7ff\ue000", "${a}", "%{if}", "$${a}", "%s", "*", "$1"),
]
NUMBERS: list[Any] = [0, -0.0, 1.0, 1e-7, 1e21, 1e300, 5e-324, 0.1, -1.5, 2**53 + 1, 10**30, True]


def random_value(source: random.Random, depth: int) -> Any:
    """Any JSON value; lists without null, which SageMaker refuses."""
    kind = source.random()
    if depth == 0 or kind < 0.3:
        texts = source.choices(LIKE_JSON, k=source.randrange(3))
        return source.choice(["".join(texts), source.choice(NUMBERS), False, {}, []])
    if kind < 0.75:
        names = source.choices([*LIKE_JSON, "a", "b", "c", "d"], k=source.randrange(6))
        return {
            name: None if source.random() < 0.4 else random_value(source, depth - 1)
            for name in names
        }
    return [random_value(source, depth - 1) for _ in range(source.randrange(4))]


SOURCE = random.Random(13)
TELL = {
    "Name": "Tell",
    "Type": "Lambda",
    "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:tell",
}
ODD: dict[str, Any] = {
    "Version": "2020-12-01",
    "Metadata": {
        "texts": LIKE_JSON,
        "numbers": NUMBERS,
        "names": dict.fromkeys(LIKE_JSON, 1),
        "gone": dict.fromkeys(LIKE_JSON),
        "values": [random_value(SOURCE, 6) for _ in range(200)],
    },
    "Steps": [TELL | {"Arguments": {"a": '"b":null', "c": None}}],
}
PLAIN = TEXTS["prepare-train-evaluate-register"]
#: The same definition, written otherwise.
SPELLINGS = {
    "as-exported": PLAIN,
    "on-one-line": json.dumps(json.loads(PLAIN), separators=(",", ":")),
    "in-other-order": json.dumps(json.loads(PLAIN), sort_keys=True, indent="\t"),
    "without-nulls": json.dumps(without_nulls(json.loads(PLAIN)), indent=1),
    "with-more-nulls": json.dumps(
        json.loads(PLAIN) | {"A": None, "Metadata": {"a": None, "b": None}, "Z": None}
    ),
}
DEFINITIONS = {f"sdk-{name}": text for name, text in TEXTS.items()} | {
    "odd": json.dumps(ODD),
    "odd-unescaped": json.dumps(ODD, ensure_ascii=False, indent=1),
}
PLANNED_CALLS = {
    "definitions": VALID
    | {
        "additional_pipelines": {
            key: {"definition": text} for key, text in (SPELLINGS | DEFINITIONS).items()
        }
    }
}


def planned_text(plan: Plan, key: str) -> str:
    address = f'aws_sagemaker_pipeline.this["{key}"]'
    (change,) = (
        found["change"]["after"]
        for found in plan.document["resource_changes"]
        if found["address"].endswith(address) and '"definitions"' in found["address"]
    )
    return str(change["pipeline_definition"])


def exactly(text: str) -> Any:
    """Parsed, with numbers as they are written."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


@pytest.mark.parametrize("key", DEFINITIONS)
def test_definition_arrives_without_null_members(key: str, plan_of_calls: Plan) -> None:
    planned = planned_text(plan_of_calls, key)
    assert exactly(planned) == without_nulls(exactly(DEFINITIONS[key]))


@pytest.mark.parametrize("key", SPELLINGS)
def test_another_spelling_is_no_change(key: str, plan_of_calls: Plan) -> None:
    assert planned_text(plan_of_calls, key) == planned_text(plan_of_calls, "as-exported")
