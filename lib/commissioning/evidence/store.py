"""Evidence at rest: checked tables as Parquet by table and period, with the record of their intake.

Everything here is restricted: folders are 0700 and files 0600. A folder is written whole under a
temporary name and then renamed, so that a reader sees all of it or none. A part that is damaged,
cut or gone is a miss, and is built again. The key is the hash of the code and of every input.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from commissioning.errors import CannotWrite, DataRefused
from commissioning.evidence import intake as intakes
from commissioning.evidence import sources
from commissioning.evidence.today import today
from commissioning.spreadsheet import inert

RECORD = "intake.json"
PERIODS = ("period", "year", "month")  # the column a table is partitioned by: the first it has
NO_PERIOD = "none"


class Damaged(Exception):
    """The stored evidence is not what was written: rebuild it."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Stored evidence. `record` is the intake record: files, sha256, rows, pence, contract versions, notes, parts."""

    folder: Path
    record: dict[str, Any]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self.record["tables"])

    def periods(self, table: str) -> tuple[str, ...]:
        """The periods a table is stored under; KeyError for a table that is not stored."""
        return tuple(dict.fromkeys(p["period"] for p in self.record["tables"][table]["parts"]))

    def read(
        self, table: str, columns: Sequence[str] | None = None, periods: Collection[str] | None = None
    ) -> pd.DataFrame:
        """A table (or some columns and periods of it), read through DuckDB from the parts it needs only.

        Raises KeyError for an unknown table or column, and Damaged where a part is not what was written.
        """
        about = self.record["tables"][table]
        names = list(about["dtypes"]) if columns is None else list(columns)
        for name in names:
            if name not in about["dtypes"]:
                raise KeyError(f"{table} has no column {name}")
        parts = [p for p in about["parts"] if periods is None or p["period"] in periods]
        paths = [self.folder / p["file"] for p in parts]
        for path, part in zip(paths, parts, strict=True):
            if _sha(path) != part["sha256"]:
                raise Damaged(f"{part['file']} is damaged")
        dtypes = {n: about["dtypes"][n] for n in names}
        if not paths:
            return pd.DataFrame({n: pd.Series(dtype=_dtype(d)) for n, d in dtypes.items()})
        chosen = ", ".join('"' + n.replace('"', '""') + '"' for n in names)
        with duckdb.connect() as database:
            database.execute("set enable_progress_bar = false")  # it would write to the command's output
            found = database.sql(
                f"select {chosen} from read_parquet(?, hive_partitioning = false, union_by_name = true)",
                params=[[str(p) for p in paths]],
            ).to_arrow_table()
        frame = found.to_pandas(types_mapper=_types.get)
        return frame.astype({n: _dtype(d) for n, d in dtypes.items()})


_types = {
    pa.int64(): pd.Int64Dtype(),
    pa.string(): pd.StringDtype(na_value=float("nan")),
    pa.large_string(): pd.StringDtype(na_value=float("nan")),
}


def _dtype(name: str) -> Any:
    return pd.StringDtype(na_value=float("nan")) if name == "str" else name


def key(
    data_dir: Path,
    area: str | None = None,
    wanted_tables: Collection[str] | None = None,
    period: str | None = None,
) -> str:
    """The cache key: code, every input's name and bytes, `sources.toml`, and what was asked."""
    return _key(_inputs(data_dir), area, wanted_tables, period)


def _inputs(data_dir: Path) -> dict[str, str | None]:
    """The hash of every input's bytes, by its name below the folder."""
    found = {name: _sha(path) if path.is_file() else None for path, name in intakes.walk(data_dir)}
    said = data_dir / sources.NAME
    return {**found, sources.NAME: _sha(said) if said.is_file() else None}


def _key(
    inputs: dict[str, str | None], area: str | None, wanted_tables: Collection[str] | None, period: str | None
) -> str:
    here = Path(__file__).parent
    parts: list[Any] = [[p.relative_to(here).as_posix(), _sha(p)] for p in sorted(here.rglob("*.py"))]
    parts += sorted(inputs.items())
    parts.append([area, sorted(wanted_tables) if wanted_tables is not None else None, period])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def open_or_take_in(
    data_dir: Path,
    root: Path,
    pilot: str | None = None,
    area: str | None = None,
    wanted_tables: Collection[str] | None = None,
    *,
    period: str | None = None,
) -> Evidence:
    """The stored evidence of a data folder, taken in first where it is not stored whole.

    What is stored lies under the key of the bytes that were read. Raises DataRefused where the folder is refused or
    never keeps still, CannotWrite where `root` cannot be written.
    """
    for _ in range(3):
        inputs = _inputs(data_dir)
        name = _key(inputs, area, wanted_tables, period)
        try:
            found = open_stored(root, name)
            if not has_come(found.record["files"]):
                return found
        except Damaged:
            pass
        taken = intakes.take_in(data_dir, pilot, area, wanted_tables, period=period).raise_if_refused()
        if _inputs(data_dir) == inputs and all(inputs[f.file] == f.sha256 for f in taken.files if f.sha256):
            return write(taken, root, name)
    raise DataRefused(
        f"the extracts in {data_dir} change while they are read: wait until they are whole, then run again"
    )


def has_come(files: Sequence[Mapping[str, Any]], day: date | None = None) -> bool:
    """True where a row that was set aside as not come yet has come since: the intake would say something else today."""
    now = (day or today()).isoformat()
    return any(one.get("comes_on") and str(one["comes_on"]) <= now for one in files)


def open_stored(root: Path, name: str) -> Evidence:
    """Stored evidence by its key, every part checked against its hash. Raises Damaged where any is not whole."""
    folder = root / name
    try:
        body = (folder / RECORD).read_bytes()
        record = json.loads(body)
        seal = record.pop("seal")
        if seal != _seal(record) or record["key"] != name:
            raise Damaged(f"{RECORD} is damaged")
        for table in record["tables"].values():
            for part in table["parts"]:
                if _sha(folder / part["file"]) != part["sha256"]:
                    raise Damaged(f"{part['file']} is damaged")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise Damaged(f"evidence {name[:12]} is not stored whole ({type(e).__name__})") from None
    return Evidence(folder=folder, record=record)


def write(taken: intakes.Intake, root: Path, name: str) -> Evidence:
    """Write an intake as evidence, owner-only and all at once. Raises CannotWrite."""
    try:
        private_folder(root)
        temporary = Path(tempfile.mkdtemp(prefix=".evidence-", dir=root))
    except OSError as e:
        raise CannotWrite(f"evidence cannot be written to {root}: {e.strerror}") from None
    try:
        record = _write_into(taken, temporary, name)
        final = root / name
        if final.exists():
            shutil.rmtree(final)
        temporary.replace(final)
    except OSError as e:
        raise CannotWrite(f"evidence cannot be written to {root}: {e.strerror}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Evidence(folder=root / name, record=record)


def _write_into(taken: intakes.Intake, folder: Path, name: str) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for table, frame in taken.tables.items():
        parts = []
        for period, rows in _by_period(frame):
            relative = f"{_safe(table)}/{_safe(period)}.parquet"
            _make(folder / _safe(table))
            buffer = io.BytesIO()
            pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), buffer, compression="zstd")
            _private(folder / relative, buffer.getvalue())
            parts.append({"period": period, "file": relative, "rows": len(rows), "sha256": _sha(folder / relative)})
        tables[table] = {"parts": parts, "dtypes": {c: str(t) for c, t in frame.dtypes.items()}}
    record = {
        "key": name,
        "fingerprint": taken.fingerprint,
        "version": intakes.VERSION,
        "illustrative": taken.illustrative,
        "files": [
            {
                **f.as_json(),
                **f.account(),
                "sha256": f.sha256,
                "contract": f.contract,
                "counted": f.counted,
                "notes": _notes(f),
            }
            for f in taken.files
        ],
        "findings": [{"code": f.code, "says": f.says, "table": f.table, "file": f.file} for f in taken.findings],
        "notes": list(taken.notes),
        "tables": tables,
    }
    _private(folder / "quarantine.csv", quarantine_csv(taken).encode("utf-8-sig"))
    record = json.loads(json.dumps(record))
    _private(folder / RECORD, json.dumps({**record, "seal": _seal(record)}, indent=1).encode())
    return record


def _notes(record: intakes.FileRecord) -> list[str]:
    return list(record.loaded.notes) if record.loaded is not None else []


def _by_period(frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    column = next((c for c in PERIODS if c in frame), None)
    if column is None or frame.empty:
        return [(NO_PERIOD, frame)]
    whole = frame[column].astype("str").fillna(NO_PERIOD)
    return [(str(p), rows) for p, rows in frame.groupby(whole, sort=True)]


def quarantine_csv(taken: intakes.Intake) -> str:
    """Every quarantined unit with its raw text, for the person who mends it; formula cells made inert."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "where", "column", "code", "reason", "raw"])
    for record in taken.files:
        if record.loaded is not None:
            for row in record.loaded.quarantine.itertuples(index=False):
                writer.writerow([inert(str(v)) for v in (record.file, *row)])
            more = sum(c.count for c in record.loaded.causes) - len(record.loaded.quarantine)
            if more > 0:
                words = (
                    f"{more:,} more were set aside and counted, and are not written here: mend the causes above first"
                )
                writer.writerow([inert(record.file), "", "", "not written", words, ""])
    return out.getvalue()


def write_quarantine(taken: intakes.Intake, root: Path) -> Path | None:
    """The quarantine of an intake as `<fingerprint>.csv` below `root`, for its owner alone; None where it is empty.

    It holds whole rows of the extracts, so `root` lies under `data/`. Raises CannotWrite.
    """
    if not any(f.loaded is not None and len(f.loaded.quarantine) for f in taken.files):
        return None
    path = root / f"{taken.fingerprint[:16]}.csv"
    part = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        private_folder(root)
        part.unlink(missing_ok=True)
        _private(part, quarantine_csv(taken).encode("utf-8-sig"))
        part.replace(path)
    except OSError as e:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise CannotWrite(f"the quarantine cannot be written to {root}: {e.strerror}") from None
    return path


def _safe(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9 _-]", "_", name)
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)


def private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone. Raises OSError."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)  # mkdir(parents=True) would leave those above open to all


def _private(path: Path, data: bytes) -> None:
    """Create a file that only its owner can read, from its first byte."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())


def _seal(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _sha(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as f:
        while chunk := f.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
