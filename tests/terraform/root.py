"""A Terraform root in a folder of its own, and the commands in it.

tftest has the plain commands (init, show, apply, destroy, output), python-terraform puts together
the command lines that need other options. Whatever they want to run goes through one function.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import python_terraform
import tftest
from python_terraform import IsFlagged

from terraform.engine import Engine
from terraform.plan import Diagnostic, Plan
from terraform.provider import CONSTRAINT, Installation


class TerraformError(Exception):
    """A command failed; with its errors.

    Attributes:
        errors: of a plan, each with the address of what it is about.

    """

    def __init__(self, message: str, errors: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message)
        self.errors = errors


class Run(Protocol):
    """Runs a command to its end, as :meth:`terraform.interrupts.Interrupts.run` does, too."""

    def __call__(
        self, command: Sequence[str], *, directory: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run it."""


def run(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, cwd=directory, env=dict(environment), capture_output=True, text=True, check=False
    )


class _Tftest(tftest.TerraformTest):  # type: ignore[misc]
    """tftest, which runs its commands through the root.

    Its own way lets a command that writes much to stderr hang, and raises for some exit codes only.
    """

    def __init__(self, root: Root) -> None:
        super().__init__(str(root.directory), binary=root.engine.binary)
        self._root = root

    def execute_command(self, cmd: str, *cmd_args: str) -> tftest.TerraformCommandOutput:
        """Run a command."""
        done = self._root.run(self.binary, cmd, *cmd_args)
        if done.returncode != 0:
            raise TerraformError(f"{cmd} exited with {done.returncode}: {_one_line(done.stderr)}")
        return tftest.TerraformCommandOutput(done.returncode, done.stdout, done.stderr)


class Root:
    """One root; nothing of the committed tree is written to.

    Args:
        directory: an existing folder with the .tf files, or an empty one for :meth:`write`.
        installation: the provider, which saves :meth:`init`; or an engine alone, which needs it.
        environment: all that the engine gets to see.
        run: runs the commands; may raise KeyboardInterrupt.

    """

    def __init__(
        self,
        directory: Path,
        installation: Installation | Engine,
        environment: Mapping[str, str],
        run: Run = run,
    ) -> None:
        self.directory = directory
        self.environment = dict(environment)
        self.engine = installation if isinstance(installation, Engine) else installation.engine
        self._installation = installation
        self._run = run
        self._tftest = _Tftest(self)
        self._lines = python_terraform.Terraform(terraform_bin_path=self.engine.binary)
        if any(directory.glob("*.tf")):
            self._prepare()

    def _prepare(self) -> None:
        if isinstance(self._installation, Installation):
            self._installation.prepare(self.directory)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run any command in the root; it may fail."""
        return self._run(command, directory=self.directory, environment=self.environment)

    def _line(self, command: str, *arguments: str, **options: Any) -> list[str]:
        """A command line; None leaves an option out, IsFlagged gives it no value."""
        return list(self._lines.generate_cmd_string(command, *arguments, **options))

    def write(self, configuration: Mapping[str, Any]) -> None:
        """Make ``configuration`` (Terraform's JSON syntax) the root; state is kept."""
        (self.directory / "main.tf.json").write_text(json.dumps(configuration, indent=2))
        self._prepare()

    def call_module(
        self,
        inputs: Mapping[str, Mapping[str, Any]],
        *,
        source: str = "../module",
        max_retries: int = 3,
        outputs: Sequence[str] = (),
    ) -> None:
        """Make a root that calls the module once for each entry: ``module.pipelines["<name>"]``.

        Args:
            inputs: name to the module's inputs; values are literals, and null is the default.
            source: path of the module, from the root.
            max_retries: of the provider.
            outputs: names of those that the plan has of each call.
        """
        self.call_modules(
            {"pipelines": inputs}, source=source, max_retries=max_retries, outputs=outputs
        )

    def call_modules(
        self,
        blocks: Mapping[str, Mapping[str, Mapping[str, Any]]],
        *,
        source: str = "../module",
        max_retries: int = 3,
        outputs: Sequence[str] = (),
    ) -> None:
        """Make a root that calls the module in several blocks: ``module.<block>["<name>"]``.

        Blocks with for_each, and few of them: Terraform loads and validates the module for every
        block, which takes as long as planning it. An error of one block's variables stops the
        plan of all calls of that block, and of no other.

        Args:
            blocks: block to name to the module's inputs, as of :meth:`call_module`.
            source: path of the module, from the root.
            max_retries: of the provider. Few, because it would repeat for minutes what the
                emulator does not have; not one, because a kept provider now and then loses a
                connection.
            outputs: names of those that the plan has of each call.
        """
        (self.directory / "inputs.json").write_text(json.dumps(blocks, indent=2))
        modules = {
            block: {"source": source, "for_each": f"${{local.inputs.{block}}}"}
            | {
                name: f"${{try(each.value.{name}, null)}}"
                for name in sorted({name for inputs in calls.values() for name in inputs})
            }
            for block, calls in blocks.items()
        }
        shown = "{" + ", ".join(f"{name} = call.{name}" for name in outputs) + "}"
        output = {
            block: {"value": f"${{{{for name, call in module.{block} : name => {shown}}}}}"}
            for block in blocks
        }
        aws = {"source": "hashicorp/aws", "version": CONSTRAINT}
        self.write(
            {
                "terraform": {"required_providers": {"aws": aws}},
                "provider": {"aws": {"region": "us-east-1", "max_retries": max_retries}},
                "locals": {"inputs": '${jsondecode(file("${path.module}/inputs.json"))}'},
                "module": modules,
            }
            | ({"output": output} if outputs else {})
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

    def init(self) -> None:
        """Install modules and providers.

        Raises:
            TerraformError: it failed.
        """
        self._tftest.init()

    def plan(self) -> Plan:
        """Plan.

        Raises:
            TerraformError: it failed.
        """
        messages = self._preview()
        self._raise_errors(messages)
        return Plan(self._show(), tuple(_diagnostics(messages)))

    def apply(self) -> None:
        """Apply.

        Raises:
            TerraformError: it failed.
        """
        self._tftest.apply()

    def destroy(self) -> None:
        """Destroy what the state holds.

        Raises:
            TerraformError: it failed.
        """
        self._tftest.destroy()

    def outputs(self) -> dict[str, Any]:
        """Outputs of the applied root by name."""
        return dict(self._tftest.output())

    def stream(self, command: Literal["apply", "destroy"]) -> Iterator[str]:
        """Apply or destroy, and say the address of each resource when it is done.

        Raises:
            TerraformError: it failed.

        """
        errors = []
        with subprocess.Popen(
            self._line(command, json=IsFlagged, auto_approve=IsFlagged),
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
        self._raise_errors(messages)
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
        """Errors and warnings of a plan, which may fail; see :attr:`Diagnostic.address`."""
        return self._addressed(self._preview())

    def _addressed(self, messages: list[dict[str, Any]]) -> list[Diagnostic]:
        # The message of a failed rule has no address, and nothing else that tells apart the calls
        # of a block. The plan has it, also a plan with errors (from Terraform and OpenTofu 1.6
        # on). There is none where nothing could be planned, such as with a mistake in the HCL.
        planned = (self.directory / "tfplan").exists()
        return _diagnostics(messages, self._show() if planned else {})

    def _show(self) -> dict[str, Any]:
        return dict(json.loads(self._tftest.execute_command("show", "-json", "tfplan").out))

    def _raise_errors(self, messages: list[dict[str, Any]]) -> None:
        if any(found.severity == "error" for found in _diagnostics(messages)):
            found = self._addressed(messages)
            errors = tuple(error for error in found if error.severity == "error")
            raise TerraformError("\n".join(map(str, errors)), errors)

    def _preview(self) -> list[dict[str, Any]]:
        """Messages of ``terraform plan -json``, which writes the plan to ``tfplan``.

        https://developer.hashicorp.com/terraform/internals/machine-readable-ui
        """
        (self.directory / "tfplan").unlink(missing_ok=True)
        done = self.run(*self._line("plan", json=IsFlagged, out="tfplan", lock=False, input=False))
        messages = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
        explained = any(message["type"] == "diagnostic" for message in messages)
        if done.returncode not in (0, 1) or (done.returncode and not explained):
            raise TerraformError(f"plan exited with {done.returncode}: {done.stdout}{done.stderr}")
        return messages


def _one_line(text: str) -> str:
    return " ".join(text.split())


#: What Terraform adds to the sentence of a validation rule.
_RULE = re.compile(r"\s+This was checked by the validation rule at (\S+:\d+),\S+$")


def _diagnostics(
    messages: list[dict[str, Any]], plan: Mapping[str, Any] | None = None
) -> list[Diagnostic]:
    addresses = _addresses(plan or {})
    diagnostics = []
    for message in messages:
        if message["type"] != "diagnostic":
            continue
        found = message["diagnostic"]
        text = found.get("detail") or found["summary"]
        rule, place = _RULE.search(text), found.get("range")
        sentence = _one_line(_RULE.sub("", text))
        if rule:
            location = rule[1]
        else:
            location = f"{place['filename']}:{place['start']['line']}" if place else ""
        same = addresses[sentence]
        address = found.get("address") or (same.pop() if same else "")
        diagnostics.append(Diagnostic(found["severity"], sentence, address, location))
    return diagnostics


def _addresses(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """Sentence to the addresses of the variables, resources and outputs whose rule says it."""
    addresses = defaultdict(list)
    for check in plan.get("checks", []):
        for instance in check.get("instances", []):
            for problem in instance.get("problems", []):
                sentence = _one_line(problem.get("message", ""))
                addresses[sentence].append(instance["address"]["to_display"])
    return addresses
