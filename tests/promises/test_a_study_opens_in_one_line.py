"""`cm.open` gives a study whose methods are frames in units that people read, all years, with a reason where there is nothing."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import textwrap

import pytest

import commissioning as cm
from commissioning.errors import DataRefused, UsageError
from commissioning.study import estimates_frames, figures
from commissioning.study.comparing import COLUMNS as COMPARED
from commissioning.study.estimates_frames import Estimated
from commissioning.study.frames import Frame
from commissioning.study.opened import Study

PILOTS = ("learning_disability", "vcf_funding")
OUTCOMES = [
    "measure",
    "title",
    "period",
    "group",
    "value",
    "lower",
    "upper",
    "numerator",
    "denominator",
    "unknown",
    "unit",
    "state",
]
SPEND = ["period", "line", "whose", "cash_pence", "real_pence", "scope"]
TIDY = [
    "measure",
    "title",
    "estimate",
    "lower",
    "upper",
    "unit",
    "claim",
    "started",
    "not_started",
    "withheld",
    "held_back",
]
VALUE = ["measure", "title", "people", "more_people", "more_lower", "more_upper", "cost_more_pence", "cost_more_lower_pence",
         "cost_more_upper_pence", "cost_each_pence", "cost_each_lower_pence", "cost_each_upper_pence", "worth_pence", "benefit_pence", "chance", "shared_cost", "withheld"]  # fmt: skip


@pytest.fixture(scope="module", params=PILOTS)
def study(request) -> Study:
    return cm.open(request.param)


@pytest.fixture(scope="module")
def disability() -> Study:
    return cm.open("learning_disability")


def test_importing_the_package_loads_nothing_heavy_and_offers_what_a_notebook_needs():
    asked = "import commissioning as cm, sys; print([one for one in ('pandas', 'numpy', 'matplotlib') if one in sys.modules], dir(cm))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said.startswith("[] ")
    assert {"open", "show", "measure", "charts", "answer", "annex"} <= set(cm.__all__) <= set(dir(cm))
    with pytest.raises(AttributeError, match="it gives annex, answer, charts"):
        _ = cm.opne


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"perod": "2014-15"}, UsageError, "did you mean period"),
        ({"period": "2014"}, UsageError, "financial year"),
        ({"period": 2014}, UsageError, "not text"),
        ({"period": "1999-00"}, DataRefused, "no extract here holds it"),
        ({"area": "Wirral"}, UsageError, "ONS code"),
        ({"level": "ward=Nowhere"}, UsageError, "no ward is called"),
        ({"data": "/tmp"}, UsageError, "may hold people's records"),
        ({"pilot": "learning_disabilty"}, UsageError, "did you mean"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_a_sentence(given, error, says):
    with pytest.raises(error, match=says):
        cm.open(**given)


def test_outcomes_are_every_year_in_units_that_people_read(study):
    found = study.outcomes()
    assert list(found.columns)[: len(OUTCOMES)] == OUTCOMES
    assert found["group"].eq("all").all() and not found["period"].str.contains("Q").any()
    years = found.groupby("measure")["period"].nunique()
    assert years.max() >= 4
    shares = found[found["unit"].str.startswith("%") & found["value"].notna()]
    assert shares["value"].between(0, 100).all() and shares["value"].max() > 1
    assert (shares["lower"] <= shares["value"]).all() and (shares["value"] <= shares["upper"]).all()
    assert found.loc[found["value"].isna(), "status"].ne("known").all()


def test_the_figures_are_those_that_were_released(study):
    released = study.prepared.released.figures
    for one in study.outcomes(by=study.settings.design.unit).dropna(subset=["value"]).head(40).itertuples():
        row = released[
            released["measure"].eq(one.measure) & released["period"].eq(one.period) & released["group"].eq(one.group)
        ].iloc[0]
        assert one.value == pytest.approx(row["value"] * study.measures[one.measure].per)
        assert (one.numerator, one.denominator) == (row["numerator"], row["denominator"])


def test_periods_and_groups_are_chosen_and_what_is_none_is_refused(disability):
    assert set(disability.outcomes(periods="latest")["period"]) == {disability.period}
    assert set(disability.outcomes(periods=["2012-13", "2013-14"])["period"]) == {"2012-13", "2013-14"}
    assert disability.outcomes(periods="quarters")["period"].str.contains(" Q").all()
    assert disability.outcomes(by="locality")["group"].nunique() == 4
    with pytest.raises(UsageError, match="did you mean locality"):
        disability.outcomes(by="localty")
    with pytest.raises(UsageError, match='write "all"'):
        disability.outcomes(periods="2013")


def test_a_study_of_an_earlier_period_holds_nothing_later():
    early = cm.open("vcf_funding", period="2013-14")
    assert early.period == early.outcomes()["period"].max() == early.spend()["period"].max() == "2013-14"


def test_a_study_of_a_part_of_the_area_is_of_that_part(disability):
    one = disability.outcomes(by="locality")["group"].iloc[0]
    level = cm.open("learning_disability", level=f"locality={one}")
    assert set(level.outcomes()["group"]) == {one} and level.prepared.path == disability.prepared.path


def test_spend_is_whole_pence_in_cash_and_real_terms(study):
    found = study.spend()
    assert list(found.columns)[: len(SPEND)] == SPEND
    assert str(found["cash_pence"].dtype) == str(found["real_pence"].dtype) == "Int64"
    assert found["cash_pence"].min() > 100_000 and found["period"].nunique() >= 4
    assert study.spend(real=False)["real_pence"].isna().all()
    assert list(study.spend(real=False).columns) == list(found.columns)


def test_only_spend_with_an_outcomes_purpose_stands_beside_it(disability):
    found = disability.outcomes_against_spend()
    assert list(found.columns) == list(figures.BESIDE)
    scope = found["measure"].map(lambda key: disability.measures[key].spend_scope)
    own = found[scope.eq("purpose")]
    assert own["spend_pence"].notna().all() and own["real_pence"].notna().all() and own["people"].notna().all()
    assert found.loc[scope.eq("none"), "spend_pence"].isna().all()
    spent = disability.spend().query("scope == 'purpose'").set_index("period")["cash_pence"]
    assert (own["spend_pence"] == own["period"].map(spent)).all()


def test_effects_are_those_of_the_pages_and_a_withheld_one_says_why(study):
    found = study.effects().tidy()
    assert list(found.columns) == TIDY and len(found) >= 4
    withheld = found["withheld"].ne("")
    assert withheld.any() and (~withheld).any()
    assert found.loc[withheld, ["estimate", "lower", "upper"]].isna().all().all()
    assert found.loc[~withheld, "estimate"].notna().all()
    assert found["unit"].str.startswith("in each 100").all() and found["started"].min() >= 1


def test_the_event_study_rests_on_released_yearly_figures_and_tells_nothing_of_a_withheld_effect(study):
    effects = study.effects()
    found, told = effects.event_study(), effects.tidy().set_index("measure")
    assert list(found.columns) == ["measure", "periods_since", "estimate", "lower", "upper"]
    after = found[found["periods_since"].ge(0)]
    withheld = after["measure"].map(told["estimate"]).isna()
    assert after.loc[withheld, "estimate"].isna().all() and after.loc[~withheld, "estimate"].notna().all()
    assert found.loc[found["periods_since"].lt(0), "estimate"].notna().all()
    shown = set(study.prepared.released.figures["measure"])
    assert set(found["measure"]) <= shown


def test_the_event_study_finds_the_change_that_was_planted(disability):
    found = disability.effects().event_study().set_index(["measure", "periods_since"])
    last = found.loc[("learning_disability_own_goal_met", 2)]
    printed = disability.effects().tidy().set_index("measure").loc["learning_disability_own_goal_met"]
    assert last["lower"] <= printed["estimate"] <= last["upper"] and last["estimate"] > 0


def test_trends_gates_calibration_and_sensitivity_are_frames(study):
    effects = study.effects()
    trends = effects.trends()
    assert list(trends.columns) == ["measure", "period", "arm", "value", "lower", "upper"]
    assert set(trends["arm"]) == {"started", "not started"} and trends["value"].between(0, 100).all()
    assert trends.groupby(["measure", "period"])["arm"].nunique().eq(2).all()
    gates = effects.gates()
    assert list(gates.columns) == list(estimates_frames.GATES) and gates["passed"].any() and not gates["passed"].all()
    card = effects.calibration()
    assert list(card.columns) == list(estimates_frames.CALIBRATION) and card["coverage"].between(50, 100).all()
    other = effects.sensitivity()
    assert list(other.columns) == list(estimates_frames.SENSITIVITY)
    assert set(other["measure"]) == set(effects.tidy().dropna(subset=["estimate"])["measure"])


def test_value_is_in_people_and_pence_and_one_cost_is_said_to_be_shared(disability):
    found = disability.value()
    assert list(found.columns) == VALUE
    gained = found[found["more_people"].notna()]
    assert len(gained) == 2 and gained["shared_cost"].eq("yes").all()
    assert gained["cost_more_pence"].nunique() == 1 and gained["cost_more_pence"].iloc[0] > 10_000_000
    one = gained[gained["worth_pence"].notna()].iloc[0]
    assert one["benefit_pence"] == pytest.approx(
        one["more_people"] * one["worth_pence"] - round(one["cost_more_pence"], -6), rel=0.02
    )
    assert 0 <= one["chance"] <= 100 and one["chance"] % 5 == 0
    assert found.loc[found["more_people"].isna(), "withheld"].ne("").all()


def test_value_says_why_where_nothing_can_be_weighed():
    found = cm.open("vcf_funding").value()
    assert found["more_people"].isna().all() and found["withheld"].str.len().gt(20).all()


def test_absent_data_give_a_frame_with_its_columns_and_a_reason(disability):
    found = disability.compare("learning_disability_ascof_1e")
    assert list(found.columns) == list(COMPARED) and found.empty
    assert "bring the table of indicators" in found.why
    own = disability.compare("learning_disability_own_goal_met")
    assert own.empty and "counted by this council alone" in own.why
    with pytest.raises(UsageError, match="did you mean"):
        disability.compare("learning_disability_ascof_1")
    with pytest.raises(UsageError, match="neighbours"):
        disability.compare("learning_disability_ascof_1e", with_="everybody")


def test_every_frame_says_what_it_rests_on(study):
    effects = study.effects()
    made = [study.outcomes(), study.spend(), study.outcomes_against_spend(), study.value(), effects.tidy(), effects.event_study(),
            effects.trends(), effects.gates(), effects.calibration(), effects.sensitivity()]  # fmt: skip
    for one in made:
        assert isinstance(one, Frame) and one.provenance.illustrative
        assert one.provenance.measures and one.provenance.extracts and one.provenance.source and one.provenance.says
    assert study.outcomes().provenance.states == ("provisional",)


def test_a_study_says_first_what_it_holds_and_lacks_and_what_to_call_next(study):
    for said in (repr(study), study._repr_html_()):
        for word in (
            "Files",
            "Periods",
            "Measures held",
            "Design",
            "Next",
            "study.outcomes()",
            "Illustrative",
            study.period,
        ):
            assert word in said
    assert len(repr(study).splitlines()) <= 8
    assert "ascof" in repr(study) or study.pilot != "learning_disability"


def test_the_answer_is_that_of_the_pilots_page(study):
    found = cm.answer(study)
    assert found.kind == "answer" and len(found.lines) == 5
    assert study.period in repr(found)


def test_every_example_in_the_docstrings_runs(disability):
    names = {"cm": cm, "study": disability}
    ran = 0
    for thing in (cm.open, cm.show, cm.answer, *_methods(Study), *_methods(Estimated)):
        for example in _examples(thing):
            exec(compile(ast.parse(example), f"<example of {thing.__qualname__}>", "exec"), names)  # noqa: S102  our own words
            ran += 1
    assert ran >= 15


def _methods(kind: type) -> list:
    skipped = (
        "explain",
        "release",
        "table",
        "try_measure",
        "what_if",
        "rows_behind",
        "rows_left_out",
    )  # at a keyboard, or another line
    return [
        one
        for name, one in vars(kind).items()
        if inspect.isfunction(one) and not name.startswith("_") and name not in skipped
    ]


def _examples(thing) -> list[str]:
    """The blocks of a docstring whose every line is a call."""
    blocks = [textwrap.dedent(one) for one in (thing.__doc__ or "").split("\n\n")]
    starts = ("study", "cm.", "import ")
    return [one for one in blocks if one.strip() and all(line.startswith(starts) for line in one.strip().splitlines())]


def test_a_study_does_not_travel_and_hands_out_no_rows(disability):
    import pickle

    from commissioning.errors import NotReleased

    with pytest.raises(NotReleased):
        pickle.dumps(disability.prepared)
    with pytest.raises(NotReleased, match="restricted"):
        disability.table("people")
    assert "COMMISSIONING_OUT" not in os.environ


def test_the_sample_is_of_one_area_and_another_is_refused():
    with pytest.raises(DataRefused, match="the sample holds E08000015 alone"):
        cm.open("vcf_funding", area="E08000012")


def test_where_a_part_is_open_the_study_says_what_stays_of_the_whole_area(disability):
    part = cm.open("learning_disability", level="locality=North")
    assert "effects(), value() and what_if() are of the whole area" in repr(part)
    effects = part.effects().tidy()
    assert effects.drop(columns="group").equals(disability.effects().tidy()) and "Whole area" not in repr(disability)
