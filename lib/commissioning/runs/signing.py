"""Sign-off of a published report: a new version that differs by the signature alone.

Where all who must have signed, the figures of closed years become final, in the council's ledger and on the signed pages.
Published versions are never changed, so the report's files are copied aside, signed there by
`presentation.signoff`, and published; the report is not executed again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac
import json
import secrets
import shutil
from pathlib import Path
from typing import Any

from commissioning import clock, council, states
from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.runs import lock, publish
from commissioning.runs.keys import file_digest
from commissioning.runs.places import Places, prepare_out
from commissioning.runs.task import load_function
from commissioning.seal import figures as final_figures
from commissioning.seal import home
from commissioning.wording import nearest


def key_of(root: Path) -> bytes | None:
    """What the council's signatures are sealed with, made from the secret of its ledger; None where it has made none.

    Raises UsageError where there is a secret that this account may not read: a signature without it would not count.
    """
    held = council.load(root)
    if held is None:
        return None
    try:
        secret = (held.ledger / "secret").read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise UsageError(
            f"the council's secret in {held.ledger} cannot be read ({why}): sign under its account"
        ) from None
    return hmac.new(secret, b"commissioning sign-off", hashlib.sha256).digest()


def is_genuine(signoff_file: Path, key: bytes | None) -> bool:
    """True where a sign-off file was sealed with the council's key, or the council has none."""
    from commissioning.presentation import signoff

    if key is None:
        return True
    try:
        return signoff.genuine(json.loads(signoff_file.read_text(encoding="utf-8")), key)
    except (OSError, ValueError, AttributeError):
        return False


def sign(places: Places, report: str, role: str, name: str) -> str:
    """Sign one report of the served version; returns what to print: who signed, and who has not yet.

    `report` may be the name of its Easy Read page. Raises UsageError for an unknown report or role, or the Easy Read
    group where there is no such page; Busy where a run holds the report.
    """
    from commissioning.presentation import signoff

    key = key_of(places.root)
    report = report.removesuffix(".html").removesuffix(".easy-read")  # an Easy Read page is signed with its report
    _, entries = _served(places, report)
    _refuse_the_name_of_somebody_in_the_extracts(places, name)
    if role == "easy_read_group":
        _refuse_without_easy_read(report, entries)
    prepare_out(places, needed=publish.version_size(places))
    stage = f"run-{secrets.token_hex(6)}"
    with lock.SiteLock.adding(places, [report], stage) as locks:
        served, entries = _served(places, report)  # again: a run may have published it anew before it was held
        folder = places.staging / stage / "signed"
        folder.mkdir(parents=True)
        entry = entries[report]
        for file in entry.files:
            shutil.copyfile(places.versions / served / file, folder / file)
        _refuse_of_another_house(places, folder, report)
        body, page = folder / f"{report}.json", folder / f"{report}.html"
        before = json.loads(body.read_bytes())
        made = signoff.sign(body, page, role, name, clock.today(), key=key)
        final = _make_final(places, before, body, page, report, entry.pilot, key)
        files = {one.name: file_digest(one) for one in sorted(folder.iterdir())}
        held = signoff.read(folder / f"{report}.json", folder / f"{report}.html", key=key)
        status = signoff.status(held)
        signed = dataclasses.replace(entry, files=files, summary={**entry.summary, "status": status})
        altered = sorted(publish.altered(places, served))
        with locks.publishing():
            publish.publish(
                places,
                {report: (signed, folder)},
                stage_name=stage,
                index=load_function(publish.INDEX),
            )
    says = [f"{report}: signed by {made.name} as {made.role} on {made.when}"]
    says += final
    wanting = signoff.unsigned(held)
    if wanting:
        says.append(f"Still a draft: not signed yet by the {' or the '.join(wanting)}.")
    says += _about_replies(places.root, entry.pilot, role)
    says += [f"{name}: was altered after it was published, and left out of the site; run it again" for name in altered]
    return "\n".join(says)


def _about_replies(root: Path, pilot: str, role: str) -> list[str]:
    """What an approver should know of the time for replies."""
    if role != "approver" or not pilot:
        return []
    with contextlib.suppress(UsageError):
        until = pilots.load(pilot, root, sample=council.load(root) is None).dates.replies_until
        if until is None:
            return [
                f"No time for replies is set: write replies_until under [dates] of pilots/{pilot}/{pilots.AGREED_FILE}."
            ]
        if until >= clock.today():
            return [f"Replies are still open until {clock.in_words(until)}."]
    return []


def _refuse_of_another_house(places: Places, folder: Path, report: str) -> None:
    """Raise DataRefused where the site was made with another ledger or secret than the council's: see `seal.home`."""
    body = json.loads((folder / f"{report}.json").read_bytes())
    if not body.get("illustrative"):
        home.refuse_another(places.out, _areas(body), places.root)


def _areas(report: dict[str, Any]) -> set[str]:
    parts = [report, *(report.get("pilots") or {}).values()]
    return {str(one["area"]) for one in parts if one.get("area")}


def _make_final(
    places: Places, before: dict[str, Any], body: Path, page: Path, report: str, pilot: str, key: bytes | None
) -> list[str]:
    """Write in the council's ledger what the last signature made final, before the signed page is published. Returns lines
    to print. `before`: the report's JSON as it was until then.

    Where it is stopped between the two, figures are final that nobody sees as signed yet; signing again mends that.
    """
    from commissioning.presentation import signoff

    held = signoff.read(body, page, key=key)
    if not signoff.is_signed_off(held):
        return []
    settled, rows = states.settled(before, clock.today())
    if rows and not before.get("illustrative"):
        by = next(one.name for one in held if one.role == "approver" and one.valid)
        for area in sorted({str(one["area"]) for one in rows}):
            mine = [one for one in rows if one["area"] == area]
            final_figures.make_final(report, pilot, area, by, mine, places.root)
    says = [f"{report}: {len(rows):,} figures of closed years are final now"] if rows else []
    return says + [one for one in [(settled.get("states") or {}).get("says", "")] if one]


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
        hint = nearest(report, entries, f"the site holds {', '.join(sorted(entries)) or 'no report yet'}")
        raise UsageError(f"no published report is called {report!r}: {hint}")
    return str(served), entries
