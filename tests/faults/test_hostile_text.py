"""Hostile text in data (numbers 49 and 50): shown as text in a browser, inert in a spreadsheet."""

from __future__ import annotations

import base64
import csv
import importlib.util
import io
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from nbformat.v4 import new_markdown_cell

from commissioning.presentation.exporter import render
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Text
from commissioning.presentation.table import Table

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = (
    "<script>window.ran = 1; fetch('http://example.org/a')</script>",
    "<img src=x onerror=\"window.ran = 1; new Image().src='http://example.org/b'\">",
    "<svg onload='window.ran = 1'><a xlink:href='javascript:window.ran = 1'>x</a></svg>",
    "<iframe src='http://example.org/c'></iframe>",
    "<style>@import 'http://example.org/d';</style>",
    "![a picture](http://example.org/e.png) [a link](javascript:alert(1)) **bold**",
    r"$$\href{javascript:alert(1)}{x}$$ \( \unicode{x41} \) $a_1$",
    "</td></table><form action='http://example.org/f'><button>",
)
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://example.org","x")')


@pytest.fixture(scope="module")
def demo():
    path = Path(__file__).parents[1] / "presentation" / "demo_notebook.py"
    spec = importlib.util.spec_from_file_location("presentation_demo_notebook", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def page_of(demo, texts) -> str:
    """A page whose table, notes, titles and facts all hold the texts."""
    frame = pd.DataFrame({"what": texts, "why": texts})
    shown = [
        new_markdown_cell("# Heading"),
        demo.code(Table(Text(frame=frame, source="x"), title=texts[0], caption=texts[1], source=texts[-1])),
        *(demo.code(Note(one, title=one)) for one in texts),
    ]
    return render(demo.notebook(*shown), page=demo.small_page(title=texts[0], area=texts[1], contact=texts[2]))


@pytest.mark.browser
def test_49_markup_in_data_is_shown_as_text_in_a_browser_and_no_request_leaves(demo, tmp_path):
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed here")
    playwright = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "report.html"
    path.write_text(page_of(demo, list(HOSTILE)), encoding="utf-8")
    asked, dialogs = [], []
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        tab.goto(path.resolve().as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        cells = tab.locator("main td, main th").all_text_contents()
        ran = tab.evaluate("window.ran")
        strange = tab.locator("script, iframe, form, main svg a, a[href^='javascript']").count()
        policy = tab.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
        browser.close()
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []
    assert ran is None and not dialogs and strange == 0
    assert policy.startswith("default-src 'none'")
    plain = {" ".join(one.split()) for one in cells}
    assert {" ".join(one.split()) for one in HOSTILE} <= plain, "each is there, letter for letter"


def test_50_cells_that_a_spreadsheet_would_run_are_inert_in_every_download(demo):
    page = page_of(demo, [*FORMULAS, "plain"])
    files = [base64.b64decode(one).decode("utf-8-sig") for one in re.findall(r"data:text/csv[^,]*,([^\"]+)", page)]
    assert files
    for text in files:
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert sum(cell.startswith("'") for cell in cells) >= len(FORMULAS)
        assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@") and not _is_number(cell)]


def test_50_a_hostile_quarantined_cell_is_inert(tmp_path):
    from commissioning.spreadsheet import inert

    for one in FORMULAS:
        assert inert(one) == "'" + one


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
