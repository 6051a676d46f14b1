"""A mapped sheet as rows of the workbench's own tables, each with the place it came from.

Values stay text: the tables' contracts read and check them as those of any extract.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from commissioning.evidence.csv_reader import Record
from commissioning.evidence.loaded import Refused
from commissioning.evidence.mapping import codes, sheets
from commissioning.evidence.mapping.document import NAME, Entry, line
from commissioning.evidence.mapping.values import amount_and_word, day, quarter_of
from commissioning.wording import counted

Key = Callable[[str], str]
"""What stands for an identifier: the same for the same one, wherever it stands."""
SHOWN = 12  # words printed as lines for the mapping


@dataclass(kw_only=True)
class Rows:
    """Rows of one table: canonical names, records in order, and what is worth saying of how they were made."""

    table: str
    names: tuple[str, ...]
    records: list[Record]
    said: list[str]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet under its mapping: rows of role → text (several outcomes or years as they stand), and their places."""

    entry: Entry
    file: str
    rows: tuple[tuple[str, dict[str, str]], ...]
    outcomes: tuple[tuple[str, ...], ...] = ()  # meanings, a row each
    amounts: tuple[tuple[tuple[str, str], ...], ...] = ()  # year and text, a row each
    said: tuple[str, ...] = ()
    unknown: dict[str, Counter[str]] = field(default_factory=dict)  # words that count as unknown, by role


def keyed(secret: bytes) -> Key:
    """Pseudonyms as those of Client Level Data: P and 15 digits of a keyed hash of the council's own identifier."""

    def key(one: str) -> str:
        digest = hmac.new(secret, f"own {one}".encode(), hashlib.sha256).digest()
        return f"P{int.from_bytes(digest[:8], 'big') % 10**15:015d}"

    return key


def under(entry: Entry, found: Sequence[sheets.Sheet], file: str) -> Sheet:
    """A file's sheet under its mapping. Raises Refused where the sheet or a mapped heading is not there."""
    mapped = {heading: codes.decided(role) for heading, role in entry.columns.items()}
    mapped = {heading: role for heading, role in mapped.items() if role not in (codes.LEFT_OUT, codes.UNKNOWN)}
    best: sheets.Table | None = None
    for one in found:
        if entry.sheet and one.name != entry.sheet and len(found) > 1:
            continue
        table = sheets.find(one, entry.shape, tuple(mapped))
        if table is not None and (best is None or len(table.rows) > len(best.rows)):
            best = table
    where = f"sheet {entry.sheet} of {file}" if entry.sheet else file
    if best is None:
        raise Refused(
            f"{where} has no row with the headings of {NAME}: run `commissioning map` on it again",
            code="no mapped header",
        )
    places = {codes.key(one): at for at, one in enumerate(best.headings)}
    if gone := [one for one in mapped if codes.key(one) not in places]:
        raise Refused(
            f"{where} has no heading {', '.join(f'“{one}”' for one in gone)}, which {NAME} names: mend the line, or leave it out with -",
            code="missing column",
            where=best.header_where,
        )
    own = {
        role: {codes.key(word): codes.decided(mean) for word, mean in said.items()}
        for role, said in entry.words.items()
    }
    unknown: dict[str, Counter[str]] = {}

    def meaning(role: str, word: str) -> str:
        found = own.get(role, {}).get(codes.key(word), codes.DOUBT) if word else ""
        if found == codes.DOUBT or (found == codes.UNKNOWN and _in_doubt(entry, role, word)):
            unknown.setdefault(role, Counter())[word] += 1
            return codes.UNKNOWN
        return found

    by_place = [
        (places[codes.key(heading)], role, bool(codes.meanings(entry.shape, role))) for heading, role in mapped.items()
    ]
    rows, outcomes, amounts = [], [], []
    for row in best.rows:
        cells: dict[str, str] = {}
        met: list[str] = []
        paid: list[tuple[str, str]] = []
        for at, role, worded in by_place:
            cell = row.cells[at]
            if codes.is_year(role):
                amount, word = amount_and_word(cell)
                told = meaning("amount", word) if word else codes.COUNT
                if cell and told != codes.NONE:
                    paid.append((role, amount if told == codes.COUNT else ""))
            elif role == "outcome":
                met += [meaning(role, cell)] if cell else []
            else:
                cells[role] = meaning(role, cell) if worded else cell
        rows.append((row.where, cells))
        outcomes.append(tuple(met))
        amounts.append(tuple(paid))
    said = [f"read by {NAME}: {counted(len(rows), 'row')} of {where}, and {best.not_data:,} that are no data"]
    doubtful = [heading for heading, role in entry.columns.items() if role.startswith(codes.DOUBT)]
    if doubtful:
        said.append(f"headings in doubt, left out until decided: {', '.join(doubtful)}")
    said += [of_words(entry, role, words, len(best.rows)) for role, words in unknown.items()]
    return Sheet(
        entry=entry, file=file, rows=tuple(rows), outcomes=tuple(outcomes), amounts=tuple(amounts), said=tuple(said), unknown=unknown,
    )  # fmt: skip


def _in_doubt(entry: Entry, role: str, word: str) -> bool:
    said = {codes.key(one): mean for one, mean in entry.words.get(role, {}).items()}
    return said.get(codes.key(word), "").startswith(codes.DOUBT)


def of_words(entry: Entry, role: str, words: Counter[str], rows: int) -> str:
    """One sentence on the words of a column that count as unknown; those that the mapping has, as its lines."""
    written = {codes.key(one): (one, mean) for one, mean in entry.words.get(role, {}).items()}
    lines = [line(*written[codes.key(one)]) for one, _ in words.most_common() if codes.key(one) in written]
    new = sum(1 for one in words if codes.key(one) not in written)
    says = f"{role}: {counted(len(words), 'word')} unknown, {counted(sum(words.values()), 'cell')}"
    if lines:
        says += f": decide in {NAME}, [file.words.{role}]: {'; '.join(lines[:SHOWN])}"
    if new:
        says += f"; {counted(new, 'word')} of them not yet there: run `commissioning map` on the file again"
    return says


def fold(met: Iterable[str]) -> str:
    """A review's outcomes as one, by the national rule: fully met only if all were; partly if at least one was fully or partly.

    One that is not known leaves the answer unknown, unless it is the same whatever the one is.
    """
    held = {one for one in met if one != codes.NOT_AN_OUTCOME}
    known = held - {codes.UNKNOWN}
    if "partly met" in known or {"fully met", "not met"} <= known:
        return "partly met"
    return next(iter(known)) if len(known) == 1 and held == known else codes.UNKNOWN


def table_rows(sheet: Sheet, key: Key) -> Rows:
    """A sheet whose shape is a table, as that table's rows."""
    contract = codes.shapes()[sheet.entry.shape]
    assert contract is not None
    made: list[tuple[str, dict[str, str]]] = []
    said = list(sheet.said)
    unknown_sums = 0
    seen: Counter[str] = Counter()
    for (where, cells), met, paid in zip(sheet.rows, sheet.outcomes, sheet.amounts, strict=True):
        one = dict(cells)
        if one.get("person_id"):
            one["person_id"] = key(one["person_id"])
        if contract.table == "reviews":
            _review(one, met, key)
        if contract.table == "grants":
            _agreement(one, seen)
            for year, amount in paid:
                unknown_sums += not amount
                if amount:
                    own = {"year": year, "amount_awarded_pence": amount, "grant_id": f"{one['grant_id']}-{year}"}
                    made.append((where, {**one, **own}))
            if paid or any(map(codes.is_year, sheet.entry.columns.values())):
                continue
        made.append((where, one))
    if unknown_sums:
        said.append(
            f"{counted(unknown_sums, 'amount')} of a year unknown until {NAME} says what the words beside them mean: not counted"
        )
    here = {name for _, one in made for name in one}
    names = tuple(one.name for one in contract.columns if one.required or one.name in here)
    return Rows(table=contract.table, names=names, records=records(names, made), said=said)


def records(names: Sequence[str], made: Iterable[tuple[str, dict[str, str]]]) -> list[Record]:
    return [Record(where=where, cells=[one.get(name, "") for name in names], raw="") for where, one in made]


def _review(one: dict[str, str], met: Sequence[str], key: Key) -> None:
    due, done = day(one.get("due_on", "")), day(one.get("done_on", ""))
    if not one.get("period") and (due or done):
        one["period"] = quarter_of(due or done)  # type: ignore[arg-type]
    told = one.get("review_id") or f"{one.get('person_id')} {due} {done}"
    one["review_id"] = f"R{key(f'review {told}')[1:]}"
    if met and done:
        one["outcomes"] = fold(met)


def _agreement(one: dict[str, str], seen: Counter[str]) -> None:
    number = one.get("charity_number", "")
    number = number if number.isdigit() else ""
    if "charity_number" in one:
        one["charity_number"] = number
    name = one.get("recipient", "")
    if not one.get("recipient_id") and name:
        one["recipient_id"] = f"GB-CHC-{number}" if number else f"ORG-{_short(codes.key(name))}"
    if not one.get("grant_id"):
        told = _short("|".join(codes.key(one.get(part, "")) for part in ("recipient", "programme", "title")))
        seen[told] += 1
        one["grant_id"] = f"G{told}" + (f"-{seen[told]}" if seen[told] > 1 else "")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
