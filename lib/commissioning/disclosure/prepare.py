"""From the results frame to rows that can be protected: types, kinds, merged providers, what adds up to what."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from commissioning.disclosure.perturb import beyond, perturbed
from commissioning.disclosure.policy import Policy
from commissioning.disclosure.released import KEYS
from commissioning.disclosure.sums import BLOCK, block_names
from commissioning.errors import DataRefused

NEEDED = (*KEYS, "numerator", "denominator")
# Columns that may be left out, and what is then supposed.
SUPPOSED = {
    "unknown": np.nan,
    "not_applicable": np.nan,
    "people": np.nan,
    "spend_pence": np.nan,
    "value": np.nan,
    "lower": np.nan,
    "upper": np.nan,
    "status": "known",
    "public": False,
    "spend_public": False,
    "kind": "",
    "note": "",
    "answer": "",
    "on_no_page": False,
    "behind_are_people": True,
    "everybody": np.nan,
}
# Who is counted, as `measures.keyed` has it: sums of record keys, and what the largest add to an amount.
KEY_SUMS = ("key_all", "key_numerator", "key_denominator", "key_unknown", "key_not_applicable")
LARGEST = ("largest", "largest_two", "largest_of")
SUPPOSED |= dict.fromkeys((*KEY_SUMS, *LARGEST), np.nan)
AMOUNTS = ("numerator", "denominator", "unknown", "not_applicable", "people", "spend_pence", "value", "lower", "upper",
           *KEY_SUMS, *LARGEST)  # fmt: skip
KINDS = ("count", "amount", "published")

Hierarchy = Mapping[tuple[str, str], Mapping[str, str]]


def prepared(results: pd.DataFrame, hierarchy: Hierarchy | None, policy: Policy, open_from: str = "") -> pd.DataFrame:
    """One row a result (and one a set of merged providers), typed, with the columns that say what adds up.

    Beside them stand `of_people` (the results say who is counted) and `in_open_year` (of `open_from` or a later year). Where the policy
    adopts no noise the rows lose their keys here. Raises DataRefused naming the column, where the frame is no results frame.
    """
    rows = _typed(results)
    rows["kind"] = _kinds(rows)
    rows["within"] = ""
    rows["merged"] = False
    rows["of_people"] = rows["key_all"].notna() & ~rows["public"]
    rows["in_open_year"] = rows["period"].str.slice(0, 7).ge(open_from) if open_from else False
    if not policy.noise_adopted:
        rows[list(KEY_SUMS)] = np.nan
    rows = _merge_small(rows, policy)
    _say_what_adds_up(rows)
    _nest(rows, hierarchy or {})
    rows["everybody"] = _counts_everybody(rows)
    return rows


def _counts_everybody(rows: pd.DataFrame) -> pd.Series:
    """True for measures that count everybody whom they speak of, by their definition; where none is given, if no row says otherwise."""
    others = rows["complement"].fillna(0).ne(0).groupby([rows["measure"], rows["pilot"]]).transform("any")
    said = rows["everybody"].astype(object)
    return said.where(said.notna(), ~others).astype(bool)


def _typed(results: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in NEEDED if name not in results.columns]
    if missing:
        raise DataRefused(f"results: the columns {', '.join(missing)} are missing; release() takes what measures give")
    rows = results.reset_index(drop=True).copy()
    for name, default in SUPPOSED.items():
        if name not in rows.columns:
            rows[name] = default
    for name in KEYS:
        if rows[name].isna().any():
            raise DataRefused(
                f"results: {name} is missing in {int(rows[name].isna().sum())} rows; every figure has one"
            )
        rows[name] = rows[name].astype(str)
    for name in AMOUNTS:
        rows[name] = pd.to_numeric(rows[name], errors="raise").astype("Float64").astype("float64")
    for name, supposed in (
        ("public", False),
        ("spend_public", False),
        ("behind_are_people", True),
        ("on_no_page", False),
    ):
        rows[name] = rows[name].astype(object).where(rows[name].notna(), supposed).astype(bool)
    rows["status"] = rows["status"].astype(object).where(rows["status"].notna(), "known").astype(str)
    twice = rows.duplicated(list(KEYS))
    if twice.any():
        first = rows.loc[twice, list(KEYS)].iloc[0].to_dict()
        raise DataRefused(f"results: {int(twice.sum())} figures stand twice, the first is {first}; give each once")
    protected = ~rows["public"]
    for name in ("numerator", "denominator", "unknown", "not_applicable", "people"):
        bad = protected & (np.isinf(rows[name]) | (rows[name] < 0) & (rows["kind"] != "amount"))
        if name != "numerator" and bad.any() or (bad & np.isinf(rows[name])).any():
            raise DataRefused(f"results: {name} is negative or infinite in {int(bad.sum())} rows; a count cannot be")
    return rows


def _kinds(rows: pd.DataFrame) -> pd.Series:
    """What was said in `kind`; else published where public; else a count, unless some row of the measure is not one.

    A measure whose numerators are no whole numbers, exceed their denominators, are negative or have none, is an
    amount: amounts are guarded more strictly (never below 20 people), so a wrong guess protects too much.
    """
    said = rows["kind"].astype(object).where(rows["kind"].notna(), "").astype(str)
    wrong = sorted(set(said) - {"", *KINDS})
    if wrong:
        raise DataRefused(f"results: kind {', '.join(wrong)} is not known; write count, amount or published")
    top, bottom = rows["numerator"], rows["denominator"]
    no_count = top.notna() & (
        (top != np.floor(top)) | (top > bottom) | (top < 0) | bottom.isna() | (bottom != np.floor(bottom))
    )
    amounts = rows.loc[no_count & ~rows["public"], "measure"].unique()
    guessed = pd.Series(np.where(rows["measure"].isin(amounts), "amount", "count"), index=rows.index)
    kind = said.where(said != "", guessed).mask(rows["public"], "published")
    # A row said to be published that is not public is not published.
    kind = kind.where((kind != "published") | rows["public"], guessed)
    broken = (kind == "count") & no_count
    if broken.any():
        measures = ", ".join(sorted(rows.loc[broken, "measure"].unique()))
        raise DataRefused(
            f"results: {measures} is said to count, but a numerator exceeds its denominator or is no count"
        )
    return kind


def _merge_small(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Show small providers together: the members' rows stay, to be hidden, and a row of their sum is added.

    Where people have keys, it is their number with its noise that says which providers are small.
    """
    mergeable = rows["group_kind"].isin(policy.merge_kinds) & ~rows["public"] & (rows["status"] == "known")
    mergeable &= ~beyond(rows, policy)
    if not mergeable.any():
        return rows
    people = perturbed(rows, policy)["people"]
    people = people.where(people.notna(), rows["denominator"])
    table = rows[mergeable].assign(size=people[mergeable]).sort_values("size", kind="stable")
    by = table.groupby([*BLOCK, "group_kind"], sort=False)
    table["place"], table["reached"] = by.cumcount() + 1, by["size"].cumsum()
    columns = [table[key] for key in (*BLOCK, "group_kind")]
    small = (table["size"] < policy.merge_below).groupby(columns).transform("sum")
    # One provider alone, or several who are together still small, take in the next smallest.
    enough = (table["place"] >= small.clip(lower=2)) & (table["reached"] >= policy.merge_below)
    take = table["place"].where(enough).groupby(columns).transform("min")
    # All of them together are the headline total: then there is nothing wider to show.
    wide = (small > 0) & (take < by["size"].transform("size"))
    members = table[wide & (table["place"] <= take)].sort_index()
    if members.empty:
        return rows
    name = "smaller " + members["group_kind"] + "s together"
    rows.loc[members.index, "merged"] = True
    rows.loc[members.index, "within"] = members["group_kind"] + "=" + name
    grouped = members.assign(group=name).groupby([*BLOCK, "group_kind"], sort=False)
    together = grouped.first().reset_index()
    sums = ["numerator", "denominator", "unknown", "not_applicable", "people", "spend_pence", *KEY_SUMS]
    together[sums] = grouped[sums].sum(skipna=False).to_numpy()
    together[list(LARGEST)] = grouped[list(LARGEST)].max().to_numpy()
    together["largest_two"] = (
        grouped["largest"]
        .agg(lambda one: one.nlargest(2).sum(min_count=1))
        .clip(lower=grouped["largest_two"].max())
        .to_numpy()
    )
    together["spend_public"] = grouped["spend_public"].all().to_numpy()
    together["merged"], together["within"] = False, ""
    return pd.concat([rows, together[rows.columns].astype(rows.dtypes.to_dict())], ignore_index=True)


def _say_what_adds_up(rows: pd.DataFrame) -> None:
    """Fill `adds_up`, `gaps_add_up` ("exactly", "at most", "no") by table, and `year_is_sum`."""
    rows["complement"] = rows["denominator"] - rows["numerator"]
    block = block_names(rows)
    headline = rows["group_kind"].eq("all")
    top = headline | ~rows["merged"]
    table = block.astype(str) + "|" + rows["group_kind"]
    counts = rows["kind"].ne("published")
    rows["adds_up"] = _adds_up(rows, block, table, headline, top & counts, ["numerator", "complement", "denominator"])
    rows["gaps_add_up"] = _adds_up(rows, block, table, headline, top & counts, ["unknown", "not_applicable"])
    rows["year_is_sum"] = _years_that_are_sums(rows)


def _adds_up(
    rows: pd.DataFrame, block: pd.Series, table: pd.Series, headline: pd.Series, take: pd.Series, columns: list[str]
) -> pd.Series:
    totals = rows[headline].set_axis(block[headline], axis=0)[columns]
    sums = rows.loc[take & ~headline, columns].groupby(table[take & ~headline]).sum()
    gap = pd.DataFrame({
        name: block.map(totals[name][~totals.index.duplicated()]).astype(float) - table.map(sums[name]).astype(float)
        for name in columns
    })  # fmt: skip
    exactly, at_most = (gap.abs() < 0.5).all(axis=1), (gap > -0.5).all(axis=1)
    said = np.where(exactly, "exactly", np.where(at_most, "at most", "no"))
    return pd.Series(np.where(take & ~headline, said, ""), index=rows.index)


def _years_that_are_sums(rows: pd.DataFrame) -> pd.Series:
    """True on a year's row where each count of every group is the sum of its four quarters."""
    quarter = rows["period"].str.fullmatch(r"\d{4}-\d\d Q[1-4]").astype(bool)
    if not quarter.any():
        return pd.Series(False, index=rows.index)
    keys = ["measure", "pilot", "area", "group_kind", "group"]
    columns = ["numerator", "denominator"]
    parts = rows[quarter].assign(period=rows["period"].str.slice(0, 7)).groupby([*keys, "period"], sort=False)[columns]
    sums = parts.sum(min_count=4)
    at = pd.MultiIndex.from_frame(rows[[*keys, "period"]])
    same = (sums.reindex(at).to_numpy() == rows[columns].to_numpy()).all(axis=1)
    same = pd.Series(same, index=rows.index) & ~quarter & rows["kind"].eq("count")
    # One year of one group may be the sum by accident: the reader knows it of a measure, where it holds throughout.
    whole = same.groupby([rows["measure"], rows["pilot"], rows["area"], rows["period"]]).transform("mean")
    return same & (whole == 1)


def _nest(rows: pd.DataFrame, hierarchy: Hierarchy) -> None:
    """Write into `within` which wider row a row lies in, where the wider row is there and is the sum."""
    block = block_names(rows).astype(str)
    for (child_kind, parent_kind), parents in hierarchy.items():
        child = rows["group_kind"].eq(child_kind) & rows["group"].isin(list(parents)) & rows["within"].eq("")
        child &= rows["kind"].ne("published")
        parent = parent_kind + "=" + rows.loc[child, "group"].map(dict(parents)).astype(str)
        name = block[child] + "|" + parent
        sums = rows.loc[child, ["numerator", "denominator"]].groupby(name).sum(min_count=1)
        own = rows["group_kind"].eq(parent_kind)
        wider = rows.loc[own, ["numerator", "denominator"]].set_axis(
            block[own] + "|" + parent_kind + "=" + rows.loc[own, "group"], axis=0
        )
        same = (sums.reindex(wider.index) == wider).all(axis=1)
        holds = name.isin(same.index[same])
        rows.loc[holds[holds].index, "within"] = parent[holds]
