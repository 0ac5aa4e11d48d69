# for those who have tflint: tflint --init && tflint --recursive
config {
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}

# variables.tf and outputs.tf are grouped by topic; requirements stand in versions.tf
rule "terraform_standard_module_structure" {
  enabled = false
}
