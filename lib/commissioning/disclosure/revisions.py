"""What stands on a page where a figure is final: the final one, until somebody lets it change. See `commissioning.states`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from commissioning.states import CORRECTED, COUNTS, KEPT, KEY, LIMITS, NEAR

PUBLISHED = "published"  # the kind of a figure that somebody else published: it follows its publisher


def frame_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of final figures as a frame of the columns KEPT, one type a column."""
    frame = pd.DataFrame(list(rows), columns=list(KEPT))
    for name in KEPT:
        if name in (*COUNTS, *LIMITS, "was"):
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("float64")
        elif name == "hidden":
            frame[name] = frame[name].astype(object).where(frame[name].notna(), False).astype(bool)
        else:
            frame[name] = frame[name].astype(object).where(frame[name].notna(), "").astype("str")
    return frame


def applied(
    figures: pd.DataFrame, kept: pd.DataFrame, *, correct: bool = False
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Released figures in their states, and the final ones that the data no longer support.

    `figures`: as released from the data; `kept`: the final figures (columns KEPT). What is final stands in the place of what the
    data give now, unless somebody lets it change (`correct`): then it is corrected. What somebody else published
    follows its publisher. Returns the frame and a list of `{**key, old, new, corrected, public}`, where `old` and `new`
    are rows of KEPT.
    """
    out = figures.reset_index(drop=True)
    if kept.empty or out.empty:
        return out, []
    place = pd.MultiIndex.from_frame(kept[list(KEY)].astype("str")).get_indexer(
        pd.MultiIndex.from_frame(out[list(KEY)].astype("str"))
    )
    known = np.flatnonzero(place >= 0)
    if not len(known):
        return out, []
    final = kept.iloc[place[known]].reset_index(drop=True)
    fresh = out.iloc[known].reset_index(drop=True)
    moved = _moved(fresh, final)
    out.loc[known, "state"] = final["state"].to_numpy()
    out.loc[known, "was"] = final["was"].to_numpy()
    told = []
    stays = []
    for at in np.flatnonzero(moved):
        old, new = final.iloc[at], _row(fresh.iloc[at])
        public = fresh.at[at, "kind"] == PUBLISHED
        changes = correct or public
        if changes:
            out.loc[known[at], "state"] = CORRECTED
            out.loc[known[at], "was"] = _number(old)
        else:
            stays.append(at)
        told.append(
            {
                **{name: str(old[name]) for name in KEY},
                "old": _plain(old),
                "new": _plain({**new, "state": CORRECTED, "was": _number(old)}),
                "corrected": bool(changes),
                "public": bool(public),
            }
        )
    if stays:
        _put_back(out, known[stays], final.iloc[stays].reset_index(drop=True))
    return out, told


def _moved(fresh: pd.DataFrame, final: pd.DataFrame) -> np.ndarray:
    """Which figures are others than those that were signed: in a count, in money, or in whether they are shown."""
    other = fresh["hidden"].to_numpy(dtype=bool) != final["hidden"].to_numpy(dtype=bool)
    bare = np.ones(len(fresh), dtype=bool)  # a published percentage has no counts
    for name in (*COUNTS, "value"):
        new = pd.to_numeric(fresh[name], errors="coerce").astype("float64").to_numpy(dtype=float, na_value=np.nan)
        old = final[name].to_numpy(dtype=float)
        with np.errstate(invalid="ignore"):
            differs = ~(np.abs(new - old) <= NEAR * np.maximum(1.0, np.abs(old))) & ~(np.isnan(new) & np.isnan(old))
        other |= differs & bare if name == "value" else differs
        if name == "numerator":
            bare = np.isnan(new) & np.isnan(old)
    return other


def _put_back(out: pd.DataFrame, rows: np.ndarray, final: pd.DataFrame) -> None:
    """Write what was signed in the place of what the data give now."""
    before = out.loc[rows]
    for name in ("denominator", "unknown", "not_applicable"):
        hidden = final[name].isna().to_numpy() & (before[name].notna() | before[f"{name}_hidden"]).to_numpy()
        out.loc[rows, f"{name}_hidden"] = hidden
    spend = pd.to_numeric(before["spend_pence"], errors="coerce").astype("float64").to_numpy(dtype=float)
    same_money = (spend == final["spend_pence"].to_numpy()) & (
        before["numerator"].to_numpy(dtype=float) == final["numerator"].to_numpy()
    )
    for name in (*COUNTS, *LIMITS):
        values = final[name].to_numpy()
        out.loc[rows, name] = pd.array(values, dtype="Float64").astype("Int64") if name == "spend_pence" else values
    for at in rows[~same_money]:
        out.loc[at, "cost_each_pence"] = pd.NA
    out.loc[rows, "hidden"] = final["hidden"].to_numpy()
    out.loc[rows, "why_hidden"] = final["why_hidden"].to_numpy()


def _row(row: Mapping[str, Any] | pd.Series) -> dict[str, Any]:
    return {name: row[name] for name in KEPT}


def _plain(row: Mapping[str, Any] | pd.Series) -> dict[str, Any]:
    """A row of KEPT in plain JSON."""
    plain: dict[str, Any] = {}
    for name in KEPT:
        value = row[name]
        if name in (*COUNTS, *LIMITS, "was"):
            plain[name] = None if pd.isna(value) else float(value)
        else:
            plain[name] = bool(value) if name == "hidden" else str(value)
    return plain


def _number(row: Mapping[str, Any] | pd.Series) -> float:
    """The one number that stands for a figure: its value, or the count where it has none."""
    return float(row["numerator"] if pd.isna(row["value"]) else row["value"])


def folded(kept: pd.DataFrame, told: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The final figures once those that were let change have changed."""
    new = [one["new"] for one in told if one["corrected"]]
    if not new:
        return kept
    return pd.concat([kept, frame_of(new)], ignore_index=True).drop_duplicates(
        list(KEY), keep="last", ignore_index=True
    )
