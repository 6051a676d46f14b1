"""Write the illustrative sample: `python -m commissioning.simulate data/sample` (what `make sample` runs)."""

from __future__ import annotations

import sys

from commissioning.simulate.write import write

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("name one folder to write the sample into: python -m commissioning.simulate data/sample")
    for path in write(sys.argv[1]):
        print(path)
