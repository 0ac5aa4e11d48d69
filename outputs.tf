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
  value       = try(local.scheduled_rules.training.arn, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "training_schedule_rule_name" {
  description = "Name of the training schedule's rule; null without a training schedule."
  value       = try(local.scheduled_rules.training.name, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "training_schedule_role_arn" {
  description = "ARN of the role that starts the training pipeline; null if no schedule or trigger does."
  value       = contains(keys(local.callers), "training_schedule") ? local.role_arns.training_schedule : null

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
  value       = try(local.scheduled_rules.processing.arn, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "processing_schedule_rule_name" {
  description = "Name of the processing schedule's rule; null without a processing schedule."
  value       = try(local.scheduled_rules.processing.name, null)

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "processing_schedule_role_arn" {
  description = "ARN of the role that starts the processing pipeline; null if no schedule or trigger does."
  value       = contains(keys(local.callers), "processing_schedule") ? local.role_arns.processing_schedule : null

  depends_on = [aws_iam_role_policy.schedule]
}

output "additional_pipeline_arns" {
  description = "ARNs of the additional pipelines, by the keys of the input additional_pipelines."
  value       = { for pipeline in keys(local.additional_inputs) : pipeline => local.pipeline_arns[pipeline] }

  depends_on = [aws_sagemaker_pipeline.this]
}

output "additional_pipeline_role_arns" {
  description = "ARNs of the roles that start the jobs of the additional pipelines, by the keys of the input additional_pipelines."
  value       = { for pipeline in keys(local.additional_inputs) : pipeline => local.role_arns["${pipeline}_pipeline"] }

  depends_on = [aws_iam_role_policy.pipeline]
}

output "additional_schedule_role_arns" {
  description = "ARNs of the roles that start additional pipelines, by the keys of those that a schedule or trigger starts."
  value = {
    for pipeline in keys(local.additional_inputs) : pipeline => local.role_arns["${pipeline}_schedule"]
    if contains(local.started_pipelines, pipeline)
  }

  depends_on = [aws_iam_role_policy.schedule]
}

output "schedule_arns" {
  description = "ARNs of the schedules of EventBridge Scheduler, by the keys of the input schedules."
  value       = { for name in keys(local.schedules) : name => "${local.scheduler_arn}:schedule/${local.names.schedules}/${name}" }

  depends_on = [aws_scheduler_schedule.this]
}

output "trigger_rule_arns" {
  description = "ARNs of the rules of the triggers, by the keys of the input triggers."
  value       = { for name, trigger in local.triggers : name => trigger.rule_arn }

  depends_on = [aws_cloudwatch_event_target.schedule]
}

output "event_bucket_notification" {
  description = <<-EOT
    What the buckets of the triggers need, by bucket: the arguments of an aws_s3_bucket_notification, which is the only one
    that a bucket can have.
  EOT
  value = {
    for bucket in distinct(compact([for trigger in local.triggers : try(trigger.s3_object.bucket, null)])) :
    bucket => { eventbridge = true }
  }
}

output "alarm_arns" {
  description = "ARNs of the alarms, by their kind, such as training_failed."
  value       = local.alarm_arns

  depends_on = [aws_cloudwatch_metric_alarm.this]
}

output "alarm_topic_policy_statements" {
  description = "Statements that the policies of the SNS topics in alarms need, one for each topic (Resource)."
  value = [
    for topic in try(local.inputs.alarms.actions, []) : {
      Sid       = "AlarmsOfPipelines${local.statement_suffix}"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = topic
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnEquals    = { "aws:SourceArn" = values(local.alarm_arns) }
      }
    } if can(regex("^arn:[^:]+:sns:", topic))
  ]
}

output "notification_rule_arn" {
  description = "ARN of the rule that sends notifications; null without notifications."
  value       = local.inputs.notifications == null ? null : "${local.events_arn}:rule/${local.names.notifications}"

  depends_on = [aws_cloudwatch_event_target.notifications]
}

output "dead_letter_queue_policy_statement" {
  description = <<-EOT
    Statement that the policy of the dead-letter queue needs; null without a queue, a schedule of enable_*_schedule or a
    trigger. Schedules of the input schedules send with their role instead.
  EOT
  value = local.inputs.schedule_dead_letter_queue_arn == null || length(flatten(values(local.rule_arns))) == 0 ? null : {
    Sid       = "FailedStartsOfPipelines${local.statement_suffix}"
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sqs:SendMessage"
    Resource  = local.inputs.schedule_dead_letter_queue_arn
    Condition = { ArnEquals = { "aws:SourceArn" = flatten(values(local.rule_arns)) } }
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
  description = "AWS CLI commands that start the pipelines, by training, processing and the keys of additional_pipelines."
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
        job_name_prefix = lookup(local.job_name_prefixes, pipeline, null)
        steps           = lookup(local.step_summaries, pipeline, null)
        parameters      = { for name, parameter in local.parameters[pipeline] : name => try(tostring(parameter.default), null) }
        schedule = contains(keys(local.scheduled_rules), pipeline) ? {
          expression = local.scheduled_rules[pipeline].expression
          enabled    = local.scheduled_rules[pipeline].enabled
          parameters = local.overriding_parameters[pipeline]
        } : null
        schedules = {
          for name, schedule in local.schedules : name => {
            expression = schedule.expression
            timezone   = schedule.timezone
            enabled    = schedule.enabled
            parameters = local.overriding_parameters["schedules.${name}"]
          } if schedule.pipeline == pipeline
        }
        triggers = {
          for name, trigger in local.triggers : name => {
            event_pattern = local.event_patterns[name]
            enabled       = trigger.enabled
            parameters    = local.overriding_parameters["triggers.${name}"]
          } if trigger.pipeline == pipeline
        }
      }
    }
  }

  # The rules of the whole module (rules.tf).
  precondition {
    condition     = local.mistakes._module.pipeline_keys == ""
    error_message = local.mistakes._module.pipeline_keys
  }

  precondition {
    condition     = local.mistakes._module.colliding_names == ""
    error_message = local.mistakes._module.colliding_names
  }

  precondition {
    condition     = local.mistakes._module.name_length == ""
    error_message = local.mistakes._module.name_length
  }

  precondition {
    condition     = local.mistakes._module.tags == ""
    error_message = local.mistakes._module.tags
  }

  precondition {
    condition     = local.mistakes._module.empty_tags == ""
    error_message = local.mistakes._module.empty_tags
  }

  precondition {
    condition     = local.mistakes._module.tags_size == ""
    error_message = local.mistakes._module.tags_size
  }

  precondition {
    condition     = local.mistakes._module.tag_cases == ""
    error_message = local.mistakes._module.tag_cases
  }

  precondition {
    condition     = local.mistakes._module.network == ""
    error_message = local.mistakes._module.network
  }

  precondition {
    condition     = local.mistakes._module.schedules == ""
    error_message = local.mistakes._module.schedules
  }

  precondition {
    condition     = local.mistakes._module.notifications == ""
    error_message = local.mistakes._module.notifications
  }

  precondition {
    condition     = local.mistakes._module.brought_roles == ""
    error_message = local.mistakes._module.brought_roles
  }

  precondition {
    condition     = local.mistakes._module.start_names == ""
    error_message = local.mistakes._module.start_names
  }

  precondition {
    condition     = local.mistakes._module.started_pipelines == ""
    error_message = local.mistakes._module.started_pipelines
  }

  precondition {
    condition     = local.mistakes._module.timezones == ""
    error_message = local.mistakes._module.timezones
  }

  precondition {
    condition     = local.mistakes._module.flexible_windows == ""
    error_message = local.mistakes._module.flexible_windows
  }

  precondition {
    condition     = local.mistakes._module.schedule_dates == ""
    error_message = local.mistakes._module.schedule_dates
  }

  precondition {
    condition     = local.mistakes._module.schedule_ends == ""
    error_message = local.mistakes._module.schedule_ends
  }

  precondition {
    condition     = local.mistakes._module.trigger_kinds == ""
    error_message = local.mistakes._module.trigger_kinds
  }

  precondition {
    condition     = local.mistakes._module.preceding_pipelines == ""
    error_message = local.mistakes._module.preceding_pipelines
  }

  precondition {
    condition     = local.mistakes._module.trigger_loops == ""
    error_message = local.mistakes._module.trigger_loops
  }

  precondition {
    condition     = local.mistakes._module.trigger_buckets == ""
    error_message = local.mistakes._module.trigger_buckets
  }

  precondition {
    condition     = local.mistakes._module.trigger_keys == ""
    error_message = local.mistakes._module.trigger_keys
  }

  precondition {
    condition     = local.mistakes._module.event_patterns == ""
    error_message = local.mistakes._module.event_patterns
  }

  precondition {
    condition     = local.mistakes._module.pattern_lengths == ""
    error_message = local.mistakes._module.pattern_lengths
  }

  precondition {
    condition     = local.mistakes._module.triggers_location == ""
    error_message = local.mistakes._module.triggers_location
  }

  precondition {
    condition     = local.mistakes._module.alarms == ""
    error_message = local.mistakes._module.alarms
  }

  precondition {
    condition     = local.mistakes._module.alarm_actions == ""
    error_message = local.mistakes._module.alarm_actions
  }

  precondition {
    condition     = local.mistakes._module.alarm_action_number == ""
    error_message = local.mistakes._module.alarm_action_number
  }

  precondition {
    condition     = local.mistakes._module.alarmed_pipelines == ""
    error_message = local.mistakes._module.alarmed_pipelines
  }

  precondition {
    condition     = local.mistakes._module.alarm_hours == ""
    error_message = local.mistakes._module.alarm_hours
  }

  precondition {
    condition     = local.mistakes._module.alarm_minutes == ""
    error_message = local.mistakes._module.alarm_minutes
  }

  precondition {
    condition     = local.mistakes._module.alarms_location == ""
    error_message = local.mistakes._module.alarms_location
  }

  precondition {
    condition     = local.mistakes._module.guardrail_types == ""
    error_message = local.mistakes._module.guardrail_types
  }

  precondition {
    condition     = local.mistakes._module.subnet_ids == ""
    error_message = local.mistakes._module.subnet_ids
  }

  precondition {
    condition     = local.mistakes._module.security_group_ids == ""
    error_message = local.mistakes._module.security_group_ids
  }

  precondition {
    condition     = local.mistakes._module.role_keys == ""
    error_message = local.mistakes._module.role_keys
  }

  precondition {
    condition     = local.mistakes._module.role_arns == ""
    error_message = local.mistakes._module.role_arns
  }

  precondition {
    condition     = local.mistakes._module.additional_s3_bucket_arns == ""
    error_message = local.mistakes._module.additional_s3_bucket_arns
  }

  precondition {
    condition     = local.mistakes._module.bucket_names == ""
    error_message = local.mistakes._module.bucket_names
  }

  precondition {
    condition     = local.mistakes._module.other_buckets == ""
    error_message = local.mistakes._module.other_buckets
  }

  precondition {
    condition     = local.mistakes._module.s3_bucket_arn_location == ""
    error_message = local.mistakes._module.s3_bucket_arn_location
  }

  precondition {
    condition     = local.mistakes._module.additional_s3_bucket_arns_location == ""
    error_message = local.mistakes._module.additional_s3_bucket_arns_location
  }

  precondition {
    condition     = local.mistakes._module.kms_key_arn_location == ""
    error_message = local.mistakes._module.kms_key_arn_location
  }

  precondition {
    condition     = local.mistakes._module.volume_kms_key_arn_location == ""
    error_message = local.mistakes._module.volume_kms_key_arn_location
  }

  precondition {
    condition     = local.mistakes._module.schedule_dead_letter_queue_arn_location == ""
    error_message = local.mistakes._module.schedule_dead_letter_queue_arn_location
  }

  precondition {
    condition     = local.mistakes._module.notifications_location == ""
    error_message = local.mistakes._module.notifications_location
  }

  precondition {
    condition     = local.mistakes._module.role_arns_location == ""
    error_message = local.mistakes._module.role_arns_location
  }

  precondition {
    condition     = local.mistakes._module.role_permissions_boundary_arn_location == ""
    error_message = local.mistakes._module.role_permissions_boundary_arn_location
  }

  precondition {
    condition     = local.mistakes._module.training_managed_policy_arns_location == ""
    error_message = local.mistakes._module.training_managed_policy_arns_location
  }

  precondition {
    condition     = local.mistakes._module.processing_managed_policy_arns_location == ""
    error_message = local.mistakes._module.processing_managed_policy_arns_location
  }
}
