"""A pilot's own report: outcomes beside spend, and one section for each thing the 2011 report asks of it.

Sections are found by paragraph: every measure says which paragraphs it answers, so
another service needs no code here.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning import framework
from commissioning.measures import Measure, derive
from commissioning.presentation import words
from commissioning.presentation.sections import Log, Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import figures, findings, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import groups, outcomes

SPLITS = ("risk", "needs_band", "age_band", "ethnicity", "department", "locality")


def _answering(page: Page, paragraph: str) -> dict[str, Measure]:
    return {
        key: one
        for key, one in page.measures.items()
        if not one.is_control and any(_within(answer, paragraph) for answer in one.answers)
    }


@section
def answers(page: Page, paragraph: str) -> Shows:
    """Every measure that answers one paragraph of the 2011 report; outputs and processes say what they are."""
    found = _answering(page, paragraph)
    kept = [(key, one) for key, one in found.items() if key in set(page.study.record["measures"])]
    # What answers this paragraph alone stands before what answers several; what it costs stands last.
    held = dict(sorted(kept, key=lambda each: (each[1].unit.startswith("pence"), len(each[1].answers))))
    says = _clause(paragraph)
    if not held:
        tables = sorted({one.table for one in found.values()}) or ["none"]
        return (
            showing.needs_extract(page, *tables, for_what=f"What answers paragraph {paragraph}")
            if found
            else Note(f"{says} No measure answers it yet.")
        )
    frame = figures.outcome_frame(page, held).frame
    if (
        frame[["numerator", "denominator", "value"]].isna().all(axis=None)
        and not frame["note"].str.startswith("hidden").any()
    ):
        if page.group:
            return Note(f"{says} It is not known by {page.group_kind}: see the report of the whole area.")
        tables = sorted({table for one in held.values() for table in derive.needs(one.table)})
        says = f"{says} Nothing is known for {page.period}: it would be counted from {' and '.join(f'“{one}”' for one in tables)}."
        return showing.lacking(says)
    kinds = {one.title: one.kind.word for one in held.values()}
    said = findings.headline_outcomes(page, most=1, measures=held, evidence=words.slug(f"paragraph-{paragraph}"))
    frame = frame.assign(kind=frame["what"].map(kinds))
    return Told.of(Table(
        Computed(frame=frame, of=(page.released,), how="released figures of one period"),
        title=says.rstrip("."),
        caption=f"{page.period}. Only an outcome says what good was done.",
        source=showing.source_words(page, measures=tuple(held)),
        columns={
            "what": "What", "kind": "Kind", "numerator": "Number",
            "denominator": outcomes.whole_label(held.values()), "value": "Value",
            "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "unknown": "Unknown", "note": "Note",
        },
        measures=tuple(held),
        declared=(page.period,),
        keys=1,
        id=f"paragraph-{paragraph}",
    ), found=said)  # fmt: skip


@section
def split_by(page: Page, measure: str, *kinds: str) -> Shows:
    """One measure split by groups: who, how many, and where it is out of line. Small groups are hidden."""
    key = f"{page.pilot.name}_{measure}"
    if key not in page.study.record["measures"]:
        one = page.measures.get(key)
        return showing.needs_extract(page, one.table if one else measure, for_what=one.title if one else measure)
    one = page.measures[key]
    chosen = tuple(kind for kind in (kinds or SPLITS) if kind in one.groups)
    rows = groups.split(page.released, one, page.period, kinds=chosen)
    if rows.frame.empty:
        return Note(f"{one.title}: no group of {page.period} may be shown.")
    money = one.unit.startswith("pence")
    frame = rows.frame
    if money:
        frame = frame.assign(value_pence=pd.to_numeric(frame["value"]).round().astype("Int64"))
    said = findings.apart(page, one, frame, f"split-{measure.replace('_', '-')}")
    columns: dict[str, Any] = {"split": "Split by", "group": "Group", "denominator": outcomes.whole_label([one])}
    ranged = {"lower": "Lower limit", "upper": "Upper limit"} if frame["lower"].notna().any() else {}
    columns |= {"value_pence": one.unit.replace("pence", "£").capitalize()} if money else {
        "numerator": "Number", "value": f"Value ({one.unit})", **ranged}  # fmt: skip
    return Told.of(
        Table(
            Computed(frame=frame, of=rows.of, how=rows.how),
            title=f"{one.title}, by group",
            caption=f"{page.period}. A group too small to show says so.{page.of_the_whole}",
            source=showing.source_words(page, measures=(key,)),
            columns=columns | {"note": "Note"},
            measures=(key,),
            declared=(page.period, one.title),
            keys=2,
            id=f"split-{measure.replace('_', '-')}",
        ),
        found=said,
    )


@section
def sharing_register(page: Page) -> Log | Note:
    """What is shared, why, on what lawful basis, who may see it, what goes back to providers (4.11c)."""
    labels = {
        "table": "Tables", "purpose": "Purpose", "lawful_basis": "Lawful basis", "controller": "Controller",
        "impact_assessment": "Impact assessment", "may_see": "Who may see it", "returns_to_providers": "What returns",
    }  # fmt: skip
    rows = [one.model_dump() for one in page.pilot.sharing]
    return showing.log(page, rows, title="Sharing register (4.11c)", columns=labels, id="sharing-register")


@section
def notes_on_reading(page: Page) -> Log | Note:
    """What was noted when each extract was read: empty columns, encodings, duplicates kept."""
    rows = [{"note": one} for one in page.study.record["notes"]]
    if not rows:
        return Note("Nothing out of the ordinary was noted when the files were read.")
    return showing.log(page, rows, title="Noted on reading", columns={"note": "Note"}, id="notes-on-reading")


def _within(answer: str, paragraph: str) -> bool:
    """True where an answer is this paragraph or a letter of it: 4.14b is within 4.14, and 4.14 is not within 4.1."""
    return answer == paragraph or (answer.startswith(paragraph) and not answer[len(paragraph)].isdigit())


def _clause(paragraph: str) -> str:
    try:
        found = framework.clause(paragraph)
    except KeyError:
        return f"What answers paragraph {paragraph}"
    return f"{found.says.rstrip('.')} (paragraph {paragraph})."
