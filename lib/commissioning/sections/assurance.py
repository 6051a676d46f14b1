"""What a report cannot tell, how it was made, who checked it, and what its words mean."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from commissioning.evidence.shown import about
from commissioning.measures import Measure, derive
from commissioning.measures.describe import card_json
from commissioning.presentation.behind import Behind
from commissioning.presentation.definition import Definition
from commissioning.presentation.sections import Glossary, Log, Note, Parameters, Steps
from commissioning.presentation.showable import Computed
from commissioning.sections import showing
from commissioning.sections.finding_record import ORDER
from commissioning.sections.page import Page, Shows, section
from commissioning.wording import counted

WORDS = {
    "outcome": "What changed for people. The result of an activity (4.8a).",
    "output": "What a service provides, such as hours. It does not say whether it helped (4.8b).",
    "input": "What is put in, such as money or hours (4.8c).",
    "process": "A way of working (4.8d).",
    "released": "Let out by disclosure control: small numbers hidden, the rest rounded.",
    "range": "The 95% interval: where the true figure probably lies.",
    "claim": "How strongly a finding may be worded: recorded, described, compared or attributable.",
    "started": "A place or organisation that has joined the pilot.",
    "real terms": "Money of different years put into the prices of one year.",
    "unknown": "Nobody recorded the answer. It is not zero.",
    "not applicable": "The question does not apply. It is neither zero nor unknown.",
    "hidden": "Not shown, because few people are meant or another hidden number could be worked out from it. It is not zero.",
    "floor": "The least that an outcome must reach, as agreed with people who use the service.",
    "common cause": "Ups and downs no larger than chance alone would give.",
    "special cause": "A change too large, or too steady, for chance alone.",
    "ASCOF": "The Adult Social Care Outcomes Framework: figures that every council publishes.",
    "PSS EX1": "The yearly return of what each council spent on social care, up to 2014-15.",
    "CQC": "The Care Quality Commission, which inspects and rates care.",
    "gate": "A check that an estimate must pass before it is shown. The page says whether it was sealed before figures were seen.",
}


@section
def cannot_tell(page: Page) -> Steps:
    """What this report cannot tell, said plainly."""
    says = [
        "Whether a change would have happened without the service, unless a finding says attributable.",
        "Anything about one person, or about a group too small to show.",
    ]
    for part in page.parts:
        without = [one for one in part.study.record["measures_without_extract"] if not part.measures[one].is_control]
        says += [f"{part.measures[key].title}: no file here holds it." for key in without]
        # Without a council's own deflators the package's stand, so nothing is missing for want of them.
        gone = [f"“{one}”" for one in part.pilot.tables if one not in (*part.study.tables_held, "deflators")]
        held = "files {}, which are" if len(gone) > 1 else "file {}, which is"
        says += [f"What would need the {held.format(', '.join(gone))} not here."] if gone else []
    return Steps(list(dict.fromkeys(says)), title="What it cannot tell", id="cannot-tell")


@section
def methods(page: Page) -> Note:
    """How figures are made, in three sentences."""
    return Note(
        "Shares have 95% Wilson intervals, worked out from released counts. Money is counted in whole pence, and "
        "real terms use HM Treasury's GDP deflator. An effect is estimated only where places started at different "
        "times, and is shown only where every check has passed."
    )


@section
def assumptions(page: Page) -> Log | Note:
    """Each assumption, rated for quality and for impact."""
    labels = {"says": "Assumption", "quality": "Quality", "impact": "Impact", "owner": "Owner"}
    rows = [showing.of_pilot(part, one.model_dump()) for part in page.parts for one in part.pilot.assumptions]
    return showing.log(page, rows, title="Assumptions", columns=showing.with_pilot(page, labels), id="assumptions")


@section
def decisions_log(page: Page) -> Log | Note:
    """Decisions taken so far."""
    labels = {"on": "Date", "who": "Who", "said": "What was decided", "changed": "What changed"}
    rows = [
        showing.of_pilot(part, one.model_dump(mode="json")) for part in page.parts for one in part.pilot.decisions_log
    ]
    return showing.log(
        page, rows, title="Decisions so far", columns=showing.with_pilot(page, labels), id="decisions-log"
    )


@section
def engagement(page: Page) -> Log | Note:
    """Who was asked, what they said, what changed, whether people were paid (7.1, 8.1)."""
    labels = {
        "stage": "Stage", "on": "Date", "who": "Who", "said": "What they said", "changed": "What changed",
        "paid": "Were people paid?",
    }  # fmt: skip
    rows = [one.model_dump(mode="json") for one in page.pilot.engagement]
    asked = {one.stage for one in page.pilot.engagement}
    if rows:  # at every stage (7.1, 8.1): a stage at which nobody was asked is a line of its own
        rows += [{"stage": one, "who": "Nobody is recorded as asked"} for one in ORDER if one not in asked]
    return showing.log(page, rows, title="Engagement (7.1, 8.1)", columns=labels, id="engagement")


@section
def quality_log(page: Page) -> Log | Note:
    """Who checked what."""
    rows = [
        {"check": "Every row and penny of each file is accounted for", "by": "The workbench", "result": "The staff who hold the files have the account"},
        {"check": "Every number in a sentence is in its data", "by": "The workbench", "result": "The page is refused otherwise"},
        {"check": "Every measure agrees with its worked example", "by": "The workbench's tests", "result": "At each change of the code"},
        {"check": "The analyst's own check", "by": _named(page, "analyst"), "result": "See sign-off"},
        {"check": "Assurance by somebody else", "by": _named(page, "assurer"), "result": "See sign-off"},
    ]  # fmt: skip
    labels = {"check": "Check", "by": "By", "result": "Result"}
    return showing.log(page, rows, title="Quality checks", columns=labels, id="quality-log")


def _named(page: Page, role: str) -> str:
    """The people named for a role, in any pilot of this page."""
    return "; ".join(dict.fromkeys(str(getattr(part.pilot.quality, role)) for part in page.parts))


@section
def definitions(page: Page) -> Shows:
    """A card for every measure of the pilot, with who was left out. Shows one display a measure."""
    return [definition(page, measure) for measure in page.measures.values() if not measure.is_control]


def definition(page: Page, measure: Measure) -> Definition:
    """One definition card: what is counted, out of whom, from which extract, and who was left out."""
    files = showing.sources_of(page, *derive.needs(measure.table))
    left_out = page.study.left_out(measure) if files else None
    if left_out is None:
        return Definition(card_json(measure), extracts=files, no_extract=f"No file here holds {measure.table}.")
    return Definition(card_json(measure), extracts=files, left_out=_shown_of(page, left_out))


def _shown_of(page: Page, left_out: pd.DataFrame) -> Computed:
    """Each clause and how many rows it left out, as released."""
    frame = left_out.rename(columns={"says": "why"})[["why", "rows", "rows_hidden"]]
    return Computed(frame=frame, of=(page.released,), how="rows left out by each clause, as released")


def short_definition(page: Page, measure: Measure) -> dict[str, object]:
    """What a page itself says of a measure: what is counted, out of whom, from which extract. The annex holds the rest."""
    card, files = card_json(measure), showing.sources_of(page, *derive.needs(measure.table))
    return {
        "pilot": page.pilot.name,
        "measure": measure.id,
        **{name: str(card[name]) for name in ("title", "numerator", "denominator")},
        "extracts": list(files),
        "no_extract": "" if files else f"No file here holds {measure.table}.",
    }


def files_in_words(page: Page) -> str:
    """Where a file could not be used as it is: how many, and about how many rows were read over all files; else nothing."""
    files = showing.files_read(page)
    spoilt = sum(one["used"] in ("less than half", "none") for one in files)
    if not spoilt:
        return ""
    rows = about(sum(int(one["rows"] or 0) for one in files))
    how = "it is" if spoilt == 1 else "they are"
    return f"About {rows:,} rows from {counted(len(files), 'file')} were read. {counted(spoilt, 'file')} could not be used as {how}."


STATES = (
    "a figure of a closed year is final once this report is signed off; the top of the page names those that may change"
)
"""Always the same words: which figures may change is said once, at the top of a page, in the block that sign-off takes away.
Said here too, a page that is signed would go on denying it, and one made again would no longer be the one that was signed."""


def behind(page: Page, chapters: Sequence[str]) -> Behind:
    """What a page rests on, what it cannot tell, and the way to the annex."""
    rests = {
        "Period": f"{page.period or 'no period is known'}, {page.place}",
        "Figures from": showing.source_words(page),
        "Files": files_in_words(page),
        "State of the figures": STATES,
    }
    lacking = sum(
        not part.measures[key].is_control
        for part in page.parts
        for key in part.study.record["measures_without_extract"]
    )
    cannot = [
        "It does not say whether a change would have happened without the service, unless a finding puts it down to the service.",
        "It says nothing of one person, or of a group too small to show.",
    ]
    if lacking:
        cannot.append(f"{counted(lacking, 'measure')} could not be counted from what is here: the annex names each.")
    return Behind(
        rests={label: says for label, says in rests.items() if says},
        cannot=cannot,
        chapters=chapters,
        cards=[
            short_definition(part, one) for part in page.parts for one in part.measures.values() if not one.is_control
        ],
    )


@section
def glossary(page: Page) -> Glossary:
    """What the words mean."""
    return Glossary(WORDS)


@section
def parameters(page: Page) -> Parameters:
    """What this report was told."""
    told = {
        "pilot": page.pilot.title,
        "period": page.period,
        "area": page.study.area,
        "level": page.given.level or "the whole area",
        "price base": page.pilot.price_base,
        "contact": page.pilot.contact,
    }
    return Parameters(told)
