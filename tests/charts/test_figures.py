"""What a chart shows: its frame is drawn as it is, nothing missing is drawn as nothing, and no setting of the account changes it."""

from __future__ import annotations

import re
import subprocess
import sys

import matplotlib
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from commissioning import charts
from commissioning.charts import house, points, values
from commissioning.presentation.chart import Chart

NA = pd.NA
CHANGES = pd.DataFrame({
    "group": ["People who met the main goal they set themselves", "Adults in paid work", "Not known here"],
    "value": pd.array([8.4, -2.1, NA], dtype="Float64"), "lower": pd.array([4.0, -4.4, NA], dtype="Float64"),
    "upper": pd.array([12.8, 0.2, NA], dtype="Float64"),
})  # fmt: skip
YEARS = pd.DataFrame({
    "period": ["2011-12", "2012-13", "2013-14", "2014-15"], "value": pd.array([2.1, NA, 2.8, 3.1], dtype="Float64"),
    "lower": pd.array([1.4, NA, 1.9, 2.2], dtype="Float64"), "upper": pd.array([3.3, NA, 4.0, 4.3], dtype="Float64"),
})  # fmt: skip


def lines(figure, **looks):
    """The lines of a figure's axes that look so."""
    return [
        one
        for axes in figure.axes
        for one in axes.get_lines()
        if all(getattr(one, f"get_{k}")() == v for k, v in looks.items())
    ]


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("kind", ["dots", "bars"])
def test_the_line_of_no_change_crosses_no_words(kind, size):
    figure = getattr(charts, kind)(CHANGES, lower="lower", upper="upper", target=0, target_words="No change", size=size)
    svg = charts.svg_of(figure)
    rule = re.search(r'<path d="M ([\d.]+) ([\d.]+) L \1 ([\d.]+) "[^>]*stroke-dasharray: 1\.8', svg)
    assert rule, "a line at no change is drawn"
    at, foot, top = (float(one) for one in rule.groups())
    grounds = [
        [float(n) for n in re.findall(r"-?[\d.]+", one)]
        for one in re.findall(r'<path d="([^"]*)"[^>]*style="fill: #ffffff"', svg)
    ]
    boxes = [(min(one[0::2]), min(one[1::2]), max(one[0::2]), max(one[1::2])) for one in grounds[1:]]
    crossed = 0
    for look, x, y, text in re.findall(r'<text style="([^"]*)" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</text>', svg):
        left, base = float(x), float(y)
        right = left + house.width(text, bold="700" in look or "bold" in look)
        if left < at < right and top < base < foot:
            crossed += 1
            assert any(box[0] <= left and box[2] >= at and box[1] <= base <= box[3] for box in boxes), text
    assert crossed or size == "wide", "on a phone the names of the rows stand across the line"


@pytest.mark.parametrize(
    ("ticks", "money", "says"),
    [
        ((800_000, 1_000_000, 1_200_000), False, ["0.8m", "1m", "1.2m"]),
        ((0, 500, 1_000), False, ["0", "500", "1,000"]),
        ((0, 200_000, 1_200_000), True, ["£0", "£0.2m", "£1.2m"]),
        ((-500, 500, 2_000), True, ["-£0.5k", "£0.5k", "£2k"]),
        ((0, 250, 500), True, ["£0", "£250", "£500"]),
    ],
)  # fmt: skip
def test_an_axis_writes_its_numbers_in_one_form(ticks, money, says):
    assert values.tick_words(ticks, money) == says


@pytest.mark.parametrize("found", [[3.1], [7, 7, 7], [0], [], [-5, 1e6], [1e-9, 2e-9], [99.9, 100.1]])
@pytest.mark.parametrize("about", [2, 3, 5])
def test_an_axis_covers_its_values_with_few_round_numbers(found, about):
    ticks = values.ticks(found, about)
    assert ticks == sorted(set(ticks)) and 2 <= len(ticks) <= about + 3
    assert all(ticks[0] <= one <= ticks[-1] for one in found)


def test_the_limits_of_a_funnel_are_curves_through_the_limits_that_are_given():
    known = [(25.0, 90.0), (100.0, 70.0), (400.0, 60.0)]
    found = points.curve(known)
    assert set(known) <= set(found) and len(found) > 20 and found == sorted(found)
    for size, limit in found:  # 50 + 200/√size goes through all three
        assert limit == pytest.approx(50 + 200 / size**0.5)


def test_a_limit_of_few_or_equal_sizes_is_drawn_as_it_is_given():
    assert points.curve([]) == []
    assert points.curve([(0.0, 9.0), (4.0, 5.0), (4.0, 5.0)]) == [(0.0, 9.0), (4.0, 5.0), (4.0, 5.0)]


def test_a_signal_is_called_better_or_worse_than_expected_and_has_a_shape_of_its_own(demo, words):
    figure = demo.all_charts()["control"].figure()
    assert "Unusual, better than expected" in words(figure) and not any("wished" in one for one in words(figure))
    assert {one.get_marker() for one in lines(figure) if len(one.get_xdata()) and one.get_marker() != "None"} >= {
        "o",
        "s",
        "^",
    }


def test_a_value_that_is_missing_breaks_the_line_and_is_marked_with_a_cross(words):
    figure = charts.over_time(YEARS, lower="lower", upper="upper")
    drawn = [list(one.get_ydata()) for one in lines(figure, linestyle="-", marker="") if len(one.get_xdata()) > 1]
    assert drawn == [[2.8, 3.1]], "no line is drawn into the year that is not known, or out of it"
    assert [list(one.get_xdata()) for one in lines(figure, marker="x") if len(one.get_xdata())] == [[1.0]]
    assert "Not shown: see the table" in words(figure)


def test_no_line_crosses_a_break_and_the_start_is_marked(words):
    frame = YEARS.assign(value=[1.0, 2.0, 3.0, 4.0])
    figure = charts.over_time(frame, start="2012-13", breaks=["2013-14"])
    drawn = [list(one.get_ydata()) for one in lines(figure, linestyle="-", marker="") if len(one.get_xdata()) > 1]
    assert drawn == [[1.0, 2.0], [3.0, 4.0]]
    assert {"Start", "Counted anew"} <= set(words(figure))


def test_the_ranges_that_are_drawn_are_those_of_the_frame():
    figure = charts.over_time(YEARS, lower="lower", upper="upper")
    ranges = [
        tuple(part[:, 1])
        for one in figure.axes[0].collections
        if isinstance(one, LineCollection)
        for part in one.get_segments()
        if part[0][0] == part[1][0]
    ]
    assert ranges == [(1.4, 3.3), (1.9, 4.0), (2.2, 4.3)]


def test_what_is_hidden_is_said_in_its_row_and_never_drawn_as_nothing(words):
    frame = {"group": ["a", "b"], "value": [3.0, "hidden: fewer than 8 people"]}
    figure = charts.bars(frame)
    assert "hidden: fewer than 8 people" in words(figure)
    assert [one.get_width() for one in figure.axes[0].patches] == [3.0]
    assert "hidden or not known" in words(charts.dots(CHANGES))


def test_an_effect_that_is_withheld_is_an_empty_row_with_its_reason(words):
    frame = pd.DataFrame({
        "title": ["Goal met", "Settled home"], "estimate": pd.array([8.4, NA], dtype="Float64"), "lower": pd.array([4.0, NA], dtype="Float64"),
        "upper": pd.array([12.8, NA], dtype="Float64"), "claim": ["attributable", "recorded"], "withheld": ["", "Too few places had started."],
    })  # fmt: skip
    said = words(charts.effects(frame, worthwhile=2))
    assert {
        "+8.4",
        "Settled home",
        "Too few places had started.",
        "Attributable: it passed its checks",
        "Too small to matter",
    } <= set(said)
    assert "Recorded" not in said, "the sign of a claim that no point has is not explained"


def test_outcomes_and_spend_share_their_years_in_two_panels_and_no_panel_has_two_axes():
    frame = YEARS.assign(title="Goal met", real_pence=[100_00, 200_00, 300_00, 400_00])
    for size in ("wide", "phone"):
        figure = charts.outcomes_and_spend(frame, start="2012-13", size=size)
        above, below = figure.axes
        assert above.get_xlim() == below.get_xlim()
        assert [above.get_position().x0, above.get_position().x1] == [below.get_position().x0, below.get_position().x1]
        assert list(below.get_lines()[0].get_ydata()) == [100.0, 200.0, 300.0, 400.0], "pence are shown in pounds"


def test_a_sum_in_steps_ends_where_its_steps_lead(words):
    steps = pd.DataFrame(
        {
            "line": ["Whole", "NHS", "Council"],
            "real_pence": [100_000_00, -30_000_00, 70_000_00],
            "total": [False, False, True],
        }
    )
    bars = [(one.get_x(), one.get_width()) for one in charts.waterfall(steps).axes[0].patches]
    assert bars == [(0.0, 100_000.0), (100_000.0, -30_000.0), (0.0, 70_000.0)]
    assert {"£100k", "−£30k", "£70k"} <= set(words(charts.waterfall(steps)))


def test_of_a_hundred_people_as_many_are_filled_in_as_are_counted():
    frame = {"group": ["Without the pilot", "With the pilot"], "count": [54, 62]}
    figure = charts.hundred_people(frame, words="Met their goal")
    assert [[len(one.get_xdata()) for one in axes.get_lines()] for axes in figure.axes] == [[54, 0, 46], [54, 8, 38]]
    with pytest.raises(ValueError, match="from 0 to 100"):
        charts.hundred_people({"group": ["a"], "count": [101]})


def test_the_plane_draws_the_line_on_which_gain_and_cost_are_even():
    frame = {"name": ["Goal met"], "cost_pence": [200_000_00], "more": [50]}
    figure = charts.plane(frame, x="cost_pence", y="more", name="name", worth=8_000)
    (line,) = lines(figure, linestyle="-.")
    for cost, gain in zip(line.get_xdata(), line.get_ydata(), strict=True):
        assert gain == pytest.approx(cost / 8_000)


def test_a_council_is_found_among_the_others_and_the_lines_are_the_middle_ones(words):
    frame = pd.DataFrame({"council": list("abcde"), "spend_a_person_pence": [100_00, 200_00, 300_00, 400_00, 500_00], "value": [50.0, 70.0, 60.0, 80.0, 90.0], "this_one": [False, True, False, False, False]})  # fmt: skip
    figure = charts.spend_against_outcome(frame)
    assert {"b", "Higher spend, worse outcome", "This council"} <= set(words(figure)) and "c" not in words(figure)
    middles = [(list(one.get_xdata()), list(one.get_ydata())) for one in lines(figure, linestyle=":")]
    assert ([0, 1], [70.0, 70.0]) in middles and ([300.0, 300.0], [0, 1]) in middles


@pytest.mark.parametrize("name", ["over_time", "bars", "dots"])
def test_more_than_four_series_are_refused(name):
    frame = pd.DataFrame(
        {"period": ["2011-12"] * 5, "group": list("abcde"), "value": range(5), "series": list("abcde")}
    )
    with pytest.raises(ValueError, match="at most 4"):
        getattr(charts, name)(frame, series="series")


def test_a_column_that_is_not_there_is_refused_by_its_name():
    with pytest.raises(ValueError, match="no column 'worth' to draw; there are group, value, lower, upper"):
        charts.bars(CHANGES, y="worth")


def test_a_figure_knows_its_frame_and_shows_itself_without_pyplot():
    figure = charts.bars(CHANGES)
    assert charts.data_of(figure) is CHANGES and charts.data_of(object()) is None
    assert figure._repr_svg_().startswith("<svg ")


def test_drawing_leaves_no_figure_behind_and_matplotlibs_settings_as_they_were():
    code = (
        "import matplotlib, pandas\nfrom commissioning import charts\nbefore = matplotlib.rcParams.copy()\n"
        "charts.svg_of(charts.bars(pandas.DataFrame({'group': ['a'], 'value': [1]})))\n"
        "assert matplotlib.rcParams.copy() == before\nimport sys\nassert 'matplotlib.pyplot' not in sys.modules\n"
        "import matplotlib.pyplot as plt\nassert plt.get_fignums() == []\nplt.style.use(charts.STYLE)\nplt.plot([1, 2])\nassert plt.get_fignums() == [1]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_settings_of_the_account_do_not_change_a_chart():
    usual = charts.svg_of(charts.bars(CHANGES))
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "path", "svg.hashsalt": "mine", "axes.facecolor": "red", "text.usetex": False}):  # fmt: skip
        assert charts.svg_of(charts.bars(CHANGES)) == usual


def test_the_palette_is_the_government_analysis_functions_and_each_series_differs_in_more_than_colour():
    assert [one.upper() for one in house.colours()] == [
        "#12436D",
        "#28A197",
        "#801650",
        "#F46A25",
        "#3D3D3D",
        "#A285D1",
    ]
    looks = list(zip(house.lines()[:4], house.markers()[:4], strict=True))
    assert len({line for line, _ in looks}) == 4 and len({marker for _, marker in looks}) == 4
    grey = [
        sum(w * int(to_hex(one)[k : k + 2], 16) for w, k in ((0.299, 1), (0.587, 3), (0.114, 5)))
        for one in house.colours()[:4]
    ]
    assert all(abs(one - two) > 40 for one, two in zip(grey, grey[1:], strict=False)), "neighbours differ in lightness"


def test_a_control_chart_of_a_page_marks_the_start_and_known_breaks(demo, words):
    given = {"title": "Goals", "alt": "Goals met went up from the third year on, quarter by quarter.", "caption": "By quarter.", "source": "S", "measures": ("m",)}  # fmt: skip
    made = Chart.control(demo.quarters(), start="2012-13 Q3", breaks=("2013-14 Q1",), **given)
    assert {"Start", "Counted anew"} <= set(words(made.figure())) and "Start" not in words(
        Chart.control(demo.quarters(), **given).figure()
    )
