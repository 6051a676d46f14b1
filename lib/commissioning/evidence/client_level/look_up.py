"""The look-up that a council adds to Client Level Data: an identifier or a postcode, and its ward (and locality).

What it names is read to find the ward of each event, and goes with the events: neither it nor a word of a row that was set aside
is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from commissioning.evidence import contract_files
from commissioning.evidence.client_level import words
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.contracts import Contract
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Loaded, Match, Preview
from commissioning.evidence.source import Source
from commissioning.wording import counted

CONTRACT = contract_files.read(Path(__file__).with_name("places.toml"))
COLUMNS = ("ward", "locality")
KEYS = ("own_id", "nhs", "postcode")


def plain(text: object) -> str:
    """An identifier or a postcode as compared: letters and digits alone."""
    return "".join(one for one in str(text) if one.isalnum()).upper()


@dataclass(frozen=True, kw_only=True)
class LookUpReader:
    """Reads the look-up. Its frame names people and is never written."""

    contract: Contract = CONTRACT

    def recognises(self, preview: Preview) -> Match:
        """How many of the headers stand in one row near the top."""
        return ContractReader(contract=CONTRACT).recognises(preview)

    def read(self, extract: Extract, source: Source) -> Loaded:
        """Every row. Raises Refused where the file breaks the layout."""
        loaded = ContractReader(contract=CONTRACT).read(extract, source)
        frame = loaded.frame if loaded.spill is None else loaded.spill.read()
        frame = frame.reset_index(drop=True).assign(key=frame["key"].map(plain).to_numpy())
        return replace(loaded, frame=frame, quarantine=loaded.quarantine.assign(raw=""), spill=None)


def placed(events: pd.DataFrame, look_up: pd.DataFrame | None) -> tuple[pd.DataFrame, list[str]]:
    """The events with `ward` and `locality` (unknown where no look-up says), and what is worth saying of them.

    By the council's identifier, else the NHS number, else the postcode of the event; an event without any takes the ward of the
    same person's others (`who`).
    """
    if look_up is None or look_up.empty:
        return events.assign(**dict.fromkeys(COLUMNS, words.UNKNOWN)), []
    of = look_up.drop_duplicates("key").set_index("key")
    out = events
    for name in COLUMNS:
        if name not in of:
            out = out.assign(**{name: words.UNKNOWN})
            continue
        found = pd.Series(None, index=events.index, dtype=object)
        for key in KEYS:
            known = {text: plain(text) for text in events[key].dropna().unique()}
            found = found.fillna(events[key].map(known).map(of[name]))
        found = found.mask(found.eq(words.UNKNOWN))
        found = found.fillna(found.groupby(events["who"]).transform("first"))
        out = out.assign(**{name: found.fillna(words.UNKNOWN).astype(str)})
    lost = out.loc[out["ward"].eq(words.UNKNOWN), "who"].nunique()
    return out, [
        f"{counted(lost, 'person is', 'people are')} in no row of the look-up of wards: their ward is unknown"
    ] if lost else []


READER = LookUpReader()
