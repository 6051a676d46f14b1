"""A figure as SVG: the same bytes, words as words, names of its own, nothing that reaches beyond it."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import matplotlib.figure
import pandas as pd

from commissioning import charts
from commissioning.charts import house
from commissioning.presentation.text_width import text_width

FRAME = pd.DataFrame(
    {
        "period": ["2011-12", "2012-13", "2013-14"],
        "value": [1.23456, 2.5, 3.0],
        "lower": [1.0, 2.0, 2.5],
        "upper": [2.0, 3.0, 3.5],
    }
)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(frame=FRAME, **more):
    return charts.svg_of(charts.over_time(frame, lower="lower", upper="upper", unit="% of people"), **more)


def test_the_same_figure_has_the_same_bytes_in_another_process_and_in_the_same():
    code = (
        "import pandas as pd, sys\nfrom commissioning import charts\n"
        f"frame = pd.DataFrame({FRAME.to_dict('list')})\n"
        "sys.stdout.write(charts.svg_of(charts.over_time(frame, lower='lower', upper='upper', unit='% of people')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
    )
    assert done.stdout == drawn() == drawn()


def test_it_holds_no_date_no_script_no_style_of_the_whole_page_and_asks_for_nothing():
    text = drawn()
    for one in ("<script", "<style", "<metadata", "date", "Matplotlib", "<?xml", "<!DOCTYPE"):
        assert one.lower() not in text.lower(), one
    assert set(re.findall(r'(?:href|src)="(.)', text)) <= {"#"}


def test_it_is_whole_xml_with_a_title_and_words_for_those_who_do_not_see_it():
    root = ElementTree.fromstring(drawn(alt="It rose from 1 to 3 & more.", title="Paid <work>"))
    assert root.get("role") == "img"
    named = {one.get("id"): one.text for one in root if one.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [named[one] for one in root.get("aria-labelledby").split()] == ["Paid <work>", "It rose from 1 to 3 & more."]


def test_words_are_words_and_stand_as_they_were_given():
    frame = pd.DataFrame({"group": ["Costs $5 & more_than $6 <b>", "B"], "value": [1.2345, 2]})
    root = ElementTree.fromstring(charts.svg_of(charts.bars(frame, decimals=4)))
    said = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert " ".join(said).count("$") == 2 and any("<b>" in one for one in said) and "1.2345" in said


def test_coordinates_have_two_decimals():
    tags = "".join(re.findall(r"<[^>]+>", drawn()))
    assert not re.search(r"\d\.\d{3,}", tags)


def test_two_figures_of_one_page_share_no_name_and_each_uses_its_own():
    one, two = drawn(), drawn(FRAME.assign(value=[3.0, 2.0, 1.0]))
    names = [re.findall(r'\sid="([^"]+)"', text) for text in (one, two)]
    assert names[0] and not set(names[0]) & set(names[1])
    for text, mine in zip((one, two), names, strict=True):
        assert len(mine) == len(set(mine))
        assert set(re.findall(r'(?:url\(#|href="#)([\w-]+)', text)) <= set(mine)
    assert set(re.findall(r'\sid="([^"]+)"', drawn(id="figure-3"))) == {f"figure-3-{i}" for i in range(len(names[0]))}


def test_a_figure_of_an_analysts_own_becomes_svg_in_the_same_way():
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 2, 3], [3, 1, 2], label="a")
    canvas = figure.canvas
    assert ElementTree.fromstring(charts.svg_of(figure, alt="A line.")).get("role") == "img"
    assert figure.canvas is canvas


def test_no_words_are_wider_where_a_page_shows_them_than_where_they_were_measured():
    for text in ("People who met the main goal they set themselves", "2014-15 Q4", "£4.17m", "WWW Wirral MMM", "10% @ 20%", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz0123456789"):  # fmt: skip
        assert text_width(text, 15) / 1.03 <= house.width(text) and text_width(text, 15, True) / 1.1 <= house.width(
            text, bold=True
        )
