# An execution that fails does so silently; this tells a topic.

locals {
  notifications     = var.notifications == null ? {} : { executions = var.notifications }
  notification_name = "${local.base_name}-notifications"
  console = lookup({
    aws-cn     = "https://console.amazonaws.cn"
    aws-us-gov = "https://console.amazonaws-us-gov.com"
  }, local.partition, "https://${local.region}.console.aws.amazon.com")
}

resource "aws_cloudwatch_event_rule" "notifications" {
  for_each = local.notifications

  name        = local.notification_name
  description = "Tells when an execution of ${join(" or ", [for key in keys(local.pipelines) : local.names[key]])} is ${join(" or ", each.value.statuses)}."
  event_pattern = jsonencode({
    source        = ["aws.sagemaker"]
    "detail-type" = ["SageMaker Model Building Pipeline Execution Status Change"]
    detail = {
      pipelineArn                    = [for key in keys(local.pipelines) : local.pipeline_arns[key]]
      currentPipelineExecutionStatus = each.value.statuses
    }
  })
  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(local.pipelines) > 0
      error_message = "notifications is set, but neither enable_training_pipeline nor enable_processing_pipeline is true: enable a pipeline, or leave notifications out."
    }
  }
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
    # one string a line
    input_template = join("\n", [for line in [
      "SageMaker pipeline of ${var.project_name} in ${var.environment}: <status> at <time>.",
      "Pipeline: <pipeline>",
      "Execution: <execution>",
      "Console: ${local.console}/sagemaker/home?region=${local.region}#/jobs",
    ] : "\"${line}\""])
  }

  # as in schedules.tf: both or AWS refuses
  retry_policy {
    maximum_retry_attempts       = 3
    maximum_event_age_in_seconds = 3600
  }
}
