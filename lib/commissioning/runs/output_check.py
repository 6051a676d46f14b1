"""The output check: what a report would show to others, and what of it is new since it was published last.

For the person who answers for publishing: which tables there are, how small the smallest numbers are, how strongly anything is
claimed, and every number that is different. Read from the very files that would be published, not from what made them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from commissioning.wording import counted

STRONG = ("compared", "attributable")
SMALLEST = 3  # numbers named of those shown
NAMED = 5  # measures whose changed numbers are named, and tables


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a permission given in advance rests on: the tables, the claims, and figures that were corrected."""

    tables: tuple[str, ...]
    claims: tuple[str, ...]
    corrected: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        return {name: list(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Shape:
        """From JSON. Raises KeyError or TypeError where it is something else."""
        return cls(**{name: tuple(map(str, held[name])) for name in ("tables", "claims", "corrected")})


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What stands in the files of one report."""

    shape: Shape
    smallest: tuple[str, ...]
    hidden: int
    result: dict[str, Any]  # the report's JSON
    printed: Mapping[str, Any] | None  # every number on its page, where that was kept


class _Tables(HTMLParser):
    """Each table of a page by its id and its column heads, and each figure by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.table = ""
        self.heads: list[str] | None = None
        self.depth = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.table, self.heads = given.get("id") or "without a name", []
        elif tag == "th" and given.get("scope") == "col" and self.heads is not None:
            self.heads.append("")
            self.depth = True
        elif tag in ("figure", "svg", "img") and given.get("id"):
            self.found.append(f"{tag} {given['id']}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "th":
            self.depth = False
        elif tag == "table" and self.heads is not None:
            if self.table != "sign-off" and not self.table.endswith("-again"):  # the same rows in another order
                self.found.append(f"table {self.table}: {', '.join(_without_numbers(one) for one in self.heads)}")
            self.heads = None

    def handle_data(self, data: str) -> None:
        if self.depth and self.heads:
            self.heads[-1] += data


def _without_numbers(text: str) -> str:
    """The words alone: a year that moved on makes no new table and no other claim."""
    return " ".join(re.sub(r"\d[\d,.–-]*", "#", text).split())


def look(folder: Path, report: str) -> Seen:
    """What the files of a report in a folder show. Raises OSError or ValueError where they cannot be read."""
    result = json.loads((folder / f"{report}.json").read_text(encoding="utf-8"))
    result = result if isinstance(result, dict) else {}
    tables: list[str] = []
    for page in (f"{report}.html", f"{report}.easy-read.html"):
        if (folder / page).is_file():
            reader = _Tables()
            reader.feed((folder / page).read_text(encoding="utf-8"))
            tables += [f"{'Easy Read, ' if 'easy-read' in page else ''}{one}" for one in reader.found]
    figures = [one for one in result.get("figures") or () if isinstance(one, dict)]
    tables += [f"figures of {one.get('measure')} by {one.get('group_kind')}" for one in figures]
    shape = Shape(
        tables=tuple(sorted(set(tables))),
        claims=tuple(sorted(set(_claims(result)))),
        corrected=tuple(sorted({_name(one) for one in figures if one.get("state") == "corrected"})),
    )
    try:
        printed = json.loads((folder / f"{report}.changes.json").read_text(encoding="utf-8")).get("printed")
    except (OSError, ValueError, AttributeError):
        printed = None
    return Seen(
        shape=shape,
        smallest=_smallest(figures, result),
        hidden=sum(bool(one.get("hidden")) for one in figures),
        result=result,
        printed=printed if isinstance(printed, dict) else None,
    )


def _claims(result: Mapping[str, Any]) -> list[str]:
    """Each claim with what it is about. A strong one with its words too: "rose" that becomes "fell" is another claim."""
    found = []
    for one in [*(result.get("findings") or ()), *(result.get("effects") or ())]:
        if isinstance(one, dict) and one.get("claim"):
            words = _without_numbers(str(one.get("sentence") or "")) if one["claim"] in STRONG else ""
            found.append(": ".join(filter(None, (str(one.get("measure") or ""), str(one["claim"]), words))))
    return found


def _name(figure: Mapping[str, Any]) -> str:
    return ", ".join(
        str(figure[name]) for name in ("measure", "group", "period") if figure.get(name) not in (None, "", "all")
    )


def _smallest(figures: list[dict[str, Any]], result: Mapping[str, Any]) -> tuple[str, ...]:
    titles = result.get("definitions") or {}
    cells = []
    for one in figures:
        if one.get("hidden") or one.get("public"):
            continue
        for name in ("numerator", "denominator"):
            value = one.get(name)
            if isinstance(value, (int, float)) and value > 0:
                title = titles.get(one.get("measure"), {})
                called = title.get("title") if isinstance(title, dict) else None
                cells.append(
                    (value, f"{value:,.0f} ({name} of {_name({**one, 'measure': called or one.get('measure')})})")
                )
    return tuple(words for _, words in sorted(cells)[:SMALLEST])


def differing(before: Shape, now: Shape) -> str:
    """Why what was allowed in advance is no longer what would be published; "" where it still is."""
    if new := sorted(set(now.tables) - set(before.tables)):
        return f"a new table: {new[0]}" + (f", and {len(new) - 1} more" if len(new) > 1 else "")
    if other := sorted(set(now.claims) ^ set(before.claims)):
        return f"a changed claim: {other[0]}"
    if other := sorted(set(now.corrected) - set(before.corrected)):
        return f"a correction: {other[0]}"
    return ""


def lines(now: Seen, before: Seen | None, *, published: bool = False) -> list[str]:
    """The check of one report in plain lines, for the person who publishes it; `before`: as it was `published` last."""
    from commissioning.presentation import changes

    told = []
    tables = set(now.shape.tables)
    was = set(before.shape.tables) if before else set()
    told.append(
        f"tables, charts and sets of figures: {len(tables)}" + (f", {len(tables - was)} of them new" if before else "")
    )
    told += [f"  new: {one}" for one in sorted(tables - was)[:NAMED]] if before else []
    if len(tables - was) > NAMED and before:
        told.append(f"  and {len(tables - was) - NAMED} more")
    told += [f"  no longer there: {one}" for one in sorted(was - tables)[:NAMED]]
    told.append(
        f"smallest numbers shown: {'; '.join(now.smallest) or 'none'}; {counted(now.hidden, 'figure is', 'figures are')} hidden"
    )
    if before is None:
        if published:
            return [*told, "what was published last is not kept here, so nothing can be set against it: read all of it"]
        return [*told, "not published before: everything in it is new"]
    for words, held in (
        ("claim that is new", set(now.shape.claims) - set(before.shape.claims)),
        ("claim no longer made", set(before.shape.claims) - set(now.shape.claims)),
        ("corrected", set(now.shape.corrected) - set(before.shape.corrected)),
    ):
        told += [f"{words}: {one}" for one in sorted(held)]
    found = changes.compare(before.result, now.result, printed_before=before.printed, printed=now.printed or {}).record
    told += [str(one) for kind in ("methods", "definitions", "providers") for one in found[kind]]
    rows = changes.lines(found["numbers_changed"], most=4)
    told.append(f"numbers that differ from the last publication: {len(found['numbers_changed']):,}")
    told += [f"  {name} ({number}): {which}" for name, number, which in rows[:NAMED]]
    if len(rows) > NAMED:
        told.append(f"  and {counted(len(rows) - NAMED, 'measure')} more")
    return told
