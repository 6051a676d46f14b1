"""A report of a period rests on nothing later, by date of event: everything after it may change, and it says the same."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from commissioning import pilot as pilots
from commissioning.errors import DataRefused, UsageError
from commissioning.measures.periods import first_day, last_day
from commissioning.measures.until import days, rows_until, tables_until
from commissioning.reports import stages
from commissioning.study import asked, parameters
from commissioning.study.prepare import open_sample, prepare
from commissioning.study.prepared import Prepared
from commissioning.study.then import pilot_at_the_end_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
PERIOD = "2013-14"
PILOTS = ("learning_disability", "vcf_funding")
WARDS = ("Alderby", "Ashmoor", "Birchley", "Brackwell")
GROWS = {
    "weekly_cost", "sessions", "people", "with_learning_disability", "amount", "amount_awarded", "award", "hours",
    "supported", "reached", "contacts", "kept_due", "budget", "staff",
}  # fmt: skip
TURNS = {"yes": "no", "no": "yes"}
KEPT = {"goal_in_own_words", "asked", "received", "successful"}
"""Columns that are left as they are, so that the altered rows still count."""
NOTEBOOKS = {
    one: [
        *sorted((ROOT / "notebooks").glob("[0-9]_*.ipynb")),
        ROOT / "notebooks" / "annex.ipynb",
        *sorted((ROOT / "pilots" / one).glob("*.ipynb")),
    ]
    for one in PILOTS
}
OF_FILES = {"reconciliation", "sources", "parameters", "left-aside"}
"""Displays that say of whole files what they held: rows, pence and hashes are not of a period."""


def _later(row: dict[str, str]) -> bool:
    found = [row[one] for one in ("period", "year", "first_funded") if re.match(r"\d{4}-\d{2}", row.get(one) or "")]
    if row.get("paid_on"):
        day, month, year = (int(one) for one in row["paid_on"].split("/"))
        found = [asked.financial_quarter(date(year, month, day))]
    return any(one[:7] > PERIOD for one in found)


def _altered(row: dict[str, str]) -> dict[str, str]:
    """The same row with other values: numbers doubled as far as the contract allows, answers turned round."""
    out = dict(row)
    for name, cell in row.items():
        if name in GROWS and re.fullmatch(r"[\d,]+(\.\d+)?", cell or ""):
            number = float(cell.replace(",", ""))
            out[name] = f"{2 * number:.2f}" if "." in cell else str(int(2 * number))
        elif name not in KEPT:
            out[name] = TURNS.get(cell, cell)
    return out


def _extracts(folder: Path, pilot: str, *, alter: bool) -> None:
    """The sample's extracts of one pilot, of four wards or a third of the agreements; with `alter`, with another future."""
    for source in sorted((SAMPLE / pilot).glob("*.csv")):
        with source.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
        if source.stem != "starts":
            rows = [one for one in rows if "ward" not in one or one["ward"] in WARDS]
            rows = [one for one in rows if not one.get("grant_id") or int(one["grant_id"][-2:], 36) % 3 == 0]
        if alter:
            rows = [_altered(one) if _later(one) else one for one in rows]
            if source.stem == "starts":
                rows = [{**one, "started": "2015-16 Q4"} if one["started"][:7] > PERIOD else one for one in rows]
            if source.stem == "payments":  # paid later, under agreements whose months lie before
                old = [one for one in rows if not _later(one) and one.get("grant_id")][:40]
                rows += [{**one, "paid_on": "12/05/2014", "year": "2014-15", "amount": "90000.00",
                          "transaction": f"99{i:08d}", "due_on": "01/05/2014"} for i, one in enumerate(old)]  # fmt: skip
        with (folder / source.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    said = (SAMPLE / "sources.toml").read_text(encoding="utf-8")
    (folder / "sources.toml").write_text(re.sub(r"(?m)^files = .*$", 'files = "*.csv"', said), encoding="utf-8")


@pytest.fixture(scope="module")
def two_futures(once):
    """(pilot) → two prepared studies that are the same up to the period, and not after it."""

    def made(pilot: str) -> tuple[Path, Path]:
        def make(folder: Path) -> None:
            for name in ("as it was", "another future"):
                (folder / f"{name}, extracts").mkdir()
                _extracts(folder / f"{name}, extracts", pilot, alter=name != "as it was")
                prepare(pilots.load(pilot), folder / f"{name}, extracts", folder=folder / name)

        folder = once(f"two futures of {pilot}", make)
        return folder / "as it was", folder / "another future"

    return made


def _words(record: Any) -> Iterator[str]:
    if isinstance(record, dict):
        if record.get("evidence") in OF_FILES:  # a finding of whole files, wherever it is listed
            return
        for name, value in record.items():
            if name not in ("sha256", "hashes", "fingerprint"):
                yield from _words(value)
    elif isinstance(record, list | tuple):
        for value in record:
            yield from _words(value)
    else:
        yield str(record)


def _told(displays: list[dict[str, Any]]) -> dict[str, str]:
    return {
        f"{place} {one.get('id') or one['kind']}": json.dumps(list(_words(one)))
        for place, one in enumerate(displays)
        if one.get("id") not in OF_FILES and one["kind"] not in OF_FILES
    }


PERIOD_WORDS = re.compile(r"\b(20\d\d)-(\d\d)(?: Q[1-4])?")
NAMED = (
    "prices",  # a price base is a unit, and named
    "codes changed",  # a definition says when its publisher changed codes
    "up to 2014-15",  # the glossary, of a return
)
PLANNED = {"benefits", "benefits-expected"}
"""When a benefit was expected was written beforehand."""


def _names_a_later_year(text: str, period: str) -> bool:
    if any(one in text for one in NAMED):
        return False
    for found in PERIOD_WORDS.finditer(text):
        if (int(found[1]) + 1) % 100 == int(found[2]) and last_day(found[0]) > last_day(period):
            return True
    return False


SHORT = ("1_analyse", "annex", "funding")
"""The notebooks of most sections; the others, which read the same study through the same door, are tried in `make soak`."""


@pytest.mark.soak
@pytest.mark.parametrize("pilot", PILOTS)
def test_whatever_came_after_every_display_of_every_notebook_says_the_same(pilot, two_futures, displays_of):
    _same_whatever_came_after(pilot, NOTEBOOKS[pilot], two_futures, displays_of)


@pytest.mark.parametrize("pilot", PILOTS)
def test_whatever_came_after_every_display_says_the_same_and_names_no_later_year(pilot, two_futures, displays_of):
    _same_whatever_came_after(pilot, [one for one in NOTEBOOKS[pilot] if one.stem in SHORT], two_futures, displays_of)


def _same_whatever_came_after(pilot, notebooks, two_futures, displays_of):
    before, after = two_futures(pilot)
    figures = [Prepared(one).released.figures for one in (before, after)]
    later = [one[one["period"] > "2014"]["value"].sum() for one in figures]
    assert abs(later[0] - later[1]) > 1, "the two futures must differ, or nothing is tried here"
    price_base, shown = pilots.load(pilot).price_base, 0
    for notebook in notebooks:
        displays = displays_of(notebook, studies=(before,), pilot=pilot, period=PERIOD)
        one, other = _told(displays), _told(displays_of(notebook, studies=(after,), pilot=pilot, period=PERIOD))
        assert one == other, f"{notebook.name}: {[name for name in one if one[name] != other.get(name)]}"
        shown += len(one)
        for display in displays:
            # A definition names the editions of its own method, whatever the period.
            if display.get("id") in PLANNED or display["kind"] in ("reconciliation", "definition"):
                continue
            late = [text for text in _words(display) if text != price_base and _names_a_later_year(text, PERIOD)]
            assert not late, f"{notebook.name}, {display.get('id')}: {late[:3]}"
    assert shown > 25 * len(notebooks)


def test_the_trial_can_fail(two_futures, displays_of):
    """Without its period the same report does tell of the other future."""
    notebook = ROOT / "notebooks" / "1_analyse.ipynb"
    one, other = (_told(displays_of(notebook, studies=(at,), pilot="vcf_funding")) for at in two_futures("vcf_funding"))
    assert one != other


# --- the tables themselves


def test_a_row_belongs_to_the_period_in_which_it_happened():
    import pandas as pd

    paid = pd.DataFrame(
        {"paid_on": pd.to_datetime(["2014-03-31", "2014-04-01", None]), "year": ["2013-14", "2014-15", "2013-14"],
         "period": ["2014-15 Q1", "2013-14 Q4", "2013-14 Q4"], "amount_pence": [1, 2, 4]}
    )  # fmt: skip
    assert rows_until("payments", paid, "2013-14")["amount_pence"].tolist() == [1, 4]
    agreed = pd.DataFrame(
        {"award_date": pd.to_datetime(["2013-05-01", "2014-05-01"]), "end_on": pd.to_datetime(["2015-03-31"] * 2),
         "closed": ["yes", "yes"], "lesson_written": ["yes", "no"]}
    )  # fmt: skip
    kept = rows_until("grants", agreed, "2013-14")
    assert kept["closed"].tolist() == ["no"] and kept["lesson_written"].tolist() == ["not applicable"]
    assert kept["end_on"].notna().all()  # its last day was agreed beforehand
    starts = pd.DataFrame({"unit": ["a", "b", "c"], "started": ["2013-14 Q4", "2014-15 Q1", "never"]})
    assert rows_until("starts", starts, "2013-14")["started"].tolist() == ["2013-14 Q4", "never", "never"]


def test_of_a_quarter_the_year_around_it_is_not_told():
    import pandas as pd

    spend = pd.DataFrame({"year": ["2012-13", "2013-14"]})
    assert rows_until("area_spend", spend, "2013-14 Q2")["year"].tolist() == ["2012-13"]
    # Who lives here is known from the year's beginning on.
    assert len(rows_until("population", spend, "2013-14 Q2")) == 2
    assert tables_until({"area_spend": spend}, "2013-14")["area_spend"] is spend  # nothing later: nothing is copied


def test_every_kind_of_date_has_its_last_day():
    import pandas as pd

    found = days(pd.Series(["2013-14", "2013-14 Q1", "2019", "2017-01", "2014-05-06", None]))
    assert [str(one)[:10] for one in found] == [
        "2014-03-31",
        "2013-06-30",
        "2019-06-30",
        "2017-01-01",
        "2014-05-06",
        "NaT",
    ]
    for text in ("2013-14", "2013-14 Q3", "1999-00 Q4"):
        assert first_day(text) < last_day(text)
        assert asked.financial_quarter(last_day(text).date())[:7] == text[:7]


def test_what_was_written_down_later_is_not_in_a_report_of_before():
    pilot = pilots.load("learning_disability")
    then = pilot_at_the_end_of(pilot, "2010-11")
    assert pilot.decisions_log and not then.decisions_log and not then.needs and not then.engagement
    assert then.floors == pilot.floors  # what it is judged by stays
    assert not pilot_at_the_end_of(pilot, "2014-15").decision.planned_spend
    assert pilot_at_the_end_of(pilot, "latest") is pilot


# --- every way in


HELD = ["2012-13", "2012-13 Q1", "2012-13 Q2", "2014-15", "2014-15 Q3"]
TODAY = date(2026, 5, 1)


@pytest.mark.parametrize("period", ("latest", "2012-13", "2014-15", "2012-13 Q2", "2014-15 Q3"))
def test_a_period_that_an_extract_holds_is_taken(period):
    assert asked.period_fault(period, HELD, TODAY) == ""


@pytest.mark.parametrize(
    ("period", "says"),
    (
        ("2011-12", "no extract here holds it; they hold 2012-13 and 2014-15"),
        ("2013-14", "no extract here holds it"),
        ("2012-13 Q3", "they hold 2012-13 Q1 to 2012-13 Q2 and 2014-15 Q3"),
        ("2025-26", "no extract here holds it"),
        ("2027-28", "has not come: this is 2026-27 Q1"),
        ("2026-27 Q2", "has not come"),
    ),
)
def test_a_period_that_no_extract_holds_or_that_has_not_come_is_refused_in_one_line(period, says):
    fault = asked.period_fault(period, HELD, TODAY)
    assert says in fault and repr(period) in fault and "\n" not in fault


def test_a_period_that_has_not_come_is_refused_though_a_row_names_it():
    assert "has not come" in asked.period_fault("2031-32", [*HELD, "2031-32"], TODAY)


@pytest.mark.parametrize("period", ("2009-10", "2031-32"))
def test_every_notebook_refuses_it_in_the_words_of_the_command(period):
    given = parameters.check(period=period)
    held = open_sample(pilots.load("learning_disability")).record["periods"]
    for stage in (*stages.KINDS, *stages.ACROSS):
        with pytest.raises(DataRefused) as refused:
            stages.open(stage, given, parameters.place(given))
        assert str(refused.value) == asked.period_fault(period, held)
        # IPython, and papermill through it, prints this in place of a traceback.
        assert refused.value._render_traceback_() == [f"DataRefused: {refused.value}"]


def test_a_level_goes_with_a_period_and_both_are_looked_at():
    given = parameters.check(period="2009-10", level="locality=North")
    with pytest.raises(DataRefused, match="2009-10"):
        stages.open("review", given, parameters.place(given))
    given = parameters.check(period="2013-14", level="locality=Nowhere")
    with pytest.raises(UsageError, match="Nowhere"):
        stages.open("review", given, parameters.place(given))
