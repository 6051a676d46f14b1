"""The rules that an idea of an Easy Read page keeps: its picture says what its words say, and its words are plain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from commissioning.presentation import pictures, words
from commissioning.presentation.pictures import Change, People

if TYPE_CHECKING:
    from commissioning.presentation.easy_read import Idea

MOST_WORDS = 15
_HARD = frozenset(
    [
        "outcome",
        "output",
        "commission",
        "commissioning",
        "commissioners",
        "decommission",
        "decommissioning",
        "evaluation",
        "evaluate",
        "baseline",
        "interval",
        "statistic",
        "evidence",
        "indicator",
        "numerator",
        "denominator",
        "pilot",
        "provision",
        "provider",
        "attributable",
        "advocacy",
        "advocate",
        "safeguarding",
        "procurement",
        "expenditure",
        "percentage",
        "average",
        "assessment",
        "locality",
        "strategy",
        "strategic",
        "framework",
        "implement",
        "implementation",
        "stakeholder",
        "budget",
        "grant",
    ]
)  # one of a thing; more of it are as hard
_MORE = re.compile(
    r"\b(more|fewer|less|better|worse|higher|lower|increased?|decreased?|improved?|rose|fell)\b", re.IGNORECASE
)
_CAUSE = re.compile(r"\b(because of the|made this happen|led to|caused|thanks to)\b", re.IGNORECASE)
_UNNAMED = re.compile(r"\b(?:out of|in each|of each) (?:every )?\d+\b(?! [a-z])")
_NUMBERED = re.compile(r"^\d+\. ")
NOT_YET = "We do not know yet."
_OUT_OF = re.compile(r"\b(\d+) out of (?:every )?(\d+)\b")
_FORBIDDEN = (
    (re.compile(r"%|\bper cent\b|\bpercentage", re.IGNORECASE), "a percentage; say '8 out of 10 people'"),
    (re.compile(r"\d\.\d"), "a decimal"),
    (re.compile(r"[;()\[\]/&¶]|\b(?:e\.g|i\.e|etc)\b"), "a sign or an abbreviation that is hard to read"),
    (re.compile(r"\b(?!NHS\b)[A-Z]{2,}\b"), "capitals that stand for other words"),
    (
        re.compile(r"\b(?:which|whereas|however|therefore|although|moreover|furthermore)\b", re.IGNORECASE),
        "a second idea; make it two sentences",
    ),
    (re.compile(r"\b\w+n't\b|\b\w+n’t\b"), "a shortened word; write it in full"),
)


def broken(idea: Idea, explained: set[str], names: tuple[str, ...] = (), pictured: bool = True) -> list[str]:
    """Every rule that one idea breaks. `explained`: hard words whose meaning the page gives; `names` are not looked into."""
    found: list[str] = []
    first = idea.sentences[0][:50] if idea.sentences else "(nothing)"
    try:
        if not pictured:
            pass
        elif not idea.picture:
            raise ValueError("an idea without a picture")
        else:
            pictures.draw(idea.picture)
    except (ValueError, TypeError) as error:
        found.append(f"{first!r}: {error}")
    if not 1 <= len(idea.sentences) <= 3:
        found.append(f"{first!r}: an idea has one to three sentences, not {len(idea.sentences)}")
    said = [(int(a), int(b)) for sentence in idea.sentences for a, b in _OUT_OF.findall(sentence)]
    if isinstance(idea.picture, People):
        if (idea.picture.count, idea.picture.of) not in said:
            found.append(f"{first!r}: the picture shows {idea.picture.words}, and the words do not say so")
        found += [
            f"{first!r}: says {a} out of {b}, and the picture shows {idea.picture.words}"
            for a, b in said
            if (a, b) != (idea.picture.count, idea.picture.of)
        ]
    elif isinstance(idea.picture, Change):
        moved = abs(idea.picture.with_it - idea.picture.without)
        if moved and not any(re.search(rf"\b{moved} (?:more|fewer)\b", one) for one in idea.sentences):
            found.append(f"{first!r}: the picture shows {moved} more or fewer, and the words do not say so")
    elif said:
        found.append(f"{first!r}: says {said[0][0]} out of {said[0][1]} without the picture of people that shows it")
    asked = [one for one in idea.sentences if one.endswith("?")]
    if NOT_YET in idea.sentences and any(idea.sentences.index(NOT_YET) < idea.sentences.index(one) for one in asked):
        found.append(f"{first!r}: the answer stands before what was asked")
    for sentence in idea.sentences:
        found += [f"{sentence!r}: {wrong}" for wrong in _sentence_problems(sentence, idea.claim, explained, names)]
    return found


def _named(sentence: str, names: tuple[str, ...]) -> str:
    """A sentence with one plain word in the place of each name, the longest names first."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "Here", sentence)
    return sentence


def _sentence_problems(sentence: str, claim: str | None, explained: set[str], names: tuple[str, ...] = ()) -> list[str]:
    plain = _NUMBERED.sub("", _named(sentence.replace("*", ""), names))
    found = []
    count = len(plain.split())
    if count > MOST_WORDS:
        found.append(f"has {count} words; {MOST_WORDS} is the most")
    if not plain.strip() or plain.strip()[-1] not in ".?!:":
        found.append("is not a whole sentence with its full stop")
    elif len(re.findall(r"[.?!](?=\s+[A-Z])", plain)) > 0:
        found.append("holds two sentences; give each its own line")
    if len(re.findall(r",(?!\d)", plain)) > 1 or len(re.findall(r"\band\b|\bbut\b", plain)) > 2:
        found.append("holds more than one idea")
    if (hit := _UNNAMED.search(plain)) is not None:
        found.append(f"says {hit.group()!r}, and not of what")
    found += [f"holds {what}" for pattern, what in _FORBIDDEN if pattern.search(plain)]
    found += [f"uses {hit}" for hit in words.banned(plain)]
    rungs = words.RUNGS.index(claim) if claim in words.RUNGS else -1
    if (
        rungs < words.RUNGS.index("compared")
        and (hit := _MORE.search(plain))
        and not re.search(r"\b(no more|more than) \d|find out more|tell us more", plain)
    ):
        found.append(f"says '{hit.group()}', and no claim under it allows that")
    if claim != "attributable" and (hit := _CAUSE.search(plain)) and not re.search(r"\b(not|if)\b", plain):
        found.append(f"says '{hit.group()}', and no claim under it allows that")
    for word in re.findall(r"[A-Za-z]+", plain):
        low = word.lower()
        hard = low in _HARD or low.removesuffix("s") in _HARD or len(low) >= 12
        if hard and low not in explained and low.rstrip("s") not in explained:
            found.append(
                f"uses the hard word '{low}' without explaining it; add it to `words`, or write it more simply"
            )
    return found
