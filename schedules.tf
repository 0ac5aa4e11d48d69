# EventBridge rules that start the pipelines. A rule, and not a scheduler schedule: the latter cannot start a pipeline
# without parameters (https://github.com/hashicorp/terraform-provider-aws/issues/33526).

locals {
  schedules = {
    for key, schedule in {
      training = {
        create     = local.inputs.enable_training_schedule
        enabled    = local.inputs.training_schedule_enabled
        expression = local.inputs.training_schedule_expression
        parameters = local.inputs.training_schedule_parameters
      }
      processing = {
        create     = local.inputs.enable_processing_schedule
        enabled    = local.inputs.processing_schedule_enabled
        expression = local.inputs.processing_schedule_expression
        parameters = local.inputs.processing_schedule_parameters
      }
    } :
    key => merge(schedule, {
      name     = "${local.pipeline_names[key]}-schedule"
      rule_arn = "${local.events_arn}:rule/${local.pipeline_names[key]}-schedule"
      # a value lands where the input would have: the execution ID is joined with a slash of its own (processing.tf)
      parameters = {
        for name, value in schedule.parameters :
        name => try(local.parameters[key][name].joined, false) ? try(trimsuffix(value, "/"), value) : value
      }
    })
    if schedule.create && local.enabled[key]
  }

  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
  # A field is a comma-separated list of *, values and ranges, most with an optional step, or one of its own forms.
  cron_fields = [
    for field in [
      for field in [
        { name = "minute", takes = "0-59", value = "[0-5]?[0-9]", step = "0?[1-9]|[1-5][0-9]", forms = [] },
        { name = "hour", takes = "0-23", value = "[01]?[0-9]|2[0-3]", step = "0?[1-9]|1[0-9]|2[0-3]", forms = [] },
        {
          name  = "day of month"
          takes = "1-31, L, LW, a weekday such as 15W, or ?"
          value = "0?[1-9]|[12][0-9]|3[01]"
          step  = "0?[1-9]|[12][0-9]|3[01]"
          forms = ["\\?", "L", "LW", "(?:0?[1-9]|[12][0-9]|3[01])W"]
        },
        {
          name  = "month"
          takes = "1-12 or JAN-DEC"
          value = "0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
          step  = "0?[1-9]|1[0-2]"
          forms = []
        },
        {
          name  = "day of week"
          takes = "1-7 or SUN-SAT without a step, the last such as 6L, the second such as MON#2, L or ?"
          value = "[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT"
          step  = "" # none
          forms = ["\\?", "L", "(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#[1-5])"]
        },
        { name = "year", takes = "1970-2199", value = "19[7-9][0-9]|20[0-9]{2}|21[0-9]{2}", step = "[1-9][0-9]{0,2}", forms = [] },
      ] :
      merge(field, {
        item = "(?:\\*|(?:${field.value})(?:-(?:${field.value}))?)${field.step == "" ? "" : "(?:/(?:${field.step}))?"}"
      })
    ] :
    merge(field, { pattern = "(?i)^(?:${join("|", concat(["${field.item}(?:,${field.item})*"], field.forms))})$" })
  ]
  rate_pattern = "^rate\\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9][0-9]+) (?:minutes|hours|days))\\)$"

  cron_values = { for key, schedule in local.schedules : key => try(split(" ", regex("^cron\\((.*)\\)$", schedule.expression)[0]), []) }

  # what is wrong with an expression; "" for nothing
  expression_mistakes = {
    for key, schedule in local.schedules : key => join(", ", (
      can(regex(local.rate_pattern, schedule.expression)) ? [] :
      length(local.cron_values[key]) != 6 ? ["give cron(minute hour day-of-month month day-of-week year), or rate(1 day), rate(12 hours)"] :
      concat(
        [
          for index, field in local.cron_fields : "its ${field.name} is \"${local.cron_values[key][index]}\", use ${field.takes}"
          if !can(regex(field.pattern, local.cron_values[key][index]))
        ],
        [
          for days in [[local.cron_values[key][2], local.cron_values[key][4]]] : "put a ? in one of its two days, such as cron(0 2 ? * SUN *)"
          if length([for day in days : day if day == "?"]) != 1
        ],
      )
    ))
  }
}

# PutRule and PutTargets overwrite what has the name. CreateRole and CreatePipeline refuse it: first they, so that another
# root of the same names fails before it touches these. Neither waits while IAM propagates: hence the policy.
resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.schedules

  name                = each.value.name
  description         = "Starts the pipeline ${local.pipeline_names[each.key]}."
  schedule_expression = each.value.expression
  state               = each.value.enabled ? "ENABLED" : "DISABLED"
  tags                = local.inputs.tags

  depends_on = [aws_iam_role_policy.schedule, aws_sagemaker_pipeline.this]
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
