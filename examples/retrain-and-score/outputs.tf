output "start_commands" {
  description = "The command that starts each pipeline by hand."
  value       = module.sagemaker_pipelines.start_commands
}

output "event_bucket_notification" {
  description = "What the bucket needs, so that its events reach EventBridge."
  value       = module.sagemaker_pipelines.event_bucket_notification
}

output "dead_letter_queue_policy_statement" {
  description = "What the policy of the queue needs."
  value       = module.sagemaker_pipelines.dead_letter_queue_policy_statement
}

output "alarm_topic_policy_statements" {
  description = "What the policy of the topic needs."
  value       = module.sagemaker_pipelines.alarm_topic_policy_statements
}
