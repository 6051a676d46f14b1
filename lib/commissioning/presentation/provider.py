"""One page back to each provider: its own released figures beside those of everybody, and how to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from commissioning.presentation import exporter, grid, replies, signoff, words
from commissioning.presentation.page import PageInfo
from commissioning.wording import counted

KINDS = ("provider", "organisation")
NOBODY = ("together", "not known", "unknown", "all", "recorded")  # how groups end that are no one provider
COLUMNS = (
    ("title", "Outcome", "text", 0),
    ("value", "Yours", "number", 1),
    ("lower", "Lower limit", "number", 1),
    ("upper", "Upper limit", "number", 1),
    ("denominator", "Out of", "number", 0),
    ("everybody", "Everybody", "number", 1),
    ("before", "Yours, the year before", "number", 1),
    ("unit", "Unit", "text", 0),
)


def pages(report: Mapping[str, Any], page: PageInfo) -> dict[tuple[str, str], bytes]:
    """The pages of a report's providers by file name (`<report>.provider-<name>.html`) and name; none where it has no figures of any.

    They hold what the report's JSON holds, which disclosure control let out, and nothing else: a name stands where the figures
    name it, and one whose every figure is hidden has no page.
    """
    figures = [
        one
        for one in report.get("figures") or ()
        if one.get("period") == report.get("period") or _year_before(one, report)
    ]
    everybody = {(one["measure"], one["period"]): one for one in figures if one.get("group_kind") == "all"}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in figures:
        name = str(one.get("group", ""))
        if one.get("group_kind") in KINDS and not name.lower().endswith(NOBODY):
            found.setdefault(name, []).append(one)
    taken: set[str] = set()
    made = {}
    for name in sorted(found):
        rows = _rows(found[name], everybody, report)
        shown = [row for row in rows if not (isinstance(row[1], str) and isinstance(row[6], str))]
        if shown:
            file = f"{page.file}.provider-{exporter.unique(words.slug(name), taken)}"
            made[f"{file}.html", name] = _html(name, shown, len(rows) - len(shown), file, page).encode("utf-8")
    return made


def _year_before(one: Mapping[str, Any], report: Mapping[str, Any]) -> bool:
    return one.get("period") == _before(str(report.get("period", "")))


def _before(period: str) -> str:
    start = period[:4]
    return f"{int(start) - 1}-{start[2:]}" if start.isdigit() and len(period) == 7 else ""


def _rows(own: list[Mapping[str, Any]], everybody: Mapping[Any, Any], report: Mapping[str, Any]) -> list[list[Any]]:
    period = report.get("period")
    then = {one["measure"]: one for one in own if one["period"] != period}
    rows = []
    for one in sorted((one for one in own if one["period"] == period), key=lambda one: str(one["measure"])):
        card = (report.get("definitions") or {}).get(one["measure"], {})
        numbers = [
            _number(one, name, places)
            for name, places in (("value", 1), ("lower", 1), ("upper", 1), ("denominator", 0))
        ]
        others = _number(everybody.get((one["measure"], period)), "value", 1)
        rows.append(
            [
                card.get("title", one["measure"]),
                *numbers,
                others,
                _number(then.get(one["measure"]), "value", 1),
                card.get("unit", ""),
            ]
        )
    return rows


def _number(one: Mapping[str, Any] | None, name: str, places: int) -> Any:
    if one is None:
        return "not known"
    if one.get("hidden"):
        return "hidden"
    value = one.get(name)
    return "not known" if value is None else round(float(value), places) if places else int(value)


def _html(name: str, rows: list[list[Any]], hidden: int, file: str, page: PageInfo) -> str:
    data = {
        "columns": [dict(zip(("name", "label", "kind", "decimals"), one, strict=True)) for one in COLUMNS],
        "rows": rows,
    }
    caption = f"{page.period}. Rounded, and small numbers hidden, so that nobody can be recognised. The range holds the true share in 19 of 20 cases."
    css, digest = exporter.style("page.css", "components.css")
    return str(
        exporter.template("provider.html.j2").render(
            page=page,
            name=name,
            hidden=counted(hidden, "more outcome is", "more outcomes are") if hidden else "",
            table=Markup(grid.table_html(data, caption, "figures")),
            published=Markup(signoff.published_block()),
            status=Markup(signoff.status_block(page.signoffs)),
            act=Markup(replies.act(page, f"{name}: ")),
            css=Markup(css),
            digest=digest,
        )
    )
