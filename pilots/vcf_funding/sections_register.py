"""The register of grants, and other funders' grants kept apart."""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.display import Display
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows
from commissioning.study import outcomes
from commissioning.wording import counted


def register(page: Page) -> Shows:
    """Grants by year: how many and how much, as published; a council's own unpublished register is rounded."""
    if not showing.holds(page, "grants"):
        return showing.needs_extract(page, "grants", for_what="The register of grants")
    key = "vcf_funding_award"
    figures = page.released.figures
    mine = figures[(figures["measure"] == key) & (figures["group_kind"] == "all")]
    mine = mine[~outcomes.quarterly(mine["period"])].sort_values("period")
    if len(mine) and bool(mine["public"].all()):
        own = page.study.published("grants")
        rows = own.assign(year=own["award_date"].astype("datetime64[ns]").dt.year.astype(str)).groupby("year").agg(
            grants=("grant_id", "size"), awarded_pence=("amount_awarded_pence", "sum")
        ).reset_index()  # fmt: skip
        rows["awarded_pence"] = rows["awarded_pence"].astype("Int64")
        total = pd.DataFrame(
            {"year": ["all years"], "grants": [len(own)], "awarded_pence": [int(own["amount_awarded_pence"].sum())]}
        )
        frame: Any = showing.public(
            page, pd.concat([rows, total], ignore_index=True), "grants", source=showing.source_words(page)
        )
        columns: Any = {"year": "Calendar year of award", "grants": "Grants", "awarded_pence": "Awarded (£)"}
    else:
        amounts = mine.assign(awarded_pence=pd.to_numeric(mine["numerator"]).round().astype("Int64"))
        frame = Computed(frame=amounts[["period", "awarded_pence"]], of=(page.released,), how="released awards by year")
        columns = {"period": "Year", "awarded_pence": "Awarded (£)"}
    says, told = _without_number(page)
    return Table(
        frame,
        title="The register of grants",
        caption=f"Awards are promises, and stand apart from payments. {says}{page.of_the_whole}",
        source=showing.source_words(page, "grants", measures=(key,)),
        columns=columns,
        measures=(key,),
        sources=showing.sources_of(page, "grants"),
        declared=told,
        id="register",
    )


def _without_number(page: Page) -> tuple[str, tuple[int, ...]]:
    """How many grants carry no number, in words; and the counts in them."""
    rows = showing.in_all(page, "register_agreements")
    if rows.empty or rows[["no_number", "unnumbered"]].iloc[0].isna().any():  # hidden ones are missing too
        return "", ()
    count, recipients = int(rows["no_number"].iloc[0]), int(rows["unnumbered"].iloc[0])
    carry = "carries" if count == 1 else "carry"
    says = f"{counted(count, 'grant')} to {counted(recipients, 'recipient')} {carry} no charity or company number."
    return says, (count, recipients)


def other_funders(page: Page) -> Display:
    """Other funders' grants to the same place, kept apart from the council's; those not known to be here are named, and in no sum."""
    elsewhere = [
        f"{_elsewhere(one)} are in these extracts, and by their own "
        "codes are not known to be in this area: they are in no figure."
        for one in page.study.record.get("grants_elsewhere", ())
    ]
    if not showing.holds(page, "other_grants"):
        return Note(" ".join(["No other funder's grants to this area are known.", *elsewhere]))
    by = showing.in_all(page, "other_funders", "funder")
    by["awarded_pence"], by["awarded_pence_hidden"] = by["pence"].round().astype("Int64"), by["pence_hidden"]
    public = "grants" in page.study.record.get("public_tables", ())
    shown: Any = (
        showing.public(page, by[["funder", "grants", "awarded_pence"]], "grants", source=showing.source_words(page))
        if public
        else Computed(frame=by, of=(page.released,), how="other funders' grants, as released")
    )
    caption = f"Kept apart from the council's own, and never added to them.{page.of_the_whole}"
    return Table(
        shown,
        title="Other funders' grants to this area",
        caption=" ".join([caption, *elsewhere]),
        source=showing.source_words(page, "grants"),
        columns={"funder": "Funder", "grants": "Grants", "awarded_pence": "Awarded (£)"},
        sources=showing.sources_of(page, "grants"),
        declared=tuple(
            part
            for one in page.study.record.get("grants_elsewhere", ())
            for part in (one["grants"], (one["pence"] or 0) / 100, one["funder"])
            if part
        ),
        id="other-funders",
    )


def _elsewhere(one: dict[str, Any]) -> str:
    """How many grants of a funder, and for how much, as far as either may be said."""
    grants = "A few grants" if one["grants"] is None else counted(one["grants"], "grant")
    pounds = "" if one["pence"] is None else f" ({words.money(one['pence'])})"
    return f"{grants} of {one['funder']}{pounds}"


SECTIONS = (
    register,
    other_funders,
)
