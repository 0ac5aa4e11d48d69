# EventBridge rules that start the pipelines. Not EventBridge Scheduler, which cannot start a pipeline without parameters
# (https://github.com/hashicorp/terraform-provider-aws/issues/33526).

locals {
  schedules = {
    for pipeline in keys(local.pipelines) : pipeline => {
      name       = "${local.pipeline_names[pipeline]}-schedule"
      rule_arn   = "${local.events_arn}:rule/${local.pipeline_names[pipeline]}-schedule"
      enabled    = local.inputs["${pipeline}_schedule_enabled"]
      expression = local.inputs["${pipeline}_schedule_expression"]
      # SageMaker appends the execution ID to a joined value with a slash of its own.
      parameters = {
        for name, value in local.inputs["${pipeline}_schedule_parameters"] :
        name => try(local.parameters[pipeline][name].joined, false) ? try(trimsuffix(value, "/"), value) : value
      }
    } if local.inputs["enable_${pipeline}_schedule"]
  }
}

# PutRule and PutTargets overwrite a rule of the same name; CreateRole and CreatePipeline refuse a name that is taken. So the
# role and the pipeline come first: a second root with the same names fails before it touches this rule.
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
  # When the last parameter is removed, the provider sees no change and leaves them all in place: a new ID replaces the target.
  target_id = length(each.value.parameters) > 0 ? "pipeline-with-parameters" : "pipeline"
  arn       = local.pipeline_arns[each.key]
  role_arn  = local.role_arns["${each.key}_schedule"]

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
}
