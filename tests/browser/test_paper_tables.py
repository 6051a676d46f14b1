"""Tables on paper: no number and no word is split, and no table is wider than the paper it stands on."""

from __future__ import annotations

import re
import subprocess

import pandas as pd
import pytest

from commissioning.presentation import pdf
from commissioning.presentation.exporter import render
from commissioning.presentation.sections import Log
from commissioning.presentation.showable import PublicFigures
from commissioning.presentation.table import Table

pytestmark = pytest.mark.browser

UPRIGHT, TURNED = 688, 1016  # A4 between its margins, in CSS pixels
SPLIT = """
() => [...document.querySelectorAll('th, td')].flatMap(cell => {
  const found = [];
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    // A line may end after the hyphen of a word, never within a number, a year or a word.
    for (const word of node.data.matchAll(/[\\d.,]+(-\\d+)*|[^\\s\\d-]+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(one => Math.round(one.top))).size > 1) {
        found.push(word[0] + ' of ' + cell.closest('table').id);
      }
    }
  }
  return found;
})
"""
WIDTHS = """
wide => Object.fromEntries([...document.querySelectorAll('table')]
  .filter(one => (one.closest('.wide') !== null) === wide)
  .map(one => [one.id, one.getBoundingClientRect().width]))
"""


def figures(columns: int, times: int) -> PublicFigures:
    """A table as real pilots have it: a long name, a year, amounts to the penny, and a reason in words."""
    names = ("Supported accommodation and extra care", "Commissioned voluntary organisations") * times
    frame = pd.DataFrame({"service": names, "period": ["2013-14", "2014-15"] * times})
    for place in range(columns):
        frame[f"amount_{place}_pence"] = pd.array([91_234_501 + place, None] * times, dtype="Int64")
        frame[f"share_{place}"] = [62.8, 100.0] * times
    frame["why"] = ["Benchmarked against neighbouring metropolitan boroughs, as agreed beforehand", ""] * times
    return PublicFigures(frame=frame, source="A return", extract="ascof/ascof_2014-15.csv")


@pytest.fixture(scope="module")
def wide_page(demo, tmp_path_factory):
    """The demonstration with a table that fits upright, one that must be turned, and one that is wider still."""
    tables = [
        demo.code(Table(figures(wide, times), title=name, caption="Amounts.", source="A return", measures=(demo.PAID,), id=name))
        for name, wide, times in (("narrow", 1, 1), ("short", 5, 1), ("turned", 3, 12), ("widest", 9, 12))
    ]  # fmt: skip
    rows = [{"what": f"A benefit that somebody owns, number {i}", "due": "2015-16", "on": "2011-09-15", "who": "Director of Adult Social Services",
             "says": "Reviews of day support are done by the day on which they were due, in every locality"} for i in range(3)]  # fmt: skip
    tables.append(demo.code(Log(rows, title="Benefits", columns={key: key for key in rows[0]})))
    cells = demo.cells()
    path = tmp_path_factory.mktemp("paper") / "wide.html"
    path.write_text(render(demo.notebook(*cells[:5], *tables, *cells[5:]), page=demo.page_info()), encoding="utf-8")
    return path


@pytest.fixture()
def paper(chromium, wide_page):
    """The page as print shows it, on paper of the width asked for."""
    tabs = []

    def laid_out(width):
        tab = chromium.new_page(viewport={"width": width, "height": 973})
        tabs.append(tab)
        tab.goto(wide_page.resolve().as_uri())
        tab.emulate_media(media="print")
        return tab

    yield laid_out
    for tab in tabs:
        tab.close()


def test_no_number_and_no_word_of_a_table_is_split_on_paper(paper):
    upright = [one for one in paper(UPRIGHT).evaluate(SPLIT) if not one.endswith(("turned-data", "widest-data"))]
    turned = [one for one in paper(TURNED).evaluate(SPLIT) if one.endswith("turned-data")]
    assert upright + turned == []


def test_no_table_is_wider_than_its_paper(paper):
    upright, turned = paper(UPRIGHT).evaluate(WIDTHS, False), paper(TURNED).evaluate(WIDTHS, True)
    assert "narrow-data" in upright and max(upright.values()) <= UPRIGHT
    assert set(turned) == {"turned-data"} and max(turned.values()) <= TURNED


def test_the_type_of_a_table_on_paper_is_at_least_11_points(paper):
    read = "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    assert min(paper(TURNED).eval_on_selector_all("th, td", read)) >= 11 * 96 / 72 - 0.01


def test_a_short_table_that_is_too_wide_is_printed_as_lines_each_number_with_its_name(paper):
    tab = paper(UPRIGHT)
    box = "document.querySelector('#short-data').closest('.scroll')"
    assert tab.evaluate(f"getComputedStyle({box}).page") == "auto"
    assert tab.evaluate(f"{box}.scrollWidth") <= UPRIGHT
    labels = tab.eval_on_selector_all(
        "#short-data td", "all => all.map(one => getComputedStyle(one, '::before').content.replaceAll('\"', '').trim())"
    )
    assert len(labels) == 24 and "Amount 0 (£)" in labels and "" not in labels


def test_a_table_too_wide_for_paper_upright_stands_on_paper_turned_with_nothing_cut(wide_page, tmp_path):
    if not pdf.available():
        pytest.skip("Chromium is not installed here")
    target = tmp_path / "wide.pdf"
    pdf.write([(wide_page, target)])
    sizes = subprocess.run(["pdfinfo", "-f", "1", "-l", "99", str(target)], capture_output=True, text=True, check=True)
    shapes = [float(w) > float(h) for w, h in re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", sizes.stdout)]
    assert 2 <= sum(shapes) <= 8 and not shapes[0] and not shapes[-1]
    said = subprocess.run(["pdftotext", "-layout", str(target), "-"], capture_output=True, text=True, check=True).stdout
    turned = [text for text, lies in zip(said.split("\f"), shapes, strict=False) if lies]
    assert all("Draft: not signed off" in text and len(text.split()) > 10 for text in turned), "none is blank"
    assert all(f"912,345.{place:02d}" in turned[0] for place in range(1, 4))
