"""Control charts: is a run of figures steady, or has something changed?

XmR charts with the rules of NHS England's Making Data Count ("plot the dots"): a point outside the limits, a shift
of seven on one side of the centre, a trend of seven rising or falling, two of three near a limit. Limits are the
mean ± 2.66 × the mean moving range (Wheeler, Understanding Variation, 1993; Shewhart, 1931). Known answers:
NHSRplotthedots. A chart answers two questions: *variation* (is it changing?) and *assurance* (will it meet its
target?). It says nothing about why.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commissioning.methods.inputs import NOISE, Floats, Framed, check_whole, columns

Improvement = Literal["increase", "decrease", "neutral"]
Bools = NDArray[np.bool_]

PER_MOVING_RANGE = 2.66  # three standard deviations, as 3 / 1.128 mean moving ranges
SCREEN_ABOVE = 3.267  # moving ranges at or above this many mean moving ranges are left out, once (Nelson 1982)
RUN = 7
FEWEST = 13  # Making Data Count: limits of fewer points are provisional

COMMON_CAUSE = "common_cause"


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlChart(Framed):
    """An XmR chart. `frame` has a row a value, on the values' index:

    `value`, `centre`, `lower`, `upper`; the rules that fired, true or false: `outside`, `shift`, `trend`,
    `two_in_three`; `rule` (the first of outside, two in three, shift, trend that fired, in words; empty for none);
    `point_type` (common_cause, special_cause_improvement, special_cause_concern, special_cause_neutral_high or
    _low); `target`; `segment` (0, 1, … from one rebase to the next).

    `variation`: the point type of the latest value. `assurance`: consistent_pass, consistent_fail or inconsistent
    against the latest target and limits; None without a target or a direction. `notes`: what to say beside it.
    """

    frame: pd.DataFrame
    variation: str | None
    assurance: str | None
    notes: tuple[str, ...]


def xmr(
    values: Any,
    baseline: int | None = None,
    rebase: Iterable[Any] = (),
    improvement: Improvement = "increase",
    target: Any = None,
    screen: bool = True,
) -> ControlChart:
    """Chart a run of values in order of time.

    `values`: n numbers, missing ones kept as missing rows that break no run. `baseline`: limits come from the first
    so many values (of each segment), and are held from there on. `rebase`: labels of the values' index (or
    places counted from 0, where no such label is) at which new limits begin; one alone may stand without a list.
    `improvement`: the direction that is better: "increase", "decrease" or "neutral". `target`: one number, or n.
    `screen`: leave moving ranges at or above 3.267 times their mean out, once.

    Limits are the mean ± 2.66 mean moving ranges and nothing else, as the handbook and its published charts have
    them. They are no interval for the value: those of shares near 0 or 100% may lie beyond it, and then no value can
    be outside them on that side.

    Raises ValueError for values that are no numbers, an unknown direction, a baseline below 2, or a rebase that is
    no place in the values.
    """
    if improvement not in ("increase", "decrease", "neutral"):
        raise ValueError(f"improvement {improvement!r}: write 'increase', 'decrease' or 'neutral'")
    baseline = None if baseline is None else check_whole("baseline", baseline, 2)
    (y,), index = columns(values=values)
    if np.ndim(values) == 0:
        raise ValueError("values: a run of numbers is needed, not one")
    n = len(y)
    aims = _targets(target, index, n)
    segment = np.zeros(n, dtype=np.int64)
    for place in sorted({_place(at, index, n) for at in _labels(rebase)}):
        segment[place:] += 1
    frame = pd.DataFrame({"value": y}, index=index)
    for name in ("centre", "lower", "upper"):
        frame[name] = np.nan
    fired = {name: np.zeros(n, dtype=bool) for name in ("outside", "shift", "trend", "two_in_three")}
    side, rising = np.zeros(n), np.zeros(n)
    notes = []
    for number in range(segment.max(initial=-1) + 1):
        # A missing value keeps its row, and neither breaks a run nor is part of one.
        rows = np.flatnonzero((segment == number) & ~np.isnan(y))
        used = y[rows][:baseline]
        centre, spread = _limits(used, screen)
        where = segment == number
        frame.loc[where, ["centre", "lower", "upper"]] = [
            centre,
            centre - PER_MOVING_RANGE * spread,
            centre + PER_MOVING_RANGE * spread,
        ]
        rules = _rules(y[rows], centre, spread)
        for name, flags in rules.items():
            fired[name][rows] = flags
        side[rows] = np.sign(y[rows] - centre)
        rising[rows] = _direction_of_trend(y[rows])
        if len(used) < FEWEST:
            which = "the limits" if segment.max(initial=0) == 0 else f"the limits of segment {number}"
            notes.append(f"{which} rest on {len(used)} values; fewer than {FEWEST} make them provisional")
    frame = frame.assign(**fired)
    types = _point_types(frame, side, rising, improvement)
    frame["rule"] = _rule_words(frame, side, rising)
    frame["point_type"] = types
    frame["target"] = aims
    frame["segment"] = segment
    known = np.flatnonzero(~np.isnan(y))
    last = int(known[-1]) if len(known) else None
    return ControlChart(
        frame=frame,
        variation=None if last is None else str(types[last]),
        assurance=None if last is None else _assurance(frame.iloc[last], improvement),
        notes=tuple(notes),
    )


def _targets(target: Any, index: pd.Index, n: int) -> Floats:
    if target is None:
        return np.full(n, np.nan)
    if isinstance(target, pd.Series) and not target.index.equals(index):
        raise ValueError("target is on another index than the values; align them first")
    (aims,), _ = columns(target=target)
    if np.ndim(target) == 0:
        return np.repeat(aims, n)
    if len(aims) != n:
        raise ValueError(f"target: one number or {n} are needed, not {len(aims)}")
    return aims


def _labels(rebase: Any) -> list[Any]:
    """The labels given; text is one label, not a row of letters."""
    if rebase is None:
        return []
    if isinstance(rebase, str) or not isinstance(rebase, Iterable):
        return [rebase]
    return list(rebase)


def _place(at: Any, index: pd.Index, n: int) -> int:
    if isinstance(at, Hashable) and at in index:
        found = index.get_loc(at)
        if isinstance(found, (int, np.integer)):
            return int(found)
        raise ValueError(f"rebase {at!r}: more than one value has this label")
    if isinstance(at, (int, np.integer)) and not isinstance(at, bool) and 0 <= at < n:
        return int(at)
    raise ValueError(f"rebase {at!r} is neither a label of the values nor a place from 0 to {n - 1}")


def _limits(used: Floats, screen: bool) -> tuple[float, float]:
    """Centre and mean moving range of the values that limits come from."""
    if len(used) == 0:
        return np.nan, np.nan
    moving = np.abs(_real(np.diff(used), used))
    if len(moving) == 0:
        return float(used.mean()), np.nan
    spread = float(moving.mean())
    if screen and spread > 0:
        spread = float(moving[moving < SCREEN_ABOVE * spread].mean())
    return float(used.mean()), spread


def _real(differences: Floats, of: Floats) -> Floats:
    """Differences with those that only rounding made set to 0: a constant's mean may miss it by the last bit."""
    return np.where(np.abs(differences) <= NOISE * np.nanmax(np.abs(of), initial=0.0), 0.0, differences)


def _rules(y: Floats, centre: float, spread: float) -> dict[str, Bools]:
    away = _real(y - centre, y)
    side = np.sign(away)
    reach = PER_MOVING_RANGE * spread
    outside = np.abs(away) > reach
    near = ~outside & (np.abs(away) > reach * 2 / 3)
    return {
        "outside": outside,
        "shift": _in_window(_same(side, RUN) & (side != 0), RUN),
        "trend": _direction_of_trend(y) != 0,
        "two_in_three": near & _two_in_three(near, side),
    }


def _same(v: Floats, length: int) -> Bools:
    """True where this and the `length` − 1 values before are alike."""
    out = np.zeros(len(v), dtype=bool)
    for i in range(length - 1, len(v)):
        out[i] = (v[i - length + 1 : i + 1] == v[i]).all()
    return out


def _in_window(ends: Bools, length: int) -> Bools:
    """True for every value of a window of `length` that ends at a true one."""
    out = np.zeros(len(ends), dtype=bool)
    for i in np.flatnonzero(ends):
        out[i - length + 1 : i + 1] = True
    return out


def _direction_of_trend(y: Floats) -> Floats:
    """1 for values within seven that rise one after another, −1 for seven that fall, else 0."""
    step = np.append(0.0, np.sign(_real(np.diff(y), y))) if len(y) else y
    out = np.zeros(len(y))
    for way in (1.0, -1.0):
        ends = _same(step, RUN - 1) & (step == way)
        out[_in_window(ends[: len(y)], RUN)] = way
    return out


def _two_in_three(near: Bools, side: Floats) -> Bools:
    """True for every value of three on one side of the centre of which at least two are near a limit."""
    ends = np.zeros(len(near), dtype=bool)
    for i in range(2, len(near)):
        ends[i] = near[i - 2 : i + 1].sum() >= 2 and abs(side[i - 2 : i + 1].sum()) == 3
    return _in_window(ends, 3)


def _point_types(frame: pd.DataFrame, side: Floats, rising: Floats, improvement: Improvement) -> NDArray[Any]:
    by_side = (frame["outside"] | frame["shift"] | frame["two_in_three"]).to_numpy()
    special = by_side | frame["trend"].to_numpy()
    way = np.where(by_side, side, rising)  # a trend alone is judged by where it goes, not by where it is
    if improvement == "neutral":
        words = np.where(way > 0, "special_cause_neutral_high", "special_cause_neutral_low")
    else:
        better = 1 if improvement == "increase" else -1
        words = np.where(way == better, "special_cause_improvement", "special_cause_concern")
    return np.where(special, words, COMMON_CAUSE).astype(object)


def _rule_words(frame: pd.DataFrame, side: Floats, rising: Floats) -> NDArray[Any]:
    above = side > 0
    return np.select(
        [frame["outside"], frame["two_in_three"], frame["shift"], frame["trend"]],
        [
            np.where(above, "above the upper limit", "below the lower limit"),
            np.where(above, "two of three near the upper limit", "two of three near the lower limit"),
            np.where(above, "seven above the centre", "seven below the centre"),
            np.where(rising > 0, "seven rising", "seven falling"),
        ],
        default="",
    ).astype(object)


def _assurance(last: pd.Series, improvement: Improvement) -> str | None:
    if improvement == "neutral" or np.isnan(last["target"]) or np.isnan(last["upper"]):
        return None
    up = improvement == "increase"
    if last["target"] > last["upper"]:
        return "consistent_fail" if up else "consistent_pass"
    if last["target"] < last["lower"]:
        return "consistent_pass" if up else "consistent_fail"
    return "inconsistent"
