# tflint-ignore-file: terraform_unused_declarations
# Looks the network up at plan, because jobs would only fail months later in one that does not fit. Nothing else reads this.

locals {
  # not &&, which is unknown where the number of subnets is
  network_lookups = local.inputs.lookup_network ? (local.vpc_enabled ? 1 : 0) : 0

  # Without what is not an ID, which a rule refuses.
  known_subnet_ids         = [for id in local.inputs.subnet_ids : id if can(regex(local.subnet_pattern, id))]
  known_security_group_ids = [for id in local.inputs.security_group_ids : id if can(regex(local.security_group_pattern, id))]
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
      condition = local.mocked || self.instance_tenancy == "default"
      error_message = join(": ", [
        "vpc_id is \"${local.inputs.vpc_id}\", a VPC of ${self.instance_tenancy} tenancy",
        "SageMaker only runs jobs in VPCs of default tenancy.",
      ])
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
      condition = local.mocked || local.inputs.vpc_id == "" || length(setsubtract(local.known_subnet_ids, self.ids)) == 0
      error_message = join(": ", [
        "subnet_ids has ${join(", ", setsubtract(local.known_subnet_ids, self.ids))}, not found in vpc_id ${local.inputs.vpc_id}",
        "give subnets of that VPC.",
      ])
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
      condition = local.mocked || local.inputs.vpc_id == "" || length(setsubtract(local.known_security_group_ids, self.ids)) == 0
      error_message = join(": ", [
        "security_group_ids has ${join(", ", setsubtract(local.known_security_group_ids, self.ids))}, not found in vpc_id ${local.inputs.vpc_id}",
        "give security groups of that VPC.",
      ])
    }
  }
}
