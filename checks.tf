# Warnings: they block nothing.

locals {
  secret_names = [
    for name in keys(merge(var.training_environment_variables, var.processing_environment_variables)) :
    name if can(regex("(?:^|_)(?:PASSWORD|SECRET|TOKEN|API_KEY|SECRET_KEY)$", upper(name)))
  ]

  scheduled_caches = [
    for key in keys(local.schedules) :
    "${key}_cache_expire_after" if local.pipelines[key].cache_expire_after != null
  ]

  instance_types = { training = var.training_instance_type, processing = var.processing_instance_type }
  local_storage_types = [
    for key in keys(local.pipelines) :
    local.instance_types[key] if can(regex("^ml\\.(?:g4dn|g5|g6e?|gr6|p4de?|p5e?n?|trn[12]n?|[a-z]+[0-9]+[a-z]*d[a-z]*)\\.", local.instance_types[key]))
  ]
}

check "no_secrets_in_environment" {
  assert {
    condition     = length(local.secret_names) == 0
    error_message = "${join(", ", local.secret_names)} in training_environment_variables or processing_environment_variables looks like a secret: everyone who may describe the pipeline or its jobs can read the value. Keep it in Secrets Manager, pass its name, and allow reading it with training_additional_policies or processing_additional_policies."
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
    # not ||, which is unknown, and a warning, with a key from the same apply
    condition     = length(local.local_storage_types) == 0 ? true : var.volume_kms_key_arn == null
    error_message = "volume_kms_key_arn is set, but ${join(", ", local.local_storage_types)} has local storage, which its own hardware encrypts: SageMaker refuses such a job. Leave volume_kms_key_arn out, or choose another instance type."
  }
}
