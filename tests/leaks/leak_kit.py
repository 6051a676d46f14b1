"""A checkout of its own with a small sample, markers in every person-level table, and what left its data folder."""

from __future__ import annotations

import base64
import html
import io
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
from dataclasses import replace
from pathlib import Path

import pandas as pd

from commissioning import simulate
from commissioning.disclosure import text
from commissioning.evidence.tables import CONTRACTS
from commissioning.simulate.budget import budget
from commissioning.simulate.write import SOURCES

ROOT = Path(__file__).resolve().parents[2]
PERSONS = {contract.table for contract in CONTRACTS if contract.persons}
SEED = 41


def house(folder: Path, *, leaving_out: tuple[str, ...] = ()) -> Path:
    """Pilots and notebooks of this checkout, copied; everything that a run makes stays below `folder`."""
    for name in ("pilots", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*leaving_out))
    (folder / "data").mkdir()
    for name in ("reference",):
        if (ROOT / "data" / name).is_dir():
            shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    return folder


def extracts(folder: Path, *, years: int = 4) -> dict[str, pd.DataFrame]:
    """A small sample of both pilots as extracts, text cells: `<pilot>/<table>` → frame; `sources.toml` is written."""
    disability = replace(
        simulate.LearningDisabilityShape(), people=260, wards=8, localities=2, never=3, years=years, waves=(8, 9, 10)
    )
    funding = replace(simulate.VcfShape(), organisations=60, grants=120, people=900, years=years)
    made = {}
    for pilot, tables in (
        ("learning_disability", simulate.learning_disability(SEED, disability, simulate.LearningDisabilityEffects())),
        ("vcf_funding", simulate.vcf_funding(SEED, funding, simulate.VcfEffects())),
    ):
        for name, table in tables.items():
            made[f"{pilot}/{name}"] = simulate.extract(table).astype(str)
    made["council/budget"] = simulate.extract(budget()).astype(str)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    return made


def numbers_where_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of digits as numbers, so that markers of numbers are planted in them."""
    out = frame.copy()
    for column in out.columns:
        if out[column].str.fullmatch(r"-?\d+").all():
            out[column] = pd.to_numeric(out[column]).astype("int64")
        elif out[column].str.fullmatch(r"-?\d+(\.\d+)?").all():
            out[column] = pd.to_numeric(out[column]).astype("float64")
    return out


def plant(made: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], text.Markers]:
    """The extracts with a name, an NHS number and a number in every column of every person-level table."""
    texts: dict[str, str] = {}
    numbers: dict[str, str] = {}
    out = {}
    for place, (name, frame) in enumerate(sorted(made.items())):
        if name.rpartition("/")[2] not in PERSONS:
            out[name] = frame
            continue
        planted, markers = text.plant(numbers_where_numbers(frame), SEED + place)
        out[name] = planted
        texts |= {marker: f"{name}.{column}" for marker, column in markers.texts.items()}
        numbers |= {marker: f"{name}.{column}" for marker, column in markers.numbers.items()}
    return out, text.Markers(texts=texts, numbers=numbers)


TYPED = "Ottershawbury"
"""Stands in all that a council types around its rows: names of files, header cells, sheet titles, and cells that are set aside."""


def typed_over(folder: Path) -> None:
    """The same files of people, with `TYPED` in each name, in a header of a column that no contract asks for, in the titles of a
    workbook's sheets, in a date that is set aside, and in a file that no contract recognises."""
    for path in sorted(folder.rglob("*.csv")):
        if path.stem not in PERSONS:
            continue
        frame = pd.read_csv(path, dtype=str, keep_default_na=False).assign(**{f"{TYPED} remarks": "x"})
        dates = [one for one in frame.columns if one.endswith("_on")]
        if dates and len(frame) > 50:
            frame.loc[frame.index[5], dates[0]] = f"{TYPED} said Friday"
        if path.stem == "people":
            target = path.with_name(f"{TYPED} {path.stem}.xlsx")
            with pd.ExcelWriter(target) as book:
                frame.to_excel(book, sheet_name=f"{TYPED} 2014", index=False)
                pd.DataFrame({f"{TYPED} a": ["b"]}).to_excel(book, sheet_name=f"{TYPED} notes", index=False)
        else:
            frame.to_csv(path.with_name(f"{TYPED} {path.stem}.csv"), index=False, lineterminator="\n")
        path.unlink()
    (folder / "learning_disability" / f"{TYPED} list.csv").write_text(
        f"{TYPED} name,{TYPED} day\nAnn,Monday\n", encoding="utf-8"
    )


def write_csv(folder: Path, made: dict[str, pd.DataFrame]) -> None:
    """The extracts as CSV, restricted as a council's own folder would be."""
    for name, frame in made.items():
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        out = io.StringIO()
        frame.to_csv(out, index=False, lineterminator="\n")
        path.write_text(out.getvalue(), encoding="utf-8")


def command(house_: Path, *words: str, timeout: float = 900) -> subprocess.CompletedProcess[str]:
    """`commissioning …` in that checkout, with everything it says."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COMMISSIONING_")}
    environment["COMMISSIONING_LEDGER"] = str(house_.parent / "ledger")
    return subprocess.run(
        [sys.executable, "-m", "commissioning.cli", *words],
        cwd=house_,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


_DATA_LINK = re.compile(rb"data:[\w/+.-]*((?:;[\w=-]+)*),([^\"'\s>)]*)")


def opened(page: bytes) -> str:
    """What a browser reads in a page beyond its bytes: character references, and `data:` links, decoded."""
    raw = page.decode("utf-8", "replace")
    read = html.unescape(raw)
    parts = [] if read == raw else [read]
    for found in _DATA_LINK.finditer(read.encode()):
        body = urllib.parse.unquote_to_bytes(found[2])
        if b"base64" in found[1]:
            body = base64.b64decode(body + b"=" * (-len(body) % 4))
        parts.append(body.decode("utf-8", "replace"))
    return "\n".join(parts)


def leaks(where: Path, markers: text.Markers, *, but: Path | None = None) -> list[str]:
    """Where markers stand below `where`, as bytes and as a browser reads them, leaving out the folder `but`."""
    found = set()
    for path in sorted(p for p in where.rglob("*") if p.is_file() and not p.is_symlink()):
        if but is not None and path.is_relative_to(but):
            continue
        name = path.relative_to(where).as_posix()
        found |= {f"{name}: {one}" for one in text.find(path, markers)}
        found |= {f"{name} (opened): {one}" for one in text.find(opened(path.read_bytes()), markers)}
    return sorted(found)
