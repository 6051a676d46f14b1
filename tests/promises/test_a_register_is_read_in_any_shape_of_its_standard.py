"""360Giving registers in every shape the standard and its tools give; optional fields may be absent; what is local is local by its codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from commissioning import pilot as pilots
from commissioning.evidence.intake import FileRecord, take_in
from commissioning.study import parameters
from commissioning.study.prepare import prepare
from commissioning.study.told_apart import told_apart

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
WIRRAL = "E08000015"
STAGES = [ROOT / "notebooks" / f"{stage}.ipynb" for stage in ("1_analyse", "2_plan", "3_do", "4_review")]
TITLES = [
    "Identifier", "Title", "Description", "Currency", "Amount Awarded", "Award Date", "Recipient Org:Identifier",
    "Recipient Org:Name", "Funding Org:Identifier", "Funding Org:Name",
]  # fmt: skip
FIELDS = [
    "id", "title", "description", "currency", "amountAwarded", "awardDate", "recipientOrganization/0/id",
    "recipientOrganization/0/name", "fundingOrganization/0/id", "fundingOrganization/0/name",
]  # fmt: skip
COUNCIL, FOUNDATION = ("GB-LAE-WRL", "Wirral Metropolitan Borough Council"), ("GB-CHC-327114", "Example Foundation")


def row(number: int, pounds: float = 1000, funder: tuple[str, str] = COUNCIL) -> list[Any]:
    return [
        f"360G-t-{number}", f"Grant {number}", "Lunches", "GBP", pounds, "2023-05-04", "GB-CHC-1146058", "The Choir", *funder,
    ]  # fmt: skip


def grant(number: int, pounds: float = 1000, funder: tuple[str, str] = COUNCIL, **more: Any) -> dict[str, Any]:
    flat = dict(zip(FIELDS, row(number, pounds, funder), strict=True))
    made: dict[str, Any] = {name: value for name, value in flat.items() if "/" not in name}
    made["recipientOrganization"] = [{"id": "GB-CHC-1146058", "name": "The Choir"}]
    made["fundingOrganization"] = [{"id": funder[0], "name": funder[1]}]
    return made | more


def csv_of(header: list[str], *rows: list[Any]) -> str:
    return "\n".join(",".join(str(cell) for cell in one) for one in (header, *rows)) + "\n"


def take(folder: Path, name: str, text: str, publisher: str = "Wirral Council") -> FileRecord:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    source = f'[[source]]\nfiles = "*"\npublisher = "{publisher}"\narea = "{WIRRAL}"\npublic = true\n'
    (folder / "sources.toml").write_text(source, encoding="utf-8")
    (found,) = take_in(folder, area=WIRRAL).files
    return found


def counted(found: FileRecord) -> tuple[str, int, int | None]:
    assert found.loaded is not None, found.reason
    return found.status, found.loaded.rows_accepted, found.loaded.pence_accepted


LINES = [json.dumps(grant(1)), json.dumps(grant(2, 250.5))]
SHAPES = {
    "package.json": json.dumps({"grants": [grant(1), grant(2, 250.5)]}),
    "list.json": json.dumps([grant(1), grant(2, 250.5)]),
    "lines.jsonl": "\n".join(LINES) + "\n",
    "lines of the datastore.jsonl": "\n".join(f'{{"grant_id": "x", "data": {one}}}' for one in LINES) + "\n",
    "api.json": json.dumps({"count": 2, "next": None, "results": [{"data": grant(1)}, {"data": grant(2, 250.5)}]}),
    "titles.csv": csv_of(TITLES, row(1), row(2, 250.5)),
    "fields.csv": csv_of(FIELDS, row(1), row(2, 250.5)),
    "dots.csv": csv_of([name.replace("/", ".") for name in FIELDS], row(1), row(2, 250.5)),
    "small letters.csv": csv_of([name.casefold() for name in TITLES], row(1), row(2, 250.5)),
    "numbered.csv": csv_of([name.replace("Org:", "Org:0:") for name in TITLES], row(1), row(2, 250.5)),
    "unit.csv": csv_of([f"{name} (£)" if name == "Amount Awarded" else name for name in TITLES], row(1), row(2, 250.5)),
    "thousands.csv": csv_of([f"{name} (£000)" if name == "Amount Awarded" else name for name in TITLES], row(1, 1), row(2, 0.2505)),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_the_same_grants(tmp_path, name):
    assert counted(take(tmp_path, name, SHAPES[name])) == ("accepted", 2, 125_050)


def test_a_header_again_is_no_grant_and_binds_the_rows_below_it(tmp_path):
    turned = TITLES[5:] + TITLES[:5]
    below = [one[5:] + one[:5] for one in (row(3, 40), row(4, 2))]
    same = csv_of(TITLES, row(1), TITLES, row(2, 250.5))
    assert counted(take(tmp_path / "same", "a.csv", same)) == ("accepted", 2, 125_050)
    other = take(tmp_path / "other", "a.csv", csv_of(TITLES, row(1), row(2, 250.5), turned, *below))
    assert counted(other) == ("accepted", 4, 129_250)
    assert other.loaded is not None and other.loaded.rows_not_data == 1
    assert "read by it" in other.reason
    assert set(other.loaded.frame["recipient"]) == {"The Choir"}
    thousands = [f"{name} (£000)" if name == "Amount Awarded" else name for name in TITLES]
    assert counted(take(tmp_path / "unit", "a.csv", csv_of(TITLES, row(1), thousands, row(2, 2)))) == (
        "accepted",
        2,
        300_000,
    )
    lacking = [name for name in TITLES if name != "Award Date"]
    found = take(tmp_path / "lacking", "a.csv", csv_of(TITLES, row(1), lacking, row(2)[:9]))
    assert (found.status, found.code) == ("refused", "missing column")


@pytest.mark.parametrize("pounds", [-1, -1000.5])
def test_an_award_below_nothing_is_set_aside_with_its_pounds_and_its_reason(tmp_path, pounds):
    found = take(tmp_path, "a.csv", csv_of(TITLES, row(1), row(2, pounds), row(3, 0)))
    assert counted(found) == ("accepted", 2, 100_000)
    assert found.loaded is not None and found.loaded.pence_quarantined == int(pounds * 100)
    assert [cause.code for cause in found.loaded.causes] == ["below zero"]


def test_one_page_of_a_longer_answer_is_said_to_be_one(tmp_path):
    text = json.dumps({"count": 7431, "next": "https://x/2", "results": [{"data": grant(1)}]})
    assert "only one page of a longer answer is here, 1 of 7,431 grants" in take(tmp_path, "api.json", text).reason


def test_every_sheet_of_the_standard_is_read_and_the_others_named_with_rows_and_pounds(tmp_path):
    book = openpyxl.Workbook()
    for year, numbers in (("2022-23", (1, 2)), ("2023-24", (3, 4, 5))):
        sheet = book.create_sheet(year)
        for cells in (TITLES, *(row(number, 100.0 * number) for number in numbers)):
            sheet.append(cells)
    other = book.create_sheet("Loans")
    for cells in (["Organisation", "Amount (£)"], ["A", 700], ["B", 50.5]):
        other.append(cells)
    book.remove(book["Sheet"])
    tmp_path.joinpath("x").mkdir()
    book.save(tmp_path / "x" / "register.xlsx")
    found = take(tmp_path / "x", "note.md", "")
    assert counted(found) == ("accepted", 5, 150_000)
    assert "sheet “Loans” is not the register: left out (2 rows, £750.50 under “Amount (£)”)" in found.reason


def test_one_identifier_in_two_sheets_with_two_amounts_is_set_aside_in_both(tmp_path):
    book = openpyxl.Workbook()
    for year, pounds in (("a", 100), ("b", 200)):
        for cells in (TITLES, row(1, pounds), row(2 if year == "a" else 3, 50)):
            (book[year] if year in book else book.create_sheet(year)).append(cells)
    book.remove(book["Sheet"])
    tmp_path.joinpath("x").mkdir()
    book.save(tmp_path / "x" / "register.xlsx")
    found = take(tmp_path / "x", "note.md", "")
    assert counted(found) == ("accepted", 2, 10_000) and found.loaded.pence_quarantined == 30_000


@pytest.mark.parametrize(
    "gone", ["Identifier", "Description", "Currency", "Amount Awarded", "Award Date", "Recipient Org:Name"]
)
def test_a_required_column_that_is_missing_refuses_the_register_and_names_the_nearest(tmp_path, gone):
    header = [f"{name} of it" if name == gone else name for name in TITLES]
    found = take(tmp_path, "r.csv", csv_of(header, row(1)))
    assert found.status == "refused" and f"no column “{gone}” (the nearest here is “{gone} of it”)" in found.reason


def test_another_currency_in_a_heading_is_refused(tmp_path):
    header = ["Amount Awarded ($)" if name == "Amount Awarded" else name for name in TITLES]
    assert take(tmp_path, "r.csv", csv_of(header, row(1))).code in ("not pounds", "missing column")


def whose(folder: Path, publisher: str, *grants: dict[str, Any]) -> dict[str, int]:
    """How many grants a study holds as the council's own, as other funders' here, and as elsewhere."""
    take(folder, "r.json", json.dumps({"grants": list(grants)}), publisher)
    pilot = pilots.load("vcf_funding")
    told = told_apart(take_in(folder, area=WIRRAL), pilot, WIRRAL)
    held = {name: len(told.tables.get(name, ())) for name in ("grants", "other_grants")}
    return held | {"elsewhere": len(told.elsewhere)}


def without(name: str, number: int = 1) -> dict[str, Any]:
    return {key: value for key, value in grant(number).items() if key != name}


def test_an_absent_funder_is_the_publishers_as_sources_toml_says(tmp_path):
    bare = [without("fundingOrganization", number) for number in (1, 2)]
    assert whose(tmp_path / "a", "Wirral Council", *bare) == {"grants": 2, "other_grants": 0, "elsewhere": 0}
    assert whose(tmp_path / "b", "Example Foundation", *bare) == {"grants": 0, "other_grants": 0, "elsewhere": 2}
    header = csv_of(TITLES[:-2], row(1)[:-2])
    assert counted(take(tmp_path / "c", "r.csv", header))[:2] == ("accepted", 1)
    refused = take(tmp_path / "d", "r.csv", header, publisher="")
    assert refused.status == "refused" and "say in sources.toml who published it" in refused.reason


def test_a_register_of_the_councils_own_without_a_funder_is_the_councils(tmp_path):
    header = "grant_id,title,year,award_date,amount_awarded,department,recipient_id,recipient,start_on,months,purpose"
    sample = ROOT / "data" / "sample" / "vcf_funding" / "grants.csv"
    lines = [line.split(",") for line in sample.read_text(encoding="utf-8").splitlines()]
    keep = [at for at, name in enumerate(lines[0]) if name not in ("funder", "funder_id", "area")]
    assert header.split(",")[0] == lines[0][0]
    text = "\n".join(",".join(line[at] for at in keep) for line in lines[:20]) + "\n"
    take(tmp_path, "grants.csv", text)
    told = told_apart(take_in(tmp_path, area=WIRRAL), pilots.load("vcf_funding"), WIRRAL)
    assert len(told.tables["grants"]) == 19 and "other_grants" not in told.tables


PLACES = {
    "here": {"beneficiaryLocation": [{"geoCode": WIRRAL}]},
    "here by the recipient": {"recipientDistrictGeoCode": WIRRAL},
    "in England": {"beneficiaryLocation": [{"geoCode": "E92000001"}]},
    "in two councils": {"beneficiaryLocation": [{"geoCode": WIRRAL}, {"geoCode": "E08000012"}]},
    "in Leeds": {"beneficiaryLocation": [{"geoCode": "E08000035"}]},
    "in a ward": {"beneficiaryLocation": [{"geoCode": "E05000968"}]},
    "nowhere said": {},
}


@pytest.mark.parametrize("place", PLACES)
def test_another_funders_grant_is_local_only_where_its_own_codes_say_so(tmp_path, place):
    found = whose(tmp_path, "Example Foundation", grant(1, 1000, FOUNDATION, **PLACES[place]))
    here = int(place.startswith("here"))
    assert found == {"grants": 0, "other_grants": here, "elsewhere": 1 - here}


def test_a_councils_own_register_is_its_own_wherever_those_who_benefit_live(tmp_path):
    found = whose(tmp_path, "Wirral Council", grant(1, **PLACES["in Leeds"]), grant(2))
    assert found == {"grants": 2, "other_grants": 0, "elsewhere": 0}


def test_another_council_or_a_charity_with_the_areas_name_is_another_funder(tmp_path):
    other = ("GB-LAE-LIV", "Liverpool City Council")
    charity = ("GB-CHC-1059555", "Wirral Council for Voluntary Service")
    found = whose(tmp_path, "various funders", grant(1), grant(2, 5, other), grant(3, 5, charity))
    assert found == {"grants": 1, "other_grants": 0, "elsewhere": 2}


def test_a_file_of_which_every_grant_is_set_aside_is_not_accepted_and_says_why(tmp_path):
    found = take(tmp_path, "r.json", json.dumps({"grants": [without("currency", number) for number in (1, 2, 3)]}))
    assert (found.status, found.loaded.rows_quarantined, found.loaded.pence_quarantined) == (
        "nothing accepted",
        3,
        300_000,
    )
    assert "all 3 grants were set aside: Currency: missing (3 cells" in found.reason


def test_the_national_registers_and_cases_of_the_folder_are_read(tmp_path):
    cases = SHARED / "cases"
    if not cases.is_dir():
        pytest.skip("the shared cases are not here")
    read = {
        "06-register-with-a-sheet-a-year/data": (10, 1_500_000), "08-amount-header-with-its-unit/data": (5, 500_000),
        "21-other-shapes-of-360giving/fieldnames": (5, 500_000), "21-other-shapes-of-360giving/lines": (3, 300_000),
        "21-other-shapes-of-360giving/list": (3, 300_000), "21-other-shapes-of-360giving/datastore": (2, 200_000),
    }  # fmt: skip
    for case, (rows, pence) in read.items():
        (found,) = take_in(cases / case, area=WIRRAL).files
        assert counted(found) == ("accepted", rows, pence), case


# --- every report of every file


def show_all(folder: Path, pilot: str, area: str, shown_by: Any, monkeypatch: Any, notebooks: list[Path]) -> str:
    known = pilots.load(pilot)
    made = prepare(known, folder, area=area, folder=folder.parent / "study")
    monkeypatch.setenv(parameters.STUDY, str(made.path))
    given = {"pilot": pilot, "area": "" if area == known.area else area}
    return " ".join(text for notebook in notebooks for text in shown_by(notebook, **given).values())


FUNDING = ROOT / "pilots" / "vcf_funding" / "funding.ipynb"


def test_a_register_with_nothing_but_the_required_fields_gives_every_report(tmp_path, shown_by, monkeypatch):
    take(tmp_path / "data", "r.json", json.dumps({"grants": [grant(number) for number in range(1, 9)]}))
    said = show_all(tmp_path / "data", "vcf_funding", WIRRAL, shown_by, monkeypatch, [FUNDING])
    assert "departments are not recorded" in said
    assert "does not record departments" in said and "One department gives" not in said


def test_where_only_other_funders_are_here_reports_say_that_of_the_councils_own_nothing_is(
    tmp_path, shown_by, monkeypatch
):
    grants = [grant(number, 1000, FOUNDATION, **PLACES["in Leeds"]) for number in (1, 2, 3)]
    take(tmp_path / "data", "r.json", json.dumps({"grants": grants}), "Example Foundation")
    said = show_all(tmp_path / "data", "vcf_funding", WIRRAL, shown_by, monkeypatch, [FUNDING])
    assert "3 grants of Example Foundation (£3,000.00) are in these extracts" in said
    assert "needs the file “grants”" in said


def test_where_every_row_is_set_aside_reports_say_so(tmp_path, shown_by, monkeypatch, capsys):
    take(tmp_path / "data", "r.json", json.dumps({"grants": [without("currency", number) for number in (1, 2)]}))
    said = show_all(tmp_path / "data", "vcf_funding", WIRRAL, shown_by, monkeypatch, [FUNDING])
    said += capsys.readouterr().out  # what the page rests on is displayed by its last cell
    assert "About 2 rows from 1 file were read. 1 file could not be used as it is." in said


FILES = sorted(
    path
    for path in (SHARED / "data").glob("*/*")
    if path.suffix in (".csv", ".xlsx", ".json") and not path.name.endswith("schema.json")
)


@pytest.mark.soak
@pytest.mark.parametrize("pilot", ["learning_disability", "vcf_funding"])
@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_published_file_alone_gives_every_report(path, pilot, tmp_path, shown_by, monkeypatch):
    area = "E08000009" if "trafford" in path.name else "E08000021" if "newcastle" in path.name else WIRRAL
    data = tmp_path / "data"
    data.mkdir()
    (data / path.name).write_bytes(path.read_bytes())
    (data / "sources.toml").write_text(f'[[source]]\nfiles = "*"\npublisher = "P"\narea = "{area}"\npublic = true\n')
    if not any(one.table in pilots.load(pilot).tables for one in take_in(data).files):
        pytest.skip("a table that this pilot does not take in")
    own = FUNDING if pilot == "vcf_funding" else ROOT / "pilots" / pilot / "implications.ipynb"
    show_all(data, pilot, area, shown_by, monkeypatch, [*STAGES, own])
