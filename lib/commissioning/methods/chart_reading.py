"""What a control chart may be drawn of, and what its points show.

Limits are worked out from the points of one stretch of time: before a pilot's start, and after it; anew where counting is
known to have changed. NHS England, Making Data Count: a chart that is recalculated says when and why, and dates come from
what is known, never from the look of the points. Limits from neighbours that repeat each other are too narrow (Wheeler,
Understanding Variation, 1993, on values that are no separate observations).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from commissioning.methods import control_chart
from commissioning.methods.control_chart import ControlChart, Improvement
from commissioning.wording import counted

FEWEST = 12  # Making Data Count: fewer points give limits that move too much
FEWEST_IN_A_STRETCH = 7  # a shift is seven points on one side
REPEATED = 1 / 3  # of the values equal to the one before: they are hardly separate
SAME = 1e-9  # two values apart by less than this part of their size are one value
SPREAD_OVER_YEARS = 1 / 3  # steps within years, beside steps between them, of a yearly figure spread over its quarters
RULES = ("outside", "shift", "trend", "two_in_three")


def unfit(values: Any, years: Sequence[Hashable]) -> str:
    """Why no control chart may be drawn of these values (n numbers in order of time); "" where one may.

    `years`: the year of each. Too few points; values that do not vary; values that repeat the one before; one figure a
    year spread over its quarters. Every test is relative: the unit of the values does not matter.
    """
    y = np.asarray(values, dtype=float)
    known = ~np.isnan(y)
    y, year = y[known], np.asarray(list(years), dtype=object)[known]
    if len(y) < FEWEST:
        return f"{counted(len(y), 'point is', 'points are')} known, and a control chart needs {FEWEST}"
    size = np.maximum(np.abs(y[1:]), np.abs(y[:-1]))
    step = np.where(np.abs(np.diff(y)) <= SAME * size, 0.0, np.abs(np.diff(y)))
    repeated = int((step == 0).sum())
    if repeated == len(step):
        return "the values do not vary, so there is nothing to tell apart"
    if repeated >= REPEATED * len(step):
        return (
            f"{repeated} of {len(step)} values repeat the one before: they are not separate observations, and limits drawn from "
            "them would be too narrow"
        )
    within = year[1:] == year[:-1]
    if within.sum() >= 4 and (~within).sum() >= 2 and step[within].mean() <= SPREAD_OVER_YEARS * step[~within].mean():
        return (
            "the values of a year lie much closer to one another than to those of other years, as one yearly figure spread "
            "over its quarters does: limits drawn from them would be too narrow"
        )
    return ""


BEYOND = ("above the upper limit", "below the lower limit")
PATTERNS = {  # as the sentence about them says them
    "two of three near the upper limit": "two of three points near the upper limit",
    "two of three near the lower limit": "two of three points near the lower limit",
    "seven above the centre": "seven in a row above the middle",
    "seven below the centre": "seven in a row below the middle",
    "seven rising": "seven in a row that rise",
    "seven falling": "seven in a row that fall",
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the points of a chart show. Counts of points.

    `before` and `since`: how many points before and since the start. `beyond_before_above`, `beyond_before_below`: points since the start outside the limits set before it.
    `outside`: points outside the limits of their own stretch, of `points` in all; `last_rule`: the rule that fires at the last
    point, in words; `rules`: every rule that fired in the last stretch. `variation`: the point type of the last value.
    `too_short`: the last stretch has too few points for limits, so no rule is tried on it.
    """

    points: int
    outside: int
    before: int
    since: int
    beyond_before_above: int
    beyond_before_below: int
    last_rule: str
    rules: tuple[str, ...]
    variation: str
    too_short: bool = False

    @property
    def steady(self) -> bool:
        """True where no point of any stretch is outside its limits and no rule fired in the last one."""
        return not self.outside and not self.rules and not self.beyond_before_above and not self.beyond_before_below


def chart(
    values: pd.Series, *, start: Hashable | None, breaks: Sequence[Hashable] = (), improvement: Improvement = "increase"
) -> tuple[ControlChart, Reading] | str:
    """The chart of a run of values (on an index of sorted periods), or in words why there is none.

    Limits come from the points before `start` and are set anew at it and at each of `breaks`: known dates, as labels that
    sort with the index (the first value at or after one opens a new stretch). A stretch of fewer than 7 points is too short for limits of its own: the
    chart is refused where no stretch is long enough, or the points before the start are too few to be its baseline.
    """
    periods = list(values.index)
    at = {place for one in (start, *breaks) if one is not None and 0 < (place := _place(periods, one)) < len(periods)}
    stretches = np.split(np.arange(len(periods)), sorted(at))
    first = _place(periods, start) if start is not None else len(periods)
    if start is not None and 0 < first < len(periods) and first < FEWEST_IN_A_STRETCH:
        return f"{first} points lie before the start in {start}, and a baseline needs {FEWEST_IN_A_STRETCH}"
    if max(len(one) for one in stretches) < FEWEST_IN_A_STRETCH:
        return f"between the known breaks no stretch has the {FEWEST_IN_A_STRETCH} points that limits need"
    made = control_chart.xmr(values.to_numpy(float), rebase=sorted(at), improvement=improvement)
    frame = made.frame.set_axis(values.index, axis=0)
    short = frame.groupby("segment")["value"].transform("size").lt(FEWEST_IN_A_STRETCH)
    frame.loc[short, ["lower", "upper"]] = np.nan  # an average may be drawn of a few points, limits may not
    frame.loc[short, list(RULES)] = False
    frame.loc[short, "rule"] = ""
    frame.loc[short, "point_type"] = control_chart.COMMON_CAUSE
    return replace(made, frame=frame), _read(frame, first)


def _place(periods: list[Any], at: Any) -> int:
    """The place of the first period at or after `at`; a year's quarters come after its name."""
    return next((i for i, one in enumerate(periods) if str(one) >= str(at)), len(periods))


def _read(frame: pd.DataFrame, first: int) -> Reading:
    before, since = frame.iloc[:first], frame.iloc[first:]
    whole = before.empty or since.empty
    above = below = 0
    if not whole:
        limits = before.iloc[-1]
        above, below = int((since["value"] > limits["upper"]).sum()), int((since["value"] < limits["lower"]).sum())
    last = frame[frame["segment"] == frame["segment"].iloc[-1]]
    fired = [str(one) for one in last["rule"] if one]
    return Reading(
        points=len(frame),
        outside=int(frame["outside"].sum()),
        before=0 if whole else len(before),
        since=0 if whole else len(since),
        beyond_before_above=above,
        beyond_before_below=below,
        last_rule=str(frame["rule"].iloc[-1]),
        rules=tuple(dict.fromkeys(fired)),
        variation=str(frame["point_type"].iloc[-1]),
        too_short=bool(last["upper"].isna().all()),
    )


def says(reading: Reading, start: str = "") -> str:
    """What the points show, in one or two plain sentences; nothing of why."""
    told = []
    if reading.since:
        beyond = reading.beyond_before_above + reading.beyond_before_below
        sides = [
            f"{number} {side}"
            for number, side in ((reading.beyond_before_above, "above"), (reading.beyond_before_below, "below"))
            if number
        ]
        told.append(
            f"Of {reading.since} points since the start in {start}, {beyond or 'none'} lie"
            f"{'s' if beyond == 1 else ''} beyond what chance alone gave in the {reading.before} before it"
            + (f" ({' and '.join(sides)})." if beyond else ".")
        )
    # A point outside its limits is counted as one, and is not told again as a pattern.
    fired = " and ".join(PATTERNS.get(one, one) for one in reading.rules if one not in BEYOND)
    if reading.outside:
        lie, its = ("lies", "its") if reading.outside == 1 else ("lie", "their")
        told.append(f"{reading.outside} of {reading.points} points {lie} outside the limits of {its} own time.")
        told += [f"Among the latest points are {fired}, which chance seldom gives."] if fired else []
    elif fired:
        told.append(
            f"No point lies outside the limits of its own time. Among the latest points are {fired}, which chance seldom gives."
        )
    elif not reading.too_short:
        told.append("No point lies outside the limits of its own time, and the latest points show no pattern.")
    if reading.too_short:
        told.append(
            "The latest stretch of time has too few points for limits of its own, so no pattern is looked for in it."
        )
    return " ".join(told)
