"""Released figures: made by the door alone, and frozen."""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import pickle
import re
from pathlib import Path

import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.disclosure import Released
from commissioning.disclosure.released import FIGURES, typed
from commissioning.errors import CannotWrite, DataRefused, NotReleased

LIB = Path(__file__).parents[2] / "lib" / "commissioning"


@pytest.fixture
def released(with_total):
    parts = {"a": (5, 50), "b": (20, 50), "c": (30, 50), "d": (25, 50)}
    results = pd.concat([with_total(parts, period=f"2014-15 Q{q}", spend_pence=1_234_567) for q in (1, 2)])
    return disclosure.release(results, None)


# ---- no path goes round the door


def test_released_figures_cannot_be_put_together_by_hand(released):
    frame = released.figures
    for door in (None, object(), True, "door"):
        with pytest.raises(NotReleased, match=r"made by disclosure\.release"):
            Released(figures=frame, history=frame, price=released.price, refused=released.refused, door=door)


def test_only_release_and_reading_back_let_figures_out():
    callers = set()
    for path in LIB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
            if name in ("_let_out", "_THE_DOOR"):
                callers.add(path.relative_to(LIB).as_posix())
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Released":
                callers.add(path.relative_to(LIB).as_posix())
    assert callers == {"disclosure/released.py", "disclosure/release.py"}


def test_there_is_no_subclass():
    with pytest.raises(NotReleased, match="no subclasses"):
        type("Loose", (Released,), {})


@pytest.mark.parametrize("name", ["figures", "_figures", "anything"])
def test_nothing_of_it_can_be_set_or_removed(released, name):
    with pytest.raises(NotReleased, match="frozen"):
        setattr(released, name, pd.DataFrame())
    with pytest.raises(NotReleased, match="frozen"):
        delattr(released, name)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied_or_pickled_round_the_record(released, way):
    with pytest.raises(NotReleased, match=r"use \.write"):
        way(released)


@pytest.mark.parametrize("name", ["figures", "history", "price", "refused"])
def test_what_is_handed_out_is_a_copy(released, name):
    before = getattr(released, name)
    handed = getattr(released, name)
    handed["numerator"] = 3.0
    handed["more"] = 1
    pd.testing.assert_frame_equal(getattr(released, name), before)


def test_changing_the_results_afterwards_changes_nothing_released(with_total):
    results = with_total({"a": (20, 50), "b": (30, 50)})
    out = disclosure.release(results, None)
    before = out.figures
    results.loc[:, "numerator"] = 1
    pd.testing.assert_frame_equal(out.figures, before)


def test_the_outsider_takes_released_figures_only(released):
    with pytest.raises(NotReleased, match="not DataFrame"):
        disclosure.attack(released.figures)


# ---- its parts


def test_it_has_the_columns_that_reports_are_promised(released):
    promised = [
        "measure",
        "pilot",
        "area",
        "group_kind",
        "group",
        "period",
        "numerator",
        "denominator",
        "value",
        "lower",
        "upper",
        "hidden",
        "why_hidden",
        "unknown",
        "not_applicable",
        "rounded",
        "public",
        "spend_pence",
    ]
    assert set(promised) <= set(released.figures.columns)
    assert tuple(released.figures.columns) == FIGURES
    assert str(released.figures["spend_pence"].dtype) == "Int64"
    assert str(released.figures["hidden"].dtype) == "bool"


def test_it_says_how_much_is_hidden(released):
    assert repr(released) == "Released(10 figures, 4 hidden)"
    assert len(released) == 10


def test_selecting_gives_a_smaller_released(released):
    some = released.select(period="2014-15 Q1", group_kind="ward", group=["a", "b"])
    assert isinstance(some, Released)
    assert some.figures[["group", "period"]].to_numpy().tolist() == [["a", "2014-15 Q1"], ["b", "2014-15 Q1"]]
    assert len(some.history) == 10
    for several in ({"a"}, ("a",), frozenset(["a"]), pd.Series(["a"]), pd.Index(["a"])):
        assert len(released.select(group=several)) == 2


def test_selecting_nothing_gives_no_figures(released):
    assert len(released.select(group="nobody")) == 0
    assert len(released.select()) == 10


def test_selecting_by_a_column_that_is_not_there_says_which_are(released):
    with pytest.raises(ValueError, match="no column 'ward'; they have measure, pilot"):
        released.select(ward="a")


# ---- the record


def test_a_record_read_back_is_the_same(released, tmp_path):
    path = released.write(tmp_path / "released.json")
    again = Released.read(str(path))
    for name in ("figures", "history", "price", "refused"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(released, name))


def test_a_release_without_figures_is_written_and_read_too(with_total, tmp_path):
    out = disclosure.release(with_total({}).iloc[:0], None)
    assert len(Released.read(out.write(tmp_path / "released.json"))) == 0


def test_the_same_release_gives_the_same_bytes(released, with_total, tmp_path):
    one = released.write(tmp_path / "one.json").read_bytes()
    assert Released.read(tmp_path / "one.json").write(tmp_path / "two.json").read_bytes() == one
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["one.json", "two.json"]


def test_a_record_that_was_changed_is_refused(released, tmp_path):
    path = released.write(tmp_path / "released.json")
    text = path.read_text()
    changed = text.replace('"ward"', '"Ward"', 1)
    assert changed != text
    path.write_text(changed)
    with pytest.raises(NotReleased, match="changed after its release"):
        Released.read(path)


@pytest.fixture
def later(with_total, tmp_path):
    """A release after another."""
    first = disclosure.release(with_total({"a": (40, 90), "b": (30, 70)}, period="2014-15 Q1"), None)
    return disclosure.release(with_total({"a": (45, 90), "b": (35, 70)}, period="2014-15 Q2"), first.history)


@pytest.mark.parametrize("line", [1, 3, 4])
def test_a_change_of_any_part_is_seen(later, tmp_path, line):
    path = later.write(tmp_path / "released.json")
    lines = path.read_text().split("\n")
    assert len(lines) == 5
    record = json.loads(lines[line])
    record["values"]["measure"]["different"].append("another")
    path.write_text("\n".join([*lines[:line], json.dumps(record), *lines[line + 1 :]]))
    with pytest.raises(NotReleased, match="changed after its release"):
        Released.read(path)


def test_a_record_cut_short_is_refused_wherever_it_is_cut(later, tmp_path):
    path = later.write(tmp_path / "released.json")
    text = path.read_bytes()
    for end in range(0, len(text), max(1, len(text) // 60)):
        path.write_bytes(text[:end])
        with pytest.raises((NotReleased, DataRefused)):
            Released.read(path)


def test_every_part_of_a_record_is_read_back(later, tmp_path):
    again = Released.read(later.write(tmp_path / "released.json"))
    assert len(again.figures) > 0
    for name in ("figures", "history", "price", "refused"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(later, name))


@pytest.mark.parametrize("form", [1, 2])
def test_a_record_of_an_earlier_format_is_still_read(later, tmp_path, form):
    """The ledger of an earlier year must stay readable."""
    body = {}
    lines = dict(
        zip(
            ("figures", "history", "price", "refused"),
            later.write(tmp_path / "r").read_text().split("\n")[1:],
            strict=True,
        )
    )
    for name in ("figures", "history", "price", "refused"):
        frame = getattr(later, name)
        columns = {one: str(frame[one].dtype) for one in frame.columns}
        rows = json.loads(frame.to_json(orient="values", double_precision=15))
        body[name] = {"columns": columns, "rows": rows} if form == 1 else json.loads(lines[name])
    seal = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    path = tmp_path / "released.json"
    path.write_text(json.dumps({"format": f"commissioning released figures, {form}", "sha256": seal, **body}))
    again = Released.read(path)
    for name in body:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(later, name))
    body["price"]["columns"]["measure"] = "object"
    path.write_text(json.dumps({"format": f"commissioning released figures, {form}", "sha256": seal, **body}))
    with pytest.raises(NotReleased, match="changed after its release"):
        Released.read(path)


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"format": "something else"}'])
def test_a_file_that_is_no_record_is_refused(tmp_path, text):
    path = tmp_path / "released.json"
    path.write_text(text)
    with pytest.raises(DataRefused, match="is not a record of released figures"):
        Released.read(path)


def test_a_record_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataRefused, match=re.escape("cannot be read (No such file")):
        Released.read(tmp_path / "released.json")


def test_a_record_that_cannot_be_written_leaves_nothing_behind(released, tmp_path):
    (tmp_path / "released.json").mkdir()
    with pytest.raises(CannotWrite, match="cannot be written"):
        released.write(tmp_path / "released.json")
    assert [path.name for path in tmp_path.iterdir()] == ["released.json"]


# ---- types


def test_a_frame_without_figures_is_typed():
    nothing = typed(pd.DataFrame(columns=list(FIGURES), dtype=object))
    assert nothing.empty
    assert tuple(nothing.columns) == FIGURES
    assert nothing["hidden"].dtype == bool


def test_flags_that_a_file_turned_into_words_are_flags_again():
    frame = pd.DataFrame({"hidden": ["True", "false", " TRUE ", "1", "0", None, True, 0]}, dtype=object)
    assert typed(frame)["hidden"].tolist() == [True, False, True, True, False, False, True, False]
    assert typed(frame)["why_hidden"].tolist() == [""] * 8
