"""Whose money is whose in an intake: the council's own grants and other funders', the pilot's payments, one edition of deflators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from commissioning import council as councils
from commissioning.disclosure import Policy, alone
from commissioning.evidence.intake import Intake
from commissioning.evidence.published import selections
from commissioning.evidence.published._areas import COUNCILS, is_council
from commissioning.evidence.source import Source
from commissioning.pilot import Pilot
from commissioning.study import protection, spend, used
from commissioning.study.payments import Payments, payments_of, plain_name, whole_by_year


@dataclass(frozen=True, kw_only=True)
class ToldApart:
    """An intake's tables as a study holds them: what is the pilot's and the area's own, and beside them what is not.

    `payments` is what was found of payments, `by_year` its counts of each year, `whole` everything that the payments hold by year,
    `elsewhere` other funders' grants that are not known to be here, `findings` what else was found while telling apart.
    """

    tables: dict[str, pd.DataFrame]
    payments: Payments | None
    by_year: dict[str, dict[str, Any]]
    whole: list[dict[str, Any]]
    elsewhere: pd.DataFrame
    findings: tuple[str, ...]


def told_apart(intake: Intake, pilot: Pilot, area: str, *, policy: Policy | None = None) -> ToldApart:
    """The tables of an intake as a study holds them, so that nobody's money is set beside another's outcomes by oversight.

    Of published spend the area's own rows, and of other councils what `compare` reads (`other_councils_spend`); of payments those
    that are the pilot's; of registers the council's own grants and, as `other_grants`, other funders' here; of deflators one edition. What is counted of payments that are not public is rounded by
    `policy` (default: what the pilot file agrees).
    """
    policy = policy or protection.agreed(pilot)
    tables = dict(intake.tables)
    if "area_spend" in tables:
        spent = tables["area_spend"]
        mine = spent["area_code"] == area
        tables["area_spend"] = spent[mine].reset_index(drop=True)
        # Of other councils what is compared is kept, apart: gross current spend on the same people. A file of activity has neither column.
        if pilot.support_reason and {"category", "support_reason"} <= set(spent):
            alike = spent["category"].eq(selections.GROSS_CURRENT) & spent["support_reason"].eq(pilot.support_reason)
            if len(others := spent[~mine & alike]):
                tables["other_councils_spend"] = others.reset_index(drop=True)
    sources = {one.file: one.source for one in intake.files}
    elsewhere = pd.DataFrame()
    if "grants" in tables:
        own, others, elsewhere = own_grants(tables.pop("grants"), pilot, area, sources)
        # A register of other funders' grants alone is none of the council's: of its own nothing is known then.
        tables |= {name: frame for name, frame in (("grants", own), ("other_grants", others)) if len(frame)}
    paid, by_year, whole = None, {}, []
    if "payments" in tables:
        public = {one.source.public for one in intake.of("accepted") if one.table == "payments"} == {True}
        whole = whole_by_year(tables["payments"], public=public, policy=policy)
        grants = tables.get("grants", pd.DataFrame())
        recipients = grants.get("recipient")
        columns = [grants[one].dropna().astype(str) for one in ("charity_number", "company_number") if one in grants]
        numbers = {one for column in columns for one in column} - {"unknown", ""}
        rules = _cost_centres(tables["payments"], pilot, area, sources)
        paid = payments_of(tables["payments"], pilot, recipients, rules=rules, numbers=numbers)
        years = tables["payments"]["year"].fillna("").astype(str)
        by_year = {
            str(year): payments_of(rows, pilot, recipients, rules=rules, numbers=numbers).counts(
                public=public, policy=policy
            )
            for year, rows in tables["payments"].groupby(years, sort=True)
        }
        tables["payments"] = paid.frame
    if "deflators" in tables:
        tables["deflators"] = spend.newest_deflators(tables["deflators"])
    tables, mislabelled = used.labels_agree(tables)
    return ToldApart(
        tables=tables, payments=paid, by_year=by_year, whole=whole, elsewhere=elsewhere, findings=tuple(mislabelled)
    )


def own_grants(
    grants: pd.DataFrame, pilot: Pilot, area: str = "", sources: Mapping[str, Source] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The council's own grants; other funders' to the same place, never added to them; and other funders' elsewhere.

    A grant that names no funder is its publisher's, as `sources` (by file) says, and the council's own where nobody says another.
    A council's identifier begins with GB-LAE (org-id.guide), and its register was brought for its area. Another funder's grants are
    of this place only where their own codes (`area`) say so.
    """
    area = area or pilot.area
    files = grants["source_file"].astype(str) if "source_file" in grants else pd.Series("", index=grants.index)
    of = {file: (sources or {}).get(file, Source()) for file in files.unique()}
    publisher = files.map({file: one.publisher for file, one in of.items()}).map(plain_name)
    ids, names = _told(grants, "funder_id"), _told(grants, "funder").map(plain_name)
    said = names.where(names.ne("") | ids.ne(""), publisher)
    illustrative = files.map({file: one.illustrative for file, one in of.items()}).astype(bool)
    ours = _names_of_council(pilot, area)
    by_name = said.map(lambda name: name in ours or (is_council(name) and any(one in name for one in ours)))
    # A council's register brought for this area, and no other council's in the same file.
    council = ids.str.startswith("GB-LAE-") | said.map(is_council)
    one_council = said.where(council).groupby(files).transform("nunique").eq(1)
    brought_for = files.map({file: one.area in (area, None) for file, one in of.items()}).astype(bool)
    only_council = council.groupby(files).transform("all") & one_council & brought_for
    own = (said.eq("") & ids.eq("")) | by_name | only_council | illustrative
    others = grants[~own]
    if "funder" in others:
        unsaid = names.loc[others.index].eq("")
        others = others.assign(
            funder=others["funder"].mask(unsaid, files.map({file: one.publisher for file, one in of.items()}))
        )
    here = (others["area"].astype(str) == area) if "area" in others else pd.Series(True, index=others.index)
    return tuple(one.reset_index(drop=True) for one in (grants[own], others[here], others[~here]))  # type: ignore[return-value]


def _told(grants: pd.DataFrame, column: str) -> pd.Series:
    """A column as text; empty where it is absent, blank or unknown."""
    if column not in grants:
        return pd.Series("", index=grants.index, dtype=object)
    found = grants[column].astype(object).where(grants[column].notna(), "").astype(str).str.strip()
    return found.mask(found.str.casefold().isin(["unknown", "not known", "not applicable"]), "")


def _names_of_council(pilot: Pilot, area: str) -> set[str]:
    """What the council of an area is called, as names are compared: as set up, as its pilot says, and as published."""
    told = councils.load()
    names = {told.name} if told is not None and told.area == area else set()
    names |= {pilot.organisation, pilot.area_name} if pilot.area == area else set()
    names |= {name for code, name in COUNCILS.values() if code == area}
    return {plain_name(one) for one in names} - {""}


def _cost_centres(
    payments: pd.DataFrame, pilot: Pilot, area: str, sources: Mapping[str, Source]
) -> dict[str, tuple[str, ...]]:
    """By file, how the names of the pilot's cost centres begin: as `sources.toml` says of it, else as the pilot of this area does."""
    own = pilot.payment_units if pilot.area == area else ()
    found = {
        str(file): sources[str(file)].cost_centres.get(pilot.name, own) for file in payments["source_file"].unique()
    }
    return {file: words for file, words in found.items() if words}


def by_funder(grants: pd.DataFrame, *, public: bool, policy: Policy) -> list[dict[str, Any]]:
    """Grants and pence of each funder: what a page says of grants that are not known to be of its place.

    Of registers that are not public already rounded by the pilot's `policy`, and None where few stand behind a number.
    """
    if grants.empty:
        return []
    found = []
    for funder, mine in grants.groupby("funder", sort=True):
        pence = mine["amount_awarded_pence"]
        found.append(
            {"funder": str(funder), "grants": len(mine), "pence": int(pence.sum())}
            if public
            else {
                "funder": str(funder),
                "grants": alone.count(len(mine), policy),
                "pence": alone.total(pence, mine.get("recipient_id"), policy),
            }
        )
    return found
