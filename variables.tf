# Rules of a single value stand here; rules.tf has those that name the offenders of a collection, span inputs or need the
# provider, because before Terraform 1.9 a validation may look at its own variable only.
# nonsensitive(sensitive()) takes the mark of sensitive values off a sentence: inputs.tf says why.

# --- Core ---

variable "project_name" {
  description = "Name of the project/application. First part of every name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", var.project_name))
    error_message = nonsensitive(sensitive("project_name is \"${var.project_name}\": use lower-case letters, digits and single hyphens, starting with a letter and ending with a letter or digit."))
  }
}

variable "environment" {
  description = "Environment name (staging, prod, dev). Second part of every name; together with project_name at most 40 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", var.environment))
    error_message = nonsensitive(sensitive("environment is \"${var.environment}\": use lower-case letters, digits and single hyphens, starting with a letter and ending with a letter or digit."))
  }
}

variable "tags" {
  description = "Tags of every taggable resource, and of the jobs that the pipelines start."
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- Existing infrastructure ---

variable "s3_bucket_arn" {
  description = "ARN of the existing S3 bucket that the S3 paths below lie in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}$", var.s3_bucket_arn))
    error_message = nonsensitive(sensitive("s3_bucket_arn is ${jsonencode(var.s3_bucket_arn)}: give the ARN of a bucket, such as arn:aws:s3:::my-ml-bucket, without a path."))
  }
}

variable "additional_s3_bucket_arns" {
  description = "ARNs of other existing S3 buckets that the S3 paths below may lie in."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length([for arn in var.additional_s3_bucket_arns : arn if !can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}$", arn))]) == 0
    error_message = nonsensitive(sensitive("additional_s3_bucket_arns has ${jsonencode([for arn in var.additional_s3_bucket_arns : arn if !can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}$", arn))])}: give ARNs of buckets, such as arn:aws:s3:::my-ml-bucket, without a path."))
  }
}

variable "vpc_id" {
  description = "ID of the existing VPC that the jobs run in. Empty: no VPC, and no subnets and security groups either."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(vpc-[0-9a-f]+)?$", var.vpc_id))
    error_message = nonsensitive(sensitive("vpc_id is \"${var.vpc_id}\": give the ID of a VPC, such as vpc-12345678, or \"\" for none."))
  }
}

variable "subnet_ids" {
  description = "IDs of the subnets of that VPC that the jobs run in (1-16)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) <= 16
    error_message = nonsensitive(sensitive("subnet_ids has ${length(var.subnet_ids)} entries: SageMaker takes at most 16."))
  }

  validation {
    condition     = length([for id in var.subnet_ids : id if !can(regex("^subnet-[0-9a-f]+$", id))]) == 0
    error_message = nonsensitive(sensitive("subnet_ids has ${jsonencode([for id in var.subnet_ids : id if !can(regex("^subnet-[0-9a-f]+$", id))])}: each entry is the ID of a subnet, such as subnet-12345678."))
  }
}

variable "security_group_ids" {
  description = "IDs of the security groups of that VPC that the jobs get (1-5)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) <= 5
    error_message = nonsensitive(sensitive("security_group_ids has ${length(var.security_group_ids)} entries: SageMaker takes at most 5."))
  }

  validation {
    condition     = length([for id in var.security_group_ids : id if !can(regex("^sg-[0-9a-f]+$", id))]) == 0
    error_message = nonsensitive(sensitive("security_group_ids has ${jsonencode([for id in var.security_group_ids : id if !can(regex("^sg-[0-9a-f]+$", id))])}: each entry is the ID of a security group, such as sg-12345678."))
  }
}

variable "lookup_network" {
  description = "Look the VPC, subnets and security groups up at plan, and check that they belong together. Set to false where whoever plans may not describe them (ec2:Describe*)."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts what the jobs write to S3 (and what they read there). null: the bucket's own encryption."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9A-Za-z-]+$", var.kms_key_arn))
    error_message = nonsensitive(sensitive("kms_key_arn is ${jsonencode(var.kms_key_arn)}: give the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), as IAM does not match aliases, or null for none."))
  }
}

variable "volume_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the jobs' ML storage volumes. null: SageMaker's own key."
  type        = string
  default     = null

  validation {
    condition     = var.volume_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9A-Za-z-]+$", var.volume_kms_key_arn))
    error_message = nonsensitive(sensitive("volume_kms_key_arn is ${jsonencode(var.volume_kms_key_arn)}: give the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), as IAM does not match aliases, or null for none."))
  }
}

# --- Training pipeline ---

variable "enable_training_pipeline" {
  description = "Create the training pipeline."
  type        = bool
  default     = true
  nullable    = false
}

variable "training_image_uri" {
  description = "URI of the training image in an existing ECR repository of this region. Required with enable_training_pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "input_data_s3_path" {
  description = "S3 URI of the training data, as a prefix: end it with / to keep siblings out. Required with enable_training_pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "model_output_s3_path" {
  description = "S3 URI below which each training job writes its model, under its own name. Required with enable_training_pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "training_environment_variables" {
  description = "Environment variables of the training container, such as MLFLOW_TRACKING_URI. Never secrets: whoever may describe the pipeline reads them. The module adds PIPELINE_EXECUTION_ARN."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "training_hyperparameters" {
  description = "Hyperparameters of the training job."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "training_instance_type" {
  description = "Instance type of the training job."
  type        = string
  default     = "ml.m5.xlarge"
  nullable    = false

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9-]+$", var.training_instance_type))
    error_message = nonsensitive(sensitive("training_instance_type is \"${var.training_instance_type}\": give a SageMaker instance type, such as ml.m5.xlarge."))
  }
}

variable "training_instance_count" {
  description = "Number of instances of the training job."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.training_instance_count >= 1 && floor(var.training_instance_count) == var.training_instance_count
    error_message = nonsensitive(sensitive("training_instance_count is ${var.training_instance_count}: use a whole number, 1 or more."))
  }
}

variable "training_volume_size_gb" {
  description = "Size of each training instance's ML storage volume, in GB."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.training_volume_size_gb >= 1 && var.training_volume_size_gb <= 16384 && floor(var.training_volume_size_gb) == var.training_volume_size_gb
    error_message = nonsensitive(sensitive("training_volume_size_gb is ${var.training_volume_size_gb}: use a whole number from 1 to 16384."))
  }
}

variable "training_max_runtime_seconds" {
  description = "Longest time that a training job may run, in seconds (at most 28 days). SageMaker stops it then."
  type        = number
  default     = 86400
  nullable    = false

  validation {
    condition     = var.training_max_runtime_seconds >= 1 && var.training_max_runtime_seconds <= 2419200 && floor(var.training_max_runtime_seconds) == var.training_max_runtime_seconds
    error_message = nonsensitive(sensitive("training_max_runtime_seconds is ${var.training_max_runtime_seconds}: use a whole number from 1 to 2419200 (28 days)."))
  }
}

variable "training_input_mode" {
  description = "How the training data reaches the container: File (copied first), FastFile (streamed as files) or Pipe."
  type        = string
  default     = "File"
  nullable    = false

  validation {
    condition     = contains(["File", "FastFile", "Pipe"], var.training_input_mode)
    error_message = nonsensitive(sensitive("training_input_mode is \"${var.training_input_mode}\": use File, FastFile or Pipe."))
  }
}

variable "training_input_channel" {
  description = "Name of the channel of input_data_s3_path: the container reads it in /opt/ml/input/data/<channel>."
  type        = string
  default     = "training"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.training_input_channel))
    error_message = nonsensitive(sensitive("training_input_channel is \"${var.training_input_channel}\": use 1-64 letters, digits, dots, hyphens and underscores."))
  }
}

variable "training_additional_inputs" {
  description = "Further channels of the training job, by name: s3_path; optional input_mode (default: training_input_mode), content_type, distribution (FullyReplicated or ShardedByS3Key)."
  type = map(object({
    s3_path      = string
    input_mode   = optional(string)
    content_type = optional(string)
    distribution = optional(string, "FullyReplicated")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length([for name, channel in var.training_additional_inputs : name if channel == null]) == 0
    error_message = nonsensitive(sensitive("training_additional_inputs has null for ${join(", ", [for name, channel in var.training_additional_inputs : name if channel == null])}: give each channel an s3_path, or leave it out."))
  }
}

variable "training_metric_definitions" {
  description = "Metrics that SageMaker reads from the training job's log: name to regular expression with one group."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "training_spot" {
  description = "Train on spot instances: max_wait_seconds is the longest time for waiting and running together; checkpoint_s3_path keeps checkpoints (in /opt/ml/checkpoints), so that an interrupted job goes on, in a folder for each execution; with checkpoint_per_execution = false in one folder, so that each execution goes on where the last one ended."
  type = object({
    max_wait_seconds         = number
    checkpoint_s3_path       = optional(string)
    checkpoint_per_execution = optional(bool, true)
  })
  default = null

  validation {
    condition     = try(var.training_spot.max_wait_seconds >= 1 && floor(var.training_spot.max_wait_seconds) == var.training_spot.max_wait_seconds, var.training_spot == null)
    error_message = nonsensitive(sensitive("training_spot.max_wait_seconds is ${jsonencode(try(var.training_spot.max_wait_seconds, null))}: use a whole number of seconds, at least training_max_runtime_seconds."))
  }
}

variable "training_container_entrypoint" {
  description = "Entrypoint of the training container. Empty: the image's own."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "training_container_arguments" {
  description = "Arguments of the training container's entrypoint. Empty: the image's own."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "training_retry_policies" {
  description = "Retries of the training step: exception_types, interval_seconds, backoff_rate, and one of max_attempts or expire_after_minutes. The default retries service faults, throttling and lack of capacity; a failure of the user's code is never retried."
  type = list(object({
    exception_types      = list(string)
    interval_seconds     = optional(number, 30)
    backoff_rate         = optional(number, 2)
    max_attempts         = optional(number)
    expire_after_minutes = optional(number)
  }))
  default = [
    { exception_types = ["Step.SERVICE_FAULT", "Step.THROTTLING"], max_attempts = 5 },
    { exception_types = ["SageMaker.JOB_INTERNAL_ERROR"], max_attempts = 2 },
    { exception_types = ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"], interval_seconds = 120, expire_after_minutes = 180 },
  ]
  nullable = false

  validation {
    condition     = length([for index, policy in var.training_retry_policies : index if try(policy.exception_types, null) == null]) == 0
    error_message = nonsensitive(sensitive("training_retry_policies has null, or exception_types = null, at ${join(", ", [for index, policy in var.training_retry_policies : index if try(policy.exception_types, null) == null])}: name the exceptions to retry, or leave the entry out."))
  }
}

variable "training_cache_expire_after" {
  description = "How long a finished training step is reused instead of run again, as an ISO 8601 duration (P30D, PT12H). null: never. Changed data under the same S3 path is not noticed, and the container does not get PIPELINE_EXECUTION_ARN."
  type        = string
  default     = null

  validation {
    condition     = var.training_cache_expire_after == null || (can(regex("(?i)^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?)?$", var.training_cache_expire_after)) && !can(regex("(?i)[PT]$", var.training_cache_expire_after)))
    error_message = nonsensitive(sensitive("training_cache_expire_after is ${jsonencode(var.training_cache_expire_after)}: give an ISO 8601 duration of years to minutes, such as P30D or PT12H, or null for no cache."))
  }
}

# --- Processing pipeline ---

variable "enable_processing_pipeline" {
  description = "Create the processing pipeline (batch scoring)."
  type        = bool
  default     = false
  nullable    = false
}

variable "inference_image_uri" {
  description = "URI of the inference image in an existing ECR repository of this region. Required with enable_processing_pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "inference_input_s3_path" {
  description = "S3 URI of the data to score, as a prefix: end it with / to keep siblings out. The container reads it in /opt/ml/processing/input. Required with enable_processing_pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "inference_output_s3_path" {
  description = "S3 URI below which the results go. The container writes them to /opt/ml/processing/output. Required with enable_processing_pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "processing_environment_variables" {
  description = "Environment variables of the inference container, such as MLFLOW_MODEL_URI or KAFKA_TOPIC. Never secrets: whoever may describe the pipeline reads them. The module adds PIPELINE_EXECUTION_ARN."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "processing_instance_type" {
  description = "Instance type of the processing job."
  type        = string
  default     = "ml.m5.xlarge"
  nullable    = false

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9-]+$", var.processing_instance_type))
    error_message = nonsensitive(sensitive("processing_instance_type is \"${var.processing_instance_type}\": give a SageMaker instance type, such as ml.m5.xlarge."))
  }
}

variable "processing_instance_count" {
  description = "Number of instances of the processing job (1-100). With more than one, see processing_input_distribution."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.processing_instance_count >= 1 && var.processing_instance_count <= 100 && floor(var.processing_instance_count) == var.processing_instance_count
    error_message = nonsensitive(sensitive("processing_instance_count is ${var.processing_instance_count}: use a whole number from 1 to 100."))
  }
}

variable "processing_volume_size_gb" {
  description = "Size of each processing instance's ML storage volume, in GB."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.processing_volume_size_gb >= 1 && var.processing_volume_size_gb <= 16384 && floor(var.processing_volume_size_gb) == var.processing_volume_size_gb
    error_message = nonsensitive(sensitive("processing_volume_size_gb is ${var.processing_volume_size_gb}: use a whole number from 1 to 16384."))
  }
}

variable "processing_max_runtime_seconds" {
  description = "Longest time that a processing job may run, in seconds (at most 9 days). SageMaker stops it then."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.processing_max_runtime_seconds >= 1 && var.processing_max_runtime_seconds <= 777600 && floor(var.processing_max_runtime_seconds) == var.processing_max_runtime_seconds
    error_message = nonsensitive(sensitive("processing_max_runtime_seconds is ${var.processing_max_runtime_seconds}: use a whole number from 1 to 777600 (9 days)."))
  }
}

variable "processing_input_distribution" {
  description = "How the input is spread over the instances: FullyReplicated (all of it to each) or ShardedByS3Key (each object to one)."
  type        = string
  default     = "FullyReplicated"
  nullable    = false

  validation {
    condition     = contains(["FullyReplicated", "ShardedByS3Key"], var.processing_input_distribution)
    error_message = nonsensitive(sensitive("processing_input_distribution is \"${var.processing_input_distribution}\": use FullyReplicated or ShardedByS3Key."))
  }
}

variable "processing_output_upload_mode" {
  description = "When the results are uploaded: EndOfJob or Continuous."
  type        = string
  default     = "EndOfJob"
  nullable    = false

  validation {
    condition     = contains(["EndOfJob", "Continuous"], var.processing_output_upload_mode)
    error_message = nonsensitive(sensitive("processing_output_upload_mode is \"${var.processing_output_upload_mode}\": use EndOfJob or Continuous."))
  }
}

variable "processing_output_per_execution" {
  description = "Write the results of each execution below its own ID, instead of over those of the last."
  type        = bool
  default     = false
  nullable    = false
}

variable "processing_container_entrypoint" {
  description = "Entrypoint of the inference container. Empty: the image's own."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "processing_container_arguments" {
  description = "Arguments of the inference container's entrypoint. Empty: the image's own."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "processing_retry_policies" {
  description = "Retries of the processing step: exception_types, interval_seconds, backoff_rate, and one of max_attempts or expire_after_minutes. The default retries service faults, throttling and lack of capacity; a failure of the user's code is never retried."
  type = list(object({
    exception_types      = list(string)
    interval_seconds     = optional(number, 30)
    backoff_rate         = optional(number, 2)
    max_attempts         = optional(number)
    expire_after_minutes = optional(number)
  }))
  default = [
    { exception_types = ["Step.SERVICE_FAULT", "Step.THROTTLING"], max_attempts = 5 },
    { exception_types = ["SageMaker.JOB_INTERNAL_ERROR"], max_attempts = 2 },
    { exception_types = ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"], interval_seconds = 120, expire_after_minutes = 180 },
  ]
  nullable = false

  validation {
    condition     = length([for index, policy in var.processing_retry_policies : index if try(policy.exception_types, null) == null]) == 0
    error_message = nonsensitive(sensitive("processing_retry_policies has null, or exception_types = null, at ${join(", ", [for index, policy in var.processing_retry_policies : index if try(policy.exception_types, null) == null])}: name the exceptions to retry, or leave the entry out."))
  }
}

variable "processing_cache_expire_after" {
  description = "How long a finished processing step is reused instead of run again, as an ISO 8601 duration (P30D, PT12H). null: never. Changed data under the same S3 path is not noticed, and the container does not get PIPELINE_EXECUTION_ARN."
  type        = string
  default     = null

  validation {
    condition     = var.processing_cache_expire_after == null || (can(regex("(?i)^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?)?$", var.processing_cache_expire_after)) && !can(regex("(?i)[PT]$", var.processing_cache_expire_after)))
    error_message = nonsensitive(sensitive("processing_cache_expire_after is ${jsonencode(var.processing_cache_expire_after)}: give an ISO 8601 duration of years to minutes, such as P30D or PT12H, or null for no cache."))
  }
}

# --- Both pipelines ---

variable "enable_network_isolation" {
  description = "Run the containers without network access. They then reach neither MLflow nor Kafka."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_inter_container_encryption" {
  description = "Encrypt the traffic between the instances of a job. Distributed jobs get slower."
  type        = bool
  default     = false
  nullable    = false
}

variable "max_parallel_steps" {
  description = "Number of steps of one execution that may run at the same time."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.max_parallel_steps >= 1 && floor(var.max_parallel_steps) == var.max_parallel_steps
    error_message = nonsensitive(sensitive("max_parallel_steps is ${var.max_parallel_steps}: use a whole number, 1 or more."))
  }
}

variable "non_secret_names" {
  description = "Names of environment variables and hyperparameters that look like secrets and are none, such as PAD_TOKEN: the plan does not warn of them."
  type        = list(string)
  default     = []
  nullable    = false
}

# --- Schedules ---

variable "enable_training_schedule" {
  description = "Create the EventBridge rule that starts the training pipeline."
  type        = bool
  default     = false
  nullable    = false
}

variable "training_schedule_enabled" {
  description = "Whether that rule is ENABLED; false keeps it, DISABLED."
  type        = bool
  default     = true
  nullable    = false
}

variable "training_schedule_expression" {
  description = "When the training pipeline starts, in UTC: cron(minute hour day-of-month month day-of-week year) or rate(n unit). Default: Sundays at 02:00."
  type        = string
  default     = "cron(0 2 ? * SUN *)"
  nullable    = false
}

variable "training_schedule_parameters" {
  description = "Pipeline parameters of the scheduled training executions that differ from the defaults. Their S3 paths and images are granted to the job role, too."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "enable_processing_schedule" {
  description = "Create the EventBridge rule that starts the processing pipeline."
  type        = bool
  default     = false
  nullable    = false
}

variable "processing_schedule_enabled" {
  description = "Whether that rule is ENABLED; false keeps it, DISABLED."
  type        = bool
  default     = true
  nullable    = false
}

variable "processing_schedule_expression" {
  description = "When the processing pipeline starts, in UTC: cron(minute hour day-of-month month day-of-week year) or rate(n unit). Default: every day at 06:00."
  type        = string
  default     = "cron(0 6 * * ? *)"
  nullable    = false
}

variable "processing_schedule_parameters" {
  description = "Pipeline parameters of the scheduled processing executions that differ from the defaults. Their S3 paths and images are granted to the job role, too."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "schedule_max_retry_attempts" {
  description = "How often EventBridge tries again to start an execution (0-185)."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.schedule_max_retry_attempts >= 0 && var.schedule_max_retry_attempts <= 185 && floor(var.schedule_max_retry_attempts) == var.schedule_max_retry_attempts
    error_message = nonsensitive(sensitive("schedule_max_retry_attempts is ${var.schedule_max_retry_attempts}: use a whole number from 0 to 185."))
  }
}

variable "schedule_max_event_age_seconds" {
  description = "How late EventBridge may still start an execution, in seconds (60-86400)."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.schedule_max_event_age_seconds >= 60 && var.schedule_max_event_age_seconds <= 86400 && floor(var.schedule_max_event_age_seconds) == var.schedule_max_event_age_seconds
    error_message = nonsensitive(sensitive("schedule_max_event_age_seconds is ${var.schedule_max_event_age_seconds}: use a whole number from 60 to 86400."))
  }
}

variable "schedule_dead_letter_queue_arn" {
  description = "ARN of an existing standard SQS queue of this region that gets the starts that failed for good. Its policy needs the output dead_letter_queue_policy_statement."
  type        = string
  default     = null

  validation {
    condition     = var.schedule_dead_letter_queue_arn == null || can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$", var.schedule_dead_letter_queue_arn))
    error_message = nonsensitive(sensitive("schedule_dead_letter_queue_arn is ${jsonencode(var.schedule_dead_letter_queue_arn)}: give the ARN of a standard SQS queue, as EventBridge takes no FIFO queue, or null for none."))
  }
}

# --- Notifications ---

variable "notifications" {
  description = "Tell an existing standard SNS topic when an execution of these pipelines reaches one of the statuses (Executing, Succeeded, Failed, Stopping, Stopped). The topic's policy needs the output notification_topic_policy_statement."
  type = object({
    topic_arn = string
    statuses  = optional(list(string), ["Failed"])
  })
  default = null

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.notifications.topic_arn)) || var.notifications == null
    error_message = nonsensitive(sensitive("notifications.topic_arn is ${jsonencode(try(var.notifications.topic_arn, null))}: give the ARN of a standard SNS topic; EventBridge takes no FIFO topic."))
  }

  validation {
    condition     = try(length(var.notifications.statuses) > 0 && length(setsubtract(var.notifications.statuses, ["Executing", "Succeeded", "Failed", "Stopping", "Stopped"])) == 0, var.notifications == null)
    error_message = nonsensitive(sensitive("notifications.statuses is ${jsonencode(try(var.notifications.statuses, null))}: use one or more of Executing, Succeeded, Failed, Stopping and Stopped."))
  }
}

# --- IAM ---

variable "role_arns" {
  description = "Roles to use instead of creating them, by training_job, training_pipeline, training_schedule, processing_job, processing_pipeline, processing_schedule. The module attaches nothing to them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length([for name in keys(var.role_arns) : name if !can(regex("^(?:training|processing)_(?:job|pipeline|schedule)$", name))]) == 0
    error_message = nonsensitive(sensitive("role_arns has the keys ${jsonencode([for name in keys(var.role_arns) : name if !can(regex("^(?:training|processing)_(?:job|pipeline|schedule)$", name))])}: use training_job, training_pipeline, training_schedule, processing_job, processing_pipeline and processing_schedule."))
  }

  validation {
    condition     = length({ for name, arn in var.role_arns : name => arn if !can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn)) }) == 0
    error_message = nonsensitive(sensitive("role_arns has ${jsonencode({ for name, arn in var.role_arns : name => arn if !can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn)) })}: each value is the ARN of a role, such as arn:aws:iam::123456789012:role/ml-training."))
  }
}

variable "role_path" {
  description = "Path of the created roles."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/(?:[A-Za-z0-9+=,.@_-]+/)*$", var.role_path)) && length(var.role_path) <= 512
    error_message = nonsensitive(sensitive("role_path is ${jsonencode(var.role_path)}: start and end it with /, such as /ml/, with at most 512 letters, digits and +=,.@_-/."))
  }
}

variable "role_permissions_boundary_arn" {
  description = "ARN of the policy that bounds the permissions of the created roles."
  type        = string
  default     = null

  validation {
    condition     = var.role_permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", var.role_permissions_boundary_arn))
    error_message = nonsensitive(sensitive("role_permissions_boundary_arn is ${jsonencode(var.role_permissions_boundary_arn)}: give the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary, or null for none."))
  }
}

variable "training_additional_policies" {
  description = "Further inline policies of the training job role, such as for an MLflow artifact store: name to policy JSON."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length([for name in keys(var.training_additional_policies) : name if name == "job" || !can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", name))]) == 0
    error_message = nonsensitive(sensitive("training_additional_policies has the names ${jsonencode([for name in keys(var.training_additional_policies) : name if name == "job" || !can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", name))])}: use 1-128 letters, digits and +=,.@_-, but not \"job\", which is the module's own."))
  }

  validation {
    condition     = length([for name, policy in var.training_additional_policies : name if !can(jsondecode(policy).Statement)]) == 0
    error_message = nonsensitive(sensitive("training_additional_policies has ${jsonencode([for name, policy in var.training_additional_policies : name if !can(jsondecode(policy).Statement)])}, which is no policy JSON: use jsonencode() or data.aws_iam_policy_document, with a statement."))
  }
}

variable "training_managed_policy_arns" {
  description = "Managed policies to attach to the training job role: any name to policy ARN."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length({ for name, arn in var.training_managed_policy_arns : name => arn if !can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn)) }) == 0
    error_message = nonsensitive(sensitive("training_managed_policy_arns has ${jsonencode({ for name, arn in var.training_managed_policy_arns : name => arn if !can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn)) })}: each value is the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/msk-access."))
  }
}

variable "processing_additional_policies" {
  description = "Further inline policies of the processing job role, such as for Kafka credentials in Secrets Manager: name to policy JSON."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length([for name in keys(var.processing_additional_policies) : name if name == "job" || !can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", name))]) == 0
    error_message = nonsensitive(sensitive("processing_additional_policies has the names ${jsonencode([for name in keys(var.processing_additional_policies) : name if name == "job" || !can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", name))])}: use 1-128 letters, digits and +=,.@_-, but not \"job\", which is the module's own."))
  }

  validation {
    condition     = length([for name, policy in var.processing_additional_policies : name if !can(jsondecode(policy).Statement)]) == 0
    error_message = nonsensitive(sensitive("processing_additional_policies has ${jsonencode([for name, policy in var.processing_additional_policies : name if !can(jsondecode(policy).Statement)])}, which is no policy JSON: use jsonencode() or data.aws_iam_policy_document, with a statement."))
  }
}

variable "processing_managed_policy_arns" {
  description = "Managed policies to attach to the processing job role: any name to policy ARN."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length({ for name, arn in var.processing_managed_policy_arns : name => arn if !can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn)) }) == 0
    error_message = nonsensitive(sensitive("processing_managed_policy_arns has ${jsonencode({ for name, arn in var.processing_managed_policy_arns : name => arn if !can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn)) })}: each value is the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/msk-access."))
  }
}
