"""Keyed noise: who is counted decides it, and nothing else."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from cell_key_perturbation.create_perturbed_table import create_perturbed_table

from commissioning import disclosure
from commissioning.disclosure import keys
from commissioning.measures import keyed

NOISE = disclosure.policy().noise
PEOPLE = [f"P{one}" for one in range(200)]


def test_record_keys_follow_the_person_and_the_secret():
    first = keys.record_keys([*PEOPLE, None, *PEOPLE], b"one secret")
    assert len(first) == 200 and first.between(0, 2**32 - 1).all()
    assert keys.record_keys(reversed(PEOPLE), b"one secret").reindex(first.index).equals(first)
    assert (keys.record_keys(PEOPLE, b"another") != first).mean() > 0.99
    with pytest.raises(ValueError, match="secret"):
        keys.record_keys(PEOPLE, b"")


def test_the_noise_of_each_count_has_mean_nothing_and_the_spread_of_the_policy():
    table = keys.table(NOISE)
    assert list(table.columns) == ["pcv", "ckey", "pvalue"]
    of_each = table.groupby("pcv")["pvalue"]
    assert of_each.size().eq(256).all() and of_each.mean().abs().max() == 0
    assert of_each.std().round(6).nunique() == 1
    assert of_each.std().iloc[0] == pytest.approx(NOISE, rel=0.02)
    assert keys.reach(NOISE) == table["pvalue"].abs().max()


def test_keys_of_sets_that_differ_by_one_person_have_nothing_to_do_with_each_other():
    sums = np.cumsum(keys.record_keys([f"Q{one}" for one in range(4_000)], b"secret").to_numpy(dtype=float))
    found = keys.cell_keys(sums, sums)
    counts = np.bincount(found, minlength=256)
    assert ((counts - 4_000 / 256) ** 2 / (4_000 / 256)).sum() < 340  # chi-squared, 255 degrees of freedom: p > 0.0003
    noise = keys.noise(np.full(4_000, 100.0), found, NOISE)
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.06
    assert noise.std() == pytest.approx(NOISE, rel=0.05)


def test_noise_is_looked_up_as_the_package_of_the_statistics_office_does():
    """The same table and cell keys through `create_perturbed_table`, from rows: one bears the cell's key, the others none."""
    counts, cells = [3, 40, 750, 751, 1_000, 1_003], [7, 200, 0, 255, 31, 128]
    rows = [
        (f"cell {at}", key if one == 0 else 0)
        for at, (n, key) in enumerate(zip(counts, cells, strict=True))
        for one in range(n)
    ]
    rows = [*rows, ("the greatest key", 255)]
    frame = pd.DataFrame(rows, columns=["cell", "record_key"])
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = create_perturbed_table(frame, keys.table(NOISE), [], ["cell"], "record_key", threshold=-1_000)
    theirs = theirs.set_index("cell")["count"].astype(float)
    ours = np.array(counts) + keys.noise(np.array(counts), np.array(cells), NOISE)
    assert theirs.loc[[f"cell {at}" for at in range(len(counts))]].tolist() == ours.tolist()


def test_a_sum_of_keys_counts_each_person_once_in_each_cell_of_each_set():
    cell, person = np.array([0, 0, 0, 1, 1, 1]), np.array([2, 2, 0, 2, -1, 1])
    rows = keyed.by_person(cell, person)
    everybody = np.ones(6, dtype=bool)
    found = keyed.sums(
        rows, np.array([1.0, 10.0, 100.0]), 3, {"all": everybody, "some": np.array([0, 1, 0, 0, 1, 1], bool)}
    )
    assert found["all"].tolist() == [101, 110, 0]
    assert found["some"].tolist() == [100, 10, 0]


def test_the_largest_contributors_are_persons_and_not_rows():
    cell, person = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 1, 2, 1])
    one, two = keyed.largest(keyed.by_person(cell, person), np.array([3.0, 4.0, 6.0, 1.0, 9.0]), 3)
    assert one.tolist() == [7, 9, 0]
    assert two.tolist() == [13, 9, 0]


# ---- through the door


def row(group="all", group_kind="all", period="2014-15", **more):
    base = {
        "measure": "made_up", "pilot": "p", "area": "E08000015", "group_kind": group_kind, "group": group, "period": period,
        "numerator": 200.0, "denominator": 400.0, "unknown": 0.0, "not_applicable": 0.0, "people": 400.0, "kind": "count",
        "key_all": 4e9, "key_numerator": 1e9, "key_denominator": 2e9, "key_unknown": 0.0, "key_not_applicable": 0.0,
    }  # fmt: skip
    return {**base, **more}


def released(*rows, **given):
    return disclosure.release(pd.DataFrame(rows), **given).figures


def test_one_person_stands_in_as_many_figures_as_the_policy_says():
    kinds = ["ward", "locality", "provider", "age_band", "ethnicity"]
    rows = [row(period=one) for one in ("2014-15", "2014-15 Q1")]
    rows += [row("a", kind, period) for kind in kinds for period in ("2014-15", "2014-15 Q1")]
    figures = released(*rows)
    shown = figures[~figures["hidden"]]
    assert len(shown) == disclosure.policy().cells_of_one_person
    assert set(shown["group_kind"]) == {"all", *kinds[:4]}
    fewer = released(*rows, policy=disclosure.policy().stricter(cells_of_one_person=2))
    assert fewer.loc[~fewer["hidden"], "group_kind"].tolist() == ["all", "all"]
    assert fewer["noise"].max() < figures["noise"].max()  # fewer tables, less noise


def test_none_few_and_all_are_not_told_apart_and_nobody_is_nobody():
    rows = [
        row(str(n), "ward", numerator=float(n), key_numerator=n * 1e6, measure="m", denominator=400.0)
        for n in (0, 1, 399, 400)
    ]
    figures = released(row(measure="m"), *rows)
    few = figures[figures["group_kind"].eq("ward")]
    assert few["why_hidden"].nunique() == 1 or few["hidden"].sum() >= 2  # what is shown is shown by its noise
    empty = row(
        "x",
        "ward",
        **dict.fromkeys(("numerator", "denominator", "people", "key_all", "key_numerator", "key_denominator"), 0.0),
    )
    assert released(row(), empty)["denominator"].tolist()[-1] == 0


def test_a_numerator_never_exceeds_its_denominator():
    rows = [row(str(n), "ward", numerator=400.0 - n, key_numerator=n * 7e6, key_denominator=n * 3e6) for n in range(60)]
    figures = released(row(), *rows)
    shown = figures[~figures["hidden"]]
    assert (shown["numerator"] <= shown["denominator"]).all() and len(shown) > 20


def test_an_amount_of_which_two_people_make_nearly_all_is_not_shown():
    amount = row(
        numerator=1e6, kind="amount", people=60.0, denominator=800.0, largest=2e4, largest_two=4e4, largest_of=13.0
    )
    assert not released(amount)["hidden"].iloc[0]
    assert released({**amount, "largest": 5e5, "largest_two": 9e5})["hidden"].iloc[0]
    assert released({**amount, "people": 3.0})["hidden"].iloc[0]


def test_a_plain_sum_of_few_people_is_hidden_and_one_of_many_has_noise():
    """An amount out of nothing has no denominator; that is no sign that nobody stands in it."""
    spend = row(
        numerator=4_496_037.0,
        kind="amount",
        denominator=np.nan,
        people=1.0,
        largest=4_496_037.0,
        largest_two=4_496_037.0,
    )
    assert released(spend)["hidden"].iloc[0]
    many = [{**spend, "numerator": 9e7, "people": 60.0, "largest": 2e6, "largest_two": 4e6, "group": str(one), "group_kind": "ward",
             "key_numerator": one * 1e6 + 3} for one in range(40)]  # fmt: skip
    figures = released(*many)
    assert not figures["hidden"].any() and figures["numerator"].nunique() > 5
    nobody = dict.fromkeys(
        ("numerator", "people", "largest", "largest_two", "key_all", "key_numerator", "key_denominator"), 0.0
    )
    assert released(spend | nobody)["numerator"].tolist() == [0]


def test_an_amounts_noise_lies_between_whole_steps_too():
    """Were it whole steps of one person's worth, what is left of a shown amount would be what is left of the true one."""
    sums = [np.arange(4_000) * 1e6 + 5, np.arange(4_000) * 3e5 + 1]
    between = keys.between_steps(*sums)
    assert between.min() >= -0.5 and between.max() <= 0.5 and between.std() == pytest.approx(12**-0.5, rel=0.05)
    worth = 2e6
    rows = [row(str(one), "ward", numerator=9e7, kind="amount", denominator=np.nan, people=60.0, largest=2 * worth, largest_two=3 * worth,
                key_numerator=one * 1e6 + 3) for one in range(300)]  # fmt: skip
    shown = released(*rows)["numerator"].dropna()
    assert (np.abs((shown - 9e7) / worth % 1 - 0.5) < 0.2).mean() > 0.2  # many lie half-way between two steps


def test_several_measures_of_one_answer_share_its_figures():
    """The first keeps its groups; of each further one whole years count as one figure more, and quarters are not shown."""

    def figures_of(measure, answer):
        whole = [row(period=one, measure=measure, answer=answer) for one in ("2014-15", "2014-15 Q1")]
        return [*whole, *(row("a", kind, measure=measure, answer=answer) for kind in ("ward", "locality", "provider"))]

    one = released(*figures_of("m1", "employment"), *figures_of("m2", "employment"), *figures_of("m3", "employment"))
    shown = one[~one["hidden"]]
    assert shown["measure"].value_counts().to_dict() == {"m1": 5, "m2": 1}
    assert shown.loc[shown["measure"].eq("m2"), ["group", "period"]].to_numpy().tolist() == [["all", "2014-15"]]
    assert len(shown) == disclosure.policy().cells_of_one_person
    apart = released(*figures_of("m1", "employment"), *figures_of("m2", "home"))
    assert (~apart["hidden"]).sum() == 10


def test_the_noise_of_an_amount_follows_its_largest_contributor():
    moved = {}
    for largest in (2e4, 8e4):
        rows = [
            row(str(one), "ward", numerator=1e7, kind="amount", people=400.0, largest=largest, largest_two=2 * largest,
                largest_of=13.0, key_numerator=one * 1e6 + 17)
            for one in range(200)
        ]  # fmt: skip
        moved[largest] = (released(*rows)["numerator"].dropna() - 1e7).std()
    assert moved[8e4] > 1.3 * moved[2e4] > 0


def test_limits_allow_for_the_noise():
    plain = row(
        **dict.fromkeys(("key_all", "key_numerator", "key_denominator", "key_unknown", "key_not_applicable"), np.nan)
    )
    width = [released(one)["upper"].iloc[0] - released(one)["lower"].iloc[0] for one in (plain, row())]
    assert width[1] > 1.1 * width[0]


def test_no_hidden_count_is_proven_to_a_narrower_range_than_the_policy_states():
    """The outsider with all sums: totals minus parts, over fifty made-up tables of keyed figures."""
    draws = np.random.default_rng(4)
    rows = []
    for table in range(50):
        parts = draws.integers(0, 60, 8)
        tops = [int(draws.integers(0, one + 1)) for one in parts]
        key = lambda: float(draws.integers(2**32))  # noqa: E731
        for name, d, n in [
            ("all", parts.sum(), sum(tops)),
            *((f"w{at}", d, n) for at, (d, n) in enumerate(zip(parts, tops, strict=True))),
        ]:
            rows.append(
                row(
                    name,
                    "all" if name == "all" else "ward",
                    measure=f"m{table}",
                    numerator=float(n),
                    denominator=float(d),
                    people=float(d),
                    key_all=key(),
                    key_numerator=key(),
                    key_denominator=key(),
                )
            )
    out = disclosure.release(pd.DataFrame(rows))
    proved = disclosure.attack(out, programme=0)
    states = disclosure.policy().suppress_to + keys.reach(NOISE)
    assert len(proved) > 100
    assert (proved["width"] >= states).all()


def test_costs_say_bias_spread_and_what_is_hidden_by_size():
    draws = np.random.default_rng(5)
    rows = [
        row(
            str(at),
            "ward",
            numerator=250.0,
            denominator=500.0,
            key_numerator=float(draws.integers(2**32)),
            key_denominator=float(draws.integers(2**32)),
        )
        for at in range(400)
    ]
    results = pd.DataFrame(rows).assign(public=False)
    cost = disclosure.costs(results, disclosure.release(results)).iloc[0]
    assert (cost["people"], cost["figures"], cost["hidden"]) == ("500 to 999", 400, 0)
    assert cost["spread"] == pytest.approx(np.hypot(NOISE, 2**0.5), rel=0.1)
    assert abs(cost["bias"]) < 1.2 and abs(cost["points_bias"]) < 0.3
