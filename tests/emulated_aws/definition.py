"""Pipeline definitions, checked as CreatePipeline and the jobs' own APIs do.

Two rules are stricter than AWS: a parameter needs a default (nothing starts on a schedule
otherwise), and a retry policy needs one of MaxAttempts and ExpireAfterMin (AWS would take five
attempts).

Sources: botocore's SageMaker model (CreateTrainingJob, CreateProcessingJob, and the limits of
CreatePipeline), the published schema of pipeline definitions for what stands around the steps'
Arguments, and the AWS documentation's pages on retry policies
(sagemaker/latest/dg/pipelines-retry-policy.html), caching (pipelines-caching-enabling.html,
pipelines-default-keys.html) and execution variables.

Documented: a retry policy has at most 43200 seconds before the first retry, and at most 20 attempts
or 14400 minutes, where 0 means never; a cache expires after years, months, weeks, days, hours and
minutes, and the page's own examples are "30d" and "T16m", without ISO 8601's P.

Assumed: none of these is negative; a duration has no fractions, and its units come in ISO 8601's
order. Lengths count with references resolved, which the start of the job does at the latest.
"""

from __future__ import annotations

import graphlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from emulated_aws import job_arguments, references, shapes
from emulated_aws.job_arguments import JOBS

MAXIMUM_LENGTH = 1_048_576
"""Characters of a definition that is given inline."""

_TOP_LEVEL = {
    "Version",
    "Metadata",
    "Parameters",
    "PipelineExperimentConfig",
    "MlflowConfig",
    "Steps",
}
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_PARAMETER_MEMBERS = {"Name", "Type", "DefaultValue", "Description", "EnumValues"}
_TYPES: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
}
_STEP_MEMBERS = {
    "Name",
    "Type",
    "Arguments",
    "DisplayName",
    "Description",
    "DependsOn",
    "RetryPolicies",
    "CacheConfig",
    "PropertyFiles",
}
# Their Arguments are not looked at: the module has none of them.
_OTHER_TYPES = {
    "AutoML",
    "Callback",
    "ClarifyCheck",
    "Condition",
    "EMR",
    "EMRServerless",
    "Fail",
    "Lambda",
    "Model",
    "QualityCheck",
    "RegisterModel",
    "Transform",
    "Tuning",
}
_RETRIED = {
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
}
_RETRY_MEMBERS = {
    "ExceptionType",
    "IntervalSeconds",
    "BackoffRate",
    "MaxAttempts",
    "ExpireAfterMin",
}
_DURATION = re.compile(
    r"P?(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?)?", re.ASCII | re.IGNORECASE
)
#: Arguments that a step has to share with an earlier one to have its results from the cache.
CACHE_KEYS = {
    "Training": {
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    },
    "Processing": {"AppSpecification", "Environment", "ProcessingInputs"},
}


@dataclass
class _Checker:
    region: str
    account_id: str
    partition: str
    pipeline: str
    found: list[str] = field(default_factory=list)

    def refuse(self, path: shapes.Path, got: Any, expected: str) -> None:
        self.found.append(f"{_json_path(path)}: got {_shown(got)}, expected {expected}")

    def check(self, text: str) -> None:
        if len(text) > MAXIMUM_LENGTH:
            self.refuse((), f"{len(text)} characters", f"at most {MAXIMUM_LENGTH}")
        try:
            definition = json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_doubles)
        except ValueError as error:
            self.refuse((), text[:80], f"a JSON document ({error})")
            return
        if not isinstance(definition, dict):
            self.refuse((), definition, "a JSON object")
            return
        nulls = list(_nulls(definition, ()))
        for path in nulls:
            self.refuse(path, None, "no null: leave the member out")
        if nulls:
            return
        self.only(definition, _TOP_LEVEL, ())
        if definition.get("Version") != "2020-12-01":
            self.refuse(("Version",), definition.get("Version"), '"2020-12-01"')
        metadata = definition.get("Metadata", {})
        if not isinstance(metadata, dict):
            self.refuse(("Metadata",), metadata, "an object")
            metadata = {}
        for name, value in metadata.items():
            self.must(_TYPES["String"](value), ("Metadata", name), value, "a string")
        variables = self.parameters(definition.get("Parameters", []))
        self.steps(
            definition.get("Steps"),
            variables
            | references.execution_variables(
                self.region, self.account_id, self.partition, self.pipeline
            ),
        )

    # Pieces of which the checks are made

    def must(self, held: bool, path: shapes.Path, got: Any, expected: str) -> bool:
        if not held:
            self.refuse(path, got, expected)
        return held

    def only(self, value: Mapping[str, Any], known: set[str], path: shapes.Path) -> None:
        for name in value.keys() - known:
            self.refuse((*path, name), value[name], f"no such member: {', '.join(sorted(known))}")

    def objects(
        self, value: Any, path: shapes.Path
    ) -> Iterator[tuple[shapes.Path, dict[str, Any]]]:
        if not self.must(isinstance(value, list), path, value, "a list"):
            return
        for index, item in enumerate(value):
            if self.must(isinstance(item, dict), (*path, index), item, "an object"):
                yield (*path, index), item

    def unique(self, items: Sequence[tuple[shapes.Path, Any]]) -> None:
        counts = Counter(str(name) for _, name in items if name is not None)
        for path, name in items:
            if counts[str(name)] > 1:
                self.refuse(path, name, "a name that occurs once")

    # Parameters and variables

    def parameters(self, parameters: Any) -> dict[str, Any]:
        """Names as in `Get` to default values."""
        variables: dict[str, Any] = {}
        names: list[tuple[shapes.Path, Any]] = []
        for path, parameter in self.objects(parameters, ("Parameters",)):
            self.only(parameter, _PARAMETER_MEMBERS, path)
            name, kind = parameter.get("Name"), parameter.get("Type")
            names.append(((*path, "Name"), name))
            if not self.must(
                isinstance(name, str) and bool(_NAME.fullmatch(name)),
                (*path, "Name"),
                name,
                "1 to 64 letters, digits, hyphens and underscores",
            ):
                continue
            default = parameter.get("DefaultValue")
            variables[f"Parameters.{name}"] = shapes.ANYTHING if default is None else default
            if not isinstance(kind, str) or kind not in _TYPES:
                self.refuse((*path, "Type"), kind, f"one of {', '.join(_TYPES)}")
                continue
            if default is None:
                self.refuse((*path, "DefaultValue"), None, f"a default, of type {kind}")
                continue
            self.must(
                _TYPES[kind](default), (*path, "DefaultValue"), default, f"a value of type {kind}"
            )
            if isinstance(default, str) and len(default) > 4096:
                self.refuse((*path, "DefaultValue"), default, "at most 4096 characters")
            allowed = parameter.get("EnumValues", [default])
            if not isinstance(allowed, list) or default not in allowed:
                self.refuse((*path, "DefaultValue"), default, f"one of EnumValues {allowed}")
        self.unique(names)
        if len(names) > 200:
            self.refuse(("Parameters",), f"{len(names)} parameters", "at most 200")
        return variables

    # Steps

    def steps(self, steps: Any, variables: Mapping[str, Any]) -> None:
        found = list(self.objects(steps, ("Steps",)))
        if not found and isinstance(steps, list):
            self.refuse(("Steps",), steps, "at least one step")
        names = [((*path, "Name"), step.get("Name")) for path, step in found]
        self.unique(names)
        known = {name for _, name in names if isinstance(name, str)}
        for path, step in found:
            self.step(path, step, variables, known)
        self.order([step for _, step in found])

    def order(self, steps: Sequence[Mapping[str, Any]]) -> None:
        graph = {
            step["Name"]: [name for name in step.get("DependsOn", []) if isinstance(name, str)]
            for step in steps
            if isinstance(step.get("Name"), str) and isinstance(step.get("DependsOn", []), list)
        }
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as error:
            self.refuse(("Steps",), " -> ".join(error.args[1]), "no cycle of DependsOn")

    def step(
        self, path: shapes.Path, step: dict[str, Any], variables: Mapping[str, Any], known: set[str]
    ) -> None:
        name, kind = step.get("Name"), step.get("Type")
        self.must(
            isinstance(name, str) and bool(_NAME.fullmatch(name)),
            (*path, "Name"),
            name,
            "1 to 64 letters, digits, hyphens and underscores",
        )
        depends = step.get("DependsOn", [])
        if self.must(isinstance(depends, list), (*path, "DependsOn"), depends, "a list"):
            for index, other in enumerate(depends):
                self.must(
                    isinstance(other, str) and other in known and other != name,
                    (*path, "DependsOn", index),
                    other,
                    "the name of another step",
                )
        self.retries(step.get("RetryPolicies", []), (*path, "RetryPolicies"))
        if "CacheConfig" in step:
            self.cache(step["CacheConfig"], (*path, "CacheConfig"))
        types = _OTHER_TYPES | JOBS.keys()
        if not isinstance(kind, str) or kind not in types:
            self.refuse((*path, "Type"), kind, f"one of {', '.join(sorted(types))}")
            return
        if kind in _OTHER_TYPES:
            return
        self.only(step, _STEP_MEMBERS, path)
        arguments = step.get("Arguments")
        place = (*path, "Arguments")
        if self.must(isinstance(arguments, dict), place, arguments, "an object"):
            resolved = references.Resolver(variables, known, self.refuse).resolve(arguments, place)
            for violation in job_arguments.violations(
                kind,
                resolved,
                region=self.region,
                account_id=self.account_id,
                partition=self.partition,
            ):
                self.refuse((*place, *violation.path), violation.got, violation.expected)

    def retries(self, policies: Any, path: shapes.Path) -> None:
        for place, policy in self.objects(policies, path):
            self.only(policy, _RETRY_MEMBERS, place)
            kinds = policy.get("ExceptionType")
            if not isinstance(kinds, list) or not kinds:
                self.refuse((*place, "ExceptionType"), kinds, "a list of exception types")
            else:
                for index, kind in enumerate(kinds):
                    self.must(
                        isinstance(kind, str) and kind in _RETRIED,
                        (*place, "ExceptionType", index),
                        kind,
                        f"one of {', '.join(sorted(_RETRIED))}",
                    )
            if ("MaxAttempts" in policy) == ("ExpireAfterMin" in policy):
                self.refuse(place, policy, "either MaxAttempts or ExpireAfterMin")
            self.within(policy, "MaxAttempts", 0, 20, place)
            self.within(policy, "ExpireAfterMin", 0, 14400, place)
            self.within(policy, "IntervalSeconds", 0, 43200, place)
            rate = policy.get("BackoffRate", 1)
            self.must(
                _TYPES["Float"](rate) and rate >= 0,
                (*place, "BackoffRate"),
                rate,
                "a number of at least 0",
            )

    def within(
        self, policy: Mapping[str, Any], name: str, least: int, most: int, path: shapes.Path
    ) -> None:
        value = policy.get(name, least)
        self.must(
            _TYPES["Integer"](value) and least <= value <= most,
            (*path, name),
            value,
            f"an integer from {least} to {most}",
        )

    def cache(self, config: Any, path: shapes.Path) -> None:
        if not self.must(isinstance(config, dict), path, config, "an object"):
            return
        self.only(config, {"Enabled", "ExpireAfter"}, path)
        enabled, expire = config.get("Enabled"), config.get("ExpireAfter", "P1D")
        self.must(isinstance(enabled, bool), (*path, "Enabled"), enabled, "true or false")
        self.must(
            isinstance(expire, str) and bool(_DURATION.fullmatch(expire)),
            (*path, "ExpireAfter"),
            expire,
            "an ISO 8601 duration, such as P30D, in years to minutes",
        )


def violations(
    definition: str,
    *,
    region: str = "us-east-1",
    account_id: str = "123456789012",
    partition: str = "aws",
    pipeline: str = "p",
) -> list[str]:
    """What is wrong with a pipeline definition; empty when AWS would take it.

    Steps' Arguments are looked at with the parameters' defaults in place, and with plausible
    values for execution variables.

    Args:
        definition: the JSON text.
        region: of the pipeline: images in ECR and KMS keys must be in it.
        account_id: of the pipeline: roles must be in it.
        partition: of the pipeline.
        pipeline: its name, which an execution may join to a URI.

    Returns:
        A line each: the place as a JSON path, what is there, and what was expected.
    """
    checker = _Checker(region, account_id, partition, pipeline)
    checker.check(definition)
    return checker.found


def duration(text: str) -> timedelta:
    """The time of an ISO 8601 duration such as "P30D"; years have 365 days, months 30."""
    found = _DURATION.fullmatch(text)
    assert found is not None, f"{text} is no duration"
    years, months, weeks, days, _, hours, minutes = (
        int((part or "0").rstrip("YMWDHymwdh")) if part and part[0].isdigit() else 0
        for part in found.groups()
    )
    return timedelta(
        weeks=weeks, days=365 * years + 30 * months + days, hours=hours, minutes=minutes
    )


def _nulls(value: Any, path: shapes.Path) -> Iterator[shapes.Path]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _nulls(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nulls(item, (*path, index))


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(name for name, _ in pairs)
    doubles = [name for name, count in counts.items() if count > 1]
    if doubles:
        raise ValueError(f"members that occur twice: {', '.join(doubles)}")
    return dict(pairs)


def _json_path(path: shapes.Path) -> str:
    parts = (
        f"[{part}]"
        if isinstance(part, int)
        else f".{part}"
        if re.fullmatch(r"[\w:-]+", part)
        else f"[{json.dumps(part)}]"
        for part in path
    )
    return "$" + "".join(parts)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, default=lambda _: "(known when it runs)")
    return text if len(text) <= 200 else f"{text[:200]}..."
