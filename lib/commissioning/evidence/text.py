"""Bytes to text, strictly: never a replaced character, and every decision named.

UTF-8, UTF-8 with a byte order mark (one or more), UTF-16 with a mark, and cp1252 only where strict
UTF-8 fails and the contract allows it.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commissioning.evidence import limits
from commissioning.evidence.loaded import Refused

BOM8 = codecs.BOM_UTF8
_CHUNK = 1 << 20
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_CONTINUATION = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
# Bytes of UTF-8 read as cp1252: Â or Ã and a continuation; â€ and one (dashes, quotes); â‚¬; â„¢; a mark; emoji.
TWICE_PATTERN = f"[ÂÃ][{_CONTINUATION}]|â€[{_CONTINUATION}]|â‚¬|â„¢|ï»¿|ðŸ[{_CONTINUATION}]|â€$"
TWICE_DECODED = re.compile(TWICE_PATTERN)


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How a file's bytes become text: the codec, the marks to skip, and what the load note says."""

    codec: str
    skip: int
    notes: tuple[str, ...]


def decide(path: Path, name: str, *, cp1252_allowed: bool) -> Encoding:
    """The encoding of a whole file, found by decoding all of it strictly in bounded memory.

    Raises Refused (code `encoding`) with the byte offset and what to do.
    """
    with path.open("rb") as f:
        head = f.read(64)
    if head[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        raise Refused(f"{name} is UTF-32 text: save it as UTF-8", code="encoding")
    for bom, codec, words in (
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 little-endian"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 big-endian"),
    ):
        if head.startswith(bom):
            _strictly(path, name, codec, 2)
            return Encoding(codec=codec, skip=2, notes=(f"decoded as {words} (byte order mark)",))
    marks = 0
    while head.startswith(BOM8, 3 * marks):
        marks += 1
    notes: tuple[str, ...] = ()
    if marks:
        many = "a byte order mark" if marks == 1 else f"{marks} byte order marks (the file was re-saved)"
        notes = (f"decoded as UTF-8; {many} stripped",)
    if (fault := _fault(path, "utf-8", 3 * marks)) is None:
        return Encoding(codec="utf-8", skip=3 * marks, notes=notes)
    offset, byte = fault
    _no_surrogates(path, name)
    if marks:
        raise Refused(
            f"{name} has the mark of UTF-8 but byte {offset:,} is not UTF-8: export it again as UTF-8",
            code="encoding",
            where=f"byte {offset}",
        )
    if not cp1252_allowed:
        raise Refused(
            f"{name} is not UTF-8: byte 0x{byte:02X} at offset {offset:,}; "
            "its contract asks for UTF-8: export it as UTF-8",
            code="encoding",
            where=f"byte {offset}",
        )
    _strictly(path, name, "cp1252", 0)
    return Encoding(codec="cp1252", skip=0, notes=("not UTF-8: decoded as cp1252 (Windows)",))


def _fault(path: Path, codec: str, skip: int) -> tuple[int, int] | None:
    """The offset of the first byte that is not of an encoding, and the byte; None where all of them are."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    done = skip
    with path.open("rb") as f:
        f.seek(skip)
        while True:
            chunk = f.read(_CHUNK)
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as e:
                return done - held + e.start, e.object[e.start]
            if not chunk:
                return None
            done += len(chunk)


def _strictly(path: Path, name: str, codec: str, skip: int) -> None:
    if fault := _fault(path, codec, skip):
        words = "UTF-8 or cp1252" if codec == "cp1252" else codec.upper()
        raise Refused(
            f"{name} cannot be decoded as {words}: byte 0x{fault[1]:02X} at offset {fault[0]:,}; export it again as UTF-8",
            code="encoding",
            where=f"byte {fault[0]}",
        )


def _no_surrogates(path: Path, name: str) -> None:
    """Half of a surrogate pair written as UTF-8 would pass for cp1252: refuse it by its own name."""
    with path.open("rb") as f:
        tail, done = b"", 0
        while chunk := f.read(_CHUNK):
            found = _SURROGATE.search(tail + chunk)
            if found:
                offset = done - len(tail) + found.start()
                raise Refused(
                    f"{name} holds half of a surrogate pair at byte offset {offset:,} (a broken export): "
                    "export it again as UTF-8",
                    code="lone surrogate",
                    where=f"byte {offset}",
                )
            tail, done = chunk[-2:], done + len(chunk)


def lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """Physical lines with their own line ends (CRLF, LF or CR), in bounded memory."""
    with path.open("rb") as raw:
        raw.seek(encoding.skip)
        with io.TextIOWrapper(raw, encoding=encoding.codec, errors="strict", newline="") as text:
            # A line past the limit comes in pieces, the first of which is refused: it never stands whole in memory.
            yield from iter(lambda: text.readline(limits.LINE + 1), "")
