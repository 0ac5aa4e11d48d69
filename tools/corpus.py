"""`make corpus`: writes tests/corpus/*.json, pipeline definitions that the SageMaker SDK makes.

This is version 2 of the SDK; corpus_v3.py has what only version 3 can make. They run in
environments of their own, with the versions that the Makefile pins.

Each function builds one pipeline, as users of the SDK write them; PIPELINES has them all.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from typing import Any

from sagemaker import image_uris
from sagemaker.automl.automl import AutoML, AutoMLInput
from sagemaker.clarify import (
    BiasConfig,
    DataConfig,
    ModelConfig,
    ModelPredictedLabelConfig,
    SHAPConfig,
)
from sagemaker.dataset_definition.inputs import (
    AthenaDatasetDefinition,
    DatasetDefinition,
    RedshiftDatasetDefinition,
)
from sagemaker.drift_check_baselines import DriftCheckBaselines
from sagemaker.estimator import Estimator
from sagemaker.inputs import FileSystemInput, TrainingInput
from sagemaker.lambda_helper import Lambda
from sagemaker.lineage.artifact import Artifact
from sagemaker.model import Model
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.model_monitor import DatasetFormat
from sagemaker.network import NetworkConfig
from sagemaker.pipeline import PipelineModel
from sagemaker.processing import (
    FeatureStoreOutput,
    ProcessingInput,
    ProcessingOutput,
    Processor,
    ScriptProcessor,
)
from sagemaker.pytorch.model import PyTorchModel
from sagemaker.transformer import Transformer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter
from sagemaker.workflow.automl_step import AutoMLStep
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.check_job_config import CheckJobConfig
from sagemaker.workflow.clarify_check_step import (
    ClarifyCheckStep,
    DataBiasCheckConfig,
    ModelBiasCheckConfig,
    ModelExplainabilityCheckConfig,
)
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import (
    ConditionEquals,
    ConditionGreaterThan,
    ConditionGreaterThanOrEqualTo,
    ConditionIn,
    ConditionLessThan,
    ConditionLessThanOrEqualTo,
    ConditionNot,
    ConditionOr,
)
from sagemaker.workflow.emr_step import EMRStep, EMRStepConfig
from sagemaker.workflow.endpoint_step import EndpointConfigStep, EndpointStep
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.workflow.lineage_step import LineageStep
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.monitor_batch_transform_step import MonitorBatchTransformStep
from sagemaker.workflow.notebook_job_step import NotebookJobStep
from sagemaker.workflow.parameters import (
    ParameterBoolean,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
)
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.pipeline_definition_config import PipelineDefinitionConfig
from sagemaker.workflow.pipeline_experiment_config import PipelineExperimentConfig
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.quality_check_step import (
    DataQualityCheckConfig,
    ModelQualityCheckConfig,
    QualityCheckStep,
)
from sagemaker.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from sagemaker.workflow.steps import (
    CacheConfig,
    ProcessingStep,
    TrainingStep,
    TransformStep,
    TuningStep,
)

from inputs import ACCOUNT, ECR, KEY, ROLES, VPC
from offline_sdk import BUCKET, REGION, boto_session, same_in_every_run, write
from repository import REPOSITORY

EXAMPLE = REPOSITORY / "examples/bring-your-own"

PREPARATION, TRAINING, EVALUATION, REGISTRATION, SCORING, MONITORING = (
    f"{ROLES}ml/{name}"
    for name in ("preparation", "training", "evaluation", "registration", "scoring", "monitoring")
)
IMAGE = {name: f"{ECR}/churn-{name}:1.4.2" for name in ("prepare", "train", "evaluate", "serve")}
DATA, MODELS = f"s3://{BUCKET}/churn/data", f"s3://{BUCKET}/churn/models"
FUNCTIONS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
EXECUTION = ExecutionVariables.PIPELINE_EXECUTION_ID
CUSTOM_NAMES = PipelineDefinitionConfig(use_custom_job_prefix=True)
DEFAULT_NAMES = PipelineDefinitionConfig(use_custom_job_prefix=False)
TAGS = [{"Key": "Project", "Value": "churn"}, {"Key": "CostCenter", "Value": "4711"}]
NETWORK = NetworkConfig(
    enable_network_isolation=True,
    encrypt_inter_container_traffic=True,
    subnets=VPC["subnet_ids"],
    security_group_ids=VPC["security_group_ids"],
)
VPC_CONFIG = {"Subnets": VPC["subnet_ids"], "SecurityGroupIds": VPC["security_group_ids"]}
AUC = {"Name": "validation:auc", "Regex": "auc=([0-9.]+)"}
SECURED = {"network_config": NETWORK, "volume_kms_key": KEY, "output_kms_key": KEY}
AGE = BiasConfig(label_values_or_threshold=[1], facet_name="age", facet_values_or_threshold=[40])
CSV = {"content_types": ["text/csv"], "response_types": ["text/csv"]}
ONE_DAY = CacheConfig(enable_caching=True, expire_after="P1D")
THROTTLED = StepRetryPolicy([StepExceptionTypeEnum.THROTTLING], max_attempts=5)
NO_CAPACITY = SageMakerJobStepRetryPolicy(
    failure_reason_types=[SageMakerJobExceptionTypeEnum.CAPACITY_ERROR],
    interval_seconds=60,
    expire_after_mins=240,
)


# --- Parts of several pipelines ---


def pipeline(session: PipelineSession, name: str, steps: list[Any], **settings: Any) -> Pipeline:
    """A pipeline whose jobs have names of their own, if nothing else is set."""
    config = {"pipeline_definition_config": CUSTOM_NAMES} | settings
    return Pipeline(name, steps=steps, sagemaker_session=session, **config)


def by_name(*parameters: Any) -> dict[str, Any]:
    """Parameters, to be used by their names."""
    return {parameter.name: parameter for parameter in parameters}


def prepare(session: PipelineSession, **step: Any) -> ProcessingStep:
    """Raw data to training, validation and test data."""
    processor = Processor(
        role=PREPARATION,
        image_uri=IMAGE["prepare"],
        instance_count=1,
        instance_type="ml.m5.xlarge",
        base_job_name="churn-prepare",
        sagemaker_session=session,
    )
    arguments = processor.run(
        inputs=[ProcessingInput(f"{DATA}/raw/", "/opt/ml/processing/raw", "raw")],
        outputs=[
            ProcessingOutput(
                source=f"/opt/ml/processing/{name}",
                destination=Join("/", [DATA, "prepared", EXECUTION, name]),
                output_name=name,
            )
            for name in ("train", "validation", "test")
        ],
    )
    return ProcessingStep("Prepare", step_args=arguments, **step)


def output(step: ProcessingStep, name: str) -> Any:
    """Where a processing step writes one of its outputs."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def churn_estimator(session: PipelineSession, **settings: Any) -> Estimator:
    """The training job of most pipelines."""
    return Estimator(
        **{
            "image_uri": IMAGE["train"],
            "role": TRAINING,
            "instance_count": 1,
            "instance_type": "ml.m5.2xlarge",
            "output_path": MODELS,
            "base_job_name": "churn-train",
            "sagemaker_session": session,
        }
        | settings
    )


def churn_model(session: PipelineSession, model_data: Any, **settings: Any) -> Model:
    """What is registered, or created to score with."""
    return Model(
        **{
            "image_uri": IMAGE["serve"],
            "model_data": model_data,
            "role": SCORING,
            "name": "churn-model",
            "sagemaker_session": session,
        }
        | settings
    )


def train(
    session: PipelineSession, name: str = "Train", data: Any = f"{DATA}/train/", **step: Any
) -> TrainingStep:
    """A training step, of one channel."""
    arguments = churn_estimator(session).fit({"train": TrainingInput(data)})
    return TrainingStep(name, step_args=arguments, **step)


def artifact(step: TrainingStep) -> Any:
    """The model of a training step."""
    return step.properties.ModelArtifacts.S3ModelArtifacts


def evaluate(session: PipelineSession, model_data: Any, **step: Any) -> tuple[Any, PropertyFile]:
    """A script that writes evaluation.json, and this file for conditions to read."""
    processor = ScriptProcessor(
        role=EVALUATION,
        image_uri=IMAGE["evaluate"],
        command=["python3"],
        instance_count=1,
        instance_type="ml.m5.large",
        base_job_name="churn-evaluate",
        sagemaker_session=session,
    )
    arguments = processor.run(
        code="code/evaluate.py",
        inputs=[
            ProcessingInput(model_data, "/opt/ml/processing/model", "model"),
            ProcessingInput(f"{DATA}/test/", "/opt/ml/processing/test", "test"),
        ],
        outputs=[
            ProcessingOutput(
                source="/opt/ml/processing/evaluation",
                destination=f"s3://{BUCKET}/churn/evaluation",
                output_name="evaluation",
            )
        ],
        arguments=["--metric", "auc"],
    )
    report = PropertyFile("Evaluation", output_name="evaluation", path="evaluation.json")
    return ProcessingStep("Evaluate", step_args=arguments, property_files=[report], **step), report


def tune(session: PipelineSession, **step: Any) -> TuningStep:
    """A search for the best of twenty training jobs."""
    tuner = HyperparameterTuner(
        churn_estimator(session),
        objective_metric_name="validation:auc",
        metric_definitions=[AUC],
        hyperparameter_ranges={
            "eta": ContinuousParameter(0.01, 0.5, scaling_type="Logarithmic"),
            "max_depth": IntegerParameter(2, 10),
        },
        max_jobs=20,
        max_parallel_jobs=4,
        early_stopping_type="Auto",
        base_tuning_job_name="churn-tune",
        tags=TAGS,
    )
    arguments = tuner.fit({"train": TrainingInput(f"{DATA}/train/")})
    return TuningStep("Tune", step_args=arguments, retry_policies=[NO_CAPACITY], **step)


def find(session: PipelineSession, **step: Any) -> AutoMLStep:
    """A search for the best algorithm, too. The SDK cuts the job's name to eight characters."""
    auto_ml = AutoML(
        role=TRAINING,
        target_attribute_name="churned",
        output_path=f"{MODELS}/automl/",
        output_kms_key=KEY,
        volume_kms_key=KEY,
        vpc_config=VPC_CONFIG,
        base_job_name="churn-automl",
        mode="ENSEMBLING",
        problem_type="BinaryClassification",
        job_objective={"MetricName": "AUC"},
        total_job_runtime_in_seconds=7200,
        tags=TAGS,
        sagemaker_session=session,
    )
    data = AutoMLInput(f"{DATA}/automl/", target_attribute_name="churned")
    return AutoMLStep("Find", step_args=auto_ml.fit([data]), **step)


def check_data(session: PipelineSession, **step: Any) -> QualityCheckStep:
    """Whether new data are like those of the baseline."""
    config = DataQualityCheckConfig(
        baseline_dataset=f"{DATA}/train/train.csv",
        dataset_format=DatasetFormat.csv(header=True),
        output_s3_uri=Join("/", [f"s3://{BUCKET}/churn/baselines", EXECUTION, "data"]),
    )
    return QualityCheckStep("CheckData", config, check_jobs(session), **step)


def check_bias(session: PipelineSession, **step: Any) -> ClarifyCheckStep:
    """Whether the data are fair. The SDK uploads what the job is to analyse."""
    config = DataBiasCheckConfig(clarify_data("data-bias"), AGE, methods=["CI", "DPL"])
    return ClarifyCheckStep("DataBias", config, check_jobs(session), **step)


def clarify_data(name: str) -> DataConfig:
    """What Clarify looks at, and where it writes."""
    return DataConfig(
        s3_data_input_path=f"{DATA}/train/",
        s3_output_path=f"s3://{BUCKET}/churn/clarify/{name}",
        s3_analysis_config_output_path=f"s3://{BUCKET}/churn/clarify-config/{name}",
        label="churned",
        headers=["churned", "age", "income"],
    )


def check_jobs(session: PipelineSession, **settings: Any) -> CheckJobConfig:
    """The processing jobs of checks."""
    return CheckJobConfig(
        role=MONITORING,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        volume_size_in_gb=50,
        max_runtime_in_seconds=1800,
        base_job_name="churn-check",
        tags=TAGS,
        sagemaker_session=session,
        **settings,
    )


# --- The module's own pipelines: tests/plans/test_sdk_definitions.py ---


def training(session: PipelineSession) -> Pipeline:
    """The module's training pipeline, of the call in test_sdk_definitions.py."""
    parameters = by_name(
        ParameterString("InputDataS3Uri", f"s3://{BUCKET}/datasets/"),
        ParameterString("ModelOutputS3Uri", f"s3://{BUCKET}/models/"),
        ParameterString("ScheduledTime", "none"),
        ParameterString("TrainingImageUri", f"{ECR}/ml-training:latest"),
        ParameterInteger("TrainingInstanceCount", 2),
        ParameterString("TrainingInstanceType", "ml.g5.2xlarge"),
        ParameterInteger("TrainingMaxRuntimeInSeconds", 7200),
        ParameterInteger("TrainingVolumeSizeInGB", 100),
    )
    estimator = Estimator(
        image_uri=parameters["TrainingImageUri"],
        role=f"{ROLES}ml-platform-test-training-job-us-east-1",
        instance_count=parameters["TrainingInstanceCount"],
        instance_type=parameters["TrainingInstanceType"],
        volume_size=parameters["TrainingVolumeSizeInGB"],
        volume_kms_key=KEY,
        max_run=parameters["TrainingMaxRuntimeInSeconds"],
        input_mode="FastFile",
        output_path=parameters["ModelOutputS3Uri"],
        output_kms_key=KEY,
        base_job_name="ml-platform-test-training",
        tags={"Team": "ml"},
        subnets=VPC["subnet_ids"],
        security_group_ids=VPC["security_group_ids"],
        use_spot_instances=True,
        max_wait=10800,
        checkpoint_s3_uri=Join("", [f"s3://{BUCKET}/checkpoints/", EXECUTION, "/"]),
        enable_network_isolation=True,
        encrypt_inter_container_traffic=True,
        metric_definitions=[AUC],
        container_entry_point=["python3", "train.py"],
        container_arguments=["--verbose"],
        hyperparameters={"epochs": "10"},
        environment={
            "LOG_LEVEL": "info",
            "PIPELINE_EXECUTION_ARN": ExecutionVariables.PIPELINE_EXECUTION_ARN,
            "SCHEDULED_TIME": parameters["ScheduledTime"],
        },
        sagemaker_session=session,
    )
    arguments = estimator.fit(
        {
            "training": TrainingInput(parameters["InputDataS3Uri"]),
            "validation": TrainingInput(
                f"s3://{BUCKET}/validation/",
                distribution="ShardedByS3Key",
                content_type="text/csv",
                input_mode="File",
            ),
        }
    )
    retry = SageMakerJobStepRetryPolicy(
        [SageMakerJobExceptionTypeEnum.INTERNAL_ERROR],
        failure_reason_types=[SageMakerJobExceptionTypeEnum.CAPACITY_ERROR],
        interval_seconds=30,
        backoff_rate=2.0,
        max_attempts=3,
    )
    step = TrainingStep("Training", step_args=arguments, retry_policies=[retry])
    return pipeline(
        session,
        "ml-platform-test-training",
        [step],
        parameters=list(parameters.values()),
        pipeline_experiment_config=None,
    )


def processing(session: PipelineSession) -> Pipeline:
    """The module's processing pipeline, of the call in test_sdk_definitions.py."""
    parameters = by_name(
        ParameterString("InferenceImageUri", f"{ECR}/ml-inference:latest"),
        ParameterString("InferenceInputS3Uri", f"s3://{BUCKET}/input/"),
        ParameterString("InferenceOutputS3Uri", f"s3://{BUCKET}/output"),
        ParameterInteger("ProcessingInstanceCount", 4),
        ParameterString("ProcessingInstanceType", "ml.c5.4xlarge"),
        ParameterInteger("ProcessingMaxRuntimeInSeconds", 1800),
        ParameterInteger("ProcessingVolumeSizeInGB", 60),
        ParameterString("ScheduledTime", "none"),
    )
    processor = Processor(
        role=f"{ROLES}ml-platform-test-processing-job-us-east-1",
        image_uri=parameters["InferenceImageUri"],
        instance_count=parameters["ProcessingInstanceCount"],
        instance_type=parameters["ProcessingInstanceType"],
        entrypoint=["python3", "score.py"],
        volume_size_in_gb=parameters["ProcessingVolumeSizeInGB"],
        volume_kms_key=KEY,
        output_kms_key=KEY,
        max_runtime_in_seconds=parameters["ProcessingMaxRuntimeInSeconds"],
        base_job_name="ml-platform-test-processing",
        env={"THRESHOLD": "0.5"},
        tags={"Team": "ml"},
        network_config=NETWORK,
        sagemaker_session=session,
    )
    arguments = processor.run(
        inputs=[
            ProcessingInput(
                parameters["InferenceInputS3Uri"],
                "/opt/ml/processing/input",
                "input",
                s3_data_distribution_type="ShardedByS3Key",
            )
        ],
        outputs=[
            ProcessingOutput(
                source="/opt/ml/processing/output",
                destination=Join("/", [parameters["InferenceOutputS3Uri"], EXECUTION]),
                output_name="output",
                s3_upload_mode="Continuous",
            )
        ],
        arguments=["--format", "csv"],
    )
    step = ProcessingStep(
        "Processing",
        step_args=arguments,
        cache_config=CacheConfig(enable_caching=True, expire_after="P7D"),
        retry_policies=[
            StepRetryPolicy(
                [StepExceptionTypeEnum.THROTTLING, StepExceptionTypeEnum.SERVICE_FAULT],
                interval_seconds=10,
                backoff_rate=1.5,
                expire_after_mins=60,
            )
        ],
    )
    return pipeline(
        session,
        "ml-platform-test-processing",
        [step],
        parameters=list(parameters.values()),
        pipeline_experiment_config=None,
    )


# --- Brought pipelines ---


def prepare_train_evaluate_register(session: PipelineSession) -> Pipeline:
    """What most teams have. Custom job names, and every kind of parameter but Boolean."""
    instance_type = ParameterString(
        "TrainingInstanceType", "ml.m5.2xlarge", enum_values=["ml.m5.2xlarge", "ml.m5.4xlarge"]
    )
    instance_count = ParameterInteger("TrainingInstanceCount", 1)
    approval = ParameterString("ModelApprovalStatus", "PendingManualApproval")
    least_auc = ParameterFloat("LeastAuc", 0.85)

    prepared = prepare(session, cache_config=CacheConfig(enable_caching=True, expire_after="P30D"))
    estimator = churn_estimator(
        session,
        instance_type=instance_type,
        instance_count=instance_count,
        output_path=Join("/", [MODELS, EXECUTION]),
        hyperparameters={"objective": "binary:logistic", "num_round": 200},
    )
    trained = TrainingStep(
        "Train",
        step_args=estimator.fit(
            {name: TrainingInput(output(prepared, name)) for name in ("train", "validation")}
        ),
        retry_policies=[THROTTLED, NO_CAPACITY],
    )
    evaluated, report = evaluate(session, artifact(trained))
    model = churn_model(session, artifact(trained), role=REGISTRATION)
    registered = ModelStep(
        "Register",
        step_args=model.register(
            **CSV,
            inference_instances=["ml.m5.large", "ml.m5.xlarge"],
            transform_instances=["ml.m5.xlarge"],
            model_package_group_name="churn",
            approval_status=approval,
            description="Churn of the coming month",
            model_metrics=ModelMetrics(
                model_statistics=MetricsSource(
                    "application/json", f"s3://{BUCKET}/churn/evaluation/evaluation.json"
                )
            ),
        ),
    )
    worse = FailStep(
        "NotGoodEnough",
        error_message=Join(" ", ["The AUC is less than", least_auc.to_string()]),
    )
    good = ConditionGreaterThanOrEqualTo(
        JsonGet(step_name=evaluated.name, property_file=report, json_path="metrics.auc.value"),
        least_auc,
    )
    decided = ConditionStep(
        "IsGoodEnough", conditions=[good], if_steps=[registered], else_steps=[worse]
    )
    return pipeline(
        session,
        "prepare-train-evaluate-register",
        [prepared, trained, evaluated, decided],
        parameters=[instance_type, instance_count, approval, least_auc],
    )


def default_job_names(session: PipelineSession) -> Pipeline:
    """Jobs of every kind, a model and a model package, all named by SageMaker. No experiment."""
    prepared = prepare(session)
    trained = train(session, data=output(prepared, "train"))
    created = ModelStep(
        "Create", step_args=churn_model(session, artifact(trained)).create("ml.m5.large")
    )
    transformer = Transformer(
        model_name=created.properties.ModelName,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        output_path=f"s3://{BUCKET}/churn/scores",
        sagemaker_session=session,
    )
    scored = TransformStep(
        "Score", step_args=transformer.transform(output(prepared, "test"), content_type="text/csv")
    )
    registered = ModelStep(
        "Register",
        step_args=churn_model(session, artifact(trained)).register(
            **CSV,
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_name="churn-of-the-month",
        ),
        depends_on=[scored],
    )
    return pipeline(
        session,
        "default-job-names",
        [
            prepared,
            check_data(session),
            check_bias(session),
            trained,
            tune(session, depends_on=[prepared]),
            find(session, depends_on=[prepared]),
            created,
            scored,
            registered,
        ],
        pipeline_experiment_config=None,
        pipeline_definition_config=DEFAULT_NAMES,
    )


def nested_conditions(session: PipelineSession) -> Pipeline:
    """Three conditions in each other, steps in all branches, and one after the conditions."""
    stage = ParameterString("Stage", "test", enum_values=["test", "production"])
    force = ParameterBoolean("Force", default_value=False)
    trained = train(session)
    evaluated, report = evaluate(session, artifact(trained), depends_on=[trained])

    def metric(path: str) -> JsonGet:
        return JsonGet(step_name="Evaluate", property_file=report, json_path=path)

    registered = ModelStep(
        "Register",
        step_args=churn_model(session, artifact(trained)).register(
            **CSV,
            model_package_group_name="churn",
        ),
    )
    tell = Lambda(function_arn=f"{FUNCTIONS}tell", session=session)
    told = LambdaStep(
        "TellOfModel", lambda_func=tell, inputs={"good": True}, depends_on=[registered]
    )
    unfair = FailStep("Unfair", error_message="The groups differ")
    fair = ConditionStep(
        "IsFair",
        conditions=[ConditionLessThan(metric("bias.difference"), 0.1)],
        if_steps=[registered, told],
        else_steps=[unfair],
    )
    in_production = ConditionStep(
        "IsProduction",
        conditions=[ConditionEquals(stage, "production")],
        if_steps=[fair],
        else_steps=[
            ModelStep(
                "Try", step_args=churn_model(session, artifact(trained)).create("ml.m5.large")
            )
        ],
    )
    good = ConditionStep(
        "IsGood",
        conditions=[
            ConditionOr(
                [ConditionGreaterThan(metric("metrics.auc"), 0.8), ConditionEquals(force, True)]
            )
        ],
        if_steps=[in_production],
        else_steps=[
            train(session, "TrainOnMore", f"{DATA}/more/"),
            FailStep("NotGood", error_message="Train on more data"),
        ],
    )
    return pipeline(
        session, "nested-conditions", [trained, evaluated, good], parameters=[stage, force]
    )


def everything_in_branches(session: PipelineSession) -> Pipeline:
    """A condition with steps of all other types in its branches."""
    weekly = ParameterBoolean("Weekly", default_value=True)
    prepared = prepare(session)
    trained = train(session, data=output(prepared, "train"))
    created = ModelStep(
        "Create", step_args=churn_model(session, artifact(trained)).create("ml.m5.large")
    )
    transformer = Transformer(
        model_name=created.properties.ModelName,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        output_path=f"s3://{BUCKET}/churn/scores",
        base_transform_job_name="churn-score",
        sagemaker_session=session,
    )
    scored = TransformStep("Score", step_args=transformer.transform(output(prepared, "test")))
    registered = ModelStep(
        "Register",
        step_args=churn_model(session, artifact(trained)).register(
            **CSV, model_package_group_name="churn"
        ),
    )
    told = LambdaStep(
        "Tell",
        lambda_func=Lambda(function_arn=f"{FUNCTIONS}tell", session=session),
        inputs={"scores": scored.properties.TransformOutput.S3OutputPath},
    )
    counted = EMRStep(
        "Count",
        display_name="Count",
        description="On the cluster of the platform",
        cluster_id="j-2AXXXXXXGAPLF",
        step_config=EMRStepConfig(jar=f"s3://{BUCKET}/churn/code/count.jar"),
    )
    asked = CallbackStep(
        "Ask",
        sqs_queue_url=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/approvals",
        inputs={"group": "churn"},
        outputs=[],
    )
    checks = [check_data(session), check_bias(session)]
    stop = FailStep("Stop", error_message="Nobody answered", depends_on=[asked])
    decided = ConditionStep(
        "IsWeekly",
        conditions=[ConditionEquals(weekly, True)],
        if_steps=[prepared, trained, created, scored, registered, told],
        else_steps=[*checks, tune(session), find(session), counted, asked, stop],
    )
    return pipeline(session, "everything-in-branches", [decided], parameters=[weekly])


def every_condition(session: PipelineSession) -> Pipeline:
    """Each kind of condition; of a property file, a file in S3, a Lambda output, a parameter."""
    threshold = ParameterFloat("Threshold", 0.5)
    rows = ParameterInteger("LeastRows", 1000)
    strict = ParameterBoolean("Strict", default_value=True)
    country = ParameterString("Country", "DE", enum_values=["DE", "FR", "US"])
    evaluated, report = evaluate(session, f"{MODELS}/latest/model.tar.gz")

    def metric(path: str) -> JsonGet:
        return JsonGet(step_name="Evaluate", property_file=report, json_path=path)

    limits = JsonGet(
        s3_uri=Join("/", [f"s3://{BUCKET}/churn/limits", country, "limits.json"]),
        json_path="auc",
    )
    count = LambdaStep(
        "Count",
        lambda_func=Lambda(
            function_arn=f"{FUNCTIONS}count-rows:live",
            session=session,
        ),
        inputs={"prefix": f"{DATA}/train/", "country": country},
        outputs=[
            LambdaOutput("rows", LambdaOutputTypeEnum.Integer),
            LambdaOutput("complete", LambdaOutputTypeEnum.Boolean),
        ],
    )
    conditions = [
        ConditionEquals(count.properties.Outputs["complete"], True),
        ConditionGreaterThanOrEqualTo(count.properties.Outputs["rows"], rows),
        ConditionGreaterThan(metric("metrics.auc"), threshold),
        ConditionLessThan(metric("metrics['false positives'][0]"), 100),
        ConditionLessThanOrEqualTo(limits, metric("metrics.auc")),
        ConditionIn(country, ["DE", "FR"]),
        ConditionNot(ConditionEquals(ExecutionVariables.PIPELINE_NAME, "other")),
        ConditionOr(
            [
                ConditionNot(ConditionIn(metric("verdict"), ["bad", "worse"])),
                ConditionEquals(strict, False),
            ]
        ),
    ]
    return pipeline(
        session,
        "every-condition",
        [
            evaluated,
            count,
            ConditionStep(
                "All",
                conditions=conditions,
                if_steps=[train(session)],
                else_steps=[FailStep("Stop", error_message="A condition does not hold")],
                depends_on=[evaluated],
            ),
        ],
        parameters=[threshold, rows, strict, country],
        pipeline_definition_config=DEFAULT_NAMES,
    )


def tune_and_score(session: PipelineSession) -> Pipeline:
    """A tuning job, a model of its best training job, and a batch transform with it."""
    tuned = tune(session, cache_config=ONE_DAY)
    best = tuned.get_top_model_s3_uri(0, BUCKET, "churn/models")
    created = ModelStep(
        "CreateBest",
        step_args=churn_model(session, best, name="churn-best").create("ml.m5.xlarge", tags=TAGS),
        retry_policies=[THROTTLED],
    )
    transformer = Transformer(
        model_name=created.properties.ModelName,
        instance_count=2,
        instance_type="ml.m5.4xlarge",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        output_path=Join("/", [f"s3://{BUCKET}/churn/scores", EXECUTION]),
        output_kms_key=KEY,
        volume_kms_key=KEY,
        max_payload=6,
        tags=TAGS,
        env={"THRESHOLD": "0.5"},
        base_transform_job_name="churn-score",
        sagemaker_session=session,
    )
    scored = TransformStep(
        "Score",
        step_args=transformer.transform(
            f"{DATA}/customers/",
            content_type="text/csv",
            split_type="Line",
            join_source="Input",
            input_filter="$[1:]",
            output_filter="$[0,-1]",
        ),
        cache_config=CacheConfig(enable_caching=True, expire_after="PT1H"),
        retry_policies=[NO_CAPACITY],
    )
    return pipeline(session, "tune-and-score", [tuned, created, scored])


def tune_several_algorithms(session: PipelineSession) -> Pipeline:
    """A tuning job of two algorithms, each with a role of its own."""
    algorithms = {
        "trees": churn_estimator(session),
        "linear": churn_estimator(
            session,
            image_uri=f"{ECR}/churn-linear:2",
            role=f"{ROLES}ml/training-linear",
            subnets=VPC["subnet_ids"],
            security_group_ids=VPC["security_group_ids"],
            volume_kms_key=KEY,
            output_kms_key=KEY,
        ),
    }
    tuner = HyperparameterTuner.create(
        estimator_dict=algorithms,
        objective_metric_name_dict=dict.fromkeys(algorithms, "validation:auc"),
        metric_definitions_dict={name: [AUC] for name in algorithms},
        hyperparameter_ranges_dict={
            name: {"rate": ContinuousParameter(0.01, 0.5)} for name in algorithms
        },
        max_jobs=10,
        max_parallel_jobs=2,
        base_tuning_job_name="churn-tune-both",
    )
    arguments = tuner.fit(
        {name: {"train": TrainingInput(f"{DATA}/train/")} for name in algorithms},
        include_cls_metadata={},
    )
    return pipeline(session, "tune-several-algorithms", [TuningStep("Tune", step_args=arguments)])


def automl(session: PipelineSession) -> Pipeline:
    """An AutoML job, whose best model is created and registered."""
    found = find(
        session,
        cache_config=CacheConfig(enable_caching=True, expire_after="P7D"),
        retry_policies=[THROTTLED],
    )
    best = found.get_best_auto_ml_model(SCORING, sagemaker_session=session)
    best.name = "churn-automl"
    created = ModelStep("CreateBest", step_args=best.create("ml.m5.xlarge"), depends_on=[found])
    registered = ModelStep(
        "RegisterBest",
        step_args=best.register(
            **CSV,
            model_package_group_name="churn-automl",
            model_metrics=ModelMetrics(
                explainability=MetricsSource(
                    "application/json",
                    found.properties.BestCandidateProperties.ExplainabilityJsonReportPath,
                )
            ),
        ),
    )
    return pipeline(session, "automl", [found, created, registered])


def repack_and_register(session: PipelineSession) -> Pipeline:
    """A model that a script serves: the SDK adds a training step, which repacks both."""
    trained = train(session)
    model = PyTorchModel(
        model_data=artifact(trained),
        role=REGISTRATION,
        entry_point="code/inference.py",
        framework_version="2.3",
        py_version="py311",
        name="churn-torch",
        code_location=f"s3://{BUCKET}/churn/code",
        model_kms_key=KEY,
        vpc_config=VPC_CONFIG,
        sagemaker_session=session,
    )
    registered = ModelStep(
        "Register",
        step_args=model.register(
            content_types=["text/csv"],
            response_types=["application/json"],
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_group_name="churn-torch",
            approval_status="Approved",
            customer_metadata_properties={"team": "churn"},
        ),
        retry_policies={
            "register_model_retry_policies": [THROTTLED],
            "repack_model_retry_policies": [NO_CAPACITY],
        },
    )
    return pipeline(session, "repack-and-register", [trained, registered])


def register_in_other_account(session: PipelineSession) -> Pipeline:
    """A group of a central account, and a function that gets the package."""
    trained = train(session, cache_config=ONE_DAY)
    registered = ModelStep(
        "Register",
        step_args=churn_model(session, artifact(trained)).register(
            **CSV,
            model_package_group_name=(
                f"arn:aws:sagemaker:{REGION}:999999999999:model-package-group/churn"
            ),
        ),
    )
    deploy = Lambda(function_arn=f"{FUNCTIONS}deploy", session=session)
    deployed = LambdaStep(
        "Deploy",
        lambda_func=deploy,
        inputs={"package": registered.properties.ModelPackageArn},
    )
    return pipeline(session, "register-in-other-account", [trained, registered, deployed])


def register_without_group(session: PipelineSession) -> Pipeline:
    """A model package that is no version of a group, of a model that is there."""
    registered = ModelStep(
        "Register",
        step_args=churn_model(session, f"{MODELS}/latest/model.tar.gz").register(
            **CSV,
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_name="churn-of-the-month",
        ),
    )
    return pipeline(session, "register-without-group", [registered])


def inference_pipeline(session: PipelineSession) -> Pipeline:
    """A model of two containers, in a VPC; the first from the public sklearn image of AWS."""
    first = Model(
        image_uri=image_uris.retrieve("sklearn", REGION, "1.2-1", instance_type="ml.m5.large"),
        model_data=f"{MODELS}/features/model.tar.gz",
        sagemaker_session=session,
    )
    model = PipelineModel(
        models=[first, churn_model(session, f"{MODELS}/latest/model.tar.gz")],
        role=SCORING,
        name="churn-two-containers",
        vpc_config=VPC_CONFIG,
        enable_network_isolation=True,
        sagemaker_session=session,
    )
    return pipeline(
        session,
        "inference-pipeline",
        [ModelStep("Create", step_args=model.create(instance_type="ml.m5.large"))],
    )


def lambda_and_callback(session: PipelineSession) -> Pipeline:
    """People label data between two steps: a queue, a function, outputs of all types."""
    labelled = CallbackStep(
        "Label",
        sqs_queue_url=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/label-requests",
        inputs={"data": f"{DATA}/unlabelled/", "execution": EXECUTION},
        outputs=[
            CallbackOutput("labels_uri", CallbackOutputTypeEnum.String),
            CallbackOutput("agreement", CallbackOutputTypeEnum.Float),
        ],
        cache_config=ONE_DAY,
    )
    split = LambdaStep(
        "Split",
        lambda_func=Lambda(
            function_arn=f"{FUNCTIONS}split-labels:7",
            session=session,
        ),
        inputs={"labels": labelled.properties.Outputs["labels_uri"]},
        outputs=[
            LambdaOutput("train_uri", LambdaOutputTypeEnum.String),
            LambdaOutput("rows", LambdaOutputTypeEnum.Integer),
            LambdaOutput("share", LambdaOutputTypeEnum.Float),
            LambdaOutput("complete", LambdaOutputTypeEnum.Boolean),
        ],
        cache_config=ONE_DAY,
    )
    trained = train(session, data=split.properties.Outputs["train_uri"])
    return pipeline(
        session,
        "lambda-and-callback",
        [labelled, split, trained],
        pipeline_experiment_config=PipelineExperimentConfig("churn-labels", EXECUTION),
    )


def quality_checks(session: PipelineSession) -> Pipeline:
    """Data and model quality, with baselines of a group, and a model registered with them."""
    skip = ParameterBoolean("SkipChecks", default_value=False)
    register = ParameterBoolean("RegisterNewBaselines", default_value=True)
    data = check_data(
        session,
        skip_check=skip,
        register_new_baseline=register,
        model_package_group_name="churn",
        cache_config=ONE_DAY,
    )
    trained = train(session)
    model = QualityCheckStep(
        "CheckModel",
        quality_check_config=ModelQualityCheckConfig(
            baseline_dataset=f"s3://{BUCKET}/churn/predictions/",
            dataset_format=DatasetFormat.csv(header=True),
            output_s3_uri=f"s3://{BUCKET}/churn/baselines/model",
            problem_type="BinaryClassification",
            inference_attribute="prediction",
            ground_truth_attribute="churned",
        ),
        check_job_config=check_jobs(session, **SECURED),
        skip_check=skip,
        fail_on_violation=False,
        register_new_baseline=register,
        supplied_baseline_statistics=f"s3://{BUCKET}/churn/baselines/old/statistics.json",
        supplied_baseline_constraints=f"s3://{BUCKET}/churn/baselines/old/constraints.json",
        model_package_group_name="churn",
        depends_on=[trained],
    )

    def source(location: Any) -> MetricsSource:
        return MetricsSource("application/json", location)

    registered = ModelStep(
        "Register",
        step_args=churn_model(session, artifact(trained)).register(
            **CSV,
            model_package_group_name="churn",
            model_metrics=ModelMetrics(
                model_data_statistics=source(data.properties.CalculatedBaselineStatistics),
                model_statistics=source(model.properties.CalculatedBaselineStatistics),
            ),
            drift_check_baselines=DriftCheckBaselines(
                model_data_statistics=source(data.properties.BaselineUsedForDriftCheckStatistics),
                model_constraints=source(model.properties.BaselineUsedForDriftCheckConstraints),
            ),
        ),
    )
    return pipeline(
        session, "quality-checks", [data, trained, model, registered], parameters=[skip, register]
    )


def clarify_checks(session: PipelineSession) -> Pipeline:
    """Bias of data, bias of a model, and how it decides; the latter two run the model."""
    created = ModelStep(
        "Create",
        step_args=churn_model(session, f"{MODELS}/latest/model.tar.gz").create("ml.m5.large"),
    )
    model = ModelConfig(
        model_name=created.properties.ModelName, instance_count=1, instance_type="ml.m5.large"
    )

    steps = [
        check_bias(
            session,
            skip_check=True,
            register_new_baseline=True,
            model_package_group_name="churn",
            cache_config=ONE_DAY,
        ),
        ClarifyCheckStep(
            "ModelBias",
            ModelBiasCheckConfig(
                clarify_data("model-bias"),
                AGE,
                model,
                ModelPredictedLabelConfig(probability_threshold=0.5),
            ),
            check_jobs(session),
            supplied_baseline_constraints=f"s3://{BUCKET}/churn/baselines/old/bias.json",
        ),
        ClarifyCheckStep(
            "Explainability",
            ModelExplainabilityCheckConfig(
                clarify_data("explainability"),
                model,
                SHAPConfig(baseline=[[40, 50000]], num_samples=100, agg_method="mean_abs", seed=1),
            ),
            check_jobs(session, **SECURED),
            fail_on_violation=False,
            model_package_group_name="churn",
            depends_on=["ModelBias"],
        ),
    ]
    return pipeline(session, "clarify-checks", [created, *steps])


def monitor_batch_transform(session: PipelineSession) -> Pipeline:
    """A transform and the check of its input, of one step collection of the SDK."""
    transformer = Transformer(
        model_name="churn-model",
        instance_count=1,
        instance_type="ml.m5.xlarge",
        accept="text/csv",
        output_path=f"s3://{BUCKET}/churn/scores",
        base_transform_job_name="churn-monitored",
        sagemaker_session=session,
    )
    monitored = MonitorBatchTransformStep(
        "Monitored",
        transform_step_args=transformer.transform(f"{DATA}/customers/", content_type="text/csv"),
        monitor_configuration=DataQualityCheckConfig(
            baseline_dataset=f"{DATA}/customers/",
            dataset_format=DatasetFormat.csv(header=False),
            output_s3_uri=f"s3://{BUCKET}/churn/monitoring",
        ),
        check_job_configuration=check_jobs(session),
        monitor_before_transform=True,
        fail_on_violation=True,
        supplied_baseline_statistics=f"s3://{BUCKET}/churn/baselines/statistics.json",
        supplied_baseline_constraints=f"s3://{BUCKET}/churn/baselines/constraints.json",
    )
    return pipeline(session, "monitor-batch-transform", [monitored])


def emr_existing_cluster(session: PipelineSession) -> Pipeline:
    """Steps on a cluster that is there: one by a parameter, one with a role of its own."""
    cluster = ParameterString("ClusterId", "j-1K48XXXXXXHCB")
    joined = EMRStep(
        "JoinTables",
        display_name="Join tables",
        description="Joins what the shops send",
        cluster_id=cluster,
        step_config=EMRStepConfig(
            jar="command-runner.jar",
            args=["spark-submit", f"s3://{BUCKET}/churn/code/join.py", "--out", f"{DATA}/joined/"],
        ),
        retry_policies=[THROTTLED],
    )
    counted = EMRStep(
        "Count",
        display_name="Count",
        description="With a runtime role",
        cluster_id="j-2AXXXXXXGAPLF",
        execution_role_arn=f"{ROLES}ml/emr-runtime",
        step_config=EMRStepConfig(
            jar=f"s3://{BUCKET}/churn/code/count.jar",
            main_class="churn.Count",
            properties=[{"Key": "mapred.reduce.tasks", "Value": "4"}],
        ),
        depends_on=[joined],
        cache_config=ONE_DAY,
    )
    return pipeline(
        session,
        "emr-existing-cluster",
        [joined, counted],
        parameters=[cluster],
        pipeline_definition_config=DEFAULT_NAMES,
    )


def emr_new_cluster(session: PipelineSession) -> Pipeline:
    """A cluster for a step: of groups with roles by name, of fleets with a role by ARN."""
    groups = {
        "ReleaseLabel": "emr-7.5.0",
        "Applications": [{"Name": "Spark"}],
        "Instances": {
            "InstanceGroups": [
                {"InstanceRole": "MASTER", "InstanceCount": 1, "InstanceType": "m5.xlarge"},
                {"InstanceRole": "CORE", "InstanceCount": 2, "InstanceType": "m5.xlarge"},
            ],
            "Ec2SubnetId": VPC["subnet_ids"][0],
        },
        "JobFlowRole": "EMR_EC2_DefaultRole",
        "ServiceRole": "EMR_DefaultRole",
        "LogUri": f"s3://{BUCKET}/churn/emr-logs/",
        "Tags": TAGS,
    }
    fleets = {
        "ReleaseLabel": "emr-7.5.0",
        "Instances": {
            "InstanceFleets": [
                {
                    "InstanceFleetType": "MASTER",
                    "TargetOnDemandCapacity": 1,
                    "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
                }
            ],
        },
        "JobFlowRole": "churn-emr-nodes",
        "ServiceRole": f"{ROLES}ml/emr-service",
        "AutoScalingRole": f"{ROLES}ml/emr-scaling",
        "VisibleToAllUsers": True,
    }
    steps = [
        EMRStep(
            name,
            display_name=name,
            description="On a cluster of its own",
            cluster_id=None,
            cluster_config=config,
            step_config=EMRStepConfig(jar="command-runner.jar", args=["spark-submit", script]),
        )
        for name, config, script in (
            ("OnGroups", groups, f"s3://{BUCKET}/churn/code/join.py"),
            ("OnFleets", fleets, f"s3://{BUCKET}/churn/code/count.py"),
        )
    ]
    return pipeline(session, "emr-new-cluster", steps, pipeline_definition_config=DEFAULT_NAMES)


def notebook_job(session: PipelineSession) -> Pipeline:
    """A notebook as a step: a training job, whose input the SDK uploads."""
    month = ParameterString("Month", "2027-01")
    noted = NotebookJobStep(
        name="Report",
        input_notebook="code/report.ipynb",
        image_uri=f"{ECR}/notebooks:1",
        kernel_name="python3",
        notebook_job_name="churn_report",
        role=EVALUATION,
        s3_root_uri=f"s3://{BUCKET}/churn/notebooks",
        parameters={"month": month},
        environment_variables={"LOG_LEVEL": "info"},
        s3_kms_key=KEY,
        volume_kms_key=KEY,
        subnets=VPC["subnet_ids"],
        security_group_ids=VPC["security_group_ids"],
        tags=TAGS,
    )
    return pipeline(session, "notebook-job", [noted], parameters=[month])


def encrypted_in_vpc(session: PipelineSession) -> Pipeline:
    """Keys, subnets, isolation, tags, spot capacity with checkpoints; steps that only wait."""
    processor = Processor(
        role=PREPARATION,
        image_uri=IMAGE["prepare"],
        instance_count=2,
        instance_type="ml.m5.4xlarge",
        volume_kms_key=KEY,
        output_kms_key=KEY,
        network_config=NETWORK,
        base_job_name="churn-prepare",
        tags=TAGS,
        env={"SOURCE": "warehouse"},
        sagemaker_session=session,
    )
    prepared = ProcessingStep(
        "Prepare",
        step_args=processor.run(
            inputs=[
                ProcessingInput(
                    f"{DATA}/raw/",
                    "/opt/ml/processing/raw",
                    "raw",
                    s3_input_mode="Pipe",
                    s3_data_distribution_type="ShardedByS3Key",
                    s3_compression_type="Gzip",
                )
            ],
            outputs=[
                ProcessingOutput(
                    source="/opt/ml/processing/train",
                    destination=f"{DATA}/train",
                    output_name="train",
                    s3_upload_mode="Continuous",
                )
            ],
        ),
        display_name="Prepare",
        description="Writes what the next step reads, without a reference to it",
    )
    estimator = churn_estimator(
        session,
        instance_type="ml.p4d.24xlarge",
        instance_count=2,
        volume_kms_key=KEY,
        output_kms_key=KEY,
        subnets=VPC["subnet_ids"],
        security_group_ids=VPC["security_group_ids"],
        enable_network_isolation=True,
        encrypt_inter_container_traffic=True,
        use_spot_instances=True,
        max_run=3600,
        max_wait=7200,
        checkpoint_s3_uri=f"s3://{BUCKET}/churn/checkpoints/",
        environment={"EXECUTION": EXECUTION},
        tags=TAGS,
    )
    trained = TrainingStep(
        "Train",
        step_args=estimator.fit(
            {"train": TrainingInput(f"{DATA}/train/", content_type="text/csv")}
        ),
        depends_on=[prepared],
        retry_policies=[
            NO_CAPACITY,
            StepRetryPolicy(
                [StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING],
                backoff_rate=1.5,
                interval_seconds=10,
                max_attempts=3,
            ),
        ],
    )
    return pipeline(session, "encrypted-in-vpc", [prepared, trained])


def everything_is_a_parameter(session: PipelineSession) -> Pipeline:
    """Roles, images, keys, paths and the group: nothing stands in the steps themselves."""
    parameters = by_name(
        ParameterString("Role", TRAINING),
        ParameterString("Image", IMAGE["train"]),
        ParameterString("InstanceType", "ml.m5.xlarge"),
        ParameterInteger("InstanceCount", 1),
        ParameterInteger("VolumeSizeInGB", 30),
        ParameterInteger("MaxRuntimeInSeconds", 3600),
        ParameterString("Key", KEY),
        ParameterString("Data", f"{DATA}/train/"),
        ParameterString("Output", MODELS),
        ParameterString("Group", "churn"),
        ParameterString("Queue", f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/approvals"),
        ParameterFloat("LearningRate", 0.1),
        ParameterBoolean("Spot", default_value=False),
    )
    estimator = Estimator(
        image_uri=parameters["Image"],
        role=parameters["Role"],
        instance_count=parameters["InstanceCount"],
        instance_type=parameters["InstanceType"],
        volume_size=parameters["VolumeSizeInGB"],
        max_run=parameters["MaxRuntimeInSeconds"],
        output_path=parameters["Output"],
        output_kms_key=parameters["Key"],
        hyperparameters={"learning_rate": parameters["LearningRate"]},
        base_job_name="churn-train",
        sagemaker_session=session,
    )
    trained = TrainingStep(
        "Train", step_args=estimator.fit({"train": TrainingInput(parameters["Data"])})
    )
    asked = CallbackStep(
        "Ask",
        sqs_queue_url=parameters["Queue"],
        inputs={"model": artifact(trained), "spot": parameters["Spot"]},
        outputs=[CallbackOutput("answer", CallbackOutputTypeEnum.Boolean)],
    )
    model = churn_model(
        session, artifact(trained), role=parameters["Role"], image_uri=parameters["Image"]
    )
    registered = ModelStep(
        "Register",
        step_args=model.register(
            **CSV,
            model_package_group_name=parameters["Group"],
        ),
        depends_on=[asked],
    )
    return pipeline(
        session,
        "everything-is-a-parameter",
        [trained, asked, registered],
        parameters=list(parameters.values()),
    )


def other_sources(session: PipelineSession) -> Pipeline:
    """Data that is not in S3: queries of Athena and Redshift, a feature group, a file system."""
    athena = DatasetDefinition(
        local_path="/opt/ml/processing/customers",
        athena_dataset_definition=AthenaDatasetDefinition(
            catalog="AwsDataCatalog",
            database="churn",
            query_string="SELECT * FROM customers",
            work_group="ml",
            output_s3_uri=f"{DATA}/athena/",
            output_format="PARQUET",
        ),
    )
    redshift = DatasetDefinition(
        local_path="/opt/ml/processing/orders",
        redshift_dataset_definition=RedshiftDatasetDefinition(
            cluster_id="warehouse",
            database="sales",
            db_user="ml",
            query_string="SELECT * FROM orders",
            cluster_role_arn=f"{ROLES}ml/redshift-unload",
            output_s3_uri=f"{DATA}/redshift/",
            output_format="CSV",
            kms_key_id=KEY,
        ),
    )
    processor = Processor(
        role=PREPARATION,
        image_uri=IMAGE["prepare"],
        instance_count=1,
        instance_type="ml.m5.xlarge",
        base_job_name="churn-prepare",
        sagemaker_session=session,
    )
    prepared = ProcessingStep(
        "Prepare",
        step_args=processor.run(
            inputs=[
                ProcessingInput(input_name="customers", dataset_definition=athena),
                ProcessingInput(input_name="orders", dataset_definition=redshift),
            ],
            outputs=[
                ProcessingOutput(
                    source="/opt/ml/processing/features",
                    output_name="features",
                    app_managed=True,
                    feature_store_output=FeatureStoreOutput(feature_group_name="churn-features"),
                )
            ],
        ),
    )
    estimator = churn_estimator(
        session, subnets=VPC["subnet_ids"], security_group_ids=VPC["security_group_ids"]
    )
    history = FileSystemInput("fs-0123456789abcdef0", "FSxLustre", "/fsx/churn/history", "ro")
    trained = TrainingStep("Train", step_args=estimator.fit({"history": history}))
    trained.add_depends_on([prepared])
    return pipeline(session, "other-sources", [prepared, trained])


def required_parameter(session: PipelineSession) -> Pipeline:
    """A parameter without a default: whoever starts the pipeline has to send it."""
    month = ParameterString("Month")
    trained = train(session, data=Join("/", [DATA, month]))
    return pipeline(session, "required-parameter", [trained], parameters=[month])


# --- Step types that the module does not take ---


def deploy_endpoint(session: PipelineSession) -> Pipeline:
    """A model behind an endpoint."""
    created = ModelStep(
        "Create",
        step_args=churn_model(session, f"{MODELS}/latest/model.tar.gz").create("ml.m5.large"),
    )
    configured = EndpointConfigStep(
        "Configure",
        step_args=session.create_endpoint_config(
            name="churn",
            model_name=created.properties.ModelName,
            initial_instance_count=1,
            instance_type="ml.m5.large",
        ),
    )
    deployed = EndpointStep(
        "Deploy",
        step_args=session.create_endpoint("churn", configured.properties.EndpointConfigName),
    )
    return pipeline(session, "deploy-endpoint", [created, configured, deployed])


def record_lineage(session: PipelineSession) -> Pipeline:
    """What a model is made of, among branches."""
    data = Artifact.create(
        artifact_name="churn-data",
        source_uri=f"{DATA}/train/",
        artifact_type="DataSet",
        sagemaker_session=session,
    )
    return pipeline(
        session,
        "record-lineage",
        [
            ConditionStep(
                "Always",
                conditions=[ConditionEquals(ExecutionVariables.PIPELINE_NAME, "record-lineage")],
                if_steps=[LineageStep("Record", artifacts=data)],
                else_steps=[],
            )
        ],
        pipeline_definition_config=DEFAULT_NAMES,
    )


PIPELINES: dict[str, Callable[[PipelineSession], Pipeline]] = {
    "training": training,
    "processing": processing,
    "automl": automl,
    "clarify-checks": clarify_checks,
    "default-job-names": default_job_names,
    "emr-existing-cluster": emr_existing_cluster,
    "emr-new-cluster": emr_new_cluster,
    "encrypted-in-vpc": encrypted_in_vpc,
    "every-condition": every_condition,
    "everything-in-branches": everything_in_branches,
    "everything-is-a-parameter": everything_is_a_parameter,
    "inference-pipeline": inference_pipeline,
    "lambda-and-callback": lambda_and_callback,
    "monitor-batch-transform": monitor_batch_transform,
    "nested-conditions": nested_conditions,
    "notebook-job": notebook_job,
    "other-sources": other_sources,
    "prepare-train-evaluate-register": prepare_train_evaluate_register,
    "quality-checks": quality_checks,
    "register-in-other-account": register_in_other_account,
    "register-without-group": register_without_group,
    "repack-and-register": repack_and_register,
    "required-parameter": required_parameter,
    "tune-and-score": tune_and_score,
    "tune-several-algorithms": tune_several_algorithms,
    "refused/deploy-endpoint": deploy_endpoint,
    "refused/record-lineage": record_lineage,
}


def offline_session() -> PipelineSession:
    """A session of the tests' account and region."""
    opt_out = {
        "SchemaVersion": "1.0",
        "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
    }
    return PipelineSession(boto_session(), default_bucket=BUCKET, sagemaker_config=opt_out)


def main() -> None:
    """Write all definitions, and that of the example."""
    build_example = runpy.run_path(str(EXAMPLE / "pipeline.py"))["build"]
    with same_in_every_run():
        texts = {name: build(offline_session()).definition() for name, build in PIPELINES.items()}
        text = build_example(offline_session()).definition()
    write(texts)
    (EXAMPLE / "pipeline.json").write_text(json.dumps(json.loads(text), indent=2) + "\n")


if __name__ == "__main__":
    main()
