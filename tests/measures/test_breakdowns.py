"""Breakdowns: the rows behind each table of people or agreements, counted as measures are. Known answers by hand.

Longer than 400 lines: a known answer for each breakdown.
"""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.measures import breakdowns, calculate, catalogue
from commissioning.measures import breakdowns_of_agreements as agreements
from commissioning.measures import breakdowns_of_organisations as organisations
from commissioning.measures import breakdowns_of_people as people
from commissioning.measures.breakdowns import Breakdown, Figure, number, says

REACHED = catalogue("vcf_funding")["vcf_funding_outcome_reached"]
OF_PEOPLE = {one.id: one for one in people.BREAKDOWNS}
OF_AGREEMENTS = {
    one.id: one
    for one in agreements.breakdowns(
        reached_measure=REACHED, hours_in_proportion={"low": (0.5, 2.0)}, days_promised={"decide": 56, "notice": 90}
    )
}


def counted(one, tables, by=(), period=None):
    """What is counted, before disclosure control: group → figure → (numerator, denominator, unknown)."""
    found = breakdowns.counted([one], tables, pilot="p", area="E1")
    found = found[found["group_kind"] == (breakdowns.crossed(by) if by else "all")]
    found = found[found["period"] == (period or found["period"].max())]
    out: dict[str, dict[str, tuple[float, float, int]]] = {}
    for row in found.itertuples():
        name = row.measure.rpartition("__")[2]
        out.setdefault(row.group, {})[name] = (row.numerator, row.denominator, row.unknown)
    return out


def tops(found, figure):
    return {group: row[figure][0] for group, row in found.items()}


# --- what a breakdown is


ROWS = pd.DataFrame(
    {"person_id": ["a", "a", "b", "c"], "place": ["x", "y", "x", None], "period": "2014-15 Q1", "pence": [100, 200, 400, 800]}
)  # fmt: skip
SMALL = Breakdown(
    id="small", says="people by place", needs=("rows",), rows=lambda tables: tables["rows"], behind="person_id",
    groups=(("place",), ("place", "kind")), figures=(Figure(name="people", once=("person_id",)), Figure(name="pence", amount=number("pence"))),
    typed=("place",),
)  # fmt: skip


def test_a_person_in_two_groups_counts_once_in_each_and_once_in_all():
    assert tops(counted(SMALL, {"rows": ROWS}, ("place",)), "people") == {"x": 2, "y": 1}
    assert tops(counted(SMALL, {"rows": ROWS}), "people") == {"all": 3}
    assert tops(counted(SMALL, {"rows": ROWS}), "pence") == {"all": 1500}


def test_a_split_of_which_a_column_is_not_there_is_not_counted_and_the_others_are():
    found = breakdowns.counted([SMALL], {"rows": ROWS}, pilot="p", area="E1")
    assert set(found["group_kind"]) == {"all", "place"}


@pytest.mark.parametrize("one", [*OF_PEOPLE.values(), *OF_AGREEMENTS.values()], ids=lambda one: one.id)
def test_an_extract_without_any_one_column_leaves_out_what_reads_it_and_stops_nothing(one):
    tables = {
        "packages": packages(("a", "day", 100), ("b", "day", 200)), "grants": register({"department": "A", "recipient_id": "o"}),
        "reviews": reviews(("a", "yes", "yes")), "supported": supported(("a", "g0", "yes", "2014-15 Q1")),
        "providers": pd.DataFrame({"provider": ["P"], "sector": ["private"], "year": ["2014-15"], "staff": [9], "staff_left": [3]}),
    }  # fmt: skip
    counted_whole = breakdowns.counted([one], tables, pilot="p", area="E1")
    for name in one.reads:
        for column in tables.get(name, pd.DataFrame()).columns:
            if column in (one.behind, "period"):
                continue
            fewer = {**tables, name: tables[name].drop(columns=column)}
            found = breakdowns.counted([one], fewer, pilot="p", area="E1")
            assert set(found["measure"]) <= set(counted_whole["measure"]), (name, column)


def test_without_a_table_that_it_needs_there_is_no_breakdown():
    assert breakdowns.counted([SMALL], {"rows": ROWS.iloc[:0]}, pilot="p", area="E1").empty
    assert breakdowns.counted([SMALL], {}, pilot="p", area="E1").empty


def test_a_name_that_holds_the_sign_between_parts_does_not_become_two_parts():
    rows = ROWS.assign(place=["x × y", "y", "x × y", "y"], kind="k")
    assert set(counted(SMALL, {"rows": rows}, ("place", "kind"))) == {"x x y × k", "y × k"}


def test_only_a_breakdown_of_no_people_is_public_with_its_extract():
    public = breakdowns.counted([SMALL], {"rows": ROWS}, pilot="p", area="E1", public=["rows"])
    assert not public["public"].any()
    awards = {"grants": register({"department": "A"})}
    found = breakdowns.counted([OF_AGREEMENTS["awards"]], awards, pilot="p", area="E1", public=["grants"])
    assert found["public"].all() and not found["behind_are_people"].any()


def test_words_that_somebody_typed_are_known_only_where_they_tell_of_nobody():
    rows = ROWS.assign(kind="k", place=["x", "y", "x", "Zebedee"])
    found = breakdowns.counted([SMALL], {"rows": rows}, pilot="p", area="E1")
    known = breakdowns.known_groups([SMALL], found, {"place": ["x", "y"]})
    assert known == {"place": ["x", "y"], "place × kind": ["x × k", "y × k"]}


def test_no_breakdown_of_people_has_more_splits_than_the_policy_lets_one_person_stand_in():
    most = disclosure.policy().cells_of_one_person - 2
    assert {one.id for one in OF_PEOPLE.values() if one.people and len(one.groups) > most} == set()


def test_every_breakdown_counts_whole_numbers_and_no_part_above_its_whole():
    tables = {
        "grants": register({"department": "A"}, {"department": "B"}),
        "packages": packages(("a", "day", 100), ("b", "day", 200)),
    }
    found = breakdowns.counted([*OF_PEOPLE.values(), *OF_AGREEMENTS.values()], tables, pilot="p", area="E1")
    counts = found[found["kind"].eq("count") & found["numerator"].notna()]
    assert len(counts) and (counts["numerator"] <= counts["denominator"]).all()
    assert not found.duplicated(["measure", "group_kind", "group", "period"]).any()


def test_the_money_of_few_people_is_hidden_and_of_eight_organisations_shown():
    rows = pd.DataFrame({"person_id": [f"p{i}" for i in range(12)], "place": "x", "period": "2014-15", "pence": 1000})
    for of_people, hidden in ((True, True), (False, False)):
        one = Breakdown(**{**SMALL.__dict__, "people": of_people})
        found = disclosure.release(breakdowns.counted([one], {"rows": rows}, pilot="p", area="E1")).figures
        assert found.loc[found["measure"].str.endswith("pence"), "hidden"].tolist() == [hidden] * 2
    seven = Breakdown(**{**SMALL.__dict__, "people": False})
    found = disclosure.release(breakdowns.counted([seven], {"rows": rows.head(7)}, pilot="p", area="E1")).figures
    assert found["hidden"].all()


def test_an_amount_of_which_two_organisations_make_nearly_all_is_hidden_however_many_there_are():
    for largest, hidden in ((1_000_000, True), (2_000, False)):
        pence = [largest, largest] + [1_000] * 10
        rows = pd.DataFrame(
            {"person_id": [f"o{i}" for i in range(12)], "place": "x", "period": "2014-15", "pence": pence}
        )
        one = Breakdown(**{**SMALL.__dict__, "people": False})
        found = disclosure.release(breakdowns.counted([one], {"rows": rows}, pilot="p", area="E1")).figures
        assert found.loc[found["measure"].str.endswith("pence"), "hidden"].tolist() == [hidden] * 2
        assert not found.loc[found["measure"].str.endswith("people"), "hidden"].any()


def test_figures_are_counted_by_a_measures_own_rules_where_they_are_said_to_be_like_it():
    one = Breakdown(
        id="own", says="as the measure", needs=("rows",), rows=lambda tables: tables["rows"], behind="person_id", groups=(),
        figures=(Figure(name="people", like=REACHED),),
    )  # fmt: skip
    assert counted(one, {"rows": supported(("a", "g", "yes", "2014-15 Q1"), ("b", "g", "no", "2014-15 Q1"))}) == {
        "all": {"people": (1, 2, 0)}
    }


def test_who_a_measure_left_out_is_counted_by_clause_with_the_noise_and_the_threshold_of_any_count():
    rows = supported(*((f"p{i}", "g", "yes" if i else "unknown", "2014-15 Q1") for i in range(60)))
    codes = {REACHED.table: calculate.Codes(rows, REACHED.table)}
    made, words = breakdowns.left_out({REACHED.id: REACHED}, codes, pilot="p", area="E1", period="2014-15")
    said = {
        words[REACHED.id][int(row.group)][1]: row.numerator for row in made[made["group_kind"] == "clause"].itertuples()
    }
    assert said == {"unknown": 1, "counted": 59}
    assert made["people"].notna().all(), "release knows how many people stand behind each"
    shown = disclosure.release(made).figures
    assert shown.loc[shown["group_kind"] == "clause", "hidden"].all(), "one is hidden, and what would tell it"


# --- people


def packages(*rows, **columns):
    base = {"provision": "direct", "funder": "council", "provider": "P", "locality": "North", "needs_band": "low", "weeks": 10,
            "weekly_client_pence": 0, "weekly_nhs_pence": 0, "period": "2014-15 Q1"}  # fmt: skip
    return pd.DataFrame(
        [base | {"person_id": who, "setting": what, "weekly_cost_pence": pence} for who, what, pence in rows]
    ).assign(**columns)


def reviews(*rows):
    frame = pd.DataFrame(rows, columns=["person_id", "goal_in_own_words", "goal_met"])
    return frame.assign(period="2014-15 Q2", answered_by="self", information_found="yes", locality="North")


def test_what_a_council_pays_is_split_without_gain_or_loss():
    rows = packages(("a", "day", 100), ("b", "home support", 300), ("c", "day", 500), provider=["P", "Q", "P"])
    providers = pd.DataFrame(
        {"provider": ["P", "P"], "sector": ["private", "voluntary"], "year": ["2013-14", "2014-15"]}
    )
    tables = {"packages": rows, "providers": providers}
    for id in ("packages", "packages_by_whom", "packages_by_place"):
        for by in OF_PEOPLE[id].groups:
            assert sum(tops(counted(OF_PEOPLE[id], tables, by), "pence").values()) == 9000, by
    assert tops(counted(OF_PEOPLE["packages_by_whom"], tables, ("sector",)), "people") == {"voluntary": 2, "unknown": 1}


def test_what_is_bought_stands_beside_the_goals_of_the_people_it_is_bought_for():
    rows = packages(("a", "day", 10_000), ("a", "home support", 5_000), ("b", "day", 10_000))
    met = counted(
        OF_PEOPLE["goals_by_package"],
        {"packages": rows, "reviews": reviews(("a", "yes", "yes"), ("b", "yes", "no"), ("b", "no", "yes"))},
        ("setting", "provision"),
    )
    assert met["day × direct"]["met"][:2] == (1, 2)
    assert met["home support × direct"]["met"][:2] == (1, 1)


def test_the_public_purse_counts_each_pound_once():
    rows = packages(
        ("a", "day", 50_000), ("b", "day", 20_000), weekly_client_pence=[5_000, 0], weekly_nhs_pence=[15_000, 0]
    )
    found = tops(counted(OF_PEOPLE["purse"], {"packages": rows}, ("whose",)), "pence")
    assert found[people.COUNCIL] == 500_000
    assert found[people.NHS] == 150_000
    assert found[people.TOGETHER] + found[people.CHARGES] == 700_000, "the whole cost"
    assert tops(counted(OF_PEOPLE["purse"], {"packages": rows}, ("whose",)), "people")[people.NHS] == 1


def test_people_of_one_band_are_set_in_thirds_by_all_their_packages():
    settings = ["day", "day", "home support", *["supported living"] * 3, *["residential"] * 3]
    rows = packages(*((f"p{i}", what, (i + 1) * 10_000) for i, what in enumerate(settings)))
    found = counted(OF_PEOPLE["need_and_cost"], {"packages": rows}, ("band", "third"))
    assert tops(found, "people") == {f"low × {third}": 3 for third in people.THIRDS}
    assert [one["weekly"][0] / one["weekly"][1] for one in found.values()] == [80_000, 20_000, 50_000], (
        "highest, lowest, middle"
    )
    kinds = tops(counted(OF_PEOPLE["need_and_cost"], {"packages": rows}, ("band", "third", "setting")), "people")
    assert kinds["low × lowest third × day"] == 2
    assert kinds["low × highest third × residential"] == 3


def test_a_persons_kind_of_support_is_the_one_on_which_most_is_spent():
    rows = packages(("a", "day", 10_000), ("a", "residential", 30_000), ("b", "residential", 50_000))
    kinds = counted(OF_PEOPLE["need_and_cost"], {"packages": rows}, ("band", "third", "setting"))
    assert {one.rpartition(" × ")[2] for one in kinds} == {"residential"}


def test_in_a_locality_people_are_ranked_among_those_who_live_there():
    rows = packages(*((f"p{i}", "day", (i + 1) * 1000) for i in range(6)), locality=["North"] * 3 + ["South"] * 3)
    found = counted(OF_PEOPLE["need_and_cost_by_locality"], {"packages": rows}, ("locality", "band", "third"))
    assert set(tops(found, "people").values()) == {1} and len(found) == 6


def test_personal_budgets_are_those_of_the_last_quarter_one_row_a_person():
    rows = pd.DataFrame(
        {"period": ["2014-15 Q1", "2014-15 Q2", "2014-15 Q2", "2014-15 Q2"], "person_id": ["a", "a", "b", "c"],
         "support_reason": ["learning disability"] * 3 + ["other"], "personal_budget": ["none", "direct payment", "unknown", "none"]}
    )  # fmt: skip
    found = counted(OF_PEOPLE["budgets"], {"people": rows})["all"]
    assert found["direct_payment"] == (1, 1, 1)
    assert found["none"] == (0, 1, 1)
    assert counted(OF_PEOPLE["budgets"], {"people": rows.drop(columns="personal_budget")}) == {}


def test_answers_by_proxy_stand_apart_and_unknown_is_none_of_the_asked():
    rows = pd.DataFrame(
        {"person_id": list("abcde"), "period": "2014-15 Q1", "answered_by": ["self", "self", "self", "proxy", "nobody"],
         "information_found": ["yes", "no", "unknown", "yes", "yes"]}
    )  # fmt: skip
    found = counted(OF_PEOPLE["answers"], {"reviews": rows}, ("answered_by",))
    assert found == {"self": {"easy": (1, 2, 1)}, "proxy": {"easy": (1, 1, 0)}}


def test_staff_are_counted_one_a_person_in_post_and_those_who_left_among_them():
    rows = pd.DataFrame({"provider": ["A", "B"], "year": "2014-15", "staff": [40, 6], "staff_left": [10, 1]})
    assert counted(OF_PEOPLE["staff"], {"providers": rows}, ("employer",)) == {
        "A": {"left": (10, 40, 0)},
        "B": {"left": (1, 6, 0)},
    }
    unknown = rows.assign(staff=pd.array([40, None], dtype="Int64"))
    assert set(counted(OF_PEOPLE["staff"], {"providers": unknown}, ("employer",))) == {"A"}


# --- agreements


def register(*rows):
    base = {"charity_number": None, "company_number": None, "recipient_id": None, "recipient": "Friends", "purpose": "lunch",
            "programme": "small", "agreement": "activity", "year": "2014-15", "start_on": "2014-04-01", "end_on": "2015-03-31",
            "award_date": "2014-04-01", "amount_awarded_pence": 100_000, "months": None}  # fmt: skip
    frame = pd.DataFrame([base | {"grant_id": f"g{place}"} | row for place, row in enumerate(rows)])
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("start_on", "end_on", "award_date")})


def supported(*rows):
    frame = pd.DataFrame(rows, columns=["person_id", "grant_id", "outcome_reached", "period"])
    return frame.assign(department="A", organisation_id="O", domain="health", evidence_grade="a")


def test_over_and_under_are_counted_and_hours_beyond_the_range_are_what_would_be_given_back():
    rows = pd.DataFrame(
        {"grant_id": ["a", "a", "b", "c"], "risk": ["low"] * 4, "hours": [3.0, 3.0, 0.1, 1.0], "period": "2014-15 Q1",
         "award_share_pence": [100_000, 100_000, 100_000, 100_000]}
    )  # fmt: skip
    found = counted(OF_AGREEMENTS["monitoring"], {"monitoring": rows}, ("risk",))["low"]
    assert (found["over"][:2], found["under"][:2]) == ((1, 3), (1, 3))
    assert found["hours_over"][0] == pytest.approx(6 - 2 * 2)
    assert found["hours_short"][0] == pytest.approx(0.5 - 0.1)


def states(*rows, others=()):
    tables = {"grants": register(*rows)} | ({"other_grants": register(*others)} if others else {})
    return tops(counted(OF_AGREEMENTS["funders"], tables, ("state",)), "organisations")


def test_one_funder_counts_other_funders_grants_too():
    council = ({"department": "A", "charity_number": "1"}, {"department": "A", "charity_number": "2"})
    other = {"department": None, "funder": "A trust", "charity_number": "2"}
    assert states(*council, others=(other,)) == {"One funder gives everything": 1, "Spread over funders": 1}


def test_departments_of_one_council_are_one_funder_beside_others_and_told_apart_only_where_nobody_else_is_known():
    council = ({"department": "A", "charity_number": "1"}, {"department": "B", "charity_number": "1"})
    other = {"department": None, "funder": "A trust", "charity_number": "2"}
    assert states(*council, others=(other,)) == {"One funder gives everything": 2}
    assert states(*council) == {"Spread over departments": 1}


def test_an_organisation_of_whose_grants_one_names_no_department_rests_on_nobody_for_certain():
    rows = (
        {"department": "A", "charity_number": "1"},
        {"department": "unknown", "charity_number": "1"},
        {"department": "B", "charity_number": "2"},
    )
    assert states(*rows) == {"One department gives everything": 1, "Cannot be told: a department is not recorded": 1}


def test_what_the_register_lacks_is_counted_an_agreement_and_an_organisation_at_a_time():
    rows = register(
        {"department": "A", "charity_number": "1", "purpose": "a lunch club"},
        {"department": "B", "charity_number": "1", "purpose": "lunches for older people"},
        {"department": "B", "charity_number": "2", "purpose": "unknown"},
    )
    found = counted(OF_AGREEMENTS["register_agreements"], {"grants": rows})["all"]
    assert {name: found[name][0] for name in ("no_purpose", "own_words", "no_months")} == {
        "no_purpose": 1, "own_words": 2, "no_months": 0,
    }  # fmt: skip
    assert found["no_purpose"][1] == 3
    found = counted(OF_AGREEMENTS["register_organisations"], {"grants": rows})["all"]
    assert (found["both"][0], found["joined"][0]) == (1, 0)


def test_a_person_with_two_agreements_of_one_programme_counts_once_in_it_and_in_each_programme_that_helped():
    helped = supported(
        ("p1", "g0", "no", "2014-15 Q1"), ("p1", "g1", "yes", "2014-15 Q2"), ("p1", "g2", "no", "2014-15 Q2"),
        ("p2", "g0", "unknown", "2014-15 Q1"),
    )  # fmt: skip
    tables = {"supported": helped, "grants": register({}, {}, {"programme": "large"})}
    found = counted(OF_AGREEMENTS["reached"], tables, ("programme",))
    assert found == {"small": {"people": (1, 1, 1)}, "large": {"people": (0, 1, 0)}}


def test_all_years_together_count_a_person_once():
    helped = supported(("p1", "g0", "yes", "2013-14 Q1"), ("p1", "g0", "no", "2014-15 Q1"))
    found = counted(OF_AGREEMENTS["reached_in_all"], {"supported": helped, "grants": register({})}, ("purpose", "how"))
    assert found == {"lunch × paid for an activity": {"people": (1, 1, 0)}}


def test_agreements_are_told_apart_by_what_they_are_for_and_how_they_are_agreed():
    rows = register({}, {"agreement": "outcome"}, {"purpose": None, "agreement": "unknown"})
    found = tops(counted(OF_AGREEMENTS["bought"], {"grants": rows}, ("purpose", "how")), "agreements")
    assert found == {"lunch × paid for an activity": 1, "lunch × agreed on outcomes": 1, "unknown × not recorded": 1}


def test_a_register_in_words_of_its_own_is_split_by_programme_and_never_by_purpose():
    rows = register(*({"purpose": f"for {i}"} for i in range(agreements.MOST_PURPOSES + 1)))
    found = breakdowns.counted(
        [OF_AGREEMENTS["awards"], OF_AGREEMENTS["bought"]], {"grants": rows}, pilot="p", area="E1"
    )
    assert set(found["group_kind"]) == {"all", "programme", "programme × how"}


def test_spend_is_told_apart_by_whether_the_outcome_of_its_agreement_is_known():
    paid = pd.DataFrame(
        {"grant_id": ["g0", "g0", "g1"], "amount_pence": [100, 200, 400], "period": "2014-15 Q4", "department": "A"}
    )
    helped = supported(("p1", "g0", "yes", "2014-15 Q4"))
    rows = register({"start_on": None, "end_on": None}, {"start_on": None, "end_on": None})
    found = counted(OF_AGREEMENTS["accrued"], {"payments": paid, "grants": rows, "supported": helped}, ("department",))[
        "A"
    ]
    assert found["agreements"][:2] == (1, 2)
    assert (found["pence"][0], found["pence_known"][0]) == (700, 300)


def test_days_are_counted_from_the_first_date_and_only_in_its_own_financial_year():
    rows = pd.DataFrame(
        {"applied_on": ["2014-04-01", "2015-03-31", "2015-04-01", "2014-06-01"], "decided_on": ["2014-05-01", "2015-06-30", "2015-04-02", None]}
    ).apply(pd.to_datetime)  # fmt: skip
    found = counted(OF_AGREEMENTS["waits"], {"applications": rows}, ("what",), "2014-15")["decide"]
    assert found["counted"][0] == 2
    assert found["days"][0] / found["days"][1] == (30 + 91) / 2
    assert found["kept"][:2] == (1, 2)


def test_notice_is_kept_where_it_is_at_least_the_days_promised_and_nothing_is_promised_of_payments():
    notice = pd.DataFrame({"notice_on": ["2014-04-01", "2014-06-01"], "end_on": ["2014-06-30", "2014-06-30"]}).apply(
        pd.to_datetime
    )
    paid = pd.DataFrame({"due_on": ["2014-04-01"], "paid_on": ["2014-04-05"]}).apply(pd.to_datetime)
    found = counted(OF_AGREEMENTS["waits"], {"grants": notice, "payments": paid}, ("what",))
    assert found["notice"]["kept"][:2] == (1, 2)
    assert found["pay"]["kept"][2] == 1 and found["pay"]["counted"][0] == 1


def test_the_councils_share_is_what_it_paid_in_the_year_of_the_accounts():
    organisations = pd.DataFrame(
        {"organisation_id": ["a", "b", "c"], "income_pence": pd.array([10_000, 10_000, None], dtype="Int64"),
         "income_year": ["2014-15", "2014-15", None], "social_enterprise": "no", "first_funded": "2013-14"}
    )  # fmt: skip
    grants = register({"grant_id": "g", "recipient_id": "a"}, {"grant_id": "h", "recipient_id": "b"})
    payments = pd.DataFrame(
        {"grant_id": ["g", "g", "h"], "year": ["2014-15", "2013-14", "2014-15"], "amount_pence": [8_000, 9_000, 500]}
    )
    tables = {"organisations": organisations, "payments": payments, "grants": grants}
    found = counted(OF_AGREEMENTS["income_shares"], tables, ("band",))
    assert tops(found, "pence") == {"three quarters or more": 8_000, "under a tenth": 500}
    assert counted(OF_AGREEMENTS["organisations"], tables)["all"]["organisations"][:2] == (2, 3), "one gave no income"


def test_a_mutual_is_counted_once_and_never_as_a_social_enterprise_too():
    organisations = pd.DataFrame(
        {"organisation_id": ["a", "b", "c"], "social_enterprise": ["yes", "yes", "unknown"], "mutual": ["yes", "no", "no"],
         "first_funded": "2014-15"}
    )  # fmt: skip
    grants = register(
        *({"recipient_id": who, "amount_awarded_pence": pence} for who, pence in (("a", 100), ("b", 200), ("b", 300)))
    )
    applied = pd.DataFrame({"organisation_id": ["b", "b"], "successful": ["yes", "no"], "period": "2014-15"})
    tables = {"organisations": organisations, "grants": grants, "applications": applied}
    found = counted(OF_AGREEMENTS["organisations"], tables, ("kind",))
    assert {kind: row["organisations"][1] for kind, row in found.items()} == {
        "Co-operatives and mutuals": 1, "Not known": 1, "Social enterprises": 1,
    }  # fmt: skip
    assert sum(tops(found, "pence").values()) == 600
    assert counted(OF_AGREEMENTS["applications"], tables, ("kind",)) == {
        "Social enterprises": {"successful": (1, 2, 0)}
    }


STARTS = pd.DataFrame({"unit_kind": "department", "unit": ["A", "B"], "started": ["2013-14 Q3", "never"]})


def test_a_department_has_moved_from_the_year_in_which_it_began():
    years = pd.Series(["2012-13", "2013-14", "2014-15", "2014-15", "2014-15", "unknown"])
    stages = organisations.stage_of(pd.Series(["A", "A", "A", "B", "C", "A"]), years, STARTS)
    before, since, never = organisations.STAGES
    assert stages.tolist()[:4] == [before, since, since, never]
    assert stages.isna().tolist()[4:] == [True, True], "a department without a start, and a year not known"


def test_success_counts_applications_with_a_decision_by_who_made_them():
    rows = pd.DataFrame(
        {"small_or_equality_led": ["yes", "yes", "yes", "no", "unknown"], "successful": ["yes", "no", "unknown", "yes", "yes"],
         "department": "A", "period": "2012-13"}
    )  # fmt: skip
    found = counted(OF_AGREEMENTS["success"], {"applications": rows, "starts": STARTS}, ("who",))
    assert found == {organisations.SMALL: {"number": (1, 2, 0)}, organisations.OTHERS: {"number": (1, 1, 0)}}


def test_survival_pools_every_year_of_first_funding():
    rows = pd.DataFrame(
        {"organisation_id": list("abcd"), "small": ["yes", "no", "no", "no"], "equality_led": ["no", "yes", "no", "unknown"],
         "department": "B", "first_funded": ["2012-13", "2014-15", "2013-14", "2013-14"], "operating_at_12_months": ["yes", "no", "yes", "yes"]}
    )  # fmt: skip
    found = counted(OF_AGREEMENTS["survival"], {"organisations": rows, "starts": STARTS}, ("who",))
    assert found == {organisations.SMALL: {"number": (1, 2, 0)}, organisations.OTHERS: {"number": (1, 1, 0)}}


def test_payments_are_told_apart_by_the_ages_they_are_for_and_credits_stay_in_the_sum():
    rows = pd.DataFrame(
        {
            "year": "2014-15",
            "payee": ["a", "b", "c"],
            "amount_pence": [100, -40, 7],
            "age_band": ["18 to 64", "18 to 64", "65 to 74"],
        }
    )
    assert tops(counted(OF_AGREEMENTS["payments"], {"payments": rows}, ("age_band",)), "pence") == {
        "18 to 64": 60,
        "65 and over": 7,
    }
    assert tops(
        counted(OF_AGREEMENTS["payments"], {"payments": rows.drop(columns="age_band")}, ("age_band",)), "pence"
    ) == {"unknown": 67}


def test_what_says_and_number_read_is_a_column():
    frame = pd.DataFrame({"a": ["1", "x"]})
    assert number("a")(frame).isna().tolist() == [False, True]
    assert says("a", "x", "y")(frame).tolist() == [False, True]
