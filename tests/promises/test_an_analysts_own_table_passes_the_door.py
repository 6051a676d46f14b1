"""A cross-table that an analyst counts from rows opened by hand passes the one door, and no other way leads round it."""

from __future__ import annotations

import ast
import importlib
import inspect
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.disclosure import policy
from commissioning.errors import NotReleased, UsageError
from commissioning.presentation.showable import frame_of
from commissioning.study import by_hand

ROOT = Path(__file__).resolve().parents[2]
LIB = ROOT / "lib" / "commissioning"
PREPARES = {"prepared", "steps", "then", "restricted", "told_apart", "used", "started", "spend", "payments"}
COUNTS_ROWS = {
    "calculate",
    "derive",
    "rows",
    "breakdowns",
    "breakdowns_of_people",
    "breakdowns_of_agreements",
    "breakdowns_of_organisations",
}


@pytest.fixture
def keyboard(monkeypatch):
    """A person at a kernel, as `by_hand` would find them; what was opened is forgotten afterwards."""
    monkeypatch.setattr(by_hand, "_answers", lambda: True)
    monkeypatch.setattr(by_hand, "ASKED", False)
    monkeypatch.setattr(by_hand, "opened", set())
    for name in by_hand.RUN:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def vcf():
    return reports.open("pilot", pilot="vcf_funding").study


def test_people_are_counted_once_with_noise_a_threshold_and_rounding(vcf, keyboard):
    rows = vcf.table("supported")
    rows = rows[rows["period"].str.startswith("2014-15")]
    mine = vcf.release(rows, by=["department", "outcome_reached"])
    shown, way = frame_of(mine)
    assert way == "computed" and list(shown) == [
        "department", "outcome_reached", "people", "people_hidden", "noise", "state",
    ]  # fmt: skip
    truth = rows.groupby(["department", "outcome_reached"])["person_id"].nunique()
    assert len(shown) == len(truth) > 10
    number = shown["people"].dropna().astype(int)
    assert number.mod(policy().round_to).eq(0).all() and number.gt(policy().suppress_to).all()
    assert shown.loc[shown["people"].isna(), "people_hidden"].all()
    apart = shown.set_index(["department", "outcome_reached"])["people"].astype(float) - truth
    assert apart.abs().max() <= 22 and apart.abs().max() > 0, "keyed noise of at most 19, and rounding"
    assert shown["noise"].gt(0).all() and shown["state"].eq("provisional").all()
    again = vcf.release(rows.sample(frac=1, random_state=4), by=["department", "outcome_reached"]).frame
    pd.testing.assert_frame_equal(shown, again)


def test_the_same_people_give_the_same_figure_in_each_table(vcf, keyboard):
    rows = vcf.table("supported")
    rows = rows[rows["period"].str.startswith("2014-15")]
    once = vcf.release(rows, by="department").frame.set_index("department")["people"]
    crossed = vcf.release(rows.assign(year="2014-15"), by=["year", "department"]).frame.set_index("department")[
        "people"
    ]
    assert once.notna().all() and once.equals(crossed[once.index])
    three = vcf.release(rows[rows["department"].eq("Public Health")].head(3), by="department").frame
    assert three["people"].isna().all() or three["people"].gt(policy().suppress_to).all(), (
        "noise, and then the threshold"
    )
    assert three["department"].tolist() == ["Public Health"], "a name that tables without people hold"
    lone = vcf.release(rows.head(3).assign(note="Mrs Example rang about it"), by="note").frame
    assert "Example" not in lone["note"].iloc[0], "what only few rows hold is no name to show"


def test_a_pilots_stricter_rules_hold_for_a_table_of_ones_own(vcf, keyboard, monkeypatch):
    rows = vcf.table("supported")
    rows = rows[rows["period"].str.startswith("2014-15")]
    monkeypatch.setitem(vcf.__dict__, "policy", policy().stricter(round_to=10, suppress_to=9))
    number = vcf.release(rows, by=["department", "outcome_reached"]).frame["people"].dropna().astype(int)
    assert len(number) and number.mod(10).eq(0).all() and number.gt(9).all()


def test_where_rows_name_people_nothing_else_stands_behind_them(vcf, keyboard):
    rows = vcf.table("supported")
    for behind in ("grant_id", "organisation_id"):
        with pytest.raises(UsageError, match="person_id"):
            vcf.release(rows, by="department", behind=behind)
    with pytest.raises(UsageError, match="behind"):
        vcf.release(rows.drop(columns="person_id"), by="department", behind="outcome_reached")
    with pytest.raises(UsageError, match="none of this study's extracts"):
        vcf.release(rows.assign(person_id="made up"), by="department")
    with pytest.raises(UsageError, match="no column 'wrad'"):
        vcf.release(rows, by="wrad")
    with pytest.raises(UsageError, match="no numbers"):
        vcf.release(rows, by="department", amount="outcome_reached")


def test_agreements_and_their_money_obey_the_same_rule(vcf, keyboard):
    grants = vcf.table("grants")
    shown = vcf.release(grants, by=["department", "programme"], amount="amount_awarded_pence").frame
    truth = grants.groupby(["department", "programme"])
    few = truth["grant_id"].nunique().reset_index(name="n")
    joined = shown.merge(few, on=["department", "programme"])
    assert len(joined) == len(shown)
    assert joined.loc[joined["n"].le(policy().suppress_to), "agreements_hidden"].all()
    assert joined["agreements"].dropna().astype(int).mod(policy().round_to).eq(0).all()
    money = shown["amount_awarded_pence"].dropna().astype(float)
    exact = set(truth["amount_awarded_pence"].sum().astype(float))
    assert len(money) and not set(money) & exact
    one = vcf.release(grants[grants["recipient_id"].eq(grants["recipient_id"].iloc[0])], by="department", behind="recipient_id",
                      amount="amount_awarded_pence").frame  # fmt: skip
    assert one["organisations_hidden"].all() and one["amount_awarded_pence_hidden"].all()


def test_a_session_that_released_a_table_of_its_own_closes_no_report(keyboard):
    report = reports.open("pilot", pilot="vcf_funding")
    report.study.release(report.study.table("grants"), by="department")
    with pytest.raises(NotReleased, match="opened in this session"):
        report.close()


def test_in_a_run_there_is_no_table_of_ones_own_and_an_explanation_holds_released_figures_only(vcf):
    grants = pd.DataFrame({"grant_id": ["G1"], "department": ["Adults"]})
    for look in (
        lambda: vcf.release(grants, by="department"),
        lambda: vcf.rows_behind("vcf_funding_award", period="2014-15"),
    ):
        with pytest.raises(NotReleased):
            look()
    said = vcf.explain("vcf_funding_outcome_reached")
    frame, _ = frame_of(said)
    assert {"file", "counted", "unknown", "released"} <= set(frame["step"])
    numbers = frame.loc[frame["step"].ne("file"), "number"].dropna().astype(float)
    assert len(numbers) > 5 and numbers.mod(policy().round_to).eq(0).all()
    with pytest.raises(UsageError, match="did you mean vcf_funding_award"):
        vcf.explain("vcf_funding_awrad")


def test_at_a_keyboard_the_rows_behind_a_figure_open_and_add_up_to_it(vcf, keyboard):
    rows = vcf.rows_behind("vcf_funding_award", group=("department", "Public Health"), period="2014-15")
    grants = vcf.table("grants")
    mine = grants[grants["department"].eq("Public Health") & grants["year"].eq("2014-15")]
    assert rows["numerator"].sum() == mine["amount_awarded_pence"].sum()
    assert "the rows behind 'vcf_funding_award'" in by_hand.opened


# --- nobody else counts rows


def test_only_a_study_may_ask_for_a_table_or_measure_of_ones_own():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (door,) = [one for one in contracts if one["id"] == "own-tables"]
    assert door["protected_modules"] == ["commissioning.study.own_measure", "commissioning.study.own_table"]
    assert door["allowed_importers"] == ["commissioning.study.prepared"]


def _of_rows(module: str) -> set[str]:
    """The functions of a room of measures that are given tables, or count their rows."""
    room = importlib.import_module(f"commissioning.measures.{module}")
    found = set()
    for name, one in vars(room).items():
        if inspect.isfunction(one) and one.__module__ == room.__name__ and not name.startswith("_"):
            hints = [str(hint) for hint in one.__annotations__.values()]
            if any("Tables" in hint or "Measure" in hint or "Codes" in hint for hint in hints):
                found.add(name)
    return found - {"card", "missing", "breakdowns"}  # words about a measure, and the list of what is declared


def _asks_for_rows(path: Path, functions: dict[str, set[str]]) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    imported = {
        one.asname or one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("commissioning.measures."):
            room = node.module.rpartition(".")[2]
            found += [one.name for one in node.names if one.name in functions.get(room, ())]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found += [node.attr] if node.attr in functions.get(node.value.id, ()) else []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "of":
            clause = node.func.value  # measure.achieved.of(rows): a definition's own code, on rows
            if isinstance(clause, ast.Attribute) and clause.attr in (
                "achieved",
                "amount",
                "out_of",
                "unknown",
                "not_applicable",
            ):
                found.append(f"{clause.attr}.of")
        on_rows = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rows"
        if on_rows and node.args and getattr(node.func.value, "id", "") not in imported:
            found.append("a breakdown's own rows()")
    return [f"{path.relative_to(ROOT)}: {one}" for one in found]


def test_measures_and_breakdowns_read_rows_only_where_a_study_is_prepared():
    functions = {room: _of_rows(room) for room in COUNTS_ROWS}
    assert {"counted", "made", "left_out"} <= functions["breakdowns"]
    assert {"results", "cells", "rows_behind"} <= functions["calculate"] | functions["rows"]
    assert {"funders", "survival"} <= functions["breakdowns_of_organisations"]
    assert {"awards", "payments"} <= functions["breakdowns_of_agreements"] and "needs" not in functions["derive"]
    estimates = {
        one.rpartition(".")[2]
        for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        if contract["id"] == "one-door"
        for one in contract["allowed_importers"]
    }
    code = [*(LIB / "reports").glob("*.py"), *(LIB / "sections").glob("*.py"), *(LIB / "study").glob("*.py")]
    code = [one for one in code if one.stem not in PREPARES | estimates | {"own_table", "own_measure"}]
    code += [
        *(LIB / "presentation").rglob("*.py"),
        *(LIB / "runs").glob("*.py"),
        *(ROOT / "pilots").rglob("sections*.py"),
    ]
    # `commissioning check` tells the staff who hold the rows which columns say anything: names of measures, and no count.
    code = [one for one in code if one.stem not in estimates | {"evaluable"}]
    assert len(code) > 50
    assert [found for path in code for found in _asks_for_rows(path, functions)] == []


def test_the_scan_finds_a_section_that_counts_for_itself(tmp_path, monkeypatch):
    functions = {room: _of_rows(room) for room in COUNTS_ROWS}
    section = ROOT / "lib" / "commissioning" / "study" / "steps.py"
    assert any("breakdowns" in one or "counted" in one for one in _asks_for_rows(section, functions))


def test_a_pilots_own_definitions_are_asked_of_rows_by_nobody_else():
    """`pilots/*/measures.py` is code: whoever evaluates a definition runs it on rows."""
    assert pilots.names()
    for path in (ROOT / "pilots").glob("*/measures.py"):
        text = path.read_text(encoding="utf-8")
        assert "Prepared" not in text and "Study" not in text and "restricted" not in text
