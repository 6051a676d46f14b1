"""What adds up to what: the linear relations between counts that any reader of the definitions and maps knows.

Every row of figures has five counts: numerator N, its complement C, denominator D, and the two counts beside
them, unknown U and not applicable A. Count number k of row r is variable k × rows + r. A relation says that
certain variables, each times +1 or −1, sum to nothing:

    N + C = D                                  in every row
    all = Σ wards = Σ localities = Σ providers  in N, C, D (and in U, A where those add up)
    locality = Σ its wards; merged providers = Σ the members
    year = Σ its quarters                      where people are counted afresh each quarter
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]

N, C, D, U, A = range(5)
COUNT_NAMES = ("numerator", "complement", "denominator", "unknown", "not_applicable")
BLOCK = ["measure", "pilot", "area", "period"]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Relations in long form: entry i says that variable `variable[i]` stands in relation `line[i]` times `sign[i]`.

    rows       how many rows of figures; variables below 5 × rows are their counts
    slack      how many further variables there are: the people in none of a table's groups
    lines      how many relations
    between    for each relation, True where it stands between rows (not N + C = D)
    twin       for each relation its own number, but for one of complements that of the numerators' beside it
    """

    line: Ints
    variable: Ints
    sign: Ints
    between: npt.NDArray[np.bool_]
    twin: Ints
    rows: int
    slack: int
    lines: int

    @property
    def variables(self) -> int:
        """How many variables there are."""
        return 5 * self.rows + self.slack

    def without(self, broken: npt.NDArray[np.bool_]) -> Sums:
        """The same without the relations marked True."""
        keep = ~broken[self.line]
        return Sums(
            line=self.line[keep], variable=self.variable[keep], sign=self.sign[keep], between=self.between,
            twin=self.twin,
            rows=self.rows, slack=self.slack, lines=self.lines,
        )  # fmt: skip


def sums_of(figures: pd.DataFrame) -> Sums:
    """The relations between n rows of figures (columns of `released.FIGURES`), which may be of many measures."""
    n = len(figures)
    rows = figures.reset_index(drop=True)
    total_of, part_of = _table_parts(rows)
    # Relations of one shape: (parts' rows, name of relation, total's row, whether a slack may stand between).
    pieces = [*_tables(rows, total_of, part_of), *_nested(rows), *_years(rows)]
    line, variable, sign, between, twin = [], [], [], [], []
    lines = slack = 0
    for parts, name, totals, loose, counts in pieces:
        codes, first = _codes(name)
        for count in counts:
            at = codes + lines
            line += [at, lines + np.arange(len(first))]
            variable += [parts + count * n, totals[first] + count * n]
            sign += [np.ones(len(parts), dtype=int), -np.ones(len(first), dtype=int)]
            is_loose = np.flatnonzero(loose[first])
            line.append(lines + is_loose)
            variable.append(5 * n + slack + np.arange(len(is_loose)))
            sign.append(np.ones(len(is_loose), dtype=int))
            slack += len(is_loose)
            twin.append(lines - (len(first) if count == C else 0) + np.arange(len(first)))
            lines += len(first)
            between.append(np.ones(len(first), dtype=bool))
    each = np.arange(n)
    line.append(np.tile(lines + each, 3))
    variable.append(np.concatenate([N * n + each, C * n + each, D * n + each]))
    sign.append(np.repeat([1, 1, -1], n))
    between.append(np.zeros(n, dtype=bool))
    twin.append(lines + each)
    return Sums(
        line=np.concatenate(line).astype(np.int64), variable=np.concatenate(variable).astype(np.int64),
        sign=np.concatenate(sign).astype(np.int64), between=np.concatenate(between),
        twin=np.concatenate(twin).astype(np.int64), rows=n, slack=slack,
        lines=lines + n,
    )  # fmt: skip


_Piece = tuple[Ints, pd.Series, Ints, npt.NDArray[np.bool_], tuple[int, ...]]


def _codes(name: pd.Series) -> tuple[Ints, Ints]:
    """Number the names 0, 1, 2 … by first appearance, and where each first appears."""
    codes, _ = pd.factorize(name, use_na_sentinel=False)
    first = np.unique(codes, return_index=True)[1]
    return codes.astype(np.int64), first.astype(np.int64)


def block_names(rows: pd.DataFrame) -> pd.Series:
    """One number for each measure, pilot, area and period: the tables that share people."""
    return pd.Series(rows.groupby(BLOCK, sort=False, dropna=False).ngroup().to_numpy(), index=rows.index)


def joined(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    """The text of several columns, row by row."""
    out = rows[columns[0]].astype(str)
    for column in columns[1:]:
        out = out + "|" + rows[column].astype(str)
    return out


def _table_parts(rows: pd.DataFrame) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """For each row the row of its table's headline total (−1 where none), and whether it is a part of its own."""
    block = block_names(rows)
    headline = rows["group_kind"].eq("all").to_numpy()
    totals = pd.Series(np.flatnonzero(headline), index=block[headline])
    totals = totals[~totals.index.duplicated()]
    total_of = block.map(totals).fillna(-1).astype(np.int64).to_numpy()
    member = [within.startswith(kind + "=") for within, kind in zip(rows["within"], rows["group_kind"], strict=True)]
    return total_of, ~headline & ~np.array(member, dtype=bool) & (total_of >= 0)


def _tables(rows: pd.DataFrame, total_of: Ints, part: npt.NDArray[np.bool_]) -> list[_Piece]:
    out: list[_Piece] = []
    block = block_names(rows).astype(str)
    for column, counts in (("adds_up", (N, C, D)), ("gaps_add_up", (U, A))):
        said = rows[column]
        at = np.flatnonzero(part & said.isin(["exactly", "at most"]).to_numpy())
        name = (block + "|" + rows["group_kind"]).iloc[at]
        out.append((at, name, total_of[at], said.iloc[at].eq("at most").to_numpy(), counts))
    return out


def _nested(rows: pd.DataFrame) -> list[_Piece]:
    """Rows that say they lie within another row of their block."""
    block = block_names(rows).astype(str)
    own = block + "|" + rows["group_kind"] + "=" + rows["group"]
    where = pd.Series(np.arange(len(rows)), index=own)
    where = where[~where.index.duplicated()]
    child = np.flatnonzero(rows["within"].ne("").to_numpy())
    parent = (block + "|" + rows["within"]).iloc[child].map(where)
    found = parent.notna().to_numpy()
    child = child[found]
    totals = parent[found].to_numpy().astype(np.int64)
    name = block.iloc[child] + "|" + rows["group_kind"].iloc[child] + "|" + rows["within"].iloc[child]
    return [(child, name, totals, np.zeros(len(child), dtype=bool), (N, C, D))]


def _years(rows: pd.DataFrame) -> list[_Piece]:
    """Years that are the sum of their four quarters ("2014-15" and "2014-15 Q1" to "Q4")."""
    quarter = rows["period"].str.fullmatch(r"\d{4}-\d\d Q[1-4]").to_numpy(dtype=bool)
    keys = ["measure", "pilot", "area", "group_kind", "group"]
    own = joined(rows, keys)
    year = rows["period"].str.slice(0, 7)
    summed = rows["year_is_sum"].to_numpy(dtype=bool) & ~quarter
    where = pd.Series(np.flatnonzero(summed), index=(own + "|" + rows["period"])[summed])
    where = where[~where.index.duplicated()]
    name = (own + "|" + year)[quarter]
    totals = name.map(where)
    found = totals.notna().to_numpy()
    full = name[found].map(name[found].value_counts()).eq(4).to_numpy()
    at = np.flatnonzero(quarter)[found][full]
    return [
        (at, name[found][full], totals[found][full].to_numpy().astype(np.int64), np.zeros(len(at), bool), (N, C, D))
    ]
