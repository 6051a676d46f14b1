"""Client Level Data: the quarterly file of events that every English council sends to NHS England.

One file becomes several of the workbench's tables: who had long term support, their reviews and what came of them, their
services and planned weekly cost. `reader` reads a file row by row, `people`, `reviews` and `packages` make the tables of all
files together, and `build` puts them in their place. What identifies a person stays in memory: no name, NHS number, postcode
or date of birth reaches a table.
"""

from __future__ import annotations

TABLE = "client_level"
"""The name under which a pilot takes such files in."""

PLACES = "client_level_places"
"""The look-up from an identifier or a postcode to a ward, which a council may add."""

MADE = ("people", "long_term_support", "reviews", "packages")
"""The tables made of it that measures read."""
