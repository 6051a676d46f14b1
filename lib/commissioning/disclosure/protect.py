"""The gate: which counts are hidden so that no hidden count can be worked back to within the policy's width.

First what is small is hidden. Then the outsider is let loose on what would be shown; where they prove too much,
one further cell is hidden in the sum that gave it away, and they try again. Where nothing is left to hide, the
table is refused. It guards rows that have no keyed noise (organisations, agreements); `perturb` guards the others. The outsider here is granted more than the public has: they know of each table whether a zero or
a larger count was hidden in it to protect others. Where none was, they know that what is hidden lies between 1 and 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from commissioning.disclosure.policy import Policy
from commissioning.disclosure.prove import NO_LIMIT, Bounds, Flags, implied, known_at_once, propagate
from commissioning.disclosure.rounding import Floats, nearest
from commissioning.disclosure.sums import COUNT_NAMES, A, C, D, Ints, N, Sums, U, block_names, sums_of


@dataclass(frozen=True, kw_only=True)
class Protection:
    """Which counts are hidden (5 × n: N, C, D, U, A), which were small, and which rows' tables were refused (n)."""

    hidden: Flags
    small: Flags
    refused: Flags


def small_counts(rows: pd.DataFrame, policy: Policy) -> Flags:
    """5 × n: True where a count lies between 1 and `suppress_to`, or is a zero that tells (`telling_zeros`). Amounts have no small
    N, C or D."""
    truth = rows[list(COUNT_NAMES)].to_numpy(dtype=float).T
    small = (truth >= 1) & (truth <= policy.suppress_to) | telling_zeros(rows, policy)
    small[:3] &= rows["kind"].eq("count").to_numpy()
    return small


def telling_zeros(rows: pd.DataFrame, policy: Policy) -> Flags:
    """5 × n: True for numerators and complements of zero that say of everybody in a group what is true of each: none, or all.

    Of people, or of agreements and organisations too, as `policy.zeros` says. Not where nobody is in the group, nor for the complement of
    a measure that counts everybody wherever it counts.
    """
    out = np.zeros((5, len(rows)), dtype=bool)
    asked = rows["kind"].eq("count") & rows["denominator"].gt(0)
    if policy.zeros == "of people":
        asked &= rows["of_people"]
    ever = rows["complement"].fillna(0).ne(0).groupby([rows["measure"], rows["pilot"]]).transform("any")
    out[N], out[C] = asked & rows["numerator"].eq(0), asked & rows["complement"].eq(0) & ever
    return out


def protect(rows: pd.DataFrame, policy: Policy) -> Protection:
    """Decide for n rows (as `prepare.prepared` gives them, public and keyed ones left out) what is hidden."""
    return _Gate(rows, policy).run()


class _Gate:
    """The working state of one release: what is hidden so far."""

    def __init__(self, rows: pd.DataFrame, policy: Policy) -> None:
        self.policy, self.n = policy, len(rows)
        self.headline = rows["group_kind"].eq("all").to_numpy()
        self.block = block_names(rows).to_numpy()
        self.truth = rows[list(COUNT_NAMES)].to_numpy(dtype=float).T.copy()
        counts = rows["kind"].eq("count").to_numpy()
        self.truth[:3, ~counts] = np.nan
        self.small = small_counts(rows, policy)
        self.zeros = telling_zeros(rows, policy).any(axis=0)
        people = rows["people"].to_numpy(dtype=float)
        few = counts & (people >= 1) & (people <= policy.suppress_to)
        merged = rows["merged"].to_numpy(dtype=bool)
        whole = self.small[D] | few | merged
        self.always = few | merged
        self.table = (rows["group_kind"] + "|" + pd.Series(self.block, index=rows.index).astype(str)).factorize()[0]
        self.hidden = self.small | merged
        self.hidden[D] |= whole
        self.hidden[N] |= whole | self.small[C]
        self.refused = np.zeros(self.n, dtype=bool)
        self.sums = sums_of(rows)
        order = np.argsort(self.sums.line, kind="stable")
        self.entries = order
        self.starts = np.searchsorted(self.sums.line[order], np.arange(self.sums.lines + 1))
        # The entries in which a variable stands, in the same way.
        self.by_variable = np.argsort(self.sums.variable, kind="stable")
        self.variable_starts = np.searchsorted(self.sums.variable[self.by_variable], np.arange(self.sums.variables + 1))
        self.given_up = np.zeros(5 * self.n, dtype=bool)

    def run(self) -> Protection:
        self._guard_lone_cells()
        while True:
            bounds = self._prove(self.granted())
            narrow = self._too_narrow(bounds, self.small)
            if not len(narrow):
                bounds = self._prove(None)
                narrow = self._too_narrow(bounds, self._may_be_small(bounds))
            if not len(narrow):
                break
            self._coarsen(narrow, bounds)
        self.hidden[C] = self.hidden[N]
        return Protection(hidden=self.hidden, small=self.small, refused=self.refused)

    def _shown(self) -> Floats:
        shown = np.where(self.hidden, np.nan, nearest(self.truth, self.policy.round_to))
        shown[C] = np.nan
        return shown

    def _prove(self, granted: tuple[Floats, Floats] | None) -> Bounds:
        lower, upper = known_at_once(self._shown(), self.policy, self.sums.slack, granted)
        return propagate(lower, upper, self.sums)

    def _too_narrow(self, bounds: Bounds, counts: Flags) -> Ints:
        """The variables among `counts` (5 × n) that the outsider knows to within less than the policy's width."""
        width = (bounds.upper - bounds.lower)[: 5 * self.n]
        return np.flatnonzero(counts.ravel() & (width < self.policy.narrowest_interval) & ~self.given_up)

    def _may_be_small(self, bounds: Bounds) -> Flags:
        """5 × n: hidden counts of which the outsider cannot tell that they are not small, whatever they are."""
        low, high = (bound[: 5 * self.n].reshape(5, self.n) for bound in (bounds.lower, bounds.upper))
        there = ~np.isnan(self.truth) & np.isnan(_with_complement(self._shown()))
        return there & (low <= self.policy.suppress_to) & (high >= 1)

    def granted(self) -> tuple[Floats, Floats]:
        """Bounds of 5 × n that the outsider has from knowing what kinds of counts each table hides."""
        whole = self.small[D] | self.always
        # Hidden for no smallness of their own: to protect another.
        protecting = self.hidden & ~self.always & ~self.small
        protecting[N] &= ~self.small[C] & ~whole
        protecting[C] = protecting[N]
        hidden = np.isnan(_with_complement(self._shown()))
        zero = protecting & (self.truth == 0)
        large = protecting & ~(self.truth <= self.policy.suppress_to)
        lower, upper = np.zeros((5, self.n)), np.full((5, self.n), NO_LIMIT)
        for count in range(5):
            # In a table of which nothing is shown nobody can tell a hidden zero from a small count.
            unshown = np.bincount(self.table, weights=~hidden[count])[self.table] == 0
            unshown &= ~self.headline
            zero_in = unshown | (np.bincount(self.table, weights=zero[count])[self.table] > 0)
            large_in = np.bincount(self.table, weights=large[count])[self.table] > 0
            knows = self.small[count] & ~self.always
            # Where zeros are hidden as few are, a hidden count may be one.
            may_be_none = np.bincount(self.table, weights=self.zeros)[self.table] > 0
            lower[count] = np.where(knows & ~zero_in & ~may_be_none, 1.0, 0.0)
            upper[count] = np.where(knows & ~large_in, float(self.policy.suppress_to), NO_LIMIT)
        return lower, upper

    def _guard_lone_cells(self) -> None:
        """Hide a second cell where a total minus the parts shown would leave one small count, were nothing rounded.

        Shortest sums first: a cell hidden in a locality also stands beside the lone one among all wards.
        """
        between = np.flatnonzero(self.sums.between & (self.sums.twin == np.arange(self.sums.lines)))
        length = self.starts[between + 1] - self.starts[between]
        for line in between[np.argsort(length, kind="stable")]:
            if self._leaves_one(line):
                self._hide_one_of(line)

    def _leaves_one(self, line: int) -> bool:
        at = self.entries[self.starts[line] : self.starts[line + 1]]
        at = at[self.sums.variable[at] < 5 * self.n]
        count, row = np.divmod(self.sums.variable[at], self.n)
        hidden = self._hidden_now(count, row)
        part = self.sums.sign[at] > 0
        if (hidden & part).sum() != 1 or (hidden & ~part).any():
            return False
        lone_count, lone_row = int(count[hidden][0]), int(row[hidden][0])
        small = self.small[lone_count, lone_row] or lone_count == N and self.small[C, lone_row]
        return bool(small)

    def _coarsen(self, narrow: Ints, bounds: Bounds) -> None:
        """Hide one cell for each narrow count: in the sum that tells most about it and still has a cell to hide.

        Where its own sums have none left, the sums of the hidden counts beside it are tried, and those beside them.
        A table is refused only in a round in which nothing could be hidden for any count.
        """
        low, high = implied(bounds.lower, bounds.upper, self.sums)
        width = np.where(bounds.broken[self.sums.line], np.inf, high - low)
        done: set[int] = set()
        stuck = [int(variable) for variable in narrow if not self._coarsen_around(int(variable), width, done)]
        if not done:
            for variable in stuck:
                self._refuse(variable)

    def _coarsen_around(self, variable: int, width: Floats, done: set[int]) -> bool:
        """Hide a cell near this count, where one is left; `done` holds the sums that lost a cell in this round."""
        seen, ring = {variable}, [variable]
        while ring:
            at = np.concatenate([self._entries_of(one) for one in ring])
            for line in dict.fromkeys(self.sums.line[at[np.argsort(width[at], kind="stable")]].tolist()):
                twin = int(self.sums.twin[line])
                if twin in done or self._hide_one_of(line):
                    done.add(twin)
                    return True
            beside = np.concatenate([self._variables_of(line) for line in np.unique(self.sums.line[at])])
            ring = [one for one in np.unique(beside).tolist() if one not in seen]
            seen.update(ring)
        return False

    def _entries_of(self, variable: int) -> Ints:
        return self.by_variable[self.variable_starts[variable] : self.variable_starts[variable + 1]]

    def _variables_of(self, line: int) -> Ints:
        return self.sums.variable[self.entries[self.starts[line] : self.starts[line + 1]]]

    def _hide_one_of(self, line: int) -> bool:
        """Hide the cell of a sum whose loss costs least: a small part, then a zero part, then the wider group.

        The headline total comes last of all, before refusal. False where everything is hidden already.
        """
        at = self.entries[self.starts[line] : self.starts[line + 1]]
        at = at[self.sums.variable[at] < 5 * self.n]
        count, row = np.divmod(self.sums.variable[at], self.n)
        if not self.sums.between[line]:
            keep = count == D
            at, count, row = at[keep], count[keep], row[keep]
        free = ~self._hidden_now(count, row)
        if not free.any():
            return False
        at, count, row = at[free], count[free], row[free]
        value = self.truth[count, row]
        is_total = self.sums.sign[at] < 0
        costs_a_cell = ~self.hidden[N, row]  # where a denominator goes the row goes: best one that is gone already
        rank = np.lexsort((row, value, value == 0, costs_a_cell, is_total & self.headline[row], is_total))
        self._hide(int(count[rank[0]]), int(row[rank[0]]))
        return True

    def _hidden_now(self, count: Ints, row: Ints) -> Flags:
        shown_as = np.where(count == C, N, count)
        return self.hidden[shown_as, row] | np.isnan(self.truth[shown_as, row])

    def _hide(self, count: int, row: int) -> None:
        if count in (U, A):
            self.hidden[count, row] = True
            return
        self.hidden[N, row] = True
        if count == D:
            self.hidden[D, row] = True

    def _refuse(self, variable: int) -> None:
        """Nothing more can be hidden around this count: show nothing of its measure in this period."""
        row = variable % self.n
        table = self.block == self.block[row]
        if self.refused[row] or self.hidden[:, table].all():
            self.given_up[variable] = True
        self.refused |= table
        self.hidden[:, table] = True


def _with_complement(shown: Floats) -> Floats:
    """The same with the complement missing where the numerator is."""
    out = shown.copy()
    out[C] = out[N]
    return out


__all__ = ["Protection", "Sums", "protect", "small_counts"]
