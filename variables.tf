# Rules of one value stand here. rules.tf has the others: those that name the offenders of a list or map, compare inputs or need
# the provider. Exceptions are nulls, which the module could not read, and policies, which the provider would refuse first.
# nonsensitive(sensitive()) lets a message show a value that the caller marked as sensitive (inputs.tf).

# --- Core ---

variable "project_name" {
  description = "Name of the project or application; the first part of every name."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", var.project_name))
    error_message = nonsensitive(sensitive(join(": ", [
      "project_name is \"${var.project_name}\"",
      "use lower-case letters, digits and single hyphens, starting with a letter and ending with a letter or digit.",
    ])))
  }
}

variable "environment" {
  description = "Name of the environment, such as prod; the second part of every name. At most 40 characters with project_name."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", var.environment))
    error_message = nonsensitive(sensitive(join(": ", [
      "environment is \"${var.environment}\"",
      "use lower-case letters, digits and single hyphens, starting with a letter and ending with a letter or digit.",
    ])))
  }
}

variable "tags" {
  description = "Tags of all resources, and of the jobs that the pipelines start."
  type        = map(string)
  default     = {}
  nullable    = false
}

# --- Existing infrastructure ---

variable "s3_bucket_arn" {
  description = "ARN of the existing S3 bucket that holds the data, models and results."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}$", var.s3_bucket_arn))
    error_message = nonsensitive(sensitive(join(": ", [
      "s3_bucket_arn is ${jsonencode(var.s3_bucket_arn)}",
      "give the ARN of a bucket, such as arn:aws:s3:::my-ml-bucket, without a path.",
    ])))
  }
}

variable "additional_s3_bucket_arns" {
  description = "ARNs of other existing S3 buckets that the S3 paths may use."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "vpc_id" {
  description = "ID of the existing VPC to run the jobs in. Empty: no VPC, and no subnet_ids and security_group_ids either."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition = can(regex("^(vpc-[0-9a-f]+)?$", var.vpc_id))
    error_message = nonsensitive(sensitive(join(": ", [
      "vpc_id is \"${var.vpc_id}\"",
      "give the ID of a VPC, such as vpc-12345678, or \"\" for none.",
    ])))
  }
}

variable "subnet_ids" {
  description = "IDs of the subnets to run the jobs in (1-16)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) <= 16
    error_message = nonsensitive(sensitive("subnet_ids has ${length(var.subnet_ids)} entries: SageMaker accepts at most 16."))
  }
}

variable "security_group_ids" {
  description = "IDs of the jobs' security groups (1-5)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = length(var.security_group_ids) <= 5
    error_message = nonsensitive(sensitive(join(": ", [
      "security_group_ids has ${length(var.security_group_ids)} entries",
      "SageMaker accepts at most 5.",
    ])))
  }
}

variable "lookup_network" {
  description = "Check at plan that the VPC, subnets and security groups fit together. Needs ec2:Describe* permissions."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the KMS key for the data that the jobs read and write in S3. null: the bucket's default encryption."
  type        = string
  default     = null

  validation {
    condition = (
      var.kms_key_arn == null
      || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9A-Za-z-]+$", var.kms_key_arn))
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "kms_key_arn is ${jsonencode(var.kms_key_arn)}",
      "give the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not of an alias; or null for none.",
    ])))
  }
}

variable "volume_kms_key_arn" {
  description = "ARN of the KMS key for the jobs' storage volumes. null: SageMaker's own key."
  type        = string
  default     = null

  validation {
    condition = (
      var.volume_kms_key_arn == null
      || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9A-Za-z-]+$", var.volume_kms_key_arn))
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "volume_kms_key_arn is ${jsonencode(var.volume_kms_key_arn)}",
      "give the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not of an alias; or null for none.",
    ])))
  }
}

# --- Training pipeline ---

variable "enable_training_pipeline" {
  description = "Whether to create the training pipeline."
  type        = bool
  default     = true
  nullable    = false
}

variable "training_image_uri" {
  description = "URI of the training image, in ECR in this region. Required for the training pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "input_data_s3_path" {
  description = "S3 prefix of the training data; end it with / to exclude siblings. Required for the training pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "model_output_s3_path" {
  description = "S3 path for the models; each job writes below its own name. Required for the training pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "training_environment_variables" {
  description = "Environment variables of the training container, such as MLFLOW_TRACKING_URI. No secrets: the pipeline shows them."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "training_hyperparameters" {
  description = "Hyperparameters of the training job. No secrets: the pipeline shows them."
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
    condition = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9-]+$", var.training_instance_type))
    error_message = nonsensitive(sensitive(join(": ", [
      "training_instance_type is \"${var.training_instance_type}\"",
      "give a SageMaker instance type, such as ml.m5.xlarge.",
    ])))
  }
}

variable "training_instance_count" {
  description = "Number of training instances."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition = var.training_instance_count >= 1 && floor(var.training_instance_count) == var.training_instance_count
    error_message = nonsensitive(sensitive(join(": ", [
      "training_instance_count is ${var.training_instance_count}",
      "use a whole number, 1 or more.",
    ])))
  }
}

variable "training_volume_size_gb" {
  description = "Size of each training instance's storage volume, in GB."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = (
      var.training_volume_size_gb >= 1 && var.training_volume_size_gb <= 16384
      && floor(var.training_volume_size_gb) == var.training_volume_size_gb
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "training_volume_size_gb is ${var.training_volume_size_gb}",
      "use a whole number from 1 to 16384.",
    ])))
  }
}

variable "training_max_runtime_seconds" {
  description = "Seconds after which SageMaker stops a training job (at most 28 days)."
  type        = number
  default     = 86400
  nullable    = false

  validation {
    condition = (
      var.training_max_runtime_seconds >= 1 && var.training_max_runtime_seconds <= 2419200
      && floor(var.training_max_runtime_seconds) == var.training_max_runtime_seconds
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "training_max_runtime_seconds is ${var.training_max_runtime_seconds}",
      "use a whole number from 1 to 2419200 (28 days).",
    ])))
  }
}

variable "training_input_mode" {
  description = "How the container gets the training data: File (copied first), FastFile (streamed as files) or Pipe."
  type        = string
  default     = "File"
  nullable    = false

  validation {
    condition = contains(["File", "FastFile", "Pipe"], var.training_input_mode)
    error_message = nonsensitive(sensitive(join(": ", [
      "training_input_mode is \"${var.training_input_mode}\"",
      "use File, FastFile or Pipe.",
    ])))
  }
}

variable "training_input_channel" {
  description = "Channel name of input_data_s3_path, which the container reads in /opt/ml/input/data/<channel>."
  type        = string
  default     = "training"
  nullable    = false

  validation {
    condition = can(regex("^[A-Za-z0-9._-]{1,64}$", var.training_input_channel))
    error_message = nonsensitive(sensitive(join(": ", [
      "training_input_channel is \"${var.training_input_channel}\"",
      "use 1-64 letters, digits, dots, hyphens and underscores.",
    ])))
  }
}

variable "training_additional_inputs" {
  description = <<-EOT
    More input channels of the training job, by channel name:
    - s3_path: S3 prefix
    - input_mode: File, FastFile or Pipe; default training_input_mode
    - content_type: MIME type; default none
    - distribution: FullyReplicated (default) or ShardedByS3Key
  EOT
  type = map(object({
    s3_path      = string
    input_mode   = optional(string)
    content_type = optional(string)
    distribution = optional(string, "FullyReplicated")
  }))
  default  = {}
  nullable = false

  validation {
    condition = !contains([for channel in values(var.training_additional_inputs) : channel == null], true)
    error_message = nonsensitive(sensitive(join(": ", [
      "training_additional_inputs has null for ${join(", ", [
        for name, channel in var.training_additional_inputs : name if channel == null
      ])}",
      "give each channel an s3_path, or remove it.",
    ])))
  }
}

variable "training_metric_definitions" {
  description = "Metrics to read from the training log: name to regular expression with one group."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "training_spot" {
  description = <<-EOT
    Train on spot instances:
    - max_wait_seconds: limit for waiting and running together, at least training_max_runtime_seconds
    - checkpoint_s3_path: where SageMaker keeps /opt/ml/checkpoints, so that an interrupted job can resume; default none
    - checkpoint_per_execution: true (default) for a folder for each execution; false if each execution continues where
      the last one ended
  EOT
  type = object({
    max_wait_seconds         = number
    checkpoint_s3_path       = optional(string)
    checkpoint_per_execution = optional(bool, true)
  })
  default = null

  validation {
    condition = (
      try(var.training_spot.max_wait_seconds >= 1
      && floor(var.training_spot.max_wait_seconds) == var.training_spot.max_wait_seconds, var.training_spot == null)
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "training_spot.max_wait_seconds is ${jsonencode(try(var.training_spot.max_wait_seconds, null))}",
      "use a whole number of seconds, at least training_max_runtime_seconds.",
    ])))
  }
}

variable "training_container_entrypoint" {
  description = "Entrypoint of the training container. Empty: that of the image."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "training_container_arguments" {
  description = "Arguments of the training container's entrypoint. Empty: those of the image."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "training_retry_policies" {
  description = <<-EOT
    When the training step is retried. A failure of your code never is. Each policy has:
    - exception_types: from Step.SERVICE_FAULT, Step.THROTTLING, SageMaker.JOB_INTERNAL_ERROR, SageMaker.CAPACITY_ERROR and
      SageMaker.RESOURCE_LIMIT
    - interval_seconds: wait before the first retry; default 30
    - backoff_rate: what each further wait is multiplied by; default 2
    - max_attempts or expire_after_minutes: when to give up; set exactly one
  EOT
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
    {
      exception_types      = ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"]
      interval_seconds     = 120
      expire_after_minutes = 180
    },
  ]
  nullable = false

  validation {
    condition = alltrue([for policy in var.training_retry_policies : try(policy.exception_types, null) != null])
    error_message = nonsensitive(sensitive(join(": ", [
      "training_retry_policies has null, or exception_types = null, at ${join(", ", [
        for index, policy in var.training_retry_policies : index if try(policy.exception_types, null) == null
      ])}",
      "name the exceptions to retry, or remove the entry.",
    ])))
  }
}

variable "training_cache_expire_after" {
  description = "How long to reuse a finished training step, as an ISO 8601 duration such as P30D (see docs/usage.md). null: never."
  type        = string
  default     = null

  validation {
    condition = var.training_cache_expire_after == null || alltrue([
      can(regex("(?i)^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?)?$", var.training_cache_expire_after)),
      !can(regex("(?i)[PT]$", var.training_cache_expire_after)),
    ])
    error_message = nonsensitive(sensitive(join(": ", [
      "training_cache_expire_after is ${jsonencode(var.training_cache_expire_after)}",
      "give an ISO 8601 duration of years to minutes, such as P30D or PT12H, or null for no cache.",
    ])))
  }
}

# --- Processing pipeline ---

variable "enable_processing_pipeline" {
  description = "Whether to create the processing pipeline (batch scoring)."
  type        = bool
  default     = false
  nullable    = false
}

variable "inference_image_uri" {
  description = "URI of the inference image, in ECR in this region. Required for the processing pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "inference_input_s3_path" {
  description = "S3 prefix of the data to score; end it with / to exclude siblings. Required for the processing pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "inference_output_s3_path" {
  description = "S3 path for the results. Required for the processing pipeline."
  type        = string
  default     = ""
  nullable    = false
}

variable "processing_environment_variables" {
  description = "Environment variables of the inference container, such as KAFKA_TOPIC. No secrets: the pipeline shows them."
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
    condition = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9-]+$", var.processing_instance_type))
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_instance_type is \"${var.processing_instance_type}\"",
      "give a SageMaker instance type, such as ml.m5.xlarge.",
    ])))
  }
}

variable "processing_instance_count" {
  description = "Number of processing instances (1-100); see processing_input_distribution."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition = (
      var.processing_instance_count >= 1 && var.processing_instance_count <= 100
      && floor(var.processing_instance_count) == var.processing_instance_count
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_instance_count is ${var.processing_instance_count}",
      "use a whole number from 1 to 100.",
    ])))
  }
}

variable "processing_volume_size_gb" {
  description = "Size of each processing instance's storage volume, in GB."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = (
      var.processing_volume_size_gb >= 1 && var.processing_volume_size_gb <= 16384
      && floor(var.processing_volume_size_gb) == var.processing_volume_size_gb
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_volume_size_gb is ${var.processing_volume_size_gb}",
      "use a whole number from 1 to 16384.",
    ])))
  }
}

variable "processing_max_runtime_seconds" {
  description = "Seconds after which SageMaker stops a processing job (at most 9 days)."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition = (
      var.processing_max_runtime_seconds >= 1 && var.processing_max_runtime_seconds <= 777600
      && floor(var.processing_max_runtime_seconds) == var.processing_max_runtime_seconds
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_max_runtime_seconds is ${var.processing_max_runtime_seconds}",
      "use a whole number from 1 to 777600 (9 days).",
    ])))
  }
}

variable "processing_input_distribution" {
  description = "How instances share the input: FullyReplicated (each gets all) or ShardedByS3Key (each object goes to one)."
  type        = string
  default     = "FullyReplicated"
  nullable    = false

  validation {
    condition = contains(["FullyReplicated", "ShardedByS3Key"], var.processing_input_distribution)
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_input_distribution is \"${var.processing_input_distribution}\"",
      "use FullyReplicated or ShardedByS3Key.",
    ])))
  }
}

variable "processing_output_upload_mode" {
  description = "When results are uploaded: EndOfJob or Continuous."
  type        = string
  default     = "EndOfJob"
  nullable    = false

  validation {
    condition = contains(["EndOfJob", "Continuous"], var.processing_output_upload_mode)
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_output_upload_mode is \"${var.processing_output_upload_mode}\"",
      "use EndOfJob or Continuous.",
    ])))
  }
}

variable "processing_output_per_execution" {
  description = "Write each execution's outputs to folders named by its ID instead of overwriting those of the last one."
  type        = bool
  default     = false
  nullable    = false
}

variable "processing_additional_inputs" {
  description = <<-EOT
    More inputs of the processing job, such as the model to score with, by name (at most 9):
    - s3_path: S3 prefix
    - local_path: folder of the container; default /opt/ml/processing/<name>
    - input_mode: File (default) or Pipe
    - distribution: FullyReplicated (default) or ShardedByS3Key
  EOT
  type = map(object({
    s3_path      = string
    local_path   = optional(string)
    input_mode   = optional(string, "File")
    distribution = optional(string, "FullyReplicated")
  }))
  default  = {}
  nullable = false

  validation {
    condition = !contains([for input in values(var.processing_additional_inputs) : input == null], true)
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_additional_inputs has null for ${join(", ", [
        for name, input in var.processing_additional_inputs : name if input == null
      ])}",
      "give each input an s3_path, or remove it.",
    ])))
  }
}

variable "processing_additional_outputs" {
  description = <<-EOT
    More outputs of the processing job, such as a report, by name (at most 9):
    - s3_path: S3 path; with processing_output_per_execution, the folders of the executions are below it
    - local_path: folder of the container; default /opt/ml/processing/<name>
    - upload_mode: EndOfJob (default) or Continuous
  EOT
  type = map(object({
    s3_path     = string
    local_path  = optional(string)
    upload_mode = optional(string, "EndOfJob")
  }))
  default  = {}
  nullable = false

  validation {
    condition = !contains([for output in values(var.processing_additional_outputs) : output == null], true)
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_additional_outputs has null for ${join(", ", [
        for name, output in var.processing_additional_outputs : name if output == null
      ])}",
      "give each output an s3_path, or remove it.",
    ])))
  }
}

variable "processing_container_entrypoint" {
  description = "Entrypoint of the inference container. Empty: that of the image."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "processing_container_arguments" {
  description = "Arguments of the inference container's entrypoint. Empty: those of the image."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "processing_retry_policies" {
  description = <<-EOT
    When the processing step is retried. A failure of your code never is. Each policy has:
    - exception_types: from Step.SERVICE_FAULT, Step.THROTTLING, SageMaker.JOB_INTERNAL_ERROR, SageMaker.CAPACITY_ERROR and
      SageMaker.RESOURCE_LIMIT
    - interval_seconds: wait before the first retry; default 30
    - backoff_rate: what each further wait is multiplied by; default 2
    - max_attempts or expire_after_minutes: when to give up; set exactly one
  EOT
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
    {
      exception_types      = ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"]
      interval_seconds     = 120
      expire_after_minutes = 180
    },
  ]
  nullable = false

  validation {
    condition = alltrue([for policy in var.processing_retry_policies : try(policy.exception_types, null) != null])
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_retry_policies has null, or exception_types = null, at ${join(", ", [
        for index, policy in var.processing_retry_policies : index if try(policy.exception_types, null) == null
      ])}",
      "name the exceptions to retry, or remove the entry.",
    ])))
  }
}

variable "processing_cache_expire_after" {
  description = "How long to reuse a finished processing step, as an ISO 8601 duration such as P30D (see docs/usage.md). null: never."
  type        = string
  default     = null

  validation {
    condition = var.processing_cache_expire_after == null || alltrue([
      can(regex("(?i)^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?)?$", var.processing_cache_expire_after)),
      !can(regex("(?i)[PT]$", var.processing_cache_expire_after)),
    ])
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_cache_expire_after is ${jsonencode(var.processing_cache_expire_after)}",
      "give an ISO 8601 duration of years to minutes, such as P30D or PT12H, or null for no cache.",
    ])))
  }
}

# --- Both pipelines ---

variable "enable_network_isolation" {
  description = "Run the containers without network access, so without MLflow or Kafka."
  type        = bool
  default     = false
  nullable    = false
}

variable "enable_inter_container_encryption" {
  description = "Encrypt the traffic between the instances of a job. This slows distributed jobs down."
  type        = bool
  default     = false
  nullable    = false
}

variable "max_parallel_steps" {
  description = "Number of steps that may run at once in an execution."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.max_parallel_steps >= 1 && floor(var.max_parallel_steps) == var.max_parallel_steps
    error_message = nonsensitive(sensitive("max_parallel_steps is ${var.max_parallel_steps}: use a whole number, 1 or more."))
  }
}

variable "non_secret_names" {
  description = "Environment variables and hyperparameters that only look like secrets, such as PAD_TOKEN: do not warn about them."
  type        = list(string)
  default     = []
  nullable    = false
}

# --- Schedules ---

variable "enable_training_schedule" {
  description = "Whether to create the EventBridge rule that starts the training pipeline."
  type        = bool
  default     = false
  nullable    = false
}

variable "training_schedule_enabled" {
  description = "Whether that rule is enabled. false pauses the schedule."
  type        = bool
  default     = true
  nullable    = false
}

variable "training_schedule_expression" {
  description = "When to start the training pipeline, as cron(...) or rate(...) in UTC. Default: Sundays at 02:00."
  type        = string
  default     = "cron(0 2 ? * SUN *)"
  nullable    = false
}

variable "training_schedule_parameters" {
  description = "Pipeline parameters that scheduled training executions override. The job role may use their S3 paths and images."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "enable_processing_schedule" {
  description = "Whether to create the EventBridge rule that starts the processing pipeline."
  type        = bool
  default     = false
  nullable    = false
}

variable "processing_schedule_enabled" {
  description = "Whether that rule is enabled. false pauses the schedule."
  type        = bool
  default     = true
  nullable    = false
}

variable "processing_schedule_expression" {
  description = "When to start the processing pipeline, as cron(...) or rate(...) in UTC. Default: every day at 06:00."
  type        = string
  default     = "cron(0 6 * * ? *)"
  nullable    = false
}

variable "processing_schedule_parameters" {
  description = "Pipeline parameters that scheduled processing executions override. The job role may use their S3 paths and images."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "schedule_max_retry_attempts" {
  description = "How often EventBridge retries a start that failed (0-185): of every schedule and trigger."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition = (
      var.schedule_max_retry_attempts >= 0 && var.schedule_max_retry_attempts <= 185
      && floor(var.schedule_max_retry_attempts) == var.schedule_max_retry_attempts
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "schedule_max_retry_attempts is ${var.schedule_max_retry_attempts}",
      "use a whole number from 0 to 185.",
    ])))
  }
}

variable "schedule_max_event_age_seconds" {
  description = "How many seconds late EventBridge may still start an execution (60-86400)."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition = (
      var.schedule_max_event_age_seconds >= 60 && var.schedule_max_event_age_seconds <= 86400
      && floor(var.schedule_max_event_age_seconds) == var.schedule_max_event_age_seconds
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "schedule_max_event_age_seconds is ${var.schedule_max_event_age_seconds}",
      "use a whole number from 60 to 86400.",
    ])))
  }
}

variable "schedule_dead_letter_queue_arn" {
  description = "ARN of an SQS queue for starts that failed for good; its policy needs dead_letter_queue_policy_statement (output)."
  type        = string
  default     = null

  validation {
    condition = (
      var.schedule_dead_letter_queue_arn == null
      || can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$", var.schedule_dead_letter_queue_arn))
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "schedule_dead_letter_queue_arn is ${jsonencode(var.schedule_dead_letter_queue_arn)}",
      "give the ARN of a standard SQS queue (EventBridge refuses FIFO queues), or null for none.",
    ])))
  }
}

# --- Pipelines of your own ---

variable "additional_pipelines" {
  description = <<-EOT
    More pipelines, by name: the last part of their names in AWS, and what schedules, triggers, alarms and role_arns call them:
    - definition: the pipeline's definition as JSON, as pipeline.definition() of the SageMaker Python SDK returns it. The
      module derives the pipeline role from its steps. The roles of its jobs stand in it and are yours.
    - description: default a sentence with project_name and environment
    - max_parallel_steps: default max_parallel_steps of the module
    - additional_policies: inline policies to add to the pipeline role, name to policy JSON
  EOT
  type = map(object({
    definition          = string
    description         = optional(string)
    max_parallel_steps  = optional(number)
    additional_policies = optional(map(string), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for pipeline in values(var.additional_pipelines) : try(pipeline.definition, null) != null])
    error_message = nonsensitive(sensitive(join(": ", [
      "additional_pipelines has no definition for ${join(", ", [
        for name, pipeline in var.additional_pipelines : name if try(pipeline.definition, null) == null
      ])}",
      "give the pipeline's definition as JSON, for example with file(), or remove it.",
    ])))
  }

  validation {
    condition = alltrue(flatten([
      for pipeline in values(var.additional_pipelines) : [
        for policy in values(try(pipeline.additional_policies, {})) : can(jsondecode(policy).Statement)
      ]
    ]))
    error_message = nonsensitive(sensitive(join(": ", [
      "additional_pipelines has additional_policies ${jsonencode(flatten([
        for key, pipeline in var.additional_pipelines : [
          for name, policy in try(pipeline.additional_policies, {}) : "${key}.${name}" if !can(jsondecode(policy).Statement)
        ]
      ]))}, which is not a policy in JSON",
      "use jsonencode() or data.aws_iam_policy_document, with a statement.",
    ])))
  }
}

# --- Schedules in time zones, triggers, alarms ---

variable "schedules" {
  description = <<-EOT
    More schedules, by name. EventBridge Scheduler runs them in any time zone:
    - pipeline: training, processing or a key of additional_pipelines
    - expression: cron(...), rate(...) or at(yyyy-mm-ddThh:mm:ss)
    - timezone: of cron and at, as IANA names it, such as Europe/Berlin; default UTC
    - parameters: pipeline parameters to override. The job role may use their S3 paths and images.
    - enabled: false pauses the schedule
    - flexible_window_minutes: start at any time within so many minutes (1-1440); default exactly on time
    - start_date, end_date: no start before and after these, in UTC, such as 2027-01-01T00:00:00Z
  EOT
  type = map(object({
    pipeline                = string
    expression              = string
    timezone                = optional(string, "UTC")
    parameters              = optional(map(string), {})
    enabled                 = optional(bool, true)
    flexible_window_minutes = optional(number)
    start_date              = optional(string)
    end_date                = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for schedule in values(var.schedules) : try(schedule.pipeline, null) != null && try(schedule.expression, null) != null
    ])
    error_message = nonsensitive(sensitive(join(": ", [
      "schedules has no pipeline or no expression for ${join(", ", [
        for name, schedule in var.schedules : name
        if try(schedule.pipeline, null) == null || try(schedule.expression, null) == null
      ])}",
      "give each schedule a pipeline and an expression, or remove it.",
    ])))
  }
}

variable "triggers" {
  description = <<-EOT
    Events that start a pipeline, by name, each with exactly one of after, s3_object and event_pattern:
    - pipeline: training, processing or a key of additional_pipelines
    - after: training, processing, a key of additional_pipelines or the ARN of another pipeline: start when it succeeds
    - s3_object: start for each object that is created in this bucket, whose key has this prefix and suffix. The bucket must
      send its events to EventBridge (output event_bucket_notification).
    - event_pattern: pattern of any other event, as JSON
    - parameters: pipeline parameters to override, as texts or as JSON paths of the event, such as $.detail.input
    - enabled: false pauses the trigger
  EOT
  type = map(object({
    pipeline = string
    after    = optional(string)
    s3_object = optional(object({
      bucket = string
      prefix = optional(string, "")
      suffix = optional(string, "")
    }))
    event_pattern = optional(string)
    parameters    = optional(map(string), {})
    enabled       = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for trigger in values(var.triggers) : try(trigger.pipeline, null) != null])
    error_message = nonsensitive(sensitive(join(": ", [
      "triggers has no pipeline for ${join(", ", [
        for name, trigger in var.triggers : name if try(trigger.pipeline, null) == null
      ])}",
      "give each trigger a pipeline, or remove it.",
    ])))
  }
}

variable "alarms" {
  description = <<-EOT
    CloudWatch alarms:
    - actions: ARNs of what to tell, such as SNS topics, whose policies need the output alarm_topic_policy_statements
    - failed: when an execution fails
    - failed_starts: when a schedule or a trigger fails to start its pipeline
    - no_success_within_hours: pipeline to the hours (1-168) in which it has to succeed; unlike the others this one notices
      that nothing happens at all
    - longer_than_minutes: pipeline to the minutes that an execution may take
  EOT
  type = object({
    actions                 = list(string)
    failed                  = optional(bool, true)
    failed_starts           = optional(bool, true)
    no_success_within_hours = optional(map(number), {})
    longer_than_minutes     = optional(map(number), {})
  })
  default = null

  validation {
    condition = var.alarms == null || try(var.alarms.actions, null) != null
    error_message = nonsensitive(sensitive(join(": ", [
      "alarms.actions is null",
      "give the ARNs of what the alarms tell, such as an SNS topic.",
    ])))
  }
}

# --- Notifications ---

variable "notifications" {
  description = <<-EOT
    Publish to an SNS topic when an execution reaches a status:
    - topic_arn: ARN of an existing standard topic, whose policy needs the output notification_topic_policy_statement
    - statuses: from Executing, Succeeded, Failed, Stopping and Stopped; default Failed
  EOT
  type = object({
    topic_arn = string
    statuses  = optional(list(string), ["Failed"])
  })
  default = null

  validation {
    condition = (
      var.notifications == null
      || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.notifications.topic_arn))
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "notifications.topic_arn is ${jsonencode(try(var.notifications.topic_arn, null))}",
      "give the ARN of a standard SNS topic; EventBridge refuses FIFO topics.",
    ])))
  }

  validation {
    condition = var.notifications == null || try(length(var.notifications.statuses) > 0 && alltrue([
      for status in var.notifications.statuses : contains(["Executing", "Succeeded", "Failed", "Stopping", "Stopped"], status)
    ]), false)
    error_message = nonsensitive(sensitive(join(": ", [
      "notifications.statuses is ${jsonencode(try(var.notifications.statuses, null))}",
      "use one or more of Executing, Succeeded, Failed, Stopping and Stopped.",
    ])))
  }
}

# --- IAM ---

variable "guardrails" {
  description = <<-EOT
    What any start may ask for, also one by hand; the pipeline roles may create no other jobs:
    - instance_types: types that the jobs may use; default any
    - max_runtime_seconds: the most that a job's maximum run time may be; default any
  EOT
  type = object({
    instance_types      = optional(list(string))
    max_runtime_seconds = optional(number)
  })
  default = null

  validation {
    condition = try(
      var.guardrails.max_runtime_seconds >= 1 && var.guardrails.max_runtime_seconds <= 2419200
      && floor(var.guardrails.max_runtime_seconds) == var.guardrails.max_runtime_seconds,
      try(var.guardrails.max_runtime_seconds, null) == null
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "guardrails.max_runtime_seconds is ${jsonencode(try(var.guardrails.max_runtime_seconds, null))}",
      "use a whole number from 1 to 2419200 (28 days), or leave it out.",
    ])))
  }
}

variable "role_arns" {
  description = <<-EOT
    ARNs of existing roles to use instead of creating them, by training_job, training_pipeline, training_schedule,
    processing_job, processing_pipeline, processing_schedule, and <key>_pipeline and <key>_schedule for the keys of
    additional_pipelines. The output role_policies has the policies that they need.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "role_path" {
  description = "Path of the created roles."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition = can(regex("^/(?:[A-Za-z0-9+=,.@_-]+/)*$", var.role_path)) && length(var.role_path) <= 512
    error_message = nonsensitive(sensitive(join(": ", [
      "role_path is ${jsonencode(var.role_path)}",
      "start and end it with /, such as /ml/, with at most 512 letters, digits and +=,.@_-/.",
    ])))
  }
}

variable "role_permissions_boundary_arn" {
  description = "ARN of the permissions boundary of the created roles."
  type        = string
  default     = null

  validation {
    condition = (
      var.role_permissions_boundary_arn == null
      || can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", var.role_permissions_boundary_arn))
    )
    error_message = nonsensitive(sensitive(join(": ", [
      "role_permissions_boundary_arn is ${jsonencode(var.role_permissions_boundary_arn)}",
      "give the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary, or null for none.",
    ])))
  }
}

variable "training_additional_policies" {
  description = "Inline policies to add to the training job role: name to policy JSON."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([for policy in values(var.training_additional_policies) : can(jsondecode(policy).Statement)])
    error_message = nonsensitive(sensitive(join(": ", [
      "training_additional_policies has ${jsonencode([
        for name, policy in var.training_additional_policies : name if !can(jsondecode(policy).Statement)
      ])}, which is not a policy in JSON",
      "use jsonencode() or data.aws_iam_policy_document, with a statement.",
    ])))
  }
}

variable "training_managed_policy_arns" {
  description = "Managed policies to attach to the training job role: any name to policy ARN."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for arn in values(var.training_managed_policy_arns) :
      can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn))
    ])
    error_message = nonsensitive(sensitive(join(": ", [
      "training_managed_policy_arns has ${jsonencode({
        for name, arn in var.training_managed_policy_arns : name => arn
        if !can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn))
      })}",
      "each value is the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/msk-access.",
    ])))
  }
}

variable "processing_additional_policies" {
  description = "Inline policies to add to the processing job role: name to policy JSON."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([for policy in values(var.processing_additional_policies) : can(jsondecode(policy).Statement)])
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_additional_policies has ${jsonencode([
        for name, policy in var.processing_additional_policies : name if !can(jsondecode(policy).Statement)
      ])}, which is not a policy in JSON",
      "use jsonencode() or data.aws_iam_policy_document, with a statement.",
    ])))
  }
}

variable "processing_managed_policy_arns" {
  description = "Managed policies to attach to the processing job role: any name to policy ARN."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for arn in values(var.processing_managed_policy_arns) :
      can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn))
    ])
    error_message = nonsensitive(sensitive(join(": ", [
      "processing_managed_policy_arns has ${jsonencode({
        for name, arn in var.processing_managed_policy_arns : name => arn
        if !can(regex("^arn:aws[a-z-]*:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", arn))
      })}",
      "each value is the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/msk-access.",
    ])))
  }
}
