"""Words of an Easy Read page: what hard ones mean, how an outcome is said, and the picture that goes with a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from commissioning.measures import Measure
from commissioning.presentation.easy_read import ADVOCATE, EasyRead, Idea, Part, Reply
from commissioning.presentation.easy_read_rules import MOST_WORDS
from commissioning.sections.page import Page

MEANINGS = {
    "advocate": ADVOCATE,
    "advocacy": "help to speak up for what you want.",
    "agreement": "what the council and a group promise each other.",
    "assessment": "when somebody asks what help you need.",
    "average": "what is usual for most people.",
    "baseline": "how things were at the start.",
    "budget": "a plan for how to use money.",
    "carer": "a person who looks after you, and is often family.",
    "commissioning": "how the council plans and pays for help.",
    "control": "when you decide things in your own life.",
    "council": "the people who run services where you live.",
    "councillor": "a person that people vote for, to speak for them.",
    "department": "one part of the council.",
    "evidence": "facts that show if something works.",
    "goal": "something that you want to do.",
    "grant": "money that is given to a group to do some work.",
    "organisation": "a group of people who do some work together.",
    "outcome": "what is different for people after they get help.",
    "pilot": "a try of a new way of working.",
    "provider": "a group that is paid to give help.",
    "review": "a talk about your support.",
    "safeguarding": "keeping people safe from harm.",
    "support": "help that you get to live your life.",
    "the new way": "what the council tries now, to see if it helps.",
}
"""Hard words and what they mean; only those that a page uses are printed on it."""
_PICTURES = (
    (r"\bfrom (?:April|January|July|October)\b|\bbetween (?:April|January|July|October)\b|\byear of\b", "calendar"),
    (r"\breviews?\b", "talk"),
    (r"\b(?:plan|plans|form|write|agree|agreed)\b", "pen"),
    (r"\b(?:job|work for)\b", "work"),
    (r"\b(?:live|home|house)\b", "house"),
    (r"\b(?:chose|choose|choice|control)\b", "choice"),
    (r"\bgoals?\b|\bhoped\b|\breached\b", "goal"),
    (r"\b(?:pays?|paid|money|cost)\b", "coins"),
    (r"\b(?:counts?|look|check)\b", "look"),
    (r"\b(?:areas?|places?|parts?)\b", "map"),
    (r"\b(?:say|said|talk|words|told)\b", "speech"),
    (r"\b(?:groups?)\b", "group"),
    (r"\b(?:help|support|staff|care)\b", "support"),
)
_PLAINER = re.compile(r"\bthe main goal (?:that )?they (?:had )?set (?:for )?themselves\b")
"""Right for members, and too long here: whose goal it is, the part on the new way says."""


def picture_for(sentence: str, otherwise: str = "report") -> str:
    """The picture of what a sentence is about."""
    return next((picture for word, picture in _PICTURES if re.search(word, sentence, re.IGNORECASE)), otherwise)


def fits(*ways: str) -> str:
    """The first way of saying it that is short enough; the last where none is."""
    return next((one for one in ways if len(one.split()) <= MOST_WORDS), ways[-1])


def counted(measure: Measure) -> str:
    """What the ten or hundred of a picture are: people only where each is counted once (as published figures do)."""
    return "people" if measure.table == "indicators" else measure.counted


def phrase_of(page: Page, measure: Measure) -> str:
    """What completes "8 out of 10 people …": the pilot's own words, else made from the measure's title, else ""."""
    own = page.pilot.easy_words.get(measure.id)
    if own:
        return _PLAINER.sub("their main goal", own.strip().rstrip("."))
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


def did_it_change(measure: Measure, phrase: str) -> str:
    """The question of a change, of how many where people are counted once, else of how often."""
    many = "many" if counted(measure) == "people" else "often"
    return fits(f"Did the new way change how {many} people {phrase}?", f"Did it change how {many} people {phrase}?")


def meanings(parts: Iterable[Part]) -> dict[str, str]:
    """The hard words that these parts use, each with what it means."""
    text = " ".join(sentence for part in parts for idea in part.ideas for sentence in idea.sentences).lower()
    text += " support"  # the page's own part "What happens to my support?" uses it
    found = {word: says for word, says in MEANINGS.items() if re.search(rf"\b{word}s?\b", text)}
    inside = {word: says for word, says in MEANINGS.items() if re.search(rf"\b{word}s?\b", " ".join(found.values()))}
    return dict(sorted((inside | found).items()))


def whole(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def sentences_of(text: str) -> list[str]:
    """A pilot's own words, sentence by sentence."""
    return [one.strip() for one in re.split(r"(?<=[.?!])\s+", whole(text.strip()))]
