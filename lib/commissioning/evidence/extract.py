"""A file as it arrived: opened strictly, hashed twice, and named for what it really is.

Nothing here reads a cell. It decides whether the bytes can be trusted to be the CSV, XLSX or JSON
that the name claims, before memory is spent on them.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["csv", "xlsx", "json", "empty", "other"]

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".psv")
BOOK_SUFFIXES = (".xlsx", ".xlsm")
OLD_BOOK_SUFFIXES = (".xls",)
JSON_SUFFIXES = (".json",)

MAX_BYTES = 4 * 1024**3  # a file
MAX_WORKBOOK_BYTES = 1024**3  # a workbook, unzipped
MAX_RATIO = 200  # unzipped ÷ zipped, above 50 MB: a zip bomb
IN_MEMORY_BYTES = 256 * 1024**2  # a larger file is refused unless its reader streams


class NotAsNamed(Exception):
    """The bytes are not what the name claims; the words say what they really are."""

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Extract:
    """A file that was read twice with the same size and hash. `name` is its path below the data folder."""

    path: Path
    name: str
    size: int
    sha256: str
    kind: Kind
    written: tuple[int, int, int] = (0, 0, 0)  # its inode and times before it was hashed

    def data(self) -> bytes:
        """The bytes, checked against the hash taken when the file was opened."""
        data = self.path.read_bytes()
        if len(data) != self.size or hashlib.sha256(data).hexdigest() != self.sha256:
            raise NotAsNamed(
                f"{self.name} changed while it was read: wait until it is whole, then run again", "changed"
            )
        return data


def same_bytes(got: Extract) -> None:
    """Raises NotAsNamed where the file is no longer the one that was opened: what was read is then of neither."""
    if _written(got.path) != got.written or _hash(got.path) != (got.size, got.sha256):
        raise NotAsNamed(f"{got.name} changed while it was read: wait until it is whole, then run again", "changed")


def _written(path: Path) -> tuple[int, int, int]:
    """What any writing to a file, or another in its place, changes."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def open_extract(path: Path, name: str | None = None) -> Extract:
    """Hash the file twice, and name what it is.

    Raises NotAsNamed for an empty file, one that is still growing, one over the limits, a protected
    workbook, or one whose bytes are not what its name claims; OSError where it cannot be read.
    """
    name = name or path.name
    written = _written(path)
    size, sha = _hash(path)
    if size == 0:
        raise NotAsNamed(f"{name} is an empty file (0 bytes): export it again", "empty file")
    if size > MAX_BYTES:
        raise NotAsNamed(f"{name} has {size:,} bytes; the limit is {MAX_BYTES:,}: split it by period", "too large")
    again = _hash(path)
    if again != (size, sha):
        raise NotAsNamed(f"{name} changed between two reads: wait until it is whole, then run again", "changed")
    with path.open("rb") as f:
        head = f.read(65_536)
    kind = _kind(path, name, head)
    return Extract(path=path, name=name, size=size, sha256=sha, kind=kind, written=written)


def _hash(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as f:
        while chunk := f.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"{\\rtf", "a rich text document (RTF)"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x00\x01\x00\x00Standard", "an Access database"),
    (b"Obj\x01", "an Avro file"),
    (b"-----BEGIN PGP", "an encrypted message (PGP)"),
)


def what_it_is(path: Path, head: bytes) -> str:
    """Plain words for what the bytes are; "text" where nothing else is found."""
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return _zip_kind(path)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _ole_kind(path)
    for magic, words in _MAGIC:
        if head.startswith(magic):
            return words
    text = _as_text(head).lstrip("\ufeff \t\r\n\x00")
    low = text[:2000].lower()
    if low.startswith(("<!doctype html", "<html")) or (low.startswith("<") and ("<html" in low or "<body" in low)):
        return "a web page (HTML), perhaps a login page"
    if low.startswith("<?xml") or (low.startswith("<") and low[1:2].isalpha() and "</" in low):
        return "a web page (HTML)" if "<table" in low or "<div" in low else "an XML document"
    mail = ("from: ", "received: ", "return-path: ", "mime-version: ", "message-id: ", "delivered-to: ")
    if low.startswith(mail) and sum(f"\n{m}" in "\n" + low for m in (*mail, "subject: ", "to: ", "date: ")) >= 2:
        return "an e-mail message"
    if text[:1] in "{[" and text[:1] and _looks_like_json(text):
        return "a JSON document"
    return "text"


def _looks_like_json(text: str) -> bool:
    rest = text[1:].lstrip()
    return rest[:1] in ('"', "{", "[", "}", "]") or (text[0] == "[" and rest[:1].isdigit()) or rest == ""


def _as_text(head: bytes) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="ignore")
    return head.decode("latin-1").removeprefix("\xef\xbb\xbf").removeprefix("\xef\xbb\xbf")


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as z:
            names = set(z.namelist())
            sizes = [(i.file_size, i.compress_size) for i in z.infolist()]
            locked = any(i.flag_bits & 1 for i in z.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "a damaged or half-written zip or workbook"
    if locked:
        return "a password-protected zip"
    full = sum(s for s, _ in sizes)
    packed = max(1, sum(c for _, c in sizes))
    if full > MAX_WORKBOOK_BYTES or (full > 50 * 1024**2 and full / packed > MAX_RATIO):
        return "a zip bomb"
    if "xl/workbook.xml" in names:
        return "an Excel workbook (XLSX)"
    if "xl/workbook.bin" in names:
        return "a binary Excel workbook (XLSB)"
    if "word/document.xml" in names:
        return "a Word document"
    if any(n.startswith("ppt/") for n in names):
        return "a PowerPoint file"
    if "content.xml" in names:
        return "an OpenDocument file"
    return "a zip archive"


def _ole_kind(path: Path) -> str:
    with path.open("rb") as f:
        data = f.read(8 * 1024**2)

    def holds(word: str) -> bool:
        return word.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo") or holds("\x06DataSpaces") or holds("DRMContent"):
        return "a protected workbook"
    if holds("__substg1.0_") or holds("__properties_version1.0"):
        return "an Outlook message"
    if holds("WordDocument"):
        return "an old Word document"
    if holds("Workbook") or holds("Book"):
        return "an old Excel workbook (XLS)"
    return "an old Office file (OLE)"


def _kind(path: Path, name: str, head: bytes) -> Kind:
    what = what_it_is(path, head)
    suffix = path.suffix.lower()
    claims: Kind
    if suffix in TEXT_SUFFIXES:
        claims = "csv"
    elif suffix in BOOK_SUFFIXES + OLD_BOOK_SUFFIXES:
        claims = "xlsx"
    elif suffix in JSON_SUFFIXES:
        claims = "json"
    else:
        claims = "other"
    really: Kind = {"text": "csv", "an Excel workbook (XLSX)": "xlsx", "a JSON document": "json"}.get(what, "other")  # type: ignore[assignment]
    if what == "a protected workbook":
        raise NotAsNamed(f"{name} is a protected workbook: save it without a password or rights", "protected workbook")
    if what == "a password-protected zip" and claims != "other":
        raise NotAsNamed(f"{name} is {what}: save it without a password", "protected workbook")
    if what == "a zip bomb":
        raise NotAsNamed(
            f"{name} unzips to far more than the limit of {MAX_WORKBOOK_BYTES:,} bytes: save only the data as CSV",
            "too large",
        )
    if claims == "other":
        # Any name is allowed: the bytes decide, and what is not ours is left aside.
        return really if _plain_enough(really, head) else "other"
    if really != claims:
        hint = "export it as CSV, XLSX or JSON"
        if really in ("csv", "xlsx", "json"):
            hint = f"give it the ending .{really}, if that is what was meant"
        raise NotAsNamed(f"{name} is not what its name says: it is really {what}; {hint}", "disguised file")
    return claims


def _plain_enough(really: Kind, head: bytes) -> bool:
    if really != "csv":
        return really != "other"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return b"\x00" not in head
