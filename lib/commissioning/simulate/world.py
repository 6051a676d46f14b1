"""Who lives where, and when each ward starts: the learning disability sample's people and places, as numbers and as words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commissioning.simulate import names, periods
from commissioning.simulate.draw import Draw, Floats, Ints, Texts
from commissioning.simulate.shape import LearningDisabilityEffects, LearningDisabilityShape


@dataclass(frozen=True, kw_only=True)
class World:
    """Who lives where, and when each ward starts: the part of the sample that no table holds whole.

    `ward_of` (places), `start_of` (wards; quarter counted from 0, or the number of quarters for never),
    `started` (wards × quarters), `person_of` (places × quarters) numbers the person in each place.
    """

    shape: LearningDisabilityShape
    effects: LearningDisabilityEffects
    seed: int
    ward_of: Ints
    start_of: Ints
    started: NDArray[np.bool_]
    person_of: Ints
    first_quarter_of: Ints  # of each person
    place_of: Ints  # of each person

    @property
    def people(self) -> int:
        """Number of different people over all quarters."""
        return len(self.place_of)

    def draw(self, name: str) -> Draw:
        """Random numbers of this pilot for one purpose; no two purposes share any."""
        return Draw(self.seed, f"learning disability {name}")

    def chance(self, name: str, base: float, effect: float, drift: float = 0.0, trend: float = 0.0) -> Floats:
        """Chance of an outcome for each ward and quarter, before what is the person's own (wards × quarters).

        `effect` is added from a ward's start on; `drift` a quarter in wards that ever start; `trend` a quarter
        everywhere.
        """
        shape, draw = self.shape, self.draw(f"chance of {name}")
        level = base + draw.normal((shape.wards, 1), shape.ward_spread)
        season = np.repeat(draw.normal((1, shape.years), 0.01), 4, axis=1)
        noise = draw.wandering(shape.wards, shape.quarters, shape.noise, shape.autocorrelation)
        will_start = (self.start_of < shape.quarters)[:, None]
        quarter = np.arange(shape.quarters)[None, :]
        return level + season + noise + trend * quarter + drift * quarter * will_start + effect * self.started


def world(seed: int, shape: LearningDisabilityShape, effects: LearningDisabilityEffects) -> World:
    """Wards, starts and people of one seed."""
    draw = Draw(seed, "learning disability world")
    if shape.never >= shape.wards:
        raise ValueError(f"{shape.never} wards that never start of {shape.wards}: none is left to start")
    size = 0.6 + 0.8 * draw.uniform(shape.wards)
    ward_of = np.sort(draw.pick(list(range(shape.wards)), shape.people, size.tolist()).astype(np.int64))
    start_of = np.full(shape.wards, shape.quarters, dtype=np.int64)
    starting = draw.order(shape.wards)[: shape.wards - shape.never]
    start_of[starting] = np.array(shape.waves)[np.arange(len(starting)) % len(shape.waves)]
    started = np.arange(shape.quarters)[None, :] >= start_of[:, None]
    follows = draw.happens(shape.leaving, (shape.people, shape.quarters))
    follows[:, 0] = True
    person_of = (np.cumsum(follows.ravel()) - 1).reshape(follows.shape)
    places, first = np.nonzero(follows)
    return World(
        shape=shape, effects=effects, seed=seed, ward_of=ward_of, start_of=start_of, started=started,
        person_of=person_of, first_quarter_of=first, place_of=places,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Words for places and people that several tables share."""

    quarter: Texts
    ward: Texts
    locality: Texts  # of each ward
    person_id: Texts  # of each person
    provider: Texts  # of each place
    band: Ints  # of each place
    home: Texts  # of each place

    @classmethod
    def of(cls, made: World) -> Labels:
        shape, draw = made.shape, made.draw("labels")
        listed = names.providers()
        usual = draw.whole(0, len(listed) - 1, (shape.wards, 3))  # each ward knows three providers best
        provider = np.where(
            draw.happens(0.75, shape.people),
            usual[made.ward_of, draw.whole(0, 2, shape.people)],
            draw.whole(0, len(listed) - 1, shape.people),
        )
        localities = np.array(names.LOCALITIES, dtype=object)
        return cls(
            quarter=periods.quarters(shape.first_year, shape.years),
            ward=names.wards(shape.wards),
            locality=localities[np.arange(shape.wards) * shape.localities // shape.wards % len(localities)],
            person_id=draw.ids("P", made.people),
            provider=listed[provider],
            band=draw.pick([0, 1, 2, 3], shape.people, [30, 35, 25, 10]).astype(np.int64),
            home=draw.pick(
                ["own home or family", "supported living", "registered care", "other", "unknown"],
                shape.people,
                [45, 29, 22, 2, 2],
            ),
        )
