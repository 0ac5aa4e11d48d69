"""What the definitions in corpus/ hold, so that a test of all of them proves what it seems to."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from definitions import CORPUS, DEFINITIONS, REFUSED, TEXTS, steps
from repository import REPOSITORY

Step = Mapping[str, Any]

#: The steps of each definition; in parentheses those of a condition's branches.
STEPS = {
    "automl": "AutoML, Model, RegisterModel",
    "clarify-checks": "Model, ClarifyCheck, ClarifyCheck, ClarifyCheck",
    "default-job-names": "Processing, QualityCheck, ClarifyCheck, Training, Tuning, AutoML, Model, "
    "Transform, RegisterModel",
    "emr-existing-cluster": "EMR, EMR",
    "emr-new-cluster": "EMR, EMR",
    "emr-serverless": "EMRServerless, EMRServerless",
    "encrypted-in-vpc": "Processing, Training",
    "every-condition": "Processing, Lambda, Condition(Training | Fail)",
    "everything-in-branches": "Condition(Processing, Training, Model, Transform, RegisterModel, "
    "Lambda | QualityCheck, ClarifyCheck, Tuning, AutoML, EMR, Callback, Fail)",
    "everything-is-a-parameter": "Training, Callback, RegisterModel",
    "inference-pipeline": "Model",
    "lambda-and-callback": "Callback, Lambda, Training",
    "monitor-batch-transform": "Transform, QualityCheck",
    "nested-conditions": "Training, Processing, "
    "Condition(Condition(Condition(RegisterModel, Lambda | Fail) | Model) | Training, Fail)",
    "notebook-job": "Training",
    "other-sources": "Processing, Training",
    "prepare-train-evaluate-register": "Processing, Training, Processing, "
    "Condition(RegisterModel | Fail)",
    "processing": "Processing",
    "quality-checks": "QualityCheck, Training, QualityCheck, RegisterModel",
    "register-in-other-account": "Training, RegisterModel, Lambda",
    "register-without-group": "RegisterModel",
    "repack-and-register": "Training, Training, RegisterModel",
    "required-parameter": "Training",
    "training": "Training",
    "tune-and-score": "Tuning, Model, Transform",
    "tune-several-algorithms": "Tuning",
}
STEPS_OF_REFUSED = {
    "deploy-endpoint": "Model, EndpointConfig, Endpoint",
    "for-each": "ForEach",
    "record-lineage": "Condition(Lineage | )",
}

#: x: a step of the type has it, in some definition.
MATRIX = """\
              named unnamed nested waits retried cached tags VPC key
AutoML          x      x      x      x      x      x     x    x   x
Callback                      x                    x
ClarifyCheck    x      x      x      x             x     x    x   x
Condition                     x      x
EMR                           x      x      x      x     x    x
EMRServerless                        x      x      x     x
Fail                          x      x
Lambda                        x      x             x
Model           x      x      x      x      x            x    x
Processing      x      x      x      x      x      x     x    x   x
QualityCheck    x      x      x      x             x     x    x   x
RegisterModel   x      x      x      x      x
Training        x      x      x      x      x      x     x    x   x
Transform       x      x      x      x      x      x     x        x
Tuning          x      x      x      x      x      x     x    x   x
"""
_ALL = [step for definition in DEFINITIONS.values() for step in steps(definition)]
_TOP = {id(step) for definition in DEFINITIONS.values() for step in definition["Steps"]}

#: The member of Arguments that names what a step creates, or what the name begins with.
NAMES = {
    "AutoML": "AutoMLJobName",
    "ClarifyCheck": "ProcessingJobName",
    "Model": "ModelName",
    "Processing": "ProcessingJobName",
    "QualityCheck": "ProcessingJobName",
    "RegisterModel": "ModelPackage(Group)?Name",
    "Training": "TrainingJobName",
    "Transform": "TransformJobName",
    "Tuning": "HyperParameterTuningJobName",
}
FEATURES: dict[str, Callable[[Step], bool]] = {
    "named": lambda step: _is_named(step) is True,
    "unnamed": lambda step: _is_named(step) is False,
    "nested": lambda step: id(step) not in _TOP,
    "waits": lambda step: "DependsOn" in step,
    "retried": lambda step: "RetryPolicies" in step,
    "cached": lambda step: "CacheConfig" in step,
    "tags": lambda step: bool(re.search('"Tags":\\[{|"tags":{"', _own_text(step))),
    "VPC": lambda step: bool(re.search('"VpcConfig"|"Ec2SubnetId"', _own_text(step))),
    "key": lambda step: "KmsKeyId" in _own_text(step),
}
#: What stands elsewhere than in one type of step: a pattern in a definition that has it.
PATTERNS = [
    ("String parameter", "training", '"Type":"String","DefaultValue":"'),
    ("Integer parameter", "training", '"Type":"Integer","DefaultValue":[0-9]'),
    ("Float parameter", "every-condition", '"Type":"Float","DefaultValue":0.5'),
    ("Boolean parameter", "every-condition", '"Type":"Boolean","DefaultValue":true'),
    ("values of a parameter", "nested-conditions", '"EnumValues":\\["test","production"\\]'),
    ("no default", "required-parameter", '{"Name":"Month","Type":"String"}'),
    ("parameter as role", "everything-is-a-parameter", '"RoleArn":{"Get":"Parameters'),
    ("parameter as image", "everything-is-a-parameter", '"TrainingImage":{"Get":"Parameters'),
    ("parameter as path", "training", '"S3Uri":{"Get":"Parameters'),
    ("parameter as key", "everything-is-a-parameter", '"KmsKeyId":{"Get":"Parameters'),
    ("parameter as instance type", "training", '"InstanceType":{"Get":"Parameters'),
    ("parameter as instance count", "training", '"InstanceCount":{"Get":"Parameters'),
    ("parameter as group", "everything-is-a-parameter", '"ModelPackageGroupName":{"Get":"Param'),
    ("parameter as queue", "everything-is-a-parameter", '"SqsQueueUrl":{"Get":"Parameters'),
    ("parameter as cluster", "emr-existing-cluster", '"ClusterId":{"Get":"Parameters'),
    ("path of an execution", "prepare-train-evaluate-register", '{"Std:Join".*PipelineExecutionId'),
    ("path of a step", "default-job-names", '"S3Uri":{"Get":"Steps.Prepare.Proc'),
    ("bucket in pieces", "tune-and-score", '"Values":\\["s3:/","my-ml-bucket"'),
    ("experiment", "lambda-and-callback", '"ExperimentName":"churn-labels"'),
    ("experiment of each execution", "automl", '"ExperimentName":{"Get":"Execution.PipelineName"}'),
    ("no experiment", "training", '"PipelineExperimentConfig":null'),
    ("MLflow", "emr-serverless", '"MlflowConfig":{"MlflowResourceArn"'),
    ("property file", "prepare-train-evaluate-register", '"PropertyFiles":\\[{'),
    ("value of a property file", "every-condition", '"Std:JsonGet":{"PropertyFile"'),
    ("value of a file in S3", "every-condition", '"Std:JsonGet":{"S3Uri"'),
    *(
        (f"condition {kind}", "every-condition", f'"Type":"{kind}"')
        for kind in (
            "Equals",
            "GreaterThan",
            "GreaterThanOrEqualTo",
            "LessThan",
            "LessThanOrEqualTo",
            "In",
            "Not",
            "Or",
        )
    ),
    ("output of a function", "every-condition", '{"Get":"Steps.Count.OutputParameters'),
    ("alias of a function", "every-condition", '"FunctionArn":"[^"]+:count-rows:live"'),
    ("version of a function", "lambda-and-callback", '"FunctionArn":"[^"]+:split-labels:7"'),
    ("data quality", "quality-checks", '"CheckType":"DATA_QUALITY"'),
    ("model quality", "quality-checks", '"CheckType":"MODEL_QUALITY"'),
    ("data bias", "clarify-checks", '"CheckType":"DATA_BIAS"'),
    ("model bias", "clarify-checks", '"CheckType":"MODEL_BIAS"'),
    ("explainability", "clarify-checks", '"CheckType":"MODEL_EXPLAINABILITY"'),
    ("check without a group", "monitor-batch-transform", '"ModelPackageGroupName":null'),
    ("model metrics", "prepare-train-evaluate-register", '"ModelMetrics":{"ModelQuality"'),
    ("repacked model", "repack-and-register", '"Get":"Steps.Register-RepackModel'),
    ("group of another account", "register-in-other-account", ":999999999999:model-package-group/"),
    ("package without a group", "register-without-group", '"ModelPackageName":"'),
    ("several containers", "inference-pipeline", '"Containers":\\[{.*},{"Image"'),
    ("image of AWS", "inference-pipeline", '"Image":"683313688378.dkr'),
    (
        "roles of several algorithms",
        "tune-several-algorithms",
        '"TrainingJobDefinitions":\\[{.*},{',
    ),
    ("runtime role of a cluster", "emr-existing-cluster", '"ExecutionRoleArn":"arn:'),
    ("role of a cluster by name", "emr-new-cluster", '"ServiceRole":"EMR_DefaultRole"'),
    ("role of a cluster by ARN", "emr-new-cluster", '"ServiceRole":"arn:'),
    ("application by its ID", "emr-serverless", '"ApplicationId":{"Get":"Parameters'),
    ("application of a step", "emr-serverless", '"ApplicationConfig":{"name":"churn-count"'),
    ("role of Redshift", "other-sources", '"ClusterRoleArn":"arn:'),
    ("file system", "other-sources", '"FileSystemDataSource"'),
    ("spot", "encrypted-in-vpc", '"EnableManagedSpotTraining":true'),
    ("network isolation", "encrypted-in-vpc", '"EnableNetworkIsolation":true'),
]


def _is_named(step: Step) -> bool | None:
    pattern = NAMES.get(step["Type"])
    if pattern is None:
        return None
    return any(re.fullmatch(pattern, member) for member in step["Arguments"])


def _own_text(step: Step) -> str:
    return "" if step["Type"] == "Condition" else _text(step)


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _shape(found: Sequence[Step]) -> str:
    branches = [step["Arguments"] for step in found]
    return ", ".join(
        f"Condition({_shape(branch['IfSteps'])} | {_shape(branch['ElseSteps'])})"
        if step["Type"] == "Condition"
        else str(step["Type"])
        for step, branch in zip(found, branches, strict=True)
    )


def test_files_are_those_of_the_scripts() -> None:
    """The scripts cannot be imported: the SDK is not in the tests' environment."""
    written = set()
    for script in REPOSITORY.glob("tools/corpus*.py"):
        (table,) = (
            node.value
            for node in ast.parse(script.read_text()).body
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "PIPELINES"
        )
        assert isinstance(table, ast.Dict)
        written |= {f"{ast.literal_eval(name)}.json" for name in table.keys if name}
    assert {str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*.*")} == written


def test_texts_are_as_the_script_writes_them() -> None:
    for text in (*TEXTS.values(), *REFUSED.values()):
        assert text == json.dumps(json.loads(text), indent=2) + "\n"


def test_definitions_have_these_steps() -> None:
    assert {name: _shape(found["Steps"]) for name, found in DEFINITIONS.items()} == STEPS
    refused = {name: _shape(json.loads(text)["Steps"]) for name, text in REFUSED.items()}
    assert refused == STEPS_OF_REFUSED


def test_types_of_steps_have_these_features() -> None:
    types = sorted({step["Type"] for step in _ALL})
    heading, *rows = MATRIX.splitlines()
    columns = [(found.start(), found.end(), found[0]) for found in re.finditer(r"\S+", heading)]
    expected = {
        row.split()[0]: {name for start, end, name in columns if "x" in row[start:end]}
        for row in rows
    }
    got = {
        kind: {
            name
            for name, has in FEATURES.items()
            if any(has(step) for step in _ALL if step["Type"] == kind)
        }
        for kind in types
    }
    assert got == expected
    assert [name for *_, name in columns] == list(FEATURES)


@pytest.mark.parametrize(("what", "name", "pattern"), PATTERNS, ids=[row[0] for row in PATTERNS])
def test_definition_has(what: str, name: str, pattern: str) -> None:
    assert re.search(pattern, _text(DEFINITIONS[name])), what
