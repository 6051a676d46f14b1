"""What the evidence supports, by rules written in this file. Members decide.

Sources: Cabinet report of 2 June 2011, 4.5 (reviewing), 5.2, 5.4, 10.1, 11.1; the rules
stand in the pilot's decision page. Nobody is ever told to stop a service because an
outcome is unknown, a return is missing, or numbers are small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from commissioning.pilot import Decision
from commissioning.reports.stage_records import Recommendation, Verdict
from commissioning.wording import Standing as Agreed
from commissioning.wording import agreed, counted

GATHER_AT_MOST = 2  # reviews running that may ask for more evidence (5.2); then members choose
NO_FLAG = (
    "No flag is up. Ratings of providers are looked at here where they are held; a safeguarding concern, a group losing "
    "support, a sole provider and small providers leaving are for officers to raise (harm_flags in pilot.toml)"
)
RUNGS = ("recorded", "described", "compared", "attributable")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one outcome stands beside the floor agreed. In the measure's own units."""

    measure: str
    title: str
    lower: float | None
    upper: float | None
    floor: float
    worthwhile_change: float
    change_upper: float | None = None  # the most the change for the better may be, where an estimate may be shown
    rung: str = "described"
    out_of_line: tuple[str, ...] = ()  # groups and providers outside their limits
    agreed: Agreed = "not sealed"  # whether the floor was sealed before figures were seen
    fewer_is_better: bool = False  # then the floor is the most there may be

    @property
    def met(self) -> bool:
        """The whole range stands on the floor or on its better side."""
        if self.lower is None or self.upper is None:
            return False
        return self.upper <= self.floor if self.fewer_is_better else self.lower >= self.floor

    @property
    def missed(self) -> bool:
        """The whole range stands on the worse side of the floor."""
        if self.lower is None or self.upper is None:
            return False
        return self.lower > self.floor if self.fewer_is_better else self.upper < self.floor

    @property
    def stands(self) -> str:
        """How it stands, in words for a table."""
        side = "above" if self.fewer_is_better else "below"
        if self.lower is None:
            return "not known"
        return "floor met" if self.met else f"{side} the floor" if self.missed else f"range reaches {side} the floor"


def recommend(
    standings: tuple[Standing, ...],
    decision: Decision,
    *,
    spend_within_plan: bool | None,
    whole_area: bool = True,
    earlier: Recommendation | None = None,
    harm_flags: tuple[str, ...] = (),
    replies: int = 0,
) -> Recommendation:
    """What the evidence supports.

    `earlier` is the recommendation of the last cycle's review, None where none is kept.
    `spend_within_plan` is None where no plan was given; "continue" asks for a plan, save for a part of the area
    (`whole_area` False), which has none of its own. `replies` is how many are recorded.
    """
    flags = (*decision.harm_flags, *harm_flags)
    asked = {
        "Is anybody at risk of harm?": "; ".join(flags) if flags else NO_FLAG,
        "Is it a statutory duty?": decision.statutory_duty,
        "Is an Equality Impact Assessment attached?": decision.equality_impact_assessment,
        "Have people and providers replied?": _replied(replies, decision),
        "Has the market impact been checked?": decision.market_impact,
        "Is an alternative open?": decision.alternative,
    }
    gathered = (earlier.gathered_running if earlier else 0) + 1
    known = [one for one in standings if one.lower is not None]
    unknown = [one for one in standings if one.lower is None]
    no_worthwhile = [
        one
        for one in known
        if one.change_upper is not None
        and one.change_upper < one.worthwhile_change
        and RUNGS.index(one.rung) >= RUNGS.index("compared")
    ]
    reasons: list[str] = []

    def supports(says: Verdict, *would_change: str) -> Recommendation:
        more = says == "gather more evidence"
        if more:
            reasons.extend(f"{one.title}: not known" for one in unknown)
        enough = more and gathered > GATHER_AT_MOST
        if enough:
            reasons.append("Evidence has been gathered twice running: members choose now (5.2)")
        return Recommendation(
            says="members choose" if enough else says,
            reasons=tuple(reasons),
            would_change=would_change,
            asked_first=asked,
            gathered_running=gathered if more else 0,
            to_gather=_to_gather(decision) if more else (),
            below_worthwhile=tuple(one.measure for one in no_worthwhile),
        )

    if flags:
        reasons += [f"A harm flag is up, and comes before every figure: {flag.rstrip('.')}" for flag in flags]
        return supports("adapt", "The flag is looked into and lifted by the person named for it")
    if not standings:
        reasons.append("No floor has been agreed for any outcome")
        return supports(
            "gather more evidence",
            "Floors agreed with people who use the service ([[floors]] in pilot.toml), and sealed before figures are seen",
        )
    if not known:
        reasons.append("No outcome with a floor is known yet")
        return supports("gather more evidence", "An extract with these outcomes, for at least 20 people")
    met = [one for one in known if one.met]
    below = [one for one in known if one.missed]
    unclear = [one for one in known if not one.met and not one.missed]
    out_of_line = [f"{one.title}: {what}" for one in known for what in one.out_of_line]
    reasons += [f"{one.title}: {agreed('the floor', one.agreed)} is met, with its range" for one in met]
    reasons += [f"{one.title}: the {agreed(one.stands, one.agreed)}" for one in unclear]
    reasons += [f"{one.title}: {agreed(one.stands, one.agreed)}" for one in below]
    reasons += [f"Out of line: {what}" for what in out_of_line]
    if spend_within_plan is True:
        reasons.append("Spend is within plan")
    if spend_within_plan is False:
        reasons.append("Spend is above plan")
    if spend_within_plan is None:
        whole = "No spending plan was given, so spend against plan is not judged"
        reasons.append(
            whole if whole_area else "Spend is judged against the plan of the whole area, and not of a part of it"
        )
    reasons.append("No harm flag is up")
    twice = [one for one in no_worthwhile if earlier is not None and one.measure in earlier.below_worthwhile]
    reasons += [f"{one.title}: two reviews show less than the change agreed as worthwhile" for one in twice]
    if twice and not (missing := _not_confirmed(decision)):
        return supports(
            "prepare to stop",
            f"Replies in {decision.replies_open_days} days; at least {decision.notice_months} months' notice",
        )
    if twice:
        reasons.append(f"Stopping is not supported: nobody has confirmed that {', that '.join(missing)}")
    if below or out_of_line or spend_within_plan is False:
        return supports("adapt", "What is out of line comes back inside its limits")
    needed = []
    if unclear or unknown:
        needed.append("Enough answers that the whole range stands on one side of the floor")
    if spend_within_plan is None and whole_area:
        needed.append("A spending plan for the year, from finance, so that spend stands beside it")
    if needed:
        return supports("gather more evidence", *needed)
    return supports(
        "continue",
        "A range that reaches below its floor, a group or provider out of line, spend above plan, or a harm flag",
    )


def _replied(replies: int, decision: Decision) -> str:
    open_for = f"Replies are open for {decision.replies_open_days} days"
    if not replies:
        return f"None is recorded yet ([[replies]] in pilot.toml). {open_for}"
    return f"{counted(replies, 'reply', 'replies')} printed below. {open_for}"


def _to_gather(decision: Decision) -> tuple[str, ...]:
    """At what cost more evidence comes, who gathers it and by when; what nobody has written says where to write it."""
    more = decision.more_evidence
    rows = (
        ("At what cost", more.cost, "cost"),
        ("Who gathers it", more.who, "who"),
        ("By when", more.by_when, "by_when"),
    )
    missing = "not written yet ({} of [decision.more_evidence] in pilot.toml)"
    return tuple(f"{label}: {said or missing.format(field)}" for label, said, field in rows)


def _not_confirmed(decision: Decision) -> list[str]:
    """What stands between the figures and preparing to stop: each must be confirmed, and its own words not say no."""
    held = decision.confirmed
    asked = (
        (held.not_a_statutory_duty, "", "it is no statutory duty"),
        (
            held.equality_impact_assessment_attached,
            decision.equality_impact_assessment,
            "an Equality Impact Assessment is attached",
        ),
        (held.alternative_open, decision.alternative, "an alternative is open"),
        (held.market_impact_checked, decision.market_impact, "the market impact is checked"),
        (bool(held.by.strip()), "", "somebody named answers for these"),
    )
    return [says for confirmed, told, says in asked if not confirmed or _is_no(told)]


def _is_no(answer: str) -> bool:
    """True where an answer begins with no, not or none: "Not attached", and never "Nottingham offers it"."""
    return re.match(r"\s*(no|not|none)\b", answer, re.IGNORECASE) is not None
