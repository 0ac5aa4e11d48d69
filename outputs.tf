# All outputs are known at plan. Those that name a resource depend on it and on its permissions.

locals {
  # Several calls of the module may share a queue or a topic, and so its policy: each needs a Sid of its own.
  statement_suffix = substr(sha256("${local.sagemaker_arn}/${local.base_name}"), 0, 8)
}

output "training_pipeline_arn" {
  description = "ARN of the training pipeline; null without it."
  value       = local.enabled.training ? local.pipeline_arns.training : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "training_pipeline_name" {
  description = "Name of the training pipeline; null without it."
  value       = local.enabled.training ? local.pipeline_names.training : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "training_pipeline_definition" {
  description = "Definition of the training pipeline, as JSON; null without it."
  value       = try(local.definitions.training, null)
}

output "training_role_arn" {
  description = "ARN of the role that the training container runs with; null without the training pipeline."
  value       = local.enabled.training ? local.role_arns.training_job : null

  depends_on = [aws_iam_role_policy.job]
}

output "training_pipeline_role_arn" {
  description = "ARN of the role that starts the training jobs; null without the training pipeline."
  value       = local.enabled.training ? local.role_arns.training_pipeline : null

  depends_on = [aws_iam_role_policy.pipeline]
}

output "training_schedule_rule_arn" {
  description = "ARN of the training schedule's rule; null without a training schedule."
  value       = try(local.schedules.training.rule_arn, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "training_schedule_rule_name" {
  description = "Name of the training schedule's rule; null without a training schedule."
  value       = try(local.schedules.training.name, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "training_schedule_role_arn" {
  description = "ARN of the role that starts the training pipeline; null without a training schedule."
  value       = contains(keys(local.schedules), "training") ? local.role_arns.training_schedule : null

  depends_on = [aws_iam_role_policy.schedule]
}

output "processing_pipeline_arn" {
  description = "ARN of the processing pipeline; null without it."
  value       = local.enabled.processing ? local.pipeline_arns.processing : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "processing_pipeline_name" {
  description = "Name of the processing pipeline; null without it."
  value       = local.enabled.processing ? local.pipeline_names.processing : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "processing_pipeline_definition" {
  description = "Definition of the processing pipeline, as JSON; null without it."
  value       = try(local.definitions.processing, null)
}

output "processing_role_arn" {
  description = "ARN of the role that the processing container runs with; null without the processing pipeline."
  value       = local.enabled.processing ? local.role_arns.processing_job : null

  depends_on = [aws_iam_role_policy.job]
}

output "processing_pipeline_role_arn" {
  description = "ARN of the role that starts the processing jobs; null without the processing pipeline."
  value       = local.enabled.processing ? local.role_arns.processing_pipeline : null

  depends_on = [aws_iam_role_policy.pipeline]
}

output "processing_schedule_rule_arn" {
  description = "ARN of the processing schedule's rule; null without a processing schedule."
  value       = try(local.schedules.processing.rule_arn, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "processing_schedule_rule_name" {
  description = "Name of the processing schedule's rule; null without a processing schedule."
  value       = try(local.schedules.processing.name, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "processing_schedule_role_arn" {
  description = "ARN of the role that starts the processing pipeline; null without a processing schedule."
  value       = contains(keys(local.schedules), "processing") ? local.role_arns.processing_schedule : null

  depends_on = [aws_iam_role_policy.schedule]
}

output "notification_rule_arn" {
  description = "ARN of the rule that sends notifications; null without notifications."
  value       = local.inputs.notifications == null ? null : "${local.events_arn}:rule/${local.names.notifications}"

  depends_on = [aws_cloudwatch_event_target.notifications]
}

output "dead_letter_queue_policy_statement" {
  description = "Statement that the policy of the dead-letter queue needs; null without a queue or a schedule."
  value = local.inputs.schedule_dead_letter_queue_arn == null || length(local.schedules) == 0 ? null : {
    Sid       = "FailedStartsOfPipelines${local.statement_suffix}"
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sqs:SendMessage"
    Resource  = local.inputs.schedule_dead_letter_queue_arn
    Condition = { ArnEquals = { "aws:SourceArn" = [for schedule in local.schedules : schedule.rule_arn] } }
  }
}

output "notification_topic_policy_statement" {
  description = "Statement that the policy of the notification topic needs; null without notifications."
  value = local.inputs.notifications == null ? null : {
    # no Condition: EventBridge does not support one for topics
    Sid       = "NotificationsOfPipelines${local.statement_suffix}"
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = local.inputs.notifications.topic_arn
  }
}

output "role_policies" {
  description = "assume_role_policy and policy (JSON) of each role, by the keys of role_arns: what a role of your own needs."
  value = {
    for role, policy in local.policies : role => { assume_role_policy = local.trust_policies[role], policy = policy }
  }
}

output "start_commands" {
  description = "AWS CLI commands that start the pipelines, by training and processing."
  value = {
    for pipeline in keys(local.pipelines) :
    pipeline => "aws sagemaker start-pipeline-execution --region ${local.region} --pipeline-name ${local.pipeline_names[pipeline]}"
  }
}

output "module_configuration" {
  description = "Summary of the configuration."
  value = {
    project_name = local.inputs.project_name
    environment  = local.inputs.environment
    region       = local.region
    account_id   = local.account_id
    vpc_id       = local.vpc_enabled ? local.inputs.vpc_id : null
    pipelines = {
      for pipeline, settings in local.pipelines : pipeline => {
        name            = local.pipeline_names[pipeline]
        job_name_prefix = local.job_name_prefixes[pipeline]
        parameters      = { for name, parameter in local.parameters[pipeline] : name => tostring(parameter.default) }
        schedule = contains(keys(local.schedules), pipeline) ? {
          expression = local.schedules[pipeline].expression
          enabled    = local.schedules[pipeline].enabled
          parameters = local.schedules[pipeline].parameters
        } : null
      }
    }
  }

  # The rules of the whole module (rules.tf).
  precondition {
    condition     = local.mistakes.module.name_length == ""
    error_message = local.mistakes.module.name_length
  }

  precondition {
    condition     = local.mistakes.module.tags == ""
    error_message = local.mistakes.module.tags
  }

  precondition {
    condition     = local.mistakes.module.tags_size == ""
    error_message = local.mistakes.module.tags_size
  }

  precondition {
    condition     = local.mistakes.module.tag_cases == ""
    error_message = local.mistakes.module.tag_cases
  }

  precondition {
    condition     = local.mistakes.module.network == ""
    error_message = local.mistakes.module.network
  }

  precondition {
    condition     = local.mistakes.module.schedules == ""
    error_message = local.mistakes.module.schedules
  }

  precondition {
    condition     = local.mistakes.module.notifications == ""
    error_message = local.mistakes.module.notifications
  }

  precondition {
    condition     = local.mistakes.module.brought_roles == ""
    error_message = local.mistakes.module.brought_roles
  }

  precondition {
    condition     = local.mistakes.module.subnet_ids == ""
    error_message = local.mistakes.module.subnet_ids
  }

  precondition {
    condition     = local.mistakes.module.security_group_ids == ""
    error_message = local.mistakes.module.security_group_ids
  }

  precondition {
    condition     = local.mistakes.module.role_keys == ""
    error_message = local.mistakes.module.role_keys
  }

  precondition {
    condition     = local.mistakes.module.role_arns == ""
    error_message = local.mistakes.module.role_arns
  }

  precondition {
    condition     = local.mistakes.module.additional_s3_bucket_arns == ""
    error_message = local.mistakes.module.additional_s3_bucket_arns
  }

  precondition {
    condition     = local.mistakes.module.bucket_names == ""
    error_message = local.mistakes.module.bucket_names
  }

  precondition {
    condition     = local.mistakes.module.other_buckets == ""
    error_message = local.mistakes.module.other_buckets
  }

  precondition {
    condition     = local.mistakes.module.s3_bucket_arn_location == ""
    error_message = local.mistakes.module.s3_bucket_arn_location
  }

  precondition {
    condition     = local.mistakes.module.additional_s3_bucket_arns_location == ""
    error_message = local.mistakes.module.additional_s3_bucket_arns_location
  }

  precondition {
    condition     = local.mistakes.module.kms_key_arn_location == ""
    error_message = local.mistakes.module.kms_key_arn_location
  }

  precondition {
    condition     = local.mistakes.module.volume_kms_key_arn_location == ""
    error_message = local.mistakes.module.volume_kms_key_arn_location
  }

  precondition {
    condition     = local.mistakes.module.schedule_dead_letter_queue_arn_location == ""
    error_message = local.mistakes.module.schedule_dead_letter_queue_arn_location
  }

  precondition {
    condition     = local.mistakes.module.notifications_location == ""
    error_message = local.mistakes.module.notifications_location
  }

  precondition {
    condition     = local.mistakes.module.role_arns_location == ""
    error_message = local.mistakes.module.role_arns_location
  }

  precondition {
    condition     = local.mistakes.module.role_permissions_boundary_arn_location == ""
    error_message = local.mistakes.module.role_permissions_boundary_arn_location
  }

  precondition {
    condition     = local.mistakes.module.training_managed_policy_arns_location == ""
    error_message = local.mistakes.module.training_managed_policy_arns_location
  }

  precondition {
    condition     = local.mistakes.module.processing_managed_policy_arns_location == ""
    error_message = local.mistakes.module.processing_managed_policy_arns_location
  }
}
