"""Numbers written in words: sizes from eleven up, parts of a whole, and words for a change of size.

Ordinary English stays free: up to ten ("one of them"), "a quarter" of three months, "half a year", "the third year".
"""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
          "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: i for i, word in enumerate(_UNITS, 1)} | {word: 10 * i for i, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
_SMALL_WORD = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_UNITS[:9])}))?|{'|'.join(reversed(_UNITS))})"
_SCALE_WORD = "(?:hundred|thousand|million|billion|dozen)"
_MORE = (
    rf"(?:\sand\s{_SMALL_WORD}\b(?![-\s]{_SCALE_WORD})"
    rf"|[-\s]{_SMALL_WORD}\b(?:[-\s]{_SCALE_WORD})?|[-\s]{_SCALE_WORD})"
)
# Not after a digit: "12 thousand" is read with its digits.
_SIZE = re.compile(
    rf"(?<!\d\s)(?<![\w-])(?:(?:(?:a|{_SMALL_WORD})[-\s])?{_SCALE_WORD}{_MORE}*|{_SMALL_WORD})\b",
    re.IGNORECASE,
)

_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_COUNTS = {word: _SMALL[word] for word in _UNITS[1:9]}
_TIME = r"(?:year|month|week|day|hour|term|time|way|minute|penny|pence|even|\d{4})"
_SEVERAL = re.compile(
    rf"\b({'|'.join(_COUNTS)})[-\s]({'|'.join(one for one in _PARTS if one != 'quarter')})s\b", re.IGNORECASE
)
# "The last three quarters" are nine months; "three quarters of them" are people.
_QUARTERS = re.compile(rf"\bthree[-\s]quarters\s+of\b(?!\s(?:an?\s|the\s)?{_TIME})", re.IGNORECASE)
_ONE_PART = re.compile(
    rf"\b(?:an?|one)[-\s]({'|'.join(_PARTS)})(?=\s+of\b(?!\s(?:an?\s|the\s)?{_TIME})|\s+(?:more|fewer|less|as)\b)"
    rf"|\b(?:by|about|nearly|almost)\s(?:an?|one)[-\s]({'|'.join(_PARTS)})\b",
    re.IGNORECASE,
)
_HALF = re.compile(
    rf"(?<!first\s)(?<!second\s)(?<!other\s)(?<!third\s)(?<!last\s)\bhalf\b(?![-\s](?:an?\s|the\s)?(?:{_TIME}|a\sdozen))",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:doubl(?:ed|ing)|trebl(?:ed|ing)|tripl(?:ed|ing)|quadrupl(?:ed|ing)|halv(?:ed|ing)|"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+)fold|twice\s(?:as|the)|thrice|"
    r"(?:double|treble|triple)\s(?:the|that|its|their)|(?:hundreds|thousands|millions|billions|dozens|scores)\sof)\b",
    re.IGNORECASE,
)


def sizes(text: str) -> list[tuple[str, int]]:
    """Sizes from eleven up, as written and as numbers: "three hundred and seven" is 307."""
    found = []
    for hit in _SIZE.finditer(_BASE.sub(" ", text)):
        words = re.findall(r"[a-z]+", hit.group().lower())
        value = _value([word for word in words if word not in ("a", "and")])
        if value > 10:
            found.append((hit.group(), value))
    return found


_BASE = re.compile(r"\b(?:(?:of|in)\sa|in\s(?:each|every)|each|every|per)\shundred(?=\W*(?:$|[^\W\d]))", re.IGNORECASE)
"""What a share is a share of: "points of a hundred people"."""


def _value(words: list[str]) -> int:
    total = current = 0
    for word in words:
        if word in _SMALL:
            current += _SMALL[word]
        elif word in ("hundred", "dozen"):
            current = max(current, 1) * _SCALES[word]
        else:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return total + current


def shares(text: str) -> list[tuple[str, Decimal]]:
    """Parts of a whole, as written and as numbers: "two thirds", "a quarter of them", "half"."""
    found = [(hit.group(), Decimal("0.5")) for hit in _HALF.finditer(text)]
    for hit in _SEVERAL.finditer(text):
        found.append((hit.group(), Decimal(_COUNTS[hit[1].lower()]) / _PARTS[hit[2].lower()]))
    found += [(hit.group(), Decimal("0.75")) for hit in _QUARTERS.finditer(text)]
    for hit in _ONE_PART.finditer(text):
        found.append((hit.group(), Decimal(1) / _PARTS[(hit[1] or hit[2]).lower()]))
    return found


def changes(text: str) -> list[str]:
    """Words that say how many times larger something is, or about how many there are, without a number."""
    return [hit.group() for hit in _CHANGE.finditer(text)]
