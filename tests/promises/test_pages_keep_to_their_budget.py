"""Issue 20, line 2: each page of the sample fits its sides of A4 at 11 points or more, and what leads to an annex arrives there."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from commissioning.presentation import pdf

SIDES = {
    "cabinet_summary": 2, "service_reviews": 2, "analyse": 4, "plan": 3, "do": 3, "review": 4, "implications": 8, "funding": 8,
    "outcomes_and_spend": 2,
}  # fmt: skip
SMALLEST = 11 * 96 / 72 - 0.1
"""Eleven points in the browser's own pixels."""
TOO_SMALL = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !one.checkVisibility()) continue;
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < SMALLEST) found.push(size + 'px: ' + walk.currentNode.textContent.trim().slice(0, 60));
  }
  return found;
}"""


def reports(site) -> dict[str, Path]:
    """Every report that has a budget, by its name."""
    return {
        path.stem: path
        for path in site.pages
        if ".easy-read" not in path.name and budget(path.stem) is not None and path.parent == site.version
    }


def budget(report: str) -> int | None:
    return SIDES.get(report.rpartition("-")[2])


@pytest.fixture(scope="module")
def paper(site, tmp_path_factory):
    """The folder of each page as `--pdf` prints it."""
    if not pdf.available():
        pytest.skip("Chromium is not installed here")
    folder = tmp_path_factory.mktemp("sides")
    for name, path in reports(site).items():
        shutil.copy(path, folder / f"{name}.html")
    pdf.write([(folder / f"{name}.html", folder / f"{name}.pdf") for name in reports(site)])
    return folder


@pytest.fixture(scope="module")
def printed(site, paper):
    """How many sides each page has."""
    return {
        name: len(re.findall(rb"/Type\s*/Page\b(?!s)", (paper / f"{name}.pdf").read_bytes())) for name in reports(site)
    }


def test_each_page_fits_its_sides(printed):
    assert len(printed) == 13, "every report of the sample but the annexes"
    over = {name: (sides, budget(name)) for name, sides in printed.items() if not 0 < sides <= budget(name)}
    assert not over


def test_no_heading_stands_at_the_foot_of_a_side_over_nothing_but_its_first_words(site, paper):
    if not shutil.which("pdftotext"):
        pytest.skip("poppler's pdftotext is not installed here")
    stranded = []
    for name, path in reports(site).items():
        heads = {
            " ".join(unescape(one).split())
            for one in re.findall(r"<h[23][^>]*>([^<]+)</h[23]>", path.read_text(encoding="utf-8"))
        }
        text = subprocess.run(
            ["pdftotext", "-layout", paper / f"{name}.pdf", "-"], capture_output=True, text=True, check=True
        ).stdout
        sides = [
            [
                " ".join(one.split())
                for one in words.splitlines()
                if one.strip() and not re.search(r"\b\d+ of \d+$", one)
            ]
            for words in text.split("\f")[:-1]
        ]
        for side, (lines, later) in enumerate(zip(sides, sides[1:], strict=False), start=1):
            if not heads & set(later[:2]):  # a section that goes on overleaf
                stranded += [f"{name}, side {side}: {one}" for one in lines[-3:] if one in heads]
    assert stranded == []


def test_no_text_on_paper_is_smaller_than_eleven_points(site):
    if not pdf.available():
        pytest.skip("Chromium is not installed here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=pdf.browser(), args=["--no-sandbox"])
        tab = chromium.new_page(viewport={"width": 680, "height": 980})
        tab.emulate_media(media="print")
        found = {}
        for name, path in reports(site).items():
            tab.goto(path.as_uri())
            found[name] = tab.evaluate(TOO_SMALL.replace("SMALLEST", str(SMALLEST)))
        chromium.close()
    assert {name: small[:3] for name, small in found.items() if small} == {}


LEGIBLE = 7.0
"""Points of the text in a picture on paper, where pictures are scaled."""
ON_PAPER = """() => [...document.querySelectorAll('main figure.chart img')].filter(one => one.offsetHeight > 0 && one.checkVisibility())
  .map(one => ({id: one.closest('figure').id, scale: one.getBoundingClientRect().width / one.naturalWidth}))"""
NUMBERED = """() => [...document.querySelectorAll('caption, caption *')].filter(one => one.checkVisibility() && /^Table [0-9]+:/.test(one.innerText))
  .map(one => one.innerText.slice(0, 60))"""


@pytest.fixture(scope="module")
def on_paper(site):
    """What a script finds on every report as it is laid out for paper: report → what it gave, for each script."""
    if not pdf.available():
        pytest.skip("Chromium is not installed here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=pdf.browser(), args=["--no-sandbox"])
        tab = chromium.new_page(viewport={"width": 688, "height": 980})  # A4 between its margins
        tab.emulate_media(media="print")
        found = {}
        for name, path in reports(site).items():
            tab.goto(path.as_uri())
            found[name] = {script: tab.evaluate(script) for script in (ON_PAPER, NUMBERED)}
        chromium.close()
    return found


def test_the_text_of_every_picture_on_paper_can_be_read(on_paper):
    drawn_at = 15 * 72 / 96  # points of a chart's text, as commissioning.charts draws it
    sizes = {(name, one["id"]): one["scale"] * drawn_at for name, each in on_paper.items() for one in each[ON_PAPER]}
    assert len(sizes) > 25
    assert {name: round(size, 1) for name, size in sizes.items() if size < LEGIBLE} == {}


def test_no_table_on_paper_bears_a_number_where_those_before_it_stay_on_the_screen(on_paper):
    assert {name: each[NUMBERED] for name, each in on_paper.items() if each[NUMBERED]} == {}


class Anchors(HTMLParser):
    def __init__(self, page: Path):
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        if held.get("id"):
            self.ids.add(held["id"])
        if tag == "a" and held.get("href"):
            self.links.append(held["href"])


def test_every_link_to_an_annex_arrives(site):
    annexes = {path.name: Anchors(path).ids for path in site.version.glob("*-annex.html")}
    assert len(annexes) == 2
    lost, led = [], 0
    for name, path in reports(site).items():
        for link in Anchors(path).links:
            file, _, anchor = link.partition("#")
            if file.endswith("-annex.html"):
                led += 1
                lost += [f"{name}: {link}"] if file not in annexes or (anchor and anchor not in annexes[file]) else []
    assert led > 100 and lost == []


def test_every_figure_has_a_short_definition_on_its_own_page(site):
    for path in reports(site).values():
        text = path.read_text(encoding="utf-8")
        called = set(re.findall(r'popovertarget="(short-[^"]+)"', text))
        assert all(f'id="{one}"' in text for one in called), path.name
