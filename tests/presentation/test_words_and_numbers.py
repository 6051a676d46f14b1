"""How numbers and people are written, and whether a number is in its data."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.presentation import columns, numbers, words


@pytest.mark.parametrize(
    ("pence", "long", "short"),
    [
        (123456, "£1,234.56", "£1,235"),
        (4168000000, "£41,680,000.00", "£41.68m"),
        (17630000, "£176,300.00", "£176.30k"),
        (-5, "−£0.05", "−£0"),
        (0, "£0.00", "£0"),
        (3_412_000_000_00, "£3,412,000,000.00", "£3.41bn"),
    ],
)
def test_money_is_written_in_pounds_and_pence(pence, long, short):
    assert words.money(pence) == long
    assert words.money_short(pence) == short


def test_part_of_a_penny_is_refused():
    with pytest.raises(TypeError, match="whole pence"):
        words.money(1.5)


@given(st.integers(-(10**15), 10**15))
def test_no_penny_is_lost_when_money_is_written(pence):
    text = words.money(pence).replace("£", "").replace(",", "").replace("−", "-")
    assert int(Decimal(text) * 100) == pence


def test_years_are_written_as_2014_15():
    assert words.year("2014/15") == words.year("2014-2015") == words.year("2014-15") == "2014-15"
    assert words.year("1999-2000") == "1999-00"
    for wrong in ("2014", "2014-16", "14-15"):
        with pytest.raises(ValueError, match="financial year"):
            words.year(wrong)


def test_halves_round_away_from_zero_as_people_round():
    assert [words.number(x, 1) for x in (0.25, -0.25, 2.349, -0.04)] == ["0.3", "-0.3", "2.3", "0.0"]
    assert words.number(1015) == "1,015"


@pytest.mark.parametrize(
    "text", ["The pilot proved it.", "It saved £3m.", "The provider failed.", "Treated wards did well.", "the neediest people",
             "BME people", "our customers", "this option is dominated", "a burden on services"],
)  # fmt: skip
def test_words_that_no_page_may_use_are_named(text):
    assert words.banned(text)
    with pytest.raises(ValueError, match="may not say"):
        words.refuse_banned(text, "finding 1")


@pytest.mark.parametrize(
    "text",
    [
        "People who use services approve of it.",
        "It is safe.",
        "The provision improved.",
        "without fail-safe numbers"[:7],
    ],
)
def test_ordinary_words_are_let_through(text):
    assert words.banned(text) == []


def test_a_cause_is_claimed_only_where_the_ladder_allows_it():
    sentence = "The change probably led to about 12 more people in work."
    assert words.overclaims(sentence, "attributable") == []
    for rung in ("recorded", "described", "compared"):
        assert words.overclaims(sentence, rung)


def test_a_comparison_needs_the_rung_compared():
    assert words.overclaims("Paid work is lower than in similar councils.", "described")
    assert words.overclaims("Paid work is lower than in similar councils.", "compared") == []
    assert words.overclaims("12 people worked 16 hours or more a week.", "described") == []


def known(*values, texts=(), declared=()):
    return numbers.Known([Decimal(str(v)) for v in values], texts, declared)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("31 of 1,015 people", (31, 1015)),
        ("3.1% of people", (3.05,)),
        ("3% of people", (3.05,)),
        ("£41.68m was spent", (41_676_543.21,)),
        ("fell by 2.3 points", (-2.3,)),
        ("−2.3 points", (-2.3,)),
        ("41% of people", (0.41,)),
        ("between 18 and 64", (18, 64)),
        ("from 12–18 people", (12, 18)),
        ("twenty-two wards, ten of them small", (22,)),
        ("one in two", ()),
        ("the 3rd quarter", (3,)),
        ("ASCOF 1E and 1G", ()),
        ("paragraphs 4.8a, 4.9 and 4.14b", ()),
        ("shared as agreed (4.11c), in App. 2 2.2 d to k", ()),
        ("£1.2M and £1.2m of £9BN", (1_200_000, 9_000_000_000)),
        ("99pc, 99 per cent and 99percent", (99,)),
        ("three hundred and one hundred and seven", (300, 107)),
        ("two thousand five hundred people", (2500,)),
        ("points of a hundred people, and for each hundred", ()),
        ("half of them, two thirds and a quarter of the rest", (50, 66.7, 0.25)),
        ("2½ hours", (2.5,)),
        ("each quarter, in the third year, for half a year or half-yearly", ()),
        ("the last three quarters and the first half of the year", ()),
        ("a third organisation, and one of them twice a week", ()),
        ("a quarter of a year later", ()),
        ("two or three of the nine; between five and ten", ()),
    ],
)
def test_a_number_in_the_data_is_found(text, held):
    assert known(*held).unmatched(text) == []


@pytest.mark.parametrize(
    ("text", "held", "wrong"),
    [
        ("32 of 1,015 people", (31, 1015), ["32"]),
        ("3.2% of people", (3.05,), ["3.2%"]),
        ("£41.70m", (41_676_543.21,), ["£41.70m"]),
        ("−2.3 points", (2.3,), ["−2.3"]),
        ("twelve wards", (22,), ["twelve"]),
        ("in 2015-16", (2015,), ["2015-16"]),
        ("1,0155 people", (1015,), ["1"]),
        ("£1.2M", (1.2,), ["£1.2M"]),
        ("99pc", (98,), ["99pc"]),
        ("99percent", (98,), ["99percent"]),
        ("47x", (47,), ["47x"]),
        ("1.2e3", (1.2, 1200), ["1.2e3"]),
        ("9B", (9,), ["9B"]),
        ("£2B", (2,), ["£2B"]),
        ("a hundred people", (), ["a hundred"]),
        ("Three hundred people", (), ["Three hundred"]),
        ("one hundred and seven people", (100, 7), ["one hundred and seven"]),
        ("12 hundred", (12,), ["12 hundred"]),
        ("a dozen people", (), ["a dozen"]),
        ("hundreds of people", (100,), ["hundreds of"]),
        ("half of them", (49,), ["half"]),
        ("two thirds of people", (65,), ["two thirds"]),
        ("a quarter of the people", (24,), ["a quarter"]),
        ("three-quarters of the people", (74,), ["three-quarters of"]),
        ("it fell by a third", (30,), ["by a third"]),
        ("½ of people", (51,), ["½"]),
        ("it doubled", (2,), ["doubled"]),
        ("costs trebled", (3,), ["trebled"]),
        ("twice as many", (2,), ["twice as"]),
        ("¶99", (), ["99"]),
        ("paragraph 99 people", (), ["99"]),
        ("paragraphs 4.9 and 4.99", (), ["4.99"]),
        ("paragraph 4.8 and 12 people", (), ["12"]),
    ],
)
def test_a_number_not_in_the_data_is_named(text, held, wrong):
    found = known(*held).unmatched(text)
    assert found[: len(wrong)] == wrong


def test_numbers_in_the_words_of_the_data_and_declared_bounds_may_be_used():
    assert (
        known(texts=["aged 18 to 64", "2014-15 Q2"], declared=(95, "8 in 10")).unmatched(
            "95% of those aged 18 to 64 in 2014-15, 8 in 10"
        )
        == []
    )


def test_a_label_that_stands_in_the_data_may_be_used_and_no_other():
    held = known(texts=["Band 7x", "Costs doubled"])
    assert held.unmatched("Band 7x doubled") == []
    assert held.unmatched("Band 8x trebled") == ["8x", "trebled"]


@pytest.mark.parametrize(("title", "wrong"), [
    ("Engagement (7.1, 8.1)", []), ("Leisure in the last 4 weeks", []), ("Needs (4.12)", []),
    ("Paid work (7.7)", ["7.7"]), ("Paid work of 47 people", ["47"]), ("Paid work in 2009-10", ["2009-10"]),
])  # fmt: skip
def test_a_title_may_cite_paragraphs_and_name_a_length_of_time_but_no_number_of_its_own(title, wrong):
    assert numbers.unmatched_in_title(title, known()) == wrong


@given(st.decimals(min_value=-(10**7), max_value=10**7, places=3), st.integers(0, 2))
def test_any_value_written_at_any_rounding_is_found(value, decimals):
    text = f"{abs(words.rounded(value, decimals)):,}"
    assert known(value).unmatched(f"It was {text} in all.") == []


@given(st.integers(11, 10**6), st.integers(11, 10**6))
def test_a_whole_number_is_found_only_where_it_is(one, other):
    assert bool(known(one).unmatched(f"{other:,} people")) == (one != other)


def test_a_level_keeps_the_name_of_its_place():
    assert words.level("ward=New Brighton") == "Ward: New Brighton"
    assert words.level("service_type=Day support") == "Service type: Day support"
    assert words.level("") == "Whole area"


@pytest.mark.parametrize(
    ("said", "holds"), [("48%", True), ("49%", True), ("47%", False), ("50%", False), ("48.5%", True)]
)
def test_a_number_rounded_twice_is_found_whichever_way_its_half_went(said, holds):
    # 48.451 is 48 in a sentence, and stands as 48.5 in the data under it.
    known = numbers.Known([Decimal("48.5")], [], [])
    assert (known.unmatched(f"It is {said}.") == []) == holds


def test_more_than_a_number_defines_and_more_alone_compares():
    assert words.overclaims("12 people worked more than 16 hours a week.", "described") == []
    assert words.overclaims("12 people worked more hours than before.", "described")


def test_a_value_that_was_rounded_once_may_be_written_in_fewer_figures_either_way():
    for text in ("It was 48.5.", "It was 49.", "It was 48."):
        assert known("48.5").unmatched(text) == []
    assert known("48.5").unmatched("It was 47.") == ["47"]
    assert known("48.45").unmatched("It was 48.4.") == [] and known("48.45").unmatched("It was 48.5.") == []


@pytest.mark.parametrize(("pence", "given", "cells"), [
    ([550_000_000, 123_400], 0, ["5,500,000", "1,234"]),
    ([550_000_000, 123_456], 0, ["5,500,000", "1,235"]),
    ([550_000_000, 123_456], None, ["5,500,000.00", "1,234.56"]),
    ([550_000_000, -100], None, ["5,500,000", "-1"]),
    ([5, -5], 0, ["0", "0"]),
])  # fmt: skip
def test_a_column_of_pence_keeps_the_decimals_that_it_declares_and_promises_no_pence_of_whole_pounds(
    pence, given, cells
):
    column = columns.Column(name="paid", label="Paid (£)", kind="pence", decimals=given)
    made = columns.payload(pd.DataFrame({"paid": pence}), [column])
    assert [columns.shown(row[0], made["columns"][0]) for row in made["rows"]] == cells
    assert columns.to_csv(made).splitlines()[1:] == [one.replace(",", "") for one in cells]
    assert [row[0] for row in made["rows"]] == pence, "the data keep their pence"
