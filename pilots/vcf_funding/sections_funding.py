"""Sections for funded organisations: proportion, the same purpose twice, one funder, and what was tried.

Agreements and organisations are no people, yet a council's own register is protected as people are: counts of 1 to 7
are hidden, the rest rounded, hours and pounds kept to two significant figures. Names stand only where the register is
public already.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from commissioning.measures import same_purpose
from commissioning.measures.breakdowns_of_agreements import RISKS
from commissioning.measures.breakdowns_of_organisations import states
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Log, Note
from commissioning.sections import section_findings, showing
from commissioning.sections.page import Page, Shows, Told
from commissioning.study import broken_down
from commissioning.wording import agreed

RESULTS = ("worked", "did not work", "not known yet")


def in_proportion(page: Page) -> Shows:
    """Hours of monitoring against award and risk; over and under; what a proportionate regime would give back."""
    if not showing.holds(page, "monitoring"):
        return showing.needs_extract(page, "monitoring", for_what="Hours of monitoring against award and risk")
    bands = page.pilot.hours_in_proportion
    if not bands:
        says = (
            "No range of hours for each £1,000 has been agreed by risk, so nobody is said to be asked too much or too "
            "little. Write `hours_in_proportion` in pilot.toml, and seal it."
        )
        return showing.lacking(says)
    frame = showing.broken_down(page, "monitoring", "risk")
    if frame.empty:
        return Note(f"No hours of monitoring are recorded in {page.period}.")
    called = agreed("Hours for each £1,000", page.sealed.standing("hours_in_proportion."))
    ranges = "; ".join(f"{risk} {low:g} to {high:g}" for risk, (low, high) in bands.items())
    frame = frame.set_index("risk").reindex([one for one in RISKS if one in set(frame["risk"])]).reset_index()
    names = {
        "over_of": "agreements",
        **{one: one for one in ("over", "under", "hours", "pounds", "hours_over", "hours_short")},
    }
    frame = broken_down.picked(broken_down.in_pounds(frame), ("risk",), names)
    labels = {"hours": "Hours asked", "pounds": "Award (£)", "hours_over": "Hours that would be given back", "hours_short": "Hours that would be added"}  # fmt: skip
    said = _found_in_proportion(page, frame)
    return Told.of(showing.table_of(
        page, frame,
        "hours of monitoring beside the range agreed for their award and risk, as released",
        "monitoring",
        "grants",
        title="Monitoring in proportion",
        caption=(
            f"{page.period}. {called}: {ranges}. An agreement is over or under where its "
            "hours stand outside that range."
        ),
        columns={
            "risk": "Risk", "agreements": "Agreements", "over": "Asked more than the range", "under": "Asked less",
            **{key: Column(name=key, label=label, decimals=0) for key, label in labels.items()},
        },
        measures=("vcf_funding_monitoring_hours",) if "vcf_funding_monitoring_hours" in page.measures else (),
        declared=(page.period, 1000, *(one for band in bands.values() for one in band)),
        id="in-proportion",
    ), found=said)  # fmt: skip


def _is_public(page: Page, table: str) -> bool:
    return table in page.study.record.get("public_tables", ())


def _register_is_public(page: Page) -> bool:
    return _is_public(page, "grants")


def _departments_recorded(page: Page) -> bool:
    """Whether the register names any department, so that two of them can be told apart."""
    return bool(page.study.record.get("departments_recorded"))


def _caution(page: Page, public: bool) -> tuple[str, tuple[int, ...]]:
    """What a reader must know of how purposes and months are recorded; and the numbers in it."""
    agreements, organisations = (
        showing.in_all(page, "register_agreements"),
        showing.in_all(page, "register_organisations"),
    )
    shown: dict[str, int | None] = {}
    for frame, names in (
        (agreements, ("no_purpose", "own_words", "no_months")),
        (organisations, ("both", "joined")),
    ):
        for name in names:
            counted = frame[name].iloc[0] if len(frame) else 0
            shown[name] = None if pd.isna(counted) else int(counted)
    whole = agreements["no_purpose_of"].iloc[0] if len(agreements) else 0
    shown["agreements"] = None if pd.isna(whole) else int(whole)
    said = {name: "a few" if count is None else f"{count:,}" for name, count in shown.items()}
    says = (
        f"Only the same wording counts as the same purpose. Of {said['agreements']} agreements, {said['no_purpose']} have no "
        f"recorded purpose, {said['own_words']} have one that no other repeats word for word, and {said['no_months']} have no "
        "recorded first day or months: those begin with their award. For whatever purpose, two departments pay "
        f"{said['both']} organisations in months in common; a department that changed its name counts as two. "
        f"Organisations put together by a number that is not on all of their agreements: {said['joined']}."
    )
    told = tuple(count for count in shown.values() if count is not None)
    return (says if public else f"{says} Counts are rounded."), told


def paid_twice(page: Page) -> Shows:
    """The same purpose and overlapping months by two departments (4.13e), with how each match was made."""
    if not showing.holds(page, "grants"):
        return showing.needs_extract(page, "grants", for_what="The same purpose paid for twice")
    public = _register_is_public(page)
    if not _departments_recorded(page):
        says = "Whether two departments pay for the same purpose cannot be told: departments are not recorded in the register here."
        return showing.lacking(says)
    caution, told = _caution(page, public)
    by = showing.in_all(page, "same_purpose", "match")
    if by.empty:
        return Note(
            f"No two departments pay one organisation for a purpose with the same wording in the same months. {caution}"
        )
    if public:
        pairs = same_purpose.shared_purpose(page.study.published("grants"))
        frame = pairs.assign(pounds=pairs["pence"].astype(float) / 100).drop(columns="pence")
        columns: dict[str, Any] = {"match": "Matched by", "recipient": "Organisation", "purpose": "Purpose", "department": "Department", "other_department": "And department"}  # fmt: skip
    else:
        frame = broken_down.in_pounds(by)
        columns = {"match": "Matched by", "pairs": "Pairs of agreements", "organisations": "Organisations"}
    said = _found_paid_twice(page, frame)
    return Told.of(
        showing.table_of(
            page,
            frame,
            "pairs of agreements with the same purpose, overlapping months and different departments",
            "grants",
            title="The same purpose, paid for by two departments in the same months",
            caption=f"A match by name alone is shown and never merged: two organisations may share a name. {caution}",
            columns=columns | {"pounds": Column(name="pounds", label="Smaller of the two awards (£)", decimals=0)},
            declared=told,
            id="paid-twice",
        ),
        found=said,
    )


def one_funder(page: Page) -> Shows:
    """How many organisations rest on one funder, among the grants known here."""
    if not showing.holds(page, "grants"):
        return showing.needs_extract(page, "grants", for_what="Dependence on one funder")
    others = showing.holds(page, "other_grants")
    if not others and not _departments_recorded(page):
        says = (
            "How far organisations rest on one funder cannot be told: only the council's own grants are here, and the register "
            "does not record departments."
        )
        return showing.lacking(says)
    order = {one: at for at, one in enumerate(states("funder" if others else "department"))}
    frame = broken_down.in_pounds(showing.in_all(page, "funders", "state"))
    frame = frame.sort_values("state", key=lambda one: one.map(order), ignore_index=True)
    caption = (
        "The council, with all its departments, is one funder beside the others in these extracts. Other income is not known here."
        if others
        else "Only the council's own grants are here, so the table tells its departments apart; all are one funder. "
        "A department that changed its name counts as two."
    )
    said = section_findings.first_state(
        page, frame, "state", "one-funder", basis="By the grants of all years known here"
    )
    return Told.of(showing.table_of(
        page, frame,
        "organisations by the share of their known grants that one funder gives",
        "grants",
        *(("other_grants",) if others else ()),
        title="Dependence on one funder",
        caption=caption,
        columns={"state": "State", "organisations": "Organisations", "pounds": Column(name="pounds", label="Awarded (£)", decimals=0)},
        id="one-funder",
    ), found=said)  # fmt: skip


def innovation_portfolio(page: Page) -> Shows:
    """What was tried, what was reached, and what was learnt: judged together, because some will not work (4.11f)."""
    if not showing.holds(page, "grants"):
        return showing.needs_extract(page, "grants", for_what="The innovation portfolio")
    frame = broken_down.in_pounds(showing.in_all(page, "experiments", "kind"))
    if frame.empty:
        says = "Which agreements were experiments (4.11f): the register does not say so of any. It needs the column “experiment” of “grants”."
        return showing.lacking(says)
    if "Experiments" not in set(frame["kind"]):
        return Note("No agreement in the register is marked as an experiment.")
    names = {"agreements": "agreements", "pounds": "pounds", "closed": "closed", "lesson_written": "lessons"}
    frame = broken_down.picked(frame, ("kind",), names)
    met = showing.in_all(page, "experiments_returns", "kind")
    frame = broken_down.beside(frame, met, ("kind",), {"met": "met", "met_of": "due", "met_value": "share"})
    said = _found_experiments(page, frame)
    return Told.of(showing.table_of(
        page, frame,
        "agreements marked as experiments, beside others, from rounded counts",
        "grants",
        "returns",
        title="Experiments, judged as a portfolio",
        caption="All years together. That an experiment did not reach its target is a finding, not a fault; a lesson not written is.",
        columns={
            "kind": "Kind", "agreements": "Agreements", "pounds": Column(name="pounds", label="Awarded (£)", decimals=0),
            "due": "Returns with a known result", "met": "Met their target",
            "share": Column(name="share", label="Met (%)", decimals=0), "closed": "Closed", "lessons": "Closed with a lesson",
        },
        id="innovation-portfolio",
    ), found=said)  # fmt: skip


def tried_and_learnt(page: Page) -> Shows:
    """What was tried, whether it worked and what was learnt, in the words of who tried it (4.11f)."""
    rows = [{"from": "The pilot's settings", **one.model_dump(mode="json")} for one in page.pilot.innovation]
    if _register_is_public(page) and "experiment" in (grants := page.study.published("grants")):
        returns = page.study.published("returns") if _is_public(page, "returns") else pd.DataFrame()
        rows += _from_register(grants[grants["experiment"].eq("yes")], returns)
    if not rows:
        says = (
            "What was tried, what did not work and what was learnt (4.11f): nobody has written it down. It needs entries "
            f"[[innovation]] in pilots/{page.pilot.name}/pilot.toml, each with tried, result, learnt and evidence."
        )
        return showing.lacking(says)
    return Log(
        [row | {"learnt": row["learnt"] or "No lesson is written yet"} for row in rows],
        title=f"Tried and learnt, as a portfolio: {portfolio_words(rows)}",
        columns={"tried": "What was tried", "result": "Result", "learnt": "What was learnt", "evidence": "Rests on", "on": "Looked at", "from": "From"},
        id="tried-and-learnt",
    )  # fmt: skip


def portfolio_words(rows: list[dict[str, Any]]) -> str:
    """How many things were tried, how they came out, and how many have a lesson: some that do not work are expected."""
    count = Counter(str(row["result"]) for row in rows)
    parts = [f"{count[one]} {one}" for one in RESULTS if count[one]]
    lessons = sum(bool(row["learnt"]) for row in rows)
    return f"{len(rows)} tried, {', '.join(parts)}; a lesson written from {lessons}"


def _from_register(grants: pd.DataFrame, returns: pd.DataFrame) -> list[dict[str, Any]]:
    """Experiments of a register that is public already, each with its title and its last return."""
    told = (
        returns[returns["target_met"].isin(["yes", "no"])]
        if len(returns)
        else pd.DataFrame({"grant_id": [], "target_met": []})
    )
    last = told.drop_duplicates("grant_id", keep="last").set_index("grant_id")["target_met"]
    result = grants["grant_id"].map(last).map({"yes": "worked", "no": "did not work"}).fillna("not known yet")
    lesson = (
        grants["lesson_written"].eq("yes").map({True: "A lesson is written; the register does not hold it", False: ""})
    )
    return [
        {"tried": title, "result": came, "learnt": learnt, "evidence": "whether its target was met", "on": None, "from": "the register"}
        for title, came, learnt in zip(grants["title"].astype(str), result, lesson, strict=True)
    ]  # fmt: skip


def _found_in_proportion(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """The risk at which most agreements are asked for hours above the range agreed."""
    rows = section_findings.known(frame, "agreements", "over", "hours_over")
    if rows.empty:
        return []
    row = rows.loc[[rows["over"].astype(float).idxmax()]]
    one = row.iloc[0]
    says = (
        f"Risk {one['risk']}: {int(one['over']):,} of {int(one['agreements']):,} agreements are asked for hours of monitoring above the "
        f"range agreed, {words.number(one['hours_over'])} hours in all. {section_findings.NOT_WHY}"
    )
    return section_findings.one_row(page, row, says, "in-proportion")


def _found_paid_twice(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """How many pairs of agreements are matched by the surest match shown."""
    rows = section_findings.known(frame, "pairs", "pounds")
    if rows.empty:
        return []
    row = rows.head(1)
    one = row.iloc[0]
    says = (
        f"{int(one['pairs']):,} pairs of agreements from different departments have the same purpose and a month in common, matched by "
        f"{one['match']}: {section_findings.pounds(one['pounds'])} in the awards of all years known here. A pair is a question, and may be meant."
    )
    return section_findings.one_row(page, row, says, "paid-twice")


def _found_experiments(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """Experiments beside other agreements, judged together: some are meant not to work."""
    rows = section_findings.known(frame, "due", "met", "share")
    if len(rows) < 2:
        return []
    said = "; ".join(
        f"{one['kind']} {int(one['met']):,} of {int(one['due']):,}, {words.number(one['share'])}%"
        for _, one in rows.iterrows()
    )
    return section_findings.one_row(
        page, rows, f"Targets met: {said}. {section_findings.OTHERS}", "innovation-portfolio", claim="compared"
    )


SECTIONS = (
    in_proportion,
    paid_twice,
    one_funder,
    innovation_portfolio,
    tried_and_learnt,
)
