# EventBridge rules that start the pipelines. A rule, and not a scheduler schedule: the latter cannot start a pipeline
# without parameters (https://github.com/hashicorp/terraform-provider-aws/issues/33526).

locals {
  schedules = {
    for key, schedule in {
      training = {
        create     = var.enable_training_schedule
        enabled    = var.training_schedule_enabled
        expression = var.training_schedule_expression
        parameters = var.training_schedule_parameters
      }
      processing = {
        create     = var.enable_processing_schedule
        enabled    = var.processing_schedule_enabled
        expression = var.processing_schedule_expression
        parameters = var.processing_schedule_parameters
      }
    } :
    key => merge(schedule, {
      name     = "${local.names[key]}-schedule"
      rule_arn = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.names[key]}-schedule"
    })
    if schedule.create && local.enabled[key]
  }

  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
  # A field is a comma-separated list of *, values and ranges, each with an optional step; exactly one of the day fields is ?.
  cron_values = {
    minute       = "[0-5]?[0-9]"
    hour         = "(?:[01]?[0-9]|2[0-3])"
    day_of_month = "(?:0?[1-9]|[12][0-9]|3[01])"
    month        = "(?:0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
    day_of_week  = "(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)"
    year         = "(?:19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})"
  }
  cron_fields = {
    for field, value in local.cron_values :
    field => format("(?:%[1]s(?:,%[1]s)*)", "(?:\\*|${value}(?:-${value})?)(?:/[0-9]+)?")
  }
  schedule_pattern = format(
    "^(?:cron\\(%s %s (?:%s %s \\?|\\? %s %s) %s\\)|rate\\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9][0-9]+) (?:minutes|hours|days))\\))$",
    local.cron_fields.minute, local.cron_fields.hour,
    "(?:${local.cron_fields.day_of_month}|L|${local.cron_values.day_of_month}W)", local.cron_fields.month,
    local.cron_fields.month, "(?:${local.cron_fields.day_of_week}|L|${local.cron_values.day_of_week}(?:L|#[1-5]))",
    local.cron_fields.year,
  )
}

resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.schedules

  name                = each.value.name
  description         = "Starts the pipeline ${local.names[each.key]}."
  schedule_expression = each.value.expression
  state               = each.value.enabled ? "ENABLED" : "DISABLED"
  tags                = var.tags

  lifecycle {
    precondition {
      condition     = can(regex(local.schedule_pattern, each.value.expression))
      error_message = "${each.key}_schedule_expression is \"${each.value.expression}\": give cron(minute hour day-of-month month day-of-week year) with a ? for one of the two days, such as cron(0 2 ? * SUN *), or rate(12 hours), rate(1 day)."
    }

    precondition {
      condition     = length(setsubtract(keys(each.value.parameters), keys(local.pipelines[each.key].parameters))) == 0
      error_message = "${each.key}_schedule_parameters has ${join(", ", setsubtract(keys(each.value.parameters), keys(local.pipelines[each.key].parameters)))}, which the pipeline does not declare: use ${join(", ", keys(local.pipelines[each.key].parameters))}."
    }

    precondition {
      condition = alltrue([
        for name, value in each.value.parameters : can(regex("^[1-9][0-9]*$", value)) if try(local.pipelines[each.key].parameters[name].type, "String") == "Integer"
      ])
      error_message = "${each.key}_schedule_parameters has ${join(", ", [for name, value in each.value.parameters : "${name} = \"${value}\"" if try(local.pipelines[each.key].parameters[name].type, "String") == "Integer" && !can(regex("^[1-9][0-9]*$", value))])}: use a whole number, 1 or more."
    }
  }
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.schedules

  rule = aws_cloudwatch_event_rule.schedule[each.key].name
  # The provider does not see that the last parameter is removed, and leaves all of them live; another ID replaces the target.
  target_id = length(each.value.parameters) > 0 ? "pipeline-with-parameters" : "pipeline"
  arn       = local.pipeline_arns[each.key]
  role_arn  = local.role_arns.schedule[each.key]

  dynamic "sagemaker_pipeline_target" {
    for_each = length(each.value.parameters) > 0 ? [each.value.parameters] : []

    content {
      dynamic "pipeline_parameter_list" {
        for_each = sagemaker_pipeline_target.value

        content {
          name  = pipeline_parameter_list.key
          value = pipeline_parameter_list.value
        }
      }
    }
  }

  # always both: AWS refuses the age of 0 that the provider sends for one alone
  # (https://github.com/hashicorp/terraform-provider-aws/issues/38265)
  retry_policy {
    maximum_retry_attempts       = var.schedule_max_retry_attempts
    maximum_event_age_in_seconds = var.schedule_max_event_age_seconds
  }

  dynamic "dead_letter_config" {
    for_each = var.schedule_dead_letter_queue_arn == null ? [] : [var.schedule_dead_letter_queue_arn]

    content {
      arn = dead_letter_config.value
    }
  }

  # PutTargets does not retry while IAM propagates
  depends_on = [aws_iam_role_policy.schedule, aws_sagemaker_pipeline.this]
}
