"""Names of groups and periods that a study holds: which tell of nobody, which lie in which, which may be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from commissioning.disclosure import Released
from commissioning.evidence.tables import CONTRACTS


def hierarchy_of(tables: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str], dict[str, str]] | None:
    """Which ward lies in which locality, as anybody could read off a map; None where no table says.

    A ward that stands in two localities is left out: it adds up to neither.
    """
    found = [
        frame[["ward", "locality"]].dropna().drop_duplicates()
        for frame in tables.values()
        if {"ward", "locality"} <= set(frame.columns)
    ]
    if not found:
        return None
    pairs = pd.concat(found).drop_duplicates()
    once = pairs[~pairs["ward"].duplicated(keep=False)]
    return {("ward", "locality"): dict(zip(once["ward"], once["locality"], strict=True))}


def known_names(tables: Mapping[str, pd.DataFrame], kinds: Collection[str]) -> dict[str, list[str]]:
    """Names of groups (kind → names) that tell of nobody: a contract's own words, and those in tables without persons."""
    persons = {one.table for one in CONTRACTS if one.persons}
    found: dict[str, set[str]] = {kind: set() for kind in kinds}
    for one in (one for contract in CONTRACTS for one in contract.columns if one.name in found):
        found[one.name] |= set(one.categories.values())
    for kind in kinds:
        for name, frame in tables.items():
            for named in (kind, f"{kind}_id", *(["recipient_id"] if kind == "organisation" else [])):
                if name not in persons and named in frame:
                    found[kind] |= set(frame[named].dropna().astype(str))
    return {kind: sorted(names) for kind, names in sorted(found.items())}


def levels_of(results: pd.DataFrame, released: Released) -> dict[str, dict[str, list[str]]]:
    """For each kind of group: the names that the results hold, and those that may be shown."""
    shown = released.figures
    return {
        str(kind): {
            "held": sorted(set(groups.astype(str))),
            "shown": sorted(set(shown.loc[shown["group_kind"] == kind, "group"].astype(str))),
        }
        for kind, groups in results.groupby("group_kind")["group"]
        if kind != "all"
    }


def periods_of(results: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Every year and quarter of which something is counted or spent."""
    found = set(results["period"].dropna().astype(str))
    for name in ("area_spend", "payments", "grants"):
        if name in tables and "year" in tables[name]:
            found |= set(tables[name]["year"].dropna().astype(str))
    return sorted(found)
