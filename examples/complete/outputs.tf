output "start_commands" {
  description = "The command that starts each pipeline by hand."
  value       = module.sagemaker_pipelines.start_commands
}

output "job_role_arns" {
  description = "The roles that the containers run with: let them in where a key, bucket or repository has a policy."
  value = {
    training   = module.sagemaker_pipelines.training_role_arn
    processing = module.sagemaker_pipelines.processing_role_arn
  }
}

output "dead_letter_queue_policy_statement" {
  description = "What the policy of the queue needs."
  value       = module.sagemaker_pipelines.dead_letter_queue_policy_statement
}

output "event_bucket_notification" {
  description = "What the data lake needs, so that its events reach EventBridge."
  value       = module.sagemaker_pipelines.event_bucket_notification
}

output "alarm_topic_policy_statements" {
  description = "What the policy of the topic needs, for alarms."
  value       = module.sagemaker_pipelines.alarm_topic_policy_statements
}

output "notification_topic_policy_statement" {
  description = "What the policy of the topic needs, for notifications."
  value       = module.sagemaker_pipelines.notification_topic_policy_statement
}
