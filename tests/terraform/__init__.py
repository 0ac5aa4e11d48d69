"""The running of Terraform: the engine, the provider, a root and its plan."""
