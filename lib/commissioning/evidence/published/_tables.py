"""The contracts of published files, and of the tables that are made of them: `formats/<name>.toml`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from commissioning.evidence.contract_files import read
from commissioning.evidence.contracts import Contract


def contract(name: str) -> Contract:
    """What a published file must hold."""
    return read(Path(__file__).parent / "formats" / f"{name}.toml")


def made(table: str, of: Contract) -> Contract:
    """The table that a published file of another shape becomes, under the file's own title and version."""
    return replace(contract(f"made_{table}"), title=of.title, version=of.version, unit=of.unit)
