"""Released figures as frames for an analyst: outcomes, spend, and one beside the other, all years, in units that people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from commissioning.disclosure import Released
from commissioning.errors import UsageError
from commissioning.measures import Measure
from commissioning.study import asked, breaks, frames, outcomes, sources, spend_lines, unagreed
from commissioning.study.frames import Frame, Provenance
from commissioning.study.prepared import EVERYBODY

if TYPE_CHECKING:
    from commissioning.study.opened import Study

OUTCOMES = ("measure", "title", "period", "group", "value", "lower", "upper", "numerator", "denominator", "unknown", "unit", "state",
            "status")  # fmt: skip
SPEND = ("period", "line", "whose", "cash_pence", "real_pence", "scope", "basis")
BESIDE = ("measure", "title", "period", "value", "lower", "upper", "unit", "people", "line", "spend_pence", "real_pence", "breaks",
          "state", "status")  # fmt: skip
WHOLE = EVERYBODY[0]
WHOLE_AREA = "whole area"


def outcomes_frame(study: Study, by: str | None = None, periods: Any = "all") -> Frame:
    """See `Study.outcomes`."""
    measures = {key: one for key, one in outcomes.of_kind(study.measures, "outcome").items() if key in study.held}
    rows = _rows(study, measures, by)
    rows = rows[_chosen(study, rows["period"].astype(str), periods)]
    made = _in_words(rows, measures)
    why = ""
    if made.empty:
        why = _why_no_outcomes(study, measures, by, periods)
    return frames.made(made[list(OUTCOMES)], provenance(study, measures.values(), rows, "released outcomes"), why, made)


def of_the_whole(study: Study, frame: pd.DataFrame, rests_on: Provenance, why: str = "") -> Frame:
    """A frame of what is told for the whole area alone; where a part of it is open, each row says so, and so does its caption."""
    if not study.level:
        return frames.made(frame, rests_on, why)
    return frames.made(frame.assign(group=WHOLE_AREA), replace(rests_on, whole=(whole_words(study),)), why)


def whole_words(study: Study) -> str:
    """What the caption says of a frame of the whole area, where a part of it is open."""
    return f"Of the whole area, not of {study.part[1]} alone."


def provenance(study: Study, measures: Iterable[Measure], rows: pd.DataFrame, says: str) -> Provenance:
    """What a frame of released figures rests on."""
    shown = set(rows["measure"]) if "measure" in rows else set()
    mine = [one for one in measures if one.id in shown]
    files = sources.files_of(study.prepared, *sources.tables_of(mine))
    return Provenance(
        says=f"{says} of {study.settings.title}",
        tables=("released figures",),
        measures=tuple(one.id for one in mine),
        titles=tuple((one.id, one.title) for one in mine),
        extracts=files,
        source=sources.published_by(study.prepared, files),
        states=tuple(sorted(set(rows["state"]))) if "state" in rows else (),
        illustrative=study.prepared.illustrative,
    )


def try_measure(study: Study, measure: Measure, by: str | None = None, periods: Any = "all") -> Frame:
    """See `Study.try_measure`, and docs/decisions/0182-measures-of-ones-own.md."""
    if not isinstance(measure, Measure):
        raise UsageError(
            f"try_measure: give a measure that cm.measure made, not {measure!r}; an agreed one is in study.outcomes()"
        )
    found = study.prepared.try_measure(measure)
    rows = _rows(study, {measure.id: measure}, by, found).assign(state=unagreed.NOT_AGREED)
    rows = rows[_chosen(study, rows["period"].astype(str), periods)]
    unagreed.mark(f"the measure “{measure.title}”", unagreed.NOT_AGREED)
    rests_on = replace(provenance(study, [measure], rows, f"{measure.title}, which nobody has agreed:"), agreed=False)
    made = _in_words(rows, {measure.id: measure})
    return frames.made(made[list(OUTCOMES)], rests_on, f"No row of {measure.table} counts.", made)


def _rows(study: Study, measures: dict[str, Measure], by: str | None, released: Released | None = None) -> pd.DataFrame:
    """Released figures of these measures: of the whole (or of the level opened), or of each group of a kind."""
    every = (released or study.prepared.released).figures
    figures = every[every["measure"].isin(list(measures))]
    kind, name = study.part
    if by is None or (study.level and by == kind):
        return figures[figures["group_kind"].eq(kind) & figures["group"].eq(name)]
    asked.one_of("nothing in this study is split by", by, sorted(set(every["group_kind"]) - {WHOLE}))
    figures = figures[figures["group_kind"].eq(by)]
    return figures if kind == WHOLE else figures[figures["group"].map(_lies_in(study, by)).eq(name)]


def _lies_in(study: Study, by: str) -> dict[str, str]:
    """Group of a kind → the part of the area in which it lies, for parts of the kind that is open; empty where nothing says it."""
    return next(
        (of for kind, inside, of in study.prepared.record["lies_in"] if (kind, inside) == (by, study.part[0])), {}
    )


def _chosen(study: Study, periods: pd.Series, wanted: str | Sequence[str]) -> pd.Series:
    """True for each row of the periods asked for. Raises UsageError for what is no period."""
    quarter = outcomes.quarterly(periods)
    if isinstance(wanted, str):
        words = {"all": ~quarter, "years": ~quarter, "quarters": quarter, "latest": periods.eq(study.period)}
        if wanted in words:
            return words[wanted]
        wanted = [wanted]
    if not isinstance(wanted, Sequence) or not len(wanted):
        asked.a_period(wanted)
    return periods.isin([asked.a_period(one) for one in wanted])


def _in_words(rows: pd.DataFrame, measures: dict[str, Measure]) -> pd.DataFrame:
    """Released figures in the unit of each measure (pence in pounds), in the order of the pilot's measures."""
    rows = outcomes.with_statuses(outcomes.scaled(rows, measures), measures)
    status = rows["value_status"].astype(object)
    own = status.eq("the number itself")
    rows = rows.assign(value=rows["value"].where(~own, rows["numerator"]), status=status.where(~own, outcomes.KNOWN))
    pence = rows["measure"].map(lambda key: measures[key].unit.startswith("pence")).astype(bool)
    for column in ("numerator", *outcomes.LIMITS):
        number = pd.to_numeric(rows[column], errors="coerce")
        rows[column] = number.where(~pence, number / 100)
    order = {key: place for place, key in enumerate(measures)}
    rows = rows.assign(
        title=rows["measure"].map(lambda key: measures[key].title),
        unit=rows["measure"].map(lambda key: measures[key].unit.replace("pence", "£", 1)),
        place=rows["measure"].map(order),
    )
    return rows.sort_values(["place", "period", "group"], kind="stable")


def _why_no_outcomes(study: Study, measures: dict[str, Measure], by: str | None, periods: Any) -> str:
    if not measures:
        lacking = sources.tables_of(outcomes.of_kind(study.measures, "outcome").values())
        return f"No outcome is known: no file here holds {' or '.join(lacking)}."
    if by is not None:
        if study.level and not _lies_in(study, by):
            return f"Nothing here says which {by} lies in {study.part[1]}: open the whole area to see each {by}."
        return f"No outcome of this pilot is split by {by}."
    if not isinstance(periods, str) or periods not in ("all", "years", "quarters", "latest"):
        return f"No outcome is known for {periods if isinstance(periods, str) else ', '.join(periods)}."
    return f"No outcome is known{f' for {study.level}' if study.level else ''}."


# --- spend


def lines_of(study: Study) -> spend_lines.SpendLines:
    """Every spend line of the study, for its area or its level."""
    kind, name = study.part
    return spend_lines.lines(study.prepared, study.settings, kind, name if study.level else None)


def spend_frame(study: Study, real: bool = True) -> Frame:
    """See `Study.spend`."""
    if not isinstance(real, bool):
        raise UsageError(f"real={real!r}: write True or False")
    found = lines_of(study)
    rows = found.frame.rename(columns={"year": "period", "what": "line", "perspective": "whose", "pence": "cash_pence"})
    if not real:
        rows = rows.assign(real_pence=pd.array([None] * len(rows), dtype="Int64"))
    why = " ".join(found.notes) or "No file here holds spend of this service: packages, payments or a published return."
    return frames.made(rows.reindex(columns=list(SPEND)), _of_spend(study, found), why)


def _of_spend(study: Study, found: spend_lines.SpendLines) -> Provenance:
    files = sources.files_of(study.prepared, *found.tables, "deflators")
    mine = {one: study.measures[one].title for one in study.settings.own_spend if one in study.held}
    return Provenance(
        says=f"spend of {study.settings.title}, in cash and in {study.settings.price_base} prices by {found.prices}",
        tables=("released figures", *(("area_spend",) if "area_spend" in found.tables else ())),
        measures=tuple(mine),
        titles=tuple(mine.items()),
        extracts=files,
        source=sources.published_by(study.prepared, files),
        illustrative=study.prepared.illustrative,
    )


def beside_frame(study: Study) -> Frame:
    """See `Study.outcomes_against_spend`."""
    shown, found = outcomes_frame(study), lines_of(study)
    people = _people(study)
    jumps = breaks.people_that_jump(people)
    rows = pd.DataFrame(shown)
    chosen = {scope: _one_line_a_year(found.frame, scope) for scope in ("purpose", "shared")}
    added = []
    for one in rows.itertuples():
        line = chosen.get(study.measures[str(one.measure)].spend_scope, {}).get(one.period)
        what, pence, real = (line.what, line.pence, line.real_pence) if line is not None else ("", None, None)
        jump = [jumps.get(one.period, ""), breaks.series_break(study.prepared, str(one.measure), of=one.period)]
        added.append((people.get(one.period), what, pence, real, "; ".join(filter(None, jump))))
    more = pd.DataFrame(added, columns=["people", "line", "spend_pence", "real_pence", "breaks"], index=rows.index)
    more = more.astype({"people": "Float64", "spend_pence": "Int64", "real_pence": "Int64"})
    of = shown.provenance
    assert of is not None
    joined = rows.drop(columns=["group", "numerator", "denominator", "unknown"]).join(more)
    return frames.made(joined.reindex(columns=list(BESIDE)), of | _of_spend(study, found), shown.why)


def _one_line_a_year(lines: pd.DataFrame, scope: str) -> dict[str, Any]:
    """Year → the line of spend that stands beside outcomes of this scope: never an award, which is a promise; gross before net, and
    of a published return the long-term support of the age band, of which published outcomes are."""
    mine = lines[lines["scope"].eq(scope) & lines["table"].ne(spend_lines.PROMISED)]
    mine = mine.assign(net=mine["basis"].eq("net current"), long=mine["what"].str.startswith("Long-term support"))
    mine = mine.sort_values(["net", "long", "pence"], ascending=[True, False, False], kind="stable")
    return {str(one.year): one for one in reversed(list(mine.itertuples()))}


def _people(study: Study) -> dict[str, float]:
    """Year → how many different people were supported, once each, as released; empty where no measure counts them."""
    counted = [key for key, one in outcomes.of_kind(study.measures, "output").items() if one.unit == "people"]
    held = [one for one in counted if one in study.held][:1]
    rows = _rows(study, {one: study.measures[one] for one in held}, None)
    return {str(one.period): float(one.numerator) for one in rows.itertuples() if pd.notna(one.numerator)}
