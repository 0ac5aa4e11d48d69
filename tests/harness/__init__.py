"""What the tests stand on: the engine, the provider, emulated AWS, and what to read from them."""
