"""The account of files that a page may show: plain names, rounded figures, keyed fingerprints.

The exact account of a folder (each row and penny, what was set aside and why, each file's SHA-256) is for those who hold the files.
A page is read by others: of a file with people it shows nothing from which one person more or less could be told, and no word
that somebody typed into it, not even its name. Files that `sources.toml` calls public keep their names, notes and hashes.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from commissioning.evidence.tables import of_people
from commissioning.wording import counted, renamed

if TYPE_CHECKING:
    from commissioning.evidence.loaded import Finding

ASK = "the staff who look after the files are told why"
LEFT_ASIDE = (
    ("no contract recognises it", "it is no table that is known here"),
    ("its table, ", "it belongs to another pilot"),
    ("it belongs to another area", "it belongs to another area"),
    ("its area is unknown", "nothing says for which area it is"),
    ("it is no CSV", "it is no CSV, XLSX or JSON file"),
)
"""How a reason for leaving a file aside begins, and what a page says in its place."""

FINDINGS = {
    "overlapping support": "Some people have more weeks of one kind of support than a quarter holds: each week is counted once.",
    "id reused": "The sex or ethnicity recorded for some people changes between quarters: an id may have been reused.",
    "unusual amounts": "Some amounts are far from the others: they are kept.",
    "two versions": "Two files hold the same records with other figures: they are counted once.",
    "replaced by a later export": "Some records stand in two exports with other content: those of the later export are counted.",
    "rows in two files": "Two files hold some of the same rows: they are kept.",
    "another area": "Some rows are of another council: they are left out.",
    "client level data": "Some records of Client Level Data were put in order as its guidance says.",
}
"""What a page says of a finding about people: the kind of it, and no figure."""

_PUBLIC_DIGITS = 2
_LEAST_BASE = 100
_SHARES = ((0.9, "nearly all"), (0.5, "more than half"), (0.0, "less than half"))
_FUZZ = 0.04


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What pages may say: `names` (file → the name shown), `files` (one dict a file), `hashes` (name shown → fingerprint),
    `findings` and `notes` (sentences)."""

    names: dict[str, str]
    files: list[dict[str, Any]]
    hashes: dict[str, str]
    findings: list[str]
    notes: list[str]

    def words(self, text: str) -> str:
        """A sentence with each file's own name replaced by the name shown."""
        return renamed(text, self.names)


def account(
    files: Sequence[Mapping[str, Any]],
    hashes: Mapping[str, str],
    *,
    findings: Iterable[Finding] = (),
    notes: Mapping[str, Sequence[str]] | None = None,
    secret: bytes,
) -> Shown:
    """The account to show, from the exact one (`FileRecord.as_json` and `.account`, with `counted` and `not_used`, a dict a file).

    `hashes`: file → SHA-256; `notes`: file → what was noted on reading it; `secret` keys fingerprints and the rounding of files with
    people: without one, neither is shown. Each shown file has `file`, `table`, `status`, `reason`, `unit`, `money` and `public` as
    in the exact account; `people` (are its rows people?), `read` (is there anything to account for?), `counted` (does a row of it
    count?), `rows` (rounded; None where not told), `used` (a share in words), `pounds` (rounded; None where not told) and `not_used`.
    """
    names = names_of(files)
    shown = [_file(one, names, secret) for one in files]
    open_files = {str(one["file"]) for one in files if _is_open(one)}
    found = dict.fromkeys(_finding(one, open_files, names) for one in findings)
    kept = [
        f"{file}: {renamed(note, names)}" for file, own in (notes or {}).items() if file in open_files for note in own
    ]
    if any(own for file, own in (notes or {}).items() if file not in open_files):
        kept.append("What was noted on reading files that are not public is told to the staff who look after them.")
    prints = {
        names[file]: digest if file in open_files or not digest else fingerprint(digest, secret)
        for file, digest in hashes.items()
        if file in names
    }
    return Shown(names=names, files=shown, hashes=prints, findings=list(found), notes=kept)


def names_of(files: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """File → the name that a page shows: its own where it is public, else a plain one of its table ("the file of reviews")."""
    kinds: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for one in files:
        if _is_open(one):
            names[str(one["file"])] = str(one["file"])
        else:
            kinds.setdefault(plain(one.get("table")), []).append(str(one["file"]))
    for kind, held in kinds.items():
        for place, file in enumerate(held, start=1):
            names[file] = kind if len(held) == 1 else f"{kind}, {place} of {len(held)}"
    return names


def plain(table: Any) -> str:
    """What a page calls a file of this table."""
    return f"The file of {str(table).replace('_', ' ')}" if table else "A file of no known table"


def fingerprint(digest: str, secret: bytes) -> str:
    """A file's fingerprint: it changes when the file does, and only who has the secret can tell which file it is of."""
    return hmac.new(secret, digest.encode(), sha256).hexdigest() if secret else ""


def about(number: int, *, key: bytes = b"", of: str = "") -> int:
    """A count to two figures (0 stays 0). With a key, the places where it steps are secret and no step is under 100.

    One record more moves a plain rounding at places that anybody can work out. Moved by a secret part of a step, it tells
    nobody on which side of which number a count lies.
    """
    if not key:
        step = 10 ** max(0, len(str(abs(number))) - _PUBLIC_DIGITS)
        return (number + step // 2) // step * step
    step = max(_LEAST_BASE, 10 ** (len(str(number)) - 2))
    return (number + _secret(key, f"{of} {step}") % step) // step * step


def _secret(key: bytes, of: str) -> int:
    return int.from_bytes(hmac.new(key, of.encode(), sha256).digest()[:8], "big")


def _is_open(one: Mapping[str, Any]) -> bool:
    return bool(one.get("public")) and one.get("table") not in of_people()


def _file(one: Mapping[str, Any], names: Mapping[str, str], secret: bytes) -> dict[str, Any]:
    people = one.get("table") in of_people()
    held = one.get("rows_in") is not None
    key = secret if people else b""
    tells = held and bool(secret or not people)
    name = str(one["file"])
    pence = one.get("pence_accepted")
    return {
        "file": names[name],
        "table": one.get("table"),
        "status": one["status"],
        "reason": _reason(one, names),
        "unit": one.get("unit") or "row",
        "money": one.get("money") or "",
        "public": bool(one.get("public")),
        "people": people,
        "read": held and (one["status"] == "accepted" or bool(one.get("rows_quarantined"))),
        "counted": bool(one.get("counted")),
        "rows": about(int(one["rows_in"]), key=key, of=f"rows {one.get('table')}") if tells else None,
        "used": _used(one, key) if tells else "",
        "pounds": None if people or pence is None else about(round(pence / 100)),
        "not_used": renamed(str(one.get("not_used") or ""), names),
    }


def _used(one: Mapping[str, Any], key: bytes) -> str:
    held = int(one["rows_in"]) - int(one.get("rows_not_data") or 0)
    used = int(one.get("rows_accepted") or 0)
    if not used or held <= 0:
        return "none"
    if used == held and not key:
        return "all"
    moved = _FUZZ * (_secret(key, f"used {one.get('table')}") % 1000 / 500 - 1) if key else 0.0
    return next(words for least, words in _SHARES if used / held >= least + (moved if least else 0.0))


def _reason(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    reason = str(one.get("reason") or "")
    if _is_open(one):
        return renamed(reason, names)
    if one["status"] == "accepted":
        return ""
    if one["status"] == "nothing accepted":
        return f"nothing in it could be used: {ASK}"
    return next((says for begins, says in LEFT_ASIDE if reason.startswith(begins)), ASK)


def _finding(one: Finding, open_files: Collection[str], names: Mapping[str, str]) -> str:
    if one.table in of_people():
        kind = one.table.replace("_", " ")
        return f"{kind.capitalize()}: {FINDINGS.get(one.code, 'something was found on reading it')}"
    if one.file and one.file in names and one.file not in open_files:
        return f"{names[one.file]}: {FINDINGS.get(one.code, renamed(one.says, names))}"
    return renamed(one.says, names)


def refusal(files: Sequence[Mapping[str, Any]], says: str) -> str:
    """Why a folder is refused, for a log, from what is said to those who hold the files (`says`).

    A refusal that only files with people or of no known table are part of names none of them, and no column.
    """
    named = [one for one in files if str(one["file"]) in says or one["status"] in ("refused", "nothing accepted")]
    if all(_is_open(one) for one in named):
        return says
    names = names_of(files)
    refused = [names[str(one["file"])] for one in named if one["status"] in ("refused", "nothing accepted")]
    if refused:
        more = f" (and {counted(len(refused) - 1, 'more file')})" if len(refused) > 1 else ""
        what = "is refused" if any(one["status"] == "refused" for one in named) else "holds nothing that could be used"
        return f"{refused[0]} {what}{more}: `commissioning check` says why, by file, column and row"
    return renamed(says, names)
