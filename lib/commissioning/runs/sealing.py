"""`commissioning seal`; and, as a program, the illustrative seals of the sample, made again when its data or pilots change.

python -m commissioning.runs.sealing
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from commissioning import clock, council, ledger, toml
from commissioning import pilot as pilots
from commissioning import seal as sealed
from commissioning.errors import UsageError
from commissioning.pilot import Pilot
from commissioning.wording import counted

SAMPLE_BY = "the directors of adult social services and of finance (illustrative)"
SAMPLE_ON = {"vcf_funding": "2012-03-31"}  # after its floors were agreed, and before its first quarter
SAMPLE_FIRST = "2011-09-30"  # of every other pilot of the sample


def seal(pilot: Pilot, by: str, area: str, root: Path) -> list[str]:
    """Seal one pilot; returns what to print. Raises UsageError for a name, code or measure, CannotWrite for the ledger."""
    from commissioning.study.pilot_measures import measures_of, primary_of

    own = council.load(root)
    area = area or (own.area if own is not None else pilot.area)
    if not re.fullmatch(r"[A-Z][0-9]{8}", area):
        raise UsageError(f"--area {area!r}: write an ONS code such as E08000015")
    late = [one.measure for one in pilot.floors if one.agreed_on and one.agreed_on > clock.today()]
    if late:
        raise UsageError(
            f"[[floors]] of {late[0]}: agreed_on is after today, so it cannot be sealed yet: mend the date"
        )
    folder = sealed.folder_of(area, root)
    before = ledger.read(folder)
    read = {
        one
        for line in before.entries
        if (line.area, line.pilot) == (area, pilot.name)
        for one in line.says.get("periods", ())
    }
    earlier = [one for one in before.entries if (one.area, one.pilot, one.kind) == (area, pilot.name, "seal")]
    made = sealed.seal(pilot, by, area=area, primary=primary_of(measures_of(pilot)), root=root)
    lines = [
        f"{pilot.name}, {area}: {counted(len(made.says['values']), 'value')} sealed by {made.says['by']} on "
        f"{clock.in_words(clock.today())}, line {made.number} of {folder / ledger.FILE}",
        f"seal {made.says['sha256']} (write it in the paper that agreed it: whoever has the paper can tell whether the "
        "pilot file is still the one that was agreed)",
    ]
    if earlier:
        changed = sealed.differences(earlier[-1].says.get("values", {}), made.says["values"])
        lines += [
            f"changed since the seal before: {sealed.called(place)}, {sealed.written(old)} → {sealed.written(new)}"
            for place, old, new in changed
        ] or ["nothing differs from the seal before"]
    if read:
        last = max(read)
        lines.append(f"outcomes up to {last} were read before: this seal counts for later periods only")
    if made.says["doubt"]:
        lines.append(f"{made.says['doubt']}: this seal counts for periods only that begin after today")
    return lines


def sample_seals(root: Path) -> str:
    """What `data/sample/seals.toml` must hold for the sample and the pilot files as they are."""
    from commissioning.evidence.intake import take_in
    from commissioning.study.fingerprint import sample_digest
    from commissioning.study.pilot_measures import measures_of, primary_of

    data = root / "data" / "sample"
    parts = [
        "# Illustrative seals: what the sample's pilots say was agreed, for these very extracts and no others.\n# Made by: python -m commissioning.runs.sealing\n"
    ]
    for name in pilots.names(root):
        if pilots.sample_of(name, root) != data:
            continue
        pilot = pilots.load(name, root)
        intake = take_in(data, pilot.name, pilot.area, pilot.tables)
        primary = primary_of(measures_of(pilot))
        parts.append(
            sealed.sample_entry(
                pilot,
                SAMPLE_BY,
                date.fromisoformat(SAMPLE_ON.get(name, SAMPLE_FIRST)).isoformat(),
                pilot.area,
                sample_digest(intake),
                primary,
            )
        )
    text = "\n".join(parts)
    toml.loads(text)
    return text


if __name__ == "__main__":
    root = pilots.home()
    (root / "data" / "sample" / sealed.SAMPLE).write_text(sample_seals(root), encoding="utf-8")
