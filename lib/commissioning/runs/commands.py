"""What each command does. Rooms are imported inside the functions, so that light commands stay light.

Longer than 400 lines: one function for each command, side by side.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.cli import folder, nearest, say
from commissioning.errors import CannotWrite, DataRefused, ReportFailed, UsageError, WorkbenchError
from commissioning.runs import processes
from commissioning.wording import counted

EVERY = ("hour", "day", "week", "month")


def _pilots(asked: list[str], root: Path) -> dict[str, Any]:
    """Every pilot of the checkout, checked; those asked for must exist. Raises UsageError."""
    known = pilots.names(root)
    for name in asked:
        if name not in known:
            raise UsageError(f"no pilot is called {name!r}: {nearest(name, known)}")
    if not known:
        raise UsageError("there is no pilot yet: make one with `commissioning new NAME`")
    return {name: pilots.load(name, root) for name in known}


def _areas_of(known: dict[str, Any], data: Path | None, asked: list[str], root: Path) -> dict[str, Any]:
    """Every pilot with the area that these extracts are of; `data` is None for extracts that are still to be copied.

    Raises UsageError where nobody names an area and nothing says it, and DataRefused where a folder does not say whose
    extracts it holds. A folder that is not there, or may not be read, is named by whoever reads it.
    """
    council = councils.load(root)
    readable = data is None or (data.is_dir() and os.access(data, os.R_OK | os.X_OK))
    if not readable:
        return known
    if data is not None:
        councils.owner(data, council, area=asked[0] if asked else "")
    found = {name: one.model_copy(update={"area": councils.area_of(one, data, council)}) for name, one in known.items()}
    if not asked and not all(one.area for one in found.values()):
        raise UsageError(councils.UNNAMED)
    return found


def _extracts(given: str | None, default: Path, root: Path) -> Path:
    """The folder of the extracts. Those at an address are copied first, into a folder that only its owner may read."""
    from commissioning.runs import remote

    if given is None or not remote.is_url(given):
        return folder(given, default)
    with _stopping_at_once():
        return remote.fetch(given, root / "data" / "evidence" / "fetched")


@contextlib.contextmanager
def _stopping_at_once() -> Iterator[None]:
    """While extracts are copied any signal to stop is as Ctrl-C: what was copied so far is removed, and the command ends."""

    def heard(number: int, _: Any) -> None:
        raise KeyboardInterrupt

    before = {one: signal.signal(one, heard) for one in _stop_signals()}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if handler is None else handler)


WORKERS_A_PROCESSOR = 8  # each worker holds the libraries: more would end in swapping, not in speed


def _workers(asked: int, cluster: str | None) -> int:
    """The number of workers, if this machine could carry it. A cluster's workers are its own affair."""
    most = max(16, WORKERS_A_PROCESSOR * (os.cpu_count() or 1))
    if cluster is None and asked > most:
        raise UsageError(f"--workers {asked}: this machine has {os.cpu_count()} processors; ask for {most} or fewer")
    return asked


def run(given: argparse.Namespace) -> int:
    """`commissioning run`."""
    from commissioning.runs import batch, permission, places, publication, remote, review
    from commissioning.runs.plan import LATEST, plan
    from commissioning.runs.progress import Progress

    _enough_memory()
    root = pilots.home()
    known = _pilots(given.pilot, root)
    sample = root / "data" / "sample"
    # What is copied from an address is never the sample, and nothing is copied before the rest is known to be right.
    copied = given.data is not None and remote.is_url(given.data)
    known = _areas_of(known, None if copied else folder(given.data, sample), given.area or [], root)
    illustrative = not copied and folder(given.data, sample).resolve() == sample.resolve()
    if not copied:
        asked = given.pilot or list(known)
        for made_up in {pilots.sample_of(one, root) for one in asked} if illustrative else {folder(given.data, sample)}:
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
    for name in unreviewed:
        say(f"commissioning: notebook {name} is not as it was reviewed: it runs on the sample only", error=True)
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
    found = places.locate(root, _extracts(given.data, sample, root), out)
    stop = batch.Stop()
    _listen_for_signals(stop)
    processes.adopt_orphans()
    try:
        outcome = batch.run(found, plans, known, options, stop=stop, progress=Progress(len(plans)))
    except (DataRefused, ReportFailed):
        for line in permission.lapse(found, [one.id for one in plans], "a failed check: the run was refused"):
            say(f"commissioning: {line}", error=True)
        raise
    finally:
        processes.kill_below(processes.own_id(), seconds=2.0)
    code = _say(outcome, found, stop, given)
    if outcome.record.outcome != "stopped":
        made = {one.id: one.outcome for one in outcome.record.reports}
        for line in permission.after_run(found, made, forced=given.force, altered=outcome.altered):
            say(f"commissioning: {line}", error=True)
    return code


def _say(outcome: Any, found: Any, stop: Any, given: argparse.Namespace) -> int:
    for line in outcome.lines:
        say(f"commissioning: {line}", error=True)
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
    pages = [one for one in sorted((found.versions / version).glob("*.html")) if one.name != "index.html"]
    pairs = [(one, target / f"{one.stem}.pdf") for one in pages]
    pdf.write([one for one in pairs if not one[1].is_file()])


def _listen_for_signals(stop: Any) -> None:
    def heard(number: int, _: Any) -> None:
        stop.name = signal.Signals(number).name

    for one in _stop_signals():
        signal.signal(one, heard)


def _stop_signals() -> list[signal.Signals]:
    """Those that ask a program to stop; Windows and other systems have some each."""
    names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


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
    from commissioning.evidence import intake, sources, store
    from commissioning.runs import places
    from commissioning.runs.progress import Counting

    root = pilots.home()
    known = _pilots(given.pilot, root)
    chosen = given.pilot or list(known)
    # A pilot with made-up extracts of its own is checked on those; several together on the workbench's sample.
    made_up = pilots.sample_of(chosen[0], root) if len(chosen) == 1 else root / "data" / "sample"
    data = _extracts(given.data, made_up, root)
    places.check_data(data)
    pilots.refuse_own_in_sample(data, root)
    tables = tuple(dict.fromkeys(table for name in chosen for table in known[name].tables))
    own = councils.owner(data, councils.load(root), area=given.area or "")
    known = _areas_of(known, data, [given.area] if given.area else [], root)
    areas = {given.area or known[name].area for name in chosen}
    if len(areas) > 1:
        raise UsageError("these pilots have different areas: check them one at a time, or name one with --area")
    from commissioning.study import protection
    from commissioning.study.pilot_measures import measures_of

    protected: list[str] = []
    for name in chosen:
        measures = measures_of(known[name])  # one that a pilot file names and that does not exist is refused here too
        words = known[name] if pilots.is_sample(data, root) else councils.own_words(known[name])
        protected += protection.in_words(
            words, measures, given.area or known[name].area, None if pilots.is_sample(data, root) else root
        )
    counting = Counting()
    made = intake.take_in(data, wanted_tables=tables, area=areas.pop(), counted=counting.show, own=own)
    counting.close()
    found = made.as_json()
    _say_what_is_not_used(found["files"], made, [known[name] for name in chosen], given.area)
    if given.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        _print_check(found)
        for line in protected:
            say(line)
    # Whole rows, for whoever mends them: never printed, kept where only their owner may read.
    quarantine = root / "data" / "evidence" / "quarantine"
    try:
        kept = store.write_quarantine(made, quarantine)
    except OSError as error:
        kept = None
        say(f"commissioning: cannot write in {quarantine}: {places.reason(error)}; the rows are not kept", error=True)
    if kept is not None:
        say(f"commissioning: the rows in quarantine lie in {kept}", error=True)
    if made.idle:
        say(f"commissioning: sources.toml: {sources.said(made.idle)} matches nothing in the folder", error=True)
    try:
        made.raise_if_refused()
        for line in _places(made, [known[name] for name in chosen], given.area):
            say(f"commissioning: {line}", error=True)
    except WorkbenchError as error:
        for line in str(error).splitlines():
            say(f"commissioning: {line}", error=True)
        return error.exit_code
    return 0


def _places(made: Any, chosen: list[Any], area: str | None) -> list[str]:
    """What `starts` and the rows say differently of the places of each pilot's design, by name: for staff alone.

    Raises DataRefused where a place would drop out of the comparison by its spelling.
    """
    if "starts" not in made.tables and not any(one.design and one.design.started for one in chosen):
        return []
    from commissioning.study import started
    from commissioning.study.pilot_measures import measures_of

    aside = sum(one.loaded.rows_quarantined for one in made.of("accepted") if one.table == "starts" and one.loaded)
    lines = []
    for pilot in chosen:
        if pilot.design is None or (area and pilot.area and area != pilot.area):
            continue
        held = {name: made.tables[name] for name in made.tables if name in pilot.tables}
        found = started.places(pilot, measures_of(pilot), held, set_aside=aside)
        started.first_of(pilot.design, held.get("starts"), (), found.spelt)
        # Names that the council wrote itself; what stands in rows of people is never repeated.
        starts = held.get("starts")
        own = set() if starts is None else set(starts["unit"].astype(str))
        own |= set(pilot.design.started) if isinstance(pilot.design.started, tuple) else set()
        lines += [f"{pilot.name}: {one}" for one in found.says(pilot.design.unit, own)]
    return lines


def _say_what_is_not_used(files: list[dict[str, Any]], made: Any, chosen: list[Any], area: str) -> None:
    """Add to the reason of each accepted file that no figure of any of these pilots rests on it, where that is so."""
    from commissioning.study import told_apart, used
    from commissioning.study.pilot_measures import measures_of

    said = []
    for pilot in chosen:
        of = area or pilot.area
        try:
            tables = told_apart.told_apart(made, pilot, of).tables
            said.append((pilot, used.not_used(made, pilot, of, measures_of(pilot), tables)))
        except UsageError:  # a measure that does not exist: `run` says so
            continue
    for one in files:
        wanting = [found.get(one["file"]) for pilot, found in said if one["table"] in pilot.tables]
        if one["status"] == "accepted" and wanting and all(wanting):
            words = f"no figure rests on it: {wanting[0]}"
            one["reason"] = f"{one['reason']}; {words}" if one["reason"] else words


def _print_check(found: dict[str, Any]) -> None:
    for one in found["files"]:
        print(f"{one['status']:<11} {one['file']}  {one.get('table') or ''}  {one.get('reason') or ''}".rstrip())
        if one["rows_in"] is None:
            continue
        _print_account(one, one.get("unit", "row"))
        # Causes first: thousands of cells are set aside for a handful of reasons.
        causes = [cause for cause in found["causes"] if cause["file"] == one["file"]]
        for cause in causes:
            cells = "1 cell" if cause["count"] == 1 else f"{cause['count']:,} cells"
            print(f"{_INDENT}{cause['column']}: {cause['code']}, {cells}: {cause['reason']}")
        places = one["quarantine"][:10]
        if places:
            print(f"{_INDENT}the first {len(places)} of {sum(cause['count'] for cause in causes):,}:")
        for item in places:
            print(f"{_INDENT}{item['where']}, {item['column']}: {item['code']}")
    for table in found["tables"]:
        if table["files"] > 1:
            money = f", {table['money']}" if table["money"] else ""
            print(f"in all      {table['table']} ({table['files']} files{money})")
            _print_account(table, table["unit"])
            if table["rows_repeated"]:
                money = f" and £{table['pence_repeated'] / 100:,.2f}" if table["money"] else ""
                print(
                    f"{_INDENT}of the accepted {table['rows_repeated']:,} {table['unit']}s{money} stand in two files: counted once"
                )


_INDENT = " " * 12


def _print_account(one: dict[str, Any], unit: str) -> None:
    print(
        f"{_INDENT}{unit}s: {one['rows_in']} in = {one['rows_accepted']} accepted + "
        f"{one['rows_quarantined']} quarantined + {one['rows_not_data']} not data"
    )
    if one.get("pence_in") is not None:
        pounds = [f"{'-' if one[name] < 0 else ''}£{abs(one[name]) / 100:,.2f}" for name in _PENCE]
        print(f"{_INDENT}money: {pounds[0]} in = {pounds[1]} accepted + {pounds[2]} quarantined + {pounds[3]} not data")


_PENCE = ("pence_in", "pence_accepted", "pence_quarantined", "pence_not_data")


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
    chosen = _pilots([given.pilot], root)[given.pilot]
    data = None if given.data is None else _extracts(given.data, root, root)
    found = calibrating.card(chosen, draws=given.draws or 1000, data=data, area=given.area or "")
    print(json.dumps(found, indent=1) if given.json else calibrating.as_text(found))
    return 0


def setup(given: argparse.Namespace) -> int:
    """`commissioning setup`."""
    from commissioning.runs import setting_up

    answers = {name: getattr(given, name) or "" for name in (*setting_up.QUESTIONS, "ledger")}
    for line in setting_up.set_up(pilots.home(), answers, yes=given.yes, ask=setting_up.terminal()):
        say(line)
    return 0


def new(given: argparse.Namespace) -> int:
    """`commissioning new`."""
    from commissioning.runs import scaffold

    made = scaffold.make(pilots.home(), given.pilot)
    for line in made:
        say(line)
    return 0


def seal(given: argparse.Namespace) -> int:
    """`commissioning seal`."""
    from commissioning.runs import sealing

    root = pilots.home()
    chosen = _pilots([given.pilot], root)[given.pilot]
    for line in sealing.seal(chosen, given.by, given.area or "", root):
        say(line)
    return 0


def correct(given: argparse.Namespace) -> int:
    """`commissioning correct`."""
    from commissioning.runs import correcting

    root = pilots.home()
    chosen = _pilots([given.pilot], root)[given.pilot]
    for line in correcting.correct(chosen, given.reason, given.by, given.area or "", root):
        say(line)
    return 0


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
    for line in (*publication.lines(chosen, root, whole=last is not None), *publication.lost_links(chosen, to)):
        say(line)
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


def _address_or_folder(given: str | None, default: Path) -> str:
    """What a schedule names: a folder in full, or an address as it is; nothing is copied yet."""
    from commissioning.runs import remote

    return (
        remote.checked(given) if given is not None and remote.is_url(given) else str(folder(given, default).absolute())
    )


def schedule(given: argparse.Namespace) -> int:
    """`commissioning schedule`."""
    from commissioning.runs import schedule as scheduling

    if given.every not in EVERY:
        raise UsageError(f"--every {given.every!r} is not known: {nearest(given.every, EVERY)}")
    root = pilots.home()
    _pilots(given.pilot, root)
    print(
        scheduling.everything(
            root,
            every=given.every,
            at=given.at,
            pilots=tuple(given.pilot),
            data=_address_or_folder(given.data, root / "data" / "sample"),
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
