"""The real provider, installed once and kept running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from terraform import engine, provider
from terraform.root import Root

CALLER = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
    # a kept provider now and then loses a connection
    "provider": {"aws": {"max_retries": 3}},
    "data": {"aws_caller_identity": {"current": {}}},
    "output": {"account": {"value": "${data.aws_caller_identity.current.account_id}"}},
}


def test_kept_provider_is_the_one_that_plans(new_root: Callable[[], Root]) -> None:
    root = new_root()
    root.write(CALLER)
    (root.directory / ".terraform/providers").unlink()  # there is no other
    assert root.changes() == {"output.account": "create"}


def alive(pid: int) -> bool:
    """Whether there is a process with this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def stand_in(folder: Path, behavior: str) -> provider.Installation:
    """An installation whose provider is a shell script; it writes its process id to `pid`."""
    script = folder / "provider"
    script.write_text(f"#!/bin/sh\necho $$ > pid\n{behavior}\n")
    script.chmod(0o755)
    found = engine.Engine(("terraform",), "1.11.4", "terraform")
    return provider.Installation(folder, "5.100.0", script, found, {})


STARTS = """\
trap 'touch ended; exit' TERM
echo "TF_REATTACH_PROVIDERS='{\\"registry.terraform.io/hashicorp/aws\\": {\\"Pid\\": $$}}'"
while true; do sleep 0.1; done
"""


def test_provider_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = stand_in(tmp_path, "echo wrong architecture >&2; exit 3")
    with (
        pytest.raises(provider.ProviderNotFoundError, match=r"exit code 3\): wrong architecture"),
        provider.shared_provider(broken, os.environ),
    ):
        pass


def test_provider_serves_both_products(tmp_path: Path) -> None:
    with provider.shared_provider(stand_in(tmp_path, STARTS), os.environ) as shared:
        pid = int((tmp_path / "pid").read_text())
        assert {**os.environ, **shared} == shared
        assert json.loads(shared["TF_REATTACH_PROVIDERS"]) == {
            "registry.terraform.io/hashicorp/aws": {"Pid": pid},
            "registry.opentofu.org/hashicorp/aws": {"Pid": pid},
        }
        assert alive(pid)
    assert not alive(pid)


def test_stubborn_provider_ends_when_a_test_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "PATIENCE", 0.2)
    stubborn = stand_in(tmp_path, STARTS.replace("touch ended; exit", ""))
    with pytest.raises(KeyError), provider.shared_provider(stubborn, os.environ):
        raise KeyError
    assert not alive(int((tmp_path / "pid").read_text()))


def test_provider_ends_with_a_killed_python(tmp_path: Path) -> None:
    stand_in(tmp_path, STARTS)
    program = f"""
        import os, signal, sys
        from pathlib import Path
        sys.path.insert(0, {str(Path(__file__).parents[1])!r})
        from terraform import engine
        from terraform import provider
        found = engine.Engine(("terraform",), "1.11.4", "terraform")
        folder = Path({str(tmp_path)!r})
        installation = provider.Installation(folder, "5.100.0", folder / "provider", found, {{}})
        with provider.shared_provider(installation, os.environ):
            os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)])
    # Not by its process id: where nothing reaps orphans, an ended one keeps it.
    deadline = time.monotonic() + 5
    while not (tmp_path / "ended").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    pid = (tmp_path / "pid").read_text().strip()
    assert (tmp_path / "ended").exists(), f"the provider, process {pid}, outlives its tests"
