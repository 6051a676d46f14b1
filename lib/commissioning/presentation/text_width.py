"""How wide words stand in a table: its columns are given room, and turned on paper, by it."""

from __future__ import annotations

from functools import lru_cache

# Widths of Helvetica's characters in thousandths of the size, from space to tilde (Adobe's published metrics).
_WIDTHS = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
]  # fmt: skip


@lru_cache(maxsize=4096)
def _units(text: str) -> int:
    """Width of a line in thousandths of its size. Kept: a table asks for the same words again and again."""
    return sum(_WIDTHS[ord(one) - 32] if 32 <= ord(one) <= 126 else 650 for one in text)


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in pixels, a little generous, so that a near miss is not an overlap."""
    return _units(text) * size / 1000 * (1.1 if bold else 1.03)
