# The pipelines. They differ in training.tf, processing.tf and additional_pipelines.tf only; every other file reads the table
# local.pipelines.

data "aws_default_tags" "current" {}

locals {
  own_pipelines = ["training", "processing"]
  enabled = merge(
    { training = local.inputs.enable_training_pipeline, processing = local.inputs.enable_processing_pipeline },
    { for pipeline in keys(local.additional_inputs) : pipeline => true },
  )
  # those whose definition and job role the module makes
  built_pipelines = {
    for pipeline, settings in { training = local.training_pipeline, processing = local.processing_pipeline } :
    pipeline => merge({ max_parallel_steps = local.inputs.max_parallel_steps }, settings) if local.enabled[pipeline]
  }
  pipelines = merge(local.built_pipelines, local.additional_pipelines)

  # what an additional pipeline has in its definition, if at all
  no_settings = {
    environment_variables = {}
    environment_limit     = 512
    shortest_argument     = 0
    hyperparameters       = {}
    channels              = {}
    metric_definitions    = {}
    command               = { entrypoint = [], arguments = [] }
    retry_policies        = []
    cache_expire_after    = null
    managed_policy_arns   = {}
  }

  # The default of a pipeline parameter is its input. SageMaker appends the execution ID to a `joined` one.
  parameters = {
    for pipeline, settings in local.pipelines : pipeline => merge(
      { for name in ["ScheduledTime"] : name => local.scheduled_time if lookup(local.adds_scheduled_time, pipeline, true) },
      { for name, parameter in settings.parameters :
      name => merge({ default = lookup(local.inputs, parameter.input, null), joined = false, maximum = null }, parameter) },
    )
  }
  # schedules.tf fills it. A default, because an execution that somebody starts by hand has no scheduled time; not an empty
  # one, because SageMaker takes no empty values (https://github.com/aws/sagemaker-python-sdk/issues/4016).
  scheduled_time = { type = "String", purpose = "time", input = "ScheduledTime", default = "none", joined = false, maximum = null }

  # --- Parts of both job requests ---

  # Lengths are known at plan, even those of lists of IDs from the same apply. The IDs are sorted because a data source may
  # return them in another order each time.
  vpc_enabled        = length(local.inputs.subnet_ids) > 0
  subnet_ids         = sort(compact(local.inputs.subnet_ids))
  security_group_ids = sort(compact(local.inputs.security_group_ids))
  vpc_config         = local.vpc_enabled ? { Subnets = local.subnet_ids, SecurityGroupIds = local.security_group_ids } : null

  # SageMaker creates the jobs, so they do not get the provider's default_tags by themselves.
  default_tags = nonsensitive(sensitive(data.aws_default_tags.current.tags))
  tags         = merge({ for name, value in local.default_tags : name => nonsensitive(sensitive(value)) }, local.inputs.tags)
  job_tags     = length(local.tags) > 0 ? [for name, value in local.tags : { Key = name, Value = value }] : null

  # The environment is part of the step cache's key: a step that gets what differs in each execution would never be reused.
  # https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html
  environments = {
    for pipeline, settings in local.built_pipelines : pipeline => merge(
      settings.environment_variables,
      { for name, value in local.execution_environment : name => value if settings.cache_expire_after == null },
    )
  }
  execution_environment = {
    PIPELINE_EXECUTION_ARN = { Get = "Execution.PipelineExecutionArn" }
    SCHEDULED_TIME         = { Get = "Parameters.ScheduledTime" }
  }

  # --- Definitions: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-pipelines-define.html ---

  step_arguments = {
    for pipeline, settings in local.built_pipelines : pipeline => merge(settings.arguments, {
      Environment = length(local.environments[pipeline]) > 0 ? local.environments[pipeline] : null
    })
  }

  retry_policies = {
    for pipeline, settings in local.built_pipelines : pipeline => [
      for policy in settings.retry_policies : { for member, value in {
        ExceptionType   = policy.exception_types
        IntervalSeconds = policy.interval_seconds
        BackoffRate     = policy.backoff_rate
        MaxAttempts     = policy.max_attempts
        ExpireAfterMin  = policy.expire_after_minutes
      } : member => value if value != null }
    ]
  }

  # SageMaker refuses null members, and the line break U+0085, which jsonencode() leaves unescaped.
  definitions = {
    for pipeline, text in merge(local.built_definitions, local.additional_definitions) : pipeline => replace(text, "\u0085", "\\u0085")
  }
  built_definitions = {
    for pipeline, settings in local.built_pipelines : pipeline => jsonencode({
      Version = "2020-12-01"
      Parameters = [
        for name, parameter in local.parameters[pipeline] : { Name = name, Type = parameter.type, DefaultValue = parameter.default }
      ]
      Steps = [{ for member, value in {
        Name          = settings.job_type
        Type          = settings.job_type
        Arguments     = { for name, argument in local.step_arguments[pipeline] : name => argument if argument != null }
        CacheConfig   = settings.cache_expire_after == null ? null : { Enabled = true, ExpireAfter = settings.cache_expire_after }
        RetryPolicies = length(settings.retry_policies) == 0 ? null : local.retry_policies[pipeline]
      } : member => value if value != null }]
    })
  }
}

resource "aws_sagemaker_pipeline" "this" {
  for_each = local.pipelines

  pipeline_name         = local.pipeline_names[each.key]
  pipeline_display_name = local.pipeline_names[each.key]
  pipeline_description  = each.value.description # always set: SageMaker cannot clear it
  pipeline_definition   = local.definitions[each.key]
  role_arn              = local.role_arns["${each.key}_pipeline"]
  tags                  = local.inputs.tags

  # always set: SageMaker cannot remove it
  parallelism_configuration {
    max_parallel_execution_steps = each.value.max_parallel_steps
  }

  # The rules of this pipeline, its schedule and its roles (rules.tf). They all stand here because Terraform does not
  # evaluate what depends on a failed resource: the mistakes of a schedule would show up one plan later.
  lifecycle {
    precondition {
      condition     = lookup(local.definition_mistakes, each.key, "") == ""
      error_message = lookup(local.definition_mistakes, each.key, "")
    }

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
      condition     = local.mistakes[each.key].sizes == ""
      error_message = local.mistakes[each.key].sizes
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
      condition     = local.mistakes[each.key].hyperparameters == ""
      error_message = local.mistakes[each.key].hyperparameters
    }

    precondition {
      condition     = local.mistakes[each.key].metrics == ""
      error_message = local.mistakes[each.key].metrics
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
      condition     = local.mistakes[each.key].data_names == ""
      error_message = local.mistakes[each.key].data_names
    }

    precondition {
      condition     = local.mistakes[each.key].repeated_data_names == ""
      error_message = local.mistakes[each.key].repeated_data_names
    }

    precondition {
      condition     = local.mistakes[each.key].data_choices == ""
      error_message = local.mistakes[each.key].data_choices
    }

    precondition {
      condition     = local.mistakes[each.key].local_paths == ""
      error_message = local.mistakes[each.key].local_paths
    }

    precondition {
      condition     = local.mistakes[each.key].repeated_local_paths == ""
      error_message = local.mistakes[each.key].repeated_local_paths
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
      condition     = local.mistakes[each.key].scheduled_time == ""
      error_message = local.mistakes[each.key].scheduled_time
    }

    precondition {
      condition     = local.mistakes[each.key].event_paths == ""
      error_message = local.mistakes[each.key].event_paths
    }

    precondition {
      condition     = local.mistakes[each.key].parameter_numbers == ""
      error_message = local.mistakes[each.key].parameter_numbers
    }

    precondition {
      condition     = local.mistakes[each.key].guarded_types == ""
      error_message = local.mistakes[each.key].guarded_types
    }

    precondition {
      condition     = local.mistakes[each.key].guarded_runtimes == ""
      error_message = local.mistakes[each.key].guarded_runtimes
    }

    precondition {
      condition     = local.mistakes[each.key].parameter_instance_types == ""
      error_message = local.mistakes[each.key].parameter_instance_types
    }

    precondition {
      condition     = local.mistakes[each.key].trust_policy == ""
      error_message = local.mistakes[each.key].trust_policy
    }

    precondition {
      condition     = local.mistakes[each.key].pipeline_policy == ""
      error_message = local.mistakes[each.key].pipeline_policy
    }

    precondition {
      condition     = local.mistakes[each.key].policy_names == ""
      error_message = local.mistakes[each.key].policy_names
    }

    precondition {
      condition     = local.mistakes[each.key].policies == ""
      error_message = local.mistakes[each.key].policies
    }

    precondition {
      condition     = local.mistakes[each.key].policy_characters == ""
      error_message = local.mistakes[each.key].policy_characters
    }

    precondition {
      condition     = local.mistakes[each.key].inline_policies == ""
      error_message = local.mistakes[each.key].inline_policies
    }
  }

  # The provider does not retry CreatePipeline while IAM propagates, and an execution may start right after it.
  depends_on = [
    aws_iam_role_policy.job,
    aws_iam_role_policy.pipeline,
    aws_iam_role_policy.additional,
    aws_iam_role_policy_attachment.managed,
  ]
}
