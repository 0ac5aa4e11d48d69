"""Strict emulated AWS: moto behind a server, refusing what AWS refuses; a tool of its own."""
