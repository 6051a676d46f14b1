"""Sections on choice: personal budgets (4.9), information and advice (4.11a), and who provides support (4.4).

From released breakdowns; no share stands on fewer than 20.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures.breakdowns_of_people import HELD
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import saying, showing
from commissioning.sections.page import Page, Shows, Told
from commissioning.study import broken_down

WIDE = ("all", "locality")
LIMITS = ("value", "lower", "upper")
WHO = {"self": "The person", "proxy": "Somebody else for them"}
PROVISION = {
    "direct": "The council itself", "partnership": "In partnership", "open market": "The open market",
}  # fmt: skip
SMALL = "This is shown for the whole area and for localities: a smaller part stands on too few people to split further."


def personal_budget(page: Page) -> Shows:
    """How many people have a personal budget, and how it is held (4.9)."""
    what = "Personal budgets (4.9)"
    if not broken_down.periods(page.study, "budgets"):
        return showing.needs_columns(page, "people", "personal_budget", for_what=what)
    if page.group_kind not in WIDE:
        return Note(SMALL)
    found = showing.broken_down(
        page, "budgets", *(one for one in showing.locality_of(page) if showing.locality_of(page)[one])
    )
    found = found[found["locality"].eq(page.group)] if "locality" in found else found
    if found.empty:
        return Note(f"{what}: the extract “people” holds nobody in {page.period}.")
    last = max(one for one in (page.period[:7], *page.study.record["periods"]) if one.startswith(page.period[:7]))
    frame = _as_rows(found)
    known = frame["held"] != "unknown"
    said = _found_largest(
        page,
        frame[known & frame["value"].notna()],
        "held",
        "people",
        "Personal budgets, where known: {name}",
        "personal-budget",
    )
    return Told.of(showing.table_of(
        page, frame,
        "people by how their personal budget is held, as released",
        "people",
        title="Personal budgets",
        caption=f"{page.place}, at the end of {last}. Having one is a way of working; whether it gave control is asked at reviews.",
        columns={
            "held": "How the budget is held", "people": "People", "of": "Out of", **SHARES,
        },
        declared=(last, page.place),
        id="personal-budget",
    ), found=said)  # fmt: skip


def _found_largest(
    page: Page, rows: pd.DataFrame, name: str, count: str, says: str, evidence: str, of: str = "people"
) -> list[Finding]:
    """A finding on the row with the largest count: how many of how many (`of`), with the range."""
    if rows.empty:
        return []
    row = rows.loc[[rows[count].astype(float).idxmax()]]
    one = row.iloc[0]
    called = str(one[name])
    return [
        saying.finding(
            page,
            f"{says.format(name=called[:1].lower() + called[1:])}: {int(one[count]):,} of {int(one['of']):,} {of}, which is "
            f"{words.number(one['value'], 1)}% (range {words.number(one['lower'], 1)} to {words.number(one['upper'], 1)}). "
            "This does not say why.",
            "described",
            Computed(frame=row[[count, "of", "value", "lower", "upper"]], of=(page.released,), how="one row, rounded"),
            evidence,
        )
    ]


def _found_provision(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """Which way of providing has the most money."""
    rows = frame[(frame["split"] == "How it is provided") & frame["pounds"].notna()]
    if rows.empty:
        return []
    row = rows.loc[[rows["pounds"].idxmax()]]
    one = row.iloc[0]
    pence = pd.DataFrame(
        {"people": row["people"].to_numpy(), "amount_pence": pd.array([round(one["pounds"]) * 100], dtype="Int64")}
    )
    return [
        saying.finding(
            page,
            f"{one['kind']} had the most of the money in people's packages in {page.period}, "
            f"{words.money_rounded(round(one['pounds']) * 100)}, for {int(one['people']):,} people.",
            "recorded",
            Computed(frame=pence, of=(page.released,), how="one way of providing, rounded"),
            "who-provides",
            declared=(page.period,),
        )
    ]


def information_and_advice(page: Page) -> Shows:
    """Whether people found information and advice about support easy to find (4.11a)."""
    what = "Whether people find information and advice (4.11a)"
    if not broken_down.periods(page.study, "answers"):
        return showing.needs_columns(page, "reviews", "information_found", for_what=what)
    if page.group_kind not in WIDE:
        return Note(SMALL)
    frame = showing.broken_down(page, "answers", "answered_by", where=showing.locality_of(page))
    if frame.empty or not (frame["easy_of"].fillna(0).sum() or frame["easy_of_hidden"].any()):
        return Note(f"{what}: nobody's answer is known in {page.period}.")
    names = {"easy": "yes", "easy_of": "of", "easy_unknown": "unknown", **{f"easy_{one}": one for one in LIMITS}}
    frame = broken_down.picked(frame, ("answered_by",), names)
    frame = frame.sort_values("answered_by", key=lambda one: one.map(list(WHO).index), ignore_index=True)
    frame["by"] = frame["answered_by"].map(WHO)
    told = frame[frame["value"].notna()].head(1)
    said = _found_largest(
        page,
        told,
        "by",
        "yes",
        "Information and advice were easy to find, answered by {name}",
        "information-and-advice",
        of="answers at reviews",
    )
    return Told.of(showing.table_of(
        page, frame,
        "answers at reviews, by who gave them, as released",
        "reviews",
        title="Was information and advice easy to find?",
        caption=f"{page.place}, {page.period}. Answers by somebody else stand apart.",
        columns={"by": "Who answered", "yes": "Easy to find", "of": "Out of", **SHARES, "unknown": "Unknown"},
        declared=(page.period, page.place),
        id="information-and-advice",
    ), found=said)  # fmt: skip


def who_provides(page: Page) -> Shows:
    """Provided by the council itself, in partnership or by the open market; and by whose sector (4.4)."""
    lacks: list[str] = []
    if not showing.holds(page, "packages"):
        return Told.of(
            showing.needs_columns(page, "packages", "provision", for_what="In-house and external support (4.4)"),
            lacks=lacks,
        )
    if page.group_kind not in WIDE:
        return Told.of(Note(SMALL), lacks=lacks)
    if not showing.holds(page, "providers"):
        lacks += ["The voluntary sector's share (4.4) needs the extract “providers” with its column “sector”."]
    parts = [("How it is provided", "packages", "provision")]
    if showing.holds(page, "providers"):
        parts.append(("Sector of the provider", "packages_by_whom", "sector"))
    made = [
        showing.broken_down(page, id, column, where=showing.locality_of(page))
        .rename(columns={column: "kind"})
        .assign(split=says)
        for says, id, column in parts
    ]
    frame = broken_down.in_pounds(pd.concat(made, ignore_index=True))
    of_provision = frame["split"].eq("How it is provided")
    frame["kind"] = frame["kind"].mask(of_provision, frame["kind"].map(PROVISION).fillna("Not known"))
    frame = frame.sort_values(["split", "kind"], ignore_index=True)
    said = _found_provision(page, frame)
    return Told.of(showing.table_of(
        page, frame,
        "people and spend on packages by how support is provided, as released",
        "packages",
        "providers",
        title="Who provides: the council, partners and the market",
        caption=f"{page.place}, {page.period}, before people's charges and the NHS's part.",
        columns={
            "split": "Split by", "kind": "Kind", "people": "People",
            "pounds": Column(name="pounds", label="In the year (£)", decimals=0),
        },
        keys=2,
        declared=(page.period, page.place),
        id="who-provides",
    ), found=said, lacks=lacks)  # fmt: skip


def _as_rows(found: pd.DataFrame) -> pd.DataFrame:
    """How budgets are held, one row a way, of everybody whose budget is known; those of whom nobody knows stand apart."""
    parts = []
    for name, word in HELD.items():
        names = {name: "people", f"{name}_of": "of", **{f"{name}_{one}": one for one in LIMITS}}
        parts.append(broken_down.picked(found, (), names).assign(held=word))
    unknown = broken_down.picked(found, (), {f"{next(iter(HELD))}_unknown": "people"}).assign(held="unknown")
    apart = {f"{name}_status": "not applicable" for name in ("of", *LIMITS)}
    frame = pd.concat([*parts, unknown.assign(**apart)], ignore_index=True)
    flags = [one for one in frame if one.endswith("_hidden")]
    frame[flags] = frame[flags].eq(True)
    statuses = [one for one in frame if one.endswith("_status")]
    frame[statuses] = frame[statuses].fillna("known")
    there = frame["people"].ne(0).fillna(True).astype(bool)
    return frame[there].reset_index(drop=True)


SHARES = {
    "value": Column(name="value", label="Share (%)", decimals=1), "lower": Column(name="lower", label="Lower limit", decimals=1),
    "upper": Column(name="upper", label="Upper limit", decimals=1),
}  # fmt: skip
SECTIONS = (
    personal_budget,
    information_and_advice,
    who_provides,
)
