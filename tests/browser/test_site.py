"""The published pages of a real run in a browser: one page of each kind, and every page in `make soak`."""

from __future__ import annotations

import re

import pytest

from commissioning.presentation import pdf

pytestmark = pytest.mark.browser

OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
KINDS = {
    "stage": "vcf_funding-analyse",
    "pilot": "vcf_funding-funding",
    "cabinet": "cabinet_summary",
    "service reviews": "service_reviews",
    "easy read": "learning_disability-implications.easy-read",
    "index": "",
}


def path_of(site, kind):
    return site.page(KINDS[kind]) if KINDS[kind] else site.index


@pytest.mark.parametrize("kind", KINDS)
def test_one_page_of_each_kind_is_accessible_on_a_phone_with_all_details_open(open_page, violations, site, kind):
    tab = open_page(path_of(site, kind), 390)
    tab.evaluate(OPEN_ALL)
    assert violations(tab) == []
    tab.set_viewport_size({"width": 320, "height": 900})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_real_page_is_accessible_on_a_desk_with_all_details_open(open_page, violations, site):
    tab = open_page(path_of(site, "pilot"), 1280)
    tab.evaluate(OPEN_ALL)
    assert violations(tab) == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_page_of_each_kind_runs_no_script_and_asks_for_nothing_else(open_page, site, kind):
    tab = open_page(path_of(site, kind))
    assert [url for url in tab.asked if not url.startswith("data:")] == [path_of(site, kind).resolve().as_uri()]
    assert tab.locator("script").count() == 0


def test_every_link_of_the_front_page_leads_to_a_page_that_is_there(open_page, site):
    tab = open_page(site.index)
    hrefs = tab.eval_on_selector_all("main a[href]", "all => all.map(one => one.getAttribute('href'))")
    files = {one for one in hrefs if not one.startswith("#")}
    assert len(files) >= len(site.record["reports"]) + 2  # each report, and an Easy Read page of both pilots
    assert [one for one in files if not (site.out / one).is_file()] == []


def test_a_pilot_page_leads_to_its_easy_read_and_back_without_javascript(open_page, site):
    tab = open_page(site.page("learning_disability-implications"), java_script_enabled=False)
    tab.locator("a.easy-read").click()
    assert tab.locator("h1").inner_text() == "How is our support going?"
    assert "Draft, not yet checked by people with a learning disability" in tab.locator("main").inner_text()
    tab.get_by_text("Read the full report").click()
    assert tab.url == site.page("learning_disability-implications").resolve().as_uri()


def test_every_page_leads_to_easy_read(site):
    for path in site.pages:
        if path.name != "index.html" and "easy-read" not in path.name:
            assert path.read_text(encoding="utf-8").count('class="easy-read" href="') == 1, path.name


def test_a_definition_holds_its_source_and_hash_behind_one_key(open_page, site):
    tab = open_page(site.page("learning_disability-annex"), java_script_enabled=False)
    card = tab.locator("article.definition").first
    assert card.get_by_text("Numerator").first.is_visible()
    assert not card.locator("code").first.is_visible()
    card.locator("summary").press("Enter")
    assert re.fullmatch(r"[0-9a-f]{64}", card.locator("code").first.inner_text())


def test_a_real_page_prints_tagged_with_its_outline_and_a_banner(site, tmp_path):
    if not pdf.available():
        pytest.skip("Chromium is not installed here")
    target = tmp_path / "page.pdf"
    pdf.write([(site.page("learning_disability-implications.easy-read"), target)])
    data = target.read_bytes()
    assert all(one in data for one in (b"/MarkInfo", b"/StructTreeRoot", b"/Outlines"))
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) <= 20


@pytest.mark.soak
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_both_pilots_is_accessible(open_page, violations, site, width):
    found = {}
    for page in site.pages:
        for colours in ("none", "active"):
            tab = open_page(page, width, forced_colors=colours)
            tab.evaluate(OPEN_ALL)
            if wrong := violations(tab):
                found[page.name, colours] = wrong
            tab.context.close()
    assert found == {}


@pytest.mark.soak
def test_each_open_definition_of_every_page_is_accessible(open_page, violations, site):
    found = {}
    for page in site.pages:
        tab = open_page(page)
        targets = dict.fromkeys(
            tab.eval_on_selector_all("button.term", "all => all.map(one => one.getAttribute('popovertarget'))")
        )
        for target in targets:
            tab.evaluate("id => document.getElementById(id).showPopover()", target)
            if wrong := violations(tab, f"#{target}"):
                found[page.name, target] = wrong
            tab.evaluate("id => document.getElementById(id).hidePopover()", target)
        tab.context.close()
    assert found == {}


@pytest.mark.soak
def test_no_column_of_any_page_is_lost_on_paper(chromium, site):
    lost = {}
    for width, side in (
        (672, "not(.wide *)"),
        (1000, "is(.wide *)"),
    ):  # A4 upright; turned, for what would not fit upright
        context = chromium.new_context(viewport={"width": width, "height": 973})
        for page in site.pages:
            tab = context.new_page()
            tab.goto(page.resolve().as_uri())
            tab.emulate_media(media="print")
            tab.evaluate(OPEN_ALL)
            cells = f"td:{side}, th:{side}"
            edges = tab.eval_on_selector_all(cells, "all => all.map(one => one.getBoundingClientRect().right)")
            if edges and max(edges) > width:
                lost[page.name, width] = max(edges)
            tab.close()
        context.close()
    assert lost == {}
