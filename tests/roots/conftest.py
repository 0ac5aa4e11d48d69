"""One plan of all whole roots that the test modules of this folder declare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rows import declared
from terraform.plan import Plan
from terraform.root import Root, TerraformError


@pytest.fixture(scope="session")
def plan_of_roots(request: pytest.FixtureRequest, session_root: Callable[[], Root]) -> Plan:
    """One plan of the whole roots that test modules declare.

    ``PLANNED_ROOTS`` of a test module: name to a folder of the repository, or to the text of a
    ``main.tf`` two folders below which the module is. The part of each: :meth:`Plan.below`.
    """
    root = session_root()
    sources = {}
    for name, source in declared(request.session, "PLANNED_ROOTS").items():
        if isinstance(source, Path):
            sources[name] = f"../module/{source}"
        else:
            sources[name] = f"./{name}"
            (root.directory / name).mkdir()
            (root.directory / name / "main.tf").write_text(source)
    root.call_roots(sources)
    try:
        return root.plan()
    except TerraformError as error:
        failed = f"The shared plan of whole roots failed:\n{error}"
    pytest.fail(failed, pytrace=False)
