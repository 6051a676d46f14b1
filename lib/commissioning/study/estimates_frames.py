"""Effects as frames: what was estimated and what may be said of it; and, worked out from released yearly figures, how it came about.

Estimates, gates and calibration are those that every page shows. The event study, the trends and the checks of sensitivity are worked
out from the released figures of the places, year by year: they look at nobody's answer again, so they cost no further noise
(docs/decisions/0181). Of a withheld effect nothing after the start is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import intervals
from commissioning.methods.effects import event_study as by_time
from commissioning.study import figures, outcomes, started, unagreed, value_words, worked_out
from commissioning.study.frames import Frame, Provenance
from commissioning.study.started import Places
from commissioning.study.worked_out import Shown
from commissioning.wording import method_words

if TYPE_CHECKING:
    from commissioning.study.opened import Study

TIDY = ("measure", "title", "estimate", "lower", "upper", "unit", "claim", "started", "not_started", "withheld",
        "held_back")  # fmt: skip
EVENT_STUDY = ("measure", "periods_since", "estimate", "lower", "upper")
TRENDS = ("measure", "period", "arm", "value", "lower", "upper")
GATES = ("measure", "title", "gate", "passed", "says")
CALIBRATION = ("measure", "title", "method", "chosen", "draws", "coverage", "type_1_error", "power", "power_with_checks",
               "exaggeration", "detectable_effect", "verdict", "reason")  # fmt: skip
SENSITIVITY = ("measure", "title", "what", "estimate", "lower", "upper")
VALUE = ("measure", "title", "people", "more_people", "more_lower", "more_upper", "cost_more_pence", "cost_more_lower_pence",
         "cost_more_upper_pence", "cost_each_pence", "cost_each_lower_pence", "cost_each_upper_pence", "worth_pence", "benefit_pence", "chance", "shared_cost", "withheld")  # fmt: skip
OF_COST = {"cost": "cost_more", "cost_lower": "cost_more_lower", "cost_upper": "cost_more_upper"}
OF_GAIN = {"effect": "more_people", "effect_lower": "more_lower", "effect_upper": "more_upper", "each": "cost_each_pence", "each_lower": "cost_each_lower_pence", "each_upper": "cost_each_upper_pence",
           "worth": "worth_pence", "benefit": "benefit_pence", "likely": "chance"}  # fmt: skip
"""What the page's table of value calls a column, and what the frame does."""
FEWEST_PLACES = 2  # of each arm with a figure in every year, below which no trend is drawn
STARTED, NOT_STARTED = "started", "not started"


@dataclass(frozen=True, eq=False)
class Estimated:
    """The effects of a study. Each method gives a frame; one without rows says why in `.why`."""

    study: Study

    @cached_property
    def found(self) -> worked_out.Effects:
        """As every page shows them: worked out once, and kept."""
        study = self.study
        return worked_out.of(study.prepared, study.settings, study.period, study.sealed)

    def tidy(self) -> Frame:
        """measure, title, estimate, lower, upper, unit, claim, started, not_started, withheld, held_back: one row an outcome.

        The change in the outcome's unit (of a share: how many more in each hundred), missing where `withheld` says why; `started`
        and `not_started` count the places compared. `held_back`: in words, a change that a check of bias keeps off every page.

            study.effects().tidy()
        """
        return self._frame(TIDY, [_tidy(one) for one in self.found.estimates], "effects as they may be said")

    def event_study(self) -> Frame:
        """measure, periods_since, estimate, lower, upper: the change by whole financial years since the start.

        Each year from the start on (the year of the start is 0, and the pilot ran for a part of it) is set beside the mean of the years
        before; each year before beside the others before. From released figures of places, in the outcome's unit; no limits where
        fewer than five places started or never did.

            study.effects().event_study()
        """
        rows = [row for one in self.found.estimates for row in _event_rows(self.study, one)]
        return self._frame(
            EVENT_STUDY, rows, "changes by years since the start, from released figures of places", _NO_PLACES
        )

    def trends(self) -> Frame:
        """measure, period, arm, value, lower, upper: each year's level where the pilot started, and where it did not.

        Only places whose figure is released in every year, so that the two arms stay the same places; none where either arm has
        fewer than two of them.

            study.effects().trends()
        """
        rows = [row for one in self.found.estimates for row in _trend_rows(self.study, one.measure)]
        return self._frame(TRENDS, rows, "levels where the pilot started and where it did not", _NO_PLACES)

    def gates(self) -> Frame:
        """measure, title, gate, passed, says: each check that a claim had to pass, and what it found.

        study.effects().gates()
        """
        rows = [
            dict(zip(GATES, (one.measure.id, one.measure.title, name.replace("_", " "), passed, says), strict=True))
            for one in self.found.estimates
            for name, passed, says in one.summary.gates
        ]
        return self._frame(GATES, rows, "the checks that a claim had to pass")

    def calibration(self) -> Frame:
        """measure, title, method, chosen, draws, coverage, type_1_error, power, power_with_checks, exaggeration, detectable_effect, verdict, reason.

        Each method tried on simulated pilots of this one's own shape: in how many of a hundred (%) its range held the truth, it
        found a change where none was, and it found the smallest worthwhile one, also one that stood beside a drift; how many times the truth
        it then was; and the change it can detect, in the outcome's unit.
        `chosen` is true of the method that made the estimate; of an outcome without one, of the best of those tried.

            study.effects().calibration()
        """
        return self._frame(CALIBRATION, _card_rows(self), "how methods did on simulated pilots of this shape")

    def sensitivity(self) -> Frame:
        """measure, title, what, estimate, lower, upper: the effect as it is published, and by other choices on released figures.

        study.effects().sensitivity()
        """
        rows = [row for one in self.found.estimates for row in _other_choices(self.study, one)]
        why = "No effect may be told, so none is worked out in another way." if self.found.estimates else ""
        return self._frame(SENSITIVITY, rows, "effects by other choices, from released figures of places", why)

    def _frame(self, columns: tuple[str, ...], rows: list[dict[str, Any]], says: str, why: str = "") -> Frame:
        made = pd.DataFrame(rows, columns=list(columns))
        for name in ("estimate", "lower", "upper", "value"):
            if name in made:
                made[name] = pd.to_numeric(made[name]).astype("Float64")
        return figures.of_the_whole(
            self.study, made, _provenance(self.study, self.found, says), self.found.why_none or why
        )

    def __repr__(self) -> str:
        return (
            f"Effects of {self.study.settings.title}: {len(self.found.estimates)} estimated. Next: .tidy() .event_study() .trends() "
            ".gates() .calibration() .sensitivity()"
        )


_NO_PLACES = "The figures of single places are not released, or the design compares no places."


def _provenance(study: Study, found: worked_out.Effects, says: str) -> Provenance:
    measures = [one.measure for one in found.estimates]
    says = f"{says}, in the whole area," if study.level else says
    of = figures.provenance(study, measures, pd.DataFrame({"measure": [one.id for one in measures]}), says)
    return replace(of, agreed=False, states=(unagreed.WHAT_IF,)) if study.parameters.what_if else of


def unit_of_change(measure: Measure) -> str:
    """What a change of a measure is in: of a share, how many more in each hundred."""
    return measure.unit.replace("% of", f"in each {measure.per} of", 1)


def _tidy(one: Shown) -> dict[str, Any]:
    compared = one.compared or {}
    summary = one.summary
    return {
        "measure": one.measure.id,
        "title": one.measure.title,
        "estimate": summary.estimate,
        "lower": summary.lower,
        "upper": summary.upper,
        "unit": unit_of_change(one.measure),
        "claim": summary.claim,
        "started": compared.get("started"),
        "not_started": compared.get("not_started"),
        "withheld": summary.withheld or one.why_not or "",
        "held_back": one.held_back,
    }


def _card_rows(self: Estimated) -> list[dict[str, Any]]:
    by_title = {one.measure.title: one.measure for one in self.found.estimates}
    used = {(one.measure.title, one.tried["design"], one.tried["method"]) for one in self.found.estimates if one.tried}
    estimated = {title for title, _, _ in used}
    rows = []
    for one in self.found.card.to_dict(orient="records"):
        measure = by_title.get(str(one["measure"]))
        if measure is None:
            continue
        units = {
            "coverage": 100,
            "type_1_error": 100,
            "power": 100,
            "power_with_checks": 100,
            "detectable_effect": measure.per,
        }
        # The card's own choice does not know how few places started: what made the estimate is the method of this evaluation.
        mine = (str(one["measure"]), one["design"], one["method"]) in used
        chosen = {"chosen": mine} if one["measure"] in estimated else {}
        told = {name: per * one[name] for name, per in units.items() if one.get(name) is not None}
        rows.append(
            one
            | told
            | chosen
            | {"measure": measure.id, "title": measure.title, "method": method_words(str(one["method"]))}
        )
    return rows


# --- from released figures of places


def _places(study: Study, measure: Measure) -> pd.DataFrame:
    """Released figures of the design's places by year: place, period (a whole year), year, value, numerator, size, first."""
    design = study.settings.design
    if design is None or not design.unit:
        return pd.DataFrame()
    rows = study.prepared.released.figures
    rows = rows[rows["measure"].eq(measure.id) & rows["group_kind"].eq(design.unit) & rows["value"].notna()]
    rows = rows[~outcomes.quarterly(rows["period"])]
    spelt = Places.of_record(study.prepared.record.get("places", {})).spelt
    if (design.start or design.started) and study.area != study.settings.area:
        return pd.DataFrame()
    starts = started.first_of(design, study.prepared.published("starts"), set(rows["group"]), spelt)
    rows = rows[rows["group"].isin(starts.index)]
    if rows.empty:
        return pd.DataFrame()
    first = rows["group"].map(starts).astype(object)
    last = study.period
    begun = first.notna() & first.astype(str).str[:7].le(last[:7])
    return pd.DataFrame({
        "place": rows["group"], "year": rows["period"].astype(str), "period": rows["period"].str[:4].astype(int),
        "value": outcomes.scaled(rows, {measure.id: measure})["value"], "numerator": rows["numerator"],
        "noise": rows["noise"].astype(float).fillna(0.0),
        "size": rows["denominator"].astype(float).fillna(1.0),
        "first": pd.to_numeric(first.where(begun).astype(str).str[:4], errors="coerce"),
    })  # fmt: skip


def _event_rows(study: Study, one: Shown) -> list[dict[str, Any]]:
    held = _places(study, one.measure)
    if held.empty:
        return []
    hidden = one.summary.estimate is None
    rows = []
    for row in by_time.event_study(held).to_dict(orient="records"):
        after = row["periods_since"] >= 0
        numbers = {name: None if hidden and after else row[name] for name in ("estimate", "lower", "upper")}
        rows.append({"measure": one.measure.id, "periods_since": row["periods_since"], **numbers})
    return rows


def _trend_rows(study: Study, measure: Measure) -> list[dict[str, Any]]:
    held = _places(study, measure)
    if held.empty:
        return []
    years = held.groupby("place")["year"].nunique()
    whole = held[held["place"].isin(years.index[years.eq(held["year"].nunique())])]
    sides = whole.groupby(whole["first"].notna())["place"].nunique()
    if len(sides) < 2 or sides.min() < FEWEST_PLACES:
        return []
    arm = whole["first"].notna().map({True: STARTED, False: NOT_STARTED})
    rows = []
    for (name, year), part in whole.groupby([arm.rename("arm"), "year"], sort=True):
        value, low, high = _level(measure, part)
        rows.append({"measure": measure.id, "period": year, "arm": name, "value": value, "lower": low, "upper": high})
    return sorted(rows, key=lambda row: (row["period"], row["arm"] != STARTED))


def _level(measure: Measure, part: pd.DataFrame) -> tuple[float, float | None, float | None]:
    """The level of several places together, in the measure's unit; its limits hold chance and the noise of each released count."""
    size = float(part["size"].sum())
    if measure.achieved is None or part["numerator"].isna().any():
        return float((part["value"] * part["size"]).sum() / size), None, None
    top = min(float(part["numerator"].sum()), size)
    limits = intervals.proportion(top, size, per=measure.per).iloc[0]
    noise = measure.per * 1.96 * float(np.sqrt((part["noise"] ** 2).sum())) / size
    below, above = (
        float(np.hypot(one, noise)) for one in (limits["value"] - limits["lower"], limits["upper"] - limits["value"])
    )
    value = float(limits["value"])
    return value, max(value - below, 0.0), min(value + above, float(measure.per))


def _other_choices(study: Study, one: Shown) -> list[dict[str, Any]]:
    summary, held = one.summary, _places(study, one.measure)
    if summary.estimate is None:
        return []
    found: list[tuple[str, Any, Any, Any]] = [
        ("as published, from each quarter's rows", summary.estimate, summary.lower, summary.upper)
    ]
    if len(held):
        ways: tuple[tuple[str, dict[str, bool]], ...] = (
            ("from released yearly figures of places", {}),
            ("the same, without the year of the start", {"start_counts": False}),
            ("the same, beside places that never started alone", {"never_only": True}),
        )
        made = [(what, by_time.overall(held, **how)) for what, how in ways]
        found += [(what, each.estimate, each.lower, each.upper) for what, each in made]
        first = made[0][1]
        found += [
            ("the same, without one place: the lowest", first.lowest, None, None),
            ("the same, without one place: the highest", first.highest, None, None),
        ]
    rows = [(one.measure.id, one.measure.title, *row) for row in found if row[1] == row[1]]
    return [dict(zip(SENSITIVITY, row, strict=True)) for row in rows]


# --- value


def value_frame(study: Study) -> Frame:
    """See `Study.value`."""
    found = Estimated(study).found
    value = found.value
    shared: dict[str, Any] = {"shared_cost": ""}
    if value.cost is not None:  # as the pages print it, so that what is worked out from it adds up
        shared = {f"{into}_pence": value_words.cost_row(value)[name] for name, into in OF_COST.items()}
        shared["shared_cost"] = "yes" if value.shared else "no"
    gained = {one.measure.id: value_words.row(one) for one in value.outcomes}
    rows = []
    for one in found.estimates:
        mine = gained.get(one.measure.id, {"withheld": worked_out.NOT_ATTRIBUTABLE})
        names = {**dict.fromkeys(mine), **OF_GAIN}
        shown = {into or name: mine.get(name) for name, into in names.items()}
        rows.append({**shared, **shown, "measure": one.measure.id, "title": one.measure.title})
    made = pd.DataFrame(rows, columns=list(VALUE))
    for name in VALUE[2:-2]:
        number = pd.to_numeric(made[name]).astype("Float64")
        number = 100 * number if name.endswith("_pence") else number
        made[name] = number if name == "chance" else number.round().astype("Int64")
    rests_on = _provenance(study, found, "gain and extra cost of the pilot")
    return figures.of_the_whole(study, made, rests_on, found.why_none)
