"""Where the AWS provider comes from, and how to pay for it as seldom as possible.

The provider is a 700 MB executable. Terraform installs it (0.5 s to 1 s), checks its hash at every
command (0.5 s) and starts it, often twice, for every command. `install` does the first once and
spares the second; `shared_provider` spares the third.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terraform.engine import Engine, Product

CONSTRAINT = ">= 5.73.0, < 7.0.0"
"""The versions of hashicorp/aws that the module takes."""

SYSTEM_PLACES = ("/opt", "/usr/local/share", "/usr/share")
"""Folders whose direct children may be a provider mirror; Terraform does not look there."""

PATIENCE = 5
"""Seconds that a provider gets to end by itself."""

_REGISTRY: dict[Product, str] = {
    "terraform": "registry.terraform.io",
    "opentofu": "registry.opentofu.org",
}


class ProviderNotFoundError(RuntimeError):
    """The provider does not install or start; the message says why."""


def configure(workdir: Path, product: Product, base: Mapping[str, str]) -> dict[str, str]:
    """The TF_* variables that make `init` find the provider; files for it go to `workdir`.

    TF_PROVIDER_MIRROR comes first (a folder that holds `registry.terraform.io/`), then the user's
    CLI configuration, then a mirror in a system-wide place. Without them Terraform searches by
    itself: its implied mirrors
    (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories)
    and the public registry.
    """
    mirror = base.get("TF_PROVIDER_MIRROR") or ""
    if not mirror:
        configuration = base.get("TF_CLI_CONFIG_FILE") or ""
        if Path(configuration).is_file():
            return {"TF_CLI_CONFIG_FILE": str(Path(configuration).absolute())}
        home = Path(base.get("HOME") or Path.home())
        if not any((home / name).is_file() for name in (".terraformrc", ".tofurc")):
            mirror = next(_system_mirrors(), "")
    if mirror:
        return {"TF_CLI_CONFIG_FILE": str(_mirror_alone(Path(mirror), product, workdir))}
    cache = Path(base.get("TF_PLUGIN_CACHE_DIR") or cache_directory(workdir) / "plugins")
    cache.mkdir(parents=True, exist_ok=True)
    # Without the second one, a root that has no lock file downloads the provider once more.
    return {
        "TF_PLUGIN_CACHE_DIR": str(cache),
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true",
    }


def _system_mirrors() -> Iterator[str]:
    for place in SYSTEM_PLACES:
        for found in sorted(Path(place).glob("*/registry.terraform.io/hashicorp/aws")):
            yield str(found.parents[2])


def _mirror_alone(mirror: Path, product: Product, workdir: Path) -> Path:
    """A CLI configuration that installs providers from `mirror` and from nowhere else.

    With a `direct` block Terraform would ask the registry all the same.
    """
    mirror = mirror.expanduser().absolute()
    if product == "opentofu" and not (mirror / _REGISTRY[product]).is_dir():
        mirror = _mirror_for_opentofu(mirror, workdir / "opentofu-mirror")
    path = json.dumps(str(mirror))
    configuration = workdir / "mirror.tfrc"
    configuration.write_text(
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n"
    )
    return configuration


def _mirror_for_opentofu(mirror: Path, target: Path) -> Path:
    """OpenTofu looks under its own registry's name, and follows links on the last level only."""
    registry = mirror / _REGISTRY["terraform"]
    for found in [*registry.glob("*/*/*/*_*"), *registry.glob("*/*/*.zip")]:
        link = target / _REGISTRY["opentofu"] / found.relative_to(registry)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(found)
    return target


def cache_directory(otherwise: Path) -> Path:
    """Where downloads stay between runs: below the virtual environment, else in `otherwise`."""
    if sys.prefix == sys.base_prefix:
        return otherwise
    return Path(sys.prefix) / "var/terraform"


@dataclass(frozen=True)
class Installation:
    """The provider, installed once for many roots.

    Attributes:
        root: the folder in which `init` ran.
        version: the provider's, such as "5.100.0".
        executable: the provider's program.

    """

    root: Path
    version: str
    executable: Path
    engine: Engine
    environment: Mapping[str, str]

    def prepare(self, root: Path) -> None:
        """Do in 0.05 s what `init` would do for `root`, a folder with .tf files.

        For roots that need hashicorp/aws and local modules, no backend and no other provider. The
        lock file comes without hashes, so the provider is not hashed again at every command.

        Raises:
            RuntimeError: the root does not parse or a module is not there.

        """
        (root / ".terraform").mkdir(exist_ok=True)
        providers = root / ".terraform/providers"
        if not providers.is_symlink():
            providers.symlink_to(self.root / ".terraform/providers")
        shutil.copyfile(self.root / "lock.hcl", root / ".terraform.lock.hcl")
        done = subprocess.run(
            [*self.engine.command, "get", "-no-color"],
            cwd=root,
            env=dict(self.environment),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"The modules of {root} cannot be had: {_said(done)}")


def install(
    engine: Engine, environment: Mapping[str, str], workdir: Path, constraint: str = CONSTRAINT
) -> Installation:
    """Run `init` once for hashicorp/aws, in a folder of its own below `workdir`.

    Args:
        engine: as `engine.find` gives it.
        environment: as `engine.environment` gives it.
        workdir: an existing folder that outlives the installation's use.
        constraint: which versions of the provider will do.

    Raises:
        ProviderNotFoundError: `init` failed; the message holds what it said.

    """
    root = workdir / "provider"
    root.mkdir(exist_ok=True)
    requirement = {"aws": {"source": "hashicorp/aws", "version": constraint}}
    (root / "main.tf.json").write_text(
        json.dumps({"terraform": {"required_providers": requirement}})
    )
    done = subprocess.run(
        [*engine.command, "init", "-no-color", "-input=false"],
        cwd=root,
        env=dict(environment),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise ProviderNotFoundError(
            f"hashicorp/aws {constraint} cannot be installed with {engine.product} "
            f"{engine.version}; TF_PROVIDER_MIRROR can name a folder that holds it. `init` said: "
            f"{_said(done)}"
        )
    lock = (root / ".terraform.lock.hcl").read_text()
    (root / "lock.hcl").write_text(re.sub(r"\n *hashes = \[.*?\]", "", lock, flags=re.DOTALL))
    executable = next(root.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*"))
    return Installation(root, executable.parts[-3], executable, engine, environment)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stdout + done.stderr).split())


@contextmanager
def shared_provider(
    installation: Installation, environment: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Keep one provider process running for many commands, one after another.

    What is yielded is `environment` with TF_REATTACH_PROVIDERS set: commands that get it start no
    provider of their own, and `init` installs and locks none. Only for commands that run one at a
    time and need no provider alias, because the process holds one configuration. A provider block
    counts as usual; what comes from AWS_* variables stays as it is in `environment`.

    Raises:
        ProviderNotFoundError: the provider does not start within a minute.

    """
    log = installation.root / "provider.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [installation.executable, "-debug"],
            cwd=installation.root,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    # Should this Python be killed, the end of its pipe lets the shell end the provider.
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", f"read -r _; kill {process.pid}"],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        attach = _wait_for_address(process, log)
        attach = {
            f"{registry}/hashicorp/aws": address
            for registry in _REGISTRY.values()
            for address in attach.values()
        }
        yield {**environment, "TF_REATTACH_PROVIDERS": json.dumps(attach)}
    finally:
        watchdog.kill()
        watchdog.communicate()
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait()


def _wait_for_address(process: subprocess.Popen[bytes], log: Path) -> dict[str, object]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"TF_REATTACH_PROVIDERS='(.*)'", log.read_text())
        if found:
            address: dict[str, object] = json.loads(found[1])
            return address
        time.sleep(0.02)
    raise ProviderNotFoundError(
        f"The provider did not start (exit code {process.poll()}): {log.read_text().strip()}"
    )
