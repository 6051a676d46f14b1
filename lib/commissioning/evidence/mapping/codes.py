"""The headings and words that ship with the workbench (`codes.toml`), and what is proposed for those of a file."""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache
from pathlib import Path

from commissioning import toml
from commissioning.evidence import tables
from commissioning.evidence.client_level import words as client_level
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.days import financial_year

CODES = toml.loads(Path(__file__).with_name("codes.toml").read_text(encoding="utf-8"))
DOUBT = "?"
LEFT_OUT = "-"
UNKNOWN = "unknown"
SERVICES = "services"
COUNT, NONE = "counts", "no agreement"
SHORT_TERM = "short term"
NOT_AN_OUTCOME = "left out"

SERVICE_ROLES = (
    "person_id", "birth", "age", "sex", "ethnicity", "ward", "locality", "support_reason", "employment", "home", "needs_band",
    "service", "start", "end", "provider", "weekly_cost", "weekly_client", "weekly_nhs",
)  # fmt: skip
OWN_ROLES = {"reviews": ("outcome",)}  # roles of a table that are no column of it
NEEDS = {  # what a file must have to be of a shape: one of each
    SERVICES: (("person_id",), ("start",), ("end",)),
    "reviews": (("person_id",), ("due_on", "done_on"), ("due_on", "planned", "outcome", "review_id")),
    "grants": (("recipient",), ("amount_awarded_pence", "year of amounts")),
}
NOT_MAPPED = (
    "returns",
    "supported",
    "monitoring",
    "volunteering",
    "starts",
)  # they name agreements or units that no export of a system does
_YEAR = re.compile(r"\d{4}-\d\d")
_A_YEAR = re.compile(
    r"(?<![\d/–-])(?:(?:\bFY ?)?(?:\d{4}|\d{2}) ?[-/–] ?(?:\d{4}|\d{2})|\bFY ?(?:\d{4}|\d{2}))(?! ?[-/–] ?\d|\d)", re.I
)
_PREFIX = re.compile("^FY ?", re.I)
_OF_AWARDS = frozenset(
    (
        "award",
        "awards",
        "awarded",
        "amount",
        "grant",
        "grants",
        "funding",
        "value",
        "gbp",
        "pounds",
        "financial",
        "year",
        "in",
        "of",
    )
)
_NUMBERED = re.compile(r"^(?=.*outcome).*\d ?(?:status|achieved|met|rating|result)$")


@lru_cache(maxsize=100_000)
def key(text: str) -> str:
    """A heading or word as compared."""
    return client_level.key(text)


@cache
def shapes() -> dict[str, Contract | None]:
    """Every shape by name: a table's contract, or None for `services`."""
    return {SERVICES: None, **{one.table: one for one in tables.every() if one.table not in NOT_MAPPED}}


def says(shape: str) -> str:
    contract = shapes()[shape]
    return contract.title if contract else "services (one row a person a service, with its start and end)"


@cache
def roles(shape: str) -> dict[str, frozenset[str]]:
    """Role → the headings that mean it, as compared."""
    contract = shapes()[shape]
    listed = {role: frozenset(key(one) for one in said) for role, said in CODES["headings"].items()}
    if contract is None:
        own = {role: frozenset({key(role)}) for role in SERVICE_ROLES}
    else:
        own = {one.name: frozenset(key(word) for word in one.headers) for one in contract.columns}
        own |= {role: frozenset({key(role)}) for role in OWN_ROLES.get(shape, ())}
    return {role: said | listed.get(role.removesuffix("_pence"), frozenset()) for role, said in own.items()}


@lru_cache(maxsize=50_000)
def sure_role(shape: str, heading: str) -> str:
    """What a heading means in a shape: a role, a financial year for a column of that year's amounts, `-`, or "" where unknown."""
    said = key(heading)
    for role, headings in roles(shape).items():
        if said in headings:
            return role
    if shape == "reviews" and _NUMBERED.match(said):
        return "outcome"
    if shape == "grants" and (year := year_in(heading)[0]):
        return year
    return LEFT_OUT if said in left_out() or re.fullmatch(r"outcome \d+", said) else ""


def role_of(shape: str, heading: str) -> str:
    """As `sure_role`, and `? role` for a heading that looks like one of a role's."""
    if found := sure_role(shape, heading):
        return found
    if shape == "grants" and (year := year_in(heading)[1]):
        return f"{DOUBT} {year}"  # what was paid, asked for or planned in a year is no award of it
    every = {one: role for role, headings in roles(shape).items() for one in headings}
    near = difflib.get_close_matches(key(heading), list(every), n=1, cutoff=0.82)
    return f"{DOUBT} {every[near[0]]}" if near else ""


@lru_cache(maxsize=5_000)
def year_in(heading: str) -> tuple[str, str]:
    """The financial year whose awards stand under a heading (“2023/24”, “Award 2023-24 (£)”), and the one that a heading speaks of
    at all (“Paid 2023/24”); "" for none."""
    found = _A_YEAR.findall(heading)
    year = (
        financial_year(_PREFIX.sub("", found[0].strip()) if re.search("[-/–]", found[0]) else found[0].strip())
        if len(found) == 1
        else None
    )
    if year is None:
        return "", ""
    rest = set(re.findall(r"[a-z]+", _A_YEAR.sub(" ", heading).casefold()))
    return (year if rest <= _OF_AWARDS else "", year)


@cache
def left_out() -> frozenset[str]:
    return frozenset(key(one) for one in CODES["left_out"]["headings"])


def is_year(role: str) -> bool:
    return bool(_YEAR.fullmatch(role))


@lru_cache(maxsize=5_000)
def column(shape: str, role: str) -> Column | None:
    """The column of a table that a role fills; None where the role is of the shape alone."""
    contract = shapes()[shape]
    if contract is None:
        if role == "service":
            return tables.of("packages").column("setting")
        contract = tables.of("people")
    elif role == "outcome":
        return contract.column("outcomes")
    return next((one for one in contract.columns if one.name == role), None)


@lru_cache(maxsize=5_000)
def meanings(shape: str, role: str) -> tuple[str, ...]:
    """What a word of this role may mean; empty where its cells are no words of a closed list."""
    if shape == "grants" and (is_year(role) or role == "amount"):
        return (COUNT, NONE)
    held = column(shape, role)
    if held is None or held.holds not in ("category", "yes/no") or is_year(role):
        return ()
    found = ("yes", "no") if held.holds == "yes/no" else ()
    more = {"service": (SHORT_TERM,), "outcome": (NOT_AN_OUTCOME,)}.get(role, ())
    return tuple(dict.fromkeys((*found, *held.categories.values(), *more, UNKNOWN)))


@cache
def _known(shape: str, role: str) -> dict[str, str]:
    """Meaning by word as compared: of the table's own words, Client Level Data's and `codes.toml`."""
    here = meanings(shape, role)
    lists = {
        "sex": client_level.SEX, "employment": client_level.EMPLOYMENT, "home": client_level.HOME, "outcome": client_level.OUTCOMES,
        "support_reason": client_level.SUPPORT_REASON, "service": client_level.COMPONENT_SETTING,
    }  # fmt: skip
    found: dict[str, str] = {key(one): one for one in here}
    found |= dict.fromkeys(client_level.NOT_KNOWN_KEYS, UNKNOWN)
    found |= {said: mean.replace("_", " ") for said, mean in lists.get(role, {}).items()}
    for mean, said in CODES["words"].get(role, {}).items():
        found |= {key(one): mean.replace("_", " ") for one in said}
    held = column(shape, role)
    if held is not None:
        found |= {key(word): mean for word, mean in held.categories.items()}
    if role == "support_reason":
        ours = ("learning disability", UNKNOWN)
        found = {said: mean if mean in ours else "other" for said, mean in found.items()}
    return {said: mean for said, mean in found.items() if mean in here}


def meaning_of(shape: str, role: str, word: str) -> str:
    """The proposed meaning of a word: one of `meanings`, `? meaning` where it is only near, or `?`."""
    if role == "amount":
        return DOUBT
    said, known = key(word), _known(shape, role)
    if said in known:
        return known[said]
    if role == "ethnicity":
        found = client_level.ethnicity(word)
        return DOUBT if found == client_level.UNLISTED else found
    near = difflib.get_close_matches(said, list(known), n=1, cutoff=0.8)
    return f"{DOUBT} {known[near[0]]}" if near else DOUBT


def is_listed(shape: str, role: str, word: str) -> bool:
    """True where a word stands in a shipped list, and so says nothing of anybody."""
    if role == "ethnicity" and (parts := [key(one) for one in re.split(r"[-:\u2013]", word, maxsplit=1)]):
        groups, categories = _ethnic()
        if parts[0] in groups | categories and all(one in categories for one in parts[1:]):
            return True
    return role != "amount" and key(word) in _known(shape, role)


@cache
def _ethnic() -> tuple[frozenset[str], frozenset[str]]:
    listed = CODES["ethnic"]
    return frozenset(map(key, listed["groups"])), frozenset(map(key, listed["categories"]))


def decided(meaning: str) -> str:
    """A meaning as it counts: unknown while it is in doubt."""
    return UNKNOWN if meaning.startswith(DOUBT) else meaning
