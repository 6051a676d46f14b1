"""The number check: does every number in a sentence occur in the data under it?

A survey of hand-written alternative texts found 4 of 13 with a number that was not in the
chart's own data, left over from another run. So the check is part of every display object,
and of the exporter again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, Decimal

from commissioning.framework import PARAGRAPHS
from commissioning.presentation import number_words
from commissioning.presentation.words import rounded

_SCALES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "b": 9, "bn": 9, "billion": 9, "hundred": 2}
_YEAR = re.compile(r"\b\d{4}[-–/]\d{2}(?:\d{2})?(?: Q[1-4])?\b")
_ONE = r"\d+\.\d+(?:[a-k]\b)?"
_PARAGRAPH = re.compile(rf"(?:\bparagraphs?|¶+)\s*{_ONE}(?:\s*(?:,|and|to)\s*{_ONE})*", re.IGNORECASE)
_APPENDIX = re.compile(r"\bApp(?:endix|\.) 2 (?:1\.[1-3]|2\.[12])\b")
_IN_BRACKETS = re.compile(rf"\((?:paragraphs? )?{_ONE}(?:, {_ONE})*\)")
_DURATION = re.compile(r"\b\d{1,2}[ -](?:hour|day|week|month|year)s?\b")
_LETTERED = re.compile(r"(?<![\w.,£])\d+\.\d+[a-k]\b")
# An indicator of the Adult Social Care Outcomes Framework: 1E, 2A(1).
_INDICATOR = re.compile(r"(?<![\w.,£])[1-4][A-J](?:\(\d[a-z]?\))?(?!\w)")
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<minus>(?<![\d\w])[−-])?£?(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<part>\.\d+)?(?P<vulgar>[¼-¾⅐-⅞])?"
    r"(?:\s?(?P<scale>k|m|bn|hundred|thousand|million|billion)\b|(?P<b>b)\b|(?P<suffix>st|nd|rd|th)\b)?"
    r"(?P<percent>\s?%|\s?per ?cent\b|\s?pc\b)?(?P<tail>[^\W\d_]\w*)?",
    re.IGNORECASE,
)
_VULGAR = re.compile(r"(?<!\d)[¼-¾⅐-⅞]")


@dataclass(frozen=True, kw_only=True)
class Token:
    """One number as written: `value` in whole units, the decimals written, and its power of ten.

    A `label` is no size: letters stand on its end ("47x", "1.2e3"), or it is a word for a change ("doubled"). Only the
    same label in the data, or declared, holds it.
    """

    written: str
    value: Decimal
    decimals: int = 0
    scale: int = 0
    negative: bool = False
    percent: bool = False
    label: bool = False


def tokens(text: str) -> list[Token]:
    """Numbers written in a text; years such as 2014-15, indicators such as 1E and paragraphs of the 2011 report left out.

    Number words are read from eleven up, and parts such as "half" or "two thirds"; up to ten they are ordinary
    English ("one of them").
    """
    bare = _INDICATOR.sub(" ", _without_paragraphs(_YEAR.sub(" ", text)))
    found = [_token(hit) for hit in _NUMBER.finditer(bare)]
    for hit in _VULGAR.finditer(bare):
        found.append(_share(hit.group(), _fraction(hit.group())))
    for written, value in number_words.sizes(bare):
        found.append(Token(written=written, value=Decimal(value)))
    for written, share in number_words.shares(bare):
        found.append(_share(written, share))
    for written in number_words.changes(bare):
        found.append(Token(written=written, value=Decimal(0), label=True))
    return found


def _token(hit: re.Match[str]) -> Token:
    part = hit["part"] or ""
    value = Decimal(hit["digits"].replace(",", "") + part)
    if hit["vulgar"]:
        value += _fraction(hit["vulgar"])
    return Token(
        written=hit.group().strip(),
        value=value,
        decimals=max(0, -int(value.as_tuple().exponent)) if hit["vulgar"] else max(0, len(part) - 1),
        scale=_SCALES.get((hit["scale"] or hit["b"] or "").lower(), 0),
        negative=bool(hit["minus"]),
        percent=bool(hit["percent"]),
        label=bool(hit["tail"]),
    )


def _fraction(sign: str) -> Decimal:
    """The value of a sign such as ½, to three decimals."""
    return rounded(unicodedata.numeric(sign), 3).normalize()


def _share(written: str, share: Decimal) -> Token:
    """A part of a whole, held by the same percentage or proportion in the data."""
    return Token(written=written, value=rounded(share * 100, 0), percent=True)


def _without_paragraphs(text: str) -> str:
    """A text without the paragraphs of the 2011 report that it names; a number that is none of them stays."""

    def kept(hit: re.Match[str]) -> str:
        return re.sub(_ONE, lambda one: " " if is_paragraph(one.group()) else one.group(), hit.group())

    return _LETTERED.sub(kept, _PARAGRAPH.sub(kept, _APPENDIX.sub(" ", text)))


def unmatched_in_title(title: str, allowed: Known) -> list[str]:
    """The same as `allowed.unmatched`, where a title may cite paragraphs in brackets ("Engagement (7.1, 8.1)") and
    name the length of time that its measure is about ("in the last 4 weeks")."""

    return allowed.unmatched(_DURATION.sub(" ", _IN_BRACKETS.sub(_paragraphs_alone, title)))


_REPORT = re.compile(
    r"\b2 June 2011\b|\b2011 report\b|\bApp(?:endix|\.) [12]\b|\brecommendation 2\.\d\b", re.IGNORECASE
)
_LIST = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)


def without_definitions(text: str) -> str:
    """A typed text without the numbers that say no size: the 2011 report and its parts, lengths of time, numbered lists."""
    return _DURATION.sub(" ", _IN_BRACKETS.sub(_paragraphs_alone, _LIST.sub(" ", _REPORT.sub(" ", text))))


def _paragraphs_alone(hit: re.Match[str]) -> str:
    return " " if all(map(is_paragraph, re.findall(_ONE, hit.group()))) else hit.group()


def is_paragraph(written: str) -> bool:
    """True for the number of a paragraph of the 2011 report, such as 4.9 or 4.14b."""
    return written in PARAGRAPHS


def years(text: str) -> list[str]:
    """Financial years and quarters written in a text, as 2014-15 or 2014-15 Q1."""
    return [hit.group().replace("–", "-").replace("/", "-") for hit in _YEAR.finditer(text)]


class Known:
    """The numbers a sentence may use: those of its data, of the words in its data, and declared bounds."""

    def __init__(self, values: Iterable[Decimal], texts: Iterable[str], declared: Iterable[float | int | str]):
        self._values = list(values)
        self._texts = [*texts, *(str(item) for item in declared)]
        self._labels: set[str] = set()
        for text in self._texts:
            for token in tokens(text):
                if token.label:
                    self._labels.add(token.written.lower())
                else:
                    size = token.value.scaleb(token.scale)
                    self._values.append(-size if token.negative else size)
        self._years = {year for text in self._texts for year in years(text)}
        self._years |= {year[:7] for year in self._years}
        self._rounded: dict[tuple[int, int], set[Decimal]] = {}

    def _at(self, scale: int, decimals: int) -> set[Decimal]:
        key = (scale, decimals)
        if key not in self._rounded:
            # What is shown was rounded once already: 48.45 stands as 48.5, and is 48 in whole numbers, so a half goes both ways.
            scaled = [value.scaleb(-scale) for value in self._values]
            step = Decimal(1).scaleb(-decimals)
            self._rounded[key] = {rounded(one, decimals) for one in scaled}
            self._rounded[key] |= {one.quantize(step, ROUND_HALF_DOWN) for one in scaled}
        return self._rounded[key]

    def holds(self, token: Token) -> bool:
        """True where the token is one of the values, rounded as the token is written."""
        if token.label:
            return token.written.lower() in self._labels
        sizes = self._at(token.scale, token.decimals)
        if token.negative:
            return -token.value in sizes
        if token.value in sizes or -token.value in sizes:
            return True
        # A share held as a proportion may be written as a percentage.
        return token.percent and token.value in self._at(-2, token.decimals)

    def behind(self, text: str) -> list[float]:
        """The values of the data that stand behind the numbers of a text, as the data hold them."""
        found: dict[float, None] = {}
        for token in tokens(text):
            for size in self._values:
                alone = Known([size], (), ())
                if not token.label and alone.holds(token):
                    found[float(size)] = None
        return list(found)

    def periods(self, text: str) -> list[str]:
        """The years and quarters of a text that the data hold."""
        return [one for one in dict.fromkeys(years(text)) if one in self._years]

    def unmatched(self, text: str) -> list[str]:
        """Numbers and years in a text that the data do not hold, as written."""
        wrong = [token.written for token in tokens(text) if not self.holds(token)]
        return wrong + [year for year in years(text) if year not in self._years]
