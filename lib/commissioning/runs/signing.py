"""Sign-off of a published report: a new version that differs by the signature alone.

Published versions are never changed, so the report's files are copied aside, signed there by
`presentation.signoff`, and published; the report is not executed again.
"""

from __future__ import annotations

import dataclasses
import difflib
import secrets
import shutil

from commissioning import clock
from commissioning.errors import UsageError
from commissioning.runs import lock, publish
from commissioning.runs.batch import Options
from commissioning.runs.keys import file_digest
from commissioning.runs.places import Places, prepare_out, try_publishing
from commissioning.runs.task import load_function


def sign(places: Places, report: str, role: str, name: str) -> str:
    """Sign one report of the served version; returns what to print: who signed, and who has not yet.

    `report` may be the name of its Easy Read page. Raises UsageError for an unknown report or role, or the Easy Read
    group where there is no such page; Busy where a run holds the report.
    """
    from commissioning.presentation import signoff

    report = report.removesuffix(".html").removesuffix(".easy-read")  # an Easy Read page is signed with its report
    _, entries = _served(places, report)
    _refuse_the_name_of_somebody_in_the_extracts(places, name)
    if role == "easy_read_group":
        _refuse_without_easy_read(report, entries)
    prepare_out(places, needed=publish.version_size(places))
    locks = lock.SiteLock(places.out)
    stage = f"run-{secrets.token_hex(6)}"
    try:
        locks.take([report])
        with locks.publishing():
            try_publishing(places)
        locks.hold_stage(stage)
        served, entries = _served(places, report)  # again: a run may have published it anew before it was held
        folder = places.staging / stage / "signed"
        folder.mkdir(parents=True)
        entry = entries[report]
        for file in entry.files:
            shutil.copyfile(places.versions / served / file, folder / file)
        made = signoff.sign(folder / f"{report}.json", folder / f"{report}.html", role, name, clock.today())
        files = {one.name: file_digest(one) for one in sorted(folder.iterdir())}
        held = signoff.read(folder / f"{report}.json", folder / f"{report}.html")
        status = signoff.status(held)
        signed = dataclasses.replace(entry, files=files, summary={**entry.summary, "status": status})
        altered = sorted(publish.altered(places, served))
        with locks.publishing():
            publish.publish(
                places,
                {report: (signed, folder)},
                stage_name=stage,
                index=load_function(Options.index),
            )
    finally:
        publish.remove_tree(places.staging / stage)
        locks.close()
    says = [f"{report}: signed by {made.name} as {made.role} on {made.when}"]
    wanting = signoff.unsigned(held)
    if wanting:
        says.append(f"Still a draft: not signed yet by the {' or the '.join(wanting)}.")
    says += [f"{name}: was altered after it was published, and left out of the site; run it again" for name in altered]
    return "\n".join(says)


def _refuse_the_name_of_somebody_in_the_extracts(places: Places, name: str) -> None:
    """Raises UsageError where a signature would put the name or the id of somebody in the extracts on a page."""
    from commissioning.presentation import typed

    studies = [one for one in places.studies.glob("*") if one.is_dir()] if places.studies.is_dir() else []
    if typed.within(name, typed.people_of(studies)):
        raise UsageError(
            "--name: somebody in the extracts is called so, or it is their id, and it would stand on the page: "
            "sign with your post, such as “Head of Commissioning”"
        )


def _refuse_without_easy_read(report: str, entries: dict[str, publish.Entry]) -> None:
    from commissioning.presentation.signoff import easy_read_name

    having = [name for name, one in sorted(entries.items()) if easy_read_name(name) in one.files]
    if report not in having:
        others = f"the Easy Read group signs {' or '.join(having)}" if having else "no report of the site has one"
        raise UsageError(f"report {report!r} has no Easy Read page: {others}")


def _served(places: Places, report: str) -> tuple[str, dict[str, publish.Entry]]:
    """The served version and its reports. Raises UsageError where `report` is none of them, or was altered."""
    served = publish.current_version(places.out)
    entries = publish.read_version(places, served)
    gone = {*publish.altered(places, served), *(one["id"] for one in publish.said(places.out, "altered"))}
    if report not in entries and report in gone:
        raise UsageError(f"report {report!r} was altered after it was published; run it again, then sign it")
    if report not in entries:
        near = difflib.get_close_matches(report, entries, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the site holds {', '.join(sorted(entries)) or 'no report yet'}"
        raise UsageError(f"no published report is called {report!r}: {hint}")
    return str(served), entries
