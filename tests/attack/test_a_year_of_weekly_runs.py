"""A growing year, run every week: each week's figures are true to that week's data within the stated noise, and nothing breaks."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import attackers
import council_kit as kit
import numpy as np
import pandas as pd
import pytest

from commissioning import clock
from commissioning.study import breaks, then

KEYS = ["group_kind", "group", "period"]


def true_counts(rows):
    told = rows[rows["goal_met"].ne("unknown")].assign(all="all", yes=rows["goal_met"].eq("yes"), year="2014-15")
    parts = [
        told.groupby([kind, when])["yes"]
        .agg(["sum", "size"])
        .rename_axis(["group", "period"])
        .reset_index()
        .assign(group_kind=kind)
        for kind, when in (
            ("all", "year"),
            ("all", "period"),
            ("locality", "year"),
            ("ward", "year"),
            ("provider", "year"),
        )
    ]
    return pd.concat(parts).rename(columns={"sum": "true_numerator", "size": "true_denominator"})


def weekly(weeks, seed=0):
    rows = kit.people(seed)
    worlds = [rows[rows["week"] <= week] for week in weeks]
    figures = kit.publish_each(worlds, [b"a secret of thirty-two bytes ...."] * len(worlds))
    return [one.merge(true_counts(world), on=KEYS) for one, world in zip(figures, worlds, strict=True)]


def assert_true_to_the_data(weeks, sure):
    noise, both = kit.policy_says()["noise"], pd.concat(weekly(weeks), ignore_index=True)
    reach = 3 * noise + 3  # as far as the table goes, and half of what is rounded to
    for name in ("numerator", "denominator"):
        # A quarter that is over has the same people, so the same noise, in every week after it: it is one draw.
        once = both.drop_duplicates([*KEYS, name, "true_numerator", "true_denominator"])
        moved = (once[name] - once[f"true_{name}"]).dropna()
        assert moved.abs().max() <= reach
        large = moved[both[f"true_{name}"].reindex(moved.index).gt(40)]
        assert large.std() == pytest.approx(np.hypot(noise, 2**0.5), rel=sure)
    shown = both.dropna(subset=["numerator"])
    inside = (shown["true_numerator"] / shown["true_denominator"]).between(shown["lower"], shown["upper"])
    assert inside.mean() > 0.95  # the limits allow for noise and chance both; the truth of the week is without chance


def test_six_weeks_of_runs_are_each_true_to_the_data_of_their_week():
    assert_true_to_the_data(range(30, 36), sure=0.35)


@pytest.mark.soak
def test_fifty_two_weeks_of_runs_are_each_true_to_the_data_of_their_week():
    assert_true_to_the_data(range(52), sure=0.1)


# ---- what is published of the year: so many versions as the policy lets out, and no more


def guessed_from_what_is_published(councils, targets):
    """The share of right guesses at people's answers, from every published version of a year.

    52 weekly runs fill the working site; of them the policy lets out so many versions, the last when the year is closed. The attacker knows
    everybody else's row of every week, and reads all versions together.
    """
    says = kit.policy_says()
    weeks = [*np.linspace(30, 50, int(says["versions"]) - 1).astype(int), 52]
    hits = []
    everybody = [kit.people(100 + number) for number in range(councils)]
    seen = [[] for _ in range(councils)]
    for week in weeks:
        held = [rows[rows["week"] <= week] for rows in everybody]
        secrets = [number.to_bytes(32, "big") for number in range(councils)]
        figures = kit.publish_each(held, secrets, open_year=week != weeks[-1])
        for number, (rows, shown) in enumerate(zip(held, figures, strict=True)):
            shown = shown[~shown["why_hidden"].str.startswith("not shown")]
            seen[number].append((attackers.cells_of(shown), attackers.tally(rows)))
    for number, rows in enumerate(everybody):
        there = rows[rows["goal_met"].ne("unknown") & rows["week"].le(weeks[0])]  # they stand in every version
        for _, person in there.sample(targets, random_state=number).iterrows():
            odds = sum(
                attackers.evidence(shown, attackers.without(known, person), person, says)
                for shown, known in seen[number]
            )
            hits.append((odds > 0) == (person["goal_met"] == "yes"))
    return float(np.mean(hits))


def test_all_published_versions_of_a_year_together_tell_one_answer_no_better_than_stated():
    hits = guessed_from_what_is_published(3, 50)
    assert hits <= kit.policy_says()["guess"] + 0.08  # 150 guesses: twice their own uncertainty


@pytest.mark.soak
def test_a_thousand_guesses_from_all_published_versions_of_a_year():
    assert guessed_from_what_is_published(20, 50) <= kit.policy_says()["guess"] + 0.016


def study_of(counts, released_denominators=None):
    """A study double: what was counted by year, and other released figures beside it; none where no year can break."""
    years = [f"20{at + 10}-{at + 11}" for at in range(len(counts))]
    results = pd.DataFrame({
        "measure": "made_up", "group_kind": "all", "group": "all", "period": years, "denominator": counts, "unknown": 10,
        "pilot": "p", "area": "E08000015", "numerator": 20, "people": 100,
    })  # fmt: skip
    record = {then.SERIES: then.series(results)}
    if released_denominators is None:
        return SimpleNamespace(record=record)
    return SimpleNamespace(record=record, released=kit.release(results.assign(denominator=released_denominators)))


def test_a_break_is_seen_in_the_data_and_never_made_by_what_was_released():
    steady, jumping = [200, 205, 198], [200, 300, 300]
    assert breaks.series_break(study_of(steady, jumping), "made_up") == ""
    assert breaks.break_years(study_of(jumping, steady), "made_up") == ["2011-12"]
    assert (
        breaks.series_break(study_of(jumping, jumping), "made_up")
        == "in 2011-12 the number counted moves from 200 to 300"
    )
    assert breaks.break_years(study_of(jumping), "made_up", "2010-11") == []


def test_no_week_of_a_growing_year_is_told_as_a_break_and_a_break_is_told_when_the_year_is_over(monkeypatch):
    rows, began = kit.people(9), date(2013, 4, 1)
    for week in range(52):
        monkeypatch.setattr(clock, "today", lambda week=week: began + timedelta(weeks=week))
        growing = study_of([700, 690, 705, int((rows["week"] <= week).sum())])  # the last of them is 2013-14
        assert breaks.series_break(growing, "made_up") == "", week
    half = study_of([700, 690, 705, 350])
    assert breaks.break_years(half, "made_up") == []
    monkeypatch.setattr(clock, "today", lambda: date(2014, 3, 31))
    assert breaks.break_years(half, "made_up") == ["2013-14"]


def test_a_study_s_record_says_what_counts_by_year_say_and_holds_none_of_them():
    made = study_of([200, 300, 0, 257])
    assert set(made.record) == {then.SERIES}
    said = made.record[then.SERIES]["made_up"]
    assert [one["breaks"] for one in said.values()] == [False, True, True, False]
    assert [one["complete"] for one in said.values()] == [0.95, 0.96, 0.94, 0.94]
    assert all(set(one) == {"breaks", "complete"} and 0 <= one["complete"] <= 1 for one in said.values())


@pytest.mark.parametrize("counted", [31, 39, 40, 41, 90, 95, 189, 191, 1_000])
def test_completeness_meets_no_floor_of_whole_percents_that_the_data_do_not(counted):
    share = breaks.completeness(study_of([counted]), "made_up")
    assert 0 <= counted / (counted + 10) - share < 0.01
    assert all((share >= floor / 100) == (100 * counted >= floor * (counted + 10)) for floor in range(101))


def test_completeness_is_that_of_the_data():
    assert breaks.completeness(study_of([190, 190], [500, 500]), "made_up") == pytest.approx(0.95)
