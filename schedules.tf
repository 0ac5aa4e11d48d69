# What starts the pipelines: a rule for each enable_*_schedule, EventBridge Scheduler for var.schedules, and a rule for each of
# var.triggers (triggers.tf).

locals {
  # By pipeline
  scheduled_rules = {
    for pipeline in keys(local.built_pipelines) : pipeline => {
      name       = "${local.pipeline_names[pipeline]}-schedule"
      arn        = "${local.events_arn}:rule/${local.pipeline_names[pipeline]}-schedule"
      enabled    = local.inputs["${pipeline}_schedule_enabled"]
      expression = local.inputs["${pipeline}_schedule_expression"]
    } if local.inputs["enable_${pipeline}_schedule"]
  }

  # By name. Rules refuse the others, and the values that are replaced here.
  schedules = {
    for name, schedule in local.inputs.schedules : name => merge(schedule, {
      flexible_window_minutes = try(local.flexible_windows[name], null)
      timezone                = can(local.time_zones[schedule.timezone]) ? schedule.timezone : "UTC"
      start_date              = try(timeadd(regex(local.utc_pattern, schedule.start_date), "0s"), null)
      end_date                = try(timeadd(regex(local.utc_pattern, schedule.end_date), "0s"), null)
    }) if try(local.enabled[schedule.pipeline], false) && can(regex(local.start_name_pattern, name))
  }
  flexible_windows = {
    for name, schedule in local.inputs.schedules : name => schedule.flexible_window_minutes
    if try(
      schedule.flexible_window_minutes >= 1 && schedule.flexible_window_minutes <= 1440
      && floor(schedule.flexible_window_minutes) == schedule.flexible_window_minutes, false
    )
  }

  start_name_pattern = "^[0-9A-Za-z_.-]{1,64}$"
  # The provider sends other dates for those after 2262. These are the years of cron expressions.
  utc_pattern = "^(?:19[7-9][0-9]|2[01][0-9]{2})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"

  schedule_groups    = length(local.schedules) > 0 ? { schedules = local.names.schedules } : {}
  schedule_group_arn = "${local.scheduler_arn}:schedule-group/${local.names.schedules}"

  # --- All starts: of scheduled rules by pipeline, the others by input. `rule` is the name of the rule, and null for EventBridge
  # Scheduler; `scheduled_time` is what fills the pipeline parameter ScheduledTime. ---

  starts = merge(
    { for pipeline, rule in local.scheduled_rules : pipeline => {
      pipeline       = pipeline
      rule           = rule.name
      input          = "${pipeline}_schedule_parameters"
      parameters     = local.inputs["${pipeline}_schedule_parameters"]
      scheduled_time = "$.time"
      reads_event    = false
      enabled        = rule.enabled
    } },
    { for name, schedule in local.schedules : "schedules.${name}" => {
      pipeline       = schedule.pipeline
      rule           = null
      input          = "schedules.${name}.parameters"
      parameters     = schedule.parameters
      scheduled_time = "<aws.scheduler.scheduled-time>" # jsonencode() would escape it, and EventBridge not replace it
      reads_event    = false
      enabled        = schedule.enabled
    } },
    { for name, trigger in local.triggers : "triggers.${name}" => {
      pipeline       = trigger.pipeline
      rule           = trigger.rule_name
      input          = "triggers.${name}.parameters"
      parameters     = trigger.parameters
      scheduled_time = "$.time"
      reads_event    = true
      enabled        = trigger.enabled
    } },
  )

  started_pipelines = distinct(values(local.starts)[*].pipeline)

  # SageMaker appends the execution ID to a joined value with a slash of its own.
  overriding_parameters = {
    for key, start in local.starts : key => {
      for name, value in start.parameters :
      name => try(local.parameters[start.pipeline][name].joined, false) ? try(trimsuffix(value, "/"), value) : value
    }
  }
  sent_parameters = {
    for key, start in local.starts : key => merge({ ScheduledTime = start.scheduled_time }, local.overriding_parameters[key])
  }

  # What each pipeline gets from its starts; `parameter` is null if the pipeline does not declare it.
  overrides = {
    for pipeline, parameters in local.parameters : pipeline => flatten([
      for key, start in local.starts : [
        for name, value in local.overriding_parameters[key] : {
          start     = start
          name      = name
          text      = "${start.input}.${name}"
          value     = value
          parameter = lookup(parameters, name, null)
          literal   = start.reads_event ? !try(startswith(value, "$"), false) : true
        }
      ] if start.pipeline == pipeline
    ])
  }
}

# PutRule and PutTargets overwrite a rule of the same name; CreateRole and CreatePipeline refuse a name that is taken. So the
# role and the pipeline come first: a second root with the same names fails before it touches this rule.
resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.scheduled_rules

  name                = each.value.name
  description         = "Starts the pipeline ${local.pipeline_names[each.key]}."
  schedule_expression = each.value.expression
  state               = each.value.enabled ? "ENABLED" : "DISABLED"
  tags                = local.inputs.tags

  depends_on = [aws_iam_role_policy.schedule, aws_sagemaker_pipeline.this]
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = { for key, start in local.starts : key => start if start.rule != null }

  rule      = each.value.rule
  target_id = "pipeline"
  arn       = local.pipeline_arns[each.value.pipeline]
  role_arn  = local.role_arns["${each.value.pipeline}_schedule"]

  sagemaker_pipeline_target {
    dynamic "pipeline_parameter_list" {
      for_each = local.sent_parameters[each.key]

      content {
        name  = pipeline_parameter_list.key
        value = pipeline_parameter_list.value
      }
    }
  }

  # Always both: the provider would send an age of 0 for one alone, which AWS refuses
  # (https://github.com/hashicorp/terraform-provider-aws/issues/38265)
  retry_policy {
    maximum_retry_attempts       = local.inputs.schedule_max_retry_attempts
    maximum_event_age_in_seconds = local.inputs.schedule_max_event_age_seconds
  }

  dynamic "dead_letter_config" {
    for_each = local.inputs.schedule_dead_letter_queue_arn == null ? [] : [local.inputs.schedule_dead_letter_queue_arn]

    content {
      arn = dead_letter_config.value
    }
  }

  depends_on = [aws_cloudwatch_event_rule.schedule, aws_cloudwatch_event_rule.trigger]
}

# --- EventBridge Scheduler ---

resource "aws_scheduler_schedule_group" "this" {
  for_each = local.schedule_groups

  name = each.value
  tags = local.inputs.tags

  depends_on = [aws_sagemaker_pipeline.this]
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.schedules

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this["schedules"].name
  description                  = "Starts the pipeline ${local.pipeline_names[each.value.pipeline]}."
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone
  state                        = each.value.enabled ? "ENABLED" : "DISABLED"
  start_date                   = each.value.start_date
  end_date                     = each.value.end_date

  flexible_time_window {
    mode                      = each.value.flexible_window_minutes == null ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = each.value.flexible_window_minutes
  }

  target {
    arn      = local.pipeline_arns[each.value.pipeline]
    role_arn = local.role_arns["${each.value.pipeline}_schedule"]

    sagemaker_pipeline_parameters {
      dynamic "pipeline_parameter" {
        for_each = local.sent_parameters["schedules.${each.key}"]

        content {
          name  = pipeline_parameter.key
          value = pipeline_parameter.value
        }
      }
    }

    retry_policy {
      maximum_retry_attempts       = local.inputs.schedule_max_retry_attempts
      maximum_event_age_in_seconds = local.inputs.schedule_max_event_age_seconds
    }

    dynamic "dead_letter_config" {
      for_each = local.inputs.schedule_dead_letter_queue_arn == null ? [] : [local.inputs.schedule_dead_letter_queue_arn]

      content {
        arn = dead_letter_config.value
      }
    }
  }

  depends_on = [aws_iam_role_policy.schedule, aws_sagemaker_pipeline.this]
}
