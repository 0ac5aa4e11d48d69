"""`make rehearse`: the coming month of the examples, or of your own root (docs/rehearsal.md).

The real Terraform applies a root to emulated AWS, and its pipelines run in simulated time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import own_root
import picture
import stage
import timeline
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime import graph
from emulated_aws.runtime.script import KINDS, Failure
from emulated_aws.surroundings import arrange_named
from month import CannotPlay, Month, Plan, coming_midnight, play
from repository import ALL_OUTPUTS, copy_folder, copy_module
from stage import console, heading, say
from sweep import age
from terraform import engine as engines
from terraform import provider
from terraform.root import Root, TerraformError

#: Problems of a root that the result repeats.
_SHOWN = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse; 0 when nothing went wrong that was not told to."""
    given = options(arguments)
    plan = plan_of(given)
    found: list[str] = []
    months = []
    try:
        with tempfile.TemporaryDirectory() as directory, EmulatedAWS() as aws:
            for name, month in _months(given, plan, aws, Path(directory)):
                show(name, month, given.zone)
                found += shortened(name, month.problems)
                months.append(month)
                if given.picture:
                    given.picture.write_text(picture.draw(month, name))
    except (CannotPlay, own_root.RootError, TerraformError) as error:
        sys.exit(f"Error: {error}")
    found += list(misses(plan, months))
    heading("Result")
    for sentence in found:
        say(f"Error: {sentence}", style="red")
    if not found:
        say("Nothing failed" + (" but what was told to." if plan.failures else "."))
    return 1 if found else 0


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line.

    Raises:
        SystemExit: after a sentence on what is wrong.
    """
    parser = _parser()
    found = parser.parse_args(arguments)
    if found.picture and not (found.example or found.root):
        parser.error("--picture draws one month: name an example or a root.")
    return found


def plan_of(options: argparse.Namespace) -> Plan:
    """What the command line wants to be played."""
    return Plan(
        options.start,
        options.days,
        tuple(options.fail),
        dict(options.duration),
        options.outside.get("files", {}),
        options.outside.get("results", {}),
    )


def _parser() -> argparse.ArgumentParser:
    kinds = "; ".join(f"{kind}: {meaning}" for kind, meaning in KINDS.items())
    parser = argparse.ArgumentParser(prog="make rehearse", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("example", nargs="?", choices=stage.EXAMPLES, help="all by default")
    which.add_argument(
        "--root", type=lambda text: Path(text).expanduser(), help="folder of your own root"
    )
    parser.add_argument("--days", type=_days, default=30, help="from 1 to 366; 30 by default")
    parser.add_argument(
        "--from",
        dest="start",
        metavar="DATE",
        type=_date,
        default=coming_midnight(),
        help="such as 2026-12-01; tomorrow by default",
    )
    parser.add_argument(
        "--zone", type=_zone, help="such as Europe/Berlin; the machine's by default"
    )
    parser.add_argument(
        "--fail",
        action="append",
        default=[],
        type=_failure,
        metavar="WHAT",
        help=f"such as training@2 or training@2:capacity*3, again and again. {kinds}",
    )
    parser.add_argument(
        "--duration",
        action="append",
        default=[],
        type=_duration,
        metavar="PIPELINE=TIME",
        help="such as training=3h",
    )
    parser.add_argument(
        "--outside",
        default={},
        type=_outside,
        metavar="FILE",
        help="JSON: what steps write and give, as docs/rehearsal.md says",
    )
    parser.add_argument("--picture", type=_file, metavar="FILE", help="draw the month as SVG")
    return parser


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 366:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 366")
    return int(text)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.parent.is_dir() or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no file in a folder that exists")
    return path


def _date(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2026-12-01") from None


def _zone(text: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is no zone like Europe/Berlin") from None


def _failure(text: str) -> Failure:
    try:
        return Failure.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _duration(text: str) -> tuple[str, timedelta]:
    name, _, time = text.partition("=")
    return name, age(time)


def _outside(text: str) -> dict[str, dict[str, dict[str, Any]]]:
    try:
        found = json.loads(Path(text).expanduser().read_text())
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no file with JSON: {error}") from None
    steps = found.values() if isinstance(found, dict) else [None]
    if not all(isinstance(one, dict) and all(map(_is_object, one.values())) for one in steps):
        raise argparse.ArgumentTypeError(f'{text!r} is not like {{"files": {{"Step": {{}}}}}}')
    if unknown := sorted(found.keys() - {"files", "results"}):
        raise argparse.ArgumentTypeError(f"{text!r} has {unknown[0]}, but knows files and results")
    return dict(found)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _months(
    given: argparse.Namespace, plan: Plan, aws: EmulatedAWS, workdir: Path
) -> Iterator[tuple[str, Month]]:
    engine = engines.find()
    base = engines.environment(workdir, engine) | aws.environment
    if given.root:
        with console.status("terraform init, apply, a month, destroy …"):
            yield str(given.root), rehearse_root(given.root, workdir, engine, base, aws, plan)
        return
    with console.status("terraform init …"):
        installation = provider.install(engine, base, workdir)
    with provider.shared_provider(installation, base) as environment:
        copy_module(workdir)
        for name in [given.example] if given.example else stage.EXAMPLES:
            directory = copy_folder(f"examples/{name}", workdir)
            with console.status(f"{name}: apply, a month, destroy …"):
                yield (
                    f"examples/{name}",
                    rehearse_example(Root(directory, installation, environment), aws, plan),
                )


def rehearse_example(root: Root, aws: EmulatedAWS, plan: Plan, **arguments: Any) -> Month:
    """A month of an example, with its schedules switched on, unless it says what starts it.

    Args:
        root: the example, in a copy.
        aws: whatever is in it.
        plan: what to play.
        arguments: of the module call, to be others.
    """
    aws.reset()
    aws.seed()
    (root.directory / "all_outputs.tf").write_text(ALL_OUTPUTS)
    stage.override(root.directory, stage.schedules(root.directory) | arguments)
    outside = stage.outside(root.directory)
    plan = replace(
        plan,
        files={**outside.get("files", {}), **plan.files},
        results={**outside.get("results", {}), **plan.results},
    )
    try:
        return play(root, aws, plan, ["what the examples name (make emulator lists it)"])
    finally:
        (root.directory / stage.OVERRIDE).unlink()


def rehearse_root(
    source: Path,
    workdir: Path,
    engine: engines.Engine,
    environment: dict[str, str],
    aws: EmulatedAWS,
    plan: Plan,
) -> Month:
    """A month of somebody's root, as it is."""
    aws.reset()
    aws.seed()
    copy = own_root.copy_root(source, workdir)
    made = arrange_named(aws, own_root.text(copy))
    return play(own_root.initialize(copy, engine, environment), aws, plan, made)


def show(name: str, month: Month, zone: tzinfo | None) -> None:
    """Say what happened."""
    plan = month.plan
    heading(f"{name}: {plan.days} days from {plan.start:%Y-%m-%d}")
    for line in timeline.lines(month, zone):
        say(line.text, style=line.style)
    say()
    for line in timeline.summary(month, zone):
        say(line.text)


def shortened(name: str, problems: list[str]) -> list[str]:
    """The first problems of a root; the timeline has them all."""
    found = [f"{name}: {sentence}" for sentence in problems[:_SHOWN]]
    rest = len(problems) - len(found)
    return [*found, f"{name}: {rest} more; see above."] if rest else found


def misses(plan: Plan, months: list[Month]) -> Iterator[str]:
    """A sentence for each failure or duration that was told in vain."""
    names = sorted({name for month in months for name in month.names.values()})
    has = f"the pipelines are {', '.join(names)}" if names else "there is no pipeline"
    told = {
        failure
        for month in months
        for happenings in (month.executions, month.starts)
        for happening in happenings
        for failure in month.told(happening)
    }
    for failure in plan.failures:
        if failure not in told:
            yield (
                f"--fail {failure.pipeline}@{failure.number}:{failure.kind} hits nothing: {has}; "
                "executions are counted from 1, only spot instances have an interruption, and only "
                "checks a violation."
            )
    full = {arn.rpartition("/")[2] for month in months for arn in month.pipelines}
    for name in plan.durations:
        if not any(f"-{other}".endswith(f"-{name}") for other in full):
            yield f"--duration {name} is of no pipeline: {has}."
    contents = [content for month in months for content in month.pipelines.values()]
    steps = {step for content in contents for step in graph.nodes(content["Steps"])}
    has_steps = f"the steps are {', '.join(sorted(steps))}" if steps else "there is no pipeline"
    for name in sorted({*plan.files, *plan.results} - steps):
        yield f"--outside has {name}, which is no step: {has_steps}."


if __name__ == "__main__":
    sys.exit(main())
