# Everything that the module references is made beside it, in the same apply.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.73.0, < 7.0.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "current" {}

resource "aws_vpc" "ml" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "ml" {
  count = 2

  vpc_id     = aws_vpc.ml.id
  cidr_block = cidrsubnet(aws_vpc.ml.cidr_block, 8, count.index)
}

resource "aws_security_group" "ml" {
  name   = "same-apply"
  vpc_id = aws_vpc.ml.id
}

resource "aws_s3_bucket" "ml" {
  bucket = "same-apply-ml-bucket"
}

resource "aws_kms_key" "ml" {}

resource "aws_sqs_queue" "failed_starts" {
  name = "same-apply-failed-starts"
}

resource "aws_sqs_queue_policy" "failed_starts" {
  queue_url = aws_sqs_queue.failed_starts.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [module.sagemaker_pipelines.dead_letter_queue_policy_statement]
  })
}

resource "aws_sns_topic" "alerts" {
  name = "same-apply-alerts"
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [module.sagemaker_pipelines.notification_topic_policy_statement],
      module.sagemaker_pipelines.alarm_topic_policy_statements,
    )
  })
}

resource "aws_s3_bucket_notification" "arrivals" {
  for_each = module.sagemaker_pipelines.event_bucket_notification

  bucket      = each.key
  eventbridge = each.value.eventbridge

  depends_on = [aws_s3_bucket.arrivals]
}

resource "aws_s3_bucket" "arrivals" {
  bucket = "same-apply-arrivals"
}

# Another pipeline, after whose success the first one starts
resource "aws_sagemaker_pipeline" "prepare" {
  pipeline_name         = "same-apply-prepare"
  pipeline_display_name = "same-apply-prepare"
  role_arn              = aws_iam_role.processing.arn
  pipeline_definition = jsonencode({
    Version    = "2020-12-01"
    Parameters = []
    Steps      = [{ Name = "Stop", Type = "Fail", Arguments = { ErrorMessage = "Not written yet" } }]
  })
}

resource "aws_iam_role" "processing" {
  name = "same-apply-brought"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
    }]
  })
}

resource "aws_iam_policy" "boundary" {
  name = "same-apply-boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

module "sagemaker_pipelines" {
  source = "../../../.."

  project_name = "same-apply"
  environment  = "test"

  enable_training_pipeline   = true
  enable_processing_pipeline = true
  enable_training_schedule   = true
  enable_processing_schedule = true

  vpc_id             = aws_vpc.ml.id
  subnet_ids         = aws_subnet.ml[*].id
  security_group_ids = [aws_security_group.ml.id]
  lookup_network     = var.lookup_network

  s3_bucket_arn            = aws_s3_bucket.ml.arn
  input_data_s3_path       = "s3://${aws_s3_bucket.ml.bucket}/datasets/"
  model_output_s3_path     = "s3://${aws_s3_bucket.ml.id}/models/"
  inference_input_s3_path  = "s3://${aws_s3_bucket.ml.bucket}/input/"
  inference_output_s3_path = "s3://${aws_s3_bucket.ml.id}/output/"
  processing_additional_inputs = {
    model = { s3_path = "s3://${aws_s3_bucket.ml.id}/model/" }
  }
  processing_additional_outputs = {
    report = { s3_path = "s3://${aws_s3_bucket.ml.id}/reports/" }
  }
  training_spot = {
    max_wait_seconds   = 90000
    checkpoint_s3_path = "s3://${aws_s3_bucket.ml.id}/checkpoints/"
  }

  training_image_uri  = "${data.aws_caller_identity.current.account_id}.dkr.ecr.us-east-1.amazonaws.com/ml-training:latest"
  inference_image_uri = "${data.aws_caller_identity.current.account_id}.dkr.ecr.us-east-1.amazonaws.com/ml-inference:latest"

  kms_key_arn        = aws_kms_key.ml.arn
  volume_kms_key_arn = aws_kms_key.ml.arn

  training_environment_variables = { QUEUE_URL = aws_sqs_queue.failed_starts.url }
  training_additional_policies = {
    queue = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.failed_starts.arn }]
    })
  }
  training_managed_policy_arns = { extra = aws_iam_policy.boundary.arn }

  role_arns                     = { processing_job = aws_iam_role.processing.arn }
  role_permissions_boundary_arn = aws_iam_policy.boundary.arn

  additional_pipelines = {
    ask = {
      definition = jsonencode({
        Version    = "2020-12-01"
        Parameters = [{ Name = "Data", Type = "String", DefaultValue = "s3://${aws_s3_bucket.ml.id}/questions/" }]
        Steps = [{
          Name             = "Ask"
          Type             = "Callback"
          SqsQueueUrl      = "https://sqs.us-east-1.amazonaws.com/${join("/", slice(split(":", aws_sqs_queue.failed_starts.arn), 4, 6))}"
          Arguments        = { data = { Get = "Parameters.Data" } }
          OutputParameters = []
        }]
      })
    }
  }

  schedules = {
    asking = {
      pipeline   = "ask"
      expression = "rate(1 day)"
      parameters = { Data = "s3://${aws_s3_bucket.ml.id}/today/" }
    }
    monthly = {
      pipeline   = "training"
      expression = "cron(0 4 1 * ? *)"
      timezone   = "Europe/Berlin"
      parameters = { InputDataS3Uri = "s3://${aws_s3_bucket.ml.id}/full/" }
    }
  }
  triggers = {
    prepared = { pipeline = "training", after = aws_sagemaker_pipeline.prepare.arn }
    arrived  = { pipeline = "processing", s3_object = { bucket = aws_s3_bucket.arrivals.bucket } }
    sent = {
      pipeline      = "processing"
      event_pattern = jsonencode({ source = ["ml.platform"], detail = { queue = [aws_sqs_queue.failed_starts.arn] } })
    }
  }
  alarms = {
    actions                 = [aws_sns_topic.alerts.arn]
    no_success_within_hours = { training = 168 }
  }

  schedule_dead_letter_queue_arn = aws_sqs_queue.failed_starts.arn
  notifications                  = { topic_arn = aws_sns_topic.alerts.arn }
}

# The lookups wait for the network where its IDs are not known at plan.
variable "lookup_network" {
  type    = bool
  default = true
}

output "sagemaker_pipelines" {
  value = module.sagemaker_pipelines
}
