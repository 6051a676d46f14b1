"""The last cell of a report: its results, the record of its stage, and the sentinel that says all was done."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import commissioning
from commissioning.errors import NotReleased, UsageError
from commissioning.measures import Measure, describe
from commissioning.presentation import signoff
from commissioning.presentation.sections import Note
from commissioning.reports import stage_records, versions
from commissioning.reports.stage_records import StageRecord
from commissioning.sections import evaluation, figures
from commissioning.sections.page import Page, once, section
from commissioning.states import KEY
from commissioning.study import by_hand, figure_states, outcomes, unagreed
from commissioning.study.breaks import break_years

OUT = "COMMISSIONING_OUT"
NONCE = "COMMISSIONING_NONCE"
REPORT = "COMMISSIONING_REPORT"
SENTINEL = "sentinel"


def _definition(measure: Measure) -> dict[str, str]:
    """A definition in the words that do its counting, so that the next version can tell whether it changed."""
    return {
        "title": measure.title,
        "unit": measure.unit,
        "numerator": describe.numerator_words(measure),
        "denominator": describe.denominator_words(measure),
        "counted": "; ".join(one.says for one in measure.population),
        "in_force_from": measure.in_force_from.isoformat(),
    }


def stage_record(page: Page) -> StageRecord | None:
    if page.stage not in stage_records.ORDER:
        return None
    return StageRecord(
        stage=page.stage,  # type: ignore[arg-type]
        pilot=page.pilot.name,
        area=page.study.area,
        period=page.period,
        level=page.given.level,
        illustrative=page.study.illustrative,
        findings=tuple(page.findings_shown),
        lacks=tuple(page.lacks),
        **(page.kind.record(page) if page.kind.record else {}),
    )


@once
def printed(page: Page) -> pd.DataFrame:
    """The released figures of the machine-readable result, value and limits as pages print them."""
    rows = page.released.figures
    yearly = ~outcomes.quarterly(rows["period"])
    # Negative controls say nothing of the service, and quarters by group are in no table: both stay out.
    shown = rows[
        (yearly | (rows["group_kind"] == "all"))
        & ~rows["measure"].isin(list(outcomes.negative_controls(page.measures)))
    ]
    columns = [
        "measure", "area", "group_kind", "group", "period", "numerator", "denominator", "value", "lower", "upper",
        "unknown", "not_applicable", "status", "hidden", "why_hidden", "public", "spend_pence", "state", "was",
    ]  # fmt: skip
    return outcomes.scaled(shown, page.measures).reindex(columns=columns)


@once
def states(page: Page) -> dict[str, Any]:
    """What the page says of the states of its figures: see `figure_states.of_page`."""
    return figure_states.of_page(page.study.states, printed(page)[["state", *KEY]].to_dict("records"))


def as_json(page: Page) -> dict[str, Any]:
    """The machine-readable result: released figures, spend, findings, what the page must hold, and what its kind adds."""
    found = _common(page)
    for add in page.kind.results:
        found = add(page, found)
    return found


def _common(page: Page) -> dict[str, Any]:
    rows, spend = printed(page).copy(), figures.spend(page)
    claim = {one.measure: one.claim for one in page.key_said if one.measure}
    primary = [key for key, one in page.outcome_measures.items() if one.primary]
    codes, ids = pd.factorize(rows["measure"])
    rows["claim"] = np.array([claim.get(one, "described") for one in ids], dtype=object)[codes]
    return {
        "schema_version": 1,
        "pilot": page.pilot.name,
        "stage": page.stage,
        "area": page.study.area,
        "area_name": page.area_name,
        "period": page.period,
        "level": page.given.level,
        "illustrative": page.study.illustrative,
        "fingerprint": page.study.fingerprint,
        "code_version": commissioning.__version__,
        "figures": json.loads(rows.to_json(orient="records", double_precision=6)),
        "states": states(page),
        "published_versions": {page.pilot.name: versions.of_study(page.study)},
        "spend": json.loads(spend.frame.to_json(orient="records")),
        "bridge": [] if spend.bridge is None else json.loads(spend.bridge.to_json(orient="records")),
        "findings": [one.model_dump(mode="json") for one in page.findings_shown],
        "seal": page.sealed.as_json(),
        "settings": page.study.sealed.get("values", {}),
        "definitions": {key: _definition(one) for key, one in page.measures.items() if not one.is_control},
        "methods": evaluation.methods_used(page),
        "primary": primary,
        "series_breaks": {key: found for key in primary if (found := break_years(page.study, key))},
        "reconciliation": page.study.files,
        "data_findings": page.study.record["findings"],
        "partitions_read": sorted(page.study.read | {"intake"}),
        **({unagreed.KEY: unagreed.words()} if unagreed.found else {}),
        "shown": dict(sorted(page.shown.items())),
    }


@section
def close(page: Page) -> Note:
    """The last cell: under `run`, write the results, the stage record and the sentinel that says all was done."""
    if by_hand.opened:
        raise NotReleased("restricted rows were opened in this session: run the report afresh, without them")
    unagreed.refuse_in_a_report()
    if not page.stage:
        raise UsageError("a report is closed as that of a stage: write cm.annex(study, stage=…)")
    last = Note("This is the end of the report.", lacks=())  # nothing that a reader needs
    page.kept[last.id] = last.kind  # before the count of what was shown is written
    out = os.environ.get(OUT)
    if out:
        folder = Path(out)
        record = stage_record(page)
        if record is not None:
            stage_records.write(record, folder)
        name = os.environ.get(REPORT, f"{page.pilot.name}-{page.stage}")  # apart from the record of the stage
        files = (
            page.kind.files(page, folder, name) if page.kind.files else []
        )  # first: what it reads, the report depends on
        found = as_json(page)
        found["declared"] = {
            "figures": page.shown["chart"] + page.shown["picture"],
            "tables": page.shown["table"],
            "files": files,
            "period": found["period"],
        }
        (folder / f"{name}.json").write_text(signoff.as_text(found), encoding="utf-8")
        (folder / SENTINEL).write_text(os.environ.get(NONCE, ""), encoding="utf-8")
    return last
