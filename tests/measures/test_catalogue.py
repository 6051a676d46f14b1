"""Both catalogues, row by row, as the commissioners wrote them; the expectations here are typed by hand."""

from __future__ import annotations

import dataclasses
import importlib.util
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from commissioning.errors import UsageError
from commissioning.measures import Input, Measure, Outcome, Output, Process, Rule, Source, catalogue
from commissioning.sections import levels

CATALOGUE = catalogue()
HIGHER, NEUTRAL = ("higher", None), ("neutral", None)
PARITY, RANGE = ("neutral", "parity"), ("neutral", "range")

# id, kind (level and domain of an outcome), direction and aim, paragraphs
ROWS = [
    ("learning_disability_own_goal_met", ("individual", "choice and control"), HIGHER, ("4.9",)),
    ("learning_disability_goal_kept", ("individual", "quality of life"), HIGHER, ("4.1",)),
    ("learning_disability_paid_work", ("individual", "economic"), HIGHER, ("4.14b",)),
    ("learning_disability_paid_work_16_hours", ("individual", "economic"), HIGHER, ("4.14b",)),
    ("learning_disability_ascof_1e", ("strategic", "economic"), HIGHER, ("4.14b",)),
    ("learning_disability_ascof_1g", ("strategic", "quality of life"), HIGHER, ("4.14b",)),
    ("learning_disability_home_chosen", ("individual", "dignity"), HIGHER, ("4.14b",)),
    ("learning_disability_leisure_chosen", ("individual", "contribution"), HIGHER, ("4.14b",)),
    ("learning_disability_control", ("individual", "choice and control"), HIGHER, ("4.9", "4.11a")),
    ("learning_disability_risk_reduced", ("service", "dignity"), HIGHER, ("4.14",)),
    ("learning_disability_access_gap", ("strategic", "freedom from discrimination"), PARITY, ("4.14d",)),
    ("learning_disability_review_in_time", Process, HIGHER, ("4.14a", "4.14c")),
    ("learning_disability_review_in_time_day_support", Process, HIGHER, ("4.14c",)),
    ("learning_disability_day_mix", Output, NEUTRAL, ("4.14c",)),
    ("learning_disability_advocacy_provided", Output, HIGHER, ("4.14e",)),
    ("learning_disability_weekly_cost", Input, NEUTRAL, ("4.14a",)),
    ("vcf_funding_outcome_reached", ("service", "agreed with the organisation"), HIGHER, ("4.6",)),
    ("vcf_funding_target_met", ("service", "agreed with the organisation"), HIGHER, ("App. 2 2.2c",)),
    ("vcf_funding_outcome_kept", ("individual", "quality of life"), HIGHER, ("4.1",)),
    ("vcf_funding_what_good", ("individual", "choice and control"), HIGHER, ("4.6",)),
    ("vcf_funding_no_care_yet", ("strategic", "health"), HIGHER, ("4.9", "App. 2 2.2c")),
    ("vcf_funding_small_survival", ("strategic", "contribution"), HIGHER, ("5.4", "11.1")),
    ("vcf_funding_people_supported", Output, NEUTRAL, ("4.8b",)),
    ("vcf_funding_spend", Input, NEUTRAL, ("App. 2 2.2c",)),
    ("vcf_funding_award", Input, NEUTRAL, ("App. 2 2.2c",)),
    ("vcf_funding_volunteer_hours", Input, NEUTRAL, ("4.8c",)),
    ("vcf_funding_monitoring_hours", Input, RANGE, ("4.7", "5.3")),
    ("vcf_funding_fair_access", Process, PARITY, ("11.1",)),
    ("vcf_funding_same_purpose", Process, NEUTRAL, ("4.13e",)),
    ("vcf_funding_criteria_scored", Process, HIGHER, ("4.11d", "12.1")),
    ("vcf_funding_criteria_scored_carbon", Process, HIGHER, ("12.1",)),
    ("vcf_funding_criteria_scored_social_value", Process, HIGHER, ("4.11d",)),
    ("vcf_funding_lesson_written", Process, HIGHER, ("4.11f",)),
]


@pytest.mark.parametrize(("measure_id", "kind", "direction", "paragraphs"), ROWS)
def test_each_row_of_the_catalogue_has_its_kind_direction_and_paragraph(
    measure_id: str, kind: object, direction: tuple[str, str | None], paragraphs: tuple[str, ...]
) -> None:
    measure = CATALOGUE[measure_id]
    if isinstance(kind, tuple):
        again = measure_id in (
            "learning_disability_goal_kept",
            "vcf_funding_outcome_kept",
        )  # looked at once more, later
        assert measure.kind == Outcome(level=kind[0], domain=kind[1], again=again)
    else:
        assert type(measure.kind) is kind
    assert (measure.better, measure.aim) == direction
    assert measure.answers == paragraphs


def test_an_output_an_input_or_a_process_is_never_an_outcome_nor_a_main_measure() -> None:
    for measure in CATALOGUE.values():
        assert measure.is_outcome == isinstance(measure.kind, Outcome)
        if not measure.is_outcome:
            assert not measure.primary


def test_an_output_cannot_be_made_the_main_measure_of_what_good_was_done() -> None:
    output = CATALOGUE["learning_disability_day_mix"]
    with pytest.raises(ValueError, match="never a primary measure"):
        dataclasses.replace(output, primary=True, spend_scope="purpose")


def test_each_pilot_has_main_measures_with_a_purpose_to_set_spend_against() -> None:
    for pilot in ("learning_disability", "vcf_funding"):
        main = [m for m in catalogue(pilot).values() if m.primary]
        assert main
        assert all(m.is_outcome and m.spend_scope == "purpose" for m in main)


def test_published_figures_have_shared_spend_so_nothing_is_divided_by_them() -> None:
    for id_ in ("learning_disability_ascof_1e", "learning_disability_ascof_1g"):
        assert CATALOGUE[id_].spend_scope == "shared"


def test_a_measure_has_no_defaults_so_a_forgotten_or_misspelt_field_fails_on_import() -> None:
    given = {one.name for one in dataclasses.fields(Measure) if one.default is not dataclasses.MISSING}
    assert given == {"judged_by"}, "the one default claims least: those who support say whether it was reached"
    with pytest.raises(TypeError):
        Measure(id="a_b", titel="misspelt")  # type: ignore[call-arg]


def test_a_measure_cannot_be_changed_after_it_is_made() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CATALOGUE["learning_disability_control"].title = "other"  # type: ignore[misc]


def test_answers_by_proxy_stand_apart_for_every_question_put_to_a_person() -> None:
    for what in ("control", "home_chosen", "leisure_chosen"):
        own, proxy = (
            CATALOGUE[f"learning_disability_{what}"],
            CATALOGUE[f"learning_disability_by_proxy_{what}"],
        )
        assert own.population != proxy.population
        assert proxy.spend_scope == "none"


def test_no_text_uses_the_words_that_pages_may_not() -> None:
    for measure in CATALOGUE.values():
        text = " ".join([measure.title, measure.why, *measure.caveats, *(rule.says for rule in measure.population)])
        for word in (
            "treated",
            "neediest",
            "BME",
            "customers ",
            "proved",
            "saved",
            "failed",
            "decommission",
            "decoy",
            "burden",
        ):
            assert word not in text, (measure.id, word)


def test_sources_and_dates_are_given_and_nothing_is_in_force_before_the_report() -> None:
    for measure in CATALOGUE.values():
        assert measure.source.title and measure.source.reference
        assert measure.source.read_on == date(2026, 11, 21)
        assert measure.in_force_from > date(2011, 6, 2)
        assert measure.caveats


def test_ids_begin_with_their_pilot_so_a_pilot_finds_its_own() -> None:
    assert set(catalogue("learning_disability")) | set(catalogue("vcf_funding")) == set(CATALOGUE)
    assert not set(catalogue("learning_disability")) & set(catalogue("vcf_funding"))
    assert catalogue("no_such_pilot") == {}


OWN = """
from dataclasses import replace
from commissioning.measures import catalogue
from commissioning.measures.learning_disability import OWN_GOAL_MET

MEASURES = (replace(OWN_GOAL_MET, id="drug_and_alcohol_goal_met", title="People who met their goal"),)
"""


def test_another_service_joins_by_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "drug_and_alcohol"
    folder.mkdir()
    (folder / "measures.py").write_text(OWN, encoding="utf-8")
    assert list(catalogue("drug_and_alcohol", folder=folder)) == ["drug_and_alcohol_goal_met"]
    assert "drug_and_alcohol_goal_met" in catalogue(folder=tmp_path)
    assert "drug_and_alcohol_goal_met" not in catalogue()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OWN.replace("drug_and_alcohol_goal_met", "learning_disability_paid_work"), "is taken"),
        ("MEASURES = ()", "has no measures"),
        ("MEASURES = (1,)", "may hold Measure only"),
        ("def (", "SyntaxError"),
    ],
)
def test_a_pilots_own_file_that_cannot_be_used_is_named_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "measures.py").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says) as error:
        catalogue(folder=tmp_path)
    assert "measures.py" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        catalogue(folder=tmp_path / "nowhere")


def test_the_public_names_are_there() -> None:
    assert {Measure, Rule, Source, Outcome, Output, Input, Process}
    assert importlib.util.find_spec("commissioning.measures.calculate")


OUTCOMES = {key: one for key, one in catalogue().items() if one.is_outcome}


@pytest.mark.parametrize("key", OUTCOMES)
def test_each_outcome_says_its_level_in_words_of_its_own(key: str) -> None:
    measure = OUTCOMES[key]
    said = levels.clause(measure, "63.7%")
    assert said.count("63.7%") == 1 and "“" not in said and len(said.split()) <= 25
    assert [one for one in OUTCOMES.values() if one.id != key and one.kind.told == measure.kind.told] == []  # type: ignore[union-attr]
    if measure.counted == "reviews":
        assert "at 63.7% of reviews" in said or "63.7% of the checks" in said or "63.7% of people reviewed" in said, (
            "reviews are not people"
        )


def test_a_second_level_takes_the_word_before_the_first() -> None:
    goal, work = OUTCOMES["learning_disability_own_goal_met"], OUTCOMES["learning_disability_paid_work"]
    assert levels.clause(goal, "63.7%") == "the main goal was met at 63.7% of reviews"
    assert (levels.again(goal, "58.0%"), levels.again(work, "6.8%")) == ("at 58.0%", "6.8%")


def test_a_measure_without_words_of_its_own_is_told_under_its_title() -> None:
    bare = replace(OUTCOMES["vcf_funding_what_good"], kind=Outcome(level="individual", domain="health"))
    assert levels.clause(bare, "5.0%") == f"“{bare.title}” was 5.0%" and levels.again(bare, "4.0%") == "4.0%"
    with pytest.raises(ValueError, match="once, where the level stands"):
        Outcome(level="individual", domain="health", told="most people gained")
