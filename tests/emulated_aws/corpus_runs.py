"""What executions of the corpus's definitions meet, so that each of their steps runs in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from decisions import Run

Files = dict[str, dict[str, Any]]


def _evaluated(**report: Any) -> Files:
    return {"Evaluate": {"evaluation/evaluation.json": report}}


RUNS: Mapping[str, Sequence[Run]] = {
    "every-condition": [
        Run(
            files=_evaluated(metrics={"auc": auc, "false positives": [9]}, verdict="good"),
            results={"Count": {"rows": 2000, "complete": True}},
            objects={"s3://my-ml-bucket/churn/limits/DE/limits.json": {"auc": 0.6}},
        )
        for auc in (0.9, 0.5)
    ],
    "everything-in-branches": [Run({"Weekly": weekly}) for weekly in ("true", "false")],
    "lambda-and-callback": [
        Run(
            results={
                "Label": {"labels_uri": "s3://my-ml-bucket/labels/"},
                "Split": {"train_uri": "s3://my-ml-bucket/split/"},
            },
            objects={"s3://my-ml-bucket/split/train.json": {}},
        )
    ],
    "nested-conditions": [
        Run({"Stage": stage}, _evaluated(metrics={"auc": auc}, bias={"difference": bias}))
        for stage, auc, bias in [
            ("production", 0.9, 0.0),
            ("production", 0.9, 0.2),
            ("test", 0.9, 0.0),
            ("production", 0.5, 0.0),
        ]
    ],
    "prepare-train-evaluate-register": [
        Run(files=_evaluated(metrics={"auc": {"value": auc}})) for auc in (0.85, 0.84)
    ],
    "required-parameter": [
        Run({"Month": "2027-01"}, objects={"s3://my-ml-bucket/churn/data/2027-01/1.json": {}})
    ],
}
"""By name of the definition; others run all of their steps with their defaults."""
