"""Which readers there are: one for each published format, Client Level Data, then one for each of the council's own extracts."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from commissioning.evidence import published, tables
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.loaded import Reader


def readers() -> tuple[Reader, ...]:
    """Every reader: the house's, then those of tables that pilots brought."""
    return (*house(), *(ContractReader(contract=one) for one in tables.brought()))


@cache
def house() -> tuple[Reader, ...]:
    """Each module of `evidence.published` with a `READER` (or `READERS`), Client Level Data, then the own extracts."""
    from commissioning.evidence.client_level.look_up import READER as PLACES
    from commissioning.evidence.client_level.reader import READER as CLIENT_LEVEL

    found: list[Reader] = []
    for module in sorted(pkgutil.iter_modules(published.__path__), key=lambda m: m.name):
        if module.name.startswith("_"):
            continue
        loaded = importlib.import_module(f"{published.__name__}.{module.name}")
        found += [loaded.READER] if hasattr(loaded, "READER") else []
        found += list(getattr(loaded, "READERS", ()))
    return (*found, CLIENT_LEVEL, PLACES, *(ContractReader(contract=one) for one in tables.CONTRACTS))
