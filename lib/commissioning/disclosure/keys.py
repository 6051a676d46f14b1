"""Keyed noise: the same people give the same noise in every table, run, site and pilot; other people other noise.

Each person has a record key, made from the council's secret (HMAC-SHA256). A set of different people has the sum of their
record keys. A cell's key is mixed from several sums: that of everybody its measure speaks of there, that of those whose answer
is known, and that of those counted. So whoever joins, leaves or is answered for moves the key of the numerator, whatever the
answer: were it made of those counted alone, a numerator that stayed as it was would say that who joined is not in it.

The key chooses one of 256 values of a perturbation table, in the form of the ONS package `cell-key-perturbation`
(columns `pcv`, `ckey`, `pvalue`). Source: ONS, "Protecting personal data in Census 2021 results"; Fraser and Wooton, 2005.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from commissioning.disclosure.rounding import Floats

KEYS = 256  # cell keys: 0 to 255, as in the table of the ONS package
LAST, AGAIN = 750, 250  # counts above 750 take the table's rows 501 to 750 again and again, as the ONS package does
BITS = 32
SAMPLE_SECRET = b"the illustrative sample's own key, which protects nobody: everybody in it is made up"


def record_keys(persons: Iterable[object], secret: bytes) -> pd.Series:
    """person → record key (a whole number below 2**32), for each different person; missing ones are left out.

    Raises ValueError without a secret.
    """
    if not secret:
        raise ValueError("record keys need a secret")
    known = pd.unique(pd.Series(list(persons), dtype=object).dropna())
    made = [int.from_bytes(hmac.digest(secret, str(one).encode(), hashlib.sha256)[: BITS // 8], "big") for one in known]
    return pd.Series(made, index=pd.Index(known, dtype=object), dtype="int64")


def cell_keys(*sums: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """n cell keys (0 to 255) from arrays of n sums of record keys: of all whom the cell speaks of first, of those counted last."""
    return (_all_mixed(*sums) >> np.uint64(64 - 8)).astype(np.int64)


def between_steps(*sums: npt.ArrayLike) -> Floats:
    """n numbers from −½ to ½, of the bits that `cell_keys` leaves: what an amount's noise has beside whole steps.

    In whole steps alone, an amount would be shown at one of few places, and which they are would tell what is left of it.
    """
    left = _all_mixed(*sums) & np.uint64(2**52 - 1)
    return np.asarray((left.astype(float) + 0.5) / 2**52 - 0.5)


@lru_cache(maxsize=8)
def table(deviation: float) -> pd.DataFrame:
    """The perturbation table for noise of this standard deviation: `pcv` 0 to 750, `ckey` 0 to 255, `pvalue` whole people.

    Of each count the 256 values are those of a normal distribution at the middles of 256 equal parts: mean 0 exactly. Counts do
    not differ in their noise: what is small is hidden after it. Each count meets the values in another order.
    """
    values = np.round([deviation * NormalDist().inv_cdf((place + 0.5) / KEYS) for place in range(KEYS)]).astype(int)
    pcv, ckey = np.divmod(np.arange((LAST + 1) * KEYS), KEYS)
    turned = (ckey * 181 + pcv * 97) % KEYS  # 181 is odd, so every value comes once
    return pd.DataFrame({"pcv": pcv, "ckey": ckey, "pvalue": values[turned]})


def noise(counts: npt.ArrayLike, keys: npt.NDArray[np.int64], deviation: float) -> Floats:
    """The table's value for each of n counts and cell keys; 0 where a count is missing."""
    counts = np.asarray(counts, dtype=float)
    whole = np.where(np.isfinite(counts), np.abs(np.round(counts)), 0).astype(np.int64)
    pcv = np.where(whole <= LAST, whole, (whole - 1) % AGAIN + LAST - AGAIN + 1)
    values = table(deviation)["pvalue"].to_numpy()[pcv * KEYS + keys]
    return np.where(np.isfinite(counts), values, 0.0)


def reach(deviation: float) -> int:
    """The most people by which the table moves a count."""
    return int(table(deviation)["pvalue"].abs().max())


def _all_mixed(*sums: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    both = np.zeros(len(np.asarray(sums[0])), dtype=np.uint64)
    for one in sums:
        both = _mixed(both ^ _whole(one))
    return both


def _whole(sums: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    given = np.asarray(sums, dtype=float)
    return np.where(np.isfinite(given), given, 0).astype(np.uint64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Each value turned into one that shares nothing with it (the finaliser of SplitMix64, Steele and others 2014).

    Sums of keys add up as tables do; mixed, the noise of a total tells nothing of the noise of its parts.
    """
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
