output "sagemaker_pipelines" {
  description = "All outputs of the module."
  value       = module.sagemaker_pipelines
}
