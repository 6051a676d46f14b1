"""Which of two exports of the same records is the later one: what `sources.toml` says, a date in a name, the last period held."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from commissioning.evidence.days import MONTHS

EARLIEST, LATEST = 1990, 2099
_NUMBERS = re.compile(
    r"(?<!\d)(?:(\d{4})([-._ ]?)(\d{2})\2(\d{2})|(\d{1,2})([-._ ])(\d{1,2})\6(\d{4})|(\d{2})(\d{2})(\d{4}))(?!\d)"
)
_WORDS = re.compile(
    r"(?<![A-Za-z\d])(?:(\d{1,2})(?:st|nd|rd|th)?[-._ ]*)?([A-Za-z]{3,9})[-._ ]*(\d{4})(?![\d])(?![-/_]\d\d(?!\d))"
)


@dataclass(frozen=True, kw_only=True)
class Export:
    """What tells how new a file is: the day it was exported ("" not known), how that is known, and the last period it holds."""

    day: str = ""
    known_from: str = ""
    last: str = ""

    @property
    def words(self) -> str:
        """What decided, for a sentence."""
        return f"{self.known_from} {self.day}" if self.day else f"it holds periods up to {self.last}"


def of(name: str, exported: str, last: str) -> Export:
    """A file's export, by its name below the folder, what `sources.toml` says and the last period in it ("" for none)."""
    if exported:
        return Export(day=exported, known_from="sources.toml says that it was exported on", last=last)
    day = day_in(name)
    return Export(day=day, known_from="its name says" if day else "", last=last)


def day_in(name: str) -> str:
    """The last day that a file's name says (else its folder's), as 2024-07-01: 20240701, 01-07-2024, July 2024; "" for none."""
    folder, _, own = name.rpartition("/")
    for part in (own, folder):
        found = {*_in_numbers(part), *_in_words(part)}
        if found:
            return max(found).isoformat()
    return ""


def _in_numbers(text: str) -> list[date]:
    found = []
    for m in _NUMBERS.finditer(text):
        readings = [(m[1], m[3], m[4]), (m[8], m[7], m[5]), (m[11], m[10], m[9])]
        if m[1] and not m[2]:  # eight digits: 20240701 or 01072024, of which one alone is a day
            readings.append((m[0][4:], m[0][2:4], m[0][:2]))
        found += [day for y, month, d in readings if y and (day := _day(int(y), int(month), int(d)))]
    return found


def _in_words(text: str) -> list[date]:
    return [
        day
        for m in _WORDS.finditer(text)
        if (month := MONTHS.get(m[2].casefold())) and (day := _day(int(m[3]), month, int(m[1] or 1)))
    ]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if EARLIEST <= year <= LATEST else None
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Order:
    """Files that hold the same records with other content, the newest first; or a pair of which nothing tells the newer, and the
    files whose day would."""

    files: tuple[int, ...]
    undecided: tuple[int, int] | None = None
    ask_of: tuple[int, ...] = ()


def orders(exports: Mapping[int, Export], unlike: Collection[tuple[int, int]]) -> list[Order]:
    """The order of each group of files that hang together by pairs that hold the same records with other content.

    Where every file of a group has a day, the day decides, then the last period; where one has none, the last period, then the
    day, and two days that say otherwise than the periods decide nothing.
    """
    groups: list[set[int]] = []
    for pair in unlike:
        joined = set(pair).union(*(g for g in groups if g & set(pair)))
        groups = [g for g in groups if not g & joined] + [joined]
    return [_order(exports, sorted(g), [p for p in sorted(unlike) if p[0] in g]) for g in groups]


def _order(exports: Mapping[int, Export], group: list[int], pairs: list[tuple[int, int]]) -> Order:
    without = tuple(i for i in group if not exports[i].day)

    def rank(i: int) -> tuple[str, str]:
        return (exports[i].last, exports[i].day) if without else (exports[i].day, exports[i].last)

    for a, b in pairs:
        one, other = exports[a], exports[b]
        alike = one.last == other.last
        known = not without or (all((one.day, other.day)) if alike else all((one.last, other.last)))
        days_agree = (
            not all((one.day, other.day))
            or alike
            or one.day == other.day
            or (one.day > other.day) == (one.last > other.last)
        )
        if rank(a) == rank(b) or not known or (without and not days_agree):
            return Order(files=tuple(group), undecided=(a, b), ask_of=without or (a, b))
    return Order(files=tuple(sorted(group, key=rank, reverse=True)))


def ask(file: str, other: str, records: str, of: Collection[str]) -> str:
    """Why a file is refused, and what to write in `sources.toml` of which files."""
    lines = "\n".join(f'[[source]]\nfiles = "{one}"\nexported = "YYYY-MM-DD"' for one in of)
    return (
        f"{file} holds {records} that {other} holds too, with other content, and nothing tells which was exported later: "
        f"keep the file that is right, or write in sources.toml on which day each was exported, above any table whose `files` "
        f"takes in more, with what else is said of the file:\n{lines}"
    )
