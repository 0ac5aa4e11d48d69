# CloudWatch alarms. CloudWatch takes any name for a metric; a misspelt one would never raise its alarm, and nobody would notice.
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-pipelines
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html

locals {
  # What each kind of alarm looks at, where it differs from "at least one in five minutes". These metrics have data only when
  # something happens, so missing data is good news; for no_success it is the bad news. no_success adds up single hours,
  # because CloudWatch waits for a few more periods than asked before it takes data for missing: hours instead of days.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  alarm_defaults = {
    statistic  = "Sum"
    comparison = "GreaterThanOrEqualToThreshold"
    threshold  = 1
    period     = 300
    periods    = 1
    missing    = "notBreaching"
  }
  alarm_kinds = {
    failed = merge(local._of_pipeline, { metric = "ExecutionFailed" })
    no_success = merge(local._of_pipeline, {
      metric = "ExecutionSucceeded", comparison = "LessThanThreshold", period = 3600, missing = "breaching"
    })
    too_long = merge(local._of_pipeline, {
      metric = "ExecutionDuration", comparison = "GreaterThanThreshold", statistic = "Maximum"
    })
    failed_starts  = { namespace = "AWS/Events", dimension = "RuleName", metric = "FailedInvocations" }
    target_errors  = { namespace = "AWS/Scheduler", dimension = "ScheduleGroup", metric = "TargetErrorCount" }
    dropped_starts = { namespace = "AWS/Scheduler", dimension = "ScheduleGroup", metric = "InvocationDroppedCount" }
  }
  _of_pipeline = { namespace = "AWS/Sagemaker/ModelBuildingPipeline", dimension = "PipelineName" }

  # What an alarm on such metrics can tell: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  alarm_action_pattern = "^arn:aws[a-z-]*:(?:ssm-incidents:|(?:aiops|autoscaling|lambda|sns|ssm):[a-z0-9-]+):(?:[0-9]{12})?:[^\\s]+$"
  # The provider would add errors of its own to that of the rule.
  alarm_actions = [
    for arn in try(local.inputs.alarms.actions, []) :
    try(regex(local.alarm_action_pattern, arn), "${local.cloudwatch_arn}:alarm:refused")
  ]

  # Rules refuse the others.
  success_hours = {
    for pipeline, hours in try(local.inputs.alarms.no_success_within_hours, {}) :
    pipeline => hours if try(contains(range(1, 169), hours), false)
  }
  longest_minutes = {
    for pipeline, minutes in try(local.inputs.alarms.longer_than_minutes, {}) :
    pipeline => minutes if try(minutes >= 1 && floor(minutes) == minutes, false)
  }

  # `of`: the pipeline, rule or schedule group, which is also the first part of the alarm's name
  _alarms = merge([
    for alarms in local.inputs.alarms[*] : merge(
      { for pipeline in keys(local.pipelines) : "${pipeline}_failed" => {
        kind    = "failed"
        of      = local.pipeline_names[pipeline]
        meaning = "An execution has failed."
      } if alarms.failed },
      { for pipeline, hours in local.success_hours : "${pipeline}_no_success" => {
        kind    = "no_success"
        of      = local.pipeline_names[pipeline]
        periods = hours
        meaning = "No execution has succeeded for ${hours} hours."
      } if try(local.enabled[pipeline], false) },
      { for pipeline, minutes in local.longest_minutes : "${pipeline}_too_long" => {
        kind      = "too_long"
        of        = local.pipeline_names[pipeline]
        threshold = minutes * 60000
        meaning   = "An execution has taken more than ${minutes} minutes."
      } if try(local.enabled[pipeline], false) },
      { for pipeline, rule in local.scheduled_rules : "${pipeline}_schedule_failed_starts" => {
        kind    = "failed_starts"
        of      = rule.name
        meaning = "The schedule could not start ${local.pipeline_names[pipeline]}."
      } if alarms.failed_starts },
      { for name, trigger in local.triggers : "trigger_${name}_failed_starts" => {
        kind    = "failed_starts"
        of      = trigger.rule_name
        meaning = "The trigger ${name} could not start ${local.pipeline_names[trigger.pipeline]}."
      } if alarms.failed_starts },
      { for group in values(local.schedule_groups) : "schedules_target_errors" => {
        kind    = "target_errors"
        of      = group
        meaning = "SageMaker has refused a start of ${join(", ", keys(local.schedules))}; it may be repeated."
      } if alarms.failed_starts },
      { for group in values(local.schedule_groups) : "schedules_dropped_starts" => {
        kind    = "dropped_starts"
        of      = group
        meaning = "A start of ${join(", ", keys(local.schedules))} was given up."
      } if alarms.failed_starts },
    )
  ]...)
  alarms = {
    for key, alarm in local._alarms :
    key => merge(local.alarm_defaults, local.alarm_kinds[alarm.kind], alarm, { name = "${alarm.of}-${replace(alarm.kind, "_", "-")}" })
  }

  alarm_arns = { for key, alarm in local.alarms : key => "${local.cloudwatch_arn}:alarm:${alarm.name}" }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = each.value.name
  alarm_description   = substr(each.value.meaning, 0, 1024)
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = { (each.value.dimension) = each.value.of }
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = local.alarm_actions
  ok_actions          = each.value.kind == "no_success" ? local.alarm_actions : []
  tags                = local.inputs.tags

  depends_on = [aws_sagemaker_pipeline.this] # as for the schedules: PutMetricAlarm overwrites an alarm of the same name
}
