"""Numbers that stand in no table of results: rows of a file and money of a register."""

import pandas as pd

from commissioning.disclosure import alone, policy
from commissioning.pilot import load
from commissioning.study import payments as paid
from commissioning.study.told_apart import by_funder

HOUSE = policy()
STRICT = HOUSE.stricter(round_to=10, suppress_to=20)


def test_a_count_is_rounded_and_a_small_one_is_not_said():
    assert [alone.count(one, HOUSE) for one in (0, 1, 7, 8, 12, 13, 1_234)] == [0, None, None, 10, 10, 15, 1_235]


def test_money_is_rounded_and_not_said_where_few_payees_make_it():
    eight = pd.Series([f"P{at}" for at in range(8)])
    assert alone.total(pd.Series([12_345] * 8), eight, HOUSE) == 99_000
    assert alone.total(pd.Series([12_345] * 7), eight[:7], HOUSE) is None
    assert alone.total(pd.Series([12_345] * 8), eight.where(eight.index < 7), HOUSE) == 99_000, (
        "one that is not named is one"
    )
    assert alone.total(pd.Series([12_345] * 9), pd.Series([*eight[:7], None, None]), HOUSE) == 110_000
    assert alone.total(pd.Series([12_345] * 8), None, HOUSE) is None
    assert alone.total(pd.Series([1_000] * 6 + [90_000, 80_000]), eight, HOUSE) is None, "two make nearly all"
    assert alone.total(pd.Series([50_000] * 4 + [-49_999] * 4), eight, HOUSE) is None, "credits cancel most of it"
    assert alone.total(pd.Series([0] * 8), eight, HOUSE) == alone.total(pd.Series(dtype=float), None, HOUSE) == 0


def _payments(payees: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"payee": [f"Group {at}" for at in range(payees)], "amount_pence": 12_345, "grant_id": [f"G{at}" for at in range(payees)],
         "year": "2024-25", "period": "2024-25 Q1", "paid_on": pd.Timestamp("2024-05-03"), "source_file": "spend.csv",
         "source_row": [str(at) for at in range(payees)]}
    )  # fmt: skip


def test_what_a_page_says_of_payments_is_exact_only_where_they_are_public():
    found = paid.payments_of(_payments(43), load("vcf_funding"))
    public, closed = found.counts(public=True, policy=HOUSE), found.counts(public=False, policy=HOUSE)
    assert (public["rows"], public["pence"]) == (43, 43 * 12_345)
    assert (closed["rows"], closed["pence"]) == (45, 530_000)
    few = paid.payments_of(_payments(5), load("vcf_funding")).counts(public=False, policy=HOUSE)
    assert few["rows"] is None and few["pence"] is None
    (said, *_) = paid.notes(few, "this service", str)
    assert "a few rows" in said and "5" not in said
    assert [one["pence"] for one in paid.whole_by_year(_payments(43), public=False, policy=HOUSE)] == [530_000]
    assert paid.whole_by_year(_payments(5), public=False, policy=HOUSE) == []


def test_other_funders_grants_elsewhere_are_exact_only_where_their_register_is_public():
    grants = pd.DataFrame(
        {"funder": ["Big"] * 12 + ["Small"] * 2, "grant_id": [str(at) for at in range(14)], "amount_awarded_pence": 1_234_567,
         "recipient_id": [f"R{at}" for at in range(14)]}
    )  # fmt: skip
    assert by_funder(grants, public=True, policy=HOUSE)[1] == {"funder": "Small", "grants": 2, "pence": 2_469_134}
    assert by_funder(grants, public=False, policy=HOUSE) == [
        {"funder": "Big", "grants": 10, "pence": 15_000_000},
        {"funder": "Small", "grants": None, "pence": None},
    ]


def test_a_pilot_that_is_stricter_is_so_of_payments_and_of_other_funders_grants_too():
    assert [alone.count(one, STRICT) for one in (0, 8, 20, 21, 24, 25)] == [0, None, None, 20, 20, 30]
    twenty = pd.Series([f"P{at}" for at in range(20)])
    assert (
        alone.total(pd.Series([12_345] * 20), twenty, HOUSE)
        and alone.total(pd.Series([12_345] * 20), twenty, STRICT) is None
    )
    found = paid.payments_of(_payments(43), load("vcf_funding")).counts(public=False, policy=STRICT)
    assert found["rows"] == 40 and found["pence"] == 530_000
    assert paid.whole_by_year(_payments(20), public=False, policy=HOUSE)
    assert paid.whole_by_year(_payments(20), public=False, policy=STRICT) == []
    grants = pd.DataFrame({"funder": "Big", "amount_awarded_pence": 1, "recipient_id": [str(at) for at in range(20)]})
    assert by_funder(grants, public=False, policy=STRICT) == [{"funder": "Big", "grants": None, "pence": None}]
