# The provider has no data source for MLflow tracking servers, so the address is an input.
variable "mlflow_tracking_uri" {
  description = "Address of the MLflow tracking server: the URL of a self-hosted one, or the ARN of one in SageMaker."
  type        = string
  default     = "https://mlflow.example.com"
}
