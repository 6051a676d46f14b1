"""`cm.measure` and `study.try_measure`: short to write, counted and released through the one door, marked, and never published."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import commissioning as cm
from commissioning import reports
from commissioning.disclosure import policy
from commissioning.errors import NotReleased, UsageError
from commissioning.measures import Measure, catalogue
from commissioning.reports import closing
from commissioning.runs import publication
from commissioning.study import by_hand, prepared, showing, unagreed

GOAL = "learning_disability_own_goal_met"
MET = {"table": "reviews", "achieved": {"goal_met": "yes"}}


@pytest.fixture(scope="module")
def study():
    return cm.open("learning_disability")


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A new session: nothing was opened or tried in it yet, and no run started it."""
    monkeypatch.setattr(unagreed, "found", {})
    monkeypatch.setattr(by_hand, "opened", set())
    monkeypatch.setattr(by_hand, "ASKED", False)
    for name in by_hand.RUN:
        monkeypatch.delenv(name, raising=False)


def whole_years(frame):
    return frame[frame["group"].eq("all") & ~frame["period"].str.contains("Q")].set_index("period")


def test_five_arguments_make_a_strict_measure_and_the_rest_is_as_its_table_has_it():
    made = cm.measure("Goals met", counts={"goal_in_own_words": "yes"}, id="my_goals", **MET)
    assert isinstance(made, Measure) and made.id == "my_goals" and made.person == "person_id"
    assert made.period_from == catalogue()[GOAL].period_from and made.stands_behind == "people"
    assert [one.says for one in made.population] == ["goal in own words: yes"] and made.achieved.says == "goal met: yes"
    assert "agreed" in made.why and made.source.reference == unagreed.NOT_AGREED
    rows = pd.DataFrame({"goal_met": ["yes", "no", "unknown", None]})
    assert made.achieved.of(rows).tolist() == [True, False, False, False]
    assert made.unknown.of(rows).tolist() == [False, False, True, True], "unknown is never a no"


def test_the_same_people_give_the_same_figure_as_the_agreed_measure(study):
    agreed = catalogue()[GOAL]
    mine = replace(agreed, id="my_own_goal_met", groups=("ward",))
    same = pd.concat(
        [study.try_measure(mine, by=by, periods=which) for by in (None, "ward") for which in ("all", "quarters")]
    )
    released = study.prepared.released.figures
    held = released[released["measure"].eq(GOAL) & released["group_kind"].isin(["all", "ward"])].set_index(
        ["period", "group"]
    )
    both = same.set_index(["period", "group"]).join(held.add_suffix("_agreed"), how="inner")
    assert len(both) > 50
    for name in ("numerator", "denominator", "unknown"):
        pd.testing.assert_series_equal(
            both[name].astype(float), both[f"{name}_agreed"].astype(float), check_names=False
        )


def test_its_figures_have_noise_threshold_and_rounding_and_one_person_left_out_draws_other_noise(study):
    made = cm.measure("Goals met", groups=["ward"], **MET)
    frame, wards = study.try_measure(made), study.try_measure(made, by="ward", periods="quarters")
    number = pd.concat([frame, wards])["numerator"].dropna().astype(int)
    assert number.mod(policy().round_to).eq(0).all() and number[number.gt(0)].gt(policy().suppress_to).all()
    assert set(frame["state"]) == {"not agreed"} and not frame.provenance.agreed
    rows = prepared.Prepared(study.prepared.path)._held("reviews")
    truth = rows[rows["goal_met"].isin(["yes", "no"])].assign(year=rows["period"].str[:7]).groupby("year").size()
    shown = whole_years(frame)["denominator"].astype(float)
    noise = (shown - truth.reindex(shown.index)).to_numpy()
    assert (abs(noise) > 0).any() and (abs(noise) <= 22).all()
    moved = set()
    for person in rows.loc[rows["goal_met"].eq("yes"), "person_id"].unique()[:5]:
        without = cm.measure("x", counts=("not one", lambda r, p=person: r["person_id"].ne(p)), id="not_one", **MET)
        moved.add(tuple((whole_years(study.try_measure(without))["denominator"].astype(float) - shown).to_numpy()))
    assert len(moved) > 1 and any(max(map(abs, one)) >= policy().round_to for one in moved), (
        "a difference of two tells of nobody"
    )


def test_a_measure_that_hides_whom_its_rows_name_is_refused_and_so_is_an_agreed_id(study):
    with pytest.raises(UsageError, match="name people"):
        study.try_measure(cm.measure("x y", person=None, stands_behind="nobody", **MET))
    with pytest.raises(UsageError, match="an agreed measure has this id"):
        study.try_measure(cm.measure("x y", id=GOAL, **MET))
    with pytest.raises(UsageError, match=r"no column 'goal_mt': did you mean goal_met\?"):
        study.try_measure(cm.measure("x y", table="reviews", achieved={"goal_mt": "yes"}))
    with pytest.raises(UsageError, match=r"did you mean reviews\?"):
        cm.measure("x y", table="revews", achieved={"goal_met": "yes"})
    with pytest.raises(UsageError, match="study.release"):
        cm.measure("x y", groups=["answered_by"], **MET)
    with pytest.raises(UsageError, match=r"no field 'persn': did you mean person\?"):
        cm.measure("x y", persn="x", **MET)


def test_what_a_rule_says_when_it_fails_is_never_told_for_it_may_be_a_cell(study):
    person = prepared.Prepared(study.prepared.path)._held("reviews")["person_id"].iloc[0]

    def falls(rows):
        raise ValueError(f"could not convert {rows['person_id'].iloc[0]}")

    def looks_up_two_cells(rows):
        return {}[rows["ward"].iloc[0] + " " + rows["person_id"].iloc[0]]

    for rule in (falls, lambda rows: rows["person_id"].map({}.__getitem__), looks_up_two_cells):
        with pytest.raises(UsageError) as told:
            study.try_measure(cm.measure("x y", table="reviews", achieved=("falls", rule)))
        assert person not in str(told.value)


def test_on_own_extracts_it_opens_by_hand_alone_and_no_run_counts_it_even_on_the_sample(study, monkeypatch):
    met = cm.measure("Goals met", **MET)
    monkeypatch.setattr(type(study.prepared), "sample", property(lambda self: False))
    with pytest.raises(NotReleased, match="only to a person at an interactive kernel"):
        study.try_measure(met)
    monkeypatch.setattr(by_hand, "_answers", lambda: True)
    assert len(study.try_measure(met)) and by_hand.opened, "and the session closes no report"
    monkeypatch.setattr(type(study.prepared), "sample", property(lambda self: True))
    monkeypatch.setenv(by_hand.RUN[0], "somewhere")
    with pytest.raises(NotReleased, match="no run counts it"):
        study.try_measure(met)


def test_shown_on_a_page_it_says_not_agreed_and_a_run_does_not_close_with_it(study, monkeypatch, tmp_path):
    frame = study.try_measure(cm.measure("Goals met", **MET))
    shown = showing.shown(
        whole_years(frame).reset_index()[["period", "value"]], title="Goals met", alt="Goals met in each year."
    )
    assert "ot agreed" in shown.html
    report = reports.open("pilot", pilot="vcf_funding")
    assert closing.as_json(report)[unagreed.KEY] == ["not agreed: the measure “Goals met”"]
    monkeypatch.setenv("COMMISSIONING_OUT", str(tmp_path))
    with pytest.raises(NotReleased, match="never published"):
        report.close()
    assert not list(tmp_path.iterdir())


def test_publish_refuses_a_report_that_rests_on_what_nobody_agreed_and_leaves_it_out_where_nobody_named_it(
    monkeypatch, tmp_path
):
    from types import SimpleNamespace

    (tmp_path / "versions" / "v").mkdir(parents=True)
    for name in ("mine", "theirs"):
        (tmp_path / "versions" / "v" / f"{name}.html").write_text("<html></html>")
    entries = {name: SimpleNamespace(id=name, files={f"{name}.html": ""}) for name in ("mine", "theirs")}
    said = {"mine": {unagreed.KEY: ["what-if: worth: 1 → 2"]}, "theirs": {}}
    monkeypatch.setattr(publication.publish, "current_version", lambda out: "v")
    monkeypatch.setattr(publication.publish, "read_version", lambda places, version: entries)
    monkeypatch.setattr(publication.publish, "altered", lambda places, version, entries: {})
    monkeypatch.setattr(publication.counting, "own", lambda entry: [])
    monkeypatch.setattr(publication, "kept", lambda places, to: tmp_path)
    monkeypatch.setattr(publication, "site_of", lambda places, to: places)
    monkeypatch.setattr(
        publication,
        "_candidate",
        lambda entry, *_: SimpleNamespace(entry=entry, now=SimpleNamespace(result=said[entry.id])),
    )
    places = SimpleNamespace(out=tmp_path, root=tmp_path, versions=tmp_path / "versions")
    assert [one.entry.id for one in publication.candidates(places, tmp_path / "to")] == ["theirs"]
    with pytest.raises(UsageError, match="nobody agreed"):
        publication.candidates(places, tmp_path / "to", ["mine"])
