"""Is it changing, and is anyone out of line? A control chart of each outcome, and a funnel of providers or places."""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import funnel as limits_of
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import charting, saying, showing, together
from commissioning.sections.charting import Drawn
from commissioning.sections.page import Page, Shows, Told, once, section
from commissioning.sections.pictures import by_year, units
from commissioning.study import groups

FUNNEL_KINDS = ("provider", "organisation", "ward", "department")
FEWEST = 5
BOTH = ("95", "99_8")


@section
def control(page: Page, measure: str = "") -> Shows:
    """One control chart an outcome, its baseline before the start, limits anew at breaks; or why there is none.

    `measure`: of this outcome alone. None is drawn of values that repeat, or of people counted again as they stand.
    """
    readings = {key: one for key, one in charting.readings(page).items() if measure in ("", key)}
    if not readings:
        why = showing.needs_extract(page, "reviews", "returns", for_what="A control chart (at least 12 quarters)")
        return why if measure else Told.of(by_year.in_place_of(page, why))
    charts = [
        Note(f"{page.measures[key].title}: no control chart is drawn, because {found}.") if isinstance(found, str) else _control(page, key, found)
        for key, found in readings.items()
    ]  # fmt: skip
    if not measure and not any(isinstance(one, Chart) for one in charts):
        return Told.of(by_year.in_place_of(page, *charts), found=together.found(page))
    return Told.of(charts, found=together.found(page))


def _control(page: Page, key: str, drawn: Drawn) -> Chart:
    measure, last = page.measures[key], drawn.frame.iloc[-1]
    shown = ["period", "value", "centre", "lower", "upper", "outside", "shift", "trend", "two_in_three", "rule"]
    floor = next((one.floor for one in page.pilot.floors if one.measure == key), None)
    return Chart.control(
        Computed(frame=drawn.frame[shown], of=(page.released,), how="XmR limits, before the start and since"),
        improvement=charting.IMPROVEMENT[measure.better],
        start=drawn.start or None,
        breaks=drawn.breaks,
        target=floor,
        target_label="The least agreed",
        title=f"{measure.title}: {_moved(drawn)}",
        alt=f"Quarterly points around an average of {words.number(last['centre'], 1)}{unit_of(measure)} in the last stretch of time. The last, "
        f"{last['period']}, is {words.number(last['value'], 1)}{unit_of(measure)}.",
        caption=f"{drawn.says} {drawn.stretches}".strip(),
        source=showing.source_words(page, measures=(key,)),
        unit=measure.unit.split(" of ")[0] if measure.unit.startswith("%") else measure.unit,
        measures=(key,),
        declared=(*drawn.frame["period"], measure.title, *drawn.numbers),
        id=f"control-{key.replace('_', '-')}",
    )  # fmt: skip


def _moved(drawn: Drawn) -> str:
    """What the quarters show, in a few words: points since the start beside the limits before it, else unusual points."""
    one = drawn.reading
    if one.since:
        sides = ((one.beyond_before_above, "above"), (one.beyond_before_below, "below"))
        beyond = " and ".join(f"{number} {'lies' if number == 1 else 'lie'} {side}" for number, side in sides if number)
        return f"of {one.since} quarters since the start in {drawn.start}, {beyond or 'none lies outside'}{' what was usual before' if beyond else ' what was usual before'}"
    if one.outside:
        return f"{one.outside} of {one.points} quarters {'is' if one.outside == 1 else 'are'} unusual"
    return f"none of {one.points} quarters is unusual"


@once
def funnel_rows(page: Page) -> tuple[Measure, str, pd.DataFrame] | None:
    """Providers (else places) of the first primary outcome with at least five to compare, with funnel limits; and what they are.

    Those too small to be named, which stand together, are no unit and are left out.
    """
    for measure in charting.wanted(page).values():
        for kind in FUNNEL_KINDS:
            rows = groups.split(page.released, measure, page.period, kinds=(kind,)).frame
            rows = rows[rows["numerator"].notna() & (pd.to_numeric(rows["denominator"]) > 0)]
            rows = rows[~rows["group"].str.contains(units.TOGETHER)].reset_index(drop=True)
            if len(rows) >= FEWEST:
                made = limits_of.proportion(rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float))
                limits = made.frame.reset_index(drop=True).drop(columns=["value", "size"])
                for level in BOTH:
                    for side in ("lower", "upper"):
                        limits[f"{side}_{level}"] = 100 * limits[f"overdispersed_{side}_{level}"]
                return measure, f"{groups.WORDS.get(kind, kind)}s", pd.concat([rows, limits], axis=1)
    return None


@section
def funnel(page: Page) -> Shows:
    """Are providers further apart than chance? Each is named where there is room; small ones swing most."""
    found = funnel_rows(page)
    if found is None:
        return Note("Fewer than five providers or places can be shown, so no funnel is drawn.")
    measure, what, frame = found
    outer, inner = outside(frame)
    says = funnel_words(outer, inner, len(frame))
    limits = {
        f"{side}_{level}": f"{side.capitalize()} {level.replace('_', '.')}% limit"
        for level in BOTH
        for side in ("lower", "upper")
    }
    named = list(frame.loc[_flag(frame), "group"])
    beyond = (
        f"{', '.join(named[:3])}{f' and {len(named) - 3} more' if len(named) > 3 else ''} {'lies' if len(named) == 1 else 'lie'} outside the outer limits"
        if named else "none lies outside the outer limits"
    )  # fmt: skip
    chart = Chart.funnel(
        Computed(frame=frame.assign(beyond=_flag(frame).map({True: "yes", False: "no"})), of=(page.released,), how="funnel limits from released counts"),
        flag="beyond",
        columns={
            "group": "Name", "denominator": "Out of", "value": "Value (%)",
            **{one: Column(name=one, label=label, decimals=1) for one, label in limits.items()}, "beyond": "Outside the outer limits",
        },
        lower_95="lower_95", upper_95="upper_95", lower_998="lower_99_8", upper_998="upper_99_8",
        x_label="How many were counted",
        title=f"{measure.title}: of {len(frame)} {what}, {beyond}",
        alt=f"Points against their size inside funnel-shaped limits. {says}",
        caption=f"{page.period}. Outside the 99.8% limits is further than chance allows; between them and the 95% limits chance alone puts some. Being "
        f"outside asks a question; it does not answer it. Those too small to be named are left out.{page.of_the_whole}",
        source=showing.source_words(page, measures=(measure.id,)), unit=measure.unit, measures=(measure.id,),
        declared=(outer, inner, len(frame), len(named) - 3, page.period, 95, "99.8", measure.title, *frame["group"]), id="funnel",
    )  # fmt: skip
    return Told.of(chart, found=funnel_finding(page))


def _flag(frame: pd.DataFrame) -> pd.Series:
    """Outside the 99.8 limits, overdispersion allowed for where that was worked out."""
    return frame["overdispersed_outside_99_8"].fillna(False).astype(bool)


def outside(frame: pd.DataFrame) -> tuple[int, int]:
    """How many lie outside the outer (99.8%) limits, and how many outside the inner (95%) ones: those that are drawn."""
    rate = frame["value"].astype(float).round(1)  # as drawn: in percent, to one decimal
    low, high = (frame[f"{side}_95"].astype(float).round(1) for side in ("lower", "upper"))
    return int(_flag(frame).sum()), int(((rate < low) | (rate > high) | _flag(frame)).sum())


def funnel_words(outer: int, inner: int, groups: int) -> str:
    """How many of a funnel's groups lie outside its limits: both pairs of lines that are drawn, each by name."""
    lie = "lies" if outer == 1 else "lie"
    by_chance = " Chance alone puts some there." if inner else ""
    return f"{outer} of {groups} groups {lie} outside the outer limits (99.8%), and {inner} outside the inner ones (95%).{by_chance}"


def funnel_finding(page: Page) -> list[Finding]:
    """How many lie outside each pair of limits; nothing where no funnel is drawn."""
    found = funnel_rows(page)
    if found is None:
        return []
    measure, _, frame = found
    outer, inner = outside(frame)
    counts = pd.DataFrame({"outer": [outer], "inner": [inner], "compared": [len(frame)]})
    return [
        saying.finding(
            page,
            f"Of “{measure.title}”{f' in the whole of {page.area_name}' if page.group else ''}, {funnel_words(outer, inner, len(frame))} Other "
            "reasons are possible.",
            "compared",
            Computed(frame=counts, of=(page.released,), how="groups outside the outer funnel limits"),
            "funnel",
            measure=measure.id,
            declared=(95, "99.8"),
        )
    ]


def unit_of(measure: Measure) -> str:
    """The unit as it stands after a number: "%", or in words."""
    return "%" if measure.unit.startswith("%") else f" {measure.unit}"
