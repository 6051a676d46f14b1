"""A second sample: what an invented council would send as Client Level Data, with the traps that real submissions hold.

Two years in four submissions that overlap, in both releases' spellings. In them are carers, short services, services that end
before they start, deaths, words that are not known or in no list, details that conflict, people with two identifiers or none,
prices uplifted each April, one-off, hourly and negative costs, and an event sent twice. NHS numbers are of the range kept for
tests (999), postcodes of the one kept for none (ZZ). What the national rules make of it is counted again in the tests.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from commissioning import sample_list, toml
from commissioning.simulate.names import AREA, LOCALITIES, PROVIDERS, WARDS

SEED = 20230401  # the day the collection began
PEOPLE = 300
WORDS = toml.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
FIRST = date(2023, 4, 1)
SUBMISSIONS = (  # (first day, last day, release)
    (date(2023, 4, 1), date(2024, 3, 31), 1),
    (date(2023, 10, 1), date(2024, 9, 30), 1),
    (date(2024, 1, 1), date(2024, 12, 31), 2),
    (date(2024, 4, 1), date(2025, 3, 31), 2),
)
UPLIFT = 1.04  # of every price, each April
Row = dict[str, str]


@dataclass
class Event:
    """What happened to a person: what its row says, and the prices that a later submission uplifts."""

    says: Row
    start: date
    end: date | None
    cost: float = 0.0


@dataclass
class Person:
    """Someone invented. `known`: (since, accommodation, employment), the latest last."""

    says: Row
    died: date | None = None
    known: list[tuple[date, str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def contents(seed: int = SEED, people: int = PEOPLE) -> dict[str, bytes]:
    """Name of each file of the sample → bytes: the submissions, their list and `sources.toml`. The same seed, the same bytes."""
    world = invented(seed, people)
    files = {f"cld_{last:%Y-%m}.csv": csv_of(rows(world, first, last), release) for first, last, release in SUBMISSIONS}
    return files | {sample_list.LIST: sample_list.of_contents(files), "sources.toml": SOURCES.encode()}


SOURCES = f"""\
# Where the submissions of this folder come from. They are made up: nobody in them exists.

[[source]]
files = "*"
publisher = "Illustrative data made by the workbench"
area = "{AREA}"
public = false
licence = "made up; free to use"
illustrative = true
"""


def invented(seed: int, people: int) -> list[Person]:
    """The people, and what happened to each of them."""
    r = random.Random(seed)
    return [_person(r, number) for number in range(people)]


def _pick(r: random.Random, words: Sequence[str]) -> str:
    return words[int(r.random() * len(words))]  # random() alone is promised to stay the same between versions of Python


def _day(r: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=int(r.random() * ((last - first).days + 1)))


def _nhs(number: int) -> str:
    """A number of the range kept for tests, with the digit that checks it."""
    for tens in range(10):
        nine = f"999{number:05d}{tens}"
        check = (11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))) % 11
        if check < 10:
            return f"{nine}{check}"
    raise AssertionError("one of ten numbers in a row has a digit that checks it")


def _person(r: random.Random, number: int) -> Person:
    says = {
        "NHS Number": "" if number % 47 == 0 else _nhs(number),
        "LA Person Unique Identifier": f"MADEUP{number:04d}",
        "First Name": f"Illustrative{number}", "Last Name": "Nobody", "Postcode": f"ZZ{number % 90 + 10} 9ZZ",
        "Gender": _pick(r, ("Female", "Male", "Male", "Unknown")),
        "Ethnicity": _pick(r, WORDS["ethnicity"]),
        "Date of Birth": "" if number % 61 == 7 else f"{_day(r, date(1948, 1, 1), date(2004, 12, 31)):%d/%m/%Y}",
        "Client Type": "Unpaid carer" if number % 19 == 3 else "Service user",
        "Primary Support Reason": _pick(r, WORDS["support_reason"]),
        "Client Funding Status": _pick(r, WORDS["funding"]),
    }  # fmt: skip
    person = Person(says)
    if number % 31 == 9:
        person.died = _day(r, date(2023, 9, 1), date(2025, 3, 1))
    for since in (date(2019, 4, 1), date(2023, 11, 6), date(2024, 10, 14)):
        person.known.append((since, _pick(r, WORDS["accommodation"]), _pick(r, WORDS["employment"])))
    for _ in range(1 + (r.random() < 0.35)):
        person.events.append(_service(r, number, says["Client Type"]))
    person.events += _others(r)
    return person


def _service(r: random.Random, number: int, client: str) -> Event:
    kind = _pick(r, WORDS["service"])
    if client == "Unpaid carer":
        kind = "Unpaid carer support: Direct to unpaid carer"
    elif number % 23 == 5:
        kind = "Short term support: ST-Max"
    start = _day(r, date(2020, 4, 1), date(2025, 2, 28))
    end = None if r.random() < 0.6 else start + timedelta(days=20 + int(r.random() * 900))
    if number % 53 == 11:
        end = start - timedelta(days=2)  # a mistake of typing
    frequency = _pick(r, WORDS["frequency"])
    low, high = WORDS["price"].get(frequency, (250, 1400))
    by_units = frequency in ("Hourly", "Daily", "Per session")
    cost = round(low + r.random() * (high - low), 2)
    if (odd := r.random()) < 0.06:
        cost = -cost if odd < 0.03 else 0.0
    says = {
        "Event Type": "Service",
        "Service Type": kind,
        "Service Component": _component(r, kind),
        "Delivery Mechanism": _pick(r, WORDS["delivery"]) if kind.endswith("Community") else "",
        "Provider CQC Location Name": f"{_pick(r, PROVIDERS[:6])} (made up)" if r.random() < 0.9 else "",
        "Cost Frequency (Unit Type)": frequency,
        "Planned units per week": _pick(r, ("2", "3.5", "7", "")) if by_units else "",
    }
    return Event(says, start, end, cost)


def _component(r: random.Random, kind: str) -> str:
    if kind.endswith("Community"):
        return _pick(r, WORDS["component"])
    return {"Nursing care": "Nursing care", "Residential care": "Residential care"}.get(kind.partition(": ")[2], "")


def _others(r: random.Random) -> Iterator[Event]:
    """Reviews, requests and assessments, most years."""
    for year in (2023, 2024, 2025):
        for kind, chance in (("Review", 0.75), ("Request", 0.2), ("Assessment", 0.3)):
            if r.random() > chance:
                continue
            start = _day(r, date(year, 4, 1), date(year + 1, 3, 10))
            says = {"Event Type": kind}
            if kind == "Review":
                says["Review Reason"] = _pick(r, WORDS["review_reason"])
                says["Review Outcomes Achieved"] = _pick(r, WORDS["outcomes"])
            elif kind == "Request":
                says["Request: Route of Access"] = _pick(r, ("Community / Other route", "Discharge from hospital"))
            else:
                says["Assessment Type"] = "Long term assessment"
            yield Event(says, start, start + timedelta(days=int(r.random() * 20)))


def rows(world: list[Person], first: date, last: date) -> list[Row]:
    """What the council sends for a period: what ended in it, and the services open at its end, at the prices of that day."""
    sent = [
        _row(person, event, place, number, first, last)
        for number, person in enumerate(world)
        for place, event in enumerate(person.events)
        if _is_sent(event, first, last)
    ]
    # The same event twice, one of nobody, and days with two employments.
    clashes = [one | {"Event Type": "Assessment", "Event End Date": one["Event Start Date"]} for one in sent[14::40]]
    sent += [sent[4], sent[9] | {"NHS Number": "", "LA Person Unique Identifier": ""}]
    jobs = ("Paid: 16 or more hours a week", "Not in paid employment: Seeking work")
    for kind, job in zip(("Short term assessment", "Unknown"), jobs, strict=True):
        sent += [one | {"Assessment Type": kind, "Employment Status": job} for one in clashes]
    return sent


def _is_sent(event: Event, first: date, last: date) -> bool:
    if event.start > last:
        return False
    if event.says["Event Type"] != "Service":
        return event.end is not None and first <= event.end <= last
    return event.end is None or event.end >= first or event.end < event.start


def _row(person: Person, event: Event, place: int, number: int, first: date, last: date) -> Row:
    still = event.end is None or event.end > last
    home, job = [one[1:] for one in person.known if one[0] <= event.start or one is person.known[0]][-1]
    row = {
        "LA Code": AREA, "Reporting Period Start Date": f"{first:%d/%m/%Y}", "Reporting Period End Date": f"{last:%d/%m/%Y}",
        **person.says, **event.says,
        "Date of Death": f"{person.died:%d/%m/%Y}" if person.died and person.died <= last else "",
        "Accommodation Status": home, "Employment Status": job, "Event Reference": f"E{number}-{place}",
        "Event Start Date": f"{event.start:%d/%m/%Y}", "Event End Date": "" if still else f"{event.end:%d/%m/%Y}",
    }  # fmt: skip
    if event.says["Event Type"] == "Service" and number % 29 != 2:
        aprils = max(0, last.year - FIRST.year - (last.month < 4))
        row["Unit Cost"] = f"{event.cost * UPLIFT**aprils:.2f}"
    if number % 17 == 4 and place == 1:
        row["NHS Number"] = ""  # the council's identifier stands elsewhere with the number
    if number % 59 == 8:
        row["Primary Support Reason"] = "Social Support: Support to unpaid carer"
    return row


def csv_of(sent: list[Row], release: int) -> bytes:
    """The rows as a council exports them: release 1 in its own spellings, with underscores in its headers."""
    out = io.StringIO()
    headers = WORDS["headers"]
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_underscored(one) for one in headers] if release == 1 else headers)
    spelt = WORDS["release_1"] if release == 1 else {}
    writer.writerows([spelt.get(row.get(name, ""), row.get(name, "")) for name in headers] for row in sent)
    return out.getvalue().encode("utf-8")


def _underscored(header: str) -> str:
    plain = header.replace(": ", "_").replace(" (", "_").replace(")", "")
    return plain.replace(" ", "_")


def places(world: list[Person]) -> list[tuple[str, str, str]]:
    """Where each person lives: identifier, ward, locality. Some are not in it."""
    wards = WARDS[:8]
    return [
        (person.says["LA Person Unique Identifier"], wards[number % 8], LOCALITIES[number % 8 // 2])
        for number, person in enumerate(world)
        if number % 37 != 6
    ]
