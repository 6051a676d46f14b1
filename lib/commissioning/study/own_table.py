"""What an analyst at a keyboard may ask of rows: a cross-table of their own through the one door, and how a measure was counted.

No section of a report imports this room: a session that opens rows closes no report (`by_hand`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from commissioning.disclosure import Released, names_of_few, release
from commissioning.errors import UsageError
from commissioning.measures import Measure, breakdowns, calculate, derive
from commissioning.measures.breakdowns import Breakdown, Figure, crossed
from commissioning.measures.periods import year_of
from commissioning.presentation.showable import Computed
from commissioning.study import asked, by_hand

if TYPE_CHECKING:
    from commissioning.study.prepared import Prepared

PEOPLE = ("person_id",)
COUNTED = {
    "person_id": "people",
    "grant_id": "agreements",
    "application_id": "applications",
    "organisation_id": "organisations",
    "recipient_id": "organisations",
    "payee": "payees",
    "provider": "providers",
}
"""What is counted, by the column that names whoever stands behind a row; in the order in which they are looked for."""
OTHERS = tuple(COUNTED)[1:]
OWN = "own"
FEW_GROUPS, NEARLY_ALL = 10, 0.8  # above so many groups, the share of them that may be of one
WHOLE_AREA = "whole area"  # the group of what is not told for a part


def cross_table(
    study: Prepared, frame: pd.DataFrame, *, by: str | Sequence[str], behind: str = "", amount: str = ""
) -> Computed:
    """See `Prepared.release`."""
    if not isinstance(frame, pd.DataFrame):
        raise UsageError(f'release: give the rows, such as study.table("reviews"), not {type(frame).__name__}')
    columns: list[str] = list(by) if isinstance(by, (list, tuple)) else [by]  # type: ignore[list-item]
    behind = _behind(frame, behind)
    people = behind in PEOPLE
    _refuse(frame, columns, behind, amount)
    by_hand.allow(
        "rows for a cross-table of one's own"
    )  # before anybody is looked for: whether a person is here is no answer for a run
    if people and not frame[behind].dropna().isin(study.record_keys.index).all():
        raise UsageError(
            f"release: {behind!r} names somebody who is in none of this study's extracts; give rows that `table` of this study gave"
        )
    kept = {f"by {column}": frame[column].to_numpy(object) for column in columns}
    rows = pd.DataFrame({**kept, "behind": frame[behind].to_numpy(object), "period": _last_year(study)})
    figures = [Figure(name="number", once=("behind",))]
    if amount:
        rows["amount"] = pd.to_numeric(frame[amount]).to_numpy(dtype="float64", na_value=float("nan"))
        figures.append(Figure(name="amount", amount=breakdowns.number("amount")))
    one = Breakdown(
        id=OWN, says="a cross-table of one's own", needs=(), rows=lambda tables: rows, behind="behind", groups=(tuple(kept),),
        figures=tuple(figures), typed=tuple(kept), people=people,
    )  # fmt: skip
    results = breakdowns.counted(
        [one], {}, pilot=study.pilot, area=study.area, keys=study.record_keys if people else None, rows={OWN: rows}
    )
    rules = study.policy
    released = release(results, policy=rules, open_from=study.record.get("open_from", ""))
    released = released.without_names_of_few(_known(study, one, results), names_of_few(results, policy=rules))
    shown = _as_frame(released, study.pilot, columns, tuple(kept), [figure.name for figure in figures])
    said = f"a cross-table of one's own, by {' and '.join(columns)}: different {COUNTED[behind]} in each group"
    called = {"number": COUNTED[behind], "amount": amount}
    hidden = {f"{old}_hidden": f"{new}_hidden" for old, new in called.items()}
    return Computed(frame=shown.rename(columns={**called, **hidden}), of=(released,), how=said)


def _behind(frame: pd.DataFrame, named: str) -> str:
    """The column that names whom release protects. Where rows name people, it is people, whatever was asked."""
    of_people = [one for one in PEOPLE if one in frame]
    if of_people and named not in ("", *of_people):
        raise UsageError(
            f"release: the rows name people in {of_people[0]!r}, so it is they who stand behind each figure; leave `behind` out"
        )
    found = named or next((one for one in (*PEOPLE, *OTHERS) if one in frame), "")
    if found not in (*PEOPLE, *OTHERS) or found not in frame:
        raise UsageError(
            f"release: say in `behind` which column names the person, agreement or organisation of each row: one of "
            f"{', '.join((*PEOPLE, *OTHERS))}, as the tables of a study call them"
        )
    return found


def _refuse(frame: pd.DataFrame, columns: list[str], behind: str, amount: str) -> None:
    if not columns or behind in columns:
        raise UsageError("release: give in `by` the columns to count by, and not the one that names who is counted")
    for column in (*columns, *([amount] if amount else [])):
        asked.one_of("release: the rows have no column", column, frame.columns)
    if len(set(columns)) < len(columns) or amount in columns:
        raise UsageError(f"release: name each column once, not {', '.join(filter(None, (*columns, amount)))}")
    if amount and not pd.api.types.is_numeric_dtype(frame[amount]):
        raise UsageError(f"release: {amount!r} holds no numbers, so it has no sum")
    if frame[behind].isna().all():
        raise UsageError(f"release: no row says in {behind!r} whom it is of")
    of_one = frame.groupby(columns)[behind].nunique().eq(1)
    if len(of_one) > FEW_GROUPS and of_one.mean() > NEARLY_ALL:
        raise UsageError(
            f"release: nearly every group by {' and '.join(columns)} is of one, so the table would be a list of them; count by fewer "
            "or broader columns"
        )


def _last_year(study: Prepared) -> str:
    """The period under which a table of all rows together stands."""
    periods = study.record["periods"]
    if not periods:
        raise UsageError("release: this study's extracts hold no period")
    return str(year_of(pd.Series([max(periods)])).iloc[0])


def _known(study: Prepared, one: Breakdown, results: pd.DataFrame) -> dict[str, list[str]]:
    """Groups whose names tell of nobody: words of the workbench's own, and names that stand in tables without people."""
    named = {f"by {kind}": names for kind, names in (study.record.get("known_names") or {}).items()}
    return breakdowns.known_groups([one], results, named)


def _as_frame(
    released: Released, pilot: str, columns: list[str], kept: tuple[str, ...], figures: list[str]
) -> pd.DataFrame:
    """One row a group: its columns, each figure with whether it is hidden, the noise in a count, and its state."""
    every = released.figures
    every = every[every["group_kind"].eq(crossed(kept))]
    parts = []
    for name in figures:
        rows = every[every["measure"].eq(breakdowns.measure_id(pilot, OWN, name))].set_index("group")
        mine = pd.DataFrame({name: rows["numerator"].astype("Float64").round().astype("Int64")})
        parts.append(mine.assign(**{f"{name}_hidden": rows["hidden"], "noise": rows["noise"], "state": rows["state"]}))
    first, *more = parts
    out = first.join([one[[one.columns[0], one.columns[1]]] for one in more]) if more else first
    for place, column in enumerate(columns):
        out.insert(place, column, [_part(str(group), place, columns) for group in out.index])
    return out.reset_index(drop=True)


def _part(group: str, place: int, columns: list[str]) -> str:
    """What a group is called in one of its columns; a small one, whose name is not shown, by its number, said once."""
    number = re.fullmatch(rf"small by .* (\d+), {breakdowns.NAMELESS}", group)
    if number:
        return f"small group {number[1]}, {breakdowns.NAMELESS}" if place == 0 else breakdowns.NAMELESS
    parts = group.split(breakdowns.BESIDE)
    return parts[place] if len(parts) == len(columns) else breakdowns.NAMELESS


def explained(study: Prepared, measure: Measure, group: tuple[str, str]) -> Computed:
    """See `Prepared.explain`."""
    columns = ("step", "period", "says", "number", "hidden", "group")
    tables = derive.needs(measure.table)
    rows: list[tuple[object, ...]] = [
        ("file", "", _about(one), one.get("rows"), False, WHOLE_AREA)
        for one in study.files
        if one.get("table") in tables and one.get("status") == "accepted"
    ]
    left = study.left_out(measure)
    if left is not None:
        rows += [(one.part, "all", one.says, one.rows, bool(one.rows_hidden), WHOLE_AREA) for one in left.itertuples()]
    figures = study.released.figures
    kind, name = group
    mine = figures[figures["measure"].eq(measure.id) & figures["group_kind"].eq(kind) & figures["group"].eq(name)]
    for one in mine[~mine["period"].str.contains(" Q", regex=False)].sort_values("period").itertuples():
        rows += [
            ("released", one.period, f"{part} ({one.state})", value, bool(hidden), name)
            for part, value, hidden in (
                ("numerator", one.numerator, one.hidden),
                ("denominator", one.denominator, one.denominator_hidden),
            )
        ]
    frame = pd.DataFrame(rows, columns=list(columns)).drop(columns=["group"] if kind == "all" else [])
    number = pd.to_numeric(frame["number"], errors="coerce").astype("Float64")
    return Computed(
        frame=frame.assign(number=number),
        of=(study.released, study.broken_down),
        how=f"how “{measure.title}” was counted",
    )


def _about(file: Mapping[str, object]) -> str:
    """A file by its name. Its rows are told to two figures, which do not add up with counts that are rounded to 5."""
    exact = not file.get("people") and int(str(file.get("rows") or 0)) < 100
    return str(file["file"]) if exact else f"{file['file']}, about (to two figures)"


def _rows_of(study: Prepared, measure: Measure, what: str) -> pd.DataFrame:
    """The rows that a measure is counted from, to a person at a keyboard."""
    by_hand.allow(f"{what} {measure.id!r}")
    table = calculate.table_for(measure, study._as_counted())
    if table is None:
        raise UsageError(f"{measure.id}: no extract holds the rows that it is counted from")
    return table


def rows_behind(study: Prepared, measure: Measure, group: tuple[str, str], period: str | None) -> pd.DataFrame:
    """See `Prepared.rows_behind`."""
    return calculate.rows_behind(measure, _rows_of(study, measure, "the rows behind"), group, period)


def rows_left_out(study: Prepared, measure: Measure, group: tuple[str, str], period: str | None) -> pd.DataFrame:
    """See `Prepared.rows_left_out`."""
    table = _rows_of(study, measure, "the rows left out by")
    lines, of = calculate.clauses(measure, table, period=period, group=group)
    left = np.flatnonzero((of >= 0) & lines["part"].ne("counted").to_numpy()[of])
    said = lines.iloc[of[left]].reset_index(drop=True).rename(columns={"part": "step"})
    where = table[["source_file", "source_row"]].iloc[left].reset_index(drop=True)
    return pd.concat([where, said[["step", "says"]]], axis=1)
