"""Analyse (4.5): needs, resources, the market, what people said, and whether the need has been asked about at all."""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.published import selections
from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Findings
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import findings, needs
from commissioning.reports.market_sections import MarketSections
from commissioning.study import groups


class Analyse(MarketSections):
    """What people need, what is spent, who provides, and where the outcomes stand before anything is planned."""

    def key_findings(self) -> Findings:
        """Three to five findings: outcomes, spend, need or market, and what is not known."""
        found = [
            *findings.headline_outcomes(self, most=1),
            *findings.compared_with_others(self, most=1),
            *findings.headline_spend(self),
            *findings.concentration(self),
        ]
        return self.keep_findings(found)

    def needs(self) -> Table | Note:
        """Who is estimated to need support, who has it and who has not: by age and by ethnicity (4.11b, 4.14d)."""
        measure = needs.supported_measure(self)
        if measure is None or not needs.year_of(self, measure):
            return self.area_profile()
        kinds = ("age_band", "ethnicity")
        self.say(*needs.finding(self, measure, "needs"), *needs.apart(self, measure, kinds, "needs"))
        return needs.table(
            self, measure, kinds, title="Estimated to need support, supported and not supported", id="needs"
        )

    def area_profile(self) -> Table | Note:
        """What published sources say of the area: people, deprivation."""
        rows = []
        people = self.study.published("area_population")
        if len(people) and (people["area_code"] == self.study.area).any():
            row = people[people["area_code"] == self.study.area].iloc[-1]
            rows.append(
                {"what": "People living in the area", "year": str(row["year"]), "figure": f"{row['people']:,.0f}"}
            )
        deprived = self.study.published("deprivation")
        if len(deprived) and (deprived["area_code"] == self.study.area).any():
            row = deprived[deprived["area_code"] == self.study.area].iloc[-1]
            rows.append(
                {
                    "what": "Index of Multiple Deprivation, average score",
                    "year": str(row["year"]),
                    "figure": words.number(row["score"], 1),
                }
            )
        if not rows:
            return self.needs_extract("population", for_what="Need beside population")
        return self._keep(
            Table(
                self.public(pd.DataFrame(rows), "area_population", "deprivation", source="ONS and MHCLG"),
                title="The area in published figures",
                caption=f"The latest year that each source holds.{self.of_the_whole}",
                source="ONS and MHCLG",
                columns={"what": "What", "year": "Year", "figure": "Figure"},
                sources=self.sources_of("area_population", "deprivation"),
                id="area-profile",
            )
        )

    def resources(self) -> Table | Note:
        """What is spent, by kind of support: from published returns, else from the council's own extracts."""
        spend = self.study.published("area_spend")
        if len(spend):
            table = self._published_resources(spend)
            if table is not None:
                return table
        found = self._money_by_group()
        if found is None:
            extract = "packages" if "packages" in self.pilot.tables else "grants"
            return self.needs_extract(extract, for_what=f"Spend by kind of support in {self.period or 'the period'}")
        cost, rows = found
        return self._keep(
            Table(
                groups.in_pence(rows),
                title="Where the money goes",
                caption=f"{self.period}{_rounded(cost)}.{self.of_the_whole}",
                source=self.source_words(measures=(cost.id,)),
                columns={
                    "split": "Split by", "group": "Group",
                    "numerator": Column(name="numerator", label="Spend (£)", kind="pence"),
                },
                measures=(cost.id,),
                declared=(self.period,),
                keys=2,
                id="resources",
            )
        )  # fmt: skip

    def _money_by_group(self) -> tuple[Measure, Computed] | None:
        """The first money measure with rows by group in the period, the measure of the pilot's own spend before others."""
        held = self.study.record["measures"]
        own = groups.money_measure(self.measures, held)
        others = [one for one in self.measures.values() if one.unit.startswith("pence") and one.id in held]
        for cost in [*([own] if own else []), *others]:
            kinds = [one for one in ("setting", "needs_band", "department", "programme") if one in cost.groups]
            rows = groups.split(self.released, cost, self.period, kinds=tuple(kinds[:2]))
            if len(rows.frame):
                return cost, rows
        return None

    def _published_resources(self, spend: pd.DataFrame) -> Table | None:
        reason = self.pilot.support_reason
        rows = []
        for year in sorted(spend["year"].dropna().unique()):
            mine = spend[
                (spend["area_code"] == self.study.area)
                & (spend["year"] == year)
                & (spend["support_reason"] == reason)
                & (spend["category"] == selections.GROSS_CURRENT)
                & ~spend["is_total"].astype(bool)
                & (spend["age_band"] == self.pilot.spend_age_band)
            ]
            by_setting = mine.groupby(["term", "setting"], observed=True)["amount_pence"].sum()
            rows += [
                {"year": year, "term": term, "setting": setting, "pence": int(pence)}
                for (term, setting), pence in by_setting.items()
                if pence
            ]
        if not rows:
            return None
        frame = pd.DataFrame(rows)
        return self._keep(
            Table(
                self.public(frame, "area_spend", source="NHS Digital"),
                title="Gross current spend by kind of support",
                caption=f"Ages {self.pilot.spend_age_band}, as the council returned it.{self.of_the_whole}",
                source="NHS Digital, PSS EX1 and ASC-FR",
                columns={
                    "year": "Year", "term": "Term", "setting": "Kind of support",
                    "pence": Column(name="pence", label="Spend (£)", kind="pence"),
                },
                sources=self.sources_of("area_spend"),
                declared=(self.pilot.spend_age_band,),
                keys=3,
                id="resources",
            )
        )  # fmt: skip

    def what_people_said(self) -> Display:
        """Choice, control and people's own goals (4.11a): outcomes in which people speak for themselves."""
        own = self.own_word_measures
        held = {key: one for key, one in own.items() if key in set(self.study.record["measures"])}
        if not held:
            return self.needs_extract("reviews", for_what="What people said about choice, control and their goals")
        self.say(*findings.headline_outcomes(self, most=1, measures=held, evidence="what-people-said"))
        return self._keep(
            Table(
                self.outcome_frame(held),
                title="What people said",
                caption=f"Outcomes in which people speak for themselves, {self.period}.",
                source=self.source_words(measures=tuple(held)),
                columns={
                    "what": "Outcome", "numerator": "Said so", "denominator": "Asked", "value": "Value",
                    "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "note": "Note",
                },
                measures=tuple(held),
                declared=(self.period,),
                id="what-people-said",
            )
        )  # fmt: skip

    def need_identified(self) -> Note:
        """4.12: a review of services does not in itself challenge the need for them."""
        text = "The 2011 report warns that reviewing current services does not in itself challenge the need for them (4.12). "
        if self.pilot.needs:
            text += (
                f"{len(self.pilot.needs)} written down apart from who uses the service: see below who identified each."
            )
        else:
            text += (
                "Nobody has written down a need apart from who uses the service, so this report cannot say that the need "
                "for it was identified. Being asked about a service is not the same."
            )
        return self.note(text)


def _rounded(cost: Measure) -> str:
    """What a caption says of amounts that people's own packages add up to; other amounts stand as released."""
    return ", rounded so that no package can be worked back" if cost.person else ""
