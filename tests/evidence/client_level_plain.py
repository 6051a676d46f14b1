"""Client Level Data counted with `csv` and loops alone, from the words of the national rules: nothing of the library is called.

Written otherwise than the library: files one at a time, people one at a time, words known by a part of them. If both agree on
submissions that neither has seen, a slip would have to be made twice, in two ways.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Event = dict[str, Any]
SETTLED = ("tenant", "owner occupier", "settled mainstream", "supported accommodation", "shared lives", "sheltered housing",
           "mobile accommodation", "approved premises")  # fmt: skip
NOT_SETTLED = ("rough sleeper", "night shelter", "refuge", "temporary accommodation", "short term guest", "acute hospital",
               "registered", "prison")  # fmt: skip
LIVES_SETTLED = ("home support", "supported living", "extra care", "shared lives")
SETTINGS = ("nursing", "residential", "community", "prison")
WEEKS = {
    "weekly": 1.0,
    "fortnightly": 1 / 2,
    "4-weekly": 1 / 4,
    "monthly": 12 / 52,
    "quarterly": 4 / 52,
    "annually": 1 / 52,
}


def day(text: str) -> date | None:
    if not text:
        return None
    if "-" in text:
        return date.fromisoformat(text)
    d, m, y = text.split("/")
    return date(int(y), int(m), int(d))


def home(text: str) -> str:
    said = text.lower()
    if said in ("", "unknown"):
        return ""
    if any(one in said for one in NOT_SETTLED):
        return "no"
    return "yes" if any(one in said for one in SETTLED) else "in no list"


def reason(text: str) -> str:
    said = text.lower()
    if said in ("", "unknown") or said.endswith("carer"):
        return ""
    return "ld" if "learning" in said else "other"


def job(text: str) -> str:
    said = text.lower()
    if said in ("", "unknown"):
        return ""
    if said.startswith("paid"):
        return "paid " + said
    return "voluntary" if "voluntary" in said else "not in work"


def ethnicity(text: str) -> str:
    said = text.lower()
    if said in ("", "unknown") or said.startswith("no data"):
        return ""
    return "white" if said.startswith("white") else "ethnic minority"


def one_file(path: Path) -> list[Event]:
    """The events of a submission that are kept: of somebody, ending after they start, each once."""
    kept: dict[tuple[Any, ...], Event] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, raw in enumerate(csv.DictReader(file)):
            row = {"".join(c for c in name.lower() if c.isalnum()): value.strip() for name, value in raw.items()}
            start, end = day(row["eventstartdate"]), day(row["eventenddate"])
            nhs, own = row["nhsnumber"], row["lapersonuniqueidentifier"]
            if not (nhs or own) or (end and end < start):
                continue
            kind = row["eventtype"].lower()
            service = row["servicetype"].lower()
            event = {
                "file": path.name, "number": number, "nhs": nhs, "own": own, "kind": kind, "start": start, "end": end,
                "from": day(row["reportingperiodstartdate"]), "to": day(row["reportingperiodenddate"]),
                "carer": "carer" in row["clienttype"].lower(),
                "setting": next((one for one in SETTINGS if service.startswith("long term") and one in service), ""),
                "component": row["servicecomponent"].lower(), "delivery": row["deliverymechanism"].lower(),
                "provider": row["providercqclocationname"], "cost": float(row["unitcost"] or 0),
                "per": row["costfrequencyunittype"].lower(), "units": abs(float(row["plannedunitsperweek"] or 0)),
                "planned": row["reviewreason"].lower().startswith("planned"), "outcome": row["reviewoutcomesachieved"].lower(),
                "born": row["dateofbirth"], "died": row["dateofdeath"], "home": home(row["accommodationstatus"]),
                "reason": reason(row["primarysupportreason"]), "job": job(row["employmentstatus"]),
                "ethnicity": ethnicity(row["ethnicity"]),
            }  # fmt: skip
            key = [nhs, own, event["carer"], kind, start]
            if kind == "service":
                key += [
                    service,
                    event["component"],
                    event["delivery"],
                    row["unitcost"],
                    event["per"],
                    row["plannedunitsperweek"],
                ]
            else:
                key += [end, row["requestrouteofaccess"] if kind == "request" else "",
                        row["assessmenttype"] if kind == "assessment" else ""]  # fmt: skip
            before = kept.get(tuple(key))
            if before is None or (end or date.min) >= (before["end"] or date.min):
                kept[tuple(key)] = event
    return sorted(kept.values(), key=lambda one: one["number"])


def months_covered(events: list[Event]) -> tuple[date, date]:
    """The first and last day for which a submission speaks."""
    first, last = events[0]["from"], events[0]["to"]
    when = [(one["end"] or one["start"], one["kind"]) for one in events]
    when = [(at, kind) for at, kind in when if first <= at <= last]
    if len(when) < 100:
        return first, last
    each, kinds = Counter((at.year, at.month) for at, _ in when), defaultdict(set)
    for at, kind in when:
        kinds[at.year, at.month].add(kind)
    least = min(3, len({one["kind"] for one in events}))
    full = [month for month, held in each.items() if held >= 0.02 * len(when) and len(kinds[month]) >= least]
    if not full:
        return first, last
    (a, b), (c, d) = min(full), max(full)
    return max(first, date(a, b, 1)), min(last, date(c + d // 12, d % 12 + 1, 1) - timedelta(days=1))


def quarters(first: date, last: date) -> list[tuple[str, date, date]]:
    """The whole financial quarters between two days: name, first, last."""
    found = []
    for year in range(first.year - 1, last.year + 1):
        for q, (y, m) in enumerate(((year, 4), (year, 7), (year, 10), (year + 1, 1)), start=1):
            a, b = date(y, m, 1), date(y + (m + 3) // 13, (m + 3 - 1) % 12 + 1, 1) - timedelta(days=1)
            if first <= a and b <= last:
                found.append((f"{year}-{(year + 1) % 100:02d} Q{q}", a, b))
    return found


def latest(events: list[Event], name: str, by: date) -> str:
    """The latest known value by a day; "" where none is, or where two stand on one day of one file."""
    best: tuple[Any, ...] = ()
    values: set[str] = set()
    for one in events:
        if one["start"] > by or not one[name]:
            continue
        at = (one["start"], one["order"])
        if not best or at > best:
            best, values = at, {one[name]}
        elif at == best:
            values.add(one[name])
    return values.pop() if len(values) == 1 else ""


def weekly(one: Event) -> int | None:
    """Planned pence a week; None where there is none."""
    units = WEEKS.get(one["per"])
    if one["per"] in ("hourly", "daily", "per session"):
        units = one["units"]
    return round(abs(one["cost"]) * units * 100) if units and one["cost"] else None


def count(paths: list[Path]) -> tuple[dict[tuple[str, str], list[float]], dict[str, bool]]:
    """(measure, period) or (measure, period, group kind, group) → [top, bottom]; and whether a quarter has prices of its time."""
    files = {path.name: one_file(path) for path in paths}
    spans = {name: months_covered(events) for name, events in files.items()}
    order = sorted(files, key=lambda name: (spans[name][1], spans[name][0], name))
    for place, name in enumerate(order):
        for one in files[name]:
            one["order"] = place
    speaks: dict[str, tuple[str, date, date]] = {}
    for name in order:
        for quarter, a, b in quarters(*spans[name]):
            speaks[quarter] = (name, a, b)
    priced = {quarter: [name for name in order if spans[name][1] == b][-1:] for quarter, (_, _, b) in speaks.items()}
    numbers: dict[str, set[str]] = defaultdict(set)
    everything = [one for events in files.values() for one in events]
    for one in everything:
        if one["own"] and one["nhs"]:
            numbers[one["own"]].add(one["nhs"])
    people: dict[str, list[Event]] = defaultdict(list)
    for one in everything:
        only = numbers.get(one["own"], set())
        people[one["nhs"] or (next(iter(only)) if len(only) == 1 else "own " + one["own"])].append(one)
    got: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for events in people.values():
        _one_person(events, speaks, priced, got)
    return dict(got), {quarter: bool(names) for quarter, names in priced.items()}


def _one_person(events: list[Event], speaks: Any, priced: Any, got: Any) -> None:
    dead = day(latest(events, "died", date.max))
    born = day(latest(events, "born", date.max))
    held: dict[str, list[tuple[Event, date, date]]] = {}  # by quarter: service, from, until
    for quarter, (name, a, b) in sorted(speaks.items()):
        for one in events:
            if one["file"] != name or one["kind"] != "service" or one["carer"] or not one["setting"]:
                continue
            if dead and one["start"] > dead:
                continue
            end = min(one["end"] or date.max, dead or date.max)
            if one["start"] <= b and end >= a:
                held.setdefault(quarter, []).append((one, max(a, one["start"]), min(b, end)))
        if quarter in held:
            _quarter(events, quarter, b, held[quarter], priced[quarter], born, got)
    for year in sorted({quarter[:7] for quarter in held}):
        mine = [quarter for quarter in sorted(held) if quarter[:7] == year]
        last = max(b for quarter, (_, _, b) in speaks.items() if quarter[:7] == year)
        _year(events, year, last, [held[quarter] for quarter in mine], speaks, born, dead, got)


def _age(born: date | None, on: date) -> int | None:
    return None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _quarter(events: Any, quarter: str, b: date, services: Any, priced: list[str], born: Any, got: Any) -> None:
    if latest(events, "reason", b) != "ld":
        return
    lengths = [((until - since).days + 1) / 7 for _, since, until in services]
    same: Counter[tuple[Any, ...]] = Counter()
    for (one, _, _), weeks in zip(services, lengths, strict=True):
        key = tuple(one[name] for name in ("start", "setting", "component", "delivery"))
        # Services of one file that their prices alone tell apart are the first, the second and so on, then as now.
        alike = [two for two in events if two["file"] == one["file"] and _same(two, key)]
        place = next(at for at, two in enumerate(alike) if two is one)
        then = [two for two in events if two["file"] in priced and _same(two, key)]
        pence = weekly(then[place] if place < len(then) else one)
        same[key] += 1
        if pence is not None:
            for period in (quarter, quarter[:7]):
                got["weekly_cost", period][0] += weeks * pence
                got["weekly_cost", period][1] += weeks * max(lengths) / sum(lengths)


def _same(one: Event, key: tuple[Any, ...]) -> bool:
    return (
        one["kind"] == "service"
        and not one["carer"]
        and tuple(one[name] for name in ("start", "setting", "component", "delivery")) == key
    )


def _year(events: Any, year: str, last: date, by_quarter: Any, speaks: Any, born: Any, dead: Any, got: Any) -> None:
    if latest(events, "reason", last) == "ld":
        _year_of_ld(events, year, last, by_quarter, speaks, born, dead, got)
    # In work, known only: as the person stood in the last quarter of theirs in the year.
    services = by_quarter[-1]
    day_known = max(
        b
        for quarter, (_, a, b) in speaks.items()
        if any(a <= since <= b for _, since, _ in services) and quarter[:7] == year
    )
    age = _age(born, max(until for _, _, until in services))
    doing = latest(events, "job", day_known)
    if latest(events, "reason", day_known) == "ld" and age is not None and 18 <= age <= 64 and doing:
        got["paid_work", year][0] += doing.startswith("paid")
        got["paid_work", year][1] += 1


def _year_of_ld(
    events: Any, year: str, last: date, by_quarter: Any, speaks: Any, born: Any, dead: Any, got: Any
) -> None:
    def add(measure: str, top: bool) -> None:
        for key in ((measure, year), *((measure, year, kind, group) for kind, group in groups.items())):
            got[key][0] += top
            got[key][1] += 1

    services = by_quarter[-1]
    age = _age(born, max(until for _, _, until in services))
    highest = min((SETTINGS.index(one["setting"]) for one, _, _ in services))
    groups = {
        "setting": SETTINGS[highest],
        "age_band": "unknown" if age is None or age < 18 else "65 and over" if age >= 65 else "18 to 64",
        "ethnicity": latest(events, "ethnicity", last) or "unknown",
    }
    files = {quarter: name for quarter, (name, _, _) in speaks.items() if quarter[:7] == year}
    done = []
    for quarter, name in files.items():
        _, a, b = speaks[quarter]
        done += [one for one in events if one["file"] == name and one["kind"] == "review" and not one["carer"]
                 and one["planned"] and one["end"] and a <= one["end"] <= b]  # fmt: skip
    add("planned_review", bool(done))
    if done:
        told = [one for one in done if one["outcome"] not in ("", "unknown")]
        newest = {one["outcome"] for one in told if one["end"] == max(two["end"] for two in told)}
        if len(newest) == 1:
            add("outcomes_fully_met", newest == {"fully met"})
            add("outcomes_partly_met", newest == {"partially met"})
    if age is None:
        return
    if age >= 18:
        _budget(events, year, last, speaks, dead, add)
    if not 18 <= age <= 64:
        return
    where = latest(events, "home", last)
    if not where and year >= "2024-25":
        kinds = [(one["setting"], one["component"]) for one, _, _ in services]
        if any(setting in ("nursing", "residential") for setting, _ in kinds):
            where = "no"
        elif any(setting == "community" and any(one in part for one in LIVES_SETTLED) for setting, part in kinds):
            where = "yes"
    add("ascof_2e", where == "yes")
    if {one["setting"] for quarter in by_quarter for one, _, _ in quarter} != {"prison"}:
        add("paid_work_published_form", latest(events, "job", last).startswith("paid"))


def _budget(events: Any, year: str, last: date, speaks: Any, dead: Any, add: Any) -> None:
    name = next(name for quarter, (name, _, b) in speaks.items() if quarter[:7] == year and b == last)
    still = [one for one in events if one["file"] == name and one["kind"] == "service" and not one["carer"] and one["setting"]
             and one["start"] <= last < min(one["end"] or date.max, dead or date.max) and not (dead and one["start"] > dead)]  # fmt: skip
    if not still or min(SETTINGS.index(one["setting"]) for one in still) != 2:
        return
    said = {f"{one['component']} {one['delivery']}" for one in still if one["setting"] == "community"}
    direct, managed = any("direct payment" in one for one in said), any("managed" in one for one in said)
    add("direct_payment", direct)
    add("self_directed", direct or managed)
