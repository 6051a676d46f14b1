"""What changed between two versions, and the site's front page."""

from __future__ import annotations

import base64
import re

import pytest

from commissioning.presentation import changes, checks
from commissioning.presentation.site import index_page, trends


def report(value=3.1, provider="Alpha", version="0.1.0", **more):
    rows = [
        {
            "measure": "m",
            "group_kind": "all",
            "group": "all",
            "period": "2014-15",
            "numerator": 31,
            "denominator": 1015,
            "value": value,
        },
        {"measure": "m", "group_kind": "provider", "group": provider, "period": "2014-15", "value": 5},
    ]
    return {"figures": rows, "definitions": {"m": "Paid work"}, "code_version": version} | more


def test_the_same_report_twice_has_no_changes():
    same = changes.compare(report(), report())
    assert not same.any and "No number is different" in same.html


def test_a_first_version_has_nothing_to_compare_with():
    assert "first version" in changes.compare(None, report()).html


def test_each_kind_of_change_is_named():
    made = changes.compare(
        report(),
        report(value=3.4, provider="Beta", version="0.2.0", definitions={"m": "Paid work, any hours", "n": "New"}),
    )
    assert ["Paid work, any hours", "2014-15", "value", "3.1", "3.4"] in made.record["numbers_changed"]
    assert made.record["providers"] == ["Beta is new in this report.", "Alpha is no longer in this report."]
    assert any("changed: earlier figures may not compare" in one for one in made.record["definitions"])
    assert any(one.startswith("New definition") for one in made.record["definitions"])
    assert any("0.1.0 to 0.2.0" in one for one in made.record["methods"])


def test_a_figure_that_became_hidden_is_never_called_zero():
    after = report()
    after["figures"][0] |= {"value": None, "hidden": True}
    row = next(one for one in changes.compare(report(), after).record["numbers_changed"] if one[2] == "value")
    assert row[3:] == ["3.1", "hidden"]


def entry(stage, period, level="", **more):
    return {"id": f"ld-{stage}-{period}-{level}", "title": f"{stage} {period}", "pilot": "learning_disability", "stage": stage,
            "period": period, "area": "E08000015", "level": level, "files": {}, "summary": {}} | more  # fmt: skip


def test_the_front_page_lists_the_latest_first_and_says_who_signed():
    page = index_page(
        [entry("analyse", "2013-14"), entry("review", "2014-15"), entry("plan", "2014-15"), entry("review", "2014-15", "ward=A")],
        prefix="versions/1/", statuses={"ld-review-2014-15-": "Signed off by Abi on 2026-11-21"},
        earlier=[{"href": "versions/0/index.html", "title": "Version of 3 May"}],
    )  # fmt: skip
    assert checks.page_problems(page, {}) == []
    assert re.findall(r"<h3[^>]*>(.*?)</h3>", page) == ["2014-15", "2013-14"]
    assert page.index('href="versions/1/ld-review-2014-15-.html"') < page.index(
        'href="versions/1/ld-plan-2014-15-.html"'
    )
    assert "Signed off by Abi" in page and page.count(">Draft: not signed off<") == 3
    assert 'href="versions/0/index.html"' in page


def test_an_empty_site_says_so():
    assert "No report has been published yet" in index_page([])


def test_a_trend_never_mixes_years_with_quarters_or_one_area_with_another():
    rows = [
        {"measure": "m", "group_kind": "all", "area": area, "period": period, "value": value, "hidden": False}
        for area, period, value in [
            ("E1", "2010-11", 2.0), ("E1", "2010-11 Q1", 9.0), ("E1", "2011-12", 3.0), ("E2", "2011-12", 8.0)
        ]
    ]  # fmt: skip
    (made,) = trends({"area": "E1", "figures": rows, "definitions": {"m": {"title": "T", "unit": "%"}}}, ["m"])
    assert made["points"] == [["2010-11", 2.0], ["2011-12", 3.0]]
    (quarters,) = trends({"area": "E1", "figures": rows[1:2]}, ["m"])
    assert quarters["points"] == [["2010-11 Q1", 9.0]]


def test_a_trend_leaves_hidden_periods_out():
    rows = [
        {"measure": "m", "group_kind": "all", "period": f"201{i}-1{i + 1}", "value": v, "hidden": v is None}
        for i, v in enumerate([2.0, None, 3.0])
    ]
    made = trends({"figures": rows, "definitions": {"m": "Paid work"}}, ["m", "never measured"])
    points = [["2010-11", 2.0], ["2012-13", 3.0]]
    assert made == [{"measure": "m", "title": "Paid work", "unit": "", "points": points, "breaks": []}]

    page = index_page([entry("review", "2012-13", summary={"trends": made})])
    assert 'alt="Trend of Paid work: 2.0 in 2010-11, 3.0 in 2012-13."' in page


@pytest.mark.parametrize(
    ("hidden", "breaks", "named"),
    [
        ((), ["2012-13"], "in 2012-13"),
        (("2012-13",), ["2012-13"], "in 2013-14"),  # the year that breaks it is hidden: the next one stands beyond it
        ((), ["2012-13", "2014-15"], "in 2012-13 and in 2014-15"),
        ((), ["2010-11"], ""),  # nothing is shown before it
        (("2010-11", "2011-12"), ["2012-13"], ""),
    ],
)
def test_no_line_of_the_front_page_crosses_a_break_of_the_series(hidden, breaks, named):
    years = ["2010-11", "2011-12", "2012-13", "2013-14", "2014-15"]
    rows = [
        {"measure": "m", "group_kind": "all", "period": year, "value": 5.0 + i, "hidden": year in hidden}
        for i, year in enumerate(years)
    ]
    made = trends({"figures": rows, "definitions": {"m": "Paid work"}, "series_breaks": {"m": breaks}}, ["m"])
    page = index_page([entry("review", "2014-15", summary={"trends": made})])
    words = re.search(r'alt="(Trend of Paid work[^"]*)"', page)[1]
    assert words.partition("The way of counting changed ")[2].partition(":")[0] == named
    picture = base64.b64decode(re.search(r'base64,([^"]+)"', page)[1]).decode()
    # The series is in the palette's blue; the line at the foot of the picture is not.
    paths = [d.count("L") + 1 for d in re.findall(r'<path d="([^"]+)"[^>]*style="fill: none; stroke: #12436d', picture)]
    shown = [year for year in years if year not in hidden]
    starts = [0, *[shown.index(one) for one in re.findall(r"20\d\d-\d\d", named)], len(shown)]
    assert paths == [end - start for start, end in zip(starts, starts[1:], strict=False) if end - start > 1]


def test_the_front_page_says_what_the_last_run_could_not_make():
    known = entry("review", "2012-13")
    lacking = [
        {"id": known["id"], "title": "Review", "pilot": "learning_disability", "period": "2012-13"},
        {"id": "new", "title": "<b>Own</b>", "pilot": "", "period": "latest"},
    ]
    page = index_page([known, entry("plan", "2012-13")], not_made=lacking)
    text = re.sub(r"<[^>]+>", "", page)
    assert "Review (Learning disability, 2012-13): the page below is the one published before." in text
    assert "&lt;b&gt;Own&lt;/b&gt; (All pilots together, the latest period): no page has been published yet." in text
    assert page.count("Not renewed in the last run") == 1
    assert "Not made" not in index_page([known])


def test_entries_may_hold_hostile_words():
    page = index_page([entry("review", "2012-13", title="<script>alert(1)</script>", pilot='"><img src=x>')])
    assert "<script" not in page and "<img src=x" not in page


def test_the_front_page_names_a_report_that_was_altered_once_published():
    gone = [{"id": "x", "title": "<b>Own</b>", "pilot": "", "period": "latest"}]
    page = index_page([entry("review", "2012-13")], altered=gone)
    assert "&lt;b&gt;Own&lt;/b&gt; (All pilots together, the latest period): altered since it was published." in page
    assert '<a href="#altered">' in page and "altered" not in index_page([entry("review", "2012-13")])


def test_a_list_of_changed_numbers_says_what_stands_in_each_column():
    html = changes.compare(report(), report(value=3.4)).html
    heads = re.findall(r'<th scope="col">([^<]*)</th>', html)
    assert heads == ["Measure", "Numbers that are different", "Which: before → now"]
