"""`make demo`: an example, from a mistake to destroy, on emulated AWS.

The real Terraform and the real AWS provider run the example with its schedules switched on. No AWS
account is needed, and none is touched. `make demo EXAMPLE=complete` shows another example.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

import stage
import timeline
from emulated_aws import schedule
from emulated_aws.emulator import EmulatedAWS
from emulated_aws.infrastructure import FOREIGN
from emulated_aws.runtime import account
from emulated_aws.runtime.script import Script
from emulated_aws.surroundings import arrange
from month import Inventory, added, lacking
from repository import copy_folder, copy_module
from roots import inventory
from stage import console, heading, override, prose, say
from terraform import engine as engines
from terraform import provider
from terraform.plan import Plan
from terraform.root import Root


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("example", nargs="?", default="both-pipelines", choices=stage.EXAMPLES)
    name = parser.parse_args().example
    engine = engines.find()
    with tempfile.TemporaryDirectory() as directory, EmulatedAWS() as aws:
        workdir = Path(directory)
        copy_module(workdir)
        example = copy_folder(f"examples/{name}", workdir)
        with console.status("Making what exists already (VPC, bucket, images), terraform init …"):
            aws.seed()
            before = aws.inventory()
            base = engines.environment(workdir, engine)
            installation = provider.install(engine, base, workdir)
        heading("SageMaker pipelines on emulated AWS")
        say(
            f"{engine.product.capitalize()} {engine.version} and the real AWS provider "
            f"{installation.version} run examples/{name}.\nIts schedules are switched on, one of "
            f"them in a time zone. AWS is emulated at\n{aws.endpoint}: no account is needed, and "
            "none is touched."
        )
        with provider.shared_provider(installation, base | aws.environment) as environment:
            made = walk(Root(example, installation, environment), aws)
        if lacking(aws.inventory(), added(before, made)):
            sys.exit("Something is left in emulated AWS.")
        say(
            "Destroyed: emulated AWS holds what it held before, what was made for the execution,\n"
            "and what that leaves on AWS, too: results in S3 and logs."
        )
        say(f"The configuration: examples/{name}/main.tf. Your own root: make emulator.")


def in_a_time_zone(example: Path) -> dict[str, Any]:
    """The argument that adds a schedule in a time zone, unless an example has schedules."""
    if "schedules" in stage.inputs(example):
        return {}
    last = stage.pipelines(example)[-1]
    early = {"pipeline": last, "expression": "cron(0 6 * * ? *)", "timezone": "Europe/Berlin"}
    return {"schedules": {"morning-in-berlin": early}}


def walk(root: Root, aws: EmulatedAWS) -> Inventory:
    """Show it all; gives what was made for the execution."""
    pipelines = stage.pipelines(root.directory)
    schedules = stage.schedules(root.directory) | in_a_time_zone(root.directory)

    heading("Mistakes stop at plan")
    parameters = {f"{pipelines[0].capitalize()}InstancType": "ml.m5.large"}
    mistakes: dict[str, Any] = {f"{pipelines[0]}_schedule_parameters": parameters}
    scheduled = {f"enable_{pipelines[0]}_schedule": True}
    if stage.inputs(root.directory).get("vpc_id"):
        mistakes["subnet_ids"] = FOREIGN.subnet_ids  # of another VPC
    show(mistakes)
    override(root.directory, schedules | scheduled | mistakes)
    with console.status("terraform plan …"):
        errors = [found for found in root.diagnostics() if found.severity == "error"]
    for error in errors:
        say(prose.fill(f"Error: {error.sentence}"), style="red")
    if len(errors) != len(mistakes):
        sys.exit(f"Terraform found {len(errors)} of {len(mistakes)} mistakes.")

    heading("The plan shows everything")
    override(root.directory, schedules)
    with console.status("terraform plan …"):
        plan = root.plan()
    show_plan(plan, pipelines[0])
    for key in stage.additional_pipelines(root.directory):
        show_derived(plan, key)

    heading("Apply, and plan again")
    run("apply", root, len(plan.resources))
    with console.status("terraform plan …"):
        changes = root.changes()
    if changes:
        sys.exit(f"The second plan is not empty: {changes}")
    say("The second plan is empty.")

    heading("What AWS holds now")
    show_pipelines(aws)
    show_roles(aws)
    show_starts(aws)

    heading("An execution with another instance type")
    before = aws.inventory()
    arrange(aws)  # data to read, and what else the example names
    made = lacking(aws.inventory(), before)
    aws.runtime.script = Script(files=stage.outside(root.directory).get("files", {}))
    commands = plan.outputs["start_commands"]
    other = {f"{pipelines[0].capitalize()}InstanceType": "ml.m5.2xlarge"}
    start_execution(aws, commands[pipelines[0]], other)
    for key in stage.additional_pipelines(root.directory):
        start_execution(aws, commands[key], {})
    show_executions(aws)

    heading("Destroy")
    run("destroy", root, len(plan.resources))
    return made


def show(value: Any) -> None:
    say(textwrap.indent(inventory.dump(value).rstrip(), "  "), style="cyan", end="\n\n")


def show_plan(plan: Plan, pipeline: str) -> None:
    arguments = module_resources(plan)
    types = Counter(address.partition(".")[0] for address in arguments)
    created = ", ".join(f"{number} {kind}" for kind, number in types.items())
    say(prose.fill(f"To create: {created}."), end="\n\n")
    (step,) = arguments[f'aws_sagemaker_pipeline.this["{pipeline}"]']["pipeline_definition"][
        "Steps"
    ]
    say(f"The {pipeline} job, from the pipeline's definition:")
    show(step["Arguments"])
    say("The policy of the role that runs it:")
    show(arguments[f'aws_iam_role_policy.pipeline["{pipeline}"]']["policy"]["Statement"])


def show_derived(plan: Plan, key: str) -> None:
    policy = module_resources(plan)[f'aws_iam_role_policy.pipeline["{key}"]']["policy"]
    say(f"The policy of the role of the pipeline {key}, derived from its definition:")
    show(policy["Statement"])


def module_resources(plan: Plan) -> dict[str, dict[str, Any]]:
    return {
        address.removeprefix(inventory.MODULE): found
        for address, found in plan.resources.items()
        if address.startswith(inventory.MODULE)
    }


def run(command: Literal["apply", "destroy"], root: Root, resources: int) -> None:
    columns = (TextColumn(f"terraform {command}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=resources)
        for _ in root.stream(command):
            progress.advance(task)


def show_pipelines(aws: EmulatedAWS) -> None:
    sagemaker = aws.client("sagemaker")
    for summary in sagemaker.list_pipelines()["PipelineSummaries"]:
        held = sagemaker.describe_pipeline(PipelineName=summary["PipelineName"])
        parameters = json.loads(held["PipelineDefinition"]).get("Parameters", [])
        say(f"{held['PipelineArn']}, {held['PipelineStatus']}")
        show({parameter["Name"]: parameter.get("DefaultValue") for parameter in parameters})


def show_roles(aws: EmulatedAWS) -> None:
    iam = aws.client("iam")
    for role in sorted(iam.list_roles()["Roles"], key=lambda role: str(role["RoleName"])):
        say(role["Arn"])
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            held = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)
            sids = [item["Sid"] for item in held["PolicyDocument"]["Statement"] if "Sid" in item]
            said = f"{name}: {', '.join(sids) or 'the statements of your input'}"
            say(textwrap.indent(prose.fill(said), "  "))


def show_starts(aws: EmulatedAWS) -> None:
    """What starts the pipelines, when next, and what it sends."""
    events, scheduler = aws.client("events"), aws.client("scheduler")
    for rule in events.list_rules()["Rules"]:
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if sent := account.parameters(target):
            say(f"\n{rule['Arn']}, {rule['State']}")
            if expression := rule.get("ScheduleExpression"):
                show_next(expression, "UTC", sent)
            else:
                say(f"  on events like {rule['EventPattern']}: sends {pairs(sent)}")
    for found in scheduler.list_schedules()["Schedules"]:
        held = scheduler.get_schedule(Name=found["Name"], GroupName=found["GroupName"])
        say(f"\n{held['Arn']}, {held['State']}")
        sent = account.parameters(held["Target"])
        show_next(held["ScheduleExpression"], held["ScheduleExpressionTimezone"], sent)


def pairs(sent: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sent.items())


def show_next(expression: str, timezone_name: str, sent: Mapping[str, str]) -> None:
    """The next two starts, and the two around the next change of the clocks."""
    zone, now = ZoneInfo(timezone_name), datetime.now(timezone.utc)
    starts = set(itertools.islice(schedule.starts(expression, now, zone=zone), 2))
    say(f"  {expression} in {timezone_name}; the next starts, and what they send:")
    change = next_clock_change(zone, now)
    if change:
        around = schedule.starts(expression, change - timedelta(days=8), zone=zone)
        until_then = list(itertools.takewhile(change.__gt__, around))
        starts |= {
            *until_then[-1:],
            *itertools.islice(schedule.starts(expression, change, zone=zone), 1),
        }
    for start in sorted(starts):
        time = f"{start:%Y-%m-%dT%H:%M:%SZ}"
        resolved = {
            name: time if value in ("$.time", "<aws.scheduler.scheduled-time>") else value
            for name, value in sent.items()
        }
        if change and start >= change:
            say(f"  the clocks change on {change.astimezone(zone):%a %Y-%m-%d}")
            change = None
        times = f"{start.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"
        times += "" if timezone_name == "UTC" else f", {start:%H:%M} UTC"
        say(f"  {times}: {pairs(resolved)}")


def next_clock_change(zone: ZoneInfo, now: datetime) -> datetime | None:
    """The hour at which the clocks of a zone change next; None if they do not within a year."""
    hours = (now.replace(minute=0) + timedelta(hours=number) for number in range(366 * 24))
    return next(
        (
            hour
            for hour in hours
            if hour.astimezone(zone).utcoffset()
            != (hour - timedelta(hours=1)).astimezone(zone).utcoffset()
        ),
        None,
    )


def start_execution(aws: EmulatedAWS, command: str, parameters: Mapping[str, str]) -> None:
    sagemaker = aws.client("sagemaker")
    given = "".join(f" Name={name},Value={value}" for name, value in parameters.items())
    say(f"{command} --pipeline-parameters{given}" if given else command)
    arn = sagemaker.start_pipeline_execution(
        PipelineName=command.split()[-1],
        PipelineParameters=[{"Name": name, "Value": value} for name, value in parameters.items()],
    )["PipelineExecutionArn"]
    while any(execution.ended is None for execution in aws.runtime.executions):
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)  # lets minutes pass


def show_executions(aws: EmulatedAWS) -> None:
    for execution in aws.runtime.executions:  # what was started, and what triggers started then
        say(f"{execution.arn}\n{execution.status}, in simulated time: no code runs.")
        say(f"  cost: {timeline.hours(execution.jobs)}")
        for job in execution.jobs:
            say("\n".join(f"  read: {uri}" for uri in job.read))
            say("\n".join(f"  wrote: {uri}" for uri in job.wrote))
    say("The coming month of all examples: make rehearse.")


if __name__ == "__main__":
    main()
