"""The claim ladder: which rung, which words, and what is said where a check is not passed."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning import pilot as pilots
from commissioning.methods import claims
from commissioning.methods.checks import checks
from commissioning.methods.claims import Gates
from commissioning.methods.effects import Effect
from commissioning.presentation.words import overclaims

GOOD = {
    "n_periods_before": 8,
    "n_periods_after": 6,
    "clusters": 22,
    "n_treated": 16,
    "n_controls": 6,
    "completeness": 0.95,
    "pretrend_p": 0.6,
    "placebo_date_p": 0.4,
    "standard_error": 4.0,
    "p_value": 0.001,
    "calibration": "used",
}


def effect(estimate=12.0, lower=3.0, upper=21.0, **changes) -> Effect:
    facts = {**GOOD, **changes.pop("facts", {})}
    given = {
        "estimand": "people in paid work", "method": "jackknife", "draws": np.array([1.0, 2.0]),
        "smallest_p_possible": 0.0,
    }  # fmt: skip
    return Effect(estimate=estimate, lower=lower, upper=upper, diagnostics=facts, **{**given, **changes})


def test_an_effect_that_passes_is_attributable_in_the_agreed_words():
    claim = claims.judge(effect(), {"periods_before": 8, "units": 10}, unit="people in paid work", standing="sealed")
    assert claim.rung == "attributable"
    assert claim.wording == (
        "The change probably led to about 12 more people in paid work (3 to 21). It passed checks set beforehand."
    )
    not_sealed = claims.judge(effect(), {"periods_before": 8, "units": 10}, unit="people in paid work").wording
    assert not_sealed.endswith("It passed its checks. The checks were not sealed before figures were seen.")
    assert claim.shown == (12.0, 3.0, 21.0)
    assert not claim.failed


def test_a_fall_is_worded_as_fewer():
    claim = claims.judge(effect(-12.0, -21.0, -3.0), unit="people")
    assert "12 fewer people (3 to 21)" in claim.wording


def test_a_ratio_is_worded_in_per_cent():
    claim = claims.judge(effect(0.885, 0.84, 0.93, scale="ratio"))
    assert claim.rung == "attributable"
    assert "12% lower (7% to 16%)" in claim.wording or "11% lower (7% to 16%)" in claim.wording


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "written"),
    [(-0.7, -4.928, 3.538, "4.9 fewer to 3.5 more"), (0.02, -0.011, 0.051, "0.011 fewer to 0.051 more")],
)
def test_a_small_change_is_written_no_finer_than_its_limits_need(estimate, lower, upper, written):
    claim = claims.judge(effect(estimate, lower, upper), unit="in each 100")
    assert claim.wording.startswith(f"No change could be told apart from chance ({written})")


def test_a_range_that_includes_no_change_claims_none():
    claim = claims.judge(effect(2.0, -5.0, 9.0), unit="people")
    assert claim.rung == "compared"
    assert not claim.hidden
    assert claim.wording.startswith("No change could be told apart from chance (5.0 fewer to 9.0 more)") or (
        claim.wording.startswith("No change could be told apart from chance (5 fewer to 9 more)")
    )


@pytest.mark.parametrize(
    ("facts", "gate"),
    [
        ({"completeness": 0.6}, "completeness"),
        ({"pretrend_p": 0.01}, "pretrend"),
        ({"placebo_date_p": 0.01}, "placebo_dates"),
        ({"drift_share": 0.41}, "pretrend"),
        ({"series_break": "in 2014-15 the denominator drops"}, "no_series_break"),
        ({"calibration": "withheld"}, "calibrated"),
        ({"calibration": {"verdict": "withheld"}}, "calibrated"),
        ({"expected_regression_to_mean": 9.0}, "regression_to_mean"),
        ({"negative_controls": {"a": (5.0, 1.0), "b": (0.1, 1.0)}}, "negative_controls"),
        ({"limits_too_narrow": "Counts vary too much."}, "limits"),
    ],
)
def test_a_check_not_passed_hides_the_estimate_and_says_what_was_needed(facts, gate):
    claim = claims.judge(effect(facts=facts))
    assert [check.name for check in claim.failed] == [gate]
    assert claim.hidden
    assert claim.shown is None
    assert claim.rung == "described"
    assert "Needed:" in claim.reasons[0]
    assert claim.failed[0].needed in claim.reasons[0]
    assert "12" not in claim.wording.replace("2014-15", "")


@pytest.mark.parametrize(
    ("facts", "gate"),
    [
        ({"n_periods_before": 3}, "periods_before"),
        ({"n_periods_after": 0}, "periods_after"),
        ({"clusters": 5}, "units"),
        ({"n_treated": 0}, "started_units"),
        ({"n_controls": 1}, "comparators"),
    ],
)
def test_an_evaluation_that_is_too_small_prints_its_range_and_its_reason_and_claims_nothing(facts, gate):
    claim = claims.judge(effect(facts=facts))
    assert [check.name for check in claim.failed] == [gate]
    assert (claim.rung, claim.hidden, claim.shown) == ("compared", False, (12.0, 3.0, 21.0))
    assert claim.failed[0].needed in claim.reasons[0]
    assert "not put down to it, because" in claim.wording


def test_a_check_of_bias_beside_one_of_size_hides_the_estimate():
    claim = claims.judge(effect(facts={"clusters": 5, "pretrend_p": 0.01}))
    assert claim.hidden
    assert claim.rung == "described"


def test_a_change_seen_in_one_of_many_outcomes_is_not_put_down_to_the_pilot():
    claim = claims.judge(effect(facts={"p_of_many": 0.09, "questions": 6}))
    assert claim.rung == "compared"
    assert "6 outcomes were looked at" in claim.wording


def test_no_more_than_compared_while_what_matters_most_is_rated_red():
    claim = claims.judge(effect(facts={"weak_assumption": "Others would have gone the same way"}))
    assert claim.rung == "compared"
    assert "“Others would have gone the same way”" in claim.wording


@pytest.mark.parametrize(
    ("name", "value", "facts"),
    [
        ("periods_before", 3, {"n_periods_before": 3}),
        ("units", 5, {"clusters": 5}),
        ("completeness", 0.6, {"completeness": 0.6}),
        ("pre_trend_p", 0.01, {"pretrend_p": 0.01}),
        ("placebo_p", 0.01, {"placebo_date_p": 0.01}),
        ("regression_to_mean", 0.75, {"expected_regression_to_mean": 9.0}),
        ("negative_control_share", 0.5, {"negative_controls": [(5.0, 1.0), (0.1, 1.0)]}),
    ],
)
def test_a_gate_met_exactly_is_passed(name, value, facts):
    assert claims.judge(effect(facts=facts), {name: value}).rung == "attributable"


def test_picked_people_are_refused_unless_the_expected_change_was_taken_off():
    gates = {"picked_people": True}
    refused = claims.judge(effect(facts={"expected_regression_to_mean": 9.0}), gates)
    assert [check.name for check in refused.failed] == ["picked_people"]
    assert "regression to the mean" in refused.wording
    adjusted = {"expected_regression_to_mean": 9.0, "regression_to_mean_adjusted": True}
    assert claims.judge(effect(facts=adjusted), gates).rung == "attributable"


def test_calibration_that_was_asked_for_and_not_run_is_not_passed():
    claim = claims.judge(effect(facts={"calibration": None}))
    assert [check.name for check in claim.failed] == ["calibrated"]
    assert claims.judge(effect(facts={"calibration": "conservative"}), {"calibrated": True}).rung == "attributable"


def test_that_no_negative_control_can_be_tried_under_a_synthetic_comparison_is_said():
    said = "No outcome that the pilot cannot move was tried"
    claim = claims.judge(replace(effect(), method="synthetic control"))
    assert any(said in one for one in claim.reasons)
    tried = effect(facts={"negative_controls": {"a": (0.1, 1.0)}})
    for other in (effect(), replace(tried, method="synthetic control")):
        assert not any(said in one for one in claims.judge(other).reasons)


def test_negative_controls_asked_for_and_missing_are_not_passed():
    claim = claims.judge(effect(), {"negative_controls": 3})
    assert "0 of the 3" in claim.failed[0].says


def test_an_effect_no_larger_than_what_cannot_move_shows_is_hidden():
    biased = {f"control {i}": (10.0 + i % 3, 2.0) for i in range(12)}
    claim = claims.judge(effect(facts={"negative_controls": biased}))
    assert [check.name for check in claim.failed] == ["negative_controls"]
    quiet = {f"control {i}": (0.1 * (i % 3 - 1), 2.0) for i in range(12)}
    assert claims.judge(effect(facts={"negative_controls": quiet})).rung == "attributable"


def test_without_a_comparator_a_change_is_described_at_most():
    claim = claims.judge(effect(facts={"comparator": False, "regression_to_mean_adjusted": True}), unit="people")
    assert claim.rung == "described"
    assert claim.wording.endswith("This does not say why.")


def test_a_withheld_interval_is_compared_at_most_and_value_is_withheld():
    given = effect(lower=None, upper=None, draws=None, method="permutation", withheld_because="The p is 0.1.")
    claim = claims.judge(given)
    assert claim.rung == "compared"
    assert any("Value for money may not be told" in reason for reason in claim.reasons)


def test_one_series_needs_no_other_places():
    facts = {"single_series": True, "clusters": 1, "n_controls": None, "n_treated": 1}
    assert claims.judge(effect(facts=facts)).rung == "attributable"


def test_a_ceiling_holds_and_a_floor_hides():
    assert claims.judge(effect(), {"ceiling": "compared"}).wording == (
        "Higher than where the change had not started. Other reasons are possible."
    )
    assert claims.judge(effect(2.0, -5.0, 9.0), {"floor": "attributable"}).hidden


def test_a_misspelt_gate_is_refused_and_the_right_names_listed():
    with pytest.raises(ValueError, match="period_before is not known.*periods_before"):
        claims.judge(effect(), {"period_before": 8})


@pytest.mark.parametrize(
    "wrong",
    [{"completeness": 80}, {"units": 2.5}, {"pre_trend_p": -0.1}, {"floor": "proved"}, {"calibrated": "yes"},
     {"regression_to_mean": -1}, {"floor": "attributable", "ceiling": "described"}],
)  # fmt: skip
def test_a_gate_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="gates"):
        Gates.of(wrong)


def test_the_gates_of_every_pilot_file_are_understood():
    for name in pilots.names():
        gates = pilots.load(name).gates
        assert isinstance(gates, Gates) and Gates.of(asdict(gates)) == gates


def test_a_gate_set_to_false_is_not_asked():
    claim = claims.judge(effect(facts={"pretrend_p": 0.001}), {"pre_trend_p": False})
    assert claim.rung == "attributable"


def test_findings_that_are_no_effects_keep_the_words_of_their_rung():
    assert (
        claims.recorded("12 people found work").wording
        == "Providers told us 12 people found work. We have not checked."
    )
    assert claims.described("31 of 1,015 people had paid work").wording == (
        "31 of 1,015 people had paid work. This does not say why."
    )
    assert claims.compared("Lower than similar councils.").wording == (
        "Lower than similar councils. Other reasons are possible."
    )


@given(
    estimate=st.floats(-1e4, 1e4),
    width=st.floats(0, 1e4),
    p=st.floats(0, 1),
    share=st.floats(0, 1),
    unit=st.sampled_from(["", "people"]),
)
def test_no_wording_ever_says_proved_saved_or_failed_and_only_the_top_rung_says_led_to(estimate, width, p, share, unit):
    claim = claims.judge(
        effect(estimate, estimate - width, estimate + width, facts={"pretrend_p": p, "completeness": share}), unit=unit
    )
    for word in ("proved", "saved", "failed"):
        assert word not in claim.wording.lower()
    assert ("probably" in claim.wording) == (claim.rung == "attributable")
    if claim.hidden:
        assert claim.shown is None
    if claim.rung == "attributable":
        assert estimate - width > 0 or estimate + width < 0


def test_every_check_says_in_a_sentence_what_was_found_and_what_was_needed():
    good = {
        "placebo_unit_p": 0.01, "drift_share": 0.1, "negative_controls": {"a": (0.1, 1.0), "b": (0.2, 1.0)},
        "calibration": "used", "regression_to_mean_adjusted": True, "expected_regression_to_mean": 3.0,
    }  # fmt: skip
    assert [check.says for check in checks(effect(facts=good), Gates())] == [
        "Periods before the start: there are 8.",
        "Periods after the last start: there are 6.",
        "Places or providers: there are 22.",
        "Places or providers that started: there are 16.",
        "Places or providers to compare with: there are 6.",
        "The outcome is known for about 95% of rows.",
        "Had the same starts fallen on other places, fewer than 5% of the ways they could have fallen would have shown a "
        "change as large.",
        "Before the start, those that started and the others moved alike (p of 0.5 or more).",
        "A pretended earlier start shows no such change (p between 0.2 and 0.5).",
        "Those that started already moved so, which alone would make about 10% of the change.",
        "Of 2 outcomes that the pilot cannot move, 0 seemed to.",
        "No break in the series is known.",
        "Tried on simulated pilots of this size, the method is used.",
        "The change expected of people picked at a low point (about 3) was taken off.",
    ]
    bad = {
        "n_periods_before": 3, "n_periods_after": 0, "clusters": 5, "n_treated": 0, "n_controls": 1,
        "completeness": 0.6, "placebo_unit_p": 0.2, "pretrend_p": 0.01, "placebo_date_p": 0.01, "drift_share": 0.5,
        "negative_controls": {"a": (5.0, 1.0), "b": (0.1, 1.0)}, "series_break": "in 2014 it drops",
        "calibration": "withheld", "expected_regression_to_mean": 9.0, "limits_too_narrow": "Counts vary too much.",
    }  # fmt: skip
    found = checks(effect(facts=bad, smallest_p_possible=0.1), Gates())
    assert not any(check.passed for check in found)
    assert [(check.says, check.needed) for check in found] == [
        ("Periods before the start: there are only 3.", "8 periods before the start or more"),
        ("Periods after the last start: there are only 0.", "1 periods after the last start or more"),
        ("Places or providers: there are only 5.", "10 places or providers or more"),
        ("Places or providers that started: there are only 0.", "4 places or providers that started or more"),
        ("Places or providers to compare with: there are only 1.", "2 places or providers to compare with or more"),
        ("The outcome is known for about 60% of rows.", "80% or more"),
        ("The smallest p-value this design could give is 0.100.", "units enough for 0.05 or less"),
        (
            "Had the same starts fallen on other places, fewer than 50% of the ways they could have fallen would have shown a "
            "change as large.",
            "5% or fewer",
        ),
        (
            "Before the start, those that started were already moving away from the others (p between 0.01 and 0.05).",
            "the same trend before the start, or a comparator that shares it",
        ),
        (
            "A pretended earlier start shows a change too, when there was no pilot (p between 0.01 and 0.05).",
            "no change at a pretended earlier start",
        ),
        (
            "Those that started already moved so, which alone would make about 50% of the change.",
            "40% or less, or more places, so that the trend before can be tested",
        ),
        (
            "Of 2 outcomes that the pilot cannot move, 1 seemed to.",
            "1 or more outcomes that cannot move, of which at most 20% seem to",
        ),
        ("The series breaks: in 2014 it drops.", "one definition throughout, or a start after the break"),
        (
            "Tried on simulated pilots of this size, the method is withheld.",
            "95% intervals that cover at least 92.6% and at most 7.4% false alarms, at this pilot's own size",
        ),
        (
            "People picked at a low point would have changed by about 9 anyway, about 80% of the change seen.",
            "25% of the change or less, or people chosen without regard to their scores",
        ),
        ("Counts vary too much.", 'limits that allow for it (family="quasipoisson")'),
    ]


@pytest.mark.parametrize(("lower", "upper"), [(3.0, 21.0), (-2.0, 26.0)])
def test_with_nobody_to_compare_with_no_word_of_a_claim_compares(lower, upper):
    claim = claims.judge(effect(12.0, lower, upper, facts={"comparator": False}), unit="in each 100", scale_to=1.0)
    assert claim.rung == "described"
    assert not claim.hidden
    assert overclaims(claim.wording, "described") == []
    assert ("+12.0 in each 100 (+3.0 to +21.0)" in claim.wording or "+12 in each 100 (+3 to +21)" in claim.wording) == (
        lower > 0
    )


def test_the_drift_that_a_claim_bears_is_worked_out_from_the_limit_that_is_printed():
    facts = {"bias_drift_unit": 0.09, "clusters": 22}
    found = effect(0.1, 0.051, 0.149, facts=facts)
    claim = claims.judge(found)
    told = claims.as_printed(claim, found, (0.11, 0.09, 0.13))
    assert claim.rung == "attributable"
    assert [one for one in told.notes if "more than 100.0 points a quarter" in one]
    assert told == claims.as_printed(claims.judge(effect(0.1, 0.054, 0.146, facts=facts)), found, (0.11, 0.09, 0.13))


@pytest.mark.parametrize(
    ("facts", "rung"),
    [
        ({"bias_judged_by": "those who support"}, "compared"),
        ({"bias_judged_by": "the person", "bias_own_answer": (float("nan"), None, 0.02)}, "compared"),
        ({"bias_judged_by": "the person", "bias_own_answer": (float("nan"), None, 0.6)}, "attributable"),
        ({"bias_judged_by": "a fact"}, "attributable"),
    ],
)
def test_who_says_so_is_asked_of_a_design_too_that_estimates_nothing_again(facts, rung):
    assert claims.judge(effect(facts=facts)).rung == rung
