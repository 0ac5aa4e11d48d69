# What the pipeline role of each additional pipeline may do: what its steps need, and nothing else.
# https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
# https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-pipelines.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html

locals {
  # --- Types of steps ---

  # What SageMaker creates for a step, and tags while it does, even without tags. The member <what>Name of its arguments begins
  # the name, where there is room for so many characters. Without it SageMaker calls it pipelines-<execution>-<step>-..., or
  # where there is little room <execution>-<step>-..., of whose step seven characters are certain: as in every pipeline of the
  # account. `guards`: the guardrails that its creation has condition keys for (permissions.tf).
  creations = {
    TrainingJob = {
      arn    = "training-job"
      room   = 38
      types  = ["Training"]
      verbs  = ["Create", "Describe", "Stop"]
      guards = ["instance_types", "max_runtime_seconds"]
    }
    ProcessingJob = {
      arn    = "processing-job"
      room   = 38
      types  = local.check_types
      verbs  = ["Create", "Describe", "Stop"]
      guards = ["instance_types", "max_runtime_seconds"]
    }
    TransformJob = {
      arn    = "transform-job"
      room   = 38
      types  = ["Transform"]
      verbs  = ["Create", "Describe", "Stop"]
      guards = ["instance_types"]
    }
    HyperParameterTuningJob = {
      arn    = "hyper-parameter-tuning-job"
      room   = 8
      types  = ["Tuning"]
      verbs  = ["Create", "Describe", "ListTrainingJobsFor", "Stop"]
      guards = ["instance_types", "max_runtime_seconds"]
    }
    AutoMLJob = { arn = "automl-job", room = 8, types = ["AutoML"], verbs = ["Create", "Describe", "Stop"], guards = [] }
    Model     = { arn = "model", room = 38, types = ["Model"], verbs = ["Create", "Describe"], guards = [] }
    # without a group
    ModelPackage = { arn = "model-package", room = 38, types = ["RegisterModel"], verbs = ["Create", "Describe"], guards = [] }
  }
  check_types       = ["Processing", "QualityCheck", "ClarifyCheck"]
  limited_types     = flatten([for creation in local.creations : creation.types if contains(creation.guards, "max_runtime_seconds")])
  guarded_creations = [for what, conditions in local.guardrail_conditions : what if length(conditions) > 0]

  # What AWS requires of the others. A Transform step runs with the role of its model.
  required_names = merge(
    { for type in concat(["Training", "Tuning", "AutoML", "Model"], local.check_types) : type => "sagemaker" },
    {
      Transform     = null
      RegisterModel = null
      Condition     = null
      Fail          = null
      Lambda        = "function"
      Callback      = "queue"
      EMR           = "cluster"
      EMRServerless = "emr-serverless"
    },
  )

  required_members = merge(
    { for type, kind in local.required_names : type => kind == "emr-serverless" ? "ExecutionRoleArn" : "RoleArn" },
    {
      Tuning   = "RoleArn in TrainingJobDefinition"
      Model    = "ExecutionRoleArn"
      Lambda   = "FunctionArn"
      Callback = "SqsQueueUrl"
      EMR      = "ClusterId or ClusterConfig"
    },
  )

  # --- What each step names, by kind: what it creates, the service that gets a role, or something that it uses ---

  _named = {
    for key, steps in local.steps : key => flatten([
      for step in steps : [
        for row in concat(
          [
            for what, creation in local.creations : {
              kind   = what
              types  = creation.types
              shared = !can(step.arguments["${what}Name"])
              values = try([step.arguments["${what}Name"]], [
                for pattern in ["pipelines-*", "????????????-${substr(step.name, 0, 7)}*"] :
                pattern if pattern == "pipelines-*" || creation.room < 38
              ])
            } if what != "ModelPackage" || !can(step.arguments.ModelPackageGroupName)
          ],
          [
            { kind = "sagemaker", types = concat(["Training", "AutoML"], local.check_types), values = try([step.arguments.RoleArn], []) },
            {
              kind  = "sagemaker"
              types = ["Processing"]
              values = [
                for input in try([for input in step.arguments.ProcessingInputs : input], []) :
                input.DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn
                if can(input.DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn)
              ]
            },
            { kind = "sagemaker", types = ["Tuning"], values = try([step.arguments.TrainingJobDefinition.RoleArn], []) },
            { kind = "sagemaker", types = ["Tuning"], values = try([for job in step.arguments.TrainingJobDefinitions : job.RoleArn], []) },
            { kind = "sagemaker", types = ["Model"], values = try([step.arguments.ExecutionRoleArn], []) },
            { kind = "sagemaker", types = ["RegisterModel"], values = try([step.arguments.ValidationSpecification.ValidationRole], []) },
            { kind = "elasticmapreduce", types = ["EMR"], values = try([step.arguments.ClusterConfig.ServiceRole], []) },
            { kind = "ec2", types = ["EMR"], values = try([step.arguments.ClusterConfig.JobFlowRole], []) },
            { kind = "application-autoscaling", types = ["EMR"], values = try([step.arguments.ClusterConfig.AutoScalingRole], []) },
            { kind = "emr-serverless", types = ["EMRServerless"], values = try([step.arguments.ExecutionRoleArn], []) },
            { kind = "emr-serverless", types = ["EMRServerless"], values = try([step.arguments.JobConfig.executionRoleArn], []) },
            { kind = "function", types = ["Lambda"], values = try([step.members.FunctionArn], []) },
            { kind = "queue", types = ["Callback"], values = try([step.members.SqsQueueUrl], []) },
            { kind = "group", types = ["RegisterModel"], values = try([step.arguments.ModelPackageGroupName], []) },
            { kind = "baselines", types = local.check_types, values = try([step.members.ModelPackageGroupName], []) },
            { kind = "cluster", types = ["EMR"], values = try([step.arguments.ClusterId], []) },
            { kind = "cluster", types = ["EMR"], values = try([for instances in [step.arguments.ClusterConfig.Instances] : "*"], []) },
            { kind = "application", types = ["EMRServerless"], values = try([step.arguments.ApplicationId], []) },
            { kind = "application", types = ["EMRServerless"], values = [for config in try([step.arguments.ApplicationConfig], []) : "*"] },
          ],
        ) :
        [
          for value in row.values :
          { step = step.name, label = step.label, type = step.type, kind = row.kind, value = value, shared = try(row.shared, false) }
        ]
        if contains(row.types, step.type)
      ]
    ])
  }

  # By expression: a parameter stands for its default and for what schedules override it with; what an event gives has to be among these.
  parameter_texts = {
    for key in keys(local.additional_pipelines) : key => {
      for name, parameter in local.parameters[key] : "Parameters.${name}" => distinct(compact(concat(
        [try(tostring(parameter.default), null)],
        [for override in local.overrides[key] : try(tostring(override.value), null) if override.name == name ? override.literal : false],
      )))
    }
  }
  named = {
    for key, names in local._named : key => [
      for name in names : merge(name, {
        texts = try([tostring(name.value)], local.parameter_texts[key][name.value.Get], [])
      })
    ]
  }
  named_texts = {
    for key, names in local.named : key => {
      for kind in concat(keys(local.creations), ["group", "baselines", "function", "queue", "cluster", "application"], local.passing_services) :
      kind => distinct(flatten([for name in names : name.texts if name.kind == kind]))
    }
  }
  passing_services = ["sagemaker", "elasticmapreduce", "ec2", "application-autoscaling", "emr-serverless"]

  # --- ARNs. SageMaker has been seen to write names in ARNs in lower case. ---

  created_arns = {
    for key, texts in local.named_texts : key => {
      for what, creation in local.creations : what => distinct(flatten([
        for text in texts[what] : [
          for name in [text, lower(text)] : [
            for pattern in distinct(compact([
              what == "ModelPackage" ? name : "", # not certain that it is a prefix
              endswith(name, "*") ? name : length(name) <= creation.room ? "${name}-*" : "${substr(name, 0, creation.room)}*",
            ])) : "${local.sagemaker_arn}:${creation.arn}/${pattern}"
          ]
        ]
      ]))
    }
  }
  # by name, or the ARN of a group of another account
  model_group_arns = {
    for key, texts in local.named_texts : key => {
      for kind in ["group", "baselines"] : kind => distinct(flatten([
        for text in texts[kind] : startswith(text, "arn:") ? [text] : [
          for name in [text, lower(text)] : "${local.sagemaker_arn}:model-package-group/${name}"
        ]
      ]))
    }
  }
  model_package_arns = {
    for key, kinds in local.model_group_arns : key => {
      for kind, arns in kinds : kind => [for arn in arns : "${replace(arn, ":model-package-group/", ":model-package/")}/*"]
    }
  }
  queue_url_pattern = "^https://(?:sqs\\.)?(?P<region>[a-z0-9-]+)\\.(?:queue\\.)?[a-z.]+/(?P<account>[0-9]{12})/(?P<name>[A-Za-z0-9_-]{1,80})$"
  queue_arns = {
    for key, texts in local.named_texts : key => [
      for queue in [for url in texts.queue : regex(local.queue_url_pattern, url) if can(regex(local.queue_url_pattern, url))] :
      "arn:${local.partition}:sqs:${queue.region}:${queue.account}:${queue.name}"
    ]
  }
  # EMR takes names of roles, too.
  passed_role_arns = {
    for key, texts in local.named_texts : key => {
      for service in local.passing_services : service => [
        for role in texts[service] : startswith(role, "arn:") ? role : "arn:${local.partition}:iam::${local.account_id}:role/${role}"
      ]
    }
  }

  # --- Objects that SageMaker reads with the pipeline role: property files, and the models that it registers ---

  # What later steps can refer to, by step, or step and output: its S3 URI, what SageMaker appends, and the key.
  _step_outputs = {
    for key, steps in local.steps : key => merge(flatten([
      for step in steps : concat(
        [
          for config in concat(
            try([step.arguments.OutputDataConfig], []),
            try([step.arguments.TrainingJobDefinition.OutputDataConfig], []),
            try([step.arguments.TransformOutput], []),
          ) : { (step.name) = { uri = try(config.S3OutputPath, ""), rest = "/*", key = try(config.KmsKeyId, null) } }
        ],
        [
          for output in try([for output in step.arguments.ProcessingOutputConfig.Outputs : output], []) : {
            "${step.name}/${try(output.OutputName, "")}" = {
              uri = try(output.S3Output.S3Uri, ""), rest = "", key = try(step.arguments.ProcessingOutputConfig.KmsKeyId, null)
            }
          }
        ],
      )
    ])...)
  }
  step_reference_pattern = "^Steps\\.([^.]+)\\.(?:ProcessingOutputConfig\\.Outputs\\['([^']+)'\\])?"
  # An expression in a joined text becomes a *.
  _output_texts = {
    for key, outputs in local._step_outputs : key => {
      for name, output in outputs : name => [
        for text in concat(
          try([tostring(output.uri)], []),
          try(local.parameter_texts[key][output.uri.Get], []),
          try([for parts in setproduct([
            for part in output.uri["Std:Join"].Values :
            try([tostring(part)], local.parameter_texts[key][part.Get], ["*"])
          ]...) : join(output.uri["Std:Join"].On, parts)], []),
        ) : "${trimsuffix(text, "/")}${output.rest}"
      ]
    }
  }

  _property_files = {
    for key, text in local._unmarked_texts : key => [
      for names in distinct(regexall("\"PropertyFile\":\\{\"Get\":\"Steps\\.([^\".]+)\\.PropertyFiles\\.([^\".]+)\"\\}", text)) : {
        step = names[0]
        file = names[1]
        declared = flatten([
          for step in local.steps[key] : [
            for file in try([for file in step.members.PropertyFiles : file], []) : file if try(file.PropertyFileName, "") == names[1]
          ] if step.name == names[0]
        ])
      }
    ]
  }
  # `reader`: the step, or what else a rule calls it
  _read_objects = {
    for key, steps in local.steps : key => concat(
      [
        for file in local._property_files[key] : {
          reader = "additional_pipelines.${key}, property file ${file.file} of step ${file.step}"
          value  = { Get = "Steps.${file.step}.ProcessingOutputConfig.Outputs['${try(file.declared[0].OutputName, "")}']" }
          rest   = "/${try(file.declared[0].FilePath, "")}"
        }
      ],
      [
        for match in distinct(regexall(local.json_get_pattern, local._unmarked_texts[key])) :
        { reader = "additional_pipelines.${key}, Std:JsonGet", value = jsondecode(match[0]), rest = "" }
      ],
      flatten([
        for step in steps : [
          for container in try([for container in step.arguments.InferenceSpecification.Containers : container], []) :
          { reader = step.label, value = container.ModelDataUrl, rest = "" } if can(container.ModelDataUrl)
        ] if step.type == "RegisterModel"
      ]),
    )
  }
  # a Std:JsonGet that names an object
  json_get_pattern = join("", [
    "\"Std:JsonGet\":\\{\"Path\":\"(?:[^\"\\\\]|\\\\.)*\",\"S3Uri\":",
    "(\"[^\"]*\"|\\{\"Std:Join\":\\{\"On\":\"[^\"]*\",\"Values\":\\[(?:\"[^\"]*\"|\\{\"Get\":\"[^\"]*\"\\}|[0-9.,])*\\]\\}\\})",
  ])
  read_objects = {
    for key, objects in local._read_objects : key => [
      for object in objects : {
        reader = object.reader
        outputs = flatten([
          for name in concat(try([object.value.Get], []), try([for part in object.value["Std:Join"].Values : part.Get if can(part.Get)], [])) :
          try([join("/", compact(regex(local.step_reference_pattern, name)))], [])
        ])
        arns = distinct([
          for text in concat(
            try([tostring(object.value)], []),
            try(local._output_texts[key][join("/", compact(regex(local.step_reference_pattern, object.value.Get)))], []),
            try(local.parameter_texts[key][object.value.Get], []),
            try([for parts in setproduct([
              for part in object.value["Std:Join"].Values : try(
                [tostring(part)], local._output_texts[key][join("/", compact(regex(local.step_reference_pattern, part.Get)))],
                local.parameter_texts[key][part.Get], ["*"],
              )
            ]...) : join(object.value["Std:Join"].On, parts)], []),
          ) : replace("${text}${object.rest}", "/^s3:\\/\\//", "arn:${local.partition}:s3:::")
          if can(regex("^s3://[a-z0-9.-]{3,63}/", "${text}${object.rest}"))
        ])
      }
    ]
  }
  # the keys of these objects; an alias grants nothing
  read_key_arns = {
    for key, objects in local.read_objects : key => [
      for arn in distinct(compact(concat(
        length(objects) > 0 ? [local.inputs.kms_key_arn] : [],
        flatten([
          for name in flatten(objects[*].outputs) : [
            for text in try(
              [tostring(local._step_outputs[key][name].key)],
              local.parameter_texts[key][local._step_outputs[key][name].key.Get], [],
              ) : replace(
              text, "/^([a-f0-9-]{36}|mrk-[a-f0-9]{32})$/", "arn:${local.partition}:kms:${local.region}:${local.account_id}:key/$1"
            ) if text != null
          ]
        ]),
      ))) : arn if can(regex("^arn:[^:]+:kms:[^:]+:[0-9]+:key/", arn))
    ]
  }

  # --- What a reviewer wants to know: the roles, job names and other resources of each step ---

  step_summaries = {
    for key, steps in local.steps : key => {
      for name in distinct(steps[*].name) : name => {
        type              = [for step in steps : step.type if step.name == name][0]
        job_name_prefixes = distinct(flatten([for named in local.named[key] : named.texts if named.step == name && can(local.creations[named.kind])]))
        roles = distinct(flatten([
          for named in local.named[key] : named.texts if named.step == name && contains(local.passing_services, named.kind)
        ]))
        uses = distinct(flatten([
          for named in local.named[key] : named.texts
          if named.step == name && !can(local.creations[named.kind]) && !contains(local.passing_services, named.kind)
        ]))
      }
    }
  }

  # --- Statements ---

  step_statements = {
    for key, texts in local.named_texts : key => [
      for statement in concat(
        [
          for what, creation in local.creations : {
            Sid = "${what}s"
            Action = concat(["sagemaker:AddTags"], [
              for verb in creation.verbs : "sagemaker:${verb}${what}" if verb != "Create" || !contains(local.guarded_creations, what)
            ])
            Resource = local.created_arns[key][what]
          }
        ],
        [
          for what in local.guarded_creations : {
            Sid       = "Create${what}s"
            Action    = ["sagemaker:Create${what}"]
            Resource  = local.created_arns[key][what]
            Condition = local.guardrail_conditions[what]
          }
        ],
        [
          {
            Sid    = "GroupedModelPackages"
            Action = ["sagemaker:AddTags", "sagemaker:CreateModelPackage"]
            Resource = concat(
              local.model_package_arns[key].group,
              [for arn in local.model_group_arns[key].group : arn if !startswith(arn, "${local.sagemaker_arn}:")],
            )
          },
          {
            # SageMaker creates the group each time, and only goes on if it exists already.
            Sid      = "ModelPackageGroups"
            Action   = [for action in ["AddTags", "CreateModelPackage", "CreateModelPackageGroup"] : "sagemaker:${action}"]
            Resource = [for arn in local.model_group_arns[key].group : arn if startswith(arn, "${local.sagemaker_arn}:")]
          },
          {
            Sid      = "ReadModelPackages"
            Action   = ["sagemaker:DescribeModelPackage"]
            Resource = distinct(concat(local.model_package_arns[key].group, local.model_package_arns[key].baselines))
          },
          {
            Sid      = "FindBaselines"
            Action   = ["sagemaker:ListModelPackages"]
            Resource = local.model_package_arns[key].baselines
          },
          {
            Sid      = "ReadObjects"
            Action   = ["s3:GetObject"]
            Resource = distinct(flatten(local.read_objects[key][*].arns))
          },
          {
            Sid      = "DecryptObjects"
            Action   = ["kms:Decrypt"]
            Resource = local.read_key_arns[key]
          },
          {
            Sid      = "InvokeFunctions"
            Action   = ["lambda:InvokeFunction"]
            Resource = texts.function
          },
          {
            Sid      = "SendCallbacks"
            Action   = ["sqs:SendMessage"]
            Resource = local.queue_arns[key]
          },
        ],
        local.emr_statements[key],
        [
          for service, arns in local.passed_role_arns[key] : {
            Sid       = "PassRolesTo${join("", [for word in split("-", service) : title(word)])}"
            Action    = ["iam:PassRole"]
            Resource  = arns
            Condition = { StringEquals = { "iam:PassedToService" = "${service}.amazonaws.com" } }
          }
        ],
      ) : statement if length(statement.Resource) > 0
    ]
  }

  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticmapreduce.html
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonemrserverless.html
  emr_statements = {
    for key, texts in local.named_texts : key => [
      {
        Sid      = "RunEmrSteps"
        Action   = [for action in ["AddJobFlowSteps", "CancelSteps", "DescribeStep"] : "elasticmapreduce:${action}"]
        Resource = [for id in texts.cluster : "arn:${local.partition}:elasticmapreduce:${local.region}:${local.account_id}:cluster/${id}" if id != "*"]
      },
      {
        # The ID of a new cluster is not known before.
        Sid = "RunEmrClusters"
        Action = [
          for action in ["AddTags", "DescribeCluster", "DescribeStep", "ListSteps", "TerminateJobFlows"] : "elasticmapreduce:${action}"
        ]
        Resource = contains(texts.cluster, "*") ? ["arn:${local.partition}:elasticmapreduce:${local.region}:${local.account_id}:cluster/*"] : []
      },
      {
        Sid      = "CreateEmrClusters"
        Action   = ["elasticmapreduce:RunJobFlow"] # has no resource type
        Resource = contains(texts.cluster, "*") ? ["*"] : []
      },
      {
        # AWS's documentation has both names of the second rule.
        Sid    = "WatchEmr"
        Action = ["events:DescribeRule", "events:PutRule", "events:PutTargets"]
        Resource = [
          for rule in distinct(flatten([
            [for id in texts.cluster : ["StepStatusUpdateRule"] if id != "*"],
            [for id in texts.cluster : ["ClusterStatusUpdateRule", "ClusterStatusRule"] if id == "*"],
          ])) : "${local.events_arn}:rule/SageMakerPipelineExecutionEMR${rule}"
        ]
      },
      {
        Sid = "RunEmrServerlessJobs"
        Action = [
          for action in ["CancelJobRun", "GetApplication", "GetJobRun", "StartApplication", "StartJobRun", "TagResource"] : "emr-serverless:${action}"
        ]
        Resource = flatten([
          for id in texts.application : [
            for resource in [id, "${id}/jobruns/*"] :
            "arn:${local.partition}:emr-serverless:${local.region}:${local.account_id}:/applications/${resource}"
            if !contains(texts.application, "*") || resource == "*"
          ]
        ])
      },
      {
        Sid      = "CreateEmrServerlessApplications"
        Action   = ["emr-serverless:CreateApplication"] # has no resource type
        Resource = contains(texts.application, "*") ? ["*"] : []
      },
      {
        Sid      = "StopEmrServerlessApplications"
        Action   = ["emr-serverless:DeleteApplication", "emr-serverless:StopApplication"]
        Resource = contains(texts.application, "*") ? ["arn:${local.partition}:emr-serverless:${local.region}:${local.account_id}:/applications/*"] : []
      },
    ]
  }
}
