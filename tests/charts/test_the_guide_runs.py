"""The how-to of charts runs as it is printed, and each frame that its table names is drawn by the function beside it."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib
import pytest

import commissioning as cm

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "draw-a-chart.md"
BLOCK = re.compile(r"```python kernel\n(.*?)```", re.DOTALL)


def test_every_block_runs_in_order_and_prints_the_refusal_that_it_promises(capsys):
    blocks, namespace = BLOCK.findall(GUIDE.read_text(encoding="utf-8")), {}
    assert len(blocks) >= 5
    with matplotlib.rc_context({"backend": "agg"}):
        for block in blocks:
            exec(compile(block, str(GUIDE), "exec"), namespace)
    assert re.search(r"several rows of .+: filter one measure, or name `series`", capsys.readouterr().out)


@pytest.fixture(scope="module")
def study():
    return cm.open("learning_disability")


GOAL = "measure == 'learning_disability_own_goal_met'"
FRAMES = {
    "over_time": lambda s: cm.charts.over_time(s.outcomes().query(GOAL)),
    "outcomes_and_spend": lambda s: cm.charts.outcomes_and_spend(s.outcomes_against_spend().query(GOAL)),
    "started_and_not": lambda s: cm.charts.started_and_not(s.effects().trends().query(GOAL), s.effects().event_study().query(GOAL)),
    "effects": lambda s: cm.charts.effects(s.effects().tidy()),
    "plane": lambda s: cm.charts.plane(s.value(), x="cost_more_pence", y="more_people", name="title"),
    "small_multiples": lambda s: cm.charts.small_multiples(s.outcomes(by="provider").query(GOAL), name="group"),
}  # fmt: skip


@pytest.mark.parametrize("function", FRAMES)
def test_the_frame_that_the_table_names_is_drawn(study, function):
    assert f"| `{function}` |" in GUIDE.read_text(encoding="utf-8")
    assert FRAMES[function](study).axes


def test_every_function_of_charts_stands_in_the_table():
    said = GUIDE.read_text(encoding="utf-8")
    for name in set(cm.charts.__all__) - {"STYLE", "data_of", "svg_of", "png_of", "spark"}:
        assert f"`{name}`" in said, name
