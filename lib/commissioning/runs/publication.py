"""Publishing as an act: what a named person approved is copied from the working site to the one that others see.

`run` fills a working site for staff. `publish` shows what is new in it (see `output_check`) and copies the reports to another
folder as a version of their own, whole or not at all. What is for staff stays behind: records of runs, accounts of files, hashes
of extracts, signatures' accounts, stage records. What was allowed in advance: `permission`.
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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commissioning import clock, names
from commissioning.errors import CannotWrite, UsageError
from commissioning.presentation.signoff import NOT_CHECKED
from commissioning.runs import counting, lock, output_check, publish
from commissioning.runs import places as where
from commissioning.runs.keys import digest, file_digest
from commissioning.runs.output_check import Seen
from commissioning.runs.places import Places
from commissioning.runs.publish import Entry
from commissioning.runs.task import load_function
from commissioning.wording import nearest

MARK = '<meta name="commissioning-site" content="published">'
STAFF_ONLY = "commissioning-staff-only"  # a page or file that bears this is never published
NEVER_PUBLISHED = (
    "never_published"  # of a report's JSON: what in it nobody agreed (`study.unagreed`, too heavy to import here)
)
PUBLIC = (".html", ".csv", ".xlsx", ".png", ".svg", ".pdf", ".txt")
# Of a report's JSON.
STAFF_KEYS = ("reconciliation", "data_findings", "partitions_read", "fingerprint", "published_versions")
SUMMARY = ("title", "period", "organisation", "area", "trends", "illustrative", "status")
APPROVED, PUBLISHED_ON = (
    "approved",
    "published_on",
)  # of a published report: the digest that was approved, and since when
APPROVALS = "approvals.jsonl"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A report of the working site beside what was published of it last."""

    entry: Entry
    folder: Path
    now: Seen
    before: Seen | None
    digest: str  # of what would be published
    published: str  # of what is
    since: str  # when it was published, in words; of what is new: today

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

    Raises UsageError for a report that is not there, was altered, or is for staff alone; DataRefused where the site was made
    with another ledger or secret than the council's.
    """
    from commissioning.seal import home

    served = publish.current_version(places.out)
    entries = publish.read_version(places, served)
    if not entries:
        raise UsageError(f"{places.out} holds no report: fill it with `commissioning run`")
    home.refuse_another(places.out, {area for one in entries.values() for _, area in counting.own(one)}, places.root)
    wanted = [one.removesuffix(".html").removesuffix(".easy-read") for one in asked]
    gone = publish.altered(places, served, entries)
    for name in wanted:
        if name in gone:
            raise UsageError(f"report {name!r} was altered after it was made: run it again, then publish it")
        if name not in entries:
            hint = nearest(name, entries, f"the site holds {', '.join(sorted(entries))}")
            raise UsageError(f"no report of the working site is called {name!r}: {hint}")
    folder, past = places.versions / str(served), kept(places, to)
    out_there = publish.read_version(site_of(places, to), publish.current_version(to))
    found = []
    for name, entry in sorted(entries.items()):
        if wanted and name not in wanted:
            continue
        if any(STAFF_ONLY.encode() in (folder / one).read_bytes() for one in entry.files):
            if name in wanted:
                raise UsageError(f"report {name!r} holds figures for staff alone: it is never published")
            continue
        one = _candidate(entry, folder, past, out_there.get(name))
        if said := one.now.result.get(NEVER_PUBLISHED):
            if name in wanted:
                raise UsageError(
                    f"report {name!r} rests on what nobody agreed ({'; '.join(map(str, said))}): it is never published"
                )
            continue
        found.append(one)
    return found


def _candidate(entry: Entry, folder: Path, past: Path, there: Entry | None) -> Candidate:
    try:
        now = output_check.look(folder, entry.id)
    except (OSError, ValueError) as error:
        raise UsageError(f"report {entry.id!r} cannot be checked ({type(error).__name__}): run it again") from None
    before = None
    with contextlib.suppress(OSError, ValueError):
        before = output_check.look(past / entry.id, entry.id) if there is not None else None
    made = digest({name: _hash(_public(folder / name, entry.id)) for name in _public_names(entry, folder)})
    published = str(there.summary.get(APPROVED) or digest(there.files)) if there is not None else ""
    since = str(there.summary.get(PUBLISHED_ON, "")) if there is not None and made == published else ""
    return Candidate(
        entry=entry,
        folder=folder,
        now=now,
        before=before,
        digest=made,
        published=published,
        since=since or clock.in_words(clock.today()),
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unchecked(page: Path) -> bool:
    """True for an Easy Read page that no group of people with a learning disability has signed: others do not get it."""
    with contextlib.suppress(OSError):
        return page.name.endswith(".easy-read.html") and NOT_CHECKED.encode() in page.read_bytes()
    return False


def _public_names(entry: Entry, folder: Path) -> list[str]:
    """The files that others get, by list: pages, downloads, and the figures as JSON."""
    held = [name for name in entry.files if Path(name).suffix.lower() in PUBLIC and ".staff." not in name]
    held = [name for name in held if not _unchecked(folder / name)]
    return sorted([*held, *(name for name in entry.files if name == f"{entry.id}.json")])


def _public(path: Path, report: str) -> bytes:
    """A file as others get it: of the JSON what pages show, without the account of files; no link to an unchecked Easy Read page."""
    data = path.read_bytes()
    if path.suffix == ".html":
        kept = _EASY.sub(lambda one: UNCHECKED if _unchecked(path.with_name(one[1])) else one[0], data.decode("utf-8"))
        return kept.encode("utf-8")
    if path.name != f"{report}.json":
        return data
    held = json.loads(data)
    if isinstance(held, dict):
        held = {name: value for name, value in held.items() if name not in STAFF_KEYS}
    return (json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def lines(found: Iterable[Candidate], root: Path, *, whole: bool = False) -> list[str]:
    """The output check, for the person who is about to publish; `whole`: also of what is published as it is."""
    told = []
    same = 0
    for one in found:
        if not one.new and not whole:
            same += 1
            continue
        state = "as published" if not one.new else "changed" if one.published else "new"
        told.append(f"{one.entry.id}: {state}. {one.entry.summary.get('status') or 'Draft: not signed off'}")
        told += [f"  {words}" for words in output_check.lines(one.now, one.before, published=bool(one.published))]
        told += [f"  {words}" for words in counting.lines((one.entry, one.now.result), root)]
        if forced(one):
            told.append("  warning: a check of the extracts said stop, and the run went on by --force")
        back = sorted(set(one.entry.files) - set(_public_names(one.entry, one.folder)))
        told.append(f"  for staff, not published: {', '.join(back) or 'nothing'}")
    if same:
        told.append(f"{same} more as published" if told else f"nothing is new: {same} as published")
    return told


def lost_links(found: Sequence[Candidate], to: Path) -> list[str]:
    """Pages that published pages would lead to and that are not there, in lines: somebody chose a part of the reports."""
    site = publish.current_version(to)
    there = {one.name for one in (to / "versions" / site).glob("*")} if site else set()
    there |= {name for one in found for name in _public_names(one.entry, one.folder)} | {"index.html"}
    told = []
    for one in found:
        page = _public(one.folder / f"{one.entry.id}.html", one.entry.id).decode("utf-8")
        lost = sorted(set(_LOCAL.findall(page)) - there)
        if lost:
            told.append(f"{one.entry.id} leads to {', '.join(lost)}, which is not published: publish that report too")
    return told


_EASY = re.compile(r'<!--status:link--><p><a class="easy-read" href="([^"#/?]+)">[^<]*</a></p><!--/status-->')
UNCHECKED = "<!--status:link--><p>The Easy Read version is not published until people with a learning disability have checked it.</p><!--/status-->"
_LOCAL = re.compile(r'href="([^"#:/?]+)[#"]')


def forced(one: Candidate) -> bool:
    return any(name.startswith("forced ") for name in one.entry.depends)


# --- the act --------------------------------------------------------------------------------------------------


def publish_now(places: Places, to: Path, found: Sequence[Candidate], by: str, *, under: str = "") -> str:
    """Copy reports to the published site as they were checked; returns the version's id. `under`: what allowed it in advance.

    Who approved what is written down first: in the council's ledger, unless the data are made up, and beside the working
    site. Raises CannotWrite, and DataRefused for a version more of a year than the policy allows (`counting`); what is
    published then stays as it was.
    """
    counting.refuse([(one.entry, one.now.result) for one in found], places.root)
    site = site_of(places, to)
    prepare(places, site)
    stage = f"run-{secrets.token_hex(6)}"
    try:
        with lock.SiteLock.adding(site, [one.entry.id for one in found], stage) as locks:
            folder = site.staging / stage / "approved"
            folder.mkdir(parents=True)
            fresh = {one.entry.id: (_entry(one, _copied(one, folder)), folder) for one in found}
            _write_down(places, to, found, by, under)
            with locks.publishing():
                version = publish.publish(site, fresh, stage_name=stage, index=_front, not_made=())
            for one in found:
                _keep(kept(places, to) / one.entry.id, one)
            return version
    except OSError as error:
        raise CannotWrite(f"nothing was published: {where.reason(error)}") from None


def _copied(one: Candidate, folder: Path) -> dict[str, str]:
    """A report's public files in another folder, with their hashes. Raises CannotWrite where they are not those that were shown.

    What is approved is the page without its day: the day is written in as it is copied.
    """
    files, approved = {}, {}
    for name in _public_names(one.entry, one.folder):
        data = _public(one.folder / name, one.entry.id)
        approved[name] = _hash(data)
        (folder / name).write_bytes(dated(data, one.since) if name.endswith(".html") else data)
        files[name] = file_digest(folder / name)
    if digest(approved) != one.digest:
        raise CannotWrite(f"report {one.entry.id} changed since it was shown: publish again")
    return files


def site_of(places: Places, to: Path) -> Places:
    """The published site as a place to write. It needs no state of its own; that of the working site is kept."""
    return dataclasses.replace(where.locate(places.root, places.data, to), state=places.state)


def prepare(places: Places, site: Places) -> None:
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


def dated(page: bytes, day: str) -> bytes:
    """A page as it is published: it says since when."""
    from commissioning.presentation import signoff

    return page.replace(signoff.published_block().encode(), signoff.published_block(f"Published {day}").encode())


def _entry(one: Candidate, files: Mapping[str, str]) -> Entry:
    """What the published site says of a report: nothing that follows from extracts but what its pages show."""
    entry = one.entry
    summary = {name: entry.summary[name] for name in SUMMARY if name in entry.summary}
    summary |= {APPROVED: one.digest, PUBLISHED_ON: one.since}
    return dataclasses.replace(entry, key=digest(dict(files))[:16], depends={}, files=dict(files), summary=summary)


def _front(entries: Sequence[Entry], prefix: str, **more: Any) -> str:
    page: str = load_function(publish.INDEX)(entries, prefix, **more)
    return page.replace("<head>", f"<head>\n{MARK}", 1) if "<head>" in page else f"{MARK}\n{page}"


def _write_down(places: Places, to: Path, found: Sequence[Candidate], by: str, under: str) -> None:
    now = clock.now().isoformat(timespec="seconds")
    who = {"by": by, "account": names.account(), "under": under}
    says = {one.entry.id: {"report": one.entry.id, "sha256": one.digest, **who} for one in found}
    counting.write_down([(one.entry, one.now.result) for one in found], says, places.root)
    text = "".join(
        json.dumps({"at": now, "to": str(to), **one}, sort_keys=True, ensure_ascii=False) + "\n"
        for one in says.values()
    )
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
