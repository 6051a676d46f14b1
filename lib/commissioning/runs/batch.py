"""A batch: every report of a plan, executed where something changed, published once, recorded.

The order: check the places, take the locks, prepare what changed, execute, publish, record.
A failure of one report stops no other; a stop stops all, and what was finished is kept for
the next run.

Longer than other files on purpose: the steps share one run's state (locks, studies, what is
served, what is fresh, how each report ended), and that order is read best in one place.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import commissioning
from commissioning import council, errors
from commissioning.errors import CannotWrite, DataRefused, ReportFailed, UsageError, WorkbenchError
from commissioning.runs import causes, correcting, keys, lock, pages, publish, record, review, signing
from commissioning.runs import places as where
from commissioning.runs.last_reviews import LastReviews
from commissioning.runs.log import Log
from commissioning.runs.places import Places
from commissioning.runs.plan import ReportPlan
from commissioning.runs.pool import LocalPool, Pool
from commissioning.runs.progress import Progress
from commissioning.runs.publish import Entry
from commissioning.runs.record import ReportRecord, RunRecord, StudyRecord
from commissioning.runs.soundness import rows_of
from commissioning.runs.studies import Studies
from commissioning.runs.task import REASONS, Result, Task, load_function
from commissioning.seal import figures as final_figures
from commissioning.seal import home
from commissioning.study import asked


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a batch is run. Functions are named `module:function`, because worker processes import them."""

    workers: int = 1
    engine: str = "warm"
    force: bool = False
    cluster: str | None = None
    cell_timeout: float = 600.0
    run_timeout: float = 6 * 3600.0
    grace: float = 60.0  # seconds after the deadline in which what runs may still end by itself
    keep_versions: int = publish.KEEP_VERSIONS
    preload: tuple[str, ...] | None = None  # what the warm engine imports; None: what the notebooks use
    output_limit: int = 20_000_000
    prepare: str = "commissioning.runs.studies:prepare"
    work_out: str = "commissioning.runs.studies:work_out"  # "" for studies of which nothing is to be worked out
    render: str = "commissioning.runs.rendering:render"
    index: str = publish.INDEX
    recheck: Callable[[], None] | None = None  # asked before publishing: is the code still the one that was reviewed?
    shown: dict[str, Any] = field(default_factory=dict)  # the options as the user gave them, for the record


@dataclass
class Stop:
    """Set by a signal handler; looked at by the batch at least ten times a second."""

    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a batch ended."""

    exit_code: int
    record: RunRecord
    lines: tuple[str, ...]  # one a failure, for people
    altered: tuple[str, ...] = ()  # reports that somebody had changed since they were made


class Stopped(Exception):
    """A signal arrived."""


class Batch:
    """One run. `go()` does it all; use once."""

    def __init__(
        self,
        places: Places,
        plans: Sequence[ReportPlan],
        pilots: dict[str, Any],
        options: Options,
        *,
        stop: Stop | None = None,
        progress: Progress | None = None,
        pool: Pool | None = None,
    ) -> None:
        self.places, self.plans, self.pilots, self.options = places, list(plans), pilots, options
        self.stop = stop or Stop()
        self.progress = progress or Progress(len(plans))
        self.pool = pool
        self.pool_is_mine = pool is None
        self.started = datetime.now(UTC)
        self.clock = time.monotonic()
        self.run = f"{self.started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self.stage = f"run-{secrets.token_hex(6)}"
        self.records: dict[str, ReportRecord] = {}
        self.fresh: dict[str, tuple[Entry, Path]] = {}
        self.served: dict[str, Entry] = {}
        self.prepared_now: set[tuple[str, str]] = set()
        self.asked_with: dict[str, dict[str, Any]] = {}  # what each report depended on when it was handed out
        self.made_from: dict[str, dict[str, Any]] = {}  # and what it was made from, in the words of `causes`
        self.environment: dict[str, str] = {}
        self.review: dict[str, str] = {}
        self.prepared = self.recorded = False
        self.executed = 0

    # --- the whole ------------------------------------------------------------------------------------------

    def go(self) -> Outcome:
        """Run the batch. Raises WorkbenchError where nothing could be started; else reports in the outcome.

        However it ends there is a record, which whoever is told of a run that failed is given: but for a run that
        leaves because another one is at it, whose record is on its way.
        """
        try:
            return self._go()
        except errors.Busy:
            raise
        except WorkbenchError as error:
            a_site = self.prepared or (self.places.out / record.RECORD).is_file()
            if a_site and not self.recorded:
                version = publish.current_version(self.places.out)
                with contextlib.suppress(OSError):
                    self._write_record(self._record("refused", error.exit_code, version, version, 0, str(error)))
            raise

    def _go(self) -> Outcome:
        where.check_data(self.places.data)
        where.prepare_out(self.places, needed=publish.version_size(self.places))
        self.prepared = True
        locks = lock.SiteLock(self.places.out)
        try:
            locks.take([one.id for one in self.plans])
            with locks.publishing():
                where.try_publishing(self.places)
            cleared = locks.clear_leftovers(self.places)
            locks.hold_stage(self.stage)
            self.log = Log(self.places.state / "log.jsonl", self.run)
            self.log.write("started", reports=len(self.plans), engine=self.options.engine)
            try:
                return self._locked(locks, cleared)
            finally:
                self._close_pool()
                for parent in (self.places.staging, self.places.work):
                    publish.remove_tree(parent / self.stage)
        except OSError as error:
            raise CannotWrite(f"the run could not go on: {where.reason(error)}") from None
        finally:
            locks.close()

    def _locked(self, locks: lock.SiteLock, cleared: int) -> Outcome:
        self.hashes = keys.FileHashes(self.places.state / "hashes.json")
        self.code = keys.CodeHash(self.hashes)
        self.environment = keys.environment(self.places.root)
        self.review = review.described(self.places.root)
        self.studies = Studies(self.places, self.hashes, self.code, self.environment)
        self.reviews = LastReviews(self.places, self.studies.kind())
        before = publish.current_version(self.places.out)
        if not self.options.cluster and (self.options.force or before is None):
            self._pool()  # something will be executed: the fork server loads its libraries meanwhile
        self.served = publish.read_version(self.places, before)
        self.altered = publish.altered(self.places, before, self.served)
        stopped = False
        try:
            self._make_ready(locks, before, cleared)
            self._execute()
        except Stopped:
            stopped = True
            self._close_pool()
            self._name_stopped()
        version = before
        with locks.publishing():
            if not stopped:
                self._leave_out_what_another_run_released()
                self._leave_out_what_is_final_otherwise()
            failed = [one for one in self.records.values() if one.outcome == "failed"]
            said = _ids(self._not_made()) == _ids(publish.said(self.places.out, "not-made"))
            if not stopped and (self.fresh or (self.served and (self.altered or not said))):
                version = self._publish(failed)
            code = 1 if stopped or failed else 0
            ended: record.Ended = "stopped" if stopped else "failed" if failed else "done"
            outcome = self._record(ended, code, version, before, cleared)
            self._write_record(outcome)
        self.hashes.keep()
        self.log.write("ended", outcome=outcome.outcome, exit_code=code, seconds=outcome.seconds)
        return Outcome(
            exit_code=code, record=outcome, lines=tuple(self._failure_lines()), altered=tuple(sorted(self.altered))
        )

    # --- preparing ------------------------------------------------------------------------------------------

    def _make_ready(self, locks: lock.SiteLock, version: str | None, cleared: int) -> None:
        try:
            if self.studies.kind() == "own":
                home.refuse_another(self.places.out, self._areas(), self.places.root)
            self._prepare()
            self._refuse_what_no_extract_holds()
            self._work_out()
        except WorkbenchError as refusal:
            # Whoever is told of a scheduled run that failed is given its record, and not that of the run before it.
            with locks.publishing():
                self._write_record(self._record("refused", refusal.exit_code, version, version, cleared, str(refusal)))
            raise

    def _prepare(self) -> None:
        wanted = dict.fromkeys(study for one in self.plans for study in one.studies)
        todo = [one for one in wanted if self.studies.kept(*one) is None]
        if not todo:
            return
        pool = self._pool()
        refused: list[WorkbenchError] = []
        waiting = list(todo)
        running: dict[str, tuple[str, str]] = {}
        while waiting or running:
            while waiting and pool.free():
                study = waiting.pop(0)
                name = f"study {study[0]} {study[1]}"
                running[name] = study
                pool.send(name, self.studies.request(*study, self.options.prepare, self.stage))
            arrived = self._next_answer(pool)
            if arrived is None:
                if self._long_past_deadline():
                    raise ReportFailed(
                        "the run's deadline passed while the evidence was prepared: nothing was published"
                    )
                continue
            name, answer = arrived
            study = running.pop(name)
            if answer is None:
                refused.append(ReportFailed(f"pilot {study[0]}: the process that prepared its data died"))
            elif "error" in answer:
                kind = getattr(errors, answer["error"], ReportFailed)
                refused.append(kind(answer["message"]))
            elif (faults := self.studies.faults(*study, answer["study"])) and not self.options.force:
                refused += [DataRefused(one.line) for one in faults]
            else:
                self.studies.accept(*study, answer["study"], self.stage, faults)
                self.prepared_now.add(study)
                self.log.write("prepared", pilot=study[0], area=study[1])
        if refused:
            self.log.write("refused", reasons=len(refused))
            # Nothing is published where any extract is refused: half the pilots would mislead beside the rest.
            worst = next((one for one in refused if isinstance(one, DataRefused)), refused[0])
            raise type(worst)("\n".join(dict.fromkeys(str(one) for one in refused)))

    def _work_out(self) -> None:
        """Have effects, value and earlier periods worked out, each once, before any notebook starts: notebooks read no rows.

        What could not be is noted in the log, and fails the reports that need it, and no other.
        """
        if not self.options.work_out:
            return
        wanted = dict.fromkeys((study, plan.period) for plan in self.plans for study in plan.studies)
        waiting = [one for one in wanted if self.options.force or not self.studies.worked_out(*one)]
        running: dict[str, tuple[tuple[str, str], str]] = {}
        while waiting or running:
            pool = self._pool()
            while waiting and pool.free():
                study, period = waiting.pop(0)
                name = f"{study[0]} {study[1]} {period}"
                running[name] = study, period
                pool.send(name, self.studies.request_work(study, period, self.options.work_out))
            arrived = self._next_answer(pool)
            if arrived is None:
                if self._long_past_deadline():
                    raise ReportFailed("the run's deadline passed while effects were worked out: nothing was published")
                continue
            name, answer = arrived
            done = running.pop(name)
            if answer is None or "error" in answer:
                self.log.write("not worked out", pilot=done[0][0], area=done[0][1], period=done[1])
            else:
                self.studies.mark_worked_out(*done)

    def _refuse_what_no_extract_holds(self) -> None:
        """Refuse a part of the area that nothing is split by, and a period that has not come or that no extract holds.

        Raises UsageError for a level and DataRefused for a period, before any notebook starts. A period that one of
        the pilots holds is no fault: the others' reports say that they know nothing of it.
        """
        one_study = [one for one in self.plans if len(one.studies) == 1]
        for plan in one_study:
            if fault := asked.level_fault(plan.level, self.studies.cards[plan.studies[0]].levels):
                raise UsageError(f"{plan.pilot}: {fault}")
        faults: dict[str, list[str]] = {}
        for plan in one_study:
            faults.setdefault(plan.period, []).append(
                asked.period_fault(plan.period, self.studies.cards[plan.studies[0]].periods)
            )
        for found in faults.values():
            if all(found):
                raise DataRefused(found[0])

    # --- executing ------------------------------------------------------------------------------------------

    def _execute(self) -> None:
        waiting = {one.id: one for one in self.plans}
        running: dict[str, ReportPlan] = {}
        while waiting or running:
            if self.stop.name:
                raise Stopped
            ready = [one for one in waiting.values() if not any(up in waiting or up in running for up in one.after)]
            for plan in ready:
                if self._settled_without_executing(plan):
                    del waiting[plan.id]
                    continue
                if time.monotonic() - self.clock > self.options.run_timeout:
                    self._fail(plan, Result(id=plan.id, key="", ok=False, reason="RUN_TIMEOUT"))
                    del waiting[plan.id]
                    continue
                pool = self._pool()
                if not pool.free():
                    break
                del waiting[plan.id]
                running[plan.id] = plan
                pool.send(plan.id, {"do": "report", "task": self._task(plan).model_dump(mode="json")})
            self._show(len(running))
            if not running:
                continue
            arrived = self._next_answer(self._pool())
            if arrived is None:
                # Workers and kernels keep the deadline themselves, unless they are stuck.
                if self._long_past_deadline():
                    self._close_pool()
                    for plan in running.values():
                        self._fail(plan, Result(id=plan.id, key="", ok=False, reason="RUN_TIMEOUT"))
                    running.clear()
                continue
            name, answer = arrived
            self._settle(running.pop(name), answer)

    def _long_past_deadline(self) -> bool:
        return time.monotonic() - self.clock > self.options.run_timeout + self.options.grace

    def _settled_without_executing(self, plan: ReportPlan) -> bool:
        """True where the served version, or an interrupted run, already holds this report as it would be made."""
        entry = self.served.get(plan.id)
        if entry is not None and not self.options.force:
            depends = self._depends(plan, reads=_reads(entry))
            if entry.key == keys.digest(depends) and not self._says_other_states(plan):
                self._note(plan, outcome="unchanged", published=True, key=entry.key, files=entry.files)
                if plan.stage == "review" and (stage_record := self._served_file(plan, "stage")):
                    self.reviews.remember(plan, Path(stage_record))
                return True
        done = self.places.done / plan.id
        if self.options.force:
            shutil.rmtree(done, ignore_errors=True)
            return False
        try:
            kept = json.loads((done / "entry.json").read_text(encoding="utf-8"))
            fits = kept["key"] == keys.digest(self._depends(plan, reads=None)) and publish.intact(done, kept["files"])
        except (OSError, ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            shutil.rmtree(done, ignore_errors=True)
            return False
        self._finished(plan, kept["files"], kept["summary"], kept.get("partitions_read"))
        self._note(plan, outcome="resumed", published=True, key=self.fresh[plan.id][0].key, files=kept["files"])
        return True

    def _says_other_states(self, plan: ReportPlan) -> bool:
        """True where figures of the served report became final elsewhere, or are no longer known to be."""
        if self.studies.kind() != "own":
            return False
        return any(
            correcting.says_otherwise(self._served_file(plan), final_figures.final(area, self.places.root))
            for area in self._areas_of(plan)
        )

    @staticmethod
    def _areas_of(plan: ReportPlan) -> set[str]:
        return {area for _, area in plan.studies}

    def _depends(self, plan: ReportPlan, *, reads: list[str] | None) -> dict[str, Any]:
        """What a report depends on, by name: a difference in any of these makes it anew."""
        depends: dict[str, Any] = {
            "notebook": plan.sha256,
            "parameters": keys.digest(plan.parameters),
            "code": self.code.of(self._modules(plan)),
            "environment": keys.digest(self.environment),
            "page": keys.digest([self.options.render, self._written(plan), plan.own]),
        }
        for pilot, area in plan.studies:
            card = self.studies.cards[pilot, area]
            for name, value in card.partitions.items():
                if reads is None or name in reads:
                    depends[f"evidence {pilot} {area} {name}"] = value
            depends[f"illustrative {pilot} {area}"] = card.illustrative
            depends[f"voice {pilot} {area}"] = card.voice
            if card.forced:
                depends[f"forced {pilot} {area}"] = keys.digest(card.forced)
        for name, path in self._records_for(plan).items():
            depends[f"record {name}"] = keys.file_digest(Path(path))
        depends["reads"] = reads
        return depends

    def _written(self, plan: ReportPlan) -> dict[str, str]:
        sample = any(self.studies.cards[one].sample for one in plan.studies)
        return pages.settings(self.places.root, self.places.data, plan, self.pilots, self.hashes, sample=sample)

    def _modules(self, plan: ReportPlan) -> frozenset[str]:
        if not hasattr(self, "_imports"):
            self._imports: dict[Path, frozenset[str]] = {}
        if plan.notebook not in self._imports:
            self._imports[plan.notebook] = keys.notebook_imports(plan.notebook)
        return self._imports[plan.notebook]

    def _records_for(self, plan: ReportPlan) -> dict[str, str]:
        """Stage records of earlier stages of the same cycle: this run's, else the served version's."""
        found: dict[str, str] = {}
        by_id = {one.id: one for one in self.plans}
        for name in plan.after:
            upstream = by_id[name]
            file = f"{name}.stage.json"
            if name in self.fresh and file in self.fresh[name][0].files:
                found[f"{upstream.pilot}.{upstream.stage}.json"] = str(self.fresh[name][1] / file)
            elif name in self.served and file in self.served[name].files and self.records[name].outcome == "unchanged":
                version = publish.current_version(self.places.out) or ""
                found[f"{upstream.pilot}.{upstream.stage}.json"] = str(self.places.versions / version / file)
        return found

    def _served_file(self, plan: ReportPlan, kind: str = "") -> str | None:
        """A file of this report in the served version: its JSON, its signatures, what had changed."""
        entry = self.served.get(plan.id)
        name = f"{plan.id}.{kind}.json" if kind else f"{plan.id}.json"
        if entry is None or name not in entry.files:
            return None
        return str(self.places.versions / (publish.current_version(self.places.out) or "") / name)

    def _signatures(self, plan: ReportPlan) -> str | None:
        """The signatures of the served version, if they are the council's own; a forged file is not carried on."""
        found = self._served_file(plan, "signoff")
        with contextlib.suppress(UsageError):  # a secret that may not be read vouches for nothing
            if found is None or signing.is_genuine(Path(found), signing.key_of(self.places.root)):
                return found
        self.log.write("signatures not genuine", report=plan.id)
        return None

    def _task(self, plan: ReportPlan) -> Task:
        left = self.options.run_timeout - (time.monotonic() - self.clock)
        self.asked_with[plan.id] = self._depends(plan, reads=None)
        key = keys.digest(self.asked_with[plan.id])
        self.made_from[plan.id] = self._made_from(plan)
        why = causes.between(causes.kept(self.places.state, plan.id), self.made_from[plan.id])
        return Task(
            id=plan.id,
            key=key,
            stage=plan.stage,
            notebook=str(plan.notebook),
            sha256=plan.sha256,
            parameters=plan.parameters,
            engine="plain" if self.options.engine == "plain" or not hasattr(os, "fork") else "warm",
            cwd=str(self.places.root),
            work=str(self.places.work / self.stage / plan.id),
            done=str(self.places.done / plan.id),
            executed=str(self.places.executed / f"{plan.id}.ipynb"),
            studies=tuple(self.studies.cards[one].path for one in plan.studies),
            records=self._records_for(plan) | self.reviews.of(plan),
            signoff=self._signatures(plan),
            before=self._served_file(plan),
            changes_before=self._served_file(plan, "changes"),
            protect=(str(self.places.root), str(self.places.out), str(self.places.data)),
            read=self._readable(),
            render=self.options.render,
            page={**pages.info(plan, self.pilots, self.studies.cards, key, self._written(plan)), "causes": why},
            cell_timeout=self.options.cell_timeout,
            seconds_left=max(left, 0.1),
            output_limit=self.options.output_limit,
        )

    def _readable(self) -> tuple[str, ...]:
        """What every notebook may read: what people wrote about the pilots, and what is public or made up. No extract."""
        root = self.places.root
        written = ("pilots", "notebooks", "data/reference", "data/sample", "requirements.lock")
        own = self.places.data / "service_reviews.toml"  # scores that members changed, beside the extracts
        return tuple(str(one) for one in (*(root / name for name in written), council.place(root), own))

    def _made_from(self, plan: ReportPlan) -> dict[str, Any]:
        cards = [self.studies.cards[one] for one in plan.studies]
        return causes.made_from(
            files={name: value for card in cards for name, value in card.shown_hashes.items()},
            pilots={card.pilot: self.pilots.get(card.pilot) for card in cards},
            code=self.code.of(self._modules(plan)),
            environment=self.environment,
            notebook=plan.sha256,
            parameters=plan.parameters,
            records={name: keys.file_digest(Path(path)) for name, path in self._records_for(plan).items()},
        )

    def _settle(self, plan: ReportPlan, answer: dict[str, Any] | None) -> None:
        if answer is None:
            self._fail(plan, Result(id=plan.id, key="", ok=False, reason="WORKER_DIED"))
            return
        result = Result.model_validate(answer["result"])
        if not result.ok:
            self._fail(plan, result)
            return
        self.executed += 1
        why = self._why(plan)
        reads = list(result.partitions_read) if result.partitions_read is not None else None
        self._finished(plan, result.files, result.summary, reads)
        self._note(
            plan,
            outcome="executed",
            published=True,
            why_executed=why,
            key=self.fresh[plan.id][0].key,
            seconds=round(result.seconds, 3),
            render_seconds=round(result.render_seconds, 3),
            cells=result.cells,
            files=result.files,
            warnings=result.warnings,
            summary=result.summary,
        )

    def _why(self, plan: ReportPlan) -> tuple[str, ...]:
        entry = self.served.get(plan.id)
        if entry is None:
            return ("first time",)
        now = self._depends(plan, reads=_reads(entry))
        differing = {name for name in set(now) | set(entry.depends) if name != "reads"}
        changed = sorted(one for one in differing if str(now.get(one)) != str(entry.depends.get(one)))
        return tuple(f"{one} changed" for one in changed) or ("--force",)

    def _finished(
        self, plan: ReportPlan, files: dict[str, str], summary: dict[str, Any], reads: list[str] | None
    ) -> None:
        depends = _only(self.asked_with.get(plan.id) or self._depends(plan, reads=None), reads)
        entry = Entry(
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
        self.fresh[plan.id] = (entry, self.places.done / plan.id)

    def _fail(self, plan: ReportPlan, result: Result) -> None:
        partial = Path(result.partial).name if result.partial else ""
        self._note(
            plan,
            outcome="stopped" if result.reason == "STOPPED" else "failed",
            published=False,
            why_not_published="the last good version is still served" if plan.id in self.served else "never made",
            reason=result.reason or "",
            cell=result.cell or "",
            error=result.error or "",
            detail=result.detail or "",
            partial_notebook=partial,
            seconds=round(result.seconds, 3),
            cells=result.cells,
        )

    def _note(self, plan: ReportPlan, **fields: Any) -> None:
        made = ReportRecord(
            id=plan.id,
            pilot=plan.pilot,
            stage=plan.stage,
            period=plan.period,
            area=plan.area,
            level=plan.level,
            parameters=plan.parameters,
            **fields,
        )
        self.records[plan.id] = made
        self.log.write(
            "report", id=plan.id, outcome=made.outcome, reason=made.reason, cell=made.cell, seconds=made.seconds
        )
        if made.outcome == "executed":
            self.progress.report(f"done    {plan.id}  {made.seconds:.1f} s")
        elif made.outcome == "failed":
            self.progress.report(f"failed  {plan.id}  {made.reason} {made.cell}".rstrip())

    def _name_stopped(self) -> None:
        for plan in self.plans:
            if plan.id not in self.records:
                self._fail(plan, Result(id=plan.id, key="", ok=False, reason="STOPPED"))

    # --- publishing and recording -----------------------------------------------------------------------------

    def _publish(self, failed: list[ReportRecord]) -> str | None:
        if self.options.recheck is not None:
            self.options.recheck()
        index: Callable[..., str] = load_function(self.options.index)
        needed = sum(one.stat().st_size for _, folder in self.fresh.values() for one in folder.iterdir())
        if shutil.disk_usage(self.places.out).free < 2 * needed:
            raise CannotWrite("disk nearly full: the new version was not published, the last good site is still served")
        self._mark()
        studies = {study for one in self.plans if one.id in self.fresh for study in one.studies}
        self.studies.remember_released(studies)
        version = publish.publish(
            self.places,
            self.fresh,
            stage_name=self.stage,
            index=index,
            keep=self.options.keep_versions,
            not_made=self._not_made(),
        )
        for plan in self.plans:
            record = self.places.done / plan.id / f"{plan.id}.stage.json"
            if plan.stage == "review" and plan.id in self.fresh and record.is_file():
                self.reviews.remember(plan, record)
        for plan in self.plans:
            if plan.id in self.fresh:
                causes.keep(self.places.state, plan.id, self.made_from.get(plan.id) or self._made_from(plan))
        for name in self.fresh:
            shutil.rmtree(self.places.done / name, ignore_errors=True)
        self.log.write("published", version=version, reports=len(self.fresh), failed=len(failed))
        return version

    def _leave_out_what_another_run_released(self) -> None:
        """Another run published figures of the same pilot and area since this one prepared its own: see `fits_history`."""
        for plan in self.plans:
            if plan.id in self.fresh and not all(
                self.studies.fits_history(self.studies.cards[one]) for one in plan.studies
            ):
                del self.fresh[plan.id]
                shutil.rmtree(self.places.done / plan.id, ignore_errors=True)
                self._fail(plan, Result(id=plan.id, key="", ok=False, reason="RELEASED_MEANWHILE"))

    def _leave_out_what_is_final_otherwise(self) -> None:
        """Figures became final, or were corrected, since a study was prepared: what was made of it is not published. Else the
        permission to correct is used up here, before anything is served: see `seal.figures.changed`."""
        for (pilot, area), card in sorted(self.studies.cards.items()):
            mine = [one for one in self.plans if one.id in self.fresh and (pilot, area) in one.studies]
            if not card.states or not (mine or card.states["used_up"]):
                continue
            if final_figures.changed(pilot, area, card.states, self.places.root):
                continue
            for plan in mine:
                del self.fresh[plan.id]
                shutil.rmtree(self.places.done / plan.id, ignore_errors=True)
                self._fail(plan, Result(id=plan.id, key="", ok=False, reason="LEDGER_CHANGED"))

    def _areas(self) -> set[str]:
        return {area for one in self.plans for area in self._areas_of(one)}

    def _mark(self) -> None:
        """Note in the site with which ledger and secret it was made."""
        if self.studies.kind() == "own" and (mark := home.mark(self.places.out, self._areas(), self.places.root)):
            where.write_whole(self.places.out / home.MARK, mark, mode=0o644)

    def _not_made(self) -> list[dict[str, str]]:
        """What the front page says could not be made: failed now; or failed before, standing still and not tried now."""
        planned = {one.id: one for one in self.plans}
        failed = {name for name, one in self.records.items() if one.outcome == "failed"}
        standing = (_ids(publish.said(self.places.out, "not-made")) & set(self.served)) - set(planned)
        known: dict[str, Any] = planned | self.served  # the served page has the title and period that readers know
        return publish.words_of({name: known[name] for name in failed | standing})

    def _study_records(self, *, exact: bool) -> tuple[StudyRecord, ...]:
        """What the run read: exactly, for the staff, or as a page may show it."""
        return tuple(
            StudyRecord(
                pilot=card.pilot,
                area=card.area,
                fingerprint=card.fingerprint,
                illustrative=card.illustrative,
                prepared="now" if study in self.prepared_now else "kept",
                extracts=tuple(
                    {name: value for name, value in one.items() if name != "quarantine"} for one in card.extracts
                )
                if exact
                else card.shown,
                hashes=card.hashes if exact else card.shown_hashes,
                notes=card.notes if exact else card.shown_notes,
                rows={table: sum(files.values()) for table, files in sorted(rows_of(card.extracts).items())}
                if exact
                else {},
                corrections_due=correcting.recorded(card.states, corrected=False),
                corrected=correcting.recorded(card.states, corrected=True),
                forced=tuple(one["staff" if exact else "page"] for one in card.forced),
            )
            for study, card in sorted(self.studies.cards.items())
        )

    def _record(
        self,
        ended: record.Ended,
        code: int,
        version: str | None,
        before: str | None,
        cleared: int,
        refused: str = "",
    ) -> RunRecord:
        return RunRecord(
            run=self.run,
            started=self.started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self.clock, 3),
            outcome=ended,
            exit_code=code,
            engine=self.options.engine,
            workers=self.options.workers,
            options=self.options.shown,
            code_version=commissioning.__version__,
            environment=self.environment,
            review=self.review,
            version=version,
            version_before=before,
            studies=() if refused else self._study_records(exact=True),
            reports=tuple(self.records[one.id] for one in self.plans if one.id in self.records),
            leftovers_cleared=cleared,
            refused=tuple(refused.splitlines()),
        )

    def _write_record(self, made: RunRecord) -> None:
        """Write the record twice: exact, for the staff, below the restricted folder; and beside the site, as a page may show it."""
        self.recorded = True
        shown = record.write(record.shown(made, self._study_records(exact=False) if made.studies else ()))
        folder = self.places.out / record.RUNS / self.run
        folder.mkdir(parents=True, exist_ok=True)
        where.write_whole(folder / record.RECORD, shown, mode=0o644)
        where.write_whole(self.places.out / record.RECORD, shown, mode=0o644)
        kept = record.exact_place(self.places.state, self.run)
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        where.write_whole(kept, record.write(made), mode=0o600)

    # --- small things -----------------------------------------------------------------------------------------

    def _pool(self) -> Pool:
        if self.pool is None:
            if self.options.cluster:
                from commissioning.runs.cluster import DaskPool

                self.pool = DaskPool(self.options.cluster)
            else:
                local = LocalPool(
                    self.options.workers, warm=self.options.engine == "warm", preload=self.options.preload
                )
                local.warm_up()
                self.pool = local
        return self.pool

    def _close_pool(self) -> None:
        if self.pool is not None and self.pool_is_mine:
            self.pool.close()

    def _next_answer(self, pool: Pool) -> tuple[str, dict[str, Any] | None] | None:
        """The next answer, or None after a tenth of a second. Raises Stopped."""
        if self.stop.name:
            raise Stopped
        try:
            return pool.answers.get(timeout=0.1)
        except queue.Empty:
            return None

    def _show(self, running: int) -> None:
        failed = sum(one.outcome == "failed" for one in self.records.values())
        self.progress.show(done=len(self.records), running=running, failed=failed, executed=self.executed)

    def _failure_lines(self) -> list[str]:
        lines = [self._altered_line(name) for name in sorted(self.altered)]
        forced = {one["staff"] for card in self.studies.cards.values() for one in card.forced}
        lines += [f"published with --force although: {one}" for one in sorted(forced)]
        for (pilot, _), card in sorted(self.studies.cards.items()):
            lines += correcting.lines(pilot, card.states)
        for one in self.records.values():
            if one.outcome not in ("failed", "stopped"):
                continue
            words = REASONS.get(one.reason, "")
            at = f" at {one.cell}" if one.cell else ""
            error = f" [{one.error}]" if one.error else ""
            detail = f": {one.detail}" if one.detail else ""
            place = f"; partial notebook: {self.places.executed / one.partial_notebook}" if one.partial_notebook else ""
            lines.append(f"report {one.id}: {one.reason}{at}{error}, {words}{detail}{place}")
        return lines

    def _altered_line(self, name: str) -> str:
        now = "made again" if name in self.fresh else "left out of the site; run it again"
        return f"report {name}: was altered after it was published, and is {now}"


def _reads(entry: Entry) -> list[str] | None:
    value = json.loads(entry.depends.get("reads", "null"))
    return value if isinstance(value, list) else None


def _only(depends: dict[str, Any], reads: list[str] | None) -> dict[str, Any]:
    """What a report depends on, of the evidence only the parts that it read; None for all of them."""
    kept = {
        name: value
        for name, value in depends.items()
        if reads is None or not name.startswith("evidence ") or name.split(" ", 3)[3] in reads
    }
    return kept | {"reads": reads}


def _ids(reports: Sequence[dict[str, str]]) -> set[str]:
    return {one["id"] for one in reports}


def run(places: Places, plans: Sequence[ReportPlan], pilots: dict[str, Any], options: Options, **more: Any) -> Outcome:
    """Run a batch; see `Batch`."""
    if not plans:
        raise UsageError("there is nothing to run: no notebook fits what was asked")
    return Batch(places, plans, pilots, options, **more).go()
