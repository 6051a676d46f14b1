"""Data quality: every row and penny accounted for, what was hidden, and what the data themselves warn of."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from commissioning.disclosure import Policy, Released, in_words, policy
from commissioning.presentation.sections import Log, Note, Reconciliation
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows, section
from commissioning.study.breaks import series_break

PRICE_WORDS = {  # {to}: what the pilots' policies round to
    "cells": "Figures in all: one measure, one group, one period",
    "public": "Already public, so passed unchanged",
    "shown": "Shown",
    "rounded": "Shown, with noise or rounded to {to}",
    "hidden": "Hidden, here or by the publisher",
    "without": "With nothing to show: not known, or none recorded",
    "merged": "Put together with others because they were small",
    "needing_no_protection": "Needing no protection",
    "needing_none_and_released": "Needing none, and shown",
}


def price_words(policies: Iterable[Policy]) -> dict[str, str]:
    """What the page calls each count of `price_of`, by the policies that its figures went through."""
    to = " or ".join(str(one) for one in sorted({each.round_to for each in policies}))
    return {name: says.format(to=to) for name, says in PRICE_WORDS.items()}


def price_of(released: Iterable[Released]) -> dict[str, int]:
    """How many figures there are, and how many of them are shown, hidden and `without` anything to show: the three add up."""
    totals = pd.concat([one.price for one in released]).select_dtypes("number").sum()
    counts = {str(name): int(number) for name, number in totals.items()}
    return counts | {"without": counts["cells"] - counts["shown"] - counts["hidden"]}


@section
def reconciliation(page: Page) -> Reconciliation:
    """What was read of every file, in round figures: the exact account is for the staff who hold the files."""
    return Reconciliation(showing.files_read(page))


def policy_in_force(page: Page) -> Log:
    """Each rule of disclosure control that these figures went through, with its figure, and what is stricter than elsewhere."""
    rows, labels = [], {"about": "What", "says": "The rule", "elsewhere": "Elsewhere"}
    for part in page.parts:
        for one in in_words.rules(part.study.policy):
            row = {"about": one.about, "says": one.says, "elsewhere": one.elsewhere or "the same"}
            if row not in rows:
                rows.append(row)
        before = part.study.record.get("published_before") or {}
        if before:
            told = ", ".join(f"{year}: {number}" for year, number in sorted(before.items()))
            rows.append(
                {
                    "about": "Published so far",
                    "says": f"Versions of each year when this page was made: {told}.",
                    "elsewhere": "",
                }
            )
    words = f"The rules of disclosure control in force ({policy().in_force_from})"
    return Log(rows, title=words, columns=labels, id="disclosure-policy")


def cost_of_protection(page: Page) -> Log | Note:
    """What noise, rounding and hiding cost in accuracy here, by how many people a figure counts."""
    labels = {
        "people": "People counted", "bias": "On average too high by (people)", "spread": "Mostly off by up to (people)",
        "points": "Mostly off by up to (points)", "hidden": "Hidden (%)",
    }  # fmt: skip
    rows = []
    for part in page.parts:
        beside = {"pilot": part.pilot.title} if len(page.parts) > 1 else {}
        rows += [{**beside, **one} for one in part.study.record.get("cost_of_protection") or ()]
    if not rows:
        return Note("What protection costs in accuracy is not told: too few figures of people were counted.")
    return Log(
        rows,
        title="What protection costs in accuracy",
        columns=showing.with_pilot(page, labels),
        id="cost-of-protection",
    )


@section
def hidden(page: Page) -> Shows:
    """The policy in force, what it costs in accuracy, and what it cost: how many cells were hidden or rounded."""
    released = tuple(part.released for part in page.parts)
    totals = price_of(released)
    counts = {says: totals[name] for name, says in price_words(part.study.policy for part in page.parts).items()}
    frame = pd.DataFrame({"what": list(counts), "cells": list(counts.values())})
    rules = policy()
    noise = "have a little noise and " if any(part.study.policy.noise_adopted for part in page.parts) else ""
    counted = Table(
        Computed(frame=frame, of=released, how="counts of released, rounded and hidden cells"),
        title="What was hidden or rounded",
        caption=f"Small numbers are hidden. Counts of people {noise}are rounded, so that nobody can be recognised: "
        "figures that ought to add up may differ by a little.",
        source=f"Disclosure policy of {rules.in_force_from}",
        columns={"what": "What", "cells": "Figures"},
        sources=showing.every_source(page),
        declared=(str(rules.in_force_from),),
        id="hidden",
    )
    return policy_in_force(page), cost_of_protection(page), counted


@section
def data_findings(page: Page) -> Note | Log:
    """Findings about the data, before any claim is made."""
    found: list[str] = []
    for part in page.parts:
        found += part.study.record["findings"]
        found += [
            f"{measure.title}: {where}. No claim of change is made across it."
            for key, measure in part.outcome_measures.items()
            if (where := series_break(part.study, key))
        ]
    if not found:
        return Note("No sudden jump, missing credit note or total outside its parts was found in these files.")
    rows = [{"number": i, "finding": says} for i, says in enumerate(dict.fromkeys(found), start=1)]
    labels = {"number": "Number", "finding": "What was found, before any claim is made"}
    return Log(rows, title="Findings about the data", columns=labels, id="data-findings")


@section
def left_aside(page: Page) -> Note | Log:
    """Files that were not used, each with its reason: left aside, or read and no figure here rests on them."""
    rows = [one for one in showing.all_files(page) if one["status"] != "accepted"]
    rows += [
        one | {"reason": f"It was read, and no figure here rests on it: {one['not_used']}."}
        for one in showing.all_files(page)
        if one["status"] == "accepted" and one.get("not_used")
    ]
    if not rows:
        return Note("Every file in the folder was used.")
    labels = {"file": "File", "reason": "Why its rows and money appear nowhere here"}
    return Log(rows, title="Files left aside", columns=labels, id="left-aside")
