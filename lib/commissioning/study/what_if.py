"""What if other weights, worths or thresholds had been agreed? The same answers, old beside new; marked so, and never published.

Everything is worked out from what may be shown: the printed effects, gains and cost. So asking a hundred times tells no more than the page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from commissioning.methods import priorities
from commissioning.methods.pilot_value import chance
from commissioning.pilot import Pilot
from commissioning.study import (
    explaining,
    figures,
    frames,
    introduced,
    outcomes,
    tried,
    unagreed,
    value_words,
    worked_out,
)
from commissioning.study.estimates_frames import unit_of_change
from commissioning.study.frames import Frame
from commissioning.study.standing import Standing
from commissioning.study.value_words import OutcomeValue, PilotValue

if TYPE_CHECKING:
    from commissioning.study.opened import Study


@dataclass(frozen=True, kw_only=True, repr=False)
class WhatIf:
    """Answers under other settings, beside those under the agreed ones. Every frame is marked "what-if" and is never published.

    changes      one row a setting: what, of, old, new
    value        one row an outcome: measure, title, more_people, cost_more_pence, and worth_pence, benefit_pence, chance (%), each old and new
    effects      one row an outcome: measure, title, estimate, lower, upper, unit, claim, and worthwhile_change and stands, each old and new
    priorities   one row an option: option, and score and place, each old and new; empty where fewer than two were scored
    verdict      one row a question that the verdict asks: about, old, new
    """

    changes: Frame
    value: Frame
    effects: Frame
    priorities: Frame
    verdict: Frame

    def tidy(self) -> Frame:
        """The answers one below the other: frame, what, figure, old, new."""
        return _tidy(self)

    def __repr__(self) -> str:
        return introduced.as_text(*_introduced(self))

    def _repr_html_(self) -> str:
        return introduced.as_html(*_introduced(self))


def _introduced(found: WhatIf) -> tuple[str, list[tuple[str, str]]]:
    """What an analyst sees first of a what-if: what it changes, and which answers it moves."""
    settings = [
        f"{one.what}{f', {one.of}' if one.of else ''}: {tried.was_words(one.old)} → {one.new:g}"
        for one in found.changes.itertuples()
    ]
    moved = [f"{one.about}: {one.old} → {one.new}" for one in found.verdict.itertuples() if one.old != one.new]
    return "A what-if: nobody agreed it, and it is never published.", [
        ("Tried", "; ".join(settings) or "nothing that is not agreed already"),
        ("Moves", "; ".join(moved) or "no answer that the verdict asks for"),
        ("Next", " · ".join(f".{one}" for one in (*WhatIf.__dataclass_fields__, "tidy()"))),
    ]


def what_if(study: Study, **changes: Any) -> WhatIf:
    """See `Study.what_if`."""
    tried.refuse_in_a_run()
    old = study.settings
    new, made = tried.changed(old, changes)
    for line in tried.words_of(made):
        unagreed.mark(line, unagreed.WHAT_IF)
    found = worked_out.of(study.prepared, old, study.period, study.sealed)
    effects = _effects(found, old, new)
    value = _value(found.value, new, "worth" in changes)
    settings = pd.DataFrame(
        [{"what": tried.SAYS[what], "of": of, "old": was, "new": now} for what, of, was, now in made if was != now],
        columns=["what", "of", "old", "new"],
    )
    rests_on = explaining.of_tables(study, "a what-if: " + "; ".join(tried.words_of(made)), agreed=False)
    rests_on = replace(
        rests_on,
        states=(unagreed.WHAT_IF,),
        measures=tuple(one.measure.id for one in found.estimates),
        titles=tuple((one.measure.id, one.measure.title) for one in found.estimates),
    )

    def made_of(frame: pd.DataFrame, why: str = "") -> Frame:
        return figures.of_the_whole(study, frame.assign(state=unagreed.WHAT_IF), rests_on, why)

    return WhatIf(
        changes=made_of(settings),
        value=made_of(value, found.value.why_no_cost),
        effects=made_of(effects, found.why_none),
        priorities=made_of(
            _priorities(old, new), "Fewer than two options have been scored, or no weights were agreed."
        ),
        verdict=made_of(_verdict(study, old, new, effects, value)),
    )


# --- the answers


def _worthwhile(pilot: Pilot, measure: str) -> float:
    floors = {one.measure: one.worthwhile_change for one in pilot.floors}
    return floors.get(measure, pilot.design.minimum_worthwhile_change if pilot.design else 0.0)


EFFECTS = ("measure", "title", "estimate", "lower", "upper", "unit", "claim", "worthwhile_change_old", "worthwhile_change_new",
           "stands_old", "stands_new")  # fmt: skip


def _effects(found: worked_out.Effects, old: Pilot, new: Pilot) -> pd.DataFrame:
    rows = []
    for one in found.estimates:
        was, now = (_worthwhile(pilot, one.measure.id) for pilot in (old, new))
        before = _standing(one, was, one.sides)
        # Printed numbers beside another change: what the page's own verdict rests on would tell more, asked often enough.
        after = before if now == was else _standing(one, now, _printed(one))
        said = one.summary
        rows.append(
            (
                one.measure.id,
                one.measure.title,
                said.estimate,
                said.lower,
                said.upper,
                unit_of_change(one.measure),
                said.claim,
            )
            + (was, now, before.changed, after.changed)
        )
    return pd.DataFrame(rows, columns=list(EFFECTS))


def _printed(one: worked_out.Shown) -> tuple[float, float, float] | None:
    found = (one.summary.estimate, one.summary.lower, one.summary.upper)
    return None if None in found else found  # type: ignore[return-value]


def _standing(one: worked_out.Shown, worthwhile: float, change: tuple[float, float, float] | None) -> Standing:
    middle, lower, upper = change or (None, None, None)
    if change is not None and one.measure.better == "lower":
        middle, lower, upper = -change[0], -change[2], -change[1]
    return Standing(
        measure=one.measure.id, title=one.measure.title, lower=None, upper=None, floor=None, worthwhile_change=worthwhile,
        change=middle, change_lower=lower, change_upper=upper, rung=one.summary.claim,
    )  # fmt: skip


def _value(found: PilotValue, new: Pilot, asked: bool) -> pd.DataFrame:
    worths = {one.measure: one.worth for one in new.floors}
    cost = None if found.cost is None else 100 * value_words.cost_row(found)["cost"]
    rows = []
    for one in found.outcomes:
        was, now = one.worth, worths.get(one.measure.id) if asked else one.worth
        more = None if one.gain is None else round(one.gain.estimate)
        row = {"measure": one.measure.id, "title": one.measure.title, "more_people": more, "cost_more_pence": cost}
        for when, worth in (("old", was), ("new", now)):
            weighed = _weighed(found, one, worth, kept=worth == was)
            row |= {f"{name}_{when}": value for name, value in weighed.items()}
        rows.append({**row, "withheld": one.withheld})
    pairs = [f"{name}_{when}" for name in ("worth_pence", "benefit_pence", "chance") for when in ("old", "new")]
    numbers = ["more_people", "cost_more_pence", *pairs]
    frame = pd.DataFrame(rows, columns=["measure", "title", *numbers, "withheld"])
    for name in numbers:
        frame[name] = pd.to_numeric(frame[name]).astype("Float64").round().astype("Int64")
    return frame


def _weighed(found: PilotValue, one: OutcomeValue, worth: float | None, *, kept: bool) -> dict[str, float | None]:
    """Worth and benefit in pence, by the one rule of rounding, and the chance to the nearest 5%: the page's own, where it is kept."""
    none: dict[str, float | None] = {
        "worth_pence": None if worth is None else 100 * worth,
        "benefit_pence": None,
        "chance": None,
    }
    if worth is None or one.gain is None or one.printed is None or found.cost is None:
        return none
    gain, cost = one.gain, found.cost.pence
    likely = one.weighed.chance if kept and one.weighed is not None else None
    if likely is None and one.together is not None:
        likely = chance(gain, cost, 100 * worth, one.together)
    benefit = 100 * (one.printed.more * worth - one.printed.cost)
    return {**none, "benefit_pence": benefit, "chance": None if likely is None else 5.0 * round(20 * likely)}


def _priorities(old: Pilot, new: Pilot) -> pd.DataFrame:
    columns = ["option", "score_old", "score_new", "place_old", "place_new"]
    if len(old.priorities) < 2 or not old.weights:
        return pd.DataFrame(columns=columns)
    scores = pd.DataFrame({one.option: one.scores for one in old.priorities}).T
    before, after = (priorities.rank(scores, pilot.weights) for pilot in (old, new))
    both = after.add_suffix("_new").join(before.add_suffix("_old")).round({"score_old": 2, "score_new": 2})
    return both.rename_axis("option").reset_index()[columns]


def _verdict(study: Study, old: Pilot, new: Pilot, effects: pd.DataFrame, value: pd.DataFrame) -> pd.DataFrame:
    """What the verdict's rules ask of each outcome, in words: the change, the floor, and whether the gain is worth its cost."""
    rows = [
        {"about": f"What changed: {one.title}", "old": one.stands_old, "new": one.stands_new}
        for one in effects.itertuples()
    ]
    levels = _levels(study)
    for before, after in zip(old.floors, new.floors, strict=True):
        measure = study.measures.get(before.measure)
        lower, upper = levels.get(before.measure, (None, None))
        said = [
            Standing(
                measure=one.measure, title="", lower=lower, upper=upper, floor=one.floor, worthwhile_change=one.worthwhile_change,
                fewer_is_better=measure is not None and measure.better == "lower",
            ).stands
            for one in (before, after)
        ]  # fmt: skip
        about = f"Level beside its floor: {measure.title if measure else before.measure}"
        rows.append({"about": about, "old": said[0], "new": said[1]})
    told = [_worth_it(value[f"chance_{when}"], pilot) for when, pilot in (("old", old), ("new", new))]
    rows.append({"about": "Whether the gain is worth its cost", "old": told[0], "new": told[1]})
    return pd.DataFrame(rows, columns=["about", "old", "new"])


def _levels(study: Study) -> dict[str, tuple[float, float]]:
    """The released range of each measure in the study's period, where it may be shown."""
    kind, name = study.part
    rows = outcomes.main_rows(study.prepared.released, kind, name if study.level else None)
    rows = outcomes.scaled(rows[rows["period"].eq(study.period)], study.measures)
    rows = rows[rows["value"].notna() & rows["lower"].notna()].drop_duplicates("measure")
    return {str(one.measure): (float(one.lower), float(one.upper)) for one in rows.itertuples()}


def _worth_it(chances: pd.Series, pilot: Pilot) -> str:
    known = chances.dropna()
    if known.empty:
        return "not known"
    asked = 100 * pilot.decision.chance_agreed
    enough = "enough" if known.max() >= asked else "too little"
    return f"a chance of {known.max():.0f}%, which is {enough}: at least {asked:.0f}% is asked"


def _tidy(found: WhatIf) -> Frame:
    parts = []
    for name, key in (("value", "title"), ("effects", "title"), ("priorities", "option")):
        frame = getattr(found, name)
        for figure in [one.removesuffix("_old") for one in frame if one.endswith("_old")]:
            parts.append(
                pd.DataFrame(
                    {"frame": name, "what": frame[key], "figure": figure, "old": frame[f"{figure}_old"].astype(object),
                     "new": frame[f"{figure}_new"].astype(object), "state": unagreed.WHAT_IF}
                )
            )  # fmt: skip
    said = found.verdict.rename(columns={"about": "what"}).assign(frame="verdict", figure="stands")
    whole = pd.concat([*parts, said], ignore_index=True)[["frame", "what", "figure", "old", "new", "state"]]
    assert found.changes.provenance is not None
    return frames.made(
        whole if "group" not in found.value else whole.assign(group=figures.WHOLE_AREA), found.changes.provenance
    )
