output "start_commands" {
  description = "The command that starts each pipeline by hand."
  value       = module.sagemaker_pipelines.start_commands
}

output "additional_pipeline_role_arns" {
  description = "The role that starts the jobs, derived from pipeline.json."
  value       = module.sagemaker_pipelines.additional_pipeline_role_arns
}

output "alarm_topic_policy_statements" {
  description = "What the policy of the topic needs."
  value       = module.sagemaker_pipelines.alarm_topic_policy_statements
}
