"""What an execution of a definition asks of AWS with the pipeline role, and what is next to it.

Step by step, from AWS's pages and not from the module:

* the service authorization reference: actions, resource types, dependent actions
  (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html)
* what steps need of the role
  (https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html)
* Lambda, SQS and EMR: AmazonSageMakerPipelinesIntegrations
  (https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-pipelines.html)

    rows = expectations("churn", definition)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from definitions import steps
from inputs import ACCOUNT
from plans.expectations import OTHER_ACCOUNT, OTHER_REGION, Expectation, Target
from policy_evaluation.evaluator import Request

REGION = "us-east-1"
EXECUTION, RANDOM = "0a1b2c3d4e5f", "x7Yz9AbCdE"
NEW_CLUSTER, NEW_APPLICATION, JOB_RUN = "j-0NEWCLUSTER", "00new1application", "00run1"
EMR_RULE = "rule/SageMakerPipelineExecutionEMR"


@dataclass(frozen=True)
class Creation:
    """What SageMaker creates for a step: in names of actions, in ARNs, and how long a name may be.

    The member ``<what>Name`` of the arguments begins the name; the execution and ten random
    characters follow.
    """

    what: str
    arn: str
    longest: int = 63
    verbs: tuple[str, ...] = ("Create", "Describe", "Stop")

    def names(self, step: Mapping[str, Any], prefix: str | None) -> Iterator[str]:
        """As SageMaker may make it; what was seen most first."""
        end = f"-{EXECUTION}-{RANDOM}"
        if prefix is not None:
            yield prefix[: self.longest - len(end)] + end
            if self is PACKAGE:  # a model package was seen with neither
                yield prefix
            return
        if self.longest < 63:
            # seen in public outputs of notebooks, such as bqbpzw5k3d15-hptuning-U0H0Wl6oKU
            yield f"{EXECUTION}-{step['Name'][:8]}-{RANDOM}"
            yield f"pipelines-{EXECUTION}-{step['Name'][:8]}"
            return
        yield f"pipelines-{EXECUTION}-{step['Name'][:24]}-{RANDOM}"


PROCESSING = Creation("ProcessingJob", "processing-job")
CREATIONS = {
    "Training": Creation("TrainingJob", "training-job"),
    "Processing": PROCESSING,
    "QualityCheck": PROCESSING,
    "ClarifyCheck": PROCESSING,
    "Transform": Creation("TransformJob", "transform-job"),
    "Tuning": Creation(
        "HyperParameterTuningJob",
        "hyper-parameter-tuning-job",
        longest=32,
        verbs=("Create", "Describe", "ListTrainingJobsFor", "Stop"),
    ),
    "AutoML": Creation("AutoMLJob", "automl-job", longest=32),
    "Model": Creation("Model", "model", verbs=("Create", "Describe")),
}
#: Without a group.
PACKAGE = Creation("ModelPackage", "model-package")
#: Where a step names a role, and the service that gets it; a Transform step runs with its model's.
PASSED = {
    "Training": [("RoleArn", "sagemaker")],
    "Processing": [
        ("RoleArn", "sagemaker"),
        # of somebody else's cluster; whether it is passed is not documented
        (
            "ProcessingInputs.DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn",
            "sagemaker",
        ),
    ],
    "QualityCheck": [("RoleArn", "sagemaker")],
    "ClarifyCheck": [("RoleArn", "sagemaker")],
    "AutoML": [("RoleArn", "sagemaker")],
    "Tuning": [
        ("TrainingJobDefinition.RoleArn", "sagemaker"),
        ("TrainingJobDefinitions.RoleArn", "sagemaker"),
    ],
    "Model": [("ExecutionRoleArn", "sagemaker")],
    "RegisterModel": [("ValidationSpecification.ValidationRole", "sagemaker")],
    "EMR": [
        ("ClusterConfig.ServiceRole", "elasticmapreduce"),
        ("ClusterConfig.JobFlowRole", "ec2"),
        ("ClusterConfig.AutoScalingRole", "application-autoscaling"),
    ],
    "EMRServerless": [
        ("ExecutionRoleArn", "emr-serverless"),
        ("JobConfig.executionRoleArn", "emr-serverless"),
    ],
}


def arn(service: str, resource: str) -> str:
    """ARN in the tests' region and account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def members(value: Any, name: str) -> Iterator[Any]:
    """All members of this name, at any depth."""
    if isinstance(value, dict):
        yield from (item for key, item in value.items() if key == name)
        yield from (found for item in value.values() for found in members(item, name))
    elif isinstance(value, list):
        yield from (found for item in value for found in members(item, name))


def _spellings(name: str) -> list[str]:
    """SageMaker has been seen to write names in ARNs as they are and in lower case."""
    return [name] if name.startswith("arn:") else [*dict.fromkeys((name, name.lower()))]


def at(value: Any, path: str) -> list[Any]:
    """What is at a path, of each item where it leads through a list."""
    found = [value]
    for name in path.split("."):
        found = [item[name] for item in found if isinstance(item, dict) and name in item]
        found = [each for item in found for each in (item if isinstance(item, list) else [item])]
    return [item for item in found if item is not None]


class Execution:
    """An execution of a definition, with the defaults of its parameters."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self._definition = definition
        self.steps = {step["Name"]: step for step in steps(definition)}
        self._parameters = {
            parameter["Name"]: parameter.get("DefaultValue")
            for parameter in definition.get("Parameters") or []
        }

    def text(self, value: Any) -> str:
        """What an expression becomes, where SageMaker could have more than one a sample."""
        if not isinstance(value, dict):
            return str(value)
        if "Std:Join" in value:
            join = value["Std:Join"]
            return str(join["On"]).join(self.text(part) for part in join["Values"])
        if "Get" not in value:
            return "a-sample"
        kind, _, path = value["Get"].partition(".")
        if kind == "Parameters":
            return str(self._parameters[path])
        if kind == "Execution":
            return EXECUTION
        name, _, path = path.partition(".")
        return self._output(self.steps[name], path)[0]

    def _output(self, step: Mapping[str, Any], path: str) -> tuple[str, Any]:
        """A property of a step, and the key that it is encrypted with where it is an S3 URI."""
        arguments = step["Arguments"]
        if output := re.fullmatch(
            r"ProcessingOutputConfig\.Outputs\['(.+)'\]\.S3Output\.S3Uri", path
        ):
            config = arguments["ProcessingOutputConfig"]
            (uri,) = (
                each["S3Output"]["S3Uri"]
                for each in config["Outputs"]
                if each["OutputName"] == output[1]
            )
            return self.text(uri), config.get("KmsKeyId")
        if path.endswith(("S3ModelArtifacts", "ModelDataUrl")):
            config = arguments["OutputDataConfig"]
            folder = self.text(config["S3OutputPath"]).rstrip("/")
            return f"{folder}/{self.job(step)}/output/model.tar.gz", config.get("KmsKeyId")
        if path.endswith("TrainingJobName"):
            return f"{self.job(step)}-001-c42f316a", None
        return "a-sample", None

    def job(self, step: Mapping[str, Any]) -> str:
        """Name of what SageMaker creates for a step."""
        return next(self.jobs(step))

    def jobs(self, step: Mapping[str, Any]) -> Iterator[str]:
        """Names that it may have."""
        creation = CREATIONS.get(step["Type"], PACKAGE)
        prefix = step["Arguments"].get(f"{creation.what}Name")
        return creation.names(step, None if prefix is None else self.text(prefix))

    def calls(self) -> Iterator[tuple[Request, str]]:
        """Every request, and the step that makes it."""
        for step in self.steps.values():
            for request in (*self._creation(step), *self._roles(step), *self._others(step)):
                yield request, f"step {step['Name']} of type {step['Type']}"
        for value in members(self._definition, "Std:JsonGet"):
            for request in self._json_get(value):
                yield request, "Std:JsonGet"

    def _creation(self, step: Mapping[str, Any]) -> Iterator[Request]:
        if creation := CREATIONS.get(step["Type"]):
            names = list(self.jobs(step))
            # SageMaker has been seen to write both in ARNs
            for spelt in (*names, *(name.lower() for name in names)):
                resource = arn("sagemaker", f"{creation.arn}/{spelt}")
                for verb in creation.verbs:
                    yield Request(f"sagemaker:{verb}{creation.what}", resource)
                yield Request("sagemaker:AddTags", resource)  # also without tags

    def _roles(self, step: Mapping[str, Any]) -> Iterator[Request]:
        for path, service in PASSED.get(step["Type"], []):
            for value in at(step["Arguments"], path):
                role = self.text(value)
                if not role.startswith("arn:"):  # EMR takes names, too
                    role = f"arn:aws:iam::{ACCOUNT}:role/{role}"
                context = {"iam:PassedToService": f"{service}.amazonaws.com"}
                yield Request("iam:PassRole", role, context)

    def _others(self, step: Mapping[str, Any]) -> Iterator[Request]:
        kinds = {
            "RegisterModel": self._registration,
            "QualityCheck": self._baselines,
            "ClarifyCheck": self._baselines,
            "Lambda": self._function,
            "Callback": self._queue,
            "EMR": self._cluster,
            "EMRServerless": self._application,
        }
        if step["Type"] in kinds:
            yield from kinds[step["Type"]](step)

    def _registration(self, step: Mapping[str, Any]) -> Iterator[Request]:
        """The group each time, which SageMaker forgives if it is there; then the package."""
        arguments = step["Arguments"]
        if group := arguments.get("ModelPackageGroupName"):
            packages = []
            for name in _spellings(self.text(group)):
                own = not name.startswith("arn:")
                group_arn = arn("sagemaker", f"model-package-group/{name}") if own else name
                packages += [f"{group_arn.replace(':model-package-group/', ':model-package/')}/7"]
                if own:
                    for action in ("CreateModelPackageGroup", "AddTags"):
                        yield Request(f"sagemaker:{action}", group_arn)
                yield Request("sagemaker:CreateModelPackage", group_arn)  # has both resource types
        else:
            packages = [arn("sagemaker", f"model-package/{name}") for name in self.jobs(step)]
        for package in packages:
            for action in ("CreateModelPackage", "DescribeModelPackage", "AddTags"):
                yield Request(f"sagemaker:{action}", package)
        for url in at(arguments, "InferenceSpecification.Containers.ModelDataUrl"):
            yield from self._read(url)

    def _baselines(self, step: Mapping[str, Any]) -> Iterator[Request]:
        """Of the latest approved model of the group."""
        if group := step.get("ModelPackageGroupName"):
            for name in _spellings(self.text(group)):
                package = arn("sagemaker", f"model-package/{name}/7")
                for action in ("ListModelPackages", "DescribeModelPackage"):
                    yield Request(f"sagemaker:{action}", package)

    def _function(self, step: Mapping[str, Any]) -> Iterator[Request]:
        yield Request("lambda:InvokeFunction", self.text(step["FunctionArn"]))

    def _queue(self, step: Mapping[str, Any]) -> Iterator[Request]:
        host, account, name = self.text(step["SqsQueueUrl"]).removeprefix("https://").rsplit("/", 2)
        region = host.split(".")[1]
        yield Request("sqs:SendMessage", f"arn:aws:sqs:{region}:{account}:{name}")

    def _cluster(self, step: Mapping[str, Any]) -> Iterator[Request]:
        arguments = step["Arguments"]
        if "ClusterId" in arguments:
            cluster = arn("elasticmapreduce", f"cluster/{self.text(arguments['ClusterId'])}")
            actions, rules = ["AddJobFlowSteps", "DescribeStep", "CancelSteps"], ["Step"]
        else:
            cluster = arn("elasticmapreduce", f"cluster/{NEW_CLUSTER}")
            actions = ["DescribeCluster", "ListSteps", "DescribeStep", "TerminateJobFlows"]
            actions += ["AddTags"] if arguments["ClusterConfig"].get("Tags") else []
            yield Request("elasticmapreduce:RunJobFlow")
            # the guide has one of the names, the managed policy the other
            rules = ["ClusterStatusUpdateRule", "ClusterStatusRule"]
        if rules == ["Step"]:
            rules = ["StepStatusUpdateRule"]
        for action in actions:
            yield Request(f"elasticmapreduce:{action}", cluster)
        for rule in rules:
            for action in ("DescribeRule", "PutRule", "PutTargets"):
                yield Request(f"events:{action}", arn("events", f"{EMR_RULE}{rule}"))

    def _application(self, step: Mapping[str, Any]) -> Iterator[Request]:
        arguments = step["Arguments"]
        new = "ApplicationConfig" in arguments
        identity = NEW_APPLICATION if new else self.text(arguments["ApplicationId"])
        application = arn("emr-serverless", f"/applications/{identity}")
        actions = ["StartJobRun", "TagResource", "GetApplication", "StartApplication"]
        if new:
            yield Request("emr-serverless:CreateApplication")
            actions += ["StopApplication", "DeleteApplication"]
        for action in actions:
            yield Request(f"emr-serverless:{action}", application)
        for action in ("GetJobRun", "CancelJobRun", "TagResource"):
            yield Request(f"emr-serverless:{action}", f"{application}/jobruns/{JOB_RUN}")

    def _json_get(self, value: dict[str, Any]) -> Iterator[Request]:
        if "S3Uri" in value:
            yield from self._read(value["S3Uri"])
            return
        _, name, _, file = value["PropertyFile"]["Get"].split(".")
        step = self.steps[name]
        (declared,) = (each for each in step["PropertyFiles"] if each["PropertyFileName"] == file)
        path = f"ProcessingOutputConfig.Outputs['{declared['OutputName']}'].S3Output.S3Uri"
        uri, key = self._output(step, path)
        yield from self._object(f"{uri.rstrip('/')}/{declared['FilePath']}", key)

    def _read(self, value: Any) -> Iterator[Request]:
        key = None
        for get in members(value, "Get") if isinstance(value, dict) else ():
            kind, _, path = get.partition(".")
            if kind == "Steps":
                name, _, path = path.partition(".")
                key = self._output(self.steps[name], path)[1] or key
        yield from self._object(self.text(value), key)

    def _object(self, uri: str, key: Any) -> Iterator[Request]:
        yield Request("s3:GetObject", f"arn:aws:s3:::{uri.removeprefix('s3://')}")
        if key is not None:
            text = self.text(key)
            resource = text if text.startswith("arn:") else arn("kms", f"key/{text}")
            if ":key/" in resource and "alias/" not in text:  # a policy cannot name its key
                yield Request("kms:Decrypt", resource)


# --- What is next to it ---

#: By service: what nobody needs of a resource that a step uses.
NEVER = {
    "sagemaker": ("DeleteTags", "ListTags", "CreateEndpoint", "StartPipelineExecution"),
    "lambda": ("UpdateFunctionCode", "GetFunction", "DeleteFunction"),
    "sqs": ("ReceiveMessage", "DeleteMessage", "PurgeQueue"),
    "s3": ("PutObject", "DeleteObject", "GetObjectVersion"),
    "kms": ("Encrypt", "GenerateDataKey", "CreateGrant"),
    "iam": ("PutRolePolicy", "UpdateAssumeRolePolicy", "GetRole"),
    "elasticmapreduce": (
        "ModifyInstanceGroups",
        "SetTerminationProtection",
        "GetClusterSessionCredentials",
    ),
    "events": ("DeleteRule", "RemoveTargets", "DisableRule"),
    "emr-serverless": ("UpdateApplication", "UntagResource", "AccessLivyEndpoints"),
}
SERVICES = (
    "application-autoscaling",
    "ec2",
    "elasticmapreduce",
    "emr-serverless",
    "lambda",
    "sagemaker",
)


def neighbours(request: Request) -> Iterator[tuple[Request, str]]:
    """What is not granted beside a request, if nothing else in the definition needs it."""
    service, action = request.action.split(":")
    for other in NEVER[service]:
        yield Request(f"{service}:{other}", request.resource, request.context), "nothing else"
    if service == "sagemaker" and action.startswith("Create"):
        for verb in ("Delete", "Update"):
            changed = f"sagemaker:{verb}{action.removeprefix('Create')}"
            yield Request(changed, request.resource), "creates it, and leaves it alone"
    if service == "iam":
        yield Request(request.action, request.resource), "to a service only"
        for other in SERVICES:
            context = {"iam:PassedToService": f"{other}.amazonaws.com"}
            yield Request(request.action, request.resource, context), "to its service only"
    for resource, why in _other_resources(request):
        yield Request(request.action, resource, request.context), why


def _other_resources(request: Request) -> Iterator[tuple[str, str]]:
    if request.resource == "*":
        return
    start, partition, service, region, account, resource = request.resource.split(":", 5)

    def elsewhere(region: str = region, account: str = account, resource: str = resource) -> str:
        return ":".join((start, partition, service, region, account, resource))

    if region:
        yield elsewhere(region=OTHER_REGION), "another region"
    if account:
        other = "888888888888" if account == OTHER_ACCOUNT else OTHER_ACCOUNT
        yield elsewhere(account=other), "another account"
    if service == "s3":
        bucket, _, key = resource.partition("/")
        yield elsewhere(resource=f"{bucket}-2/{key}"), "another bucket"
        yield elsewhere(resource=f"{bucket}/private/{key}"), "another folder"
        yield elsewhere(resource=f"{bucket}/{key.split('/')[0]}/private.csv"), "another object"
        return
    kind, slash, name = _parts(service, resource)
    yield elsewhere(resource=f"{kind}{slash}other-{name}"), "another name"
    if EXECUTION not in name:
        # the part that the definition has, before what AWS makes up
        given = name if service == "iam" else name.split("/")[0]
        longer = f"{given}2{name.removeprefix(given)}"
        yield elsewhere(resource=f"{kind}{slash}{longer}"), "a longer name"
    elif len(name) not in (32, 63):  # of these the prefix may have been cut
        longer = name.replace(f"-{EXECUTION}", f"s-{EXECUTION}")
        yield elsewhere(resource=f"{kind}{slash}{longer}"), "a longer prefix"
    if service == "lambda" and ":" in name:
        yield elsewhere(resource=f"{kind}{slash}{name.split(':')[0]}"), "another version"


def _parts(service: str, resource: str) -> tuple[str, str, str]:
    """The last part of an ARN: its kind, what separates it, and the name."""
    if service == "lambda":
        return "function", ":", resource.removeprefix("function:")
    if service == "emr-serverless":
        return "/applications", "/", resource.removeprefix("/applications/")
    kind, slash, name = resource.partition("/")
    return (kind, slash, name) if slash else ("", "", resource)


def expectations(
    pipeline: str, pipeline_name: str, definition: dict[str, Any]
) -> list[Expectation]:
    """All rows of the pipeline role of a definition: what its execution asks, and what is denied.

    Args:
        pipeline: its key in the module.
        pipeline_name: its name in AWS.
        definition: as the SDK exports it.

    """
    target = Target(pipeline, "pipeline")
    asked = dict(
        reversed(
            [(_frozen(request), (request, why)) for request, why in Execution(definition).calls()]
        )
    )
    denied: dict[Any, tuple[Request, str]] = {}
    # the names of new clusters and applications are AWS's, so those of others are not told apart
    actions = {request.action for request, _ in asked.values()}
    of_any_name = {
        action.split(":")[0]
        for action in ("elasticmapreduce:RunJobFlow", "emr-serverless:CreateApplication")
        if action in actions
    }
    for request, why in asked.values():
        for other, reason in (*neighbours(request), *_never(pipeline_name)):
            any_name = other.action.split(":")[0] in of_any_name and reason.endswith("name")
            if _frozen(other) not in asked and not any_name:
                denied.setdefault(_frozen(other), (other, f"{reason}, beside {why}"))
    return [
        *(Expectation(target, request, True, why) for request, why in asked.values()),
        *(Expectation(target, request, False, why) for request, why in denied.values()),
    ]


def _frozen(request: Request) -> Any:
    return request.action, request.resource, tuple(sorted(request.context.items()))


def _never(pipeline_name: str) -> Iterator[tuple[Request, str]]:
    pipeline = arn("sagemaker", f"pipeline/{pipeline_name}")
    for action in ("DeletePipeline", "StartPipelineExecution", "UpdatePipeline"):
        yield Request(f"sagemaker:{action}", pipeline), "runs steps, not pipelines"
    for role in ("admin", f"{pipeline_name}-pipeline-{REGION}"):
        context = {"iam:PassedToService": "sagemaker.amazonaws.com"}
        yield (
            Request("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{role}", context),
            "no other role",
        )
