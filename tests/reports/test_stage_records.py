"""Each stage reads what the one before it wrote (2011 report, 4.5)."""

import pytest
from pydantic import ValidationError

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
