"""Issue 20, line 3: each picture's title says what happened, is written from its data, and is refused where the data say otherwise."""

from __future__ import annotations

import copy
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import commissioning as cm
from commissioning.measures import catalogue
from commissioning.presentation.chart import Chart
from commissioning.presentation.display import KINDS
from commissioning.reports import outcomes_and_spend
from commissioning.sections import pictures
from commissioning.sections.page import Told, page_of
from commissioning.sections.pictures import telling

GOAL = catalogue()["learning_disability_own_goal_met"]
OPENED = {
    "learning disability": {"pilot": "learning_disability"},
    "learning disability, an earlier year": {"pilot": "learning_disability", "period": "2013-14"},
    "learning disability, a locality": {"pilot": "learning_disability", "level": "locality=North"},
    "funding": {"pilot": "vcf_funding"},
    "funding, a department": {"pilot": "vcf_funding", "level": "department=Public Health"},
}
# Read here by a rule of the test's own, and not by the check of the program.
CHANGE = re.compile(
    r"(rose|fell) from ([£\d,.]+(?:k|m|bn)?)%?(?: in (\S+))? to ([£\d,.]+(?:k|m|bn)?)%?(?: in (\d{4}-\d\d))?"
)


@pytest.fixture(scope="module")
def studies():
    return {name: cm.open(**given) for name, given in OPENED.items()}


def size(words: str) -> float:
    scale = {"k": 1e3, "m": 1e6, "n": 1e9}.get(words[-1], 1.0)
    return float(re.sub(r"[£,a-z]", "", words)) * scale


def column(record: dict, label: str) -> dict[str, float]:
    """Year → number of the first column whose label begins so, in pounds where it is money."""
    names = [one["label"] for one in record["data"]["columns"]]
    at = next(i for i, one in enumerate(names) if one.startswith(label))
    by = 100 if record["data"]["columns"][at]["kind"] == "pence" else 1
    return {row[0]: row[at] / by for row in record["data"]["rows"] if isinstance(row[at], (int, float))}


def charts(told: Told) -> list[dict]:
    return [one.record for one in told.displays if isinstance(one, Chart)]


@pytest.mark.parametrize("opened", OPENED)
def test_what_rose_in_a_title_rose_in_its_data(studies, opened):
    study, read = studies[opened], 0
    shares = [key for key in study.held if study.measures[key].primary and study.measures[key].unit.startswith("%")]
    assert shares
    for key in shares:
        for record in charts(pictures.outcomes_and_spend(study, key)):
            assert record["title"].startswith(study.measures[key].title)
            values = column(record, "Outcome")
            low, high = column(record, "Lower"), column(record, "Upper")
            rest = record["title"].removeprefix(study.measures[key].title)
            outcome, _, spend = rest.partition(", while ")
            for verb, first, before, last, after in CHANGE.findall(outcome):
                read += 1
                assert (size(last) > size(first)) == (verb == "rose")
                assert (values[after] > values[before]) == (verb == "rose")
                assert low[after] > high[before] if verb == "rose" else high[after] < low[before]
            if "no clear change" in outcome:
                read += 1
                before, after = re.findall(r"\d{4}-\d\d", outcome)[:2]
                assert low[after] <= high[before] and low[before] <= high[after]
            if "as in" in outcome:
                read += 1
                after, before = re.findall(r"\d{4}-\d\d", outcome)[:2]
                assert round(values[after]) == round(values[before])
            paid = column(record, "Spend") if spend else {}
            for verb, first, _, last, _ in CHANGE.findall(spend):
                read += 1
                assert (size(last) > size(first)) == (verb == "rose")
                assert size(first) in {round(one) for one in paid.values()} or any(
                    abs(size(first) - one) < 0.051 * one for one in paid.values()
                )
                assert max(paid) in paid and (paid[max(paid)] > paid[min(paid)]) == (verb == "rose")
            assert values and record["alt"] and record["caption"] and record["source"]
    assert read, "no title told a change or the want of one"


@pytest.mark.parametrize("opened", ["learning disability", "funding"])
@pytest.mark.parametrize("picture", [one.__name__ for one in pictures.SECTIONS])
def test_a_picture_has_words_for_those_who_do_not_see_it_its_data_and_its_source_or_says_why_there_is_none(
    studies, opened, picture
):
    told = getattr(pictures, picture)(studies[opened])
    assert told.displays
    for one in told.displays:
        if isinstance(one, Chart):
            record = one.record
            assert len(record["alt"].split()) >= 6 and record["alt"] != record["title"]
            assert record["caption"].strip() and record["source"].strip() and record["data"]["rows"]
            assert not record["title"].endswith("."), "a title is no paragraph"
            if record["chart"] not in (
                "theory",
                "small_multiples",
            ):  # the latter is drawn in tests/charts: many panels take a while
                assert record["data"]["rows"] and one.figure(phone=True).get_figwidth() < one.figure().get_figwidth()
        else:
            assert len(" ".join(one.record["lines"]).split()) >= 6


def test_a_title_that_says_rose_is_refused_once_its_data_fall(studies):
    study = studies["funding"]
    record = charts(pictures.outcomes_and_spend(study, "vcf_funding_outcome_reached"))[0]
    assert "rose from 49% in 2012-13 to 61% in 2015-16" in record["title"]
    check = KINDS["chart"].problems
    assert check(record) == []
    turned = copy.deepcopy(record)
    years = [row[0] for row in turned["data"]["rows"]]
    for row, year in zip(turned["data"]["rows"], reversed(years), strict=True):
        row[0] = year
    assert any("no row of 2012-13 holds 49%" in one for one in check(turned))
    said = copy.deepcopy(record)
    said["title"] = said["title"].replace(
        "rose from 49% in 2012-13 to 61% in 2015-16", "fell from 49% in 2012-13 to 61% in 2015-16"
    )
    assert any("goes the other way" in one for one in check(said))


def test_a_finding_that_says_fell_of_a_rise_is_refused(studies):
    page = page_of(studies["funding"])
    frame = pd.DataFrame({"period": ["2012-13", "2015-16"], "value": [49.4, 61.0]})
    telling.found(page, "Goals met rose from 49% in 2012-13 to 61% in 2015-16.", "compared", frame, "x")
    with pytest.raises(ValueError, match="goes the other way"):
        telling.found(page, "Goals met fell from 49% in 2012-13 to 61% in 2015-16.", "compared", frame, "x")
    with pytest.raises(ValueError, match="no row of 2015-16 holds 49%"):
        telling.found(page, "Goals met fell from 61% in 2012-13 to 49% in 2015-16.", "compared", frame, "x")


SHARE = st.floats(min_value=0, max_value=100)


@given(values=st.lists(SHARE, min_size=2, max_size=5), half=st.floats(min_value=0.1, max_value=20))
def test_of_any_figures_it_rose_or_fell_only_where_the_ranges_lie_apart(values, half):
    rows = pd.DataFrame({
        "period": [f"20{10 + i}-{11 + i}" for i in range(len(values))], "value": values,
        "lower": [one - half for one in values], "upper": [one + half for one in values],
    })  # fmt: skip
    says = telling.outcome(rows, GOAL)
    first, last = rows.iloc[0], rows.iloc[-1]
    apart = last["lower"] > first["upper"] or last["upper"] < first["lower"]
    alike = telling.level(first["value"], GOAL) == telling.level(last["value"], GOAL)
    if says.startswith("rose"):
        assert apart and last["value"] > first["value"]
    elif says.startswith("fell"):
        assert apart and last["value"] < first["value"]
    else:
        assert not apart or alike
    assert first["period"] in says and last["period"] in says


@given(
    first=st.integers(min_value=1, max_value=99),
    last=st.integers(min_value=1, max_value=99),
    zeros=st.integers(min_value=2, max_value=9),
)
def test_of_any_amounts_it_rose_or_fell_only_by_more_than_their_rounding(first, last, zeros):
    a, b = first * 10**zeros, last * 10**zeros
    says = telling.money(a, b)
    if says.startswith("rose"):
        assert b > a
    elif says.startswith("fell"):
        assert b < a
    else:
        assert abs(b - a) <= telling.step(max(a, b))


@given(first=st.integers(min_value=100_001, max_value=10**12), last=st.integers(min_value=100_001, max_value=10**12))
def test_rounding_is_named_only_of_amounts_that_were_rounded(first, last):
    exact = any(one % telling.step(one) for one in (first, last))
    assert not (exact and "rounding" in telling.money(first, last))


def test_published_amounts_that_lie_near_each_other_are_told_as_they_are():
    assert telling.money(1_901_000_000, 1_805_000_000) == "was £19.01m and then £18.05m"
    assert telling.money(3_800_000, 3_900_000) == "was £38,000 and then £39,000, a step that rounding may make"


def test_nothing_is_set_beside_a_year_in_which_counting_changed(studies):
    record = charts(pictures.outcomes_and_spend(studies["learning disability"], "learning_disability_paid_work"))[0]
    outcome = record["title"].partition(", while ")[0]
    assert re.findall(r"\d{4}-\d\d", outcome) == ["2015-16"], "the years before the last break are not compared"
    assert "Counting of the outcome changed in 2014-15, 2015-16" in record["caption"]


def test_no_picture_of_a_readers_page_is_titled_by_its_topic(site):
    """A title says what happened: it holds a figure, or names who or what stands out; how a pilot is meant to work has no data."""
    topics, read = [], 0
    for path in (one for one in site.pages if one.parent == site.version and not one.stem.endswith("-annex")):
        for figure in re.findall(r"(?s)<figure.*?</figure>", path.read_text(encoding="utf-8")):
            if 'class="chart' not in figure or "theory-of-change" in figure:
                continue
            title = re.sub(
                r"<[^>]+>",
                "",
                re.search(r"(?s)<figcaption.*?<strong>(.*?)</strong>|<figcaption[^>]*>(.*?)</figcaption>", figure)[0],
            )
            read += 1
            bare = re.sub(r"^\s*Figure \d+:?|\b\d{4}-\d{2}\b", "", title)
            if not re.search(r"\d|None of", bare):
                topics.append(f"{path.name}: {title}")
    assert read > 20 and topics == []


@pytest.mark.parametrize(
    "opened", ["learning disability", "learning disability, an earlier year", "funding", "funding, a department"]
)
def test_the_brief_pages_titles_count_what_their_data_hold(studies, opened):
    (shown,) = charts(outcomes_and_spend.outcomes_by_year(studies[opened]))
    names = {row[[one["name"] for one in shown["data"]["columns"]].index("what")] for row in shown["data"]["rows"]}
    said = [int(one) for one in re.findall(r"\b(\d) (?:rose|fell|shows? no)", shown["title"])]
    if shown["title"].startswith("None of"):
        said = [int(re.search(r"None of (\d)", shown["title"])[1])]
    assert sum(said) == len(names) or (len(names) == 1 and shown["title"].startswith(next(iter(names))))
    for spent in charts(outcomes_and_spend.spend_chart(studies[opened])):
        years = re.findall(r"in (\d{4}-\d{2})", spent["title"].rpartition(", in ")[0])
        real = column(spent, "2022-23 prices")
        assert years and set(years) <= set(real), "each year of the title is a row with a sum"
