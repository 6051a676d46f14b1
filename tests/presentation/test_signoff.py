"""Sign-off is bound to what was read; a changed report is unsigned again."""

from __future__ import annotations

import json
from datetime import date

import pytest

from commissioning.errors import UsageError
from commissioning.presentation import signoff
from commissioning.presentation.exporter import render

DAY = date(2026, 11, 21)


@pytest.fixture()
def report(demo, tmp_path):
    path = tmp_path / "learning_disability.review.html"
    path.write_bytes(render(demo.notebook(), page=demo.page_info()).encode())
    data = tmp_path / "learning_disability.review.json"
    data.write_text('{"figures": []}', encoding="utf-8")
    return data, path


def sign_all(report):
    for role, name in (("analyst", "Ann Analyst"), ("assurer", "Ash Assurer"), ("approver", "Abi Approver")):
        signoff.sign(*report, role, name, DAY)


def test_a_page_is_a_draft_until_all_three_have_signed(report):
    assert "Draft: not signed off" in report[1].read_text(encoding="utf-8")
    signoff.sign(*report, "analyst", "Ann Analyst", DAY)
    text = report[1].read_text(encoding="utf-8")
    assert "signed so far by the analyst" in text and "print-banner" in text.split("</style>")[1]
    sign_all(report)
    text = report[1].read_text(encoding="utf-8")
    assert "Signed off by Abi Approver on 2026-11-21" in text
    assert 'class="print-banner"' not in text
    assert all(name in text for name in ("Ann Analyst", "Ash Assurer", "Abi Approver"))


def test_signing_changes_nothing_but_the_status(report):
    before = signoff.page_digest(report[1].read_text(encoding="utf-8"))
    sign_all(report)
    assert signoff.page_digest(report[1].read_text(encoding="utf-8")) == before
    assert all(one.valid for one in signoff.read(*report))


def test_the_run_line_is_part_of_what_is_signed(demo):
    one, other = (render(demo.notebook(), page=demo.page_info(run=run)) for run in ("Run 7", "Run 8"))
    assert one != other and signoff.page_digest(one) != signoff.page_digest(other)


@pytest.mark.parametrize("changed", [0, 1])
def test_a_changed_report_is_unsigned_again(report, changed):
    sign_all(report)
    path = report[changed]
    path.write_text(
        path.read_text(encoding="utf-8").replace("figures", "numbers").replace("1,015", "1,016"), encoding="utf-8"
    )
    signatures = signoff.read(*report)
    assert len(signatures) == 3 and not any(one.valid for one in signatures)
    assert not signoff.is_signed_off(signatures)
    assert "changed since it was signed" in signoff.with_status(report[1].read_text(encoding="utf-8"), signatures)


@pytest.mark.parametrize("order", [("analyst", "assurer"), ("assurer", "analyst")])
def test_the_assurer_is_not_the_analyst(report, order):
    signoff.sign(*report, order[0], "Sam Same", DAY)
    with pytest.raises(UsageError, match="not the analyst"):
        signoff.sign(*report, order[1], "  sam   SAME ", DAY)


@pytest.mark.parametrize(
    "spelt", ["sam sáme".upper(), "S. am-Sáme", "Ｓａｍ Sa\u0301me", "Sam\u200b Sáme", "SAM SÁME\u202e"]
)
def test_another_spelling_of_a_name_makes_no_second_person(report, spelt):
    signoff.sign(*report, "analyst", "Sam Sáme", DAY)
    with pytest.raises(UsageError, match="not the analyst"):
        signoff.sign(*report, "assurer", spelt, DAY)
    assert signoff.sign(*report, "assurer", "Sam Samé", DAY).name == "Sam Samé"


def test_a_name_is_kept_without_signs_that_are_not_seen(report):
    assert signoff.sign(*report, "analyst", "Ann\u200b\x00\n Lee\u202e", DAY).name == "Ann Lee"


def test_a_status_that_somebody_wrote_into_a_signed_page_unsigns_it(report):
    sign_all(report)
    text = report[1].read_text(encoding="utf-8")
    report[1].write_text(text.replace("<h1", "<!--status:more--><p>Approved</p><!--/status--><h1", 1), encoding="utf-8")
    assert not signoff.is_signed_off(signoff.read(*report))


@pytest.mark.parametrize(
    ("role", "name"),
    [("boss", "A"), ("analyst", "  "), ("", "A"), ("analyst", "\u200b"), ("analyst", "..."), ("analyst", "A" * 121)],
)
def test_an_unknown_role_or_an_empty_name_is_refused(report, role, name):
    with pytest.raises(UsageError):
        signoff.sign(*report, role, name, DAY)


def test_a_report_that_is_not_there_cannot_be_signed(tmp_path):
    with pytest.raises(UsageError, match="no such report"):
        signoff.sign(tmp_path / "x.json", tmp_path / "x.html", "analyst", "A", DAY)


def test_signing_again_replaces_ones_own_signature(report):
    signoff.sign(*report, "analyst", "Ann Analyst", DAY)
    signoff.sign(*report, "analyst", "Bo Analyst", DAY)
    assert [one.name for one in signoff.read(*report)] == ["Bo Analyst"]


def test_a_broken_sign_off_file_is_named(report):
    signoff.signoff_path(report[0]).write_text("[]", encoding="utf-8")
    with pytest.raises(UsageError, match="signoff.json"):
        signoff.read(*report)


def test_a_name_is_shown_as_text(report):
    signoff.sign(*report, "analyst", "<b>Ann</b>", DAY)
    assert "&lt;b&gt;Ann&lt;/b&gt;" in report[1].read_text(encoding="utf-8")


def test_the_file_beside_the_report_says_who_when_and_for_what(report):
    sign_all(report)
    kept = json.loads(signoff.signoff_path(report[0]).read_text(encoding="utf-8"))["signatures"]
    assert [one["role"] for one in kept] == ["analyst", "assurer", "approver"]
    assert all(
        len(one["report_sha256"]) == len(one["page_sha256"]) == 64 and one["when"] == "2026-11-21" for one in kept
    )


def test_an_approver_who_is_the_analyst_may_sign_and_the_page_says_so(report):
    sign_all(report)
    assert signoff.SAME_PERSON not in report[1].read_text(encoding="utf-8")
    signoff.sign(*report, "approver", "ann  ANALYST", DAY)
    text = report[1].read_text(encoding="utf-8")
    assert text.count(signoff.SAME_PERSON) == 1 and "Signed off by ann ANALYST" in text
