"""Money on an Easy Read page: the extra cost and the whole, as the answer of the same pilot gives them, in round words."""

from __future__ import annotations

import re

import pandas as pd

from commissioning.pilot import Pilot
from commissioning.presentation.easy_read import Idea, Part, we_do_not_know_yet
from commissioning.reports import answer, answer_money
from commissioning.sections import figures
from commissioning.sections.page import Page
from commissioning.study import spend_lines

_MONTHS = {"Q1": "April to June", "Q2": "July to September", "Q3": "October to December", "Q4": "January to March"}


def part_of(page: Page) -> Part:
    """The extra cost and the whole, as the answer gives them: in the prices of one year."""
    first = answer.headline_of(page)
    line = answer_money.spend_line(page, first.measure if first else None)
    ideas = [*_extra(page)]
    if line is None or line["table"] == spend_lines.PROMISED:
        ideas.append(we_do_not_know_yet("We do not know how much money was spent on this."))
    else:
        priced = not pd.isna(line["real_pence"])
        column, year = "real_pence" if priced else "pence", str(line["year"])
        rest = answer_money.outcome_unknown(figures.spend(page).frame, line, column)
        spent = money_words(int(line[column]))
        sentences = [f"In all, about {spent} was spent."]
        if rest is not None:
            sentences = [f"We know what good about {spent} did."]
        if (when := period_words(year)) is not None:
            sentences.append(f"This was {when}.")
        ideas.append(Idea(picture="coins", sentences=tuple(sentences)))
        if rest is not None:
            unknown = f"We do not know what good another {money_words(round(rest))} did."
            ideas.append(Idea(picture="question", sentences=(unknown,)))
        if priced and (when := period_words(page.pilot.price_base)) is not None:
            ideas.append(
                Idea(
                    picture="calendar",
                    sentences=("Prices go up with time.", f"We used the prices {when}."),
                    claim="compared",
                )
            )
        bridge = figures.spend(page).bridge
        own = (
            0
            if bridge is None or figures.spend(page).bridge_year != year
            else -int(bridge.set_index("line")["pence"].get("client contributions", 0))
        )
        if own > 0:
            ideas.append(Idea(picture="person", sentences=("People paid some of this money themselves.",)))
    if people_pay(page.pilot):
        ideas.append(Idea(picture="person", sentences=("People may have to pay for some support too.",)))
    return Part(heading="Money", ideas=tuple(ideas))


def _extra(page: Page) -> list[Idea]:
    """What the new way costs besides; nothing where no new way has started."""
    design = page.pilot.design
    if page.group or design is None or design.kind == "none" or not figures.effects(page).started:
        return []
    found = answer_money.extra(page)
    if found is None:
        return [we_do_not_know_yet("We do not know if the new way costs extra money.")]
    middle, low, high = found[0]
    told: tuple[str, ...]
    if low < 0 < high:
        told = ("We looked at what the new way costs.", "We could not see that it costs more or less.")
        return [Idea(picture="scales", sentences=told, claim="compared")]
    ends = sorted((abs(low), abs(high)))
    told = (
        f"The new way cost about {money_words(round(abs(middle)))} {'more' if middle > 0 else 'less'} in a year.",
        f"It could be as little as {money_words(round(ends[0]))}.",
        f"It could be as much as {money_words(round(ends[1]))}.",
    )
    return [Idea(picture="scales", sentences=told, claim="compared")]


def people_pay(pilot: Pilot) -> bool:
    """Whether people may be asked to pay towards this support: never where what is bought are grants, and no packages."""
    return pilot.people_pay_charges and "packages" in pilot.tables


def period_words(period: str) -> str | None:
    """ "2014-15" → "from April 2014 to March 2015"; a quarter's months and year; None for anything else.

    >>> period_words("2014-15 Q4")
    'from January to March 2015'
    """
    if (found := re.fullmatch(r"(\d{4})-(\d{2})(?: (Q[1-4]))?", period)) is None:
        return None
    first = int(found[1])
    if found[3]:
        return f"from {_MONTHS[found[3]]} {first + (found[3] == 'Q4')}"
    return f"from April {first} to March {first + 1}"


def money_words(pence: int) -> str:
    """A round amount in words: millions from ten million up, hundred thousands from one, thousands below: no decimals.

    >>> money_words(3_412_074_000)
    '34 million pounds'
    """
    pounds = (pence + 50) // 100
    millions, rest = divmod((pounds + 50_000) // 100_000, 10)
    if 0 < millions < 10 and rest:
        return f"{millions} million {rest}00 thousand pounds"
    if pounds >= 999_500:
        return f"{(pounds + 500_000) // 1_000_000} million pounds"
    if pounds >= 1_000:
        return f"{(pounds + 500) // 1_000} thousand pounds"
    return f"{pounds} pounds"
