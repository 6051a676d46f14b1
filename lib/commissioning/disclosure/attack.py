"""The outsider: what can be proved of each hidden count from everything that was ever released."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from commissioning.disclosure import keys
from commissioning.disclosure.policy import Policy
from commissioning.disclosure.policy import policy as house_policy
from commissioning.disclosure.prove import Bounds, Flags, known_at_once, propagate
from commissioning.disclosure.released import KEYS, Released, typed
from commissioning.disclosure.rounding import Floats
from commissioning.disclosure.sums import COUNT_NAMES, C, D, Ints, N, Sums, joined, sums_of
from commissioning.errors import NotReleased

if TYPE_CHECKING:  # loaded by those who attack: a report does not, and would pay a third of a second for them
    from scipy import optimize, sparse

BY_POLICY = "the policy and its own row"
BY_SUMS = "totals minus parts, over all tables and runs"
BY_PROGRAMME = "linear programme over all tables and runs"


def attack(
    released: Released,
    history: pd.DataFrame | None = None,
    *,
    policy: Policy | None = None,
    moves_at_most: int | None = None,
    programme: int = 200,
) -> pd.DataFrame:
    """What an outsider can prove of each hidden count that may be small.

    The outsider knows the policy, every figure of this and all earlier releases, what adds up to what, and all
    public files, but not who moved in or out. Percentages, intervals and costs per outcome tell them nothing
    more: they are computed from the released counts, and `tests/disclosure` holds that.

    history        figures of other releases, for what stands in them alone
    moves_at_most  an outsider who also knows that no count moves by more than this from a period to the next:
                   to be reported, not gated
    programme      for so many of the narrowest counts bounds are also sought by linear programme (HiGHS)

    Returns a frame, one row a hidden count that the outsider cannot prove to be larger than the policy's small
    counts: the keys, `count` ("numerator", "complement", "denominator", "unknown", "not_applicable"), `lower`,
    `upper`, `width` (upper minus lower), and `how` it was proved. Raises NotReleased for anything but a Released.
    """
    if not isinstance(released, Released):
        raise NotReleased(f"attack() takes what disclosure.release(...) returned, not {type(released).__name__}")
    seen = [released._figures] + ([typed(history)] if history is not None else [])  # by their own names
    figures = pd.concat(seen, ignore_index=True).drop_duplicates(list(KEYS), ignore_index=True)
    return prove(figures, policy or house_policy(), moves_at_most=moves_at_most, programme=programme)


def prove(
    figures: pd.DataFrame,
    policy: Policy,
    *,
    moves_at_most: int | None = None,
    programme: int = 0,
) -> pd.DataFrame:
    """`attack` on a bare frame of figures (columns of `released.FIGURES`)."""
    inside = ~figures["public"].to_numpy(dtype=bool)
    rows = figures[inside].reset_index(drop=True)
    n = len(rows)
    shown = _shown(rows)
    sums = sums_of(rows)
    lower, upper = known_at_once(shown, policy, sums.slack, moved=reach_of(rows))
    if moves_at_most is not None:
        sums, lower, upper = _with_small_moves(rows, sums, lower, upper, moves_at_most)
    bounds = propagate(lower, upper, sums)
    may_be_small = (bounds.lower <= policy.suppress_to) & (bounds.upper >= 1)
    wanted = np.flatnonzero(_hidden(rows).ravel() & may_be_small[: 5 * n])
    low, high = bounds.lower[wanted].copy(), bounds.upper[wanted].copy()
    by_sums = (low > lower[wanted]) | (high < upper[wanted])
    how = np.where(by_sums, BY_SUMS, BY_POLICY).astype(object)
    narrowest = np.argsort(high - low, kind="stable")[: max(programme, 0)]
    solved_low, solved_high = by_programme(wanted[narrowest], bounds, sums)
    tighter = (solved_low > low[narrowest]) | (solved_high < high[narrowest])
    low[narrowest], high[narrowest] = solved_low, solved_high
    how[narrowest[tighter]] = BY_PROGRAMME
    count, row = np.divmod(wanted, max(n, 1))
    out = rows.loc[row, list(KEYS)].reset_index(drop=True)
    out["count"] = np.array(COUNT_NAMES, dtype=object)[count]
    out["lower"], out["upper"], out["width"], out["how"] = low, high, high - low, how
    out = out[(out["lower"] <= policy.suppress_to) & (out["upper"] >= 1)]
    return out.sort_values([*KEYS, "count"], kind="stable", ignore_index=True)


def by_programme(variables: Ints, bounds: Bounds, sums: Sums, *, whole: bool = False) -> tuple[Floats, Floats]:
    """The least and greatest value of each of k variables that all relations around it allow together, by HiGHS.

    `whole` asks for whole numbers of people everywhere (a mixed-integer programme: exact, and slower); otherwise
    people may be fractions, and the answer is rounded inwards to whole numbers, which the truth allows too. Where the
    solver finds no answer the bounds stay as they are. Returns two arrays of k.

    Every answer is a way in which all people of the part may stand. Where one of them has a variable at its bound
    already, no programme can tighten that bound, and none is solved.
    """
    from scipy import optimize, sparse

    low, high = bounds.lower[variables].copy(), bounds.upper[variables].copy()
    usable = sums.without(bounds.broken)
    # A relation and a variable that stands in it are connected; nothing beyond a connected part bears on it.
    links = sparse.coo_array(
        (np.ones(len(usable.line)), (usable.line, sums.lines + usable.variable)),
        shape=(sums.lines + sums.variables,) * 2,
    )
    part = sparse.csgraph.connected_components(links, directed=False)[1]
    by_part = np.argsort(part[usable.line], kind="stable")
    sorted_parts = part[usable.line][by_part]
    for one in np.unique(part[sums.lines + variables]):
        at = by_part[np.searchsorted(sorted_parts, one) : np.searchsorted(sorted_parts, one, side="right")]
        if not len(at):
            continue  # no relation is left: its own row is all there is
        lines, row = np.unique(usable.line[at], return_inverse=True)
        members, column = np.unique(usable.variable[at], return_inverse=True)
        matrix = sparse.csr_array((usable.sign[at].astype(float), (row, column)), shape=(len(lines), len(members)))
        places = np.flatnonzero(part[sums.lines + variables] == one)
        columns = np.searchsorted(members, variables[places])
        ways = _Ways(matrix, optimize.Bounds(bounds.lower[members], bounds.upper[members]), whole)
        for direction in (1.0, -1.0):
            ways.extreme(columns, direction)  # all at once as few, or as many, as they may be together
        for place, at_column in zip(places, columns, strict=True):
            if np.ceil(ways.least[at_column] - 1e-6) > low[place]:
                low[place] = max(low[place], np.ceil(ways.extreme([at_column], 1.0) - 1e-6))
            if np.floor(ways.most[at_column] + 1e-6) < high[place]:
                high[place] = min(high[place], np.floor(-ways.extreme([at_column], -1.0) + 1e-6))
    return low, high


class _Ways:
    """The ways in which the people of one connected part may stand: matrix · x = 0 within the bounds.

    `least` and `most` are the least and greatest value of each variable in the ways that were found so far.
    """

    def __init__(self, matrix: sparse.csr_array, limits: optimize.Bounds, whole: bool) -> None:
        from scipy import optimize

        self._sums = optimize.LinearConstraint(matrix, 0, 0)
        self._limits = limits
        self._whole = np.full(matrix.shape[1], int(whole))
        self.least = np.full(matrix.shape[1], np.inf)
        self.most = np.full(matrix.shape[1], -np.inf)

    def extreme(self, columns: Ints | list[int], direction: float) -> float:
        """The least value of the sum of some variables times a direction; −∞ where the solver gives up."""
        from scipy import optimize

        goal = np.zeros(len(self.least))
        goal[columns] = direction
        answer = optimize.milp(goal, constraints=self._sums, bounds=self._limits, integrality=self._whole)
        if not answer.success:
            return -np.inf
        np.minimum(self.least, answer.x, out=self.least)
        np.maximum(self.most, answer.x, out=self.most)
        return float(answer.fun)


def _shown(rows: pd.DataFrame) -> Floats:
    """5 × n: what is shown of each count, NaN where hidden. Of amounts, numerator and denominator are no counts."""
    n = len(rows)
    shown = np.full((5, n), np.nan)
    counts = rows["kind"].ne("amount").to_numpy()
    for count, name in enumerate(COUNT_NAMES):
        if name != "complement":
            shown[count] = rows[name].to_numpy(dtype=float)
    shown[:3, ~counts] = np.nan
    return shown


def reach_of(rows: pd.DataFrame) -> Floats:
    """For each row of figures the most people by which its noise (a standard deviation, 0 for none) moves a count."""
    known = rows["noise"].fillna(0.0) if "noise" in rows else pd.Series(0.0, index=rows.index)
    return np.asarray(known.map({one: keys.reach(one) if one > 0 else 0 for one in known.unique()}), dtype=float)


def _hidden(rows: pd.DataFrame) -> Flags:
    """5 × n: counts that exist and are not shown. What was never known, or no count, is not hidden."""
    known = (rows["status"].eq("known") & rows["kind"].eq("count")).to_numpy()
    of_rows = rows["hidden"].to_numpy(dtype=bool) & known
    whole = rows["denominator_hidden"].to_numpy(dtype=bool) & known
    gaps = [rows[name].to_numpy(dtype=bool) for name in ("unknown_hidden", "not_applicable_hidden")]
    return np.array([of_rows, of_rows, whole, *gaps])


def _with_small_moves(
    rows: pd.DataFrame, sums: Sums, lower: Floats, upper: Floats, moves: int
) -> tuple[Sums, Floats, Floats]:
    """Add the knowledge that a count differs from the period before by at most so many people."""
    n = sums.rows
    own = joined(rows, [key for key in KEYS if key != "period"])
    length = rows["period"].str.len().astype(str)
    order = pd.DataFrame({"own": own + "|" + length, "period": rows["period"]}).sort_values(["own", "period"])
    follows = order["own"].eq(order["own"].shift()).to_numpy()
    later = order.index.to_numpy()[follows]
    earlier = order.index.to_numpy()[np.flatnonzero(follows) - 1] if follows.any() else later
    line, variable, sign, slack, lines = [sums.line], [sums.variable], [sums.sign], sums.slack, sums.lines
    for count in (N, C, D):
        at = lines + np.arange(len(later))
        line += [at, at, at]
        variable += [later + count * n, earlier + count * n, 5 * n + slack + np.arange(len(later))]
        sign += [np.ones(len(later), int), -np.ones(len(later), int), np.ones(len(later), int)]
        lower = np.concatenate([lower, np.full(len(later), -float(moves))])
        upper = np.concatenate([upper, np.full(len(later), float(moves))])
        slack, lines = slack + len(later), lines + len(later)
    more = Sums(
        line=np.concatenate(line), variable=np.concatenate(variable), sign=np.concatenate(sign),
        twin=np.arange(lines), between=np.concatenate([sums.between, np.ones(lines - sums.lines, dtype=bool)]),
        rows=n, slack=slack, lines=lines,
    )  # fmt: skip
    return more, lower, upper
