"""Each stage reads what the one before it wrote (2011 report, 4.5)."""

import pytest
from pydantic import ValidationError

from commissioning import reports
from commissioning.presentation.words import RUNGS
from commissioning.reports import closing
from commissioning.reports import stage_records as records


def a_record(**more):
    fields = {"stage": "plan", "pilot": "vcf_funding", "area": "E08000015", "period": "2014-15", "illustrative": True}
    return records.StageRecord(**{**fields, **more})


def test_a_record_comes_back_as_it_was_written(tmp_path):
    record = a_record(warnings=("one",), lessons=("two",))
    records.write(record, tmp_path)
    assert records.read("plan", "vcf_funding", (tmp_path,)) == record


def test_the_same_record_has_the_same_bytes(tmp_path):
    first = records.write(a_record(), tmp_path / "a").read_bytes()
    assert records.write(a_record(), tmp_path / "b").read_bytes() == first


def test_a_stage_that_was_not_run_has_no_record(tmp_path):
    assert records.read("review", "vcf_funding", (tmp_path,)) is None


def test_analyse_follows_the_review_of_the_cycle_before():
    assert [records.predecessor(one) for one in records.ORDER] == ["review", "analyse", "plan", "do"]


def test_an_unknown_field_in_a_record_is_refused():
    with pytest.raises(ValidationError):
        a_record(finding="misspelt")


@pytest.mark.parametrize("text", ["{broken", "", "{}", '{"stage": "plan"}', "\ud800".encode("utf-8", "surrogatepass")])
def test_a_record_that_cannot_be_read_is_left_aside_and_named(tmp_path, text):
    good = a_record(stage="review", period="2013-14")
    kept, served = tmp_path / "kept", tmp_path / "served"
    records.write(good, served)
    kept.mkdir()
    for name in ("vcf_funding.review.json", "vcf_funding.review.2012-13.json"):
        (kept / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    folders = (kept, served)
    assert records.read("review", "vcf_funding", folders) == good
    assert records.last_review("vcf_funding", folders, before="2015-16") is None
    assert records.damaged("vcf_funding", folders) == ["vcf_funding.review.2012-13.json", "vcf_funding.review.json"]
    assert records.damaged("vcf_funding", (served,)) == []


def test_a_report_opens_beside_a_damaged_record_and_says_so(tmp_path, monkeypatch):
    (tmp_path / "learning_disability.plan.json").write_text("{broken")
    monkeypatch.setenv("COMMISSIONING_RECORDS", str(tmp_path))
    report = reports.open("do", pilot="learning_disability")
    report.informed_by()
    assert any("learning_disability.plan.json: the record cannot be read" in one for one in report.lacks)


def test_a_review_hands_on_what_lasted_benefits_engagement_and_the_claim_on_each_change():
    record = closing.stage_record(reports.open("review", pilot="learning_disability"))
    assert any("Goals" in one or "goal" in one for one in record.sustained)
    assert record.benefits and record.engagement and set(record.claims.values()) <= set(RUNGS)
    assert record.claims["learning_disability_own_goal_met"] == "attributable"
    told = reports.open("analyse", pilot="learning_disability").informed_by().record
    assert {"lasted", "benefit", "people said", "lesson"} <= {row[1] for row in told["rows"]}
    assert "2015-16" in told["title"] and "stands in for the one before it" in told["title"]
