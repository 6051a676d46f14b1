"""Several outcomes asked of one pilot: how small each p-value must be, so that the whole makes no false claim.

Holm (1979, Scandinavian Journal of Statistics) for the primary outcomes; Benjamini & Hochberg (1995, JRSS B) for the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from statsmodels.stats.multitest import multipletests


def adjusted(p_values: Mapping[str, float], primary: Collection[str]) -> dict[str, float]:
    """Outcome → its p-value as it stands among all that were asked; those without one are in no family."""
    found: dict[str, float] = {}
    for method, names in (
        ("holm", [one for one in p_values if one in primary]),
        ("fdr_bh", [one for one in p_values if one not in primary]),
    ):
        if names:
            made = multipletests([p_values[one] for one in names], method=method)[1]
            found |= dict(zip(names, map(float, made), strict=True))
    return found
