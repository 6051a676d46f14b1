"""Cards, the list and the reference page say what the measures say, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commissioning.errors import UsageError
from commissioning.measures import catalogue, describe

CATALOGUE = catalogue()
ROOT = Path(__file__).parents[2]


def test_the_reference_page_is_what_the_measures_make_of_it() -> None:
    page = (ROOT / "docs" / "reference" / "measures.md").read_text(encoding="utf-8")
    assert page == describe.reference_page(CATALOGUE), "run: python -m commissioning.measures.describe"


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    assert describe.main([str(tmp_path / "new" / "measures.md")]) == 0
    assert (tmp_path / "new" / "measures.md").read_text(encoding="utf-8").startswith("# Measures\n")


def test_the_list_names_every_measure_once_under_its_own_kind() -> None:
    text = describe.listing(CATALOGUE)
    for id_ in CATALOGUE:
        assert sum(line.split()[:1] == [id_] for line in text.splitlines()) == 1
    outcomes = text.split("\nOutputs\n")[0]
    for id_, measure in CATALOGUE.items():
        if not measure.is_outcome:
            assert f"  {id_} " not in outcomes
    assert describe.listing({}) == "There are no measures here.\n"


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_a_card_shows_every_rule_caveat_and_source_of_its_measure(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    text = describe.card_text(measure)
    rules = [*measure.population, measure.not_applicable, measure.achieved, measure.amount]
    rules += [measure.out_of, measure.unknown]
    for words in [rule.says for rule in rules if rule is not None] + [*measure.caveats, measure.why, measure.unit]:
        assert words in text
    assert measure.source.reference in text and "21 November 2026" in text
    assert text.splitlines()[:2] == [measure.title, measure_id]


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_a_card_is_plain_json(measure_id: str) -> None:
    card = describe.card_json(CATALOGUE[measure_id])
    assert json.loads(json.dumps(card)) == card
    assert card["id"] == measure_id
    assert (card["level"] is not None) == (card["kind"] == "outcome")
    assert card["numerator"] and card["denominator"]


def test_a_card_is_found_by_its_id_and_a_misspelt_id_gets_the_nearest() -> None:
    measure = CATALOGUE["vcf_funding_spend"]
    assert describe.card_json("vcf_funding_spend") == describe.card_json(measure)
    assert describe.card_text("vcf_funding_spend") == describe.card_text(measure)
    with pytest.raises(UsageError, match="the nearest is vcf_funding_spend"):
        describe.card_text("vcf_funding_spnd")


def test_the_list_as_json_holds_every_card_outcomes_first() -> None:
    cards = describe.listing_json()
    assert {card["id"] for card in cards} == set(CATALOGUE)
    kinds = [card["kind"] for card in cards if "_control_" not in card["id"]]
    assert kinds == sorted(kinds, key=["outcome", "output", "input", "process"].index)
    assert describe.listing() == describe.listing(CATALOGUE)
