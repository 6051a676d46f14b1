"""The answer at the top of an analyst's page, and the annex at its end, are one call each."""

from __future__ import annotations

import json

import pytest

import commissioning as cm
from commissioning.errors import DataRefused, UsageError
from commissioning.presentation import page
from commissioning.presentation.display import Display
from commissioning.reports import analyse, annexes, closing, face
from commissioning.study import showing


@pytest.fixture
def displayed(monkeypatch):
    shown: list[Display] = []
    monkeypatch.setattr("IPython.display.display", lambda *things, **_: shown.extend(things))
    return shown


@pytest.fixture(autouse=True)
def nothing_shown_yet(monkeypatch):
    """What other tests showed in this process is no part of these pages."""
    monkeypatch.setattr(showing, "kept", {})


@pytest.fixture(scope="module")
def study():
    return cm.open("vcf_funding")


def test_the_answer_has_at_most_five_lines_and_is_the_same_when_it_is_asked_again(study):
    first = cm.answer(study, stage="analyse")
    assert first.record["kind"] == "answer" and 3 <= len(first.lines) <= 5
    assert cm.answer(study, stage="analyse").record == first.record
    page = face.stage_page(study, "analyse")
    assert [one.sentence for one in page.key_said] == [one["sentence"] for one in first.record["findings"]]


def test_the_annex_holds_what_stands_behind_all_pages_and_writes_its_results(study, displayed, tmp_path, monkeypatch):
    monkeypatch.setenv(closing.OUT, str(tmp_path))
    monkeypatch.setenv(closing.REPORT, "mine")
    monkeypatch.setenv(closing.NONCE, "a word")
    last = cm.annex(study, stage="annex")
    kinds = {one.record["kind"] for one in displayed}
    assert {"reconciliation", "definition", "glossary", "parameters", "steps"} <= kinds
    assert last.record["lines"] == ["This is the end of the report."]
    assert (tmp_path / "sentinel").read_text() == "a word"
    assert json.loads((tmp_path / "mine.json").read_text())["pilot"] == "vcf_funding"


def test_a_page_ends_in_one_block_on_what_it_rests_on_and_hands_on_the_record_of_its_stage(
    study, displayed, tmp_path, monkeypatch
):
    monkeypatch.setenv(closing.OUT, str(tmp_path))
    monkeypatch.setenv(closing.REPORT, "mine")
    monkeypatch.setenv(closing.NONCE, "a word")
    cm.annex(study, stage="analyse")
    assert [one.record["kind"] for one in displayed] == ["heading", "behind"]
    block = displayed[-1].record
    assert {label for label, _ in block["rests"]} == {"Period", "Figures from", "State of the figures"}
    assert {one["measure"] for one in block["cards"]} == {
        key for key, one in study.measures.items() if not one.is_control
    }
    assert (tmp_path / "sentinel").read_text() == "a word"
    assert (tmp_path / "vcf_funding.analyse.json").is_file(), "the record of the stage is handed on"


def test_a_figure_that_was_shown_is_declared_so_that_a_lost_one_is_missed(study, displayed, tmp_path, monkeypatch):
    monkeypatch.setenv(closing.OUT, str(tmp_path))
    monkeypatch.setenv(closing.REPORT, "mine")
    cm.annex(study, stage="analyse")
    before = json.loads((tmp_path / "mine.json").read_text())["declared"]
    latest = study.outcomes(periods="latest")
    cm.show(latest, title="Outcomes", alt="A table of each outcome in the latest year.")
    cm.show(cm.charts.dots(latest, x="title"), title="Outcomes", alt="A point for each outcome in the latest year.")
    cm.annex(study, stage="analyse")
    after = json.loads((tmp_path / "mine.json").read_text())["declared"]
    assert after["tables"] == before["tables"] + 1 and after["figures"] == before["figures"] + 1


def test_each_chapter_of_the_annex_has_its_heading_and_only_the_annex_closes_a_report(study, displayed):
    cm.annex(study, stage="annex")
    headings = [one.record["title"] for one in displayed if one.record["kind"] == "heading"]
    assert headings == [one.title for one in annexes.ANNEX] and headings[-1] == "About this report"
    assert [one for one in page.ORDER_OF_AN_ANNEX if one in headings] == headings, "as the exporter has them"
    with pytest.raises(UsageError, match=r"closed as that of a stage: write cm\.annex"):
        closing.close(study)


def test_what_was_shown_of_a_study_is_in_the_record_of_the_stage_that_closes_it(displayed, tmp_path, monkeypatch):
    monkeypatch.setenv(closing.OUT, str(tmp_path))
    monkeypatch.setenv(closing.REPORT, "mine")
    mine = cm.open("vcf_funding")
    told = analyse.needs(mine)
    assert repr(told) and not told.page.kept, "nothing counts as shown before it is shown"
    told._ipython_display_()
    assert set(told.page.kept) == {one.id for one in displayed}
    cm.annex(mine, stage="analyse")
    record = json.loads((tmp_path / "vcf_funding.analyse.json").read_text())
    assert set(told.lacks) <= set(record["lacks"])


def test_every_pilots_study_opens_in_one_call_for_what_stands_across_them(displayed):
    studies = cm.open_all(period="2013-14")
    assert [one.pilot for one in studies] == ["learning_disability", "vcf_funding"]
    assert {one.period for one in studies} == {"2013-14"}
    assert cm.answer(studies, stage="cabinet_summary").record["kind"] == "answer"
    with pytest.raises(UsageError, match="no stage is called 'review'"):
        cm.answer(studies, stage="review")
    with pytest.raises(DataRefused, match="1999-00"):
        cm.open_all(period="1999-00")


def test_a_stage_that_is_none_is_refused_with_the_nearest(study):
    with pytest.raises(UsageError, match="no stage is called 'analyze': did you mean analyse"):
        cm.answer(study, stage="analyze")
