"""`make bench`: what a plan of the module costs, as ratios that are measured in one run.

Times are medians of a plan by the real Terraform and AWS provider on emulated AWS; the roots that
are compared take turns, so a machine that is busy for a while slows all of them. Wall time counts;
user CPU of Terraform and the provider stands beside it, because it moves less on a shared machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from harness import engine as engines
from harness import provider
from harness.emulator import EmulatedAWS
from harness.infrastructure import SHARED
from harness.plan import Plan
from harness.root import Root
from rich.console import Console
from rich.table import Table

REPOSITORY = Path(__file__).resolve().parent.parent
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

#: The smallest instance: one pipeline, 5 resources.
TRAINING: Mapping[str, Any] = {
    "project_name": "ml-platform",
    "s3_bucket_arn": "arn:aws:s3:::my-ml-bucket",
    "training_image_uri": f"{ECR}/ml-training:latest",
    "input_data_s3_path": "s3://my-ml-bucket/datasets/training/",
    "model_output_s3_path": "s3://my-ml-bucket/models/",
    "training_environment_variables": {"MLFLOW_TRACKING_URI": "https://mlflow.example.com"},
    "tags": {"Project": "ml-platform", "Environment": "bench", "Team": "ml-engineering"},
}
#: Both pipelines with their schedules: 18 resources.
BOTH: Mapping[str, Any] = {
    **TRAINING,
    "enable_processing_pipeline": True,
    "inference_image_uri": f"{ECR}/ml-inference:latest",
    "inference_input_s3_path": "s3://my-ml-bucket/inference/input/",
    "inference_output_s3_path": "s3://my-ml-bucket/inference/output/",
    "processing_environment_variables": {"KAFKA_TOPIC": "predictions"},
    "enable_training_schedule": True,
    "enable_processing_schedule": True,
}
NETWORK: Mapping[str, Any] = {
    "vpc_id": SHARED.vpc_id,
    "subnet_ids": SHARED.subnet_ids,
    "security_group_ids": [SHARED.security_group_id],
}
KINDS = {"training": TRAINING, "both, scheduled": BOTH}

#: Of the provider: a connection that breaks does not end a long measurement.
RETRIES = 3

console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)


@dataclass
class Cost:
    """What the runs of one command took, in seconds, and the AWS calls of the last one."""

    walls: list[float] = field(default_factory=list)
    users: list[float] = field(default_factory=list)
    calls: int = 0

    @property
    def wall(self) -> float:
        """Median."""
        return median(self.walls)

    @property
    def user(self) -> float:
        """Median; user CPU."""
        return median(self.users)


@dataclass(frozen=True)
class Bench:
    """Everything that roots need, in a folder that holds a copy of the module."""

    workdir: Path
    aws: EmulatedAWS
    engine: engines.Engine
    environment: dict[str, str]
    installation: provider.Installation

    def module(self, kind: str, number: int, *, lookups: bool) -> Root:
        """A root that calls the module so often."""
        root = self._root()
        inputs = {**KINDS[kind], **NETWORK, "lookup_network": lookups}
        calls = {f"i{n}": {**inputs, "environment": f"e{n}"} for n in range(number)}
        root.call_module(calls, max_retries=RETRIES)
        return root

    def flat(self, planned: Plan, copies: int = 1) -> Root:
        """A root with the managed resources of a plan, their arguments literals."""
        resources: dict[str, dict[str, Any]] = {}
        for index, change in enumerate(changes(planned)):
            arguments = literal(change["change"]["after"])
            for copy in range(copies):
                resources.setdefault(change["type"], {})[f"r{index}_{copy}"] = arguments
        aws = {"source": "hashicorp/aws", "version": provider.CONSTRAINT}
        root = self._root()
        root.write(
            {
                "terraform": {"required_providers": {"aws": aws}},
                "provider": {"aws": {"region": self.aws.region, "max_retries": RETRIES}},
                "resource": resources,
            }
        )
        return root

    def _root(self) -> Root:
        directory = Path(tempfile.mkdtemp(prefix="root-", dir=self.workdir))
        return Root(directory, self.installation, self.environment)

    def plans(self, roots: Mapping[Any, Root], runs: int) -> dict[Any, Cost]:
        """Plan each root so often, in turns."""
        costs: dict[Any, Cost] = {name: Cost() for name in roots}
        command = [*self.engine.command, "plan", "-lock=false", "-input=false", "-no-color"]
        for number in range(runs):
            for name, root in roots.items():
                with console.status(f"plan {number + 1} of {runs}: {name}"):
                    self.aws.calls.clear()
                    measure(costs[name], command, root.directory, self.environment)
                    costs[name].calls = len(self.aws.calls)
        return costs


def measure(
    cost: Cost, command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Run a command that has to succeed, and add what it took; its own children count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    wall = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed: {(done.stdout + done.stderr)[-3000:]}")
    cost.walls.append(wall)
    cost.users.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)


def changes(plan: Plan) -> list[dict[str, Any]]:
    """Planned changes of managed resources, in the order of their addresses."""
    return [item for item in plan.document["resource_changes"] if item["mode"] == "managed"]


def literal(value: Any) -> Any:
    """A planned value as configuration in Terraform's JSON syntax, without what nobody set."""
    if isinstance(value, dict):
        return {
            name: literal(item)
            for name, item in value.items()
            if item is not None and item != [] and name != "tags_all"
        }
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    return value


def same_resources(planned: Plan, flat: Plan) -> None:
    """Make sure that two plans have the same resources with the same arguments."""
    expected, found = (
        sorted(json.dumps([item["type"], item["change"]["after"]]) for item in changes(plan))
        for plan in (planned, flat)
    )
    if expected != found:
        raise SystemExit(f"The flat root plans other resources: {found}; expected {expected}")


# --- The measurements: each adds rows of what, wall, user CPU, aim ---

Row = Callable[[str, str, str, str], None]


def ratio(over: Cost, under: Cost) -> tuple[str, str]:
    """Wall and user CPU of one in units of another."""
    return f"{over.wall / under.wall:.2f}", f"{over.user / under.user:.2f}"


def verdict(value: str, limit: float) -> str:
    """The aim, and whether a number meets it."""
    met = float(value) <= limit
    return f"<= {limit:g} {'[green]met[/]' if met else '[yellow]not met[/]'}"


def against_flat(bench: Bench, row: Row, runs: int) -> None:
    """One instance against the same resources without the module."""
    roots: dict[Any, Root] = {}
    for kind in KINDS:
        module = bench.module(kind, 1, lookups=True)
        plan = module.plan()
        flat = bench.flat(plan)
        same_resources(plan, flat.plan())
        roots |= {
            (kind, "lookups"): module,
            (kind, "no lookups"): bench.module(kind, 1, lookups=False),
            (kind, "flat"): flat,
        }
    costs = bench.plans(roots, runs)
    for kind in KINDS:
        for lookups in ("lookups", "no lookups"):
            wall, user = ratio(costs[kind, lookups], costs[kind, "flat"])
            row(f"{kind}, {lookups} / flat", wall, user, verdict(wall, 1.05))


def growth(bench: Bench, row: Row, counts: Sequence[int], runs: int) -> None:
    """Many instances against one, and the AWS calls of each."""
    aims = {(True, 200): 8.0, (False, 200): 4.0}
    calls: dict[bool, float] = {}
    for kind in KINDS:
        sizes: dict[Any, Root] = {
            (lookups, number): bench.module(kind, number, lookups=lookups)
            for number in counts
            for lookups in (True, False)
        }
        plan = sizes[False, 1].plan()
        sizes |= {("flat", number): bench.flat(plan, number) for number in counts}
        costs = bench.plans({key: root for key, root in sizes.items() if key[1] < 50}, runs)
        costs |= bench.plans({key: root for key, root in sizes.items() if key[1] >= 50}, 1)
        for lookups in (True, False):
            name = "lookups" if lookups else "no lookups"
            for number in counts[1:]:
                wall, user = ratio(costs[lookups, number], costs[lookups, 1])
                limit = aims.get((lookups, number))
                aim = verdict(wall, limit) if limit else ""
                row(f"{kind}, {name}: {number} instances / 1", wall, user, aim)
            ten = costs[lookups, counts[1]].calls - costs[lookups, 1].calls
            calls[lookups] = ten / (counts[1] - 1)
        for number in counts[1:]:
            wall, user = ratio(costs["flat", number], costs["flat", 1])
            row(f"{kind}, flat: resources of {number} instances / 1", wall, user, "")
    row(
        "AWS calls of a further instance, lookups",
        f"{calls[True]:g}",
        "",
        verdict(f"{calls[True]}", 8),
    )
    row("the same, no lookups", f"{calls[False]:g}", "", verdict(f"{calls[False]}", 1))


def suite(bench: Bench, row: Row, runs: int) -> None:
    """The plan-only tests against what a user waits for: `init` and `plan` in a new folder."""
    init, plan = Cost(), Cost()
    for _ in range(runs):
        home = Path(tempfile.mkdtemp(prefix="cold-", dir=bench.workdir))
        copy_module(REPOSITORY, home)
        example = home / "examples/both-pipelines"
        shutil.copytree(REPOSITORY / "examples/both-pipelines", example)
        for step, arguments in ((init, ["init"]), (plan, ["plan", "-lock=false"])):
            with console.status(f"terraform {arguments[0]} in a new folder"):
                command = [*bench.engine.command, *arguments, "-input=false", "-no-color"]
                measure(step, command, example, bench.environment)
    cold = Cost(
        [sum(pair) for pair in zip(init.walls, plan.walls, strict=True)],
        [sum(pair) for pair in zip(init.users, plan.users, strict=True)],
    )
    tests = Cost()
    with console.status("pytest tests/ --plan-only"):
        command = [sys.executable, "-m", "pytest", "tests/", "--plan-only", "-q"]
        measure(tests, command, REPOSITORY)
    wall, user = ratio(tests, cold)
    row("plan-only tests / init and plan of both-pipelines", wall, user, verdict(wall, 8))


def copy_module(source: Path, directory: Path) -> None:
    """Copy the .tf files."""
    for file in source.glob("*.tf"):
        shutil.copy(file, directory)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 10 instances, 2 runs, no tests")
    parser.add_argument("--runs", type=int, default=5, help="runs a median is of (default: 5)")
    parser.add_argument(
        "--module", type=Path, default=REPOSITORY, help="another copy of the module, to compare"
    )
    options = parser.parse_args()
    runs = 2 if options.quick else options.runs
    table = Table("plan of", "wall", "user CPU", "aim, wall")
    with tempfile.TemporaryDirectory() as directory, EmulatedAWS() as aws:
        workdir = Path(directory)
        (workdir / "module").mkdir()
        copy_module(options.module, workdir / "module")
        aws.seed()
        engine = engines.find()
        base = engines.environment(workdir, engine)
        installation = provider.install(engine, base, workdir)
        bench = Bench(workdir, aws, engine, base | aws.environment, installation)
        console.print(
            f"{engine.product.capitalize()} {engine.version}, hashicorp/aws "
            f"{installation.version}; medians of {runs}, from 50 instances on one run"
        )
        try:
            against_flat(bench, table.add_row, runs)
            table.add_section()
            counts = (1, 10) if options.quick else (1, 10, 50, 200)
            growth(bench, table.add_row, counts, min(runs, 3))
            if not options.quick:
                table.add_section()
                suite(bench, table.add_row, 3)
        finally:  # what is measured, also when a later command fails
            console.print(table)


if __name__ == "__main__":
    main()
