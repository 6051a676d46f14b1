"""Made-up names. None is a real ward, provider or organisation of Wirral; the council's code is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

AREA = "E08000015"

LOCALITIES = ("North", "East", "South", "West")

WARDS = (
    *("Alderby", "Ashmoor", "Birchley", "Brackwell", "Cedarholt", "Cloverdon", "Dunmere", "Elmstead"),
    *("Fernlow", "Foxholme", "Gorsley", "Hartwick", "Hazelby", "Ivycote", "Larkfell", "Mapleton"),
    *("Netherby", "Oakhurst", "Peverham", "Rowanby", "Sedgeley", "Thornlea"),
)

PROVIDERS = (
    *("Anchorhouse", "Bluegate", "Brightwell", "Candleford", "Crestway", "Daybreak", "Eastlight", "Fairoak"),
    *("Goodstep", "Harbourlea", "Inkwell", "Jubilee House", "Kindred", "Lanternway", "Millbridge", "Newleaf"),
    *("Openhand", "Pathways", "Quayside", "Riverbank"),
)

DEPARTMENTS = (
    "Adult Social Services",
    "Children and Young People",
    "Regeneration and Housing",
    "Leisure and Culture",
    "Public Health",
)

PURPOSES = (
    "advice and benefits",
    "befriending",
    "breaks for carers",
    "day activities",
    "healthy living",
    "help into work",
    "youth work",
    "community transport",
)

_KINDS = (
    *("Carers Circle", "Advice Bureau", "Community Hall", "Befrienders", "Youth Project", "Faith Forum"),
    *("Disability Network", "Wellbeing Trust", "Lunch Club", "Food Share", "Transport Scheme", "Work Club"),
)


def wards(n: int) -> NDArray[np.object_]:
    """n ward names."""
    return _numbered(WARDS, n)


def providers(n: int = len(PROVIDERS)) -> NDArray[np.object_]:
    """n provider names."""
    return _numbered(PROVIDERS, n)


def departments(n: int) -> NDArray[np.object_]:
    """n department names."""
    return _numbered(DEPARTMENTS, n)


def organisations(n: int) -> NDArray[np.object_]:
    """n organisation names, all different: a made-up place and a kind of organisation."""
    pairs = [f"{WARDS[(i + 7 * (i // len(WARDS))) % len(WARDS)]} {_KINDS[i % len(_KINDS)]}" for i in range(132)]
    return _numbered(list(dict.fromkeys(pairs)), n)


def _numbered(names: Sequence[str], n: int) -> NDArray[np.object_]:
    more = [names[i % len(names)] + (f" {i // len(names) + 1}" if i >= len(names) else "") for i in range(n)]
    return np.array(more, dtype=object)
