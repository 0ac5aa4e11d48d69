# The training pipeline: one step, whose Arguments are a CreateTrainingJob request
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html

locals {
  training_pipeline = {
    description = "Trains the models of ${var.project_name} in ${var.environment}. Managed by Terraform."
    job_type    = "Training"
    job_kind    = "training-job"

    # Pipeline parameters: each default is an input, `use` says what the job role needs for it.
    parameters = {
      InputDataS3Uri              = { type = "String", use = "read", variable = "input_data_s3_path", default = var.input_data_s3_path }
      ModelOutputS3Uri            = { type = "String", use = "write", variable = "model_output_s3_path", default = var.model_output_s3_path }
      TrainingImageUri            = { type = "String", use = "image", variable = "training_image_uri", default = var.training_image_uri }
      TrainingInstanceType        = { type = "String", use = "setting", variable = "training_instance_type", default = var.training_instance_type }
      TrainingInstanceCount       = { type = "Integer", use = "setting", variable = "training_instance_count", default = var.training_instance_count }
      TrainingVolumeSizeInGB      = { type = "Integer", use = "setting", variable = "training_volume_size_gb", default = var.training_volume_size_gb }
      TrainingMaxRuntimeInSeconds = { type = "Integer", use = "setting", variable = "training_max_runtime_seconds", default = var.training_max_runtime_seconds }
    }

    # S3 paths that are no parameters
    s3_paths = merge(
      { for name, input in var.training_additional_inputs : "training_additional_inputs.${name}" => { uri = input.s3_path, use = "read" } },
      { for uri in [try(var.training_spot.checkpoint_s3_path, null)] : "training_spot.checkpoint_s3_path" => { uri = uri, use = "checkpoint" } if uri != null },
    )

    environment_variables = var.training_environment_variables
    retry_policies        = var.training_retry_policies
    cache_expire_after    = var.training_cache_expire_after

    arguments = {
      TrainingJobName = local.job_name_prefixes.training
      RoleArn         = local.role_arns.job.training

      AlgorithmSpecification = { for key, value in {
        TrainingImage       = { Get = "Parameters.TrainingImageUri" }
        TrainingInputMode   = var.training_input_mode
        ContainerEntrypoint = length(var.training_container_entrypoint) > 0 ? var.training_container_entrypoint : null
        ContainerArguments  = length(var.training_container_arguments) > 0 ? var.training_container_arguments : null
        MetricDefinitions   = length(var.training_metric_definitions) > 0 ? [for name, regex in var.training_metric_definitions : { Name = name, Regex = regex }] : null
      } : key => value if value != null }

      HyperParameters = length(var.training_hyperparameters) > 0 ? var.training_hyperparameters : null
      Environment     = merge(var.training_environment_variables, local.module_environment_variables)

      InputDataConfig = concat(
        [{
          ChannelName = var.training_input_channel
          DataSource = { S3DataSource = {
            S3DataType             = "S3Prefix"
            S3Uri                  = { Get = "Parameters.InputDataS3Uri" }
            S3DataDistributionType = "FullyReplicated"
          } }
        }],
        [for name, input in var.training_additional_inputs : { for key, value in {
          ChannelName = name
          ContentType = input.content_type
          InputMode   = input.input_mode
          DataSource = { S3DataSource = {
            S3DataType             = "S3Prefix"
            S3Uri                  = input.s3_path
            S3DataDistributionType = input.distribution
          } }
        } : key => value if value != null }],
      )

      OutputDataConfig = { for key, value in {
        S3OutputPath = { Get = "Parameters.ModelOutputS3Uri" }
        KmsKeyId     = var.kms_key_arn
      } : key => value if value != null }

      ResourceConfig = { for key, value in {
        InstanceType   = { Get = "Parameters.TrainingInstanceType" }
        InstanceCount  = { Get = "Parameters.TrainingInstanceCount" }
        VolumeSizeInGB = { Get = "Parameters.TrainingVolumeSizeInGB" }
        VolumeKmsKeyId = var.volume_kms_key_arn
      } : key => value if value != null }

      StoppingCondition = { for key, value in {
        MaxRuntimeInSeconds  = { Get = "Parameters.TrainingMaxRuntimeInSeconds" }
        MaxWaitTimeInSeconds = try(var.training_spot.max_wait_seconds, null)
      } : key => value if value != null }

      EnableManagedSpotTraining = var.training_spot != null
      CheckpointConfig          = try(var.training_spot.checkpoint_s3_path, null) == null ? null : { S3Uri = var.training_spot.checkpoint_s3_path }

      VpcConfig                             = local.vpc_config
      EnableNetworkIsolation                = var.enable_network_isolation
      EnableInterContainerTrafficEncryption = var.enable_inter_container_encryption
      Tags                                  = local.job_tags
    }
  }

  # spot: waiting and running together may not be shorter than running
  longest_training_seconds = max(var.training_max_runtime_seconds, try(tonumber(var.training_schedule_parameters["TrainingMaxRuntimeInSeconds"]), 0))
}
