"""`make demo`: the module's main job, by the real Terraform and AWS provider on emulated AWS.

Plans and applies examples/both-pipelines with both schedules switched on, shows what AWS holds
then, starts an execution, and destroys everything. No AWS account is needed, and none is touched.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from aws_croniter import AwsCroniter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from emulated_aws.emulator import EmulatedAWS
from repository import copy_folder, copy_module
from terraform import engine as engines
from terraform import provider
from terraform.plan import Plan
from terraform.root import Root

EXAMPLE = "both-pipelines"
SCHEDULES = """\
module "sagemaker_pipelines" {
  enable_training_schedule   = true
  enable_processing_schedule = true
}
"""

console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)


def main() -> None:
    engine = engines.find()
    with tempfile.TemporaryDirectory() as directory, EmulatedAWS() as aws:
        workdir = Path(directory)
        example = copy_example(workdir)
        console.rule("SageMaker pipelines on emulated AWS")
        console.print(
            f"{engine.product.capitalize()} {engine.version} and the real AWS provider run "
            f"examples/{EXAMPLE} with both schedules switched on.\n"
            f"AWS is emulated at {aws.endpoint}: no account is needed, and none is touched.\n"
        )
        with console.status("Making the infrastructure that exists already: VPC, bucket, images …"):
            aws.seed()
            before = aws.inventory()
        with console.status("terraform init …"):
            base = engines.environment(workdir, engine)
            installation = provider.install(engine, base, workdir)
            root = Root(example, installation, base | aws.environment)
        with console.status("terraform plan …"):
            plan = root.plan()
        console.print(plan_table(plan))
        run("apply", root, len(plan.resources))
        console.rule("What AWS holds now", align="left")
        for table in (*pipeline_tables(aws), schedule_table(aws), role_table(aws)):
            console.print(table)
        start_execution(aws, plan)
        run("destroy", root, len(plan.resources))
        left = aws.inventory() != before
        console.print(
            "[red]Something is left in emulated AWS.[/]"
            if left
            else "Destroyed: emulated AWS holds what it held before, and nothing else."
        )
        console.print(f"\nThe configuration: examples/{EXAMPLE}/main.tf. The tests: make test.")
    sys.exit(left)


def copy_example(workdir: Path) -> Path:
    """The module and the example below `workdir`; the committed tree is not written to."""
    copy_module(workdir)
    example = copy_folder(f"examples/{EXAMPLE}", workdir)
    (example / "schedules_override.tf").write_text(SCHEDULES)
    return example


def plan_table(plan: Plan) -> Table:
    """What the plan creates, by type of resource."""
    table = Table("planned", "to create")
    for kind, number in Counter(address.split(".")[2] for address in plan.resources).items():
        table.add_row(kind, str(number))
    return table


def run(command: Literal["apply", "destroy"], root: Root, resources: int) -> None:
    """Apply or destroy, with a bar that moves with each resource."""
    columns = (
        TextColumn(f"terraform {command}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=resources)
        for address in root.stream(command):
            progress.update(task, advance=1, description=address.split(".", 2)[2])
        progress.update(task, description="")


def pipeline_tables(aws: EmulatedAWS) -> Iterator[Table]:
    """Pipelines as SageMaker describes them."""
    sagemaker = aws.client("sagemaker")
    for summary in sagemaker.list_pipelines()["PipelineSummaries"]:
        held = sagemaker.describe_pipeline(PipelineName=summary["PipelineName"])
        definition = json.loads(held["PipelineDefinition"])
        steps = [f"{step['Name']} (a {step['Type']} job)" for step in definition["Steps"]]
        table = Table("pipeline", f"{held['PipelineName']}: {held['PipelineStatus']}")
        table.columns[1].overflow = "fold"  # whole ARNs
        table.add_row("ARN", held["PipelineArn"])
        table.add_row("steps", ", ".join(steps), end_section=True)
        for parameter in definition["Parameters"]:
            table.add_row(parameter["Name"], str(parameter["DefaultValue"]))
        yield table


def schedule_table(aws: EmulatedAWS) -> Table:
    """Rules as EventBridge holds them, with the next three starts."""
    table = Table("rule", "schedule", "next starts (UTC)")
    events = aws.client("events")
    for rule in events.list_rules()["Rules"]:
        target = events.list_targets_by_rule(Rule=rule["Name"])["Targets"][0]
        expression = rule["ScheduleExpression"]
        cron = AwsCroniter(expression.removeprefix("cron(").removesuffix(")"))
        starts = cron.get_next(datetime.now(timezone.utc), 3)
        table.add_row(
            f"[bold]{rule['Name']}[/] {rule['State']}\nstarts {target['Arn'].split('/')[-1]}",
            expression,
            "\n".join(f"{start:%a %Y-%m-%d %H:%M}" for start in starts),
        )
    return table


def role_table(aws: EmulatedAWS) -> Table:
    """Roles as IAM holds them, with who may assume each and what it may do."""
    table = Table("role", "assumed by", "statements of its policy")
    table.columns[0].no_wrap = True  # whole names
    iam = aws.client("iam")
    for role in sorted(iam.list_roles()["Roles"], key=lambda role: str(role["RoleName"])):
        trusted = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
        statements = [
            statement["Sid"]
            for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
            for statement in iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)[
                "PolicyDocument"
            ]["Statement"]
        ]
        table.add_row(role["RoleName"], trusted.split(".")[0], ", ".join(statements))
    return table


def start_execution(aws: EmulatedAWS, plan: Plan) -> None:
    """Start the training pipeline with another instance type, as the README says to do by hand."""
    sagemaker = aws.client("sagemaker")
    name = plan.outputs["sagemaker_pipelines"]["training_pipeline_name"]
    parameters = {"TrainingInstanceType": "ml.m5.2xlarge"}
    execution = sagemaker.start_pipeline_execution(
        PipelineName=name,
        PipelineParameters=[{"Name": key, "Value": value} for key, value in parameters.items()],
    )["PipelineExecutionArn"]
    held = sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
    console.print(
        f"Started {name} with {parameters}:\n{execution}\n"
        f"{held['PipelineExecutionStatus']}, as the emulator runs no jobs.\n"
    )


if __name__ == "__main__":
    main()
