"""The facts around a page: whose area, which period, what changed since the version published before."""

from __future__ import annotations

import json
from types import SimpleNamespace

from commissioning.runs import rendering
from commissioning.runs.plan import plan

BEFORE = {
    "figures": [{"measure": "m", "area": "E1", "group_kind": "all", "group": "all", "period": "2014-15", "numerator": 40}],
    "definitions": {"m": {"title": "Paid work", "numerator": "paid, for any hours"}},
}  # fmt: skip


def changed(**more):
    return json.loads(json.dumps(BEFORE)) | more


def test_a_first_version_has_nothing_to_compare_with():
    assert rendering._changes(BEFORE, None, None).record["first"]


def test_numbers_and_definitions_that_differ_from_the_version_before_are_named():
    after = changed(definitions={"m": {"title": "Paid work", "numerator": "paid, for 16 hours or more"}})
    after["figures"][0]["numerator"] = 45
    found = rendering._changes(after, json.dumps(BEFORE), None).record
    assert found["numbers_changed"] == [["Paid work", "2014-15", "number", "40", "45"]]
    assert found["definitions"] == ["The definition of Paid work changed: earlier figures may not compare."]


def test_a_report_made_anew_with_the_same_result_goes_on_saying_what_had_changed():
    after = changed(figures=[BEFORE["figures"][0] | {"numerator": 45}])
    first = rendering._changes(after, json.dumps(BEFORE), None)
    again = rendering._changes(after, json.dumps(after), rendering._text(first.record))
    assert again.record == first.record
    assert again.record["numbers_changed"]


def test_a_version_before_that_cannot_be_read_counts_as_none():
    assert rendering._changes(BEFORE, '{"figures": [', None).record["first"]


def test_an_area_is_named_beside_its_code():
    assert rendering._area({"area_name": "Wirral"}, "E08000015") == "Wirral (E08000015)"
    assert rendering._area({"area_name": "E08000001"}, "E08000001") == "E08000001"
    assert rendering._area({"area": "E08000015", "area_name": "Wirral"}, "") == "Wirral (E08000015)"


def test_a_pages_title_is_its_notebooks_first_heading():
    cells = [
        SimpleNamespace(cell_type="code", source="# a comment"),
        SimpleNamespace(cell_type="markdown", source="Words\n# Review: what changed\n## Part"),
    ]
    assert rendering.first_heading(SimpleNamespace(cells=cells)) == "Review: what changed"
    assert rendering.first_heading(SimpleNamespace(cells=cells[:1])) == ""


def test_a_stage_leads_to_the_easy_read_page_of_its_pilots_own_report_of_the_same_period_and_level(house):
    found = {
        one.id: one.own for one in plan(house.root, house.pilots, illustrative=True, periods=("latest", "2014-15"))
    }
    assert found == {
        "alpha-analyse": "alpha-own",
        "alpha-own": "alpha-own",
        "beta-analyse": "",
        "alpha-analyse-2014-15": "alpha-own-2014-15",
        "alpha-own-2014-15": "alpha-own-2014-15",
        "beta-analyse-2014-15": "",
    }
    assert {one.own for one in plan(house.root, house.pilots, illustrative=True, stages=("analyse",))} == {""}
