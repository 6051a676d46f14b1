"""Payments are counted once across files, and nothing inside one file is dropped."""

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.study import payments as paid

COLUMNS = ["area", "paid_on", "payee", "unit", "transaction", "amount_pence", "source_file", "source_row"]


def payments(*rows):
    return pd.DataFrame([("E1", "2024-04-01", *row, i) for i, row in enumerate(rows)], columns=COLUMNS)


A = ("Acme Ltd", "LEARN DIS 18-64", "1", 100, "a.csv")
A_AGAIN = (*A[:4], "b.csv")


def test_a_record_in_two_files_is_counted_once():
    kept, again = paid.once(payments(A, A_AGAIN))
    assert (len(kept), len(again)) == (1, 1)


def test_identical_rows_of_one_file_are_both_kept():
    kept, again = paid.once(payments(A, A))
    assert (len(kept), len(again)) == (2, 0)


def test_two_copies_here_and_one_there_are_two_payments():
    kept, again = paid.once(payments(A, A, A_AGAIN))
    assert (len(kept), len(again)) == (2, 1)


def test_a_pilot_that_names_its_units_counts_those_alone_and_says_what_it_left_out():
    other = ("Acme Ltd", "Leisure", "2", 40, "a.csv")
    credit = ("Acme Ltd", "Learn Dis 65+", "3", -30, "a.csv")
    found = paid.payments_of(
        payments(A, credit, other), pilots.load("learning_disability"), rules={"a.csv": ("learn dis",)}
    )
    assert (found.rows, found.pence, found.negative_rows) == (2, 70, 1)
    assert (found.left_out_rows, found.left_out_pence) == (1, 40)


def test_a_pilot_without_units_counts_payments_to_organisations_in_its_register():
    found = paid.payments_of(
        payments(A, ("Somebody Else", "x", "9", 5, "a.csv")), pilots.load("vcf_funding"), pd.Series(["The Acme"])
    )
    assert (found.rows, found.pence) == (1, 100)


@pytest.mark.parametrize(
    ("one", "other"),
    [("The Proud Trust Ltd", "Proud Trust"), ("A & B  Limited", "a and b"), ("TLC: Talk", "tlc talk"), ("X CIC", "x")],
)
def test_names_are_compared_without_case_punctuation_or_legal_form(one, other):
    assert paid.plain_name(one) == paid.plain_name(other)


def test_an_empty_table_of_payments_is_no_payment():
    found = paid.payments_of(pd.DataFrame(), pilots.load("vcf_funding"))
    assert (found.rows, found.pence) == (0, 0)
