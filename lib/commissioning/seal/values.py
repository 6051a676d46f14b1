"""What a seal holds: every value of a pilot file that could move a claim, by its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from commissioning import clock
from commissioning.pilot import Pilot

WORDS = "words for people: no claim rests on them"
STATE = "the state of things, which is meant to change as it does"
REGISTER = "a register that is kept while the pilot runs"
NOT_SEALED_FIELDS: dict[str, str] = {
    **dict.fromkeys(
        (
            "name", "title", "question", "easy_title", "easy_words", "organisation", "department", "contact", "reply_by_post",
            "reply_by_phone", "area_name", "perspective", "includes_overheads", "planning_and_community_safety", "theory",
            "corporate_plan", "own_spend", "illustrative", "folder", "quality", "floors.agreed_with", "people_pay_charges", "levels",
            "area",
        ),
        WORDS,
    ),
    **dict.fromkeys(
        (
            "assumptions", "decisions_log", "engagement", "benefits", "sharing", "needs", "business_cases", "contributions",
            "collaboration", "innovation", "resource_changes", "lessons", "replies", "balance", "priorities", "dates",
        ),
        REGISTER,
    ),
    "disclosure": "how exactly figures are shown: estimates and claims rest on the rows",
    "closes_after_months": "when figures become final: no claim rests on it",
    **dict.fromkeys(
        (
            "decision.confirmed", "decision.statutory_duty", "decision.equality_impact_assessment", "decision.alternative",
            "decision.market_impact", "decision.harm_flags", "decision.more_evidence",
        ),
        STATE,
    ),
}  # fmt: skip
"""Fields of a pilot file that no seal holds, each with the reason. Whatever else the file says is sealed, so that a field
added to it is sealed too."""
WEIGHED = (
    "decision",
    "weights",
    "hours_in_proportion",
    "days_promised",
    "price_base",
    "spend_age_band",
    "payment_units",
    "published_measures",
)  # fmt: skip - they move spend and what is weighed, and no estimate
OF_ONE_MEASURE = ("floors", "gates_for")


def values(pilot: Pilot, primary: Collection[str] = ()) -> dict[str, Any]:
    """Every value of a pilot file that could move a claim, by its place: `gates.units`, `floors.<measure>.worth`.

    `primary`: the measures whose change is estimated where the design names none.
    """
    found: dict[str, Any] = {}
    for name, value in pilot.model_dump(mode="json").items():
        if name not in NOT_SEALED_FIELDS:
            _flatten(name, value, found)
    if primary and not found.get("design.outcomes"):
        found["design.outcomes"] = sorted(primary)
    return dict(sorted(found.items()))


def _flatten(place: str, value: Any, found: dict[str, Any]) -> None:
    if ".".join(part for part in place.split(".") if part) in NOT_SEALED_FIELDS or _left_out(place):
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            _flatten(f"{place}.{name}", one, found)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, start=1):
            name = next((str(one[key]) for key in ("measure", "outcome", "id", "name") if one.get(key)), str(number))
            _flatten(f"{place}.{name}", {key: held for key, held in one.items() if held != name}, found)
    elif value not in (None, [], ""):
        found[place] = float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _left_out(place: str) -> bool:
    """True for a field of a list's entries that no seal holds: `floors.<measure>.agreed_with`."""
    parts = place.split(".")
    return len(parts) > 2 and f"{parts[0]}.{parts[-1]}" in NOT_SEALED_FIELDS


def digest(of: Any) -> str:
    """SHA-256 of values as JSON, keys in order."""
    return hashlib.sha256(json.dumps(of, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def touches(place: str) -> str | None:
    """The measure whose claim a value moves; "" for every claim, None for none (it moves what is weighed)."""
    parts = place.split(".")
    if parts[0] in OF_ONE_MEASURE and len(parts) > 2:
        return parts[1]
    return None if parts[0] in WEIGHED else ""


def called(place: str) -> str:
    """A value's name in words: `gates.pre_trend_p` is "gate pre trend p"."""
    parts = place.split(".")
    first = {"gates": "gate", "gates_for": "gate", "floors": "", "design": "design:", "decision": ""}.get(
        parts[0], parts[0]
    )
    rest = parts[2:] if parts[0] in OF_ONE_MEASURE else parts[1:]
    return " ".join(f"{first} {' '.join(rest)}".replace("_", " ").split())


def day(iso: str) -> str:
    """A day as people write it."""
    try:
        return clock.in_words(date.fromisoformat(iso))
    except ValueError:
        return "a day that is not known"


def is_newer_gate(place: str, sealed: Mapping[str, Any]) -> bool:
    """True for a check that this edition asks and the seal does not know: whatever it asks, it can only withhold what was agreed to be told."""
    return place.startswith("gates.") and place not in sealed
