"""The tests of this folder share kits, which know the house, and attackers, who do not."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
