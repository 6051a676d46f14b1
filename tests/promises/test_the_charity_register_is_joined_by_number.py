"""The Charity Commission's public extract says of organisations that a council pays how large they are and which were removed: by number."""

from __future__ import annotations

import json
import random

import openpyxl
import pytest

from commissioning import cli
from commissioning.evidence import register, tables
from commissioning.evidence.intake import take_in
from commissioning.measures import breakdowns_of_organisations as of_organisations

AREA = "E07000223"
GRANTS = (
    "Date awarded,Beneficiary,Charity or company registration number,Summary of purpose,Grant amount (£)\n"
    "05/05/2023,Ashdown Friends,1123456,Lunch club,9000\n"
    "06/06/2023,Brook CIC,07654321,Advice,2500\n"
    "07/07/2023,Copse Trust,1098765,Transport,1000\n"
)
PAID = (
    "Payment Date,Supplier Name,Charity Number,Purpose,Amount\n"
    "05/06/2023,Ashdown Friends,1123456,Lunch club,9000.00\n"
    "07/08/2023,Copse Trust,1098765,Transport,1000.00\n"
    "07/08/2023,Ashdown Friends,1123456,Room hire,600.00\n"
)


def charity(number, name, *, linked=0, status="Registered", removed=None, income=12000.0, at=0):
    """One record, laid out as the public extract is; only the fields that matter here hold anything."""
    return {
        "date_of_extract": "2024-06-01T00:00:00", "organisation_number": 4000000 + at, "registered_charity_number": number,
        "linked_charity_number": linked, "charity_name": name, "charity_type": "CIO", "charity_registration_status": status,
        "date_of_registration": "1999-01-01T00:00:00", "date_of_removal": removed, "charity_reporting_status": "Submission Received",
        "latest_acc_fin_period_start_date": "2023-04-01T00:00:00", "latest_acc_fin_period_end_date": "2024-03-31T00:00:00",
        "latest_income": income, "latest_expenditure": income, "charity_contact_postcode": None,
        "charity_company_registration_number": None, "charity_insolvent": False, "charity_activities": "Help, of many kinds",
    }  # fmt: skip


REGISTER = [
    charity(1123456, "ASHDOWN FRIENDS", at=1),
    charity(1123456, "THE ASHDOWN FUND", linked=1, income=None, at=2),
    charity(1098765, "COPSE TRUST", status="Removed", removed="2024-01-10T00:00:00", income=50000.0, at=3),
    charity(1000001, "ASHDOWN FRIENDS OF ELSEWHERE", at=4),
    charity(7654321, "NO CHARITY OF THAT COMPANY NUMBER", at=5),
]


@pytest.fixture
def folder(tmp_path):
    def made(rows=REGISTER, **more):
        for name, text in ({"grants.csv": GRANTS} | more).items():
            (tmp_path / name.replace("_csv", ".csv")).write_text(text, encoding="utf-8")
        (tmp_path / "publicextract.charity.json").write_text(json.dumps(rows), encoding="utf-8-sig")
        (tmp_path / "sources.toml").write_text(
            f'[[source]]\nfiles = "*"\narea = "{AREA}"\npublisher = "Example District Council"\npublic = true\n',
            encoding="utf-8",
        )
        return take_in(tmp_path, area=AREA).raise_if_refused()

    return made


@pytest.mark.parametrize("seed", range(3))
def test_of_a_national_register_the_organisations_that_are_paid_are_kept_by_number(folder, seed):
    shuffled = list(REGISTER)
    random.Random(seed).shuffle(shuffled)
    taken = folder(shuffled)
    rows = taken.tables["organisations"].set_index("charity_number").sort_index()
    assert list(rows.index) == ["1098765", "1123456"]
    assert (
        rows.loc["1123456", "organisation_id"] == "GB-CHC-1123456" and rows.loc["1123456", "income_pence"] == 1_200_000
    )
    assert set(rows["income_year"]) == {"2023-24"} and set(rows["small"]) == {"unknown"}
    assert list(rows.columns.drop("organisation_id").union(["charity_number"])) and "register_status" not in rows
    assert [one.status for one in taken.files] == ["accepted", "accepted"]


def test_the_register_as_tab_separated_text_says_the_same(folder, tmp_path):
    taken = folder().tables["organisations"]
    (tmp_path / "publicextract.charity.json").unlink()
    rows = [list(REGISTER[0]), *([("" if one is None else one) for one in row.values()] for row in REGISTER)]
    text = "\r\n".join("\t".join(str(cell).replace("T00:00:00", " 00:00:00") for cell in row) for row in rows) + "\r\n"
    (tmp_path / "publicextract.charity.txt").write_text(
        text.replace("COPSE TRUST", 'THE "COPSE" TRUST'), encoding="utf-8"
    )
    again = take_in(tmp_path, area=AREA).raise_if_refused().tables["organisations"]
    shown = ["organisation_id", "charity_number", "income_pence", "income_year"]
    assert sorted(map(tuple, again[shown].astype(str).to_numpy())) == sorted(
        map(tuple, taken[shown].astype(str).to_numpy())
    )
    assert 'THE "COPSE" TRUST' in set(again["organisation"])


def test_a_register_beside_nothing_that_gives_a_number_is_said_not_to_be_used(folder, tmp_path):
    folder()
    (tmp_path / "grants.csv").unlink()
    taken = take_in(tmp_path, area=AREA)
    assert "organisations" not in taken.tables and [one.says for one in taken.findings] == [register.NOT_USED]


def test_how_many_were_removed_from_the_register_is_said(folder):
    (says,) = (one.says for one in folder().findings if one.code == "charity register")
    assert says.startswith(
        "Of 2 organisations with a charity number in the council's grants and payments, 2 are in this extract"
    )
    assert "1 of these was removed from it" in says


def test_what_the_council_pays_is_set_against_an_organisations_income_by_number(folder):
    taken = folder(payments_csv=PAID)
    rows = of_organisations.income_shares(
        {
            "organisations": taken.tables["organisations"],
            "payments": taken.tables["payments"],
            "grants": taken.tables["grants"],
        }
    ).set_index("organisation_id")
    # 9,000 and 600 of an income of 12,000; 1,000 of 50,000.
    assert (
        rows.loc["GB-CHC-1123456", "band"] == "three quarters or more"
        and rows.loc["GB-CHC-1123456", "pence"] == 960_000
    )
    assert rows.loc["GB-CHC-1098765", "band"] == "under a tenth"


def test_a_councils_own_row_of_an_organisation_stands_and_its_unknown_income_is_filled(folder):
    contract = tables.of("organisations")
    headings = [one.heading for one in contract.columns if one.required]
    row = {one.heading: one.example for one in contract.columns}
    row |= {
        "organisation_id": "GB-CHC-1123456",
        "organisation": "Our Ashdown",
        "charity_number": "1123456",
        "small": "no",
    }
    taken = folder(own_csv=",".join(headings) + "\n" + ",".join(row[one] for one in headings) + "\n")
    rows = taken.tables["organisations"].set_index("charity_number")
    assert rows.loc["1123456", ["organisation", "small"]].tolist() == ["Our Ashdown", "no"]
    assert rows.loc["1123456", "income_pence"] == 1_200_000 and len(rows) == 2


WIDE = [
    ["Community grants: the officer's working copy"], ["Updated 14/05/2025"], [],
    ["Group", "Charity No.", "What for", "Department", "2022/23", "2023-24 (£)", "Award FY 2024/25", "Paid 2024/25", "Notes"],
    ["Ashdown Friends", "1123456", "Lunch club", "Communities", 1250, 1300.5, 1400, 700, "visit due"],
    ["Brook Valley CIC", "", "Advice", "Adults", 2500, None, 2600, 2600, ""],
    ["Copse Lane Trust", "1098765", "Transport", "Adults", "", "£3,000", "£3,100", "", ""],
    ["Total", "", "", "", 3750, 4300.5, 7100, 3300, ""],
]  # fmt: skip


def test_a_grants_officers_workbook_with_years_as_columns_gives_agreements(tmp_path):
    """Awards of a year, under whatever the year is written as, are agreements of it; what was paid is no award, and is in doubt."""
    book = openpyxl.Workbook()
    for row in WIDE:
        book.active.append(row)
    book.save(tmp_path / "grants.xlsx")
    assert cli.main(["map", str(tmp_path / "grants.xlsx")]) == 0
    mapped = (tmp_path / "mapping.toml").read_text(encoding="utf-8")
    assert '"Paid 2024/25" = "? 2024-25"' in mapped and '"Award FY 2024/25" = "2024-25"' in mapped
    (tmp_path / "sources.toml").write_text(
        f'[[source]]\nfiles = "*"\narea = "{AREA}"\npublisher = "Example"\n', encoding="utf-8"
    )
    rows = take_in(tmp_path, area=AREA).raise_if_refused().tables["grants"]
    wanted = {}  # the second route: the cells themselves
    for name, *_, first, second, third, _paid, _note in WIDE[4:-1]:
        for year, cell in (("2022-23", first), ("2023-24", second), ("2024-25", third)):
            if cell not in ("", None):
                wanted[name, year] = round(100 * float(str(cell).strip("£").replace(",", "")))
    got = {(one.recipient, one.year): one.amount_awarded_pence for one in rows.itertuples()}
    assert got == wanted and rows["grant_id"].is_unique
