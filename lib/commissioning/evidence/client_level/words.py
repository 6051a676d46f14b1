"""The words of Client Level Data, in the spellings of release 1 (2023) and release 2 (from 2025), and what they mean here.

Source: the public repositories DataS-DHSC/ASC-CLD-LA-Dashboard (June 2026) and
NHSDigital/ASC-Client-Level-Data-SALT-ASCOF-transformations (2023-24), both under the Open Government Licence. A word that
stands in no list is not guessed: it is kept apart as `UNLISTED` and counted by its field.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

UNKNOWN = "unknown"
UNLISTED = "unlisted"
_SMALL = frozenset({"or", "and", "inc", "including"})  # what one release writes and the other puts a stroke or an & for


def key(text: object) -> str:
    """A word as compared: case, punctuation, strokes and the little words between do not tell two apart."""
    plain = unicodedata.normalize("NFKC", str(text)).casefold().replace("&", " ")
    return " ".join(one for one in "".join(c if c.isalnum() else " " for c in plain).split() if one not in _SMALL)


def _of(**meanings: Iterable[str]) -> dict[str, str]:
    """Spellings by meaning → meaning by spelling as compared. Underscores in a meaning are spaces."""
    return {
        key(spelling): meaning.replace("_", " ") for meaning, spellings in meanings.items() for spelling in spellings
    }


NOT_KNOWN = ("Unknown", "Not known", "Not recorded", "Undeclared or not known", "Undeclared / Not known", "No data")

CLIENT = _of(
    person=("Service User", "Person in receipt of services"),
    carer=("Unpaid carer", "Carer", "Unpaid carer known by association", "Carer known by association"),
    unknown=NOT_KNOWN,
)
EVENT = _of(
    request=("Request", "Requests"),
    assessment=("Assessment", "Assessments"),
    service=("Service", "Services"),
    review=("Review", "Reviews"),
)
SUPPORT_REASON = {
    **_of(
        learning_disability=("Learning Disability Support", "Learning Disability"),
        mental_health=("Mental Health Support", "Mental Health"),
        memory_and_cognition=("Support with Memory & Cognition", "Memory & Cognition"),
        physical=(
            "Physical Support: Personal care support",
            "Physical Support: Access & mobility only",
            "Physical Support",
        ),
        sensory=(
            "Sensory Support: Support for visual impairment",
            "Sensory Support: Support for hearing impairment",
            "Sensory Support: Support for dual impairment",
            "Sensory Support",
        ),
        social=(
            "Social Support: Substance misuse support",
            "Social Support: Asylum seeker support",
            "Social Support: Support for Social Isolation/Other",
            "Social Support",
        ),
    ),
    # "Support to unpaid carer" says nothing of the person's own reason, and ranks with unknown.
    **_of(unknown=(*NOT_KNOWN, "Social Support: Support to unpaid carer", "Social Support: Support to Carer")),
}
SETTING = {
    **_of(
        nursing=("Long Term Support: Nursing Care",),
        residential=("Long Term Support: Residential Care",),
        community=("Long Term Support: Community",),
        prison=("Long Term Support: Prison",),
    ),
    **_of(
        short_term=(
            "Short Term Support: ST-Max",
            "Short Term Support: Ongoing Low Level",
            "Short Term Support: Other Short Term",
        ),
        for_a_carer=(
            "Unpaid carer support: Direct to unpaid carer",
            "Unpaid carer support: Support involving the person cared-for",
            "Carer Support: Direct to Carer",
            "Carer Support: Support involving the person cared-for",
        ),
        unknown=NOT_KNOWN,
    ),
}
LONG_TERM = ("nursing", "residential", "community", "prison")
"""Settings of long term support, the highest first: a person with several is put in the first of them."""

SETTLED = (
    "Owner occupier or shared ownership scheme",
    "Owner occupier",
    "Tenant: Local authority or other social housing provider",
    "Tenant: Private landlord",
    "Tenant",
    "Tenant - private landlord",
    "Settled mainstream housing with family or friends",
    "Supported accommodation, supported lodgings or supported group home",
    "Shared Lives scheme",
    "Approved premises for offenders released from prison or under probation supervision",
    "Sheltered housing, extra care housing or other sheltered housing",
    "Mobile accommodation for Gypsy, Roma and Traveller communities",
    "Mobile accommodation for Gypsy / Roma and Traveller community",
)
NOT_SETTLED = (
    "Rough sleeper or squatting",
    "Night shelter, emergency hostel or direct access hostel",
    "Refuge",
    "Placed in temporary accommodation by the council (inc. homelessness resettlement)",
    "Placed in temporary accommodation by the council",
    "Staying with family or friends as a short term guest",
    "Acute hospital or long term healthcare residential facility",
    "Registered care home",
    "Registered nursing home",
    "Prison, young offenders institution or detention centre",
    "Other temporary accommodation",
)
ACCOMMODATION = {**_of(settled=SETTLED), **_of(not_settled=NOT_SETTLED), **_of(unknown=NOT_KNOWN)}
"""Settled or not, as ASCOF 2E counts it (1G until 2022-23)."""

_SUPPORTED = ("Supported accommodation", "Shared Lives", "Sheltered housing", "Approved premises")
_CARE_HOME = ("Registered care home", "Registered nursing home")
HOME = {
    **{key(one): "own home or family" for one in SETTLED},
    **{key(one): "other" for one in NOT_SETTLED},
    **{key(one): "supported living" for one in SETTLED if one.startswith(_SUPPORTED)},
    **{key(one): "registered care" for one in _CARE_HOME},
    **_of(unknown=NOT_KNOWN),
}
EMPLOYMENT = {
    **_of(
        paid_16_hours_or_more=("Paid: 16 or more hours a week",),
        paid_under_16_hours=("Paid: Less than 16 hours a week",),
        voluntary=("Not in paid employment: Voluntary work only",),
        not_in_work=(
            "Not in paid employment: Seeking work",
            "Not in paid employment: Not actively seeking work or retired",
            "Not in paid employment",
        ),
    ),
    key("Paid: Hours per week unknown"): "paid, hours unknown",
    **_of(unknown=(*NOT_KNOWN, "Employment Status Unknown")),
}
SEX = _of(
    female=("Female", "Woman", "F"), male=("Male", "Man", "M"), other=("Other", "Indeterminate"), unknown=NOT_KNOWN
)
FUNDING = {
    **_of(council=("Fully social care funded",), unknown=NOT_KNOWN),
    key("Joint client and social care funded"): "council and person",
    key("Fully client funded"): "person",
}
OUTCOMES = _of(
    fully_met=("Fully met", "Fully achieved"),
    partly_met=("Partially met", "Partly met", "Partially achieved"),
    not_met=("Not met", "Not achieved"),
    unknown=NOT_KNOWN,
)
UNITS_A_WEEK: Mapping[str, float | None] = {
    key(word): units
    for word, units in (
        ("Weekly", 1.0), ("Fortnightly", 1 / 2), ("4-weekly", 1 / 4), ("Monthly", 12 / 52), ("Quarterly", 4 / 52),
        ("Annually", 1 / 52), ("Annual", 1 / 52), ("Hourly", None), ("Daily", None), ("Per session", None),
    )
}  # fmt: skip
"""How many units of a unit cost there are in a week; None where the planned units a week say so."""
ONE_OFF = frozenset({key("One-off"), key("One off")})

# Where accommodation is unknown it is read from the service, from 2024-25: settled or not, by the component's words.
SETTLED_BY_COMPONENT = _of(
    yes=(
        "Shared Lives", "Extra care housing", "Community supported living", "Supported living",
        "Home support or domiciliary care", "Home support", "Domiciliary care",
    ),
)  # fmt: skip
COMPONENT_SETTING = {
    key(word): setting
    for word, setting in (
        ("Home support or domiciliary care", "home support"), ("Home support", "home support"), ("Domiciliary care", "home support"),
        ("Community supported living", "supported living"), ("Supported living", "supported living"),
        ("Extra care housing", "supported living"), ("Shared Lives", "supported living"),
        ("Direct payment", "direct payment"), ("Day support", "day"), ("Day care", "day"),
        ("Residential care", "residential"), ("Nursing care", "residential"),
    )
}  # fmt: skip
"""A service's component as the setting of a package."""


def ethnicity(text: str) -> str:
    """white, ethnic minority, unknown or unlisted, by the group before the colon or dash."""
    said = key(text)
    if not said or said in NOT_KNOWN_KEYS or said.startswith(("no data", "refused", "undeclared", "not known")):
        return UNKNOWN
    if said.startswith("white"):
        return "white"
    if said.startswith(("mixed", "asian", "black", "other ethnic", "any other ethnic", "arab")):
        return "ethnic minority"
    return UNLISTED


NOT_KNOWN_KEYS = frozenset(key(one) for one in NOT_KNOWN)


def planned(text: str) -> str:
    """yes for a planned review, no for one unplanned or of short term support, else unknown or unlisted."""
    said = key(text)
    if not said or said in NOT_KNOWN_KEYS:
        return UNKNOWN
    if said.startswith("planned"):
        return "yes"
    return "no" if said.startswith(("unplanned", "review of short term")) else UNLISTED
