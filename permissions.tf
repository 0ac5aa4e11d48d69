# What the code in a job may do: read and write the S3 paths, pull the images, write logs and metrics, and what else the inputs ask for.

locals {
  image_pattern  = "^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.${replace(data.aws_partition.current.dns_suffix, ".", "\\.")}/(?P<repository>[a-z0-9][a-z0-9._/-]*)(?::[\\w][\\w.-]{0,127}|@sha256:[0-9a-f]{64})?$"
  s3_uri_pattern = "^s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>(?:[^*?$]*[^*?$\\s])?))?$" # IAM would read * ? and $ as patterns
  bucket_names   = [for arn in concat([var.s3_bucket_arn], var.additional_s3_bucket_arns) : element(split(":", arn), 5)]

  # the defaults of parameters, further paths, and what a schedule puts in place of the defaults
  uses = {
    for key, pipeline in local.pipelines : key => concat(
      [for name, parameter in pipeline.parameters : { input = parameter.variable, uri = parameter.default, use = parameter.use }],
      [for input, path in pipeline.s3_paths : { input = input, uri = path.uri, use = path.use }],
      [
        for name, value in try(local.schedules[key].parameters, {}) :
        { input = "${key}_schedule_parameters.${name}", uri = value, use = try(pipeline.parameters[name].use, "setting") }
      ],
    )
  }

  # A URI that does not parse has empty parts here: main.tf refuses it with a sentence.
  images = {
    for key, uses in local.uses : key => [
      for use in uses : merge(use, try(regex(local.image_pattern, use.uri), { account = "", region = "", repository = "" })) if use.use == "image"
    ]
  }
  s3_paths = {
    for key, uses in local.uses : key => [
      for use in uses : merge(use, try(regex(local.s3_uri_pattern, use.uri), { bucket = "", prefix = null })) if contains(["read", "write", "checkpoint"], use.use)
    ]
  }

  # Inputs are S3 prefixes, as SageMaker reads them; outputs are folders.
  s3_objects = {
    for key, paths in local.s3_paths : key => [
      for path in [for path in paths : merge(path, { prefix = coalesce(path.prefix, "/") })] : merge(path, {
        arn    = "arn:${local.partition}:s3:::${path.bucket}/${trimprefix(path.use == "read" ? "${path.prefix}*" : "${trimsuffix(path.prefix, "/")}/*", "/")}"
        listed = path.prefix == "/" ? ["*"] : path.use == "read" ? ["${path.prefix}*"] : [trimsuffix(path.prefix, "/"), "${trimsuffix(path.prefix, "/")}/*"]
      })
    ]
  }
}

locals {
  # An MLflow tracking server or app of SageMaker is addressed by its ARN; a self-hosted one by its URL, and needs no permission.
  mlflow_arns = {
    for key, pipeline in local.pipelines :
    key => try(regex("^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:mlflow-(?:tracking-server|app)/[A-Za-z0-9-]+$", pipeline.environment_variables["MLFLOW_TRACKING_URI"]), "")
  }
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_sagemaker-mlflow.html
  mlflow_server_actions = [
    "CreateExperiment", "CreateModelVersion", "CreateRegisteredModel", "CreateRun",
    "FinalizeLoggedModel", "GetDownloadURIForModelVersionArtifacts", "GetExperiment", "GetExperimentByName", "GetLatestModelVersions",
    "GetLoggedModel", "GetMetricHistory", "GetModelVersion", "GetModelVersionByAlias", "GetRegisteredModel", "GetRun",
    "ListArtifacts", "ListLoggedModelArtifacts", "LogBatch", "LogInputs", "LogLoggedModelParams", "LogMetric", "LogModel",
    "LogOutputs", "LogParam", "SearchExperiments", "SearchLoggedModels", "SearchModelVersions", "SearchRegisteredModels", "SearchRuns",
    "SetExperimentTag", "SetLoggedModelTags", "SetModelVersionTag", "SetRegisteredModelAlias", "SetRegisteredModelTag", "SetTag",
    "UpdateModelVersion", "UpdateRun",
  ]

  job_statements = {
    for key, pipeline in local.pipelines : key => concat(
      [
        for index, bucket in distinct(local.s3_objects[key][*].bucket) : {
          Sid       = "ListBucket${index + 1}"
          Action    = "s3:ListBucket"
          Resource  = "arn:${local.partition}:s3:::${bucket}"
          Condition = { StringLike = { "s3:prefix" = distinct(flatten([for object in local.s3_objects[key] : object.listed if object.bucket == bucket])) } }
        }
      ],
      [for statement in [
        {
          Sid      = "ReadInput"
          Action   = "s3:GetObject"
          Resource = distinct([for object in local.s3_objects[key] : object.arn if object.use == "read"])
        },
        {
          Sid      = "WriteOutput"
          Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
          Resource = distinct([for object in local.s3_objects[key] : object.arn if object.use == "write"])
        },
        {
          Sid      = "KeepCheckpoints"
          Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
          Resource = distinct([for object in local.s3_objects[key] : object.arn if object.use == "checkpoint"])
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
          Resource = compact([var.kms_key_arn])
        },
        {
          Sid       = "EncryptVolumes"
          Action    = ["kms:CreateGrant"]
          Resource  = compact([var.volume_kms_key_arn])
          Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
        },
        {
          Sid      = "DescribeVolumeKey"
          Action   = ["kms:DescribeKey"]
          Resource = compact([var.volume_kms_key_arn])
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
}
