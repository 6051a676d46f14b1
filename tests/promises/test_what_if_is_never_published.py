"""`study.what_if` and the parameters of a what-if: old beside new, from what may be shown; marked, and in no run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import papermill
import pytest

import commissioning as cm
from commissioning import pilot as pilots
from commissioning import reports
from commissioning.cli import main
from commissioning.errors import NotReleased, UsageError
from commissioning.methods import pilot_value
from commissioning.methods.pilot_value import Amount
from commissioning.reports import closing
from commissioning.study import by_hand, parameters, tried, unagreed, worked_out

ROOT = Path(__file__).resolve().parents[2]
GOAL, CONTROL = "learning_disability_own_goal_met", "learning_disability_control"


@pytest.fixture(scope="module")
def study():
    return cm.open("learning_disability")


@pytest.fixture(autouse=True)
def session(monkeypatch):
    monkeypatch.setattr(unagreed, "found", {})
    monkeypatch.setattr(by_hand, "ASKED", False)
    for name in by_hand.RUN:
        monkeypatch.delenv(name, raising=False)


def test_another_worth_gives_the_benefit_by_the_pages_own_rule_and_leaves_effects_as_they_are(study):
    found = study.what_if(worth={GOAL: 6000})
    page = worked_out.of(study.prepared, study.settings, study.period, study.sealed).value
    (mine,) = [one for one in page.outcomes if one.measure.id == GOAL]
    row = found.value.set_index("measure").loc[GOAL]
    assert row["worth_pence_old"] == 100 * mine.worth and row["worth_pence_new"] == 600_000
    assert row["benefit_pence_old"] == 100 * mine.printed.benefit
    assert row["benefit_pence_new"] == 100 * (mine.printed.more * 6000 - mine.printed.cost)
    assert row["chance_old"] == 5 * round(20 * mine.weighed.chance) > row["chance_new"] > 0
    assert (found.effects["stands_old"] == found.effects["stands_new"]).all()
    asked = found.verdict.set_index("about").loc["Whether the gain is worth its cost"]
    assert "enough" in asked["old"] and "too little" in asked["new"]
    for name in ("changes", "value", "effects", "priorities", "verdict"):
        frame = getattr(found, name)
        assert set(frame["state"]) == {"what-if"} and not frame.provenance.agreed, name
    assert {"value", "effects", "priorities", "verdict"} == set(found.tidy()["frame"])
    assert unagreed.words() == [f"what-if: pounds for one more person, {GOAL}: 12000 → 6000"]


def test_other_thresholds_and_weights_change_what_rests_on_them_alone(study):
    found = study.what_if(worthwhile_change={GOAL: 30}, floor={CONTROL: 99}, chance_agreed=0.99, weights={"cost": 9})
    effects = found.effects.set_index("measure")
    assert effects.loc[GOAL, "stands_new"] == "the change is smaller than the one agreed as worth having"
    assert effects.loc[CONTROL, "stands_new"] == effects.loc[CONTROL, "stands_old"]
    verdict = found.verdict.set_index("about")
    title = study.measures[CONTROL].title
    assert verdict.loc[f"Level beside its floor: {title}"].tolist()[:2] == ["floor met", "below the floor"]
    assert "too little: at least 99% is asked" in verdict.loc["Whether the gain is worth its cost", "new"]
    places = found.priorities.set_index("option")
    assert places["place_old"].tolist() != places["place_new"].tolist() and sorted(places["place_new"]) == [1, 2, 3, 4]
    assert (found.value["worth_pence_old"].fillna(0) == found.value["worth_pence_new"].fillna(0)).all()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"worht": 3}, r"did you mean worth\?"),
        ({"pre_trend_p": 0.01}, "a gate is agreed first and is not tried afterwards"),
        ({"worth": {"learning_disability_contrl": 3}}, r"did you mean learning_disability_control\?"),
        ({"weights": {"csot": 3}}, r"did you mean cost\?"),
        ({"weights": 3}, "a number for each criterion"),
        ({"worth": "many"}, "not 'many'"),
        ({"worth": True}, "not True"),
        ({"chance_agreed": 2}, "from 0 to 1"),
        ({}, "say what is changed"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_by_name_with_the_nearest(study, changes, says):
    with pytest.raises(UsageError, match=says):
        study.what_if(**changes)
    assert not unagreed.found


def test_no_question_of_a_what_if_reads_rows_or_exact_estimates_so_a_hundred_tell_no_more_than_the_page(
    study, monkeypatch
):
    worked_out.of(study.prepared, study.settings, study.period, study.sealed)

    def refused(*_, **__):
        raise AssertionError("rows were asked for")

    monkeypatch.setattr(type(study.prepared), "_held", refused)
    monkeypatch.setattr(worked_out, "make", refused)
    page = worked_out.of(study.prepared, study.settings, study.period, study.sealed)
    (goal,) = [one for one in page.estimates if one.measure.id == GOAL]
    upper = goal.summary.upper
    told = {
        step: study.what_if(worthwhile_change={GOAL: upper + step}).effects.set_index("measure").loc[GOAL, "stands_new"]
        for step in (-0.01, 0.01)
    }
    assert "smaller" not in told[-0.01] and "smaller" in told[0.01], "the edge is the printed limit, not the exact one"


def test_the_chance_from_printed_limits_is_that_of_draws_within_five_points():
    draws = np.random.default_rng(5).multivariate_normal(
        [78, 620_000], [[256, 0.3 * 16 * 198_000], [0.3 * 16 * 198_000, 198_000**2]], 40_000
    )
    gain, cost = (
        Amount(
            estimate=float(one.mean()),
            lower=float(np.quantile(one, 0.025)),
            upper=float(np.quantile(one, 0.975)),
            draws=one,
        )
        for one in draws.T
    )
    together = pilot_value.together(gain, cost)
    assert together == 0.3
    for worth in (4_000, 8_000, 12_000, 20_000):
        exact = pilot_value.weigh(gain, cost, worth).chance
        assert abs(pilot_value.chance(gain, cost, worth, together) - exact) < 0.05
    still = Amount(estimate=1.0, lower=1.0, upper=1.0)
    assert pilot_value.chance(still, still, 2.0, 0.0) == 1.0 and pilot_value.chance(still, still, 0.5, 0.0) == 0.0
    assert pilot_value.together(still, still) is None


# --- as parameters of a notebook


def test_the_parameters_are_text_or_a_number_and_a_misspelt_one_names_the_nearest():
    given = parameters.check(worth=500, worthwhile_change="4.5", weights="cost=3; outcome gap=1")
    assert given.what_if == {"worth": 500.0, "worthwhile_change": 4.5, "weights": {"cost": 3.0, "outcome gap": 1.0}}
    assert parameters.check().what_if == {}
    for bad in ("much", "cost=much", "=3;x"):
        with pytest.raises(UsageError, match="parameter worth"):
            parameters.check(worth=bad)
    with pytest.raises(UsageError, match=r"no parameter is called 'worht': did you mean worth\?"):
        parameters.check(worht="5")
    with pytest.raises(UsageError, match="parameter worth: it is empty|not text"):
        parameters.check(worth=True)


def test_a_notebook_that_does_not_pass_one_on_refuses_it():
    with pytest.raises(UsageError, match="nothing on this notebook's page rests on it"):
        parameters.refuse_unknown_injected(["# Parameters\nworth = 5\n"], ["pilot", "period"])
    parameters.refuse_unknown_injected(["# Parameters\nworth = 5\n"], ["pilot", "worth"])


def test_a_study_opened_so_has_the_settings_everywhere_and_nothing_of_it_counts_as_sealed():
    study = cm.open("learning_disability", worth="500", chance_agreed=0.8)
    assert {one.worth for one in study.settings.floors} == {500.0} and study.settings.decision.chance_agreed == 0.8
    assert not study.sealed.beforehand and "what-if" in study.sealed.why_not
    assert pilots.load("learning_disability").decision.chance_agreed != 0.8, "the pilot's own file stays"
    assert len(unagreed.words()) == 1 + len(study.settings.floors)


def test_a_whole_page_rests_on_the_settings_tried_and_its_result_says_so():
    page = reports.open("plan", pilot="vcf_funding", weights="cost=9")
    assert page.pilot.weights["cost"] == 9.0 and not page.sealed.beforehand
    held = closing.as_json(page)
    assert held[unagreed.KEY] == ["what-if: weight, cost: 2 → 9"] and "what-if" in held["seal"]["says"]
    with pytest.raises(UsageError, match="a what-if is of one pilot"):
        reports.open("cabinet_summary", worth="5")


def test_the_review_and_the_plan_take_them_and_papermill_tells_what_each_is():
    for name, wanted in (
        ("4_review", {"worth", "worthwhile_change", "floor", "chance_agreed"}),
        ("2_plan", {"weights", "worthwhile_change"}),
    ):
        told = papermill.inspect_notebook(ROOT / "notebooks" / f"{name}.ipynb")
        assert wanted | {"pilot", "period"} <= set(told)
        assert all(
            told[one]["help"].startswith("what if") and told[one]["inferred_type_name"] == "str" for one in wanted
        )


def test_papermill_makes_one_marked_on_its_page_and_a_run_makes_none(tmp_path, monkeypatch, capsys):
    cells = [
        nbformat.v4.new_code_cell(
            'worth: str = ""  # what if one more person were worth this many pounds', metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell("import commissioning as cm\nstudy = cm.open(worth=worth)"),
        nbformat.v4.new_code_cell("study.settings.floors[0].worth"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    command = [
        sys.executable,
        "-m",
        "papermill",
        "in.ipynb",
        "out.ipynb",
        "-p",
        "worth",
        "500",
        "--cwd",
        str(ROOT),
        "--no-progress-bar",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    said = json.dumps(made.cells, ensure_ascii=False)
    assert (
        "Never published" in said
        and "12000 → 500" in said
        and made.cells[-1].outputs[0]["data"]["text/plain"] == "500.0"
    )
    asked = [sys.executable, "-m", "papermill", "in.ipynb", "--help-notebook"]
    assert (
        "what if one more person"
        in subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    )

    assert main(["run", "learning_disability", "-p", "worth=500", "--out", str(tmp_path / "site")]) == 2
    assert "never published" in capsys.readouterr().err
    monkeypatch.setenv(by_hand.RUN[0], "somewhere")
    with pytest.raises(NotReleased, match="no run makes one"):
        tried.settings(cm.open("learning_disability").prepared, parameters.check(worth="500"))
