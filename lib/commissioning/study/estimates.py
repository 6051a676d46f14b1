"""Effects of one study: each measure's change, judged against the gates of its pilot file.

Estimated on restricted evidence; what leaves is an `EffectSummary`, whose numbers are
missing until every gate has passed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from commissioning.disclosure.estimates import (
    Behind,
    key_of,
)
from commissioning.errors import DataRefused
from commissioning.measures import Measure, calculate, derive
from commissioning.methods import calibration, claims, many_questions
from commissioning.methods.effects import Effect
from commissioning.pilot import Pilot
from commissioning.seal import Sealed
from commissioning.study import biases, designs, restricted, started
from commissioning.study import compared as who
from commissioning.study.breaks import completeness, series_break
from commissioning.study.compared import Compared
from commissioning.study.judged import Estimates, judged, none
from commissioning.study.kept_cards import code_of_methods, keep_card, read_card
from commissioning.study.outcomes import negative_controls
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import Prepared
from commissioning.study.started import WHOLE, Places
from commissioning.wording import counted

DRAWS = 1_000


def last_quarter(period: str) -> str:
    """The last quarter that a report of a period may rest on; "" for no period: then nothing is left out."""
    return period if not period or " Q" in period else f"{period} Q4"


def places_of(study: Prepared) -> Places:
    """The names of the design's places, as they were brought together when the study was prepared."""
    return Places.of_record(study.record.get("places", {}))


def starts_of(study: Prepared, pilot: Pilot, period: str = "") -> pd.Series:
    """First quarter of each place of the pilot's design; missing for one that had not started by the end of `period`.

    Empty where neither pilot.toml nor an extract says. Raises DataRefused where they contradict the design.
    """
    design, end = pilot.design, last_quarter(period)
    if design is None or ((design.start or design.started) and study.area != pilot.area):
        return pd.Series(dtype=object)  # pilot.toml names places of its own area
    names: set[str] = set()
    if design.started and design.unit:
        for one in started.outcomes_of(pilot, measures_of(pilot)).values():
            for frame in (restricted.table(study, table) for table in derive.needs(one.table)):
                names |= set(frame[design.unit].dropna().astype(str)) if design.unit in frame else set()
    found = started.first_of(design, study.published("starts"), names, places_of(study).spelt)
    return found.where(found.isna() | found.le(end), None) if end and len(found) else found


def counted_rows(study: Prepared, pilot: Pilot, measure: Measure, period: str = "") -> pd.DataFrame:
    """Every row that counts in a measure, until the end of `period`: the unit, `period` (a quarter), `value`, `person` and its
    record `key` (0 where rows name nobody)."""
    assert pilot.design is not None
    unit, codes = pilot.design.unit or WHOLE, restricted.codes_for(study, measure)
    if codes is None or (pilot.design.unit and unit not in codes.table):
        raise DataRefused(f"{measure.id}: no rows name a {unit}, so its start cannot be told")
    names: Any = []
    if pilot.design.unit:
        rows = calculate.counted_rows(measure, codes.table, unit, codes)
        names = codes.of(measure.person)[1] if measure.person is not None else []
    else:
        rows = calculate.cells(measure, codes.table, [], people=True, codes=codes)
        named, names = pd.factorize(rows["person"]) if measure.person is not None else (-1, [])
        rows = rows.assign(person=named, **{unit: WHOLE})[[unit, "period", "value", "person"]]
    each = restricted.keys_of(study).reindex(names).fillna(0).to_numpy(dtype="int64")
    rows["key"] = np.append(each, 0)[rows["person"].to_numpy()]  # the last is nobody's, −1
    if end := last_quarter(period):
        rows = rows[rows["period"].astype(object).le(end)]
    rows["value"] = rows["value"].astype(float) / measure.per  # a share: scaled to the measure's unit when it is worded
    return rows


def panel(
    study: Prepared,
    pilot: Pilot,
    measure: Measure,
    starts: pd.Series,
    *,
    people: bool = True,
    period: str = "",
    rows: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Long rows for one measure: the unit, its first period, the period, and the value of each row that counts.

    Only rows of places in `starts`; of an interrupted design those that started. `period`: nothing later is used.
    `rows`: `counted_rows` of the same, where they are known already. Without `people`, one row a unit and quarter.
    """
    assert pilot.design is not None
    unit = pilot.design.unit or WHOLE
    if people:
        rows = counted_rows(study, pilot, measure, period) if rows is None else rows
        names = rows[unit].astype("category").cat.categories
        place = pd.Categorical(rows[unit], categories=names).codes
        when = pd.Categorical(starts.reindex(names))
        rows = rows.assign(first=pd.Categorical.from_codes(when.codes[place], dtype=when.dtype))
        kept = names.isin(starts.index)[place]
        if pilot.design.kind == "interrupted":
            kept = kept & rows["first"].notna().to_numpy()
        return designs.without_gaps(rows[kept], pilot.design)
    codes = restricted.codes_for(study, measure)
    if codes is None or unit not in codes.table:
        raise DataRefused(f"{measure.id}: no rows name a {unit}, so its start cannot be told")
    rows = calculate.cells(measure, codes.table, [unit], codes=codes)
    rows = rows[rows[unit].isin(starts.index)]
    if end := last_quarter(period):
        rows = rows[rows["period"].le(end)]
    rows["first"] = rows[unit].map(starts)
    rows["value"] = rows["value"].astype(float) / measure.per
    return rows


def _controls(
    study: Prepared, pilot: Pilot, measure: Measure, starts: pd.Series, period: str
) -> dict[str, tuple[float, float]]:
    """Estimate and standard error of each negative control on the same table: outcomes the pilot cannot move."""
    assert pilot.design is not None
    found = {}
    for key, one in negative_controls(measures_of(pilot)).items():
        if one.table != measure.table or pilot.design.kind == "synthetic":  # which gives no standard error
            continue
        try:
            estimate, error = designs.measured(panel(study, pilot, one, starts, period=period), pilot.design, one)
        except (DataRefused, ValueError):
            continue  # one that did not vary, or has no rows, tells nothing
        if error:
            found[key] = (estimate, float(error))
    return found


def _calibrated(rows: pd.DataFrame, pilot: Pilot, measure: Measure, worthwhile: float, cache: Path) -> pd.DataFrame:
    """The calibration card at this measure's own shape; kept by the hash of shape and code, so that it is drawn once.

    The shape is that of the rows which are used, so a report of another period has a card of its own.
    """
    assert pilot.design is not None
    key, draw = designs.card(rows, pilot.design, measure, worthwhile)
    name = hashlib.sha256(f"{key} {pilot.design.kind} {DRAWS} {code_of_methods()}".encode()).hexdigest()
    path = cache / f"{name}.json"
    kept = read_card(path)
    if kept is None:
        # Drawn or read, a card has passed through JSON: the same report then has the same bytes either way.
        kept = pd.DataFrame(json.loads(draw(DRAWS).to_json(orient="records")))
        keep_card(path, kept)
    return kept


def _why_none(study: Prepared, pilot: Pilot, starts: pd.Series, period: str) -> str:
    """Why no effect is estimated at all; empty where one may be."""
    design = pilot.design
    if design is None:
        return "No design is written in the pilot's settings, so no effect is estimated: levels are shown, and they do not say why."
    if design.kind == "none":
        return "The design written in the pilot's settings is to estimate no effect: levels are shown, and they do not say why."
    if (design.start or design.started) and study.area != pilot.area:
        return f"The design was written for {pilot.area_name}, so no effect is estimated here."
    what = started.kind(design.unit, 1) if design.unit else "the pilot"
    if starts.empty:
        return f"Nothing says when {'each ' if design.unit else ''}{what} started, so no effect is estimated."
    if starts.notna().any():
        return ""
    ever = starts_of(study, pilot).dropna()
    if ever.empty:
        return f"No {what} has started, so there is no effect to estimate."
    return f"The pilot began in {ever.min()}, after {period}: nothing can have changed because of it yet."


def estimate(
    study: Prepared, pilot: Pilot, *, cache: Path, period: str = "", sealed: Sealed | None = None
) -> Estimates:
    """The effect of each primary outcome, judged, under the pilot's design.

    Only rows of `period` and before are used, and what started later counts as not started. Nothing is estimated without
    a design and its starts. `sealed` says of which outcomes the checks were set beforehand; None: of none.
    """
    sealed = sealed or Sealed()
    starts = starts_of(study, pilot, period)
    if why := _why_none(study, pilot, starts, period):
        return Estimates(estimates=(), card=pd.DataFrame(), why_none=why)
    assert pilot.design is not None
    found, cards = [], []
    asked: list[tuple[Measure, Effect, Compared, Behind]] = []
    outcomes = started.outcomes_of(pilot, measures_of(pilot))
    agreed = {one.measure: one.worthwhile_change for one in pilot.floors}
    controls: dict[str, dict[str, tuple[float, float]]] = {}
    for key, measure in outcomes.items():
        if key not in set(study.record["measures"]):
            continue
        compared = None
        try:
            every = counted_rows(study, pilot, measure, period)
            rows = panel(study, pilot, measure, starts, rows=every)
            if rows.empty:
                raise ValueError(
                    f"no row names a {started.kind(pilot.design.unit, 1)} of which it is known when it started"
                )
            compared = who.of(
                rows,
                every,
                pilot.design,
                starts_of(study, pilot),
                places_of(study),
                end=last_quarter(period),
                keys=restricted.keys_of(study),
                rules=study.policy,
            )
            effect = designs.estimated(rows, pilot.design, measure)
            behind = _behind(study, pilot, measure, rows, effect, compared)
        except (DataRefused, ValueError) as error:
            found.append(none(measure, str(error), study, compared))
            continue
        if effect.diagnostics.get("comparator") is False and not effect.diagnostics["regression_to_mean_adjusted"]:
            found.append(none(measure, NOBODY, study, compared))
            continue
        if measure.table not in controls:
            controls[measure.table] = _controls(study, pilot, measure, starts, period)
        worthwhile = worthwhile_of(pilot, measure)
        card = _calibrated(rows, pilot, measure, worthwhile, cache)
        cards.append(card.assign(measure=measure.title))
        effect = calibration.apply(effect, card)
        facts: dict[str, Any] = _facts_of(compared, places_of(study))
        if controls[measure.table]:
            facts["negative_controls"] = controls[measure.table]
        if where := series_break(study, key, period):
            facts["series_break"] = where
        if (share := completeness(study, key, period)) is not None:
            facts["completeness"] = share
        codes, people = restricted.codes_for(study, measure), restricted.table(study, biases.PEOPLE)
        facts |= biases.facts_of(codes, people, pilot, measure, starts, effect.estimate, last_quarter(period))
        asked.append((measure, effect.with_diagnostics(**facts), compared, behind))
    for measure, effect, compared, behind in _among_many(asked, pilot):
        words: dict[str, Any] = {
            "unit": f"in each {measure.per}",
            "scale_to": float(measure.per),
            "standing": sealed.of_claim(measure.id),
        }
        claim = claims.judge(effect, pilot.gates_of(measure.id), **words)
        found.append(judged(measure, effect, claim, study, compared, behind, words, agreed.get(measure.id, 0.0)))
    order = {key: at for at, key in enumerate(outcomes)}
    found.sort(key=lambda one: order[one.measure.id])
    card = pd.concat(cards, ignore_index=True) if cards else pd.DataFrame()
    return Estimates(
        estimates=tuple(found), card=card, why_none="" if found else "No primary outcome could be estimated."
    )


def _among_many(
    asked: list[tuple[Measure, Effect, Compared, Behind]], pilot: Pilot
) -> list[tuple[Measure, Effect, Compared, Behind]]:
    """The same, each told how it stands among all outcomes that were asked, and the weakest assumption it rests on."""
    p_values = {measure.id: effect.p_value for measure, effect, *_ in asked if effect.p_value is not None}
    many = many_questions.adjusted(p_values, {measure.id for measure, *_ in asked if measure.primary})
    facts: dict[str, Any] = {"questions": len(p_values)}
    red = [one.says for one in pilot.assumptions if one.quality == one.impact == "red"]
    if red:
        facts["weak_assumption"] = red[0]
    return [
        (measure, effect.with_diagnostics(**facts, p_of_many=many.get(measure.id)), compared, behind)
        for measure, effect, compared, behind in asked
    ]


NOBODY = (
    "Nobody is compared with, and how people were picked was not written down, so what would have happened "
    "anyway cannot be taken off."
)


def worthwhile_of(pilot: Pilot, measure: Measure) -> float:
    """The smallest change worth having in one outcome, as a share."""
    return pilot.worthwhile_change_of(measure.id) / measure.per


def _facts_of(compared: Compared, found: Places) -> dict[str, Any]:
    """What the gates are told of who was compared: places that are in the comparison, not places that were named."""
    facts: dict[str, Any] = {"starts_known": compared.known}
    if compared.kind != "interrupted":
        facts["n_treated"] = compared.started
        if compared.not_started:
            facts["n_controls"] = compared.not_started
    if found.set_aside and found.no_start:
        facts["starts_lost"] = (
            f"{counted(found.set_aside, 'line')} of `starts` could not be read, so "
            f"{len(found.no_start):,} {started.kind(compared.unit, len(found.no_start))} with rows are in no comparison."
        )
    return facts


def _behind(
    study: Prepared, pilot: Pilot, measure: Measure, rows: pd.DataFrame, effect: Effect, compared: Compared
) -> Behind:
    """Who stands behind an estimate, and how far one person can move it (in the measure's unit: points of a hundred)."""
    assert pilot.design is not None
    sides = (compared.people_started, compared.people_not_started)
    one_side = pilot.design.kind == "interrupted" or not compared.not_started
    named = rows[rows["person"].ge(0)]
    said = named[named["value"].ne(0)]
    return Behind(
        people=sides[:1] if one_side else sides,
        degrees=designs.degrees(rows, pilot.design, effect),
        influence=designs.one_person(rows, pilot.design, measure) * measure.per,
        key=key_of(named.drop_duplicates("person")["key"], said["key"]) if len(named) else None,
        public=restricted.is_public(study, measure.id),
    )
