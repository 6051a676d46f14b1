"""Control charts: a baseline before the start, new limits at known dates alone, refused where they would mislead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commissioning import reports
from commissioning.methods import chart_reading, control_chart
from commissioning.pilot.agreed import Break
from commissioning.presentation.showable import EffectSummary
from commissioning.sections import charting, together
from commissioning.study import restricted

QUARTERS = [f"{y}-{(y + 1) % 100:02d} Q{q}" for y in range(2010, 2016) for q in (1, 2, 3, 4)]
RANDOM = np.random.default_rng(5)


def series(before, after, n_before=12, n_after=12, noise=1.0):
    values = np.r_[np.full(n_before, float(before)), np.full(n_after, float(after))]
    return pd.Series(values + RANDOM.normal(0, noise, len(values)), index=QUARTERS[: len(values)])


def test_limits_before_the_start_come_from_the_points_before_it():
    values = series(50, 60)
    drawn, reading = chart_reading.chart(values, start=QUARTERS[12])
    alone = control_chart.xmr(values.iloc[:12].to_numpy()).frame.iloc[0]
    first, last = drawn.frame.iloc[0], drawn.frame.iloc[-1]
    assert (first["centre"], first["lower"], first["upper"]) == pytest.approx(
        tuple(alone[["centre", "lower", "upper"]])
    )
    assert last["centre"] == pytest.approx(values.iloc[12:].mean())
    assert (reading.before, reading.since) == (12, 12)
    assert reading.beyond_before_above >= 10 and reading.beyond_before_below == 0
    assert "12 points since the start" in chart_reading.says(reading, QUARTERS[12])


def test_what_comes_after_the_start_never_moves_the_baseline():
    low, high = series(50, 60), series(50, 60)
    high.iloc[:12] = low.iloc[:12]
    high.iloc[12:] += 1000
    one, other = (chart_reading.chart(values, start=QUARTERS[12])[0].frame for values in (low, high))
    columns = ["value", "centre", "lower", "upper", "outside"]
    assert one.iloc[:12][columns].equals(other.iloc[:12][columns])


def test_a_break_that_nobody_declared_is_never_guessed_from_the_points():
    values = series(50, 80)
    drawn, reading = chart_reading.chart(values, start=None)
    assert drawn.frame["segment"].nunique() == 1 and reading.outside > 0
    known, declared = chart_reading.chart(values, start=None, breaks=("2013-14",))
    assert known.frame["segment"].tolist() == [0] * 12 + [1] * 12 and declared.outside == 0


def test_points_outside_are_counted_and_the_words_never_call_them_usual():
    values = series(50, 80)
    _, reading = chart_reading.chart(values, start=None)
    said = chart_reading.says(reading)
    assert not reading.steady and f"{reading.outside} of 24 points" in said
    assert "show no pattern" not in said and "common cause" not in said


def test_a_rule_that_fires_is_named():
    values = pd.Series(
        [50 + (-1) ** i for i in range(14)] + [51.5] * 0 + [50.9, 51.0, 50.8, 51.1, 50.9, 51.2, 50.7],
        index=QUARTERS[:21],
    )
    _, reading = chart_reading.chart(values, start=None)
    assert "seven above the centre" in reading.rules
    assert "seven in a row above the middle" in chart_reading.says(reading)


def test_a_stretch_of_a_few_points_has_no_limits_of_its_own():
    drawn, _ = chart_reading.chart(series(50, 80), start=None, breaks=("2013-14", "2014-15"))
    short = drawn.frame[drawn.frame["segment"] == 1]
    assert len(short) == 4 and short["upper"].isna().all() and not short["outside"].any()


@pytest.mark.parametrize(
    ("values", "why"),
    (
        ([50.0] * 11, "11 points are known"),
        ([50.0] * 16, "do not vary"),
        (np.repeat([5.7, 5.9, 6.4, 6.0, 8.2], 4), "repeat the one before"),
        (np.repeat([50.0, 60.0, 52.0, 64.0, 55.0], 4) + np.tile([0.0, 0.1, -0.1, 0.05], 5), "one yearly figure spread"),
    ),
)
@pytest.mark.parametrize("scale", (1e-6, 1.0, 1e6))
def test_too_few_repeated_and_snapshot_values_are_refused_in_any_unit(values, why, scale):
    values = np.asarray(values) * scale
    assert why in chart_reading.unfit(values, [one[:7] for one in QUARTERS[: len(values)]])


def test_separate_observations_are_fit_also_when_they_drift_or_swing_with_the_season():
    years = [one[:7] for one in QUARTERS]
    noise = RANDOM.normal(0, 1, 24)
    for values in (50 + noise, 50 + 0.3 * np.arange(24) + noise, 50 + np.tile([4, -4, 3, -3], 6) + noise):
        assert chart_reading.unfit(values, years) == ""


def test_too_few_points_before_the_start_are_no_baseline():
    assert "3 points lie before the start" in chart_reading.chart(series(50, 60), start=QUARTERS[3])


def test_noise_alone_is_seldom_called_a_signal():
    """Of steady series few have a point outside their own limits: the chart is not made to see things."""
    rng = np.random.default_rng(11)
    flagged = 0
    for _ in range(60):
        values = pd.Series(rng.normal(50, 3, 24), index=QUARTERS)
        flagged += chart_reading.chart(values, start=None)[1].outside > 0
    assert flagged < 15


# --- in the reports


@pytest.fixture(scope="module")
def do():
    return reports.open("do", pilot="learning_disability")


def test_the_report_draws_what_may_be_drawn_and_says_why_not_of_the_rest(do):
    assert "same people again" in charting.readings(do)["learning_disability_paid_work"]
    drawn = charting.charts(do)["learning_disability_own_goal_met"]
    assert drawn.start == "2013-14 Q1" and drawn.reading.before == 8 and drawn.reading.since == 12
    assert drawn.frame.loc[drawn.frame["period"] < "2013-14", "segment"].eq(0).all()


def test_a_ward_begins_anew_when_it_started_itself_and_not_before():
    ward = reports.open("do", pilot="learning_disability", level="ward=Alderby")
    never = reports.open("do", pilot="learning_disability", level="ward=Brackwell")
    place = reports.open("do", pilot="learning_disability", level="locality=North")
    starts = restricted.table(ward.study, "starts").set_index("unit")["started"]
    assert charting.start_of(ward) == starts["Alderby"]
    assert charting.start_of(never) == ("" if starts["Brackwell"] == "never" else starts["Brackwell"])
    wards = restricted.table(place.study, "people").drop_duplicates("ward").set_index("ward")["locality"]
    north = [one for one in starts.index if wards.get(one) == "North" and starts[one] != "never"]
    assert charting.start_of(place) == min(starts[north])


def test_breaks_come_from_the_pilot_file_for_the_measures_it_names(do):
    at = charting.known_breaks(do, do.measures["learning_disability_paid_work"])
    assert at == ("2014-15", "2015-16")
    assert charting.known_breaks(do, do.measures["learning_disability_own_goal_met"]) == ()
    assert Break(at="2014-15 Q2", says="New form").measures == ()


# --- level, chart and effect in one sentence


def drawn(steady=True):
    made, reading = chart_reading.chart(series(50, 50 if steady else 90, noise=1), start=QUARTERS[12])
    return charting.Drawn(frame=made.frame, reading=reading, start=QUARTERS[12], breaks=())


def effect(estimate=None, lower=None, upper=None):
    return EffectSummary(
        measure="m", period="", design="staggered", estimand="", estimate=estimate, lower=lower, upper=upper, unit="% of people",
        claim="attributable" if estimate is not None else "described", wording="", withheld=None if estimate is not None else "a gate",
    )  # fmt: skip


LEVEL = together.Level(now=62.0, period="2015-16", before=60.0, before_period="2012-13")


def test_a_level_a_steady_chart_and_an_effect_that_disagree_are_reconciled():
    said = together.sentence("Goals met", LEVEL, drawn(), effect(8.4, 5.1, 11.7))
    assert "62.0% in 2015-16" in said and "60.0% in 2012-13" in said and "(+2.0)" in said
    assert "8.4 points (5.1 to 11.7)" in said and "compare different things" in said
    assert "common cause" not in said


def test_nothing_is_reconciled_where_nothing_disagrees():
    said = together.sentence("Goals met", LEVEL, drawn(steady=False), effect(2.0, 0.5, 3.5))
    assert "compare different things" not in said


def test_a_withheld_effect_lends_no_number():
    said = together.sentence("Goals met", LEVEL, drawn(), effect())
    assert "checks were not all passed" in said and "points (" not in said
    alone = together.sentence("Goals met", together.Level(now=5.0, period="2015-16"), "why not", None)
    assert alone == "Goals met: 5.0% in 2015-16. This does not say why."


def test_do_review_cabinet_and_the_pilots_page_say_it_in_the_same_words(every_display):
    title = "Reviews at which the person had met the main goal they set themselves: "

    def told_so(sentence):
        return sentence.startswith(title) and "By quarter: " in sentence

    shown = {}
    for place, one in every_display().items():
        if told_so(one.get("sentence", "")):
            shown.setdefault(one["sentence"], set()).add(place.split()[1])
    assert list(shown.values()) == [{"implications"}], "printed on the pilot's page alone"
    sections = {
        "do": "control",
        "review": "effects_table",
        "pilot": "outcomes_table",
        "cabinet_summary": "side_by_side",
    }
    for stage, section in sections.items():  # each may be put on a page again
        of = {} if stage == "cabinet_summary" else {"pilot": "learning_disability"}
        found = reports.open(stage, **of).told(section).found
        assert [one.record["sentence"] for one in found if told_so(one.record["sentence"])] == list(shown), stage
    drawn_pages = [one for one in every_display().values() if one.get("chart") == "control"]
    assert drawn_pages
    assert not any("common cause" in one.get("caption", "") for one in drawn_pages)


def test_points_below_the_lower_limit_may_be_said_of_what_is_only_described():
    """The lower limit is the name of a line on the chart; what is lower than something else is a comparison still."""
    from commissioning.presentation import words

    says = "By quarter: 6 of 16 points lie outside the limits: below the lower limit; above the upper limit."
    assert not words.overclaims(says, "described")
    assert words.overclaims("Fewer met their goal: lower than others.", "described")


def test_a_last_stretch_without_limits_is_said_to_have_none_and_a_point_outside_is_told_once():
    index = [
        f"2016-17 Q{i}" if i < 5 else f"20{16 + (i - 1) // 4}-{17 + (i - 1) // 4} Q{(i - 1) % 4 + 1}"
        for i in range(1, 21)
    ]
    steady = [50.0, 52.0, 49.0, 51.0, 50.0, 52.0, 49.0, 51.0]
    _, few = chart_reading.chart(pd.Series([*steady, *steady, 50.0, 51.0, 50.0, 52.0], index), start=index[16])
    said = chart_reading.says(few, index[16])
    assert few.too_short and "too few points for limits of its own" in said and "show no pattern" not in said
    later = [40.0, *[52.0, 51.0, 53.0, 52.0, 51.0, 53.0, 52.0, 51.0, 53.0, 52.0, 51.0]]
    _, one = chart_reading.chart(pd.Series([*steady, *later], index), start=index[8])
    said = chart_reading.says(one, index[8])
    assert "1 of 20 points lies outside the limits of its own time." in said
    assert "below the lower limit" not in said
