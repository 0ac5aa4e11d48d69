"""A month as text: a line for each start, with what differs from the start before."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from emulated_aws.runtime.problems import rings, why
from emulated_aws.runtime.records import AlarmChange, Execution, Job, Message, Start, Step
from emulated_aws.runtime.script import KINDS
from month import Month

Happening = Execution | Start | AlarmChange


class Line(NamedTuple):
    """A line, and how rich shows it."""

    text: str
    style: str = ""


def moment(time: datetime, zone: tzinfo | None) -> str:
    """A time in UTC, and in the zone where that is another one.

    Args:
        time: with its zone.
        zone: of the reader; by default the machine's.
    """
    local = time.astimezone(zone)
    text = f"{time:%a %Y-%m-%d %H:%M} UTC"
    if zone is None and not local.utcoffset():
        return text
    day = "" if local.date() == time.date() else f"{local:%a} "
    return f"{text} ({day}{local:%H:%M %Z})"


def duration(span: timedelta) -> str:
    """Such as "2 h 00 min"."""
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def hours(jobs: Iterable[Job]) -> str:
    """The instance hours of jobs, by type of the instance."""
    found: defaultdict[str, float] = defaultdict(float)
    for job in jobs:
        spot = " (spot)" if job.request.get("EnableManagedSpotTraining") else ""
        found[f"{job.instances['InstanceType']}{spot}"] += job.instance_hours
    return ", ".join(f"{number:.1f} h {name}" for name, number in sorted(found.items()) if number)


def lines(month: Month, zone: tzinfo | None) -> Iterator[Line]:
    """The timeline."""
    told = _Teller(month, zone)
    happenings: list[tuple[datetime, Happening]] = [
        *((execution.started, execution) for execution in month.executions),
        *((start.time, start) for start in month.failed_starts()),
        *(
            (change.time, change)
            for change in sorted(month.alarms, key=lambda one: one.name)
            if "ALARM" in (change.old, change.new)
        ),
    ]
    for arn, reason in month.refused.items():
        yield Line(f"{month.names[arn]} cannot be started by hand: {reason}", "red")
    for time, happening in sorted(happenings, key=lambda item: item[0]):
        name = told.name(happening).ljust(max(map(len, told.widths), default=0))
        result, style = _result(happening)
        cost = hours(happening.jobs) if isinstance(happening, Execution) else ""
        text = f"{moment(time, zone)}  {name}  {result}  {cost}".rstrip()
        yield Line(text, style)
        for detail in told.details(happening):
            yield Line(f"    {detail}", style)
    if not happenings and not month.refused:
        yield Line("Nothing starts in these days.")


def _result(happening: Happening) -> tuple[str, str]:
    if isinstance(happening, AlarmChange):
        return f"{happening.new}: {happening.reason}", "red" if rings(happening) else ""
    if isinstance(happening, Start):
        attempts = f"{happening.attempts} attempts" if happening.attempts > 1 else "1 attempt"
        return f"Did not start after {attempts}", "red"
    assert happening.ended is not None
    text = f"{happening.status} after {duration(happening.ended - happening.started)}"
    return text, "" if happening.status == "Succeeded" else "red"


@dataclass
class _Teller:
    """Says of each start what it has not said of its pipeline before."""

    month: Month
    zone: tzinfo | None
    _said: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self.widths = self.month.names.values()
        self._writers = {
            job.arn: execution for execution in self.month.executions for job in execution.jobs
        }

    def name(self, happening: Happening) -> str:
        """Of its pipeline, or the alarm's."""
        if isinstance(happening, AlarmChange):
            return f"alarm {happening.name}"
        return self.month.names.get(happening.pipeline_arn, _name(happening.pipeline_arn))

    def details(self, happening: Happening) -> Iterator[str]:
        if isinstance(happening, AlarmChange):
            said, found = {}, dict(self._of_alarm(happening))
        elif isinstance(happening, Execution):
            said, found = self._said[happening.pipeline_arn], dict(self._of_execution(happening))
        else:
            said, found = self._said[happening.pipeline_arn], dict(self._of_start(happening))
        for label, text in found.items():
            if text and said.get(label) != text:
                yield f"{label} {text}"
            elif label == "failed":
                yield "failed for the same reason as before"
        said |= {label: text for label, text in found.items() if text}

    # Alarms, and starts that failed

    def _of_alarm(self, change: AlarmChange) -> Iterator[tuple[str, str]]:
        about = [
            one
            for one in self.month.messages
            if (one.source_arn, one.time) == (change.alarm_arn, change.time)
        ]
        yield "could not tell", _lost([one for one in about if one.reason])
        yield "told", ", ".join(_addressee(one.target_arn) for one in about if not one.reason)

    def _of_start(self, start: Start) -> Iterator[tuple[str, str]]:
        yield "started by", _starter(start)
        yield "failed", f"with {start.reason}"
        letter = start.dead_letter
        if letter is None:
            yield "told", f"nobody: the {_kind(start)} has no dead-letter queue"
        else:
            yield "could not tell", _lost([letter] if letter.reason else [])
            yield "told", "" if letter.reason else _addressee(letter.target_arn)

    # Executions

    def _of_execution(self, execution: Execution) -> Iterator[tuple[str, str]]:
        start = self.month.started_by(execution)
        by = _starter(start) if start else "hand, as no enabled schedule does it"
        yield "started by", by
        if start and start.attempts > 1:
            yield "started at", f"attempt {start.attempts}"
        yield "with", _parameters(execution, start)
        for step in execution.steps:
            of = f"{step.name}: " if len(execution.steps) > 1 else ""
            for label, text in self._of_step(execution, step):
                yield label, text and f"{of}{text}"
        if execution.status != "Succeeded":
            yield "failed", _normal(f"as {why(execution)}", execution)
        about = [one for one in self.month.messages if execution.id in one.text]
        lost = [one for one in about if one.reason]
        arrived = Counter(_addressee(one.target_arn) for one in about if not one.reason)
        yield "could not tell", _lost(lost)
        if about or execution.status == "Succeeded":
            yield (
                "told",
                ", ".join(
                    f"{name} {_count(number, 'time')}" if number > 1 else name
                    for name, number in arrived.items()
                ),
            )
        else:
            status = execution.status
            yield "told", f"nobody: no rule sends events of executions that are {status}"

    def _of_step(self, execution: Execution, step: Step) -> Iterator[tuple[str, str]]:
        if step.cached:
            source = next(one for one in self.month.executions if one.arn == step.cached)
            yield "took from the cache", f"the result of {self._which(source, execution)}"
        jobs = step.jobs
        yield "read", _places(uri for job in jobs for uri in job.read)
        restored = {uri: writer for job in jobs for uri, writer in job.restored.items()}
        yield "restored", self._by_writer(restored, execution, "checkpoint")
        checkpoints = [uri for job in jobs for uri in job.wrote if _is_checkpoint(job, uri)]
        wrote = [uri for job in jobs for uri in job.wrote if not _is_checkpoint(job, uri)]
        yield "wrote", _normal(_places(wrote), execution)
        if checkpoints:
            deleted = sum(len(job.deleted) for job in jobs)
            number = _count(len(set(checkpoints)), "checkpoint")
            folder = f"{checkpoints[0].rpartition('/')[0]}/"
            text = f"{number} to {folder}" + (f", and deleted {deleted} again" if deleted else "")
            yield "saved", _normal(text, execution)
        overwrote = {
            uri: writer
            for job in jobs
            for uri, writer in job.overwrote.items()
            if self._writers.get(writer) is not execution
        }
        yield "overwrote", self._by_writer(overwrote, execution, "object")
        interruptions = sum(job.interruptions for job in jobs)
        if interruptions:
            yield "went on after", f"{_count(interruptions, 'interruption')} of its spot instances"
        if step.attempts > 1:
            yield "retried", self._retries(execution, step)

    def _retries(self, execution: Execution, step: Step) -> str:
        reasons = Counter(
            job.reason for job in step.jobs if job.reason and job.status != "Completed"
        )
        if without_job := step.attempts - len(step.jobs):
            kinds = {failure.kind for failure in self.month.told(execution)}
            reasons["; ".join(KINDS[kind] for kind in sorted(kinds)) or step.reason] = without_job
        said = [
            reason if len(reasons) == 1 else f"{reason} ({_count(number, 'time')})"
            for reason, number in reasons.items()
        ]
        return f"{_count(step.attempts - 1, 'time')}: {', '.join(said)}"

    def _by_writer(self, found: dict[str, str], execution: Execution, noun: str) -> str:
        """Such as "2 checkpoints of the start before"."""
        numbers = Counter(
            self._which(self._writers[writer], execution)
            if writer in self._writers
            else "what was there before"
            for writer in found.values()
        )
        return ", ".join(f"{_count(number, noun)} of {who}" for who, number in numbers.items())

    def _which(self, other: Execution, seen_from: Execution) -> str:
        if other is seen_from:
            return "this execution"
        if (other.pipeline, other.number + 1) == (seen_from.pipeline, seen_from.number):
            return "the execution before"
        name = self.month.names[other.pipeline_arn]
        return f"{name} on {moment(other.started, self.zone)}"


def _starter(start: Start) -> str:
    event = ", for an event" if start.scheduled is None else ""
    return f"{_kind(start)} {_name(start.source_arn)}{event}"


def _kind(start: Start) -> str:
    return "rule" if ":rule/" in start.source_arn else "schedule"


def _lost(messages: list[Message]) -> str:
    return "; ".join(f"{_addressee(one.target_arn)}: {one.reason}" for one in messages)


def _addressee(arn: str) -> str:
    kind = {"sqs": "queue", "sns": "topic"}.get(arn.split(":")[2], "")
    return f"{kind} {_name(arn)}".strip()


def _name(arn: str) -> str:
    return re.split("[:/]", arn)[-1]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _parameters(execution: Execution, start: Start | None) -> str:
    """Those that differ from the defaults; without times that are others at each start."""
    defaults = {
        parameter["Name"]: parameter.get("DefaultValue")
        for parameter in execution.definition.get("Parameters", [])
    }
    given = {name: value for name, value in execution.parameters.items() if value != defaults[name]}
    text = ", ".join(f"{name} = {value}" for name, value in given.items()) or "its defaults"
    if start is None:
        return text
    what = "time of the event" if start.scheduled is None else "scheduled time"
    return re.sub(rf"{start.scheduled or start.time:%Y-%m-%dT%H:%M}:\d\dZ", f"<{what}>", text)


def _is_checkpoint(job: Job, uri: str) -> bool:
    folder = job.work.checkpoints
    return folder is not None and uri.startswith(folder)


def _places(uris: Iterable[str]) -> str:
    """Objects, or folders of several."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for uri in dict.fromkeys(uris):
        folders[uri.rpartition("/")[0]].append(uri)
    return ", ".join(
        found[0] if len(found) == 1 else f"{folder}/ ({len(found)} objects)"
        for folder, found in folders.items()
    )


def _normal(text: str, execution: Execution) -> str:
    """Without names that are others each time."""
    for job in execution.jobs:
        text = text.replace(job.name, "<job>").replace(job.name.lower(), "<job>")
    return text.replace(execution.id, "<execution>")


# What the month amounts to


def summary(month: Month, zone: tzinfo | None) -> Iterator[Line]:
    """A line for each pipeline, and what a reviewer wants to know."""
    for arn, name in month.names.items():
        yield Line(f"{name}: {_sum(month, arn, zone)}")
    arrived = Counter(_addressee(one.target_arn) for one in month.messages if not one.reason)
    said = ", ".join(f"{number} to {name}" for name, number in arrived.items())
    yield Line(f"Messages: {said or 'none'}.")
    yield Line("Assumed to exist:" if month.made else "Nothing was assumed to exist.")
    for name in month.made:
        yield Line(f"  {name}")
    for role, statements in month.unused.items():
        yield Line(f"Not used by {role}: {', '.join(statements)}.")


def _sum(month: Month, arn: str, zone: tzinfo | None) -> str:
    executions = [one for one in month.executions if one.pipeline_arn == arn]
    failed_starts = sum(start.pipeline_arn == arn for start in month.failed_starts())
    if not executions and not failed_starts:
        later = month.next_starts.get(arn)
        return "no start" + (f"; the next is {moment(later, zone)}" if later else "")
    statuses = Counter(execution.status.lower() for execution in executions)
    if failed_starts:
        statuses["not started"] = failed_starts
    cost = hours(job for execution in executions for job in execution.jobs) or "no instance hours"
    results = ", ".join(f"{number} {status}" for status, number in statuses.items())
    return f"{_count(len(executions) + failed_starts, 'start')}, {results}; {cost}"
