# Where the provider works, and what AWS will name everything there. Built here, not read back from resources, so that
# definitions and policies are known at plan.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  # --- Where ---

  # A mocked provider (terraform test) returns random text, which no ARN can contain: the stand-ins replace it.
  _location = {
    partition  = { value = data.aws_partition.current.partition, pattern = "^aws(?:-[a-z]+)*$", stand_in = "aws" }
    region     = { value = data.aws_region.current.id, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)+$", stand_in = "us-east-1" }
    account_id = { value = data.aws_caller_identity.current.account_id, pattern = "^[0-9]{12}$", stand_in = "123456789012" }
  }
  mocked     = !alltrue([for part in local._location : can(regex(part.pattern, part.value))])
  location   = { for name, part in local._location : name => try(regex(part.pattern, part.value), part.stand_in) }
  partition  = local.location.partition
  region     = local.location.region
  account_id = local.location.account_id

  # --- Names ---

  # A rule refuses a longer base. It is cut here so that the rule is what the user reads, not an error of the provider.
  base_name      = substr("${local.inputs.project_name}-${local.inputs.environment}", 0, 41)
  pipeline_names = { for pipeline in keys(local.enabled) : pipeline => "${local.base_name}-${pipeline}" }

  # By the keys of the input role_arns, such as training_job. The jobs of an additional pipeline run with roles of the user's.
  roles = {
    for parts in concat(
      setproduct(local.own_pipelines, ["job", "pipeline", "schedule"]),
      setproduct(keys(local.additional_inputs), ["pipeline", "schedule"]),
    ) : join("_", parts) => { pipeline = parts[0], kind = parts[1] }
  }

  # What belongs to all pipelines is named after the first of them, whose name nobody else can have: two roots that share
  # project and environment, with one pipeline each, do not overwrite each other's rule.
  enabled_names = [
    for pipeline in concat(local.own_pipelines, keys(local.additional_inputs)) : local.pipeline_names[pipeline] if local.enabled[pipeline]
  ]

  _full_names = merge(
    # SageMaker names the jobs <prefix>-<execution>-..., and has room for 38 characters.
    { for pipeline in local.own_pipelines : "${pipeline}_jobs" => { name = local.pipeline_names[pipeline], limit = 38 } },
    # IAM is global, so the names of roles include the region.
    { for role, parts in local.roles : role => {
      name  = "${local.pipeline_names[parts.pipeline]}-${parts.kind}-${local.region}"
      limit = 64
    } },
    { for name in ["notifications", "schedules"] : name => {
      name  = "${try(local.enabled_names[0], local.base_name)}-${name}"
      limit = 64
    } },
    { for name, trigger in local.inputs.triggers : "triggers.${name}" => {
      name  = "${try(local.pipeline_names[trigger.pipeline], local.base_name)}-trigger-${name}"
      limit = 64
    } },
  )

  # A name over its limit is cut; a hash keeps it unique.
  names = {
    for key, full in local._full_names : key => (
      length(full.name) <= full.limit ? full.name :
      "${trimsuffix(substr(full.name, 0, full.limit - 9), "-")}-${substr(sha256(full.name), 0, 8)}"
    )
  }
  job_name_prefixes = { for pipeline in local.own_pipelines : pipeline => local.names["${pipeline}_jobs"] }

  # --- ARNs ---

  sagemaker_arn  = "arn:${local.partition}:sagemaker:${local.region}:${local.account_id}"
  events_arn     = "arn:${local.partition}:events:${local.region}:${local.account_id}"
  scheduler_arn  = "arn:${local.partition}:scheduler:${local.region}:${local.account_id}"
  cloudwatch_arn = "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}"
  roles_arn      = "arn:${local.partition}:iam::${local.account_id}:role${local.inputs.role_path}"
  pipeline_arns  = { for pipeline, name in local.pipeline_names : pipeline => "${local.sagemaker_arn}:pipeline/${name}" }
}
