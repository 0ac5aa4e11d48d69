module "sagemaker_pipelines" {
  source = "../../module/sagemaker-pipelines"

  # Core configuration
  project_name = "ml-platform"
  environment  = "dev"

  # Enable only training pipeline
  enable_training_pipeline   = true
  enable_processing_pipeline = false

  # Existing infrastructure
  vpc_id             = "vpc-12345678"
  subnet_ids         = ["subnet-12345678"]
  security_group_ids = ["sg-12345678"]

  # S3 configuration (only training paths needed)
  s3_bucket_arn        = "arn:aws:s3:::dev-ml-bucket"
  input_data_s3_path   = "s3://dev-ml-bucket/datasets/training/"
  model_output_s3_path = "s3://dev-ml-bucket/models/"

  # Container images (only training image needed)
  training_image_uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:dev"

  # Disable scheduling for development
  enable_training_schedule = false

  tags = {
    Project     = "ml-platform"
    Environment = "dev"
    Team        = "ml-engineering"
  }
}
