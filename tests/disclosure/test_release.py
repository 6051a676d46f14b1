"""The door: what is hidden, what is rounded, and what stays as it was.

Longer than other files: every kind of release is tried on the same few small tables, which stand at the top.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.disclosure.release import AT_SOURCE, MERGED, SMALL
from commissioning.errors import DataRefused
from commissioning.methods import intervals


def one(figures: pd.DataFrame, group: str) -> pd.Series:
    (row,) = [row for _, row in figures[figures["group"] == group].iterrows()]
    return row


def released(results, history=None, **more):
    return disclosure.release(results, history, **more).figures


@pytest.mark.parametrize(
    ("numerator", "denominator", "hidden"),
    [
        (0, 100, False), (1, 100, True), (7, 100, True), (8, 100, False),
        (92, 100, False), (93, 100, True), (99, 100, True), (100, 100, False),
        (0, 7, True), (0, 8, False), (8, 8, False), (8, 16, False), (8, 15, True), (0, 0, False),
    ],
)  # fmt: skip
def test_counts_of_1_to_7_and_their_complements_are_hidden(table, numerator, denominator, hidden):
    row = one(released(table([("all", "all", numerator, denominator)])), "all")
    assert row["hidden"] == hidden
    assert pd.isna(row["numerator"]) == hidden
    assert (row["why_hidden"] == SMALL) == hidden
    if hidden:
        assert pd.isna(row[["value", "lower", "upper"]]).all()


def test_a_suppressed_cell_is_never_shown_as_zero(table):
    figures = released(table([("all", "all", 3, 100), ("ward", "a", 3, 50), ("ward", "b", 0, 50)]))
    assert pd.isna(one(figures, "a")["numerator"])
    assert figures.loc[figures["hidden"], "numerator"].isna().all()


def test_few_different_people_are_hidden_though_they_have_many_reviews(table):
    few = table([("all", "all", 20, 40)], people=7)
    enough = table([("all", "all", 20, 40)], people=8)
    assert one(released(few), "all")["hidden"]
    assert one(released(few), "all")["denominator_hidden"]
    assert not one(released(enough), "all")["hidden"]


def test_a_table_without_a_people_column_is_protected_by_its_counts(table):
    results = table([("all", "all", 3, 100)]).drop(columns=["people", "unknown", "not_applicable", "status", "public"])
    assert one(released(results), "all")["hidden"]


def test_every_count_is_rounded_and_every_percentage_comes_from_rounded_counts(table):
    row = one(released(table([("all", "all", 43, 122)], unknown=13, not_applicable=8)), "all")
    assert row[["numerator", "denominator", "unknown", "not_applicable"]].tolist() == [45, 120, 15, 10]
    wilson = intervals.proportion([45], [120]).iloc[0]
    assert row[["value", "lower", "upper"]].tolist() == pytest.approx(wilson.tolist())
    assert row["rounded"]
    assert not row["public"]


def test_two_truths_with_the_same_released_counts_give_the_same_interval(table):
    a, b = (one(released(table([("all", "all", n, d)])), "all") for n, d in [(43, 118), (47, 122)])
    assert a[["value", "lower", "upper"]].tolist() == b[["value", "lower", "upper"]].tolist()


@pytest.mark.parametrize(("unknown", "shown", "hidden"), [(0, 0, False), (7, None, True), (8, 10, False)])
def test_people_whose_answer_is_unknown_are_a_count_like_any_other(table, unknown, shown, hidden):
    row = one(released(table([("all", "all", 40, 100)], unknown=unknown)), "all")
    assert row["unknown_hidden"] == hidden
    assert pd.isna(row["unknown"]) if shown is None else row["unknown"] == shown
    assert not row["not_applicable_hidden"]
    assert not row["hidden"]


def test_the_headline_is_rounded_from_the_truth_however_many_cells_are_hidden(with_total):
    parts = {f"ward {i:02d}": (4, 50) for i in range(20)} | {"ward 20": (22, 50), "ward 21": (18, 50)}
    out = disclosure.release(with_total(parts), None)
    assert one(out.figures, "all")["numerator"] == 120
    assert out.figures.query("group_kind == 'ward' and not hidden")["numerator"].sum() == 40


def test_total_minus_the_parts_shown_never_leaves_one_small_count(with_total):
    figures = released(with_total({"a": (5, 50), "b": (20, 50), "c": (30, 50), "d": (25, 50)}))
    assert figures.loc[figures["hidden"], "group"].tolist() == ["a", "b"]


def test_the_second_hidden_cell_has_no_reason_that_tells_it_from_the_first(with_total):
    figures = released(with_total({"a": (5, 50), "b": (20, 50), "c": (30, 50), "d": (25, 50)}))
    assert figures.loc[figures["hidden"], "why_hidden"].nunique() == 1


def test_a_small_complement_has_a_second_cell_hidden_beside_it_too(with_total):
    figures = released(with_total({"a": (45, 50), "b": (20, 50), "c": (30, 50), "d": (25, 50)}))
    assert figures.loc[figures["hidden"], "group"].tolist() == ["a", "b"]


def test_two_small_cells_need_no_third(with_total):
    figures = released(with_total({"a": (5, 50), "b": (4, 50), "c": (30, 50), "d": (25, 50)}))
    assert figures.loc[figures["hidden"], "group"].tolist() == ["a", "b"]


def test_where_two_small_cells_fill_their_remainder_a_third_is_hidden(with_total):
    # 20 less 10 leaves 10, give or take 4: the two hidden cells are 7 and 7 or nearly so.
    figures = released(with_total({"a": (7, 50), "b": (7, 50), "c": (8, 50), "d": (0, 50)}))
    assert figures.loc[figures["hidden"], "group"].tolist()[:2] == ["a", "b"]
    proved = disclosure.attack(disclosure.release(with_total({"a": (7, 50), "b": (7, 50), "c": (8, 50)}), None))
    assert (proved["width"] >= 5).all()


def test_a_small_denominator_hides_its_row_and_one_more_denominator(with_total):
    figures = released(with_total({"a": (0, 5), "b": (20, 50), "c": (30, 60), "d": (25, 55)}))
    hidden = figures[figures["denominator_hidden"]]
    assert hidden["group"].tolist() == ["a", "b"]
    assert hidden["hidden"].all()
    assert hidden["denominator"].isna().all()


def test_a_ward_alone_in_its_locality_s_remainder_is_guarded_where_the_map_is_given(table):
    rows = [("all", "all", 130, 500), ("locality", "north", 57, 250), ("locality", "south", 73, 250)]
    rows += [("ward", "n1", 5, 80), ("ward", "n2", 22, 80), ("ward", "n3", 30, 90)]
    rows += [("ward", "s1", 4, 80), ("ward", "s2", 33, 80), ("ward", "s3", 36, 90)]
    wards = {ward: "north" if ward.startswith("n") else "south" for _, ward, _, _ in rows[3:]}
    without = released(table(rows))
    within = released(table(rows), hierarchy={("ward", "locality"): wards})
    assert without.loc[without["hidden"], "group"].tolist() == ["n1", "s1"]
    assert within.loc[within["hidden"], "group"].tolist() == ["n1", "n2", "s1", "s2"]
    assert one(within, "n1")["within"] == "locality=north"


def test_a_map_that_does_not_hold_in_the_counts_is_not_used(table):
    rows = [("all", "all", 100, 300), ("locality", "north", 55, 250), ("ward", "n1", 15, 80), ("ward", "n2", 22, 80)]
    figures = released(table(rows), hierarchy={("ward", "locality"): {"n1": "north", "n2": "north"}})
    assert (figures["within"] == "").all()


def test_groups_that_leave_people_out_add_up_to_at_most_the_total(table):
    figures = released(table([("all", "all", 60, 200), ("ward", "a", 20, 90), ("ward", "b", 30, 100)]))
    assert figures["adds_up"].tolist() == ["", "at most", "at most"]
    assert figures["gaps_add_up"].tolist() == ["", "exactly", "exactly"]


def test_groups_that_overlap_do_not_add_up(table):
    figures = released(table([("all", "all", 60, 150), ("ward", "a", 40, 90), ("ward", "b", 30, 100)]))
    assert figures["adds_up"].tolist() == ["", "no", "no"]


def test_groups_without_a_headline_do_not_add_up(table):
    figures = released(table([("ward", "a", 40, 90), ("ward", "b", 30, 100)]))
    assert figures["adds_up"].tolist() == ["no", "no"]


# ---- published statistics, and the four things that are not the same


def test_published_statistics_pass_unchanged(table):
    results = table([("all", "all", 3, 101)], public=True, people=np.nan)
    row = one(released(results), "all")
    assert row[["numerator", "denominator"]].tolist() == [3, 101]
    assert row["value"] == pytest.approx(3 / 101)
    assert row["public"]
    assert not row["rounded"]
    assert not row["hidden"]
    assert row["kind"] == "published"


def test_a_published_percentage_and_its_limits_pass_as_their_publisher_gave_them(table):
    results = table([("all", "all", 31, 1015)], public=True, value=0.031, lower=0.02, upper=0.04)
    row = one(released(results), "all")
    assert row[["value", "lower", "upper"]].tolist() == [0.031, 0.02, 0.04]


def test_a_cell_that_its_publisher_suppressed_says_so(table):
    results = table([("all", "all", 0, 0)], public=True, status="suppressed")
    results[["numerator", "denominator"]] = np.nan
    row = one(released(results), "all")
    assert row["hidden"]
    assert row["why_hidden"] == AT_SOURCE
    assert pd.isna(row["value"])


def test_a_result_that_is_not_known_is_neither_hidden_nor_zero(table):
    results = table([("all", "all", 0, 0)], status="unknown")
    results[["numerator", "denominator", "people"]] = np.nan
    row = one(released(results), "all")
    assert not row["hidden"]
    assert row["status"] == "unknown"
    assert pd.isna(row[["numerator", "value"]]).all()


def test_what_is_said_to_be_published_but_is_not_public_is_protected(table):
    assert one(released(table([("all", "all", 3, 100)], kind="published")), "all")["hidden"]


# ---- small providers


def providers(sizes):
    return {f"p{i}": (size // 2, size) for i, size in enumerate(sizes)}


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([19, 18, 60, 80], ["p0", "p1"]),
        ([19, 20, 60, 80], ["p0", "p1"]),
        ([20, 30, 60, 80], []),
        ([9, 8, 60, 80], ["p0", "p1", "p2"]),
        ([10, 10, 60, 80], ["p0", "p1"]),
        ([10, 9, 60, 80], ["p0", "p1", "p2"]),
        ([19, 60], []),
    ],
)
def test_small_providers_are_shown_together(with_total, sizes, merged):
    figures = released(with_total(providers(sizes), "provider"))
    assert figures.loc[figures["why_hidden"] == MERGED, "group"].tolist() == merged
    together = figures[figures["group"] == "smaller providers together"]
    assert len(together) == bool(merged)
    if merged:
        people = sum(sizes[int(name[1:])] for name in merged)
        assert together["denominator"].iloc[0] == round(people / 5) * 5


def test_nothing_of_a_merged_provider_is_shown_on_its_own(with_total):
    figures = released(with_total(providers([19, 18, 60, 80]), "provider", unknown=40))
    members = figures[figures["why_hidden"] == MERGED]
    assert members[["numerator", "denominator", "unknown", "not_applicable", "value"]].isna().all(axis=None)
    assert (members["within"] == "provider=smaller providers together").all()


def test_wards_are_never_merged(with_total):
    figures = released(with_total(providers([19, 18, 60, 80]), "ward"))
    assert not figures["why_hidden"].eq(MERGED).any()


def test_merged_providers_come_out_of_the_next_run_as_they_did(with_total):
    results = with_total(providers([19, 18, 60, 80]), "provider")
    first = disclosure.release(results, None)
    second = disclosure.release(results, first.history)
    columns = [name for name in first.figures.columns if name != "note"]
    pd.testing.assert_frame_equal(first.figures[columns], second.figures[columns])
    pd.testing.assert_frame_equal(first.price, second.price)


# ---- earlier runs


def test_a_figure_follows_the_data_whatever_was_released_before(table):
    first = disclosure.release(table([("all", "all", 40, 100)]), None)
    now = table([("all", "all", 60, 120)])
    later = disclosure.release(now, first.history)
    pd.testing.assert_frame_equal(later.figures, released(now))
    assert one(later.figures, "all")[["numerator", "denominator"]].tolist() == [60, 120]
    hidden_then = disclosure.release(table([("all", "all", 3, 100)]), None)
    assert not one(released(now, hidden_then.history), "all")["hidden"]


def test_where_nobody_says_that_a_figure_is_public_it_is_not(table):
    results = table([("all", "all", 4, 100)], public=pd.Series([None], dtype=object))
    assert one(released(results), "all")["hidden"]
    both = pd.concat([results, table([("all", "all", 4, 100)], period="2014-15 Q2", public=True)], ignore_index=True)
    assert disclosure.release(both, None).figures.set_index("period")["hidden"].to_dict() == {
        "2014-15 Q1": True,
        "2014-15 Q2": False,
    }


def test_the_same_people_give_the_same_number_in_every_order_of_runs(table):
    quarters = [table([("all", "all", 43, 122)], period=f"2014-15 Q{q}") for q in (1, 2)]
    at_once = released(pd.concat(quarters))
    first = disclosure.release(quarters[1], None)
    one_by_one = released(pd.concat(quarters), first.history)
    columns = [name for name in at_once.columns if name != "note"]
    pd.testing.assert_frame_equal(at_once[columns], one_by_one[columns])


# ---- amounts and costs


def amounts(parts, **more):
    """Parts of (pounds in pence, person-weeks, people), and their total."""
    rows = [("all", "all", *(sum(column) for column in zip(*parts.values(), strict=True)))]
    rows += [("ward", name, *part) for name, part in parts.items()]
    frame = pd.DataFrame(rows, columns=["group_kind", "group", "numerator", "denominator", "people"])
    return frame.assign(
        measure="made_up_weekly_cost", pilot="made_up", area="E08000015", period="2014-15 Q1",
        status="known", public=False, kind="amount", **more,
    )  # fmt: skip


def test_an_amount_is_released_to_two_significant_figures(table):
    row = one(released(amounts({"a": (12_345_678, 1_234, 95)})), "a")
    assert (row["numerator"], row["denominator"], row["value"]) == (12_000_000, 1_235, 9_700)
    assert pd.isna(row[["lower", "upper"]]).all()


@pytest.mark.parametrize(("people", "hidden"), [(19, True), (20, False), (0, True)])
def test_no_amount_stands_on_fewer_than_20_people(people, hidden):
    row = one(released(amounts({"a": (1_234_567, 250, people)})), "a")
    assert row["hidden"] == hidden
    assert row["denominator_hidden"] == hidden


def test_an_amount_hidden_alone_takes_the_next_smallest_with_it():
    parts = {"a": (100_000, 40, 19), "b": (300_000, 130, 31), "c": (200_000, 90, 30), "d": (500_000, 200, 60)}
    figures = released(amounts(parts))
    assert figures.loc[figures["hidden"], "group"].tolist() == ["a", "c"]


def test_amounts_hidden_together_are_of_20_people_or_more():
    parts = {"a": (10_000, 20, 9), "b": (10_000, 20, 10), "c": (200_000, 90, 30), "d": (500_000, 200, 60)}
    assert released(amounts(parts))["hidden"].tolist() == [False, True, True, True, False]
    parts["b"] = (10_000, 20, 11)
    assert released(amounts(parts))["hidden"].tolist() == [False, True, True, False, False]


def test_amounts_are_guarded_within_each_wider_group_too():
    parts = {"n1": (10_000, 20, 15), "n2": (90_000, 60, 40), "n3": (90_000, 60, 41), "s1": (10_000, 20, 15)}
    parts |= {"s2": (90_000, 60, 45), "s3": (90_000, 60, 44)}
    results = amounts(parts)
    north = results[results["group"].str.startswith("n")][["numerator", "denominator", "people"]].sum()
    results = pd.concat([results, results.iloc[[0]].assign(group_kind="locality", group="north", **north)])
    wards = {("ward", "locality"): dict.fromkeys(["n1", "n2", "n3"], "north")}
    figures = released(results, hierarchy=wards)
    assert figures.loc[figures["hidden"], "group"].tolist() == ["n1", "n2", "s1"]


def test_amounts_of_which_nobody_says_who_is_behind_them_are_rounded_and_nothing_stays_nothing():
    row = one(released(amounts({"a": (12_345_678, 1_234, np.nan)})), "a")
    assert row[["numerator", "denominator"]].tolist() == [12_000_000, 1_235]
    assert row["value"] == 9_700
    assert row["rounded"]
    assert one(released(amounts({"a": (0, 0, 0)})), "a")["numerator"] == 0


def test_an_amount_that_is_a_plain_sum_is_its_own_value():
    row = one(released(amounts({"a": (12_345_678, np.nan, 95)})), "a")
    assert row["value"] == row["numerator"] == 12_000_000


def test_a_measure_whose_numerators_are_no_counts_is_taken_for_an_amount(table):
    for top, bottom in [(12.5, 100), (130, 100), (50, 99.5), (-5, 100), (50, np.nan)]:
        results = table([("all", "all", 0, 0)], numerator=top, denominator=bottom, people=95)
        assert one(released(results), "all")["kind"] == "amount"
    assert one(released(table([("all", "all", 100, 100)])), "all")["kind"] == "count"


def test_spend_and_cost_each_are_rounded_to_two_figures(table):
    row = one(released(table([("all", "all", 43, 122)], spend_pence=3_412_074)), "all")
    assert row["spend_pence"] == 3_400_000
    assert row["cost_each_pence"] == 76_000


def test_spend_that_is_public_already_stays_exact_and_the_cost_comes_from_the_released_count(table):
    figures = [
        one(released(table([("all", "all", n, 122)], spend_pence=3_412_074, spend_public=True)), "all")
        for n in (43, 47)
    ]
    assert [row["spend_pence"] for row in figures] == [3_412_074, 3_412_074]
    assert figures[0]["cost_each_pence"] == figures[1]["cost_each_pence"] == 76_000


@pytest.mark.parametrize(("numerator", "there"), [(19, False), (20, True)])
def test_no_cost_each_stands_on_fewer_than_20_people(table, numerator, there):
    row = one(released(table([("all", "all", numerator, 122)], spend_pence=3_412_074)), "all")
    assert pd.notna(row["cost_each_pence"]) == there
    assert pd.notna(row["spend_pence"])


@pytest.mark.parametrize(("people", "there"), [(19, False), (20, True)])
def test_no_spend_of_fewer_than_20_people_is_shown(table, people, there):
    row = one(released(table([("all", "all", 9, 30)], people=people, spend_pence=3_412_074)), "all")
    assert pd.notna(row["spend_pence"]) == there


def test_a_hidden_count_has_no_cost_each(table):
    row = one(released(table([("all", "all", 118, 122)], spend_pence=3_412_074, spend_public=True)), "all")
    assert row["hidden"]
    assert pd.isna(row["cost_each_pence"])


# ---- price and refusal


def test_the_price_of_protection_is_counted(with_total):
    parts = {"a": (5, 50), "b": (20, 50), "c": (30, 50), "d": (25, 50)}
    out = disclosure.release(pd.concat([with_total(parts), with_total(parts, measure="made_up_b", public=True)]), None)
    by_ward = out.price.set_index(["measure", "group_kind"]).loc[("made_up_goal_met", "ward")]
    assert by_ward[["cells", "shown", "rounded", "hidden", "merged"]].tolist() == [4, 2, 2, 2, 0]
    assert by_ward[["needing_no_protection", "needing_none_and_released"]].tolist() == [3, 2]
    total = out.price[["cells", "public", "hidden", "needing_no_protection", "needing_none_and_released"]].sum()
    assert total.tolist() == [10, 5, 2, 4, 3]


def test_at_least_nine_in_ten_cells_that_need_no_protection_are_released_at_sample_size(cohort, hierarchy):
    months = [
        cohort(seed, months=1, people=1_150, wards=22, providers=12)[0].assign(area=str(seed)) for seed in range(40)
    ]
    out = disclosure.release(pd.concat(months), None, hierarchy=hierarchy)
    assert out.price["needing_none_and_released"].sum() >= 0.9 * out.price["needing_no_protection"].sum() > 0


# ---- frames that are no results


@pytest.mark.parametrize(
    "column", ["measure", "pilot", "area", "group_kind", "group", "period", "numerator", "denominator"]
)
def test_a_missing_column_is_named(table, column):
    with pytest.raises(DataRefused, match=f"the columns {column} are missing"):
        disclosure.release(table([("all", "all", 40, 100)]).drop(columns=column), None)


def test_a_figure_given_twice_is_refused(table):
    results = table([("all", "all", 40, 100)])
    with pytest.raises(DataRefused, match="1 figures stand twice"):
        disclosure.release(pd.concat([results, results]), None)


def test_a_row_without_a_group_is_refused(table):
    with pytest.raises(DataRefused, match="group is missing in 1 rows"):
        disclosure.release(table([("all", None, 40, 100)]), None)


@pytest.mark.parametrize("column", ["denominator", "unknown", "not_applicable", "people"])
@pytest.mark.parametrize("value", [-1, np.inf])
def test_a_count_below_nothing_or_without_end_is_refused(table, column, value):
    with pytest.raises(DataRefused, match=f"{column} is negative or infinite in 1 rows"):
        disclosure.release(table([("all", "all", 40, 100)], **{column: value}), None)


def test_an_infinite_numerator_is_refused(table):
    with pytest.raises(DataRefused, match="numerator is negative or infinite"):
        disclosure.release(table([("all", "all", np.inf, 100)]), None)


def test_a_count_above_its_denominator_is_refused_where_it_is_said_to_count(table):
    with pytest.raises(DataRefused, match="made_up_goal_met is said to count"):
        disclosure.release(table([("all", "all", 101, 100)], kind="count"), None)


def test_a_kind_nobody_knows_is_refused(table):
    with pytest.raises(DataRefused, match="kind rate is not known; write count, amount or published"):
        disclosure.release(table([("all", "all", 40, 100)], kind="rate"), None)


def test_results_without_rows_give_a_release_without_figures(table):
    out = disclosure.release(table([]), None)
    assert len(out) == 0
    assert out.refused.empty
    assert disclosure.attack(out).empty


def test_the_results_themselves_are_left_as_they_were(with_total):
    results = with_total({"a": (5, 50), "b": (20, 50), "c": (30, 50)})
    before = results.copy()
    disclosure.release(results, None)
    pd.testing.assert_frame_equal(results, before)


def test_a_year_that_is_the_sum_of_its_quarters_is_known_to_be_and_another_is_not(table):
    quarters = [table([("all", "all", 20 + q, 40)], period=f"2014-15 Q{q}") for q in (1, 2, 3, 4)]
    for whole, known in ((90, True), (91, False)):
        year = table([("all", "all", whole, 160)], period="2014-15")
        figures = released(pd.concat([*quarters, year], ignore_index=True))
        assert figures.loc[figures["period"] == "2014-15", "year_is_sum"].tolist() == [known]
        assert not figures.loc[figures["period"] != "2014-15", "year_is_sum"].any()
