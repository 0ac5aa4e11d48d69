# A pipeline as a team would have written it by hand, before it moves into the module (docs/migration.md).

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.73.0, < 7.0.0"
    }
  }
}

variable "role_name" {
  description = "Name of the roles; <kind> becomes job, pipeline and schedule."
  type        = string
  default     = "churn-prod-training-<kind>-us-east-1"
}

variable "policy_name" {
  description = "Name of the roles' inline policies; <kind> as above."
  type        = string
  default     = "<kind>"
}

variable "rule_name" {
  description = "Name of the rule that starts the pipeline."
  type        = string
  default     = "churn-prod-training-schedule"
}

provider "aws" {
  region = "us-east-1"
}

locals {
  trusts = { for kind, service in { job = "sagemaker", pipeline = "sagemaker", schedule = "events" } : kind => jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${service}.amazonaws.com" } }]
  }) }
}

resource "aws_iam_role" "training_job" {
  name               = replace(var.role_name, "<kind>", "job")
  assume_role_policy = local.trusts.job
}

resource "aws_iam_role_policy" "training_job" {
  name = replace(var.policy_name, "<kind>", "job")
  role = aws_iam_role.training_job.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = ["arn:aws:s3:::my-ml-bucket", "arn:aws:s3:::my-ml-bucket/*"] }]
  })
}

resource "aws_iam_role" "training_pipeline" {
  name               = replace(var.role_name, "<kind>", "pipeline")
  assume_role_policy = local.trusts.pipeline
}

resource "aws_iam_role_policy" "training_pipeline" {
  name = replace(var.policy_name, "<kind>", "pipeline")
  role = aws_iam_role.training_pipeline.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["sagemaker:*TrainingJob", "sagemaker:AddTags"], Resource = "*" },
      { Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.training_job.arn },
    ]
  })
}

resource "aws_iam_role" "training_schedule" {
  name               = replace(var.role_name, "<kind>", "schedule")
  assume_role_policy = local.trusts.schedule
}

resource "aws_iam_role_policy" "training_schedule" {
  name = replace(var.policy_name, "<kind>", "schedule")
  role = aws_iam_role.training_schedule.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sagemaker:StartPipelineExecution", Resource = aws_sagemaker_pipeline.training.arn }]
  })
}

resource "aws_sagemaker_pipeline" "training" {
  pipeline_name         = "churn-prod-training"
  pipeline_display_name = "churn-prod-training"
  role_arn              = aws_iam_role.training_pipeline.arn
  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps = [{
      Name = "Train"
      Type = "Training"
      Arguments = {
        RoleArn = aws_iam_role.training_job.arn
        AlgorithmSpecification = {
          TrainingImage     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:1.4.0"
          TrainingInputMode = "File"
        }
        InputDataConfig = [{
          ChannelName = "training"
          DataSource  = { S3DataSource = { S3DataType = "S3Prefix", S3Uri = "s3://my-ml-bucket/datasets/training/" } }
        }]
        OutputDataConfig  = { S3OutputPath = "s3://my-ml-bucket/models/" }
        ResourceConfig    = { InstanceType = "ml.m5.xlarge", InstanceCount = 1, VolumeSizeInGB = 30 }
        StoppingCondition = { MaxRuntimeInSeconds = 86400 }
      }
    }]
  })
}

resource "aws_cloudwatch_event_rule" "training" {
  name                = var.rule_name
  schedule_expression = "cron(0 2 ? * SUN *)"
}

resource "aws_cloudwatch_event_target" "training" {
  rule      = aws_cloudwatch_event_rule.training.name
  target_id = "pipeline"
  arn       = aws_sagemaker_pipeline.training.arn
  role_arn  = aws_iam_role.training_schedule.arn

  depends_on = [aws_iam_role_policy.training_schedule]
}
