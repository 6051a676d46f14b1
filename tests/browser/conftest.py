"""One Chromium for the browser tests of a module, and the demonstration pages on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium():
    """A running Chromium; skipped where Debian's is absent.

    One a module, not one a session: while Playwright's loop runs, no other test of the same process may start one.
    """
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages(demo, tmp_path_factory) -> dict[str, Path]:
    """The report with every kind of chart, its Easy Read page, and the site's front page."""
    from commissioning.presentation.exporter import render
    from commissioning.presentation.site import index_page, trends

    folder = tmp_path_factory.mktemp("site")
    notebook = demo.notebook(*demo.cells(tuple(demo.all_charts())))
    report = {
        "definitions": {demo.PAID: "Adults in paid work"},
        "figures": [
            {"measure": demo.PAID, "group_kind": "all", "period": row.period, "value": row.value, "hidden": False}
            for row in demo.trend().frame.head(4).itertuples()
        ],
    }
    entries = [
        {"id": f"learning_disability-{stage}", "title": f"Learning disability: {stage}", "pilot": "learning_disability", "stage": stage,
         "period": period, "area": "E08000015", "level": level, "files": {},
         "summary": {"illustrative": True, "trends": trends(report, [demo.PAID])}}
        for stage, period, level in (("review", "2014-15", ""), ("plan", "2014-15", "ward=Ward A"), ("review", "2013-14", ""))
    ]  # fmt: skip
    made = {
        "report": render(notebook, page=demo.page_info()),
        "easy_read": demo.easy_read().render(
            organisation="Example Council", report_href="report.html", illustrative=True
        ),
        "index": index_page(
            entries, organisation="Example Council", earlier=[{"href": "versions/1/index.html", "title": "Version 1"}]
        ),
    }
    paths = {}
    for name, text in made.items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(text, encoding="utf-8")
    return paths


TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture()
def open_page(chromium):
    """Opens a file in a tab of its own; keeps the requests it makes."""
    contexts = []

    def opener(path, width=1280, height=900, **how):
        context = chromium.new_context(viewport={"width": width, "height": height}, **how)
        contexts.append(context)
        tab = context.new_page()
        tab.asked = []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.goto(path.resolve().as_uri())
        return tab

    yield opener
    for context in contexts:
        context.close()


@pytest.fixture()
def violations():
    """What axe finds on an open page, or within one part of it: rule and element."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")

    def look(tab, within=None):
        options = {
            "runOnly": {"type": "tag", "values": TAGS},
            "rules": {"target-size": {"enabled": True}},
            "resultTypes": ["violations"],  # else each element that passes is described too, which takes longer
        }
        found = axe.Axe().run(tab, context=within, options=options)
        return [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]]

    return look
