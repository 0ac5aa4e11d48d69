"""Terraform's commands through python-terraform 0.10.1, the only place that knows its ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import python_terraform

from terraform.engine import Engine
from terraform.interrupts import Interrupts
from terraform.plan import Plan
from terraform.root import TerraformError

_PLAN = "tfplan"


class _Terraform(python_terraform.Terraform):  # type: ignore[misc]
    """python-terraform, which knows the options, with another way to run what it puts together.

    Its own way takes no environment but os.environ, leaves the child alone on Ctrl-C, warns
    through a deprecated method, and writes a file for variables even when there are none.
    """

    def __init__(
        self,
        directory: Path,
        engine: Engine,
        environment: Mapping[str, str],
        interrupts: Interrupts,
    ) -> None:
        super().__init__(working_dir=str(directory), terraform_bin_path=engine.binary)
        self._environment = environment
        self._interrupts = interrupts

    def cmd(self, cmd: str, *arguments: str, **options: Any) -> tuple[int, str, str]:
        """Run a command: exit code, output, errors."""
        given = {name: value for name, value in options.items() if value not in ({}, [])}
        done = self._interrupts.run(
            self.generate_cmd_string(cmd, *arguments, **given),
            directory=Path(self.working_dir),
            environment=self._environment,
        )
        return done.returncode, done.stdout, done.stderr


class TerraformCLI:
    """A root and the commands of a user in it.

    Every method raises TerraformError when its command fails, and KeyboardInterrupt when it was
    interrupted.

    Args:
        directory: with the .tf files; state and plan are written to it.
        engine: what runs.
        environment: all that it gets to see.
        interrupts: passes signals on to it.

    """

    def __init__(
        self,
        directory: Path,
        engine: Engine,
        environment: Mapping[str, str],
        interrupts: Interrupts,
    ) -> None:
        self.directory = directory
        self._terraform = _Terraform(directory, engine, environment, interrupts)

    def init(self) -> None:
        """Install modules and providers."""
        _checked("init", self._terraform.init())

    def plan(self) -> Plan:
        """Plan, and keep the plan for :meth:`apply`."""
        _checked("plan", self._terraform.plan(out=_PLAN), good=(0, 2))
        shown = self._terraform.show(_PLAN, json=python_terraform.IsFlagged)
        return Plan(json.loads(_checked("show", shown)))

    def changes(self) -> str:
        """Plan anew: what would change, for people; empty when nothing would."""
        done = self._terraform.plan()
        output = _checked("plan", done, good=(0, 2))
        return output if done[0] == 2 else ""

    def apply(self) -> None:
        """Apply what :meth:`plan` planned."""
        _checked("apply", self._terraform.apply(_PLAN, skip_plan=True))

    def destroy(self) -> None:
        """Destroy what the state holds."""
        # its default is an option that Terraform has no more
        _checked("destroy", self._terraform.destroy(force=None, auto_approve=True))


def _checked(command: str, done: tuple[int, str, str], good: tuple[int, ...] = (0,)) -> str:
    code, output, errors = done
    if code not in good:
        raise TerraformError(f"{command} exited with {code}: {' '.join(errors.split())}")
    return output
