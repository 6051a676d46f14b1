"""The council that uses the workbench: what `commissioning setup` asked once, where its ledger lies, and who speaks on a page.

`council.toml` stands at the top of the checkout and is not in git; COMMISSIONING_COUNCIL names another place for it. The ledger
(seals, what was read when, the secret) lies outside the checkout, the data and any site, so that it outlives them: where
COMMISSIONING_LEDGER says, else where `council.toml` says, else in the account's own data folder, one folder an area.

Whose words stand on a page follows from where its data came from, never from what the words say: the sample's beside the
sample, the council's own beside its own area, and beside any other area its official name with its code, and no address.
"""

from __future__ import annotations

import base64
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from commissioning import pilot as pilots
from commissioning import toml
from commissioning.errors import DataRefused, UsageError
from commissioning.evidence import councils, sources
from commissioning.evidence.source import Source
from commissioning.pilot import Pilot, Voice

if TYPE_CHECKING:
    import pandas as pd

FILE = "council.toml"
PLACE = "COMMISSIONING_COUNCIL"
LEDGER = "COMMISSIONING_LEDGER"
FIELDS = ("name", "area", "contact", "address", "telephone")
OPTIONAL = ("author", "logo")
LOGOS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
LARGEST_LOGO = 40_000  # bytes: it stands in every page
NOT_GIVEN = "contact not given"
UNNAMED = (
    "nothing says which council these extracts are of: name its ONS code with --area, or run `commissioning setup` once "
    "if they are your council's own"
)
NAMED_IN = ("indicators", "area_spend", "area_population")  # published tables that name the areas of their codes


@dataclass(frozen=True, kw_only=True)
class Council:
    """Who answers for a page of the council's own data. `area` is its ONS code, `ledger` an absolute folder."""

    name: str
    area: str
    contact: str
    address: str
    telephone: str
    ledger: Path
    author: str = ""
    logo: str = ""  # a data URI

    @property
    def source(self) -> Source:
        """What holds of every extract in a folder of the council's own, which has no `sources.toml`."""
        return Source(publisher=self.name, area=self.area)


def place(home: Path | None = None) -> Path:
    """Where `council.toml` stands. It need not be there."""
    named = os.environ.get(PLACE)
    return Path(named).expanduser().absolute() if named else (home or pilots.home()) / FILE


def load(home: Path | None = None) -> Council | None:
    """What `council.toml` says; None where there is none. Raises UsageError where it cannot be used."""
    path = place(home)
    if not path.is_file():
        return None
    try:
        said = toml.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(
            f"{FILE} cannot be read: {fault}; mend it, or write it anew with `commissioning setup`"
        ) from None
    except OSError as fault:
        raise UsageError(f"{FILE} cannot be read: {fault.strerror}") from None
    known = (*FIELDS, *OPTIONAL, "ledger")
    if strange := sorted(set(said) - set(known)):
        raise UsageError(f"{FILE}: {strange[0]} is not a field here: it holds {', '.join(known)}")
    missing = [name for name in FIELDS if not str(said.get(name, "")).strip()]
    if missing:
        raise UsageError(f"{FILE}: {', '.join(missing)} is not written; write it, or run `commissioning setup`")
    told = {name: str(said[name]).strip() for name in FIELDS}
    if not sources.AREA.fullmatch(told["area"]):
        raise UsageError(f"{FILE}: area {told['area']!r} is no ONS code: write one such as E08000015")
    return Council(
        **told,
        ledger=ledger_of(told["area"], str(said.get("ledger", ""))),
        author=str(said.get("author", "")).strip(),
        logo=logo_of(path.parent, str(said.get("logo", "")).strip()),
    )


def logo_of(folder: Path, name: str) -> str:
    """The logo in a file (SVG, PNG or JPEG, named from `folder`) as a data URI; "" where no file is named. Raises UsageError."""
    if not name:
        return ""
    path = folder / Path(name).expanduser()
    kind = LOGOS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(f"{FILE}: logo {name!r} is no picture: name a file that ends in {', '.join(LOGOS)}")
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise UsageError(f"{FILE}: logo {name!r} cannot be read: {fault.strerror}") from None
    if len(data) > LARGEST_LOGO:
        raise UsageError(
            f"{FILE}: logo {name!r} has {len(data):,} bytes, and {LARGEST_LOGO:,} are the most: make it smaller"
        )
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def ledger_of(area: str, written: str = "") -> Path:
    """The folder of the council's ledger. It need not be there yet."""
    named = os.environ.get(LEDGER) or written
    return Path(named).expanduser().absolute() if named else Path(platformdirs.user_data_dir("commissioning")) / area


def owner(data: Path, council: Council | None, *, area: str = "") -> Source | None:
    """What holds of the extracts of a folder without `sources.toml`: they are the council's own. None for the sample.

    Raises DataRefused where the folder says nothing, and no council was set up: with the lines to write.
    """
    if pilots.is_sample(data):
        return None
    if not data.is_dir():  # whoever reads it says so
        return None
    sources.read(data)  # a file that was meant to be sources.toml is named first
    if council is None and not (data / sources.NAME).is_file():
        raise DataRefused(sources.lines_for(data, area))
    return None if council is None else council.source


def area_of(pilot: Pilot, data: Path | None, council: Council | None) -> str:
    """The area that extracts are of where nobody names one: the sample's, the council's own, or the only one that
    `sources.toml` names; "" where nothing says. `data` is None where the extracts are still to be copied."""
    if data is not None and pilots.is_sample(data):
        return pilot.area
    if council is not None:
        return council.area
    named = sources.read(data).areas if data is not None and data.is_dir() else ()
    return own_words(pilot).area or (named[0] if len(named) == 1 else "")


def area_asked(asked: str, pilot: Pilot, home: Path) -> str:
    """The area that a command is about: the one given, else the council's own, else the pilot's. Raises UsageError."""
    own = load(home)
    area = asked or (own.area if own is not None else pilot.area)
    if not re.fullmatch(r"[A-Z][0-9]{8}", area):
        raise UsageError(f"--area {area!r}: write an ONS code such as E08000015")
    return area


def own_words(pilot: Pilot) -> Pilot:
    """A pilot with what the council itself agreed, and nothing of the sample's."""
    return pilots.load(pilot.name, sample=False)


def voice(
    pilot: Pilot,
    *,
    area: str,
    sample: bool,
    council: Council | None,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> Voice:
    """Who speaks on the pages of a study. `tables` name areas whose codes the list of England's councils does not know."""
    said = pilot if sample else own_words(pilot)
    if not sample and council is not None and area == council.area:
        return Voice(
            area=area,
            organisation=council.name,
            contact=council.contact,
            reply_by_post=council.address,
            reply_by_phone=council.telephone,
            area_name=_named(area, tables or {}) or council.name,
            author=council.author,
            logo=council.logo,
            own=True,
        )
    if said.organisation and area == said.area and (sample or council is None):
        return Voice(
            area=area,
            organisation=said.organisation,
            contact=said.contact or NOT_GIVEN,
            reply_by_post=said.reply_by_post,
            reply_by_phone=said.reply_by_phone,
            area_name=said.area_name or _named(area, tables or {}) or said.organisation,
            own=True,
        )
    name = _named(area, tables or {})
    agreed_for = said.area if sample or council is None else council.area
    return Voice(
        area=agreed_for or area,
        organisation=f"{name} ({area})" if name else f"The council with the code {area}",
        contact=NOT_GIVEN,
        area_name=name or area,
        own=agreed_for in ("", area),
    )


def _named(area: str, tables: Mapping[str, pd.DataFrame]) -> str:
    if name := councils.name_of(area):
        return name
    for one in NAMED_IN:
        frame = tables.get(one)
        if frame is not None and {"area_code", "area"} <= set(frame.columns):
            names = frame.loc[frame["area_code"] == area, "area"].dropna()
            if len(names):
                return str(names.iloc[-1])
    return ""
