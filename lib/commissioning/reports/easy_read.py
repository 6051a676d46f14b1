"""The Easy Read page of a pilot, from the figures that its own report releases.

The rules of the words and pictures stand in `presentation.easy_read`, which refuses a page
that breaks one. Here is what the page says: what good was done, what changed as far as it
may be said, money, what happens next. A new pilot needs no code: `easy_words` in its
pilot.toml says each outcome in plain words, and a measure without them is worded from its title.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation.easy_read import (
    MOST_PAGES,
    EasyRead,
    Idea,
    Part,
    People,
    Reply,
    people,
    what_happens_to_my_support,
)
from commissioning.presentation.showable import Computed
from commissioning.presentation.signoff import easy_read_name
from commissioning.reports import carried_over, closing, easy_read_change, easy_read_money, review
from commissioning.reports.easy_read_words import MEANINGS, counted, fits, meanings, phrase_of, whole
from commissioning.reports.verdict_words import easy_duties
from commissioning.sections import figures
from commissioning.sections.page import Page
from commissioning.study import outcomes

MOST_OUTCOMES = 8
ABOUT = "about"
"""The key of `easy_words` that says what the service is."""
HELPS = (("more", "The new way seems to help."), ("pen", "We may need to make it better."))
_NEXT = {
    "continue": (("together", "The numbers say this support can carry on."),),
    "adapt": (("pen", "We may need to make some things better."),),
    "prepare to stop": (
        ("pound", "The council may stop paying for this service."),
        ("talk", "We will talk to people before that."),
    ),
    "members choose": (("same", "The numbers do not give a clear answer."), ("vote", "Councillors will choose now.")),
    "gather more evidence": (("question", "We do not know enough yet."), ("look", "We will ask and count again.")),
}


def make(page: Page) -> EasyRead:
    """The page of one pilot, in the period and at the level of its report. It is checked when it is rendered.

    Where all its outcomes would fill more sides than people can use, the last ones are left out until it fits.
    """
    made = _of_outcomes(page, MOST_OUTCOMES)
    for most in range(MOST_OUTCOMES - 1, 0, -1):
        if made.pages() <= MOST_PAGES:
            break
        made = _of_outcomes(page, most)
    return made


def _of_outcomes(page: Page, most: int) -> EasyRead:
    pilot = page.pilot
    chosen = {key: one for key, one in outcomes_of(page, most).items() if phrase_of(page, one)}
    found, unknown = _found(page, chosen)
    changed, asked = easy_read_change.part_of(page, chosen)
    each = (
        _about(page),
        easy_read_change.new_way(page),
        *found,
        changed,
        easy_read_change.not_known([*unknown, *asked]),
        easy_read_money.part_of(page),
        _next(page),
    )
    parts = tuple(one for one in each if one is not None)
    until = pilot.dates.replies_until
    return EasyRead(
        title=pilot.easy_title,
        parts=parts,
        reply=Reply(
            post=pilot.reply_by_post,
            phone=pilot.reply_by_phone,
            email=pilot.contact if "@" in pilot.contact else "",
            by=f"{until.day} {until:%B %Y}" if until is not None else "",
            days=pilot.decision.replies_open_days,
        ),
        words=meanings(parts),
        support=what_happens_to_my_support(charges=easy_read_money.people_pay(pilot)),
        names=(pilot.area_name, pilot.organisation),
    )


def write(page: Page, folder: Path, name: str) -> str:
    """Write the page of the report called `name`; returns the file's name. Raises ReportFailed where a rule is broken."""
    made = make(page).render(
        organisation=page.pilot.organisation,
        report_href=f"{name}.html",
        illustrative=page.study.illustrative,
        provisional=bool(closing.states(page)["says"]),
    )
    file = easy_read_name(name)
    (folder / file).write_text(made, encoding="utf-8")
    return file


def outcomes_of(page: Page, most: int = MOST_OUTCOMES) -> dict[str, Measure]:
    """Outcomes that this page speaks of, `most` of them: the primary ones, those whose change is estimated, those with easy words."""
    all_of_them = page.outcome_measures
    named = [key for key, one in all_of_them.items() if one.primary]
    named += [*(page.pilot.design.outcomes if page.pilot.design else ()), *page.pilot.easy_words]
    found = {key: all_of_them[key] for key in dict.fromkeys(named) if key in all_of_them}
    about_people = {
        key: one
        for key, one in (found or all_of_them).items()
        if outcomes.is_share(one) and (one.person or key in page.pilot.easy_words)
    }
    # What is known comes first: a page of few ideas is not filled with what is not.
    known_first = sorted(about_people, key=lambda key: figure_of(page, about_people[key]) is None)
    return {key: about_people[key] for key in known_first[:most]}


def _about(page: Page) -> Part:
    about = page.pilot.easy_words.get(ABOUT, "The council pays for help for people.")
    ideas = [Idea(picture="group", sentences=(whole(about),))]
    ideas.append(Idea(picture="look", sentences=("We looked at what good it does.",)))
    if (when := easy_read_money.period_words(page.period)) is not None:
        ideas.append(Idea(picture="calendar", sentences=(f"We counted what happened {when}.",)))
    if page.group:
        ideas.append(Idea(picture="map", sentences=("This booklet is about one part of the area.",)))
    elif page.study.area != page.pilot.area:
        ideas.append(Idea(picture="map", sentences=(f"This booklet is about {page.area_name}.",)))
    ideas.append(Idea(picture="lock", sentences=("We keep people's names private.",)))
    return Part(heading="What this booklet is about", ideas=tuple(ideas))


@dataclass(kw_only=True)
class _Levels:
    """Ideas of known levels by what their pictures count, those of a hundred apart; and what is not known of some."""

    of_ten: dict[str, list[Idea]] = field(default_factory=dict)
    of_hundred: list[Idea] = field(default_factory=list)
    nouns: set[str] = field(default_factory=set)
    unclear: set[str] = field(default_factory=set)


def _found(page: Page, chosen: dict[str, Measure]) -> tuple[list[Part], list[str]]:
    """One picture for each outcome that is known, and what is asked of each that is not.

    Those of ten stand together, and those of a hundred: who counts along is not moved from one to the other and back.
    """
    levels, unknown, said = _Levels(), {}, set()
    for measure in chosen.values():
        phrase = phrase_of(page, measure)
        if phrase in said:
            continue  # the council's own count stands already: a published one says the same of other people
        figure = figure_of(page, measure)
        if figure is None:
            if (
                measure.id not in page.pilot.published_measures
            ):  # of a published figure that no file here holds nothing is awaited
                unknown[phrase] = f"How many people {phrase}?"
            continue
        said.add(phrase)
        row, drawn = figure.frame.iloc[0], people(figure, counted(measure))
        levels.nouns.add(drawn.counted)
        if pd.notna(row["unknown"]) and row["unknown"] > 0:
            levels.unclear.add(drawn.counted)
        ideas = [_level(drawn, phrase), *_beside_england(page, measure, row["period"])]
        (levels.of_ten.setdefault(drawn.counted, []) if drawn.of == 10 else levels.of_hundred).extend(ideas)
    return _parts(page, levels), [asked for phrase, asked in unknown.items() if phrase not in said]


def _level(drawn: People, phrase: str) -> Idea:
    if drawn.counted == "people":
        ways, rest = f"About {drawn.words} {phrase}.", f"They {phrase}."
    else:
        ways, rest = f"In about {drawn.words}, people {phrase}.", f"In these {drawn.counted}, people {phrase}."
    short = fits(ways, "") == ways
    return Idea(
        picture=drawn, sentences=(ways,) if short else (f"This is about {drawn.words}.", rest), claim="described"
    )


def _parts(page: Page, levels: _Levels) -> list[Part]:
    nouns = sorted(levels.nouns - {"people"})
    opening = [idea for noun in nouns for idea in _of_what(page, noun)]
    of_people = levels.of_ten.pop("people", [])
    ideas = [*of_people, *opening, *(idea for held in levels.of_ten.values() for idea in held)]
    ending = []
    if levels.unclear:
        unclear = " and ".join(sorted(levels.unclear))
        ending.append(Idea(picture="question", sentences=(f"For some {unclear}, we do not know the answer.",)))
    if levels.nouns:
        ending.append(Idea(picture="unsure", sentences=("These numbers do not tell us why.",)))
    if not ideas:
        none = Idea(picture="question", sentences=("We have no numbers yet.",))
        return [Part(heading="What we found", ideas=(*levels.of_hundred, *ending) or (none,))]
    if not levels.of_hundred:
        return [Part(heading="What we found", ideas=(*ideas, *ending))]
    moved = Idea(picture="look", sentences=("Now each picture shows 100 and not 10.",))
    return [
        Part(heading="What we found", ideas=tuple(ideas)),
        Part(heading="What we found out of 100", ideas=(moved, *levels.of_hundred, *ending)),
    ]


def _of_what(page: Page, noun: str) -> list[Idea]:
    """What is counted where it is no person, and for how long: said once."""
    one = noun.removesuffix("s")
    ideas = []
    if one in MEANINGS:
        article = "An" if one[0] in "aeiou" else "A"
        ideas.append(Idea(picture="talk", sentences=(f"{article} {one} is {MEANINGS[one]}",)))
    long = "3 months" if " Q" in page.period else "1 year"
    known = easy_read_money.period_words(page.period) is not None
    told = f"We looked at {long} of {noun}." if known else f"We looked at {noun}."
    return [*ideas, Idea(picture="calendar", sentences=(told,))]


def _beside_england(page: Page, measure: Measure, period: str) -> list[Idea]:
    """The same number of people in the whole of England, where it is published for the same year. It says no more."""
    rows = figures.comparison_rows(page, measure.id) if measure.id in page.pilot.published_measures else None
    if rows is None or rows.iloc[1]["period"] != period:
        return []
    numbers = rows.iloc[[1]].reset_index(drop=True)
    if numbers[["numerator", "denominator"]].isna().any(axis=None):
        return []
    drawn = people(Computed(frame=numbers, of=(page.released,), how="one published figure of England"))
    return [Idea(picture=drawn, sentences=(f"In all of England it was about {drawn.words}.",), claim="compared")]


def figure_of(page: Page, measure: Measure) -> Computed | None:
    """The released figure of one outcome as one row; None where it is hidden, unknown or not there."""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = rows[(rows["measure"] == measure.id) & (rows["period"] == page.period) & ~rows["hidden"].astype(bool)]
    rows = rows[rows["area"] == page.study.area]
    rows = rows[rows["numerator"].notna() & (pd.to_numeric(rows["denominator"]) > 0) & rows["value"].notna()]
    if len(rows) != 1:
        return None
    return Computed(frame=rows.reset_index(drop=True), of=(page.released,), how="one released figure")


def _next(page: Page) -> Part:
    record = carried_over.before(page, "review")
    ideas = []
    if record is not None and record.recommendation is not None:
        ideas += [
            Idea(picture=picture, sentences=(says,), claim="attributable") for picture, says in _verdict(page, record)
        ]
        duties = easy_duties(record.recommendation)
        if duties:
            lead = "This must be done first." if len(duties) == 1 else f"These {len(duties)} things must be done first."
            ideas.append(Idea(picture="report", sentences=(lead,)))
        ideas += [
            Idea(picture=picture, sentences=(f"{at}: {says}" if len(duties) > 1 else says,))
            for at, (picture, says) in enumerate(duties, start=1)
        ]
    else:
        ideas.append(Idea(picture="question", sentences=("We do not know yet what comes next.",)))
    ideas += [
        Idea(picture="vote", sentences=("Councillors decide what happens.",)),
        Idea(picture="talk", sentences=("They want to hear from you before they decide.",)),
    ]
    return Part(heading="What happens next?", ideas=tuple(ideas))


def _verdict(page: Page, record: Any) -> tuple[tuple[str, str], ...]:
    """The verdict in its own plain words; where harm or no gain is shown, that, and never that it can carry on."""
    found = record.recommendation
    if (warning := not_good(page)) and found.says in ("continue", "adapt"):
        return warning
    if found.says == "continue" and found.in_words != "continue":
        return (("more", "The numbers look good so far."), ("look", "They are not enough on their own."))
    if found.says == "adapt" and easy_read_change.started(page):
        return HELPS
    return _NEXT[found.says]


def not_good(page: Page) -> tuple[tuple[str, str], ...]:
    """What is said where the numbers show harm, or no gain: there nobody is told that it can carry on. Empty where a gain is shown."""
    if page.group:
        return ()
    if any(one.harmed for one in (*review.standings(page), *review.without_floor(page))):
        return (("fewer", "Some things got worse for people."), ("look", "We must find out why, and put it right."))
    change = easy_read_change
    if not any(change.effect(one, "x") and change.for_the_better(one) for one in figures.effects(page).estimates):
        return (("same", "The numbers do not show that the new way helps."),)
    return ()


__all__ = ["figure_of", "make", "meanings", "outcomes_of", "phrase_of", "write"]
