module "sagemaker_pipelines" {
  source = "../.."

  # Core configuration
  project_name = "churn"
  environment  = "prod"

  # The pipeline of your own: prepare, train, evaluate, and register the model if it is good enough. pipeline.py writes the file.
  additional_pipelines = {
    retraining = {
      definition  = file("${path.module}/pipeline.json")
      description = "Trains a model of next month's churn and registers it if it is good enough."
    }
  }

  # Existing bucket
  s3_bucket_arn = "arn:aws:s3:::my-ml-bucket"

  # The module's own pipeline scores with the latest model that somebody approved. Its container finds that model itself.
  enable_training_pipeline   = false
  enable_processing_pipeline = true
  inference_image_uri        = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn-score:1.0.0"
  inference_input_s3_path    = "s3://my-ml-bucket/churn/customers/"
  inference_output_s3_path   = "s3://my-ml-bucket/churn/scores/"
  processing_environment_variables = {
    MODEL_PACKAGE_GROUP = "churn"
  }
  processing_additional_policies = {
    approved-models = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Action = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
          Resource = [
            "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/churn",
            "arn:aws:sagemaker:us-east-1:123456789012:model-package/churn/*",
          ]
        },
        {
          Effect   = "Allow"
          Action   = "s3:GetObject"
          Resource = "arn:aws:s3:::my-ml-bucket/churn/models/*"
        },
      ]
    })
  }

  # In Berlin the clocks change on Sundays between 02:00 and 03:00
  schedules = {
    weekly-retraining = {
      pipeline   = "retraining"
      expression = "cron(0 4 ? * SUN *)"
      timezone   = "Europe/Berlin"
    }
  }

  # As soon as somebody approves a model
  triggers = {
    approved-model = {
      pipeline = "processing"
      event_pattern = jsonencode({
        source        = ["aws.sagemaker"]
        "detail-type" = ["SageMaker Model Package State Change"]
        detail = {
          ModelPackageGroupName = ["churn"]
          ModelApprovalStatus   = ["Approved"]
        }
      })
    }
  }

  # An existing topic hears of executions and starts that fail, of a week without a retraining, and of one that takes too long
  alarms = {
    actions                 = ["arn:aws:sns:us-east-1:123456789012:ml-alerts"]
    no_success_within_hours = { retraining = 168 }
    longer_than_minutes     = { retraining = 360 }
  }

  tags = {
    Project     = "churn"
    Environment = "prod"
    Team        = "customer-analytics"
  }
}
