# Rules that name their offenders, span inputs or need the provider. Each has the values that AWS would refuse, and the
# sentence that says so (%s: the values). Values of environment variables, hyperparameters and policies are never printed.
# Rules of a single value stand in variables.tf.

locals {
  # AWS's patterns of one line are .*, and in Java . takes none of these.
  line_break = "[\\n\\r\\x{85}\\x{2028}\\x{2029}]"

  # enable_training_pipeline is true by default: who only wants the other pipeline has to say so
  or_disable = {
    for key, references in local.references :
    key => length([for reference in references : reference if reference.value == ""]) > 0 ? "; or set enable_${key}_pipeline = false" : ""
  }

  retried_exceptions = [
    "Step.SERVICE_FAULT", "Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT",
  ]

  # Rules by pipeline: preconditions of the pipeline (main.tf).
  pipeline_rules = {
    for key, pipeline in local.pipelines : key => {

      # --- Images and S3 paths ---

      image_uris = {
        refused  = [for image in local.images[key] : image.text if try(length(image.value) > 255, true) || length(image.repository) < 2]
        sentence = "%s: give the URI of an image in ECR, <account>.dkr.ecr.<region>.${data.aws_partition.current.dns_suffix}/<repository>:<tag> (or @sha256:<digest>), of at most 255 characters${local.or_disable[key]}."
      }
      image_regions = {
        refused  = [for image in local.images[key] : image.text if !local.mocked && !contains(["", local.region], image.region)]
        sentence = "%s: SageMaker pulls images of its own region only, which is ${local.region}; push or replicate the image there."
      }
      s3_uris = {
        refused  = [for path in local.s3_paths[key] : path.text if path.bucket == "" || try(trimspace(path.value) != path.value, true)]
        sentence = "%s: give an S3 URI, such as s3://my-ml-bucket/path/, without wildcards, empty folders (//), line breaks, letters outside Latin-1, or a space at its end${local.or_disable[key]}."
      }
      long_s3_uris = {
        refused  = [for path in local.s3_paths[key] : "${path.text} (${path.characters} characters)" if path.characters > 1024]
        sentence = "%s: SageMaker takes at most 1024 characters, with the execution ID where one is added; shorten the path."
      }
      buckets = {
        refused  = [for path in local.s3_paths[key] : path.text if !contains(concat([""], local.bucket_names), path.bucket)]
        sentence = "%s: the bucket is none of s3_bucket_arn and additional_s3_bucket_arns (${join(", ", local.bucket_names)}); correct the path, or add the bucket's ARN."
      }
      checkpoint_folders = {
        refused = [
          for path in local.s3_paths[key] : path.text if path.purpose == "checkpoint" && path.bucket != "" && path.folder == ""
        ]
        sentence = "%s: SageMaker deletes there what the container deletes; give a folder, such as s3://my-ml-bucket/checkpoints/."
      }
      cached_checkpoints = {
        refused = pipeline.cache_expire_after == null ? [] : [
          for path in local.s3_paths[key] : path.text if path.purpose == "checkpoint" && path.joined
        ]
        sentence = "${key}_cache_expire_after is set, and %s with checkpoint_per_execution: a folder that is new for each execution is part of the cache's key, so no step would ever be reused. Set checkpoint_per_execution = false, or leave the cache out."
      }

      # --- Names and values ---

      environment_size = {
        refused  = [for size in [length(pipeline.environment_variables)] : size if size > 99]
        sentence = "${key}_environment_variables has %s entries: use at most 99; SageMaker takes 100, and the module adds PIPELINE_EXECUTION_ARN."
      }
      environment_variables = {
        refused = [
          for name, value in pipeline.environment_variables : jsonencode(name) if !try(
            can(regex("^[a-zA-Z_][a-zA-Z0-9_]*$", name)) && length(name) <= pipeline.environment_limit
            && length(replace(value, "/(?s)./", "x")) <= pipeline.environment_limit, false
          )
        ]
        sentence = "${key}_environment_variables has %s, which SageMaker refuses: names are letters, digits and _, not starting with a digit; names and values have at most ${pipeline.environment_limit} characters; none is null."
      }
      reserved_variables = {
        refused  = [for name in keys(pipeline.environment_variables) : name if name == "PIPELINE_EXECUTION_ARN"]
        sentence = "${key}_environment_variables has %s, which is set by the module: choose another name."
      }
      isolated_mlflow = {
        refused  = local.inputs.enable_network_isolation && local.mlflow_uris[key] != null ? ["MLFLOW_TRACKING_URI"] : []
        sentence = "${key}_environment_variables has %s, but enable_network_isolation is true: an isolated container cannot reach MLflow; remove one of the two."
      }
      hyperparameters_size = {
        refused  = [for size in [length(pipeline.hyperparameters)] : size if size > 100]
        sentence = "${key}_hyperparameters has %s entries: SageMaker takes at most 100."
      }
      hyperparameters = {
        refused = [
          for name, value in pipeline.hyperparameters : jsonencode(name) if !try(
            name != "" && length(replace(name, "/(?s)./", "x")) <= 256 && length(replace(value, "/(?s)./", "x")) <= 2500
            && !can(regex(local.line_break, "${name}${value}")), false
          )
        ]
        sentence = "${key}_hyperparameters has %s, which SageMaker refuses: names have 1-256 characters, values at most 2500, all without line breaks, and none is null."
      }
      metrics_size = {
        refused  = [for size in [length(pipeline.metric_definitions)] : size if size > 40]
        sentence = "${key}_metric_definitions has %s entries: SageMaker takes at most 40."
      }
      metrics = {
        refused = [
          for name, regex in pipeline.metric_definitions : jsonencode(name) if !try(
            name != "" && length(replace(name, "/(?s)./", "x")) <= 255 && regex != "" && length(replace(regex, "/(?s)./", "x")) <= 500
            && !can(regex(local.line_break, "${name}${regex}")), false
          )
        ]
        sentence = "${key}_metric_definitions has %s, which SageMaker refuses: names have 1-255 and expressions 1-500 characters, without line breaks."
      }
      channels_size = {
        refused  = [for size in [length(pipeline.channels)] : size if size > 19]
        sentence = "${key}_additional_inputs has %s channels: SageMaker takes 20 with that of input_data_s3_path."
      }
      channels = {
        refused  = [for name in keys(pipeline.channels) : name if name == local.inputs.training_input_channel]
        sentence = "${key}_additional_inputs has a channel \"%s\", which is the channel of input_data_s3_path already: rename it, or set training_input_channel."
      }
      channel_names = {
        refused  = [for name in keys(pipeline.channels) : jsonencode(name) if !can(regex("^[A-Za-z0-9._-]{1,64}$", name))]
        sentence = "${key}_additional_inputs has the channels %s: use 1-64 letters, digits, dots, hyphens and underscores."
      }
      channel_modes = {
        refused = [
          for name, channel in pipeline.channels : "${name} = ${jsonencode(channel.input_mode)}"
          if !contains(["File", "FastFile", "Pipe"], coalesce(channel.input_mode, "File"))
        ]
        sentence = "${key}_additional_inputs has the input_mode %s: use File, FastFile or Pipe, or leave it out."
      }
      channel_distributions = {
        refused = [
          for name, channel in pipeline.channels : "${name} = ${jsonencode(channel.distribution)}"
          if !contains(["FullyReplicated", "ShardedByS3Key"], channel.distribution)
        ]
        sentence = "${key}_additional_inputs has the distribution %s: use FullyReplicated or ShardedByS3Key."
      }
      channel_types = {
        refused = [
          for name, channel in pipeline.channels : name
          if try(length(replace(channel.content_type, "/(?s)./", "x")) > 256 || can(regex(local.line_break, channel.content_type)), false)
        ]
        sentence = "${key}_additional_inputs has a content_type of more than 256 characters, or with a line break, for %s: shorten it to one line."
      }
      command_sizes = {
        refused = [
          for kind, items in pipeline.command : "${key}_container_${kind} has ${length(items)} entries" if length(items) > 100
        ]
        sentence = "%s: SageMaker takes at most 100."
      }
      command_items = {
        refused = flatten([
          for kind, items in pipeline.command : [
            for index, item in items : "${key}_container_${kind} has ${jsonencode(item)} at ${index}" if !try(
              length(item) >= pipeline.shortest_argument && length(replace(item, "/(?s)./", "x")) <= 256
              && !can(regex(local.line_break, item)), false
            )
          ]
        ])
        sentence = "%s: SageMaker takes entries of ${pipeline.shortest_argument}-256 characters, without line breaks."
      }
      spot_wait = {
        refused = [
          for seconds in key == "training" ? try(local.inputs.training_spot.max_wait_seconds, null)[*] : [] : seconds
          if seconds < local.longest_training_seconds
        ]
        sentence = "${key}_spot.max_wait_seconds is %s, less than the ${local.longest_training_seconds} seconds that a job may run (training_max_runtime_seconds, training_schedule_parameters): it covers waiting and running together, so raise it."
      }

      # --- Retries ---

      retry_exceptions = {
        refused = flatten([
          for policy in pipeline.retry_policies : concat(
            [for exception in policy.exception_types : jsonencode(exception) if !try(contains(local.retried_exceptions, exception), false)],
            [for size in [length(policy.exception_types)] : "[]" if size == 0],
          )
        ])
        sentence = "${key}_retry_policies has exception_types %s: use one or more of ${join(", ", local.retried_exceptions)}."
      }
      retry_ends = {
        refused = [
          for policy in pipeline.retry_policies : "max_attempts = ${jsonencode(policy.max_attempts)}, expire_after_minutes = ${jsonencode(policy.expire_after_minutes)}"
          if(policy.max_attempts == null) == (policy.expire_after_minutes == null)
        ]
        sentence = "${key}_retry_policies has both or neither of max_attempts and expire_after_minutes (%s): set exactly one."
      }
      retry_limits = {
        refused = [
          for limit in flatten([
            for policy in pipeline.retry_policies : [
              { name = "interval_seconds", value = policy.interval_seconds, maximum = 43200, whole = true },
              { name = "backoff_rate", value = policy.backoff_rate, maximum = policy.backoff_rate, whole = false },
              { name = "max_attempts", value = policy.max_attempts, maximum = 20, whole = true },
              { name = "expire_after_minutes", value = policy.expire_after_minutes, maximum = 14400, whole = true },
            ]
          ]) : "${limit.name} = ${limit.value}"
          if !try(limit.value >= 0 && limit.value <= limit.maximum && (floor(limit.value) == limit.value || !limit.whole), limit.value == null)
        ]
        sentence = "${key}_retry_policies has %s: interval_seconds is a whole number from 0 to 43200, backoff_rate 0 or more, max_attempts 0-20, expire_after_minutes 0-14400; 0 of the last two means never."
      }

      # --- The schedule ---

      schedule_expression = {
        refused  = compact([lookup(local.expression_mistakes, key, "")])
        sentence = "${key}_schedule_expression is ${jsonencode(try(local.schedules[key].expression, ""))}: %s."
      }
      schedule_length = {
        refused  = [for size in [try(length(local.schedules[key].expression), 0)] : size if size > 256]
        sentence = "${key}_schedule_expression has %s characters: EventBridge takes at most 256."
      }
      undeclared_parameters = {
        refused  = [for name in keys(local.overrides[key]) : name if !contains(keys(pipeline.parameters), name)]
        sentence = "${key}_schedule_parameters has %s, which the pipeline does not declare: use ${join(", ", keys(pipeline.parameters))}."
      }
      parameter_numbers = {
        refused = [
          for name, value in local.overrides[key] : "${name} = ${jsonencode(value)}"
          if try(local.parameters[key][name].type, "") == "Integer" && !try(
            can(regex("^[1-9][0-9]*$", value)) && tonumber(value) <= coalesce(local.parameters[key][name].maximum, tonumber(value)), false
          )
        ]
        sentence = "${key}_schedule_parameters has %s: use a whole number, 1 or more, and no more than its input may have (${join(", ", [
          for name, parameter in local.parameters[key] : "${name} ${parameter.maximum}" if parameter.maximum != null
        ])})."
      }
      parameter_instance_types = {
        refused = [
          for name, value in local.overrides[key] : "${name} = ${jsonencode(value)}"
          if try(local.parameters[key][name].purpose, "") == "instance" && !can(regex("^ml\\.[a-z0-9-]{1,30}\\.[a-z0-9-]{1,30}$", value))
        ]
        sentence = "${key}_schedule_parameters has %s: give a SageMaker instance type, such as ml.m5.xlarge."
      }

      # --- What the user adds to the job role ---

      policies = {
        # without statements the provider would plan an empty text, and AWS refuse it
        refused = [
          for name, policy in pipeline.additional_policies : name if !try(
            length(flatten([jsondecode(policy).Statement])) > 0 && alltrue([
              for statement in flatten([jsondecode(policy).Statement]) :
              contains(["Allow", "Deny"], statement.Effect) && can(statement.Action) != can(statement.NotAction)
              && can(statement.Resource) != can(statement.NotResource) && !can(statement.Principal)
            ]), false
          )
        ]
        sentence = "${key}_additional_policies has %s, whose statements IAM refuses: each is an object with an Effect, an Action and a Resource, and without a Principal."
      }
      policy_letters = {
        refused  = [for name, policy in pipeline.additional_policies : name if !can(regex("^[\\t\\n\\r -\\x{ff}]*$", policy))]
        sentence = "${key}_additional_policies has %s with letters outside Latin-1, which IAM does not take: replace them, for example with a *."
      }
      inline_policies = {
        refused  = [for size in [lookup(local.inline_policy_characters, key, 0)] : size if size > 10240]
        sentence = "The inline policies of the ${key} job role have %s characters together, and IAM takes 10240: shorten ${join(", ", distinct(local.s3_paths[key][*].input))}, put these paths below a common one, or move ${key}_additional_policies to ${key}_managed_policy_arns."
      }
    }
  }

  # The mark of sensitive values goes with the names that are printed; the values stay out of them (inputs.tf).
  mistakes = {
    for key, rules in local.pipeline_rules : key => {
      for name, rule in rules : name => nonsensitive(sensitive(
        length(rule.refused) == 0 ? "" : replace(rule.sentence, "%s", join(", ", rule.refused))
      ))
    }
  }

  # --- Rules of the whole module: preconditions of the output module_configuration ---

  place = "the provider works in account ${local.account_id}, region ${local.region}, partition ${local.partition}"

  module_rules = {
    name_length = {
      refused  = [for size in [length("${local.inputs.project_name}${local.inputs.environment}")] : size if size > 40]
      sentence = "project_name \"${local.inputs.project_name}\" and environment \"${local.inputs.environment}\" have %s characters together: use at most 40, EventBridge takes names of 64."
    }
    tags = {
      refused = [
        for key, value in local.tags : jsonencode(key) if !try(
          can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+$", key)) && length(replace(key, "/(?s)./", "x")) <= 128 && !startswith(lower(key), "aws:")
          && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$", value)) && length(replace(value, "/(?s)./", "x")) <= 256, false
        )
      ]
      sentence = "tags, or default_tags of the provider, has %s, which AWS refuses: keys are 1-128 and values 0-256 letters, digits, spaces and _.:/=+-@, and no key starts with aws:."
    }
    tags_size = {
      # 50 is the limit of a job; SageMaker Pipelines adds a few of its own to each
      refused  = [for size in [length(local.tags)] : size if size > 45]
      sentence = "tags has %s entries, with default_tags of the provider: use at most 45, SageMaker adds its own up to the limit of 50."
    }
    tag_cases = {
      refused = [
        for key in keys(local.tags) : jsonencode(key) if length([for other in keys(local.tags) : other if lower(other) == lower(key)]) > 1
      ]
      sentence = "tags, with default_tags of the provider, has %s, which differ in upper and lower case only: IAM takes them for one; keep one spelling."
    }
    network = {
      refused = (
        (local.inputs.vpc_id != "") == (length(local.inputs.subnet_ids) > 0) && (local.inputs.vpc_id != "") == (length(local.inputs.security_group_ids) > 0)
      ) ? [] : ["\"${local.inputs.vpc_id}\""]
      sentence = "vpc_id is %s, with ${length(local.inputs.subnet_ids)} subnet_ids and ${length(local.inputs.security_group_ids)} security_group_ids: give all three, or none of them (\"\", [] and [])."
    }
    schedules = {
      refused = [
        for key, create in { training = local.inputs.enable_training_schedule, processing = local.inputs.enable_processing_schedule } :
        "enable_${key}_schedule is true, but enable_${key}_pipeline is false" if create && !local.enabled[key]
      ]
      sentence = "%s: enable the pipeline, or disable its schedule."
    }
    notifications = {
      refused  = local.inputs.notifications != null && length(local.pipelines) == 0 ? ["notifications is set"] : []
      sentence = "%s, but neither enable_training_pipeline nor enable_processing_pipeline is true: enable a pipeline, or leave notifications out."
    }
    brought_roles = {
      refused = [
        for key, policies in {
          training   = merge(local.training_pipeline.additional_policies, local.training_pipeline.managed_policy_arns)
          processing = merge(local.processing_pipeline.additional_policies, local.processing_pipeline.managed_policy_arns)
        } : "role_arns brings ${key}_job, so ${key}_additional_policies and ${key}_managed_policy_arns would be attached to nothing"
        if length(policies) > 0 && contains(keys(local.inputs.role_arns), "${key}_job")
      ]
      sentence = "%s: attach them to that role where it is made, and leave them out here."
    }

    # --- Buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html ---

    bucket_names = {
      refused = [
        for input, arn in local.bucket_arns : "${input} is \"${arn}\"" if !can(regex(":::[a-z0-9].*[a-z0-9]$", arn))
        || can(regex(":::(?:xn--|sthree-|amzn-s3-demo-)|\\.\\.|:::[0-9]+(?:\\.[0-9]+){3}$", arn))
      ]
      sentence = "%s: no bucket can have this name; correct it."
    }
    other_buckets = {
      refused  = [for input, arn in local.bucket_arns : "${input} is \"${arn}\"" if can(regex("(?:-s3alias|--ol-s3|\\.mrap|--x-s3|--table-s3)$", arn))]
      sentence = "%s: this is a directory bucket, a table bucket or the alias of an access point, which need other permissions; give a general purpose bucket."
    }

    # --- ARNs of another place than AWS takes ---

    s3_bucket_arn = {
      refused  = local.misplaced_arns.s3_bucket_arn
      sentence = "%s: ${local.place}; give a bucket of that partition."
    }
    additional_s3_bucket_arns = {
      refused  = local.misplaced_arns.additional_s3_bucket_arns
      sentence = "%s: ${local.place}; give buckets of that partition."
    }
    kms_key_arn = {
      refused  = local.misplaced_arns.kms_key_arn
      sentence = "%s: ${local.place}; give a key of that region, of whichever account."
    }
    volume_kms_key_arn = {
      refused  = local.misplaced_arns.volume_kms_key_arn
      sentence = "%s: ${local.place}; give a key of that region, of whichever account."
    }
    schedule_dead_letter_queue_arn = {
      refused  = local.misplaced_arns.schedule_dead_letter_queue_arn
      sentence = "%s: ${local.place}; EventBridge takes a queue of that region, of whichever account."
    }
    notifications_topic = {
      refused  = local.misplaced_arns.notifications
      sentence = "%s: ${local.place}; give a topic of that account and region, since EventBridge needs a role of its own for another. A topic here may have subscribers in other accounts."
    }
    role_arns = {
      refused  = local.misplaced_arns.role_arns
      sentence = "%s: ${local.place}; SageMaker and EventBridge take roles of that account."
    }
    role_permissions_boundary_arn = {
      refused  = local.misplaced_arns.role_permissions_boundary_arn
      sentence = "%s: ${local.place}; IAM takes policies of that account, and AWS's own."
    }
    training_managed_policy_arns = {
      refused  = local.misplaced_arns.training_managed_policy_arns
      sentence = "%s: ${local.place}; IAM takes policies of that account, and AWS's own."
    }
    processing_managed_policy_arns = {
      refused  = local.misplaced_arns.processing_managed_policy_arns
      sentence = "%s: ${local.place}; IAM takes policies of that account, and AWS's own."
    }
  }

  module_mistakes = {
    for name, rule in local.module_rules : name => nonsensitive(sensitive(
      length(rule.refused) == 0 ? "" : replace(rule.sentence, "%s", join(", ", rule.refused))
    ))
  }
}
