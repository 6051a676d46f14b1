"""Hidden, not known and none recorded are three words: every table and sentence uses the one that its figures mean."""

from __future__ import annotations

import dataclasses
import json
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.disclosure import policy, release
from commissioning.measures import breakdowns, catalogue
from commissioning.measures.breakdowns import Breakdown, Figure, says
from commissioning.presentation import columns
from commissioning.presentation.sections import Reconciliation
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import easy_read_money
from commissioning.sections import figures, findings
from commissioning.sections.pictures import variation
from commissioning.sections.pictures.providers import ends
from commissioning.study import broken_down, groups, outcomes
from commissioning.study.prepare import open_sample

PILOTS = ("learning_disability", "vcf_funding")
NUMBERS = ("numerator", "denominator", "unknown", "value", "lower", "upper")


@pytest.fixture(scope="module", params=PILOTS)
def report(request):
    return reports.open("analyse", pilot=request.param)


def _printed(frame, released):
    shown = Table(
        Computed(frame=frame, of=(released,), how="as a page prints it"), title="Cells", caption="Each cell.", source="The sample",
        columns={one: columns.Column(name=one, label=one, decimals=1) for one in NUMBERS}, sources=("people.csv",), keys=0,
    ).record  # fmt: skip
    return pd.DataFrame(shown["data"]["rows"], columns=list(NUMBERS))


def _agrees(cell, number, figure, name):
    """Whether a printed cell says what the released figure means; `figure` is one row of `Released.figures`."""
    if not pd.isna(number):
        return not isinstance(cell, str)
    flag = {"denominator": "denominator_hidden", "unknown": "unknown_hidden"}.get(name, "hidden")
    if figure["hidden"] and (name not in ("denominator", "unknown") or figure[flag] or pd.isna(figure["denominator"])):
        return str(cell).startswith("hidden")
    if figure[flag]:
        return str(cell).startswith("hidden")
    if figure["status"] == "not applicable":
        return cell == "not applicable"
    # Nobody's answer is missing where there is nobody to ask: none is recorded, and nothing is unknown.
    nobody = figure["unknown"] == 0 and not figure["denominator"] > 0
    return cell in {"none recorded" if nobody else "not known", "no range", "the number itself", "not applicable"}


def test_every_released_figure_of_both_pilots_is_printed_in_the_word_it_means(report):
    figures = report.released.figures
    kinds = ("all", "age_band", "ethnicity", "locality", "department", "needs_band", "provider")
    mine = figures[figures["group_kind"].isin(kinds) & figures["period"].isin(["2013-14", "2015-16"])]
    mine = mine[~mine["measure"].str.contains("_control_", regex=False)].reset_index(drop=True)
    rows = outcomes.with_statuses(outcomes.scaled(mine, report.measures), report.measures)
    printed = _printed(rows, report.released)
    assert len(printed) > 200
    for place, figure in mine.iterrows():
        for name in NUMBERS:
            assert _agrees(printed.loc[place, name], rows.loc[place, name], figure, name), (figure.to_dict(), name)


def test_a_split_says_hidden_where_it_is_hidden_and_not_recorded_of_a_group_without_a_name(report):
    held = set(report.study.record["measures"])
    for key, measure in ((key, one) for key, one in report.measures.items() if key in held and "_control_" not in key):
        for kind in (one for one in measure.groups if one in groups.WORDS):
            frame = groups.split(report.released, measure, "2015-16", kinds=(kind,)).frame
            hidden = frame["note"].astype(str).str.startswith("hidden")
            assert frame.loc[hidden, "value_status"].eq("hidden").all(), (key, kind)
            assert "unknown" not in set(frame["group"].astype(str)), (key, kind)


def test_a_measure_without_rows_in_the_period_has_none_recorded_and_one_without_extract_is_not_known(report):
    one = next(one for one in report.outcome_measures.values() if one.id in report.study.record["measures"])
    none = outcomes.table(report.released, {one.id: one}, "1999-00").frame.iloc[0]
    assert none["value_status"] == "none recorded" and "no record" in none["note"]
    absent = dataclasses.replace(one, id=f"{report.pilot.name}_absent", table="absent")
    lacks = outcomes.table(report.released, {absent.id: absent}, "2015-16").frame.iloc[0]
    assert lacks.get("value_status", "known") == "known" and "needs the file" in lacks["note"]


def test_a_share_of_nobody_is_none_recorded_and_of_few_is_hidden(monkeypatch):
    answers = {"nobody": (0, 0), "few": (3, 37), "some": (30, 30), "more": (40, 45)}
    rows = [
        (f"{group} {at}", group, "yes" if at < yes else "no")
        for group, (yes, no) in answers.items()
        for at in range(yes + no)
    ]
    rows += [("nobody 1", "nobody", "unknown")] * 20
    table = pd.DataFrame(rows, columns=["person_id", "group", "answer"]).assign(period="2015-16")
    one = Breakdown(
        id="asked", says="asked", needs=("rows",), rows=lambda tables: tables["rows"], behind="person_id", groups=(("group",),),
        figures=(Figure(name="yes", of=says("answer", "yes"), unknown=says("answer", "unknown")),),
    )  # fmt: skip
    released = release(breakdowns.counted([one], {"rows": table}, pilot="p", area="E1"))
    study_of = SimpleNamespace(broken_down=released, pilot="p", policy=policy())
    monkeypatch.setattr(broken_down, "_declared", lambda: {"asked": ("yes",)})
    shown = broken_down.shown(study_of, "asked", ("group",), period="2015-16").set_index("group").loc[list(answers)]
    cells = columns.payload(shown, {"yes_value": "Share"})["rows"]
    assert [row[0] for row in cells][:2] == ["none recorded", "hidden"]
    assert cells[3][0] == pytest.approx(100 * 40 / 85, abs=0.1)


# --- sentences


def test_the_count_of_hidden_figures_is_the_tables_own(every_display):
    said, told = {}, {}
    for place, one in every_display().items():
        page = " ".join(place.split()[:2])
        for finding in one.get("findings", [one]):
            if found := re.match(
                r"([\d,]+) figures? (?:is|are) hidden so that .*, and ([\d,]+) (?:is|are) shown",
                str(finding.get("sentence")),
            ):
                said[page] = [int(number.replace(",", "")) for number in found.groups()]
        if one.get("id") == "hidden":
            rows = dict(one["data"]["rows"])
            told[page] = [rows["Hidden, here or by the publisher"], rows["Shown"]]
            assert rows["Shown"] + rows["Hidden, here or by the publisher"] + rows[
                "With nothing to show: not known, or none recorded"
            ] == rows["Figures in all: one measure, one group, one period"]  # fmt: skip
    assert set(told) == {f"{pilot} annex" for pilot in PILOTS}, "the table stands once for each pilot, in its annex"
    assert all(told[f"{page.split()[0]} annex"] == counts for page, counts in said.items())


@pytest.mark.parametrize("pilot", PILOTS)
def test_a_funnels_sentence_counts_what_lies_outside_the_lines_that_are_drawn(pilot):
    report = reports.open("do", pilot=pilot)
    chart = report.funnel().record
    labels = {one["label"]: i for i, one in enumerate(chart["data"]["columns"])}
    outer = inner = 0
    for row in chart["data"]["rows"]:
        value = row[labels["Value (%)"]]
        inner += not row[labels["Lower 95% limit"]] <= value <= row[labels["Upper 95% limit"]]
        outer += not row[labels["Lower 99.8% limit"]] <= value <= row[labels["Upper 99.8% limit"]]
    said = next(one.record["sentence"] for one in report.told("funnel").found)
    assert variation.funnel_words(outer, inner, len(chart["data"]["rows"])) in said
    assert variation.funnel_words(outer, inner, len(chart["data"]["rows"])) in chart["alt"]


def test_the_highest_is_never_also_the_lowest():
    goal = catalogue()["learning_disability_own_goal_met"]
    frame = pd.DataFrame({"group": ["a", "b"], "each_pence": [500_00, 600_00], "value": [50.0, 60.0], "lower": [40.0, 50.0], "upper": [60.0, 70.0]})  # fmt: skip
    assert ends(frame, goal) == "Least: a, £500, 50% (40 to 60); Most: b, £600, 60% (50 to 70)."
    assert ends(frame.head(1), goal) == "All spend £500 a person."
    assert ends(frame.assign(each_pence=500_00), goal) == "All spend £500 a person."


def test_people_speak_for_themselves_where_they_are_asked_and_answer_themselves():
    own = {key for key, one in catalogue().items() if figures.said_by_the_person(one)}
    assert own == {
        "learning_disability_own_goal_met", "learning_disability_home_chosen", "learning_disability_leisure_chosen",
        "learning_disability_control", "vcf_funding_what_good",
    }  # fmt: skip


def test_budgets_packages_and_payments_are_never_added_up():
    parts = ("in", "accepted", "quarantined", "not_data")
    files = [
        {
            "file": f"{name}.csv",
            "table": name,
            "unit": unit,
            **{f"{what}_{one}": 3 if one in parts[:2] else 0 for what in ("rows", "pence") for one in parts},
        }
        for name, unit in (("budget", "row"), ("payments", "row"), ("grants", "grant"))
    ]
    shown = Reconciliation(files)._repr_mimebundle_()["text/html"]
    assert "budget.csv" in shown and "Every file" not in shown
    two = [files[0], {**files[0], "file": "budget_of_another_year.csv"}]
    assert "Every file" not in Reconciliation(two)._repr_mimebundle_()["text/html"]


def test_nobody_asks_an_organisation_with_a_grant_what_it_pays():
    assert easy_read_money.people_pay(pilots.load("learning_disability"))
    assert not easy_read_money.people_pay(pilots.load("vcf_funding"))


# --- the scan over every display


def test_no_row_says_not_known_of_what_it_says_is_hidden(every_display):
    """Where the note of a row says hidden, no number of it is called not known; and the other way round."""
    found = []
    for place, one in every_display().items():
        data = one.get("data") or {"columns": [], "rows": []}
        labels = [column["label"] for column in data["columns"]]
        if "Note" not in labels:
            continue
        note = labels.index("Note")
        for row in data["rows"]:
            cells = {cell for i, cell in enumerate(row) if i != note and isinstance(cell, str)}
            if str(row[note]).startswith("hidden") and "not known" in cells:
                found.append((place, row))
            if str(row[note]).startswith(outcomes.NO_RECORD) and cells & {"not known", "hidden"}:
                found.append((place, row))
    assert not found


def test_no_display_uses_another_word_for_the_three(every_display):
    wrong = re.compile(r"\b(suppressed|n/a|nan|None|NaN|<NA>)\b")
    for place, one in every_display().items():
        for row in (one.get("data") or {"rows": []})["rows"]:
            cells = [cell for cell in row if isinstance(cell, str) and len(cell) < 15]
            assert not [cell for cell in cells if wrong.fullmatch(cell)], (place, row)


def test_the_words_of_a_page_are_those_of_the_study(every_display):
    """A hidden figure stands in a table, so that the scans above had something to find."""
    text = json.dumps([one.get("data") for one in every_display().values()])
    assert '"hidden' in text and '"not known' in text and '"none recorded"' in text
    held = [open_sample(pilots.load(one)).released.figures["hidden"].any() for one in PILOTS]
    assert all(held)


def test_a_headline_never_calls_a_hidden_outcome_unknown(report):
    said = findings.known_outcomes(report)[0].record["sentence"]
    statuses = figures.outcome_frame(report).frame.get("value_status", pd.Series(dtype=object))
    hidden = int(statuses.eq("hidden").sum())
    assert (f"; {hidden} {'is' if hidden == 1 else 'are'} hidden" in said) == bool(hidden)
