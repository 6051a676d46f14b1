"""A batch: every report of a plan, executed where something changed, published once, recorded.

The order: check the places, take the locks, prepare what changed, execute, publish, record. A failure of one report stops
no other; a stop stops all, and what was finished is kept for the next run.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import commissioning
from commissioning import errors
from commissioning.errors import CannotWrite, UsageError, WorkbenchError
from commissioning.runs import (
    causes,
    ending,
    keys,
    lock,
    making,
    preparing,
    publish,
    record,
    review,
)
from commissioning.runs import places as where
from commissioning.runs.crew import Crew, Options, Stop, Stopped
from commissioning.runs.last_reviews import LastReviews
from commissioning.runs.log import Log
from commissioning.runs.places import Places
from commissioning.runs.plan import ReportPlan
from commissioning.runs.pool import Pool
from commissioning.runs.progress import Progress
from commissioning.runs.publish import Entry
from commissioning.runs.record import ReportRecord, RunRecord
from commissioning.runs.studies import Studies
from commissioning.runs.task import Result, load_function
from commissioning.seal import figures as final_figures
from commissioning.seal import home


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a batch ended."""

    exit_code: int
    record: RunRecord
    lines: tuple[str, ...]  # one a failure, for people
    altered: tuple[str, ...] = ()  # reports that somebody had changed since they were made


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
        self.progress = progress or Progress(len(plans))
        self.crew = Crew(options, stop or Stop(), pool)
        self.started = datetime.now(UTC)
        self.run = f"{self.started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self.stage = f"run-{secrets.token_hex(6)}"
        self.records: dict[str, ReportRecord] = {}
        self.fresh: dict[str, tuple[Entry, Path]] = {}
        self.served: dict[str, Entry] = {}
        self.prepared_now: set[tuple[str, str]] = set()
        # What each report depended on when it was handed out, and what it was made from, in the words of `causes`.
        self.handed_out: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self.environment: dict[str, str] = {}
        self.review: dict[str, str] = {}
        self.before = publish.current_version(places.out)
        self.prepared = self.recorded = False
        self.executed = self.cleared = 0

    def go(self) -> Outcome:
        """Run the batch. Raises WorkbenchError where nothing could be started; else reports in the outcome.

        However it ends there is a record, which whoever is told of a run that failed is given; save where it leaves because
        another run holds the same reports, whose own record is on its way.
        """
        try:
            return self._go()
        except errors.Busy:
            raise
        except WorkbenchError as error:
            a_site = self.prepared or (self.places.out / record.RECORD).is_file()
            if a_site and not self.recorded:
                self.before = publish.current_version(self.places.out)
                with contextlib.suppress(OSError):
                    self._record("refused", error.exit_code, self.before, str(error))
            raise

    def _go(self) -> Outcome:
        where.check_data(self.places.data)
        where.prepare_out(self.places, needed=publish.version_size(self.places))
        self.prepared = True
        try:
            with lock.SiteLock.adding(self.places, [one.id for one in self.plans], self.stage) as locks:
                self.cleared = locks.cleared
                self.log = Log(self.places.state / "log.jsonl", self.run)
                self.log.write("started", reports=len(self.plans), engine=self.options.engine)
                try:
                    return self._locked(locks)
                finally:
                    self.crew.close()
        except OSError as error:
            raise CannotWrite(f"the run could not go on: {where.reason(error)}") from None

    def _locked(self, locks: lock.SiteLock) -> Outcome:
        hashes = keys.FileHashes(self.places.state / "hashes.json")
        code, self.environment = keys.code(hashes), keys.environment(self.places.root)
        self.review = review.described(self.places.root)
        self.studies = Studies(self.places, hashes, code, self.environment)
        version = self.before = publish.current_version(self.places.out)
        if not self.options.cluster and (self.options.force or version is None):
            self.crew.pool()  # something will be executed: the fork server loads its libraries meanwhile
        self.served = publish.read_version(self.places, version)
        self.altered = publish.altered(self.places, version, self.served)
        self.making = making.Making(
            places=self.places,
            plans=self.plans,
            pilots=self.pilots,
            options=self.options,
            studies=self.studies,
            hashes=hashes,
            environment=self.environment,
            code=code,
            served=self.served,
            fresh=self.fresh,
            records=self.records,
            reviews=LastReviews(self.places, self.studies.kind()),
            log=self.log,
        )
        stopped = False
        try:
            if self.studies.kind() == "own":
                home.refuse_another(self.places.out, self._areas(), self.places.root)
            given = self.studies, self.plans, self.crew, self.options, self.log
            self.prepared_now = preparing.prepare(*given, stage=self.stage)
            preparing.refuse_what_no_extract_holds(self.studies, self.plans)
            preparing.work_out(*given)
            self._execute()
        except Stopped:
            stopped = True
            self.crew.close()
            for plan in self.plans:
                if plan.id not in self.records:
                    self._fail(plan, "STOPPED")
        except WorkbenchError as refusal:
            # Whoever is told of a scheduled run that failed is given its record, and not that of the run before it.
            with locks.publishing():
                self._record("refused", refusal.exit_code, version, str(refusal))
            raise
        with locks.publishing():
            if not stopped:
                self._leave_out_what_another_run_released()
                self._leave_out_what_is_final_otherwise()
            failed = [one for one in self.records.values() if one.outcome == "failed"]
            if not stopped and (self.fresh or (self.served and (self.altered or self.making.not_made_is_news()))):
                version = self._publish(failed)
            ended: record.Ended = "stopped" if stopped else "failed" if failed else "done"
            outcome = self._record(ended, 1 if stopped or failed else 0, version)
        hashes.keep()
        self.log.write("ended", outcome=ended, exit_code=outcome.exit_code, seconds=outcome.seconds)
        reports = self.records.values()
        return Outcome(
            exit_code=outcome.exit_code,
            record=outcome,
            lines=ending.lines(self.places.executed, self.studies.cards, reports, self.altered, self.fresh),
            altered=tuple(sorted(self.altered)),
        )

    def _execute(self) -> None:
        waiting = {one.id: one for one in self.plans}
        running: dict[str, ReportPlan] = {}
        while waiting or running:
            self.crew.stop_if_told()
            ready = [one for one in waiting.values() if not any(up in waiting or up in running for up in one.after)]
            for plan in ready:
                if not self._settled_without_executing(plan):
                    if self.crew.seconds_left() < 0:
                        self._fail(plan, "RUN_TIMEOUT")
                    elif self.crew.pool().free():
                        running[plan.id] = plan
                        self._hand_out(plan)
                    else:
                        break
                del waiting[plan.id]
            failed = sum(one.outcome == "failed" for one in self.records.values())
            self.progress.show(done=len(self.records), running=len(running), failed=failed, executed=self.executed)
            if not running:
                continue
            if arrived := self.crew.answer():
                self._settle(running.pop(arrived[0]), arrived[1])
            elif self.crew.is_late():
                self.crew.close()
                for plan in running.values():
                    self._fail(plan, "RUN_TIMEOUT")
                running.clear()

    def _hand_out(self, plan: ReportPlan) -> None:
        depends, made_from = self.handed_out[plan.id] = self._asked(plan)
        left = self.crew.seconds_left()
        task = self.making.task(plan, keys.digest(depends), made_from, stage=self.stage, left=left)
        self.crew.pool().send(plan.id, {"do": "report", "task": task.model_dump(mode="json")})

    def _asked(self, plan: ReportPlan) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.making.depends(plan, reads=None), self.making.made_from(plan)

    def _settled_without_executing(self, plan: ReportPlan) -> bool:
        """True where the served version, or an interrupted run, already holds this report as it would be made."""
        done = self.places.done / plan.id
        if self.options.force:
            shutil.rmtree(done, ignore_errors=True)
            return False
        entry = self.served.get(plan.id)
        if entry is not None:
            depends = self.making.depends(plan, reads=making.reads_of(entry))
            if entry.key == keys.digest(depends) and not self.making.says_other_states(plan):
                self._note(plan, outcome="unchanged", published=True, key=entry.key, files=entry.files)
                if plan.stage == "review" and (stage_record := self.making.served_file(plan, "stage")):
                    self.making.reviews.remember(plan, Path(stage_record))
                return True
        try:
            kept = json.loads((done / "entry.json").read_text(encoding="utf-8"))
            now = keys.digest(self.making.depends(plan, reads=None))
            fits = kept["key"] == now and publish.intact(done, kept["files"])
        except (OSError, ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            shutil.rmtree(done, ignore_errors=True)
            return False
        self._finished(plan, kept["files"], kept["summary"], kept.get("partitions_read"))
        self._note(plan, outcome="resumed", published=True, key=self.fresh[plan.id][0].key, files=kept["files"])
        return True

    def _settle(self, plan: ReportPlan, answer: dict[str, Any] | None) -> None:
        if answer is None:
            self._fail(plan, "WORKER_DIED")
            return
        result = Result.model_validate(answer["result"])
        if not result.ok:
            self._fail(plan, result.reason or "", result)
            return
        self.executed += 1
        entry = self.served.get(plan.id)
        why: tuple[str, ...] = ("first time",)
        if entry is not None:
            why = making.differing(entry, self.making.depends(plan, reads=making.reads_of(entry)))
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
            **result.model_dump(include={"cells", "files", "warnings", "summary"}),
        )

    def _finished(
        self, plan: ReportPlan, files: dict[str, str], summary: dict[str, Any], reads: list[str] | None
    ) -> None:
        asked, _ = self.handed_out.get(plan.id) or self._asked(plan)
        made = making.entry(plan, making.only(asked, reads), files, summary)
        self.fresh[plan.id] = made, self.places.done / plan.id

    def _fail(self, plan: ReportPlan, reason: str, result: Result | None = None) -> None:
        """Note that a report was not made, or may not be published; `result`: how its notebook ended, if it was executed."""
        result = result or Result(id=plan.id, key="", ok=False)
        self._note(
            plan,
            outcome="stopped" if reason == "STOPPED" else "failed",
            published=False,
            why_not_published="the last good version is still served" if plan.id in self.served else "never made",
            reason=reason,
            cell=result.cell or "",
            error=result.error or "",
            detail=result.detail or "",
            partial_notebook=Path(result.partial).name if result.partial else "",
            seconds=round(result.seconds, 3),
            cells=result.cells,
        )

    def _note(self, plan: ReportPlan, **fields: Any) -> None:
        what = {name: getattr(plan, name) for name in ("id", "pilot", "stage", "period", "area", "level", "parameters")}
        made = self.records[plan.id] = ReportRecord(**what, **fields)
        self.log.write(
            "report", id=plan.id, outcome=made.outcome, reason=made.reason, cell=made.cell, seconds=made.seconds
        )
        if made.outcome == "executed":
            self.progress.report(f"done    {plan.id}  {made.seconds:.1f} s")
        elif made.outcome == "failed":
            self.progress.report(f"failed  {plan.id}  {made.reason} {made.cell}".rstrip())

    def _publish(self, failed: list[ReportRecord]) -> str | None:
        if self.options.recheck is not None:
            self.options.recheck()
        needed = sum(one.stat().st_size for _, folder in self.fresh.values() for one in folder.iterdir())
        if shutil.disk_usage(self.places.out).free < 2 * needed:
            raise CannotWrite("disk nearly full: the new version was not published, the last good site is still served")
        if self.studies.kind() == "own" and (mark := home.mark(self.places.out, self._areas(), self.places.root)):
            where.write_whole(self.places.out / home.MARK, mark, mode=0o644)  # with which ledger and secret it was made
        made = [one for one in self.plans if one.id in self.fresh]
        self.studies.remember_released({study for one in made for study in one.studies})
        version = publish.publish(
            self.places,
            self.fresh,
            stage_name=self.stage,
            index=load_function(self.options.index),
            keep=self.options.keep_versions,
            not_made=self.making.not_made(),
        )
        for plan in made:
            stage_record = self.places.done / plan.id / f"{plan.id}.stage.json"
            if plan.stage == "review" and stage_record.is_file():
                self.making.reviews.remember(plan, stage_record)
            _, made_from = self.handed_out.get(plan.id) or self._asked(plan)
            causes.keep(self.places.state, plan.id, made_from)
        for plan in made:
            shutil.rmtree(self.places.done / plan.id, ignore_errors=True)
        self.log.write("published", version=version, reports=len(self.fresh), failed=len(failed))
        return version

    def _leave_out(self, plan: ReportPlan, reason: str) -> None:
        del self.fresh[plan.id]
        shutil.rmtree(self.places.done / plan.id, ignore_errors=True)
        self._fail(plan, reason)

    def _leave_out_what_another_run_released(self) -> None:
        """Another run published figures of the same pilot and area since this one prepared its own: see `fits_history`."""
        for plan in [one for one in self.plans if one.id in self.fresh]:
            if not all(self.studies.fits_history(self.studies.cards[one]) for one in plan.studies):
                self._leave_out(plan, "RELEASED_MEANWHILE")

    def _leave_out_what_is_final_otherwise(self) -> None:
        """Figures became final, or were corrected, since a study was prepared: what was made of it is not published. Else the
        permission to correct is used up here, before anything is served: see `seal.figures.changed`."""
        for (pilot, area), card in sorted(self.studies.cards.items()):
            mine = [one for one in self.plans if one.id in self.fresh and (pilot, area) in one.studies]
            if not card.states or not (mine or card.states["used_up"]):
                continue
            if not final_figures.changed(pilot, area, card.states, self.places.root):
                for plan in mine:
                    self._leave_out(plan, "LEDGER_CHANGED")

    def _areas(self) -> set[str]:
        return {area for one in self.plans for _, area in one.studies}

    def _record(self, ended: record.Ended, code: int, version: str | None, refused: str = "") -> RunRecord:
        """Write how the run ended, for the staff and beside the site; see `ending.write`."""
        self.recorded = True
        cards = {} if refused else self.studies.cards
        made = RunRecord(
            run=self.run,
            started=self.started.isoformat(timespec="seconds"),
            seconds=round(self.crew.seconds(), 3),
            outcome=ended,
            exit_code=code,
            engine=self.options.engine,
            workers=self.options.workers,
            options=self.options.shown,
            code_version=commissioning.__version__,
            environment=self.environment,
            review=self.review,
            version=version,
            version_before=self.before,
            studies=ending.studies(cards, self.prepared_now, exact=True),
            reports=tuple(self.records[one.id] for one in self.plans if one.id in self.records),
            leftovers_cleared=self.cleared,
            refused=tuple(refused.splitlines()),
        )
        ending.write(self.places, made, ending.studies(cards, self.prepared_now, exact=False))
        return made


def run(places: Places, plans: Sequence[ReportPlan], pilots: dict[str, Any], options: Options, **more: Any) -> Outcome:
    """Run a batch; see `Batch`."""
    if not plans:
        raise UsageError("there is nothing to run: no notebook fits what was asked")
    return Batch(places, plans, pilots, options, **more).go()
