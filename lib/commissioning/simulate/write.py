"""Writes the made-up extracts as a council would hand them over: CSV, pounds, day-first dates."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from commissioning import sample_list
from commissioning.errors import CannotWrite
from commissioning.simulate import truth
from commissioning.simulate.budget import budget
from commissioning.simulate.learning_disability import learning_disability
from commissioning.simulate.names import AREA
from commissioning.simulate.shape import (
    LearningDisabilityEffects,
    LearningDisabilityShape,
    VcfEffects,
    VcfShape,
)
from commissioning.simulate.vcf_funding import vcf_funding

# The day the Cabinet met. The committed sample was looked at, so that each plant can be seen in it; how often a
# method finds what is planted is judged on other seeds.
SEED = 20110602


def source(files: str, *, public: bool = False) -> str:
    """What `sources.toml` says of made-up files."""
    return f"""\
[[source]]
files = "{files}"
publisher = "Illustrative data made by the workbench"
area = "{AREA}"
public = {str(public).lower()}
licence = "made up; free to use"
illustrative = true
"""


SOURCES = "\n".join(
    (
        "# Where the extracts of this folder come from. They are made up: nobody in them exists.\n",
        source("learning_disability/*"),
        source("vcf_funding/*"),
        source("council/*", public=True),
    )
)


def write(folder: str | Path, seed: int = SEED) -> list[Path]:
    """Write both pilots' extracts, their list, `sources.toml` and `truth.toml` below `folder`; return what was written.

    The same seed writes the same bytes. Files of the same name are replaced; others are left alone. Raises
    CannotWrite where the folder cannot be written to.
    """
    return write_files(folder, contents(seed))


def write_files(folder: str | Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files (name below the folder → bytes); as `write` does."""
    folder = Path(folder)
    written = []
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as fault:
            raise CannotWrite(
                f"{path}: cannot be written ({fault.strerror}); choose a folder you may write to"
            ) from fault
        written.append(path)
    return written


def contents(seed: int = SEED) -> dict[str, bytes]:
    """What `write` writes: name below the folder → bytes."""
    disability = (LearningDisabilityShape(), LearningDisabilityEffects())
    funding = (VcfShape(), VcfEffects())
    files: dict[str, bytes] = {}
    for pilot, tables in (
        ("learning_disability", learning_disability(seed, *disability)),
        ("vcf_funding", vcf_funding(seed, *funding)),
    ):
        for name, table in tables.items():
            files[f"{pilot}/{name}.csv"] = csv_of(table)
    files["council/budget.csv"] = csv_of(budget())
    files[sample_list.LIST] = sample_list.of_contents(files)
    files["sources.toml"] = SOURCES.encode("utf-8")
    files["truth.toml"] = truth.as_toml(seed, *disability, *funding).encode("utf-8")
    return files


def extract(table: pd.DataFrame) -> pd.DataFrame:
    """A table as its extract: cells of text, money in pounds, the words of a status in the cell itself."""
    columns: dict[str, Any] = {}
    for name in table.columns:
        if name.endswith("_status"):
            continue
        cells = _cells(table[name], name.endswith("_pence"))
        if f"{name}_status" in table:
            status = table[f"{name}_status"].to_numpy(dtype=object)
            cells = np.where(status == "known", cells, status)
        columns[name.removesuffix("_pence")] = cells
    return pd.DataFrame(columns)


def csv_of(table: pd.DataFrame) -> bytes:
    """The extract as UTF-8 CSV with a header and lines that end in a line feed."""
    cells = extract(table)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(cells.columns)
    writer.writerows(zip(*(cells[name] for name in cells.columns), strict=True))
    return out.getvalue().encode("utf-8")


def _cells(column: pd.Series, is_money: bool) -> np.ndarray[Any, Any]:
    unique, back = np.unique(column.astype(object).map(_key).to_numpy(dtype=object), return_inverse=True)
    said = np.array([_money(text) if is_money else text for text in unique], dtype=object)
    return said[back]


def _key(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if hasattr(value, "strftime"):
        return f"{value.day:02d}/{value.month:02d}/{value.year}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _money(pence: str) -> str:
    """Pence as pounds: `-5` is `-0.05`. Whole-number arithmetic, so that no penny is lost."""
    if not pence:
        return ""
    whole, rest = divmod(abs(int(pence)), 100)
    return f"{'-' if pence.startswith('-') else ''}{whole}.{rest:02d}"
