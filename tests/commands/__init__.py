"""What a person runs: the demo, emulated AWS for their own root, native tests, make clean."""
