"""`make emulator`: strict emulated AWS for your own root, until Ctrl-C (docs/own-root.md)."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator

from emulated_aws.emulator import Call, EmulatedAWS
from emulated_aws.infrastructure import BUCKETS, IMAGES, NETWORKS, POLICIES

#: What would send a request to another place, or with other credentials.
UNSET = ("AWS_PROFILE", "AWS_SESSION_TOKEN")
#: Calls that look and change nothing.
LOOKS = ("Describe", "Get", "List", "GET", "HEAD")

INTRODUCTION = """\
Emulated AWS listens on {endpoint}. Ctrl-C ends it, and what is in it is lost.
Account {account}, region {region}. It holds what the examples name:

{holds}

Paste this into another shell:

{exports}

In that shell Terraform, the AWS CLI and boto3 work against emulated AWS. In any root:

  terraform init
  terraform plan
  terraform apply

The provider block needs no skip_* argument and no endpoints block. docs/own-root.md says how to
add a VPC or a bucket of your own, and what to do about a remote backend.

Calls that change something, or try to:
"""


def main() -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5050, help="0 is a free one")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with EmulatedAWS(port=parser.parse_args().port) as aws:
        aws.seed()
        print(introduction(aws), flush=True)
        while not stop.wait(0.2):
            for call in taken(aws.calls):
                print(f"  {call.service} {call.operation}: {call.status}", flush=True)
    print("\nEmulated AWS has ended.")


def introduction(aws: EmulatedAWS) -> str:
    """What is here, and how to get here."""
    holds = [
        *(
            f"{network.vpc_id} ({network.name}): "
            f"{', '.join(network.subnet_ids)}, {network.security_group_id}"
            for network in NETWORKS
        ),
        f"buckets: {', '.join(BUCKETS)}",
        *(f"images {name}: {', '.join(tags)}" for name, tags in IMAGES.items()),
        f"managed policies: {', '.join(POLICIES)}",
    ]
    exports = [
        *(f"export {name}={value}" for name, value in aws.environment.items()),
        'export NO_PROXY="127.0.0.1${NO_PROXY:+,$NO_PROXY}"',
        f"unset {' '.join(UNSET)}",
    ]
    return INTRODUCTION.format(
        endpoint=aws.endpoint,
        account=aws.account_id,
        region=aws.region,
        holds="\n".join(f"  {line}" for line in holds),
        exports="\n".join(f"  {line}" for line in exports),
    )


def taken(calls: list[Call]) -> Iterator[Call]:
    """Take all calls out of the log; those that change something."""
    while calls:
        call = calls.pop(0)
        if not call.operation.startswith(LOOKS):
            yield call


if __name__ == "__main__":
    main()
