"""A month as a picture: a lane for each pipeline, a bar for each start."""

from __future__ import annotations

import io
import math
from datetime import datetime, timedelta
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from emulated_aws.runtime.records import Execution, Start
from month import Month

_COLORS = {
    "succeeded": "#2f6db5",
    "succeeded after retries": "#e69f00",
    "failed or did not start": "#b3261e",
}
#: Nothing in it depends on the machine or the day.
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rehearsal",
    "font.family": "sans-serif",
    "font.size": 9,
    "path.simplify": True,
}


def draw(month: Month, title: str) -> str:
    """The month as SVG; the gid of a bar is its pipeline and its time."""
    lanes = [(arn, name) for arn, name in month.names.items()]
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(9, 1 + 1.6 * len(lanes)), layout="constrained")
        axes = figure.subplots(len(lanes), 1, sharex=True, squeeze=False)[:, 0]
        for axis, (arn, name) in zip(axes, lanes, strict=True):
            _lane(axis, month, arn, name)
        first = month.plan.start
        axes[0].set_title(f"{title}: {month.plan.days} days from {first:%Y-%m-%d}", loc="left")
        figure.legend(
            handles=[Patch(color=color, label=label) for label, color in _COLORS.items()],
            loc="outside lower left",
            ncols=len(_COLORS),
            frameon=False,
        )
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def _lane(axis: Axes, month: Month, arn: str, name: str) -> None:
    starts: list[Execution | Start] = [one for one in month.executions if one.pipeline_arn == arn]
    starts += [start for start in month.failed_starts() if start.pipeline_arn == arn]
    spans = [_bar(axis, month, one, name) for one in starts]
    first = math.floor(min((span[0] for span in spans), default=0))
    last = math.ceil(max((span[1] for span in spans), default=24))
    axis.set_ylim(last + 0.25, first - 0.25)  # the day goes down
    axis.yaxis.set_major_locator(MultipleLocator(max((last - first) // 4, 1)))
    axis.yaxis.set_major_formatter(lambda hour, _: f"{int(hour) % 24:02}:00")
    axis.set_ylabel(f"{name}\nUTC", rotation=0, ha="right", va="center")
    axis.set_xlim(-0.7, month.plan.days - 0.3)
    days = range(month.plan.days)
    axis.set_xticks(days, [f"{month.plan.start + timedelta(days=day):%-d}" for day in days])
    axis.tick_params(length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="y", color="#dddddd", linewidth=0.6)
    axis.set_axisbelow(True)


def _bar(axis: Axes, month: Month, one: Execution | Start, name: str) -> tuple[float, float]:
    """Draw a start; the hours of its day from which to which it is, which may be above 24."""
    begin = one.time if isinstance(one, Start) else one.started
    end = begin if isinstance(one, Start) else one.ended
    assert end is not None
    day = (begin - month.plan.start).days
    hour = begin.hour + begin.minute / 60
    color = _COLORS[_outcome(one)]
    length = max((end - begin) / timedelta(hours=1), 0.05)
    (bar,) = axis.bar(day, length, 0.7, bottom=hour, color=color, linewidth=0)
    bar.set_gid(gid(name, begin))
    if _outcome(one) == "failed or did not start":
        axis.plot(day, hour + length / 2, "x", color="white" if length > 0.4 else color)
    return hour, hour + length


def _outcome(one: Execution | Start) -> str:
    if isinstance(one, Start) or one.status != "Succeeded":
        return "failed or did not start"
    retried = any(step.attempts > 1 for step in one.steps)
    return "succeeded after retries" if retried else "succeeded"


def gid(name: str, time: datetime) -> str:
    """What a bar is called in the picture."""
    return f"{name} {time:%Y-%m-%dT%H:%M}"
