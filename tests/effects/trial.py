"""One council's extract, judged as a report judges it: `study.estimates` on its tables, without preparing a study on disk.

Nothing is copied from the library: rows, design, checks, claim and verdict are its own. The calibration card alone is drawn once for a
shape, where a report draws one for every extract.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.disclosure import policy
from commissioning.disclosure.keys import SAMPLE_SECRET, record_keys
from commissioning.measures import Measure, calculate
from commissioning.pilot import Pilot
from commissioning.pilot.agreed import Confirmed, Decision
from commissioning.reports import decision
from commissioning.reports.stage_records import Recommendation
from commissioning.seal import Sealed
from commissioning.simulate.write import csv_of, source
from commissioning.study import estimates, started, then
from commissioning.study.judged import Estimate
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepare import prepare
from commissioning.study.standing import Standing
from commissioning.study.value_words import Worth

from .council import Extract
from .scenarios import Scenario

FLOOR = 30.0  # low enough that every pilot meets it, before and after: then the change alone decides
GAINS_WORTH = 4.0


class Study:
    """What `study.estimates` asks of a prepared study, held in memory: for tests alone."""

    sample, illustrative, until = False, True, ""

    def __init__(self, tables: dict[str, pd.DataFrame], pilot: Pilot, keys: pd.Series | None = None) -> None:
        self._tables, self._pilot, self.area, self.policy = tables, pilot, pilot.area, policy()
        self._codes: dict[str, calculate.Codes | None] = {}
        self.read: set[str] = set()
        self.record_keys = record_keys(_people_in(tables), SAMPLE_SECRET) if keys is None else keys
        measures = measures_of(pilot)
        self.outcomes = started.outcomes_of(pilot, measures)
        usable = set(measures) - set(calculate.missing(measures, tables))
        self._results = calculate.results(
            self.outcomes, {name: self._held(name) for name in tables}, pilot=pilot.name, area=self.area, by=("year",), group_kinds=(),
            codes=self._codes,
        )  # fmt: skip
        self.record: dict[str, Any] = {
            "measures": sorted(usable), "places": started.places(pilot, measures, tables).as_record(), "tables": sorted(tables),
            then.SERIES: then.series(self._results), "levels": {}, "known_names": {},
        }  # fmt: skip

    def _held(self, name: str) -> pd.DataFrame:
        return self._tables.get(name, pd.DataFrame())

    def published(self, name: str) -> pd.DataFrame:
        assert name == "starts", name
        return self._held(name)

    @property
    def released(self) -> Any:
        """Released figures, of which a break's sentence asks the denominators: none is released here."""
        return _Nothing()


def _people_in(tables: dict[str, pd.DataFrame]) -> pd.Series:
    return pd.concat([one["person_id"] for one in tables.values() if "person_id" in one])


class _Nothing:
    figures = pd.DataFrame({"period": pd.Series(dtype=object), "denominator": pd.Series(dtype=float)})

    def select(self, **_: object) -> _Nothing:
        return self


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of one extract, of the outcome that its scenario asks of; points of a hundred. `lower`, `upper` and `estimate` are as
    estimated; `shown` as printed, None where nothing is. `others`: further outcomes that were called attributable."""

    scenario: str
    seed: int
    rung: str
    truth: float
    estimate: float | None
    lower: float | None
    upper: float | None
    shown: tuple[float, float, float] | None
    failed: tuple[str, ...]
    wording: str
    reasons: tuple[str, ...]
    verdict: str
    again: str
    others: tuple[str, ...] = ()

    @property
    def attributable(self) -> bool:
        return self.rung == "attributable"

    @property
    def held(self) -> bool | None:
        """Whether the limits that are shown hold the truth; None where none are shown."""
        return None if self.shown is None else self.shown[1] <= self.truth <= self.shown[2]


@cache
def pilot_asking(outcome: str = "") -> Pilot:
    """The learning disability pilot as it is agreed for the sample, asking of one outcome, or of all that it names."""
    pilot = pilots.load("learning_disability", sample=True)
    assert pilot.design is not None
    design = pilot.design.model_copy(update={"outcomes": (outcome,)}) if outcome else pilot.design
    return pilot.model_copy(update={"design": design})


_cards: dict[tuple[str, str], pd.DataFrame] = {}
_drawn = estimates._calibrated


@contextlib.contextmanager
def one_card(shape: str) -> Iterator[None]:
    """Within it the card of an outcome is drawn once for a shape, as `estimates` draws it, and kept."""

    def kept(rows: pd.DataFrame, pilot: Pilot, measure: Measure, worthwhile: float, cache: Path) -> pd.DataFrame:
        key = (shape, measure.id)
        if key not in _cards:
            _cards[key] = _drawn(rows, pilot, measure, worthwhile, cache)
        return _cards[key].copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "_calibrated", kept)
        yield


def tried(scenario: Scenario, seed: int, cards: Path) -> Found:
    """One seed of a scenario through the very functions of a report."""
    extract = scenario.extract(seed)
    pilot = pilot_asking("" if scenario.questions > 1 else extract.outcome)
    with one_card(f"{scenario.shape} {scenario.questions}"):
        found = estimates.estimate(Study(extract.tables, pilot), pilot, cache=cards, sealed=Sealed(beforehand=True))  # type: ignore[arg-type]
    return found_of(scenario, seed, extract, found.estimates)


def through_files(scenario: Scenario, seed: int, folder: Path) -> tuple[Found, Found]:
    """The same seed as a council would have it judged, its files checked and a study prepared from them; and the quick way beside it."""
    extract = scenario.extract(seed)
    pilot = pilot_asking("" if scenario.questions > 1 else extract.outcome)
    data = folder / "data"
    (data / "learning_disability").mkdir(parents=True)
    (data / "sources.toml").write_text(source("learning_disability/*"), encoding="utf-8")
    for name, table in extract.tables.items():
        (data / "learning_disability" / f"{name}.csv").write_bytes(csv_of(table))
    study = prepare(pilot, data, area=pilot.area, folder=folder / "study")
    beside = Study(extract.tables, pilot, study.record_keys)
    sealed = Sealed(beforehand=True)
    with one_card(f"{scenario.shape} {scenario.questions}"):
        slow, quick = (estimates.estimate(one, pilot, cache=folder, sealed=sealed) for one in (study, beside))  # type: ignore[arg-type]
    return found_of(scenario, seed, extract, slow.estimates), found_of(scenario, seed, extract, quick.estimates)


def looks(scenario: Scenario, seed: int, cards: Path, many: int = 8) -> list[Found]:
    """One extract judged again and again, at the end of each of its last quarters, as a council does that reports every quarter."""
    extract = scenario.extract(seed)
    pilot = pilot_asking("" if scenario.questions > 1 else extract.outcome)
    study, found = Study(extract.tables, pilot), []
    for period in sorted(extract.tables["reviews"]["period"].unique())[-many:]:
        with one_card(f"{scenario.shape} {scenario.questions} {period}"):
            made = estimates.estimate(study, pilot, cache=cards, period=period, sealed=Sealed(beforehand=True))  # type: ignore[arg-type]
        found.append(found_of(scenario, seed, extract, made.estimates))
    return found


def found_of(scenario: Scenario, seed: int, extract: Extract, every: tuple[Estimate, ...]) -> Found:
    one = next(one for one in every if one.measure.id == extract.outcome)
    claim, per = one.claim, float(one.measure.per)
    effect = one.effect

    def points(value: float | None) -> float | None:
        return None if value is None else value * per

    shown = None
    if claim is not None and not claim.hidden and one.summary.lower is not None:
        shown = (one.summary.estimate, one.summary.lower, one.summary.upper)
    failed = () if claim is None else tuple(dict.fromkeys([*(check.name for check in claim.failed), *_caps(claim)]))
    return Found(
        scenario=scenario.name, seed=seed, rung="none" if claim is None else claim.rung, truth=extract.truth,
        estimate=None if effect is None else points(effect.estimate), lower=None if effect is None else points(effect.lower),
        upper=None if effect is None else points(effect.upper), shown=shown, failed=failed or (("none",) if claim is None else ()),
        wording=one.why_not if claim is None else claim.wording, reasons=() if claim is None else claim.reasons,
        verdict=_verdict(one, earlier=False), again=_verdict(one, earlier=True),
        others=tuple(x.measure.id for x in every if x is not one and x.claim is not None and x.claim.rung == "attributable"),
    )  # fmt: skip


def _caps(claim: Any) -> list[str]:
    """What keeps a change at "compared" though its checks passed; its range first."""
    if claim.rung != "compared":
        return []
    return [f"cap: {one[:40]}" for one in getattr(claim, "caps", ())] or ["range holds no change"]


def _verdict(one: Estimate, *, earlier: bool) -> str:
    """The verdict of a review in which all else is well: floors met, spend within plan, worth its cost; every duty confirmed.

    `earlier`: the last review had found less than the change worth having, so that a second one may stop it.
    """
    shown = None if one.claim is None or one.claim.hidden or one.sides is None else one.sides
    change, lower, upper = shown or (None, None, None)
    standing = Standing(
        measure=one.measure.id, title=one.measure.title, lower=FLOOR + 10, upper=FLOOR + 15, floor=FLOOR, worthwhile_change=GAINS_WORTH,
        change=change, change_lower=lower, change_upper=upper, rung="described" if one.claim is None else one.claim.rung,
    )  # fmt: skip
    before = Recommendation(
        says="adapt", reasons=(), would_change=(), asked_first={}, below_worthwhile=(one.measure.id,)
    ) if earlier else None  # fmt: skip
    return decision.recommend(
        (standing,), READY, spend_within_plan=True, worth=Worth(chance=0.95), earlier=before, replies=1
    ).says  # fmt: skip


READY = Decision(
    statutory_duty="No. It may be stopped.", equality_impact_assessment="Yes, attached", alternative="Yes, one is open",
    market_impact="Yes, checked",
    confirmed=Confirmed(
        not_a_statutory_duty=True, equality_impact_assessment_attached=True, alternative_open=True, market_impact_checked=True,
        by="the tests",
    ),
)  # fmt: skip
"""Every duty is done, so that nothing but the evidence stands in the way of a verdict."""
