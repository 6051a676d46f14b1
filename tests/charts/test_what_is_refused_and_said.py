"""What a stranger did with the charts in half an hour: drew several rows a place, the axes the wrong way about, nothing, and what was hidden."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import charts

YEARS = ["2011-12", "2012-13", "2013-14"]
MEASURES = pd.DataFrame(
    [
        {"measure": one, "title": one, "period": year, "group": "Ayton", "value": 40.0 + i + 5 * k, "lower": 30.0, "upper": 60.0, "estimate": 1.0}
        for k, one in enumerate(("goal_met", "paid_work"))
        for i, year in enumerate(YEARS)
    ]
)  # fmt: skip
WARDS = pd.DataFrame(
    [{"group": ward, "period": year, "value": 50.0 + i + k} for k, ward in enumerate(("Ayton", "Bidston")) for i, year in enumerate(YEARS)]
)  # fmt: skip
TRENDS = MEASURES.assign(arm="started")
LAGS = pd.DataFrame(
    {"periods_since": [-1, -1, 0, 0], "estimate": [0.1, 0.2, 0.3, 0.4], "lower": [None] * 4, "upper": [None] * 4}
)
SEVERAL = {
    "bars": lambda: charts.bars(MEASURES),
    "dots": lambda: charts.dots(MEASURES),
    "over_time of two measures": lambda: charts.over_time(MEASURES),
    "over_time of two wards": lambda: charts.over_time(WARDS),
    "outcomes_and_spend": lambda: charts.outcomes_and_spend(MEASURES.assign(real_pence=100), series=None),
    "started_and_not": lambda: charts.started_and_not(TRENDS),
    "an event study": lambda: charts.started_and_not(TRENDS.query("measure == 'goal_met'"), LAGS),
    "small_multiples": lambda: charts.small_multiples(MEASURES, name="group"),
    "slopes": lambda: charts.slopes(MEASURES),
    "effects": lambda: charts.effects(MEASURES.assign(claim="compared", withheld="")),
    "control": lambda: charts.control(MEASURES.assign(centre=50.0)),
    "spend_against_outcome": lambda: charts.spend_against_outcome(MEASURES.assign(spend_a_person_pence=1, council="Here", this_one=True)),
    "funnel": lambda: charts.funnel(MEASURES.assign(denominator=10)),
    "plane": lambda: charts.plane(MEASURES.assign(cost=1.0), x="cost", y="value", name="group"),
    "waterfall": lambda: charts.waterfall(MEASURES, x="group", y="value"),
    "tiles": lambda: charts.tiles(MEASURES),
}  # fmt: skip


@pytest.mark.parametrize("chart", SEVERAL)
def test_several_rows_a_place_are_refused_in_one_sentence_that_says_what_to_write(chart):
    with pytest.raises(ValueError) as refused:
        SEVERAL[chart]()
    said = str(refused.value)
    assert said.startswith("several rows of ") and "name `series`" in said and "\n" not in said
    assert "filter one" in said


def test_the_refusal_names_the_place_and_the_measure():
    with pytest.raises(ValueError, match="several rows of 2011-12: filter one measure, or name `series`"):
        charts.over_time(MEASURES)


def test_with_the_column_that_tells_them_apart_the_same_rows_are_drawn():
    assert len(charts.over_time(WARDS, series="group").axes[0].lines) >= 2
    charts.bars(MEASURES[MEASURES["period"].eq(YEARS[0])], series="measure")


def test_a_plane_with_cost_up_and_gain_across_is_refused_with_what_to_write():
    frame = pd.DataFrame({"title": ["a", "b"], "cost_more_pence": [100_00, 200_00], "more_people": [3, 5]})
    charts.plane(frame, x="cost_more_pence", y="more_people", name="title", worth=10)
    with pytest.raises(ValueError, match="gain up and cost across: write x='cost_more_pence' and y='more_people'"):
        charts.plane(frame, x="more_people", y="cost_more_pence", name="title", worth=10)


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_an_empty_frame_gives_a_picture_that_says_why(words, size):
    class Frame(pd.DataFrame):
        why = "No outcome is known for 2031-32."

    figure = charts.over_time(Frame({"period": [], "value": []}), size=size)
    assert "Nothing to draw. No outcome is known for 2031-32." in " ".join(words(figure))
    assert not figure.axes and figure.get_figwidth() * 72 == pytest.approx(640 if size == "wide" else 358)
    assert "Nothing to draw. There are no rows." in " ".join(
        words(charts.bars(pd.DataFrame({"group": [], "value": []})))
    )


HIDDEN = pd.DataFrame({"group": ["Ayton", "Bidston"], "value": [3.0, None]})


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ({"status": ["known", "hidden"]}, "hidden"),
        ({"status": ["known", "not known"]}, "not known"),
        ({"value_status": ["", "none recorded"]}, "none recorded"),
        ({"value_hidden": [False, True]}, "hidden"),
        ({"hidden": [False, True]}, "hidden"),
        ({}, "hidden or not known"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("draw", [charts.bars, charts.dots, charts.tiles])
def test_what_was_hidden_is_called_hidden_and_never_not_known_where_nobody_can_say(words, draw, marks, said):
    told = " ".join(words(draw(HIDDEN.assign(**marks))))
    assert said in told and (said != "hidden" or "not known" not in told)


def test_a_small_multiple_draws_neither_line_nor_band_across_a_year_that_is_missing():
    frame = pd.DataFrame(
        {
            "organisation": "A",
            "period": ["2011-12", "2013-14"],
            "value": [40.0, 60.0],
            "lower": [30.0, 50.0],
            "upper": [50.0, 70.0],
        }
    )
    other = frame.assign(organisation="B", period=["2012-13", "2013-14"])
    figure = charts.small_multiples(pd.concat([frame, other]), lower="lower", upper="upper")
    line = max(figure.axes[0].lines, key=lambda one: len(one.get_ydata()) if one.get_linestyle() == "-" else 0)
    assert [one == one for one in line.get_ydata()] == [True, False, True]
    drawn = [path for one in figure.axes[0].collections for path in one.get_paths() if len(path.vertices) > 4]
    assert not any(path.vertices[:, 0].min() <= 0 and path.vertices[:, 0].max() >= 2 for path in drawn), (
        "no band from the first to the third year"
    )


def test_a_sum_in_steps_takes_no_for_an_answer():
    frame = {"line": ["all", "less", "net"], "amount_pence": [1000_00, -300_00, 700_00], "total": ["yes", "no", "yes"]}
    bars = charts.waterfall(frame, y="amount_pence").axes[0].patches
    assert [(round(one.get_x()), round(one.get_width())) for one in bars] == [(0, 1000), (1000, -300), (0, 700)]


MANY = pd.DataFrame(
    [{"group": f"Ward number {k} by the river", "period": year, "value": 50 + (k * 7 % 23) * 1.3 + 9 * i * ((k % 5) - 2)} for k in range(22) for i, year in enumerate(YEARS)]
)  # fmt: skip


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_of_many_slopes_each_number_stands_by_its_own_line_or_is_joined_to_it(size):
    figure = charts.slopes(MANY, size=size)
    axes = figure.axes[0]
    figure.draw_without_rendering()
    width = axes.get_position().width * figure.get_figwidth() * 72
    assert width > 0.2 * figure.get_figwidth() * 72, "the lines keep room between the names"
    values = {round(row["value"], 1) for row in MANY.to_dict("records")}
    joined = [one for one in (*figure.lines, *figure.artists) if len(one.get_xdata()) == 2]
    top = figure.get_figheight() * 72 * (1 - axes.get_position().y1)
    tall = axes.get_position().height * figure.get_figheight() * 72
    low, high = axes.get_ylim()
    read = 0
    for text in figure.texts:
        try:
            value = float(text.get_text())
        except ValueError:
            continue
        if value not in values:
            continue
        read += 1
        stands = top + (high - value) / (high - low) * tall
        said = text.get_position()[1] - 5
        ends = [
            one.get_ydata()
            for one in joined
            if abs(one.get_ydata()[0] - stands) < 1.5 and abs(one.get_ydata()[1] - said) < 12
        ]
        assert abs(said - stands) <= 72 and (abs(said - stands) < 12 or ends), text.get_text()
    assert read >= 10
