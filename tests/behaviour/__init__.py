"""What AWS does with what the module tells it."""
