"""Costs in Client Level Data are planned: a change in them is told only where every month stands at prices of its own time."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.evidence.intake import take_in
from commissioning.measures import catalogue
from commissioning.simulate import client_level
from commissioning.study import planned_cost, value_for_money


def study(*rows):
    """What a study holds of its coverage: (year, months, months at prices of their own time)."""
    frame = pd.DataFrame(rows, columns=["year", "months", "months_at_own_prices"]) if rows else pd.DataFrame()
    return SimpleNamespace(published=lambda name: frame, record={})


WHOLE = (("2023-24", 12, 12), ("2024-25", 12, 12))


def test_packages_of_a_councils_own_are_compared_as_ever():
    assert planned_cost.priced_alike(study(), "2023-24", "2024-25") and not planned_cost.no_effect(study(), "2024-25")


def test_years_wholly_at_prices_of_their_own_time_are_compared():
    assert planned_cost.priced_alike(study(*WHOLE), "2023-24", "2024-25")
    assert not planned_cost.no_effect(study(*WHOLE), "2024-25")


@pytest.mark.parametrize("other", [("2023-24", 12, 3), ("2023-24", 9, 9)])
def test_a_year_in_part_or_at_later_prices_is_set_beside_no_other(other):
    assert not planned_cost.priced_alike(study(other, WHOLE[1]), "2023-24", "2024-25")


def test_a_year_that_no_submission_covers_is_set_beside_no_other():
    assert not planned_cost.priced_alike(study(*WHOLE), "2022-23", "2024-25")


def test_one_month_at_later_prices_refuses_an_effect_on_cost_and_says_what_to_bring():
    held = study(("2023-24", 12, 9), WHOLE[1])
    pilot = pilots.load("learning_disability", sample=True)
    measure = catalogue("learning_disability")["learning_disability_weekly_cost"]
    made, why, *_ = value_for_money._extra_cost(held, pilot, measure, pd.Series(dtype=object), "2024-25")
    assert made is None
    assert "3 of 24 months stand at later prices" in why and "bring the submission" in why


def test_prices_after_the_period_do_not_matter():
    assert not planned_cost.no_effect(study(*WHOLE, ("2025-26", 6, 3)), "2024-25")


@pytest.mark.parametrize(("ends", "own"), [(("2025-03",), 3), (("2024-06", "2024-09", "2024-12", "2025-03"), 12)])
def test_one_file_alone_carries_one_quarters_prices_and_a_file_a_quarter_carries_all(tmp_path, ends, own):
    world = client_level.invented(3, 500)
    for end in ends:
        last = (pd.Period(end, "M").end_time).date()
        first = date(last.year - 1, last.month, last.day) + pd.Timedelta(days=1)
        (tmp_path / f"{end}.csv").write_bytes(client_level.csv_of(client_level.rows(world, first, last), 2))
    coverage = take_in(tmp_path, area="E08000015").tables["coverage"].set_index("year")
    assert coverage.loc["2024-25", "months_at_own_prices"] == own
