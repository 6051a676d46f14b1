"""The number check: does every number in a sentence occur in the data under it?

A survey of hand-written alternative texts found 4 of 13 with a number that was not in the
chart's own data, left over from another run. So the check is part of every display object,
and of the exporter again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from commissioning.presentation.words import rounded

_SCALES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}
_YEAR = re.compile(r"\b\d{4}[-–/]\d{2}(?:\d{2})?(?: Q[1-4])?\b")
_PARAGRAPH = re.compile(r"(?:\bparagraphs?|¶+)\s*\d+(?:\.\d+)?[a-z]?(?:\s*(?:,|and|to)\s*\d+(?:\.\d+)?[a-z]?)*")
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<minus>(?<![\d\w])[−-])?£?(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<part>\.\d+)?"
    r"(?:\s?(?P<scale>k|m|bn|thousand|million|billion)\b|(?P<suffix>st|nd|rd|th)\b)?(?P<percent>\s?%| per cent)?"
    r"(?P<code>[A-Za-z]\w*)?"
)
_TEENS = ["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_WORDS = {word: 11 + i for i, word in enumerate(_TEENS)} | {word: 20 + 10 * i for i, word in enumerate(_TENS)}
_WORDS |= {f"{ten}-{one}": 20 + 10 * i + j + 1 for i, ten in enumerate(_TENS) for j, one in enumerate(_UNITS)}
_WORD = re.compile(r"\b(" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Token:
    """One number as written: `value` in whole units, the decimals written, and its power of ten."""

    written: str
    value: Decimal
    decimals: int
    scale: int
    negative: bool
    percent: bool


def tokens(text: str) -> list[Token]:
    """Numbers written in a text, years such as 2014-15 and codes such as 1E left out.

    Number words are read from eleven up; up to ten they are ordinary English ("one of them").
    """
    found = []
    for hit in _NUMBER.finditer(_PARAGRAPH.sub(" ", _YEAR.sub(" ", text))):
        if hit["code"]:
            continue
        part = hit["part"] or ""
        found.append(
            Token(
                written=hit.group().strip(),
                value=Decimal(hit["digits"].replace(",", "") + part),
                decimals=max(0, len(part) - 1),
                scale=_SCALES.get(hit["scale"] or "", 0),
                negative=bool(hit["minus"]),
                percent=bool(hit["percent"]),
            )
        )
    for hit in _WORD.finditer(text):
        value = Decimal(_WORDS[hit.group(1).lower()])
        found.append(Token(written=hit.group(), value=value, decimals=0, scale=0, negative=False, percent=False))
    return found


def years(text: str) -> list[str]:
    """Financial years and quarters written in a text, as 2014-15 or 2014-15 Q1."""
    return [hit.group().replace("–", "-").replace("/", "-") for hit in _YEAR.finditer(text)]


class Known:
    """The numbers a sentence may use: those of its data, of the words in its data, and declared bounds."""

    def __init__(self, values: Iterable[Decimal], texts: Iterable[str], declared: Iterable[float | int | str]):
        self._values = list(values)
        self._texts = list(texts)
        for text in [*self._texts, *(str(item) for item in declared)]:
            for token in tokens(text):
                size = token.value.scaleb(token.scale)
                self._values.append(-size if token.negative else size)
        self._years = {year for text in [*self._texts, *(str(d) for d in declared)] for year in years(text)}
        self._years |= {year[:7] for year in self._years}
        self._rounded: dict[tuple[int, int], set[Decimal]] = {}

    def _at(self, scale: int, decimals: int) -> set[Decimal]:
        key = (scale, decimals)
        if key not in self._rounded:
            self._rounded[key] = {rounded(value.scaleb(-scale), decimals) for value in self._values}
        return self._rounded[key]

    def holds(self, token: Token) -> bool:
        """True where the token is one of the values, rounded as the token is written."""
        sizes = self._at(token.scale, token.decimals)
        if token.negative:
            return -token.value in sizes
        if token.value in sizes or -token.value in sizes:
            return True
        # A share held as a proportion may be written as a percentage.
        return token.percent and token.value in self._at(-2, token.decimals)

    def unmatched(self, text: str) -> list[str]:
        """Numbers and years in a text that the data do not hold, as written."""
        wrong = [token.written for token in tokens(text) if not self.holds(token)]
        return wrong + [year for year in years(text) if year not in self._years]
