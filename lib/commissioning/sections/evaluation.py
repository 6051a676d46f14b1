"""Effects on the page: what may be said of each, the gates, the calibration card, what could be detected."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import figures, saying, showing, together
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study.worked_out import Shown
from commissioning.wording import method_words

CANNOT_ANSWER = 30.0  # tries in a hundred


def methods_used(page: Page) -> dict[str, str]:
    """The method of each effect, where this report has estimated any."""
    made = figures.effects(page).estimates if figures.effects in page.worked_out else ()
    return {one.measure.id: one.method for one in made if one.method}


def with_effects(page: Page, found: dict[str, Any]) -> dict[str, Any]:
    """The machine-readable result with every effect, who was compared, its gates and the calibration behind it."""
    if figures.effects in page.worked_out:
        made = figures.effects(page).estimates
        found["effects"] = [
            as_record(one)
            | {"gates": [{"name": name, "passed": passed, "found": says} for name, passed, says in one.summary.gates]}
            for one in made
        ]
        found["calibration"] = json.loads(figures.effects(page).card.to_json(orient="records"))
    return found


def _summaries(page: Page) -> list[Any]:
    return [one.summary for one in figures.effects(page).estimates]


def effect_findings(page: Page, most: int = 3) -> list[Finding]:
    """One finding for each effect, in the words its rung allows; attributable ones first."""
    order = {"attributable": 0, "compared": 1, "described": 2, "recorded": 3}
    found = []
    chosen = sorted(figures.effects(page).estimates, key=lambda one: order[one.claim.rung] if one.claim else 9)
    whole = f", in the whole of {page.pilot.area_name}" if page.group else ""
    for one in chosen[:most]:
        if one.claim is None:
            continue
        found.append(
            saying.finding(
                page,
                f"{one.measure.title}{whole}. {claim_words(one.claim.wording)} {one.summary.compared}".strip(),
                one.claim.rung,
                one.summary,
                "effects",
                measure=one.measure.id,
                declared=(one.measure.per, *one.numbers),
                checked=bool(page.sealed.changed(one.measure.id)),
            )
        )
    return found


@section
def effects_table(page: Page) -> Shows:
    """Each effect with its range, or why it is withheld."""
    if not figures.effects(page).estimates:
        return Note(figures.effects(page).why_none)
    said = [*effect_findings(page, most=3), *together.found(page, evidence="effects")]
    frame = pd.concat([one.figures for one in _summaries(page)], ignore_index=True)
    # A change in a share is a number of people in each hundred, and no percentage of them.
    frame["unit"] = frame["unit"].str.replace(r"^% of ", "in each 100 ", regex=True)
    frame["withheld"] = frame["withheld"].fillna("")
    compared = [number for one in figures.effects(page).estimates for number in one.numbers]
    return Told.of(Table(
        Computed(frame=frame, of=tuple(_summaries(page)), how="the effects and what may be said of each"),
        title="What the pilot changed",
        caption=f"{'For the whole area. ' if page.group else ''}An estimate is shown only where every check has passed. {showing.sealed_caption(page)}",
        source=showing.source_words(page, measures=tuple(one.measure.id for one in figures.effects(page).estimates)),
        columns={
            "measure": "Outcome", "estimate": Column(name="estimate", label="Change", decimals=1),
            "lower": Column(name="lower", label="Lower limit", decimals=1),
            "upper": Column(name="upper", label="Upper limit", decimals=1),
            "unit": "Unit", "claim": "Claim", "withheld": "Why it may not be told", "compared": "Who was compared",
        },
        measures=tuple(one.measure.id for one in figures.effects(page).estimates),
        declared=(*showing.sealed_numbers(page), *compared),
        id="effects",
    ), found=said)  # fmt: skip


@section
def gates(page: Page) -> Any:
    """Every gate of every effect: passed or not, and what would have been needed."""
    rows = []
    for one in figures.effects(page).estimates:
        if one.claim is None:
            rows.append({"outcome": one.measure.title, "gate": "estimate", "went": "not passed", "says": one.why_not})
            continue
        for check in (*one.claim.passed, *one.claim.failed):
            says = check.says if check.passed else f"{check.says} Needed: {check.needed}."
            rows.append(
                {
                    "outcome": one.measure.title,
                    "gate": check.name.replace("_", " "),
                    "went": "passed" if check.passed else "not passed",
                    "says": says,
                }
            )
        beside = (
            [("held back", f"{one.held_back}: claimed nowhere, because of the check that was not passed.")]
            if one.held_back
            else []
        )
        beside += [("not put down to the pilot", f"Because {why}.") for why in one.claim.caps]
        beside += [("to hold beside it", says) for says in one.claim.notes]
        rows += [{"outcome": one.measure.title, "gate": gate, "went": "", "says": says} for gate, says in beside]
    if not rows:
        return Note(figures.effects(page).why_none)
    sealed = [
        ("seal", page.sealed.sealed_words),
        *(("changed after it was sealed", one.says) for one in page.sealed.changes),
    ]
    whom = "Every outcome"
    rows = [{"outcome": whom, "gate": gate, "went": "", "says": says} for gate, says in sealed] + rows
    labels = {"outcome": "Outcome", "gate": "Check", "went": "Result", "says": "What was found"}
    return showing.log(
        page,
        rows,
        title="Checks",
        columns=labels,
        id="gates",
    )


@section
def calibration_card(page: Page) -> Shows:
    """How each method did on simulated pilots of this pilot's own shape."""
    card = figures.effects(page).card
    if card.empty:
        nothing = "No outcome could be estimated, so no method was tried at this pilot's own shape."
        return Note(figures.effects(page).why_none or nothing)
    said = detectable_finding(page)
    wanted = [
        "measure",
        "method",
        "draws",
        "coverage",
        "type_1_error",
        "power_with_checks",
        "detectable_effect",
        "verdict",
    ]
    frame = card.reindex(columns=[one for one in wanted if one in card.columns])
    for column in ("coverage", "type_1_error", "power_with_checks", "detectable_effect"):
        frame[column] = 100 * pd.to_numeric(frame[column], errors="coerce")
    frame["method"] = frame["method"].map(method_words)
    labels: dict[str, Any] = {
        "measure": "Outcome", "method": "Method", "draws": "Simulated pilots",
        "coverage": Column(name="coverage", label="95% range holds the truth (%)", decimals=1),
        "type_1_error": Column(name="type_1_error", label="Alarms where nothing changed (%)", decimals=1),
        "power_with_checks": Column(name="power_with_checks", label="Can claim a worthwhile change (%)", decimals=1),
        "detectable_effect": Column(name="detectable_effect", label="Smallest change it finds", decimals=1),
        "verdict": "Verdict",
    }  # fmt: skip
    return Told.of(
        Table(
            Computed(frame=frame, of=tuple(_summaries(page)), how="simulation at this pilot's own shape"),
            title="Calibration card",
            caption="A method prints a range only where it held the truth often enough on simulated pilots of this size."
            + (f" {showing.sealed_caption(page)}" if page.sealed.changes else ""),
            source="Simulation at this pilot's own shape",
            columns={key: label for key, label in labels.items() if key in frame.columns},
            measures=tuple(one.measure.id for one in figures.effects(page).estimates),
            declared=(95, *showing.sealed_numbers(page)),
            keys=2,
            id="calibration",
        ),
        found=said,
    )


def detectable_finding(page: Page) -> list[Finding]:
    """What this evaluation could detect, said before it starts."""
    tried = [
        {"measure": one.measure.title, "id": one.measure.id, **one.tried}
        for one in figures.effects(page).estimates
        if one.method
    ]
    # What the method that made the estimate would notice: another method's smaller or larger change is not this evaluation's.
    rows = pd.DataFrame(tried).reindex(columns=["measure", "id", "detectable_effect", "power_with_checks"]).dropna()
    if rows.empty:
        return []
    row = rows.iloc[[0]].assign(
        power_with_checks=lambda one: 100 * one["power_with_checks"].astype(float),
        detectable_effect=lambda one: 100 * one["detectable_effect"].astype(float),
    )
    one = row.iloc[0]
    tenths, notices = round(one["power_with_checks"] / 10), words.number(float(one["detectable_effect"]), 1)
    small = words.number(page.pilot.worthwhile_change_of(one["id"]), 1).removesuffix(".0")
    says = f"Of “{one['measure']}” this evaluation would usually notice a change of {notices} points"
    if one["power_with_checks"] < CANNOT_ANSWER:
        says += (
            f". It cannot answer whether one as small as the {small} agreed as worth having came about: where it did, {tenths or 'none'} "
            "of 10 such evaluations could claim it"
        )
    else:
        says += f". Where one of {small} came about, which is agreed as worth having, {tenths} of 10 such evaluations could claim it"
    return [
        saying.finding(
            page,
            f"{says}.",
            "described",
            Computed(
                frame=row.drop(columns="id"), of=tuple(_summaries(page)), how="simulation at this pilot's own shape"
            ),
            "calibration",
            declared=(10, tenths, small),
        )
    ]


def as_record(one: Shown) -> dict[str, Any]:
    """One effect for the machine-readable result: only what may be shown."""
    shown = one.summary
    return {
        "measure": one.measure.id,
        "title": one.measure.title,
        "method": shown.design,
        "claim": shown.claim,
        "estimate": shown.estimate,
        "lower": shown.lower,
        "upper": shown.upper,
        "unit": shown.unit,
        "withheld": shown.withheld or "",
        "years": shown.period,
        "who": shown.compared,
        "compared": one.compared,
    }


def claim_words(wording: str) -> str:
    """A claim's wording for a finding: where nothing can be claimed it says so without naming a cause."""
    return wording.replace("What the change led to cannot be said", "No change can be claimed")
