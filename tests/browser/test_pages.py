"""The pages in a browser: accessible, silent, readable on a phone, whole on paper."""

from __future__ import annotations

import base64
import csv
import io
import re
from itertools import combinations

import pytest

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
        "[...document.querySelectorAll('figure.chart img')].map(one => ({src: one.currentSrc, scale: one.getBoundingClientRect().width / one.naturalWidth}))"
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


def test_a_wide_table_says_that_it_scrolls(open_page, pages):
    tab = open_page(pages["report"], 390)
    tab.evaluate(OPEN_ALL)
    for box in tab.locator("div.scroll").all():
        scrolls = box.evaluate("one => one.scrollWidth > one.clientWidth + 1")
        said = box.evaluate(
            "one => Boolean(one.previousElementSibling && one.previousElementSibling.matches('.cue') && one.previousElementSibling.offsetHeight)"
        )
        assert said or not scrolls, box.inner_text()[:80]


def test_easy_read_type_is_14_points_or_larger_and_pictures_stand_left(open_page, pages):
    tab = open_page(pages["easy_read"])
    sizes = tab.eval_on_selector_all(
        "p, li, h1, h2", "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 14 * 96 / 72
    places = tab.eval_on_selector_all(
        ".idea",
        "all => all.map(one => [one.children[0].getBoundingClientRect().right, one.children[1].getBoundingClientRect().left])",
    )
    assert places and all(picture <= words for picture, words in places)
    assert tab.locator(".idea").count() == tab.locator(".idea svg").count()


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
