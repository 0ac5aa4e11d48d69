module "sagemaker_pipelines" {
  source = "../.."

  # Core configuration
  project_name = "churn"
  environment  = "prod"

  enable_training_pipeline   = true
  enable_processing_pipeline = true

  # S3 configuration (existing bucket)
  s3_bucket_arn            = "arn:aws:s3:::my-ml-bucket"
  input_data_s3_path       = "s3://my-ml-bucket/churn/training/"
  model_output_s3_path     = "s3://my-ml-bucket/churn/models/"
  inference_input_s3_path  = "s3://my-ml-bucket/churn/customers/"
  inference_output_s3_path = "s3://my-ml-bucket/churn/scores/"

  # Container images (existing ECR repositories)
  training_image_uri  = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:1.4.0"
  inference_image_uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-inference:1.4.0"

  # Training on Sunday, scoring on every other day. In Berlin the clocks change on Sundays between 02:00 and 03:00.
  schedules = {
    weekly-training = {
      pipeline   = "training"
      expression = "cron(0 4 ? * SUN *)"
      timezone   = "Europe/Berlin"
    }
    daily-scoring = {
      pipeline   = "processing"
      expression = "cron(0 6 ? * MON-SAT *)"
      timezone   = "Europe/Berlin"
    }
  }

  triggers = {
    # Sunday's scoring: as soon as the model is there
    new-model = {
      pipeline = "processing"
      after    = "training"
    }
    # Scoring again when data is corrected. Whoever corrects it writes the object _CORRECTED last.
    corrected-data = {
      pipeline = "processing"
      s3_object = {
        bucket = "my-ml-bucket"
        prefix = "churn/customers/"
        suffix = "_CORRECTED"
      }
    }
  }

  # A start that fails for good goes to an existing queue
  schedule_dead_letter_queue_arn = "arn:aws:sqs:us-east-1:123456789012:failed-starts"

  # An existing topic hears of executions and starts that fail, and of what does not happen or takes too long
  alarms = {
    actions                 = ["arn:aws:sns:us-east-1:123456789012:ml-alerts"]
    no_success_within_hours = { training = 168, processing = 30 }
    longer_than_minutes     = { training = 240, processing = 60 }
  }

  tags = {
    Project     = "churn"
    Environment = "prod"
    Team        = "customer-analytics"
  }
}
