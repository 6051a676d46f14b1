"""What stands on paper, measured in the print layout."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture()
def paper(chromium, pages):
    """The report as print shows it, on the width of A4 between its margins."""
    context = chromium.new_context(viewport={"width": 672, "height": 973})
    tab = context.new_page()
    tab.goto(pages["report"].resolve().as_uri())
    tab.emulate_media(media="print")
    yield tab
    context.close()


def test_the_draft_banner_is_there_while_unsigned(paper):
    assert paper.locator(".print-banner").is_visible()
    assert paper.locator(".print-banner").evaluate("one => getComputedStyle(one).position") == "fixed"


def test_data_tables_are_open_on_paper_without_being_opened(paper):
    heights = paper.eval_on_selector_all("details table", "all => all.map(one => one.getBoundingClientRect().height)")
    assert heights and min(heights) > 20


def test_no_column_is_lost_on_paper(paper):
    edges = paper.eval_on_selector_all("td, th", "all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) <= 672
