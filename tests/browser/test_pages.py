"""The pages in a browser: accessible, silent, readable on a phone, whole on paper."""

from __future__ import annotations

import base64
import csv
import io
import re
from itertools import combinations

import pandas as pd
import pytest

from commissioning.presentation.exporter import render
from commissioning.presentation.showable import PublicFigures
from commissioning.presentation.table import Table

pytestmark = pytest.mark.browser

KINDS = ("report", "easy_read", "index")
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_with_all_details_open(open_page, violations, pages, kind, width):
    tab = open_page(pages[kind], width)
    tab.evaluate(OPEN_ALL)
    assert violations(tab) == []


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_in_forced_colours(open_page, violations, pages, kind):
    tab = open_page(pages[kind], 390, forced_colors="active")
    tab.evaluate(OPEN_ALL)
    assert violations(tab) == []


def test_each_definition_opens_by_keyboard_without_javascript_and_is_accessible(open_page, violations, pages):
    tab = open_page(pages["report"])
    targets = dict.fromkeys(
        tab.eval_on_selector_all("button.term", "all => all.map(one => one.getAttribute('popovertarget'))")
    )
    assert len(targets) == 2
    for target in targets:
        tab.locator(f"button.term[popovertarget={target}]").first.press("Enter")
        card = tab.locator(f"#{target}")
        assert card.is_visible()
        assert {"Numerator", "Denominator", "Counted from"} <= set(card.locator("dt").all_inner_texts())
        assert violations(tab, f"#{target}") == []
        tab.keyboard.press("Escape")
        assert not card.is_visible()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_for_beyond_the_file_and_no_script_runs(open_page, pages, kind):
    tab = open_page(pages[kind])
    tab.evaluate(OPEN_ALL)
    assert [url for url in tab.asked if not url.startswith(("data:", "file:"))] == []
    assert sum(url.startswith("file:") for url in tab.asked) == 1
    assert tab.locator("script").count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_the_same_without_javascript(open_page, pages, kind):
    with_it = open_page(pages[kind])
    without = open_page(pages[kind], java_script_enabled=False)
    assert without.locator("body").inner_text() == with_it.locator("body").inner_text()


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_scrolls_sideways_at_320_pixels(open_page, pages, kind):
    tab = open_page(pages[kind], 320)
    tab.evaluate(OPEN_ALL)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("kind", KINDS)
def test_the_skip_link_is_the_first_stop_of_the_keyboard(open_page, pages, kind):
    tab = open_page(pages[kind])
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [390, 1280])
def test_chart_text_is_at_least_12_pixels_and_no_labels_overlap(open_page, pages, demo, tmp_path, width):
    tab = open_page(pages["report"], width)
    charts = tab.evaluate(
        "[...document.querySelectorAll('figure.chart img')].filter(one => one.offsetHeight > 0).map(one => ({src: one.currentSrc, scale: one.getBoundingClientRect().width / one.naturalWidth}))"
    )
    drawn_ones = [one for one in demo.all_charts().values() if one.svg()]
    assert len(charts) == len(drawn_ones) == len(demo.all_charts()) - 1, "a theory of change is words, and no picture"
    inside = open_page(pages["report"], 1280, 2000)
    for place, chart in enumerate(charts):
        drawn = tmp_path / f"{place}.svg"
        drawn.write_bytes(base64.b64decode(chart["src"].split(",", 1)[1]))
        inside.goto(drawn.as_uri())
        texts = inside.evaluate(
            "[...document.querySelectorAll('text')].map(one => { const b = one.getBBox(); "
            "return {says: one.textContent, size: parseFloat(getComputedStyle(one).fontSize), box: [b.x, b.y, b.x + b.width, b.y + b.height]} })"
        )
        wide = inside.evaluate("document.documentElement.viewBox.baseVal.width")
        assert texts
        for text in texts:
            assert text["size"] * chart["scale"] >= 12, (place, text)
            assert text["box"][0] >= -0.5 and text["box"][2] <= wide + 0.5, ("cut off", place, text)
        for one, other in combinations(texts, 2):
            across = min(one["box"][2], other["box"][2]) - max(one["box"][0], other["box"][0])
            down = min(one["box"][3], other["box"][3]) - max(one["box"][1], other["box"][1])
            assert not (across > 0.5 and down > 0.5), (place, one, other)


def test_each_download_parses_and_equals_the_table_beside_it(open_page, pages):
    tab = open_page(pages["report"])
    boxes = tab.locator("figure.chart, div.tablebox")
    assert boxes.count() == 9
    for place in range(boxes.count()):
        box = boxes.nth(place)
        href = box.locator("a.download").get_attribute("href")
        rows = list(csv.reader(io.StringIO(base64.b64decode(href.split(",", 1)[1]).decode("utf-8-sig"))))
        shown = box.locator("table").evaluate(
            "one => [...one.rows].map(row => [...row.cells].map(cell => cell.textContent))"
        )
        plain = [
            [cell.replace(",", "") if re.fullmatch(r"-?[\d,]+(\.\d+)?", cell) else cell for cell in row]
            for row in shown
        ]
        assert rows == plain


def test_a_wide_table_says_that_it_scrolls_on_a_small_desk_and_none_scrolls_on_a_phone(open_page, pages):
    tab = open_page(pages["report"], 800)
    tab.evaluate(OPEN_ALL)
    scrolls = "one => one.scrollWidth > one.clientWidth + 1"
    for box in tab.locator("div.scroll").all():
        said = box.evaluate(
            "one => Boolean(one.previousElementSibling && one.previousElementSibling.matches('.cue') && one.previousElementSibling.offsetHeight)"
        )
        assert said or not box.evaluate(scrolls), box.inner_text()[:80]
    tab.set_viewport_size({"width": 390, "height": 844})
    assert not [box.inner_text()[:80] for box in tab.locator("div.scroll").all() if box.evaluate(scrolls)]


def test_the_first_screen_of_a_phone_holds_title_and_answer_and_the_contents_come_closed_after_it(open_page, pages):
    tab = open_page(pages["report"], 390, 844)
    tops = {
        name: tab.locator(name).first.bounding_box() for name in ("h1", ".answer-line .sentence", "details.contents")
    }
    bottom = {name: box["y"] + box["height"] for name, box in tops.items()}
    assert bottom["h1"] < bottom[".answer-line .sentence"] <= 844
    assert tops["details.contents"]["y"] > bottom[".answer-line .sentence"]
    assert tab.locator("details.contents").get_attribute("open") is None


def test_a_phone_shows_the_value_first_of_each_row_and_every_cell_with_its_name(open_page, chromium, demo, tmp_path):
    frame = pd.DataFrame({"group": [f"Place {i} of the borough" for i in range(7)], "numerator": range(70, 77),
                          "denominator": [100] * 7, "unknown": [5] * 7, "value": [70.0, 76, 71, 75, 72, 74, 73]})  # fmt: skip
    made = Table(PublicFigures(frame=frame, source="A return", extract="ascof/ascof_2014-15.csv"), title="Places", caption="Shares.",
                 source="A return", measures=(demo.PAID,), id="places")  # fmt: skip
    page = tmp_path / "places.html"
    cells = demo.cells()
    page.write_text(
        render(demo.notebook(*cells[:5], demo.code(made), *cells[5:]), page=demo.page_info()), encoding="utf-8"
    )
    tab = open_page(page, 390)
    row = tab.locator("#places-data tbody tr").first
    tops = row.locator("th, td").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().top, one.dataset.label || ''])"
    )
    named = {label: top for top, label in tops}
    assert named[""] < named["Value"] < min(named[one] for one in ("Number", "Out of", "Unknown"))
    assert not tab.locator("#places-data-again").is_visible()
    tab.get_by_label("Value, highest first").check()
    assert not tab.locator("#places-data").is_visible()
    values = tab.locator("#places-data-again td.first").all_inner_texts()
    assert [float(one) for one in values] == sorted(frame["value"], reverse=True)


def test_easy_read_type_is_14_points_or_larger_and_pictures_stand_left(open_page, pages):
    tab = open_page(pages["easy_read"])
    sizes = tab.eval_on_selector_all(
        "p, li, h1, h2", "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 14 * 96 / 72
    places = tab.eval_on_selector_all(
        ".idea:not(.plain, .widest)",
        "all => all.map(one => [one.children[0].getBoundingClientRect().right, one.children[1].getBoundingClientRect().left])",
    )
    assert places and all(picture <= words for picture, words in places)
    assert tab.locator(".idea:not(.plain)").count() == tab.locator(".idea svg").count()
    assert tab.locator(".idea.plain").count() == tab.locator("h2:has-text('What the words mean') ~ .idea").count()


def test_print_is_tagged_with_an_outline_and_no_blank_page(pages, tmp_path):
    from commissioning.presentation import pdf

    if not pdf.available():
        pytest.skip("Chromium is not installed here")
    made = {kind: tmp_path / f"{kind}.pdf" for kind in ("report", "easy_read")}
    pdf.write([(pages[kind], path) for kind, path in made.items()])
    for kind, path in made.items():
        data = path.read_bytes()
        assert (
            data.startswith(b"%PDF") and b"/MarkInfo" in data and b"/StructTreeRoot" in data and b"/Outlines" in data
        ), kind
        pages_in_it = len(re.findall(rb"/Type\s*/Page\b(?!s)", data))
        assert 1 <= pages_in_it <= 20, (kind, pages_in_it)


def test_the_numbers_of_the_easy_read_contents_stand_beside_their_first_line(open_page, pages):
    tab = open_page(pages["easy_read"], 390)
    assert tab.evaluate("getComputedStyle(document.querySelector('nav li a')).verticalAlign") == "top"
