"""A copy of somebody's root, in which Terraform works without touching theirs."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from terraform.engine import Engine
from terraform.root import Root, TerraformError

_LEFT = shutil.ignore_patterns(
    ".git", ".terraform*", "*.tfstate*", ".venv", "node_modules", "__pycache__"
)
_LOCAL_SOURCE = re.compile(r'"?source"?\s*[=:]\s*"(\.\.?/[^"]*|\.\.?)"')
#: In the copy, state is a file beside it (docs/own-root.md).
_BACKEND = 'terraform {\n  backend "local" {}\n}\n'


class RootError(Exception):
    """The root cannot be rehearsed; the message says why."""


def copy_root(source: Path, target: Path) -> Path:
    """Copy a root into an existing folder; modules beside or above it are linked.

    Returns:
        The copy, from which every relative module source leads to where it led.

    Raises:
        RootError: the folder holds no root.
    """
    source = source.resolve()
    if not _configuration(source):
        raise RootError(f"{source} is no root: there is no .tf file in it.")
    if source in target.resolve().parents:
        raise RootError(f"{source} holds the temporary folder {target}: set TMPDIR to another.")
    folders = {source, *_modules(source, set())}
    common = Path(os.path.commonpath(folders))
    copy = _mirror(common, target / "root", source)
    (copy / "rehearsal_override.tf").write_text(_BACKEND)
    return copy


def _mirror(folder: Path, target: Path, root: Path) -> Path:
    """Link everything in a folder, but make the way to the root, and copy the root itself."""
    if folder == root:
        return Path(shutil.copytree(folder, target, ignore=_LEFT))
    target.mkdir()
    for entry in folder.iterdir():
        if entry == root or entry in root.parents:
            copy = _mirror(entry, target / entry.name, root)
        else:
            (target / entry.name).symlink_to(entry)
    return copy


def _configuration(folder: Path) -> list[Path]:
    return [*folder.glob("*.tf"), *folder.glob("*.tf.json")]


def _modules(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """The folders of the local modules that a folder calls, and those that they call."""
    for file in _configuration(folder):
        for source in _LOCAL_SOURCE.findall(file.read_text()):
            module = (folder / source).resolve()
            if module not in seen:
                seen.add(module)
                yield module
                yield from _modules(module, seen)


def text(folder: Path) -> str:
    """What stands in the configuration and the values of a root."""
    files = [*_configuration(folder), *folder.glob("*.tfvars"), *folder.glob("*.tfvars.json")]
    return "\n".join(file.read_text() for file in sorted(files))


def initialize(copy: Path, engine: Engine, environment: dict[str, str]) -> Root:
    """The root of a copy, with its modules and providers.

    Raises:
        RootError: `terraform init` failed.
    """
    variables = {name: value for name, value in os.environ.items() if name.startswith("TF_VAR_")}
    root = Root(copy, engine, environment | variables)
    try:
        root.init()
    except TerraformError as error:
        raise RootError(
            f"{error} Providers and modules that are no local folders need a network, and git "
            "modules git and your access."
        ) from error
    return root
