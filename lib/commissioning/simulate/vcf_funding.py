"""Made-up extracts of the voluntary, community and faith funding pilot, with planted effects.

Departments move one after another from paying for activity to paying for outcomes; some never do. Organisations
hold agreements of some months; each asked agreement returns its figures every quarter, and names the people it
helped (pseudonyms). Payments are quarterly instalments that add up to the awards, to the penny.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commissioning.simulate import choices, names, periods
from commissioning.simulate.agreements import Agreements, Labels, agreements
from commissioning.simulate.draw import Draw, Floats, Ints, Texts
from commissioning.simulate.shape import VcfEffects, VcfShape

DOMAINS = ("health", "quality of life", "contribution", "choice and control", "economic")


def vcf_funding(seed: int, shape: VcfShape | None = None, effects: VcfEffects | None = None) -> dict[str, pd.DataFrame]:
    """The pilot's tables as evidence holds them (architecture.md), without where each row came from.

    The same seed, shape and effects give the same tables.
    """
    made = agreements(seed, shape or VcfShape(), effects or VcfEffects())
    labels = Labels.of(made)
    supported, returns = _supported_and_returns(made, labels)
    chosen = _chosen(made, labels, supported)
    tables = {
        "organisations": _organisations(made, labels),
        "applications": _applications(made, labels),
        "grants": _grants(made, labels, chosen),
        "returns": returns,
        "supported": supported,
        "payments": _payments(made, labels),
        "monitoring": _monitoring(made, labels),
        "volunteering": _volunteering(made, labels),
        "starts": pd.DataFrame(
            {
                "unit_kind": "department",
                "unit": labels.department,
                "started": np.append(labels.quarter, "never")[made.start_of],
            }
        ),
    }
    return choices.of_organisations(tables, seed)


def _yes(where: NDArray[np.bool_]) -> Texts:
    return np.where(where, "yes", "no").astype(object)


def _organisations(made: Agreements, labels: Labels) -> pd.DataFrame:
    draw, n = made.draw("organisations"), made.shape.organisations
    first = np.full(n, made.shape.quarters)
    np.minimum.at(first, made.organisation, made.first_month // 12)
    there = draw.pick(["yes", "no", "unknown"], n, [88, 8, 4])
    return pd.DataFrame(
        {
            "organisation_id": labels.organisation_id,
            "organisation": labels.organisation,
            "charity_number": labels.charity,
            "company_number": labels.company,
            "small": _yes(made.small),
            "equality_led": _yes(labels.equality_led),
            "first_funded": labels.year[first],
            "operating_at_12_months": there,
            "social_enterprise": _yes(draw.happens(0.15, n)),
            "department": labels.department[made.main],
        }
    )


def _applications(made: Agreements, labels: Labels) -> pd.DataFrame:
    shape, draw = made.shape, made.draw("applications")
    extra = shape.grants // 2
    organisation = np.concatenate([made.organisation, draw.whole(0, shape.organisations - 1, extra)])
    department = np.concatenate([made.department, made.main[organisation[shape.grants :]]])
    year = np.concatenate([made.first_month // 12, draw.whole(0, shape.years - 1, extra)])
    n = len(organisation)
    order = np.lexsort((draw.uniform(n), year))
    scored = ["yes", "no", "not asked"]
    return pd.DataFrame(
        {
            "application_id": draw.ids("A", n),
            "organisation_id": labels.organisation_id[organisation],
            "department": labels.department[department],
            "period": labels.year[year],
            "small_or_equality_led": _yes(made.small | labels.equality_led)[organisation],
            "successful": _yes(np.arange(n) < shape.grants),
            "carbon_scored": draw.pick(scored, n, [30, 50, 20]),
            "social_value_scored": draw.pick(scored, n, [45, 40, 15]),
        }
    ).iloc[order].reset_index(drop=True)  # fmt: skip


def _grants(made: Agreements, labels: Labels, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    shape, draw, n = made.shape, made.draw("grants"), made.shape.grants
    start = periods.first_of_month(shape.first_year, made.first_month)
    end = periods.first_of_month(shape.first_year, made.first_month + made.months) - np.timedelta64(1, "D")
    award = start - draw.whole(10, 100, n)
    # An award before April counts in the year its agreement begins: the years below are those of `start_on`.
    closed = made.first_month + made.months < 12 * shape.years
    experiment = draw.happens(0.15, n)
    lesson = np.where(experiment & closed, draw.pick(["yes", "no", "unknown"], n, [60, 33, 7]), "not applicable")
    extra_help = chosen[made.organisation] & made.moved
    purpose = np.array(names.PURPOSES, dtype=object)[made.purpose]
    agreement = np.where(draw.happens(0.02, n), "unknown", np.where(made.moved, "outcome", "activity"))
    frame = pd.DataFrame(
        {
            "grant_id": labels.grant_id,
            "title": "Funding for " + purpose,
            "year": labels.year[made.first_month // 12],
            "award_date": award.astype(object),
            "amount_awarded_pence": pd.array(made.pence, dtype="Int64"),
            "department": labels.department[made.department],
            "programme": np.where(extra_help, "Community fund with extra help", "Community fund"),
            "funder_id": names.AREA,
            "funder": "Wirral Council (illustrative)",
            "recipient_id": labels.organisation_id[made.organisation],
            "recipient": labels.organisation[made.organisation],
            "charity_number": labels.charity[made.organisation],
            "company_number": labels.company[made.organisation],
            "start_on": start.astype(object),
            "end_on": end.astype(object),
            "months": made.months,
            "purpose": purpose,
            "agreement": agreement,
            "risk": labels.risk,
            "experiment": _yes(experiment),
            "closed": _yes(closed),
            "lesson_written": lesson,
            "area": names.AREA,
        }
    )
    return frame.iloc[np.lexsort((labels.grant_id.astype(str), made.first_month))].reset_index(drop=True)


def _supported_and_returns(made: Agreements, labels: Labels) -> tuple[pd.DataFrame, pd.DataFrame]:
    shape, draw = made.shape, made.draw("returns")
    agreement, quarter = made.quarters()
    order = np.lexsort((labels.grant_id[agreement].astype(str), quarter))
    agreement, quarter = agreement[order], quarter[order]
    n = len(agreement)
    department, organisation = made.department[agreement], made.organisation[agreement]
    asked = made.asked[agreement]
    received = asked & draw.happens(0.9, n)
    size = np.sqrt(made.pence[agreement] / made.months[agreement]) * np.exp(draw.normal(n, 0.3))
    # As many people in each quarter as in any other, so that a drop in the sample is a planted one.
    in_quarter = np.bincount(quarter, weights=size * received, minlength=shape.quarters)
    size = size / np.maximum(in_quarter, 1e-9)[quarter] * shape.people / shape.quarters
    helped = np.where(received, np.maximum(np.round(size), 1), 0).astype(np.int64)
    row = np.repeat(np.arange(n), helped)
    people = _people(made, labels, agreement[row], quarter[row], row)

    own = made.own("target_met")[organisation]
    drift = made.effects.target_met_drift
    target = made.chance("target_met", 0.15, made.effects.target_met, drift)[department, quarter] + own * 0.5
    met = draw.happens(target, n)
    target_met = np.where(received, np.where(draw.happens(0.02, n), "unknown", _yes(met)), "unknown")
    count = {
        name: np.bincount(row, weights=people[column].isin(words).to_numpy(float), minlength=n).astype(np.int64)
        for name, column, words in (
            ("reached", "outcome_reached", ["yes"]),
            ("kept_due", "outcome_kept", ["yes", "no", "unknown"]),
            ("kept", "outcome_kept", ["yes"]),
        )
    }
    status = np.where(received, "known", np.where(asked, "unknown", "not applicable")).astype(object)
    contacts = helped * draw.whole(1, 4, n)
    returns = pd.DataFrame(
        {
            "return_id": draw.ids("T", n),
            **_keys(made, labels, agreement, quarter),
            "domain": np.array(DOMAINS, dtype=object)[made.purpose % len(DOMAINS)][agreement],
            "asked": _yes(asked),
            "received": _yes(received),
            "target_met": np.where(asked, target_met, "not applicable").astype(object),
        }
    )
    for name, number in (("supported", helped), ("reached", count["reached"])):
        returns[name] = pd.array(number, dtype="Int64")
        returns.loc[~received, name] = pd.NA
        returns[f"{name}_status"] = status
    returns["evidence_grade"] = np.where(received, draw.pick(["a", "b", "c", "none"], n, [25, 40, 27, 8]), "none")
    for name, number in (("kept_due", count["kept_due"]), ("kept", count["kept"]), ("contacts", contacts)):
        returns[name] = pd.array(number, dtype="Int64")
        returns.loc[~received, name] = pd.NA
        returns[f"{name}_status"] = status
    return people, returns


def _people(made: Agreements, labels: Labels, agreement: Ints, quarter: Ints, row: Ints) -> pd.DataFrame:
    effects, draw = made.effects, made.draw("supported")
    n = len(row)
    department, organisation = made.department[agreement], made.organisation[agreement]
    # About one in fourteen is also helped somewhere else: the same pseudonym under another agreement.
    everyone = draw.ids("V", n)
    twice = draw.happens(0.07, n)
    person = np.where(twice, everyone[draw.whole(0, n - 1, n)], everyone)
    again = pd.DataFrame({"person": person, "row": row}).duplicated(keep=False).to_numpy() & twice
    person = np.where(again, draw.ids("W", n), person)  # nobody stands twice in one return

    def yes(name: str, base: float, effect: float, own: Floats) -> NDArray[np.bool_]:
        chance = made.chance(name, base, effect)[department, quarter] + own[organisation]
        return made.draw(f"supported and {name}").happens(chance, n)

    reached = yes("outcome_reached", 0.5, effects.outcome_reached, made.own("outcome_reached"))
    unknown = draw.happens(0.07, n)
    outcome = np.where(unknown, "unknown", _yes(reached))
    kept = yes("outcome_kept", 0.62, effects.outcome_kept, made.own("outcome_kept"))
    kept_due = (outcome == "yes") & draw.happens(0.85, n)
    kept_word = np.where(kept_due, np.where(draw.happens(0.08, n), "unknown", _yes(kept)), "not applicable")
    good = yes("what_good", 0.66, effects.what_good, made.own("what_good") * 0.6)
    answer = np.where(draw.happens(0.02, n), "unknown", np.where(draw.happens(0.85, n), _yes(good), "not asked"))
    linked = draw.happens(0.75, n) & ~_linked_less(made, draw, quarter)
    care = draw.happens(made.chance("no_care_yet", 0.08, -effects.no_care_yet)[department, quarter], n)
    care_word = np.where(linked, np.where(draw.happens(0.02, n), "unknown", _yes(care)), "not applicable")
    return pd.DataFrame(
        {
            "person_id": person.astype(object),
            **_keys(made, labels, agreement, quarter),
            "outcome_reached": outcome.astype(object),
            "outcome_kept": kept_word.astype(object),
            "made_difference": answer.astype(object),
            "lawfully_linked": _yes(linked),
            "long_term_care_at_12_months": care_word.astype(object),
        }
    )


def _chosen(made: Agreements, labels: Labels, supported: pd.DataFrame) -> NDArray[np.bool_]:
    """Organisations given extra help: those whose outcomes had lasted least in the year before the move.

    A year holds few people an organisation, so the worst third are mostly the unlucky third: they would have
    looked better afterwards whatever was done.
    """
    shape = made.shape
    start = pd.Series(made.start_of, index=labels.department)
    at = pd.Series(np.arange(shape.quarters), index=labels.quarter)
    since = supported["period"].map(at) - supported["department"].map(start)
    seen = supported[since.between(-4, -1) & supported["outcome_kept"].isin(["yes", "no"])]
    rate = seen["outcome_kept"].eq("yes").groupby(seen["organisation_id"]).mean().reindex(labels.organisation_id)
    if rate.notna().sum() == 0:
        return np.zeros(shape.organisations, dtype=bool)
    worst = rate.le(rate.quantile(1 / 3)).to_numpy()
    return worst & made.draw("choosing organisations").happens(made.effects.chosen_share, shape.organisations)


def _linked_less(made: Agreements, draw: Draw, quarter: Ints) -> NDArray[np.bool_]:
    """In one year an agreement to share records lapsed for a time: fewer people were linked."""
    if made.effects.break_year is None:
        return np.zeros(len(quarter), dtype=bool)
    years = periods.years(made.shape.first_year, made.shape.years)
    in_year = np.isin(quarter // 4, np.flatnonzero(years == made.effects.break_year))
    return in_year & draw.happens(made.effects.break_share, len(quarter))


def _payments(made: Agreements, labels: Labels) -> pd.DataFrame:
    """An instalment a quarter of each agreement; all lines together add up to the awards, to the penny.

    A few lines were paid twice and taken back in the same quarter (both lines kept), and a few have lost the
    number of their agreement.
    """
    shape, draw = made.shape, made.draw("payments")
    agreement, quarter = made.quarters()
    count = np.bincount(agreement)[agreement]
    nth = np.arange(len(agreement)) - np.searchsorted(agreement, agreement)
    pence = made.pence[agreement] * (nth + 1) // count - made.pence[agreement] * nth // count
    again = np.flatnonzero(draw.happens(0.012, len(agreement)))
    which = np.concatenate([np.arange(len(agreement)), again, again])
    sign = np.concatenate([np.ones(len(agreement)), np.ones(len(again)), -np.ones(len(again))]).astype(np.int64)
    agreement, quarter, pence = agreement[which], quarter[which], pence[which] * sign
    n = len(which)
    paid = periods.first_day(shape.first_year, quarter) + draw.whole(0, periods.SHORTEST_QUARTER - 1, n)
    lost = draw.happens(0.02, n) & (sign > 0) & (np.arange(n) < len(count))
    frame = pd.DataFrame(
        {
            "area": names.AREA,
            "payee": labels.organisation[made.organisation[agreement]],
            "unit": "Community fund",
            "department": labels.department[made.department[agreement]],
            "paid_on": paid.astype(object),
            "year": labels.year[quarter // 4],
            "amount_pence": pd.array(pence, dtype="Int64"),
            "purpose": np.array(names.PURPOSES, dtype=object)[made.purpose[agreement]],
            "transaction": draw.ids("TR", n),
            "grant_id": np.where(lost, "", labels.grant_id[agreement]),
            "period": labels.quarter[quarter],
        }
    )
    return frame.iloc[np.lexsort((frame["transaction"].astype(str), paid))].reset_index(drop=True)


def _monitoring(made: Agreements, labels: Labels) -> pd.DataFrame:
    draw = made.draw("monitoring")
    agreement, quarter = _asked_quarters(made, labels)
    n, risk = len(agreement), labels.risk[agreement]
    usual = np.select([risk == "low", risk == "medium"], [1.5, 3.0], 6.0)
    hours = np.maximum(np.round(usual * np.exp(draw.normal(n, 0.4)) * 2) / 2, 0.5)
    return pd.DataFrame(
        {
            **_keys(made, labels, agreement, quarter),
            "risk": risk,
            "hours": hours,
            "award_pence": pd.array(made.pence[agreement], dtype="Int64"),
        }
    )


def _volunteering(made: Agreements, labels: Labels) -> pd.DataFrame:
    draw = made.draw("volunteering")
    agreement, quarter = _asked_quarters(made, labels)
    told = draw.happens(0.8, len(agreement))
    agreement, quarter = agreement[told], quarter[told]
    hours = np.round(np.sqrt(made.pence[agreement]) / 12 * np.exp(draw.normal(len(agreement), 0.5)))
    return pd.DataFrame(
        {
            **_keys(made, labels, agreement, quarter),
            "hours": hours,
        }
    )


def _keys(made: Agreements, labels: Labels, agreement: Ints, quarter: Ints) -> dict[str, Texts]:
    """Whose row it is, and of which quarter: the columns that most tables begin with."""
    return {
        "grant_id": labels.grant_id[agreement],
        "organisation_id": labels.organisation_id[made.organisation[agreement]],
        "department": labels.department[made.department[agreement]],
        "period": labels.quarter[quarter],
    }


def _asked_quarters(made: Agreements, labels: Labels) -> tuple[Ints, Ints]:
    agreement, quarter = made.quarters()
    keep = made.asked[agreement]
    agreement, quarter = agreement[keep], quarter[keep]
    order = np.lexsort((labels.grant_id[agreement].astype(str), quarter))
    return agreement[order], quarter[order]
