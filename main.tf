data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.id # .name is deprecated from provider 6 on; the id is the name in both
  account_id = data.aws_caller_identity.current.account_id

  # What AWS will name everything: built here, not read back, so that definitions and policies are known at plan.
  # outputs.tf refuses a longer base; cut, so that its sentence comes and not the provider's errors.
  base_name     = substr("${var.project_name}-${var.environment}", 0, 41)
  names         = { for key in ["training", "processing"] : key => "${local.base_name}-${key}" }
  pipeline_arns = { for key, name in local.names : key => "arn:${local.partition}:sagemaker:${local.region}:${local.account_id}:pipeline/${name}" }

  # SageMaker names the jobs <prefix>-<execution>-... and takes 38 characters; a hash keeps a shortened prefix unique.
  job_name_prefixes = {
    for key, name in local.names :
    key => length(name) <= 38 ? name : "${trimsuffix(substr(name, 0, 29), "-")}-${substr(sha256(name), 0, 8)}"
  }

  # Parts of both pipelines' requests. A length is known at plan, also that of IDs from the same apply.
  # Sorted, because a data source may list them in another order each time.
  vpc_enabled                  = length(var.subnet_ids) > 0
  subnet_ids                   = sort(var.subnet_ids)
  security_group_ids           = sort(var.security_group_ids)
  vpc_config                   = local.vpc_enabled ? { Subnets = local.subnet_ids, SecurityGroupIds = local.security_group_ids } : null
  job_tags                     = length(var.tags) > 0 ? [for key, value in var.tags : { Key = key, Value = value }] : null
  module_environment_variables = { PIPELINE_EXECUTION_ARN = { Get = "Execution.PipelineExecutionArn" } }

  # The two pipelines differ in training.tf and processing.tf only; every resource reads this table.
  enabled = { training = var.enable_training_pipeline, processing = var.enable_processing_pipeline }
  pipelines = {
    for key, pipeline in { training = local.training_pipeline, processing = local.processing_pipeline } :
    key => pipeline if local.enabled[key]
  }

  # no null in the JSON: SageMaker refuses it
  definitions = {
    for key, pipeline in local.pipelines : key => jsonencode({
      Version    = "2020-12-01"
      Parameters = [for name, parameter in pipeline.parameters : { Name = name, Type = parameter.type, DefaultValue = parameter.default }]
      Steps = [{ for member, value in {
        Name        = pipeline.job_type
        Type        = pipeline.job_type
        Arguments   = { for name, argument in pipeline.arguments : name => argument if argument != null }
        CacheConfig = pipeline.cache_expire_after == null ? null : { Enabled = true, ExpireAfter = pipeline.cache_expire_after }
        RetryPolicies = length(pipeline.retry_policies) == 0 ? null : [
          for policy in pipeline.retry_policies : { for name, value in {
            ExceptionType   = policy.exception_types
            IntervalSeconds = policy.interval_seconds
            BackoffRate     = policy.backoff_rate
            MaxAttempts     = policy.max_attempts
            ExpireAfterMin  = policy.expire_after_minutes
          } : name => value if value != null }
        ]
      } : member => value if value != null }]
    })
  }
}

resource "aws_sagemaker_pipeline" "this" {
  for_each = local.pipelines

  pipeline_name         = local.names[each.key]
  pipeline_display_name = local.names[each.key]
  pipeline_description  = each.value.description # cannot be cleared once set, so it is always set
  pipeline_definition   = local.definitions[each.key]
  role_arn              = local.role_arns.pipeline[each.key]
  tags                  = var.tags

  # cannot be removed once set, so it is always set
  parallelism_configuration {
    max_parallel_execution_steps = var.max_parallel_steps
  }

  lifecycle {
    precondition {
      condition     = alltrue([for image in local.images[each.key] : image.repository != ""])
      error_message = "${join(", ", [for image in local.images[each.key] : "${image.input} is \"${image.uri}\"" if image.repository == ""])}: with enable_${each.key}_pipeline, give the URI of an image in ECR, <account>.dkr.ecr.<region>.${data.aws_partition.current.dns_suffix}/<repository>:<tag> (or @sha256:<digest>)."
    }

    precondition {
      condition     = alltrue([for image in local.images[each.key] : contains(["", local.region], image.region)])
      error_message = "${join(", ", [for image in local.images[each.key] : "${image.input} is \"${image.uri}\"" if !contains(["", local.region], image.region)])}: SageMaker pulls images of its own region only, which is ${local.region}; push or replicate the image there."
    }

    precondition {
      condition     = alltrue([for path in local.s3_paths[each.key] : path.bucket != "" && length(path.uri) <= 1024])
      error_message = "${join(", ", [for path in local.s3_paths[each.key] : "${path.input} is \"${path.uri}\"" if path.bucket == "" || length(path.uri) > 1024])}: with enable_${each.key}_pipeline, give an S3 URI, such as s3://my-ml-bucket/path/, without wildcards, and without a space at its end."
    }

    precondition {
      condition     = alltrue([for path in local.s3_paths[each.key] : contains(local.bucket_names, path.bucket) || path.bucket == ""])
      error_message = "${join(", ", [for path in local.s3_paths[each.key] : "${path.input} is \"${path.uri}\"" if !contains(local.bucket_names, path.bucket)])}: the bucket is none of s3_bucket_arn and additional_s3_bucket_arns (${join(", ", local.bucket_names)}); correct the path, or add the bucket's ARN."
    }

    precondition {
      condition     = !var.enable_network_isolation || !contains(keys(each.value.environment_variables), "MLFLOW_TRACKING_URI")
      error_message = "${each.key}_environment_variables has MLFLOW_TRACKING_URI, but enable_network_isolation is true: an isolated container cannot reach MLflow; remove one of the two."
    }

    precondition {
      condition     = each.key != "training" || !contains(keys(var.training_additional_inputs), var.training_input_channel)
      error_message = "training_additional_inputs has a channel \"${var.training_input_channel}\", which is the channel of input_data_s3_path already: rename it, or set training_input_channel."
    }

    precondition {
      condition     = each.key != "training" || try(var.training_spot.max_wait_seconds >= local.longest_training_seconds, true)
      error_message = "training_spot.max_wait_seconds is ${try(var.training_spot.max_wait_seconds, "null")}, less than the ${local.longest_training_seconds} seconds that a job may run (training_max_runtime_seconds, training_schedule_parameters): it covers waiting and running together, so raise it."
    }
  }

  # CreatePipeline does not retry while IAM propagates, and an execution may start right after it.
  depends_on = [
    aws_iam_role_policy.job,
    aws_iam_role_policy.pipeline,
    aws_iam_role_policy.additional,
    aws_iam_role_policy_attachment.managed,
  ]
}
