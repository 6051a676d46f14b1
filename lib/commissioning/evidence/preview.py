"""The beginning of a file, read leniently: enough for readers to say whether it is theirs."""

from __future__ import annotations

import contextlib
from itertools import islice

from commissioning.evidence import json_reader, read_csv, text
from commissioning.evidence.contracts import HEADER_ROWS
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Preview, Refused

ROWS = HEADER_ROWS + 20


def preview(extract: Extract) -> Preview:
    """The first rows of each sheet (or under each delimiter), or the whole JSON document.

    Raises Refused where the file cannot be opened as what it is.
    """
    if extract.kind == "json":
        return Preview(kind="json", json=json_reader.read(extract))
    if extract.kind == "xlsx":
        from commissioning.evidence import xlsx_reader

        book = xlsx_reader.read(extract, rows=ROWS)
        return Preview(kind="xlsx", sheets={s.name: tuple(tuple(r.cells) for r in s.records) for s in book.sheets})
    encoding = lenient(extract)
    lines: list[str] = []
    # The strict decision comes when a reader has been found.
    with contextlib.suppress(UnicodeDecodeError):
        lines += islice(text.lines(extract.path, encoding), 200)
    sheets = {}
    for delimiter in (",", ";", "\t", "|"):
        rows = read_csv.tolerant_rows((line.replace("\x00", "") for line in lines), delimiter, ROWS)
        sheets[delimiter] = tuple(tuple(r) for r in rows)
    return Preview(kind="csv", sheets=sheets)


def lenient(extract: Extract) -> text.Encoding:
    """An encoding good enough to recognise a header: what `decide` says, else Latin-1, which decodes any byte."""
    try:
        return text.decide(extract.path, extract.name, cp1252_allowed=True)
    except Refused:
        with extract.path.open("rb") as f:
            head = f.read(2)
        if head in (b"\xff\xfe", b"\xfe\xff"):
            codec = "utf-16-le" if head == b"\xff\xfe" else "utf-16-be"
            return text.Encoding(codec=codec, skip=2, notes=())
        return text.Encoding(codec="latin-1", skip=0, notes=())
