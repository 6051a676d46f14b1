"""Analyse (4.5): needs, resources, the market, what people said, and whether the need has been asked about at all."""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.published import selections
from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import figures, findings, need, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import groups


@section
def needs(page: Page) -> Shows:
    """Who is estimated to need support, who has it and who has not: by age and by ethnicity (4.11b, 4.14d)."""
    measure = need.supported_measure(page)
    if measure is None or not need.year_of(page, measure):
        return area_profile(page)
    kinds = ("age_band", "ethnicity")
    said = [*need.finding(page, measure, "needs"), *need.apart(page, measure, kinds, "needs")]
    return Told.of(
        need.table(page, measure, kinds, title="Estimated to need support, supported and not supported", id="needs"),
        found=said,
    )


def area_profile(page: Page) -> Shows:
    """What published sources say of the area: people, deprivation."""
    rows = []
    people = page.study.published("area_population")
    if len(people) and (people["area_code"] == page.study.area).any():
        row = people[people["area_code"] == page.study.area].iloc[-1]
        rows.append({"what": "People living in the area", "year": str(row["year"]), "figure": f"{row['people']:,.0f}"})
    deprived = page.study.published("deprivation")
    if len(deprived) and (deprived["area_code"] == page.study.area).any():
        row = deprived[deprived["area_code"] == page.study.area].iloc[-1]
        rows.append(
            {
                "what": "Index of Multiple Deprivation, average score",
                "year": str(row["year"]),
                "figure": words.number(row["score"], 1),
            }
        )
    if not rows:
        return showing.needs_extract(page, "population", for_what="Need beside population")
    return Table(
        showing.public(page, pd.DataFrame(rows), "area_population", "deprivation", source="ONS and MHCLG"),
        title="The area in published figures",
        caption=f"The latest year that each source holds.{page.of_the_whole}",
        source="ONS and MHCLG",
        columns={"what": "What", "year": "Year", "figure": "Figure"},
        sources=showing.sources_of(page, "area_population", "deprivation"),
        id="area-profile",
    )


@section
def resources(page: Page) -> Shows:
    """What is spent, by kind of support: from published returns, else from the council's own extracts."""
    spend = page.study.published("area_spend")
    if len(spend):
        table = _published_resources(page, spend)
        if table is not None:
            return table
    found = _money_by_group(page)
    if found is None:
        extract = "packages" if "packages" in page.pilot.tables else "grants"
        return showing.needs_extract(
            page, extract, for_what=f"Spend by kind of support in {page.period or 'the period'}"
        )
    cost, rows = found
    return Table(
        groups.in_pence(rows),
        title="Where the money goes",
        caption=f"{page.period}{_rounded(cost)}.{page.of_the_whole}",
        source=showing.source_words(page, measures=(cost.id,)),
        columns={
            "split": "Split by", "group": "Group",
            "numerator": Column(name="numerator", label="Spend (£)", kind="pence"),
        },
        measures=(cost.id,),
        declared=(page.period,),
        keys=2,
        id="resources",
    )  # fmt: skip


def _money_by_group(page: Page) -> tuple[Measure, Computed] | None:
    """The first money measure with rows by group in the period, the measure of the pilot's own spend before others."""
    held = page.study.record["measures"]
    own = groups.money_measure(page.measures, held)
    others = [one for one in page.measures.values() if one.unit.startswith("pence") and one.id in held]
    for cost in [*([own] if own else []), *others]:
        kinds = [one for one in ("setting", "needs_band", "department", "programme") if one in cost.groups]
        rows = groups.split(page.released, cost, page.period, kinds=tuple(kinds[:2]))
        if len(rows.frame):
            return cost, rows
    return None


def _published_resources(page: Page, spend: pd.DataFrame) -> Table | None:
    reason = page.pilot.support_reason
    rows = []
    for year in sorted(spend["year"].dropna().unique()):
        mine = spend[
            (spend["area_code"] == page.study.area)
            & (spend["year"] == year)
            & (spend["support_reason"] == reason)
            & (spend["category"] == selections.GROSS_CURRENT)
            & ~spend["is_total"].astype(bool)
            & (spend["age_band"] == page.pilot.spend_age_band)
        ]
        by_setting = mine.groupby(["term", "setting"], observed=True)["amount_pence"].sum()
        rows += [
            {"year": year, "term": term, "setting": setting, "pence": int(pence)}
            for (term, setting), pence in by_setting.items()
            if pence
        ]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    return Table(
        showing.public(page, frame, "area_spend", source="NHS Digital"),
        title="Gross current spend by kind of support",
        caption=f"Ages {page.pilot.spend_age_band}, as the council returned it.{page.of_the_whole}",
        source="NHS Digital, PSS EX1 and ASC-FR",
        columns={
            "year": "Year", "term": "Term", "setting": "Kind of support",
            "pence": Column(name="pence", label="Spend (£)", kind="pence"),
        },
        sources=showing.sources_of(page, "area_spend"),
        declared=(page.pilot.spend_age_band,),
        keys=3,
        id="resources",
    )  # fmt: skip


@section
def what_people_said(page: Page) -> Shows:
    """Choice, control and people's own goals (4.11a): outcomes in which people speak for themselves."""
    own = figures.own_word_measures(page)
    held = {key: one for key, one in own.items() if key in set(page.study.record["measures"])}
    if not held:
        return showing.needs_extract(page, "reviews", for_what="What people said about choice, control and their goals")
    said = findings.headline_outcomes(page, most=1, measures=held, evidence="what-people-said")
    return Told.of(Table(
        figures.outcome_frame(page, held),
        title="What people said",
        caption=f"Outcomes in which people speak for themselves, {page.period}.",
        source=showing.source_words(page, measures=tuple(held)),
        columns={
            "what": "Outcome", "numerator": "Said so", "denominator": "Asked", "value": "Value",
            "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "note": "Note",
        },
        measures=tuple(held),
        declared=(page.period,),
        id="what-people-said",
    ), found=said)  # fmt: skip


@section
def left_out(page: Page) -> Note:
    """Who was left out of the main outcomes: answers that nobody recorded, and answers that somebody else gave (4.11a)."""
    frame = figures.outcome_frame(page, figures.primary(page)).frame
    says = []
    for _, row in frame.iterrows():
        unknown, known = (pd.to_numeric(row[one], errors="coerce") for one in ("unknown", "denominator"))
        if pd.notna(unknown) and pd.notna(known) and unknown:
            says.append(f"{row['what']}: not known of {unknown:,.0f} of {known + unknown:,.0f}.")
    others = {
        key: one
        for key, one in page.outcome_measures.items()
        if any(rule.says.startswith("answered by somebody else") for rule in one.population)
        and key in page.study.record["measures"]
    }
    asked = (
        pd.to_numeric(figures.outcome_frame(page, others).frame["denominator"]) if others else pd.Series(dtype=float)
    )
    if asked.notna().any():
        says.append(
            f"Up to {asked.max():,.0f} answers to a question were given by somebody else: they are counted apart."
        )
    return Note(
        " ".join(says) or "Nobody is known to have been left out of the main outcomes.", title="Who was left out"
    )


@section
def need_identified(page: Page) -> Note:
    """4.12: a review of services does not in itself challenge the need for them."""
    text = (
        "The 2011 report warns that reviewing current services does not in itself challenge the need for them (4.12). "
    )
    if page.pilot.needs:
        text += f"{len(page.pilot.needs)} written down apart from who uses the service: see below who identified each."
    else:
        text += (
            "Nobody has written down a need apart from who uses the service, so this report cannot say that the need "
            "for it was identified. Being asked about a service is not the same."
        )
    return Note(text)


def _rounded(cost: Measure) -> str:
    """What a caption says of amounts that people's own packages add up to; other amounts stand as released."""
    return ", rounded so that no package can be worked back" if cost.person else ""
