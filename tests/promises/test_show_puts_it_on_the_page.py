"""`cm.show` gives a page its figure and JupyterLab the same, and refuses what nobody can follow to released figures."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import commissioning as cm
from commissioning.errors import NotReleased, UsageError
from commissioning.measures.describe import card_json as card
from commissioning.presentation import exporter, stored
from commissioning.presentation.definition import Definition
from commissioning.presentation.display import MIME, Display
from commissioning.presentation.finding import Finding
from commissioning.presentation.page import PageInfo, SourceFile
from commissioning.presentation.picture import Picture
from commissioning.study import showing
from commissioning.study.opened import Study

GOAL = "learning_disability_own_goal_met"
ALT = "A line that rises from the second year on and ends above the place where it began."


@pytest.fixture(scope="module")
def study() -> Study:
    return cm.open("learning_disability")


@pytest.fixture(scope="module")
def goals(study):
    found = study.outcomes()
    return found[found["measure"].eq(GOAL)]


@pytest.fixture(scope="module")
def drawn(goals):
    """A figure of the analyst's own, drawn with plain matplotlib."""
    pytest.importorskip("commissioning.charts")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3))
    axes = figure.add_subplot()
    axes.plot(goals["period"], goals["value"])
    axes.set_ylabel("% of reviews")
    return figure


def page_of(study: Study, *shown: Display) -> str:
    """The page that an executed notebook with these displays makes, with a card for each measure that they lead to."""
    measures = dict.fromkeys(one for each in shown for one in each.record.get("measures", ()))
    files = [one["file"] for one in study.prepared.files]
    cells = [
        new_markdown_cell("# A report\n\nOf the sample."),
        new_markdown_cell("## Outcomes beside spend\n\nWhat good was done."),
    ]
    cells += [_cell(one) for one in shown]
    cells += [new_markdown_cell("## Definitions\n\nWhat is counted.")] if measures else []
    cells += [_cell(Definition(card(study.measures[one]), extracts=files[:1])) for one in measures]
    info = PageInfo(
        title="A report", pilot="A pilot", stage="Review", period="2015-16", level="Whole council", area="Wirral", run="1", illustrative=True,
        organisation="The council", contact="somebody@example.org", code_version="0", data_fingerprint="0", required=(), file="a-report",
        sources=tuple(SourceFile(name=one, fingerprint="") for one in files),
    )  # fmt: skip
    return exporter.render(nbformat.from_dict(new_notebook(cells=cells)), page=info)


def _cell(shown: Display):
    data = shown._repr_mimebundle_()
    return new_code_cell("cm.show(…)", execution_count=1, outputs=[new_output("display_data", data=data, metadata={})])


def test_a_frame_stands_on_the_page_with_its_caption_source_csv_and_definition(study, goals):
    shown = showing.shown(
        goals, title="The main goal, year by year", alt="How many had met the goal they set, in each year."
    )
    page = page_of(study, shown)
    csv = base64.b64decode(re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', page)[1]).decode("utf-8-sig")
    assert csv.splitlines()[0].startswith("Measure,Period,Value,Lower limit,Upper limit,Number,Out of")
    assert len(csv.splitlines()) == len(goals) + 1
    for text in (
        '<em class="nth">Table 1: </em>The main goal, year by year.',
        "How many had met the goal",
        "Source: Illustrative data",
        f"#definition-{GOAL.replace('_', '-')}",
    ):
        assert text in page
    told = re.sub(r"<[^>]+>", "", page.split('id="definitions"')[0])
    assert GOAL not in told  # no word of the program on a reader's page


def test_a_picture_stands_on_the_page_with_its_words_data_downloads_and_link(study, goals, drawn):
    shown = showing.shown(
        drawn, title="The main goal over the years", alt=ALT, data=goals, caption="Of reviews due with a goal."
    )
    page = page_of(study, shown)
    assert isinstance(shown, Picture) and f'alt="{ALT}"' in page
    for text in (
        "Figure 1: The main goal over the years",
        "Of reviews due with a goal.",
        "Show the data for figure 1 as a table",
        'href="a-report.figure-the-main-goal-over-the-years.svg" aria-label="Figure 1 as SVG"',
        'href="a-report.figure-the-main-goal-over-the-years.png" aria-label="Figure 1 as PNG"',
        'aria-label="Data of figure 1 as CSV"',
        'href="#figure-the-main-goal-over-the-years"',
    ):
        assert text in page
    svg = base64.b64decode(re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)"', page)[1]).decode()
    assert ElementTree.fromstring(svg).tag.endswith("svg") and "2013-14" in svg


def test_the_same_picture_is_the_same_bytes_and_axes_do_as_well_as_their_figure(goals, drawn):
    words = {"title": "The main goal over the years", "alt": ALT, "data": goals}
    first, again = (showing.shown(one, **words).record for one in (drawn, drawn.axes[0]))
    assert first == again


def test_a_house_chart_carries_its_frame(goals):
    charts = pytest.importorskip("commissioning.charts")
    figure = charts.over_time(goals)
    shown = showing.shown(figure, title="The main goal over the years", alt=ALT)
    assert len(shown.record["data"]["rows"]) == len(goals)


def test_what_nobody_can_follow_is_refused_in_a_sentence_that_says_what_to_write(study, goals, drawn):
    words = {"title": "A title", "alt": ALT}
    with pytest.raises(NotReleased, match=r"write cm\.show\(…, data=…\).*such as data=study\.outcomes\(\)"):
        showing.shown(pd.DataFrame({"people": [412]}), **words)
    with pytest.raises(NotReleased, match="no longer says which released figures"):
        showing.shown(goals.merge(pd.DataFrame({"period": ["2013-14"], "weather": [3]}), on="period"), **words)
    with pytest.raises(NotReleased, match=r"write cm\.show\(figure, …, data=…\)"):
        showing.shown(drawn, **words)
    with pytest.raises(NotReleased, match="no longer says"):
        showing.shown(drawn, data=pd.DataFrame({"people": [412]}), **words)
    with pytest.raises(UsageError, match="cannot be shown"):
        showing.shown(412, **words)


def test_a_frame_that_lost_its_provenance_is_shown_with_the_one_it_was_worked_out_from(study, goals):
    lost = pd.DataFrame({"period": ["2014-15"], "share": [goals["value"].iloc[3]], "guess": [17.5]})
    shown = showing.shown(lost, title="A share", alt="One year beside a guess.", data=goals)
    assert shown.record["caption"].endswith("Worked out by the analyst: Guess.")


def test_columns_of_the_analysts_own_are_named_on_the_page(study, goals):
    page = page_of(
        study, showing.shown(goals.assign(twice=goals["value"] * 2), title="Twice", alt="Each value and twice of it.")
    )
    assert "Worked out by the analyst: Twice." in page


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"alt": ""}, "no alternative text"),
        ({"alt": "A chart."}, "filler"),
        ({"alt": "It rises by 47 points over the years, faster than it did before."}, "number 47"),
        ({"title": "Up by 47 points"}, "number 47"),
        ({"caption": "It rises by 47 points."}, "number 47"),
    ],
)
def test_words_that_are_missing_or_hold_a_number_of_nowhere_are_refused(goals, drawn, words, says):
    with pytest.raises(ValueError, match=says):
        showing.shown(drawn, data=goals, **{"title": "The main goal", "alt": ALT, **words})


def test_a_number_written_into_a_picture_by_hand_must_be_in_its_data(goals):
    pytest.importorskip("commissioning.charts")
    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().set_title("Up by 47 points")
    with pytest.raises(ValueError, match="number 47"):
        showing.shown(figure, title="The main goal", alt=ALT, data=goals)


def test_a_drawing_that_runs_or_fetches_anything_is_refused(goals):
    words = {
        "title": "The main goal",
        "alt": ALT,
        "caption": "As released.",
        "source": "The council",
        "measures": (GOAL,),
        "png": b"",
    }
    for inner in (
        "<script>1</script>",
        '<image href="https://example.org/x.png"/>',
        '<g onclick="x()"/>',
        "<foreignObject/>",
    ):
        with pytest.raises(ValueError, match="its drawing"):
            Picture(goals, svg=f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>', **words)


def test_a_finding_and_an_empty_frame_are_shown_as_what_they_are(study, goals):
    finding = Finding("About 64% had met their main goal in 2015-16.", "described", "high", goals, "table-x")
    assert showing.shown(finding, title="x", alt="y") is finding
    note = showing.shown(
        study.compare("learning_disability_ascof_1e"), title="Paid work, council by council", alt="A table."
    )
    assert note.kind == "note" and "bring the table of indicators" in repr(note)


def test_in_a_notebook_the_text_is_the_rounded_figures_and_the_html_undoes_what_squeezes_it(goals):
    shown = showing.shown(goals, title="The main goal", alt="How many had met it.")
    bundle = shown._repr_mimebundle_()
    assert "2013-14,60.8,58.2,63.3,1000,1645" in bundle["text/plain"]
    assert set(bundle) == {"text/plain", "text/html", MIME}
    for rule in (
        "table-layout:auto!important",
        "text-align:left!important",
        "text-align:right!important",
        "background:none!important",
        "color:inherit!important",
    ):
        assert rule in bundle["text/html"] and rule in goals._repr_html_()
    assert "color:inherit" in goals._repr_html_()  # the theme's own, light or dark


def test_what_is_stored_of_a_picture_is_its_text_and_its_figures(goals, drawn, monkeypatch):
    shown = showing.shown(drawn, title="The main goal over the years", alt=ALT, data=goals)
    output = {"output_type": "display_data", "data": shown._repr_mimebundle_(), "metadata": {}}
    kept = stored.reduced(output)["data"]
    assert (
        set(kept) == {"text/plain", MIME}
        and not {"svg", "png"} & set(kept[MIME])
        and kept[MIME]["data"] == shown.record["data"]
    )
    assert len(str(kept)) < 5_000 and "2013-14,60.8" in kept["text/plain"]
    monkeypatch.setenv(stored.TEXT_ONLY, "1")
    assert shown._repr_mimebundle_() == kept  # what a fresh run is held against


def test_show_displays_at_once_and_the_report_knows_of_it(goals, capsys):
    assert cm.show(goals, title="Shown at once", alt="How many had met it.") is None
    assert "Shown at once" in capsys.readouterr().out
    assert showing.kept["table-shown-at-once"] == "table"


def test_a_picture_of_pyplot_is_shown_once_and_closed(goals):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot(goals["period"], goals["value"])
    cm.show(figure, data=goals, title="Goals met", alt=ALT)
    assert not pyplot.fignum_exists(figure.number), "else the notebook shows the bare picture below ours"
