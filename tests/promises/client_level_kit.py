"""An invented council's Client Level Data: seeded, with the traps that real submissions hold, and its counts by plain loops.

`World` invents people and what happened to them; `World.submission` writes what a council would send for a period, in
either release's spellings. `second_route` counts from the written CSV alone, with nothing of the library: plain rows, plain
dates, one person at a time.

Longer than other files: what is invented and how it is counted stand side by side, so that a trap and its rule are compared.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

LD = "Learning Disability Support"
HEADERS = (
    "LA Code", "Reporting Period Start Date", "Reporting Period End Date", "NHS Number", "LA Person Unique Identifier",
    "First Name", "Last Name", "GP Practice Name", "GP Practice Code", "Gender", "Ethnicity", "Date of Birth", "Date of Death",
    "Client Type", "Primary Support Reason", "Postcode", "Accommodation Status", "Employment Status", "Has Unpaid Carer",
    "Client Funding Status", "Event Type", "Event Reference", "Event Start Date", "Event End Date", "Event Description",
    "Event Outcome", "Request: Route of Access", "Assessment Type", "Service Type", "Service Component", "Delivery Mechanism",
    "Provider CQC Location Name", "Provider CQC Location ID", "Unit Cost", "Cost Frequency (Unit Type)",
    "Planned units per week", "Review Reason", "Review Outcomes Achieved", "Method of Review",
)  # fmt: skip
UNDERSCORED = {one: one.replace(": ", "_").replace(" (", "_").replace(")", "").replace(" ", "_") for one in HEADERS}
RELEASE_1 = {
    "Service User": "Service User",
    "Unpaid carer": "Carer",
    "Long term support: Nursing care": "Long Term Support: Nursing Care",
    "Long term support: Residential care": "Long Term Support: Residential Care",
    "Long term support: Community": "Long Term Support: Community",
    "Long term support: Prison": "Long Term Support: Prison",
    "Short term support: ST-Max": "Short Term Support: ST-Max",
    "Unpaid carer support: Direct to unpaid carer": "Carer Support: Direct to Carer",
    "Tenant: Local authority or other social housing provider": "Tenant",
    "Settled mainstream housing with family or friends": "Settled mainstream housing with family / friends",
    "Supported accommodation, supported lodgings or supported group home":
        "Supported accommodation / supported lodgings / supported group home",
    "Not in paid employment: Seeking work": "Not in Paid Employment (seeking work)",
    "Not in paid employment: Not actively seeking work or retired":
        "Not in Paid Employment (not actively seeking work / retired)",
    "Not in paid employment: Voluntary work only": "Not in Paid Employment (voluntary work only)",
    "Social Support: Support to unpaid carer": "Social Support: Support to Carer",
}  # fmt: skip
SETTLED_HOMES = (
    "Tenant: Local authority or other social housing provider", "Settled mainstream housing with family or friends",
    "Supported accommodation, supported lodgings or supported group home", "Shared Lives scheme",
)  # fmt: skip
OTHER_HOMES = ("Registered care home", "Rough sleeper or squatting", "Other temporary accommodation")
JOBS = (
    "Paid: 16 or more hours a week", "Paid: Less than 16 hours a week", "Paid: Hours per week unknown",
    "Not in paid employment: Seeking work", "Not in paid employment: Not actively seeking work or retired",
    "Not in paid employment: Voluntary work only", "Unknown",
)  # fmt: skip
COMPONENTS = (
    "Home support or domiciliary care", "Community supported living", "Shared Lives", "Day support", "Direct payment", "",
)  # fmt: skip
FREQUENCIES = (
    "Weekly",
    "Hourly",
    "Fortnightly",
    "4-weekly",
    "Monthly",
    "Annually",
    "One-off",
    "Per session",
    "Daily",
    "",
)


def check_digit(nine: str) -> int:
    """The tenth digit of an NHS number; 10 where the nine can have none."""
    return (11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11


@dataclass
class Person:
    nhs: str
    own: str
    fixed: dict[str, str]
    reason: str
    client: str
    died: date | None = None
    known: list[tuple[date, str, str]] = field(default_factory=list)  # since, accommodation, employment
    services: list[dict[str, Any]] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)  # requests, assessments, reviews


class World:
    """People of an invented council, and what happened to them from 2021 to 2025."""

    def __init__(self, seed: int = 17, people: int = 260, code: str = "E08000015") -> None:
        self.r, self.code = random.Random(seed), code
        self.people = [self._person(number) for number in range(people)]

    def _day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.r.randrange((last - first).days + 1))

    def _person(self, number: int) -> Person:
        r = self.r
        while (check := check_digit(nine := f"{r.randrange(400_000_000, 499_999_999)}")) == 10:
            pass
        born = self._day(date(1940, 1, 1), date(2008, 12, 31))
        person = Person(
            nhs=f"{nine}{check}",
            own=f"L{number:05d}",
            fixed={
                "First Name": f"Zebedee{number}", "Last Name": f"Quillfeather{number}", "Postcode": f"QZ{number % 90 + 10} 4XY",
                "Gender": r.choice(["Female", "Male", "Unknown"]), "Date of Birth": born.strftime("%d/%m/%Y"),
                "Ethnicity": r.choice(["White: English, Welsh", "Asian or Asian British: Indian", "No data: Refused"]),
                "Client Funding Status": r.choice(["Fully social care funded", "Joint client and social care funded", ""]),
            },
            reason=r.choice([LD, LD, LD, "Mental Health Support", "Physical Support: Personal care support", "Unknown"]),
            client="Service User",
        )  # fmt: skip
        if number % 19 == 0:
            person.client = "Unpaid carer"
        if number % 23 == 0:
            person.fixed["Date of Birth"] = ""
        for since in (date(2021, 5, 1), date(2023, 9, 10), date(2024, 8, 20)):
            home = r.choice([*SETTLED_HOMES, *OTHER_HOMES, "Unknown", "Unknown", "Houseboat on the canal"])
            person.known.append((since, home, r.choice(JOBS)))
        self._services(person, number)
        self._others(person, number)
        if number % 29 == 0:
            person.died = self._day(date(2024, 5, 1), date(2025, 2, 1))
        return person

    def _services(self, person: Person, number: int) -> None:
        r = self.r
        kinds = ["Long term support: Community"] * 5 + [
            "Long term support: Residential care",
            "Long term support: Nursing care",
        ]
        for _ in range(r.choice([1, 1, 2, 3])):
            kind = (
                "Unpaid carer support: Direct to unpaid carer" if person.client != "Service User" else r.choice(kinds)
            )
            if number % 31 == 0:
                kind = "Long term support: Prison"
            if number % 13 == 0:
                kind = "Short term support: ST-Max"
            start = self._day(date(2021, 4, 1), date(2025, 3, 20))
            end = None if r.random() < 0.5 else start + timedelta(days=r.randrange(10, 700))
            frequency = r.choice(FREQUENCIES)
            cost = r.choice([f"{r.uniform(15, 1500):.2f}", f"{r.uniform(15, 1500):.2f}", "-210.50", "0", ""])
            person.services.append({
                "Event Type": "Service", "start": start, "end": end, "Service Type": kind,
                "Service Component": r.choice(COMPONENTS) if kind.endswith("Community") else "",
                "Delivery Mechanism": r.choice(["Direct payment", "CASSR managed personal budget", ""]),
                "Provider CQC Location Name": r.choice(["Fernhill (made up)", "Oakbridge (made up)", ""]),
                "Unit Cost": cost, "Cost Frequency (Unit Type)": frequency,
                "Planned units per week": r.choice(["7.5", "10", "-3", ""]) if frequency in ("Hourly", "Daily", "Per session") else "",
            })  # fmt: skip
        if number % 37 == 0:  # a mistake of typing
            person.services[0]["end"] = person.services[0]["start"] - timedelta(days=3)

    def _others(self, person: Person, number: int) -> None:
        r = self.r
        for year in (2022, 2023, 2024):
            for kind, chance in (("Review", 0.75), ("Request", 0.35), ("Assessment", 0.35)):
                if r.random() > chance:
                    continue
                start = self._day(date(year, 4, 1), date(year + 1, 3, 10))
                event: dict[str, Any] = {
                    "Event Type": kind,
                    "start": start,
                    "end": start + timedelta(days=r.randrange(0, 20)),
                }
                if kind == "Review":
                    event["Review Reason"] = r.choice(["Planned (annual)", "Planned (other)", "Unplanned - change", ""])
                    event["Review Outcomes Achieved"] = r.choice(
                        ["Fully met", "Partially met", "Partially met", "Not met", "Unknown", ""]
                    )
                person.others.append(event)

    def rows(self, first: date, last: date) -> list[dict[str, str]]:
        """What a council sends for a period: open services, and everything that ended in it."""
        out: list[dict[str, str]] = []
        for number, person in enumerate(self.people):
            for place, event in enumerate([*person.services, *person.others]):
                open_ = event["Event Type"] == "Service" and (event["end"] is None or event["end"] > last)
                if event["start"] > last or not (open_ or first <= event["end"] or event["end"] < event["start"]):
                    continue
                if event["Event Type"] != "Service" and event["end"] > last:
                    continue
                since = [one for one in person.known if one[0] <= max(event["start"], person.known[0][0])][-1]
                died = person.died.strftime("%d/%m/%Y") if person.died and person.died <= last else ""
                row = dict.fromkeys(HEADERS, "") | person.fixed | {
                    "LA Code": self.code, "NHS Number": person.nhs, "LA Person Unique Identifier": person.own,
                    "Reporting Period Start Date": first.isoformat(), "Reporting Period End Date": last.isoformat(),
                    "Date of Death": died, "Client Type": person.client, "Primary Support Reason": person.reason,
                    "Accommodation Status": since[1], "Employment Status": since[2], "Event Reference": f"EV{number}-{place}",
                    "Event Start Date": event["start"].strftime("%d/%m/%Y"),
                    "Event End Date": "" if open_ else event["end"].strftime("%d/%m/%Y"),
                    **{name: value for name, value in event.items() if name not in ("start", "end")},
                }  # fmt: skip
                if number % 11 == 0 and place == 1:
                    row["NHS Number"] = ""  # the council's identifier stands elsewhere with the number
                if number % 41 == 0:
                    row["NHS Number"] = ""  # never known: the council's own identifier speaks
                if number % 53 == 5:
                    row["Primary Support Reason"] = "Social Support: Support to unpaid carer"
                out.append(row)
        out.append({**out[5], "Event Reference": "EV-again"})  # the same event twice
        out.append({**out[6], "NHS Number": "", "LA Person Unique Identifier": ""})  # nobody's
        conflict = {
            **out[7],
            "Event Type": "Assessment",
            "Event End Date": out[7]["Event Start Date"],
            "Service Type": "",
        }
        out += [
            {**conflict, "Employment Status": JOBS[0]},
            {**conflict, "Employment Status": JOBS[3], "Assessment Type": "Other"},
        ]
        return out

    def submission(self, path: Path, first: date, last: date, *, release: int = 2, underscores: bool = False) -> Path:
        """Write what is sent for a period, as CSV."""
        rows = self.rows(first, last)
        if release == 1:
            rows = [{name: RELEASE_1.get(value, value) for name, value in row.items()} for row in rows]
        names = UNDERSCORED if underscores else {one: one for one in HEADERS}
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [names[one] for one in HEADERS], lineterminator="\r\n")
            writer.writeheader()
            writer.writerows({names[name]: value for name, value in row.items()} for row in rows)
        return path


# --- the second route -------------------------------------------------------------------------------------------

SETTLED_WORDS = {*SETTLED_HOMES}
HOME_FROM_COMPONENT = {"Home support or domiciliary care", "Community supported living", "Shared Lives"}
IN_A_WEEK = {"Weekly": 1.0, "Fortnightly": 0.5, "4-weekly": 0.25, "Monthly": 12 / 52, "Annually": 1 / 52}


def day(text: str) -> date | None:
    if not text:
        return None
    return date.fromisoformat(text) if "-" in text else date(int(text[6:]), int(text[3:5]), int(text[:2]))


def last_of_its_month(month: int, year: int) -> date:
    return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)


def quarters_of(year: int) -> list[tuple[date, date]]:
    return [
        (date(year, 4, 1), date(year, 6, 30)), (date(year, 7, 1), date(year, 9, 30)), (date(year, 10, 1), date(year, 12, 31)),
        (date(year + 1, 1, 1), date(year + 1, 3, 31)),
    ]  # fmt: skip


def rows_of(paths: list[Path]) -> list[dict[str, Any]]:
    """The rows of every file (release 2, plain headers), with dates, and whose they are; those of nobody are left out."""
    rows: list[dict[str, Any]] = []
    for place, path in enumerate(sorted(paths)):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [{**row, "file": place} for row in csv.DictReader(file)]
    number_of: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["NHS Number"] and row["LA Person Unique Identifier"]:
            number_of[row["LA Person Unique Identifier"]].add(row["NHS Number"])
    kept = []
    for row in rows:
        own, nhs = row["LA Person Unique Identifier"], row["NHS Number"]
        start, end = day(row["Event Start Date"]), day(row["Event End Date"])
        if (not own and not nhs) or (end and start and end < start):
            continue
        if not nhs and len(number_of[own]) == 1:
            (nhs,) = number_of[own]
        kept.append({**row, "start": start, "end": end, "who": nhs or own})
    return kept


def second_route(paths: list[Path], year: int) -> dict[str, float]:
    """The figures of one financial year: details from every file, services and reviews from the one that covers the year."""
    people: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(paths):
        people[row["who"]].append(row)
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    got: dict[str, float] = defaultdict(float)
    for events in people.values():
        _count_one(events, year, first, last, got)
    return dict(got)


def _latest(events: list[dict[str, Any]], name: str, last: date, nothing: tuple[str, ...]) -> str:
    nothing = ("", "Unknown", *nothing)
    known = [
        ((one["start"], one["file"]), one[name]) for one in events if one["start"] <= last and one[name] not in nothing
    ]
    if not known:
        return "Unknown"
    newest = max(when for when, _ in known)
    values = {value for when, value in known if when == newest}
    return values.pop() if len(values) == 1 else "Unknown"


def _count_one(events: list[dict[str, Any]], year: int, first: date, last: date, got: dict[str, float]) -> None:
    died = day(_latest(events, "Date of Death", date(2099, 1, 1), ()).replace("Unknown", ""))
    born = day(_latest(events, "Date of Birth", date(2099, 1, 1), ()).replace("Unknown", ""))
    services: list[tuple[date, date | None, dict[str, Any]]] = []
    seen = set()
    sent = [one for one in events if one["Reporting Period Start Date"] == first.isoformat()]
    for one in sent:
        if one["Event Type"] != "Service" or one["Client Type"] != "Service User":
            continue
        if not one["Service Type"].startswith("Long term support"):
            continue
        key = tuple(one[name] for name in ("Event Start Date", "Service Type", "Service Component", "Delivery Mechanism",
                                           "Unit Cost", "Cost Frequency (Unit Type)", "Planned units per week"))  # fmt: skip
        if key in seen:
            continue
        seen.add(key)
        end = one["end"]
        if died and one["start"] > died:
            continue
        if died and (end is None or died < end):
            end = died
        services.append((one["start"], end, one))
    in_year = [one for one in services if one[0] <= last and (one[1] is None or one[1] >= first)]
    if not in_year:
        return
    reason = _latest(events, "Primary Support Reason", last, ("Social Support: Support to unpaid carer",))
    for from_, to in quarters_of(year):
        _cost(
            services,
            _latest(events, "Primary Support Reason", to, ("Social Support: Support to unpaid carer",)),
            from_,
            to,
            got,
        )
    if reason != LD:
        return
    done = [one for one in sent if one["Event Type"] == "Review" and one["Client Type"] == "Service User"
            and first <= one["end"] <= last and one["Review Reason"].startswith("Planned")]  # fmt: skip
    got["supported"] += 1
    if done:
        got["reviewed"] += 1
        latest = max(one["end"] for one in done)
        said = {one["Review Outcomes Achieved"] for one in done if one["end"] == latest} - {"", "Unknown"}
        if not said:  # the newest known one of the year speaks
            known = [one for one in done if one["Review Outcomes Achieved"] not in ("", "Unknown")]
            if known:
                newest = max(one["end"] for one in known)
                said = {one["Review Outcomes Achieved"] for one in known if one["end"] == newest}
        outcome = said.pop() if len(said) == 1 else "Unknown"
        got[f"outcome {outcome}"] += 1
    quarter = max(place for place, (a, b) in enumerate(quarters_of(year))
                  if any(s <= b and (e is None or e >= a) for s, e, _ in in_year))  # fmt: skip
    a, b = quarters_of(year)[quarter]
    running = [(s, e, one) for s, e, one in in_year if s <= b and (e is None or e >= a)]
    until = max(b if e is None or e > b else e for _, e, _ in running)
    if born is None:
        got["age unknown"] += 1
        return
    age = until.year - born.year - ((until.month, until.day) < (born.month, born.day))
    if not 18 <= age <= 64:
        return
    got["working age"] += 1
    home = _latest(events, "Accommodation Status", last, ())
    got["settled"] += _is_settled(home, running, year)
    if {one["Service Type"] for _, _, one in in_year} != {"Long term support: Prison"}:
        got["not only prison"] += 1
        got["paid"] += _latest(events, "Employment Status", last, ()).startswith("Paid")


def _is_settled(home: str, running: list[tuple[date, date | None, dict[str, Any]]], year: int) -> bool:
    if home != "Unknown" or year < 2024:
        return home in SETTLED_WORDS
    kinds = [(one["Service Type"], one["Service Component"]) for _, _, one in running]
    if any("Nursing" in kind or "Residential" in kind for kind, _ in kinds):
        return False
    return any(kind.endswith("Community") and part in HOME_FROM_COMPONENT for kind, part in kinds)


def _cost(
    services: list[tuple[date, date | None, dict[str, Any]]],
    reason: str,
    first: date,
    last: date,
    got: dict[str, float],
) -> None:
    weeks = []
    for start, end, one in services:
        if start > last or (end is not None and end < first):
            continue
        until = last if end is None or end > last else end
        length = ((until - max(start, first)).days + 1) / 7
        units = IN_A_WEEK.get(one["Cost Frequency (Unit Type)"])
        if one["Cost Frequency (Unit Type)"] in ("Hourly", "Daily", "Per session") and one["Planned units per week"]:
            units = abs(float(one["Planned units per week"]))
        cost = abs(float(one["Unit Cost"] or 0))
        pence = round(cost * units * 100) if units and cost else None
        weeks.append((length, pence))
    if not weeks or reason != LD:
        if weeks:
            got["pence of other people"] += sum(length * pence for length, pence in weeks if pence is not None)
        return
    total, longest = sum(length for length, _ in weeks), max(length for length, _ in weeks)
    for length, pence in weeks:
        if pence is not None:
            got["pence"] += length * pence
            got["person-weeks"] += length * longest / total
