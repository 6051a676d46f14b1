"""What no column can say of an extract. Light to import: whose extracts a folder holds is asked before any is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Source:
    """What `sources.toml` says of a file: what no column can say. Empty text and None mean not said."""

    publisher: str = ""
    area: str | None = None
    public: bool = False
    licence: str = ""
    illustrative: bool = False  # made up, as `sources.toml` says of it
