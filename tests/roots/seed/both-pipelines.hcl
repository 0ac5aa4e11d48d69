module "sagemaker_pipelines" {
  source = "../../module/sagemaker-pipelines"

  # Core configuration
  project_name = "ml-platform"
  environment  = "staging"

  # Enable both pipelines
  enable_training_pipeline   = true
  enable_processing_pipeline = true

  # Existing infrastructure
  vpc_id             = "vpc-12345678"
  subnet_ids         = ["subnet-12345678", "subnet-87654321"]
  security_group_ids = ["sg-12345678"]

  # S3 configuration (existing bucket)
  s3_bucket_arn           = "arn:aws:s3:::my-ml-bucket"
  input_data_s3_path      = "s3://my-ml-bucket/datasets/training/"
  model_output_s3_path    = "s3://my-ml-bucket/models/"
  inference_input_s3_path = "s3://my-ml-bucket/inference/input/"
  inference_output_s3_path = "s3://my-ml-bucket/inference/output/"

  # Container images (existing ECR repositories)
  training_image_uri  = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:latest"
  inference_image_uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-inference:latest"

  # Environment variables
  training_environment_variables = {
    MLFLOW_TRACKING_URI = "https://mlflow.example.com"
    ENVIRONMENT         = "staging"
  }

  processing_environment_variables = {
    MLFLOW_TRACKING_URI = "https://mlflow.example.com"
    MLFLOW_MODEL_URI   = "models:/poem-model/Production"
    KAFKA_TOPIC        = "predictions"  # Used in Python code
  }

  tags = {
    Project     = "ml-platform"
    Environment = "staging"
    Team        = "ml-engineering"
  }
}
