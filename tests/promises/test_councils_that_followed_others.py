"""Published figures of a council that followed others are joined by date where they are its own, and else not known, because …

The second route reads data/reference row by row with the standard library alone. Every English council is looked at.
"""

from __future__ import annotations

import csv
import json
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.evidence import councils, successions
from commissioning.evidence.intake import take_in
from commissioning.evidence.successions import Succession
from commissioning.reports import answer_money, stages
from commissioning.reports.answer_words import Numbers
from commissioning.sections import figures
from commissioning.study import outcomes, spend_lines
from commissioning.study.parameters import Parameters
from commissioning.study.prepare import prepare
from commissioning.study.prepared import Prepared, pilot_of

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "data" / "reference"
PILOT = "learning_disability"
TODAY = date(2026, 12, 1)
EVERY = sorted({one.code for one in councils.every() if one.kind != councils.DISTRICT and one.in_force(TODAY)})
LONG_TERM = "Long-term support, ages 18 to 64"


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def before(area: str) -> str:
    """The one council whose figures of 2016-17 are those of this one, read from the list by hand; "" where there is none."""
    with (ROOT / "lib" / "commissioning" / "evidence" / "successions.csv").open(encoding="utf-8", newline="") as file:
        found = [one for one in csv.DictReader(file) if one["successor"] == area]
    if not found or found[0]["from"] < "2016-04-01":
        return area
    return found[0]["predecessor"] if found[0]["boundary"] != "another" else ""


@cache
def gross(area: str) -> int | None:
    """Gross current expenditure of long term support, ages 18 to 64, in 2016-17, in pounds; None where no row is of it."""
    mine = [
        float(one["GROSSCURRENTEXPENDITURE"] or 0)
        for one in rows("ascfr_2016-17_totals_coded.csv")
        if (one["GEOGRAPHY_CODE"], one["CareType_KEY"], one["AgeBand_KEY"]) == (before(area), "2", "1")
    ]
    return round(1000 * sum(mine)) if mine and before(area) else None


@pytest.fixture(scope="module")
def published() -> dict[str, pd.DataFrame]:
    return dict(take_in(REFERENCE).tables)


@pytest.fixture(scope="module")
def page(once):
    """page(area) → the pilot's page of that council from the national tables alone."""

    def made(area):
        known = pilots.load(PILOT)
        kept = once(f"joined-{area}", lambda folder: prepare(known, REFERENCE, area=area, folder=folder))
        study = Prepared(kept)
        return stages.page_of("pilot", Parameters(pilot=PILOT, area=area), pilot_of(study), study)

    return made


def test_every_english_council_has_the_spend_of_itself_or_of_the_council_before(published):
    pilot, none = pilots.load(PILOT), []
    for area in EVERY:
        mine = successions.joined(published["area_spend"], area)
        lines, _, _ = spend_lines._published(mine[mine["area_code"].eq(area)], area, pilot)
        found = [
            one["pence"]
            for one in lines
            if (one["year"], one["what"], one["basis"]) == ("2016-17", LONG_TERM, "gross current")
        ]
        wanted = gross(area)
        assert [round(one / 100) for one in found] == ([] if wanted is None else [pytest.approx(wanted, abs=1)]), area
        none += [area] if wanted is None else []
    # Scilly published none; the others are parts of councils that were not split.
    assert none == ["E06000053", "E06000058", "E06000059", "E06000061", "E06000062", "E06000063", "E06000064"]
    assert len(EVERY) == 153


def test_no_row_and_no_penny_is_lost_or_counted_twice_by_joining(published):
    for table in ("area_spend", "indicators"):
        frame = published[table]
        joined = successions.joined(frame, "E06000060")
        assert len(joined) == len(frame)
        money = "amount_pence" if table == "area_spend" else "numerator"
        assert joined[money].sum() == frame[money].sum()
        assert not joined["area_code"].eq("E10000002").any()


def test_a_council_that_was_asked_for_under_its_own_code_keeps_it(published):
    joined = successions.joined(published["area_spend"], "E10000002")
    assert joined["area_code"].eq("E10000002").any() and not joined["area_code"].eq("E06000060").any()


def test_buckinghamshire_shows_the_spend_of_the_county_before_and_says_so(page):
    mine = page("E06000060")
    frame = figures.spend(mine).frame.query("what == @LONG_TERM and basis == 'gross current'")
    assert set(frame["year"]) == {"2014-15", "2016-17"}
    assert [round(one / 100) for one in frame.query("year == '2016-17'")["pence"]] == [
        pytest.approx(gross("E06000060"), abs=1)
    ]
    says = "Figures of years before 2020-21 are those of Buckinghamshire County Council, the council before, with the same boundary."
    assert says in figures.spend(mine).notes and says in mine.answer().lines[1].more
    assert mine.study.record["findings"] == [says]


@pytest.mark.parametrize("area", ["E06000058", "E06000059", "E06000061", "E06000063"])
def test_a_part_of_a_council_that_was_never_split_has_no_figure_and_says_why(page, area):
    mine = page(area)
    assert figures.spend(mine).frame.empty
    because = successions.of(area).because
    assert because in mine.answer().lines[1].says and "not known, because" in mine.answer().lines[1].says
    assert [one for one in mine.study.record["findings"] if because in one]


def test_councils_with_the_same_boundary_are_summed_only_where_every_one_is_known(monkeypatch, published):
    """Two councils that became one: spend and people are added; a share is of the sums; one unknown part makes the whole unknown."""
    pair = ("E08000033", "E08000034")
    one = Succession(successor="E06000999", predecessors=pair, first=date(2019, 4, 1), boundary="same", because="")
    monkeypatch.setattr(successions, "every", lambda: (one,))
    money = published["area_spend"]
    joined = successions.joined(money, "E06000999").query("area_code == 'E06000999' and year == '2016-17'")
    wanted = money[money["area_code"].isin(pair) & money["year"].eq("2016-17")]["amount_pence"].sum()
    assert joined["amount_pence"].sum() == wanted > 0

    people = published["indicators"]
    joined = successions.joined(people, "E06000999").query("area_code == 'E06000999'").set_index(["code", "year"])
    for code, year in joined.index:
        parts = people[people["area_code"].isin(pair) & people["code"].eq(code) & people["year"].eq(year)]
        counts = [list(map(float, parts[name].dropna())) for name in ("numerator", "denominator")]
        if all(len(each) == 2 for each in counts):
            share = 100 * sum(counts[0]) / sum(counts[1])
            assert float(joined.loc[(code, year), "value"]) == pytest.approx(share)
        else:
            assert pd.isna(joined.loc[(code, year), "value"]), (code, year)
    assert not (joined.index.get_level_values("year") >= "2019-20").any()

    gone = money[~(money["area_code"].eq(pair[0]) & money["year"].eq("2016-17"))]
    joined = successions.joined(gone, "E06000999").query("area_code == 'E06000999' and year == '2016-17'")
    assert joined["amount_pence"].isna().all() and joined["status"].eq("unknown").all()


def test_the_list_of_successions_names_councils_that_were_in_force_on_each_side_of_the_day():
    for one in successions.every():
        codes = {each.code: each for each in councils.every()}
        assert codes[one.successor].first == one.first, one.successor
        for code in one.predecessors:
            assert codes[code].last is not None and (one.first - codes[code].last).days == 1
        assert one.kept is not bool(one.because)


def test_neighbours_that_were_listed_before_a_council_followed_another_are_still_its_neighbours(page):
    listed = json.loads((REFERENCE / "oflog_nearest_neighbours.json").read_text(encoding="utf-8"))
    assert "E06000065" not in listed and "E10000023" in listed
    frame = page("E06000065").study.published("neighbours")
    assert set(frame[frame["area_code"].eq("E06000065")]["neighbour_code"]) - {"E06000065"}


def _apart(mine) -> tuple[int, str]:
    """How many years lie between the outcome and the spend of the answer, worked out from the figures; and the line of money."""
    rows = outcomes.main_rows(mine.released, "all", None)
    rows = rows[rows["measure"].eq("learning_disability_ascof_1e") & rows["value"].notna()]
    spend = figures.spend(mine).frame
    spend = spend[spend["what"].eq(LONG_TERM) & spend["basis"].eq("gross current")]
    if rows.empty or spend.empty:
        return 0, mine.answer().lines[1].says
    return int(rows["period"].max()[:4]) - int(spend["year"].max()[:4]), mine.answer().lines[1].says


@pytest.mark.parametrize("area", ["E08000033", "E06000053", "E09000012", "E06000060"])
def test_spend_of_another_time_than_the_outcome_is_said_to_be(page, area):
    years, says = _apart(page(area))
    assert ("not the outcome's time" in says) is (abs(years) > 1)


def test_spend_of_the_year_after_is_of_the_outcomes_time(page):
    mine = page("E08000033")
    measure = mine.measures["learning_disability_ascof_1e"]
    assert answer_money.years_apart(mine, measure, "2019-20", Numbers()) == ""
    assert "2020-21" in answer_money.years_apart(mine, measure, "2018-19", Numbers())


@pytest.mark.soak
@pytest.mark.parametrize("area", EVERY)
def test_every_english_council_has_an_answer_and_no_ratio_across_years(page, area):
    mine = page(area)
    years, says = _apart(mine)
    assert ("not the outcome's time" in says) is (abs(years) > 1)
    assert len(mine.answer().lines) >= 3
