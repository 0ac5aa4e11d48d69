# tflint-ignore-file: terraform_unused_declarations # the lookups are here for their conditions
# The jobs would fail months later in a network that does not fit; so it is looked up at plan. Nothing reads these.

locals {
  # not &&, which is unknown where the number of subnets is
  network_lookups = local.inputs.lookup_network ? (local.vpc_enabled ? 1 : 0) : 0
}

data "aws_vpc" "this" {
  count = local.network_lookups

  id = local.inputs.vpc_id

  lifecycle {
    precondition {
      condition     = local.inputs.vpc_id != ""
      error_message = "vpc_id is empty, but subnet_ids is not: give the VPC of these subnets."
    }

    postcondition {
      condition     = local.mocked || self.instance_tenancy == "default"
      error_message = "vpc_id is \"${local.inputs.vpc_id}\", a VPC of ${self.instance_tenancy} tenancy: SageMaker runs jobs in VPCs of default tenancy only."
    }
  }
}

data "aws_subnets" "this" {
  count = local.network_lookups

  filter {
    name   = "vpc-id"
    values = [local.inputs.vpc_id]
  }

  lifecycle {
    postcondition {
      condition     = local.mocked || local.inputs.vpc_id == "" || length(setsubtract(local.inputs.subnet_ids, self.ids)) == 0
      error_message = "subnet_ids has ${join(", ", setsubtract(local.inputs.subnet_ids, self.ids))}, not found in vpc_id ${local.inputs.vpc_id}: give subnets of that VPC."
    }
  }
}

data "aws_security_groups" "this" {
  count = local.network_lookups

  filter {
    name   = "vpc-id"
    values = [local.inputs.vpc_id]
  }

  lifecycle {
    postcondition {
      condition     = local.mocked || local.inputs.vpc_id == "" || length(setsubtract(local.inputs.security_group_ids, self.ids)) == 0
      error_message = "security_group_ids has ${join(", ", setsubtract(local.inputs.security_group_ids, self.ids))}, not found in vpc_id ${local.inputs.vpc_id}: give security groups of that VPC."
    }
  }
}
