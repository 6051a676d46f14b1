"""A pilot: one service under evaluation, read from `pilots/<name>/pilot.toml`.

That file says what is true of any council: the question, the design, the gates, what is measured. What one council agreed and
answered (floors, plans, duties, registers) stands in a file of its own, `agreed.toml`: a council's beside its pilot file, the
sample's beside the sample. A misspelt field is refused by name. What is measured stands in `commissioning.measures`.
"""

from commissioning.pilot.agreed import Voice
from commissioning.pilot.places import (
    AGREED_FILE,
    SAMPLES,
    agreed_for,
    home,
    is_sample,
    names,
    read_by_default,
    refuse_own_in_sample,
    sample_of,
)
from commissioning.pilot.reading import file_saying, load
from commissioning.pilot.schema import Pilot

__all__ = [
    "AGREED_FILE",
    "SAMPLES",
    "Pilot",
    "Voice",
    "agreed_for",
    "file_saying",
    "home",
    "is_sample",
    "load",
    "names",
    "refuse_own_in_sample",
    "read_by_default",
    "sample_of",
]
