"""What a plan asks AWS: who it is, the network where it is looked up, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Any

from inputs import VALID, VPC

PLANNED_CALLS = {
    "looks the network up": VALID | VPC,
    "does not": VALID | VPC | {"vpc_id": "vpc-00000000", "lookup_network": False},
}


def test_requests_of_a_plan(
    calls: dict[str, dict[str, Any]], requests_of_calls: Counter[str]
) -> None:
    looking = sum(
        bool(inputs.get("vpc_id")) and inputs.get("lookup_network", True)
        for inputs in calls.values()
    )
    network = Counter(
        {name: requests_of_calls[name] for name in requests_of_calls if name.startswith("Describe")}
    )
    assert network.total() == 7 * looking
    # each call asks once who it is, and so does the provider itself
    assert requests_of_calls - network == {"GetCallerIdentity": 1 + len(calls)}
