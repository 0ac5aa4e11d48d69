# What the inputs refer to, parsed. What does not parse has empty parts here, and a sentence in rules.tf.

locals {
  # what a schedule puts in place of the inputs
  overrides = { for key in keys(local.pipelines) : key => try(local.schedules[key].parameters, {}) }

  # the defaults of parameters, paths that are no parameters, and what takes the place of the defaults
  references = {
    for key, pipeline in local.pipelines : key => [
      for reference in concat(
        [
          for name, parameter in local.parameters[key] :
          { input = parameter.input, value = parameter.default, purpose = parameter.purpose, joined = parameter.joined }
        ],
        pipeline.s3_paths,
        [
          for name, value in local.overrides[key] : {
            input   = "${key}_schedule_parameters.${name}"
            value   = value
            purpose = try(local.parameters[key][name].purpose, "")
            joined  = try(local.parameters[key][name].joined, false)
          }
        ],
      ) : merge(reference, { text = "${reference.input} is ${jsonencode(reference.value)}" })
    ]
  }

  # --- Images ---

  # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
  repository_name = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*"
  registry_domain = local.mocked ? "[a-z.]+" : replace(data.aws_partition.current.dns_suffix, ".", "\\.")
  image_pattern = join("", [
    "^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.${local.registry_domain}",
    "/(?P<repository>${local.repository_name}(?:/${local.repository_name})*)",
    "(?::[\\w][\\w.-]{0,127}|@sha256:[0-9a-f]{64})?$",
  ])
  no_image = { account = "", region = "", repository = "" }

  images = {
    for key, references in local.references : key => [
      for image in references : merge(image, try(regex(local.image_pattern, image.value), local.no_image)) if image.purpose == "image"
    ]
  }

  # --- S3 paths ---

  # Of characters that an IAM policy may hold; IAM would read * ? and $ as patterns. In S3 an empty folder (//) is part of
  # the key, and few who write it mean that.
  s3_key_character = "[ -#%-)+-.0->@-~\\x{a0}-\\x{ff}]"
  s3_uri_pattern = join("", [
    "^s3://(?P<bucket>[a-z0-9.-]+)",
    "(?:/(?P<prefix>(?:${local.s3_key_character}+/)*${local.s3_key_character}*))?$",
  ])
  bucket_names = [for arn in concat([local.inputs.s3_bucket_arn], local.inputs.additional_s3_bucket_arns) : element(split(":", arn), 5)]

  # Inputs are prefixes, as SageMaker reads them; outputs and checkpoints are folders.
  s3_paths = {
    for key, references in local.references : key => [
      for path in [
        for path in references : merge(path, try(regex(local.s3_uri_pattern, path.value), { bucket = "", prefix = null }))
        if contains(["read", "write", "checkpoint"], path.purpose)
        ] : merge(path, {
          prefix = try(coalesce(path.prefix), "")
          folder = trimsuffix(try(coalesce(path.prefix), ""), "/")
          # of the URI that SageMaker gets: /<execution ID> is joined, and a slash closes a folder of checkpoints
          characters = try(length(
            path.joined ? "${trimsuffix(path.value, "/")}/abcdefghijkl${path.purpose == "checkpoint" ? "/" : ""}" :
            path.purpose == "checkpoint" ? "${trimsuffix(path.value, "/")}/" : path.value
          ), 0)
      })
    ]
  }

  # keys that the job role gets: all of them for s3:ListBucket, the last one for the objects
  s3_keys = {
    for key, paths in local.s3_paths : key => [
      for path in paths : merge(path, {
        keys = path.purpose == "read" ? ["${path.prefix}*"] : compact([path.folder, trimprefix("${path.folder}/*", "/")])
      })
    ]
  }

  # --- ARNs ---

  # by input, each with the name that a sentence gives it
  arns = {
    s3_bucket_arn                  = { s3_bucket_arn = local.inputs.s3_bucket_arn }
    additional_s3_bucket_arns      = { for index, arn in local.inputs.additional_s3_bucket_arns : "additional_s3_bucket_arns[${index}]" => arn }
    kms_key_arn                    = { kms_key_arn = local.inputs.kms_key_arn }
    volume_kms_key_arn             = { volume_kms_key_arn = local.inputs.volume_kms_key_arn }
    schedule_dead_letter_queue_arn = { schedule_dead_letter_queue_arn = local.inputs.schedule_dead_letter_queue_arn }
    notifications                  = { "notifications.topic_arn" = try(local.inputs.notifications.topic_arn, null) }
    role_arns                      = { for name, arn in local.inputs.role_arns : "role_arns.${name}" => arn }
    role_permissions_boundary_arn  = { role_permissions_boundary_arn = local.inputs.role_permissions_boundary_arn }
    training_managed_policy_arns   = { for name, arn in local.inputs.training_managed_policy_arns : "training_managed_policy_arns.${name}" => arn }
    processing_managed_policy_arns = { for name, arn in local.inputs.processing_managed_policy_arns : "processing_managed_policy_arns.${name}" => arn }
  }
  bucket_arns = merge(local.arns.s3_bucket_arn, local.arns.additional_s3_bucket_arns)

  # Where AWS takes only what is of the provider's region, or account; aws is the account of AWS's own policies.
  of_this_region  = ["kms_key_arn", "volume_kms_key_arn", "schedule_dead_letter_queue_arn", "notifications"]
  of_this_account = ["notifications", "role_arns", "role_permissions_boundary_arn", "training_managed_policy_arns", "processing_managed_policy_arns"]

  misplaced_arns = {
    for input, arns in local.arns : input => [
      for name, arn in arns : "${name} is \"${arn}\"" if !local.mocked && try(
        split(":", arn)[1] != local.partition
        || (contains(local.of_this_region, input) && split(":", arn)[3] != local.region)
        || (contains(local.of_this_account, input) && !contains([local.account_id, "aws"], split(":", arn)[4])),
        false
      )
    ]
  }
}
