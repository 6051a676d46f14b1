"""Whatever the names, periods and values, no words of a chart meet others or are cut off, wide or on a phone."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from commissioning import charts

NAME = st.text("abcdefgh lmno", min_size=3, max_size=60).map(lambda one: " ".join(one.split())).filter(bool)
NAMES = st.lists(NAME, min_size=1, max_size=7, unique=True)
VALUE = st.one_of(st.none(), st.floats(-2e5, 2e5), st.just(7.0), st.integers(0, 100))
VALUES = st.lists(VALUE, min_size=24, max_size=24)
SIZE = st.sampled_from(["wide", "phone"])
# A figure takes a tenth of a second: few are drawn in a test, and none is made smaller after a fault; `make soak` draws more.
FEW = settings(max_examples=max(6, settings().max_examples // 16), phases=[Phase.explicit, Phase.generate])


def number(values):
    return pd.array(values, dtype="Float64")


def ranged(values, width):
    low = [None if one is None else one - width for one in values]
    high = [None if one is None else one + width for one in values]
    return {"value": number(values), "lower": number(low), "upper": number(high)}


def years(count, quarters=False):
    if quarters:
        return [f"{2000 + i // 4}-{(i // 4 + 1) % 100:02d} Q{i % 4 + 1}" for i in range(count)]
    return [f"{1990 + i}-{(1991 + i) % 100:02d}" for i in range(count)]


@FEW
@given(SIZE, NAMES, VALUES, st.sampled_from(["bars", "dots", "places"]), st.booleans())
def test_of_rows(faults, size, names, values, kind, many):
    frame = pd.DataFrame({"group": names, "series": [f"series number {i % 3}" for i in range(len(names))], **ranged(values[: len(names)], 4)})  # fmt: skip
    more = (
        {"series": "series", "target": 3.0, "target_words": "The floor that was agreed"}
        if many and kind != "places"
        else {}
    )
    assert not faults(getattr(charts, kind)(frame, x="group", y="value", lower="lower", upper="upper", unit="A unit of some length", size=size, **more))  # fmt: skip


@FEW
@given(SIZE, NAMES, VALUES, st.integers(1, 24), st.booleans(), st.integers(0, 3), st.integers(1, 4))
def test_over_time(faults, size, names, values, count, quarters, start, series):
    periods = years(count, quarters)
    names = names[:series]
    rows = [(period, name) for name in names for period in periods]
    frame = pd.DataFrame(rows, columns=["period", "name"]).assign(
        **ranged([values[(i * 7 + len(one)) % 24] for i, (_, one) in enumerate(rows)], 3)
    )
    begins, changed = periods[min(start, count - 1)], periods[-1:]
    assert not faults(charts.over_time(
        frame, series="name", lower="lower", upper="upper", start=begins, start_words="The pilot starts", breaks=changed, target=4.0,
        unit="% of people", size=size))  # fmt: skip
    paired = frame.assign(real_pence=[100_000 * (i + 1) for i in range(len(frame))])
    assert not faults(charts.outcomes_and_spend(paired, series="name", start=begins, breaks=changed, size=size))


@FEW
@given(SIZE, VALUES, st.integers(1, 24), st.sampled_from(["increase", "decrease", "neutral"]))
def test_of_a_control_chart(faults, size, values, count, improvement):
    frame = pd.DataFrame({"period": years(count, True), **ranged(values[:count], 9), "centre": 10.0, "outside": ["yes", "no"] * 12 if count == 24 else "no"})  # fmt: skip
    assert not faults(charts.control(frame, improvement=improvement, start=frame["period"].iloc[-1], target=20.0, unit="% of reviews", size=size))  # fmt: skip


@FEW
@given(SIZE, NAMES, VALUES, VALUES)
def test_of_points(faults, size, names, values, others):
    count = len(names)
    frame = pd.DataFrame({
        "group": names, "denominator": [20 * (i + 1) for i in range(count)], **ranged(values[:count], 30), "flag": ["yes", "no", "yes"] * 2 + ["yes"] if count == 7 else "yes",
        "spend_pence": pd.array([None if one is None else int(one * 100) for one in others[:count]], dtype="Int64"), "mine": [i == 0 for i in range(count)],
    })  # fmt: skip
    assert not faults(charts.funnel(frame, lower_95="lower", upper_95="upper", flag="flag", centre=3.0, x_label="People asked", unit="%", size=size))  # fmt: skip
    assert not faults(charts.plane(frame, x="spend_pence", y="value", name="group", lower="lower", upper="upper", worth=400, x_label="Spend", unit="People", size=size))  # fmt: skip
    assert not faults(charts.spend_against_outcome(frame, x="spend_pence", name="group", this="mine", neighbour="flag", unit="%", size=size))  # fmt: skip


@FEW
@given(SIZE, NAMES, VALUES, st.integers(1, 24))
def test_of_effects_and_event_studies(faults, size, names, values, count):
    mine = ranged(values[: len(names)], 5)
    frame = pd.DataFrame({
        "title": names, "estimate": mine["value"], "lower": mine["lower"], "upper": mine["upper"], "claim": ["attributable", "compared", "recorded", "described"][len(names) % 4],
        "withheld": [f"{one}, and so chance cannot be told from change." for one in names],
    })  # fmt: skip
    assert not faults(charts.effects(frame, worthwhile=2.0, size=size))
    periods = years(count, True)
    trends = pd.DataFrame(
        {
            "period": periods * 2,
            "arm": ["started"] * count + ["not started"] * count,
            **ranged((values * 2)[: 2 * count], 4),
        }
    )
    lags = pd.DataFrame({"periods_since": range(-count, 3), "estimate": number((values * 2)[: count + 3])}).assign(
        lower=None, upper=None
    )
    assert not faults(charts.started_and_not(trends, lags, start=periods[0], unit="% of reviews", size=size))


@FEW
@given(SIZE, NAMES, VALUES, st.integers(1, 8))
def test_of_pieces_slopes_and_steps(faults, size, names, values, count):
    rows = [(name, period) for name in names for period in years(count)]
    frame = pd.DataFrame(rows, columns=["organisation", "period"]).assign(
        **ranged([values[i % 24] for i in range(len(rows))], 3), this=[name == names[0] for name, _ in rows]
    )
    assert not faults(charts.small_multiples(frame, lower="lower", upper="upper", unit="% of people", size=size))
    assert not faults(charts.slopes(frame, name="organisation", this="this", unit="% of people", size=size))
    steps = pd.DataFrame({"line": names, "real_pence": pd.array([None if one is None else int(one) for one in values[: len(names)]], dtype="Int64"), "total": False})  # fmt: skip
    assert not faults(charts.waterfall(steps, unit="£", size=size))
    people = pd.DataFrame({"group": names, "count": [(17 * i) % 101 for i in range(len(names))]})
    assert not faults(charts.hundred_people(people, words="Met their goal", size=size))


def test_of_words_that_do_meet_the_check_says_so(faults):
    """The check itself: two words in one place, and one beyond the edge, are found."""
    figure = charts.bars(pd.DataFrame({"group": ["a"], "value": [1]}), unit="A unit")
    assert faults(figure) == []
    figure.text(0.5, 0.5, "some words")
    figure.text(0.5, 0.5, "other words")
    figure.text(0.99, 0.2, "far away")
    assert any("some words" in one and "other words" in one for one in faults(figure))
    assert any("cut off: 'far away'" in one for one in faults(figure))


@pytest.mark.parametrize("size", ["narrow", "", None])
def test_a_size_that_is_not_one_is_refused_in_words(size):
    with pytest.raises(ValueError, match="wide or for a phone"):
        charts.bars(pd.DataFrame({"group": ["a"], "value": [1]}), size=size)
