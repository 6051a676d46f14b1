"""Publishing that a named person allowed in advance: a run does it by itself until the last day, while the output is the same.

The permission rests on what the person was shown (`output_check.Shape`). It lapses for good on a new table, a changed claim, a
correction, `--force` or a failed check: then somebody looks again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from commissioning import clock, names
from commissioning.errors import CannotWrite, UsageError, WorkbenchError
from commissioning.runs import output_check, publication
from commissioning.runs import places as where
from commissioning.runs.output_check import Shape
from commissioning.runs.places import Places
from commissioning.runs.publication import Candidate

LONGEST = timedelta(days=366)
ALLOWED = "allowed.json"


def until(text: str) -> date:
    """The last day of a permission. Raises UsageError for a day that has passed, or is more than a year away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until {text!r}: write a day such as {clock.today().isoformat()}") from None
    if day < clock.today():
        raise UsageError(f"--until {text}: that day has passed")
    if day - clock.today() > LONGEST:
        raise UsageError(f"--until {text}: a year is the most; somebody looks again then")
    return day


def allow(places: Places, to: Path, found: Sequence[Candidate], by: str, last: date) -> None:
    """Let runs publish these reports by themselves, as long as they stay what they are now. Raises CannotWrite."""
    publication.prepare(places, publication.site_of(places, to))
    held = allowed(places)
    for one in found:
        held[one.entry.id] = {
            "until": last.isoformat(), "by": by, "account": names.account(), "at": clock.now().isoformat(timespec="seconds"),
            "to": str(to), "shape": one.now.shape.as_json(), "lapsed": "",
        }  # fmt: skip
    _keep_allowed(places, held)


def allowed(places: Places) -> dict[str, dict[str, Any]]:
    """What was allowed in advance, by report; `lapsed` says why it no longer is. A broken file allows nothing."""
    try:
        held = json.loads((places.state / ALLOWED).read_text(encoding="utf-8"))
        return {str(name): dict(one) for name, one in held.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _keep_allowed(places: Places, held: Mapping[str, Any]) -> None:
    try:
        places.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        where.write_whole(
            places.state / ALLOWED, json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False), mode=0o600
        )
    except OSError as error:
        raise CannotWrite(f"cannot write in {places.state}: {where.reason(error)}") from None


def lapse(places: Places, reports: Iterable[str], why: str) -> list[str]:
    """Take permissions back, for good: somebody looks and allows anew. Returns what to say."""
    held = allowed(places)
    hit = [name for name in reports if name in held and not held[name].get("lapsed")]
    for name in hit:
        held[name]["lapsed"] = why
    if hit:
        _keep_allowed(places, held)
    return [
        f"report {name} is no longer published by itself ({why}): look at it, then `commissioning publish`"
        for name in hit
    ]


def after_run(places: Places, made: Mapping[str, str], *, forced: bool, altered: Iterable[str] = ()) -> list[str]:
    """Publish what a run has made anew and somebody allowed in advance. `made`: outcome by report. Returns what to say.

    Never raises for what cannot be published: the run's work is done, and the permission has lapsed or stands for the next.
    """
    told: list[str] = []
    for name, one in allowed(places).items():
        if one.get("lapsed") or name not in made:
            continue
        try:
            to = Path(str(one["to"]))
            (found,) = publication.candidates(places, to, [name])
            if why := _why_not(one, found, made[name], forced or publication.forced(found), name in set(altered)):
                told += lapse(places, [name], why)
            elif found.new:
                publication.publish_now(
                    places, to, [found], str(one["by"]), under=f"allowed on {one['at']} until {one['until']}"
                )
                told.append(f"published {name} in {to}, as {one['by']} allowed until {one['until']}")
        except UsageError as error:
            told += lapse(places, [name], f"a failed check: {error}")
        except (WorkbenchError, OSError, ValueError, KeyError, TypeError) as error:
            words = str(error) if isinstance(error, WorkbenchError) else type(error).__name__
            told.append(f"report {name} was allowed in advance and could not be published: {words}")
    return told


def _why_not(one: Mapping[str, Any], found: Candidate, outcome: str, forced: bool, altered: bool) -> str:
    """Why a permission lapses now; "" where it stands."""
    if clock.today() > date.fromisoformat(str(one["until"])):
        return f"its last day was {one['until']}"
    if forced:
        return "the run went on by --force"
    if altered:
        return "a failed check: it was altered after it was made"
    if outcome not in ("executed", "resumed", "unchanged"):
        return "a failed check: the report could not be made"
    return output_check.differing(Shape.of(one["shape"]), found.now.shape)
