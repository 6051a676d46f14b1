"""Who holds which agreement: departments, organisations and agreements of the funding sample, as numbers and as words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commissioning.simulate import names, periods
from commissioning.simulate.draw import Draw, Floats, Ints, Texts
from commissioning.simulate.shape import VcfEffects, VcfShape


@dataclass(frozen=True, kw_only=True)
class Agreements:
    """The agreements as numbers: one place an agreement, months counted from 0 at April of the first year."""

    shape: VcfShape
    effects: VcfEffects
    seed: int
    start_of: Ints  # of each department: the quarter it moves, or the number of quarters for never
    main: Ints  # department of each organisation
    small: NDArray[np.bool_]
    organisation: Ints
    department: Ints
    purpose: Ints
    first_month: Ints
    months: Ints
    pence: Ints

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Agreements of the threshold or more: a return is asked for every quarter."""
        return self.pence >= self.shape.asked_from * 100

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Agreements still running when their department moved, or begun later."""
        return self.first_month + self.months > 3 * self.start_of[self.department]

    def draw(self, name: str) -> Draw:
        """Random numbers of this pilot for one purpose."""
        return Draw(self.seed, f"groups {name}")

    def quarters(self) -> tuple[Ints, Ints]:
        """(agreement, quarter) for each quarter that holds a month of an agreement."""
        first, last = self.first_month // 3, (self.first_month + self.months - 1) // 3
        count = last - first + 1
        agreement = np.repeat(np.arange(len(count)), count)
        nth = np.arange(len(agreement)) - np.repeat(np.cumsum(count) - count, count)
        return agreement, first[agreement] + nth

    def chance(self, name: str, base: float, effect: float, drift: float = 0.0) -> Floats:
        """Chance of an outcome for each department and quarter (departments × quarters)."""
        shape, draw = self.shape, self.draw(f"groups {name}")
        level = base + draw.normal((shape.departments, 1), 0.04)
        season = np.repeat(draw.normal((1, shape.years), 0.01), 4, axis=1)
        noise = draw.wandering(shape.departments, shape.quarters, shape.noise, shape.autocorrelation)
        quarter = np.arange(shape.quarters)[None, :]
        start = self.start_of[:, None]
        return level + season + noise + effect * (quarter >= start) + drift * quarter * (start < shape.quarters)

    def own(self, name: str) -> Floats:
        """What makes one organisation's outcomes differ from another's for good."""
        return self.draw(f"organisations and {name}").lasting(self.shape.organisations, self.shape.organisation_reach)


def agreements(seed: int, shape: VcfShape, effects: VcfEffects) -> Agreements:
    """Departments, organisations and agreements of one seed."""
    draw = Draw(seed, "groups agreements")
    if len(shape.waves) >= shape.departments:
        raise ValueError(f"{len(shape.waves)} departments move of {shape.departments}: none is left to compare with")
    start_of = np.full(shape.departments, shape.quarters, dtype=np.int64)
    start_of[draw.order(shape.departments)[: len(shape.waves)]] = shape.waves
    last_month = 12 * shape.years

    main = draw.pick(list(range(shape.departments)), shape.organisations, [26, 22, 18, 18, 16]
                     if shape.departments == 5 else None).astype(np.int64)  # fmt: skip
    purpose_of = draw.whole(0, len(names.PURPOSES) - 1, shape.organisations)
    # Every organisation has one agreement; the rest go to some of them more than once.
    spare = shape.grants - shape.organisations
    if spare < 0:
        raise ValueError(f"{shape.grants} agreements for {shape.organisations} organisations: each needs one")
    organisation = np.concatenate([np.arange(shape.organisations), draw.whole(0, shape.organisations - 1, spare)])
    n = shape.grants
    year = draw.whole(0, shape.years - 1, n)
    first_month = 12 * year + draw.pick([0, 3, 6, 8], n, [62, 16, 14, 8]).astype(np.int64)
    months = draw.pick([6, 9, 12, 24], n, [10, 8, 68, 14]).astype(np.int64)
    department, purpose = main[organisation], purpose_of[organisation]

    # Some organisations are funded by a second department as well: for the same purpose in the same months, for
    # the same purpose at another time, or for something else.
    other = np.flatnonzero(np.arange(n) >= shape.organisations)[: n // 8]
    kind = draw.pick(["same months", "another time", "another purpose"], len(other), [35, 35, 30])
    shift = draw.whole(1, max(shape.departments - 1, 1), len(other))
    department[other] = (department[other] + shift) % shape.departments
    base = organisation[other]  # the organisation's first agreement has the organisation's own number
    first_month[other] = np.where(kind == "same months", first_month[base], first_month[other])
    after = first_month[base] + months[base]
    fits = (kind == "another time") & (after < last_month - 6)
    first_month[other] = np.where(fits, after, first_month[other])
    different = (purpose[other] + 1) % len(names.PURPOSES)
    purpose[other] = np.where(kind == "another purpose", different, purpose[other])

    months = np.minimum(months, last_month - first_month)  # the last payments fall inside the extract
    small = draw.happens(0.45, shape.organisations)
    pounds = np.exp(np.log(9500) + draw.normal(n, 0.85)) * np.where(small[organisation], 0.75, 1.35)
    pounds = np.maximum(np.round(pounds / 25) * 25, 250)
    pence = (pounds * 100).astype(np.int64) + np.where(draw.happens(0.15, n), draw.whole(1, 99, n), 0)
    return Agreements(
        shape=shape,
        effects=effects,
        seed=seed,
        start_of=start_of,
        main=main,
        small=small,
        organisation=organisation,
        department=department,
        purpose=purpose,
        first_month=first_month,
        months=months,
        pence=pence,
    )


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Words that several tables share."""

    quarter: Texts
    year: Texts
    department: Texts
    organisation: Texts
    organisation_id: Texts
    charity: Texts
    company: Texts
    equality_led: NDArray[np.bool_]
    grant_id: Texts
    risk: Texts

    @classmethod
    def of(cls, made: Agreements) -> Labels:
        shape, draw = made.shape, made.draw("labels")
        n = shape.organisations
        # No real charity has a number from 9,000,000 on, no real company one from 99000000 on.
        charity = np.where(draw.happens(0.7, n), draw.ids("9", n, 6), "")
        company = np.where(draw.happens(0.4, n), draw.ids("99", n, 6), "")
        pounds = made.pence / 100
        usual = np.select([pounds < shape.asked_from, pounds < 20000], ["low", "medium"], "high")
        return cls(
            quarter=periods.quarters(shape.first_year, shape.years),
            year=periods.years(shape.first_year, shape.years),
            department=names.departments(shape.departments),
            organisation=names.organisations(n),
            organisation_id=draw.ids("ORG-", n, 5),
            charity=charity.astype(object),
            company=company.astype(object),
            equality_led=draw.happens(0.2, n),
            grant_id=draw.ids("360G-sample-", shape.grants, 5),
            risk=np.where(draw.happens(0.04, shape.grants), "unknown", usual).astype(object),
        )
