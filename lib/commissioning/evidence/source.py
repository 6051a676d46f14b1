"""What no column can say of an extract. Light to import: whose extracts a folder holds is asked before any is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Source:
    """What `sources.toml` says of a file: what no column can say. Empty text and None mean not said."""

    publisher: str = ""
    area: str | None = None
    public: bool = False
    licence: str = ""
    year: str = ""
    cost_centres: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # pilot → how its cost centres' names begin
    columns: Mapping[str, str] = field(default_factory=dict)  # of a spend file: payee, amount or date → its heading
    month: str = ""  # "2024-05", of a spend file in which no column tells day or month
    exported: str = ""  # "2024-07-01", the day on which the file was made
    illustrative: bool = False  # made up, as `sources.toml` says of it
