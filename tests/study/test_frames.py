"""Frames carry what they rest on through everyday pandas, and drop it rather than make it up."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.study import frames, traced
from commissioning.study.frames import Frame, Provenance

FIRST = Provenance(says="outcomes", measures=("a", "b"), extracts=("one.csv",), states=("final",))
SECOND = Provenance(says="spend", measures=("c",), extracts=("two.csv",), states=("provisional",), illustrative=True)


def frame(of: Provenance = FIRST) -> Frame:
    return frames.made(
        pd.DataFrame({
            "measure": list("aabb"), "period": ["2013-14", "2014-15"] * 2, "value": [61.5, 62.25, 8.75, None], "number": [1020, 1025, 60, 65],
        }),
        of,
    )  # fmt: skip


BARE = pd.DataFrame({"period": ["2013-14", "2014-15"], "weather": [12, 11]})

ALONE = {
    "select": lambda one: one[[*one.columns[:-1]]] if len(one.columns) > 2 else one[[*one.columns]],
    "filter": lambda one: one[one["number"].gt(50)] if "number" in one else one,
    "query": lambda one: one.query("number > 50") if "number" in one else one,
    "loc": lambda one: one.loc[one.index[:3]],
    "iloc": lambda one: one.iloc[:3],
    "sort": lambda one: one.sort_values(one.columns[0], kind="stable"),
    "rename": lambda one: one.rename(columns={"value": "share"}),
    "assign": lambda one: one.assign(double=2),
    "astype": lambda one: one.astype({one.columns[-1]: object}),
    "reset": lambda one: one.reset_index(drop=True),
    "index": lambda one: one.set_index(one.columns[0], drop=False).rename_axis(None),
    "head": lambda one: one.head(3),
    "drop": lambda one: one.drop(columns=one.columns[-1]) if len(one.columns) > 2 else one,
    "copy": lambda one: one.copy(),
    "group": lambda one: one.groupby(one.columns[0], as_index=False).first(),
    "melt": lambda one: (
        one if "cell" in one else one.melt(id_vars=[one.columns[0]], value_name="cell", var_name="column")
    ),
    "pickle": lambda one: pickle.loads(pickle.dumps(one)),  # noqa: S301  its own bytes
}
TOGETHER = {
    "concat": lambda one, other: pd.concat([one, other], ignore_index=True),
    "merge": lambda one, other: one.merge(
        other, how="left", left_index=True, right_index=True, suffixes=("", "_other")
    ),
    "join": lambda one, other: one.reset_index(drop=True).join(other.reset_index(drop=True).add_prefix("other_")),
}


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted(ALONE)), max_size=6))
def test_whatever_is_made_of_one_frame_rests_on_what_it_rested_on(steps):
    made = frame()
    for step in steps:
        made = ALONE[step](made)
    assert isinstance(made, Frame)
    assert (made.provenance.measures, made.provenance.extracts, made.provenance.states) == (
        ("a", "b"),
        ("one.csv",),
        ("final",),
    )


@settings(max_examples=30)
@given(st.lists(st.sampled_from(sorted(ALONE)), max_size=3), st.sampled_from(sorted(TOGETHER)), st.lists(st.sampled_from(sorted(ALONE)), max_size=3))  # fmt: skip
def test_two_frames_together_rest_on_both_and_with_one_of_elsewhere_on_nothing(before, how, after):
    mine, theirs, stranger = frame(), frame(SECOND), pd.DataFrame(frame())
    for step in before:
        mine, theirs, stranger = (ALONE[step](one) for one in (mine, theirs, stranger))
    both, lost = TOGETHER[how](mine, theirs), TOGETHER[how](mine, stranger)
    for step in after:
        both, lost = ALONE[step](both), ALONE[step](lost)
    assert both.provenance.measures == ("a", "b", "c")
    assert both.provenance.extracts == ("one.csv", "two.csv")
    assert set(both.provenance.states) == {"final", "provisional"} and both.provenance.illustrative
    assert lost.provenance is None


@pytest.mark.parametrize(
    "together",
    [
        lambda one: one.merge(BARE, on="period"),
        lambda one: BARE.merge(one, on="period"),
        lambda one: pd.concat([one, BARE]),
        lambda one: pd.concat([BARE, one]),
        lambda one: one.join(BARE.add_prefix("x_")),
        lambda one: one[["number"]] + pd.DataFrame({"number": [1, 2, 3, 4]}),
        lambda one: one[["number"]].mul(pd.Series([1, 2, 3, 4]), axis=0),
        lambda one: one.combine_first(BARE),
        lambda one: one.update(BARE) or one,
        lambda one: Frame({"typed": [1, 2]}),
    ],
)
def test_with_a_frame_of_elsewhere_provenance_is_lost(together):
    assert getattr(together(frame()), "provenance", None) is None


def test_a_column_of_a_frame_and_what_is_counted_of_it_rest_on_the_same():
    one = frame()
    for made in (
        one["value"],
        one["value"] * 2,
        one.groupby("measure")["value"].mean(),
        one.groupby("measure")["value"].mean().reset_index(),
        one.groupby("measure", as_index=False).agg(mean=("value", "mean")),
        one.pivot(index="measure", columns="period", values="value"),
        one.pivot_table(index="measure", columns="period", values="value"),
        one.set_index(["measure", "period"])["value"].unstack(),
        np.log(one[["number"]]),
        one["value"].to_frame(),
    ):
        assert made.provenance.measures == ("a", "b")


def analysts_own(frame):
    """The columns that an analyst worked out or typed: those assigned, and those with a cell that is no released figure in its place."""
    of = frame.provenance
    flat, parts = traced.flattened(frame, of.made)
    own = traced.trace(flat, parts, of.made).own
    return tuple(name for name, mine in zip(flat.columns, own, strict=True) if mine or name in of.worked_out)


def test_columns_that_an_analyst_worked_out_or_typed_are_known_as_theirs():
    one = frame()
    typed, worked = one.assign(guess=[1, 2, 3, 4]), one.assign(double=one["value"] * 2)
    by_place = one.copy()
    by_place.loc[0, "value"] = 99.0
    one["more"] = one["number"] + 1
    assert analysts_own(typed) == ("guess",)
    assert analysts_own(worked) == ("double",)
    assert analysts_own(by_place) == ("value",)
    assert analysts_own(one) == ("more",)
    assert analysts_own(frame().rename(columns={"value": "share"}).sort_values("number")) == ()
    assert analysts_own(frame().groupby("measure", as_index=False)["number"].sum()) == ("number",)


def test_a_hidden_figure_filled_with_a_nought_is_the_analysts():
    assert analysts_own(frame().fillna({"value": 0})) == ("value",)


def test_an_empty_frame_keeps_its_columns_and_says_why():
    made = frames.made(pd.DataFrame(columns=["period", "value"]), FIRST, "No extract holds it.")
    assert list(made.columns) == ["period", "value"] and made.empty
    assert made.why == "No extract holds it."
    assert "No extract holds it." in repr(made) and "No extract holds it." in made._repr_html_()
    assert frame().why == ""
