"""How numbers and people are written on a page, and the words a page never uses.

The rules are those of the house's plain-English guide: money with pounds and pence, years
as 2014-15, people before labels, and no claim stronger than its evidence.
"""

from __future__ import annotations

import re

from commissioning.wording import missing as missing
from commissioning.wording import money as money
from commissioning.wording import money_rounded as money_rounded
from commissioning.wording import money_short as money_short
from commissioning.wording import number as number
from commissioning.wording import rounded as rounded

RUNGS = ("recorded", "described", "compared", "attributable")
"""The claim ladder, weakest first."""

_BANNED: tuple[tuple[str, str], ...] = (
    (r"prov(?:e|ed|es|en|ing)|proof", "say what the evidence supports, and how far"),
    (r"sav(?:ed|es|ing us)", "say whether money is cashable, non-cashable or avoided"),
    (r"fail(?:ed|s|ing|ure|ures)?", "say what was and was not reached"),
    (r"treated|untreated", "write 'started' or 'not yet started'"),
    (r"neediest", "write 'people chosen because of high support needs'"),
    (r"BME|BAME", "write 'ethnic minority communities'"),
    (r"customers?|clients? group|service users?", "write 'people who use services'"),
    (r"dominated|dominates", "write 'costs more, does less'"),
    (r"decoys?", "name the check instead"),
    (r"attackers?", "write 'somebody trying to work a number back'"),
    (r"burdens?", "say what the work is and who does it"),
    (
        r"suffer(?:s|ing|ers?)?|victims?|the disabled|the elderly|handicapped|bed.?blockers?",
        "put people first: 'people with …', 'older people'",
    ),
)
_CAUSAL = re.compile(
    r"\b(led to|caused|causes|because of the (?:pilot|service)|thanks to|as a result of|due to|"
    r"made a difference|impact of|the effect of)\b",
    re.IGNORECASE,
)
_COMPARATIVE = re.compile(
    r"\b(more|fewer|less|higher|lower|better|worse|rose|fell|increased?|decreased?|improved?) ",
    re.IGNORECASE,
)


def file_words(name: str) -> str:
    """A file under a page as its reader knows it: what is written down has words, and a council's own file keeps its name.

    >>> file_words("learning_disability/pilot.toml"), file_words("reviews.csv")
    ('Settings of the pilot (learning disability)', 'reviews.csv')
    """
    folder, _, last = name.rpartition("/")
    written = {
        "pilot.toml": "Settings of the pilot",
        "agreed.toml": "What was agreed",
        "service_reviews.toml": "Scores of services",
    }
    if last not in written:
        return name
    of = folder.rpartition("/")[2].replace("_", " ")
    return f"{written[last]} ({of})" if of and last != "service_reviews.toml" else written[last]


def year(text: str) -> str:
    """A financial year as the house writes it: "2014/15", "2014-2015" → "2014-15"."""
    found = re.fullmatch(r"\s*(\d{4})\s*[-/–]\s*(?:\d{2})?(\d{2})\s*", text)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise ValueError(f"{text!r} is not a financial year: write it as 2014-15")
    return f"{found[1]}-{found[2]}"


def level(text: str) -> str:
    """A level as readers see it, its name as it is written.

    >>> level("ward=New Brighton"), level("")
    ('Ward: New Brighton', 'Whole area')
    """
    kind, _, group = text.partition("=")
    return f"{kind.replace('_', ' ').capitalize()}: {group}" if text else "Whole area"


def slug(text: str) -> str:
    """Words to an anchor: "Paid work, 2014-15" → "paid-work-2014-15"."""
    found = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return found[:60].rstrip("-") or "part"


def banned(text: str) -> list[str]:
    """Words in a text that no page may use, each with what to write instead; empty when none."""
    found = []
    for pattern, instead in _BANNED:
        for hit in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            found.append(f"the word '{hit.group()}' ({instead})")
    return found


def claimed(text: str) -> list[str]:
    """Words in a typed text that say more than any evidence here can carry: *proved*, *saved*, *failed* and their kin.

    The other banned words may stand there: they can be part of an organisation's name.
    """
    return [hit for hit in banned(text) if hit.endswith(tuple(f"({instead})" for _, instead in _BANNED[:3]))]


def refuse_banned(text: str, where: str) -> None:
    """Raise ValueError where a text uses a banned word; `where` names the finding or caption."""
    if found := banned(text):
        raise ValueError(f"{where}: may not say {'; '.join(found)}")


def overclaims(sentence: str, rung: str) -> list[str]:
    """What a sentence claims beyond its rung of the ladder; empty when it keeps within it.

    Cause may be worded only at "attributable"; more, fewer, higher, lower only from "compared" up. What stands in
    quotation marks is a name, such as that of an option: “More paid work”.
    """
    sentence = re.sub(r"“[^”]*”", "“”", sentence)
    sentence = sentence.replace("gather more evidence", "")  # a verdict's name, which compares nothing
    sentence = re.sub(r"\b(?:lower|upper)( control)? limit", "limit", sentence)  # of a chart or a range: a name too
    found = []
    if rung != "attributable" and (hit := _CAUSAL.search(sentence)):
        found.append(f"'{hit.group(1)}' claims a cause, and the claim is only '{rung}'")
    if rung in ("recorded", "described") and (hit := _COMPARATIVE.search(sentence)):
        after = sentence[hit.end() : hit.end() + 6]
        # "16 hours or more a week" and "more than 16 hours" are definitions, not comparisons.
        if not (sentence[: hit.start()].endswith(" or ") or re.match(r"than \d", after)):
            found.append(f"'{hit.group(1)}' compares, and the claim is only '{rung}'")
    return found
