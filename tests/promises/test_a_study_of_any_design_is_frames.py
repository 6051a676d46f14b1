"""A study under another design, or none, gives the same frames: with figures where there are some, with a reason where there are none."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

import commissioning as cm
from commissioning.study import estimates


def _kit():
    path = Path(__file__).with_name("small_pilot.py")
    spec = importlib.util.spec_from_file_location("promises_small_pilot", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


kit = _kit()
START = "2018-19 Q1"
WARDS = [f"Ward {letter}" for letter in "ABCDEFGHIJKLMN"]
WORTH = f'outcomes = ["{kit.GOAL}"]\nminimum_worthwhile_change = 4.0\n'


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(estimates, "DRAWS", 20)  # a card's own figures are not what is tested here


def opened(tmp_path, monkeypatch, design: str):
    """The study of a small council whose pilot has this design; seven wards started, and met 20 more goals of each 100."""
    first = {ward: START if i < 7 else None for i, ward in enumerate(WARDS)}
    made = kit.prepared(tmp_path, design, kit.Reviews(kit.scattered(len(WARDS))(first, 0.2)), None)
    monkeypatch.chdir(made.root / "home")
    monkeypatch.setenv("COMMISSIONING_STUDY", str(made.study.path))
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    return cm.open("learning_disability")


def frames_of(effects):
    return (
        effects.tidy(),
        effects.event_study(),
        effects.trends(),
        effects.gates(),
        effects.calibration(),
        effects.sensitivity(),
    )


def test_without_a_design_outcomes_are_told_and_effects_say_why_there_are_none(tmp_path, monkeypatch):
    study = opened(tmp_path, monkeypatch, 'kind = "none"\n')
    assert study.outcomes()["value"].notna().any() and study.outcomes(by="ward")["group"].nunique() >= 10
    for one in (*frames_of(study.effects()), study.value()):
        assert one.empty and "to estimate no effect" in one.why
    assert "none: levels are described" in repr(study)
    assert study.spend().empty and "packages" in study.spend().why


def test_before_and_after_beside_others_has_an_event_study_of_its_places(tmp_path, monkeypatch):
    design = f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = {json.dumps(WARDS[:7])}\n{WORTH}'
    effects = opened(tmp_path, monkeypatch, design).effects()
    tidy, event = effects.tidy().iloc[0], effects.event_study().set_index("periods_since")
    assert tidy["started"] == 7 and tidy["not_started"] == 7 and tidy["lower"] <= 20 <= tidy["upper"]
    assert list(event.index) == [-2, -1, 0, 1]
    assert event.loc[1, "lower"] <= 20 <= event.loc[1, "upper"] and event.loc[0, "estimate"] > 5
    assert set(effects.trends()["arm"]) == {"started", "not started"}


def test_one_series_has_an_effect_and_no_places(tmp_path, monkeypatch):
    effects = opened(tmp_path, monkeypatch, f'kind = "interrupted"\nstart = "{START}"\n{WORTH}').effects()
    assert len(effects.tidy()) == 1
    for one in (effects.event_study(), effects.trends()):
        assert one.empty and "compares no places" in one.why
