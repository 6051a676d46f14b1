"""Every accepted table is read by something, and of a file on which no figure rests `check` and the page say so by name."""

from __future__ import annotations

import ast
import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from commissioning import cli
from commissioning import pilot as pilots
from commissioning.evidence import client_level
from commissioning.evidence.intake import take_in
from commissioning.evidence.registry import readers
from commissioning.measures import derive
from commissioning.methods import money
from commissioning.reports import stages
from commissioning.sections import figures
from commissioning.sections.page import Page
from commissioning.study import restricted, spend, used
from commissioning.study.parameters import Parameters
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepare import prepare
from commissioning.study.told_apart import told_apart

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "cases"
WIRRAL = "E08000015"
PACKAGES = "package_id,person_id,period,provider,ward,locality,funder,setting,provision,needs_band,weeks,weekly_cost,weekly_client,weekly_nhs"


def tables_read() -> set[str]:
    """Tables that code outside the intake asks for by name: `x.table("name")`, `tables["name"]`, or what a measure is made from."""
    found: set[str] = set()
    for path in [*(ROOT / "lib" / "commissioning").rglob("*.py"), *(ROOT / "pilots").glob("*/*.py")]:
        if path.parent.name in ("evidence", "published", "simulate"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            arguments = []
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("table", "published", "get")
            ):
                arguments = node.args[:1]
            elif isinstance(node, ast.Subscript):
                arguments = [node.slice]
            found |= {one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    for name in ("learning_disability", "vcf_funding"):
        for measure in measures_of(pilots.load(name)).values():
            found |= set(derive.needs(measure.table))
    return found | made_into_others(found)


def made_into_others(read: set[str]) -> set[str]:
    """Client Level Data, and what is made of it beside the tables that measures read: read where those are."""
    return (
        {client_level.TABLE, client_level.PLACES, *client_level.MADE, "coverage"}
        if read & set(client_level.MADE)
        else set()
    )


def test_every_table_that_is_accepted_is_read_by_something():
    accepted = {reader.contract.table for reader in readers()}
    assert not accepted - tables_read(), "these tables are taken in, and nothing reads them"


def hmt(index: dict[str, float | str], base: str, title: str = "", change: float = 10.0) -> list[list[object]]:
    """HM Treasury's layout: an empty first column, a title, the header in row 7, labels with notes."""
    head = [[None, title], [], [None, "Deflators: outturn data"], [], [], [None, "Table 1"]]
    header = [
        None,
        "Financial year",
        f"{base} = 100",
        "per cent change on previous year",
        None,
        None,
        None,
        "Calendar year",
    ]
    return [
        *head,
        header,
        *([None, year, level, change] for year, level in index.items()),
        [None, "Sources and footnotes:"],
    ]


def book(path: Path, rows: list[list[object]]) -> None:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.create_sheet("Notes").append(["Money GDP"])
    made.save(path)


TEN = {f"{year}-{(year + 1) % 100:02d}": round(100 * 1.1 ** (year - 2022), 3) for year in range(2010, 2023)}


def page(folder: Path, tmp_path: Path) -> Page:
    pilot = pilots.load("learning_disability")
    made = prepare(pilot, folder, area=WIRRAL, folder=tmp_path / "study")
    return stages.page_of("pilot", Parameters(pilot=pilot.name), pilot, made)


def packages(folder: Path) -> None:
    """Thirty people of the council's own, each with £1,000 a week for 13 weeks of 2014-15."""
    rows = [
        f"K{i},P{i},2014-15 Q1,Provider A,Ward 1,North,council,residential,open market,high,13,1000.00,80.00,0.00"
        for i in range(30)
    ]
    (folder / "packages.csv").write_text("\n".join([PACKAGES, *rows]) + "\n", encoding="utf-8")
    (folder / "sources.toml").write_text(f'[[source]]\nfiles = "*"\npublisher = "Wirral Council"\narea = "{WIRRAL}"\n')


def test_the_treasurys_workbook_is_read_as_published_in_any_edition(tmp_path):
    book(
        tmp_path / "gdp.xlsx",
        hmt({**TEN, "2023-24 (1), (2)": "-"}, "2022-23", "GDP deflators March 2024 (Quarterly)", 5.0),
    )
    (file,) = take_in(tmp_path).files
    table = take_in(tmp_path).tables["deflators"].set_index("year")
    assert file.status == "accepted" and "sheet “Notes” is left out" in file.reason
    assert table.loc["2010-11", "index"] == TEN["2010-11"] and table.loc["2023-24", "index"] == pytest.approx(105)
    assert set(table["edition"]) == {"2024-03"} and bool(table.loc["2023-24", "is_forecast"])


def test_deflators_that_are_brought_are_used_and_named_on_the_page(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    packages(data)
    without = figures.spend(page(data, tmp_path / "a"))
    book(data / "own deflators.xlsx", hmt(TEN, "2022-23"))
    brought = figures.spend(page(data, tmp_path / "b"))
    # Ten per cent a year over eight years, by hand; the package's own series gives 1.22.
    ratio = brought.frame["real_pence"].astype(float) / brought.frame["pence"].astype(float)
    assert ratio.tolist() == pytest.approx([1.1**8] * len(ratio), rel=0.02)
    assert (without.frame["real_pence"].astype(float) / without.frame["pence"].astype(float)).max() < 1.3
    assert "that the council brought (2022-23 = 100)" in brought.prices and "December 2023" in without.prices


def test_of_two_editions_the_newer_is_used_alone_and_the_older_said_not_to_be(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    packages(data)
    flat = dict.fromkeys(TEN, 100.0)
    book(data / "a newer.xlsx", hmt(flat, "2022-23", "GDP deflators March 2026"))
    book(data / "b older.xlsx", hmt({**TEN, "2009-10": 20.0}, "2021-22", "GDP deflators March 2023"))
    made = page(data, tmp_path / "a")
    assert restricted.table(made.study, "deflators")["index"].astype(float).tolist() == [100.0] * len(TEN)
    said = str(made.left_aside().record["rows"])
    assert "The file of deflators, 2 of 2" in said and "the file of deflators, 1 of 2 is a later edition" in said


def test_a_year_that_the_brought_deflators_lack_has_no_real_terms_and_the_page_says_so(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    packages(data)
    book(data / "short.xlsx", hmt({year: level for year, level in TEN.items() if year > "2018"}, "2022-23"))
    made = figures.spend(page(data, tmp_path / "a"))
    assert made.frame["real_pence"].isna().all()
    assert any(
        "2014-15" in note and "that the council brought" in note and "has no figure" in note for note in made.notes
    )


def test_another_series_moves_money_as_its_own_index_says():
    table = money.deflators_from(["2014-15", "2022-23"], [50.0, 100.0], [False, False])
    assert money.real_terms(100, "2014-15", "2022-23", table) == 200
    with pytest.raises(ValueError, match="no GDP deflator for 2015-16"):
        money.real_terms(100, "2015-16", "2022-23", table)
    assert spend.prices(spend.newest_deflators(pd.DataFrame())).table is None


def brought(folder: Path, files: dict[str, str], pilot: str, area: str = WIRRAL) -> dict[str, str]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "sources.toml").write_text(f'[[source]]\nfiles = "*"\npublisher = "P"\narea = "{area}"\npublic = true\n')
    known = pilots.load(pilot)
    made = take_in(folder, wanted_tables=known.tables, area=area)
    told = told_apart(made, known, area)
    return used.not_used(made, known, area, measures_of(known), told.tables)


IMD = "ltla23_code,Score,Proportion,Extent\n{code},20,0.1,0.2\n"
ACTIVITY = (
    ",,,,,NW,NE\nSupport type,Age category,Primary support reason,Service delivery mechanism,Provision,319 - Wirral,106 - Gateshead\n"
    "Long term,Age 18 to 64,Learning disability support,Nursing,Own provision,100,1\n"
)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("imd 2019.csv", IMD.format(code="E08000014"), f"it holds no row of {WIRRAL}"),
        ("neighbours.json", '{"E08000014": ["E08000012"]}', f"it holds no row of {WIRRAL}"),
        ("activity 2014-15.csv", ACTIVITY, "no report reads unit costs or activity"),
        ("keys.csv", "field,key,label,n\nAgeBand_KEY,1,Age 18 to 64,25\n", "which is not here"),
    ],
)
def test_a_published_file_on_which_nothing_rests_is_named_with_the_reason(tmp_path, name, text, says):
    assert says in brought(tmp_path, {name: text}, "learning_disability")[name]


def test_a_file_on_which_figures_rest_is_not_said_to_be_unused(tmp_path):
    assert brought(tmp_path, {"imd 2019.csv": IMD.format(code=WIRRAL)}, "learning_disability") == {}


def test_check_says_it_in_the_file_own_line(tmp_path, capsys):
    brought(tmp_path, {"imd 2019.csv": IMD.format(code="E08000014")}, "learning_disability")
    assert cli.main(["check", "learning_disability", "--data", str(tmp_path)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "imd 2019.csv" in line)
    assert f"no figure rests on it: it holds no row of {WIRRAL}" in line


def test_the_councils_case_of_deflators_brought(tmp_path):
    case = CASES / "09-deflators-brought-and-not-used"
    if not case.is_dir():
        pytest.skip("the shared cases are not here")
    (file,) = [one for one in take_in(case / "xlsx").files if one.file.endswith(".xlsx")]
    assert (file.status, file.loaded.rows_accepted) == ("accepted", 22)
    with (case / "used" / "defl.csv").open(encoding="utf-8") as lines:  # a second route: the cells themselves
        index = {row[1]: float(row[2]) for row in csv.reader(lines) if row[1][:2] == "20"}
    made = figures.spend(page(case / "used", tmp_path)).frame
    ratio = (made["real_pence"].astype(float) / made["pence"].astype(float)).tolist()
    assert ratio == pytest.approx([index["2022-23"] / index["2014-15"]] * len(made), rel=0.03)
