"""`commissioning map`: what files of a council's own systems hold, written down for a person to decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from commissioning.errors import CannotWrite, DataRefused, UsageError
from commissioning.evidence import cells, intake
from commissioning.evidence import extract as extracts
from commissioning.evidence.cell import Context
from commissioning.evidence.loaded import Refused
from commissioning.evidence.mapping import document, propose
from commissioning.evidence.preview import preview
from commissioning.wording import counted


def map_files(files: Sequence[Path], out: Path | None = None) -> list[str]:
    """Look at each file, write the mapping, and say what was found; of a file that is mapped already, what is new.

    Raises UsageError for a file that is not there, DataRefused where no file can be read by a mapping, CannotWrite.
    """
    for one in files:
        if not one.is_file():
            raise UsageError(f"{one} is no file: name a CSV or XLSX file as the system exported it")
    out = out or files[0].parent / document.NAME
    files = [one for one in files if one.suffix != ".toml"]
    entries = document.read(out)
    before, counts, lines, understood = document.write(entries, {}), {}, [], 0  # type: ignore[var-annotated]
    for one in files:
        try:
            if known := _read_as_it_is(one, entries):
                lines.append(f"{one.name}: {known}: it is read as it is, and needs no mapping")
                understood += 1
                continue
            seen = propose.look(one, entries)
        except (Refused, extracts.NotAsNamed) as error:
            lines.append(f"{one.name}: {error.reason}")
            continue
        entries, understood = seen.entries, understood + seen.understood
        counts |= seen.counts
        lines += seen.lines
    if not understood:
        raise DataRefused("\n".join(lines))
    if not entries:
        return lines
    if document.write(entries, {}) != before:
        try:
            out.write_text(document.write(entries, counts), encoding="utf-8", newline="\n")
        except OSError as error:
            raise CannotWrite(f"{out} cannot be written: {error.strerror}") from None
        lines.append(f"written: {out}")
    doubts = sum(one.doubts for one in entries)
    if doubts:
        lines.append(f"{counted(doubts, 'line')} marked ? for a person to decide; until then they count as unknown")
    lines.append(f"Next: keep {out.name} beside the files, and run `commissioning check --data {out.parent}`")
    return lines


def _read_as_it_is(path: Path, entries: Sequence[document.Entry]) -> str:
    """The contract that reads a file whole without a mapping; empty where none does, or where words of it are not its own."""
    got = extracts.open_extract(path)
    if got.kind == "other" or any(one.of(path.name) for one in entries):
        return ""
    reader, _, _ = intake.choose(preview(got))
    if reader is None:
        return ""
    contract = reader.contract
    if contract.own_extract and got.kind in ("csv", "xlsx"):
        for one in propose.look(path, []).entries:
            columns = {column.name: column for column in contract.columns}
            for role, words in one.words.items():
                if role in columns and any(cells.parse(columns[role], word, Context()).code for word in words):
                    return ""
    return contract.title
