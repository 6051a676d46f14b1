"""The site's front page: every report by pilot, period, level and stage, latest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from commissioning.presentation import drawing, exporter, signoff, words

_STAGES = ("pilot", "review", "do", "plan", "analyse", "annex")
_STAGE_WORDS = {
    "analyse": "Analyse", "plan": "Plan", "do": "Do", "review": "Review", "pilot": "The pilot as a whole",
    "cabinet_summary": "All pilots", "service_reviews": "All services", "annex": "What stands behind the pages"}  # fmt: skip


def _get(entry: Any, name: str, default: Any = "") -> Any:
    found = entry.get(name, default) if isinstance(entry, Mapping) else getattr(entry, name, default)
    return default if found is None else found


def index_page(
    entries: Sequence[Any],
    *,
    prefix: str = "",
    earlier: Iterable[Mapping[str, str]] = (),
    not_made: Iterable[Mapping[str, str]] = (),
    altered: Iterable[Mapping[str, str]] = (),
    organisation: str = "",
    title: str = "Evaluation reports",
) -> str:
    """The front page as HTML.

    `entries` have id, title, pilot, stage, period, area, level, files (names) and summary (as attributes or keys);
    `prefix` leads from this page to their files. `summary["status"]` holds the words of `signoff.status`, else it is a draft;
    `summary["trends"]` the primary measures' trends, as `trends` makes them. `earlier` are versions published before: mappings with href and title. `not_made` are reports that the last
    run could not make: mappings with id, title, pilot and period; the page of one that was made before still stands.
    `altered`, in the same form, are reports that were published and then changed by somebody: they are shown no longer.
    """
    lacking = {one["id"]: one for one in not_made}
    pilots: dict[str, list[Any]] = {}
    for entry in entries:
        pilots.setdefault(str(_get(entry, "pilot")), []).append(entry)
    taken = {"main", "contents-title", "earlier", "not-made", "altered"}
    shown = []
    for name in sorted(pilots, key=lambda one: (one == "", one)):
        held = pilots[name]
        heading = _heading(name)
        shown.append(
            {
                "heading": heading,
                "id": exporter.unique(words.slug(heading), taken),
                "trends": _trends(held),
                "periods": _periods(held, prefix, heading, taken, lacking),
            }
        )
    illustrative = any(_get(entry, "summary", {}).get("illustrative") is True for entry in entries)
    forced = [str(_get(entry, "title")) for entry in entries if _get(entry, "summary", {}).get("forced") is True]
    css, digest = exporter.style("page.css", "components.css", "site.css")
    return exporter.template("index.html.j2").render(
        title=title,
        organisation=organisation,
        pilots=shown,
        earlier=list(earlier),
        not_made=[
            _named(one) | {"stands": any(str(_get(entry, "id")) == name for entry in entries)}
            for name, one in sorted(lacking.items())
        ],
        altered=[_named(one) for one in altered],
        illustrative=illustrative,
        forced=list(dict.fromkeys(forced)),
        css=Markup(css),
        digest=digest,
    )


def _named(one: Mapping[str, str]) -> dict[str, Any]:
    """A report that is not shown as it should be: its title, and its pilot and period."""
    return {"title": one["title"], "of": ", ".join(filter(None, (_heading(one["pilot"]), _period(one["period"]))))}


def _heading(pilot: str) -> str:
    heading = pilot.replace("_", " ").capitalize() if pilot else "All pilots together"
    return "Voluntary, community and faith " + heading[4:] if heading.lower().startswith("vcf ") else heading


def _period(period: str) -> str:
    return "the latest period" if period in ("", "latest") else period


def _periods(
    entries: Sequence[Any],
    prefix: str,
    pilot: str,
    taken: set[str],
    lacking: Mapping[str, Any],
) -> list[dict[str, Any]]:
    periods: dict[str, list[Any]] = {}
    for entry in entries:
        periods.setdefault(str(_get(entry, "period")) or "Latest period", []).append(entry)
    found = []
    # "latest" sorts above every year, which is where it belongs.
    for period in sorted(periods, reverse=True):
        rows = []
        for entry in sorted(periods[period], key=_order):
            name = str(_get(entry, "id"))
            files = _get(entry, "files", {})
            easy = next(
                (one for one in files if one.startswith(name) and "easy" in one and one.endswith(".html")), None
            )
            stage = str(_get(entry, "stage"))
            state = str(_get(entry, "summary", {}).get("status") or signoff.DRAFT)
            rows.append(
                {
                    "stage": _STAGE_WORDS.get(stage, stage.replace("_", " ").capitalize()),
                    "level": _level(entry),
                    "title": str(_get(entry, "title")) or name,
                    "href": f"{prefix}{name}.html",
                    "easy": f"{prefix}{easy}" if easy else None,
                    "status": state,
                    "renewed": name not in lacking,
                    "signed": not state.startswith(signoff.DRAFT),
                }
            )
        found.append({"period": period, "id": exporter.unique(words.slug(f"{pilot} {period}"), taken), "rows": rows})
    return found


def _level(entry: Any) -> str:
    level, area = str(_get(entry, "level")), str(_get(entry, "summary", {}).get("area") or _get(entry, "area"))
    area = area.partition(" (")[0]  # the name alone: the code stands on the report, and is too wide for a phone
    return f"{words.level(level)}: {area}" if area and not level else words.level(level)


def _order(entry: Any) -> tuple[int, str, int, str]:
    stage = str(_get(entry, "stage"))
    place = _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
    level = str(_get(entry, "level"))
    return (0 if not level else 1, level, place, str(_get(entry, "id")))


def trends(report: Mapping[str, Any], primary: Iterable[str]) -> list[dict[str, Any]]:
    """The trend of each primary measure, from a report's JSON: title, and [period, value] of the whole area in order,
    and `breaks`, the periods at which the way of counting changed.

    Only released values are taken; a hidden period is left out, never drawn as zero.
    """
    titles = report.get("definitions") or {}
    breaks = report.get("series_breaks") or {}
    area = report.get("area")
    found = []
    for measure in primary:
        every = sorted(
            {
                (str(row["period"]), float(row["value"]))
                for row in report.get("figures") or ()
                if row.get("measure") == measure
                and row.get("group_kind") == "all"
                and (not area or row.get("area", area) == area)
                and not row.get("hidden")
                and isinstance(row.get("value"), (int, float))
            }
        )
        # Years and quarters are two series: a line through both would go up and down for no reason.
        points = [one for one in every if " Q" not in one[0]] or every
        if points:
            title = titles.get(measure, measure)
            name = title.get("title", measure) if isinstance(title, Mapping) else str(title)
            unit = str(title.get("unit", "")) if isinstance(title, Mapping) else ""
            found.append(
                {
                    "measure": measure,
                    "title": name,
                    "unit": unit,
                    "points": [list(point) for point in points],
                    "breaks": [str(one) for one in breaks.get(measure, ())],
                }
            )
    return found


def _trends(entries: Sequence[Any]) -> list[dict[str, Any]]:
    """One trend for each primary measure of a pilot, from its longest series."""
    best: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if str(_get(entry, "level")):
            continue
        for one in _get(entry, "summary", {}).get("trends") or ():
            if len(one["points"]) > len(best.get(one["measure"], {"points": ()})["points"]):
                best[one["measure"]] = one
    found = []
    for measure in sorted(best):
        points = [(str(period), float(value)) for period, value in best[measure]["points"]]
        changed = best[measure].get("breaks", ())
        # A period that is hidden may hold the break: then the next one shown stands beyond it.
        breaks = [now for (last, _), (now, _) in pairwise(points) if any(last < one <= now for one in changed)]
        words_ = f"{words.number(points[-1][1], 1)} in {points[-1][0]}"
        if len(points) > 1:
            words_ = f"{words.number(points[0][1], 1)} in {points[0][0]}, {words_}"
        if unit := best[measure].get("unit"):
            words_ += f" ({unit})"
        if breaks:
            words_ += f". The way of counting changed in {' and in '.join(breaks)}: no change is claimed across that"
        found.append(
            {
                "title": best[measure]["title"],
                "words": words_,
                "picture": drawing.as_link(_spark(points, breaks)),
                "alt": f"Trend of {best[measure]['title']}: {words_}.",
            }
        )
    return found


def _spark(points: Sequence[tuple[str, float]], breaks: Sequence[str]) -> str:
    """A small line, drawn once; matplotlib is loaded only where there is one to draw."""
    from commissioning import charts

    return charts.svg_of(
        charts.spark({"period": [one for one, _ in points], "value": [one for _, one in points]}, breaks=breaks)
    )
