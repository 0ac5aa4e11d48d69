"""What the documents say holds: their HCL plans, their tables are right, names and links exist.

A fenced ``hcl`` block is a whole root, which is planned as it stands, unless a comment before it
says otherwise:

* ``<!-- example: NAME -->``: it is ``examples/NAME/main.tf`` but for `source`, and that is planned
  by test_examples.py.
* ``<!-- arguments -->``: arguments of the module call; the tests put the others around them.
* ``<!-- beside -->``: stands beside a module call that has everything switched on.
* ``<!-- import -->``: stands beside an example; test_commands.py applies it.
* ``<!-- tftest -->``: a file of `terraform test`; test_mocked.py runs it.
* ``<!-- tftest: NAME -->``: the same, for an example; test_commands.py runs it.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from markdown_it.token import Token

import docs
from inputs import POLICY
from repository import REPOSITORY
from roots import step_types
from roots.documents import (
    COSTS,
    DOCUMENTS,
    README,
    USAGE,
    Block,
    blocks,
    codes,
    commands,
    inline,
    rows,
    tokens,
    with_source,
)
from terraform.plan import JSON_ARGUMENTS, Plan
from terraform.root import Root

EXAMPLES = sorted(path.parent.name for path in REPOSITORY.glob("examples/*/main.tf"))

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
#: A module call that needs nothing more: both pipelines, no schedule.
CALL: dict[str, Any] = {
    "project_name": "ml-platform",
    "environment": "dev",
    "s3_bucket_arn": "arn:aws:s3:::my-ml-bucket",
    "enable_training_pipeline": True,
    "training_image_uri": f"{ECR}/ml-training:1.4.0",
    "input_data_s3_path": "s3://my-ml-bucket/datasets/training/",
    "model_output_s3_path": "s3://my-ml-bucket/models/",
    "enable_processing_pipeline": True,
    "inference_image_uri": f"{ECR}/ml-inference:1.4.0",
    "inference_input_s3_path": "s3://my-ml-bucket/inference/input/",
    "inference_output_s3_path": "s3://my-ml-bucket/inference/output/",
}
ONE_SCHEDULE = """enable_training_schedule = true
schedule_dead_letter_queue_arn = "arn:aws:sqs:us-east-1:123456789012:failed-starts"
"""
#: From a root: what blocks of arguments find beside themselves.
BRING_YOUR_OWN = "${path.module}/../../module/examples/bring-your-own"
#: CALL with everything switched on that the table in "What is created" lists.
EVERYTHING = CALL | {
    "enable_training_schedule": True,
    "enable_processing_schedule": True,
    "schedule_dead_letter_queue_arn": "arn:aws:sqs:us-east-1:123456789012:failed-starts",
    "additional_pipelines": {"retraining": {"definition": step_types.definition("lambda")}},
    "schedules": {"more": {"pipeline": "training", "expression": "rate(1 day)"}},
    "triggers": {
        "more": {"pipeline": "processing", "s3_object": {"bucket": "my-ml-bucket", "prefix": "n/"}}
    },
    "alarms": {
        "actions": ["arn:aws:sns:us-east-1:123456789012:ml-alerts"],
        "no_success_within_hours": {"training": 168, "processing": 30},
        "longer_than_minutes": {"training": 90, "processing": 90, "retraining": 90},
    },
    "notifications": {"topic_arn": "arn:aws:sns:us-east-1:123456789012:ml-alerts"},
    "training_additional_policies": {"more": POLICY},
    "processing_additional_policies": {"more": POLICY},
    "training_managed_policy_arns": {"more": "arn:aws:iam::123456789012:policy/more"},
    "processing_managed_policy_arns": {"more": "arn:aws:iam::123456789012:policy/more"},
}
#: What each switch creates of that, by address.
CREATED_BY = {
    "enable_training_pipeline": r'\.(this|job|pipeline)\["training"\]',
    "enable_processing_pipeline": r'\.(this|job|pipeline)\["processing"\]',
    "additional_pipelines": r'\.(this|pipeline)\["retraining"\]',
    "enable_training_schedule": r'\.schedule\["training"\]',
    "enable_processing_schedule": r'\.schedule\["processing"\]',
    "schedules": r"^aws_scheduler_",
    "triggers": r'\.trigger\[|\["triggers\.',
    "alarms": r"^aws_cloudwatch_metric_alarm\.",
    "notifications": r"\.notifications\[",
    "training_additional_policies": r'\.additional\["training/more"\]',
    "processing_additional_policies": r'\.additional\["processing/more"\]',
    "training_managed_policy_arns": r'\.managed\["training/more"\]',
    "processing_managed_policy_arns": r'\.managed\["processing/more"\]',
}
#: Names in prose that look like the module's but are others'.
FOREIGN_NAMES = {
    "arn",
    "assume_role",
    "assume_role_policy",
    "aws_iam_role_policy",
    "aws_s3_bucket_notification",
    "aws_sagemaker_mlflow_tracking_server",
    "aws_sns_topic",
    "aws_sqs_queue",
    "base_job_name",
    "default_tags",
    "depends_on",
    "for_each",
    "mock_provider",
    "override_data",
    "parallelism_configuration",
    "pipeline_definition",
    "pipeline_parameter",
    "put_triggers",
    "required_providers",
    "retry_policy",
    "skip_credentials_validation",
}


HCL = blocks("hcl")
#: The provider process that the other roots share has one region and one account.
OTHER_PLACES = [block for block in HCL if "alias " in block.text or "assume_role {" in block.text]
PLANNED = [
    block
    for block in HCL
    if not block.directive.startswith(("example", "import", "tftest")) and block not in OTHER_PLACES
]
#: Examples that the module was made for, which the README has in full.
SEEDS = sorted(path.stem for path in (REPOSITORY / "tests/roots/seed").iterdir())
#: Examples that a document has in full; the README links the others.
SHOWN = [*SEEDS, "retrain-and-score"]


# --- HCL: the same as the examples, and it plans ---


@pytest.mark.parametrize("name", SHOWN)
def test_block_is_the_example(name: str) -> None:
    main = (REPOSITORY / "examples" / name / "main.tf").read_text()
    texts = [block.text for block in HCL if block.directive == f"example: {name}"]
    assert [without_source(text) for text in texts] == [without_source(main)]


@pytest.mark.parametrize("name", SHOWN)
def test_example_can_be_pasted(name: str) -> None:
    """Its main.tf declares what it refers to."""
    text = (REPOSITORY / "examples" / name / "main.tf").read_text()
    root = docs.read_hcl(text)
    declared = {f"var.{name}" for block in root.get("variable", []) for name in block} | {
        f"data.{kind}.{name}"
        for block in root.get("data", [])
        for kind in block
        for name in block[kind]
    }
    assert set(re.findall(r"\b(?:var\.\w+|data\.\w+\.\w+|local\.\w+)", text)) == declared


def without_source(text: str) -> str:
    changed, count = re.subn(r'(?m)^  source = ".*"$', '  source = "…"', text.strip())
    assert count == 1, f"expected one source line: {text}"
    return changed


@pytest.mark.parametrize("name", SEEDS)
def test_example_is_what_the_module_was_made_for(name: str) -> None:
    (seed,) = docs.read_hcl((REPOSITORY / f"tests/roots/seed/{name}.hcl").read_text())["module"]
    (call,) = docs.read_hcl((REPOSITORY / f"examples/{name}/main.tf").read_text())["module"]
    expected = seed["sagemaker_pipelines"] | {"source": "../.."}
    if name == "processing-only":  # the provider has no such data source
        environment = expected["processing_environment_variables"]
        address = "${data.aws_sagemaker_mlflow_tracking_server.existing.tracking_server_url}"
        assert environment["MLFLOW_TRACKING_URI"] == address
        environment["MLFLOW_TRACKING_URI"] = "${var.mlflow_tracking_uri}"
    assert call == {"sagemaker_pipelines": expected}


def test_complete_sets_every_input_but_those_that_its_readme_names() -> None:
    folder = REPOSITORY / "examples/complete"
    (call,) = docs.read_hcl((folder / "main.tf").read_text())["module"]
    inputs = call["sagemaker_pipelines"].keys() - {"source"}
    reasons = rows(folder / "README.md", "Left out")
    assert all(len(reason.content) >= 20 for _, reason in reasons)
    left_out = {name for names, _ in reasons for name in codes(names)}
    assert inputs & left_out == set()
    assert inputs | left_out == {variable.name for variable in docs.read_module().variables}


def test_sources_name_this_version() -> None:
    project = (REPOSITORY / "pyproject.toml").read_text()
    version = re.search(r'(?m)^version = "(.*)"$', project)
    assert version is not None
    sources = [found for block in HCL for found in re.findall(r'"(git::.*)"', block.text)]
    assert sources
    assert {source.rpartition("?ref=")[2] for source in sources} == {f"v{version[1]}"}


def root_of(block: Block) -> str:
    """A block as a whole root, two folders below which the module is."""
    if block.directive == "beside":
        return module_call(literals(EVERYTHING)) + block.text
    assert not block.directive, f"{block.path.name}:{block.line}: unknown {block.directive!r}"
    return with_source(block.text, "../../module")


def literals(inputs: Mapping[str, Any]) -> str:
    return "".join(f"  {name} = {json.dumps(value)}\n" for name, value in inputs.items())


def module_call(arguments: str) -> str:
    return f'module "sagemaker_pipelines" {{\n  source = "../../module"\n{arguments}}}\n'


def root_of_arguments(blocks: Sequence[Block]) -> str:
    """Blocks of arguments, one schedule and the bare call, as a root with one module block."""
    texts = {"bare": "", "one_schedule": ONE_SCHEDULE} | {
        block.label: block.text.replace("${path.module}/", f"{BRING_YOUR_OWN}/") for block in blocks
    }
    given = {label: docs.read_hcl(text).keys() for label, text in texts.items()}
    entries = "".join(
        f"{label} = {{\n{literals({n: CALL[n] for n in CALL if n not in given[label]})}{text}}}\n"
        for label, text in texts.items()
    )
    names = sorted(CALL.keys() | set().union(*given.values()))
    arguments = "".join(f"  {name} = try(each.value.{name}, null)\n" for name in names)
    return (
        f"locals {{\ncalls = {{\n{entries}}}\n}}\n"
        f"{module_call(f'for_each = local.calls{chr(10)}{arguments}')}"
        'output "all" {\n  value = module.sagemaker_pipelines\n}\n'
    )


ARGUMENTS = [block for block in PLANNED if block.directive == "arguments"]
ROOTS = [block for block in PLANNED if block not in ARGUMENTS]
BUCKET, POLICIES = (block for block in PLANNED if block.directive == "beside")
PLANNED_ROOTS = {block.label: root_of(block) for block in ROOTS} | {
    "arguments": root_of_arguments(ARGUMENTS),
    # the blocks beside a call that starts, notifies and watches nothing
    "nothing-to-send": module_call(literals(CALL)) + BUCKET.text + POLICIES.text,
}


def root_plan(plan: Plan, label: str) -> Plan:
    """A block's part of the plan: of its root, or of its module call where it is arguments."""
    if label in PLANNED_ROOTS:
        return plan.below(label)
    return plan.below("arguments").below(f'sagemaker_pipelines["{label}"]')


def module_plan(plan: Plan, label: str) -> Plan:
    """The module call of a block, or the bare one."""
    whole = label in PLANNED_ROOTS
    return root_plan(plan, label).below("sagemaker_pipelines") if whole else root_plan(plan, label)


@pytest.mark.parametrize("block", PLANNED, ids=lambda block: block.label)
def test_block_plans_and_has_an_effect(block: Block, plan_of_roots: Plan) -> None:
    resources = root_plan(plan_of_roots, block.label).resources
    assert resources
    assert resources != root_plan(plan_of_roots, "bare").resources, "the block changes nothing"


@pytest.mark.parametrize("block", PLANNED, ids=lambda block: block.label)
def test_block_warns_of_nothing_and_shows_definitions_and_policies(
    block: Block, plan_of_roots: Plan
) -> None:
    plan = root_plan(plan_of_roots, block.label)
    assert plan.warnings == []
    assert set().union(*plan.unknown.values()) & set(JSON_ARGUMENTS) == set()


def test_blocks_plan_in_their_regions_and_accounts(new_root: Callable[[], Root]) -> None:
    root = new_root()
    del root.environment["TF_REATTACH_PROVIDERS"]
    for block in OTHER_PLACES:
        (root.directory / block.label).mkdir()
        (root.directory / block.label / "main.tf").write_text(root_of(block))
    root.call_roots({block.label: f"./{block.label}" for block in OTHER_PLACES})
    plan = root.plan()
    assert plan.warnings == []
    for block in OTHER_PLACES:
        definitions = plan.below(block.label).values("pipeline_definition").values()
        roles = {definition["Steps"][0]["Arguments"]["RoleArn"] for definition in definitions}
        (account,) = re.findall(r"iam::(\d+):role/terraform", block.text) or ["123456789012"]
        assert roles == {
            f"arn:aws:iam::{account}:role/ml-platform-prod-training-job-{region}"
            for region in re.findall(r'region = "(.*)"', block.text)
        }


def test_statements_reach_the_policies_of_queue_and_topic(plan_of_roots: Plan) -> None:
    resources = plan_of_roots.below(POLICIES.label).resources
    own, *queue = resources["aws_sqs_queue_policy.failed_starts"]["policy"]["Statement"]
    assert own["Sid"] == "TlsOnly"
    _, *topic = resources["aws_sns_topic_policy.ml_alerts"]["policy"]["Statement"]
    rule = "arn:aws:events:us-east-1:123456789012:rule/ml-platform-dev"
    assert [(item["Action"], item["Principal"]["Service"]) for item in [*queue, *topic]] == [
        ("sqs:SendMessage", "events.amazonaws.com"),
        ("sns:Publish", "events.amazonaws.com"),
        ("sns:Publish", "cloudwatch.amazonaws.com"),
    ]
    assert len({item["Sid"] for item in topic}) == len(topic)
    assert sorted(queue[0]["Condition"]["ArnEquals"]["aws:SourceArn"]) == [
        f"{rule}-processing-schedule",
        f"{rule}-processing-trigger-more",
        f"{rule}-training-schedule",
    ]


def test_bucket_sends_its_events(plan_of_roots: Plan) -> None:
    notifications = {
        address: (arguments["bucket"], arguments["eventbridge"])
        for address, arguments in plan_of_roots.below(BUCKET.label).resources.items()
        if not address.startswith("module.")
    }
    address = 'aws_s3_bucket_notification.events["my-ml-bucket"]'
    assert notifications == {address: ("my-ml-bucket", True)}


def test_policies_are_whole_where_there_is_no_statement(plan_of_roots: Plan) -> None:
    resources = plan_of_roots.below("nothing-to-send").resources
    policies = {
        address: arguments["policy"]["Statement"]
        for address, arguments in resources.items()
        if not address.startswith("module.")
    }
    assert {address: [item["Sid"] for item in policy] for address, policy in policies.items()} == {
        "aws_sqs_queue_policy.failed_starts": ["TlsOnly"],
        "aws_sns_topic_policy.ml_alerts": ["OwnAccount"],
    }


def test_statement_of_one_schedule_is_for_its_rule(plan_of_roots: Plan) -> None:
    outputs = plan_of_roots.below("arguments").outputs["all"]["one_schedule"]
    statement = outputs["dead_letter_queue_policy_statement"]
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == [
        "arn:aws:events:us-east-1:123456789012:rule/ml-platform-dev-training-schedule"
    ]


def test_start_command_is_the_output_s(plan_of_roots: Plan) -> None:
    outputs = plan_of_roots.below("arguments").outputs["all"]["bare"]
    start = shlex.split(outputs["start_commands"]["training"])
    (said,) = (command for _, command in commands() if "start-pipeline-execution" in command)
    assert said[: len(start)] == start


# --- Tables ---


def test_generated_tables_are_up_to_date() -> None:
    text = README.read_text()
    assert docs.inject(text, docs.tables(docs.read_module())) == text, "run `make docs`"


def test_generated_tables_have_every_input_and_output() -> None:
    declared = {
        kind: re.findall(rf'(?m)^{kind} "(.*)"', (REPOSITORY / f"{kind}s.tf").read_text())
        for kind in ("variable", "output")
    }
    rows = re.findall(r'<a name="(input|output)_(.*?)"', README.read_text())
    assert [name for kind, name in rows if kind == "input"] == declared["variable"]
    assert [name for kind, name in rows if kind == "output"] == declared["output"]


def test_switches_create_that_many_resources(plan_of_roots: Plan) -> None:
    said = {
        name: (codes(cells[1]), int(cells[3].content))
        for cells in rows(README, "Switch")
        for name in codes(cells[0])
    }
    (roles,) = (block for block in PLANNED if "role_arns" in block.text)
    brought = docs.read_hcl(roles.text)["role_arns"]
    everything = module_plan(plan_of_roots, POLICIES.label)
    created = everything.resources
    counts = {
        name: sum(bool(re.search(pattern, address)) for address in created)
        for name, pattern in CREATED_BY.items()
    }
    assert sum(counts.values()) == len(created), "a resource that no switch creates"
    counts["alarms"] //= len(everything.values("alarm_name"))
    bare, fewer = (
        len(module_plan(plan_of_roots, label).resources) for label in ("bare", roles.label)
    )
    counts["role_arns"] = (fewer - bare) // len(brought)
    defaults = {
        variable.name: json.dumps(variable.default) for variable in docs.read_module().variables
    }
    assert said == {name: ([defaults[name]], count) for name, count in counts.items()}


@pytest.mark.parametrize("pipeline", ["training", "processing"])
def test_parameters_are_those_of_the_pipeline(pipeline: str) -> None:
    parameters = docs.read_module().locals[f"{pipeline}_pipeline"]["parameters"]
    said = [
        (*codes(cells[0]), cells[1].content, *codes(cells[2]))
        for cells in rows(USAGE, f"{pipeline.capitalize()} parameter")
    ]
    assert said == [(name, item["type"], item["input"]) for name, item in parameters.items()]


def test_alarms_are_those_of_the_module(plan_of_roots: Plan) -> None:
    planned = {
        address.split('"')[1]: [arguments["metric_name"], arguments["treat_missing_data"]]
        for address, arguments in module_plan(plan_of_roots, POLICIES.label).resources.items()
        if "metric_name" in arguments
    }
    said = {
        key.replace("<pipeline>", pipeline).replace("<name>", "more"): codes(metric) + codes(data)
        for alarm, _, metric, data in rows(USAGE, "Alarm")
        for key in codes(alarm)
        for pipeline in ("training", "processing", "retraining")
    }
    for kind in ("no_success", "schedule_failed_starts"):  # nothing starts it
        del said[f"retraining_{kind}"]
    assert said == planned


def test_refusals_are_the_module_s() -> None:
    document = REPOSITORY / "docs/troubleshooting.md"
    sources = "".join(path.read_text() for path in REPOSITORY.glob("*.tf"))
    (section,) = re.findall(
        r"## Plan: refused by the module\n(.*?)\n## ", document.read_text(), re.DOTALL
    )
    messages = re.findall(r"(?m)^\| `(.+?)` \|", section)
    assert len(messages) > 5
    assert [message for message in messages if message not in sources] == []


def test_what_is_created_has_every_resource() -> None:
    managed = {
        address for address in docs.read_module().resources if not address.startswith("data.")
    }
    said = {code for cells in rows(README, "Switch") for code in codes(cells[2])}
    assert managed <= said


def test_picture_has_six_boxes_at_most() -> None:
    (picture,) = blocks("mermaid")
    boxes = re.findall(r'(\w+)\[\(?"', picture.text)
    assert 0 < len(boxes) == len(set(boxes)) <= 6


def test_readme_is_short() -> None:
    head, _, rest = README.read_text().partition(docs.BEGIN)
    _, _, tail = rest.partition(docs.END)
    assert len((head + tail).encode()) <= 25_000


def test_inputs_fit_the_page() -> None:
    """A column is as wide as its longest word; GitHub shows some 90 letters in a row."""
    text = docs.tables(docs.read_module())
    (table,) = re.findall(r"## Inputs\n\n(.*?)\n\n", text, re.DOTALL)
    assert "<pre" not in table
    shown = re.sub(r"<a name.*?</a>|\]\(.*?\)|[`\[\]]", "", table)
    lines = [re.split(r" (?<!\\)\| ", line.strip("| ")) for line in shown.splitlines()]
    columns = zip(*(line for line in lines if len(line) == 5), strict=True)
    widths = [
        max(len(word) for cell in column for word in re.split(r"\s|<w?br/?>|(?<=,)", cell))
        for column in columns
    ]
    assert sum(widths) <= 90, dict(zip(lines[0], widths, strict=True))


@pytest.mark.parametrize(
    "cells",
    rows(COSTS, "Job") + rows(COSTS, "Job at its limit"),
    ids=lambda cells: cells[0].content,
)
def test_costs_are_calculated(cells: list[Token]) -> None:
    numbers = [float(cell.content) for cell in cells[1:]]
    starts, hours, instances, price, volume, storage, said = numbers
    assert said == round(starts * hours * instances * (price + volume * storage / 730), 2)


# --- Names and links ---


def members(variable_type: str) -> list[str]:
    """Names of an object type's members."""
    return re.findall(r"(\w+) = ", variable_type)


def addresses() -> set[str]:
    """Of the module's resources and data sources, without what makes them different."""
    return {address.removeprefix("data.") for address in docs.read_module().resources}


def known_names() -> set[str]:
    """What prose may name."""
    module = docs.read_module()
    return {
        *(variable.name for variable in module.variables),
        *(member for variable in module.variables for member in members(variable.type)),
        *module.outputs,
        *(address.partition(".")[0] for address in addresses()),
        *module.locals["alarm_kinds"],
        *(f"schedules_{kind}" for kind in module.locals["alarm_kinds"]),
        *("job_name_prefix", "job_role_arns", "mlflow_tracking_uri", "sagemaker_pipelines"),
        *("retraining_pipeline", "retraining_schedule"),
        *("plan_of_calls", "plan_of_roots", "new_root"),
        *FOREIGN_NAMES,
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_names_exist(path: Path) -> None:
    strangers = []
    for code in inline(path, "code_inline"):
        resource = re.match(r"(?:data\.)?(aws_\w+\.\w+)", code.content)
        name = re.match(r"([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?: = .*)?$", code.content)
        if resource and resource[1] not in addresses():
            strangers.append(resource[1])
        elif name and name[1] not in known_names():
            strangers.append(name[1])
    assert strangers == []


def anchors(path: Path) -> set[str]:
    """What GitHub makes of the headings, and the anchors in the text."""
    stream = tokens(path)
    headings = [
        following.content for token, following in pairwise(stream) if token.type == "heading_open"
    ]
    slugs = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
    return slugs | set(re.findall(r'<a name="(.*?)"', path.read_text()))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in inline(path, "link_open"):
        target, _, anchor = str(link.attrs["href"]).partition("#")
        file = (path.parent / target).resolve() if target else path
        if target.startswith("https://"):
            continue
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link.attrs["href"])
    assert broken == []


# --- The other documents ---


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_has_a_readme_of_its_own(name: str) -> None:
    lines = (REPOSITORY / "examples" / name / "README.md").read_text().splitlines()
    assert lines[0] == f"# {name}"
    assert f"examples/{name}/README.md" in {
        link.attrs["href"] for link in inline(README, "link_open")
    }


def test_changelog_has_a_section_to_write_to() -> None:
    sections = re.findall(r"(?m)^## \[(.*?)\]", (REPOSITORY / "CHANGELOG.md").read_text())
    assert sections[0] == "Unreleased"
    assert len(sections) == len(set(sections))


def test_docs_says_what_differs_and_writes_it(tmp_path: Path) -> None:
    (tmp_path / "module.tf").write_text(
        'terraform {\n  required_version = ">= 1.5"\n  required_providers {}\n}\n'
        'variable "spot" {\n  description = "A <b>|c."\n  type = object({\n    wait = number\n'
        "    path = optional(map(string), {})\n    at = optional(object({\n      hour = number\n"
        "      zone = string\n    }))\n    minute = number\n  })\n  default = null\n}\n"
    )
    readme = tmp_path / "README.md"
    readme.write_text(f"Before\n{docs.BEGIN}\nold\n{docs.END}\nAfter\n")

    difference = docs.update(tmp_path, write=False)
    row = (
        '| <a name="input_spot"></a> [spot](#input_spot) | A &lt;b>\\|c. '
        "| [`object`](#type_spot) | `null` | no |"
    )
    shown = """
+type = object({
+  wait = number
+  path = optional(map(string), {})
+  at = optional(object({
+    hour = number
+    zone = string
+  }))
+  minute = number
+})
"""
    assert {"-old", "+| terraform | `>= 1.5` |", f"+{row}"} <= set(difference.splitlines())
    assert shown in difference
    assert docs.update(tmp_path, write=True) == difference
    assert docs.update(tmp_path, write=False) == ""
    lines = readme.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("Before", "After")
    assert row in lines


def test_docs_needs_its_markers() -> None:
    with pytest.raises(docs.MarkersMissingError, match="BEGIN_TF_DOCS"):
        docs.inject("no markers", "tables")
