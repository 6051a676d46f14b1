"""A group's name is a word of the data: it leaves only where something of the group is shown."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.disclosure import Released

PERSON = "Zebedee Quillfeather"
PARTS = {"Bidston": (40, 100), "Oxton": (60, 120), "Prenton": (30, 90), PERSON: (0, 1)}


@pytest.fixture
def released(with_total):
    return disclosure.release(with_total(PARTS))


def test_the_name_of_a_group_of_one_person_is_not_shown_and_its_row_stays(released):
    figures = released.without_names_of_few().figures
    assert PERSON not in figures.to_csv()
    assert {"Bidston", "Oxton", "all"} <= set(figures["group"])
    nameless = figures[figures["group"].str.endswith("name not shown")]
    assert len(nameless) >= 1 and nameless["hidden"].all() and len(figures) == 5


def test_nothing_but_the_names_changes(released):
    before, after = released.figures, released.without_names_of_few().figures
    pd.testing.assert_frame_equal(before.drop(columns="group"), after.drop(columns="group"))


def test_a_name_that_tables_without_persons_hold_is_shown_though_its_figures_are_hidden(released):
    figures = released.without_names_of_few({"ward": [PERSON]}).figures
    assert PERSON in set(figures["group"])
    assert PERSON not in set(released.without_names_of_few({"provider": [PERSON]}).figures["group"])


def test_a_zero_of_nobody_does_not_show_a_name(with_total):
    results = with_total(PARTS)
    others = with_total({**dict.fromkeys(PARTS, (10, 50)), PERSON: (0, 0)}, measure="made_up_other")
    figures = disclosure.release(pd.concat([results, others], ignore_index=True)).without_names_of_few().figures
    assert PERSON not in figures.to_csv()


def test_two_small_groups_stay_two_rows_under_numbers_of_their_own(with_total):
    released = disclosure.release(with_total({**PARTS, "Another Person": (1, 2)})).without_names_of_few()
    small = [g for g in released.figures["group"] if g.endswith("name not shown")]
    assert sorted(small) == ["small ward 1, name not shown", "small ward 2, name not shown"]
    chosen = released.select(group="small ward 2, name not shown")
    assert len(chosen) == 1 and chosen.figures["group"].tolist() == ["small ward 2, name not shown"]


def test_the_wider_group_that_a_row_lies_in_loses_its_name_too(table):
    rows = [("all", "all", 100, 300), ("ward", "Bidston", 99, 298), ("ward", "W", 1, 2)]
    rows += [("locality", "North", 99, 298), ("locality", PERSON, 1, 2)]
    hierarchy = {("ward", "locality"): {"Bidston": "North", "W": PERSON}}
    released = disclosure.release(table(rows), hierarchy=hierarchy)
    assert f"locality={PERSON}" in set(released.figures["within"])
    assert PERSON not in released.without_names_of_few().figures.to_csv()


def test_the_record_keeps_the_names_and_a_page_does_not(released, tmp_path):
    shown = released.without_names_of_few()
    again = Released.read(shown.write(tmp_path / "released.json"))
    assert PERSON in set(again.figures["group"]) and PERSON in set(shown.history["group"])


def test_the_attack_proves_the_same_under_either_name(released):
    pd.testing.assert_frame_equal(disclosure.attack(released), disclosure.attack(released.without_names_of_few()))


def test_noise_that_lifts_one_person_over_the_threshold_takes_no_name_along(with_total):
    one = with_total({**PARTS, PERSON: (1, 1)}).assign(key_all=1.0, public=False)
    few = disclosure.names_of_few(one)
    assert few == {"ward": [PERSON]}
    shown = disclosure.release(with_total({**PARTS, PERSON: (40, 90)}))  # as if noise had lifted it
    assert PERSON in set(shown.figures["group"])
    assert PERSON not in set(shown.without_names_of_few({}, few).figures["group"])
    assert PERSON in set(shown.without_names_of_few(few, few).figures["group"])  # a table without persons holds it too
