"""The contracts of the council's own extracts: what `commissioning new` and the how-to hand out as templates.

Longer than other files: it is data and no code, one contract a table.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from commissioning.evidence.contracts import Column, Contract, Status, Whole, Within
from commissioning.evidence.shorthand import BRACKETED

VERSION = "1"
MARKS: dict[str, Any] = {
    "missing": {
        "": "unknown",
        "unknown": "unknown",
        "suppressed": "suppressed",
        "not applicable": "not applicable",
        **BRACKETED,
    },
    "with_status": True,
}
A_YEAR = 366  # days
OPEN_END: dict[date, Status] = {date(9999, 12, 31): "not applicable"}


def _words(*words: str, **aliases: str) -> dict[str, str]:
    """Categories: each canonical word, and aliases (underscores for spaces) of canonical words."""
    return {**{w: w for w in words}, **{k.replace("_", " "): v for k, v in aliases.items()}}


def _id(name: str, says: str, *aliases: str, **more: Any) -> Column:
    return Column(name=name, holds="id", says=says, aliases=aliases, **more)


def _text(name: str, says: str, *aliases: str, **more: Any) -> Column:
    return Column(name=name, holds="text", says=says, aliases=aliases, **{"missing": {"": "unknown"}, **more})


def _is(name: str, says: str, *also: str, **more: Any) -> Column:
    """A yes/no column that may also hold the words in `also`."""
    missing = {"": "unknown"} if "unknown" in also else {}
    return Column(
        name=name, holds="yes/no", says=says, categories=_words(*also), **{"missing": missing, "example": "yes", **more}
    )


def _one_of(name: str, says: str, categories: dict[str, str], **more: Any) -> Column:
    missing = {"": "unknown"} if "unknown" in categories else {}
    return Column(name=name, holds="category", says=says, categories=categories, **{"missing": missing, **more})


def _int(name: str, says: str, **more: Any) -> Column:
    return Column(name=name, holds="int", says=says, **{"upper": 100_000_000, **more})


def _pounds(name: str, says: str, header: str, *aliases: str, **more: Any) -> Column:
    return Column(name=name, holds="money", says=says, header=header, aliases=aliases, **more)


def _day(name: str, says: str, *aliases: str, ahead: int | None = 0) -> Column:
    """A date that a council may leave out."""
    return Column(
        name=name, holds="date", says=says, aliases=aliases, required=False, missing={"": "unknown"},
        example="14/04/2014", ahead=ahead,
    )  # fmt: skip


QUARTER = Column(
    name="period",
    holds="quarter",
    says="the financial quarter, such as 2014-15 Q1 (April to June)",
    aliases=("quarter", "financial quarter"),
    example="2014-15 Q1",
)
YEAR_PERIOD = Column(
    name="period",
    holds="year",
    says="the financial year, such as 2014-15",
    aliases=("financial year",),
    example="2014-15",
)
YEAR = Column(
    name="year",
    holds="year",
    says="the financial year, such as 2014-15",
    aliases=("financial year",),
    example="2014-15",
)
YEAR_AHEAD = replace(YEAR, ahead=A_YEAR)  # agreed before it begins
ANY_YEAR = replace(YEAR, ahead=None)  # budgets and projections
PERSON = _id(
    "person_id",
    "a pseudonym that stays with one person; never a name",
    "person",
    "person ref",
    "client id",
    "nhs number",
    "nhs no",
    example="P00001",
)
WARD = _text("ward", "the ward where the person lives", "electoral ward", example="Ward 1")
LOCALITY = _text("locality", "the locality that holds the ward", example="North")
PROVIDER = _text("provider", "who provides the support", "provider name", example="Provider A")
DEPARTMENT = _text("department", "the department that funds it", "directorate", example="Adult Social Services")
NEEDS = _one_of(
    "needs_band",
    "low, medium, high, very high or unknown",
    _words("low", "medium", "high", "very high", "unknown"),
    example="medium",
)
AGE = _int("age", "age in whole years at the period's end", upper=120, missing={"": "unknown"}, example="42")
SUPPORT_REASON = _one_of(
    "support_reason",
    "learning disability, other or unknown",
    _words(
        "learning disability",
        "other",
        "unknown",
        learning_disability_support="learning disability",
        ld="learning disability",
    ),
    aliases=("primary support reason",),
    example="learning disability",
)
EMPLOYMENT = _one_of(
    "employment",
    "paid 16 hours or more, paid under 16 hours, paid, hours unknown, voluntary, not in work or unknown",
    _words(
        "paid 16 hours or more", "paid under 16 hours", "paid, hours unknown", "voluntary", "not in work", "unknown"
    ),
    example="not in work",
)
OUTCOMES = _one_of(
    "outcomes",
    "fully met, partly met, not met or unknown: outcomes agreed at the review by the person or their representative and the assessor",
    _words("fully met", "partly met", "not met", "unknown", partially_met="partly met"),
    required=False,
    aliases=("review outcomes achieved",),
    example="partly met",
)
GRANT = _id("grant_id", "the agreement", "agreement id", "grant reference", "identifier", example="G0001")
ORGANISATION = _id("organisation_id", "the organisation", "organisation ref", "organization id", example="O0001")
RISK = _one_of("risk", "low, medium, high or unknown", _words("low", "medium", "high", "unknown"), example="low")

PEOPLE = Contract(
    table="people",
    title="people (one person at a quarter's end)",
    version=VERSION,
    persons=True,
    own_extract=True,
    key=("period", "person_id"),
    period_column="period",
    duplicates="quarantined",
    columns=(
        QUARTER,
        PERSON,
        AGE,
        _one_of(
            "sex",
            "female, male, other or unknown",
            _words("female", "male", "other", "unknown", f="female", m="male", woman="female", man="male", u="unknown"),
            example="female",
        ),
        _one_of(
            "ethnicity",
            "white, ethnic minority or unknown",
            _words("white", "ethnic minority", "unknown"),
            example="white",
        ),
        WARD,
        LOCALITY,
        SUPPORT_REASON,
        NEEDS,
        EMPLOYMENT,
        _one_of(
            "home",
            "own home or family, supported living, registered care, other or unknown",
            _words("own home or family", "supported living", "registered care", "other", "unknown"),
            example="supported living",
        ),
        _is(
            "home_reregistered",
            "yes where the home was a registered care home and was re-registered, no or unknown",
            "unknown",
        ),
        PROVIDER,
        _is("advocacy_entitled", "yes, no or unknown", "unknown"),
        _is("advocacy_wanted", "yes, no or unknown", "unknown"),
        _is("advocacy_provided", "yes, no or unknown", "unknown"),
        _is(
            "chosen_for_high_needs",
            "yes where the person was chosen because of high support needs, no or unknown",
            "unknown",
        ),
        _one_of(
            "personal_budget",
            "how the person's budget is held: direct payment, managed by the council, managed by somebody else, none "
            "or unknown",
            _words("direct payment", "managed by the council", "managed by somebody else", "none", "unknown"),
            required=False,
            example="managed by the council",
        ),
    ),
)

GOAL_SCORE: dict[str, Any] = {"lower": -2, "upper": 2, **MARKS, "example": "0"}
REVIEWS = Contract(
    table="reviews",
    title="reviews (one review that fell due)",
    version=VERSION,
    persons=True,
    own_extract=True,
    key=("review_id",),
    period_column="period",
    duplicates="quarantined",
    within=(
        Within(column="due_on", period="period"),
        Within(column="done_on", period="period", before=A_YEAR, after=3 * A_YEAR),
    ),
    columns=(
        _id("review_id", "the review", example="R00001"),
        PERSON,
        QUARTER,
        Column(
            name="due_on",
            holds="date",
            says="when the review fell due: a day of the quarter in period",
            aliases=("due date",),
            missing={"": "unknown"},
            example="30/06/2014",
        ),
        Column(
            name="done_on",
            holds="date",
            says="when it was done; blank where it was not",
            aliases=("done date",),
            missing={"": "not applicable"},
            example="25/06/2014",
        ),
        _one_of("kind", "annual, day support or unknown", _words("annual", "day support", "unknown"), example="annual"),
        WARD,
        LOCALITY,
        PROVIDER,
        _is("goal_in_own_words", "yes where the main goal is in the person's own words, no or unknown", "unknown"),
        _is("goal_rewritten", "yes where the goal was rewritten after the baseline, no or unknown", "unknown"),
        _is("goal_met", "yes, no or unknown", "unknown", "not applicable"),
        _int("goal_baseline", "where the person stood, -2 to 2", **GOAL_SCORE),
        _int("goal_achieved", "where the person stands, -2 to 2; blank where unknown", **GOAL_SCORE),
        _one_of(
            "goal_set_by", "person, family or staff", _words("person", "family", "staff", "unknown"), example="person"
        ),
        _one_of("goal_scored_by", "person or staff", _words("person", "staff", "unknown"), example="person"),
        _is(
            "goal_kept",
            "yes, no, unknown or not applicable: an earlier goal after 12 months",
            "unknown",
            "not applicable",
        ),
        _is("home_chosen", "yes, no, not asked or unknown", "not asked", "unknown"),
        _is("leisure_chosen", "yes, no, not asked or unknown", "not asked", "unknown"),
        _is("control", "yes, no, not asked or unknown", "not asked", "unknown"),
        _one_of("answered_by", "self or proxy", _words("self", "proxy", "unknown"), example="self"),
        _is(
            "information_found",
            "yes, no, not asked or unknown: was it easy to find information and advice about support?",
            "not asked",
            "unknown",
            required=False,
        ),
        _is("planned", "yes for a planned review, no or unknown", "unknown", required=False),
        OUTCOMES,
    ),
)

LONG_TERM_SUPPORT = Contract(
    table="long_term_support",
    title="long_term_support (one person with long term support in a year)",
    version=VERSION,
    persons=True,
    own_extract=True,
    key=("period", "person_id"),
    period_column="period",
    duplicates="quarantined",
    columns=(
        YEAR_PERIOD,
        PERSON,
        AGE,
        SUPPORT_REASON,
        EMPLOYMENT,
        _is("settled_home", "yes where the person lives in settled accommodation, no or unknown", "unknown"),
        _is("prison_only", "yes where all long term support was in prison, no or unknown", "unknown", required=False),
        _is("reviewed", "yes where a planned review was done in the year, no or unknown", "unknown", required=False),
        OUTCOMES,
    ),
)

ENQUIRIES = Contract(
    table="enquiries",
    title="enquiries (one safeguarding enquiry)",
    version=VERSION,
    persons=True,
    own_extract=True,
    key=("enquiry_id",),
    period_column="period",
    duplicates="quarantined",
    columns=(
        _id("enquiry_id", "the enquiry", example="E0001"),
        PERSON,
        QUARTER,
        WARD,
        LOCALITY,
        _is("ended", "yes where the enquiry has ended"),
        _is("risk_found", "yes where a risk was found", "unknown", "not applicable"),
        _one_of(
            "risk_result",
            "removed, reduced, remained or unknown",
            _words("removed", "reduced", "remained", "unknown", "not applicable"),
            example="reduced",
        ),
    ),
)

SESSIONS = Contract(
    table="sessions",
    title="sessions (day sessions)",
    version=VERSION,
    own_extract=True,
    key=("period", "provider", "ward", "place"),
    period_column="period",
    duplicates="quarantined",
    columns=(
        QUARTER,
        PROVIDER,
        WARD,
        _one_of("place", "ordinary place or day centre", _words("ordinary place", "day centre"), example="day centre"),
        _int("sessions", "how many sessions", example="120"),
    ),
)

# Words for a place that has not started, whatever their case.
NOT_STARTED = (
    "", "-", "–", "—", "never", "not yet", "not started", "not started yet", "no", "none", "nil", "n/a", "na", "n.a.", "n\\a",
    "not applicable", "null", "never started", "has not started", "did not start", "comparison", "control",
)  # fmt: skip
STARTS = Contract(
    table="starts",
    title="starts (when each ward or department joined the pilot)",
    version=VERSION,
    own_extract=True,
    key=("unit_kind", "unit"),
    duplicates="quarantined",
    columns=(
        _one_of(
            "unit_kind", "ward or department", _words("ward", "department", "locality", "provider"), example="ward"
        ),
        _text("unit", "the name of the ward or department", example="Ashmoor"),
        Column(
            name="started",
            holds="quarter",
            says="the financial quarter in which it joined the pilot, such as 2013-14 Q1, or never (also: not yet, none, n/a, -, or blank)",
            missing=dict.fromkeys(NOT_STARTED, "not applicable"),
            example="2013-14 Q1",
        ),
    ),
)

WEEKLY: dict[str, Any] = {"upper": 25_000, "lower": 0, "missing": {"": "unknown"}, "example": "1,234.50"}
PACKAGES = Contract(
    table="packages",
    title="packages (one package of support in a quarter)",
    version=VERSION,
    persons=True,
    own_extract=True,
    key=("period", "package_id"),
    period_column="period",
    duplicates="quarantined",
    control_amount="weekly_cost_pence",
    wholes=(Whole(whole="weekly_cost_pence", parts=("weekly_client_pence", "weekly_nhs_pence")),),
    columns=(
        _id("package_id", "the package", example="K00001"),
        PERSON,
        QUARTER,
        PROVIDER,
        WARD,
        LOCALITY,
        _one_of(
            "funder",
            "council, nhs, joint, council and person, person or unknown",
            _words("council", "nhs", "joint", "council and person", "person", "unknown"),
            example="council",
        ),
        _one_of(
            "setting",
            "residential, supported living, day, home support, direct payment or unknown",
            _words("residential", "supported living", "day", "home support", "direct payment", "unknown"),
            example="supported living",
        ),
        _one_of(
            "provision",
            "direct, partnership, open market or unknown",
            _words("direct", "partnership", "open market", "unknown"),
            example="open market",
        ),
        NEEDS,
        Column(
            name="weeks",
            holds="number",
            says="weeks of support in the quarter",
            lower=0,
            upper=14,
            missing={"": "unknown"},
            example="13",
        ),
        _pounds("weekly_cost_pence", "pounds a week, gross, without VAT", "weekly_cost", "Weekly cost (£)", **WEEKLY),
        _pounds(
            "weekly_client_pence",
            "pounds a week that the person pays",
            "weekly_client",
            **{**WEEKLY, "example": "80.00"},
        ),
        _text("prices", "whether the cost is at prices of its own time or at later prices", required=False),
        _pounds(
            "weekly_nhs_pence",
            "pounds a week that the NHS pays",
            "weekly_nhs",
            **{**WEEKLY, "example": "0.00"},
        ),
    ),
)

POPULATION = Contract(
    table="population",
    title="population (who lives here)",
    version=VERSION,
    own_extract=True,
    key=("year", "ward", "age_band", "ethnicity"),
    period_column="year",
    duplicates="quarantined",
    wholes=(Whole(whole="people", parts=("with_learning_disability",)),),
    columns=(
        ANY_YEAR,
        WARD,
        LOCALITY,
        _one_of(
            "age_band",
            "18 to 64, or 65 and over",
            _words("18 to 64", "65 and over", **{"18-64": "18 to 64", "65+": "65 and over"}),
            example="18 to 64",
        ),
        _one_of("ethnicity", "white or ethnic minority", _words("white", "ethnic minority"), example="white"),
        _int("people", "how many people live there", example="9,500"),
        _int("with_learning_disability", "how many of them are expected to have a learning disability", example="180"),
    ),
)

GRANT_LIMITS: dict[str, Any] = {"lower": 0, "upper": 100_000_000}
ORGANISATIONS = Contract(
    table="organisations",
    title="organisations (who receives grants)",
    version=VERSION,
    own_extract=True,
    key=("organisation_id",),
    duplicates="quarantined",
    columns=(
        ORGANISATION,
        _text("organisation", "its name", "organisation name", missing={}, example="Example Friends"),
        _id(
            "charity_number", "its charity number; blank where it has none", missing={"": "unknown"}, example="1000001"
        ),
        _id(
            "company_number", "its company number; blank where it has none", missing={"": "unknown"}, example="01234567"
        ),
        _is("small", "yes where its income is under £100,000 a year", "unknown"),
        _is("equality_led", "yes where it is led by the people it serves", "unknown"),
        Column(
            name="first_funded",
            holds="year",
            says="the financial year of its first grant",
            missing={"": "unknown"},
            example="2012-13",
        ),
        _is("operating_at_12_months", "yes, no or unknown", "unknown", "not applicable"),
        _is("social_enterprise", "yes or no", "unknown"),
        DEPARTMENT,
        _is("mutual", "yes where it is a co-operative or mutual", "unknown", required=False),
        _pounds(
            "income_pence",
            "pounds of its whole income in the year of its last accounts, from everybody",
            "income",
            "total income",
            required=False,
            missing={"": "unknown"},
            example="84,000.00",
            **GRANT_LIMITS,
        ),
        Column(
            name="income_year",
            holds="year",
            says="the financial year of those accounts",
            required=False,
            missing={"": "unknown"},
            example="2014-15",
        ),
    ),
)

APPLICATIONS = Contract(
    table="applications",
    title="applications (one application for a grant)",
    version=VERSION,
    own_extract=True,
    key=("application_id",),
    period_column="period",
    duplicates="quarantined",
    in_order=(("applied_on", "decided_on"),),
    within=(
        Within(column="applied_on", period="period", before=A_YEAR, after=0),
        Within(column="decided_on", period="period", before=A_YEAR, after=A_YEAR),
    ),
    columns=(
        _id("application_id", "the application", example="A0001"),
        ORGANISATION,
        DEPARTMENT,
        replace(YEAR_PERIOD, ahead=A_YEAR),
        _is("small_or_equality_led", "yes or no", "unknown"),
        _is("successful", "yes or no", "unknown"),
        _is("carbon_scored", "yes, no or not asked", "not asked", "unknown"),
        _is("social_value_scored", "yes, no or not asked", "not asked", "unknown"),
        _day("applied_on", "when it was applied for", "date received"),
        _day("decided_on", "when the applicant was told; blank where nobody has been told yet", "decision date"),
    ),
)

GRANTS = Contract(
    table="grants",
    title="grants (one agreement, the council's own format)",
    version=VERSION,
    own_extract=True,
    unit="grant",
    key=("grant_id",),
    period_column="year",
    duplicates="quarantined",
    control_amount="amount_awarded_pence",
    in_order=(("start_on", "end_on"),),
    within=(
        Within(column="award_date", period="year", before=A_YEAR, after=92),
        Within(column="start_on", period="year", before=A_YEAR, after=2 * A_YEAR),
    ),
    area_needed=True,
    columns=(
        _id("grant_id", "the agreement", "agreement id", "grant reference", example="G0001"),
        _text("title", "what the agreement is called", example="Lunch club"),
        YEAR_AHEAD,
        Column(name="award_date", holds="date", says="when it was awarded", example="01/04/2014"),
        _pounds(
            "amount_awarded_pence", "pounds awarded", "amount_awarded", "award", example="12,500.00", **GRANT_LIMITS
        ),
        DEPARTMENT,
        _text("programme", "the programme it belongs to", required=False, example="Small grants"),
        _id("funder_id", "who funds it", required=False, missing={"": "unknown"}, example="GB-LAE-WRL"),
        _text("funder", "who funds it, by name", required=False, example="Example Council"),
        _id("recipient_id", "who receives it", "organisation id", example="O0001"),
        _text("recipient", "who receives it, by name", "organisation", example="Example Friends"),
        _id(
            "charity_number",
            "charity number; blank where none",
            required=False,
            missing={"": "unknown"},
            example="1000001",
        ),
        _id(
            "company_number",
            "company number; blank where none",
            required=False,
            missing={"": "unknown"},
            example="01234567",
        ),
        Column(
            name="start_on",
            holds="date",
            says="first day",
            ahead=None,
            missing={"": "unknown"},
            aliases=("start date",),
            example="01/04/2014",
        ),
        Column(
            name="end_on",
            holds="date",
            says="last day; blank where open",
            ahead=None,
            missing={"": "unknown"},
            sentinels=OPEN_END,
            aliases=("end date",),
            example="31/03/2015",
        ),
        _int("months", "how many months", required=False, missing={"": "unknown"}, upper=600, example="12"),
        _text("purpose", "what it is for", example="Reducing loneliness"),
        _one_of(
            "agreement", "activity, outcome or unknown", _words("activity", "outcome", "unknown"), example="outcome"
        ),
        RISK,
        _is("experiment", "yes, no or unknown", "unknown"),
        _is("closed", "yes, no or unknown", "unknown"),
        _is("lesson_written", "yes, no, not applicable or unknown", "unknown", "not applicable"),
        _day("notice_on", "when it was told whether funding goes on after the last day", "notice given"),
        _id(
            "area",
            "the ONS code of the council",
            "area code",
            required=False,
            missing={"": "unknown"},
            pattern=r"[EWSNK]\d{8}",
            example="E08000015",
        ),
    ),
)

RETURNS = Contract(
    table="returns",
    title="returns (one agreement's return for a quarter)",
    version=VERSION,
    own_extract=True,
    key=("return_id",),
    period_column="period",
    duplicates="quarantined",
    wholes=(Whole(whole="supported", parts=("reached",)), Whole(whole="kept_due", parts=("kept",))),
    columns=(
        _id("return_id", "the return", example="T0001"),
        GRANT,
        ORGANISATION,
        DEPARTMENT,
        QUARTER,
        _text("domain", "the domain of outcome agreed", example="health"),
        _is("asked", "yes where a return was asked for"),
        _is("received", "yes where it came"),
        _is("target_met", "yes, no or unknown", "unknown", "not applicable"),
        _int("supported", "different people supported", **MARKS, example="40"),
        _int(
            "reached",
            "different people who reached the outcome; blank where unknown",
            **MARKS,
            example="28",
        ),
        _one_of(
            "evidence_grade", "a, b, c or none", _words("a", "b", "c", "none"), missing={"": "unknown"}, example="b"
        ),
        _int(
            "kept_due",
            "people whose outcome was due a check at 6 months",
            **MARKS,
            example="10",
        ),
        _int("kept", "people whose outcome still held", **MARKS, example="7"),
        _int(
            "contacts",
            "contacts, where people are not counted apart",
            **MARKS,
            example="160",
        ),
    ),
)

SUPPORTED = Contract(
    table="supported",
    title="supported (one person helped under an agreement, pseudonymous)",
    version=VERSION,
    persons=True,
    own_extract=True,
    key=("person_id", "grant_id", "period"),
    period_column="period",
    duplicates="quarantined",
    columns=(
        PERSON,
        GRANT,
        ORGANISATION,
        DEPARTMENT,
        QUARTER,
        _is("outcome_reached", "yes, no or unknown", "unknown"),
        _is("outcome_kept", "yes, no, unknown or not applicable", "unknown", "not applicable"),
        _is("made_difference", "yes, no, not asked or unknown", "not asked", "unknown"),
        _is("lawfully_linked", "yes where the law allows a link to care records"),
        _is("long_term_care_at_12_months", "yes, no, unknown or not applicable", "unknown", "not applicable"),
    ),
)

PAYMENTS = Contract(
    table="payments",
    title="payments (the council's own format)",
    version=VERSION,
    own_extract=True,
    control_amount="amount_pence",
    within=(
        Within(column="paid_on", period="year", before=92, after=183),
        Within(column="paid_on", period="period", before=A_YEAR, after=3 * A_YEAR),
    ),
    area_needed=True,
    columns=(
        _id(
            "area",
            "the ONS code of the council that paid",
            "area code",
            required=False,
            missing={"": "unknown"},
            pattern=r"[EWSNK]\d{8}",
            example="E08000015",
        ),
        _text(
            "payee", "who was paid", "supplier", "beneficiary", "supplier name", missing={}, example="Example Friends"
        ),
        _text("unit", "the cost centre or unit", "cost centre", required=False, example="Grants to VCF"),
        DEPARTMENT,
        Column(
            name="paid_on",
            holds="date",
            says="when it was paid",
            aliases=("payment date", "date paid"),
            example="25/04/2014",
        ),
        Column(
            name="year",
            holds="year",
            says="the financial year it belongs to; made from paid_on where left out",
            ahead=A_YEAR,
            required=False,
            aliases=("financial year",),
            missing={"": "unknown"},
            example="2014-15",
        ),
        _pounds(
            "amount_pence",
            "pounds paid, net of VAT; credits are negative",
            "amount",
            "net amount",
            "amount paid",
            upper=100_000_000,
            ledger_signs=True,
            example="3,125.00",
        ),
        _text("purpose", "what it was for", "description", required=False, example="Grant instalment"),
        _id(
            "transaction",
            "the ledger's transaction number",
            "transaction number",
            required=False,
            missing={"": "unknown"},
            example="1900000001",
        ),
        _id(
            "grant_id",
            "the agreement, where the payment is for one",
            required=False,
            missing={"": "not applicable"},
            example="G0001",
        ),
        Column(
            name="period",
            holds="quarter",
            says="the quarter it pays for",
            ahead=A_YEAR,
            required=False,
            missing={"": "unknown"},
            example="2014-15 Q1",
        ),
        _day("due_on", "when it was asked for, or the instalment fell due", "invoice date", ahead=A_YEAR),
    ),
)

PROVIDERS = Contract(
    table="providers",
    title="providers (one provider in a year: quality and staff)",
    version=VERSION,
    own_extract=True,
    key=("year", "provider"),
    period_column="year",
    duplicates="quarantined",
    within=(Within(column="rated_on", period="year", before=None, after=0),),
    columns=(
        YEAR,
        PROVIDER,
        _one_of(
            "sector",
            "council, private, voluntary, social enterprise or mutual, nhs or unknown",
            _words("council", "private", "voluntary", "social enterprise or mutual", "nhs", "unknown"),
            example="voluntary",
        ),
        _one_of(
            "cqc_rating",
            "the Care Quality Commission's rating: outstanding, good, requires improvement, inadequate, not rated or unknown",
            _words("outstanding", "good", "requires improvement", "inadequate", "not rated", "unknown"),
            aliases=("rating", "overall rating"),
            example="good",
        ),
        _day("rated_on", "when the rating was published", "publication date"),
        _int("staff", "staff in post at the year's end", **MARKS, example="48"),
        _int("staff_left", "staff who left in the year", **MARKS, example="11"),
    ),
)

MONITORING = Contract(
    table="monitoring",
    title="monitoring (hours asked of a provider)",
    version=VERSION,
    own_extract=True,
    key=("grant_id", "period"),
    period_column="period",
    duplicates="quarantined",
    control_amount="award_pence",
    columns=(
        GRANT,
        ORGANISATION,
        DEPARTMENT,
        QUARTER,
        RISK,
        Column(
            name="hours",
            holds="number",
            says="hours the provider spent on monitoring",
            lower=0,
            upper=10_000,
            example="6.5",
        ),
        _pounds(
            "award_pence",
            "pounds awarded under the agreement",
            "award",
            "amount awarded",
            example="12,500.00",
            **GRANT_LIMITS,
        ),
    ),
)

VOLUNTEERING = Contract(
    table="volunteering",
    title="volunteering (hours given)",
    version=VERSION,
    own_extract=True,
    key=("grant_id", "period"),
    period_column="period",
    duplicates="quarantined",
    columns=(
        GRANT,
        ORGANISATION,
        DEPARTMENT,
        QUARTER,
        Column(name="hours", holds="number", says="hours volunteers gave", lower=0, upper=1_000_000, example="220"),
    ),
)

BUDGET = Contract(
    table="budget",
    title="the council's budget by service (one service in a year)",
    version=VERSION,
    own_extract=True,
    key=("area", "year", "service"),
    control_amount="amount_pence",
    area_needed=True,
    columns=(
        _id(
            "area",
            "the ONS code of the council",
            "area code",
            required=False,
            missing={"": "unknown"},
            pattern=r"[EWSNK]\d{8}",
            example="E08000015",
        ),
        ANY_YEAR,
        _text("service", "the service", "service area", "budget heading", missing={}, example="Adult social care"),
        _text("parent", "the heading it belongs to, or total", required=False, example="total"),
        _pounds(
            "amount_pence",
            "pounds budgeted for the year; income is negative",
            "budget",
            "net budget",
            "budgeted amount",
            upper=10_000_000_000,
            example="149774000",
        ),
    ),
)

CONTRACTS: tuple[Contract, ...] = (
    PEOPLE,
    REVIEWS,
    LONG_TERM_SUPPORT,
    ENQUIRIES,
    SESSIONS,
    PACKAGES,
    POPULATION,
    STARTS,
    ORGANISATIONS,
    APPLICATIONS,
    GRANTS,
    RETURNS,
    SUPPORTED,
    PAYMENTS,
    PROVIDERS,
    MONITORING,
    VOLUNTEERING,
    BUDGET,
)
