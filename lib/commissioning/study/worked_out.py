"""Effects and value of a study as pages read them: worked out from rows once for each state of a study, period, pilot file and code.

They are made before a notebook's first section runs: by the process that prepares a study in a run, and by `open` elsewhere. What
is kept holds numbers that may be printed, and on which side of what a change stands; no row, no draw and no exact estimate.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import pilot as pilots
from commissioning.measures import Measure
from commissioning.methods.claims import Check, Claim
from commissioning.methods.pilot_value import Amount, Counted, ExtraCost, Printed, Weighed
from commissioning.pilot import Pilot
from commissioning.presentation.showable import EffectSummary
from commissioning.seal import Sealed
from commissioning.study import estimates, groups, ready, value_for_money
from commissioning.study.judged import Estimate
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import Prepared
from commissioning.study.value_words import OutcomeValue, PilotValue, Worth

NOT_ATTRIBUTABLE = "No change may be put down to the pilot, so no cost for each outcome is worked out."
TRIED = ("design", "method", "detectable_effect", "power", "power_with_checks", "exaggeration", "verdict")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One measure's effect as it may be shown. `claim` is None, and `method` "", where nothing could be estimated.

    `compared`: who was compared, as in the machine-readable result, and `numbers` those that its sentence gives. `tried`: the
    method's row of the calibration card. `sides`: what a verdict is told of the change and its limits; `held_back`: see `Estimate`.
    """

    measure: Measure
    method: str
    claim: Claim | None
    why_not: str
    summary: EffectSummary
    compared: Mapping[str, Any] | None = None
    numbers: tuple[int | str, ...] = ()
    tried: Mapping[str, Any] = field(default_factory=dict)
    sides: tuple[float, float, float] | None = None
    held_back: str = ""


@dataclass(frozen=True, kw_only=True)
class Effects:
    """All effects of a study with the calibration card behind them, and why there are none where there are none; the value of those
    that may be put down to the pilot; and the quarters in which its places started, in order: by the period's end, and ever."""

    estimates: tuple[Shown, ...]
    card: pd.DataFrame
    why_none: str
    value: PilotValue
    started: tuple[str, ...] = ()
    ever_started: tuple[str, ...] = ()


def of(study: Prepared, pilot: Pilot, period: str, sealed: Sealed) -> Effects:
    """What is kept of it, or what is made now, and then kept. Marks in `study.read` the tables that it rests on."""
    depends = (
        pilot.model_dump(mode="json", exclude={"folder"}),
        period,
        dataclasses.asdict(sealed),
        estimates.DRAWS,
        study.policy.as_json(),
    )
    path = ready.folder(study.path, study.until) / ready.name_of("effects", *depends)
    kept = ready.read(path)
    if kept is None:
        before = set(study.read)
        study.read.clear()
        made = as_kept(make(study, pilot, period, sealed))
        kept = json.loads(json.dumps({**made, "read": sorted(study.read)}, default=lambda one: one.item()))
        study.read.update(before)
        with contextlib.suppress(OSError):  # a full disk: it is worked out again next time
            ready.keep(path, kept)
    study.read.update(kept["read"])
    return as_read(kept, measures_of(pilot))


def make(study: Prepared, pilot: Pilot, period: str, sealed: Sealed) -> Effects:
    """Effects and value from rows, as they may be shown."""
    cache = pilots.home() / "data" / "evidence" / "calibration"
    found = estimates.estimate(study, pilot, cache=cache, period=period, sealed=sealed)
    return Effects(
        estimates=tuple(shown(one) for one in found.estimates),
        card=found.card,
        why_none=found.why_none,
        value=_value(study, pilot, period, found.estimates),
        started=_quarters(estimates.starts_of(study, pilot, period)),
        ever_started=_quarters(estimates.starts_of(study, pilot)),
    )


def _quarters(starts: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(starts.dropna().astype(str)))


def _value(study: Prepared, pilot: Pilot, period: str, found: tuple[Estimate, ...]) -> PilotValue:
    """The value of the attributable outcomes in the period's year, with their one extra cost; the cost alone where outcomes were
    compared and none may be put down to the pilot: a rise is said all the same."""
    if not any(one.effect is not None for one in found):
        return PilotValue(period=period, outcomes=(), cost=None, why_no_cost=NOT_ATTRIBUTABLE)
    cost = groups.money_measure(measures_of(pilot), study.record["measures"])
    attributable = [one for one in found if one.claim is not None and one.claim.rung == "attributable"]
    made = value_for_money.of(study, pilot, attributable, cost, period[:7])
    return value_for_money.released(made, pilot.decision.chance_agreed, study.policy)


def shown(one: Estimate) -> Shown:
    """An estimate without what may not be shown of it."""
    tried = one.effect.diagnostics.get("calibration", {}) if one.effect is not None else {}
    return Shown(
        measure=one.measure,
        method=one.effect.method if one.effect is not None else "",
        claim=None if one.claim is None else _bare(one.claim),
        why_not=one.why_not,
        summary=one.summary,
        compared=one.compared.as_record() if one.compared else None,
        numbers=one.compared.numbers if one.compared else (),
        tried={key: tried[key] for key in TRIED if key in tried},
        sides=one.sides,
        held_back=one.held_back,
    )


def _bare(claim: Claim) -> Claim:
    """A claim whose checks say what they found in words alone."""
    passed, failed = (tuple(replace(one, found=None) for one in checks) for checks in (claim.passed, claim.failed))
    return replace(claim, reasons=(), passed=passed, failed=failed)


# --- kept and read


def as_kept(found: Effects) -> dict[str, Any]:
    """As JSON holds it."""
    return {
        "estimates": [_plain(one) for one in found.estimates],
        "card": json.loads(found.card.to_json(orient="records")),
        "why_none": found.why_none,
        "value": _value_as_kept(found.value),
        "started": found.started,
        "ever_started": found.ever_started,
    }


def _plain(one: Shown | OutcomeValue) -> dict[str, Any]:
    """Its fields as JSON holds them; a measure by its id."""
    bare: Any = replace(one, measure=None)  # type: ignore[arg-type]
    return dict(dataclasses.asdict(bare)) | {"measure": one.measure.id}


def as_read(kept: Mapping[str, Any], measures: Mapping[str, Measure]) -> Effects:
    """The same from JSON."""
    return Effects(
        estimates=tuple(_estimate(one, measures) for one in kept["estimates"]),
        card=pd.DataFrame(kept["card"]),
        why_none=kept["why_none"],
        value=_value_as_read(kept["value"], measures),
        started=tuple(kept["started"]),
        ever_started=tuple(kept["ever_started"]),
    )


def _estimate(kept: Mapping[str, Any], measures: Mapping[str, Measure]) -> Shown:
    claim, summary = kept["claim"], kept["summary"]
    if claim is not None:
        checks = {name: tuple(Check(**one) for one in claim[name]) for name in ("passed", "failed")}
        numbers = None if claim["shown"] is None else tuple(claim["shown"])
        texts = {name: tuple(claim[name]) for name in ("reasons", "caps", "notes")}
        claim = Claim(**{**claim, **checks, **texts, "shown": numbers})
    summary = EffectSummary(**{**summary, "gates": tuple(tuple(one) for one in summary["gates"])})
    sides = None if kept["sides"] is None else tuple(kept["sides"])
    read = {"claim": claim, "summary": summary, "sides": sides, "numbers": tuple(kept["numbers"])}
    return Shown(**{**kept, **read, "measure": measures[kept["measure"]]})


def _value_as_kept(value: PilotValue) -> dict[str, Any]:
    outcomes = [_plain(replace(one, gain=_drawless(one.gain), effect=None)) for one in value.outcomes]
    cost = None
    if value.cost is not None:
        cost = dataclasses.asdict(
            replace(value.cost, a_week=_drawless(value.cost.a_week), pence=_drawless(value.cost.pence))  # type: ignore[arg-type]
        )
    return {
        "period": value.period,
        "outcomes": outcomes,
        "cost": cost,
        "why_no_cost": value.why_no_cost,
        "told": dataclasses.asdict(value.worth),
        "figures": value.figures,
    }


def _drawless(amount: Amount | None) -> Amount | None:
    return None if amount is None else replace(amount, draws=None)


def _value_as_read(kept: Mapping[str, Any], measures: Mapping[str, Measure]) -> PilotValue:
    kinds: dict[str, Any] = {"counted": Counted, "gain": Amount, "weighed": Weighed, "printed": Printed}
    outcomes = tuple(
        OutcomeValue(
            **{
                **one,
                "measure": measures[one["measure"]],
                **{name: None if one[name] is None else kind(**one[name]) for name, kind in kinds.items()},
            }
        )
        for one in kept["outcomes"]
    )
    cost = kept["cost"]
    if cost is not None:
        cost = ExtraCost(**{**cost, "a_week": Amount(**cost["a_week"]), "pence": Amount(**cost["pence"])})
    return PilotValue(
        period=kept["period"],
        outcomes=outcomes,
        cost=cost,
        figures=kept["figures"],
        why_no_cost=kept["why_no_cost"],
        told=Worth(**kept["told"]),
    )


# --- a study at the end of a period


def then(study: Prepared) -> None:
    """Keep what a study holds at the end of its period, as it may be shown. Does nothing for one of all that is held, or where it is kept."""
    folder: Path = ready.folder(study.path, study.until)
    if not study.until or (folder / "study.json").is_file():
        return
    with contextlib.suppress(OSError):
        study.keep_then(folder)
