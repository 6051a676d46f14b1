"""Each locality as a tile, with its outcome and what is spent on a person there."""

from __future__ import annotations

import pandas as pd

from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import telling, units


@section
def localities(page: Page) -> Shows:
    """Each locality as a tile: its outcome with the range, and spend a person, where both may be shown."""
    kind = "locality"
    measure = units.measure_of(page, kind)
    if measure is None:
        return Note("No outcome of this service is known by locality.")
    frame = units.by_kind(page, measure, kind)
    frame = frame[frame["group"].ne("unknown")].sort_values("group", ignore_index=True)
    money = showing.broken_down(page, "packages_by_place", kind) if showing.holds(page, "packages") else pd.DataFrame()
    held = len(money) > 0
    if held:
        money = money.rename(columns={kind: "group"})[["group", "people", "pence", "pence_lower", "pence_upper"]]
        frame = units.with_each(frame.merge(money, on="group", how="left"), "people", page.study.policy.noise)
    whole = units.whole(page, measure)
    if whole is None:
        return Note("No outcome of the whole area is known, so no locality is set beside it.")
    side = [
        "above" if low > whole["upper"] else "below" if high < whole["lower"] else "about"
        for low, high in zip(frame["lower"].fillna(0), frame["upper"].fillna(1e9), strict=True)
    ]
    frame = frame.assign(side=side)
    frame["side"] = frame["side"].where(frame["value"].notna(), "")
    apart = {one: list(frame.loc[frame["side"].eq(one), "group"]) for one in ("above", "below")}
    parts = [
        f"{', '.join(names)} {'lies' if len(names) == 1 else 'lie'} clearly {one} the whole"
        for one, names in apart.items()
        if names
    ]
    says = " and ".join(parts) or f"none of {len(frame)} localities is told apart from the whole"
    spent = ""
    if held and frame["each_pence"].notna().sum() > 1:
        low, high = (frame.loc[getattr(frame["each_pence"].astype(float), way)()] for way in ("idxmin", "idxmax"))
        spent = f". Spend a person runs from {telling.pounds(low['each_pence'])} ({low['group']}) to {telling.pounds(high['each_pence'])} ({high['group']})"
        if low["each_upper_pence"] >= high["each_lower_pence"]:
            spent = ". Spend a person is not told apart between them"
    labels = {
        "group": "Locality",
        **{
            key: Column(name=key, label=label, decimals=0)
            for key, label in (("value", "Outcome (%)"), ("lower", "Lower limit"), ("upper", "Upper limit"))
        },
    }
    if held:
        labels |= {"each_pence": Column(name="each_pence", label="Spend a person (£, cash)", kind="pence", decimals=0), "pence": Column(name="pence", label="Spend (£, cash)", kind="pence", decimals=0),
                   "people": Column(name="people", label="People", decimals=0)}  # fmt: skip
    chart = Chart.of(
        Computed(frame=frame, of=(page.released,), how="released figures and spend by locality"),
        "tiles",
        roles={"name": "group", "y": "value", "lower": "lower", "upper": "upper", "side": "side", **({"spend": "each_pence"} if held else {})},
        options={"whole_words": f"{telling.level(whole['value'], measure)} of the whole"},
        columns=labels | {"side": "Beside the whole"},
        title=f"{measure.title}, by locality: {says}{spent}",
        alt="A tile for each locality. " + "; ".join(f"{one['group']}: {telling.with_range(one, measure)}" for _, one in frame[frame["value"].notna()].iterrows()) + ".",
        caption=f"{page.period[:7]}, spend in cash. The tiles are in the order of their names, and their size says nothing. Places differ in who lives there.{page.of_the_whole}",
        source=showing.source_words(page, *units.tables(page), measures=(measure.id,)), unit=measure.unit, measures=(measure.id,),
        declared=(page.period[:7], len(frame), measure.title, float(whole["value"]), *frame["group"]), id="localities",
    )  # fmt: skip
    numbers = frame[[one for one in ("group", "value", "lower", "upper", "each_pence") if one in frame]]
    said = telling.found(page, f"{measure.title}, {page.period[:7]}, by locality: {says}{spent}. {telling.OTHERS}", "compared", numbers, "localities",
                         measure=measure.id, declared=(len(frame),))  # fmt: skip
    return Told.of(chart, found=[said])
