"""What an execution did, as boto3 tells it, in words that do not depend on account and region.

Made of an execution on a real account and of the same one on emulated AWS, two observations say
whether emulated AWS does what AWS does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import definitions
from verification import Client, pages

#: What was looked at, such as "Training: RoleArn", to what was seen.
Observation = dict[str, Any]

#: One thing that was seen: what, and its value.
Seen = Iterator[tuple[str, Any]]

_REFERENCES = {"Get", "Std:Join"}


def observe(client: Client, execution_arn: str) -> Observation:
    """Look at an execution that has ended, and at what its jobs left.

    Args:
        client: makes boto3 clients of the account and region.
        execution_arn: of the execution; its pipeline must not have changed since.
    """
    sagemaker = client("sagemaker")
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution_arn)
    pipeline_arn, _, execution = execution_arn.partition("/execution/")
    pipeline = sagemaker.describe_pipeline(PipelineName=pipeline_arn.rpartition("/")[2])
    definition = json.loads(pipeline["PipelineDefinition"])
    arguments = {step["Name"]: step["Arguments"] for step in definitions.steps(definition)}
    seen = {
        "status": described["PipelineExecutionStatus"],
        "failure": _kind(described.get("FailureReason")),
    }
    steps = pages(
        sagemaker,
        "list_pipeline_execution_steps",
        "PipelineExecutionSteps",
        PipelineExecutionArn=execution_arn,
        SortOrder="Ascending",
    )
    words = {name: f"<job of {step}>" for step, name in _jobs_of(steps)}
    for step in steps:
        name = step["StepName"]
        seen |= {f"{name}: {what}": value for what, value in _step(client, step, arguments[name])}
    _, _, _, region, account, _ = execution_arn.split(":", 5)
    words |= {execution: "<execution>", account: "<account>", region: "<region>"}
    observation: Observation = _plain(seen, words)
    return observation


def compare(real: Observation, rehearsed: Observation) -> list[str]:
    """A line for each difference."""
    return [
        f"{what}: got {real.get(what)!r}, expected {rehearsed.get(what)!r}"
        for what in rehearsed | real
        if real.get(what) != rehearsed.get(what)
    ]


def _step(client: Client, step: Mapping[str, Any], arguments: Mapping[str, Any]) -> Seen:
    yield "status", step["StepStatus"]
    yield "attempts", step["AttemptCount"]
    yield "failure", _kind(step.get("FailureReason"))
    yield "from the cache", "CacheHitResult" in step
    metadata = step.get("Metadata", {})
    for kind in ("Training", "Processing"):
        if job := metadata.get(f"{kind}Job"):
            yield from _job(client, kind, job["Arn"], arguments)
    if condition := metadata.get("Condition"):
        yield "outcome", condition["Outcome"]
    if package := metadata.get("RegisterModel"):
        found = client("sagemaker").describe_model_package(ModelPackageName=package["Arn"])
        yield from _request(arguments, found, ())


def _jobs_of(steps: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Names of steps, and of their jobs, which other steps may refer to."""
    for step in steps:
        for kind in ("Training", "Processing"):
            if job := step.get("Metadata", {}).get(f"{kind}Job"):
                yield step["StepName"], job["Arn"].rpartition("/")[2]


def _job(client: Client, kind: str, arn: str, arguments: Mapping[str, Any]) -> Seen:
    """The request, as far as the definition sets it: AWS adds defaults. Then what is left."""
    sagemaker, member = client("sagemaker"), f"{kind}JobName"
    describe = getattr(sagemaker, f"describe_{kind.lower()}_job")
    described = describe(**{member: arn.rpartition("/")[2]})
    name = described[member]
    yield "job's name", f"{name.rpartition('-')[0]}-<random>"
    tags = {
        tag["Key"]: tag["Value"] for tag in pages(sagemaker, "list_tags", "Tags", ResourceArn=arn)
    }
    for tag in arguments.get("Tags", []):
        yield f"tag {tag['Key']}", tags.get(tag["Key"])
    asked = {key: value for key, value in arguments.items() if key not in (member, "Tags")}
    for what, value in (
        *_request(asked, described, ()),
        *(_model(client, described) if kind == "Training" else _folders(client, described)),
    ):
        yield what, _plain(value, {name: "<job>"})
    yield "has a log", _has_log(client("logs"), f"/aws/sagemaker/{kind}Jobs", f"{name}/")


def _request(arguments: Any, described: Any, path: tuple[str, ...]) -> Seen:
    """What AWS says of each value that the arguments have or refer to."""
    items: Any = ()
    if isinstance(arguments, dict) and not _REFERENCES & arguments.keys():
        items = arguments.items()
    elif isinstance(arguments, list):
        items = enumerate(arguments)
    else:
        yield ".".join(path), described
    for key, value in items:
        try:
            inner = described[key]
        except (KeyError, IndexError, TypeError):
            inner = None
        yield from _request(value, inner, (*path, str(key)))


def _model(client: Client, described: Mapping[str, Any]) -> Seen:
    """The model; containers of others may leave more."""
    below = described["OutputDataConfig"]["S3OutputPath"]
    found = [uri for uri in _objects(client, below) if described["TrainingJobName"] in uri]
    yield "model", [uri for uri in found if uri.endswith("/model.tar.gz")]


def _folders(client: Client, described: Mapping[str, Any]) -> Seen:
    """The folders that have objects; each container names its files in its own way."""
    for output in described.get("ProcessingOutputConfig", {}).get("Outputs", []):
        found = _objects(client, output["S3Output"]["S3Uri"])
        folders = sorted({uri.rpartition("/")[0] for uri in found})
        yield f"folders of output {output['OutputName']}", folders


def _objects(client: Client, uri: str) -> list[str]:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    found = pages(client("s3"), "list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix)
    return [f"s3://{bucket}/{item['Key']}" for item in found]


def _has_log(logs: Any, group: str, prefix: str) -> bool:
    try:
        found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)
    except logs.exceptions.ResourceNotFoundException:
        return False
    return bool(found["logStreams"])


def _kind(reason: str | None) -> str | None:
    """The part of a reason that stays the same, such as "AlgorithmError"."""
    return reason.partition(":")[0] if reason else None


def _plain(value: Any, placeholders: Mapping[str, str]) -> Any:
    text = json.dumps(value, default=str)
    for found, placeholder in placeholders.items():
        text = text.replace(found, placeholder)
    return json.loads(re.sub(r"\barn:aws[a-z-]*:", "arn:<partition>:", text))
