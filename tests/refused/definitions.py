"""Definitions that the module refuses: by rule of definition_rules.tf, what is wrong, and words.

Each is a pipeline of its own in one call; the sentence of a pipeline names its key, which is the
rule's name and a letter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

from definitions import REFUSED
from inputs import ACCOUNT, ECR, POLICY, ROLES

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tell"
DAILY = {"expression": "rate(1 day)"}
AFTER = {"after": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/prepare"}


def step(kind: str, name: str = "A", /, *, without: str = "", **members: Any) -> dict[str, Any]:
    """A step; members of SageMaker's requests go to its Arguments."""
    outer = {"DependsOn", "FunctionArn", "PropertyFiles", "SqsQueueUrl"}
    own = {"Lambda": {"FunctionArn": FUNCTION}, "Training": {"RoleArn": f"{ROLES}a"}}.get(kind, {})
    found = {key: value for key, value in (own | members).items() if key != without}
    return {
        "Name": name,
        "Type": kind,
        "Arguments": {key: value for key, value in found.items() if key not in outer},
        **{key: value for key, value in found.items() if key in outer},
    }


TELL = step("Lambda")


def definition(*steps: Any, parameters: list[Any] | None = None, **members: Any) -> str:
    """A definition of these steps, or of one that is right."""
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": parameters or [],
            "Steps": list(steps) or [TELL],
            **members,
        }
    )


def parameter(name: Any, default: Any = None, kind: str = "String", **more: Any) -> dict[str, Any]:
    """A parameter; without what is None."""
    found = {"Name": name, "Type": kind, "DefaultValue": default, **more}
    return {key: value for key, value in found.items() if value is not None}


def condition(*steps: Any, name: str = "If") -> dict[str, Any]:
    """A Condition step with these steps in its first branch."""
    branches = {"IfSteps": list(steps), "ElseSteps": []}
    return {"Name": name, "Type": "Condition", "Arguments": {"Conditions": [], **branches}}


def nested(depth: int) -> dict[str, Any]:
    """Conditions in each other, so many of them, with a step in the last."""
    found = TELL
    for level in range(depth):
        found = condition(found, name=f"If{level}")
    return found


def get(path: str) -> dict[str, str]:
    """A reference."""
    return {"Get": path}


def evaluation(uri: Any, file: str = "M") -> list[Any]:
    """A step that writes a property file below a URI, and one that reads it."""
    output = {"OutputName": "o", "S3Output": {"S3Uri": uri}}
    declared = {"PropertyFileName": "M", "OutputName": "o", "FilePath": "m.json"}
    return [
        step(
            "Processing",
            "Evaluate",
            RoleArn=f"{ROLES}a",
            ProcessingOutputConfig={"Outputs": [output]},
            PropertyFiles=[declared],
        ),
        step(
            "Lambda",
            "Read",
            x={
                "Std:JsonGet": {
                    "PropertyFile": get(f"Steps.Evaluate.PropertyFiles.{file}"),
                    "Path": "a",
                }
            },
        ),
    ]


def register(**members: Any) -> dict[str, Any]:
    """A RegisterModel step."""
    return step("RegisterModel", **({"ModelPackageGroupName": "churn"} | members))


def training(**members: Any) -> str:
    """A definition of a Training step."""
    return definition(step("Training", **members))


#: In canonical form; one byte too many.
LONG = json.dumps(
    {"Metadata": {"a": "é"}, "Steps": [TELL], "Version": "2020-12-01"},
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
)
LONG = LONG.replace("é", "é" + "e" * (1048577 - len(LONG.encode())))
#: Rule to its rows: the attributes of the pipeline, or its definition alone, and words.
ROWS: dict[str, list[tuple[Any, str]]] = {
    "definition": [
        (text, "is not the definition of a pipeline")
        for text in (
            "",
            "x",
            "null",
            "[]",
            '"2020-12-01"',
            '{"Version": "2020-12-01"}',
            '{"Version": "2020-12-01", "Steps": []}',
            '{"Version": "2020-12-01", "Steps": {}}',
            '{"Version": "2020-12-01", "Steps": "x"}',
            definition(Version="2020-12-02"),
            definition(Parameters={}),
            definition(Parameters="x"),
            '{"Version": "2020-12-01", "Steps": {"a": {"Name": "A", "Type": "Fail"}}}',
        )
    ],
    # bytes, as the provider counts
    "definition_length": [(LONG, f"has {len(LONG.encode())} bytes")],
    "definition_nulls": [
        (definition(step("Lambda", x=[1, None])), "has a list with null"),
        (definition(parameters=[None]), "has a list with null"),
    ],
    "definition_depth": [(definition(nested(6)), "more than five conditions")],
    "definition_steps": [
        (definition(step("Lambda", "")), 'step "" of type "Lambda"'),
        (definition(step("Lambda", "a b")), 'step "a b" of'),
        (definition(step("Lambda", "x" * 65)), f'step "{"x" * 65}" of'),
        (definition(step("", "NoType")), 'step "NoType" of type ""'),
        (definition({"Name": "NoType"}), 'step "NoType" of type ""'),
        (definition({"Type": "Lambda", "FunctionArn": FUNCTION}), 'step "" of type "Lambda"'),
        (definition("x"), 'step "" of type ""'),
        (definition(condition(step("Lambda", "in branch"))), 'step "in branch"'),
        (definition(condition("x")), 'step "" of type ""'),
    ],
    "step_types": [
        (definition(step("Endpoint")), "step A, is of type Endpoint"),
        (definition(condition(step("Sleep"))), "step A, is of type Sleep"),
        (definition(step("lambda")), "step A, is of type lambda"),
        *((text, "is of type ") for text in REFUSED.values()),
    ],
    "step_names": [
        (definition(TELL, TELL), "step A, is there more than once"),
        (definition(TELL, condition(TELL)), "step A, is there more than once"),
    ],
    "step_requirements": [
        (definition(step(kind, without=name)), f"step A, has no {said or name}")
        for kind, name, said in (
            ("Training", "RoleArn", ""),
            ("Processing", "RoleArn", ""),
            ("QualityCheck", "RoleArn", ""),
            ("ClarifyCheck", "RoleArn", ""),
            ("Tuning", "RoleArn", "RoleArn in TrainingJobDefinition"),
            ("AutoML", "RoleArn", ""),
            ("Model", "ExecutionRoleArn", ""),
            ("Lambda", "FunctionArn", ""),
            ("Callback", "SqsQueueUrl", ""),
            ("EMR", "ClusterId", "ClusterId or ClusterConfig"),
            ("EMRServerless", "ExecutionRoleArn", ""),
        )
    ],
    "step_names_unknown": [
        (definition(step("Lambda", FunctionArn=get("Execution.PipelineName"))), "PipelineName"),
        (
            definition(step("Lambda", FunctionArn={"Std:Join": {"On": "", "Values": []}})),
            "Std:Join",
        ),
        (
            definition(step("Training", RoleArn=get("Parameters.R")), parameters=[parameter("R")]),
            "Parameters.R",
        ),
        (training(TrainingJobName=get("Execution.PipelineName")), "PipelineName"),
    ],
    "step_roles": [
        (training(RoleArn=text), f'the role "{text}"')
        for text in (
            "ml",
            "arn:aws:iam::999999999999:role/ml",
            f"arn:aws-cn:iam::{ACCOUNT}:role/ml",
            f"arn:aws:iam::{ACCOUNT}:user/ml",
            f"arn:aws:iam::{ACCOUNT}:role/*",
        )
    ]
    + [
        (
            definition(step("EMR", ClusterConfig={"Instances": {}, "ServiceRole": "a/b"})),
            'the role "a/b"',
        ),
        (
            definition(
                step("Training", RoleArn=get("Parameters.R")), parameters=[parameter("R", "mine")]
            ),
            'the role "mine"',
        ),
    ],
    "step_functions": [
        (definition(step("Lambda", FunctionArn=text)), f'the function "{text}"')
        for text in ("tell", f"{FUNCTION}:*", f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:tell")
    ],
    "step_queues": [
        (definition(step("Callback", SqsQueueUrl=text)), f'the queue "{text}"')
        for text in (
            f"arn:aws:sqs:us-east-1:{ACCOUNT}:approvals",
            f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/*",
            f"http://sqs.us-east-1.amazonaws.com/{ACCOUNT}/approvals",
        )
    ],
    "step_groups": [
        (definition(register(ModelPackageGroupName=text)), f'group "{text}"')
        for text in (
            "a_b",
            "-a",
            "g" * 64,
            "*",
            f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/a",
        )
    ]
    + [
        (
            json.dumps(
                json.loads(definition(step("QualityCheck", RoleArn=f"{ROLES}a")))
                | {
                    "Steps": [
                        step("QualityCheck", RoleArn=f"{ROLES}a") | {"ModelPackageGroupName": "a b"}
                    ]
                }
            ),
            'group "a b"',
        )
    ],
    "job_names": [
        *(
            (training(TrainingJobName=text), f'names with "{text}"')
            for text in ("a_b", "-a", "*", "")
        ),
        (definition(step("RegisterModel", ModelPackageName="a*")), 'names with "a*"'),
    ],
    "idle_definition": [
        (definition(step("Fail", ErrorMessage="x")), "has no step that does anything"),
        (definition(condition()), "has no step that does anything"),
    ],
    "read_objects": [
        (
            definition(*evaluation(get("Execution.PipelineName"))),
            "property file M of step Evaluate",
        ),
        (
            definition(
                *evaluation({"Std:Join": {"On": "/", "Values": ["s3:/", get("Execution.X")]}})
            ),
            "property file M of step Evaluate",
        ),
        (
            definition(
                TELL,
                step(
                    "RegisterModel",
                    "B",
                    ModelPackageGroupName="churn",
                    InferenceSpecification={
                        "Containers": [{"ModelDataUrl": get("Steps.A.OutputParameters['uri']")}]
                    },
                ),
            ),
            "step B: the S3 object",
        ),
    ],
    "property_files": [
        (
            definition(*evaluation("s3://my-ml-bucket/e", "N")),
            "property file N of step Evaluate, which",
        )
    ],
    "declared_parameters": [
        (definition(parameters=[found]), said)
        for found, said in (
            ("x", 'the parameter "x"'),
            ({"Type": "String"}, '{"Type":"String"}'),
            (parameter("a b", "x"), '"a b"'),
            (parameter("p" * 257, "x"), "p" * 257),
            ({"Name": "N"}, '{"Name":"N"}'),
            (parameter("T", "x", "Text"), '"Type":"Text"'),
            (parameter("I", "x", "Integer"), 'I = "x" of type Integer'),
            (parameter("I", 1.5, "Integer"), "I = 1.5 of type Integer"),
            (parameter("F", "1,5", "Float"), 'F = "1,5" of type Float'),
            (parameter("B", "yes", "Boolean"), 'B = "yes" of type Boolean'),
            (parameter("S", ["a"]), 'S = ["a"] of type String'),
            (parameter("E", "c", EnumValues=["a", "b"]), 'E = "c", none of its'),
        )
    ]
    + [
        (definition(parameters=[parameter("P", "a"), parameter("P", "b")]), "the parameter P twice")
    ],
    "parameter_number": [
        (
            definition(parameters=[parameter(f"P{n}", "x") for n in range(201)]),
            "has 201 parameters",
        ),
        (
            {
                "definition": definition(parameters=[parameter(f"P{n}", "x") for n in range(200)]),
                "start": {},
            },
            "has 201 parameters",
        ),
    ],
    "undeclared_references": [
        (definition(step("Lambda", x=get("Parameters.Country"))), 'step A, has "Country"'),
        (definition(condition(step("Lambda", x=[get("Parameters.C")]))), 'step A, has "C"'),
    ],
    "unknown_steps": [
        (definition(step("Lambda", x=get("Steps.Train.ModelArtifacts"))), 'step A, has "Train" as'),
        (definition(step("Lambda", DependsOn=["Gone"])), 'step A, has "Gone" as'),
    ],
    "missing_parameters": [
        (
            {"definition": definition(parameters=[parameter("Day")]), "start": {}},
            "has no Day, for which",
        ),
    ],
    "scheduled_time_type": [
        (
            {
                "definition": definition(parameters=[parameter("ScheduledTime", 1, "Integer")]),
                "start": {},
            },
            "declares ScheduledTime as Integer",
        ),
    ],
    "parameter_values": [
        (
            {"definition": definition(parameters=[found]), "start": {"P": value}},
            f'parameters.P is "{value}"',
        )
        for found, value in (
            (parameter("P", 1, "Integer"), "1.5"),
            (parameter("P", 1, "Float"), "x"),
            (parameter("P", True, "Boolean"), "yes"),
            (parameter("P", "a", EnumValues=["a", "b"]), "c"),
        )
    ],
    "parameter_names": [
        (
            {"definition": definition(parameters=[parameter("a_b", "x")]), "event": {"a_b": "y"}},
            "parameters.a_b: rules of EventBridge",
        )
    ],
    "description_length": [
        ({"definition": definition(), "description": "🙂" * 768 + "x"}, "has 3073 bytes"),
    ],
    "parallel_steps": [
        ({"definition": definition(), "max_parallel_steps": number}, f"is {number}: use a whole")
        for number in (0, 1.5, -1)
    ],
}
#: Rules of all pipelines, of what additional ones alone have.
OTHERS: dict[str, list[tuple[Any, str]]] = {
    "image_regions": [
        (
            training(
                AlgorithmSpecification={
                    "TrainingImage": f"{ECR.replace('us-east-1', 'eu-west-1')}/ab:1"
                }
            ),
            "only pulls images of its own region",
        )
    ],
    "buckets": [
        (training(OutputDataConfig={"S3OutputPath": "s3://other-bucket/a"}), "s3://other-bucket/a"),
        (
            training(x={"Std:Join": {"On": "/", "Values": ["s3:/", "other-bucket", "b"]}}),
            "s3://other-bucket/b",
        ),
    ],
    "undeclared_parameters": [
        ({"definition": definition(), "start": {"Gone": "x"}}, "has Gone, which the pipeline"),
    ],
    "policy_names": [
        (
            {"definition": definition(), "additional_policies": {name: POLICY}},
            f'has the names "{name}"',
        )
        for name in ("pipeline", "a b")
    ],
    "policies": [
        (
            {
                "definition": definition(),
                "additional_policies": {"none": json.dumps({"Statement": []})},
            },
            "has none, whose statements IAM refuses",
        )
    ],
    "inline_policies": [
        (
            definition(
                *(
                    step("Lambda", f"S{n}", FunctionArn=f"{FUNCTION}-{'x' * 50}-{n}")
                    for n in range(99)
                )
            ),
            "role have 1",
        )
    ],
}


def _keys(rows: Mapping[str, list[tuple[Any, str]]]) -> dict[str, tuple[dict[str, Any], str]]:
    return {
        f"{rule.replace('_', '-')}-{ascii_lowercase[number]}": (
            attributes if isinstance(attributes, dict) else {"definition": attributes},
            said,
        )
        for rule, found in rows.items()
        for number, (attributes, said) in enumerate(found)
    }


def _named(rule: str, attributes: Mapping[str, Any]) -> str:
    if rule not in _OF_STARTS:
        return "additional_pipelines"
    return "schedules" if "start" in attributes else "triggers"


_ALL = _keys(ROWS | OTHERS)
_RULES = [rule for rule, found in (ROWS | OTHERS).items() for _ in found]
#: Their sentences begin with what starts the pipeline.
_OF_STARTS = {"missing_parameters", "parameter_values", "parameter_names", "undeclared_parameters"}
#: Inputs of the module.
INPUTS: dict[str, dict[str, Any]] = {
    "additional_pipelines": {
        key: {name: value for name, value in found.items() if name not in ("start", "event")}
        for key, (found, _) in _ALL.items()
    },
    "schedules": {
        key: DAILY | {"pipeline": key, "parameters": found["start"]}
        for key, (found, _) in _ALL.items()
        if "start" in found
    },
    "triggers": {
        key: AFTER | {"pipeline": key, "parameters": found["event"]}
        for key, (found, _) in _ALL.items()
        if "event" in found
    },
}
#: Key to the input that its sentence names, and words of the sentence.
WORDS = {
    key: (_named(rule, found), said)
    for (key, (found, said)), rule in zip(_ALL.items(), _RULES, strict=True)
}
