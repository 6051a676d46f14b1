"""`commissioning setup`: who the council is, asked once, and the secret that its ledger holds.

The answers stand in `council.toml` at the top of the checkout, which everybody who runs the workbench there may read. The secret
is nobody's but the account's: it lies in the ledger, outside the checkout, and is made once and never written over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import sys
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from commissioning import council as councils
from commissioning import names, toml
from commissioning.errors import CannotWrite, UsageError
from commissioning.evidence import councils as listed
from commissioning.evidence import sources
from commissioning.runs.places import reason, write_whole

QUESTIONS = {
    "name": "The council's name, as its pages are to be headed",
    "area": "Its ONS code, such as E08000015",
    "contact": "Who answers questions about its pages: an email address, or words",
    "address": "The postal address for replies, its lines apart by commas",
    "telephone": "The telephone number for replies, or whom to ring",
}
OPTIONAL = {
    "author": "Who writes the reports, as it stands on each page (may be left empty: the council's name)",
    "logo": "A file with the council's logo, SVG or PNG of 40 kB or less (may be left empty)",
}
LONGEST = 300
SECRET, SEAL = "secret", "secret.sha256"
SECRET_BYTES = 32
HEAD = """\
# Who runs the workbench here. Written by `commissioning setup`; not in git.
"""
Ask = Callable[[str], str]


def set_up(root: Path, given: Mapping[str, str], *, yes: bool = False, ask: Ask | None = None) -> list[str]:
    """Write `council.toml` and make the secret; returns lines to print.

    `given` holds answers by the names of QUESTIONS, and `ledger`; what it lacks is asked of a person through `ask`, where there
    is one. What stands there already is kept, and changed only where a person says so, or `yes`.
    Raises UsageError for an answer that cannot be used, is missing, or would change what stands there unasked; and where the
    secret of a ledger is gone or is not the one that was made. Raises CannotWrite.
    """
    path = councils.place(root)
    before = _standing(path)
    answers = {name: text for name, text in given.items() if text}
    if ask is not None and not answers:
        for name, question in (QUESTIONS | OPTIONAL).items():
            answers[name] = _asked(ask, name, question, before.get(name, ""))
        answers = {name: text for name, text in answers.items() if text}
    told = {**before, **{name: _checked(name, text) for name, text in answers.items()}}
    if missing := [name for name in QUESTIONS if name not in told]:
        options = " ".join(f"--{name} …" for name in missing)
        raise UsageError(f"setup: {', '.join(missing)} is not given: answer at a terminal, or write {options}")
    changes = [
        f"{name}: {before[name]} → {told[name]}" for name in told if name in before and before[name] != told[name]
    ]
    if changes and not yes and not _agreed(ask, changes):
        raise UsageError(
            f"setup: nothing was changed; {councils.FILE} says otherwise ({'; '.join(changes)}): give --yes to change it"
        )
    lines = []
    if told != before:
        _write(path, told)
        lines.append(
            f"{path} was {'changed' if before else 'written'}" + (f": {'; '.join(changes)}" if changes else "")
        )
    else:
        lines.append(f"{path} is as it was")
    lines += [f"  {name}: {told[name]}" for name in told]
    lines += _about_area(told["area"])
    ledger = councils.ledger_of(told["area"], told.get("ledger", ""))
    return [*lines, *_secret(ledger, root)]


def terminal() -> Ask | None:
    """How to ask whoever sits at the terminal; None where nobody does."""
    return input if sys.stdin is not None and sys.stdin.isatty() else None


def _standing(path: Path) -> dict[str, str]:
    """What `council.toml` says now; nothing where there is none. Raises UsageError where it cannot be used."""
    if not path.is_file():
        return {}
    council = councils.load(path.parent)
    kept = {name: getattr(council, name) for name in QUESTIONS}
    said = toml.loads(path.read_text(encoding="utf-8"))
    return kept | {name: str(said[name]) for name in (*OPTIONAL, "ledger") if said.get(name)}


def _asked(ask: Ask, name: str, question: str, standing: str) -> str:
    """An answer that can be used, asked again until there is one; Enter keeps what stands there."""
    while True:
        try:
            text = ask(f"{question}{f' [{standing}]' if standing else ''}: ").strip() or standing
        except EOFError:
            raise UsageError(f"setup: {name} was not answered; nothing was written") from None
        try:
            return _checked(name, text)
        except UsageError as fault:
            print(str(fault), file=sys.stderr)


def _agreed(ask: Ask | None, changes: list[str]) -> bool:
    if ask is None:
        return False
    with contextlib.suppress(EOFError):
        return ask(f"This changes {'; '.join(changes)}. Write it? [y/N] ").strip().casefold() in ("y", "yes")
    return False


def _checked(name: str, text: str) -> str:
    text = " ".join(text.split(" ")).strip()
    if not text and name in OPTIONAL:
        return text
    if not text:
        raise UsageError(f"setup: {name} is empty: {QUESTIONS.get(name, name)}")
    if len(text) > LONGEST:
        raise UsageError(f"setup: {name} has {len(text)} letters; {LONGEST} is the most")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn") for letter in text):
        raise UsageError(f"setup: {name} holds a character that cannot be printed: write it in one line of plain text")
    if name == "name" and (why := names.fault(text)):
        raise UsageError(f"setup: --name: it {why}")
    if name == "logo":
        councils.logo_of(councils.place().parent, text)
    if name == "area":
        text = text.upper()
        if not sources.AREA.fullmatch(text):
            raise UsageError(
                f"setup: area {text!r} is no ONS code: write one letter and eight digits, such as E08000015"
            )
    return text


def _about_area(area: str) -> list[str]:
    """What a person should know of the code they gave."""
    found = [one for one in listed.every() if one.code == area]
    if not found:
        return [f"  note: {area} is not in the list of England's councils; its pages say the name given above"]
    last = found[-1]
    if not last.in_force(date.today()):
        return [f"  note: {area} ({last.name}) is not in force today: files of later years carry another code"]
    if last.kind == listed.DISTRICT:
        return [f"  note: {area} ({last.name}) is a district: adult social care is its county's"]
    return [f"  {area} is {last.name}"]


def _write(path: Path, told: Mapping[str, str]) -> None:
    # A JSON string with its letters as they are is a TOML string too.
    body = HEAD + "".join(f"{name} = {json.dumps(text, ensure_ascii=False)}\n" for name, text in told.items())
    try:
        write_whole(path, body, mode=0o644)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {reason(error)}") from None


def _secret(ledger: Path, root: Path) -> list[str]:
    """Make the council's secret where there is none. Its hash beside it tells a secret that was lost or changed."""
    secret, seal = ledger / SECRET, ledger / SEAL
    if ledger.resolve().is_relative_to(root.resolve() / "data") or ledger.resolve().is_relative_to(
        root.resolve() / "reports"
    ):
        raise UsageError(f"the ledger {ledger} lies among extracts or pages: name another folder with --ledger")
    try:
        if secret.is_file():
            held = secret.read_bytes()
            if len(held) != SECRET_BYTES or (
                seal.is_file() and seal.read_text().strip() != hashlib.sha256(held).hexdigest()
            ):
                raise UsageError(
                    f"the secret {secret} is not the one that was made here: bring back the file from a copy of the ledger. "
                    "With another secret every figure released so far would come out otherwise"
                )
            lines = [f"the council's secret was kept: {secret}"]
        elif seal.is_file():
            raise UsageError(
                f"the secret {secret} is missing beside a ledger that had one: bring back the file from a copy of the ledger. "
                f"Only where no figure was ever released under it, remove {seal} and run `commissioning setup` again"
            )
        else:
            others = ledger.is_dir() and any(ledger.iterdir())
            held = secrets.token_bytes(SECRET_BYTES)
            ledger.mkdir(parents=True, exist_ok=True, mode=0o700)
            ledger.chmod(0o700)
            _only_once(secret, held)
            lines = [
                f"the council's secret was made: {secret}. Keep a copy of {ledger} in a safe place: it cannot be made again"
            ]
            if others:
                lines.append(
                    "  note: the ledger was there without a secret; if it ever had one, bring that one back instead"
                )
        if not seal.is_file():
            _only_once(seal, hashlib.sha256(held).hexdigest().encode())
        secret.chmod(0o600)
    except OSError as error:
        raise CannotWrite(f"the ledger {ledger} cannot be written: {reason(error)}") from None
    return lines


def _only_once(path: Path, body: bytes) -> None:
    """Write a file that must not be there yet, for its owner's eyes alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
