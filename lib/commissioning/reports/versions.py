"""What a report's JSON says of the versions of its figures: a digest of each year's figures of people, by measure and cell.

For `publish`, which counts how many versions of a year were published (`seal.published`). It is of the whole study, whatever part of it
a page shows, so that figures of the same data are one version on every page.
"""

from __future__ import annotations

from typing import Any

from commissioning import states
from commissioning.measures import breakdowns
from commissioning.seal import published
from commissioning.study import outcomes
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import Prepared, pilot_of


def of_study(study: Prepared) -> dict[str, Any]:
    """`years`: year → measure → cell → digest; beside it what the study's policy says of how often they may be published."""
    policy = study.policy
    figures = study.everything_released
    of_people = set(study.record.get("of_people", ()))
    controls = outcomes.negative_controls(measures_of(pilot_of(study)))
    left_out = {breakdowns.measure_id(study.pilot, f"{breakdowns.LEFT_OUT}{key}", "rows") for key in controls}
    rows = figures[figures["measure"].isin(of_people - controls.keys() - left_out) & ~figures["public"]]
    numbers = [
        rows[name].astype("Float64").round(6).astype(object).where(rows[name].notna(), None) for name in states.COUNTS
    ]
    keys = [rows[name].astype(str) for name in ("measure", "group_kind", "group", "period")]
    made = zip(*keys, zip(*numbers, strict=True), strict=True)
    return {
        "versions": policy.versions,
        "looks": policy.looks,
        "looks_while_open": policy.looks_while_open,
        "cells": policy.cells_of_one_person,
        "closes_after_months": study.states["closes_after_months"],
        "years": published.digests((*key, list(values)) for *key, values in made),
    }
