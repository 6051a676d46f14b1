"""A small council's pilot of an invented service area: its pilot.toml with any design, and extracts of a few places."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from commissioning import pilot as pilots
from commissioning.pilot import Pilot
from commissioning.study import estimates
from commissioning.study.judged import Estimates
from commissioning.study.prepare import prepare
from commissioning.study.prepared import Prepared

ROOT = Path(__file__).resolve().parents[2]
QUARTERS = [f"{year}-{(year + 1) % 100:02d} Q{q}" for year in range(2016, 2020) for q in (1, 2, 3, 4)]
MEASURES = [
    "learning_disability_own_goal_met",
    "learning_disability_control",
]
GOAL = "learning_disability_own_goal_met"
WIDE_OPEN = """
periods_before = 4
units = false
started_units = 1
comparators = 1
completeness = 0.5
pre_trend_p = false
placebo_p = false
drift_share = false
bias_share = false
again_p = false
drift_p = false
moved_p = false
own_answers = false
smallest_p = false
no_series_break = false
calibrated = false
"""
COLUMNS = [
    "review_id",
    "person_id",
    "period",
    "due_on",
    "done_on",
    "kind",
    "ward",
    "locality",
    "provider",
    "goal_in_own_words",
    "goal_rewritten",
    "goal_met",
    "goal_baseline",
    "goal_achieved",
    "goal_set_by",
    "goal_scored_by",
    "goal_kept",
    "home_chosen",
    "leisure_chosen",
    "control",
    "answered_by",
    "information_found",
]


def checkout(root: Path, design: str, gates: str = WIDE_OPEN, more: str = "") -> Path:
    """A checkout of its own with the learning disability pilot under another design."""
    folder = root / "pilots" / "learning_disability"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    text = (ROOT / "pilots" / "learning_disability" / "pilot.toml").read_text(encoding="utf-8")
    # No floors stand here: the design's own worthwhile change counts. What a council agreed stands in `more`.
    # Three of its measures are enough: the outcome, another, and one that no pilot can move.
    said = f'area = "E08000015"\narea_name = "Elsewhere"\nmeasures = {json.dumps(MEASURES)}'
    text = text.replace("support_reason =", f"{said}\nsupport_reason =", 1)
    head, rest = text[: text.index("[design]")], text[text.index("[theory]") :]
    (folder / "pilot.toml").write_text(f"{head}[design]\n{design}\n[gates]\n{gates}\n{more}\n{rest}", encoding="utf-8")
    for name in ("assumptions.md", "lessons.md", "question.md"):
        shutil.copy(ROOT / "pilots" / "learning_disability" / name, folder / name)
    return root


@dataclass(frozen=True)
class Reviews:
    """Reviews of places over quarters: `met[place]` is a list of shares, one a quarter, of `each` reviews."""

    met: Mapping[str, Iterable[float]]
    each: int = 20
    unit: str = "ward"
    quarters: tuple[str, ...] = tuple(QUARTERS)
    same_people: bool = True

    def rows(self) -> list[dict[str, str]]:
        out = []
        for place, shares in self.met.items():
            for quarter, share in zip(self.quarters, shares, strict=True):
                if share is None:
                    continue
                met = round(share * self.each)
                for i in range(self.each):
                    out.append(self._row(place, quarter, i, i < met, len(out)))
        return out

    def _row(self, place: str, quarter: str, i: int, met: bool, number: int) -> dict[str, str]:
        year, month = int(quarter[:4]), {"1": 5, "2": 8, "3": 11, "4": 2}[quarter[-1]]
        day = f"{1 + number % 27:02d}/{month:02d}/{year + (month == 2)}"
        person = f"{place}-{i}" if self.same_people else f"{place}-{i}-{quarter}"
        said = dict.fromkeys(COLUMNS, "unknown") | {
            "review_id": f"R{number:06d}", "person_id": "P" + "".join(c for c in person if c.isalnum()),
            "period": quarter, "due_on": day, "done_on": day, "kind": "annual", "ward": "Somewhere", "locality": "North",
            "provider": "A provider", "goal_in_own_words": "yes", "goal_rewritten": "no", "goal_met": "yes" if met else "no",
            "goal_baseline": "-1", "goal_achieved": "0", "goal_kept": "not applicable", "answered_by": "self",
        }  # fmt: skip
        return said | {self.unit: place}

    def frame(self) -> pd.DataFrame:
        """The second route's own panel: place, quarter, met (1 or 0), by plain pandas from the same rows."""
        made = pd.DataFrame(self.rows())
        return pd.DataFrame(
            {"place": made[self.unit], "quarter": made["period"], "met": made["goal_met"].eq("yes").astype(float),
             "person": made["person_id"]}
        )  # fmt: skip


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def extracts(
    folder: Path, reviews: Reviews | list[dict[str, str]], starts: Mapping[str, str] | None, unit: str = "ward"
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "reviews.csv", reviews.rows() if isinstance(reviews, Reviews) else reviews)
    if starts is not None:
        write(
            folder / "starts.csv", [{"unit_kind": unit, "unit": name, "started": when} for name, when in starts.items()]
        )
    (folder / "sources.toml").write_text(
        '[[source]]\nfiles = "*.csv"\npublisher = "Borough of Elsewhere"\narea = "E08000015"\n'
    )
    return folder


@dataclass
class Made:
    pilot: Pilot
    study: Prepared
    root: Path

    def estimates(self, period: str = "") -> Estimates:
        return estimates.estimate(self.study, self.pilot, cache=self.root / "cards", period=period)

    def goal(self, period: str = "") -> Any:
        found = self.estimates(period)
        assert found.estimates, found.why_none
        return next(one for one in found.estimates if one.measure.id == GOAL)


def prepared(root: Path, design: str, reviews: Any, starts: Mapping[str, str] | None, **how: Any) -> Made:
    """A checkout, extracts and the study that a run would prepare from them."""
    unit = how.pop("unit", "ward")
    home = checkout(root / "home", design, **how)
    data = extracts(root / "data", reviews, starts, unit)
    pilot = pilots.load("learning_disability", home)
    return Made(pilot=pilot, study=prepare(pilot, data, folder=root / "study"), root=root)


def scattered(
    places: int, before: float = 0.5, seed: int = 7, each: int = 20, drift: float = 0.0
) -> Callable[..., dict[str, list[float]]]:
    """shares(start → gain): each place's share a quarter, in whole reviews, scattered about a level of its own."""
    rng = np.random.default_rng(seed)
    level = before + rng.uniform(-0.1, 0.1, places)
    noise = rng.normal(0, 0.06, (places, len(QUARTERS)))

    def shares(starts: Mapping[str, str | None], gain: float) -> dict[str, list[float]]:
        out = {}
        for i, (name, first) in enumerate(starts.items()):
            row = []
            for t, quarter in enumerate(QUARTERS):
                on = first is not None and quarter >= first
                share = level[i] + noise[i, t] + drift * t + (gain if on else 0.0)
                row.append(round(float(np.clip(share, 0, 1)) * each) / each)
            out[name] = row
        return out

    return shares


def page_text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
