"""Outcomes beside spend: what good was done, for the money, each with its range."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import findings
from commissioning.reports.base import Base
from commissioning.study import outcomes
from commissioning.study.breaks import series_break

ENGLAND = "E92000001"
OWN_DOMAINS = ("choice and control", "contribution", "dignity")
ASKED = ("reviews", "supported")
"""Tables that hold what people answered when they were asked."""


def said_by_the_person(measure: Measure) -> bool:
    """True where an outcome is what people say of their own lives: asked of them, and not answered by somebody else for them.

    A safeguarding enquiry, and whether an organisation goes on, are of the same domains, and nobody's own words.
    """
    by_another = any(one.says.startswith("answered by somebody else") for one in measure.population)
    domain = getattr(measure.kind, "domain", "")
    return domain in OWN_DOMAINS and measure.table in ASKED and measure.person is not None and not by_another


def ends(frame: pd.DataFrame, name: str, value: str, unit: str) -> str:
    """The highest and the lowest row in words, for a picture's text; one alone, or rows all alike, are said to be that."""
    known = frame[pd.to_numeric(frame[value], errors="coerce").notna()]
    if known.empty:
        return "No value is known."
    numbers = known[value].astype(float)
    best, worst = known.loc[numbers.idxmax()], known.loc[numbers.idxmin()]
    high, low = (f"{words.number(one[value], 1)}{unit}" for one in (best, worst))
    if len(known) == 1:
        return f"The only one: {best[name]}, {high}."
    if high == low:
        return f"All stand at {high}."
    return f"Highest: {best[name]}, {high}. Lowest: {worst[name]}, {low}."


class OutcomesBesideSpend(Base):
    """The section that every report of a pilot holds."""

    @cached_property
    def primary(self) -> dict[str, Measure]:
        """Primary outcomes that have rows; where none has, every outcome that has."""
        held = set(self.study.record["measures"])
        found = {key: one for key, one in self.outcome_measures.items() if one.primary and key in held}
        return found or {key: one for key, one in self.outcome_measures.items() if key in held}

    @property
    def own_word_measures(self) -> dict[str, Measure]:
        """Outcomes in which people speak for themselves: choice, control, contribution and dignity (4.11a)."""
        return {key: one for key, one in self.outcome_measures.items() if said_by_the_person(one)}

    def own_words(self) -> pd.DataFrame:
        """Released figures of those outcomes in the period, one row each; empty where the pilot has none."""
        return (
            self.outcome_frame(self.own_word_measures).frame if self.own_word_measures else pd.DataFrame({"value": []})
        )

    def outcome_frame(self, measures: dict[str, Measure] | None = None) -> Computed:
        return outcomes.table(
            self.released,
            measures or self.outcome_measures,
            self.period,
            group_kind=self.group_kind,
            group=self.group,
        )

    def outcomes_table(self) -> Table:
        """Every outcome that an extract holds, with its range; how many are held by none stands in the caption.

        Where no extract holds any, all are listed as not known: unknown, and never zero.
        """
        held = {key: one for key, one in self.outcome_measures.items() if key in self.study.record["measures"]}
        shown = held or self.outcome_measures
        lacking = len(self.outcome_measures) - len(held)
        caption = f"Each outcome in {self.period or 'the period'}. {self._how_shown(shown)}"
        self.say(*findings.headline_outcomes(self, most=1, measures=self.primary))
        if lacking:
            caption += f" {lacking} {'outcome is' if lacking == 1 else 'outcomes are'} in no extract here: see “What this cannot tell you”."
        return self._keep(
            Table(
                self.outcome_frame(shown),
                title=f"Outcomes for {self.place}",
                caption=caption,
                source=self.source_words(measures=tuple(shown)),
                columns={
                    "what": "Outcome", "numerator": "Number", "denominator": outcomes.whole_label(shown.values()), "value": "Value",
                    "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "unknown": "Unknown", "note": "Note",
                },
                measures=tuple(shown),
                declared=(self.period, lacking),
                id="outcomes",
            )
        )  # fmt: skip

    def _how_shown(self, measures: dict[str, Measure]) -> str:
        figures = self.released.figures
        mine = figures[figures["measure"].isin(list(measures)) & (figures["period"] == self.period)]
        if mine.empty:
            return "None is known."
        return "As published." if mine["public"].all() else "Rounded, so that nobody can be recognised."

    def outcomes_chart(self) -> Chart | Note:
        """Outcomes that are shares, as points with their ranges."""
        frame = self.outcome_frame(self.primary).frame
        shares = frame[frame["value"].notna() & frame["unit"].str.startswith("%")].head(8)
        if shares.empty:
            return self.note(
                f"No outcome is known for {self.place} in {self.period or 'any period'}. Spend known, outcome unknown."
            )
        alt = f"Points with ranges, one for each outcome in {self.period}. {ends(shares, 'what', 'value', '%')}"
        return self._keep(
            Chart.dots(
                Computed(frame=shares, of=(self.released,), how="primary outcomes that are known"),
                x="what",
                y="value",
                lower="lower",
                upper="upper",
                columns={"what": "Outcome", "value": "Value", "lower": "Lower limit", "upper": "Upper limit"},
                title=f"Primary outcomes, {self.period}",
                alt=alt,
                caption="Each point is a share of what its title names (reviews, people or agreements); the line is the range in which the true "
                "share probably lies.",
                source=self.source_words(measures=tuple(self.primary)),
                unit="%",
                measures=tuple(self.primary),
                declared=(self.period, 95),
                id="outcomes-chart",
            )
        )

    def spend_table(self) -> Table | Note:
        """Spend line by line: year, what, basis, perspective, cash and real terms."""
        if self.spend.frame.empty and self.group:
            return self.note(
                f"No spend that may be shown is split by {self.group_kind}: see the report of the whole area."
            )
        if self.spend.frame.empty and self.spend.notes:  # what is here cannot be told to be of this service
            self.lacks += self.spend.notes
            return self.note(" ".join(["No spend of this service is known here.", *self.spend.notes]))
        if self.spend.frame.empty:
            return self.needs_extract("packages", "area_spend", "payments", for_what="Spend")
        base = self.pilot.price_base
        self.say(*findings.headline_spend(self))
        return self._keep(
            Table(
                self.spend.showable(self.released, self.source_words()),
                title="Spend, in cash and in real terms",
                caption=f"Real terms are in {base} prices, by {self.spend.prices}.",
                source=self.source_words(*self.spend.tables),
                columns={
                    "year": "Year", "what": "What", "basis": "Basis", "perspective": "Whose money", "scope": "Scope",
                    "pence": Column(name="pence", label="Cash (£)", kind="pence"), "real_pence": Column(name="real_pence", label=f"{base} prices (£)", kind="pence"),
                },
                sources=self.sources_of(*self.spend.tables, "deflators"),
                keys=2,
                declared=(base, self.spend.prices),
                id="spend",
            )
        )  # fmt: skip

    def bridge_table(self) -> Table | Note:
        """From total to net, for the last published year that has every line."""
        bridge = self.spend.bridge
        if bridge is None and self.group:
            return self.note("The bridge from total to net spend is published for the whole area only.")
        if bridge is None:
            if "area_spend" in self.study.tables_held:
                return self.note(
                    "The bridge from total to net spend is of long-term support, which is not what this service pays for: "
                    "its grants and payments stand above as they were recorded."
                )
            return self.note(
                "The bridge from total to net spend needs the published return PSS EX1, which is not here."
            )
        return self._keep(
            Table(
                self.public(bridge, "area_spend", source="PSS EX1, NHS Digital"),
                title="From total to net spend",
                caption=self.spend.bridge_words,
                source="PSS EX1, NHS Digital",
                columns={"line": "Line", "pence": Column(name="pence", label="Cash (£)", kind="pence")},
                sources=self.sources_of("area_spend"),
                declared=(self.spend.bridge_year, 18, 64),
                id="bridge",
            )
        )

    def spend_note(self) -> Note:
        """What the spend includes, and why it is not divided by outcomes."""
        text = (
            f"Perspective: {self.pilot.perspective.rstrip('.')}. {self.pilot.includes_overheads.rstrip('.')}. "
            "Only spend with a measure's own purpose is ever divided by an outcome. Shared spend stands beside outcomes."
        )
        return self.note(" ".join([text, *self.spend.notes, *self._years_apart()]))

    def _years_apart(self) -> list[str]:
        """Says where the last year of spend is not the last year of outcomes: then nothing may be divided."""
        spent = sorted(self.spend.frame["year"].unique()) if len(self.spend.frame) else []
        if not spent or not self.primary or not self.period:
            return []
        if spent[-1] == self.period[:7]:
            return []
        return [
            f"The last outcomes are for {self.period} and the last spend is for {spent[-1]}: they stand side by side by year, "
            "and no ratio is made of them."
        ]

    # --- published outcomes beside others

    def comparison_rows(self, key: str) -> pd.DataFrame | None:
        """Two rows of one published measure in its latest year: the area, and England. None where either is missing."""
        figures = self.released.figures
        figures = outcomes.scaled(figures[figures["measure"] == key], self.measures)
        mine = figures[(figures["group_kind"] == "all") & figures["value"].notna()]
        if mine.empty:
            return None
        year = mine["period"].max()
        england = figures[(figures["group"] == ENGLAND) & (figures["period"] == year) & figures["value"].notna()]
        if england.empty:
            return None
        return pd.concat([mine[mine["period"] == year].head(1), england.head(1)], ignore_index=True)

    def published_outcomes(self, key: str) -> Table | Note:
        """One published measure year by year: the area beside England and its statistical neighbours."""
        measure = self.measures[key]
        figures = self.released.figures
        rows = outcomes.scaled(figures[figures["measure"] == key], self.measures)
        if rows.empty:
            return self.needs_extract("indicators", for_what=measure.title)
        neighbours = self.study.published("neighbours")
        codes = (
            set(neighbours.loc[neighbours["area_code"] == self.study.area, "neighbour_code"])
            if len(neighbours)
            else set()
        )
        codes -= {self.study.area}
        out = []
        for year, of_year in rows.groupby("period"):
            here = of_year[of_year["group_kind"] == "all"]
            if here.empty or " Q" in str(year):
                continue
            england = of_year[of_year["group"] == ENGLAND]
            like = of_year[of_year["group"].isin(codes) & of_year["value"].notna()]
            row = here.iloc[0]
            out.append(
                {
                    "year": year,
                    **{one: row[one] for one in ("numerator", "denominator", "value", "lower", "upper")},
                    "england": england["value"].iloc[0] if len(england) else None,
                    "england_numerator": england["numerator"].iloc[0] if len(england) else None,
                    "england_denominator": england["denominator"].iloc[0] if len(england) else None,
                    "like_low": like["value"].min() if len(like) else None,
                    "like_high": like["value"].max() if len(like) else None,
                    "like": len(like),
                }
            )
        frame = pd.DataFrame(out)
        anchor = words.slug(key)
        self.say(*findings.compared_with_others(self, keys=(key,)))
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="published figures of the area, England and its neighbours"),
                title=measure.title,
                caption=f"As published, with 95% ranges. {self._absent(codes, rows)}",
                source=self.source_words('indicators', 'neighbours', measures=(key,)),
                columns={
                    "year": "Year", "numerator": "Number", "denominator": "Out of", "value": "Value (%)",
                    "lower": "Lower limit", "upper": "Upper limit", "england": "England (%)",
                    "england_numerator": "England number", "england_denominator": "England out of",
                    "like_low": "Lowest similar council (%)", "like_high": "Highest similar council (%)",
                    "like": "Similar councils with a figure",
                },
                measures=(key,),
                sources=self.sources_of("indicators", "neighbours"),
                declared=(95, *sorted(codes), len(codes), measure.title),
                id=f"comparison-{anchor}",
            )
        )  # fmt: skip

    def comparisons(self) -> None:
        """Every published measure of the pilot beside England and similar councils, one table each."""
        from IPython.display import display

        if not self.pilot.published_measures:
            display(self.note("No measure of this service is published for every council, so none is compared."))
        for key in self.pilot.published_measures:
            display(self.published_outcomes(key))

    def _absent(self, codes: set[str], rows: pd.DataFrame) -> str:
        """Which statistical neighbours have no figure in some published year, by name and code."""
        if not codes:
            return "No list of statistical neighbours is here."
        says = []
        indicators = self.study.published("indicators")
        names = indicators.drop_duplicates("area_code", keep="last").set_index("area_code")["area"].to_dict()
        own_years = sorted(rows.loc[rows["group_kind"] == "all", "period"].unique())
        for code in sorted(codes):
            held = set(rows.loc[(rows["group"] == code) & rows["value"].notna(), "period"])
            missing = [one for one in own_years if one not in held]
            if missing:
                says.append(f"{names.get(code) or 'One council'} ({code}) has no figure in {', '.join(missing)}")
        return f"{len(codes)} similar councils. " + (
            "; ".join(says) + "." if says else "Each has a figure in every year."
        )

    def published_trend(self, key: str) -> Chart | Note:
        """One published measure over time, the area and England."""
        measure = self.measures[key]
        figures = outcomes.scaled(self.released.figures, self.measures)
        rows = figures[(figures["measure"] == key) & ((figures["group_kind"] == "all") | (figures["group"] == ENGLAND))]
        rows = rows[rows["value"].notna()]
        if rows.empty:
            return self.note(f"{measure.title}: no published figure is here.")
        names = {
            "all": self.area_name,
            ENGLAND: "England",
        }
        frame = rows.assign(place=rows["group"].map(names))[["period", "place", "value", "lower", "upper"]]
        frame = frame.sort_values(["place", "period"], ascending=[False, True], ignore_index=True)
        mine = frame[frame["place"] == names["all"]]
        alt = (
            f"A line over the years {mine['period'].iloc[0]} to {mine['period'].iloc[-1]}: {names['all']} goes from "
            f"{words.number(mine['value'].iloc[0], 1)}% to {words.number(mine['value'].iloc[-1], 1)}%, drawn beside England."
        )
        return self._keep(
            Chart.line(
                Computed(frame=frame, of=(self.released,), how="published figures of the area and of England"),
                series="place",
                lower="lower",
                upper="upper",
                columns={
                    "period": "Year",
                    "place": "Place",
                    "value": "Value (%)",
                    "lower": "Lower limit",
                    "upper": "Upper limit",
                },
                title=measure.title,
                alt=alt,
                caption=self._break_words(key),
                source=self.source_words("indicators", measures=(key,)),
                unit="%",
                measures=(key,),
                sources=self.sources_of("indicators"),
                declared=(*frame["period"], measure.title),
                id=f"trend-{words.slug(key)}",
            )
        )

    def _break_words(self, key: str) -> str:
        where = series_break(self.study, key)
        if not where:
            return "The line through each point is its range."
        return "The series breaks: see the findings about the data. No claim of change is made across the break."
