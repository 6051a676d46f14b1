"""What changed since the version published before: numbers, definitions, methods, providers.

Two reports' JSON in, a short honest list out. Nothing here judges a change; it says what is
different, so that nobody has to find out by surprise.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from commissioning.presentation import columns, display, words
from commissioning.presentation.display import Context, Display, Kind

_KEYS = ("measure", "area", "group_kind", "group", "period")
_NUMBERS = ("numerator", "denominator", "value", "lower", "upper", "spend_pence", "claim")
_NAMES = {
    "numerator": "number",
    "denominator": "out of",
    "lower": "lower limit",
    "upper": "upper limit",
    "spend_pence": "spend",
}
MOST_LISTED = 30


class Changes(Display):
    """What is different between two reports. `first` is True where there is no version before this one."""

    kind = "changes"

    def __init__(
        self,
        *,
        numbers: Sequence[Sequence[str]] = (),
        definitions: Sequence[str] = (),
        methods: Sequence[str] = (),
        providers: Sequence[str] = (),
        first: bool = False,
        id: str = "changes",
    ):
        super().__init__(
            {
                "id": id,
                "title": "What changed",
                "through": "released",
                "first": first,
                "numbers_changed": [list(row) for row in numbers],
                "definitions": list(definitions),
                "methods": list(methods),
                "providers": list(providers),
            }
        )

    @property
    def any(self) -> bool:
        """True where something is different."""
        record = self.record
        return any(record[name] for name in ("numbers_changed", "definitions", "methods", "providers"))


def compare(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Changes:
    """The differences between two reports' JSON; `before` is None for a first version.

    Numbers are compared in `figures`, row by row on measure, area, group and period. Definitions and methods
    are compared in `definitions` and `methods` (id → words or hash), and `code_version`; providers are the groups of kind
    "provider" or "organisation" that came or went.
    """
    if before is None:
        return Changes(first=True)
    old, new = _figures(before), _figures(after)
    titles = {**_titles(before), **_titles(after)}
    return Changes(
        numbers=_numbers(old, new, titles),
        definitions=_named(before.get("definitions"), after.get("definitions"), "definition", titles),
        methods=_methods(before, after),
        providers=_providers(old, new),
    )


def _figures(report: Mapping[str, Any]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    rows: Iterable[Mapping[str, Any]] = report.get("figures") or ()
    return {tuple(str(row.get(key) or "") for key in _KEYS): row for row in rows}


def _titles(report: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for key, words_ in dict(report.get("definitions") or {}).items():
        found[key] = str(words_.get("title", key)) if isinstance(words_, Mapping) else str(words_)
    return found


def _numbers(
    old: Mapping[tuple[str, ...], Mapping[str, Any]],
    new: Mapping[tuple[str, ...], Mapping[str, Any]],
    titles: Mapping[str, str],
) -> list[list[str]]:
    rows = []
    for key in sorted(set(old) | set(new)):
        measure, _, _, group, period = key
        name = titles.get(measure, measure.replace("_", " "))
        where = " · ".join(part for part in (group if group not in ("", "all") else "", period) if part)
        if key not in old:
            rows.append([name, where, "figure", "not in it", "added"])
        elif key not in new:
            rows.append([name, where, "figure", "was in it", "no longer in it"])
        else:
            was_hidden, is_hidden = old[key].get("hidden"), new[key].get("hidden")
            for field in _NUMBERS:
                if was_hidden == is_hidden and old[key].get(field) == new[key].get(field):
                    continue  # the same value is shown in the same words: most rows, and wording takes long
                was, now = _shown(old[key], field), _shown(new[key], field)
                if was != now:
                    rows.append([name, where, _NAMES.get(field, field), was, now])
    return rows


def _shown(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    if value is None or str(value) in ("<NA>", "nan"):
        hidden = row.get("hidden") is True
        return "hidden" if hidden and field not in ("claim", "spend_pence") else "not given"
    if field == "spend_pence":
        return words.money(int(value))
    if isinstance(value, (int, float)):
        return words.number(value, 0 if float(value) == int(value) else 1)
    return str(value)


def _named(before: Any, after: Any, word: str, titles: Mapping[str, str]) -> list[str]:
    old, new = dict(before or {}), dict(after or {})
    found = [f"New {word}: {titles.get(key, key)}." for key in sorted(set(new) - set(old))]
    found += [f"The {word} of {titles.get(key, key)} is no longer used." for key in sorted(set(old) - set(new))]
    changed = [key for key in sorted(set(old) & set(new)) if old[key] != new[key]]
    return found + [
        f"The {word} of {titles.get(key, key)} changed: earlier figures may not compare." for key in changed
    ]


def _methods(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    found = _named(before.get("methods"), after.get("methods"), "method", {})
    old, new = before.get("code_version"), after.get("code_version")
    if old != new:
        found.append(f"The workbench's version went from {old or 'not given'} to {new or 'not given'}.")
    return found


def _providers(old: Iterable[tuple[str, ...]], new: Iterable[tuple[str, ...]]) -> list[str]:
    def held(keys: Iterable[tuple[str, ...]]) -> set[str]:
        return {key[3] for key in keys if key[2] in ("provider", "organisation") and key[3]}

    was, now = held(old), held(new)
    return [f"{name} is new in this report." for name in sorted(now - was)] + [
        f"{name} is no longer in this report." for name in sorted(was - now)
    ]


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    open_ = f'<div class="changes" id="{record["id"]}">'
    if record["first"]:
        return open_ + "<p>This is the first version of this report. There is nothing to compare it with.</p></div>"
    text = open_
    rows = record["numbers_changed"]
    if rows:
        heads = ("Measure", "Where and when", "What", "Before", "Now")
        head = "".join(f'<th scope="col">{name}</th>' for name in heads)
        shown = rows[:MOST_LISTED]
        body = "".join(
            "<tr>"
            + "".join(columns.row_head(c) if i == 0 else f"<td>{esc(c)}</td>" for i, c in enumerate(row))
            + "</tr>"
            for row in shown
        )
        count = f"{len(rows)} numbers are different" if len(rows) > 1 else "One number is different"
        if len(rows) > MOST_LISTED:
            count += f"; the first {MOST_LISTED} are listed"
        text += columns.boxed(f"{record['id']}-numbers", count, head, body, heads, shown)
    else:
        text += "<p>No number is different.</p>"
    for name, label in (("definitions", "Definitions"), ("methods", "Methods"), ("providers", "Providers")):
        if record[name]:
            items = "".join(f"<li>{esc(item)}</li>" for item in record[name])
            text += f"<p><strong>{label}</strong></p><ul>{items}</ul>"
        else:
            text += f"<p><strong>{label}:</strong> no change.</p>"
    return text + "</div>"


display.register(
    "changes",
    Kind(problems=display.common_problems, html=_html, plain=lambda r: f"Changes: {len(r['numbers_changed'])} numbers"),
)
