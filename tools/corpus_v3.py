"""`make corpus`, of version 3 of the SageMaker SDK: what version 2 cannot make.

These are steps on EMR Serverless, an MLflow server of SageMaker's, and the type ForEach.
"""

from __future__ import annotations

from collections.abc import Callable

from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.shapes.shapes import MlflowConfig
from sagemaker.core.workflow.parameters import ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.emr_serverless_step import EMRServerlessJobConfig, EMRServerlessStep
from sagemaker.mlops.workflow.for_each_step import CurrentItem, ForEachStep
from sagemaker.mlops.workflow.lambda_step import LambdaStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.retry import StepExceptionTypeEnum, StepRetryPolicy
from sagemaker.mlops.workflow.steps import CacheConfig

from inputs import ACCOUNT, ROLES
from offline_sdk import BUCKET, REGION, boto_session, same_in_every_run, write

CODE = f"s3://{BUCKET}/churn/code"


def emr_serverless(session: PipelineSession) -> Pipeline:
    """Jobs of an application that is there, and of one that the step makes. With MLflow."""
    application = ParameterString("ApplicationId", "00fabcdefgh12345")
    joined = EMRServerlessStep(
        name="JoinTables",
        display_name="Join tables",
        description="In the application of the platform",
        application_id=application,
        job_config=EMRServerlessJobConfig(
            job_driver={"sparkSubmit": {"entryPoint": f"{CODE}/join.py"}},
            execution_role_arn=f"{ROLES}ml/emr-serverless",
            execution_timeout_minutes=60,
            tags={"Project": "churn"},
        ),
        retry_policies=[StepRetryPolicy([StepExceptionTypeEnum.THROTTLING], max_attempts=5)],
    )
    counted = EMRServerlessStep(
        name="Count",
        display_name="Count",
        description="In an application of its own",
        application_config={"name": "churn-count", "releaseLabel": "emr-7.5.0", "type": "SPARK"},
        job_config=EMRServerlessJobConfig(
            job_driver={"sparkSubmit": {"entryPoint": f"{CODE}/count.py"}},
            execution_role_arn=f"{ROLES}ml/emr-serverless-count",
        ),
        depends_on=[joined],
        cache_config=CacheConfig(enable_caching=True, expire_after="P1D"),
    )
    return Pipeline(
        name="emr-serverless",
        parameters=[application],
        mlflow_config=MlflowConfig(
            mlflow_resource_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:mlflow-tracking-server/ml",
            mlflow_experiment_name="churn",
        ),
        steps=[joined, counted],
        sagemaker_session=session,
    )


def for_each(session: PipelineSession) -> Pipeline:
    """A step for each country: of a type that the module does not take."""
    count = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:count-rows"
    counted = LambdaStep(
        name="Count",
        lambda_func=Lambda(function_arn=count, session=session),
        inputs={"country": CurrentItem()},
    )
    repeated = ForEachStep(
        "ForEachCountry",
        iterable_items=["DE", "FR", "US"],
        max_concurrency=2,
        for_each_body=[counted],
    )
    return Pipeline(name="for-each", steps=[repeated], sagemaker_session=session)


PIPELINES: dict[str, Callable[[PipelineSession], Pipeline]] = {
    "emr-serverless": emr_serverless,
    "refused/for-each": for_each,
}


def main() -> None:
    """Write all definitions."""
    with same_in_every_run():
        session = PipelineSession(boto_session(), default_bucket=BUCKET)
        texts = {name: build(session).definition() for name, build in PIPELINES.items()}
    write(texts)


if __name__ == "__main__":
    main()
