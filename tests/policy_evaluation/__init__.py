"""Decides offline what IAM policies allow; a tool of its own."""
