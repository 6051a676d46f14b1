"""What the runner hands to presentation: the facts around a page, and the site's index."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import commissioning
from commissioning.runs.keys import FileHashes
from commissioning.runs.plan import LATEST, ReportPlan
from commissioning.runs.publish import Entry

SETTINGS = (".toml", ".md")
STAGE_WORDS = {"pilot": "The pilot as a whole", "cabinet_summary": "All pilots", "service_reviews": "All services"}


def settings(root: Path, data: Path, plan: ReportPlan, pilots: dict[str, Any], hashes: FileHashes) -> dict[str, str]:
    """Hashes of the files that people write and a page repeats: titles, contacts, assumptions, lessons, scores.

    Named as reports name them: `<pilot>/pilot.toml`; scores by their place in the checkout, or, where they lie in the
    folder of extracts, by their name alone.
    """
    found: dict[str, str] = {}
    for name in [plan.pilot] if plan.pilot else list(pilots):
        for path in sorted((root / "pilots" / name).iterdir()):
            if path.suffix in SETTINGS and path.is_file():
                found[f"{name}/{path.name}"] = hashes.of(path)
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
) -> dict[str, Any]:
    """The facts around a page, as plain JSON. The run's name on the page follows from what the report was
    made of, not from the clock, so that the same report has the same bytes. `written`: see `settings`."""
    from commissioning.presentation import signoff

    first = pilots[plan.pilot] if plan.pilot else next(iter(pilots.values()))
    read = [cards[one] for one in plan.studies]
    fingerprint = read[0].fingerprint if len(read) == 1 else "-".join(one.fingerprint[:12] for one in read)
    sources = {name: value for one in read for name, value in one.hashes.items()}
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
        "organisation": getattr(first, "organisation", ""),
        "contact": getattr(first, "contact", ""),
        "code_version": commissioning.__version__,
        "data_fingerprint": fingerprint,
        "sources": [{"name": name, "sha256": value} for name, value in sorted(sources.items())],
        "parameters": plan.parameters,
        "pilot_easy_read": signoff.easy_read_name(plan.own) if plan.own else None,
    }


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A page, the files that go beside it, and what the site's index says of it."""

    page: str
    files: dict[str, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)


def render(notebook: Any, page: dict[str, Any]) -> Rendered:
    """The page of an executed notebook. Raises ReportFailed where the exporter refuses it.

    Besides what `info` gives, `page` may hold `report` (the report's JSON), `before` and `changes_before` (the text of
    the JSON published before it, and of what had changed then), `easy_read` (a file name) and `id`.
    """
    from commissioning.presentation import exporter, site, words
    from commissioning.presentation.page import PageInfo, SourceFile

    facts = dict(page)
    name, report = facts.pop("id", ""), facts.pop("report", {})
    changes = _changes(report, facts.pop("before", None), facts.pop("changes_before", None))
    pilot_title = facts.pop("pilot_title", "") or facts["pilot"]
    title = first_heading(notebook) or facts["title"]
    period = str(report.get("period") or facts["period"])
    if period == LATEST and page["pilot"]:
        period = "No outcome is held of any period"
    facts |= {
        "title": title,
        "pilot": pilot_title,
        "stage": STAGE_WORDS.get(facts["stage"], facts["stage"].replace("_", " ").capitalize()),
        "period": period,
        "level": words.level(facts["level"]),
        "area": _area(report, facts["area"]),
        "sources": tuple(SourceFile(**one) for one in facts.pop("sources", ())),
        "easy_read_href": facts.pop("easy_read", None),
        "pilot_easy_read_href": facts.pop("pilot_easy_read", None),
    }
    html = str(exporter.render(notebook, page=PageInfo(changes=changes, site_href="index.html", **facts)))
    files = {f"{name}.changes.json": _text(changes.record)} if name else {}
    primary = [str(one) for one in report.get("primary") or ()]
    return Rendered(
        page=html,
        files=files,
        summary={
            "title": title,
            "period": period,
            "organisation": facts["organisation"],
            "area": facts["area"],
            # A page across pilots repeats theirs.
            "trends": site.trends(report, primary) if page["pilot"] else [],
        },
    )


def _changes(report: dict[str, Any], before: str | None, changes_before: str | None) -> Any:
    """What changed since the version published before. A report made anew that came out the same is the same version:
    it goes on saying what had changed when it was first published, so that its bytes are the same too."""
    from commissioning.presentation import changes

    earlier = None
    with contextlib.suppress(ValueError, TypeError):
        earlier = json.loads(before) if before else None
    if earlier is not None and earlier == report and changes_before:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            kept = json.loads(changes_before)
            return changes.Changes(
                numbers=kept["numbers_changed"],
                definitions=kept["definitions"],
                methods=kept["methods"],
                providers=kept["providers"],
                first=kept["first"],
            )
    return changes.compare(earlier, report)


def _area(report: dict[str, Any], code: str) -> str:
    """`Wirral (E08000015)`; the code alone where no name is known."""
    code = code or str(report.get("area") or "")
    name = str(report.get("area_name") or "")
    return f"{name} ({code})" if name and name != code else code


def first_heading(notebook: Any) -> str:
    """The notebook's own title: its first heading of the first level."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("# "):
                    return str(line[2:].strip())
    return ""


def _text(record: Any) -> str:
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"


def index(
    entries: Sequence[Entry],
    prefix: str,
    earlier: Sequence[dict[str, str]] = (),
    not_made: Sequence[dict[str, str]] = (),
    altered: Sequence[dict[str, str]] = (),
) -> str:
    """The page that lists every report by pilot and stage; `prefix` leads from it to the reports, `earlier` to the
    versions published before; `not_made` are the reports that the last run could not make, `altered` those that
    somebody changed once they were published."""
    from commissioning.presentation import site

    organisations = {str(one.summary.get("organisation") or "") for one in entries} - {""}
    organisation = organisations.pop() if len(organisations) == 1 else ""
    return str(
        site.index_page(
            entries, prefix=prefix, earlier=earlier, not_made=not_made, altered=altered, organisation=organisation
        )
    )
