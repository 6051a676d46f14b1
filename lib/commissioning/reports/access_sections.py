"""Is support appropriately reached (4.14d)? Rates against population over wards set in order, and their slope.

Wards are put together in fifths before anything is counted, so that no figure stands on few people.
"""

from __future__ import annotations

import pandas as pd

from commissioning.disclosure import policy
from commissioning.measures import derive
from commissioning.methods import inequality
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed
from commissioning.reports.protecting import protected
from commissioning.reports.purse_sections import PurseSections

FIFTHS = 5
RANKINGS = {
    "ethnicity": ("ethnic minority", "people from ethnic minority communities"),
    "age_band": ("65 and over", "people aged 65 and over"),
}
"""Column of the population by which wards are ranked → the group whose share ranks them, and its words."""


def by_fifth(access: pd.DataFrame, population: pd.DataFrame, column: str, group: str) -> pd.DataFrame:
    """Fifths of wards, from the smallest to the largest share of a group of the population: one row each.

    `access`: `derive.access` of one year (ward, supported, expected). `population`: the same year's ward, people and
    `column`. Returns ranking (1 is the smallest share), wards, share (% of the people of those wards), supported,
    expected; fewer rows where there are fewer than five wards.
    """
    people = population.assign(people=pd.to_numeric(population["people"]).astype(float))
    of_group = people.assign(mine=people["people"].where(people[column].eq(group), 0.0))
    wards = of_group.groupby("ward")[["people", "mine"]].sum()
    counted = access.groupby("ward")[["supported", "expected"]].sum()
    wards = wards.join(counted, how="inner")
    order = (wards["mine"] / wards["people"]).rank(method="first")
    wards["ranking"] = ((order - 1) * min(FIFTHS, len(wards)) // len(wards)).astype(int) + 1
    found = wards.groupby("ranking").agg(
        wards=("people", "size"), people=("people", "sum"), mine=("mine", "sum"), supported=("supported", "sum"),
        expected=("expected", "sum"),
    )  # fmt: skip
    found["share"] = 100 * found["mine"] / found["people"]
    return found.reset_index()[["ranking", "wards", "share", "supported", "expected"]]


def slope(frame: pd.DataFrame) -> inequality.SlopeIndex | None:
    """The slope of support over the ranking, in people supported for each 100 estimated; None where too little is known.

    `frame` holds supported and expected as they may be shown. Positive: support is higher where the group's share is
    larger. Counts of people vary as Poisson counts do, which gives each rate its standard error.
    """
    rows = frame[frame["supported"].notna() & frame["expected"].gt(0).fillna(False)]
    if len(rows) < 3 or rows["supported"].le(0).any():
        return None
    supported, expected = (rows[one].astype(float).to_numpy() for one in ("supported", "expected"))
    return inequality.slope_index(100 * supported / expected, 100 * supported**0.5 / expected, expected)


class AccessSections(PurseSections):
    """Whether support reaches the groups that the 2011 report names."""

    def access_slope(self, column: str) -> Display:
        """People supported for each 100 estimated to have a learning disability, over wards from the smallest to the largest share of a group."""
        group, called = RANKINGS[column]
        what = f"How support follows the share of {called} (4.14d)"
        if not self.holds("people", "population"):
            return self.needs_extract("people", "population", for_what=what)
        if self.group:
            return self.note(f"{what} is shown for the whole area: a part of it has too few wards.")
        population = self.study.table("population")
        year = self.period[:7]
        access = derive.access({"people": self.study.table("people"), "population": population})
        frame = by_fifth(access[access["year"] == year], population[population["year"] == year], column, group)
        frame = protected(frame.assign(expected=frame["expected"].round()), ("supported", "expected"))
        enough = frame["expected"].ge(policy().fewest_people_for_cost).fillna(False)
        frame["rate"] = (100 * frame["supported"].astype("Float64") / frame["expected"]).where(enough)
        found = slope(frame.where(enough)) if enough.any() else None
        if found is not None:
            self._say_slope(found, called, column)
        return self._table(
            frame,
            "people supported beside those estimated to have a learning disability, by fifths of wards, rounded",
            "people",
            "population",
            title=f"Support where more {called} live",
            caption=f"{self.place}, {self.period}. Wards in fifths, from the smallest share of {called} to the largest. How many "
            "have a learning disability is the population extract's own estimate.",
            columns={
                "ranking": "Fifth of wards", "wards": "Wards",
                "share": Column(name="share", label="Share of the group (%)", decimals=0), "supported": "People supported",
                "expected": "Estimated to have a learning disability",
                "rate": Column(name="rate", label="Supported for each 100 estimated", decimals=0),
            },
            keys=1,
            declared=(self.period, self.place, 65, 100),
            id=f"access-slope-{column.replace('_', '-')}",
        )  # fmt: skip

    def _say_slope(self, found: inequality.SlopeIndex, called: str, column: str) -> None:
        low, high = words.number(found.sii_lower), words.number(found.sii_upper)
        ends = f"from where the share of {called} is smallest to where it is largest"
        if found.sii_lower <= 0 <= found.sii_upper:
            says = f"No difference in support {ends} can be told apart from chance ({low} to {high} for each 100 estimated)."
        else:
            side = "goes up" if found.sii > 0 else "goes down"
            says = f"Support {side} by {words.number(abs(found.sii))} for each 100 estimated {ends} (range {low} to {high})."
        numbers = found.frame[["sii", "sii_lower", "sii_upper"]]
        self.say(
            self.finding(
                f"{says} Other reasons are possible.",
                "compared",
                Computed(frame=numbers, of=(self.released,), how="slope index of inequality"),
                f"access-slope-{column.replace('_', '-')}",
                declared=(100, called),
            )
        )
