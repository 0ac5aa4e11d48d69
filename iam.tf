# The roles. Each pipeline has three: `job` runs the user's code, `pipeline` starts the jobs, `schedule` starts the pipeline.
# An additional pipeline has two, because the user brings the roles of its jobs.
# None may do what only another needs: the user's code can neither start jobs nor pass roles.

locals {
  # By the keys of the input role_arns, brought or created; known at plan either way. A rule refuses what is not an ARN.
  role_arns = {
    for role in keys(local.roles) :
    role => try(regex(local.role_arn_pattern, local.inputs.role_arns[role]), "${local.roles_arn}${local.names[role]}")
  }

  # Decided by keys, never by an ARN that may come from the same apply.
  created_roles = {
    for kind in ["job", "pipeline", "schedule"] : kind => toset([
      for role in setsubtract(keys(local.callers), keys(local.inputs.role_arns)) : local.roles[role].pipeline
      if local.roles[role].kind == kind
    ])
  }

  # --- Trust: who may assume a role. Service principals are the same in every partition. ---

  # Who assumes each role, as AWS documents it. The job roles also trust the pipeline's own ARN, until a run on a real account
  # has shown that they need not.
  # https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
  callers = merge(
    { for pipeline, settings in local.built_pipelines : "${pipeline}_job" => [{
      service = "sagemaker.amazonaws.com"
      arn = { ArnLike = { "aws:SourceArn" = [
        "${local.sagemaker_arn}:${settings.job_kind}/*",
        local.pipeline_arns[pipeline],
        "${local.pipeline_arns[pipeline]}/*",
      ] } }
    }] },
    { for pipeline in keys(local.pipelines) : "${pipeline}_pipeline" => [{
      service = "sagemaker.amazonaws.com"
      arn     = { ArnLike = { "aws:SourceArn" = [local.pipeline_arns[pipeline], "${local.pipeline_arns[pipeline]}/*"] } }
    }] },
    { for pipeline in local.started_pipelines : "${pipeline}_schedule" => [
      for caller in [
        { service = "events.amazonaws.com", arns = local.rule_arns[pipeline] },
        # EventBridge Scheduler gives the group's ARN, not the schedule's:
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        { service = "scheduler.amazonaws.com", arns = local.group_arns[pipeline] },
      ] : { service = caller.service, arn = { ArnEquals = { "aws:SourceArn" = try(one(caller.arns), caller.arns) } } }
      if length(caller.arns) > 0
    ] },
  )

  # what starts each pipeline
  rule_arns = {
    for pipeline in keys(local.pipelines) : pipeline => [
      for start in local.starts : "${local.events_arn}:rule/${start.rule}" if start.pipeline == pipeline && start.rule != null
    ]
  }
  group_arns = {
    for pipeline in keys(local.pipelines) :
    pipeline => contains(values(local.schedules)[*].pipeline, pipeline) ? [local.schedule_group_arn] : []
  }

  trust_policies = {
    for role, callers in local.callers : role => jsonencode({
      Version = "2012-10-17"
      Statement = [for caller in callers : {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = caller.service }
        Condition = merge({ StringEquals = { "aws:SourceAccount" = local.account_id } }, caller.arn)
      }]
    })
  }
}

# force_detach_policies: a destroy without refresh succeeds even if somebody else attached a policy.

resource "aws_iam_role" "job" {
  for_each = local.created_roles.job

  name                  = local.names["${each.key}_job"]
  description           = "Runs the ${each.key} code of ${local.base_name}."
  path                  = local.inputs.role_path
  permissions_boundary  = local.inputs.role_permissions_boundary_arn
  assume_role_policy    = local.trust_policies["${each.key}_job"]
  force_detach_policies = true
  tags                  = local.inputs.tags
}

resource "aws_iam_role" "pipeline" {
  for_each = local.created_roles.pipeline

  name                  = local.names["${each.key}_pipeline"]
  description           = "Runs the ${each.key} ${contains(local.own_pipelines, each.key) ? "jobs" : "pipeline"} of ${local.base_name}."
  path                  = local.inputs.role_path
  permissions_boundary  = local.inputs.role_permissions_boundary_arn
  assume_role_policy    = local.trust_policies["${each.key}_pipeline"]
  force_detach_policies = true
  tags                  = local.inputs.tags
}

resource "aws_iam_role" "schedule" {
  for_each = local.created_roles.schedule

  name                  = local.names["${each.key}_schedule"]
  description           = "Starts the ${each.key} pipeline of ${local.base_name}."
  path                  = local.inputs.role_path
  permissions_boundary  = local.inputs.role_permissions_boundary_arn
  assume_role_policy    = local.trust_policies["${each.key}_schedule"]
  force_detach_policies = true
  tags                  = local.inputs.tags
}

resource "aws_iam_role_policy" "job" {
  for_each = local.created_roles.job

  name   = "job"
  role   = aws_iam_role.job[each.key].name
  policy = local.policies["${each.key}_job"]

  # Replacing a role under its own name deletes its policies, which the provider does not notice.
  lifecycle {
    replace_triggered_by = [aws_iam_role.job[each.key].unique_id]
  }
}

resource "aws_iam_role_policy" "pipeline" {
  for_each = local.created_roles.pipeline

  name   = "pipeline"
  role   = aws_iam_role.pipeline[each.key].name
  policy = local.policies["${each.key}_pipeline"]

  lifecycle {
    replace_triggered_by = [aws_iam_role.pipeline[each.key].unique_id]
  }
}

resource "aws_iam_role_policy" "schedule" {
  for_each = local.created_roles.schedule

  name   = "schedule"
  role   = aws_iam_role.schedule[each.key].name
  policy = local.policies["${each.key}_schedule"]

  lifecycle {
    replace_triggered_by = [aws_iam_role.schedule[each.key].unique_id]
  }
}

# --- Policies that the user adds: to the job role, or the pipeline role of an additional pipeline. They use the role's id, so
# that they are replaced with the role. ---

locals {
  extended_roles = merge(
    { for pipeline in local.created_roles.job : pipeline => "${pipeline}_job" },
    {
      for pipeline in setintersection(local.created_roles.pipeline, keys(local.additional_inputs)) :
      pipeline => "${pipeline}_pipeline"
    },
  )

  additional_policies = merge([
    for pipeline, role in local.extended_roles : {
      for name in nonsensitive(sensitive(keys(local.pipelines[pipeline].additional_policies))) : "${pipeline}/${name}" => {
        pipeline = pipeline
        kind     = local.roles[role].kind
        name     = name
        policy   = local.pipelines[pipeline].additional_policies[name]
      } if can(regex(local.policy_name_pattern, name)) # a rule refuses the others
    }
  ]...)

  managed_policies = merge([
    for pipeline in local.created_roles.job : {
      for name, arn in local.pipelines[pipeline].managed_policy_arns :
      "${pipeline}/${name}" => { pipeline = pipeline, arn = arn }
    }
  ]...)
}

resource "aws_iam_role_policy" "additional" {
  for_each = local.additional_policies

  name   = each.value.name
  role   = { job = aws_iam_role.job, pipeline = aws_iam_role.pipeline }[each.value.kind][each.value.pipeline].id
  policy = each.value.policy
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = local.managed_policies

  role       = aws_iam_role.job[each.value.pipeline].id
  policy_arn = each.value.arn
}
