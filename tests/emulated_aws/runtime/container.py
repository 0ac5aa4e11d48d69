"""The container of a job: what it does with the job's own role.

No code runs. The container of a script works for a time, writes checkpoints, and leaves objects
that say which job wrote them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import simpy

from emulated_aws.runtime import account
from emulated_aws.runtime.authorization import AccessDenied, Session
from emulated_aws.runtime.kinds import KINDS
from emulated_aws.runtime.records import Execution, Job
from emulated_aws.runtime.script import Failure
from emulated_aws.runtime.world import StepFailed, Wait, World

#: URI of an image in ECR.
ECR_IMAGE = re.compile(
    r"(?P<account>\d+)\.dkr\.ecr(?:-fips)?\.(?P<region>[^.]+)\.[a-z.]+/(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?"
)
_MLFLOW = re.compile(
    r"arn:[^:]+:sagemaker:[^:]+:\d+:mlflow-(?P<kind>tracking-server|app)/[A-Za-z0-9-]+"
)
_TRACKED = ["GetExperimentByName", "CreateRun", "LogParam", "LogMetric", "UpdateRun"]
_NETWORK = ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"]
_INTERFACES = [
    "CreateNetworkInterface",
    "CreateNetworkInterfacePermission",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
]
#: Kinds of jobs that consist of others.
_LOGGED = {"Tuning": "TrainingJob", "AutoML": "TrainingJob"}
_PULL = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"]

_JOB_FAILS = {
    "capacity": (
        "SageMaker.CAPACITY_ERROR",
        "CapacityError: Unable to provision requested ML compute capacity due to InsufficientInsta"
        "nceCapacity error",
    ),
    "internal": (
        "SageMaker.JOB_INTERNAL_ERROR",
        "InternalServerError: We encountered an internal error. Please try again",
    ),
    "algorithm": ("", "AlgorithmError: the container exits with code 1"),
}


class LimitReached(Exception):
    """The job ran, or waited for spot instances, as long as it may."""


def run(
    world: World,
    jobs: Mapping[str, Job],
    progress: MutableMapping[str, timedelta],
    execution: Execution,
    job: Job,
    failure: Failure | None,
) -> Wait:
    """Do the work of a job.

    Args:
        world: that it is in.
        jobs: all of them, by ARN.
        progress: how far the work had come at each checkpoint, by its URI.
        execution: that the job is for.
        job: to work for.
        failure: to happen.

    Raises:
        AccessDenied: the job's role may not do something.
        StepFailed: the job fails.
        LimitReached: it took too long.
        simpy.Interrupt: it was stopped.
    """
    role = world.authorization.assume(job.work.role, "sagemaker", job.arn)
    container = _Container(world, jobs, progress, execution, job, role, failure)
    try:
        yield from container.run()
    except simpy.Interrupt:
        container.save()
        raise


@dataclass
class _Container:
    world: World
    jobs: Mapping[str, Job]
    progress: MutableMapping[str, timedelta]
    execution: Execution
    job: Job
    role: Session
    failure: Failure | None

    def __post_init__(self) -> None:
        self.clock, self.script, self.work = self.world.clock, self.world.script, self.job.work
        self.kind = self.failure.kind if self.failure else ""
        _, self.partition, _, self.region, self.account_id, _ = self.job.arn.split(":", 5)
        self.checkpoints: list[str] = []

    def run(self) -> Wait:
        if self.kind == "capacity":
            raise StepFailed(*reversed(_JOB_FAILS["capacity"]))
        if self.work.longest_wait is not None:
            yield from self.wait_for_spot()
        self.prepare()
        self.read_inputs()
        yield from self.work_on()
        self.save()

    # What happens before the container starts

    def prepare(self) -> None:
        if self.work.volume_key:
            grant = {"kms:GrantIsForAWSResource": "true"}
            self.role.require("kms:CreateGrant", self.work.volume_key, grant)
            self.role.require("kms:DescribeKey", self.work.volume_key)
        self.attach_network()
        for image in self.work.images:
            self.pull_image(image)
        self.write_log()

    def attach_network(self) -> None:
        subnets, groups = self.work.subnets, self.work.security_groups
        if not subnets:
            return
        for what in _NETWORK:
            self.role.require(f"ec2:Describe{what}")
        if unknown := account.unknown_network(self.region, subnets, groups):
            raise StepFailed(f"ClientError: {', '.join(unknown)} does not exist.")
        ec2 = f"arn:{self.partition}:ec2:{self.region}:{self.account_id}"
        for action in _INTERFACES:
            self.role.require(f"ec2:{action}", f"{ec2}:network-interface/eni-1")
        for subnet in subnets:
            self.role.require("ec2:CreateNetworkInterface", f"{ec2}:subnet/{subnet}")
        for group in groups:
            self.role.require("ec2:CreateNetworkInterface", f"{ec2}:security-group/{group}")

    def pull_image(self, uri: str) -> None:
        found = ECR_IMAGE.fullmatch(uri)
        if not found:
            raise StepFailed(
                f"ClientError: Invalid image URI {uri}. Please provide a valid Amazon "
                "Elastic Container Registry path."
            )
        name, region = found["repository"], found["region"]
        arn = f"arn:{self.partition}:ecr:{region}:{found['account']}:repository/{name}"
        try:
            self.role.require("ecr:GetAuthorizationToken")
            for action in _PULL:
                self.role.require(f"ecr:{action}", arn)
        except AccessDenied as error:
            raise StepFailed(
                f"ClientError: Cannot pull {uri}. Please check that the role "
                f"{self.role.role.arn} has proper pull permissions for SageMaker. {error}"
            ) from error
        if found["account"] != self.account_id:
            return  # nobody here can see it
        if not account.repository_exists(region, name):
            raise StepFailed(
                f"ClientError: Cannot find repository {name} in registry ID {found['account']}. "
                "Please check if your ECR repository exists."
            )
        tag = found["tag"] or "latest"
        if not account.image_exists(region, name, tag, found["digest"] or ""):
            raise StepFailed(f"ClientError: Requested image {uri} not found.")

    def write_log(self) -> None:
        group = f"/aws/sagemaker/{_LOGGED.get(self.job.kind, KINDS[self.job.kind].noun)}s"
        stream = f"{self.job.name}/algo-1-{int(self.clock.time.timestamp())}"
        arn = f"arn:{self.partition}:logs:{self.region}:{self.account_id}:log-group:{group}"
        self.role.require("logs:CreateLogGroup", arn)
        self.role.require("logs:CreateLogStream", f"{arn}:log-stream:{stream}")
        self.role.require("logs:PutLogEvents", f"{arn}:log-stream:{stream}")
        self.role.require("logs:DescribeLogStreams", f"{arn}:*")
        images = ", ".join(self.work.images) or "of SageMaker's choice"
        text = f"Emulated AWS runs no code. Image: {images}"
        account.write_log(self.region, group, stream, text, self.clock.time)
        self.role.require("cloudwatch:PutMetricData", context={"cloudwatch:namespace": group})

    # S3

    def read_inputs(self) -> None:
        for uri in self.work.inputs.values():
            objects = self.objects(uri)
            if not objects:
                raise StepFailed(
                    f"ClientError: No S3 objects found under S3 URL {uri} given in input data "
                    "source. Please ensure that the bucket exists in the selected region "
                    f"({self.region}), and that objects exist under that S3 prefix."
                )
            self.job.read += objects
        if self.work.checkpoints:
            self.restore()

    def objects(self, uri: str) -> list[str]:
        """List and read all objects whose URI begins with this one."""
        bucket, prefix = _parts(uri)
        self.check_bucket(bucket)
        arn = f"arn:{self.partition}:s3:::{bucket}"
        try:
            self.role.require("s3:ListBucket", arn, {"s3:prefix": prefix})
            for key in account.keys(bucket, prefix):
                self.role.require("s3:GetObject", f"{arn}/{key}")
                if kms_key := account.kms_key(bucket, key):
                    self.role.require("kms:Decrypt", kms_key)
        except AccessDenied as error:
            raise StepFailed(f"ClientError: Data download failed: {error}") from error
        return [f"s3://{bucket}/{key}" for key in account.keys(bucket, prefix)]

    def restore(self) -> None:
        """Copy the checkpoints into the container: all that the prefix has."""
        assert self.work.checkpoints is not None
        self.checkpoints = self.objects(self.work.checkpoints)
        self.job.restored |= {uri: account.writer(*_parts(uri)) for uri in self.checkpoints}

    def put(self, uri: str, content: Any = None) -> None:
        """Write an object: a JSON document, or what only says which job wrote it."""
        bucket, key = _parts(uri)
        self.check_bucket(bucket)
        arn = f"arn:{self.partition}:s3:::{bucket}/{key}"
        try:
            self.role.require("s3:PutObject", arn)
            if self.work.output_key:
                self.role.require("kms:GenerateDataKey", self.work.output_key)
        except AccessDenied as error:
            raise StepFailed(f"ClientError: Data upload failed: {error}") from error
        if writer := account.writer(bucket, key):
            self.job.overwrote[uri] = writer
        text = None if content is None else json.dumps(content)
        account.put(bucket, key, self.job.arn, text, kms_key=self.work.output_key)
        if uri not in self.job.wrote:
            self.job.wrote.append(uri)

    def check_bucket(self, bucket: str) -> None:
        if account.bucket(bucket) is None:
            raise StepFailed(f"ClientError: NoSuchBucket: The bucket {bucket} does not exist.")

    # The container

    def work_on(self) -> Wait:
        """Let the container work; interrupted, it goes on from its last checkpoint."""
        spot = self.work.longest_wait is not None
        interrupted = self.failure if self.kind == "interruption" and spot else None
        interruptions = interrupted.times if interrupted else 0
        duration = self.script.duration(self.execution.pipeline, self.job.kind)
        self.track_with_mlflow()
        if self.work.continuous:
            self.save()
        while True:
            done = self.done()
            left = duration - done
            fails = self.kind in ("algorithm", "internal")
            span = left / 2 if fails or interruptions else left
            if self.kind == "hang":
                span = timedelta.max
            if span > (limit := self.work.longest - self.job.ran):
                yield from self.train(done, limit)
                if self.job.kind in ("Training", "Tuning"):  # gets SIGTERM and two minutes
                    self.save()
                raise LimitReached(_limit("MaxRuntimeExceeded", self.work.longest))
            yield from self.train(done, span)
            if fails:
                raise StepFailed(*reversed(_JOB_FAILS[self.kind]))
            if not interruptions:
                return
            interruptions -= 1
            self.job.interruptions += 1
            yield from self.wait_for_spot()
            if self.work.checkpoints:
                self.restore()

    def train(self, done: timedelta, span: timedelta) -> Wait:
        """Work for ``span``, and write checkpoints."""
        every, end = self.script.checkpoint_every, done + span
        while self.work.checkpoints and (due := (done // every + 1) * every) <= end:
            yield from self.pass_time(due - done)
            done = due
            self.write_checkpoint(done)
        yield from self.pass_time(end - done)

    def pass_time(self, span: timedelta) -> Wait:
        start = self.clock.time
        try:
            yield self.clock.wait(span)
        finally:
            self.job.ran += self.clock.time - start

    def write_checkpoint(self, done: timedelta) -> None:
        """Write one, and delete what the container no longer keeps: SageMaker mirrors that."""
        assert self.work.checkpoints is not None
        newest = max((_number(uri) for uri in self.checkpoints), default=0)
        uri = f"{self.work.checkpoints}checkpoint-{newest + 1:06}"
        self.put(uri)
        self.progress[uri] = done
        self.checkpoints.append(uri)
        while len(self.checkpoints) > self.script.keep_checkpoints:
            oldest = min(self.checkpoints, key=_number)
            bucket, key = _parts(oldest)
            self.role.require("s3:DeleteObject", f"arn:{self.partition}:s3:::{bucket}/{key}")
            account.delete(bucket, key)
            self.checkpoints.remove(oldest)
            self.job.deleted.append(oldest)

    def done(self) -> timedelta:
        """How far the last checkpoint of this execution is; others are a start, no progress."""
        own = [
            self.progress[uri]
            for uri in self.checkpoints
            if (job := self.jobs.get(account.writer(*_parts(uri))))
            and any(job is other for other in self.execution.jobs)
        ]
        return max(own, default=timedelta())

    def wait_for_spot(self) -> Wait:
        assert self.work.longest_wait is not None, "interruptions are of spot jobs"
        left = self.job.created + self.work.longest_wait - self.clock.time
        yield self.clock.wait(min(self.script.spot_wait, left))
        if self.script.spot_wait > left:
            raise LimitReached(_limit("MaxWaitTimeExceeded", self.work.longest_wait))

    def track_with_mlflow(self) -> None:
        """Do what the MLflow client does; servers of others need no permission."""
        uri = self.work.environment.get("MLFLOW_TRACKING_URI", "")
        found = _MLFLOW.fullmatch(uri)
        if uri and self.work.isolated:
            raise StepFailed(f"AlgorithmError: without a network, the container reaches no {uri}")
        if not found:
            return
        server = found["kind"] == "tracking-server"
        actions: Iterable[str] = (
            ["sagemaker:DescribeMlflowTrackingServer", *(f"sagemaker-mlflow:{a}" for a in _TRACKED)]
            if server
            else ["sagemaker:DescribeMlflowApp", "sagemaker:CallMlflowAppApi"]
        )
        for action in actions:
            try:
                self.role.require(action, uri)
            except AccessDenied as error:
                raise StepFailed(f"AlgorithmError: {error}") from error

    def save(self) -> None:
        """Write the outputs, and the files that the script says."""
        for uri in self.work.outputs:
            self.put(uri)
        for path, content in self.script.files.get(self.job.step, {}).items():
            output, _, file = path.partition("/")
            self.put(f"{self.work.folders[output]}/{file}", content)


def _limit(reason: str, limit: timedelta) -> str:
    return f"{reason}: The job was stopped after {limit.total_seconds():.0f} seconds."


def _parts(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _number(uri: str) -> int:
    found = re.search(r"(\d+)$", uri)
    return int(found[1]) if found else 0
