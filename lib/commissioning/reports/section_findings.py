"""The finding that a section of a pilot's own page ends in, worked from the table it shows and nothing else.

Each takes the rows as they may be shown and says one of them, or the two ends of them. Where what it would say is hidden
or not known there is no finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed

if TYPE_CHECKING:
    from commissioning.reports.base import Base

NOT_WHY = "This does not say why."
OTHERS = "Other reasons are possible."


def one_row(
    report: Base, row: pd.DataFrame, sentence: str, evidence: str, *, claim: str = "described"
) -> list[Finding]:
    """A finding on some rows of a section's table; its numbers must be in them."""
    numbers = Computed(frame=row.reset_index(drop=True), of=(report.released,), how="rows of the section's own table")
    return [report.finding(sentence, claim, numbers, evidence, declared=(report.period,))]


def pounds(amount: float) -> str:
    """An amount that was rounded for release, in short words."""
    return words.money_rounded(round(float(amount)) * 100)


def limits(row: pd.Series) -> str:
    """ "60% (range 57 to 63)"."""
    low, high = words.number(row["lower"]), words.number(row["upper"])
    return f"{words.number(row['value'])}% (range {low} to {high})"


def known(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The rows in which all these columns may be shown and are known; none where the table lacks one of them."""
    if not set(columns) <= set(frame.columns):
        return frame.iloc[:0]
    return frame[frame[list(columns)].notna().all(axis=1)].reset_index(drop=True)


def against_award(report: Base, frame: pd.DataFrame) -> list[Finding]:
    """The split row on which most was spent: its outcome beside its spend."""
    rows = known(frame, "pounds", "known", "reached", "value", "lower", "upper")
    if rows.empty:
        return []
    row = rows.loc[[rows["pounds"].astype(float).idxmax()]]
    one = row.iloc[0]
    says = (
        f"{one['split']} {one['group']}: {int(one['reached']):,} of {int(one['known']):,} people whose result is known reached their "
        f"outcome, {limits(one)}, beside {pounds(one['pounds'])} spent. {NOT_WHY}"
    )
    return one_row(report, row, says, "outcomes-against-award")


def bought(report: Base, frame: pd.DataFrame, what: str, how: str) -> list[Finding]:
    """The kinds of what is bought with the smallest and the largest share of outcomes, each with its range."""
    rows = known(frame, "value", "lower", "upper")
    if len(rows) < 2:
        return []
    ends = rows.sort_values("value", kind="stable").iloc[[0, -1]]
    said = "; ".join(f"{one[what]}, {one[how]}: {limits(one)}" for _, one in ends.iterrows())
    return one_row(
        report,
        ends,
        f"Of what is bought, the ends of what it achieves are {said}. {OTHERS}",
        "bought-and-achieved",
        claim="compared",
    )


def in_proportion(report: Base, frame: pd.DataFrame) -> list[Finding]:
    """The risk at which most agreements are asked for hours above the range agreed."""
    rows = known(frame, "agreements", "over", "hours_over")
    if rows.empty:
        return []
    row = rows.loc[[rows["over"].astype(float).idxmax()]]
    one = row.iloc[0]
    says = (
        f"Risk {one['risk']}: {int(one['over']):,} of {int(one['agreements']):,} agreements are asked for hours of monitoring above the "
        f"range agreed, {words.number(one['hours_over'])} hours in all. {NOT_WHY}"
    )
    return one_row(report, row, says, "in-proportion")


def prompt(report: Base, frame: pd.DataFrame) -> list[Finding]:
    """The promise that was kept least often."""
    rows = known(frame, "counted", "kept", "share", "average", "promised")
    if rows.empty:
        return []
    row = rows.loc[[rows["share"].astype(float).idxmin()]]
    one = row.iloc[0]
    says = (
        f"{one['what']}: {int(one['kept']):,} of {int(one['counted']):,} kept the {int(one['promised'])} days promised, "
        f"{words.number(one['share'])}%; on average they took {words.number(one['average'])} days. {NOT_WHY}"
    )
    return one_row(report, row, says, "prompt")


def paid_twice(report: Base, frame: pd.DataFrame) -> list[Finding]:
    """How many pairs of agreements are matched by the surest match shown."""
    rows = known(frame, "pairs", "pounds")
    if rows.empty:
        return []
    row = rows.head(1)
    one = row.iloc[0]
    says = (
        f"{int(one['pairs']):,} pairs of agreements from different departments have the same purpose and a month in common, matched by "
        f"{one['match']}: {pounds(one['pounds'])}. A pair is a question, and may be meant."
    )
    return one_row(report, row, says, "paid-twice")


def first_state(report: Base, frame: pd.DataFrame, name: str, evidence: str, *, of: str = "") -> list[Finding]:
    """The state or band that holds the most organisations; `of` completes what the band is a share of."""
    rows = known(frame, "organisations", "pounds")
    if rows.empty:
        return []
    row = rows.loc[[rows["organisations"].astype(float).idxmax()]]
    one = row.iloc[0]
    called = str(one[name])
    says = f"{called[:1].upper()}{called[1:]}: {int(one['organisations']):,} organisations, with {pounds(one['pounds'])} between them. {NOT_WHY}"
    return one_row(report, row, says, evidence)


def under_the_move(report: Base, frame: pd.DataFrame) -> list[Finding]:
    """Small organisations before their department moved, and since."""
    rows = known(frame, "number", "out_of", "value", "lower", "upper")
    for _, held in rows.groupby(["what", "who"], sort=False):
        if len(held) < 2:
            continue
        two = held.head(2)
        said = "; ".join(
            f"{one['stage']}, {int(one['number']):,} of {int(one['out_of']):,}, {limits(one)}"
            for _, one in two.iterrows()
        )
        one = two.iloc[0]
        says = f"{one['what']}, {str(one['who'])[:1].lower()}{str(one['who'])[1:]}: {said}. {OTHERS}"
        return one_row(report, two, says, "small-under-the-move", claim="compared")
    return []


def criteria(report: Base, frame: pd.DataFrame) -> list[Finding]:
    """How often each criterion was scored with evidence."""
    rows = known(frame, "numerator", "denominator", "value")
    if rows.empty:
        return []
    said = "; ".join(
        f"{str(one['criterion']).lower()} in {int(one['numerator']):,} of {int(one['denominator']):,}"
        for _, one in rows.iterrows()
    )
    return one_row(
        report, rows, f"Awards scored with evidence: {said}. A score says nothing of what was achieved.", "criteria"
    )


def experiments(report: Base, frame: pd.DataFrame) -> list[Finding]:
    """Experiments beside other agreements, judged together: some are meant not to work."""
    rows = known(frame, "due", "met", "share")
    if len(rows) < 2:
        return []
    said = "; ".join(
        f"{one['kind']} {int(one['met']):,} of {int(one['due']):,}, {words.number(one['share'])}%"
        for _, one in rows.iterrows()
    )
    return one_row(report, rows, f"Targets met: {said}. {OTHERS}", "innovation-portfolio", claim="compared")


def most_spent(report: Base, frame: pd.DataFrame, name: str, evidence: str, *, words_: str) -> list[Finding]:
    """The row with the most money, and for how many people."""
    rows = known(frame, "people", "pounds")
    if rows.empty:
        return []
    row = rows.loc[[rows["pounds"].astype(float).idxmax()]]
    one = row.iloc[0]
    says = f"{words_} {one[name]}: {pounds(one['pounds'])}, for {int(one['people']):,} people. {NOT_WHY}"
    return one_row(report, row, says, evidence)
