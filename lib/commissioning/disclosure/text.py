"""Text that leaves: markers that show whether a person's row got out."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Markers:
    """Values planted in a frame of persons, each of which would show a leak if found outside `data/`.

    texts    names, NHS numbers and text markers, each with the column it stands in
    numbers  small counts written as long numbers nobody else would print, with the column
    """

    texts: dict[str, str]
    numbers: dict[str, str]

    @property
    def all(self) -> dict[str, str]:
        """Marker → column."""
        return {**self.texts, **self.numbers}


def plant(frame: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, Markers]:
    """Plant markers in every text and number column of a frame of persons (n rows, n ≥ 1).

    Text columns whose words carry meaning (as few different words as a category has) keep them in all rows but
    one. Each text column receives a name and an NHS number, each number column a number of nine digits that no
    report would print. The same frame and seed give the same markers. Returns a new frame and the markers.
    Raises ValueError for a frame without rows.
    """
    if frame.empty:
        raise ValueError("markers: the frame has no rows to plant markers in")
    out = frame.copy()
    texts: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for place, column in enumerate(frame.columns):
        draws = np.random.default_rng([seed, place, zlib.crc32(str(column).encode())])
        row = int(draws.integers(len(frame)))
        kind = frame[column].dtype
        if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
            continue
        if pd.api.types.is_numeric_dtype(kind):
            marker = 700_000_000 + int(draws.integers(99_999_999))
            fits = not pd.api.types.is_integer_dtype(kind) or np.iinfo(str(kind).lower()).max >= marker
            if fits:
                out.iloc[row, place] = marker
                numbers[str(marker)] = str(column)
            continue
        name = f"Zebedee Quillfeather{int(draws.integers(10_000, 99_999))}"
        nhs = f"999{int(draws.integers(1_000_000, 9_999_999))}"
        out[column] = out[column].astype(object)
        out.iloc[row, place] = f"{name} {nhs}"
        texts[name], texts[nhs] = str(column), str(column)
    return out, Markers(texts=texts, numbers=numbers)


def find(where: str | Path, markers: Markers) -> list[str]:
    """Where markers were found: a text is searched itself; a Path is a file or a folder, searched with all below it.

    Files are read as bytes, so pictures, notebooks and logs are searched alike. Numbers are also sought with
    thousands commas, NHS numbers with spaces. Returns one line a find ("name of file: the column the marker came
    from"), sorted; an empty list where none is.
    """
    sought = [(form.encode(), column) for marker, column in markers.all.items() for form in _forms(marker)]
    if isinstance(where, str):
        text = where.encode()
        return sorted({f"text: {column}" for form, column in sought if form in text})
    files = [where] if where.is_file() else sorted(path for path in where.rglob("*") if path.is_file())
    found = set()
    for path in files:
        held = path.read_bytes()
        name = path.name if path == where else path.relative_to(where).as_posix()
        found |= {f"{name}: {column}" for form, column in sought if form in held}
        found |= {f"{name} (its name): {column}" for form, column in sought if form in name.encode()}
    return sorted(found)


def _forms(marker: str) -> set[str]:
    forms = {marker}
    if marker.isdigit():
        forms.add(f"{int(marker):,}")
        if len(marker) == 10:
            forms.add(f"{marker[:3]} {marker[3:6]} {marker[6:]}")
    return forms
