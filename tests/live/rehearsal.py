"""The live lane's double: what runs on the account, on emulated AWS."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from emulated_aws.emulator import EmulatedAWS
from emulated_aws.runtime.script import Script
from emulated_aws.surroundings import arrange_named
from live.executions import Follower
from live.lane import FILES, Lane
from live.settings import Settings
from terraform.engine import Engine


def rehearsal(
    aws: EmulatedAWS,
    settings: Settings,
    engine: Engine,
    environment: Mapping[str, str],
    say: Callable[[str], None],
) -> Lane:
    """A lane with the same settings, on an account that has the bucket and network they name.

    Args:
        aws: the account, which is emptied first.
        settings: of the real account; the state directory may be another.
        engine: Terraform or OpenTofu.
        environment: with which it reaches emulated AWS.
        say: gets the progress, a line at a time.
    """
    own = settings_of(aws.account_id, settings)
    aws.reset()
    aws.runtime.script = Script(files=FILES)
    arrange_named(aws, f"s3://{own.bucket}/ {json.dumps(asdict(own))}")
    client = functools.partial(aws.client, region=own.region)
    follower = Follower(client("sagemaker"), say, interval=0, timeout=60)
    return Lane(own, engine, environment, client, follower)


def settings_of(account_id: str, settings: Settings) -> Settings:
    """The settings for another account."""

    def moved(text: str) -> str:
        return text.replace(settings.account_id, account_id)

    return replace(
        settings,
        account_id=account_id,
        training_image_uri=moved(settings.training_image_uri),
        inference_image_uri=moved(settings.inference_image_uri),
        inputs=json.loads(moved(json.dumps(settings.inputs))),
    )
