"""Ctrl-C and its like: stop once, and never in the middle of a command or of cleaning up."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """From ``with`` to its end the first signal stops the work, and later ones change nothing.

    Work stops with KeyboardInterrupt: at once, or after the command that :meth:`run` runs. Only in
    the main thread, as signals are.

    Args:
        say: gets a sentence when a signal comes.

    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._received = False
        self._shielded = False
        self._running = False
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Interrupts:
        self._before = {number: signal.signal(number, self._receive) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._received and kind is None:
            raise KeyboardInterrupt

    def shield(self) -> None:
        """Hold signals back from now on: cleaning up is not to be stopped."""
        self._shielded = True

    def run(
        self, command: Sequence[str], *, directory: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end.

        It is in a session of its own, so that a Ctrl-C reaches it through here only: as one
        SIGINT, on which Terraform finishes the calls that are under way and saves its state. On a
        second one it would lose some.

        Raises:
            KeyboardInterrupt: a signal came.

        """
        received_before = self._received
        self._running = True
        try:
            with subprocess.Popen(
                command,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            ) as self._process:
                if self._received and not received_before:  # while it was being started
                    self._process.send_signal(signal.SIGINT)
                output, errors = self._process.communicate()
                code = self._process.returncode
        finally:
            self._running, self._process = False, None
        if self._received and not received_before and not self._shielded:
            raise KeyboardInterrupt
        return subprocess.CompletedProcess(command, code, output, errors)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        first, self._received = not self._received, True
        name = signal.Signals(number).name
        if self._shielded or not first:
            self._say(f"{name}: cleaning up already, please wait.")
        else:
            self._say(f"{name}: stopping, then destroying what was applied.")
            if self._process is not None:
                self._process.send_signal(signal.SIGINT)
            elif not self._running:
                raise KeyboardInterrupt
