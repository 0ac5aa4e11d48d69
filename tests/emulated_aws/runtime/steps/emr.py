"""EMR steps, on clusters that there are or that they create, and EMRServerless steps.

The calls are those of the managed policy AmazonSageMakerPipelinesIntegrations
(https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-pipelines.html). It says
nothing of EMR Serverless, so that its calls are those of EMR Serverless's own API (assumed).
Clusters and applications that a definition names exist.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import simpy

from emulated_aws.runtime.steps.attempt import Attempt
from emulated_aws.runtime.world import StepFailed, Wait

_STEP_RULE = "rule/SageMakerPipelineExecutionEMRStepStatusUpdateRule"
_CLUSTER_RULE = "rule/SageMakerPipelineExecutionEMRClusterStatusUpdateRule"
#: Members of RunJobFlow that name a role, to the service that gets it.
_ROLES = {
    "ServiceRole": "elasticmapreduce",
    "JobFlowRole": "ec2",
    "AutoScalingRole": "application-autoscaling",
}


def run(attempt: Attempt) -> Wait:
    """Run a step of a cluster, one that exists or one of its own.

    Raises:
        StepFailed: it could not be started, or failed.
        simpy.Interrupt: it was stopped.
    """
    cluster = attempt.arguments.get("ClusterConfig")
    rule = attempt.arn("events", _CLUSTER_RULE if cluster else _STEP_RULE)
    for action in ("DescribeRule", "PutRule", "PutTargets"):
        attempt.invoke(f"events:{action}", rule)
    if cluster:
        yield from _on_new_cluster(attempt, cluster)
    else:
        yield from _on_cluster(attempt, attempt.arguments["ClusterId"])


def _on_cluster(attempt: Attempt, name: str) -> Wait:
    cluster = attempt.arn("elasticmapreduce", f"cluster/{name}")
    role = attempt.arguments.get("ExecutionRoleArn")
    action = "elasticmapreduce:AddJobFlowSteps"
    attempt.invoke(action, cluster, {"elasticmapreduce:ExecutionRoleArn": role} if role else {})
    attempt.fail_request(action)
    _started(attempt, name)
    attempt.invoke("elasticmapreduce:DescribeStep", cluster)
    try:
        yield from _work(attempt)
    except simpy.Interrupt:
        attempt.invoke("elasticmapreduce:CancelSteps", cluster)
        raise


def _on_new_cluster(attempt: Attempt, config: Mapping[str, Any]) -> Wait:
    """The cluster ends with its only step."""
    attempt.invoke("elasticmapreduce:RunJobFlow")
    for member, service in _ROLES.items():
        if named := config.get(member):
            role = f"arn:{attempt.partition}:iam::{attempt.account_id}:role/{named}"
            attempt.pass_role(named if named.startswith("arn:") else role, service)
    name = f"j-{_token(attempt, 'cluster')}"
    cluster = attempt.arn("elasticmapreduce", f"cluster/{name}")
    if config.get("Tags"):
        attempt.invoke("elasticmapreduce:AddTags", cluster)
    attempt.fail_request("elasticmapreduce:RunJobFlow")
    _started(attempt, name)
    for action in ("DescribeCluster", "ListSteps", "DescribeStep"):
        attempt.invoke(f"elasticmapreduce:{action}", cluster)
    try:
        yield from _work(attempt)
    finally:
        attempt.invoke("elasticmapreduce:TerminateJobFlows", cluster)


def _started(attempt: Attempt, cluster: str) -> None:
    step_id = f"s-{_token(attempt, 'step')}"
    name = f"{attempt.execution.id}-{attempt.step.name}"
    ids = {"ClusterId": cluster, "StepId": step_id, "StepName": name}
    attempt.step.metadata = {"EMR": ids}
    config = attempt.arguments["StepConfig"]["HadoopJarStep"]
    attempt.step.properties = {"Id": step_id, "Name": name, "Config": config, **ids}


def run_serverless(attempt: Attempt) -> Wait:
    """Run a job of an application, one that exists or one of its own.

    Raises:
        StepFailed: it could not be started, or failed.
        simpy.Interrupt: it was stopped.
    """
    config = attempt.arguments.get("ApplicationConfig")
    name = attempt.arguments.get("ApplicationId") or f"00{_token(attempt, 'application').lower()}"
    application = attempt.arn("emr-serverless", f"/applications/{name}")
    if config:
        attempt.invoke("emr-serverless:CreateApplication")
        for action in ("GetApplication", "StartApplication"):
            attempt.invoke(f"emr-serverless:{action}", application)
    try:
        yield from _job_run(attempt, name, application)
    finally:
        if config:
            for action in ("StopApplication", "DeleteApplication"):
                attempt.invoke(f"emr-serverless:{action}", application)


def _job_run(attempt: Attempt, name: str, application: str) -> Wait:
    attempt.invoke("emr-serverless:StartJobRun", application)
    attempt.pass_role(attempt.arguments["ExecutionRoleArn"], "emr-serverless")
    attempt.fail_request("emr-serverless:StartJobRun")
    run_id = f"00{_token(attempt, 'run').lower()}"
    job_run = f"{application}/jobruns/{run_id}"
    called = attempt.arguments["JobConfig"].get("name", attempt.step.name)
    ids = {"ApplicationId": name, "JobRunId": run_id, "JobRunName": called}
    attempt.step.metadata = {"EMRServerless": ids}
    attempt.invoke("emr-serverless:GetJobRun", job_run)
    try:
        yield from _work(attempt)
    except simpy.Interrupt:
        attempt.invoke("emr-serverless:CancelJobRun", job_run)
        raise
    found = {"applicationId": name, "jobRunId": run_id, "name": called, "state": "SUCCESS"}
    attempt.step.properties = {"jobRun": found}


def _work(attempt: Attempt) -> Wait:
    clock, step = attempt.world.clock, attempt.step
    if attempt.kind == "hang":
        yield clock.event()
    yield clock.wait(attempt.script.duration(attempt.execution.pipeline, step.kind))
    if attempt.kind in ("algorithm", "internal"):
        raise StepFailed(f"ClientError: {step.metadata} failed: it exits with an error")


def _token(attempt: Attempt, what: str) -> str:
    text = f"{attempt.execution.arn}/{attempt.step.name}/{attempt.step.attempts}/{what}"
    return hashlib.sha256(text.encode()).hexdigest()[:12].upper()
