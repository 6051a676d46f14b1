"""Where pilots, their samples and what was agreed for them lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from commissioning import sample_list
from commissioning.errors import UsageError

AGREED_FILE = "agreed.toml"


def home() -> Path:
    """The checkout: the nearest folder at or above the working directory that holds pilots/ and notebooks/.

    Falls back to the checkout that this package was installed from, so that a scheduled
    run need not start in any particular folder.
    """
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "pilots").is_dir() and (folder / "notebooks").is_dir():
            return folder
    installed = Path(__file__).resolve().parents[3]
    if (installed / "pilots").is_dir():
        return installed
    raise UsageError(
        "no pilots/ folder here or above: start the command in the workbench's folder "
        "(the one that holds pilots/ and notebooks/)"
    )


def names(root: Path | None = None) -> tuple[str, ...]:
    """Names of all pilots: the folders of pilots/ that hold a pilot.toml, in order."""
    folder = (root or home()) / "pilots"
    return tuple(sorted(one.parent.name for one in folder.glob("*/pilot.toml")))


def sample_of(name: str, root: Path | None = None) -> Path:
    """The folder of a pilot's illustrative extracts: its own `sample/`, else the workbench's `data/sample`.

    A pilot that `commissioning new` made has its own, which no other pilot reads.
    """
    root = root or home()
    own = root / "pilots" / name / "sample"
    return own if own.is_dir() else root / "data" / "sample"


def agreed_for(name: str, root: Path, *, sample: bool) -> Path:
    """Where the words that one council agreed for a pilot stand: the sample's beside the sample, a council's own beside
    its pilot file (and not in git). The file need not be there."""
    if not sample:
        return root / "pilots" / name / AGREED_FILE
    made_up = sample_of(name, root)
    return (made_up / name if made_up == root / "data" / "sample" else made_up) / AGREED_FILE


SAMPLES = ("sample", "sample_cld")
"""Folders of made-up extracts below `data`: the default, and that of Client Level Data."""


def is_sample(data: Path, root: Path | None = None) -> bool:
    """True for the folder of the sample, or of the made-up extracts that came with a new pilot: known by its place."""
    root = root or home()
    places = [*(root / "data" / one for one in SAMPLES), *(root / "pilots").glob("*/sample")]
    return data.resolve() in {one.resolve() for one in places}  # also where the place is a link to another folder


def read_by_default(root: Path, areas: Sequence[str], own: Collection[str]) -> Path:
    """Where extracts are read from when nobody names a folder: the sample, or the national tables for another council's area.

    `own`: the areas of the pilots themselves, which the sample is of.
    """
    return root / "data" / ("sample" if set(areas) <= set(own) else "reference")


def refuse_own_in_sample(data: Path, root: Path | None = None, read: Mapping[str, str] | None = None) -> None:
    """Raise DataRefused where a folder is the sample by its place and holds another extract than the sample's list names."""
    if is_sample(data, root):
        sample_list.refuse_others(data, read)
