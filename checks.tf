# Warnings. They block nothing. Terraform also warns about a condition that is unknown at plan, so the conditions use ?:, which
# does not evaluate its other side, instead of ||.

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
      local.names_in_definitions,
      ) : name if !contains(local.inputs.non_secret_names, name) && can(regex(
        local.secret_pattern,
        upper(replace(replace(name, "/([a-z0-9])([A-Z])/", "$${1}_$${2}"), "/[^A-Za-z0-9]/", "_")),
    ))
  ]))))

  names_in_definitions = flatten([
    for step in flatten(values(local.steps)) : [
      for member in ["Environment", "HyperParameters"] : try(keys(step.arguments[member]), [])
    ]
  ])

  # --- Inputs without effect ---

  this_year = tonumber(formatdate("YYYY", plantimestamp()))
  unused_inputs = concat(
    [
      for pipeline in ["training", "processing"] : "${pipeline}_schedule_parameters without enable_${pipeline}_schedule"
      if length(local.inputs["${pipeline}_schedule_parameters"]) > 0 && !contains(keys(local.scheduled_rules), pipeline)
    ],
    length(local.starts) > 0 ? [] : [
      for queue in local.inputs.schedule_dead_letter_queue_arn[*] : "schedule_dead_letter_queue_arn without a schedule or trigger"
    ],
    flatten([
      for name, schedule in local.schedules : [
        for attribute in ["start_date", "end_date"] : "schedules.${name}.${attribute} with at()"
        if schedule[attribute] != null && can(regex(local.at_pattern, schedule.expression))
      ]
    ]),
    [
      for input, values in local.cron_values : "${input} with years in the past" if try(
        !can(regex("[*/]", values[5])) && alltrue([for year in regexall("[0-9]+", values[5]) : tonumber(year) < local.this_year]),
        false
      )
    ],
    local.inputs.alarms != null && length(local.pipelines) > 0 && length(local.alarms) == 0 ? ["alarms without any"] : [],
    local.inputs.guardrails != null && length(local.guardrails) == 0 ? ["guardrails without any"] : [],
    [for name in setsubtract(keys(local.inputs.role_arns), keys(local.callers)) : "role_arns.${name} without such a role"],
  )

  # --- Settings that work, but hardly as intended ---

  scheduled_caches = concat(
    [
      for pipeline in local.started_pipelines : "${pipeline}_cache_expire_after"
      if local.pipelines[pipeline].cache_expire_after != null
    ],
    flatten([
      for pipeline in local.started_pipelines : [
        for step in lookup(local.steps, pipeline, []) : "CacheConfig in ${step.label}"
        if try(step.members.CacheConfig.Enabled, false) == true
      ]
    ]),
  )

  # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
  local_storage_families = "gr?[5-9][a-z]*|p[5-9][a-z]*(?:-[a-z0-9]+)?|trn[0-9]+[a-z]*|i[0-9]+[a-z]*|[a-z]+[0-9]+[a-z]*d[a-z]*"
  instance_types = flatten([
    for pipeline in keys(local.built_pipelines) : [
      for name, parameter in local.parameters[pipeline] : concat(
        [parameter.default],
        [for override in local.overrides[pipeline] : override.value if override.name == name ? override.literal : false],
      ) if parameter.purpose == "instance"
    ]
  ])
  local_storage_types = distinct([
    for type in local.instance_types : type if can(regex("^ml\\.(?:${local.local_storage_families})\\.", type))
  ])

  mlflow_mistakes = [
    for pipeline, uri in local.mlflow_uris : "${pipeline}_environment_variables"
    if nonsensitive(sensitive(try(startswith(uri, "arn:"), false))) && local.mlflow_arns[pipeline] == ""
  ]

  # Only of paths that parse; a rule refuses the others.
  outputs_below_inputs = flatten([
    for paths in [for pipeline in keys(local.built_pipelines) : local.s3_paths[pipeline]] : [
      for output in paths : [
        for input in paths : "${output.input} below ${input.input}"
        if input.purpose == "read" && input.bucket == output.bucket && startswith("${output.folder}/", input.prefix)
      ] if output.purpose != "read" && output.bucket != ""
    ]
  ])

  nested_local_paths = flatten([
    for output in keys(local.processing_output_s3_uris) : [
      for input, path in local.processing_local_paths : "${input} below ${output}"
      if startswith(trimsuffix(path, "/"), "${trimsuffix(local.processing_local_paths[output], "/")}/")
    ] if local.enabled.processing
  ])

  processing_counts = merge(
    { "processing_instance_count" = local.inputs.processing_instance_count },
    {
      for override in lookup(local.overrides, "processing", []) : override.text => override.value
      if override.name == "ProcessingInstanceCount"
    },
  )
  replicated_counts = [
    for input, count in local.processing_counts : "${input} is ${count}"
    if local.enabled.processing && local.inputs.processing_input_distribution == "FullyReplicated"
    && try(tonumber(count) > 1, false)
  ]

  # --- Additional pipelines ---

  shared_names_of_steps = distinct(flatten([
    for names in values(local.named) : [for name in names : name.label if name.shared]
  ]))

  unguarded_steps = local.inputs.guardrails == null ? [] : [
    for step in flatten(values(local.steps)) : step.label if contains(["AutoML", "EMR", "EMRServerless"], step.type)
  ]

  # https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
  nested_conditions = flatten([
    for key, steps in local.steps : [
      for step in slice(steps, length(local._steps_0[key]), length(steps)) : step.label if step.type == "Condition"
    ]
  ])

  # --- Schedules, triggers, alarms ---

  past_dates = flatten([
    for name, schedule in local.schedules : [
      for attribute, time in {
        start_date = schedule.start_date
        end_date   = schedule.end_date
        # The westernmost time zone is 12 hours behind UTC.
        expression = try(timeadd("${regex(local.at_pattern, schedule.expression)[0]}Z", "12h"), null)
      } : "schedules.${name}.${attribute} is ${local.inputs.schedules[name][attribute]}" if try(timecmp(time, plantimestamp()) < 0, false)
    ]
  ])

  # Keys may have these characters, but hardly do.
  literal_keys = flatten([
    for name, key in local.object_keys : [
      for attribute, text in key : "triggers.${name}.s3_object.${attribute} is ${text}"
      if can(regex("[*?]", text)) || attribute == "prefix" && startswith(text, "/")
    ]
  ])

  # A rule refuses the certain ones.
  watched_own_outputs = flatten([
    for name, outputs in local.watched_outputs : [
      for output in outputs : "triggers.${name} watches ${output.input}" if output.pipeline == local.triggers[name].pipeline && !output.certain
    ]
  ])

  idle_alarms = [
    for pipeline in keys(try(local.inputs.alarms.no_success_within_hours, {})) : "alarms.no_success_within_hours.${pipeline}"
    if try(local.enabled[pipeline], false) && !contains([for start in local.starts : start.pipeline if start.enabled], pipeline)
  ]
}

check "no_secrets_in_environment" {
  assert {
    condition = length(local.secret_names) == 0
    error_message = join(" ", [
      "${join(", ", local.secret_names)} in training_environment_variables, processing_environment_variables,",
      "training_hyperparameters or additional_pipelines looks like a secret: whoever may describe the pipeline or its jobs can read",
      "the value. Keep it in Secrets Manager, pass its name, and grant the job role access to it (training_additional_policies,",
      "processing_additional_policies). If it is not a secret, add the name to non_secret_names.",
    ])
  }
}

check "no_unread_inputs" {
  assert {
    condition     = length(local.unused_inputs) == 0
    error_message = "${join(", ", local.unused_inputs)}: this has no effect; remove it, or enable what uses it."
  }
}

check "no_cache_with_schedule" {
  assert {
    condition = length(local.scheduled_caches) == 0
    error_message = join(" ", [
      "${join(", ", local.scheduled_caches)} is set for a pipeline with a schedule or trigger: new data under the same S3 path does",
      "not change the cache's key, so an execution may succeed without running anything.",
    ])
  }
}

check "volume_key_fits_instance" {
  assert {
    condition = length(local.local_storage_types) == 0 ? true : local.inputs.volume_kms_key_arn == null
    error_message = join(" ", [
      "volume_kms_key_arn is set, but ${join(", ", local.local_storage_types)} has local storage, which its own hardware",
      "encrypts: SageMaker refuses such a job. Remove volume_kms_key_arn, or choose another instance type.",
    ])
  }
}

check "mlflow_tracking_uri_is_known" {
  assert {
    condition = length(local.mlflow_mistakes) == 0
    error_message = join(" ", [
      "MLFLOW_TRACKING_URI in ${join(", ", local.mlflow_mistakes)} is an ARN, but not of an MLflow tracking server or app, so the",
      "job role gets no permission for it: give arn:${local.partition}:sagemaker:<region>:<account>:mlflow-tracking-server/<name>,",
      "arn:${local.partition}:sagemaker:<region>:<account>:mlflow-app/<id>, or a URL.",
    ])
  }
}

check "no_output_below_input" {
  assert {
    condition     = length(local.outputs_below_inputs) == 0
    error_message = "${join(", ", local.outputs_below_inputs)}: each execution reads what earlier ones wrote. Use another output path."
  }
}

check "outputs_are_uploaded_once" {
  assert {
    condition = length(local.nested_local_paths) == 0
    error_message = join(" ", [
      "The local path of ${join(", ", local.nested_local_paths)}: SageMaker uploads an output with all that is below its folder.",
      "Give the inner one a local_path elsewhere.",
    ])
  }
}

check "instances_share_input" {
  assert {
    condition = length(local.replicated_counts) == 0
    error_message = join(" ", [
      "${join(", ", local.replicated_counts)}, and processing_input_distribution is \"FullyReplicated\": each instance gets all of",
      "the input and does all of the work. Set it to \"ShardedByS3Key\", unless your code divides the work itself.",
    ])
  }
}

check "jobs_have_names_of_their_own" {
  assert {
    condition = length(local.shared_names_of_steps) == 0
    error_message = join(" ", [
      "${join("; ", local.shared_names_of_steps)}: without a name prefix of its own the pipeline role may stop and describe whatever any",
      "pipeline of the account creates (pipelines-*). Give each job a base name, and the SDK's Pipeline",
      "PipelineDefinitionConfig(use_custom_job_prefix=True).",
    ])
  }
}

check "guardrails_cover_all_steps" {
  assert {
    condition = length(local.unguarded_steps) == 0
    error_message = join(" ", [
      "${join("; ", local.unguarded_steps)}: guardrails do not limit this, because IAM has no conditions on the instances and run times of",
      "AutoML and EMR. Keep to limits in the definition itself.",
    ])
  }
}

check "no_condition_in_a_condition" {
  assert {
    condition = length(local.nested_conditions) == 0
    error_message = join(" ", [
      "${join("; ", local.nested_conditions)}: AWS's guide says that SageMaker does not support a condition in a branch of another.",
      "Join them with Or and Not, or try the pipeline before you rely on it.",
    ])
  }
}

check "no_schedule_in_a_clock_change" {
  assert {
    condition = length(local.skipped_schedules) == 0
    error_message = join(" ", [
      "${join(", ", local.skipped_schedules)}: when the clocks change, this hour does not exist or exists twice, and EventBridge",
      "starts nothing, or once. Choose another hour, or UTC.",
    ])
  }
}

check "schedules_are_not_over" {
  assert {
    condition = length(local.past_dates) == 0
    error_message = join(" ", [
      "${join(", ", local.past_dates)}: this is in the past, and EventBridge refuses to create or change such a schedule.",
      "Remove a start_date that has passed, and a schedule that has ended.",
    ])
  }
}

check "no_trigger_on_own_output" {
  assert {
    condition = length(local.watched_own_outputs) == 0
    error_message = join(" ", [
      "${join(", ", local.watched_own_outputs)}: an object of that kind starts the pipeline that may write it.",
      "Watch a prefix that it does not write to.",
    ])
  }
}

check "no_wildcards_in_keys" {
  assert {
    condition = length(local.literal_keys) == 0
    error_message = join(" ", [
      "${join(", ", local.literal_keys)}: keys begin without a slash, and * and ? stand for themselves.",
      "Give the first or last characters of the keys, or a wildcard in an event_pattern.",
    ])
  }
}

check "success_is_possible" {
  assert {
    condition = length(local.idle_alarms) == 0
    error_message = join(" ", [
      "${join(", ", local.idle_alarms)} is set, but nothing starts this pipeline: without starts by hand the alarm will always be on.",
      "Add a schedule or a trigger, or remove it.",
    ])
  }
}
