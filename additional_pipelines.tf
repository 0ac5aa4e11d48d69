# The pipelines of additional_pipelines: what stands in their definitions. step_permissions.tf derives their roles from it, and
# definition_rules.tf refuses what AWS would.

locals {
  # A rule refuses the others.
  additional_inputs = {
    for key, pipeline in local.inputs.additional_pipelines : key => pipeline
    if can(regex(local.pipeline_key_pattern, key)) && length(key) <= 40 && !contains(local.own_pipelines, key)
  }
  pipeline_key_pattern = "^[a-z](?:-?[a-z0-9])*$"

  # --- Definitions in canonical form: neither white space nor the order of members is a change. The SDK exports null members,
  # which SageMaker refuses. HCL has no recursion to remove them, so they go from the text. The patterns match whole strings, too,
  # and put them back: so they never begin to match in the middle of one. ---

  _json_string = "\"(?:[^\"\\\\]|\\\\.)*\""
  _canonical_texts = {
    for key in keys(local.additional_inputs) : key => try(jsonencode(jsondecode(var.additional_pipelines[key].definition)), "{}")
  }
  definition_texts = {
    for key, text in local._canonical_texts : key => replace(
      replace(text, "/${local._json_string}:null,?|(${local._json_string})/", "$1"), "/,(})|(${local._json_string})/", "$1$2"
    )
  }
  # Only the definition itself keeps the mark of a sensitive value (inputs.tf).
  _unmarked_texts = { for key, text in local.definition_texts : key => nonsensitive(sensitive(text)) }
  _decoded = {
    for key, text in local._unmarked_texts : key => try({ for member, value in jsondecode(text) : member => value }, {})
  }

  # Whatever starts a pipeline sends ScheduledTime, so the definition has to declare it.
  additional_definitions = {
    for key, text in local.definition_texts : key => !local.adds_scheduled_time[key] ? text : jsonencode(merge(
      jsondecode(text),
      { Parameters = concat(try([for parameter in jsondecode(text).Parameters : parameter], []), [
        { Name = "ScheduledTime", Type = "String", DefaultValue = local.scheduled_time.default },
      ]) },
    ))
  }
  adds_scheduled_time = {
    for key, declared in local._declared_parameters :
    key => contains(local.started_pipelines, key) && !can(declared.ScheduledTime)
  }

  # --- Steps, with those in the branches of conditions: one local for each depth, because HCL has no recursion. A rule refuses
  # what is nested deeper. ---

  _branches = ["IfSteps", "ElseSteps"]
  _steps_0  = { for key, definition in local._decoded : key => try([for step in definition.Steps : step], []) }
  _steps_1 = {
    for key, steps in local._steps_0 : key => flatten([for step in steps : [for branch in local._branches : try(step.Arguments[branch], [])]])
  }
  _steps_2 = {
    for key, steps in local._steps_1 : key => flatten([for step in steps : [for branch in local._branches : try(step.Arguments[branch], [])]])
  }
  _steps_3 = {
    for key, steps in local._steps_2 : key => flatten([for step in steps : [for branch in local._branches : try(step.Arguments[branch], [])]])
  }
  _steps_4 = {
    for key, steps in local._steps_3 : key => flatten([for step in steps : [for branch in local._branches : try(step.Arguments[branch], [])]])
  }
  _steps_5 = {
    for key, steps in local._steps_4 : key => flatten([for step in steps : [for branch in local._branches : try(step.Arguments[branch], [])]])
  }
  too_deep = {
    for key, steps in local._steps_5 : key => flatten([for step in steps : [for branch in local._branches : try(step.Arguments[branch], [])]])
  }

  # `text`: the step without the steps in its branches
  steps = {
    for key in keys(local._decoded) : key => [
      for step in concat(
        local._steps_0[key], local._steps_1[key], local._steps_2[key], local._steps_3[key], local._steps_4[key], local._steps_5[key],
        ) : {
        name      = try(tostring(step.Name), "")
        type      = try(tostring(step.Type), "")
        label     = "additional_pipelines.${key}, step ${try(tostring(step.Name), "")}"
        members   = try({ for member, value in step : member => value }, {})
        arguments = try({ for member, value in step.Arguments : member => value if !contains(local._branches, member) }, {})
        text = try(jsonencode(merge(step, {
          Arguments = { for member, value in step.Arguments : member => value if !contains(local._branches, member) }
        })), jsonencode(step))
      }
    ]
  }

  # --- Parameters. How the steps use one decides what its values may be. ---

  _declared_parameters = {
    for key, definition in local._decoded : key => {
      for parameter in try([for parameter in definition.Parameters : parameter], []) : parameter.Name => parameter...
      if can(regex(".", parameter.Name))
    }
  }
  _used_parameters = {
    for key, steps in local.steps : key => {
      for purpose, pattern in {
        write    = "${local._output_pattern}\\{\"Get\":\"Parameters\\.([^\"]+)\"\\}"
        instance = "\"InstanceType\":\\{\"Get\":\"Parameters\\.([^\"]+)\"\\}"
        runtime  = "\"MaxRuntimeInSeconds\":\\{\"Get\":\"Parameters\\.([^\"]+)\"\\}"
      } : purpose => flatten([for step in steps : regexall(pattern, step.text) if !startswith(step.type, "EMR")])
    }
  }
  # where a training, transform or processing job writes to, joined with other texts or not
  _output_pattern = join("", [
    "(?:\"S3OutputPath\":|\"S3Output\":\\{(?:\"[A-Za-z0-9]+\":\"[^\"]*\",)*\"S3Uri\":)",
    "(?:\\{\"Std:Join\":\\{\"On\":\"[^\"]*\",\"Values\":\\[)?",
  ])

  additional_parameters = {
    for key, declared in local._declared_parameters : key => {
      for name, parameters in declared : name => {
        type    = try(parameters[0].Type, "")
        default = try(parameters[0].DefaultValue, null)
        values  = try([for value in parameters[0].EnumValues : tostring(value)], null)
        input   = "the default of ${name} in additional_pipelines.${key}.definition"
        purpose = (
          contains(local._used_parameters[key].instance, name) ? "instance" :
          contains(local._used_parameters[key].runtime, name) ? "runtime" :
          can(regex(local.image_pattern, parameters[0].DefaultValue)) ? "image" :
          !can(regex(local.s3_uri_pattern, parameters[0].DefaultValue)) ? "" :
          contains(local._used_parameters[key].write, name) ? "write" : "read"
        )
      }
    }
  }

  # --- Images and S3 paths, as far as they are literal: texts, and the beginning of joined ones, as in
  # {"Std:Join": {"On": "/", "Values": ["s3:/", "my-ml-bucket", "models", ...]}} ---

  _literals = {
    for key, steps in local.steps : key => flatten([
      for step in steps : [
        for row in [
          { purpose = "image", pattern = "\"([0-9]{12}\\.dkr\\.ecr\\.[^\"\\\\]+)\"" },
          { purpose = "write", pattern = "${local._output_pattern}\"(s3://[^\"\\\\]+)" },
          { purpose = "write", pattern = "${local._output_pattern}\"(s3:/\"(?:,\"[^\"\\\\]*\")+)" },
          { purpose = "read", pattern = "\"(s3://[^\"\\\\]+)" },
          { purpose = "read", pattern = "\"(s3:/\"(?:,\"[^\"\\\\]*\")+)" },
          { purpose = "instance", pattern = startswith(step.type, "EMR") ? "^$" : "\"InstanceType\":\"([^\"]+)\"" },
          { purpose = "runtime", pattern = "\"MaxRuntimeInSeconds\":([0-9]+)" },
        ] :
        [
          for text in distinct(flatten(regexall(row.pattern, step.text))) :
          { label = step.label, purpose = row.purpose, text = replace(replace(text, "\",\"", "/"), "\"", "") }
        ]
      ]
    ])
  }
  _written = { for key, literals in local._literals : key => [for literal in literals : literal.text if literal.purpose == "write"] }
  literal_references = {
    for key, literals in local._literals : key => [
      for literal in literals : {
        input   = literal.label
        value   = try(regex(local.s3_prefix_pattern, literal.text)[0], literal.text)
        purpose = literal.purpose
        joined  = false
        text    = "${literal.label}, has ${literal.purpose == "runtime" ? "MaxRuntimeInSeconds ${literal.text}" : jsonencode(literal.text)}"
      }
      if can(regex(lookup({ image = local.image_pattern, instance = "", runtime = "" }, literal.purpose, local.s3_prefix_pattern), literal.text))
      && !(literal.purpose == "read" && contains(local._written[key], literal.text))
    ]
  }
  # as much as local.s3_uri_pattern takes
  s3_prefix_pattern = "^(s3://[a-z0-9.-]{3,63}(?:/(?:${local.s3_key_character}+/)*${local.s3_key_character}*)?)"

  # --- The rows of the table local.pipelines (main.tf) ---

  additional_pipelines = {
    for key, pipeline in local.additional_inputs : key => merge(local.no_settings, {
      description = coalesce(
        pipeline.description, "The pipeline ${key} of ${local.inputs.project_name} in ${local.inputs.environment}. Managed by Terraform.",
      )
      max_parallel_steps  = coalesce(pipeline.max_parallel_steps, local.inputs.max_parallel_steps)
      parameters          = local.additional_parameters[key]
      s3_paths            = local.literal_references[key]
      additional_policies = var.additional_pipelines[key].additional_policies
    })
  }
}
