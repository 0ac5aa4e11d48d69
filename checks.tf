# Warnings: they block nothing.

check "no_secrets_in_environment" {
  assert {
    condition = alltrue([
      for name in keys(merge(var.training_environment_variables, var.processing_environment_variables)) : !can(regex("(?:^|_)(?:PASSWORD|SECRET|TOKEN|API_KEY|SECRET_KEY)$", upper(name)))
    ])
    error_message = "${join(", ", [for name in keys(merge(var.training_environment_variables, var.processing_environment_variables)) : name if can(regex("(?:^|_)(?:PASSWORD|SECRET|TOKEN|API_KEY|SECRET_KEY)$", upper(name)))])} in training_environment_variables or processing_environment_variables looks like a secret: everyone who may describe the pipeline or its jobs can read the value. Keep it in Secrets Manager, pass its name, and allow reading it with training_additional_policies or processing_additional_policies."
  }
}

check "no_cache_with_schedule" {
  assert {
    condition     = alltrue([for key in keys(local.schedules) : local.pipelines[key].cache_expire_after == null])
    error_message = "${join(", ", [for key in keys(local.schedules) : "${key}_cache_expire_after" if local.pipelines[key].cache_expire_after != null])} is set beside a schedule: new data under the same S3 path does not change the cache's key, so a scheduled execution may succeed without running anything."
  }
}

check "volume_key_fits_instance" {
  assert {
    condition = var.volume_kms_key_arn == null || alltrue([
      for key in keys(local.pipelines) : !can(regex(local.local_storage_pattern, local.instance_types[key]))
    ])
    error_message = "volume_kms_key_arn is set, but ${join(", ", [for key in keys(local.pipelines) : local.instance_types[key] if can(regex(local.local_storage_pattern, local.instance_types[key]))])} has local storage, which its own hardware encrypts: SageMaker refuses such a job. Leave volume_kms_key_arn out, or choose another instance type."
  }
}

locals {
  instance_types        = { training = var.training_instance_type, processing = var.processing_instance_type }
  local_storage_pattern = "^ml\\.(?:g4dn|g5|g6e?|gr6|p4de?|p5e?n?|trn[12]n?|[a-z]+[0-9]+[a-z]*d[a-z]*)\\."
}
