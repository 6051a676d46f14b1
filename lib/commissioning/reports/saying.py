"""How a report says what it found: key findings at its head, and those that each section ends in."""

from __future__ import annotations

import difflib
from typing import Any

from commissioning.errors import UsageError
from commissioning.presentation import words
from commissioning.presentation.finding import Finding, Findings
from commissioning.presentation.sections import Note
from commissioning.reports.stage_records import FindingRecord


class Once(list[Any]):
    """A list that holds each thing once, however often the cell that adds it is run."""

    def append(self, one: Any) -> None:
        if one not in self:
            super().append(one)


class Saying:
    """Findings of one report, each kept for its record as it is said. `Base` gives it the rest."""

    measures: Any
    sealed: Any
    pilot: Any
    note: Any
    _keep: Any
    findings_shown: list[FindingRecord]
    lacks: list[str]
    kept: dict[str, str]
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
        declared = (*declared, self.pilot.area_name)  # a name with a number in it is a name
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
            numbers=tuple(made.known.behind(sentence)),
            periods=tuple(made.known.periods(sentence)),
        )
        self.findings_shown.append(told)
        return made

    def say(self, *found: Finding) -> None:
        """Findings of the section that is being shown, for `found_here`."""
        said = {one.record["sentence"] for one in self.to_say}
        self.to_say += [one for one in found if one.record["sentence"] not in said]

    def found_here(self, *sections: str | tuple[str, ...]) -> Note | None:
        """The findings of the sections named, each with its claim; where there is none, that nothing more is claimed.

        A section is named as its cell calls it: "outcomes_table", or ("answers", "4.6"). Its findings are worked out from it
        anew, so that this cell says the same run alone, twice or after others. Raises UsageError for a section that is not there.
        """
        from IPython.display import display

        if not sections:
            raise UsageError(
                'found_here: name the sections whose findings stand here, such as found_here("outcomes_table")'
            )
        found = {one.record["sentence"]: one for section in sections for one in self._findings_of(section)}
        if not found:
            return self.note("No finding is claimed here: what would carry one is not known, or may not be shown.")
        for place, one in enumerate(found.values(), start=1):
            one.record["id"] = words.slug(f"found-{place}-{one.record['evidence']}")
            display(self._keep(one))
        return None

    def _findings_of(self, section: str | tuple[str, ...]) -> list[Finding]:
        """What a section says it found, without showing it or counting it as shown."""
        import IPython.display as notebook

        name, *given = (section,) if isinstance(section, str) else section
        method = None if name.startswith("_") else getattr(self, name, None)
        if not callable(method):
            near = difflib.get_close_matches(name, [one for one in dir(self) if not one.startswith("_")], n=1)
            raise UsageError(
                f"found_here: no section is called {name!r}" + (f": did you mean {near[0]}?" if near else "")
            )
        before = self.to_say, self.kept, self.lacks, notebook.display
        self.to_say, self.kept, self.lacks = [], {}, Once()
        notebook.display = lambda *_, **__: None  # a section of several figures shows them itself
        try:
            method(*given)
            return self.to_say
        finally:
            self.to_say, self.kept, self.lacks, notebook.display = before
