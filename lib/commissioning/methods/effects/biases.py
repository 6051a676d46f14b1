"""What ordinary biases would leave behind: the same effect estimated again where one of them could not have made it.

Each works on rows (place, period, value) by the estimator of `staggered`, imputation, whose weights depend on the design alone. Nothing
here decides: `methods.bias_checks` sets what is found beside the effect. Findings that name each bias: drift (Rambachan & Roth 2023,
Review of Economic Studies), a dip before the start (Ashenfelter 1978), who is not recorded (Lee 2009, Review of Economic Studies),
what others lose (SUTVA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import weights
from .inference import Weigh, left_out_limits
from .pretrend import step_weights
from .stayers import within_people

DIP = 4  # periods before a start that a dip would fill: a bad year
FEWEST_SHARE = 0.05  # a part of the rows smaller than this cannot make the effect
NONE = (np.nan, None)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows as codes: `place` and `period` (n,), `start` (places,) the period in which each started, beyond the last for never.

    `value` (n,) is NaN for a row that does not count in the outcome, and `included`, `asked`, `known` (n,) say why: each is asked of
    those that passed the one before. `person` (n,), −1 for a row that names nobody.
    """

    value: np.ndarray
    place: np.ndarray
    period: np.ndarray
    start: np.ndarray
    included: np.ndarray
    asked: np.ndarray
    known: np.ndarray
    person: np.ndarray

    @property
    def periods(self) -> int:
        return int(self.period.max(initial=-1)) + 1

    @property
    def begun(self) -> np.ndarray:
        """(n,) rows of a place that had started."""
        return self.period >= self.start[self.place]


def estimated(rows: Rows, values: np.ndarray, use: np.ndarray, *, error: bool = True) -> tuple[float, float | None]:
    """The effect on `values` (n,) over the rows to `use`, and its standard error by leaving out one place at a time."""
    found = _cells(rows, values, use)
    if found is None:
        return NONE
    y, n, start = found
    return _of_cells(y, n, start, error)


def _cells(rows: Rows, values: np.ndarray, use: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    size = (len(rows.start), rows.periods)
    cell = rows.place[use] * size[1] + rows.period[use]
    n = np.bincount(cell, minlength=size[0] * size[1]).reshape(size).astype(float)
    y = np.bincount(cell, weights=values[use], minlength=size[0] * size[1]).reshape(size) / np.maximum(n, 1)
    kept = (n > 0).any(axis=1) & (rows.start > 0)
    if kept.sum() < 2:
        return None
    return y[kept], n[kept], np.minimum(rows.start[kept], size[1])


def _of_cells(
    y: np.ndarray, n: np.ndarray, start: np.ndarray, error: bool = True, weigh: Weigh = weights.imputation
) -> tuple[float, float | None]:
    size = n.sum(axis=1) / np.maximum((n > 0).sum(axis=1), 1)
    if not (start < n.shape[1]).any() or len(np.unique(start)) < 2:
        return NONE
    estimate = float(weights.apply(weigh(start[None], size[None], n), y)[0])
    if not error or len(start) < 3 or not np.isfinite(estimate):
        return estimate, None
    without = np.where(np.eye(len(start), dtype=bool), 0.0, size)
    left = weights.apply(weigh(np.tile(start, (len(start), 1)), without, n), y)
    if not np.isfinite(left).all():
        return estimate, None
    return estimate, left_out_limits(estimate, left - left.mean(), 0.95).error


def found_in(
    rows: Rows,
    estimate: float,
    *,
    parts: Mapping[str, np.ndarray],
    own_answer: np.ndarray | None,
    mix: Mapping[str, np.ndarray],
    yes_or_no: bool,
) -> dict[str, Any]:
    """Everything `bias_checks` asks of an effect of size `estimate`, as diagnostics: see each key below.

    `parts`: a name ("provider") → codes (n,), −1 unknown. `own_answer` (n,): the person said or scored it themselves; None where no
    column tells. `mix`: a name ("need") → numbers (n,), NaN unknown. Keys, each `bias_…`: `moved` (what of the record changed with
    the start: name → estimate, error, the most of the effect that it could make), `stayers` and `own_answer` (estimate, error, share
    of rows), `without` (part → the least that is left of the effect without any one of them), `without_dip`, `waiting` (change where
    it had not started), `step` (beside a drift) and `log_odds` (estimate, error).
    """
    counted = np.isfinite(rows.value)
    out: dict[str, Any] = {"bias_moved": _moved(rows, counted, estimate, own_answer, mix)}
    named = counted & (rows.person >= 0)
    if named.sum() > 0.5 * counted.sum():
        stay = within_people(rows.value[named], rows.person[named], rows.place[named], rows.period[named], rows.start)
        out["bias_stayers"] = None if stay is None else (stay.estimate, stay.error, stay.share)
    if own_answer is not None:
        mine = counted & own_answer
        share = float(mine.sum() / max(counted.sum(), 1))
        out["bias_own_answer"] = (*estimated(rows, rows.value, mine), share)
    out["bias_without"] = {name: _least(rows, counted, codes, estimate) for name, codes in parts.items()}
    dip = rows.period - rows.start[rows.place]
    out["bias_without_dip"] = estimated(rows, rows.value, counted & ~((dip < 0) & (dip >= -DIP)), error=False)[0]
    out["bias_waiting"] = _waiting(rows, counted)
    if (cells := _cells(rows, rows.value, counted)) is not None:
        y, n, start = cells
        out["bias_step"] = _of_cells(y, n, start, weigh=step_weights)
        line = np.where((start < n.shape[1])[:, None], np.arange(n.shape[1]), 0.0)
        out["bias_drift_unit"] = _of_cells(line, n, start, error=False)[0]  # what one unit a period would make
        if yes_or_no:  # near a ceiling the same push moves a share less
            yes = y * n
            out["bias_log_odds"] = _of_cells(np.log((yes + 0.5) / (n - yes + 0.5)), n, start)
    return out


def _moved(
    rows: Rows, counted: np.ndarray, estimate: float, own_answer: np.ndarray | None, mix: Mapping[str, np.ndarray]
) -> dict[str, tuple[float, float | None, float]]:
    """What of the record changed with the start: name → (change, its error, the most of the effect it could make)."""
    every = np.ones(len(rows.place), dtype=bool)
    level = float(rows.value[counted & ~rows.begun].mean()) if (counted & ~rows.begun).any() else np.nan
    found: dict[str, tuple[float, float | None, float]] = {}
    asked = rows.included & rows.asked
    for name, of, among in (
        ("counts", rows.included, every),
        ("asked", rows.asked, rows.included),
        ("known", rows.known, asked),
    ):
        share = float(of[among].mean()) if among.any() else 1.0
        if 0 < share < 1:
            change, error = estimated(rows, of.astype(float), among)
            found[name] = (change, error, _most(change, share, level, estimate))
    if own_answer is not None and 0 < own_answer[counted].mean() < 1:
        change, error = estimated(rows, own_answer.astype(float), counted)
        found["own answer"] = (change, error, _most(change, float(own_answer[counted].mean()), level, estimate))
    for name, numbers in mix.items():
        known = counted & np.isfinite(numbers)
        if known.any() and np.ptp(numbers[known]) > 0:
            found[name] = (*estimated(rows, np.nan_to_num(numbers), known), np.inf)
    change, error = _rows(rows)
    found["rows"] = (change, error, _most(change, 1.0, level, estimate))
    return {name: one for name, one in found.items() if np.isfinite(one[0])}


def _most(change: float, share: float, level: float, estimate: float) -> float:
    """The most that rows lost (or gained) could have made in the direction of the estimate: all lost were against it."""
    with_it = level if estimate > 0 else 1 - level
    if not 0 <= level <= 1:
        return np.inf
    return abs(change) / share * (with_it if change < 0 else 1 - with_it)


def _rows(rows: Rows) -> tuple[float, float | None]:
    """Change of the number of rows with the start, as a share (a difference of logarithms)."""
    found = _cells(rows, np.zeros(len(rows.place)), np.ones(len(rows.place), dtype=bool))
    if found is None:
        return NONE
    _, n, start = found
    return _of_cells(np.log(np.maximum(n, 1)), (n > 0).astype(float), start)


def _least(rows: Rows, counted: np.ndarray, codes: np.ndarray, estimate: float) -> float:
    """The least part of the effect that is left without any one of these (a provider, a locality)."""
    least = 1.0
    total = counted.sum()
    for one in np.unique(codes[counted]):
        mine = codes == one
        if one < 0 or (mine & counted).sum() < FEWEST_SHARE * total:
            continue
        left, _ = estimated(rows, rows.value, counted & ~mine, error=False)
        least = min(least, left / estimate if estimate and np.isfinite(left) else np.nan)
    return float(least)


def _waiting(rows: Rows, counted: np.ndarray) -> tuple[float, float | None]:
    """How the outcome moved from the first start on, where it had not started: a step beside each place's own level."""
    first = int(rows.start.min())
    use = counted & ~rows.begun
    place, after = rows.place[use], rows.period[use] >= first
    value = rows.value[use]
    n = np.stack([np.bincount(place[side], minlength=len(rows.start)) for side in (~after, after)]).astype(float)
    both = (n > 0).all(axis=0)
    if both.sum() < 2:
        return NONE
    total = np.stack(
        [np.bincount(place[side], weights=value[side], minlength=len(rows.start)) for side in (~after, after)]
    )
    change = (total[1] / np.maximum(n[1], 1) - total[0] / np.maximum(n[0], 1))[both]
    weigh = (1 / (1 / np.maximum(n[0], 1) + 1 / np.maximum(n[1], 1)))[both]
    mean = float(np.average(change, weights=weigh))
    effective = weigh.sum() ** 2 / (weigh**2).sum()
    spread = float(np.average((change - mean) ** 2, weights=weigh))
    return mean, float(np.sqrt(spread / max(effective - 1, 1)))


def rows_of(frame: pd.DataFrame, unit: str, part: np.ndarray, codes: tuple[int, int, int, int]) -> Rows:
    """`Rows` from a frame with `unit`, `period` (text), `first`, `value` and `person`; `part` (n,) holds one of `codes`:
    counted, unknown, not applicable, left out."""
    counted, unknown, _, out = codes
    place, names = pd.factorize(frame[unit], sort=True)
    period, quarters = pd.factorize(frame["period"].astype(str), sort=True)
    first = frame["first"].astype(object).groupby(place).first().reindex(range(len(names)))
    quarters = np.asarray(quarters, dtype=object)
    start = np.array(
        [len(quarters) if one is None or one != one else np.searchsorted(quarters, str(one)) for one in first]
    )
    return Rows(
        value=np.where(part == counted, frame["value"].to_numpy(dtype=float), np.nan),
        place=place,
        period=period,
        start=start,
        included=part != out,
        asked=(part == counted) | (part == unknown),
        known=part == counted,
        person=frame["person"].to_numpy(),
    )
