"""`[disclosure]` in a pilot file tightens the house's policy, for every figure of that pilot; a looser rule is refused by name."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from commissioning import disclosure
from commissioning import pilot as pilots
from commissioning.cli import main
from commissioning.disclosure import in_words
from commissioning.errors import DataRefused, UsageError
from commissioning.sections import data_quality
from commissioning.study import protection
from commissioning.study.prepare import prepare

sys.path.insert(0, str(Path(__file__).parent))

import small_pilot as kit  # noqa: E402

DESIGN = 'kind = "none"'
WARDS = [f"Ward {one}" for one in "ABCDEFGH"]


def shares(met=0.5):
    return kit.Reviews(dict.fromkeys(WARDS, [met] * len(kit.QUARTERS)), each=60)


def home(tmp_path, more, monkeypatch):
    made = kit.checkout(tmp_path / "home", DESIGN, more=more)
    monkeypatch.chdir(made)
    return pilots.load("learning_disability", made, sample=False)


def made(tmp_path, more, monkeypatch, reviews=None):
    pilot = home(tmp_path, more, monkeypatch)
    data = kit.extracts(tmp_path / "data", reviews or shares(), None)
    return prepare(pilot, data, folder=tmp_path / "study")


def test_a_stricter_rule_reaches_every_figure_also_of_a_period_and_of_a_level(tmp_path, monkeypatch):
    rules = "[disclosure]\nround_to = 10\nsuppress_to = 40"
    found = made(tmp_path, rules, monkeypatch, kit.Reviews(dict.fromkeys(WARDS, [0.05, 0.15] * 8), each=60))
    assert (found.policy.round_to, found.policy.suppress_to) == (10, 40)
    for one in (found, found.at_the_end_of("2017-18")):
        figures = one.everything_released
        counts = figures[["numerator", "denominator", "unknown", "not_applicable"]].to_numpy().ravel()
        seen = counts[~(counts != counts)]
        assert len(seen) and set(seen % 10) == {0.0} and not ((seen > 0) & (seen < 40)).any()
        assert figures["group_kind"].ne("all").any(), "groups, of which the pages of a level are made"
    looser = disclosure.release(found._results)
    before = looser.figures["numerator"].dropna()
    assert (before % 10 != 0).any() and before.between(8, 39).any(), "under the house's policy they would be shown"


@pytest.mark.parametrize(
    ("written", "field", "least"),
    [
        ("suppress_to = 5", "suppress_to", "5 protects less than every pilot must, which is 7: write that or more"),
        ("round_to = 7", "round_to", "7 protects less than every pilot must, which is 5: write a multiple of it"),
        ("versions = 2", "versions", "which is 4: write that or more"),
        ("surest_guess = 0.7", "surest_guess", "which is 0.6: write that or less"),
        ("cells_of_one_person = 9", "cells_of_one_person", "which is 6: write that or less"),
        ("fewest_people_for_cost = 10", "fewest_people_for_cost", "which is 20: write that or more"),
        ("significant_figures = 3", "significant_figures", "which is 2: write that or less"),
        ("two_make_nearly_all = 0.95", "two_make_nearly_all", "which is 0.85: write that or less"),
        ("merge_below = 5", "merge_below", "which is 20: write that or more"),
        ('merge_kinds = ["provider"]', "merge_kinds", "write these and more"),
        ("narrowest_interval = 2", "narrowest_interval", "which is 5: write that or more"),
        ("round_to = 20", "round_to", "would show 8 people as 0"),
        ("suppress_to = -3", "suppress_to", "which is 7: write that or more"),
        ("round_to = 0", "round_to", "a whole number of 1 or more"),
    ],
)
def test_a_looser_rule_is_refused_with_file_field_value_and_least(tmp_path, monkeypatch, written, field, least):
    pilot = home(tmp_path, f"[disclosure]\n{written}", monkeypatch)
    with pytest.raises(DataRefused) as refused:
        protection.agreed(pilot)
    told = str(refused.value)
    assert told.startswith(f"pilots/learning_disability/pilot.toml, disclosure.{field}: ") and least in told
    assert "\n" not in told and refused.value.exit_code == 65
    data = kit.extracts(tmp_path / "data", shares(), None)
    with pytest.raises(DataRefused):
        prepare(pilot, data, folder=tmp_path / "study")


@pytest.mark.parametrize(
    ("written", "says"), [("supress_to = 9", "did you mean suppress_to"), ('zeros = "shown"', "zeros")]
)
def test_a_misspelt_rule_is_refused_by_name(tmp_path, monkeypatch, written, says):
    with pytest.raises(UsageError, match=says):
        home(tmp_path, f"[disclosure]\n{written}", monkeypatch)


def test_the_command_refuses_it_with_exit_65_and_one_sentence(tmp_path, monkeypatch, capsys):
    home(tmp_path, "[disclosure]\nsuppress_to = 5", monkeypatch)
    data = kit.extracts(tmp_path / "data", shares(), None)
    assert main(["check", "learning_disability", "--data", str(data), "--area", "E08000015"]) == 65
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.endswith(
        "disclosure.suppress_to: 5 protects less than every pilot must, which is 7: write that or more"
    )


def test_check_says_which_rules_are_stricter(tmp_path, monkeypatch, capsys):
    home(tmp_path, "[disclosure]\nsuppress_to = 9", monkeypatch)
    data = kit.extracts(tmp_path / "data", shares(), None)
    assert main(["check", "learning_disability", "--data", str(data), "--area", "E08000015"]) == 0
    assert "stricter than the house's disclosure policy in suppress_to" in capsys.readouterr().out


STRICTER = {
    "suppress_to": 9, "round_to": 10, "significant_figures": 1, "fewest_people_for_cost": 30, "narrowest_interval": 6,
    "merge_kinds": ("provider", "organisation", "ward"), "merge_below": 30, "surest_guess": 0.55, "cells_of_one_person": 4,
    "versions": 6, "groups_in_open_years": True, "zeros": "of anything", "two_make_nearly_all": 0.75,
}  # fmt: skip


def test_every_rule_of_the_policy_can_be_written_and_is_printed_with_its_figure():
    assert set(STRICTER) == set(pilots.Disclosure.model_fields)
    house = {one.about: one for one in in_words.rules(disclosure.policy())}
    assert not any(one.elsewhere for one in house.values())
    for field, value in STRICTER.items():
        policy = disclosure.policy().stricter(**{field: value})
        moved = [one for one in in_words.rules(policy) if one.elsewhere]
        assert len(moved) == 1, field
        assert moved[0].says != house[moved[0].about].says, f"{field}: the words hold its figure"


@pytest.mark.parametrize("field", ["surest_guess", "versions", "groups_in_open_years"])
def test_what_lets_more_out_or_less_be_guessed_brings_more_noise(field):
    made_stricter = disclosure.policy().stricter(**{field: STRICTER[field]})
    assert made_stricter.noise > disclosure.policy().noise
    assert made_stricter.guessed_right(looks=made_stricter.looks) <= made_stricter.surest_guess + 1e-9


def test_the_page_says_to_what_its_own_policies_round():
    house = disclosure.policy()
    assert data_quality.price_words([house])["rounded"] == "Shown, with noise or rounded to 5"
    assert data_quality.price_words([house.stricter(round_to=10), house])["rounded"].endswith("rounded to 5 or 10")
    assert list(data_quality.price_words([house])) == list(data_quality.PRICE_WORDS)


def test_the_page_prints_the_policy_in_force_and_what_it_costs(tmp_path, monkeypatch, capsys):
    found = made(tmp_path, "[disclosure]\nsuppress_to = 9", monkeypatch)

    page = SimpleNamespace(study=found, pilot=pilots.load("learning_disability"), kept={})
    page.parts = (page,)
    log = data_quality.policy_in_force(page)
    text = repr(log.payload if hasattr(log, "payload") else log.__dict__)
    assert "'Counts of 1 to 9 are hidden, and a count whose rest is so small.', '7']" in text
    assert "standard deviation 6.7" in text and "4 versions of a year's figures are published at most" in text
    cost = data_quality.cost_of_protection(page)
    assert "points" in repr(cost.__dict__)


def test_zeros_of_organisations_are_hidden_where_the_pilot_asks_for_it(with_total_of_places):
    rows = with_total_of_places({"a": (0, 40), "b": (20, 40), "c": (25, 50), "d": (30, 60)})
    shown = disclosure.release(rows).figures.set_index("group")
    assert shown.loc["a", "numerator"] == 0
    hidden = disclosure.release(rows, policy=disclosure.policy().stricter(zeros="of anything")).figures.set_index(
        "group"
    )
    assert hidden.loc["a", "hidden"] and hidden["hidden"].sum() >= 2, "and another, or the total would tell"


@pytest.fixture
def with_total_of_places():
    import pandas as pd

    def make(cells):
        total = tuple(map(sum, zip(*cells.values(), strict=True)))
        return pd.DataFrame(
            [
                {
                    "measure": "m_work", "pilot": "p", "area": "E1", "group_kind": "all" if name == "all" else "ward", "group": name,
                    "period": "2015-16", "numerator": top, "denominator": bottom,
                }
                for name, (top, bottom) in {**cells, "all": total}.items()
            ]
        )  # fmt: skip

    return make
