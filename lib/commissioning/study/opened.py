"""The study that a notebook works with: one pilot, area and period, opened.

Each method calls a function of the module that it imports, so that nothing is loaded before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from commissioning import pilot as pilots
from commissioning.measures import Measure
from commissioning.pilot import Pilot
from commissioning.seal import Sealed
from commissioning.study import asked, opening, outcomes, tried
from commissioning.study.parameters import Parameters
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import EVERYBODY, SEE_MEASURES, Prepared, pilot_of

if TYPE_CHECKING:
    import pandas as pd

    from commissioning.study.estimates_frames import Estimated
    from commissioning.study.frames import Frame
    from commissioning.study.what_if import WhatIf

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
        return tried.settings(self.prepared, self.parameters)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Every measure of the pilot by its id, whether the extracts hold it or not."""
        return measures_of(self.settings)

    @property
    def held(self) -> tuple[str, ...]:
        """The ids of the measures that the extracts hold."""
        return tuple(one for one in self.measures if one in set(self.prepared.record["measures"]))

    def measure_called(self, id: str) -> Measure:
        """The measure of this id. Raises UsageError for one that is none of the pilot's, with the nearest that is."""
        return self.measures[asked.one_of("no measure of this pilot is called", id, self.measures, SEE_MEASURES)]

    @property
    def part(self) -> tuple[str, str]:
        """The kind and the name of the part of the area that is open, such as ("locality", "North"); ("all", "all") for the whole."""
        kind, _, name = self.level.partition("=")
        return (kind, name) if kind else EVERYBODY

    @cached_property
    def sealed(self) -> Sealed:
        """What may be said of its checks and agreements: whether they were sealed before figures were seen."""
        return tried.sealed(self.prepared, self.parameters, self.period)

    def outcomes(self, by: str | None = None, periods: Periods = "all") -> Frame:
        """measure, title, period, group, value, lower, upper, numerator, denominator, unknown, unit, state, status: outcomes as released.

        by        None for the whole area (or the level opened), or a kind of group such as "ward": of a level, those that lie in it
        periods   "all" (every financial year), "quarters", "latest", or one or several such as "2014-15"

        Values and limits in the measure's unit (per cent from 0 to 100, money in £); counts rounded as released. `status` says of a
        missing value whether it is hidden, not known, or none was recorded; `state` whether the year is provisional, final or corrected.
        Raises UsageError for a kind of group or a period that is none.

            study.outcomes(by="locality")
        """
        from commissioning.study import figures

        return figures.outcomes_frame(self, by, periods)

    def spend(self, real: bool = True) -> Frame:
        """period, line, whose, cash_pence, real_pence, scope, basis: every line of spend by financial year, in whole pence.

        `real_pence` is in the prices of the pilot's price base, missing with real=False. `scope`: "purpose" (of the people or
        agreements that the pilot is for), "shared", or "none" (named, and beside no outcome).

            study.spend().query("scope == 'purpose'")
        """
        from commissioning.study import figures

        return figures.spend_frame(self, real)

    def outcomes_against_spend(self) -> Frame:
        """measure, title, period, value, lower, upper, unit, people, line, spend_pence, real_pence, breaks, state, status: one row a year and
        outcome.

        `people`: different people supported in the year, once each. `line` names the spend that stands beside the outcome: the
        pilot's own for an outcome with its purpose, shared spend for a shared one, none for others. No ratio is made of the two.
        `breaks`: in words, where the people supported or the number counted leave the year before by a quarter or more; "" else.

            study.outcomes_against_spend()
        """
        from commissioning.study import figures

        return figures.beside_frame(self)

    def breaks(self, measure: str) -> list[str]:
        """The years in which a measure's series breaks in the whole area, because how many were counted jumps: for `breaks=` of a chart.

        Raises UsageError for a measure that is none of the pilot's.

            study.breaks("learning_disability_paid_work")
        """
        from commissioning.study import breaks

        return breaks.break_years(self.prepared, self.measure_called(measure).id)

    def effects(self) -> Estimated:
        """What changed because of the pilot: `.tidy() .event_study() .trends() .gates() .calibration() .sensitivity()`, each a frame.

        study.effects().tidy()
        """
        from commissioning.study import estimates_frames

        return estimates_frames.Estimated(self)

    def value(self) -> Frame:
        """measure, title, people, more_people, more_lower, more_upper, cost_more_pence, cost_more_lower_pence, cost_more_upper_pence,
        cost_each_pence, cost_each_lower_pence, cost_each_upper_pence, worth_pence, benefit_pence, chance, shared_cost, withheld: one row an outcome that was estimated.

        Different people once each; the pilot's one extra cost of the year, which every row shows whole (`shared_cost` "yes" where
        several outcomes carry it: never add rows up); `chance` in per cent that the gain is worth that cost. All of it is as printed, so it
        adds up: more_people × worth − cost_more is the benefit; cost_each is their ratio, rounded like the cost. Of the whole area always.

            study.value()
        """
        from commissioning.study import estimates_frames

        return estimates_frames.value_frame(self)

    def compare(self, outcome: str, with_: Literal["neighbours", "all"] = "neighbours") -> Frame:
        """council, period, value, people, spend_a_person_pence, this_one: one published outcome of this council, England and others, all years.

        `spend_a_person_pence`: gross current long-term spend for each person whom the outcome is out of, where both are published of
        the same year. Raises UsageError for a measure that is none of the pilot's.

            study.compare("learning_disability_ascof_1e").why
        """
        from commissioning.study import comparing

        return comparing.compare(self, outcome, with_)

    def _repr_html_(self) -> str:
        from commissioning.study import introduced

        return introduced.as_html(introduced.heading(self), introduced.lines(self))

    def __repr__(self) -> str:
        from commissioning.study import introduced

        return introduced.as_text(introduced.heading(self), introduced.lines(self))

    def explain(self, measure: str) -> Frame:
        """How a measure was counted: its files, each rule that left rows out, what counted, and what is shown of it.

        Columns step, period ("all": all years together), says, number, hidden; released figures only. Of a level the figures are
        that level's, the rest is of the whole area, and a column `group` says which. Empty, with what to bring in `.why`, for a measure
        that no extract holds. The rows themselves open by hand: `rows_left_out`, `rows_behind`. Raises UsageError for no measure of the pilot's.

            study.explain("learning_disability_own_goal_met")
        """
        from commissioning.study import explaining

        return explaining.explain(self, measure)

    def rows_left_out(
        self, measure: str, *, period: str | None = None, group: tuple[str, str] | None = None
    ) -> pd.DataFrame:
        """Each restricted row that a measure did not count, and the rule that left it out: source_file, source_row, step, says.

        The parameters, and what raises, are those of `rows_behind`.

            study.rows_left_out("learning_disability_own_goal_met", period="2014-15")
        """
        return self.prepared.rows_left_out(measure, **self._one_figure(period, group))

    def rows_behind(
        self, measure: str, *, period: str | None = None, group: tuple[str, str] | None = None
    ) -> pd.DataFrame:
        """The restricted rows behind one figure: source_file, source_row, part, numerator, denominator; they add up to it, before noise.

        period   a year or quarter, or "latest"; all where None
        group    the kind and name of one, such as ("ward", "Alderby"); where None everybody of the level that is open

        Only to a person at an interactive kernel. Raises NotReleased in a run and under papermill; UsageError for a measure, period or
        group that is none.

            study.rows_behind("learning_disability_own_goal_met", period="2014-15", group=("ward", "Alderby"))
        """
        return self.prepared.rows_behind(measure, **self._one_figure(period, group))

    def _one_figure(self, period: str | None, group: tuple[str, str] | None) -> dict[str, Any]:
        """The period and the group of rows asked for; of a level that level's own."""
        return {"period": self.period if period == "latest" else period, "group": self.part if group is None else group}

    def release(self, frame: pd.DataFrame, *, by: str | Sequence[str], behind: str = "", amount: str = "") -> Frame:
        """A cross-table of one's own, through the one door: for rows that were opened by hand with `table`.

        by       the column to count by, or several; `behind`: the column that names the person, agreement or organisation of each row,
                 found by itself where it is called as in the study's tables; `amount`: a column of numbers to add up
        Columns: those of `by`; people, agreements or organisations (how many different ones, with noise, threshold and rounding);
        the same with `_hidden`; noise, state, and the amount. A report in whose session rows were opened cannot enter a site.
        Raises NotReleased in a run and under papermill; UsageError for a column that is not there or in which nearly every group is of
        one, and for people of other extracts.

            rows = study.table("reviews")
            study.release(rows, by="locality")
        """
        from commissioning.study import explaining

        return explaining.release(self, frame, by=by, behind=behind, amount=amount)

    def table(self, name: str) -> pd.DataFrame:
        """The restricted rows of one checked table, always of the whole area: only to a person at an interactive kernel.

        Raises NotReleased elsewhere; UsageError for a table that no extract holds.

            study.table("reviews")
        """
        return self.prepared.table(name)

    def try_measure(self, measure: Measure, by: str | None = None, periods: Periods = "all") -> Frame:
        """A measure of one's own (`cm.measure`, or a strict `Measure`), counted and released like any other, and marked "not agreed".

        `by`, `periods` and the columns are those of `outcomes`, with the state "not agreed". A group is one that the measure names.
        No page with it is ever published. On the sample it is counted anywhere but in a run; on own extracts only for a person at an
        interactive kernel, because a rule is code that reads rows, and because what it says of nobody is told apart from what it says of
        one person: "none recorded" from "hidden". Raises NotReleased elsewhere; UsageError for an id that is agreed, a table, column or
        word that is not here, and a measure that hides whom its rows name.

            met = cm.measure("Goals met", table="reviews", achieved={"goal_met": "yes"})
            study.try_measure(met)
        """
        from commissioning.study import figures

        return figures.try_measure(self, measure, by, periods)

    def what_if(self, **changes: Any) -> WhatIf:
        """The same answers under other settings, old beside new; marked "what-if", and never published.

        worth               pounds for one more person: a number up to 10 million, or {measure: number}
        worthwhile_change   the smallest change worth having, in the measure's unit; `floor`: the least level. As `worth`; of a share up to 100
        chance_agreed       the least chance (0 to 1) that the gain is worth its cost
        weights             {criterion: weight}, for the order of priorities

        Returns a `WhatIf` with the frames changes, value, effects, priorities and verdict, and `.tidy()`. All of it is worked out from
        printed figures. Raises UsageError for a change that cannot be made, with the nearest that can; NotReleased in a run.

            study.what_if(worth=6000).value
        """
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
    level    "" for the whole area, or such as "locality=North": figures, spend and rows are then of that part. Effects, value and a
             what-if stay those of the whole area: their frames say so in a column `group`, and wherever they are shown
    data     a folder of extracts; "" for the sample, or for what `commissioning run` prepared

    others   settings of a what-if, as text or numbers: worth, worthwhile_change, floor, chance_agreed, weights (see `Study.what_if`). Every
             page of such a study says so, and none is published

    Raises UsageError for a parameter that does not exist or is not of its kind, for a pilot or level that is not there, and for
    restricted extracts opened without `commissioning run` or COMMISSIONING_RESTRICTED=1; DataRefused for a period that nothing here holds.

        import commissioning as cm
        study = cm.open("learning_disability")
        study.period
    """
    given, where = opening.checked(pilot=pilot, period=period, area=area, level=level, data=data, **others)
    prepared = opening.prepared_of(pilots.load(given.pilot), given, where)
    study = of(prepared, given)
    if given.what_if:
        tried.tell(prepared, given)
    return study


@dataclass(frozen=True, kw_only=True, eq=False)
class Studies:
    """The studies of every pilot, opened together: what sections across pilots take. Iterating gives each `Study`."""

    each: tuple[Study, ...]
    parameters: Parameters

    def __iter__(self) -> Iterator[Study]:
        return iter(self.each)


def open_all(*, period: str = "latest", area: str = "", data: str = "") -> Studies:
    """Open every pilot's study, for what stands across them; the parameters are those of `open`.

    Raises UsageError as `open` does, and DataRefused for a period that the extracts of no pilot hold.

        studies = cm.open_all()
        [study.pilot for study in studies]
    """
    given, where = opening.checked(period=period, area=area, data=data)
    found = opening.all_prepared(given, where)
    each = tuple(of(one, given.model_copy(update={"pilot": name})) for name, one in found.items())
    return Studies(each=each, parameters=given)


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
