"""Intake of payments at size: seconds, peak memory, the ratio to DuckDB copying the same file, and growth.

    python benchmarks/intake.py [rows ...]        default 100000 1000000 10000000

Each size is made from a seed, taken in by a process of its own (so that its peak memory is its own),
and copied by DuckDB as text to Parquet in another. The figures printed are measured in this run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HEADER = "payee,unit,department,paid_on,amount,purpose,transaction"

INTAKE = """
import json, resource, sys, time
from pathlib import Path
from commissioning.evidence.extract import open_extract
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.loaded import Source
from commissioning.evidence import tables
def bar(share, rows, pence):
    if sys.stderr.isatty():
        print(f"\\r{'#' * int(30 * share):30s} {rows:>12,} rows  £{pence / 100:>18,.2f}", end="", file=sys.stderr)
start = time.perf_counter()
got = ContractReader(contract=tables.of("payments")).read(open_extract(Path(sys.argv[1])), Source(), bar)
took = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": took, "peak": peak, "rows": got.rows_accepted, "pence": got.pence_accepted}))
"""

COPY = """
import json, sys, time, duckdb
start = time.perf_counter()
duckdb.execute("set threads = 2; set enable_progress_bar = false")
duckdb.execute(f"copy (select * from read_csv('{sys.argv[1]}', all_varchar = true)) to '{sys.argv[2]}' (format parquet)")
print(json.dumps({"seconds": time.perf_counter() - start}))
"""


def make(path: Path, rows: int, seed: int = 1) -> int:
    """Write made-up payments; returns their pence."""
    rng = np.random.default_rng(seed)
    total = 0
    with path.open("w", encoding="utf-8", newline="") as f:
        f.write(HEADER + "\r\n")
        for start in range(0, rows, 200_000):
            n = min(200_000, rows - start)
            pence = rng.integers(-20_000, 400_000, n)
            total += int(pence.sum())
            days = np.datetime64("2019-04-01") + rng.integers(0, 1800, n)
            dates = [f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in np.datetime_as_string(days, unit="D")]
            payees, units = rng.integers(1, 4000, n), rng.integers(1, 90, n)
            f.writelines(
                f"Supplier {p} Ltd,Unit {u},Adults,{d},{'-' if a < 0 else ''}{abs(a) // 100}.{abs(a) % 100:02d},Care,T{start + i}\r\n"
                for i, (p, u, d, a) in enumerate(zip(payees, units, dates, pence.tolist(), strict=True))
            )
    return total


def run(code: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def main(sizes: list[int]) -> None:
    print(f"{'rows':>12} {'MB':>7} {'intake s':>9} {'peak MB':>8} {'duckdb s':>9} {'ratio':>6} {'µs a row':>9}")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "payments.csv"
            pence = make(path, rows)
            time.sleep(0.1)
            copied = run(COPY, str(path), str(Path(folder) / "copy.parquet"))["seconds"]
            got = run(INTAKE, str(path))
            if (got["rows"], got["pence"]) != (rows, pence):
                raise SystemExit(
                    f"{rows:,} rows and {pence:,} pence went in; {got['rows']:,} and {got['pence']:,} came out"
                )
            size = path.stat().st_size / 1e6
            print(
                f"{rows:>12,} {size:>7.0f} {got['seconds']:>9.1f} {got['peak'] / 1e6:>8.0f} {copied:>9.2f} "
                f"{got['seconds'] / copied:>6.1f} {1e6 * got['seconds'] / rows:>9.2f}"
            )


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [100_000, 1_000_000, 10_000_000])
