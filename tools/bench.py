"""`make bench`: what a plan of the module costs, as ratios that are measured in one run.

Plans by the real Terraform and AWS provider on emulated AWS. What is compared takes turns, and each
ratio is the median of those of the turns: a machine that is slow for minutes slows both alike. Wall
time counts; user CPU stands beside it. docs/performance.md says what the ratios mean.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.infrastructure import SHARED
from repository import REPOSITORY, copy_module
from terraform import engine as engines
from terraform import provider
from terraform.plan import Plan
from terraform.root import Root

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

#: The module as it is, with and without looking the network up; and what remains of it when its
#: rules and outputs are taken away, which shows what they cost.
BARE = "no lookups, rules, outputs"
VARIANTS = ("lookups", "no lookups", BARE)

#: Of the provider: a connection that breaks does not end a long measurement.
RETRIES = 3

console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)


@dataclass
class Cost:
    """What the runs of one command took, wall and user CPU in s, and the AWS calls of the last."""

    walls: list[float] = field(default_factory=list)
    users: list[float] = field(default_factory=list)
    calls: int = 0


@dataclass(frozen=True)
class Bench:
    """Everything that roots need, in a folder that holds a copy of the module."""

    workdir: Path
    aws: EmulatedAWS
    engine: engines.Engine
    environment: dict[str, str]
    installation: provider.Installation

    def module(self, kind: str, number: int, variant: str = "no lookups") -> Root:
        """A root that calls the module so often."""
        root = self._root()
        inputs = {**KINDS[kind], **NETWORK, "lookup_network": variant == "lookups"}
        calls = {f"i{n}": {**inputs, "environment": f"e{n}"} for n in range(number)}
        source = "../bare" if variant == BARE else "../module"
        root.call_module(calls, source=source, max_retries=RETRIES)
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


# --- The measurements: each prints a table of ratios ---


def ratio(over: Cost, under: Cost) -> tuple[float, float]:
    """Wall time and user CPU of one in units of another, turn by turn."""
    turns = zip(over.walls, under.walls, over.users, under.users, strict=True)
    walls, users = zip(
        *((wall / one, user / other) for wall, one, user, other in turns), strict=True
    )
    return median(walls), median(users)


def verdict(value: float, limit: float | None) -> str:
    """The aim, if there is one, and whether a number meets it."""
    if limit is None:
        return ""
    return f"<= {limit:g} {'[green]met[/]' if value <= limit else '[yellow]not met[/]'}"


def against_flat(bench: Bench, runs: int) -> None:
    """One instance against the same resources without the module."""
    roots: dict[Any, Root] = {}
    for kind in KINDS:
        roots |= {(kind, variant): bench.module(kind, 1, variant) for variant in VARIANTS}
        plan = roots[kind, "lookups"].plan()
        roots[kind, "flat"] = bench.flat(plan)
        for other in (BARE, "flat"):
            same_resources(plan, roots[kind, other].plan())
    costs = bench.plans(roots, runs)
    table = Table("one instance / its resources, flat", "wall", "user CPU", "aim, wall")
    for kind in KINDS:
        for variant in VARIANTS:
            wall, user = ratio(costs[kind, variant], costs[kind, "flat"])
            aim = verdict(wall, None if variant == BARE else 1.05)
            table.add_row(f"{kind}: {variant}", f"{wall:.2f}", f"{user:.2f}", aim)
        table.add_section()
    console.print(table)


def growth(bench: Bench, counts: Sequence[int], runs: int) -> None:
    """Many instances against one, and the AWS calls of one more."""
    most = counts[-1]
    aims = {"lookups": 8.0, "no lookups": 4.0} if most == 200 else {}
    call_aims = {"lookups": 8.0, "no lookups": 1.0}
    headings = [f"{number}" for number in counts[1:]]
    table = Table("many instances / one", *headings, f"aim, {most}", "AWS calls of one more")
    for kind in KINDS:
        roots: dict[Any, Root] = {
            (variant, number): bench.module(kind, number, variant)
            for variant in VARIANTS
            for number in counts
        }
        plan = roots["no lookups", 1].plan()
        roots |= {("flat", number): bench.flat(plan, number) for number in counts}
        costs = bench.plans(roots, runs)
        for variant in (*VARIANTS, "flat"):
            one, ten = costs[variant, 1], costs[variant, counts[1]]
            walls = [ratio(costs[variant, number], one)[0] for number in counts[1:]]
            calls = (ten.calls - one.calls) / (counts[1] - 1)
            table.add_row(
                f"{kind}: {variant}",
                *(f"{wall:.1f}" for wall in walls),
                verdict(walls[-1], aims.get(variant)),
                f"{calls:g} {verdict(calls, call_aims.get(variant))}",
            )
        table.add_section()
    console.print(table)


def suite(bench: Bench, runs: int) -> None:
    """The plan-only tests against what a user waits for: `init` and `plan` in a new folder."""
    cold, tests = Cost(), Cost()
    for _ in range(runs):
        home = Path(tempfile.mkdtemp(prefix="cold-", dir=bench.workdir))
        copy_module(home)
        example = home / "examples/both-pipelines"
        shutil.copytree(REPOSITORY / "examples/both-pipelines", example)
        steps = Cost()
        for arguments in (["init"], ["plan", "-lock=false"]):
            with console.status(f"terraform {arguments[0]} in a new folder"):
                command = [*bench.engine.command, *arguments, "-input=false", "-no-color"]
                measure(steps, command, example, bench.environment)
        cold.walls.append(sum(steps.walls))
        cold.users.append(sum(steps.users))
        with console.status("pytest tests/ --plan-only"):
            command = [sys.executable, "-m", "pytest", "tests/", "--plan-only", "-q"]
            measure(tests, command, REPOSITORY)
    wall, user = ratio(tests, cold)
    table = Table("plan-only tests / init and plan of an example", "wall", "user CPU", "aim, wall")
    table.add_row("pytest tests/ --plan-only", f"{wall:.1f}", f"{user:.1f}", verdict(wall, 8))
    console.print(table)


def copy_bare(target: Path, source: Path) -> None:
    """Copy the module without its rules, warnings and outputs."""
    copy_module(target, source)
    rules = r"\n( +)(?:validation|precondition|postcondition) \{\n.*?\n\1\}"
    for file in target.glob("*.tf"):
        if file.name in ("checks.tf", "outputs.tf"):
            file.unlink()
        else:
            file.write_text(re.sub(rules, "", file.read_text(), flags=re.DOTALL))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="3 turns, up to 10 instances, no tests"
    )
    parser.add_argument(
        "--runs", type=int, default=7, help="turns (default: 7; 3 with many instances)"
    )
    parser.add_argument(
        "--module", type=Path, default=REPOSITORY, help="another copy of the module, to compare"
    )
    options = parser.parse_args()
    runs = 3 if options.quick else options.runs
    with tempfile.TemporaryDirectory() as directory, EmulatedAWS() as aws:
        workdir = Path(directory)
        for name, copy in (("module", copy_module), ("bare", copy_bare)):
            (workdir / name).mkdir()
            copy(workdir / name, options.module)
        aws.seed()
        engine = engines.find()
        base = engines.environment(workdir, engine)
        installation = provider.install(engine, base, workdir)
        bench = Bench(workdir, aws, engine, base | aws.environment, installation)
        console.print(
            f"{engine.product.capitalize()} {engine.version}, hashicorp/aws "
            f"{installation.version}. Medians of the ratios of {runs} turns."
        )
        against_flat(bench, runs)
        growth(bench, (1, 10) if options.quick else (1, 10, 50, 200), min(runs, 3))
        if not options.quick:
            suite(bench, min(runs, 3))


if __name__ == "__main__":
    main()
