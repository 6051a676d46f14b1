"""Published outcomes beside England and similar councils."""

from __future__ import annotations

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import figures, findings, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import outcomes
from commissioning.study.breaks import series_break


@section
def published_outcomes(page: Page, key: str) -> Shows:
    """One published measure year by year: the area beside England and its statistical neighbours."""
    measure = page.measures[key]
    every = page.released.figures
    rows = outcomes.scaled(every[every["measure"] == key], page.measures)
    if rows.empty:
        return showing.needs_extract(page, "indicators", for_what=measure.title)
    neighbours = page.study.published("neighbours")
    codes = (
        set(neighbours.loc[neighbours["area_code"] == page.study.area, "neighbour_code"]) if len(neighbours) else set()
    )
    codes -= {page.study.area}
    out = []
    for year, of_year in rows.groupby("period"):
        here = of_year[of_year["group_kind"] == "all"]
        if here.empty or " Q" in str(year):
            continue
        england = of_year[of_year["group"] == figures.ENGLAND]
        like = of_year[of_year["group"].isin(codes) & of_year["value"].notna()]
        row = here.iloc[0]
        out.append(
            {
                "year": year,
                **{one: row[one] for one in ("numerator", "denominator", "value", "lower", "upper")},
                "england": england["value"].iloc[0] if len(england) else None,
                "england_numerator": england["numerator"].iloc[0] if len(england) else None,
                "england_denominator": england["denominator"].iloc[0] if len(england) else None,
                "like_low": like["value"].min() if len(like) else None,
                "like_high": like["value"].max() if len(like) else None,
                "like": len(like),
            }
        )
    frame = pd.DataFrame(out)
    anchor = words.slug(key)
    said = findings.compared_with_others(page, keys=(key,))
    return Told.of(Table(
        Computed(frame=frame, of=(page.released,), how="published figures of the area, England and its neighbours"),
        title=measure.title,
        caption=f"As published, with 95% ranges. {_absent(page, codes, rows)}",
        source=showing.source_words(page, 'indicators', 'neighbours', measures=(key,)),
        columns={
            "year": "Year", "numerator": "Number", "denominator": "Out of", "value": "Value (%)",
            "lower": "Lower limit", "upper": "Upper limit", "england": "England (%)",
            "england_numerator": "England number", "england_denominator": "England out of",
            "like_low": "Lowest similar council (%)", "like_high": "Highest similar council (%)",
            "like": "Similar councils with a figure",
        },
        measures=(key,),
        sources=showing.sources_of(page, "indicators", "neighbours"),
        declared=(95, *sorted(codes), len(codes), measure.title),
        id=f"comparison-{anchor}",
    ), found=said)  # fmt: skip


@section
def comparisons(page: Page) -> Shows:
    """Every published measure of the pilot beside England and similar councils, one table each."""
    if not page.pilot.published_measures:
        return Note("No measure of this service is published for every council, so none is compared.")
    return [Told.of(published_outcomes(page, key)) for key in page.pilot.published_measures]


def _absent(page: Page, codes: set[str], rows: pd.DataFrame) -> str:
    """Which statistical neighbours have no figure in some published year, by name and code."""
    if not codes:
        return "No list of statistical neighbours is here."
    says = []
    indicators = page.study.published("indicators")
    names = indicators.drop_duplicates("area_code", keep="last").set_index("area_code")["area"].to_dict()
    own_years = sorted(rows.loc[rows["group_kind"] == "all", "period"].unique())
    for code in sorted(codes):
        held = set(rows.loc[(rows["group"] == code) & rows["value"].notna(), "period"])
        missing = [one for one in own_years if one not in held]
        if missing:
            says.append(f"{names.get(code) or 'One council'} ({code}) has no figure in {', '.join(missing)}")
    return f"{len(codes)} similar councils. " + ("; ".join(says) + "." if says else "Each has a figure in every year.")


@section
def published_trend(page: Page, key: str) -> Chart | Note:
    """One published measure over time, the area and England."""
    measure = page.measures[key]
    every = outcomes.scaled(page.released.figures, page.measures)
    rows = every[(every["measure"] == key) & ((every["group_kind"] == "all") | (every["group"] == figures.ENGLAND))]
    rows = rows[rows["value"].notna()]
    if rows.empty:
        return Note(f"{measure.title}: no published figure is here.")
    names = {
        "all": page.area_name,
        figures.ENGLAND: "England",
    }
    frame = rows.assign(place=rows["group"].map(names))[["period", "place", "value", "lower", "upper"]]
    frame = frame.sort_values(["place", "period"], ascending=[False, True], ignore_index=True)
    mine = frame[frame["place"] == names["all"]]
    alt = (
        f"A line over the years {mine['period'].iloc[0]} to {mine['period'].iloc[-1]}: {names['all']} goes from "
        f"{words.number(mine['value'].iloc[0], 1)}% to {words.number(mine['value'].iloc[-1], 1)}%, drawn beside England."
    )
    return Chart.line(
        Computed(frame=frame, of=(page.released,), how="published figures of the area and of England"),
        series="place",
        lower="lower",
        upper="upper",
        columns={
            "period": "Year",
            "place": "Place",
            "value": "Value (%)",
            "lower": "Lower limit",
            "upper": "Upper limit",
        },
        title=measure.title,
        alt=alt,
        caption=_break_words(page, key),
        source=showing.source_words(page, "indicators", measures=(key,)),
        unit="%",
        measures=(key,),
        sources=showing.sources_of(page, "indicators"),
        declared=(*frame["period"], measure.title),
        id=f"trend-{words.slug(key)}",
    )


def _break_words(page: Page, key: str) -> str:
    where = series_break(page.study, key)
    if not where:
        return "The line through each point is its range."
    return "The series breaks: see the findings about the data. No claim of change is made across the break."
