"""`commissioning replies import`: what evaluators sent back is checked and written into the pilot's replies.

They stand in `pilots/<pilot>/agreed.toml`, where the council writes under each what was done about it: “you said, we did”.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from commissioning import clock, toml
from commissioning import pilot as pilots
from commissioning.errors import CannotWrite, DataRefused, UsageError
from commissioning.presentation import replies, typed
from commissioning.presentation.replies import Reply
from commissioning.runs.notebooks import ACROSS_PILOTS
from commissioning.runs.places import reason, write_whole

MOST_BYTES = 200_000
NOT_PRINTED = "Asked that these words are not printed"


def import_files(files: Sequence[Path], root: Path, *, people: frozenset[str] = frozenset()) -> list[str]:
    """Record replies; all of them, or none. Returns lines to print. `people`: hashes of ids and names in the extracts.

    Raises UsageError for a file that is not there, DataRefused for one that cannot be used, CannotWrite.
    """
    read = [(path, _read(path, root, people)) for path in files]
    texts: dict[str, str] = {}
    told = []
    for path, pilot, reply in [(path, pilot, reply) for path, (named, reply) in read for pilot in named]:
        agreed = pilots.agreed_for(pilot, root, sample=False)
        before = texts.setdefault(pilot, agreed.read_text(encoding="utf-8") if agreed.is_file() else "")
        said = _said(reply)
        same = {"who": reply.who, "said": said}
        if any({name: str(one.get(name)) for name in same} == same for one in toml.loads(before).get("replies", ())):
            told.append(f"{path.name}: is recorded already")
            continue
        texts[pilot] = before.rstrip("\n") + ("\n\n" if before.strip() else "") + _entry(reply, said)
        told.append(f"{path.name}: recorded for {pilot}{'' if reply.may_print else '; its words are not printed'}")
    for pilot, text in texts.items():
        agreed = pilots.agreed_for(pilot, root, sample=False)
        try:
            toml.loads(text)
        except ValueError:
            raise UsageError(
                f"{agreed}: its replies are written in one line: write each as a part of its own, [[replies]]"
            ) from None
        try:
            write_whole(agreed, text, mode=0o644)
        except OSError as error:
            raise CannotWrite(f"{agreed} cannot be written: {reason(error)}") from None
        told.append(f"write under each, in {agreed}, what was done about it: answered = …")
    return told


def _read(path: Path, root: Path, people: frozenset[str]) -> tuple[tuple[str, ...], Reply]:
    """A reply, and the pilots that it is about: all of them where it is about a page of all."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {reason(error)}") from None
    if len(data) > MOST_BYTES:
        raise DataRefused(f"{path.name}: it has {len(data):,} bytes, and {MOST_BYTES:,} are the most")
    reply = replies.read(data, path.name)
    every = pilots.names(root)
    named = tuple(one for one in every if reply.report.startswith(f"{one}-"))
    if not named and not reply.report.startswith(ACROSS_PILOTS):
        raise DataRefused(f"{path.name}: it replies to {reply.report}, which is a report of no pilot here")
    for where, text in (("what it says", f"{reply.said} {reply.next}"), ("who replies", reply.who)):
        if found := typed.faults(f"{path.name}: {where}", text, people):
            raise DataRefused(found[0])
    return named or every, reply


def _said(reply: Reply) -> str:
    return " ".join(filter(None, (reply.said, reply.next))) if reply.may_print else NOT_PRINTED


def _entry(reply: Reply, said: str) -> str:
    """A reply as a part of a TOML file: a JSON string with its letters as they are is a TOML string too."""
    held = {"who": reply.who, "said": said, "answered": ""}
    lines = [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in held.items()]
    return "\n".join(["[[replies]]", f"on = {clock.today().isoformat()}", *lines]) + "\n"
