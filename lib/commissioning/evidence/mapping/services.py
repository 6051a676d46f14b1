"""One row a person a service, with its start and end, as people and packages by quarter and long term support by year."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from commissioning.evidence import tables
from commissioning.evidence.loaded import Refused
from commissioning.evidence.mapping import codes
from commissioning.evidence.mapping.document import NAME
from commissioning.evidence.mapping.rows import Key, Rows, Sheet, fold, records
from commissioning.evidence.mapping.values import age_on, day, quarters
from commissioning.wording import counted

DETAILS = ("sex", "ethnicity", "ward", "locality", "support_reason", "needs_band", "employment", "home")
SETTLED = {"own home or family": "yes", "supported living": "yes", "registered care": "no", "other": "no"}
"""As ASCOF 2E counts it: the accommodation that Client Level Data's words place in each kind of home."""
_COVERS = re.compile(r"(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, kw_only=True)
class Service:
    """One long term service as the file has it."""

    where: str
    person: str
    start: date
    end: date | None
    cells: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Review:
    """A review done, as another mapped file has it."""

    person: str
    done: date
    planned: str
    outcomes: str


def reviews_of(found: Iterable[Sheet], key: Key) -> list[Review]:
    """Every review that mapped files say was done."""
    made = []
    for sheet in found:
        if sheet.entry.shape == "reviews":
            for (_, cells), met in zip(sheet.rows, sheet.outcomes, strict=True):
                if (done := day(cells.get("done_on", ""))) and cells.get("person_id"):
                    planned = cells.get("planned", codes.UNKNOWN) or codes.UNKNOWN
                    told = fold(met) if met else cells.get("outcomes", "") or codes.UNKNOWN
                    made.append(Review(person=key(cells["person_id"]), done=done, planned=planned, outcomes=told))
    return made


def tables_of(sheet: Sheet, reviews: Sequence[Review], key: Key) -> list[Rows]:
    """`people`, `packages` and `long_term_support` of a sheet of services. Raises Refused where it does not say what it covers."""
    first, last = _covers(sheet)
    services, said = _services(sheet, key)
    spans = quarters(first, last)
    years: dict[str, list[tuple[str, date, date]]] = defaultdict(list)
    for span in spans:
        years[span[0][:7]].append(span)
    people: list[tuple[str, dict[str, str]]] = []
    packages: list[tuple[str, dict[str, str]]] = []
    by_year: list[tuple[str, dict[str, str]]] = []
    of_person: dict[str, list[Service]] = defaultdict(list)
    for one in sorted(services, key=lambda one: one.start):
        of_person[one.person].append(one)
    for one, number in _numbered(services):
        constant = _package(one, number, key)
        packages += [(one.where, {**constant, **_in(one, span)}) for span in spans if _counts(one, span)]
    done_in: dict[tuple[str, str], list[Review]] = defaultdict(list)
    for review in reviews:
        done_in[review.person, _year(review.done)].append(review)
    recorded = {year for _, year in done_in}
    for person, own in of_person.items():
        for span in spans:
            if held := [one for one in own if _counts(one, span)]:
                people.append(
                    (held[-1].where, {"period": span[0], "person_id": person, **_known(own, held[-1], span[2])})
                )
        for year, within in years.items():
            if held := [one for one in own if any(_counts(one, span) for span in within)]:
                known = _known(own, held[-1], within[-1][2])
                known |= {
                    "period": year,
                    "person_id": person,
                    "settled_home": SETTLED.get(known["home"], codes.UNKNOWN),
                }
                known |= _reviewed(done_in[person, year]) if year in recorded else {}
                by_year.append((held[-1].where, known))
    if partly := [year for year, within in years.items() if len(within) < 4]:
        said.append(f"years of which only a part is covered: {', '.join(partly)}")
    made = {"people": people, "packages": packages, "long_term_support": by_year}
    out = []
    for name, rows in made.items():
        contract = tables.of(name)
        here = {column for _, one in rows for column in one}
        names = tuple(one.name for one in contract.columns if one.required or one.name in here)
        out.append(
            Rows(table=name, names=names, records=records(names, rows), said=said if name == "people" else said[:1])
        )
    return out


def _covers(sheet: Sheet) -> tuple[date, date]:
    found = _COVERS.fullmatch(sheet.entry.covers.strip())
    first, last = (day(found[1]), day(found[2])) if found else (None, None)
    if not first or not last or first >= last:
        raise Refused(
            f"{NAME} does not say which days {sheet.file} covers: write the first and last, such as "
            'covers = "2022-04-01 to 2025-03-31"',
            code="period not said",
        )
    return first, last


def _services(sheet: Sheet, key: Key) -> tuple[list[Service], list[str]]:
    """The long term services of a sheet, and what was left out, counted."""
    found: list[Service] = []
    left: Counter[str] = Counter()
    for where, cells in sheet.rows:
        start, end = day(cells.get("start", "")), day(cells.get("end", ""))
        if not cells.get("person_id"):
            left["without an identifier of the person"] += 1
        elif start is None:
            left["without a start date that can be read"] += 1
        elif end is None and cells.get("end"):
            left["with an end date that cannot be read"] += 1
        elif end is not None and end < start:
            left["that end before they start"] += 1
        elif cells.get("service") == codes.SHORT_TERM:
            left["of short term support"] += 1
        else:
            found.append(Service(where=where, person=key(cells["person_id"]), start=start, end=end, cells=cells))
    return found, [*sheet.said, *(f"{counted(n, 'service')} {why}: left out" for why, n in left.items())]


def _numbered(services: Iterable[Service]) -> Iterable[tuple[Service, int]]:
    """Each service, and which it is of those that are alike: the same in the next export."""
    seen: Counter[tuple[object, ...]] = Counter()
    for one in services:
        told = (one.person, one.start, one.cells.get("service"), one.cells.get("provider"))
        seen[told] += 1
        yield one, seen[told]


def _counts(one: Service, span: tuple[str, date, date]) -> bool:
    return one.start <= span[2] and (one.end is None or one.end >= span[1])


def _package(one: Service, number: int, key: Key) -> dict[str, str]:
    told = f"package {one.person} {one.start} {one.cells.get('service')} {one.cells.get('provider')} {number}"
    return {
        "package_id": f"K{key(told)[1:]}",
        "person_id": one.person,
        "setting": one.cells.get("service", ""),
        **{name: one.cells.get(name, "") for name in ("provider", "ward", "locality", "needs_band")},
        **{f"{name}_pence": one.cells.get(name, "") for name in ("weekly_cost", "weekly_client", "weekly_nhs")},
    }


def _in(one: Service, span: tuple[str, date, date]) -> dict[str, str]:
    """A service in a quarter: the weeks of it, its first and last day counted."""
    begins, ends = max(one.start, span[1]), min(one.end or span[2], span[2])
    return {"period": span[0], "weeks": str(round(((ends - begins).days + 1) / 7, 6))}


def _known(own: Sequence[Service], latest: Service, when: date) -> dict[str, str]:
    """What was known of a person by a day: of each detail the latest known, unknown where two of one day disagree."""
    found: dict[str, str] = {"provider": latest.cells.get("provider", "")}
    for name in DETAILS:
        told: tuple[date, set[str]] | None = None
        for one in own:
            value = one.cells.get(name, "")
            if one.start <= when and value and value != codes.UNKNOWN:
                told = (one.start, {value} | (told[1] if told and told[0] == one.start else set()))
        found[name] = next(iter(told[1])) if told and len(told[1]) == 1 else ""
    births = {born for one in own if (born := day(one.cells.get("birth", "")))}
    if len(births) == 1 and (age := age_on(next(iter(births)), when)) is not None:
        found["age"] = str(age)
    elif not births:
        found["age"] = latest.cells.get("age", "")
    return found


def _reviewed(done: Sequence[Review]) -> dict[str, str]:
    """Whether a planned review was done in a year, and the outcomes of the latest."""
    planned = sorted((one for one in done if one.planned == "yes"), key=lambda one: one.done)
    if not planned:
        return {"reviewed": codes.UNKNOWN if any(one.planned == codes.UNKNOWN for one in done) else "no"}
    last = {one.outcomes for one in planned if one.done == planned[-1].done}
    return {"reviewed": "yes", "outcomes": next(iter(last)) if len(last) == 1 else codes.UNKNOWN}


def _year(when: date) -> str:
    first = when.year - (when.month < 4)
    return f"{first}-{(first + 1) % 100:02d}"
