"""The market is of money where an extract tells it: who has how much of what, and who is never ranked."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import disclosure, reports
from commissioning.measures import breakdowns
from commissioning.measures.breakdowns_of_people import BREAKDOWNS
from commissioning.presentation.showable import PublicFigures
from commissioning.sections import findings
from commissioning.sections import markets as market
from commissioning.study import payments, restricted


def made(*rows, of="awards", money=True):
    frame = pd.DataFrame(rows, columns=["year", "organisation", "amount", "named"])
    return market.Market(amounts=PublicFigures(frame=frame, source="by hand"), of=of, money=money)


def analyse(pilot):
    return reports.open("analyse", pilot=pilot)


def test_organisations_shown_together_count_in_the_whole_and_are_never_ranked():
    found = made(
        ("2014-15", "A", 30.0, True), ("2014-15", "B", 20.0, True), ("2014-15", "C", 10.0, True),
        ("2014-15", "smaller organisations together", 40.0, False),
    )  # fmt: skip
    shares = found.shares("2014-15").frame
    assert shares["organisation"].tolist() == ["A", "B", "C"]
    assert shares["share"].tolist() == pytest.approx([30, 20, 10])
    row = found.over_years().frame.iloc[0]
    assert (row["organisations"], row["largest"], row["five"], row["rest"]) == (3, 30, 60, 40)


def test_the_row_of_small_organisations_is_known_by_its_name():
    found = market.together(
        pd.Series(["smaller organisations together", "smaller providers together", "Smaller Steps"])
    )
    assert found.tolist() == [True, True, False]
    assert not market.together(pd.Series([], dtype=object)).any()


def test_a_year_with_fewer_than_three_organisations_says_nothing_of_the_market():
    found = made(("2013-14", "A", 1.0, True), ("2013-14", "B", 1.0, True), ("2013-14", "others", 9.0, False))
    assert found.years() == []
    assert found.over_years().frame.empty


def test_the_title_and_the_finding_name_the_money_that_is_shared():
    report, shared = analyse("learning_disability"), "spend on packages of the people this service is for"
    title = report.market().record["title"]
    assert (
        title.startswith(f"Of {shared}, 2015-16, none of")
        and "stands out as the largest" in title
        and "has the largest share" not in title
    )
    sentence = findings.concentration(report)[0].record["sentence"]
    assert sentence.startswith(f"Of {shared}, 2015-16, ")
    assert "what is shown" not in sentence


def test_where_what_each_organisation_got_is_not_public_the_page_says_that_shares_are_of_people_counted():
    report = analyse("vcf_funding")
    money = report.released.select(measure="vcf_funding_spend", group_kind="organisation").figures
    assert len(money) > 100 and money["numerator"].isna().all(), "one organisation alone stands behind each"
    shown = report.market().record
    assert "Of people supported" in shown["title"]
    told = findings.concentration(report)[0].record["sentence"]
    assert ("stands out as the largest" in shown["title"]) == ("stands out as the largest" in told)
    assert "not of money" in shown["caption"]
    assert "people counted" in findings.concentration(report)[0].record["sentence"]


def test_fewer_than_three_organisations_are_a_note_that_says_why():
    report = analyse("learning_disability")
    held = report.study.broken_down
    report.study.__dict__["broken_down"] = held.select(group=["all", "Fairoak", "Anchorhouse"])
    report.measures = {}
    shown = report.market().record
    assert shown["kind"] == "note"
    assert "Fewer than 3 organisations" in str(shown)
    assert findings.concentration(report) == []


def test_a_payee_whose_name_is_withheld_counts_in_the_whole_and_is_none_of_the_largest():
    report = analyse("learning_disability")
    rows = [("Redacted", 60), ("A", 20), ("B", 10), ("C", 10), ("D", -5)]
    report.study._published["payments"] = pd.DataFrame(rows, columns=["payee", "amount_pence"]).assign(year="2015-16")
    report.study.record.update({"public_tables": ["payments"], "payments": {"found_by": payments.RULE}})
    found = market._payments(report)
    assert found is not None
    assert found.shares("2015-16").frame["share"].tolist() == pytest.approx([20, 10, 10])
    assert found.over_years().frame["rest"].tolist() == pytest.approx([60])
    report.study.record["public_tables"] = []
    assert market._payments(report) is None, "payees are named only where the payments are published"
    report.study.record.update({"public_tables": ["payments"], "payments": {"found_by": payments.PAYEES}})
    assert market._payments(report) is None, "payments that nothing ties to the service are no market of it"


def test_organisations_are_named_where_their_register_is_public_and_two_of_one_name_stay_two():
    report = analyse("vcf_funding")
    ids, names = ("x1", "x2", "x3"), ("Friends", "Friends", "Others")
    report.study._published["grants"] = pd.DataFrame({"recipient_id": ids, "recipient": names})
    report.study.record["public_tables"] = ["grants"]
    assert market.names(report) == {"x1": "Friends (x1)", "x2": "Friends (x2)", "x3": "Others"}
    report.study.record["public_tables"] = []
    assert market.names(report) == {}


def test_the_return_tells_in_house_others_and_grants_apart():
    lines = zip(market.PROVIDED, (600, 300, 100), strict=True)
    rows = [
        {"area_code": "E1", "year": "2014-15", "support_reason": "adult social care", "age_band": "all", "term": "all",
         "setting": "total", "category": category, "status": "known", "is_total": True, "publication": "pssex1",
         "amount_pence": pence}
        for category, pence in lines
    ]  # fmt: skip
    found = market.provided_by(pd.DataFrame(rows), "E1", "adult social care")
    assert found["share"].tolist() == pytest.approx([60, 30, 10])
    assert market.provided_by(pd.DataFrame(rows[:2]), "E1", "adult social care").empty, "a part missing is no whole"


SECTIONS = ("market_over_years", "how_provided", "sectors", "thin_spots", "needs_by_place", "bought_and_achieved")


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_of_support_shows_a_table_with_no_small_count(section):
    record = getattr(analyse("learning_disability"), section)().record
    assert record["kind"] == "table"
    assert record["data"]["rows"]
    for place, column in enumerate(record["data"]["columns"]):
        if column["name"] in ("people", "due", "met", "numerator", "denominator"):
            counts = [row[place] for row in record["data"]["rows"] if isinstance(row[place], (int, float))]
            assert not [one for one in counts if 1 <= one <= 7]


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_of_funding_shows_a_table_or_says_what_it_would_need(section):
    record = getattr(analyse("vcf_funding"), section)().record
    assert record["kind"] in ("table", "note")
    if section in ("how_provided", "needs_by_place"):
        assert "need" in str(record)


PACKAGES = [one for one in BREAKDOWNS if one.id.startswith("packages")]


def of_packages(report, rows):
    """The report as it would be of these packages: counted and released as when a study is prepared."""
    made = breakdowns.counted(PACKAGES, {"packages": rows}, pilot=report.pilot.name, area=report.study.area)
    known = {"provider": ["Fairoak"], "locality": ["North", "South", "East", "West"]} | breakdowns.known_groups(
        PACKAGES, made, {}
    )
    report.study.__dict__["broken_down"] = disclosure.release(made).without_names_of_few(known)


def test_providers_of_fewer_than_twenty_people_stand_together_and_are_not_named():
    report = analyse("learning_disability")
    rows = restricted.table(report.study, "packages")
    rows = rows[rows["period"] == "2015-16 Q1"]
    few = rows[rows["provider"] == "Fairoak"].head(19).assign(provider="A small home")
    of_packages(report, pd.concat([rows, few], ignore_index=True))
    found = market._packages(report)
    assert found is not None
    year = found.amounts.frame[found.amounts.frame["year"] == "2015-16"]
    assert "A small home" not in set(year["organisation"])
    assert not year.loc[market.together(year["organisation"]), "named"].any()


def test_a_place_that_few_peoples_rows_alone_name_is_not_shown():
    report = analyse("learning_disability")
    rows = restricted.table(report.study, "packages")
    rows = rows[rows["period"] == "2015-16 Q1"]
    typed = rows.head(1).assign(locality="Zebedee Marker")
    of_packages(report, pd.concat([rows, typed], ignore_index=True))
    assert "Zebedee" not in str(report.thin_spots().record)
    assert "Zebedee" not in str(report.study.broken_down.figures["group"].tolist())
