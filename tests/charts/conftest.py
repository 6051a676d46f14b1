"""What the tests of charts share: the renderer's own boxes of a figure's words, and an agreed invented frame a chart."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from commissioning.charts.house import look


def words_of(figure):
    """Every word that is seen, with the box that the renderer gives it: left, bottom, right, top in pixels."""
    with look():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw_without_rendering()
        found = []
        for one in figure.findobj(Text):
            if one.get_visible() and one.get_text().strip():
                box = (
                    one.get_tightbbox(renderer)
                    if one.get_bbox_patch() is None
                    else Text.get_window_extent(one, renderer)
                )
                if box is not None:
                    found.append((one.get_text(), box))
    return found


def faults_of(figure):
    """Words that are cut off by the figure's edge, or that meet other words."""
    found, faults = words_of(figure), []
    wide, high = figure.bbox.width, figure.bbox.height
    for i, (text, box) in enumerate(found):
        if box.x0 < -1 or box.x1 > wide + 1 or box.y0 < -1 or box.y1 > high + 1:
            faults.append(f"cut off: {text!r}")
        for other, its in found[i + 1 :]:
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            up = min(box.y1, its.y1) - max(box.y0, its.y0)
            if across > 1 and up > 1.5:
                faults.append(f"{text!r} meets {other!r}")
    return faults


@pytest.fixture(scope="session")
def faults():
    return faults_of


@pytest.fixture(scope="session")
def words():
    return lambda figure: [text for text, _ in words_of(figure)]
