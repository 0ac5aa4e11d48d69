"""Writes pipeline.json, the definition that main.tf brings.

    pip install "sagemaker<3"
    python pipeline.py

It needs no AWS account, and only has to run again when the pipeline changes.
"""

import json
from pathlib import Path

import boto3
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.pipeline_definition_config import PipelineDefinitionConfig
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import ProcessingStep, TrainingStep

REGION = "us-east-1"
BUCKET = "my-ml-bucket"
DATA = f"s3://{BUCKET}/churn"
IMAGES = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
# roles.tf creates them
ROLES = "arn:aws:iam::123456789012:role/churn-prod"

# An execution keeps what it writes apart
EXECUTION = ExecutionVariables.PIPELINE_EXECUTION_ID


def build(session: PipelineSession) -> Pipeline:
    """Prepare data, train, evaluate; register the model if it is good enough."""
    instance_type = ParameterString("TrainingInstanceType", "ml.m5.xlarge")
    least_auc = ParameterFloat("LeastAuc", 0.8)
    # Of the start: schedules and triggers of the module send it
    scheduled_time = ParameterString("ScheduledTime", "none")

    processor = Processor(
        base_job_name="churn-prepare",
        role=f"{ROLES}-prepare",
        image_uri=f"{IMAGES}/churn-prepare:1.0.0",
        instance_type="ml.m5.xlarge",
        instance_count=1,
        env={"SCHEDULED_TIME": scheduled_time},
        sagemaker_session=session,
    )
    prepare = ProcessingStep(
        "Prepare",
        step_args=processor.run(
            inputs=[ProcessingInput(f"{DATA}/raw/", "/opt/ml/processing/raw", "raw")],
            outputs=[
                ProcessingOutput(
                    output_name=name,
                    source=f"/opt/ml/processing/{name}",
                    destination=Join("/", [f"{DATA}/prepared", EXECUTION, name]),
                )
                for name in ("training", "test")
            ],
        ),
    )
    prepared = prepare.properties.ProcessingOutputConfig.Outputs

    estimator = Estimator(
        base_job_name="churn-train",
        role=f"{ROLES}-train",
        image_uri=f"{IMAGES}/churn-train:1.0.0",
        instance_type=instance_type,
        instance_count=1,
        output_path=Join("/", [f"{DATA}/models", EXECUTION]),
        sagemaker_session=session,
    )
    train = TrainingStep(
        "Train",
        step_args=estimator.fit({"training": TrainingInput(prepared["training"].S3Output.S3Uri)}),
    )
    artifact = train.properties.ModelArtifacts.S3ModelArtifacts

    # The container writes {"auc": 0.87} to metrics.json
    evaluator = Processor(
        base_job_name="churn-evaluate",
        role=f"{ROLES}-evaluate",
        image_uri=f"{IMAGES}/churn-evaluate:1.0.0",
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=session,
    )
    metrics = PropertyFile("Metrics", output_name="evaluation", path="metrics.json")
    evaluate = ProcessingStep(
        "Evaluate",
        step_args=evaluator.run(
            inputs=[
                ProcessingInput(artifact, "/opt/ml/processing/model", "model"),
                ProcessingInput(
                    prepared["test"].S3Output.S3Uri, "/opt/ml/processing/test", "test"
                ),
            ],
            outputs=[
                ProcessingOutput(
                    output_name="evaluation",
                    source="/opt/ml/processing/evaluation",
                    destination=Join("/", [f"{DATA}/evaluation", EXECUTION]),
                )
            ],
        ),
        property_files=[metrics],
    )

    model = Model(
        image_uri=f"{IMAGES}/churn-serve:1.0.0", model_data=artifact, sagemaker_session=session
    )
    register = ModelStep(
        "Register",
        step_args=model.register(
            model_package_group_name="churn",
            approval_status="PendingManualApproval",
            content_types=["text/csv"],
            response_types=["text/csv"],
        ),
    )
    check = ConditionStep(
        "IsGoodEnough",
        conditions=[
            ConditionGreaterThanOrEqualTo(JsonGet("Evaluate", metrics, "auc"), least_auc)
        ],
        if_steps=[register],
        else_steps=[
            FailStep("NotGoodEnough", Join(" ", ["The AUC is less than", least_auc]))
        ],
    )

    return Pipeline(
        "churn",
        parameters=[instance_type, least_auc, scheduled_time],
        steps=[prepare, train, evaluate, check],
        # Jobs are named after base_job_name, so that the role may run these and no others
        pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=True),
        pipeline_experiment_config=None,
        sagemaker_session=session,
    )


def main() -> None:
    """Write the definition, a member a line, for a difference that people can read."""
    session = PipelineSession(boto3.Session(region_name=REGION), default_bucket=BUCKET)
    definition = json.loads(build(session).definition())
    Path(__file__).with_name("pipeline.json").write_text(json.dumps(definition, indent=2) + "\n")


if __name__ == "__main__":
    main()
