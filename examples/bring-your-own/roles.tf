# The roles that the jobs of pipeline.json run with. Their ARNs stand in that file, so their names are fixed: everything is
# known at plan, and the pipeline role may pass these roles and no others.

locals {
  account_id = "123456789012"
  region     = "us-east-1"
  bucket     = "my-ml-bucket"
  role_names = "churn-prod"

  # What each job runs, and reads and writes in the bucket
  jobs = {
    prepare  = { type = "Processing", image = "churn-prepare", reads = ["churn/raw/"], writes = ["churn/prepared/"] }
    train    = { type = "Training", image = "churn-train", reads = ["churn/prepared/"], writes = ["churn/models/"] }
    evaluate = { type = "Processing", image = "churn-evaluate", reads = ["churn/models/", "churn/prepared/"], writes = ["churn/evaluation/"] }
  }
  log_groups = "arn:aws:logs:${local.region}:${local.account_id}:log-group:/aws/sagemaker"
}

resource "aws_iam_role" "step" {
  for_each = local.jobs

  name        = "${local.role_names}-${each.key}"
  description = "Runs the step ${each.key} of the retraining."
  tags        = { Project = "churn", Environment = "prod", Team = "customer-analytics" }

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:sagemaker:${local.region}:${local.account_id}:*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "step" {
  for_each = local.jobs

  name = "job"
  role = aws_iam_role.step[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::${local.bucket}"
        Condition = { StringLike = { "s3:prefix" = [for prefix in concat(each.value.reads, each.value.writes) : "${prefix}*"] } }
      },
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = [for prefix in each.value.reads : "arn:aws:s3:::${local.bucket}/${prefix}*"]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        Resource = [for prefix in each.value.writes : "arn:aws:s3:::${local.bucket}/${prefix}*"]
      },
      {
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = "arn:aws:ecr:${local.region}:${local.account_id}:repository/${each.value.image}"
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [for end in ["", ":*"] : "${local.log_groups}/${each.value.type}Jobs${end}"]
      },
      {
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringEquals = { "cloudwatch:namespace" = "/aws/sagemaker/${each.value.type}Jobs" } }
      },
    ]
  })
}
