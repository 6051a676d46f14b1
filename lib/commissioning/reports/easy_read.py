"""The Easy Read page of a pilot, from the figures that its own report releases.

The rules of the words and pictures stand in `presentation.easy_read`, which refuses a page
that breaks one. Here is what the page says: what good was done, what changed as far as it
may be said, money, what happens next. A new pilot needs no code: `easy_words` in its
pilot.toml says each outcome in plain words, and a measure without them is worded from its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation.easy_read import (
    EasyRead,
    Idea,
    Part,
    People,
    Reply,
    people,
    we_do_not_know_yet,
    what_happens_to_my_support,
)
from commissioning.presentation.showable import Computed
from commissioning.presentation.signoff import easy_read_name
from commissioning.reports import answer, carried_over, closing, easy_read_money, review
from commissioning.reports.verdict_words import easy_duties
from commissioning.sections import figures
from commissioning.sections.page import Page
from commissioning.sections.pictures import changed
from commissioning.study import outcomes
from commissioning.study.worked_out import Shown

MOST_OUTCOMES = 8
ABOUT, CHANGE = "about", "change"
"""Keys of `easy_words` that are no measures: what the service is, and what the pilot does differently."""
MEANINGS = {
    "advocate": "a person who helps you to speak up.",
    "advocacy": "help to speak up for what you want.",
    "assessment": "when somebody asks what help you need.",
    "average": "what is usual for most people.",
    "baseline": "how things were at the start.",
    "budget": "a plan for how to use money.",
    "carer": "a person who looks after you, and is often family.",
    "commissioning": "how the council plans and pays for help.",
    "council": "the people who run services where you live.",
    "councillor": "a person that people vote for, to speak for them.",
    "department": "one part of the council.",
    "evidence": "facts that show if something works.",
    "grant": "money that is given to a group to do some work.",
    "organisation": "a group of people who do some work together.",
    "outcome": "what is different for people after they get help.",
    "pilot": "a try of a new way of working.",
    "provider": "a group that is paid to give help.",
    "review": "a talk about how your support is going.",
    "safeguarding": "keeping people safe from harm.",
    "support": "help that you get to live your life.",
}
"""Hard words and what they mean; only those that a page uses are printed on it."""
_NEXT = {
    "continue": ("together", ("The numbers say this support can carry on.",)),
    "adapt": ("pen", ("The numbers say some things need to change.",)),
    "prepare to stop": (
        "question",
        ("The council may stop paying for this service.", "We will talk to people first."),
    ),
    "members choose": ("talk", ("We asked and counted two times.", "Councillors will choose now.")),
    "gather more evidence": ("look", ("We do not know enough yet.", "We will ask and count again.")),
}


def make(page: Page) -> EasyRead:
    """The page of one pilot, in the period and at the level of its report. It is checked when it is rendered."""
    pilot = page.pilot
    chosen = {key: one for key, one in outcomes_of(page).items() if phrase_of(page, one)}
    parts = (
        _about(page),
        _found(page, chosen),
        _changed(page, chosen),
        easy_read_money.part_of(page),
        _next(page),
    )
    return EasyRead(
        title=pilot.easy_title,
        parts=parts,
        reply=Reply(post=pilot.reply_by_post, phone=pilot.reply_by_phone),
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


def outcomes_of(page: Page) -> dict[str, Measure]:
    """Outcomes that this page speaks of: the primary ones, those whose change is estimated, those with easy words."""
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
    return {key: about_people[key] for key in known_first[:MOST_OUTCOMES]}


def phrase_of(page: Page, measure: Measure) -> str:
    """What completes "8 out of 10 people …": the pilot's own words, else made from the measure's title, else ""."""
    own = page.pilot.easy_words.get(measure.id)
    if own:
        return own.strip().rstrip(".")
    title = re.sub(r"\([^)]*\)", "", measure.title).strip()
    if (found := re.match(r"(?:People|Adults|Children|Carers)(?: with a [a-z ]+?)? who (.+)$", title)) is not None:
        phrase = found[1]
    elif (
        found := re.match(r"(?:People|Adults|Children|Carers)(?: with a learning disability)? in (.+)$", title)
    ) is not None:
        phrase = f"are in {found[1]}"
    elif (found := re.match(r"People with (.+)$", title)) is not None:
        phrase = f"have {found[1]}"
    else:
        return ""
    phrase = phrase.split(",")[0]
    trial = Part(heading="Trial", ideas=(Idea(picture="question", sentences=(f"We asked how many people {phrase}.",)),))
    tried = EasyRead(title="Trial", parts=(trial,), reply=Reply(post="A", phone=""), words=meanings((trial,)))
    return "" if tried.problems() else phrase


def meanings(parts: Iterable[Part]) -> dict[str, str]:
    """The hard words that these parts use, each with what it means."""
    text = " ".join(sentence for part in parts for idea in part.ideas for sentence in idea.sentences).lower()
    text += " support"  # the page's own part "What happens to my support?" uses it
    found = {word: says for word, says in MEANINGS.items() if re.search(rf"\b{word}s?\b", text)}
    inside = {word: says for word, says in MEANINGS.items() if re.search(rf"\b{word}s?\b", " ".join(found.values()))}
    return dict(sorted((inside | found).items()))


def _about(page: Page) -> Part:
    own = page.pilot.easy_words
    about = own.get(ABOUT, "The council pays for help for people.")
    ideas = [Idea(picture="group", sentences=(_whole(about),))]
    ideas.append(Idea(picture="look", sentences=("We looked at what good it does.",)))
    if (when := easy_read_money.period_words(page.period)) is not None:
        ideas.append(Idea(picture="calendar", sentences=(f"We counted what happened {when}.",)))
    if page.group:
        ideas.append(Idea(picture="house", sentences=("This page is about one part of the area.",)))
    elif page.study.area != page.pilot.area:
        ideas.append(Idea(picture="house", sentences=(f"This page is about {page.area_name}.",)))
    ideas.append(
        Idea(picture="lock", sentences=("We keep people's names private.", "We do not show very small numbers."))
    )
    return Part(heading="What this page is about", ideas=tuple(ideas))


def _found(page: Page, chosen: dict[str, Measure]) -> Part:
    """One picture for each outcome that is known, and an honest "we do not know yet" for each that is not."""
    known: list[Idea] = []
    unknown: dict[str, Idea] = {}
    said: set[str] = set()
    some_unknown = False
    for measure in chosen.values():
        phrase = phrase_of(page, measure)
        if phrase in said:
            continue  # the council's own count stands already: a published one says the same of other people
        figure = figure_of(page, measure)
        if figure is None:
            if measure.id in page.pilot.published_measures:
                continue  # of a published figure that no file here holds there is nothing to wait for
            unknown[phrase] = we_do_not_know_yet(f"We want to know how many people {phrase}.")
            continue
        said.add(phrase)
        row = figure.frame.iloc[0]
        drawn = people(figure, _counted(measure))
        sentences = [f"About {drawn.words} {phrase}."]
        if drawn.counted != "people":
            of = drawn.words.removesuffix(f" {drawn.counted}")
            sentences = [f"We looked at {drawn.counted}.", f"In about {of}, people {phrase}."]
        some_unknown |= bool(pd.notna(row["unknown"]) and row["unknown"] > 0)
        known.append(Idea(picture=drawn, sentences=tuple(sentences), claim="described"))
        known += _beside_england(page, measure, row["period"])
    if known:
        asked = ("For some people we do not know.",) if some_unknown else ()
        known.append(Idea(picture="question", sentences=(*asked, "These numbers do not tell us why.")))
    still = [idea for phrase, idea in unknown.items() if phrase not in said]
    return Part(heading="What we found", ideas=(*known, *still) or (we_do_not_know_yet("We have no numbers yet."),))


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


def _counted(measure: Measure) -> str:
    """What the ten or hundred of a picture are: people only where each is counted once (as published figures do)."""
    return "people" if measure.table == "indicators" else measure.counted


def figure_of(page: Page, measure: Measure) -> Computed | None:
    """The released figure of one outcome as one row; None where it is hidden, unknown or not there."""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = rows[(rows["measure"] == measure.id) & (rows["period"] == page.period) & ~rows["hidden"].astype(bool)]
    rows = rows[rows["area"] == page.study.area]
    rows = rows[rows["numerator"].notna() & (pd.to_numeric(rows["denominator"]) > 0) & rows["value"].notna()]
    if len(rows) != 1:
        return None
    return Computed(frame=rows.reset_index(drop=True), of=(page.released,), how="one released figure")


def _changed(page: Page, chosen: dict[str, Measure]) -> Part:
    """What the pilot changed: "more" and "fewer" only where the claim allows; else that we do not know yet."""
    design = page.pilot.design
    if design is None or design.kind == "none":
        ideas = (we_do_not_know_yet("We do not know why the numbers are what they are."),)
        return Part(heading="What changed?", ideas=ideas)
    if page.group:  # an effect is estimated for the whole area, and would mislead beside one part of it
        whole = Idea(picture="report", sentences=("The page for the whole area says what changed.",))
        return Part(heading="What changed?", ideas=(whole,))
    if not figures.effects(page).started:
        ideas = (we_do_not_know_yet("We do not know where a new way of working started."),)
        return Part(heading="What changed?", ideas=ideas)
    change = page.pilot.easy_words.get(CHANGE, "Some places started a new way of working.")
    new_way = [one.strip() for one in re.split(r"(?<=[.?!])\s+", _whole(change))]
    found = [Idea(picture=("together", "support", "pen")[at % 3], sentences=(one,)) for at, one in enumerate(new_way)]
    first = answer.headline_of(page)
    hundred = first.effect if first is not None else None
    unclear = []
    for one in figures.effects(page).estimates:
        if one.measure.id not in chosen:
            continue
        phrase = phrase_of(page, one.measure)
        words = _effect(one, phrase)
        if words:
            drawn = (
                _as_a_hundred(page, one, phrase) if hundred is not None and one.measure.id == hundred.measure.id else []
            )
            found += [words[0], *drawn, *words[1:]]
        else:
            many = "many" if _counted(one.measure) == "people" else "often"
            seen = "We looked and could not see a change." if _looked(one) else "We do not know yet."
            unclear.append(Idea(picture="question", sentences=(f"Did it change how {many} people {phrase}?", seen)))
    if not unclear and len(found) == len(new_way):
        unclear = [we_do_not_know_yet("We do not know what the new way of working changed.")]
    if unclear:
        unclear.append(Idea(picture="look", sentences=("We will keep counting.",)))
    return Part(heading="What did the new way of working change?", ideas=(*found, *unclear))


def _as_a_hundred(page: Page, one: Shown, phrase: str) -> list[Idea]:
    """A change as a hundred people without the new way and with it, where it started; empty where that level is not known."""
    found = changed.of_a_hundred(page, one)
    if found is None:
        return []
    counted, ideas = _counted(one.measure), []
    for count, begins in ((found[0], "This is without the new way."), (found[1], "This is with the new way.")):
        drawn = People(count=count, of=100, counted=counted)
        sentences: tuple[str, ...] = (begins, f"About {drawn.words} {phrase}.")
        if counted != "people":
            sentences = (begins, f"We looked at {counted}.", f"In about {count} out of 100, people {phrase}.")
        ideas.append(Idea(picture=drawn, sentences=sentences, claim="attributable"))
    return ideas


def _looked(one: Shown) -> bool:
    """True where a change was estimated and passed its checks, and none could be told apart from chance."""
    shown = one.summary
    known = shown.lower is not None and shown.upper is not None
    return known and shown.claim in ("compared", "attributable") and shown.lower <= 0 <= shown.upper  # type: ignore[operator]


def _effect(one: Shown, phrase: str) -> list[Idea]:
    """A change that may be called one, in people of each 100; empty where it may not."""
    shown = one.summary
    if shown.claim != "attributable" or shown.estimate is None or shown.lower is None or shown.upper is None:
        return []
    if shown.lower <= 0 <= shown.upper:
        return []
    up, once = shown.estimate > 0, _counted(one.measure) == "people"
    # A change measured on reviews is one of how often: a person may have had two.
    who = ("More people" if up else "Fewer people") if once else ("More often, people" if up else "Less often, people")
    counted = ("person" if abs(round(shown.estimate)) == 1 else "people") if once else ""
    low, middle, high = sorted(abs(round(number)) for number in (shown.lower, shown.estimate, shown.upper))
    return [
        Idea(
            picture="goal",
            sentences=(
                f"{who} {phrase}.",
                "The new way of working probably led to this.",
                *(() if one.measure.better == "neutral" or _for_the_better(one) else ("This is worse for people.",)),
            ),
            claim="attributable",
        ),
        Idea(
            picture="scales",
            sentences=(
                f"It is about {middle} {counted} in each 100."
                if once
                else f"It is about {middle} in each 100 {_counted(one.measure)}.",
                f"It could be as few as {low} or as many as {high}.",
            ),
            claim="attributable",
        ),
    ]


def _next(page: Page) -> Part:
    record = carried_over.before(page, "review")
    ideas = []
    if record is not None and record.recommendation is not None:
        says = record.recommendation.says
        picture, sentences = _NEXT[says]
        duties = easy_duties(record.recommendation)
        if says == "continue" and record.recommendation.in_words != "continue":
            picture, sentences = "look", ("The numbers look good so far.", "They are not enough on their own.")
        if (warning := not_good(page)) and says in ("continue", "adapt"):
            picture, sentences = "question", warning
        ideas.append(Idea(picture=picture, sentences=sentences, claim="attributable"))
        told = ("Some things must be done first.", *duties) if duties else ()
        ideas += [Idea(picture="pen", sentences=told[at : at + 3]) for at in range(0, len(told), 3)]
    else:
        ideas.append(we_do_not_know_yet("We do not know what happens next."))
    ideas.append(
        Idea(picture="talk", sentences=("Councillors decide what happens.", "They want to hear from you first."))
    )
    days = page.pilot.decision.replies_open_days
    ideas.append(Idea(picture="calendar", sentences=(f"You have {days} days from when you get this page.",)))
    return Part(heading="What happens next?", ideas=tuple(ideas))


def not_good(page: Page) -> tuple[str, ...]:
    """What is said where the numbers show harm, or no gain: there nobody is told that it can carry on. Empty where a gain is shown."""
    if page.group:
        return ()
    if any(one.harmed for one in (*review.standings(page), *review.without_floor(page))):
        return ("Some things got worse for people.", "We must find out why, and put it right.")
    if not any(_effect(one, "x") and _for_the_better(one) for one in figures.effects(page).estimates):
        return ("The numbers do not show that the new way helps.",)
    return ()


def _for_the_better(one: Shown) -> bool:
    return one.measure.better != "neutral" and ((one.summary.estimate or 0) > 0) == (one.measure.better != "lower")


def _whole(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


__all__ = ["figure_of", "make", "meanings", "outcomes_of", "phrase_of", "write"]
