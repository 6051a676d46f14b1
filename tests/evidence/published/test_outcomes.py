"""ASCOF as published, its statistical neighbours, and the selections over them."""

from __future__ import annotations

import json

import openpyxl
import pytest
from published_kit import lines, only, published_series, take

from commissioning.evidence.published import neighbours, selections

LONG = "Return.Year,Geographical.Code,Geographical.Description,Geographical.Level,ONS.Area.Code,ASCOF.Measure.Code,Disaggregation.Level,Measure.Type,Measure.Value,Measure.Group"


def figure(
    part: str,
    value: str,
    year: str = "2014-15",
    code: str = "319",
    area: str = "Wirral",
    ons: str = "E08000015",
    level: str = "Council",
) -> str:
    return f"{year},{code},{area},{level},{ons},1E,Total,{part},{value},1E"


WIRRAL = [figure("Numerator", "25"), figure("Denominator", "915"), figure("Outcome", "2.7")]


def indicators(tmp_path, *rows: str, header: str = LONG):
    intake = take(tmp_path, {"ascof.csv": lines(header, *rows)})
    return intake.tables["indicators"], only(intake)


def test_three_rows_of_one_measure_become_one_indicator(tmp_path):
    frame, file = indicators(tmp_path, *WIRRAL)
    row = frame.iloc[0]
    assert (len(frame), file.loaded.rows_in) == (1, 3)
    assert (row["area_code"], row["year"], row["code"], row["disaggregation"]) == (
        "E08000015",
        "2014-15",
        "1E",
        "total",
    )
    assert (row["numerator"], row["denominator"], row["value"]) == (25, 915, 2.7)
    assert row["source_row"] == "2,3,4"


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        ("c", "suppressed"),
        ("[c]", "suppressed"),
        ("", "unknown"),
        (" ", "unknown"),
        ("[x]", "unknown"),
        ("[z]", "not applicable"),
    ],
)
def test_a_mark_is_never_shown_as_zero(tmp_path, mark, status):
    frame, _ = indicators(tmp_path, figure("Numerator", mark), figure("Denominator", "915"))
    assert frame["numerator"].isna().all()
    assert frame["numerator_status"].tolist() == [status]
    assert frame["denominator_status"].tolist() == ["known"]


def test_zero_is_a_known_figure(tmp_path):
    frame, _ = indicators(tmp_path, figure("Numerator", "0"))
    assert (frame.loc[0, "numerator"], frame.loc[0, "numerator_status"]) == (0, "known")


def test_a_part_that_no_row_gives_is_unknown(tmp_path):
    frame, _ = indicators(tmp_path, figure("Numerator", "25"))
    assert frame.loc[0, "margin_of_error_status"] == "unknown"


@pytest.mark.parametrize("words", ["Margin Of Error", "Margin of Error", "margin of error"])
def test_margin_of_error_is_one_thing_however_it_is_written(tmp_path, words):
    frame, _ = indicators(tmp_path, figure(words, "1.2"))
    assert frame.loc[0, "margin_of_error"] == 1.2


def test_headers_with_spaces_are_the_same_as_headers_with_dots(tmp_path):
    frame, _ = indicators(tmp_path, *WIRRAL, header=LONG.replace(".", " "))
    assert len(frame) == 1


@pytest.mark.parametrize("blank", ["", "0"])
def test_a_council_type_has_no_ons_code(tmp_path, blank):
    frame, _ = indicators(
        tmp_path, figure("Outcome", "6.1", code="I", area="Inner London", ons=blank, level="Council Type")
    )
    assert frame["area_code"].isna().all()
    assert frame.loc[0, "area_kind"] == "council type"


def test_one_area_in_two_years_is_two_indicators(tmp_path):
    frame, _ = indicators(tmp_path, *WIRRAL, figure("Numerator", "34", year="2015-16"))
    assert frame["year"].tolist() == ["2014-15", "2015-16"]


def test_text_where_a_figure_should_be_is_quarantined_by_itself(tmp_path):
    frame, file = indicators(tmp_path, *WIRRAL, figure("Base", "many"))
    assert file.loaded.rows_quarantined == 1
    assert file.loaded.quarantine["where"].tolist() == ["5"]
    assert len(frame) == 1


def test_two_figures_for_one_key_are_both_quarantined(tmp_path):
    _, file = indicators(tmp_path, *WIRRAL, figure("Numerator", "26"))
    assert file.loaded.quarantine["where"].tolist() == ["2", "5"]


def workbook(path, *rows) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "in"
    header = [
        "Geographical Code", "Geographical Description", "Geographical Level", "ONS Code", "ASCOF Measure Code",
        "Disaggregation Level", "Measure Type", "Measure Value", "Measure Group", "Measure Group Description",
    ]  # fmt: skip
    for row in (header, *rows):
        sheet.append(row)
    book.save(path)


def test_the_open_data_workbook_takes_its_year_from_its_name(tmp_path):
    wirral = [319, "Wirral", "Council", "E08000015", "1E", "Total"]
    measure = ["1E", "Proportion of adults with learning disabilities in paid employment"]
    workbook(
        tmp_path / "ascof_2021-22.xlsx",
        [*wirral, "Numerator", 31, *measure], [*wirral, "Denominator", 1015, *measure], [*wirral, "Base", "[x]", *measure],
    )  # fmt: skip
    frame = take(tmp_path, {}).tables["indicators"]
    assert (frame.loc[0, "year"], frame.loc[0, "numerator"], frame.loc[0, "cassr_code"]) == ("2021-22", 31, "319")


def test_two_years_in_two_files_are_never_taken_for_two_versions(tmp_path):
    intake = take(
        tmp_path,
        {
            "a.csv": lines(LONG, *WIRRAL),
            "b.csv": lines(LONG, figure("Numerator", "34", year="2015-16")),
        },
    )
    assert [file.status for file in intake.files] == ["accepted", "accepted"]
    assert sorted(intake.tables["indicators"]["year"]) == ["2014-15", "2015-16"]


def test_a_series_is_in_order_of_year_and_of_one_area(tmp_path):
    rows = [figure("Outcome", "3.4", year="2015-16"), *WIRRAL, figure("Outcome", "9", code="106", ons="E08000037")]
    frame, _ = indicators(tmp_path, *rows)
    found = published_series(frame, area="E08000015", code="1E")
    assert found[["year", "value"]].to_numpy().tolist() == [["2014-15", 2.7], ["2015-16", 3.4]]


def near(*entries: str) -> dict[str, object]:
    return {"E08000015": list(entries)}


def test_an_area_is_never_its_own_neighbour():
    parsed = neighbours.parse(near("E06000001", "E08000015", "E06000003"))
    assert parsed.frame["neighbour_code"].tolist() == ["E06000001", "E06000003"]
    assert parsed.frame["rank"].tolist() == [1, 2]
    assert (parsed.rows_in, parsed.rows_not_data) == (3, 1)


def test_a_neighbour_that_stands_twice_counts_once():
    parsed = neighbours.parse(near("E06000003", "E06000003"))
    assert (parsed.rows_accepted, parsed.rows_not_data) == (1, 1)


def test_a_neighbour_that_is_no_ons_code_is_quarantined():
    parsed = neighbours.parse(near("Hartlepool", "E06000003") | {"somewhere": ["E06000001"]})
    assert parsed.quarantine["where"].tolist() == ["E08000015[0]", "somewhere"]
    assert parsed.rows_in == parsed.rows_accepted + parsed.rows_quarantined


def test_lists_in_order_of_code_say_nothing_of_nearness():
    assert any("nothing of nearness" in note for note in neighbours.parse(near("E06000001", "E06000002")).notes)
    assert not any("nothing of nearness" in note for note in neighbours.parse(near("E06000002", "E06000001")).notes)


@pytest.mark.parametrize("document", [None, [], {}, {"a": 1}, {"E08000015": "E06000001"}])
def test_other_json_is_no_list_of_neighbours(document):
    assert not neighbours.looks_like(document)


def test_an_absent_neighbour_is_named_and_never_dropped(tmp_path):
    rows = [*WIRRAL, figure("Outcome", "5", code="102", area="Cumbria", ons="E10000006")]
    rows.append(figure("Outcome", "5", year="2015-16", code="625", area="Bedford", ons="E06000055"))
    intake = take(
        tmp_path,
        {"a.csv": lines(LONG, *rows), "n.json": json.dumps(near("E06000055", "E08000015", "E10000006"))},
    )
    found = selections.comparators(
        intake.tables["indicators"], intake.tables["neighbours"], area="E08000015", code="1E", year="2014-15"
    )
    assert found[["area", "present", "value_status"]].to_numpy().tolist() == [
        ["Bedford", False, "unknown"],
        ["Cumbria", True, "known"],
    ]
