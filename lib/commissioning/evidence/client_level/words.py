"""The words of Client Level Data and what they mean here: `words.toml`, with its source.

A word that stands in no list is not guessed: it is kept apart as `UNLISTED` and counted by its field.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from commissioning import toml

UNKNOWN = "unknown"
UNLISTED = "unlisted"
LONG_TERM = ("nursing", "residential", "community", "prison")
"""Settings of long term support, the highest first: a person with several is put in the first of them."""
_SMALL = frozenset({"or", "and", "inc", "including"})  # what one release writes and the other puts a stroke or an & for
_LISTS = toml.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def key(text: object) -> str:
    """A word as compared: case, punctuation, strokes and the little words between do not tell two apart."""
    plain = unicodedata.normalize("NFKC", str(text)).casefold().replace("&", " ")
    return " ".join(one for one in "".join(c if c.isalnum() else " " for c in plain).split() if one not in _SMALL)


def _keys(spellings: Iterable[str]) -> frozenset[str]:
    return frozenset(key(one) for one in spellings)


def _of(field: str) -> dict[str, str]:
    """Meaning by spelling as compared."""
    return {key(one): meaning.replace("_", " ") for meaning, said in _LISTS[field].items() for one in said}


NOT_KNOWN_KEYS = _keys(_LISTS["not_known"])
_NOT_KNOWN = dict.fromkeys(NOT_KNOWN_KEYS, UNKNOWN)
EVENT = _of("event")
CLIENT = _of("client") | _NOT_KNOWN
SUPPORT_REASON = _of("support_reason") | _NOT_KNOWN
SETTING = _of("setting") | _NOT_KNOWN
ACCOMMODATION = _of("accommodation") | _NOT_KNOWN
HOME = _of("home") | _NOT_KNOWN
EMPLOYMENT = _of("employment") | _NOT_KNOWN
SEX = _of("sex") | _NOT_KNOWN
FUNDING = _of("funding") | _NOT_KNOWN
OUTCOMES = _of("outcomes") | _NOT_KNOWN
SETTLED_BY_COMPONENT = _of("settled_by_component")
DELIVERY = _of("delivery") | _NOT_KNOWN
BUDGETS = ("direct payment", "managed budget", "commissioned", "in the community, not recorded")
"""How a person's support in the community is held, the highest first."""
DIRECT_PAYMENT = frozenset(one for one, meaning in DELIVERY.items() if meaning == BUDGETS[0])
COMPONENT_SETTING = _of("component_setting")
ONE_OFF = _keys(_LISTS["one_off"])
UNITS_A_WEEK: Mapping[str, float | None] = {
    key(word): units / 52 or None for word, units in _LISTS["units_in_52_weeks"].items()
}
"""How many units of a unit cost there are in a week; None where the planned units a week say so."""


def ethnicity(text: str) -> str:
    """white, ethnic minority, unknown or unlisted, by the group before the colon or dash."""
    said = key(text)
    if not said or said in NOT_KNOWN_KEYS or said.startswith(("no data", "refused", "undeclared", "not known")):
        return UNKNOWN
    if said.startswith("white"):
        return "white"
    if said.startswith(("mixed", "asian", "black", "other ethnic", "any other ethnic", "arab")):
        return "ethnic minority"
    return UNLISTED


def planned(text: str) -> str:
    """yes for a planned review, no for one unplanned or of short term support, else unknown or unlisted."""
    said = key(text)
    if not said or said in NOT_KNOWN_KEYS:
        return UNKNOWN
    if said.startswith("planned"):
        return "yes"
    return "no" if said.startswith(("unplanned", "review of short term")) else UNLISTED
