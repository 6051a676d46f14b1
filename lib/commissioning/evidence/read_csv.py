"""A CSV of one row a record, from its encoding to checked rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from commissioning.evidence import above, closing, csv_reader, header, placing, text
from commissioning.evidence.blocks import Blocks
from commissioning.evidence.cells import Context
from commissioning.evidence.check import Checker
from commissioning.evidence.contracts import Contract
from commissioning.evidence.extract import Extract
from commissioning.evidence.feed import Feeder, Sink
from commissioning.evidence.loaded import Refused
from commissioning.wording import counted

PEEKED = 20  # rows looked at below the lines in which the header is sought

Progress = Callable[[float, int, int], None]


def read(
    extract: Extract, contract: Contract, sink: Sink, progress: Progress | None
) -> tuple[list[tuple[Checker, list[str]]], list[str]]:
    """A CSV's rows, checked into the sink: its checker with the places of its title rows, and notes. Raises Refused."""
    encoding = text.decide(extract.path, extract.name, cp1252_allowed=contract.cp1252_allowed)
    notes = list(encoding.notes)
    delimiter, words = choose_delimiter(extract, encoding, contract)
    notes += words
    blocks = Blocks(extract.path, encoding)
    stream = _Stream(blocks.lines(), extract.name)
    lines = iter(stream)
    try:
        rows = csv_reader.records(lines, delimiter, extract.name)
        first = list(islice(rows, contract.header_search_rows + PEEKED))
        if not first:
            raise Refused(f"{extract.name} holds no text: export it again", code="empty file")
        bound = header.bind(contract, [r.cells for r in first], extract.name)
        above.check(contract, bound, [r.cells for r in first[: bound.row]], extract.name)
        bound = _with_unnamed_end(contract, bound, [r for r in first[bound.row + 1 :] if not r.code])
        notes += bound.notes
        titles = [r.where for r in first[: bound.row] if contract.header_rows == 1 or r is not first[bound.row - 1]]
        if titles:
            notes.append(f"{counted(len(titles), 'title row')} above the header declared not data")
        checker = Checker(contract, bound, extract.name, Context(), delimiter)
        feeder = Feeder(checker, sink)
        feeder.add_all(above.without_units(checker, first[bound.row + 1 :]))
        _feed_blocks(feeder, blocks, stream, lines, delimiter, extract, progress)
        ends = feeder.close()
    except UnicodeDecodeError:  # pragma: no cover - `decide` has decoded every byte
        raise Refused(f"{extract.name} changed while it was read", code="changed") from None
    finally:
        blocks.close()
    notes += stream.close(checker)
    if delimiter != "," and checker.misfits:
        raise Refused(
            f"{extract.name}: {counted(checker.misfits, 'row')} not explained by its delimiter "
            f"({_WORDS[delimiter]}): export it with commas",
            code="mixed delimiters",
        )
    notes += [*closing.close(checker), *ends]
    return [(checker, titles)], notes


def _with_unnamed_end(contract: Contract, bound: header.Bound, rows: list[csv_reader.Record]) -> header.Bound:
    """The header widened where every row seen has the same cells more than it, and they stand at the end.

    They stand at the end where the rows, read from the left, hold what each column asks for, and not every row may be
    one of an amount torn in two by its own comma. Otherwise nothing is assumed, and the rows are set aside.
    """
    seen = [r.cells for r in rows if sum(bool(c.strip()) for c in r.cells) > 1]
    widths = {len(cells) for cells in seen}
    if len(widths) != 1 or (width := widths.pop()) <= bound.width:
        return bound
    contexts = {c: Context(header=bound.heading(c), multiplier=bound.multipliers.get(c)) for c in bound.positions}
    torn = all(placing.torn(contract, bound, contexts, cells) is not None for cells in seen)
    left, right = (
        sum(placing.fits(contract, bound, contexts, cells, shift) for cells in seen)
        for shift in (0, width - bound.width)
    )
    if torn or 2 * left <= len(seen) or left <= right:
        return bound
    return header.widened(bound, width)


_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


class _Stream:
    """Physical lines, with a Ctrl-Z at the end stripped and the line ends remembered."""

    def __init__(self, lines: Iterable[str], name: str) -> None:
        self._lines = lines
        self.name = name
        self.ends: set[str] = set()
        self.ctrl_z = False
        self.last = ""
        self.lone_return = False  # a line before the last ended in "\r" alone

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if self.ctrl_z and line.strip("\x1a\r\n") != "":
                raise Refused(
                    f"{self.name} holds Ctrl-Z (the old end-of-file mark) before its end: two files were joined",
                    code="control character",
                )
            inner = line.rstrip("\r\n")
            if inner.endswith("\x1a"):
                self.ctrl_z = True
                line = inner.rstrip("\x1a")
                if not line:
                    continue
            body = line.rstrip("\r\n")
            self.ends.add(line[len(body) :])
            self.lone_return |= self.last.endswith("\r")
            self.last = line
            yield line

    def close(self, checker: Checker) -> list[str]:
        """Notes on the line ends; raises Refused where the last line is cut."""
        # Where lines end in two characters, the first of them alone, at the very end, is a file cut between them.
        cut = self.last.endswith("\r") and "\r\n" in self.ends and not self.lone_return
        whole_line = self.last.endswith(("\n", "\r")) and not cut
        if not whole_line and not checker.ended_on_footer:
            raise Refused(
                f"{self.name} does not end with a line end: it may be half-written; wait or export it again "
                "(if it is whole, add an empty line)",
                code="half-written",
            )
        kinds = self.ends - {""}
        notes = []
        if self.ctrl_z:
            notes.append("Ctrl-Z at the end of the file stripped")
        if len(kinds) > 1:
            notes.append("mixed line endings")
        return notes


def choose_delimiter(extract: Extract, encoding: text.Encoding, contract: Contract) -> tuple[str, list[str]]:
    """The delimiter under which most of the contract's headers stand in one row."""
    sample = list(islice(text.lines(extract.path, encoding), 200))
    best, score = ",", -1
    for delimiter in contract.delimiters:
        rows = tolerant_rows(sample, delimiter, contract.header_search_rows)
        found = len(header.find(contract, rows)[1])
        if found > score:
            best, score = delimiter, found
    return best, [] if best == "," else [f"delimited by {_WORDS[best]}s, not commas"]


def tolerant_rows(lines: Iterable[str], delimiter: str, limit: int) -> list[list[str]]:
    """The first records of some lines, for recognising only: broken ones are split plainly."""
    rows: list[list[str]] = []
    try:
        for record in csv_reader.records(lines, delimiter, ""):
            rows.append(record.cells)
            if len(rows) >= limit:
                break
    except Refused:
        pass
    return rows


def _feed_blocks(
    feeder: Feeder,
    blocks: Blocks,
    stream: _Stream,
    lines: Iterator[str],
    delimiter: str,
    extract: Extract,
    progress: Progress | None,
) -> None:
    """The rest of the file: plain blocks whole, others record by record until a block's end."""
    checker = feeder.checker
    while True:
        plain = None if stream.ctrl_z else blocks.plain(checker.bound.width, delimiter)
        if plain is not None:
            feeder.flush()
            stream.ends.add(plain[1])
            stream.last = plain[1]
            feeder.add_batch(plain[0])
        else:
            started, any_left = blocks.filled, False
            for record in csv_reader.records(lines, delimiter, extract.name, start=blocks.line + 1):
                any_left = True
                feeder.add(record)
                if blocks.filled > started and blocks.at_boundary:
                    break
            else:
                any_left = False
            if not any_left:
                return
        if progress is not None:
            progress(blocks.bytes / extract.size, checker.accepted + checker.quarantined, checker.pence["accepted"])
