"""Sections on funded organisations: days to decide, to give notice and to pay; whole income; who they are.

Organisations are no people, yet a council's own register is protected as people are.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures.breakdowns_of_agreements import WAITS
from commissioning.measures.breakdowns_of_organisations import INCOME_BANDS, OTHERS, SMALL, STAGES
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import markets, section_findings, showing
from commissioning.sections.page import Page, Shows, Told
from commissioning.study import broken_down, outcomes

# What each criterion of funding is called, by its measure, with the column that says whether it was scored.
CRITERIA = {
    "vcf_funding_criteria_scored_carbon": ("Carbon", "carbon_scored"),
    "vcf_funding_criteria_scored_social_value": ("Social value", "social_value_scored"),
}
LIMITS = {"value": "Share (%)", "lower": "Lower limit", "upper": "Upper limit"}
EVERY_STAGE = "before, since and not moved, together"
ANSWERS = {"number": "number", "number_of": "out_of", **{f"number_{one}": one for one in LIMITS}}


def may_be_shown(stages: pd.DataFrame, together: pd.DataFrame) -> pd.DataFrame:
    """Counts by who and stage, as released; for those of whose stages no share may be shown, all stages together.

    Never both for the same organisations: a stage that is hidden would be the whole less the others.
    """
    stages = broken_down.picked(stages, ("who", "stage"), ANSWERS)
    together = broken_down.picked(together, ("who",), ANSWERS)
    out = []
    for who in (one for one in (SMALL, OTHERS) if one in set(stages["who"])):
        parts = stages[stages["who"] == who].sort_values("stage", key=lambda one: one.map(list(STAGES).index))
        whole = together[together["who"] == who].assign(stage=EVERY_STAGE)
        out.append(parts if parts["value"].notna().any() or whole.empty else whole)
    return pd.concat(out, ignore_index=True) if out else stages


def prompt(page: Page) -> Shows:
    """Days to decide, to give notice and to pay (5.4)."""
    lacks: list[str] = []
    by_department = {"department": page.group if page.group_kind == "department" else None}
    held = set(broken_down.groups(page.study, "waits", ("what",)))
    for key, (table, first, last, says) in WAITS.items():
        if key not in held:
            lacks += [f"{says} (5.4) needs the extract “{table}” with its columns “{first}” and “{last}”."]
        elif key not in page.pilot.days_promised:
            lacks += [f"{says} (5.4): no number of days has been promised (days_promised in pilot.toml)."]
    if not held:
        wants = "; ".join(f"“{table}” with “{first}” and “{last}”" for table, first, last, _ in WAITS.values())
        return Told.of(
            Note(f"Days to decide, to give notice and to pay (5.4) need dates in the extracts: {wants}."), lacks=lacks
        )
    frame = showing.broken_down(page, "waits", "what", where=by_department)
    if frame.empty:
        return Told.of(
            Note(f"No wait that began in {page.period[:7]} has ended, as far as the extracts say."), lacks=lacks
        )
    tables = dict.fromkeys(WAITS[one][0] for one in WAITS if one in held)
    frame = frame.sort_values("what", key=lambda one: one.map(list(WAITS).index), ignore_index=True)
    frame["promised"] = pd.array([page.pilot.days_promised.get(one) for one in frame["what"]], dtype="Int64")
    frame["what"] = frame["what"].map({key: says for key, (*_, says) in WAITS.items()})
    names = {"counted": "counted", "days_value": "average", "kept": "kept", "kept_value": "share"}
    frame = broken_down.picked(frame, ("what", "promised"), names)
    said = _found_prompt(page, frame)
    return Told.of(Table(
        Computed(frame=frame, of=(page.released,), how="days between two dates, as released"),
        title="Days to decide, to give notice and to pay",
        caption=(
            f"For {page.place}, {page.period[:7]}. For notice, more days are better. Fewer than 20 have no share."
        ),
        source=showing.source_words(page, *tables),
        sources=showing.sources_of(page, *tables),
        columns={
            "what": "Wait", "counted": "Counted", "average": Column(name="average", label="Average (days)", decimals=0),
            "promised": Column(name="promised", label="Promised (days)", decimals=0), "kept": "As promised",
            "share": Column(name="share", label="As promised (%)", decimals=0),
        },
        declared=(page.period[:7], page.place, 20),
        id="prompt",
    ), found=said, lacks=lacks)  # fmt: skip


def small_under_the_move(page: Page) -> Shows:
    """Success and survival of small and equality-led organisations, before and since the move (11.1)."""
    what = (
        "Success and survival of small and equality-led organisations under the move to outcome-based agreements (11.1)"
    )
    starts = page.study.published("starts")
    if not showing.holds(page, "starts") or not starts["unit_kind"].eq("department").any():
        return showing.needs_columns(page, "starts", "unit", "started", for_what=what)
    asked = {
        "success": ("applications", "Applications that succeeded"),
        "survival": ("organisations", "Still operating 12 months after first funding"),
    }
    parts = [
        (says, may_be_shown(showing.in_all(page, id, "who", "stage"), showing.in_all(page, id, "who")))
        for id, (table, says) in asked.items()
        if showing.holds(page, table)
    ]
    if not parts:
        return showing.needs_extract(page, "applications", "organisations", for_what=what)
    frame = pd.concat([one.assign(what=says) for says, one in parts], ignore_index=True)
    hidden = int(frame["number_hidden"].astype(bool).sum())
    tables = tuple(one for one in ("applications", "organisations") if showing.holds(page, one))
    began = markets.files_of(page, starts[starts["unit_kind"].eq("department")], "starts")
    said = _found_under_the_move(page, frame)
    return Told.of(showing.table_of(
        page, frame,
        "applications and organisations by where their department's move stood, as released",
        *tables,
        "starts",
        sources=(*showing.sources_of(page, *tables), *began),
        title="Small and equality-led organisations, before and since the move",
        caption=(
            f"All years of application and of first funding together; {hidden} of {len(frame)} rows hide their number, because it or its "
            f"rest is 1 to {page.study.policy.suppress_to}. Where every stage of a row would be hidden, all stand together. Departments differ in other "
            "ways too: this does not say that the move did it."
        ),
        columns={
            "what": "What", "who": "Who", "stage": "When", "number": "Number", "out_of": "Out of",
            **{key: Column(name=key, label=says, decimals=0) for key, says in LIMITS.items()},
        },
        keys=3,
        declared=(hidden, len(frame), page.study.policy.suppress_to, 1, 12),
        id="small-under-the-move",
    ), found=said)  # fmt: skip


def criteria(page: Page) -> Shows:
    """Carbon (12.1) and social value (4.11d): in how many awards each was scored, and where the criterion is from."""
    known = {key: page.measures[key] for key in CRITERIA if key in page.measures}
    held = {key: one for key, one in known.items() if key in page.study.record["measures"]}
    if not held:
        columns = " and ".join(f"“{column}”" for _, column in CRITERIA.values())
        says = (
            "Carbon (12.1) and social value (4.11d): not scored. No extract here says whether a named person scored either with "
            f"evidence: that needs “applications” with its columns {columns}. Nothing is counted as delivered."
        )
        return showing.lacking(says)
    figures = page.released.figures
    rows = figures[(figures["group_kind"] == "all") & (figures["period"] == page.period[:7])]
    rows = outcomes.scaled(rows[rows["measure"].isin(list(held))], page.measures)
    if rows.empty:
        return Note(
            f"Carbon (12.1) and social value (4.11d): no award of {page.period[:7]} is recorded, so neither was scored."
        )
    frame = rows.assign(
        criterion=rows["measure"].map({one: name for one, (name, _) in CRITERIA.items()}),
        origin=rows["measure"].map({one: measure.source.reference for one, measure in held.items()}),
        column=rows["measure"].map(
            {one: f"applications, {column.replace('_', ' ')}" for one, (_, column) in CRITERIA.items()}
        ),
    )
    said = _found_criteria(page, frame)
    return Told.of(Table(
        Computed(frame=frame.reset_index(drop=True), of=(page.released,), how="released figures of each criterion"),
        title="Carbon and social value as criteria of funding",
        caption=(
            f"Awards of {page.period[:7]}. Scored means by a named person, with evidence. It says nothing of what was delivered, and no "
            f"pounds are put on it.{page.of_the_whole}"
        ),
        source=showing.source_words(page, measures=tuple(held)),
        columns={
            "criterion": "Criterion", "numerator": "Scored", "denominator": "Awards asked to score it",
            **{key: Column(name=key, label=says, decimals=0) for key, says in LIMITS.items()},
            "not_applicable": "Not asked", "unknown": "Not recorded", "origin": "The criterion is from",
            "column": "Whether it was scored is in",
        },
        measures=tuple(held),
        declared=(page.period[:7], 2011, 2, 12.1, "4.11d", *(one.source.reference for one in held.values())),
        id="criteria",
    ), found=said)  # fmt: skip


def share_of_income(page: Page) -> Shows:
    """How much of each organisation's whole income the council gives: dependence on one funder (4.11d)."""
    every = showing.in_all(page, "organisations")
    if every.empty or not (every["organisations"].fillna(0).gt(0) | every["organisations_hidden"].eq(True)).any():
        return showing.needs_columns(
            page,
            "organisations",
            "income",
            "income_year",
            for_what="The council's share of each organisation's whole income",
        )
    shown = broken_down.in_pounds(showing.in_all(page, "income_shares", "band"))
    if shown.empty:
        return showing.needs_columns(
            page, "payments", "grant_id", for_what="The council's share of each organisation's whole income"
        )
    shown = shown.sort_values("band", key=lambda one: one.map(list(INCOME_BANDS).index), ignore_index=True)
    rounded = every.iloc[0][["organisations", "organisations_of"]]
    counted, whole = ("a few" if pd.isna(one) else f"{int(one):,}" for one in rounded)
    said = section_findings.first_state(
        page, shown, "band", "share-of-income", basis="By what the council paid in the year of each one's last accounts"
    )
    return Told.of(showing.table_of(
        page, shown,
        "organisations by what the council paid them over their whole income, as released",
        "organisations",
        "payments",
        title="The council's share of organisations' whole income",
        caption=(
            f"About {counted} of {whole} organisations, each in the year of its last accounts. The rest "
            "gave no income. A large share is a risk to the organisation if funding stops, and says nothing of its work."
        ),
        columns={"band": "The council gives", "organisations": "Organisations", "pounds": Column(name="pounds", label="Paid in that year (£)", decimals=0)},
        declared=tuple(int(one) for one in rounded if pd.notna(one)),
        id="share-of-income",
    ), found=said)  # fmt: skip


def social_enterprises(page: Page) -> Shows:
    """Social enterprises and mutuals beside other organisations: what they were awarded, and their success (4.11f)."""
    lacks: list[str] = []
    if not showing.holds(page, "organisations"):
        return Told.of(
            showing.needs_columns(
                page, "organisations", "social_enterprise", "mutual", for_what="Social enterprises and mutuals (4.11f)"
            ),
            lacks=lacks,
        )
    frame = broken_down.in_pounds(showing.in_all(page, "organisations", "kind"))
    frame = broken_down.picked(frame, ("kind",), {"organisations_of": "organisations", "pounds": "pounds"})
    if "Co-operatives and mutuals" not in set(frame["kind"]):
        lacks += ["Which organisations are mutuals (4.11f): that needs the column “mutual” of “organisations”."]
    if not (frame["pounds"].notna() | frame["pounds_hidden"]).any():
        frame = frame.drop(columns="pounds")
    applied = showing.in_all(page, "applications", "kind")
    if len(applied):
        names = {"successful": "successful", "successful_of": "applied", "successful_value": "share"}
        frame = broken_down.beside(frame, applied, ("kind",), names)
    columns: dict[str, str | Column] = {"kind": "Kind", "organisations": "Organisations"}
    if "pounds" in frame:
        columns["pounds"] = Column(name="pounds", label="Awarded, all years (£)", decimals=0)
    else:
        lacks += ["What social enterprises and mutuals were awarded (4.11f) needs the extract “grants”."]
    if "applied" in frame:
        columns |= {
            "applied": "Applications", "successful": "Successful",
            "share": Column(name="share", label="Successful (%)", decimals=0),
        }  # fmt: skip
    return Told.of(
        showing.table_of(
            page,
            frame,
            "organisations by kind, with their awards and applications, as released",
            "organisations",
            "grants",
            "applications",
            title="Social enterprises and mutuals",
            caption="The 2011 report says that the council will look to promote them. All years together.",
            columns=columns,
            declared=(2011,),
            id="social-enterprises",
        ),
        lacks=lacks,
    )


def _found_prompt(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """The promise that was kept least often."""
    rows = section_findings.known(frame, "counted", "kept", "share", "average", "promised")
    if rows.empty:
        return []
    row = rows.loc[[rows["share"].astype(float).idxmin()]]
    one = row.iloc[0]
    says = (
        f"{one['what']}: {int(one['kept']):,} of {int(one['counted']):,} kept the {int(one['promised'])} days promised, "
        f"{words.number(one['share'])}%; on average they took {words.number(one['average'])} days. {section_findings.NOT_WHY}"
    )
    return section_findings.one_row(page, row, says, "prompt")


def _found_under_the_move(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """Small organisations before their department moved, and since."""
    rows = section_findings.known(frame, "number", "out_of", "value", "lower", "upper")
    for _, held in rows.groupby(["what", "who"], sort=False):
        if len(held) < 2:
            continue
        two = held.head(2)
        said = "; ".join(
            f"{one['stage']}, {int(one['number']):,} of {int(one['out_of']):,}, {section_findings.limits(one)}"
            for _, one in two.iterrows()
        )
        one = two.iloc[0]
        says = f"{one['what']}, {str(one['who'])[:1].lower()}{str(one['who'])[1:]}: {said}. {section_findings.OTHERS}"
        return section_findings.one_row(page, two, says, "small-under-the-move", claim="compared")
    return []


def _found_criteria(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """How often each criterion was scored with evidence."""
    rows = section_findings.known(frame, "numerator", "denominator", "value")
    if rows.empty:
        return []
    said = "; ".join(
        f"{str(one['criterion']).lower()} in {int(one['numerator']):,} of {int(one['denominator']):,}"
        for _, one in rows.iterrows()
    )
    return section_findings.one_row(
        page, rows, f"Awards scored with evidence: {said}. A score says nothing of what was achieved.", "criteria"
    )


SECTIONS = (
    prompt,
    small_under_the_move,
    criteria,
    share_of_income,
    social_enterprises,
)
