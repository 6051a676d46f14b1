"""`commissioning calibrate`: how each method behaves at this pilot's own shape."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commissioning.errors import UsageError

PRINTED = ("design", "method", "draws", "coverage", "type_1_error", "bias", "power", "detectable_effect", "chosen")
ERRORS = ("coverage_error", "type_1_error_error", "bias_error", "power_error")  # Monte Carlo


def card(pilot: Any, *, draws: int, data: Path | None = None, area: str = "") -> dict[str, Any]:
    """The calibration of a pilot's designs, as `calibrate --json` prints it: one entry a design, method and shape.

    The shape (units, periods, starts, counts, autocorrelation) is that of the pilot's primary outcomes in the extracts of
    `data`, or without it in the sample. Raises UsageError where the pilot has no design whose shape can be told, and
    DataRefused as a run does.
    """
    if pilot.design is None or pilot.design.kind == "none":
        raise UsageError(f"pilot {pilot.name} names no design in its pilot.toml, so there is nothing to calibrate")
    if draws < 2:
        raise UsageError("--draws: two or more; 1000 for a verdict")
    with _evidence(pilot, data, area) as opened:
        return {
            "pilot": pilot.name,
            "designs": _designs(pilot, opened, draws, "these extracts" if data else "the sample"),
        }


@contextlib.contextmanager
def _evidence(pilot: Any, data: Path | None, area: str) -> Iterator[Any]:
    """The study whose shape is asked for; one of a council's own extracts is gone afterwards."""
    from commissioning.measures import derive  # noqa: F401  registers derived tables
    from commissioning.study.prepare import open_sample, prepare

    if data is None:
        yield open_sample(pilot)
        return
    with tempfile.TemporaryDirectory(prefix="commissioning-calibrate-") as folder:  # its owner's alone
        yield prepare(pilot, data, area=area, folder=Path(folder) / "study")


def _designs(pilot: Any, opened: Any, draws: int, where: str) -> list[dict[str, Any]]:
    from commissioning.errors import DataRefused
    from commissioning.study import designs as by_design
    from commissioning.study import estimates, restricted, started
    from commissioning.study.pilot_measures import measures_of

    starts = estimates.starts_of(opened, pilot)
    if starts.dropna().empty:
        unit = started.kind(pilot.design.unit, 1) if pilot.design.unit else "pilot"
        raise UsageError(f"pilot {pilot.name}: when each {unit} started is not in {where}")
    designs: list[dict[str, Any]] = []
    seen: set[str] = set()
    for name, measure in started.outcomes_of(pilot, measures_of(pilot)).items():
        if restricted.table(opened, measure.table).empty:
            continue
        try:
            rows = estimates.panel(opened, pilot, measure, starts)
            key, draw = by_design.card(rows, pilot.design, measure, estimates.worthwhile_of(pilot, measure))
        except (DataRefused, ValueError):
            continue  # an outcome without rows, or that did not vary, has no shape
        if key in seen:
            continue
        seen.add(key)
        made = json.loads(draw(draws).to_json(orient="records"))
        designs += [
            {"measure": name, **{key: one.get(key) for key in (*PRINTED, *ERRORS, "verdict", "reason")}} for one in made
        ]
    if not designs:
        raise UsageError(f"pilot {pilot.name} has no primary outcome with rows in {where}, so it has no shape")
    return designs


def as_text(found: dict[str, Any]) -> str:
    """The card as lines for people; after each ± stands the Monte Carlo standard error."""
    lines = [
        f"{found['pilot']}: coverage of 95% intervals and false alarms, by simulation at this pilot's shape "
        "(± is the error of the simulation itself)"
    ]
    for one in found["designs"]:
        mark = "chosen" if one["chosen"] else one.get("verdict") or ""
        lines.append(
            f"  {one['measure']}: {one['design']}, {one['method']}: "
            f"coverage {_share(one['coverage'], one['coverage_error'])}, "
            f"false alarms {_share(one['type_1_error'], one['type_1_error_error'])}, "
            f"detects a change of {_number(one['detectable_effect'])} (1 is everybody), {mark}"
        )
    return "\n".join(lines)


def _share(value: float | None, error: float | None) -> str:
    """A share in percent, with its error in points."""
    if value is None:
        return "not known"
    return f"{100 * value:.1f}%" + ("" if error is None else f" ± {100 * error:.1f}")


def _number(value: float | None) -> str:
    return "an unknown size" if value is None else f"{value:.3g}"
