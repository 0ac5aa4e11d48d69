# The rules of additional_pipelines (rules.tf says how one becomes a sentence). They name the pipeline and the step. Of the steps'
# arguments AWS checks more; these are what a start would fail of, or the role could not be derived from.

locals {
  # Where a definition refers to what stands elsewhere in it, by step. Texts that only look so are not in {"Get": ...}.
  _step_references = {
    for key, steps in local.steps : key => flatten([
      for step in steps : concat(
        [
          for name in distinct(flatten(regexall("\\{\"Get\":\"Parameters\\.([^\"]*)\"\\}", step.text))) :
          { label = step.label, kind = "parameter", name = name }
        ],
        [
          for name in distinct(concat(
            flatten(regexall("\\{\"Get\":\"Steps\\.([^\".]*)", step.text)),
            try([for name in step.members.DependsOn : tostring(name)], []),
          )) : { label = step.label, kind = "step", name = name }
        ],
      )
    ])
  }
  _undeclared_references = {
    for key, references in local._step_references : key => {
      for kind, names in { parameter = keys(local._declared_parameters[key]), step = local.steps[key][*].name } :
      kind => [for reference in references : "${reference.label}, has \"${reference.name}\"" if reference.kind == kind && !contains(names, reference.name)]
    }
  }

  parameter_types = {
    String  = ".*"
    Integer = "^-?[0-9]+$"
    Float   = "^-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
    Boolean = "^(?:true|false)$"
  }

  # AWS counts characters, but the provider bytes.
  _bytes = {
    for key, pipeline in local.additional_pipelines : key => {
      for attribute, text in { definition = local.additional_definitions[key], description = pipeline.description } :
      attribute => floor(length(replace(base64encode(nonsensitive(sensitive(text))), "=", "")) * 3 / 4)
    }
  }

  definition_rules = {
    for key, pipeline in local.additional_pipelines : key => {
      definition = {
        refused = [
          for definition in [local._decoded[key]] : "additional_pipelines.${key}.definition"
          if !try(
            definition.Version == "2020-12-01" && length(local._steps_0[key]) > 0
            && alltrue([for list in [definition.Steps, try(definition.Parameters, [])] : startswith(jsonencode(list), "[")]), false
          )
        ]
        problem = "%s is not the definition of a pipeline"
        advice = join(" ", [
          "give a JSON object with \"Version\": \"2020-12-01\" and \"Steps\", such as pipeline.definition() of the SageMaker Python SDK",
          "returns.",
        ])
      }
      idle_definition = {
        # The role would have an empty policy, which IAM refuses.
        refused = [
          for definition in ["additional_pipelines.${key}.definition"] : definition
          if length(local.step_statements[key]) == 0 && length(local.steps[key]) > 0
          && alltrue([for step in local.steps[key] : contains(keys(local.required_names), step.type)])
        ]
        problem = "%s has no step that does anything"
        advice  = "add one; conditions and failures alone need no pipeline."
      }
      definition_length = {
        refused = [
          for size in [local._bytes[key].definition] : size if size > 1048576
        ]
        problem = "additional_pipelines.${key}.definition has %s bytes"
        advice  = "the provider accepts at most 1048576; move what is long, such as arguments, to files in S3."
      }
      definition_nulls = {
        refused = [
          for text in [replace(local._unmarked_texts[key], "/${local._json_string}/", "")] :
          "additional_pipelines.${key}.definition has a list with null" if strcontains(text, "null")
        ]
        advice = "SageMaker refuses it; remove it."
      }
      definition_depth = {
        refused = length(local.too_deep[key]) > 0 ? ["additional_pipelines.${key}.definition"] : []
        problem = "%s has steps in more than five conditions"
        advice  = "the module does not look deeper; join conditions with Or and Not."
      }
      definition_steps = {
        refused = [
          for step in local.steps[key] : "additional_pipelines.${key}, step ${jsonencode(step.name)} of type ${jsonencode(step.type)}"
          if !can(regex("^[A-Za-z0-9_-]{1,64}$", step.name)) || step.type == ""
        ]
        advice = "a step needs a Type, and a Name of 1-64 letters, digits, hyphens and underscores."
      }
      step_types = {
        refused = [
          for step in local.steps[key] : "${step.label}, is of type ${step.type}"
          if step.type != "" && !contains(keys(local.required_names), step.type)
        ]
        advice = "the module cannot know what the pipeline role needs for it; use ${join(", ", keys(local.required_names))}."
      }
      step_names = {
        refused = distinct([
          for step in local.steps[key] : step.label
          if length([for other in local.steps[key] : other if other.name == step.name]) > 1
        ])
        problem = "%s, is there more than once"
        advice  = "give each step a name of its own, also those in the branches of conditions."
      }
      step_requirements = {
        refused = [
          for step in local.steps[key] : "${step.label}, has no ${local.required_members[step.type]}"
          if try(local.required_names[step.type], null) == null ? false : length([
            for name in local._named[key] : name if name.step == step.name && name.kind == local.required_names[step.type]
          ]) == 0
        ]
        advice = "SageMaker refuses such a step; add it."
      }
      step_names_unknown = {
        refused = [
          for name in local.named[key] : "${name.label}, has ${jsonencode(name.value)}"
          if length(name.texts) == 0 && length(pipeline.additional_policies) == 0
        ]
        advice = join(" ", [
          "what the step uses has to be known at plan, because the pipeline role is derived from it; give a text or a pipeline",
          "parameter, or grant it in additional_pipelines.${key}.additional_policies.",
        ])
      }
      step_roles = {
        refused = flatten([
          for name in local.named[key] : [
            for text in name.texts : "${name.label}, has the role ${jsonencode(text)}" if !(
              can(regex(local.role_arn_pattern, text))
              ? local.mocked || (split(":", text)[4] == local.account_id && split(":", text)[1] == local.partition)
              : startswith(name.type, "EMR") && can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", text))
            )
          ] if contains(local.passing_services, name.kind)
        ])
        advice = join(" ", [
          "give the ARN of a role of account ${local.account_id}, such as",
          "arn:${local.partition}:iam::${local.account_id}:role/ml-training; SageMaker only accepts those.",
        ])
      }
      step_functions = {
        refused = flatten([
          for name in local.named[key] : [
            for text in name.texts : "${name.label}, has the function ${jsonencode(text)}"
            if !can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(?::[A-Za-z0-9$_-]+)?$", text))
          ] if name.kind == "function"
        ])
        advice = "give the ARN of a Lambda function."
      }
      step_queues = {
        refused = flatten([
          for name in local.named[key] : [
            for text in name.texts : "${name.label}, has the queue ${jsonencode(text)}" if !can(regex(local.queue_url_pattern, text))
          ] if name.kind == "queue"
        ])
        advice = "give the URL of an SQS queue, such as https://sqs.${local.region}.amazonaws.com/${local.account_id}/approvals."
      }
      step_groups = {
        refused = flatten([
          for name in local.named[key] : [
            for text in name.texts : "${name.label}, has the model package group ${jsonencode(text)}" if !can(regex(
              "^(?:arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package-group/)?[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}$", text
            ))
          ] if contains(["group", "baselines"], name.kind)
        ])
        advice = "give its name or ARN: 1-63 letters, digits and hyphens."
      }
      job_names = {
        refused = flatten([
          for name in local.named[key] : [
            for text in name.texts : "${name.label}, begins its names with ${jsonencode(text)}"
            if !can(regex("^[A-Za-z0-9](?:-*[A-Za-z0-9])*-?$", text))
          ] if can(local.creations[name.kind]) && !name.shared
        ])
        advice = "use letters, digits and hyphens."
      }
      read_objects = {
        refused = [
          for object in local.read_objects[key] : object.reader
          if length(object.arns) == 0 && length(pipeline.additional_policies) == 0
        ]
        problem = "%s: the S3 object cannot be known at plan, and the pipeline role has to read it"
        advice = join(" ", [
          "begin the S3 URI of that output with its bucket, or grant s3:GetObject in",
          "additional_pipelines.${key}.additional_policies.",
        ])
      }
      property_files = {
        refused = [
          for file in local._property_files[key] : "additional_pipelines.${key} reads property file ${file.file} of step ${file.step}"
          if length(file.declared) == 0
        ]
        problem = "%s, which this step does not declare"
        advice  = "add it to PropertyFiles of the step (property_files in the SDK)."
      }
      declared_parameters = {
        refused = concat(
          [
            for parameter in try([for parameter in local._decoded[key].Parameters : parameter], []) : jsonencode(parameter) if !try(
              can(regex("^[A-Za-z0-9_-]{1,256}$", parameter.Name)) && can(local.parameter_types[parameter.Type]), false
            )
          ],
          [for name, parameters in local._declared_parameters[key] : "${name} twice" if length(parameters) > 1],
          [
            for name, parameter in local.additional_parameters[key] : "${name} = ${jsonencode(parameter.default)} of type ${parameter.type}"
            if parameter.default != null && can(local.parameter_types[parameter.type])
            && !can(regex("(?s)${local.parameter_types[parameter.type]}", parameter.default))
          ],
          [
            for name, parameter in local.additional_parameters[key] : "${name} = ${jsonencode(parameter.default)}, none of its EnumValues"
            if parameter.default != null && parameter.values != null ? !contains(parameter.values, tostring(parameter.default)) : false
          ],
        )
        problem = "additional_pipelines.${key}.definition has the parameter %s"
        advice = join(" ", [
          "each has a Name of letters, digits, hyphens and underscores, a Type (${join(", ", keys(local.parameter_types))}), and a",
          "DefaultValue that fits.",
        ])
      }
      parameter_number = {
        refused = [for size in [length(local.parameters[key])] : size if size > 200]
        problem = "additional_pipelines.${key}.definition has %s parameters, with ScheduledTime if it is started"
        advice  = "SageMaker accepts at most 200."
      }
      undeclared_references = {
        refused = local._undeclared_references[key].parameter
        problem = "%s in {\"Get\": \"Parameters...\"}, which the definition does not declare"
        advice  = "declare the parameter (parameters=[...] of the SDK's Pipeline), or correct the name."
      }
      unknown_steps = {
        refused = local._undeclared_references[key].step
        problem = "%s as the name of a step that is not there"
        advice  = "correct the name, or add the step."
      }
      guarded_steps = {
        refused = [
          for step in local.steps[key] : step.label
          if local.longest_guarded_seconds != null && contains(local.limited_types, step.type) && !strcontains(step.text, "\"MaxRuntimeInSeconds\":")
        ]
        problem = "%s, has no MaxRuntimeInSeconds, but guardrails.max_runtime_seconds is set"
        advice  = "so no such job could start; add a StoppingCondition (max_run, max_runtime_in_seconds in the SDK)."
      }
      missing_parameters = {
        refused = [
          for input, start in local.starts : "${start.input} has no ${join(", ", [
            for name, parameter in local.parameters[key] : name if parameter.default == null && !can(local.sent_parameters[input][name])
            ])}" if start.pipeline == key && anytrue([
            for name, parameter in local.parameters[key] : parameter.default == null && !can(local.sent_parameters[input][name])
          ])
        ]
        problem = "%s, for which the definition has no DefaultValue"
        advice  = "give it there, or a default in the definition."
      }
      scheduled_time_type = {
        refused = [
          for type in try([local.additional_parameters[key].ScheduledTime.type], []) : type
          if type != "String" && contains(local.started_pipelines, key)
        ]
        problem = "additional_pipelines.${key}.definition declares ScheduledTime as %s"
        advice  = "schedules and triggers send it as a String; declare it so, or rename it."
      }
      parameter_values = {
        refused = [
          for override in local.overrides[key] : "${override.text} is ${jsonencode(override.value)}"
          if override.literal && try(
            !can(regex("(?s)${local.parameter_types[override.parameter.type]}", override.value))
            || !contains(coalesce(override.parameter.values, [override.value]), override.value), false
          )
        ]
        advice = "it has to be of the parameter's type, and one of its EnumValues if it has some."
      }
      parameter_names = {
        refused = [
          for override in local.overrides[key] : override.text
          if override.parameter != null && override.start.rule != null && !can(regex("^[A-Za-z0-9](?:-*[A-Za-z0-9])*$", override.name))
        ]
        advice = join(" ", [
          "rules of EventBridge only take letters, digits and hyphens in names of parameters; rename the parameter in the definition,",
          "or start the pipeline with schedules.",
        ])
      }
      description_length = {
        refused = [for size in [local._bytes[key].description] : size if size > 3072]
        problem = "additional_pipelines.${key}.description has %s bytes"
        advice  = "the provider accepts at most 3072."
      }
      parallel_steps = {
        refused = [for number in [pipeline.max_parallel_steps] : number if number < 1 || floor(number) != number]
        problem = "additional_pipelines.${key}.max_parallel_steps is %s"
        advice  = "use a whole number, 1 or more."
      }
    }
  }

  # --- Of the whole module ---

  pipeline_key_rules = {
    pipeline_keys = {
      refused = [
        for key in setsubtract(keys(local.inputs.additional_pipelines), keys(local.additional_inputs)) : jsonencode(key)
      ]
      problem = "additional_pipelines has the keys %s"
      advice = join(" ", [
        "each becomes part of names in AWS: use 1-40 lower-case letters, digits and single hyphens, starting with a letter, but not",
        "training or processing, which are the module's own.",
      ])
    }
    colliding_names = {
      refused = [
        for name in distinct(local._rule_and_alarm_names) : "\"${name}\""
        if length([for other in local._rule_and_alarm_names : other if other == name]) > 1
      ]
      problem = "additional_pipelines, triggers and alarms lead to the name %s more than once"
      advice  = "one would overwrite the other; rename a pipeline or a trigger."
    }
  }
  _rule_and_alarm_names = concat(
    [for rule in values(local.scheduled_rules) : rule.name],
    [for trigger in values(local.triggers) : trigger.rule_name],
    [for key in keys(local.notifications) : local.names.notifications],
    [for alarm in values(local.alarms) : "alarm ${alarm.name}"],
  )
}
