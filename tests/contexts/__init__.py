"""Calls in other surroundings: partitions, default tags, sensitive values, a mocked provider."""
