"""Steps of all types: what AWS takes passes, each fault is named."""

from __future__ import annotations

import copy
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from definitions import CORPUS, without_nulls
from emulated_aws import definition, shapes, step_types
from emulated_aws.samples import ACCOUNT, GONE, IMAGE, changed, places
from emulated_aws.step_definitions import DOCUMENT, FUNCTION, INDEX, IS_GOOD, ROLE, STEPS

ELSEWHERE = ROLE.replace(ACCOUNT, "210987654321")
CLUSTER: dict[str, Any] = {
    "ReleaseLabel": "emr-7.1.0",
    "Applications": [{"Name": "Spark"}],
    "Instances": {
        "InstanceGroups": [
            {"InstanceRole": "MASTER", "InstanceCount": 1, "InstanceType": "m5.xlarge"}
        ]
    },
    "JobFlowRole": "EMR_EC2_DefaultRole",
    "ServiceRole": "EMR_DefaultRole",
}
TUNING_JOB = STEPS["Tuning"]["Arguments"]["TrainingJobDefinition"]
APPLICATION = {"releaseLabel": "emr-7.1.0", "type": "Spark"}
HADOOP = ("Arguments", "StepConfig", "HadoopJarStep")
CONTAINER = ("Arguments", "InferenceSpecification", "Containers", 0)
TUNED = ("Arguments", "TrainingJobDefinition")
CONDITION = ("Arguments", "Conditions", 0)
COMPARED = (*CONDITION, "LeftValue", "Std:JsonGet")


def spoilt(kind: str, path: tuple[str | int, ...], value: Any) -> str:
    """DOCUMENT with ``value`` at ``path`` of the step of a type."""
    return changed(DOCUMENT, ("Steps", INDEX[kind], *path), value)


def arguments(kind: str, gone: str = "", /, **changes: Any) -> dict[str, Any]:
    """The Arguments of the sample of a type, with these members changed or gone."""
    result = {**copy.deepcopy(STEPS[kind]["Arguments"]), **changes}
    result.pop(gone, None)
    return result


def compared(kind: str, **members: Any) -> dict[str, Any]:
    """A condition."""
    return {"Type": kind, **members}


def test_takes_a_step_of_each_type() -> None:
    assert definition.violations(json.dumps(DOCUMENT)) == []
    assert STEPS.keys() == step_types.TYPES


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.json")), ids=lambda file: file.stem)
def test_takes_what_the_sdk_makes(file: Path) -> None:
    found = definition.violations(json.dumps(without_nulls(json.loads(file.read_text()))))
    assert found == []


@pytest.mark.parametrize(
    "file", sorted((CORPUS / "refused").glob("*.json")), ids=lambda file: file.stem
)
def test_refuses_other_steps_that_the_sdk_makes(file: Path) -> None:
    found = definition.violations(json.dumps(without_nulls(json.loads(file.read_text()))))
    assert found
    assert all(".Type: got" in line for line in found)


def test_types_are_those_that_an_execution_has() -> None:
    """Where botocore's model has a new one, look at it, or name it in step_types."""
    metadata = shapes.service_model("sagemaker").shape_for("PipelineExecutionStepMetadata")
    kinds = {name.removesuffix("Job") or name for name in metadata.members}
    assert step_types.TYPES <= kinds
    for kind in kinds - step_types.TYPES:
        assert re.sub("^Bedrock.*", "Bedrock*", kind) in str(step_types.__doc__)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        *((kind, ("DisplayName",), "Train it, again") for kind in STEPS),
        *((kind, ("Description",), "x" * 3072) for kind in STEPS),
        *((kind, ("DependsOn",), ["Training"]) for kind in STEPS if kind != "Training"),
        ("Fail", ("DependsOn",), ["Publish", "Condition"]),
        # what a job cannot do without, without the name that Pipelines gives it
        *(
            (kind, ("Arguments", job.name), GONE)
            for kind, job in step_types.JOBS.items()
            if kind != "RegisterModel"
        ),
        *(
            ("Condition", ("Arguments", "Conditions", 0), condition)
            for condition in (
                compared("Equals", LeftValue="a", RightValue={"Get": "Parameters.Register"}),
                compared("GreaterThan", LeftValue=1, RightValue=0.5),
                compared("LessThan", LeftValue=1, RightValue={"Get": "Parameters.LearningRate"}),
                compared("LessThanOrEqualTo", LeftValue=1, RightValue=2),
                compared("In", QueryValue={"Get": "Execution.PipelineName"}, Values=["a", 1, True]),
                compared("Not", Condition=IS_GOOD),
                compared("Or", Conditions=[IS_GOOD, compared("Not", Condition=IS_GOOD)]),
                {
                    **IS_GOOD,
                    "LeftValue": {
                        "Std:JsonGet": {
                            "S3Uri": {
                                "Std:Join": {
                                    "On": "/",
                                    "Values": [
                                        "s3://my-ml-bucket",
                                        {"Get": "Execution.PipelineExecutionId"},
                                        "result.json",
                                    ],
                                }
                            },
                            "Path": "Result",
                        }
                    },
                },
            )
        ),
        ("Condition", ("Arguments", "IfSteps"), GONE),
        ("Condition", ("Arguments",), {"Conditions": []}),
        ("Fail", ("Arguments",), {}),
        ("Fail", ("Arguments", "ErrorMessage"), ""),
        ("Lambda", ("Arguments",), GONE),
        ("Lambda", ("FunctionArn",), f"{FUNCTION}:live"),
        ("Lambda", ("FunctionArn",), {"Get": "Steps.Processing.ExitMessage"}),
        ("Callback", ("Arguments",), {}),
        ("Callback", ("OutputParameters", 0, "OutputType"), "Float"),
        ("EMR", ("Arguments",), arguments("EMR", "ExecutionRoleArn")),
        (
            "EMR",
            ("Arguments",),
            {"ClusterConfig": CLUSTER, "StepConfig": STEPS["EMR"]["Arguments"]["StepConfig"]},
        ),
        (
            "EMRServerless",
            ("Arguments",),
            arguments("EMRServerless", "ApplicationId", ApplicationConfig=APPLICATION),
        ),
        ("Model", ("Arguments", "PrimaryContainer", "Image"), "x" * 255),
        (
            "Model",
            ("Arguments",),
            arguments("Model", "PrimaryContainer", Containers=[{"Image": IMAGE}] * 2),
        ),
        (
            "RegisterModel",
            ("Arguments",),
            arguments("RegisterModel", "ModelPackageGroupName", ModelPackageName="x" * 38),
        ),
        ("RegisterModel", ("Arguments", "ModelPackageGroupName"), GONE),
        (
            "RegisterModel",
            ("Arguments", "ModelPackageGroupName"),
            "arn:aws:sagemaker:us-east-1:210987654321:model-package-group/churn",
        ),
        (
            "Tuning",
            ("Arguments",),
            arguments(
                "Tuning",
                "TrainingJobDefinition",
                TrainingJobDefinitions=[
                    {
                        **STEPS["Tuning"]["Arguments"]["TrainingJobDefinition"],
                        "DefinitionName": name,
                    }
                    for name in ("a", "b")
                ],
            ),
        ),
        ("AutoML", ("Arguments", "AutoMLJobConfig", "Mode"), {"Get": "Steps.Training.Mode"}),
        ("Lambda", ("Arguments", "auc"), IS_GOOD["LeftValue"]),
        ("QualityCheck", ("CheckType",), "MODEL_QUALITY"),
        ("ClarifyCheck", ("CheckType",), "DATA_BIAS"),
        ("QualityCheck", ("FailOnViolation",), GONE),
    ],
)
def test_takes_variants(kind: str, path: tuple[str | int, ...], value: Any) -> None:
    assert definition.violations(spoilt(kind, path, value)) == []


def emr_cluster(gone: str = "", /, **changes: Any) -> dict[str, Any]:
    """The Arguments of an EMR step with a cluster of its own; members of it changed or gone."""
    cluster = {**CLUSTER, **changes}
    cluster.pop(gone, None)
    return {"StepConfig": STEPS["EMR"]["Arguments"]["StepConfig"], "ClusterConfig": cluster}


def emr_instances(**changes: Any) -> dict[str, Any]:
    """The same, with members of the cluster's Instances changed."""
    return emr_cluster(Instances={**CLUSTER["Instances"], **changes})


MISSING, TYPE, CONSTRAINT, UNKNOWN, RULE = "missing", "type", "constraint", "unknown", "rule"
#: Type of the step, kind of the fault, what is put where, and a part of the line that names it.
FAULTS: list[tuple[str, str, tuple[str | int, ...], Any, str]] = [
    ("Training", MISSING, ("Arguments", "RoleArn"), GONE, "RoleArn: got nothing"),
    ("Training", TYPE, ("Arguments", "HyperParameters"), [], "Member must be a map"),
    ("Training", CONSTRAINT, ("Arguments", "TrainingJobName"), "x-", "pattern"),
    ("Training", UNKNOWN, ("Arguments", "NetworkConfig"), {}, "NetworkConfig: got {}"),
    ("Processing", MISSING, ("Arguments", "AppSpecification"), GONE, "AppSpecification: got noth"),
    ("Processing", MISSING, ("PropertyFiles", 0, "FilePath"), GONE, "FilePath: got nothing"),
    ("Processing", TYPE, ("PropertyFiles",), {}, "Member must be a list"),
    ("Processing", CONSTRAINT, ("PropertyFiles", 0, "FilePath"), "", "greater than or equal to 1"),
    ("Processing", UNKNOWN, ("PropertyFiles", 0, "Path"), "x", "PropertyFiles[0].Path: got"),
    ("Processing", UNKNOWN, ("Arguments", "VpcConfig"), {}, "VpcConfig: got {}"),
    (
        "Processing",
        RULE,
        ("PropertyFiles", 0, "OutputName"),
        "reports",
        'PropertyFiles[0].OutputName: got "reports", expected an output of the step: output',
    ),
    (
        "Processing",
        RULE,
        ("PropertyFiles", 1),
        STEPS["Processing"]["PropertyFiles"][0],
        "PropertyFiles[1].PropertyFileName",
    ),
    # Transform
    ("Transform", MISSING, ("Arguments", "ModelName"), GONE, "ModelName: got nothing"),
    ("Transform", MISSING, ("Arguments", "TransformResources"), {}, "InstanceType: got nothing"),
    ("Transform", TYPE, ("Arguments", "MaxPayloadInMB"), "6", "type Integer"),
    ("Transform", CONSTRAINT, ("Arguments", "BatchStrategy"), "Records", "enum value set"),
    ("Transform", CONSTRAINT, ("Arguments", "TransformJobName"), "x" * 39, "at most 38"),
    (
        "Transform",
        CONSTRAINT,
        ("Arguments", "Environment"),
        {f"A{number}": "x" for number in range(17)},
        "less than or equal to 16",
    ),
    ("Transform", UNKNOWN, ("Arguments", "RoleArn"), ROLE, "RoleArn: got"),
    ("Transform", RULE, ("Arguments", "TransformOutput", "S3OutputPath"), "s3://X/", "bucket"),
    ("Transform", RULE, ("Arguments", "Tags"), [{"Key": "aws:x", "Value": ""}], "prefix aws:"),
    # Tuning
    ("Tuning", MISSING, ("Arguments", "HyperParameterTuningJobConfig"), GONE, "got nothing"),
    ("Tuning", MISSING, (*TUNED, "RoleArn"), GONE, "TrainingJobDefinition.RoleArn: got nothing"),
    (
        "Tuning",
        TYPE,
        (
            "Arguments",
            "HyperParameterTuningJobConfig",
            "ParameterRanges",
            "ContinuousParameterRanges",
            0,
            "MinValue",
        ),
        0,
        "type String",
    ),
    ("Tuning", CONSTRAINT, ("Arguments", "HyperParameterTuningJobName"), "x" * 33, "equal to 32"),
    (
        "Tuning",
        CONSTRAINT,
        ("Arguments", "HyperParameterTuningJobConfig", "Strategy"),
        "Guess",
        "enum value set",
    ),
    ("Tuning", UNKNOWN, (*TUNED, "HyperParameters"), {}, "HyperParameters: got {}"),
    ("Tuning", RULE, ("Arguments", "TrainingJobDefinition"), GONE, "either TrainingJobDefinition"),
    ("Tuning", RULE, (*TUNED, "RoleArn"), ELSEWHERE, "TrainingJobDefinition.RoleArn"),
    ("Tuning", RULE, (*TUNED, "EnableManagedSpotTraining"), True, "spot training needs it"),
    (
        "Tuning",
        RULE,
        (*TUNED, "AlgorithmSpecification", "AlgorithmName"),
        "mine",
        "either TrainingImage or AlgorithmName",
    ),
    (
        "Tuning",
        RULE,
        ("Arguments",),
        arguments(
            "Tuning",
            "TrainingJobDefinition",
            TrainingJobDefinitions=[{**TUNING_JOB, "DefinitionName": "a"}] * 2,
        ),
        "TrainingJobDefinitions[1].DefinitionName",
    ),
    (
        "Tuning",
        RULE,
        ("Arguments",),
        arguments(
            "Tuning",
            "TrainingJobDefinition",
            TrainingJobDefinitions=[
                {**TUNING_JOB, "DefinitionName": "a"},
                {**TUNING_JOB, "DefinitionName": "b", "EnableManagedSpotTraining": True},
            ],
        ),
        "TrainingJobDefinitions[1].StoppingCondition.MaxWaitTimeInSeconds: got nothing",
    ),
    # AutoML
    ("AutoML", MISSING, ("Arguments", "RoleArn"), GONE, "RoleArn: got nothing"),
    ("AutoML", TYPE, ("Arguments", "InputDataConfig"), {}, "Member must be a list"),
    ("AutoML", CONSTRAINT, ("Arguments", "AutoMLJobName"), "x" * 33, "equal to 32"),
    ("AutoML", CONSTRAINT, ("Arguments", "ProblemType"), "Clustering", "enum value set"),
    ("AutoML", UNKNOWN, ("Arguments", "ModelDeployConfig"), {}, "ModelDeployConfig: got {}"),
    ("AutoML", UNKNOWN, ("Arguments", "AutoMLProblemTypeConfig"), {}, "TypeConfig: got {}"),
    ("AutoML", RULE, ("Arguments", "AutoMLJobConfig", "Mode"), "AUTO", 'expected "ENSEMBLING"'),
    ("AutoML", RULE, ("Arguments", "AutoMLJobConfig"), GONE, 'expected "ENSEMBLING"'),
    # Model
    ("Model", MISSING, ("Arguments", "VpcConfig"), {"Subnets": ["subnet-1"]}, "got nothing"),
    ("Model", TYPE, ("Arguments", "EnableNetworkIsolation"), "true", "type Boolean"),
    ("Model", CONSTRAINT, ("Arguments", "PrimaryContainer", "Mode"), "Many", "enum value set"),
    ("Model", CONSTRAINT, ("Arguments", "PrimaryContainer", "Image"), "a b", "pattern"),
    ("Model", CONSTRAINT, ("Arguments", "ModelName"), "x" * 39, "at most 38 characters"),
    ("Model", UNKNOWN, ("Arguments", "RoleArn"), ROLE, "RoleArn: got"),
    ("Model", RULE, ("Arguments", "PrimaryContainer"), GONE, "either PrimaryContainer or Cont"),
    ("Model", RULE, ("Arguments", "Containers"), [], "either PrimaryContainer or Containers"),
    ("Model", RULE, ("Arguments", "ExecutionRoleArn"), ELSEWHERE, "a role of account"),
    (
        "Model",
        RULE,
        ("Arguments", "PrimaryContainer", "Image"),
        IMAGE.replace("us-east-1", "eu-west-1"),
        "an image in us-east-1",
    ),
    (
        "Model",
        RULE,
        ("Arguments", "PrimaryContainer", "ModelDataUrl"),
        "s3://My_Bucket/model.tar.gz",
        "the name of a bucket",
    ),
    (
        "Model",
        RULE,
        ("Arguments", "PrimaryContainer"),
        {
            "Image": IMAGE,
            "ModelDataSource": {
                "S3DataSource": {
                    "S3Uri": "s3://My_Bucket/model/",
                    "S3DataType": "S3Prefix",
                    "CompressionType": "None",
                }
            },
        },
        "the name of a bucket",
    ),
    ("Model", UNKNOWN, ("CacheConfig",), {"Enabled": True}, "CacheConfig: got"),
    # RegisterModel
    ("RegisterModel", MISSING, (*CONTAINER[:-2], "Containers"), GONE, "Containers: got nothing"),
    ("RegisterModel", TYPE, ("Arguments", "CustomerMetadataProperties"), [], "must be a map"),
    ("RegisterModel", UNKNOWN, ("Arguments", "CertifyForMarketplace"), False, "place: got false"),
    ("RegisterModel", CONSTRAINT, ("Arguments", "ModelPackageName"), "x" * 39, "at most 38"),
    ("RegisterModel", CONSTRAINT, ("Arguments", "ModelApprovalStatus"), "Yes", "enum value set"),
    ("RegisterModel", CONSTRAINT, ("Arguments", "ModelPackageGroupName"), "a_b", "pattern"),
    (
        "RegisterModel",
        CONSTRAINT,
        (*CONTAINER[:-2], "SupportedTransformInstanceTypes"),
        [],
        "greater than or equal to 1",
    ),
    ("RegisterModel", UNKNOWN, ("Arguments", "ApprovalStatus"), "Approved", "ApprovalStatus: got"),
    ("RegisterModel", UNKNOWN, ("CacheConfig",), {"Enabled": True}, "CacheConfig: got"),
    ("RegisterModel", RULE, ("Arguments", "ModelPackageName"), "a", "with ModelPackageGroupName"),
    ("RegisterModel", RULE, (*CONTAINER, "Image"), f"{IMAGE}:", "an image of a repository"),
    (
        "RegisterModel",
        RULE,
        (*CONTAINER, "Image"),
        IMAGE.replace("us-east-1", "eu-west-1"),
        "an image in us-east-1",
    ),
    # QualityCheck and ClarifyCheck
    *(
        (kind, fault, path, value, violation)
        for kind in ("QualityCheck", "ClarifyCheck")
        for fault, path, value, violation in (
            (MISSING, ("CheckType",), GONE, "CheckType: got nothing"),
            (MISSING, ("SkipCheck",), GONE, "SkipCheck: got nothing"),
            (MISSING, ("RegisterNewBaseline",), GONE, "RegisterNewBaseline: got nothing"),
            (MISSING, ("Arguments", "RoleArn"), GONE, "RoleArn: got nothing"),
            (TYPE, ("FailOnViolation",), "true", "type Boolean"),
            (TYPE, ("SkipCheck",), {"Get": "Parameters.LearningRate"}, "type Boolean"),
            (CONSTRAINT, ("CheckType",), "DATA", "enum value set"),
            (CONSTRAINT, ("ModelPackageGroupName",), "a b", "pattern"),
            (CONSTRAINT, ("SuppliedBaselineConstraints",), "constraints.json", "pattern"),
            (UNKNOWN, ("Check",), "x", "Check: got"),
            (UNKNOWN, ("RetryPolicies",), [], "RetryPolicies: got []"),
            (UNKNOWN, ("PropertyFiles",), [], "PropertyFiles: got []"),
            (RULE, ("SuppliedBaselineConstraints",), "s3://X/y", "the name of a bucket"),
        )
    ),
    ("QualityCheck", CONSTRAINT, ("CheckType",), "MODEL_BIAS", "enum value set"),
    ("QualityCheck", UNKNOWN, ("ModelName",), "churn", "ModelName: got"),
    ("ClarifyCheck", UNKNOWN, ("SuppliedBaselineStatistics",), "s3://abc/d", "Statistics: got"),
    # EMR
    ("EMR", MISSING, ("Arguments", "StepConfig"), GONE, "StepConfig: got nothing"),
    ("EMR", MISSING, (*HADOOP, "Jar"), GONE, "HadoopJarStep.Jar: got nothing"),
    ("EMR", TYPE, (*HADOOP, "Args"), "x", "Member must be a list"),
    ("EMR", TYPE, (*HADOOP, "Args", 0), 1, "type String"),
    ("EMR", CONSTRAINT, ("Arguments", "ClusterId"), "x" * 257, "less than or equal to 256"),
    ("EMR", CONSTRAINT, ("Arguments", "ExecutionRoleArn"), "role", "pattern"),
    ("EMR", UNKNOWN, ("Arguments", "StepConfig", "Name"), "x", "StepConfig.Name: got"),
    ("EMR", RULE, ("Arguments", "ClusterId"), GONE, "either ClusterId or ClusterConfig"),
    ("EMR", RULE, ("Arguments", "ClusterConfig"), CLUSTER, "either ClusterId or ClusterConfig"),
    ("EMR", RULE, ("Arguments", "ExecutionRoleArn"), ELSEWHERE, "a role of account"),
    *(
        ("EMR", fault, ("Arguments",), value, violation)
        for fault, value, violation in (
            (MISSING, emr_cluster("Instances"), "ClusterConfig.Instances: got nothing"),
            (UNKNOWN, emr_cluster(Name="x"), "ClusterConfig.Name: got"),
            (UNKNOWN, emr_cluster(Steps=[]), "ClusterConfig.Steps: got"),
            (UNKNOWN, emr_cluster(AutoTerminationPolicy={}), "AutoTerminationPolicy: got"),
            (TYPE, emr_cluster(VisibleToAllUsers="true"), "type Boolean"),
            (CONSTRAINT, emr_cluster(ScaleDownBehavior="NOW"), "enum value set"),
            (UNKNOWN, emr_instances(TerminationProtected=True), "TerminationProtected: got"),
            (UNKNOWN, emr_instances(KeepJobFlowAliveWhenNoSteps=True), "WhenNoSteps: got"),
            (RULE, emr_instances(InstanceFleets=[]), "either InstanceGroups or InstanceFleets"),
            (RULE, emr_cluster(Instances={}), "either InstanceGroups or InstanceFleets"),
            (RULE, {**emr_cluster(), "ExecutionRoleArn": ROLE}, "without ClusterId"),
        )
    ),
    # EMRServerless
    ("EMRServerless", MISSING, ("Arguments", "JobConfig"), GONE, "JobConfig: got nothing"),
    ("EMRServerless", MISSING, ("Arguments", "ExecutionRoleArn"), GONE, "RoleArn: got nothing"),
    (
        "EMRServerless",
        TYPE,
        ("Arguments", "JobConfig", "executionTimeoutMinutes"),
        "60",
        "type Long",
    ),
    ("EMRServerless", CONSTRAINT, ("Arguments", "ApplicationId"), "Not-one", "pattern"),
    ("EMRServerless", UNKNOWN, ("Arguments", "JobConfig", "clientToken"), "x", "clientToken: got"),
    ("EMRServerless", UNKNOWN, ("Arguments", "ClusterId"), "x", "ClusterId: got"),
    ("EMRServerless", RULE, ("Arguments", "ApplicationId"), GONE, "either ApplicationId or App"),
    (
        "EMRServerless",
        RULE,
        ("Arguments", "ApplicationConfig"),
        APPLICATION,
        "either ApplicationId or ApplicationConfig",
    ),
    ("EMRServerless", RULE, ("Arguments", "ExecutionRoleArn"), ELSEWHERE, "a role of account"),
    # Lambda and Callback
    ("Lambda", MISSING, ("FunctionArn",), GONE, "FunctionArn: got nothing"),
    ("Lambda", TYPE, ("FunctionArn",), 1, "type String"),
    ("Lambda", CONSTRAINT, ("FunctionArn",), "tell", "pattern"),
    ("Lambda", CONSTRAINT, ("FunctionArn",), FUNCTION + "l" * 256, "less than or equal to 256"),
    ("Lambda", UNKNOWN, ("SqsQueueUrl",), "x", "SqsQueueUrl: got"),
    ("Lambda", RULE, ("FunctionArn",), FUNCTION.replace("us-east-1", "eu-west-1"), "a function in"),
    ("Callback", MISSING, ("SqsQueueUrl",), GONE, "SqsQueueUrl: got nothing"),
    ("Callback", TYPE, ("SqsQueueUrl",), [], "type String"),
    ("Callback", CONSTRAINT, ("SqsQueueUrl",), "x" * 257, "less than or equal to 256"),
    ("Callback", CONSTRAINT, ("SqsQueueUrl",), "", "greater than or equal to 1"),
    ("Callback", UNKNOWN, ("FunctionArn",), FUNCTION, "FunctionArn: got"),
    *(
        (kind, fault, path, value, violation)
        for kind in ("Lambda", "Callback")
        for fault, path, value, violation in (
            (TYPE, ("Arguments",), [], "Arguments: got [], expected an object"),
            (TYPE, ("Arguments", "all"), {"a": 1}, "Arguments.all: got"),
            (TYPE, ("Arguments", "all"), [1], "Arguments.all: got [1], expected a scalar"),
            (MISSING, ("OutputParameters", 0, "OutputName"), GONE, "OutputName: got nothing"),
            (CONSTRAINT, ("OutputParameters", 0, "OutputType"), "Number", "enum value set"),
            (CONSTRAINT, ("OutputParameters", 0, "OutputName"), "x" * 257, "equal to 256"),
            (UNKNOWN, ("OutputParameters", 0, "Name"), "x", "OutputParameters[0].Name: got"),
            (UNKNOWN, ("RetryPolicies",), [], "RetryPolicies: got []"),
            (
                CONSTRAINT,
                ("OutputParameters",),
                [{"OutputName": "a", "OutputType": "String"}] * 51,
                "less than or equal to 50",
            ),
        )
    ),
    # Condition
    ("Condition", MISSING, ("Arguments",), GONE, "Arguments: got nothing"),
    ("Condition", MISSING, ("Arguments", "Conditions"), GONE, "Conditions: got nothing"),
    ("Condition", TYPE, ("Arguments", "Conditions"), IS_GOOD, "expected a list of conditions"),
    ("Condition", TYPE, CONDITION, "x", "expected a condition"),
    ("Condition", TYPE, ("Arguments", "IfSteps"), {}, "IfSteps: got {}, expected a list"),
    ("Condition", TYPE, ("Arguments", "ElseSteps"), ["x"], "ElseSteps[0]: got"),
    ("Condition", CONSTRAINT, (*CONDITION, "Type"), "NotEquals", 'Type: got "NotEquals"'),
    ("Condition", UNKNOWN, ("Arguments", "Then"), [], "Arguments.Then: got []"),
    ("Condition", UNKNOWN, (*CONDITION, "Value"), 1, "Conditions[0].Value: got 1"),
    ("Condition", UNKNOWN, ("RetryPolicies",), [], "RetryPolicies: got []"),
    ("Condition", UNKNOWN, ("CacheConfig",), {}, "CacheConfig: got {}"),
    *(
        ("Condition", fault, CONDITION, condition, violation)
        for fault, condition, violation in (
            (MISSING, compared("Equals", LeftValue=1), "RightValue: got nothing"),
            (MISSING, compared("In", QueryValue=1), "Values: got nothing"),
            (MISSING, compared("Not"), "Condition: got nothing"),
            (MISSING, compared("Or"), "Conditions: got nothing"),
            (TYPE, compared("Equals", LeftValue=[], RightValue=1), "LeftValue: got []"),
            (TYPE, compared("In", QueryValue=1, Values=[[1]]), "Values[0]: got [1]"),
            (TYPE, compared("Or", Conditions=[1]), "Conditions[0]: got 1"),
            (UNKNOWN, compared("Not", Condition=IS_GOOD, Expression=1), "Expression: got 1"),
            (
                CONSTRAINT,
                compared("Not", Condition=compared("Or", Conditions=[compared("And")])),
                'Conditions[0].Condition.Conditions[0].Type: got "And"',
            ),
        )
    ),
    # Fail
    ("Fail", MISSING, ("Arguments",), GONE, "Arguments: got nothing"),
    ("Fail", TYPE, ("Arguments", "ErrorMessage"), 1, "type String"),
    ("Fail", CONSTRAINT, ("Arguments", "ErrorMessage"), "x" * 3073, "less than or equal to 3072"),
    ("Fail", UNKNOWN, ("Arguments", "Message"), "x", "Arguments.Message: got"),
    ("Fail", UNKNOWN, ("CacheConfig",), {}, "CacheConfig: got {}"),
    # of any type
    *(
        (kind, fault, path, value, violation)
        for kind in STEPS
        for fault, path, value, violation in (
            (CONSTRAINT, ("Name",), "x" * 65, "Name: got"),
            (CONSTRAINT, ("DisplayName",), "x" * 257, "less than or equal to 256"),
            (CONSTRAINT, ("Description",), "x" * 3073, "less than or equal to 3072"),
            (TYPE, ("DependsOn",), "Training", "expected a list"),
            (RULE, ("DependsOn",), ["Nobody"], "expected the name of another step"),
            (UNKNOWN, ("Retries",), 1, "Retries: got 1"),
        )
    ),
    # references
    *(
        (
            "Fail",
            RULE,
            ("Arguments", "ErrorMessage"),
            {"Get": reference},
            f'.Get: got "{reference}"',
        )
        for reference in (
            "Steps.Nobody.Name",
            "Parameters.Nobody",
            "Steps.Processing.PropertyFiles.other",
            "Steps.Lambda.PropertyFiles.report",
        )
    ),
    ("Fail", RULE, ("DependsOn",), ["Fail"], "expected the name of another step"),
    ("Callback", RULE, ("DependsOn",), ["Fail"], 'got "Fail", expected no Fail step'),
    ("Callback", RULE, ("Arguments", "a"), {"Get": "Steps.Fail.Error"}, "expected no Fail step"),
    (
        "Condition",
        RULE,
        (*COMPARED, "PropertyFile", "Get"),
        "Steps.Processing.PropertyFiles.other",
        "expected a property file of the step: report",
    ),
    (
        "Condition",
        RULE,
        (*COMPARED, "PropertyFile", "Get"),
        "Steps.Nobody.PropertyFiles.report",
        'got "Steps.Nobody.PropertyFiles.report"',
    ),
    ("Condition", RULE, (*COMPARED, "PropertyFile"), "report", 'PropertyFile: got "report"'),
    ("Condition", RULE, (*COMPARED, "PropertyFile", "On"), "", "PropertyFile: got {"),
    ("Condition", RULE, (*COMPARED, "Path"), GONE, '"PropertyFile" or "S3Uri"'),
    ("Condition", RULE, (*COMPARED, "S3Uri"), "s3://abc/d", '"PropertyFile" or "S3Uri"'),
    ("Condition", RULE, COMPARED, {"S3Uri": 1, "Path": "x"}, "S3Uri: got 1, expected a string"),
    # steps in branches
    (
        "Condition",
        RULE,
        ("Arguments", "ElseSteps", 0, "Name"),
        "Publish",
        'ElseSteps[0].Name: got "Publish", expected a name that occurs once',
    ),
    (
        "Condition",
        RULE,
        ("Arguments", "IfSteps", 0, "Name"),
        "Training",
        'IfSteps[0].Name: got "Training", expected a name that occurs once',
    ),
    (
        "Condition",
        RULE,
        ("Arguments", "IfSteps", 0, "FunctionArn"),
        "tell",
        'IfSteps[0].FunctionArn: got "tell"',
    ),
    # order
    ("Training", RULE, ("DependsOn",), ["Model"], "expected no cycle"),
    ("Callback", RULE, ("DependsOn",), ["Publish"], "Condition"),
    ("Processing", RULE, ("DependsOn",), ["Condition"], "expected no cycle"),
    (
        "Training",
        RULE,
        ("Arguments", "HyperParameters", "previous"),
        {"Get": "Steps.Training.TrainingJobName"},
        '$.Steps: got "Training -> Training"',
    ),
]


@pytest.mark.parametrize(("kind", "path", "value", "violation"), [(a, *c) for a, _, *c in FAULTS])
def test_names_what_is_wrong(
    kind: str, path: tuple[str | int, ...], value: Any, violation: str
) -> None:
    found = definition.violations(spoilt(kind, path, value))
    assert any(violation in line for line in found), f"{violation!r} is not in {found}"
    assert any(line.startswith(f"$.Steps[{INDEX[kind]}]") or "cycle" in line for line in found)


@pytest.mark.parametrize("kind", STEPS)
def test_each_type_has_faults_of_each_kind(kind: str) -> None:
    """Beside those that every type has."""
    everywhere = {"Name", "DisplayName", "Description", "DependsOn", "Retries"}
    found = {
        fault for other, fault, path, *_ in FAULTS if other == kind and path[0] not in everywhere
    }
    assert {MISSING, TYPE, CONSTRAINT, UNKNOWN} <= found


@pytest.mark.parametrize("kind", ["Athena", "BedrockCustomModel", "ForEach", "Train", "", 1, None])
def test_refuses_other_types(kind: Any) -> None:
    text = spoilt("Fail", ("Type",), GONE if kind is None else kind)
    assert any(".Type: got" in line and "Transform" in line for line in definition.violations(text))


def test_any_value_at_any_place_is_looked_at() -> None:
    """One in turn, since all of them at all places take a minute."""
    values: list[Any] = [None, [[]], {"x": []}, 5, [{}], "x", {}, True, []]
    for value, path in zip(itertools.cycle(values), places(DOCUMENT)):
        found = definition.violations(changed(DOCUMENT, path, value))
        assert all(" got " in line for line in found)
        assert found or value not in ([[]], None, {"x": []}), f"{path} may not be {value}"
