"""A pilot's own report: outcomes beside spend, and one section for each thing the 2011 report asks of it.

Sections are found by paragraph: every measure says which paragraphs it answers, so
another service needs no code here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import framework
from commissioning.measures import Measure, derive
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Findings
from commissioning.presentation.sections import Log, Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import easy_read, findings, together
from commissioning.reports.access_sections import AccessSections
from commissioning.study import groups, outcomes
from commissioning.wording import counted

SPLITS = ("risk", "needs_band", "age_band", "ethnicity", "department", "locality")


class Service(AccessSections):
    """One pilot on a page: what good was done, for whom, for the money."""

    def extra_files(self, folder: Path, name: str) -> list[str]:
        """The Easy Read page, from the same figures."""
        return [easy_read.write(self, folder, name)]

    def key_findings(self) -> Findings:
        """Outcomes, outcomes beside others, spend."""
        return self.keep_findings(
            [
                *findings.headline_outcomes(self, most=2),
                *findings.compared_with_others(self, most=2),
                *findings.headline_spend(self),
            ]
        )

    def outcomes_table(self) -> Table:
        """Every outcome with its range; of the main ones level, chart and effect are told together."""
        made = super().outcomes_table()
        self.say(*together.found(self, evidence="outcomes"))
        return made

    def _answering(self, paragraph: str) -> dict[str, Measure]:
        return {
            key: one
            for key, one in self.measures.items()
            if "_control_" not in key and any(_within(answer, paragraph) for answer in one.answers)
        }

    def answers(self, paragraph: str) -> Display:
        """Every measure that answers one paragraph of the 2011 report; outputs and processes say what they are."""
        found = self._answering(paragraph)
        held = {key: one for key, one in found.items() if key in set(self.study.record["measures"])}
        says = _clause(paragraph)
        if not held:
            tables = sorted({one.table for one in found.values()}) or ["none"]
            return (
                self.needs_extract(*tables, for_what=f"What answers paragraph {paragraph}")
                if found
                else self.note(f"{says} No measure answers it yet.")
            )
        frame = self.outcome_frame(held).frame
        if (
            frame[["numerator", "denominator", "value"]].isna().all(axis=None)
            and not frame["note"].str.startswith("hidden").any()
        ):
            if self.group:
                return self.note(f"{says} It is not known by {self.group_kind}: see the report of the whole area.")
            tables = sorted({table for one in held.values() for table in derive.needs(one.table)})
            says = f"{says} Nothing is known for {self.period}: it would be counted from {' and '.join(f'“{one}”' for one in tables)}."
            self.lacks.append(says)
            return self.note(says)
        kinds = {one.title: one.kind.word for one in held.values()}
        self.say(
            *findings.headline_outcomes(self, most=1, measures=held, evidence=words.slug(f"paragraph-{paragraph}"))
        )
        frame = frame.assign(kind=frame["what"].map(kinds))
        return self._keep(
            Table(
                Computed(frame=frame, of=(self.released,), how="released figures of one period"),
                title=says.rstrip("."),
                caption=f"{self.period}. Only an outcome says what good was done.",
                source=self.source_words(measures=tuple(held)),
                columns={
                    "what": "What", "kind": "Kind", "numerator": "Number",
                    "denominator": outcomes.whole_label(held.values()), "value": "Value",
                    "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "unknown": "Unknown", "note": "Note",
                },
                measures=tuple(held),
                declared=(self.period,),
                keys=1,
                id=f"paragraph-{paragraph}",
            )
        )  # fmt: skip

    def split_by(self, measure: str, *kinds: str) -> Display:
        """One measure split by groups: who, how many, and where it is out of line. Small groups are hidden."""
        key = f"{self.pilot.name}_{measure}"
        if key not in self.study.record["measures"]:
            one = self.measures.get(key)
            return self.needs_extract(one.table if one else measure, for_what=one.title if one else measure)
        one = self.measures[key]
        chosen = tuple(kind for kind in (kinds or SPLITS) if kind in one.groups)
        rows = groups.split(self.released, one, self.period, kinds=chosen)
        if rows.frame.empty:
            return self.note(f"{one.title}: no group of {self.period} may be shown.")
        money = one.unit.startswith("pence")
        frame = rows.frame
        if money:
            frame = frame.assign(value_pence=pd.to_numeric(frame["value"]).round().astype("Int64"))
        self.say(*findings.apart(self, one, frame, f"split-{measure.replace('_', '-')}"))
        columns: dict[str, Any] = {"split": "Split by", "group": "Group", "denominator": outcomes.whole_label([one])}
        ranged = {"lower": "Lower limit", "upper": "Upper limit"} if frame["lower"].notna().any() else {}
        columns |= {"value_pence": one.unit.replace("pence", "£").capitalize()} if money else {
            "numerator": "Number", "value": f"Value ({one.unit})", **ranged}  # fmt: skip
        return self._keep(
            Table(
                Computed(frame=frame, of=rows.of, how=rows.how),
                title=f"{one.title}, by group",
                caption=f"{self.period}. A group too small to show says so.{self.of_the_whole}",
                source=self.source_words(measures=(key,)),
                columns=columns | {"note": "Note"},
                measures=(key,),
                declared=(self.period, one.title),
                keys=2,
                id=f"split-{measure.replace('_', '-')}",
            )
        )

    # --- learning disability: whose money it is

    def public_purse(self) -> Display:
        """One public-purse view (3.5, 4.14): the council's own, the NHS's and people's charges, each counted once."""
        bridge = self.spend.bridge
        if bridge is None:
            return self.needs_extract("area_spend", for_what="Whose money it is (council, NHS, people's own charges)")
        by_line = bridge.set_index("line")["pence"]
        net = int(by_line.iloc[-1])
        nhs = -int(by_line.get("income from the NHS", 0))
        joint = -int(by_line.get("joint arrangements", 0))
        client = -int(by_line.get("client contributions", 0))
        rows = pd.DataFrame(
            {
                "whose": ["The council, net", "The NHS, as recorded", "Joint arrangements", "The public purse together",
                          "People's own charges, apart"],
                "pence": pd.array([net, nhs, joint, net + nhs + joint, client], dtype="Int64"),
            }
        )  # fmt: skip
        return self._keep(
            Table(
                self.public(rows, "area_spend", source="PSS EX1, NHS Digital"),
                title="Whose money it is",
                caption=f"{self.spend.bridge_words} NHS income of nothing means none recorded, not no NHS spend.{self.of_the_whole}",
                source="PSS EX1, NHS Digital",
                columns={"whose": "Whose money", "pence": Column(name="pence", label="Cash (£)", kind="pence")},
                sources=self.sources_of("area_spend"),
                declared=(self.spend.bridge_year, 18, 64),
                id="public-purse",
            )
        )

    def sharing_register(self) -> Log | Note:
        """What is shared, why, on what lawful basis, who may see it, what goes back to providers (4.11c)."""
        labels = {
            "table": "Tables", "purpose": "Purpose", "lawful_basis": "Lawful basis", "controller": "Controller",
            "impact_assessment": "Impact assessment", "may_see": "Who may see it", "returns_to_providers": "What returns",
        }  # fmt: skip
        rows = [one.model_dump() for one in self.pilot.sharing]
        return self.log(rows, title="Sharing register (4.11c)", columns=labels, id="sharing-register")

    # --- voluntary, community and faith funding: the register

    def register(self) -> Display:
        """Grants by year: how many and how much, as published; a council's own unpublished register is rounded."""
        if not self.holds("grants"):
            return self.needs_extract("grants", for_what="The register of grants")
        key = f"{self.pilot.name}_award"
        figures = self.released.figures
        mine = figures[(figures["measure"] == key) & (figures["group_kind"] == "all")]
        mine = mine[~outcomes.quarterly(mine["period"])].sort_values("period")
        if len(mine) and bool(mine["public"].all()):
            own = self.study.published("grants")
            rows = own.assign(year=own["award_date"].astype("datetime64[ns]").dt.year.astype(str)).groupby("year").agg(
                grants=("grant_id", "size"), awarded_pence=("amount_awarded_pence", "sum")
            ).reset_index()  # fmt: skip
            rows["awarded_pence"] = rows["awarded_pence"].astype("Int64")
            total = pd.DataFrame(
                {"year": ["all years"], "grants": [len(own)], "awarded_pence": [int(own["amount_awarded_pence"].sum())]}
            )
            frame: Any = self.public(pd.concat([rows, total], ignore_index=True), "grants", source=self.source_words())
            columns: Any = {"year": "Calendar year of award", "grants": "Grants", "awarded_pence": "Awarded (£)"}
        else:
            amounts = mine.assign(awarded_pence=pd.to_numeric(mine["numerator"]).round().astype("Int64"))
            frame = Computed(
                frame=amounts[["period", "awarded_pence"]], of=(self.released,), how="released awards by year"
            )
            columns = {"period": "Year", "awarded_pence": "Awarded (£)"}
        says, told = self._without_number()
        return self._keep(
            Table(
                frame,
                title="The register of grants",
                caption=f"Awards are promises, and stand apart from payments. {says}{self.of_the_whole}",
                source=self.source_words("grants", measures=(key,)),
                columns=columns,
                measures=(key,),
                sources=self.sources_of("grants"),
                declared=told,
                id="register",
            )
        )

    def _without_number(self) -> tuple[str, tuple[int, ...]]:
        """How many grants carry no number, in words; and the counts in them."""
        rows = self.in_all("register_agreements")
        if rows.empty or rows[["no_number", "unnumbered"]].iloc[0].isna().any():  # hidden ones are missing too
            return "", ()
        count, recipients = int(rows["no_number"].iloc[0]), int(rows["unnumbered"].iloc[0])
        carry = "carries" if count == 1 else "carry"
        says = f"{counted(count, 'grant')} to {counted(recipients, 'recipient')} {carry} no charity or company number."
        return says, (count, recipients)

    def other_funders(self) -> Display:
        """Other funders' grants to the same place, kept apart from the council's; those not known to be here are named, and in no sum."""
        elsewhere = [
            f"{_elsewhere(one)} are in these extracts, and by their own "
            "codes are not known to be in this area: they are in no figure."
            for one in self.study.record.get("grants_elsewhere", ())
        ]
        if not self.holds("other_grants"):
            return self.note(" ".join(["No other funder's grants to this area are known.", *elsewhere]))
        by = self.in_all("other_funders", "funder")
        by["awarded_pence"], by["awarded_pence_hidden"] = by["pence"].round().astype("Int64"), by["pence_hidden"]
        public = "grants" in self.study.record.get("public_tables", ())
        shown: Any = (
            self.public(by[["funder", "grants", "awarded_pence"]], "grants", source=self.source_words())
            if public
            else Computed(frame=by, of=(self.released,), how="other funders' grants, as released")
        )
        caption = f"Kept apart from the council's own, and never added to them.{self.of_the_whole}"
        return self._keep(
            Table(
                shown,
                title="Other funders' grants to this area",
                caption=" ".join([caption, *elsewhere]),
                source=self.source_words("grants"),
                columns={"funder": "Funder", "grants": "Grants", "awarded_pence": "Awarded (£)"},
                sources=self.sources_of("grants"),
                declared=tuple(
                    part
                    for one in self.study.record.get("grants_elsewhere", ())
                    for part in (one["grants"], (one["pence"] or 0) / 100, one["funder"])
                    if part
                ),
                id="other-funders",
            )
        )

    def notes_on_reading(self) -> Log | Note:
        """What was noted when each extract was read: empty columns, encodings, duplicates kept."""
        rows = [{"note": one} for one in self.study.record["notes"]]
        if not rows:
            return self.note("Nothing out of the ordinary was noted when the extracts were read.")
        return self.log(rows, title="Noted on reading", columns={"note": "Note"}, id="notes-on-reading")


def _elsewhere(one: dict[str, Any]) -> str:
    """How many grants of a funder, and for how much, as far as either may be said."""
    grants = "A few grants" if one["grants"] is None else counted(one["grants"], "grant")
    pounds = "" if one["pence"] is None else f" ({words.money(one['pence'])})"
    return f"{grants} of {one['funder']}{pounds}"


def _within(answer: str, paragraph: str) -> bool:
    """True where an answer is this paragraph or a letter of it: 4.14b is within 4.14, and 4.14 is not within 4.1."""
    return answer == paragraph or (answer.startswith(paragraph) and not answer[len(paragraph)].isdigit())


def _clause(paragraph: str) -> str:
    try:
        found = framework.clause(paragraph)
    except KeyError:
        return f"What answers paragraph {paragraph}"
    return f"{found.says.rstrip('.')} (paragraph {paragraph})."
