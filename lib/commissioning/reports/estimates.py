"""Effects of one study: each measure's change, judged against the gates of its pilot file.

Estimated on restricted evidence; what leaves is an `EffectSummary`, whose numbers are
missing until every gate has passed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning.errors import DataRefused
from commissioning.evidence import store
from commissioning.measures import Measure, calculate
from commissioning.methods import calibration, claims, effects
from commissioning.methods.claims import Claim
from commissioning.methods.effects import Effect
from commissioning.methods.jumps import jumps
from commissioning.pilot import Pilot
from commissioning.presentation.showable import EffectSummary
from commissioning.reports.outcomes import negative_controls, of_kind
from commissioning.reports.study import Study, measures_of
from commissioning.seal import Sealed

DRAWS = 1_000
BREAK = 0.25  # a year's denominator that moves by this share or more from the year before


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One measure's effect and what may be said of it. `effect` is None where nothing could be estimated."""

    measure: Measure
    effect: Effect | None
    claim: Claim | None
    why_not: str
    summary: EffectSummary


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """All effects of a study, the calibration card behind them, and why there are none where there are none."""

    estimates: tuple[Estimate, ...]
    card: pd.DataFrame
    why_none: str


def starts_of(study: Study, pilot: Pilot) -> pd.Series:
    """First quarter of each unit of the pilot's design; missing for never. Empty where no extract says."""
    starts = study.table("starts")
    if starts.empty or pilot.design is None:
        return pd.Series(dtype=object)
    mine = starts[starts["unit_kind"] == pilot.design.unit]
    return mine.set_index("unit")["started"].where(lambda one: one.ne("never"), None)


def panel(study: Study, pilot: Pilot, measure: Measure, starts: pd.Series, *, people: bool = True) -> pd.DataFrame:
    """Long rows for one measure: the unit, its first period, the period, and the value of each row that counts."""
    assert pilot.design is not None
    unit, codes = pilot.design.unit, study.codes_for(measure)
    if codes is None or unit not in codes.table:
        raise DataRefused(f"{measure.id}: no rows name a {unit}, so its start cannot be told")
    if people:
        rows = calculate.counted_rows(measure, codes.table, unit, codes)
        names, place = rows[unit].cat.categories, rows[unit].cat.codes.to_numpy()
        when = pd.Categorical(starts.reindex(names))
        rows["first"] = pd.Categorical.from_codes(when.codes[place], dtype=when.dtype)
        rows = rows[names.isin(starts.index)[place]]
    else:
        rows = calculate.cells(measure, codes.table, [unit], codes=codes)
        rows = rows[rows[unit].isin(starts.index)]
        rows["first"] = rows[unit].map(starts)
    rows["value"] = rows["value"].astype(float) / measure.per  # a share: scaled to the measure's unit when it is worded
    return rows


def yearly(released: pd.DataFrame) -> pd.DataFrame:
    """The whole area's figures of each year: what `series_break` and `completeness` read, sought out once."""
    rows = released[["measure", "group_kind", "period", "denominator", "unknown"]]
    rows = rows[rows["group_kind"] == "all"]
    return rows[~rows["period"].str.contains(" Q", regex=False)]


def series_break(released: pd.DataFrame, measure: str) -> str:
    """The first year whose denominator leaves the year before it by a quarter or more; "" where there is none.

    A change in how work is recorded looks like a change in people's lives. Works on
    released figures, so that the sentence may be printed.
    """
    found = _breaks(released, measure)
    if not found:
        return ""
    year, before, after = found[0]
    return f"in {year} the number counted moves from {before:,.0f} to {after:,.0f}"


def break_years(released: pd.DataFrame, measure: str) -> list[str]:
    """Every year that `series_break` would name, in order: no line is drawn from the year before it to it."""
    return [year for year, _, _ in _breaks(released, measure)]


def _breaks(released: pd.DataFrame, measure: str) -> list[tuple[str, float, float]]:
    """Each year that breaks the series, with the denominator before it and its own."""
    rows = yearly(released[released["measure"] == measure]).sort_values("period")
    sizes = pd.to_numeric(rows["denominator"], errors="coerce").to_numpy(float)
    at = jumps(sizes[:-1], sizes[1:], BREAK).nonzero()[0] + 1
    return [(str(rows["period"].iloc[i]), float(sizes[i - 1]), float(sizes[i])) for i in at]


def completeness(released: pd.DataFrame, measure: str) -> float | None:
    """Share of rows whose outcome is known, over all years; None where nothing is counted."""
    rows = yearly(released[released["measure"] == measure])
    known = pd.to_numeric(rows["denominator"], errors="coerce").sum()
    unknown = pd.to_numeric(rows["unknown"], errors="coerce").fillna(0).sum()
    return float(known / (known + unknown)) if known + unknown > 0 else None


def _estimated(rows: pd.DataFrame, pilot: Pilot) -> Effect:
    assert pilot.design is not None
    unit = pilot.design.unit
    return effects.staggered(
        rows, outcome="value", unit=unit, time="period", first_treated="first", cluster=unit, method="imputation"
    )


def _measured(rows: pd.DataFrame, pilot: Pilot) -> tuple[float, float | None]:
    """Estimate and standard error as `_estimated` gives them, without the checks that only a claim needs."""
    assert pilot.design is not None
    unit = pilot.design.unit
    return effects.staggered_estimate(
        rows, outcome="value", unit=unit, time="period", first_treated="first", cluster=unit
    )


def _controls(study: Study, pilot: Pilot, measure: Measure, starts: pd.Series) -> dict[str, tuple[float, float]]:
    """Estimate and standard error of each negative control on the same table: outcomes the pilot cannot move."""
    found = {}
    for key, one in negative_controls(measures_of(pilot)).items():
        if one.table != measure.table:
            continue
        estimate, error = _measured(panel(study, pilot, one, starts), pilot)
        if error:
            found[key] = (estimate, float(error))
    return found


@cache
def _code_of_methods() -> str:
    """Hash of the code that draws a card: a card drawn by other code is not this one's."""
    found = hashlib.sha256()
    for package in (calibration, effects):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def read_card(path: Path) -> pd.DataFrame | None:
    """A card kept earlier; None where there is none, or where it is broken or cut short."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["sha256"] != hashlib.sha256(kept["card"].encode()).hexdigest():
            return None
        return pd.DataFrame(json.loads(kept["card"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep_card(path: Path, card: pd.DataFrame) -> None:
    """Write a card beside its place and move it there: a reader finds it whole or not at all.

    A card that cannot be kept (a full disk) is drawn again next time; the report goes on.
    """
    text = card.to_json(orient="records")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        store.private_folder(path.parent)
        try:
            beside.touch(mode=0o600)
            beside.write_text(
                json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest(), "card": text}), encoding="utf-8"
            )
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def _calibrated(rows: pd.DataFrame, pilot: Pilot, worthwhile: float, cache: Path) -> pd.DataFrame:
    """The calibration card at this measure's own shape; kept by the hash of shape and code, so that it is drawn once."""
    assert pilot.design is not None
    unit = pilot.design.unit
    shape = calibration.shape_of(
        rows,
        outcome="value",
        unit=unit,
        time="period",
        first_treated="first",
        cluster=unit,
        minimum_worthwhile_effect=worthwhile,
    )
    name = hashlib.sha256(f"{shape.key()} {DRAWS} {_code_of_methods()}".encode()).hexdigest()
    path = cache / f"{name}.json"
    kept = read_card(path)
    if kept is None:
        # Drawn or read, a card has passed through JSON: the same report then has the same bytes either way.
        kept = pd.DataFrame(json.loads(calibration.run(shape, draws=DRAWS).to_json(orient="records")))
        keep_card(path, kept)
    return kept


def estimate(study: Study, pilot: Pilot, *, cache: Path, sealed: Sealed | None = None) -> Estimates:
    """The effect of each primary outcome, judged. Nothing is estimated without a design and its starts.

    `sealed` says of which outcomes the checks were set beforehand; None: of none.
    """
    sealed = sealed or Sealed()
    nothing = pd.DataFrame()
    if pilot.design is None or pilot.design.kind == "none":
        return Estimates(
            estimates=(), card=nothing, why_none="The pilot file names no design, so no effect is estimated."
        )
    starts = starts_of(study, pilot)
    if starts.empty:
        return Estimates(
            estimates=(),
            card=nothing,
            why_none=f"No extract says when each {pilot.design.unit} started (table `starts`), so no effect is estimated.",
        )
    floors = {one.measure: one.worthwhile_change for one in pilot.floors}
    released = yearly(study.released.figures)
    found, cards = [], []
    controls: dict[str, dict[str, tuple[float, float]]] = {}
    for key, measure in of_kind(measures_of(pilot), "outcome").items():
        named = key in pilot.design.outcomes if pilot.design.outcomes else measure.primary
        if not named or key not in set(study.record["measures"]):
            continue
        try:
            rows = panel(study, pilot, measure, starts)
            effect = _estimated(rows, pilot)
        except (DataRefused, ValueError) as error:
            found.append(_none(measure, str(error)))
            continue
        if measure.table not in controls:
            controls[measure.table] = _controls(study, pilot, measure, starts)
        worthwhile = floors.get(key, pilot.design.minimum_worthwhile_change) / measure.per
        card = _calibrated(rows, pilot, worthwhile, cache)
        cards.append(card.assign(measure=measure.title))
        effect = calibration.apply(effect, card)
        facts: dict[str, Any] = {}
        if controls[measure.table]:
            facts["negative_controls"] = controls[measure.table]
        if where := series_break(released, key):
            facts["series_break"] = where
        if (share := completeness(released, key)) is not None:
            facts["completeness"] = share
        effect = effect.with_diagnostics(**facts)
        gates: Mapping[str, Any] = pilot.gates.model_dump() | pilot.gates_for.get(key, {})
        claim = claims.judge(
            effect,
            gates,
            unit=f"in each {measure.per}",
            scale_to=float(measure.per),
            standing=sealed.of_claim(key),
        )
        found.append(_judged(measure, effect, claim, study))
    card = pd.concat(cards, ignore_index=True) if cards else nothing
    return Estimates(
        estimates=tuple(found), card=card, why_none="" if found else "No primary outcome could be estimated."
    )


def _none(measure: Measure, why: str) -> Estimate:
    summary = EffectSummary(
        measure=measure.title, period="", design="", estimand="", estimate=None, lower=None, upper=None,
        unit=measure.unit, claim="described", wording="What the change led to cannot be said.", withheld=why,
    )  # fmt: skip
    return Estimate(measure=measure, effect=None, claim=None, why_not=why, summary=summary)


def _scaled(value: float | None, measure: Measure) -> float | None:
    return None if value is None else value * measure.per


def _judged(measure: Measure, effect: Effect, claim: Claim, study: Study) -> Estimate:
    shown = claim.shown or (None, None, None)
    why = " ".join(one.says for one in claim.failed) or ("" if claim.shown else "below the strength agreed")
    summary = EffectSummary(
        measure=measure.title,
        period="",
        design=effect.method,
        estimand=effect.estimand,
        estimate=_scaled(shown[0], measure),
        lower=_scaled(shown[1], measure),
        upper=_scaled(shown[2], measure),
        unit=measure.unit,
        claim=claim.rung,
        wording=claim.wording,
        withheld=why if claim.hidden else None,
        gates=tuple((one.name, one.passed, one.says) for one in (*claim.passed, *claim.failed)),
    )
    return Estimate(measure=measure, effect=effect, claim=claim, why_not=why if claim.hidden else "", summary=summary)
