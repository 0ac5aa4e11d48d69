"""Steps of a pipeline definition: names, order, retries, cache, and what each type has.

Documented (sagemaker/latest/dg/...): what a Condition, a Fail, a Lambda and a Callback step may not
do (build-and-manage-steps-types.html: nothing depends on or refers to a Fail step, inputs are
scalars); of a retry policy at most 43200 seconds
before the first retry, and at most 20 attempts or 14400 minutes, where 0 means never
(pipelines-retry-policy.html); a cache expires after years, months, weeks, days, hours and minutes,
and the page's own examples are "30d" and "T16m", without ISO 8601's P
(pipelines-caching-enabling.html); pipelines-default-keys.html.

Seen: CreatePipeline refuses a step that depends on a Fail step (aws/sagemaker-python-sdk,
tests/integ/sagemaker/workflow/test_fail_steps.py).

Assumed: none of these numbers is negative; a duration has no fractions, and its units come in ISO
8601's order. CreatePipeline refuses the rest of it, too, rather than the execution. A step may
depend on steps in branches of a Condition, and on the Condition. The outputs that property files
name are those of their step, as the SDK says. A Condition in a branch of another is taken: the
guide does not support it, but the SDK builds it, and no report has a refusal; the module warns.
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.model import StructureShape

from emulated_aws import conditions, job_arguments, references, shapes, step_types
from emulated_aws.findings import Findings
from emulated_aws.job_arguments import Home

NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
NAMED = "1 to 64 letters, digits, hyphens and underscores"

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

_BRANCHES = ("IfSteps", "ElseSteps")
#: Looked at one by one; the others as shapes.
_EVERYWHERE = {"Name", "Type", "Arguments", "DependsOn"}
_RETRIED = {
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
    # in the published schema only
    "Emr.RESOURCE_LIMIT",
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


@dataclass(frozen=True)
class _Placed:
    """A step, and where it is.

    Attributes:
        path: that leads to it.
        content: of the definition.
        condition: name of the Condition step in whose branch it is, None outside of all.
    """

    path: shapes.Path
    content: Mapping[str, Any]
    condition: Any = None

    @property
    def name(self) -> Any:
        return self.content.get("Name")

    @property
    def kind(self) -> Any:
        return self.content.get("Type")

    def own(self) -> dict[str, Any]:
        """Without the steps in its branches."""
        result = dict(self.content)
        arguments = result.get("Arguments")
        if self.kind == "Condition" and isinstance(arguments, dict):
            result["Arguments"] = {
                name: value for name, value in arguments.items() if name not in _BRANCHES
            }
        return result


def check(steps: Any, variables: Mapping[str, Any], home: Home, findings: Findings) -> None:
    """Look at the steps of a definition.

    Args:
        steps: the member of the definition.
        variables: such as "Parameters.InputDataS3Uri" and "Execution.PipelineName" to values.
        home: of the pipeline.
        findings: are told what is wrong.
    """
    path = ("Steps",)
    if steps == []:
        findings.refuse(path, steps, "at least one step")
    found = list(_every(steps, path, findings))
    findings.unique([((*step.path, "Name"), step.name) for step in found])
    known = {step.name: step for step in found if isinstance(step.name, str)}
    resolver = references.Resolver(variables, known.keys(), findings.refuse)
    for step in found:
        _Checker(findings, resolver, home, known).step(step)
    _order(known.values(), findings)


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


def _every(
    steps: Any, path: shapes.Path, findings: Findings, condition: Any = None
) -> Iterator[_Placed]:
    """All steps, those in branches of a Condition after it."""
    for place, content in findings.objects(steps, path):
        step = _Placed(place, content, condition)
        yield step
        arguments = content.get("Arguments")
        if step.kind == "Condition" and isinstance(arguments, dict):
            for branch in _BRANCHES:
                inner = (*place, "Arguments", branch)
                yield from _every(arguments.get(branch, []), inner, findings, step.name)


def _order(steps: Any, findings: Findings) -> None:
    graph = {
        step.name: {
            *_depends_on(step),
            *(name for _, name, _ in references.steps(step.own(), ())),
            *([step.condition] if isinstance(step.condition, str) else []),
        }
        for step in steps
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        findings.refuse(("Steps",), " -> ".join(error.args[1]), "no cycle of DependsOn and Get")


def _depends_on(step: _Placed) -> Sequence[str]:
    names = step.content.get("DependsOn", [])
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


@dataclass(frozen=True)
class _Checker:
    findings: Findings
    resolver: references.Resolver
    home: Home
    known: Mapping[str, _Placed]

    def step(self, step: _Placed) -> None:
        must, path, kind, content = self.findings.must, step.path, step.kind, step.content
        must(
            isinstance(step.name, str) and bool(NAME.fullmatch(step.name)),
            (*path, "Name"),
            step.name,
            NAMED,
        )
        self.depends_on(content.get("DependsOn", []), (*path, "DependsOn"), step.name)
        self.references(step)
        if not isinstance(kind, str) or kind not in step_types.TYPES:
            expected = f"one of {', '.join(sorted(step_types.TYPES))}"
            self.findings.refuse((*path, "Type"), kind, expected)
            return
        retried = {"RetryPolicies"} if kind in step_types.RETRIED else set()
        cached = {"CacheConfig"} if kind in step_types.CACHED else set()
        shape = step_types.members(kind)
        self.findings.only(content, _EVERYWHERE | retried | cached | shape.members.keys(), path)
        if retried:
            self.retries(content.get("RetryPolicies", []), (*path, "RetryPolicies"))
        if cached and "CacheConfig" in content:
            self.cache(content["CacheConfig"], (*path, "CacheConfig"))
        self.members(content, shape, path)
        if kind in step_types.INPUTS:
            self.inputs(content.get("Arguments", {}), (*path, "Arguments"))
        elif kind == "Condition":
            self.condition(step)
        else:
            self.arguments(kind, content.get("Arguments"), (*path, "Arguments"))

    # Other steps

    def depends_on(self, names: Any, path: shapes.Path, own: Any) -> None:
        if not self.findings.must(isinstance(names, list), path, names, "a list"):
            return
        for index, name in enumerate(names):
            place = (*path, index)
            if self.findings.must(
                isinstance(name, str) and name in self.known and name != own,
                place,
                name,
                "the name of another step",
            ):
                self.no_fail(name, place)

    def references(self, step: _Placed) -> None:
        for place, name, member in references.steps(step.own(), step.path):
            other = self.known.get(name)
            if other is None:
                continue  # the resolver says so
            self.no_fail(name, place)
            kind, _, wanted = member.partition(".")
            if kind == "PropertyFiles":
                names = [
                    name
                    for _, name in _named(other.content.get("PropertyFiles"), "PropertyFileName")
                ]
                self.findings.must(
                    wanted in names,
                    place,
                    f"Steps.{name}.{member}",
                    f"a property file of the step: {', '.join(names) or 'it has none'}",
                )

    def no_fail(self, name: str, path: shapes.Path) -> None:
        expected = "no Fail step: the execution ends with it"
        self.findings.must(self.known[name].kind != "Fail", path, name, expected)

    # What each type has

    def members(self, content: Mapping[str, Any], shape: StructureShape, path: shapes.Path) -> None:
        given = {name: content[name] for name in shape.members if name in content}
        resolved = self.resolver.resolve(given, path)
        self.findings.add(shapes.violations(resolved, shape), path)
        self.findings.add(job_arguments.strings(resolved, shape, self.home), path)
        if "PropertyFiles" in given:
            self.property_files(given["PropertyFiles"], content.get("Arguments"), path)

    def property_files(self, files: Any, arguments: Any, path: shapes.Path) -> None:
        place = (*path, "PropertyFiles")
        names = _named(files, "PropertyFileName")
        self.findings.unique([((*place, index, "PropertyFileName"), name) for index, name in names])
        config = arguments.get("ProcessingOutputConfig") if isinstance(arguments, dict) else None
        found = config.get("Outputs") if isinstance(config, dict) else None
        outputs = [name for _, name in _named(found, "OutputName")]
        for index, name in _named(files, "OutputName"):
            expected = f"an output of the step: {', '.join(outputs) or 'it has none'}"
            self.findings.must(name in outputs, (*place, index, "OutputName"), name, expected)

    def arguments(self, kind: str, arguments: Any, path: shapes.Path) -> None:
        if not self.findings.must(isinstance(arguments, dict), path, arguments, "an object"):
            return
        resolved = self.resolver.resolve(arguments, path)
        found = job_arguments.violations(
            kind,
            resolved,
            region=self.home.region,
            account_id=self.home.account_id,
            partition=self.home.partition,
        )
        self.findings.add(found, path)

    def inputs(self, arguments: Any, path: shapes.Path) -> None:
        if not self.findings.must(isinstance(arguments, dict), path, arguments, "an object"):
            return
        for name, value in self.resolver.resolve(arguments, path).items():
            self.findings.must(conditions.is_scalar(value), (*path, name), value, "a scalar")

    def condition(self, step: _Placed) -> None:
        path = (*step.path, "Arguments")
        arguments = step.own().get("Arguments")
        if not isinstance(arguments, dict):
            self.findings.refuse(path, arguments, "an object")
            return
        self.findings.only(arguments, {"Conditions", *_BRANCHES}, path)
        resolved = self.resolver.resolve(arguments.get("Conditions"), (*path, "Conditions"))
        conditions.check_all(self.findings, resolved, (*path, "Conditions"))

    # Retries and cache

    def retries(self, policies: Any, path: shapes.Path) -> None:
        findings = self.findings
        for place, policy in findings.objects(policies, path):
            findings.only(policy, _RETRY_MEMBERS, place)
            kinds = policy.get("ExceptionType")
            if not isinstance(kinds, list) or not kinds:
                findings.refuse((*place, "ExceptionType"), kinds, "a list of exception types")
            else:
                for index, kind in enumerate(kinds):
                    findings.must(
                        isinstance(kind, str) and kind in _RETRIED,
                        (*place, "ExceptionType", index),
                        kind,
                        f"one of {', '.join(sorted(_RETRIED))}",
                    )
            if "MaxAttempts" in policy and "ExpireAfterMin" in policy:
                findings.refuse(place, policy, "either MaxAttempts or ExpireAfterMin")
            self.within(policy, "MaxAttempts", 20, place)
            self.within(policy, "ExpireAfterMin", 14400, place)
            self.within(policy, "IntervalSeconds", 43200, place)
            rate = policy.get("BackoffRate", 1)
            findings.must(
                isinstance(rate, (int, float)) and not isinstance(rate, bool) and rate >= 0,
                (*place, "BackoffRate"),
                rate,
                "a number of at least 0",
            )

    def within(self, policy: Mapping[str, Any], name: str, most: int, path: shapes.Path) -> None:
        value = policy.get(name, 0)
        self.findings.must(
            isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most,
            (*path, name),
            value,
            f"an integer from 0 to {most}",
        )

    def cache(self, config: Any, path: shapes.Path) -> None:
        if not self.findings.must(isinstance(config, dict), path, config, "an object"):
            return
        self.findings.only(config, {"Enabled", "ExpireAfter"}, path)
        enabled, expire = config.get("Enabled"), config.get("ExpireAfter", "P1D")
        self.findings.must(isinstance(enabled, bool), (*path, "Enabled"), enabled, "true or false")
        self.findings.must(
            isinstance(expire, str) and bool(_DURATION.fullmatch(expire)),
            (*path, "ExpireAfter"),
            expire,
            "an ISO 8601 duration, such as P30D, in years to minutes",
        )


def _named(items: Any, member: str) -> list[tuple[int, str]]:
    """The strings called ``member`` in a list of objects, with their indexes; else nothing."""
    return [
        (index, item[member])
        for index, item in enumerate(items if isinstance(items, list) else [])
        if isinstance(item, dict) and isinstance(item.get(member), str)
    ]
