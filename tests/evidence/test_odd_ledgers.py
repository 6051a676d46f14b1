"""Small ledgers that are odd in one way each: each is taken, set aside, or refused."""

from __future__ import annotations

import pytest
from evidence_kit import OWN, PACKAGES, TRAFFORD, check, csv, package, pay

from commissioning.evidence import load
from commissioning.evidence.intake import take_in

# Totals: five rows of £10.00 each are £50.00.
TOTALS = {
    "right": "Total,,,50.00",
    "right to the penny by rounding": "Total,,,50.004",
    "a penny out": "Total,,,50.01",
    "in thousands, exactly": "Total,,,0.05",
    "in thousands, nearly (995)": "Total,,,0.0502512",
    "in thousands, not nearly (994)": "Total,,,0.0503",
    "a thousand times too large": "Total,,,50000",
    "1,005 times too large": "Total,,,50250",
    "1,006 times too large": "Total,,,50300",
    "995 times too large": "Total,,,49750",
    "994 times too large": "Total,,,49700",
    "nothing": "Total,,,0.00",
    "of the other sign": "Total,,,-50.00",
    "not a number": "Total,,,fifty",
    "left out": "Total,,,",
    "in a row that is short": "Total,50.00",
    "in a row that is long": "Total,,,50.00,,",
    "alone in its row": "50.00",
    "with its label second": ",Total,,50.00",
    "with its label third": ",,Total,50.00",
    "with a count beside it": "Total,5,,50.00",
    "twice": "Total,,,50.00\nTotal,,,50.00",
    "of parts, then of all": "Sub-total,,,50.00\nGrand total,,,50.00",
    "of all but one": "Total,,,40.00\nSupplier 9,Adults,13/04/2024,10.00\nGrand Total,,,60.00",
    "for the Adults department": "Total for Adults,,,50.00",
    "carried forward": "Balance carried forward,,,50.00",
    "in a row with a date": "Total,,13/04/2024,50.00",
    "in a row that is whole": "Total,Adults,13/04/2024,50.00",
    "followed by a note": "Total,,,50.00\nPrepared by Finance,,,",
    "after a blank line": "\nTotal,,,50.00",
    "with an average": "Total,,,50.00\nAverage,,,10.00",
}


@pytest.mark.parametrize("oddity", TOTALS)
def test_a_total_that_is_odd_is_checked_refused_or_no_total(tmp_path, oddity):
    entry = check(tmp_path, csv(OWN, [*pay(5), TOTALS[oddity]]))
    assert entry["status"] == "refused" or entry["pence_accepted"] + entry["pence_quarantined"] >= 5000


ROWS = {
    "a cell short": "A,Adults,13/04/2024",
    "a cell long": "A,Adults,13/04/2024,1.00,",
    "two cells long": "A,Adults,13/04/2024,1.00,x,y",
    "all blank but the amount": ",,,1.00",
    "blank but for spaces": " , , , ",
    "the header again": OWN,
    "the header in capitals": OWN.upper(),
    "part of the header": "payee,department,,",
    "a comment": "# printed on Monday,,,",
    "a page number": "Page 1 of 2,,,",
    "a line of hyphens": "-----,-----,-----,-----",
    "a field over two lines": '"A\nLimited",Adults,13/04/2024,1.00',
    "an address over three lines with commas": '"A\n1, High Street\nTown",Adults,13/04/2024,1.00',
    "two rows eaten by a quote": '"A,Adults,13/04/2024,1.00\nB,Adults,13/04/2024,1.00\nC",Adults,13/04/2024,1.00',
    "a line inside with one comma fewer than a row": '"A\nB,C,D\nE",Adults,13/04/2024,1.00',
    "a quote in the middle": 'A "the best" Ltd,Adults,13/04/2024,1.00',
    "a doubled quote": '"A ""the best"" Ltd",Adults,13/04/2024,1.00',
    "a quote never closed": '"A,Adults,13/04/2024,1.00',
    "a tab inside": "A\tB,Adults,13/04/2024,1.00",
    "a zero byte": "A\0B,Adults,13/04/2024,1.00",
    "a lone carriage return": "A\rB,Adults,13/04/2024,1.00",
    "a form feed": "A\fB,Adults,13/04/2024,1.00",
    "a line separator": "A\u2028B,Adults,13/04/2024,1.00",
    "a mark of byte order inside": "\ufeffA,Adults,13/04/2024,1.00",
    "a payee that is a number": "12345,Adults,13/04/2024,1.00",
    "a payee of one letter, an amount of nothing": "A,Adults,13/04/2024,0",
    "an amount in another currency": "A,Adults,13/04/2024,€1.00",
    "semicolons": "A;Adults;13/04/2024;1.00",
    "ctrl-z": "A,Adults,13/04/2024,1.00\x1a",
}


@pytest.mark.parametrize("oddity", ROWS)
def test_a_row_that_is_odd_is_taken_set_aside_or_its_file_refused(tmp_path, oddity):
    check(tmp_path, csv(OWN, [*pay(2), ROWS[oddity], *pay(2, amount="2.00")]))


@pytest.mark.parametrize("spilled", [False, True], ids=["held", "spilled"])
@pytest.mark.parametrize("oddity", ROWS)
def test_a_row_among_hundreds_is_judged_as_it_is_among_few(tmp_path, monkeypatch, oddity, spilled):
    """Many rows are read by columns, and a large file is set down on disk on the way: neither changes a word."""
    few = check(tmp_path / "few", csv(OWN, [*pay(2), ROWS[oddity], *pay(2, amount="2.00")]))
    if spilled:
        monkeypatch.setattr(load, "SPILL_BYTES", 1)
    many = check(tmp_path / "many", csv(OWN, [*pay(300), ROWS[oddity], *pay(300, amount="2.00")]))
    assert (many["status"], many.get("code")) == (few["status"], few.get("code"))
    assert many.get("quarantine_codes") == few.get("quarantine_codes")
    assert many["rows_quarantined"] == few["rows_quarantined"]


HEADERS = {
    "in another order": ("amount,payee,paid_on,department", "1.00,A,13/04/2024,Adults"),
    "in capitals with spaces": (" PAYEE , Department , Paid on , AMOUNT ", "A,Adults,13/04/2024,1.00"),
    "with a column more": (f"{OWN},note", "A,Adults,13/04/2024,1.00,urgent"),
    "with a column twice": (f"{OWN},amount", "A,Adults,13/04/2024,1.00,2.00"),
    "with a blank column": (f"{OWN},", "A,Adults,13/04/2024,1.00,"),
    "without one": ("payee,department,amount", "A,Adults,1.00"),
    "misspelt": ("payee,departmnt,paid_on,amount", "A,Adults,13/04/2024,1.00"),
    "in pounds": ("payee,department,paid_on,amount (£)", "A,Adults,13/04/2024,1.00"),
    "in thousands": ("payee,department,paid_on,amount (£000)", "A,Adults,13/04/2024,1.00"),
    "in pence": ("payee,department,paid_on,amount (pence)", "A,Adults,13/04/2024,100"),
    "in millions": ("payee,department,paid_on,amount (£m)", "A,Adults,13/04/2024,1.5"),
    "under a title": ("Payments over £500,,,\nApril 2024,,,\n\n" + OWN, "A,Adults,13/04/2024,1.00"),
    "in quotes": ('"payee","department","paid_on","amount"', '"A","Adults","13/04/2024","1.00"'),
    "in single quotes": ("'payee','department','paid_on','amount'", "A,Adults,13/04/2024,1.00"),
    "over two lines": ('"payee","depart\nment","paid on","amount"', "A,Adults,13/04/2024,1.00"),
    "after a line that names the separator": (f"sep=;\n{OWN.replace(',', ';')}", "A;Adults;13/04/2024;1.00"),
    "with tabs": (OWN.replace(",", "\t"), "A\tAdults\t13/04/2024\t1.00"),
    "with bars": (OWN.replace(",", "|"), "A|Adults|13/04/2024|1.00"),
    "without rows": (OWN, ""),
    "of another council's ledger": (TRAFFORD, "2024-04-13,Adults,A,2024-04-13,T1,1.00,Care,x"),
    "of no ledger": ("name,colour", "A,red"),
    "of numbers": ("1,2,3,4", "A,Adults,13/04/2024,1.00"),
}


@pytest.mark.parametrize("oddity", HEADERS)
def test_a_header_that_is_odd_is_found_or_its_file_refused(tmp_path, oddity):
    header, row = HEADERS[oddity]
    check(tmp_path, csv(header, [row] * 3))


PEOPLE = {
    "an id that lost its zeros": {"person_id": "1"},
    "an id in scientific notation": {"person_id": "1.23E+10"},
    "an id with a hidden space": {"person_id": "P\u200b00009"},
    "a period that is no quarter": {"period": "Spring 2014"},
    "a quarter of another spelling": {"period": "Q1 2014/15"},
    "a band that is misspelt": {"needs_band": "hgih"},
    "a setting unknown to the contract": {"setting": "moon"},
    "more weeks than a quarter has": {"weeks": "53"},
    "weeks and a half": {"weeks": "6.5"},
    "a cost below nothing": {"weekly_cost": "-1.00"},
    "a cost that is not known": {"weekly_cost": "n/k"},
    "a funder left blank": {"funder": ""},
    "a formula": {"provider": "=HYPERLINK(1)"},
    "markup": {"provider": "<script>alert(1)</script>"},
    "a provider of 400 letters": {"provider": "P" * 400},
}


@pytest.mark.parametrize("oddity", PEOPLE)
def test_a_package_that_is_odd_is_taken_or_set_aside_without_a_word_of_it(tmp_path, oddity):
    rows = [package(i) for i in range(3)]
    entry = check(tmp_path, csv(PACKAGES, [*rows, package(7, **PEOPLE[oddity]), package(8)]))
    words = " ".join(item["reason"] for item in entry.get("quarantine", []))
    assert not any(cell in words for cell in PEOPLE[oddity].values() if len(cell) > 4)


LAST = {"tax": "TAX", "stars": "***"}


@pytest.mark.parametrize("last", LAST)
def test_the_last_cell_of_a_row_keeps_its_letters(tmp_path, last):
    row = f"2024-04-13,Adults,A,2024-04-13,T1,1.00,Care,{LAST[last]}"
    (tmp_path / "pay.csv").write_text(csv(TRAFFORD, [row, row]), newline="")
    frame = take_in(tmp_path).tables["payments"]
    assert set(frame["category"] if "category" in frame else frame.iloc[:, -1].astype(str))


def test_a_table_that_was_set_down_on_disk_is_not_looked_at_and_the_next_one_is(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "SPILL_BYTES", 1)
    rows = [package(i, period=f"2014-15 Q{q}") for i in range(40) for q in (1, 2)]
    (tmp_path / "a_packages.csv").write_text(csv(PACKAGES, rows))
    (tmp_path / "b_pay.csv").write_text(csv(OWN, pay(40)))
    taken = take_in(tmp_path, area="E08000015")
    assert set(taken.tables) <= {"packages", "payments"}
