"""The door: results in, released figures out. Passed once a run, before any notebook starts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure import keys
from commissioning.disclosure.amounts import hide_on_few
from commissioning.disclosure.perturb import PERTURBED, beyond, hidden_after, is_keyed, nobody, perturbed, worth
from commissioning.disclosure.policy import Policy
from commissioning.disclosure.policy import policy as house_policy
from commissioning.disclosure.prepare import Hierarchy, prepared
from commissioning.disclosure.protect import protect
from commissioning.disclosure.prove import Flags, known_at_once, propagate
from commissioning.disclosure.released import (
    FIGURES,
    KEYS,
    NUMBERS,
    PRICE_COUNTS,
    Released,
    _let_out,
    typed,
)  # fmt: skip
from commissioning.disclosure.rounding import Floats, amount, nearest, significant, stepped_up
from commissioning.disclosure.sums import BLOCK, COUNT_NAMES, C, D, N, sums_of
from commissioning.methods import intervals

SMALL = "too few people to show, or it would give away a figure that is"
MERGED = "shown together with other small groups of its kind"
REFUSED = "refused: no coarser figure would keep it safe"
AT_SOURCE = "suppressed by its publisher"
TOO_MANY = "not shown, so that one person stands in few figures only"
OPEN = "not shown while the year is open, so that one person stands in few figures only"


def release(
    results: pd.DataFrame,
    history: pd.DataFrame | None = None,
    *,
    policy: Policy | None = None,
    hierarchy: Hierarchy | None = None,
    open_from: str = "",
) -> Released:
    """Decide what of the results may be shown, and return it as released figures. The same results give the same figures.

    results    frame of `measure, pilot, area, group_kind, group, period, numerator, denominator`, and where they
               exist `unknown, not_applicable, people, behind_are_people, everybody (the measure counts all of whom it speaks),
               status, public, kind, note, spend_pence, spend_public`. One row a
               key. `kind` is "count", "amount" or "published"; left out, it is inferred. `public` rows pass unchanged.
               Rows with `key_all` and the other columns of `measures.keyed` get keyed noise (`perturb`); rows without (of
               organisations, or made by hand) are rounded, and guarded by hiding further cells (`protect`).
    history    figures released before. They change nothing: a figure follows the data, whatever was released.
    policy     a stricter policy (`policy().stricter(...)`); UsageError where it is looser.
    hierarchy  which groups lie in which: {("ward", "locality"): {"Bidston": "Birkenhead", ...}}. What anybody can
               read off a map belongs here, for the outsider will use it.
    open_from  the first year that is still open ("2026-27"): see `policy.groups_in_open_years`; "" where none is

    Raises DataRefused where a column is missing, a key stands twice or a count cannot be one.
    """
    floor = house_policy()
    used = policy or floor
    used.refuse_if_looser_than(floor)
    rows = prepared(results, hierarchy, used, open_from)
    noisy = perturbed(rows, used)
    cut = beyond(rows, used)
    hidden, refused = _protected(rows, noisy, cut, used)
    figures = _dressed(rows, noisy, hidden, refused, cut, used)
    return _let_out(
        figures=figures, history=figures, price=_price(rows, figures, used), refused=_refusals(rows[refused])
    )


def names_of_few(results: pd.DataFrame, *, policy: Policy | None = None) -> dict[str, list[str]]:
    """Names of groups (kind → names) in which no row of the results has more people than `suppress_to`, before any noise."""
    rows = results[results["key_all"].notna() & ~results["public"].astype(bool)]
    most = rows[["denominator", "people"]].max(axis=1).groupby([rows["group_kind"], rows["group"].astype(str)]).max()
    few = most[most <= (policy or house_policy()).suppress_to].index
    return {kind: sorted(group for one, group in few if one == kind) for kind in sorted({kind for kind, _ in few})}


def _protected(rows: pd.DataFrame, noisy: pd.DataFrame, cut: pd.Series, policy: Policy) -> tuple[Flags, np.ndarray]:
    """5 × n: which counts are hidden, and which rows' tables were refused (n). `cut`: see `beyond`."""
    keyed = is_keyed(rows)
    hidden = hidden_after(rows, noisy, cut, policy)
    refused = np.zeros(len(rows), dtype=bool)
    hidden[:, cut.to_numpy()] = True
    others = np.flatnonzero((~rows["public"] & ~keyed & ~cut).to_numpy())
    if len(others):
        protection = protect(rows.iloc[others].reset_index(drop=True), policy)
        hidden[:, others], refused[others] = protection.hidden, protection.refused
    amounts = hide_on_few(rows, rows["kind"].eq("amount") & ~keyed, policy)
    hidden[N] |= amounts
    hidden[D] |= amounts
    refused |= _proven(rows, noisy, hidden, cut, policy)
    hidden |= refused
    return hidden, refused


def _proven(rows: pd.DataFrame, noisy: pd.DataFrame, hidden: Flags, cut: pd.Series, policy: Policy) -> np.ndarray:
    """Keyed rows of tables (n) that are shown no more, because totals minus parts would prove a hidden count in them to a
    narrower range than the policy states: 0 to `suppress_to` and as far as the noise reaches. It takes noise that is
    extreme in several figures at once, so it is rare."""
    take = np.flatnonzero((is_keyed(rows) & rows["kind"].eq("count") & ~cut).to_numpy())
    out = np.zeros(len(rows), dtype=bool)
    if not len(take):
        return out
    guarded = rows.iloc[take].reset_index(drop=True)
    sums, moved = sums_of(guarded), keys.reach(policy.noise)
    table = guarded.groupby([*BLOCK, "group_kind"], sort=False, dropna=False).ngroup().to_numpy()
    gone = np.zeros(len(take), dtype=bool)
    truth = guarded[list(COUNT_NAMES)].to_numpy(dtype=float).T
    while True:
        unseen = hidden[:, take] | gone
        shown = np.where(unseen, np.nan, nearest(_five(noisy.iloc[take]), policy.round_to))
        shown = np.where(nobody(guarded).to_numpy(), truth, shown)
        shown[C] = np.nan
        reach = np.where(nobody(guarded), 0.0, float(moved))
        bounds = propagate(*known_at_once(shown, policy, sums.slack, moved=reach), sums)
        width = (bounds.upper - bounds.lower)[: 5 * len(take)].reshape(5, -1)
        narrow = (unseen & ~np.isnan(truth) & (width < policy.suppress_to + moved)).any(axis=0) & (reach > 0)
        new = np.isin(table, table[narrow]) & ~gone
        if not new.any():
            out[take] = gone
            return out
        gone |= new


def _five(noisy: pd.DataFrame) -> Floats:
    """5 × n: N, C, D, U, A with their noise."""
    one = {name: noisy[name].to_numpy(dtype=float) for name in PERTURBED}
    return np.array([
        one["numerator"], one["denominator"] - one["numerator"], one["denominator"], one["unknown"], one["not_applicable"]
    ])  # fmt: skip


def _dressed(
    rows: pd.DataFrame, noisy: pd.DataFrame, hidden: Flags, refused: np.ndarray, cut: pd.Series, policy: Policy
) -> pd.DataFrame:
    """Rows as released figures: counts with their noise, rounded, values from them, and the words that go with it."""
    public = rows["public"].to_numpy()
    is_amount = rows["kind"].eq("amount").to_numpy()
    out = pd.DataFrame(index=rows.index)
    for name in KEYS:
        out[name] = rows[name]
    for at, name in ((N, "numerator"), (D, "denominator"), (3, "unknown"), (4, "not_applicable")):
        truth, moved = rows[name].to_numpy(), noisy[name].to_numpy()
        rounded = nearest(moved, policy.round_to)
        if name == "numerator":
            rounded = np.where(is_amount, amount(moved, policy.significant_figures, policy.round_to), rounded)
        out[name] = np.where(public, truth, np.where(hidden[at], np.nan, rounded))
    for at, name in ((D, "denominator"), (3, "unknown"), (4, "not_applicable")):
        out[name + "_hidden"] = hidden[at] & ~public & rows[name].notna().to_numpy()
    out["status"], out["kind"] = rows["status"], rows["kind"]
    unshown = rows["status"].eq("suppressed").to_numpy()
    out["hidden"] = (hidden[N] & ~public & rows["numerator"].notna()) | unshown
    small = np.where(cut, TOO_MANY, np.where(refused, REFUSED, SMALL))
    if not policy.groups_in_open_years:
        # Of a group that would be shown, were its year closed.
        small = np.where(
            (small == TOO_MANY) & (rows["in_open_year"] & ~beyond(rows.assign(in_open_year=False), policy)), OPEN, small
        )
    words = np.where(unshown, AT_SOURCE, np.where(rows["merged"], MERGED, small))
    out["why_hidden"] = np.where(out["hidden"], words, "")
    out["rounded"] = ~public & ~out["hidden"].to_numpy() & rows["numerator"].notna().to_numpy()
    out["public"] = public
    counted = is_keyed(rows) & ~nobody(rows) & rows["kind"].eq("count")
    out["noise"] = np.where(counted, policy.noise, 0.0)
    _add_values(out, rows, policy)
    _add_money(out, rows, policy)
    for name in ("adds_up", "gaps_add_up", "within", "year_is_sum"):
        out[name] = rows[name]
    out["note"] = rows["note"].fillna("")
    return typed(out)


def _add_values(out: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> None:
    """Value and limits, from the released counts and nothing else; published ones keep their publisher's."""
    top, bottom = out["numerator"].to_numpy(dtype=float), out["denominator"].to_numpy(dtype=float)
    share = np.isfinite(top) & (bottom > 0) & (top >= 0) & (top <= bottom) & (out["kind"] != "amount").to_numpy()
    wilson = intervals.proportion(np.where(share, top, np.nan), np.where(share, bottom, np.nan))
    made = {name: np.asarray(wilson[name], dtype=float) for name in ("value", "lower", "upper")}
    made |= _wider(made, bottom, out["noise"].to_numpy(dtype=float), policy)
    for name, values in made.items():
        given = rows[name].to_numpy(dtype=float)
        out[name] = np.where(out["public"] & ~np.isnan(given), given, values)
    is_amount = out["kind"].eq("amount").to_numpy()
    ratio = np.divide(top, bottom, out=np.full(len(out), np.nan), where=bottom > 0)
    ratio = np.where(np.isnan(bottom), top, ratio)  # an amount that is a plain sum has nothing to be divided by
    out["value"] = np.where(is_amount, significant(ratio, policy.significant_figures), out["value"])
    reach = 1.96 * stepped_up(worth(rows, "numerator") * np.hypot(policy.noise, 1 / np.sqrt(12)))
    plain = is_amount & np.isnan(bottom) & np.isfinite(top) & (is_keyed(rows) & ~nobody(rows)).to_numpy() & (reach > 0)
    for name, end in (("lower", np.maximum(top - reach, 0)), ("upper", top + reach)):
        out[name] = np.where(plain & ~out["public"], significant(end, policy.significant_figures), out[name])


def _wider(made: dict[str, Floats], bottom: Floats, noise: Floats, policy: Policy) -> dict[str, Floats]:
    """Wilson's limits, widened by what noise and rounding of both counts add to the uncertainty; both parts in quadrature."""
    counts = np.where(noise > 0, np.sqrt(noise**2 + (policy.round_to**2 - 1) / 12), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        more = 1.96 * counts * np.sqrt(1 + made["value"] ** 2) / bottom
        lower = made["value"] - np.hypot(made["value"] - made["lower"], more)
        upper = made["value"] + np.hypot(made["upper"] - made["value"], more)
    noisy = noise > 0
    return {
        "lower": np.where(noisy, np.maximum(lower, 0.0), made["lower"]),
        "upper": np.where(noisy, np.minimum(upper, 1.0), made["upper"]),
    }


def _add_money(out: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> None:
    """Spend as far as it may be shown, and its cost per counted person: never on fewer than 20 people."""
    spend = rows["spend_pence"].to_numpy(dtype=float)
    few = hide_on_few(rows, rows["spend_pence"].notna() & ~rows["public"] & ~rows["spend_public"], policy)
    few = few | out["hidden"].to_numpy() & is_keyed(rows).to_numpy()
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


def _price(rows: pd.DataFrame, figures: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """How many cells were hidden, rounded and merged, by measure and kind of group: protection's visible price."""
    counted = rows["kind"].eq("count")
    need = pd.Series(False, index=rows.index)
    for name in ("numerator", "complement", "denominator", "people"):
        need |= counted & rows[name].between(1, policy.suppress_to)
    fewest = np.where(rows["behind_are_people"], policy.fewest_people_for_cost, policy.suppress_to + 1)
    need |= rows["kind"].eq("amount") & (rows["people"] < fewest)
    merged = figures["why_hidden"].eq(MERGED)
    need |= merged | figures["why_hidden"].isin((TOO_MANY, OPEN))
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
