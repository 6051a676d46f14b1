"""What the pilot changed: places that started beside those that had not, every outcome's change, and the change as a hundred people."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.drawing import SINCE
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import evaluation, figures, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import by_year, telling
from commissioning.study.worked_out import Shown

STARTED, WAITING, CHANGE = "Where the pilot started", "Where it had not", "Change beside those not yet started"
ARMS = {"started": STARTED, "not started": WAITING}
UNCLEAR = "with no clear change"
ORDER = {"attributable": 0, "compared": 1, "described": 2, "recorded": 3}


def firmest(page: Page) -> list[Shown]:
    """Effects, those that may be said most firmly first, and those that may not be shown last."""
    made = figures.effects(page).estimates
    return sorted(made, key=lambda one: (one.summary.estimate is None, ORDER.get(one.summary.claim, 9)))


@section
def started_and_not(page: Page, measure: str = "") -> Shows:
    """Places that started beside places that had not, with the starts marked; under it the change by years since the start.

    `measure`: which outcome; the one that may be said most firmly where none is named.
    """
    effects = telling.study_of(page).effects()
    trends, by_lag = pd.DataFrame(effects.trends()), pd.DataFrame(effects.event_study())
    held = set(trends["measure"])
    shown = next((one for one in firmest(page) if one.measure.id in held and measure in ("", one.measure.id)), None)
    if shown is None:
        why = (
            figures.effects(page).why_none
            or effects.trends().why
            or "No outcome is known of single places, year by year."
        )
        return Told.of(by_year.in_place_of(page, Note(why)))
    mine, lags = (one[one["measure"].eq(shown.measure.id)] for one in (trends, by_lag))
    levels = mine.assign(arm=mine["arm"].map(ARMS), **{SINCE: ""})
    changes = lags.rename(columns={"estimate": "value"}).assign(
        arm=CHANGE, period="", **{SINCE: lags["periods_since"].map(lambda one: f"{int(one):+d}" if one else "0")}
    )
    names = ["arm", "period", SINCE, "value", "lower", "upper"]
    frame = pd.concat([levels[names], changes[names]], ignore_index=True)
    frame["value_status"] = frame["value"].isna().map({True: "not shown", False: ""})
    for one in ("lower", "upper"):
        frame[f"{one}_status"] = frame[one].isna().map({True: "no range", False: ""})
    said = {arm: telling.outcome(mine[mine["arm"].eq(arm)], shown.measure) for arm in ARMS}
    whole = f"In the whole of {page.area_name}. " if page.group else ""
    return Chart.of(
        Computed(frame=frame, of=(page.released, shown.summary), how="released yearly figures of places, put together"),
        "started_and_not",
        roles={"x": "period", "y": "value", "arm": "arm", "lower": "lower", "upper": "upper", SINCE: SINCE},
        options={"marks": _starts(page, sorted(set(mine["period"])))},
        columns={
            "arm": "Where", "period": "Year", SINCE: "Years since the start",
            **{key: Column(name=key, label=label, decimals=1) for key, label in (("value", "Value"), ("lower", "Lower limit"), ("upper", "Upper limit"))},
        },
        title=_beside_words(shown, said),
        alt=f"Two lines by year, of places that started and of places that had not; under them the change by years since the start. {_lag_words(lags)}",
        caption=f"{whole}{shown.summary.compared} Places whose figure may be shown in every year. Before the start the change should stand about "
        "nothing; years before it are open points, and below zero years are before the start.",
        source=showing.source_words(page, measures=(shown.measure.id,)), unit=shown.measure.unit, measures=(shown.measure.id,),
        declared=(shown.measure.title, page.pilot.area_name, shown.measure.per, *(_amounts(shown) if shown.summary.estimate is not None else ()), *(shown.numbers or ()), *mine["period"], *_numbers(shown, page)),
        id=f"started-and-not-{words.slug(shown.measure.id)}",
    )  # fmt: skip


def _beside_words(shown: Shown, said: dict[str, str]) -> str:
    """The change that the answer tells, before how each line moved on its own: they are about two things, and may seem to disagree."""
    apart = f"where the pilot started: {said['started']}; where it had not: {said['not started']}"
    if shown.summary.estimate is None:
        return f"{shown.measure.title}. {apart[:1].upper()}{apart[1:]}"
    change, low, high = (words.number(one, 0 if float(one).is_integer() else 1) for one in _amounts(shown))
    each = f" in every {shown.measure.per}" if shown.measure.per > 1 else f" ({shown.measure.unit})"
    if all(one.endswith(UNCLEAR) for one in said.values()):
        apart = "neither line moved beyond chance"
    return f"{shown.measure.title}: set beside each other, the change is {change}{each} ({low} to {high}); on its own, {apart}"


def _numbers(shown: Shown, page: Page) -> tuple[str, ...]:
    return (shown.summary.compared or "", *figures.effects(page).started)


def _starts(page: Page, years: list[str]) -> list[tuple[str, str]]:
    """How many places began in each year shown."""
    begun = pd.Series([one[:7] for one in figures.effects(page).started], dtype=object).value_counts()
    held = [(year, int(begun[year])) for year in years if year in begun.index]
    return [(year, f"{number} {'began' if place == 0 else 'more'}") for place, (year, number) in enumerate(held)]


def _lag_words(lags: pd.DataFrame) -> str:
    after = lags[lags["periods_since"].ge(0) & lags["estimate"].notna()]
    if after.empty:
        return "No change since the start may be shown."
    last = after.iloc[-1]
    when = (
        "In the year of the start"
        if not last["periods_since"]
        else f"{int(last['periods_since'])} years after the start"
    )
    when = when.replace("1 years", "1 year")
    return f"{when} the change is {words.number(last['estimate'], 1)} points."


@section
def effects(page: Page) -> Shows:
    """Every outcome's change beside the comparison: a point with its range, or an empty row with the reason why there is none."""
    made = figures.effects(page).estimates
    if not made:
        return Note(figures.effects(page).why_none)
    rows = [
        {"title": one.measure.title, "estimate": one.summary.estimate, "lower": one.summary.lower, "upper": one.summary.upper,
         "claim": one.summary.claim, "worth": _worthwhile(page, one.measure), "reason": _first(one.summary.withheld or one.why_not or "")}
        for one in made
    ]  # fmt: skip
    frame = pd.DataFrame(rows).astype({"estimate": "Float64", "lower": "Float64", "upper": "Float64"})
    banded = bool(frame["worth"].any())
    better, worse, unclear, untold = (_having(made, side) for side in ("better", "worse", "unclear", ""))
    beside = "Beside places that had not started" if any(one.compared for one in made) else "Beside the comparison"
    parts = [
        f"{len(better)} of {len(made)} outcomes changed for the better" if better else f"none of {len(made)} outcomes clearly changed for the better",
        f"{len(worse)} for the worse" if worse else "",
        f"{len(unclear)} show{'s' if len(unclear) == 1 else ''} no clear change" if unclear else "",
        f"of {len(untold)} nothing may be said" if untold else "",
    ]  # fmt: skip
    *most, last = (one for one in parts if one)
    says = f"{beside}, {', '.join(most)}{' and ' if most else ''}{last}"
    ids = tuple(one.measure.id for one in made)
    told = "; ".join(f"{one.measure.title}: {_change(one)}" for one in made if one.summary.estimate is not None)
    chart = Chart.of(
        Computed(frame=frame, of=tuple(one.summary for one in made), how="the effects and what may be said of each"),
        "effects",
        roles={"x": "title", "y": "estimate", "lower": "lower", "upper": "upper", "claim": "claim", "withheld": "reason"}
        | ({"worthwhile": "worth"} if banded else {}),
        columns={
            "title": "Outcome",
            **{key: Column(name=key, label=label, decimals=1, missing="not shown") for key, label in
               (("estimate", "Change (points)"), ("lower", "Lower limit"), ("upper", "Upper limit"))},
            "claim": "How firmly", "reason": "Why it is not shown",
            **({"worth": Column(name="worth", label="Smallest change worth having", decimals=1)} if banded else {}),
        },
        title=says,
        alt=f"A row for each outcome, with a point and its range, or the reason why there is none. {told}".strip(),
        caption=f"{'For the whole area. ' if page.group else ''}Points of each hundred counted. A range that leaves out no change supports one. "
        f"{'Within the grey band a change is smaller than was agreed to be worth having. ' if banded else ''}A full point may be put down to the pilot; an open one may not.",
        source=showing.source_words(page, measures=ids), unit="points", measures=ids,
        declared=(0, len(made), len(better), len(worse), len(unclear), len(untold), *(one.measure.title for one in made),
                  *(one.measure.per for one in made), page.pilot.area_name), id="effects-chart",
    )  # fmt: skip
    return Told.of(chart, found=evaluation.effect_findings(page))


def _first(reason: str) -> str:
    """The first sentence of a reason, without what stands in brackets; the annex has the whole."""
    said = re.split(r"(?<=[.!?]) ", reason)[0]
    return re.sub(r" \(p [^)]*\)", "", said)


def _worthwhile(page: Page, measure: Measure) -> float:
    """The smallest change agreed to be worth having, in the measure's unit; 0 where none is."""
    agreed = {one.measure: one.worthwhile_change for one in page.pilot.floors}
    return agreed.get(measure.id, page.pilot.design.minimum_worthwhile_change if page.pilot.design is not None else 0.0)


def _having(made: Any, side: str) -> list[Shown]:
    """Effects whose whole range lies on the better or the worse side of no change; unclear ones; or those not shown ("")."""
    found = []
    for one in made:
        shown = one.summary
        if shown.estimate is None or shown.lower is None or shown.upper is None:
            mine = ""
        elif shown.lower <= 0 <= shown.upper or one.measure.better == "neutral":
            mine = "unclear"
        else:
            mine = "better" if (shown.lower > 0) == (one.measure.better == "higher") else "worse"
        found += [one] if mine == side else []
    return found


def _change(one: Shown) -> str:
    estimate, low, high = (words.number(each, 1) for each in _amounts(one))
    return f"{estimate} points ({low} to {high})"


def _amounts(one: Shown) -> tuple[float, float, float]:
    """The change of an effect that may be shown, with its limits."""
    shown = one.summary
    assert shown.estimate is not None and shown.lower is not None and shown.upper is not None
    return shown.estimate, shown.lower, shown.upper


@section
def hundred_people(page: Page) -> Shows:
    """The firmest change as a hundred people, without and with the pilot, in the places that started."""
    for one in firmest(page):
        if one.summary.claim in ("attributable", "compared") and (found := of_a_hundred(page, one)) is not None:
            return _hundred(page, one, *found)
    return Note("No change may be shown as a hundred people: none may be said of places whose own level is known.")


def of_a_hundred(page: Page, one: Shown) -> tuple[int, int, str] | None:
    """Of a hundred where the pilot started, of how many it is true without and with it, and when; None where that is not known."""
    if one.summary.estimate is None or one.summary.lower is None or one.measure.per != 100:
        return None
    trends = pd.DataFrame(telling.study_of(page).effects().trends())
    mine = trends[trends["measure"].eq(one.measure.id) & trends["arm"].eq("started")].sort_values("period")
    if mine.empty:
        return None
    level = mine.iloc[-1]
    now = round(level["value"])
    return min(max(now - round(one.summary.estimate), 0), 100), now, str(level["period"])


def _hundred(page: Page, one: Shown, without: int, now: int, period: str) -> Chart:
    change, (_, low, high) = now - without, _amounts(one)
    firm = one.summary.claim == "attributable"
    names = (
        ("Without the pilot", "With the pilot")
        if firm
        else ("As it moved where the pilot had not started", "Where the pilot started")
    )
    frame = pd.DataFrame({"group": names, "count": [without, now]})
    counted = one.measure.unit.removeprefix("% of ")
    said = "as many as" if now == without else f"{abs(change)} {'more' if change > 0 else 'fewer'} than"
    return Chart.of(
        Computed(frame=frame.assign(change=[0, abs(change)]), of=(page.released, one.summary), how="the level where the pilot started, and that less the change"),
        "hundred_people",
        roles={"name": "group", "count": "count"},
        options={"words": "Of these it is true"},
        columns={"group": "Where", "count": "In every 100", "change": "Change"},
        title=f"{one.measure.title}: {now} in every 100 with the pilot, {said} the {without} without it" if firm
        else f"{one.measure.title}: {now} in every 100 where the pilot started, {said} the {without} expected",
        alt=f"Two pictures of 100 each. {names[0]}: {without} are filled in. {names[1]}: {now} are filled in.",
        caption=f"Of every 100 {counted}, in places that had started by {period}. The change may lie between "
        f"{low:g} and {high:g}.{page.of_the_whole}",
        source=showing.source_words(page, measures=(one.measure.id,)), measures=(one.measure.id,),
        declared=(100, period, one.measure.title, low, high, page.pilot.area_name),
        id="hundred-people",
    )  # fmt: skip
