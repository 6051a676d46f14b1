"""Publishing as an act: what a named person approved is copied from the working site to the one that others see.

`run` fills a working site for staff. `publish` shows what is new in it (see `output_check`) and copies the reports to another
folder as a version of their own, whole or not at all. What is for staff stays behind: records of runs, accounts of files, hashes
of extracts, signatures' accounts, stage records. What was allowed in advance is published by the run itself until its last day, and
lapses before it where the output is no longer the one that was allowed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from commissioning import clock, names
from commissioning.errors import CannotWrite, UsageError, WorkbenchError
from commissioning.runs import lock, output_check, publish
from commissioning.runs import places as where
from commissioning.runs.keys import digest, file_digest
from commissioning.runs.output_check import Seen, Shape
from commissioning.runs.places import Places
from commissioning.runs.publish import Entry
from commissioning.runs.task import load_function

MARK = '<meta name="commissioning-site" content="published">'
STAFF_ONLY = "commissioning-staff-only"  # a page or file that bears this is never published
PUBLIC = (".html", ".csv", ".xlsx", ".png", ".svg", ".pdf", ".txt")
STAFF_KEYS = ("reconciliation", "data_findings", "partitions_read", "fingerprint")  # of a report's JSON
SUMMARY = ("title", "period", "organisation", "area", "trends", "illustrative", "status")
LONGEST = timedelta(days=366)
ALLOWED, APPROVALS = "allowed.json", "approvals.jsonl"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A report of the working site beside what was published of it last."""

    entry: Entry
    folder: Path
    now: Seen
    before: Seen | None
    digest: str  # of what would be published
    published: str  # of what is

    @property
    def new(self) -> bool:
        return self.digest != self.published


def target_of(root: Path, out: Path) -> Path:
    """Where a working site is published to, if nobody says: `published` beside `reports`, else `<out>-published`."""
    out = Path(os.path.abspath(out))  # noqa: PTH100 - links stay links
    return out.with_name("published") if out == root / "reports" else out.with_name(f"{out.name}-published")


def is_published(out: Path) -> bool:
    """True where a folder is a site that `publish` filled."""
    try:
        return MARK in (out / "index.html").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def refuse_published(out: Path) -> None:
    """Raise CannotWrite where a run, or a signature, would go straight into a site that others see."""
    if is_published(out):
        raise CannotWrite(
            f"{out} is the site that others see: name the working site with --out, and copy what is approved with `commissioning "
            "publish`"
        )


def kept(places: Places, to: Path) -> Path:
    """Where is kept what was published to a folder, and who approved it: restricted, beside the working site's runs."""
    key = hashlib.sha256(os.path.realpath(to).encode()).hexdigest()[:10]
    return places.state / "published" / key


# --- the check ------------------------------------------------------------------------------------------------


def candidates(places: Places, to: Path, asked: Sequence[str] = ()) -> list[Candidate]:
    """The reports of the working site, or those asked for, as they would be published.

    Raises UsageError for a report that is not there, was altered, or is for staff alone.
    """
    served = publish.current_version(places.out)
    entries = publish.read_version(places, served)
    if not entries:
        raise UsageError(f"{places.out} holds no report: fill it with `commissioning run`")
    wanted = [one.removesuffix(".html").removesuffix(".easy-read") for one in asked]
    gone = publish.altered(places, served, entries)
    for name in wanted:
        if name in gone:
            raise UsageError(f"report {name!r} was altered after it was made: run it again, then publish it")
        if name not in entries:
            import difflib

            near = difflib.get_close_matches(name, entries, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the site holds {', '.join(sorted(entries))}"
            raise UsageError(f"no report of the working site is called {name!r}: {hint}")
    folder, past = places.versions / str(served), kept(places, to)
    out_there = publish.read_version(_site(places, to), publish.current_version(to))
    found = []
    for name, entry in sorted(entries.items()):
        if wanted and name not in wanted:
            continue
        if any(STAFF_ONLY.encode() in (folder / one).read_bytes() for one in entry.files):
            if name in wanted:
                raise UsageError(f"report {name!r} holds figures for staff alone: it is never published")
            continue
        found.append(_candidate(entry, folder, past, out_there.get(name)))
    return found


def _candidate(entry: Entry, folder: Path, past: Path, there: Entry | None) -> Candidate:
    try:
        now = output_check.look(folder, entry.id)
    except (OSError, ValueError) as error:
        raise UsageError(f"report {entry.id!r} cannot be checked ({type(error).__name__}): run it again") from None
    before = None
    with contextlib.suppress(OSError, ValueError):
        before = output_check.look(past / entry.id, entry.id) if there is not None else None
    files = {name: hashlib.sha256(_public(folder / name, entry.id)).hexdigest() for name in _public_names(entry)}
    return Candidate(
        entry=entry,
        folder=folder,
        now=now,
        before=before,
        digest=digest(files),
        published=digest(there.files) if there is not None else "",
    )


def _public_names(entry: Entry) -> list[str]:
    """The files that others get, by list: pages, downloads, and the figures as JSON."""
    held = [name for name in entry.files if Path(name).suffix.lower() in PUBLIC and ".staff." not in name]
    return sorted([*held, *(name for name in entry.files if name == f"{entry.id}.json")])


def _public(path: Path, report: str) -> bytes:
    """A file as others get it: of the JSON what pages show, without the account of files."""
    data = path.read_bytes()
    if path.name != f"{report}.json":
        return data
    held = json.loads(data)
    if isinstance(held, dict):
        held = {name: value for name, value in held.items() if name not in STAFF_KEYS}
    return (json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def lines(found: Iterable[Candidate]) -> list[str]:
    """The output check, for the person who is about to publish."""
    told = []
    same = 0
    for one in found:
        if not one.new:
            same += 1
            continue
        told.append(
            f"{one.entry.id}: {'changed' if one.published else 'new'}. {one.entry.summary.get('status') or 'Draft: not signed off'}"
        )
        told += [f"  {words}" for words in output_check.lines(one.now, one.before)]
        if _forced(one):
            told.append("  warning: a check of the extracts said stop, and the run went on by --force")
        back = sorted(set(one.entry.files) - set(_public_names(one.entry)))
        told.append(f"  for staff, not published: {', '.join(back) or 'nothing'}")
    if same:
        told.append(f"{same} more as published" if told else f"nothing is new: {same} as published")
    return told


def lost_links(found: Sequence[Candidate], to: Path) -> list[str]:
    """Pages that published pages would lead to and that are not there, in lines: somebody chose a part of the reports."""
    site = publish.current_version(to)
    there = {one.name for one in (to / "versions" / site).glob("*")} if site else set()
    there |= {name for one in found for name in _public_names(one.entry)} | {"index.html"}
    told = []
    for one in found:
        page = (one.folder / f"{one.entry.id}.html").read_text(encoding="utf-8")
        lost = sorted(set(_LOCAL.findall(page)) - there)
        if lost:
            told.append(f"{one.entry.id} leads to {', '.join(lost)}, which is not published: publish that report too")
    return told


_LOCAL = re.compile(r'href="([^"#:/?]+)[#"]')


def _forced(one: Candidate) -> bool:
    return any(name.startswith("forced ") for name in one.entry.depends)


# --- the act --------------------------------------------------------------------------------------------------


def publish_now(places: Places, to: Path, found: Sequence[Candidate], by: str, *, under: str = "") -> str:
    """Copy reports to the published site as they were checked; returns the version's id. `under`: what allowed it in advance.

    Who approved what is written down first: in the council's ledger, unless the data are made up, and beside the working
    site. Raises CannotWrite; what is published then stays as it was.
    """
    site = _site(places, to)
    _prepare(places, site)
    stage = f"run-{secrets.token_hex(6)}"
    locks = lock.SiteLock(site.out)
    try:
        locks.take([one.entry.id for one in found])
        with locks.publishing():
            where.try_publishing(site)
        locks.clear_leftovers(site)
        locks.hold_stage(stage)
        folder = site.staging / stage / "approved"
        folder.mkdir(parents=True)
        fresh = {}
        for one in found:
            files = {}
            for name in _public_names(one.entry):
                (folder / name).write_bytes(_public(one.folder / name, one.entry.id))
                files[name] = file_digest(folder / name)
            if digest(files) != one.digest:
                raise CannotWrite(f"report {one.entry.id} changed since it was shown: publish again")
            fresh[one.entry.id] = (_entry(one.entry, files), folder)
        _write_down(places, to, found, by, under)
        with locks.publishing():
            version = publish.publish(site, fresh, stage_name=stage, index=_front, not_made=())
        for one in found:
            _keep(kept(places, to) / one.entry.id, one)
        return version
    except OSError as error:
        raise CannotWrite(f"nothing was published: {where.reason(error)}") from None
    finally:
        publish.remove_tree(site.staging / stage)
        locks.close()


def _site(places: Places, to: Path) -> Places:
    """The published site as a place to write. It needs no state of its own; that of the working site is kept."""
    return dataclasses.replace(where.locate(places.root, places.data, to), state=places.state)


def _prepare(places: Places, site: Places) -> None:
    out, to = places.out.resolve(), site.out.resolve()
    if to == out or to.is_relative_to(out) or out.is_relative_to(to):
        raise CannotWrite(f"{site.out} is the working site, or lies inside it: name another folder with --to")
    if (site.out / "record.json").exists() or (site.out / "runs").exists():
        raise CannotWrite(f"{site.out} is a working site, with records for staff: name another folder with --to")
    if (site.out / "index.html").exists() and not is_published(site.out):
        raise CannotWrite(
            f"{site.out} holds an index.html that `commissioning publish` did not write: name another folder"
        )
    where.prepare_out(site, needed=publish.version_size(site))


def _entry(entry: Entry, files: Mapping[str, str]) -> Entry:
    """What the published site says of a report: nothing that follows from extracts but what its pages show."""
    summary = {name: entry.summary[name] for name in SUMMARY if name in entry.summary}
    return dataclasses.replace(entry, key=digest(dict(files))[:16], depends={}, files=dict(files), summary=summary)


def _front(
    entries: Sequence[Entry],
    prefix: str,
    earlier: Sequence[Mapping[str, str]] = (),
    altered: Sequence[Mapping[str, str]] = (),
) -> str:
    index: Callable[..., str] = load_function(publish.INDEX)
    page = index(entries, prefix, earlier=earlier, altered=altered)
    return page.replace("<head>", f"<head>\n{MARK}", 1) if "<head>" in page else f"{MARK}\n{page}"


def _write_down(places: Places, to: Path, found: Sequence[Candidate], by: str, under: str) -> None:
    from commissioning import ledger, seal

    now = clock.now().isoformat(timespec="seconds")
    text = ""
    for one in found:
        says = {"report": one.entry.id, "sha256": one.digest, "by": by, "account": names.account(), "under": under}
        text += json.dumps({"at": now, "to": str(to), **says}, sort_keys=True, ensure_ascii=False) + "\n"
        if one.entry.summary.get("illustrative") is False and one.entry.area:
            draft = ledger.Draft(kind="published", area=one.entry.area, pilot=one.entry.pilot, says=says)
            ledger.append(seal.folder_of(one.entry.area, places.root), lambda _, draft=draft: [draft])
    folder = kept(places, to)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / APPROVALS).open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    (folder / APPROVALS).chmod(0o600)


def _keep(folder: Path, one: Candidate) -> None:
    """What was published, as staff had it: the next check is held against it. Lost, everything counts as new."""
    beside = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    for name in one.entry.files:
        shutil.copyfile(one.folder / name, beside / name)
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)


# --- in advance -----------------------------------------------------------------------------------------------


def until(text: str) -> date:
    """The last day of a permission. Raises UsageError for a day that has passed, or is more than a year away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until {text!r}: write a day such as {clock.today().isoformat()}") from None
    if day < clock.today():
        raise UsageError(f"--until {text}: that day has passed")
    if day - clock.today() > LONGEST:
        raise UsageError(f"--until {text}: a year is the most; somebody looks again then")
    return day


def allow(places: Places, to: Path, found: Sequence[Candidate], by: str, last: date) -> None:
    """Let runs publish these reports by themselves, as long as they stay what they are now. Raises CannotWrite."""
    _prepare(places, _site(places, to))
    held = allowed(places)
    for one in found:
        held[one.entry.id] = {
            "until": last.isoformat(), "by": by, "account": names.account(), "at": clock.now().isoformat(timespec="seconds"),
            "to": str(to), "shape": one.now.shape.as_json(), "lapsed": "",
        }  # fmt: skip
    _keep_allowed(places, held)


def allowed(places: Places) -> dict[str, dict[str, Any]]:
    """What was allowed in advance, by report; `lapsed` says why it no longer is. A broken file allows nothing."""
    try:
        held = json.loads((places.state / ALLOWED).read_text(encoding="utf-8"))
        return {str(name): dict(one) for name, one in held.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _keep_allowed(places: Places, held: Mapping[str, Any]) -> None:
    try:
        places.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        where.write_whole(
            places.state / ALLOWED, json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False), mode=0o600
        )
    except OSError as error:
        raise CannotWrite(f"cannot write in {places.state}: {where.reason(error)}") from None


def lapse(places: Places, reports: Iterable[str], why: str) -> list[str]:
    """Take permissions back, for good: somebody looks and allows anew. Returns what to say."""
    held = allowed(places)
    hit = [name for name in reports if name in held and not held[name].get("lapsed")]
    for name in hit:
        held[name]["lapsed"] = why
    if hit:
        _keep_allowed(places, held)
    return [
        f"report {name} is no longer published by itself ({why}): look at it, then `commissioning publish`"
        for name in hit
    ]


def after_run(places: Places, made: Mapping[str, str], *, forced: bool, altered: Iterable[str] = ()) -> list[str]:
    """Publish what a run has made anew and somebody allowed in advance. `made`: outcome by report. Returns what to say.

    Never raises for what cannot be published: the run's work is done, and the permission has lapsed or stands for the next.
    """
    told: list[str] = []
    for name, one in allowed(places).items():
        if one.get("lapsed") or name not in made:
            continue
        try:
            to = Path(str(one["to"]))
            (found,) = candidates(places, to, [name])
            if why := _why_not(one, found, made[name], forced or _forced(found), name in set(altered)):
                told += lapse(places, [name], why)
            elif found.new:
                publish_now(places, to, [found], str(one["by"]), under=f"allowed on {one['at']} until {one['until']}")
                told.append(f"published {name} in {to}, as {one['by']} allowed until {one['until']}")
        except UsageError as error:
            told += lapse(places, [name], f"a failed check: {error}")
        except (WorkbenchError, OSError, ValueError, KeyError, TypeError) as error:
            words = str(error) if isinstance(error, WorkbenchError) else type(error).__name__
            told.append(f"report {name} was allowed in advance and could not be published: {words}")
    return told


def _why_not(one: Mapping[str, Any], found: Candidate, outcome: str, forced: bool, altered: bool) -> str:
    """Why a permission lapses now; "" where it stands."""
    if clock.today() > date.fromisoformat(str(one["until"])):
        return f"its last day was {one['until']}"
    if forced:
        return "the run went on by --force"
    if altered:
        return "a failed check: it was altered after it was made"
    if outcome not in ("executed", "resumed", "unchanged"):
        return "a failed check: the report could not be made"
    return output_check.differing(Shape.of(one["shape"]), found.now.shape)
