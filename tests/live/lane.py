"""The live lane: an example's configuration applied to an account, and destroyed in every case.

Whether that is a real account or emulated AWS, the lane does not know.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

from live import sweeper
from live.executions import Follower
from live.settings import Settings
from repository import REPOSITORY, copy_folder, copy_module
from terraform import engine
from terraform.interrupts import Interrupts
from terraform.plan import Plan
from terraform.root import Root, TerraformError
from verification import Client

#: With --live: the real account, and clients of it.
LIVE = pytest.StashKey[tuple[Settings, Client]]()

EXAMPLES = ("both-pipelines", "bring-your-own", "no-vpc", "processing-only", "training-only")
"""Those that need what the settings name and no more; ``complete`` needs keys, policies, ..."""

WITHOUT_VPC = ("bring-your-own", "no-vpc")

FILES = {"Evaluate": {"evaluation/metrics.json": {"auc": 0.9}}}
"""What the steps of bring-your-own write for its condition to read."""


class NotDestroyedError(Exception):
    """Something may be left in the account; the message says where its state is and what to do."""


@dataclass(frozen=True)
class Applied:
    """A configuration that is in place.

    Attributes:
        run: its unique name, the first part of all names.
        tags: of all that it made.
        plan: what was applied.
        root: where it was applied from.

    """

    run: str
    tags: Mapping[str, str]
    plan: Plan
    root: Root

    @property
    def pipelines(self) -> list[str]:
        """The names of its pipelines."""
        return [
            arguments["pipeline_name"]
            for address, arguments in self.plan.resources.items()
            if ".aws_sagemaker_pipeline." in address
        ]


@dataclass(frozen=True)
class Lane:
    """What a run needs.

    Attributes:
        settings: the account and what exists there.
        engine: Terraform or OpenTofu.
        environment: all that it gets to see, with the account's credentials.
        client: makes boto3 clients of the account and region.
        follower: starts and stops executions, and says what happens.

    """

    settings: Settings
    engine: engine.Engine
    environment: Mapping[str, str]
    client: Client
    follower: Follower

    @contextmanager
    def applied(self, example: str, tags: Mapping[str, str] | None = None) -> Iterator[Applied]:
        """Apply an example under a new name; at the end, destroy it.

        That end may be a failure, in here or in the ``with`` block, or a signal.

        Args:
            example: a name from :func:`examples`.
            tags: those of a run that is repeated, in another account; a new run has its own.

        Raises:
            TerraformError: a command failed.
            NotDestroyedError: destroying failed; the root and its state are kept.

        """
        if tags is None:
            name = f"{sweeper.PREFIX}{secrets.token_hex(4)}"
            tags = sweeper.tags(name, datetime.now(timezone.utc))
        run = tags[sweeper.RUN_TAG]
        with Interrupts(self.follower.say) as interrupts, ExitStack() as cleanup:
            home = Path(self.settings.state_directory) / f"{run}-{example}"
            directory = _copy(example, home)
            overrides = override(example, self.settings, run, tags)
            (directory / "live_override.tf.json").write_text(json.dumps(overrides, indent=2))
            root = Root(directory, self.engine, self.environment, interrupts.run)
            cleanup.callback(self._destroy, root, home)
            cleanup.callback(sweeper.remove_group, self.client("sagemaker"), sweeper.group(run))
            cleanup.callback(self._stop_executions, run)
            cleanup.callback(interrupts.shield)
            self.follower.say(f"{example}: run {run}, state in {directory}")
            root.init()
            plan = root.plan()
            root.apply()
            yield Applied(run, tags, plan, root)

    def _stop_executions(self, run: str) -> None:
        for pipeline in sweeper.pipelines(self.client("sagemaker"), run):
            self.follower.stop_all(pipeline)

    def _destroy(self, root: Root, home: Path) -> None:
        directory = root.directory
        if (directory / "terraform.tfstate").exists():
            try:
                root.destroy()
            except TerraformError as error:
                raise NotDestroyedError(
                    f"What {directory.name} made is not destroyed: {error} Its state is kept: "
                    f"correct the cause, then `terraform -chdir={directory} destroy` and delete "
                    f"{home}. Or let `make sweep` remove it."
                ) from error
            self.follower.say(f"{directory.name}: destroyed")
        shutil.rmtree(home)


def real(
    settings: Settings, client: Client, say: Callable[[str], None], base: Mapping[str, str]
) -> Lane:
    """The lane on a real account.

    Args:
        settings: as `settings.load` gives them.
        client: as `settings.authorize` gives it.
        say: gets the progress, a line at a time.
        base: os.environ; of TF_* only what `init` needs gets through, and all of AWS_*.

    """
    kept = Path(settings.state_directory)
    kept.mkdir(parents=True, exist_ok=True)
    (kept / ".gitignore").write_text("*\n")
    found = engine.find()
    environment = {
        name: value
        for name, value in engine.environment(kept, found, base).items()
        if not name.startswith("AWS_")
    } | {name: value for name, value in base.items() if name.startswith("AWS_")}
    return Lane(settings, found, environment, client, Follower(client("sagemaker"), say))


def examples(settings: Settings) -> list[str]:
    """The examples that the settings have all for."""
    return [name for name in EXAMPLES if settings.vpc_id or name in WITHOUT_VPC]


def override(example: str, settings: Settings, run: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """What differs from the example as it stands, in an override file
    (https://developer.hashicorp.com/terraform/language/files/override): names, tags, and where its
    infrastructure is.
    """
    partition = boto3.Session().get_partition_for_region(settings.region)
    outputs = f"s3://{settings.bucket}/sagemaker-pipelines-test/{run}"
    inputs: dict[str, Any] = {
        "project_name": run,
        "tags": tags,
        "s3_bucket_arn": f"arn:{partition}:s3:::{settings.bucket}",
        "input_data_s3_path": f"s3://{settings.bucket}/datasets/training/",
        "model_output_s3_path": f"{outputs}/models/",
        "inference_input_s3_path": f"s3://{settings.bucket}/inference/input/",
        "inference_output_s3_path": f"{outputs}/predictions/",
        "training_image_uri": settings.training_image_uri,
        "inference_image_uri": settings.inference_image_uri,
    }
    others: dict[str, Any] = {}
    if example == "processing-only":  # finds them, by names of its own
        del inputs["s3_bucket_arn"]
        subnets = {"name": "subnet-id", "values": settings.subnet_ids}
        data = {
            "aws_vpc": {"existing": {"id": settings.vpc_id, "tags": None}},
            "aws_subnets": {"private": {"filter": [subnets], "tags": None}},
            "aws_security_group": {
                "sagemaker": {"id": settings.security_group_ids[0], "name": None}
            },
            "aws_s3_bucket": {"ml_bucket": {"bucket": settings.bucket}},
        }
        others = {"data": data}
    elif example == "bring-your-own":
        definition = _definition(settings, run, outputs)
        inputs |= {
            "additional_pipelines": {"retraining": {"definition": json.dumps(definition)}},
            "alarms": None,  # they tell a topic
            "processing_additional_policies": {},
            "triggers": {},
        }
        others = {
            "locals": _of_roles(settings, run),
            "resource": {"aws_iam_role": {"step": {"tags": tags}}},
        }
    elif example != "no-vpc":
        inputs |= {
            "vpc_id": settings.vpc_id,
            "subnet_ids": settings.subnet_ids,
            "security_group_ids": settings.security_group_ids,
        }
    provider = {"region": settings.region, "allowed_account_ids": [settings.account_id]}
    return {
        "provider": {"aws": provider},
        "module": {"sagemaker_pipelines": {**inputs, **settings.inputs}},
        **others,
    }


def _definition(settings: Settings, run: str, outputs: str) -> dict[str, Any]:
    """pipeline.json of bring-your-own in this account, with two images that do not know it.

    The steps around the training run a shell instead of what is in the image.
    """
    text = (REPOSITORY / "examples/bring-your-own/pipeline.json").read_text()
    registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn"
    partition = boto3.Session().get_partition_for_region(settings.region)
    for old, new in {
        f"{registry}-train:1.0.0": settings.training_image_uri,
        **{
            f"{registry}-{name}:1.0.0": settings.inference_image_uri
            for name in ("prepare", "evaluate", "serve")
        },
        "arn:aws:iam::123456789012:role/churn-prod": (
            f"arn:{partition}:iam::{settings.account_id}:role/{run}"
        ),
        "s3://my-ml-bucket/churn/raw/": f"s3://{settings.bucket}/datasets/training/",
        "s3://my-ml-bucket/churn": outputs,
        '"churn-': f'"{run}-',
        '"churn"': json.dumps(sweeper.group(run)),
    }.items():
        assert old in text, f"pipeline.json has no {old}"
        text = text.replace(old, new)
    definition: dict[str, Any] = json.loads(text)
    ((_, files),) = FILES.items()
    ((path, metrics),) = files.items()
    processing = "/opt/ml/processing"
    commands = {
        "Prepare": f"for to in training test; do cp -r {processing}/raw/. {processing}/$to; done",
        "Evaluate": f"echo '{json.dumps(metrics)}' > {processing}/{path}",
    }
    for step in definition["Steps"]:
        if step["Name"] in commands:
            command = ["sh", "-c", commands[step["Name"]]]
            step["Arguments"]["AppSpecification"]["ContainerEntrypoint"] = command
    return definition


def _of_roles(settings: Settings, run: str) -> dict[str, Any]:
    """The locals of roles.tf in bring-your-own."""
    below = f"sagemaker-pipelines-test/{run}"
    training, inference = (
        uri.partition("/")[2].partition("@")[0].partition(":")[0]
        for uri in (settings.training_image_uri, settings.inference_image_uri)
    )
    prepared, models = f"{below}/prepared/", f"{below}/models/"
    jobs = {
        "prepare": ("Processing", inference, ["datasets/training/"], [prepared]),
        "train": ("Training", training, [prepared], [models]),
        "evaluate": ("Processing", inference, [models, prepared], [f"{below}/evaluation/"]),
    }
    members = ("type", "image", "reads", "writes")
    return {
        "account_id": settings.account_id,
        "region": settings.region,
        "bucket": settings.bucket,
        "role_names": run,
        "jobs": {name: dict(zip(members, job, strict=True)) for name, job in jobs.items()},
    }


def _copy(example: str, home: Path) -> Path:
    """A copy of the module and of the example, whatever becomes of the working tree."""
    root = copy_folder(f"examples/{example}", home)
    copy_module(home)
    return root
