"""The tests of this folder share `leak_kit`, and one run of everything."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
