"""Need as it is held: people estimated to have a learning disability, those of them supported, and those who are not.

The estimate is the population extract's own. It never comes from who is supported: a council that reaches nobody would
then have no need that is not met.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import saying, showing
from commissioning.sections.page import Page
from commissioning.study import groups, outcomes

ALL = "everybody"
TOO_LOW = "the estimate is lower"
NOT_ESTIMATED = "not estimated"
COLUMNS = ["split", "group", "estimated", "supported", "not_supported", "each_100"]
LABELS: dict[str, str | Column] = {
    "split": "Split by", "group": "Group", "estimated": "Estimated to have a learning disability",
    "supported": "Supported", "not_supported": "Not supported",
    "each_100": Column(name="each_100", label="Supported for each 100 estimated", decimals=0),
}  # fmt: skip


def supported_measure(page: Page) -> Measure | None:
    """The count of people supported that stands beside the population: of the table `access`, and nothing it is out of."""
    found = (one for one in page.measures.values() if one.table == "access" and outcomes.is_its_own_value(one))
    return next(found, None)


def year_of(page: Page, measure: Measure) -> str:
    """The latest year, up to the report's period, in which both are held; "" where there is none."""
    figures = page.released.figures
    years = figures.loc[figures["measure"].eq(measure.id) & ~outcomes.quarterly(figures["period"]), "period"]
    return max((one for one in years.astype(str) if one <= page.period[:7]), default="")


def beside_population(supported: pd.DataFrame, population: pd.DataFrame, kinds: tuple[str, ...]) -> pd.DataFrame:
    """One row for everybody and for each group: estimated, supported, not supported, supported for each 100.

    `supported`: group_kind, group, numerator, hidden, why_hidden of one year, as released ("all" among them). `population`: rows of
    the same year with `kinds` and with_learning_disability. `<column>_status` says why a figure is missing. Where more are
    supported than were estimated the estimate is too low, and nobody is said to be without support.
    """
    estimate = pd.to_numeric(population["with_learning_disability"]).astype("Float64")
    wanted = [("all", "all", estimate.sum())]
    for kind in (one for one in kinds if one in population):
        by = estimate.groupby(population[kind].astype(object)).sum()
        also = sorted(set(supported.loc[supported["group_kind"].eq(kind), "group"]) - set(by.index))
        wanted += [(kind, name, by[name]) for name in by.index] + [(kind, name, None) for name in also]
    counts = supported.set_index(["group_kind", "group"])
    rows = []
    for kind, name, estimated in wanted:
        told = counts.loc[(kind, name)] if (kind, name) in counts.index else None
        hidden = told is not None and bool(told["hidden"])
        number = 0 if told is None else told["numerator"]
        number = None if pd.isna(number) else int(number)
        reason = "hidden" if hidden else "not known" if number is None else "known"
        less = None if number is None or estimated is None else estimated - number
        rows.append(
            {
                "split": ALL if kind == "all" else groups.WORDS.get(kind, kind),
                "group": ALL if kind == "all" else "not recorded" if name == "unknown" else name,
                "estimated": estimated,
                "estimated_status": "known" if estimated is not None else NOT_ESTIMATED,
                "supported": number,
                "supported_status": reason,
                "not_supported": less if less is not None and less >= 0 else None,
                "not_supported_status": NOT_ESTIMATED
                if estimated is None
                else TOO_LOW
                if less is not None and less < 0
                else reason,
                "each_100": None if not estimated or number is None else 100 * number / estimated,
                "each_100_status": NOT_ESTIMATED if not estimated else reason,
            }
        )
    frame = pd.DataFrame(rows)
    numbers = ["estimated", "supported", "not_supported", "each_100"]
    return frame.astype(dict.fromkeys(numbers[:3], "Int64") | {"each_100": "Float64"})


def need(page: Page, measure: Measure, kinds: tuple[str, ...]) -> tuple[Computed, str]:
    """Those rows for a report, with the year they are of."""
    year = year_of(page, measure)
    figures = page.released.figures
    mine = figures[(figures["measure"] == measure.id) & (figures["period"] == year)]
    population = page.study.published("population")
    frame = beside_population(mine, population[population["year"] == year], kinds)
    return Computed(
        frame=frame, of=(page.released,), how="people supported, as released, beside the population extract"
    ), year


def table(page: Page, measure: Measure, kinds: tuple[str, ...], *, title: str, id: str) -> Table:
    """People estimated, supported and not supported, by groups of the kinds named."""
    rows, year = need(page, measure, kinds)
    return Table(
        rows,
        title=title,
        caption=f"{year}. {source_of_estimate(page)}{page.of_the_whole}",
        source=showing.source_words(page, "population", measures=(measure.id,)),
        columns=LABELS,
        measures=(measure.id,),
        declared=(100, year),
        keys=2,
        id=id,
    )


def source_of_estimate(page: Page) -> str:
    """Where the estimate comes from, in a sentence."""
    files = ", ".join(f"“{one}”" for one in showing.sources_of(page, "population"))
    return (
        f"How many have a learning disability is the estimate in the file of population{f' {files}' if files else ''}, which names "
        "no rate; no rate of this council's own support is used."
    )


def finding(page: Page, measure: Measure, evidence: str) -> list[Finding]:
    """How many are estimated, supported and not supported; none where either is hidden, not known or too low."""
    rows, year = need(page, measure, ())
    one = rows.frame.iloc[0]
    if pd.isna(one["not_supported"]) or pd.isna(one["each_100"]):
        return []
    return [
        saying.finding(
            page,
            f"In {year} {int(one['estimated']):,} adults who live in {page.area_name} were estimated to have a learning disability. "
            f"{int(one['supported']):,} were supported, {words.number(one['each_100'])} for each 100, and {int(one['not_supported']):,} were not. "
            "Not everybody wants support: this is a question, not an answer.",
            "described",
            rows,
            evidence,
            measure=measure.id,
            declared=(year, 100),
        )
    ]


def apart(page: Page, measure: Measure, kinds: tuple[str, ...], evidence: str) -> list[Finding]:
    """The group of which fewest are supported for each 100 estimated, beside everybody."""
    rows, year = need(page, measure, kinds)
    known = rows.frame[rows.frame["each_100"].notna() & rows.frame["split"].ne(ALL)]
    if len(known) < 2 or pd.isna(rows.frame["each_100"].iloc[0]):
        return []
    least = known.loc[known["each_100"].astype(float).idxmin()]
    return [
        saying.finding(
            page,
            f"Fewest are supported where {least['split']} is {least['group']}: {words.number(least['each_100'])} for each 100 estimated in "
            f"{year}, beside {words.number(rows.frame['each_100'].iloc[0])} of everybody. A gap is a question, not an answer.",
            "described",
            rows,
            evidence,
            measure=measure.id,
            declared=(year, 100, str(least["group"])),
        )
    ]
