"""What a plan of an example holds, in the form of tests/roots/inventories/*.yaml.

Every resource with every argument, but for the provider's defaults and what is empty. JSON
arguments are parsed. The definitions and role policies among the outputs are those of resources,
and are left out here.
"""

from __future__ import annotations

from typing import Any

import yaml

from terraform.plan import JSON_ARGUMENTS, Plan

MODULE = "module.sagemaker_pipelines."
#: Outputs that repeat arguments of resources.
REPEATED = ("training_pipeline_definition", "processing_pipeline_definition", "role_policies")

_DEFAULTS = {
    "actions_enabled": True,
    "event_bus_name": "default",
    "force_destroy": False,
    "max_session_duration": 3600,
}


def inventory(plan: Plan) -> dict[str, Any]:
    """The inventory of an example's plan: ``resources``, ``outputs``, ``unknown`` if any."""
    resources = {
        address.removeprefix(MODULE): {
            name: value if name in JSON_ARGUMENTS else _filled(value)
            for name, value in arguments.items()
            if name != "tags_all" and value not in ([], {}, _DEFAULTS.get(name, ""))
        }
        for address, arguments in sorted(plan.resources.items())
    }
    outputs = plan.outputs["sagemaker_pipelines"]
    unknown = {
        address.removeprefix(MODULE): sorted(names) for address, names in plan.unknown.items()
    }
    return {
        "resources": resources,
        **({"unknown": unknown} if unknown else {}),
        "outputs": {name: value for name, value in outputs.items() if name not in REPEATED},
    }


def _filled(value: Any) -> Any:
    """Blocks without the arguments that are null or empty."""
    if isinstance(value, list):
        return [_filled(item) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item) for name, item in value.items() if item not in (None, [])}
    return value


def text(name: str, plan: Plan) -> str:
    """The file of an example."""
    head = (
        f"# What examples/{name} plans: every resource and no other. Written by make inventories.\n"
    )
    return head + dump(inventory(plan))


def dump(value: Any) -> str:
    """A value as YAML that a person reads: lines are not broken, and short ones are one line."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, indent=2, width=10_000)


class _Dumper(yaml.SafeDumper):
    """One line for what is short and flat, a line for each entry otherwise; no references."""

    def ignore_aliases(self, _: Any) -> bool:
        return True

    def represent_data(self, data: Any) -> yaml.Node:
        node = super().represent_data(data)
        if isinstance(node, yaml.CollectionNode):
            values = data.values() if isinstance(data, dict) else data
            flat = not any(isinstance(value, (dict, list)) for value in values)
            node.flow_style = flat and len(str(data)) < 80
        return node

    def increase_indent(self, flow: bool = False, *_: Any, **__: Any) -> None:
        super().increase_indent(flow, False)
