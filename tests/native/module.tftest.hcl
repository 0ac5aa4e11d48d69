# The module's tests for those who have Terraform (1.7 or later) and no Python. In the module's folder:
#
#   terraform init
#   terraform test -test-directory=tests/native
#
# They need no AWS account: a mocked provider answers. `make test` proves far more.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_vpc" {
    defaults = { instance_tenancy = "default" }
  }

  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-12345678"] }
  }

  mock_data "aws_security_groups" {
    defaults = { ids = ["sg-12345678"] }
  }
}

variables {
  project_name         = "ml"
  environment          = "test"
  s3_bucket_arn        = "arn:aws:s3:::bucket"
  input_data_s3_path   = "s3://bucket/data/"
  model_output_s3_path = "s3://bucket/models/"
  training_image_uri   = "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"
}

run "defaults_are_one_training_pipeline_without_a_schedule" {
  command = plan

  assert {
    condition     = keys(aws_sagemaker_pipeline.this) == ["training"]
    error_message = "There is another pipeline than the one for training."
  }

  assert {
    condition     = aws_sagemaker_pipeline.this["training"].pipeline_name == "ml-test-training"
    error_message = "The training pipeline has another name."
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.schedule) + length(aws_scheduler_schedule.this) + length(aws_iam_role.schedule) == 0
    error_message = "There is a schedule that nobody asked for."
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.trigger) + length(aws_cloudwatch_metric_alarm.this) == 0
    error_message = "There is a trigger or an alarm that nobody asked for."
  }

  assert {
    condition     = output.processing_pipeline_arn == null
    error_message = "processing_pipeline_arn is not null without the processing pipeline."
  }
}

run "definition_reads_the_parameters_and_runs_one_job" {
  command = plan

  variables {
    training_hyperparameters = { epochs = "3" }
  }

  assert {
    condition = {
      for parameter in jsondecode(output.training_pipeline_definition).Parameters : parameter.Name => parameter.DefaultValue
      } == {
      InputDataS3Uri              = "s3://bucket/data/"
      ModelOutputS3Uri            = "s3://bucket/models/"
      ScheduledTime               = "none"
      TrainingImageUri            = "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"
      TrainingInstanceCount       = 1
      TrainingInstanceType        = "ml.m5.xlarge"
      TrainingMaxRuntimeInSeconds = 86400
      TrainingVolumeSizeInGB      = 30
    }
    error_message = "The pipeline has other parameters."
  }

  assert {
    condition     = [for step in jsondecode(output.training_pipeline_definition).Steps : step.Type] == ["Training"]
    error_message = "The pipeline is not one training job."
  }

  assert {
    condition = jsondecode(output.training_pipeline_definition).Steps[0].Arguments.ResourceConfig == {
      InstanceCount  = { Get = "Parameters.TrainingInstanceCount" }
      InstanceType   = { Get = "Parameters.TrainingInstanceType" }
      VolumeSizeInGB = { Get = "Parameters.TrainingVolumeSizeInGB" }
    }
    error_message = "The job does not take its instances from the parameters."
  }

  assert {
    condition     = jsondecode(output.training_pipeline_definition).Steps[0].Arguments.RoleArn == "arn:aws:iam::123456789012:role/ml-test-training-job-us-east-1"
    error_message = "The job does not run with the job role."
  }

  assert {
    condition     = jsondecode(output.training_pipeline_definition).Steps[0].Arguments.HyperParameters == { epochs = "3" }
    error_message = "The hyperparameters do not reach the job."
  }

  assert {
    condition     = !can(jsondecode(output.training_pipeline_definition).Steps[0].Arguments.VpcConfig)
    error_message = "The job is in a VPC that nobody gave."
  }
}

run "jobs_run_in_the_vpc" {
  command = plan

  variables {
    vpc_id             = "vpc-12345678"
    subnet_ids         = ["subnet-12345678"]
    security_group_ids = ["sg-12345678"]
  }

  assert {
    condition = jsondecode(output.training_pipeline_definition).Steps[0].Arguments.VpcConfig == {
      SecurityGroupIds = ["sg-12345678"]
      Subnets          = ["subnet-12345678"]
    }
    error_message = "The job is not in the VPC."
  }
}

run "roles_may_do_what_they_need" {
  command = plan

  assert {
    condition = {
      for statement in jsondecode(output.role_policies.training_job.policy).Statement : statement.Sid => statement.Resource
      if contains(["ReadInput", "WriteOutput"], statement.Sid)
      } == {
      ReadInput   = ["arn:aws:s3:::bucket/data/*"]
      WriteOutput = ["arn:aws:s3:::bucket/models/*"]
    }
    error_message = "The job may read or write other objects than its input and output."
  }

  assert {
    condition = [
      for statement in jsondecode(output.role_policies.training_pipeline.policy).Statement : {
        role    = statement.Resource
        service = statement.Condition.StringEquals["iam:PassedToService"]
      } if statement.Action == "iam:PassRole"
    ] == [{ role = "arn:aws:iam::123456789012:role/ml-test-training-job-us-east-1", service = "sagemaker.amazonaws.com" }]
    error_message = "The pipeline may pass another role than the job role, or to another service."
  }

  assert {
    condition = alltrue([
      for documents in output.role_policies : alltrue([
        for statement in jsondecode(documents.assume_role_policy).Statement : statement.Principal == { Service = "sagemaker.amazonaws.com" }
      ])
    ])
    error_message = "Somebody else than SageMaker may assume a role."
  }
}

run "schedule_starts_the_pipeline_with_its_parameters" {
  command = plan

  variables {
    enable_training_schedule     = true
    training_schedule_expression = "cron(0 22 ? * SAT *)"
    training_schedule_parameters = { TrainingInstanceCount = "4" }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.schedule["training"].schedule_expression == "cron(0 22 ? * SAT *)"
    error_message = "The rule has another expression."
  }

  assert {
    condition     = aws_cloudwatch_event_target.schedule["training"].arn == output.training_pipeline_arn
    error_message = "The rule does not start the training pipeline."
  }

  assert {
    condition = {
      for parameter in aws_cloudwatch_event_target.schedule["training"].sagemaker_pipeline_target[0].pipeline_parameter_list :
      parameter.name => parameter.value
    }["TrainingInstanceCount"] == "4"
    error_message = "The rule does not pass the parameter on."
  }

  assert {
    condition = [
      for statement in jsondecode(output.role_policies.training_schedule.policy).Statement : [statement.Action, statement.Resource]
    ] == [["sagemaker:StartPipelineExecution", output.training_pipeline_arn]]
    error_message = "The schedule's role may do more than start the training pipeline, or not that."
  }
}

run "schedules_start_the_pipeline_in_their_time_zone" {
  command = plan

  variables {
    schedules = {
      monthly = {
        pipeline   = "training"
        expression = "cron(0 4 1 * ? *)"
        timezone   = "Europe/Berlin"
        parameters = { TrainingInstanceCount = "4" }
      }
    }
  }

  assert {
    condition = [
      for schedule in aws_scheduler_schedule.this : [schedule.schedule_expression, schedule.schedule_expression_timezone, schedule.state]
    ] == [["cron(0 4 1 * ? *)", "Europe/Berlin", "ENABLED"]]
    error_message = "The schedule has another expression or time zone, or does not run."
  }

  assert {
    condition = {
      for parameter in aws_scheduler_schedule.this["monthly"].target[0].sagemaker_pipeline_parameters[0].pipeline_parameter :
      parameter.name => parameter.value
    } == { ScheduledTime = "<aws.scheduler.scheduled-time>", TrainingInstanceCount = "4" }
    error_message = "The schedule does not pass the parameter or its time on."
  }

  assert {
    condition = [
      for statement in jsondecode(output.role_policies.training_schedule.assume_role_policy).Statement :
      [statement.Principal.Service, statement.Condition.ArnEquals["aws:SourceArn"]]
    ] == [["scheduler.amazonaws.com", "arn:aws:scheduler:us-east-1:123456789012:schedule-group/ml-test-training-schedules"]]
    error_message = "Somebody else than the group's schedules may assume the schedule's role."
  }
}

run "trigger_scores_when_the_model_is_there" {
  command = plan

  variables {
    enable_processing_pipeline = true
    inference_image_uri        = "123456789012.dkr.ecr.us-east-1.amazonaws.com/score:1"
    inference_input_s3_path    = "s3://bucket/input/"
    inference_output_s3_path   = "s3://bucket/output/"
    triggers                   = { trained = { pipeline = "processing", after = "training" } }
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.trigger["trained"].event_pattern).detail == {
      pipelineArn                    = [output.training_pipeline_arn]
      currentPipelineExecutionStatus = ["Succeeded"]
    }
    error_message = "The trigger waits for something else than the end of training."
  }

  assert {
    condition     = aws_cloudwatch_event_target.schedule["triggers.trained"].arn == output.processing_pipeline_arn
    error_message = "The trigger does not start the processing pipeline."
  }
}

run "scoring_reads_and_writes_more" {
  command = plan

  variables {
    enable_processing_pipeline      = true
    inference_image_uri             = "123456789012.dkr.ecr.us-east-1.amazonaws.com/score:1"
    inference_input_s3_path         = "s3://bucket/input/"
    inference_output_s3_path        = "s3://bucket/output/"
    processing_output_per_execution = true
    processing_additional_inputs    = { model = { s3_path = "s3://bucket/model/" } }
    processing_additional_outputs   = { report = { s3_path = "s3://bucket/reports/" } }
  }

  assert {
    condition = [
      for input in jsondecode(output.processing_pipeline_definition).Steps[0].Arguments.ProcessingInputs : [input.InputName, input.S3Input.LocalPath]
    ] == [["input", "/opt/ml/processing/input"], ["model", "/opt/ml/processing/model"]]
    error_message = "The container does not find the model."
  }

  assert {
    condition = [
      for output in jsondecode(output.processing_pipeline_definition).Steps[0].Arguments.ProcessingOutputConfig.Outputs :
      [output.OutputName, try(output.S3Output.S3Uri["Std:Join"].Values[1].Get, "")]
    ] == [for name in ["output", "report"] : [name, "Execution.PipelineExecutionId"]]
    error_message = "The results and the report of each execution do not get folders of their own."
  }

  assert {
    condition = {
      for statement in jsondecode(output.role_policies.processing_job.policy).Statement : statement.Sid => statement.Resource
      if contains(["ReadInput", "WriteOutput"], statement.Sid)
      } == {
      ReadInput   = ["arn:aws:s3:::bucket/input/*", "arn:aws:s3:::bucket/model/*"]
      WriteOutput = ["arn:aws:s3:::bucket/output/*", "arn:aws:s3:::bucket/reports/*"]
    }
    error_message = "The job may not read the model or write the report, or more than that."
  }
}

run "guardrails_are_conditions_of_creating_jobs_alone" {
  command = plan

  variables {
    guardrails = { instance_types = ["ml.m5.xlarge"], max_runtime_seconds = 86400 }
  }

  assert {
    condition = [
      for statement in jsondecode(output.role_policies.training_pipeline.policy).Statement : try(statement.Condition, null)
      if try(contains(flatten([statement.Action]), "sagemaker:CreateTrainingJob"), false)
      ] == [{
        "ForAllValues:StringEquals" = { "sagemaker:InstanceTypes" = ["ml.m5.xlarge"] }
        NumericLessThanEquals       = { "sagemaker:MaxRuntimeInSeconds" = "86400" }
        Null                        = { "sagemaker:InstanceTypes" = "false" }
    }]
    error_message = "The pipeline's role may create other jobs."
  }

  assert {
    condition = contains(flatten([
      for statement in jsondecode(output.role_policies.training_pipeline.policy).Statement : statement.Action
      if !can(statement.Condition)
    ]), "sagemaker:StopTrainingJob")
    error_message = "Conditions of creating a job keep the pipeline's role from stopping it."
  }
}

run "guardrails_refuse_a_larger_instance" {
  command = plan

  variables {
    guardrails             = { instance_types = ["ml.m5.xlarge"] }
    training_instance_type = "ml.p4d.24xlarge"
  }

  expect_failures = [aws_sagemaker_pipeline.this]
}

run "role_of_a_brought_pipeline_is_derived_from_its_steps" {
  command = plan

  variables {
    enable_training_pipeline = false

    additional_pipelines = {
      retraining = {
        definition = <<-EOT
          {
            "Version": "2020-12-01",
            "PipelineExperimentConfig": null,
            "Steps": [
              {
                "Name": "Train",
                "Type": "Training",
                "Arguments": {"TrainingJobName": "churn", "RoleArn": "arn:aws:iam::123456789012:role/training"}
              },
              {"Name": "Tell", "Type": "Lambda", "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:tell", "Arguments": {}}
            ]
          }
        EOT
      }
    }
    schedules = { weekly = { pipeline = "retraining", expression = "cron(0 5 ? * MON *)" } }
  }

  assert {
    condition = jsondecode(aws_sagemaker_pipeline.this["retraining"].pipeline_definition).Parameters == [
      { Name = "ScheduledTime", Type = "String", DefaultValue = "none" },
    ]
    error_message = "A schedule sends ScheduledTime, so the definition declares it."
  }

  assert {
    condition     = !strcontains(aws_sagemaker_pipeline.this["retraining"].pipeline_definition, "null")
    error_message = "SageMaker refuses members that are null."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.pipeline["retraining"].policy).Statement : statement.Resource
      ])) == toset([
      "arn:aws:sagemaker:us-east-1:123456789012:training-job/churn-*",
      "arn:aws:lambda:us-east-1:123456789012:function:tell",
      "arn:aws:iam::123456789012:role/training",
    ])
    error_message = "The pipeline role is for the job, the function and the job's role, and nothing else."
  }
}

run "refuses_a_type_of_step_that_it_does_not_know" {
  command = plan

  variables {
    additional_pipelines = {
      deploy = { definition = "{\"Version\": \"2020-12-01\", \"Steps\": [{\"Name\": \"Deploy\", \"Type\": \"Endpoint\", \"Arguments\": {}}]}" }
    }
  }

  expect_failures = [aws_sagemaker_pipeline.this]
}

run "alarm_notices_that_nothing_happens" {
  command = plan

  variables {
    enable_training_schedule = true
    alarms = {
      actions                 = ["arn:aws:sns:us-east-1:123456789012:alerts"]
      no_success_within_hours = { training = 168 }
    }
  }

  assert {
    condition = [
      aws_cloudwatch_metric_alarm.this["training_no_success"].metric_name,
      aws_cloudwatch_metric_alarm.this["training_no_success"].treat_missing_data,
    ] == ["ExecutionSucceeded", "breaching"]
    error_message = "The alarm does not count successes, or takes none for good."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["training_no_success"].period
      * aws_cloudwatch_metric_alarm.this["training_no_success"].evaluation_periods == 168 * 3600
    )
    error_message = "The alarm looks back over another time than a week."
  }
}

run "brought_roles_are_used_and_none_is_made" {
  command = plan

  variables {
    role_arns = {
      training_job      = "arn:aws:iam::123456789012:role/job"
      training_pipeline = "arn:aws:iam::123456789012:role/pipeline"
    }
  }

  assert {
    condition     = length(aws_iam_role.job) + length(aws_iam_role.pipeline) == 0
    error_message = "The module makes a role although all are brought."
  }

  assert {
    condition     = aws_sagemaker_pipeline.this["training"].role_arn == "arn:aws:iam::123456789012:role/pipeline"
    error_message = "The pipeline does not run with the role that was brought."
  }
}

run "both_pipelines_apply" {
  command = apply

  variables {
    enable_processing_pipeline = true
    inference_image_uri        = "123456789012.dkr.ecr.us-east-1.amazonaws.com/score:1"
    inference_input_s3_path    = "s3://bucket/input/"
    inference_output_s3_path   = "s3://bucket/output/"
  }

  assert {
    condition = output.start_commands == {
      training   = "aws sagemaker start-pipeline-execution --region us-east-1 --pipeline-name ml-test-training"
      processing = "aws sagemaker start-pipeline-execution --region us-east-1 --pipeline-name ml-test-processing"
    }
    error_message = "The commands that start the pipelines are others."
  }
}

run "refuses_an_instance_type_that_sagemaker_does_not_have" {
  command = plan

  variables {
    training_instance_type = "m5.xlarge"
  }

  expect_failures = [var.training_instance_type]
}

run "refuses_an_image_of_another_region" {
  command = plan

  variables {
    training_image_uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/train:1"
  }

  expect_failures = [aws_sagemaker_pipeline.this]
}

run "refuses_a_subnet_of_another_vpc" {
  command = plan

  variables {
    vpc_id             = "vpc-12345678"
    subnet_ids         = ["subnet-0f0f0f0f"]
    security_group_ids = ["sg-12345678"]
  }

  expect_failures = [data.aws_subnets.this]
}

run "refuses_a_schedule_parameter_that_the_pipeline_does_not_have" {
  command = plan

  variables {
    enable_training_schedule     = true
    training_schedule_parameters = { TrainingInstanceTyp = "ml.m5.large" }
  }

  expect_failures = [aws_sagemaker_pipeline.this]
}

run "refuses_a_time_zone_that_does_not_exist" {
  command = plan

  variables {
    schedules = { monthly = { pipeline = "training", expression = "cron(0 4 1 * ? *)", timezone = "Europe/Bonn" } }
  }

  expect_failures = [output.module_configuration]
}

run "refuses_a_trigger_with_two_kinds" {
  command = plan

  variables {
    triggers = { ready = { pipeline = "training", s3_object = { bucket = "bucket" }, event_pattern = "{\"source\": [\"aws.s3\"]}" } }
  }

  expect_failures = [output.module_configuration]
}

run "refuses_an_alarm_over_more_than_a_week" {
  command = plan

  variables {
    enable_training_schedule = true

    alarms = { actions = ["arn:aws:sns:us-east-1:123456789012:alerts"], no_success_within_hours = { training = 200 } }
  }

  expect_failures = [output.module_configuration]
}
