# What the three roles of each pipeline may do, and nothing else.

locals {
  # --- S3 ---

  # Patterns by purpose (ARNs of objects) and by bucket (keys to list). An input is a prefix, as SageMaker reads it; an
  # output or a checkpoint is a folder.
  _s3_patterns = {
    for pipeline, paths in local.s3_paths : pipeline => merge(
      {
        for purpose in ["read", "write", "checkpoint"] : purpose => distinct([
          for path in paths : "arn:${local.partition}:s3:::${path.bucket}/${path.object_keys}" if path.purpose == purpose
        ])
      },
      {
        for bucket in distinct(paths[*].bucket) :
        "s3://${bucket}" => distinct(flatten([for path in paths : path.listed_keys if path.bucket == bucket]))
      },
    )
  }

  # Without those that another pattern covers: IAM takes 10,240 characters for a role.
  s3_patterns = {
    for pipeline, lists in local._s3_patterns : pipeline => {
      for name, patterns in lists : name => [
        for pattern in patterns : pattern if !anytrue([
          for other in patterns : other != pattern && endswith(other, "*") && startswith(pattern, trimsuffix(other, "*"))
        ])
      ]
    }
  }

  # --- MLflow ---

  # The URI of SageMaker's own MLflow tracking servers and apps is their ARN. A self-hosted server needs no permission.
  mlflow_arn_pattern = "^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:mlflow-(?:tracking-server|app)/[A-Za-z0-9-]+$"
  mlflow_uris = {
    for pipeline, settings in local.pipelines : pipeline => try(settings.environment_variables["MLFLOW_TRACKING_URI"], null)
  }
  mlflow_arns = {
    for pipeline, uri in local.mlflow_uris : pipeline => nonsensitive(sensitive(try(regex(local.mlflow_arn_pattern, uri), "")))
  }

  # All actions but deleting, renaming, restoring and the UI; in families, to keep the policy short.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_sagemaker-mlflow.html
  mlflow_server_actions = [for action in [
    "Create*", "EndTrace", "FinalizeLoggedModel", "Get*", "List*", "Log*", "Search*", "Set*", "StartTrace",
    "TransitionModelVersionStage", "UpdateModelVersion", "UpdateRegisteredModel", "UpdateRun",
  ] : "sagemaker-mlflow:${action}"]

  # --- Other resources of a job ---

  image_repository_arns = {
    for pipeline, images in local.images : pipeline => distinct([
      for image in images : "arn:${local.partition}:ecr:${image.region}:${image.account}:repository/${image.repository}"
    ])
  }

  log_group_arns = {
    for pipeline, settings in local.built_pipelines :
    pipeline => "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/sagemaker/${settings.job_type}Jobs"
  }

  # Of any account, because another account may share its VPC's subnets and security groups.
  network_interface_arns = concat(
    ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:network-interface/*"],
    [for id in local.subnet_ids : "arn:${local.partition}:ec2:${local.region}:*:subnet/${id}"],
    [for id in local.security_group_ids : "arn:${local.partition}:ec2:${local.region}:*:security-group/${id}"],
  )

  # --- Guardrails ---

  guarded_types           = flatten([for guardrails in local.inputs.guardrails[*] : guardrails.instance_types[*]])
  longest_guarded_seconds = one([for guardrails in local.inputs.guardrails[*] : guardrails.max_runtime_seconds])

  # ForAllValues also holds without any values, hence Null. NumericLessThanEquals does not.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  guardrails = { for attribute, guardrail in {
    instance_types = {
      given = length(local.guarded_types) > 0
      condition = {
        "ForAllValues:StringEquals" = { "sagemaker:InstanceTypes" = local.guarded_types }
        Null                        = { "sagemaker:InstanceTypes" = "false" }
      }
    }
    max_runtime_seconds = {
      given     = local.longest_guarded_seconds != null
      condition = { NumericLessThanEquals = { "sagemaker:MaxRuntimeInSeconds" = tostring(local.longest_guarded_seconds) } }
    }
  } : attribute => guardrail.condition if guardrail.given }

  # By what is created; empty if nothing is guarded
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerai.html
  guardrail_conditions = {
    for what, creation in local.creations :
    what => merge([for guard in creation.guards : lookup(local.guardrails, guard, {})]...)
  }

  # --- Statements by role ---

  list_bucket_statements = {
    for pipeline, paths in local.s3_paths : pipeline => [
      for index, bucket in distinct(paths[*].bucket) : {
        Sid       = "ListBucket${index + 1}"
        Action    = "s3:ListBucket"
        Resource  = "arn:${local.partition}:s3:::${bucket}"
        Condition = { StringLike = { "s3:prefix" = local.s3_patterns[pipeline]["s3://${bucket}"] } }
      }
    ]
  }

  statements = merge(
    { for pipeline, settings in local.built_pipelines : "${pipeline}_job" => concat(
      local.list_bucket_statements[pipeline],
      [for statement in [
        {
          Sid      = "ReadInput"
          Action   = "s3:GetObject"
          Resource = local.s3_patterns[pipeline].read
        },
        {
          Sid      = "WriteOutput"
          Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
          Resource = local.s3_patterns[pipeline].write
        },
        {
          # SageMaker mirrors the container's folder, including deletions.
          Sid      = "KeepCheckpoints"
          Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
          Resource = local.s3_patterns[pipeline].checkpoint
        },
        {
          Sid      = "LogInToEcr"
          Action   = "ecr:GetAuthorizationToken" # has no resource type
          Resource = ["*"]
        },
        {
          Sid      = "PullImage"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = local.image_repository_arns[pipeline]
        },
        {
          # A job fails without CreateLogGroup, even if the group exists.
          Sid    = "CreateLogGroup"
          Action = ["logs:CreateLogGroup", "logs:DescribeLogStreams"]
          Resource = [
            local.log_group_arns[pipeline],
            "${local.log_group_arns[pipeline]}:*",
          ]
        },
        {
          Sid      = "WriteLogs"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${local.log_group_arns[pipeline]}:log-stream:*"]
        },
        {
          Sid       = "PutMetrics"
          Action    = "cloudwatch:PutMetricData" # has no resource type
          Resource  = ["*"]
          Condition = { StringEquals = { "cloudwatch:namespace" = "/aws/sagemaker/${settings.job_type}Jobs" } }
        },
        {
          Sid = "DescribeNetwork"
          Action = [
            for what in ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"] : "ec2:Describe${what}"
          ]
          Resource = local.vpc_enabled ? ["*"] : []
        },
        {
          # A processing job does not start if these are restricted:
          # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms
          Sid = "AttachNetworkInterfaces"
          Action = [
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
          ]
          Resource = !local.vpc_enabled ? [] : pipeline == "processing" ? ["*"] : local.network_interface_arns
        },
        {
          Sid      = "UseKey"
          Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
          Resource = compact([local.inputs.kms_key_arn])
        },
        {
          Sid       = "EncryptVolumes"
          Action    = ["kms:CreateGrant"]
          Resource  = compact([local.inputs.volume_kms_key_arn])
          Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
        },
        {
          Sid      = "DescribeVolumeKey"
          Action   = ["kms:DescribeKey"]
          Resource = compact([local.inputs.volume_kms_key_arn])
        },
        {
          Sid      = "TrackWithMlflow"
          Action   = concat(local.mlflow_server_actions, ["sagemaker:DescribeMlflowTrackingServer"])
          Resource = [for arn in [local.mlflow_arns[pipeline]] : arn if strcontains(arn, ":mlflow-tracking-server/")]
        },
        {
          Sid      = "TrackWithMlflowApp"
          Action   = ["sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp"]
          Resource = [for arn in [local.mlflow_arns[pipeline]] : arn if strcontains(arn, ":mlflow-app/")]
        },
      ] : statement if length(statement.Resource) > 0],
    ) },
    { for pipeline, statements in local.step_statements : "${pipeline}_pipeline" => statements },
    { for pipeline, settings in local.built_pipelines : "${pipeline}_pipeline" => concat([
      {
        Sid = "RunJobs"
        Action = [
          for verb in ["Create", "Describe", "Stop"] : "sagemaker:${verb}${settings.job_type}Job"
          if verb != "Create" || length(local.guardrail_conditions["${settings.job_type}Job"]) == 0
        ]
        Resource = "${local.sagemaker_arn}:${settings.job_kind}/${local.job_name_prefixes[pipeline]}-*"
      }
      ], [
      for conditions in [local.guardrail_conditions["${settings.job_type}Job"]] : {
        Sid       = "CreateJobs"
        Action    = "sagemaker:Create${settings.job_type}Job"
        Resource  = "${local.sagemaker_arn}:${settings.job_kind}/${local.job_name_prefixes[pipeline]}-*"
        Condition = conditions
      } if length(conditions) > 0
      ], [
      {
        # SageMaker Pipelines tags every job as it creates it, even without tags
        Sid      = "TagJobs"
        Action   = "sagemaker:AddTags"
        Resource = "${local.sagemaker_arn}:${settings.job_kind}/${local.job_name_prefixes[pipeline]}-*"
      },
      {
        Sid       = "PassJobRole"
        Action    = "iam:PassRole"
        Resource  = local.role_arns["${pipeline}_job"]
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
    ]) },
    { for pipeline in local.started_pipelines : "${pipeline}_schedule" => concat(
      [{
        Sid      = "StartPipeline"
        Action   = "sagemaker:StartPipelineExecution"
        Resource = local.pipeline_arns[pipeline]
      }],
      # EventBridge Scheduler sends with this role, rules with the queue's policy (output dead_letter_queue_policy_statement).
      [for queue in local.inputs.schedule_dead_letter_queue_arn[*] : {
        Sid      = "KeepFailedStarts"
        Action   = "sqs:SendMessage"
        Resource = queue
      } if length(local.group_arns[pipeline]) > 0],
    ) },
  )

  policies = {
    for role, statements in local.statements : role => jsonencode({
      Version   = "2012-10-17"
      Statement = [for statement in statements : merge({ Effect = "Allow" }, statement)]
    })
  }

  # All inline policies of each created role that takes additional ones, as IAM counts them: without white space.
  inline_policy_characters = {
    for pipeline, role in local.extended_roles : pipeline => nonsensitive(sensitive(sum([
      for policy in concat([local.policies[role]], values(local.pipelines[pipeline].additional_policies)) :
      length(replace(replace(policy, "/\\s/", ""), "/./", "x"))
    ])))
  }
}
