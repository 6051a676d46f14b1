"""The study that a notebook works with: one pilot, area and period, opened. Each method is one line and calls a function.

    study = cm.open("learning_disability")
    study.outcomes()

What a method works out stands in the module that it imports, as a function of the study, so that nothing is loaded before it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from commissioning import pilot as pilots
from commissioning import seal
from commissioning.measures import Measure
from commissioning.pilot import Pilot
from commissioning.seal import Sealed
from commissioning.study import opening, outcomes
from commissioning.study.parameters import Parameters
from commissioning.study.prepared import Prepared, measures_of, pilot_of
from commissioning.study.then import pilot_at_the_end_of

if TYPE_CHECKING:
    import pandas as pd

    from commissioning.study.frames import Frame

Periods = Literal["all", "years", "quarters", "latest"] | str | Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Study:
    """One pilot, area and period, opened. Made by `commissioning.open`; every figure it gives was released.

    pilot, period, area, level   as opened: the pilot's name, the financial year or quarter it is at ("" where nothing is held), the
                                 ONS code, and "" or such as "locality=North"
    prepared                     what was prepared from the extracts: its rows are restricted
    parameters                   what was asked for
    """

    pilot: str
    period: str
    area: str
    level: str
    prepared: Prepared
    parameters: Parameters

    @cached_property
    def settings(self) -> Pilot:
        """What `pilot.toml` says, as it was at the end of the period asked for."""
        return pilot_at_the_end_of(pilot_of(self.prepared), self.parameters.period)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Every measure of the pilot by its id, whether the extracts hold it or not."""
        return measures_of(self.settings)

    @property
    def held(self) -> tuple[str, ...]:
        """The ids of the measures that the extracts hold."""
        return tuple(one for one in self.measures if one in set(self.prepared.record["measures"]))

    @cached_property
    def sealed(self) -> Sealed:
        """What may be said of its checks and agreements: whether they were sealed before figures were seen."""
        return seal.status(self.prepared.sealed, self.period)

    def explain(self, measure: str) -> Frame:
        """From file and row to what is shown of one measure: each rule that left rows out, counted, and released."""
        from commissioning.study import explaining

        return explaining.explain(self, measure)

    def release(self, frame: pd.DataFrame, *, by: str | Sequence[str], **how: Any) -> Frame:
        """A cross-table of one's own, through the one door: for rows that were opened by hand."""
        from commissioning.study import explaining

        return explaining.release(self, frame, by=by, **how)

    def table(self, name: str) -> pd.DataFrame:
        """The restricted rows of one checked table: only to a person at an interactive kernel. Raises NotReleased elsewhere."""
        return self.prepared.table(name)

    def try_measure(self, measure: Measure) -> Any:
        """A measure of one's own, counted and released, and marked "not agreed"."""
        from commissioning.study import trying

        return trying.try_measure(self, measure)

    def what_if(self, **changes: Any) -> Any:
        """The same answers under other weights, worths and thresholds: marked so, and never publishable."""
        from commissioning.study import what_if

        return what_if.what_if(self, **changes)


def open(
    pilot: str = "learning_disability",
    *,
    period: str = "latest",
    area: str = "",
    level: str = "",
    data: str = "",
    **others: object,
) -> Study:
    """Open one pilot's study.

    pilot    a folder of `pilots/`: "learning_disability" or "vcf_funding"
    period   a financial year "2014-15", a quarter of one "2014-15 Q2", or "latest"; nothing later than its end is in the study
    area     an ONS code; "" for the pilot's own
    level    "" for the whole area, or such as "locality=North"
    data     a folder of extracts; "" for the sample, or for what `commissioning run` prepared

    Raises UsageError for a parameter that does not exist or is not of its kind, for a pilot or level that is not there, and for
    restricted extracts opened without `commissioning run` or COMMISSIONING_RESTRICTED=1; DataRefused for a period that nothing here holds.

        import commissioning as cm
        study = cm.open("learning_disability", period="2013-14")
        study.period
    """
    given, where = opening.checked(pilot=pilot, period=period, area=area, level=level, data=data, **others)
    prepared = opening.prepared_of(pilots.load(given.pilot), given, where)
    return of(prepared, given)


def of(prepared: Prepared, given: Parameters) -> Study:
    """The study of what was prepared, as it was asked for."""
    return Study(
        pilot=prepared.pilot,
        period=_period(prepared, given),
        area=prepared.area,
        level=given.level,
        prepared=prepared,
        parameters=given,
    )


def _period(prepared: Prepared, given: Parameters) -> str:
    """The period asked for; of "latest" the last year of which the area's own outcomes speak."""
    if given.period != "latest":
        return given.period
    counted = set(prepared.record["measures"])
    held = [key for key in outcomes.of_kind(measures_of(pilot_of(prepared)), "outcome") if key in counted]
    own = prepared.released.select(measure=held) if held else prepared.released
    return outcomes.latest_year(own) or outcomes.latest_year(prepared.released)
