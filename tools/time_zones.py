"""`make time-zones`: writes time_zones.json, the hours that clock changes skip or repeat.

Terraform has no time zones, so the module reads them from this file: each IANA name, with a pair
[weekday, hour] for each hour of the local clock that does not exist on some day, or exists twice.
Weekdays are those of AWS cron: 1 is Sunday. Half an hour counts as its hour.

The zones are those of the tzdata package that pyproject.toml pins, whatever the machine has. Every
change in YEARS counts, also one that takes place only once.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from importlib import resources
from zoneinfo import ZoneInfo

from repository import REPOSITORY

PATH = REPOSITORY / "time_zones.json"
YEARS = range(2027, 2037)

_WEEK, _HOUR, _MINUTE = timedelta(weeks=1), timedelta(hours=1), timedelta(minutes=1)


def text() -> str:
    """The whole file, one zone a line."""
    names = resources.files("tzdata").joinpath("zones").read_text().split()
    # tzdata's word for "not yet set": nobody's zone
    names.remove("Factory")
    lines = [f"  {json.dumps(name)}: {json.dumps(changed_hours(name))}" for name in sorted(names)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def changed_hours(name: str) -> list[tuple[int, int]]:
    """Each weekday and hour that a clock change of YEARS skips or repeats in a zone."""
    with resources.files("tzdata").joinpath("zoneinfo", name).open("rb") as file:
        zone = ZoneInfo.from_file(file, name)
    found = set()
    for before, after in _changes(zone):
        first, end = sorted((before, after))
        hour = first.replace(minute=0)
        while hour < end:
            found.add((hour.isoweekday() % 7 + 1, hour.hour))
            hour += _HOUR
    return sorted(found)


def _changes(zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """What the local clock would show at each change, and what it shows. At most one a week."""

    def clock(time: datetime) -> datetime:
        return time.astimezone(zone).replace(tzinfo=None)

    def has_changed(minutes: int) -> bool:
        return clock(week + minutes * _MINUTE) != start + minutes * _MINUTE

    week = datetime(YEARS.start, 1, 1, tzinfo=timezone.utc)
    while week.year < YEARS.stop:
        start = clock(week)
        if has_changed(_WEEK // _MINUTE):
            passed = bisect_left(range(_WEEK // _MINUTE), True, key=has_changed) * _MINUTE
            yield start + passed, clock(week + passed)
        week += _WEEK


def main() -> None:
    """Write the file."""
    PATH.write_text(text())


if __name__ == "__main__":
    main()
