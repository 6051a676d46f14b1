"""What each command does. Rooms are imported inside the functions, so that light commands stay light."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from commissioning import pilot as pilots
from commissioning.errors import CannotWrite, DataRefused, ReportFailed, UsageError
from commissioning.runs import processes
from commissioning.runs.given import address_or_folder, extracts, known_pilots, stop_signals, with_areas
from commissioning.runs.terminal import folder, say
from commissioning.wording import counted, nearest

EVERY = ("hour", "day", "week", "month")

WORKERS_A_PROCESSOR = 8  # each worker holds the libraries: more would end in swapping, not in speed


def _workers(asked: int, cluster: str | None) -> int:
    """The number of workers, if this machine could carry it. A cluster's workers are its own affair."""
    most = max(16, WORKERS_A_PROCESSOR * (os.cpu_count() or 1))
    if cluster is None and asked > most:
        raise UsageError(f"--workers {asked}: this machine has {os.cpu_count()} processors; ask for {most} or fewer")
    return asked


def _tell(lines: Iterable[str], *, staff: bool = False) -> int:
    """Say what was done, a line each; for `staff`, what a log is to hold."""
    for line in lines:
        say(f"commissioning: {line}" if staff else line, error=staff)
    return 0


def run(given: argparse.Namespace) -> int:
    """`commissioning run`."""
    from commissioning.runs import batch, permission, places, publication, remote, review
    from commissioning.runs.plan import LATEST, plan
    from commissioning.runs.progress import Progress

    _enough_memory()
    root = pilots.home()
    known = known_pilots(given.pilot, root)
    sample = root / "data" / "sample"
    # What is copied from an address is never the sample, and nothing is copied before the rest is known to be right.
    copied = given.data is not None and remote.is_url(given.data)
    default = pilots.read_by_default(root, given.area or [], [one.area for one in known.values()])
    data = None if copied else folder(given.data, default)
    known = with_areas(known, data, given.area or [], root)
    illustrative = data is not None and pilots.is_sample(data, root)
    if data is not None:
        asked = given.pilot or list(known)
        for made_up in {pilots.sample_of(one, root) for one in asked} if data.resolve() == sample.resolve() else {data}:
            pilots.refuse_own_in_sample(made_up, root)
    plans = plan(
        root,
        known,
        asked=tuple(given.pilot),
        periods=tuple(dict.fromkeys(given.period or [LATEST])),
        areas=tuple(dict.fromkeys(given.area or [""])),
        levels=tuple(dict.fromkeys(given.level or [""])),
        extra=_parameters(given.parameter),
        illustrative=illustrative,
    )
    unreviewed = sorted({one.notebook.relative_to(root).as_posix() for one in plans if not one.reviewed})
    _tell((f"notebook {one} is not as it was reviewed: it runs on the sample only" for one in unreviewed), staff=True)
    out = folder(given.out, root / "reports")
    publication.refuse_published(out)
    options = batch.Options(
        workers=_workers(given.workers or 1, given.cluster),
        engine=given.engine,
        force=given.force,
        cluster=given.cluster,
        cell_timeout=given.cell_timeout or batch.Options.cell_timeout,
        run_timeout=given.run_timeout or batch.Options.run_timeout,
        recheck=None if illustrative else functools.partial(review.refuse_unreviewed, root, tuple(known)),
        shown={
            "pilots": list(given.pilot),
            "periods": given.period or [LATEST],
            "areas": given.area or [],
            "levels": given.level or [],
            "force": given.force,
            "cluster": bool(given.cluster),
            "not_reviewed": unreviewed,
        },
    )
    if given.cluster is not None:
        from commissioning.runs.cluster import check_address

        check_address(given.cluster)
    found = places.locate(root, extracts(given.data, default, root), out)
    stop = batch.Stop()
    _listen_for_signals(stop)
    processes.adopt_orphans()
    try:
        outcome = batch.run(found, plans, known, options, stop=stop, progress=Progress(len(plans)))
    except (DataRefused, ReportFailed):
        _tell(permission.lapse(found, [one.id for one in plans], "a failed check: the run was refused"), staff=True)
        raise
    finally:
        processes.kill_below(os.getpid(), seconds=2.0)
    code = _say(outcome, found, stop, given)
    if outcome.record.outcome != "stopped":
        made = {one.id: one.outcome for one in outcome.record.reports}
        _tell(permission.after_run(found, made, forced=given.force, altered=outcome.altered), staff=True)
    return code


def _say(outcome: Any, found: Any, stop: Any, given: argparse.Namespace) -> int:
    _tell(outcome.lines, staff=True)
    reports = outcome.record.reports
    counts = {
        what: sum(one.outcome == what for one in reports)
        for what in ("executed", "resumed", "unchanged", "failed", "stopped")
    }
    words = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    say(
        f"{counted(len(reports), 'report')}: {words or 'none'} ({outcome.record.seconds:.1f} s). Run {outcome.record.run}"
    )
    if outcome.record.outcome == "stopped":  # a signal that came after publishing stopped nothing
        say(f"commissioning: STOPPED by {stop.name}: the last good site is still served", error=True)
    if outcome.record.version:
        say(str(found.out / "index.html"))
    if given.pdf and outcome.record.version:
        _print_pdf(found, outcome.record.version)
    return int(outcome.exit_code)


def _print_pdf(found: Any, version: str) -> None:
    """A PDF of each page of the served version, in `pdf/<version>/`; printed once a version."""
    from commissioning.presentation import pdf

    target = found.out / "pdf" / version
    target.mkdir(parents=True, exist_ok=True)
    pages = [
        one
        for one in sorted((found.versions / version).glob("*.html"))
        if one.name != "index.html" and ".provider-" not in one.name
    ]
    pairs = [(one, target / f"{one.stem}.pdf") for one in pages]
    pdf.write([one for one in pairs if not one[1].is_file()])


def _listen_for_signals(stop: Any) -> None:
    def heard(number: int, _: Any) -> None:
        stop.name = signal.Signals(number).name

    for one in stop_signals():
        signal.signal(one, heard)


def _parameters(given: list[str]) -> dict[str, Any]:
    """`NAME=VALUE` pairs; values stay text exactly as typed."""
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"--parameter {one!r}: write NAME=VALUE")
        if name in ("pilot", "period", "area", "level", "data"):
            raise UsageError(f"--parameter {name}: use the option --{name} (or the PILOT argument) instead")
        if name in WHAT_IF:
            raise UsageError(
                f"--parameter {name}: a what-if is never published, so no run makes one; look at it with `papermill "
                f"notebooks/4_review.ipynb data/results/what-if.ipynb -p {name} {value or '…'}`"
            )
        found[name] = value
    return found


WHAT_IF = (
    "worth",
    "worthwhile_change",
    "floor",
    "chance_agreed",
    "weights",
)  # of `study.parameters`, which loads pydantic
LEAST_MEMORY = 1_900_000_000  # bytes of addresses: with 1.0 GB every worker dies in turn, with 2.0 GB one does its work


def _enough_memory() -> None:
    """Raises MemoryError, before anything is started, where this shell allows less than a worker needs."""
    with contextlib.suppress(ImportError):  # no such limit on Windows
        import resource

        allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
        if allowed != resource.RLIM_INFINITY and allowed < LEAST_MEMORY:
            raise MemoryError


def check(given: argparse.Namespace) -> int:
    """`commissioning check`."""
    from commissioning.runs import checking

    return checking.check(given)


def map(given: argparse.Namespace) -> int:
    """`commissioning map`."""
    from commissioning.runs import mapping

    out = None if given.out is None else Path(given.out)
    return _tell(mapping.map_files([Path(one) for one in given.file], out))


def measures(given: argparse.Namespace) -> int:
    """`commissioning measures`."""
    from commissioning.measures import catalogue, describe

    own = None
    with contextlib.suppress(UsageError):  # outside a checkout there are no pilots' own
        own = pilots.home() / "pilots"
    known = catalogue(folder=own)
    if given.id is None:
        as_json, as_text = describe.listing_json, describe.listing
        print(json.dumps(as_json(known), indent=1, ensure_ascii=False) if given.json else as_text(known))
        return 0
    measure = describe.found(given.id, known)
    card = describe.card_json(measure) if given.json else describe.card_text(measure)
    print(json.dumps(card, indent=1, ensure_ascii=False) if given.json else card)
    return 0


def calibrate(given: argparse.Namespace) -> int:
    """`commissioning calibrate`."""
    from commissioning.runs import calibrating

    root = pilots.home()
    chosen = known_pilots([given.pilot], root)[given.pilot]
    data = None if given.data is None else extracts(given.data, root, root)
    found = calibrating.card(chosen, draws=given.draws or 1000, data=data, area=given.area or "")
    print(json.dumps(found, indent=1) if given.json else calibrating.as_text(found))
    return 0


def setup(given: argparse.Namespace) -> int:
    """`commissioning setup`."""
    from commissioning.runs import setting_up

    answers = {name: getattr(given, name) or "" for name in (*setting_up.QUESTIONS, *setting_up.OPTIONAL, "ledger")}
    return _tell(setting_up.set_up(pilots.home(), answers, yes=given.yes, ask=setting_up.terminal()))


def new(given: argparse.Namespace) -> int:
    """`commissioning new`."""
    from commissioning.runs import scaffold

    return _tell(scaffold.make(pilots.home(), given.pilot))


def seal(given: argparse.Namespace) -> int:
    """`commissioning seal`."""
    from commissioning.runs import sealing

    root = pilots.home()
    chosen = known_pilots([given.pilot], root)[given.pilot]
    return _tell(sealing.seal(chosen, given.by, given.area or "", root))


def correct(given: argparse.Namespace) -> int:
    """`commissioning correct`."""
    from commissioning.runs import correcting

    root = pilots.home()
    chosen = known_pilots([given.pilot], root)[given.pilot]
    return _tell(correcting.correct(chosen, given.reason, given.by, given.area or "", root))


def sign_off(given: argparse.Namespace) -> int:
    """`commissioning sign-off`."""
    from commissioning.runs import places, publication, signing

    root = pilots.home()
    found = places.locate(root, root / "data" / "sample", folder(given.out, root / "reports"))
    publication.refuse_published(found.out)
    say(signing.sign(found, given.report, given.role, given.name))
    return 0


def publish(given: argparse.Namespace) -> int:
    """`commissioning publish`."""
    from commissioning.runs import permission, places, publication, setting_up

    if bool(given.allow) != bool(given.until):
        raise UsageError("--allow REPORT and --until DATE go together: what may be published by itself, and how long")
    if given.allow and given.report:
        raise UsageError("name the reports after --allow, or without it, not both")
    root = pilots.home()
    found = places.locate(root, root / "data" / "sample", folder(given.out, root / "reports"))
    to = Path(os.path.abspath(folder(given.to, publication.target_of(root, found.out))))  # noqa: PTH100 - links stay links
    last = permission.until(given.until) if given.until else None
    chosen = publication.candidates(found, to, given.allow or given.report)
    _tell((*publication.lines(chosen, root, whole=last is not None), *publication.lost_links(chosen, to)))
    new = chosen if last else [one for one in chosen if one.new]
    if given.show or not new:
        return 0
    what = (
        f"Let runs publish {counted(len(new), 'report')} until {last}"
        if last
        else f"Publish {counted(len(new), 'report')}"
    )
    if not given.yes:
        ask = setting_up.terminal()
        if ask is None:
            raise UsageError(
                "nothing was published: no terminal is here to ask at. Look with --show, then give --yes; "
                "for runs that publish by themselves, --allow REPORT --until DATE"
            )
        if ask(f"{what}, as {given.by}? [y/N] ").strip().casefold() not in ("y", "yes"):
            raise UsageError("nothing was published")
    if last:
        permission.allow(found, to, new, given.by, last)
        say(f"allowed by {given.by}: {', '.join(one.entry.id for one in new)}, until {last}, in {to}")
        say("It lapses on a new table, a changed claim, a correction, --force or a failed check.")
        return 0
    publication.publish_now(found, to, new, given.by)
    say(f"published by {given.by}: {counted(len(new), 'report')}")
    say(str(to / "index.html"))
    return 0


def replies(given: argparse.Namespace) -> int:
    """`commissioning replies import`."""
    from commissioning.presentation import typed
    from commissioning.runs import places, replying

    root = pilots.home()
    studies = places.locate(root, root / "data" / "sample", root / "reports").studies
    people = typed.people_of(one for one in studies.glob("*") if one.is_dir()) if studies.is_dir() else set()
    return _tell(replying.import_files([Path(one) for one in given.file], root, people=frozenset(people)))


def runs(given: argparse.Namespace) -> int:
    """`commissioning runs`."""
    from commissioning.runs import places, record

    out = folder(given.out, pilots.home() / "reports")
    if not given.run:
        found = record.every(out)
        if given.json:
            print(json.dumps([one.model_dump(mode="json") for one in found], indent=1))
        else:
            print(record.listing(found) if found else f"no run has been recorded in {out}")
        return 0
    if len(given.run) != 2:
        raise UsageError("name two runs to compare, or none to list them")
    state = places.locate(pilots.home(), out, out).state
    a, b = (record.exact(record.find(out, name), state) for name in given.run)
    lines = record.compare(a, b, out)
    print(json.dumps(lines, indent=1, ensure_ascii=False) if given.json else "\n".join(lines))
    return 0


def schedule(given: argparse.Namespace) -> int:
    """`commissioning schedule`."""
    from commissioning.runs import schedule as scheduling

    if given.every not in EVERY:
        raise UsageError(f"--every {given.every!r} is not known: {nearest(given.every, EVERY)}")
    root = pilots.home()
    known_pilots(given.pilot, root)
    print(
        scheduling.everything(
            root,
            every=given.every,
            at=given.at,
            pilots=tuple(given.pilot),
            data=address_or_folder(given.data, root / "data" / "sample"),
            out=folder(given.out, root / "reports"),
            period=given.period,
            on_failure=given.on_failure,
        )
    )
    return 0


def prune(given: argparse.Namespace) -> int:
    """`commissioning prune`."""
    from commissioning.study import copies

    if not given.opened:
        raise UsageError("say what is to be deleted: --opened")
    try:
        number, size = copies.clear()
    except OSError as error:
        raise CannotWrite(f"{copies.home()} cannot be emptied: {error.strerror}") from None
    print(f"{number} {'copy' if number == 1 else 'copies'} of opened extracts deleted, {size / 1e6:.1f} MB")
    return 0
