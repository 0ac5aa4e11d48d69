data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_default_tags" "current" {}

locals {
  # The id of a region is its name; .name is deprecated from provider 6 on. A mocked provider (terraform test) gives random
  # text, of which no ARN can be made: then these stand in, and nothing is compared with them.
  partition  = try(regex(local.place_patterns.partition, data.aws_partition.current.partition), "aws")
  region     = try(regex(local.place_patterns.region, data.aws_region.current.id), "us-east-1")
  account_id = try(regex(local.place_patterns.account_id, data.aws_caller_identity.current.account_id), "123456789012")
  mocked = !alltrue([
    can(regex(local.place_patterns.partition, data.aws_partition.current.partition)),
    can(regex(local.place_patterns.region, data.aws_region.current.id)),
    can(regex(local.place_patterns.account_id, data.aws_caller_identity.current.account_id)),
  ])
  place_patterns = { partition = "^aws(?:-[a-z]+)*$", region = "^[a-z0-9]+(?:-[a-z0-9]+)+$", account_id = "^[0-9]{12}$" }

  # What AWS will name everything: built here, not read back, so that definitions and policies are known at plan.
  # outputs.tf refuses a longer base; cut, so that its sentence comes and not the provider's errors.
  base_name      = substr("${local.inputs.project_name}-${local.inputs.environment}", 0, 41)
  pipeline_names = { for key in ["training", "processing"] : key => "${local.base_name}-${key}" }
  sagemaker_arn  = "arn:${local.partition}:sagemaker:${local.region}:${local.account_id}"
  events_arn     = "arn:${local.partition}:events:${local.region}:${local.account_id}"
  pipeline_arns  = { for key, name in local.pipeline_names : key => "${local.sagemaker_arn}:pipeline/${name}" }

  # SageMaker names the jobs <prefix>-<execution>-... and takes 38 characters; a hash keeps a shortened prefix unique.
  job_name_prefixes = {
    for key, name in local.pipeline_names :
    key => length(name) <= 38 ? name : "${trimsuffix(substr(name, 0, 29), "-")}-${substr(sha256(name), 0, 8)}"
  }

  # Parts of both pipelines' requests. A length is known at plan, also that of IDs from the same apply.
  # Sorted, because a data source may list them in another order each time.
  vpc_enabled        = length(local.inputs.subnet_ids) > 0
  subnet_ids         = sort(local.inputs.subnet_ids)
  security_group_ids = sort(local.inputs.security_group_ids)
  vpc_config         = local.vpc_enabled ? { Subnets = local.subnet_ids, SecurityGroupIds = local.security_group_ids } : null

  # Jobs are made by SageMaker, so the provider's default_tags do not reach them by themselves.
  tags = merge(
    { for key, value in nonsensitive(sensitive(data.aws_default_tags.current.tags)) : key => nonsensitive(sensitive(value)) },
    local.inputs.tags,
  )
  job_tags = length(local.tags) > 0 ? [for key, value in local.tags : { Key = key, Value = value }] : null

  # The two pipelines differ in training.tf and processing.tf only; every resource reads this table.
  enabled = { training = local.inputs.enable_training_pipeline, processing = local.inputs.enable_processing_pipeline }
  pipelines = {
    for key, pipeline in { training = local.training_pipeline, processing = local.processing_pipeline } :
    key => pipeline if local.enabled[key]
  }

  # The default of a pipeline parameter is its input; `joined`: the execution ID is put behind the value.
  parameters = {
    for key, pipeline in local.pipelines : key => {
      for name, parameter in pipeline.parameters :
      name => merge({ default = local.inputs[parameter.input], joined = false, maximum = null }, parameter)
    }
  }

  # The environment is part of the step cache's key: a step that knows its execution would never be reused.
  # https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html
  environments = {
    for key, pipeline in local.pipelines : key => merge(
      pipeline.environment_variables,
      { for name, variable in local.execution_environment : name => variable if pipeline.cache_expire_after == null },
    )
  }
  execution_environment = { PIPELINE_EXECUTION_ARN = { Get = "Execution.PipelineExecutionArn" } }

  # No null in the JSON, and no line break of Unicode (U+0085), which jsonencode leaves as it is: SageMaker refuses both.
  definitions = {
    for key, pipeline in local.pipelines : key => replace(jsonencode({
      Version    = "2020-12-01"
      Parameters = [for name, parameter in local.parameters[key] : { Name = name, Type = parameter.type, DefaultValue = parameter.default }]
      Steps = [{ for member, value in {
        Name = pipeline.job_type
        Type = pipeline.job_type
        Arguments = { for name, argument in merge(pipeline.arguments, {
          Environment = length(local.environments[key]) > 0 ? local.environments[key] : null
        }) : name => argument if argument != null }
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
    }), "\u0085", "\\u0085")
  }
}

resource "aws_sagemaker_pipeline" "this" {
  for_each = local.pipelines

  pipeline_name         = local.pipeline_names[each.key]
  pipeline_display_name = local.pipeline_names[each.key]
  pipeline_description  = each.value.description # cannot be cleared once set, so it is always set
  pipeline_definition   = local.definitions[each.key]
  role_arn              = local.role_arns.pipeline[each.key]
  tags                  = local.inputs.tags

  # cannot be removed once set, so it is always set
  parallelism_configuration {
    max_parallel_execution_steps = local.inputs.max_parallel_steps
  }

  # All rules of one pipeline and its schedule (rules.tf). Here, and not at the schedule: what waits for a resource that
  # fails is not looked at, and its mistakes would come one plan later.
  lifecycle {
    precondition {
      condition     = local.mistakes[each.key].image_uris == ""
      error_message = local.mistakes[each.key].image_uris
    }

    precondition {
      condition     = local.mistakes[each.key].image_regions == ""
      error_message = local.mistakes[each.key].image_regions
    }

    precondition {
      condition     = local.mistakes[each.key].s3_uris == ""
      error_message = local.mistakes[each.key].s3_uris
    }

    precondition {
      condition     = local.mistakes[each.key].long_s3_uris == ""
      error_message = local.mistakes[each.key].long_s3_uris
    }

    precondition {
      condition     = local.mistakes[each.key].buckets == ""
      error_message = local.mistakes[each.key].buckets
    }

    precondition {
      condition     = local.mistakes[each.key].checkpoint_folders == ""
      error_message = local.mistakes[each.key].checkpoint_folders
    }

    precondition {
      condition     = local.mistakes[each.key].cached_checkpoints == ""
      error_message = local.mistakes[each.key].cached_checkpoints
    }

    precondition {
      condition     = local.mistakes[each.key].environment_size == ""
      error_message = local.mistakes[each.key].environment_size
    }

    precondition {
      condition     = local.mistakes[each.key].environment_variables == ""
      error_message = local.mistakes[each.key].environment_variables
    }

    precondition {
      condition     = local.mistakes[each.key].reserved_variables == ""
      error_message = local.mistakes[each.key].reserved_variables
    }

    precondition {
      condition     = local.mistakes[each.key].isolated_mlflow == ""
      error_message = local.mistakes[each.key].isolated_mlflow
    }

    precondition {
      condition     = local.mistakes[each.key].hyperparameters_size == ""
      error_message = local.mistakes[each.key].hyperparameters_size
    }

    precondition {
      condition     = local.mistakes[each.key].hyperparameters == ""
      error_message = local.mistakes[each.key].hyperparameters
    }

    precondition {
      condition     = local.mistakes[each.key].metrics_size == ""
      error_message = local.mistakes[each.key].metrics_size
    }

    precondition {
      condition     = local.mistakes[each.key].metrics == ""
      error_message = local.mistakes[each.key].metrics
    }

    precondition {
      condition     = local.mistakes[each.key].channels_size == ""
      error_message = local.mistakes[each.key].channels_size
    }

    precondition {
      condition     = local.mistakes[each.key].channels == ""
      error_message = local.mistakes[each.key].channels
    }

    precondition {
      condition     = local.mistakes[each.key].channel_names == ""
      error_message = local.mistakes[each.key].channel_names
    }

    precondition {
      condition     = local.mistakes[each.key].channel_modes == ""
      error_message = local.mistakes[each.key].channel_modes
    }

    precondition {
      condition     = local.mistakes[each.key].channel_distributions == ""
      error_message = local.mistakes[each.key].channel_distributions
    }

    precondition {
      condition     = local.mistakes[each.key].channel_types == ""
      error_message = local.mistakes[each.key].channel_types
    }

    precondition {
      condition     = local.mistakes[each.key].command_sizes == ""
      error_message = local.mistakes[each.key].command_sizes
    }

    precondition {
      condition     = local.mistakes[each.key].command_items == ""
      error_message = local.mistakes[each.key].command_items
    }

    precondition {
      condition     = local.mistakes[each.key].spot_wait == ""
      error_message = local.mistakes[each.key].spot_wait
    }

    precondition {
      condition     = local.mistakes[each.key].retry_exceptions == ""
      error_message = local.mistakes[each.key].retry_exceptions
    }

    precondition {
      condition     = local.mistakes[each.key].retry_ends == ""
      error_message = local.mistakes[each.key].retry_ends
    }

    precondition {
      condition     = local.mistakes[each.key].retry_limits == ""
      error_message = local.mistakes[each.key].retry_limits
    }

    precondition {
      condition     = local.mistakes[each.key].schedule_expression == ""
      error_message = local.mistakes[each.key].schedule_expression
    }

    precondition {
      condition     = local.mistakes[each.key].schedule_length == ""
      error_message = local.mistakes[each.key].schedule_length
    }

    precondition {
      condition     = local.mistakes[each.key].undeclared_parameters == ""
      error_message = local.mistakes[each.key].undeclared_parameters
    }

    precondition {
      condition     = local.mistakes[each.key].parameter_numbers == ""
      error_message = local.mistakes[each.key].parameter_numbers
    }

    precondition {
      condition     = local.mistakes[each.key].parameter_instance_types == ""
      error_message = local.mistakes[each.key].parameter_instance_types
    }

    precondition {
      condition     = local.mistakes[each.key].policies == ""
      error_message = local.mistakes[each.key].policies
    }

    precondition {
      condition     = local.mistakes[each.key].policy_letters == ""
      error_message = local.mistakes[each.key].policy_letters
    }

    precondition {
      condition     = local.mistakes[each.key].inline_policies == ""
      error_message = local.mistakes[each.key].inline_policies
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
