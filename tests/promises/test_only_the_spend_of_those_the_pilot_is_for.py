"""Only the spend of those the pilot is for stands beside its outcomes; the rest is named, and nothing is lost.

A council of our own: forty people with a learning disability, a hundred others, and a few of whom nothing is known.
"""

from __future__ import annotations

import csv
from types import SimpleNamespace

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.measures import calculate, catalogue, derive
from commissioning.presentation.showable import PublicFigures
from commissioning.reports import answer, easy_read_money
from commissioning.sections import figures, findings, showing
from commissioning.study import open_tables, restricted, spend, spend_lines, value_for_money
from commissioning.study.prepare import prepare
from commissioning.study.prepared import Prepared

CATALOGUE = catalogue()
OURS, OTHERS, UNTIED = (
    f"learning_disability_{one}" for one in ("weekly_cost", "spend_on_other_people", "spend_not_tied")
)
PERSON = {
    "age": 40, "sex": "female", "ethnicity": "white", "ward": "Elm", "locality": "Riverside", "needs_band": "medium", "employment": "not in work",
    "home": "supported living", "home_reregistered": "no", "provider": "Heron", "advocacy_entitled": "no", "advocacy_wanted": "no",
    "advocacy_provided": "no", "chosen_for_high_needs": "no",
}  # fmt: skip
PACKAGE = {
    "provider": "Heron", "ward": "Elm", "locality": "Riverside", "funder": "council", "setting": "supported living", "provision": "direct",
    "needs_band": "medium", "weeks": 10, "weekly_client": "0.00", "weekly_nhs": "0.00",
}  # fmt: skip
QUARTERS = ("2024-25 Q1", "2024-25 Q2")


def council(reason_of, cost_of=lambda n: 500 if n < 40 else 900):
    """Rows of people and packages: 150 people in two quarters; `reason_of(n, quarter)` is None where no record is."""
    people, packages = [], []
    for n in range(150):
        for quarter in QUARTERS:
            reason = reason_of(n, quarter)
            if reason is not None:
                people.append({"period": quarter, "person_id": f"X{n:03d}", "support_reason": reason, **PERSON})
            packages.append(
                {"package_id": f"K{n:03d}{quarter[-1]}", "person_id": f"X{n:03d}", "period": quarter, "weekly_cost": f"{cost_of(n)}.00", **PACKAGE}
            )  # fmt: skip
    return people, packages


def usual(n: int, quarter: str) -> str | None:
    return "learning disability" if n < 40 else "other" if n < 140 else None


def prepared(folder, people, packages):
    data = folder / "data"
    data.mkdir()
    for name, rows in (("people", people), ("packages", packages)):
        if rows:
            with (data / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys())
                writer.writeheader()
                writer.writerows(rows)
    pilot = pilots.load("learning_disability")
    (data / "sources.toml").write_text(f'[[source]]\nfiles = "*.csv"\npublisher = "A council"\narea = "{pilot.area}"\n')
    return pilot, prepare(pilot, data, folder=folder / "study")


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("tied"), *council(usual))


@pytest.fixture(scope="module")
def without_people(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("untied"), [], council(usual)[1])


def pounds(held, measure: str) -> float | None:
    rows = restricted.results(held).query("measure == @measure and group_kind == 'all' and period == '2024-25'")
    value = rows["numerator"].iloc[0] if len(rows) else pd.NA
    return None if pd.isna(value) else float(value) / 100


def test_everybodys_packages_are_three_sums_and_only_one_is_of_those_the_pilot_is_for(tied):
    _, held = tied
    two_quarters = 2 * 10
    assert pounds(held, OURS) == 40 * 500 * two_quarters
    assert pounds(held, OTHERS) == 100 * 900 * two_quarters
    assert pounds(held, UNTIED) == 10 * 900 * two_quarters
    packages = pd.read_csv(held.path.parent / "data" / "packages.csv")
    everything = (packages["weekly_cost"] * packages["weeks"]).sum()
    assert sum(pounds(held, one) for one in (OURS, OTHERS, UNTIED)) == everything, "no pound is lost or counted twice"


def test_the_weekly_cost_is_of_their_person_weeks_alone(tied):
    _, held = tied
    row = restricted.results(held).query("measure == @OURS and group_kind == 'all' and period == '2024-25'").iloc[0]
    assert (row["denominator"], row["value"], row["people"]) == (40 * 20, 50_000, 40)


def test_every_section_reads_packages_of_those_the_pilot_is_for_alone(tied):
    _, held = tied
    assert set(restricted.table(held, "packages")["person_id"]) == {f"X{n:03d}" for n in range(40)}
    assert (
        len(restricted.table(held, open_tables.OTHERS)) == 200
        and len(restricted.table(held, open_tables.NOT_TIED)) == 20
    )


def test_spend_on_other_people_is_named_and_never_the_headline_the_plan_or_easy_read(tied, monkeypatch):
    pilot, held = tied
    lines = spend_lines.lines(held, pilot).frame
    ours = lines[lines["scope"] == "purpose"]
    apart = lines[lines["scope"] == spend_lines.APART]
    # Forty people cost a million pence each: the noise of a released amount is at most 19 halves of the largest.
    assert len(ours) == 1 and ours["pence"].iloc[0] == pytest.approx(40_000_000, abs=19 * 500_000)
    released = int(ours["pence"].iloc[0])
    assert apart["what"].str.contains("other people").any() and apart["pence"].max() > ours["pence"].iloc[0]
    assert spend_lines.headline(lines)["what"] == pilot.own_spend[OURS].called
    plan = spend_lines.against_plan(lines, {"2024-25": 500_000})
    assert plan[["what", "spent_pence"]].to_numpy().tolist() == [[pilot.own_spend[OURS].called, released]]
    report = SimpleNamespace(
        worked_out={figures.spend: SimpleNamespace(frame=lines, bridge=None)},
        pilot=pilot,
        group="Elm",
        period="2024-25",
    )
    monkeypatch.setattr(answer, "headline_of", lambda page: None)
    said = [one for idea in easy_read_money.part_of(report).ideas for one in idea.sentences]
    real = int(ours["real_pence"].iloc[0])
    assert 0.9 * released < real < released, "in the prices of an earlier year"
    assert [one for one in said if "was spent" in one] == [
        f"In all, about {easy_read_money.money_words(real)} was spent."
    ]


def test_packages_that_cannot_be_tied_are_said_to_be_and_no_unit_cost_is_given(without_people):
    pilot, held = without_people
    assert pounds(held, OURS) is None, "not known, and never nought"
    assert pounds(held, UNTIED) is not None
    assert restricted.table(held, "packages").empty
    found = spend_lines.lines(held, pilot)
    assert not (found.frame["scope"] == "purpose").any()
    assert any("no list of people is here" in one and "no unit cost" in one for one in found.notes)
    extra, why, *_ = value_for_money._extra_cost(held, pilot, CATALOGUE[OURS], pd.Series(dtype=object), "2024-25")
    assert extra is None and "no list of people is here" in why


def test_a_section_that_needs_packages_says_why_they_are_not_used(without_people):
    _, held = without_people
    said: list[str] = []
    report = SimpleNamespace(study=held, lacks=said, kept={}, pilot=pilots.load("learning_disability"))
    assert "packages are here, and no list of people" in str(
        showing.needs_extract(report, "packages", for_what="Spend").displays[0].record
    )


def frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("reason_of", "why"),
    [
        (lambda n, q: None, "no list of people is here"),
        (lambda n, q: "unknown", "says of nobody why they are supported"),
        (lambda n, q: "other", "none of them is of a person supported mainly for learning disability"),
    ],
)
def test_why_packages_cannot_be_tied_is_said_in_plain_words(reason_of, why):
    people, packages = council(reason_of)
    found = spend.tie(frame(packages), frame(people), "learning disability")
    assert found.packages.empty and why in found.why_not
    assert len(found.of_others) + len(found.not_tied) == len(packages)


def test_ids_that_are_not_alike_are_said_to_be():
    people, packages = council(usual)
    strangers = frame(people).assign(person_id=lambda one: "NHS" + one["person_id"])
    assert "no id of a person" in spend.tie(frame(packages), strangers, "learning disability").why_not


def test_a_person_is_tied_in_the_period_in_which_they_are_recorded_so():
    """Supported for another reason in the first quarter, for a learning disability in the second."""
    people, packages = council(lambda n, q: "other" if q == QUARTERS[0] and n < 5 else usual(n, q))
    found = spend.tie(frame(packages), frame(people), "learning disability").packages
    assert len(found) == 40 * 2 - 5
    assert not ((found["person_id"] < "X005") & (found["period"] == QUARTERS[0])).any()


def test_a_list_of_people_kept_once_a_year_speaks_for_all_quarters_of_its_year():
    people, packages = council(lambda n, q: usual(n, q) if q == QUARTERS[1] else None)
    assert len(spend.tie(frame(packages), frame(people), "learning disability").packages) == 40 * 2
    another_year = frame(people).assign(period="2022-23 Q4")
    assert spend.tie(frame(packages), another_year, "learning disability").packages.empty


def test_a_pilot_that_is_for_everybody_counts_everybodys_packages():
    people, packages = council(usual)
    found = spend.tie(frame(packages), frame(people), "")
    assert len(found.packages) == len(packages) and not found.why_not


# --- agreements and payments


def test_only_payments_under_agreements_whose_outcome_is_known_stand_beside_outcomes():
    payments = pd.DataFrame(
        {
            "grant_id": ["G1", "G1", "G2", None], "department": "Adults", "period": "2024-25 Q1", "amount_pence": [10_000, -1_000, 70_000, 5_000],
        }
    )  # fmt: skip
    returns = pd.DataFrame({"grant_id": ["G1", "G2"], "received": ["yes", "no"], "target_met": ["yes", "unknown"]})
    mine = {one: CATALOGUE[one] for one in ("vcf_funding_spend", "vcf_funding_spend_outcome_unknown")}
    rows = calculate.results(mine, {"payments": payments, "returns": returns}, pilot="p", area="E01", by=("year",))
    found = rows[rows["group_kind"] == "all"].set_index("measure")["numerator"].to_dict()
    assert found == {"vcf_funding_spend": 9_000, "vcf_funding_spend_outcome_unknown": 75_000}
    assert sum(found.values()) == payments["amount_pence"].sum()


def lines_of(*rows) -> pd.DataFrame:
    columns = ["year", "what", "table", "scope", "public", "pence"]
    made = pd.DataFrame(rows, columns=columns).assign(basis="paid", perspective="council", rounded=False)
    return made.assign(real_pence=pd.array([pd.NA] * len(made), dtype="Int64"))


def test_payments_of_which_nobody_knows_what_they_were_for_are_no_headline_of_a_service():
    bulk = ("2024-25", spend_lines.FOR_WHAT, "payments", spend_lines.APART, True, 4_215_000_000)
    own = ("2024-25", "Spend on agreements", "accrued_spend", "purpose", False, 9_000)
    assert spend_lines.headline(lines_of(bulk, own))["what"] == "Spend on agreements"
    report = SimpleNamespace(
        worked_out={figures.spend: SimpleNamespace(frame=lines_of(bulk)), figures.primary: {}},
        released=PublicFigures(frame=lines_of(bulk), source="A council"), pilot=SimpleNamespace(price_base="2022-23"),
    )  # fmt: skip
    assert findings.headline_spend(report) == []


def test_a_plan_is_set_against_spend_of_the_same_extent_or_against_nothing():
    own = ("2024-25", "Spend on agreements", "accrued_spend", "purpose", False, 9_000)
    rest = ("2024-25", "Spend whose outcome is not known", "accrued_spend", spend_lines.APART, False, 75_000)
    award = ("2024-25", "Awards", "grants", "shared", False, 990_000)
    published = ("2024-25", "Long-term support", "area_spend", "shared", True, 700_000)
    plan = {"2024-25": 900}
    whole = spend_lines.against_plan(lines_of(own, rest, award, published), plan)
    assert whole["spent_pence"].tolist() == [84_000], (
        "a plan of agreements is of all of them, whatever is known of outcomes"
    )
    others = ("2024-25", "Spend on other people", "packages", spend_lines.APART, False, 880_000)
    people = ("2024-25", "Support of our people", "packages", "purpose", False, 420_000)
    assert spend_lines.against_plan(lines_of(people, others, published), plan)["spent_pence"].tolist() == [420_000]
    assert spend_lines.against_plan(lines_of(people, own), plan).empty, "two kinds, and nobody says which is planned"
    assert spend_lines.against_plan(lines_of(people, own), plan, "Support of our people")["spent_pence"].tolist() == [
        420_000
    ]
    assert spend_lines.against_plan(lines_of(award), plan).empty, "an award is a promise"


def test_the_reason_for_support_is_worked_out_the_same_for_measures_and_for_sections():
    people, packages = council(usual)
    made = derive.packages_with_person_weeks({"packages": frame(packages), "people": frame(people)})
    split = spend.tie(frame(packages), frame(people), "learning disability")
    assert made["support_reason"].eq("learning disability").sum() == len(split.packages)


def test_spend_on_other_people_is_the_same_in_a_report_of_the_period_itself(tied):
    _, held = tied
    then = Prepared(held.path, until="2024-25 Q1")

    def sums(results):
        mine = results[results["period"].eq("2024-25 Q1") & results["group_kind"].eq("all")]
        return mine[mine["measure"].isin([OURS, OTHERS, UNTIED])].set_index("measure")["numerator"].to_dict()

    assert len(sums(restricted.results(held))) == 3 and min(sums(restricted.results(held)).values()) > 0
    assert sums(restricted.results(then)) == sums(restricted.results(held))
