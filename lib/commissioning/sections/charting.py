"""The control charts of a report: which outcomes, from which date their limits are set anew, and what they show."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import chart_reading
from commissioning.methods.chart_reading import Reading
from commissioning.sections.page import Page, once
from commissioning.study import outcomes


def charts(page: Page) -> dict[str, Drawn]:
    """The control charts that may be drawn."""
    return {key: one for key, one in readings(page).items() if not isinstance(one, str)}


IMPROVEMENT = {"higher": "increase", "lower": "decrease", "neutral": "neutral"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """One control chart: `frame` has a row a quarter (as `control_chart.xmr`, with `period`), `reading` what it shows."""

    frame: pd.DataFrame
    reading: Reading
    start: str
    breaks: tuple[str, ...]

    @property
    def says(self) -> str:
        return chart_reading.says(self.reading, self.start)

    @property
    def stretches(self) -> str:
        """Where limits begin anew, in a sentence; "" where they are one."""
        at = [f"at the start in {self.start}"] if self.reading.since else []
        at += [f"in {one}, when counting is known to have changed" for one in self.breaks]
        return (
            f"Limits begin anew {' and '.join(at)}."
            if at
            else "No start is known within these quarters: the limits are of all of them."
        )

    @property
    def numbers(self) -> tuple[int | str, ...]:
        """The numbers of `says` and `stretches`."""
        one = self.reading
        beyond = one.beyond_before_above + one.beyond_before_below
        return (one.points, one.outside, one.before, one.since, beyond, one.beyond_before_above, one.beyond_before_below,
                self.start, *self.breaks)  # fmt: skip


def start_of(page: Page) -> str:
    """The first quarter in which any unit of the report's place joined the pilot; "" where nobody knows one.

    Of the whole area and of a provider, whose people live in many places, it is the first start of any unit.
    """
    design = page.pilot.design
    starts = page.study.published("starts")
    if design is None or starts.empty:
        return ""
    mine = starts[starts["unit_kind"].eq(design.unit) & starts["started"].ne("never")]
    if page.group is not None and page.group_kind == design.unit:
        mine = mine[mine["unit"].eq(page.group)]
    elif page.group is not None:
        within = _units_within(page, design.unit)
        mine = mine if within is None else mine[mine["unit"].isin(within)]
    return str(mine["started"].min()) if len(mine) else ""


def _units_within(page: Page, unit: str) -> list[str] | None:
    """The units that lie in the report's group, as the tables say; None where they do not."""
    lies = {(part, whole): of for part, whole, of in page.study.record["lies_in"]}
    of = lies.get((unit, page.group_kind))
    return None if of is None else [one for one, wider in of.items() if wider == page.group]


def known_breaks(page: Page, measure: Measure) -> tuple[str, ...]:
    """Years and quarters from which a measure is known to be counted in another way: as the pilot file says."""
    return tuple(sorted(one.at for one in page.pilot.breaks if not one.measures or measure.id in one.measures))


def wanted(page: Page) -> dict[str, Measure]:
    """Primary outcomes, and outcomes with a floor, of which there are rows."""
    held = set(page.study.record["measures"])
    keys = [key for key, one in page.outcome_measures.items() if one.primary]
    keys += [one.measure for one in page.pilot.floors]
    return {key: page.measures[key] for key in dict.fromkeys(keys) if key in held and key in page.measures}


def quarters(page: Page, measure: Measure) -> pd.DataFrame:
    """Released quarterly values of one measure for the report's group, up to its period, known ones only."""
    groups = [page.group] if page.group else None
    frame = outcomes.trend(
        page.released, measure, group_kind=page.group_kind, groups=groups, quarters=True
    ).frame  # fmt: skip
    frame = frame[frame["value"].notna()]
    last = page.period if outcomes.is_quarter(page.period) else f"{page.period} Q4"
    return frame[frame["period"].astype(str) <= last].reset_index(drop=True)


def is_state(measure: Measure) -> bool:
    """True where a quarter counts the same people as the one before, as they stand at its end."""
    return (
        measure.several_rows == "the latest" and measure.person is not None and measure.one_row_per == (measure.person,)
    )


@once
def readings(page: Page) -> dict[str, Drawn | str]:
    """Of each outcome that is wanted and has quarters: its control chart, or in words why there is none."""
    found: dict[str, Drawn | str] = {}
    start = start_of(page)
    for key, measure in wanted(page).items():
        series = quarters(page, measure)
        if series.empty:
            continue
        found[key] = _reading(measure, series, start, known_breaks(page, measure))
    return found


def _reading(measure: Measure, series: pd.DataFrame, start: str, breaks: tuple[str, ...]) -> Drawn | str:
    if is_state(measure):
        return (
            "each quarter counts the same people again, as they stand at its end. The points are not separate, and limits "
            "drawn from them would be too narrow"
        )
    values = pd.Series(series["value"].to_numpy(float), index=series["period"].astype(str))
    if why := chart_reading.unfit(values, [one[:7] for one in values.index]):
        return why
    within = tuple(one for one in breaks if values.index[0] < one <= values.index[-1])
    made = chart_reading.chart(
        values,
        start=start or None,
        breaks=within,
        improvement=IMPROVEMENT[measure.better],  # type: ignore[arg-type]
    )
    if isinstance(made, str):
        return made
    result, reading = made
    frame = result.frame.reset_index(drop=True).assign(period=values.index.to_numpy())
    return Drawn(frame=frame, reading=reading, start=start, breaks=within)
