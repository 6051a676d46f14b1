"""Outcome and real spend by year: the mission in one picture."""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import charting, figures, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import telling
from commissioning.sections.pictures.telling import COUNTED_ANEW
from commissioning.study import outcomes
from commissioning.study.breaks import break_years


def first_outcome(page: Page, *, shares: bool = True) -> Measure | None:
    """The first primary outcome of which any year of the page's own place may be shown; None where there is none."""
    rows = telling.study_of(page).outcomes()
    known = set(rows.loc[rows["value"].notna(), "measure"])
    held = [
        one for key, one in figures.primary(page).items() if key in known and (telling.is_percent(one) or not shares)
    ]
    return next(iter(held), None)


def rows_of(page: Page, measure: Measure) -> pd.DataFrame:
    """A row a year: the outcome with its limits, its people, their spend in cash and real terms, and real spend a person."""
    frame = pd.DataFrame(telling.study_of(page).outcomes_against_spend())
    rows = _every_year(frame[frame["measure"].eq(measure.id) & frame["period"].le(page.period[:7])])
    each = [
        telling.each(pence, people) if measure.spend_scope == "purpose" else None
        for pence, people in zip(rows["real_pence"], rows["people"], strict=True)
    ]
    return rows.assign(each_pence=pd.array(each, dtype="Float64").astype("Int64")).reset_index(drop=True)


def _every_year(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in order, with one for each year between them of which nothing is recorded: a gap is shown as one."""
    if rows.empty:
        return rows
    firsts = range(int(rows["period"].min()[:4]), int(rows["period"].max()[:4]) + 1)
    made = (
        rows.set_index("period").reindex([f"{first}-{(first + 1) % 100:02d}" for first in firsts]).rename_axis("period")
    )
    return made.assign(status=made["status"].astype(object).fillna(outcomes.NONE)).reset_index()


def people_counted_anew(rows: pd.DataFrame) -> list[str]:
    """Years in which the number of people moves by a quarter or more from the year before."""
    people = rows.set_index("period")["people"].dropna().astype(float)
    moved = (people / people.shift() - 1).abs()
    return [str(one) for one in moved.index[moved.ge(COUNTED_ANEW)]]


def since(rows: pd.DataFrame, breaks: list[str]) -> pd.DataFrame:
    """The years since the last break, which alone are set beside one another."""
    held = [one for one in breaks if one in set(rows["period"])]
    return rows[rows["period"].ge(max(held))] if held else rows


@section
def outcomes_and_spend(page: Page, measure: str = "") -> Shows:
    """An outcome with its limits, and under it what was spent on those people in real terms, on the same years.

    `measure`: which outcome; the first primary one where none is named. Spend is for each person where people are counted once.
    """
    chosen = page.measures[measure] if measure else first_outcome(page)
    if chosen is None:
        return Note(f"No outcome is known for {page.place}: unknown, and not nothing.")
    rows = rows_of(page, chosen)
    known = rows[rows["value"].notna()]
    if known.empty:
        return Note(f"{chosen.title}: no year of it may be shown for {page.place}.")
    a_person = rows["each_pence"].notna().any()
    spend = "each_pence" if a_person else "real_pence"
    breaks = sorted({*break_years(page.study, chosen.id, page.period), *charting.known_breaks(page, chosen)})
    shown = set(rows["period"].astype(str))
    breaks = [
        one for one in breaks if one[:7] in shown
    ]  # the pilot's file may name breaks of years that no extract holds
    anew = people_counted_anew(rows)
    first = charting.start_of(page)[:4]
    before = f"{int(first) - 1}-{first[2:]}" if first else ""
    says = sentence(rows, chosen, breaks, [] if a_person else anew, spend, page.pilot.price_base, before)
    what = "Spend a person" if a_person else "Spend"
    evidence = f"outcome-and-spend-{words.slug(chosen.id)}"
    keep = ["period", "value", "lower", "upper", "each_pence", "people", "spend_pence", "real_pence"]
    keep = [one for one in keep if one in ("period", "value", "lower", "upper") or rows[one].notna().any()]
    labels = {
        "period": "Year", "value": Column(name="value", label="Outcome (%)" if telling.is_percent(chosen) else "Outcome", decimals=1),
        "lower": Column(name="lower", label="Lower limit", decimals=1), "upper": Column(name="upper", label="Upper limit", decimals=1),
        "each_pence": Column(name="each_pence", label=f"Spend a person (£, {page.pilot.price_base} prices)", kind="pence", decimals=0),
        "people": Column(name="people", label="Different people", decimals=0),
        "spend_pence": Column(name="spend_pence", label="Spend (£, cash)", kind="pence", decimals=0),
        "real_pence": Column(name="real_pence", label=f"Spend (£, {page.pilot.price_base} prices)", kind="pence", decimals=0),
    }  # fmt: skip
    held = rows[spend].notna().any() if spend in rows else False
    if not held:
        return _outcome_alone(page, chosen, rows, evidence, says, labels)
    frame = rows[[*keep, "status"]].rename(columns={"status": "value_status"})
    chart = Chart.of(
        Computed(frame=frame, of=(page.released,), how="released outcomes and spend lines by year"),
        "outcomes_and_spend",
        roles={"x": "period", "y": "value", "lower": "lower", "upper": "upper", "spend": spend},
        options={
            "start": charting.start_of(page)[:7] or None, "start_words": "First start", "breaks": breaks,
            "spend_breaks": [] if a_person else anew, "spend_unit": f"{what}, {page.pilot.price_base} prices",
        },
        columns={one: labels[one] for one in keep},
        title=says, alt=_alt(known, rows, chosen, spend), caption=_caption(rows, chosen, breaks, anew),
        source=showing.source_words(page, *_money_tables(page), measures=(chosen.id,)), unit=chosen.unit, measures=(chosen.id,),
        sources=showing.sources_of(page, *_money_tables(page)),
        declared=(chosen.title, page.pilot.price_base, page.pilot.area_name, *rows["period"], *rows["line"].dropna().unique()),
        id=evidence,
    )  # fmt: skip
    return Told.of(chart, found=_finding(page, chosen, frame, says, evidence))


def in_place_of(page: Page, *why: Display | Told) -> list[Display | Told]:
    """What stands where a change cannot be drawn: why, and the levels by year, which may be. Nothing but why where none is known."""
    levels = Told.of(outcomes_and_spend(page))
    return [*why, *([levels] if any(one.kind == "chart" for one in levels.displays) else [])]


def _money_tables(page: Page) -> tuple[str, ...]:
    return tuple(figures.spend(page).tables)


def _outcome_alone(page: Page, measure: Measure, rows: pd.DataFrame, id: str, says: str, labels: dict) -> Told:  # type: ignore[type-arg]
    """The outcome by year where no spend of those people is known, which is said."""
    frame = rows[["period", "value", "lower", "upper", "status"]].rename(columns={"status": "value_status"})
    known = rows[rows["value"].notna()]
    last = known.iloc[-1]
    chart = Chart.line(
        Computed(frame=frame, of=(page.released,), how="released outcomes by year"),
        lower="lower", upper="upper",
        columns={one: labels[one] for one in ("period", "value", "lower", "upper")},
        title=says, alt=f"A line over the years. In {last['period']} the outcome stands at {telling.with_range(last, measure)}.",
        caption="What was spent on these people is not known.",
        source=showing.source_words(page, measures=(measure.id,)), unit=measure.unit, measures=(measure.id,),
        declared=(measure.title, page.pilot.area_name, *rows["period"]), id=id,
    )  # fmt: skip
    return Told.of(chart, found=_finding(page, measure, frame, says, id))


def sentence(
    rows: pd.DataFrame, measure: Measure, breaks: list[str], anew: list[str], spend: str, base: str, before: str = ""
) -> str:
    """What happened to the outcome and to spend, since each was last counted anew, and from `before`, the year before the first
    start, where both years are known: as in the answer."""
    if before in set(rows.loc[rows["value"].notna() & rows[spend].notna(), "period"]):
        rows = rows[rows["period"].ge(before)]
    told = since(rows[rows["value"].notna()], breaks)
    says = f"{measure.title}: {telling.outcome(told, measure)}"
    paid = since(rows[rows[spend].notna()], anew)
    if paid.empty:
        return says
    first, last = paid.iloc[0], paid.iloc[-1]
    what = f"{'spend a person' if spend == 'each_pence' else 'spend'} in {base} prices"
    ends = (told.iloc[0]["period"], told.iloc[-1]["period"])
    if first["period"] == last["period"]:
        return f"{says}; {what} was {telling.pounds(last[spend])} in {last['period']}"
    when = "" if (first["period"], last["period"]) == ends else f" between {first['period']} and {last['period']}"
    return f"{says}, while {what} {telling.money(float(first[spend]), float(last[spend]))}{when}"


def _alt(known: pd.DataFrame, rows: pd.DataFrame, measure: Measure, spend: str) -> str:
    first, last = known.iloc[0], known.iloc[-1]
    paid = rows[rows[spend].notna()]
    said = "; ".join(f"{telling.pounds(one[spend])} in {one['period']}" for _, one in paid.iterrows())
    years = f"{telling.with_range(first, measure)} in {first['period']}"
    if first["period"] != last["period"]:
        years += f", {telling.with_range(last, measure)} in {last['period']}"
    return f"Two panels on the same years. Above, the outcome with its range: {years}. Below, what was spent: {said}."


def anew_words(rows: pd.DataFrame, anew: list[str]) -> list[str]:
    """How sharply the number of people recorded moved, and in which years; nothing where it did not."""
    if not anew:
        return []
    before = rows.set_index("period")["people"].shift()
    moves = "; ".join(
        f"{one['period']}, from {before[one['period']]:,.0f} to {one['people']:,.0f}"
        for _, one in rows[rows["period"].isin(anew)].iterrows()
    )
    return [f"The number of people recorded moves sharply in {moves}: whole spend is not compared across that."]


def _caption(rows: pd.DataFrame, measure: Measure, breaks: list[str], anew: list[str]) -> str:
    said = ["The range is where the true figure probably lies."]
    if measure.spend_scope == "purpose":
        said.append(
            "Spend is that of the people whom the outcome is about. It is divided by all of them, each counted once, with or without a known result, and never by outcomes."
        )
        if measure.table == "supported":
            said.append(
                "So it is less than the spend for each who gained, which the answer tells, and than for each with a known result, by programme."
            )
    else:
        said.append("Spend is shared with other purposes, so it stands beside the outcome and is divided by nothing.")
    said += (
        [f"Counting of the outcome changed in {', '.join(breaks)}: nothing is compared across it."] if breaks else []
    )
    return " ".join([*said, *anew_words(rows, anew)])


def _finding(page: Page, measure: Measure, frame: pd.DataFrame, says: str, evidence: str) -> list[Finding]:
    moved = any(one in says for one in telling.MOVED)
    return [
        telling.found(
            page, f"{says}. {telling.OTHERS if moved else telling.NOT_WHY}", "compared" if moved else "described",
            frame, evidence, measure=measure.id, declared=(page.pilot.price_base, *frame["period"]),
        )
    ]  # fmt: skip
