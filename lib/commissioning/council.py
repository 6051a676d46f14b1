"""The council that uses the workbench: what `commissioning setup` asked once, and where its ledger lies.

`council.toml` stands at the top of the checkout and is not in git. The ledger (seals, what was read when, the secret) lies outside the
checkout, the data and any site, so that it outlives them: where COMMISSIONING_LEDGER says, else where `council.toml` says, else in
the account's own data folder, one folder an area.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from commissioning import pilot as pilots
from commissioning.errors import UsageError

FILE = "council.toml"
LEDGER = "COMMISSIONING_LEDGER"
FIELDS = ("name", "area", "contact", "address", "telephone")


@dataclass(frozen=True, kw_only=True)
class Council:
    """Who answers for a page of the council's own data. `area` is its ONS code, `ledger` an absolute folder."""

    name: str
    area: str
    contact: str
    address: str
    telephone: str
    ledger: Path


def load(home: Path | None = None) -> Council | None:
    """What `council.toml` says; None where there is none. Raises UsageError where it cannot be used."""
    path = (home or pilots.home()) / FILE
    if not path.is_file():
        return None
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(
            f"{FILE} cannot be read: {fault}; mend it, or write it anew with `commissioning setup`"
        ) from None
    missing = [name for name in FIELDS if not str(said.get(name, "")).strip()]
    if missing:
        raise UsageError(f"{FILE}: {', '.join(missing)} is not written; write it, or run `commissioning setup`")
    told = {name: str(said[name]).strip() for name in FIELDS}
    return Council(**told, ledger=ledger_of(told["area"], str(said.get("ledger", ""))))


def ledger_of(area: str, written: str = "") -> Path:
    """The folder of the council's ledger. It need not be there yet."""
    named = os.environ.get(LEDGER) or written
    return Path(named).expanduser().absolute() if named else Path(platformdirs.user_data_dir("commissioning")) / area
