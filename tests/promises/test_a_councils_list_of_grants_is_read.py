"""Issue 21, line 9: the Transparency Code's yearly list of grants reads without mapping and gives agreements, apart from payments."""

from __future__ import annotations

from pathlib import Path

import pytest

from commissioning.evidence.intake import take_in

SOURCE = '[[source]]\nfiles = "*"\narea = "E07000223"\npublisher = "Example District Council"\npublic = true\n'
LISTS = {
    "the Code's own words": (
        "Date awarded,Time period,Department,Beneficiary,Charity or company registration number,Summary of purpose,Grant amount (£)\n"
        '05/05/2023,1 year,Communities,Ashdown Friends,1123456,Lunch club,"1,250.00"\n'
        "06/06/2023,3 years,Communities,Brook CIC,07654321,Advice,2500\n"
    ),
    "a year and a title": (
        "Grants to voluntary and community organisations 2023-24,,,,\nFinancial Year,Organisation,Purpose,Charity Number,Amount\n"
        "2023/24,Ashdown Friends,Lunch club,1123456,£1250.00\n2023/24,Brook CIC,Advice,,£2500.00\nTotal,,,,£3750.00\n"
    ),
    "recipients and awards": (
        "Recipient,Award Date,Amount Awarded,Grant Programme,Charity Number\n"
        "Ashdown Friends,2023-05-05,1250,Small grants,1123456\nBrook CIC,2023-06-06,2500,Small grants,\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", LISTS.values(), ids=list(LISTS))
def test_a_list_of_grants_gives_agreements(text: str, tmp_path: Path) -> None:
    (tmp_path / "grants.csv").write_text(text, encoding="utf-8")
    (tmp_path / "sources.toml").write_text(SOURCE, encoding="utf-8")
    intake = take_in(tmp_path)
    (record,) = intake.files
    assert (record.status, record.table) == ("accepted", "grants"), record.reason
    assert (record.loaded.rows_accepted, record.loaded.pence_accepted) == (2, 375_000)
    frame = intake.tables["grants"]
    assert list(frame["recipient"]) == ["Ashdown Friends", "Brook CIC"] and set(frame["year"]) == {"2023-24"}
    assert frame["recipient_id"].iloc[0] == "GB-CHC-1123456" and frame["grant_id"].is_unique


def test_payments_to_suppliers_are_never_read_as_grants(tmp_path: Path) -> None:
    text = "Supplier,Payment Date,Amount,Grant Type,Grant Awarded\n" + "Ashdown,05/05/2023,10.00,None,N\n" * 3
    (tmp_path / "spend.csv").write_text(text, encoding="utf-8")
    (tmp_path / "sources.toml").write_text(SOURCE, encoding="utf-8")
    assert take_in(tmp_path).files[0].table == "payments"
