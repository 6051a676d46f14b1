"""What is planted in the sample, in words and numbers: written to `truth.toml`, and read by tests of claims."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.simulate import controls
from commissioning.simulate.shape import (
    LearningDisabilityEffects,
    LearningDisabilityShape,
    VcfEffects,
    VcfShape,
)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One measure and what is planted in it.

    `kind`: effect, none, picked, pre-trend or break. `size` in the measure's own unit: points of 100 for shares,
    pounds a week for cost; for a pre-trend, points a quarter; for a break, points of 100 of the denominator.
    """

    measure: str
    kind: str
    size: float
    unit: str
    why: str


def planted(disability: LearningDisabilityEffects, funding: VcfEffects) -> tuple[Planted, ...]:
    """Everything planted in both pilots."""
    ld, vcf = "learning_disability", "vcf_funding"
    points, a_quarter = "points of 100", "points of 100 a quarter"
    found = [
        (f"{ld}_own_goal_met", "effect", 100 * disability.own_goal_met, points,
         "From a ward's start its people meet their own goals more often, all by the same amount."),
        (f"{ld}_control", "effect", 100 * disability.control, points,
         "From a ward's start its people say more often that they have enough control."),
        (f"{ld}_weekly_cost", "effect", disability.weekly_cost, "pounds a person-week",
         "The pilot costs this much more for each person each week."),
        (f"{ld}_leisure_chosen", "none", 100 * disability.leisure_chosen, points,
         "It rises slowly everywhere; the pilot does nothing to it."),
        (f"{ld}_goal_kept", "picked", 100 * disability.goal_kept, points,
         "The pilot only picked people whose last check was bad (chosen_for_high_needs); they would have looked "
         "better at the next check anyway. Before and after, among the people chosen, shows a large false change."),
        (f"{ld}_home_chosen", "pre-trend", 100 * disability.home_chosen_drift, a_quarter,
         "Wards that will start were already rising faster than the others, long before they started."),
        (f"{ld}_paid_work", "break", 100 * disability.break_share, "points of 100 of the denominator",
         f"In {disability.break_year} many support reasons were recorded as other, seldom of people in work: the "
         "denominator drops, the share rises, and both come back a year later. The pilot does nothing to it."),
        (f"{vcf}_outcome_reached", "effect", 100 * funding.outcome_reached, points,
         "From a department's move the people its agreements help reach the outcome more often."),
        (f"{vcf}_what_good", "none", 100 * funding.what_good, points, "The move does nothing to it."),
        (f"{vcf}_target_met", "pre-trend", 100 * funding.target_met_drift, a_quarter,
         "Departments that will move were already rising faster than the others."),
        (f"{vcf}_outcome_kept", "picked", 100 * funding.outcome_kept, points,
         "Organisations whose outcomes had lasted least in the year before were given extra help (the programme "
         "Community fund with extra help); with few people a year, they were mostly unlucky."),
        (f"{vcf}_no_care_yet", "break", 100 * funding.break_share, "points of 100 of the denominator",
         f"In {funding.break_year} fewer people were lawfully linked to care records."),
    ]  # fmt: skip
    return tuple(Planted(measure=m, kind=k, size=round(s, 6), unit=u, why=w) for m, k, s, u, w in found)


def as_toml(
    seed: int,
    disability_shape: LearningDisabilityShape,
    disability: LearningDisabilityEffects,
    funding_shape: VcfShape,
    funding: VcfEffects,
) -> str:
    """`truth.toml`: [learning_disability], [vcf_funding], [[planted]] and [[negative_control]]."""
    lines = [
        "# What is planted in the illustrative data of this folder. A correct workbench finds the effects, and",
        "# withholds or words down the rest for the right reason. Made by commissioning.simulate: do not edit.",
        "",
        f"seed = {seed}",
        "",
        "[learning_disability]",
        f"people = {disability_shape.people}",
        f"wards = {disability_shape.wards}",
        f"never = {disability_shape.never}",
        f"quarters = {disability_shape.quarters}",
        f"break_year = {_text(disability.break_year or '')}",
        "",
        "[vcf_funding]",
        f"organisations = {funding_shape.organisations}",
        f"grants = {funding_shape.grants}",
        f"departments = {funding_shape.departments}",
        f"never = {funding_shape.departments - len(funding_shape.waves)}",
        f"quarters = {funding_shape.quarters}",
        f"break_year = {_text(funding.break_year or '')}",
    ]
    for one in planted(disability, funding):
        lines += ["", "[[planted]]", f"measure = {_text(one.measure)}", f"kind = {_text(one.kind)}"]
        lines += [f"size = {one.size}", f"unit = {_text(one.unit)}", f"why = {_text(one.why)}"]
    for control in (*controls.LEARNING_DISABILITY, *controls.VCF_FUNDING):
        lines += ["", "[[negative_control]]", f"id = {_text(control.id)}", f"pilot = {_text(control.pilot)}"]
        lines += [f"table = {_text(control.table)}", f"column = {_text(control.column)}"]
        lines += [f"take = {_text(control.take)}", f"says = {_text(control.says)}"]
    return "\n".join(lines) + "\n"


def _text(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
