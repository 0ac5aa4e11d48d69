plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Variables and outputs are grouped by topic, and requirements are in versions.tf.
rule "terraform_standard_module_structure" {
  enabled = false
}
