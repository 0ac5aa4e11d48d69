# The provider has no data source for MLflow tracking servers, so the address is an input.
variable "mlflow_tracking_uri" {
  description = "Address of the MLflow tracking server: the URL of a self-hosted one, or the ARN of one in SageMaker."
  type        = string
  default     = "https://mlflow.example.com"
}

data "aws_caller_identity" "current" {}

data "aws_vpc" "existing" {
  tags = { Name = "ml-platform-prod" }
}

data "aws_subnets" "private" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.existing.id]
  }

  tags = { Tier = "private" }
}

data "aws_security_group" "sagemaker" {
  vpc_id = data.aws_vpc.existing.id
  name   = "sagemaker"
}

data "aws_s3_bucket" "ml_bucket" {
  bucket = "ml-bucket"
}

module "sagemaker_pipelines" {
  source = "../.."

  # Core configuration
  project_name = "ml-platform"
  environment  = "prod"

  # Enable only processing pipeline
  enable_training_pipeline   = false
  enable_processing_pipeline = true

  # Existing infrastructure
  vpc_id             = data.aws_vpc.existing.id
  subnet_ids         = data.aws_subnets.private.ids
  security_group_ids = [data.aws_security_group.sagemaker.id]

  # S3 configuration (only inference paths needed)
  s3_bucket_arn            = data.aws_s3_bucket.ml_bucket.arn
  inference_input_s3_path  = "s3://ml-bucket/inference/input/"
  inference_output_s3_path = "s3://ml-bucket/inference/output/"

  # Container images (only inference image needed)
  inference_image_uri = "${data.aws_caller_identity.current.account_id}.dkr.ecr.us-east-1.amazonaws.com/ml-inference:latest"

  # Processing configuration
  processing_environment_variables = {
    MLFLOW_TRACKING_URI = var.mlflow_tracking_uri
    MLFLOW_MODEL_URI    = "models:/poem-model/Production"
    KAFKA_TOPIC         = "production-predictions"
  }

  # Enable scheduling for production
  enable_processing_schedule  = true
  processing_schedule_enabled = true

  tags = {
    Project     = "ml-platform"
    Environment = "prod"
    Team        = "ml-engineering"
    CostCenter  = "engineering"
  }
}
