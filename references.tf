# What the inputs refer to: images, S3 paths and ARNs, parsed. What does not parse gets empty parts, and a rule in rules.tf
# refuses it.

locals {
  # --- All references of a pipeline: defaults of parameters, other S3 paths, and what its starts override ---

  _default_references = {
    for pipeline, parameters in local.parameters : pipeline => [
      for name, parameter in parameters : {
        input   = parameter.input
        value   = parameter.default
        purpose = parameter.purpose
        joined  = parameter.joined
      }
    ]
  }
  # A value that comes from an event is unknown here; it has to be among what the others permit.
  _override_references = {
    for pipeline, overrides in local.overrides : pipeline => [
      for override in overrides : {
        input   = override.text
        value   = override.value
        purpose = try(override.parameter.purpose, "")
        joined  = try(override.parameter.joined, false)
      } if override.literal
    ]
  }
  references = {
    for pipeline, settings in local.pipelines : pipeline => [
      for reference in concat(local._default_references[pipeline], settings.s3_paths, local._override_references[pipeline]) :
      merge({ text = "${reference.input} is ${jsonencode(reference.value)}" }, reference)
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

  images = {
    for pipeline, references in local.references : pipeline => [
      for reference in references : merge(
        reference,
        { account = "", region = "", repository = "" },
        try(regex(local.image_pattern, reference.value), {}),
      ) if reference.purpose == "image"
    ]
  }

  # --- S3 paths ---

  # Only characters that an IAM policy can hold: it would read * ? and $ as patterns. S3 takes an empty folder (//) for a
  # part of the key, which is hardly ever meant.
  s3_key_character = "[ -#%-)+-.0->@-~\\x{a0}-\\x{ff}]"
  s3_uri_pattern = join("", [
    "^s3://(?P<bucket>[a-z0-9.-]+)",
    "(?:/(?P<prefix>(?:${local.s3_key_character}+/)*${local.s3_key_character}*))?$",
  ])

  # An input is a prefix, as SageMaker reads it. An output or a checkpoint is a folder.
  _parsed_s3_paths = {
    for pipeline, references in local.references : pipeline => [
      for parsed in [
        for reference in references : merge(
          reference,
          { bucket = "", prefix = "" },
          { for part, value in try(regex(local.s3_uri_pattern, reference.value), {}) : part => value if value != null },
        ) if contains(["read", "write", "checkpoint"], reference.purpose)
      ] : merge(parsed, { folder = trimsuffix(parsed.prefix, "/") })
    ]
  }

  # `uri_characters`: the length of the URI that SageMaker gets. It appends the execution ID to a joined path, and a slash
  # to checkpoints.
  s3_paths = {
    for pipeline, paths in local._parsed_s3_paths : pipeline => [
      for path in paths : merge(path, {
        object_keys = path.purpose == "read" ? "${path.prefix}*" : trimprefix("${path.folder}/*", "/")
        listed_keys = path.purpose == "read" ? ["${path.prefix}*"] : compact([path.folder, trimprefix("${path.folder}/*", "/")])
        uri_characters = try(sum([
          length(path.joined || path.purpose == "checkpoint" ? trimsuffix(path.value, "/") : path.value),
          path.joined ? length("/abcdefghijkl") : 0,
          path.purpose == "checkpoint" ? length("/") : 0,
        ]), 0)
      })
    ]
  }

  bucket_arn_pattern = "^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}$"
  bucket_names = [
    for arn in concat([local.inputs.s3_bucket_arn], local.inputs.additional_s3_bucket_arns) : try(split(":", arn)[5], "")
  ]

  # --- IDs and ARNs ---

  subnet_pattern         = "^subnet-[0-9a-f]+$"
  security_group_pattern = "^sg-[0-9a-f]+$"
  pipeline_arn_pattern   = "^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:pipeline/[A-Za-z0-9](?:-*[A-Za-z0-9]){0,255}$"
  role_arn_pattern       = "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$"
  policy_name_pattern    = "^[A-Za-z0-9+=,.@_-]{1,128}$"

  # By input; each ARN with the name that a rule gives it.
  arns = merge(
    {
      for input in [
        "s3_bucket_arn", "kms_key_arn", "volume_kms_key_arn", "schedule_dead_letter_queue_arn", "role_permissions_boundary_arn",
      ] : input => { (input) = local.inputs[input] }
    },
    {
      for input in ["role_arns", "training_managed_policy_arns", "processing_managed_policy_arns"] :
      input => { for name, arn in local.inputs[input] : "${input}.${name}" => arn }
    },
    {
      additional_s3_bucket_arns = {
        for index, arn in local.inputs.additional_s3_bucket_arns : "additional_s3_bucket_arns[${index}]" => arn
      }
      notifications = { "notifications.topic_arn" = try(local.inputs.notifications.topic_arn, null) }
      triggers      = { for name, arn in local.preceding_arns : "triggers.${name}.after" => arn }
      alarms        = { for index, arn in try(local.inputs.alarms.actions, []) : "alarms.actions[${index}]" => arn }
    },
  )
  # by ARN or by name
  named_buckets = merge(
    local.arns.s3_bucket_arn,
    local.arns.additional_s3_bucket_arns,
    { for name, trigger in local.triggers : "triggers.${name}.s3_object.bucket" => trigger.s3_object.bucket if trigger.s3_object != null },
  )

  # Inputs whose ARNs AWS only accepts from the provider's region or account; "aws" is the account of AWS's own policies, and
  # response plans, which an alarm may start, are of no region.
  of_this_region = [
    "kms_key_arn", "volume_kms_key_arn", "schedule_dead_letter_queue_arn", "notifications", "triggers", "alarms",
  ]
  of_this_account = [
    "notifications", "triggers", "role_arns", "role_permissions_boundary_arn", "training_managed_policy_arns", "processing_managed_policy_arns",
  ]

  misplaced_arns = {
    for input, arns in local.arns : input => [
      for name, arn in arns : "${name} is ${jsonencode(arn)}" if !local.mocked && try(
        split(":", arn)[1] != local.partition
        || (contains(local.of_this_region, input) && !contains(["", local.region], split(":", arn)[3]))
        || (contains(local.of_this_account, input) && !contains([local.account_id, "aws"], split(":", arn)[4])),
        false
      )
    ]
  }
}
