"""Who is counted, as sums of record keys: what disclosure control needs to give the same people the same noise.

A sum is over the *different* people of a set. With them stand, for amounts, what the largest contributors add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

KEY_COLUMNS = ("key_all", "key_numerator", "key_denominator", "key_unknown", "key_not_applicable")
LARGEST = ("largest", "largest_two", "largest_of")
KEYED = (*KEY_COLUMNS, *LARGEST)


def without(size: int) -> dict[str, np.ndarray]:
    """The columns of `size` cells of which nobody says who is counted: all missing."""
    return {name: np.full(size, np.nan) for name in KEYED}


@dataclass(frozen=True, kw_only=True)
class ByPerson:
    """Rows that name somebody, sorted by cell and person: their places, cells, persons, and one number for each pair."""

    at: np.ndarray
    cell: np.ndarray
    person: np.ndarray
    pair: np.ndarray


def by_person(cell: np.ndarray, person: np.ndarray) -> ByPerson:
    """The order of n rows by `cell` and `person` (codes; −1 where a row names nobody, which is then left out)."""
    named = np.flatnonzero(person >= 0)
    pair = cell[named].astype(np.int64) * (int(person.max(initial=0)) + 1) + person[named]
    order = np.argsort(pair, kind="stable")
    at = named[order]
    return ByPerson(at=at, cell=cell[at], person=person[at], pair=pair[order])


def sums(rows: ByPerson, key: np.ndarray, size: int, sets: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """For each set (bool of n rows) the sum of the record keys of its different people in each of `size` cells.

    `key` is each person code's record key, below 2**32: sums of a million people are exact in floats.
    """
    out = {}
    for name, member in sets.items():
        inside = np.flatnonzero(member[rows.at])
        first = np.ones(len(inside), dtype=bool)
        first[1:] = rows.pair[inside[1:]] != rows.pair[inside[:-1]]
        inside = inside[first]
        out[name] = np.bincount(rows.cell[inside], weights=key[rows.person[inside]], minlength=size)
    return out


def largest(rows: ByPerson, amount: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """In each of `size` cells: the largest amount that one person adds to it, and what the two largest add; 0 where nobody."""
    one, two = np.zeros(size), np.zeros(size)
    if not len(rows.at):
        return one, two
    starts = np.flatnonzero(np.r_[True, rows.pair[1:] != rows.pair[:-1]])
    cell, adds = rows.cell[starts], np.abs(np.add.reduceat(amount[rows.at], starts))
    ranked = np.lexsort((-adds, cell))
    cell, adds = cell[ranked], adds[ranked]
    first = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    second = np.minimum(first + 1, len(cell) - 1)
    there = (second > first) & (cell[second] == cell[first])
    one[cell[first]] = adds[first]
    two[cell[first]] = adds[first] + np.where(there, adds[second], 0.0)
    return one, two
