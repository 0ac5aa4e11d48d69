"""Every type of step, through IAM, and how steps go together."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulated_aws import shapes
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime import graph
from emulated_aws.runtime.kinds import KINDS
from emulated_aws.runtime.records import Execution, Step
from emulated_aws.runtime.script import Failure, Script
from emulated_aws.samples import ACCOUNT, trust
from emulated_aws.step_samples import REPORT, SAMPLES, Sample
from emulated_aws.surroundings import arrange

START = datetime(2026, 12, 1, tzinfo=timezone.utc)
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/sample"
EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
Make = Callable[..., EmulatedAWS]


@pytest.fixture
def account(double: EmulatedAWS) -> Make:
    """Makes a pipeline of some steps, whose role has some statements."""

    def make(steps: list[dict[str, Any]], statements: Iterable[Any] = EVERYTHING) -> EmulatedAWS:
        double.reset()
        double.runtime.reset(START)
        iam = double.client("iam")
        for role, document in {"job": EVERYTHING, "pipeline": [*statements]}.items():
            trusted = trust("sagemaker.amazonaws.com")
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=trusted)
            iam.put_role_policy(RoleName=role, PolicyName="only", PolicyDocument=policy(document))
        double.client("sagemaker").create_pipeline(
            PipelineName="sample",
            PipelineDisplayName="sample",
            PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": steps}),
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/pipeline",
            ClientRequestToken="0" * 32,
        )
        arrange(double)
        bucket, _, key = REPORT.removeprefix("s3://").partition("/")
        s3 = double.client("s3")
        if bucket not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=key, Body=json.dumps({"metrics": {"mse": {"value": 5}}}))
        return double

    return make


NOTHING = {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}


def policy(found: list[Any], last: Any = NOTHING) -> str:
    """A document, which must have a statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [*found, last]})


def statements(calls: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """A statement for each call."""
    return [
        {"Effect": "Allow", "Action": action, "Resource": forms(action, short)}
        for action, short in calls
    ]


def forms(action: str, short: str) -> list[str]:
    """The ARN of a resource, and in lower case, as SageMaker may have it."""
    if short == "*" or short.startswith("arn:"):
        return [short]
    service = action.partition(":")[0]
    prefix = f"arn:aws:{service}:us-east-1:{ACCOUNT}:"
    return list(dict.fromkeys([f"{prefix}{short}", f"{prefix}{short.lower()}"]))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_step_needs_its_calls_and_no_others(name: str, account: Make) -> None:
    sample = SAMPLES[name]
    aws = account([sample.step], statements(sample.calls))
    execution = aws.runtime.run(ARN)
    assert (execution.status, [step.reason for step in execution.steps]) == ("Succeeded", [""])
    assert aws.runtime.authorization.denied == []


EACH_CALL = [
    (name, index, action)
    for name, sample in SAMPLES.items()
    for index, (action, _) in enumerate(sample.calls)
]


@pytest.mark.parametrize(("name", "index", "action"), EACH_CALL)
def test_a_step_fails_without_one_of_its_calls(
    name: str, index: int, action: str, account: Make
) -> None:
    sample = SAMPLES[name]
    left = [call for place, call in enumerate(sample.calls) if place != index]
    (step,) = account([sample.step], statements(left)).runtime.run(ARN).steps
    assert step.status == "Failed"
    assert f"is not authorized to perform: {action} on resource" in step.reason


STOPPED = [name for name, sample in SAMPLES.items() if sample.stop]


@pytest.mark.parametrize("name", STOPPED)
@pytest.mark.parametrize("may", [True, False])
def test_a_step_is_stopped(name: str, may: bool, account: Make) -> None:
    sample = SAMPLES[name]
    aws = account([sample.step], statements([*sample.calls, *(sample.stop if may else ())]))
    execution = started(aws)
    execution_arn = {"PipelineExecutionArn": execution.arn}
    aws.client("sagemaker").stop_pipeline_execution(**execution_arn, ClientRequestToken="1" * 32)
    aws.runtime.advance(timedelta(minutes=1))
    ((action, _),) = sample.stop
    denied = aws.runtime.authorization.denied
    if may:
        assert (execution.status, denied) == ("Stopped", [])
    else:
        assert any(f"perform: {action} on" in message for message in denied)


def started(aws: EmulatedAWS) -> Execution:
    execution = aws.runtime.start(ARN)
    aws.runtime.advance(timedelta(seconds=30))
    assert execution.ended is None
    return execution


# Guardrails

LIMITED = ("Training", "Processing", "Tuning", "Transform", "QualityCheck")


def limits(types: list[str] | None = None, seconds: int | None = None) -> dict[str, Any]:
    """Conditions on what a job may cost."""
    found: dict[str, Any] = {"Null": {}}
    if types:
        found["ForAllValues:StringEquals"] = {"sagemaker:InstanceTypes": types}
        found["Null"]["sagemaker:InstanceTypes"] = "false"
    if seconds:
        found["NumericLessThanEquals"] = {"sagemaker:MaxRuntimeInSeconds": str(seconds)}
        found["Null"]["sagemaker:MaxRuntimeInSeconds"] = "false"
    return found


def guarded(sample: Sample, conditions: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        statement | ({"Condition": conditions} if ":Create" in statement["Action"] else {})
        for statement in statements(sample.calls)
    ]


@pytest.mark.parametrize(
    ("name", "conditions", "allowed"),
    [
        *((name, limits(["ml.m5.xlarge", "ml.m5.large"]), True) for name in LIMITED),
        *((name, limits(["ml.m5.large"]), False) for name in LIMITED),
        *((name, limits(seconds=7200), name != "Transform") for name in LIMITED),
        *((name, limits(seconds=7199), False) for name in LIMITED),
        # neither says of what kind its instances are
        ("AutoML", limits(["ml.m5.xlarge"]), False),
        ("Model", limits(["ml.m5.xlarge"]), False),
    ],
)
def test_guardrails(name: str, conditions: dict[str, Any], allowed: bool, account: Make) -> None:
    sample = SAMPLES[name]
    (step,) = account([sample.step], guarded(sample, conditions)).runtime.run(ARN).steps
    assert (step.status == "Succeeded") is allowed
    assert ("is not authorized to perform: sagemaker:Create" in step.reason) is not allowed


def test_guardrails_are_of_the_request_that_creates_and_of_no_other(account: Make) -> None:
    sample = SAMPLES["Training"]
    everywhere = [one | {"Condition": limits(["ml.m5.xlarge"])} for one in statements(sample.calls)]
    (step,) = account([sample.step], everywhere).runtime.run(ARN).steps
    assert "is not authorized to perform: sagemaker:AddTags on" in step.reason


def test_guardrails_count_all_groups_of_instances(account: Make) -> None:
    groups = [
        {"InstanceGroupName": name, "InstanceType": kind, "InstanceCount": 2}
        for name, kind in {"a": "ml.m5.xlarge", "b": "ml.p3.2xlarge"}.items()
    ]
    resources = {"InstanceGroups": groups, "VolumeSizeInGB": 30}
    sample = SAMPLES["Training"]
    sample = sample._replace(step=changed(sample, ResourceConfig=resources))
    may = guarded(sample, limits(["ml.m5.xlarge", "ml.p3.2xlarge"]))
    execution = account([sample.step], may).runtime.run(ARN)
    assert execution.status == "Succeeded"
    assert execution.jobs[0].instance_hours == 4 * 2
    may = guarded(sample, limits(["ml.m5.xlarge"]))
    (step,) = account([sample.step], may).runtime.run(ARN).steps
    assert "is not authorized to perform: sagemaker:CreateTrainingJob on" in step.reason


def test_who_registers_cannot_approve(account: Make) -> None:
    sample = SAMPLES["RegisterModel"]
    condition = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    may = [
        one | ({"Condition": condition} if one["Action"].endswith("CreateModelPackage") else {})
        for one in statements(sample.calls)
    ]
    assert account([sample.step], may).runtime.run(ARN).status == "Succeeded"
    (step,) = account([changed(sample, ModelApprovalStatus="Approved")], may).runtime.run(ARN).steps
    assert "is not authorized to perform: sagemaker:CreateModelPackage on" in step.reason


def changed(sample: Sample, **arguments: Any) -> dict[str, Any]:
    step = copy.deepcopy(sample.step)
    step["Arguments"] |= arguments
    return step


# Names


@pytest.mark.parametrize(
    ("name", "arguments", "start"),
    [
        ("Training", {"TrainingJobName": "mine"}, "mine-<id>-"),
        ("Transform", {"TransformJobName": "mine"}, "mine-<id>-"),
        ("Tuning", {"HyperParameterTuningJobName": "mine"}, "mine-<id>-"),
        ("Tuning", {"HyperParameterTuningJobName": "churn-tuning"}, "churn-tu-<id>-"),
        ("Tuning", {}, "<id>-The-Tuni-"),
        ("AutoML", {"AutoMLJobName": None}, "<id>-The-Auto-"),
        ("Processing", {"ProcessingJobName": "mine"}, "mine-<id>-"),
        ("Processing", {}, "pipelines-<id>-The-Processing-"),
        ("QualityCheck", {}, "pipelines-<id>-The-QualityCheck-"),
    ],
)
def test_names_of_jobs(name: str, arguments: dict[str, Any], start: str, account: Make) -> None:
    step = changed(SAMPLES[name], **arguments)
    step["Arguments"] = {key: value for key, value in step["Arguments"].items() if value}
    (job,) = (execution := account([step]).runtime.run(ARN)).jobs
    assert job.name.startswith(start.replace("<id>", execution.id))
    assert len(job.name) <= KINDS[name].longest


# How steps go together


def named(name: str, kind: str = "Lambda", **members: Any) -> dict[str, Any]:
    return SAMPLES[kind].step | {"Name": name, **members}


def condition(
    name: str, left: Any, *, then: list[Any], otherwise: list[Any], **members: Any
) -> dict[str, Any]:
    arguments = {
        "Conditions": [{"Type": "Equals", "LeftValue": left, "RightValue": 1}],
        "IfSteps": then,
        "ElseSteps": otherwise,
    }
    return {"Name": name, "Type": "Condition", "Arguments": arguments, **members}


def names(execution: Execution) -> list[str]:
    return [step.name for step in execution.steps]


@pytest.mark.parametrize(("left", "chosen"), [(1, ["A", "C"]), (2, ["B"])])
def test_only_the_chosen_branch_runs(left: int, chosen: list[str], account: Make) -> None:
    steps = [
        named("After", DependsOn=["Decide"]),
        condition(
            "Decide",
            left,
            then=[named("C", DependsOn=["A"]), named("A")],
            otherwise=[named("B")],
            DependsOn=["Before"],
        ),
        named("Before"),
    ]
    execution = account(steps).runtime.run(ARN)
    assert execution.status == "Succeeded"
    assert [name for name in names(execution) if name != "After"] == ["Before", "Decide", *chosen]
    assert names(execution).index("After") > names(execution).index("Decide")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"Outer": True, "Inner": True}, {"A", "D", "AfterD", "AfterE", "AfterOuter"}),
        ({"Outer": True, "Inner": False}, {"A", "C", "AfterOuter"}),
        ({"Outer": False}, {"B", "AfterOuter"}),
    ],
)
def test_branches_in_branches(outcomes: dict[str, bool], expected: set[str]) -> None:
    """What refers to a step that does not run does not run, and what waits for that."""
    d = {"x": {"Get": "Steps.D.OutputParameters['endpoint']"}}
    inner = condition("Inner", 1, then=[named("D")], otherwise=[named("C")], DependsOn=["A"])
    steps = [
        named("AfterE", DependsOn=["AfterD"]),
        named("AfterD", Arguments=d),
        condition("Outer", 1, then=[inner, named("A")], otherwise=[named("B")]),
        named("AfterOuter", DependsOn=["Outer"]),
    ]
    skipped: set[str] = set()
    order: list[str] = []
    for node in graph.ordered(graph.nodes(steps)):
        runs = graph.runs(node, outcomes, skipped)
        (order.append if runs else skipped.add)(node.content["Name"])
    assert set(order) - outcomes.keys() == expected
    assert order[0] == "Outer"
    for first, second in [("A", "Inner"), ("Inner", "C"), ("Inner", "D"), ("D", "AfterD")]:
        assert second not in order or order.index(first) < order.index(second)


def test_a_step_waits_for_those_that_it_refers_to(account: Make) -> None:
    sample = SAMPLES["Transform"].step["Arguments"]
    transform = changed(SAMPLES["Transform"], ModelName={"Get": "Steps.The-Model.ModelName"})
    model = changed(
        SAMPLES["Model"],
        PrimaryContainer={
            "Image": SAMPLES["Model"].step["Arguments"]["PrimaryContainer"]["Image"],
            "ModelDataUrl": {"Get": "Steps.The-Training.ModelArtifacts.S3ModelArtifacts"},
        },
    )
    training = SAMPLES["Training"].step
    execution = account([transform, model, training]).runtime.run(ARN)
    assert [step.reason for step in execution.steps] == ["", "", ""]
    assert names(execution) == ["The-Training", "The-Model", "The-Transform"]
    trained, transformed = execution.jobs
    assert trained.wrote[0] in transformed.read
    assert transformed.wrote[0].startswith(sample["TransformOutput"]["S3OutputPath"])


def evaluated(path: str = "metrics.mse.value") -> list[dict[str, Any]]:
    """A processing step with a property file, and a step that decides by it."""
    file = {
        "PropertyFileName": "Evaluation",
        "OutputName": "report",
        "FilePath": "evaluation.json",
    }
    get = {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.The-Processing.PropertyFiles.Evaluation"},
            "Path": path,
        }
    }
    decide = condition("Decide", get, then=[named("Good")], otherwise=[named("Bad")])
    return [decide, named("The-Processing", "Processing", PropertyFiles=[file])]


@pytest.mark.parametrize(("mse", "chosen"), [(1, "Good"), (1.0, "Good"), (2, "Bad"), ("1", "Bad")])
def test_conditions_by_scripted_metrics(mse: Any, chosen: str, account: Make) -> None:
    aws = account(evaluated())
    report = {"report/evaluation.json": {"metrics": {"mse": {"value": mse}}}}
    aws.runtime.script = Script(files={"The-Processing": report})
    execution = aws.runtime.run(ARN)
    assert names(execution) == ["The-Processing", "Decide", chosen]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "There is no property file s3://my-ml-bucket/reports/evaluation.json"),
        ({"report/evaluation.json": {"mse": 1}}, "has no metrics.mse.value"),
    ],
)
def test_a_property_file_that_says_nothing(
    files: dict[str, Any], sentence: str, account: Make
) -> None:
    aws = account(evaluated())
    aws.runtime.script = Script(files={"The-Processing": files})
    (_, decide) = aws.runtime.run(ARN).steps
    assert decide.status == "Failed"
    assert sentence in decide.reason


@pytest.mark.parametrize("denied", ["s3:GetObject", "kms:Decrypt"])
def test_the_pipeline_reads_property_files(denied: str, account: Make) -> None:
    """Also what a key of the account encrypts."""
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    decide, evaluate = copy.deepcopy(evaluated())
    evaluate["Arguments"]["ProcessingOutputConfig"]["KmsKeyId"] = key
    aws = account(
        [decide, evaluate], [*EVERYTHING, {"Effect": "Deny", "Action": denied, "Resource": "*"}]
    )
    report = {"report/evaluation.json": {"metrics": {"mse": {"value": 1}}}}
    aws.runtime.script = Script(files={"The-Processing": report})
    (_, record) = aws.runtime.run(ARN).steps
    assert f"is not authorized to perform: {denied} on resource" in record.reason


@pytest.mark.parametrize(
    ("kind", "members", "outcome"),
    [
        ("Equals", {"LeftValue": 1, "RightValue": 1.0}, True),
        ("Equals", {"LeftValue": 1, "RightValue": "1"}, False),
        ("Equals", {"LeftValue": True, "RightValue": 1}, False),
        ("GreaterThan", {"LeftValue": 2, "RightValue": 1}, True),
        ("GreaterThan", {"LeftValue": 1, "RightValue": 1}, False),
        ("GreaterThanOrEqualTo", {"LeftValue": 1, "RightValue": 1}, True),
        ("GreaterThanOrEqualTo", {"LeftValue": 0.9, "RightValue": 1}, False),
        ("LessThan", {"LeftValue": "a", "RightValue": "b"}, True),
        ("LessThan", {"LeftValue": 1, "RightValue": 1}, False),
        ("LessThanOrEqualTo", {"LeftValue": 1, "RightValue": 1}, True),
        ("LessThanOrEqualTo", {"LeftValue": 2, "RightValue": 1}, False),
        ("In", {"QueryValue": "a", "Values": ["b", "a"]}, True),
        ("In", {"QueryValue": 1, "Values": ["1", True]}, False),
        ("Not", {"Condition": {"Type": "Equals", "LeftValue": 1, "RightValue": 1}}, False),
        (
            "Or",
            {
                "Conditions": [
                    {"Type": "In", "QueryValue": 1, "Values": []},
                    {"Type": "Not", "Condition": {"Type": "In", "QueryValue": 1, "Values": []}},
                ]
            },
            True,
        ),
        ("Or", {"Conditions": []}, False),
    ],
)
def test_conditions(kind: str, members: dict[str, Any], outcome: bool, account: Make) -> None:
    step = condition("Decide", 1, then=[], otherwise=[])
    step["Arguments"]["Conditions"].append({"Type": kind, **members})
    (record,) = account([step]).runtime.run(ARN).steps
    assert record.metadata == {"Condition": {"Outcome": str(outcome)}}


def test_what_cannot_be_compared(account: Make) -> None:
    step = condition("Decide", 1, then=[], otherwise=[])
    step["Arguments"]["Conditions"] = [{"Type": "LessThan", "LeftValue": "5", "RightValue": 6}]
    (record,) = account([step]).runtime.run(ARN).steps
    assert record.reason == "ClientError: '5' and 6 cannot be compared by LessThan"


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("Training", "TrainingJobName", "churn-training-<id>-"),
        ("Training", "ModelArtifacts.S3ModelArtifacts", "s3://my-ml-bucket/models/churn-training-"),
        ("Training", "FinalMetricDataList['auc'].Value", "0.9"),
        ("Processing", "ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri", "s3://my-ml-bu"),
        ("Processing", "ProcessingInputs[0].InputName", "data"),
        ("Transform", "TransformOutput.S3OutputPath", "s3://my-ml-bucket/scores"),
        ("Tuning", "BestTrainingJob.TrainingJobName", "<id>-The-Tuni-"),
        ("Tuning", "TrainingJobSummaries[0].TrainingJobName", "<id>-The-Tuni-"),
        ("AutoML", "BestCandidate.InferenceContainers[0].ModelDataUrl", "s3://my-ml-bucket/automl"),
        ("AutoML", "BestCandidateProperties.ModelInsightsJsonReportPath", "s3://my-ml-bucket/aut"),
        ("Model", "ModelName", "pipelines-<id>-The-Model-"),
        ("RegisterModel", "ModelPackageArn", f"{ARN.partition(':pipeline')[0]}:model-package/chur"),
        ("Condition", "Outcome", "True"),
        ("Lambda", "OutputParameters['endpoint']", "live"),
        ("Callback", "OutputParameters['approved']", "true"),
        ("QualityCheck", "CalculatedBaselineConstraints", "s3://my-ml-bucket/reports/constraints."),
        ("ClarifyCheck", "CalculatedBaselineConstraints", "s3://my-ml-bucket/reports/analysis.jso"),
        ("EMR", "Id", "s-"),
        ("EMRServerless", "jobRun.applicationId", "00abc"),
    ],
)
def test_properties(name: str, path: str, expected: str, account: Make) -> None:
    step = SAMPLES[name].step
    join = {"Std:Join": {"On": "", "Values": [{"Get": f"Steps.{step['Name']}.{path}"}]}}
    fail = {"Name": "Tell", "Type": "Fail", "Arguments": {"ErrorMessage": join}}
    aws = account([fail, step])
    aws.runtime.script = Script(
        results={
            "The-Training": {"FinalMetricDataList": [{"MetricName": "auc", "Value": 0.9}]},
            "The-Lambda": {"endpoint": "live"},
            "The-Callback": {"approved": True},
        }
    )
    execution = aws.runtime.run(ARN)
    told = execution.steps[-1]
    assert told.name == "Tell"
    assert told.reason.startswith(expected.replace("<id>", execution.id))


def test_a_property_that_is_not_there(account: Make) -> None:
    arguments = {"ErrorMessage": {"Get": "Steps.The-Training.ModelArtifacts.Weights"}}
    fail = {"Name": "Tell", "Type": "Fail", "Arguments": arguments}
    *_, told = account([fail, SAMPLES["Training"].step]).runtime.run(ARN).steps
    assert "Steps.The-Training.ModelArtifacts.Weights" in told.reason
    assert "refers to what is not there" in told.reason


# Failures


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("Training", "algorithm", "AlgorithmError: the container exits with code 1"),
        ("Transform", "capacity", "CapacityError: Unable to provision"),
        ("Tuning", "limit", "Failed to invoke sagemaker:CreateHyperParameterTuningJob. Error Det"),
        ("AutoML", "internal", "InternalServerError"),
        ("Model", "throttled*9", "Failed to invoke sagemaker:CreateModel. Error Details: Thrott"),
        ("RegisterModel", "service*9", "Failed to invoke sagemaker:CreateModelPackageGroup. Erro"),
        ("Lambda", "algorithm", f"The function {SAMPLES['Lambda'].step['FunctionArn']} failed: it"),
        ("Callback", "algorithm", "The work outside of the pipeline failed"),
        ("QualityCheck", "violation", "found violations of its baseline: s3://my-ml-bucket/repor"),
        ("EMR", "algorithm", "failed: it exits with an error"),
        ("EMRServerless", "throttled*9", "Failed to invoke emr-serverless:StartJobRun. Error Det"),
    ],
)
def test_failures(name: str, kind: str, sentence: str, account: Make) -> None:
    step = SAMPLES[name].step
    aws = account([step, named("Before", "Condition")])
    aws.runtime.script = Script(failures=(Failure.parse(f"sample@1/{step['Name']}:{kind}"),))
    execution = aws.runtime.run(ARN)
    statuses = {one.name: one.status for one in execution.steps}
    assert statuses[step["Name"]] == "Failed"
    assert sentence in next(one.reason for one in execution.steps if one.name == step["Name"])
    assert execution.reason == "Step failure: One or multiple steps failed."


def test_a_check_that_may_have_violations(account: Make) -> None:
    step = SAMPLES["QualityCheck"].step | {"FailOnViolation": False}
    aws = account([step])
    aws.runtime.script = Script(failures=(Failure.parse("sample@1:violation"),))
    (record,) = aws.runtime.run(ARN).steps
    assert record.status == "Succeeded"
    assert record.metadata["QualityCheck"]["ViolationReport"].endswith("violations.json")


@pytest.mark.parametrize(
    ("name", "check_type", "of", "member"),
    [
        ("QualityCheck", "DATA_QUALITY", "ModelDataQuality", "Constraints"),
        ("QualityCheck", "MODEL_QUALITY", "ModelQuality", "Constraints"),
        ("ClarifyCheck", "DATA_BIAS", "Bias", "PreTrainingConstraints"),
        ("ClarifyCheck", "MODEL_BIAS", "Bias", "PostTrainingConstraints"),
        ("ClarifyCheck", "MODEL_EXPLAINABILITY", "Explainability", "Constraints"),
    ],
)
def test_a_check_takes_the_baseline_of_the_latest_approved_package(
    name: str, check_type: str, of: str, member: str, account: Make
) -> None:
    source = {"S3Uri": "s3://my-ml-bucket/old.json", "ContentType": "text/json"}
    approved = {"ModelApprovalStatus": "Approved", "DriftCheckBaselines": {of: {member: source}}}
    register = changed(SAMPLES["RegisterModel"], **approved)
    check = SAMPLES[name].step | {"CheckType": check_type, "DependsOn": ["The-RegisterModel"]}
    aws = account([check, register])
    *_, record = aws.runtime.run(ARN).steps
    assert record.properties["BaselineUsedForDriftCheckConstraints"] == source["S3Uri"]
    asked = {(one.action, one.resource) for one in aws.runtime.authorization.allowed["pipeline"]}
    package = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/churn/1"
    assert ("sagemaker:DescribeModelPackage", package) in asked


def test_retries_are_of_every_type(account: Make) -> None:
    policies = [
        {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 60, "MaxAttempts": 3}
    ]
    aws = account([SAMPLES["Transform"].step | {"RetryPolicies": policies}])
    aws.runtime.script = Script(failures=(Failure.parse("sample@1:capacity*2"),))
    (step,) = aws.runtime.run(ARN).steps
    assert (step.status, step.attempts, len(step.jobs)) == ("Succeeded", 3, 3)


CACHED = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}


@pytest.mark.parametrize(
    ("name", "cached"),
    [
        *((name, True) for name in ("Transform", "Tuning", "AutoML", "QualityCheck", "EMR")),
        *((name, False) for name in ("Lambda", "Callback", "EMRServerless")),
    ],
)
def test_cache(name: str, cached: bool, account: Make) -> None:
    step = SAMPLES[name].step | CACHED
    aws = account([step])
    first, second = aws.runtime.run(ARN), aws.runtime.run(ARN)
    assert second.status == "Succeeded"
    assert second.steps[0].cached == (first.arn if cached else "")
    if cached:
        assert second.steps[0].properties == first.steps[0].properties


def test_a_type_that_nothing_here_runs(account: Make) -> None:
    aws = account([SAMPLES["Lambda"].step])
    pipeline = aws.runtime.start(ARN).definition
    aws.runtime.advance(timedelta(hours=1))
    pipeline["Steps"][0]["Type"] = "Lineage"
    execution = aws.runtime.start(ARN)
    execution.definition = pipeline
    aws.runtime.advance(timedelta(hours=1))
    assert execution.steps[0].reason == "Emulated AWS runs no step of type Lineage."


# Through the API


def listed(aws: EmulatedAWS, execution: Execution) -> dict[str, Any]:
    """The only step, as boto3 gives it."""
    (step,) = aws.client("sagemaker").list_pipeline_execution_steps(
        PipelineExecutionArn=execution.arn
    )["PipelineExecutionSteps"]
    found: dict[str, Any] = step
    return found


@pytest.mark.parametrize(
    ("name", "metadata"),
    [
        ("Training", {"TrainingJob": {"Arn"}}),
        ("Processing", {"ProcessingJob": {"Arn"}}),
        ("Transform", {"TransformJob": {"Arn"}}),
        ("Tuning", {"TuningJob": {"Arn"}}),
        ("AutoML", {"AutoMLJob": {"Arn"}}),
        ("Model", {"Model": {"Arn"}}),
        ("RegisterModel", {"RegisterModel": {"Arn"}}),
        ("Condition", {"Condition": {"Outcome"}}),
        ("Lambda", {"Lambda": {"Arn", "OutputParameters"}}),
        ("Callback", {"Callback": {"CallbackToken", "SqsQueueUrl", "OutputParameters"}}),
        (
            "QualityCheck",
            {
                "QualityCheck": {
                    "CheckType",
                    "ModelPackageGroupName",
                    "SkipCheck",
                    "RegisterNewBaseline",
                    "BaselineUsedForDriftCheckConstraints",
                    "CalculatedBaselineConstraints",
                    "BaselineUsedForDriftCheckStatistics",
                    "CalculatedBaselineStatistics",
                    "CheckJobArn",
                }
            },
        ),
        (
            "ClarifyCheck",
            {
                "ClarifyCheck": {
                    "CheckType",
                    "ModelPackageGroupName",
                    "SkipCheck",
                    "RegisterNewBaseline",
                    "BaselineUsedForDriftCheckConstraints",
                    "CalculatedBaselineConstraints",
                    "CheckJobArn",
                }
            },
        ),
        ("EMR", {"EMR": {"ClusterId", "StepId", "StepName"}}),
        ("EMRServerless", {"EMRServerless": {"ApplicationId", "JobRunId", "JobRunName"}}),
    ],
)
def test_metadata(name: str, metadata: dict[str, set[str]], account: Make) -> None:
    aws = account([SAMPLES[name].step])
    step = listed(aws, aws.runtime.run(ARN))
    assert {member: set(found) for member, found in step["Metadata"].items()} == metadata
    assert step["StepStatus"] == "Succeeded"
    shape = shapes.service_model("sagemaker").shape_for("PipelineExecutionStep")
    assert list(shapes.violations(as_json(step), shape)) == []


def test_fail_steps(account: Make) -> None:
    arguments = {"ErrorMessage": {"Std:Join": {"On": " > ", "Values": ["MSE", 6]}}}
    aws = account([{"Name": "Stop", "Type": "Fail", "Arguments": arguments}])
    execution = aws.runtime.run(ARN)
    step = listed(aws, execution)
    assert step["Metadata"] == {"Fail": {"ErrorMessage": "MSE > 6"}}
    assert (step["StepStatus"], step["FailureReason"]) == ("Failed", "MSE > 6")
    described = aws.client("sagemaker").describe_pipeline_execution(
        PipelineExecutionArn=execution.arn
    )
    assert described["PipelineExecutionStatus"] == "Failed"


@pytest.mark.parametrize(
    ("name", "operation", "status"),
    [
        ("Training", "describe_training_job", "TrainingJobStatus"),
        ("Transform", "describe_transform_job", "TransformJobStatus"),
        ("Tuning", "describe_hyper_parameter_tuning_job", "HyperParameterTuningJobStatus"),
        ("AutoML", "describe_auto_ml_job", "AutoMLJobStatus"),
        ("QualityCheck", "describe_processing_job", "ProcessingJobStatus"),
    ],
)
def test_what_steps_create_is_described(
    name: str, operation: str, status: str, account: Make
) -> None:
    aws = account([SAMPLES[name].step])
    (step,) = aws.runtime.run(ARN).steps
    kind = KINDS[name]
    (job,) = step.jobs
    described = getattr(aws.client("sagemaker"), operation)(**{kind.member: job.name})
    described.pop("ResponseMetadata")
    assert described[status] == "Completed"
    answer = shapes.service_model("sagemaker").operation_model(f"Describe{kind.noun}").output_shape
    assert list(shapes.violations(as_json(described), answer)) == []


def as_json(value: Any) -> Any:
    """With times as they are sent."""
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.timestamp() if isinstance(value, datetime) else value


def messages(aws: EmulatedAWS) -> list[dict[str, Any]]:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName="approvals")["QueueUrl"]
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(one["Body"]) for one in got.get("Messages", [])]


def test_a_callback_is_answered(account: Make) -> None:
    aws = account([SAMPLES["Callback"].step])
    aws.runtime.script = Script(failures=(Failure.parse("sample@1:hang"),))
    execution = started(aws)
    (message,) = messages(aws)
    assert message["pipelineExecutionArn"] == execution.arn
    assert message["arguments"] == {"model": "churn"}
    aws.client("sagemaker").send_pipeline_execution_step_success(
        CallbackToken=message["token"], OutputParameters=[{"Name": "approved", "Value": "true"}]
    )
    aws.runtime.advance(timedelta(minutes=1))
    assert execution.status == "Succeeded"
    outputs = listed(aws, execution)["Metadata"]["Callback"]["OutputParameters"]
    assert outputs == [{"Name": "approved", "Value": "true"}]


def test_a_callback_is_answered_that_it_failed(account: Make) -> None:
    aws = account([SAMPLES["Callback"].step])
    execution = started(aws)
    sagemaker, token = aws.client("sagemaker"), messages(aws)[0]["token"]
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="Too dear")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.send_pipeline_execution_step_failure(CallbackToken=token)
    aws.runtime.advance(timedelta(minutes=1))
    assert [step.reason for step in execution.steps] == ["Too dear"]


@pytest.mark.parametrize(("name", "told"), [("Callback", ["Stopping"]), ("Lambda", [])])
def test_what_others_do_is_not_stopped(name: str, told: list[str], account: Make) -> None:
    aws = account([SAMPLES[name].step, named("Next", DependsOn=[SAMPLES[name].step["Name"]])])
    execution = started(aws)
    aws.client("sagemaker").stop_pipeline_execution(
        PipelineExecutionArn=execution.arn, ClientRequestToken="1" * 32
    )
    aws.runtime.advance(timedelta(seconds=1))
    assert execution.status == "Stopping"
    if told:
        assert [one.get("status") for one in messages(aws)][1:] == told
    aws.runtime.advance(timedelta(minutes=10))
    assert (execution.status, len(execution.steps)) == ("Stopped", 1)


def step_of(execution: Execution, name: str) -> Step:
    return next(step for step in execution.steps if step.name == name)


def test_a_group_of_another_account_is_not_created(account: Make) -> None:
    others = "arn:aws:sagemaker:us-east-1:999999999999"
    step = changed(
        SAMPLES["RegisterModel"], ModelPackageGroupName=f"{others}:model-package-group/churn"
    )
    aws = account([step])
    assert aws.runtime.run(ARN).status == "Succeeded"
    allowed = aws.runtime.authorization.allowed["pipeline"]
    assert {one.resource for one in allowed if one.action.startswith("sagemaker:")} == {
        f"{others}:model-package/churn/1"
    }


def test_registering_and_approving_are_announced(account: Make) -> None:
    aws = account([SAMPLES["RegisterModel"].step])
    events, sqs = aws.client("events"), aws.client("sqs")
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["churn"]},
    }
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:approvals"
    who = {"Service": "events.amazonaws.com"}
    may = {"Effect": "Allow", "Principal": who, "Action": "sqs:SendMessage", "Resource": queue}
    sqs.create_queue(QueueName="approvals", Attributes={"Policy": policy([], may)})
    events.put_rule(Name="told", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="told", Targets=[{"Id": "queue", "Arn": queue}])
    (step,) = aws.runtime.run(ARN).steps
    arn = step.metadata["RegisterModel"]["Arn"]
    approve = aws.client("sagemaker").update_model_package
    approve(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    approve(ModelPackageArn=arn, ApprovalDescription="It is good", ModelApprovalStatus="Approved")
    told = [one["detail"] for one in messages(aws)]
    assert [one["ModelApprovalStatus"] for one in told] == [
        "PendingManualApproval",
        "Approved",
        "Approved",
    ]
    assert {one["ModelPackageArn"] for one in told} == {arn}


def test_a_model_is_there(account: Make) -> None:
    aws = account([SAMPLES["Model"].step])
    (step,) = aws.runtime.run(ARN).steps
    shown = aws.client("sagemaker").describe_model(ModelName=step.properties["ModelName"])
    assert shown["ModelArn"] == step.metadata["Model"]["Arn"]


def test_a_model_package_is_registered(account: Make) -> None:
    aws = account([SAMPLES["RegisterModel"].step])
    first, second = aws.runtime.run(ARN), aws.runtime.run(ARN)
    arn = step_of(second, "The-RegisterModel").metadata["RegisterModel"]["Arn"]
    shown = aws.client("sagemaker").describe_model_package(ModelPackageName=arn)
    assert first.status == "Succeeded"
    assert (shown["ModelPackageVersion"], shown["ModelApprovalStatus"]) == (
        2,
        "PendingManualApproval",
    )
