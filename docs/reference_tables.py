"""Write the small national tables of data/reference again, from the publications as their publishers give them.

    python docs/reference_tables.py FOLDER

FOLDER holds the publications by the names below (their sources stand in data/reference/README.md). Rows are left out, and no figure is changed:
each table keeps its publisher's layout, so that it is read by the same contract as the whole publication.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl

HERE = Path(__file__).parents[1] / "data" / "reference"
MEASURES = ("1E", "1G")  # adults with a learning disability in paid work; in their own home or with family
LEARNING_DISABILITY = "4"  # PrimarySupportReason_KEY
MANDATORY = "1"  # DataType_KEY: the voluntary ages repeat what is in "65 and over"
Keep = Callable[[list[str]], bool]


def rows(source: Path, target: Path, keep: Keep, *, header: int = 1, encoding: str = "utf-8-sig") -> None:
    """The header rows of a CSV, and the rows below it that are kept."""
    with source.open(encoding=encoding, newline="") as file:
        written(target, list(csv.reader(file)), keep, header)


def written(target: Path, read: list[list[str]], keep: Keep, header: int = 1) -> None:
    kept = [*read[:header], *(one for one in read[header:] if keep(one))]
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(kept)
    print(f"{target.name}: {len(kept) - header:,} of {len(read) - header:,} rows")


def ascof_before_2019(source: Path, target: Path) -> None:
    rows(source, target, lambda one: one[6] == "Total" and one[9] in MEASURES)


def ascof_2020_21(source: Path, target: Path) -> None:
    """The sheet "in" as a CSV: the year is in no cell, and stands in the name."""
    sheet = openpyxl.load_workbook(source, read_only=True)["in"]
    read = [["" if one is None else str(one) for one in row] for row in sheet.iter_rows(values_only=True)]
    written(target, read, lambda one: one[8] in MEASURES and one[5] == "Total")


def pssex1(source: Path, target: Path) -> None:
    """Learning disability support, and grants to voluntary organisations of all adult social care."""
    rows(
        source,
        target,
        lambda one: (
            one[2].strip() == "Learning disability support"
            or (one[2].strip() == "Adult Social Care" and "voluntary" in one[4].casefold())
        ),
        header=2,
        encoding="cp1252",
    )


def ascfr(source: Path, target: Path) -> None:
    rows(source, target, lambda one: one[6] == LEARNING_DISABILITY and one[10] == MANDATORY)


def whole(source: Path, target: Path) -> None:
    """A small JSON or CSV file, as it is but for its spaces."""
    text = source.read_text(encoding="utf-8-sig")
    target.write_text(
        json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) + "\n"
        if source.suffix == ".json"
        else text,
        encoding="utf-8",
    )


TABLES = {
    "outcomes/ascof_2014-15_to_2018-19_ld_1E_1G.csv": ascof_before_2019,
    "outcomes/ascof_2020-21_open_data.xlsx": ascof_2020_21,
    "outcomes/oflog_nearest_neighbours.json": whole,
    "spend/pssex1_2014-15_expenditure_wide_by_council.csv": pssex1,
    "spend/ascfr_2016-17_totals_coded.csv": ascfr,
    "spend/ascfr_2016-17_key_lookup_DERIVED.csv": whole,
    "context/namuan_la_population_2024.json": whole,
}


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__)
        return 2
    folder = Path(sys.argv[1])
    lacking = [name for name in TABLES if not (folder / name).is_file()]
    if lacking:
        print(f"{folder} lacks {', '.join(lacking)}")
        return 2
    for name, reduce in TABLES.items():
        source = folder / name
        target = HERE / (f"{source.stem}.csv" if source.suffix == ".xlsx" else source.name)
        reduce(source, target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
