"""A second route to every measure: plain loops over dict rows, written from the words of the catalogue.

Nothing of the library is called here. Slow and plain on purpose: if this and `calculate` agree
on rows neither has seen, a slip would have to be made twice, in two ways.

Longer than other files: one line or a few for each measure, side by side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
YES_NO = ("yes", "no")


def none(value: Any) -> bool:
    return value is None or value != value or str(value) in ("<NA>", "NaT", "")


def year_of(value: Any) -> str | None:
    if none(value):
        return None
    if isinstance(value, str):
        return value[:7]
    first = value.year if value.month >= 4 else value.year - 1
    return f"{first}-{str(first + 1)[2:]}"


def quarter_of(value: Any) -> str | None:
    if none(value):
        return None
    if isinstance(value, str):
        return value if "Q" in value else None
    quarter = {4: 1, 5: 1, 6: 1, 7: 2, 8: 2, 9: 2, 10: 3, 11: 3, 12: 3, 1: 4, 2: 4, 3: 4}[value.month]
    return f"{year_of(value)} Q{quarter}"


def always(row: Row) -> bool:
    return True


def never(row: Row) -> bool:
    return False


@dataclass
class Naive:
    """How one measure is counted, row by row."""

    table: str
    top: Callable[[Row], Any]  # True/False, or an amount
    keep: Callable[[Row], bool] = always
    na: Callable[[Row], bool] = never
    unknown: Callable[[Row], bool] = never
    bottom: Callable[[Row], Any] | None = None
    plain_sum: bool = False
    per: float = 100
    when: str = "period"
    once: str | None = None  # one row for each of these in a period
    take: str = "last"  # "last", "last that applies", "best"
    person: str | None = None
    adds: str | None = None  # who adds to an amount, where rows name no person


def number(value: Any) -> float:
    return math.nan if none(value) else float(value)


def working_age_ld(p: Row) -> bool:
    return not none(p["age"]) and 18 <= p["age"] <= 64 and p["support_reason"] == "learning disability"


def own_goal(r: Row) -> bool:
    return r["goal_in_own_words"] == "yes" and r["goal_rewritten"] != "yes"


def person_measure(**how: Any) -> Naive:
    return Naive(table="people", once="person_id", person="person_id", **how)


def review(**how: Any) -> Naive:
    return Naive(table="reviews", person="person_id", **how)


def said(column: str, by: str) -> Naive:
    return review(
        keep=lambda r: (r["answered_by"] == "proxy") == (by == "proxy"),
        na=lambda r: r[column] == "not asked",
        unknown=lambda r: r[column] not in YES_NO,
        top=lambda r: r[column] == "yes",
    )


def published(code: str) -> Naive:
    return Naive(
        table="indicators",
        when="year",
        keep=lambda i: i["code"] == code and i["year"] < "2023-24" and i["disaggregation"] == "total",
        na=lambda i: i["numerator_status"] == "not applicable",
        unknown=lambda i: i["numerator_status"] != "known" or i["denominator_status"] != "known",
        top=lambda i: number(i["numerator"]),
        bottom=lambda i: number(i["denominator"]),
    )


def access(keep: Callable[[Row], bool], unknown: Callable[[Row], bool]) -> Naive:
    return Naive(
        table="access", when="year", person="person_id", keep=keep, unknown=unknown,
        top=lambda a: a["supported"], bottom=lambda a: a["expected"],
    )  # fmt: skip


def helped(**how: Any) -> Naive:
    return Naive(table="supported", once="person_id", person="person_id", **how)


def scored(*columns: str) -> Naive:
    return Naive(
        table="applications", once="application_id",
        keep=lambda a: a["successful"] == "yes",
        na=lambda a: all(a[c] == "not asked" for c in columns),
        unknown=lambda a: any(a[c] not in ("yes", "no", "not asked") for c in columns),
        top=lambda a: not any(a[c] == "no" for c in columns),
    )  # fmt: skip


def supported_in_year(**how: Any) -> Naive:
    return Naive(table="long_term_support", once="person_id", person="person_id", **how)


def adult_in_the_community(p: Row) -> bool:
    at_home = p["community_budget"] not in ("not in the community", "unknown")
    return p["support_reason"] == "learning disability" and at_home and not none(p["age"]) and p["age"] >= 18


def packages_of(whose: Callable[[Any], bool]) -> Naive:
    return Naive(
        table="packages", per=1, person="person_id", plain_sum=True,
        keep=lambda k: not none(k["weeks"]) and k["weeks"] > 0 and whose(k["support_reason"]),
        top=lambda k: number(k["weekly_cost_pence"]) * number(k["weeks"]),
    )  # fmt: skip


NOT_HERS = ("learning disability", "not known")
GRADED = ("a", "b", "c")
KNOWN_ETHNICITY = ("white", "ethnic minority")
LD, VCF = "learning_disability_", "vcf_funding_"
ROUTES: dict[str, Naive] = {
    LD + "own_goal_met": review(
        keep=own_goal, unknown=lambda r: r["goal_met"] not in YES_NO, top=lambda r: r["goal_met"] == "yes"
    ),
    LD + "goal_kept": review(
        na=lambda r: r["goal_kept"] == "not applicable",
        unknown=lambda r: r["goal_kept"] not in YES_NO,
        top=lambda r: r["goal_kept"] == "yes",
    ),
    LD + "paid_work": person_measure(
        keep=working_age_ld,
        unknown=lambda p: p["employment"] == "unknown",
        top=lambda p: p["employment"].startswith("paid"),
    ),
    LD + "paid_work_16_hours": person_measure(
        keep=working_age_ld,
        unknown=lambda p: p["employment"] in ("unknown", "paid, hours unknown"),
        top=lambda p: p["employment"] == "paid 16 hours or more",
    ),
    LD + "paid_work_as_published": person_measure(
        keep=working_age_ld, top=lambda p: p["employment"].startswith("paid")
    ),
    LD + "ascof_2e": supported_in_year(keep=working_age_ld, top=lambda p: p["settled_home"] == "yes"),
    LD + "paid_work_published_form": supported_in_year(
        keep=lambda p: working_age_ld(p) and p["prison_only"] != "yes", top=lambda p: p["employment"].startswith("paid")
    ),
    LD + "outcomes_fully_met": supported_in_year(
        keep=lambda p: p["support_reason"] == "learning disability",
        na=lambda p: p["reviewed"] != "yes",
        unknown=lambda p: p["outcomes"] == "unknown",
        top=lambda p: p["outcomes"] == "fully met",
    ),
    LD + "outcomes_partly_met": supported_in_year(
        keep=lambda p: p["support_reason"] == "learning disability",
        na=lambda p: p["reviewed"] != "yes",
        unknown=lambda p: p["outcomes"] == "unknown",
        top=lambda p: p["outcomes"] == "partly met",
    ),
    LD + "planned_review": supported_in_year(
        keep=lambda p: p["support_reason"] == "learning disability" and p["reviewed"] != "unknown",
        top=lambda p: p["reviewed"] == "yes",
    ),
    LD + "direct_payment": supported_in_year(
        keep=adult_in_the_community, top=lambda p: p["community_budget"] == "direct payment"
    ),
    LD + "self_directed": supported_in_year(
        keep=adult_in_the_community, top=lambda p: p["community_budget"] in ("direct payment", "managed budget")
    ),
    LD + "ascof_1e": published("1E"),
    LD + "ascof_1g": published("1G"),
    LD + "home_chosen": said("home_chosen", "self"),
    LD + "by_proxy_home_chosen": said("home_chosen", "proxy"),
    LD + "leisure_chosen": said("leisure_chosen", "self"),
    LD + "by_proxy_leisure_chosen": said("leisure_chosen", "proxy"),
    LD + "control": said("control", "self"),
    LD + "by_proxy_control": said("control", "proxy"),
    LD + "risk_reduced": Naive(
        table="enquiries", once="enquiry_id", person="person_id",
        keep=lambda e: e["ended"] == "yes" and e["risk_found"] == "yes",
        unknown=lambda e: e["risk_result"] == "unknown",
        top=lambda e: e["risk_result"] in ("removed", "reduced"),
    ),
    LD + "access_gap": access(
        lambda a: a["age_band"] == "65 and over" or a["ethnicity"] != "white",
        lambda a: a["age_band"] != "65 and over" and a["ethnicity"] not in KNOWN_ETHNICITY,
    ),
    LD + "access_gap_older_people": access(lambda a: a["age_band"] == "65 and over", never),
    LD + "access_gap_ethnic_minority": access(
        lambda a: a["ethnicity"] != "white", lambda a: a["ethnicity"] not in KNOWN_ETHNICITY
    ),
    LD + "supported": Naive(
        table="access", when="year", per=1, person="person_id", keep=lambda a: a["supported"] == 1, top=lambda a: True
    ),
    LD + "review_in_time": review(
        keep=lambda r: r["kind"] == "annual",
        top=lambda r: not none(r["done_on"]) and not none(r["due_on"]) and r["done_on"] <= r["due_on"],
    ),
    LD + "review_in_time_day_support": review(
        keep=lambda r: r["kind"] == "day support",
        top=lambda r: not none(r["done_on"]) and not none(r["due_on"]) and r["done_on"] <= r["due_on"],
    ),
    LD + "day_mix": Naive(
        adds="provider", table="sessions",
        top=lambda s: number(s["sessions"]) if s["place"] == "ordinary place" else number(s["sessions"]) * 0,
        bottom=lambda s: number(s["sessions"]),
    ),
    LD + "advocacy_provided": person_measure(
        keep=lambda p: p["support_reason"] == "learning disability" and p["advocacy_entitled"] != "no",
        na=lambda p: p["advocacy_wanted"] == "no",
        unknown=lambda p: "unknown" in (p["advocacy_entitled"], p["advocacy_wanted"], p["advocacy_provided"]),
        top=lambda p: p["advocacy_provided"] == "yes",
    ),
    LD + "weekly_cost": Naive(
        table="packages", per=1, person="person_id",
        keep=lambda k: not none(k["weeks"]) and k["weeks"] > 0 and k["support_reason"] == "learning disability",
        top=lambda k: number(k["weekly_cost_pence"]) * number(k["weeks"]),
        bottom=lambda k: k["person_weeks"],
    ),
    LD + "spend_on_other_people": packages_of(lambda reason: reason not in NOT_HERS),
    LD + "spend_not_tied": packages_of(lambda reason: reason == "not known"),
    LD + "home_reregistered": person_measure(
        keep=working_age_ld,
        unknown=lambda p: p["home_reregistered"] not in YES_NO,
        top=lambda p: p["home_reregistered"] == "yes",
    ),
    VCF + "outcome_reached": helped(
        take="best",
        unknown=lambda s: s["outcome_reached"] == "unknown"
        or (s["outcome_reached"] == "yes" and s["evidence_grade"] not in GRADED),
        top=lambda s: s["outcome_reached"] == "yes",
    ),
    VCF + "target_met": Naive(
        table="returns", once="grant_id", take="last that applies",
        na=lambda t: t["asked"] == "no",
        unknown=lambda t: t["received"] == "no" or t["target_met"] not in YES_NO,
        top=lambda t: t["target_met"] == "yes",
    ),
    VCF + "outcome_kept": helped(
        take="last that applies",
        na=lambda s: s["outcome_kept"] == "not applicable",
        unknown=lambda s: s["outcome_kept"] == "unknown",
        top=lambda s: s["outcome_kept"] == "yes",
    ),
    VCF + "what_good": helped(
        take="last that applies",
        na=lambda s: s["made_difference"] == "not asked",
        unknown=lambda s: s["made_difference"] == "unknown",
        top=lambda s: s["made_difference"] == "yes",
    ),
    VCF + "no_care_yet": helped(
        take="last that applies",
        keep=lambda s: s["lawfully_linked"] == "yes",
        na=lambda s: s["long_term_care_at_12_months"] == "not applicable",
        unknown=lambda s: s["long_term_care_at_12_months"] == "unknown",
        top=lambda s: s["long_term_care_at_12_months"] == "no",
    ),
    VCF + "small_survival": Naive(
        table="organisations", when="first_funded", once="organisation_id",
        keep=lambda o: o["small"] == "yes" or o["equality_led"] == "yes",
        na=lambda o: o["operating_at_12_months"] == "not applicable",
        unknown=lambda o: o["operating_at_12_months"] == "unknown",
        top=lambda o: o["operating_at_12_months"] == "yes",
    ),
    VCF + "people_supported": helped(take="last that applies", plain_sum=True, per=1, top=lambda s: 1.0),
    VCF + "contacts": Naive(
        adds="organisation_id", table="returns", once="return_id", plain_sum=True, per=1,
        keep=lambda t: t["asked"] == "yes",
        unknown=lambda t: t["received"] == "no",
        top=lambda t: number(t["contacts"]),
    ),
    VCF + "spend": Naive(
        adds="paid_to", table="accrued_spend", plain_sum=True, per=1, top=lambda p: number(p["accrued_pence"]),
        keep=lambda p: p["outcome"] == "known",
    ),
    VCF + "spend_outcome_unknown": Naive(
        adds="paid_to", table="accrued_spend", plain_sum=True, per=1, top=lambda p: number(p["accrued_pence"]),
        keep=lambda p: p["outcome"] == "unknown",
    ),
    VCF + "award": Naive(
        adds="recipient_id", table="grants", when="year", once="grant_id", plain_sum=True, per=1,
        top=lambda g: number(g["amount_awarded_pence"]),
    ),
    VCF + "volunteer_hours": Naive(
        adds="organisation_id", table="volunteering", plain_sum=True, per=1, top=lambda v: number(v["hours"])
    ),
    VCF + "monitoring_hours": Naive(
        adds="organisation_id", table="monitoring", per=1, top=lambda m: number(m["hours"]), bottom=lambda m: m["award_share_pence"] / 100_000
    ),
    VCF + "fair_access": Naive(
        table="applications", once="application_id",
        keep=lambda a: a["small_or_equality_led"] == "yes",
        unknown=lambda a: a["successful"] == "unknown", top=lambda a: a["successful"] == "yes",
    ),
    VCF + "fair_access_others": Naive(
        table="applications", once="application_id",
        keep=lambda a: a["small_or_equality_led"] == "no",
        unknown=lambda a: a["successful"] == "unknown", top=lambda a: a["successful"] == "yes",
    ),
    VCF + "same_purpose": Naive(
        table="funded_organisations", when="year", once="organisation_id",
        unknown=lambda o: o["same_purpose"] == "unknown", top=lambda o: o["same_purpose"] == "yes",
    ),
    VCF + "criteria_scored": scored("carbon_scored", "social_value_scored"),
    VCF + "criteria_scored_carbon": scored("carbon_scored"),
    VCF + "criteria_scored_social_value": scored("social_value_scored"),
    VCF + "lesson_written": Naive(
        table="grants", when="end_on", once="grant_id",
        keep=lambda g: g["experiment"] == "yes",
        na=lambda g: g["closed"] == "no" or g["lesson_written"] == "not applicable",
        unknown=lambda g: g["closed"] == "unknown" or g["lesson_written"] == "unknown",
        top=lambda g: g["lesson_written"] == "yes",
    ),
}  # fmt: skip


def part(how: Naive, row: Row) -> str:
    if not how.keep(row):
        return "out"
    if how.na(row):
        return "na"
    if how.unknown(row):
        return "unknown"
    top, bottom = how.top(row), 1.0 if how.bottom is None else how.bottom(row)
    return "unknown" if float(top) != float(top) or bottom != bottom else "counted"


def one_of(how: Naive, rows: list[Row]) -> Row | None:
    """The row that speaks for one person, agreement or organisation among rows of one period."""
    if how.take != "last":
        rows = [row for row in rows if part(how, row) != "out"]
    if not rows:
        return None

    def rank(row: Row) -> tuple[Any, ...]:
        what = part(how, row)
        order = []
        if how.take != "last":
            order.append(what != "na")
        if how.take == "best":
            order += [what == "counted" and bool(how.top(row)), what == "counted"]
        # Equally late: a known answer, then an unknown one, then one to which nothing applies; and of
        # known ones the less favourable.
        favour = -float(how.top(row)) if what == "counted" else 0.0
        order += [row[how.when], ["out", "na", "unknown", "counted"].index(what), favour]
        return tuple(order)

    best = rows[0]
    for row in rows[1:]:
        if rank(row) >= rank(best):
            best = row
    return best


def count(
    how: Naive, rows: list[Row], period: str, kind: str, group: tuple[str, Any] | None, area: str
) -> tuple[float, float, int, int, int | None]:
    """Numerator, denominator, unknown, not applicable, different people (or who adds to an amount): for one period and group."""
    label = year_of if kind == "year" else quarter_of
    mine = [row for row in rows if label(row[how.when]) == period]
    if how.table == "indicators" and group is None:
        mine = [row for row in mine if row["area_code"] == area]
    if group is not None and (how.take != "last" or how.once is None):
        mine = [row for row in mine if row[group[0]] == group[1]]
    if how.once is not None:
        owners: dict[Any, list[Row]] = {}
        for row in mine:
            owners.setdefault(row[how.once], []).append(row)
        mine = [row for row in (one_of(how, found) for found in owners.values()) if row is not None]
    if group is not None:
        mine = [row for row in mine if row[group[0]] == group[1]]
    top = bottom = 0.0
    unknown = na = 0
    who, with_nothing = set(), set()
    for row in mine:
        what = part(how, row)
        unknown += what == "unknown"
        na += what == "na"
        if what == "counted":
            top += float(how.top(row))
            bottom += 1.0 if how.bottom is None else float(how.bottom(row))
            if how.person is not None and not none(row[how.person]):
                who.add(row[how.person])
            if how.adds is not None:
                name = "somebody not named" if none(row[how.adds]) else row[how.adds]
                (who if how.top(row) else with_nothing).add(name)
    if how.adds is not None:
        return top, bottom, unknown, na, len(who or with_nothing)
    return top, bottom, unknown, na, None if how.person is None else len(who)
