"""Every number that differs between two results of a report: what its JSON holds, and what its page prints.

Nothing is named field by field: whatever a result holds is compared, so that no number can move unseen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commissioning.presentation import columns, words
from commissioning.presentation.display import MIME

NAMES = (
    "measure", "area", "group_kind", "group", "period", "year", "file", "table", "line", "what", "basis", "perspective", "code",
    "method", "id", "name", "title",
)  # fmt: skip
"""Fields that say what a row is about, and so which row of the other result it is held against."""
NOT_COMPARED = {
    # Said of the result, and not in it: hashes and lists of what was read and shown. Their causes are told apart.
    "fingerprint", "partitions_read", "shown", "declared", "schema_version", "code_version", "reconciliation",
    # Compared by `changes`, in words of their own.
    "definitions", "methods", "settings", "seal",
    # The list of revisions stands on the page itself.
    "states",
}  # fmt: skip
WORDED = {"numbers", "checks", "state", "was"}
"""Fields of a row that repeat another one of it, or what `changes` words itself."""
CALLED = {
    "numerator": "number",
    "denominator": "out of",
    "lower": "lower limit",
    "upper": "upper limit",
    "spend_pence": "spend",
}
LONGEST_TEXT = 160
NEAR = 1e-9  # below this part of a number two processors may differ
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
HASH = re.compile(r"[0-9a-f]{16,}")
ABSENT = object()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One number, before and now. `about` is a measure's id, or the title of what holds it; `where` the row."""

    about: str
    where: str
    what: str
    before: str
    now: str


def of_results(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every number and claim that differs between two reports' JSON."""
    found: list[Difference] = []
    for name in sorted({*before, *after} - NOT_COMPARED):
        found += _compared(name.replace("_", " "), "", name, before.get(name, ABSENT), after.get(name, ABSENT))
    return found


def _compared(about: str, where: str, what: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, list) and isinstance(new, list) and (_are_rows(old) or _are_rows(new)):
        yield from _rows(about, where, what, _named(old), _named(new))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted({*old, *new}):
            yield from _compared(
                about, where, name if what == about else f"{what} {name}", old.get(name), new.get(name)
            )
    elif isinstance(old, list) and isinstance(new, list):
        for one in [one for one in old if one not in new]:
            yield from _leaf(about, where, what, one, "no longer in it")
        for one in [one for one in new if one not in old]:
            yield from _leaf(about, where, what, "not in it", one)
    elif _is_many(old) or _is_many(new):
        if bool(old not in (ABSENT, None) and old) != bool(new not in (ABSENT, None) and new):
            told = ("was in it", "no longer in it") if new in (ABSENT, None, [], {}) else ("not in it", "added")
            yield Difference(about=about, where=where, what=what.replace("_", " "), before=told[0], now=told[1])
    else:
        yield from _leaf(about, where, what, None if old is ABSENT else old, None if new is ABSENT else new)


def _is_many(value: Any) -> bool:
    return isinstance(value, (list, Mapping))


def _are_rows(values: Sequence[Any]) -> bool:
    return any(isinstance(one, Mapping) for one in values)


def _named(rows: Iterable[Any]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    times: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if isinstance(row, Mapping):
            name = tuple(str(row.get(key) or "") for key in NAMES)
            times[name] += 1
            found[(*name, str(times[name]))] = row
    return found


def _rows(
    about: str, where: str, what: str, old: Mapping[tuple[str, ...], Any], new: Mapping[tuple[str, ...], Any]
) -> Iterator[Difference]:
    for key in sorted({*old, *new}):
        row = new.get(key, old.get(key, {}))
        mine = str(row.get("measure") or about)
        place = " · ".join(part for part in (where, *_place(row)) if part)
        if key not in old:
            yield Difference(about=mine, where=place, what=_called(what), before="not in it", now="added")
        elif key not in new:
            yield Difference(about=mine, where=place, what=_called(what), before="was in it", now="no longer in it")
        else:
            moved = list(_row(mine, place, old[key], new[key]))
            # That a figure was hidden is said by its numbers, "3.1 → hidden"; by itself only where none of them moved.
            said = [one for one in moved if one.what not in ("hidden", "why hidden", "status")]
            yield from said or moved


def _row(about: str, place: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    hidden = (old.get("hidden") is True, new.get("hidden") is True)
    for field in sorted({*old, *new} - {*NAMES} - WORDED):
        was, now = old.get(field), new.get(field)
        if was == now or (field == "claim" and new.get("group_kind") not in (None, "", "all")):
            continue  # nearly every one; a claim is the same in each row of a measure
        if _is_many(was) or _is_many(now):
            yield from _compared(about, place, field, was, now)
        else:
            yield from _leaf(about, place, field, was, now, hidden)


def _called(what: str) -> str:
    return {"figures": "figure"}.get(what, what.replace("_", " "))


def _place(row: Mapping[str, Any]) -> list[str]:
    """Where a row stands, in words: its group and period, its year and line."""
    found = [str(row[name]) for name in NAMES if name not in ("measure", "area", "group_kind", "id") and row.get(name)]
    return [one for one in found if one != "all"]


def _leaf(
    about: str, where: str, what: str, old: Any, new: Any, hidden: tuple[bool, bool] = (False, False)
) -> Iterator[Difference]:
    if old == new or _is_noise(old, new) or _is_hash(old) or _is_hash(new):
        return
    texts = isinstance(old, str) and isinstance(new, str) and what not in ("claim", "says", "withheld", "status")
    if texts and NUMBER.findall(old) == NUMBER.findall(new):
        return  # words alone: no number
    may_hide = what not in ("claim", "spend_pence", "hidden", "why_hidden")
    if texts:
        old, new = _parts(old, new)
    before, now = _written(what, old, new, hidden[0] and may_hide), _written(what, new, old, hidden[1] and may_hide)
    if before != now:
        yield Difference(
            about=about, where=where, what=CALLED.get(what, what.replace("_", " ")), before=before, now=now
        )


def _parts(old: str, new: str) -> tuple[str, str]:
    """Two texts by the numbers that only one of them holds; by their first words where it is the order that differs."""
    was, now = Counter(NUMBER.findall(old)), Counter(NUMBER.findall(new))
    gone, come = list((was - now).elements()), list((now - was).elements())
    if not gone and not come:
        return _short(old), _short(new)
    return ", ".join(gone) or "not in it", ", ".join(come) or "no longer in it"


def _is_hash(value: Any) -> bool:
    """True for a hash, wherever it stands: its digits are no number of anything."""
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT].rsplit(' ', 1)[0]} …"


def _is_noise(old: Any, new: Any) -> bool:
    """True for what two processors make of one number; whole numbers are never noise."""
    both = _is_number(old) and _is_number(new) and not (isinstance(old, int) and isinstance(new, int))
    return both and abs(old - new) <= NEAR * max(abs(old), abs(new))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _written(what: str, value: Any, other: Any, hidden: bool) -> str:
    """A value in words, with as many decimals as it needs to differ from the other."""
    if value is None or value is ABSENT or str(value) in ("<NA>", "nan", ""):
        return "hidden" if hidden else "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not _is_number(value):
        return str(value)
    if what.endswith("pence") and float(value) == int(value):
        return words.money(int(value))
    if float(value) == int(value) and (not _is_number(other) or float(other) == int(other)):
        return words.number(value)
    for decimals in range(1 if abs(value) >= 1 else 3, 13):
        if not _is_number(other) or words.number(value, decimals) != words.number(other, decimals):
            return words.number(value, decimals)
    return str(value)


# --- what a page prints ---------------------------------------------------------------------------------------


def printed(notebook: Any) -> dict[str, dict[str, str]]:
    """Every number that an executed notebook shows, by what shows it: title → place → the text of the cell."""
    found: dict[str, dict[str, str]] = {}
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = next((one.lstrip("# ") for one in cell.source.splitlines() if one.startswith("#")), heading)
        for output in cell.get("outputs", ()):
            record = output.get("data", {}).get(MIME)
            if isinstance(record, Mapping) and record.get("kind") not in ("definition", "glossary", "parameters"):
                held = _by_place(_cells(record))
                if held:
                    own = record["kind"] not in ("note", "finding") and record.get("title")
                    found.setdefault(str(own or heading or record.get("id")), {}).update(held)
    return found


def _by_place(cells: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Texts that hold a number, by place; a place that comes again is told apart by its turn."""
    found: dict[str, str] = {}
    times: Counter[str] = Counter()
    for place, text in cells:
        times[place] += 1
        if NUMBER.search(text):
            found[f"{place} ({times[place]})" if times[place] > 1 else place] = text
    return found


def _cells(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    data = record.get("data")
    if isinstance(data, Mapping) and data.get("columns"):
        keys = max(1, int(record.get("keys") or 1))
        for row in data["rows"]:
            name = " · ".join(str(one) for one in row[:keys])
            for cell, column in list(zip(row, data["columns"], strict=True))[keys:] or []:
                yield f"{name} | {column['label']}", columns.shown(cell, column)
    yield from _texts(record)


def _texts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Texts of a record that is no table: a note's lines, steps, the rows of a log, findings."""
    if record.get("kind") == "log":
        for row in record.get("rows", ()):
            name = " · ".join(str(one) for one in row[:2] if one) if len(row) > 2 else str(row[0])
            for head, text in zip(record.get("heads", ())[1:], row[1:], strict=False):
                yield f"{name} | {head}", str(text)
    for name in ("lines", "steps"):
        for number, text in enumerate(record.get(name) or (), start=1):
            yield f"line {number}", str(text)
    for number, one in enumerate(record.get("findings") or (), start=1):
        yield f"finding {number}", str(one.get("sentence", ""))
    if record.get("kind") == "finding":
        yield str(record.get("evidence", "")), str(record.get("sentence", ""))
    if record.get("caption"):
        yield "caption", str(record["caption"])
    if record.get("kind") == "reconciliation":
        for row in record.get("files", ()):
            for field, value in row.items():
                if value is not None and field not in ("file", "table", "unit", "people"):
                    yield f"{row['file']} | {field.replace('_', ' ')}", str(value)


def of_pages(
    before: Mapping[str, Mapping[str, str]] | None,
    after: Mapping[str, Mapping[str, str]],
    told: Iterable[Difference],
    titles: Mapping[str, str],
) -> list[Difference]:
    """Numbers printed otherwise than before, save those that `told` has already under the title of their measure."""
    if before is None:
        return []
    known: dict[tuple[str, str], set[str]] = {}
    for one in told:
        known.setdefault((one.before, one.now), set()).add(titles.get(one.about, one.about))
    found = []
    for title in sorted({*before, *after}):
        old, new = before.get(title, {}), after.get(title, {})
        for place in sorted({*old, *new}):
            was, now = old.get(place, "not in it"), new.get(place, "no longer in it")
            if NUMBER.findall(was) == NUMBER.findall(now) or any(
                one in title or one in place for one in known.get((was, now), ())
            ):
                continue
            row, _, column = place.partition(" | ")
            was, now = _parts(was, now) if NUMBER.search(was) and NUMBER.search(now) else (_short(was), _short(now))
            found.append(Difference(about=title, where=row, what=column or "text", before=was, now=now))
    return found
