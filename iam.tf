# Three roles a pipeline: `job` runs the user's code, `pipeline` starts the jobs, `schedule` starts the pipeline.
# None holds what only another needs: the user's code can neither start jobs nor pass roles.

locals {
  # ARNs by kind and pipeline, brought or created, known at plan either way
  role_arns = {
    for kind in ["job", "pipeline", "schedule"] : kind => {
      for key, name in local.names :
      key => lookup(var.role_arns, "${key}_${kind}", "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${name}-${kind}")
    }
  }

  # Decided by keys, never by an ARN that may come from the same apply.
  created_roles = {
    for kind, pipelines in { job = keys(local.pipelines), pipeline = keys(local.pipelines), schedule = keys(local.schedules) } :
    kind => toset([for key in pipelines : key if !contains(keys(var.role_arns), "${key}_${kind}")])
  }
}

# --- What they may do (the job roles: permissions.tf) ---

locals {
  sagemaker_arn = "arn:${local.partition}:sagemaker:${local.region}:${local.account_id}"

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
}

# --- Who may assume them; service principals are the same in every partition ---

locals {
  # ARNs of the callers: jobs and executions have names of their own, a rule's is known
  sagemaker_trust = { Service = "sagemaker.amazonaws.com", Operator = "ArnLike", SourceArn = "${local.sagemaker_arn}:*" }

  trusts = {
    for kind, pipelines in {
      job      = { for key in keys(local.pipelines) : key => local.sagemaker_trust }
      pipeline = { for key in keys(local.pipelines) : key => local.sagemaker_trust }
      schedule = { for key, schedule in local.schedules : key => { Service = "events.amazonaws.com", Operator = "ArnEquals", SourceArn = schedule.rule_arn } }
    } :
    kind => {
      for key, trust in pipelines : key => jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Action    = "sts:AssumeRole"
          Principal = { Service = trust.Service }
          Condition = merge(
            { StringEquals = { "aws:SourceAccount" = local.account_id } },
            { (trust.Operator) = { "aws:SourceArn" = trust.SourceArn } },
          )
        }]
      })
    }
  }
}

resource "aws_iam_role" "job" {
  for_each = local.created_roles.job

  name                 = "${local.names[each.key]}-job"
  description          = "Runs the ${each.key} code of ${local.base_name}."
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary_arn
  assume_role_policy   = local.trusts.job[each.key]
  tags                 = var.tags
}

resource "aws_iam_role" "pipeline" {
  for_each = local.created_roles.pipeline

  name                 = "${local.names[each.key]}-pipeline"
  description          = "Runs the ${each.key} jobs of ${local.base_name}."
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary_arn
  assume_role_policy   = local.trusts.pipeline[each.key]
  tags                 = var.tags
}

resource "aws_iam_role" "schedule" {
  for_each = local.created_roles.schedule

  name                 = "${local.names[each.key]}-schedule"
  description          = "Starts the ${each.key} pipeline of ${local.base_name}."
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary_arn
  assume_role_policy   = local.trusts.schedule[each.key]
  tags                 = var.tags
}

resource "aws_iam_role_policy" "job" {
  for_each = local.created_roles.job

  name   = "job"
  role   = aws_iam_role.job[each.key].name
  policy = local.policies.job[each.key]

  # A role that is replaced under its own name takes its policies with it, and the provider does not see that.
  lifecycle {
    replace_triggered_by = [aws_iam_role.job[each.key].unique_id]
  }
}

resource "aws_iam_role_policy" "pipeline" {
  for_each = local.created_roles.pipeline

  name   = "pipeline"
  role   = aws_iam_role.pipeline[each.key].name
  policy = local.policies.pipeline[each.key]

  lifecycle {
    replace_triggered_by = [aws_iam_role.pipeline[each.key].unique_id]
  }
}

resource "aws_iam_role_policy" "schedule" {
  for_each = local.created_roles.schedule

  name   = "schedule"
  role   = aws_iam_role.schedule[each.key].name
  policy = local.policies.schedule[each.key]

  lifecycle {
    replace_triggered_by = [aws_iam_role.schedule[each.key].unique_id]
  }
}

# --- What the user adds to the job roles; by the role's id, because it is replaced with the role ---

locals {
  additional_policies = merge([
    for key, policies in { training = var.training_additional_policies, processing = var.processing_additional_policies } : {
      for name, policy in policies : "${key}/${name}" => { pipeline = key, name = name, policy = policy }
    } if contains(local.created_roles.job, key)
  ]...)

  managed_policies = merge([
    for key, arns in { training = var.training_managed_policy_arns, processing = var.processing_managed_policy_arns } : {
      for name, arn in arns : "${key}/${name}" => { pipeline = key, arn = arn }
    } if contains(local.created_roles.job, key)
  ]...)
}

resource "aws_iam_role_policy" "additional" {
  for_each = local.additional_policies

  name   = each.value.name
  role   = aws_iam_role.job[each.value.pipeline].id
  policy = each.value.policy
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = local.managed_policies

  role       = aws_iam_role.job[each.value.pipeline].id
  policy_arn = each.value.arn
}
