"""What a published file says of itself beside its rows: for which year it is, in its titles, in `sources.toml` or in its name.

A year is never guessed: "2021" could be 2020-21 or 2021-22. A file that states none, or two, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Refused
from commissioning.evidence.source import Source

_FINANCIAL = re.compile(r"(?<!\d)(20\d\d|19\d\d)\s*(?:[-/_–—]|\bto\b)\s*(\d{4}|\d\d)(?!\d)", re.IGNORECASE)
_CALENDAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def financial_years(words: str) -> set[str]:
    """Every financial year that words state in full, as "2020-21": 2020-21, 2020/21, 2020 to 2021.

    >>> sorted(financial_years("ASCOF 2020/21, revised 2022"))
    ['2020-21']
    """
    found = set()
    for match in _FINANCIAL.finditer(words.replace("_", "-")):
        first = int(match[1])
        if int(match[2]) in (first + 1, (first + 1) % 100):
            found.add(f"{first}-{(first + 1) % 100:02d}")
    return found


@dataclass(frozen=True, kw_only=True)
class Stated:
    """Where a year may be stated: the file's name, what `sources.toml` says of it, and the words of its titles and sheets."""

    name: str
    source: Source
    titles: tuple[str, ...] = ()

    def financial_year(self) -> tuple[str, str]:
        """The year, as "2020-21", and where it is stated. Raises Refused where none is, or two are."""
        own = financial_years(" | ".join(self.titles))
        written = {self.source.year} if self.source.year else set()
        if written and financial_years(self.source.year) != written:
            raise Refused(
                f"{self.name} has year = “{self.source.year}” in sources.toml, which is no financial year: write it as 2020-21 "
                "(2021 could be 2020-21 or 2021-22)",
                code="no year",
            )
        named = financial_years(self.name.rpartition("/")[2]) or financial_years(self.name)
        for years, other, where in (
            (own, written, "its own title"),
            (own, named if not written else set(), "its own title"),
        ):
            if len(years) == 1 and other and years != other:
                said = "sources.toml" if written else "its name"
                raise Refused(
                    f"{self.name} says {min(years)} in {where} and {', '.join(sorted(other))} in {said}: correct the one that is wrong",
                    code="two years",
                )
        for years, where in ((own, "its own title"), (written, "sources.toml"), (named, "its name")):
            if len(years) > 1:
                break
            if years:
                return min(years), where
        several = sorted(own or named)
        why = (
            f"names {len(several)} years ({', '.join(several)})"
            if several
            else "does not say which financial year it is of"
        )
        raise Refused(
            f'{self.name} {why}: no column holds the year. Write year = "2020-21" for it in sources.toml, '
            "or put its year in its name like that (a year such as 2021 could be 2020-21 or 2021-22)",
            code="no year",
        )

    def calendar_year(self) -> str | None:
        """A year such as "2019" that the titles, `sources.toml` or the name state; None where none or several do."""
        for words in (" | ".join(self.titles), self.source.year, self.name.rpartition("/")[2]):
            found = set(_CALENDAR.findall(words))
            if found:
                return found.pop() if len(found) == 1 else None
        return None


def stated(extract: Extract, source: Source, rows: Iterable[Sequence[object]], sheets: Iterable[str] = ()) -> Stated:
    """What a file states, from the rows above its header (in any order) and the names of its sheets."""
    words = [str(cell) for cells in rows for cell in cells if cell is not None and str(cell).strip()]
    return Stated(name=extract.name, source=source, titles=(*words, *sheets))
