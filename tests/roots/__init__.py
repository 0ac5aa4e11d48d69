"""Whole roots: the examples, the README's blocks, the documents' commands."""
