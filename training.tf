# The training pipeline: one step, whose Arguments are a CreateTrainingJob request
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html

locals {
  training_pipeline = {
    description = "Trains the models of ${local.inputs.project_name} in ${local.inputs.environment}. Managed by Terraform."
    job_type    = "Training"
    job_kind    = "training-job"

    # Pipeline parameters. The default of each is an input. `purpose` decides what the job role may do with the value and
    # which rules it obeys, even if a schedule overrides it.
    parameters = {
      InputDataS3Uri              = { type = "String", purpose = "read", input = "input_data_s3_path" }
      ModelOutputS3Uri            = { type = "String", purpose = "write", input = "model_output_s3_path" }
      TrainingImageUri            = { type = "String", purpose = "image", input = "training_image_uri" }
      TrainingInstanceType        = { type = "String", purpose = "instance", input = "training_instance_type" }
      TrainingInstanceCount       = { type = "Integer", purpose = "number", input = "training_instance_count" }
      TrainingVolumeSizeInGB      = { type = "Integer", purpose = "number", maximum = 16384, input = "training_volume_size_gb" }
      TrainingMaxRuntimeInSeconds = { type = "Integer", purpose = "runtime", maximum = 2419200, input = "training_max_runtime_seconds" }
    }

    # other S3 paths
    s3_paths = concat(
      [
        for name, channel in local.inputs.training_additional_inputs :
        { input = "training_additional_inputs.${name}", value = channel.s3_path, purpose = "read", joined = false }
      ],
      [
        for path in local.checkpoint_s3_path[*] : {
          input   = "training_spot.checkpoint_s3_path"
          value   = path
          purpose = "checkpoint"
          joined  = local.checkpoint_per_execution
        }
      ],
    )

    environment_variables = var.training_environment_variables
    environment_limit     = 512 # characters of a name and of a value
    shortest_argument     = 1
    hyperparameters       = var.training_hyperparameters
    channels              = local.inputs.training_additional_inputs
    metric_definitions    = local.inputs.training_metric_definitions
    command = {
      entrypoint = local.inputs.training_container_entrypoint
      arguments  = local.inputs.training_container_arguments
    }
    retry_policies      = local.inputs.training_retry_policies
    cache_expire_after  = local.inputs.training_cache_expire_after
    additional_policies = var.training_additional_policies
    managed_policy_arns = local.inputs.training_managed_policy_arns

    arguments = {
      TrainingJobName = local.job_name_prefixes.training
      RoleArn         = local.role_arns.training_job

      AlgorithmSpecification = { for member, value in {
        TrainingImage       = { Get = "Parameters.TrainingImageUri" }
        TrainingInputMode   = local.inputs.training_input_mode
        ContainerEntrypoint = local.inputs.training_container_entrypoint
        ContainerArguments  = local.inputs.training_container_arguments
        MetricDefinitions = [
          for name, regex in local.inputs.training_metric_definitions : { Name = name, Regex = regex }
        ]
      } : member => value if length(value) > 0 }

      HyperParameters = length(var.training_hyperparameters) > 0 ? var.training_hyperparameters : null

      InputDataConfig = concat(
        [{
          ChannelName = local.inputs.training_input_channel
          DataSource = { S3DataSource = {
            S3DataType             = "S3Prefix"
            S3Uri                  = { Get = "Parameters.InputDataS3Uri" }
            S3DataDistributionType = "FullyReplicated"
          } }
        }],
        [for name, channel in local.inputs.training_additional_inputs : { for member, value in {
          ChannelName = name
          ContentType = channel.content_type
          InputMode   = channel.input_mode
          DataSource = { S3DataSource = {
            S3DataType             = "S3Prefix"
            S3Uri                  = channel.s3_path
            S3DataDistributionType = channel.distribution
          } }
        } : member => value if value != null }],
      )

      OutputDataConfig = { for member, value in {
        S3OutputPath = { Get = "Parameters.ModelOutputS3Uri" }
        KmsKeyId     = local.inputs.kms_key_arn
      } : member => value if value != null }

      ResourceConfig = { for member, value in {
        InstanceType   = { Get = "Parameters.TrainingInstanceType" }
        InstanceCount  = { Get = "Parameters.TrainingInstanceCount" }
        VolumeSizeInGB = { Get = "Parameters.TrainingVolumeSizeInGB" }
        VolumeKmsKeyId = local.inputs.volume_kms_key_arn
      } : member => value if value != null }

      StoppingCondition = { for member, value in {
        MaxRuntimeInSeconds  = { Get = "Parameters.TrainingMaxRuntimeInSeconds" }
        MaxWaitTimeInSeconds = try(local.inputs.training_spot.max_wait_seconds, null)
      } : member => value if value != null }

      EnableManagedSpotTraining = local.inputs.training_spot != null
      CheckpointConfig          = local.checkpoint_s3_path == null ? null : { S3Uri = local.checkpoint_s3_uri }

      VpcConfig                             = local.vpc_config
      EnableNetworkIsolation                = local.inputs.enable_network_isolation
      EnableInterContainerTrafficEncryption = local.inputs.enable_inter_container_encryption
      Tags                                  = local.job_tags
    }
  }

  # SageMaker copies everything under this prefix to the container; the slash at its end excludes model-10/ from model-1/.
  checkpoint_s3_path       = try(local.inputs.training_spot.checkpoint_s3_path, null)
  checkpoint_per_execution = try(local.inputs.training_spot.checkpoint_per_execution, false)
  checkpoint_folder        = "${trimsuffix(coalesce(local.checkpoint_s3_path, "/"), "/")}/"
  # a table, because both sides of ?: must have the same type
  checkpoint_s3_uri = {
    "true"  = { "Std:Join" = { On = "", Values = [local.checkpoint_folder, { Get = "Execution.PipelineExecutionId" }, "/"] } }
    "false" = local.checkpoint_folder
  }[tostring(local.checkpoint_per_execution)]

  # the least that training_spot.max_wait_seconds may be
  longest_training_seconds = max(local.inputs.training_max_runtime_seconds, [
    for override in lookup(local.overrides, "training", []) : try(tonumber(override.value), 0)
    if override.name == "TrainingMaxRuntimeInSeconds"
  ]...)
}
