"""Cabinet summary: every pilot on a page, the seven principles, and what other reviews can learn.

Unlike outcomes are never added. Money that belongs to two pilots is counted once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import pandas as pd

from commissioning.disclosure import Released
from commissioning.evidence.published import selections
from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding, Findings
from commissioning.presentation.sections import Log, Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import findings, principles, registers, stage_records, together
from commissioning.reports.report import Report
from commissioning.reports.service import Service
from commissioning.reports.verdict_words import words_of
from commissioning.study import figure_states, spend_lines
from commissioning.study.parameters import Parameters
from commissioning.study.prepared import Prepared, pilot_of
from commissioning.study.spend_lines import PROMISED
from commissioning.study.then import pilot_at_the_end_of


class CabinetSummary(Report):
    """All pilots side by side. Common sections are shown for all of them together."""

    def __init__(self, stage: str, given: Parameters, studies: dict[str, Prepared]) -> None:
        of = {name: pilot_at_the_end_of(pilot_of(study), given.period) for name, study in studies.items()}
        first = next(iter(studies))
        super().__init__(stage, given, of[first], studies[first])
        self.services = {name: Service("pilot", given, of[name], study) for name, study in studies.items()}

    @cached_property
    def measures(self) -> dict[str, Measure]:  # type: ignore[override]
        return {key: one for service in self.services.values() for key, one in service.measures.items()}

    @property
    def parts(self) -> tuple[Service, ...]:
        return tuple(self.services.values())

    def of_all(self) -> tuple[Released, ...]:
        """Released figures of every pilot, for tables that show them side by side."""
        return tuple(one.released for one in self.services.values())

    def sources_of(self, *tables: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for one in self.services.values() for name in one.sources_of(*tables)))

    @property
    def publishers(self) -> dict[str, str]:
        return {file: one for service in self.services.values() for file, one in service.publishers.items()}

    def key_findings(self) -> Findings:
        """For each pilot what may be put down to it, else one outcome; and one line of spend."""
        found: list[Finding] = []
        for name, service in self.services.items():
            made = [
                *self._changes_of(name, service),
                *findings.headline_outcomes(service, most=1),
                *findings.compared_with_others(service, most=1),
                *findings.headline_spend(service),
            ]
            for one in (*made[:1], *made[-1:]):
                if one not in found:
                    if one.record["evidence"] != "supports":
                        one.record["evidence"] = "spend-of-all" if "spend" in one.record["evidence"] else "side-by-side"
                    found.append(one)
            for told in service.findings_shown:
                self.findings_shown.append(told)
        for always in (findings.known_outcomes, findings.data_state, findings.policy_of_release):
            if len(found) < 3:  # one pilot alone: what is always said leads to the tables that this page holds
                found += always(self)
                if found[-1].record["evidence"] == "outcomes":
                    found[-1].record["evidence"] = "side-by-side"
        return self.keep_findings(found)

    def _review(self, name: str) -> stage_records.StageRecord | None:
        """The record of a pilot's review; None where it has not been run."""
        return self.not_later(stage_records.read("review", name, self.record_folders()))

    def _put_down(self, name: str) -> list[stage_records.FindingRecord]:
        """The changes that a pilot's review puts down to it, as it says them."""
        record = self._review(name)
        return [one for one in record.findings if one.claim == "attributable"] if record else []

    def _changes_of(self, name: str, service: Service) -> list[Finding]:
        """The first change that the pilot's review puts down to it, in the review's own sentence; none where none is."""
        told = self._put_down(name)
        if not told or service.group:
            return []
        numbers = Computed(
            frame=pd.DataFrame({"change": told[0].numbers}),
            of=(service.released,),
            how="the change as the review shows it",
        )
        confidence = told[0].confidence
        told_of = told[0].measure
        return [
            service.finding(
                told[0].sentence,
                "attributable",
                numbers,
                "supports",
                measure=told_of,
                confidence=confidence,
                declared=told[0].periods,
            )
        ]

    def side_by_side(self) -> Table:
        """Primary outcomes of every pilot, each in its own unit, with its claim."""
        for one in findings.known_outcomes(self):
            one.record["evidence"] = "side-by-side"
            self.say(one)
        for service in self.services.values():
            self.say(*together.found(service, most=1, evidence="side-by-side"))
        rows = []
        for name, service in self.services.items():
            record = self._review(name)
            claims = record.claims if record else {}
            frame = service.outcome_frame(service.primary or service.outcome_measures).frame
            ids = list(service.primary or service.outcome_measures)
            for key, (_, row) in zip(ids, frame.iterrows(), strict=True):
                rows.append(
                    {"pilot": service.pilot.title, "what": row["what"], "period": service.period,
                     **{one: row[one] for one in ("value", "lower", "upper", "unit", "note")},
                     "claim": claims.get(key, "no change estimated" if record else "not reviewed yet")}
                )  # fmt: skip
        shown = [key for service in self.services.values() for key in (service.primary or service.outcome_measures)]
        return self._keep(
            Table(
                Computed(frame=pd.DataFrame(rows), of=self.of_all(), how="primary outcomes of every pilot"),
                title="Outcomes of every pilot, side by side",
                caption="Unlike outcomes stand in one table and are never added. Each value is described; a claim is made on a change alone.",
                source=self.source_words(measures=tuple(shown)),
                columns={
                    "pilot": "Pilot", "what": "Outcome", "period": "Period", "value": "Value", "lower": "Lower limit",
                    "upper": "Upper limit", "unit": "Unit", "claim": "Claim on its change", "note": "Note",
                },
                measures=tuple(shown),
                keys=2,
                id="side-by-side",
            )
        )  # fmt: skip

    def spend_of_all(self) -> Table | Note:
        """Spend of every pilot; a line that belongs to two is counted once and says so."""
        parts = [
            one.spend.frame.assign(pilot=one.pilot.title) for one in self.services.values() if len(one.spend.frame)
        ]
        if not parts:
            return self.needs_extract("area_spend", "payments", for_what="Spend of every pilot")
        frame = pd.concat(parts, ignore_index=True)
        twice = frame.groupby(["year", "what", "basis"])["pilot"].transform("size") > 1
        frame["pilot"] = frame["pilot"].where(~twice, "Both pilots, counted once")
        frame = frame.drop_duplicates(["year", "what", "basis", "pilot"], ignore_index=True)
        base = self.pilot.price_base
        return self._keep(
            Table(
                Computed(frame=frame, of=self.of_all(), how="spend lines of every pilot"),
                title="Spend of every pilot",
                caption=f"Lines differ in basis and perspective, so there is no total. Real terms in {base} prices.",
                source=self.source_words('area_spend', 'payments', 'packages', 'grants'),
                columns={
                    "pilot": "Pilot", "year": "Year", "what": "What", "basis": "Basis", "perspective": "Whose money",
                    "pence": Column(name="pence", label="Cash (£)", kind="pence"),
                    "real_pence": Column(name="real_pence", label=f"{base} prices (£)", kind="pence"),
                },
                sources=self.sources_of("area_spend", "payments", "packages", "grants"),
                declared=(base,),
                keys=3,
                id="spend-of-all",
            )
        )  # fmt: skip

    def grants_once(self) -> Note:
        """Grants to voluntary organisations within adult social care belong to both pilots: counted once here."""
        for service in self.services.values():
            spend = service.study.published("area_spend")
            if spend.empty:
                continue
            for year in sorted(spend["year"].dropna().unique()):
                whole = selections.grants_to_voluntary(spend, area=service.study.area, year=year)
                part = selections.grants_to_voluntary(
                    spend, area=service.study.area, year=year, support_reason="learning disability"
                )
                if whole is not None and part is not None:
                    return self.note(
                        f"In {year} the council gave {words.money(whole)} in grants to voluntary organisations within adult "
                        f"social care, {words.money(part)} of it for learning disability. That part belongs to both pilots and "
                        "is counted once here."
                    )
        return self.needs_extract("area_spend", for_what="Which grants belong to both pilots")

    def supports(self) -> Log | Note:
        """What the evidence supports for each pilot, from its review. Members decide."""
        rows = []
        for name, service in self.services.items():
            record = self._review(name)
            if record and record.recommendation:
                found = record.recommendation
                changed = with_checks_once(self._put_down(name))
                rows.append(
                    {"pilot": service.pilot.title, "changed": changed or "No change may be put down to it", "says": words_of(found), "because": " ".join(f"{one}." for one in found.reasons),
                     "change": " ".join(f"{one}." for one in found.would_change)}
                )  # fmt: skip
            else:
                rows.append(
                    {
                        "pilot": service.pilot.title,
                        "changed": "",
                        "says": "not reviewed yet",
                        "because": "",
                        "change": "",
                    }
                )
        labels = {
            "pilot": "Pilot",
            "changed": "What changed",
            "says": "The evidence supports",
            "because": "Because",
            "change": "What would change it",
        }
        return self.log(rows, title="What the evidence supports; members decide", columns=labels, id="supports")

    def balance(self) -> Log:
        """Value for money and public value side by side, and how they were weighed (Appendix 2, 2.2b)."""
        rows = []
        for name, service in self.services.items():
            record = self._review(name)
            own_words = service.own_words()
            known = int(own_words["value"].notna().sum())
            weighed = [f"{one.says} ({one.by}, {one.on})" for one in service.pilot.balance]
            rows.append(
                {
                    "pilot": service.pilot.title,
                    "money": self._cost_words(record, service),
                    "public": f"{known} of {len(own_words)} outcomes in which people speak for themselves are known"
                    if len(own_words)
                    else "No outcome in which people speak for themselves is held",
                    "balance": "; ".join(weighed)
                    or "Nobody has written how the two were weighed (balance in pilot.toml)",
                }
            )
        labels = {
            "pilot": "Pilot",
            "money": "Value for money",
            "public": "Public value: what people said",
            "balance": "How they were weighed",
        }
        return self._keep(
            Log(rows, title="Value for money and public value (Appendix 2, 2.2b)", columns=labels, id="balance")
        )

    def _cost_words(self, record: stage_records.StageRecord | None, service: Service) -> str:
        """What the review says each more person cost, or why it says nothing; never more than the review."""
        if record is None:
            return "Not reviewed yet"

        def title(key: str) -> str:
            return service.measures[key].title if key in service.measures else key

        parts = [f"{title(key)}: about £{pounds:,.0f} for each more person" for key, pounds in record.cost_each.items()]
        if len(record.cost_each) > 1:
            parts.append("each is set against the whole of one shared cost, so these are never added up")
        parts += [f"{title(key)}: {why.rstrip('.')}" for key, why in record.cost_withheld.items()]
        return "; ".join(parts) or "No change may be put down to it, so no cost for each outcome is worked out"

    def investment(self) -> Table | Note:
        """Each pilot's own spend of its last year as an investment: what it is meant as, and its result (2.2c)."""
        parts = []
        for name, service in self.services.items():
            lines = service.spend.frame
            of_own = {one.called: one for one in service.pilot.own_spend.values()}
            lines = spend_lines.beside_outcomes(lines)
            lines = lines[lines["what"].isin(list(of_own)) & (lines["table"] != PROMISED)]
            if lines.empty:
                continue
            lines = lines[lines["year"] == lines["year"].max()]
            put_down = with_checks_once(self._put_down(name))
            parts.append(
                lines.assign(
                    pilot=service.pilot.title,
                    meant_as=[of_own[one].meant_as for one in lines["what"]],
                    said_by=[of_own[one].said_by or "nobody yet" for one in lines["what"]],
                    result=put_down or "No change may be put down to it: spend known, outcome described only",
                )
            )
        if not parts:
            return self.note(
                "No pilot says in pilot.toml (own_spend) what its own spend is meant as, so none is told apart."
            )
        frame = pd.concat(parts, ignore_index=True)
        return self._keep(
            Table(
                Computed(frame=frame, of=self.of_all(), how="own spend of every pilot, with what it is meant as"),
                title="Spend as an investment (Appendix 2, 2.2c)",
                caption="Prevention is told apart from the consequence of what was not prevented. Results stand beside spend, and no "
                "return is worked out.",
                source=self.source_words("payments", "packages", "grants"),
                columns={
                    "pilot": "Pilot", "year": "Year", "what": "Spend", "pence": Column(name="pence", label="Cash (£)", kind="pence"),
                    "meant_as": "Meant as", "said_by": "Who says so", "result": "Result",
                },
                sources=self.sources_of("payments", "packages", "grants"),
                declared=("2.2",),
                keys=3,
                id="investment",
            )
        )  # fmt: skip

    def principles(self) -> Log | Note:
        """The seven principles (4.11 a to g), each with the evidence that the pilots give or lack."""
        rows = principles.rows(list(self.services.values()))
        labels = {
            "principle": "Principle",
            "gives": "Evidence that the pilots give",
            "lacks": "Evidence that they lack",
        }
        return self.log(rows, title="The seven principles", columns=labels, id="principles")

    def corporate_plan(self) -> Log | Note:
        """Each outcome of each pilot under a Corporate Plan priority, or that nobody has mapped it (4.11g)."""
        rows = [{"pilot": one.pilot.title, **row} for one in self.services.values() for row in one.plan_priorities()]
        self._say_unmapped(rows)
        labels = {"pilot": "Pilot", "outcome": "Outcome", "priority": "Corporate Plan priority"}
        return self.log(rows, title="Outcomes under the Corporate Plan (4.11g)", columns=labels, id="corporate-plan")

    def collaborations(self) -> Log | Note:
        """What each pilot tried with others, and who carries the risk (4.11e)."""
        rows = [
            {"pilot": service.pilot.title, **one.model_dump(mode="json")}
            for service in self.services.values()
            for one in service.pilot.collaboration
        ]
        labels = {"pilot": "Pilot", **registers.COLLABORATION}
        return self.log(rows, title="Working with others (4.11e)", columns=labels, id="collaboration")

    def resource_changes(self) -> Log | Note:
        """Changes of rules, money and staff that any pilot brought (9.1, 9.2, 13.1)."""
        rows = [
            {"pilot": service.pilot.title, **row}
            for service in self.services.values()
            for row in service.resource_rows()
        ]
        labels = {"pilot": "Pilot", **registers.RESOURCE_LABELS}
        return self.log(rows, title="Rules, money and staff (9.1, 9.2, 13.1)", columns=labels, id="resource-changes")

    def lessons(self) -> Log | Note:
        """Lessons of every pilot for other reviews (3.4)."""
        rows = [
            {"pilot": service.pilot.title, **one.model_dump()}
            for service in self.services.values()
            for one in service.pilot.lessons
        ]
        labels = {"pilot": "Pilot", "lesson": "Lesson", "learnt_from": "Learnt from", "applies_to": "Applies to"}
        return self.log(rows, title="Lessons for other reviews (3.4)", columns=labels, id="lessons")

    def definitions(self) -> None:
        """Definition cards of the measures shown here."""
        from IPython.display import display

        for service in self.services.values():
            for key in service.primary or service.outcome_measures:
                display(self._keep(service.definition(service.measures[key])))

    def as_json(self) -> dict[str, Any]:
        whole = super().as_json()
        whole["pilot"] = ""
        each = {name: one.as_json() for name, one in self.services.items()}
        whole["pilots"] = {name: _part(one) for name, one in each.items()}
        whole["figures"] = [row for one in each.values() for row in one["figures"] if row["group_kind"] == "all"]
        whole["states"] = figure_states.of_parts([one.study.states for one in self.services.values()], whole["figures"])
        whole["published_versions"] = {
            name: held for one in each.values() for name, held in one["published_versions"].items()
        }
        whole["spend"] = [row for one in each.values() for row in one["spend"]]
        whole["partitions_read"] = sorted({part for one in each.values() for part in one["partitions_read"]})
        return whole


def _part(body: dict[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in ("area", "period", "illustrative", "fingerprint")}


def with_checks_once(found: Iterable[stage_records.FindingRecord]) -> str:
    """Sentences one after another, and what stands beside their checks (sealed or not) once for all that share it."""
    found = list(found)
    return " ".join(dict.fromkeys([*(one.sentence for one in found), *(one.checks for one in found if one.checks)]))
