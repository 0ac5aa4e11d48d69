# Rules that name their offenders, span several inputs or need the provider. A rule has what AWS would refuse, and what to do
# about it; its sentence is "<problem>: <advice>". The problem has %s where the refused values go, and is just those by
# default. Values of environment variables, hyperparameters and policies are never printed.
# Rules of a single value stand in variables.tf.

locals {
  # AWS's patterns of one line are .*, and Java's dot matches none of these.
  line_break = "[\\n\\r\\x{85}\\x{2028}\\x{2029}]"

  # enable_training_pipeline is true by default, so whoever only wants the other pipeline has to disable it.
  or_disable = {
    for pipeline, references in local.references : pipeline =>
    contains(local.own_pipelines, pipeline) && contains(references[*].value, "") ? "; or set enable_${pipeline}_pipeline = false" : ""
  }

  policy_inputs = {
    for pipeline in keys(local.pipelines) : pipeline =>
    contains(local.own_pipelines, pipeline) ? "${pipeline}_additional_policies" : "additional_pipelines.${pipeline}.additional_policies"
  }

  retried_exceptions = [
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
  ]

  data_choices = {
    input_mode   = ["File", "Pipe"]
    distribution = ["FullyReplicated", "ShardedByS3Key"]
    upload_mode  = ["EndOfJob", "Continuous"]
  }

  # --- Rules of each pipeline: preconditions of aws_sagemaker_pipeline.this (main.tf) ---

  pipeline_rules = {
    for pipeline, settings in local.pipelines : pipeline => {

      # --- Images and S3 paths ---

      image_uris = {
        refused = [
          for image in local.images[pipeline] : image.text
          if try(length(image.value) > 255, true) || length(image.repository) < 2
        ]
        advice = join(" ", [
          "give the URI of an image in ECR, <account>.dkr.ecr.<region>.${data.aws_partition.current.dns_suffix}/<repository>:<tag>",
          "(or @sha256:<digest>), of at most 255 characters${local.or_disable[pipeline]}.",
        ])
      }
      image_regions = {
        refused = [
          for image in local.images[pipeline] : image.text if !local.mocked && !contains(["", local.region], image.region)
        ]
        advice = "SageMaker only pulls images of its own region, ${local.region}; push or replicate the image there."
      }
      s3_uris = {
        refused = [
          for path in local.s3_paths[pipeline] : path.text if path.bucket == "" || try(trimspace(path.value) != path.value, true)
        ]
        advice = join(" ", [
          "give an S3 URI, such as s3://my-ml-bucket/path/, without wildcards, empty folders (//), line breaks, characters outside",
          "Latin-1, or a space at either end${local.or_disable[pipeline]}.",
        ])
      }
      long_s3_uris = {
        refused = [
          for path in local.s3_paths[pipeline] : "${path.text} (${path.uri_characters} characters)" if path.uri_characters > 1024
        ]
        advice = "SageMaker accepts at most 1024 characters, including the execution ID if it is appended; shorten the path."
      }
      buckets = {
        refused = [
          for path in local.s3_paths[pipeline] : path.text if !contains(concat([""], local.bucket_names), path.bucket)
        ]
        advice = join(" ", [
          "the bucket is neither in s3_bucket_arn nor in additional_s3_bucket_arns (${join(", ", local.bucket_names)});",
          "correct the path, or add the bucket's ARN.",
        ])
      }
      checkpoint_folders = {
        refused = [
          for path in local.s3_paths[pipeline] : path.text
          if path.purpose == "checkpoint" && path.bucket != "" && path.folder == ""
        ]
        advice = "SageMaker deletes there what the container deletes; give a folder, such as s3://my-ml-bucket/checkpoints/."
      }
      cached_checkpoints = {
        refused = settings.cache_expire_after == null ? [] : [
          for path in local.s3_paths[pipeline] : path.text if path.purpose == "checkpoint" && path.joined
        ]
        problem = "${pipeline}_cache_expire_after is set, and %s with checkpoint_per_execution"
        advice = join(" ", [
          "the folder of each execution is part of the cache's key, so no step would ever be reused.",
          "Set checkpoint_per_execution = false, or remove the cache.",
        ])
      }

      # --- Names and values ---

      sizes = {
        refused = [
          for limit in concat([
            { input = "environment_variables", entries = settings.environment_variables, maximum = 98 },
            { input = "hyperparameters", entries = settings.hyperparameters, maximum = 100 },
            { input = "metric_definitions", entries = settings.metric_definitions, maximum = 40 },
            { input = "additional_inputs", entries = settings.channels, maximum = 19 },
            { input = "container_entrypoint", entries = settings.command.entrypoint, maximum = 100 },
            { input = "container_arguments", entries = settings.command.arguments, maximum = 100 },
            ], [
            for input, items in local.additional_data :
            { input = trimprefix(input, "processing_"), entries = items, maximum = 9 } if pipeline == "processing"
          ]) : "${pipeline}_${limit.input} has ${length(limit.entries)} entries, more than ${limit.maximum}"
          if length(limit.entries) > limit.maximum
        ]
        advice = "remove some; these are SageMaker's limits, less what the module adds."
      }
      environment_variables = {
        refused = [
          for name, value in settings.environment_variables : jsonencode(name) if !try(
            can(regex("^[a-zA-Z_][a-zA-Z0-9_]*$", name)) && length(name) <= settings.environment_limit
            && length(replace(value, "/(?s)./", "x")) <= settings.environment_limit, false
          )
        ]
        problem = "${pipeline}_environment_variables has %s, which SageMaker refuses"
        advice = join(" ", [
          "a name consists of letters, digits and _, and does not start with a digit; names and values have at most",
          "${settings.environment_limit} characters; no value is null.",
        ])
      }
      reserved_variables = {
        refused = [for name in keys(settings.environment_variables) : name if contains(keys(local.execution_environment), name)]
        problem = "${pipeline}_environment_variables has %s, which the module sets itself"
        advice  = "choose another name."
      }
      isolated_mlflow = {
        refused = local.inputs.enable_network_isolation && local.mlflow_uris[pipeline] != null ? ["MLFLOW_TRACKING_URI"] : []
        problem = "${pipeline}_environment_variables has %s, but enable_network_isolation is true"
        advice  = "an isolated container cannot reach MLflow; remove one of the two."
      }
      hyperparameters = {
        refused = [
          for name, value in settings.hyperparameters : jsonencode(name) if !try(
            name != "" && length(replace(name, "/(?s)./", "x")) <= 256 && length(replace(value, "/(?s)./", "x")) <= 2500
            && !can(regex(local.line_break, "${name}${value}")), false
          )
        ]
        problem = "${pipeline}_hyperparameters has %s, which SageMaker refuses"
        advice  = "names have 1-256 characters and values at most 2500, without line breaks; no value is null."
      }
      metrics = {
        refused = [
          for name, regex in settings.metric_definitions : jsonencode(name) if !try(
            name != "" && length(replace(name, "/(?s)./", "x")) <= 255
            && regex != "" && length(replace(regex, "/(?s)./", "x")) <= 500
            && !can(regex(local.line_break, "${name}${regex}")), false
          )
        ]
        problem = "${pipeline}_metric_definitions has %s, which SageMaker refuses"
        advice  = "names have 1-255 characters and expressions 1-500, without line breaks."
      }
      channels = {
        refused = [for name in keys(settings.channels) : name if name == local.inputs.training_input_channel]
        problem = "${pipeline}_additional_inputs has a channel \"%s\", which is already the channel of input_data_s3_path"
        advice  = "rename it, or set training_input_channel."
      }
      channel_names = {
        refused = [for name in keys(settings.channels) : jsonencode(name) if !can(regex("^[A-Za-z0-9._-]{1,64}$", name))]
        problem = "${pipeline}_additional_inputs has the channels %s"
        advice  = "use 1-64 letters, digits, dots, hyphens and underscores."
      }
      channel_modes = {
        refused = [
          for name, channel in settings.channels : "${name} = ${jsonencode(channel.input_mode)}"
          if !contains(["File", "FastFile", "Pipe"], coalesce(channel.input_mode, "File"))
        ]
        problem = "${pipeline}_additional_inputs has the input_mode %s"
        advice  = "use File, FastFile or Pipe, or leave it out."
      }
      channel_distributions = {
        refused = [
          for name, channel in settings.channels : "${name} = ${jsonencode(channel.distribution)}"
          if !contains(["FullyReplicated", "ShardedByS3Key"], channel.distribution)
        ]
        problem = "${pipeline}_additional_inputs has the distribution %s"
        advice  = "use FullyReplicated or ShardedByS3Key."
      }
      channel_types = {
        refused = [
          for name, channel in settings.channels : name if try(
            length(replace(channel.content_type, "/(?s)./", "x")) > 256 || can(regex(local.line_break, channel.content_type)), false
          )
        ]
        problem = "${pipeline}_additional_inputs has a content_type with more than 256 characters, or a line break, for %s"
        advice  = "shorten it to one line."
      }
      data_names = {
        refused = flatten([
          for input, items in local.additional_data : [
            for name in keys(items) : "${input} has ${jsonencode(name)}" if !can(regex("^[A-Za-z0-9_-]{1,64}$", name))
          ] if pipeline == "processing"
        ])
        advice = "a name is also that of a folder, so use 1-64 letters, digits, hyphens and underscores."
      }
      # https://github.com/aws/sagemaker-python-sdk/issues/3484
      repeated_data_names = {
        refused = flatten([
          for input, items in local.additional_data : [
            for name in keys(items) : "${input} has ${jsonencode(name)}"
            if length([for other in local.processing_names : other if other == name]) > 1
          ] if pipeline == "processing"
        ])
        advice = join(" ", [
          "SageMaker accepts each name once among all inputs and outputs of a job, and the module's own are named input and",
          "output; rename it.",
        ])
      }
      data_choices = {
        refused = flatten([
          for attribute, choices in local.data_choices : [
            for input, items in local.additional_data : [
              for name, item in items : "${input}.${name}.${attribute} is ${jsonencode(item[attribute])}"
              if try(!contains(choices, item[attribute]), false)
            ] if pipeline == "processing"
          ]
        ])
        advice = "use ${join("; ", [for attribute, choices in local.data_choices : "${attribute} ${join(" or ", choices)}"])}."
      }
      # https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-input-and-output.html
      local_paths = {
        refused = flatten([
          for input, items in local.additional_data : [
            for name, item in items : "${input}.${name}.local_path is ${jsonencode(item.local_path)}" if item.local_path == null ? false : (
              !can(regex("^/opt/ml/processing(?:/[^/]+)+/?$", item.local_path)) || can(regex("/\\.{1,2}(?:/|$)", item.local_path))
              || can(regex(local.line_break, item.local_path)) || length(replace(item.local_path, "/(?s)./", "x")) > 256
            )
          ] if pipeline == "processing"
        ])
        advice = join(" ", [
          "give a folder below /opt/ml/processing/, such as /opt/ml/processing/model, on one line of at most 256 characters,",
          "without //, . and .. in it.",
        ])
      }
      # https://github.com/aws/sagemaker-python-sdk/issues/1950 and 4939
      repeated_local_paths = {
        refused = flatten([
          for input, items in local.additional_data : [
            for name, item in items : [
              for other, path in local.processing_local_paths :
              "${input}.${name}.local_path is ${jsonencode(item.local_path)}, the folder of ${other}"
              if other != "${input}.${name}" && trimsuffix(path, "/") == trimsuffix(item.local_path, "/")
            ] if item.local_path != null
          ] if pipeline == "processing"
        ])
        advice = "SageMaker accepts each folder once among all inputs and outputs of a job; give another one."
      }
      command_items = {
        refused = flatten([
          for kind, items in settings.command : [
            for index, item in items : "${pipeline}_container_${kind} has ${jsonencode(item)} at ${index}" if !try(
              length(item) >= settings.shortest_argument && length(replace(item, "/(?s)./", "x")) <= 256
              && !can(regex(local.line_break, item)), false
            )
          ]
        ])
        advice = "SageMaker accepts entries of ${settings.shortest_argument}-256 characters, without line breaks."
      }
      spot_wait = {
        refused = [
          for seconds in pipeline == "training" ? try(local.inputs.training_spot.max_wait_seconds, null)[*] : [] : seconds
          if seconds < local.longest_training_seconds
        ]
        problem = join(" ", [
          "${pipeline}_spot.max_wait_seconds is %s, less than the ${local.longest_training_seconds} seconds that a job may run",
          "(training_max_runtime_seconds, parameters of schedules and triggers)",
        ])
        advice = "it covers waiting and running together, so raise it."
      }

      # --- Retries ---

      retry_exceptions = {
        refused = flatten([
          for policy in settings.retry_policies : concat(
            [
              for exception in policy.exception_types : jsonencode(exception)
              if !try(contains(local.retried_exceptions, exception), false)
            ],
            length(policy.exception_types) == 0 ? ["[]"] : [],
          )
        ])
        problem = "${pipeline}_retry_policies has exception_types %s"
        advice  = "use one or more of ${join(", ", local.retried_exceptions)}."
      }
      retry_ends = {
        refused = [
          for policy in settings.retry_policies : join(", ", [
            "max_attempts = ${jsonencode(policy.max_attempts)}",
            "expire_after_minutes = ${jsonencode(policy.expire_after_minutes)}",
          ]) if(policy.max_attempts == null) == (policy.expire_after_minutes == null)
        ]
        problem = "${pipeline}_retry_policies has both or neither of max_attempts and expire_after_minutes (%s)"
        advice  = "set exactly one."
      }
      retry_limits = {
        refused = [
          for limit in flatten([
            for policy in settings.retry_policies : [
              { name = "interval_seconds", value = policy.interval_seconds, maximum = 43200, whole = true },
              { name = "backoff_rate", value = policy.backoff_rate, maximum = policy.backoff_rate, whole = false },
              { name = "max_attempts", value = policy.max_attempts, maximum = 20, whole = true },
              { name = "expire_after_minutes", value = policy.expire_after_minutes, maximum = 14400, whole = true },
            ]
            ]) : "${limit.name} = ${limit.value}" if !try(
            limit.value >= 0 && limit.value <= limit.maximum && (floor(limit.value) == limit.value || !limit.whole),
            limit.value == null
          )
        ]
        problem = "${pipeline}_retry_policies has %s"
        advice = join(" ", [
          "interval_seconds is a whole number from 0 to 43200, backoff_rate 0 or more, max_attempts 0-20 and",
          "expire_after_minutes 0-14400; 0 of the last two means never.",
        ])
      }

      # --- Starts ---

      schedule_expression = {
        refused = [
          for input, mistakes in local.expression_mistakes :
          "${input} is ${jsonencode(local.expressions[input].expression)}: ${join(", ", mistakes)}"
          if local.expressions[input].pipeline == pipeline && length(mistakes) > 0
        ]
        problem = "%s."
        advice  = ""
      }
      schedule_length = {
        refused = [
          for input, schedule in local.expressions : "${input} has ${length(schedule.expression)} characters"
          if schedule.pipeline == pipeline && try(length(schedule.expression) > 256, false)
        ]
        advice = "EventBridge accepts at most 256."
      }
      undeclared_parameters = {
        refused = [
          for override in local.overrides[pipeline] : "${override.start.input} has ${override.name}" if override.parameter == null
        ]
        problem = "%s, which the pipeline does not declare"
        advice  = length(settings.parameters) == 0 ? "remove it, or declare it." : "use ${join(", ", keys(settings.parameters))}."
      }
      scheduled_time = {
        refused = [
          for override in local.overrides[pipeline] : "${override.text} is ${jsonencode(override.value)}"
          if override.name == "ScheduledTime" && (!override.start.reads_event || try(override.value == "", true))
        ]
        advice = "each start sends its own time; remove this, or, in a trigger, give a value that is not empty."
      }
      event_paths = {
        refused = [
          for override in local.overrides[pipeline] : "${override.text} is ${jsonencode(override.value)}"
          if !override.literal && !can(regex("^\\$(?:\\.[A-Za-z0-9_-]+(?:\\[[0-9]+\\])?)+$", override.value))
        ]
        advice = "give a JSON path of the event, such as $.detail.input; a path is the whole value."
      }
      parameter_numbers = {
        refused = [
          for override in local.overrides[pipeline] : "${override.text} is ${jsonencode(override.value)}"
          if override.literal && contains(["number", "runtime"], try(override.parameter.purpose, "")) && !try(
            can(regex("^[1-9][0-9]*$", override.value))
            && tonumber(override.value) <= coalesce(override.parameter.maximum, tonumber(override.value)), false
          )
        ]
        advice = "use a whole number from 1 to the limit of its input (${join(", ", [
          for name, parameter in local.parameters[pipeline] : "${name} ${parameter.maximum}" if parameter.maximum != null
        ])})."
      }
      guarded_types = {
        refused = [
          for reference in local.references[pipeline] : reference.text
          if reference.purpose == "instance" && length(local.guarded_types) > 0 && try(!contains(local.guarded_types, reference.value), false)
        ]
        advice = join(" ", [
          "guardrails.instance_types only has ${join(", ", [for type in local.guarded_types : jsonencode(type)])}, so no such job",
          "could start; choose one of these, or add it.",
        ])
      }
      guarded_runtimes = {
        refused = [
          for reference in local.references[pipeline] : reference.text
          if reference.purpose == "runtime" && try(tonumber(reference.value) > local.longest_guarded_seconds, false)
        ]
        advice = join(" ", [
          "guardrails.max_runtime_seconds is ${jsonencode(local.longest_guarded_seconds)}, so no such job could start;",
          "lower this, or raise that.",
        ])
      }
      parameter_instance_types = {
        refused = [
          for override in local.overrides[pipeline] : "${override.text} is ${jsonencode(override.value)}"
          if override.literal && try(override.parameter.purpose, "") == "instance"
          && !can(regex("^ml\\.[a-z0-9-]{1,30}\\.[a-z0-9-]{1,30}$", override.value))
        ]
        advice = "give a SageMaker instance type, such as ml.m5.xlarge."
      }

      trust_policy = {
        refused = [
          for role in setintersection(local.created_roles.schedule, [pipeline]) : length(local.trust_policies["${role}_schedule"])
          if length(local.trust_policies["${role}_schedule"]) > 2048
        ]
        problem = "The trust policy of the role ${pipeline}_schedule has %s characters, because it names the rule of each trigger"
        advice  = "IAM accepts 2048; join triggers with an event_pattern that has several values, or give them shorter names."
      }

      pipeline_policy = {
        refused = [
          for role in setintersection(local.created_roles.pipeline, local.own_pipelines, [pipeline]) :
          length(local.policies["${role}_pipeline"])
          if length(local.policies["${role}_pipeline"]) > 10240
        ]
        problem = "The policy of the role ${pipeline}_pipeline has %s characters, because it names each of guardrails.instance_types"
        advice  = "IAM accepts 10240; remove some."
      }

      # --- Policies that the user adds to the job role ---

      policy_names = {
        refused = [
          for name in keys(settings.additional_policies) : jsonencode(name)
          if !can(regex(local.policy_name_pattern, name)) || name == try(local.roles[local.extended_roles[pipeline]].kind, "job")
        ]
        problem = "${local.policy_inputs[pipeline]} has the names %s"
        advice = join("", [
          "use 1-128 letters, digits and +=,.@_-, but not \"${try(local.roles[local.extended_roles[pipeline]].kind, "job")}\", the name of",
          " the module's own policy.",
        ])
      }
      policies = {
        # Without statements the provider would plan an empty document, which AWS refuses.
        refused = [
          for name, policy in settings.additional_policies : name if !try(
            length(flatten([jsondecode(policy).Statement])) > 0 && alltrue([
              for statement in flatten([jsondecode(policy).Statement]) :
              contains(["Allow", "Deny"], statement.Effect) && can(statement.Action) != can(statement.NotAction)
              && can(statement.Resource) != can(statement.NotResource) && !can(statement.Principal)
            ]), false
          )
        ]
        problem = "${local.policy_inputs[pipeline]} has %s, whose statements IAM refuses"
        advice  = "each statement is an object with an Effect, an Action and a Resource, and without a Principal."
      }
      policy_characters = {
        refused = [
          for name, policy in settings.additional_policies : name if !can(regex("^[\\t\\n\\r -\\x{ff}]*$", policy))
        ]
        problem = "${local.policy_inputs[pipeline]} has %s with characters outside Latin-1, which IAM refuses"
        advice  = "replace them, for example with a *."
      }
      inline_policies = {
        refused = [for size in [lookup(local.inline_policy_characters, pipeline, 0)] : size if size > 10240]
        problem = "The inline policies of the ${replace(try(local.extended_roles[pipeline], ""), "_", " ")} role have %s characters together, and IAM accepts 10240"
        advice = contains(local.own_pipelines, pipeline) ? join(" ", [
          "shorten ${join(", ", distinct(local.s3_paths[pipeline][*].input))}, put these paths below a common one,",
          "or move ${pipeline}_additional_policies to ${pipeline}_managed_policy_arns.",
          ]) : join("", [
          "give its jobs common name prefixes, ${length(local.guarded_types) > 0 ? "shorten guardrails.instance_types, " : ""}",
          "divide additional_pipelines.${pipeline}, or bring the role (role_arns.${pipeline}_pipeline).",
        ])
      }
    }
  }

  # --- Rules of the whole module: preconditions of the output module_configuration (outputs.tf) ---

  module_rules = merge(
    local.input_rules, local.pipeline_key_rules, local.start_rules, local.alarm_rules, local.bucket_rules, local.location_rules,
  )

  input_rules = {
    subnet_ids = {
      refused = [for id in local.inputs.subnet_ids : jsonencode(id) if !can(regex(local.subnet_pattern, id))]
      problem = "subnet_ids has %s"
      advice  = "each entry is the ID of a subnet, such as subnet-12345678."
    }
    security_group_ids = {
      refused = [for id in local.inputs.security_group_ids : jsonencode(id) if !can(regex(local.security_group_pattern, id))]
      problem = "security_group_ids has %s"
      advice  = "each entry is the ID of a security group, such as sg-12345678."
    }
    guardrail_types = {
      refused = concat(
        [for guardrails in local.inputs.guardrails[*] : "[]" if guardrails.instance_types != null && length(local.guarded_types) == 0],
        [
          for type in distinct(local.guarded_types) : jsonencode(type)
          if !can(regex("^ml\\.[a-z0-9-]{1,30}\\.[a-z0-9-]{1,30}$", type))
          || length([for other in local.guarded_types : other if other == type]) > 1
        ],
      )
      problem = "guardrails.instance_types has %s"
      advice  = "give SageMaker instance types, such as ml.m5.xlarge, each once; or leave it out for any."
    }
    role_keys = {
      refused = [for role in keys(local.inputs.role_arns) : jsonencode(role) if !contains(keys(local.roles), role)]
      problem = "role_arns has the keys %s"
      advice  = "use ${join(", ", keys(local.roles))}."
    }
    role_arns = {
      refused = [
        for role, arn in local.inputs.role_arns : "role_arns.${role} is ${jsonencode(arn)}"
        if !can(regex(local.role_arn_pattern, arn))
      ]
      advice = "give the ARN of a role, such as arn:${local.partition}:iam::123456789012:role/ml-training."
    }
    name_length = {
      refused = [for size in [length("${local.inputs.project_name}${local.inputs.environment}")] : size if size > 40]
      problem = "project_name \"${local.inputs.project_name}\" and environment \"${local.inputs.environment}\" have %s characters together"
      advice  = "use at most 40, because EventBridge accepts names of 64."
    }
    tags = {
      refused = [
        for name, value in local.tags : jsonencode(name) if !try(
          can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+$", name)) && length(replace(name, "/(?s)./", "x")) <= 128
          && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$", value)) && length(replace(value, "/(?s)./", "x")) <= 256
          && !startswith(lower(name), "aws:"), false
        )
      ]
      problem = "tags, or default_tags of the provider, has %s, which AWS refuses"
      advice  = "keys have 1-128 and values 0-256 letters, digits, spaces and _.:/=+-@, and no key starts with aws:."
    }
    empty_tags = {
      refused = length(local.schedules) == 0 ? [] : [for name, value in local.tags : jsonencode(name) if value == ""]
      problem = "tags, or default_tags of the provider, has no value for %s, and schedules is set"
      advice  = "EventBridge Scheduler refuses empty values, which the others accept; give one, or remove the tag."
    }
    tags_size = {
      # A job has at most 50 tags, and SageMaker Pipelines adds a few of its own.
      refused = [for size in [length(local.tags)] : size if size > 45]
      problem = "tags has %s entries, including default_tags of the provider"
      advice  = "use at most 45, because SageMaker adds its own up to the limit of 50."
    }
    tag_cases = {
      refused = [
        for name in keys(local.tags) : jsonencode(name)
        if length([for other in keys(local.tags) : other if lower(other) == lower(name)]) > 1
      ]
      problem = "tags, including default_tags of the provider, has %s, which differ only in case"
      advice  = "IAM treats them as one; keep one spelling."
    }
    network = {
      refused = length(distinct([
        local.inputs.vpc_id != "", length(local.inputs.subnet_ids) > 0, length(local.inputs.security_group_ids) > 0,
      ])) == 1 ? [] : ["\"${local.inputs.vpc_id}\""]
      problem = join(" ", [
        "vpc_id is %s, with ${length(local.inputs.subnet_ids)} subnet_ids",
        "and ${length(local.inputs.security_group_ids)} security_group_ids",
      ])
      advice = "give all three, or none of them (\"\", [] and [])."
    }
    schedules = {
      refused = [
        for pipeline in local.own_pipelines : "enable_${pipeline}_schedule is true, but enable_${pipeline}_pipeline is false"
        if local.inputs["enable_${pipeline}_schedule"] && !local.enabled[pipeline]
      ]
      advice = "enable the pipeline, or disable its schedule."
    }
    notifications = {
      refused = local.inputs.notifications != null && length(local.pipelines) == 0 ? ["notifications is set"] : []
      problem = "%s, but neither enable_training_pipeline nor enable_processing_pipeline is true, and additional_pipelines is empty"
      advice  = "enable a pipeline, or remove notifications."
    }
    brought_roles = {
      refused = concat(
        [
          for pipeline, settings in { training = local.training_pipeline, processing = local.processing_pipeline } : join(" ", [
            "role_arns brings ${pipeline}_job, so ${pipeline}_additional_policies and ${pipeline}_managed_policy_arns",
            "would be attached to nothing",
          ])
          if length(merge(settings.additional_policies, settings.managed_policy_arns)) > 0
          && contains(keys(local.inputs.role_arns), "${pipeline}_job")
        ],
        [
          for pipeline, settings in local.additional_pipelines :
          "role_arns brings ${pipeline}_pipeline, so ${local.policy_inputs[pipeline]} would be attached to nothing"
          if length(settings.additional_policies) > 0 && contains(keys(local.inputs.role_arns), "${pipeline}_pipeline")
        ],
      )
      advice = "attach them to that role where you create it, and remove them here."
    }
  }

  start_rules = {
    start_names = {
      refused = [
        for input in concat(
          [for name in keys(local.inputs.schedules) : { kind = "schedules", name = name }],
          [for name in keys(local.inputs.triggers) : { kind = "triggers", name = name }],
        ) : "${input.kind} has the key ${jsonencode(input.name)}" if !can(regex(local.start_name_pattern, input.name))
      ]
      advice = "it becomes part of a name in AWS, so use 1-64 letters, digits, dots, hyphens and underscores."
    }
    started_pipelines = {
      refused = [
        for input, start in merge(
          { for name, schedule in local.inputs.schedules : "schedules.${name}" => schedule },
          { for name, trigger in local.inputs.triggers : "triggers.${name}" => trigger },
        ) : "${input}.pipeline is ${jsonencode(start.pipeline)}" if !try(local.enabled[start.pipeline], false)
      ]
      advice = join(" ", [
        "use training or processing, and enable that pipeline (enable_training_pipeline, enable_processing_pipeline),",
        "or a key of additional_pipelines.",
      ])
    }
    timezones = {
      refused = [
        for name, schedule in local.inputs.schedules : "schedules.${name}.timezone is ${jsonencode(schedule.timezone)}"
        if !can(local.time_zones[schedule.timezone])
      ]
      advice = "use a name of the IANA time zone database, such as Europe/Berlin, America/New_York or UTC."
    }
    flexible_windows = {
      refused = [
        for name, schedule in local.inputs.schedules :
        "schedules.${name}.flexible_window_minutes is ${schedule.flexible_window_minutes}"
        if schedule.flexible_window_minutes != null && !can(local.flexible_windows[name])
      ]
      advice = "use a whole number from 1 to 1440, or leave it out to start exactly on time."
    }
    schedule_dates = {
      refused = flatten([
        for name, schedule in local.inputs.schedules : [
          for attribute in ["start_date", "end_date"] : "schedules.${name}.${attribute} is ${jsonencode(schedule[attribute])}"
          if schedule[attribute] != null && !can(timeadd(regex(local.utc_pattern, schedule[attribute]), "0s"))
        ]
      ])
      advice = "give a date and time in UTC, such as 2027-01-31T00:00:00Z, from 1970 to 2199; leave end_date out for no end."
    }
    schedule_ends = {
      refused = [
        for name, schedule in local.schedules :
        "schedules.${name}.end_date is ${jsonencode(schedule.end_date)}, not after its start_date ${jsonencode(schedule.start_date)}"
        if try(timecmp(schedule.end_date, schedule.start_date) <= 0, false)
      ]
      advice = "the schedule would never start; give a later end_date."
    }
    trigger_kinds = {
      refused = [
        for name, kinds in local.trigger_kinds : "triggers.${name} has ${length(kinds) == 0 ? "none" : join(" and ", kinds)}"
        if length(kinds) != 1
      ]
      advice = "give each trigger exactly one of after, s3_object and event_pattern."
    }
    preceding_pipelines = {
      refused = [
        for name, trigger in local.triggers : "triggers.${name}.after is ${jsonencode(trigger.after)}"
        if trigger.after == null ? false : !try(local.enabled[local.preceding_pipelines[name]], false) && (
          local.preceding_pipelines[name] != null || !can(regex(local.pipeline_arn_pattern, trigger.after))
        )
      ]
      advice = join(" ", [
        "use training or processing, enabled like the other one, a key of additional_pipelines, or the ARN of another pipeline, such as",
        "${local.sagemaker_arn}:pipeline/prepare-data.",
      ])
    }
    trigger_loops = {
      refused = [for name in local.looping_triggers : "triggers.${name}"]
      problem = "%s would go round in circles: each execution starts the next one for ever"
      advice  = "remove one of them; or, for s3_object, give a prefix or suffix that the pipelines do not write."
    }
    trigger_buckets = {
      refused = [
        for name, trigger in local.triggers : "triggers.${name}.s3_object.bucket is ${jsonencode(trigger.s3_object.bucket)}"
        if trigger.s3_object != null && !can(regex("^[a-z0-9.-]{3,63}$", trigger.s3_object.bucket))
      ]
      advice = "give the name of a bucket, such as my-ml-bucket; neither its ARN nor a path."
    }
    trigger_keys = {
      refused = flatten([
        for name, key in local.object_keys : [
          for attribute, text in key : join(" ", [
            "triggers.${name}.s3_object.${attribute}",
            length(text) > 1024 ? "has ${length(text)} characters" : "is ${jsonencode(text)}",
          ]) if length(text) > 1024 || startswith(text, "s3://")
        ]
      ])
      advice = "give the first or last characters of the keys, such as incoming/ or .csv, without the bucket; at most 1024."
    }
    event_patterns = {
      refused = [
        for name in local.malformed_patterns : "triggers.${name}.event_pattern is ${jsonencode(local.triggers[name].event_pattern)}"
      ]
      advice = join(" ", [
        "give a JSON object whose members are such objects, or lists of values and of EventBridge's operators, such as",
        "{\"source\": [\"aws.s3\"], \"detail\": {\"key\": [{\"prefix\": \"in/\"}]}}.",
      ])
    }
    pattern_lengths = {
      refused = [
        for input, pattern in merge(
          { for name, pattern in local.event_patterns : "triggers.${name}" => pattern },
          { for name in keys(local.notifications) : "notifications (of ${length(local.pipelines)} pipelines)" => local.notification_pattern },
        ) : "${input} has an event pattern of ${length(pattern)} characters" if length(pattern) > 4096
      ]
      advice = "EventBridge accepts at most 4096; shorten it, or divide the pipelines among several calls of the module."
    }
  }

  alarm_rules = {
    alarm_actions = {
      refused = [
        for arn in try(local.inputs.alarms.actions, []) : jsonencode(arn)
        if !can(regex(local.alarm_action_pattern, arn)) || can(regex(":sns:.*\\.fifo$", arn))
      ]
      problem = "alarms.actions has %s"
      advice = join(" ", [
        "give ARNs of what an alarm can tell (standard SNS topics, Lambda functions, ...), such as",
        "arn:${local.partition}:sns:${local.region}:123456789012:ml-alerts.",
      ])
    }
    alarm_action_number = {
      refused = [for number in [try(length(local.inputs.alarms.actions), 1)] : number if number == 0 || number > 5]
      problem = "alarms.actions has %s entries"
      advice  = "give 1-5; an alarm without one tells nobody, and CloudWatch takes no more."
    }
    alarmed_pipelines = {
      refused = flatten([
        for attribute in ["no_success_within_hours", "longer_than_minutes"] : [
          for pipeline in keys(try(local.inputs.alarms[attribute], {})) : "alarms.${attribute} has ${jsonencode(pipeline)}"
          if !try(local.enabled[pipeline], false)
        ]
      ])
      advice = "use training or processing, and enable that pipeline, or a key of additional_pipelines."
    }
    alarm_hours = {
      refused = [
        for pipeline, hours in try(local.inputs.alarms.no_success_within_hours, {}) :
        "alarms.no_success_within_hours.${pipeline} is ${jsonencode(hours)}" if !can(local.success_hours[pipeline])
      ]
      advice = "use a whole number from 1 to 168, because CloudWatch looks back seven days at most."
    }
    alarm_minutes = {
      refused = [
        for pipeline, minutes in try(local.inputs.alarms.longer_than_minutes, {}) :
        "alarms.longer_than_minutes.${pipeline} is ${jsonencode(minutes)}" if !can(local.longest_minutes[pipeline])
      ]
      advice = "use a whole number, 1 or more."
    }
    alarms = {
      refused = local.inputs.alarms != null && length(local.pipelines) == 0 ? ["alarms is set"] : []
      problem = "%s, but neither enable_training_pipeline nor enable_processing_pipeline is true, and additional_pipelines is empty"
      advice  = "enable a pipeline, or remove alarms."
    }
  }

  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  bucket_rules = {
    additional_s3_bucket_arns = {
      refused = [
        for arn in local.inputs.additional_s3_bucket_arns : jsonencode(arn) if !can(regex(local.bucket_arn_pattern, arn))
      ]
      problem = "additional_s3_bucket_arns has %s"
      advice  = "give ARNs of buckets, such as arn:${local.partition}:s3:::my-ml-bucket, without a path."
    }
    bucket_names = {
      refused = [
        for input, name in local.named_buckets : "${input} is ${jsonencode(name)}" if can(regex("(?:^|:::)[a-z0-9.-]{3,63}$", name)) && (
          !can(regex("(?:^|:::)[a-z0-9][a-z0-9.-]*[a-z0-9]$", name))
          || can(regex("(?:^|:::)(?:xn--|sthree-|amzn-s3-demo-|[0-9]+(?:\\.[0-9]+){3}$)|\\.\\.", name))
        )
      ]
      advice = "no bucket can have this name; correct it."
    }
    other_buckets = {
      refused = [
        for input, name in local.named_buckets : "${input} is ${jsonencode(name)}"
        if can(regex("(?:-s3alias|--ol-s3|\\.mrap|--x-s3|--table-s3)$", name))
      ]
      advice = join(" ", [
        "this is a directory bucket, a table bucket or the alias of an access point, which need other permissions and send",
        "other events; give a general purpose bucket.",
      ])
    }
  }

  # ARNs of another region, account or partition than AWS accepts
  location_rules = {
    for input, advice in {
      s3_bucket_arn                  = "give a bucket of that partition."
      additional_s3_bucket_arns      = "give buckets of that partition."
      kms_key_arn                    = "give a key of that region; it may belong to another account."
      volume_kms_key_arn             = "give a key of that region; it may belong to another account."
      schedule_dead_letter_queue_arn = "give a queue of that region; it may belong to another account."
      notifications = join(" ", [
        "give a topic of that account and region, because EventBridge would need a role for another one.",
        "The topic may have subscribers in other accounts.",
      ])
      triggers                       = "the event bus gets the events of this account and region only; forward those of others, and use event_pattern."
      alarms                         = "CloudWatch only acts in the region of its alarms."
      role_arns                      = "SageMaker and EventBridge only accept roles of that account."
      role_permissions_boundary_arn  = "IAM only accepts policies of that account, and AWS's own."
      training_managed_policy_arns   = "IAM only accepts policies of that account, and AWS's own."
      processing_managed_policy_arns = "IAM only accepts policies of that account, and AWS's own."
    } :
    "${input}_location" => {
      refused = local.misplaced_arns[input]
      advice = join(" ", [
        "the provider works in account ${local.account_id}, region ${local.region}, partition ${local.partition};", advice,
      ])
    }
  }

  # --- The sentences, "" where nothing is refused. They lose the mark of sensitive values (inputs.tf), and what jsonencode()
  # escapes. ---

  mistakes = {
    for subject, rules in merge(local.pipeline_rules, local._definition_subjects, { _module = local.module_rules }) : subject => {
      for name, rule in rules : name => nonsensitive(sensitive(
        length(rule.refused) == 0 ? "" : replace(
          join(": ", compact([try(rule.problem, "%s"), rule.advice])), "%s",
          replace(replace(replace(join(", ", rule.refused), "\\u003c", "<"), "\\u003e", ">"), "\\u0026", "&")
        )
      ))
    }
  }

  # of each additional definition together
  _definition_subjects = { for key, rules in local.definition_rules : "definition of ${key}" => rules }
  definition_mistakes = {
    for key in keys(local.definition_rules) : key => join("\n", compact(values(local.mistakes["definition of ${key}"])))
  }
}
