"""Many cases in few module calls: a plan costs seconds, and half a second more for every call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def pack(cases: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[int]]:
    """Put cases that set different inputs, or the same to the same value, into one call.

    A case whose outcome depends on an input that another case sets names that input, too.

    Args:
        cases: the inputs that each case sets.

    Returns:
        The inputs of each call, and for each case the index of its call.

    """
    calls: list[dict[str, Any]] = []
    places = []
    for case in cases:
        fits = (
            place
            for place, call in enumerate(calls)
            if all(call.get(name, value) == value for name, value in case.items())
        )
        place = next(fits, len(calls))
        if place == len(calls):
            calls.append({})
        calls[place] |= case
        places.append(place)
    return calls, places
