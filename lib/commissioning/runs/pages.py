"""The facts around a page, and what they depend on. Light to import: what has not changed is found by these alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import commissioning
from commissioning import pilot as of_pilots
from commissioning.runs.keys import FileHashes
from commissioning.runs.plan import ReportPlan

SETTINGS = (".toml", ".md", ".py")  # `measures.py`: a pilot's own definitions


def settings(
    root: Path, data: Path, plan: ReportPlan, pilots: dict[str, Any], hashes: FileHashes, *, sample: bool
) -> dict[str, str]:
    """Hashes of the files that people write and a page repeats: titles, contacts, assumptions, lessons, scores.

    Named as reports name them: `<pilot>/pilot.toml`; scores by their place in the checkout, or, where they lie in the
    folder of extracts, by their name alone. `sample`: whether the extracts are the sample or a copy of it.
    """
    found: dict[str, str] = {}
    for name in [plan.pilot] if plan.pilot else list(pilots):
        for path in sorted((root / "pilots" / name).iterdir()):
            if path.suffix in SETTINGS and path.is_file() and path.name != of_pilots.AGREED_FILE:
                found[f"{name}/{path.name}"] = hashes.of(path)
        agreed = of_pilots.agreed_for(name, root, sample=sample)
        if agreed.is_file():
            found[agreed.relative_to(root).as_posix()] = hashes.of(agreed)
    if plan.stage == "service_reviews":  # scores that members may change stand beside the pilots, or in the sample
        for path in (root / "pilots" / "service_reviews.toml", root / "data" / "sample" / "service_reviews.toml"):
            if path.is_file():
                found[path.relative_to(root).as_posix()] = hashes.of(path)
        if (own := data / "service_reviews.toml").is_file():
            found[own.name] = hashes.of(own)
    return found


def info(
    plan: ReportPlan,
    pilots: dict[str, Any],
    cards: dict[tuple[str, str], Any],
    key: str,
    written: dict[str, str] | None = None,
    beside: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """The facts around a page, as plain JSON. The run's name on the page follows from what the report was
    made of, not from the clock, so that the same report has the same bytes. `written`: see `settings`."""
    from commissioning.presentation import signoff

    first = pilots[plan.pilot] if plan.pilot else next(iter(pilots.values()))
    read = [cards[one] for one in plan.studies]
    voice = read[0].voice or vars(first)
    fingerprint = read[0].fingerprint if len(read) == 1 else "-".join(one.fingerprint[:12] for one in read)
    sources = {name: value for one in read for name, value in one.shown_hashes.items()}
    sources |= {name: value for name, value in (written or {}).items() if name.endswith(".toml")}
    return {
        "title": plan.title,
        "pilot": plan.pilot,
        "pilot_title": plan.title if plan.pilot else "All pilots together",
        "stage": plan.stage,
        "period": plan.period,
        "level": plan.level,
        "area": plan.area,
        "run": key[:12],
        "illustrative": any(one.illustrative for one in read),
        "organisation": voice["organisation"],
        "contact": voice["contact"],
        "author": voice.get("author", ""),
        "logo": voice.get("logo", ""),
        "beside": list(beside),
        "dates": first.dates.in_words if plan.pilot and voice.get("own", True) else [],
        "code_version": commissioning.__version__,
        "data_fingerprint": fingerprint,
        "sources": [{"name": name, "fingerprint": value} for name, value in sorted(sources.items())],
        "parameters": plan.parameters,
        "forced": sorted({one["page"] for card in read for one in card.forced}),
        "annexes": [[name, pilots[name].title, f"{identity}.html"] for name, identity in plan.annexes],
        "pilot_easy_read": signoff.easy_read_name(plan.own) if plan.own else None,
    }
