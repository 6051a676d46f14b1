"""Where the header is, what it means, and whose file it is: `find`, `bind`, `joined`, `match` and `complete`."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning.evidence import header, load, recognise
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.loaded import Preview, Refused, Source

COLUMNS = (
    Column(name="ward", holds="text", says="the ward", aliases=("electoral ward",)),
    Column(name="people_all", holds="int", header="People All", says="how many"),
    Column(name="cost_pence", holds="money", says="pounds", required=False),
)
PLAIN = Contract(table="t", title="a made-up table", version="1", columns=COLUMNS)
TWO_ROWS = Contract(table="t", title="a made-up table", version="1", columns=COLUMNS, header_rows=2)


def preview(*rows, **more):
    return Preview(kind="csv", sheets={",": tuple(rows)}, **more)


# -- bind ---------------------------------------------------------------------------------------------------


def test_the_header_is_the_row_that_holds_most_of_the_contracts_names():
    bound = header.bind(PLAIN, [["Ward report"], ["ward"], ["Cost £000", "x", "WARD ", "people_all"]], "f.csv")
    assert (bound.row, bound.width) == (2, 4)
    assert bound.positions == {"cost_pence": 0, "ward": 2, "people_all": 3}
    assert bound.multipliers["cost_pence"] == 1000 and bound.multipliers["ward"] is None
    assert bound.heading("ward") == "WARD" and bound.heading("nothing") == "nothing"
    assert bound.extra == ("x",) and "columns not in the contract, left out: x" in bound.notes


def test_an_alias_a_hidden_character_and_a_nameless_column_are_each_said():
    bound = header.bind(PLAIN, [["Electoral\u200b Ward", "People All", "", " "]], "f.csv")
    assert any("hidden characters were removed from the header “Electoral Ward”" in n for n in bound.notes)
    assert "“Electoral Ward” was read as ward" in bound.notes
    assert "2 columns without a header, left out" in bound.notes


def test_a_header_below_the_rows_that_are_searched_is_not_found():
    rows = [["title"]] * PLAIN.header_search_rows + [["ward", "People All"]]
    with pytest.raises(Refused, match="has no column"):
        header.bind(PLAIN, rows, "f.csv")


def test_two_columns_for_one_name_are_refused_by_both_their_words():
    with pytest.raises(Refused, match="two columns for ward: “ward” and “Electoral Ward”"):
        header.bind(PLAIN, [["ward", "Electoral Ward", "People All"]], "f.csv")


def test_a_missing_column_is_named_with_the_nearest_and_where_it_was_sought():
    with pytest.raises(Refused) as refused:
        header.bind(PLAIN, [["ward", "Peopel All"]], "f.csv", "sheet “A” row")
    assert "People All (nearest here: “Peopel All”)" in refused.value.reason
    assert "found at sheet “A” row 1: ward, Peopel All" in refused.value.reason
    assert (refused.value.code, refused.value.column) == ("missing column", "People All")


def test_a_file_on_its_side_is_told_to_be_turned():
    with pytest.raises(Refused, match="on its side") as refused:
        header.bind(PLAIN, [["ward", "A", "B"], ["People All", "1", "2"], ["cost", "3", "4"]], "f.csv")
    assert refused.value.code == "transposed"


# -- two-row headers ------------------------------------------------------------------------------------------


def test_a_header_of_two_rows_is_joined_only_where_the_contract_declares_it():
    rows = [["", "People"], ["ward", "All"], ["A", "1"]]
    bound = header.bind(TWO_ROWS, rows, "f.csv")
    assert (bound.row, bound.positions) == (1, {"ward": 0, "people_all": 1})
    with pytest.raises(Refused, match="header of two rows or merged cells at line 1"):
        header.bind(PLAIN, rows, "f.csv")


def test_a_declared_two_row_header_may_still_come_in_one():
    assert header.bind(TWO_ROWS, [["ward", "People All"], ["A", "1"]], "f.csv").row == 0
    assert header.bind(TWO_ROWS, [["ward", "People All"]], "f.csv").row == 0


def test_a_merged_first_row_is_carried_to_the_right_and_the_shorter_row_filled():
    assert header.joined([["a", "", "b"], ["1", "2", "3", "4"]], 0) == ["a 1", "a 2", "b 3", "b 4"]
    assert header.joined([["a", "b"], ["1"]], 0) == ["a 1", "b"]


# -- match ----------------------------------------------------------------------------------------------------


def test_a_file_is_recognised_by_three_fifths_of_the_required_headers_in_any_sheet():
    sheets = {"notes": (("x",),), "data": (("ward", "People All"),)}
    match = recognise.match(PLAIN, Preview(kind="xlsx", sheets=sheets))
    assert match.recognised and match.score == pytest.approx(1.0)
    assert match.says == "a made-up table (2 of its 2 columns are here)"
    assert not recognise.match(PLAIN, preview(("ward", "other"))).recognised
    assert recognise.match(PLAIN, preview()).score == 0


def test_strangers_beside_the_headers_make_a_match_weaker_and_never_stronger():
    scores = [recognise.match(PLAIN, preview(("ward", "People All", *"abcdef"[:n]))).score for n in range(6)]
    assert scores == sorted(scores, reverse=True) and scores[0] > scores[-1] > 0


def test_a_file_on_its_side_and_a_list_of_objects_are_recognised_so_that_they_can_be_judged():
    assert recognise.match(PLAIN, preview(("ward", "A"), ("People All", "1"))).recognised
    match = recognise.match(PLAIN, Preview(kind="json", json=[{"ward": "A"}, {"People All": 1}]))
    assert match.recognised
    for other in ([], [1], {"ward": 1}):
        assert not recognise.match(PLAIN, Preview(kind="json", json=other)).recognised


# -- complete ---------------------------------------------------------------------------------------------------

MANY = Contract(
    table="payments",
    title="made-up payments",
    version="1",
    columns=(
        Column(name="payee", holds="text", says="who"),
        Column(name="area", holds="id", says="whose", required=False),
        Column(name="purpose", holds="text", says="what for", required=False),
        Column(name="hours", holds="number", says="hours", required=False, with_status=True),
        Column(name="paid_on", holds="date", says="when", required=False),
        Column(name="year", holds="year", says="the year", required=False),
    ),
)


def frame(**columns):
    return pd.DataFrame({"payee": ["A", "B"], **columns, "source_row": ["2", "3"]})


def test_what_a_file_leaves_out_is_unknown_and_never_zero():
    made = load.complete(frame(), MANY, Source())
    assert made["purpose"].tolist() == ["unknown", "unknown"]
    assert made["hours"].isna().all() and made["hours_status"].tolist() == ["unknown", "unknown"]
    assert made["area"].isna().all() and made["year"].isna().all()
    assert list(made.columns)[-1] == "source_row"


def test_the_area_of_the_source_fills_only_what_no_column_says():
    assert load.complete(frame(), MANY, Source(area="E08000015"))["area"].tolist() == ["E08000015"] * 2
    said = load.complete(frame(area=["E08000009", None]), MANY, Source(area="E08000015"))
    assert said["area"].tolist() == ["E08000009", "E08000015"]


def test_the_year_comes_from_the_day_paid_where_no_column_says_it():
    days = pd.to_datetime(pd.Series(["2014-03-31", "2014-04-01"]))
    made = load.complete(frame(paid_on=days), MANY, Source())
    assert made["year"].tolist() == ["2013-14", "2014-15"]
    kept = load.complete(frame(paid_on=days, year=["2000-01", "2001-02"]), MANY, Source())
    assert kept["year"].tolist() == ["2000-01", "2001-02"]
    missing = load.complete(frame(paid_on=pd.to_datetime(pd.Series([None, "2014-04-01"]))), MANY, Source())
    assert missing["year"].tolist()[1] == "2014-15" and pd.isna(missing["year"].iloc[0])


def test_a_refused_header_says_its_code_its_row_and_its_column():

    declared = Contract(
        table="t",
        title="a ledger",
        version="1",
        columns=(
            Column(name="payee", holds="text", says="who"),
            Column(name="amount_pence", holds="money", says="pounds", header="Amount"),
        ),
    )
    for rows, code, where, column in (
        ([["title"], ["payee", "Amount", "Payee "]], "two columns for one", "2", "Payee"),
        ([["title"], ["payee", "Amount (€)"]], "not pounds", "2", "Amount (€)"),
        ([["payee", "other"]], "missing column", "1", "Amount"),
    ):
        with pytest.raises(header.Refused) as refusal:
            header.bind(declared, rows, "a.csv")
        found = refusal.value
        assert (found.code, found.where, found.column) == (code, where, column)
    bound = header.bind(declared, [["payee", "Amount £000", "note\u00a0\u200b", "a b"]], "a.csv")
    assert (bound.row, bound.multipliers["amount_pence"], bound.extra) == (0, 1000, ("note", "a b"))
    assert [note for note in bound.notes if "hidden" in note] == [
        "hidden characters were removed from the header “note”"
    ]
    assert header.tidy("a\x07b\u200b  c ") == "ab c"
