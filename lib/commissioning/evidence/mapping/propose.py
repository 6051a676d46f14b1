"""What a file's headings and words may mean, as entries of a mapping: what is sure, and what is in doubt.

Nothing that may tell who somebody is goes into a mapping: see `may_be_copied`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commissioning.evidence import extract as extracts
from commissioning.evidence.mapping import codes, sheets
from commissioning.evidence.mapping.document import Entry, line
from commissioning.evidence.mapping.values import amount_and_word, day
from commissioning.evidence.today import today
from commissioning.wording import counted

FEW = 60  # distinct words of a category: a column of more is free text
MANY_PEOPLE = 5
MANY_ROWS = 2  # where rows are no people
SAME = 0.8  # of an entry's headings: the next export of the same report
_FROM = re.compile(r"(?:(?:period|date|report|data)\W+)?(?:from|start)(?:\W+date)?\W*", re.I)
_TO = re.compile(r"(?:(?:period|date|report|data)\W+)?(?:to|end|until)(?:\W+date)?\W*", re.I)


@dataclass(kw_only=True)
class Seen:
    """What was seen of a file: the mapping's entries with it, word counts by entry, and what there is to say."""

    entries: list[Entry]
    counts: dict[int, dict[str, dict[str, int]]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    understood: int = 0


def look(path: Path, entries: Sequence[Entry]) -> Seen:
    """A file beside what the mapping says already. Raises NotAsNamed or Refused where it cannot be opened."""
    seen = Seen(entries=list(entries))
    got = extracts.open_extract(path)
    if got.kind not in ("csv", "xlsx"):
        seen.lines.append(f"{path.name}: it is no CSV or XLSX file")
        return seen
    read = sheets.read(got)
    for sheet in read:
        _sheet(seen, path.name, sheet, [one for one in read if one is not sheet])
    return seen


def _sheet(seen: Seen, file: str, sheet: sheets.Sheet, others: Sequence[sheets.Sheet]) -> None:
    place = f"{file}, sheet {sheet.name}" if sheet.name else file
    for number, known in enumerate(seen.entries):
        table = sheets.find(sheet, known.shape, tuple(known.columns))
        here = {codes.key(one) for one in table.headings} if table else set()
        wanted = {codes.key(one) for one in known.columns}
        if table and len(wanted & here) >= SAME * len(wanted):
            seen.understood += 1
            _what_is_new(seen, number, known, table, file, place)
            return
    found = nearest(sheet)
    if found is None:
        seen.lines.append(f"{place}: {_none_near(sheet)}")
        return
    shape, table = found
    entry = Entry(files=[file], sheet=sheet.name, shape=shape)
    for heading in table.headings:
        if heading and not sheets.A_PERSONS.search(heading):
            entry.columns[heading] = codes.role_of(shape, heading) or by_content(shape, table, heading, entry.columns)
    _keep_one_each(entry)
    sure = [one for one, role in entry.columns.items() if role[0] not in (codes.DOUBT, codes.LEFT_OUT)]
    entry.why = f"{codes.says(shape)}: {len(sure)} of its {len(table.headings)} headings are known"
    if shape == codes.SERVICES:
        entry.covers = _covers(sheet, others) or codes.DOUBT
    seen.entries.append(entry)
    seen.understood += 1
    seen.lines += [f"{place}: {entry.why}", f"  headings stand at {table.header_where}; {counted(len(table.rows), 'row')} of data, "
                   f"{table.not_data} that are none (titles, totals)"]  # fmt: skip
    seen.lines += [f"  {line(heading, role)}" for heading, role in entry.columns.items()]
    if entry.covers.startswith(codes.DOUBT):
        seen.lines.append(
            '  covers = "?": write the first and last day it speaks of, such as "2022-04-01 to 2025-03-31"'
        )
    _words(seen, len(seen.entries) - 1, entry, table, said=False)


def _keep_one_each(entry: Entry) -> None:
    """Two headings of one meaning: the first stands and the others are in doubt. Outcomes and years may be many."""
    had: set[str] = set()
    for heading, role in entry.columns.items():
        if role in had and role != "outcome":
            entry.columns[heading] = f"{codes.DOUBT} {role}"
        elif role not in (codes.LEFT_OUT, codes.DOUBT) and not role.startswith(codes.DOUBT):
            had.add(role)


def _what_is_new(seen: Seen, number: int, known: Entry, table: sheets.Table, file: str, place: str) -> None:
    entry = Entry(
        **{**vars(known), "columns": dict(known.columns), "words": {r: dict(w) for r, w in known.words.items()}}
    )
    seen.entries[number] = entry
    said = []
    if not entry.of(file):
        entry.files = [*entry.files, file]
        said.append(f"  read as {known.files[0]}: {codes.says(known.shape)}")
    have = {codes.key(one) for one in entry.columns}
    for heading in table.headings:
        if heading and codes.key(heading) not in have and not sheets.A_PERSONS.search(heading):
            role = codes.role_of(known.shape, heading) or by_content(known.shape, table, heading, entry.columns)
            taken = role in entry.columns.values() and role not in ("outcome", codes.LEFT_OUT)
            entry.columns[heading] = f"{codes.DOUBT} {role}" if taken and not role.startswith(codes.DOUBT) else role
            said.append(f"  new heading: {line(heading, entry.columns[heading])}")
    gone = [one for one in known.columns if codes.key(one) not in {codes.key(h) for h in table.headings}]
    said += [f"  heading no longer there: {one}" for one in gone]
    before = len(seen.lines)
    seen.lines += [place, *said]
    _words(seen, number, entry, table, said=True)
    if len(seen.lines) == before + 1:
        seen.lines[before] = f"{place}: nothing new"


def nearest(sheet: sheets.Sheet) -> tuple[str, sheets.Table] | None:
    """The shape that a sheet most resembles, and the sheet below its headings; None where none is near."""
    best: tuple[int, str, sheets.Table] | None = None
    for shape in codes.shapes():
        table = sheets.find(sheet, shape)
        if table is None:
            continue
        sure = {codes.sure_role(shape, one) for one in table.headings} - {"", codes.LEFT_OUT}
        if _lacking(shape, sure):
            continue
        if best is None or len(sure) > best[0]:
            best = (len(sure), shape, table)
    return best[1:] if best else None


def _needs(shape: str) -> tuple[tuple[str, ...], ...]:
    contract = codes.shapes()[shape]
    own = codes.NEEDS.get(shape)
    if own is not None or contract is None:
        return own or ()
    return tuple((one.name,) for one in contract.required if "" not in one.missing)


def _lacking(shape: str, sure: set[str]) -> list[str]:
    have = sure | ({"year of amounts"} if any(map(codes.is_year, sure)) else set())
    return [" or ".join(_plain(one) for one in some) for some in _needs(shape) if not have & set(some)]


def _plain(role: str) -> str:
    return role.removesuffix("_pence").replace("_", " ")


def _none_near(sheet: sheets.Sheet) -> str:
    """What comes nearest of what cannot be read, by its matching headings and what it lacks; or that none is near."""
    best: tuple[int, str] = (1, "")
    for shape in codes.shapes():
        if table := sheets.find(sheet, shape):
            held = {role: one for one in table.headings if (role := codes.sure_role(shape, one).strip("-"))}
            if len(held) > best[0]:
                lacks = ", ".join(_lacking(shape, set(held)))
                best = (
                    len(held),
                    f"the nearest is {codes.says(shape)} (here: {', '.join(held.values())}; missing: {lacks})",
                )
    return f"no mapping is proposed; {best[1] or 'none is near'}"


def by_content(shape: str, table: sheets.Table, heading: str, taken: dict[str, str]) -> str:
    """A doubtful role for a heading nobody knows, where at least half of its words are words of that role; else `-`."""
    at = table.headings.index(heading)
    held = Counter(row.cells[at] for row in table.rows if row.cells[at])
    if held and len(held) <= FEW:
        rows = sum(held.values())
        for role in codes.roles(shape):
            if role in taken.values() or len(codes.meanings(shape, role)) < 3 or role == "outcome":
                continue
            known = sum(n for word, n in held.items() if codes.is_listed(shape, role, word))
            if 2 * known >= rows and len(held) > 1:
                return f"{codes.DOUBT} {role}"
    return codes.LEFT_OUT


def words_of(entry: Entry, table: sheets.Table) -> dict[str, dict[str, tuple[int, int]]]:
    """Role → word → rows, and people (rows where rows are no people), of each category that is not in doubt."""
    places = {one: at for at, one in enumerate(table.headings)}
    person = next((places[h] for h, role in entry.columns.items() if role == "person_id" and h in places), None)
    found: dict[str, tuple[Counter[str], dict[str, set[str]]]] = {}
    for heading, role in entry.columns.items():
        role = role.removeprefix(codes.DOUBT).strip()
        name = "amount" if codes.is_year(role) else role
        if heading not in places or not codes.meanings(entry.shape, name):
            continue
        rows, people = found.setdefault(name, (Counter(), {}))
        for row in table.rows:
            word = row.cells[places[heading]]
            word = amount_and_word(word)[1] if name == "amount" else word
            if word:
                rows[word] += 1
                people.setdefault(word, set()).add(row.cells[person] if person is not None else row.where)
    return {
        name: {word: (n, len(people[word])) for word, n in rows.most_common()} for name, (rows, people) in found.items()
    }


def may_be_copied(entry: Entry, role: str, word: str, people: int, distinct: int) -> bool:
    """True for a word of a shipped list, or one of few that stands for many and looks like nothing of anybody's."""
    if codes.is_listed(entry.shape, role, word):
        return True
    many = MANY_PEOPLE if "person_id" in entry.columns.values() else MANY_ROWS
    return people >= many and distinct <= FEW and len(word) <= 120 and not sheets.A_PERSONS.search(word)


def _words(seen: Seen, number: int, entry: Entry, table: sheets.Table, *, said: bool) -> None:
    """Add the words that the entry has not, and say them; `said`: only what is new is said."""
    for role, held in words_of(entry, table).items():
        own = entry.words.setdefault(role, {})
        have = {codes.key(one): one for one in own}
        counts = seen.counts.setdefault(number, {}).setdefault(role, {})
        kept_back = [0, 0]
        news = []
        for word, (rows, people) in held.items():
            if codes.key(word) in have:
                written = have[codes.key(word)]
                counts[written] = counts.get(written, 0) + rows
            elif may_be_copied(entry, role, word, people, len(held)):
                have[codes.key(word)] = word
                own[word] = codes.meaning_of(entry.shape, role, word)
                counts[word] = rows
                news.append(f"    {line(word, own[word], rows)}")
            else:
                kept_back[0] += 1
                kept_back[1] += rows
        if news:
            seen.lines += [f"  {'new words of ' if said else ''}{_plain(role)}:", *news]
        if kept_back[0]:
            seen.lines.append(
                f"  {_plain(role)}: {counted(kept_back[0], 'further word')} ({counted(kept_back[1], 'row')}) not copied: each stands "
                "for too few, or may tell who somebody is; they count as unknown"
            )
        if not own:
            del entry.words[role]


def _covers(sheet: sheets.Sheet, others: Sequence[sheets.Sheet]) -> str:
    """The first and last day that the file says it covers, on another sheet or above its headings; empty where it does not."""
    first = last = None
    for one in (*others, sheet):
        for row in one.rows[:40]:
            cells = [cell for cell in row.cells if cell.strip()]
            for label, value in zip(cells, cells[1:], strict=False):
                found = day(value)
                if found and _FROM.fullmatch(label.strip()):
                    first = first or found
                if found and _TO.fullmatch(label.strip()):
                    last = last or found
    return f"{first} to {last}" if first and last and first < last <= today() else ""
