"""A released figure is provisional, final or corrected, and a final one changes by name and reason alone."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from pathlib import Path

import pytest

from commissioning import ledger, states
from commissioning.presentation import signoff
from commissioning.runs import correcting
from commissioning.seal import figures as final_figures

sys.path.insert(0, str(Path(__file__).parent))
from states_kit import AREA, PILOT, Council  # noqa: E402

DUE = "A correction is due"


@pytest.fixture(scope="module")
def patch():
    with pytest.MonkeyPatch.context() as made:
        yield made


@pytest.fixture(scope="module")
def story(tmp_path_factory, patch):
    """One council's story, told once: what its page, its JSON and its staff were told at each step."""
    council = Council(tmp_path_factory.mktemp("story"), patch)
    told = {}

    def step(name, outcome=None, says=""):
        told[name] = {
            "page": council.page(), "html": council.served(".html"), "figure": council.figure(), "json": council.json(),
            "lines": "\n".join(outcome.lines) if outcome else says, "record": outcome.record if outcome else None,
        }  # fmt: skip

    step("first", council.run())
    council.bring(Alder=18)
    step("followed", council.run())
    step("signed", says=council.sign())
    told["nothing new"] = council.run()
    step("again", council.run(force=True))
    council.bring(Alder=4)
    step("moved", council.run())
    told["correct"] = council.correct()
    step("corrected", council.run())
    step("after", council.run(force=True))
    council.bring(Alder=16)
    step("moved again", council.run())
    return told


def count(step):
    return step["figure"]["state"], step["figure"]["numerator"]


def words(step):
    """The figure of the whole area in 2018-19, as staff read it."""
    one = step["figure"]
    return f"{one['numerator']:,.0f} of {one['denominator']:,.0f}, {100 * one['numerator'] / one['denominator']:.1f}%"


def test_a_provisional_figure_follows_the_data(story):
    (before, first), (after, followed) = count(story["first"]), count(story["followed"])
    assert before == after == "provisional"
    assert followed > first


def test_a_provisional_page_says_so_once_at_its_top(story):
    page = story["first"]["page"]
    sentence = "Provisional: the figures of 2016-17 to 2019-20 may still change until this report is signed off."
    assert page.count("rovisional") == 1
    assert page.index("Status:") < page.index(sentence) < page.index("The answer", page.index("Status:"))


def test_sign_off_makes_the_figures_of_closed_years_final_and_the_page_says_nothing_of_provisional_ones(story):
    step = story["signed"]
    assert count(step) == ("final", count(story["followed"])[1])
    assert {one["state"] for one in step["json"]["figures"]} == {"final"}
    assert f"{len(step['json']['figures'])} figures of closed years are final now" in step["lines"]
    assert "rovisional" not in step["page"]


def test_a_page_made_again_is_still_signed_and_its_figures_are_final(story):
    step = story["again"]
    assert "Status: Signed off by Ada Approver" in step["page"]
    assert step["json"] == story["signed"]["json"]
    assert signoff.page_digest(step["html"]) == signoff.page_digest(story["signed"]["html"])


def test_what_sign_off_changed_makes_no_signed_page_anew(story):
    assert [one.outcome for one in story["nothing new"].record.reports] == ["unchanged"]


def test_a_final_figure_stays_and_the_page_says_that_a_correction_is_due(story):
    step = story["moved"]
    assert count(step) == count(story["signed"])
    assert re.search(rf"{DUE}: \d+ final figures on this page are no longer what the data say", step["page"])
    assert words(story["corrected"]) not in step["page"]  # what the data give is told to staff


def test_staff_are_told_both_values_in_the_output_and_in_the_record(story):
    step, old, new = story["moved"], words(story["signed"]), words(story["corrected"])
    assert f"pilot {PILOT}: correction due:" in step["lines"]
    assert f"2018-19: the final figure is {old}, the data now give {new}" in step["lines"]
    due = [
        (one["final"], one["data"])
        for one in step["record"].studies[0].corrections_due
        if one["group_kind"] == "all" and one["period"] == "2018-19"
    ]
    assert due == [(old, new)]
    assert f"commissioning correct {PILOT} --reason R --by NAME" in step["lines"]


def test_a_correction_changes_final_figures_in_the_next_run(story):
    step = story["corrected"]
    assert story["correct"] == 0
    assert step["figure"]["state"] == "corrected"
    assert step["figure"]["numerator"] < count(story["signed"])[1]
    assert step["figure"]["was"] == pytest.approx(story["signed"]["figure"]["value"], abs=1e-5)
    assert DUE not in step["page"]
    assert not step["record"].studies[0].corrections_due
    assert f"{words(story['signed'])} → {words(step)}" in step["lines"]


def test_the_list_of_revisions_says_old_new_why_who_and_when(story):
    revisions = story["corrected"]["page"].split("Revisions")[1]
    told = f"2018-19 {words(story['signed'])} {words(story['corrected'])} a ward sent its reviews late Dee Director 2026-11-30"
    assert told in revisions


def test_a_figure_that_did_not_change_stays_final_beside_corrected_ones(story):
    rows = story["corrected"]["json"]["figures"]
    found = {
        one["group"]: one["state"]
        for one in rows
        if one["group_kind"] == "ward" and one["period"] == "2018-19" and one["measure"].endswith("goal_met")
    }
    assert found == {"Alder": "corrected", "Birch": "final", "Cedar": "final", "Dale": "final"}


def test_a_permission_to_correct_is_used_once(story):
    assert story["after"]["json"] == story["corrected"]["json"]
    assert count(story["moved again"]) == count(story["corrected"])
    assert DUE in story["moved again"]["page"]


# --- what needs no page --------------------------------------------------------------------------------------


def rows(*periods, state="provisional"):
    return [{"period": one, "state": state, "area": AREA, "group": "all"} for one in periods]


def test_a_year_is_open_for_the_months_that_the_pilot_file_names():
    assert not states.is_closed("2024-25", 3, datetime(2025, 6, 30).date())
    assert states.is_closed("2024-25", 3, datetime(2025, 7, 1).date())
    assert states.is_closed("2024-25 Q1", 0, datetime(2025, 4, 1).date())  # a quarter closes with its year
    assert not states.is_closed("2024-25 Q1", 0, datetime(2025, 3, 31).date())
    assert not states.is_closed("a year", 0, datetime(2099, 1, 1).date())


def test_sign_off_leaves_the_figures_of_an_open_year_provisional_and_says_until_when():
    report = {"figures": rows("2023-24", "2024-25 Q1"), "states": {"closes_after_months": 3}}
    settled, final = states.settled(report, datetime(2025, 5, 1).date())
    assert [one["state"] for one in settled["figures"]] == ["final", "provisional"]
    assert len(final) == 1
    assert settled["states"]["says"] == (
        "Provisional: the figures of 2024-25 may still change until this report is signed off, and in any case until 30 June 2025."
    )


@pytest.fixture
def house(tmp_path, monkeypatch):
    return Council(tmp_path, monkeypatch, more="")


def figure(numerator, group="all", **more):
    return {
        "measure": "m", "area": AREA, "group_kind": "all" if group == "all" else "ward", "group": group, "period": "2018-19",
        "numerator": numerator, "denominator": 320.0, "unknown": 0.0, "not_applicable": 0.0, "spend_pence": None,
        "value": 50.0, "lower": 45.0, "upper": 55.0, "status": "known", "hidden": False, "why_hidden": "", "public": False, **more,
    }  # fmt: skip


def test_the_first_signature_counts_and_another_figure_cannot_be_signed_beside_it(house):
    assert final_figures.make_final("one", PILOT, AREA, "Ada", [figure(160.0)]) == 1
    assert final_figures.make_final("two", PILOT, AREA, "Ada", [figure(160.0)]) == 0
    with pytest.raises(Exception, match="was signed off elsewhere with another figure: run it again"):
        final_figures.make_final("two", PILOT, AREA, "Ada", [figure(165.0)])


def test_a_group_whose_name_is_not_shown_is_never_final(house):
    assert final_figures.make_final("one", PILOT, AREA, "Ada", [figure(None, "small ward 1, name not shown")]) == 0


@pytest.mark.parametrize(("state", "otherwise"), [("provisional", True), ("final", False), ("corrected", False)])
def test_a_page_that_calls_a_figure_provisional_that_became_final_elsewhere_is_made_anew(house, state, otherwise):
    page = house.root / "report.json"
    page.write_text(json.dumps({"figures": [{**figure(160.0), "state": state}], "states": {}}))
    assert correcting.says_otherwise(str(page), final_figures.final(AREA)) is (state != "provisional")
    final_figures.make_final("one", PILOT, AREA, "Ada", [figure(160.0)])
    assert correcting.says_otherwise(str(page), final_figures.final(AREA)) is otherwise


@pytest.mark.parametrize("reason", ["", "   ", "..", "a" * 301, "of 943 476 5919", "a\x07bell"])
def test_a_reason_that_cannot_stand_on_a_page_is_refused(house, capsys, reason):
    assert house.correct(reason=reason) == 2
    assert "--reason" in capsys.readouterr().err


def test_nothing_final_is_nothing_to_correct(house, capsys):
    assert house.correct() == 2
    assert "no figure of learning_disability is final in E08000015" in capsys.readouterr().err
    assert not [one for one in ledger.read(house.ledger).entries if one.kind == "correct"]


def prepared(pilot=PILOT):
    held = final_figures.final(AREA)
    new = {**figure(190.0), "state": "corrected", "was": 160.0}
    told = [
        {"old": figure(160.0), "new": {name: new[name] for name in states.KEPT}, "corrected": True, "public": False}
    ]
    return {"digest": held.digest(pilot, ["m"]), "measures": ["m"], "open": pilot in held.open, "told": told}


def test_of_two_runs_that_would_use_one_permission_the_second_is_told_to_run_again(house):
    final_figures.make_final("one", PILOT, AREA, "Ada", [figure(160.0)])
    final_figures.let_change(PILOT, AREA, "Dee", "late")
    one, other = prepared(), prepared()
    assert final_figures.changed(PILOT, AREA, one)
    assert not final_figures.changed(PILOT, AREA, other)
    held = final_figures.final(AREA)
    assert [one["numerator"] for one in held.figures] == [190.0]
    assert [(one["by"], one["why"]) for one in held.revisions] == [("Dee", "late")]
    assert not held.open


def test_figures_that_became_final_meanwhile_keep_a_run_from_publishing_others(house):
    waiting = {**prepared(), "open": False}
    assert final_figures.changed(PILOT, AREA, waiting)
    final_figures.make_final("one", PILOT, AREA, "Ada", [figure(160.0)])
    assert not final_figures.changed(PILOT, AREA, waiting)
    final_figures.make_final(
        "two", PILOT, AREA, "Ada", [figure(1.0, measure="another")]
    )  # of another measure: no matter
    assert final_figures.changed(PILOT, AREA, {**prepared(), "open": False})


def test_a_pilots_permission_is_no_other_pilots(house):
    final_figures.make_final("one", PILOT, AREA, "Ada", [figure(160.0)])
    final_figures.let_change("another", AREA, "Dee", "late")
    assert PILOT not in final_figures.final(AREA).open


def test_a_run_whose_figures_became_final_otherwise_meanwhile_publishes_nothing_of_them(house, monkeypatch):
    before = house.run()
    assert before.exit_code == 0
    house.bring(Alder=14)
    real = final_figures.changed

    def signed_meanwhile(*given):
        rows = [{**one, "numerator": 1.0} for one in house.json()["figures"][:1]]
        final_figures.make_final("another site", PILOT, AREA, "Ada", rows)
        return real(*given)

    monkeypatch.setattr(final_figures, "changed", signed_meanwhile)
    after = house.run()
    assert after.exit_code == 1
    assert [one.reason for one in after.record.reports] == ["LEDGER_CHANGED"]
    assert after.record.version == before.record.version
    assert house.figure()["state"] == "provisional"
