"""`make inventories`: writes tests/roots/inventories/*.yaml from what the examples plan.

It also writes the table of docs/additional-pipelines.md.

Read the difference before you commit it: it is what whoever upgrades the module will see.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from emulated_aws.emulator import EmulatedAWS
from repository import REPOSITORY, copy_examples, copy_module
from roots import inventory, step_types
from terraform import engine as engines
from terraform import provider
from terraform.root import Root


def main() -> None:
    """Plan all examples in one root, and write what each plans."""
    names = sorted(path.name for path in (REPOSITORY / "examples").iterdir())
    engine = engines.find()
    with tempfile.TemporaryDirectory() as directory, EmulatedAWS() as aws:
        workdir = Path(directory)
        aws.seed()
        copy_module(workdir)
        copy_examples(workdir)
        environment = engines.environment(workdir, engine) | aws.environment
        (workdir / "root").mkdir()
        root = Root(workdir / "root", provider.install(engine, environment, workdir), environment)
        (root.directory / "steps").mkdir()
        (root.directory / "steps/main.tf").write_text(step_types.root("../.."))
        root.call_roots({name: f"../examples/{name}" for name in names} | {"steps": "./steps"})
        plan = root.plan()
    for name in names:
        path = REPOSITORY / "tests/roots/inventories" / f"{name}.yaml"
        path.write_text(inventory.text(name, plan.below(name)))
    text = step_types.written(plan.below("steps").below("steps"))
    step_types.DOCUMENT.write_text(text)


if __name__ == "__main__":
    main()
