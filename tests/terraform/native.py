"""`terraform test` in a root: with a mocked provider, and so without AWS."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from terraform.root import Root, run


def run_without_aws(root: Root, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a root that finds neither credentials nor a kept provider; it may fail."""
    environment = {name: v for name, v in root.environment.items() if not name.startswith("AWS_")}
    environment.pop("TF_REATTACH_PROVIDERS", None)
    return run([*root.engine.command, *command], directory=root.directory, environment=environment)


def run_tests(root: Root, *options: str) -> str:
    """What `terraform test` says, whether the tests pass or not."""
    done = run_without_aws(root, "test", "-no-color", *options)
    return done.stdout + done.stderr


@contextmanager
def with_tests(root: Root, text: str) -> Iterator[None]:
    """For the time of the ``with`` block, `text` is the root's only test file."""
    file = root.directory / "tests" / "pipelines.tftest.hcl"
    file.parent.mkdir()
    file.write_text(text)
    try:
        yield
    finally:
        file.unlink()
        file.parent.rmdir()
