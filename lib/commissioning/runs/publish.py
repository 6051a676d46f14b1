"""Publishing: the new site whole or the old site whole, never a mixture.

A version is a folder `versions/<id>/` that is written beside, synced, moved into place in one
step and never changed again; its id is the hash of what it holds, so the same reports make
the same version on any machine. The one moving part is `index.html`, replaced last by
`os.replace`: a reader who has it open goes on in the version it names, and versions are kept
long enough for that. No symbolic links, so that it holds on Windows shares too.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from commissioning.errors import CannotWrite
from commissioning.runs import zipped
from commissioning.runs.keys import digest, file_digest
from commissioning.runs.places import Places, reason, remove_tree, sync_file, sync_folder, write_whole

MANIFEST = "manifest.json"
KEEP_VERSIONS = 10
NOT_SIGNED = "Draft: not signed off"  # as `presentation.signoff` says it, which is too heavy to import here
INDEX = "commissioning.runs.rendering:index"
POINTER = re.compile(r'<meta name="commissioning-version" content="([0-9a-f]{16})">')
SAID = re.compile(r'<meta name="commissioning-(not-made|altered)" content="([^"]*)">')


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One published report: how it was made and the files it consists of."""

    id: str
    title: str
    pilot: str
    stage: str
    period: str
    area: str
    level: str
    key: str
    depends: dict[str, str]  # what the key was made of, so that a change can be named
    files: dict[str, str]  # name → SHA-256
    summary: dict[str, Any]  # from the report's JSON: illustrative, findings, counts


Index = Callable[..., str]
"""Takes the entries and the prefix of their files; for a site's front page also `earlier`: versions published before,
`not_made`: reports that the last run could not make, and `altered`: those that somebody changed once published."""


def current_version(out: Path) -> str | None:
    """The id that `index.html` names; None where nothing is published."""
    found = POINTER.search(_front_page(out))
    return found[1] if found else None


def said(out: Path, what: Literal["not-made", "altered"]) -> list[dict[str, str]]:
    """Reports of which `index.html` says that they could not be made, or were altered once published: as `words_of`."""
    found = dict(SAID.findall(_front_page(out)))
    try:
        listed = json.loads(html.unescape(found.get(what, "[]")))
        return [{name: str(one[name]) for name in ("id", "title", "pilot", "period")} for one in listed]
    except (ValueError, KeyError, TypeError):
        return []


def words_of(reports: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the front page says of reports that it does not show as they should be, from their entries or plans by id."""
    return [
        {"id": name, "title": one.title, "pilot": one.pilot, "period": one.period}
        for name, one in sorted(reports.items())
    ]


def _front_page(out: Path) -> str:
    try:
        return (out / "index.html").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def read_version(places: Places, version: str | None) -> dict[str, Entry]:
    """The reports of a version; those whose files are missing or damaged are left out (see `altered`)."""
    folder = places.versions / str(version)
    zips = _manifest(folder).get("zips", {})
    return {
        name: one
        for name, one in _listed(places, version).items()
        if intact(folder, {**one.files, **zips.get(name, {})})
    }


def altered(places: Places, version: str | None, sound: Mapping[str, Entry] | None = None) -> dict[str, Entry]:
    """The reports of a version whose files are not as they were published; `sound`: what `read_version` gave, if it was
    asked already."""
    if sound is None:
        sound = read_version(places, version)
    return {name: one for name, one in _listed(places, version).items() if name not in sound}


def _listed(places: Places, version: str | None) -> dict[str, Entry]:
    if version is None:
        return {}
    try:
        return {one["id"]: Entry(**one) for one in _manifest(places.versions / version)["reports"]}
    except (KeyError, TypeError):
        return {}


def _manifest(folder: Path) -> dict[str, Any]:
    """What a version says of itself: `reports`, and `zips` (report → name and SHA-256); nothing where it cannot be read."""
    try:
        held = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def intact(folder: Path, files: Mapping[str, str]) -> bool:
    """True where every file is there with the hash it was published with."""
    try:
        return bool(files) and all(file_digest(folder / name) == known for name, known in files.items())
    except OSError:
        return False


def version_of(entries: Sequence[Entry], again: int = 0) -> str:
    """The id of a version: the hash of its reports' names, keys and contents. `again` counts earlier
    folders of that id that were found damaged: what was published once is never changed, not even mended."""
    listed = [[one.id, one.key, one.files] for one in sorted(entries, key=lambda one: one.id)]
    return digest([listed, again] if again else listed)[:16]


def point_to(
    page: str, version: str, not_made: Sequence[Mapping[str, str]] = (), changed: Sequence[Mapping[str, str]] = ()
) -> str:
    """The index page with the version it serves, what could not be made and what was altered, written into its head."""
    mark = f'<meta name="commissioning-version" content="{version}">'
    for what, reports in (("not-made", not_made), ("altered", changed)):
        if reports:
            held = html.escape(json.dumps(list(reports), sort_keys=True, ensure_ascii=False))
            mark += f'\n<meta name="commissioning-{what}" content="{held}">'
    if "<head>" in page:
        return page.replace("<head>", f"<head>\n{mark}", 1)
    return f"{mark}\n{page}"


def publish(
    places: Places,
    fresh: Mapping[str, tuple[Entry, Path]],
    *,
    stage_name: str,
    index: Index,
    keep: int = KEEP_VERSIONS,
    not_made: Sequence[Mapping[str, str]] | None = None,
) -> str:
    """Publish new reports beside the ones already served; return the version's id.

    `fresh` maps a report's id to its entry and the folder that holds its files. Reports of the
    served version that are not in `fresh` are carried over unchanged; one that was altered since it was published
    is not, and the front page says so until it is made again. `not_made` (see `words_of`; None: what the front
    page says now) is said on the front page alone, for a version holds what was made. The caller holds the site's publishing lock. Raises CannotWrite; the served site is then untouched.
    """
    served = current_version(places.out)
    sound = read_version(places, served)
    carried = {name: one for name, one in sound.items() if name not in fresh}
    entries = sorted([*carried.values(), *(entry for entry, _ in fresh.values())], key=lambda one: one.id)
    if not_made is None:
        there = {one.id for one in entries}
        not_made = [one for one in said(places.out, "not-made") if one["id"] in there]
    gone = {one["id"]: one for one in [*said(places.out, "altered"), *words_of(altered(places, served, sound))]}
    changed = [gone[name] for name in sorted(gone.keys() - {one.id for one in entries})]
    again = 0
    version = version_of(entries)
    while (places.versions / version).exists() and not _complete(places.versions / version, entries):
        again += 1
        version = version_of(entries, again)
    target = places.versions / version
    try:
        if not target.exists():
            stage = places.staging / stage_name / version
            _build(stage, entries, fresh, places.versions / (served or ""), index)
            stage.rename(target)
            sync_folder(places.versions)
        # Before the index, so that it names no version that is about to go.
        retire(places, keep=keep, pinned={version} | ({served} if served else set()))
        earlier_ones = earlier(places, version)
        front = index(entries, f"versions/{version}/", earlier=earlier_ones, not_made=not_made, altered=changed)
        page = point_to(front, version, not_made, changed)
        if not _same(places.out / "index.html", page):
            write_whole(places.out / "index.html", page, mode=0o644)
    except OSError as error:
        raise CannotWrite(f"publishing failed, the last good site is still served: {reason(error)}") from None
    return version


def earlier(places: Places, version: str) -> list[dict[str, str]]:
    """Versions that are kept beside this one, the latest first: `href` from the site's front page, and a `title`."""
    pages = [places.versions / name / "index.html" for name in _by_age(places) if name != version]
    found = sorted(((one.stat().st_mtime, one.parent.name) for one in pages if one.is_file()), reverse=True)
    made = [(datetime.fromtimestamp(when, UTC), name) for when, name in found]
    return [
        {
            "href": f"versions/{name}/index.html",
            "title": f"Published on {on.day} {on:%B %Y} at {on:%H:%M} UTC (version {name[:6]})",
        }
        for on, name in made
    ]


def _same(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _complete(target: Path, entries: Sequence[Entry]) -> bool:
    held = _manifest(target)
    zips = held.get("zips", {})
    return held.get("reports") == [vars(one) for one in entries] and all(
        intact(target, {**one.files, **zips.get(one.id, {})}) for one in entries
    )


def _build(
    stage: Path, entries: Sequence[Entry], fresh: Mapping[str, tuple[Entry, Path]], served: Path, index: Index
) -> None:
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    for entry in entries:
        source = fresh[entry.id][1] if entry.id in fresh else served
        for name, known in entry.files.items():
            _place(source / name, stage / name)
            if file_digest(stage / name) != known:
                raise CannotWrite(f"file {name} changed while it was published: run again")
    write_synced(stage / "index.html", index(entries, ""))
    zips = {one.id: zipped.make(stage, one.id, list(one.files)) for one in entries}
    listed = {"reports": [vars(one) for one in entries], "zips": zips}
    write_synced(stage / MANIFEST, json.dumps(listed, indent=1, sort_keys=True) + "\n")
    sync_folder(stage)


def _place(source: Path, target: Path) -> None:
    """A file of a version: a copy, never a link, so that a change of one version's file is no change of another's."""
    shutil.copyfile(source, target)
    sync_file(target)
    with contextlib.suppress(OSError):
        target.chmod(0o444)


def write_synced(path: Path, text: str) -> None:
    """Write a new file and flush it to the disk."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def retire(places: Places, *, keep: int, pinned: set[str]) -> list[str]:
    """Remove the oldest versions beyond `keep`; never a pinned one, nor one that is `kept_for_good`. Returns what was removed."""
    versions = _by_age(places)
    doomed = versions[: max(0, len(versions) - keep)]
    if set(doomed) <= pinned:
        return []
    good = kept_for_good(places)
    doomed = [name for name in doomed if name not in pinned | good]
    for name in doomed:
        remove_tree(places.versions / name)
    return doomed


def _by_age(places: Places) -> list[str]:
    """The site's versions, the oldest first."""
    found = []
    for folder in places.versions.iterdir():
        if re.fullmatch(r"[0-9a-f]{16}", folder.name) and folder.is_dir() and not folder.is_symlink():
            found.append((folder.stat().st_mtime_ns, folder.name))
    return [name for _, name in sorted(found)]


def kept_for_good(places: Places) -> set[str]:
    """Versions that no run removes: each that holds a signature, and the first of each report and period.

    What was signed is what somebody answers for, and the first is what every later figure is held against. A version whose
    list cannot be read is kept too: nobody knows what it holds.
    """
    found, seen = set[str](), set[tuple[str, str]]()
    for name in _by_age(places):
        listed = _listed(places, name)
        held = {(one.id, one.period) for one in listed.values()}
        # A published site says in its list alone that a report is signed: who entered it stays with the staff.
        words = {str(one.summary.get("status") or NOT_SIGNED) for one in listed.values()}
        signed = any((places.versions / name).glob("*.signoff.json")) or words - {NOT_SIGNED} != set()
        if signed or not listed or held - seen:
            found.add(name)
        seen |= held
    return found


def version_size(places: Places) -> int:
    """Bytes of the served version; 0 where nothing is published."""
    served = current_version(places.out)
    if served is None:
        return 0
    return sum(one.stat().st_size for one in (places.versions / served).rglob("*") if one.is_file())
