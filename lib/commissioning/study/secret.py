"""The council's secret, and the record keys of people that are made from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pandas as pd

from commissioning import council as councils
from commissioning.disclosure.keys import record_keys
from commissioning.errors import DataRefused
from commissioning.measures import Measure
from commissioning.measures.breakdowns import Breakdown
from commissioning.seal import home

SEAL = "secret.sha256"  # in the ledger, made with the secret by `commissioning setup`


def secret_of(area: str) -> bytes:
    """The council's secret, which keys pseudonyms and noise, from its ledger; nothing where it has none yet.

    Raises DataRefused where the secret is gone from a ledger that had one, is another than was made there, or cannot be read.
    """
    council = councils.load()
    ledger = council.ledger if council is not None and council.area == area else councils.ledger_of(area)
    path, seal_of_it = ledger / home.SECRET, ledger / SEAL
    held = home.kept(path)
    if seal_of_it.is_file() and home.kept(seal_of_it).strip() != hashlib.sha256(held).hexdigest().encode():
        what = "is another than the one that was made there" if held else "is missing"
        raise DataRefused(
            f"the council's secret {path} {what}: bring it back from a copy of the ledger. With another, every figure about people "
            "would come out otherwise, and the two could be compared to find one person"
        )
    return held.strip()


def keys_of_everybody(tables: Mapping[str, pd.DataFrame], measures: Mapping[str, Measure], secret: bytes) -> pd.Series:
    """Person → record key, of everybody whom a measure may count. Raises DataRefused where there are people and no secret."""
    columns = {one.person for one in measures.values() if one.person}
    people = [frame[name] for frame in tables.values() for name in sorted(columns) if name in frame]
    everybody = pd.concat(people, ignore_index=True).dropna() if people else pd.Series(dtype=object)
    if len(everybody) and not secret:
        raise DataRefused(
            "these extracts hold people, and the council has no secret yet, from which the protection of their figures is made: run "
            "`commissioning setup` once"
        )
    return record_keys(everybody, secret) if len(everybody) else pd.Series(dtype="int64")


def with_keys_of(
    made: Mapping[str, pd.DataFrame], table_of: Mapping[str, Breakdown], keys: pd.Series, secret: bytes
) -> pd.Series:
    """The record keys, with those of people whom only the rows of a breakdown name (a provider's staff)."""
    people = [rows[table_of[id].behind] for id, rows in made.items() if table_of[id].people and len(rows)]
    everybody = pd.concat(people, ignore_index=True).dropna() if people else pd.Series(dtype=object)
    new = everybody[~everybody.isin(keys.index)]
    return pd.concat([keys, record_keys(new, secret)]) if len(new) and secret else keys
