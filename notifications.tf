# Publishes to a topic when an execution reaches one of the statuses, because SageMaker reports failures nowhere by itself.

locals {
  notifications = local.inputs.notifications == null ? {} : { executions = local.inputs.notifications }

  notification_pattern = jsonencode({
    source        = ["aws.sagemaker"]
    "detail-type" = ["SageMaker Model Building Pipeline Execution Status Change"]
    detail = {
      pipelineArn                    = [for pipeline in keys(local.pipelines) : local.pipeline_arns[pipeline]]
      currentPipelineExecutionStatus = try(local.inputs.notifications.statuses, [])
    }
  })

  console = lookup({
    aws-cn     = "https://console.amazonaws.cn"
    aws-us-gov = "https://console.amazonaws-us-gov.com"
  }, local.partition, "https://${local.region}.console.aws.amazon.com")
}

resource "aws_cloudwatch_event_rule" "notifications" {
  for_each = local.notifications

  name          = local.names.notifications
  description   = substr("Tells when an execution of ${join(" or ", local.enabled_names)} is ${join(" or ", each.value.statuses)}.", 0, 512)
  event_pattern = local.notification_pattern
  tags          = local.inputs.tags

  depends_on = [aws_sagemaker_pipeline.this] # as for the schedules: CreatePipeline refuses a name that is taken, PutRule does not
}

resource "aws_cloudwatch_event_target" "notifications" {
  for_each = local.notifications

  rule      = aws_cloudwatch_event_rule.notifications[each.key].name
  target_id = "topic"
  arn       = each.value.topic_arn

  input_transformer {
    input_paths = {
      pipeline  = "$.detail.pipelineArn"
      execution = "$.detail.pipelineExecutionArn"
      status    = "$.detail.currentPipelineExecutionStatus"
      time      = "$.time"
    }
    # EventBridge wants each line in quotes.
    input_template = join("\n", [for line in [
      "SageMaker pipeline of ${local.inputs.project_name} in ${local.inputs.environment}: <status> at <time>.",
      "Pipeline: <pipeline>",
      "Execution: <execution>",
      "Console: ${local.console}/sagemaker/home?region=${local.region}#/jobs",
    ] : "\"${line}\""])
  }

  # always both, as in schedules.tf
  retry_policy {
    maximum_retry_attempts       = 3
    maximum_event_age_in_seconds = 3600
  }
}
