"""docs/additional-pipelines.md says of every type of step what the module grants, and no more."""

from __future__ import annotations

import re

from repository import REPOSITORY
from roots import step_types
from roots.documents import codes, rows
from terraform.plan import Plan

PLANNED_ROOTS = {"step-types": step_types.root()}


def test_table_is_what_is_planned(plan_of_roots: Plan) -> None:
    plan = plan_of_roots.below("step-types").below("steps")
    assert step_types.DOCUMENT.read_text() == step_types.written(plan), "run `make inventories`"


def test_every_type_of_the_module_is_told() -> None:
    text = (REPOSITORY / "step_permissions.tf").read_text()
    (others,) = re.findall(r"(?s)required_names = merge\(\n(.*?)\n  \)", text)
    types = set(re.findall(r"(?m)^      (\w+) += ", others))
    types |= set(re.findall(r'"([A-Z]\w+)"', others + str(re.findall("check_types += .*", text))))
    assert {kind for kind, _ in step_types.STEPS.values()} == types
    doubts = rows(step_types.DOCUMENT, "Not verified, of")
    assert {kind for cells in doubts for kind in codes(cells[0])} | {"Fail"} == types
