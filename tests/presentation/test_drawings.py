"""What a drawing shows: no line through words, one form of number an axis, limits of chance as curves."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from commissioning.presentation import draw_points, drawing
from commissioning.presentation.chart import Chart
from commissioning.presentation.showable import PublicFigures

WORDS = {"title": "Change", "alt": "Two outcomes moved up and one moved down in these places.", "caption": "Points.",
         "source": "S", "measures": ("m",)}  # fmt: skip


def changes() -> PublicFigures:
    names = ["People who met the main goal they set themselves", "Adults in paid work", "Not known here"]
    frame = pd.DataFrame({"group": names, "value": pd.array([8.4, -2.1, None], dtype="Float64"),
                          "lower": pd.array([4.0, -4.4, None], dtype="Float64"), "upper": pd.array([12.8, 0.2, None], dtype="Float64")})  # fmt: skip
    return PublicFigures(frame=frame, source="S", extract="a.csv")


def box_of(part):
    """The room of a white ground or of a line of text, and which of them it is."""
    held = dict(re.findall(r'([\w-]+)="([^"]*)"', part))
    if part.startswith("<rect") and held["fill"] == "#fff" and "x" in held:
        left, top = float(held["x"]), float(held["y"])
        return "ground", (left, top, left + float(held["width"]), top + float(held["height"]))
    if part.startswith("<text") and "text-anchor" not in held:
        left, base = float(held["x"]), float(held["y"])
        words = re.sub("<[^>]+>", "", part)
        return "text", (left, base - 10, left + drawing.text_width(words, 15, "font-weight" in held), base)
    return "", (0, 0, 0, 0)


@pytest.mark.parametrize("phone", [True, False])
@pytest.mark.parametrize("kind", ["dots", "bars"])
def test_the_line_of_no_change_crosses_no_words(kind, phone):
    made = getattr(Chart, kind)(changes(), lower="lower", upper="upper", target=0, target_label="No change", **WORDS)
    parts = re.findall(r"<(?:rect|path|circle)[^>]*/>|<text.*?</text>", made.svg(phone))
    drawn = [i for i, part in enumerate(parts) if 'stroke-dasharray="3 3"' in part]
    assert len(drawn) == 1
    at, top, bottom = (
        float(one) for one in re.search(r'd="M([\d.]+) ([\d.]+)L[\d.]+ ([\d.]+)"', parts[drawn[0]]).groups()
    )
    crossed = 0
    for place, part in enumerate(parts):
        kind_of, box = box_of(part)
        if kind_of == "text" and box[0] < at < box[2] and top < box[3] < bottom:
            crossed += 1
            grounds = [box_of(one) for one in parts[drawn[0] : place]]
            assert any(
                what == "ground" and one[0] <= box[0] and one[1] <= box[1] and one[2] >= box[2] and one[3] >= box[3]
                for what, one in grounds
            ), part
    assert crossed or not phone, "on a phone the names of the rows stand across the line"


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
    scale = drawing.Scale(low=ticks[0], high=ticks[-1], start=0, end=100, ticks=ticks)
    assert [scale.words(one, money) for one in ticks] == says


def test_the_limits_of_a_funnel_are_curves_through_the_limits_that_are_given():
    known = [(25.0, 90.0), (100.0, 70.0), (400.0, 60.0)]
    found = draw_points._curve(known)
    assert set(known) <= set(found) and len(found) > 20 and found == sorted(found)
    for size, limit in found:  # 50 + 200/√size goes through all three
        assert limit == pytest.approx(50 + 200 / size**0.5)


def test_a_limit_of_few_or_equal_sizes_is_drawn_as_it_is_given():
    assert draw_points._curve([]) == []
    assert draw_points._curve([(0.0, 9.0), (4.0, 5.0), (4.0, 5.0)]) == [(0.0, 9.0), (4.0, 5.0), (4.0, 5.0)]


def test_a_signal_is_called_better_or_worse_than_expected_and_has_a_shape_of_its_own(demo):
    drawn = demo.all_charts()["control"].svg()
    assert "Unusual, better than expected" in drawn and "wished" not in drawn
