module "sagemaker_pipelines" {
  source = "../../module/sagemaker-pipelines"

  # Core configuration
  project_name = "ml-platform"
  environment  = "sandbox"

  # Enable both pipelines
  enable_training_pipeline   = true
  enable_processing_pipeline = true

  # No VPC integration (runs in public subnets)
  vpc_id             = ""
  subnet_ids         = []
  security_group_ids = []

  # S3 configuration
  s3_bucket_arn           = "arn:aws:s3:::sandbox-ml-bucket"
  input_data_s3_path      = "s3://sandbox-ml-bucket/datasets/training/"
  model_output_s3_path    = "s3://sandbox-ml-bucket/models/"
  inference_input_s3_path = "s3://sandbox-ml-bucket/inference/input/"
  inference_output_s3_path = "s3://sandbox-ml-bucket/inference/output/"

  # Container images
  training_image_uri  = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:sandbox"
  inference_image_uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-inference:sandbox"

  tags = {
    Project     = "ml-platform"
    Environment = "sandbox"
    Team        = "ml-engineering"
  }
}
