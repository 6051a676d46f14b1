"""One file of Client Level Data, row by row: each event with its person, dates and words, or set aside with its reason.

Headers are compared without case, spaces, underscores or punctuation, so that a council's export and the national layout
read alike. Only what a measure needs is read: names, postcodes and addresses never are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from commissioning.evidence import cells, contract_files
from commissioning.evidence.client_level import words
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Loaded, Match, Preview, Refused, quarantine_frame
from commissioning.evidence.source import Source
from commissioning.wording import counted

CONTRACT = contract_files.read(Path(__file__).with_name("submission.toml"))
READ_BY_WORDS = {
    "sex": words.SEX, "client": words.CLIENT, "support_reason": words.SUPPORT_REASON, "event": words.EVENT,
    "employment": words.EMPLOYMENT, "funding": words.FUNDING, "service": words.SETTING, "outcomes": words.OUTCOMES,
}  # fmt: skip
RAW = {"settled": "accommodation", "ethnicity": "ethnicity", "planned": "review_reason"}
PEOPLE_WHO_BEAR_A_WORD = 10
_DATE = Column(
    name="date", holds="date", says="a date", earliest=date(1900, 1, 2), missing={"": "unknown", "unknown": "unknown"}
)
_NUMBER = Column(name="number", holds="number", says="a number", missing={"": "unknown", "unknown": "unknown"})
_WITHIN = ("council", "nhs", "own_id", "client", "event", "start")
# What tells two events of one kind apart, besides whose they are and when they began. A reference never does.
KEYS = {
    "request": ("end", "route"),
    "assessment": ("end", "assessment"),
    "review": ("end",),
    "service": ("service", "component", "delivery", "unit_cost", "frequency", "units"),
}


@dataclass(frozen=True, kw_only=True)
class ClientLevelReader:
    """Reads a submission, CSV or XLSX. The frame it gives names people and is never written: `build` makes tables of it."""

    contract: Contract = CONTRACT

    def recognises(self, preview: Preview) -> Match:
        """How many of the layout's headers stand in one row near the top."""
        return ContractReader(contract=CONTRACT).recognises(preview)

    def read(self, extract: Extract, source: Source) -> Loaded:
        """Every event, in the workbench's words. Raises Refused where the file breaks the layout or names nobody."""
        loaded = ContractReader(contract=CONTRACT).read(extract, source)
        frame = loaded.frame if loaded.spill is None else loaded.spill.read()
        frame = frame.reset_index(drop=True)
        if len(frame) and (frame["nhs"].eq("unknown") & frame["own_id"].eq("unknown")).all():
            raise Refused(
                f"{extract.name} names nobody: NHS Number and LA Person Unique Identifier are both missing or blank, and one "
                "is needed to count people once; export it with one of them (neither is kept)",
                code="nobody is named",
                column="NHS Number",
            )
        said, notes = in_our_words(frame)
        keep, held = _set_aside(said)
        # The text of a row that was set aside would hold a name and a date of birth: its place is enough.
        held = pd.concat([loaded.quarantine.assign(raw=""), held], ignore_index=True)
        aside = int((~keep).sum())
        return replace(
            loaded,
            frame=said[keep].reset_index(drop=True),
            quarantine=held.astype("str"),
            rows_accepted=loaded.rows_accepted - aside,
            rows_quarantined=loaded.rows_quarantined + aside,
            notes=(*loaded.notes, *notes),
            spill=None,
        )


def in_our_words(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The same rows (n) with the workbench's words, and notes on what was in no list: fields and counts, never a value.

    Adds `settled` and `home` (from accommodation), `planned` (from the review's reason), `cost` (pounds a unit, float),
    `component_key` and `frequency_key`; `nhs`, `own_id` are None where there is none; `born`, `died` are dates.
    """
    out = frame.copy()
    notes: list[str] = []

    def by(column: str, change: Callable[[str], Any]) -> pd.Series:
        return _each(frame[column], change)

    def listed(meaning: Mapping[str, str]) -> Callable[[str], str]:
        return lambda text: meaning.get(words.key(text), words.UNLISTED)

    for name, meaning in READ_BY_WORDS.items():
        out[name] = by(name, listed(meaning))
    out["settled"], out["home"] = (
        by("accommodation", listed(words.ACCOMMODATION)),
        by("accommodation", listed(words.HOME)),
    )
    out["ethnicity"] = by("ethnicity", words.ethnicity)
    out["planned"] = by("review_reason", words.planned)
    for name in ("component", "frequency"):
        out[f"{name}_key"] = by(name, lambda text: "" if text == "unknown" else words.key(text))
    for name in ("born", "died"):
        out[name] = pd.to_datetime(by(name, _a_date))
        if faulty := int((out[name].isna() & frame[name].ne("unknown")).sum()):
            notes.append(
                f"{CONTRACT.column(name).heading}: {counted(faulty, 'row')} without a date that can be read: unknown"
            )
    out["cost"], out["units"] = by("unit_cost", _a_number).astype(float), by("units", _a_number).astype(float)
    for name, parsed in (("unit_cost", "cost"), ("units", "units")):
        if faulty := int((out[parsed].isna() & frame[name].ne("unknown")).sum()):
            notes.append(
                f"{CONTRACT.column(name).heading}: {counted(faulty, 'row')} without a number that can be read: unknown"
            )
    out["nhs"], out["own_id"] = by("nhs", _nhs), by("own_id", _own)
    if faulty := int((out["nhs"].isna() & frame["nhs"].ne("unknown")).sum()):
        notes.append(
            f"NHS Number: {counted(faulty, 'row')} fail the check of its digits: the council's identifier is used"
        )
    who = out["nhs"].fillna(out["own_id"])
    for name, raw in ({one: one for one in READ_BY_WORDS} | RAW).items():
        if (strange := out[name].eq(words.UNLISTED)).any():
            notes.append(_unlisted(CONTRACT.column(raw).heading, frame.loc[strange, raw], who[strange]))
    return out.drop(columns=["accommodation", "review_reason"]), tuple(notes)


def _unlisted(heading: str, said: pd.Series, who: pd.Series) -> str:
    """A note on words in no list: a word is quoted where so many people bear it that it can be nobody's name."""
    people = who.groupby(said).nunique()
    rows = said.value_counts()
    common = [f"“{word}” {rows[word]:,}" for word in rows.index if people.get(word, 0) >= PEOPLE_WHO_BEAR_A_WORD]
    words_said = f" ({', '.join(common)})" if common else ""
    return (
        f"{heading}: {counted(len(said), 'row')} with words in no list of it{words_said}: counted apart, never guessed"
    )


def _each(column: pd.Series, change: Callable[[str], Any]) -> pd.Series:
    """A change made once for each different text of a column."""
    known = {text: change(text) for text in column.unique()}
    return column.map(known)


def _a_date(text: str) -> Any:
    return cells.parse(_DATE, text, cells.Context()).value


def _a_number(text: str) -> float:
    value = cells.parse(_NUMBER, text.replace("£", "").strip(), cells.Context()).value
    return np.nan if value is None else float(value)


def _nhs(text: str) -> str | None:
    """An NHS number's digits; a pseudonym that stands in its place as it is; None where it is none."""
    plain = "".join(one for one in text if one.isalnum()).upper()
    if text == "unknown" or len(set(plain)) < 2:  # 0000000000 and 9999999999 pass the check of digits, and name nobody
        return None
    if plain.isdigit() and len(plain) == 10 and cells.nhs_fault(plain):
        return None
    return plain


def _own(text: str) -> str | None:
    return None if text == "unknown" else "".join(text.split()).upper()


def _set_aside(events: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Which rows (bool[n]) are kept, and the others with their reasons, without a word of the row."""
    faults = (
        ("NHS Number", "no identifier", "neither an NHS number nor the council's identifier is here: it is nobody's event",
         events["nhs"].isna() & events["own_id"].isna()),
        ("Event Type", "unknown event type", "it is no request, assessment, service or review: mend the word",
         events["event"].eq(words.UNLISTED) | events["event"].eq("unknown")),
        ("Event End Date", "ends before it starts", "the event ends before it starts: mend its dates",
         events["end"] < events["start"]),
        ("Reporting Period End Date", "period ends before it starts", "the reporting period ends before it starts: mend it",
         events["period_end"] < events["period_start"]),
    )  # fmt: skip
    keep = pd.Series(True, index=events.index)
    held: list[tuple[str, str, str, str, str]] = []
    for column, code, reason, faulty in faults:
        for row in events.index[keep & faulty]:
            held.append((str(events["source_row"].at[row]), column, code, reason, ""))
        keep &= ~faulty
    first = _first_of_its_kind(events[keep])
    for row, other in first.items():
        if row != other:
            where = str(events["source_row"].at[other])
            held.append((str(events["source_row"].at[row]), "Event Type", "the same event twice",
                         f"the same event stands at {where}: counted once, from there", ""))  # fmt: skip
            keep[row] = False
    return keep, quarantine_frame(held)


def _first_of_its_kind(events: pd.DataFrame) -> pd.Series:
    """For each event, the row (index) that speaks for it within one submission: itself, or the one that ended last.

    An event is told by whose it is, its kind and start, and `KEYS`; never by its reference.
    """
    spoken = pd.Series(events.index, index=events.index)
    for kind, more in KEYS.items():
        mine = events[events["event"].eq(kind)].sort_values("end", kind="stable", na_position="first")
        key = ["period_start", "period_end", *_WITHIN, *more]
        same = mine[mine.duplicated(key, keep=False)]
        for _, rows in same.groupby(key, dropna=False, sort=False):
            spoken[rows.index] = rows.index[-1]
    return spoken


READER = ClientLevelReader()
