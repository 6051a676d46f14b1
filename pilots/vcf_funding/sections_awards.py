"""Outcomes against award, by programme and department; and what is bought, how, and what it achieves (4.3, App. 2 2.2c).

A council's own register is protected as people are, unless it is public already. Nothing is divided here: spend and
outcomes stand side by side.
"""

from __future__ import annotations

import pandas as pd

from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import section_findings, showing
from commissioning.sections.page import Page, Shows, Told
from commissioning.study import broken_down, outcomes

SPLITS = {"programme": "Programme", "department": "Department"}
REGISTERED = ("programme",)  # kinds of group that people's own rows do not name
KNOWN = "outcome known"
PARTLY = "outcome known of a part of the spend"
UNKNOWN = "{money} known, outcome unknown"
ROUGHLY = ("value", "lower", "upper")
PEOPLE = {"people": "reached", "people_of": "known", **{f"people_{one}": one for one in ROUGHLY}}


def _by(page: Page, measure: str, column: str) -> pd.DataFrame:
    """Released rows of a measure in the period, by a kind of group; limits in per cent."""
    figures = page.released.figures
    rows = figures[
        (figures["measure"] == f"vcf_funding_{measure}") & (figures["group_kind"] == column)
        & (figures["period"] == page.period[:7])
    ]  # fmt: skip
    return outcomes.scaled(rows, page.measures).set_index("group")


def _people(page: Page, column: str) -> pd.DataFrame:
    """People with a known result by group, protected: known, reached, value, lower, upper, each with its `_hidden`."""
    released = _by(page, "outcome_reached", column)
    if len(released):
        hidden = released["hidden"].astype(bool)
        frame = pd.DataFrame(
            {
                "known": released["denominator"],
                "reached": released["numerator"],
                **{one: released[one] for one in ROUGHLY},
            }
        )
        return frame.assign(**{f"{one}_hidden": hidden & frame[one].isna() for one in list(frame)})
    # Names of groups come from the register alone: one typed into a person's row is never shown.
    if column not in REGISTERED:
        return pd.DataFrame()
    return broken_down.picked(showing.broken_down(page, "reached", column), (column,), PEOPLE).set_index(column)


def _split(page: Page, column: str) -> pd.DataFrame:
    """One row a group: awarded, spent, spent with a known outcome, and people; empty where nothing is known."""
    award = _by(page, "award", column)
    parts = {"awarded": pd.to_numeric(award["numerator"]).astype("Float64") / 100} if len(award) else {}
    frame = pd.DataFrame(parts)
    spent = showing.broken_down(page, "accrued", column)
    if len(spent):
        spent = broken_down.in_pounds(
            broken_down.in_pounds(spent), "pence_known", "pounds_known"
        )  # what is left of the spend would tell of the few agreements whose outcome is not known
        few = spent["agreements_hidden"]
        spent["pounds_known"], spent["pounds_known_hidden"] = (
            spent["pounds_known"].mask(few),
            spent["pounds_known_hidden"] | few,
        )
        spent["partly"] = few | spent["agreements"].lt(spent["agreements_of"]).fillna(False).astype(bool)
        kept = ["pounds", "pounds_hidden", "pounds_known", "pounds_known_hidden", "partly"]
        frame = frame.join(spent.set_index(column)[kept], how="outer")
    people = _people(page, column)
    frame = frame.join(people, how="outer") if len(people) else frame
    for name in [one for one in frame if one.endswith("_hidden")]:
        frame[name] = frame[name].fillna(False).astype(bool)
    return frame.rename_axis("group").reset_index().assign(split=SPLITS[column])


def outcomes_against_award(page: Page) -> Shows:
    """For each programme and department: what was awarded and spent, and what came of it (App. 2 2.2c)."""
    lacks: list[str] = []
    if not showing.holds(page, "grants") and not showing.holds(page, "payments"):
        return Told.of(
            showing.needs_extract(
                page, "grants", "supported", for_what="A table of outcomes against award, by programme and department,"
            ),
            lacks=lacks,
        )
    frame = pd.concat([_split(page, column) for column in SPLITS], ignore_index=True)
    if frame.empty:
        return Told.of(
            Note(f"Nothing was awarded or spent in {page.period[:7]}, as far as the extracts say."), lacks=lacks
        )
    wanted = ("awarded", "pounds", "pounds_known", "known", "reached", *ROUGHLY)
    for name in wanted:
        if name not in frame:
            frame[name] = pd.NA
    money = "spend" if frame["pounds"].notna().any() else "award"
    people = pd.to_numeric(frame["known"], errors="coerce").fillna(0).gt(0)
    people |= frame.get("known_hidden", pd.Series(False, index=frame.index)).fillna(False).astype(bool)
    partly = frame["partly"].eq(True) if "partly" in frame else pd.Series(False, index=frame.index)
    frame["says"] = [
        (PARTLY if part else KNOWN) if some else UNKNOWN.format(money=money)
        for some, part in zip(people, partly, strict=True)
    ]
    if not showing.holds(page, "supported"):
        lacks += ["Outcomes against award, by programme and department, need the extract “supported”."]
    paid = ("payments",) if money == "spend" else ()
    tables = tuple(one for one in ("grants", *paid, "supported", "returns") if showing.holds(page, one))
    amounts = {"awarded": "Awarded (£)", "pounds": "Spent (£)", "pounds_known": "Spent, outcome known (£)"}
    limits = {"value": "Reached (%)", "lower": "Lower limit", "upper": "Upper limit"}
    columns: dict[str, str | Column] = {"split": "Split by", "group": "Group"}
    columns |= {
        key: Column(name=key, label=says, decimals=0) for key, says in amounts.items() if frame[key].notna().any()
    }
    if showing.holds(page, "supported"):
        columns |= {"known": "People whose result is known", "reached": "Reached the outcome"}
        columns |= {key: Column(name=key, label=says, decimals=0) for key, says in limits.items()}
    said = _found_against_award(page, frame)
    return Told.of(
        Table(
            Computed(frame=frame, of=(page.released,), how="released figures by group, and accrued spend, as released"),
            title="Outcomes against award, by programme and department",
            caption=(
                f"{page.period[:7]}. Awards are promises of the year; spend is what was paid, for the months delivered. Unlike outcomes "
                "stand in one count of people, each held against what was agreed for them, so nothing is divided by it. A person helped by two "
                f"departments counts in both.{page.of_the_whole}"
            ),
            source=showing.source_words(page, *tables),
            sources=showing.sources_of(page, *tables),
            columns=columns | {"says": "What is known"},
            keys=2,
            declared=(page.period[:7],),
            id="outcomes-against-award",
        ),
        found=said,
        lacks=lacks,
    )


def bought_and_achieved(page: Page) -> Shows:
    """What is bought, how, and what it achieves: commissioning kept apart from procurement (4.3)."""
    if not showing.holds(page, "grants"):
        return showing.needs_extract(
            page, "grants", "supported", for_what="What is bought, how, and what it achieves (4.3)"
        )
    column = "purpose" if broken_down.groups(page.study, "bought", ("purpose", "how")) else "programme"
    lacks = [
        "Whether an agreement is a grant, a contract or bought as it is needed (4.3): no column of “grants” says so."
    ]
    frame = broken_down.in_pounds(showing.in_all(page, "bought", column, "how")).rename(columns={column: "what"})
    measure = page.measures.get("vcf_funding_outcome_reached")
    known = measure is not None and showing.holds(page, "supported")
    columns: dict[str, str | Column] = {
        "what": "What is bought" if column == "purpose" else "Programme", "how": "How", "agreements": "Agreements",
        "pounds": Column(name="pounds", label="Awarded (£)", decimals=0),
    }  # fmt: skip
    if measure is not None and known:
        people = showing.in_all(page, "reached_in_all", column, "how").rename(columns={column: "what"})
        frame = broken_down.beside(frame, people, ("what", "how"), PEOPLE)
        limits = {"value": "Reached (%)", "lower": "Lower limit", "upper": "Upper limit"}
        columns |= {"known": "People whose result is known", "reached": "Reached the outcome"}
        columns |= {key: Column(name=key, label=says, decimals=0) for key, says in limits.items()}
    else:
        lacks += ["What agreements achieve, by what is bought (4.3) needs the extract “supported”."]
    without = "" if known else " Outcome unknown: the extract “supported” is not here."
    own = (
        ""
        if column == "purpose"
        else " Each agreement is described in its own words, so programmes stand for what is bought."
    )
    tables = ("grants", *(one for one in ("supported", "returns") if known and showing.holds(page, one)))
    said = section_findings.bought(page, frame, "what", "how")
    return Told.of(
        showing.table_of(
            page,
            frame,
            "agreements by what they are for and how they are agreed, with the people whose result is known, as released",
            *tables,
            title="What is bought, how, and what it achieves",
            caption=(
                "All years together; a person counts once in a row. What is bought answers a need (commissioning); how it is got is procurement. "
                "All are agreements with organisations: what the council does itself is in no register of grants, and whether an "
                f"agreement is a grant or a contract is not recorded. A difference between rows does not say why.{own}{without}"
            ),
            columns=columns,
            keys=2,
            id="bought-and-achieved",
        ),
        found=said,
        lacks=lacks,
    )


def _found_against_award(page: Page, frame: pd.DataFrame) -> list[Finding]:
    """The split row on which most was spent: its outcome beside its spend."""
    rows = section_findings.known(frame, "pounds", "known", "reached", "value", "lower", "upper")
    if rows.empty:
        return []
    row = rows.loc[[rows["pounds"].astype(float).idxmax()]]
    one = row.iloc[0]
    says = (
        f"In {page.period[:7]}, {int(one['reached']):,} of {int(one['known']):,} people whose result is known reached their outcome "
        f"under {str(one['split']).lower()} {one['group']}, {section_findings.limits(one)}, beside {section_findings.pounds(one['pounds'])} spent. {section_findings.NOT_WHY}"
    )
    return section_findings.one_row(page, row, says, "outcomes-against-award")


SECTIONS = (
    outcomes_against_award,
    bought_and_achieved,
)
