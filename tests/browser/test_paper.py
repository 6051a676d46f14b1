"""What stands on paper, measured in the print layout."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from nbformat.v4 import new_markdown_cell

from commissioning.presentation import pdf, signoff
from commissioning.presentation.exporter import render
from commissioning.presentation.sections import Log

pytestmark = pytest.mark.browser


@pytest.fixture()
def paper(chromium, pages):
    """The report as print shows it, on the width of A4 between its margins."""
    context = chromium.new_context(viewport={"width": 688, "height": 1016})
    tab = context.new_page()
    tab.goto(pages["report"].resolve().as_uri())
    tab.emulate_media(media="print")
    yield tab
    context.close()


@pytest.fixture(scope="module")
def printed(pages, demo, tmp_path_factory):
    """The text of each printed page of the report, as a draft and signed off."""
    if shutil.which("pdftotext") is None or not pdf.available():
        pytest.skip("pdftotext or Chromium is not installed here")
    folder = tmp_path_factory.mktemp("paper")
    signed = folder / "signed.html"
    everyone = tuple(
        signoff.Signature(
            role=role,
            name=role,
            when="2026-11-21",
            account="a (1)",
            report_sha256="a",
            page_sha256="b",
            files_sha256="c",
        )
        for role in signoff.REPORT_ROLES
    )
    signed.write_text(signoff.with_status(pages["report"].read_text(encoding="utf-8"), everyone), encoding="utf-8")
    made = {"draft": folder / "draft.pdf", "signed": folder / "signed.pdf"}
    pdf.write([(pages["report"], made["draft"]), (signed, made["signed"])])
    return {
        name: subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout.split(
            "\f"
        )[:-1]
        for name, path in made.items()
    }


def test_a_banner_stands_on_each_page_while_unsigned_and_on_none_once_signed(printed):
    assert len(printed["draft"]) > 3
    assert all("Draft: not signed off" in text for text in printed["draft"])
    assert not any("Draft: not signed off" in text for text in printed["signed"])


def test_the_last_page_is_not_blank(printed):
    last = printed["draft"][-1].replace("Draft: not signed off", "")
    assert len(last.split()) > 10


def test_paper_holds_each_figure_and_no_data_table_under_it(printed, paper):
    assert "Data for figure" not in "\n".join(printed["draft"])
    heights = "all => all.map(one => one.getBoundingClientRect().height)"
    assert max(paper.eval_on_selector_all("details.data", heights)) == 0
    assert min(paper.eval_on_selector_all("figure.chart img.narrow", heights)) > 50


def test_other_details_are_open_on_paper_without_being_opened(paper):
    tables = ".definition details dl"
    heights = paper.eval_on_selector_all(tables, "all => all.map(one => one.getBoundingClientRect().height)")
    assert heights and min(heights) > 20


def test_type_on_paper_is_11_points_or_larger(paper):
    sizes = paper.eval_on_selector_all(
        "main :is(p, li, td, th, dd, dt, figcaption span, h2, h3)",
        "all => all.filter(one => one.offsetHeight > 0).map(one => parseFloat(getComputedStyle(one).fontSize))",
    )
    assert min(sizes) >= 11 * 96 / 72 - 0.01


def test_no_heading_stands_at_the_foot_of_a_side(printed, pages):
    heads = re.findall(r"<h[23][^>]*>([^<]+)</h[23]>", pages["report"].read_text(encoding="utf-8"))
    for text in printed["draft"]:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        lines = [line for line in lines if line != "Draft: not signed off" and not re.fullmatch(r"\d+ of \d+", line)]
        assert not lines or lines[-1] not in heads, lines[-1]


def test_no_column_is_lost_on_paper(paper):
    edges = paper.eval_on_selector_all("td, th", "all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) <= 688


def test_a_long_log_of_checks_prints_what_did_not_pass_and_counts_the_rest(chromium, demo, tmp_path):
    rows = [{"gate": f"Gate {i}", "went": "not passed" if i % 10 == 0 else "passed"} for i in range(40)]
    page = tmp_path / "log.html"
    cells = [new_markdown_cell("# T"), demo.code(Log(rows, title="Gates"))]
    page.write_text(render(demo.notebook(*cells), page=demo.small_page()), encoding="utf-8")
    tab = chromium.new_page(viewport={"width": 688, "height": 1016})
    tab.goto(page.resolve().as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    shown = "all => all.filter(one => one.offsetHeight > 0).map(one => one.innerText)"
    said = "36 of these 40 checks passed."
    assert len(tab.eval_on_selector_all("#log-gates tbody tr", shown)) == 40
    assert said not in tab.locator("main").inner_text()
    tab.emulate_media(media="print")
    printed = tab.eval_on_selector_all("#log-gates tbody tr", shown)
    assert len(printed) == 4 and all("not passed" in one for one in printed)
    assert said in tab.locator("main").inner_text()
    tab.close()
