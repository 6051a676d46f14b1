"""Sections on people's packages: whose money it is, and similar need at different cost.

From released breakdowns of people's packages.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures.breakdowns_of_people import BANDS, CHARGES, COUNCIL, NHS, THIRDS, UNSAID, WHOSE
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import figures, saying, showing
from commissioning.sections.page import Page, Shows, Told
from commissioning.study import broken_down

WIDE = ("all", "locality")
TOO_SMALL = (
    "This is shown for the whole area and for localities: a smaller part stands on too few people to split further."
)


def packages_purse(page: Page) -> Shows:
    """One public-purse view from the council's own packages (3.5, 4.14): council, NHS, and people's charges apart."""
    if not showing.holds(page, "packages"):
        return showing.needs_extract(page, "packages", for_what="Whose money it is, from the council's own packages")
    if page.group_kind not in WIDE:
        return Note(TOO_SMALL)
    frame = showing.broken_down(page, "purse", "whose", where=showing.locality_of(page)).set_index("whose")
    frame = broken_down.in_pounds(frame.reindex([one for one in WHOSE if one in frame.index]).reset_index())
    said = _found_purse(page, frame)
    return Told.of(showing.table_of(
        page, frame,
        "weekly amounts times weeks, people counted once, as released",
        "packages",
        title="Whose money it is, from the council's packages",
        caption=f"{page.place}, {page.period}. What the NHS pays the council is the NHS's, and is counted once.",
        columns={"whose": "Whose money", "people": "People", "pounds": Column(name="pounds", label="In the year (£)", decimals=0)},
        declared=(page.period, page.place),
        id="packages-purse",
    ), found=said)  # fmt: skip


def need_and_cost(page: Page) -> Shows:
    """Similar need, different cost: who, how much, and what was kept or lost (4.14a)."""
    if not showing.holds(page, "packages"):
        return showing.needs_extract(page, "packages", for_what="Similar need at different cost")
    if page.group_kind not in WIDE:
        return Note(TOO_SMALL)
    frame = _need_and_cost(page)
    if frame.empty:
        return Note(f"No packages are recorded in {page.period}.")
    said = _found_need_and_cost(page, frame)
    return Told.of(showing.table_of(
        page, frame,
        "people of a band of need by thirds of their weekly cost, with the goals of their own reviews, as released",
        "packages",
        "reviews",
        title="Similar need, different cost, and goals met",
        caption=f"{page.place}, {page.period}. A band of need is broad: people in one band differ, and cost does not say why.",
        columns={
            "band": "Band of need", "third": "By weekly cost", "people": "People", "setting": "Most common kind of support",
            "in_setting": "People with most of their cost in it",
            "pounds": Column(name="pounds", label="Average cost a week (£)", decimals=0), "due": "Goals reviewed",
            "met": "Goals met", "share": Column(name="share", label="Met (%)", decimals=0),
        },
        keys=2,
        declared=(page.period, page.place),
        id="need-and-cost",
    ), found=said)  # fmt: skip


def _need_and_cost(page: Page) -> pd.DataFrame:
    """Bands of need by thirds of weekly cost: people, average cost, goals of their reviews, the commonest kind of support."""
    end, by = ("_by_locality" if showing.locality_of(page)["locality"] else ""), ("band", "third")
    frame = showing.broken_down(page, f"need_and_cost{end}", *by, where=showing.locality_of(page))
    if frame.empty:
        return frame
    order = pd.MultiIndex.from_product([BANDS, THIRDS], names=list(by))
    frame = frame.set_index(list(by)).reindex([one for one in order if one in set(frame.set_index(list(by)).index)])
    frame = broken_down.in_pounds(frame.reset_index(), "weekly_value")
    goals = showing.broken_down(page, f"goals_by_cost{end}", *by, where=showing.locality_of(page))
    frame = broken_down.beside(frame, goals, by, {"met": "met", "met_of": "due", "met_value": "share"})
    kinds = showing.broken_down(page, f"need_and_cost{end}", *by, "setting", where=showing.locality_of(page))
    kinds = kinds[kinds["people"].notna()].sort_values("people", kind="stable").drop_duplicates(by, keep="last")
    frame = frame.merge(kinds[[*by, "setting", "people"]], on=list(by), how="left", suffixes=("", "_in"))
    frame["setting"] = frame["setting"].fillna("hidden")
    return frame.assign(in_setting=frame["people_in"], in_setting_hidden=frame["people_in"].isna())


def _found_purse(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """Whose the money is, in one sentence, where every part of it may be shown."""
    pounds = frame.set_index("whose")["pounds"]
    names = (COUNCIL, NHS, CHARGES)
    if pounds.reindex(list(names)).isna().any() or UNSAID in pounds.index:
        return []
    council, nhs, own = (words.money_rounded(int(pounds[name]) * 100) for name in names)
    pence = pd.DataFrame({"amount_pence": pd.array([round(pounds[name]) * 100 for name in names], dtype="Int64")})
    return [
        saying.finding(
            page,
            f"Of support in people's packages, {page.period}, the council's own part is {council}, the NHS's {nhs}, and people's "
            f"own charges are {own}.",
            "recorded",
            Computed(frame=pence, of=(page.released,), how="weekly amounts times weeks, rounded"),
            "packages-purse",
            declared=(page.period,),
        )
    ]


def _found_need_and_cost(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """The band of need whose thirds lie furthest apart in cost, with the goals met in each."""
    wide = frame.pivot(index="band", columns="third", values="pounds").reindex(columns=list(THIRDS)).astype(float)
    apart = (wide[THIRDS[2]] / wide[THIRDS[0]]).dropna()
    if apart.empty:
        return []
    band = apart.idxmax()
    ends = frame[(frame["band"] == band) & frame["third"].isin([THIRDS[0], THIRDS[2]])].set_index("third")
    low, high = ends.loc[THIRDS[0]], ends.loc[THIRDS[2]]
    goals = (
        "The goals met in each may not be shown."
        if pd.isna(low["share"]) or pd.isna(high["share"])
        else f"Goals met: {words.number(low['share'])}% and {words.number(high['share'])}%."
    )
    return [
        saying.finding(
            page,
            f"Band of need “{band}”, {page.period}: the average cost a week is £{low['pounds']:,.0f} in the lowest third and "
            f"£{high['pounds']:,.0f} in the highest. {goals} This does not say why.",
            "described",
            Computed(
                frame=ends.reset_index()[["pounds", "share", "share_hidden"]],
                of=(page.released,),
                how="the two ends of one band of need",
            ),
            "need-and-cost",
            declared=(page.period,),
        )
    ]


def public_purse(page: Page) -> Shows:
    """One public-purse view (3.5, 4.14): the council's own, the NHS's and people's charges, each counted once."""
    bridge = figures.spend(page).bridge
    if bridge is None:
        return showing.needs_extract(
            page, "area_spend", for_what="Whose money it is (council, NHS, people's own charges)"
        )
    by_line = bridge.set_index("line")["pence"]
    net = int(by_line.iloc[-1])
    nhs = -int(by_line.get("income from the NHS", 0))
    joint = -int(by_line.get("joint arrangements", 0))
    client = -int(by_line.get("client contributions", 0))
    rows = pd.DataFrame(
        {
            "whose": ["The council, net", "The NHS, as recorded", "Joint arrangements", "The public purse together",
                      "People's own charges, apart"],
            "pence": pd.array([net, nhs, joint, net + nhs + joint, client], dtype="Int64"),
        }
    )  # fmt: skip
    return Table(
        showing.public(page, rows, "area_spend", source="PSS EX1, NHS Digital"),
        title="Whose money it is",
        caption=f"{figures.spend(page).bridge_words} NHS income of nothing means none recorded, not no NHS spend.{page.of_the_whole}",
        source="PSS EX1, NHS Digital",
        columns={"whose": "Whose money", "pence": Column(name="pence", label="Cash (£)", kind="pence")},
        sources=showing.sources_of(page, "area_spend"),
        declared=(figures.spend(page).bridge_year, 18, 64),
        id="public-purse",
    )


SECTIONS = (
    packages_purse,
    need_and_cost,
    public_purse,
)
