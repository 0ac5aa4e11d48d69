"""What every role of the module must be able to do, and what it must not.

The allowed rows follow the permissions that AWS documents for execution roles
(https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html, CreateTrainingJob and
CreateProcessingJob) and for SageMaker Pipelines
(https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html); the denied rows are
what a stolen job, a sibling pipeline or another account would try.

    for expectation in expectations(settings):
        assert expectation.failure(policies) is None

`policies` maps each `Target` to the policies that hold there. `survivors` proves the other
direction: that nothing in the policies is more than the rows need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from policy_evaluation.evaluator import Policy, Request, Statement, allowed

OTHER_ACCOUNT = "999999999999"
OTHER_REGION = "eu-central-1"


class Target(NamedTuple):
    """One set of policies: what a role may do, or who may assume it."""

    pipeline: str
    role: Literal["job", "pipeline", "schedule"]
    policy: Literal["permissions", "trust"] = "permissions"


Policies = Mapping[Target, Sequence[Policy]]


@dataclass(frozen=True)
class Expectation:
    """One row of the matrix; `why` is the reason of the module, not of the test."""

    target: Target
    request: Request
    allowed: bool
    why: str

    def failure(self, policies: Policies) -> str | None:
        """Say what, got and expected, or None when the policies decide as expected."""
        decision = allowed(policies[self.target], self.request)
        if bool(decision) == self.allowed:
            return None
        asked = f"{self.request.action} on {self.request.resource}"
        if self.request.principal:
            asked += f" by {self.request.principal}"
        if self.request.context:
            asked += f" with {dict(self.request.context)}"
        expected = "allowed" if self.allowed else "denied"
        return f"{' '.join(self.target)}: {asked}: got {decision}, expected {expected}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One pipeline of one module instance, in AWS's terms.

    Prefixes are S3 key prefixes without a leading slash, as in the module's s3:// inputs; none may
    contain another, since the rows tell them apart. `more_inputs` and `more_outputs` are prefixes
    of additional ones. `guarded_types` and `longest_seconds` are the guardrails: all instance types
    and any run time without them. `repository` is the image's, in `registry`
    (an account id; None for the pipeline's own). A KMS key is a key ARN. `rules` are the names of
    all EventBridge rules that start the pipeline, `schedule_group` is that of the schedules of
    EventBridge Scheduler that do, and `queue` the ARN of the dead-letter queue.

    Raises ValueError for prefixes that overlap or are empty.
    """

    pipeline: Literal["training", "processing"]
    pipeline_name: str
    bucket: str
    input_prefix: str
    output_prefix: str
    repository: str
    account: str = "123456789012"
    region: str = "us-east-1"
    partition: str = "aws"
    registry: str | None = None
    job_name_prefix: str | None = None
    role_path: str = "/"
    rules: tuple[str, ...] = ()
    schedule_group: str | None = None
    queue: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    kms_key: str | None = None
    volume_kms_key: str | None = None
    checkpoint_prefix: str | None = None
    more_inputs: tuple[str, ...] = ()
    more_outputs: tuple[str, ...] = ()
    mlflow_arn: str | None = None
    guarded_types: tuple[str, ...] = ()
    longest_seconds: int | None = None

    def __post_init__(self) -> None:
        prefixes = [*self.input_prefixes, *self.output_folders, *self.checkpoint_folders]
        for prefix in prefixes:
            if sum(other.startswith(prefix) for other in prefixes) != 1:
                raise ValueError(f"the prefix {prefix!r} contains another: {prefixes}")

    @property
    def input_prefixes(self) -> tuple[str, ...]:
        """Prefixes of all inputs."""
        return (self.input_prefix, *self.more_inputs)

    @property
    def output_folders(self) -> tuple[str, ...]:
        """Prefixes of all outputs as folders: they are written below, whatever they end with."""
        return tuple(
            f"{prefix.rstrip('/')}/" for prefix in (self.output_prefix, *self.more_outputs)
        )

    @property
    def checkpoint_folders(self) -> tuple[str, ...]:
        """Checkpoint prefix as a folder, if there is one."""
        return (self.checkpoint_prefix.rstrip("/") + "/",) if self.checkpoint_prefix else ()

    @property
    def failed_starts(self) -> str:
        """Dead-letter queue, or one that the module was not given."""
        return self.queue or self.arn("sqs", "failed-starts")

    @property
    def jobs(self) -> Literal["Training", "Processing"]:
        """Job type as it stands in the names of actions and log groups."""
        return "Training" if self.pipeline == "training" else "Processing"

    @property
    def sibling(self) -> str:
        """Name of the other pipeline of the same module instance."""
        base = self.pipeline_name.removesuffix(f"-{self.pipeline}")
        return f"{base}-{'processing' if self.pipeline == 'training' else 'training'}"

    def arn(self, service: str, resource: str, **parts: str) -> str:
        """ARN in this partition, region and account, or with another `region` or `account`."""
        region, account = parts.get("region", self.region), parts.get("account", self.account)
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    def s3(self, path: str) -> str:
        """ARN of a bucket, or of an object as bucket/key."""
        return self.arn("s3", path, region="", account="")

    def role_arn(self, name: str, account: str | None = None) -> str:
        """ARN of a role under the role path."""
        resource = f"role{self.role_path}{name}"
        return self.arn("iam", resource, region="", account=account or self.account)

    def role_name(self, role: str, pipeline: str | None = None) -> str:
        """Name of a role; IAM is global, so it has the region. Of names that need no hash."""
        return f"{pipeline or self.pipeline_name}-{role}-{self.region}"

    def job_arn(self, name: str, **parts: str) -> str:
        """ARN of a job of this pipeline's type."""
        return self.arn("sagemaker", f"{self.pipeline}-job/{name}", **parts)

    @property
    def job_name(self) -> str:
        """Name as SageMaker Pipelines makes it: the prefix, the execution, the step, an id."""
        prefix = self.job_name_prefix or self.pipeline_name
        return f"{prefix}-0a1b2c3d4e5f-{self.jobs}-x7Yz9"


def expectations(settings: Settings) -> list[Expectation]:
    """Return all rows of a pipeline: of its roles' permissions and of their trust policies."""
    rows = [*_job(settings), *_pipeline(settings)]
    rows += [*sagemaker_trust(settings, "job"), *sagemaker_trust(settings, "pipeline")]
    if settings.rules or settings.schedule_group:
        rows += [*_schedule(settings), *_schedule_trust(settings)]
    return rows


_Context = Mapping[str, "str | Sequence[str]"]
_Row = Callable[..., Expectation]


def _rows(target: Target) -> tuple[_Row, _Row]:
    """Return the makers of allowed and of denied rows: (action, resource, why, **context)."""

    def row(verdict: bool) -> _Row:
        def make(
            action: str, resource: str, why: str, context: _Context | None = None
        ) -> Expectation:
            return Expectation(target, Request(action, resource, context or {}), verdict, why)

        return make

    return row(True), row(False)


# --- The job role: the user's code ---


def _job(settings: Settings) -> Iterator[Expectation]:
    may, must_not = _rows(Target(settings.pipeline, "job"))
    for table in (_s3, _image, _logs, _network, _keys, _mlflow):
        yield from table(settings, may, must_not)

    names = [settings.role_name(role) for role in ("job", "pipeline", "schedule")]
    for name in [*names, "admin"]:
        context = {"iam:PassedToService": "sagemaker.amazonaws.com"}
        yield must_not(
            "iam:PassRole", settings.role_arn(name), "the user's code passes no role", context
        )
        yield must_not("sts:AssumeRole", settings.role_arn(name), "nor does it become another role")
    for action in ("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"):
        yield must_not(action, settings.role_arn(names[0]), "a job cannot widen its own role")

    job, pipeline = settings.job_arn(settings.job_name), f"pipeline/{settings.pipeline_name}"
    for action in (f"sagemaker:Create{settings.jobs}Job", f"sagemaker:Stop{settings.jobs}Job"):
        yield must_not(action, job, "a job cannot start or stop jobs")
    yield must_not("sagemaker:AddTags", job, "tags are the pipeline role's")
    for action in ("StartPipelineExecution", "UpdatePipeline", "DeletePipeline"):
        yield must_not(
            f"sagemaker:{action}", settings.arn("sagemaker", pipeline), "no job touches a pipeline"
        )
    yield from _starts_stay(settings, must_not)
    yield must_not("sqs:SendMessage", settings.failed_starts, "failed starts are the schedule's")
    yield must_not(
        "secretsmanager:GetSecretValue",
        settings.arn("secretsmanager", "secret:kafka-AbCdEf"),
        "secrets are what the user adds",
    )


def _s3(settings: Settings, may: _Row, must_not: _Row) -> Iterator[Expectation]:
    bucket, s3 = settings.bucket, settings.s3
    read = [f"{prefix.rstrip('/')}/2024/part-0.parquet" for prefix in settings.input_prefixes]
    written = [
        f"{folder}{settings.job_name}/output/model.tar.gz" for folder in settings.output_folders
    ]

    for key in read:
        yield may("s3:GetObject", s3(f"{bucket}/{key}"), "reads the input")
    for key in written:
        yield may("s3:PutObject", s3(f"{bucket}/{key}"), "writes the output")
        yield may("s3:AbortMultipartUpload", s3(f"{bucket}/{key}"), "ends a broken upload")
    listed = [
        *settings.input_prefixes,
        *(f"{prefix.rstrip('/')}/2024/" for prefix in settings.input_prefixes),
        *(part for folder in settings.output_folders for part in (folder.rstrip("/"), folder)),
        *written,
    ]
    for prefix in listed:
        yield may(
            "s3:ListBucket", s3(bucket), "lists its inputs and outputs", {"s3:prefix": prefix}
        )
    for folder in settings.checkpoint_folders:
        for action in ("GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"):
            yield may(f"s3:{action}", s3(f"{bucket}/{folder}state.pt"), "mirrors its checkpoints")
        for prefix in (folder.rstrip("/"), folder, f"{folder}epoch-1/"):
            yield may("s3:ListBucket", s3(bucket), "finds them", {"s3:prefix": prefix})

    # An input is a prefix of keys, so without a slash its siblings are input too: API_S3DataSource
    for source in settings.input_prefixes:
        beside = f"{source.rstrip('/')}-secret/part-0.parquet"
        if source.endswith("/"):
            yield must_not("s3:GetObject", s3(f"{bucket}/{beside}"), "a sibling of the input")
        else:
            yield may("s3:GetObject", s3(f"{bucket}/{beside}"), "S3Prefix without a slash")

    for folder in (*settings.output_folders, *settings.checkpoint_folders):
        beside = f"{folder.rstrip('/')}-old/model.tar.gz"
        yield must_not("s3:PutObject", s3(f"{bucket}/{beside}"), "a sibling of a folder")
        yield must_not("s3:GetObject", s3(f"{bucket}/{beside}"), "a sibling of a folder")
        yield must_not("s3:ListBucket", s3(bucket), "a sibling of a folder", {"s3:prefix": beside})
    for key in written:
        yield must_not("s3:GetObject", s3(f"{bucket}/{key}"), "outputs are written, not read")
    for key in read:
        yield must_not("s3:PutObject", s3(f"{bucket}/{key}"), "inputs are read, not written")
    for key in (*read, *written, *settings.checkpoint_folders):
        for action in ("s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:GetObjectVersion"):
            yield must_not(action, s3(f"{bucket}/{key}"), "neither shares nor looks back")
        yield must_not("s3:PutObject", s3(f"{bucket}/{key.upper()}"), "keys are case-sensitive")
    for key in (*read, *written):
        yield must_not("s3:DeleteObject", s3(f"{bucket}/{key}"), "checkpoints alone are deleted")
    for key in (*read, "elsewhere/data.csv"):
        yield must_not("s3:GetObject", s3(f"{bucket}-other/{key}"), "another bucket")
    for key in (*written, "elsewhere/data.csv"):
        yield must_not("s3:PutObject", s3(f"{bucket}-other/{key}"), "another bucket")
    yield must_not("s3:GetObject", s3(f"{bucket}/elsewhere/data.csv"), "another folder")
    yield must_not("s3:PutObject", s3(f"{bucket}/elsewhere/data.csv"), "another folder")

    yield must_not("s3:ListBucket", s3(bucket), "the whole bucket")
    for prefix in ("", "elsewhere/"):
        yield must_not(
            "s3:ListBucket", s3(bucket), "listing shows its own prefixes", {"s3:prefix": prefix}
        )
    for source in settings.input_prefixes:
        context = {"s3:prefix": source}
        yield must_not("s3:ListBucket", s3(f"{bucket}-other"), "another bucket", context)
    for action in ("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutLifecycleConfiguration"):
        yield must_not(action, s3(bucket), "buckets are infrastructure")
    yield must_not("s3:ListAllMyBuckets", "*", "does not look around")


def _image(settings: Settings, may: _Row, must_not: _Row) -> Iterator[Expectation]:
    account = settings.registry or settings.account
    repository = f"repository/{settings.repository}"
    own = settings.arn("ecr", repository, account=account)
    others = {
        "another repository": settings.arn("ecr", f"{repository}-other", account=account),
        "a repository below": settings.arn("ecr", f"{repository}/base", account=account),
        "another account": settings.arn("ecr", repository, account=OTHER_ACCOUNT),
        "another region": settings.arn("ecr", repository, account=account, region=OTHER_REGION),
    }
    yield may("ecr:GetAuthorizationToken", "*", "logs in to the registry")
    for action in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"):
        yield may(f"ecr:{action}", own, "pulls its image")
        for why, arn in others.items():
            yield must_not(f"ecr:{action}", arn, why)
    for action in ("PutImage", "InitiateLayerUpload", "DeleteRepository", "SetRepositoryPolicy"):
        yield must_not(f"ecr:{action}", own, "images are pulled, not pushed")


def _logs(settings: Settings, may: _Row, must_not: _Row) -> Iterator[Expectation]:
    name = f"/aws/sagemaker/{settings.jobs}Jobs"
    stream = f":log-stream:{settings.job_name}/algo-1-1700000000"

    def group(resource: str, **parts: str) -> str:
        return settings.arn("logs", f"log-group:{resource}", **parts)

    for action in ("logs:CreateLogGroup", "logs:DescribeLogStreams"):
        yield may(action, group(name), "a job fails without, even where the group exists")
        # CloudWatch Logs has asked with and without the empty stream in the group's ARN
        yield may(action, group(f"{name}:log-stream:"), "the same")
        yield must_not(action, group("/aws/lambda/other"), "another log group")
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield may(action, group(f"{name}{stream}"), "writes its log")
        for other in (f"{name}-old", "/aws/sagemaker/TransformJobs", "/aws/lambda/other"):
            yield must_not(action, group(f"{other}{stream}"), "another log group")
        yield must_not(action, group(f"{name}{stream}", account=OTHER_ACCOUNT), "another account")
        yield must_not(action, group(f"{name}{stream}", region=OTHER_REGION), "another region")
    for action in ("logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:GetLogEvents"):
        yield must_not(action, group(name), "logs are written, not read or removed")

    metrics, key = "cloudwatch:PutMetricData", "cloudwatch:namespace"
    yield may(metrics, "*", "publishes its metrics", {key: name})
    yield must_not(metrics, "*", "another namespace", {key: "/aws/sagemaker/Endpoints"})
    yield must_not(metrics, "*", "a namespace below", {key: f"{name}/other"})
    yield must_not(metrics, "*", "no namespace")


_DESCRIBE_NETWORK = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
_ATTACH_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)


def _network(settings: Settings, may: _Row, must_not: _Row) -> Iterator[Expectation]:
    interface = settings.arn("ec2", "network-interface/eni-0a1b2c3d")
    row, why = (may, "attaches to the VPC") if settings.subnets else (must_not, "has no VPC")
    for action in _DESCRIBE_NETWORK:
        yield row(action, "*", why)
    for action in _ATTACH_NETWORK:
        yield row(action, interface, why)

    kinds = {"subnet": settings.subnets, "security-group": settings.security_groups}
    for kind, identifiers in kinds.items():
        for identifier in identifiers:
            arn = settings.arn("ec2", f"{kind}/{identifier}")
            shared = settings.arn("ec2", f"{kind}/{identifier}", account=OTHER_ACCOUNT)
            yield may("ec2:CreateNetworkInterface", arn, "the interface lies in it")
            yield may("ec2:CreateNetworkInterface", shared, "the VPC's owner may share it")
        if settings.pipeline == "training":
            # a processing job takes no restriction, so it has none
            other = settings.arn("ec2", f"{kind}/other-0a1b2c3d")
            yield must_not("ec2:CreateNetworkInterface", other, "another network")
    if settings.pipeline == "training":
        away = settings.arn("ec2", "network-interface/eni-1", account=OTHER_ACCOUNT)
        yield must_not("ec2:DeleteNetworkInterface", away, "another account")
    yield must_not("ec2:ModifyNetworkInterfaceAttribute", interface, "does not rewire")
    yield must_not(
        "ec2:RunInstances", settings.arn("ec2", "instance/i-1"), "no computers of its own"
    )
    yield must_not(
        "ec2:AuthorizeSecurityGroupIngress",
        settings.arn("ec2", "security-group/sg-1"),
        "does not open the network",
    )


def _keys(settings: Settings, may: _Row, must_not: _Row) -> Iterator[Expectation]:
    use = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
    key, volume = settings.kms_key, settings.volume_kms_key
    other = settings.arn("kms", "key/00000000-0000-0000-0000-000000000000")
    for_aws, by_hand = ({"kms:GrantIsForAWSResource": value} for value in ("true", "false"))

    if key:
        for action in (*use, "kms:DescribeKey"):
            yield may(action, key, "objects are encrypted with it")
        yield must_not("kms:ScheduleKeyDeletion", key, "keys are infrastructure")
    if volume:
        yield may("kms:CreateGrant", volume, "volumes are encrypted with it", for_aws)
        yield may("kms:DescribeKey", volume, "volumes are encrypted with it")
        yield must_not("kms:CreateGrant", volume, "no grants of its own", by_hand)
        yield must_not("kms:CreateGrant", volume, "no grants of its own")
        yield must_not("kms:ScheduleKeyDeletion", volume, "keys are infrastructure")
    if key and key != volume:
        yield must_not("kms:CreateGrant", key, "grants are for volumes", for_aws)
    if volume and key != volume:
        for action in use:
            yield must_not(action, volume, "only Amazon EBS uses the volumes' key")
    for action in (*use, "kms:DescribeKey"):
        yield must_not(action, other, "another key")
    yield must_not("kms:CreateGrant", other, "another key", for_aws)


_MLFLOW_DATA = """
    CreateExperiment CreateModelVersion CreateRegisteredModel CreateRun EndTrace FinalizeLoggedModel
    GetDownloadURIForModelVersionArtifacts GetExperiment GetExperimentByName GetLatestModelVersions
    GetLoggedModel GetMetricHistory GetModelVersion GetModelVersionByAlias GetRegisteredModel GetRun
    GetTraceInfo ListArtifacts ListLoggedModelArtifacts LogBatch LogInputs LogLoggedModelParams
    LogMetric LogModel LogOutputs LogParam SearchExperiments SearchLoggedModels SearchModelVersions
    SearchRegisteredModels SearchRuns SearchTraces SetExperimentTag SetLoggedModelTags
    SetModelVersionTag SetRegisteredModelAlias SetRegisteredModelTag SetTag SetTraceTag StartTrace
    TransitionModelVersionStage UpdateModelVersion UpdateRegisteredModel UpdateRun
"""
"""What a tracking client calls: runs, models, their stages and tags, traces; no deletions, no UI
(https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-create-tracking-server-iam.html)."""

_MLFLOW_REFUSED = """
    AccessUI DeleteExperiment DeleteModelVersion DeleteRegisteredModel DeleteRun DeleteTraces
    RenameRegisteredModel RestoreRun UpdateExperiment
"""


def _mlflow(settings: Settings, may: _Row, must_not: _Row) -> Iterator[Expectation]:
    server = settings.arn("sagemaker", "mlflow-tracking-server/other")
    app = settings.arn("sagemaker", "mlflow-app/app-OTHER0000000")
    own = settings.mlflow_arn
    if own and ":mlflow-app/" in own:
        # one action is the whole data plane of an app: mlflow-app-setup-prerequisites-iam
        for action in ("CallMlflowAppApi", "DescribeMlflowApp"):
            yield may(f"sagemaker:{action}", own, "tracks its runs")
        for action in ("CreatePresignedMlflowAppUrl", "DeleteMlflowApp", "UpdateMlflowApp"):
            yield must_not(f"sagemaker:{action}", own, "uses the app, does not manage it")
    elif own:
        yield may("sagemaker:DescribeMlflowTrackingServer", own, "tracks its runs")
        for action in _MLFLOW_DATA.split():
            yield may(f"sagemaker-mlflow:{action}", own, "tracks its runs")
        for action in _MLFLOW_REFUSED.split():
            yield must_not(f"sagemaker-mlflow:{action}", own, "tracking deletes nothing")
        for action in ("CreatePresigned{}Url", "Delete{}", "Stop{}", "Update{}"):
            name = f"sagemaker:{action.format('MlflowTrackingServer')}"
            yield must_not(name, own, "uses the server, does not manage it")
    for action in ("CreateRun", "LogMetric", "SearchRuns"):
        yield must_not(f"sagemaker-mlflow:{action}", server, "another server")
    yield must_not("sagemaker:DescribeMlflowTrackingServer", server, "another server")
    for action in ("CallMlflowAppApi", "DescribeMlflowApp"):
        yield must_not(f"sagemaker:{action}", app, "another app")


# --- The pipeline role: SageMaker Pipelines ---


def _pipeline(settings: Settings) -> Iterator[Expectation]:
    may, must_not = _rows(Target(settings.pipeline, "pipeline"))
    name, jobs = settings.job_name, settings.jobs
    own = settings.job_arn(name)
    others = {
        "another pipeline's job": settings.job_arn(f"{settings.sibling}-0a1b2c3d4e5f-x"),
        "a job without the prefix": settings.job_arn("pipelines-0a1b2c3d4e5f-Train-x7Yz9"),
        "a longer prefix": settings.job_arn(
            f"{settings.job_name_prefix or settings.pipeline_name}2-0a1b2c3d4e5f-x"
        ),
        "another account": settings.job_arn(name, account=OTHER_ACCOUNT),
        "another region": settings.job_arn(name, region=OTHER_REGION),
        "another kind of job": settings.arn("sagemaker", f"transform-job/{name}"),
    }
    create, *actions = [f"sagemaker:{verb}{jobs}Job" for verb in ("Create", "Describe", "Stop")]
    # Pipelines tags every job in the call that creates it, so this is no extra
    for action in (create, *actions, "sagemaker:AddTags"):
        context = _asked(settings) if action == create else {}
        yield may(action, own, "runs its own jobs", context)
        for why, arn in others.items():
            yield must_not(action, arn, why, context)
    yield from _guardrails(settings, create)
    yield must_not("sagemaker:DeleteTags", own, "tags stay")
    other_type = "Processing" if jobs == "Training" else "Training"
    yield must_not(
        f"sagemaker:Create{other_type}Job",
        settings.arn("sagemaker", f"{other_type.lower()}-job/{name}"),
        "the other type of job",
    )

    job_role, key = settings.role_arn(settings.role_name("job")), "iam:PassedToService"
    to_sagemaker = {key: "sagemaker.amazonaws.com"}
    yield may("iam:PassRole", job_role, "jobs run as the job role", to_sagemaker)
    for service in ("ec2.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com"):
        yield must_not("iam:PassRole", job_role, "to SageMaker only", {key: service})
    yield must_not("iam:PassRole", job_role, "to SageMaker only")
    for role in (
        settings.role_name("pipeline"),
        settings.role_name("schedule"),
        f"{settings.role_name('job')}-2",
        settings.role_name("job", settings.sibling),
        "admin",
    ):
        yield must_not("iam:PassRole", settings.role_arn(role), "another role", to_sagemaker)
    away = settings.role_arn(settings.role_name("job"), account=OTHER_ACCOUNT)
    yield must_not("iam:PassRole", away, "another account", to_sagemaker)
    yield must_not("iam:PutRolePolicy", job_role, "passes the role, does not change it")
    yield must_not("sts:AssumeRole", job_role, "passes the role, does not take it")

    for pipeline in (settings.pipeline_name, settings.sibling):
        arn = settings.arn("sagemaker", f"pipeline/{pipeline}")
        for action in ("StartPipelineExecution", "UpdatePipeline", "DeletePipeline"):
            yield must_not(f"sagemaker:{action}", arn, "runs jobs, not pipelines")
    data = settings.s3(f"{settings.bucket}/{settings.input_prefix.rstrip('/')}/part-0.parquet")
    model = settings.s3(f"{settings.bucket}/{settings.output_folders[0]}model.tar.gz")
    yield must_not("s3:GetObject", data, "data is the job role's")
    yield must_not("s3:PutObject", model, "data is the job role's")
    yield must_not("s3:DeleteObject", model, "data is the job role's")
    yield from _starts_stay(settings, must_not)
    yield must_not("sqs:SendMessage", settings.failed_starts, "failed starts are the schedule's")


_TYPES, _SECONDS = "sagemaker:InstanceTypes", "sagemaker:MaxRuntimeInSeconds"
"""Of the request for a job
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerai.html)."""


def _asked(settings: Settings) -> dict[str, str | Sequence[str]]:
    """Context of a request for a job, as large as the guardrails allow."""
    types = settings.guarded_types or ("ml.p5.48xlarge",)
    return {_TYPES: [types[0]], _SECONDS: str(settings.longest_seconds or 2_419_200)}


def _guardrails(settings: Settings, create: str) -> Iterator[Expectation]:
    """Jobs of other instance types, or that may run longer, only without guardrails."""
    may, must_not = _rows(Target(settings.pipeline, "pipeline"))
    own, asked = settings.job_arn(settings.job_name), _asked(settings)
    types, seconds = settings.guarded_types, settings.longest_seconds
    for each in types:
        yield may(create, own, "a type of the guardrails", asked | {_TYPES: [each]})
    yield may(
        create, own, "all types of the guardrails", asked | {_TYPES: [*types, *asked[_TYPES]]}
    )
    yield may(create, own, "a short job", asked | {_SECONDS: "1"})

    row = must_not if types else may
    others = {"another type": ["ml.p4d.24xlarge"], "also another type": [*types, "ml.c5.large"]}
    for why, found in others.items():
        yield row(create, own, why, asked | {_TYPES: found})
    yield row(create, own, "no type", {_SECONDS: asked[_SECONDS]})
    row = must_not if seconds else may
    yield row(create, own, "a second longer", asked | {_SECONDS: str((seconds or 86400) + 1)})
    yield row(create, own, "no run time", {_TYPES: asked[_TYPES]})


def _starts_stay(settings: Settings, must_not: _Row) -> Iterator[Expectation]:
    """No role changes what starts the pipeline, or silences what watches it."""
    for rule in (f"{settings.pipeline_name}-schedule", *settings.rules):
        for action in ("events:PutRule", "events:PutTargets"):
            yield must_not(action, settings.arn("events", f"rule/{rule}"), "rules stay")
    schedule = f"schedule/{settings.schedule_group or 'default'}/nightly"
    for action in ("scheduler:CreateSchedule", "scheduler:UpdateSchedule"):
        yield must_not(action, settings.arn("scheduler", schedule), "schedules stay")
    alarm = settings.arn("cloudwatch", f"alarm:{settings.pipeline_name}-failed")
    for action in ("DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm", "SetAlarmState"):
        yield must_not(f"cloudwatch:{action}", alarm, "alarms stay")


# --- The schedule role: EventBridge ---


def _schedule(settings: Settings) -> Iterator[Expectation]:
    may, must_not = _rows(Target(settings.pipeline, "schedule"))
    start, name = "sagemaker:StartPipelineExecution", f"pipeline/{settings.pipeline_name}"
    own = settings.arn("sagemaker", name)
    yield may(start, own, "starts its pipeline")
    for why, arn in {
        "another pipeline": settings.arn("sagemaker", f"pipeline/{settings.sibling}"),
        "a longer name": settings.arn("sagemaker", f"{name}-2"),
        "another account": settings.arn("sagemaker", name, account=OTHER_ACCOUNT),
        "another region": settings.arn("sagemaker", name, region=OTHER_REGION),
    }.items():
        yield must_not(start, arn, why)
    for action in ("DeletePipeline", "StopPipelineExecution", "UpdatePipeline"):
        yield must_not(f"sagemaker:{action}", own, "starts it, nothing else")
    job = settings.job_arn(settings.job_name)
    yield must_not(f"sagemaker:Create{settings.jobs}Job", job, "jobs are the pipeline role's")
    for role in ("job", "pipeline"):
        yield must_not(
            "iam:PassRole",
            settings.role_arn(settings.role_name(role)),
            "the pipeline has its role already",
            {"iam:PassedToService": "sagemaker.amazonaws.com"},
        )
    yield from _starts_stay(settings, must_not)

    # Scheduler sends what failed with this role, a rule as EventBridge, by the queue's own policy:
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
    queue, send = settings.failed_starts, "sqs:SendMessage"
    row = may if settings.queue and settings.schedule_group else must_not
    yield row(send, queue, "schedules of Scheduler, and only they, keep failed starts with it")
    for why, arn in {
        "another queue": settings.arn("sqs", "orders"),
        "a longer name": f"{queue}-2",
        "another account": queue.replace(settings.account, OTHER_ACCOUNT),
        "another region": queue.replace(settings.region, OTHER_REGION),
    }.items():
        yield must_not(send, arn, why)
    for action in ("DeleteMessage", "PurgeQueue", "ReceiveMessage", "SetQueueAttributes"):
        yield must_not(f"sqs:{action}", queue, "sends, nothing else")


# --- Who may assume the roles ---


def sagemaker_trust(settings: Settings, role: Literal["job", "pipeline"]) -> Iterator[Expectation]:
    """The callers that AWS documents, and the pipeline beside its executions and jobs.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """

    def arn(resource: str, **parts: str) -> str:
        return settings.arn("sagemaker", resource, **parts)

    pipeline, execution = f"pipeline/{settings.pipeline_name}", "execution/0a1b2c3d4e5f"
    sources = [arn(pipeline), arn(f"{pipeline}/{execution}")]
    jobs = [settings.job_arn(settings.job_name)]
    other_job = "processing-job" if settings.pipeline == "training" else "training-job"
    elsewhere = [
        arn(pipeline, account=OTHER_ACCOUNT),
        arn(pipeline, region=OTHER_REGION),
        settings.job_arn(settings.job_name, account=OTHER_ACCOUNT),
        settings.job_arn(settings.job_name, region=OTHER_REGION),
        arn(f"{pipeline}-2"),
        arn(f"pipeline/{settings.sibling}"),
        arn(f"pipeline/{settings.sibling}/{execution}"),
        arn(f"{other_job}/{settings.job_name}"),
        *(
            arn(f"{kind}/somebody-elses")
            for kind in ("notebook-instance", "domain", "model", "endpoint", "transform-job")
        ),
        settings.arn("events", f"rule/{settings.pipeline_name}-schedule"),
    ]
    if role == "job":
        sources += jobs
    else:
        elsewhere += jobs
    yield from _trust(settings, role, "sagemaker.amazonaws.com", sources, elsewhere)


def _schedule_trust(settings: Settings) -> Iterator[Expectation]:
    """Rules by their ARNs, schedules by the ARN of their group, each with its own service.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    name, sibling, group = settings.pipeline_name, settings.sibling, settings.schedule_group
    own_group = group or "default"
    away = ({"account": OTHER_ACCOUNT}, {"region": OTHER_REGION})

    def rule(name: str, **parts: str) -> str:
        return settings.arn("events", f"rule/{name}", **parts)

    def of_scheduler(resource: str, **parts: str) -> str:
        return settings.arn("scheduler", resource, **parts)

    rules = [rule(each) for each in settings.rules]
    groups = [of_scheduler(f"schedule-group/{group}")] if group else []
    other_rules = [
        *(rule(f"{each}-schedule") for each in (name, sibling)),
        *(rule(f"{each}-trigger-new") for each in (name, sibling)),
        *(rule(f"{each}-2") for each in settings.rules),
        *(rule(each, **parts) for each in settings.rules for parts in away),
    ]
    other_groups = [
        *(of_scheduler(f"schedule-group/{each}-schedules") for each in (name, sibling)),
        *(of_scheduler(f"schedule-group/{each}") for each in ("default", f"{own_group}-2")),
        *(of_scheduler(f"schedule-group/{own_group}", **parts) for parts in away),
        of_scheduler(f"schedule/{own_group}/nightly"),  # which Scheduler does not send
    ]
    pipeline = settings.arn("sagemaker", f"pipeline/{name}")
    for service, own, others in (
        ("events.amazonaws.com", rules, [*other_rules, *groups, pipeline]),
        ("scheduler.amazonaws.com", groups, [*other_groups, *rules, pipeline]),
    ):
        elsewhere = [arn for arn in others if arn not in own]
        yield from _trust(settings, "schedule", service, own, elsewhere)


def _trust(
    settings: Settings,
    role: Literal["job", "pipeline", "schedule"],
    service: str,
    sources: Sequence[str],
    elsewhere: Sequence[str],
) -> Iterator[Expectation]:
    """Only the service may assume the role, and only for this account's own `sources`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    target = Target(settings.pipeline, role, "trust")
    first = (*sources, *elsewhere)[0]  # a service that has no source takes the role for none
    own = {"aws:SourceAccount": settings.account, "aws:SourceArn": first}
    assumed = Request("sts:AssumeRole", settings.role_arn(settings.role_name(role)), own, service)

    def must_not(why: str, **changes: Any) -> Expectation:
        return Expectation(target, replace(assumed, **changes), False, why)

    for arn in sources:
        request = replace(assumed, context=own | {"aws:SourceArn": arn})
        yield Expectation(target, request, True, "the service that runs it takes the role")
    foreign = own | {"aws:SourceAccount": OTHER_ACCOUNT}
    yield must_not("on behalf of another account", context=foreign)
    for arn in elsewhere:
        yield must_not("on behalf of another resource", context=own | {"aws:SourceArn": arn})
    for key in own:
        context = {name: value for name, value in own.items() if name != key}
        yield must_not(f"without {key}", context=context)
    for other in ("events", "lambda", "sagemaker", "scheduler"):
        if service != (principal := f"{other}.amazonaws.com"):
            yield must_not("another service", principal=principal)
    for principal in (
        settings.arn("iam", "root", region=""),
        settings.arn("iam", "root", region="", account=OTHER_ACCOUNT),
        settings.role_arn("admin"),
    ):
        yield must_not("no person and no other role", principal=principal)
    yield must_not("nothing but to assume it", action="sts:TagSession")


# --- The other direction: nothing more than the rows need ---


def mutants(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """Yield the policy with one part taken out or one resource made "*", with the part's name.

    A part is a statement, or within one an action, a resource, a condition or a condition's value;
    the last action, resource or value of its list stays, since its removal is that of the whole.
    """
    for index, statement in enumerate(policy.statements):
        name = statement.name
        others = policy.statements[:index], policy.statements[index + 1 :]
        yield name, replace(policy, statements=(*others[0], *others[1]))
        for part, changed in _changed(statement):
            yield f"{name}: {part}", replace(policy, statements=(*others[0], changed, *others[1]))


def _changed(statement: Statement) -> Iterator[tuple[str, Statement]]:
    for action, actions in _each_removed(statement.actions):
        yield action, replace(statement, actions=actions)
    for resource, resources in _each_removed(statement.resources or ()):
        yield resource, replace(statement, resources=resources)
    for resource in statement.resources or ():
        if resource != "*":
            yield f"* for {resource}", replace(statement, resources=("*",))
    for index, condition in enumerate(statement.conditions):
        others = [*statement.conditions[:index], *statement.conditions[index + 1 :]]
        part = f"{condition.operator} {condition.key}"
        yield part, replace(statement, conditions=tuple(others))
        for value, values in _each_removed(condition.values):
            smaller = replace(condition, values=values)
            yield f"{part} {value}", replace(statement, conditions=(*others, smaller))


def _each_removed(values: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if len(values) > 1:
        for index, value in enumerate(values):
            yield value, values[:index] + values[index + 1 :]


def survivors(policies: Policies, rows: Iterable[Expectation]) -> list[str]:
    """Return the mutants of the policies that change no decision of the rows.

    Empty when some row needs every statement, action, resource, condition and value, and some row
    sees every resource widened to "*". The rows must hold for the policies as they are.
    """
    rows = list(rows)
    found: list[str] = []
    for target, documents in policies.items():
        requests = [row.request for row in rows if row.target == target]
        before = [bool(allowed(documents, request)) for request in requests]
        for place, policy in enumerate(documents):
            for part, mutant in mutants(policy):
                changed = [*documents[:place], mutant, *documents[place + 1 :]]
                if all(
                    bool(allowed(changed, request)) == verdict
                    for request, verdict in zip(requests, before, strict=True)
                ):
                    found.append(f"{' '.join(target)}: {part}")
    return found
