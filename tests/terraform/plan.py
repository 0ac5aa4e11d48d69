"""What a plan says, by address: the view of ``terraform show -json`` that the tests read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

#: Arguments that hold JSON text; a plan shows them parsed.
JSON_ARGUMENTS = ("pipeline_definition", "policy", "assume_role_policy", "event_pattern")

#: Arguments that AWS decides at apply. Anything else that is unknown at plan is a defect:
#: whoever approves a plan must see it.
DECIDED_BY_AWS = frozenset(
    {
        "arn",
        "create_date",
        "creation_date",
        "evaluate_low_sample_count_percentiles",
        "id",
        "inline_policy",
        "last_modification_date",
        "managed_policy_arns",
        "name_prefix",
        "pipeline_definition_s3_location",
        "state",  # of a schedule group
        "tags_all",
        "unique_id",
    }
)

#: Only of some types: of others the configuration decides it.
DECIDED_BY_TYPE = {"aws_scheduler_schedule_group": {"state"}}

#: Of a sentence that is shown.
LONGEST_SENTENCE = 300


@dataclass(frozen=True)
class Diagnostic:
    """An error or a warning, as ``terraform plan -json`` reports it.

    Attributes:
        severity: "error" or "warning".
        sentence: the detail where there is one, else the summary; on one line.
        address: the resource, variable or output that it is about, such as
            ``module.pipelines["a"].var.tags``. Empty where the engine gives none: of a mistake in
            the HCL, and of rules when there is no plan that says it (:meth:`Root.diagnostics`).
        location: file and line of the rule, or else of what is wrong, such as
            ``../module/variables.tf:80``; empty for what the provider says of itself.

    """

    severity: str
    sentence: str
    address: str
    location: str

    def __str__(self) -> str:
        """On one line, cut where it is long."""
        sentence = self.sentence
        if len(sentence) > LONGEST_SENTENCE:
            sentence = f"{sentence[:LONGEST_SENTENCE]}..."
        return f"{self.address or 'no address'} ({self.location or 'no location'}): {sentence}"

    @property
    def call(self) -> str:
        """The module call that it is about, such as ``module.pipelines["a"]``; empty for none."""
        found = re.match(r'module\.\w+(\["[^"]*"\])?(?=\.)', self.address)
        return found[0] if found else ""


@dataclass(frozen=True)
class Plan:
    """A plan in the format of ``terraform show -json``.

    https://developer.hashicorp.com/terraform/internals/json-format

    Attributes:
        document: the whole of it.
        diagnostics: warnings, of whichever kind, that Terraform gave on the way.
    """

    document: Mapping[str, Any]
    diagnostics: tuple[Diagnostic, ...] = ()

    @cached_property
    def _changes(self) -> dict[str, Mapping[str, Any]]:
        return {
            change["address"]: change
            for change in self.document.get("resource_changes", [])
            if change["mode"] == "managed"
        }

    @cached_property
    def actions(self) -> dict[str, tuple[str, ...]]:
        """Address to actions, such as ``("create",)`` or ``("delete", "create")``; no no-ops."""
        return {
            address: tuple(change["change"]["actions"])
            for address, change in self._changes.items()
            if change["change"]["actions"] != ["no-op"]
        }

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Address to planned arguments: JSON parsed, null and unknown ones left out."""
        return {
            address: {
                name: json.loads(value) if name in JSON_ARGUMENTS else value
                for name, value in change["change"]["after"].items()
                if value is not None
            }
            for address, change in self._changes.items()
            if change["change"]["after"] is not None
        }

    def values(self, argument: str) -> dict[str, Any]:
        """Address to this argument, of the resources that have it."""
        return {
            address: arguments[argument]
            for address, arguments in self.resources.items()
            if argument in arguments
        }

    @cached_property
    def unknown(self) -> dict[str, set[str]]:
        """Address to the arguments that are "(known after apply)" and not AWS's to decide."""
        found = {
            address: {
                name
                for name, flag in change["change"].get("after_unknown", {}).items()
                if _has_unknown(flag)
            }
            - DECIDED_BY_AWS
            - DECIDED_BY_TYPE.get(change["type"], set())
            for address, change in self._changes.items()
        }
        return {address: names for address, names in found.items() if names}

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """Outputs of the root by name; None where null or unknown."""
        values = self.document["planned_values"].get("outputs", {})
        return {name: output.get("value") for name, output in values.items()}

    @property
    def warnings(self) -> list[str]:
        """Sentences of the ``check`` blocks that failed."""
        return [
            problem["message"]
            for check in self.document.get("checks", [])
            if check["address"]["kind"] == "check"
            for instance in check.get("instances", [])
            for problem in instance.get("problems", [])
        ]

    def below(self, name: str) -> Plan:
        """The part of a call of :meth:`terraform.root.Root.call_roots`, as if it were a root.

        Args:
            name: of the call; its outputs are the root's output of that name.
        """
        return self._part(f"module.{name}", self.outputs.get(name) or {})

    def call(self, name: str) -> Plan:
        """The part of one entry of :meth:`terraform.root.Root.call_module`."""
        outputs = self.outputs.get("pipelines") or {}
        return self._part(f'module.pipelines["{name}"]', outputs.get(name) or {})

    def _part(self, module: str, outputs: Mapping[str, Any]) -> Plan:
        prefix = f"{module}."

        def inside(check: Mapping[str, Any]) -> list[Mapping[str, Any]]:
            return [
                instance
                for instance in check.get("instances", [])
                if f"{instance['address'].get('module', '')}.".startswith(prefix)
            ]

        return Plan(
            {
                "resource_changes": [
                    change | {"address": change["address"].removeprefix(prefix)}
                    for change in self.document["resource_changes"]
                    if change["address"].startswith(prefix)
                ],
                "planned_values": {
                    "outputs": {name: {"value": value} for name, value in outputs.items()}
                },
                "checks": [
                    check | {"instances": inside(check)}
                    for check in self.document.get("checks", [])
                ],
            }
        )


def _has_unknown(flag: Any) -> bool:
    if isinstance(flag, dict):
        return any(_has_unknown(value) for value in flag.values())
    if isinstance(flag, list):
        return any(_has_unknown(value) for value in flag)
    return bool(flag)
