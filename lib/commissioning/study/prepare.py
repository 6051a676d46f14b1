"""How a study is made, once, before any notebook starts: from extracts and one snapshot of what was released before.

Take in, tell apart, count, release, keep: each is a function of `steps` or `keep`; notebooks only read what comes out.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import pandas as pd

from commissioning import pilot as pilots
from commissioning.errors import CannotWrite
from commissioning.evidence import store
from commissioning.pilot import Pilot
from commissioning.study import steps
from commissioning.study.keep import keep
from commissioning.study.prepared import RECORD, Prepared

NOT_IN_A_STUDY = frozenset({"presentation", "runs", "reports"})
"""Rooms whose code changes nothing that a study holds."""


def prepare(
    pilot: Pilot,
    data: Path,
    *,
    area: str = "",
    folder: Path,
    history: pd.DataFrame | None = None,
) -> Prepared:
    """Take extracts in, compute every measure, decide what may be released, and write it all to `folder`.

    Raises DataRefused where an extract breaks its contract, nothing in `data` is recognised, or the sample's folder holds other
    files than the sample's; a study of extracts of which every row was set aside is prepared, and holds nothing.
    """
    taken = steps.take_extracts_in(pilot, data, area)
    apart = steps.tell_apart(taken)
    counted = steps.count(taken, apart)
    out = steps.let_out(taken, apart, counted, history)
    keep(folder, taken, apart, counted, out)
    return Prepared(folder)


def not_kept(folder: Path, error: OSError) -> CannotWrite:
    """What is said where checked tables cannot be kept."""
    return CannotWrite(
        f"cannot write in {folder}, where checked tables are kept ({error.strerror or 'output error'}): whoever runs this must own "
        "that folder"
    )


def open_sample(pilot: Pilot, sample: Path | None = None) -> Prepared:
    """The illustrative study of a pilot, prepared once for each state of the sample and kept under `data/evidence`.

    `sample` is a folder of made-up extracts (see `pilots.is_sample`); None, or the default one, for the pilot's own.
    """
    root = pilots.home()
    if sample is None or sample.resolve() == (root / "data" / "sample").resolve():
        sample = pilots.sample_of(pilot.name, root)
    pilots.refuse_own_in_sample(sample, root)
    state = hashlib.sha256()
    for path in sorted([*sample.rglob("*.csv"), *sample.rglob("*.toml"), *pilot.folder.rglob("*.toml")]):
        state.update(path.name.encode() + path.read_bytes())
    package = Path(__file__).parents[1]
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.toml")]):
        if path.parent.name not in NOT_IN_A_STUDY:
            state.update(path.read_bytes())
    folder = root / "data" / "evidence" / "sample" / f"{pilot.name}-{state.hexdigest()[:16]}"
    if (folder / RECORD).is_file():
        return Prepared(folder)
    # Written beside and moved into place: two notebooks that start together never read half a study.
    stage = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        store.private_folder(folder.parent)
    except OSError as error:
        raise not_kept(folder.parents[1], error) from None
    prepare(pilot, sample, folder=stage)
    with contextlib.suppress(OSError):  # another process finished first: its study holds the same bytes
        stage.rename(folder)
    return Prepared(folder if (folder / RECORD).is_file() else stage)
