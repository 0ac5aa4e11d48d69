# Events that start the pipelines. The targets of their rules stand in schedules.tf.

locals {
  # By name. Rules refuse the others. An ARN or a pattern may come from the same apply, so nothing but its own rule depends on it.
  triggers = {
    for name, trigger in local.inputs.triggers : name => merge(trigger, {
      rule_name = local.names["triggers.${name}"]
      rule_arn  = "${local.events_arn}:rule/${local.names["triggers.${name}"]}"
    }) if try(local.enabled[trigger.pipeline], false) && can(regex(local.start_name_pattern, name))
  }
  trigger_kinds = {
    for name, trigger in local.triggers : name => [
      for kind in ["after", "s3_object", "event_pattern"] : kind if trigger[kind] != null
    ]
  }

  # --- after: pipelines of this module are known by their key, others by their ARN ---

  preceding_pipelines = {
    for name, trigger in local.triggers : name => one([
      for pipeline, arn in local.pipeline_arns : pipeline
      if try(contains([pipeline, arn], trigger.after) || lower(trigger.after) == arn, false)
    ])
  }
  preceding_arns = {
    for name, pipeline in local.preceding_pipelines : name => try(local.pipeline_arns[pipeline], local.triggers[name].after)
  }

  # --- s3_object: one filter, because several in a list are alternatives ---

  object_keys = {
    for name, trigger in local.triggers : name => {
      prefix = try(trigger.s3_object.prefix, "")
      suffix = try(trigger.s3_object.suffix, "")
    }
  }
  object_key_filters = {
    for name, key in local.object_keys : name => { for filter, value in {
      prefix   = key.suffix == "" ? key.prefix : ""
      suffix   = key.prefix == "" ? key.suffix : ""
      wildcard = contains(values(key), "") ? "" : join("*", [for part in values(key) : replace(part, "/([*\\\\])/", "\\$1")])
    } : filter => value if value != "" }
  }

  # --- Event patterns, normalized: neither white space nor the order of members is a change ---

  event_patterns = {
    for name, trigger in local.triggers : name => (
      trigger.s3_object != null ? jsonencode({
        source        = ["aws.s3"]
        "detail-type" = ["Object Created"]
        detail = merge(
          { bucket = { name = [try(trigger.s3_object.bucket, null)] } },
          { for member in ["object"] : member => { key = [local.object_key_filters[name]] }
          if length(local.object_key_filters[name]) > 0 },
        )
      }) :
      trigger.after != null ? jsonencode({
        source        = ["aws.sagemaker"]
        "detail-type" = ["SageMaker Model Building Pipeline Execution Status Change"]
        detail = {
          # SageMaker writes names of pipelines in lower case in ARNs
          pipelineArn                    = distinct([local.preceding_arns[name], try(lower(local.preceding_arns[name]), "")])
          currentPipelineExecutionStatus = ["Succeeded"]
        }
      }) :
      try(jsonencode(jsondecode(trigger.event_pattern)), "{}")
    )
  }

  # --- Loops: which pipelines start a trigger for certain, directly or through what they write ---

  trigger_sources = {
    for name, trigger in local.triggers : name => compact(concat(
      [local.preceding_pipelines[name]],
      [for output in local.watched_outputs[name] : output.pipeline if output.certain],
    ))
  }
  # outputs whose objects match
  watched_outputs = {
    for name, key in local.object_keys : name => flatten([
      for pipeline, paths in local.s3_paths : [
        for path in paths : {
          pipeline = pipeline
          input    = path.input
          certain  = startswith("${path.folder}/", key.prefix) && key.suffix == ""
          } if path.purpose != "read" && try(path.bucket == local.triggers[name].s3_object.bucket, false) && (
          startswith("${path.folder}/", key.prefix) || startswith(key.prefix, "${path.folder}/")
        )
      ]
    ])
  }

  # directly, and over at most 2, 4, 8, 16 and 32 starts: HCL has no recursion
  _direct_sources = {
    for pipeline in keys(local.pipelines) : pipeline => flatten([
      for name, trigger in local.triggers : local.trigger_sources[name] if trigger.pipeline == pipeline
    ])
  }
  _sources_2 = {
    for pipeline, sources in local._direct_sources : pipeline => distinct(flatten([sources, [for source in sources : lookup(local._direct_sources, source, [])]]))
  }
  _sources_4 = {
    for pipeline, sources in local._sources_2 : pipeline => distinct(flatten([sources, [for source in sources : lookup(local._sources_2, source, [])]]))
  }
  _sources_8 = {
    for pipeline, sources in local._sources_4 : pipeline => distinct(flatten([sources, [for source in sources : lookup(local._sources_4, source, [])]]))
  }
  _sources_16 = {
    for pipeline, sources in local._sources_8 : pipeline => distinct(flatten([sources, [for source in sources : lookup(local._sources_8, source, [])]]))
  }
  _all_sources = {
    for pipeline, sources in local._sources_16 : pipeline => distinct(flatten([sources, [for source in sources : lookup(local._sources_16, source, [])]]))
  }
  looping_triggers = [
    for name, trigger in local.triggers : name
    if anytrue([
      for source in local.trigger_sources[name] :
      contains(concat([source], lookup(local._all_sources, source, [])), trigger.pipeline)
    ])
  ]
}

resource "aws_cloudwatch_event_rule" "trigger" {
  for_each = local.triggers

  name          = each.value.rule_name
  description   = "Starts the pipeline ${local.pipeline_names[each.value.pipeline]}."
  event_pattern = local.event_patterns[each.key]
  state         = each.value.enabled ? "ENABLED" : "DISABLED"
  tags          = local.inputs.tags

  depends_on = [aws_iam_role_policy.schedule, aws_sagemaker_pipeline.this] # as for the schedules
}
