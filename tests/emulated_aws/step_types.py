"""Types of steps: what stands beside their Arguments, and in them, as botocore's shapes.

Most Arguments are a request of SageMaker or EMR without what Pipelines fills in. So their shapes
are those of the services' own models, changed where Pipelines differs. Sources: for the types,
PipelineExecutionStepMetadata in botocore's SageMaker model; for members and differences, the
SageMaker guide (sagemaker/latest/dg/build-and-manage-steps-types.html), the published schema of
pipeline definitions (github.com/aws-sagemaker-mlops/sagemaker-model-building-pipeline-definition-
JSON-schema), and what the SageMaker Python SDK 2.257 writes; of EMRServerless, SDK 3.

Stricter than AWS: Athena, Bedrock*, Cleanup, Endpoint, EndpointConfig, ForEach, HubContent,
InferenceComponent, Job and Lineage are steps, too, but none that can be looked at here.

Assumed, since only the SDK says it: which types are retried and cached, that ClusterConfig needs
instance groups or fleets, and which members of a request are refused (_WITHOUT). The maximums of
what stands beside Arguments are those of the same fields in the step's metadata, as
ListPipelineExecutionSteps shows it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from botocore.model import ServiceModel, StructureShape

from emulated_aws import shapes


class Job(NamedTuple):
    """What a step asks SageMaker to create.

    Attributes:
        operation: of SageMaker.
        name: the member that has the name; in a step it is optional, and a prefix.
    """

    operation: str
    name: str


#: Types of steps whose Arguments are a request of SageMaker.
JOBS: Mapping[str, Job] = {
    "AutoML": Job("CreateAutoMLJob", "AutoMLJobName"),
    "ClarifyCheck": Job("CreateProcessingJob", "ProcessingJobName"),
    "Model": Job("CreateModel", "ModelName"),
    "Processing": Job("CreateProcessingJob", "ProcessingJobName"),
    "QualityCheck": Job("CreateProcessingJob", "ProcessingJobName"),
    "RegisterModel": Job("CreateModelPackage", "ModelPackageName"),
    "Training": Job("CreateTrainingJob", "TrainingJobName"),
    "Transform": Job("CreateTransformJob", "TransformJobName"),
    "Tuning": Job("CreateHyperParameterTuningJob", "HyperParameterTuningJobName"),
}
#: Types whose Arguments are passed on as they are: names to scalars.
INPUTS = {"Callback", "Lambda"}
TYPES = JOBS.keys() | INPUTS | {"Condition", "EMR", "EMRServerless", "Fail"}

RETRIED = {"EMR", "EMRServerless"} | JOBS.keys() - {"ClarifyCheck", "QualityCheck"}
CACHED = TYPES - {"Condition", "Fail", "Model", "RegisterModel"}

#: Members of a request that a step may not have.
_WITHOUT = {
    "AutoML": {"GenerateCandidateDefinitionsOnly", "ModelDeployConfig"},
    "RegisterModel": {"CertifyForMarketplace"},
}


def arguments(kind: str) -> StructureShape:
    """The shape of a step's Arguments.

    Args:
        kind: of TYPES, but neither of INPUTS nor Condition.
    """
    service = {"EMR": "emr", "EMRServerless": "emr-serverless"}.get(kind, "sagemaker")
    return _structure(service, f"{kind}StepArguments")


def members(kind: str) -> StructureShape:
    """The shape of what stands beside Arguments, but for what steps of all types have."""
    return _structure("sagemaker", f"{kind}Step")


def document() -> StructureShape:
    """The shape of what stands beside Parameters and Steps."""
    return _structure("sagemaker", "PipelineDocument")


@functools.cache
def _structure(service: str, name: str) -> StructureShape:
    shape = _model(service).shape_for(name)
    assert isinstance(shape, StructureShape)
    return shape


@functools.cache
def _model(service: str) -> ServiceModel:
    """The model of a service with the shapes of Pipelines in it."""
    given = shapes.description(service)
    more = {"sagemaker": _sagemaker, "emr": _emr, "emr-serverless": _emr_serverless}[service]
    return ServiceModel({**given, "shapes": {**given["shapes"], **more(given["shapes"])}}, service)


_Shapes = Mapping[str, Mapping[str, Any]]


def _sagemaker(given: _Shapes) -> _Shapes:
    result = {
        "PipelineDocument": _object(
            MlflowConfig="MlflowConfig",
            PipelineExperimentConfig="PipelineExperimentConfig",
            Metadata="PipelineMetadata",
        ),
        "PipelineMetadata": {
            "type": "map",
            "key": {"shape": "PipelineMetadataKey"},
            "value": {"shape": "String1024"},
        },
        "PipelineMetadataKey": {"type": "string", "pattern": r"[A-Za-z0-9\-_]{1,128}"},
        "PropertyFileList": _list("PropertyFile"),
        "PropertyFile": _object(
            ("PropertyFileName", "OutputName", "FilePath"),
            PropertyFileName="NonEmptyString",
            OutputName="NonEmptyString",
            FilePath="NonEmptyString",
        ),
        "NonEmptyString": {"type": "string", "min": 1},
        "String1To256": {"type": "string", "min": 1, "max": 256},
        # 50: SendPipelineExecutionStepSuccess, and the metadata of both kinds of steps
        "StepOutputList": {**_list("StepOutput"), "max": 50},
        "StepOutput": _object(
            ("OutputName", "OutputType"), OutputName="String1To256", OutputType="StepOutputType"
        ),
        "StepOutputType": _enum("String", "Integer", "Boolean", "Float"),
        "QualityCheckType": _enum("DATA_QUALITY", "MODEL_QUALITY"),
        "ClarifyCheckType": _enum("DATA_BIAS", "MODEL_BIAS", "MODEL_EXPLAINABILITY"),
        "LambdaFunctionArn": {
            **shapes.description("lambda")["shapes"]["FunctionArn"],
            "max": 256,
        },
        "FailStepArguments": _object(ErrorMessage="String3072"),
    }
    check = {
        "SkipCheck": "Boolean",
        "FailOnViolation": "Boolean",
        "RegisterNewBaseline": "Boolean",
        "ModelPackageGroupName": "ArnOrName",
        "SuppliedBaselineConstraints": "S3Uri",
    }
    flags = ("CheckType", "SkipCheck", "RegisterNewBaseline")
    own: dict[str, tuple[Iterable[str], Mapping[str, str]]] = {
        "Processing": ((), {"PropertyFiles": "PropertyFileList"}),
        "Lambda": (
            ("FunctionArn",),
            {"FunctionArn": "LambdaFunctionArn", "OutputParameters": "StepOutputList"},
        ),
        "Callback": (
            ("SqsQueueUrl",),
            {"SqsQueueUrl": "String1To256", "OutputParameters": "StepOutputList"},
        ),
        "QualityCheck": (
            flags,
            {**check, "CheckType": "QualityCheckType", "SuppliedBaselineStatistics": "S3Uri"},
        ),
        "ClarifyCheck": (
            flags,
            {**check, "CheckType": "ClarifyCheckType", "ModelName": "ModelName"},
        ),
    }
    everywhere = {"DisplayName": "StepDisplayName", "Description": "StepDescription"}
    for kind in TYPES:
        required, members = own.get(kind, ((), {}))
        result[f"{kind}Step"] = _object(required, **everywhere, **members)
    for kind, job in JOBS.items():
        result[f"{kind}StepArguments"] = _changed(
            given[_request(job.operation)],
            without=_WITHOUT.get(kind, ()),
            optional=(job.name,),
        )
    return result


def _request(operation: str) -> str:
    shape = shapes.input_shape("sagemaker", operation)
    assert shape is not None
    return str(shape.name)


def _emr(given: _Shapes) -> _Shapes:
    pairs = given["KeyValue"]["members"]
    return {
        "EMRStepArguments": _object(
            ("StepConfig",),
            StepConfig="StepConfig",
            ClusterId="ClusterId",
            ClusterConfig="RunJobFlowInput",
            ExecutionRoleArn="RoleArn",
        ),
        "RoleArn": shapes.description("sagemaker")["shapes"]["RoleArn"],
        "ClusterId": {**given["ClusterId"], "min": 1},
        "StepConfig": _changed(given["StepConfig"], without=("Name",)),
        "RunJobFlowInput": _changed(
            given["RunJobFlowInput"], without=("Name", "Steps", "AutoTerminationPolicy")
        ),
        "JobFlowInstancesConfig": _changed(
            given["JobFlowInstancesConfig"],
            without=("KeepJobFlowAliveWhenNoSteps", "TerminationProtected"),
        ),
        # the guide's own example has them in lower case
        "KeyValue": {
            **given["KeyValue"],
            "members": {**pairs, "key": pairs["Key"], "value": pairs["Value"]},
        },
    }


def _emr_serverless(given: _Shapes) -> _Shapes:
    return {
        "EMRServerlessStepArguments": _object(
            ("ExecutionRoleArn", "JobConfig"),
            ExecutionRoleArn="IAMRoleArn",
            ApplicationId="ApplicationId",
            ApplicationConfig="CreateApplicationRequest",
            JobConfig="StartJobRunRequest",
        ),
        "CreateApplicationRequest": _changed(
            given["CreateApplicationRequest"], without=("clientToken",)
        ),
        "StartJobRunRequest": _changed(
            given["StartJobRunRequest"], without=("clientToken",), optional=("applicationId",)
        ),
    }


def _object(required: Iterable[str] = (), /, **members: str) -> dict[str, Any]:
    return {
        "type": "structure",
        "required": list(required),
        "members": {name: {"shape": shape} for name, shape in members.items()},
    }


def _list(member: str) -> dict[str, Any]:
    return {"type": "list", "member": {"shape": member}}


def _enum(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _changed(
    shape: Mapping[str, Any], *, without: Iterable[str] = (), optional: Iterable[str] = ()
) -> dict[str, Any]:
    """A structure that lacks some members, and does not require others."""
    gone = set(without)
    return {
        **shape,
        "members": {name: item for name, item in shape["members"].items() if name not in gone},
        "required": [
            name for name in shape.get("required", []) if name not in gone | set(optional)
        ],
    }
