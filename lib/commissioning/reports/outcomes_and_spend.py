"""Two sides of A4: what good was done by year, for what money by year, and what stands behind it folded away.

Figures are the released ones, and spend lines those of every other page. Nothing later than the period asked for is shown.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.disclosure.rounding import significant
from commissioning.evidence import successions
from commissioning.measures import Measure
from commissioning.methods import money
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed, PublicFigures
from commissioning.presentation.table import Table
from commissioning.reports import own_page
from commissioning.reports.answer_words import listed
from commissioning.sections import charting, figures, saying, showing
from commissioning.sections.page import Page, Shows, Told, once, section
from commissioning.sections.pictures import telling
from commissioning.sections.pictures.by_year import anew_words, first_outcome, people_counted_anew, rows_of, since
from commissioning.study import outcomes
from commissioning.study.breaks import break_years, series_break

MOST_OUTCOMES = 3
MOST_LINES = 2  # of spend, besides the whole of the council's payments
APART = "none"  # the scope of spend that stands beside no outcome
WHOLE = "All payments in the file of payments, whatever for"
YEARS_SHOWN = 6  # and as many more as it takes to show the last year known of outcomes and of spend
MOST_YEARS = 12
MARGIN = 72.0  # both charts leave as much room at the left, so that a year stands above itself
UNCLEAR = "no clear change"
PLANNED = ", planned and no payment"


def as_brief(page: Page, found: dict[str, Any]) -> dict[str, Any]:
    """The machine-readable result, and that its page is a brief one."""
    return {**found, "page": "brief"}


@once
def last_year(page: Page) -> str:
    """The last financial year that has ended by the end of the period asked for; "9999" where none is named."""
    year, _, quarter = page.period.partition(" ")
    if not year:
        return "9999"
    return year if quarter in ("", "Q4") else f"{int(year[:4]) - 1}-{int(year[2:4]):02d}"


@once
def by_year(page: Page) -> pd.DataFrame:
    """Released outcomes, one row a measure and year: measure, what, period, value, lower, upper, numerator, denominator."""
    rows = outcomes.scaled(outcomes.main_rows(page.released, page.group_kind, page.group), page.measures)
    rows = rows[~outcomes.quarterly(rows["period"]) & rows["period"].le(last_year(page)) & rows["value"].notna()]
    keys = list(_known(page, rows))[:MOST_OUTCOMES]
    rows = rows[rows["measure"].isin(keys)].drop_duplicates(["measure", "period"])
    order = {key: place for place, key in enumerate(keys)}
    rows = rows.assign(what=rows["measure"].map(lambda key: page.measures[key].title), place=rows["measure"].map(order))
    return rows.sort_values(["place", "period"], kind="stable", ignore_index=True)


def _known(page: Page, rows: pd.DataFrame) -> dict[str, Measure]:
    """The outcomes of this page: primary ones first, then others counted in people, and published ones last."""
    held = {key: one for key, one in page.outcome_measures.items() if key in set(rows["measure"]) and one.per == 100}
    rank = {key: (key in page.pilot.published_measures, not one.primary) for key, one in held.items()}
    return {key: held[key] for key in sorted(held, key=lambda key: (rank[key], list(held).index(key)))}


@once
def spend_by_year(page: Page) -> pd.DataFrame:
    """Spend lines of this page: year, what, pence, real_pence, rounded, public; the pilot's own first, the whole last."""
    frame = figures.spend(page).frame
    mine = frame[frame["year"].le(last_year(page)) & frame["scope"].ne(APART) & frame["real_pence"].notna()]
    own = mine[mine["scope"].eq("purpose")]
    mine = own if len(own) else mine[mine["basis"].eq("gross current")] if len(mine) else mine
    chosen = list(dict.fromkeys(mine.sort_values("pence", ascending=False)["what"]))[:MOST_LINES]
    mine = mine[mine["what"].isin(chosen)].drop_duplicates(["what", "year"])
    if len(_coverage_of(page, mine["year"])):  # packages made of Client Level Data carry planned costs
        mine = mine.assign(what=mine["what"].where(mine["table"].ne("packages"), mine["what"] + PLANNED))
    keep = ["year", "what", "pence", "real_pence", "rounded", "public", "table"]
    return pd.concat([mine[keep], _whole(page)[keep]], ignore_index=True) if len(_whole(page)) else mine[keep]


def _whole(page: Page) -> pd.DataFrame:
    """Every payment in the council's files, by year: of the whole area alone, and never called the pilot's."""
    held = [one for one in page.study.record.get("payments_whole") or [] if one["year"] <= last_year(page)]
    if page.group or not held:
        return pd.DataFrame()
    frame = pd.DataFrame(held).assign(what=WHOLE, table="payments")
    frame["rounded"] = ~frame["public"]
    frame["real_pence"] = pd.array(
        [_real(one, page.pilot.price_base, page.study.policy.significant_figures) for one in held], dtype="Int64"
    )
    return frame.astype({"pence": "Int64"})


@once
def years(page: Page) -> list[str]:
    """The latest years known, with those between of which nothing is: a gap is shown as one."""
    both = [[int(one[:4]) for one in known] for known in (by_year(page)["period"], spend_by_year(page)["year"])]
    found = sorted({*both[0], *both[1]})
    if not found:
        return []
    first = min(found[-1] - YEARS_SHOWN + 1, *(max(known) for known in both if known))
    first = max(first, found[0], found[-1] - MOST_YEARS + 1)
    return [f"{one}-{(one + 1) % 100:02d}" for one in range(first, found[-1] + 1)]


@section
def outcomes_by_year(page: Page) -> Display:
    """Outcomes in people out of a hundred, one line each, with their ranges."""
    if by_year(page).empty:
        return Note(f"No outcome is known for {page.place}: unknown, and not nothing.")
    frame = _on_years(page, by_year(page).rename(columns={"period": "year"}), "value")
    known = frame[frame["value"].notna()]
    if known.empty:
        return Note(f"The last outcome known is of {max(by_year(page)['period'])}, before the years shown here.")
    alt = "; ".join(
        f"{what}: {words.number(mine['value'].iloc[-1], 1)}% in {mine['year'].iloc[-1]}"
        for what, mine in known.groupby("what", sort=False)
    )
    keys = tuple(dict.fromkeys(by_year(page)["measure"]))
    return Chart.line(
        Computed(frame=frame, of=(page.released,), how="released figures, one row an outcome and year"),
        x="year", series="what", lower="lower", upper="upper", margin=MARGIN,
        columns={"year": "Year", "what": "Outcome", "value": "Value (%)", "numerator": "Number", "denominator": "Out of",
                 "lower": "Lower limit", "upper": "Upper limit"},
        title=_outcomes_title(page), alt=f"A line over the years for each outcome. Last known: {alt}.",
        caption=" ".join(_outcome_words(page, keys)),
        source=showing.source_words(page, measures=keys), unit="%", measures=keys,
        declared=(100, *range(len(keys) + 1), *years(page), *(page.measures[key].title for key in keys), *_part_numbers(page)), id="outcomes-by-year",
    )  # fmt: skip


def _outcomes_title(page: Page) -> str:
    """How many outcomes rose or fell by more than their ranges allow, each since it was last counted anew; of one, its levels."""
    went: list[str] = []
    shown = by_year(page)
    shown = shown[shown["period"].isin(years(page))]  # a title says nothing of a year that its chart leaves out
    for key, rows in shown.groupby("measure", sort=False):
        measure = page.measures[str(key)]
        breaks = sorted({*break_years(page.study, measure.id, page.period), *charting.known_breaks(page, measure)})
        told = telling.outcome(since(rows, breaks), measure)
        if shown["measure"].nunique() == 1:
            return f"{measure.title}: {told}"
        went.append(next((one.split()[0] for one in telling.MOVED if told.startswith(one)), UNCLEAR))
    since_when, same = min(shown["period"]), went.count(UNCLEAR)
    if same == len(went):
        return f"None of {same} outcomes shows a clear change since {since_when}"
    parts = [f"{went.count(one)} {one}" for one in ("rose", "fell") if one in went]
    parts += [f"{same} {'shows' if same == 1 else 'show'} no clear change"] if same else []
    return f"Of {len(went)} outcomes, {listed(parts)} since {since_when}"


def _spend_title(page: Page, known: pd.DataFrame) -> str:
    """What was spent in the first year and the last. No rise or fall is claimed: who is counted, and at whose prices, may differ."""
    rows = known[known["what"].eq(known["what"].iloc[0])]
    first, last = rows.iloc[0], rows.iloc[-1]
    ends = list(dict.fromkeys(f"{telling.pounds(one['real_pence'])} in {one['year']}" for one in (first, last)))
    return f"{first['what']}: {' and '.join(ends)}, in {page.pilot.price_base} prices"


@section
def spend_chart(page: Page) -> Shows:
    """Spend in real terms on the same years."""
    frame = spend_by_year(page)
    if frame.empty or frame["real_pence"].isna().all():
        return showing.needs_extract(page, "packages", "area_spend", "payments", for_what="Spend by year")
    frame = _on_years(page, frame, "real_pence")
    base, known = page.pilot.price_base, frame[frame["real_pence"].notna()]
    if known.empty:
        return Note(f"The last spend known is of {max(spend_by_year(page)['year'])}, before the years shown here.")
    short = [
        f"{what}: {words.money_rounded(int(mine['real_pence'].iloc[-1]))} in {mine['year'].iloc[-1]}"
        for what, mine in known.groupby("what", sort=False)
    ]
    tables = tuple(dict.fromkeys(spend_by_year(page)["table"]))
    public = PublicFigures(frame=frame[frame["public"].eq(True)], source=showing.source_words(page, *tables))
    return Chart.line(
        Computed(frame=frame, of=(page.released, public), how="spend lines in the prices of one year"),
        x="year", y="real_pence", series="what", zero=True, margin=MARGIN,
        columns={"year": "Year", "what": "What", "pence": Column(name="pence", label="Cash (£)", kind="pence"),
                 "real_pence": Column(name="real_pence", label=f"{base} prices (£)", kind="pence")},
        title=_spend_title(page, known),
        alt=f"A line over the years for each kind of spend. Last known: {'; '.join(short)}.",
        caption=" ".join(_spend_words(page)), source=showing.source_words(page, *tables), unit=f"£, {base} prices",
        sources=showing.sources_of(page, *dict.fromkeys((*tables, *figures.spend(page).tables))), declared=(base, *years(page), WHOLE, *frame["what"].unique(), *_part_numbers(page), 12, *_recorded_anew(page)),
        id="spend-by-year",
    )  # fmt: skip


def _on_years(page: Page, frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """A row for each series and year shown, so that both charts share their years, with why a year has no value."""
    grid = pd.MultiIndex.from_product([dict.fromkeys(frame["what"]), years(page)], names=["what", "year"])
    out = frame.set_index(["what", "year"]).reindex(grid).reset_index()
    return out.assign(**{f"{value}_status": _statuses(page, out["what"], out["year"], out[value])})


def _statuses(page: Page, what: pd.Series, years: pd.Series, values: pd.Series) -> list[str]:
    """Of each value: known, or why it is not there. A year that no record is of has none: nothing is unknown of it."""
    return [
        outcomes.KNOWN if known else _gaps(page).get((one, year), outcomes.NONE)
        for one, year, known in zip(what, years, values.notna(), strict=True)
    ]


@once
def _gaps(page: Page) -> dict[tuple[str, str], str]:
    """Title and year of each outcome's figure without a value → hidden, not known, not applicable."""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = outcomes.with_statuses(rows[rows["value"].isna() & rows["measure"].isin(list(page.measures))], page.measures)
    titles = rows["measure"].map(lambda key: page.measures[key].title)
    return dict(zip(zip(titles, rows["period"], strict=True), rows["value_status"], strict=True))


@section
def year_table(page: Page) -> Shows:
    """One row a year: each outcome beside each line of spend, in cash."""
    if not years(page):
        return own_page.outcomes_table(page)
    frame = pd.DataFrame({"year": years(page)})
    columns: dict[str, Any] = {"year": "Year"}
    for place, (what, mine) in enumerate(by_year(page).groupby("what", sort=False)):
        column = f"outcome_{place}"
        frame[column] = frame["year"].map(mine.set_index("period")["value"]).astype("Float64")
        frame[f"{column}_status"] = _statuses(page, pd.Series([what] * len(frame)), frame["year"], frame[column])
        columns[column] = Column(name=column, label=f"{what} (%)", kind="number", decimals=1)
    for place, (what, mine) in enumerate(spend_by_year(page).groupby("what", sort=False)):
        column = f"spend_{place}_pence"
        frame[column] = frame["year"].map(mine.set_index("year")["pence"]).astype("Int64")
        columns[column] = Column(
            name=column, label=f"{what} (£, cash)", kind="pence", decimals=0, missing=outcomes.NONE
        )
    keys = tuple(dict.fromkeys(by_year(page)["measure"]))
    tables = tuple(dict.fromkeys(spend_by_year(page)["table"]))
    shown = Computed(frame=frame, of=(page.released,), how="released figures and spend lines by year")
    said = [_beside(page, shown)]
    return Told.of(Table(
        shown,
        title="Outcomes beside spend, by year",
        caption="As they are recorded, year by year, and no ratio is made of them.",
        source=showing.source_words(page, *tables, measures=keys), columns=columns, measures=keys, sources=showing.sources_of(page, *tables),
        declared=(*years(page), *(page.measures[key].title for key in keys), WHOLE), id="outcomes",
    ), found=said)  # fmt: skip


def _beside(page: Page, shown: Computed) -> Finding:
    """How many of those supported the outcomes are of, where that is known; and that nothing is compared."""
    row = _reviewed_row(page)
    says = "Nothing here is compared with another place, or with what would have been."
    declared: tuple[Any, ...] = ()
    if row is not None:
        says = (
            f"{row['numerator']:,.0f} of {row['denominator']:,.0f} people supported had a planned review in {row['period']}: "
            f"outcomes agreed at reviews are of them alone. {says}"
        )
        declared = (float(row["numerator"]), float(row["denominator"]), str(row["period"]))
    return saying.finding(page, says, "described", shown, "outcomes", declared=declared)


def _coverage(page: Page) -> pd.DataFrame:
    return _coverage_of(page, years(page))


def _coverage_of(page: Page, years: Any) -> pd.DataFrame:
    """What Client Level Data covers of some years; empty where none is here."""
    frame = page.study.published("coverage")
    return frame[frame["year"].isin(list(years))] if len(frame) else frame


def _outcome_words(page: Page, keys: tuple[str, ...]) -> list[str]:
    # A level is of every place; what the pilot changed, which the pilot's own page tells, is of those that started.
    everywhere = " in every place, started or not" if figures.effects(page).estimates else ""
    said = [f"Of each hundred counted{everywhere}, with the range in which the true share probably lies."]
    said += [
        f"{one.year} is covered for {one.months} of 12 months."
        for one in _coverage(page).itertuples()
        if one.months < 12
    ]
    if any(series_break(page.study, key) for key in keys):
        said.append("A series breaks: see the findings about the data. No change is claimed across a break.")
    if set(keys) & set(page.pilot.published_measures):
        said += successions.said(page.study.area, list(by_year(page)["period"]))
    return said


def _part_numbers(page: Page) -> tuple[int | str, ...]:
    held = _coverage(page)
    whole = [int(one["months"]) for one in page.study.record.get("payments_whole") or []]
    return (
        12,
        *(held["months"].tolist() if len(held) else []),
        *(held["months_at_own_prices"].tolist() if len(held) else []),
        *whole,
        *(one.year for one in successions.every() if one.successor == page.study.area),
    )


def _spend_words(page: Page) -> list[str]:
    said = [f"Real terms, by HM Treasury's GDP deflator, in {page.pilot.price_base} prices."]
    held = _coverage(page)
    if len(held) and "packages" in set(spend_by_year(page)["table"]):
        own = ", ".join(f"{one.months_at_own_prices} of {one.months} months of {one.year}" for one in held.itertuples())
        said.append(
            "Costs of support are planned and gross, and are no payments. Councils send the latest price: "
            f"{own} stand at prices of their own time and the others at later prices, so no change in cost is claimed."
        )
    held = spend_by_year(page)
    said += successions.said(page.study.area, list(held.loc[held["table"].eq("area_spend"), "year"]))
    said += _recorded_anew(page)
    whole = _whole(page)
    if len(whole):
        part = [f"{one.year}: {one.months}" for one in whole.itertuples() if one.months < 12]
        said.append(
            "Payments are all that the file of payments holds: which of them are for this service is not said. The file holds a part of what "
            "the council pays, and people's packages come from another file, so payments may be the smaller sum."
            + (f" Months of 12 with a payment: {', '.join(part)}." if part else "")
        )
    return said


def _recorded_anew(page: Page) -> list[str]:
    """Why spend on people's packages may move sharply: the number of people recorded did."""
    chosen = first_outcome(page)
    if chosen is None or "packages" not in set(spend_by_year(page)["table"]):
        return []
    rows = rows_of(page, chosen)
    rows = rows[rows["period"].isin(years(page))]
    return anew_words(rows, people_counted_anew(rows))


def _reviewed_row(page: Page) -> pd.Series | None:
    key = f"{page.pilot.name}_planned_review"
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = rows[(rows["measure"] == key) & rows["value"].notna() & rows["period"].isin(years(page))]
    return rows.sort_values("period").iloc[-1] if len(rows) else None


def _range(row: pd.Series) -> str:
    if pd.isna(row["lower"]):
        return ""
    return f", range {words.number(row['lower'], 1)} to {words.number(row['upper'], 1)}"


def _real(one: dict[str, Any], base: str, figures: int) -> int | None:
    try:
        exact = round(money.real_terms(int(one["pence"]), one["year"], base))
        return exact if one["public"] else int(significant([exact], figures)[0])
    except (ValueError, KeyError):
        return None
