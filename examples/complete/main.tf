module "sagemaker_pipelines" {
  source = "../.."

  # Core configuration
  project_name = "demand-forecast"
  environment  = "prod"

  tags = {
    Project     = "demand-forecast"
    Environment = "prod"
    Team        = "supply-chain"
    CostCenter  = "4711"
  }

  # Existing network, looked up at plan to see that it fits together
  vpc_id             = "vpc-12345678"
  subnet_ids         = ["subnet-12345678", "subnet-87654321"]
  security_group_ids = ["sg-12345678"]
  lookup_network     = true

  # Existing buckets: the team's own, and the data lake that sales write to
  s3_bucket_arn             = "arn:aws:s3:::my-ml-bucket"
  additional_s3_bucket_arns = ["arn:aws:s3:::data-lake"]

  # Existing keys: for what is written to S3, and for the volumes of the instances
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  volume_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/66666666-7777-8888-9999-000000000000"

  # --- Training: two instances on spot capacity, for at most eight hours ---

  enable_training_pipeline = true
  training_image_uri       = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-training:3.2.0"
  input_data_s3_path       = "s3://data-lake/sales/weekly/"
  training_input_channel   = "sales"
  training_input_mode      = "FastFile"
  training_additional_inputs = {
    calendar = {
      s3_path      = "s3://my-ml-bucket/reference/calendar/"
      input_mode   = "File"
      content_type = "text/csv"
    }
    stores = {
      s3_path      = "s3://data-lake/stores/"
      distribution = "ShardedByS3Key"
    }
  }
  model_output_s3_path = "s3://my-ml-bucket/demand-forecast/models/"

  training_instance_type            = "ml.m5.4xlarge"
  training_instance_count           = 2
  training_volume_size_gb           = 200
  training_max_runtime_seconds      = 28800
  enable_inter_container_encryption = true
  training_spot = {
    max_wait_seconds         = 43200 # waiting for capacity and running, together
    checkpoint_s3_path       = "s3://my-ml-bucket/demand-forecast/checkpoints/"
    checkpoint_per_execution = true # each week starts from scratch
  }

  training_container_entrypoint = ["python", "-m", "demand_forecast.train"]
  training_container_arguments  = ["--log-level", "info"]
  training_hyperparameters = {
    epochs        = "40"
    learning_rate = "0.003"
    pad_token     = "[PAD]"
  }
  non_secret_names = ["pad_token"] # looks like a secret, and is none
  training_metric_definitions = {
    "train:loss"      = "train_loss=([0-9.]+)"
    "validation:mape" = "validation_mape=([0-9.]+)"
  }
  training_environment_variables = {
    MLFLOW_TRACKING_URI    = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-tracking-server/supply-chain"
    MLFLOW_EXPERIMENT_NAME = "demand-forecast"
  }
  training_retry_policies = [
    { exception_types = ["Step.SERVICE_FAULT", "Step.THROTTLING"], interval_seconds = 60, backoff_rate = 1.5, max_attempts = 10 },
    { exception_types = ["SageMaker.JOB_INTERNAL_ERROR"], max_attempts = 1 },
    { exception_types = ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"], interval_seconds = 600, expire_after_minutes = 720 },
  ]

  # --- Processing: four instances share the stores; the results of each night stay apart ---

  enable_processing_pipeline      = true
  inference_image_uri             = "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-inference:3.2.0"
  inference_input_s3_path         = "s3://data-lake/stores/"
  processing_input_distribution   = "ShardedByS3Key"
  inference_output_s3_path        = "s3://my-ml-bucket/demand-forecast/predictions/"
  processing_output_per_execution = true
  processing_output_upload_mode   = "Continuous"

  # Each instance gets the whole calendar in /opt/ml/processing/calendar, and writes to /opt/ml/processing/report, too
  processing_additional_inputs = {
    calendar = {
      s3_path      = "s3://my-ml-bucket/reference/calendar/"
      input_mode   = "File"
      distribution = "FullyReplicated"
    }
  }
  processing_additional_outputs = {
    report = {
      s3_path     = "s3://my-ml-bucket/demand-forecast/reports/"
      local_path  = "/opt/ml/processing/report"
      upload_mode = "EndOfJob"
    }
  }

  processing_instance_type       = "ml.m5.2xlarge"
  processing_instance_count      = 4
  processing_volume_size_gb      = 50
  processing_max_runtime_seconds = 7200

  processing_container_entrypoint = ["python", "-m", "demand_forecast.score"]
  processing_container_arguments  = ["--horizon-days", "28"]
  processing_environment_variables = {
    MLFLOW_TRACKING_URI     = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-tracking-server/supply-chain"
    MLFLOW_MODEL_URI        = "models:/demand-forecast@champion"
    KAFKA_BOOTSTRAP_SERVERS = "b-1.example.com:9098,b-2.example.com:9098"
    KAFKA_TOPIC             = "predictions"
  }
  processing_retry_policies = [
    { exception_types = ["Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR"], max_attempts = 3 },
    { exception_types = ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"], interval_seconds = 120, expire_after_minutes = 90 },
  ]

  max_parallel_steps = 1

  # --- Schedules (UTC): training on Saturdays, with the whole history; scoring every night ---

  enable_training_schedule     = true
  training_schedule_enabled    = true
  training_schedule_expression = "cron(0 22 ? * SAT *)"
  training_schedule_parameters = {
    InputDataS3Uri        = "s3://data-lake/sales/history/"
    TrainingInstanceCount = "4"
  }

  enable_processing_schedule     = true
  processing_schedule_enabled    = true
  processing_schedule_expression = "cron(30 3 * * ? *)"
  processing_schedule_parameters = {
    ProcessingInstanceCount = "8"
  }

  # --- Other starts: a local time, an object in S3, another event ---

  # The buyers meet on the first Monday of a month, at nine in Berlin
  schedules = {
    monthly-planning = {
      pipeline                = "processing"
      expression              = "cron(0 6 ? * MON#1 *)"
      timezone                = "Europe/Berlin"
      flexible_window_minutes = 15
      enabled                 = true
      parameters = {
        InferenceOutputS3Uri = "s3://my-ml-bucket/demand-forecast/planning/"
      }
    }
  }

  triggers = {
    # The history was corrected. Whoever corrects it writes the object _CORRECTED last.
    corrected-history = {
      pipeline = "training"
      s3_object = {
        bucket = "data-lake"
        prefix = "sales/history/"
        suffix = "_CORRECTED"
      }
      parameters = {
        InputDataS3Uri = "s3://data-lake/sales/history/"
      }
    }
    # Somebody approved a model
    approved-model = {
      pipeline = "processing"
      event_pattern = jsonencode({
        source        = ["aws.sagemaker"]
        "detail-type" = ["SageMaker Model Package State Change"]
        detail = {
          ModelPackageGroupName = ["demand-forecast"]
          ModelApprovalStatus   = ["Approved"]
        }
      })
    }
  }

  # --- What happens to a start that fails, and who is told ---

  # A start that fails is tried again for half an hour; then it goes to an existing queue
  schedule_max_retry_attempts    = 5
  schedule_max_event_age_seconds = 1800
  schedule_dead_letter_queue_arn = "arn:aws:sqs:us-east-1:123456789012:failed-starts"

  # Executions that fail or are stopped are told to an existing topic
  notifications = {
    topic_arn = "arn:aws:sns:us-east-1:123456789012:ml-alerts"
    statuses  = ["Failed", "Stopped"]
  }

  # So are starts that fail, and executions that take too long or do not happen
  alarms = {
    actions                 = ["arn:aws:sns:us-east-1:123456789012:ml-alerts"]
    failed                  = false # the notifications tell
    failed_starts           = true
    no_success_within_hours = { training = 168, processing = 30 }
    longer_than_minutes     = { training = 600, processing = 90 }
  }

  # --- What a start may ask for at most, also one by hand ---

  guardrails = {
    instance_types      = ["ml.m5.2xlarge", "ml.m5.4xlarge"]
    max_runtime_seconds = 28800
  }

  # --- Roles: where the organization wants them, and what the code needs beside the inputs ---

  role_path                     = "/ml/"
  role_permissions_boundary_arn = "arn:aws:iam::123456789012:policy/ml-boundary"

  # The MLflow client writes artifacts to S3 itself
  training_additional_policies = {
    mlflow-artifacts = jsonencode({
      Version = "2012-10-17"
      Statement = [
        { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::mlflow-artifacts/supply-chain/*" },
        { Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::mlflow-artifacts" },
      ]
    })
  }
  training_managed_policy_arns = {
    feature-store = "arn:aws:iam::123456789012:policy/feature-store-read"
  }

  processing_additional_policies = {
    mlflow-artifacts = jsonencode({
      Version = "2012-10-17"
      Statement = [
        { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::mlflow-artifacts/supply-chain/*" },
        { Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::mlflow-artifacts" },
      ]
    })
  }
  processing_managed_policy_arns = {
    feature-store = "arn:aws:iam::123456789012:policy/feature-store-read"
    kafka         = "arn:aws:iam::123456789012:policy/kafka-write-predictions"
  }
}
