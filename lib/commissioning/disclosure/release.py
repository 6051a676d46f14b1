"""The door: results in, released figures out. Passed once a run, before any notebook starts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure.amounts import hide_on_few
from commissioning.disclosure.policy import Policy
from commissioning.disclosure.policy import policy as house_policy
from commissioning.disclosure.prepare import Hierarchy, prepared
from commissioning.disclosure.protect import protect
from commissioning.disclosure.released import (
    COUNTS,
    FIGURES,
    KEYS,
    NUMBERS,
    PRICE_COUNTS,
    Released,
    _let_out,
    empty_history,
    typed,
)  # fmt: skip
from commissioning.disclosure.rounding import amount, nearest, significant
from commissioning.disclosure.sums import C, D, N
from commissioning.errors import DataRefused
from commissioning.methods import intervals

SMALL = "too few people to show, or it would give away a figure that is"
MERGED = "shown together with other small groups of its kind"
REFUSED = "refused: no coarser figure would keep it safe"
AT_SOURCE = "suppressed by its publisher"
NOTE_FROZEN = "released in an earlier run and kept as it was"


def release(
    results: pd.DataFrame,
    history: pd.DataFrame | None = None,
    *,
    policy: Policy | None = None,
    hierarchy: Hierarchy | None = None,
) -> Released:
    """Decide what of the results may be shown, and return it as frozen released figures.

    results    frame of `measure, pilot, area, group_kind, group, period, numerator, denominator`, and where they
               exist `unknown, not_applicable, people, behind_are_people, status, public, kind, spend_pence, spend_public`. One row a
               key. `kind` is "count", "amount" or "published"; left out, it is inferred. `public` rows pass unchanged.
    history    the `history` of the latest `Released` (every figure ever released), or None before the first run.
               A key that stands there comes out exactly as it did then, whatever the results say now.
    policy     a stricter policy (`policy().stricter(...)`); UsageError where it is looser.
    hierarchy  which groups lie in which: {("ward", "locality"): {"Bidston": "Birkenhead", ...}}. What anybody can
               read off a map belongs here, for the outsider will use it.

    Raises DataRefused where a column is missing, a key stands twice or a count cannot be one.
    """
    floor = house_policy()
    used = policy or floor
    used.refuse_if_looser_than(floor)
    earlier = _checked_history(history)
    earlier_keys = pd.MultiIndex.from_frame(earlier[list(KEYS)])
    rows = _with_merged_before(prepared(results, hierarchy, used, earlier_keys), earlier)
    place = _places(rows, earlier_keys)
    fresh, refused = _protected(rows, earlier, place, used)
    figures = _as_first_released(fresh, earlier, place)
    new = figures[place < 0]
    whole = typed(pd.concat([earlier, new], ignore_index=True)) if len(earlier) else new.reset_index(drop=True)
    return _let_out(figures=figures, history=whole, price=_price(rows, figures, used), refused=_refusals(rows[refused]))


def _checked_history(history: pd.DataFrame | None) -> pd.DataFrame:
    if history is None or history.empty:
        return empty_history()
    missing = [name for name in (*KEYS, *COUNTS, "hidden") if name not in history.columns]
    if missing:
        raise DataRefused(
            f"history: the columns {', '.join(missing)} are missing; give the .history of the latest release"
        )
    # Of a key that stands twice the first release counts.
    return typed(history).drop_duplicates(list(KEYS), ignore_index=True)


def _with_merged_before(rows: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Add the sums of small providers that an earlier run released for a table that is in the results again."""
    if earlier.empty:
        return rows
    table = ["measure", "pilot", "area", "period", "group_kind"]
    merged = earlier[earlier["why_hidden"].eq(MERGED)]
    named = pd.MultiIndex.from_frame(
        merged[table].assign(group=merged["within"].str.replace(r"^[^=]*=", "", regex=True))
    )
    at = pd.MultiIndex.from_frame(earlier[[*table, "group"]])
    again = pd.MultiIndex.from_frame(earlier[table]).isin(pd.MultiIndex.from_frame(rows[table]))
    theirs = earlier[at.isin(named) & again]
    theirs = theirs[~pd.MultiIndex.from_frame(theirs[list(KEYS)]).isin(pd.MultiIndex.from_frame(rows[list(KEYS)]))]
    if theirs.empty:
        return rows
    # Only their place is needed: what they hold comes from the history.
    blank = theirs.assign(merged=False, people=np.nan, complement=np.nan, spend_public=False)
    blank[[*COUNTS, "spend_pence"]] = np.nan
    return pd.concat([rows, blank.reindex(columns=rows.columns).astype(rows.dtypes.to_dict())], ignore_index=True)


def _places(rows: pd.DataFrame, keys: pd.MultiIndex) -> np.ndarray:
    """For each row its place in the history, −1 where it was never released."""
    if not len(keys):
        return np.full(len(rows), -1)
    return keys.get_indexer(pd.MultiIndex.from_frame(rows[list(KEYS)]))


def _protected(
    rows: pd.DataFrame, earlier: pd.DataFrame, place: np.ndarray, policy: Policy
) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows as figures, hidden and rounded, as if none had been released before; and which were refused."""
    n = len(rows)
    hidden = np.zeros((5, n), dtype=bool)
    refused = np.zeros(n, dtype=bool)
    rows = rows.assign(frozen=place >= 0)
    gated, before, own = _with_neighbours(rows, earlier, place)
    if len(gated):
        protection = protect(gated, before, policy)
        mine = own >= 0
        hidden[:, own[mine]] = protection.hidden[:, mine]
        refused[own[mine]] = protection.refused[mine]
    amounts = hide_on_few(rows, rows["kind"].eq("amount"), policy)
    hidden[N] |= amounts
    hidden[D] |= amounts
    return _dressed(rows, hidden, refused, policy), refused


def _with_neighbours(
    rows: pd.DataFrame, earlier: pd.DataFrame, place: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The rows to guard in one system: those of every measure and year in which something new is released.

    Figures of earlier releases stand among them with what was shown, also those whose key is no longer in the
    results. Returns the rows, what was shown before (5 × rows, NaN where nothing), and each one's place in `rows`.
    """
    year = ["measure", "pilot", "area", "_year"]
    rows = rows.assign(_year=rows["period"].str.slice(0, 7), _own=np.arange(len(rows)))
    guarded = ~rows["public"]
    moving = pd.MultiIndex.from_frame(rows.loc[guarded & ~rows["frozen"], year].drop_duplicates())
    take = guarded & pd.MultiIndex.from_frame(rows[year]).isin(moving)
    gone = earlier.assign(_year=earlier["period"].str.slice(0, 7), _own=-1, _place=np.arange(len(earlier)))
    gone = gone[~gone["public"] & ~np.isin(gone["_place"], place)]
    gone = gone[pd.MultiIndex.from_frame(gone[year]).isin(moving)] if len(gone) else gone
    at = np.concatenate([place[take.to_numpy()], gone["_place"].to_numpy(dtype=int)])
    gone = gone.assign(
        frozen=True, merged=False, people=np.nan, complement=np.nan, **dict.fromkeys(COUNTS, np.nan)
    )  # fmt: skip
    columns = [*rows.columns]
    both = rows[take]
    if len(gone):
        both = pd.concat([both, gone.reindex(columns=columns)], ignore_index=True)
    before = np.full((5, len(both)), np.nan)
    was = at >= 0
    counts = earlier["kind"].eq("count").to_numpy()
    for count, name in ((N, "numerator"), (D, "denominator"), (3, "unknown"), (4, "not_applicable")):
        shown = earlier[name].to_numpy(dtype=float)
        if count in (N, D):
            shown = np.where(counts, shown, np.nan)
        before[count, was] = shown[at[was]]
    # What a frozen table adds up to was said when it was released, and the reader remembers it.
    both = both.reset_index(drop=True)
    for name in ("adds_up", "gaps_add_up", "within", "year_is_sum"):
        said = both[name].to_numpy(dtype=object)
        said[was] = earlier[name].to_numpy(dtype=object)[at[was]]
        both[name] = said
    both["year_is_sum"] = both["year_is_sum"].astype(bool)
    return both, before, both["_own"].to_numpy(dtype=int)


def _dressed(rows: pd.DataFrame, hidden: np.ndarray, refused: np.ndarray, policy: Policy) -> pd.DataFrame:
    """Rows as released figures: rounded counts, values from them, and the words that go with it."""
    public = rows["public"].to_numpy()
    is_amount = rows["kind"].eq("amount").to_numpy()
    persons = rows["people"].notna().to_numpy()
    exact = public | is_amount & ~persons
    out = pd.DataFrame(index=rows.index)
    for name in KEYS:
        out[name] = rows[name]
    for at, name in ((N, "numerator"), (D, "denominator"), (3, "unknown"), (4, "not_applicable")):
        truth = rows[name].to_numpy()
        rounded = nearest(truth, policy.round_to)
        if name == "numerator":
            rounded = np.where(is_amount, amount(truth, policy.significant_figures, policy.round_to), rounded)
        keep = exact if name in ("numerator", "denominator") else public
        out[name] = np.where(public, truth, np.where(hidden[at], np.nan, np.where(keep, truth, rounded)))
    for at, name in ((D, "denominator"), (3, "unknown"), (4, "not_applicable")):
        out[name + "_hidden"] = hidden[at] & ~public & rows[name].notna().to_numpy()
    out["status"], out["kind"] = rows["status"], rows["kind"]
    unshown = rows["status"].eq("suppressed").to_numpy()
    out["hidden"] = (hidden[N] & ~public & rows["numerator"].notna()) | unshown
    words = np.where(unshown, AT_SOURCE, np.where(rows["merged"], MERGED, np.where(refused, REFUSED, SMALL)))
    out["why_hidden"] = np.where(out["hidden"], words, "")
    out["rounded"] = ~public & ~exact & ~out["hidden"].to_numpy() & rows["numerator"].notna().to_numpy()
    out["public"] = public
    _add_values(out, rows, policy)
    _add_money(out, rows, policy)
    for name in ("adds_up", "gaps_add_up", "within", "year_is_sum"):
        out[name] = rows[name]
    out["note"] = ""
    return typed(out)


def _add_values(out: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> None:
    """Value and limits, from the released counts and nothing else; published ones keep their publisher's."""
    top, bottom = out["numerator"].to_numpy(dtype=float), out["denominator"].to_numpy(dtype=float)
    share = np.isfinite(top) & (bottom > 0) & (top >= 0) & (top <= bottom) & (out["kind"] != "amount").to_numpy()
    wilson = intervals.proportion(np.where(share, top, np.nan), np.where(share, bottom, np.nan))
    for name in ("value", "lower", "upper"):
        given = rows[name].to_numpy(dtype=float)
        out[name] = np.where(out["public"] & ~np.isnan(given), given, np.asarray(wilson[name], dtype=float))
    is_amount = out["kind"].eq("amount").to_numpy()
    ratio = np.divide(top, bottom, out=np.full(len(out), np.nan), where=bottom > 0)
    ratio = np.where(np.isnan(bottom), top, ratio)  # an amount that is a plain sum has nothing to be divided by
    out["value"] = np.where(is_amount, significant(ratio, policy.significant_figures), out["value"])


def _add_money(out: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> None:
    """Spend as far as it may be shown, and its cost per counted person: never on fewer than 20 people."""
    spend = rows["spend_pence"].to_numpy(dtype=float)
    few = hide_on_few(rows, rows["spend_pence"].notna() & ~rows["public"] & ~rows["spend_public"], policy)
    open_to_all = (rows["spend_public"] | rows["public"]).to_numpy()
    rounded = np.round(significant(spend, policy.significant_figures))
    shown = np.where(open_to_all, spend, np.where(few, np.nan, rounded))
    enough = rows["numerator"].to_numpy(dtype=float) >= policy.fewest_people_for_cost
    top = out["numerator"].to_numpy(dtype=float)
    may = enough & ~few & ~out["hidden"].to_numpy() & out["kind"].eq("count").to_numpy() & (top > 0)
    each = np.divide(shown, top, out=np.full(len(out), np.nan), where=may)
    out["spend_pence"] = pd.array(np.round(shown), dtype="Float64").astype("Int64")
    out["cost_each_pence"] = pd.array(np.round(significant(each, policy.significant_figures)), dtype="Float64").astype(
        "Int64"
    )


def _as_first_released(fresh: pd.DataFrame, earlier: pd.DataFrame, place: np.ndarray) -> pd.DataFrame:
    """The figures, with those of earlier releases put back as they were."""
    was = place >= 0
    if not was.any():
        return fresh
    old = earlier.iloc[place[was]].set_axis(fresh.index[was], axis=0).assign(note=NOTE_FROZEN)
    return typed(pd.concat([fresh[~was], old]).sort_index())


def _price(rows: pd.DataFrame, figures: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """How many cells were hidden, rounded and merged, by measure and kind of group: protection's visible price."""
    counted = rows["kind"].eq("count")
    need = pd.Series(False, index=rows.index)
    for name in ("numerator", "complement", "denominator", "people"):
        need |= counted & rows[name].between(1, policy.suppress_to)
    need |= rows["kind"].eq("amount") & (rows["people"] < policy.fewest_people_for_cost)
    merged = figures["why_hidden"].eq(MERGED)
    need |= merged
    free = ~need & ~figures["public"] & (rows["numerator"].notna() | figures["numerator"].notna())
    shown = ~figures["hidden"] & figures["numerator"].notna()
    cells = pd.DataFrame({
        "measure": rows["measure"], "pilot": rows["pilot"], "group_kind": rows["group_kind"],
        "cells": True, "public": figures["public"], "shown": shown, "rounded": figures["rounded"],
        "hidden": figures["hidden"], "merged": merged,
        "needing_no_protection": free, "needing_none_and_released": free & shown,
    })  # fmt: skip
    grouped = cells.groupby(["measure", "pilot", "group_kind"], sort=False)[list(PRICE_COUNTS)].sum().reset_index()
    return grouped.astype(dict.fromkeys(PRICE_COUNTS, "int64"))


def _refusals(rows: pd.DataFrame) -> pd.DataFrame:
    tables = rows[["measure", "pilot", "area", "period"]].drop_duplicates(ignore_index=True)
    return tables.assign(reason=REFUSED)


__all__ = ["FIGURES", "NUMBERS", "C", "release"]
