"""matplotlib draws every chart, through one room, in one style; the page's table and its picture hold the same figures."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from commissioning import charts
from commissioning.charts import house
from commissioning.presentation.display import Context

LIB = Path(charts.__file__).parents[1]
DRAW = [
    getattr(charts, name) for name in charts.__all__ if name not in ("STYLE", "data_of", "png_of", "spark", "svg_of")
]


def imports(tree):
    """The modules that a file imports, those of type hints left out."""
    hints = [one for one in ast.walk(tree) if isinstance(one, ast.If) and "TYPE_CHECKING" in ast.unparse(one.test)]
    left_out = {id(node) for one in hints for line in one.body for node in ast.walk(line)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_one_room_knows_matplotlib():
    found = {
        one.relative_to(LIB).as_posix()
        for one in LIB.rglob("*.py")
        if any(name.split(".")[0] == "matplotlib" for name in imports(ast.parse(one.read_text())))
    }
    assert found and {one.split("/")[0] for one in found} == {"charts"}


def test_nothing_is_drawn_by_hand_but_the_pictures_of_easy_read():
    by_hand = {
        one.relative_to(LIB).as_posix()
        for one in LIB.rglob("*.py")
        if re.search(r"<(?:path|rect|circle|line) ", one.read_text())
    }
    assert by_hand == {"presentation/pictures.py"}


@pytest.mark.parametrize("draw", DRAW, ids=lambda one: one.__name__)
def test_each_chart_is_a_function_of_a_frame_that_says_what_it_draws(draw):
    taken = inspect.signature(draw).parameters
    assert taken["size"].default == "wide" and next(iter(taken)) in ("frame", "trends")
    assert all(
        one.kind is one.KEYWORD_ONLY for name, one in taken.items() if name not in ("frame", "trends", "event_study")
    )
    assert inspect.signature(draw).return_annotation in (Figure, "Figure") and len(draw.__doc__) > 60


def test_wide_and_phone_differ_by_their_size_alone(demo):
    for one in demo.all_charts().values():
        if one.record["chart"] != "theory":
            wide, phone = one.figure(), one.figure(phone=True)
            assert [round(72 * figure.get_figwidth()) for figure in (wide, phone)] == [
                house.WIDTHS["wide"],
                house.WIDTHS["half" if one.record.get("half") else "phone"],
            ]
            assert charts.data_of(wide) == charts.data_of(phone)


def test_a_picture_of_half_a_page_is_as_wide_as_on_a_phone():
    assert set(house.WIDTHS) == {"wide", "phone", "half"} and house.WIDTHS["half"] == house.WIDTHS["phone"]


def test_a_picture_and_the_table_beside_it_hold_the_same_figures(demo):
    for one in demo.all_charts().values():
        if one.record["chart"] == "theory":
            continue
        rows = one.record["data"]["rows"]
        for role, place in one.record["roles"].items():
            drawn = charts.data_of(one.figure())
            assert drawn.get(role, drawn.get(f"{role}_pence")) == [row[place] for row in rows]


def test_a_page_holds_both_sizes_and_jupyterlab_the_wide_one(demo):
    made = demo.all_charts()["bars"]
    from commissioning.presentation.chart import _html

    page, lab = _html(made.record, Context(in_page=True)), made.html
    assert page.count("data:image/svg+xml") == 2 and page.count('<img class="narrow') == 1
    css = (LIB / "presentation" / "templates" / "components.css").read_text()
    assert "figure.chart img.narrow{display:none}" in css, "one of the two is shown"
    small = css[css.index("@media screen and (max-width:43.75em){figure.chart img") :].partition("\n")[0]
    assert "img:has(+.narrow){display:none}" in small and "img.narrow{display:block}" in small
    assert lab.count("data:image/svg+xml") == 1


def test_every_word_of_a_chart_is_at_least_11_points():
    assert house.TEXT * 0.75 >= 11, "a point of the drawing is a pixel of the page"
    assert (
        house.settings()["font.size"]
        == house.settings()["xtick.labelsize"]
        == house.settings()["ytick.labelsize"]
        == house.TEXT
    )
