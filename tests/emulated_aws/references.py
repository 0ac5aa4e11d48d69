"""References in a pipeline definition: Get, Std:Join and Std:JsonGet.

Execution variables: sagemaker/latest/dg/build-and-manage-variables.html and the SageMaker Python
SDK.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from emulated_aws.shapes import ANYTHING, Path

#: Is told the path, what is there, and what was expected.
Refuse = Callable[[Path, Any, str], None]

#: Names of the functions; an object with one of them stands for a value.
FUNCTIONS = {"Get", "Std:Join", "Std:JsonGet"}


def execution_variables(
    region: str, account_id: str, partition: str, pipeline: str
) -> dict[str, str]:
    """What `Get` finds apart from parameters, with values as long as an execution has them.

    Args:
        region: of the pipeline.
        account_id: of the pipeline.
        partition: of the pipeline.
        pipeline: its name.
    """
    arn = f"arn:{partition}:sagemaker:{region}:{account_id}:pipeline/{pipeline}"
    values = {
        "PipelineName": pipeline,
        "PipelineArn": arn,
        "PipelineExecutionId": "abcdefghijkl",
        "PipelineExecutionArn": f"{arn}/execution/abcdefghijkl",
        "StartDateTime": "2020-12-01T00:00:00.000Z",
        "CurrentDateTime": "2020-12-01T00:00:00.000Z",
        "TrainingJobName": "pipelines-abcdefghijkl-Training-1234567890",
        "ProcessingJobName": "pipelines-abcdefghijkl-Processing-1234567890",
    }
    return {f"Execution.{name}": value for name, value in values.items()}


def steps(value: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    """References to steps in ``value``, which is at ``path``.

    Yields:
        Where it is, the name of the step, and what of the step, such as "PropertyFiles.report".
    """
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from steps(item, (*path, index))
    elif isinstance(value, dict):
        reference = value.get("Get")
        if isinstance(reference, str) and reference.startswith("Steps."):
            _, name, *member = reference.split(".", 2)
            yield (*path, "Get"), name, "".join(member)
        for name, item in value.items():
            yield from steps(item, (*path, name))


@dataclass(frozen=True)
class Resolver:
    """Replaces references by values.

    Attributes:
        variables: such as "Parameters.InputDataS3Uri" and "Execution.PipelineName" to values.
        steps: names of the steps; what they give is ANYTHING.
        refuse: is told what is no proper reference.
    """

    variables: Mapping[str, Any]
    steps: Set[str]
    refuse: Refuse

    def resolve(self, value: Any, path: Path) -> Any:
        """``value``, which is at ``path``, without references."""
        if isinstance(value, list):
            return [self.resolve(item, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if not value.keys() & FUNCTIONS:
            return {name: self.resolve(item, (*path, name)) for name, item in value.items()}
        if len(value) > 1:
            self.refuse(path, value, "an object with the function and nothing else")
        elif "Get" in value:
            return self._get(value["Get"], (*path, "Get"))
        elif "Std:Join" in value:
            return self._join(value["Std:Join"], (*path, "Std:Join"))
        else:
            self._json_get(value["Std:JsonGet"], (*path, "Std:JsonGet"))
        return ANYTHING

    def _get(self, reference: Any, path: Path) -> Any:
        if isinstance(reference, str):
            if reference in self.variables:
                return self.variables[reference]
            if reference.startswith("Steps.") and reference.split(".")[1] in self.steps:
                return ANYTHING
        names = ", ".join(sorted(self.variables))
        self.refuse(path, reference, f"a declared parameter or a variable: {names}")
        return ANYTHING

    def _join(self, join: Any, path: Path) -> Any:
        if not (
            isinstance(join, dict)
            and join.keys() == {"On", "Values"}
            and isinstance(join["On"], str)
            and isinstance(join["Values"], list)
        ):
            self.refuse(path, join, 'an object {"On": string, "Values": list}')
            return ANYTHING
        values = self.resolve(join["Values"], (*path, "Values"))
        for index, value in enumerate(values):
            if isinstance(value, (dict, list)):
                self.refuse((*path, "Values", index), value, "a scalar")
                return ANYTHING
        if any(value is ANYTHING for value in values):
            return ANYTHING
        return join["On"].join(
            value if isinstance(value, str) else json.dumps(value) for value in values
        )

    def _json_get(self, found: Any, path: Path) -> None:
        if not (
            isinstance(found, dict)
            and found.keys() in ({"PropertyFile", "Path"}, {"S3Uri", "Path"})
            and isinstance(found["Path"], str)
        ):
            self.refuse(path, found, 'an object {"PropertyFile" or "S3Uri": ..., "Path": string}')
            return
        if "S3Uri" in found:
            uri = self.resolve(found["S3Uri"], (*path, "S3Uri"))
            if uri is not ANYTHING and not isinstance(uri, str):
                self.refuse((*path, "S3Uri"), uri, "a string")
            return
        file = found["PropertyFile"]
        reference = file.get("Get") if isinstance(file, dict) and len(file) == 1 else None
        if isinstance(reference, str) and re.match(r"Steps\.[^.]+\.PropertyFiles\..", reference):
            self._get(reference, (*path, "PropertyFile", "Get"))
        else:
            expected = '{"Get": "Steps.<step>.PropertyFiles.<file>"}'
            self.refuse((*path, "PropertyFile"), file, expected)
