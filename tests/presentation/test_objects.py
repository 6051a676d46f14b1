"""Display objects take what may be shown and nothing else, and say so in a plain sentence."""

from __future__ import annotations

import base64
import csv
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning import charts
from commissioning.errors import NotReleased
from commissioning.presentation import columns, display, drawing, take_away
from commissioning.presentation.answer import Answer, Part, as_line
from commissioning.presentation.chart import Chart
from commissioning.presentation.definition import Definition
from commissioning.presentation.display import KINDS, Context
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Log, Note, Reconciliation
from commissioning.presentation.showable import Computed, EffectSummary, PublicFigures, Text, frame_of
from commissioning.presentation.table import Table

FRAME = pd.DataFrame(
    {"period": ["2013-14", "2014-15"], "value": [2.84, 3.05], "numerator": [28, 31], "denominator": [1000, 1015]}
)
PUBLIC = PublicFigures(frame=FRAME, source="ASCOF", extract="ascof.csv")
WORDS = {
    "title": "Paid work", "alt": "Paid work stands at 3.1% of people in 2014-15.", "caption": "Share in paid work.",
    "source": "ASCOF", "measures": ("learning_disability_paid_work",),
}  # fmt: skip


@pytest.mark.parametrize("bare", [FRAME, FRAME["value"], np.array([1, 2]), [1, 2], {"a": 1}, None, "31", 31])
def test_a_bare_frame_or_array_is_refused(bare):
    for make in (
        lambda: Table(bare, title="T", caption="C", source="S"),
        lambda: Chart.line(bare, **WORDS),
        lambda: Finding("31 people.", "described", "high", bare, "figure-x"),
    ):
        with pytest.raises(NotReleased, match="released figures only"):
            make()


def test_rows_of_persons_are_refused_whatever_wraps_them():
    persons = pd.DataFrame({"person_id": ["p1"], "value": [1]})
    for make in (
        lambda: PublicFigures(frame=persons, source="S"),
        lambda: Text(frame=persons, source="S"),
        lambda: Computed(frame=persons, of=(PUBLIC,), how="h"),
    ):
        with pytest.raises(NotReleased, match="person_id"):
            make()


def test_computed_figures_name_what_they_were_worked_out_from():
    with pytest.raises(NotReleased):
        Computed(frame=FRAME, of=(), how="x")
    with pytest.raises(NotReleased):
        Computed(frame=FRAME, of=(FRAME,), how="x")


def test_a_class_that_only_calls_itself_released_is_refused():
    class Released:
        figures = FRAME

    with pytest.raises(NotReleased):
        frame_of(Released())


def test_a_withheld_effect_holds_no_estimate():
    kept = {
        "measure": "m",
        "period": "2014-15",
        "design": "staggered",
        "estimand": "e",
        "unit": "%",
        "claim": "described",
        "wording": "w",
    }
    EffectSummary(estimate=None, lower=None, upper=None, withheld="the gate on trends did not pass", **kept)
    with pytest.raises(NotReleased, match="withheld"):
        EffectSummary(estimate=4.0, lower=None, upper=None, withheld="gate", **kept)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"alt": ""}, "no alternative text"),
        ({"alt": None}, "no alternative text"),
        ({"alt": "image"}, "filler"),
        ({"alt": "Line chart showing the paid work of people over the years"}, "filler"),
        ({"alt": "Bar plot of the people who had paid work"}, "filler"),
        ({"alt": "An infographic of the people who had paid work"}, "filler"),
        ({"alt": "Untitled picture of people who had paid work"}, "filler"),
        ({"alt": "Lorem ipsum dolor sit amet consectetur adipiscing"}, "filler"),
        ({"alt": "TODO write the alt text of this one"}, "filler"),
        ({"alt": "See the caption above for what it shows"}, "filler"),
        ({"alt": "xxx xxx xxx xxx xxx xxx xxx"}, "filler"),
        ({"alt": "Help and help and help and help"}, "filler"),
        ({"alt": "Share in paid work."}, "repeats the caption"),
        ({"alt": "Paid work chart"}, "repeats the title"),
        ({"alt": "A chart showing paid work"}, "repeats the title"),
        ({"alt": "paid-work.png"}, "file name"),
        ({"alt": "Paid work"}, "title"),
        ({"alt": "Paid work stands at 7.7% of people in 2014-15."}, "7.7"),
        ({"caption": ""}, "no caption"),
        ({"caption": "It proved that work pays."}, "proved"),
        ({"source": ""}, "no source"),
        ({"y": "share"}, "share"),
    ],
)
def test_a_chart_says_then_and_there_what_is_missing(change, says):
    with pytest.raises(ValueError, match=says):
        Chart.line(PUBLIC, **(WORDS | change))


def test_a_declared_bound_may_stand_in_a_caption():
    with pytest.raises(ValueError, match="95"):
        Chart.line(PUBLIC, **(WORDS | {"caption": "With its 95% interval."}))
    assert Chart.line(PUBLIC, **(WORDS | {"caption": "With its 95% interval."}), declared=(95,))


def test_more_than_four_categories_are_refused():
    frame = pd.DataFrame({"period": ["2014-15"] * 5, "value": range(5), "group": list("abcde")})
    with pytest.raises(ValueError, match="more than 4 categories"):
        Chart.line(
            PublicFigures(frame=frame, source="S", extract="a.csv"),
            series="group",
            **(WORDS | {"alt": "Five groups stand side by side here."}),
        )


def test_in_jupyterlab_an_object_shows_html_text_and_its_record():
    bundle = Chart.line(PUBLIC, **WORDS)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", display.MIME}
    record = bundle[display.MIME]
    assert record["kind"] == "chart" and {"id", "data", "numbers"} <= set(record)
    assert json.loads(json.dumps(record)) == record, "a record survives being written to disk"
    assert 'alt="Paid work stands at 3.1% of people in 2014-15."' in bundle["text/html"]


def test_zero_suppressed_unknown_and_not_applicable_are_four_things():
    frame = pd.DataFrame(
        {"group": ["a", "b", "c", "d", "e"], "value": pd.array([0, None, None, None, None], dtype="Float64"),
         "status": ["known", "suppressed", "unknown", "not applicable", "known"], "hidden": [False, False, False, False, True],
         "why_hidden": ["", "", "", "", "fewer than 8 people"]}
    )  # fmt: skip
    rows = columns.payload(frame)["rows"]
    assert [row[1] for row in rows] == [0, "suppressed", "unknown", "not applicable", "hidden: fewer than 8 people"]


def test_a_withheld_estimate_is_said_not_to_be_told_and_a_column_may_have_words_of_its_own():
    nothing = pd.array([None, None, None], dtype="Float64")
    frame = pd.DataFrame(
        {"measure": ["a", "b", "c"], "estimate": nothing, "worth": nothing, "likely": nothing, "status": ["known", "known", "suppressed"],
         "withheld": ["Too few places.", None, "Too few places."]}
    )  # fmt: skip
    asked = [
        "measure",
        "estimate",
        columns.Column(name="worth", label="Worth agreed", missing="not agreed"),
        "withheld",
    ]
    assert columns.payload(frame, asked)["rows"] == [
        ["a", "not told", "not agreed", "Too few places."],
        ["b", "not known", "not agreed", ""],
        ["c", "suppressed", "suppressed", "Too few places."],
    ]


def test_money_is_held_in_pence_and_shown_in_pounds():
    data = columns.payload(pd.DataFrame({"year": ["2014-15"], "spend_pence": pd.array([3412074001], dtype="Int64")}))
    assert data["columns"][1]["label"] == "Spend (£)"
    assert columns.shown(data["rows"][0][1], data["columns"][1]) == "34,120,740.01"
    assert "34120740.01" in columns.to_csv(data)


def test_a_chart_holds_nothing_finer_than_its_table():
    fine = PublicFigures(frame=FRAME.assign(value=[2.8412345, 3.0512345]), source="S", extract="a.csv")
    rough = PublicFigures(frame=FRAME.assign(value=[2.8, 3.1]), source="S", extract="a.csv")
    assert Chart.line(fine, **WORDS).svg() == Chart.line(rough, **WORDS).svg()


DANGEROUS = st.sampled_from("=+-@\t\r").flatmap(lambda first: st.text(max_size=8).map(lambda rest: first + rest))


@settings(deadline=None)  # a busy machine is no fault
@given(DANGEROUS)
def test_no_text_cell_of_a_download_runs_in_a_spreadsheet(cell):
    text = columns.to_csv(columns.payload(pd.DataFrame({"a": [cell], "b": [-3.5]})))
    row = list(csv.reader(io.StringIO(text, newline="")))[1]
    plain_number = re.fullmatch(r"[+-]?\d+(\.\d+)?", row[0])
    assert plain_number or row[0][:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert row[1] == "-3.5", "a negative number stays a number"


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)),
        min_size=1,
        max_size=8,
    )
)
def test_a_download_holds_the_same_numbers_as_the_table(rows):
    data = columns.payload(pd.DataFrame(rows, columns=["value", "name"]))
    link = take_away.line({"id": "n", "kind": "table", "data": data}, Context(), "x")
    raw = base64.b64decode(re.search(r"base64,([^\"]+)", link)[1]).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(raw, newline="")))[1:]
    assert [one[0] for one in read] == [
        columns.shown(row[0], data["columns"][0]).replace(",", "") for row in data["rows"]
    ]


@pytest.mark.parametrize(
    ("sentence", "claim", "says"),
    [
        ("32 people had paid work.", "described", "32"),
        ("31 people had paid work", "described", "full stop"),
        ("31 people had paid work.", "proven", "claim is one of"),
        ("31 people were helped because of the pilot.", "compared", "claims a cause"),
        ("31 is more than before.", "described", "compares"),
        ("31 of our customers had paid work.", "described", "customers"),
    ],
)
def test_a_finding_no_stronger_than_its_evidence(sentence, claim, says):
    with pytest.raises(ValueError, match=says):
        Finding(sentence, claim, "high", PUBLIC, "figure-x")


def answer_of(*found):
    return Answer([Part(lines=tuple(as_line(one, "What changed").record for one in found))])


def test_an_answer_has_one_to_five_lines_and_none_of_them_twice():
    one = [Finding(f"{n} people.", "described", "high", PUBLIC, "figure-x") for n in (28, 31, "1,000", "1,015")]
    assert len(answer_of(*one).lines) == 4
    with pytest.raises(ValueError, match="no line"):
        answer_of()
    with pytest.raises(ValueError, match="at most 5"):
        answer_of(*one, *one)
    with pytest.raises(ValueError, match="stands twice"):
        answer_of(*one[:3], one[0])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"question": " "}, "answers no question"),
        ({"grade": "weak", "because": ""}, "grade has no reason"),
        ({"because": "It is known for 77 in every 28."}, "77"),
        ({"more": ["About 99 people."]}, "99"),
        ({"more": ["This proves it."]}, "proves"),
    ],
)
def test_a_line_is_checked_with_its_reason_and_what_stands_below_it(change, says):
    made = as_line(Finding("28 people.", "described", "high", PUBLIC, "figure-x"), "What changed")
    with pytest.raises(ValueError, match=says):
        Answer([Part(lines=(made.record | change,))])


def test_a_line_leads_to_the_first_of_its_anchors_that_the_page_holds():
    made = as_line(
        Finding("28 people.", "described", "high", PUBLIC, "effects"), "What changed", also=("outcomes", "spend")
    )
    shown = KINDS["answer"].html(Answer([Part(lines=(made.record,))]).record, Context(labels={"outcomes": "Table 1"}))
    assert '<a href="#outcomes">Evidence: Table 1</a>' in shown


def test_what_was_read_is_told_in_round_figures_and_never_the_pounds_of_a_file_with_people():
    row = {"file": "a.csv", "rows": 1200, "used": "nearly all", "pounds": 56000, "money": "spend: pounds a year"}
    assert {"1,200", "nearly all", "£56,000"} <= set(re.findall(r">([^<]+)</td>", Reconciliation([row]).html))
    people = {"file": "The file of reviews", "people": True, "rows": 0, "used": ""}
    assert "fewer than 100" in Reconciliation([people]).html
    with pytest.raises(ValueError, match="its rows are people"):
        Reconciliation([people | {"pounds": 1000}])
    with pytest.raises(ValueError, match="names no file"):
        Reconciliation([])


def test_ratings_are_words_and_shapes_and_never_colour_alone():
    shown = Log([{"assumption": "a", "rating": "red"}], title="Assumptions").html
    assert "Red: could change the answer" in shown and "■" in shown
    with pytest.raises(ValueError, match="red, amber or green"):
        Log([{"assumption": "a", "rating": "pink"}], title="Assumptions")


def test_a_definition_names_its_numerator_denominator_and_extract(demo):
    card = demo.card("pilot_what", "What")
    assert Definition(card, extracts=("a.csv",))
    for broken in ("numerator", "denominator", "title"):
        with pytest.raises(ValueError, match=broken):
            Definition({**card, broken: ""}, extracts=("a.csv",))
    with pytest.raises(ValueError, match="names no extract"):
        Definition(card, extracts=())


def test_a_hidden_count_of_who_was_left_out_is_never_zero(demo):
    left = Text(frame=pd.DataFrame({"why": ["too young"], "rows": ["12"]}), source="intake")
    hidden = Computed(
        frame=pd.DataFrame({"why": ["too young"], "rows": pd.array([None], dtype="Int64")}), of=(left,), how="counts"
    )
    shown = Definition(demo.card("pilot_what", "What"), extracts=("a.csv",), left_out=hidden).html
    assert "hidden or not known" in shown and ">0<" not in shown


def test_an_empty_note_is_refused():
    with pytest.raises(ValueError, match="says nothing"):
        Note("  ")


def test_every_drawing_has_the_same_bytes_twice(demo):
    for chart in demo.all_charts().values():
        first = chart.svg(), chart.svg(True)
        drawing._svg.cache_clear()
        assert first == (chart.svg(), chart.svg(True))
        assert "<script" not in chart.svg() and "date" not in chart.svg().lower()


def test_a_theory_of_change_is_words_in_the_page_and_no_picture(demo):
    made = demo.all_charts()["theory"]
    assert "<img" not in made.html and "<ol" in made.html and "Job coaches meet people where they live" in made.html
    with pytest.raises(ValueError, match="words"):
        made.figure()


def test_a_chart_keeps_its_figure_and_the_figure_its_frame(demo):
    figure = demo.all_charts()["line"].figure()
    assert charts.data_of(figure)["y"] == [row[4] for row in demo.all_charts()["line"].record["data"]["rows"]]


def test_only_a_long_row_head_asks_for_room_on_a_phone():
    made = [Table(PublicFigures(frame=pd.DataFrame({"period": [name], "value": [1]}), source="S"), title="T", caption="C",
                  source="S", measures=("m",)).html for name in ("do", "2011-12", "2011-12 Q1", "Adults with a learning disability")]  # fmt: skip
    assert [re.search(r'<th scope="row"( class="\w+")?>', one)[1] for one in made] == [
        None, ' class="year"', ' class="year"', ' class="head"']  # fmt: skip


def test_a_number_in_a_title_does_not_let_the_same_number_into_the_words_below_it():
    with pytest.raises(ValueError, match="47 in its title.*47 in its caption"):
        Chart.line(PUBLIC, **(WORDS | {"title": "47 people in work", "caption": "It rose by 47 people."}))


def test_only_lines_with_a_result_are_counted_as_checks():
    rows = [
        {"gate": "seal", "went": ""},
        *({"gate": f"g{i}", "went": "passed"} for i in range(60)),
        {"gate": "last", "went": "not passed"},
    ]
    shown = Log(rows, title="Gates", columns={"gate": "Gate", "went": "Result"}, id="gates").html
    assert "60 of these 61 checks passed" in shown and "on paper the 1 that did not pass" in shown
