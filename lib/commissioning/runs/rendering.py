"""What the runner asks of presentation: the page of an executed notebook, and the site's index.

A worker loads this while it waits for its first kernel.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from commissioning import clock, states
from commissioning.presentation import changes, differences, easy_read, exporter, provider, site, words
from commissioning.presentation.page import (
    ORDER_OF_AN_ANNEX,
    REQUIRED_OF_A_REPORT,
    REQUIRED_OF_AN_ANNEX,
    PageInfo,
    SourceFile,
)
from commissioning.runs.plan import LATEST
from commissioning.runs.publish import Entry

STAGE_WORDS = {
    "pilot": "The pilot as a whole",
    "cabinet_summary": "All pilots",
    "service_reviews": "All services",
    "annex": "What stands behind the pages",
}


WITH_PROVIDERS = "review"


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A page, the files that go beside it, and what the site's index says of it."""

    page: str
    files: dict[str, bytes] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)


def render(notebook: Any, page: dict[str, Any]) -> Rendered:
    """The page of an executed notebook. Raises ReportFailed where the exporter refuses it.

    Besides what `pages.info` gives, `page` may hold `report` (the report's JSON), `before` and `changes_before` (the text of
    the JSON published before it, and of what had changed then), `easy_read` (a file name) and `id`.
    """
    facts = dict(page)
    name, report = facts.pop("id", ""), facts.pop("report", {})
    causes = tuple(str(one) for one in facts.pop("causes", ()))
    shown = differences.printed(notebook)
    what_changed = _changes(report, facts.pop("before", None), facts.pop("changes_before", None), shown, causes)
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
        "forced": tuple(facts.pop("forced", ())),
        "annexes": tuple((str(pilot), str(title), str(href)) for pilot, title, href in facts.pop("annexes", ())),
        "pilot_easy_read_href": facts.pop("pilot_easy_read", None),
    }
    facts["states"] = dict(report.get("states") or {})
    annex = {"required": REQUIRED_OF_AN_ANNEX, "sections": ORDER_OF_AN_ANNEX}
    facts |= annex if page["stage"] == "annex" else {"required": REQUIRED_OF_A_REPORT, "brief": True}
    facts |= {
        "file": name,
        "data_to": data_to(period),
        "beside": tuple(facts.pop("beside", ())),
        "dates": tuple((what, when) for what, when in facts.pop("dates", ())),
    }
    info = PageInfo(changes=what_changed, site_href="index.html", **facts)
    providers = provider.pages(report, info) if page["stage"] == WITH_PROVIDERS and name else {}
    html, files = exporter.made(notebook, page=replace(info, providers=tuple(providers)))
    files |= {file: text for (file, _), text in providers.items()}
    if name:
        files[f"{name}.changes.json"] = _text(what_changed.record).encode()
    primary = [str(one) for one in report.get("primary") or ()]
    return Rendered(
        page=html,
        files=files,
        summary={
            "title": title,
            "period": period,
            "organisation": facts["organisation"],
            "area": facts["area"],
            "forced": bool(facts["forced"]),
            # A page across pilots repeats theirs.
            "trends": site.trends(report, primary) if page["pilot"] else [],
        },
    )


def data_to(period: str) -> str:
    """The last day of a financial year or quarter in words; "" of anything else."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        return ""
    quarter = int(found[2] or 4)
    return clock.in_words(date(int(found[1]) + (quarter == 4), *_ENDS[quarter]))


_PERIOD = re.compile(r"(\d{4})-\d{2}(?: Q([1-4]))?")
_ENDS = {1: (6, 30), 2: (9, 30), 3: (12, 31), 4: (3, 31)}  # month and day


def _changes(
    report: dict[str, Any],
    before: str | None,
    changes_before: str | None,
    printed: dict[str, dict[str, str]] | None = None,
    causes: tuple[str, ...] = (),
) -> Any:
    """What changed since the version published before. A report made anew that came out the same is the same version:
    it goes on saying what had changed when it was first published, so that its bytes are the same too."""
    printed = printed or {}
    earlier = kept = None
    with contextlib.suppress(ValueError, TypeError):
        earlier = json.loads(before) if before else None
    with contextlib.suppress(ValueError, TypeError):
        kept = json.loads(changes_before) if changes_before else None
    printed_before = kept.get("printed") if isinstance(kept, dict) else None
    same = earlier is not None and states.without_states(earlier) == states.without_states(report)
    if same and printed_before == printed:
        with contextlib.suppress(KeyError, TypeError):
            return changes.again(kept or {})
    return changes.compare(earlier, report, causes=causes, printed_before=printed_before, printed=printed)


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


def warned(page: dict[str, Any], name: str, data: bytes) -> bytes:
    """An Easy Read page of a run that went on by --force says so; every other file is as it was written."""
    if not (page.get("forced") and name.endswith(".easy-read.html")):
        return data
    return easy_read.forced(data.decode("utf-8")).encode("utf-8")


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
    organisations = {str(one.summary.get("organisation") or "") for one in entries} - {""}
    organisation = organisations.pop() if len(organisations) == 1 else ""
    return str(
        site.index_page(
            entries, prefix=prefix, earlier=earlier, not_made=not_made, altered=altered, organisation=organisation
        )
    )
