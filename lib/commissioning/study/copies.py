"""Copies of own extracts that were opened by hand: one a content, found again by the next opening, cleared by one command."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path

from commissioning import clock, seal, states
from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.evidence import store
from commissioning.pilot import Pilot
from commissioning.seal import figures as final_figures
from commissioning.study import prepare, prepared, ready, secret
from commissioning.study.prepared import Prepared

OPENED = "opened"
SETTINGS = (".toml", ".py")
BLOCK = 1 << 20


def home() -> Path:
    """The folder that holds them: restricted, and never tracked by git."""
    return pilots.home() / "data" / "evidence" / OPENED


def opened(pilot: Pilot, data: Path, area: str) -> Prepared:
    """The study of own extracts: the copy kept of the same content, else one prepared now. Raises as `prepare` does."""
    folder = home() / f"{pilot.name}-{_content(pilot, data, area)[:16]}"
    if (folder / prepared.RECORD).is_file() and not _has_come(folder):
        return Prepared(folder)
    # Prepared beside and moved into place: two that open together never read half a study.
    stage = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        store.private_folder(folder.parent)
        shutil.rmtree(stage, ignore_errors=True)
        prepare.prepare(pilot, data, area=area, folder=stage)
        if _has_come(folder):
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # another process finished first: its study holds the same
            stage.rename(folder)
    except OSError as error:
        raise prepare.not_kept(home().parent, error) from None
    finally:
        if (folder / prepared.RECORD).is_file() or not (stage / prepared.RECORD).is_file():
            shutil.rmtree(stage, ignore_errors=True)
    return Prepared(folder if (folder / prepared.RECORD).is_file() else stage)


def _content(pilot: Pilot, data: Path, area: str) -> str:
    """One hash of everything that such a study is prepared from."""
    council = councils.load()
    area = area or councils.area_of(pilot, data, council)
    root = pilots.home()
    open_from = states.first_open(clock.today(), councils.own_words(pilot).closes_after_months)
    found = hashlib.sha256(json.dumps([ready.code(), pilot.name, area, open_from]).encode())
    settings = [one for one in sorted(pilot.folder.rglob("*")) if one.suffix in SETTINGS and one.is_file()]
    said = [one for one in (councils.place(root),) if one.is_file()]
    for path in (*(one for one in sorted(data.rglob("*")) if one.is_file()), *settings, *said):
        found.update(f"{path.relative_to(data) if path.is_relative_to(data) else path}\0".encode())
        with path.open("rb") as file:
            while part := file.read(BLOCK):
                found.update(part)
    if area:
        found.update(
            f"{seal.state(pilot.name, area, root)}{final_figures.final(area, root).digest(pilot.name)}".encode()
        )
        found.update(hashlib.sha256(secret.secret_of(area)).digest())
    return found.hexdigest()


def _has_come(folder: Path) -> bool:
    """Whether a row that was set aside as not come yet has come since: then it is prepared again."""
    try:
        account = json.loads((folder / prepared.ACCOUNT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return store.has_come(account["files"])


def clear() -> tuple[int, int]:
    """Delete every copy: how many there were, and their bytes. Raises OSError where one cannot be deleted."""
    folder = home()
    if not folder.is_dir():
        return 0, 0
    every = sorted(one for one in folder.iterdir() if one.is_dir())
    size = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    for one in every:
        shutil.rmtree(one)
    return len(every), size
