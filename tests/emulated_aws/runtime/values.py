"""References of a definition, when it runs: parameters, variables, properties, property files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonpath_ng.ext import parse as parse_path  # type: ignore[attr-defined]

from emulated_aws import references
from emulated_aws.runtime import account
from emulated_aws.runtime.authorization import AccessDenied, Session
from emulated_aws.runtime.records import Execution
from emulated_aws.runtime.world import StepFailed
from emulated_aws.shapes import ANYTHING

_PART = re.compile(r"\.?(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\['(?P<key>[^']*)'\]")


@dataclass(frozen=True)
class Values(Mapping[str, Any]):
    """What `Get` finds in an execution.

    Attributes:
        known: parameters and variables.
        properties: of the steps that have ended, by their names.
    """

    known: Mapping[str, Any]
    properties: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, reference: str) -> Any:
        """Find a value.

        Raises:
            KeyError: there is none.
        """
        if reference in self.known:
            return self.known[reference]
        prefix, _, rest = reference.partition(".")
        step, _, path = rest.partition(".")
        if prefix != "Steps" or step not in self.properties:
            raise KeyError(reference)
        return _find(self.properties[step], path)

    def __iter__(self) -> Iterator[str]:
        """The names of parameters and variables."""
        return iter(self.known)

    def __len__(self) -> int:
        """Of these."""
        return len(self.known)


def of(execution: Execution, now: str) -> Values:
    """What `Get` finds now."""
    known = {
        **variables(execution.pipeline_arn),
        "Execution.PipelineExecutionId": execution.id,
        "Execution.PipelineExecutionArn": execution.arn,
        "Execution.StartDateTime": execution.started.isoformat(),
        "Execution.CurrentDateTime": now,
        **{f"Parameters.{name}": value for name, value in execution.parameters.items()},
    }
    return Values(known, {step.name: step.properties for step in execution.steps})


def variables(pipeline_arn: str) -> dict[str, str]:
    """What `Get` finds in every execution of a pipeline."""
    _, partition, _, region, number, name = pipeline_arn.split(":", 5)
    name = name.removeprefix("pipeline/")
    return references.execution_variables(region, number, partition, name)


def resolve(value: Any, known: Mapping[str, Any], steps: set[str]) -> Any:
    """A value without references; where they are to a step's results that are not known, ANYTHING.

    Args:
        value: of a definition.
        known: what `Get` finds.
        steps: names of all steps.

    Raises:
        StepFailed: it refers to what is not there.
    """

    def refuse(path: Any, got: Any, expected: str) -> None:
        where = ".".join(map(str, path))
        raise StepFailed(f"ValidationException: {where} is {got!r}, expected {expected}")

    return references.Resolver(known, steps, refuse).resolve(value, ())


def resolve_all(value: Any, execution: Execution, known: Values, role: Session) -> Any:
    """A value without any reference.

    Args:
        value: of a definition.
        execution: that it is of.
        known: what `Get` finds.
        role: of the pipeline, which reads property files.

    Raises:
        StepFailed: it refers to what is not there, or the role may not read it.
    """
    value = _Reader(execution, known, role).read(value)
    found = resolve(value, known, {step.name for step in execution.steps})
    if missing := next(_missing(found, value), None):
        raise StepFailed(f"ClientError: {json.dumps(missing)} refers to what is not there")
    return found


def _missing(found: Any, value: Any) -> Iterator[Any]:
    """The references that nothing was found for."""
    if found is ANYTHING:
        yield value
    elif isinstance(value, dict) and not value.keys() & references.FUNCTIONS:
        for name, item in value.items():
            yield from _missing(found[name], item)
    elif isinstance(value, list):
        for one, item in zip(found, value, strict=True):
            yield from _missing(one, item)


@dataclass(frozen=True)
class _Reader:
    """Replaces Std:JsonGet by what it finds."""

    execution: Execution
    known: Values
    role: Session

    def read(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.read(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "Std:JsonGet" in value:
            return self.get(value["Std:JsonGet"])
        return {name: self.read(item) for name, item in value.items()}

    def get(self, function: Mapping[str, Any]) -> Any:
        if "S3Uri" in function:
            uri = resolve_all(function["S3Uri"], self.execution, self.known, self.role)
        else:
            uri = self.property_file(function["PropertyFile"]["Get"])
        found = _path(function["Path"]).find(self.document(uri))
        if not found:
            raise StepFailed(f"ClientError: {uri} has no {function['Path']}")
        return found[0].value

    def property_file(self, reference: str) -> str:
        """The URI of a property file."""
        _, step, _, name = reference.split(".", 3)
        content = self.execution.contents[step]
        for file in content.get("PropertyFiles", []):
            if file["PropertyFileName"] == name:
                output = f"Steps.{step}.ProcessingOutputConfig.Outputs['{file['OutputName']}']"
                folder = self.known.get(f"{output}.S3Output.S3Uri")
                if folder:
                    return f"{folder.rstrip('/')}/{file['FilePath']}"
        raise StepFailed(f"ClientError: There is no property file {reference}")

    def document(self, uri: str) -> Any:
        """Read a JSON document with the pipeline's role.

        https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
        """
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        partition = self.execution.arn.split(":")[1]
        try:
            self.role.require("s3:GetObject", f"arn:{partition}:s3:::{bucket}/{key}")
            text = account.text(bucket, key)
            if text is not None and (kms_key := account.kms_key(bucket, key)):
                self.role.require("kms:Decrypt", kms_key)
        except AccessDenied as error:
            raise StepFailed(f"ClientError: Could not read the property file: {error}") from error
        if text is None:
            raise StepFailed(
                f"ClientError: There is no property file {uri}: emulated AWS runs no code, so the "
                "script has to say what the step writes."
            )
        try:
            return json.loads(text)
        except ValueError as error:
            raise StepFailed(f"ClientError: {uri} is no JSON document: {error}") from error


def _find(value: Any, path: str) -> Any:
    """What a property path such as ``Outputs['train'].S3Output.S3Uri`` finds.

    In a list, a key is the name of an item: its member that ends in "Name" (as the SDK writes
    it for the outputs of processing jobs).

    Raises:
        KeyError: nothing.
    """
    for part in _PART.finditer(path):
        name = part["name"] or part["key"]
        if part["index"] is not None:
            value = value[int(part["index"])] if int(part["index"]) < len(value) else None
        elif isinstance(value, list):
            value = next((item for item in value if name in _names(item)), None)
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            raise KeyError(path)
    return value


def _names(item: Mapping[str, Any]) -> list[Any]:
    return [value for name, value in item.items() if name.endswith("Name")]


@cache
def _path(path: str) -> Any:
    quoted = re.sub(r"(?<=\.)\w+(?:-\w+)+", r'"\g<0>"', f".{path.removeprefix('$').lstrip('.')}")
    return parse_path(f"${quoted}")
