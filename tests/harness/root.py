"""A Terraform root in a folder of its own, run by tftest with the real provider."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import tftest

from harness.plan import Diagnostic, Plan
from harness.provider import CONSTRAINT, Installation


class TerraformError(Exception):
    """A command failed; with its errors, on one line."""


class Root:
    """One root; nothing of the committed tree is written to.

    Args:
        directory: an existing folder with the .tf files, or an empty one for :meth:`write`.
        installation: the provider.
        environment: all that the engine gets to see.

    """

    def __init__(
        self, directory: Path, installation: Installation, environment: Mapping[str, str]
    ) -> None:
        self.directory = directory
        self.environment = dict(environment)
        self._installation = installation
        # tftest's own preparation removes state and lock file when it is done
        self._tftest = tftest.TerraformTest(str(directory), binary=installation.engine.binary)
        self._tftest.env = self.environment  # it would add os.environ
        if any(directory.glob("*.tf")):
            installation.prepare(directory)

    def write(self, configuration: Mapping[str, Any]) -> None:
        """Make ``configuration`` (Terraform's JSON syntax) the root; state is kept."""
        (self.directory / "main.tf.json").write_text(json.dumps(configuration, indent=2))
        self._installation.prepare(self.directory)

    def call_module(
        self,
        inputs: Mapping[str, Mapping[str, Any]],
        *,
        source: str = "../module",
        max_retries: int = 3,
    ) -> None:
        """Make a root that calls the module once for each entry: ``module.pipelines["<name>"]``.

        One block with for_each: Terraform loads and validates the module for every further block,
        which takes as long as planning it.

        Args:
            inputs: name to the module's inputs; values are literals, and null is the default.
            source: path of the module, from the root.
            max_retries: of the provider. Few, because it would repeat for minutes what the
                emulator does not have; not one, because a kept provider now and then loses a
                connection.
        """
        (self.directory / "inputs.json").write_text(json.dumps(inputs, indent=2))
        given = sorted({name for call in inputs.values() for name in call})
        call = {name: f"${{try(each.value.{name}, null)}}" for name in given}
        aws = {"source": "hashicorp/aws", "version": CONSTRAINT}
        self.write(
            {
                "terraform": {"required_providers": {"aws": aws}},
                "provider": {"aws": {"region": "us-east-1", "max_retries": max_retries}},
                "locals": {"inputs": '${jsondecode(file("${path.module}/inputs.json"))}'},
                "module": {"pipelines": {"source": source, "for_each": "${local.inputs}", **call}},
            }
        )

    def call_roots(self, sources: Mapping[str, str]) -> None:
        """Make a root that calls other roots as they are: ``module.<name>``, an output for each.

        Args:
            sources: name to path, from this root.
        """
        self.write(
            {
                "provider": {"aws": {"region": "us-east-1"}},
                "module": {name: {"source": source} for name, source in sources.items()},
                "output": {name: {"value": f"${{module.{name}}}"} for name in sources},
            }
        )

    def plan(self) -> Plan:
        """Plan.

        Raises:
            TerraformError: it failed.
        """
        messages = self._preview("-out=tfplan")
        _raise_errors(messages)
        shown = self._run(self._tftest.execute_command, "show", "-json", "tfplan")
        return Plan(json.loads(shown.out), tuple(_diagnostics(messages)))

    def apply(self) -> None:
        """Apply.

        Raises:
            TerraformError: it failed.
        """
        self._run(self._tftest.apply)

    def destroy(self) -> None:
        """Destroy what the state holds.

        Raises:
            TerraformError: it failed.
        """
        self._run(self._tftest.destroy)

    def outputs(self) -> dict[str, Any]:
        """Outputs of the applied root by name."""
        return dict(self._run(self._tftest.output))

    def _run(self, command: Callable[..., Any], *arguments: str) -> Any:
        try:
            return command(*arguments)
        except tftest.TerraformTestError as error:
            # its first argument repeats all output
            raise TerraformError(" ".join(str(error.args[-1]).split())) from None

    def stream(self, command: Literal["apply", "destroy"]) -> Iterator[str]:
        """Apply or destroy, and say the address of each resource when it is done.

        Raises:
            TerraformError: it failed.

        """
        errors = []
        with subprocess.Popen(
            [*self._installation.engine.command, command, "-json", "-auto-approve"],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            for line in process.stdout or ():
                message = json.loads(line)
                address = message.get("hook", {}).get("resource", {}).get("addr", "")
                if message["type"] == "apply_complete" and ".data." not in f".{address}":
                    yield address
                elif message["@level"] == "error":
                    errors.append(message["@message"])
        if process.returncode != 0:
            raise TerraformError(" ".join(errors))

    def changes(self) -> dict[str, str]:
        """What a plan would do: address to action; nothing means that the plan is empty.

        Half the price of :meth:`plan`, which has to ask the provider for its schemas twice.

        Raises:
            TerraformError: it failed.
        """
        messages = self._preview()
        _raise_errors(messages)
        return {
            message["change"]["resource"]["addr"]: message["change"]["action"]
            for message in messages
            if message["type"] == "planned_change"
        } | {
            f"output.{name}": output["action"]
            for message in messages
            if message["type"] == "outputs"
            for name, output in message["outputs"].items()
            if output["action"] != "noop"
        }

    def diagnostics(self) -> list[Diagnostic]:
        """Errors and warnings of a plan, which may fail."""
        return _diagnostics(self._preview())

    def _preview(self, *options: str) -> list[dict[str, Any]]:
        """Messages of ``terraform plan -json``.

        https://developer.hashicorp.com/terraform/internals/machine-readable-ui
        """
        command = [*self._installation.engine.command, "plan", "-json"]
        done = subprocess.run(
            [*command, "-lock=false", "-input=false", *options],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        explained = any(message["type"] == "diagnostic" for message in messages)
        if done.returncode not in (0, 1) or (done.returncode and not explained):
            raise TerraformError(f"plan exited with {done.returncode}: {done.stdout}{done.stderr}")
        return messages


def _raise_errors(messages: list[dict[str, Any]]) -> None:
    errors = [found.sentence for found in _diagnostics(messages) if found.severity == "error"]
    if errors:
        raise TerraformError(" ".join(errors))


def _diagnostics(messages: list[dict[str, Any]]) -> list[Diagnostic]:
    found = [message["diagnostic"] for message in messages if message["type"] == "diagnostic"]
    return [
        Diagnostic(
            severity=diagnostic["severity"],
            sentence=" ".join((diagnostic.get("detail") or diagnostic["summary"]).split()),
            address=diagnostic.get("address", ""),
        )
        for diagnostic in found
    ]
