"""What may be true of a council beside its pilot, or instead of it: one small function each, and the scenarios made of them.

Every bias leaves in the files the traces that it would leave in life, and no others: who scored, what was asked, how many rows there
are, who is how old, which provider serves whom. Where a bias leaves none at all, its scenario says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .council import NOBODY, Alteration, Council, Extract, Shape, made, stage

# --- what the pilot does --------------------------------------------------------------------------------------


def effect(size: float) -> Alteration:
    @stage("life")
    def of(c: Council) -> None:
        c.gain = c.gain + size / 100 * c.begun

    return of


@stage("life")
def fading(c: Council) -> None:
    """16 points in the first quarter, two fewer each quarter, then none."""
    c.gain = c.gain + np.where(c.begun, np.maximum(0.16 - 0.02 * (c.quarter - c.start[c.ward]), 0), 0)


@stage("life")
def spills_over(c: Council) -> None:
    """Half of an effect of 8 points reaches waiting places of a locality in which somewhere has started."""
    c.gain = c.gain + 0.08 * c.begun
    soonest = np.array([c.start[c.locality == one].min() for one in range(c.shape.localities)])
    near = ~c.begun & (c.quarter >= soonest[c.locality[c.ward]])
    c.this(0.04 * near)


# --- what happens to people's lives meanwhile -----------------------------------------------------------------


def trend(points: float) -> Alteration:
    """Places that will start rise by so many points a quarter beside the others, from the first quarter to the last."""

    @stage("life")
    def of(c: Council) -> None:
        c.this(points / 100 * c.quarter * c.will)

    return of


@stage("life")
def staff_taken(c: Council) -> None:
    """From the first start, staff are moved from places that wait to those that start: things get worse where they wait."""
    c.everywhere(-0.08 * (~c.begun & (c.quarter >= c.first)))


@stage("life")
def hard_times_where_it_waits(c: Council) -> None:
    """In the third quarter after the first start a service closes that the places serve which never start."""
    c.everywhere(-0.1 * (~c.will & (c.quarter >= c.first + 2)))


@stage("life")
def shocks_by_locality(c: Council) -> None:
    """Each locality has a step of its own in some quarter, up or down, that stays."""
    when = c.rng.integers(6, 15, c.shape.localities)
    size = c.rng.normal(0, 0.08, c.shape.localities)
    mine = c.locality[c.ward]
    c.everywhere(size[mine] * (c.quarter >= when[mine]))


@stage("life")
def one_provider_improves(c: Council) -> None:
    """One provider, that mostly serves places that start, gets far better in the quarter of the first start, everywhere."""
    c.everywhere(0.3 * ((c.provider == 0) & (c.quarter >= c.first)))


@stage("life")
def shocks_by_provider(c: Council) -> None:
    """Each provider has a step of its own in some quarter, up or down, that stays."""
    when = c.rng.integers(6, 15, c.shape.providers)
    size = c.rng.normal(0, 0.12, c.shape.providers)
    c.everywhere(size[c.provider] * (c.quarter >= when[c.provider]))


@stage("life")
def season(c: Council) -> None:
    """Where it starts, summers are better and winters worse, by 8 points."""
    c.this(0.08 * np.sin(np.pi / 2 * (c.quarter % 4)) * c.will)


@stage("life")
def dip_before(c: Council) -> None:
    """In the three quarters before its start a place has a bad time, which passes by itself (Ashenfelter's dip)."""
    due = c.quarter - c.start[c.ward]
    c.this(-0.16 * ((due < 0) & (due >= -3)))


@stage("life")
def chosen_after_a_dip(c: Council) -> None:
    """Places are chosen because of a bad year, which passes by itself: the year before the start is 12 points low."""
    due = c.quarter - c.start[c.ward]
    c.this(-0.12 * ((due < 0) & (due >= -4)))


@stage("life")
def ceiling(c: Council) -> None:
    """All improve alike on a scale without a ceiling; places that never start stand at nine in ten and have no room to rise."""
    level = np.where(c.will, 0.5, 0.9)
    base = np.clip(level + 0.4 * (c.chance[c.outcome] - 0.53), 0.05, 0.97)
    odds = np.log(base / (1 - base)) + 0.06 * np.maximum(c.quarter - 5, 0)
    c.chance[c.outcome] = 1 / (1 + np.exp(-odds))


@stage("life")
def dominant_place_improves(c: Council) -> None:
    """The one large place gets better in the quarter of its start, for a reason of its own."""
    c.everywhere(0.2 * ((c.ward == c.largest) & c.begun))


# --- who is there ---------------------------------------------------------------------------------------------


def _turn_over(c: Council, at_start: float, a_quarter: float, **kind: float) -> None:
    """People of another kind come into places that have started, and stay."""
    for quarter in range(c.first, c.shape.quarters):
        start = c.start[c.ward_of]
        share = np.where(quarter == start, at_start, np.where(quarter > start, a_quarter, 0.0))
        comes = np.flatnonzero((c.rng.random(c.shape.people) < share) & (c.person_of[:, quarter] != NOBODY))
        c.person_of[comes, quarter:] = c.new_people(len(comes), **kind)[:, None]  # type: ignore[arg-type]


@stage("people")
def younger_come(c: Council) -> None:
    """Where it starts, places go more and more to young people who leave school and do better."""
    _turn_over(c, 0.15, 0.04, youngest=18, oldest=25, lift=0.28)


@stage("people")
def keen_people_move_in(c: Council) -> None:
    """People who would do well anywhere move to where it starts, from outside."""
    _turn_over(c, 0.25, 0.02, lift=0.3)


@stage("people")
def keen_people_change_places(c: Council) -> None:
    """Keen people of places that never start move to those that do, and others take their homes."""
    keen = c.rng.random(len(c.lift)) < 0.3
    c.lift = np.where(keen, 0.25, -0.1)
    for quarter in sorted(set(c.start[c.start < c.shape.quarters].tolist())):
        leaving = np.flatnonzero((c.start[c.ward_of] >= c.shape.quarters) & keen[c.person_of[:, quarter]])
        leaving = c.rng.permutation(leaving)[: len(leaving) // 2]
        there = np.flatnonzero((c.start[c.ward_of] == quarter) & ~keen[c.person_of[:, quarter]])
        there = c.rng.permutation(there)[: len(leaving)]
        leaving = leaving[: len(there)]
        held = c.person_of[leaving, quarter:].copy()
        c.person_of[leaving, quarter:] = c.person_of[there, quarter:]
        c.person_of[there, quarter:] = held


@stage("people")
def those_who_do_badly_leave(c: Council) -> None:
    """Where it starts, the fifth who do worst leave, and nobody takes their place."""
    worst = c.level[c.outcome] < np.quantile(c.level[c.outcome], 0.2)
    start = c.start[c.ward_of]
    gone = (np.arange(c.shape.quarters)[None, :] >= start[:, None]) & worst[c.person_of]
    c.person_of = np.where(gone, NOBODY, c.person_of)


# --- what is written down -------------------------------------------------------------------------------------


def _turned(c: Council, rows: np.ndarray, share: float) -> None:
    """Some "no" of these rows are written down as "yes"."""
    said = c.said[c.outcome]
    c.said[c.outcome] = said | (rows & ~said & (c.rng.random(c.many) < share))


@stage("record")
def kinder_staff(c: Council) -> None:
    """After the start, staff score three in ten "no" as "yes"; what people score themselves stays."""
    _turned(c, c.begun & ~c.by_person, 0.3)


@stage("record")
def kinder_to_everybody(c: Council) -> None:
    """After the start a sixth of "no" is written down as "yes", whoever is said to have scored it."""
    _turned(c, c.begun, 1 / 6)


def no_unrecorded(share: float) -> Alteration:
    @stage("record")
    def of(c: Council) -> None:
        c.lose(c.begun & ~c.said[c.outcome] & (c.rng.random(c.many) < share))

    return of


@stage("record")
def no_becomes_not_asked(c: Council) -> None:
    """After the start, a fifth of those who would say "no" are not asked."""
    lost = c.begun & ~c.said[c.outcome] & (c.rng.random(c.many) < 0.2)
    c.asked[c.outcome] = c.asked[c.outcome] & ~lost


@stage("record")
def no_review_at_all(c: Council) -> None:
    """After the start, reviews that would say "no" are often not held: a fifth has no row."""
    kept = ~(c.begun & ~c.said[c.outcome] & (c.rng.random(c.many) < 0.2))
    for name, held in vars(c).items():
        if isinstance(held, np.ndarray) and held.shape == kept.shape:
            setattr(c, name, held[kept])
        elif isinstance(held, dict) and all(one.shape == kept.shape for one in held.values()):
            setattr(c, name, {key: one[kept] for key, one in held.items()})
    c.many = int(kept.sum())


@stage("life")
def own_words_rise(c: Council) -> None:
    """Goals in people's own words rise from 70 to 90% where it starts; those that are new are easier."""
    at = c.rng.random(c.many)
    c.own = at < np.where(c.begun, 0.9, 0.7)
    c.this(0.35 * ((at >= 0.7) & (at < 0.9)))


@stage("record")
def goals_rewritten(c: Council) -> None:
    """After the start, a quarter of goals that are not met are rewritten, and so leave the figure."""
    lost = c.begun & ~c.said[c.outcome] & (c.rng.random(c.many) < 0.25)
    c.rewritten = c.rewritten | lost


@stage("record")
def recording_mended(c: Council) -> None:
    """Everywhere the old form loses a quarter of "yes"; the new one, where it starts, loses none."""
    c.lose(~c.begun & c.said[c.outcome] & (c.rng.random(c.many) < 0.25))


@stage("record")
def staff_score_instead(c: Council) -> None:
    """Staff always score more kindly than people do; where it starts, staff score goals that people had scored before."""
    c.by_person = c.by_person & ~(c.begun & (c.rng.random(c.many) < 0.7))
    _turned(c, ~c.by_person, 0.35)


@stage("record")
def a_provider_scores_anew(c: Council) -> None:
    """One provider's staff, who mostly serve places that start, score 6 in 10 "no" as "yes" from the first start on."""
    _turned(c, (c.provider == 0) & ~c.by_person & (c.quarter >= c.first), 0.6)


# --- the scenarios --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One kind of council. `kind`: "none" (no effect), "bias" (no effect, and something that looks like one), "gain", "harm", "untold"
    (a bias that leaves no trace in any file a council holds) or "other". `questions`: 1, or every outcome of the pilot."""

    name: str
    kind: str
    alterations: tuple[Alteration, ...] = ()
    shape: Shape = Shape()
    outcome: str = "own_goal_met"
    questions: int = 1
    says: str = ""

    def extract(self, seed: int) -> Extract:
        return made(seed, self.shape, self.alterations, self.outcome)


BASE = Shape()
BY_PERSON = replace(BASE, self_scored=1.0)
BY_STAFF = replace(BASE, self_scored=0.0)
FEW_PROVIDERS = replace(BASE, few_providers=True)
LARGE = replace(BASE, people=3000, wards=40, never=12)
SMALL = replace(BASE, people=450, wards=12, never=4)
TWO_YEARS_LATER = replace(BASE, years=4, never=8, waves=(8, 9))
THREE = replace(BASE, never=19, waves=(8,))


def _of(kind: str, says: str, name: str, *alterations: Alteration, **more: object) -> Scenario:
    return Scenario(name=name, kind=kind, says=says, alterations=alterations, **more)  # type: ignore[arg-type]


SCENARIOS = {
    one.name: one
    for one in (
        _of("none", "nothing happens", "no_effect"),
        _of("none", "nothing happens; six outcomes asked", "no_effect_six", questions=6),
        _of("none", "nothing happens; people score every goal", "no_effect_by_person", shape=BY_PERSON),
        _of("none", "nothing happens; what people say of control", "no_effect_control", outcome="control"),
        _of("none", "nothing happens; 40 wards, 3,000 people", "no_effect_large", shape=LARGE),
        _of("none", "nothing happens; 12 wards, 450 people", "no_effect_small", shape=SMALL),
        _of("none", "nothing happens; four years, two waves", "no_effect_short", shape=TWO_YEARS_LATER),
        *(
            _of("bias", f"earlier trend of {size} points a quarter", f"trend_{size}", trend(size))
            for size in (0.3, 0.5, 0.8, 1.1, 2.2)
        ),
        _of("bias", "the same at 0.8, people score every goal", "trend_0.8_by_person", trend(0.8), shape=BY_PERSON),
        _of("bias", "staff score more kindly; people score 45%", "kinder_staff", kinder_staff),
        _of("bias", "staff score more kindly, and score everything", "kinder_staff_alone", kinder_staff, shape=BY_STAFF),
        _of("bias", "“no” not recorded for 25%", "no_unrecorded", no_unrecorded(0.25)),
        _of("bias", "“no” not recorded for 15%", "no_unrecorded_15", no_unrecorded(0.15)),
        _of("bias", "“no” turned into “not asked” for 20%", "no_not_asked", no_becomes_not_asked, outcome="control"),
        _of("bias", "a fifth of reviews that say “no” are not held", "no_review", no_review_at_all),
        _of("bias", "own words rise from 70 to 90%, newcomers easier", "own_words", own_words_rise),
        _of("bias", "a quarter of unmet goals are rewritten", "goals_rewritten", goals_rewritten),
        _of("bias", "the new form loses no “yes”, the old one a quarter", "recording_mended", recording_mended),
        _of("bias", "staff score instead of people, always kindlier", "staff_score_instead", staff_score_instead),
        _of("bias", "a younger cohort enters", "younger", younger_come),
        _of("bias", "keen people move in from outside", "keen_in", keen_people_move_in),
        _of("bias", "keen people change places", "keen_swap", keen_people_change_places),
        _of("bias", "those who do badly leave", "leavers", those_who_do_badly_leave),
        _of("bias", "staff taken from waiting places", "staff_taken", staff_taken),
        _of("bias", "hard times where it never starts", "waiting_shock", hard_times_where_it_waits),
        _of("bias", "shocks by locality, starts by locality", "locality_shocks", shocks_by_locality,
            shape=replace(BASE, by_locality=True)),
        _of("bias", "shocks by provider, starts where two serve", "provider_shocks", shocks_by_provider, shape=FEW_PROVIDERS),
        _of("bias", "one provider improves", "provider_improves", one_provider_improves, shape=FEW_PROVIDERS),
        _of("bias", "one provider scores anew", "provider_scores", a_provider_scores_anew, shape=FEW_PROVIDERS),
        _of("bias", "a season where it starts", "season", season),
        _of("bias", "a dip of three quarters before the start", "dip", dip_before),
        _of("bias", "chosen after a bad year", "bad_year", chosen_after_a_dip),
        _of("bias", "a ceiling where it never starts", "ceiling", ceiling),
        _of("bias", "one place of 30% of people improves by itself", "dominant", dominant_place_improves,
            shape=replace(BASE, largest=0.3)),
        _of("bias", "three places started, and nothing happens", "three", shape=THREE),
        _of("untold", "everything is scored more kindly; no trace", "kinder_all", kinder_to_everybody),
        _of("gain", "8 points; people score 45%", "gain_8", effect(8), questions=6),
        _of("gain", "8 points; people score every goal", "gain_8_by_person", effect(8), shape=BY_PERSON, questions=6),
        _of("gain", "8 points; what people say of control", "gain_8_control", effect(8), outcome="control", questions=6),
        _of("gain", "8 points; 40 wards, 3,000 people", "gain_8_large", effect(8), shape=LARGE, questions=6),
        _of("gain", "8 points; staff alone score", "gain_8_by_staff", effect(8), shape=BY_STAFF),
        _of("gain", "8 points, one question", "gain_8_one_question", effect(8), shape=BY_PERSON),
        _of("gain", "12 points; people score every goal", "gain_12_by_person", effect(12), shape=BY_PERSON, questions=6),
        _of("gain", "4 points; people score every goal", "gain_4_by_person", effect(4), shape=BY_PERSON, questions=6),
        _of("gain", "4 points; people score 45%", "gain_4", effect(4), questions=6),
        _of("gain", "2 points; people score every goal", "gain_2_by_person", effect(2), shape=BY_PERSON, questions=6),
        _of("gain", "8 points, three places started", "gain_8_three", effect(8), shape=replace(THREE, self_scored=1.0)),
        _of("other", "16 points that fade to none", "fading", fading, shape=BY_PERSON),
        _of("other", "8 points, of which half spills over", "spill_over", spills_over, shape=BY_PERSON),
        _of("harm", "7 points worse; people score every goal", "harm_7", effect(-7), shape=BY_PERSON),
        _of("harm", "7 points worse, and “no” unrecorded for 25%", "harm_7_unrecorded", effect(-7), no_unrecorded(0.25),
            shape=BY_PERSON),
        _of("harm", "12 points worse; people score every goal", "harm_12", effect(-12), shape=BY_PERSON),
    )
}  # fmt: skip
