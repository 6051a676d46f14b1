"""The outsider: checked against every possible world, on tables small enough to write them all out."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning import disclosure
from commissioning.disclosure.attack import BY_POLICY, BY_PROGRAMME, BY_SUMS, by_programme, prove
from commissioning.disclosure.prove import NO_LIMIT, Bounds, known_at_once, propagate
from commissioning.disclosure.sums import C, D, N, sums_of

POLICY = disclosure.policy()


def bare(rows, **more):
    """Figures as an outsider reads them: (kind, group, shown numerator or None, shown denominator or None)."""
    frame = pd.DataFrame(rows, columns=["group_kind", "group", "numerator", "denominator"])
    parts = frame["group_kind"] != "all"
    out = frame.assign(
        measure="m", pilot="p", area="a", period="2014-15 Q1", unknown=0.0, not_applicable=0.0,
        status="known", kind="count", within="", public=False, year_is_sum=False,
        adds_up=np.where(parts, "exactly", ""), gaps_add_up="", unknown_hidden=False, not_applicable_hidden=False,
        hidden=frame["numerator"].isna(), denominator_hidden=frame["denominator"].isna(),
    )  # fmt: skip
    return out.astype({"numerator": float, "denominator": float}).assign(**more)


def interval(proved, group, count="numerator"):
    row = proved[(proved["group"] == group) & (proved["count"] == count)].iloc[0]
    return row["lower"], row["upper"], row["width"], row["how"]


def test_total_minus_parts_bounds_a_hidden_count():
    proved = prove(bare([("all", "all", 20, 100), ("w", "a", None, 50), ("w", "b", 15, 50)]), POLICY)
    # 18 to 22 in all, less 13 to 17.
    assert interval(proved, "a") == (1, 9, 8, BY_SUMS)


def test_without_a_total_the_row_itself_is_all_there_is():
    proved = prove(bare([("w", "a", None, 50), ("w", "b", 15, 50)]), POLICY)
    assert interval(proved, "a")[:3] == (0, 52, 52)
    assert interval(proved, "a", "complement")[:3] == (0, 52, 52)


def test_a_zero_is_known_exactly_and_sharpens_the_rest():
    proved = prove(bare([("all", "all", 10, 100), ("w", "a", None, 50), ("w", "b", 0, 50)]), POLICY)
    # Eight or more is no small count: there is nothing to report of the numerator.
    assert "numerator" not in set(proved.loc[proved["group"] == "a", "count"])


def test_people_in_no_group_leave_only_an_upper_bound():
    figures = bare([("all", "all", 20, 100), ("w", "a", None, 50), ("w", "b", 15, 50)])
    figures["adds_up"] = figures["adds_up"].replace("exactly", "at most")
    assert interval(prove(figures, POLICY), "a")[:2] == (0, 9)


def test_a_wider_group_s_remainder_is_tried():
    rows = [("all", "all", 60, 300), ("loc", "n", 20, 150), ("loc", "s", 40, 150)]
    rows += [("w", "n1", None, 50), ("w", "n2", 15, 100), ("w", "s1", None, 75), ("w", "s2", 30, 75)]
    figures = bare(rows)
    figures["within"] = ["", "", "", "loc=n", "loc=n", "loc=s", "loc=s"]
    assert interval(prove(figures, POLICY), "n1")[:2] == (1, 9)


def test_a_year_less_three_quarters_is_tried():
    quarters = [bare([("all", "all", n, 100)], period=f"2014-15 Q{q}") for q, n in enumerate([None, 20, 20, 20], 1)]
    year = bare([("all", "all", 65, 400)], period="2014-15", year_is_sum=True)
    proved = prove(pd.concat([*quarters, year], ignore_index=True), POLICY)
    assert interval(proved, "all")[:2] == (0, 13)
    year["year_is_sum"] = False
    proved = prove(pd.concat([*quarters, year], ignore_index=True), POLICY)
    assert interval(proved, "all")[:2] == (0, 102)
    three = pd.concat([*quarters[:3], year.assign(year_is_sum=True)], ignore_index=True)
    assert interval(prove(three, POLICY), "all")[:2] == (0, 102)


def test_earlier_runs_are_used_against_this_one(table):
    """The same figures in a history of their own give the same proof as in one release."""
    results = table([("all", "all", 22, 100), ("ward", "a", 4, 50), ("ward", "b", 18, 50)])
    both = disclosure.attack(disclosure.release(results, None))
    first = disclosure.release(results[results["group"] != "a"], None)
    second = disclosure.release(results[results["group"] == "a"], first.history)
    pd.testing.assert_frame_equal(
        disclosure.attack(second), disclosure.attack(second.select(group="nobody"), second.history)
    )
    assert both["width"].min() >= 5
    assert disclosure.attack(second)["width"].min() >= 5


def test_a_contradiction_proves_nothing():
    figures = bare([("all", "all", 20, 100), ("w", "a", None, 50), ("w", "b", 60, 80)])
    assert interval(prove(figures, POLICY), "a")[:2] == (0, 52)


def test_one_who_knows_that_counts_hardly_move_proves_more():
    months = [bare([("all", "all", n, 100)], period=f"2014-{m:02d}") for m, n in enumerate([10, None, None], 1)]
    figures = pd.concat(months, ignore_index=True)
    gated, knowing = prove(figures, POLICY), prove(figures, POLICY, moves_at_most=1)
    upper = knowing[knowing["count"] == "numerator"].set_index("period")["upper"]
    lower = knowing[knowing["count"] == "numerator"].set_index("period")["lower"]
    assert gated.loc[gated["count"] == "numerator", "upper"].tolist() == [102, 102]
    assert upper.to_dict() == {"2014-02": 13, "2014-03": 14}
    assert lower.to_dict() == {"2014-02": 7, "2014-03": 6}


def test_years_and_quarters_are_not_taken_for_neighbours_in_time():
    figures = pd.concat(
        [bare([("all", "all", 10, 100)], period="2014-15"), bare([("all", "all", None, 100)], period="2014-15 Q1")],
        ignore_index=True,
    )
    assert interval(prove(figures, POLICY, moves_at_most=1), "all")[:2] == (0, 102)


def test_unknown_counts_are_attacked_too():
    figures = bare([("all", "all", 40, 100), ("w", "a", 20, 50), ("w", "b", 20, 50)])
    figures["unknown"] = [15.0, np.nan, 10.0]
    figures["unknown_hidden"] = [False, True, False]
    figures["gaps_add_up"] = ["", "exactly", "exactly"]
    proved = prove(figures, POLICY)
    assert proved["count"].tolist() == ["unknown"]
    assert interval(proved, "a", "unknown")[:2] == (1, 9)


def test_public_rows_and_rows_of_no_count_have_nothing_hidden():
    figures = bare([("all", "all", None, None)])
    assert prove(figures.assign(public=True), POLICY).empty
    assert prove(figures.assign(kind="amount"), POLICY).empty
    assert prove(figures.assign(status="unknown"), POLICY).empty
    assert set(prove(figures, POLICY)["count"]) == {"numerator", "complement", "denominator"}


# ---- against every possible world


def worlds(figures, most):
    """Every truth of a small table that the released figures allow, written out one by one."""
    rows = figures.reset_index(drop=True)
    choices = []
    for _, row in rows.iterrows():
        pairs = []
        for d in range(most + 1):
            for n in range(d + 1):
                fits = all(
                    (np.isnan(shown) or 5 * np.floor(truth / 5 + 0.5) == shown and not 1 <= truth <= 7)
                    for truth, shown in ((n, row["numerator"]), (d, row["denominator"]))
                )
                if not np.isnan(row["numerator"]) and not np.isnan(row["denominator"]):
                    fits = fits and not 1 <= d - n <= 7
                if fits:
                    pairs.append((n, d))
        choices.append(pairs)
    total = rows.index[rows["group_kind"] == "all"][0]
    allowed = set(choices[total])
    parts = [choices[i] for i in rows.index if i != total]
    for world in itertools.product(*parts):
        summed = (sum(n for n, _ in world), sum(d for _, d in world))
        if summed in allowed:
            yield world


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=2),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_what_is_proved_holds_in_every_possible_world_and_the_programme_is_exact(counts, hide):
    truth = [(n, n + c) for n, c in counts]
    total = (sum(n for n, _ in truth), sum(d for _, d in truth))
    rows = [("all", "all", *total)] + [("w", f"w{i}", *pair) for i, pair in enumerate(truth)]

    def shown(count):
        return None if 1 <= count <= 7 else 5 * np.floor(count / 5 + 0.5)

    shown_rows = []
    for (kind, group, n, d), more in zip(rows, hide, strict=True):
        hidden = more or shown(n) is None or shown(d) is None or 1 <= d - n <= 7
        shown_rows.append((kind, group, None if hidden else shown(n), shown(d)))
    figures = bare(shown_rows)
    possible = list(worlds(figures, most=24))
    if not possible:
        return
    sums = sums_of(figures)
    start = known_at_once(_as_shown(figures), POLICY, sums.slack)
    bounds = propagate(start[0], np.minimum(start[1], 48), sums)
    size = len(figures)
    for part in range(2):
        values = np.array([world[part][0] for world in possible])
        variable = part + 1
        assert bounds.lower[variable] <= values.min()
        assert bounds.upper[variable] >= values.max() or values.max() == 24
        low, high = by_programme(np.array([variable]), bounds, sums, whole=True)
        assert bounds.lower[variable] <= low[0] <= values.min()
        assert values.max() <= high[0] <= bounds.upper[variable]
    assert size == 3


def _as_shown(figures):
    shown = np.full((5, len(figures)), np.nan)
    shown[N], shown[D] = figures["numerator"], figures["denominator"]
    return shown


def test_the_programme_closes_what_propagation_leaves_open():
    """Two tables of the same people: neither sum alone sees what both together do."""
    rows = [("w", "a", None, 100), ("w", "b", None, 100), ("v", "c", None, 100), ("v", "d", None, 100)]
    figures = bare(rows)
    sums = sums_of(figures)
    size = sums.variables
    lower, upper = np.zeros(size), np.full(size, 10.0)
    bounds = Bounds(lower=lower, upper=upper, broken=np.zeros(sums.lines, dtype=bool))
    # x + y = 10 and x - y = 0, written with the rows' own relations N + C = D.
    cycle = type(sums)(
        line=np.array([0, 0, 0, 1, 1]), variable=np.array([0, 1, 2, 0, 1]), sign=np.array([1, 1, -1, 1, -1]),
        between=np.ones(2, dtype=bool), twin=np.arange(2), rows=4, slack=0, lines=2,
    )  # fmt: skip
    lower[2] = upper[2] = 10
    bounds = propagate(lower, upper, cycle)
    assert (bounds.lower[0], bounds.upper[0]) == (0, 10)
    assert [bound.tolist() for bound in by_programme(np.array([0]), bounds, cycle)] == [[5], [5]]


def test_a_programme_without_an_answer_leaves_the_bounds():
    sums = sums_of(bare([("w", "a", None, 10)]))
    lower, upper = np.zeros(5), np.full(5, 3.0)
    lower[D] = upper[D] = 9  # N + C can reach 6 at most
    bounds = Bounds(lower=lower, upper=upper, broken=np.zeros(sums.lines, dtype=bool))
    assert [bound.tolist() for bound in by_programme(np.array([0]), bounds, sums)] == [[0], [3]]


def test_the_frame_says_how_each_interval_was_proved(table):
    out = disclosure.release(table([("all", "all", 22, 100), ("ward", "a", 4, 50), ("ward", "b", 18, 50)]), None)
    for programme in (0, 50):
        proved = disclosure.attack(out, programme=programme)
        assert list(proved.columns) == [
            "measure", "pilot", "area", "group_kind", "group", "period", "count", "lower", "upper", "width", "how",
        ]  # fmt: skip
        assert set(proved["how"]) <= {BY_POLICY, BY_SUMS, BY_PROGRAMME}
        assert (proved["upper"] - proved["lower"] == proved["width"]).all()


# ---- what one row tells


@pytest.mark.parametrize(
    ("shown_n", "shown_d", "n", "d", "c"),
    [
        (0, 50, (0, 0), (48, 52), (48, 52)),
        (10, 50, (8, 12), (48, 52), (36, 44)),
        (20, 25, (18, 22), (23, 27), (8, 9)),
        (20, 20, (18, 22), (18, 22), (0, 0)),
        (None, 50, (0, NO_LIMIT), (48, 52), (0, NO_LIMIT)),
        (None, None, (0, NO_LIMIT), (0, NO_LIMIT), (0, NO_LIMIT)),
        (0, 0, (0, 0), (0, 0), (0, 0)),
        (10, 15, (8, 12), (13, 17), (8, 9)),
    ],
)
def test_rounding_and_the_policy_bound_each_count(shown_n, shown_d, n, d, c):
    shown = np.full((5, 1), np.nan)
    shown[N], shown[D] = [[np.nan if x is None else x] for x in (shown_n, shown_d)]
    lower, upper = known_at_once(shown, POLICY, 2)
    assert [(lower[k], upper[k]) for k in (N, D, C)] == [n, d, c]
    assert lower[5:].tolist() == [0, 0]
    assert upper[5:].tolist() == [NO_LIMIT, NO_LIMIT]


# ---- the other attacks of the catalogue: nothing printed tells more than the released counts


def test_percentages_intervals_and_costs_are_a_function_of_what_is_released(table):
    """All truths with the same released counts and the same public spend print the same, so nothing is worked back."""
    truths = [(n, d) for n, d in itertools.product(range(20, 33), range(48, 63)) if not 1 <= d - n <= 7]
    results = [table([("all", "all", n, d)], spend_pence=98_765_432, spend_public=True) for n, d in truths]
    each = pd.concat([result.assign(area=f"area {i}") for i, result in enumerate(results)])
    figures = disclosure.release(each, None).figures
    printed = figures.groupby(["numerator", "denominator"])[["value", "lower", "upper", "cost_each_pence"]].nunique()
    assert len(printed) == 3 * 3
    assert (printed == 1).all(axis=None)


def test_a_hidden_count_that_stands_alone_is_proved_by_the_policy_only(table):
    proved = disclosure.attack(disclosure.release(table([("all", "all", 2, 4)]), None))
    assert set(proved["how"]) == {BY_POLICY}
