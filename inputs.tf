# The inputs without the mark of sensitive values; the other files read local.inputs. Values of SSM parameters and outputs of
# other modules are often marked. A marked ARN or path would hide the definition and the policies from whoever approves the
# plan, and for_each refuses it. Only what may be a secret keeps the mark: environment variables, hyperparameters and
# additional policies. nonsensitive(sensitive(x)), because nonsensitive(x) fails without a mark before Terraform 1.8.

locals {
  inputs = merge(local._scalar_inputs, local._list_inputs, local._map_inputs, local._item_inputs, local._object_inputs)

  _scalar_inputs = { for name, value in {
    project_name = var.project_name
    environment  = var.environment

    s3_bucket_arn      = var.s3_bucket_arn
    vpc_id             = var.vpc_id
    lookup_network     = var.lookup_network
    kms_key_arn        = var.kms_key_arn
    volume_kms_key_arn = var.volume_kms_key_arn

    enable_training_pipeline     = var.enable_training_pipeline
    training_image_uri           = var.training_image_uri
    input_data_s3_path           = var.input_data_s3_path
    model_output_s3_path         = var.model_output_s3_path
    training_instance_type       = var.training_instance_type
    training_instance_count      = var.training_instance_count
    training_volume_size_gb      = var.training_volume_size_gb
    training_max_runtime_seconds = var.training_max_runtime_seconds
    training_input_mode          = var.training_input_mode
    training_input_channel       = var.training_input_channel
    training_cache_expire_after  = var.training_cache_expire_after

    enable_processing_pipeline      = var.enable_processing_pipeline
    inference_image_uri             = var.inference_image_uri
    inference_input_s3_path         = var.inference_input_s3_path
    inference_output_s3_path        = var.inference_output_s3_path
    processing_instance_type        = var.processing_instance_type
    processing_instance_count       = var.processing_instance_count
    processing_volume_size_gb       = var.processing_volume_size_gb
    processing_max_runtime_seconds  = var.processing_max_runtime_seconds
    processing_input_distribution   = var.processing_input_distribution
    processing_output_upload_mode   = var.processing_output_upload_mode
    processing_output_per_execution = var.processing_output_per_execution
    processing_cache_expire_after   = var.processing_cache_expire_after

    enable_network_isolation          = var.enable_network_isolation
    enable_inter_container_encryption = var.enable_inter_container_encryption
    max_parallel_steps                = var.max_parallel_steps

    enable_training_schedule       = var.enable_training_schedule
    training_schedule_enabled      = var.training_schedule_enabled
    training_schedule_expression   = var.training_schedule_expression
    enable_processing_schedule     = var.enable_processing_schedule
    processing_schedule_enabled    = var.processing_schedule_enabled
    processing_schedule_expression = var.processing_schedule_expression
    schedule_max_retry_attempts    = var.schedule_max_retry_attempts
    schedule_max_event_age_seconds = var.schedule_max_event_age_seconds
    schedule_dead_letter_queue_arn = var.schedule_dead_letter_queue_arn

    role_path                     = var.role_path
    role_permissions_boundary_arn = var.role_permissions_boundary_arn
  } : name => nonsensitive(sensitive(value)) }

  _list_inputs = { for name, values in {
    additional_s3_bucket_arns       = var.additional_s3_bucket_arns
    subnet_ids                      = var.subnet_ids
    security_group_ids              = var.security_group_ids
    training_container_entrypoint   = var.training_container_entrypoint
    training_container_arguments    = var.training_container_arguments
    processing_container_entrypoint = var.processing_container_entrypoint
    processing_container_arguments  = var.processing_container_arguments
    non_secret_names                = var.non_secret_names
  } : name => [for value in nonsensitive(sensitive(values)) : nonsensitive(sensitive(value))] }

  _map_inputs = { for name, values in {
    tags                           = var.tags
    training_metric_definitions    = var.training_metric_definitions
    training_schedule_parameters   = var.training_schedule_parameters
    processing_schedule_parameters = var.processing_schedule_parameters
    training_managed_policy_arns   = var.training_managed_policy_arns
    processing_managed_policy_arns = var.processing_managed_policy_arns
    role_arns                      = var.role_arns
  } : name => { for key, value in nonsensitive(sensitive(values)) : key => nonsensitive(sensitive(value)) } }

  # Attribute by attribute, so that one that comes from the same apply does not make the others unknown.
  _item_inputs = { for input, items in {
    training_additional_inputs    = var.training_additional_inputs
    processing_additional_inputs  = var.processing_additional_inputs
    processing_additional_outputs = var.processing_additional_outputs
    } : input => {
    for name, item in nonsensitive(sensitive(items)) : name => {
      for attribute, value in nonsensitive(sensitive(item)) : attribute => nonsensitive(sensitive(value))
    }
  } }

  _object_inputs = {
    training_spot = nonsensitive(sensitive(var.training_spot == null)) ? null : {
      for attribute, value in nonsensitive(sensitive(var.training_spot)) : attribute => nonsensitive(sensitive(value))
    }
    training_retry_policies   = jsondecode(nonsensitive(sensitive(jsonencode(var.training_retry_policies))))
    processing_retry_policies = jsondecode(nonsensitive(sensitive(jsonencode(var.processing_retry_policies))))
    # without additional_policies
    additional_pipelines = {
      for name, pipeline in nonsensitive(sensitive(var.additional_pipelines)) : name => {
        definition         = nonsensitive(sensitive(pipeline.definition))
        description        = nonsensitive(sensitive(pipeline.description))
        max_parallel_steps = nonsensitive(sensitive(pipeline.max_parallel_steps))
      }
    }
    schedules = {
      for name, schedule in nonsensitive(sensitive(var.schedules)) : name => merge(
        { for attribute, value in nonsensitive(sensitive(schedule)) : attribute => nonsensitive(sensitive(value)) },
        { parameters = { for key, value in nonsensitive(sensitive(schedule.parameters)) : key => nonsensitive(sensitive(value)) } },
      )
    }
    triggers = {
      for name, trigger in nonsensitive(sensitive(var.triggers)) : name => merge(
        { for attribute, value in nonsensitive(sensitive(trigger)) : attribute => nonsensitive(sensitive(value)) },
        {
          s3_object = nonsensitive(sensitive(trigger.s3_object == null)) ? null : {
            for attribute, value in nonsensitive(sensitive(trigger.s3_object)) : attribute => nonsensitive(sensitive(value))
          }
          parameters = { for key, value in nonsensitive(sensitive(trigger.parameters)) : key => nonsensitive(sensitive(value)) }
        },
      )
    }
    alarms = nonsensitive(sensitive(var.alarms == null)) ? null : merge(
      { for attribute, value in nonsensitive(sensitive(var.alarms)) : attribute => nonsensitive(sensitive(value)) },
      { actions = [for arn in nonsensitive(sensitive(var.alarms.actions)) : nonsensitive(sensitive(arn))] },
      { for attribute in ["no_success_within_hours", "longer_than_minutes"] : attribute => {
        for key, value in nonsensitive(sensitive(var.alarms[attribute])) : key => nonsensitive(sensitive(value))
      } },
    )
    guardrails = nonsensitive(sensitive(var.guardrails == null)) ? null : {
      instance_types = nonsensitive(sensitive(var.guardrails.instance_types == null)) ? null : [
        for type in nonsensitive(sensitive(var.guardrails.instance_types)) : nonsensitive(sensitive(type))
      ]
      max_runtime_seconds = nonsensitive(sensitive(var.guardrails.max_runtime_seconds))
    }
    notifications = nonsensitive(sensitive(var.notifications == null)) ? null : {
      topic_arn = nonsensitive(sensitive(var.notifications.topic_arn))
      statuses  = jsondecode(nonsensitive(sensitive(jsonencode(var.notifications.statuses))))
    }
  }
}
