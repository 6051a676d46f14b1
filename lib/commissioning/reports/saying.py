"""How a report says what it found: key findings at its head, and those that each section ends in."""

from __future__ import annotations

from typing import Any

from commissioning.presentation import numbers as numbers_in
from commissioning.presentation import words
from commissioning.presentation.finding import Finding, Findings
from commissioning.presentation.sections import Note
from commissioning.reports.stage_records import FindingRecord


class Saying:
    """Findings of one report, each kept for its record as it is said. `Base` gives it the rest."""

    measures: Any
    sealed: Any
    note: Any
    _keep: Any
    findings_shown: list[FindingRecord]
    to_say: list[Finding]
    key_said: tuple[FindingRecord, ...]

    def keep_findings(self, found: list[Finding]) -> Findings:
        """The key findings at the head of the page: three to five, filled with the two that are always there."""
        from commissioning.reports import findings

        chosen = list(found)
        for more in (findings.known_outcomes, findings.data_state, findings.policy_of_release):
            if len(chosen) < 3:
                chosen += more(self)  # type: ignore[arg-type]
        chosen = chosen[:5]
        kept = {one.record["sentence"] for one in chosen}
        self.findings_shown[:] = [one for one in self.findings_shown if one.sentence in kept]
        self.key_said = tuple(self.findings_shown)
        return self._keep(Findings(*chosen))

    def finding(
        self,
        sentence: str,
        claim: str,
        numbers: object,
        evidence: str,
        *,
        measure: str = "",
        confidence: str = "medium",
        why: str = "",
        declared: tuple[float | int | str, ...] = (),
        checked: bool = False,
    ) -> Finding:
        """A finding of this report, kept for its record. `checked`: its claim rests on the pilot's checks, so what is sealed
        of them stands beside it; so it does beside every attributable one."""
        checks = self.sealed.says(measure) if checked or claim == "attributable" else ""
        if measure in self.measures:  # a title such as "in the last 4 weeks" holds numbers of its own
            declared = (*declared, self.measures[measure].title)
        sure: Any = confidence
        made = Finding(sentence, claim, sure, numbers, evidence, why_confidence=why, declared=declared, checks=checks)
        told = FindingRecord(
            sentence=sentence,
            claim=claim,  # type: ignore[arg-type]
            confidence=confidence,
            measure=measure,
            checks=checks,
            numbers=tuple(float(one.value.scaleb(one.scale)) for one in numbers_in.tokens(sentence)),
        )
        if told not in self.findings_shown:
            self.findings_shown.append(told)
        return made

    def say(self, *found: Finding) -> None:
        """Keep findings of the section that is being shown, for `found_here` at its end."""
        said = {one.record["sentence"] for one in self.to_say}
        for one in found:
            if one.record["sentence"] not in said:
                one.record["id"] = words.slug(f"found-{len(self.to_say) + 1}-{one.record['evidence']}")
                self.to_say.append(one)

    def found_here(self) -> Note | None:
        """The findings of the section above, each with its claim; where there is none, that nothing more is claimed."""
        from IPython.display import display

        found, self.to_say = self.to_say, []
        if not found:
            return self.note("No finding is claimed here: what would carry one is not known, or may not be shown.")
        for one in found:
            display(self._keep(one))
        return None
