"""Where noise would cost a pilot more than half of what is worth finding, it has fewer tables, and where that is not enough no noise.

The choice is the whole pilot's, and no person turns it.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning import disclosure, ledger
from commissioning import pilot as pilots
from commissioning.cli import main
from commissioning.disclosure import fitting, in_words
from commissioning.seal import folder_of
from commissioning.study import broken_down, protection
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepare import open_sample, prepare

sys.path.insert(0, str(Path(__file__).parent))

import small_pilot as kit  # noqa: E402

HOUSE = disclosure.policy()
AREA = "E08000015"
WARDS = [f"Ward {one}" for one in "ABCDEFGH"]
DESIGN = """kind = "before_after"
unit = "ward"
outcomes = ["learning_disability_own_goal_met"]
minimum_worthwhile_change = 4.0
start = "2018-19 Q1"
started = ["Ward A", "Ward B", "Ward C", "Ward D"]
"""


def spread(noise, rounded_to, people, share=0.5):
    """By hand: a percentage is N ÷ D; noise in N moves it by s ÷ D, noise in D by p·s ÷ D."""
    each = noise**2 + (rounded_to**2 - 1) / 12
    return 100 / people * math.sqrt(each + share**2 * each)


@pytest.mark.parametrize(
    ("people", "cells", "versions", "noise"),
    [
        (2_400, 6, 4, 6.69),
        (400, 6, 4, 6.69),  # 1.9 points of the 2 that it may cost
        (300, 2, 3, 4.62),  # 2.5 with all tables, 2.1 with all people alone, 1.8 in three versions
        (250, 2, 2, 3.69),
        (200, 6, 4, 0.0),  # 2.2 with the fewest
        (50, 6, 4, 0.0),
        (0, 6, 4, 0.0),
    ],
)
def test_known_sizes_with_a_worthwhile_change_of_four_points(people, cells, versions, noise):
    made = disclosure.fitted(HOUSE, people, 4.0)
    assert (made.cells_of_one_person, made.versions) == (cells, versions)
    assert made.noise == pytest.approx(noise, abs=0.01)
    assert made.noise_adopted is (noise > 0)
    assert bool(made.fitted_to) is (people < 400)


@settings(max_examples=150, deadline=None)
@given(
    people=st.sampled_from(fitting.STEPS),
    worthwhile=st.floats(0.1, 40),
    strict=st.sampled_from([{}, {"versions": 6}, {"surest_guess": 0.55}]),
)
def test_noise_that_is_adopted_never_costs_more_than_half_and_never_too_little_is_adopted(people, worthwhile, strict):
    policy = HOUSE.stricter(**strict)
    made = disclosure.fitted(policy, people, worthwhile)
    made.refuse_if_looser_than(HOUSE)
    fewest = policy.stricter(cells_of_one_person=2)
    if made.noise_adopted:
        assert spread(made.noise, made.round_to, people) <= worthwhile / 2 * (1 + 1e-9)
        assert made.guessed_right(looks=made.looks) <= policy.surest_guess + 1e-9, (
            "as well protected, with fewer figures"
        )
    else:
        assert people == 0 or spread(fewest.noise, 5, people) > worthwhile / 2, "fewer tables were tried first"
    if people and spread(policy.noise, 5, people) <= worthwhile / 2 * (1 - 1e-9):
        assert made == policy, "nothing is given up without need"
    more = [one for one in fitting.STEPS if one > people]
    if more:
        larger = disclosure.fitted(policy, more[0], worthwhile)
        assert larger.noise_adopted >= made.noise_adopted, "more people never have less protection"
    assert (made.suppress_to, made.round_to, made.zeros) == (policy.suppress_to, policy.round_to, policy.zeros)


@settings(max_examples=200, deadline=None)
@given(start=st.integers(0, 3_000), moves=st.lists(st.integers(-7, 7), max_size=40))
def test_people_who_come_and_go_and_the_noise_of_their_number_do_not_turn_the_choice(start, moves):
    step = fitting.size(start)
    assert step <= start
    for move in moves:
        assert fitting.size(start + move, step) == step or abs(move) > 0.2 * min(step or 50, 50)
    above = next((one for one in fitting.STEPS if one > step), None)
    if above is not None:
        assert fitting.size(2 * above, step) > step, "a pilot that has grown is looked at anew"
    if step:
        assert fitting.size(0.7 * step, step) < step


def test_without_a_worthwhile_change_the_policy_stays():
    assert disclosure.fitted(HOUSE, 50, 0.0) == HOUSE


def prepared(tmp_path, monkeypatch, each, name="study", design=DESIGN, met=0.5):
    if not (tmp_path / "home").exists():
        kit.checkout(tmp_path / "home", design)
    monkeypatch.chdir(tmp_path / "home")
    reviews = kit.Reviews(dict.fromkeys(WARDS, [met] * len(kit.QUARTERS)), each=each)
    data = kit.extracts(tmp_path / f"data-{name}", reviews, None)
    pilot = pilots.load("learning_disability", tmp_path / "home", sample=False)
    return prepare(pilot, data, folder=tmp_path / name)


@pytest.fixture(autouse=True)
def own_ledger(tmp_path, monkeypatch):
    """A ledger of the council's own, with a secret."""
    import hashlib

    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "secret").write_bytes(b"s" * 32)
    (folder / "secret.sha256").write_text(hashlib.sha256(b"s" * 32).hexdigest())
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(folder))


def test_a_small_pilot_s_counts_have_no_noise_and_are_hidden_and_rounded_instead(tmp_path, monkeypatch):
    found = prepared(tmp_path, monkeypatch, each=4)  # 32 people, each reviewed once a quarter: 128 reviews a year
    assert not found.policy.noise_adopted
    figures = found.everything_released
    goal = figures[figures["measure"].eq(kit.GOAL) & figures["period"].str.len().eq(7)]
    assert (goal["noise"] == 0).all()
    whole = goal[goal["group_kind"].eq("all")]
    assert not whole["hidden"].any()
    truth = found._results[found._results["measure"].eq(kit.GOAL) & found._results["group_kind"].eq("all")]
    both = whole.merge(truth, on="period", suffixes=("", "_true"))
    assert len(both) and (both["numerator"] - both["numerator_true"]).abs().le(2.5).all(), "rounded, and no more"
    counts = figures.loc[figures["measure"].isin(found.record["of_people"]), "numerator"].dropna()
    assert not counts.between(1, 7).any() and set(counts % 5) <= {0.0}
    text = " ".join(one.says for one in in_words.rules(found.policy))
    assert "Counts of people have no noise" in text and "smallest change worth having is 4 points" in text


def test_none_and_all_are_hidden_there_as_few_are():
    """In one place everybody, in another nobody: each of them would be told. Nobody's answer is known in a third: nothing is."""
    keys = {"key_all": 5, "key_numerator": 1, "key_denominator": 2, "key_unknown": 0, "key_not_applicable": 0}
    cells = {"a": (40, 40), "b": (0, 40), "c": (20, 40), "d": (18, 40), "e": (0, 0), "all": (78, 160)}
    rows = pd.DataFrame(
        [
            {
                "measure": "m_work", "pilot": "p", "area": "E1", "group_kind": "all" if name == "all" else "ward", "group": name,
                "period": "2015-16", "numerator": top, "denominator": bottom, "people": bottom, **keys,
            }
            for name, (top, bottom) in cells.items()
        ]
    )  # fmt: skip
    policy = disclosure.fitted(HOUSE, 50, 4.0)
    figures = disclosure.release(rows, policy=policy).figures.set_index("group")
    assert not policy.noise_adopted and (figures["noise"] == 0).all()
    assert (
        figures.loc[["a", "b"], "hidden"].all()
        and not figures.loc["e", "hidden"]
        and figures.loc["e", "denominator"] == 0
    )
    assert not figures.loc["all", "hidden"]
    assert disclosure.attack(disclosure.release(rows, policy=policy), policy=policy).query("width < 5").empty


def test_the_choice_is_the_same_in_every_run_and_stands_in_the_ledger(tmp_path, monkeypatch, capsys):
    first = prepared(tmp_path, monkeypatch, each=13)
    chosen = first.policy
    noted = protection.noted_size("learning_disability", AREA, tmp_path / "home")
    assert noted in fitting.STEPS and chosen == disclosure.fitted(HOUSE, noted, 4.0)
    for number, each in enumerate((12,)):
        again = prepared(tmp_path, monkeypatch, each=each, name=f"again-{number}")
        assert again.policy == chosen
        assert again.at_the_end_of("2017-18").policy == chosen, "a part or a period of it has the same"
    lines = [one for one in ledger.read(folder_of(AREA, tmp_path / "home")).entries if one.kind == protection.SIZE]
    assert len(lines) == 1, "noted once"
    data = str(tmp_path / "data-study")
    assert main(["check", "learning_disability", "--data", data, "--area", AREA]) == 0
    out = capsys.readouterr().out
    assert (fitting.in_words(chosen) or "counts have noise") in out


def test_a_large_pilot_keeps_its_noise_and_all_its_tables(tmp_path, monkeypatch):
    found = prepared(tmp_path, monkeypatch, each=40)
    assert found.policy == HOUSE and (found.everything_released["noise"] > 0).any()


@pytest.mark.parametrize("noise", [True, False])
def test_where_everybody_answered_alike_everywhere_nobody_is_told_of(noise):
    """Sixteen of sixteen and twenty-four of twenty-four: each of them would be told, and not by a measure's definition."""
    keys = {"key_all": 5, "key_numerator": 2, "key_denominator": 2, "key_unknown": 0, "key_not_applicable": 0}
    rows = pd.DataFrame(
        [
            {
                "measure": measure, "pilot": "p", "area": "E1", "group_kind": "all" if name == "all" else "ward", "group": name,
                "period": "2015-16", "numerator": count, "denominator": count, "people": count, **keys, "everybody": measure == "m_supported",
            }
            for measure in ("m_work", "m_supported")
            for name, count in (("a", 160), ("b", 240), ("all", 400))
        ]
    )  # fmt: skip
    figures = disclosure.release(rows, policy=HOUSE if noise else disclosure.fitted(HOUSE, 50, 4.0)).figures
    assert figures.loc[figures["measure"].eq("m_work"), "hidden"].all()
    assert not figures.loc[figures["measure"].eq("m_supported"), "hidden"].any()


def test_only_what_counts_everybody_by_its_definition_is_said_to():
    """On the sample the definitions and the figures agree: no measure without anybody left over counts all by accident."""
    for name in ("learning_disability", "vcf_funding"):
        held = open_sample(pilots.load(name, kit.ROOT))
        pilot = pilots.load(name, kit.ROOT)
        results = pd.concat(
            [pd.read_parquet(held.path / "results.parquet"), pd.read_parquet(held.path / "breakdowns.parquet")],
            ignore_index=True,
        )
        said = protection.counts_everybody(results, measures_of(pilot), broken_down.of(pilot).values(), name)
        counts = results["kind"].eq("count") & results["numerator"].notna() & results["key_all"].notna()
        others = (results["denominator"] - results["numerator"]).ne(0).groupby(results["measure"]).transform("any")
        assert set(results.loc[counts & said, "measure"]) == set(results.loc[counts & ~others, "measure"])
