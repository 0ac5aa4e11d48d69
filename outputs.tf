# Known at plan, as everything is named by the module; each waits for what it names, and for its permissions.

output "training_pipeline_arn" {
  description = "Training pipeline ARN; null without the training pipeline."
  value       = local.enabled.training ? local.pipeline_arns.training : null

  depends_on = [aws_sagemaker_pipeline.this]
}

output "training_pipeline_name" {
  description = "Training pipeline name; null without the training pipeline."
  value       = local.enabled.training ? local.names.training : null

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
  value       = local.enabled.processing ? local.names.processing : null

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
  value       = var.notifications == null ? null : "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.notification_name}"

  depends_on = [aws_cloudwatch_event_target.notifications]
}

output "dead_letter_queue_policy_statement" {
  description = "Statement that the policy of the queue of schedule_dead_letter_queue_arn needs; null without a queue or a schedule."
  value = var.schedule_dead_letter_queue_arn == null || length(local.schedules) == 0 ? null : {
    Sid       = "FailedStartsOfPipelines"
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sqs:SendMessage"
    Resource  = var.schedule_dead_letter_queue_arn
    Condition = { ArnEquals = { "aws:SourceArn" = [for schedule in local.schedules : schedule.rule_arn] } }
  }
}

output "notification_topic_policy_statement" {
  description = "Statement that the policy of the topic of notifications needs; null without notifications. EventBridge takes no condition here."
  value = var.notifications == null ? null : {
    Sid       = "NotificationsOfPipelines"
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = var.notifications.topic_arn
  }
}

output "start_commands" {
  description = "AWS CLI command that starts each pipeline by hand, by training and processing."
  value = {
    for key in keys(local.pipelines) :
    key => "aws sagemaker start-pipeline-execution --region ${local.region} --pipeline-name ${local.names[key]}"
  }
}

output "module_configuration" {
  description = "Summary of module configuration."
  value = {
    project_name = var.project_name
    environment  = var.environment
    region       = local.region
    account_id   = local.account_id
    vpc_id       = local.vpc_enabled ? var.vpc_id : null
    pipelines = {
      for key, pipeline in local.pipelines : key => {
        name            = local.names[key]
        job_name_prefix = local.job_name_prefixes[key]
        parameters      = { for name, parameter in pipeline.parameters : name => tostring(parameter.default) }
        schedule = contains(keys(local.schedules), key) ? {
          expression = local.schedules[key].expression
          enabled    = local.schedules[key].enabled
          parameters = local.schedules[key].parameters
        } : null
      }
    }
  }

  # Rules that belong to no single resource.
  precondition {
    condition     = length("${var.project_name}${var.environment}") <= 40
    error_message = "project_name \"${var.project_name}\" and environment \"${var.environment}\" have ${length("${var.project_name}${var.environment}")} characters together: use at most 40, IAM and EventBridge take names of 64."
  }

  precondition {
    condition     = (var.vpc_id != "") == (length(var.subnet_ids) > 0) && (var.vpc_id != "") == (length(var.security_group_ids) > 0)
    error_message = "vpc_id is \"${var.vpc_id}\", with ${length(var.subnet_ids)} subnet_ids and ${length(var.security_group_ids)} security_group_ids: give all three, or none of them (\"\", [] and [])."
  }

  precondition {
    condition     = !var.enable_training_schedule || var.enable_training_pipeline
    error_message = "enable_training_schedule is true, but enable_training_pipeline is false: enable the pipeline, or disable its schedule."
  }

  precondition {
    condition     = !contains(keys(var.role_arns), "training_job") || length(var.training_additional_policies) + length(var.training_managed_policy_arns) == 0
    error_message = "role_arns brings training_job, so training_additional_policies and training_managed_policy_arns would be attached to nothing: attach them to that role where it is made, and leave them out here."
  }

  precondition {
    condition     = !var.enable_processing_schedule || var.enable_processing_pipeline
    error_message = "enable_processing_schedule is true, but enable_processing_pipeline is false: enable the pipeline, or disable its schedule."
  }

  precondition {
    condition     = !contains(keys(var.role_arns), "processing_job") || length(var.processing_additional_policies) + length(var.processing_managed_policy_arns) == 0
    error_message = "role_arns brings processing_job, so processing_additional_policies and processing_managed_policy_arns would be attached to nothing: attach them to that role where it is made, and leave them out here."
  }
}
