"""The finding that a section of a pilot's own page ends in, worked from the table it shows and nothing else.

Each takes the rows as they may be shown and says one of them, or the two ends of them. Where what it would say is hidden
or not known there is no finding.
"""

from __future__ import annotations

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed
from commissioning.sections import saying
from commissioning.sections.page import Page

NOT_WHY = "This does not say why."
OTHERS = "Other reasons are possible."


WIDEST = 50  # points of a hundred: a share whose range is wider says next to nothing, and leads no sentence


def one_row(page: Page, row: pd.DataFrame, sentence: str, evidence: str, *, claim: str = "described") -> list[Finding]:
    """A finding on some rows of a section's table; its numbers must be in them."""
    numbers = Computed(frame=row.reset_index(drop=True), of=(page.released,), how="rows of the section's own table")
    return [saying.finding(page, sentence, claim, numbers, evidence, declared=(page.period,))]


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


def bought(page: Page, frame: pd.DataFrame, what: str, how: str) -> list[Finding]:
    """The kinds of what is bought with the smallest and the largest share of outcomes, each with its range."""
    rows = known(frame, "value", "lower", "upper")
    if len(rows):
        rows = rows[rows["upper"] - rows["lower"] <= WIDEST]
    if len(rows) < 2:
        return []
    ends = rows.sort_values("value", kind="stable").iloc[[0, -1]]
    said = "; ".join(f"{one[what]}, {one[how]}: {limits(one)}" for _, one in ends.iterrows())
    return one_row(
        page,
        ends,
        f"Of what is bought, the ends of what it achieves are {said}. {OTHERS}",
        "bought-and-achieved",
        claim="compared",
    )


def first_state(page: Page, frame: pd.DataFrame, name: str, evidence: str, *, basis: str) -> list[Finding]:
    """The state or band that holds the most organisations."""
    rows = known(frame, "organisations", "pounds")
    if rows.empty:
        return []
    row = rows.loc[[rows["organisations"].astype(float).idxmax()]]
    one = row.iloc[0]
    called = str(one[name])
    says = f"{basis}, the largest group is “{called}”: it holds {int(one['organisations']):,} organisations, with {pounds(one['pounds'])} between them. {NOT_WHY}"
    return one_row(page, row, says, evidence)


def most_spent(page: Page, frame: pd.DataFrame, name: str, evidence: str, *, words_: str) -> list[Finding]:
    """The row with the most money, and for how many people."""
    rows = known(frame, "people", "pounds")
    if rows.empty:
        return []
    row = rows.loc[[rows["pounds"].astype(float).idxmax()]]
    one = row.iloc[0]
    says = f"{words_} {one[name]}: {pounds(one['pounds'])}, for {int(one['people']):,} people. {NOT_WHY}"
    others = rows.drop(row.index)
    if "pence_upper" in rows and (others["pence_upper"].astype("Float64") >= one["pence_lower"]).fillna(False).any():
        # The noise that protects people moves amounts: which of them is the largest is then not known.
        says = f"{page.period}: none stands out in money; {one[name]} has about {pounds(one['pounds'])}, for {int(one['people']):,} people. {NOT_WHY}"
    return one_row(page, row, says, evidence)
