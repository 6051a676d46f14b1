"""A measure that nobody agreed, counted from rows and released through the one door, as those are that were agreed.

No section of a report imports this room; a rule of such a measure is code that is given rows (docs/decisions/0182-measures-of-ones-own.md).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from commissioning.disclosure import Policy, Released, names_of_few, release
from commissioning.errors import NotReleased, UsageError
from commissioning.evidence import tables as contracts
from commissioning.measures import Measure, calculate, catalogue, derive
from commissioning.measures.definition import Rule
from commissioning.measures.short import near, refuse_groups
from commissioning.study import by_hand

if TYPE_CHECKING:
    from commissioning.study.prepared import Prepared

NAMES_PEOPLE = "person_id"
CLAUSES = ("achieved", "amount", "out_of", "unknown", "not_applicable")


def counted(study: Prepared, measure: Measure) -> Released:
    """A measure counted from the study's rows and released under its policy: the same keyed noise, thresholds and rounding.

    Raises NotReleased in a run, and on own extracts but for a person at a keyboard; UsageError for an id that is agreed, a table
    that is not here, a column it lacks, and for a measure of rows that name people which does not say that people stand behind it.
    """
    _allow(study, measure)
    tables = study._as_counted()
    if why := calculate.missing([measure], tables):
        raise UsageError(f"{measure.id}: {why[measure.id]}")
    _refuse(measure, tables)
    refuse_words_of_nobody(measure, _rows(measure, tables), study.policy)
    people = measure.stands_behind == "people"
    try:
        results = calculate.results(
            [_guarded(measure)], tables, pilot=study.pilot, area=study.area, keys=study.record_keys if people else None
        )
    except UsageError as error:
        if not isinstance(error.__cause__, KeyError):
            raise
        rows, lacks = _rows(measure, tables), str(error.__cause__.args[0])
        meant = near(lacks, rows.columns, alike=0.8)
        if not meant or rows.astype("str").eq(lacks).any(axis=None):  # the word may be a cell's, or made of several
            raise UsageError(f"{measure.id}: a rule looked up what {measure.table} does not have") from None
        raise UsageError(f"{measure.id}: {measure.table} has no column {lacks!r}{meant}") from None
    except Exception as error:
        raise UsageError(f"{measure.id}: a rule could not be worked out ({type(error).__name__})") from None
    results = results[results["period"].isin(study.record["periods"])]
    made = release(
        results,
        policy=study.policy,
        hierarchy={(kinds[0], kinds[1]): of for *kinds, of in study.record.get("lies_in", ())},
        open_from=study.record.get("open_from", ""),
    )
    return made.without_names_of_few(study.record.get("known_names"), names_of_few(results, policy=study.policy))


def _guarded(measure: Measure) -> Measure:
    """The measure with rules that fail without their own words, which may hold a cell, a UsageError's too."""

    def guarded(rule: Rule) -> Rule:
        def of(rows: pd.DataFrame) -> pd.Series:
            try:
                return rule.of(rows)
            except KeyError:  # what was looked up is judged apart
                raise
            except Exception as error:
                raise UsageError(f"{measure.id}: a rule could not be worked out ({type(error).__name__})") from None

        return replace(rule, of=of)

    one: dict[str, Any] = {name: guarded(rule) for name in CLAUSES if (rule := getattr(measure, name)) is not None}
    return replace(measure, population=tuple(guarded(rule) for rule in measure.population), **one)


def refuse_words_of_nobody(measure: Measure, rows: pd.DataFrame, policy: Policy) -> None:
    """Raise UsageError for a word of `{column: words}` that no row has: it would count nobody, and stand as a figure.

    A word that the table's contract knows may be nobody's. Only a word of more people than stay hidden is offered instead.
    """
    contract = next((one for one in contracts.every() if one.table == measure.table), None)
    known = {} if contract is None else {one.name: set(one.categories.values()) for one in contract.columns}
    for rule in filter(None, (*measure.population, measure.achieved, measure.unknown, measure.not_applicable)):
        for column, words in getattr(rule.of, "wanted", {}).items():
            if column not in rows:
                raise UsageError(f"{measure.id}: {measure.table} has no column {column!r}{near(column, rows.columns)}")
            held = rows[column].dropna()
            for word in words:
                if word is None or held.isin([word]).any() or word in known.get(column, ()):
                    continue
                of_whom = rows[measure.person] if measure.person else pd.Series(rows.index, index=rows.index)
                many = of_whom.groupby(rows[column], observed=True).nunique()
                said = {str(one).casefold(): one for one in many[many > policy.suppress_to].index}
                like = difflib.get_close_matches(str(word).casefold(), said, n=1)
                meant = f": did you mean {said[like[0]]!r}?" if like else ""
                raise UsageError(f"{measure.id}: no row of {measure.table} says {word!r} in {column}{meant}")


def _allow(study: Prepared, measure: Measure) -> None:
    if not study.sample:
        by_hand.allow(f"rows for {measure.id!r}, which nobody has agreed,")
    elif by_hand.in_a_run():
        raise NotReleased(
            f"{measure.id}: nobody has agreed this measure, so no run counts it: try it in JupyterLab or with papermill"
        )


def _rows(measure: Measure, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = calculate.table_for(measure, {name: tables[name] for name in derive.needs(measure.table) if name in tables})
    assert found is not None
    return found


def _refuse(measure: Measure, tables: Mapping[str, pd.DataFrame]) -> None:
    if measure.id in catalogue():
        raise UsageError(f"{measure.id}: an agreed measure has this id; give the one you try another")
    rows = _rows(measure, tables)
    if NAMES_PEOPLE in rows and (measure.stands_behind != "people" or measure.person != NAMES_PEOPLE):
        raise UsageError(
            f"{measure.id}: the rows of {measure.table} name people, so it is they who stand behind it: person={NAMES_PEOPLE!r}"
        )
    known = [one for one in catalogue().values() if one.table == measure.table]
    if known and measure.stands_behind == "nobody" and all(one.stands_behind != "nobody" for one in known):
        raise UsageError(
            f"{measure.id}: organisations stand behind the rows of {measure.table}, so name their column in `organisation`"
        )
    refuse_groups(measure.groups, measure.table)
