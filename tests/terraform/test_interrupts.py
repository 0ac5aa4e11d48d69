"""Ctrl-C, against commands that tell how often they were interrupted."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from terraform.interrupts import Interrupts

#: Writes how many SIGINTs came until it was told to end.
COUNTING = """
import pathlib, signal, sys, time
counted, ready, end = map(pathlib.Path, sys.argv[1:])
count = 0
def interrupted(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, interrupted)
ready.touch()
while not end.exists():
    time.sleep(0.01)
counted.write_text(str(count))
"""


def run_counting(interrupts: Interrupts, folder: Path) -> str:
    files = [str(folder / name) for name in ("counted", "ready", "end")]
    command = [sys.executable, "-c", COUNTING, *files]
    done = interrupts.run(command, directory=folder, environment=os.environ)
    assert done.returncode == 0, done.stderr
    return (folder / "counted").read_text()


def send(folder: Path, said: list[str], signals: list[signal.Signals]) -> None:
    """From another thread: send signals when the command runs, each when the last one is seen."""
    main = threading.main_thread().ident
    assert main is not None

    def work() -> None:
        while not (folder / "ready").exists():
            time.sleep(0.01)
        for one in signals:
            before = len(said)
            signal.pthread_kill(main, one)
            while len(said) == before:
                time.sleep(0.01)
        time.sleep(0.1)  # for a signal that should not have been passed on
        (folder / "end").touch()

    threading.Thread(target=work, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_command_is_interrupted_once_and_ends_by_itself(
    number: signal.Signals, tmp_path: Path
) -> None:
    said: list[str] = []
    send(tmp_path, said, [number, number])
    with pytest.raises(KeyboardInterrupt), Interrupts(said.append) as interrupts:
        run_counting(interrupts, tmp_path)
    assert (tmp_path / "counted").read_text() == "1"
    assert said == [
        f"{number.name}: stopping, then destroying what was applied.",
        f"{number.name}: cleaning up already, please wait.",
    ]


def test_cleaning_up_is_not_interrupted_but_what_follows(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    said: list[str] = []
    counts = []

    def clean_up() -> None:
        with Interrupts(said.append) as interrupts:
            interrupts.shield()
            send(tmp_path, said, [signal.SIGTERM])
            counts.append(run_counting(interrupts, tmp_path))
            counts.append(run_counting(interrupts, tmp_path))

    with pytest.raises(KeyboardInterrupt):
        clean_up()
    assert counts == ["0", "0"]
    assert said == ["SIGTERM: cleaning up already, please wait."]
    assert signal.getsignal(signal.SIGTERM) == before


def test_between_commands_it_stops_at_once() -> None:
    reached = []

    def work() -> None:
        with Interrupts(print):
            reached.append("start")
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
            reached.append("end")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ["start"]
