# Warnings: they block nothing. A condition that is not known at plan is a warning, too: ?: instead of || where one side may be.

locals {
  # --- Secrets: by the last words of a name (DB_PASSWORD, dbPassword, hf-token) ---

  secret_pattern = join("|", [
    "(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|CREDENTIALS?|JAAS_CONFIG)$",
    "(?:^|_)(?:API|ACCESS|SECRET|PRIVATE|ACCOUNT)_?KEY$",
  ])
  secret_names = nonsensitive(sensitive(sort(distinct([
    for name in concat(
      keys(merge(var.training_environment_variables, var.processing_environment_variables)),
      keys(var.training_hyperparameters),
      ) : name if !contains(local.inputs.non_secret_names, name) && can(regex(
        local.secret_pattern,
        upper(replace(replace(name, "/([a-z0-9])([A-Z])/", "$${1}_$${2}"), "/[^A-Za-z0-9]/", "_")),
    ))
  ]))))

  # --- What nothing reads ---

  unread_inputs = concat(
    [
      for key in ["training", "processing"] : "${key}_schedule_parameters without enable_${key}_schedule"
      if length(local.inputs["${key}_schedule_parameters"]) > 0 && !contains(keys(local.schedules), key)
    ],
    length(local.schedules) > 0 ? [] : [
      for queue in local.inputs.schedule_dead_letter_queue_arn[*] : "schedule_dead_letter_queue_arn without a schedule"
    ],
    [for name in setsubtract(keys(local.inputs.role_arns), local.role_keys) : "role_arns.${name} without such a role"],
  )
  role_keys = flatten([for kind, pipelines in local.trusts : [for key in keys(pipelines) : "${key}_${kind}"]])

  # --- What works, but hardly as it is meant ---

  scheduled_caches = [
    for key in keys(local.schedules) : "${key}_cache_expire_after" if local.pipelines[key].cache_expire_after != null
  ]

  # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
  local_storage_family = "^ml\\.(?:gr?[5-9][a-z]*|p[5-9][a-z]*(?:-[a-z0-9]+)?|trn[0-9]+[a-z]*|i[0-9]+[a-z]*|[a-z]+[0-9]+[a-z]*d[a-z]*)\\."
  instance_types = flatten([
    for key, parameters in local.parameters : [
      for name, parameter in parameters : compact([parameter.default, lookup(local.overrides[key], name, "")])
      if parameter.purpose == "instance"
    ]
  ])
  local_storage_types = distinct([
    for type in local.instance_types : type if can(regex(local.local_storage_family, type))
  ])

  mlflow_mistakes = [
    for key, uri in local.mlflow_uris : "${key}_environment_variables"
    if nonsensitive(sensitive(try(startswith(uri, "arn:"), false))) && local.mlflow_arns[key] == ""
  ]

  # of paths that parse: of the others main.tf says what is wrong
  outputs_below_inputs = flatten([
    for key, paths in local.s3_paths : [
      for output in paths : [
        for input in paths : "${output.input} below ${input.input}"
        if input.purpose == "read" && input.bucket == output.bucket && startswith("${output.folder}/", input.prefix)
      ] if output.purpose != "read" && output.bucket != ""
    ]
  ])

  processing_counts = {
    processing_instance_count                                = local.inputs.processing_instance_count
    "processing_schedule_parameters.ProcessingInstanceCount" = lookup(try(local.overrides.processing, {}), "ProcessingInstanceCount", 1)
  }
  replicated_counts = [
    for input, count in local.processing_counts : "${input} is ${count}"
    if local.enabled.processing && local.inputs.processing_input_distribution == "FullyReplicated" && try(tonumber(count) > 1, false)
  ]
}

check "no_secrets_in_environment" {
  assert {
    condition     = length(local.secret_names) == 0
    error_message = "${join(", ", local.secret_names)} in training_environment_variables, processing_environment_variables or training_hyperparameters looks like a secret: everyone who may describe the pipeline or its jobs can read the value. Keep it in Secrets Manager, pass its name, and allow reading it with training_additional_policies or processing_additional_policies. If it is none, add the name to non_secret_names."
  }
}

check "no_unread_inputs" {
  assert {
    condition     = length(local.unread_inputs) == 0
    error_message = "${join(", ", local.unread_inputs)}: nothing reads this; leave it out, or enable what reads it."
  }
}

check "no_cache_with_schedule" {
  assert {
    condition     = length(local.scheduled_caches) == 0
    error_message = "${join(", ", local.scheduled_caches)} is set beside a schedule: new data under the same S3 path does not change the cache's key, so a scheduled execution may succeed without running anything."
  }
}

check "volume_key_fits_instance" {
  assert {
    condition     = length(local.local_storage_types) == 0 ? true : local.inputs.volume_kms_key_arn == null
    error_message = "volume_kms_key_arn is set, but ${join(", ", local.local_storage_types)} has local storage, which its own hardware encrypts: SageMaker refuses such a job. Leave volume_kms_key_arn out, or choose another instance type."
  }
}

check "mlflow_tracking_uri_is_known" {
  assert {
    condition     = length(local.mlflow_mistakes) == 0
    error_message = "MLFLOW_TRACKING_URI in ${join(", ", local.mlflow_mistakes)} looks like an ARN, but is that of no MLflow tracking server or app, so the job role gets no permission for it: give arn:aws:sagemaker:<region>:<account>:mlflow-tracking-server/<name> or mlflow-app/<id>, or a URL."
  }
}

check "no_output_below_input" {
  assert {
    condition     = length(local.outputs_below_inputs) == 0
    error_message = "${join(", ", local.outputs_below_inputs)}: each execution reads what the last ones wrote. Give the output a path of its own."
  }
}

check "instances_share_input" {
  assert {
    condition     = length(local.replicated_counts) == 0
    error_message = "${join(", ", local.replicated_counts)}, and processing_input_distribution is \"FullyReplicated\": each instance gets all of the input, and does all of the work. Set it to \"ShardedByS3Key\", unless the code shares the work out itself."
  }
}
