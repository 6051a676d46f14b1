"""The contracts of the council's own extracts: what `commissioning new` and the how-to hand out as templates.

Each is a TOML file beside this one. A pilot may bring more of the same kind in its own folder, `pilots/<name>/tables/*.toml`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from commissioning.errors import UsageError
from commissioning.evidence.contract_files import read
from commissioning.evidence.contracts import Contract

# In the order in which they are offered and, where two fit a file alike, chosen.
_NAMES = (
    "people reviews long_term_support enquiries sessions packages population starts organisations applications grants "
    "returns supported payments providers monitoring volunteering budget"
)
CONTRACTS: tuple[Contract, ...] = tuple(
    replace(read(Path(__file__).with_name(f"{name}.toml")), own_extract=True) for name in _NAMES.split()
)
_BROUGHT: dict[str, tuple[Path, Contract]] = {}


def brought() -> tuple[Contract, ...]:
    """The contracts that pilots brought to this process."""
    return tuple(contract for _, contract in _BROUGHT.values())


def every() -> tuple[Contract, ...]:
    """The house's contracts, and those that pilots brought."""
    return (*CONTRACTS, *brought())


def of(table: str) -> Contract:
    """The contract of a table; KeyError where there is none."""
    return {one.table: one for one in every()}[table]


def of_people() -> frozenset[str]:
    """The tables whose rows are people."""
    return frozenset({one.table for one in every() if one.persons} | {"client_level", "client_level_places"})


def bring(pilot: Path) -> tuple[Contract, ...]:
    """Add the tables of a pilot's folder (`tables/*.toml`) to those that extracts are recognised by.

    Raises UsageError where a file is broken, or its table is one that the house or another pilot has.
    """
    from commissioning.evidence.registry import house

    found = []
    for path in sorted((pilot / "tables").glob("*.toml")):
        where = f"pilots/{pilot.name}/tables/{path.name}"
        contract = replace(read(path, where), own_extract=True)
        taken = "the workbench" if contract.table in {one.contract.table for one in house()} else ""
        if contract.table in _BROUGHT and _BROUGHT[contract.table][0] != path:
            taken = f"pilots/{_BROUGHT[contract.table][0].parents[1].name}"
        if taken:
            raise UsageError(f"{where}: {taken} has a table {contract.table} already: give yours another name")
        if path.stem != contract.table:
            raise UsageError(f"{where}: its table is {contract.table}, so the file must be {contract.table}.toml")
        _BROUGHT[contract.table] = (path, contract)
        found.append(contract)
    return tuple(found)
