# Three roles a pipeline: `job` runs the user's code, `pipeline` starts the jobs, `schedule` starts the pipeline.
# None holds what only another needs: the user's code can neither start jobs nor pass roles.

locals {
  # IAM is global, so the names have the region; of 64 characters, a hash for what does not fit.
  role_names = {
    for kind in ["job", "pipeline", "schedule"] : kind => {
      for key, name in { for key, name in local.pipeline_names : key => "${name}-${kind}-${local.region}" } :
      key => length(name) <= 64 ? name : "${trimsuffix(substr(name, 0, 55), "-")}-${substr(sha256(name), 0, 8)}"
    }
  }

  # ARNs by kind and pipeline, brought or created, known at plan either way
  role_arn_prefix = "arn:${local.partition}:iam::${local.account_id}:role"
  role_arns = {
    for kind, names in local.role_names : kind => {
      for key, name in names :
      key => lookup(local.inputs.role_arns, "${key}_${kind}", "${local.role_arn_prefix}${local.inputs.role_path}${name}")
    }
  }

  # Decided by keys, never by an ARN that may come from the same apply.
  created_roles = {
    for kind, pipelines in { job = keys(local.pipelines), pipeline = keys(local.pipelines), schedule = keys(local.schedules) } :
    kind => toset([for key in pipelines : key if !contains(keys(local.inputs.role_arns), "${key}_${kind}")])
  }
}

# --- Who may assume them; service principals are the same in every partition ---

locals {
  # The callers, as AWS documents them; a pipeline's own forms stay for the job roles until a run on a real account has
  # shown that they are not needed.
  # https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
  callers = {
    job = {
      for key, pipeline in local.pipelines : key => {
        service = "sagemaker.amazonaws.com", operator = "ArnLike",
        arns    = ["${local.sagemaker_arn}:${pipeline.job_kind}/*", local.pipeline_arns[key], "${local.pipeline_arns[key]}/*"]
      }
    }
    pipeline = {
      for key in keys(local.pipelines) : key => {
        service = "sagemaker.amazonaws.com", operator = "ArnLike", arns = [local.pipeline_arns[key], "${local.pipeline_arns[key]}/*"]
      }
    }
    schedule = {
      for key, schedule in local.schedules : key => {
        service = "events.amazonaws.com", operator = "ArnEquals", arns = schedule.rule_arn
      }
    }
  }

  trusts = {
    for kind, pipelines in local.callers : kind => {
      for key, caller in pipelines : key => jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Action    = "sts:AssumeRole"
          Principal = { Service = caller.service }
          Condition = merge(
            { StringEquals = { "aws:SourceAccount" = local.account_id } },
            { (caller.operator) = { "aws:SourceArn" = caller.arns } },
          )
        }]
      })
    }
  }
}

# force_detach_policies: what somebody else attached does not stop a destroy without refresh.

resource "aws_iam_role" "job" {
  for_each = local.created_roles.job

  name                  = local.role_names.job[each.key]
  description           = "Runs the ${each.key} code of ${local.base_name}."
  path                  = local.inputs.role_path
  permissions_boundary  = local.inputs.role_permissions_boundary_arn
  assume_role_policy    = local.trusts.job[each.key]
  force_detach_policies = true
  tags                  = local.inputs.tags
}

resource "aws_iam_role" "pipeline" {
  for_each = local.created_roles.pipeline

  name                  = local.role_names.pipeline[each.key]
  description           = "Runs the ${each.key} jobs of ${local.base_name}."
  path                  = local.inputs.role_path
  permissions_boundary  = local.inputs.role_permissions_boundary_arn
  assume_role_policy    = local.trusts.pipeline[each.key]
  force_detach_policies = true
  tags                  = local.inputs.tags
}

resource "aws_iam_role" "schedule" {
  for_each = local.created_roles.schedule

  name                  = local.role_names.schedule[each.key]
  description           = "Starts the ${each.key} pipeline of ${local.base_name}."
  path                  = local.inputs.role_path
  permissions_boundary  = local.inputs.role_permissions_boundary_arn
  assume_role_policy    = local.trusts.schedule[each.key]
  force_detach_policies = true
  tags                  = local.inputs.tags
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
    for key in local.created_roles.job : {
      for name in nonsensitive(sensitive(keys(local.pipelines[key].additional_policies))) :
      "${key}/${name}" => { pipeline = key, name = name, policy = local.pipelines[key].additional_policies[name] }
    }
  ]...)

  managed_policies = merge([
    for key in local.created_roles.job : {
      for name, arn in local.pipelines[key].managed_policy_arns : "${key}/${name}" => { pipeline = key, arn = arn }
    }
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
