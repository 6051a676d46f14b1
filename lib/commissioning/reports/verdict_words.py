"""The verdict's own words, with what is still open in them: one function makes them for every page that carries it."""

from __future__ import annotations

import re

from commissioning.pilot.agreed import Decision
from commissioning.reports.stage_records import Recommendation, Verdict

ONCE = ("continue", "adapt", "prepare to stop")


def open_duties(decision: Decision, *, replies: int, stopping: bool = False) -> tuple[str, ...]:
    """What must be done before members decide, each completing "once …"; empty where nothing is open."""
    held = decision.confirmed
    by = bool(held.by.strip())
    answered = re.match(r"\s*(yes|no)\b", decision.statutory_duty, re.IGNORECASE) is not None
    equality = by and held.equality_impact_assessment_attached and not is_no(decision.equality_impact_assessment)
    market = by and held.market_impact_checked and not is_no(decision.market_impact)
    duties = (
        (answered or by and held.not_a_statutory_duty, "it is said whether it is a statutory duty"),
        (equality, "the equality impact assessment is attached"),
        (market, "the market impact is checked"),
        (replies > 0, "people who use it and providers have replied"),
        (not stopping, f"at least {decision.notice_months} months' notice is given"),
    )
    return tuple(says for done, says in duties if not done)


def in_words(says: Verdict, duties: tuple[str, ...]) -> str:
    """The verdict with what is still open: "continue, once the equality impact assessment is attached and …"."""
    if not duties:
        return says
    listed = duties[0] if len(duties) == 1 else f"{', '.join(duties[:-1])} and {duties[-1]}"
    return f"{says}, once {listed}" if says in ONCE else f"{says}; nothing is decided until {listed}"


def words_of(found: Recommendation) -> str:
    """The verdict as every page carries it. A record of an earlier version holds none of its own: they are made here."""
    return found.in_words or in_words(found.says, found.open_duties)


def headline(found: Recommendation) -> str:
    """The verdict as a sentence."""
    if found.says == "members choose":
        rest = words_of(found).removeprefix(found.says)
        return f"The evidence does not settle it: members choose{rest}."
    return f"The evidence supports: {words_of(found)}. Members decide."


EASY_DUTIES = {
    "statutory": ("question", "We must find out if the law says we have to give this support."),
    "equality": ("same", "We must check that it is fair to everyone."),
    "market": ("group", "We must check what it means for groups that give support."),
    "replied": ("speech", "We must hear from people."),
    "notice": ("calendar", "We must tell people some months before."),
}


def easy_duties(found: Recommendation) -> tuple[tuple[str, str], ...]:
    """What is still open, in Easy Read: a picture and a sentence each."""
    return tuple(easy for word, easy in EASY_DUTIES.items() if any(word in one for one in found.open_duties))


def is_yes(answer: str) -> bool:
    """True where an answer begins with yes."""
    return re.match(r"\s*yes\b", answer, re.IGNORECASE) is not None


def is_no(answer: str) -> bool:
    """True where an answer begins with no, not or none: "Not attached", and never "Nottingham offers it"."""
    return re.match(r"\s*(no|not|none)\b", answer, re.IGNORECASE) is not None
