"""360Giving registers: the same grant in three forms, and every fault of an unsound one named.

Longer than other files: one register in three forms, and each fault of it, share one set of rows.
"""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_kit import lines, only, take, without_number

from commissioning.evidence.published import _threesixtygiving_rules, threesixtygiving
from commissioning.evidence.published._threesixtygiving_rules import day, faults, good_identifier

HEADER = (
    "Identifier,Title,Description,Currency,Amount Awarded,Award Date,Recipient Org:Identifier,Recipient Org:Name,"
    "Funding Org:Identifier,Funding Org:Name,Funding Org:Department"
)


def row(number: int = 1, amount: str = "500.50", date: str = "2019-03-31", recipient: str = "GB-CHC-1146058") -> str:
    return (
        f"360G-test-{number},A grant,For a choir,GBP,{amount},{date},{recipient},The Choir,GB-LAE-TRF,"
        "Trafford Council,Communities"
    )


def grant(**changes: Any) -> dict[str, Any]:
    sound = {
        "id": "360G-test-1", "title": "A grant", "description": "For a choir", "currency": "GBP",
        "amountAwarded": Decimal("500.50"), "awardDate": "2019-03-31",
        "recipientOrganization": [{"id": "GB-CHC-1146058", "name": "The Choir"}],
        "fundingOrganization": [{"id": "GB-LAE-TRF", "name": "Trafford Council", "department": "Communities"}],
    }  # fmt: skip
    sound |= changes
    return {name: value for name, value in sound.items() if value is not None}


def codes(**changes: Any) -> list[tuple[str, str]]:
    return [(fault.column, fault.code) for fault in faults(grant(**changes))]


def package(*grants: Any) -> str:
    return json.dumps({"grants": list(grants)}, default=float)


def test_a_sound_grant_has_no_fault():
    assert codes() == []


def test_one_register_in_two_forms_is_counted_once(tmp_path):
    intake = take(tmp_path, {"a.csv": lines(HEADER, row()), "b.json": package(grant())})
    assert len(intake.tables["grants"]) == 1
    assert [file.counted for file in intake.files] == [1, 0]
    keys = {file.loaded.frame["record_key"].iloc[0] for file in intake.files}
    assert keys == {"360g-test-1|2019-03-31|50050"}


def test_a_flat_register_is_counted_in_rows_and_a_package_in_grants(tmp_path):
    intake = take(tmp_path, {"a.csv": lines(HEADER, row()), "b.json": package(grant(id="360G-test-2"))})
    assert [(file.loaded.unit, file.loaded.rows_in) for file in intake.files] == [("row", 1), ("grant", 1)]


def test_the_year_is_financial_and_the_award_year_is_of_the_calendar(tmp_path):
    frame = take(tmp_path, {"a.csv": lines(HEADER, row(), row(2, date="2019-04-01"))}).tables["grants"]
    assert frame["year"].tolist() == ["2018-19", "2019-20"]
    assert frame["award_year"].tolist() == ["2019", "2019"]
    assert frame["award_date"].iloc[0] == datetime.date(2019, 3, 31)


@pytest.mark.parametrize(
    ("recipient", "charity", "company"),
    [("GB-CHC-1146058", "1146058", None), ("GB-COH-07597525", None, "07597525"), ("360G-x-choir", None, None)],
)
def test_a_number_is_read_from_the_recipients_identifier(tmp_path, recipient, charity, company):
    row_ = take(tmp_path, {"a.csv": lines(HEADER, row(recipient=recipient))}).tables["grants"].iloc[0]
    assert (row_["charity_number"] or None, row_["company_number"] or None) == (charity, company)


def test_a_companys_number_is_read_from_its_own_field_where_the_identifier_names_another_register(tmp_path):
    recipient = [{"id": "GB-CHC-1146058", "name": "X", "companyNumber": "07654321"}]
    made = take(tmp_path, {"b.json": package(grant(recipientOrganization=recipient))}).tables["grants"].iloc[0]
    assert (made["charity_number"], made["company_number"]) == ("1146058", "07654321")


def test_a_grant_over_several_rows_is_one_grant_and_its_money_counts_once(tmp_path):
    header = HEADER + ",Beneficiary Location:Name,Beneficiary Location:Geographic Code"
    intake = take(tmp_path, {"a.csv": lines(header, row() + ",Trafford,E08000009", row() + ",Sale,E05000001")})
    file = only(intake)
    assert (file.loaded.rows_in, len(intake.tables["grants"])) == (2, 1)
    assert file.loaded.pence_in == 50_050
    assert intake.tables["grants"]["area"].tolist() == ["E08000009"]
    assert any("1 row more of a grant" in note for note in file.loaded.notes)


def test_one_identifier_on_two_different_grants_quarantines_both_with_their_money(tmp_path):
    file = only(take(tmp_path, {"a.csv": lines(HEADER, row(), row(amount="40"), row(2))}))
    assert (file.loaded.rows_accepted, file.loaded.rows_quarantined) == (1, 2)
    assert file.loaded.pence_quarantined == 54_050
    assert file.loaded.quarantine["code"].tolist() == ["repeated id", "repeated id"]


def test_an_identifier_twice_in_a_package_is_a_fault(tmp_path):
    file = only(take(tmp_path, {"b.json": package(grant(), grant(amountAwarded=7))}))
    assert file.loaded.rows_quarantined == 2
    (tmp_path / "copy").mkdir()
    copies = only(take(tmp_path / "copy", {"b.json": package(grant(), grant())}))
    assert (copies.loaded.rows_accepted, copies.loaded.rows_quarantined) == (1, 1)


def test_wholly_empty_columns_are_named(tmp_path):
    file = only(take(tmp_path, {"a.csv": lines(HEADER + ",URL,Last modified", row() + ",,")}))
    assert "2 columns wholly empty: URL, Last modified." in file.loaded.notes


def test_a_trailing_total_is_a_control_and_not_a_grant(tmp_path):
    good = take(tmp_path, {"a.csv": lines(HEADER, row(), row(2), "Total,,,,1001,,,,,,")})
    assert (only(good).loaded.rows_not_data, len(good.tables["grants"])) == (1, 2)
    (tmp_path / "bad").mkdir()
    bad = only(take(tmp_path / "bad", {"a.csv": lines(HEADER, row(), "Total,,,,1001,,,,,,")}))
    assert bad.status == "refused"
    assert "£1,001.00" in bad.reason
    assert "£500.50" in bad.reason


def test_title_rows_and_blank_rows_are_declared_not_data(tmp_path):
    file = only(
        take(tmp_path, {"a.csv": lines("Our grants,,,,,,,,,,", HEADER, row(), ",,,,,,,,,,", "End of report,,,,,,,,,,")})
    )
    assert (file.loaded.rows_in, file.loaded.rows_accepted, file.loaded.rows_not_data) == (4, 1, 3)


def test_a_row_with_a_lost_or_stray_comma_is_quarantined(tmp_path):
    file = only(take(tmp_path, {"a.csv": lines(HEADER, row(), row(2) + ",extra", row(3).rpartition(",")[0], row(4))}))
    assert file.loaded.quarantine["code"].tolist() == ["wrong number of fields"] * 2
    assert file.loaded.rows_accepted == 2


def test_two_columns_for_one_field_refuse_the_file(tmp_path):
    file = only(take(tmp_path, {"a.csv": lines(HEADER + ",amount awarded", row() + ",7")}))
    assert (file.status, file.code) == ("refused", "two columns for one")


def test_a_package_without_grants_is_refused(tmp_path):
    assert only(take(tmp_path, {"b.json": package()})).status == "refused"


def test_a_grant_to_an_individual_keeps_its_money_and_loses_the_person(tmp_path):
    person = grant(recipientOrganization=None, recipientIndividual={"id": "360G-test-ind-9", "name": "Zebedee Marker"})
    person |= {"title": "Grant to Zebedee Marker", "description": "So that Zebedee Marker can sing"}
    frame = take(tmp_path, {"b.json": package(person)}).tables["grants"]
    assert frame["amount_awarded_pence"].tolist() == [50_050]
    assert frame["recipient_kind"].tolist() == ["individual"]
    assert "Zebedee" not in frame.to_csv()


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"id": None}, "Identifier", "missing"),
        ({"title": None}, "Title", "missing"),
        ({"title": " "}, "Title", "missing"),
        ({"title": 99000}, "Title", "not text"),
        ({"amountAwarded": None}, "Amount Awarded", "missing"),
        ({"amountAwarded": "tbc"}, "Amount Awarded", "not a number"),
        ({"amountAwarded": "£26,000"}, "Amount Awarded", "not a number"),
        ({"amountAwarded": 10**12}, "Amount Awarded", "implausible"),
        ({"awardDate": "17/11/2015"}, "Award Date", "not a date"),
        ({"awardDate": "2015-02-31"}, "Award Date", "not a date"),
        ({"awardDate": 43194}, "Award Date", "not a date"),
        ({"currency": "GPB"}, "Currency", "not pounds"),
        ({"currency": "EUR"}, "Currency", "not pounds"),
        ({"amountAppliedFor": "tbc"}, "Amount Applied For", "not a number"),
        ({"fundingOrganization": []}, "Funding Org", "missing"),
        ({"fundingOrganization": [{"id": "GB-LAE-TRF"}]}, "Funding Org:Name", "missing"),
        ({"recipientOrganization": None}, "Recipient Org:Identifier", "missing"),
        ({"recipientOrganization": [{"id": "GB-CCH-1", "name": "X"}]}, "Recipient Org:Identifier", "bad identifier"),
        ({"plannedDates": [{"duration": -12}]}, "Planned Dates:Duration (months)", "below zero"),
        ({"plannedDates": {"duration": 12}}, "Planned Dates", "wrong type"),
        ({"plannedDates": [{"startDate": "2020-01-02", "endDate": "2020-01-01"}]}, "Planned Dates:End Date", "dates out of order"),
        ({"description": "lost \ufffd"}, "Description", "lost character"),
        ({"description": "a\x00b"}, "Description", "nul byte"),
        ({"title": "Â£500 for a choir"}, "Title", "decoded twice"),
        ({"title": "#VALUE!"}, "Title", "error value"),
        ({"recipientIndividual": {"id": "360G-a-b", "name": "N"}}, "Recipient Org", "two recipients"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_column_and_holds_the_grant(changes, column, code):
    found = [fault for fault in faults(grant(**changes)) if fault.holds]
    assert (column, code) in [(fault.column, fault.code) for fault in found]


@pytest.mark.parametrize("thing", [None, 7, "grant", []])
def test_what_is_no_object_is_no_grant(thing):
    assert [fault.code for fault in faults(thing)] == ["not a grant"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amountAwarded": 0}, "nothing awarded"),
        ({"recipientOrganization": [{"id": "GB-CHC-1146058", "name": "X", "companyNumber": "7654321"}]}, "odd number"),
    ],
)
def test_a_doubt_is_named_and_does_not_hold_the_grant(changes, code):
    assert [(fault.code, fault.holds) for fault in faults(grant(**changes))] == [(code, False)]


def test_a_funder_named_once_among_many_is_a_doubt(tmp_path):
    slipped = grant(id="360G-test-99", fundingOrganization=[{"id": "GB-LAE-TRG", "name": "Trafford Council"}])
    file = only(take(tmp_path, {"b.json": package(*(grant(id=f"360G-test-{n}") for n in range(9)), slipped)}))
    assert file.loaded.rows_quarantined == 0
    assert "1 accepted grant with a doubt: funder named once." in file.loaded.notes


@pytest.mark.parametrize(("fellows", "named"), [(9, True), (8, True), (7, True), (4, True), (3, False), (1, False)])
def test_a_funder_is_a_slip_only_where_four_of_five_grants_name_another(tmp_path, fellows, named):
    slipped = grant(id="360G-test-99", fundingOrganization=[{"id": "GB-LAE-TRG", "name": "Trafford Council"}])
    file = only(take(tmp_path, {"b.json": package(*(grant(id=f"360G-test-{n}") for n in range(fellows)), slipped)}))
    assert any("funder named once" in note for note in file.loaded.notes) == named


@pytest.mark.parametrize("programme", [{"title": "Arts"}, {"code": "A1"}, {"title": "", "code": "A1"}, {}])
def test_a_programme_is_its_title_else_its_code_else_unknown(tmp_path, programme):
    file = only(take(tmp_path, {"b.json": package(grant(grantProgramme=[programme]))}))
    assert file.loaded.frame["programme"].tolist() == [programme.get("title") or programme.get("code") or "unknown"]


@pytest.mark.parametrize(
    "line", ["End of report", "*Notes: none", ": Source: a council", "Printed on Monday,page 1", "Notes,a,b"]
)
def test_a_line_at_the_foot_of_a_register_is_no_grant(tmp_path, line):
    only(take(tmp_path, {"a.csv": lines(HEADER, row(), row(2), line + "," * (HEADER.count(",") - line.count(",")))}))


@pytest.mark.parametrize(
    "identifier", ["GB-CHC-1146058", "GB-COH-07597525", "GB-SC-SC027577", "GB-LAE-TRF", "360G-a-b", "US-EIN-12-34"]
)
def test_identifiers_of_known_registers_are_good(identifier):
    assert good_identifier(identifier)


@pytest.mark.parametrize(
    "identifier", ["GB-CHC-11319", "GB-CHC-CN1131900", "GB-CR-1", "360G-cloudsley", "1146058", "GB-CHC-12345678"]
)
def test_identifiers_of_no_register_or_of_a_wrong_shape_are_bad(identifier):
    assert not good_identifier(identifier)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("2019-03-31", datetime.date(2019, 3, 31)),
        ("2019-03-31T23:30:00Z", datetime.date(2019, 4, 1)),  # past midnight in London in summer
        ("2019-01-31T23:30:00+00:00", datetime.date(2019, 1, 31)),
        ("2019-02-30", None),
        ("2019", None),
        (43194, None),
    ],
)
def test_a_day_is_a_day_in_london(found, expected):
    assert day(found) == expected


def test_a_workbook_keeps_dates_and_numbers_as_they_are_typed(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Readme"
    sheet = book.create_sheet("Grants")
    sheet.append(HEADER.split(","))
    sheet.append([*row().split(",")[:4], 500.5, datetime.datetime(2019, 3, 31), *row().split(",")[6:]])
    sheet.append([*row(2).split(",")[:4], "500", datetime.datetime(2019, 3, 31), *row().split(",")[6:]])
    sheet.append([*row(3).split(",")[:4], "18k", 43194, *row().split(",")[6:]])
    book.save(tmp_path / "grants.xlsx")
    file = only(take(tmp_path, {}))
    assert file.loaded.frame["amount_awarded_pence"].tolist() == [50_050, 50_000]
    assert file.loaded.quarantine[["where", "code"]].to_numpy().tolist() == [
        ["Grants!4", "not a number"], ["Grants!4", "not a date"],
    ]  # fmt: skip
    assert any("Readme" in note for note in file.loaded.notes)


def test_other_rows_are_no_register():
    with pytest.raises(ValueError, match="not a 360Giving register"):
        threesixtygiving.parse_flat({"": [("1", ["a", "b"])]})


def test_parts_of_a_penny_are_rounded_half_to_even_and_reported(tmp_path):
    file = only(take(tmp_path, {"a.csv": lines(HEADER, row(amount="0.125"), row(2, amount="0.135"))}))
    assert file.loaded.frame["amount_awarded_pence"].tolist() == [12, 14]
    assert file.loaded.rounding_residue_pence == 0.0


def test_rows_whose_header_lacks_every_organisation_are_refused_and_not_guessed(tmp_path):
    header = ["Identifier", "Title", "Description", "Currency", "Amount Awarded", "Award Date"]
    cells = ["360G-test-1", "A grant", "For a choir", "GBP", "500", "2019-03-31"]
    book = openpyxl.Workbook()
    book.active.append(header)
    book.active.append(cells)
    book.save(tmp_path / "c.xlsx")
    objects = json.dumps([dict(zip(header, cells, strict=True))])
    intake = take(tmp_path, {"a.csv": lines(",".join(header), ",".join(cells)), "b.json": objects})
    assert [file.status for file in intake.files] == ["refused"] * 3
    assert [file.code for file in intake.files] == ["missing column", "not a table", "missing column"]


def test_text_in_the_charity_number_stays_as_given(tmp_path):
    header = HEADER + ",Recipient Org:Charity Number,Recipient Ind:Name,Colour:Hue"
    file = only(take(tmp_path, {"a.csv": lines(header, row() + ",1000147,,red")}))
    assert file.loaded.frame["charity_number"].tolist() == ["1000147"]
    assert "Columns outside the standard, not read: Colour:Hue." in file.loaded.notes


def test_a_flat_grant_to_an_individual_loses_the_person_too(tmp_path):
    header = HEADER.replace("Recipient Org", "Recipient Ind")
    frame = take(tmp_path, {"a.csv": lines(header, row(recipient="360G-test-ind-1"))}).tables["grants"]
    assert frame["recipient"].tolist() == ["an individual"]
    assert "Choir" not in frame["purpose"].iloc[0]


def test_a_continuing_row_may_fill_what_the_first_left_blank(tmp_path):
    header = HEADER + ",URL"
    frame = take(tmp_path, {"a.csv": lines(header, row() + ",", row() + ",https://example.org")}).tables["grants"]
    assert frame["source_row"].tolist() == ["2,3"]


def test_a_fault_of_nearly_all_grants_is_named_once_for_the_file(tmp_path):
    nameless = [{"id": "GB-LAE-TRF"}]
    grants = [grant(id=f"360G-test-{n}", fundingOrganization=nameless) for n in range(3)]
    file = only(take(tmp_path, {"b.json": package(*grants, "no object")}))
    assert file.loaded.rows_quarantined == 4
    (tmp_path / "all").mkdir()
    file = only(take(tmp_path / "all", {"b.json": package(*grants)}))
    assert "Funding Org:Name is missing in 3 of 3 grants: none of them meets the standard." in file.loaded.notes


def test_every_fault_of_a_grant_over_several_rows_is_named_and_each_row_counts_once(tmp_path):
    bad = row(amount="tbc", recipient="GB-CCH-1")
    file = only(take(tmp_path, {"a.csv": lines(HEADER, bad, bad)}))
    assert file.loaded.rows_quarantined == 2
    found = list(zip(file.loaded.quarantine["where"], file.loaded.quarantine["code"], strict=True))
    assert sorted(found) == [("2", "bad identifier"), ("2", "not a number"), ("3", "not a number")]


def test_a_workbook_types_are_those_of_the_standard(tmp_path):
    header = [*HEADER.split(","), "Recipient Org:Charity Number", "Last modified", "Planned Dates:Duration (months)"]
    book = openpyxl.Workbook()
    book.active.append(header)
    start = [*row().split(",")[:4], 500, datetime.date(2019, 3, 31), *row().split(",")[6:]]
    book.active.append([*start, 1000147, datetime.datetime(2020, 1, 1), 12])
    book.active.append([*row(2).split(",")[:4], "=1+1", *start[5:]])
    book.save(tmp_path / "grants.xlsx")
    file = only(take(tmp_path, {}))
    assert file.loaded.frame[["charity_number", "months"]].iloc[0].tolist() == ["1000147", 12]
    assert set(file.loaded.quarantine["where"]) == {"Sheet!3"}  # a formula whose value was never stored
    assert "not a number" in set(file.loaded.quarantine["code"])


def test_grants_and_recipients_without_a_number_are_counted(tmp_path):
    rows = [row(1, recipient="360G-x-a"), row(2, recipient="360G-x-a"), row(3, recipient="360G-x-b"), row(4)]
    frame = take(tmp_path, {"a.csv": lines(HEADER, *rows)}).tables["grants"]
    assert without_number(frame) == (3, 2)


@pytest.mark.parametrize("loaded_already", [True, False])
def test_the_rules_are_the_same_however_jsonschema_was_imported(monkeypatch, loaded_already):
    import sys
    import types

    if loaded_already:
        monkeypatch.setitem(sys.modules, "rfc3987_syntax", types.ModuleType("rfc3987_syntax"))
    else:
        monkeypatch.delitem(sys.modules, "rfc3987_syntax", raising=False)
    before = sys.modules.get("rfc3987_syntax")
    assert not _threesixtygiving_rules._validator.__wrapped__().is_valid({})
    assert sys.modules.get("rfc3987_syntax") is before


AMOUNTS = st.one_of(
    st.decimals(min_value=-(10**6), max_value=10**9, places=2).map(str),
    st.sampled_from(["", "tbc", "£26,000", "1e5", "NaN", "0", "-0.01", "9" * 40]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), AMOUNTS), min_size=1, max_size=8))
def test_whatever_the_amounts_every_row_and_penny_is_accounted_for(rows):
    header = ("1", HEADER.split(","))
    cells = [(str(at), row(number).split(",")) for at, (number, _) in enumerate(rows, 2)]
    for (_, amount), (_, line) in zip(rows, cells, strict=True):
        line[4] = amount
    parsed = threesixtygiving.parse_flat({"": [header, *cells]})
    assert parsed.rows_in == len(rows) == parsed.rows_accepted + parsed.rows_quarantined
    assert parsed.pence_accepted == parsed.frame["amount_awarded_pence"].sum()
    assert set(parsed.quarantine["where"]) | set(",".join(parsed.frame["source_row"]).split(",")) - {""} == {
        where for where, _ in cells
    }


def test_a_register_whose_every_row_has_one_field_more_or_less_is_refused(tmp_path):
    for change in (lambda one: one + ",x", lambda one: one.rpartition(",")[0]):
        intake = take(tmp_path, {"a.csv": lines(HEADER, *(change(row(n)) for n in range(4)))})
        assert only(intake).status == "refused"
        assert "4 of 4 rows have another number of cells than the header's 11" in only(intake).reason


def test_one_shifted_row_among_three_is_set_aside_alone(tmp_path):
    file = only(take(tmp_path, {"a.csv": lines(HEADER, row(1), row(2), row(3) + ",x")}))
    assert (file.loaded.rows_accepted, file.loaded.rows_quarantined) == (2, 1)


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_register_decoded_twice_in_over_one_percent_of_its_grants_is_refused(tmp_path, name):
    def text(spoilt: int) -> str:
        titles = ["CafÃ©" if n < spoilt else "A grant" for n in range(150)]
        if name == "a.csv":
            return lines(HEADER, *(row(n).replace("A grant", title) for n, title in enumerate(titles)))
        return package(*(grant(id=f"360G-test-{n}", title=title) for n, title in enumerate(titles)))

    one = only(take(tmp_path, {name: text(1)}))
    assert (one.loaded.rows_accepted, one.loaded.rows_quarantined) == (149, 1)
    refused = only(take(tmp_path, {name: text(2)}))
    assert refused.status == "refused" and "2 of 150 grants has been decoded twice" in refused.reason


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"fromOpenCall": "Y"}, "From an open call?"),
        ({"url": 7}, "URL"),
        ({"beneficiaryLocation": [{"name": "Wirral", "latitude": "53.4 N"}]}, "Beneficiary Location:Latitude"),
        ({"recipientOrganization": [{"id": "GB-CHC-1", "name": "X", "postalCode": 7}]}, "Recipient Org:Postal Code"),
    ],
)
def test_a_field_that_is_not_kept_and_not_understood_is_left_unknown_and_the_grant_stays(changes, column):
    found = [fault for fault in faults(grant(**changes)) if fault.column == column]
    assert found
    assert not [fault for fault in found if fault.holds]


def test_the_file_says_how_many_grants_have_a_field_left_unknown_and_which(tmp_path):
    file = only(
        take(tmp_path, {"a.json": package(grant(fromOpenCall="Y"), grant(id="360G-test-2", fromOpenCall="Yes"))})
    )
    assert (file.loaded.rows_accepted, file.loaded.rows_quarantined) == (2, 0)
    assert (
        "1 accepted grant with a doubt: “From an open call?” is not one of the words, so it is left unknown."
        in file.loaded.notes
    )
    (fault,) = [one for one in faults(grant(fromOpenCall="Y")) if one.column == "From an open call?"]
    assert "must be Yes or No, in full" in fault.reason and "Ask the publisher" in fault.reason


def test_a_total_row_is_held_however_its_figure_is_written_and_refused_where_it_cannot_be_read(tmp_path):
    def status(figure: str) -> tuple[str, str]:
        file = only(take(tmp_path, {"a.csv": lines(HEADER, row(1), row(2), f'Total,,,,"{figure}",,,,,,')}))
        return file.status, file.code

    assert status("£1,001.00") == ("accepted", "") and status("1001") == ("accepted", "")
    assert status("£1,002.00") == ("refused", "total differs")
    assert status("see above") == ("refused", "total not readable")


ODD: dict[str, dict[str, str]] = {
    "amount": {
        one: one for one in ("1E5", "1e5", "£500", "500.005", "-500", "0", "5OO", "1.234,56", "1 000", "", "9" * 20)
    },
    "date": {one: one for one in ("31/03/2019", "2019-02-30", "2019-03-31T23:30:00Z", "March 2019", "43555", "")},
    "recipient": {
        one: one for one in ("GB-CHC-114605", "GB-COH-1146058", "GB-COH-01146058", "gb-chc-1146058", "360G-x", "The Choir", "")
    },
}  # fmt: skip


@pytest.mark.parametrize(("field", "cell"), [(field, cell) for field, cells in ODD.items() for cell in cells])
def test_an_odd_cell_of_a_flat_register_is_read_or_named(tmp_path, field, cell):
    """A sound grant beside it is never lost."""
    file = only(take(tmp_path, {"a.csv": lines(HEADER, row(), row(2, **{field: cell}), row(3))}))
    assert file.loaded is None or len(file.loaded.frame) >= 2


@pytest.mark.parametrize("area", [None, "E08000009"])
@pytest.mark.parametrize("form", ["a.json", "a.csv"])
def test_a_register_belongs_to_the_area_that_sources_names(tmp_path, form, area):
    (tmp_path / "sources.toml").write_text('[[source]]\nfiles = "a.*"\narea = "E08000009"\npublisher = "T"\n')
    intake = take(tmp_path, {form: package(grant()) if form == "a.json" else lines(HEADER, row())}, area=area)
    assert intake.tables["grants"]["area"].tolist() == ["E08000009"]


def test_an_award_that_has_not_come_is_set_aside(tmp_path):
    ahead = package(grant(), grant(id="360G-test-2", awardDate="2019-04-01"))
    file = only(take(tmp_path, {"a.json": ahead}, today=datetime.date(2019, 3, 31)))
    assert file.loaded.quarantine[["where", "code"]].to_numpy().tolist() == [["grants[1]", "not come yet"]]


def test_packages_one_a_line_are_one_register(tmp_path):
    text = lines(package(grant()), package(grant(id="360G-test-2"), grant(id="360G-test-3")))
    file = only(take(tmp_path, {"a.jsonl": text}))
    assert (file.status, file.loaded.rows_accepted, file.loaded.pence_in) == ("accepted", 3, 3 * 500_50)
