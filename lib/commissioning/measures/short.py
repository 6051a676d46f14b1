"""A measure of one's own in about five arguments: the rest is as the agreed measures of its table have it. Nobody has agreed it."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from commissioning import clock
from commissioning.errors import UsageError
from commissioning.measures.catalogue import catalogue
from commissioning.measures.definition import ROWS_OF, Input, Measure, Outcome, Output, Process, Rule, Source

NOT_AGREED = "not agreed"
Clause = Rule | Mapping[str, Any] | tuple[str, Callable[[pd.DataFrame], pd.Series]]
KINDS = {
    "outcome": Outcome(level="individual", domain="quality of life"),
    "output": Output(),
    "input": Input(),
    "process": Process(),
}
UNKNOWN_WORDS = ("unknown", "not recorded")


def measure(
    title: str,
    *,
    table: str,
    counts: Clause | Sequence[Clause] = (),
    achieved: Clause | None = None,
    amount: Clause | str | None = None,
    out_of: Clause | str | None = None,
    unknown: Clause | None = None,
    not_applicable: Clause | None = None,
    id: str = "",
    unit: str = "",
    kind: Literal["outcome", "output", "input", "process"] = "outcome",
    better: Literal["higher", "lower", "neutral"] = "higher",
    groups: Sequence[str] | None = None,
    **others: Any,
) -> Measure:
    """A measure to try: five arguments say it, and the rest is as the agreed measures of its table have it.

    title      what is counted, in words
    table      the table it is counted from: "reviews", "people", "supported", "packages", "grants" …
    counts     who counts: a clause, or several
    achieved   of those, for whom it is true; or `amount`, what is added up (with `out_of`, what it is divided by)
    unknown    of whom it is not known; left out, those whose column of `achieved` is empty or says "unknown"

    A clause is words and a function of the rows, `("paid work", lambda rows: rows["employment"].isin(PAID))`; or columns and
    what they must say, `{"employment": ["paid 16 hours or more", "paid under 16 hours"]}`; or a `Rule`. An amount may be the
    name of a column. `others`: any field of `Measure`, such as `period_from` or `one_row_per`.
    Returns a `Measure` that nobody has agreed; `study.try_measure` counts it. Raises UsageError for what is missing or unknown.
    """
    if not isinstance(title, str) or not title.strip():
        raise UsageError(f"measure: give a title in words, not {title!r}")
    alike = _alike(table)
    of_condition = achieved is not None
    if of_condition == (amount is not None):
        raise UsageError("measure: give either `achieved` (for whom it is true) or `amount` (what is added up)")
    if kind not in KINDS:
        raise UsageError(f"measure: kind is one of {', '.join(KINDS)}, not {kind!r}")
    several = list(counts) if isinstance(counts, (list, tuple)) and not _is_pair(counts) else [counts]
    if not unit and not of_condition:
        unit = "pence" if isinstance(amount, str) and amount.endswith("_pence") else ""
        if not unit:
            raise UsageError('measure: say in `unit` what the amount is in, such as unit="hours"')
    fields: dict[str, Any] = {
        "id": id or "not_agreed_" + "_".join(re.findall(r"[a-z0-9]+", title.lower()))[:60],
        "title": title,
        "kind": KINDS[kind],
        "answers": (NOT_AGREED,),
        "population": tuple(_rule("counts", one) for one in several),
        "achieved": None if achieved is None else _rule("achieved", achieved),
        "amount": None if amount is None else _rule("amount", amount),
        "out_of": None if out_of is None else _rule("out_of", out_of),
        "unknown": _unknown(unknown, achieved),
        "unknown_is": "shown as bounds" if of_condition else "left out and counted",
        "not_applicable": None if not_applicable is None else _rule("not_applicable", not_applicable),
        "groups": alike.groups if groups is None else refuse_groups(tuple(groups), table),
        "per": 100 if of_condition else 1,
        "unit": unit or f"% of {ROWS_OF.get(table, 'rows')}",
        "better": better,
        "aim": None,
        "spend_scope": "none",
        "primary": False,
        "why": "Tried in a notebook: nobody has agreed it.",
        "source": Source(title="A notebook", reference=NOT_AGREED, read_on=clock.today()),
        "caveats": ("Nobody has agreed this measure: it is tried, and never published.",),
        "in_force_from": clock.today(),
    }
    if wrong := sorted(set(others) - set(Measure.__dataclass_fields__)):
        raise UsageError(f"measure: a measure has no field {wrong[0]!r}{near(wrong[0], Measure.__dataclass_fields__)}")
    try:
        return replace(alike, **{**fields, **others})
    except ValueError as error:
        raise UsageError(f"measure: {error}") from None


def _alike(table: str) -> Measure:
    """The agreed measure of a table that is shaped as most of that table's are: what a row is, when it is of, and whom it names."""
    every = [one for one in catalogue().values() if not one.is_control]
    there = [one for one in every if one.table == table]
    if not there:
        tables = sorted({one.table for one in every})
        raise UsageError(
            f"measure: nothing is counted from a table {table!r}{near(table, tables)}; the tables are {', '.join(tables)}"
        )
    shapes = Counter((one.one_row_per, one.period_from) for one in there)
    return max(there, key=lambda one: shapes[one.one_row_per, one.period_from])


def _is_pair(clause: Any) -> bool:
    return isinstance(clause, tuple) and len(clause) == 2 and isinstance(clause[0], str) and callable(clause[1])


def _rule(name: str, clause: Any) -> Rule:
    if isinstance(clause, Rule):
        return clause
    if _is_pair(clause):
        return Rule(says=clause[0], of=clause[1])
    if isinstance(clause, str) and name in ("amount", "out_of"):
        return Rule(says=clause.replace("_", " "), of=lambda rows: rows[clause])
    if isinstance(clause, Mapping) and clause:
        wanted = {str(column): _words(value) for column, value in clause.items()}
        if nothing := [column for column, words in wanted.items() if not words]:
            raise UsageError(f'measure: `{name}`: say what {nothing[0]} must say, such as {{{nothing[0]!r}: "yes"}}')
        says = "; ".join(
            f"{column.replace('_', ' ')}: {' or '.join(map(str, words))}" for column, words in wanted.items()
        )
        return Rule(says=says, of=Says(wanted))
    raise UsageError(
        f'measure: `{name}` is words with a function of the rows, such as ("in paid work", lambda rows: rows["employment"].eq("paid")), '
        'or columns with what they say, such as {"employment": "paid"}'
    )


@dataclass(frozen=True)
class Says:
    """True for each row whose columns say one of these words: what a clause of columns asks of rows."""

    wanted: Mapping[str, list[Any]]

    def __call__(self, rows: pd.DataFrame) -> pd.Series:
        return _all([rows[column].isin(words) for column, words in self.wanted.items()])


def _words(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _all(conditions: list[pd.Series]) -> pd.Series:
    met = conditions[0]
    for one in conditions[1:]:
        met &= one
    return met


def _unknown(given: Clause | None, achieved: Clause | None) -> Rule | None:
    """Who is unknown: as said, else of whom a column of `achieved` says nothing. Unknown is never a no."""
    if given is not None:
        return _rule("unknown", given)
    if not isinstance(achieved, Mapping):
        return None
    columns = list(achieved)
    return Rule(
        says=f"not recorded: {' or '.join(one.replace('_', ' ') for one in columns)}",
        of=lambda rows: ~_all([rows[one].notna() & ~rows[one].isin(UNKNOWN_WORDS) for one in columns]),
    )


def refuse_groups(asked: tuple[str, ...], table: str) -> tuple[str, ...]:
    """Only groups by which a measure of the table is split already: another column may hold words about people."""
    known = {group for one in catalogue().values() if one.table == table for group in one.groups}
    for one in asked:
        if one not in known:
            raise UsageError(
                f"measure: {table} is split by {', '.join(sorted(known)) or 'nothing'}, not by {one!r}{near(one, known)}; any other "
                "cross-table of your own goes through study.release(rows, by=…)"
            )
    return asked


def near(name: object, known: Iterable[object], alike: float = 0.6) -> str:
    """ ": did you mean …?" where something known is called nearly so; `alike` from 0 to 1."""
    close = difflib.get_close_matches(str(name), [str(one) for one in known], n=1, cutoff=alike)
    return f": did you mean {close[0]}?" if close else ""
