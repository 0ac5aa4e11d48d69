"""Pipeline definitions, checked as CreatePipeline and the jobs' own APIs do.

Here stands what is around the steps; :mod:`.steps` has these, :mod:`.step_types` what each type is
made of, :mod:`.conditions` conditions, :mod:`.references` Get and its like, and
:mod:`.job_arguments` what no model of a service says of a job's request.

Sources: botocore's SageMaker model (the jobs' operations, and the limits of CreatePipeline), the
published schema of pipeline definitions for what stands around the steps' Arguments, and the AWS
documentation's page on execution variables. A quota for the number of steps is not documented.

Seen: CreatePipeline refuses members that it does not know, and values that are none of an enum; it
takes parameters without a default; of lists that are too long (eleven inputs of a processing job),
only the execution tells (aws/sagemaker-python-sdk, issues 2746 and 2554, and tests/integ/sagemaker/
workflow/test_fail_steps.py). They are refused here at once.

Assumed: a value of EnumValues has the type of the parameter. Lengths count with references
resolved, which the start of the job does at the latest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulated_aws import references, shapes, step_types, steps
from emulated_aws.findings import Findings
from emulated_aws.job_arguments import Home

#: What the runtime knows by these names.
CACHE_KEYS = steps.CACHE_KEYS
duration = steps.duration

MAXIMUM_LENGTH = 1_048_576
"""Characters of a definition that is given inline."""
MAXIMUM_PARAMETERS = 200
"""Of a pipeline: what a start of it may be given (API_StartPipelineExecution.html)."""

_PARAMETER_MEMBERS = {"Name", "Type", "DefaultValue", "Description", "EnumValues"}
_DESCRIPTION = 4096
_TYPES: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
}


@dataclass
class _Checker:
    home: Home
    pipeline: str
    findings: Findings

    def check(self, text: str) -> None:
        refuse = self.findings.refuse
        if len(text) > MAXIMUM_LENGTH:
            refuse((), f"{len(text)} characters", f"at most {MAXIMUM_LENGTH}")
        try:
            definition = json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_doubles)
        except ValueError as error:
            refuse((), text[:80], f"a JSON document ({error})")
            return
        if not isinstance(definition, dict):
            refuse((), definition, "a JSON object")
            return
        nulls = list(_nulls(definition, ()))
        for path in nulls:
            refuse(path, None, "no null: leave the member out")
        if nulls:
            return
        shape = step_types.document()
        known = {"Version", "Parameters", "Steps", *shape.members}
        self.findings.only(definition, known, ())
        if definition.get("Version") != "2020-12-01":
            refuse(("Version",), definition.get("Version"), '"2020-12-01"')
        variables = self.parameters(definition.get("Parameters", []))
        variables |= references.execution_variables(
            self.home.region, self.home.account_id, self.home.partition, self.pipeline
        )
        around = {name: definition[name] for name in shape.members if name in definition}
        resolved = references.Resolver(variables, set(), refuse).resolve(around, ())
        self.findings.add(shapes.violations(resolved, shape), ())
        steps.check(definition.get("Steps"), variables, self.home, self.findings)

    def parameters(self, parameters: Any) -> dict[str, Any]:
        """Names as in `Get` to default values."""
        must, refuse = self.findings.must, self.findings.refuse
        variables: dict[str, Any] = {}
        names: list[tuple[shapes.Path, Any]] = []
        for path, parameter in self.findings.objects(parameters, ("Parameters",)):
            self.findings.only(parameter, _PARAMETER_MEMBERS, path)
            name, kind = parameter.get("Name"), parameter.get("Type")
            names.append(((*path, "Name"), name))
            if not must(
                isinstance(name, str) and bool(steps.NAME.fullmatch(name)),
                (*path, "Name"),
                name,
                steps.NAMED,
            ):
                continue
            variables[f"Parameters.{name}"] = parameter.get("DefaultValue", shapes.ANYTHING)
            if not isinstance(kind, str) or kind not in _TYPES:
                refuse((*path, "Type"), kind, f"one of {', '.join(_TYPES)}")
                continue
            self.values(parameter, kind, path)
        self.findings.unique(names)
        if len(names) > MAXIMUM_PARAMETERS:
            refuse(("Parameters",), f"{len(names)} parameters", f"at most {MAXIMUM_PARAMETERS}")
        return variables

    def values(self, parameter: Mapping[str, Any], kind: str, path: shapes.Path) -> None:
        must, expected = self.findings.must, f"a value of type {kind}"
        description = parameter.get("Description", "")
        must(
            isinstance(description, str) and len(description) <= _DESCRIPTION,
            (*path, "Description"),
            description,
            f"a string of at most {_DESCRIPTION} characters",
        )
        allowed = parameter.get("EnumValues")
        place = (*path, "EnumValues")
        if allowed is not None and must(
            isinstance(allowed, list) and allowed != [], place, allowed, "a list of values"
        ):
            for index, value in enumerate(allowed):
                must(_TYPES[kind](value), (*place, index), value, expected)
        if "DefaultValue" not in parameter:
            return
        default, place = parameter["DefaultValue"], (*path, "DefaultValue")
        if not must(_TYPES[kind](default), place, default, expected):
            return
        if isinstance(default, str):
            must(len(default) <= 4096, place, default, "at most 4096 characters")
        if isinstance(allowed, list):
            must(default in allowed, place, default, f"one of EnumValues {allowed}")


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
    findings = Findings()
    _Checker(Home(region, account_id, partition), pipeline, findings).check(definition)
    return findings.lines


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
