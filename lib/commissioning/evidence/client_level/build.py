"""From the events of every submission in a folder to the tables that measures read. Nothing that names a person goes on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from commissioning.evidence import load, tables
from commissioning.evidence.client_level import look_up as look_ups
from commissioning.evidence.client_level import people, submissions, words
from commissioning.evidence.contracts import Contract
from commissioning.evidence.loaded import Finding
from commissioning.evidence.source import Source
from commissioning.wording import counted

LATER_PRICES = "at later prices"
OWN_PRICES = "at prices of its own time"


@dataclass(frozen=True, kw_only=True)
class Made:
    """Tables by name (those of `client_level.MADE`, and `coverage`), and what is worth saying of them."""

    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]


def build(events: pd.DataFrame, source: Source, secret: bytes = b"", look_up: pd.DataFrame | None = None) -> Made:
    """The tables of all submissions together. `secret` keys the pseudonyms; without one they are keyed by the identifiers
    themselves, all together, which nobody knows who has not the files. `look_up`: see `look_up.placed`."""
    held = submissions.of(events)
    events = events.merge(held[[*submissions.BY, "order"]], on=submissions.BY)
    events, identified = people.named(events)
    events, unplaced = look_ups.placed(events, look_up)
    secret = secret or hashlib.sha256("\n".join(sorted(events["who"].unique())).encode()).digest()
    # From here on nobody is named: what told people apart goes, and their pseudonym stands for them.
    events = people.in_order(events.assign(who=people.keyed(events["who"], secret)).drop(columns=[*look_ups.KEYS]))
    spans = submissions.quarters(held)
    support, ended = people.long_term(events, spans)
    done = _reviews(events, spans)
    packages, costs = _packages(support)
    known = {day: people.details(events, day) for day in support["last"].unique()}
    frames = {
        "people": people.by_quarter(events, support, known),
        "long_term_support": people.by_year(events, support, done, known),
        "reviews": done,
        "packages": packages,
    }
    made = {name: _as_table(frame, tables.of(name), source) for name, frame in frames.items() if len(frame)}
    if len(spans):
        made["coverage"] = _coverage(spans)
    file = ", ".join(sorted(events["source_file"].unique()))
    said = [*_said_of(identified, ended), *unplaced, *costs]
    return Made(
        tables=made,
        findings=(
            *(Finding(code="client level data", says=one, table="client_level", file=file) for one in said),
            # Which months submissions cover tells of nobody, and every reader of a year must know it.
            *(Finding(code="months covered", says=one) for one in _said_of_coverage(spans)),
        ),
    )


def _as_table(frame: pd.DataFrame, contract: Contract, source: Source) -> pd.DataFrame:
    """The columns of a contract and no other; what the events do not hold is unknown."""
    out = frame.rename(columns={"who": "person_id"})
    if "support_reason" in out:
        ours = ["learning disability", words.UNKNOWN, words.UNLISTED]
        out["support_reason"] = out["support_reason"].where(out["support_reason"].isin(ours), "other")
    for column in contract.columns:
        if column.holds in ("category", "yes/no") and column.name in out:
            out[column.name] = out[column.name].replace(words.UNLISTED, words.UNKNOWN)
    here = [name for name in contract.names if name in out]
    files = out["source_file"].astype("str").reset_index(drop=True)
    out = out[[*here, "source_row"]].reset_index(drop=True)
    text = {name: "str" for name in here if contract.column(name).holds not in ("date", "int", "number", "money")}
    out = load.complete(out.astype(text), contract, source)
    order = [name for one in contract.columns for name in (one.name, f"{one.name}_status") if name in out]
    return out[[*order, "source_row"]].assign(source_file=files)


def _reviews(events: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Reviews done in a quarter, from the submission that speaks for it. When one fell due is not known."""
    mine = events[events["event"].eq("review") & events["client"].eq("person") & events["end"].notna()]
    rows = mine.merge(spans, on="order")
    rows = rows[rows["end"].between(rows["first"], rows["last"])].reset_index(drop=True)
    ids = _ids("R", rows, ["who", "start", "end"])
    return rows.assign(review_id=ids, done_on=rows["end"], kind=words.UNKNOWN)


def _ids(letter: str, rows: pd.DataFrame, key: list[str]) -> pd.Series:
    """An id for each event, from what tells it apart: the same in every quarter, and no identifier of the files."""
    texts = pd.Series("", index=rows.index, dtype="str")
    for name in key:
        texts = texts + "|" + rows[name].astype("str").fillna("")
    return texts.map(lambda one: letter + hashlib.sha256(one.encode()).hexdigest()[:16])


def weekly_pence(services: pd.DataFrame) -> pd.DataFrame:
    """For each service (n rows): weekly_cost_pence (Int64) and why it has none ("" where it has).

    |unit cost| x units a week, to the penny; a unit cost of nought is no cost, and a one-off cost is not a week's.
    """
    frequency = services["frequency_key"]
    fixed = frequency.map(words.UNITS_A_WEEK).astype(float)
    units = fixed.fillna(services["units"].abs())
    pence = (services["cost"].abs() * units * 100).round()
    why = pd.Series("", index=services.index)
    why = why.mask(units.isna() | units.eq(0), "no planned units a week")
    why = why.mask(~frequency.isin(words.UNITS_A_WEEK), "the unit of the cost is not known")
    why = why.mask(frequency.isin(words.ONE_OFF), "a one-off cost, which is no cost of a week")
    why = why.mask(services["cost"].isna() | services["cost"].eq(0), "no cost")
    return pd.DataFrame({"weekly_cost_pence": pence.where(why.eq("")).astype("Int64"), "why": why})


def _packages(support: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Each long term service in a quarter, with its weeks and planned weekly cost, and what is worth saying of the costs."""
    if support.empty:
        return support, []
    cost = weekly_pence(support)
    days = (support["until"] - support["opens"]).dt.days + 1  # both ends count
    setting = support["component_key"].map(words.COMPONENT_SETTING)
    setting = setting.mask(support["service"].isin(["nursing", "residential"]), "residential")
    rows = support.assign(
        package_id=_ids("K", support, people.SAME_SERVICE),
        weeks=days / 7,
        weekly_cost_pence=cost["weekly_cost_pence"],
        setting=setting.fillna(words.UNKNOWN),
        funder=support["funding"],
        prices=np.where(support["own_prices"], OWN_PRICES, LATER_PRICES),
    )
    said = [
        f"Planned cost: {counted(int(number), 'service in a quarter', 'services in a quarter')} left out: {why}"
        for why, number in cost["why"][cost["why"].ne("")].value_counts().items()
    ]
    if negative := int(support["cost"].lt(0).sum()):
        said.append(f"Planned cost: {counted(negative, 'service in a quarter', 'services in a quarter')} with a negative unit "
                    "cost, taken as positive as DHSC does")  # fmt: skip
    return rows, said


def _coverage(spans: pd.DataFrame) -> pd.DataFrame:
    """One row a financial year: year, months covered (of 12), months_at_own_prices, until (the last day)."""
    months = spans.assign(months=3, months_at_own_prices=spans["own_prices"].astype(int) * 3)
    return months.groupby("year", as_index=False).agg(
        months=("months", "sum"), months_at_own_prices=("months_at_own_prices", "sum"), until=("last", "max")
    )


def _said_of(identified: dict[str, int], ended: dict[str, int]) -> list[str]:
    said = [
        f"People were told apart by NHS number in {counted(identified['by NHS number'], 'event')}, and by the council's own "
        f"identifier in {identified['by own identifier']:,}; {counted(identified['joined'], 'event')} without an NHS number "
        "belong to a person whose number stands in other events (the national rule drops those: here they are kept)"
    ]
    if both := identified["identifiers of two people"]:
        said.append(
            f"{counted(both, 'identifier')} of the council's own stand with more than one NHS number: not joined"
        )
    said += [f"{counted(number, 'long term service')} {what}" for what, number in ended.items() if number]
    return said


def _said_of_coverage(spans: pd.DataFrame) -> list[str]:
    if spans.empty:
        return ["No whole financial quarter is covered by these submissions: nothing can be counted of one"]
    parts = _coverage(spans)
    partly = [f"{row.year} ({row.months} of 12 months)" for row in parts.itertuples() if row.months < 12]
    said = [f"Years of which only a part is covered: {', '.join(partly)}"] if partly else []
    later = [row.period for row in spans.itertuples() if not row.own_prices]
    if later:
        said.append(
            "Costs are planned, gross and not payments. Only a submission's last quarter carries prices of its own time: "
            f"the other {counted(len(later), 'quarter')} stand at later prices, and no trend in cost is claimed"
        )
    return said
