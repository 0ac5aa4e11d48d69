# The processing pipeline: one step, whose Arguments are a CreateProcessingJob request
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html

locals {
  processing_pipeline = {
    description = "Scores the data of ${var.project_name} in ${var.environment}. Managed by Terraform."
    job_type    = "Processing"
    job_kind    = "processing-job"

    # Pipeline parameters: each default is an input, `use` says what the job role needs for it.
    parameters = {
      InferenceInputS3Uri           = { type = "String", use = "read", variable = "inference_input_s3_path", default = var.inference_input_s3_path }
      InferenceOutputS3Uri          = { type = "String", use = "write", variable = "inference_output_s3_path", default = local.processing_output_s3_path }
      InferenceImageUri             = { type = "String", use = "image", variable = "inference_image_uri", default = var.inference_image_uri }
      ProcessingInstanceType        = { type = "String", use = "setting", variable = "processing_instance_type", default = var.processing_instance_type }
      ProcessingInstanceCount       = { type = "Integer", use = "setting", variable = "processing_instance_count", default = var.processing_instance_count }
      ProcessingVolumeSizeInGB      = { type = "Integer", use = "setting", variable = "processing_volume_size_gb", default = var.processing_volume_size_gb }
      ProcessingMaxRuntimeInSeconds = { type = "Integer", use = "setting", variable = "processing_max_runtime_seconds", default = var.processing_max_runtime_seconds }
    }

    s3_paths = {}

    environment_variables = var.processing_environment_variables
    retry_policies        = var.processing_retry_policies
    cache_expire_after    = var.processing_cache_expire_after

    arguments = {
      ProcessingJobName = local.job_name_prefixes.processing
      RoleArn           = local.role_arns.job.processing

      AppSpecification = { for key, value in {
        ImageUri            = { Get = "Parameters.InferenceImageUri" }
        ContainerEntrypoint = length(var.processing_container_entrypoint) > 0 ? var.processing_container_entrypoint : null
        ContainerArguments  = length(var.processing_container_arguments) > 0 ? var.processing_container_arguments : null
      } : key => value if value != null }

      Environment = merge(var.processing_environment_variables, local.module_environment_variables)

      ProcessingInputs = [{
        InputName = "input"
        S3Input = {
          S3Uri                  = { Get = "Parameters.InferenceInputS3Uri" }
          LocalPath              = "/opt/ml/processing/input"
          S3DataType             = "S3Prefix"
          S3InputMode            = "File"
          S3DataDistributionType = var.processing_input_distribution
        }
      }]

      ProcessingOutputConfig = { for key, value in {
        Outputs = [{
          OutputName = "output"
          S3Output = {
            S3Uri = {
              for function, argument in {
                Get        = var.processing_output_per_execution ? null : "Parameters.InferenceOutputS3Uri"
                "Std:Join" = var.processing_output_per_execution ? { On = "/", Values = [{ Get = "Parameters.InferenceOutputS3Uri" }, { Get = "Execution.PipelineExecutionId" }] } : null
              } : function => argument if argument != null
            }
            LocalPath    = "/opt/ml/processing/output"
            S3UploadMode = var.processing_output_upload_mode
          }
        }]
        KmsKeyId = var.kms_key_arn
      } : key => value if value != null }

      ProcessingResources = { ClusterConfig = { for key, value in {
        InstanceType   = { Get = "Parameters.ProcessingInstanceType" }
        InstanceCount  = { Get = "Parameters.ProcessingInstanceCount" }
        VolumeSizeInGB = { Get = "Parameters.ProcessingVolumeSizeInGB" }
        VolumeKmsKeyId = var.volume_kms_key_arn
      } : key => value if value != null } }

      StoppingCondition = { MaxRuntimeInSeconds = { Get = "Parameters.ProcessingMaxRuntimeInSeconds" } }

      NetworkConfig = { for key, value in {
        VpcConfig                             = local.vpc_config
        EnableNetworkIsolation                = var.enable_network_isolation
        EnableInterContainerTrafficEncryption = var.enable_inter_container_encryption
      } : key => value if value != null }

      Tags = local.job_tags
    }
  }

  # the execution ID is joined with a slash of its own
  processing_output_s3_path = var.processing_output_per_execution ? trimsuffix(var.inference_output_s3_path, "/") : var.inference_output_s3_path
}
