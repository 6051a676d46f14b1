"""Made-up extracts of the learning disability pilot, with planted effects.

The pilot starts ward by ward in waves; some wards never start. Wards, years and people differ for good and
quarters within a ward remember each other, so that naive standard errors are too small here as they are in
life. People hold *places*: who leaves is followed by somebody with like needs, in the same place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commissioning.simulate import choices, names, periods
from commissioning.simulate.draw import Draw, Floats, Ints, Texts
from commissioning.simulate.shape import LearningDisabilityEffects, LearningDisabilityShape
from commissioning.simulate.world import Labels, World, world

BANDS = ("low", "medium", "high", "very high")
BAND_POUNDS = np.array([220.0, 450.0, 800.0, 1500.0])
SETTING_FACTOR = {
    "residential": 1.15,
    "supported living": 1.05,
    "day": 0.85,
    "home support": 0.9,
    "direct payment": 0.8,
}
PROVISION = ("direct", "partnership", "open market")


def learning_disability(
    seed: int,
    shape: LearningDisabilityShape | None = None,
    effects: LearningDisabilityEffects | None = None,
) -> dict[str, pd.DataFrame]:
    """The pilot's tables as evidence holds them (architecture.md), without where each row came from.

    The same seed, shape and effects give the same tables. About 23,000 rows of `people` and of `packages`
    and 10,000 of `reviews` at real size, in well under a second each.
    """
    shape, effects = shape or LearningDisabilityShape(), effects or LearningDisabilityEffects()
    made = world(seed, shape, effects)
    common = Labels.of(made)
    reviews, chosen_from = _reviews(made, common)
    tables = {
        "people": _people(made, common, chosen_from),
        "reviews": reviews,
        "packages": _packages(made, common),
        "enquiries": _enquiries(made, common),
        "sessions": _sessions(made, common),
        "population": _population(made, common),
        "starts": pd.DataFrame(
            {
                "unit_kind": "ward",
                "unit": common.ward,
                "started": np.append(common.quarter, "never")[made.start_of],
            }
        ),
    }
    return choices.of_people(tables, seed)


def _people(made: World, common: Labels, chosen_from: Ints) -> pd.DataFrame:
    shape, draw = made.shape, made.draw("people")
    n = made.people
    born = np.where(draw.happens(0.12, n), draw.whole(65, 84, n), draw.whole(18, 64, n))
    sex = draw.pick(["female", "male", "other", "unknown"], n, [43, 55.5, 0.5, 1])
    ethnicity = draw.pick(["white", "ethnic minority", "unknown"], n, [92, 5, 3])
    entitled = draw.pick(["yes", "no", "unknown"], n, [40, 58, 2])
    wanted = np.where(entitled == "yes", draw.pick(["yes", "no", "unknown"], n, [55, 42, 3]), "no")
    provided = np.where(wanted == "yes", draw.pick(["yes", "no", "unknown"], n, [70, 27, 3]), "no")
    work = _employment(made)

    place = np.tile(np.arange(shape.people), shape.quarters)
    quarter = np.repeat(np.arange(shape.quarters), shape.people)
    person = made.person_of[place, quarter]
    ward = made.ward_of[place]
    age = born[person] + (quarter - made.first_quarter_of[person]) // 4
    employment = np.where((age >= 65) | (age < 18), "not in work", work[person, quarter // 4])
    # One provider registered its care homes anew as supported living: 1G rises while nobody moves.
    registered_anew = (common.home == "registered care") & (common.provider == names.PROVIDERS[2])
    anew = registered_anew[place] & (quarter >= 14)
    reason = np.where(draw.happens(0.03, n)[person], "other", "learning disability")
    reason = np.where(_recorded_otherwise(made, draw, employment, person, quarter, reason), "other", reason)
    return pd.DataFrame(
        {
            "period": common.quarter[quarter],
            "person_id": common.person_id[person],
            "age": age.astype(np.int64),
            "sex": sex[person],
            "ethnicity": ethnicity[person],
            "ward": common.ward[ward],
            "locality": common.locality[ward],
            "support_reason": reason,
            "needs_band": np.array(BANDS, dtype=object)[common.band[place]],
            "employment": employment,
            "home": np.where(anew, "supported living", common.home[place]),
            "home_reregistered": np.where(anew, "yes", "no"),
            "provider": common.provider[place],
            "advocacy_entitled": entitled[person],
            "advocacy_wanted": wanted[person],
            "advocacy_provided": provided[person],
            "chosen_for_high_needs": np.where(quarter >= chosen_from[person], "yes", "no"),
        }
    )  # fmt: skip


def _employment(made: World) -> Texts:
    """Work of each person in each year (people × years). A person changes little from year to year."""
    shape, draw = made.shape, made.draw("employment")
    usual = draw.uniform((made.people, 1))
    year = np.floor(draw.uniform((made.people, shape.years)) * 1e6) / 1e6
    moved = draw.happens(0.1, (made.people, shape.years))
    ward = draw.normal((shape.wards, 1), 0.008)[made.ward_of[made.place_of]]
    level = np.where(moved, year, usual)
    paid = 0.055 + ward + made.effects.paid_work * _started_in_year(made)
    edges = [paid * 0.3, paid, paid + 0.09, np.full_like(paid, 0.98)]
    words = ["paid 16 hours or more", "paid under 16 hours", "voluntary", "not in work"]
    return np.select([level < edge for edge in edges], words, default="unknown").astype(object)


def _started_in_year(made: World) -> Floats:
    at_year_end = made.started[:, 3::4]
    return at_year_end[made.ward_of[made.place_of]].astype(float)


def _recorded_otherwise(
    made: World, draw: Draw, employment: Texts, person: Ints, quarter: Ints, reason: Texts
) -> NDArray[np.bool_]:
    """In one year a new system recorded the support reason of many people as "other", seldom of those in work."""
    shape, effects = made.shape, made.effects
    at = draw.uniform(made.people)[person]
    if effects.break_year is None:
        return np.zeros(len(person), dtype=bool)
    year = periods.years(shape.first_year, shape.years)
    in_year = np.isin(quarter // 4, np.flatnonzero(year == effects.break_year))
    in_work = np.char.startswith(employment.astype(str), "paid")
    return in_year & (at < np.where(in_work, 0.1, effects.break_share * 1.015))


def _reviews(made: World, common: Labels) -> tuple[pd.DataFrame, Ints]:
    """The reviews, and for each person the quarter from which they are flagged as chosen (or never)."""
    shape, effects, draw = made.shape, made.effects, made.draw("reviews")
    falls = draw.whole(0, 3, shape.people)
    second = draw.happens(shape.day_support, shape.people)
    year = np.arange(shape.years)
    annual = (year[None, :] * 4 + falls[:, None]).ravel()
    day = (year[None, :] * 4 + ((falls + 2) % 4)[:, None])[second].ravel()
    quarter = np.concatenate([annual, day])
    place = np.concatenate(
        [np.repeat(np.arange(shape.people), shape.years), np.repeat(np.flatnonzero(second), shape.years)]
    )
    is_annual = np.arange(len(quarter)) < len(annual)
    order = np.lexsort((place, ~is_annual, quarter))
    quarter, place, is_annual = quarter[order], place[order], is_annual[order]
    person, ward, n = made.person_of[place, quarter], made.ward_of[place], len(order)

    due = periods.first_day(shape.first_year, quarter) + draw.whole(0, periods.SHORTEST_QUARTER - 1, n)
    late = np.where(draw.happens(0.8, n), -draw.whole(0, 40, n), draw.whole(1, 120, n))
    done = draw.happens(0.94, n)
    done_on = np.where(done, due + late, np.datetime64("NaT", "D")).astype("datetime64[D]")

    def happens(name: str, base: float, effect: float, drift: float = 0.0, trend: float = 0.0) -> NDArray[np.bool_]:
        chance = made.chance(name, base, effect, drift, trend)[ward, quarter]
        own = made.draw(f"people and {name}").lasting(made.people, shape.person_reach)[person]
        return made.draw(f"reviews and {name}").happens(chance + own, n)

    def asked(name: str, said: NDArray[np.bool_]) -> Texts:
        words = made.draw(f"asked {name}")
        answer = np.where(words.happens(0.02, n), "unknown", np.where(said, "yes", "no"))
        return np.where(done & words.happens(0.9, n), answer, "not asked")

    met = happens("own_goal_met", 0.52, effects.own_goal_met, trend=0.001)
    recorded = done & draw.happens(0.985, n)
    goal_met = np.where(recorded, np.where(met, "yes", "no"), "unknown")
    achieved = np.where(met, draw.pick([0, 1, 2], n, [65, 25, 10]), draw.pick([-2, -1], n, [35, 65])).astype(np.int64)
    kept = happens("goal_kept", 0.6, effects.goal_kept)
    due_check = is_annual & _met_a_year_before(made, person, quarter, is_annual, met & recorded)
    goal_kept = np.where(recorded, np.where(kept, "yes", "no"), "unknown")
    goal_kept = np.where(due_check, goal_kept, "not applicable")
    home = happens("home_chosen", 0.35, effects.home_chosen, drift=effects.home_chosen_drift)
    leisure = happens("leisure_chosen", 0.55, effects.leisure_chosen, trend=0.003)
    frame = pd.DataFrame(
        {
            "review_id": draw.ids("R", n),
            "person_id": common.person_id[person],
            "period": common.quarter[quarter],
            "due_on": due.astype(object),
            "done_on": done_on.astype(object),
            "kind": np.where(is_annual, "annual", "day support"),
            "ward": common.ward[ward],
            "locality": common.locality[ward],
            "provider": common.provider[place],
            "goal_in_own_words": np.where(draw.happens(0.9, n), "yes", "no"),
            "goal_rewritten": np.where(draw.happens(0.05, n), "yes", "no"),
            "goal_met": goal_met,
            "goal_baseline": draw.pick([-2, -1], n, [20, 80]).astype(np.int64),
            "goal_achieved": pd.array(np.where(recorded, achieved, 0), dtype="Int64"),
            "goal_achieved_status": np.where(recorded, "known", "unknown"),
            "goal_set_by": draw.pick(["person", "family", "staff"], n, [72, 13, 15]),
            "goal_scored_by": draw.pick(["person", "staff"], n, [45, 55]),
            "goal_kept": goal_kept,
            "home_chosen": asked("home_chosen", home),
            "leisure_chosen": asked("leisure_chosen", leisure),
            "control": asked("control", happens("control", 0.55, effects.control)),
            "answered_by": np.where(draw.happens(0.1, made.people)[person], "proxy", "self"),
        }
    )  # fmt: skip
    frame.loc[~recorded, "goal_achieved"] = pd.NA
    return frame, _chosen_from(made, person, quarter, goal_kept)


def _met_a_year_before(
    made: World, person: Ints, quarter: Ints, is_annual: NDArray[np.bool_], met: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether the same person's annual review four quarters before met its goal (reviews).

    In the first year the earlier review lies before the extract: half had met a goal.
    """
    grid = np.zeros((made.people, made.shape.quarters + 4), dtype=bool)
    before = made.draw("goals met before the extract").happens(0.5, (made.people, 4))
    grid[:, :4] = before & (made.first_quarter_of == 0)[:, None]
    grid[person[is_annual], quarter[is_annual] + 4] = met[is_annual]
    return grid[person, quarter]


def _chosen_from(made: World, person: Ints, quarter: Ints, goal_kept: Texts) -> Ints:
    """From which quarter each person is flagged: people whose last 12-month check before the start was bad."""
    shape = made.shape
    start = made.start_of[made.ward_of[made.place_of]]
    within = (goal_kept == "no") & (quarter < start[person]) & (quarter >= start[person] - 4)
    bad = np.zeros(made.people, dtype=bool)
    bad[person[within]] = True
    chosen = bad & made.draw("choosing people").happens(made.effects.chosen_share, made.people)
    return np.where(chosen & (start < shape.quarters), start, shape.quarters + 1)


def _packages(made: World, common: Labels) -> pd.DataFrame:
    shape, effects, draw = made.shape, made.effects, made.draw("packages")
    home = common.home
    at_home = draw.pick(["home support", "day", "direct payment"], shape.people, [55, 25, 20])
    setting = np.where(home == "registered care", "residential", np.where(home == "supported living", home, at_home))
    factor = pd.Series(setting).map(SETTING_FACTOR).to_numpy(dtype=float)
    usual = BAND_POUNDS[common.band] * factor * np.exp(draw.normal(shape.people, 0.2))
    funder = draw.pick(["council", "joint", "nhs"], shape.people, [82, 13, 5])
    nhs = np.where(funder == "nhs", 1.0, np.where(funder == "joint", 0.35 + 0.2 * draw.uniform(shape.people), 0.0))
    client = np.where(funder == "nhs", 0.0, 0.04 + 0.1 * draw.uniform(shape.people))
    by_provider = pd.Series(draw.pick(PROVISION, len(names.PROVIDERS), [20, 30, 50]), index=list(names.PROVIDERS))

    place = np.tile(np.arange(shape.people), shape.quarters)
    quarter = np.repeat(np.arange(shape.quarters), shape.people)
    ward, n = made.ward_of[place], shape.people * shape.quarters
    prices = 1.004 ** np.arange(shape.quarters)
    local = draw.wandering(shape.wards, shape.quarters, 0.008, shape.autocorrelation)
    pounds = usual[place] * prices[quarter] * np.exp(local[ward, quarter] + draw.normal(n, 0.05))
    pounds = pounds + effects.weekly_cost * made.started[ward, quarter]
    pence = np.maximum(np.round(pounds * 100), 0).astype(np.int64)
    new = made.first_quarter_of[made.person_of[place, quarter]] == quarter
    weeks = np.where(new & (quarter > 0), draw.whole(2, 13, n), 13)
    return pd.DataFrame(
        {
            "package_id": draw.ids("K", n),
            "person_id": common.person_id[made.person_of[place, quarter]],
            "period": common.quarter[quarter],
            "provider": common.provider[place],
            "ward": common.ward[ward],
            "locality": common.locality[ward],
            "funder": funder[place],
            "setting": setting[place],
            "provision": by_provider.loc[common.provider].to_numpy(dtype=object)[place],
            "needs_band": np.array(BANDS, dtype=object)[common.band[place]],
            "weeks": weeks.astype(float),
            "weekly_cost_pence": pd.array(pence, dtype="Int64"),
            "weekly_client_pence": pd.array(np.round(pence * client[place]).astype(np.int64), dtype="Int64"),
            "weekly_nhs_pence": pd.array(np.round(pence * nhs[place]).astype(np.int64), dtype="Int64"),
        }
    )


def _enquiries(made: World, common: Labels) -> pd.DataFrame:
    shape, draw = made.shape, made.draw("enquiries")
    n = round(0.055 * shape.people * shape.quarters)
    quarter = np.sort(draw.whole(0, shape.quarters - 1, n))
    place = draw.whole(0, shape.people - 1, n)
    ended = draw.happens(np.where(quarter < shape.quarters - 2, 0.93, 0.6), n)
    found = ended & draw.happens(0.7, n)
    result = draw.pick(["removed", "reduced", "remained", "unknown"], n, [27, 45, 20, 8])
    return pd.DataFrame(
        {
            "enquiry_id": draw.ids("E", n),
            "person_id": common.person_id[made.person_of[place, quarter]],
            "period": common.quarter[quarter],
            "ward": common.ward[made.ward_of[place]],
            "locality": common.locality[made.ward_of[place]],
            "ended": np.where(ended, "yes", "no"),
            "risk_found": np.where(found, "yes", "no"),
            "risk_result": np.where(found, result, "unknown"),
        }
    )


def _sessions(made: World, common: Labels) -> pd.DataFrame:
    shape, draw = made.shape, made.draw("sessions")
    quarter, ward, ordinary = (a.ravel() for a in np.indices((shape.quarters, shape.wards, 2)))
    provider = names.providers()[draw.whole(0, len(names.PROVIDERS) - 1, shape.wards)]
    people = np.bincount(made.ward_of, minlength=shape.wards)[ward]
    share = 0.35 + 0.005 * quarter + draw.normal(shape.wards, 0.05)[ward]
    busy = np.exp(draw.normal(len(quarter), 0.05))
    return pd.DataFrame(
        {
            "period": common.quarter[quarter],
            "provider": provider[ward],
            "ward": common.ward[ward],
            "place": np.where(ordinary == 1, "ordinary place", "day centre"),
            "sessions": np.round(people * 11 * np.where(ordinary == 1, share, 1 - share) * busy).astype(np.int64),
        }
    )


def _population(made: World, common: Labels) -> pd.DataFrame:
    """Who lives in each ward. Older and ethnic-minority people are supported a little less than expected."""
    shape, draw = made.shape, made.draw("population")
    year, ward, older, minority = (a.ravel() for a in np.indices((shape.years, shape.wards, 2, 2)))
    supported = np.bincount(made.ward_of, minlength=shape.wards)[ward]
    share = np.where(older == 1, 0.14, 0.86) * np.where(minority == 1, 0.065, 0.935)
    with_ld = np.round(supported * 4.6 * share).astype(np.int64)
    grown = 1 + 0.004 * year
    people = np.round(with_ld / np.where(older == 1, 0.019, 0.025) * grown * np.exp(draw.normal(len(year), 0.01)))
    return pd.DataFrame(
        {
            "year": periods.years(shape.first_year, shape.years)[year],
            "ward": common.ward[ward],
            "locality": common.locality[ward],
            "age_band": np.where(older == 1, "65 and over", "18 to 64"),
            "ethnicity": np.where(minority == 1, "ethnic minority", "white"),
            "people": people.astype(np.int64),
            "with_learning_disability": with_ld,
        }
    )
