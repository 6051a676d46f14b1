"""The shapes in which grants of the 360Giving standard arrive as JSON, and where a grant is, by its own codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from commissioning.evidence.loaded import NOT_SAID
from commissioning.evidence.published._areas import COUNCILS, is_council
from commissioning.evidence.published._parsed import text
from commissioning.evidence.source import Source

NO_FUNDER = "360G-none-said"
"""Stands for the identifier of a funder that a register leaves out and `sources.toml` names."""
SEVERAL = "several places"
_MARKS = (
    "id",
    "amountAwarded",
    "awardDate",
    "currency",
    "recipientOrganization",
    "recipientIndividual",
    "fundingOrganization",
)
_CODE = re.compile(r"[EWSNK]\d{8}")
_SMALLER = re.compile(
    r"(E0[0-5]|W0[0-5]|S0[01]|N00)\d{6}"
)  # output areas and wards lie in one council, which they do not name


def grants_of(document: object) -> list[Any] | None:
    """The grants of a document, whichever of its shapes it has; None where it is no register.

    A package `{"grants": [...]}`; a bare list of grants or packages, as JSON lines give it too; the datastore's `{"results": [{"data": {...}}]}`.
    """
    if isinstance(document, dict):
        for name in ("grants", "results"):
            several = document.get(name)
            if isinstance(several, list) and (name == "grants" or _are_grants(several)):
                return [_bare(one) for one in several]
        return [document] if _is_grant(document) else None  # one line of JSON lines
    if isinstance(document, list) and document:
        if _are_grants(document):
            return [_bare(one) for one in document]
        if all(isinstance(one, dict) and isinstance(one.get("grants"), list) for one in document):
            return [_bare(grant) for one in document for grant in one["grants"]]
    return None


def more_pages(document: object, held: int) -> list[str]:
    """A note where the document is one page of a longer answer."""
    if not isinstance(document, dict) or "results" not in document:
        return []
    whole = document.get("count")
    if document.get("next") or (isinstance(whole, int) and whole > held):
        of = f" of {whole:,}" if isinstance(whole, int) else ""
        return [f"only one page of a longer answer is here, {held:,}{of} grants: bring the other pages too"]
    return []


def _bare(one: Any) -> Any:
    return one["data"] if isinstance(one, dict) and isinstance(one.get("data"), dict) else one


def _is_grant(one: Any) -> bool:
    bare = _bare(one)
    return isinstance(bare, dict) and sum(mark in bare for mark in _MARKS) >= 4


def _are_grants(several: list[Any]) -> bool:
    return 2 * sum(_is_grant(one) for one in several) > len(several)


Funder = tuple[str, str]
"""A funder's identifier and name, as a register writes them."""


def funder_of(grant: object) -> Funder | None:
    """The first funder that a grant names; None where it names none."""
    several = _objects(grant.get("fundingOrganization")) if isinstance(grant, dict) else []
    return (text(several[0].get("id")), text(several[0].get("name"))) if several else None


def own_funders(funders: set[Funder], source: Source) -> set[Funder]:
    """Which funders of a register are the council that it was brought for, as `sources.toml` says its area.

    A council's identifier begins with GB-LAE (org-id.guide). Where a register names several councils, the one is meant whose name
    is the publisher's, or holds the name of the area.
    """
    if not source.area:
        return set()
    councils = {one for one in funders if one[0].startswith("GB-LAE-") or is_council(one[1])}
    area = next((name for code, name in COUNCILS.values() if code == source.area), "")
    named = {
        one
        for one in councils
        if one[1].casefold() == source.publisher.casefold() or (area and area.casefold() in one[1].casefold())
    }
    return named or (councils if len(councils) == 1 and funders == councils else set())


def place_of(grant: dict[str, Any], source: Source, own: set[Funder]) -> str:
    """The council (ONS code) that a grant counts for; `NOT_SAID`, `SEVERAL` or a larger area's code where it is no one council's.

    A council's own register counts for that council, wherever those who benefit live. Another funder's counts only where the
    grant's own codes say: that a file was brought for an area does not make the grants of a national funder local.
    """
    if source.area and funder_of(grant) in own:
        return source.area
    for codes in _codes(grant):
        known = {code for code in codes if not _SMALLER.fullmatch(code)}
        if known:
            return known.pop() if len(known) == 1 else SEVERAL
    return NOT_SAID


def _codes(grant: dict[str, Any]) -> Iterator[set[str]]:
    """Codes of places, by who says them: where those are who benefit, where the recipient is, what GrantNav added."""
    recipients = _objects(grant.get("recipientOrganization"))
    inside = [place for one in recipients for place in _objects(one.get("location"))]
    for said in (
        [place.get("geoCode") for place in _objects(grant.get("beneficiaryLocation"))],
        [*(place.get("geoCode") for place in inside), *(one.get("locationGeoCode") for one in recipients)],
        [grant.get("recipientDistrictGeoCode")],
    ):
        yield {text(code) for code in said if _CODE.fullmatch(text(code))}


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
