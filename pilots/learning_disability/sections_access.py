"""Is support appropriately reached (4.14d)? Rates against population over wards set in order, and their slope.

Wards are put together in fifths before anything is counted, so that no figure stands on few people.
"""

from __future__ import annotations

import pandas as pd

from commissioning.disclosure import Policy
from commissioning.measures.breakdowns_of_people import ranked
from commissioning.methods import inequality
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import saying, showing
from commissioning.sections.page import Page, Shows, Told

CALLED = {
    "ethnicity": "people from ethnic minority communities",
    "age_band": "people aged 65 and over",
}
"""Column of the population by which wards are ranked → the group whose share ranks them, in words."""


def by_fifth(population: pd.DataFrame, column: str, supported: pd.DataFrame) -> pd.DataFrame:
    """Fifths of wards, from the smallest to the largest share of a group of the population: one row each.

    `population`: one year's ward, people, with_learning_disability and `column`. `supported`: the released breakdown by those fifths.
    Returns ranking (1 is the smallest share), wards, share (% of the people of those wards), supported, expected (estimated to have a
    learning disability); fewer rows where there are fewer than five wards.
    """
    estimated = pd.to_numeric(population["with_learning_disability"]).astype(float)
    wards = ranked(population, column)
    wards["expected"] = estimated.groupby(population["ward"]).sum().reindex(wards.index)
    found = wards.groupby("ranking").agg(
        wards=("people", "size"), people=("people", "sum"), mine=("mine", "sum"), expected=("expected", "sum")
    )
    found["share"] = 100 * found["mine"] / found["people"]
    out = found.reset_index()[["ranking", "wards", "share", "expected"]]
    out["expected"] = out["expected"].round().astype("Int64")
    held = supported.assign(ranking=supported[f"fifth_by_{column}"].map(int) if len(supported) else [])
    held = held.set_index("ranking").reindex(out["ranking"])
    hidden = held["people_hidden"].eq(True) if len(supported) else pd.Series(False, index=held.index)
    count = held["people"].astype("Int64") if len(supported) else pd.Series(pd.NA, index=held.index, dtype="Int64")
    return out.assign(
        supported=count.mask(count.isna() & ~hidden, 0).to_numpy(), supported_hidden=hidden.to_numpy(dtype=bool)
    )


def slope(frame: pd.DataFrame, policy: Policy) -> inequality.SlopeIndex | None:
    """The slope of support over the ranking, in people supported for each 100 estimated; None where too little is known.

    `frame` holds supported and expected as they may be shown. Positive: support is higher where the group's share is
    larger. Counts of people vary as Poisson counts do, and by the noise of release: together they give each rate its standard error.
    """
    rows = frame[frame["supported"].notna() & frame["expected"].gt(0).fillna(False)]
    if len(rows) < 3 or rows["supported"].le(0).any():
        return None
    supported, expected = (rows[one].astype(float).to_numpy() for one in ("supported", "expected"))
    error = (supported + policy.noise**2 + (policy.round_to**2 - 1) / 12) ** 0.5
    return inequality.slope_index(100 * supported / expected, 100 * error / expected, expected)


def access_slope(page: Page, column: str) -> Shows:
    """People supported for each 100 estimated to have a learning disability, over wards from the smallest to the largest share of a group."""
    said: list[Finding] = []
    called = CALLED[column]
    what = f"How support follows the share of {called} (4.14d)"
    if not showing.holds(page, "people", "population"):
        return Told.of(showing.needs_extract(page, "people", "population", for_what=what), found=said)
    if page.group:
        return Told.of(Note(f"{what} is shown for the whole area: a part of it has too few wards."), found=said)
    population, year = page.study.published("population"), page.period[:7]
    population = population[population["year"] == year]
    if column not in population or population.empty:
        return Told.of(showing.needs_columns(page, "population", column, for_what=what), found=said)
    frame = by_fifth(population, column, showing.broken_down(page, "by_fifth", f"fifth_by_{column}"))
    enough = frame["expected"].ge(page.study.policy.fewest_people_for_cost).fillna(False)
    frame["rate"] = (100 * frame["supported"].astype("Float64") / frame["expected"]).where(enough)
    found = slope(frame.where(enough), page.study.policy) if enough.any() else None
    if found is not None:
        said += _found_slope(page, found, called, column)
    return Told.of(showing.table_of(
        page, frame,
        "people supported, as released, beside those estimated to have a learning disability, by fifths of wards",
        "people",
        "population",
        title=f"Support where more {called} live",
        caption=f"{page.place}, {page.period}. Wards in fifths, from the smallest share of {called} to the largest. How many "
        "have a learning disability is the population file's own estimate.",
        columns={
            "ranking": "Fifth of wards", "wards": "Wards",
            "share": Column(name="share", label="Share of the group (%)", decimals=0), "supported": "People supported",
            "expected": "Estimated to have a learning disability",
            "rate": Column(name="rate", label="Supported for each 100 estimated", decimals=0),
        },
        keys=1,
        declared=(page.period, page.place, 65, 100),
        id=f"access-slope-{column.replace('_', '-')}",
    ), found=said)  # fmt: skip


def _found_slope(page: Page, found: inequality.SlopeIndex, called: str, column: str) -> list[Finding]:
    low, high = words.number(found.sii_lower), words.number(found.sii_upper)
    ends = f"from where the share of {called} is smallest to where it is largest"
    if found.sii_lower <= 0 <= found.sii_upper:
        says = (
            f"No difference in support {ends} can be told apart from chance ({low} to {high} for each 100 estimated)."
        )
    else:
        side = "goes up" if found.sii > 0 else "goes down"
        says = (
            f"Support {side} by {words.number(abs(found.sii))} for each 100 estimated {ends} (range {low} to {high})."
        )
    numbers = found.frame[["sii", "sii_lower", "sii_upper"]]
    return [
        saying.finding(
            page,
            f"{says} Other reasons are possible.",
            "compared",
            Computed(frame=numbers, of=(page.released,), how="slope index of inequality"),
            f"access-slope-{column.replace('_', '-')}",
            declared=(100, called),
        )
    ]


SECTIONS = (access_slope,)
