"""The derived tables by plain loops, for the second route."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import Any

from naive import Row, none, year_of

Tables = dict[str, list[Row]]


def month_number(day: Any) -> int:
    return int(day.year) * 12 + int(day.month) - 1


def quarter_name(month: int) -> str:
    year, nth = divmod(month - 3, 12)
    return f"{year}-{str(year + 1)[2:]} Q{nth // 3 + 1}"


def term(grant: Row) -> tuple[int, int] | None:
    """First month and number of months, where the agreement records them."""
    if none(grant["start_on"]):
        return None
    start = month_number(grant["start_on"])
    if not none(grant["months"]) and grant["months"] >= 1:
        return start, int(grant["months"])
    if none(grant["end_on"]):
        return None
    months = month_number(grant["end_on"]) - start + 1
    return (start, months) if months >= 1 else None


def supported(tables: Tables) -> list[Row]:
    returned: dict[Any, list[Row]] = defaultdict(list)
    for row in tables["returns"]:
        if row["received"] == "yes":
            returned[row["grant_id"], row["period"]].append(row)
    out = []
    for row in tables["supported"]:
        found = returned[row["grant_id"], row["period"]]
        weakest = max(found, key=lambda t: ("abc".find(t["evidence_grade"]) % 4, t["domain"]), default=None)
        grade, domain = ("none", "unknown") if weakest is None else (weakest["evidence_grade"], weakest["domain"])
        out.append({**row, "evidence_grade": grade, "domain": domain})
    return out


def packages(tables: Tables) -> list[Row]:
    weeks: dict[Any, list[float]] = defaultdict(list)
    for row in tables["packages"]:
        if not none(row["weeks"]):
            weeks[row["person_id"], row["period"]].append(float(row["weeks"]))
    people: dict[Any, list[Row]] = defaultdict(list)
    for person in tables.get("people", []):
        people[person["person_id"]].append(person)
    out = []
    for row in tables["packages"]:
        mine = weeks[row["person_id"], row["period"]]
        share = math.nan if none(row["weeks"]) else float(row["weeks"]) * max(mine) / sum(mine) if sum(mine) else 0.0
        out.append({**row, "person_weeks": share, "support_reason": reason_of(row, people[row["person_id"]])})
    return out


def reason_of(package: Row, person: list[Row]) -> str:
    """The reason on the person's record of the package's period; else on their last record of the same year."""
    told = [p for p in person if p["support_reason"] not in (None, "unknown")]
    same = [p for p in told if p["period"] == package["period"]]
    if same:
        return str(same[-1]["support_reason"])
    of_year = [p for p in told if year_of(p["period"]) == year_of(package["period"])]
    latest = max((p["period"] for p in of_year), default=None)
    return str([p for p in of_year if p["period"] == latest][-1]["support_reason"]) if of_year else "not known"


def access(tables: Tables) -> list[Row]:
    latest: dict[Any, Row] = {}
    for row in tables["people"]:
        key = (year_of(row["period"]), row["person_id"])
        if key not in latest or row["period"] >= latest[key]["period"]:
            latest[key] = row
    supported_rows = [
        {
            **row, "year": year, "supported": 1.0, "expected": 0.0,
            "age_band": "65 and over" if row["age"] >= 65 else "18 to 64",
        }
        for (year, _), row in latest.items()
        if row["support_reason"] == "learning disability" and not none(row["age"]) and row["age"] >= 18
    ]  # fmt: skip
    out = []
    for year in {row["year"] for row in tables["population"]}:
        cells = [row for row in tables["population"] if row["year"] == year]
        mine = [row for row in supported_rows if row["year"] == year]
        if not mine or not any(float(row["with_learning_disability"]) for row in cells):
            continue
        out += mine
        for cell in cells:
            expected = float(cell["with_learning_disability"])
            out.append({**cell, "person_id": None, "supported": 0.0, "expected": expected})
    return out


def accrued_spend(tables: Tables) -> list[Row]:
    known = {t["grant_id"] for t in tables["returns"] if t["received"] == "yes" and t["target_met"] in ("yes", "no")}
    known |= {s["grant_id"] for s in tables["supported"] if s["outcome_reached"] in ("yes", "no")}
    grants = {g["grant_id"]: g for g in tables["grants"]}
    out = []
    for paid in tables["payments"]:
        grant = grants.get(paid["grant_id"])
        base = {
            **paid,
            "organisation_id": None if grant is None else grant["recipient_id"],
            "paid_to": paid.get("payee") if grant is None or none(grant["recipient_id"]) else grant["recipient_id"],
            "outcome": "known" if paid["grant_id"] in known else "unknown",
        }
        when = None if grant is None else term(grant)
        if when is None or none(paid["amount_pence"]):
            out.append({**base, "accrued_pence": paid["amount_pence"]})
            continue
        start, months = when
        given, pence = 0, int(paid["amount_pence"])
        shares: dict[str, int] = defaultdict(int)
        for nth in range(1, months + 1):
            so_far = math.floor(Fraction(pence * nth, months))
            shares[quarter_name(start + nth - 1)] += so_far - given
            given = so_far
        out += [{**base, "period": period, "accrued_pence": share} for period, share in shares.items()]
    return out


def monitoring(tables: Tables) -> list[Row]:
    terms = {g["grant_id"]: term(g) for g in tables["grants"]}
    times: dict[Any, int] = defaultdict(int)
    for row in tables["monitoring"]:
        times[row["grant_id"]] += 1
    out = []
    for row in tables["monitoring"]:
        when = terms.get(row["grant_id"])
        part = 1 / times[row["grant_id"]] if when is None else min(1.0, 3 / when[1])
        award = math.nan if none(row["award_pence"]) else float(row["award_pence"])
        out.append({**row, "award_share_pence": award * part})
    return out


def one_organisation(grants: list[Row]) -> dict[int, str]:
    """Which organisation each grant is of: whoever shares a number, until nothing more can be put together."""
    words = {"charity_number": "charity", "company_number": "company", "recipient_id": "id"}
    groups = []
    for place, grant in enumerate(grants):
        groups.append(({place}, {f"{word} {grant[name]}" for name, word in words.items() if not none(grant[name])}))
    joined = True
    while joined:
        joined = False
        for one in groups:
            for other in groups:
                if one is not other and one[1] & other[1]:
                    one[0].update(other[0])
                    one[1].update(other[1])
                    groups.remove(other)
                    joined = True
                    break
            if joined:
                break
    return {place: min(numbers) for places, numbers in groups for place in places if numbers}


def funded_organisations(tables: Tables) -> list[Row]:
    found: dict[str, list[Row]] = defaultdict(list)
    whose = one_organisation(tables["grants"])
    for place, grant in enumerate(tables["grants"]):
        who = whose[place]
        when = term(grant)
        if when is None:
            # With no recorded first day it begins in the month of its award; with no recorded months it has that one.
            begins = grant["award_date"] if none(grant["start_on"]) else grant["start_on"]
            if none(begins):
                continue
            months = 1 if none(grant["months"]) or grant["months"] < 1 else int(grant["months"])
            when, sure = (month_number(begins), months), False
        else:
            sure = True
        months = set(range(when[0], when[0] + when[1]))
        found[who].append({**grant, "months_run": months, "sure": sure})
    out = []
    # What was agreed after the last agreement of the register began is not known: no year is counted after it.
    last = max(((min(g["months_run"]) - 3) // 12 for grants in found.values() for g in grants), default=0)
    for who, grants in found.items():
        years = {(month - 3) // 12 for g in grants for month in g["months_run"]}
        years = {year for year in years if year <= last}
        for year in years:
            this = set(range(year * 12 + 3, year * 12 + 15))
            running = [g for g in grants if g["months_run"] & this]
            verdicts = set()
            for a in running:
                for b in running:
                    nameless = none(a["department"]) or none(b["department"])
                    if a is b or (not nameless and a["department"] == b["department"]):
                        continue
                    shared = bool(a["months_run"] & b["months_run"] & this)
                    sure = a["sure"] and b["sure"]
                    blank = none(a["purpose"]) or none(b["purpose"])
                    same = not blank and a["purpose"] == b["purpose"]
                    if same and shared and sure and not nameless:
                        verdicts.add("yes")
                    elif (same or blank) and (shared or not sure):
                        verdicts.add("unknown")
            verdict = "yes" if "yes" in verdicts else "unknown" if "unknown" in verdicts else "no"
            out.append({"year": f"{year}-{str(year + 1)[2:]}", "organisation_id": who, "same_purpose": verdict})
    return out


MADE = {
    "supported": supported,
    "packages": packages,
    "access": access,
    "accrued_spend": accrued_spend,
    "monitoring": monitoring,
    "funded_organisations": funded_organisations,
}
