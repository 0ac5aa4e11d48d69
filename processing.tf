# The processing pipeline: one step, whose Arguments are a CreateProcessingJob request
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html

locals {
  processing_pipeline = {
    description = "Scores the data of ${local.inputs.project_name} in ${local.inputs.environment}. Managed by Terraform."
    job_type    = "Processing"
    job_kind    = "processing-job"

    parameters = {
      InferenceInputS3Uri = { type = "String", purpose = "read", input = "inference_input_s3_path" }
      InferenceOutputS3Uri = {
        type    = "String"
        purpose = "write"
        input   = "inference_output_s3_path"
        default = local.processing_output_s3_path
        joined  = local.inputs.processing_output_per_execution
      }
      InferenceImageUri             = { type = "String", purpose = "image", input = "inference_image_uri" }
      ProcessingInstanceType        = { type = "String", purpose = "instance", input = "processing_instance_type" }
      ProcessingInstanceCount       = { type = "Integer", purpose = "number", maximum = 100, input = "processing_instance_count" }
      ProcessingVolumeSizeInGB      = { type = "Integer", purpose = "number", maximum = 16384, input = "processing_volume_size_gb" }
      ProcessingMaxRuntimeInSeconds = { type = "Integer", purpose = "runtime", maximum = 777600, input = "processing_max_runtime_seconds" }
    }

    # other S3 paths
    s3_paths = concat(
      [
        for name, input in local.inputs.processing_additional_inputs :
        { input = "processing_additional_inputs.${name}", value = input.s3_path, purpose = "read", joined = false }
      ],
      [
        for name, output in local.inputs.processing_additional_outputs : {
          input   = "processing_additional_outputs.${name}"
          value   = output.s3_path
          purpose = "write"
          joined  = local.inputs.processing_output_per_execution
        }
      ],
    )

    environment_variables = var.processing_environment_variables
    environment_limit     = 256 # characters of a name and of a value
    shortest_argument     = 0
    hyperparameters       = {}
    channels              = {}
    metric_definitions    = {}
    command = {
      entrypoint = local.inputs.processing_container_entrypoint
      arguments  = local.inputs.processing_container_arguments
    }
    retry_policies      = local.inputs.processing_retry_policies
    cache_expire_after  = local.inputs.processing_cache_expire_after
    additional_policies = var.processing_additional_policies
    managed_policy_arns = local.inputs.processing_managed_policy_arns

    arguments = {
      ProcessingJobName = local.job_name_prefixes.processing
      RoleArn           = local.role_arns.processing_job

      AppSpecification = { for member, value in {
        ImageUri            = { Get = "Parameters.InferenceImageUri" }
        ContainerEntrypoint = local.inputs.processing_container_entrypoint
        ContainerArguments  = local.inputs.processing_container_arguments
      } : member => value if length(value) > 0 }

      ProcessingInputs = concat(
        [{
          InputName = "input"
          S3Input = {
            S3Uri                  = { Get = "Parameters.InferenceInputS3Uri" }
            LocalPath              = local.processing_local_paths.inference_input_s3_path
            S3DataType             = "S3Prefix"
            S3InputMode            = "File"
            S3DataDistributionType = local.inputs.processing_input_distribution
          }
        }],
        [for name, input in local.inputs.processing_additional_inputs : {
          InputName = name
          S3Input = {
            S3Uri                  = input.s3_path
            LocalPath              = local.processing_local_paths["processing_additional_inputs.${name}"]
            S3DataType             = "S3Prefix"
            S3InputMode            = input.input_mode
            S3DataDistributionType = input.distribution
          }
        }],
      )

      ProcessingOutputConfig = { for member, value in {
        Outputs = concat(
          [{
            OutputName = "output"
            S3Output = {
              S3Uri        = local.processing_output_s3_uris.inference_output_s3_path
              LocalPath    = local.processing_local_paths.inference_output_s3_path
              S3UploadMode = local.inputs.processing_output_upload_mode
            }
          }],
          [for name, output in local.inputs.processing_additional_outputs : {
            OutputName = name
            S3Output = {
              S3Uri        = local.processing_output_s3_uris["processing_additional_outputs.${name}"]
              LocalPath    = local.processing_local_paths["processing_additional_outputs.${name}"]
              S3UploadMode = output.upload_mode
            }
          }],
        )
        KmsKeyId = local.inputs.kms_key_arn
      } : member => value if value != null }

      ProcessingResources = { ClusterConfig = { for member, value in {
        InstanceType   = { Get = "Parameters.ProcessingInstanceType" }
        InstanceCount  = { Get = "Parameters.ProcessingInstanceCount" }
        VolumeSizeInGB = { Get = "Parameters.ProcessingVolumeSizeInGB" }
        VolumeKmsKeyId = local.inputs.volume_kms_key_arn
      } : member => value if value != null } }

      StoppingCondition = { MaxRuntimeInSeconds = { Get = "Parameters.ProcessingMaxRuntimeInSeconds" } }

      NetworkConfig = { for member, value in {
        VpcConfig                             = local.vpc_config
        EnableNetworkIsolation                = local.inputs.enable_network_isolation
        EnableInterContainerTrafficEncryption = local.inputs.enable_inter_container_encryption
      } : member => value if value != null }

      Tags = local.job_tags
    }
  }

  # --- Additional data, by the module's input ---

  additional_data = {
    for input in ["processing_additional_inputs", "processing_additional_outputs"] : input => local.inputs[input]
  }
  processing_names = concat(["input", "output"], flatten([for items in values(local.additional_data) : keys(items)]))
  processing_local_paths = merge(
    { inference_input_s3_path = "/opt/ml/processing/input", inference_output_s3_path = "/opt/ml/processing/output" },
    [for input, items in local.additional_data : {
      for name, item in items : "${input}.${name}" => item.local_path == null ? "/opt/ml/processing/${name}" : item.local_path
    }]...
  )

  # The execution ID is appended with a slash of its own.
  _appended_slash           = local.inputs.processing_output_per_execution ? "/" : ""
  processing_output_s3_path = trimsuffix(local.inputs.inference_output_s3_path, local._appended_slash)
  # a table, because both sides of ?: must have the same type
  processing_output_s3_uris = { for input, path in merge(
    { inference_output_s3_path = { Get = "Parameters.InferenceOutputS3Uri" } },
    {
      for name, output in local.inputs.processing_additional_outputs : # a rule refuses null
      "processing_additional_outputs.${name}" => try(trimsuffix(output.s3_path, local._appended_slash), null)
    },
    ) : input => {
    "true"  = { "Std:Join" = { On = "/", Values = [path, { Get = "Execution.PipelineExecutionId" }] } }
    "false" = path
  }[tostring(local.inputs.processing_output_per_execution)] }
}
