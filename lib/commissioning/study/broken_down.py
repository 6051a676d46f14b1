"""Which breakdowns a pilot has, and their released figures as frames: what sections show of people and organisations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from commissioning.measures import breakdowns_of_agreements, breakdowns_of_people, catalogue
from commissioning.measures.breakdowns import BESIDE, LEFT_OUT, NAMELESS, Breakdown, crossed, measure_id
from commissioning.pilot import Pilot

if TYPE_CHECKING:
    from commissioning.study.prepared import Prepared

HIERARCHY = dict[tuple[str, str], dict[str, str]]
REACHED = "vcf_funding_outcome_reached"
SHARE = ("value", "lower", "upper")
NONE = "none recorded"
COUNTS = ("numerator", "denominator", "unknown", "hidden", "denominator_hidden", "unknown_hidden")
READ = ["measure", "group_kind", "group", "period", "kind", *COUNTS, *SHARE]


def of(pilot: Pilot) -> dict[str, Breakdown]:
    """The breakdowns that a study of this pilot is asked for, by id; what its extracts do not hold is not counted."""
    known = catalogue(folder=pilot.folder)
    reached = known.get(f"{pilot.name}_outcome_reached", known.get(REACHED))
    of_agreements = breakdowns_of_agreements.breakdowns(
        reached_measure=reached,
        hours_in_proportion=pilot.hours_in_proportion,
        days_promised={str(wait): days for wait, days in pilot.days_promised.items()},
    )
    return {one.id: one for one in (*breakdowns_of_people.BREAKDOWNS, *of_agreements)}


@cache
def _declared() -> dict[str, tuple[str, ...]]:
    """The names of the figures of every breakdown, by its id."""
    of_agreements = breakdowns_of_agreements.breakdowns(
        reached_measure=catalogue()[REACHED], hours_in_proportion={"": (0, 0)}, days_promised={}
    )
    every = (*breakdowns_of_people.BREAKDOWNS, *of_agreements)
    return {one.id: tuple(figure.name for figure in one.figures) for one in every}


def nested(counted: pd.DataFrame) -> HIERARCHY:
    """Which crossed group lies in which wider one, for `release`: what a reader of the table sees at once."""
    pairs = counted.loc[counted["group_kind"].str.contains(BESIDE, regex=False), ["group_kind", "group"]]
    there = set(counted["group_kind"])
    found: HIERARCHY = {}
    for kind, group in pairs.drop_duplicates().itertuples(index=False):
        columns, parts = kind.split(BESIDE), group.split(BESIDE)
        for size in range(len(columns) - 1, 0, -1):
            for start in range(len(columns) - size + 1):
                wider = crossed(columns[start : start + size])
                if wider in there:
                    found.setdefault((kind, wider), {})[group] = crossed(parts[start : start + size])
    return found


def shown(
    study: Prepared, id: str, by: tuple[str, ...] = (), *, period: str, where: Mapping[str, str | None] | None = None
) -> pd.DataFrame:
    """One row a group of a released breakdown in one period: the columns of `by`, and of each figure what may be shown.

    `<figure>`: a count, or an amount in its own unit; `<figure>_of`: out of how many; `<figure>_value`, `_lower`, `_upper`: a share
    (%) with its limits, or the amount over what it is out of; `<figure>_unknown`. Each has `<column>_hidden`, so that a page says
    hidden and never not known. A share is of 20 or more. `where`: only groups within this one (column → name), whose columns the
    breakdown crosses with `by`; a name of None is no condition. No rows where the extracts hold none.
    """
    within = {column: name for column, name in (where or {}).items() if name is not None}
    kind = crossed((*within, *by)) if (within or by) else "all"
    figures = study.broken_down.figures[READ]
    figures = figures[(figures["group_kind"] == kind) & (figures["period"] == period)]
    start = measure_id(study.pilot, id, "")
    figures = figures[figures["measure"].str.startswith(start)]
    figures = figures.assign(figure=figures["measure"].str.removeprefix(start))
    parts = _parts(figures["group"], len(within) + len(by))
    for at, name in enumerate(within.values()):
        keep = parts[at].eq(name)
        figures, parts = figures[keep], [part[keep] for part in parts]
    keys = pd.DataFrame({column: parts[len(within) + at] for at, column in enumerate(by)}, index=figures.index)
    keys["_group"] = figures["group"]
    out = keys.drop_duplicates("_group").set_index("_group")
    for name in ("rows",) if id.startswith(LEFT_OUT) else _declared()[id]:
        rows = figures[figures["figure"].eq(name)].set_index("group").reindex(out.index)
        out = out.join(_figure(name, rows, study.policy.fewest_people_for_cost))
    return out.sort_values(list(by), kind="stable", ignore_index=True) if by else out.reset_index(drop=True)


def periods(study: Prepared, id: str) -> list[str]:
    """The periods in which a breakdown has any figure, in order."""
    figures = study.broken_down.figures
    mine = figures["measure"].str.startswith(measure_id(study.pilot, id, ""))
    return sorted(set(figures.loc[mine, "period"].astype(str)))


def last(study: Prepared, id: str, *, within: str = "") -> str:
    """The last period (of a year, where `within` gives one) in which a breakdown has any figure; "" where none has."""
    return max((one for one in periods(study, id) if one.startswith(within)), default="")


def groups(study: Prepared, id: str, by: tuple[str, ...]) -> list[str]:
    """Every group of a split that has any figure, in any period, shown or not."""
    figures = study.broken_down.figures
    mine = figures["measure"].str.startswith(measure_id(study.pilot, id, "")) & figures["group_kind"].eq(crossed(by))
    return sorted(set(figures.loc[mine, "group"].astype(str)))


def _parts(groups: pd.Series, width: int) -> list[pd.Series]:
    """Each part of crossed groups; of a group whose name is not shown, that it is not."""
    split = [one.split(BESIDE) for one in groups.astype(str)]
    rows = [one if len(one) == width else [NAMELESS] * width for one in split]
    return [pd.Series([row[at] for row in rows], index=groups.index, dtype=object) for at in range(width)]


def _figure(name: str, rows: pd.DataFrame, fewest: int) -> pd.DataFrame:
    count = rows["kind"].ne("amount") & rows["denominator"].notna()
    amounts = rows["kind"].eq("amount").any()
    number = rows["numerator"].astype("Float64")
    hidden = rows["hidden"].fillna(False).astype(bool)
    out = {name: number if amounts else number.round().astype("Int64"), f"{name}_hidden": hidden}
    for part, column in (("of", "denominator"), ("unknown", "unknown")):
        out[f"{name}_{part}"] = rows[column].astype("Float64").round().astype("Int64")
        out[f"{name}_{part}_hidden"] = rows[f"{column}_hidden"].fillna(False).astype(bool)
    enough = rows["denominator"].ge(fewest).fillna(False) | amounts
    few = hidden | (count & ~enough & rows["denominator"].ne(0).fillna(True))
    status = rows["denominator"].eq(0).fillna(False).astype(bool).map({True: NONE, False: "known"})
    for limit in SHARE:
        value = rows[limit].astype("Float64") * (1 if amounts else 100)
        out |= {f"{name}_{limit}": value.where(enough), f"{name}_{limit}_hidden": few}
        if not amounts:
            out[f"{name}_{limit}_status"] = status
    return pd.DataFrame(out, index=rows.index)


def in_pounds(frame: pd.DataFrame, pence: str = "pence", pounds: str = "pounds") -> pd.DataFrame:
    """The frame with an amount of pence as pounds."""
    return frame.assign(**{pounds: pd.to_numeric(frame[pence]) / 100, f"{pounds}_hidden": frame[f"{pence}_hidden"]})


def picked(frame: pd.DataFrame, by: tuple[str, ...], names: Mapping[str, str]) -> pd.DataFrame:
    """The groups `by` of a breakdown, and the columns `names` (old → new) with whether each is hidden and why; no others."""
    ends = ("", "_hidden", "_status")
    kept = {f"{old}{end}": f"{new}{end}" for old, new in names.items() for end in ends if f"{old}{end}" in frame}
    return frame[[*by, *kept]].rename(columns=kept)


def beside(left: pd.DataFrame, right: pd.DataFrame, on: tuple[str, ...], names: Mapping[str, str]) -> pd.DataFrame:
    """The columns `names` of one breakdown beside those of another with the same groups.

    Where the other has no such group at all, its counts are 0 and its shares are of nothing recorded.
    """
    if right.empty:
        right = pd.DataFrame(columns=[*on, *names])
    out = left.merge(picked(right, on, names), on=list(on), how="left", indicator="_both")
    alone = out.pop("_both").eq("left_only")
    for old, new in names.items():
        if old.endswith(SHARE):
            out[f"{new}_status"] = out.get(f"{new}_status", pd.Series(NONE, index=out.index)).mask(alone, NONE)
        else:
            out[new] = out[new].mask(alone, 0).astype("Int64")
        flag = out[f"{new}_hidden"] if f"{new}_hidden" in out else pd.Series(False, index=out.index)
        out[f"{new}_hidden"] = flag.where(~alone, False).astype(bool)
    return out
