"""Made-up extracts for a service that the workbench does not know yet: small, seeded by its name, nothing planted.

They have the shape of funded agreements and the people they help (`grants`, `returns`, `supported`, …), in the words of
the service. They stand in the pilot's own folder, so that no other pilot's sample ever reads them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from commissioning import sample_list
from commissioning.simulate.shape import VcfShape, nothing_planted
from commissioning.simulate.vcf_funding import vcf_funding
from commissioning.simulate.write import csv_of, source

TABLES = ("organisations", "applications", "grants", "returns", "supported", "payments", "monitoring", "starts")
KINDS_OF_HELP = (
    "first contact and advice", "support one to one", "support in groups", "help for families", "help into work",
    "a home that lasts", "support from people who have been there", "help after leaving",
)  # fmt: skip
SHAPE = VcfShape(organisations=40, grants=110, people=3200, asked_from=2000)

SOURCES = (
    "# Made up when this pilot's folder was made: nobody in these extracts exists. Delete the folder when it is no longer needed.\n\n"
    + source("*.csv")
)


def service(name: str, title: str) -> dict[str, pd.DataFrame]:
    """The tables of a made-up service, the same for the same name. `title` is how its help is called in words."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    tables = vcf_funding(seed, SHAPE, nothing_planted()[1])
    every = sorted(tables["grants"]["purpose"].unique())
    words = dict(zip(every, KINDS_OF_HELP, strict=False))
    grants = tables["grants"].assign(
        purpose=tables["grants"]["purpose"].map(words),
        programme=title,
        funder_id="",
        funder="",  # the council itself, whatever the pilot file will call it
    )
    grants["title"] = f"{title}: " + grants["purpose"]
    payments = tables["payments"].assign(unit=title, purpose=tables["payments"]["purpose"].map(words))
    made = tables | {"grants": grants, "payments": payments}
    return {key: made[key] for key in TABLES}


def contents(name: str, title: str) -> dict[str, bytes]:
    """The files of a made-up service: extracts as CSV, their list, and `sources.toml` that says they are illustrative."""
    files = {f"{key}.csv": csv_of(table) for key, table in service(name, title).items()}
    return files | {sample_list.LIST: sample_list.of_contents(files), "sources.toml": SOURCES.encode("utf-8")}


def write(folder: Path, name: str, title: str) -> list[Path]:
    """Write a made-up service's extracts into a folder that is made for them; the files written, in order."""
    folder.mkdir(parents=True)
    made = []
    for file, body in contents(name, title).items():
        (folder / file).write_bytes(body)
        made.append(folder / file)
    return made
