"""What a report is made from: what its key hangs on, what its worker is told, and its entry once it is made."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commissioning import council
from commissioning.errors import UsageError
from commissioning.runs import causes, correcting, keys, pages, publish, signing
from commissioning.runs.crew import Options
from commissioning.runs.last_reviews import LastReviews
from commissioning.runs.log import Log
from commissioning.runs.places import Places
from commissioning.runs.plan import ReportPlan, beside
from commissioning.runs.publish import Entry
from commissioning.runs.record import ReportRecord
from commissioning.runs.studies import Studies
from commissioning.runs.task import Task
from commissioning.seal import figures as final_figures

WRITTEN = ("pilots", "notebooks", "data/reference", "data/sample", "data/sample_cld", "requirements.lock")
"""What every notebook may read: what people wrote about the pilots, and what is public or made up. No extract."""


@dataclass(frozen=True, kw_only=True)
class Making:
    """What the reports of a run are made from. `fresh` and `records` fill while the run goes on."""

    places: Places
    plans: list[ReportPlan]
    pilots: dict[str, Any]
    options: Options
    studies: Studies
    hashes: keys.FileHashes
    environment: dict[str, str]
    code: str  # hash of the library
    served: dict[str, Entry]
    fresh: dict[str, tuple[Entry, Path]]
    records: dict[str, ReportRecord]
    reviews: LastReviews
    log: Log

    def depends(self, plan: ReportPlan, *, reads: list[str] | None) -> dict[str, Any]:
        """What a report depends on, by name: a difference in any of these makes it anew.

        `reads`: the parts of the evidence that it read; None for all.
        """
        found: dict[str, Any] = {
            "notebook": plan.sha256,
            "parameters": keys.digest(plan.parameters),
            "code": self.code,
            "environment": keys.digest(self.environment),
            "page": keys.digest([self.options.render, self._written(plan), plan.own, plan.annexes, self._beside(plan)]),
        }
        for pilot, area in plan.studies:
            card = self.studies.cards[pilot, area]
            for name, value in card.partitions.items():
                if reads is None or name in reads:
                    found[f"evidence {pilot} {area} {name}"] = value
            found[f"illustrative {pilot} {area}"] = card.illustrative
            found[f"voice {pilot} {area}"] = card.voice
            if card.forced:
                found[f"forced {pilot} {area}"] = keys.digest(card.forced)
        for name, value in self._hashes_of_records(plan).items():
            found[f"record {name}"] = value
        return found | {"reads": reads}

    def made_from(self, plan: ReportPlan) -> dict[str, Any]:
        """The same in the words of `causes`."""
        cards = [self.studies.cards[one] for one in plan.studies]
        return causes.made_from(
            files={name: value for card in cards for name, value in card.shown_hashes.items()},
            pilots={card.pilot: self.pilots.get(card.pilot) for card in cards},
            code=self.code,
            environment=self.environment,
            notebook=plan.sha256,
            parameters=plan.parameters,
            records=self._hashes_of_records(plan),
        )

    def task(self, plan: ReportPlan, key: str, made_from: dict[str, Any], *, stage: str, left: float) -> Task:
        """What the worker of a report is told. `stage`: the run's own folder; `left`: seconds to its deadline."""
        places, options = self.places, self.options
        facts = pages.info(plan, self.pilots, self.studies.cards, key, self._written(plan), self._beside(plan))
        own = places.data / "service_reviews.toml"  # scores that members changed, beside the extracts
        readable = (*(places.root / name for name in WRITTEN), council.place(places.root), own)
        return Task(
            id=plan.id,
            key=key,
            stage=plan.stage,
            notebook=str(plan.notebook),
            sha256=plan.sha256,
            parameters=plan.parameters,
            engine="plain" if options.engine == "plain" or not hasattr(os, "fork") else "warm",
            cwd=str(places.root),
            work=str(places.work / stage / plan.id),
            done=str(places.done / plan.id),
            executed=str(places.executed / f"{plan.id}.ipynb"),
            studies=tuple(self.studies.cards[one].path for one in plan.studies),
            records=self._records_for(plan) | self.reviews.of(plan),
            signoff=self._signatures(plan),
            before=self.served_file(plan),
            changes_before=self.served_file(plan, "changes"),
            protect=(str(places.root), str(places.out), str(places.data)),
            read=tuple(map(str, readable)),
            render=options.render,
            page={**facts, "causes": causes.between(causes.kept(places.state, plan.id), made_from)},
            cell_timeout=options.cell_timeout,
            seconds_left=max(left, 0.1),
            output_limit=options.output_limit,
        )

    def served_file(self, plan: ReportPlan, kind: str = "") -> str | None:
        """A file of this report in the served version: its JSON, its stage record, its signatures, what had changed."""
        entry = self.served.get(plan.id)
        name = f"{plan.id}.{kind}.json" if kind else f"{plan.id}.json"
        if entry is None or name not in entry.files:
            return None
        return str(self.places.versions / (publish.current_version(self.places.out) or "") / name)

    def says_other_states(self, plan: ReportPlan) -> bool:
        """True where figures of the served report became final elsewhere, or are no longer known to be."""
        return self.studies.kind() == "own" and any(
            correcting.says_otherwise(self.served_file(plan), final_figures.final(area, self.places.root))
            for area in {area for _, area in plan.studies}
        )

    def not_made(self) -> list[dict[str, str]]:
        """What the front page says could not be made: failed now; or failed before, standing still and not tried now."""
        planned = {one.id: one for one in self.plans}
        failed = {name for name, one in self.records.items() if one.outcome == "failed"}
        standing = (_ids(publish.said(self.places.out, "not-made")) & set(self.served)) - set(planned)
        known: dict[str, Any] = planned | self.served  # the served page has the title and period that readers know
        return publish.words_of({name: known[name] for name in failed | standing})

    def not_made_is_news(self) -> bool:
        """True where the front page says otherwise now."""
        return _ids(self.not_made()) != _ids(publish.said(self.places.out, "not-made"))

    def _written(self, plan: ReportPlan) -> dict[str, str]:
        sample = any(self.studies.cards[one].sample for one in plan.studies)
        return pages.settings(self.places.root, self.places.data, plan, self.pilots, self.hashes, sample=sample)

    def _beside(self, plan: ReportPlan) -> list[dict[str, str]]:
        """The reports that belong with one, in the order of the cycle, as labels and links ("" of itself): of its pilot, and
        across pilots, of the same period, area and level."""
        known = {one.id: one for one in self.plans}
        return beside(plan, self.plans, also=set(self.served) - set(known))

    def _records_for(self, plan: ReportPlan) -> dict[str, str]:
        """Stage records of earlier stages of the same cycle: this run's, else the served version's."""
        found: dict[str, str] = {}
        for upstream in (one for one in self.plans if one.id in plan.after):
            name, file = upstream.id, f"{upstream.id}.stage.json"
            if name in self.fresh and file in self.fresh[name][0].files:
                found[f"{upstream.pilot}.{upstream.stage}.json"] = str(self.fresh[name][1] / file)
            elif self.records[name].outcome == "unchanged" and (path := self.served_file(upstream, "stage")):
                found[f"{upstream.pilot}.{upstream.stage}.json"] = path
        return found

    def _hashes_of_records(self, plan: ReportPlan) -> dict[str, str]:
        return {name: keys.file_digest(Path(path)) for name, path in self._records_for(plan).items()}

    def _signatures(self, plan: ReportPlan) -> str | None:
        """The signatures of the served version, if they are the council's own; a forged file is not carried on."""
        found = self.served_file(plan, "signoff")
        with contextlib.suppress(UsageError):  # a secret that may not be read vouches for nothing
            if found is None or signing.is_genuine(Path(found), signing.key_of(self.places.root)):
                return found
        self.log.write("signatures not genuine", report=plan.id)
        return None


def only(depends: dict[str, Any], reads: list[str] | None) -> dict[str, Any]:
    """What a report depends on, of the evidence only the parts that it read; None for all of them."""
    return {
        name: value
        for name, value in depends.items()
        if reads is None or not name.startswith("evidence ") or name.split(" ", 3)[3] in reads
    } | {"reads": reads}


def reads_of(entry: Entry) -> list[str] | None:
    """The parts of the evidence that a published report read; None where it did not say."""
    value = json.loads(entry.depends.get("reads", "null"))
    return value if isinstance(value, list) else None


def differing(entry: Entry, now: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a report was executed: what it depends on that differs from the version before."""
    names = (set(now) | set(entry.depends)) - {"reads"}
    changed = sorted(one for one in names if str(now.get(one)) != str(entry.depends.get(one)))
    return tuple(f"{one} changed" for one in changed) or ("--force",)


def entry(plan: ReportPlan, depends: dict[str, Any], files: dict[str, str], summary: dict[str, Any]) -> Entry:
    """What the site says of a report that is made."""
    return Entry(
        id=plan.id,
        title=str(summary.get("title") or plan.title),
        pilot=plan.pilot,
        stage=plan.stage,
        period=str(summary.get("period") or plan.period),
        area=plan.area,
        level=plan.level,
        key=keys.digest(depends),
        depends={name: json.dumps(value) if name == "reads" else str(value) for name, value in depends.items()},
        files=files,
        summary=summary,
    )


def _ids(reports: list[dict[str, str]]) -> set[str]:
    return {one["id"] for one in reports}
