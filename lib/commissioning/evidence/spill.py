"""Accepted rows of a large file, kept on disk as Parquet while the file is read, so that memory does not grow."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Shape = Callable[[pa.Table], pd.DataFrame]


class Spill:
    """A Parquet file in an owner-only folder that lives as long as this object."""

    def __init__(self, shape: Shape) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="commissioning-")
        self.path = Path(self._folder.name) / "rows.parquet"
        self._shape = shape
        self._writer: pq.ParquetWriter | None = None
        self.empty: pd.DataFrame | None = None
        self._dtypes: dict[str, object] = {}
        self.rows = 0

    def append(self, table: pa.Table) -> None:
        """Shape n accepted rows and write them."""
        frame = self._shape(table)
        if self._writer is None:
            self.empty = frame.iloc[:0]
            self._dtypes = dict(frame.dtypes)
            schema = pa.Schema.from_pandas(frame, preserve_index=False)
            self._writer = pq.ParquetWriter(self.path, schema, compression="zstd", compression_level=1)
            self.path.chmod(0o600)
        arrow = pa.Table.from_pandas(frame, schema=self._writer.schema, preserve_index=False)
        self._writer.write_table(arrow)
        self.rows += len(frame)

    def close(self) -> None:
        """End the file. Every feeder has given at least one batch, be it an empty one."""
        assert self._writer is not None
        self._writer.close()

    def read(self) -> pd.DataFrame:
        """Every row, in memory."""
        return pq.read_table(self.path).to_pandas().astype(self._dtypes)

    def counts(self, column: str) -> dict[str, int]:
        """How many rows hold each value of a column; rows without one are not among them."""
        assert self.empty is not None
        with self._database() as database:
            found = database.execute(
                f'select "{column}"::varchar, count(*) from read_parquet(?) where "{column}" is not null group by 1',
                [str(self.path)],
            ).fetchall()
        return {str(value): int(n) for value, n in found}

    def take_out(self, column: str, values: list[str]) -> pd.DataFrame:
        """Remove the rows that hold one of these values, in order, and return them."""
        table = pq.read_table(self.path, filters=[(column, "in", values)]).to_pandas().astype(self._dtypes)
        kept = self.path.with_name("kept.parquet")
        with self._database() as database:
            database.execute(
                f"copy (select * from read_parquet('{self.path}') where \"{column}\" is null or "
                f"not list_contains(?, \"{column}\"::varchar)) to '{kept}' (format parquet, compression zstd)",
                [values],
            )
        kept.chmod(0o600)
        kept.replace(self.path)
        self.rows -= len(table)
        return table

    def _database(self) -> duckdb.DuckDBPyConnection:
        database = duckdb.connect()
        database.execute("set memory_limit = '500MB'; set threads = 2; set enable_progress_bar = false")
        database.execute(f"set temp_directory = '{self._folder.name}'")
        return database

    def exact_copies(self, ignore: tuple[str, ...]) -> int:
        """How many rows are exact copies of an earlier one, found by DuckDB in bounded memory."""
        assert self.empty is not None
        names = ", ".join(f'"{c}"' for c in self.empty.columns if c not in ignore)
        with self._database() as database:
            found = database.execute(
                "select coalesce(sum(n - 1), 0)::bigint from "
                f"(select count(*) as n from (select hash({names}) as h from read_parquet(?)) group by h having n > 1)",
                [str(self.path)],
            ).fetchone()
        return int(found[0]) if found else 0


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name; those with spilled parts are read when they are asked for."""

    def __init__(self, parts: Mapping[str, list[pd.DataFrame | Spill]]) -> None:
        self._parts = dict(parts)

    def __getitem__(self, name: str) -> pd.DataFrame:
        parts = [p.read() if isinstance(p, Spill) else p for p in self._parts[name]]
        joined = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
        if not any(isinstance(p, Spill) for p in self._parts[name]):
            self._parts[name] = [joined]
        return joined

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def but(self, without: str, made: Mapping[str, pd.DataFrame]) -> Tables:
        """The same tables without one, and with those made of it."""
        kept = {name: parts for name, parts in self._parts.items() if name != without}
        return Tables({**kept, **{name: [frame] for name, frame in made.items()}})

    def spilled(self, name: str) -> bool:
        """True where a part of the table stands on disk."""
        return any(isinstance(p, Spill) for p in self._parts[name])
