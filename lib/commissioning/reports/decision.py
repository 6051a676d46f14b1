"""What the evidence supports, by rules written in this file. Members decide.

Pure: numbers and words in, one frozen `Recommendation` out. The order is fixed: what must never be overruled (a harm
flag, harm that is beyond doubt), the effect against the smallest change worth having, value and its chance, then floors
as safety, groups and providers, spend, and last the duties that are still open.

Sources: Cabinet report of 2 June 2011, 4.5 (reviewing), 5.2, 5.4, 10.1, 11.1; the rules
stand in the pilot's decision page. Nobody is ever told to stop a service because an
outcome is unknown, a return is missing, or numbers are small.
"""

from __future__ import annotations

from commissioning.pilot.agreed import Decision
from commissioning.reports.stage_records import Recommendation, Verdict
from commissioning.reports.verdict_words import in_words, is_no, is_yes, open_duties
from commissioning.study.standing import Standing
from commissioning.study.value_words import Worth
from commissioning.wording import agreed, counted

GATHER_AT_MOST = 2  # reviews running that may ask for more evidence (5.2); then members choose
NO_FLAG = (
    "No flag is up. Ratings of providers are looked at here where they are held; a safeguarding concern, a group losing "
    "support, a sole provider and small providers leaving are for officers to raise"
)
HARM_PUT_RIGHT = "The harm is looked into, and its cause put right"
COSTS_MORE = "It costs more"


def recommend(
    standings: tuple[Standing, ...],
    decision: Decision,
    *,
    spend_within_plan: bool | None,
    worth: Worth | None = None,
    whole_area: bool = True,
    earlier: Recommendation | None = None,
    harm_flags: tuple[str, ...] = (),
    replies: int = 0,
    without_floor: tuple[Standing, ...] = (),
) -> Recommendation:
    """What the evidence supports.

    `earlier` is the recommendation of the last cycle's review, None where none is kept.
    `spend_within_plan` is None where no plan was given; "continue" asks for a plan, save for a part of the area
    (`whole_area` False), which has none of its own. `replies` is how many are recorded. `without_floor`: outcomes whose
    change was estimated and for which nobody agreed a floor; harm to people in one of them is harm all the same.
    """
    worth = worth or Worth(why_not="nothing says what the gain is worth beside its cost")
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
    reasons: list[str] = []
    unasked = [one for one in without_floor if one.harmed]

    def supports(says: Verdict, *would_change: str) -> Recommendation:
        more = says == "gather more evidence"
        enough = more and gathered > GATHER_AT_MOST
        if enough:
            reasons.append("Evidence has been gathered twice running: members choose now (5.2)")
        says = "members choose" if enough else says
        duties = open_duties(decision, replies=replies, stopping=says == "prepare to stop")
        return Recommendation(
            says=says,
            in_words=in_words(says, duties),
            open_duties=duties,
            reasons=tuple(reasons),
            would_change=would_change,
            asked_first=asked,
            gathered_running=gathered if more else 0,
            to_gather=_to_gather(decision) if more else (),
            below_worthwhile=tuple(one.measure for one in standings if one.too_little),
        )

    if flags:
        reasons += [f"A harm flag is up, and comes before every figure: {flag.rstrip('.')}" for flag in flags]
        reasons += [f"{one.title}: {one.changed}" for one in standings if one.harmed]
        reasons += _no_floor_words(unasked)
        return supports("adapt", "The flag is looked into and lifted by the person named for it")
    if not standings:
        reasons += _no_floor_words(unasked)
        reasons.append("No floor and no change worth having has been agreed for any outcome")
        reasons += [COSTS_MORE] if worth.costs_more else []
        if unasked:
            return supports("adapt", HARM_PUT_RIGHT)
        return supports(
            "gather more evidence",
            "Floors and worthwhile changes agreed with people who use the service, and sealed before figures are seen",
        )
    harmed = [one for one in standings if one.harmed]
    good = [one for one in standings if one.worthwhile]
    below = [one for one in standings if one.missed]
    unclear_floor = [one for one in standings if not one.met and not one.missed]
    out_of_line = [f"{one.title}: {what}" for one in standings for what in one.out_of_line]
    chance_enough = worth.chance is not None and worth.chance >= decision.chance_agreed
    reasons += _no_floor_words(unasked)
    reasons += [f"{one.title}: {one.changed}" for one in sorted(standings, key=_order)]
    reasons += _value_reasons(worth, decision) if good else [COSTS_MORE] if worth.costs_more else []
    reasons += [f"{one.title}: {_floor_words(one)}" for one in standings]
    if any(one.met and one.met_before for one in standings):
        reasons.append("A floor that was met before the pilot began is no reason to continue")
    reasons += [f"Out of line: {what}" for what in out_of_line]
    reasons.append(_spend_words(spend_within_plan, whole_area))
    reasons.append("No harm flag is up")

    twice = [one for one in standings if one.too_little and earlier and one.measure in earlier.below_worthwhile]
    stops = [f"{one.title}: harm beyond the worthwhile change" for one in harmed if one.harmed_badly]
    if twice and all(one.too_little for one in standings):
        stops += [f"{one.title}: two reviews show less than the change agreed as worthwhile" for one in twice]
    if stops:
        reasons += stops
        missing = _not_confirmed(decision)
        if not missing:
            return supports(
                "prepare to stop",
                f"Replies in {decision.replies_open_days} days; at least {decision.notice_months} months' notice",
            )
        reasons.append(f"Stopping is not supported: nobody has confirmed that {', that '.join(missing)}")
        return supports("adapt", "A change worth having, or what stands between the figures and stopping is confirmed")
    if harmed or unasked:
        return supports("adapt", HARM_PUT_RIGHT)
    if below or out_of_line or spend_within_plan is False:
        return supports("adapt", "What is out of line comes back inside its limits")
    if all(one.too_little for one in standings):
        return supports("adapt", "A change of at least the size agreed as worth having")
    if good and worth.chance is not None and not chance_enough and not worth.costs_no_more:
        return supports(
            "adapt", "A lower cost, or a larger gain, so that the gain is more likely than agreed to be worth it"
        )
    needed = []
    if not good:
        needed.append(_effect_needed(standings))
    elif worth.chance is None and not worth.costs_no_more:
        needed.append(f"What the gain is worth beside its cost: {worth.why_not.rstrip('.') or 'it is not known'}")
    if unclear_floor:
        needed.append("Enough answers that the whole range stands on one side of the floor")
    if spend_within_plan is None and whole_area:
        needed.append("A spending plan for the year, from finance, so that spend stands beside it")
    if needed:
        return supports("gather more evidence", *needed)
    return supports(
        "continue",
        "A change below the one agreed as worth having, a cost above what it is worth, a range that reaches below its floor, a "
        "group or provider out of line, spend above plan, or a harm flag",
    )


def _no_floor_words(harmed: list[Standing]) -> list[str]:
    """Harm in outcomes for which no floor and no worthwhile change was agreed, so that how much it is was not judged."""
    return [f"{one.title}: it is worse than it would have been, and no floor was agreed for it" for one in harmed]


def _order(one: Standing) -> int:
    """Harm first, then what is worth having, then the rest; what is not known last."""
    return 0 if one.harmed else 1 if one.worthwhile else 2 if one.estimated else 3


def _effect_needed(standings: tuple[Standing, ...]) -> str:
    if not any(one.estimated for one in standings):
        return (
            "An effect of the pilot: none can be estimated or shown here, and levels alone do not say what it changed. Where none "
            "ever can be, members choose on levels"
        )
    if any(one.worthwhile_but_for_the_cause for one in standings):
        return "What keeps the change from being put down to the pilot is put right: the line on how sure one may be names it"
    return (
        "Enough places and years that the range of the change stands on one side of the change agreed as worth having"
    )


def _value_reasons(worth: Worth, decision: Decision) -> list[str]:
    if worth.chance is not None:
        return [
            f"The gain is worth its cost with a chance of {100 * worth.chance:.0f}%; at least "
            f"{100 * decision.chance_agreed:.0f}% is asked"
        ]
    if worth.costs_no_more:
        return ["It costs no more than before"]
    more = "It costs more; " if worth.costs_more else ""
    why = worth.why_not.rstrip(".") or "it is not known"
    return [f"{more}{'w' if more else 'W'}hether the gain is worth its cost cannot be said: {why[:1].lower()}{why[1:]}"]


def _floor_words(one: Standing) -> str:
    """The floor as safety, with the level before the start beside it."""
    if one.lower is None or one.upper is None:
        return "its level is not known, so it is not set beside its floor"
    side = "above" if one.fewer_is_better else "below"
    words = {
        "floor met": f"{agreed('the floor', one.agreed)} is met, with its range",
        f"range reaches {side} the floor": f"the range reaches {side} {agreed('the floor', one.agreed)}",
    }.get(one.stands, f"{side} {agreed('the floor', one.agreed)}")
    if one.before_lower is None or one.before_upper is None:
        return words
    beside = f"{one.before_lower:.1f} to {one.before_upper:.1f} in {one.before_year}, before the start"
    if one.met and one.met_before:
        return f"{words}. It was met before the start too: {one.before_lower:.1f} to {one.before_upper:.1f} in {one.before_year}"
    return f"{words} ({beside})"


def _spend_words(within: bool | None, whole_area: bool) -> str:
    if within is None:
        if not whole_area:
            return "Spend is judged against the plan of the whole area, and not of a part of it"
        return "No spending plan was given for this spend, so spend against plan is not judged"
    return "Spend is within plan" if within else "Spend is above plan"


def _replied(replies: int, decision: Decision) -> str:
    open_for = f"Replies are open for {decision.replies_open_days} days"
    if not replies:
        return f"None is recorded yet. {open_for}"
    return f"{counted(replies, 'reply', 'replies')} printed below. {open_for}"


def _to_gather(decision: Decision) -> tuple[str, ...]:
    """At what cost more evidence comes, who gathers it and by when; what nobody has written says so."""
    more = decision.more_evidence
    rows = (
        ("At what cost", more.cost),
        ("Who gathers it", more.who),
        ("By when", more.by_when),
    )
    return tuple(f"{label}: {said or 'nobody has written it yet'}" for label, said in rows)


def _not_confirmed(decision: Decision) -> list[str]:
    """What stands between the figures and preparing to stop: each must be confirmed, and its own words not say no."""
    held = decision.confirmed
    asked = (
        (held.not_a_statutory_duty and not is_yes(decision.statutory_duty), "", "it is no statutory duty"),
        (
            held.equality_impact_assessment_attached,
            decision.equality_impact_assessment,
            "an Equality Impact Assessment is attached",
        ),
        (held.alternative_open, decision.alternative, "an alternative is open"),
        (held.market_impact_checked, decision.market_impact, "the market impact is checked"),
        (bool(held.by.strip()), "", "somebody named answers for these"),
    )
    return [says for confirmed, told, says in asked if not confirmed or is_no(told)]
