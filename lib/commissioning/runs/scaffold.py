"""`commissioning new`: the folder of another service, ready to be filled in.

"Capable of being applied to every function within the Council" (2011 report, 3.3).
"""

from __future__ import annotations

import keyword
import re
import shutil
from pathlib import Path

from commissioning import pilot as pilots
from commissioning.errors import CannotWrite, UsageError
from commissioning.runs.notebooks import ACROSS_PILOTS, ANNEX, SHARED_STAGES
from commissioning.runs.places import reason

# A pilot of one of these names could not be told from a stage, from a page across pilots, or from a folder of the sample.
RESERVED = frozenset(
    ("pilot", *SHARED_STAGES, *ACROSS_PILOTS, ANNEX, "council", "pilots", "notebooks", "sample", "site", "index")
)
FILES = Path(__file__).with_name("new_pilot")
SPOKEN = "agreed.toml"  # who speaks on pages made of the made-up extracts, and on no others
OWN_TABLES = (
    "grants", "returns", "supported", "payments", "monitoring", "organisations", "applications", "starts",
)  # fmt: skip


def make(root: Path, name: str) -> list[str]:
    """Make `pilots/<name>/` with its pilot file, questions and templates; returns lines to print.

    Raises UsageError for an unsafe or taken name, CannotWrite where the folder cannot be made.
    """
    from commissioning.evidence import templates
    from commissioning.simulate import service

    if not re.fullmatch(r"[a-z][a-z0-9_]{2,39}", name):
        raise UsageError(f"{name!r}: name a pilot with 3 to 40 lower-case letters, digits and _, a letter first")
    if name in RESERVED or keyword.iskeyword(name):
        raise UsageError(f"{name!r}: the workbench uses this name itself; choose another, such as {name}_service")
    target = root / "pilots" / name
    if target.exists():
        raise UsageError(f"pilots/{name} is there already: choose another name")
    stage = target.with_name(f".{name}-new")
    try:
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        for file in FILES.iterdir():
            if file.name != SPOKEN:
                (stage / file.name).write_text(_filled(file, name), encoding="utf-8")
        made = len(templates.write(stage / "templates", list(OWN_TABLES)))
        # Made-up extracts in the words of the service, so that it runs before anybody has sent anything.
        service.write(stage / "sample", name, _title(name))
        shutil.copyfile(FILES / SPOKEN, stage / "sample" / pilots.AGREED_FILE)
        stage.rename(target)
    except OSError as error:
        raise CannotWrite(f"cannot make pilots/{name}: {reason(error)}") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    try:
        pilots.load(name, root)
    except UsageError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return [
        f"pilots/{name}/ was made, with {made} templates of extracts in pilots/{name}/templates/ "
        f"and made-up extracts of its own in pilots/{name}/sample/",
        f"1. see it run at once on made-up data: commissioning run {name}",
        f"2. fill in pilots/{name}/pilot.toml and question.md; agree the floors with people who use the service",
        f"3. only where something new is measured, write it in pilots/{name}/measures.py",
        f"4. put extracts into a folder and run: commissioning run {name} --data FOLDER",
    ]


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _filled(file: Path, name: str) -> str:
    """A file of the new folder, with the pilot's name and title for the words that stand for them."""
    title = _title(name)
    text = file.read_text(encoding="utf-8").replace("TITLE_IN_A_SENTENCE", title.lower())
    return text.replace("TITLE", title).replace("PILOT", name)
