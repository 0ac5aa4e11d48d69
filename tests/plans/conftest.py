"""One plan of all calls that the test modules of this folder declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import planned
from emulated_aws.emulator import EmulatedAWS
from rows import declared, explain
from terraform.plan import Plan
from terraform.root import Root, TerraformError


@pytest.fixture(scope="session")
def calls(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """The module calls that test modules declare: ``PLANNED_CALLS``, name to inputs.

    ``MORE_CALLS``, too, but not with --plan-only, which is to be fast.
    """
    planned = declared(request.session, "PLANNED_CALLS")
    if request.config.getoption("--plan-only"):
        return planned
    return planned | declared(request.session, "MORE_CALLS")


@pytest.fixture(scope="session")
def planned_calls(
    request: pytest.FixtureRequest,
    calls: dict[str, dict[str, Any]],
    session_root: Callable[[], Root],
    double: EmulatedAWS,
) -> tuple[Plan, Counter[str]]:
    """The plan, and the operations that it asked of AWS.

    A test module that packs several rows into a call says so for the day when the plan fails:
    ``PLANNED_ROWS``, name of the call to the names of its rows.
    """
    root = session_root()
    root.call_module(calls, outputs=planned.OUTPUTS)
    try:
        plan = root.plan()
    except TerraformError as error:
        why = explain(error, declared(request.session, "PLANNED_ROWS"))
    else:
        return plan, Counter(request.operation for request in double.calls)
    pytest.fail(why, pytrace=False)


@pytest.fixture(scope="session")
def plan_of_calls(planned_calls: tuple[Plan, Counter[str]]) -> Plan:
    """One plan of all calls; the part of each: :meth:`Plan.call`.

    A plan costs seconds, a further call in it a tenth of one.
    """
    return planned_calls[0]


@pytest.fixture(scope="session")
def requests_of_calls(planned_calls: tuple[Plan, Counter[str]]) -> Counter[str]:
    """What that plan asked of AWS: operation to number."""
    return planned_calls[1]
