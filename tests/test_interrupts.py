"""Ctrl-C, against commands that tell how often they were interrupted."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from harness.interrupts import Interrupts

#: Writes how many SIGINTs came until it ended.
COUNTING = """
import signal, sys, time
count = 0
def interrupted(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, interrupted)
open(sys.argv[1] + ".ready", "w").close()
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    time.sleep(0.01)
open(sys.argv[1], "w").write(str(count))
"""


def run_counting(interrupts: Interrupts, counted: Path) -> None:
    command = [sys.executable, "-c", COUNTING, str(counted), "0.5"]
    interrupts.run(command, directory=counted.parent, environment=os.environ)


def send_when_ready(counted: Path, *signals: signal.Signals) -> threading.Thread:
    def send() -> None:
        while not Path(f"{counted}.ready").exists():
            time.sleep(0.01)
        for number in signals:
            os.kill(os.getpid(), number)
            time.sleep(0.05)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_command_is_interrupted_once_and_ends_by_itself(
    number: signal.Signals, tmp_path: Path
) -> None:
    said: list[str] = []
    counted = tmp_path / "counted"
    sender = send_when_ready(counted, number, number)
    with Interrupts(said.append) as interrupts, pytest.raises(KeyboardInterrupt):
        run_counting(interrupts, counted)
    sender.join()
    assert counted.read_text() == "1"
    assert said == [
        f"{number.name}: stopping, then destroying what was applied.",
        f"{number.name}: cleaning up already, please wait.",
    ]


def test_cleaning_up_is_not_interrupted_but_what_follows(tmp_path: Path) -> None:
    counted = tmp_path / "counted"
    before = signal.getsignal(signal.SIGTERM)
    sender = send_when_ready(counted, signal.SIGTERM)
    counts: list[str] = []

    def clean_up() -> None:
        with Interrupts(print) as interrupts:
            interrupts.shield()
            for _ in range(2):
                run_counting(interrupts, counted)
                counts.append(counted.read_text())

    with pytest.raises(KeyboardInterrupt):
        clean_up()
    sender.join()
    assert counts == ["0", "0"]
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
