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
from commissioning.runs.notebooks import ACROSS_PILOTS, SHARED_STAGES
from commissioning.runs.places import reason

# A pilot of one of these names could not be told from a stage, from a page across pilots, or from a folder of the sample.
RESERVED = frozenset(
    ("pilot", *SHARED_STAGES, *ACROSS_PILOTS, "council", "pilots", "notebooks", "sample", "site", "index")
)
FILES = {
    "question.md": "# The question\n\nWhat should be different for people because of this service, for whom, and by when?\n",
    "assumptions.md": "# Assumptions\n\nEach with its quality and impact, red, amber or green, and who owns it.\n",
    "lessons.md": "# Lessons\n\nWhat was learnt, from what, and where else it applies.\n",
}


def make(root: Path, name: str) -> list[str]:
    """Make `pilots/<name>/` with its pilot file, questions and templates; returns lines to print.

    Raises UsageError for an unsafe or taken name, CannotWrite where the folder cannot be made.
    """
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
        for file, text in FILES.items():
            (stage / file).write_text(text, encoding="utf-8")
        (stage / "pilot.toml").write_text(pilot_file(name), encoding="utf-8")
        made = _templates(stage / "templates")
        _sample(stage / "sample", name)
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


def _sample(folder: Path, name: str) -> None:
    """Made-up extracts in the words of the service, so that it runs before anybody has sent anything."""
    from commissioning.simulate import service

    service.write(folder, name, _title(name))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _templates(folder: Path) -> int:
    from commissioning.evidence import templates
    from commissioning.evidence.tables import CONTRACTS

    own = [
        one
        for one in (
            "grants",
            "returns",
            "supported",
            "payments",
            "monitoring",
            "organisations",
            "applications",
            "starts",
        )
        if one in {contract.table for contract in CONTRACTS}
    ]
    return len(templates.write(folder, own))


def pilot_file(name: str) -> str:
    """A pilot file that is valid as it stands, with words to replace."""
    title = _title(name)
    return f'''# Everything about this pilot that changes from council to council. A misspelt field is refused.
name = "{name}"
title = "{title}"
question = "What good did {title.lower()} do for people, for the money?"
easy_title = "{title}: is it helping people?"
organisation = "The council"
department = "The department"
contact = "write the address that answers questions"
area = "E08000015"
area_name = "Wirral"
perspective = "each line says whose money it is"
price_base = "2022-23"
includes_overheads = "Whether overheads are in is not written yet."
tables = ["organisations", "applications", "grants", "returns", "supported", "payments", "monitoring", "starts", "area_spend", "deflators"]
# What it counts: any measure that `commissioning measures` lists, or those of pilots/{name}/measures.py.
# These count funded agreements and the people they help: the made-up extracts in sample/ hold what they need, so that
# the pilot runs at once.
measures = [
    "vcf_funding_outcome_reached",
    "vcf_funding_outcome_kept",
    "vcf_funding_what_good",
    "vcf_funding_target_met",
    "vcf_funding_people_supported",
    "vcf_funding_spend",
    "vcf_funding_spend_outcome_unknown",
    "vcf_funding_award",
    "vcf_funding_monitoring_hours",
]
levels = ["department"]

# What the pilot's own measures of spend are called, and whose money they are.
[own_spend.vcf_funding_spend]
called = "Spend on agreements whose outcome is known, in the months they covered"
whose = "council"

[own_spend.vcf_funding_spend_outcome_unknown]
called = "Spend whose outcome is not known, in the months it covered"
whose = "council"

[own_spend.vcf_funding_award]
called = "Amount awarded in agreements"
whose = "council"

# Agree this with people who use the service, before the figures are seen. Then take the marks away.
# [[floors]]
# measure = "vcf_funding_outcome_reached"
# floor = 50.0
# worthwhile_change = 5.0
# agreed_on = 2026-04-01
# agreed_with = "who agreed it"

# A design lets the workbench estimate what the service changed. Without one it describes, and says so.
# [design]
# kind = "staggered"
# unit = "department"
# outcomes = ["vcf_funding_outcome_reached"]
# minimum_worthwhile_change = 5.0

[decision]
statutory_duty = "not answered yet: is it a statutory duty?"
equality_impact_assessment = "not attached yet"
alternative = "not written yet: what would people use instead?"
market_impact = "not checked yet"
notice_months = 3

# Preparing to stop is never supported until a named person has confirmed every one of these.
[decision.confirmed]
not_a_statutory_duty = false
equality_impact_assessment_attached = false
alternative_open = false
market_impact_checked = false
by = ""

[theory]
inputs = ["what is put in"]
processes = ["the way of working"]
outputs = ["what the service provides"]
individual = ["what changes for people"]
service = ["what changes for the service"]
strategic = ["what changes for the area"]

[quality]
analyst = "name the analyst"
assurer = "name somebody else"
'''
