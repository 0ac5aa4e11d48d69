"""`make sweep`: what the live lane left in an account, listed or removed.

The account is named and refused as for `pytest tests/ --live`: LIVE_ACCOUNT_ID and LIVE_REGION.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from live import settings as live_settings
from live import sweeper
from live.executions import Follower

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def age(text: str) -> timedelta:
    """The duration that "30m", "6h" or "2d" stands for."""
    found = re.fullmatch(r"(\d+)([mhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r}: give minutes, hours or days: 30m, 6h, 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def main(arguments: Sequence[str] | None = None) -> int:
    """List or remove; 0 when nothing went wrong, 1 when something is still there."""
    parser = argparse.ArgumentParser(description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--list", action="store_true", help="list leftovers, and touch nothing")
    action.add_argument("--remove", action="store_true", help="remove leftovers")
    parser.add_argument(
        "--older-than",
        type=age,
        metavar="AGE",
        help="such as 30m, 6h, 2d; by default 6h with --remove, so that no running test is hit",
    )
    options = parser.parse_args(arguments)
    limit = options.older_than
    if limit is None:
        limit = timedelta(hours=6 if options.remove else 0)
    try:
        settings = live_settings.load(os.environ, live_settings.ACCOUNT)
        client = live_settings.authorize(settings)
    except live_settings.SettingsError as error:
        parser.error(str(error))

    latest = datetime.now(timezone.utc) - limit
    leftovers = [leftover for leftover in sweeper.find(client) if leftover.created <= latest]
    problems = []
    if options.list:
        for leftover in leftovers:
            print(leftover)
    else:
        problems = sweeper.remove(leftovers, client, Follower(client("sagemaker"), print))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(leftovers)} leftovers in {settings.account_id}, {settings.region}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
