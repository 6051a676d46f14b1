"""What changed since the version published before: causes first, then every number, definitions, methods, providers.

Two reports' JSON in, with what their pages print; an honest list out. Nothing here judges a change; it says what is
different, so that nobody has to find out by surprise.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from commissioning.presentation import differences, display, grid
from commissioning.presentation.differences import Difference
from commissioning.presentation.display import Context, Display, Kind
from commissioning.wording import written

MOST_IN_A_LINE = 12  # numbers of one measure that its line on the page names; `<report>.changes.json` names all
LISTS = ("causes", "numbers_changed", "definitions", "methods", "providers")


class Changes(Display):
    """What is different between two reports. `first` is True where there is no version before this one.

    `numbers_changed` are rows of measure, where and when, what, before, now. `printed` is what this version's page prints, for
    the version after it to be held against.
    """

    kind = "changes"

    def __init__(self, *, first: bool = False, printed: Mapping[str, Any] | None = None, **lists: Sequence[Any]):
        held = {name: list(lists.get(name, ())) for name in LISTS}
        about = {"id": "changes", "title": "What changed", "through": "released", "first": first}
        super().__init__({**about, **held, "printed": dict(printed or {})})

    @property
    def any(self) -> bool:
        """True where something is different."""
        return any(self.record[name] for name in LISTS)


def compare(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    *,
    causes: Sequence[str] = (),
    printed_before: Mapping[str, Mapping[str, str]] | None = None,
    printed: Mapping[str, Mapping[str, str]] | None = None,
) -> Changes:
    """The differences between two reports' JSON; `before` is None for a first version.

    Every number of the JSON is compared, and every one that the pages print (`differences.printed`; `printed_before` None
    where the earlier one is not kept). Definitions, methods, and what is agreed and sealed are compared in `definitions`,
    `methods`, `settings` and `seal`. Providers are the groups of kind "provider" or "organisation" that came or went.
    `causes` is what the report was made from that is no longer the same, as whoever ran it knows.
    """
    if before is None:
        return Changes(first=True, printed=printed)
    titles = _titles(before) | _titles(after)
    told = differences.of_results(before, after)
    told += differences.of_pages(printed_before, printed or {}, told, titles)
    return Changes(
        causes=causes,
        numbers_changed=_in_order(told, titles, str(after.get("period") or "")),
        definitions=_named(before.get("definitions"), after.get("definitions"), "definition", titles),
        methods=_methods(before, after, titles),
        providers=_providers(before, after),
        printed=printed,
    )


def again(kept: Mapping[str, Any]) -> Changes:
    """What was said of a version when it was published first. Raises KeyError where its record is of another kind."""
    return Changes(first=kept["first"], printed=kept["printed"], **{name: kept[name] for name in LISTS})


def _titles(report: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for key, words_ in dict(report.get("definitions") or {}).items():
        found[key] = str(words_.get("title", key)) if isinstance(words_, Mapping) else str(words_)
    return found


def _in_order(told: Iterable[Difference], titles: Mapping[str, str], period: str) -> list[list[str]]:
    """Rows by measure; in each first those of the whole area and of the report's period, as readers look for them."""
    rows = [(titles.get(one.about, one.about.replace("_", " ")), one) for one in told]

    def place(row: tuple[str, Difference]) -> tuple[Any, ...]:
        name, one = row
        return name, " · " in one.where, period not in one.where, one.where, one.what

    return [[name, one.where, one.what, one.before, one.now] for name, one in sorted(rows, key=place)]


def _named(before: Any, after: Any, word: str, titles: Mapping[str, str]) -> list[str]:
    old, new = dict(before or {}), dict(after or {})
    found = [f"New {word}: {titles.get(key, key.replace('_', ' '))}." for key in sorted(set(new) - set(old))]
    found += [
        f"The {word} of {titles.get(key, key.replace('_', ' '))} is no longer used."
        for key in sorted(set(old) - set(new))
    ]
    changed = [titles.get(key, key.replace("_", " ")) for key in sorted(set(old) & set(new)) if old[key] != new[key]]
    return found + [f"The {word} of {name} changed: earlier figures may not compare." for name in changed]


def _methods(before: Mapping[str, Any], after: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    """Methods, and what was agreed: a gate, a floor, a worthwhile change, a plan; and whether it was sealed."""
    found = _named(before.get("methods"), after.get("methods"), "method", titles)
    old, new = dict(before.get("settings") or {}), dict(after.get("settings") or {})
    for place in sorted({*old, *new}):
        if old.get(place) != new.get(place):
            found.append(
                f"{_place(place, titles)}: {written(old.get(place), none='not there')} → {written(new.get(place), none='not there')}."
            )
    sealed, now = ((one.get("seal") or {}).get("says", "") for one in (before, after))
    if sealed != now and now:
        found.append(f"What was agreed is sealed otherwise than before: {now}")
    was, is_ = before.get("code_version"), after.get("code_version")
    if was != is_:
        found.append(f"The workbench's version went from {was or 'not given'} to {is_ or 'not given'}.")
    return found


def _place(place: str, titles: Mapping[str, str]) -> str:
    parts = [titles.get(part, part.replace("_", " ")) for part in place.split(".")]
    return " · ".join(part for part in parts if part)


def _providers(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    def held(report: Mapping[str, Any]) -> set[str]:
        rows = [one for one in report.get("figures") or () if isinstance(one, Mapping) and one.get("group")]
        return {str(one["group"]) for one in rows if one.get("group_kind") in ("provider", "organisation")}

    was, now = held(before), held(after)
    come = [f"{name} is new in this report." for name in sorted(now - was)]
    return come + [f"{name} is no longer in this report." for name in sorted(was - now)]


def lines(rows: Iterable[Sequence[str]], most: int | None = MOST_IN_A_LINE) -> list[list[str]]:
    """One line a measure: its name, how many of its numbers are different, and which; `most` of them, None for all."""
    by_measure: dict[str, list[str]] = {}
    for name, where, what, before, now in rows:
        by_measure.setdefault(name, []).append(f"{f'{where}, ' if where else ''}{what}: {before} → {now}")
    made = []
    for name, told in by_measure.items():
        more = f"; and {len(told) - most:,} more" if most is not None and len(told) > most else ""
        made.append([name, f"{len(told):,}", "; ".join(told[:most]) + more])
    return made


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    open_ = f'<div class="changes" id="{record["id"]}">'
    if record["first"]:
        return open_ + "<p>This is the first version of this report. There is nothing to compare it with.</p></div>"
    text = open_ + _list("Causes", record["causes"], "nothing that this report is made from is known to have changed")
    rows = record["numbers_changed"]
    if rows:
        heads = ("Measure", "Numbers that are different", "Which: before → now")
        head = "".join(f'<th scope="col">{name}</th>' for name in heads)
        shown = lines(rows)
        body = "".join(
            f"<tr>{grid.row_head(_plainly(one[0]))}<td class=num>{esc(one[1])}</td><td>{esc(_plainly(one[2]))}</td></tr>"
            for one in shown
        )
        count = f"{len(rows):,} numbers are different" if len(rows) > 1 else "One number is different"
        text += grid.boxed(f"{record['id']}-numbers", count, head, body, heads, shown)
    else:
        text += "<p>No number is different.</p>"
    labels = {"definitions": "Definitions", "methods": "Methods and what was agreed", "providers": "Providers"}
    return text + "".join(_list(label, record[name], "no change") for name, label in labels.items()) + "</div>"


def _plainly(text: str) -> str:
    """What a machine-readable name says: "pilots/x/pilot.toml, days_promised" → "The pilot's settings, days promised"."""
    return re.sub(r"\bpilots/\w+/pilot\.toml", "The pilot's settings", text).replace("_", " ")


def _list(label: str, items: Sequence[str], none: str) -> str:
    if not items:
        return f"<p><strong>{label}:</strong> {none}.</p>"
    return f"<p><strong>{label}</strong></p><ul>{''.join(f'<li>{html.escape(_plainly(item))}</li>' for item in items)}</ul>"


display.register(
    "changes",
    Kind(problems=display.common_problems, html=_html, plain=lambda r: f"Changes: {len(r['numbers_changed'])} numbers"),
)
