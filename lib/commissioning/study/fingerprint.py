"""What a study's extracts are known by: one hash over what was read, and whether they are the sample's own bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from commissioning import pilot as pilots
from commissioning import sample_list, seal
from commissioning.evidence.intake import Intake
from commissioning.pilot import Pilot


def of_study(pilot: Pilot, area: str, files: list[dict[str, Any]], hashes: Mapping[str, str]) -> str:
    """One hash over what the study read: the pilot file, the area, and each extract's own hash."""
    text = json.dumps(
        [pilot.model_dump(mode="json", exclude={"folder"}), area, sorted(hashes.items()), len(files)], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()


def sample_digest(intake: Intake) -> str:
    """One hash over the bytes of every extract that was taken in: what the sample's seal holds for."""
    return seal.digest(sorted([one.file, one.sha256] for one in intake.files if one.status == "accepted"))


def copied_from_sample(intake: Intake, pilot: Pilot) -> bool:
    """True where every extract taken in is, byte for byte, one of a sample's: a copy of it lies somewhere else."""
    folders = [pilots.sample_of(pilot.name), *(pilots.home() / "data" / one for one in pilots.SAMPLES)]
    listed = {value for folder in folders for value in sample_list.listed(folder).values()}
    accepted = intake.of("accepted")
    return bool(accepted) and all(one.sha256 in listed for one in accepted)
