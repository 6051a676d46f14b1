"""Write the illustrative samples: `python -m commissioning.simulate data/sample data/sample_cld` (what `make sample` runs)."""

from __future__ import annotations

import sys

from commissioning.simulate import client_level
from commissioning.simulate.write import contents, write_files

if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(
            "name a folder for the sample, and one for that of Client Level Data: "
            "python -m commissioning.simulate data/sample data/sample_cld"
        )
    for folder, files in zip(sys.argv[1:], (contents, client_level.contents), strict=False):
        for path in write_files(folder, files()):
            print(path)
