output "start_commands" {
  description = "The command that starts each pipeline by hand."
  value       = module.sagemaker_pipelines.start_commands
}
