"""Whose money it is, from the whole to the council's own; and similar need at different cost."""

from __future__ import annotations

import pandas as pd

from commissioning.measures.breakdowns_of_people import BANDS, CHARGES, COUNCIL, NHS, THIRDS, UNSAID
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import figures, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import telling
from commissioning.study import broken_down

LESS = {NHS: "The NHS pays", CHARGES: "People pay in charges"}
NET = "The council pays"
WIDE = ("all", "locality")


@section
def waterfall(page: Page) -> Shows:
    """From the whole cost of support to what the council pays, by payer: from the packages here, else from the published return."""
    rows = _of_packages(page)
    if rows is not None:
        return _drawn(page, rows, page.period[:7], "Support in people's packages", ("packages",), public=False)
    bridge = figures.spend(page).bridge
    if bridge is None:
        return Note(
            "Whose money it is is not known: neither packages with who pays for them nor the published return PSS EX1 is here."
        )
    steps = _with_totals(bridge.rename(columns={"pence": "amount_pence"})[["line", "amount_pence"]])
    return _drawn(
        page, steps, figures.spend(page).bridge_year, "Long-term support, ages 18 to 64", ("area_spend",), public=True
    )


def _with_totals(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of a return that move anything, with "yes" for those that are what the lines so far come to."""
    rows: list[dict[str, object]] = []
    level = 0
    for line, pence in zip(lines["line"], lines["amount_pence"], strict=True):
        whole = not rows or int(pence) == level
        level = int(pence) if whole else level + int(pence)
        if pence:
            called = f"{str(line)[:1].upper()}{str(line)[1:]}"
            rows.append({"line": called, "amount_pence": int(pence), "total": "yes" if whole else "no"})
    return pd.DataFrame(rows).astype({"amount_pence": "Int64"})


def _of_packages(page: Page) -> pd.DataFrame | None:
    """The parts of what packages cost as steps; None where any of them may not be shown, for then the others would tell it."""
    if not showing.holds(page, "packages") or page.group_kind not in WIDE:
        return None
    parts = showing.broken_down(page, "purse", "whose", where=showing.locality_of(page))
    if parts.empty:
        return None
    if UNSAID in set(parts["whose"]):
        return None  # what is not said to be anybody's is no part of the picture, and the whole would be too much
    pence = parts.set_index("whose")["pence"].reindex([COUNCIL, *LESS])
    if pence.isna().any():
        return None
    whole = _whole_of(page) or float(pence.sum())
    steps = [("All that it costs", whole, "yes")]
    steps += [(says, -float(pence[whose]), "no") for whose, says in LESS.items()]
    rest = float(pence.sum()) - whole
    steps += [("Rounding of what is shown", rest, "no")] if rest else []
    steps += [(NET, float(pence[COUNCIL]), "yes")]
    frame = pd.DataFrame(steps, columns=["line", "amount_pence", "total"])
    return frame.assign(amount_pence=frame["amount_pence"].round().astype("Int64"))


def _whole_of(page: Page) -> float | None:
    """What the packages cost in the year, as every page says it; None where that is not known."""
    lines = figures.spend(page).frame
    mine = (
        lines[lines["table"].eq("packages") & lines["scope"].eq("purpose") & lines["year"].eq(page.period[:7])]
        if len(lines)
        else lines
    )
    return float(mine["pence"].iloc[0]) if len(mine) == 1 else None


def _drawn(page: Page, rows: pd.DataFrame, year: str, what: str, tables: tuple[str, ...], *, public: bool) -> Told:
    whole, net = int(rows["amount_pence"].iloc[0]), int(rows["amount_pence"].iloc[-1])
    short = words.money_short if public else words.money_rounded
    says = f"{what}, {year}: of {short(whole)} in all, the council pays {short(net)}"
    parts = "; ".join(f"{one['line']}: {short(abs(int(one['amount_pence'])))}" for _, one in rows.iloc[1:-1].iterrows())
    shown: object = (
        showing.public(page, rows, *tables, source="PSS EX1, NHS Digital")
        if public
        else Computed(frame=rows, of=(page.released,), how="parts of what packages cost, by who pays")
    )
    caption = (
        f"{figures.spend(page).bridge_words}"
        if public
        else "Each part is rounded by itself, so the parts may not add up to the whole. What the NHS pays the council is the NHS's, and is counted once."
    )
    chart = Chart.of(
        shown,
        "waterfall",
        roles={"x": "line", "y": "amount_pence", "total": "total"},
        columns={"line": "Step", "amount_pence": Column(name="amount_pence", label="Cash (£)", kind="pence"), "total": "Stands from nothing"},
        title=says, alt=f"Bars from the whole to what is left. {parts}. The council's own part is {short(net)}.",
        caption=f"{caption}{page.of_the_whole if public else ''}", source="PSS EX1, NHS Digital" if public else showing.source_words(page, *tables),
        unit="£, cash", sources=showing.sources_of(page, *tables), declared=(year, what, 18, 64), id="waterfall",
    )  # fmt: skip
    if public:
        return Told.of(chart)
    return Told.of(
        chart,
        found=[telling.found(page, f"{says}. {telling.NOT_WHY}", "recorded", rows, "waterfall", declared=(year,))],
    )


@section
def slopes(page: Page) -> Shows:
    """Similar need, different cost: in each band of need, a week's cost of those who cost least and of those who cost most; and
    the goals met by each, where they may be shown."""
    if not showing.holds(page, "packages") or page.group_kind not in WIDE:
        return Note(
            "Similar need at different cost is not known here: it takes packages of people whose band of need is known."
        )
    frame, ends = _bands(page), [THIRDS[0], THIRDS[-1]]
    frame = frame[frame["third"].isin(ends)].assign(amount_pence=(100 * frame["pounds"]).round().astype("Int64"))
    many = frame[frame["amount_pence"].notna()].groupby("band").size()
    both = [band for band in BANDS if many.get(band, 0) == len(ends)]
    if not both:
        return Note("What a week costs may not be shown of the lowest and the highest third in any band of need.")
    shown = frame[frame["band"].isin(both)].reset_index(drop=True)
    wide = shown.pivot(index="band", columns="third", values="amount_pence").astype(float).reindex(both)
    widest = str((wide[ends[1]] / wide[ends[0]]).idxmax())
    cost = [telling.pounds(wide.loc[widest, end]) for end in ends]
    met = shown.pivot(index="band", columns="third", values="share").astype(float).loc[widest]
    goals = (
        "goals met in each may not be shown" if met[ends].isna().any()
        else f"{words.number(met[ends[0]])}% and {words.number(met[ends[1]])}% of goals were met"
    )  # fmt: skip
    says = f"Similar need, different cost: in the band of need “{widest}” a week costs {cost[0]} in the lowest third and {cost[1]} in the highest; {goals}"
    told = "; ".join(
        f"{band}: {telling.pounds(row[ends[0]])} and {telling.pounds(row[ends[1]])}" for band, row in wide.iterrows()
    )
    limits = {"share": "Goals met (%)", "share_lower": "Lower limit", "share_upper": "Upper limit"}
    chart = Chart.of(
        Computed(frame=shown, of=(page.released,), how="people of a band of need by thirds of their weekly cost, as released"),
        "slopes",
        roles={"name": "band", "x": "third", "y": "amount_pence"},
        options={"ends": ends},
        columns={
            "band": "Band of need", "third": "By weekly cost",
            "amount_pence": Column(name="amount_pence", label="Average cost a week (£)", kind="pence", decimals=0),
            "people": Column(name="people", label="People", decimals=0),
            **{key: Column(name=key, label=label, decimals=0) for key, label in limits.items() if shown[key].notna().any()},
        },
        title=says, alt=f"A line for each band of need, from a week's cost in its lowest third to that in its highest. {told}.",
        caption=f"{page.place}, {page.period}. A band of need is broad: people in one band differ, and cost does not say why.",
        source=showing.source_words(page, "packages"), sources=showing.sources_of(page, "packages"), unit="Average cost a week, cash",
        declared=(page.period, page.place, *both), id="similar-need",
    )  # fmt: skip
    numbers = shown[["band", "third", "amount_pence", "share"]]
    return Told.of(
        chart,
        found=[
            telling.found(
                page, f"{says}. {telling.NOT_WHY}", "described", numbers, "similar-need", declared=tuple(both)
            )
        ],
    )


def _bands(page: Page) -> pd.DataFrame:
    """Band and third with people, average cost a week (£), and the share of goals met (%) with its limits."""
    end, where = ("_by_locality" if page.group else ""), showing.locality_of(page)
    frame = broken_down.in_pounds(
        showing.broken_down(page, f"need_and_cost{end}", "band", "third", where=where), "weekly_value"
    )
    goals = showing.broken_down(page, f"goals_by_cost{end}", "band", "third", where=where)
    shares = {"met_value": "share", "met_lower": "share_lower", "met_upper": "share_upper"}
    return broken_down.beside(frame, goals, ("band", "third"), shares)
