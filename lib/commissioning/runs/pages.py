"""What the runner hands to presentation: the facts around a page, and the site's index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import commissioning
from commissioning.runs.keys import FileHashes
from commissioning.runs.plan import ReportPlan
from commissioning.runs.publish import Entry

SETTINGS = (".toml", ".md")


def settings(root: Path, plan: ReportPlan, pilots: dict[str, Any], hashes: FileHashes) -> dict[str, str]:
    """Hashes of the pilot files that a page repeats: titles, contacts, assumptions, lessons."""
    found: dict[str, str] = {}
    for name in [plan.pilot] if plan.pilot else list(pilots):
        for path in sorted((root / "pilots" / name).iterdir()):
            if path.suffix in SETTINGS and path.is_file():
                found[f"{name}/{path.name}"] = hashes.of(path)
    if plan.stage == "service_reviews":  # scores that members may change stand beside the pilots, or in the sample
        for path in (root / "pilots" / "service_reviews.toml", root / "data" / "sample" / "service_reviews.toml"):
            if path.is_file():
                found[path.relative_to(root).as_posix()] = hashes.of(path)
    return found


def info(plan: ReportPlan, pilots: dict[str, Any], cards: dict[tuple[str, str], Any], key: str) -> dict[str, Any]:
    """The facts around a page, as plain JSON. The run's name on the page follows from what the report was
    made of, not from the clock, so that the same report has the same bytes."""
    first = pilots[plan.pilot] if plan.pilot else next(iter(pilots.values()))
    read = [cards[one] for one in plan.studies]
    fingerprint = read[0].fingerprint if len(read) == 1 else "-".join(one.fingerprint[:12] for one in read)
    sources = {name: value for one in read for name, value in one.hashes.items()}
    return {
        "title": plan.title if not plan.pilot else f"{plan.title}: {plan.stage.replace('_', ' ')}",
        "pilot": plan.pilot,
        "stage": plan.stage,
        "period": plan.period,
        "level": plan.level,
        "area": plan.area,
        "run": key[:12],
        "illustrative": any(one.illustrative for one in read),
        "organisation": getattr(first, "organisation", ""),
        "contact": getattr(first, "contact", ""),
        "code_version": commissioning.__version__,
        "data_fingerprint": fingerprint,
        "sources": [{"name": name, "sha256": value} for name, value in sorted(sources.items())],
        "parameters": plan.parameters,
    }


def render(notebook: Any, page: dict[str, Any]) -> str:
    """The page of an executed notebook. Raises ReportFailed where the exporter refuses it."""
    from commissioning.presentation import exporter
    from commissioning.presentation.page import PageInfo, SourceFile

    sources = tuple(SourceFile(**one) for one in page.pop("sources", ()))
    return str(exporter.render(notebook, page=PageInfo(sources=sources, site_href="index.html", **page)))


def index(entries: Sequence[Entry], prefix: str) -> str:
    """The page that lists every report by pilot and stage; `prefix` leads from it to the reports."""
    from commissioning.presentation import site

    return str(site.index_page(entries, prefix=prefix))
