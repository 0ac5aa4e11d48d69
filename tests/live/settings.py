"""Which real account the live lane may use, and what is there for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from repository import REPOSITORY
from verification import Client

PREFIX = "LIVE_"
"""A setting is the environment variable of its name: ``LIVE_REGION`` is ``region``."""

FILE = "LIVE_SETTINGS"
"""The environment variable that names a JSON file of settings; single variables come first."""


class SettingsError(Exception):
    """The lane may not run; one sentence says what is missing or refused."""


@dataclass(frozen=True)
class Settings:
    """An account and what exists in it.

    As environment variables, lists are separated by commas and `inputs` is a JSON object.

    Attributes:
        account_id: the only account that may be used.
        region: such as "eu-central-1".
        bucket: name of the bucket; what jobs write goes below ``sagemaker-pipelines-test/`` in it.
        training_image_uri: in ECR, in the region.
        inference_image_uri: in ECR, in the region.
        vpc_id: empty: only the example without a VPC is applied.
        subnet_ids: of the VPC.
        security_group_ids: of the VPC.
        inputs: further inputs of the module, in Terraform's JSON syntax; they override all others.
        state_directory: where the states of runs are kept until they are destroyed; by default
            ``.live`` in the repository.

    """

    account_id: str = ""
    region: str = ""
    bucket: str = ""
    training_image_uri: str = ""
    inference_image_uri: str = ""
    vpc_id: str = ""
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    state_directory: str = str(REPOSITORY / ".live")


ACCOUNT = ("account_id", "region")
"""What the sweeper needs."""

REQUIRED = (*ACCOUNT, "bucket", "training_image_uri", "inference_image_uri")
"""What the lane needs."""

_NETWORK = ("vpc_id", "subnet_ids", "security_group_ids")
_LISTS = ("subnet_ids", "security_group_ids")


def load(environ: Mapping[str, str], required: tuple[str, ...] = REQUIRED) -> Settings:
    """Read the settings.

    Args:
        environ: `LIVE_SETTINGS` and `LIVE_*`, as in os.environ. Empty ones count as not set.
        required: names of the settings that have to be there.

    Raises:
        SettingsError: some are missing, unknown or of another type.

    """
    known = {item.name for item in fields(Settings)}
    values = _file(environ[FILE]) if environ.get(FILE) else {}
    unknown = sorted(values.keys() - known)
    if unknown:
        raise SettingsError(
            f"{environ[FILE]} has {', '.join(unknown)}, but the settings are "
            f"{', '.join(sorted(known))}."
        )
    for name in known:
        text = environ.get(PREFIX + name.upper())
        if text:
            values[name] = _parsed(name, text)
    missing = [name for name in required if not values.get(name)]
    if any(values.get(name) for name in _NETWORK):
        missing += [name for name in _NETWORK if not values.get(name)]
    if missing:
        raise SettingsError(
            f"The live lane needs {', '.join(missing)}: set "
            f"{', '.join(PREFIX + name.upper() for name in missing)}, or let {FILE} name a JSON "
            "file that has them."
        )
    for name, value in values.items():
        if name in _LISTS:
            values[name] = tuple(value)
        elif not isinstance(value, dict if name == "inputs" else str):
            raise SettingsError(f"{name} is {value!r}: give it as {_form(name)}.")
    if "state_directory" in values:
        values["state_directory"] = str(Path(values["state_directory"]).expanduser().absolute())
    return Settings(**values)


def _file(path: str) -> dict[str, Any]:
    try:
        values = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{FILE} names {path}, which cannot be read as JSON: {error}."
        ) from None
    if not isinstance(values, dict):
        raise SettingsError(f"{FILE} names {path}, which is no JSON object.")
    return values


def _parsed(name: str, text: str) -> Any:
    if name in _LISTS:
        return [item.strip() for item in text.split(",")]
    if name != "inputs":
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}INPUTS is no JSON: {error}.") from None


def _form(name: str) -> str:
    return "a JSON object" if name == "inputs" else "a string"


def authorize(settings: Settings) -> Client:
    """Make sure that the credentials at hand are of the one account that may be used.

    Returns:
        What makes boto3 clients of that account and region.

    Raises:
        SettingsError: there are no credentials, they do not work, or are of another account.

    """
    session = boto3.Session(region_name=settings.region)
    try:
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(
            "The live lane needs AWS credentials that work, in one of the usual places such as "
            f"AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: {error}"
        ) from None
    if account != settings.account_id:
        raise SettingsError(
            f"The AWS credentials are of account {account}, but the live lane may only use "
            f"{settings.account_id} (account_id, LIVE_ACCOUNT_ID): nothing was done."
        )
    client: Client = session.client
    return client
