"""A header's own words: what it is compared by, and the unit that it declares.

Councils write the same heading as `Amount`, `Amount (£)`, `AMOUNT £000 [note 2]` or `Amount (GBP)*`. The unit is
read, marks and notes are dropped, and nothing else is: `Amount (net)` and `Amount (gross)` stay two headings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from commissioning.evidence import limits
from commissioning.evidence.invisible import visible

A_PENNY = Decimal("0.01")  # of a pound

_POUNDS = r"(?:£s?|gbp|pounds?(?: sterling)?|sterling)"
# What a unit may be written as, alone or in brackets, and what its 1 stands for.
_UNITS: tuple[tuple[str, int | Decimal], ...] = (
    (rf"{_POUNDS} ?(?:in )?['’]?(?:000s?|k|thousands?)(?: gbp)?|thousands? of pounds|['’]?000s? of pounds", 1000),
    (rf"{_POUNDS} ?(?:in )?(?:m|mn|mln|millions?)(?: gbp)?|millions? of pounds", 1_000_000),
    (rf"{_POUNDS} ?(?:in )?(?:bn|billions?)(?: gbp)?|billions? of pounds", 1_000_000_000),
    (rf"£ ?gbp|gbp ?£|{_POUNDS}", 1),
    (r"pence|p", A_PENNY),
)
_COUNTS: tuple[tuple[str, int], ...] = (
    (r"['’]?000s?|k|thousands?", 1000),
    (r"millions?|mn", 1_000_000),
)
_IN_BRACKETS = re.compile(r" ?[(\[] ?(?:in |all in )?([^()\[\]]*?) ?[)\]]$")
_ALONE = [(re.compile(rf"(?:^|[ _\-–,:])(?:in )?(?:{words})$"), factor) for words, factor in _UNITS if factor != 1]
_ALONE_POUNDS = re.compile(rf"(?:(?:^|[ _\-–,:])(?:in )?{_POUNDS}|£)$")
_GLUED = [(re.compile(r"(?<=\w)£ ?['’]?(?:000s?|k)$"), 1000), (re.compile(r"(?<=\w)£ ?(?:m|mn)$"), 1_000_000)]
_BEFORE = [(re.compile(rf"^[(\[]?(?:{words})[)\]]? (?=\w)"), factor) for words, factor in _UNITS[:3]]
_BEFORE_POUNDS = re.compile(r"^(?:[(\[]£[)\]]|£|gbp) ?(?=[^\W\d])")
_FULL = [(re.compile(words), factor) for words, factor in _UNITS]
_FULL_COUNTS = [(re.compile(words), factor) for words, factor in _COUNTS]
_MARKS = " *†‡§¶^~"
_NOTE = re.compile(
    r"(?<![ ,;\-–])[ ,;\-–]*+(?:[(\[] ?(?:(?:see )?(?:foot)?notes? ?)?\d{1,2}(?: ?[,&] ?\d{1,2})* ?[)\]]|(?:see )?(?:foot)?notes? ?\d{1,2}"
    r"|\[ ?(?:low|[a-z]{1,2})? ?\]|[(\[] ?(?:dd?|mm?m?|yy|yyyy)(?:[/.\- ](?:dd?|mm?m?|yy|yyyy)){1,2} ?[)\]])$"
)
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A header as compared, what 1 of its unit stands for (None: it says nothing), and whether that unit is money."""

    key: str
    multiplier: int | Decimal | None = None
    money: bool = False


@lru_cache(maxsize=8192)
def read(header: str) -> Heading:
    """A header's key and unit. Case, spaces, punctuation, marks, notes and hidden characters do not tell two apart."""
    text = " ".join(
        unicodedata.normalize("NFKC", _RAISED.sub("", visible(header[: limits.HEADING]))).casefold().split()
    )
    multiplier: int | Decimal | None = None
    money = False
    for _ in range(8):
        before = text
        text = _NOTE.sub("", text.rstrip(_MARKS))
        if (found := _unit_at_an_end(text)) is not None:
            text, factor, pounds = found
            multiplier = factor if multiplier in (None, 1) else multiplier
            money = money or pounds
        if text == before:
            break
    key = "".join(c for c in text if c.isalnum())
    return Heading(key=key, multiplier=None if multiplier == 1 else multiplier, money=money)


def _unit_at_an_end(text: str) -> tuple[str, int | Decimal, bool] | None:
    """The text without the unit at its end or its beginning, what the unit stands for, and whether it is money."""
    if found := _IN_BRACKETS.search(text):
        for patterns, pounds in ((_FULL, True), (_FULL_COUNTS, False)):
            for pattern, factor in patterns:
                if pattern.fullmatch(found[1]):
                    return text[: found.start()], factor, pounds
        return None
    for pattern, factor in (*_ALONE, *_GLUED, (_ALONE_POUNDS, 1)):
        if (found := pattern.search(text)) and found.start() > 0:
            if factor == A_PENNY and found[0].strip(" _-–,:").removeprefix("in ") == "p":
                continue  # "Amount p" may be anything; "Amount (p)" is pence
            return text[: found.start()], factor, True
    for pattern, factor in (*_BEFORE, (_BEFORE_POUNDS, 1)):
        if found := pattern.match(text):
            return text[found.end() :], factor, True
    return None


def key_of(header: str) -> str:
    """A header as compared."""
    return read(header).key


def unit(cell: str) -> int | Decimal | None:
    """What a cell that is nothing but a unit of money stands for (`£`, `£000`, `(pence)`); None for any other."""
    text = " ".join(visible(cell[: limits.HEADING]).casefold().split()).strip("()[] ")
    for pattern, factor in _FULL:
        if text != "p" and pattern.fullmatch(text):
            return factor
    return None


_ABOVE = re.compile(
    r"£ ?['’]?000s?\b|£ ?(?:k|m|mn|bn|thousands?|millions?|billions?)\b|\b(?:thousands|millions) of pounds\b|\bgbp ?['’]?000s?\b"
)


def scaled_above(cells: list[str]) -> bool:
    """True where a line above the header says that all its figures are in thousands or millions of pounds."""
    return bool(_ABOVE.search(" ".join(" ".join(cells)[: 10 * limits.HEADING].casefold().split())))
