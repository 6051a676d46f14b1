"""Money on an Easy Read page: the extra cost and the whole, as the answer of the same pilot gives them, in round words."""

from __future__ import annotations

import re

import pandas as pd

from commissioning.measures import Measure
from commissioning.pilot import Pilot
from commissioning.presentation.easy_read import Idea, Part, we_do_not_know_yet
from commissioning.reports import answer, answer_money
from commissioning.reports.easy_read_words import fits, phrase_of
from commissioning.sections import figures
from commissioning.sections.page import Page
from commissioning.study import spend_lines, value_words

_MONTHS = {"Q1": "April to June", "Q2": "July to September", "Q3": "October to December", "Q4": "January to March"}


def part_of(page: Page) -> Part:
    """The extra cost, the whole, and what each person who gained cost, as the answer gives them."""
    first = answer.headline_of(page)
    line = answer_money.spend_line(page, first.measure if first else None)
    ideas, priced = _extra(page)
    if line is None or line["table"] == spend_lines.PROMISED:
        ideas.append(we_do_not_know_yet("How much money was spent on this?"))
    else:
        real = not pd.isna(line["real_pence"])
        column, year = "real_pence" if real else "pence", str(line["year"])
        rest = answer_money.outcome_unknown(figures.spend(page).frame, line, column)
        spent = money_words(int(line[column]))
        says = f"In all, about {spent} was spent." if rest is None else f"We know what good about {spent} did."
        other = period_words(year) if year != page.period[:7] else None
        sentences = (says, *((f"This was {other}.",) if other else ()))
        ideas.append(Idea(picture="coins", sentences=sentences))
        if rest is not None:
            unknown = f"We do not know what good another {money_words(round(rest))} did."
            ideas.append(Idea(picture="question", sentences=(unknown,)))
        bridge = figures.spend(page).bridge
        own = (
            0
            if bridge is None or figures.spend(page).bridge_year != year
            else -int(bridge.set_index("line")["pence"].get("client contributions", 0))
        )
        if own > 0:
            ideas.append(Idea(picture="person", sentences=("People paid some of this money themselves.",)))
        priced.append(real)
    if any(priced) and page.pilot.price_base != page.period[:7]:
        sums = "These sums are" if all(priced) else "Some of these sums are"
        says = f"{sums} in the prices of {page.pilot.price_base[:4]}."
        ideas.append(Idea(picture="calendar", sentences=(says,)))
    return Part(heading="Money", ideas=(*ideas, *_each(page, first.measure if first else None)))


def _extra(page: Page) -> tuple[list[Idea], list[bool]]:
    """What the new way costs besides, and whether each sum is in real terms; nothing where no new way has started."""
    design = page.pilot.design
    if page.group or design is None or design.kind == "none" or not figures.effects(page).started:
        return [], []
    found = answer_money.extra(page)
    if found is None:
        return [we_do_not_know_yet("Did the new way cost extra money?")], []
    (middle, low, high), prices = found
    if low < 0 < high:
        told = ("We looked at what the new way costs.", "We could not see that it costs more or less.")
        return [Idea(picture="same", sentences=told, claim="compared")], []
    ends = [money_words(round(one)) for one in sorted((abs(low), abs(high)))]
    cost = f"The new way cost about {money_words(round(abs(middle)))} {'more' if middle > 0 else 'less'} in a year."
    told_ideas = [
        Idea(picture="pound", sentences=(cost,), claim="compared"),
        Idea(picture="unsure", sentences=(f"It could be from {ends[0]} to {ends[1]}.",), claim="compared"),
    ]
    return told_ideas, [prices == page.pilot.price_base]


def _each(page: Page, measure: Measure | None) -> list[Idea]:
    """What each extra person who gained cost, beside the worth that was agreed; nothing where the answer gives neither."""
    found = answer_money.value_of(page)
    one = answer_money.weighed(found, measure) if found is not None else None
    if one is None:
        return []
    cost = money_words(round(100 * value_words.row(one)["each"]))
    phrase = phrase_of(page, one.measure)
    says = fits(
        *((f"Each extra person who {phrase} cost about {cost}.",) if phrase else ()),
        f"Each extra person who gained cost about {cost}.",
    )
    ideas = [Idea(picture="person", sentences=(says,), claim="compared")]
    if one.worth is not None and one.weighed is not None and not page.given.what_if:
        before = page.sealed.standing(f"floors.{one.measure.id}.worth") == "sealed"
        worth = (
            f"The council {'had said' if before else 'says'} up to {money_words(round(100 * one.worth))} is good value."
        )
        ideas.append(Idea(picture="pound", sentences=(worth,)))
    return ideas


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
    """A round amount: millions from ten million up, hundred thousands from one, thousands below; no decimals.

    >>> money_words(3_412_074_000), money_words(119_600_000)
    ('£34 million', '£1,200,000')
    """
    pounds = (pence + 50) // 100
    if pounds >= 9_950_000:
        return f"£{(pounds + 500_000) // 1_000_000} million"
    step = 100_000 if pounds >= 999_500 else 1_000 if pounds >= 10_000 else 100 if pounds >= 1_000 else 1
    return f"£{(pounds + step // 2) // step * step:,}"
