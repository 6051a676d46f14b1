"""A breakdown: a table of people, packages, agreements or organisations by groups, declared as data and counted like a measure.

A page shows no row of anybody. What it shows of people or organisations beside its measures is declared here as rows,
groups and figures, counted by the same function as measures, and released with them in one system when a study is
prepared. Results are restricted: only `disclosure.release` lets them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from commissioning.measures import calculate
from commissioning.measures.definition import Measure, Process, Rule, Source

Tables = Mapping[str, pd.DataFrame]
Of = Callable[[pd.DataFrame], pd.Series]

MARK = "_breakdown_"
LEFT_OUT = "left_out_"
BESIDE = " × "  # between the parts of a group of several columns, and between their names
NAMELESS = "name not shown"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One column of a breakdown.

    A count where `amount` is None: of how many rows (or, with `once`, of how many different people or things named by those
    columns) it is true that `of`; all of them where `of` is None. Otherwise the sum of `amount`, over the sum of `out_of` where
    that is given. `among` says which rows it is about, `unknown` which of those nobody knows. Counts are whole numbers, amounts
    in whatever unit the column holds (pence, hours, days). `answer`: the column of an extract whose answer it holds, where a measure holds
    the same ("goal_met"). `like`: counted by the rules of that measure, and by nothing else said here.
    """

    name: str
    of: Of | None = None
    once: tuple[str, ...] = ()
    amount: Of | None = None
    out_of: Of | None = None
    among: Of | None = None
    unknown: Of | None = None
    like: Measure | None = None
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """A cross-table of restricted rows, as data.

    needs    tables without which there is none; `also` those that it reads where they are held
    rows     makes its rows from the tables, one a contribution: the columns of `groups`, of `figures`, `behind`, and `period` (a
             date, quarter or financial year). What reads a column that is not there is not counted
    behind   the column that names the person, agreement or organisation that a row speaks of: whom release protects
    whole    whether a page shows all of its people together; what no page shows is not released, for each figure more tells of them
    people   False where agreements or organisations stand behind the rows: only then may a table that is public already be so here
    groups   the splits: each a column, or several that are crossed
    typed    columns whose words somebody typed into an extract: they are shown only where release lets a name out
    """

    id: str
    says: str
    needs: tuple[str, ...]
    also: tuple[str, ...] = ()
    rows: Callable[[Tables], pd.DataFrame]
    behind: str
    groups: tuple[tuple[str, ...], ...]
    figures: tuple[Figure, ...]
    typed: tuple[str, ...] = ()
    people: bool = True
    whole: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """Every table that it may be counted from."""
        return (*self.needs, *self.also)


def crossed(columns: Sequence[str]) -> str:
    """The kind of group that columns make together."""
    return BESIDE.join(columns)


def measure_id(pilot: str, breakdown: str, figure: str) -> str:
    """The id under which a figure of a breakdown stands among results and released figures."""
    return f"{pilot}{MARK}{breakdown}__{figure}"


def is_breakdown(measures: pd.Series) -> pd.Series:
    """True for ids of results or released figures that are of a breakdown and not of a measure of the catalogue."""
    return measures.astype(str).str.contains(MARK, regex=False)


def made(breakdowns: Iterable[Breakdown], tables: Tables) -> dict[str, pd.DataFrame]:
    """The rows of each breakdown that these tables hold, by its id."""
    found = {}
    for one in breakdowns:
        if all(tables.get(name) is not None and len(tables[name]) for name in one.needs):
            try:
                rows = one.rows(tables)
            except (
                KeyError
            ):  # a column that an extract need not have: then there is no such table, and the section says so
                continue
            if len(rows):
                found[one.id] = rows.reset_index(drop=True)
    return found


def _can_be_read(figure: Figure, rows: pd.DataFrame) -> bool:
    """Whether the rows hold every column that the figure's rules read."""
    rules = [figure.of, figure.amount, figure.out_of, figure.among, figure.unknown]
    once = figure.once
    if (like := figure.like) is not None:
        clauses = (*like.population, like.achieved, like.amount, like.out_of, like.not_applicable, like.unknown)
        rules, once = [one.of for one in clauses if one is not None], like.one_row_per
    try:
        for rule in (one for one in rules if one is not None):
            rule(rows.head(0))
    except KeyError:
        return False
    return set(once) <= set(rows.columns)


def counted(
    breakdowns: Iterable[Breakdown],
    tables: Tables,
    *,
    pilot: str,
    area: str,
    public: Iterable[str] = (),
    keys: pd.Series | None = None,
    rows: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """One row for each figure, group and period of the breakdowns that these tables hold: a frame as `calculate.results` gives.

    `public`: tables whose rows anybody may read already; a breakdown of those alone is public too. `keys`: person → record key.
    `rows`: what `made` gives of the same, where it is there already.
    """
    listed, open_to_all = list(breakdowns), set(public)
    rows_of = made(listed, tables) if rows is None else rows
    frames = []
    for one in (one for one in listed if one.id in rows_of):
        held = rows_of[one.id]
        groups = [columns for columns in one.groups if set(columns) <= set(held.columns)]
        held = held.assign(**{crossed(columns): _joined(held, columns) for columns in groups if len(columns) > 1})
        codes: dict[str, calculate.Codes | None] = {one.id: calculate.Codes(held, one.id)}
        figures = [_measure(pilot, one, figure, groups) for figure in one.figures if _can_be_read(figure, held)]
        found = calculate.results(figures, {}, pilot=pilot, area=area, by=("year",), codes=codes, keys=keys)
        found["answer"] = found["measure"].map(
            {measure_id(pilot, one.id, each.name): each.answer for each in one.figures}
        )
        found["on_no_page"] = found["group_kind"].eq("all") & (one.people and bool(groups) and not one.whole)
        read = {name for name in one.reads if name in tables and len(tables[name])}
        frames.append(found.assign(public=not one.people and bool(read) and read <= open_to_all))
    if not frames:
        return calculate.results([], {}, pilot=pilot, area=area)
    return pd.concat(frames, ignore_index=True)


def left_out(
    measures: Mapping[str, Measure],
    codes: Mapping[str, calculate.Codes | None],
    *,
    pilot: str,
    area: str,
    period: str,
    keys: pd.Series | None = None,
    public: Iterable[str] = (),
) -> tuple[pd.DataFrame, dict[str, list[list[str]]]]:
    """Who each measure left out, as breakdowns by clause of all years together (under `period`), and the clauses in words.

    `codes`: the tables as read, by name; `public`: measures whose rows anybody may read already. Words: measure → one [says, part] a clause, in order; its place is the group's name.
    """
    frames, words, open_to_all = [], {}, set(public)
    for key, measure in measures.items():
        read = codes.get(measure.table)
        if read is None or not period:
            continue
        lines, of = calculate.clauses(measure, read.table, codes=read)
        words[key] = lines.to_numpy(object).tolist()
        behind = read.table[measure.person] if measure.person else pd.Series(np.arange(len(of)), index=read.table.index)
        rows = pd.DataFrame({"clause": of.astype(str), "behind": behind.to_numpy(object), "period": period})
        one = Breakdown(
            id=LEFT_OUT + key, says=f"{measure.title}: who was left out", needs=(), rows=lambda tables: tables[""], behind="behind",
            people=measure.person is not None, groups=(("clause",),), figures=(Figure(name="rows"),),
        )  # fmt: skip
        found = counted([one], {}, pilot=pilot, area=area, keys=keys, rows={one.id: rows[of >= 0]})
        frames.append(found.assign(public=key in open_to_all))
    frames = [one for one in frames if len(one)]
    if not frames:
        return counted([], {}, pilot=pilot, area=area), words
    return pd.concat(frames, ignore_index=True), words


def known_groups(
    breakdowns: Iterable[Breakdown], results: pd.DataFrame, known: Mapping[str, Iterable[str]]
) -> dict[str, list[str]]:
    """Groups of breakdowns (kind → groups) whose every part is a word of ours, or a name that tells of nobody."""
    named = {kind: set(names) for kind, names in known.items()}
    typed = {column for one in breakdowns for column in one.typed}
    rows = results.loc[is_breakdown(results["measure"]) & results["group_kind"].ne("all"), ["group_kind", "group"]]
    found: dict[str, set[str]] = {}
    for kind, group in rows.drop_duplicates().itertuples(index=False):
        parts = zip(str(kind).split(BESIDE), str(group).split(BESIDE), strict=False)
        if all(column not in typed or part in named.get(column, ()) for column, part in parts):
            found.setdefault(str(kind), set()).add(str(group))
    return {kind: sorted(groups) for kind, groups in sorted(found.items())}


def _joined(rows: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """The parts of each row's group as one text; missing where any part is."""
    parts = [rows[column].astype(object) for column in columns]
    whole = ~pd.concat([part.isna() for part in parts], axis=1).any(axis=1)
    text = [
        # A part that holds the sign between parts would be read as two.
        BESIDE.join(str(value).replace(BESIDE, " x ") for value in values)
        for values in zip(*parts, strict=True)
    ]
    return pd.Series(text, index=rows.index, dtype=object).where(whole, None)


def _measure(pilot: str, breakdown: Breakdown, figure: Figure, groups: Sequence[tuple[str, ...]]) -> Measure:
    """A figure as the definition that `calculate` counts by."""
    named, kinds = measure_id(pilot, breakdown.id, figure.name), tuple(crossed(columns) for columns in groups)
    if figure.like is not None:
        like = replace(figure.like, id=named, table=breakdown.id, groups=kinds)
        return like if breakdown.people else replace(like, person=breakdown.behind, stands_behind="organisations")
    says = f"{breakdown.says}: {figure.name}"
    of = figure.of or (lambda rows: pd.Series(True, index=rows.index))
    return Measure(
        id=named,
        title=says,
        kind=Process(),
        answers=("4.8",),
        table=breakdown.id,
        one_row_is=says,
        one_row_per=figure.once,
        several_rows="one that achieved" if figure.once and figure.amount is None else "the latest",
        period_from="period",
        population=() if figure.among is None else (Rule(says=says, of=figure.among),),
        not_applicable=None,
        achieved=Rule(says=says, of=of) if figure.amount is None else None,
        amount=None if figure.amount is None else Rule(says=says, of=figure.amount),
        out_of=None if figure.out_of is None else Rule(says=says, of=figure.out_of),
        unknown=None if figure.unknown is None else Rule(says=says, of=figure.unknown),
        unknown_is="left out and counted",
        person=breakdown.behind,
        organisation=None,
        stands_behind="people" if breakdown.people else "organisations",
        groups=kinds,
        per=1,
        unit="counted",
        better="neutral",
        aim=None,
        spend_scope="none",
        primary=False,
        why=says,
        source=Source(title=says, reference="declared in the workbench", read_on=date(2026, 11, 30)),
        caveats=(),
        in_force_from=date(2026, 11, 30),
    )


def number(column: str) -> Of:
    """The numbers of a column."""
    return lambda rows: pd.to_numeric(rows[column], errors="coerce").astype("float64")


def says(column: str, *words: str) -> Of:
    """Whether a column says one of these words."""
    return lambda rows: rows[column].isin(words)
