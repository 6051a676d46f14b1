"""Spend a person against outcome, council by council: this one and its neighbours named."""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import ranks
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import telling

FEWEST = 3  # councils with both figures, below which none is drawn
NAMED = 5  # neighbours that stand with their names
ENGLAND = "England"


@section
def peers(page: Page, outcome: str = "") -> Shows:
    """Spend a person against one published outcome, every council: this one and its statistical neighbours named."""
    study = telling.study_of(page)
    keys = [outcome] if outcome else [one for one in page.pilot.published_measures if one in page.measures]
    for key in keys:
        every = pd.DataFrame(study.compare(key, "all"))
        every = (
            every[every["council"].ne(ENGLAND) & every["period"].le(page.period[:7] or "9999")] if len(every) else every
        )
        both = every[every["value"].notna() & every["spend_a_person_pence"].notna()] if len(every) else every
        years = [one for one in both["period"] if both[both["period"].eq(one)]["this_one"].any()] if len(both) else []
        if years and both["period"].eq(max(years)).sum() >= FEWEST:
            near = pd.DataFrame(study.compare(key, "neighbours"))
            return _peers(
                page,
                page.measures[key],
                both[both["period"].eq(max(years))],
                set(near["council"]) if len(near) else set(),
            )
    return Note(
        "No other council's spend and outcome are published here for one and the same year, so none stands beside this one."
    )


def _peers(page: Page, measure: Measure, rows: pd.DataFrame, near: set[str]) -> Told:
    rows = rows.drop_duplicates("council").reset_index(drop=True)
    frame = rows.assign(
        this_one=rows["this_one"].map({True: "yes", False: "no"}),
        near=[("yes" if one in near else "no") for one in rows["council"]],
    )
    mine, year = rows[rows["this_one"]].iloc[0], rows["period"].iloc[0]
    apart = (rows["spend_a_person_pence"].astype(float) - float(mine["spend_a_person_pence"])).abs()
    alike = rows.assign(apart=apart)[rows["council"].isin(near) & ~rows["this_one"]].sort_values("apart", kind="stable")
    names = list(alike["council"].head(NAMED))
    frame = frame.assign(named=[("yes" if one in names else "no") for one in rows["council"]])
    spend, middle = rows["spend_a_person_pence"].astype(float).median(), rows["value"].astype(float).median()
    more = (
        "more"
        if mine["spend_a_person_pence"] > spend
        else "less"
        if mine["spend_a_person_pence"] < spend
        else "the same"
    )
    higher = "higher" if mine["value"] > middle else "lower" if mine["value"] < middle else "the same"
    ends = (
        f"{telling.pounds(mine['spend_a_person_pence'])} beside {telling.pounds(spend)}",
        f"{words.number(mine['value'], 1)}% beside {words.number(middle, 1)}%" if telling.is_percent(measure)
        else f"{words.number(mine['value'], 1)} beside {words.number(middle, 1)}",
    )  # fmt: skip
    says = (
        f"{mine['council']} spends {more} a person than the middle of {len(rows)} councils ({ends[0]}) and its outcome is {higher} ({ends[1]})"
    ).replace("the same a person than", "the same a person as")
    rank = _rank(rows, measure)
    chart = Chart.of(
        Computed(frame=frame, of=(page.released,), how="published figures of every council"),
        "spend_against_outcome",
        roles={"x": "spend_a_person_pence", "y": "value", "name": "council", "this": "this_one", "neighbour": "near", "named": "named"},
        options={"better": measure.better if measure.better != "neutral" else "higher", "x_label": "Spend a person"},
        columns={"council": "Council", "spend_a_person_pence": Column(name="spend_a_person_pence", label="Spend a person (£)", kind="pence", decimals=0),
                 "value": Column(name="value", label="Outcome", decimals=1), "this_one": "This council", "near": "Neighbour", "named": "Named in the picture"},
        title=f"{measure.title}, {year}: {says}",
        alt=f"A point for each of {len(rows)} councils, spend across and outcome up. {says}. Named beside it: {', '.join(names) or 'none'}.",
        caption="Long-term support as each council returned it, for each person whom the outcome is out of. The lines stand at the middle "
        f"council. Of its statistical neighbours those are named that spend most nearly the same. {rank} A place in a corner asks a question: it is no estimate of value for money.{page.of_the_whole}",
        source=showing.source_words(page, "indicators", "area_spend", measures=(measure.id,)), unit=measure.unit, measures=(measure.id,),
        sources=showing.sources_of(page, "indicators", "area_spend", "other_councils_spend", "neighbours"),
        declared=(len(rows), year, measure.title, rank, *rows["council"], float(round(spend)) / 100, float(middle)), id=f"peers-{words.slug(measure.id)}",
    )  # fmt: skip
    middles = pd.DataFrame(
        {"council": ["the middle council"], "spend_a_person_pence": [round(spend)], "value": [middle]}
    )
    numbers = pd.concat([rows[rows["this_one"]][list(middles)], middles], ignore_index=True).astype(
        {"spend_a_person_pence": "Int64"}
    )
    said = telling.found(
        page, f"{measure.title}, {year}: {says}. {rank} {telling.OTHERS}", "compared", numbers, f"peers-{words.slug(measure.id)}",
        measure=measure.id, declared=(len(rows), year, rank),
    )  # fmt: skip
    return Told.of(chart, found=[said])


def _rank(rows: pd.DataFrame, measure: Measure) -> str:
    """Where this council's outcome ranks, and how far that may be chance: a rank without it invites a league table."""
    known = rows[rows["people"].astype(float).gt(0) & rows["value"].between(0, measure.per)].reset_index(drop=True)
    if (
        measure.better == "neutral"
        or not telling.is_percent(measure)
        or not known["this_one"].any()
        or len(known) < FEWEST
    ):
        return ""
    found = ranks.rank_of(
        known["value"].to_numpy(dtype=float) / measure.per,
        known["people"].to_numpy(dtype=float),
        int(known.index[known["this_one"]][0]),
        higher_is_better=measure.better == "higher",
    )
    if found.lower == found.upper:
        return f"By outcome it ranks {found.place} of {found.of}."
    return f"By outcome it ranks {found.place} of {found.of}; chance alone could make that any place from {found.lower} to {found.upper}."
