# What the three roles of each pipeline may do, and nothing else.

locals {
  # --- S3: what another pattern covers is left out, because IAM takes 10,240 characters for a role ---

  _s3_patterns = {
    for key, paths in local.s3_keys : key => merge(
      {
        for purpose in ["read", "write", "checkpoint"] : purpose => distinct([
          for path in paths : "arn:${local.partition}:s3:::${path.bucket}/${element(path.keys, length(path.keys) - 1)}" if path.purpose == purpose
        ])
      },
      {
        for bucket in distinct(paths[*].bucket) :
        "s3://${bucket}" => distinct(flatten([for path in paths : path.keys if path.bucket == bucket]))
      },
    )
  }
  s3_patterns = {
    for key, lists in local._s3_patterns : key => {
      for name, patterns in lists : name => [
        for pattern in patterns : pattern if !anytrue([
          for other in patterns : other != pattern && endswith(other, "*") && startswith(pattern, trimsuffix(other, "*"))
        ])
      ]
    }
  }

  # An MLflow tracking server or app of SageMaker is addressed by its ARN; a self-hosted one by its URL, and needs no permission.
  mlflow_arn_pattern = "^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:mlflow-(?:tracking-server|app)/[A-Za-z0-9-]+$"
  mlflow_uris        = { for key, pipeline in local.pipelines : key => try(pipeline.environment_variables["MLFLOW_TRACKING_URI"], null) }
  mlflow_arns        = { for key, uri in local.mlflow_uris : key => nonsensitive(sensitive(try(regex(local.mlflow_arn_pattern, uri), ""))) }
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_sagemaker-mlflow.html
  # Everything but deletions, renames, restorations and the UI; whole families by a wildcard, as the policy has to be short.
  mlflow_server_actions = [
    "Create*", "EndTrace", "FinalizeLoggedModel", "Get*", "List*", "Log*", "Search*", "Set*", "StartTrace",
    "TransitionModelVersionStage", "UpdateModelVersion", "UpdateRegisteredModel", "UpdateRun",
  ]

  job_statements = {
    for key, pipeline in local.pipelines : key => concat(
      [
        for index, bucket in distinct(local.s3_paths[key][*].bucket) : {
          Sid       = "ListBucket${index + 1}"
          Action    = "s3:ListBucket"
          Resource  = "arn:${local.partition}:s3:::${bucket}"
          Condition = { StringLike = { "s3:prefix" = local.s3_patterns[key]["s3://${bucket}"] } }
        }
      ],
      [for statement in [
        {
          Sid      = "ReadInput"
          Action   = "s3:GetObject"
          Resource = local.s3_patterns[key].read
        },
        {
          Sid      = "WriteOutput"
          Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
          Resource = local.s3_patterns[key].write
        },
        {
          # SageMaker mirrors the container's folder, what is deleted there included
          Sid      = "KeepCheckpoints"
          Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
          Resource = local.s3_patterns[key].checkpoint
        },
        {
          Sid      = "LogInToEcr"
          Action   = "ecr:GetAuthorizationToken" # has no resource type
          Resource = ["*"]
        },
        {
          Sid      = "PullImage"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = distinct([for image in local.images[key] : "arn:${local.partition}:ecr:${image.region}:${image.account}:repository/${image.repository}"])
        },
        {
          # a job fails without CreateLogGroup, even where the group exists
          Sid    = "CreateLogGroup"
          Action = ["logs:CreateLogGroup", "logs:DescribeLogStreams"]
          Resource = [
            local.log_group_arns[key],
            "${local.log_group_arns[key]}:*",
          ]
        },
        {
          Sid      = "WriteLogs"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${local.log_group_arns[key]}:log-stream:*"]
        },
        {
          Sid       = "PutMetrics"
          Action    = "cloudwatch:PutMetricData" # has no resource type
          Resource  = ["*"]
          Condition = { StringEquals = { "cloudwatch:namespace" = "/aws/sagemaker/${pipeline.job_type}Jobs" } }
        },
        {
          Sid      = "DescribeNetwork"
          Action   = ["ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
          Resource = local.vpc_enabled ? ["*"] : []
        },
        {
          # A processing job does not start under any restriction of these:
          # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms
          Sid      = "AttachNetworkInterfaces"
          Action   = ["ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"]
          Resource = !local.vpc_enabled ? [] : key == "processing" ? ["*"] : local.network_interface_arns
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
          Action   = concat([for action in local.mlflow_server_actions : "sagemaker-mlflow:${action}"], ["sagemaker:DescribeMlflowTrackingServer"])
          Resource = [for arn in [local.mlflow_arns[key]] : arn if strcontains(arn, ":mlflow-tracking-server/")]
        },
        {
          Sid      = "TrackWithMlflowApp"
          Action   = ["sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp"]
          Resource = [for arn in [local.mlflow_arns[key]] : arn if strcontains(arn, ":mlflow-app/")]
        },
      ] : statement if length(statement.Resource) > 0],
    )
  }

  log_group_arns = {
    for key, pipeline in local.pipelines :
    key => "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/sagemaker/${pipeline.job_type}Jobs"
  }

  # any account: a subnet or security group may be shared by the one that owns the VPC
  network_interface_arns = concat(
    ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:network-interface/*"],
    [for id in local.subnet_ids : "arn:${local.partition}:ec2:${local.region}:*:subnet/${id}"],
    [for id in local.security_group_ids : "arn:${local.partition}:ec2:${local.region}:*:security-group/${id}"],
  )

  statements = {
    job = local.job_statements

    pipeline = { for key, pipeline in local.pipelines : key => [
      {
        Sid      = "RunJobs"
        Action   = [for verb in ["Create", "Describe", "Stop"] : "sagemaker:${verb}${pipeline.job_type}Job"]
        Resource = "${local.sagemaker_arn}:${pipeline.job_kind}/${local.job_name_prefixes[key]}-*"
      },
      {
        # SageMaker Pipelines tags every job in the call that creates it, tags or not
        Sid      = "TagJobs"
        Action   = "sagemaker:AddTags"
        Resource = "${local.sagemaker_arn}:${pipeline.job_kind}/${local.job_name_prefixes[key]}-*"
      },
      {
        Sid       = "PassJobRole"
        Action    = "iam:PassRole"
        Resource  = local.role_arns.job[key]
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
    ] }

    schedule = { for key, schedule in local.schedules : key => [
      {
        Sid      = "StartPipeline"
        Action   = "sagemaker:StartPipelineExecution"
        Resource = local.pipeline_arns[key]
      },
    ] }
  }

  policies = {
    for kind, pipelines in local.statements : kind => {
      for key, statements in pipelines : key => jsonencode({
        Version   = "2012-10-17"
        Statement = [for statement in statements : merge({ Effect = "Allow" }, statement)]
      })
    }
  }

  # all inline policies of a role that the module makes, as IAM counts them: without white space
  inline_policy_characters = {
    for key in local.created_roles.job : key => nonsensitive(sensitive(sum([
      for policy in concat([local.policies.job[key]], values(local.pipelines[key].additional_policies)) :
      length(replace(replace(policy, "/\\s/", ""), "/./", "x"))
    ])))
  }
}
