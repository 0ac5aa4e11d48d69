"""`terraform test` in a root: with a mocked provider, and so without AWS."""

from __future__ import annotations

import subprocess

from terraform.root import Root


def run_tests(root: Root, *options: str) -> str:
    """What `terraform test` says, whether the tests pass or not."""
    environment = {name: v for name, v in root.environment.items() if not name.startswith("AWS_")}
    environment.pop("TF_REATTACH_PROVIDERS", None)
    done = subprocess.run(
        [*root.engine.command, "test", "-no-color", *options],
        cwd=root.directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
