"""What an analyst sees first: what a study holds, what it lacks, and what to call next."""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING

from commissioning.presentation.notebook_table import DEFINED
from commissioning.study import outcomes, sources
from commissioning.wording import counted

if TYPE_CHECKING:
    from commissioning.study.opened import Study

NEXT = ("outcomes()", "spend()", "outcomes_against_spend()", "effects().tidy()", "value()", "explain(measure)")
MOST = 4
DESIGNS = {
    "staggered": "places started at different times",
    "before_after": "before and after, beside others",
    "interrupted": "one series, interrupted by the start",
    "synthetic": "beside a mix of others",
}


WHOLE_AREA = (
    "effects(), value() and what_if() are of the whole area, not of the part that is open; their column `group` says so"
)


def lines(study: Study) -> list[tuple[str, str]]:
    """Label and text of each line."""
    return [
        ("Files", _files(study)),
        ("Periods", _periods(study)),
        ("Measures held", _held(study)),
        ("Lacking", _lacking(study)),
        ("Design", _design(study)),
        ("Whole area", WHOLE_AREA if study.level else ""),
        ("Next", " · ".join(f"study.{one}" for one in _next(study))),
    ]


def heading(study: Study) -> str:
    """Which pilot, where and when, and whether it is made up."""
    where = study.level.replace("=", " ") if study.level else study.settings.area_name
    asked = study.parameters.period
    when = f"{study.period or 'no period'}{', the latest' if asked == 'latest' and study.period else ''}"
    made_up = " Illustrative: everybody in it is made up." if study.prepared.illustrative else ""
    tried = " A what-if: nobody agreed its settings, and it is never published." if study.parameters.what_if else ""
    return f"{study.settings.title}, {where}, {when}.{made_up}{tried}"


def as_text(heading: str, lines: list[tuple[str, str]]) -> str:
    """For a terminal, and for what is stored of a notebook."""
    wide = max(len(label) for label, _ in lines)
    return "\n".join([heading, *(f"  {label.ljust(wide)}  {text}" for label, text in lines if text)])


def as_html(heading: str, lines: list[tuple[str, str]]) -> str:
    """The same in JupyterLab, in the colours of its theme."""
    rows = "".join(f"<dt>{html.escape(label)}</dt><dd>{_code(label, text)}</dd>" for label, text in lines if text)
    return f'<div class="cm-study">{DEFINED}<p><strong>{html.escape(heading)}</strong></p><dl>{rows}</dl></div>'


def _code(label: str, text: str) -> str:
    if label != "Next":
        return html.escape(text)
    return " · ".join(f"<code>{html.escape(one)}</code>" for one in text.split(" · "))


def _files(study: Study) -> str:
    files = study.prepared.files
    read = sorted({one["table"] for one in files if one["status"] == "accepted" and one["table"]})
    aside = sum(one["status"] != "accepted" for one in files)
    said = f"{counted(len(files) - aside, 'file')} read" + (f" ({', '.join(read)})" if read else "")
    return said + (f"; {aside} left aside" if aside else "")


def _periods(study: Study) -> str:
    years = sorted({one[:7] for one in study.prepared.record["periods"] if one})
    if not years:
        return "none"
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def _held(study: Study) -> str:
    held = {key: study.measures[key] for key in study.held}
    kinds = Counter(one.kind.word for key, one in held.items() if key in outcomes.of_kind(held, one.kind.word))
    found = [
        counted(kinds[word], word, "processes" if word == "process" else "")
        for word in ("outcome", "output", "input", "process")
        if kinds[word]
    ]
    primary = [one.title for one in held.values() if one.primary]
    main = f"; first of all: {'; '.join(primary[:2])}" if primary else ""
    return (", ".join(found) or "none") + main


def _lacking(study: Study) -> str:
    """Outcomes that no extract here holds, by id, and the tables that they would be counted from."""
    without = [one for key, one in outcomes.of_kind(study.measures, "outcome").items() if key not in study.held]
    if not without:
        return ""
    needed = [one for one in sources.tables_of(without) if one not in study.prepared.tables_held]
    named = ", ".join(one.id for one in without[:MOST]) + (
        f" and {len(without) - MOST} more" if len(without) > MOST else ""
    )
    return f"{counted(len(without), 'outcome')} ({named})" + (
        f": no extract of {', '.join(needed[:MOST])}" if needed else ""
    )


def _design(study: Study) -> str:
    design = study.settings.design
    if design is None or design.kind == "none":
        return "none: levels are described, and no effect is estimated"
    standing = study.sealed.sealed_words.rstrip(".")
    return f"{design.kind} ({DESIGNS[design.kind]}), by {design.unit or 'the whole'}; {standing}"


def _next(study: Study) -> tuple[str, ...]:
    published = [one for one in study.settings.published_measures if one in study.held]
    return (*NEXT, f"compare({published[0]!r})") if published else NEXT
