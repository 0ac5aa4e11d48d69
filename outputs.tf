# Known at plan, as everything is named by the module; each waits for what it names, and for its permissions.

locals {
  # other calls of the module may share the queue or the topic, and so one policy
  statement_suffix = substr(sha256("${local.sagemaker_arn}/${local.base_name}"), 0, 8)
}

output "training_pipeline_arn" {
  description = "Training pipeline ARN; null without the training pipeline."
  value       = local.enabled.training ? local.pipeline_arns.training : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "training_pipeline_name" {
  description = "Training pipeline name; null without the training pipeline."
  value       = local.enabled.training ? local.pipeline_names.training : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "training_pipeline_definition" {
  description = "Training pipeline definition, JSON; null without the training pipeline."
  value       = try(local.definitions.training, null)
}

output "training_role_arn" {
  description = "Training IAM role ARN (the job role: what the container runs with); null without the training pipeline."
  value       = local.enabled.training ? local.role_arns.job.training : null

  depends_on = [aws_iam_role_policy.job]
}

output "training_pipeline_role_arn" {
  description = "ARN of the IAM role that runs the training jobs; null without the training pipeline."
  value       = local.enabled.training ? local.role_arns.pipeline.training : null

  depends_on = [aws_iam_role_policy.pipeline]
}

output "training_schedule_rule_arn" {
  description = "Training schedule rule ARN; null without a training schedule."
  value       = try(local.schedules.training.rule_arn, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "training_schedule_rule_name" {
  description = "Training schedule rule name; null without a training schedule."
  value       = try(local.schedules.training.name, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "training_schedule_role_arn" {
  description = "ARN of the IAM role that starts the training pipeline; null without a training schedule."
  value       = contains(keys(local.schedules), "training") ? local.role_arns.schedule.training : null

  depends_on = [aws_iam_role_policy.schedule]
}

output "processing_pipeline_arn" {
  description = "Processing pipeline ARN; null without the processing pipeline."
  value       = local.enabled.processing ? local.pipeline_arns.processing : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "processing_pipeline_name" {
  description = "Processing pipeline name; null without the processing pipeline."
  value       = local.enabled.processing ? local.pipeline_names.processing : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "processing_pipeline_definition" {
  description = "Processing pipeline definition, JSON; null without the processing pipeline."
  value       = try(local.definitions.processing, null)
}

output "processing_role_arn" {
  description = "Processing IAM role ARN (the job role: what the container runs with); null without the processing pipeline."
  value       = local.enabled.processing ? local.role_arns.job.processing : null

  depends_on = [aws_iam_role_policy.job]
}

output "processing_pipeline_role_arn" {
  description = "ARN of the IAM role that runs the processing jobs; null without the processing pipeline."
  value       = local.enabled.processing ? local.role_arns.pipeline.processing : null

  depends_on = [aws_iam_role_policy.pipeline]
}

output "processing_schedule_rule_arn" {
  description = "Processing schedule rule ARN; null without a processing schedule."
  value       = try(local.schedules.processing.rule_arn, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "processing_schedule_rule_name" {
  description = "Processing schedule rule name; null without a processing schedule."
  value       = try(local.schedules.processing.name, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "processing_schedule_role_arn" {
  description = "ARN of the IAM role that starts the processing pipeline; null without a processing schedule."
  value       = contains(keys(local.schedules), "processing") ? local.role_arns.schedule.processing : null

  depends_on = [aws_iam_role_policy.schedule]
}

output "notification_rule_arn" {
  description = "ARN of the rule that sends notifications; null without notifications."
  value       = local.inputs.notifications == null ? null : "${local.events_arn}:rule/${local.notification_name}"

  depends_on = [aws_cloudwatch_event_target.notifications]
}

output "dead_letter_queue_policy_statement" {
  description = "Statement that the policy of the queue of schedule_dead_letter_queue_arn needs; null without a queue or a schedule."
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
  description = "Statement that the policy of the topic of notifications needs; null without notifications. EventBridge takes no condition here."
  value = local.inputs.notifications == null ? null : {
    Sid       = "NotificationsOfPipelines${local.statement_suffix}"
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = local.inputs.notifications.topic_arn
  }
}

output "role_policies" {
  description = "What each role of role_arns needs when you bring it, by the keys of role_arns: assume_role_policy (trust) and policy, both JSON."
  value = merge([
    for kind, policies in local.policies : {
      for key, policy in policies : "${key}_${kind}" => { assume_role_policy = local.trusts[kind][key], policy = policy }
    }
  ]...)
}

output "start_commands" {
  description = "AWS CLI command that starts each pipeline by hand, by training and processing."
  value = {
    for key in keys(local.pipelines) :
    key => "aws sagemaker start-pipeline-execution --region ${local.region} --pipeline-name ${local.pipeline_names[key]}"
  }
}

output "module_configuration" {
  description = "Summary of module configuration."
  value = {
    project_name = local.inputs.project_name
    environment  = local.inputs.environment
    region       = local.region
    account_id   = local.account_id
    vpc_id       = local.vpc_enabled ? local.inputs.vpc_id : null
    pipelines = {
      for key, pipeline in local.pipelines : key => {
        name            = local.pipeline_names[key]
        job_name_prefix = local.job_name_prefixes[key]
        parameters      = { for name, parameter in local.parameters[key] : name => tostring(parameter.default) }
        schedule = contains(keys(local.schedules), key) ? {
          expression = local.schedules[key].expression
          enabled    = local.schedules[key].enabled
          parameters = local.schedules[key].parameters
        } : null
      }
    }
  }

  # The rules of the whole module (rules.tf).
  precondition {
    condition     = local.module_mistakes.name_length == ""
    error_message = local.module_mistakes.name_length
  }

  precondition {
    condition     = local.module_mistakes.tags == ""
    error_message = local.module_mistakes.tags
  }

  precondition {
    condition     = local.module_mistakes.tags_size == ""
    error_message = local.module_mistakes.tags_size
  }

  precondition {
    condition     = local.module_mistakes.tag_cases == ""
    error_message = local.module_mistakes.tag_cases
  }

  precondition {
    condition     = local.module_mistakes.network == ""
    error_message = local.module_mistakes.network
  }

  precondition {
    condition     = local.module_mistakes.schedules == ""
    error_message = local.module_mistakes.schedules
  }

  precondition {
    condition     = local.module_mistakes.notifications == ""
    error_message = local.module_mistakes.notifications
  }

  precondition {
    condition     = local.module_mistakes.brought_roles == ""
    error_message = local.module_mistakes.brought_roles
  }

  precondition {
    condition     = local.module_mistakes.bucket_names == ""
    error_message = local.module_mistakes.bucket_names
  }

  precondition {
    condition     = local.module_mistakes.other_buckets == ""
    error_message = local.module_mistakes.other_buckets
  }

  precondition {
    condition     = local.module_mistakes.s3_bucket_arn == ""
    error_message = local.module_mistakes.s3_bucket_arn
  }

  precondition {
    condition     = local.module_mistakes.additional_s3_bucket_arns == ""
    error_message = local.module_mistakes.additional_s3_bucket_arns
  }

  precondition {
    condition     = local.module_mistakes.kms_key_arn == ""
    error_message = local.module_mistakes.kms_key_arn
  }

  precondition {
    condition     = local.module_mistakes.volume_kms_key_arn == ""
    error_message = local.module_mistakes.volume_kms_key_arn
  }

  precondition {
    condition     = local.module_mistakes.schedule_dead_letter_queue_arn == ""
    error_message = local.module_mistakes.schedule_dead_letter_queue_arn
  }

  precondition {
    condition     = local.module_mistakes.notifications_topic == ""
    error_message = local.module_mistakes.notifications_topic
  }

  precondition {
    condition     = local.module_mistakes.role_arns == ""
    error_message = local.module_mistakes.role_arns
  }

  precondition {
    condition     = local.module_mistakes.role_permissions_boundary_arn == ""
    error_message = local.module_mistakes.role_permissions_boundary_arn
  }

  precondition {
    condition     = local.module_mistakes.training_managed_policy_arns == ""
    error_message = local.module_mistakes.training_managed_policy_arns
  }

  precondition {
    condition     = local.module_mistakes.processing_managed_policy_arns == ""
    error_message = local.module_mistakes.processing_managed_policy_arns
  }
}
