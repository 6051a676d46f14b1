"""What becomes of a folder of extracts: each file's record, and the tables of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from commissioning.errors import DataRefused
from commissioning.evidence import account as saying
from commissioning.evidence.loaded import Finding, Loaded
from commissioning.evidence.source import Source
from commissioning.evidence.spill import Tables
from commissioning.wording import counted

Status = Literal["accepted", "nothing accepted", "refused", "left aside"]  # accepted: something of it was read
MAX_ITEMS = 1_000
OTHER_AREA = "it belongs to another area"


@dataclass(frozen=True, kw_only=True)
class FileRecord:
    """What became of one file. `reason` is one plain sentence or more; it holds no row of a person."""

    file: str
    table: str | None
    status: Status
    reason: str
    code: str = ""  # of a refusal
    sha256: str = ""
    contract: str = ""  # title and version
    money: str = ""  # what the pence are: two files' are added up only where they are of one table and one kind
    source: Source = field(default_factory=Source)
    loaded: Loaded | None = field(default=None, repr=False)
    counted: int = 0  # rows that reached the tables: fewer than accepted where another file holds them too
    rows_repeated: int = 0  # accepted rows that an earlier file holds too, and their pence
    pence_repeated: int = 0
    rows_replaced: int = 0  # accepted rows of records that a later export holds with other content, and their pence
    pence_replaced: int = 0

    def as_json(self) -> dict[str, Any]:
        """The file's entry in `check --json`."""
        got = self.loaded
        codes: dict[str, int] = {}
        for cause in got.causes if got else ():
            codes[cause.code] = codes.get(cause.code, 0) + cause.count
        top = got.quarantine.head(MAX_ITEMS)[["where", "column", "code", "reason"]].astype("str") if got else None
        return {
            "file": self.file,
            "table": self.table,
            "status": self.status,
            "reason": self.reason,
            "unit": got.unit if got else "row",
            **{part: getattr(got, part, None) for part in saying.PARTS},
            "quarantine": [] if top is None else top.to_dict("records"),
            "quarantine_codes": codes,
        }

    def account(self) -> dict[str, Any]:
        """What else the record of a file keeps: what its money is, why cells were set aside, and what comes later."""
        got = self.loaded
        return {
            "money": self.money,
            "public": self.source.public,
            "amounts_unread": got.unread_amounts if got else 0,
            "causes": [
                {"column": c.column, "code": c.code, "count": c.count, "reason": c.reason}
                for c in (got.causes if got else ())
            ],
            "comes_on": got.comes_on.isoformat() if got and got.comes_on else None,
        }


@dataclass(frozen=True, kw_only=True)
class Intake:
    """A data folder, taken in. `tables` maps a table's name to its frame (with `source_file`, `source_row`)."""

    folder: Path
    files: tuple[FileRecord, ...]
    tables: Tables = field(repr=False)
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]
    fingerprint: str
    illustrative: bool
    idle: tuple[str, ...] = ()  # globs of `sources.toml` that match no file here: for staff alone

    def of(self, status: Status) -> tuple[FileRecord, ...]:
        """The files of one status."""
        return tuple(f for f in self.files if f.status == status)

    def as_json(self) -> dict[str, Any]:
        """What `check --json` prints."""
        return {
            "files": [f.as_json() for f in self.files],
            "tables": saying.account(self.files),
            "causes": [{"file": f.file, **cause} for f in self.files for cause in f.account()["causes"]],
        }

    def refusal(self) -> str:
        """One line saying why the folder is refused; empty where it is not."""
        refused = self.of("refused")
        if refused:
            others = len(refused) - 1
            more = f" (and {counted(others, 'more file')})" if others else ""
            file = refused[0].file
            return f"{file}: {refused[0].reason.removeprefix(file).lstrip(':, ')}{more}"
        if not self.of("accepted"):
            empty = self.of("nothing accepted")
            if empty:
                also = f" (and {counted(len(empty) - 1, 'more file')})" if len(empty) > 1 else ""
                return f"nothing was accepted: {empty[0].file}: {empty[0].reason}{also}"
            aside = self.of("left aside")
            why = f"; {aside[0].file}: {aside[0].reason}" if aside else ""
            if aside and aside[0].reason.startswith(OTHER_AREA):
                why += ". Give --area with that code, or say with `commissioning setup` which council this is"
            return f"nothing in {self.folder.name or self.folder} was recognised{why}"
        return ""

    def raise_if_refused(self, *, though_all_set_aside: bool = False) -> Intake:
        """Itself, or DataRefused (65) where a file is refused or nothing was recognised, or nothing in it could be used.

        `though_all_set_aside`: files of which every row was set aside are no reason, for reports that say so.
        """
        read = bool(self.of("nothing accepted")) and not self.of("refused")
        if (words := self.refusal()) and not (though_all_set_aside and read):
            raise DataRefused(words)
        return self
